/* Lanes, deadlines, signals: what one host does must not be felt by another. */
#include "loop/loop.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

enum { PATIENT = 60000, SHORT = 20 }; /* ms: never reached; reached by what hangs */

struct job {
    struct loop *loop;
    int number;
    uv_sem_t *left;         /* posted when late work returned after all */
    uv_sem_t *begun, *gate; /* posted when the work begins; waited for before it returns */
    int told, late, unbegun;
    int *order, *order_at;
    uv_thread_t worker, teller;
    uint32_t again, again_lane; /* submits itself so many times more */
};

static void work(void *p)
{
    struct job *j = p;

    j->worker = uv_thread_self();
    if (j->begun)
        uv_sem_post(j->begun);
    if (j->gate)
        uv_sem_wait(j->gate);
}

static void told(void *p, enum lane_end end)
{
    struct job *j = p;

    j->told++;
    j->late += end == LANE_LATE;
    j->unbegun += end == LANE_UNBEGUN;
    j->teller = uv_thread_self();
    if (j->order)
        j->order[(*j->order_at)++] = j->number;
    if (j->again > 0) {
        j->again--;
        loop_submit(j->loop, j->again_lane, j, work, told, NULL, PATIENT);
    }
}

static void left_behind(void *p)
{
    struct job *j = p;

    uv_sem_post(j->left);
}

static struct loop *opened(void)
{
    struct loop *l = NULL;
    struct err e = {0};

    if (!loop_open(&l, &e))
        fail_msg("%s", e.text);
    return l;
}

static bool same_thread(uv_thread_t a, uv_thread_t b)
{
    return uv_thread_equal(&a, &b) != 0;
}

static void a_job_runs_elsewhere_and_is_told_here(void **state)
{
    struct loop *l = opened();
    struct job j = {.loop = l};

    (void)state;
    loop_submit(l, 3, &j, work, told, NULL, PATIENT);
    assert_int_equal(j.told, 0); /* never from within submit */
    while (!j.told)
        loop_step(l, -1);
    assert_int_equal(j.told, 1);
    assert_int_equal(j.late, 0);
    assert_true(same_thread(j.teller, uv_thread_self()));
    assert_false(same_thread(j.worker, uv_thread_self()));
    assert_false(loop_lane_lost(l, 3));
    assert_false(loop_lane_lost(l, 4));
    loop_close(l);
}

static void one_lane_keeps_the_order(void **state)
{
    enum { JOBS = 200 };
    struct loop *l = opened();
    struct job jobs[JOBS] = {0};
    int order[JOBS], at = 0;

    (void)state;
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){.loop = l, .number = i, .order = order, .order_at = &at};
        loop_submit(l, 0, &jobs[i], work, told, NULL, PATIENT);
    }
    while (at < JOBS)
        loop_step(l, -1);
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(order[i], i);
        assert_int_equal(jobs[i].told, 1);
        assert_true(same_thread(jobs[i].worker, jobs[0].worker));
    }
    loop_close(l);
}

static void a_hung_call_delays_no_other_lane(void **state)
{
    enum { OTHERS = 8, EACH = 20 };
    struct loop *l = opened();
    uv_sem_t gate;
    struct job hung = {.loop = l, .gate = &gate}, behind = {.loop = l};
    struct job others[OTHERS] = {0};
    int left;

    (void)state;
    assert_int_equal(uv_sem_init(&gate, 0), 0);
    loop_submit(l, 100, &hung, work, told, NULL, PATIENT);
    loop_submit(l, 100, &behind, work, told, NULL, PATIENT);
    for (uint32_t i = 0; i < OTHERS; i++) {
        others[i] = (struct job){.loop = l, .again = EACH - 1, .again_lane = i};
        loop_submit(l, i, &others[i], work, told, NULL, PATIENT);
    }
    do {
        loop_step(l, -1);
        left = 0;
        for (int i = 0; i < OTHERS; i++)
            left += others[i].told < EACH;
    } while (left > 0);
    assert_int_equal(hung.told + behind.told, 0); /* all others ended while it hung */
    uv_sem_post(&gate);
    while (!behind.told)
        loop_step(l, -1);
    assert_int_equal(hung.told, 1);
    assert_int_equal(hung.late + behind.late, 0);
    loop_close(l);
    uv_sem_destroy(&gate);
}

