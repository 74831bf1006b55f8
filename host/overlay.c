/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limit files of other work -> curves.
 *   1. rows: lines, fields, columns, numbers; every fault with file:line
 *   2. curves: points in the units of the map, cut where there is no limit; outlines of bands
 * Collections of limits close their polygons far outside of any plot (coupling 10, 1e4, 1e5, ...)
 * or fill masses without a limit with such numbers. Drawn, they would be vertical lines. */
#include "overlay.h"

#include "sevens/table.h"
#include "sevens/text.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows ---- */

typedef struct limit_row {
    double x, lower, upper; /* numbers of the file */
    long line;
} limit_row;

typedef struct limit_rows {
    const char *path;
    size_t n, capacity;
    limit_row *row;     /* [capacity] */
    size_t n_field;     /* of the first row, and so of all */
    size_t column[3];   /* from 1; [2] is 0 when one-sided */
    bool columns_known; /* from the first row on */
} limit_rows;

/* Cuts a line at its separators, in place; SIZE_MAX for more than SEVENS_TABLE_MAX_COLUMNS. */
static size_t split_fields(char *line, char *field[SEVENS_TABLE_MAX_COLUMNS])
{
    const char *blank = " \t\r\n\f\v";
    size_t n = 0;
    char *p = line + strspn(line, blank);

    while (*p != '\0') {
        if (n == SEVENS_TABLE_MAX_COLUMNS)
            return SIZE_MAX;

        char *end = p + strcspn(p, ", \t\r\n\f\v"), *next = end + strspn(end, blank);
        bool comma = *next == ',';

        if (comma)
            next += 1 + strspn(next + 1, blank);
        field[n++] = p;
        if (comma && *next == '\0' && n < SEVENS_TABLE_MAX_COLUMNS)
            field[n++] = next; /* behind a comma at the end: an empty field */
        *end = '\0';
        p = next;
    }
    return n;
}

static bool is_darkcast(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot != NULL && strcmp(dot, ".lmt") == 0;
}

/* Which columns to take, now that their number is known. */
static sevens_status choose_columns(limit_rows *rows, const sevens_overlay_input *input,
                                    size_t n_field, long line, sevens_error *err)
{
    size_t n = input->n_column;
    bool three = input->two_sided || (input->upper_path == NULL && is_darkcast(rows->path));

    rows->n_field = n_field;
    if (n == 0 && n_field == 3 && three)
        n = 3;
    else if (n == 0 && n_field == 2 && !input->two_sided)
        n = 2;
    else if (n == 0 && input->two_sided)
        return sevens_fail(
            err, SEVENS_ERR_INPUT,
            "%s:%ld: %zu columns; a two-sided limit has three (mass, lower and upper "
            "edge): name them with --columns I,J,K",
            rows->path, line, n_field);
    else if (n == 0)
        return sevens_fail(
            err, SEVENS_ERR_INPUT,
            "%s:%ld: %zu columns where mass and coupling are expected; --columns I,J "
            "names two of them%s",
            rows->path, line, n_field,
            n_field == 3 && input->upper_path == NULL
                ? ", --two-sided takes mass, lower and upper edge"
                : "");
    for (size_t i = 0; i < n; i++) {
        rows->column[i] = input->n_column > 0 ? input->column[i] : i + 1;
        if (rows->column[i] > n_field)
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s:%ld: column %zu is asked for, there are %zu", rows->path, line,
                               rows->column[i], n_field);
    }
    rows->columns_known = true;
    return SEVENS_OK;
}

static sevens_status append_row(limit_rows *rows, const limit_row *row, sevens_error *err)
{
    if (rows->n >= SEVENS_TABLE_MAX_ROWS)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: more than %d rows", rows->path,
                           row->line, SEVENS_TABLE_MAX_ROWS);
    if (rows->n == rows->capacity) {
        size_t capacity = rows->capacity > 0 ? 2 * rows->capacity : 256;
        limit_row *larger = realloc(rows->row, capacity * sizeof *larger);

        if (larger == NULL)
            return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
        rows->row = larger;
        rows->capacity = capacity;
    }
    rows->row[rows->n++] = *row;
    return SEVENS_OK;
}

static sevens_status parse_numbers(limit_rows *rows, char *const *field, long line,
                                   sevens_error *err)
{
    limit_row row = {.line = line};
    double *number[] = {&row.x, &row.lower, &row.upper};

    for (size_t i = 0; i < 3 && rows->column[i] > 0; i++) {
        const char *text = field[rows->column[i] - 1];

        if (!sevens_parse_real(text, i > 0, number[i]))
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: column %zu: '%.40s' is not a number",
                               rows->path, line, rows->column[i], text);
    }
    if (row.x <= 0.0)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: the mass %g is not above 0", rows->path,
                           line, row.x);
    if (rows->column[2] > 0 && row.lower > row.upper)
        return sevens_fail(
            err, SEVENS_ERR_INPUT,
            "%s:%ld: the lower edge %g lies above the upper edge %g (--columns I,J,K "
            "says which column is which)",
            rows->path, line, row.lower, row.upper);
    return append_row(rows, &row, err);
}

