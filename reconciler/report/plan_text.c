#include "plan/approvals.h"
#include "report/plan_items.h"

#include <string.h>

/* " (2 differ)"; "" when none does.  Changes stand by subject. */
static const char *gpus_differ(struct arena *a, const struct plan *plan)
{
    uint32_t last = NO_INDEX;
    size_t n = 0;

    for (size_t i = 0; i < plan->change_count; i++)
        if (plan->changes[i].change.kind == SUBJECT_GPU && plan->changes[i].change.gpu != last) {
            last = plan->changes[i].change.gpu;
            n++;
        }
    for (size_t i = 0; i < plan->aside_count; i++)
        if (plan->asides[i].change.kind == SUBJECT_GPU && plan->asides[i].reason == REASON_NONE &&
            !str_eq(plan->asides[i].subject, i ? plan->asides[i - 1].subject : NULL))
            n++;
    return n ? arena_printf(a, " (%zu differ%s)", n, n == 1 ? "s" : "") : "";
}

/* P7, P8: what differs and is neither a change nor counted above. */
static void set_aside(struct page *p, const struct plan *plan)
{
    size_t detected = 0, expected = 0;
    struct text t;

    text_init(&t, p->arena);
    for (size_t i = 0; i < plan->aside_count; i++) {
        detected += plan->asides[i].why == ASIDE_DETECT;
        expected += plan->asides[i].why == ASIDE_EXPECTED;
    }
    if (detected)
        text_printf(&t, "detected: %zu", detected);
    if (expected)
        text_printf(&t, "%sexpected: %zu", t.size ? ", " : "", expected);
    if (plan->head.ignored)
        text_printf(&t, "%signored: %zu", t.size ? ", " : "", plan->head.ignored);
    if (t.size)
        page_wrap(p, "  set aside ", text_done(&t));
}

static bool is_as_if(const struct plan_head *h)
{
    return h->as_if_ms && h->as_if_ms != WHEN_NONE;
}

/* "   commit c01d9e5 on pr/swap-hv3, clean" */
static const char *revision(struct arena *a, const struct revision *r)
{
    if (!r->commit)
        return "";
    return arena_printf(a, "   commit %.7s%s%s, %s", r->commit, r->branch ? " on " : "",
                        r->branch ? r->branch : "", r->dirty ? "with changes" : "clean");
}

/* "disruption allowed -> window (2 rows)", "protect *-pay" */
static const char *tightened_text(struct arena *a, const struct tightened *t)
{
    const char *rows = t->rows ? arena_printf(a, " (%s)", page_count(a, t->rows, "row")) : "";

    return t->from ? arena_printf(a, "%s %s -> %s%s", t->field, t->from, t->to, rows)
                   : arena_printf(a, "%s %s%s", t->field, t->to, rows);
}

static const char *approved_how(struct arena *a, const struct approved *x)
{
    if (x->signer)
        return arena_printf(a, "signed by %s", x->signer);
    return x->key ? "signed" : "not signed: a claim";
}

/* P5: each Policy that binds the cluster, and what it made stricter. */
static void policies(struct page *p, const struct plan *plan, bool all)
{
    enum { SHOWN = 8 };
    const struct policy *policy = &plan->policy;
    struct arena *a = p->arena;

    for (size_t i = 0; i < policy->ceiling_count; i++) {
        const struct ceiling_by *c = &policy->ceilings[i];
        struct text t;
        size_t n = 0;

        text_init(&t, a);
        for (size_t k = 0; k < policy->tightened_count; k++) {
            const struct tightened *row = &policy->tightened[k];

            if (policy_ceiling_at(policy, &row->at) == c && (n++ < SHOWN || all))
                text_printf(&t, "%s%s", t.size ? ", " : ": ", tightened_text(a, row));
        }
        if (n > SHOWN && !all)
            text_printf(&t, ", and %zu more (--all)", n - SHOWN);
        page_printf(p, "  policy    ", "%s (%.8s, %s)%s", c->name, c->digest, c->at.file,
                    text_done(&t));
    }
    for (size_t i = 0; i < plan->approved_count; i++) /* P12 */
        page_printf(p, "  approved  ", "by %s: %s (%s)", plan->approved[i].by,
                    plan->approved[i].reason, approved_how(a, &plan->approved[i]));
    for (size_t i = 0; i < plan->pause_count; i++)
        page_printf(p, "  paused    ", "%s, %s%s, by %s: %s", plan->pauses[i].subject,
                    plan->pauses[i].until_ms == WHEN_NONE ? "until it is resumed" : "until ",
                    plan->pauses[i].until_ms == WHEN_NONE
                        ? ""
                        : report_time(a, &plan->head, plan->pauses[i].until_ms),
                    plan->pauses[i].by ? plan->pauses[i].by : "?",
                    plan->pauses[i].reason ? plan->pauses[i].reason : "?");
    if (plan->override.what)
        page_printf(p, "  override  ", "%s, until %s, by %s: %s", plan->override.what,
                    report_time(a, &plan->head, plan->override.until_ms), plan->override.by,
                    plan->override.reason);
}

