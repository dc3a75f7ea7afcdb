/* Credentials are taken from where they are referred to, and nothing of them is ever said. */
#include "cim/credential.h"

#include "host/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char file[] = "/tmp/hvgpu-credential-XXXXXX";

static int set_up(void **state)
{
    int fd = mkstemp(file);

    (void)state;
    return fd < 0 || close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(file);
}

static void write_file(const char *text, size_t size)
{
    FILE *f = fopen(file, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, size, f), size);
    fclose(f);
    assert_int_equal(chmod(file, 0600), 0);
}

static void nothing_left(const struct credential *c)
{
    for (size_t i = 0; i < sizeof c->text; i++)
        assert_int_equal(c->text[i], 0);
    assert_null(c->user);
    assert_null(c->password);
}

static void forms(void **state)
{
    static const struct {
        const char *text, *user, *password; /* user NULL: refused */
    } rows[] = {
        {"CORP\\svc-gpu:s3:cr et", "CORP\\svc-gpu", "s3:cr et"},
        {"svc@corp.local:x\n", "svc@corp.local", "x"},
        {"svc:x\r\n", "svc", "x"},
        {"", NULL, NULL},
        {"hunter2", NULL, NULL},
        {":hunter2", NULL, NULL},
        {"svc:", NULL, NULL},
        {"svc:\n", NULL, NULL},
        {"svc:hunter2\nhunter2", NULL, NULL},
    };
    const struct credential_ref from_file = {CREDENTIAL_FILE, file};
    const struct credential_ref from_env = {CREDENTIAL_ENV, "HVGPU_TEST_CREDENTIAL"};

    (void)state;
    for (size_t i = 0; i < 2 * (sizeof rows / sizeof *rows); i++) {
        const struct credential_ref *ref = i % 2 ? &from_env : &from_file;
        const char *text = rows[i / 2].text;
        struct credential c;
        struct err e = {0};
        bool ok;

        write_file(text, strlen(text));
        setenv("HVGPU_TEST_CREDENTIAL", text, 1);
        ok = credential_fetch(ref, &c, &e);
        assert_int_equal(ok, rows[i / 2].user != NULL);
        if (ok) {
            assert_string_equal(c.user, rows[i / 2].user);
            assert_string_equal(c.password, rows[i / 2].password);
            credential_wipe(&c);
        } else {
            assert_null(strstr(e.text, "hunter2"));
        }
        nothing_left(&c);
    }
    unsetenv("HVGPU_TEST_CREDENTIAL");
}

static void who_else_can_read_it(void **state)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0660};
    const struct credential_ref ref = {CREDENTIAL_FILE, file};
    struct credential c;
    struct err e;

    (void)state;
    write_file("svc:hunter2", 11);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(chmod(file, modes[i]), 0);
        assert_false(credential_fetch(&ref, &c, &e));
        assert_int_equal(e.kind, ERR_DENIED);
        assert_null(strstr(e.text, "hunter2"));
        nothing_left(&c);
    }
    assert_int_equal(chmod(file, 0400), 0);
    assert_true(credential_fetch(&ref, &c, &e));
}

static void what_is_no_file(void **state)
{
    static const struct credential_ref rows[] = {
        {CREDENTIAL_FILE, "/tmp"},
        {CREDENTIAL_FILE, "/nowhere/at/all"},
        {CREDENTIAL_ENV, "HVGPU_NO_SUCH_VARIABLE"},
        {CREDENTIAL_STORED, "hvgpu"},
    };
    struct credential c;
    struct err e;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_false(credential_fetch(&rows[i], &c, &e));
        nothing_left(&c);
    }
}

static void too_long(void **state)
{
    const struct credential_ref ref = {CREDENTIAL_FILE, file};
    static char text[CREDENTIAL_ROOM + 1];
    struct credential c;
    struct err e;

    (void)state;
    memset(text, 'x', sizeof text);
    text[3] = ':';
    write_file(text, CREDENTIAL_ROOM - 1);
    assert_true(credential_fetch(&ref, &c, &e));
    credential_wipe(&c);
    write_file(text, CREDENTIAL_ROOM);
    assert_false(credential_fetch(&ref, &c, &e));
    nothing_left(&c);
    text[10] = '\0';
    write_file(text, 20);
    assert_false(credential_fetch(&ref, &c, &e));
    nothing_left(&c);
}

static void the_token(void **state)
{
    struct credential c;
    struct err e;

    (void)state;
    assert_true(credential_fetch(&(struct credential_ref){CREDENTIAL_TOKEN, NULL}, &c, &e));
    nothing_left(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),           cmocka_unit_test(who_else_can_read_it),
        cmocka_unit_test(what_is_no_file), cmocka_unit_test(too_long),
        cmocka_unit_test(the_token),
    };

    return cmocka_run_group_tests_name("cim_credential", tests, set_up, tear_down);
}
