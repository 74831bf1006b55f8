/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of several spectra: see ingest_flux_table.h.
 *   1. curves and originals
 *   2. rows: the union of the nodes of all columns, thinned where that is harmless */
#include "ingest_flux_table.h"

#include "sevens/text.h"
#include "straight.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- curves ---- */

sevens_status sevens_curve_add(sevens_curve *curve, double x, double y, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    if ((curve->n & (curve->n - 1)) == 0) { /* 0 or a power of 2: full */
        const size_t n = curve->n ? 2 * curve->n : 1;
        double *more = realloc(curve->x, n * sizeof *more);
        SEVENS_TRY_ALLOC(more);
        curve->x = more;
        more = realloc(curve->y, n * sizeof *more);
        SEVENS_TRY_ALLOC(more);
        curve->y = more;
    }
    curve->x[curve->n] = x;
    curve->y[curve->n++] = y;

cleanup:
    return status;
}

static sevens_status read_row(sevens_curve *curve, const sevens_flux_source *source, char *text,
                              const char *path, long line, sevens_error *err)
{
    double value[4];
    size_t n = 0;
    char *rest = NULL;
    for (char *field = strtok_r(text, " ,\t\r\n", &rest); field != NULL;
         field = strtok_r(NULL, " ,\t\r\n", &rest), n++) {
        if (n == source->n_field)
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: more than %zu columns", path, line,
                               source->n_field);
        if (!sevens_parse_real(field, false, &value[n]))
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: '%s' is not a number", path, line,
                               field);
    }
    if (n == 0)
        return SEVENS_OK;
    if (n < source->n_field)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: %zu columns, expected %zu", path, line,
                           n, source->n_field);
    if (!(value[0] > 0.0 && value[1] >= 0.0))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s:%ld: an energy of %g MeV with a density of %g", path, line, value[0],
                           value[1]);
    if (!source->unsorted && curve->n > 0 && !(value[0] > curve->x[curve->n - 1]))
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: the energy %g MeV comes after %g", path,
                           line, value[0], curve->x[curve->n - 1]);
    return sevens_curve_add(curve, value[0], value[1], err);
}

void sevens_curve_sort(sevens_curve *curve)
{
    for (size_t i = 1; i < curve->n; i++) {
        const double x = curve->x[i], y = curve->y[i];
        size_t j = i;
        for (; j > 0 && curve->x[j - 1] > x; j--) {
            curve->x[j] = curve->x[j - 1];
            curve->y[j] = curve->y[j - 1];
        }
        curve->x[j] = x;
        curve->y[j] = y;
    }
}

sevens_status sevens_curve_read(sevens_curve *curve, sevens_originals *originals,
                                const sevens_flux_source *source, sevens_error *err)
{
    char *path = NULL, *text = NULL;
    size_t size = 0;
    FILE *file = NULL;
    sevens_status status;
    SEVENS_TRY(sevens_original_use(originals, source->file, &path, err));
    file = fopen(path, "r");
    if (file == NULL)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_IO, "cannot open %s: %s", path, strerror(errno)));
    for (long line = 1; getline(&text, &size, file) > 0; line++)
        if (text[0] != '#')
            SEVENS_TRY(read_row(curve, source, text, path, line, err));
    if (ferror(file))
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_IO, "cannot read %s: %s", path, strerror(errno)));
    if (curve->n < 2)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT, "%s: fewer than two rows", path));
    if (source->unsorted)
        sevens_curve_sort(curve);

cleanup:
    if (file != NULL)
        fclose(file);
    free(text);
    free(path);
    return status;
}

/* ---- rows ---- */

/* The lowest energy of the nodes i and later; false if none is left. */
static bool next_energy(const sevens_flux_table *t, const size_t *i, double *E)
{
    *E = INFINITY;
    for (size_t c = 0; c < t->n_column; c++)
        if (i[c] < t->curve[c].n)
            *E = fmin(*E, t->curve[c].x[i[c]]);
    return *E < INFINITY;
}

sevens_status sevens_flux_rows_join(sevens_flux_rows *rows, const sevens_flux_table *t,
                                    sevens_error *err)
{
    size_t i[SEVENS_FLUX_TABLE_COLUMNS] = {0}, most = 0;
    double E, later, side[2][SEVENS_FLUX_TABLE_COLUMNS];
    sevens_status status = SEVENS_OK;
    for (size_t c = 0; c < t->n_column; c++)
        most += 2 * t->curve[c].n;
    rows->n_column = t->n_column;
    SEVENS_TRY_ALLOC(rows->E = malloc(most * sizeof *rows->E));
    SEVENS_TRY_ALLOC(rows->value = malloc(most * t->n_column * sizeof *rows->value));
    for (bool more = next_energy(t, i, &E); more; E = later) {
        for (size_t c = 0; c < t->n_column; c++) {
            const sevens_straight s = {t->curve[c].n, t->curve[c].x, t->curve[c].y};
            sevens_straight_limits(&s, &i[c], E, &side[0][c], &side[1][c]);
            rows->largest[c] = fmax(rows->largest[c], fmax(side[0][c], side[1][c]));
        }
        more = next_energy(t, i, &later);
        const bool jump = memcmp(side[0], side[1], t->n_column * sizeof side[0][0]) != 0;
        for (int k = 0; k < 2; k++) {
            if (k == 0 ? rows->n == 0 : !(more && (jump || rows->n == 0)))
                continue; /* nothing is below the first row and above the last */
            rows->E[rows->n] = E;
            memcpy(rows->value + rows->n++ * t->n_column, side[k], t->n_column * sizeof side[0][0]);
        }
    }

cleanup:
    return status;
}

/* Whether the rows between a and b follow from these two. */
static bool is_straight(const sevens_flux_rows *r, size_t a, size_t b, double of_largest,
                        double of_value)
{
    if (r->E[a] == r->E[a + 1] || r->E[b] == r->E[b - 1])
        return false;
    for (size_t i = a + 1; i < b; i++) {
        for (size_t c = 0; c < r->n_column; c++) {
            const double at = r->value[i * r->n_column + c];
            const double line =
                sevens_straight_between(r->E[a], r->E[b], r->value[a * r->n_column + c],
                                        r->value[b * r->n_column + c], r->E[i]);
            if (!(fabs(line - at) <= of_largest * r->largest[c] + of_value * at))
                return false;
        }
    }
    return true;
}

/* From each row kept, to the farthest one that a straight line reaches. */
void sevens_flux_rows_thin(sevens_flux_rows *r, double of_largest, double of_value)
{
    size_t n = 1;
    for (size_t a = 0, b; a + 1 < r->n; a = b) {
        b = a + 1;
        while (b + 1 < r->n && is_straight(r, a, b + 1, of_largest, of_value))
            b++;
        r->E[n] = r->E[b];
        memmove(r->value + n++ * r->n_column, r->value + b * r->n_column,
                r->n_column * sizeof *r->value);
    }
    r->n = n;
}

/* ---- the end ---- */

void sevens_flux_table_free(sevens_flux_table *table)
{
    for (size_t c = 0; c < SEVENS_FLUX_TABLE_COLUMNS; c++) {
        free(table->curve[c].x);
        free(table->curve[c].y);
    }
    *table = (sevens_flux_table){0};
}

void sevens_flux_rows_free(sevens_flux_rows *rows)
{
    free(rows->E);
    free(rows->value);
    *rows = (sevens_flux_rows){0};
}
