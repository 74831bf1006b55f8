/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sevens/scan.h"
#include "clock.h"
#include "cycles.h"
#include "scan_header.h"
#include "sevens/evaluator.h"
#include "sevens/fit.h"
#include "sevens/map.h"
#include "sevens/progress.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW_BYTES ((size_t)32 << 20) /* most memory for the rows of one batch */

typedef struct scan_state {
    const sevens_problem *problem;
    const sevens_config *config;
    const sevens_scan_options *options;
    sevens_scan_report *report;
    sevens_evaluator *evaluator;
    sevens_map *map;
    size_t n_norm;   /* of all experiments */
    size_t capacity; /* points of the largest tile */
    size_t batch_rows;
    double *x, *value;                      /* [points of a batch], [batch_rows][n_parameters] */
    double *row_chi2, *row_chi2_experiment; /* results of a batch, rows contiguous */
    uint8_t *row_status;
    float *row_norm;
    double *chi2, *chi2_experiment; /* results of a tile in the order of the map */
    uint8_t *status;
    float *pull;
    double grid_min; /* lowest chi2 of the grid and where */
    double *grid_best;
} scan_state;

void sevens_scan_tile_shape(const sevens_config *config, size_t row_axis, size_t *tile)
{
    size_t points = 1;

    for (size_t a = 0; a < config->n_axis; a++)
        tile[a] = 1;
    if (row_axis != SEVENS_NO_ROW) { /* the whole row, or a number of its segments */
        size_t n = config->axis[row_axis].n, segments = (size_t)config->tile / SEVENS_ROW_SEGMENT;

        points = (segments > 1 ? segments : 1) * SEVENS_ROW_SEGMENT;
        if (points > n)
            points = n;
        tile[row_axis] = points;
    }
    for (size_t a = config->n_axis; a-- > 0;) {
        size_t room = (size_t)config->tile / points, n = config->axis[a].n; /* 0: full already */

        if (a == row_axis || room < 2)
            continue;
        tile[a] = n < room ? n : room;
        points *= tile[a];
    }
}

/* ---- buffers ---- */

static void free_state(scan_state *s)
{
    sevens_evaluator_destroy(&s->evaluator);
    sevens_map_close(&s->map);
    free(s->x);
    free(s->value);
    free(s->row_chi2);
    free(s->row_chi2_experiment);
    free(s->row_status);
    free(s->row_norm);
    free(s->chi2);
    free(s->chi2_experiment);
    free(s->status);
    free(s->pull);
    free(s->grid_best);
}

/* How many points a tile has at most, how many rows one call of the evaluator gets, how many norms
 * a point has. Returns the points of such a call. */
static size_t choose_sizes(scan_state *s, const size_t *tile)
{
    size_t row_axis = s->problem->row_axis;
    size_t n_x = row_axis == SEVENS_NO_ROW ? 1 : tile[row_axis];

    s->capacity = 1;
    for (size_t a = 0; a < s->config->n_axis; a++)
        s->capacity *= tile[a];
    s->batch_rows = ROW_BYTES / (3 * sizeof(double) * s->problem->n_bin);
    if (s->batch_rows > s->capacity / n_x)
        s->batch_rows = s->capacity / n_x;
    if (s->batch_rows < 1)
        s->batch_rows = 1;
    for (size_t e = 0; e < s->problem->n_experiment; e++)
        s->n_norm += s->problem->experiment[e].likelihood.n_norm;
    return s->batch_rows * n_x;
}

static sevens_status allocate_buffers(scan_state *s, const size_t *tile, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_experiment = s->problem->n_experiment, points = choose_sizes(s, tile);
    size_t n_parameters = sevens_model_n_parameters(s->problem->model);

    s->x = malloc(points * sizeof *s->x);
    s->value = malloc(s->batch_rows * n_parameters * sizeof *s->value);
    s->row_chi2 = malloc(points * sizeof *s->row_chi2);
    s->row_chi2_experiment = malloc(n_experiment * points * sizeof *s->row_chi2_experiment);
    s->row_status = malloc(points);
    s->row_norm = malloc(s->n_norm * points * sizeof *s->row_norm);
    s->chi2 = malloc(s->capacity * sizeof *s->chi2);
    s->chi2_experiment = malloc(n_experiment * s->capacity * sizeof *s->chi2_experiment);
    s->status = malloc(s->capacity);
    s->pull = malloc(s->n_norm * s->capacity * sizeof *s->pull);
    s->grid_best = malloc(n_parameters * sizeof *s->grid_best);
    SEVENS_TRY_ALLOC(s->x);
    SEVENS_TRY_ALLOC(s->value);
    SEVENS_TRY_ALLOC(s->row_chi2);
    SEVENS_TRY_ALLOC(s->row_chi2_experiment);
    SEVENS_TRY_ALLOC(s->row_status);
    SEVENS_TRY_ALLOC(s->row_norm);
    SEVENS_TRY_ALLOC(s->chi2);
    SEVENS_TRY_ALLOC(s->chi2_experiment);
    SEVENS_TRY_ALLOC(s->status);
    SEVENS_TRY_ALLOC(s->pull);
    SEVENS_TRY_ALLOC(s->grid_best);
cleanup:
    return status;
}

