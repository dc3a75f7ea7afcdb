/*
 * vms rows with `match`: which VMs a pattern takes, and whether it may take so
 * many (I2).  A VM that a row names is not looked at.
 */
#include "spec/resolve.h"

enum { NAMED = 64 }; /* VMs that a problem names */

/* What one pattern leaves out, and what it took. */
struct taking {
    struct map names; /* of `except` */
    const char **patterns;
    size_t pattern_count;
    size_t count;
    const char **taken; /* the first ones */
};

static void prepare(struct resolve *r, const struct spec_pattern *p, struct taking *t)
{
    map_init(&t->names, r->a, p->except_count, true);
    t->patterns = arena_array(r->a, const char *, p->except_count + 1);
    t->taken = arena_array(r->a, const char *, NAMED);
    for (size_t i = 0; i < p->except_count; i++)
        if (str_is_pattern(p->except[i]))
            t->patterns[t->pattern_count++] = p->except[i];
        else
            map_put(&t->names, p->except[i], 0);
}

static bool takes(const struct spec_pattern *p, const struct taking *t, const char *name)
{
    if (!str_fits(p->vm.match, name) || map_get(&t->names, name) != MAP_NONE)
        return false;
    for (size_t i = 0; i < t->pattern_count; i++)
        if (str_fits(t->patterns[i], name))
            return false;
    return true;
}

/* Patterns that cross are found out by a VM that both take. */
static void refuse_double(struct resolve *r, const struct spec_vm *second, uint32_t vm)
{
    const struct spec_vm *first = r->vm_row[vm];
    const char *name = r->have->vms[vm].name;

    r->vm_refused[vm] = true;
    problem_add(&r->out->problems, REASON_TWO_ROWS, SUBJECT_VM, arena_printf(r->a, "vm/%s", name),
                &second->at, "%s (%s:%u) takes it, and so does %s (%s:%u)", first->match,
                first->at.file, (unsigned)first->at.line, second->match, second->at.file,
                (unsigned)second->at.line)
        ->vm = vm;
}

static void take_all(struct resolve *r, struct taking *taking)
{
    for (uint32_t i = 0; i < r->have->vm_count; i++) {
        const char *name = r->have->vms[i].name;

        if (!name || r->vm_row[i])
            continue;
        for (size_t k = 0; k < r->spec->pattern_count; k++) {
            const struct spec_pattern *p = &r->spec->patterns[k];
            struct taking *t = &taking[k];

            if (!takes(p, t, name))
                continue;
            if (t->count < NAMED)
                t->taken[t->count] = name;
            t->count++;
            if (r->vm_row[i])
                refuse_double(r, &p->vm, i);
            else
                r->vm_row[i] = &p->vm;
        }
    }
}

static const char *taken_text(struct resolve *r, const struct taking *t)
{
    size_t named = t->count < NAMED ? t->count : NAMED;
    const char *names = named ? str_ranges(r->a, t->taken, named) : "none";

    return t->count > named ? arena_printf(r->a, "%s and %zu more", names, t->count - named)
                            : names;
}

/*
 * Outside `expect` the whole row is blocked.  VMs that nobody can see may make
 * too few enough, and never too many few enough (M4).
 */
static void judge_count(struct resolve *r, size_t row, const struct taking *t)
{
    const struct spec_pattern *p = &r->spec->patterns[row];
    bool few = t->count < p->least, unsure = few && r->unseen;
    struct problem *problem;

    if (!few && t->count <= p->most)
        return;
    r->pattern_blocked[row] = true;
    problem = problem_add(&r->out->problems, unsure ? REASON_NODE_UNSEEN : REASON_EXPECT,
                          SUBJECT_VM, arena_printf(r->a, "vm/%s", p->vm.match), &p->expect_at,
                          "it takes %zu VM%s, expect says %llu..%llu: %s%s%s", t->count,
                          t->count == 1 ? "" : "s", (unsigned long long)p->least,
                          (unsigned long long)p->most, taken_text(r, t),
                          unsure ? "; not seen: " : "", unsure ? r->unseen_names : "");
    problem->manage = p->vm.wish->manage.of[PART_VMS];
    if (unsure)
        return;
    problem->release = few ? arena_printf(r->a, "the missing VMs, or expect: %zu..%llu", t->count,
                                          (unsigned long long)p->most)
                           : arena_printf(r->a, "a narrower match, `except`, or expect: %llu..%zu",
                                          (unsigned long long)p->least, t->count);
}

bool resolve_pattern_blocked(const struct resolve *r, const struct spec_vm *row)
{
    return r->pattern_blocked[(const struct spec_pattern *)row - r->spec->patterns];
}

void resolve_patterns(struct resolve *r)
{
    size_t count = r->spec->pattern_count;
    struct taking *taking;

    if (!count)
        return;
    taking = arena_array(r->a, struct taking, count);
    for (size_t k = 0; k < count; k++)
        prepare(r, &r->spec->patterns[k], &taking[k]);
    take_all(r, taking);
    for (size_t k = 0; k < count; k++)
        judge_count(r, k, &taking[k]);
    for (size_t i = 0; i < r->have->vm_count; i++) {
        const struct spec_vm *row = r->vm_row[i];

        if (!row || !row->match)
            continue;
        r->out->declared_vms++;
        r->vm_refused[i] |= resolve_pattern_blocked(r, row);
    }
}
