#include "base/span.h"

#include "base/str.h"

int span_cmp(const struct span *a, const struct span *b)
{
    int c = str_cmp(a->file, b->file);

    if (!c)
        c = (a->line > b->line) - (a->line < b->line);
    return c ? c : (a->column > b->column) - (a->column < b->column);
}
