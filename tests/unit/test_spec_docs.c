/*
 * specs/spec.md cannot drift: its tables are those of the program, and every
 * YAML block on it is read.  A line with a comment `# error: CODE` has that
 * error, and no other line has any.
 *
 * SPEC_REWRITE=1 writes the tables anew.
 */
#include "spec_case.h"

#include <stdlib.h>

static const char path[] = "specs/spec.md";
static const char mark[] = "<!-- Made from ";

static struct arena arena;
static const char *page;

static const char *slurp(void)
{
    struct text t;
    char chunk[4096];
    size_t n;
    FILE *f = fopen(path, "r");

    if (!f)
        return NULL;
    text_init(&t, &arena);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        text_add_n(&t, chunk, n);
    fclose(f);
    return text_done(&t);
}

static void tables(void **state)
{
    const char *at = strstr(page, mark), *want = spec_reference(&arena), *end;
    FILE *f;

    (void)state;
    assert_non_null(at);
    end = strchr(at, '\n') + 1;
    if (strcmp(*end ? end + 1 : end, want) == 0)
        return;
    if (!getenv("SPEC_REWRITE"))
        fail_msg("the tables of %s are not current: SPEC_REWRITE=1 writes them anew", path);
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "%.*s\n%s", (int)(end - page), page, want);
    assert_int_equal(fclose(f), 0);
}

/* The code that a line says it gets, or NULL. */
static const char *said_code(const char *line, size_t size)
{
    static const char word[] = "# error: ";
    const char *at = strstr(line, word);

    if (!at || at >= line + size)
        return NULL;
    at += sizeof word - 1;
    return arena_strndup(&arena, at, strcspn(at, " \n"));
}

/* A block as a document: a fragment is a part of `spec`. */
static const char *document_of(const char *block, size_t size, unsigned *lines_before)
{
    struct text t;

    *lines_before = 0;
    if (str_starts(block, "apiVersion"))
        return arena_strndup(&arena, block, size);
    text_init(&t, &arena);
    text_add(&t, CLUSTER);
    *lines_before = 4;
    for (const char *line = block; line < block + size;) {
        size_t n = strcspn(line, "\n") + 1;

        text_printf(&t, "  %.*s", (int)n, line);
        line += n;
    }
    return text_done(&t);
}

static void check_block(const char *block, size_t size)
{
    struct spec_case c;
    unsigned before, number = 0;

    spec_case_read(&c, document_of(block, size, &before));
    for (const char *line = block; line < block + size; line += strcspn(line, "\n") + 1) {
        const char *code = said_code(line, strcspn(line, "\n"));
        size_t errors = 0;

        number++;
        for (size_t i = 0; i < c.found.count; i++) {
            const struct finding *f = &c.found.rows[i];

            if (f->at.line != number + before || f->severity != SEVERITY_ERROR)
                continue;
            errors++;
            if (!code || strcmp(code, f->code) != 0)
                fail_msg("line %u of\n%.*s\n%s", number, (int)size, block, spec_case_findings(&c));
        }
        if (code && !errors)
            fail_msg("line %u gets no %s:\n%.*s", number, code, (int)size, block);
    }
    spec_case_end(&c);
}

static void blocks(void **state)
{
    const char *end = strstr(page, mark);
    size_t count = 0;

    (void)state;
    for (const char *at = page; (at = strstr(at, "```yaml\n")) && at < end;) {
        const char *block = at + 8, *close = strstr(block, "\n```");

        assert_non_null(close);
        check_block(block, (size_t)(close + 1 - block));
        at = close + 4;
        count++;
    }
    assert_true(count >= 14);
}

/* No code is said on the page that no table explains. */
static void codes(void **state)
{
    const char *end = strstr(page, mark);

    (void)state;
    for (const char *at = page; (at = strstr(at, "# error: ")) && at < end; at++) {
        const char *code = arena_printf(&arena, "`%s`", said_code(at, 200));

        if (!strstr(end, code))
            fail_msg("no table has %s", code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables),
        cmocka_unit_test(blocks),
        cmocka_unit_test(codes),
    };
    int failed;

    arena_init(&arena, 0);
    page = slurp();
    if (!page) {
        printf("# %s cannot be read; run from the top of the tree\n", path);
        return 1;
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_release(&arena);
    return failed;
}
