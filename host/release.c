/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads a release folder: release.yaml (release_yaml.c), then the tables it names. A table is
 * checked line by line first, and its checksum last: a fault that can be pointed at says more. */
#include "sevens/release.h"

#include "path.h"
#include "release_internal.h"
#include "sevens/table.h"
#include "sevens/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_EXPECTED (5 + SEVENS_RELEASE_MAX_BACKGROUNDS + SEVENS_N_FLAVOUR)
#define COLUMN_BYTES 128

/* Columns that a table must have, and no others. */
typedef struct expected_columns {
    size_t n;
    char name[MAX_EXPECTED][COLUMN_BYTES];
} expected_columns;

static sevens_status get_column(const sevens_table *table, expected_columns *expected,
                                const double **values, sevens_error *err, const char *name,
                                const char *suffix, const char *unit)
{
    char *column = expected->name[expected->n++];
    snprintf(column, COLUMN_BYTES, "%s%s[%s]", name, suffix, unit);
    return sevens_table_column(table, column, values, err);
}

static sevens_status refuse_others(const sevens_table *table, const expected_columns *expected,
                                   sevens_error *err)
{
    const char *names[MAX_EXPECTED];
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

/* Rows go through the bins of an axis in order: row / stride % n. */
static sevens_status check_edges(const sevens_table *table, const sevens_bin_axis *axis,
                                 size_t stride, expected_columns *expected, sevens_error *err)
{
    const double *lo, *hi;
    sevens_status status;
    SEVENS_TRY(get_column(table, expected, &lo, err, axis->name, "_lo", axis->unit));
    SEVENS_TRY(get_column(table, expected, &hi, err, axis->name, "_hi", axis->unit));
    for (size_t row = 0; row < table->n_row; row++) {
        const double *edge = axis->edges + row / stride % axis->n;
        if (lo[row] != edge[0] || hi[row] != edge[1])
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s:%d: %s bin %.17g to %.17g, but release.yaml has %.17g to %.17g",
                               table->path, table->line[row], axis->name, lo[row], hi[row], edge[0],
                               edge[1]);
    }

cleanup:
    return status;
}

/* A copy of a column of non-negative numbers. */
static sevens_status copy_column(double **copy, const sevens_table *table, const char *name,
                                 expected_columns *expected, sevens_error *err)
{
    const double *values;
    sevens_status status;
    SEVENS_TRY(get_column(table, expected, &values, err, name, "", "1"));
    for (size_t row = 0; row < table->n_row; row++)
        if (!(values[row] >= 0.0))
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%d: %s is negative: %g", table->path,
                               table->line[row], name, values[row]);
    *copy = malloc(table->n_row * sizeof **copy);
    SEVENS_TRY_ALLOC(*copy);
    memcpy(*copy, values, table->n_row * sizeof **copy);

cleanup:
    return status;
}

static sevens_status use_counts(sevens_release *r, const sevens_table *table, sevens_error *err)
{
    expected_columns expected = {0};
    sevens_status status;
    SEVENS_TRY(check_rows(table, r->n_bin, err));
    SEVENS_TRY(check_edges(table, &r->axis[0], r->n_share, &expected, err));
    if (r->n_axis == 2)
        SEVENS_TRY(check_edges(table, &r->axis[1], 1, &expected, err));
    SEVENS_TRY(copy_column(&r->observed, table, "observed", &expected, err));
    for (size_t b = 0; b < r->n_background; b++)
        SEVENS_TRY(
            copy_column(&r->background[b].counts, table, r->background[b].name, &expected, err));
    SEVENS_TRY(refuse_others(table, &expected, err));

cleanup:
    return status;
}

