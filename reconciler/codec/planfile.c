#include "codec/planfile.h"

#include "base/limits.h"
#include "base/str.h"
#include "base/zone.h"
#include "codec/digest.h"
#include "codec/effect.h"
#include "codec/planfile_doc.h"
#include "codec/planfile_reads.h"

#include <string.h>

/* ---- plan to document ---- */

static void doc_of_step(struct arena *a, const struct state *have, size_t group, size_t index,
                        const struct step *from, struct doc_step *to)
{
    *to = (struct doc_step){.id = arena_printf(a, "g%zu.s%zu", group + 1, index + 1),
                            .member = from->member,
                            .needs = from->needs,
                            .need_count = from->need_count,
                            .action = from->action,
                            .name = from->name,
                            .text = from->text,
                            .why = from->rule};
    if (from->action.limits)
        to->limits = *from->action.limits;
    to->before = effect_seen(a, &from->action, have);
    to->after = effect_wanted(a, &from->action);
    to->undo = effect_undo(a, &from->action, have);
}

static void doc_of_group(struct arena *a, const struct state *have, size_t index,
                         const struct plan_group *from, struct doc_group *to)
{
    *to = (struct doc_group){.id = arena_printf(a, "g%zu", index + 1),
                             .node = from->node < have->node_count ? have->nodes[from->node].name
                                                                   : NULL,
                             .gate = from->gate,
                             .reason = from->reason,
                             .why = from->why,
                             .release = from->release,
                             .input = from->input,
                             .needs = from->needs,
                             .need_count = from->need_count,
                             .off_at_most_ms = from->off_at_most_ms,
                             .open_until_ms = from->open_until_ms ? from->open_until_ms : WHEN_NONE,
                             .removals = from->removals,
                             .asks = from->asks,
                             .ask_count = from->ask_count,
                             .approvable = from->approvable,
                             .unapproved = from->unapproved,
                             .members = from->members,
                             .member_count = from->member_count,
                             .interrupt_count = from->interrupt_count,
                             .step_count = from->step_count};
    to->interrupts = arena_array(a, struct doc_vm, from->interrupt_count + 1);
    for (size_t i = 0; i < from->interrupt_count; i++)
        if (from->interrupts[i] < have->vm_count)
            to->interrupts[i] = (struct doc_vm){have->vms[from->interrupts[i]].id,
                                                have->vms[from->interrupts[i]].name};
    to->steps = arena_array(a, struct doc_step, from->step_count + 1);
    for (size_t i = 0; i < from->step_count; i++)
        doc_of_step(a, have, index, i, &from->steps[i], &to->steps[i]);
}

static struct doc_change doc_of_change(const struct plan_change *from)
{
    const struct change *c = &from->change;

    return (struct doc_change){.subject = from->subject,
                               .name = from->name,
                               .kind = c->kind,
                               .field = c->field,
                               .grade = c->grade,
                               .needs_off = c->needs_off,
                               .gains = c->gains,
                               .loses = c->loses,
                               .at_next_stop = from->at_next_stop,
                               .have = c->have,
                               .want = c->want,
                               .rule = c->rule,
                               .at = c->at,
                               .group = from->group,
                               .gate = from->gate,
                               .reason = from->reason,
                               .cause = from->cause};
}

static struct doc_problem doc_of_problem(const struct problem *p)
{
    static const char *const classes[] = {[CLASS_BLOCKED] = "blocked",
                                          [CLASS_HELD] = "held",
                                          [CLASS_WARNING] = "warning",
                                          [CLASS_NOTE] = "note",
                                          [CLASS_MANUAL] = "manual"};
    const struct reason_row *row = &reason_rows[p->reason];

    return (struct doc_problem){.subject = p->subject,
                                .kind = p->kind,
                                .reason = p->reason,
                                .class = classes[row->class],
                                .rule = row->rule,
                                .at = p->at,
                                .text = p->text,
                                .release = p->release ? p->release : row->release,
                                .cause = p->cause};
}

