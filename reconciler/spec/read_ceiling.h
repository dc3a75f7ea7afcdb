/* What the files that read Policies share.  Private to spec/. */
#ifndef SPEC_READ_CEILING_H
#define SPEC_READ_CEILING_H

#include "spec/ceiling.h"
#include "spec/read.h"

/* More than the ceiling: a finding, and true. */
bool ceiling_too_many(struct reader *r, const struct span *at, size_t count, size_t most,
                      const char *what);
/* Texts whose order says nothing. */
void ceiling_sort(const char **rows, size_t count);

/* read_approvals.c (P12) */
void read_approvals(struct reader *r, const struct said_rows *rows, struct ceiling_bounds *out);
/* What a rule says, for the digest of its Policy. */
const char *approval_digest_text(struct arena *a, const struct approval_rule *r);

#endif
