#include "doc_rows.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

struct row {
    const char *text, *want, *findings, *next; /* next: part of the last finding's, or NULL */
};

static bool as_wanted(const struct row *row, const char *got, const struct findings *found,
                      const char *said)
{
    if (strcmp(got, row->want) != 0 || strcmp(said, row->findings) != 0)
        return false;
    for (size_t i = 0; i < found->count; i++)
        if (!is_code(found->rows[i].code) || !found->rows[i].text || !found->rows[i].next ||
            !str_eq(found->rows[i].at.file, "f"))
            return false;
    return !row->next ||
           (found->count && strstr(found->rows[found->count - 1].next, row->next) != NULL);
}

static size_t check_row(const struct row *row, const char *text, size_t size)
{
    struct arena a;
    struct findings found;
    const char *got, *said;
    bool ok;

    arena_init(&a, 0);
    findings_init(&found, &a);
    got = dump_text(&a, text, size, &found);
    said = dump_findings(&a, &found);
    ok = as_wanted(row, got, &found, said);
    if (!ok)
        print_error("%s\n  got: %s  want: %s\n  got: %s  want: %s\n  got: %s  want: %s\n",
                    row->text, got, row->want, said, row->findings,
                    found.count ? found.rows[found.count - 1].next : "",
                    row->next ? row->next : "");
    arena_release(&a);
    return !ok;
}

static void check_rows(const struct row *rows, size_t count)
{
    size_t bad = 0;

    for (size_t i = 0; i < count; i++)
        bad += check_row(&rows[i], rows[i].text, strlen(rows[i].text));
    assert_int_equal(bad, 0);
}

