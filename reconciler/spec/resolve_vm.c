/*
 * vms rows against VMs: who is meant (I2), and whether it may be changed at
 * all (M4, S8, A1, V2, V8, P2).
 */
#include "spec/resolve.h"

#include <string.h>

/* ---- who is meant ---- */

/*
 * Both sides are sorted by name, so the VM of a row is nearly always the one
 * behind that of the row before; the maps are for the rest, and made when
 * they are first needed.
 */
struct vm_names {
    struct map by_name, by_id; /* to have.vms; the first of a name */
    bool names, ids;           /* made */
    uint32_t hint;
};

static uint32_t vm_of_id(struct resolve *r, struct vm_names *n, const char *id)
{
    if (!n->ids) {
        map_init(&n->by_id, r->a, r->have->vm_count, true);
        for (uint32_t i = 0; i < r->have->vm_count; i++)
            if (r->have->vms[i].id)
                map_put(&n->by_id, r->have->vms[i].id, i);
    }
    n->ids = true;
    return map_get(&n->by_id, id);
}

static uint32_t vm_of_name(struct resolve *r, struct vm_names *n, const char *name)
{
    enum { AHEAD = 4 };
    const struct state *have = r->have;
    uint32_t vm;

    for (uint32_t i = n->hint; i < have->vm_count && i < n->hint + AHEAD; i++)
        if (str_same(have->vms[i].name, name)) {
            n->hint = i + 1;
            return i;
        }
    if (!n->names) {
        map_init(&n->by_name, r->a, have->vm_count, true);
        for (uint32_t i = 0; i < have->vm_count; i++)
            if (have->vms[i].name)
                map_put(&n->by_name, have->vms[i].name, i);
    }
    n->names = true;
    vm = map_get(&n->by_name, name);
    if (vm != MAP_NONE)
        n->hint = vm + 1;
    return vm;
}

/* VMs of one name stand beside each other. */
static bool is_repeated(const struct resolve *r, uint32_t vm)
{
    const struct vm *v = r->have->vms;

    return vm + 1 < r->have->vm_count && str_same(v[vm].name, v[vm + 1].name);
}

static struct problem *name_problem(struct resolve *r, enum reason reason,
                                    const struct spec_vm *row, const char *text)
{
    struct problem *p =
        problem_add(&r->out->problems, reason, SUBJECT_VM,
                    arena_printf(r->a, "vm/%s", row->name ? row->name : ""), &row->at, "%s", text);

    p->manage = row->wish ? row->wish->manage.of[PART_VMS] : MANAGE_ENFORCE;
    return p;
}

/* Several VMs of a declared name: none of them is the one that is meant (I2). */
static void take_repeated(struct resolve *r, const struct spec_vm *row, uint32_t first)
{
    const struct state *have = r->have;
    const char *name = have->vms[first].name;
    struct text t;
    size_t count = 0;

    text_init(&t, r->a);
    for (uint32_t i = first; i < have->vm_count && str_same(have->vms[i].name, name); i++) {
        if (count++ < 4)
            text_printf(&t, "%s%s on %s", count > 1 ? ", " : "", have->vms[i].id,
                        have->vms[i].node < have->node_count ? have->nodes[have->vms[i].node].name
                                                             : "no node");
        r->vm_refused[i] = true;
        if (!r->vm_row[i])
            r->vm_row[i] = row;
    }
    name_problem(r, REASON_AMBIGUOUS_VM, row,
                 arena_printf(r->a, "%zu VMs have this name: %s", count, text_done(&t)))
        ->vm = first;
}

static void take_vm(struct resolve *r, const struct spec_vm *row, uint32_t vm)
{
    if (!r->vm_row[vm]) {
        r->vm_row[vm] = row;
        return;
    }
    r->vm_refused[vm] = true;
    name_problem(r, REASON_AMBIGUOUS_VM, row,
                 arena_printf(r->a, "rows %s and %s both mean %s", r->vm_row[vm]->name, row->name,
                              r->have->vms[vm].name))
        ->vm = vm;
}

static bool name_is_near(const struct resolve *r, uint32_t vm)
{
    return !r->vm_row[vm] && r->have->vms[vm].name;
}

