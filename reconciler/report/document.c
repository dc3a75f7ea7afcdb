#include "report/document.h"

static const struct {
    const char *(*render)(struct arena *a, const struct document *d);
    struct part_want wants;
} rows[FORMATS] = {
    [FORMAT_JUNIT] = {report_junit, {.unfolded = true, .declared = true}},
};

struct part_want document_wants(enum format format, bool all)
{
    struct part_want out = rows[format].wants;

    out.unfolded = out.unfolded || all;
    return out;
}

const char *report_document(struct arena *a, const struct document *d)
{
    return rows[d->format].render(a, d);
}