/* The flavours of pion decay at rest; nubar_e is below 1e-3 of them and has no column. */
static sevens_status use_shares(sevens_release *r, const sevens_table *table, sevens_error *err)
{
    static const sevens_flavour flavour[] = {SEVENS_NU_E, SEVENS_NUBAR_MU, SEVENS_NU_MU};
    expected_columns expected = {0};
    sevens_status status;
    SEVENS_TRY(check_rows(table, r->n_share, err));
    if (r->n_axis == 2)
        SEVENS_TRY(check_edges(table, &r->axis[1], 1, &expected, err));
    for (size_t k = 0; k < sizeof flavour / sizeof flavour[0]; k++) {
        const char *name = sevens_flavour_name(flavour[k]);
        double sum = 0.0;
        r->flux[k].flavour = flavour[k];
        SEVENS_TRY(copy_column(&r->flux[k].share, table, name, &expected, err));
        r->n_flux = k + 1;
        for (size_t j = 0; j < table->n_row; j++) {
            sum += r->flux[k].share[j];
            if (!(sum <= 1.0 + 1e-6)) /* rounded tables may reach a little beyond */
                return sevens_fail(err, SEVENS_ERR_INPUT,
                                   "%s:%d: the shares of %s add up to %g here, more than 1",
                                   table->path, table->line[j], name, sum);
        }
    }
    SEVENS_TRY(refuse_others(table, &expected, err));

cleanup:
    return status;
}

static sevens_status
load_table(sevens_release *r, sevens_document *doc, const sevens_release_table *entry,
           sevens_status (*use)(sevens_release *, const sevens_table *, sevens_error *),
           sevens_error *err)
{
    sevens_table table = {0};
    char sha256[SEVENS_SHA256_HEX];
    sevens_status status = SEVENS_OK;

    char *path = sevens_path_join(r->folder, entry->file);
    SEVENS_TRY_ALLOC(path);
    if (access(path, R_OK) != 0) {
        sevens_document_fault(doc, entry->node, "the table %s is missing or cannot be read", path);
        SEVENS_TRY(sevens_document_finish(doc, err));
    }
    SEVENS_TRY(sevens_table_load(&table, path, err));
    SEVENS_TRY(use(r, &table, err));
    SEVENS_TRY(sevens_sha256_file(path, sha256, err));
    if (strcmp(sha256, entry->sha256) != 0) {
        sevens_document_fault(doc, entry->node,
                              "%s has the sha256 %.12s..., not %.12s... as said here: it was "
                              "changed; remake the folder: sevens ingest %s --from ORIGINALS -o %s",
                              path, sha256, entry->sha256, r->name, r->folder);
        SEVENS_TRY(sevens_document_finish(doc, err));
    }

cleanup:
    sevens_table_free(&table);
    free(path);
    return status;
}

sevens_status sevens_release_load(sevens_release **release, const char *folder, sevens_error *err)
{
    sevens_release_tables tables = {0};
    sevens_document *doc = NULL;
    char *path = NULL;
    sevens_status status = SEVENS_OK;

    sevens_release *r = *release = calloc(1, sizeof *r);
    SEVENS_TRY_ALLOC(r);
    r->folder = sevens_strdup(folder);
    SEVENS_TRY_ALLOC(r->folder);
    path = sevens_path_join(folder, "release.yaml");
    SEVENS_TRY_ALLOC(path);
    SEVENS_TRY(sevens_document_load(&doc, path, err));
    SEVENS_TRY(sevens_release_read_yaml(r, &tables, doc, err));
    SEVENS_TRY(sevens_document_finish(doc, err));
    const char *text = sevens_document_text(doc);
    sevens_sha256_bytes(text, strlen(text), r->sha256);
    SEVENS_TRY(load_table(r, doc, &tables.counts, use_counts, err));
    SEVENS_TRY(load_table(r, doc, &tables.shares, use_shares, err));

cleanup:
    sevens_document_free(&doc);
    free(path);
    if (status != SEVENS_OK)
        sevens_release_free(release);
    return status;
}

void sevens_release_free(sevens_release **release)
{
    sevens_release *r = *release;
    if (r == NULL)
        return;
    char *texts[] = {r->name,  r->title, r->citation, r->doi,
                     r->arxiv, r->url,   r->version,  r->folder};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    for (size_t a = 0; a < 2; a++) {
        free(r->axis[a].name);
        free(r->axis[a].unit);
        free(r->axis[a].edges);
    }
    for (size_t k = 0; k < SEVENS_N_FLAVOUR; k++)
        free(r->flux[k].share);
    for (size_t b = 0; b < SEVENS_RELEASE_MAX_BACKGROUNDS; b++) {
        free(r->background[b].name);
        free(r->background[b].counts);
    }
    free(r->observed);
    free(r);
    *release = NULL;
}
