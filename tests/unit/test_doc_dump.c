/*
 * Documents as the one reader sees them, as JSON: each scalar is a text, as it is written.
 *
 *   test_doc_dump FILE...    the documents of each file, one on each line; for cli/yaml_readers.sh
 */
#include "codec/doc.h"
#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void dump(struct doc *d, struct json *j)
{
    struct doc_scalar s;

    switch (doc_peek(d, &s.at)) {
    case DOC_MAP:
        json_map(j);
        if (doc_map(d, "map"))
            while (doc_key(d, &s)) {
                json_key(j, s.text);
                dump(d, j);
            }
        json_map_end(j);
        break;
    case DOC_LIST:
        json_list(j);
        if (doc_list(d, "list"))
            while (doc_item(d))
                dump(d, j);
        json_list_end(j);
        break;
    default:
        json_text(j, doc_scalar(d, "value", &s) && !s.null ? s.text : NULL);
    }
}

/* NULL: there is a finding. */
static const char *dumped(struct arena *a, const char *file, const char *text, size_t size)
{
    struct findings found;
    struct text t;
    struct json j;
    struct doc *d;

    findings_init(&found, a);
    text_init(&t, a);
    d = doc_open(a, file, text, size, &found);
    while (doc_next(d)) {
        json_init(&j, &t, true);
        dump(d, &j);
        text_add(&t, "\n");
    }
    doc_close(d);
    for (size_t i = 0; i < found.count; i++)
        fprintf(stderr, "%s:%u: %s\n", file, (unsigned)found.rows[i].at.line, found.rows[i].text);
    return found.count ? NULL : text_done(&t);
}

static void as_written(void **state)
{
    static const char text[] =
        "a: [22:00, \"no\", 0x10, ~]\nb: {c: 'it''s', d: <x>-1}\n---\n- |\n  two\n"
        "  lines\n- {}\n";
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    assert_string_equal(dumped(&a, "t", text, sizeof text - 1),
                        "{\"a\":[\"22:00\",\"no\",\"0x10\",null],\"b\":{\"c\":\"it's\",\"d\":"
                        "\"<x>-1\"}}\n[\"two\\nlines\\n\",{}]\n");
    arena_release(&a);
}

static bool print_file(const char *path)
{
    struct arena a;
    struct text t;
    char chunk[4096];
    const char *out;
    size_t n;
    FILE *f = fopen(path, "rb");

    if (!f)
        return false;
    arena_init(&a, 0);
    text_init(&t, &a);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        text_add_n(&t, chunk, n);
    fclose(f);
    out = dumped(&a, path, text_done(&t), t.size);
    if (out)
        fputs(out, stdout);
    arena_release(&a);
    return out;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_written)};
    bool good = true;

    if (argc < 2)
        return cmocka_run_group_tests(tests, NULL, NULL);
    for (int i = 1; i < argc; i++)
        good = print_file(argv[i]) && good;
    return !good;
}
