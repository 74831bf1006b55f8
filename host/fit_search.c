/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Minimum of chi2 over a box: along the row by fit_row.c; over the other axes a coarse grid, then
 * Brent's method (one axis) or BOBYQA (several) from every local minimum of the grid that can be
 * the global one. */
#include "fit_search.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>
#include <math.h>
#include <nlopt.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STARTS 8
#define BATCH_ROWS 256
#define KEPT_ROWS 4096
#define MAX_WALK 1000 /* steps downhill */
/* Brent's method is at the rounding of chi2 after so many steps near the minimum without gain. */
#define STILL_STEPS 4
#define STILL_GAIN 1e-12 /* relative */
#define STILL_NEAR 1e-5  /* of the bracket it began with */

/* ---- life ---- */

static const sevens_axis *longest_row(const sevens_problem *problem, size_t held)
{
    const sevens_axis *best = NULL;

    for (size_t a = 0; a < problem->config->n_axis; a++) {
        const sevens_axis *axis = &problem->config->axis[a];

        if (a != held && sevens_model_can_run(problem->model, axis->parameter) && axis->n > 1 &&
            (!best || axis->n > best->n))
            best = axis;
    }
    return best;
}

/* Background functions are fitted from many starts, on-off counts summed one by one. */
static bool has_slow_reference(const sevens_problem *problem)
{
    for (size_t e = 0; e < problem->n_experiment; e++) {
        sevens_likelihood_kind kind = problem->experiment[e].release->likelihood;

        if (kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND || kind == SEVENS_LIKELIHOOD_POISSON_ON_OFF)
            return true;
    }
    return false;
}

sevens_status sevens_search_create(sevens_search **out, const sevens_problem *problem, size_t held,
                                   sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_search *search = calloc(1, sizeof *search);
    sevens_grid_options options = {.precision = SEVENS_PRECISION_F64};

    *out = NULL;
    SEVENS_TRY_ALLOC(search);
    search->problem = problem;
    search->n_parameters = sevens_model_n_parameters(problem->model);
    search->row_axis = longest_row(problem, held);
    search->row = search->row_axis ? search->row_axis->parameter : SEVENS_NO_ROW;
    search->held = SEVENS_NO_ROW;
    if (held != SEVENS_NO_AXIS && !search->row_axis &&
        sevens_model_can_run(problem->model, problem->config->axis[held].parameter))
        search->held = problem->config->axis[held].parameter;
    for (size_t a = 0; a < problem->config->n_axis; a++) {
        const sevens_axis *axis = &problem->config->axis[a];

        if (a != held && axis != search->row_axis && axis->n > 1)
            search->free_axis[search->n_free++] = axis;
    }
    SEVENS_TRY(sevens_evaluator_create(&search->evaluator, problem, &sevens_backend_openmp,
                                       &options, err));
    options.threads = 1;
    SEVENS_TRY(
        sevens_evaluator_create(&search->single, problem, &sevens_backend_openmp, &options, err));
    SEVENS_TRY(sevens_workspace_create(&search->work, problem, problem->model, err));
    for (size_t g = 0; g < problem->n_group; g++) {
        size_t size = sevens_likelihood_row_size(&problem->group[g].likelihood);

        search->abc[g] = malloc(size * sizeof *search->abc[g]);
        SEVENS_TRY_ALLOC(search->abc[g]);
    }
    search->by_kernel = has_slow_reference(problem);
    *out = search;
    search = NULL;
cleanup:
    sevens_search_destroy(&search);
    return status;
}

void sevens_search_destroy(sevens_search **search)
{
    if (!*search)
        return;
    sevens_evaluator_destroy(&(*search)->evaluator);
    sevens_evaluator_destroy(&(*search)->single);
    sevens_workspace_destroy(&(*search)->work);
    for (size_t g = 0; g < SEVENS_MAX_EXPERIMENTS; g++)
        free((*search)->abc[g]);
    free(*search);
    *search = NULL;
}

/* ---- one axis ---- */

/* Whether another step of Brent's method made nothing better. `last` is the value that was. */
static bool stands_still(const gsl_min_fminimizer *m, double near, double *last)
{
    double f = gsl_min_fminimizer_f_minimum(m), x = gsl_min_fminimizer_x_minimum(m);
    bool gained = *last - f > STILL_GAIN * fmax(1.0, fabs(f));

    *last = f;
    return !gained &&
           fmin(x - gsl_min_fminimizer_x_lower(m), gsl_min_fminimizer_x_upper(m) - x) <= near;
}

