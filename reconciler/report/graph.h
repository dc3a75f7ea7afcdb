/*
 * The graph of actions: which step of which group comes after which, of each
 * cluster.  Walked once, drawn in the language of whoever asks.
 */
#ifndef REPORT_GRAPH_H
#define REPORT_GRAPH_H

#include "report/document.h"

/* How much of it: where a drawing of every step would be too large for its reader. */
enum graph_depth { GRAPH_STEPS, GRAPH_GROUPS };

struct graph;
struct graph_style {
    /* `id`s are letters and digits; texts are as they are */
    void (*box)(struct graph *g, const char *id, const char *text, bool waits);
    void (*box_end)(struct graph *g);
    void (*node)(struct graph *g, const char *id, const char *text, bool waits);
    void (*edge)(struct graph *g, const char *from, const char *to, bool waits);
};

struct graph {
    struct arena *arena;
    const struct document *d;
    const struct graph_style *style;
    struct text out;
    int depth; /* of boxes */
    size_t edges;
};

void graph_draw(struct graph *g, enum graph_depth depth);
void graph_indent(struct graph *g);

#endif
