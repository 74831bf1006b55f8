/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scan_tile.h"
#include "sevens/scan.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#define ROW_BYTES ((size_t)32 << 20)    /* most memory for the rows of one batch */
#define BATCH_POINTS ((size_t)1 << 16)  /* of the scan in a batch, when the tile has fewer */
#define TILE_POINTS ((double)(1 << 24)) /* of the scan in a tile: a stop waits for its end */

/* The axis along which rows follow each other: the last one beside that of the rows. */
static size_t chain_axis(const sevens_config *config, size_t row_axis)
{
    for (size_t a = config->n_axis; a-- > 0;) {
        if (a != row_axis)
            return a;
    }
    return SEVENS_NO_ROW;
}

/* Points along an axis that a tile does not divide: a row's segment, or a chain of rows. */
static size_t unit_of(const sevens_config *config, size_t row_axis, size_t a)
{
    size_t n = config->axis[a].n, unit = 1;

    if (a == row_axis)
        unit = SEVENS_ROW_SEGMENT;
    else if (row_axis != SEVENS_NO_ROW && a == chain_axis(config, row_axis))
        unit = SEVENS_ROW_CHAIN;
    return unit < n ? unit : n;
}

/* Makes the tile longer along an axis, in whole units, while it has at most `most` points. */
static void extend(const sevens_config *config, size_t row_axis, size_t a, size_t most,
                   size_t *tile, size_t *points)
{
    size_t n = config->axis[a].n, unit = unit_of(config, row_axis, a), others, units;

    if (config->axis[a].profile) /* lies in the tile whole */
        return;
    others = *points / tile[a];
    units = most / others / unit;
    tile[a] = (units > 1 ? units : 1) * unit;
    if (tile[a] > n)
        tile[a] = n;
    *points = others * tile[a];
}

void sevens_scan_tile_shape(const sevens_config *config, size_t row_axis, size_t *tile)
{
    double profiled = sevens_config_profiled_points(config);
    size_t points = 1, most = (size_t)fmin((double)config->tile, fmax(1.0, TILE_POINTS / profiled));

    if (profiled == 1.0)
        most = (size_t)config->tile;
    for (size_t a = 0; a < config->n_axis; a++) {
        bool profile = config->axis[a].profile;

        tile[a] = profile ? config->axis[a].n : unit_of(config, row_axis, a);
        points *= profile ? 1 : tile[a];
    }
    if (row_axis != SEVENS_NO_ROW)
        extend(config, row_axis, row_axis, most, tile, &points);
    for (size_t a = config->n_axis; a-- > 0;) {
        if (a != row_axis)
            extend(config, row_axis, a, most, tile, &points);
    }
}

/* ---- buffers ---- */

void sevens_scan_tile_free(sevens_scan_tile *t)
{
    free(t->chi2);
    free(t->status);
    free(t->chi2_experiment);
    free(t->pull);
    free(t->profiled);
    free(t->derived);
    free(t->x);
    free(t->follows);
    free(t->value);
    free(t->row_chi2);
    free(t->row_chi2_experiment);
    free(t->row_status);
    free(t->row_nuisance);
    *t = (sevens_scan_tile){0};
}

static size_t row_length(const sevens_scan_tile *t)
{
    return t->problem->row_axis == SEVENS_NO_ROW ? 1 : t->extent[t->problem->row_axis];
}

/* Rows of one call of the evaluator. */
static size_t choose_batch(const sevens_scan_tile *t)
{
    size_t n_x = row_length(t), rows = ROW_BYTES / (sizeof(double) * t->problem->row_size);
    size_t points = t->points > BATCH_POINTS ? t->points : BATCH_POINTS;

    if (rows > points / n_x)
        rows = points / n_x;
    if (rows < SEVENS_ROW_CHAIN) /* a chain is not divided */
        rows = SEVENS_ROW_CHAIN;
    if ((double)rows > t->evaluated / (double)n_x)
        rows = (size_t)(t->evaluated / (double)n_x);
    return rows > 1 ? rows : 1;
}

