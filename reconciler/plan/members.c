/* What a group consists of: members with both images, steps, interruptions, the key of parking. */
#include "plan/units.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

/* The fields of a VM that this plan writes: what only waits for a stop is left out (S0). */
static uint32_t written_fields(const struct draft *d, uint32_t vm, uint32_t fields)
{
    const struct diff *diff = d->in->diff;

    for (size_t i = d->first_change[vm]; i < diff->change_count; i++) {
        const struct change *c = &diff->changes[i];

        if (c->kind != SUBJECT_VM || c->vm != vm)
            break;
        if (c->grade == GRADE_ADVISED && c->needs_off && !d->stops[vm])
            fields &= ~field_about[c->field].image;
    }
    return fields;
}

/*
 * gpu: asFound: what leaves for a count (C4) or for the memory (S3) comes back
 * the same.  Of a VM that goes to another node it is what was judged (M8), and
 * what steps aside should a count have to be put back there.
 */
static void keep_as_found(struct draft *d, uint32_t vm, struct member *m)
{
    bool memory = m->target.fields & IMAGE_MEMORY;
    struct image now;

    image_of_vm(d->arena, &d->in->have->vms[vm], IMAGE_ADAPTERS | IMAGE_REQUESTS, &now);
    if ((d->holder[vm] || ((memory || vm_goes(d->in, vm)) && now.adapter_count)) &&
        !(m->target.fields & IMAGE_ADAPTERS)) {
        m->target.adapters = now.adapters;
        m->target.adapter_count = now.adapter_count;
        m->target.fields |= IMAGE_ADAPTERS;
    }
    if (memory && now.request_count && !(m->target.fields & IMAGE_REQUESTS)) {
        m->target.requests = now.requests;
        m->target.request_count = now.request_count;
        m->target.fields |= IMAGE_REQUESTS;
    }
}

static void add_vm(struct draft *d, uint32_t vm, struct member *m)
{
    const struct state *have = d->in->have;
    uint32_t row = d->in->want->of_vm[vm];
    const struct target_vm *t = row == NO_INDEX ? NULL : &d->in->want->vms[row];

    *m = (struct member){
        .kind = SUBJECT_VM,
        .node = have->vms[vm].node == NO_INDEX ? NULL : have->nodes[have->vms[vm].node].name,
        .id = have->vms[vm].id,
        .name = have->vms[vm].name};
    if (t) {
        if (!t->refused)
            m->target = d->in->diff->vm_images[row];
        m->stop_then = t->wish->stop_then;
        m->stop_deadline_ms = t->wish->stop_deadline_ms;
        m->run_after = t->wish->power == POWER_WISH_RUNNING;
        m->off_after = t->wish->power == POWER_WISH_STOPPED;
        if (!t->refused && d->in->diff->vm_leaves[row])
            m->waits = d->in->diff->vm_leaves[row]->id;
    }
    m->target.fields = written_fields(d, vm, m->target.fields);
    keep_as_found(d, vm, m);
    if (d->holder[vm])
        m->target.fields |= IMAGE_RESIZED;
    image_of_vm(d->arena, &have->vms[vm], m->target.fields, &m->before);
    m->before.node = m->target.fields & IMAGE_NODE ? m->node : NULL;
    m->before.live = m->target.live;
}

static void add_gpu(struct draft *d, uint32_t gpu, struct member *m)
{
    const struct gpu *g = &d->in->have->gpus[gpu];
    const struct target_gpu *t = &d->in->want->gpus[d->in->want->of_gpu[gpu]];

    *m = (struct member){.kind = SUBJECT_GPU,
                         .node = d->in->have->nodes[g->node].name,
                         .id = g->path,
                         .name = gpu_label(d->arena, d->in->have, gpu),
                         .size_bytes = t->size_bytes};
    m->target = d->in->diff->gpu_images[d->in->want->of_gpu[gpu]];
    image_of_gpu(d->arena, g, m->target.fields, &m->before);
}