static void a_late_lane_is_given_up_with_what_waits_there(void **state)
{
    static uv_sem_t gate; /* the thread that is left behind uses them when it likes */
    static struct job hung;
    struct loop *l = opened();
    struct job behind = {.loop = l}, later = {.loop = l}, other = {.loop = l};

    (void)state;
    hung = (struct job){.loop = l, .gate = &gate};
    assert_int_equal(uv_sem_init(&gate, 0), 0);
    loop_submit(l, 7, &hung, work, told, NULL, SHORT);
    loop_submit(l, 7, &behind, work, told, NULL, PATIENT);
    while (!hung.told || !behind.told)
        loop_step(l, -1);
    assert_true(loop_lane_lost(l, 7));
    loop_submit(l, 7, &later, work, told, NULL, PATIENT);
    assert_int_equal(later.told, 0);
    loop_step(l, -1);
    assert_int_equal(hung.late, 1);
    assert_int_equal(behind.unbegun, 1);
    assert_int_equal(later.unbegun, 1);

    /* It comes back after all: nobody is told a second time, and other lanes are as before. */
    uv_sem_post(&gate);
    loop_submit(l, 8, &other, work, told, NULL, PATIENT);
    while (!other.told)
        loop_step(l, -1);
    loop_step(l, 0);
    assert_int_equal(hung.told, 1);
    assert_int_equal(behind.told, 1);
    assert_int_equal(later.told, 1);
    assert_int_equal(other.late, 0);
    assert_true(loop_lane_lost(l, 7));
    assert_false(loop_lane_lost(l, 8));
    loop_close(l);
}

/* The loop was busy elsewhere when the deadline passed, but the work had returned before. */
static void what_returned_in_time_is_not_late(void **state)
{
    struct loop *l = opened();
    uv_sem_t begun;
    int64_t from;

    (void)state;
    assert_int_equal(uv_sem_init(&begun, 0), 0);
    for (int i = 0; i < 2; i++) {
        struct job first = {.loop = l, .begun = &begun}, j = {.loop = l, .begun = &begun};

        loop_submit(l, 1, &first, work, told, NULL, PATIENT);
        while (!first.told)
            loop_step(l, -1);
        uv_sem_wait(&begun);
        loop_submit(l, 1, &j, work, told, NULL, SHORT);
        uv_sem_wait(&begun);
        for (from = loop_now_ms(l); loop_now_ms(l) < from + 5 * SHORT;)
            sched_yield();
        while (!j.told)
            loop_step(l, -1);
        assert_int_equal(j.late, 0);
    }
    loop_close(l);
    uv_sem_destroy(&begun);
}

static void spin(void *p)
{
    struct job *j = p;
    uint64_t until = uv_hrtime() + (uint64_t)j->number * 1000;

    while (uv_hrtime() < until)
        continue;
}

/* Work that returns around its deadline: told once, done or late, whichever came first. */
static void done_or_late_exactly_once(void **state)
{
    enum { LANES = 300 };
    static struct job jobs[LANES]; /* late ones may still be at work when the test ends */
    struct loop *l = opened();
    int late = 0, left = LANES;

    (void)state;
    for (uint32_t i = 0; i < LANES; i++) {
        jobs[i] = (struct job){.loop = l, .number = (int)(900 + i)};
        loop_submit(l, i, &jobs[i], spin, told, NULL, 1);
        if (i % 16 == 0)
            loop_step(l, 0);
    }
    while (left > 0) {
        loop_step(l, -1);
        left = 0;
        for (int i = 0; i < LANES; i++)
            left += !jobs[i].told;
    }
    loop_step(l, 5);
    for (uint32_t i = 0; i < LANES; i++) {
        assert_int_equal(jobs[i].told, 1);
        assert_int_equal(jobs[i].late, loop_lane_lost(l, i));
        late += jobs[i].late;
    }
    print_message("loop: %d jobs around their deadline, %d late, each told once\n", LANES, late);
    loop_close(l);
}

