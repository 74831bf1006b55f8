/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all tables of a release have in common: opening and checksum, the columns that are expected
 * and no others, a row per bin, ranges of numbers. A table is checked line by line first, and its
 * checksum last: a fault that can be pointed at says more. */
#include "path.h"
#include "release_internal.h"
#include "sevens/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNTS_MAX 1e15

/* ---- any table ---- */

/* release->sha256 is that of release.yaml, and covers the tables whose sums stand in it; the sum of
 * another table is hashed to it. */
static void cover(sevens_release *r, const char *sha256)
{
    char both[2 * SEVENS_SHA256_HEX];
    snprintf(both, sizeof both, "%s%s", r->sha256, sha256);
    sevens_sha256_bytes(both, strlen(both), r->sha256);
}

static sevens_status check_sum(sevens_release_reader *reader, const sevens_release_file *file,
                               const char *path, sevens_error *err)
{
    const sevens_release *r = reader->release;
    char sha256[SEVENS_SHA256_HEX];
    sevens_status status;
    SEVENS_TRY(sevens_sha256_file(path, sha256, err));
    if (file->sha256 == NULL) {
        cover(reader->release, sha256);
    } else if (strcmp(sha256, file->sha256) != 0) {
        sevens_document_fault(reader->doc, file->sum_node,
                              "%s has the sha256 %.12s..., not %.12s... as said here: it was "
                              "changed; remake the folder: sevens ingest %s --from ORIGINALS -o %s",
                              path, sha256, file->sha256, r->name, r->folder);
        SEVENS_TRY(sevens_document_finish(reader->doc, err));
    }

cleanup:
    return status;
}

sevens_status sevens_release_use_table(sevens_release_reader *reader,
                                       const sevens_release_file *file, const char *path,
                                       sevens_release_use use, void *context, sevens_error *err)
{
    sevens_table table = {0};
    struct stat info;
    sevens_status status = SEVENS_OK;

    char *own =
        path != NULL ? sevens_strdup(path) : sevens_path_join(reader->release->folder, file->file);
    SEVENS_TRY_ALLOC(own);
    if (access(own, R_OK) != 0 || stat(own, &info) != 0 || !S_ISREG(info.st_mode)) {
        sevens_document_fault(reader->doc, file->node, "the table %s is missing or cannot be read",
                              own);
        SEVENS_TRY(sevens_document_finish(reader->doc, err));
    }
    SEVENS_TRY(sevens_table_load(&table, own, err));
    SEVENS_TRY(use(reader, &table, context, err));
    SEVENS_TRY(check_sum(reader, file, own, err));

cleanup:
    sevens_table_free(&table);
    free(own);
    return status;
}

/* ---- columns ---- */

sevens_status sevens_release_get_column(const sevens_table *table,
                                        sevens_expected_columns *expected, const double **values,
                                        sevens_error *err, const char *name, const char *suffix,
                                        const char *unit)
{
    char *column = expected->name[expected->n++];
    snprintf(column, sizeof expected->name[0], "%s%s[%s]", name, suffix, unit);
    return sevens_table_column(table, column, values, err);
}

sevens_status sevens_release_refuse_others(const sevens_table *table,
                                           const sevens_expected_columns *expected,
                                           sevens_error *err)
{
    const char *names[SEVENS_TABLE_MAX_COLUMNS + 8];
    for (size_t k = 0; k < expected->n; k++)
        names[k] = expected->name[k];
    for (size_t c = 0; c < table->n_column; c++) {
        const char *near = names[sevens_nearest(table->column[c], names, expected->n)];
        if (strcmp(near, table->column[c]) != 0)
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s:%d: unknown column '%s'; the nearest known one is '%s'",
                               table->path, table->line[0] - 1, table->column[c], near);
    }
    return SEVENS_OK;
}

