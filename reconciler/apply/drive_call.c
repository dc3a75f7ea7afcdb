#include "apply/drive_call.h"

#include <stdlib.h>

static struct host_call *call_new(enum call_kind kind)
{
    struct host_call *c = calloc(1, sizeof *c);

    if (!c)
        abort(); /* the machine's own out of memory ends the process */
    arena_init(&c->arena, 0);
    c->kind = kind;
    return c;
}

static const char *copy_text(struct arena *a, const char *s)
{
    return s ? arena_strdup(a, s) : NULL;
}

struct host_call *call_perform(struct hand *hand, const struct action *action)
{
    struct host_call *c = call_new(CALL_PERFORM);
    struct action *x = &c->action;

    c->hand = hand;
    *x = *action;
    x->node = copy_text(&c->arena, action->node);
    x->subject = copy_text(&c->arena, action->subject);
    x->object = copy_text(&c->arena, action->object);
    x->location = copy_text(&c->arena, action->location);
    x->pin = copy_text(&c->arena, action->pin);
    if (action->limits) {
        struct limits *limits = arena_new(&c->arena, struct limits);

        *limits = *action->limits;
        x->limits = limits;
    }
    return c;
}

struct host_call *call_look(struct eye *eye, uint32_t node)
{
    struct host_call *c = call_new(CALL_LOOK);

    c->eye = eye;
    c->node = node;
    return c;
}

static bool ask(struct host_call *c)
{
    const struct scope scope = {.node = c->node};

    if (c->kind == CALL_PERFORM)
        return hand_perform(c->hand, &c->action, &c->receipt, &c->err);
    return eye_observe(c->eye, &c->arena, &scope, &c->seen, &c->err);
}

void call_make(void *call)
{
    struct host_call *c = call;
    jmp_buf out_of_memory;

    c->arena.escape = &out_of_memory;
    if (setjmp(out_of_memory) != 0)
        err_set(&c->err, ERR_IO, 0, "the answer is larger than any world can be");
    else if (ask(c))
        c->err.kind = ERR_NONE;
    else if (c->err.kind == ERR_NONE)
        err_set(&c->err, ERR_BUG, 0, "a call failed and does not say why");
    c->arena.escape = NULL;
}

void call_free(void *call)
{
    struct host_call *c = call;

    arena_release(&c->arena);
    free(c);
}
