/*
 * Wanted minus actual: one walk over the target, one change for each field
 * that differs.  Order, permission and room are the planner's.
 */
#include "diff/differ.h"

#include <string.h>

struct change *diff_change(struct differ *d, enum subject_kind kind, enum field field,
                           enum grade grade, const char *have, const char *want, const char *rule,
                           const struct span *at)
{
    struct change *c = arena_push(d->arena, d->out->changes, d->out->change_count, d->change_room);

    *c = (struct change){.kind = kind,
                         .gpu = NO_INDEX,
                         .vm = NO_INDEX,
                         .pool = NO_INDEX,
                         .field = field,
                         .grade = grade,
                         .needs_off = field_about[field].needs_off,
                         .have = have,
                         .want = want,
                         .rule = rule,
                         .at = *at};
    return c;
}

const char *change_subject(struct arena *a, const struct target *want, const struct state *have,
                           const struct change *c, const char **name)
{
    const struct target_pool *pool;

    switch (c->kind) {
    case SUBJECT_VM:
        *name = have->vms[c->vm].name;
        return arena_printf(a, "vm/%s", *name);
    case SUBJECT_GPU:
        *name = gpu_label(a, have, c->gpu);
        return arena_printf(a, "gpu/%s", *name);
    case SUBJECT_POOL:
        pool = &want->pools[c->pool];
        *name = arena_printf(a, "%s on %s", pool->name, have->nodes[pool->node].name);
        return arena_printf(a, "pool/%s", pool->name);
    case SUBJECT_CLUSTER:
    case SUBJECT_NODE:
    default:
        *name = want->name;
        return arena_printf(a, "cluster/%s", *name);
    }
}

struct change *diff_vm_change(struct differ *d, const struct vm_case *c, enum field field,
                              enum grade grade, const char *have, const char *want,
                              const char *rule, const struct span *at)
{
    struct change *row =
        diff_change(d, SUBJECT_VM, field, grade, have, want, rule, at->file ? at : &c->target->at);

    row->vm = c->target->vm;
    return row;
}

struct problem *diff_vm_problem(struct differ *d, const struct vm_case *c, enum reason reason,
                                const struct span *at, const char *text)
{
    struct problem *p = problem_add(&d->out->problems, reason, SUBJECT_VM,
                                    arena_printf(d->arena, "vm/%s", c->vm->name),
                                    at->file ? at : &c->target->at, "%s", text);

    p->vm = c->target->vm;
    p->row = c->index;
    p->manage = c->target->wish->manage.of[PART_VMS];
    return p;
}

/* ---- GPUs ---- */

static const char *number(struct differ *d, struct num n)
{
    return n.known ? arena_printf(d->arena, "%llu", (unsigned long long)n.value) : "unknown";
}

static void gpu_change(struct differ *d, const struct target_gpu *t, enum field field,
                       const char *have, const char *want, const char *rule)
{
    diff_change(d, SUBJECT_GPU, field, GRADE_DECLARED, have, want, rule, &t->at)->gpu = t->gpu;
}

/* What is read now is compared, whatever made it differ (C8). */
static void diff_count(struct differ *d, const struct target_gpu *t, struct image *image)
{
    const struct gpu *g = &d->have->gpus[t->gpu];

    if (num_is(g->count, t->count))
        return;
    image->fields |= IMAGE_COUNT;
    image->count = t->count;
    gpu_change(d, t, FIELD_GPU_COUNT, number(d, g->count), number(d, NUM(t->count)),
               d->clustered ? "C2" : "C4");
}

