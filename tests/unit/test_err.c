/* Every code has a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "flowrun/base/err.h"

static void every_code_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < FR_ERR__COUNT; i++) {
        assert_non_null(fr_err_name((enum fr_err)i));
    }
    assert_string_equal(fr_err_name(FR_OK), "ok");
    assert_string_equal(fr_err_name(FR_ERR_INVALID), "invalid");
    assert_string_equal(fr_err_name(FR_ERR_INTERNAL), "internal");
}

static void a_number_that_is_no_code_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(fr_err_name(FR_ERR__COUNT), "unknown");
    assert_string_equal(fr_err_name((enum fr_err)77), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_name),
        cmocka_unit_test(a_number_that_is_no_code_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