/* The rows that nothing was found for; the closest name only for the first of them. */
static void missing_vms(struct resolve *r, const uint32_t *rows, size_t count)
{
    enum { SUGGEST = 16, CANDIDATES = 4096 };
    const char **names = NULL;
    size_t near_count = 0;

    if (count && !r->unseen) {
        names = arena_array(r->a, const char *, CANDIDATES);
        for (uint32_t i = 0; i < r->have->vm_count && near_count < CANDIDATES; i++)
            if (name_is_near(r, i))
                names[near_count++] = r->have->vms[i].name;
    }
    for (size_t i = 0; i < count; i++) {
        const struct spec_vm *row = &r->spec->vms[rows[i]];
        const char *near = NULL, *id;

        if (r->unseen) {
            name_problem(
                r, REASON_NODE_UNSEEN, row,
                arena_printf(r->a, "on no node that was seen; not seen: %s", r->unseen_names));
            continue;
        }
        if (i < SUGGEST && row->name)
            near = str_nearest(row->name, names, near_count);
        id = row->id ? arena_printf(r->a, " with id %s", row->id) : "";
        name_problem(
            r, REASON_VM_MISSING, row,
            near ? arena_printf(r->a, "on no node%s, and not hidden; closest name: %s", id, near)
                 : arena_printf(r->a, "on no node%s, and not hidden", id));
    }
}

/* What is left of a wish when some of its fields stay as they are (P7, P8). */
static const struct vm_wish *rest_of_wish(struct resolve *r, const struct vm_wish *wish,
                                          uint32_t left)
{
    struct vm_wish *rest = arena_new(r->a, struct vm_wish);

    *rest = *wish;
    if (left >> FIELD_VM_GPU & 1)
        rest->use = VM_AS_FOUND;
    if (left & (1u << FIELD_VM_GPU | 1u << FIELD_VM_LIMITS)) {
        rest->limits = (struct limits){0};
        rest->limits_at = (struct span){0};
    }
    if (left >> FIELD_VM_POWER & 1)
        rest->power = POWER_AS_FOUND;
    return rest;
}

/* Settings still follow from what a VM keeps, where that is of the kind that is declared. */
static enum vm_use kept_use(const struct vm *vm, enum vm_use declared)
{
    bool keeps = declared == VM_PARTITION ? vm_adapters(vm) > 0
                                          : declared > VM_PARTITION && vm_requests(vm) > 0;

    return keeps ? declared : VM_AS_FOUND;
}

static void leave_fields(struct resolve *r, struct target_vm *t)
{
    t->left = r->leave->vms ? r->leave->vms[t->vm] : 0;
    if (!t->left)
        return;
    if (t->left >> FIELD_VM_GPU & 1)
        t->keeps = kept_use(&r->have->vms[t->vm], t->wish->use);
    t->wish = rest_of_wish(r, t->wish, t->left);
}

static void add_vm_targets(struct resolve *r)
{
    struct target *out = r->out;
    size_t count = 0;

    for (size_t i = 0; i < r->have->vm_count; i++)
        count += r->vm_row[i] != NULL;
    out->vms = arena_array(r->a, struct target_vm, count + 1);
    for (uint32_t i = 0; i < r->have->vm_count; i++) {
        const struct spec_vm *row = r->vm_row[i];

        if (!row)
            continue;
        out->of_vm[i] = (uint32_t)out->vm_count;
        out->vms[out->vm_count++] =
            (struct target_vm){.vm = i,
                               .wish = row->wish,
                               .goes_to = NO_INDEX,
                               .belongs_to = NO_INDEX,
                               .at = row->at,
                               .match = row->match,
                               .pruned = row->wish == r->spec->pruned,
                               .uncounted = row->match && resolve_pattern_blocked(r, row),
                               .refused = r->vm_refused[i]};
        leave_fields(r, &out->vms[out->vm_count - 1]);
    }
}

void resolve_vm_rows(struct resolve *r)
{
    uint32_t *absent = arena_array(r->a, uint32_t, r->spec->vm_count + 1);
    struct vm_names names = {0};
    size_t absent_count = 0;

    for (uint32_t i = 0; i < r->spec->vm_count; i++) {
        const struct spec_vm *row = &r->spec->vms[i];
        uint32_t vm = row->id     ? vm_of_id(r, &names, row->id)
                      : row->name ? vm_of_name(r, &names, row->name)
                                  : MAP_NONE;

        if (vm == MAP_NONE)
            absent[absent_count++] = i;
        else if (!row->id && is_repeated(r, vm))
            take_repeated(r, row, vm);
        else
            take_vm(r, row, vm);
    }
    resolve_patterns(r);
    resolve_pruned(r);
    missing_vms(r, absent, absent_count);
    add_vm_targets(r);
}