/* Brent's method in a bracket lo < mid < hi with f(mid) below both ends. */
static double brent(double (*f)(double, void *), void *context, double lo, double mid, double hi,
                    double f_lo, double f_mid, double f_hi, double tolerance, double *where)
{
    gsl_function function = {f, context};
    gsl_min_fminimizer *m = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    double best = f_mid, last = f_mid;
    int still = 0;

    *where = mid;
    if (!m)
        return best;
    if (gsl_min_fminimizer_set_with_values(m, &function, mid, f_mid, lo, f_lo, hi, f_hi) ==
        GSL_SUCCESS) {
        for (int i = 0; i < 100 && still < STILL_STEPS; i++) {
            if (gsl_min_fminimizer_iterate(m) != GSL_SUCCESS ||
                gsl_min_test_interval(gsl_min_fminimizer_x_lower(m), gsl_min_fminimizer_x_upper(m),
                                      0.0, tolerance) == GSL_SUCCESS)
                break;
            still = stands_still(m, STILL_NEAR * (hi - lo), &last) ? still + 1 : 0;
        }
        *where = gsl_min_fminimizer_x_minimum(m);
        best = gsl_min_fminimizer_f_minimum(m);
    }
    gsl_min_fminimizer_free(m);
    return best;
}

/* Refines the local minimum at sample i of n increasing positions; at an end of the range a minimum
 * may hide between it and its neighbour. Returns the value and where. */
static double refine_sample(double (*f)(double, void *), void *context, const double *x,
                            const double *y, size_t n, size_t i, double tolerance, double *where)
{
    size_t left = i, right = i;
    double mid = x[i], f_mid = y[i], lo, hi, f_lo, f_hi;

    while (left > 0 && !(x[left] < x[i] && y[left] > y[i]))
        left--;
    while (right + 1 < n && !(x[right] > x[i] && y[right] > y[i]))
        right++;
    lo = x[left], hi = x[right], f_lo = y[left], f_hi = y[right];
    *where = mid;
    if (!(lo < hi))
        return f_mid;
    if (mid < hi && !(f_hi > f_mid)) /* as low there: the minimum lies between */
        lo = mid, f_lo = f_mid;
    else if (lo < mid && !(f_lo > f_mid))
        hi = mid, f_hi = f_mid;
    if (!(lo < mid) || !(mid < hi)) { /* at an end */
        double inner = 0.5 * (lo + hi), f_inner = f(inner, context);

        if (!(f_inner < f_mid))
            return f_mid;
        mid = inner, f_mid = f_inner;
    }
    return brent(f, context, lo, mid, hi, f_lo, f_mid, f_hi, tolerance, where);
}

/* ---- over the other axes ---- */

/* Objective over free coordinates; the row is minimised inside. */
typedef struct objective {
    sevens_search *search;
    double *value; /* [n_parameters] scratch */
    /* Along one axis: the minima that were refined so far. */
    size_t n_found;
    double found[MAX_STARTS], found_chi2[MAX_STARTS];
} objective;

static double objective_at(unsigned n, const double *u, double *gradient, void *context)
{
    objective *o = context;

    (void)gradient; /* methods without derivatives */
    for (unsigned i = 0; i < n; i++)
        o->value[o->search->free_axis[i]->parameter] =
            sevens_axis_value(o->search->free_axis[i], u[i]);
    return sevens_search_row_minimum(o->search, o->value);
}

static double objective_1d(double u, void *context)
{
    return objective_at(1, &u, NULL, context);
}

/* BOBYQA in the box, starting at u with steps of a coarse cell. */
static double bobyqa(objective *o, double *u, const double *cell)
{
    sevens_search *search = o->search;
    unsigned n = (unsigned)search->n_free;
    double lo[SEVENS_MAX_AXES], hi[SEVENS_MAX_AXES], best = INFINITY;
    nlopt_opt opt = nlopt_create(NLOPT_LN_BOBYQA, n);

    if (!opt)
        return objective_at(n, u, NULL, o);
    for (unsigned i = 0; i < n; i++) {
        lo[i] = sevens_axis_node(search->free_axis[i], 0, 2);
        hi[i] = sevens_axis_node(search->free_axis[i], 1, 2);
        u[i] = fmin(hi[i], fmax(lo[i], u[i]));
    }
    nlopt_set_min_objective(opt, objective_at, o);
    nlopt_set_lower_bounds(opt, lo);
    nlopt_set_upper_bounds(opt, hi);
    nlopt_set_initial_step(opt, cell);
    nlopt_set_xtol_rel(opt, 1e-9);
    nlopt_set_ftol_abs(opt, 1e-11);
    nlopt_set_maxeval(opt, 500 * (int)n);
    nlopt_optimize(opt, u, &best);
    nlopt_destroy(opt);
    return best;
}

/* Coarse grid over the free axes: the minimum along each row, [n_cell] with the last axis fastest.
 */
