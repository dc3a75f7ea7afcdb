/*
 * MMIO space (S5): what the devices need, raised and never lowered, within
 * what the host's processor can address.  Everything is whole MiB.
 */
#include "diff/differ.h"

enum {
    LOW_BASE = 128,       /* what a VM has for itself below 4 GiB */
    HIGH_SPARE = 512,     /* and above, beside the devices */
    LOW_MOST = 4095,      /* low stays under 4 GiB */
    PARTITION_LOW = 1024, /* the documented fallbacks */
    PARTITION_HIGH = 32768,
    DEVICE_LOW = 3072,       /* once */
    DEVICE_HIGH = 33280,     /* for each device */
    DEFAULT_GAP_BASE = 65024 /* HighMmioGapBase where it was not read */
};

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t times(uint64_t a, uint64_t n)
{
    return n && a > UINT64_MAX / n ? UINT64_MAX : a * n;
}

static uint64_t more(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The largest need of a member of each pool, if every member's was read. */
void diff_pool_needs(struct differ *d)
{
    map_init(&d->pool_needs, d->arena, 8, false);
    for (size_t i = 0; i < d->want->gpu_count; i++) {
        const struct target_gpu *t = &d->want->gpus[i];
        const struct gpu *g = &d->have->gpus[t->gpu];
        struct mmio_need *need;
        uint32_t at;

        if (t->use != USE_POOL || !t->pool)
            continue;
        at = map_put(&d->pool_needs, t->pool, (uint32_t)d->pool_need_count);
        if (at == d->pool_need_count) {
            need = arena_push(d->arena, d->pool_need_rows, d->pool_need_count, d->pool_need_room);
            need->measured = true;
        }
        need = &d->pool_need_rows[at];
        need->measured &= g->mmio_high_mib.known;
        need->high = more(need->high, g->mmio_high_mib.value);
        need->low = more(need->low, g->mmio_low_mib.known ? g->mmio_low_mib.value : 0);
    }
}

/* The need of all devices of a wish, summed; not measured when one is not known. */
static struct mmio_need device_needs(const struct differ *d, const struct vm_case *c)
{
    const struct vm_wish *w = c->target->wish;
    struct mmio_need need = {.measured = true};
    uint32_t at;

    if (w->use == VM_POOL) {
        at = w->pool ? map_get(&d->pool_needs, w->pool) : MAP_NONE;
        if (at == MAP_NONE)
            return (struct mmio_need){0};
        need.measured = d->pool_need_rows[at].measured;
        need.low = times(d->pool_need_rows[at].low, w->count);
        need.high = times(d->pool_need_rows[at].high, w->count);
        return need;
    }
    for (size_t i = 0; i < w->device_count; i++) {
        uint32_t gpu = state_gpu_at(d->have, c->vm->node, w->devices[i]);
        const struct gpu *g = gpu == NO_INDEX ? NULL : &d->have->gpus[gpu];

        if (!g || !g->mmio_high_mib.known)
            return (struct mmio_need){0};
        need.high = sum(need.high, g->mmio_high_mib.value);
        need.low = sum(need.low, g->mmio_low_mib.known ? g->mmio_low_mib.value : 0);
    }
    return need;
}

static uint64_t device_count(const struct vm_wish *w)
{
    return w->use == VM_POOL      ? w->count
           : w->use == VM_DEVICES ? w->device_count
                                  : wish_partitions(w);
}

/* What the assignment needs in all: declared, read, or the documented fallback. */
static struct mmio_need wish_need(const struct differ *d, const struct vm_case *c)
{
    const struct vm_wish *w = c->target->wish;
    struct mmio_need need = {0};

    if (!c->partition && !c->device)
        return (struct mmio_need){.measured = true};
    if (w->mmio_need_high) {
        need = (struct mmio_need){times(w->mmio_need_low, device_count(w)),
                                  times(w->mmio_need_high, device_count(w)), true};
    } else if (c->device) {
        need = device_needs(d, c);
        if (w->mmio_need_low)
            need.low = more(need.low, times(w->mmio_need_low, device_count(w)));
    }
    if (need.measured)
        return (struct mmio_need){sum(LOW_BASE, need.low), sum(HIGH_SPARE, need.high), true};
    if (c->partition)
        return (struct mmio_need){more(PARTITION_LOW, sum(LOW_BASE, w->mmio_need_low)),
                                  times(PARTITION_HIGH, device_count(w)), false};
    return (struct mmio_need){more(DEVICE_LOW, sum(LOW_BASE, need.low)),
                              times(DEVICE_HIGH, device_count(w)), false};
}

/* What the two values shall be, and whether the spec's own had to be exceeded. */
struct mmio_goal {
    struct num low, high;
    bool raised_past_spec;
    bool fallback; /* a number that is written is the documented fallback */
};

static struct num goal_of(struct num have, struct num said, uint64_t need, bool gains, bool *past)
{
    struct num goal = NUM(more(said.known ? said.value : 0, need));

    if (!have.known) /* nothing to compare with, unless it is said or needed now */
        return goal.value && (said.known || gains) ? goal : NUM_UNKNOWN;
    if (have.value > goal.value)
        goal = have; /* never lowered */
    *past |= said.known && said.value < goal.value;
    return goal;
}

static bool goal_differs(struct num goal, struct num have)
{
    return goal.known && !num_eq(goal, have);
}

/* Whether advised values are to be looked at is the caller's; declared ones always are. */
static struct mmio_goal find_goal(const struct differ *d, const struct vm_case *c)
{
    const struct vm_settings *said = &c->target->wish->settings, *have = &c->vm->settings;
    bool implied = c->device || (c->partition && c->target->wish->advised != ADVISED_AS_FOUND);
    struct mmio_need need = implied ? wish_need(d, c) : (struct mmio_need){.measured = true};
    struct mmio_goal g = {0};

    g.low =
        goal_of(have->mmio_low_mib, said->mmio_low_mib, need.low, c->gains, &g.raised_past_spec);
    g.high =
        goal_of(have->mmio_high_mib, said->mmio_high_mib, need.high, c->gains, &g.raised_past_spec);
    g.fallback = !need.measured &&
                 ((goal_differs(g.low, have->mmio_low_mib) && num_is(g.low, need.low)) ||
                  (goal_differs(g.high, have->mmio_high_mib) && num_is(g.high, need.high)));
    return g;
}

/* Base + high as the host's processor must address it, in MiB; its own bound in *top. */
static bool is_addressable(const struct differ *d, const struct vm_case *c, uint64_t high,
                           uint64_t *base, uint64_t *top)
{
    struct num gap = c->vm->settings.mmio_base_mib, bits = NUM_UNKNOWN;

    if (c->vm->node < d->have->node_count)
        bits = d->have->nodes[c->vm->node].address_bits;
    *base = gap.known ? gap.value : DEFAULT_GAP_BASE;
    *top = !bits.known || bits.value >= 64 ? UINT64_MAX
           : bits.value > 20               ? (uint64_t)1 << (bits.value - 20)
                                           : 0;
    return *top == UINT64_MAX || sum(*base, high) <= *top;
}

/* Refused before anything of the VM is changed: the space would not be addressable. */
bool diff_mmio_fits(struct differ *d, struct vm_case *c)
{
    const struct vm_settings *have = &c->vm->settings;
    const struct vm_wish *w = c->target->wish;
    struct mmio_goal g;
    uint64_t base, top;
    bool advised;

    if (!c->partition && !c->device && !w->settings_at.file)
        return true;
    g = find_goal(d, c);
    if (goal_differs(g.low, have->mmio_low_mib) && g.low.value > LOW_MOST) {
        diff_vm_problem(d, c, REASON_MMIO_WIDTH, &w->settings_at,
                        arena_printf(d->arena, "%llu MiB of low space, which must stay under 4 GiB",
                                     (unsigned long long)g.low.value));
        return false;
    }
    if (!goal_differs(g.high, have->mmio_high_mib) ||
        is_addressable(d, c, g.high.value, &base, &top))
        return true;
    advised = c->partition && !c->gains && !w->settings.mmio_high_mib.known;
    c->mmio_too_high = true;
    if (advised) /* it has its partition, and works as it is */
        return true;
    diff_vm_problem(d, c, REASON_MMIO_WIDTH, &w->settings_at,
                    arena_printf(d->arena,
                                 "%llu MiB of high space from %llu MiB on ends above the %llu MiB "
                                 "that %s can address",
                                 (unsigned long long)g.high.value, (unsigned long long)base,
                                 (unsigned long long)top, d->have->nodes[c->vm->node].name))
        ->release =
        g.fallback ? "mmioNeed with what the device really needs, or another host" : NULL;
    return false;
}

static const char *mmio_text(struct differ *d, struct num low, struct num high)
{
    if (!low.known && !high.known)
        return "unknown";
    if (!low.known || !high.known)
        return arena_printf(d->arena, low.known ? "%llu / unknown MiB" : "unknown / %llu MiB",
                            (unsigned long long)(low.known ? low.value : high.value));
    return arena_printf(d->arena, "%llu / %llu MiB", (unsigned long long)low.value,
                        (unsigned long long)high.value);
}

static void note(struct differ *d, struct name_list *l, const char *name)
{
    *arena_push(d->arena, l->names, l->count, l->room) = name;
}

void diff_mmio(struct differ *d, struct vm_case *c, enum grade grade)
{
    const struct vm_settings *have = &c->vm->settings;
    const struct vm_wish *w = c->target->wish;
    struct mmio_goal g = find_goal(d, c);

    if (c->mmio_too_high)
        return;
    if (g.raised_past_spec)
        note(d, &d->not_lowered, c->vm->name);
    if (!goal_differs(g.low, have->mmio_low_mib) && !goal_differs(g.high, have->mmio_high_mib))
        return;
    if (g.fallback)
        note(d, &d->unmeasured, c->vm->name);
    /* Both are written by one call: what does not change is said again. */
    c->image->fields |= IMAGE_MMIO;
    c->image->settings.mmio_low_mib = g.low.known ? g.low : have->mmio_low_mib;
    c->image->settings.mmio_high_mib = g.high.known ? g.high : have->mmio_high_mib;
    diff_vm_change(d, c, FIELD_VM_MMIO, grade,
                   mmio_text(d, have->mmio_low_mib, have->mmio_high_mib),
                   mmio_text(d, c->image->settings.mmio_low_mib, c->image->settings.mmio_high_mib),
                   "S5", grade == GRADE_DECLARED ? &w->settings_at : &w->use_at);
}