/* ---- protection ---- */

/* P2: plain names through a map, patterns one by one. */
static void protect(struct resolve *r)
{
    const struct policy *p = &r->spec->policy;
    uint32_t *globs = arena_array(r->a, uint32_t, p->protect_count + 1);
    size_t glob_count = 0;
    struct map plain;

    if (!p->protect_count)
        return;
    map_init(&plain, r->a, p->protect_count, true);
    for (uint32_t i = 0; i < p->protect_count; i++)
        if (str_is_pattern(p->protect[i]))
            globs[glob_count++] = i;
        else
            map_put(&plain, p->protect[i], i);
    for (size_t i = 0; i < r->out->vm_count; i++) {
        struct target_vm *t = &r->out->vms[i];
        const char *name = r->have->vms[t->vm].name;
        uint32_t by = name ? map_get(&plain, name) : MAP_NONE;

        for (size_t k = 0; name && k < glob_count && by == MAP_NONE; k++)
            by = str_fits(p->protect[globs[k]], name) ? globs[k] : MAP_NONE;
        t->is_protected = by != MAP_NONE;
        if (t->is_protected)
            t->protected_at = p->protect_at[by];
    }
}

/* ---- may it be changed at all ---- */

static const char *node_name(const struct resolve *r, uint32_t node)
{
    return node < r->have->node_count ? r->have->nodes[node].name : "no node";
}

/* False: nothing more is known of it. */
static bool judge_presence(struct resolve *r, uint32_t t)
{
    const struct vm *vm = &r->have->vms[r->out->vms[t].vm];

    if (vm->hidden) {
        resolve_vm_problem(
            r, REASON_VM_HIDDEN, t, true, NULL,
            arena_printf(r->a, "the configuration resource of %s is offline", vm->name));
        return false;
    }
    if (resolve_seen(r, vm->node))
        return true;
    resolve_vm_problem(
        r, REASON_NODE_UNSEEN, t, true, NULL,
        arena_printf(r->a, "it is on %s, which did not answer", node_name(r, vm->node)));
    return false;
}

static void refuse_place(struct resolve *r, uint32_t t, const char *text, const char *release)
{
    const struct spec_vm *row = r->vm_row[r->out->vms[t].vm];
    struct problem *p = resolve_vm_problem(r, REASON_WRONG_NODE, t, true, &row->node_at, text);

    p->release = release;
}

/*
 * V2, M8: on another node than its row says.  It goes there where it may be
 * moved; a fixed device ties it to where it is (D9).
 */
static void judge_place(struct resolve *r, uint32_t t)
{
    struct target_vm *want = &r->out->vms[t];
    const struct vm *vm = &r->have->vms[want->vm];
    const struct spec_vm *row = r->vm_row[want->vm];
    uint32_t node = row->node ? resolve_node(r, row->node) : vm->node;

    if (node == vm->node)
        return;
    if (node == NO_INDEX)
        refuse_place(
            r, t,
            arena_printf(r->a, "its row says %s, which is no node of %s", row->node, r->have->name),
            "another node in its row");
    else if (want->left >> FIELD_VM_NODE & 1)
        return;
    else if (!want->wish->move || want->wish->use == VM_DEVICES) {
        want->belongs_to = node;
        refuse_place(r, t,
                     arena_printf(r->a, "its row says %s, and it is on %s", row->node,
                                  node_name(r, vm->node)),
                     want->wish->move ? "moving the VM, or changing its row" : NULL);
    } else if (!resolve_seen(r, node))
        resolve_vm_problem(
            r, REASON_NODE_UNSEEN, t, true, &row->node_at,
            arena_printf(r->a, "its row says %s, which did not answer", node_name(r, node)));
    else
        want->goes_to = node;
}

