/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens check`: validates a scan file and its releases, and says what the scan will cost. The
 * time comes from a probe of a few rows spread over the grid. */
#include "cli.h"
#include "cli_json.h"
#include "row_tables.h"

#include "sevens/reduce.h"
#include "sevens/scan.h"
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PROBE_ROWS = 8, PROBE_POINTS = 4096 /* along a row */ };

static const sevens_cli_usage usage = {
    .arguments = "SCAN.yaml",
    .doc =
        "Validates a scan file without running it. All faults are shown at once; if there is none: "
        "axes, points, memory, size of the map and expected time.",
    .min_arguments = 1,
    .max_arguments = 1,
    .shared = SEVENS_CLI_OUTPUT | SEVENS_CLI_SCAN | SEVENS_CLI_BACKEND,
};

typedef struct estimate {
    double points, rows, template_nodes; /* template_nodes: how often integrals are done */
    double map_points;                   /* points less those over which others are minimised */
    double tile_points, memory_bytes, output_bytes;
    char backend[32];
    int threads;
    double templates_s, grid_s; /* expected, all threads */
} estimate;

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t row_length(const sevens_problem *problem)
{
    return problem->row_axis == SEVENS_NO_ROW ? 1 : problem->config->axis[problem->row_axis].n;
}

static void count_work(const sevens_problem *problem, estimate *e)
{
    const sevens_config *config = problem->config;

    e->points = sevens_config_points(config);
    e->map_points = e->points / sevens_config_profiled_points(config);
    e->rows = e->points / (double)row_length(problem);
    e->template_nodes = 1.0;
    for (size_t i = 0; i < config->n_axis; i++) {
        if (sevens_model_moves_templates(config->model, config->axis[i].parameter))
            e->template_nodes *= (double)config->axis[i].n;
    }
}

/* Bytes of a point as stored: chi2 (in total and by experiment), status, pulls, where profiled
 * parameters are, derived quantities. */
static double point_bytes(const sevens_problem *problem, double chi2_bytes)
{
    double n_experiment = problem->n_experiment > 1 ? (double)problem->n_experiment : 0.0;
    double n_profiled = 0.0;
    double n_derived = (double)sevens_model_n_derived(problem->model);

    for (size_t i = 0; i < problem->config->n_axis; i++)
        n_profiled += problem->config->axis[i].profile;
    /* i16 keeps those of the experiments as f32 */
    return chi2_bytes + fmax(chi2_bytes, 4.0) * n_experiment + 1.0 +
           8.0 * (n_profiled + n_derived) +
           (problem->config->output.pulls ? 4.0 * (double)problem->n_nuisance : 0.0);
}

static double plane_cells(const sevens_config *config, const sevens_plane *plane)
{
    double cells = plane->kind == SEVENS_PLANE_HISTOGRAM ? (double)plane->n_bin : 1.0;

    for (size_t i = 0; i < plane->n_axis; i++)
        cells *= (double)config->axis[plane->axis[i]].n;
    return cells;
}

static void count_bytes(const sevens_problem *problem, estimate *e)
{
    static const double chi2_bytes[] = {
        [SEVENS_OUTPUT_F64] = 8.0, [SEVENS_OUTPUT_F32] = 4.0, [SEVENS_OUTPUT_I16] = 2.0};
    const sevens_config *config = problem->config;
    sevens_scan_sizes sizes = sevens_scan_size(problem);
    double cells = 0.0;

    e->tile_points = (double)sizes.tile_points;
    e->memory_bytes = e->tile_points * point_bytes(problem, 8.0) +
                      (double)sizes.batch_points * point_bytes(problem, 8.0) +
                      (double)sizes.batch_rows * 8.0 * (double)problem->row_size;
    e->output_bytes = e->map_points * point_bytes(problem, chi2_bytes[config->output.precision]);
    if (config->n_plane == 0)
        return;
    for (size_t i = 0; i < config->n_plane; i++)
        cells += plane_cells(config, &config->plane[i]);
    e->memory_bytes += sevens_reduce_bytes(config, e->threads + 1);
    e->output_bytes = cells * (point_bytes(problem, 8.0) + 8.0 * (double)config->n_axis);
}

/* Rows of one group for the probe. */
typedef struct probe {
    size_t n_row, n_x;
    double *value;  /* [n_parameters] */
    double *signal; /* [n_row][row of the group] */
    double *x;      /* [n_row][n_x] */
    double *chi2;   /* [n_row][n_x] */
    uint8_t *status;
} probe;

static void probe_free(probe *p)
{
    free(p->value);
    free(p->signal);
    free(p->x);
    free(p->chi2);
    free(p->status);
}

static sevens_status probe_init(probe *p, const sevens_problem *problem, const estimate *e,
                                sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_parameters = sevens_model_n_parameters(problem->model), size = 1;

    p->n_row = PROBE_ROWS;
    p->n_x = row_length(problem) < PROBE_POINTS ? row_length(problem) : PROBE_POINTS;
    /* short rows are no measure of the backend's speed, and without integrals they cost little */
    if (e->template_nodes == 1.0 && p->n_row * p->n_x < PROBE_POINTS)
        p->n_row = PROBE_POINTS / p->n_x;
    if ((double)p->n_row > e->rows)
        p->n_row = (size_t)e->rows;
    for (size_t g = 0; g < problem->n_group; g++) {
        size_t n = sevens_likelihood_row_size(&problem->group[g].likelihood);

        size = n > size ? n : size;
    }
    SEVENS_TRY_ALLOC(p->value = calloc(n_parameters, sizeof *p->value));
    SEVENS_TRY_ALLOC(p->signal = calloc(p->n_row * size, sizeof *p->signal));
    SEVENS_TRY_ALLOC(p->x = calloc(p->n_row * p->n_x, sizeof *p->x));
    SEVENS_TRY_ALLOC(p->chi2 = calloc(p->n_row * p->n_x, sizeof *p->chi2));
    SEVENS_TRY_ALLOC(p->status = calloc(p->n_row * p->n_x, sizeof *p->status));
cleanup:
    return status;
}

/* Parameter values of a probe row: rows are spread evenly over every axis but the row axis. */
static void set_row(probe *p, const sevens_problem *problem, size_t row)
{
    const sevens_config *config = problem->config;

    memcpy(p->value, config->value, sevens_model_n_parameters(problem->model) * sizeof *p->value);
    for (size_t i = 0; i < config->n_axis; i++) {
        const sevens_axis *axis = &config->axis[i];
        size_t index = row * (axis->n - 1) / (p->n_row > 1 ? p->n_row - 1 : 1);

        p->value[axis->parameter] = axis->value[index < axis->n ? index : axis->n - 1];
    }
    for (size_t k = 0; k < p->n_x; k++) {
        double *x = &p->x[row * p->n_x + k];

        *x = 0.0;
        if (problem->row_axis != SEVENS_NO_ROW) {
            const sevens_axis *axis = &config->axis[problem->row_axis];

            *x = sevens_transform_apply(
                sevens_model_parameter(problem->model, axis->parameter)->transform,
                axis->value[k * axis->n / p->n_x]);
        }
    }
}

/* Expected seconds of one thread for the templates of one group; fills the rows. The first update
 * integrates everything, the later ones what a template axis changes. */
static double time_templates(probe *p, const sevens_problem *problem, sevens_workspace *work,
                             size_t g, const estimate *e)
{
    const sevens_group *group = &problem->group[g];
    size_t row_parameter = problem->row_axis == SEVENS_NO_ROW
                               ? SEVENS_NO_ROW
                               : problem->config->axis[problem->row_axis].parameter;
    size_t size = sevens_likelihood_row_size(&group->likelihood);
    double first_update_s = 0.0, update_s = 0.0, rows_s = 0.0;

    for (size_t row = 0; row < p->n_row; row++) {
        sevens_model_point point = {p->value, row_parameter};
        double start, updated;

        set_row(p, problem, row);
        start = now_s();
        for (size_t i = 0; i < group->likelihood.n_part; i++)
            sevens_templates_update(work->templates[group->experiment[i]], &point);
        updated = now_s();
        sevens_problem_row(problem, work, g, &point, &p->signal[row * size]);
        rows_s += now_s() - updated;
        if (row == 0)
            first_update_s = updated - start;
        else if (updated - start > update_s)
            update_s = updated - start;
    }
    return first_update_s + update_s * (e->template_nodes - 1.0) +
           rows_s / (double)p->n_row * e->rows;
}

/* Seconds of one thread for rows that come from tables, with those of the tables; *fits: whether
 * the scan has any. */
static sevens_status time_tables(probe *p, const sevens_problem *problem, sevens_workspace *work,
                                 const estimate *e, bool *fits, double *seconds, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_row_tables *tables = NULL;
    size_t index[SEVENS_MAX_AXES] = {0};
    double start = now_s(), total[3];

    SEVENS_TRY(sevens_row_tables_create(&tables, problem, &work, 1, err));
    *fits = tables != NULL;
    *seconds = now_s() - start;
    start = now_s();
    for (size_t row = 0; row < p->n_row && tables != NULL; row++) {
        set_row(p, problem, row);
        sevens_row_tables_find(tables, p->value, index);
        sevens_row_tables_total(tables, index, total);
        for (size_t g = 0; g < problem->n_group; g++)
            sevens_row_tables_row(tables, index, g, 1.0, p->signal);
    }
    *seconds += (now_s() - start) / (double)p->n_row * e->rows;
cleanup:
    sevens_row_tables_destroy(&tables);
    return status;
}

/* Seconds of the backend per point; the second of two runs, the first one warms up. */
static sevens_status time_grid(probe *p, const sevens_likelihood *likelihood,
                               const sevens_backend *backend, const sevens_grid_options *options,
                               double *seconds, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_grid *grid = NULL;
    sevens_rows rows = {.n_row = p->n_row, .n_x = p->n_x, .signal = p->signal, .x = p->x};
    sevens_row_results results = {.chi2 = p->chi2, .status = p->status};
    double start = 0.0;

    SEVENS_TRY(sevens_grid_create(&grid, backend, likelihood, options, err));
    for (int i = 0; i < 2; i++) {
        start = now_s();
        SEVENS_TRY(sevens_grid_evaluate(grid, &rows, &results, err));
    }
    *seconds = (now_s() - start) / (double)(p->n_row * p->n_x);
cleanup:
    sevens_grid_destroy(&grid);
    return status;
}

static sevens_status estimate_time(const sevens_cli *cli, const sevens_problem *problem,
                                   estimate *e, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_workspace *work = NULL;
    const sevens_backend *backend;
    sevens_grid_options options = {cli->precision, cli->threads, 0};
    char reason[512];
    probe p = {0};
    bool tables = false;
    double tables_s = 0.0;

    SEVENS_TRY(
        sevens_backend_select(&backend, cli->backend, e->points, reason, sizeof reason, err));
    snprintf(e->backend, sizeof e->backend, "%s", backend->name);
    e->threads = cli->threads > 0 ? cli->threads : (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (strcmp(backend->name, "serial") == 0)
        e->threads = 1;
    SEVENS_TRY(probe_init(&p, problem, e, err));
    SEVENS_TRY(sevens_workspace_create(&work, problem, problem->model, err));
    if (backend != &sevens_backend_serial)
        SEVENS_TRY(time_tables(&p, problem, work, e, &tables, &tables_s, err));
    e->templates_s = tables ? tables_s / e->threads : 0.0;
    for (size_t g = 0; g < problem->n_group; g++) {
        double per_point = 0.0, templates_s = time_templates(&p, problem, work, g, e);

        SEVENS_TRY(
            time_grid(&p, &problem->group[g].likelihood, backend, &options, &per_point, err));
        e->templates_s += tables ? 0.0 : templates_s / e->threads;
        e->grid_s += per_point * e->points;
    }
cleanup:
    sevens_workspace_destroy(&work);
    probe_free(&p);
    return status;
}

static void print_experiment(const sevens_experiment *ex)
{
    const sevens_release *r = ex->release;

    printf("experiment      %s: %zu bins%s", r->name, r->n_bin,
           r->projection ? ", expected counts of the Standard Model as data" : "");
    for (size_t i = 0; i < r->n_option; i++)
        printf(", %s %s", r->option[i].name, r->option[i].value);
    putchar('\n');
}

static json_t *axes_json(const sevens_config *config)
{
    json_t *axes = json_array();

    for (size_t i = 0; i < config->n_axis; i++) {
        const sevens_axis *axis = &config->axis[i];
        json_t *o = json_object();

        sevens_json_put(&o, "name", sevens_json_text(axis->name));
        sevens_json_put(&o, "unit", sevens_json_text(axis->unit));
        sevens_json_put(&o, "n", sevens_json_count((double)axis->n));
        sevens_json_put(&o, "min", sevens_json_real(axis->value[0]));
        sevens_json_put(&o, "max", sevens_json_real(axis->value[axis->n - 1]));
        sevens_json_put(&o, "spacing", sevens_json_text(axis->log ? "log" : "linear"));
        sevens_json_put(&o, "profile", json_boolean(axis->profile));
        sevens_json_add(&axes, o);
    }
    return axes;
}

static json_t *ties_json(const sevens_config *config)
{
    json_t *ties = json_object();

    for (size_t p = 0; p < sevens_model_n_parameters(config->model); p++) {
        if (!sevens_model_tie(config->model, p))
            continue;

        char *text = sevens_config_print_tie(config, p);

        sevens_json_put(&ties, sevens_model_parameter(config->model, p)->name,
                        sevens_json_text(text));
        free(text);
    }
    return ties;
}

static const char *const plane_kind[] = {[SEVENS_PLANE_PROFILE] = "profile",
                                         [SEVENS_PLANE_SLICE] = "slice",
                                         [SEVENS_PLANE_HISTOGRAM] = "histogram"};

static json_t *planes_json(const sevens_config *config)
{
    json_t *planes = json_array();

    for (size_t i = 0; i < config->n_plane; i++) {
        const sevens_plane *plane = &config->plane[i];
        json_t *o = json_object(), *axes = json_array(), *at = json_object();

        for (size_t k = 0; k < plane->n_axis; k++)
            sevens_json_add(&axes, sevens_json_text(config->axis[plane->axis[k]].name));
        for (size_t a = 0; a < config->n_axis && plane->kind == SEVENS_PLANE_SLICE; a++) {
            if (!sevens_plane_has(plane, a))
                sevens_json_put(&at, config->axis[a].name,
                                sevens_json_real(config->axis[a].value[plane->at[a]]));
        }
        sevens_json_put(&o, "name", sevens_json_text(plane->name));
        sevens_json_put(&o, "kind", sevens_json_text(plane_kind[plane->kind]));
        sevens_json_put(&o, "axes", axes);
        sevens_json_put(&o, "at", at);
        sevens_json_add(&planes, o);
    }
    return planes;
}

static sevens_status print_json(const sevens_problem *problem, const estimate *e, sevens_error *err)
{
    const sevens_config *config = problem->config;
    json_t *o = json_object(), *seconds = json_object();

    sevens_json_put(&seconds, "templates", sevens_json_real(e->templates_s));
    sevens_json_put(&seconds, "grid", sevens_json_real(e->grid_s));
    sevens_json_put(&o, "valid", json_true());
    sevens_json_put(&o, "name", sevens_json_text(config->name));
    sevens_json_put(&o, "model", sevens_json_text(sevens_model_title(problem->model)));
    sevens_json_put(&o, "axes", axes_json(config));
    sevens_json_put(&o, "row_axis",
                    sevens_json_text(problem->row_axis == SEVENS_NO_ROW
                                         ? NULL
                                         : config->axis[problem->row_axis].name));
    sevens_json_put(&o, "ties", ties_json(config));
    if (config->n_plane > 0)
        sevens_json_put(&o, "planes", planes_json(config));
    sevens_json_put(&o, "points", sevens_json_count(e->points));
    sevens_json_put(&o, "map_points", sevens_json_count(e->map_points));
    sevens_json_put(&o, "template_nodes", sevens_json_count(e->template_nodes));
    sevens_json_put(&o, "tile_points", sevens_json_count(e->tile_points));
    sevens_json_put(&o, "memory_bytes", sevens_json_count(e->memory_bytes));
    sevens_json_put(&o, "output_bytes", sevens_json_count(e->output_bytes));
    sevens_json_put(&o, "n_bins", sevens_json_count((double)problem->n_bin));
    sevens_json_put(&o, "chi2_sm", sevens_json_real(problem->chi2_sm));
    sevens_json_put(&o, "backend", sevens_json_text(e->backend));
    sevens_json_put(&o, "threads", sevens_json_count(e->threads));
    sevens_json_put(&o, "expected_seconds", seconds);
    return sevens_json_print(o, err);
}

static void print_planes(const sevens_config *config)
{
    for (size_t i = 0; i < config->n_plane; i++) {
        const sevens_plane *plane = &config->plane[i];

        printf("%-16s%s: %.0f %s\n", plane_kind[plane->kind], plane->name,
               plane_cells(config, plane),
               plane->kind == SEVENS_PLANE_HISTOGRAM ? "bins" : "cells");
        for (size_t a = 0; a < config->n_axis && plane->kind == SEVENS_PLANE_SLICE; a++) {
            const sevens_axis *axis = &config->axis[a];
            double value = axis->value[plane->at[a]];

            if (sevens_plane_has(plane, a))
                continue;
            printf("%16s%s = %.6g", "at ", axis->name, value);
            if (value != plane->asked[a])
                printf(", the grid value nearest to %.6g", plane->asked[a]);
            putchar('\n');
        }
    }
}

static void print_text(const sevens_problem *problem, const estimate *e)
{
    const sevens_config *config = problem->config;

    printf("%s: no faults\nmodel           %s\n", config->name, sevens_model_title(problem->model));
    for (size_t i = 0; i < config->n_axis; i++) {
        const sevens_axis *axis = &config->axis[i];
        char unit[64];

        printf("axis            %s: %zu value%s, %g to %g%s, %s%s%s\n", axis->name, axis->n,
               axis->n == 1 ? "" : "s", axis->value[0], axis->value[axis->n - 1],
               sevens_cli_unit(axis->unit, unit, sizeof unit), axis->log ? "log" : "linear",
               axis->profile ? ", profiled" : "",
               i == problem->row_axis ? " (rows run along it)" : "");
    }
    for (size_t p = 0; p < sevens_model_n_parameters(config->model); p++) {
        char *text = sevens_model_tie(config->model, p) ? sevens_config_print_tie(config, p) : NULL;

        if (text != NULL)
            printf("tie             %s = %s\n", sevens_model_parameter(config->model, p)->name,
                   text);
        free(text);
    }
    print_planes(config);
    for (size_t i = 0; i < problem->n_experiment; i++)
        print_experiment(&problem->experiment[i]);
    printf("points          %.0f in %.0f rows; integrals at %.0f nodes\n", e->points, e->rows,
           e->template_nodes);
    if (e->map_points < e->points)
        printf("map points      %.0f: each the lowest of %.0f\n", e->map_points,
               e->points / e->map_points);
    printf("memory          %.3g MB for a tile of %.0f points\n", 1e-6 * e->memory_bytes,
           e->tile_points);
    printf("map             %.3g MB at most, before compression\n", 1e-6 * e->output_bytes);
    printf("expected time   %.2g s templates + %.2g s grid (%s, %d thread%s)\n", e->templates_s,
           e->grid_s, e->backend, e->threads, e->threads == 1 ? "" : "s");
}

/* The folder that the scan file names for the map; `scan -o` may choose another, so that the
 * working folder is not looked at. */
static sevens_status check_output(const sevens_config *config, sevens_error *err)
{
    char path[PATH_MAX], folder[PATH_MAX];

    if (config->output.file == NULL)
        return SEVENS_OK;
    sevens_cli_map_path(config, NULL, path, sizeof path);
    memcpy(folder, path, sizeof folder);
    if (access(dirname(folder), W_OK | X_OK) == 0)
        return SEVENS_OK;
    return sevens_fail(err, SEVENS_ERR_IO, "cannot create %s: %s", path, strerror(errno));
}

sevens_status sevens_cmd_check(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_config *config = NULL;
    sevens_problem *problem = NULL;
    estimate e = {0};

    SEVENS_TRY(sevens_cli_parse(cli, &usage, argc, argv, NULL, err));
    SEVENS_TRY(sevens_cli_config(cli, true, &config, err));
    SEVENS_TRY(sevens_cli_problem(cli, config, &problem, err));
    SEVENS_TRY(check_output(config, err));
    count_work(problem, &e);
    SEVENS_TRY(estimate_time(cli, problem, &e, err));
    count_bytes(problem, &e);
    if (cli->json)
        status = print_json(problem, &e, err);
    else
        print_text(problem, &e);
cleanup:
    sevens_problem_destroy(&problem);
    sevens_config_free(&config);
    return status;
}