static sevens_status parse_line(limit_rows *rows, const sevens_overlay_input *input, char *text,
                                size_t length, long line, sevens_error *err)
{
    char *field[SEVENS_TABLE_MAX_COLUMNS];

    if (memchr(text, '\0', length) != NULL)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: the line holds a NUL byte", rows->path,
                           line);
    if (line == 1 && strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3; /* byte order mark of UTF-8 */
    text[strcspn(text, "#")] = '\0';

    size_t n = split_fields(text, field);

    if (n == 0)
        return SEVENS_OK;
    if (n == SIZE_MAX)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: more than %d columns", rows->path, line,
                           SEVENS_TABLE_MAX_COLUMNS);
    if (!rows->columns_known) {
        sevens_status status = choose_columns(rows, input, n, line, err);

        if (status != SEVENS_OK)
            return status;
    }
    if (n != rows->n_field)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: %zu columns, the rows before have %zu",
                           rows->path, line, n, rows->n_field);
    return parse_numbers(rows, field, line, err);
}

static sevens_status read_rows(limit_rows *rows, const sevens_overlay_input *input,
                               const char *path, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    FILE *file = fopen(path, "rb");

    rows->path = path;
    if (file == NULL)
        return sevens_fail(err, SEVENS_ERR_IO, "cannot open %s: %s", path, strerror(errno));
    for (long line = 1; (length = getline(&text, &size, file)) >= 0; line++)
        SEVENS_TRY(parse_line(rows, input, text, (size_t)length, line, err));
    if (ferror(file))
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot read %s: %s", path, strerror(errno));
    else if (rows->n == 0)
        status = sevens_fail(err, SEVENS_ERR_INPUT, "%s: an empty limit: no row of numbers", path);
cleanup:
    free(text);
    fclose(file);
    return status;
}

/* The outline of a band is only one when the masses of its edges are in order. */
static sevens_status check_order(const limit_rows *rows, sevens_error *err)
{
    for (size_t i = 1; i < rows->n; i++)
        if (rows->row[i].x < rows->row[i - 1].x)
            return sevens_fail(
                err, SEVENS_ERR_INPUT,
                "%s:%ld: the mass %g lies below %g of the row before; the edges of a "
                "two-sided limit go from the least mass to the largest",
                rows->path, rows->row[i].line, rows->row[i].x, rows->row[i - 1].x);
    return SEVENS_OK;
}

/* ---- curves ---- */

typedef struct builder {
    const sevens_overlay_input *input;
    const limit_rows *rows; /* for messages */
    sevens_overlay_curves *curves;
    size_t capacity;
    bool joined; /* whether the next point continues the curve */
} builder;

static bool means_no_limit(const builder *b, double number)
{
    return fabs(number) >= b->input->no_limit;
}

static void cut(builder *b)
{
    b->joined = false;
}

static void leave_out(builder *b, double number)
{
    sevens_overlay_curves *c = b->curves;

    c->no_limit_min = c->n_no_limit > 0 ? fmin(c->no_limit_min, number) : number;
    c->no_limit_max = c->n_no_limit > 0 ? fmax(c->no_limit_max, number) : number;
    c->n_no_limit++;
    cut(b);
}

static sevens_status make_room(builder *b, sevens_error *err)
{
    sevens_overlay_curves *c = b->curves;
    size_t capacity = b->capacity > 0 ? 2 * b->capacity : 256;
    double *x, *y;
    size_t *segment;

    if (c->n < b->capacity)
        return SEVENS_OK;
    if ((x = realloc(c->x, capacity * sizeof *x)) != NULL)
        c->x = x;
    if ((y = realloc(c->y, capacity * sizeof *y)) != NULL)
        c->y = y;
    if ((segment = realloc(c->segment, capacity * sizeof *segment)) != NULL)
        c->segment = segment;
    if (x == NULL || y == NULL || segment == NULL)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    b->capacity = capacity;
    return SEVENS_OK;
}

/* One point in the units of the map; a number that means "no limit" ends the curve. */
static sevens_status add_point(builder *b, const limit_row *row, double number, sevens_error *err)
{
    const sevens_overlay_input *input = b->input;
    sevens_overlay_curves *c = b->curves;
    sevens_status status;

    if (means_no_limit(b, number)) {
        leave_out(b, number);
        return SEVENS_OK;
    }
    if (number < 0.0 && input->y_power != 1.0)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: the power %g of the negative number %g",
                           b->rows->path, row->line, input->y_power, number);
    status = make_room(b, err);
    if (status != SEVENS_OK)
        return status;
    c->x[c->n] = input->x_factor * row->x / input->x_divisor;
    c->y[c->n] = input->y_factor * (input->y_power == 1.0 ? number : pow(number, input->y_power));
    if (!isfinite(c->x[c->n]) || !isfinite(c->y[c->n]))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s:%ld: %g, %g in the units asked for is too large", b->rows->path,
                           row->line, row->x, number);
    c->n_segment += !b->joined;
    c->segment[c->n++] = c->n_segment - 1;
    b->joined = true;
    return SEVENS_OK;
}

