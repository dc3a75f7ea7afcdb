/* The graph of actions for Mermaid, which draws it where Markdown is shown. */
#include "report/graph.h"

/* Where Mermaid gives up unless its page says otherwise. */
enum { MOST_BYTES = 50000, MOST_EDGES = 500 };

/* Everything that may mean something becomes the number of its character. */
static const char *quoted(struct arena *a, const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                " .,/:-";
    struct text t;

    text_init(&t, a);
    text_add(&t, "\"");
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if (c < 0x20 || c == 0x7f)
            text_add(&t, "?");
        else if (c >= 0x80 || strchr(plain, *s))
            text_add_n(&t, s, 1);
        else
            text_printf(&t, "#%u;", c);
    }
    text_add(&t, "\"");
    return text_done(&t);
}

static void box(struct graph *g, const char *id, const char *text, bool waits)
{
    (void)waits;
    graph_indent(g);
    text_printf(&g->out, "subgraph %s[%s]\n", id, quoted(g->arena, text));
}

static void box_end(struct graph *g)
{
    graph_indent(g);
    text_add(&g->out, "end\n");
}

static void node(struct graph *g, const char *id, const char *text, bool waits)
{
    graph_indent(g);
    text_printf(&g->out, "%s[%s]%s\n", id, quoted(g->arena, text), waits ? ":::waits" : "");
}

static void edge(struct graph *g, const char *from, const char *to, bool waits)
{
    graph_indent(g);
    text_printf(&g->out, "%s %s %s\n", from, waits ? "-.->" : "-->", to);
}

static void draw(struct graph *g, enum graph_depth depth)
{
    text_init(&g->out, g->arena);
    text_add(&g->out, "graph TD\n  classDef waits stroke-dasharray: 5 5\n");
    g->edges = 0;
    graph_draw(g, depth);
}

const char *report_mermaid(struct arena *a, const struct document *d)
{
    static const struct graph_style style = {box, box_end, node, edge};
    struct graph g = {.arena = a, .d = d, .style = &style};

    draw(&g, GRAPH_STEPS);
    if (g.out.size > MOST_BYTES || g.edges > MOST_EDGES)
        draw(&g, GRAPH_GROUPS);
    if (g.out.size > MOST_BYTES || g.edges > MOST_EDGES)
        return arena_printf(a,
                            "graph TD\n  all[\"%zu clusters: too much to draw; "
                            "a table says more\"]\n",
                            d->part_count);
    return text_done(&g.out);
}
