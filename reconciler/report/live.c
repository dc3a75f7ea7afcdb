#include "report/live.h"

#include "report/page.h"

enum {
    UNBEGUN_NAMES = 5,
    SUBJECTS_MOST = 40, /* columns that the names in a title take */
    STOPPED_MOST = 240, /* ... and those of VMs that are stopped */
    TITLE_MOST = 36,
    STATE_LEAST = 12,
    LONG_FROM = 80, /* columns from which the bound of the downtime is told */
    SHORT_FROM = 56 /* ... and from which it is told that somebody is off */
};

/* ---- what a group is about ---- */

static size_t requests_of(const struct image *im, bool adapters)
{
    return adapters ? im->adapter_count : im->request_count;
}

static const char *what_of_vm(struct arena *a, const struct member *m)
{
    const uint32_t f = m->target.fields;

    for (int adapters = 1; adapters >= 0; adapters--) {
        size_t have = requests_of(&m->before, adapters), want = requests_of(&m->target, adapters);

        if (f & (adapters ? IMAGE_ADAPTERS : IMAGE_REQUESTS) && have != want)
            return arena_printf(a, "%s %zu -> %zu", adapters ? "partitions" : "devices", have,
                                want);
    }
    if (f & IMAGE_NODE)
        return arena_printf(a, "to %s", m->target.node);
    if (f)
        return "settings";
    return m->off_after ? "stop" : "start";
}

static const char *what_of(struct arena *a, const struct member *m)
{
    if (m->kind == SUBJECT_VM)
        return what_of_vm(a, m);
    if (m->kind == SUBJECT_POOL)
        return m->target.present ? "pool" : "no pool";
    if (m->target.fields & IMAGE_COUNT)
        return arena_printf(a, "count %llu -> %llu", (unsigned long long)m->before.count,
                            (unsigned long long)m->target.count);
    if (m->target.fields & IMAGE_POOL && m->target.pool)
        return arena_printf(a, "to pool %s", m->target.pool);
    return m->target.place == GPU_HOST ? "to its host" : "from its host";
}

/* GPUs say more about a group than the VMs that it takes down for them. */
static const struct member *leader(const struct group_view *v)
{
    static const enum subject_kind order[] = {SUBJECT_GPU, SUBJECT_POOL, SUBJECT_VM};

    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        for (size_t i = 0; i < v->member_count; i++)
            if (v->members[i].kind == order[k] && v->members[i].target.fields)
                return &v->members[i];
    return v->member_count ? &v->members[0] : NULL;
}

/* As ranges; of many that make no range the first ones, and how many there are. */
static const char *named(struct arena *a, const char **names, size_t count, size_t most)
{
    const char *all = str_ranges(a, names, count);
    size_t n = most;

    if (strlen(all) <= most)
        return all;
    while (n && all[n] != ' ')
        n--;
    return n ? arena_printf(a, "%s .. (%zu in all)", arena_strndup(a, all, n), count) : all;
}

const char *report_group_title(struct arena *a, const struct group_view *v)
{
    const struct member *first = leader(v);
    const char **names = arena_array(a, const char *, v->member_count + 1), *what;
    bool same = true;
    size_t n = 0;

    if (!first)
        return "a group without members";
    what = what_of(a, first);
    for (size_t i = 0; i < v->member_count; i++) {
        const struct member *m = &v->members[i];

        if (m->kind != first->kind || (first->target.fields && !m->target.fields))
            continue;
        names[n++] = m->name ? m->name : m->id;
        same = same && str_eq(what, what_of(a, m));
    }
    return arena_printf(a, "%s %s", named(a, names, n, SUBJECTS_MOST), same ? what : "changes");
}

/* ---- lines that stay ---- */

static const char *who_stops(struct arena *a, const struct group_view *v)
{
    const struct plan_group *g = v->plan;
    const char **names = arena_array(a, const char *, g ? g->step_count + 1 : 1);
    size_t n = 0;

    for (size_t i = 0; g && i < g->step_count && n < v->interrupts; i++)
        if (g->steps[i].action.verb == VERB_VM_STOP)
            names[n++] = g->steps[i].name;
    return n ? named(a, names, n, STOPPED_MOST) : page_count(a, v->interrupts, "running VM");
}

static const char *bound_of(struct arena *a, const struct group_view *v)
{
    return v->plan && v->plan->off_at_most_ms
               ? arena_printf(a, "at most %s", duration_minutes(a, v->plan->off_at_most_ms))
               : "";
}

static const char *begins(struct arena *a, const struct group_view *v)
{
    const char *bound = bound_of(a, v);

    if (v->back)
        return arena_printf(a, "is put back: %s", v->reason ? v->reason : "it did not succeed");
    if (!v->plan)
        return "goes on where an earlier run was";
    if (!v->interrupts)
        return "begins";
    return arena_printf(a, "begins, stops %s%s%s", who_stops(a, v), *bound ? ", off " : "", bound);
}

