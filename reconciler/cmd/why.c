#include "cmd/why_inner.h"

#include "base/str.h"
#include "cmd/cmd.h"

#include <string.h>

/* ---- who is meant ---- */

struct found {
    struct arena *arena;
    struct why_subject *rows;
    size_t count, room;
};

static void add(struct found *f, enum subject_kind kind, const char *name, uint32_t index)
{
    *arena_push(f->arena, f->rows, f->count, f->room) = (struct why_subject){kind, name, index};
}

static bool has(const struct found *f, const char *name, bool fold)
{
    for (size_t i = 0; i < f->count; i++)
        if (fold ? str_same(f->rows[i].name, name) : str_eq(f->rows[i].name, name))
            return true;
    return false;
}

/* What is there, in its order; then what is only declared. */
static void find(struct found *f, const struct fleet_item *item, const struct subject_set *set)
{
    const struct state *have = &item->pass.have;
    struct subject *all;
    size_t count;
    uint32_t gpu = 0, vm = 0, node = 0;

    subject_list(f->arena, item->spec, have, &all, &count);
    for (size_t i = 0; i < count; i++) {
        const struct subject *s = &all[i];
        uint32_t index = NO_INDEX;
        bool fits = s->kind == set->kind && subject_fits(set, s);

        /* the list has what is seen first, in the order of have */
        if (s->kind == SUBJECT_NODE && node < have->node_count)
            index = node++;
        else if (s->kind == SUBJECT_GPU)
            index = gpu++;
        else if (s->kind == SUBJECT_VM && vm < have->vm_count)
            index = vm++;
        if (fits && (index != NO_INDEX || !has(f, s->name, s->kind != SUBJECT_POOL)))
            add(f, s->kind, s->name, index);
    }
}

bool why_is_member(const struct why_subject *s, const struct state *have, enum subject_kind kind,
                   const char *id, const char *name, const char *node)
{
    const char *own;

    if (s->kind == SUBJECT_CLUSTER)
        return true;
    if (s->kind == SUBJECT_NODE)
        return str_same(s->name, kind == SUBJECT_NODE ? name : node);
    if (s->kind != kind)
        return false;
    if (kind == SUBJECT_POOL)
        return str_eq(s->name, id);
    if (s->index == NO_INDEX)
        return str_same(s->name, name);
    if (kind == SUBJECT_VM)
        return str_same(have->vms[s->index].id, id);
    own = have->nodes[have->gpus[s->index].node].name;
    return str_same(have->gpus[s->index].path, id) && str_same(own, node);
}

/* ---- what is declared ---- */

static void take(struct why *w, const struct spec_trace *said, const struct span *at)
{
    w->row_at = *at;
    if (said) {
        w->declared = said->rows;
        w->declared_count = said->count;
    }
}

static void declared_vm(struct why *w, const struct why_subject *s, const struct pass *p)
{
    uint32_t row = s->index == NO_INDEX ? NO_INDEX : p->want.of_vm[s->index];
    const struct span *at = row == NO_INDEX ? NULL : &p->want.vms[row].at;

    for (size_t i = 0; i < p->spec->vm_count; i++) {
        const struct spec_vm *vm = &p->spec->vms[i];

        if (!str_same(vm->name, s->name) || (at && vm->at.line != at->line))
            continue;
        take(w, vm->said, &vm->at);
        if (row != NO_INDEX && p->want.vms[row].is_protected)
            w->declared_note = "protected: it is never stopped (P2)";
        return;
    }
    for (size_t i = 0; at && i < p->spec->pattern_count; i++)
        if (str_eq(p->spec->patterns[i].vm.match, p->want.vms[row].match)) {
            take(w, p->spec->patterns[i].vm.said, at);
            return;
        }
    if (at)
        take(w, NULL, at);
    else
        w->declared_note = "in no row: counted, never touched (M7)";
    w->differs_note =
        at || s->index == NO_INDEX ? NULL : "nothing is declared that it could differ from";
}

static void declared_gpu(struct why *w, const struct why_subject *s, const struct pass *p)
{
    uint32_t row = p->want.of_gpu[s->index];

    if (row == NO_INDEX)
        w->declared_note = "in no row: it is not touched (E3)";
    else
        take(w, p->spec->gpus[p->want.gpus[row].row].said,
             &p->spec->gpus[p->want.gpus[row].row].at);
}