static void reads_what_is_written(void **state)
{
    static const struct row rows[] = {
        {"", "", "", NULL},
        {"# nothing\n", "", "", NULL},
        {"a: 1\n", "{a: 1}", "", NULL},
        {"a: 22:00\nb: no\nc: 0x10\nd: 1_000\n", "{a: 22:00, b: no, c: 0x10, d: 1_000}", "", NULL},
        {"a:\nb: ~\nc: null\nd: 'null'\n", "{a: ~, b: ~, c: ~, d: \"null\"}", "", NULL},
        {"- a\n- [b, {c: d}]\n", "[a, [b, {c: d}]]", "", NULL},
        {"a: |\n  x\n  y\n", "{a: \"x\ny\n\"}", "", NULL},
        {"a: 'PCI\\VEN_10DE&DEV_26B9'\n", "{a: \"PCI\\VEN_10DE&DEV_26B9\"}", "", NULL},
        {"a: PCIROOT(16)#PCI(0200)\n", "{a: PCIROOT(16)#PCI(0200)}", "", NULL},
        {"a: 1\n---\nb: 2\n...\n", "{a: 1} | {b: 2}", "", NULL},
        {"---\n---\na: 1\n", "~ | {a: 1}", "", NULL},
        {"%YAML 1.2\n---\na: 1\n", "{a: 1}", "", NULL},
        {"a: !!str 12\nb: !!int 3\nc: !!map {}\nd: !!seq []\ne: ! 4\n",
         "{a: \"12\", b: 3, c: {}, d: [], e: \"4\"}", "", NULL},
        {"a: 1\r\nb:\r\n  - c\r\n", "{a: 1, b: [c]}", "", NULL},
        {"{\"a\": [1, true, null, \"x\\u00e9\\/\\\"\"], \"b\":{\"c\":\"\"}}",
         "{a: [1, true, ~, \"x\xc3\xa9/\"\"], b: {c: \"\"}}", "", NULL},
        {"{\n\t\"a\":\t1,\n\t\"b\": [\n\t\t2\n\t]\n}\n", "{a: 1, b: [2]}", "", NULL},
        {"{\"a\": \"\\ud83d\\uDE00!\", \"b\": \"\\\\ud83d\\\\ude00\"}",
         "{a: \"\xf0\x9f\x98\x80!\", b: \"\\ud83d\\ude00\"}", "", NULL},
        {"\xEF\xBB\xBF"
         "a: \xc3\xa9\n",
         "{a: \xc3\xa9}", "", NULL},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void refuses_what_bites(void **state)
{
    static const struct row rows[] = {
        {"a: 1\nb: 2\na: 3\nc: 4\n", "{a: 1, b: 2, c: 4}", "3:1 duplicate-key", "keep one"},
        {"a: 1\n'a': {x: [1, 2]}\n", "{a: 1}", "2:1 duplicate-key", NULL},
        {"a: {b: 1, b: 2}\nc: {b: 3}\n", "{a: {b: 1}, c: {b: 3}}", "1:11 duplicate-key", NULL},
        {"a: *-pay\nb: 1\n", "{a: ?, b: 1}", "1:4 alias", "\"*-pay\""},
        {"- *x\n- b\n", "[?, b]", "1:3 alias", "\"*x\""},
        {"a: *-pay*\n", "{a: !}!!", "1:4 alias", "\"*-pay*\""},
        {"a: [*.pay, b]\n", "{a: []}!!", "1:5 alias", "\"*.pay\""},
        {"a: *\n", "{a: !}!!", "1:4 alias", "\"*\""},
        {"a: &x 1\nb: {c: &y {d: 1}}\n", "{a: 1, b: {c: {d: 1}}}", "1:4 anchor, 2:8 anchor",
         "take it out"},
        {"a: &.x\n", "{a: !}!!", "1:4 anchor", "\"&.x\""},
        {"*a : 1\nb: 2\n", "{b: 2}", "1:1 alias", NULL},
        {"<<: {a: 1}\nb: 2\n", "{b: 2}", "1:1 merge-key", "in each place"},
        {"'<<': 1\n", "{<<: 1}", "", NULL},
        {"? [a, b]\n: 1\nc: 2\n", "{c: 2}", "1:3 complex-key", NULL},
        {"a: {{ name }}\nb: 1\n", "{a: {}, b: 1}", "1:5 complex-key", "quote"},
        {"?\n: 1\nb: 2\n", "{b: 2}", "1:2 empty-key", NULL},
        {"a: !secret x\nb: !!binary x\nc: !!str {}\n", "{a: x, b: x, c: {}}",
         "1:4 tag, 2:4 tag, 3:4 tag", "quote"},
        {"a: !x!y z\n", "{a: !}!!", "1:4 tag", "\"!x!y\""},
        {"%TAG ! tag:x,2000:\n---\na: 1\n", "!!", "1:1 directive", "take the line out"},
        {"%FOO\n---\na: 1\n", "!!", "1:5 directive", NULL},
        {"%YAML 3.0\n---\na: 1\n", "!!", "1:1 directive", NULL},
        {"a: \"C:\\temp\\bin\"\n", "{a: ?}", "1:4 control-character", "single quotes"},
        {"a: \"PCI\\P\"\n", "{a: ?}", "1:4 control-character", "single quotes"},
        {"a: \"\\L\\n\"\n", "{a: ?}", "1:4 control-character", NULL}, /* as long as it is written */
        {"a: \"x\\0y\"\n", "{a: ?}", "1:4 control-character", NULL},
        {"\"a\\0b\": 1\nc: 2\n", "{c: 2}", "1:1 control-character", NULL},
        {"a: \"x\\n\\ty\"\n", "{a: \"x\n\ty\"}", "", NULL},
        {"a: \"C:\\Windows\"\n", "{a: !}!!", "1:7 path-in-double-quotes", "single quotes"},
        {"a: \"\\xZZ\"\n", "{a: !}!!", "1:7 path-in-double-quotes", "single quotes"},
        {"a: 'x\xe2\x80\xa8y'\nb: x\xe2\x80\xa9 y\n", "{a: ?, b: ?}",
         "1:4 control-character, 3:4 control-character", "take it out"},
        {"a: \x01\n", "!!", "1:4 control-character", NULL},
        {"a: 1\nb: \xff\n", "!!", "2:4 encoding", "UTF-8"},
        {"a: \xc3\xa9\nb: \xed\xa0\x80\n", "!!", "2:4 encoding", "UTF-8"},
        {"a: 1\n\xEF\xBB\xBF"
         "b: 2\n\xc3\xa9",
         "!!", "2:1 encoding", "joined"},
        {"a: \xc3", "!!", "1:4 encoding", NULL},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void says_where_syntax_breaks(void **state)
{
    static const struct row rows[] = {
        {"a: b: c\n", "{a: b}!!", "1:5 syntax", "colon"},
        {"a: 1\n  b: 2\n", "{a: 1 b}!!", "2:4 syntax", "indentation"},
        {"a:\n  - 1\n - 2\n", "{a: [1]}!!", "3:2 syntax", "indentation"},
        {"a:\n    b: 1\n  c: 2\n", "{a: {b: 1}}!!", "3:3 syntax", "same column"},
        {"a: [1, 2\nb: 3\n", "{a: [1, 2 b]}!!", "2:2 syntax", "]"},
        {"{\"a\": 1, \"b\": [1", "{a: 1, b: [1]}!!", "2:1 syntax", "cut off"},
        {"{\"a\": 1, \"b", "!!", "1:12 syntax", "cut off"},
        {"a: 'x\nb: 1\n", "{a: !}!!", "3:1 syntax", "cut off"},
        {"\ta: 1\n", "!!", "1:1 syntax", "spaces"},
        {"a: @x\n", "{a: !}!!", "1:4 syntax", "quote"},
        {"a: `x`\n", "{a: !}!!", "1:4 syntax", "quote"},
        {"a: 1\nfoo\nb: 2\n", "{a: 1}!!", "3:1 syntax", "colon"},
        {"a: |x\n  y\n", "{a: !}!!", "1:5 syntax", "next line"},
        {"[a] b\n", "[a]!!", "1:5 syntax", NULL},
        {"}", "!!!", "1:1 syntax", NULL},
        {"a: - b\n", "{a: !}!!", "1:4 syntax", "lines of its own"},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

/* Columns are characters, whatever the bytes. */
static void counts_characters(void **state)
{
    static const struct row rows[] = {
        {"\xc3\xa9\xe2\x82\xac: {a: 1, a: 2}\n", "{\xc3\xa9\xe2\x82\xac: {a: 1}}",
         "1:12 duplicate-key", NULL},
        {"\xc3\xa9: \"\\x01\"\n", "{\xc3\xa9: ?}", "1:4 control-character", NULL},
        {"\xf0\x9f\x98\x80: \xc3\xa9\xc3\xa9 \x02\n", "!!", "1:7 control-character", NULL},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static size_t to_utf16(const char *ascii, bool big, bool mark, char *out)
{
    size_t n = 0;

    if (mark) {
        memcpy(out, big ? "\xFE\xFF" : "\xFF\xFE", 2);
        n = 2;
    }
    for (; *ascii; ascii++) {
        out[n + !big] = 0;
        out[n + big] = *ascii;
        n += 2;
    }
    return n;
}

static void reads_utf16(void **state)
{
    static const struct row ok = {"utf-16", "{a: [b, c]}", "", NULL};
    static const struct row bare = {"utf-16 without mark", "!!", "1:2 control-character", "UTF-16"};
    static const struct row pair = {"pair", "\xf0\x9f\x98\x80", "", NULL};
    static const struct row half = {"half", "!!", "1:2 encoding", "cut off"};
    static const struct row utf32 = {"utf-32", "!!", "1:1 encoding", "UTF-8"};
    char buffer[128];

    (void)state;
    for (int big = 0; big < 2; big++)
        assert_false(
            check_row(&ok, buffer, to_utf16("a:\r\n  - b\r\n  - c\r\n", big, true, buffer)));
    assert_false(check_row(&bare, buffer, to_utf16("a: 1\n", false, false, buffer)));
    assert_false(check_row(&pair, "\xFF\xFE\x3d\xd8\x00\xde", 6));
    assert_false(check_row(&half,
                           "\xFF\xFE"
                           "a\0\x3d\xd8",
                           6));
    assert_false(check_row(&half,
                           "\xFF\xFE"
                           "a\0b",
                           5));
    assert_false(check_row(&utf32, "\xFF\xFE\0\0a\0\0\0", 8));
}

static void refuses_nul_bytes(void **state)
{
    static const struct row row = {"nul", "!!", "2:4 control-character", "get it again"};

    (void)state;
    assert_false(check_row(&row, "a: 1\nb: \0x\n", 11));
}

static char *nested(int depth)
{
    char *s = calloc((size_t)depth * 2 + 1, 1);

    assert_non_null(s);
    memset(s, '[', (size_t)depth);
    memset(s + depth, ']', (size_t)depth);
    return s;
}

static void bounds_depth(void **state)
{
    static const int depths[] = {LIMIT_DOC_DEPTH, LIMIT_DOC_DEPTH + 1, 1000, 100000};

    (void)state;
    for (size_t i = 0; i < COUNT(depths); i++) {
        char *s = nested(depths[i]);
        struct arena a;
        struct findings found;
        struct doc *d;

        arena_init(&a, 0);
        findings_init(&found, &a);
        dump_text(&a, s, strlen(s), &found);
        if (depths[i] <= LIMIT_DOC_DEPTH)
            assert_int_equal(found.count, 0);
        else
            assert_string_equal(dump_findings(&a, &found), "1:33 too-deep");
        /* Reading over it is bounded just so. */
        findings_init(&found, &a);
        d = doc_open(&a, "f", s, strlen(s), &found);
        assert_true(doc_next(d));
        doc_skip(d);
        assert_int_equal(doc_broken(d), depths[i] > LIMIT_DOC_DEPTH);
        assert_false(doc_next(d));
        doc_close(d);
        arena_release(&a);
        free(s);
    }
}

static char *repeated(const char *before, char c, size_t count, const char *after)
{
    size_t n = strlen(before);
    char *s = calloc(n + count + strlen(after) + 1, 1);

    assert_non_null(s);
    memcpy(s, before, n);
    memset(s + n, c, count);
    memcpy(s + n + count, after, strlen(after));
    return s;
}

static void bounds_texts(void **state)
{
    static const struct {
        char c;
        size_t count;
        const char *before, *findings;
        bool broken;
    } rows[] = {
        {'x', LIMIT_DOC_SCALAR, "a: ", "", false},
        {'x', LIMIT_DOC_SCALAR + 1, "a: ", "1:4 too-long", false},
        {'k', LIMIT_NAME, "? ", "", false},
        {'k', LIMIT_NAME + 1, "? ", "1:3 too-long", false},
        {'x', 40 << 20, "a: ", "1:2 too-long", true},
        {'x', 40 << 20, "# ", "1:1 too-long", true},
        {'\n', 40 << 20, "", "1:1 too-long", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *s = repeated(rows[i].before, rows[i].c, rows[i].count, "\n");
        struct arena a;
        struct findings found;
        const char *got;

        arena_init(&a, 0);
        findings_init(&found, &a);
        got = dump_text(&a, s, strlen(s), &found);
        assert_string_equal(dump_findings(&a, &found), rows[i].findings);
        assert_int_equal(strlen(got) >= 2 && strcmp(got + strlen(got) - 2, "!!") == 0,
                         rows[i].broken);
        arena_release(&a);
        free(s);
    }
}

static void bounds_bytes_and_documents(void **state)
{
    struct arena a;
    struct findings found;
    struct text many;
    struct doc *d;
    size_t documents = 0;

    (void)state;
    arena_init(&a, 0);
    findings_init(&found, &a);
    d = doc_open(&a, "f", "a: 1", (size_t)LIMIT_DOC_BYTES + 1, &found);
    assert_false(doc_next(d));
    assert_true(doc_broken(d));
    doc_close(d);
    assert_string_equal(dump_findings(&a, &found), "1:1 too-large");

    findings_init(&found, &a);
    text_init(&many, &a);
    for (int i = 0; i < LIMIT_DOC_DOCUMENTS + 5; i++)
        text_add(&many, "--- a\n");
    d = doc_open(&a, "f", text_done(&many), many.size, &found);
    while (doc_next(d)) {
        documents++;
        doc_skip(d);
    }
    assert_int_equal(documents, LIMIT_DOC_DOCUMENTS);
    assert_true(doc_broken(d));
    doc_close(d);
    assert_string_equal(dump_findings(&a, &found), "4097:1 too-many-documents");
    arena_release(&a);
}

/* Large maps find doubles by hash; the same answers as small ones. */
static void finds_doubles_in_large_maps(void **state)
{
    static const int sizes[] = {15, 16, 17, 31, 32, 33, 64, 65, 1000, 20000};

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct arena a;
        struct findings found;
        struct text t;

        arena_init(&a, 0);
        findings_init(&found, &a);
        text_init(&t, &a);
        for (int map = 0; map < 2; map++) {
            text_add(&t, "-\n");
            for (int k = 0; k < sizes[i]; k++)
                text_printf(&t, "  key-%d: {key-1: 1}\n", k);
        }
        dump_text(&a, text_done(&t), t.size, &found);
        assert_int_equal(found.count, 0);
        text_printf(&t, "  key-%d: 1\n", sizes[i] / 2);
        text_add(&t, "  key-0: 2\n");
        dump_text(&a, text_done(&t), t.size, &found);
        assert_int_equal(found.count, 2);
        assert_string_equal(found.rows[0].code, "duplicate-key");
        assert_int_equal(found.rows[0].at.line, 2 * sizes[i] + 3);
        assert_non_null(strstr(found.rows[1].text, arena_printf(&a, "f:%d:3", sizes[i] + 3)));
        arena_release(&a);
    }
}

static void says_what_was_expected(void **state)
{
    static const struct {
        const char *text;
        char call;
        const char *finding, *says;
    } rows[] = {
        {"v: a", 'l', "1:4 wrong-type", "expected a list, found a text"},
        {"v: {a: [1]}", 'l', "1:4 wrong-type", "expected a list, found a map"},
        {"v: [a]", 'm', "1:4 wrong-type", "expected a map, found a list"},
        {"v: [a, {b: c}]", 's', "1:4 wrong-type", "expected a text, found a list"},
        {"v: {a: 1}", 's', "1:4 wrong-type", "expected a text, found a map"},
        {"v:", 'l', "1:3 empty", "is empty: expected a list"},
        {"v: ~", 'm', "1:4 empty", "is empty: expected a map"},
        {"v: *x", 'm', "1:4 alias", "alias"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena a;
        struct findings found;
        struct doc_scalar s;
        struct doc *d;
        char *text;
        bool took;

        arena_init(&a, 0);
        findings_init(&found, &a);
        text = arena_printf(&a, "%s\nafter: 1\n", rows[i].text);
        d = doc_open(&a, "f", text, strlen(text), &found);
        assert_true(doc_next(d) && doc_map(d, "top") && doc_key(d, &s));
        took = rows[i].call == 'l'   ? doc_list(d, "v")
               : rows[i].call == 'm' ? doc_map(d, "v")
                                     : doc_scalar(d, "v", &s);
        assert_false(took);
        assert_string_equal(dump_findings(&a, &found), rows[i].finding);
        assert_non_null(strstr(found.rows[0].text, rows[i].says));
        /* The value was read over: what follows is read. */
        assert_true(doc_key(d, &s));
        assert_string_equal(s.text, "after");
        doc_close(d);
        arena_release(&a);
    }
}

/* A value that nobody took is read over; so is the rest of a document. */
static void forgives_a_reader_that_skips(void **state)
{
    static const char text[] = "a: {x: [1, 2]}\nb: [3, {y: 4}]\nc: 5\n---\nd: 6\n";
    struct arena a;
    struct findings found;
    struct doc_scalar s;
    struct span at;
    struct doc *d;

    (void)state;
    arena_init(&a, 0);
    findings_init(&found, &a);
    d = doc_open(&a, "f", text, sizeof text - 1, &found);
    assert_true(doc_next(d));
    assert_int_equal(doc_peek(d, &at), DOC_MAP);
    assert_int_equal(at.line, 1);
    assert_true(doc_map(d, "top"));
    assert_true(doc_key(d, &s));
    assert_true(doc_key(d, &s));
    assert_string_equal(s.text, "b");
    assert_true(doc_list(d, "b") && doc_item(d) && doc_item(d));
    assert_int_equal(doc_peek(d, &at), DOC_MAP);
    assert_int_equal(at.column, 8);
    assert_false(doc_item(d));
    assert_true(doc_key(d, &s));
    assert_string_equal(s.text, "c");
    assert_true(doc_next(d) && doc_map(d, "top") && doc_key(d, &s));
    assert_string_equal(s.text, "d");
    assert_int_equal(s.at.line, 5);
    assert_false(doc_next(d));
    assert_false(doc_next(d));
    assert_false(doc_broken(d));
    assert_int_equal(found.count, 0);
    doc_close(d);
    arena_release(&a);
}

static void suggests_keys(void **state)
{
    static const char *const gpu[] = {"name",         "match", "partitions", "size",
                                      "perNode",      "pool",  "prepare",    "instancePath",
                                      "locationPath", "pci",   "subsystem",  "model"};
    static const char *const settings[] = {"mmio", "automaticStopAction", "checkpoints",
                                           "guestControlledCacheTypes"};
    static const struct {
        const char *written;
        bool settings;
        const char *next;
    } rows[] = {
        {"partitons", false, "did you mean `partitions`?"},
        {"per-node", false, "did you mean `perNode`?"},
        {"PerNode", false, "did you mean `perNode`?"},
        {"PartitionCount", false, "did you mean `partitions`?"},
        {"PartitionCount", true, "spec.gpus"},
        {"LowMemoryMappedIoSpace", true, "mmio: {low: 1 GiB}"},
        {"HighMemoryMappedIoSpace", true, "mmio: {high: 32 GiB}"},
        {"GuestControlledCacheTypes", true, "did you mean `guestControlledCacheTypes`?"},
        {"AutomaticStopAction", true, "did you mean `automaticStopAction`?"},
        {"OfflineAction", true, "not declared"},
        {"ValidPartitionCounts", false, "never declared"},
        {"InstanceId", false, "did you mean `instancePath`?"},
        {"DeviceId", false, "did you mean `pci`?"},
        {"quux", false, "known here: name, match, partitions"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena a;
        struct findings found;
        struct doc_scalar s;
        struct doc *d;
        char *text;

        arena_init(&a, 0);
        findings_init(&found, &a);
        text = arena_printf(&a, "%s: 1\n", rows[i].written);
        d = doc_open(&a, "f", text, strlen(text), &found);
        assert_true(doc_next(d) && doc_map(d, "top") && doc_key(d, &s));
        doc_unknown_key(d, &s, rows[i].settings ? settings : gpu,
                        rows[i].settings ? COUNT(settings) : COUNT(gpu));
        assert_string_equal(dump_findings(&a, &found), "1:1 unknown-key");
        if (!strstr(found.rows[0].next, rows[i].next))
            print_error("%s: %s\n", rows[i].written, found.rows[0].next);
        assert_non_null(strstr(found.rows[0].next, rows[i].next));
        doc_close(d);
        arena_release(&a);
    }
}

/* Every prefix and every single wrong byte of a document is read to an end. */
static void survives_every_cut(void **state)
{
    static const char text[] =
        "%YAML 1.1\n---\na: &x [1, 'two', \"th\\u00e9ee\", {k: *x}]\nb: |\n  t\xc3\xa9xt\n"
        "? c\n: !!str d # e\n...\n---\n- >-\n  f\n";
    static const char wrong[] = "\0\t\n\"'#%&*-:?[]{}!|>@`,\\\xff\xc3";
    char copy[sizeof text];

    (void)state;
    for (size_t n = 0; n < sizeof text; n++) {
        for (size_t w = 0; w < sizeof wrong; w++) {
            struct arena a;
            struct findings found;

            arena_init(&a, 0);
            findings_init(&found, &a);
            memcpy(copy, text, sizeof text);
            if (w)
                copy[n] = wrong[w - 1];
            dump_text(&a, copy, w ? sizeof text - 1 : n, &found);
            for (size_t i = 0; i < found.count; i++)
                assert_true(found.rows[i].at.line >= 1 && found.rows[i].at.line <= 14);
            arena_release(&a);
        }
    }
}

/* The pass that reads it has no more memory: libyaml's own goes with the arena (leaks are found).
 */
static void gives_back_what_a_pass_left(void **state)
{
    static char text[200000];
    struct findings found;
    struct arena a, other;
    jmp_buf out;
    volatile bool left = true;

    (void)state;
    for (size_t i = 0; i + 19 < sizeof text; i += 19)
        memcpy(text + i, "- [a, {b: c}, \"d\"]\n", 19);
    arena_init(&other, 0);
    findings_init(&found, &other);
    arena_init(&a, 300 << 10);
    a.escape = &out;
    if (setjmp(out) == 0) {
        dump_text(&a, text, strlen(text), &found);
        left = false;
    }
    assert_true(left);
    assert_non_null(a.duties);
    arena_release(&a);
    assert_null(a.duties);
    arena_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_written),
        cmocka_unit_test(refuses_what_bites),
        cmocka_unit_test(says_where_syntax_breaks),
        cmocka_unit_test(counts_characters),
        cmocka_unit_test(reads_utf16),
        cmocka_unit_test(refuses_nul_bytes),
        cmocka_unit_test(bounds_depth),
        cmocka_unit_test(bounds_texts),
        cmocka_unit_test(bounds_bytes_and_documents),
        cmocka_unit_test(finds_doubles_in_large_maps),
        cmocka_unit_test(says_what_was_expected),
        cmocka_unit_test(forgives_a_reader_that_skips),
        cmocka_unit_test(suggests_keys),
        cmocka_unit_test(survives_every_cut),
        cmocka_unit_test(gives_back_what_a_pass_left),
    };

    return cmocka_run_group_tests_name("codec_doc", tests, NULL, NULL);
}