static const char *digest_of_reads(struct arena *a, const struct read_object *rows, size_t count)
{
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < count; i++)
        text_printf(&t, "%s %s\n", rows[i].subject, rows[i].digest);
    return digest_text(a, text_done(&t));
}

/* Of the document without `id` and `digest`, compact. */
static void seal(struct arena *a, struct plan_doc *doc)
{
    struct text t;
    struct json j;

    doc->id = doc->digest = NULL;
    text_init(&t, a);
    json_init(&j, &t, true);
    shape_write(&j, &plan_shape, doc);
    doc->digest = digest_text(a, text_done(&t));
    doc->id = arena_printf(a, "p-%.8s", doc->digest);
}

static struct plan_doc *doc_of_plan(struct arena *a, const struct plan *plan,
                                    const struct state *have, const struct plan_origin *origin)
{
    struct plan_doc *doc = arena_new(a, struct plan_doc);
    struct reads reads;

    *doc = (struct plan_doc){.api = "hvgpu/v1",
                             .kind = "Plan",
                             .format = PLAN_FORMAT,
                             .head = plan->head,
                             .origin = *origin,
                             .leaving = plan->leaving,
                             .leaving_count = plan->leaving_count,
                             .debts = plan->debts,
                             .debt_count = plan->debt_count,
                             .group_count = plan->group_count,
                             .change_count = plan->change_count,
                             .problem_count = plan->problem_count,
                             .asides = plan->asides,
                             .aside_count = plan->aside_count,
                             .pauses = plan->pauses,
                             .pause_count = plan->pause_count,
                             .rollout = plan->rollout,
                             .capacity = plan->capacity,
                             .totals = plan->totals,
                             .policy = plan->policy,
                             .override = plan->override,
                             .approved = plan->approved,
                             .approved_count = plan->approved_count,
                             .base = plan->base};
    if (!doc->override.what)
        doc->override.until_ms = WHEN_NONE;
    if (!doc->rollout.reason)
        doc->rollout.mixed_until_ms = WHEN_NONE;
    reads_of_plan(a, plan, have, &reads);
    doc->reads = reads.rows;
    doc->read_count = reads.count;
    doc->observation = digest_of_reads(a, reads.rows, reads.count);
    estate_of_state(a, plan, have, doc);
    doc->groups = arena_array(a, struct doc_group, plan->group_count + 1);
    for (size_t i = 0; i < plan->group_count; i++)
        doc_of_group(a, have, i, &plan->groups[i], &doc->groups[i]);
    doc->changes = arena_array(a, struct doc_change, plan->change_count + 1);
    for (size_t i = 0; i < plan->change_count; i++)
        doc->changes[i] = doc_of_change(&plan->changes[i]);
    doc->problems = arena_array(a, struct doc_problem, plan->problem_count + 1);
    for (size_t i = 0; i < plan->problem_count; i++)
        doc->problems[i] = doc_of_problem(&plan->problems[i]);
    seal(a, doc);
    return doc;
}

static const char *text_of_doc(struct arena *a, const struct plan_doc *doc)
{
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    shape_write(&j, &plan_shape, doc);
    if (!t.size || t.data[t.size - 1] != '\n')
        text_add(&t, "\n");
    return text_done(&t);
}

void plan_identify(struct arena *a, struct plan *plan, const struct state *have,
                   const struct plan_origin *origin)
{
    plan->id = doc_of_plan(a, plan, have, origin)->id;
}

const char *plan_write(struct arena *a, const struct plan *plan, const struct state *have,
                       const struct plan_origin *origin)
{
    return text_of_doc(a, doc_of_plan(a, plan, have, origin));
}

const char *plan_file_write(struct arena *a, const struct plan_file *file)
{
    return text_of_doc(a, file->doc);
}

/* ---- document to plan ---- */

