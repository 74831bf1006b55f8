/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every published number of the table within its tolerance. */
#include "sevens/validate.h"
#include "test_support.h"
#include <gsl/gsl_errno.h>

START_TEST(published_numbers)
{
    sevens_validation *rows;
    sevens_error err = {0};
    size_t n;

    ck_assert_msg(sevens_validate(false, &rows, &n, &err) == SEVENS_OK, "%s", err.message);
    ck_assert_uint_ge(n, 120);
    for (size_t i = 0; i < n; i++) {
        const sevens_validation *r = &rows[i];

        ck_close(r->ours, r->reference, r->relative ? 0.0 : r->tolerance,
                 r->relative ? r->tolerance : 0.0);
        ck_assert_msg(r->pass, "%s", r->quantity);
        ck_assert(r->tolerance > 0.0 && r->tolerance <= 0.05);
    }
    free(rows);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("validate");
    TCase *tc = tcase_create("validate");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, published_numbers);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
