/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables and streams of rows: numbers as strtod reads them, faults with their line. */
#include "sevens/table.h"
#include "test_support.h"

#include <stdint.h>
#include <unistd.h>

static char folder[256], path[300];
static sevens_error error;

static void setup(void)
{
    test_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/file", folder);
}

static void teardown(void)
{
    unlink(path);
    rmdir(folder);
}

static void write_text(const char *text)
{
    test_write_file(path, text, strlen(text));
}

/* ---- streams ---- */

typedef struct kept_rows {
    size_t n, max;
    double *value; /* [max][2] */
    long *line;
} kept_rows;

static sevens_status keep_row(void *context, const double *values, const char *file, long line,
                              sevens_error *err)
{
    kept_rows *k = context;
    ck_assert_str_eq(file, path);
    if (k->n == k->max)
        return sevens_fail(err, SEVENS_ERR_FAILED, "enough");
    memcpy(k->value + 2 * k->n, values, 2 * sizeof *values);
    if (k->line != NULL)
        k->line[k->n] = line;
    k->n++;
    return SEVENS_OK;
}

START_TEST(stream_rows)
{
    double value[6];
    long line[3];
    kept_rows rows = {.max = 3, .value = value, .line = line};
    write_text("# head\n\n 1.5 -2\n\t3e2\t+.25  \n# more\n7. -0\r\n");
    ck_assert_int_eq(sevens_stream_rows(path, 2, keep_row, &rows, &error), SEVENS_OK);
    ck_assert_uint_eq(rows.n, 3);
    const double expected[6] = {1.5, -2.0, 300.0, 0.25, 7.0, -0.0};
    ck_assert_mem_eq(value, expected, sizeof expected); /* the sign of zero too */
    ck_assert(line[0] == 3 && line[1] == 4 && line[2] == 6);

    rows = (kept_rows){.max = 2, .value = value};
    ck_assert_int_eq(sevens_stream_rows(path, 2, keep_row, &rows, &error), SEVENS_ERR_FAILED);
    ck_assert_str_eq(error.message, "enough");

    rows = (kept_rows){.max = 3, .value = value, .line = line};
    write_text("Energy (PE)  Time\n1.5,-2\n3e2 ,\t.25\n7. , -0\r\n"); /* commas, other head */
    ck_assert_int_eq(sevens_stream_rows_after(path, 1, 2, keep_row, &rows, &error), SEVENS_OK);
    ck_assert_uint_eq(rows.n, 3);
    ck_assert_mem_eq(value, expected, sizeof expected);
    ck_assert(line[0] == 2 && line[2] == 4);
}
END_TEST

