/* A snapshot as a world without hands: what plan --from looks at. */
#ifndef PROVIDER_SNAPSHOT_H
#define PROVIDER_SNAPSHOT_H

#include "base/finding.h"
#include "provider/provider.h"

#include <stddef.h>

struct facts;

/* Everything lives in `a`, which must outlive the eye and what it saw. */
bool provider_snapshot_open(struct arena *a, const struct facts *facts, const char *path,
                            const char *text, size_t size, struct eye **out, struct findings *found,
                            struct err *e) MUST_CHECK;

#endif
