#include "model/owner.h"

#include "base/str.h"
#include "base/when.h"

const char *owner_text(struct arena *a, const struct owner *owner)
{
    return arena_printf(a, "hvgpu1 %s %s %s %llu", owner->store_id, owner->host ? owner->host : "?",
                        owner->since_ms == WHEN_NONE ? "?" : when_iso(a, owner->since_ms),
                        (unsigned long long)owner->epoch);
}

bool owner_parse(struct arena *a, const char *text, struct owner *out)
{
    const char *part[4];
    struct owner owner = {.since_ms = WHEN_NONE};

    if (!text || !str_starts(text, "hvgpu1 "))
        return false;
    text += strlen("hvgpu1 ");
    for (size_t i = 0; i < 4; i++) {
        size_t n = strcspn(text, " ");

        part[i] = arena_strndup(a, text, n);
        text += n + (text[n] == ' ');
        if (!n)
            return false;
    }
    if (*text || !str_u64(part[3], &owner.epoch))
        return false;
    if (!str_eq(part[2], "?") && !when_parse(part[2], &owner.since_ms))
        return false;
    owner.store_id = part[0];
    owner.host = str_eq(part[1], "?") ? NULL : part[1];
    *out = owner;
    return true;
}
