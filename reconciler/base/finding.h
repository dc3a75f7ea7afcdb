/*
 * What is wrong, or worth saying, about a document.  All findings of a
 * document are collected, never only the first.
 */
#ifndef BASE_FINDING_H
#define BASE_FINDING_H

#include "base/arena.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };

struct finding {
    enum severity severity;
    const char *code; /* stable: a row of model/reasons.def, or a spec code such as "unknown-key" */
    const char *rule; /* "C1", or NULL */
    struct span at;
    const char *text; /* one sentence: what is wrong */
    const char *next; /* what to do about it, or NULL */
};

struct findings {
    struct arena *arena;
    struct finding *rows;
    size_t count, room, limit; /* LIMIT_FINDINGS, where nobody sets another */
    size_t errors;             /* of all, the dropped ones included */
    size_t dropped;            /* beyond the limit */
};

void findings_init(struct findings *f, struct arena *a);
/* Returns the new row, to be given a `next` or a `rule`; a scratch row when dropped. */
struct finding *findings_add(struct findings *f, enum severity s, const char *code,
                             const struct span *at, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* By file, line, column, then text; exact doubles are removed. */
void findings_sort(struct findings *f);

#endif
