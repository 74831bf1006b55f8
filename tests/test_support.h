/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests share: numbers, texts, scratch files and the main program. */
#ifndef SEVENS_TEST_SUPPORT_H
#define SEVENS_TEST_SUPPORT_H

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Written so that NaN fails. */
#define ck_close(a, b, atol, rtol)                                                                 \
    do {                                                                                           \
        double close_a = (a), close_b = (b);                                                       \
        ck_assert_msg(fabs(close_a - close_b) <= (atol) + (rtol)*fabs(close_b),                    \
                      "%s = %.17g is not %s = %.17g", #a, close_a, #b, close_b);                   \
    } while (0)

#define ck_contains(text, part)                                                                    \
    ck_assert_msg(strstr((text), (part)) != NULL, "\"%s\" is not in \"%s\"", (part), (text))

/* A new folder; `path` gets its name. */
static inline void test_folder(char *path, size_t size)
{
    const char *root = getenv("TMPDIR");
    snprintf(path, size, "%s/sevens-test-XXXXXX", root != NULL ? root : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
}

static inline void test_write_file(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

/* Runs a suite; for `return` in main. */
static inline int test_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#endif
