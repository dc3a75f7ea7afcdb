/*
 * The reader of Policies (P5): whatever the bytes, every fault is a finding
 * with a place and a next step; what it accepts has a digest that reading again
 * confirms, and makes a spec that says everything no weaker.
 */
#include "fuzz.h"

#include "base/str.h"
#include "spec/ceiling.h"

#include <string.h>

static const char spec_text[] =
    "apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: c, labels: {ring: canary}}\nspec:\n"
    "  timeZone: Europe/Berlin\n"
    "  gpus: [{match: {model: L}, pool: ml, prepare: true}]\n"
    "  vms:\n    - {name: a, gpu: none, disruption: window, stop: {deadline: 1m, then: forced}}\n"
    "    - {match: \"b*\", expect: 0..9, gpu: asFound, move: allowed}\n"
    "  policy:\n    disruption: allowed\n    move: allowed\n    partial: allow\n    prune: owned\n"
    "    maxUnavailable: {vms: 9}\n    protect: [x]\n"
    "    maintenanceWindows: {allow: [{days: [sat], start: \"02:00\", duration: 4h}]}\n";

static bool read_policy(struct arena *a, const uint8_t *data, size_t size, struct ceilings *out)
{
    const struct spec_source source = {"fuzz.yaml", (const char *)data, size, false};
    struct findings found;
    bool ok;

    findings_init(&found, a);
    *out = (struct ceilings){0};
    ok = ceilings_read(a, &source, 1, out, &found);
    promise_findings(&found, ok);
    return ok;
}

static void bind(struct arena *a, const struct ceilings *ceilings)
{
    const struct spec_source source = {"spec.yaml", spec_text, strlen(spec_text), false};
    struct findings found;
    struct specs specs;
    struct opening o;
    struct spec *s;

    findings_init(&found, a);
    PROMISE(spec_read_among(a, &source, 1, &(struct spec_among){.trace = true}, &specs, &found));
    s = &specs.rows[0];
    ceilings_apply(a, ceilings, s);
    PROMISE(s->policy.protect_count >= 1 && s->policy.max_vms >= 1 && s->policy.max_vms <= 9);
    PROMISE(s->vms[0].wish->stop_deadline_ms >= 60000);
    PROMISE(s->vms[0].wish->disruption != DISRUPTION_ALLOWED);
    for (size_t i = 0; i < s->policy.tightened_count; i++)
        PROMISE(policy_ceiling_at(&s->policy, &s->policy.tightened[i].at));
    (void)!calendar_next(&s->policy.calendar, 0, &o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ceilings ceilings, again;
    struct arena a;

    arena_init(&a, FUZZ_ARENA);
    if (read_policy(&a, data, size, &ceilings)) {
        PROMISE(read_policy(&a, data, size, &again));
        PROMISE(ceilings.count == again.count && ceilings.count > 0);
        for (size_t i = 0; i < ceilings.count; i++)
            PROMISE(str_eq(ceilings.rows[i].digest, again.rows[i].digest));
        bind(&a, &ceilings);
    }
    arena_release(&a);
    return 0;
}