struct names {
    struct arena *arena;
    struct state *seen;
    struct map nodes, vms, gpus;
    size_t node_room, vm_room;
};

static uint32_t node_index(struct names *n, const char *name)
{
    uint32_t at = map_put(&n->nodes, name, (uint32_t)n->seen->node_count);

    if (at == n->seen->node_count)
        arena_push(n->arena, n->seen->nodes, n->seen->node_count, n->node_room)->name = name;
    return at;
}

static uint32_t vm_index(struct names *n, const struct doc_vm *vm)
{
    uint32_t at = map_put(&n->vms, vm->id, (uint32_t)n->seen->vm_count);

    if (at == n->seen->vm_count) {
        struct vm *row = arena_push(n->arena, n->seen->vms, n->seen->vm_count, n->vm_room);

        row->id = vm->id;
        row->name = vm->name;
        row->node = NO_INDEX;
    }
    return at;
}

static void group_of_doc(struct names *n, struct doc_group *from, struct plan_group *to)
{
    struct arena *a = n->arena;

    *to = (struct plan_group){.members = from->members,
                              .member_count = from->member_count,
                              .step_count = from->step_count,
                              .needs = from->needs,
                              .need_count = from->need_count,
                              .node = from->node ? node_index(n, from->node) : NO_INDEX,
                              .input = from->input,
                              .interrupt_count = from->interrupt_count,
                              .off_at_most_ms = from->off_at_most_ms,
                              .open_until_ms =
                                  from->open_until_ms == WHEN_NONE ? 0 : from->open_until_ms,
                              .removals = from->removals,
                              .asks = from->asks,
                              .ask_count = from->ask_count,
                              .approvable = from->approvable,
                              .unapproved = from->unapproved,
                              .gate = from->gate,
                              .reason = from->reason,
                              .why = from->why,
                              .release = from->release};
    to->interrupts = arena_array(a, uint32_t, from->interrupt_count + 1);
    for (size_t i = 0; i < from->interrupt_count; i++)
        to->interrupts[i] = vm_index(n, &from->interrupts[i]);
    to->steps = arena_array(a, struct step, from->step_count + 1);
    for (size_t i = 0; i < from->step_count; i++) {
        struct doc_step *s = &from->steps[i];

        to->steps[i] = (struct step){.action = s->action,
                                     .member = s->member,
                                     .needs = s->needs,
                                     .need_count = s->need_count,
                                     .name = s->name,
                                     .text = s->text,
                                     .rule = s->why};
        if (s->action.verb == VERB_ADAPTER_LIMITS)
            to->steps[i].action.limits = &s->limits;
    }
}

static void estate_of_doc(struct names *n, const struct plan_doc *doc)
{
    struct state *seen = n->seen;

    state_of_estate(n->arena, doc, seen);
    n->node_room = seen->node_count;
    n->vm_room = seen->vm_count;
    map_init(&n->gpus, n->arena, doc->gpu_count, false);
    for (size_t i = 0; i < seen->node_count; i++)
        map_put(&n->nodes, seen->nodes[i].name, (uint32_t)i);
    for (size_t i = 0; i < seen->vm_count; i++)
        map_put(&n->vms, seen->vms[i].id, (uint32_t)i);
    for (size_t i = 0; i < doc->gpu_count; i++)
        map_put(&n->gpus, doc->gpus[i].subject, (uint32_t)i);
}

static struct plan_change change_of_doc(const struct names *n, const struct doc_change *c)
{
    uint32_t gpu = c->kind == SUBJECT_GPU ? map_get(&n->gpus, c->subject) : MAP_NONE;

