/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scans with `reduce`: tiles one after the other, as of a whole map, but what they hold goes into
 * planes. Between two tiles the planes are saved now and then, together with the number of tiles
 * they hold, so that no tile is lost or counted twice. */
#include "clock.h"
#include "scan_internal.h"
#include "sevens/map_reduced.h"
#include "sevens/progress.h"
#include "sevens/reduce.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAVE_S 0.25     /* between two saves at least */
#define SAVE_SHARE 20.0 /* and this many times what a save takes */

/* What is saved, before the planes. */
typedef struct saved {
    uint64_t n_tile;                           /* counted */
    double chi2_min;                           /* continuous minimum, found before the first tile */
    double value[SEVENS_MODEL_MAX_PARAMETERS]; /* where */
} saved;

typedef struct run {
    scan_state *s;
    const sevens_config *config;
    sevens_map_reduced *map;
    sevens_reduce *reduce;
    sevens_fit_result fit;
    size_t shape[SEVENS_MAX_AXES], tiles[SEVENS_MAX_AXES]; /* of a tile, and tiles along axes */
    size_t n_tile;
    double done;                      /* points of earlier runs */
    unsigned char *state;             /* saved, then the planes */
    double last_save_s, save_takes_s; /* when, and how long it took */
} run;

/* ---- begin ---- */

static size_t state_size(const sevens_config *config)
{
    return sizeof(saved) + (size_t)sevens_reduce_bytes(config, 1);
}

static void count_tiles(run *r)
{
    r->n_tile = 1;
    sevens_scan_tile_shape(r->config, r->s->problem->row_axis, r->shape);
    for (size_t a = 0; a < r->config->n_axis; a++) {
        r->tiles[a] = (r->config->axis[a].n + r->shape[a] - 1) / r->shape[a];
        r->n_tile *= r->tiles[a];
    }
}

/* The minimum that histograms compare with: a saved one, or it is looked for. */
static sevens_status find_minimum(run *r, const saved *before, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = sevens_model_n_parameters(r->s->problem->model);
    double start = sevens_wall_s();

    if (!before) {
        status = sevens_fit_minimise(r->s->problem, &r->fit, err);
        r->s->report->fit_s = sevens_wall_s() - start;
        return status;
    }
    SEVENS_TRY_ALLOC(r->fit.value = malloc(n * sizeof *r->fit.value));
    memcpy(r->fit.value, before->value, n * sizeof *r->fit.value);
    r->fit.chi2_min = before->chi2_min;
cleanup:
    return status;
}

static sevens_status begin(run *r, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const scan_state *s = r->s;
    size_t size = state_size(r->config);
    const void *before = sevens_map_reduced_state(r->map);
    saved *head;
    double reference[2];

    SEVENS_TRY_ALLOC(r->state = calloc(1, size));
    head = (saved *)(void *)r->state;
    if (before)
        memcpy(r->state, before, size);
    SEVENS_TRY(find_minimum(r, before ? head : NULL, err));
    head->chi2_min = r->fit.chi2_min;
    memcpy(head->value, r->fit.value,
           sevens_model_n_parameters(s->problem->model) * sizeof *head->value);
    reference[SEVENS_PLANE_REFERENCE_MIN] = r->fit.chi2_min;
    reference[SEVENS_PLANE_REFERENCE_SM] = s->problem->chi2_sm;
    SEVENS_TRY(sevens_reduce_create(&r->reduce, r->config, s->problem->row_axis, reference,
                                    s->report->threads, err));
    if (before)
        sevens_reduce_set_state(r->reduce, r->state + sizeof *head);
cleanup:
    return status;
}

/* ---- tiles ---- */

static sevens_status save(run *r, sevens_error *err)
{
    sevens_status status;
    double start = sevens_wall_s();

    sevens_reduce_merge(r->reduce);
    memcpy(r->state + sizeof(saved), sevens_reduce_state(r->reduce),
           sevens_reduce_state_size(r->reduce));
    status = sevens_map_reduced_save(r->map, r->state, err);
    r->last_save_s = sevens_wall_s();
    r->save_takes_s = r->last_save_s - start;
    r->s->report->write_s += r->save_takes_s;
    return status;
}