static void declared_pool(struct why *w, const struct why_subject *s, const struct pass *p)
{
    for (size_t i = 0; i < p->spec->pool_count; i++)
        if (str_eq(p->spec->pools[i].name, s->name)) {
            w->row_at = p->spec->pools[i].at;
            w->declared_note = p->spec->pools[i].absent  ? "absent: true: the pool goes"
                               : p->spec->pools[i].exact ? "exact: true: what else is in it leaves"
                                                         : "a row of its own";
            return;
        }
    for (size_t i = 0; i < p->spec->gpu_count; i++)
        if (p->spec->gpus[i].use == USE_POOL && str_eq(p->spec->gpus[i].pool, s->name)) {
            w->row_at = p->spec->gpus[i].use_at;
            w->declared_note = arena_printf(w->arena, "its members are those of GPU row %s",
                                            p->spec->gpus[i].name);
            return;
        }
    w->declared_note = "in no row: it is not touched (M7)";
}

/* M8 */
static void declared_drained(struct why *w, const struct span *at)
{
    struct spec_said *said = arena_new(w->arena, struct spec_said);

    if (!at->file)
        return;
    *said = (struct spec_said){.key = "state", .value = "drained", .level = "row", .at = *at};
    w->declared = said;
    w->declared_count = 1;
}

static void declared_node(struct why *w, const struct why_subject *s, const struct pass *p)
{
    w->declared_note = p->spec->node_count ? "not listed in `nodes` (E5)"
                                           : "no `nodes` in the spec: whatever is there";
    for (size_t i = 0; i < p->spec->node_count; i++)
        if (str_same(p->spec->nodes[i], s->name)) {
            w->row_at = p->spec->node_at[i];
            w->declared_note = "one of `nodes`";
            declared_drained(w, &p->spec->drained_at[i]);
        }
}

static void declared_cluster(struct why *w, const struct spec *spec)
{
    bool any = false;

    take(w, spec->said, &spec->at);
    for (size_t i = 0; i < w->declared_count; i++)
        any = any || w->declared[i].at.file;
    if (!any)
        w->declared_note = "no policy: everywhere the built-in value counts (--all)";
}

static void declared(struct why *w, const struct why_subject *s, const struct fleet_item *item)
{
    if (!item->spec)
        w->declared_note = "no spec was given: nothing is declared here";
    else if (s->kind == SUBJECT_VM)
        declared_vm(w, s, &item->pass);
    else if (s->kind == SUBJECT_GPU)
        declared_gpu(w, s, &item->pass);
    else if (s->kind == SUBJECT_POOL)
        declared_pool(w, s, &item->pass);
    else if (s->kind == SUBJECT_NODE)
        declared_node(w, s, &item->pass);
    else
        declared_cluster(w, item->spec);
}

/* ---- what differs ---- */

static const char *state_of(struct arena *a, const struct plan_change *pc)
{
    if (pc->at_next_stop)
        return "at its next stop (S0)";
    if (pc->gate == GATE_RUNS)
        return pc->reason == REASON_NONE ? "runs now" : "waits";
    return arena_printf(a, "%s: %s", pc->gate == GATE_HELD ? "held" : "blocked",
                        pc->reason == REASON_NONE ? "?" : reason_rows[pc->reason].code);
}

/* "host-changed", where the last apply left it otherwise. */
static const char *since_of(const struct fleet_item *item, const char *subject, const char *field)
{
    const struct drift *d = &item->past.drift;

    for (size_t i = 0; item->past.known && i < d->count; i++)
        if (str_eq(d->items[i].subject, subject) && str_eq(d->items[i].field, field))
            return drift_rows[d->items[i].class].word;
    return NULL;
}

static bool change_is_about(const struct why_subject *s, const struct pass *p,
                            const struct change *c)
{
    const struct state *have = &p->have;
    uint32_t node = NO_INDEX;
    const char *id = NULL;

    if (c->kind == SUBJECT_VM) {
        id = have->vms[c->vm].id;
        node = have->vms[c->vm].node;
    } else if (c->kind == SUBJECT_GPU) {
        id = have->gpus[c->gpu].path;
        node = have->gpus[c->gpu].node;
    } else if (c->kind == SUBJECT_POOL) {
        id = p->want.pools[c->pool].name;
        node = p->want.pools[c->pool].node;
    }
    return why_is_member(s, have, c->kind, id, s->name,
                         node == NO_INDEX ? NULL : have->nodes[node].name);
}