    return (struct plan_change){.change = {.kind = c->kind,
                                           .gpu = gpu == MAP_NONE ? NO_INDEX : gpu,
                                           .vm = NO_INDEX,
                                           .pool = NO_INDEX,
                                           .field = c->field,
                                           .grade = c->grade,
                                           .needs_off = c->needs_off,
                                           .gains = c->gains,
                                           .loses = c->loses,
                                           .have = c->have,
                                           .want = c->want,
                                           .rule = c->rule,
                                           .at = c->at},
                                .subject = c->subject,
                                .name = c->name,
                                .group = c->group,
                                .gate = c->gate,
                                .reason = c->reason,
                                .at_next_stop = c->at_next_stop,
                                .cause = c->cause};
}

static void plan_of_doc(struct arena *a, struct plan_doc *doc, struct plan_file *out)
{
    struct names names = {.arena = a, .seen = &out->seen};
    struct plan *plan = &out->plan;

    *out = (struct plan_file){.origin = doc->origin,
                              .reads = doc->reads,
                              .read_count = doc->read_count,
                              .observation_digest = doc->observation,
                              .digest = doc->digest,
                              .doc = doc};
    out->seen.name = doc->head.world;
    out->seen.identity = doc->head.identity;
    out->seen.standalone = doc->head.standalone;
    out->seen.observed_ms = doc->head.observed_ms;
    map_init(&names.nodes, a, 64, true);
    map_init(&names.vms, a, 64, true);
    *plan = (struct plan){.id = doc->id,
                          .head = doc->head,
                          .group_count = doc->group_count,
                          .change_count = doc->change_count,
                          .problem_count = doc->problem_count,
                          .asides = doc->asides,
                          .aside_count = doc->aside_count,
                          .leaving = doc->leaving,
                          .leaving_count = doc->leaving_count,
                          .debts = doc->debts,
                          .debt_count = doc->debt_count,
                          .pauses = doc->pauses,
                          .pause_count = doc->pause_count,
                          .rollout = doc->rollout,
                          .capacity = doc->capacity,
                          .totals = doc->totals,
                          .policy = doc->policy,
                          .override = doc->override,
                          .approved = doc->approved,
                          .approved_count = doc->approved_count,
                          .base = doc->base};
    estate_of_doc(&names, doc);
    plan->groups = arena_array(a, struct plan_group, doc->group_count + 1);
    for (size_t i = 0; i < doc->group_count; i++)
        group_of_doc(&names, &doc->groups[i], &plan->groups[i]);
    plan->changes = arena_array(a, struct plan_change, doc->change_count + 1);
    for (size_t i = 0; i < doc->change_count; i++)
        plan->changes[i] = change_of_doc(&names, &doc->changes[i]);
    for (size_t i = 0; i < doc->aside_count; i++) {
        struct change *c = &doc->asides[i].change;

        c->gpu = c->vm = c->pool = NO_INDEX;
    }
    plan->problems = arena_array(a, struct problem, doc->problem_count + 1);
    for (size_t i = 0; i < doc->problem_count; i++) {
        const struct doc_problem *p = &doc->problems[i];

        plan->problems[i] = (struct problem){.reason = p->reason,
                                             .kind = p->kind,
                                             .gpu = NO_INDEX,
                                             .vm = NO_INDEX,
                                             .row = NO_INDEX,
                                             .subject = p->subject,
                                             .at = p->at,
                                             .text = p->text,
                                             .cause = p->cause,
                                             .release = p->release};
    }
}

/* What the tables cannot say: a text that must be there, an index that must point at something. */
static bool texts_there(const struct doc_group *g)
{
    if (!g->member_count)
        return false;
    for (size_t i = 0; i < g->member_count; i++)
        if (!g->members[i].id || !g->members[i].name || !g->members[i].node ||
            g->members[i].kind < SUBJECT_GPU)
            return false;
    for (size_t i = 0; i < g->interrupt_count; i++)
        if (!g->interrupts[i].id || !g->interrupts[i].name)
            return false;
    for (size_t i = 0; i < g->step_count; i++) {
        const struct doc_step *s = &g->steps[i];

        if (!s->action.subject || !s->action.node || !s->text || !s->name ||
            s->member >= g->member_count)
            return false;
        for (size_t n = 0; n < s->need_count; n++)
            if (s->needs[n] >= i)
                return false;
    }
    return true;
}

