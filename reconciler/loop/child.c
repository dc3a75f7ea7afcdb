#include "loop/child.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct child {
    uv_loop_t uv;
    uv_process_t process;
    uv_pipe_t pipe;
    uv_timer_t timer;
    char *out;
    size_t room, size;
    bool exited, ended; /* it; what it prints */
    bool full, late;
    int64_t status;
};

static void close_all(struct child *c)
{
    uv_handle_t *const handles[] = {(uv_handle_t *)&c->process, (uv_handle_t *)&c->pipe,
                                    (uv_handle_t *)&c->timer};

    for (size_t i = 0; i < sizeof handles / sizeof *handles; i++)
        if (!uv_is_closing(handles[i]))
            uv_close(handles[i], NULL);
}

/* What it started may keep the pipe open for ever: then the deadline ends the wait. */
static void end_when_over(struct child *c)
{
    if (c->exited && (c->ended || c->full || c->late))
        close_all(c);
}

static void stop(struct child *c)
{
    if (!c->exited)
        uv_process_kill(&c->process, SIGKILL);
    end_when_over(c);
}

static void on_end(uv_process_t *process, int64_t status, int number)
{
    struct child *c = process->data;

    c->exited = true;
    c->status = number ? -1 : status;
    end_when_over(c);
}

static void on_late(uv_timer_t *timer)
{
    struct child *c = timer->data;

    c->late = true;
    stop(c);
}

static void on_room(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
    struct child *c = handle->data;

    (void)wanted;
    *buffer = uv_buf_init(c->out + c->size, (unsigned)(c->room - c->size));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct child *c = stream->data;

    (void)buffer;
    if (n > 0)
        c->size += (size_t)n;
    if (n >= 0 && c->size < c->room)
        return;
    uv_read_stop(stream);
    c->ended = n < 0;
    c->full = !c->ended;
    if (c->full)
        stop(c);
    end_when_over(c);
}

/* 0, or why not. */
static int start(struct child *c, const char *const *argv)
{
    uv_stdio_container_t stdio[] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&c->pipe},
        {.flags = UV_IGNORE}};
    uv_process_options_t options = {.file = argv[0],
                                    .flags = UV_PROCESS_WINDOWS_HIDE,
                                    .stdio = stdio,
                                    .stdio_count = sizeof stdio / sizeof *stdio,
                                    .exit_cb = on_end};
    size_t count = 0;
    int rc;

    while (argv[count])
        count++;
    /* the library takes them without const, and changes nothing */
    options.args = calloc(count + 1, sizeof *options.args);
    if (!options.args)
        abort(); /* the machine's own out of memory ends the process */
    memcpy(options.args, argv, count * sizeof *argv);
    rc = uv_spawn(&c->uv, &c->process, &options);
    free(options.args);
    return rc;
}

static void wait_for(struct child *c, int64_t deadline_ms)
{
    uv_timer_start(&c->timer, on_late, deadline_ms > 0 ? (uint64_t)deadline_ms : 0, 0);
    if (uv_read_start((uv_stream_t *)&c->pipe, on_room, on_read) != 0)
        c->ended = true;
    uv_run(&c->uv, UV_RUN_DEFAULT);
}

bool child_run(const char *const *argv, int64_t deadline_ms, char *out, size_t room, size_t *size,
               struct err *e)
{
    struct child c = {.out = out, .room = room};
    int rc = uv_loop_init(&c.uv);

    *size = 0;
    if (rc != 0)
        return err_set(e, ERR_IO, rc, "cannot run %s: %s", argv[0], uv_strerror(rc));
    c.process.data = c.pipe.data = c.timer.data = &c;
    uv_pipe_init(&c.uv, &c.pipe, 0);
    uv_timer_init(&c.uv, &c.timer);
    c.pipe.data = c.timer.data = &c;
    rc = start(&c, argv);
    if (rc == 0)
        wait_for(&c, deadline_ms);
    close_all(&c);
    uv_run(&c.uv, UV_RUN_DEFAULT); /* the closings */
    uv_loop_close(&c.uv);
    if (rc != 0)
        return err_set(e, ERR_IO, rc, "cannot run %s: %s", argv[0], uv_strerror(rc));
    *size = c.size;
    if (c.late)
        return err_set(e, ERR_TIMEOUT, 0, "%s did not end in time", argv[0]);
    return c.full || c.status == 0 ||
           err_set(e, ERR_IO, c.status, "%s ended with %lld", argv[0], (long long)c.status);
}