static void add_pool(struct draft *d, uint32_t pool, struct member *m)
{
    const struct target_pool *t = &d->in->want->pools[pool];

    *m = (struct member){.kind = SUBJECT_POOL,
                         .node = d->in->have->nodes[t->node].name,
                         .id = t->name,
                         .name = t->name};
    m->target = d->in->diff->pool_images[pool];
    m->before =
        (struct image){.fields = IMAGE_POOL, .present = state_pool(d->in->have, t->node, t->name)};
}

static void add_members(struct draft *d, struct plan_group *g, const struct unit *u)
{
    size_t n = g->member_count + u->gpus.count + u->pools.count + u->vms.count;

    g->members = arena_grow(d->arena, g->members, g->member_count, n + 1, sizeof *g->members);
    for (size_t i = 0; i < u->gpus.count; i++)
        add_gpu(d, u->gpus.rows[i], &g->members[g->member_count++]);
    for (size_t i = 0; i < u->pools.count; i++)
        add_pool(d, u->pools.rows[i], &g->members[g->member_count++]);
    for (size_t i = 0; i < u->vms.count; i++)
        add_vm(d, u->vms.rows[i], &g->members[g->member_count++]);
}

/* ---- the steps that people read ---- */

/* The debts that opening the group would make, so that its starts are shown. */
static void foresee_debts(struct draft *d, const struct plan_group *g, struct ledger *out)
{
    const struct ledger *owed = d->in->owed;

    *out = *owed;
    out->debts = arena_array(d->arena, struct debt, g->member_count + 1);
    out->debt_count = 0;
    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        uint32_t vm = m->kind == SUBJECT_VM ? member_vm(d->in->have, m) : NO_INDEX;
        const struct debt *old = vm == NO_INDEX ? NULL : ledger_debt(owed, m->id);
        bool on = vm != NO_INDEX && d->in->have->vms[vm].power != POWER_OFF;

        if (vm == NO_INDEX)
            continue;
        out->debts[out->debt_count++] =
            (struct debt){.vm = m->id,
                          .found_running = on || m->run_after || (old && old->found_running),
                          .phase = on ? DEBT_FOUND : DEBT_STOPPED};
    }
}

/* How long a step takes at most when nothing goes wrong, for "off at most N min". */
static int64_t allowance_ms(const struct action *a)
{
    enum { SECOND = 1000 };

    switch (a->verb) {
    case VERB_VM_STOP:
        return action_deadline_ms(a);
    case VERB_VM_START:
        return 120 * SECOND;
    case VERB_GPU_COUNT:
        return 60 * SECOND;
    default:
        return 15 * SECOND;
    }
}

/* The kinds of steps that a VM waits for while it is off; those of one kind go side by side. */
struct waits {
    int64_t longest[VERB_NONE]; /* 0: there is none of that kind */
};

static void wait_for(struct waits *w, enum verb verb, int64_t ms)
{
    w->longest[verb] = ms > w->longest[verb] ? ms : w->longest[verb];
}

static int64_t wait_sum(const struct waits *w)
{
    int64_t sum = 0;

    for (int v = 0; v < VERB_NONE; v++)
        sum += w->longest[v];
    return sum;
}

/* What takes back an effect of this kind. */
static void put_back(struct waits *back, enum verb verb, int64_t ms)
{
    switch (verb) {
    case VERB_ADAPTER_ADD:
        wait_for(back, VERB_ADAPTER_REMOVE, ms);
        break;
    case VERB_ADAPTER_REMOVE:
        wait_for(back, VERB_ADAPTER_ADD, ms);
        wait_for(back, VERB_ADAPTER_LIMITS, ms);
        break;
    case VERB_REQUEST_ADD:
        wait_for(back, VERB_REQUEST_REMOVE, ms);
        break;
    case VERB_REQUEST_REMOVE:
        wait_for(back, VERB_REQUEST_ADD, ms);
        break;
    default:
        wait_for(back, verb, ms);
    }
}

/*
 * The bound of an interruption: the way forward, a start that fails behind its
 * deadline and is cancelled (V10), everything put back, and the start after
 * that (specs/decisions/019).
 */
