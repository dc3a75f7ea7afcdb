/* What the two files of the export share.  Nobody else includes this. */
#ifndef REPORT_EXPORT_INNER_H
#define REPORT_EXPORT_INNER_H

#include "report/page.h"

struct export
{
    struct arena *arena;
    const struct state *have;
    struct text out;
    struct export_doc doc;
    size_t counted; /* so far into `out`, for the number of a line */
    uint32_t line;
    struct map left_out, as_found; /* subject to index of its remark */
    const struct export_remark *remarks;
    size_t remark_count;
    struct map filled; /* pools that a row of this export fills */
};

/* A text that every YAML reader takes for this text. */
const char *export_scalar(struct arena *a, const char *s);
/* A location path is read plain everywhere: its # follows no space. */
const char *export_location(struct arena *a, const char *s);
/* A comment of one line, or with `why` below where that is too long; whatever the texts are. */
void export_remark(struct arena *a, struct text *out, const char *what, const char *gap,
                   const char *why);
/* The next line to be written speaks of this subject. */
void export_mark(struct export *x, const char *subject);
/* Why the subject cannot stand in the spec, or NULL. */
const char *export_left_out(struct export *x, const char *subject);
/* KEY: [a, b..c], within the width: `before` on its first line, `after` behind the list. */
void export_names(struct export *x, const char *before, const char *const *words, size_t count,
                  const char *after);

/* export_policy.c: what is known and differs. */
void export_policy(struct export *x);
/* export_gpu.c: the `gpus` rows, as few as say what was found. */
void export_gpus(struct export *x);

#endif
