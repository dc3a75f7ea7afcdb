/* Can this world be managed? */
#include "base/str.h"
#include "base/when.h"
#include "codec/json.h"
#include "report/page.h"

static const char *const class_words[] = {"note", "warning", "broken"};
static const char class_signs[] = {' ', '!', 'x'};
static const char *const class_paints[] = {"", PAINT_YELLOW, PAINT_RED};

enum exit_code exit_of_health(const struct health *h, const struct state *have)
{
    enum exit_code code = health_count(h, HEALTH_BROKEN) ? EXIT_BLOCKED : EXIT_IN_SYNC;

    for (size_t i = 0; i < have->node_count; i++)
        if (!have->nodes[i].answered)
            return exit_worst(code, EXIT_UNSEEN);
    return h->unexamined ? exit_worst(code, EXIT_UNSEEN) : code;
}

/* Said wherever WMI was looked at (decision 066). */
static const char not_known[] =
    "Not known: whether Hyper-V and the cluster themselves let this account change anything. No "
    "right in WMI tells it, only the change that is refused. Administrators of the hosts may.";

static void say_row(struct page *p, const struct health_row *row)
{
    struct arena *a = p->arena;
    const char *lead =
        arena_printf(a, "  %s%c%s ", class_paints[row->class], class_signs[row->class],
                     *class_paints[row->class] ? PAINT_END : "");

    page_wrap(p, lead, arena_printf(a, "%s: %s  (%s)", row->what, row->found, row->source));
    if (row->prevents)
        page_printf(p, "    ", "prevents: %s", row->prevents);
    if (row->release)
        page_printf(p, "    ", "released by: %s", row->release);
}

/* Which rows say the same of several nodes. */
struct alike {
    const struct health *health;
    uint32_t *first; /* of each row: the first one that says the same */
    size_t *nodes;   /* at that one: how many do */
};

static struct alike alike_of(struct arena *a, const struct health *h)
{
    struct alike same = {h, arena_array(a, uint32_t, h->count + 1),
                         arena_array(a, size_t, h->count + 1)};
    struct map known;

    map_init(&known, a, h->count, false);
    for (uint32_t i = 0; i < h->count; i++) {
        const struct health_row *row = &h->rows[i];
        const char *said = arena_printf(a, "%d\n%s\n%s\n%s", (int)row->class, row->what, row->found,
                                        row->prevents ? row->prevents : "");

        same.first[i] = row->node ? map_put(&known, said, i) : i;
        same.nodes[same.first[i]]++;
    }
    return same;
}

static bool is_common(const struct alike *same, size_t i)
{
    return same->nodes[same->first[i]] > 1;
}

static size_t say_place(struct page *p, const struct alike *same, const char *node)
{
    const struct health *h = same->health;
    size_t common = 0, said = 0;

    for (size_t i = 0; i < h->count; i++) {
        if (!str_eq(h->rows[i].node, node))
            continue;
        common += is_common(same, i);
        if (!is_common(same, i))
            say_row(p, &h->rows[i]);
        said++;
    }
    if (common)
        page_printf(p, "    ", "and what it has in common with others, below (%zu)", common);
    return said;
}

static void say_node(struct page *p, const struct alike *same, const struct node *n)
{
    struct arena *a = p->arena;
    const char *build = n->build.known
                            ? arena_printf(a, "build %llu", (unsigned long long)n->build.value)
                            : "build unknown";

    page_gap(p);
    page_printf(p, "", "node %s  %s", n->name, n->answered ? build : "does not answer");
    if (!say_place(p, same, n->name) && n->answered)
        page_wrap(p, "    ", "nothing speaks against managing it");
}

/* The nodes that have what row `first` says, as "hv-01..04". */
static const char *names_of(struct arena *a, const struct alike *same, size_t first)
{
    const char **names = arena_array(a, const char *, same->nodes[first] + 1);
    size_t n = 0;

    for (size_t i = first; n < same->nodes[first]; i++)
        if (same->first[i] == first)
            names[n++] = same->health->rows[i].node;
    return str_ranges(a, names, n);
}

/* What several nodes have in common is said once, under their names. */
static void say_common(struct page *p, const struct alike *same)
{
    const char *under = NULL, *names;

    for (size_t i = 0; i < same->health->count; i++) {
        if (!is_common(same, i) || same->first[i] != i)
            continue;
        names = names_of(p->arena, same, i);
        if (!str_eq(names, under)) {
            page_gap(p);
            page_printf(p, "", "nodes %s", names);
        }
        under = names;
        say_row(p, &same->health->rows[i]);
    }
}

const char *report_doctor_text(struct arena *a, const struct health *h, const struct state *have,
                               const struct style *style)
{
    size_t broken = health_count(h, HEALTH_BROKEN), warnings = health_count(h, HEALTH_WARNING);
    const struct alike same = alike_of(a, h);
    struct page p;

    page_init(&p, a, style);
    page_printf(&p, "", "doctor  %s  looked at %s. Nothing is changed.", have->name,
                when_human(a, have->observed_ms));
    page_gap(&p);
    page_printf(&p, "", "%s %s", have->standalone ? "host" : "cluster", have->name);
    if (!say_place(&p, &same, NULL))
        page_wrap(&p, "    ", "nothing speaks against managing it");
    for (size_t i = 0; i < have->node_count; i++)
        say_node(&p, &same, &have->nodes[i]);
    say_common(&p, &same);
    page_gap(&p);
    page_wrap(&p, "",
              h->examined ? not_known
                          : "Classes, properties and methods of WMI were not looked at: this world "
                            "was not reached through WMI.");
    page_ends(&p,
              arena_printf(a, "%s checked: %zu broken, %s, %s", page_count(a, h->checks, "thing"),
                           broken, page_count(a, warnings, "warning"),
                           page_count(a, h->count - broken - warnings, "note")),
              arena_printf(a, "exit %d", (int)exit_of_health(h, have)));
    return page_done(&p);
}

const char *report_doctor_json(struct arena *a, const struct health *h, const struct state *have)
{
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "apiVersion", "hvgpu/v1");
    json_put_text(&j, "kind", "Doctor");
    json_put_text(&j, "cluster", have->name);
    json_put_text(&j, "observed", when_iso(a, have->observed_ms));
    json_put_bool(&j, "examined", h->examined);
    json_put_text(&j, "notKnown", h->examined ? not_known : NULL);
    json_put_int(&j, "checks", (int64_t)h->checks);
    json_put_int(&j, "exit", (int)exit_of_health(h, have));
    json_key(&j, "findings");
    json_list(&j);
    for (size_t i = 0; i < h->count; i++) {
        const struct health_row *row = &h->rows[i];

        json_map(&j);
        json_put_text(&j, "class", class_words[row->class]);
        json_put_text(&j, "node", row->node);
        json_put_text(&j, "what", row->what);
        json_put_text(&j, "found", row->found);
        json_put_text(&j, "prevents", row->prevents);
        json_put_text(&j, "release", row->release);
        json_put_text(&j, "source", row->source);
        json_map_end(&j);
    }
    json_list_end(&j);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}