static int64_t off_at_most(const struct plan_group *g)
{
    struct action cancel = {.verb = VERB_VM_CANCEL_START};
    struct waits forward = {0}, back = {0};
    int64_t failed_start = 0;

    for (size_t i = 0; i < g->step_count; i++) {
        const struct action *a = &g->steps[i].action;
        int stage = verb_rows[a->verb].stage;

        if (stage < verb_rows[VERB_VM_STOP].stage || stage > verb_rows[VERB_VM_START].stage ||
            (a->verb == VERB_VM_MOVE && a->value[0] == MOVE_LIVE))
            continue;
        wait_for(&forward, a->verb, allowance_ms(a));
        if (a->verb == VERB_VM_START && action_deadline_ms(a) > failed_start)
            failed_start = action_deadline_ms(a);
        if (a->verb != VERB_VM_STOP && a->verb != VERB_VM_START)
            put_back(&back, a->verb, allowance_ms(a));
    }
    if (!failed_start) /* it is off at the end, as declared */
        return wait_sum(&forward);
    return wait_sum(&forward) + failed_start + allowance_ms(&cancel) + wait_sum(&back);
}

bool group_lets_go(const struct plan_group *g)
{
    for (size_t i = 0; i < g->member_count; i++)
        if (g->members[i].waits)
            return true;
    return false;
}

size_t group_owed(const struct plan_group *g, const struct state *have, const struct ledger *owed,
                  uint32_t *out)
{
    size_t n = 0;

    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        const struct debt *d = m->kind == SUBJECT_VM ? ledger_debt(owed, m->id) : NULL;
        uint32_t vm = d && d->found_running && !d->declared ? member_vm(have, m) : NO_INDEX;

        if (vm == NO_INDEX || have->vms[vm].power == POWER_RUNNING)
            continue;
        if (out)
            out[n] = vm;
        n++;
    }
    return n;
}

static void interruptions(struct draft *d, struct plan_group *g)
{
    struct index_list off = {0};

    for (size_t i = 0; i < g->step_count; i++)
        if (g->steps[i].action.verb == VERB_VM_STOP) {
            uint32_t vm = member_vm(d->in->have, &g->members[g->steps[i].member]);

            if (vm != NO_INDEX && !list_has(&off, vm))
                list_add(d->arena, &off, vm);
        }
    g->interrupts = off.rows;
    g->interrupt_count = off.count;
    g->off_at_most_ms = off.count && !group_lets_go(g) ? off_at_most(g) : 0;
}

/* Adapters and requests that leave and do not come back (M5). */
static uint32_t removals(const struct plan_group *g)
{
    uint32_t n = 0;

    for (size_t i = 0; i < g->member_count; i++) {
        const struct image *b = &g->members[i].before, *t = &g->members[i].target;

        if ((t->fields & IMAGE_ADAPTERS) && t->adapter_count < b->adapter_count)
            n += (uint32_t)(b->adapter_count - t->adapter_count);
        if ((t->fields & IMAGE_REQUESTS) && t->request_count < b->request_count)
            n += (uint32_t)(b->request_count - t->request_count);
    }
    return n;
}

/* ---- the key of parking ---- */

struct mix {
    uint64_t a, b;
};

static void mix_u64(struct mix *m, uint64_t v)
{
    m->a = (m->a ^ v) * 0x9fb21c651e98df25u;
    m->a ^= m->a >> 35;
    m->b = (m->b + v) * 0xd6e8feb86659fd93u;
    m->b ^= m->b >> 32;
}

static void mix_text(struct mix *m, const char *s)
{
    for (; s && *s; s++)
        mix_u64(m, (unsigned char)*s);
    mix_u64(m, s ? 256 : 257);
}

static void mix_nums(struct mix *m, const struct num *n)
{
    for (int i = 0; i < QUOTA_KINDS; i++)
        mix_u64(m, n[i].known ? n[i].value ^ 1 : 0);
}

