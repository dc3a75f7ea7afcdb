#include "report/part.h"

#include <string.h>

static enum severity severity_of(enum section_kind section)
{
    switch (section) {
    case SECTION_BLOCKED:
        return SEVERITY_ERROR;
    case SECTION_OWED:
    case SECTION_HELD:
    case SECTION_ROLLOUT:
    case SECTION_BY_HAND:
    case SECTION_WARNING:
        return SEVERITY_WARNING;
    default:
        return SEVERITY_NOTE;
    }
}

/* ---- head ---- */

static void take_policies(struct arena *a, const struct plan *plan, struct cluster_part *out)
{
    const struct policy *policy = &plan->policy;

    out->policies = arena_array(a, struct part_policy, policy->ceiling_count + 1);
    for (size_t i = 0; i < policy->ceiling_count; i++)
        out->policies[out->policy_count++] = (struct part_policy){
            policy->ceilings[i].name, policy->ceilings[i].digest, policy->ceilings[i].at};
    out->base = plan->base.name;
    out->base_commit = plan->base.commit;
    out->by_change = plan->base.change_count;
    out->before = plan->base.before_count;
    out->ended = plan->base.ended_count;
    if (plan->override.what)
        out->override = arena_printf(a, "%s, until %s, by %s: %s", plan->override.what,
                                     report_time(a, &plan->head, plan->override.until_ms),
                                     plan->override.by, plan->override.reason);
}

static void take_head(const struct plan_head *h, struct cluster_part *out)
{
    out->cluster = h->cluster;
    out->source = h->source;
    out->identity = h->identity;
    out->spec_digest = h->spec_digest;
    out->time_zone = h->time_zone;
    out->revision = h->revision;
    out->revision.authors = NULL; /* told where they are asked for: take_approval() */
    out->revision.author_count = 0;
    out->observed_ms = h->observed_ms;
    out->as_if_ms = h->as_if_ms ? h->as_if_ms : WHEN_NONE;
    out->labels = h->labels;
    out->label_count = h->label_count;
    out->nodes = h->nodes;
    out->nodes_seen = h->nodes_seen;
    out->gpus = h->gpus;
    out->vms = h->vms;
    out->declared_gpus = h->declared_gpus;
    out->declared_vms = h->declared_vms;
}

static bool lacks(const struct plan *plan, size_t rule)
{
    for (size_t i = 0; i < plan->group_count; i++) {
        const struct plan_group *g = &plan->groups[i];

        for (size_t k = 0; g->unapproved && k < g->ask_count; k++)
            if (g->asks[k] == rule)
                return true;
    }
    return false;
}

/* P12: "1 needed from somebody other than Eva (limits.yaml:6); 0 given" */
static void take_approval(struct arena *a, const struct plan *plan, struct cluster_part *out)
{
    const struct revision *r = &plan->head.revision;
    const struct policy *p = &plan->policy;
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < p->approval_count; i++) {
        const struct approval_rule *rule = &p->approvals[i];
        const char *but = !rule->not_author ? ""
                          : r->author_count
                              ? arena_printf(a, " from somebody other than %s", r->authors[0])
                              : " from somebody other than its author";

        if (lacks(plan, i))
            text_printf(&t, "%s%u%s needed%s (%s:%u)", t.size ? ", " : "", (unsigned)rule->need,
                        rule->signer_count ? " signed" : "", but, rule->at.file,
                        (unsigned)rule->at.line);
    }
    if (t.size)
        out->approval = arena_printf(a, "%s; %zu given", text_done(&t), plan->approved_count);
}

/* P3: when the first of what waits for a window may start. */
static void take_opening(struct arena *a, const struct plan *plan, struct cluster_part *out)
{
    struct opening o;

    for (size_t i = 0; i < plan->group_count; i++) {
        const struct plan_group *g = &plan->groups[i];

        if (g->gate != GATE_HELD || g->reason != REASON_WAITS_WINDOW)
            continue;
        if (!calendar_next(&plan->policy.calendar, plan->head.observed_ms, &o))
            return;
        out->opens_ms = o.from_ms;
        out->opens = calendar_text(a, &plan->policy.calendar, o.from_ms);
        return;
    }
}