static void differences(struct why *w, const struct why_subject *s, const struct fleet_item *item)
{
    static const char *const grades[] = {"declared", "required", "advised"};
    const struct plan *plan = &item->pass.plan;

    for (size_t i = 0; i < plan->change_count; i++) {
        const struct plan_change *pc = &plan->changes[i];
        const struct change *c = &pc->change;

        if (!change_is_about(s, &item->pass, c))
            continue;
        *arena_push(w->arena, w->rows, w->row_count, w->row_room) = (struct why_row){
            .subject =
                c->kind == SUBJECT_POOL ? arena_printf(w->arena, "pool/%s", pc->name) : pc->subject,
            .field = field_words[c->field],
            .have = c->have ? c->have : "none",
            .want = c->want ? c->want : "none",
            .grade = grades[c->grade],
            .state = state_of(w->arena, pc),
            .since = since_of(item, pc->subject, field_words[c->field]),
            .rule = c->rule,
            .at = c->at};
    }
}

/* A cluster's differences are its plan. */
static void whole_plan(struct why *w, const struct fleet_item *item)
{
    const struct plan *plan = &item->pass.plan;
    struct text t;

    text_init(&t, w->arena);
    text_printf(&t, "%zu changes in %zu groups: hvgpu plan", plan->change_count, plan->group_count);
    cmd_say_files(&t, item);
    w->differs_note = text_done(&t);
}

static bool problem_is_about(const struct why_subject *s, const struct state *have,
                             const struct problem *p, const char *subject)
{
    if (s->kind == SUBJECT_NODE && p->vm != NO_INDEX)
        return have->vms[p->vm].node == s->index && s->index != NO_INDEX;
    if (s->kind == SUBJECT_NODE && p->gpu != NO_INDEX)
        return have->gpus[p->gpu].node == s->index;
    if (s->kind == SUBJECT_VM && p->vm != NO_INDEX)
        return p->vm == s->index;
    return s->kind == SUBJECT_POOL ? str_eq(p->subject, subject) : str_same(p->subject, subject);
}

static void problems(struct why *w, const struct why_subject *s, const struct fleet_item *item)
{
    static const char *const classes[] = {[CLASS_BLOCKED] = "blocked",
                                          [CLASS_HELD] = "held",
                                          [CLASS_WARNING] = "warning",
                                          [CLASS_NOTE] = "note",
                                          [CLASS_MANUAL] = "by hand"};
    const struct plan *plan = &item->pass.plan;

    for (size_t i = 0; i < plan->problem_count; i++) {
        const struct problem *p = &plan->problems[i];
        const struct reason_row *row = &reason_rows[p->reason];

        if (!problem_is_about(s, &item->pass.have, p, w->subject))
            continue;
        *arena_push(w->arena, w->rows, w->row_count, w->row_room) =
            (struct why_row){.subject = p->subject,
                             .field = row->code,
                             .state = classes[row->class],
                             .text = p->text && *p->text ? p->text : row->text,
                             .release = p->release ? p->release : row->release,
                             .rule = row->rule,
                             .at = p->at};
    }
}

/* ---- what would run ---- */

static bool step_is_about(const struct why_subject *s, const struct state *have,
                          const struct plan_group *g, const struct step *step)
{
    const struct member *m = &g->members[step->member];

    return why_is_member(s, have, m->kind, m->id, m->name, m->node);
}

static const char *others_of(struct arena *a, const struct why_subject *s, const struct state *have,
                             const struct plan_group *g)
{
    const char **names = arena_array(a, const char *, g->member_count + 1);
    size_t n = 0;

    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];

        if (!why_is_member(s, have, m->kind, m->id, m->name, m->node))
            names[n++] = arena_printf(a, "%s/%s", subject_words[m->kind],
                                      m->kind == SUBJECT_POOL ? m->id : m->name);
    }
    return n ? str_ranges(a, names, n) : "";
}

/* C4: a VM with no row holds up the counts of its node, though no step names it. */
static bool holds_up(const struct why_subject *s, const struct pass *p, const struct plan_group *g)
{
    const struct vm *vm =
        s->kind == SUBJECT_VM && s->index != NO_INDEX ? &p->have.vms[s->index] : NULL;

    return vm && p->want.of_vm[s->index] == NO_INDEX && vm_adapters(vm) &&
           g->reason == REASON_HOLDER && g->node == vm->node;
}

