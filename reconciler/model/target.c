#include "model/target.h"

struct problem *problem_add(struct problems *p, enum reason reason, enum subject_kind kind,
                            const char *subject, const struct span *at, const char *fmt, ...)
{
    struct problem *row = arena_push(p->arena, p->rows, p->count, p->room);
    va_list ap;

    *row = (struct problem){.reason = reason,
                            .kind = kind,
                            .gpu = NO_INDEX,
                            .vm = NO_INDEX,
                            .row = NO_INDEX,
                            .subject = subject};
    if (at)
        row->at = *at;
    va_start(ap, fmt);
    row->text = arena_vprintf(p->arena, fmt, ap);
    va_end(ap);
    return row;
}
