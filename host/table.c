/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numeric tables and streams of rows.
 *   1. line reader: one large buffer, lines of bounded length, every fault with file:line
 *   2. number parser: an exact fast path, strtod for the rest, the same bits as strtod always
 *   3. sevens_stream_rows: columns between blanks or commas, row by row
 *   4. sevens_table_load: CSV with a header, whole */
#include "sevens/table.h"

#include "sevens/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define BUFFER_BYTES (1 << 20)

/* ---- lines ---- */

typedef struct line_reader {
    const char *path; /* for messages */
    int fd;
    char *buffer; /* [BUFFER_BYTES] */
    size_t begin, end;
    bool at_end;
    long line; /* number of the line returned last, from 1 */
} line_reader;

static sevens_status lines_open(line_reader *r, const char *path, sevens_error *err)
{
    const bool standard_input = strcmp(path, "-") == 0;
    *r = (line_reader){.path = standard_input ? "standard input" : path, .fd = STDIN_FILENO};
    if (!standard_input)
        r->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0)
        return sevens_fail(err, SEVENS_ERR_IO, "cannot open %s: %s", path, strerror(errno));
    r->buffer = calloc(1, BUFFER_BYTES);
    if (r->buffer == NULL)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    return SEVENS_OK;
}

static void lines_close(line_reader *r)
{
    free(r->buffer);
    if (r->fd > STDIN_FILENO)
        close(r->fd);
}

/* Moves the unread rest to the front and reads more behind it. */
static sevens_status lines_fill(line_reader *r, sevens_error *err)
{
    const size_t rest = r->end - r->begin;
    memmove(r->buffer, r->buffer + r->begin, rest);
    r->begin = 0;
    r->end = rest;
    ssize_t n;
    do {
        n = read(r->fd, r->buffer + rest, BUFFER_BYTES - rest);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return sevens_fail(err, SEVENS_ERR_IO, "cannot read %s: %s", r->path, strerror(errno));
    r->at_end = n == 0;
    r->end += (size_t)n;
    return SEVENS_OK;
}

/* The next line, with a zero in place of its end; *text is NULL after the last one. */
static sevens_status lines_next(line_reader *r, char **text, sevens_error *err)
{
    char *newline = memchr(r->buffer + r->begin, '\n', r->end - r->begin);
    while (newline == NULL && !r->at_end && r->end - r->begin <= LINE_MAX_BYTES) {
        const sevens_status status = lines_fill(r, err);
        if (status != SEVENS_OK)
            return status;
        newline = memchr(r->buffer, '\n', r->end);
    }
    *text = NULL;
    if (newline == NULL && r->end == r->begin)
        return SEVENS_OK;
    r->line++;
    char *start = r->buffer + r->begin;
    const size_t length = newline ? (size_t)(newline - start) : r->end - r->begin;
    if (length > LINE_MAX_BYTES)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: the line is longer than %d bytes",
                           r->path, r->line, LINE_MAX_BYTES);
    if (newline == NULL)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s:%ld: the file is truncated: its last line has no newline", r->path,
                           r->line);
    if (memchr(start, '\0', length) != NULL)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: the line holds a NUL byte", r->path,
                           r->line);
    r->begin += length + 1;
    if (length > 0 && newline[-1] == '\r')
        newline--;
    *newline = '\0';
    *text = start;
    return SEVENS_OK;
}

/* ---- numbers ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits into an integer that stops growing above 2^53; counts those taken. */
static const char *scan_digits(const char *p, uint64_t *mantissa, int *taken, bool *exact)
{
    for (; is_digit(*p); p++, (*taken)++) {
        if (*mantissa > (UINT64_C(1) << 53))
            *exact = false;
        else
            *mantissa = *mantissa * 10 + (uint64_t)(*p - '0');
    }
    return p;
}

/* One decimal number at *cursor, which moves behind it; false if there is none or it is infinite.
 * The fast path is exact (Clinger 1990): an integer up to 2^53 times or divided by a power of ten
 * up to 10^22 are two exact operands and one rounding. Hexadecimal, inf and nan are no numbers. */
static bool parse_number(const char **cursor, double *value)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *start = *cursor, *p = start;
    uint64_t mantissa = 0;
    int whole = 0, fraction = 0, exponent = 0;
    bool exact = true;

    const bool negative = *p == '-';
    if (*p == '-' || *p == '+')
        p++;
    p = scan_digits(p, &mantissa, &whole, &exact);
    if (*p == '.')
        p = scan_digits(p + 1, &mantissa, &fraction, &exact);
    if (whole + fraction == 0)
        return false;
    if (*p == 'e' || *p == 'E') {
        const bool down = p[1] == '-';
        p += p[1] == '-' || p[1] == '+' ? 2 : 1;
        if (!is_digit(*p))
            return false;
        for (; is_digit(*p); p++)
            exponent = exponent < 10000 ? exponent * 10 + (*p - '0') : exponent;
        exponent = down ? -exponent : exponent;
    }
    *cursor = p;
    exponent -= fraction;
    if (exact && mantissa <= (UINT64_C(1) << 53) && exponent >= -22 && exponent <= 22) {
        const double m = (double)mantissa;
        const double v = exponent < 0 ? m / power[-exponent] : m * power[exponent];
        *value = negative ? -v : v;
        return true;
    }
    char *end;
    *value = strtod(start, &end);
    return end == p && isfinite(*value);
}

