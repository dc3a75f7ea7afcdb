/*
 * The one writer of HTML.  Markup is written by us, as constants; whatever came
 * from outside passes html_text(), where it can be nothing but text.  Ids and
 * numbers are ours.  specs/html.md has the page.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "base/str.h"
#include "report/document.h"

/* As text: & < > " ' escaped, and what a terminal would not get (page_put) as "?". */
void html_text(struct text *out, const char *s);
/* `before` and `after` are markup, `s` is text. */
void html_put(struct text *out, const char *before, const char *s, const char *after);
/* A name from outside: text of its own direction. */
void html_name(struct text *out, const char *s);
/* The class of what a sign says, "gain"; "" for none. */
const char *html_class(char sign);
/* A tag with sign and word: "+ gains a GPU". */
void html_tag(struct text *out, char sign, const char *word);

/* html_scene.c: a cluster as it is, before and after a plan, or with what drifted (others NULL). */
const char *html_drawing(struct arena *a, const struct plan *plan, const struct drift *since,
                         const struct state *have);
/* html_state.c: the part of a cluster as it is: drawn, and in tables. */
void html_estate(struct arena *a, const struct state *have, struct cluster_part *part);
/* html_part.c: one cluster, as the `number`-th section; `others` (NULL) have the same plan. */
void html_part(struct arena *a, struct text *out, const struct document *d, size_t number,
               const char *others);
/* The id of a section of the `number`-th cluster. */
const char *html_id(struct arena *a, size_t number, enum section_kind section);
/* "2 VMs, 1 GPU" */
const char *html_sum(struct arena *a, const struct part_sum *one, const struct part_sum *two);

#endif
