/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sevens/bench.h"
#include "clock.h"
#include "cycles.h"
#include "sevens/evaluator.h"
#include "sevens/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_ROWS 128
#define CHECKED_POINTS 2048
#define CHECKED_BELOW 30.0 /* Delta chi2 */

/* %zu stands for the number of points of each axis. */
static const sevens_workload workloads[] = {
    {"W1", "universal Z' on coherent-csi-2021, (m_zp, g_zp) 1024 x 1024",
     "{schema: 1, name: W1, model: {kind: zprime, charges: universal}, axes: [{param: m_zp, min: "
     "0.1, max: 1.0e+4, n: %zu, spacing: log}, {param: g_zp, min: 1.0e-5, max: 1.0e-1, n: %zu, "
     "spacing: log}], experiments: [{name: coherent-csi-2021, es: false}]}",
     1024},
};

#define N_WORKLOADS (sizeof workloads / sizeof workloads[0])

sevens_status sevens_workload_find(const sevens_workload **workload, const char *name,
                                   sevens_error *err)
{
    const char *names[N_WORKLOADS];
    char suggestion[SEVENS_SUGGESTION];

    for (size_t i = 0; i < N_WORKLOADS; i++) {
        names[i] = workloads[i].name;
        if (strcmp(names[i], name) == 0) {
            *workload = &workloads[i];
            return SEVENS_OK;
        }
    }
    return sevens_fail(err, SEVENS_ERR_INPUT, "unknown workload '%s'; %s", name,
                       sevens_suggest(suggestion, name, names, N_WORKLOADS));
}

typedef struct bench_state {
    const sevens_config *config;
    const sevens_problem *problem;
    sevens_evaluator *evaluator;
    size_t n_row, n_x, n_parameters, row;
    double *value; /* [n_row][n_parameters] */
    double *x;     /* [n_x] */
    bool follows[BATCH_ROWS];
    double *chi2; /* [n_row][n_x] */
    uint8_t *status;
} bench_state;

/* Rows of a two-dimensional plane: the row axis runs along them, the other one across. */
static sevens_status make_rows(bench_state *b, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t row_axis = b->problem->row_axis;
    const sevens_axis *along = &b->config->axis[row_axis], *across = &b->config->axis[1 - row_axis];
    sevens_transform transform;

    b->row = along->parameter;
    transform = sevens_model_parameter(b->problem->model, b->row)->transform;
    b->n_x = along->n;
    b->n_row = across->n;
    b->n_parameters = sevens_model_n_parameters(b->problem->model);
    b->value = malloc(b->n_row * b->n_parameters * sizeof *b->value);
    b->x = malloc(b->n_x * sizeof *b->x);
    b->chi2 = malloc(b->n_row * b->n_x * sizeof *b->chi2);
    b->status = malloc(b->n_row * b->n_x);
    SEVENS_TRY_ALLOC(b->value);
    SEVENS_TRY_ALLOC(b->x);
    SEVENS_TRY_ALLOC(b->chi2);
    SEVENS_TRY_ALLOC(b->status);
    for (size_t r = 0; r < b->n_row; r++) {
        memcpy(b->value + r * b->n_parameters, b->config->value,
               b->n_parameters * sizeof *b->value);
        b->value[r * b->n_parameters + across->parameter] = across->value[r];
    }
    for (size_t i = 0; i < b->n_x; i++)
        b->x[i] = sevens_transform_apply(transform, along->value[i]);
    for (size_t r = 0; r < BATCH_ROWS; r++)
        b->follows[r] = r % SEVENS_ROW_CHAIN != 0;
cleanup:
    return status;
}

static sevens_status run_grid(bench_state *b, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    for (size_t first = 0; first < b->n_row; first += BATCH_ROWS) {
        size_t n = b->n_row - first < BATCH_ROWS ? b->n_row - first : BATCH_ROWS;
        sevens_evaluator_results results = {.chi2 = b->chi2 + first * b->n_x,
                                            .status = b->status + first * b->n_x};

        SEVENS_TRY(sevens_evaluator_rows(b->evaluator, n, b->value + first * b->n_parameters,
                                         b->row, err));
        SEVENS_TRY(
            sevens_evaluator_profile_chains(b->evaluator, b->n_x, b->x, b->follows, &results, err));
    }
cleanup:
    return status;
}