/* D2: where the device is, and in which pool. */
static void diff_place(struct differ *d, const struct target_gpu *t, struct image *image)
{
    const struct gpu *g = &d->have->gpus[t->gpu];
    bool away = t->use != USE_HOST;
    bool moves =
        away ? g->state != GPU_DISMOUNTED : g->state == GPU_DISMOUNTED || g->state == GPU_DISABLED;
    const char *pool = t->use == USE_POOL ? t->pool : NULL;

    if (moves) {
        image->fields |= IMAGE_PLACE;
        image->place = away ? GPU_DISMOUNTED : GPU_HOST;
        image->force = t->force;
        gpu_change(d, t, FIELD_GPU_PLACE, gpu_state_words[g->state], gpu_state_words[image->place],
                   "D2");
    }
    if (!str_eq(g->pool, pool)) {
        image->fields |= IMAGE_POOL;
        image->pool = pool;
        gpu_change(d, t, FIELD_GPU_POOL, g->pool ? g->pool : "none", pool ? pool : "none",
                   t->row == NO_INDEX ? "D4" : "D2");
    }
}

static void diff_gpus(struct differ *d)
{
    d->out->gpu_images = arena_array(d->arena, struct image, d->want->gpu_count + 1);
    for (size_t i = 0; i < d->want->gpu_count; i++) {
        const struct target_gpu *t = &d->want->gpus[i];

        if (t->refused || t->use == USE_ANY || t->use == USE_LEAVING)
            continue;
        if (t->use == USE_PARTITIONS)
            diff_count(d, t, &d->out->gpu_images[i]);
        else
            diff_place(d, t, &d->out->gpu_images[i]);
    }
}

/* ---- pools ---- */

/* Both sides are sorted by node, then name: one merge. */
static void diff_pools(struct differ *d)
{
    size_t k = 0;

    d->out->pool_images = arena_array(d->arena, struct image, d->want->pool_count + 1);
    for (uint32_t i = 0; i < d->want->pool_count; i++) {
        const struct target_pool *t = &d->want->pools[i];
        bool present = false;

        for (; k < d->have->pool_count; k++) {
            const struct pool *p = &d->have->pools[k];

            if (p->node > t->node || (p->node == t->node && str_cmp(p->name, t->name) > 0))
                break;
            if (p->node == t->node && str_eq(p->name, t->name)) {
                present = true;
                break;
            }
        }
        if (present != t->absent)
            continue;
        d->out->pool_images[i] = (struct image){.fields = IMAGE_POOL, .present = !t->absent};
        diff_change(d, SUBJECT_POOL, FIELD_POOL, GRADE_DECLARED, t->absent ? "present" : "none",
                    t->absent ? "none" : "present", t->absent ? "M7" : "D3", &t->at)
            ->pool = i;
    }
}

/* ---- VMs ---- */

static void diff_power(struct differ *d, const struct vm_case *c)
{
    const struct vm_wish *w = c->target->wish;
    bool running = w->power == POWER_WISH_RUNNING;

    if (w->power == POWER_AS_FOUND || c->vm->power == POWER_UNKNOWN ||
        c->vm->power == (running ? POWER_RUNNING : POWER_OFF))
        return;
    diff_vm_change(d, c, FIELD_VM_POWER, GRADE_DECLARED, vm_power_words[c->vm->power],
                   running ? "running" : "stopped", "S7", &w->power_at);
}