static void head(struct page *p, const struct plan *plan, bool all)
{
    const struct plan_head *h = &plan->head;
    struct arena *a = p->arena;

    page_heading(p, "Plan for %s%s%s%s", h->cluster, h->standalone ? " (one host, standalone)" : "",
                 rollout_title(a, plan), plan->id ? arena_printf(a, "  %s", plan->id) : "");
    if (h->source)
        page_printf(p, "  spec      ", "%s%s", h->source, revision(a, &h->revision));
    policies(p, plan, all);
    page_printf(p, "  observed  ", "%s, %zu of %s, %s, %s", report_time(a, h, h->observed_ms),
                h->nodes_seen, page_count(a, h->nodes, "node"), page_count(a, h->gpus, "GPU"),
                page_count(a, h->vms, "VM"));
    if (is_as_if(h))
        page_printf(p, "  as if     ", "it were %s: only what depends on the time is another",
                    report_time(a, h, h->as_if_ms));
    page_printf(p, "  declared  ", "%s%s, %s: %zu as declared, %zu differ",
                page_count(a, h->declared_gpus, "GPU"), gpus_differ(a, plan),
                page_count(a, h->declared_vms, "VM"),
                h->declared_vms -
                    (h->differ_vms < h->declared_vms ? h->differ_vms : h->declared_vms),
                h->differ_vms);
    if (h->undeclared_vms)
        page_printf(p, "            ", "not declared: %s, %zu of them %s a GPU",
                    page_count(a, h->undeclared_vms, "VM"), h->undeclared_holders,
                    h->undeclared_holders == 1 ? "holds" : "hold");
    set_aside(p, plan);
}

static void since_line(struct page *p, const struct plan_head *h, const struct drift *since)
{
    size_t world = 0, spec = 0, both = 0;

    if (!since)
        return;
    for (size_t i = 0; i < since->count; i++) {
        enum drift_class c = since->items[i].class;

        both += c == DRIFT_BOTH;
        spec += c == DRIFT_SPEC_CHANGED;
        world += drift_rows[c].drifts && c != DRIFT_BOTH;
    }
    page_printf(p, "  since     ", "the last apply (%s, %s): %zu by the world, %zu by the spec%s",
                since->since_run, report_time(p->arena, h, since->since_ms), world, spec,
                both ? arena_printf(p->arena, ", %zu by both", both) : "");
}

/* What the specs are held against, and what came of it (--base). */
static void compared(struct page *p, const struct plan_base *base)
{
    struct arena *a = p->arena;
    const char *commit = base->commit ? arena_printf(a, " (%.7s)", base->commit) : "";

    if (!base->name)
        return;
    if (base->why)
        page_printf(p, "  compared  ", "with %s%s: %s; all of it is this change's", base->name,
                    commit, base->why);
    else
        page_printf(p, "  compared  ",
                    "with %s%s: %zu by this change, %zu there before, %zu ended by it", base->name,
                    commit, base->change_count, base->before_count, base->ended_count);
}

/* What was asked for before the change, or stood in its way, and is no difference any more. */
static void ended(struct page *p, const struct plan_base *base)
{
    struct arena *a = p->arena;

    if (!base->ended_count)
        return;
    page_gap(p);
    page_heading(p, "ENDED BY THIS CHANGE, a difference without it");
    for (size_t i = 0; i < base->ended_count; i++) {
        const struct plan_ended *row = &base->ended[i];
        const char *slash = strchr(row->subject, '/');
        const char *kind =
            slash ? arena_strndup(a, row->subject, (size_t)(slash - row->subject)) : "";

        page_row(p, ' ', kind, slash ? slash + 1 : row->subject,
                 row->text
                     ? row->what
                     : arena_printf(a, "%s  %s, %s was declared", row->what,
                                    row->have ? row->have : "none", row->want ? row->want : "none"),
                 "");
        if (row->text && *row->text)
            page_wrap(p, "         ", row->text);
    }
}

