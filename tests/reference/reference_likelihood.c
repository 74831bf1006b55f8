/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference statistics of the other experiments: Gaussian chi2 by least squares, the Dresden-II
 * background by Levenberg-Marquardt with numerical derivatives, the on-off likelihood by sums and
 * quadrature in place of closed forms, shapes by a simplex around the profiled norms. */
#include "reference_internal.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_multifit.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <gsl/gsl_multimin.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Gaussian, linear ---- */

/* Rows of the least-squares problem: bins, then pulls; a fixed norm has no column. */
static void set_rows(gsl_matrix *x, gsl_vector *y, size_t n_bin, size_t n_k,
                     const double *templates, const double *sigma, const double *observed,
                     const double *error)
{
    size_t column = 0;
    for (size_t b = 0; b < n_bin; b++) {
        double rest = observed[b];
        for (size_t k = 0; k < n_k; k++)
            rest -= templates[k * n_bin + b];
        gsl_vector_set(y, b, rest / error[b]);
    }
    for (size_t k = 0; k < n_k; k++) {
        if (sigma[k] == 0)
            continue;
        for (size_t b = 0; b < n_bin; b++)
            gsl_matrix_set(x, b, column, templates[k * n_bin + b] / error[b]);
        gsl_matrix_set(x, n_bin + column, column, 1 / sigma[k]);
        column++;
    }
}

double ref_profile_gauss(size_t n_bin, size_t n_k, const double *templates, const double *sigma,
                         const double *observed, const double *error, double *a)
{
    size_t n_free = 0, column = 0;
    double chi2 = GSL_NAN;
    for (size_t k = 0; k < n_k; k++)
        n_free += sigma[k] != 0;
    gsl_matrix *x = gsl_matrix_calloc(n_bin + n_k, GSL_MAX(n_free, 1));
    gsl_matrix *covariance = gsl_matrix_alloc(GSL_MAX(n_free, 1), GSL_MAX(n_free, 1));
    gsl_vector *y = gsl_vector_calloc(n_bin + n_k), *c = gsl_vector_calloc(GSL_MAX(n_free, 1));
    gsl_multifit_linear_workspace *work =
        gsl_multifit_linear_alloc(n_bin + n_k, GSL_MAX(n_free, 1));
    if (!x || !covariance || !y || !c || !work)
        goto cleanup;
    set_rows(x, y, n_bin, n_k, templates, sigma, observed, error);
    if (gsl_multifit_linear(x, y, c, covariance, &chi2, work))
        chi2 = GSL_NAN;
    for (size_t k = 0; k < n_k; k++)
        a[k] = sigma[k] == 0 ? 0 : gsl_vector_get(c, column++);
cleanup:
    gsl_matrix_free(x);
    gsl_matrix_free(covariance);
    gsl_vector_free(y);
    gsl_vector_free(c);
    if (work)
        gsl_multifit_linear_free(work);
    return chi2;
}

/* ---- Dresden-II ---- */

typedef struct lines_args {
    const double *energy, *observed, *error, *signal;
} lines_args;

/* Free variables to parameters within bounds: squares for what is not negative, a sine for L. A
 * square that starts at 0 would stay there. */
static void from_free(const gsl_vector *u, double p[REF_DRESDEN2_N_PARAMETER])
{
    for (size_t i = 0; i < REF_DRESDEN2_N_PARAMETER; i++)
        p[i] = i == 4 ? gsl_vector_get(u, i) : gsl_pow_2(gsl_vector_get(u, i));
    p[2] = 0.02 + 19.98 * 0.5 * (1 + sin(gsl_vector_get(u, 2)));
}

static void to_free(const double p[REF_DRESDEN2_N_PARAMETER], gsl_vector *u)
{
    for (size_t i = 0; i < REF_DRESDEN2_N_PARAMETER; i++)
        gsl_vector_set(u, i, i == 4 ? p[i] : sqrt(GSL_MAX_DBL(p[i], 1e-3)));
    gsl_vector_set(u, 2, asin(2 * (p[2] - 0.02) / 19.98 - 1));
}

static int lines_residuals(const gsl_vector *u, void *data, gsl_vector *f)
{
    const lines_args *a = data;
    double p[REF_DRESDEN2_N_PARAMETER];
    from_free(u, p);
    for (size_t b = 0; b < REF_DRESDEN2_N_BIN; b++)
        gsl_vector_set(f, b,
                       (a->observed[b] - a->signal[b] - ref_dresden2_background(p, a->energy[b])) /
                           a->error[b]);
    gsl_vector_set(f, REF_DRESDEN2_N_BIN, (p[6] - 0.16) / 0.03);
    return GSL_SUCCESS;
}

