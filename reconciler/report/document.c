#include "report/document.h"

static const struct {
    const char *(*render)(struct arena *a, const struct document *d);
    struct part_want wants;
} rows[FORMATS] = {
    [FORMAT_MARKDOWN] = {report_markdown, {.steps = true}},
    [FORMAT_HTML] = {report_html, {.steps = true}},
    [FORMAT_JUNIT] = {report_junit, {.unfolded = true, .declared = true}},
    [FORMAT_SARIF] = {report_sarif, {0}},
    [FORMAT_DOT] = {report_dot, {.steps = true}},
    [FORMAT_MERMAID] = {report_mermaid, {.steps = true}},
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