static void place_tile(run *r, size_t tile)
{
    size_t offset[SEVENS_MAX_AXES], extent[SEVENS_MAX_AXES];

    for (size_t a = r->config->n_axis; a-- > 0; tile /= r->tiles[a]) {
        size_t n = r->config->axis[a].n;

        offset[a] = tile % r->tiles[a] * r->shape[a];
        extent[a] = n - offset[a] < r->shape[a] ? n - offset[a] : r->shape[a];
    }
    sevens_scan_tile_place(&r->s->tile, offset, extent);
}

/* Points of the first tiles. */
static double points_before(run *r, size_t n_tile)
{
    double points = 0.0;

    for (size_t t = 0; t < n_tile; t++) {
        place_tile(r, t);
        points += r->s->tile.evaluated;
    }
    return points;
}

static sevens_status run_tile(run *r, size_t tile, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    saved *head = (saved *)(void *)r->state;

    place_tile(r, tile);
    SEVENS_TRY(sevens_scan_tile_compute(&r->s->tile, err));
    head->n_tile = tile + 1;
    r->s->report->points += r->s->tile.evaluated;
    if (sevens_wall_s() - r->last_save_s > fmax(SAVE_S, SAVE_SHARE * r->save_takes_s))
        SEVENS_TRY(save(r, err));
cleanup:
    return status;
}

static sevens_status run_tiles(run *r, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_scan_options *options = r->s->options;
    sevens_scan_report *report = r->s->report;
    size_t first = (size_t)((saved *)(void *)r->state)->n_tile;
    sevens_progress *progress = sevens_progress_start(report->map, report->points_total, r->done,
                                                      r->n_tile, first, options->quiet);

    SEVENS_TRY(save(r, err)); /* the line of this run is kept from here on */
    for (size_t t = first; t < r->n_tile; t++) {
        if (options->stop && *options->stop) {
            SEVENS_TRY(save(r, err));
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INTERRUPTED,
                                   "interrupted; finished tiles are in %s.journal", report->map));
        }
        SEVENS_TRY(run_tile(r, t, err));
        sevens_progress_update(progress, r->done + report->points, t + 1);
    }
    sevens_reduce_merge(r->reduce);
cleanup:
    sevens_progress_finish(&progress, status == SEVENS_OK                ? "complete"
                                      : status == SEVENS_ERR_INTERRUPTED ? "interrupted"
                                                                         : "failed");
    return status;
}

/* ---- the end ---- */

/* Values of all parameters at the point of a cell. */
static void cell_values(const run *r, const sevens_reduce_cell *cell, double *value)
{
    memcpy(value, r->config->value,
           sevens_model_n_parameters(r->s->problem->model) * sizeof *value);
    for (size_t a = 0; a < r->config->n_axis; a++)
        value[r->config->axis[a].parameter] = r->config->axis[a].value[cell->index[a]];
}

static void fill(const void *context, size_t plane, size_t first, size_t n, double *chi2,
                 uint8_t *status, double *profiled, double *derived)
{
    const run *r = context;
    const sevens_plane *p = &r->config->plane[plane];
    const sevens_model *model = r->s->problem->model;
    double value[SEVENS_MODEL_MAX_PARAMETERS];

    for (size_t i = 0; i < n; i++) {
        sevens_reduce_cell cell = sevens_reduce_at(r->reduce, plane, first + i);
        bool valid = cell.status != SEVENS_POINT_INVALID;
        size_t k = 0;

        chi2[i] = cell.chi2;
        status[i] = cell.status;
        cell_values(r, &cell, value);
        for (size_t a = 0; a < r->config->n_axis && p->kind == SEVENS_PLANE_PROFILE; a++) {
            if (!sevens_plane_has(p, a))
                profiled[k++ * n + i] = valid ? value[r->config->axis[a].parameter] : NAN;
        }
        for (size_t d = 0; d < sevens_model_n_derived(model); d++)
            derived[d * n + i] = valid ? sevens_model_derive(model, value, d) : NAN;
    }
}

