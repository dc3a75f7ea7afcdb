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

static size_t say_place(struct page *p, const struct health *h, const char *node)
{
    size_t said = 0;

    for (size_t i = 0; i < h->count; i++) {
        if (!str_eq(h->rows[i].node, node))
            continue;
        say_row(p, &h->rows[i]);
        said++;
    }
    return said;
}

static void say_node(struct page *p, const struct health *h, const struct node *n)
{
    struct arena *a = p->arena;
    const char *build = n->build.known
                            ? arena_printf(a, "build %llu", (unsigned long long)n->build.value)
                            : "build unknown";

    page_gap(p);
    page_printf(p, "", "node %s  %s", n->name, n->answered ? build : "does not answer");
    if (!say_place(p, h, n->name) && n->answered)
        page_wrap(p, "    ", "nothing speaks against managing it");
}

const char *report_doctor_text(struct arena *a, const struct health *h, const struct state *have,
                               const struct style *style)
{
    size_t broken = health_count(h, HEALTH_BROKEN), warnings = health_count(h, HEALTH_WARNING);
    struct page p;

    page_init(&p, a, style);
    page_printf(&p, "", "doctor  %s  looked at %s. Nothing is changed.", have->name,
                when_human(a, have->observed_ms));
    page_gap(&p);
    page_printf(&p, "", "%s %s", have->standalone ? "host" : "cluster", have->name);
    if (!say_place(&p, h, NULL))
        page_wrap(&p, "    ", "nothing speaks against managing it");
    for (size_t i = 0; i < have->node_count; i++)
        say_node(&p, h, &have->nodes[i]);
    page_gap(&p);
    if (!h->examined)
        page_wrap(&p, "",
                  "Classes, properties and methods of WMI were not looked at: this world "
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