/* A clock that was set back makes no time negative. */
static const char *since(struct arena *a, int64_t then_ms, int64_t now_ms)
{
    return duration_human(a, now_ms > then_ms ? now_ms - then_ms : 0);
}

static const char *ends(struct arena *a, const struct group_view *v, int64_t now_ms)
{
    const char *took = since(a, v->opened_ms, now_ms);
    switch (v->end) {
    case END_DONE:
        return arena_printf(a, PAINT_GREEN "done" PAINT_END " after %s, %s", took,
                            page_count(a, v->steps_done, "step"));
    case END_PUT_BACK:
        return arena_printf(a, PAINT_RED "put back" PAINT_END " after %s", took);
    default:
        return arena_printf(
            a, PAINT_RED "left as listed" PAINT_END " after %s; the steps that failed say why",
            took);
    }
}

static void stays(struct page *p, int64_t now_ms, const char *cluster, const char *text)
{
    struct arena *a = p->arena;

    if (cluster)
        page_printf(p, arena_printf(a, "%s ", when_iso(a, now_ms / 1000 * 1000)), "%s: %s", cluster,
                    text);
    else
        page_printf(p, arena_printf(a, "  %s  ", when_clock(a, now_ms)), "%s", text);
}

const char *report_group_line(struct arena *a, const struct group_view *v, int64_t now_ms,
                              const char *cluster, const struct style *style)
{
    struct page p;

    page_init(&p, a, style);
    stays(&p, now_ms, cluster,
          arena_printf(a, "%s: %s", report_group_title(a, v),
                       v->end ? ends(a, v, now_ms) : begins(a, v)));
    return page_done(&p);
}

static void unbegun(struct page *p, const struct group_view *groups, size_t count,
                    const char *cluster, enum group_end end, const char *why)
{
    struct arena *a = p->arena;
    struct text names;
    size_t n = 0;

    text_init(&names, a);
    for (size_t i = 0; i < count; i++)
        if (groups[i].end == end && n++ < UNBEGUN_NAMES)
            text_printf(&names, "%s%s", n > 1 ? ", " : "", report_group_title(a, &groups[i]));
    if (!n)
        return;
    if (n > UNBEGUN_NAMES)
        text_printf(&names, " and %zu more", n - UNBEGUN_NAMES);
    page_printf(p, cluster ? "" : "  ", "%s%snot begun, %s: %s", cluster ? cluster : "",
                cluster ? ": " : "", why, text_done(&names));
}

const char *report_unbegun(struct arena *a, const struct group_view *groups, size_t count,
                           const char *cluster, const struct style *style)
{
    struct page p;

    page_init(&p, a, style);
    unbegun(&p, groups, count, cluster, END_STALE, "the world is not as planned any more");
    unbegun(&p, groups, count, cluster, END_SKIPPED, "no turn came for it in this run");
    return page_done(&p);
}

/* ---- the block ---- */

/*
 * A letter of another script can be two columns wide, which only the terminal
 * knows: a byte counts as a column, so that no line is wider than it counts.
 */
static const char *fit(struct arena *a, const char *s, size_t room)
{
    const char *dots = strlen(s) <= room ? "" : room > 4 ? ".." : "";
    size_t n = strlen(s) <= room ? strlen(s) : room - strlen(dots);
    char *out;

    while (*dots && n && ((unsigned char)s[n] & 0xc0) == 0x80) /* not in the middle of a letter */
        n--;
    out = arena_printf(a, "%s%s", arena_strndup(a, s, n), dots);
    for (char *c = out; *c; c++)
        *c = (unsigned char)*c < 0x20 ? '?' : *c;
    return out;
}

static void cell(struct text *t, const char *s, size_t width, bool right)
{
    size_t used = strlen(s), pad = width > used ? width - used : 0;

    for (size_t i = 0; right && i < pad; i++)
        text_add(t, " ");
    text_add(t, s);
    for (size_t i = 0; !right && i < pad; i++)
        text_add(t, " ");
}

static const char *working(struct arena *a, const struct group_view *v)
{
    static const char *const nouns[] = {[SUBJECT_CLUSTER] = "cluster",
                                        [SUBJECT_NODE] = "node",
                                        [SUBJECT_GPU] = "GPU",
                                        [SUBJECT_POOL] = "pool",
                                        [SUBJECT_VM] = "VM"};
    const struct view_work *w = &v->work;
    const char *doing = w->hard ? "turning off" : verb_rows[w->verb].doing;
    const char *whom =
        w->running > 1 ? page_count(a, w->running, nouns[verb_rows[w->verb].subject]) : w->name;

    if (v->back || w->all <= w->running)
        return arena_printf(a, "%s %s", doing, whom);
    return arena_printf(a, "%s %s, %zu of %zu", doing, whom, w->done + w->running, w->all);
}

