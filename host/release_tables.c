/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a release: counts, weights from channels to bins, curves of the response, changes
 * by shapes. The table of spectra is read in release_flux.c. */
#include "release_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUM_TOLERANCE 1e-6 /* rounded shares may reach a little beyond 1 */

/* ---- counts ---- */

static bool has_column(const sevens_table *table, const char *name)
{
    for (size_t c = 0; c < table->n_column; c++)
        if (strcmp(table->column[c], name) == 0)
            return true;
    return false;
}

static sevens_status use_counts(sevens_release_reader *reader, const sevens_table *table,
                                void *context, sevens_error *err)
{
    sevens_release *r = reader->release;
    sevens_expected_columns expected = {0};
    const double *ignored;
    sevens_status status;
    const bool gauss = r->likelihood == SEVENS_LIKELIHOOD_GAUSS ||
                       r->likelihood == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND;
    const bool on_off = r->likelihood == SEVENS_LIKELIHOOD_POISSON_ON_OFF;
    const sevens_number_range observed = gauss    ? SEVENS_ANY_NUMBER
                                         : on_off ? SEVENS_WHOLE
                                                  : SEVENS_NOT_NEGATIVE;
    (void)context;
    SEVENS_TRY(sevens_release_check_bins(r, table, 0, &expected, err));
    if (!r->projection)
        SEVENS_TRY(
            sevens_release_copy_column(&r->observed, table, "observed", observed, &expected, err));
    else if (has_column(table, "observed[1]")) /* a scan may ask for the sensitivity of old data */
        SEVENS_TRY(
            sevens_release_use_column(&ignored, table, "observed", observed, &expected, err));
    if (gauss)
        SEVENS_TRY(
            sevens_release_copy_column(&r->sigma, table, "sigma", SEVENS_POSITIVE, &expected, err));
    if (on_off)
        SEVENS_TRY(sevens_release_copy_column(&r->off, table, "off", SEVENS_WHOLE, &expected, err));
    for (size_t b = 0; b < r->n_background; b++)
        if (!reader->flat[b] && reader->background[b].file == NULL)
            SEVENS_TRY(sevens_release_copy_column(&r->background[b].counts, table,
                                                  r->background[b].name, SEVENS_NOT_NEGATIVE,
                                                  &expected, err));
    SEVENS_TRY(sevens_release_refuse_others(table, &expected, err));

cleanup:
    return status;
}

/* A background with a table of its own. */
static sevens_status use_background(sevens_release_reader *reader, const sevens_table *table,
                                    void *context, sevens_error *err)
{
    sevens_background *background = context;
    sevens_expected_columns expected = {0};
    sevens_status status;
    SEVENS_TRY(sevens_release_check_bins(reader->release, table, 0, &expected, err));
    SEVENS_TRY(sevens_release_copy_column(&background->counts, table, "counts", SEVENS_NOT_NEGATIVE,
                                          &expected, err));
    SEVENS_TRY(sevens_release_refuse_others(table, &expected, err));

cleanup:
    return status;
}

/* Rate x mass x time x width of the bin. */
static sevens_status fill_flat(sevens_release_reader *reader, sevens_error *err)
{
    sevens_release *r = reader->release;
    sevens_status status = SEVENS_OK;
    for (size_t b = 0; b < r->n_background; b++) {
        if (!reader->flat[b])
            continue;
        const double per_keV = reader->rate_per_kg_d_keV[b] * r->mass_kg * reader->flux.exposure_d;
        double *counts = r->background[b].counts = malloc(r->n_bin * sizeof *counts);
        SEVENS_TRY_ALLOC(counts);
        for (size_t i = 0; i < r->n_bin; i++)
            counts[i] = per_keV * (r->axis[0].edges[i + 1] - r->axis[0].edges[i]);
    }

cleanup:
    return status;
}

/* ---- weights ---- */

/* Bins of the axes after the first: of one channel. */
static size_t bins_of_channel(const sevens_release *r)
{
    return r->n_bin / r->axis[0].n;
}

/* Every bin takes from the channel of its own energy bin. */
static sevens_status spread_by_energy(sevens_release *r, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const size_t stride = bins_of_channel(r);
    r->spread.first = malloc((r->n_bin + 1) * sizeof *r->spread.first);
    SEVENS_TRY_ALLOC(r->spread.first);
    r->spread.channel = malloc(r->n_bin * sizeof *r->spread.channel);
    SEVENS_TRY_ALLOC(r->spread.channel);
    for (size_t b = 0; b < r->n_bin; b++) {
        r->spread.first[b] = b;
        r->spread.channel[b] = b / stride;
    }
    r->spread.first[r->n_bin] = r->spread.n_entry = r->n_bin;
    for (size_t k = 0; k < r->n_flux; k++) {
        r->flux[k].weight = malloc(r->n_bin * sizeof *r->flux[k].weight);
        SEVENS_TRY_ALLOC(r->flux[k].weight);
        for (size_t b = 0; b < r->n_bin; b++)
            r->flux[k].weight[b] = 1.0;
    }

cleanup:
    return status;
}

