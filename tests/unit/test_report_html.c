/* Whatever comes from outside is text on the page, and nothing else. */
#include "report/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *text_of(struct arena *a, const char *s)
{
    struct text t;

    text_init(&t, a);
    html_text(&t, s);
    return text_done(&t);
}

static void markup_is_text(void **state)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"vdi-0001", "vdi-0001"},
        {"<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"},
        {"\"' onclick='x", "&quot;&#39; onclick=&#39;x"},
        {"&lt; & &amp;", "&amp;lt; &amp; &amp;amp;"},
        {"a\nb\tc\rd\033[1me", "a?b c?d?[1me"},
        {"\x01\x05\x07", "???"}, /* marks of the text pages */
        {"a\xe2\x80\xae"
         "b\xe2\x81\xa6"
         "c",
         "a?b?c"},                           /* U+202E, U+2066 */
        {"\xe2\x80\xa8\xc2\x85\x7f", "???"}, /* U+2028, C1, DEL */
        {"\xff\xc0\xe2\x82", "????"},        /* no UTF-8; each byte of it */
        {"\xd7\xa9\xd7\x9d \xf0\x9f\x96\xa5", "\xd7\xa9\xd7\x9d \xf0\x9f\x96\xa5"},
    };
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(text_of(&a, rows[i].from), rows[i].to);
    arena_release(&a);
}

/* No byte that markup is made of, and each & begins one of our five. */
static bool is_inert(const char *s)
{
    static const char *const ours[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

    for (; *s; s++) {
        bool known = *s != '&';

        if (strchr("<>\"'", *s) || (unsigned char)*s < 0x20 || *s == 0x7f)
            return false;
        for (size_t i = 0; !known && i < sizeof ours / sizeof *ours; i++)
            known = str_starts(s, ours[i]);
        if (!known)
            return false;
    }
    return true;
}

static void no_bytes_break_out(void **state)
{
    enum { TRIES = 20000, LONG = 24 };
    uint64_t seed = 84;
    struct arena a;

    (void)state;
    for (int i = 0; i < TRIES; i++) {
        char s[LONG + 1] = {0};

        for (int k = 0; k < LONG; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            s[k] = (char)((seed >> 56) % 3 ? "<>\"'&;#-!\xe2\x80\xae/=x"[(seed >> 40) % 15]
                                           : (int)(seed >> 33 & 0xff) | 1);
        }
        arena_init(&a, 0);
        if (!is_inert(text_of(&a, s)))
            fail_msg("try %d", i);
        arena_release(&a);
    }
}

/* One page by hand: a file that nobody could read, named like markup. */
static void what_is_not_known_says_so(void **state)
{
    struct cluster_part parts[2] = {{.cluster = "one",
                                     .exit = EXIT_UNSEEN,
                                     .failure = "no <answer>",
                                     .observed_ms = WHEN_NONE,
                                     .as_if_ms = WHEN_NONE,
                                     .opens_ms = WHEN_NONE},
                                    {.source = "</title>.yaml",
                                     .exit = EXIT_INVALID,
                                     .observed_ms = WHEN_NONE,
                                     .as_if_ms = WHEN_NONE,
                                     .opens_ms = WHEN_NONE}};
    struct document d = {.format = FORMAT_HTML,
                         .verb = "plan",
                         .parts = parts,
                         .part_count = 2,
                         .exit = EXIT_UNSEEN,
                         .program = "hvgpu"};
    struct arena a;
    const char *page;

    (void)state;
    arena_init(&a, 0);
    page = report_html(&a, &d);
    assert_non_null(strstr(page, "<title>Plan of 1 cluster - hvgpu</title>"));
    assert_non_null(strstr(page, "Nothing is known of it: no &lt;answer&gt;"));
    assert_non_null(strstr(page, "&lt;/title&gt;.yaml"));
    assert_null(strstr(page, "<answer>"));
    assert_string_equal(page, report_html(&a, &d));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_is_text),
        cmocka_unit_test(no_bytes_break_out),
        cmocka_unit_test(what_is_not_known_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
