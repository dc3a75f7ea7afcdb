/*
 * The one writer of XML: two spaces of indent, LF, attributes in the order
 * they are given.  Whatever is not a character of XML 1.0 becomes "?".
 */
#ifndef REPORT_XML_H
#define REPORT_XML_H

#include "base/str.h"

struct xml {
    struct text *out;
    int depth;
    const char *open[16]; /* elements that are not closed */
    bool tag;             /* the start tag of the last one is not finished */
    bool inner;           /* something stands in it */
};

void xml_init(struct xml *x, struct text *out); /* with the declaration */
void xml_open(struct xml *x, const char *name);
void xml_attr(struct xml *x, const char *name, const char *value); /* NULL: left out */
void xml_attr_int(struct xml *x, const char *name, int64_t n);
void xml_text(struct xml *x, const char *s); /* as it is: no element beside it */
void xml_close(struct xml *x);

#endif