static sevens_status allocate_batch(sevens_scan_tile *t, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t points = t->batch_rows * row_length(t);
    size_t n_parameters = sevens_model_n_parameters(t->problem->model);

    t->x = malloc(row_length(t) * sizeof *t->x);
    t->follows = malloc(t->batch_rows * sizeof *t->follows);
    t->value = malloc(t->batch_rows * n_parameters * sizeof *t->value);
    t->row_chi2 = malloc(points * sizeof *t->row_chi2);
    t->row_chi2_experiment =
        malloc(t->problem->n_experiment * points * sizeof *t->row_chi2_experiment);
    t->row_status = malloc(points);
    t->row_nuisance = malloc(t->problem->n_nuisance * points * sizeof *t->row_nuisance);
    SEVENS_TRY_ALLOC(t->x);
    SEVENS_TRY_ALLOC(t->follows);
    SEVENS_TRY_ALLOC(t->value);
    SEVENS_TRY_ALLOC(t->row_chi2);
    SEVENS_TRY_ALLOC(t->row_chi2_experiment);
    SEVENS_TRY_ALLOC(t->row_status);
    SEVENS_TRY_ALLOC(t->row_nuisance);
cleanup:
    return status;
}

/* All sizes of the largest tile. */
static void size_up(sevens_scan_tile *t, const sevens_problem *problem, const size_t *shape)
{
    *t = (sevens_scan_tile){.problem = problem, .points = 1};
    for (size_t a = 0; a < problem->config->n_axis; a++) {
        bool profile = problem->config->axis[a].profile;

        t->extent[a] = shape[a];
        t->n_profiled += profile;
        t->points *= profile ? 1 : shape[a];
    }
    t->evaluated = sevens_config_profiled_points(problem->config) * (double)t->points;
    t->batch_rows = choose_batch(t);
}

sevens_scan_sizes sevens_scan_size(const sevens_problem *problem)
{
    size_t shape[SEVENS_MAX_AXES];
    sevens_scan_tile t;

    sevens_scan_tile_shape(problem->config, problem->row_axis, shape);
    size_up(&t, problem, shape);
    return (sevens_scan_sizes){t.points, t.batch_rows, t.batch_rows * row_length(&t)};
}

sevens_status sevens_scan_tile_create(sevens_scan_tile *t, const sevens_problem *problem,
                                      sevens_evaluator *evaluator, const size_t *shape,
                                      sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_derived = sevens_model_n_derived(problem->model);

    size_up(t, problem, shape);
    t->evaluator = evaluator;
    t->chi2 = malloc(t->points * sizeof *t->chi2);
    t->status = malloc(t->points);
    t->chi2_experiment = malloc(problem->n_experiment * t->points * sizeof *t->chi2_experiment);
    t->pull = malloc(problem->n_nuisance * t->points * sizeof *t->pull);
    t->profiled = malloc((t->n_profiled ? t->n_profiled : 1) * t->points * sizeof *t->profiled);
    t->derived = malloc((n_derived ? n_derived : 1) * t->points * sizeof *t->derived);
    SEVENS_TRY_ALLOC(t->chi2);
    SEVENS_TRY_ALLOC(t->status);
    SEVENS_TRY_ALLOC(t->chi2_experiment);
    SEVENS_TRY_ALLOC(t->pull);
    SEVENS_TRY_ALLOC(t->profiled);
    SEVENS_TRY_ALLOC(t->derived);
    SEVENS_TRY(allocate_batch(t, err));
cleanup:
    return status;
}

void sevens_scan_tile_place(sevens_scan_tile *t, const size_t *offset, const size_t *extent)
{
    const sevens_config *config = t->problem->config;
    size_t of_map = 0;

    t->points = 1;
    for (size_t a = 0; a < config->n_axis; a++) {
        bool profile = config->axis[a].profile;

        t->offset[a] = profile ? 0 : offset[of_map];
        t->extent[a] = profile ? config->axis[a].n : extent[of_map];
        t->points *= profile ? 1 : t->extent[a];
        of_map += !profile;
    }
    t->evaluated = sevens_config_profiled_points(config) * (double)t->points;
}

/* ---- points ---- */

void sevens_scan_tile_values(const sevens_scan_tile *t, size_t point, double *value)
{
    const sevens_config *config = t->problem->config;
    size_t index = point, k = t->n_profiled;

    memcpy(value, config->value, sevens_model_n_parameters(t->problem->model) * sizeof *value);
    for (size_t a = config->n_axis; a-- > 0;) {
        const sevens_axis *axis = &config->axis[a];

        if (axis->profile) {
            value[axis->parameter] = t->profiled[--k * t->points + point];
            continue;
        }
        value[axis->parameter] = axis->value[t->offset[a] + index % t->extent[a]];
        index /= t->extent[a];
    }
}