/* P12 */
static bool approvals_there(const struct plan_doc *doc)
{
    bool good = true;

    for (size_t i = 0; i < doc->policy.approval_count; i++) {
        const struct approval_rule *r = &doc->policy.approvals[i];

        good = good && r->at.file && r->need;
        for (size_t k = 0; k < r->signer_count; k++)
            good = good && r->signers[k].name && r->signers[k].key;
    }
    for (size_t g = 0; g < doc->group_count; g++)
        for (size_t i = 0; i < doc->groups[g].ask_count; i++)
            good = good && doc->groups[g].asks[i] < doc->policy.approval_count;
    for (size_t i = 0; i < doc->approved_count; i++)
        good = good && doc->approved[i].by && doc->approved[i].reason && doc->approved[i].digest;
    for (size_t i = 0; i < doc->head.revision.author_count; i++)
        good = good && doc->head.revision.authors[i];
    return good;
}

/* P5, P6 */
static bool bounds_there(const struct plan_doc *doc)
{
    const struct policy *p = &doc->policy;
    const struct override *o = &doc->override;
    bool good = !o->what || (o->reason && o->by && o->until_ms != WHEN_NONE);

    for (size_t i = 0; i < doc->head.label_count; i++)
        good = good && doc->head.labels[i];
    for (size_t i = 0; i < doc->head.spec_count; i++)
        good = good && doc->head.specs[i];
    for (size_t i = 0; i < p->ceiling_count; i++)
        good = good && p->ceilings[i].name && p->ceilings[i].digest && p->ceilings[i].at.file;
    for (size_t i = 0; i < p->tightened_count; i++)
        good = good && p->tightened[i].field && p->tightened[i].to && p->tightened[i].at.file;
    return good && approvals_there(doc);
}

/* P10, P11 */
static bool turns_there(const struct plan_doc *doc)
{
    const struct plan_rollout *r = &doc->rollout;
    bool good = r->reason ? r->mixed_until && r->mixed_until_ms != WHEN_NONE : !r->wave_count;

    for (size_t i = 0; good && i < doc->pause_count; i++)
        good = doc->pauses[i].subject && doc->pauses[i].since_ms != WHEN_NONE;
    for (size_t i = 0; good && i < r->wave_count; i++) {
        const struct plan_wave *w = &r->waves[i];

        good = w->from_ms != WHEN_NONE && w->node_count && w->node_count == w->group_count;
        for (size_t k = 0; good && k < w->node_count; k++)
            good = w->nodes[k] && w->groups[k] < doc->group_count;
    }
    return good;
}

static bool makes_sense(struct arena *a, const struct plan_doc *doc)
{
    bool good = doc->head.cluster && doc->head.identity && doc->origin.connect &&
                bounds_there(doc) && estate_makes_sense(a, doc) && turns_there(doc);

    for (size_t i = 0; i < doc->read_count; i++) {
        good = good && doc->reads[i].subject && doc->reads[i].label;
        for (size_t f = 0; good && f < doc->reads[i].field_count; f++)
            good = doc->reads[i].fields[f].name && doc->reads[i].fields[f].value;
    }
    for (size_t i = 0; good && i < doc->group_count; i++) {
        for (size_t n = 0; n < doc->groups[i].need_count; n++)
            good = good && doc->groups[i].needs[n] < i;
        good = good && texts_there(&doc->groups[i]);
    }
    for (size_t i = 0; good && i < doc->change_count; i++)
        good = doc->changes[i].subject && doc->changes[i].name;
    for (size_t i = 0; good && i < doc->problem_count; i++)
        good = doc->problems[i].subject && doc->problems[i].reason != REASON_NONE;
    for (size_t i = 0; good && i < doc->aside_count; i++)
        good = doc->asides[i].subject && doc->asides[i].name;
    for (size_t i = 0; good && i < doc->debt_count; i++)
        good = doc->debts[i].vm && doc->debts[i].name;
    for (size_t i = 0; good && i < doc->base.ended_count; i++)
        good = doc->base.name && doc->base.ended[i].subject && doc->base.ended[i].what;
    for (size_t i = 0; good && i < doc->leaving_count; i++)
        good = doc->leaving[i].id && doc->leaving[i].reason;
    for (size_t i = 0; good && i < doc->capacity.pool_count; i++)
        good = doc->capacity.pools[i].name != NULL;
    return good;
}