static double fit_lines(gsl_multifit_nlinear_workspace *work, lines_args *args, gsl_vector *u)
{
    gsl_multifit_nlinear_fdf f = {.f = lines_residuals,
                                  .n = REF_DRESDEN2_N_BIN + 1,
                                  .p = REF_DRESDEN2_N_PARAMETER,
                                  .params = args};
    double chi2 = GSL_NAN;
    int info;
    if (gsl_multifit_nlinear_init(u, &f, work))
        return GSL_NAN;
    gsl_multifit_nlinear_driver(500, 1e-12, 1e-12, 0, NULL, NULL, &info, work);
    gsl_vector_memcpy(u, gsl_multifit_nlinear_position(work));
    gsl_blas_ddot(gsl_multifit_nlinear_residual(work), gsl_multifit_nlinear_residual(work), &chi2);
    return chi2;
}

double ref_profile_dresden2(const ref_dresden2_data *set, int reactor_off, const double *signal,
                            double p[REF_DRESDEN2_N_PARAMETER])
{
    /* of the data alone; L is varied */
    static const double usual[REF_DRESDEN2_N_PARAMETER] = {14, 140, 0.25, 85, 1.292, 0.07, 0.16};
    static const double slope[3] = {0.06, 0.25, 2}; /* [keV] */
    lines_args args = {set->energy_keV, reactor_off ? set->off : set->on,
                       reactor_off ? set->off_error : set->on_error, signal};
    gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
    how.fdtype = GSL_MULTIFIT_NLINEAR_CTRDIFF;
    gsl_multifit_nlinear_workspace *work = gsl_multifit_nlinear_alloc(
        gsl_multifit_nlinear_trust, &how, REF_DRESDEN2_N_BIN + 1, REF_DRESDEN2_N_PARAMETER);
    gsl_vector *u = gsl_vector_alloc(REF_DRESDEN2_N_PARAMETER);
    double best = GSL_POSINF, start[REF_DRESDEN2_N_PARAMETER];
    memcpy(start, p, sizeof start);
    for (int i = -1; work && u && i < 3; i++) {
        if (i >= 0) {
            memcpy(start, usual, sizeof start);
            start[2] = slope[i];
        }
        to_free(start, u);
        double chi2 = fit_lines(work, &args, u);
        if (chi2 < best) {
            best = chi2;
            from_free(u, p);
        }
    }
    if (work)
        gsl_multifit_nlinear_free(work);
    gsl_vector_free(u);
    return isfinite(best) ? best : GSL_NAN;
}

/* ---- on-off ---- */

static double poisson(double n, double mu)
{
    return mu > 0 ? gsl_ran_poisson_pdf((unsigned)n, mu) : n == 0;
}

static double sum_over_b(double n, double m, double s)
{
    double sum = 0, term = 1;
    for (int b = 0; b <= n + m || term > 1e-18 * sum; b++) {
        term = poisson(n, s + b) * poisson(m, b);
        sum += term;
    }
    return sum;
}

/* exp(-2 b) times a polynomial in b: Gauss-Laguerre is exact. */
static double integral_over_b(double n, double m, double s)
{
    const size_t nodes = (size_t)(n + m) / 2 + 2;
    double sum = 0;
    gsl_integration_fixed_workspace *work =
        gsl_integration_fixed_alloc(gsl_integration_fixed_laguerre, nodes, 0, 2, 0, 0);
    if (!work)
        return GSL_NAN;
    const double *b = gsl_integration_fixed_nodes(work);
    const double *weight = gsl_integration_fixed_weights(work);
    for (size_t i = 0; i < nodes; i++)
        sum += weight[i] * exp(2 * b[i]) * poisson(n, s + b[i]) * poisson(m, b[i]);
    gsl_integration_fixed_free(work);
    return sum;
}

/* The logarithm falls where n / (s + b) + m / b < 2. */
static double largest_over_b(double n, double m, double s)
{
    double lo = 0, hi = n + m + 1;
    for (int i = 0; i < 100; i++) {
        double b = 0.5 * (lo + hi);
        if ((n > 0 ? n / (s + b) : 0) + (m > 0 ? m / b : 0) > 2)
            lo = b;
        else
            hi = b;
    }
    double b = lo > 0 ? 0.5 * (lo + hi) : 0;
    return poisson(n, s + b) * poisson(m, b);
}

static double log_of_bin(double n, double m, double s, ref_steady_state kind)
{
    return log(kind == REF_DISCRETE     ? sum_over_b(n, m, s)
               : kind == REF_CONTINUOUS ? integral_over_b(n, m, s)
                                        : largest_over_b(n, m, s));
}