static uint64_t next_random(uint64_t *state)
{ /* xorshift64 */
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

/* Numbers of every length, with and without point and exponent; more bytes than the buffer. */
START_TEST(same_bits_as_strtod)
{
    const size_t N = 200000;
    uint64_t state = 2385;
    char *text = malloc(N * 40);
    double *expected = malloc(N * sizeof *expected);
    kept_rows rows = {.max = N / 2, .value = malloc(N * sizeof(double))};
    size_t used = 0;
    ck_assert(text && expected && rows.value);
    for (size_t i = 0; i < N; i++) {
        char *number = text + used, digits[24];
        snprintf(digits, sizeof digits, "%020llu", (unsigned long long)next_random(&state));
        const int length = 1 + (int)(next_random(&state) % 19);
        const int before = (int)(next_random(&state) % (uint64_t)(length + 1));
        const int exponent = (int)(next_random(&state) % 61) - 30;
        used +=
            (size_t)sprintf(number, "%s%.*s", next_random(&state) % 2 ? "-" : "", before, digits);
        used += (size_t)sprintf(text + used, ".%.*s", length - before, digits + before);
        if (next_random(&state) % 2)
            used += (size_t)sprintf(text + used, "e%d", exponent);
        expected[i] = strtod(number, NULL);
        text[used++] = i % 2 ? '\n' : ' ';
    }
    ck_assert_uint_gt(used, 2 << 20);
    test_write_file(path, text, used);
    ck_assert_int_eq(sevens_stream_rows(path, 2, keep_row, &rows, &error), SEVENS_OK);
    ck_assert_uint_eq(rows.n, N / 2);
    for (size_t i = 0; i < N; i++)
        ck_assert_msg(memcmp(&rows.value[i], &expected[i], sizeof(double)) == 0,
                      "number %zu is %.17g, strtod says %.17g", i, rows.value[i], expected[i]);
    free(rows.value);
    free(expected);
    free(text);
}
END_TEST

START_TEST(hard_numbers)
{
    static const char *const texts[] = {"9007199254740992",
                                        "9007199254740993",
                                        "9007199254740993e-5",
                                        "123456789012345678901",
                                        "0.000000000000000000001",
                                        "1e22",
                                        "1e23",
                                        "9007199254740991e22",
                                        "2.2250738585072011e-308",
                                        "4.9e-324",
                                        "1e-400",
                                        "1.7976931348623157e308",
                                        "0e9999999999",
                                        "00000000000000000000000001.5"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char line[100];
        double value[2], expected = strtod(texts[i], NULL);
        kept_rows rows = {.max = 1, .value = value};
        snprintf(line, sizeof line, "%s 1\n", texts[i]);
        write_text(line);
        ck_assert_int_eq(sevens_stream_rows(path, 2, keep_row, &rows, &error), SEVENS_OK);
        ck_assert_msg(memcmp(value, &expected, sizeof expected) == 0, "%s", texts[i]);
    }
}
END_TEST

START_TEST(stream_faults)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"1 2\n3\n", "/file:2: the row has fewer columns, expected 2"},
        {"1 2\n\n3 4 5\n", "/file:3: the row has more columns, expected 2"},
        {"1 nan\n", "/file:1: 'nan' is not a finite number"},
        {"1 2\ninf 2\n", "/file:2: 'inf' is not a finite number"},
        {"1 1e999\n", "'1e999' is not a finite number"},
        {"1 0x10\n", "'0x10' is not a finite number"},
        {"1 2oo\n", "'2oo' is not a finite number"},
        {"1,, 2\n", "'' is not a finite number"},
        {"1,\n", "'' is not a finite number"},
        {"1, 2,\n", "/file:1: the row has more columns, expected 2"},
        {",1 2\n", "'' is not a finite number"},
        {"1 -\n", "'-' is not a finite number"},
        {"1 .\n", "'.' is not a finite number"},
        {"1 2e\n", "'2e' is not a finite number"},
        {"1 2\n3 4", "/file:2: the file is truncated: its last line has no newline"},
        {"1 2\n# note", "/file:2: the file is truncated"},
    };
    double value[20];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kept_rows rows = {.max = 10, .value = value};
        write_text(bad[i].text);
        ck_assert_int_eq(sevens_stream_rows(path, 2, keep_row, &rows, &error), SEVENS_ERR_INPUT);
        ck_contains(error.message, bad[i].message);
    }
}
END_TEST

START_TEST(hostile_streams)
{
    kept_rows rows = {.max = 4, .value = (double[8]){0}};
    test_write_file(path, "1 2\n1 \0 2\n", 10);
    ck_assert_int_eq(sevens_stream_rows(path, 2, keep_row, &rows, &error), SEVENS_ERR_INPUT);
    ck_contains(error.message, "/file:2: the line holds a NUL byte");

    const size_t size = 3 << 20;
    char *blanks = malloc(size);
    ck_assert_ptr_nonnull(blanks);
    memset(blanks, ' ', size);
    test_write_file(path, blanks, size); /* longer than the buffer, without any newline */
    ck_assert_int_eq(sevens_stream_rows(path, 2, keep_row, &rows, &error), SEVENS_ERR_INPUT);
    ck_contains(error.message, "/file:1: the line is longer than 4096 bytes");
    blanks[4097] = '\n';
    test_write_file(path, blanks, 4098);
    ck_assert_int_eq(sevens_stream_rows(path, 2, keep_row, &rows, &error), SEVENS_ERR_INPUT);
    ck_contains(error.message, "longer than 4096");
    blanks[4096] = '\n';
    test_write_file(path, blanks, 4097);
    ck_assert_int_eq(sevens_stream_rows(path, 2, keep_row, &rows, &error), SEVENS_OK);
    free(blanks);

    ck_assert_int_eq(sevens_stream_rows(folder, 2, keep_row, &rows, &error), SEVENS_ERR_IO);
    unlink(path);
    ck_assert_int_eq(sevens_stream_rows(path, 2, keep_row, &rows, &error), SEVENS_ERR_IO);
    ck_contains(error.message, "cannot open");
    ck_assert_int_eq(sevens_stream_rows(path, 65, keep_row, &rows, &error), SEVENS_ERR_INPUT);
}
END_TEST

/* ---- tables ---- */

