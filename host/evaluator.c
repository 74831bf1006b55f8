/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sevens/evaluator.h"
#include "clock.h"
#include "row_tables.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

struct sevens_evaluator {
    const sevens_problem *problem;
    int threads;
    sevens_workspace **work;         /* [threads] */
    sevens_row_tables *tables;       /* of the grid of the scan, or NULL */
    size_t (*node)[SEVENS_MAX_AXES]; /* [threads] where each was in the tables */
    sevens_grid *grid[SEVENS_MAX_EXPERIMENTS];
    size_t n_row, row_capacity;
    double *signal[SEVENS_MAX_EXPERIMENTS]; /* [row_capacity][row of the group], per group */
    double *total;                          /* [row_capacity][3] */
    double *unit;                           /* [row_capacity] of the row variable, see row_unit */
    double *value;                          /* [row_capacity][n_parameters] of the rows */
    size_t row;                             /* the parameter that runs along them */
    size_t point_capacity;
    double *chi2;      /* [point_capacity] of one group */
    double *part_chi2; /* [SEVENS_MAX_PARTS at most][point_capacity] of its parts */
    uint8_t *status;   /* [point_capacity] of one group */
    size_t n_part;     /* of the group with most parts */
    sevens_evaluator_times spent;
};

sevens_status sevens_evaluator_create(sevens_evaluator **out, const sevens_problem *problem,
                                      const sevens_backend *backend,
                                      const sevens_grid_options *options, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_evaluator *ev = calloc(1, sizeof *ev);

    *out = NULL;
    SEVENS_TRY_ALLOC(ev);
    ev->problem = problem;
    ev->threads = sevens_backend_threads(backend, options->threads);
    ev->work = calloc((size_t)ev->threads, sizeof *ev->work);
    SEVENS_TRY_ALLOC(ev->work);
    for (int t = 0; t < ev->threads; t++)
        SEVENS_TRY(sevens_workspace_create(&ev->work[t], problem, problem->model, err));
    for (size_t g = 0; g < problem->n_group; g++) {
        const sevens_likelihood *likelihood = &problem->group[g].likelihood;

        SEVENS_TRY(sevens_grid_create(&ev->grid[g], backend, likelihood, options, err));
        ev->n_part = likelihood->n_part > ev->n_part ? likelihood->n_part : ev->n_part;
    }
    *out = ev;
    ev = NULL;
cleanup:
    sevens_evaluator_destroy(&ev);
    return status;
}

void sevens_evaluator_destroy(sevens_evaluator **evaluator)
{
    sevens_evaluator *ev = *evaluator;

    if (!ev)
        return;
    for (int t = 0; t < ev->threads && ev->work; t++)
        sevens_workspace_destroy(&ev->work[t]);
    for (size_t g = 0; g < SEVENS_MAX_EXPERIMENTS; g++) {
        sevens_grid_destroy(&ev->grid[g]);
        free(ev->signal[g]);
    }
    sevens_row_tables_destroy(&ev->tables);
    free(ev->node);
    free(ev->work);
    free(ev->total);
    free(ev->unit);
    free(ev->value);
    free(ev->chi2);
    free(ev->part_chi2);
    free(ev->status);
    free(ev);
    *evaluator = NULL;
}

sevens_status sevens_evaluator_tabulate(sevens_evaluator *ev, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double start = sevens_wall_s();

    SEVENS_TRY_ALLOC(ev->node = calloc((size_t)ev->threads, sizeof *ev->node));
    SEVENS_TRY(sevens_row_tables_create(&ev->tables, ev->problem, ev->work, ev->threads, err));
    ev->spent.templates_s += sevens_wall_s() - start;
cleanup:
    return status;
}

/* Buffers for n elements: outside the loops, kept between calls. */
static sevens_status reserve_rows(sevens_evaluator *ev, size_t n_row, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_parameters = sevens_model_n_parameters(ev->problem->model);

    if (n_row <= ev->row_capacity)
        return SEVENS_OK;
    ev->row_capacity = 0;
    free(ev->total);
    free(ev->unit);
    free(ev->value);
    ev->total = malloc(3 * n_row * sizeof *ev->total);
    ev->unit = malloc(n_row * sizeof *ev->unit);
    ev->value = malloc(n_row * n_parameters * sizeof *ev->value);
    SEVENS_TRY_ALLOC(ev->value);
    SEVENS_TRY_ALLOC(ev->total);
    SEVENS_TRY_ALLOC(ev->unit);
    for (size_t g = 0; g < ev->problem->n_group; g++) {
        size_t size = sevens_likelihood_row_size(&ev->problem->group[g].likelihood);

        free(ev->signal[g]);
        ev->signal[g] = malloc(size * n_row * sizeof *ev->signal[g]);
        SEVENS_TRY_ALLOC(ev->signal[g]);
    }
    ev->row_capacity = n_row;
cleanup:
    return status;
}