static bool shares_below(const struct item *a, const struct item *b)
{
    return str_eq(a->below, b->below) && str_eq(a->release, b->release) && a->before == b->before;
}

/* Where the change's own lines end; said also where there are none of them. */
static void there_before(struct page *p, const struct section *s, size_t at)
{
    if (s->before && at == s->count - s->before)
        page_wrap(p, "  ", PAINT_DIM "not by this change, there before it:" PAINT_END);
}

void plan_section_rows(struct page *p, const struct section *s, const char *released)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct item *item = &s->rows[i];

        there_before(p, s, i);
        page_row(p, item->sign, item->kind, item_names(p->arena, item), item->what,
                 item_right(p->arena, item));
        if (item->detail)
            page_wrap(p, "         ", item->detail);
        if (i + 1 < s->count && shares_below(item, &s->rows[i + 1]))
            continue;
        if (item->below && *item->below)
            page_wrap(p, "         ", item->below);
        if (item->release && *item->release)
            page_wrap(p, arena_printf(p->arena, "         %s: ", released), item->release);
    }
}

static void sections(struct page *p, const struct plan *plan, const struct plan_items *items)
{
    static const char *const titles[SECTIONS] = {
        [SECTION_OWED] = "OWED, before anything else",
        [SECTION_QUIET] = "RUNS NOW, interrupts nothing",
        [SECTION_HELD] = "HELD",
        [SECTION_BLOCKED] = "BLOCKED, somebody must change something",
        [SECTION_DETECT] = "SEEN ONLY, manage: detect",
        [SECTION_BY_HAND] = "BY HAND",
        [SECTION_EXPECTED] = "EXPECTED, no change until the date",
    };

    for (int i = 0; i < SECTION_WARNING; i++) {
        const struct section *s = &items->sections[i];

        if (i == SECTION_HELD)
            leaving_after(p, plan);
        if (!s->count || i == SECTION_ROLLOUT)
            continue;
        page_gap(p);
        if (i == SECTION_INTERRUPT)
            page_heading(p, "RUNS NOW, interrupting %s",
                         page_count(p->arena, s->interrupts, "running VM"));
        else
            page_heading(p, "%s", titles[i]);
        plan_section_rows(p, s, i == SECTION_BY_HAND ? "goes on after" : "released by");
    }
}

static void capacity(struct page *p, const struct capacity *c, size_t nodes)
{
    struct arena *a = p->arena;
    const char *lead = "CAPACITY  ", *more = "          ";

    if (!c->partitions && !c->pool_count)
        return;
    page_gap(p);
    if (c->partitions) {
        page_printf(p, lead, "%s, %llu used now, %llu after this plan%s",
                    page_count(a, c->partitions, "partition"), (unsigned long long)c->used_now,
                    (unsigned long long)c->used_after,
                    c->used_blocked > c->used_after
                        ? arena_printf(a, " (%llu with what is held or blocked)",
                                       (unsigned long long)c->used_blocked)
                        : "");
        if (nodes > 1)
            page_printf(p, more, "%llu left when one node is lost%s",
                        (unsigned long long)c->left_after_loss,
                        c->fullest ? arena_printf(a, "; fullest node %s, %llu of %llu", c->fullest,
                                                  (unsigned long long)c->fullest_used,
                                                  (unsigned long long)c->fullest_of)
                                   : "");
        lead = more;
    }
    for (size_t i = 0; i < c->pool_count; i++, lead = more)
        page_printf(p, lead, "pool %s: %s, %llu asked for%s", c->pools[i].name,
                    page_count(a, c->pools[i].devices, "device"),
                    (unsigned long long)c->pools[i].requests,
                    nodes > 1 ? arena_printf(a, ", %llu left when one node is lost",
                                             (unsigned long long)c->pools[i].left_after_loss)
                              : "");
}

/* "NOTES     code  names: text  (rule, place)", the title before the first only. */
static void remarks(struct page *p, const char *title, const struct plan_items *items,
                    enum section_kind which)
{
    const struct section *s = &items->sections[which];
    const char *lead = arena_printf(p->arena, "%-9s ", title);

