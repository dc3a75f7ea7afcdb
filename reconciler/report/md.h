/*
 * Markdown as GitHub, GitLab and Azure DevOps render it, written so that no
 * text from outside is more than text: it mentions nobody, links nowhere, and
 * breaks no table.  decisions/083 says how.
 */
#ifndef REPORT_MD_H
#define REPORT_MD_H

#include "base/str.h"

/* A name: code, in which nothing is looked up or linked. */
void md_code(struct text *t, const char *name);
/* A sentence: words that are plain stay so, every other one is code. */
void md_words(struct text *t, const char *sentence);
/* Between tags of HTML, where Markdown is not read. */
void md_html(struct text *t, const char *s);
/* A block as it is, in a fence that is longer than any in it. */
void md_fence(struct text *t, const char *language, const char *block);

#endif
