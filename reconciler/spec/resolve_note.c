/* What is worth saying about the whole: warnings and notes, each once, with names. */
#include "spec/resolve.h"

#include <string.h>

static bool wants_partitions(const struct resolve *r)
{
    for (size_t i = 0; i < r->spec->gpu_count; i++)
        if (r->spec->gpus[i].use == USE_PARTITIONS)
            return true;
    for (size_t i = 0; i < r->out->vm_count; i++)
        if (r->out->vms[i].wish->use == VM_PARTITION)
            return true;
    return false;
}

/* E1, E5: an undocumented build; nothing that could be partitioned. */
static void note_partitions(struct resolve *r)
{
    bool any = false;

    if (!wants_partitions(r))
        return;
    if (!resolve_build_ok(r->oldest))
        resolve_cluster_problem(
            r, REASON_WARN_BUILD, NULL,
            arena_printf(r->a, "%s is build %llu; documented are 20349, 25398 and 26100 and later",
                         r->oldest_node, (unsigned long long)r->oldest.value));
    for (size_t i = 0; i < r->have->gpu_count && !any; i++)
        any = r->have->gpus[i].state == GPU_PARTITIONED && resolve_seen(r, r->have->gpus[i].node);
    if (!any)
        resolve_cluster_problem(r, REASON_NOTE_NO_GPU, NULL,
                                "look at the vendor's host driver, at SR-IOV in the firmware, and "
                                "at Get-VMHostPartitionableGpu");
}

/* Does the declaration speak about GPUs at all? */
static bool speaks(const struct resolve *r)
{
    for (size_t i = 0; i < r->out->vm_count; i++)
        if (r->out->vms[i].wish->use >= VM_PARTITION)
            return true;
    return r->spec->gpu_count > 0;
}

/* E7: read, never written. */
static void note_policy(struct resolve *r)
{
    const char **names = arena_array(r->a, const char *, r->have->node_count + 1);
    size_t count = 0;

    for (size_t i = 0; i < r->have->node_count; i++) {
        const struct node *n = &r->have->nodes[i];

        if (n->answered && (n->require_secure == TRI_YES || n->require_supported == TRI_YES))
            names[count++] = n->name;
    }
    if (count && speaks(r))
        resolve_cluster_problem(
            r, REASON_WARN_POLICY, NULL,
            arena_printf(r->a,
                         "RequireSecureDeviceAssignment or RequireSupportedDeviceAssignment "
                         "is 1 on %s",
                         str_ranges(r->a, names, count)));
}

/* E2: where something runs all the same, the host's truth wins. */
static void note_iov(struct resolve *r)
{
    bool *said = arena_array(r->a, bool, r->have->node_count + 1);

    for (size_t i = 0; i < r->out->vm_count; i++) {
        const struct vm *vm = &r->have->vms[r->out->vms[i].vm];

        if (vm->power != POWER_RUNNING || !resolve_seen(r, vm->node) || said[vm->node] ||
            r->have->nodes[vm->node].iov != TRI_NO || (!vm_adapters(vm) && !vm_requests(vm)))
            continue;
        said[vm->node] = true;
        problem_add(&r->out->problems, REASON_WARN_IOV, SUBJECT_NODE,
                    arena_printf(r->a, "node/%s", r->have->nodes[vm->node].name), &r->spec->at,
                    "%s, and %s runs with a GPU there", resolve_iov_text(r, vm->node), vm->name);
    }
}

/* E3 */
static void note_not_assignable(struct resolve *r)
{
    if (r->not_assignable)
        resolve_cluster_problem(r, REASON_NOTE_NOT_ASSIGNABLE, NULL,
                                arena_printf(r->a, "%zu device%s: %s%s", r->not_assignable,
                                             r->not_assignable == 1 ? "" : "s",
                                             text_done(&r->not_assignable_names),
                                             r->not_assignable > 4 ? " ..." : ""));
}

/* ---- names near a declared range ---- */