    if (!s->count && (which != SECTION_NOTE || !items->next_stop_count))
        return;
    page_gap(p);
    for (size_t i = 0; i < s->count; i++, lead = "          ") {
        const struct item *item = &s->rows[i];
        const char *right = item_right(p->arena, item);

        page_printf(p, lead, "%s  %s%s%s: %s%s", item->what, item->kind, *item->kind ? " " : "",
                    item_names(p->arena, item), item->below,
                    *right ? arena_printf(p->arena, "  (%s)", right) : "");
        if (item->release && *item->release)
            page_printf(p, "            ", "ended by: %s", item->release);
    }
    if (which == SECTION_NOTE && items->next_stop_count) {
        struct map seen;
        size_t n = 0;
        const char **names = arena_array(p->arena, const char *, items->next_stop_count);

        map_init(&seen, p->arena, items->next_stop_count, true);
        for (size_t i = 0; i < items->next_stop_count; i++)
            if (map_put(&seen, items->next_stop[i], (uint32_t)i) == i)
                names[n++] = items->next_stop[i];
        page_printf(p, lead,
                    "at-next-stop  advised settings of %s wait for a stop, no change now: %s  (S0)",
                    page_count(p->arena, n, "VM"), str_ranges(p->arena, names, n));
    }
}

static void steps(struct page *p, const struct plan *plan)
{
    static const char *const words[] = {
        [GATE_RUNS] = "runs now", [GATE_HELD] = "held", [GATE_BLOCKED] = "blocked"};
    struct arena *a = p->arena;

    if (!plan->group_count)
        return;
    page_gap(p);
    page_heading(p, "STEPS");
    for (size_t g = 0; g < plan->group_count; g++) {
        const struct plan_group *group = &plan->groups[g];
        struct text after;

        text_init(&after, a);
        for (size_t i = 0; i < group->need_count; i++)
            text_printf(&after, "%s%u", i ? " " : ", after group ", group->needs[i] + 1);
        page_printf(p, "  ", "group %zu, %s%s", g + 1, words[group->gate], text_done(&after));
        for (size_t i = 0; i < group->step_count; i++) {
            const struct step *s = &group->steps[i];
            struct text needs;

            text_init(&needs, a);
            for (size_t k = 0; k < s->need_count; k++)
                text_printf(&needs, "%s%u", k ? " " : "after ", s->needs[k] + 1);
            page_ends(p, arena_printf(a, "  %4zu  %s", i + 1, s->text),
                      arena_printf(a, "%s%s%s", text_done(&needs),
                                   needs.size && s->rule ? "  " : "", s->rule ? s->rule : ""));
        }
    }
}

/* "2 VMs, 1 GPU" of the change lines of one or two sections. */
static const char *subjects(struct arena *a, const struct section *one, const struct section *two)
{
    const struct section *both[] = {one, two};
    size_t vms = 0, gpus = 0, others = 0;
    struct text t;

    for (int k = 0; k < 2 && both[k]; k++) {
        vms += both[k]->vms.count;
        gpus += both[k]->gpus.count;
        others += both[k]->others.count;
    }
    text_init(&t, a);
    if (vms)
        text_add(&t, page_count(a, vms, "VM"));
    if (gpus)
        text_printf(&t, "%s%s", t.size ? ", " : "", page_count(a, gpus, "GPU"));
    if (others)
        text_printf(&t, "%s%s", t.size ? ", " : "", page_count(a, others, "other"));
    return t.size ? text_done(&t) : "none";
}

static bool waits_for_stops(const struct plan *plan)
{
    for (size_t g = 0; g < plan->group_count; g++)
        if (plan->groups[g].gate == GATE_HELD && plan->groups[g].reason == REASON_WAITS_PERMISSION)
            return plan->totals.stops_needed > 0;
    return false;
}