static sevens_status reserve_points(sevens_evaluator *ev, size_t n_point, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    if (n_point <= ev->point_capacity)
        return SEVENS_OK;
    ev->point_capacity = 0;
    free(ev->chi2);
    free(ev->part_chi2);
    free(ev->status);
    ev->chi2 = malloc(n_point * sizeof *ev->chi2);
    ev->part_chi2 = malloc(ev->n_part * n_point * sizeof *ev->part_chi2);
    ev->status = malloc(n_point * sizeof *ev->status);
    SEVENS_TRY_ALLOC(ev->chi2);
    SEVENS_TRY_ALLOC(ev->part_chi2);
    SEVENS_TRY_ALLOC(ev->status);
    ev->point_capacity = n_point;
cleanup:
    return status;
}

/* The unit of the row variable: the power of two near sqrt(A/C), where the new terms match the
 * rest, so that B and C are of the size of A in single precision too. A power of two costs no
 * rounding. */
static double row_unit(const double *total)
{
    if (!(total[0] > 0.0) || !(total[2] > 0.0))
        return 1.0;
    return exp2(round(0.5 * (log2(total[0]) - log2(total[2]))));
}

/* Adds A, B, C of all bins to the totals. */
static void sum_row(const sevens_likelihood *l, const double *row, double *total)
{
    for (size_t p = 0; p < l->n_part; p++) {
        size_t n = l->part[p].n_bin;

        for (size_t k = 0; k < 3; k++) { /* the signal itself, not its changes by shapes */
            double sum = 0.0;

            for (size_t b = 0; b < n; b++)
                sum += row[k * n + b];
            total[k] += sum;
        }
        row += 3 * n * l->part[p].n_variant;
    }
}

static void scale_row(const sevens_likelihood *l, double unit, double *row)
{
    for (size_t p = 0; p < l->n_part; p++) {
        size_t n = l->part[p].n_bin;

        for (size_t v = 0; v < l->part[p].n_variant; v++, row += 3 * n) {
            for (size_t b = 0; b < n; b++) {
                row[n + b] *= unit;
                row[2 * n + b] *= unit * unit;
            }
        }
    }
}

static void build_row(sevens_evaluator *ev, sevens_workspace *work, size_t r,
                      const sevens_model_point *point)
{
    const sevens_problem *problem = ev->problem;
    double *total = ev->total + 3 * r;

    memset(total, 0, 3 * sizeof *total);
    for (size_t g = 0; g < problem->n_group; g++) {
        const sevens_likelihood *l = &problem->group[g].likelihood;
        double *row = ev->signal[g] + sevens_likelihood_row_size(l) * r;

        sevens_problem_row(problem, work, g, point, row);
        sum_row(l, row, total);
    }
    ev->unit[r] = row_unit(total);
    for (size_t g = 0; g < problem->n_group; g++) {
        const sevens_likelihood *l = &problem->group[g].likelihood;

        scale_row(l, ev->unit[r], ev->signal[g] + sevens_likelihood_row_size(l) * r);
    }
}

/* Row r from the tables; false when it is not one of theirs. */
static bool look_row_up(sevens_evaluator *ev, int thread, size_t r, const double *value)
{
    size_t *node = ev->node[thread];
    double *total = ev->total + 3 * r;

    if (!sevens_row_tables_find(ev->tables, value, node))
        return false;
    sevens_row_tables_total(ev->tables, node, total);
    ev->unit[r] = row_unit(total);
    for (size_t g = 0; g < ev->problem->n_group; g++) {
        size_t size = sevens_likelihood_row_size(&ev->problem->group[g].likelihood);

        sevens_row_tables_row(ev->tables, node, g, ev->unit[r], ev->signal[g] + size * r);
    }
    return true;
}

sevens_status sevens_evaluator_rows(sevens_evaluator *ev, size_t n_row, const double *value,
                                    size_t row, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_parameters = sevens_model_n_parameters(ev->problem->model);
    double start = sevens_wall_s();
    bool tables = ev->tables && sevens_row_tables_along(ev->tables) == row;

    SEVENS_TRY(reserve_rows(ev, n_row, err));
    ev->n_row = n_row;
    ev->row = row;
    memcpy(ev->value, value, n_row * n_parameters * sizeof *value);
#pragma omp parallel for schedule(dynamic) num_threads(ev->threads)
    for (size_t r = 0; r < n_row; r++) {
        sevens_model_point point = {value + r * n_parameters, row};
        int thread = omp_get_thread_num();

        if (!tables || !look_row_up(ev, thread, r, point.value))
            build_row(ev, ev->work[thread], r, &point);
    }
    ev->spent.templates_s += sevens_wall_s() - start;
cleanup:
    return status;
}

