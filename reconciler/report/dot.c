/* The graph of actions for Graphviz. */
#include "report/graph.h"

static const char *quoted(struct arena *a, const char *s)
{
    struct text t;

    text_init(&t, a);
    text_add(&t, "\"");
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if (c == '"' || c == '\\')
            text_add(&t, "\\");
        text_add_n(&t, c < 0x20 || c == 0x7f ? "?" : s, 1);
    }
    text_add(&t, "\"");
    return text_done(&t);
}

static void box(struct graph *g, const char *id, const char *text, bool waits)
{
    graph_indent(g);
    text_printf(&g->out, "subgraph cluster_%s {\n", id);
    g->depth++;
    graph_indent(g);
    text_printf(&g->out, "label=%s; style=%s;\n", quoted(g->arena, text),
                waits ? "dashed" : "solid");
    g->depth--;
}

static void box_end(struct graph *g)
{
    graph_indent(g);
    text_add(&g->out, "}\n");
}

static void node(struct graph *g, const char *id, const char *text, bool waits)
{
    graph_indent(g);
    text_printf(&g->out, "%s [label=%s%s];\n", id, quoted(g->arena, text),
                waits ? ", style=dashed" : "");
}

static void edge(struct graph *g, const char *from, const char *to, bool waits)
{
    graph_indent(g);
    text_printf(&g->out, "%s -> %s%s;\n", from, to, waits ? " [style=dashed]" : "");
}

const char *report_dot(struct arena *a, const struct document *d)
{
    static const struct graph_style style = {box, box_end, node, edge};
    struct graph g = {.arena = a, .d = d, .style = &style};

    text_init(&g.out, a);
    text_add(&g.out, "digraph hvgpu {\n  charset=\"UTF-8\";\n  node [shape=box];\n");
    graph_draw(&g, GRAPH_STEPS);
    text_add(&g.out, "}\n");
    return text_done(&g.out);
}
