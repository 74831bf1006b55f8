/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intervals of one parameter with the other axes profiled: the profile is sampled along its axis,
 * where narrow allowed strips are known to lie too, and each crossing is found by Brent's root
 * finder. */
#include "fit_search.h"
#include "root.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 240
#define SUB_NODES 48   /* coarse nodes of a profiled axis beside a row */
#define KEPT_NODES 400 /* without a row, where they cost little and must resolve narrow strips */
#define ROOT_TOLERANCE 1e-10 /* of the distance of two samples */

typedef struct profile_curve {
    sevens_search *search;
    const sevens_axis *axis;
    double *value, *start; /* [n_parameters] scratch, and the values it starts from */
    double threshold;      /* absolute chi2 */
    sevens_error *err;
    sevens_status status;
} profile_curve;

/* Profiled chi2 less the threshold at a coordinate of the axis. */
static double excess_at(double u, void *context)
{
    profile_curve *curve = context;
    sevens_search *search = curve->search;
    size_t nodes = search->held != SEVENS_NO_ROW ? KEPT_NODES : SUB_NODES;
    double chi2 = NAN;
    sevens_status status;

    memcpy(curve->value, curve->start, search->n_parameters * sizeof *curve->value);
    curve->value[curve->axis->parameter] = sevens_axis_value(curve->axis, u);
    status = sevens_search_minimise(search, search->n_free > 1 ? 12 : nodes, curve->value, &chi2,
                                    curve->err);
    if (status != SEVENS_OK)
        curve->status = status;
    return chi2 - curve->threshold;
}

/* Coordinates to sample: the axis evenly, the best value, and, where nothing else is free, the
 * places on a row where the rate returns to that without new physics. Returns their number. */
static sevens_status sample_points(profile_curve *curve, double best, double *u, size_t *n,
                                   sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_axis *axis = curve->axis;
    const sevens_search *search = curve->search;
    const sevens_parameter *p = sevens_model_parameter(search->problem->model, axis->parameter);
    double lo = sevens_axis_coordinate(axis, axis->value[0]);
    double hi = sevens_axis_coordinate(axis, axis->value[axis->n - 1]);
    double x[SEVENS_ROW_COLUMNS];

    *n = 0;
    for (size_t i = 0; i < SAMPLES; i++)
        u[(*n)++] = lo + (hi - lo) * (double)i / (SAMPLES - 1);
    u[(*n)++] = sevens_axis_coordinate(axis, best);
    if (sevens_model_can_run(search->problem->model, axis->parameter) && !search->row_axis &&
        search->n_free == 0) {
        SEVENS_TRY(sevens_evaluator_rows(search->evaluator, 1, curve->start, axis->parameter, err));
        sevens_search_columns(axis, p->transform, sevens_evaluator_totals(search->evaluator), x);
        for (size_t i = 0; i < SEVENS_ROW_COLUMNS; i++)
            u[(*n)++] = sevens_axis_coordinate(axis, sevens_transform_invert(p->transform, x[i]));
    }
    sevens_search_sort(u, *n);
cleanup:
    return status;
}

/* The last coordinate from `inside` towards `beyond`, where points are invalid, that is valid. */
static double last_valid(profile_curve *curve, double inside, double beyond)
{
    for (int i = 0; i < 60 && curve->status == SEVENS_OK; i++) {
        double middle = 0.5 * (inside + beyond);

        if (isinf(excess_at(middle, curve)))
            beyond = middle;
        else
            inside = middle;
    }
    return inside;
}

/* Coordinate between a and b where the excess changes sign, or where the model ends before. */
static double crossing(profile_curve *curve, double a, double b)
{
    bool a_ends = isinf(excess_at(a, curve)), b_ends = isinf(excess_at(b, curve));
    double root;

    if (a_ends || b_ends) {
        double end = a_ends ? last_valid(curve, b, a) : last_valid(curve, a, b);

        if (excess_at(end, curve) <= 0.0 || curve->status != SEVENS_OK)
            return end;
        a = a_ends ? end : a;
        b = b_ends ? end : b;
    }
    root = sevens_root(excess_at, curve, a, b, ROOT_TOLERANCE * (b - a), 0.0);

    if (isnan(root) && curve->status == SEVENS_OK)
        curve->status =
            sevens_fail(curve->err, SEVENS_ERR_NUMERIC, "%s: no crossing found between %g and %g",
                        curve->axis->name, sevens_axis_value(curve->axis, a),
                        sevens_axis_value(curve->axis, b));
    return root;
}

/* Walks along the samples and closes an interval at each upward crossing. */
static sevens_status collect(profile_curve *curve, const double *u, const double *excess, size_t n,
                             sevens_intervals *out, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_interval current = {0};
    bool inside = false;

    out->interval = calloc(n / 2 + 1, sizeof *out->interval);
    SEVENS_TRY_ALLOC(out->interval);
    for (size_t i = 0; i < n; i++) {
        if (!inside && excess[i] <= 0.0) {
            current = (sevens_interval){.lo_open = i == 0};
            current.lo =
                sevens_axis_value(curve->axis, i == 0 ? u[0] : crossing(curve, u[i - 1], u[i]));
            inside = true;
        } else if (inside && excess[i] > 0.0) {
            current.hi = sevens_axis_value(curve->axis, crossing(curve, u[i - 1], u[i]));
            out->interval[out->n++] = current;
            inside = false;
        }
        SEVENS_TRY(curve->status);
    }
    if (inside) {
        current.hi = sevens_axis_value(curve->axis, u[n - 1]);
        current.hi_open = true;
        out->interval[out->n++] = current;
    }
cleanup:
    return status;
}

sevens_status sevens_fit_intervals(const sevens_problem *problem, size_t axis, double delta_chi2,
                                   bool against_sm, sevens_intervals *out, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_fit_result best = {0};
    double u[SAMPLES + 1 + SEVENS_ROW_COLUMNS], excess[SAMPLES + 1 + SEVENS_ROW_COLUMNS];
    profile_curve curve = {.axis = &problem->config->axis[axis], .err = err};
    size_t n_parameters = sevens_model_n_parameters(problem->model), n;

    *out = (sevens_intervals){.delta_chi2 = delta_chi2};
    SEVENS_TRY(sevens_fit_minimise(problem, &best, err));
    out->chi2_min = best.chi2_min;
    out->best = best.value[curve.axis->parameter];
    curve.threshold = delta_chi2 + (against_sm ? problem->chi2_sm : best.chi2_min);
    curve.value = malloc(n_parameters * sizeof *curve.value);
    curve.start = best.value;
    SEVENS_TRY_ALLOC(curve.value);
    SEVENS_TRY(sevens_search_create(&curve.search, problem, axis, err));
    SEVENS_TRY(sample_points(&curve, out->best, u, &n, err));
    for (size_t i = 0; i < n; i++) {
        excess[i] = i > 0 && u[i] <= u[i - 1] ? excess[i - 1] : excess_at(u[i], &curve);
        SEVENS_TRY(curve.status);
    }
    SEVENS_TRY(collect(&curve, u, excess, n, out, err));
cleanup:
    free(curve.value);
    sevens_search_destroy(&curve.search);
    sevens_fit_result_free(&best);
    if (status != SEVENS_OK)
        sevens_intervals_free(out);
    return status;
}

void sevens_intervals_free(sevens_intervals *intervals)
{
    free(intervals->interval);
    *intervals = (sevens_intervals){0};
}