/* Index along every axis of the first point of row r: rows are numbered row-major over the axes but
 * that of the row. */
static void row_index(const sevens_scan_tile *t, size_t r, size_t *index)
{
    for (size_t a = t->problem->config->n_axis; a-- > 0;) {
        index[a] = 0;
        if (a == t->problem->row_axis)
            continue;
        index[a] = r % t->extent[a];
        r /= t->extent[a];
    }
}

/* Whether row r continues the chain of the one before it: chains begin where the index along their
 * axis is a multiple of their length, wherever the tile lies. */
static bool row_follows(const sevens_scan_tile *t, size_t r)
{
    size_t index[SEVENS_MAX_AXES], a = chain_axis(t->problem->config, t->problem->row_axis);

    if (t->problem->row_axis == SEVENS_NO_ROW || a == SEVENS_NO_ROW)
        return false;
    row_index(t, r, index);
    return (t->offset[a] + index[a]) % SEVENS_ROW_CHAIN != 0;
}

/* Rows of the batch that begins with row `first`: as many whole chains as fit. */
static size_t batch_length(const sevens_scan_tile *t, size_t first, size_t n_rows)
{
    size_t n = n_rows - first;

    if (n <= t->batch_rows)
        return n;
    for (n = t->batch_rows; n > 1 && row_follows(t, first + n); n--)
        ;
    return n;
}

/* Values of row r, the `at`-th of a batch. */
static void set_row(sevens_scan_tile *t, size_t r, size_t at)
{
    const sevens_config *config = t->problem->config;
    size_t n_parameters = sevens_model_n_parameters(t->problem->model), index[SEVENS_MAX_AXES];
    double *value = t->value + at * n_parameters;

    row_index(t, r, index);
    t->follows[at] = at > 0 && row_follows(t, r);
    memcpy(value, config->value, n_parameters * sizeof *value);
    for (size_t a = 0; a < config->n_axis; a++)
        value[config->axis[a].parameter] = config->axis[a].value[t->offset[a] + index[a]];
}

/* The row variable of every row. */
static void set_x(sevens_scan_tile *t)
{
    size_t row_axis = t->problem->row_axis;

    t->x[0] = 0.0;
    for (size_t i = 0; i < row_length(t) && row_axis != SEVENS_NO_ROW; i++) {
        const sevens_axis *axis = &t->problem->config->axis[row_axis];

        t->x[i] = sevens_transform_apply(
            sevens_model_parameter(t->problem->model, axis->parameter)->transform,
            axis->value[t->offset[row_axis] + i]);
    }
}

/* ---- the lowest ---- */

/* The result `from` of a batch of n_batch points becomes that of point `to` when it is lower. */
static void keep_lower(sevens_scan_tile *t, size_t to, size_t from, size_t n_batch,
                       const size_t *index)
{
    const sevens_config *config = t->problem->config;
    bool first = t->status[to] == 0 || isnan(t->chi2[to]);
    size_t k = 0;

    if (!first && !(t->row_chi2[from] < t->chi2[to]))
        return;
    t->chi2[to] = t->row_chi2[from];
    t->status[to] = t->row_status[from];
    for (size_t e = 0; e < t->problem->n_experiment; e++)
        t->chi2_experiment[e * t->points + to] = t->row_chi2_experiment[e * n_batch + from];
    for (size_t n = 0; n < t->problem->n_nuisance && config->output.pulls; n++) {
        const sevens_nuisance *nuisance = sevens_problem_nuisance(t->problem, n, NULL, 0);
        double value = (double)t->row_nuisance[n * n_batch + from];

        t->pull[n * t->points + to] = (float)sevens_nuisance_pull(nuisance, value);
    }
    for (size_t a = 0; a < config->n_axis; a++) {
        if (config->axis[a].profile)
            t->profiled[k++ * t->points + to] = config->axis[a].value[index[a]];
    }
}

