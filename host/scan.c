/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sevens/scan.h"
#include "clock.h"
#include "cycles.h"
#include "scan_internal.h"
#include "sevens/map.h"
#include "sevens/progress.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_state(scan_state *s)
{
    sevens_evaluator_destroy(&s->evaluator);
    sevens_map_close(&s->map);
    sevens_scan_tile_free(&s->tile);
    free(s->grid_best);
}

sevens_status sevens_scan_make_evaluator(scan_state *s, const sevens_backend *backend,
                                         const sevens_grid_options *options, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    SEVENS_TRY(sevens_evaluator_create(&s->evaluator, s->problem, backend, options, err));
    if (backend != &sevens_backend_serial)
        SEVENS_TRY(sevens_evaluator_tabulate(s->evaluator, err));
cleanup:
    return status;
}

/* ---- one tile ---- */

/* Counts the statuses of a tile and keeps the lowest point of the grid: the first one of those that
 * are lowest as stored, so that a tile which is read back says the same. */
static void note_tile(scan_state *s)
{
    const sevens_scan_tile *t = &s->tile;
    size_t unconverged = 0, invalid = 0;

    for (size_t p = 0; p < t->points; p++) {
        unconverged += t->status[p] == SEVENS_POINT_UNCONVERGED;
        invalid += t->status[p] == SEVENS_POINT_INVALID;
    }
    for (size_t p = 0; p < t->points; p++) {
        double stored;

        if (!(t->chi2[p] < s->grid_min) || t->status[p] != SEVENS_POINT_OK)
            continue;
        stored = sevens_map_stored(s->map, t->chi2[p]);
        if (stored < s->grid_min) {
            s->grid_min = stored;
            sevens_scan_tile_values(t, p, s->grid_best);
        }
    }
    s->report->unconverged += (double)unconverged;
    s->report->invalid += (double)invalid;
}

static sevens_status run_tile(scan_state *s, size_t tile, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_scan_tile *t = &s->tile;
    size_t offset[SEVENS_MAX_AXES], extent[SEVENS_MAX_AXES];
    double start;

    sevens_map_tile_box(s->map, tile, offset, extent);
    sevens_scan_tile_place(t, offset, extent);
    if (sevens_map_tile_done(s->map, tile)) {
        SEVENS_TRY(sevens_map_read_tile(s->map, tile, t->chi2, t->status, t->profiled, err));
    } else {
        sevens_map_tile result = {.index = tile,
                                  .chi2 = t->chi2,
                                  .status = t->status,
                                  .profiled = t->profiled,
                                  .derived = t->derived};

        SEVENS_TRY(sevens_scan_tile_compute(t, err));
        if (s->problem->n_experiment > 1)
            result.chi2_experiment = t->chi2_experiment;
        if (s->config->output.pulls)
            result.pull = t->pull;
        start = sevens_wall_s();
        SEVENS_TRY(sevens_map_write_tile(s->map, &result, err));
        s->report->write_s += sevens_wall_s() - start;
        s->report->points += t->evaluated;
    }
    note_tile(s);
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

sevens_status sevens_scan_improve(scan_state *s, sevens_fit_result *fit, sevens_error *err)
{
    double rounding = s->map ? sevens_map_rounding(s->map) : 0.0;

    if (s->grid_min < fit->chi2_min - 1e-6 - rounding)
        return sevens_fit_improve(s->problem, s->grid_best, fit, err);
    return SEVENS_OK;
}

void sevens_scan_summarise(scan_state *s, sevens_fit_result *fit, double start,
                           sevens_scan_summary *summary)
{
    const sevens_config *config = s->config;
    sevens_map_summary *map = &summary->map;

    *map = (sevens_map_summary){.chi2_min = fit->chi2_min,
                                .chi2_sm = s->problem->chi2_sm,
                                .n_best = config->n_axis,
                                .best_name = summary->name,
                                .best = summary->best,
                                .best_unit = summary->unit,
                                .ndof = (int64_t)(config->n_axis - s->tile.n_profiled),
                                .n_bins = (int64_t)s->problem->n_bin};
    for (size_t a = 0; a < config->n_axis; a++) {
        summary->name[a] = config->axis[a].name;
        summary->unit[a] = config->axis[a].unit;
        summary->best[a] = fit->value[config->axis[a].parameter];
    }
    s->report->wall_s = sevens_wall_s() - start;
    s->report->chi2_min = fit->chi2_min;
    s->report->best = fit->value;
    fit->value = NULL;
    map->wall_s = s->report->wall_s;
    map->points_per_s = s->report->points_per_s;
}

/* The continuous minimum over the scanned region, and the end of the map. */
static sevens_status finish(scan_state *s, double start, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double fit_start = sevens_wall_s();
    sevens_fit_result fit = {0};
    sevens_scan_summary summary;

    SEVENS_TRY(sevens_fit_minimise(s->problem, &fit, err));
    SEVENS_TRY(sevens_scan_improve(s, &fit, err));
    s->report->fit_s = sevens_wall_s() - fit_start;
    sevens_scan_summarise(s, &fit, start, &summary);
    SEVENS_TRY(sevens_map_finish(&s->map, &summary.map, err));
cleanup:
    sevens_fit_result_free(&fit);
    return status;
}

void sevens_scan_report_speed(scan_state *s)
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

sevens_status sevens_scan_report_complete(scan_state *s, sevens_error *err)
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
    s->report->unconverged = (double)content->counts.unconverged; /* of a reduced map */
    s->report->invalid = (double)content->counts.invalid;
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
    size_t shape[SEVENS_MAX_AXES];
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
    if (problem->config->n_plane > 0) {
        SEVENS_TRY(sevens_scan_reduced(&s, backend, &grid_options, start, err));
        goto cleanup;
    }
    sevens_scan_header_make(&header, problem, report, options->command);
    header.map.compress = header.map.compress && !options->no_compress;
    SEVENS_TRY(open_map(&s, &header, &complete, err));
    if (complete) {
        SEVENS_TRY(sevens_scan_report_complete(&s, err));
        goto cleanup;
    }
    SEVENS_TRY(sevens_scan_make_evaluator(&s, backend, &grid_options, err));
    sevens_scan_tile_shape(problem->config, problem->row_axis, shape);
    SEVENS_TRY(sevens_scan_tile_create(&s.tile, problem, s.evaluator, shape, err));
    s.grid_best = malloc(sevens_model_n_parameters(problem->model) * sizeof *s.grid_best);
    SEVENS_TRY_ALLOC(s.grid_best);
    report->setup_s = sevens_wall_s() - start;
    SEVENS_TRY(run_tiles(&s, err));
    sevens_scan_report_speed(&s);
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
