/*
 * kind: Data, the data that ages.  specs/data.md is the reference; reconciler/data/ is
 * what is compiled in.
 */
#ifndef CODEC_FACTS_H
#define CODEC_FACTS_H

#include "base/err.h"
#include "base/finding.h"
#include "model/facts.h"

/* reconciler/data/ as it was when the program was built. */
struct facts *facts_built_in(struct arena *a);
/*
 * Reads Data documents; each list that they have takes the place of the one in
 * `facts`.  False when a finding is an error: `facts` is as it was.
 */
bool facts_read(struct arena *a, const char *file, const char *text, size_t size,
                struct facts *facts, struct findings *found) MUST_CHECK;

#endif