static void take_declared(struct arena *a, const struct target *want, const struct state *have,
                          struct cluster_part *out)
{
    out->declared = arena_array(a, const char *, want->gpu_count + want->vm_count + 1);
    for (size_t i = 0; i < want->gpu_count; i++)
        out->declared[out->declared_count++] =
            arena_printf(a, "gpu/%s", gpu_label(a, have, want->gpus[i].gpu));
    for (size_t i = 0; i < want->vm_count; i++)
        out->declared[out->declared_count++] =
            arena_printf(a, "vm/%s", have->vms[want->vms[i].vm].name);
}

/* ---- lines ---- */

static void add_row(struct arena *a, enum section_kind section, const struct item *item,
                    struct cluster_part *out)
{
    struct part_row *row = arena_push(a, out->rows, out->row_count, out->row_room);

    *row = (struct part_row){.section = section,
                             .severity = severity_of(section),
                             .sign = item->sign,
                             .kind = item->kind,
                             .names = item->names,
                             .name_count = item->name_count,
                             .who = item_names(a, item),
                             .what = item->what,
                             .code = item->code,
                             .rule = item->rule,
                             .at = item->at,
                             .last_line = item->last_line,
                             .lines = item->lines,
                             .detail = item->detail,
                             .why = item->why ? item->why : item->below,
                             .release = item->release,
                             .before = item->before,
                             .off_at_most_ms = item->off_at_most_ms,
                             .first_ms = WHEN_NONE};
}

/* S0: settings that wait for a stop which happens anyway are no change, and said in a note. */
static void add_next_stop(struct arena *a, const struct plan_items *items, struct cluster_part *out)
{
    struct item item = {.sign = ' ', .kind = "vm", .what = "at-next-stop", .rule = "S0"};
    struct map seen;

    map_init(&seen, a, items->next_stop_count, true);
    for (size_t i = 0; i < items->next_stop_count; i++)
        if (map_put(&seen, items->next_stop[i], (uint32_t)i) == i)
            *arena_push(a, item.names, item.name_count, item.name_room) = items->next_stop[i];
    item.why = "advised settings wait for a stop, no change now";
    if (item.name_count)
        add_row(a, SECTION_NOTE, &item, out);
}

static void take_rows(struct arena *a, const struct plan_items *items, struct cluster_part *out)
{
    for (int i = 0; i < SECTIONS; i++) {
        const struct section *s = &items->sections[i];

        out->sums[i] = (struct part_sum){.vms = s->vms.count,
                                         .gpus = s->gpus.count,
                                         .others = s->others.count,
                                         .interrupts = s->interrupts,
                                         .moves = s->moves};
        for (size_t k = 0; k < s->count; k++)
            add_row(a, (enum section_kind)i, &s->rows[k], out);
    }
    add_next_stop(a, items, out);
}

/* "offlineAction  3 -> 1", or the sentence that a finding is. */
static const char *drift_what(struct arena *a, const struct drift_item *item)
{
    if (!item->field)
        return item->now ? item->now : item->text ? item->text : "";
    return arena_printf(a, "%s  %s -> %s", item->field, item->declared ? item->declared : "none",
                        item->now ? item->now : "none");
}

static void take_drift(struct arena *a, const struct drift *d, struct cluster_part *out)
{
    out->since_run = d->since_run;
    out->since_ms = d->since_ms;
    for (size_t i = 0; i < d->count; i++) {
        const struct drift_item *item = &d->items[i];
        const char *slash = strchr(item->subject, '/');
        struct part_row *row = arena_push(a, out->drift, out->drift_count, out->drift_room);

        *row = (struct part_row){
            .section = SECTIONS,
            .severity = drift_rows[item->class].severity,
            .sign = ' ',
            .kind = slash ? arena_strndup(a, item->subject, (size_t)(slash - item->subject)) : "",
            .names = arena_array(a, const char *, 1),
            .name_count = 1,
            .who = slash ? slash + 1 : item->subject,
            .what = drift_what(a, item),
            .code = drift_rows[item->class].word,
            .rule = item->rule,
            .at = item->at,
            .detail = item->field ? item->text : NULL,
            .why = item->repair,
            .release = item->release,
            .first_ms = item->first_ms,
            .times = item->times,
            .counts = item->counts,
            .key = item->key};
        row->names[0] = row->who;
    }
}

/* ---- the graph ---- */

static struct part_step *steps_of(struct arena *a, const struct plan_group *g)
{
    struct part_step *out = arena_array(a, struct part_step, g->step_count + 1);

