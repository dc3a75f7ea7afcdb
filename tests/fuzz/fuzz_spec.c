/*
 * The spec reader: whatever the bytes, every fault is a finding with a place
 * and a next step; what it accepts has a digest that reading again confirms,
 * and can be resolved against a world with nothing in it.  Who said what is kept.
 */
#include "fuzz.h"

#include "base/str.h"
#include "spec/spec.h"

#include <string.h>

static bool read_spec(struct arena *a, const uint8_t *data, size_t size, struct specs *out)
{
    const struct spec_source source = {"fuzz.yaml", (const char *)data, size};
    struct findings found;
    bool ok;

    findings_init(&found, a);
    *out = (struct specs){0};
    ok = spec_read_among(a, &source, 1, &(struct spec_among){.trace = true}, out, &found);
    promise_findings(&found, ok);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct state empty = {0};
    struct specs specs, again;
    struct arena a;

    arena_init(&a, FUZZ_ARENA);
    if (read_spec(&a, data, size, &specs)) {
        PROMISE(read_spec(&a, data, size, &again));
        PROMISE(specs.count == again.count);
        for (size_t i = 0; i < specs.count; i++) {
            const struct spec *s = &specs.rows[i];
            struct target want = {0};

            PROMISE(s->name && s->at.line);
            PROMISE(str_eq(spec_digest(&a, &specs.rows[i]), spec_digest(&a, &again.rows[i])));
            for (size_t k = 0; k < s->vm_count; k++)
                PROMISE(s->vms[k].name && s->vms[k].at.line);
            spec_resolve_owed(&a, s, &empty, NULL, &want);
        }
    }
    arena_release(&a);
    return 0;
}