static void signals_are_counted(void **state)
{
    struct loop *l = opened();

    (void)state;
    loop_signals(l);
    assert_int_equal(loop_signal_count(l), 0);
    raise(SIGINT);
    while (loop_signal_count(l) < 1)
        loop_step(l, -1);
    raise(SIGINT);
    raise(SIGTERM);
    while (loop_signal_count(l) < 3)
        loop_step(l, -1);
    loop_step(l, 0);
    assert_int_equal(loop_signal_count(l), 3);
    loop_close(l);
}

static void a_step_ends_when_nothing_can_end_it(void **state)
{
    struct loop *l = opened();

    (void)state;
    loop_step(l, -1);
    loop_step(l, 0);
    loop_step(l, 1);
    loop_close(l);
}

static void closing_leaves_a_hung_lane_behind(void **state)
{
    static uv_sem_t gate, begun, left; /* as above */
    static struct job hung;
    struct loop *l = opened();
    struct job behind = {.loop = l};

    (void)state;
    hung = (struct job){.loop = l, .gate = &gate, .begun = &begun, .left = &left};
    assert_int_equal(uv_sem_init(&gate, 0), 0);
    assert_int_equal(uv_sem_init(&begun, 0), 0);
    assert_int_equal(uv_sem_init(&left, 0), 0);
    loop_submit(l, 0, &hung, work, told, left_behind, PATIENT);
    loop_submit(l, 0, &behind, work, told, NULL, PATIENT);
    uv_sem_wait(&begun);
    assert_int_equal(hung.told + behind.told, 0);
    loop_close(l);
    assert_int_equal(hung.told, 1);
    assert_int_equal(hung.late, 1);
    assert_int_equal(behind.told, 1);
    assert_int_equal(behind.unbegun, 1);
    uv_sem_post(&gate); /* the thread comes back to a loop that is gone */
    uv_sem_wait(&left);
    loop_close(opened());
}

/* The process can end while a lane hangs: it does, or the alarm kills it and the test fails. */
static void the_process_ends_while_a_lane_hangs(void **state)
{
    pid_t child;
    int status = 0;

    (void)state;
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static uv_sem_t never, begun;
        static struct job hung;
        struct loop *l = opened();

        alarm(30);
        uv_sem_init(&never, 0);
        uv_sem_init(&begun, 0);
        hung = (struct job){.loop = l, .gate = &never, .begun = &begun};
        loop_submit(l, 0, &hung, work, told, NULL, SHORT);
        while (!hung.told)
            loop_step(l, -1);
        loop_close(l);
        exit(hung.late == 1 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_process_ends_while_a_lane_hangs), /* it forks: before any thread */
        cmocka_unit_test(a_job_runs_elsewhere_and_is_told_here),
        cmocka_unit_test(one_lane_keeps_the_order),
        cmocka_unit_test(a_hung_call_delays_no_other_lane),
        cmocka_unit_test(a_late_lane_is_given_up_with_what_waits_there),
        cmocka_unit_test(what_returned_in_time_is_not_late),
        cmocka_unit_test(done_or_late_exactly_once),
        cmocka_unit_test(signals_are_counted),
        cmocka_unit_test(a_step_ends_when_nothing_can_end_it),
        cmocka_unit_test(closing_leaves_a_hung_lane_behind),
    };

    return cmocka_run_group_tests_name("loop_lanes", tests, NULL, NULL);
}