static sevens_status not_a_number(const line_reader *r, const char *field, size_t length,
                                  sevens_error *err)
{
    const int shown = length > 40 ? 40 : (int)length;
    return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: '%.*s' is not a finite number", r->path,
                       r->line, shown, field);
}

/* ---- streams ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static sevens_status wrong_columns(const line_reader *r, const char *found, size_t n_column,
                                   sevens_error *err)
{
    return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: the row has %s columns, expected %zu",
                       r->path, r->line, found, n_column);
}

static sevens_status parse_row(const line_reader *r, const char *p, size_t n_column, double *values,
                               sevens_error *err)
{
    size_t n = 0;
    bool comma = false; /* behind one a number must follow */
    while (*p != '\0' || comma) {
        if (n == n_column)
            return wrong_columns(r, "more", n_column, err);
        const char *field = p;
        const bool number = parse_number(&p, &values[n++]);
        if (!number || !(is_blank(*p) || *p == ',' || *p == '\0'))
            return not_a_number(r, field, strcspn(field, " ,\t\r"), err);
        while (is_blank(*p))
            p++;
        comma = *p == ',';
        p += comma;
        while (is_blank(*p))
            p++;
    }
    return n == n_column ? SEVENS_OK : wrong_columns(r, "fewer", n_column, err);
}

sevens_status sevens_stream_rows_after(const char *path, long n_head, size_t n_column,
                                       sevens_row_callback row, void *context, sevens_error *err)
{
    double values[SEVENS_TABLE_MAX_COLUMNS];
    line_reader reader = {.fd = -1};
    char *text = NULL;
    sevens_status status;

    if (n_column == 0 || n_column > SEVENS_TABLE_MAX_COLUMNS)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s: %zu columns asked for, 1 to %d can be read",
                           path, n_column, SEVENS_TABLE_MAX_COLUMNS);
    SEVENS_TRY(lines_open(&reader, path, err));
    for (;;) {
        SEVENS_TRY(lines_next(&reader, &text, err));
        if (text == NULL)
            break;
        while (is_blank(*text))
            text++;
        if (reader.line <= n_head || *text == '#' || *text == '\0')
            continue;
        SEVENS_TRY(parse_row(&reader, text, n_column, values, err));
        SEVENS_TRY(row(context, values, reader.path, reader.line, err));
    }

cleanup:
    lines_close(&reader);
    return status;
}

sevens_status sevens_stream_rows(const char *path, size_t n_column, sevens_row_callback row,
                                 void *context, sevens_error *err)
{
    return sevens_stream_rows_after(path, 0, n_column, row, context, err);
}

/* ---- CSV tables ---- */

static size_t name_length(const char *column)
{
    return strcspn(column, "[");
}

/* A column name is text[unit]; both parts are needed, and no name comes twice. */
static sevens_status check_column(const sevens_table *t, const line_reader *r, const char *name,
                                  sevens_error *err)
{
    const size_t base = name_length(name), all = strlen(name);
    if (base == 0 || all < base + 3 || strcspn(name, "]") != all - 1)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s:%ld: column name '%s' is not of the form name[unit]", r->path,
                           r->line, name);
    for (size_t i = 0; i < t->n_column; i++)
        if (strncmp(t->column[i], name, base + 1) == 0)
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: column '%.*s' comes twice", r->path,
                               r->line, (int)base, name);
    return SEVENS_OK;
}

static sevens_status parse_header(sevens_table *t, const line_reader *r, char *text,
                                  sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    t->n_column = 0;
    char *next;
    do {
        next = strchr(text, ',');
        if (next != NULL)
            *next++ = '\0';
        if (t->n_column == SEVENS_TABLE_MAX_COLUMNS)
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: more than %d columns", r->path,
                               r->line, SEVENS_TABLE_MAX_COLUMNS);
        SEVENS_TRY(check_column(t, r, text, err));
        t->column[t->n_column] = sevens_strdup(text);
        SEVENS_TRY_ALLOC(t->column[t->n_column]);
        t->n_column++;
        text = next;
    } while (text != NULL);

cleanup:
    return status;
}