/* The weights of `n` rows that belong together add up to at most 1. */
static sevens_status check_weights(const sevens_table *table, const char *name,
                                   const double *values, size_t n, sevens_error *err)
{
    double sum = 0.0;
    for (size_t row = 0; row < table->n_row; row++) {
        sum = row % n == 0 ? values[row] : sum + values[row];
        if (!(sum <= 1.0 + SUM_TOLERANCE))
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s:%d: the shares of %s add up to %g here, more than 1",
                               table->path, table->line[row], name, sum);
    }
    return SEVENS_OK;
}

/* shares: a row per bin of the axes after the first, the same for all energies. spread: a row per
 * bin. */
static sevens_status use_shares(sevens_release_reader *reader, const sevens_table *table,
                                void *context, sevens_error *err)
{
    sevens_release *r = reader->release;
    sevens_expected_columns expected = {0};
    const double *values;
    sevens_status status;
    const size_t stride = bins_of_channel(r);
    const bool by_bin = context == &reader->spread;
    SEVENS_TRY(sevens_release_check_bins(r, table, by_bin ? 0 : 1, &expected, err));
    for (size_t k = 0; k < r->n_flux; k++) {
        const char *name = sevens_flavour_name(r->flux[k].flavour);
        SEVENS_TRY(
            sevens_release_use_column(&values, table, name, SEVENS_NOT_NEGATIVE, &expected, err));
        SEVENS_TRY(check_weights(table, name, values, stride, err));
        for (size_t b = 0; b < r->n_bin; b++)
            r->flux[k].weight[b] = values[by_bin ? b : b % stride];
    }
    SEVENS_TRY(sevens_release_refuse_others(table, &expected, err));

cleanup:
    return status;
}

/* The part of the table that is not 0, row by row: the same weights for all flavours. */
static sevens_status spread_by_node(sevens_release *r, const double *const *yield,
                                    sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_spread *s = &r->spread;
    size_t n = 0;
    s->first = malloc((r->n_bin + 1) * sizeof *s->first);
    SEVENS_TRY_ALLOC(s->first);
    s->channel = malloc((r->n_bin * r->n_node + 1) * sizeof *s->channel);
    SEVENS_TRY_ALLOC(s->channel);
    for (size_t b = 0; b < r->n_bin; b++) {
        s->first[b] = n;
        for (size_t j = 0; j < r->n_node; j++)
            if (yield[j][b] != 0.0)
                s->channel[n++] = j;
    }
    s->first[r->n_bin] = s->n_entry = n;
    for (size_t k = 0; k < r->n_flux; k++) {
        r->flux[k].weight = malloc((n + 1) * sizeof *r->flux[k].weight);
        SEVENS_TRY_ALLOC(r->flux[k].weight);
        for (size_t b = 0; b < r->n_bin; b++)
            for (size_t e = s->first[b]; e < s->first[b + 1]; e++)
                r->flux[k].weight[e] = yield[s->channel[e]][b];
    }

cleanup:
    return status;
}

static sevens_status use_yields(sevens_release_reader *reader, const sevens_table *table,
                                void *context, sevens_error *err)
{
    sevens_release *r = reader->release;
    sevens_expected_columns expected = {0};
    const double *yield[SEVENS_TABLE_MAX_COLUMNS];
    char name[32];
    sevens_status status;
    (void)context;
    SEVENS_TRY(sevens_release_check_bins(r, table, 0, &expected, err));
    for (size_t j = 0; j < r->n_node; j++) {
        snprintf(name, sizeof name, "node_%zu", j);
        SEVENS_TRY(
            sevens_release_use_column(&yield[j], table, name, SEVENS_NOT_NEGATIVE, &expected, err));
        SEVENS_TRY(check_weights(table, name, yield[j], r->n_bin, err));
    }
    SEVENS_TRY(sevens_release_refuse_others(table, &expected, err));
    SEVENS_TRY(spread_by_node(r, yield, err));

cleanup:
    return status;
}

static sevens_status load_weights(sevens_release_reader *reader, sevens_error *err)
{
    sevens_release *r = reader->release;
    sevens_status status;
    if (r->n_node > 0)
        return sevens_release_use_table(reader, &reader->yields, NULL, use_yields, NULL, err);
    SEVENS_TRY(spread_by_energy(r, err));
    if (reader->spread.file != NULL)
        SEVENS_TRY(sevens_release_use_table(reader, &reader->spread, NULL, use_shares,
                                            &reader->spread, err));
    else if (reader->shares.file != NULL)
        SEVENS_TRY(sevens_release_use_table(reader, &reader->shares, NULL, use_shares, NULL, err));

cleanup:
    return status;
}

/* ---- curves ---- */

static sevens_status check_curve(const sevens_table *table, const double *x, const double *y,
                                 double y_max, sevens_error *err)
{
    for (size_t row = 0; row < table->n_row; row++) {
        if (row > 0 && !(x[row] > x[row - 1]))
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s:%d: the first column must increase: %g comes after %g",
                               table->path, table->line[row], x[row], x[row - 1]);
        if (!(y[row] >= 0.0 && y[row] <= y_max))
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%d: %s must be from 0 to %g, not %g",
                               table->path, table->line[row], table->column[table->n_column - 1],
                               y_max, y[row]);
    }
    return SEVENS_OK;
}

