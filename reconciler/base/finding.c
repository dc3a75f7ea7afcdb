#include "base/finding.h"

#include "base/limits.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

void findings_init(struct findings *f, struct arena *a)
{
    *f = (struct findings){.arena = a, .limit = LIMIT_FINDINGS};
}

struct finding *findings_add(struct findings *f, enum severity s, const char *code,
                             const struct span *at, const char *fmt, ...)
{
    struct finding *row;
    va_list ap;

    if (s == SEVERITY_ERROR)
        f->errors++;
    if (f->count >= f->limit) {
        f->dropped++;
        return arena_new(f->arena, struct finding);
    }
    row = arena_push(f->arena, f->rows, f->count, f->room);
    row->severity = s;
    row->code = code;
    if (at)
        row->at = *at;
    va_start(ap, fmt);
    row->text = arena_vprintf(f->arena, fmt, ap);
    va_end(ap);
    return row;
}

static int by_place(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    int c = span_cmp(&a->at, &b->at);

    return c ? c : str_cmp(a->text, b->text);
}

void findings_sort(struct findings *f)
{
    size_t n = 0;

    if (f->count)
        qsort(f->rows, f->count, sizeof *f->rows, by_place);
    for (size_t i = 0; i < f->count; i++) {
        if (n && by_place(&f->rows[n - 1], &f->rows[i]) == 0) {
            f->errors -= f->rows[i].severity == SEVERITY_ERROR;
            continue;
        }
        f->rows[n++] = f->rows[i];
    }
    f->count = n;
}