static sevens_status coarse_minima(sevens_search *search, const size_t *n_node, size_t n_cell,
                                   const double *value, double *y, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t P = search->n_parameters, n_x = search->row_axis ? SEVENS_ROW_COLUMNS : 1;
    bool keep =
        search->held != SEVENS_NO_ROW && n_cell <= KEPT_ROWS; /* rows through the held one */
    size_t batch = keep ? n_cell : BATCH_ROWS;
    double *values = malloc(batch * P * sizeof *values);
    double *x = calloc(batch * n_x, sizeof *x), *chi2 = malloc(batch * n_x * sizeof *x);
    uint8_t *point_status = malloc(batch * n_x);
    sevens_evaluator_results results = {.chi2 = chi2, .status = point_status};

    SEVENS_TRY_ALLOC(values);
    SEVENS_TRY_ALLOC(x);
    SEVENS_TRY_ALLOC(chi2);
    SEVENS_TRY_ALLOC(point_status);
    for (size_t first = 0; first < n_cell; first += batch) {
        size_t n = n_cell - first < batch ? n_cell - first : batch;

        for (size_t r = 0; r < n; r++) {
            size_t index = first + r;

            memcpy(values + r * P, value, P * sizeof *values);
            for (size_t a = search->n_free; a-- > 0; index /= n_node[a]) {
                const sevens_axis *axis = search->free_axis[a];

                values[r * P + axis->parameter] =
                    sevens_axis_value(axis, sevens_axis_node(axis, index % n_node[a], n_node[a]));
            }
        }
        if (!keep || search->kept_rows != n_cell)
            SEVENS_TRY(sevens_evaluator_rows(search->evaluator, n, values,
                                             search->row_axis ? search->row : search->held, err));
        search->kept_rows = keep ? n_cell : 0;
        for (size_t r = 0; r < n && search->held != SEVENS_NO_ROW; r++)
            x[r] = sevens_transform_apply(
                sevens_model_parameter(search->problem->model, search->held)->transform,
                value[search->held]);
        for (size_t r = 0; r < n && search->row_axis; r++)
            sevens_search_columns(
                search->row_axis,
                sevens_model_parameter(search->problem->model, search->row)->transform,
                sevens_evaluator_totals(search->evaluator) + 3 * r, x + r * n_x);
        SEVENS_TRY(sevens_evaluator_profile(search->evaluator, n_x, x, &results, err));
        for (size_t r = 0; r < n; r++) {
            y[first + r] = INFINITY;
            for (size_t i = 0; i < n_x; i++)
                y[first + r] = fmin(y[first + r], chi2[r * n_x + i]);
        }
    }
cleanup:
    free(values);
    free(x);
    free(chi2);
    free(point_status);
    return status;
}

/* Whether no neighbour of a cell along any axis is lower. */
static bool is_coarse_minimum(const double *y, const size_t *n_node, size_t n_free, size_t cell)
{
    size_t stride = 1;

    for (size_t a = n_free; a-- > 0; stride *= n_node[a]) {
        size_t i = cell / stride % n_node[a];

        if ((i > 0 && y[cell - stride] < y[cell]) ||
            (i + 1 < n_node[a] && y[cell + stride] < y[cell]))
            return false;
    }
    return true;
}

/* Whether the bracket holds a minimum that is known already, and lower than what started here. */
static bool is_found(const objective *o, const double *position, const double *f, double *u)
{
    for (size_t i = 0; i < o->n_found; i++) {
        if (position[0] <= o->found[i] && o->found[i] <= position[2] && o->found_chi2[i] <= f[1]) {
            *u = o->found[i];
            return true;
        }
    }
    return false;
}

/* Along one axis: steps downhill until a minimum is bracketed, then Brent. */
static void walk_downhill(objective *o, double *u, double step)
{
    double position[3] = {*u - step, *u, *u + step}, f[3];

    for (int i = 0; i < 3; i++)
        f[i] = objective_1d(position[i], o);
    for (int i = 0; i < MAX_WALK && (f[0] < f[1] || f[2] < f[1]); i++) {
        double sign = f[0] < f[2] ? -1.0 : 1.0;
        size_t from = sign < 0.0 ? 0 : 2, to = 2 - from;

        position[to] = position[1], f[to] = f[1];
        position[1] = position[from], f[1] = f[from];
        position[from] = position[1] + sign * step;
        f[from] = objective_1d(position[from], o);
    }
    if (is_found(o, position, f, u))
        return;
    f[1] = refine_sample(objective_1d, o, position, f, 3, 1, SEVENS_COORDINATE_TOLERANCE, u);
    if (o->n_found < MAX_STARTS) {
        o->found[o->n_found] = *u;
        o->found_chi2[o->n_found++] = f[1];
    }
}

