/*
 * An approval as a file (P12): canonical JSON with a format version, a digest
 * of its own and, where its maker has a key, a signature of that digest.
 * specs/approvals.md is the reference.
 */
#ifndef CODEC_APPROVAL_H
#define CODEC_APPROVAL_H

#include "codec/planfile.h"
#include "plan/approvals.h"

enum { APPROVAL_FORMAT = 1 };

/* What `file` may do, in the words of an approval; who, when and why are the caller's. */
void approval_of_plan(struct arena *a, const struct plan_file *file, struct approval *out);
/* `secret` NULL: not signed.  ERR_INVALID: it is no key. */
bool approval_write(struct arena *a, const struct approval *approval, const char *secret,
                    const char **out, struct err *e) MUST_CHECK;
/* False when a finding is an error; an edited file, or a signature that does not fit, is one. */
bool approval_read(struct arena *a, const char *file, const char *text, size_t size,
                   struct approval *out, struct findings *found) MUST_CHECK;
const char *approval_schema(struct arena *a);

#endif
