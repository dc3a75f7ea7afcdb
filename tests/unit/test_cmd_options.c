/* The command line: rows of words in, options or a clear error out. */
#include "cmd/cmd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

enum { WORDS = 8 };

static bool parse(const struct cmd *cmd, const char *const *words, struct call *call, struct err *e)
{
    size_t count = 0;

    while (count < WORDS && words[count])
        count++;
    return options_parse(&arena, cmd, words, count, call, e);
}

static void good_lines_are_taken(void **state)
{
    struct call c;
    struct err e;

    (void)state;
    assert_true(parse(&cmd_plan, (const char *const[WORDS]){"-o", "json", "a.yaml", "b"}, &c, &e));
    assert_int_equal(c.options.output, FORMAT_JSON);
    assert_int_equal(c.count, 2);
    assert_string_equal(c.args[1], "b");

    assert_true(
        parse(&cmd_plan, (const char *const[WORDS]){"-ojson", "-f", "a", "--all", "-"}, &c, &e));
    assert_int_equal(c.options.output, FORMAT_JSON);
    assert_true(c.options.all);
    assert_string_equal(c.args[0], "a");
    assert_string_equal(c.args[1], "-");

    assert_true(parse(&cmd_plan,
                      (const char *const[WORDS]){"--only", "vm/a", "--only=vm/b", "-l", "a=b", "x"},
                      &c, &e));
    assert_int_equal(c.options.only.count, 2);
    assert_string_equal(c.options.only.rows[1], "vm/b");
    assert_int_equal(c.options.labels.count, 1);
    assert_int_equal(c.count, 1);

    assert_true(
        parse(&cmd_apply,
              (const char *const[WORDS]){"--allow-stops=3", "--timeout", "90s", "--", "--odd.yaml"},
              &c, &e));
    assert_int_equal(c.options.allow_stops, 3);
    assert_int_equal(c.options.timeout_ms, 90000);
    assert_string_equal(c.args[0], "--odd.yaml");

    assert_true(parse(&cmd_apply, (const char *const[WORDS]){"--help"}, &c, &e));
    assert_true(c.options.help);
}

static void bad_lines_say_what_is_wrong(void **state)
{
    static const struct {
        const struct cmd *cmd;
        const char *words[WORDS];
        const char *says;
    } rows[] = {
        {&cmd_plan, {"--ouput", "x"}, "did you mean --output?"},
        {&cmd_plan, {"--yes", "x"}, "plan does not take --yes"},
        {&cmd_plan, {"--weekends", "x"}, "unknown option --weekends"},
        {&cmd_plan, {"--only=", "x"}, "--only: the value is empty"},
        {&cmd_plan, {"-z"}, "unknown option -z"},
        {&cmd_plan, {"-o", "xml", "x"}, "\"xml\" is not one of text|json"},
        {&cmd_plan, {"x", "-o"}, "--output wants a value: text|json"},
        {&cmd_plan, {"--all=yes", "x"}, "--all takes no value"},
        {&cmd_plan, {"--sim", "a", "--sim", "b", "x"}, "--sim is given twice"},
        {&cmd_plan, {"--sim=", "x"}, "--sim: the value is empty"},
        {&cmd_plan, {NULL}, "plan wants [OPTIONS] SPEC..."},
        {&cmd_show, {"a", "b"}, "\"b\" is one argument too many"},
        {&cmd_apply, {"--allow-stops", "-1", "x"}, "not a number from 0"},
        {&cmd_apply, {"--allow-stops", "99999999999", "x"}, "not a number from 0"},
        {&cmd_apply, {"--timeout", "soon", "x"}, "not a duration"},
        {&cmd_apply, {"--parallel", "0", "x"}, "not a number from 1 to 256"},
        {&cmd_version, {"now"}, "one argument too many"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct call c;
        struct err e = {0};

        assert_false(parse(rows[i].cmd, rows[i].words, &c, &e));
        assert_int_equal(e.kind, ERR_USAGE);
        if (!strstr(e.text, rows[i].says))
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, e.text, rows[i].says);
    }
}

static void every_verb_has_its_help(void **state)
{
    const char *overview = help_overview(&arena);

    (void)state;
    for (size_t i = 0; i < cmd_row_count; i++) {
        const char *text = help_verb(&arena, cmd_rows[i]);

        assert_ptr_equal(cmd_find(cmd_rows[i]->name), cmd_rows[i]);
        assert_non_null(strstr(overview, cmd_rows[i]->line));
        assert_non_null(strstr(text, cmd_rows[i]->line));
        for (const enum option_id *o = cmd_rows[i]->options; *o != OPT_END; o++)
            for (size_t k = 0; k < option_row_count; k++)
                if (option_rows[k].id == *o)
                    assert_non_null(strstr(text, option_rows[k].name));
        for (const char *line = text, *end; *line; line = end + 1) {
            end = strchr(line, '\n');
            assert_true(end - line <= 100);
        }
    }
    assert_null(cmd_find("plna"));
}

static void every_option_is_a_row_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_row_count; i++)
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(option_rows[i].id, option_rows[k].id);
            assert_string_not_equal(option_rows[i].name, option_rows[k].name);
            assert_true(!option_rows[i].letter || option_rows[i].letter != option_rows[k].letter);
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(good_lines_are_taken),
        TEST(bad_lines_say_what_is_wrong),
        TEST(every_verb_has_its_help),
        TEST(every_option_is_a_row_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
