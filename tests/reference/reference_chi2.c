/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference statistics: Baker-Cousins chi2 with pulls, minimised one norm at a time. chi2 is convex
 * in the norms, so setting each derivative to zero in turn (Brent, bracketed) converges to the
 * bounded minimum; it shares nothing with a Newton step and needs no Hessian. */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_roots.h>
#include <math.h>

#define MAX_CYCLE 20000

double ref_chi2_poisson(size_t n_bin, const double *observed, const double *mu)
{
    double sum = 0;
    for (size_t b = 0; b < n_bin; b++) {
        double n = observed[b];
        sum += mu[b] - n + (n > 0 ? n * log(n / mu[b]) : 0);
    }
    return 2 * sum;
}

static double expected(size_t n_bin, size_t n_k, const double *templates, const double *s, size_t b)
{
    double mu = 0;
    for (size_t k = 0; k < n_k; k++)
        mu += s[k] * templates[k * n_bin + b];
    return mu;
}

double ref_chi2(size_t n_bin, size_t n_k, const double *templates, const double *sigma,
                const double *observed, const double *s)
{
    double chi2 = 0;
    for (size_t b = 0; b < n_bin; b++) {
        double mu = expected(n_bin, n_k, templates, s, b);
        chi2 += ref_chi2_poisson(1, &observed[b], &mu);
    }
    for (size_t k = 0; k < n_k; k++)
        if (sigma[k] > 0)
            chi2 += gsl_pow_2((s[k] - 1) / sigma[k]);
    return chi2;
}

typedef struct slope_args {
    size_t n_bin, n_k, k;
    const double *templates, *sigma, *observed;
    double *s;
} slope_args;

/* d chi2 / d s_k with s_k = x and the other norms as they are. */
static double slope(double x, void *data)
{
    const slope_args *a = data;
    double sum = (x - 1) / (a->sigma[a->k] * a->sigma[a->k]);
    a->s[a->k] = x;
    for (size_t b = 0; b < a->n_bin; b++) {
        double share = a->templates[a->k * a->n_bin + b];
        if (share == 0)
            continue;
        double n = a->observed[b];
        double mu = expected(a->n_bin, a->n_k, a->templates, a->s, b);
        sum += share * (n > 0 ? 1 - n / mu : 1);
    }
    return 2 * sum;
}

/* Root of the increasing slope in x > 0, searched by powers of ten from x = 1: a norm can be very
 * small where its template is huge. */
static double root(gsl_root_fsolver *solver, gsl_function *f)
{
    double lo = 1, hi = 1;
    while (f->function(hi, f->params) < 0 && hi < 1e300) {
        lo = hi;
        hi *= 10;
    }
    while (f->function(lo, f->params) > 0 && lo > 1e-300) {
        hi = lo;
        lo /= 10;
    }
    if (f->function(lo, f->params) == 0)
        return lo;
    if (f->function(hi, f->params) == 0)
        return hi;
    if (gsl_root_fsolver_set(solver, f, lo, hi))
        return GSL_NAN;
    for (int i = 0; i < 200; i++) {
        if (gsl_root_fsolver_iterate(solver))
            return GSL_NAN;
        lo = gsl_root_fsolver_x_lower(solver);
        hi = gsl_root_fsolver_x_upper(solver);
        if (gsl_root_test_interval(lo, hi, 0, 1e-15) == GSL_SUCCESS)
            break;
    }
    return gsl_root_fsolver_root(solver);
}

double ref_profile(size_t n_bin, size_t n_k, const double *templates, const double *sigma,
                   const double *observed, double *s)
{
    slope_args args = {n_bin, n_k, 0, templates, sigma, observed, s};
    gsl_function f = {slope, &args};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    double change = solver ? GSL_POSINF : GSL_NAN;
    for (size_t k = 0; k < n_k; k++)
        s[k] = 1;
    for (int cycle = 0; cycle < MAX_CYCLE && change > 1e-13; cycle++) {
        change = 0;
        for (args.k = 0; args.k < n_k; args.k++) {
            if (sigma[args.k] == 0)
                continue;
            double before = s[args.k];
            double after = slope(0, &args) >= 0 ? 0 : root(solver, &f);
            s[args.k] = after;
            change = fmax(change, fabs(after - before) / fmax(after, 1e-300));
            if (isnan(after))
                goto cleanup;
        }
    }
cleanup:
    if (solver)
        gsl_root_fsolver_free(solver);
    return change <= 1e-12 ? ref_chi2(n_bin, n_k, templates, sigma, observed, s) : GSL_NAN;
}
