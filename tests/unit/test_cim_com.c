/* The seam over COM, where there is no COM: it says so.  tests/windows/wbem/ has the other half. */
#include "cim/cim_com.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void com_is_of_windows(void **state)
{
    struct cim_net *net = NULL;
    struct err e = {0};

    (void)state;
    assert_false(cim_com_open(&(struct cim_com_options){0}, &net, &e));
    assert_null(net);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    assert_string_equal(e.text, "Hyper-V hosts are reached from Windows only; run hvgpu there");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(com_is_of_windows)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