static void judge_ownership(struct resolve *r, uint32_t t)
{
    static const char *const owners[] = {[OWNER_ARC] = "it belongs to Azure Arc",
                                         [OWNER_AKS] = "it belongs to AKS",
                                         [OWNER_UNKNOWN] =
                                             "whether it belongs to Azure could not be read"};
    const struct vm *vm = &r->have->vms[r->out->vms[t].vm];

    if (vm->owner != OWNER_HYPERV) /* A1 */
        resolve_vm_problem(r, REASON_OWNED_ELSEWHERE, t, true, NULL, owners[vm->owner]);
    if (r->clustered && (vm->role.vmid_unread || (vm->role.clustered && vm->role.matches != 1)))
        resolve_vm_problem(r, REASON_AMBIGUOUS_ROLE, t, true, NULL,
                           vm->role.vmid_unread
                               ? "the VmID of a Virtual Machine resource could not be read, and it "
                                 "may be this VM's"
                               : arena_printf(r->a, "%u Virtual Machine resources have its VmID",
                                              (unsigned)vm->role.matches));
    judge_place(r, t);
}

/*
 * V8: nothing is done to it, and a person has a step to do.  The platform
 * refuses to remove an adapter whose GPU is gone; with the card back it does
 * not, and an imported copy of the VM has none (field reports).
 */
static void refuse_ghost(struct resolve *r, uint32_t t, const char *text)
{
    const struct vm *vm = &r->have->vms[r->out->vms[t].vm];

    resolve_vm_problem(r, REASON_STALE_ADAPTER, t, true, NULL, text);
    resolve_vm_problem(
        r, REASON_BY_HAND_GHOST, t, true, NULL,
        arena_printf(r->a,
                     "put the old card back, then: Get-VMGpuPartitionAdapter -VMName '%s' | "
                     "Remove-VMGpuPartitionAdapter; without that card: Export-VM, Remove-VM, "
                     "Import-VM, which leaves the adapter behind",
                     vm->name));
}

/*
 * V8: an adapter pinned to a device that is gone, or a ghost: the last start
 * failed for its GPU and nothing is there to be seen.  Before V4.
 */
static void judge_adapters(struct resolve *r, uint32_t t)
{
    const struct target_vm *want = &r->out->vms[t];
    const struct vm *vm = &r->have->vms[want->vm];

    for (size_t i = 0; i < vm->adapter_count; i++) {
        const struct adapter *ad = &vm->adapters[i];
        enum reason stand = adapter_stand(ad, r->clustered && vm->role.clustered,
                                          resolve_device(r, vm->node, ad->pin) != NO_INDEX,
                                          resolve_device(r, vm->node, ad->seen) != NO_INDEX);

        if (stand == REASON_NONE || (stand == REASON_WARN_PINNED && want->wish->use != VM_AS_FOUND))
            continue; /* what is pinned and declared is replaced (V4) */
        if (stand == REASON_STALE_ADAPTER)
            refuse_ghost(r, t, adapter_text(r->a, r->have, vm, ad, stand));
        else
            resolve_vm_problem(r, stand, t, false, NULL,
                               adapter_text(r->a, r->have, vm, ad, stand));
    }
    if (vm_is_ghost(vm))
        refuse_ghost(r, t, ghost_text);
}

/* What is worth saying about a VM that has or gets a GPU. */
static void judge_warnings(struct resolve *r, uint32_t t)
{
    const struct target_vm *want = &r->out->vms[t];
    const struct vm *vm = &r->have->vms[want->vm];
    bool gets = want->wish->use >= VM_PARTITION;

    if (!gets && !vm_adapters(vm) && !vm_requests(vm))
        return;
    if (r->clustered && !vm->role.clustered && !vm->role.vmid_unread)
        resolve_vm_problem(r, REASON_WARN_NOT_CLUSTERED, t, false, NULL,
                           arena_printf(r->a, "it is no role of the cluster: it stays on %s",
                                        node_name(r, vm->node)));
    if (gets && vm->checkpoint_count.known && vm->checkpoint_count.value) /* S4 */
        resolve_vm_problem(r, REASON_WARN_CHECKPOINT, t, false, NULL,
                           arena_printf(r->a, "it has %llu checkpoint%s",
                                        (unsigned long long)vm->checkpoint_count.value,
                                        vm->checkpoint_count.value == 1 ? "" : "s"));
}

void resolve_vms(struct resolve *r)
{
    protect(r);
    for (uint32_t t = 0; t < r->out->vm_count; t++) {
        if (!judge_presence(r, t))
            continue;
        judge_ownership(r, t);
        judge_adapters(r, t);
        resolve_wish(r, t);
        judge_warnings(r, t);
    }
}
