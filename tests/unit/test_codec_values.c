#include "doc_rows.h"

#include "base/limits.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

enum type { TEXT, LABEL, U64, BOOL, BYTES, DURATION, TIME, WORD, PCI, NUM, NUM_BYTES, TRI };

struct row {
    enum type type;
    const char *written;
    const char *want; /* the value; or "?" and the code of the finding */
    const char *next; /* part of the next step, or NULL */
};

static const char *const words[] = {"running", "stopped", "asFound", NULL};

static const char *known(struct arena *a, struct num n)
{
    return n.known ? arena_printf(a, "%" PRIu64, n.value) : "unknown";
}

/* The value as text; NULL when it is none. */
static const char *take(struct arena *a, struct doc *d, enum type type)
{
    struct doc_scalar s;
    struct span at = {0};
    struct num num;
    enum tri tri;
    uint64_t u;
    int64_t i;
    const char *pci;
    int word;
    bool b;

    switch (type) {
    case TEXT:
        return doc_text(d, "v", &s) ? s.text : NULL;
    case LABEL:
        return doc_label(d, "v", &s) ? s.text : NULL;
    case U64:
        return doc_u64(d, "v", 2, UINT64_MAX, &u, &at) ? arena_printf(a, "%" PRIu64, u) : NULL;
    case BOOL:
        return doc_bool(d, "v", &b, &at) ? b ? "true" : "false" : NULL;
    case BYTES:
        return doc_bytes(d, "v", &u, &at) ? arena_printf(a, "%" PRIu64, u) : NULL;
    case DURATION:
        return doc_duration(d, "v", &i, &at) ? arena_printf(a, "%" PRId64, i) : NULL;
    case TIME:
        return doc_time(d, "v", &i, &at) ? arena_printf(a, "%" PRId64, i) : NULL;
    case WORD:
        return doc_word(d, "v", words, &word, &at) ? words[word] : NULL;
    case PCI:
        return doc_pci(d, "v", &pci, &at) ? pci : NULL;
    case NUM:
        return doc_num_or_unknown(d, "v", &num) ? known(a, num) : NULL;
    case NUM_BYTES:
        return doc_bytes_or_unknown(d, "v", &num) ? known(a, num) : NULL;
    case TRI:
        return !doc_tri(d, "v", &tri) ? NULL
               : tri == TRI_UNKNOWN   ? "unknown"
               : tri == TRI_YES       ? "true"
                                      : "false";
    }
    return NULL;
}

static bool check_row(const struct row *row)
{
    struct arena a;
    struct findings found;
    struct doc_scalar s;
    const char *text, *got, *code, *next;
    struct doc *d;
    bool ok;

    arena_init(&a, 0);
    findings_init(&found, &a);
    text = arena_printf(&a, "v: %s\nafter: 1\n", row->written);
    d = doc_open(&a, "f", text, strlen(text), &found);
    assert_true(doc_next(d) && doc_map(d, "top") && doc_key(d, &s));
    got = take(&a, d, row->type);
    code = found.count ? found.rows[0].code : "";
    next = found.count && found.rows[0].next ? found.rows[0].next : "";
    if (!got)
        got = arena_printf(&a, "?%s", code);
    else if (found.count)
        got = arena_printf(&a, "%s ?%s", got, code);
    ok = str_eq(got, row->want) && found.count <= 1 && (!row->next || strstr(next, row->next)) &&
         (!found.count || (found.rows[0].at.line == 1 && *next && is_code(code))) &&
         doc_key(d, &s) && str_eq(s.text, "after");
    if (!ok)
        print_error("%s\n  got: %s  want: %s\n  says: %s\n  next: %s\n", row->written, got,
                    row->want, found.count ? found.rows[0].text : "", next);
    doc_close(d);
    arena_release(&a);
    return ok;
}

static void check_rows(const struct row *rows, size_t count)
{
    size_t bad = 0;

    for (size_t i = 0; i < count; i++)
        bad += !check_row(&rows[i]);
    assert_int_equal(bad, 0);
}