/* Refines one coarse minimum; o->value is left at the minimum. */
static double refine_cell(objective *o, const size_t *n_node, size_t cell)
{
    sevens_search *search = o->search;
    double u[SEVENS_MAX_AXES], step[SEVENS_MAX_AXES];
    size_t index = cell;

    for (size_t a = search->n_free; a-- > 0; index /= n_node[a]) {
        u[a] = sevens_axis_node(search->free_axis[a], index % n_node[a], n_node[a]);
        step[a] = fabs(sevens_axis_node(search->free_axis[a], 1, n_node[a]) -
                       sevens_axis_node(search->free_axis[a], 0, n_node[a]));
    }
    if (search->n_free == 1)
        walk_downhill(o, &u[0], step[0]);
    else
        bobyqa(o, u, step);
    return objective_at((unsigned)search->n_free, u, NULL, o);
}

/* Cells of the coarse grid that may lead to the global minimum, lowest first. Returns their number.
 */
static size_t choose_starts(const double *y, const size_t *n_node, size_t n_free, size_t n_cell,
                            size_t *start)
{
    size_t n = 0;

    for (size_t c = 0; c < n_cell; c++) {
        size_t i;

        if (!is_coarse_minimum(y, n_node, n_free, c))
            continue;
        for (i = n; i > 0 && y[c] < y[start[i - 1]]; i--) {
            if (i < MAX_STARTS)
                start[i] = start[i - 1];
        }
        if (i < MAX_STARTS) {
            start[i] = c;
            n += n < MAX_STARTS;
        }
    }
    while (n > 1 && y[start[n - 1]] > y[start[0]] + SEVENS_START_WINDOW)
        n--;
    return n;
}

/* Refines the chosen cells; value and chi2 become those of the lowest minimum. */
static sevens_status refine_starts(objective *o, const double *y, const size_t *n_node,
                                   size_t n_cell, double *value, double *chi2)
{
    sevens_status status = SEVENS_OK;
    size_t start[MAX_STARTS], bytes = o->search->n_parameters * sizeof *value;
    size_t n = choose_starts(y, n_node, o->search->n_free, n_cell, start);
    double *best = malloc(bytes);
    sevens_error *err = o->search->err;

    SEVENS_TRY_ALLOC(best);
    *chi2 = INFINITY;
    for (size_t i = 0; i < n; i++) {
        double f;

        memcpy(o->value, value, bytes);
        f = refine_cell(o, n_node, start[i]);
        SEVENS_TRY(o->search->status);
        if (f < *chi2) {
            *chi2 = f;
            memcpy(best, o->value, bytes);
        }
    }
    if (isfinite(*chi2))
        memcpy(value, best, bytes);
cleanup:
    free(best);
    return status;
}

sevens_status sevens_search_minimise(sevens_search *search, size_t most_nodes, double *value,
                                     double *chi2, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_node[SEVENS_MAX_AXES], n_cell = 1;
    size_t bytes = search->n_parameters * sizeof(double);
    double *y = NULL;
    objective o = {.search = search, .value = malloc(bytes)};

    SEVENS_TRY_ALLOC(o.value);
    search->err = err;
    search->status = SEVENS_OK;
    if (search->n_free == 0) {
        *chi2 = sevens_search_row_minimum(search, value);
        status = search->status;
        goto cleanup;
    }
    for (size_t a = 0; a < search->n_free; a++)
        n_cell *= n_node[a] = most_nodes;
    y = malloc(n_cell * sizeof *y);
    SEVENS_TRY_ALLOC(y);
    SEVENS_TRY(coarse_minima(search, n_node, n_cell, value, y, err));
    SEVENS_TRY(refine_starts(&o, y, n_node, n_cell, value, chi2));
cleanup:
    free(o.value);
    free(y);
    return status;
}

sevens_status sevens_search_local(sevens_search *search, double *value, double *chi2,
                                  sevens_error *err)
{
    objective o = {.search = search, .value = value};
    double u[SEVENS_MAX_AXES] = {0}, step[SEVENS_MAX_AXES] = {0};

    search->err = err;
    search->status = SEVENS_OK;
    if (search->n_free == 0) {
        *chi2 = sevens_search_row_minimum(search, value);
        return search->status;
    }
    for (size_t a = 0; a < search->n_free; a++) {
        const sevens_axis *axis = search->free_axis[a];

        u[a] = sevens_axis_coordinate(axis, value[axis->parameter]);
        step[a] = fabs(sevens_axis_node(axis, 1, axis->n) - sevens_axis_node(axis, 0, axis->n));
    }
    if (search->n_free == 1)
        walk_downhill(&o, &u[0], step[0]); /* BOBYQA needs two dimensions */
    else
        bobyqa(&o, u, step);
    *chi2 = objective_at((unsigned)search->n_free, u, NULL, &o);
    return search->status;
}