/* Makes room for one more row, row-major while reading. */
static sevens_status grow(sevens_table *t, size_t *capacity, const line_reader *r,
                          sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    if (t->n_row < *capacity)
        return SEVENS_OK;
    if (t->n_row == SEVENS_TABLE_MAX_ROWS || r->line > INT_MAX)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: more than %d rows", r->path, r->line,
                           SEVENS_TABLE_MAX_ROWS);
    const size_t n = *capacity ? *capacity * 2 : 128;
    double *value = realloc(t->value, n * t->n_column * sizeof *value);
    SEVENS_TRY_ALLOC(value);
    t->value = value;
    int *line = realloc(t->line, n * sizeof *line);
    SEVENS_TRY_ALLOC(line);
    t->line = line;
    *capacity = n < SEVENS_TABLE_MAX_ROWS ? n : SEVENS_TABLE_MAX_ROWS;

cleanup:
    return status;
}

static sevens_status parse_csv_row(sevens_table *t, const line_reader *r, const char *p,
                                   sevens_error *err)
{
    double *values = t->value + t->n_row * t->n_column;
    for (size_t n = 0;; p++) {
        if (n == t->n_column)
            return wrong_columns(r, "more", t->n_column, err);
        const char *field = p;
        const bool number = parse_number(&p, &values[n++]);
        if (!number || !(*p == ',' || *p == '\0'))
            return not_a_number(r, field, strcspn(field, ","), err);
        if (*p == '\0' && n < t->n_column)
            return wrong_columns(r, "fewer", t->n_column, err);
        if (*p == '\0')
            break;
    }
    t->line[t->n_row++] = (int)r->line;
    return SEVENS_OK;
}

static sevens_status read_rows(sevens_table *t, line_reader *r, sevens_error *err)
{
    size_t capacity = 0;
    char *text = NULL;
    sevens_status status;
    for (;;) {
        SEVENS_TRY(lines_next(r, &text, err));
        if (text == NULL)
            break;
        SEVENS_TRY(grow(t, &capacity, r, err));
        SEVENS_TRY(parse_csv_row(t, r, text, err));
    }
    if (t->n_row == 0)
        status = sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: no rows after the header", r->path,
                             r->line);

cleanup:
    return status;
}

/* [row][column] as read -> [column][row] as kept. */
static sevens_status transpose(sevens_table *t, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double *value = malloc(t->n_row * t->n_column * sizeof *value);
    SEVENS_TRY_ALLOC(value);
    for (size_t c = 0; c < t->n_column; c++)
        for (size_t r = 0; r < t->n_row; r++)
            value[c * t->n_row + r] = t->value[r * t->n_column + c];
    free(t->value);
    t->value = value;

cleanup:
    return status;
}

sevens_status sevens_table_load(sevens_table *table, const char *path, sevens_error *err)
{
    line_reader reader = {.fd = -1};
    char *text = NULL;
    sevens_status status;

    *table = (sevens_table){0};
    SEVENS_TRY(lines_open(&reader, path, err));
    table->path = sevens_strdup(path);
    SEVENS_TRY_ALLOC(table->path);
    table->column = calloc(SEVENS_TABLE_MAX_COLUMNS, sizeof *table->column);
    SEVENS_TRY_ALLOC(table->column);
    do { /* comments and empty lines stand before the header only */
        SEVENS_TRY(lines_next(&reader, &text, err));
    } while (text != NULL && strcspn(text, "#") == 0);
    if (text == NULL) {
        status =
            sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: the table is empty", path, reader.line + 1);
        goto cleanup;
    }
    SEVENS_TRY(parse_header(table, &reader, text, err));
    SEVENS_TRY(read_rows(table, &reader, err));
    SEVENS_TRY(transpose(table, err));

cleanup:
    lines_close(&reader);
    if (status != SEVENS_OK)
        sevens_table_free(table);
    return status;
}

void sevens_table_free(sevens_table *table)
{
    for (size_t i = 0; i < table->n_column; i++)
        free(table->column[i]);
    free(table->column);
    free(table->value);
    free(table->line);
    free(table->path);
    *table = (sevens_table){0};
}

sevens_status sevens_table_column(const sevens_table *table, const char *name_with_unit,
                                  const double **values, sevens_error *err)
{
    const size_t base = name_length(name_with_unit);
    const int header = table->line[0] - 1; /* rows follow the header without a gap */
    for (size_t i = 0; i < table->n_column; i++) {
        if (strcmp(table->column[i], name_with_unit) == 0) {
            *values = table->value + i * table->n_row;
            return SEVENS_OK;
        }
        if (strncmp(table->column[i], name_with_unit, base + 1) == 0)
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%d: column '%s' should be '%s'",
                               table->path, header, table->column[i], name_with_unit);
    }
    const size_t near =
        sevens_nearest(name_with_unit, (const char *const *)table->column, table->n_column);
    return sevens_fail(err, SEVENS_ERR_INPUT,
                       "%s:%d: column '%s' is missing; the nearest one there is '%s'", table->path,
                       header, name_with_unit, table->column[near]);
}