    for (size_t i = 0; i < g->step_count; i++)
        out[i] = (struct part_step){.text = g->steps[i].text,
                                    .rule = g->steps[i].rule,
                                    .needs = g->steps[i].needs,
                                    .need_count = g->steps[i].need_count};
    return out;
}

static void take_groups(struct arena *a, const struct plan *plan, const struct state *have,
                        struct cluster_part *out)
{
    out->groups = arena_array(a, struct part_group, plan->group_count + 1);
    for (size_t i = 0; i < plan->group_count; i++) {
        const struct plan_group *g = &plan->groups[i];
        const struct reason_row *why = g->reason == REASON_NONE ? NULL : &reason_rows[g->reason];

        out->groups[out->group_count++] = (struct part_group){
            .gate = g->gate,
            .node = have && g->node < have->node_count ? have->nodes[g->node].name : NULL,
            .code = why ? why->code : NULL,
            .why = g->why && *g->why ? g->why
                   : why             ? why->text
                                     : NULL,
            .release = g->release && *g->release ? g->release
                       : why                     ? why->release
                                                 : NULL,
            .steps = steps_of(a, g),
            .step_count = g->step_count,
            .needs = g->needs,
            .need_count = g->need_count,
            .interrupts = g->interrupt_count,
            .off_at_most_ms = g->off_at_most_ms};
    }
}

/* ---- parts ---- */

void part_of_plan(struct arena *a, const struct plan *plan, const struct state *have,
                  const struct target *want, const struct drift *since,
                  const struct part_want *which, struct cluster_part *out)
{
    struct plan_items items;

    *out = (struct cluster_part){
        .observed_ms = WHEN_NONE, .opens_ms = WHEN_NONE, .since_ms = WHEN_NONE};
    plan_items(a, plan, have, which->unfolded, &items);
    take_head(&plan->head, out);
    take_policies(a, plan, out);
    take_opening(a, plan, out);
    take_approval(a, plan, out);
    out->plan_id = plan->id;
    out->exit = exit_of_plan_since(plan, since);
    out->capacity = plan->capacity;
    out->totals = plan->totals;
    for (size_t i = 0; i < plan->group_count; i++)
        if (plan->groups[i].gate == GATE_RUNS)
            out->run_steps += plan->groups[i].step_count;
    take_rows(a, &items, out);
    if (since)
        take_drift(a, since, out);
    if (which->steps)
        take_groups(a, plan, have, out);
    if (which->declared && want)
        take_declared(a, want, have, out);
}

const char *part_sameness(struct arena *a, const struct plan *plan, const struct state *have,
                          enum exit_code code, const struct style *style)
{
    const struct calendar *c = &plan->policy.calendar;
    struct plan local = *plan;
    struct opening o;
    bool opens = calendar_next(c, plan->head.observed_ms, &o);

    local.groups = arena_array(a, struct plan_group, plan->group_count + 1);
    for (size_t i = 0; i < plan->group_count; i++) {
        struct plan_group *g = &local.groups[i];

        *g = plan->groups[i];
        if (opens && g->gate == GATE_HELD && g->reason == REASON_WAITS_WINDOW)
            g->why = arena_printf(
                a, "%s on its clock, for %s",
                when_iso(a, zone_local(c->zone ? c->zone : zone_utc, o.from_ms, NULL, a)),
                duration_human(a, o.until_ms - o.from_ms));
    }
    return report_plan_sameness(a, &local, have, code, style);
}

void part_of_drift(struct arena *a, const struct drift *d, const struct state *have,
                   const struct target *want, const struct part_want *which,
                   struct cluster_part *out)
{
    *out = (struct cluster_part){
        .observed_ms = WHEN_NONE, .opens_ms = WHEN_NONE, .since_ms = WHEN_NONE};
    take_head(d->head, out);
    out->exit = exit_of_drift(d);
    take_drift(a, d, out);
    if (which->declared && want)
        take_declared(a, want, have, out);
}

void part_of_findings(struct arena *a, const char *source, const struct findings *found,
                      struct cluster_part *out)
{
    *out = (struct cluster_part){.source = source,
                                 .exit = found->errors ? EXIT_INVALID : EXIT_IN_SYNC,
                                 .observed_ms = WHEN_NONE,
                                 .as_if_ms = WHEN_NONE,
                                 .opens_ms = WHEN_NONE,
                                 .since_ms = WHEN_NONE};
    for (size_t i = 0; i < found->count; i++) {
        const struct finding *f = &found->rows[i];
        struct part_row *row = arena_push(a, out->rows, out->row_count, out->row_room);

        *row = (struct part_row){.section = SECTIONS,
                                 .severity = f->severity,
                                 .sign = ' ',
                                 .kind = "",
                                 .who = "",
                                 .what = f->text,
                                 .code = f->code,
                                 .rule = f->rule,
                                 .at = f->at,
                                 .release = f->next,
                                 .first_ms = WHEN_NONE};
    }
}

