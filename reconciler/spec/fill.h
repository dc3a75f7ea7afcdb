/* Placeholders of profiles: fill.c.  Private to spec/. */
#ifndef SPEC_FILL_H
#define SPEC_FILL_H

#include "spec/read.h"

/* In a list of names: what a cluster fills in, and how many names stand before it. */
struct name_blank {
    struct doc_scalar text;
    size_t before;
};

struct filling {
    struct reader *r;
    struct doc *doc;                /* doc_open_empty() */
    const struct raw_metadata *who; /* whose name and labels; it has a name */
};

/* Is there <cluster> or <labels.KEY> in it? */
bool has_placeholder(const char *text);
/* Takes the value that comes, where it has a placeholder; false: it has none. */
bool take_blank(struct reader *r, const struct field_row *f, uint32_t i, struct raw_head *head);
bool take_name_blank(struct reader *r, const struct doc_scalar *s, struct said_names *out);
/* The same with everything filled in; itself where there is nothing to fill in. */
const struct raw_spec *fill_spec(const struct filling *x, const struct raw_spec *spec);

#endif
