/* Rows with `match`: what is wrong with them in any world (I2, M7). */
#include "base/limits.h"
#include "spec_case.h"

#define E    SEVERITY_ERROR
#define ROWS CLUSTER "  vms:\n"

static void rows_with_match(void **state)
{
    static const struct spec_row rows[] = {
        {ROWS "    - {match: \"tmp-*\", except: [\"tmp-gold*\", tmp-1..3], expect: 0..20, gpu: "
              "asFound}\n",
         "", 0, 0, NULL, E, NULL},
        {ROWS "    - {match: \"tmp-*\", gpu: asFound}\n", "row-incomplete", 6, 7, "`expect`", E,
         NULL},
        {ROWS "    - {name: a, expect: 0..1, gpu: asFound}\n", "key-alone", 6, 7, "`match`", E,
         NULL},
        {ROWS "    - {name: a, except: [b], gpu: asFound}\n", "key-alone", 6, 7, "`match`", E,
         NULL},
        {ROWS "    - {name: a, match: \"a*\", expect: 0..1, gpu: asFound}\n", "key-choice", 6, 17,
         "keep one", E, "I2"},
        {ROWS "    - {match: tmp-1, expect: 0..1, gpu: asFound}\n", "bad-name", 6, 15,
         "write it as `name`", E, "I2"},
        {ROWS "    - {match: tmp-1..3, expect: 0..1, gpu: asFound}\n", "bad-name", 6, 15,
         "write it as `names`", E, "I2"},
        {ROWS "    - {match: \"<ring>-*\", expect: 0..1, gpu: asFound}\n", "bad-name", 6, 15,
         "placeholder", E, NULL},
        {ROWS "    - {match: \"a*\", expect: 0..1, id: 711cee18-60db-43b4-be7e-cedce5e25dd0, gpu: "
              "asFound}\n",
         "key-choice", 6, 39, "says `match`", E, NULL},
        {ROWS "    - {match: \"a*\", expect: 0..1, gpu: none}\n", "none-by-pattern", 6, 40,
         "names: [..]", E, "M7"},
        {ROWS "    - {match: \"a*\", expect: 0..1, class: off}\n  classes: {off: {gpu: none}}\n",
         "none-by-pattern", 6, 42, "a*", E, "M7"},
        {ROWS "    - {match: \"a*\", expect: 0..1, node: n, gpu: {devices: [PCIROOT(1)]}}\n",
         "key-choice", 6, 49, "one VM", E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

static void bounds(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"20", "write 0..20, or 20..20"}, {"3..1", "the smaller one first"},
        {"..3", "smaller one first"},     {"1..", "smaller one first"},
        {"1...2", "smaller one first"},   {"-1..2", "smaller one first"},
        {"0..1000001", "up to 1000000"},  {"0..18446744073709551616", "up to 1000000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        struct spec_row row = {text, "bad-bounds", 6, 29, rows[i].says, E, NULL};

        snprintf(text, sizeof text, ROWS "    - {match: \"a*\", expect: %s, gpu: asFound}\n",
                 rows[i].text);
        row.column = 29;
        spec_row_check(&row);
    }
}

/* One pattern within another is an error, with both places; patterns that cross are not known yet.
 */
static void two_patterns(void **state)
{
    static const struct {
        const char *first, *second, *code;
    } rows[] = {
        {"match: \"tmp-*\"", "match: \"TMP-*\"", "vm-in-two-rows"},
        {"match: \"tmp-*\"", "match: \"tmp-gold*\"", "vm-in-two-rows"},
        {"match: \"tmp-gold?\"", "match: \"tmp-*\"", "vm-in-two-rows"},
        {"match: \"tmp-*\", except: [\"tmp-gold-1*\"]", "match: \"tmp-gold*\"", "vm-in-two-rows"},
        {"match: \"tmp-*\", except: [\"tmp-gold*\"]", "match: \"tmp-gold*\"", ""},
        {"match: \"tmp-gold*\"", "match: \"tmp-*\", except: [\"tmp-g*\"]", ""},
        {"match: \"tmp-*\"", "match: \"*-gold\"", ""},
        {"match: \"tmp-?\"", "match: \"tmp-*\"", "vm-in-two-rows"},
        {"match: \"tmp-?\"", "match: \"tmp-a*\"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        struct spec_row row = {text, rows[i].code, 7, 7, "(line 6)", E, "I2"};

        snprintf(text, sizeof text,
                 ROWS "    - {%s, expect: 0..9, gpu: asFound}\n"
                      "    - {%s, expect: 0..9, gpu: asFound}\n",
                 rows[i].first, rows[i].second);
        spec_row_check(&row);
    }
}

static void what_is_read(void **state)
{
    struct spec_case c;
    const struct spec *s = spec_case_good(
        &c, ROWS "    - {match: \"vdi-*\", expect: 2..9, class: d, power: running}\n"
                 "    - {match: \"A-?\", except: [a-1..2, \"a-x*\"], expect: 0..1, gpu: asFound}\n"
                 "    - {name: cad, gpu: none}\n"
                 "  classes: {d: {gpu: partition}}\n");

    (void)state;
    assert_int_equal(s->vm_count, 1);
    assert_int_equal(s->pattern_count, 2); /* sorted */
    assert_string_equal(s->patterns[0].vm.match, "A-?");
    assert_int_equal(s->patterns[0].except_count, 3);
    assert_int_equal(s->patterns[1].least, 2);
    assert_int_equal(s->patterns[1].most, 9);
    assert_int_equal(s->patterns[1].vm.wish->use, VM_PARTITION);
    assert_int_equal(s->patterns[1].vm.wish->power, POWER_WISH_RUNNING);
    assert_null(s->patterns[1].vm.name);
    spec_case_end(&c);
}

static const char *digest_of(const char *rows, struct spec_case *c)
{
    spec_case_read(c, rows);
    assert_true(c->ok);
    return spec_digest(&c->arena, &c->specs.rows[0]);
}

/* The digest knows of `match`, `except` and `expect`, and nothing of their order or case. */
static void digests(void **state)
{
#define A "    - {match: \"a*\", except: [a-1, a-2], expect: 0..9, gpu: asFound}\n"
#define B "    - {match: \"b*\", expect: 0..9, gpu: asFound}\n"
    static const struct {
        const char *text;
        bool same;
    } rows[] = {
        {ROWS B A, true},
        {ROWS "    - {match: \"A*\", except: [A-2, a-1], expect: 0..9, gpu: asFound}\n" B, true},
        {ROWS A, false},
        {ROWS A "    - {match: \"b?\", expect: 0..9, gpu: asFound}\n", false},
        {ROWS A "    - {match: \"b*\", expect: 1..9, gpu: asFound}\n", false},
        {ROWS A "    - {match: \"b*\", expect: 0..8, gpu: asFound}\n", false},
        {ROWS A "    - {match: \"b*\", expect: 0..9, gpu: partition}\n", false},
        {ROWS A "    - {match: \"b*\", except: [b-1], expect: 0..9, gpu: asFound}\n", false},
    };
    struct spec_case first, c;
    const char *want = digest_of(ROWS A B, &first);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (str_eq(digest_of(rows[i].text, &c), want) != rows[i].same)
            fail_msg("%s", rows[i].text);
        spec_case_end(&c);
    }
    spec_case_end(&first);
}

/* Ceilings: rows with `match`, and patterns of one `except`. */
static void ceilings(void **state)
{
    for (int over = 0; over < 2; over++) {
        struct arena a;
        struct text rows, except;

        arena_init(&a, 0);
        text_init(&rows, &a);
        text_add(&rows, ROWS);
        for (int i = 0; i < LIMIT_PATTERNS + over; i++)
            text_printf(&rows, "    - {match: \"v%03d-*\", expect: 0..9, gpu: asFound}\n", i);
        text_init(&except, &a);
        text_add(&except, ROWS "    - match: \"v*\"\n      expect: 0..9\n      gpu: asFound\n"
                               "      except:\n        - w-0001..9999\n");
        for (int i = 0; i < LIMIT_PATTERNS + over; i++)
            text_printf(&except, "        - \"v%03d-*\"\n", i);
        spec_row_check(&(struct spec_row){text_done(&rows), over ? "too-many" : "", 6, 5,
                                          "rows with `match`", E, NULL});
        spec_row_check(&(struct spec_row){text_done(&except), over ? "too-many" : "", 10, 9,
                                          "patterns in `except`", E, NULL});
        arena_release(&a);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_with_match), cmocka_unit_test(bounds),
        cmocka_unit_test(two_patterns),    cmocka_unit_test(what_is_read),
        cmocka_unit_test(digests),         cmocka_unit_test(ceilings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