const double *sevens_evaluator_totals(const sevens_evaluator *ev)
{
    return ev->total;
}

/* Adds one group's results to the sum, and hands out those of its parts. A group that is alone has
 * written to the sum itself. */
static void add_results(const sevens_evaluator *ev, size_t g, size_t n_point,
                        const sevens_evaluator_results *results)
{
    const sevens_group *group = &ev->problem->group[g];
    bool alone = ev->problem->n_group == 1;
    const double *own = alone ? results->chi2 : ev->chi2;
    const double *part = group->likelihood.n_part > 1 ? ev->part_chi2 : own;

    for (size_t p = 0; p < n_point && !alone; p++) {
        results->chi2[p] = g == 0 ? ev->chi2[p] : results->chi2[p] + ev->chi2[p];
        if (g == 0 || ev->status[p] > results->status[p])
            results->status[p] = ev->status[p];
    }
    for (size_t k = 0; k < group->likelihood.n_part && results->chi2_experiment; k++)
        memcpy(results->chi2_experiment + group->experiment[k] * n_point, part + k * n_point,
               n_point * sizeof *part);
}

/* Points whose parameters make no sense together are invalid, whatever chi2 says. */
static void mark_invalid(sevens_evaluator *ev, const sevens_rows *rows,
                         const sevens_evaluator_results *results)
{
    const sevens_model *model = ev->problem->model;
    size_t n_parameters = sevens_model_n_parameters(model);

    for (size_t p = 0; p < ev->n_row * rows->n_x && sevens_model_has_rules(model); p++) {
        double *value = ev->value + p / rows->n_x * n_parameters;
        double x = rows->x[rows->same_x ? p % rows->n_x : p];

        if (ev->row != SEVENS_NO_ROW)
            value[ev->row] =
                sevens_transform_invert(sevens_model_parameter(model, ev->row)->transform, x);
        if (!sevens_model_contradiction(model, value))
            continue;
        results->chi2[p] = INFINITY;
        results->status[p] = SEVENS_POINT_INVALID;
    }
}

/* One group; its results come into those of the evaluator where there are several, else right to
 * where they go. */
static sevens_status profile_group(sevens_evaluator *ev, size_t g, sevens_rows *rows,
                                   const sevens_evaluator_results *results, float *nuisance,
                                   sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    bool alone = ev->problem->n_group == 1;
    sevens_row_results part = {.chi2 = alone ? results->chi2 : ev->chi2,
                               .status = alone ? results->status : ev->status,
                               .nuisance = nuisance};

    rows->signal = ev->signal[g];
    if (results->chi2_experiment && ev->problem->group[g].likelihood.n_part > 1)
        part.part_chi2 = ev->part_chi2;
    SEVENS_TRY(sevens_grid_evaluate(ev->grid[g], rows, &part, err));
    add_results(ev, g, rows->n_row * rows->n_x, results);
    ev->spent.passes += part.passes;
cleanup:
    return status;
}

static sevens_status profile(sevens_evaluator *ev, sevens_rows *rows,
                             const sevens_evaluator_results *results, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_point = rows->n_row * rows->n_x, nuisances = 0;
    double start = sevens_wall_s(), start_cpu = sevens_cpu_s();

    SEVENS_TRY(reserve_points(ev, n_point, err));
    for (size_t g = 0; g < ev->problem->n_group; g++) {
        SEVENS_TRY(profile_group(ev, g, rows, results,
                                 results->nuisance ? results->nuisance + nuisances * n_point : NULL,
                                 err));
        nuisances += ev->problem->group[g].likelihood.n_nuisance;
    }
    mark_invalid(ev, rows, results);
    ev->spent.grid_s += sevens_wall_s() - start;
    ev->spent.grid_cpu_s += sevens_cpu_s() - start_cpu;
cleanup:
    return status;
}

sevens_status sevens_evaluator_profile(sevens_evaluator *ev, size_t n_x, const double *x,
                                       const sevens_evaluator_results *results, sevens_error *err)
{
    sevens_rows rows = {.n_row = ev->n_row, .n_x = n_x, .x = x, .unit = ev->unit};

    return profile(ev, &rows, results, err);
}

sevens_status sevens_evaluator_profile_chains(sevens_evaluator *ev, size_t n_x, const double *x,
                                              const bool *follows,
                                              const sevens_evaluator_results *results,
                                              sevens_error *err)
{
    sevens_rows rows = {.n_row = ev->n_row,
                        .n_x = n_x,
                        .x = x,
                        .same_x = true,
                        .unit = ev->unit,
                        .follows = follows};

    return profile(ev, &rows, results, err);
}

sevens_evaluator_times sevens_evaluator_spent(const sevens_evaluator *ev)
{
    return ev->spent;
}
