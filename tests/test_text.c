/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status messages and text tools. */
#include "sevens/status.h"
#include "sevens/text.h"
#include "test_support.h"

START_TEST(reals)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {{"2.385", 2.385}, {"1e3", 1000}, {"-4.5E-7", -4.5e-7}, {"+.25", 0.25}, {"7.", 7}};
    static const char *const bad[] = {"",      "2oo", "0x10", "nan",   " 1",  "1 ", "1e",
                                      "1e+",   ".",   "-",    "1_000", "1,5", "e5", "--1",
                                      "1e999", "inf", ".inf", "1.2.3", "1d3"};
    double value;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        ck_assert(sevens_parse_real(good[i].text, false, &value));
        ck_close(value, good[i].value, 0, 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!sevens_parse_real(bad[i], false, &value), "'%s' was taken", bad[i]);
    ck_assert(sevens_parse_real(".inf", true, &value) && value == INFINITY);
    ck_assert(sevens_parse_real("-.Inf", true, &value) && value == -INFINITY);
    ck_assert(sevens_parse_real("inf", true, &value) && value == INFINITY);
    ck_assert(!sevens_parse_real("1e999", true, &value));
    ck_assert(!sevens_parse_real("infinity", true, &value));
}
END_TEST

START_TEST(integers_and_booleans)
{
    int64_t value;
    bool flag;
    ck_assert(sevens_parse_integer("1e3", &value) && value == 1000);
    ck_assert(sevens_parse_integer("-17", &value) && value == -17);
    ck_assert(sevens_parse_integer("9007199254740991", &value) && value == 9007199254740991);
    ck_assert(!sevens_parse_integer("9007199254740993", &value));
    ck_assert(!sevens_parse_integer("1.5", &value));
    ck_assert(!sevens_parse_integer("2oo", &value));
    ck_assert(sevens_parse_boolean("true", &flag) && flag);
    ck_assert(sevens_parse_boolean("false", &flag) && !flag);
    ck_assert(!sevens_parse_boolean("yes", &flag));
    ck_assert(!sevens_parse_boolean("True", &flag));
}
END_TEST

START_TEST(nearest_names)
{
    static const char *const names[] = {"axes", "model", "parameters", "m_zp"};
    char out[32];
    int index;
    char longest[200];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    ck_assert_uint_eq(sevens_nearest("axs", names, 4), 0);
    ck_assert_uint_eq(sevens_nearest("PARAMETER", names, 4), 2);
    ck_assert_uint_eq(sevens_nearest("mz_p", names, 4), 3);
    ck_assert_uint_eq(sevens_nearest("axs", names, 0), 0);
    ck_assert_uint_eq(sevens_edit_distance("kitten", "sitting"), 3);
    ck_assert_uint_eq(sevens_edit_distance("ab", "ba"), 1);
    ck_assert_uint_eq(sevens_edit_distance("", "abc"), 3);
    ck_assert_uint_eq(sevens_edit_distance(longest, ""), 64);
    sevens_meant_choice("liner", "log|linear", out, sizeof out);
    ck_assert_str_eq(out, "linear");
    sevens_meant_choice("cubic", "log|linear", out, sizeof out);
    ck_assert_str_eq(out, "");
    sevens_meant_choice("x", "", out, sizeof out);
    ck_assert_str_eq(out, "");
    ck_assert(sevens_is_choice("linear", "log|linear", &index) && index == 1);
    ck_assert(!sevens_is_choice("lin", "log|linear", &index));
    ck_assert(!sevens_is_choice("log|linear", "log|linear", &index));
}
END_TEST

