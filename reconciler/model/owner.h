/*
 * The owner record: who writes a world (decision 051).  Worlds on real hosts
 * hold it as one text.
 */
#ifndef MODEL_OWNER_H
#define MODEL_OWNER_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct owner {
    const char *store_id, *host;
    int64_t since_ms;
    uint64_t epoch;
};

/* hvgpu1 STORE HOST SINCE EPOCH; what is not known is ?. */
const char *owner_text(struct arena *a, const struct owner *owner);
/* False: it is none of ours. */
bool owner_parse(struct arena *a, const char *text, struct owner *out);

#endif