static bool check(struct arena *a, struct doc *d, const struct span *at, struct plan_doc *doc)
{
    const char *id = doc->id, *digest = doc->digest;
    struct finding *f;

    if (!str_eq(doc->api, "hvgpu/v1") || !str_eq(doc->kind, "Plan") || doc->format != PLAN_FORMAT) {
        f = doc_error(d, at, "wrong-version", "not a plan of format %d", PLAN_FORMAT);
        f->next = "make the plan again with this version: hvgpu plan --out FILE SPEC";
        return false;
    }
    seal(a, doc);
    if (!str_eq(id, doc->id) || !str_eq(digest, doc->digest)) {
        f = doc_error(d, at, "edited-plan", "the plan was edited or cut: its id %s does not fit",
                      id ? id : "(none)");
        f->next = "a plan is carried out exactly or not at all; make a new one";
        return false;
    }
    if (!makes_sense(a, doc)) {
        doc_error(d, at, "invalid-plan", "the plan names something that it does not hold");
        return false;
    }
    return true;
}

bool plan_read(struct arena *a, const char *file, const char *text, size_t size,
               struct plan_file *out, struct findings *found)
{
    struct doc *d = doc_open(a, file, text, size, found);
    struct plan_doc *doc = arena_new(a, struct plan_doc);
    struct span at = {.file = file};
    bool good = false;

    if (doc_next(d)) {
        doc_peek(d, &at);
        good = shape_read(d, &plan_shape, doc) && check(a, d, &at, doc);
        if (good && doc_next(d)) {
            doc_error(d, &at, "several-documents", "a plan file holds one document");
            good = false;
        }
    } else if (!found->errors) {
        doc_error(d, &at, "empty", "there is no document in this file");
    }
    good = good && !doc_broken(d) && !found->errors;
    doc_close(d);
    if (good)
        plan_of_doc(a, doc, out);
    return good;
}

/* ---- fresh? ---- */

static bool at_target(struct arena *a, const struct plan_group *g, const struct state *have,
                      const struct ledger *owed)
{
    struct group group = {
        .direction = FORWARD, .members = g->members, .member_count = g->member_count};
    struct steps left = {0};

    steps_build(a, &group, have, owed, &left);
    return left.count == 0;
}

/* The group of the plan was opened and is not closed yet. */
static bool is_open(const struct plan_file *file, const struct plan_group *g,
                    const struct ledger *owed)
{
    for (size_t i = 0; i < owed->group_count; i++)
        if (str_eq(owed->groups[i].plan, file->plan.id) && str_eq(owed->groups[i].input, g->input))
            return true;
    return false;
}

static const char *subject_of(struct arena *a, const struct member *m)
{
    static const char *const kinds[] = {[SUBJECT_GPU] = "gpu", [SUBJECT_POOL] = "pool"};

    if (m->kind == SUBJECT_VM)
        return arena_printf(a, "vm/%s", m->id);
    return arena_printf(a, "%s/%s/%s", kinds[m->kind], m->node, m->id);
}