/* What is done now, in words; at the end of the last step the look that confirms it is in. */
static const char *state_of(struct arena *a, const struct group_view *v)
{
    const char *now = v->work.verb != VERB_NONE ? working(a, v)
                      : v->steps_left           ? "waiting for what it needs"
                                                : "verified";

    if (v->lost)
        return "a node of it does not answer";
    return v->back ? arena_printf(a, "putting back, %s", now) : now;
}

static const char *steps_of(struct arena *a, const struct group_view *v)
{
    return v->back ? arena_printf(a, "%zu left", v->steps_left)
                   : arena_printf(a, "%zu/%zu", v->steps_done, v->steps_done + v->steps_left);
}

static const char *off_of(struct arena *a, const struct group_view *v, int64_t now_ms, size_t width)
{
    const char *bound = width >= LONG_FROM ? bound_of(a, v) : "";

    if (width < SHORT_FROM)
        return "";
    if (!v->off)
        return v->interrupts ? bound : "";
    return arena_printf(a, "%u off for %s%s%s", (unsigned)v->off, since(a, v->off_since_ms, now_ms),
                        *bound ? ", " : "", bound);
}

enum { TITLE, STATE, STEPS, OFF, COLUMNS };

/* Widths of the columns; a column without room has none. */
static void share(size_t *widths, size_t room)
{
    size_t most = room * 2 / 5 < TITLE_MOST ? room * 2 / 5 : TITLE_MOST, used;

    widths[TITLE] = widths[TITLE] < most ? widths[TITLE] : most;
    for (int drop = OFF; drop >= STEPS; drop--) {
        used = 2 + widths[TITLE];
        for (int c = STEPS; c <= OFF; c++)
            used += widths[c] ? 2 + widths[c] : 0;
        if (used + 2 + STATE_LEAST <= room)
            break;
        widths[drop] = 0;
    }
    used = 2 + widths[TITLE] + (widths[STEPS] ? 2 + widths[STEPS] : 0) +
           (widths[OFF] ? 2 + widths[OFF] : 0);
    widths[STATE] = used + 2 < room ? room - used - 2 : 0;
}

static void row(struct page *p, const char *const *cells, const size_t *widths, size_t room)
{
    struct text t;
    size_t n;

    text_init(&t, p->arena);
    text_add(&t, " ");
    for (int c = 0; c < COLUMNS; c++) {
        if (!widths[c])
            continue;
        text_add(&t, c == TITLE ? " " : "  ");
        cell(&t, fit(p->arena, cells[c], widths[c]), widths[c], c == STEPS);
    }
    for (n = t.size; n && t.data[n - 1] == ' '; n--)
        ;
    text_add(&p->out, fit(p->arena, arena_strndup(p->arena, text_done(&t), n), room));
    text_add(&p->out, "\n");
}

static const char *all_of(struct arena *a, const struct run_view *v, size_t hidden, int64_t now_ms)
{
    const struct {
        size_t count;
        const char *what;
    } waits[] = {{v->waits_turn, "turn"}, {v->waits_budget, "budget"}, {v->waits_window, "window"}};
    bool first = true;
    struct text t;

    text_init(&t, a);
    text_printf(&t, "  %s  %zu of %s done, %zu under way", when_clock(a, now_ms), v->ended,
                page_count(a, v->all, "group"), v->open_count);
    if (hidden)
        text_printf(&t, " (%zu not shown)", hidden);
    if (v->off)
        text_printf(&t, ", %s off", page_count(a, v->off, "VM"));
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        if (waits[i].count) {
            text_printf(&t, "%s%zu (%s)", first ? "; waiting: " : ", ", waits[i].count,
                        waits[i].what);
            first = false;
        }
    return text_done(&t);
}

const char *report_live(struct arena *a, const struct run_view *v, int64_t now_ms, size_t columns,
                        size_t rows, const struct style *style)
{
    size_t room = columns < REPORT_WIDTH ? columns : REPORT_WIDTH;
    size_t shown = rows < 2 ? 0 : v->open_count < rows - 2 ? v->open_count : rows - 2;
    const char *(*cells)[COLUMNS] = arena_alloc(a, shown + 1, sizeof *cells);
    size_t widths[COLUMNS] = {0};
    struct page p;

    if (rows < 2 || !room)
        return "";
    page_init(&p, a, style);
    for (size_t i = 0; i < shown; i++) {
        const struct group_view *g = &v->open[i];
        const char *const made[] = {report_group_title(a, g), state_of(a, g), steps_of(a, g),
                                    off_of(a, g, now_ms, room)};

        for (int c = 0; c < COLUMNS; c++) {
            cells[i][c] = made[c];
            widths[c] = strlen(made[c]) > widths[c] ? strlen(made[c]) : widths[c];
        }
    }
    /* the seconds that pass shall not move the column */
    widths[OFF] = (widths[OFF] + 7) / 8 * 8;
    share(widths, room);
    for (size_t i = 0; i < shown; i++)
        row(&p, cells[i], widths, room);
    text_add(&p.out, fit(a, all_of(a, v, v->open_count - shown, now_ms), room));
    text_add(&p.out, "\n");
    return page_done(&p);
}