/* Lower edge forth, upper edge back, and home unless the band is open at its first mass. */
static sevens_status add_outline(builder *b, const limit_rows *lower_rows, const limit_row *lower,
                                 size_t n_lower, const limit_rows *upper_rows,
                                 const limit_row *upper, size_t n_upper, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    cut(b);
    b->rows = lower_rows;
    for (size_t i = 0; i < n_lower; i++)
        SEVENS_TRY(add_point(b, &lower[i], lower[i].lower, err));
    b->rows = upper_rows;
    for (size_t i = n_upper; i-- > 0;)
        SEVENS_TRY(add_point(b, &upper[i], upper[i].upper, err));
    if (b->joined && !means_no_limit(b, lower[0].lower))
        SEVENS_TRY(add_point(b, &lower[0], lower[0].lower, err));
cleanup:
    return status;
}

/* A band with its edges side by side: one outline for each run of masses that have a limit. */
static sevens_status add_band(builder *b, const limit_rows *rows, sevens_error *err)
{
    sevens_status status = check_order(rows, err);

    for (size_t i = 0, end; i < rows->n && status == SEVENS_OK; i = end) {
        const limit_row *row = &rows->row[i];

        for (end = i; end < rows->n && !means_no_limit(b, rows->row[end].lower); end++)
            ;
        if (end > i) {
            status = add_outline(b, rows, row, end - i, rows, row, end - i, err);
            continue;
        }
        leave_out(b, row->lower);
        leave_out(b, row->upper);
        end++;
    }
    return status;
}

/* A band whose edges are files of their own, with masses of their own. */
static sevens_status add_pair(builder *b, const limit_rows *lower, limit_rows *upper,
                              sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    SEVENS_TRY(check_order(lower, err));
    SEVENS_TRY(check_order(upper, err));
    if (lower->row[0].x > upper->row[upper->n - 1].x ||
        upper->row[0].x > lower->row[lower->n - 1].x)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s and %s have no masses in common: not the edges of one band",
                           lower->path, upper->path);
    for (size_t i = 0; i < upper->n; i++)
        upper->row[i].upper = upper->row[i].lower;
    status = add_outline(b, lower, lower->row, lower->n, upper, upper->row, upper->n, err);
cleanup:
    return status;
}

static sevens_status add_line(builder *b, const limit_rows *rows, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    for (size_t i = 0; i < rows->n && status == SEVENS_OK; i++)
        status = add_point(b, &rows->row[i], rows->row[i].lower, err);
    return status;
}

static size_t count_lone(const sevens_overlay_curves *c)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++)
        n += (i == 0 || c->segment[i - 1] != c->segment[i]) &&
             (i + 1 == c->n || c->segment[i + 1] != c->segment[i]);
    return n;
}

sevens_status sevens_overlay_read(sevens_overlay_curves *curves, const sevens_overlay_input *input,
                                  sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    limit_rows lower = {0}, upper = {0};
    builder b = {.input = input, .rows = &lower, .curves = curves};

    *curves = (sevens_overlay_curves){0};
    SEVENS_TRY(read_rows(&lower, input, input->path, err));
    curves->two_sided = lower.column[2] > 0 || input->upper_path != NULL;
    memcpy(curves->column, lower.column, sizeof curves->column);
    if (input->upper_path != NULL) {
        SEVENS_TRY(read_rows(&upper, input, input->upper_path, err));
        SEVENS_TRY(add_pair(&b, &lower, &upper, err));
    } else if (curves->two_sided) {
        SEVENS_TRY(add_band(&b, &lower, err));
    } else {
        SEVENS_TRY(add_line(&b, &lower, err));
    }
    curves->n_lone = count_lone(curves);
    if (curves->n == 0)
        status = sevens_fail(err, SEVENS_ERR_INPUT,
                             "%s: no limit anywhere: every number is %g or more (--no-limit says "
                             "from where on a number means \"no limit\")",
                             input->path, input->no_limit);
cleanup:
    free(lower.row);
    free(upper.row);
    if (status != SEVENS_OK)
        sevens_overlay_free(curves);
    return status;
}

void sevens_overlay_free(sevens_overlay_curves *curves)
{
    free(curves->x);
    free(curves->y);
    free(curves->segment);
    *curves = (sevens_overlay_curves){0};
}