static sevens_status check_rows(const sevens_table *table, size_t n, sevens_error *err)
{
    if (table->n_row == n)
        return SEVENS_OK;
    const size_t at = table->n_row > n ? n : table->n_row - 1;
    return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%d: %zu rows, but release.yaml has %zu bins",
                       table->path, table->line[at], table->n_row, n);
}

/* Rows go through the bins of an axis in order: row / stride % n. Edges that release.yaml gives by
 * their spacing need not agree in the last bits. */
static sevens_status check_edges(const sevens_table *table, const sevens_bin_axis *axis,
                                 size_t stride, sevens_expected_columns *expected,
                                 sevens_error *err)
{
    const double *lo, *hi;
    sevens_status status;
    SEVENS_TRY(sevens_release_get_column(table, expected, &lo, err, axis->name, "_lo", axis->unit));
    SEVENS_TRY(sevens_release_get_column(table, expected, &hi, err, axis->name, "_hi", axis->unit));
    for (size_t row = 0; row < table->n_row; row++) {
        const double *edge = axis->edges + row / stride % axis->n;
        const double near = 1e-6 * (edge[1] - edge[0]);
        if (!(fabs(lo[row] - edge[0]) <= near && fabs(hi[row] - edge[1]) <= near))
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s:%d: %s bin %.15g to %.15g, but release.yaml has %.15g to %.15g",
                               table->path, table->line[row], axis->name, lo[row], hi[row], edge[0],
                               edge[1]);
    }

cleanup:
    return status;
}

/* A row per bin of the axes from `first` on, with their edges. */
sevens_status sevens_release_check_bins(const sevens_release *r, const sevens_table *table,
                                        size_t first, sevens_expected_columns *expected,
                                        sevens_error *err)
{
    size_t stride = 1;
    sevens_status status;
    for (size_t a = first; a < r->n_axis; a++)
        stride *= r->axis[a].n;
    SEVENS_TRY(check_rows(table, stride, err));
    for (size_t a = first; a < r->n_axis; a++) {
        stride /= r->axis[a].n;
        SEVENS_TRY(check_edges(table, &r->axis[a], stride, expected, err));
    }

cleanup:
    return status;
}

static sevens_status check_range(const sevens_table *table, const char *name, const double *values,
                                 sevens_number_range range, sevens_error *err)
{
    const char *wrong = NULL;
    for (size_t row = 0; row < table->n_row && wrong == NULL; row++) {
        const double x = values[row];
        if (!(x >= 0.0) && range != SEVENS_ANY_NUMBER)
            wrong = "negative";
        else if (!(x > 0.0) && range == SEVENS_POSITIVE)
            wrong = "not positive";
        else if (x != floor(x) && range == SEVENS_WHOLE)
            wrong = "not a whole number";
        else if (!(fabs(x) <= COUNTS_MAX))
            wrong = "too large";
        if (wrong != NULL)
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%d: %s is %s: %g", table->path,
                               table->line[row], name, wrong, x);
    }
    return SEVENS_OK;
}

/* A checked column, borrowed. */
sevens_status sevens_release_use_column(const double **values, const sevens_table *table,
                                        const char *name, sevens_number_range range,
                                        sevens_expected_columns *expected, sevens_error *err)
{
    sevens_status status;
    SEVENS_TRY(sevens_release_get_column(table, expected, values, err, name, "", "1"));
    SEVENS_TRY(check_range(table, name, *values, range, err));

cleanup:
    return status;
}

sevens_status sevens_release_copy_column(double **copy, const sevens_table *table, const char *name,
                                         sevens_number_range range,
                                         sevens_expected_columns *expected, sevens_error *err)
{
    const double *values;
    sevens_status status;
    SEVENS_TRY(sevens_release_use_column(&values, table, name, range, expected, err));
    *copy = malloc(table->n_row * sizeof **copy);
    SEVENS_TRY_ALLOC(*copy);
    memcpy(*copy, values, table->n_row * sizeof **copy);

cleanup:
    return status;
}