static void groups(struct why *w, const struct why_subject *s, const struct fleet_item *item)
{
    const struct plan *plan = &item->pass.plan;
    const struct state *have = &item->pass.have;

    for (size_t i = 0; i < plan->group_count; i++) {
        const struct plan_group *g = &plan->groups[i];
        const struct reason_row *reason =
            g->gate == GATE_RUNS || g->reason == REASON_NONE ? NULL : &reason_rows[g->reason];
        bool in = holds_up(s, &item->pass, g);

        for (size_t k = 0; k < g->member_count && !in; k++)
            in = why_is_member(s, have, g->members[k].kind, g->members[k].id, g->members[k].name,
                               g->members[k].node);
        if (!in)
            continue;
        *arena_push(w->arena, w->groups, w->group_count, w->group_room) =
            (struct why_group){.number = i + 1,
                               .gate = g->gate,
                               .code = reason ? reason->code : NULL,
                               .rule = reason ? reason->rule : NULL,
                               .why = reason ? g->why : NULL,
                               .release = !reason      ? NULL
                                          : g->release ? g->release
                                                       : reason->release,
                               .with = others_of(w->arena, s, have, g),
                               .steps = g->step_count,
                               .off_at_most_ms = g->interrupt_count ? g->off_at_most_ms : 0};
        for (size_t k = 0; k < g->step_count; k++)
            if (step_is_about(s, have, g, &g->steps[k]))
                *arena_push(w->arena, w->steps, w->step_count, w->step_room) =
                    (struct why_step){i + 1, g->steps[k].text, g->steps[k].rule};
    }
}

/* ---- all of it ---- */

/* What nobody said of a VM's settings, and of a cluster, is shown where all is asked for. */
static void fold_defaults(struct why *w)
{
    struct spec_said *rows = arena_array(w->arena, struct spec_said, w->declared_count + 1);
    size_t n = 0;

    for (size_t i = 0; i < w->declared_count; i++) {
        const struct spec_said *s = &w->declared[i];

        if (s->at.file || (w->kind == SUBJECT_VM && !str_starts(s->key, "settings.")))
            rows[n++] = *s;
    }
    w->declared = rows;
    w->declared_count = n;
}

static const char *node_of(const struct why_subject *s, const struct state *have)
{
    uint32_t node = s->index == NO_INDEX     ? NO_INDEX
                    : s->kind == SUBJECT_VM  ? have->vms[s->index].node
                    : s->kind == SUBJECT_GPU ? have->gpus[s->index].node
                                             : NO_INDEX;

    return node == NO_INDEX ? NULL : have->nodes[node].name;
}

void why_gather(struct fleet_item *item, const struct subject_set *set, size_t limit, bool all,
                struct why **out, size_t *count)
{
    struct arena *a = item->arena;
    struct found f = {.arena = a};
    struct known *known;
    size_t known_count;

    knowing_find(a, &item->pass.have, &known, &known_count);
    find(&f, item, set);
    *out = arena_array(a, struct why, f.count + 1);
    *count = f.count;
    for (size_t i = 0; i < f.count; i++) {
        const struct why_subject *s = &f.rows[i];
        struct why *w = &(*out)[i];

        *w = (struct why){.arena = a,
                          .kind = s->kind,
                          .index = s->index,
                          .name = s->name,
                          .subject = arena_printf(a, "%s/%s", subject_words[s->kind], s->name),
                          .cluster = item->spec ? item->spec->name : item->pass.have.name,
                          .node = node_of(s, &item->pass.have),
                          .observed_ms = item->pass.have.observed_ms};
        declared(w, s, item);
        if (!all)
            fold_defaults(w);
        why_seen(w, s, &item->pass.have);
        why_knows(w, s, &item->pass.have, known, known_count);
        w->differs_known = item->spec != NULL;
        if (item->spec && s->kind == SUBJECT_CLUSTER)
            whole_plan(w, item);
        else if (item->spec) {
            differences(w, s, item);
            groups(w, s, item);
        }
        if (item->spec)
            problems(w, s, item);
        why_past(w, s, item, limit);
    }
}