static sevens_map_plane map_plane(const run *r, size_t i)
{
    static const sevens_map_plane_kind kind[] = {
        [SEVENS_PLANE_PROFILE] = SEVENS_MAP_PROFILE,
        [SEVENS_PLANE_SLICE] = SEVENS_MAP_SLICE,
        [SEVENS_PLANE_HISTOGRAM] = SEVENS_MAP_HISTOGRAM,
    };
    const sevens_plane *p = &r->config->plane[i];
    sevens_map_plane plane = {.name = p->name, .kind = kind[p->kind], .n_axis = p->n_axis};

    if (p->kind == SEVENS_PLANE_HISTOGRAM) {
        sevens_reduce_histogram h = sevens_reduce_counts(r->reduce, i);

        plane.n_bin = p->n_bin;
        plane.max = p->max;
        plane.chi2_reference = h.reference;
        plane.reference = p->reference == SEVENS_PLANE_REFERENCE_SM ? "sm" : "min";
        plane.count = h.count;
        plane.below = h.below;
        plane.above = h.above;
        return plane;
    }
    memcpy(plane.axis, p->axis, sizeof plane.axis);
    for (size_t a = 0; a < r->config->n_axis; a++)
        plane.at[a] = r->config->axis[a].value[p->at[a]];
    return plane;
}

static sevens_status finish(run *r, double start, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    scan_state *s = r->s;
    double fit_start = sevens_wall_s(), write_start;
    sevens_reduce_cell lowest = sevens_reduce_lowest(r->reduce);
    sevens_map_counts counts = {sevens_reduce_points(r->reduce, SEVENS_POINT_OK),
                                sevens_reduce_points(r->reduce, SEVENS_POINT_UNCONVERGED),
                                sevens_reduce_points(r->reduce, SEVENS_POINT_INVALID)};
    sevens_map_plane plane[SEVENS_MAX_PLANES];
    sevens_scan_summary summary;

    if (lowest.status == SEVENS_POINT_OK) {
        s->grid_min = lowest.chi2;
        cell_values(r, &lowest, s->grid_best);
    }
    SEVENS_TRY(sevens_scan_improve(s, &r->fit, err));
    s->report->fit_s += sevens_wall_s() - fit_start;
    s->report->unconverged = (double)counts.unconverged;
    s->report->invalid = (double)counts.invalid;
    for (size_t i = 0; i < r->config->n_plane; i++)
        plane[i] = map_plane(r, i);
    sevens_scan_summarise(s, &r->fit, start, &summary);
    write_start = sevens_wall_s();
    SEVENS_TRY(sevens_map_reduced_finish(&r->map, plane, r->config->n_plane, fill, r, &counts,
                                         &summary.map, err));
    s->report->write_s += sevens_wall_s() - write_start;
cleanup:
    return status;
}

sevens_status sevens_scan_reduced(scan_state *s, const sevens_backend *backend,
                                  const sevens_grid_options *grid_options, double start,
                                  sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    run r = {.s = s, .config = s->config};
    sevens_scan_header header;
    bool complete = false;

    sevens_scan_header_make(&header, s->problem, s->report, s->options->command);
    SEVENS_TRY(sevens_map_reduced_open(&r.map, s->report->map, &header.map, state_size(s->config),
                                       s->options->resume, s->options->force, &complete, err));
    if (complete) {
        SEVENS_TRY(sevens_scan_report_complete(s, err));
        goto cleanup;
    }
    SEVENS_TRY(sevens_scan_make_evaluator(s, backend, grid_options, err));
    count_tiles(&r);
    SEVENS_TRY(sevens_scan_tile_create(&s->tile, s->problem, s->evaluator, r.shape, err));
    s->grid_best = malloc(sevens_model_n_parameters(s->problem->model) * sizeof *s->grid_best);
    SEVENS_TRY_ALLOC(s->grid_best);
    SEVENS_TRY(begin(&r, err));
    s->tile.reduce = r.reduce;
    r.done = points_before(&r, (size_t)((saved *)(void *)r.state)->n_tile);
    s->report->setup_s = sevens_wall_s() - start - s->report->fit_s;
    SEVENS_TRY(run_tiles(&r, err));
    sevens_scan_report_speed(s);
    SEVENS_TRY(finish(&r, start, err));
cleanup:
    sevens_map_reduced_close(&r.map);
    sevens_reduce_destroy(&r.reduce);
    sevens_fit_result_free(&r.fit);
    free(r.state);
    return status;
}
