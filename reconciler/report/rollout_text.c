/* A rollout as the plan tells of it: which nodes when, inside one of them, and how long (P10). */
#include "report/plan_items.h"

enum { SHOWN = 12 }; /* rows of a table, unless everything is asked for */

static bool has_windows(const struct plan_rollout *r)
{
    return r->waves[0].until_ms != WHEN_NONE;
}

const char *rollout_title(struct arena *a, const struct plan *plan)
{
    const struct plan_rollout *r = &plan->rollout;

    if (!r->reason)
        return "";
    return arena_printf(a, ": a rollout%s (%s, %s)",
                        r->wave_count ? arena_printf(a, " in %s",
                                                     page_count(a, r->wave_count,
                                                                has_windows(r) ? "window" : "turn"))
                                      : ", blocked",
                        r->reason, page_place(a, NULL, &r->at));
}

/* ---- tables: the first rows and the last, unless everything is asked for ---- */

struct table {
    struct arena *arena;
    const char **cells;
    size_t columns, rows;
};

static void put_row(struct table *t, const char *const *cells)
{
    for (size_t i = 0; i < t->columns; i++)
        t->cells[t->rows * t->columns + i] = cells[i];
    t->rows++;
}

/* Is this wave left out?  The first of them is told as what they are: so many more. */
static bool is_left_out(const struct plan_rollout *r, size_t wave, bool all)
{
    return !all && r->wave_count > SHOWN && wave >= SHOWN - 2 && wave + 1 < r->wave_count;
}

static const char *left_out(struct arena *a, const struct plan_rollout *r)
{
    return arena_printf(a, "%zu more (--all)", r->wave_count - (SHOWN - 1));
}

/* In the order in which they have their turn. */
static const char *joined(struct arena *a, const char *const *names, size_t count)
{
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < count; i++)
        text_printf(&t, "%s%s", i ? " " : "", names[i]);
    return text_done(&t);
}

static const char *when(struct arena *a, const struct plan *plan, const struct plan_wave *w)
{
    const char *from = report_time(a, &plan->head, w->from_ms);

    return w->until_ms == WHEN_NONE
               ? from
               : arena_printf(a, "%s, for %s", from, duration_human(a, w->until_ms - w->from_ms));
}

static void times(struct page *p, const struct plan *plan, bool all)
{
    enum { COLUMNS = 6 };
    const struct plan_rollout *r = &plan->rollout;
    struct arena *a = p->arena;
    const char *head[COLUMNS] = {
        has_windows(r) ? "  window" : "  turn", "from", "VMs off", "at most", "steps", "nodes"};
    struct table t = {a, arena_array(a, const char *, (r->wave_count + 1) * COLUMNS), COLUMNS, 0};

    for (size_t i = 0; i < r->wave_count; i++) {
        const struct plan_wave *w = &r->waves[i];

        if (!is_left_out(r, i, all))
            put_row(&t, (const char *const[]){
                            arena_printf(a, "  %zu", i + 1), when(a, plan, w),
                            arena_printf(a, "%zu", w->interrupts),
                            w->interrupts ? duration_minutes(a, w->at_most_ms) : "-",
                            arena_printf(a, "%zu", w->steps), joined(a, w->nodes, w->node_count)});
        else if (!is_left_out(r, i - 1, all))
            put_row(&t, (const char *const[]){"  ..", left_out(a, r), "", "", "", "-"});
    }
    page_table(p, head, COLUMNS, t.cells, t.rows);
}

static const char *number(struct arena *a, uint64_t n)
{
    return arena_printf(a, "%llu", (unsigned long long)n);
}

static void room(struct page *p, const struct plan *plan, bool all)
{
    enum { COLUMNS = 3 };
    const struct plan_rollout *r = &plan->rollout;
    struct arena *a = p->arena;
    static const char *const head[COLUMNS] = {"ROOM", "partitions", "with one node lost"};
    struct table t = {a, arena_array(a, const char *, (r->wave_count + 2) * COLUMNS), COLUMNS, 0};

    put_row(&t, (const char *const[]){"  now", number(a, r->partitions),
                                      number(a, r->left_after_loss)});
    for (size_t i = 0; i < r->wave_count; i++)
        if (!is_left_out(r, i, all))
            put_row(&t, (const char *const[]){arena_printf(a, "  after %zu", i + 1),
                                              number(a, r->waves[i].partitions),
                                              number(a, r->waves[i].left_after_loss)});
        else if (!is_left_out(r, i - 1, all))
            put_row(&t, (const char *const[]){"  ..", "", left_out(a, r)});
    page_gap(p);
    page_table(p, head, COLUMNS, t.cells, t.rows);
    page_printf(p, "  ", "%llu used now, %llu afterwards",
                (unsigned long long)plan->capacity.used_now,
                (unsigned long long)plan->capacity.used_after);
}

/* ---- what happens on each node ---- */