static void texts(void **state)
{
    static const struct row rows[] = {
        {TEXT, "ber014-hv1", "ber014-hv1", NULL},
        {TEXT, "12", "12", NULL},
        {TEXT, "no", "no", NULL},
        {TEXT, "\"NVIDIA A2\"", "NVIDIA A2", NULL},
        {TEXT, "'PCI\\VEN_10DE'", "PCI\\VEN_10DE", NULL},
        {TEXT, "\"PCI\\\\VEN_10DE\"", "PCI\\VEN_10DE", NULL},
        {TEXT, "PCIROOT(16)#PCI(0200)", "PCIROOT(16)#PCI(0200)", NULL},
        {TEXT, "", "?empty", "leave the key out"},
        {TEXT, "~", "?empty", NULL},
        {TEXT, "''", "?empty", NULL},
        {TEXT, "[a]", "?wrong-type", NULL},
        {TEXT, "\"D:\\new\"", "?path-in-double-quotes", "single quotes"},
        {TEXT, "\"D:\\temp\"", "?path-in-double-quotes", "single quotes"},
        {TEXT, "\"PCI\\P\"", "?control-character", "single quotes"},
        {TEXT, "|\n  two\n  lines", "?control-character", "one line"},
        {TEXT, "GPU #3", "GPU ?comment-cut", "\"GPU #3\""},
        {TEXT, "GPU #3 and more  ", "GPU ?comment-cut", "\"GPU #3 and more\""},
        {TEXT, "GPU # a comment", "GPU", NULL},
        {TEXT, "GPU   #a comment", "GPU", NULL},
        {TEXT, "GPU ## a comment", "GPU", NULL},
        {TEXT, "'GPU #3'", "GPU #3", NULL},
        {TEXT, "'GPU' #3", "GPU", NULL},
        {LABEL, "canary", "canary", NULL},
        {LABEL, "\"no\"", "no", NULL},
        {LABEL, "no", "no ?other-reader", "\"no\""},
        {LABEL, "Yes", "Yes ?other-reader", NULL},
        {LABEL, "12", "12 ?other-reader", NULL},
        {LABEL, "1.5e3", "1.5e3 ?other-reader", NULL},
        {LABEL, "0x1F", "0x1F ?other-reader", NULL},
        {LABEL, "22:00", "22:00 ?other-reader", NULL},
        {LABEL, "2026-11-19", "2026-11-19 ?other-reader", NULL},
        {LABEL, "1.2.3", "1.2.3", NULL},
        {LABEL, "12th", "12th", NULL},
        {LABEL, "north", "north", NULL},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void numbers(void **state)
{
    static const struct row rows[] = {
        {U64, "2", "2", NULL},
        {U64, "\"18446744073709551615\"", "18446744073709551615", NULL},
        {U64, "18446744073709551616", "?not-a-number", NULL},
        {U64, "1", "?out-of-range", "from 2 to"},
        {U64, "-4", "?not-a-number", NULL},
        {U64, "+4", "?not-a-number", "write 4"},
        {U64, "0x10", "?not-a-number", "write 16"},
        {U64, "0o17", "?not-a-number", "write 15"},
        {U64, "0b101", "?not-a-number", "write 5"},
        {U64, "0xfffffffffffffffff", "?not-a-number", NULL},
        {U64, "010", "?not-a-number", "write 10"},
        {U64, "1_000", "?not-a-number", "write 1000"},
        {U64, "\"1,000\"", "?not-a-number", "write 1000"},
        {U64, "4.0", "?not-a-number", "write 4"},
        {U64, "4.5", "?not-a-number", NULL},
        {U64, "1e3", "?not-a-number", NULL},
        {U64, "4 GiB", "?not-a-number", NULL},
        {U64, "four", "?not-a-number", NULL},
        {U64, "", "?empty", NULL},
        {U64, "{a: 1}", "?wrong-type", NULL},
        {NUM, "0", "0", NULL},
        {NUM, "unknown", "unknown", NULL},
        {NUM, "'7'", "7", NULL},
        {NUM, "", "?empty", "unknown"},
        {NUM, "Unknown", "?not-a-number", NULL},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void booleans(void **state)
{
    static const struct row rows[] = {
        {BOOL, "true", "true", NULL},
        {BOOL, "false", "false", NULL},
        {BOOL, "yes", "?not-a-boolean", "write true"},
        {BOOL, "Off", "?not-a-boolean", "write false"},
        {BOOL, "TRUE", "?not-a-boolean", "write true"},
        {BOOL, "1", "?not-a-boolean", "write true"},
        {BOOL, "'true'", "?not-a-boolean", "without quotes"},
        {BOOL, "perhaps", "?not-a-boolean", "true or false"},
        {BOOL, "", "?empty", NULL},
        {TRI, "true", "true", NULL},
        {TRI, "false", "false", NULL},
        {TRI, "unknown", "unknown", NULL},
        {TRI, "no", "?not-a-boolean", "write false"},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void sizes(void **state)
{
    static const struct row rows[] = {
        {BYTES, "939524096", "939524096", NULL},
        {BYTES, "\"939524096\"", "939524096", NULL},
        {BYTES, "0", "0", NULL},
        {BYTES, "12 B", "12", NULL},
        {BYTES, "3648 MiB", "3825205248", NULL},
        {BYTES, "3648Mi", "3825205248", NULL},
        {BYTES, "1 GiB", "1073741824", NULL},
        {BYTES, "1  Gi", "1073741824", NULL},
        {BYTES, "2 KiB", "2048", NULL},
        {BYTES, "16777215 TiB", "18446742974197923840", NULL},
        {BYTES, "16777216 TiB", "?out-of-range", NULL},
        {BYTES, "99999999999999999999999", "?out-of-range", NULL},
        {BYTES, "1 GB", "?unit", "write 1 GiB"},
        {BYTES, "512MB", "?unit", "write 512 MiB"},
        {BYTES, "4 kB", "?unit", "write 4 KiB"},
        {BYTES, "4G", "?unit", "write 4 GiB"},
        {BYTES, "4 gib", "?unit", "write 4 GiB"},
        {BYTES, "1.5 GiB", "?unit", "write 1536 MiB"},
        {BYTES, "0.3 GiB", "?unit", "3648 MiB"},
        {BYTES, "-1 GiB", "?unit", NULL},
        {BYTES, "0x10 MiB", "?unit", NULL},
        {BYTES, "010 MiB", "?unit", NULL},
        {BYTES, "MiB", "?unit", NULL},
        {BYTES, "1 furlong", "?unit", NULL},
        {BYTES, "1 GiB 2", "?unit", NULL},
        {BYTES, "unknown", "?unit", NULL},
        {BYTES, "", "?empty", NULL},
        {NUM_BYTES, "unknown", "unknown", NULL},
        {NUM_BYTES, "64 MiB", "67108864", NULL},
        {NUM_BYTES, "64 MB", "?unit", NULL},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void times_and_words(void **state)
{
    static const struct row rows[] = {
        {DURATION, "90s", "90000", NULL},
        {DURATION, "10m", "600000", NULL},
        {DURATION, "10", "?not-a-duration", "say the unit"},
        {DURATION, "10 min", "?not-a-duration", "write 10m"},
        {DURATION, "1h30m", "?not-a-duration", "90s"},
        {DURATION, "soon", "?not-a-duration", NULL},
        {TIME, "1970-01-01T00:00:01Z", "1000", NULL},
        {TIME, "1970-01-01T01:00:01+01:00", "1000", NULL},
        {TIME, "2026-11-19", "?not-a-time", "2026-11-19T13:00:00Z"},
        {TIME, "22:00", "?not-a-time", NULL},
        {WORD, "running", "running", NULL},
        {WORD, "'stopped'", "stopped", NULL},
        {WORD, "off", "?not-one-of", "`stopped`"},
        {WORD, "on", "?not-one-of", "`running`"},
        {WORD, "Running", "?not-one-of", "`running`"},
        {WORD, "as-found", "?not-one-of", "`asFound`"},
        {WORD, "runing", "?not-one-of", "`running`"},
        {WORD, "paused!", "?not-one-of", "one of them"},
        {WORD, "", "?empty", "running, stopped, asFound"},
        {PCI, "\"10de:25b6\"", "10de:25b6", NULL},
        {PCI, "10DE:25B6", "10de:25b6", NULL},
        {PCI, "VEN_10DE&DEV_26B9", "?not-a-pci-id", "\"10de:26b9\""},
        {PCI, "'PCI\\VEN_10DE&DEV_26B9&SUBSYS_185110DE&REV_A1'", "?not-a-pci-id", "\"10de:26b9\""},
        {PCI, "SUBSYS_185110DE", "?not-a-pci-id", "\"10de:1851\""},
        {PCI, "0x10de:0x26b9", "?not-a-pci-id", "\"10de:26b9\""},
        {PCI, "10de-26b9", "?not-a-pci-id", "\"10de:26b9\""},
        {PCI, "10de", "?not-a-pci-id", "vendor:device"},
        {PCI, "VEN_10D", "?not-a-pci-id", NULL},
        {PCI, "NVIDIA A2", "?not-a-pci-id", NULL},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

/* A value that is none leaves `out` alone; a name has a limit. */
static void leaves_out_alone(void **state)
{
    struct arena a;
    struct findings found;
    struct doc_scalar s;
    struct doc *d;
    struct text t;
    uint64_t n = 77;
    struct span at = {.line = 9};
    struct num num = NUM(5);
    bool b = true;

    (void)state;
    arena_init(&a, 0);
    findings_init(&found, &a);
    text_init(&t, &a);
    text_add(&t, "- x\n- maybe\n- no\n- ");
    for (int i = 0; i <= LIMIT_NAME; i++)
        text_add(&t, "x");
    d = doc_open(&a, "f", text_done(&t), t.size, &found);
    assert_true(doc_next(d) && doc_list(d, "top") && doc_item(d));
    assert_false(doc_u64(d, "v", 0, 9, &n, &at));
    assert_true(doc_item(d));
    assert_false(doc_num_or_unknown(d, "v", &num));
    assert_true(doc_item(d));
    assert_false(doc_bool(d, "v", &b, &at));
    assert_true(doc_item(d));
    assert_false(doc_text(d, "v", &s));
    assert_false(doc_item(d));
    assert_int_equal(n, 77);
    assert_true(num_is(num, 5));
    assert_true(b);
    assert_int_equal(at.line, 9);
    assert_int_equal(found.errors, 4);
    assert_string_equal(found.rows[3].code, "too-long");
    doc_close(d);
    arena_release(&a);
}

/* The comment check finds the bytes of a place behind other than ASCII characters. */
static void finds_comments_behind_wide_characters(void **state)
{
    static const char text[] =
        "# \xc3\xa9\xf0\x9f\x98\x80\na: \xe2\x82\xac #1\nb: \xc3\xa9\xc3\xa9 "
        "# ok\nc: longer-than-eight-bytes \xc3\xa9 #2\n";
    struct arena a;
    struct findings found;
    struct doc_scalar s;
    struct doc *d;

    (void)state;
    arena_init(&a, 0);
    findings_init(&found, &a);
    d = doc_open(&a, "f", text, sizeof text - 1, &found);
    assert_true(doc_next(d) && doc_map(d, "top"));
    while (doc_key(d, &s))
        assert_true(doc_text(d, "v", &s));
    doc_close(d);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.errors, 0);
    assert_int_equal(found.rows[0].at.line, 2);
    assert_non_null(strstr(found.rows[0].next, "\"\xe2\x82\xac #1\""));
    assert_int_equal(found.rows[1].at.line, 4);
    assert_int_equal(found.rows[1].at.column, 4);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(numbers),
        cmocka_unit_test(booleans),
        cmocka_unit_test(sizes),
        cmocka_unit_test(times_and_words),
        cmocka_unit_test(leaves_out_alone),
        cmocka_unit_test(finds_comments_behind_wide_characters),
    };

    return cmocka_run_group_tests_name("codec_values", tests, NULL, NULL);
}