/* ---- one tile ---- */

/* Values of all parameters at a point of the grid; index counts within the box. */
static void values_at(const scan_state *s, const size_t *offset, const size_t *extent, size_t index,
                      double *value)
{
    memcpy(value, s->config->value, sevens_model_n_parameters(s->problem->model) * sizeof *value);
    for (size_t a = s->config->n_axis; a-- > 0; index /= extent[a]) {
        const sevens_axis *axis = &s->config->axis[a];

        value[axis->parameter] = axis->value[offset[a] + index % extent[a]];
    }
}

/* Position in the box of the first point of its row `r`, and the stride along the row: rows are
 * numbered row-major over the other axes. */
static size_t row_start(const scan_state *s, const size_t *extent, size_t r, size_t *stride)
{
    size_t start = 0, step = 1;

    *stride = 1;
    for (size_t a = s->config->n_axis; a-- > 0; step *= extent[a]) {
        if (a == s->problem->row_axis) {
            *stride = step;
            continue;
        }
        start += r % extent[a] * step;
        r /= extent[a];
    }
    return start;
}

/* (s - 1)/sigma of every nuisance, from norms in the order of the experiments. */
static float pull_of(const scan_state *s, size_t k, float norm)
{
    for (size_t e = 0; e < s->problem->n_experiment; e++) {
        const sevens_likelihood *l = &s->problem->experiment[e].likelihood;

        if (k < l->n_norm)
            return isfinite(l->sigma[k]) ? (norm - 1.0f) / (float)l->sigma[k] : norm - 1.0f;
        k -= l->n_norm;
    }
    return NAN;
}

/* Copies the results of a batch of rows to their places in the tile. */
static void scatter(scan_state *s, const size_t *extent, size_t points, size_t first, size_t n_row,
                    size_t n_x)
{
    size_t n_batch = n_row * n_x, stride;

    for (size_t r = 0; r < n_row; r++) {
        size_t start = row_start(s, extent, first + r, &stride);

        for (size_t i = 0; i < n_x; i++) {
            size_t to = start + i * stride, from = r * n_x + i;

            s->chi2[to] = s->row_chi2[from];
            s->status[to] = s->row_status[from];
            for (size_t e = 0; e < s->problem->n_experiment; e++)
                s->chi2_experiment[e * points + to] = s->row_chi2_experiment[e * n_batch + from];
            for (size_t k = 0; k < s->n_norm && s->config->output.pulls; k++)
                s->pull[k * points + to] = pull_of(s, k, s->row_norm[k * n_batch + from]);
        }
    }
}

static sevens_status compute_tile(scan_state *s, const size_t *offset, const size_t *extent,
                                  size_t points, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t row_axis = s->problem->row_axis, stride;
    bool rows = row_axis != SEVENS_NO_ROW;
    size_t n_x = rows ? extent[row_axis] : 1, n_rows = points / n_x;
    size_t parameter = rows ? s->config->axis[row_axis].parameter : SEVENS_NO_ROW;
    size_t n_parameters = sevens_model_n_parameters(s->problem->model);
    sevens_evaluator_results results = {s->row_chi2, s->row_status, s->row_chi2_experiment,
                                        s->config->output.pulls ? s->row_norm : NULL};

    for (size_t first = 0; first < n_rows; first += s->batch_rows) {
        size_t n = n_rows - first < s->batch_rows ? n_rows - first : s->batch_rows;

        for (size_t r = 0; r < n; r++) {
            values_at(s, offset, extent, row_start(s, extent, first + r, &stride),
                      s->value + r * n_parameters);
            for (size_t i = 0; i < n_x; i++)
                s->x[r * n_x + i] =
                    rows ? sevens_transform_apply(
                               sevens_model_parameter(s->problem->model, parameter)->transform,
                               s->config->axis[row_axis].value[offset[row_axis] + i])
                         : 0.0;
        }
        SEVENS_TRY(sevens_evaluator_rows(s->evaluator, n, s->value, parameter, err));
        SEVENS_TRY(sevens_evaluator_profile(s->evaluator, n_x, s->x, &results, err));
        scatter(s, extent, points, first, n, n_x);
    }
cleanup:
    return status;
}

