/*
 * The reader of approvals (P12): an edited one, or one whose signature does not
 * fit, is refused; one that is accepted is written and read again as the same,
 * and covers what it says.
 */
#include "fuzz.h"

#include "codec/approval.h"
#include "plan/cover.h"

#include <string.h>

static bool read_approval(struct arena *a, const char *text, size_t size, struct approval *out)
{
    struct findings found;
    bool ok;

    findings_init(&found, a);
    ok = approval_read(a, "fuzz.json", text, size, out, &found);
    promise_findings(&found, ok);
    return ok;
}

static void use(struct arena *a, const struct approval *one)
{
    struct approval again;
    struct cover cover;
    const char *text, *twice;
    struct err e;

    PROMISE(one->identity && one->spec_digest && *one->user && *one->host && *one->reason);
    PROMISE(approval_write(a, one, NULL, &text, &e));
    PROMISE(read_approval(a, text, strlen(text), &again));
    PROMISE(!again.key && approval_write(a, &again, NULL, &twice, &e) && !strcmp(text, twice));
    cover_init(&cover, a, &again.extent);
    for (size_t i = 0; i < one->extent.deed_count; i++) {
        struct action action = one->extent.deeds[i].action;

        action.limits = &one->extent.deeds[i].limits;
        PROMISE(cover_has(&cover, &action));
    }
    PROMISE(same_ceilings(one->policies, one->policy_count, again.policies, again.policy_count));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct approval one;
    struct arena a;

    arena_init(&a, FUZZ_ARENA);
    if (read_approval(&a, (const char *)data, size, &one))
        use(&a, &one);
    arena_release(&a);
    return 0;
}
