#include "compare.h"

void compare_declared(struct arena *a, const struct spec *spec, const struct state *have,
                      const struct ledger *owed, struct target *want, struct diff *diff,
                      struct asides *asides)
{
    spec_resolve_owed(a, spec, have, owed, want);
    diff_compute(a, want, have, owed, diff);
    diff_set_aside(a, &spec->policy, want, have, diff, asides);
    if (!asides->any)
        return;
    spec_resolve_rest(a, spec, have, owed, &asides->leave, want);
    diff_compute(a, want, have, owed, diff);
    diff_drop_watched(&want->problems);
    diff_drop_watched(&diff->problems);
}