static double log_of_bins(size_t n_bin, const double *s, const double *on, const double *off,
                          ref_steady_state kind, double norm)
{
    double sum = 0;
    for (size_t b = 0; b < n_bin; b++)
        sum += log_of_bin(on[b], off[b], norm * s[b], kind);
    return sum;
}

/* ln of the integral over a, times exp(-(likelihood at a = 0)); without signal below a = -1. */
static double log_over_norm(size_t n_bin, const double *s, const double *on, const double *off,
                            ref_steady_state kind, double sigma)
{
    const size_t panels = 30, nodes = 12;
    const double width = (1 + 10 * sigma) / (double)panels;
    double centre = log_of_bins(n_bin, s, on, off, kind, 1);
    double sum =
        gsl_cdf_gaussian_P(-1, sigma) * exp(log_of_bins(n_bin, s, on, off, kind, 0) - centre);
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(nodes);
    if (!rule)
        return GSL_NAN;
    for (size_t i = 0; i < panels * nodes; i++) {
        double a, weight, lo = -1 + width * (double)(i / nodes);
        gsl_integration_glfixed_point(lo, lo + width, i % nodes, &a, &weight, rule);
        sum += weight * gsl_ran_gaussian_pdf(a, sigma) *
               exp(log_of_bins(n_bin, s, on, off, kind, 1 + a) - centre);
    }
    gsl_integration_glfixed_table_free(rule);
    return centre + log(sum);
}

double ref_chi2_on_off(size_t n_bin, const double *s, const double *on, const double *off,
                       ref_steady_state kind, int per_bin, double sigma)
{
    double sum = 0;
    if (!per_bin)
        return -2 * log_over_norm(n_bin, s, on, off, kind, sigma);
    for (size_t b = 0; b < n_bin; b++)
        sum += log_over_norm(1, s + b, on + b, off + b, kind, sigma);
    return -2 * sum;
}

/* ---- shapes ---- */

typedef struct shapes_args {
    size_t n_bin, n_k, n_shape;
    const double *templates, *sigma, *changes, *observed;
    double *moved, *s; /* templates with the signal as it is at a */
} shapes_args;

static double chi2_of_shapes(const gsl_vector *a, void *data)
{
    shapes_args *x = data;
    double pulls = 0;
    memcpy(x->moved, x->templates, x->n_k * x->n_bin * sizeof *x->moved);
    for (size_t j = 0; j < x->n_shape; j++) {
        double aj = gsl_vector_get(a, j);
        pulls += aj * aj;
        for (size_t b = 0; b < x->n_bin; b++)
            x->moved[b] += aj * x->changes[j * x->n_bin + b];
    }
    double chi2 = ref_profile(x->n_bin, x->n_k, x->moved, x->sigma, x->observed, x->s) + pulls;
    return isfinite(chi2) ? chi2 : 1e10;
}

/* Twice, so that a simplex that has shrunk too early starts anew. */
double ref_profile_shapes(size_t n_bin, size_t n_k, const double *templates, const double *sigma,
                          size_t n_shape, const double *changes, const double *observed, double *s,
                          double *a)
{
    shapes_args args = {n_bin, n_k, n_shape, templates, sigma, changes, observed, NULL, s};
    gsl_multimin_function f = {chi2_of_shapes, n_shape, &args};
    gsl_multimin_fminimizer *solver =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, n_shape);
    gsl_vector *at = gsl_vector_calloc(n_shape), *step = gsl_vector_alloc(n_shape);
    double chi2 = GSL_NAN;
    args.moved = malloc(n_k * n_bin * sizeof *args.moved);
    if (!solver || !at || !step || !args.moved)
        goto cleanup;
    for (int round = 0; round < 2; round++) {
        gsl_vector_set_all(step, round == 0 ? 0.3 : 0.01);
        gsl_multimin_fminimizer_set(solver, &f, at, step);
        for (int i = 0; i < 2000 && gsl_multimin_fminimizer_size(solver) > 1e-7; i++)
            gsl_multimin_fminimizer_iterate(solver);
        gsl_vector_memcpy(at, solver->x);
    }
    chi2 = chi2_of_shapes(at, &args);
    for (size_t j = 0; j < n_shape; j++)
        a[j] = gsl_vector_get(at, j);
cleanup:
    if (solver)
        gsl_multimin_fminimizer_free(solver);
    gsl_vector_free(at);
    gsl_vector_free(step);
    free(args.moved);
    return chi2;
}