/* Compares points spread over the grid with the reference, which integrates and fits each anew. */
static sevens_status check_points(const bench_state *b, sevens_bench_result *result,
                                  sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_point = b->n_row * b->n_x, stride = n_point / CHECKED_POINTS + 1;
    sevens_workspace *work = NULL;
    double value[SEVENS_MODEL_MAX_PARAMETERS], sum = 0.0;

    SEVENS_TRY(sevens_workspace_create(&work, b->problem, b->problem->model, err));
    for (size_t p = stride / 2; p < n_point; p += stride) {
        double error, chi2;

        memcpy(value, b->value + p / b->n_x * b->n_parameters, b->n_parameters * sizeof *value);
        value[b->row] = b->config->axis[b->problem->row_axis].value[p % b->n_x];
        chi2 = sevens_problem_chi2(b->problem, work, value, NULL);
        if (chi2 - b->problem->chi2_sm > CHECKED_BELOW)
            continue;
        error = fabs(b->chi2[p] - chi2);
        if (!isnan(result->max_error) && !(error <= result->max_error)) /* a NaN is the worst */
            result->max_error = error;
        sum += error * error;
        result->checked++;
    }
    result->rms_error = sqrt(sum / (double)(result->checked ? result->checked : 1));
cleanup:
    sevens_workspace_destroy(&work);
    return status;
}

static sevens_status run_once(bench_state *b, const sevens_bench_options *options,
                              sevens_bench_result *result, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double points = (double)b->n_row * (double)b->n_x, seconds;
    sevens_evaluator_times spent;

    SEVENS_TRY(
        sevens_evaluator_create(&b->evaluator, b->problem, options->backend, &options->grid, err));
    SEVENS_TRY(run_grid(b, err));
    spent = sevens_evaluator_spent(b->evaluator);
    seconds = spent.templates_s + spent.grid_s;
    if (points / seconds > result->points_per_s) {
        result->points = points;
        result->points_per_s = points / seconds;
        result->templates_s = spent.templates_s;
        result->grid_s = spent.grid_s;
        result->passes_per_point = (double)spent.passes / points;
        result->cycles_per_point_core = spent.grid_cpu_s * sevens_core_hz() / points;
    }
cleanup:
    sevens_evaluator_destroy(&b->evaluator);
    return status;
}

sevens_status sevens_bench_run(const sevens_workload *workload, const sevens_bench_options *options,
                               sevens_bench_result *result, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    bench_state b = {0};
    sevens_config *config = NULL;
    sevens_problem *problem = NULL;
    char *text = NULL;
    size_t size = options->size ? options->size : workload->size;
    size_t text_size = strlen(workload->scan) + 64;
    double start = sevens_wall_s();

    *result = (sevens_bench_result){
        .threads = sevens_backend_threads(options->backend, options->grid.threads)};
    text = malloc(text_size);
    SEVENS_TRY_ALLOC(text);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, text_size, workload->scan, size, size);
#pragma GCC diagnostic pop
    SEVENS_TRY(sevens_config_parse(&config, workload->name, text, strlen(text), NULL, true, err));
    SEVENS_TRY(sevens_problem_create(&problem, config, err));
    b.config = config;
    b.problem = problem;
    SEVENS_TRY(make_rows(&b, err));
    result->setup_s = sevens_wall_s() - start;
    for (size_t i = 0; i < (options->repeat ? options->repeat : 1); i++)
        SEVENS_TRY(run_once(&b, options, result, err));
    SEVENS_TRY(check_points(&b, result, err));
cleanup:
    free(b.value);
    free(b.x);
    free(b.chi2);
    free(b.status);
    free(text);
    sevens_problem_destroy(&problem);
    sevens_config_free(&config);
    return status;
}