/* Slices follow each other without a gap. */
static sevens_status check_slices(const sevens_table *table, const double *lo, const double *hi,
                                  sevens_error *err)
{
    for (size_t row = 0; row < table->n_row; row++) {
        if (!(hi[row] > lo[row]))
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%d: a step from %g to %g", table->path,
                               table->line[row], lo[row], hi[row]);
        if (row > 0 && lo[row] != hi[row - 1])
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s:%d: the step begins at %g, but the one before ends at %g",
                               table->path, table->line[row], lo[row], hi[row - 1]);
    }
    return SEVENS_OK;
}

static sevens_status use_curve(sevens_release_reader *reader, const sevens_table *table,
                               void *context, sevens_error *err)
{
    const sevens_release_curve *c = context;
    const char *unit = reader->release->axis[0].unit;
    const bool quenching = c->kind == SEVENS_CURVE_QUENCHING, steps = c->kind == SEVENS_CURVE_STEPS;
    const double *x, *hi = NULL, *y, y_max = quenching ? 10.0 : 1.0 + SUM_TOLERANCE;
    sevens_expected_columns expected = {0};
    sevens_status status;
    if (quenching)
        SEVENS_TRY(sevens_release_get_column(table, &expected, &x, err, "T", "", "keVnr"));
    else
        SEVENS_TRY(
            sevens_release_get_column(table, &expected, &x, err, "x", steps ? "_lo" : "", unit));
    if (steps)
        SEVENS_TRY(sevens_release_get_column(table, &expected, &hi, err, "x", "_hi", unit));
    SEVENS_TRY(sevens_release_get_column(table, &expected, &y, err, quenching ? "qf" : "efficiency",
                                         "", "1"));
    SEVENS_TRY(sevens_release_refuse_others(table, &expected, err));
    if (quenching && !(x[0] >= 0.0))
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%d: a recoil energy below 0: %g", table->path,
                           table->line[0], x[0]);
    if (steps)
        SEVENS_TRY(check_slices(table, x, hi, err));
    SEVENS_TRY(check_curve(table, x, y, y_max, err));
    c->curve->n = table->n_row;
    c->curve->x = malloc((table->n_row + 1) * sizeof *c->curve->x);
    SEVENS_TRY_ALLOC(c->curve->x);
    c->curve->y = malloc(table->n_row * sizeof *c->curve->y);
    SEVENS_TRY_ALLOC(c->curve->y);
    memcpy(c->curve->x, x, table->n_row * sizeof *x);
    memcpy(c->curve->y, y, table->n_row * sizeof *y);
    c->curve->x[table->n_row] = steps ? hi[table->n_row - 1] : x[table->n_row - 1];

cleanup:
    return status;
}

/* ---- shapes ---- */

static sevens_status use_shape(sevens_release_reader *reader, const sevens_table *table,
                               void *context, sevens_error *err)
{
    sevens_release *r = reader->release;
    sevens_shape *shape = context;
    sevens_expected_columns expected = {0};
    sevens_status status;
    SEVENS_TRY(sevens_release_check_bins(r, table, 0, &expected, err));
    if (shape->of == SEVENS_SHAPE_BACKGROUND)
        SEVENS_TRY(sevens_release_copy_column(&shape->counts, table, "change", SEVENS_ANY_NUMBER,
                                              &expected, err));
    for (size_t k = 0; shape->of == SEVENS_SHAPE_SPREAD && k < r->n_flux; k++)
        SEVENS_TRY(sevens_release_copy_column(&shape->weight[k], table,
                                              sevens_flavour_name(r->flux[k].flavour),
                                              SEVENS_ANY_NUMBER, &expected, err));
    SEVENS_TRY(sevens_release_refuse_others(table, &expected, err));

cleanup:
    return status;
}

sevens_status sevens_release_load_tables(sevens_release_reader *reader, sevens_error *err)
{
    sevens_release *r = reader->release;
    sevens_status status = SEVENS_OK;
    if (reader->counts.file != NULL)
        SEVENS_TRY(sevens_release_use_table(reader, &reader->counts, NULL, use_counts, NULL, err));
    for (size_t b = 0; b < r->n_background; b++)
        if (reader->background[b].file != NULL)
            SEVENS_TRY(sevens_release_use_table(reader, &reader->background[b], NULL,
                                                use_background, &r->background[b], err));
    SEVENS_TRY(fill_flat(reader, err));
    SEVENS_TRY(load_weights(reader, err));
    for (size_t i = 0; i < reader->n_curve; i++)
        SEVENS_TRY(sevens_release_use_table(reader, &reader->curve[i].file, NULL, use_curve,
                                            &reader->curve[i], err));
    for (size_t i = 0; i < r->n_shape; i++)
        if (reader->shape[i].file != NULL)
            SEVENS_TRY(sevens_release_use_table(reader, &reader->shape[i], NULL, use_shape,
                                                &r->shape[i], err));

cleanup:
    return status;
}