/* Without the ids of adapters and requests: putting back makes new ones, and is the same input. */
static void mix_image(struct mix *m, const struct image *im)
{
    const struct vm_settings *s = &im->settings;

    mix_u64(m, im->fields);
    mix_u64(m, im->adapter_count);
    for (size_t i = 0; i < im->adapter_count; i++) {
        mix_text(m, im->adapters[i].pin);
        mix_nums(m, im->adapters[i].limits.min);
        mix_nums(m, im->adapters[i].limits.max);
        mix_nums(m, im->adapters[i].limits.optimal);
    }
    mix_u64(m, im->request_count);
    for (size_t i = 0; i < im->request_count; i++) {
        mix_text(m, im->requests[i].pool);
        mix_text(m, im->requests[i].location);
    }
    mix_u64(m, im->fields & IMAGE_OFFLINE_ACTION ? im->offline_action : 9);
    mix_u64(m, (uint64_t)s->stop_action << 32 | (uint64_t)s->dynamic_memory << 16 |
                   (uint64_t)s->checkpoints << 8 | (uint64_t)s->cache_types);
    mix_u64(m, s->memory_startup_mib.value);
    mix_u64(m, s->memory_min_mib.value);
    mix_u64(m, s->mmio_low_mib.value);
    mix_u64(m, s->mmio_high_mib.value);
    mix_u64(m, im->count);
    mix_u64(m, (uint64_t)im->place << 8 | (uint64_t)im->present << 1 | im->force);
    mix_text(m, im->pool);
    mix_text(m, im->node);
    mix_u64(m, im->live);
}

/* Two boots of a node are two inputs: what failed before may work now. */
static const char *input_key(struct draft *d, const struct plan_group *g)
{
    struct mix m = {0x243f6a8885a308d3u, 0x13198a2e03707344u};

    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *row = &g->members[i];
        uint32_t node = row->node ? state_node(d->in->have, row->node) : NO_INDEX;

        mix_u64(&m, row->kind);
        mix_text(&m, row->node);
        mix_text(&m, row->id);
        mix_u64(&m, node == NO_INDEX ? 0 : (uint64_t)d->in->have->nodes[node].boot_ms);
        mix_image(&m, &row->before);
        mix_image(&m, &row->target);
        mix_u64(&m, (uint64_t)row->run_after << 1 | row->off_after);
        mix_text(&m, row->waits);
    }
    return arena_printf(d->arena, "%016llx%016llx", (unsigned long long)m.a,
                        (unsigned long long)m.b);
}

/* ---- all of it ---- */

static void fill(struct draft *d, struct plan_group *g)
{
    struct group open = {.members = g->members, .member_count = g->member_count};
    struct ledger owed;
    struct steps steps;

    foresee_debts(d, g, &owed);
    steps_build(d->arena, &open, d->in->have, &owed, &steps);
    g->steps = steps.rows;
    g->step_count = steps.count;
    steps_describe(d->arena, d->in->have, g->steps, g->step_count);
    interruptions(d, g);
    g->removals = removals(g);
    g->input = input_key(d, g);
}

void group_of_debt(struct draft *d, uint32_t vm, struct plan_group *out)
{
    const struct vm *row = &d->in->have->vms[vm];

    *out = (struct plan_group){.node = row->node, .reason = REASON_NONE, .member_count = 1};
    out->members = arena_new(d->arena, struct member);
    out->members[0] =
        (struct member){.kind = SUBJECT_VM,
                        .node = row->node == NO_INDEX ? NULL : d->in->have->nodes[row->node].name,
                        .id = row->id,
                        .name = row->name};
    fill(d, out);
}

void groups_fill(struct draft *d)
{
    for (size_t i = 0; i < d->unit_count; i++) {
        const struct unit *u = &d->units[i];
        struct plan_group *g = &d->plan->groups[u->group];

        g->node = g->member_count && g->node != u->node ? NO_INDEX : u->node;
        add_members(d, g, u);
        if (u->gate > g->gate || (u->gate == g->gate && u->gate && u->reason < g->reason)) {
            g->gate = u->gate;
            g->reason = u->reason;
            g->why = u->why;
            g->release = u->release;
        }
    }
    for (size_t i = 0; i < d->plan->group_count; i++)
        fill(d, &d->plan->groups[i]);
}