/* What waits for a window, or for its turn, can be looked at as it will be then. */
static bool window_foot(struct page *p, const struct plan *plan, const char *sees)
{
    const struct calendar *c = &plan->policy.calendar;
    int64_t turn = rollout_next(plan);
    struct opening o;

    if (turn != WHEN_NONE) {
        page_printf(p, "In its turn: ", "hvgpu plan %s --at %s", sees,
                    zone_iso(p->arena, c->zone, turn));
        return true;
    }
    for (size_t g = 0; g < plan->group_count; g++) {
        if (plan->groups[g].gate != GATE_HELD || plan->groups[g].reason != REASON_WAITS_WINDOW)
            continue;
        if (!calendar_next(c, plan->head.observed_ms, &o))
            return false;
        page_printf(p, "In window:   ", "hvgpu plan %s --at %s", sees,
                    zone_iso(p->arena, c->zone, o.from_ms));
        return true;
    }
    return false;
}

/* Where no command would do anything: the one that says all about the first that waits. */
static void why_foot(struct page *p, const struct plan *plan, const struct plan_items *items,
                     const char *sees)
{
    struct arena *a = p->arena;
    const char *subject = arena_printf(a, "cluster/%s", plan->head.cluster);

    for (int i = SECTION_HELD; i <= SECTION_BLOCKED; i++)
        for (size_t k = items->sections[i].count; k--;) {
            const struct item *item = &items->sections[i].rows[k];
            const char *text =
                item->name_count ? arena_printf(a, "%s/%s", item->kind, item->names[0]) : "";

            if (item->sign != '!' && page_is_subject(text))
                subject = text;
        }
    page_printf(p, "More:        ", "hvgpu why %s %s", page_word(a, subject), sees);
}

/* P12: a plan that is in a file can be approved. */
static void approve_foot(struct page *p, const struct plan *plan, const struct style *style)
{
    if (approvals_wanted(plan) && style->saved)
        page_printf(p, "Approve:     ", "hvgpu approve %s --reason TEXT",
                    page_word(p->arena, style->saved));
}

static void next_commands(struct page *p, const struct plan *plan, const struct plan_items *items,
                          const char *apply, bool runs, const struct style *style)
{
    const char *sees = style->sees;
    bool told = runs;

    if (runs)
        page_wrap(p, "Apply with:  ", apply);
    if (waits_for_stops(plan)) { /* a saved plan is carried out exactly: it is made anew */
        page_printf(p, "With stops:  ", "%s --allow-stops %u", style->again ? style->again : apply,
                    plan->totals.stops_needed);
        told = true;
    }
    if (!sees)
        return;
    told = window_foot(p, plan, sees) || told;
    if (!told)
        why_foot(p, plan, items, sees);
}

static void foot(struct page *p, const struct plan *plan, const struct plan_items *items,
                 enum exit_code code, const struct style *style)
{
    const struct section *s = items->sections;
    struct arena *a = p->arena;
    const char *apply = style->apply        ? style->apply
                        : plan->head.source ? arena_printf(a, "hvgpu apply %s", plan->head.source)
                                            : NULL;
    bool ends = !style->apply || *style->apply;
    struct style names = *style;
    size_t steps_run = 0, stops = s[SECTION_HELD].interrupts + s[SECTION_ROLLOUT].interrupts;
    size_t moves = s[SECTION_QUIET].moves + s[SECTION_INTERRUPT].moves;

    for (size_t g = 0; g < plan->group_count; g++)
        if (plan->groups[g].gate == GATE_RUNS)
            steps_run += plan->groups[g].step_count;
    page_gap(p);
    if (code == EXIT_IN_SYNC) {
        page_ends(p,
                  plan->aside_count || plan->head.ignored
                      ? "Nothing to do: what differs is set aside."
                      : "Nothing to do: everything is as declared.",
                  "exit 0");
        return;
    }
    page_printf(p, "", "Now: %s; %s, %s interrupted%s.   Held: %s%s.",
                subjects(a, &s[SECTION_QUIET], &s[SECTION_INTERRUPT]),
                page_count(a, steps_run, "step"),
                page_count(a, s[SECTION_INTERRUPT].interrupts, "VM"),
                moves ? arena_printf(a, ", %zu moved", moves) : "",
                subjects(a, &s[SECTION_HELD], &s[SECTION_ROLLOUT]),
                stops ? arena_printf(a, ", %s interrupted", page_count(a, stops, "VM")) : "");
    page_ends(p, arena_printf(a, "Blocked: %s.", subjects(a, &s[SECTION_BLOCKED], NULL)),
              ends ? arena_printf(a, "exit %d", (int)code) : "");
    if (!apply || !ends || is_as_if(&plan->head))
        return;
    approve_foot(p, plan, style);
    if (!names.sees)
        names.sees = plan->head.source;
    next_commands(p, plan, items, apply, steps_run || plan_debts_due(plan), &names);
}

