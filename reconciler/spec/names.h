/*
 * Names as people write them: one, a closed range (vdi-0001..0012), a list of
 * both, and patterns (* and ?) where those are allowed.  Private to spec/.
 */
#ifndef SPEC_NAMES_H
#define SPEC_NAMES_H

#include "codec/doc.h"
#include "spec/fields.h"

/* One name, of one thing; false with a finding. */
bool name_check(struct findings *found, const char *what, const struct doc_scalar *s);
/* One pattern; false with a finding. */
bool pattern_check(struct findings *found, const char *what, const struct doc_scalar *s);
/* A name or a range to the end of `out`; false with a finding. */
bool names_add(struct arena *a, struct findings *found, const char *what,
               const struct doc_scalar *s, bool patterns, struct said_names *out);
/* A node's name without its DNS suffix. */
const char *node_short(struct arena *a, const char *name);

#endif