/* Subjects of groups that this plan has begun or ended already. */
static void own_work(struct arena *a, const struct plan_file *file, const struct state *have,
                     const struct ledger *owed, struct map *own)
{
    for (size_t g = 0; g < file->plan.group_count; g++) {
        const struct plan_group *group = &file->plan.groups[g];

        if (group->gate != GATE_RUNS ||
            (!is_open(file, group, owed) && !at_target(a, group, have, owed)))
            continue;
        for (size_t i = 0; i < group->member_count; i++)
            map_put(own, subject_of(a, &group->members[i]), 0);
    }
}

static bool same_object(const struct read_object *was, const struct read_object *is, bool resumed,
                        struct err *e)
{
    for (size_t i = 0; i < was->field_count; i++) {
        const char *name = was->fields[i].name, *now = NULL;

        if (resumed && str_starts(was->subject, "node/") && str_eq(name, "adapters"))
            continue; /* our own steps change it */
        for (size_t k = 0; k < is->field_count; k++)
            if (str_eq(is->fields[k].name, name))
                now = is->fields[k].value;
        if (!str_eq(now, was->fields[i].value))
            return err_set(e, ERR_STALE, 0, "%s %s: planned with %s, now %s", was->label, name,
                           was->fields[i].value, now ? now : "not there");
    }
    return true;
}

/* P3: nothing that waits for a window could be begun any more. */
static bool windows_open(struct arena *a, const struct plan *plan, int64_t now, struct err *e)
{
    const struct zone *zone = plan->head.time_zone ? zone_find(plan->head.time_zone) : NULL;

    for (size_t i = 0; i < plan->group_count; i++) {
        const struct plan_group *g = &plan->groups[i];

        if (g->gate == GATE_RUNS && g->open_until_ms && now >= g->open_until_ms)
            return err_set(e, ERR_STALE, 0, "%s: its maintenance window ended %s",
                           g->members[0].name, zone_human(a, zone, g->open_until_ms));
    }
    return true;
}

bool plan_fresh(struct arena *a, const struct plan_file *file, const struct state *have,
                const struct ledger *owed, bool resumed, struct err *e)
{
    struct reads_look *look = reads_look(a, have);
    struct map own;

    if (file->plan.head.as_if_ms && file->plan.head.as_if_ms != WHEN_NONE)
        return err_set(e, ERR_STALE, 0,
                       "the plan was made as if it were %s (--at): it is only to look at",
                       when_human(a, file->plan.head.as_if_ms));
    if (!str_eq(file->plan.head.identity, have->identity))
        return err_set(e, ERR_STALE, 0, "the plan is for %s (%s), this world is %s (%s)",
                       file->plan.head.world ? file->plan.head.world : "?",
                       file->plan.head.identity, have->name, have->identity);
    map_init(&own, a, 64, false);
    if (resumed) /* what it has begun is finished; the rest is not begun after the end */
        own_work(a, file, have, owed, &own);
    else if (!windows_open(a, &file->plan, have->observed_ms, e))
        return false;
    for (size_t i = 0; i < file->read_count; i++) {
        struct read_object now;

        if (map_get(&own, file->reads[i].subject) != MAP_NONE)
            continue;
        if (!reads_object(look, file->reads[i].subject, &now))
            return err_set(e, ERR_STALE, 0, "%s: was there when the plan was made, now it is not",
                           file->reads[i].label);
        if (!same_object(&file->reads[i], &now, resumed, e))
            return false;
    }
    return true;
}

void plan_bind(struct plan_file *file, const struct state *have)
{
    for (size_t g = 0; g < file->plan.group_count; g++) {
        struct plan_group *group = &file->plan.groups[g];

        if (group->node < file->seen.node_count)
            group->node = state_node(have, file->seen.nodes[group->node].name);
        for (size_t i = 0; i < group->interrupt_count; i++)
            group->interrupts[i] = state_vm(have, file->seen.vms[group->interrupts[i]].id);
    }
}

const char *plan_schema(struct arena *a)
{
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_put_text(&j, "title", "hvgpu plan, format 1");
    shape_schema(&j, &plan_shape);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}