/* Notes are told where somebody looks at this cluster alone. */
static bool says_nothing(const struct plan_items *items)
{
    for (int i = 0; i < SECTION_NOTE; i++)
        if (items->sections[i].count)
            return false;
    return true;
}

const char *report_plan_text(struct arena *a, const struct plan *plan, const struct state *have,
                             const struct drift *since, const struct style *style)
{
    struct plan_items items;
    struct page page;

    page_init(&page, a, style);
    plan_items(a, plan, have, style->all, &items);
    if (style->many && !style->all && says_nothing(&items) && !plan->base.ended_count &&
        exit_of_plan(plan) == EXIT_IN_SYNC) {
        page_ends(&page,
                  arena_printf(a, "Plan for %s: nothing to do, %s and %s as declared",
                               plan->head.cluster, page_count(a, plan->head.declared_gpus, "GPU"),
                               page_count(a, plan->head.declared_vms, "VM")),
                  "exit 0");
        return page_done(&page);
    }
    head(&page, plan, style->all);
    since_line(&page, &plan->head, since);
    compared(&page, &plan->base);
    leaving_head(&page, plan);
    sections(&page, plan, &items);
    rollout_text(&page, plan, &items.sections[SECTION_ROLLOUT], style->all);
    ended(&page, &plan->base);
    if (style->all)
        steps(&page, plan);
    capacity(&page, &plan->capacity, plan->head.nodes);
    remarks(&page, "WARNINGS", &items, SECTION_WARNING);
    remarks(&page, "NOTES", &items, SECTION_NOTE);
    foot(&page, plan, &items, exit_of_plan_since(plan, since), style);
    return page_done(&page);
}

/* Only what changes, waits or runs: nothing that must be read cluster by cluster. */
static bool may_stand_for_others(const struct plan_items *items)
{
    if (items->sections[SECTION_BLOCKED].count || items->sections[SECTION_OWED].count)
        return false;
    for (int i = 0; i < SECTION_BY_HAND; i++)
        for (size_t k = 0; k < items->sections[i].count; k++)
            if (items->sections[i].rows[k].sign == '-')
                return false;
    return true;
}

const char *report_plan_sameness(struct arena *a, const struct plan *plan, const struct state *have,
                                 enum exit_code code, const struct style *style)
{
    struct style plain = {.apply = ""};
    struct plan_items items;
    struct page page;

    page_init(&page, a, &plain);
    plan_items(a, plan, have, false, &items);
    if (style->all || !may_stand_for_others(&items))
        return NULL;
    page_printf(&page, "", "%zu GPUs, %zu VMs, %zu differ, %zu and %zu not declared, exit %d",
                plan->head.declared_gpus, plan->head.declared_vms, plan->head.differ_vms,
                plan->head.undeclared_vms, plan->head.undeclared_holders, (int)code);
    policies(&page, plan, true);
    compared(&page, &plan->base);
    leaving_head(&page, plan);
    sections(&page, plan, &items);
    rollout_text(&page, plan, &items.sections[SECTION_ROLLOUT], false);
    ended(&page, &plan->base);
    capacity(&page, &plan->capacity, plan->head.nodes);
    remarks(&page, "WARNINGS", &items, SECTION_WARNING);
    remarks(&page, "NOTES", &items, SECTION_NOTE);
    foot(&page, plan, &items, code, &plain);
    return page_sameness(a, page_done(&page), plan->head.cluster, plan->head.source, have);
}

const char *report_plan_brief(struct arena *a, const struct plan *plan, const struct state *have,
                              size_t limit, const struct style *style)
{
    struct plan_items items;
    struct page page;
    size_t shown = 0, left = 0;

    page_init(&page, a, style);
    plan_items(a, plan, have, style->all, &items);
    for (int i = 0; i < SECTION_BY_HAND; i++)
        for (size_t k = 0; k < items.sections[i].count; k++) {
            const struct item *item = &items.sections[i].rows[k];

            if (shown++ < limit || style->all)
                page_row(&page, item->sign, item->kind, item_names(a, item), item->what,
                         item_right(a, item));
            else
                left++;
        }
    if (left)
        page_printf(&page, "  ", "and %zu more (--all)", left);
    return page_done(&page);
}