bool part_is_finding(const struct part_row *row)
{
    return row->section == SECTIONS && !row->key;
}

/* ---- copies ---- */

static const char *text_copy(struct arena *a, const char *s)
{
    return s ? arena_strdup(a, s) : NULL;
}

static const char **texts_copy(struct arena *a, const char *const *from, size_t count)
{
    const char **out = arena_array(a, const char *, count + 1);

    for (size_t i = 0; i < count; i++)
        out[i] = text_copy(a, from[i]);
    return out;
}

static void *bytes_copy(struct arena *a, const void *from, size_t count, size_t size)
{
    void *out = arena_alloc(a, count + 1, size);

    if (count)
        memcpy(out, from, count * size);
    return out;
}

/* Each in its place. */
static void keep(struct arena *a, const char **texts[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        *texts[i] = text_copy(a, *texts[i]);
}
#define KEEP(a, ...)                                                                               \
    do {                                                                                           \
        const char **texts[] = {__VA_ARGS__};                                                      \
        keep(a, texts, sizeof texts / sizeof *texts);                                              \
    } while (0)

static struct part_row *rows_copy(struct arena *a, const struct part_row *from, size_t count)
{
    struct part_row *out = bytes_copy(a, from, count, sizeof *from);

    for (size_t i = 0; i < count; i++) {
        struct part_row *r = &out[i];

        KEEP(a, &r->kind, &r->who, &r->what, &r->code, &r->rule, &r->at.file, &r->detail, &r->why,
             &r->release, &r->key);
        r->names = texts_copy(a, r->names, r->name_count);
    }
    return out;
}

static struct part_group *groups_copy(struct arena *a, const struct part_group *from, size_t count)
{
    struct part_group *out = bytes_copy(a, from, count, sizeof *from);

    for (size_t i = 0; i < count; i++) {
        struct part_group *g = &out[i];

        KEEP(a, &g->node, &g->code, &g->why, &g->release);
        g->needs = bytes_copy(a, g->needs, g->need_count, sizeof *g->needs);
        g->steps = bytes_copy(a, g->steps, g->step_count, sizeof *g->steps);
        for (size_t k = 0; k < g->step_count; k++) {
            struct part_step *s = &g->steps[k];

            KEEP(a, &s->text, &s->rule);
            s->needs = bytes_copy(a, s->needs, s->need_count, sizeof *s->needs);
        }
    }
    return out;
}

static void capacity_copy(struct arena *a, struct capacity *c)
{
    KEEP(a, &c->fullest);
    c->pools = bytes_copy(a, c->pools, c->pool_count, sizeof *c->pools);
    for (size_t i = 0; i < c->pool_count; i++)
        KEEP(a, &c->pools[i].name);
}

void part_copy(struct arena *a, const struct cluster_part *from, struct cluster_part *out)
{
    *out = *from;
    KEEP(a, &out->cluster, &out->source, &out->failure, &out->same, &out->identity, &out->plan_id,
         &out->spec_digest, &out->time_zone, &out->revision.commit, &out->revision.branch,
         &out->opens, &out->approval, &out->override, &out->base, &out->base_commit,
         &out->since_run, &out->body);
    out->files = texts_copy(a, from->files, from->file_count);
    out->labels = texts_copy(a, from->labels, from->label_count);
    out->declared = texts_copy(a, from->declared, from->declared_count);
    out->policies = bytes_copy(a, from->policies, from->policy_count, sizeof *from->policies);
    for (size_t i = 0; i < out->policy_count; i++)
        KEEP(a, &out->policies[i].name, &out->policies[i].digest, &out->policies[i].at.file);
    capacity_copy(a, &out->capacity);
    out->rows = rows_copy(a, from->rows, from->row_count);
    out->drift = rows_copy(a, from->drift, from->drift_count);
    out->row_room = out->row_count;
    out->drift_room = out->drift_count;
    out->groups = groups_copy(a, from->groups, from->group_count);
}