static size_t stem_length(const char *name)
{
    size_t n = strlen(name);

    while (n && name[n - 1] >= '0' && name[n - 1] <= '9')
        n--;
    return n;
}

static bool same_place(const struct span *a, const struct span *b)
{
    return a->line == b->line && a->column == b->column && str_eq(a->file, b->file);
}

/* The texts before the number in names that share a row: "vdi-" of vdi-0001..0512. */
static size_t find_stems(struct resolve *r, const char **stems, size_t most)
{
    const struct spec_vm *v = r->spec->vms;
    size_t count = 0;

    for (size_t i = 1; i < r->spec->vm_count && count < most; i++) {
        size_t n;

        if (!v[i].name || !v[i - 1].name || !same_place(&v[i].at, &v[i - 1].at))
            continue;
        n = stem_length(v[i].name);
        if (n < 2 || !v[i].name[n] || n != stem_length(v[i - 1].name) ||
            (count && strlen(stems[count - 1]) == n &&
             str_starts_fold(v[i].name, stems[count - 1])))
            continue;
        stems[count] = arena_strndup(r->a, v[i].name, n);
        count += str_starts_fold(v[i - 1].name, stems[count]);
    }
    return count;
}

static bool is_near(const char *name, const char *const *stems, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_starts_fold(name, stems[i]))
            return true;
    return false;
}

const char *resolve_names(struct resolve *r, const char **names, size_t count)
{
    enum { MOST = 64 };

    if (count <= MOST)
        return str_ranges(r->a, names, count);
    return arena_printf(r->a, "%s and %zu more", str_ranges(r->a, names, MOST), count - MOST);
}

/* M7: what no row takes: holders of GPUs, and names that look forgotten. */
static void note_undeclared(struct resolve *r)
{
    enum { STEMS = 32 };
    const char **holders, **near, *stems[STEMS];
    size_t stem_count = find_stems(r, stems, STEMS), holder_count = 0, near_count = 0, rest;

    rest = r->have->vm_count - r->out->vm_count;
    if (!rest)
        return;
    holders = arena_array(r->a, const char *, rest);
    near = arena_array(r->a, const char *, rest);
    for (size_t i = 0; i < r->have->vm_count; i++) {
        const struct vm *vm = &r->have->vms[i];

        if (r->out->of_vm[i] != NO_INDEX || !vm->name)
            continue;
        if (vm_adapters(vm) || vm_requests(vm))
            holders[holder_count++] = vm->name;
        if (stem_count && is_near(vm->name, stems, stem_count))
            near[near_count++] = vm->name;
    }
    if (holder_count)
        resolve_cluster_problem(r, REASON_NOTE_UNMANAGED, NULL,
                                arena_printf(r->a, "%zu VM%s with no row %s a GPU: %s",
                                             holder_count, holder_count == 1 ? "" : "s",
                                             holder_count == 1 ? "holds" : "hold",
                                             resolve_names(r, holders, holder_count)));
    if (near_count)
        resolve_cluster_problem(r, REASON_NOTE_NEAR, NULL, resolve_names(r, near, near_count));
}

/* E8: of what is declared. */
static void note_host_drivers(struct resolve *r)
{
    bool *declared = arena_array(r->a, bool, r->have->gpu_count + 1);
    const char **texts;
    size_t count;

    for (size_t i = 0; i < r->have->gpu_count; i++)
        declared[i] = r->out->of_gpu[i] != NO_INDEX && resolve_seen(r, r->have->gpus[i].node);
    count = r->clustered ? host_drivers_differ(r->a, r->have, declared, &texts) : 0;
    for (size_t i = 0; i < count; i++)
        resolve_cluster_problem(r, REASON_WARN_HOST_DRIVERS, NULL, texts[i]);
}

void resolve_notes(struct resolve *r)
{
    note_host_drivers(r);
    note_partitions(r);
    note_policy(r);
    note_iov(r);
    note_not_assignable(r);
    note_undeclared(r);
}
