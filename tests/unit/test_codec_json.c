#include "doc_rows.h"

#include "base/limits.h"
#include "codec/digest.h"
#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static void sample(struct json *j)
{
    json_map(j);
    json_put_text(j, "name", "a");
    json_put_text(j, "nothing", NULL);
    json_put_int(j, "low", INT64_MIN);
    json_put_u64(j, "high", UINT64_MAX);
    json_put_bool(j, "yes", true);
    json_key(j, "list");
    json_list(j);
    json_int(j, 1);
    json_map(j);
    json_map_end(j);
    json_list(j);
    json_list_end(j);
    json_map(j);
    json_key(j, "x");
    json_null(j);
    json_map_end(j);
    json_list_end(j);
    json_key(j, "last");
    json_map(j);
    json_map_end(j);
    json_map_end(j);
}

static void writes_one_form(void **state)
{
    static const char pretty[] = "{\n"
                                 "  \"name\": \"a\",\n"
                                 "  \"nothing\": null,\n"
                                 "  \"low\": -9223372036854775808,\n"
                                 "  \"high\": \"18446744073709551615\",\n"
                                 "  \"yes\": true,\n"
                                 "  \"list\": [\n"
                                 "    1,\n"
                                 "    {},\n"
                                 "    [],\n"
                                 "    {\n"
                                 "      \"x\": null\n"
                                 "    }\n"
                                 "  ],\n"
                                 "  \"last\": {}\n"
                                 "}";
    static const char compact[] = "{\"name\":\"a\",\"nothing\":null,\"low\":-9223372036854775808,"
                                  "\"high\":\"18446744073709551615\",\"yes\":true,\"list\":[1,{},"
                                  "[],{\"x\":null}],\"last\":{}}";
    struct arena a;
    struct text t;
    struct json j;

    (void)state;
    arena_init(&a, 0);
    text_init(&t, &a);
    json_init(&j, &t, false);
    sample(&j);
    assert_string_equal(text_done(&t), pretty);
    text_init(&t, &a);
    json_init(&j, &t, true);
    sample(&j);
    assert_string_equal(text_done(&t), compact);
    arena_release(&a);
}

/* What is written of a text, and whether a document may hold it. */
static const struct {
    const char *text, *json;
    bool readable;
} texts[] = {
    {"", "\"\"", true},
    {"a b", "\"a b\"", true},
    {"\"\\/", "\"\\\"\\\\/\"", true},
    {"a\tb\nc\rd", "\"a\\tb\\nc\\rd\"", true},
    {"\b\f\x01\x1f\x7f", "\"\\b\\f\\u0001\\u001f\\u007f\"", false},
    {"PCI\\VEN_10DE&DEV_25B6\\4&1", "\"PCI\\\\VEN_10DE&DEV_25B6\\\\4&1\"", true},
    {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"", true},
    {"\xc2\x80\xc2\x9f\xc2\xa0", "\"\\u0080\\u009f\xc2\xa0\"", false},
    {"\xe2\x80\xa8\xe2\x80\xa9", "\"\\u2028\\u2029\"", false},
    {"\xef\xbb\xbf", "\"\\ufeff\"", true},
    {"\xef\xbf\xbe\xef\xbf\xbf", "\"\\ufffe\\uffff\"", true},
    {"null", "\"null\"", true},
    {"{a: *b}", "\"{a: *b}\"", true},
    /* Not UTF-8: an odd byte, a surrogate, a long form, beyond Unicode, cut off. */
    {"a\xff"
     "b",
     "\"a\\ufffdb\"", false},
    {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"", false},
    {"\xc0\xaf", "\"\\ufffd\\ufffd\"", false},
    {"\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"", false},
    {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"", false},
    {"x\xe2\x82", "\"x\\ufffd\\ufffd\"", false},
};

static void escapes_what_is_unsafe(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct arena a;
        struct text t;
        struct json j;

        arena_init(&a, 0);
        text_init(&t, &a);
        json_init(&j, &t, true);
        json_text(&j, texts[i].text);
        assert_string_equal(text_done(&t), texts[i].json);
        arena_release(&a);
    }
}

/* What the writer writes, the reader reads: the same bytes. */
static void is_read_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        for (int compact = 0; compact < 2; compact++) {
            struct arena a;
            struct findings found;
            struct doc_scalar key, s;
            struct text t;
            struct json j;
            struct doc *d;

            arena_init(&a, 0);
            findings_init(&found, &a);
            text_init(&t, &a);
            json_init(&j, &t, compact);
            json_map(&j);
            json_put_text(&j, "v", texts[i].text);
            json_put_text(&j, texts[i].readable ? texts[i].text : "k", "x");
            json_map_end(&j);
            d = doc_open(&a, "f", text_done(&t), t.size, &found);
            assert_true(doc_next(d) && doc_map(d, "top") && doc_key(d, &key));
            if (texts[i].readable) {
                assert_true(doc_scalar(d, "v", &s));
                assert_string_equal(s.text, texts[i].text);
                assert_true(doc_key(d, &key));
                assert_string_equal(key.text, texts[i].text);
                assert_int_equal(found.count, 0);
            } else {
                doc_skip(d);
                assert_true(doc_key(d, &key));
            }
            assert_true(doc_scalar(d, "x", &s));
            assert_false(doc_key(d, &key));
            assert_false(doc_broken(d));
            doc_close(d);
            arena_release(&a);
        }
}

static void is_yaml(void **state)
{
    struct arena a;
    struct findings found;
    struct text t;
    struct json j;

    (void)state;
    arena_init(&a, 0);
    findings_init(&found, &a);
    text_init(&t, &a);
    json_init(&j, &t, false);
    sample(&j);
    assert_string_equal(
        dump_text(&a, text_done(&t), t.size, &found),
        "{name: \"a\", nothing: ~, low: -9223372036854775808, high: "
        "\"18446744073709551615\", yes: true, list: [1, {}, [], {x: ~}], last: {}}");
    assert_int_equal(found.count, 0);
    arena_release(&a);
}

/* As deep as a document may be, and far beyond what the writer keeps count of. */
static void nests(void **state)
{
    static const int depths[] = {1, LIMIT_DOC_DEPTH, 200};

    (void)state;
    for (size_t i = 0; i < COUNT(depths); i++) {
        struct arena a;
        struct findings found;
        struct text t;
        struct json j;

        arena_init(&a, 0);
        findings_init(&found, &a);
        text_init(&t, &a);
        json_init(&j, &t, true);
        for (int k = 0; k < depths[i]; k++)
            json_list(&j);
        for (int k = 0; k < depths[i]; k++)
            json_list_end(&j);
        dump_text(&a, text_done(&t), t.size, &found);
        assert_int_equal(found.count, depths[i] > LIMIT_DOC_DEPTH);
        assert_true(t.size >= (size_t)depths[i] * 2);
        arena_release(&a);
    }
}

/* BLAKE2b-256 of known texts (RFC 7693's function; values of b2sum -l 256). */
static void digests(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    assert_string_equal(digest_text(&a, ""),
                        "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    assert_string_equal(digest_text(&a, "abc"),
                        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    assert_string_equal(digest_bytes(&a, "abc\0", 4), digest_bytes(&a, "abc", 4));
    assert_string_not_equal(digest_bytes(&a, "abc\0", 4), digest_text(&a, "abc"));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_one_form), cmocka_unit_test(escapes_what_is_unsafe),
        cmocka_unit_test(is_read_again),   cmocka_unit_test(is_yaml),
        cmocka_unit_test(nests),           cmocka_unit_test(digests),
    };

    return cmocka_run_group_tests_name("codec_json", tests, NULL, NULL);
}