/* Counts the statuses of a tile and keeps the lowest point of the grid. */
static void note_tile(scan_state *s, const size_t *offset, const size_t *extent, size_t points)
{
    for (size_t p = 0; p < points; p++) {
        s->report->unconverged += s->status[p] == SEVENS_POINT_UNCONVERGED;
        s->report->invalid += s->status[p] == SEVENS_POINT_INVALID;
        if (s->status[p] == SEVENS_POINT_OK && s->chi2[p] < s->grid_min) {
            s->grid_min = s->chi2[p];
            values_at(s, offset, extent, p, s->grid_best);
        }
    }
}

static sevens_status run_tile(scan_state *s, size_t tile, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t offset[SEVENS_MAX_AXES], extent[SEVENS_MAX_AXES], points = 1;
    bool done = sevens_map_tile_done(s->map, tile);
    double start;

    sevens_map_tile_box(s->map, tile, offset, extent);
    for (size_t a = 0; a < s->config->n_axis; a++)
        points *= extent[a];
    if (done) {
        SEVENS_TRY(sevens_map_read_tile(s->map, tile, s->chi2, s->status, err));
    } else {
        sevens_map_tile result = {.index = tile, .chi2 = s->chi2, .status = s->status};

        SEVENS_TRY(compute_tile(s, offset, extent, points, err));
        if (s->problem->n_experiment > 1)
            result.chi2_experiment = s->chi2_experiment;
        if (s->config->output.pulls)
            result.pull = s->pull;
        start = sevens_wall_s();
        SEVENS_TRY(sevens_map_write_tile(s->map, &result, err));
        s->report->write_s += sevens_wall_s() - start;
        s->report->points += (double)points;
    }
    note_tile(s, offset, extent, points);
cleanup:
    return status;
}

/* ---- the whole scan ---- */

static sevens_status run_tiles(scan_state *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_tile = sevens_map_n_tiles(s->map), n_done = 0;
    double done = 0.0;
    sevens_progress *progress;

    for (size_t t = 0; t < n_tile; t++)
        n_done += sevens_map_tile_done(s->map, t);
    done = s->report->points_total * (double)n_done / (double)n_tile;
    progress = sevens_progress_start(s->report->map, s->report->points_total, done, n_tile, n_done,
                                     s->options->quiet);
    for (size_t t = 0; t < n_tile; t++) {
        bool pending = !sevens_map_tile_done(s->map, t);

        if (s->options->stop && *s->options->stop) {
            status = sevens_fail(err, SEVENS_ERR_INTERRUPTED,
                                 "interrupted; finished tiles are in %s", s->report->map);
            goto cleanup;
        }
        SEVENS_TRY(run_tile(s, t, err));
        n_done += pending;
        sevens_progress_update(progress, done + s->report->points, n_done);
    }
cleanup:
    sevens_progress_finish(&progress, status == SEVENS_OK                ? "complete"
                                      : status == SEVENS_ERR_INTERRUPTED ? "interrupted"
                                                                         : "failed");
    return status;
}

/* The continuous minimum over the scanned region, and the end of the map. */
static sevens_status finish(scan_state *s, double start, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const char *name[SEVENS_MAX_AXES], *unit[SEVENS_MAX_AXES];
    double best[SEVENS_MAX_AXES], fit_start = sevens_wall_s();
    sevens_fit_result fit = {0};
    sevens_map_summary summary = {.chi2_sm = s->problem->chi2_sm,
                                  .n_best = s->config->n_axis,
                                  .best_name = name,
                                  .best = best,
                                  .best_unit = unit,
                                  .ndof = (int64_t)s->config->n_axis,
                                  .n_bins = (int64_t)s->problem->n_bin};

    SEVENS_TRY(sevens_fit_minimise(s->problem, &fit, err));
    if (s->grid_min < fit.chi2_min - 1e-6)
        SEVENS_TRY(sevens_fit_improve(s->problem, s->grid_best, &fit, err));
    for (size_t a = 0; a < s->config->n_axis; a++) {
        name[a] = s->config->axis[a].name;
        unit[a] = s->config->axis[a].unit;
        best[a] = fit.value[s->config->axis[a].parameter];
    }
    s->report->fit_s = sevens_wall_s() - fit_start;
    s->report->wall_s = sevens_wall_s() - start;
    s->report->chi2_min = summary.chi2_min = fit.chi2_min;
    s->report->best = fit.value;
    fit.value = NULL;
    summary.wall_s = s->report->wall_s;
    summary.points_per_s = s->report->points_per_s;
    SEVENS_TRY(sevens_map_finish(&s->map, &summary, err));
cleanup:
    sevens_fit_result_free(&fit);
    return status;
}