static const struct {
    enum verb verb;
    const char *word, *text, *undo;
} kinds[] = {
    {VERB_VM_STOP, "stop", "asked to shut down", "started again"},
    {VERB_ADAPTER_REMOVE, "detach", "by its own id", "attached again"},
    {VERB_GPU_COUNT, "set", NULL, "the count as it was"},
    {VERB_ADAPTER_ADD, "attach", "no device path (V4)", "detached"},
    {VERB_VM_START, "start", "and looked at again", "named in the result"},
};

static const char *names_of(struct arena *a, const struct plan_group *g, enum verb verb)
{
    const char **names = arena_array(a, const char *, g->step_count + 1);
    size_t n = 0;

    for (size_t i = 0; i < g->step_count; i++)
        if (g->steps[i].action.verb == verb && g->steps[i].name)
            names[n++] = g->steps[i].name;
    return n ? str_ranges(a, names, n) : NULL;
}

/* "16 -> 4", of the first GPU that changes. */
static const char *count_text(struct arena *a, const struct plan_group *g)
{
    for (size_t i = 0; i < g->member_count; i++)
        if (g->members[i].target.fields & IMAGE_COUNT)
            return arena_printf(a, "%llu -> %llu, read back (C5)",
                                (unsigned long long)g->members[i].before.count,
                                (unsigned long long)g->members[i].target.count);
    return "";
}

static void inside(struct page *p, const struct plan *plan)
{
    enum { COLUMNS = 5, KINDS = sizeof kinds / sizeof *kinds };
    const struct plan_wave *w = &plan->rollout.waves[0];
    const struct plan_group *g = &plan->groups[w->groups[0]];
    struct arena *a = p->arena;
    static const char *const head[COLUMNS] = {"", "", "what", "how", "if it fails"};
    struct table t = {a, arena_array(a, const char *, KINDS *COLUMNS), COLUMNS, 0};

    for (size_t i = 0; i < KINDS; i++) {
        const char *names = names_of(a, g, kinds[i].verb);

        if (names)
            put_row(&t, (const char *const[]){
                            arena_printf(a, "  %zu", t.rows + 1), kinds[i].word, names,
                            kinds[i].text ? kinds[i].text : count_text(a, g), kinds[i].undo});
    }
    page_gap(p);
    page_heading(p, "INSIDE A NODE, %s%s", w->nodes[0],
                 plan->rollout.to_go > 1 ? " (every step of all of them: --all)" : "");
    page_table(p, head, COLUMNS, t.cells, t.rows);
}

/* ---- as long as counts differ ---- */

static void mixed(struct page *p, const struct plan *plan)
{
    const struct plan_rollout *r = &plan->rollout;
    const struct plan_wave *last = &r->waves[r->wave_count - 1];
    struct arena *a = p->arena;
    int64_t from = r->done ? plan->head.observed_ms : r->waves[0].from_ms;
    int64_t until = last->from_ms + last->at_most_ms;

    page_gap(p);
    page_printf(p, "MIXED     ", "%s %s, %s%s",
                r->done ? "now, and until"
                        : arena_printf(a, "from %s to", report_time(a, &plan->head, from)),
                report_time(a, &plan->head, until), duration_human(a, until - from),
                r->done ? " more" : "");
    page_printf(p, "          ",
                "not supported by the platform (C2): expected until %s, then drift",
                r->mixed_until);
    page_wrap(p, "          ", "live moves only between nodes with the same count (M1)");
}

static const char *pace(struct arena *a, const struct plan_rollout *r)
{
    return r->soak_ms
               ? arena_printf(a, ", and %s between %s", duration_human(a, r->soak_ms),
                              has_windows(r) ? "the last node of a window and the next window"
                                             : "two nodes")
               : "";
}

int64_t rollout_next(const struct plan *plan)
{
    const struct plan_rollout *r = &plan->rollout;

    for (size_t i = 0; r->reason && i < r->wave_count; i++) {
        const struct plan_group *g = &plan->groups[r->waves[i].groups[0]];

        if (g->gate == GATE_HELD && g->reason == REASON_WAITS_ROLLOUT)
            return r->waves[i].from_ms;
    }
    return WHEN_NONE;
}

void rollout_text(struct page *p, const struct plan *plan, const struct section *held, bool all)
{
    const struct plan_rollout *r = &plan->rollout;

    if (!r->reason || !r->wave_count)
        return;
    if (held->count) {
        page_gap(p);
        page_heading(p, "HELD, node by node");
        plan_section_rows(p, held, "");
        page_printf(p, "         ", "rollout (P10): %s, one node after the other%s", r->reason,
                    pace(p->arena, r));
        page_wrap(p, "         ", "released by: time: each node begins when its turn comes");
    }
    page_gap(p);
    times(p, plan, all);
    page_wrap(p, "  ", "A node that is put back, or a VM that does not run again, stops it.");
    inside(p, plan);
    mixed(p, plan);
    room(p, plan, all);
}