/* Where the first point of a row stands in the map, and how far apart its points are. */
static size_t place_of_row(const sevens_scan_tile *t, const size_t *index, size_t *stride)
{
    const sevens_config *config = t->problem->config;
    size_t to = 0;

    *stride = 0;
    for (size_t a = 0; a < config->n_axis; a++) {
        if (config->axis[a].profile)
            continue;
        to = to * t->extent[a] + index[a];
        *stride = a == t->problem->row_axis ? 1 : *stride * t->extent[a];
    }
    return to;
}

/* Takes the results of row r, the `at`-th of a batch of n_batch points. */
static void keep_row(sevens_scan_tile *t, size_t r, size_t at, size_t n_batch)
{
    size_t row_axis = t->problem->row_axis, n_x = row_length(t), index[SEVENS_MAX_AXES];
    size_t stride, to;

    row_index(t, r, index);
    to = place_of_row(t, index, &stride);
    for (size_t i = 0; i < n_x; i++) {
        if (row_axis != SEVENS_NO_ROW)
            index[row_axis] = i;
        keep_lower(t, to + i * stride, at * n_x + i, n_batch, index);
    }
}

/* Rows first .. first + n - 1 of the tile, which are those of a batch, go into planes. */
static void reduce_rows(sevens_scan_tile *t, size_t first, size_t n)
{
    size_t n_x = row_length(t);

#pragma omp parallel for schedule(static) num_threads(sevens_reduce_threads(t->reduce))
    for (size_t r = 0; r < n; r++) {
        size_t index[SEVENS_MAX_AXES];

        row_index(t, first + r, index);
        for (size_t a = 0; a < t->problem->config->n_axis; a++)
            index[a] += t->offset[a];
        sevens_reduce_row(t->reduce, omp_get_thread_num(), index, n_x, t->row_chi2 + r * n_x,
                          t->row_status + r * n_x);
    }
}

/* Points without any that is valid: they have no results. */
static void clear_invalid(sevens_scan_tile *t)
{
    for (size_t p = 0; p < t->points; p++) {
        if (!isinf(t->chi2[p]))
            continue;
        t->chi2[p] = NAN;
        for (size_t e = 0; e < t->problem->n_experiment; e++)
            t->chi2_experiment[e * t->points + p] = NAN;
        for (size_t k = 0; k < t->problem->n_nuisance; k++)
            t->pull[k * t->points + p] = NAN;
        for (size_t k = 0; k < t->n_profiled; k++)
            t->profiled[k * t->points + p] = NAN;
    }
}

/* What follows from the parameters at every point of the map. */
static void derive(sevens_scan_tile *t)
{
    const sevens_model *model = t->problem->model;
    size_t n = sevens_model_n_derived(model);
    double value[SEVENS_MODEL_MAX_PARAMETERS];

    for (size_t p = 0; p < t->points && n > 0; p++) {
        sevens_scan_tile_values(t, p, value);
        for (size_t k = 0; k < n; k++)
            t->derived[k * t->points + p] = sevens_model_derive(model, value, k);
    }
}

sevens_status sevens_scan_tile_compute(sevens_scan_tile *t, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_config *config = t->problem->config;
    size_t row_axis = t->problem->row_axis, n_x = row_length(t);
    size_t n_rows = (size_t)(t->evaluated / (double)n_x + 0.5);
    size_t parameter = row_axis == SEVENS_NO_ROW ? SEVENS_NO_ROW : config->axis[row_axis].parameter;
    sevens_evaluator_results results = {t->row_chi2, t->row_status, t->row_chi2_experiment,
                                        config->output.pulls ? t->row_nuisance : NULL};

    memset(t->status, 0, t->points);
    if (t->reduce)
        results.chi2_experiment = NULL;
    set_x(t);
    for (size_t first = 0, n; first < n_rows; first += n) {
        n = batch_length(t, first, n_rows);
        for (size_t r = 0; r < n; r++)
            set_row(t, first + r, r);
        SEVENS_TRY(sevens_evaluator_rows(t->evaluator, n, t->value, parameter, err));
        SEVENS_TRY(
            sevens_evaluator_profile_chains(t->evaluator, n_x, t->x, t->follows, &results, err));
        if (t->reduce)
            reduce_rows(t, first, n);
        for (size_t r = 0; r < n && !t->reduce; r++)
            keep_row(t, first + r, r, n * n_x);
    }
    if (t->reduce)
        goto cleanup;
    clear_invalid(t);
    derive(t);
cleanup:
    return status;
}