/* The debt of a VM by binary search; they are sorted by id. */
static const struct debt *debt_of(const struct ledger *owed, const char *id)
{
    size_t lo = 0, hi = owed->debt_count;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int c = str_cmp(owed->debts[mid].vm, id);

        if (c == 0)
            return &owed->debts[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

/* Did we stop it, and have not started it again?  Asked of every VM, with a row or without. */
static bool is_owed(const struct differ *d, const struct vm *vm)
{
    const struct debt *debt = d->owed->debt_count ? debt_of(d->owed, vm->id) : NULL;

    return debt && (debt->found_running || debt->declared) && debt->phase != DEBT_FOUND &&
           debt->phase != DEBT_PAID && vm->power != POWER_RUNNING;
}

static void diff_owed(struct differ *d, uint32_t vm, const struct span *at)
{
    struct span none = {0};
    const struct vm *v = &d->have->vms[vm];

    diff_change(d, SUBJECT_VM, FIELD_VM_OWED, GRADE_REQUIRED, vm_power_words[v->power], "running",
                "S7", at ? at : &none)
        ->vm = vm;
}

/* P7, P8: what stays as it is is neither a change nor written along with one. */
static void drop_left(struct differ *d, const struct vm_case *c, size_t from)
{
    size_t kept = from;

    for (int f = 0; c->target->left && f < FIELDS; f++)
        if (c->target->left >> f & 1)
            c->image->fields &= ~field_about[f].image;
    for (size_t i = from; i < d->out->change_count; i++)
        if (!(c->target->left >> d->out->changes[i].field & 1))
            d->out->changes[kept++] = d->out->changes[i];
    d->out->change_count = kept;
}

/* "vms: detect (spec.yaml:5)" */
static const char *watched_text(struct differ *d, const struct manage_parts *m)
{
    enum part part = m->of[PART_VMS] != MANAGE_ENFORCE ? PART_VMS : PART_POWER;

    return arena_printf(d->arena, "manage %s: %s (%s:%u)", part_words[part],
                        manage_words[m->of[part]], m->at[part].file ? m->at[part].file : "",
                        (unsigned)m->at[part].line);
}

/*
 * P7: a VM that is only watched is neither stopped nor detached, so what needs
 * it off waits for somebody, and its memory also for its GPU to be gone (S3).
 */
static bool cannot_be_had(const struct vm_case *c, enum field field)
{
    const struct manage_parts *m = &c->target->wish->manage;
    bool stays_on = manage_power(m) != MANAGE_ENFORCE && c->vm->power != POWER_OFF;

    if (field == FIELD_VM_MEMORY && m->of[PART_VMS] != MANAGE_ENFORCE &&
        (vm_adapters(c->vm) || vm_requests(c->vm)))
        return true;
    return stays_on && field_about[field].needs_off;
}

static void wait_for_people(struct differ *d, const struct vm_case *c, size_t from)
{
    const struct manage_parts *m = &c->target->wish->manage;
    bool said = false;

    if (manage_power(m) == MANAGE_ENFORCE)
        return;
    for (int f = 0; f < FIELDS; f++)
        if (field_about[f].subject == SUBJECT_VM && cannot_be_had(c, (enum field)f))
            c->image->fields &= ~field_about[f].image;
    for (size_t i = from; i < d->out->change_count; i++) {
        struct change *row = &d->out->changes[i];

        if (!cannot_be_had(c, row->field) || row->grade == GRADE_ADVISED)
            continue;
        row->waits = true;
        if (!said)
            diff_vm_problem(d, c, REASON_NOT_ENFORCED, &row->at,
                            arena_printf(d->arena, "%s is neither stopped nor detached: %s",
                                         c->vm->name, watched_text(d, m)))
                ->manage = MANAGE_ENFORCE; /* the setting is enforced, and cannot be had */
        said = true;
    }
}

static void diff_vm(struct differ *d, uint32_t index, bool owed)
{
    struct vm_case c = {
        .target = &d->want->vms[index], .index = index, .image = &d->out->vm_images[index]};
    const struct vm_wish *w = c.target->wish;
    bool stays_off = w->power == POWER_WISH_STOPPED && !c.target->refused;
    size_t from = d->out->change_count;

    c.vm = &d->have->vms[c.target->vm];
    c.partition = w->use == VM_PARTITION || c.target->keeps == VM_PARTITION;
    c.device = w->use > VM_PARTITION || c.target->keeps > VM_PARTITION;
    c.gains = diff_gains(&c);
    c.leaves = diff_leaves(d, &c);
    if (!c.target->refused && diff_mmio_fits(d, &c)) {
        diff_assign(d, &c);
        diff_settings(d, &c);
        if (!owed || stays_off)
            diff_power(d, &c);
        drop_left(d, &c, from);
        wait_for_people(d, &c, from);
    }
    if (owed && !stays_off)
        diff_owed(d, c.target->vm, &c.target->at);
}

static void diff_vms(struct differ *d)
{
    size_t partitions = 0;
    uint32_t next = 0;

    for (size_t i = 0; i < d->want->vm_count; i++)
        partitions += wish_partitions(d->want->vms[i].wish);
    d->adapters = arena_array(d->arena, struct image_adapter, partitions + 1);
    d->out->vm_images = arena_array(d->arena, struct image, d->want->vm_count + 1);
    d->out->vm_leaves = arena_array(d->arena, const struct target_leaving *, d->want->vm_count + 1);
    d->pinned = arena_array(d->arena, uint64_t, d->have->gpu_count + 1);
    diff_pool_needs(d);
    if (!d->owed->debt_count) {
        for (uint32_t i = 0; i < d->want->vm_count; i++)
            diff_vm(d, i, false);
        return;
    }
    for (uint32_t v = 0; v < d->have->vm_count; v++) {
        bool owed = is_owed(d, &d->have->vms[v]);

        if (next < d->want->vm_count && d->want->vms[next].vm == v)
            diff_vm(d, next++, owed);
        else if (owed)
            diff_owed(d, v, NULL);
    }
}

/* ---- notes ---- */

static void list_note(struct differ *d, enum reason reason, struct name_list *l, const char *text)
{
    enum { MOST = 64 };
    size_t shown = l->count > MOST ? MOST : l->count;
    struct problem *p;
    size_t count = l->count;

    if (!count)
        return;
    p = problem_add(&d->out->problems, reason, SUBJECT_CLUSTER,
                    arena_printf(d->arena, "cluster/%s", d->want->name ? d->want->name : ""), NULL,
                    "%s: %s", text, str_ranges(d->arena, l->names, shown));
    if (count > MOST)
        p->text = arena_printf(d->arena, "%s and %zu more", p->text, count - MOST);
}

/* Something of it is ours; that a pattern took it once is not. */
static bool has_claim(const struct ledger *owed, const char *id)
{
    size_t count;
    const struct claim *c = ledger_claims_of(owed, id, &count);

    for (size_t i = 0; i < count; i++)
        if (!claim_is_match(&c[i]))
            return true;
    return false;
}

/* M7: a row was deleted; nothing is detached, the claim is struck out. */
static void note_released(struct differ *d)
{
    for (uint32_t v = 0; v < d->have->vm_count && d->owed->claim_count; v++) {
        const struct vm *vm = &d->have->vms[v];

        if (d->want->of_vm[v] == NO_INDEX && has_claim(d->owed, vm->id))
            problem_add(&d->out->problems, REASON_NOTE_RELEASED, SUBJECT_VM,
                        arena_printf(d->arena, "vm/%s", vm->name), NULL,
                        "%s has no row any more: what hvgpu attached stays as it is", vm->name)
                ->vm = v;
    }
}

/* I2: what a pattern takes and the ledger does not know is new; without a memory nothing is. */
static void find_new(struct differ *d)
{
    struct name_list names = {0};

    d->out->vm_new = arena_array(d->arena, bool, d->want->vm_count + 1);
    for (size_t i = 0; d->owed->lasting && i < d->want->vm_count; i++) {
        const struct target_vm *t = &d->want->vms[i];
        const struct vm *vm = &d->have->vms[t->vm];

        if (!t->match || t->uncounted || ledger_match(d->owed, vm->id, t->match))
            continue;
        d->out->vm_new[i] = true;
        *arena_push(d->arena, names.names, names.count, names.room) = vm->name;
    }
    list_note(d, REASON_NOTE_NEW, &names, "not stopped before the next apply");
}

void diff_compute(struct arena *a, const struct target *want, const struct state *have,
                  const struct ledger *owed, struct diff *out)
{
    struct differ d = {.arena = a,
                       .want = want,
                       .have = have,
                       .owed = owed,
                       .out = out,
                       .clustered = !have->standalone};

    *out = (struct diff){.problems = {.arena = a}};
    diff_gpus(&d);
    diff_pools(&d);
    diff_vms(&d);
    diff_moves(&d);
    list_note(&d, REASON_NOTE_MMIO, &d.unmeasured,
              "a documented fallback; mmioNeed takes what SurveyDDA.ps1 measures");
    list_note(&d, REASON_NOTE_MMIO_LOWER, &d.not_lowered, "kept at what is needed or found");
    note_released(&d);
    find_new(&d);
}
