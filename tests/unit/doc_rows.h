/* A document as one line of text, and its findings as another: for tables of rows. */
#ifndef TESTS_UNIT_DOC_ROWS_H
#define TESTS_UNIT_DOC_ROWS_H

#include "base/str.h"
#include "codec/doc.h"

#include <string.h>

/* Is a finding's code one that `explain` knows? */
static inline bool is_code(const char *code)
{
    static const char *const codes[] = {
#define CODE(name, text, severity, rule, meaning, fix) text,
#include "codec/codes.def"
    };

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (str_eq(code, codes[i]))
            return true;
    return false;
}

/* {a: 1, b: [x, "y"]}; a quoted text in quotes, nothing as ~.  Bounded by LIMIT_DOC_DEPTH. */
static inline void dump_value(struct doc *d, struct text *out)
{
    struct doc_scalar s;
    size_t n = 0;

    switch (doc_peek(d, NULL)) {
    case DOC_SCALAR:
        if (doc_scalar(d, "value", &s))
            text_printf(out, s.null ? "~" : s.plain ? "%s" : "\"%s\"", s.text);
        else
            text_add(out, "?");
        break;
    case DOC_MAP:
        text_add(out, "{");
        if (doc_map(d, "value"))
            while (doc_key(d, &s)) {
                text_printf(out, "%s%s: ", n++ ? ", " : "", s.text);
                dump_value(d, out);
            }
        text_add(out, "}");
        break;
    case DOC_LIST:
        text_add(out, "[");
        if (doc_list(d, "value"))
            while (doc_item(d)) {
                text_add(out, n++ ? ", " : "");
                dump_value(d, out);
            }
        text_add(out, "]");
        break;
    case DOC_NONE:
        text_add(out, "!");
        doc_skip(d);
        break;
    }
}

/* All documents of a stream, with " | " between them; "!!" at the end when the syntax is broken. */
static inline const char *dump_text(struct arena *a, const char *text, size_t size,
                                    struct findings *found)
{
    struct doc *d = doc_open(a, "f", text, size, found);
    struct text out;
    size_t n = 0;

    text_init(&out, a);
    while (doc_next(d)) {
        text_add(&out, n++ ? " | " : "");
        dump_value(d, &out);
    }
    if (doc_broken(d))
        text_add(&out, "!!");
    doc_close(d);
    return text_done(&out);
}

/* "3:9 duplicate-key, 4:1 alias" */
static inline const char *dump_findings(struct arena *a, const struct findings *found)
{
    struct text out;

    text_init(&out, a);
    for (size_t i = 0; i < found->count; i++)
        text_printf(&out, "%s%u:%u %s", i ? ", " : "", found->rows[i].at.line,
                    found->rows[i].at.column, found->rows[i].code);
    return text_done(&out);
}

#endif
