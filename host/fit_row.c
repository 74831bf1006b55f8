/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Minimum of chi2 along a row. Every bin is a parabola in the row variable, so the places where a
 * narrow minimum can hide are known: where the total rate returns to a given value on either side
 * of its minimum. Those are sampled besides the axis itself with the row kernel, and every local
 * minimum is narrowed down; its value is that of the reference likelihood, unless that is slow. */
#include "fit_search.h"
#include <math.h>
#include <stdlib.h>

#define GRID_COLUMNS 48
#define BRANCH_COLUMNS 15 /* on each side of the rate's minimum */
#define ZOOM_SAMPLES 17
#define ZOOM_ROUNDS 60 /* at x = 0 a relative precision is never reached */

double sevens_axis_coordinate(const sevens_axis *axis, double value)
{
    return axis->log ? log(value) : value;
}

/* The ends are exact. */
double sevens_axis_value(const sevens_axis *axis, double coordinate)
{
    double lo = axis->value[0], hi = axis->value[axis->n - 1];
    double value = axis->log ? exp(coordinate) : coordinate;

    return fmin(hi, fmax(lo, value));
}

double sevens_axis_node(const sevens_axis *axis, size_t i, size_t n)
{
    double lo = sevens_axis_coordinate(axis, axis->value[0]);
    double hi = sevens_axis_coordinate(axis, axis->value[axis->n - 1]);

    return n > 1 ? lo + (hi - lo) * (double)i / (double)(n - 1) : lo;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void sevens_search_sort(double *x, size_t n)
{
    qsort(x, n, sizeof *x, compare_doubles);
}

void sevens_search_columns(const sevens_axis *axis, sevens_transform transform, const double *total,
                           double *x)
{
    double a = sevens_transform_apply(transform, axis->value[0]);
    double b = sevens_transform_apply(transform, axis->value[axis->n - 1]);
    double lo = fmin(a, b), hi = fmax(a, b), A = fmax(total[0], 1.0), C = total[2];
    double vertex = C > 0.0 ? -0.5 * total[1] / C : lo;
    size_t n = 0;

    for (size_t i = 0; i < GRID_COLUMNS; i++)
        x[n++] = sevens_transform_apply(
            transform, sevens_axis_value(axis, sevens_axis_node(axis, i, GRID_COLUMNS)));
    for (int i = 0; i < BRANCH_COLUMNS; i++) {
        /* where the rate is 0.02 to 20 times the one without new physics, above its minimum */
        double rate = A * 0.02 * pow(1000.0, (double)i / (BRANCH_COLUMNS - 1));
        double distance = C > 0.0 ? sqrt(rate / C) : 0.0;

        x[n++] = fmin(hi, fmax(lo, vertex - distance));
        x[n++] = fmin(hi, fmax(lo, vertex + distance));
    }
    sevens_search_sort(x, n);
}

/* chi2 at x on the row built in search->single. */
static double kernel_chi2(sevens_search *search, double x)
{
    double chi2 = INFINITY;
    uint8_t point_status;
    sevens_evaluator_results results = {.chi2 = &chi2, .status = &point_status};

    search->status = sevens_evaluator_profile(search->single, 1, &x, &results, search->err);
    return search->status == SEVENS_OK ? chi2 : INFINITY;
}

/* chi2 at x on the row in search->abc and search->single. */
static double row_chi2(double x, void *context)
{
    sevens_search *search = context;
    double chi2 = 0.0;
    sevens_profile profile;

    if (search->by_kernel)
        return kernel_chi2(search, x);
    for (size_t g = 0; g < search->problem->n_group; g++) {
        const sevens_likelihood *l = &search->problem->group[g].likelihood;

        sevens_problem_row_signal(l, search->abc[g], x, search->work->signal);
        sevens_likelihood_profile(l, search->work->signal, &profile);
        chi2 += profile.chi2;
    }
    return chi2;
}

static bool is_local_minimum(const double *y, size_t n, size_t i)
{
    return (i == 0 || y[i] <= y[i - 1]) && (i + 1 == n || y[i] <= y[i + 1]);
}

/* Narrows a bracket of a local minimum on the row built in search->single: each round takes the
 * cells beside the lowest of evenly spaced samples, one vector pass of the row kernel. Returns
 * where. */
static double zoom(sevens_search *search, double lo, double hi)
{
    double x[ZOOM_SAMPLES], y[ZOOM_SAMPLES], best = 0.5 * (lo + hi);
    uint8_t point_status[ZOOM_SAMPLES];
    sevens_evaluator_results results = {.chi2 = y, .status = point_status};

    for (int round = 0; round < ZOOM_ROUNDS; round++) {
        size_t lowest = 0;

        if (!(hi - lo > SEVENS_COORDINATE_TOLERANCE * fabs(best)))
            break;
        for (size_t i = 0; i < ZOOM_SAMPLES; i++)
            x[i] = lo + (hi - lo) * (double)i / (ZOOM_SAMPLES - 1);
        search->status =
            sevens_evaluator_profile(search->single, ZOOM_SAMPLES, x, &results, search->err);
        if (search->status != SEVENS_OK)
            break; /* y is not filled */
        for (size_t i = 1; i < ZOOM_SAMPLES; i++)
            lowest = y[i] < y[lowest] ? i : lowest;
        best = x[lowest];
        lo = x[lowest > 0 ? lowest - 1 : 0];
        hi = x[lowest + 1 < ZOOM_SAMPLES ? lowest + 1 : lowest];
    }
    return best;
}

/* Lowest local minimum among the sampled columns of the row, refined: the row variable there. */
static double lowest_on_row(sevens_search *search, const double *x, const double *y)
{
    double lowest = INFINITY, best = INFINITY, best_x = x[0];

    for (size_t i = 0; i < SEVENS_ROW_COLUMNS; i++)
        lowest = fmin(lowest, y[i]);
    for (size_t i = 0; i < SEVENS_ROW_COLUMNS; i++) {
        size_t left = i, right = i;
        double where, chi2;

        if (!is_local_minimum(y, SEVENS_ROW_COLUMNS, i) || y[i] > lowest + SEVENS_START_WINDOW ||
            (i > 0 && x[i] <= x[i - 1]))
            continue;
        while (left > 0 && x[left] >= x[i])
            left--;
        while (right + 1 < SEVENS_ROW_COLUMNS && x[right] <= x[i])
            right++;
        where = zoom(search, fmin(x[left], x[i]), fmax(x[right], x[i]));
        chi2 = row_chi2(where, search);
        if (chi2 < best) {
            best = chi2;
            best_x = where;
        }
    }
    return best_x;
}

/* chi2 of a point without a row. */
static double point_chi2(sevens_search *search, const double *value)
{
    if (!search->by_kernel)
        return sevens_problem_chi2(search->problem, search->work, value, NULL);
    search->status = sevens_evaluator_rows(search->single, 1, value, SEVENS_NO_ROW, search->err);
    return search->status == SEVENS_OK ? kernel_chi2(search, 0.0) : INFINITY;
}

/* Exact minimum along the row through `value`, whose row parameter is set. */
double sevens_search_row_minimum(sevens_search *search, double *value)
{
    const sevens_problem *problem = search->problem;
    double x[SEVENS_ROW_COLUMNS], y[SEVENS_ROW_COLUMNS], best_x;
    uint8_t point_status[SEVENS_ROW_COLUMNS];
    sevens_evaluator_results results = {.chi2 = y, .status = point_status};
    sevens_model_point point = {value, search->row};
    sevens_transform transform;

    if (search->status != SEVENS_OK) /* the first failure stays */
        return INFINITY;
    if (!search->row_axis)
        return point_chi2(search, value);
    transform = sevens_model_parameter(problem->model, search->row)->transform;
    search->status = sevens_evaluator_rows(search->single, 1, value, search->row, search->err);
    if (search->status != SEVENS_OK)
        return INFINITY;
    sevens_search_columns(search->row_axis, transform, sevens_evaluator_totals(search->single), x);
    search->status =
        sevens_evaluator_profile(search->single, SEVENS_ROW_COLUMNS, x, &results, search->err);
    if (search->status != SEVENS_OK)
        return INFINITY;
    for (size_t g = 0; g < problem->n_group; g++)
        sevens_problem_row(problem, search->work, g, &point, search->abc[g]);
    best_x = lowest_on_row(search, x, y);
    value[search->row] = sevens_transform_invert(transform, best_x);
    if (sevens_model_contradiction(problem->model, value)) /* so is the whole row */
        return INFINITY;
    return row_chi2(best_x, search);
}