START_TEST(table_load)
{
    sevens_table table;
    const double *x, *y;
    write_text("# about\n#\nt_lo[us],y[1]\n0.125,3\n2.5e-1,-4\n7,5\n");
    ck_assert_int_eq(sevens_table_load(&table, path, &error), SEVENS_OK);
    ck_assert(table.n_column == 2 && table.n_row == 3);
    ck_assert_int_eq(table.line[2], 6);
    ck_assert_int_eq(sevens_table_column(&table, "t_lo[us]", &x, &error), SEVENS_OK);
    ck_assert_int_eq(sevens_table_column(&table, "y[1]", &y, &error), SEVENS_OK);
    ck_assert(x[0] == 0.125 && x[1] == 0.25 && x[2] == 7.0);
    ck_assert(y[0] == 3.0 && y[1] == -4.0 && y[2] == 5.0);
    ck_assert_int_eq(sevens_table_column(&table, "t_lo[ns]", &x, &error), SEVENS_ERR_INPUT);
    ck_contains(error.message, "/file:3: column 't_lo[us]' should be 't_lo[ns]'");
    ck_assert_int_eq(sevens_table_column(&table, "t_hi[us]", &x, &error), SEVENS_ERR_INPUT);
    ck_contains(error.message, "/file:3: column 't_hi[us]' is missing; the nearest one there is "
                               "'t_lo[us]'");
    sevens_table_free(&table);
}
END_TEST

START_TEST(large_table)
{
    enum { N = 50000 };
    sevens_table table;
    const double *y;
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("x[1],y[MeV]\n", file);
    for (int i = 0; i < N; i++)
        fprintf(file, "%d,%.17g\n", i, i / 7.0);
    fclose(file);
    ck_assert_int_eq(sevens_table_load(&table, path, &error), SEVENS_OK);
    ck_assert_uint_eq(table.n_row, N);
    ck_assert_int_eq(sevens_table_column(&table, "y[MeV]", &y, &error), SEVENS_OK);
    for (int i = 0; i < N; i++)
        ck_assert_msg(y[i] == i / 7.0, "row %d", i);
    sevens_table_free(&table);
}
END_TEST

START_TEST(table_faults)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"", "/file:1: the table is empty"},
        {"# only\n", "/file:2: the table is empty"},
        {"a[1],b[1]\n", "/file:1: no rows after the header"},
        {"a[1],b[1]\n1,2\n3\n", "/file:3: the row has fewer columns, expected 2"},
        {"a[1],b[1]\n1,2,3\n", "/file:2: the row has more columns, expected 2"},
        {"a[1],b[1]\n1,\n", "/file:2: '' is not a finite number"},
        {"a[1],b[1]\n1, 2\n", "/file:2: ' 2' is not a finite number"},
        {"a[1],b[1]\n1,NaN\n", "/file:2: 'NaN' is not a finite number"},
        {"a[1],b[1]\n1,2\n\n3,4\n", "/file:3: '' is not a finite number"},
        {"a[1],b[1]\n1,2\n3,4", "/file:3: the file is truncated"},
        {"a[1],b\n1,2\n", "/file:1: column name 'b' is not of the form name[unit]"},
        {"a[1],b[]\n1,2\n", "column name 'b[]'"},
        {"a[1],[1]\n1,2\n", "column name '[1]'"},
        {"a[1],a[us]\n1,2\n", "/file:1: column 'a' comes twice"},
    };
    sevens_table table;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        write_text(bad[i].text);
        ck_assert_int_eq(sevens_table_load(&table, path, &error), SEVENS_ERR_INPUT);
        ck_contains(error.message, bad[i].message);
        ck_assert_ptr_null(table.path);
    }
    char header[SEVENS_TABLE_MAX_COLUMNS * 8 + 16] = "c0[1]";
    for (int i = 1; i <= SEVENS_TABLE_MAX_COLUMNS; i++)
        sprintf(header + strlen(header), ",c%d[1]%s", i, i == SEVENS_TABLE_MAX_COLUMNS ? "\n" : "");
    write_text(header);
    ck_assert_int_eq(sevens_table_load(&table, path, &error), SEVENS_ERR_INPUT);
    ck_contains(error.message, "more than 64 columns");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table");
    TCase *group = tcase_create("all");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, stream_rows);
    tcase_add_test(group, same_bits_as_strtod);
    tcase_add_test(group, hard_numbers);
    tcase_add_test(group, stream_faults);
    tcase_add_test(group, hostile_streams);
    tcase_add_test(group, table_load);
    tcase_add_test(group, large_table);
    tcase_add_test(group, table_faults);
    suite_add_tcase(suite, group);
    return test_run(suite);
}
