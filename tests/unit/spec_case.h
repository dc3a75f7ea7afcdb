/* A spec as text, what the reader made of it, and a table of what it must find. */
#ifndef TESTS_SPEC_CASE_H
#define TESTS_SPEC_CASE_H

#include "base/str.h"
#include "spec/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Four lines; what follows begins at line 5. */
#define CLUSTER "apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: c}\nspec:\n"
#define HOST    "apiVersion: hvgpu/v1\nkind: Host\nmetadata: {name: h}\nspec:\n"
#define A2      "  gpus: [{name: a2, match: {model: NVIDIA A2}, partitions: 4}]\n"

struct spec_case {
    struct arena arena;
    struct findings found;
    struct specs specs;
    bool ok;
};

static inline void spec_case_read(struct spec_case *c, const char *text)
{
    struct spec_source source = {.file = "t.yaml", .text = text, .size = strlen(text)};

    arena_init(&c->arena, 0);
    findings_init(&c->found, &c->arena);
    c->ok = spec_read(&c->arena, &source, 1, &c->specs, &c->found);
}

static inline void spec_case_end(struct spec_case *c)
{
    arena_release(&c->arena);
}

/* Everything that was found, one line each. */
static inline const char *spec_case_findings(struct spec_case *c)
{
    struct text t;

    text_init(&t, &c->arena);
    for (size_t i = 0; i < c->found.count; i++) {
        const struct finding *f = &c->found.rows[i];

        text_printf(&t, "%u:%u %s: %s [%s]\n", f->at.line, f->at.column, f->code, f->text,
                    f->next ? f->next : "");
    }
    return text_done(&t);
}

static inline const struct spec *spec_case_good(struct spec_case *c, const char *text)
{
    spec_case_read(c, text);
    if (!c->ok || c->found.count || c->specs.count != 1)
        fail_msg("%s\nfound:\n%s", text, spec_case_findings(c));
    return &c->specs.rows[0];
}

/* One text and the one finding that it gets; "" for `code`: none. */
struct spec_row {
    const char *text;
    const char *code;
    unsigned line, column;
    const char *says; /* in the sentence or in the next step */
    enum severity severity;
    const char *rule; /* or NULL */
};

static inline void spec_row_check(const struct spec_row *row)
{
    struct spec_case c;
    const struct finding *f;

    spec_case_read(&c, row->text);
    f = c.found.rows;
    if (!*row->code) {
        if (!c.ok || c.found.count)
            fail_msg("expected no finding:\n%s\nfound:\n%s", row->text, spec_case_findings(&c));
    } else if (c.found.count != 1 || strcmp(f->code, row->code) != 0 || f->at.line != row->line ||
               f->at.column != row->column || f->severity != row->severity || !f->next ||
               c.ok != (row->severity != SEVERITY_ERROR) ||
               (row->says && !strstr(f->text, row->says) && !strstr(f->next, row->says)) ||
               (row->rule && !str_eq(f->rule, row->rule))) {
        fail_msg("expected %u:%u %s \"%s\" (%s):\n%s\nfound:\n%s", row->line, row->column,
                 row->code, row->says ? row->says : "", row->rule ? row->rule : "", row->text,
                 spec_case_findings(&c));
    }
    spec_case_end(&c);
}

#define spec_rows_check(rows)                                                                      \
    for (size_t row_ = 0; row_ < sizeof(rows) / sizeof *(rows); row_++)                            \
    spec_row_check(&(rows)[row_])

#endif
