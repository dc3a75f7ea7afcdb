/*
 * One document about all clusters of a run, made of their parts: one file for
 * each format.  Same parts, same bytes.  specs/documents.md has the forms.
 */
#ifndef REPORT_DOCUMENT_H
#define REPORT_DOCUMENT_H

#include "report/part.h"

struct document {
    enum format format;
    const char *verb; /* "plan", "drift", "validate" */
    const struct cluster_part *parts;
    size_t part_count;
    enum exit_code exit;
    const char *program; /* "hvgpu 1.0" */
    const char *key;     /* of a comment: which one it replaces */
    const char *again;   /* the command that tells all of it as text */
    size_t max_size;     /* bytes of a comment; 0: what GitHub takes */
};

/* What the lanes have to keep for it. */
struct part_want document_wants(enum format format, bool all);
const char *report_document(struct arena *a, const struct document *d);

/* One function for each format. */
const char *report_markdown(struct arena *a, const struct document *d);
const char *report_junit(struct arena *a, const struct document *d);
const char *report_sarif(struct arena *a, const struct document *d);
const char *report_dot(struct arena *a, const struct document *d);
const char *report_mermaid(struct arena *a, const struct document *d);
const char *report_html(struct arena *a, const struct document *d);

#endif