/* Speeds of this run. */
static void report_speed(scan_state *s)
{
    sevens_evaluator_times spent = sevens_evaluator_spent(s->evaluator);
    sevens_scan_report *report = s->report;

    report->templates_s = spent.templates_s;
    report->grid_s = spent.grid_s;
    if (!(report->points > 0.0))
        return;
    report->points_per_s = report->points / (spent.templates_s + spent.grid_s);
    report->passes_per_point = (double)spent.passes / report->points;
    report->cycles_per_point_core = spent.grid_cpu_s * sevens_core_hz() / report->points;
}

/* What a finished map says, when there is nothing to do. */
static sevens_status report_complete(scan_state *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_map_content *content = NULL;
    size_t n_parameters = sevens_model_n_parameters(s->problem->model);

    SEVENS_TRY(sevens_map_load(&content, s->report->map, err));
    s->report->already_complete = true;
    s->report->chi2_min = content->chi2_min;
    s->report->best = malloc(n_parameters * sizeof *s->report->best);
    SEVENS_TRY_ALLOC(s->report->best);
    memcpy(s->report->best, s->config->value, n_parameters * sizeof *s->report->best);
    for (size_t i = 0; i < content->n_best; i++) {
        size_t p = sevens_model_find(s->problem->model, content->best_name[i]);

        if (p < n_parameters)
            s->report->best[p] = content->best[i];
    }
    for (size_t i = 0; i < content->n_point; i++) {
        s->report->unconverged += content->status[i] == SEVENS_POINT_UNCONVERGED;
        s->report->invalid += content->status[i] == SEVENS_POINT_INVALID;
    }
cleanup:
    sevens_map_unload(&content);
    return status;
}

/* The backend: as asked, but a scan that goes on keeps the one it began with. */
static sevens_status choose_backend(const scan_state *s, const sevens_backend **backend,
                                    sevens_precision *precision, sevens_error *err)
{
    char started_backend[32] = "", started_precision[8] = "", reason[256];
    const char *name = s->options->backend ? s->options->backend : "auto";

    *precision = s->options->precision;
    if (s->options->resume)
        sevens_map_started_with(s->report->map, started_backend, started_precision);
    if (started_backend[0]) {
        bool f32 = strcmp(started_precision, "f32") == 0;

        if (strcmp(name, "auto") != 0 && strcmp(name, started_backend) != 0)
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s was begun with backend %s: resume it with that one, or start "
                               "anew with --force",
                               s->report->map, started_backend);
        name = started_backend;
        *precision = f32 ? SEVENS_PRECISION_F32 : SEVENS_PRECISION_F64;
    }
    return sevens_backend_select(backend, name, s->report->points_total, reason, sizeof reason,
                                 err);
}

static sevens_status open_map(scan_state *s, const sevens_scan_header *header, bool *complete,
                              sevens_error *err)
{
    if (s->options->resume)
        return sevens_map_resume(&s->map, s->report->map, &header->map, complete, err);
    return sevens_map_create(&s->map, s->report->map, &header->map, s->options->force, complete,
                             err);
}

sevens_status sevens_scan_run(const sevens_problem *problem, const sevens_scan_options *options,
                              sevens_scan_report *report, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    scan_state s = {.problem = problem,
                    .config = problem->config,
                    .options = options,
                    .report = report,
                    .grid_min = INFINITY};
    sevens_scan_header header;
    const sevens_backend *backend;
    sevens_grid_options grid_options = {.threads = options->threads};
    bool complete = false;
    double start = sevens_wall_s();

    *report = (sevens_scan_report){.chi2_sm = problem->chi2_sm};
    report->points_total = sevens_config_points(problem->config);
    sevens_scan_output_path(problem->config, options->output, report->map, sizeof report->map);
    SEVENS_TRY(choose_backend(&s, &backend, &grid_options.precision, err));
    backend->available(report->device, sizeof report->device);
    report->threads = sevens_backend_threads(backend, options->threads);
    snprintf(report->backend, sizeof report->backend, "%s", backend->name);
    snprintf(report->precision, sizeof report->precision, "%s",
             grid_options.precision == SEVENS_PRECISION_F32 ? "f32" : "f64");
    sevens_scan_header_make(&header, problem, report, options->command);
    SEVENS_TRY(open_map(&s, &header, &complete, err));
    if (complete) {
        SEVENS_TRY(report_complete(&s, err));
        goto cleanup;
    }
    SEVENS_TRY(sevens_evaluator_create(&s.evaluator, problem, backend, &grid_options, err));
    SEVENS_TRY(allocate_buffers(&s, header.map.tile, err));
    report->setup_s = sevens_wall_s() - start;
    SEVENS_TRY(run_tiles(&s, err));
    report_speed(&s);
    SEVENS_TRY(finish(&s, start, err));
cleanup:
    free_state(&s);
    return status;
}

void sevens_scan_report_free(sevens_scan_report *report)
{
    free(report->best);
    report->best = NULL;
}