/* A far name is not suggested: the known ones are listed, as many as there is room for. */
START_TEST(suggestions)
{
    static const char *const names[] = {"g_zp", "m_zp", "s2w"};
    static const char *const nuclei[] = {"I127", "Cs133"};
    const char *many[200];
    char buffer[SEVENS_SUGGESTION], few[16];
    ck_assert_uint_eq(sevens_meant("g_zpp", names, 3), 0);
    ck_assert_uint_eq(sevens_meant("mzp", names, 3), 1);
    ck_assert_uint_eq(sevens_meant("s2", names, 3), 2);
    ck_assert_uint_eq(sevens_meant("cs", nuclei, 2), 1); /* the beginning of it */
    ck_assert_uint_eq(sevens_meant("x", names, 3), 3);
    ck_assert_uint_eq(sevens_meant("coupling", names, 3), 3);
    ck_assert_uint_eq(sevens_meant("g_zp", names, 0), 0);
    ck_assert_str_eq(sevens_suggest(buffer, "G_Z", names, 3), "did you mean 'g_zp'?");
    ck_assert_str_eq(sevens_suggest(buffer, "mass", names, 3), "known: g_zp, m_zp, s2w");
    ck_assert_str_eq(sevens_suggest(buffer, "g_zp", names, 0), "known: none");
    ck_assert_str_eq(sevens_list_names(few, sizeof few, names, 3), "g_zp, m_zp, ...");
    ck_assert_str_eq(sevens_list_names(few, sizeof few, names, 1), "g_zp");
    for (size_t i = 0; i < 200; i++)
        many[i] = names[i % 3];
    sevens_suggest(buffer, "coupling", many, 200);
    ck_assert_uint_lt(strlen(buffer), sizeof buffer);
    ck_assert_str_eq(buffer + strlen(buffer) - 5, ", ...");
}
END_TEST

START_TEST(formatted_reals)
{
    char buffer[40];
    ck_assert_str_eq(sevens_format_real(0.1, 17, buffer, sizeof buffer), "0.1");
    ck_assert_str_eq(sevens_format_real(2.0 / 3.0, 4, buffer, sizeof buffer), "0.6667");
    ck_assert_str_eq(sevens_format_real(1.2e6, 4, buffer, sizeof buffer), "1.2e+06");
    ck_assert_str_eq(sevens_format_real(10, 4, buffer, sizeof buffer), "10");
    ck_assert_str_eq(sevens_format_real(400, 17, buffer, sizeof buffer), "400");
    ck_assert_str_eq(sevens_format_real(1e-6, 17, buffer, sizeof buffer), "1e-06");
    ck_assert_str_eq(sevens_format_real(-0.83, 17, buffer, sizeof buffer), "-0.83");
    ck_assert_str_eq(sevens_format_real(INFINITY, 4, buffer, sizeof buffer), "inf");
    ck_assert_str_eq(sevens_format_real(NAN, 4, buffer, sizeof buffer), "nan");
    double third = 1.0 / 3.0;
    ck_close(strtod(sevens_format_real(third, 17, buffer, sizeof buffer), NULL), third, 0, 0);
}
END_TEST

START_TEST(statuses)
{
    sevens_error err = {0};
    char longest[10000];
    ck_assert_int_eq(sevens_fail(&err, SEVENS_ERR_INPUT, "bin %d", 7), SEVENS_ERR_INPUT);
    sevens_error_prefix(&err, "release %s", "x");
    ck_assert_str_eq(err.message, "release x: bin 7");
    ck_assert_int_eq(err.status, SEVENS_ERR_INPUT);
    sevens_fail(&err, SEVENS_ERR_IO, "again: %s", err.message); /* its own message */
    ck_assert_str_eq(err.message, "again: release x: bin 7");
    memset(longest, 'y', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    sevens_fail(&err, SEVENS_ERR_INPUT, "a\x1b[2J\x7f\tb\r\n'\xc3\xa9'"); /* for no terminal */
    ck_assert_str_eq(err.message, "a?[2J?\tb?\n'\xc3\xa9'");
    sevens_fail(&err, SEVENS_ERR_IO, "%s", longest);
    ck_assert_uint_eq(strlen(err.message), sizeof err.message - 1);
    sevens_error_prefix(&err, "here");
    ck_assert_int_eq(strncmp(err.message, "here: yyy", 9), 0);
    ck_assert_int_eq(sevens_fail(NULL, SEVENS_ERR_NUMERIC, "%d", 1), SEVENS_ERR_NUMERIC);
    sevens_error_prefix(NULL, "nothing");
    static const int code[] = {0, 2, 1, 1, 1, 3, 4, 130, 1};
    for (int status = SEVENS_OK; status <= SEVENS_ERR_FAILED; status++)
        ck_assert_int_eq(sevens_exit_code((sevens_status)status), code[status]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *tests = tcase_create("text");
    tcase_add_test(tests, reals);
    tcase_add_test(tests, integers_and_booleans);
    tcase_add_test(tests, nearest_names);
    tcase_add_test(tests, suggestions);
    tcase_add_test(tests, formatted_reals);
    tcase_add_test(tests, statuses);
    suite_add_tcase(suite, tests);
    return test_run(suite);
}
