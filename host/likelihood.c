/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference likelihood: binned Poisson with gaussian norm pulls (Baker-Cousins), profiled in
 * double over all bins as the equations stand. It shares no code with the row kernel that the fast
 * backends run. physics.md eqs. 23 to 25. */
#include "sevens/likelihood.h"
#include "sevens/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ITERATIONS 200
#define DECREMENT 1e-16 /* lambda^2 at which the reference stops */

sevens_status sevens_likelihood_init(sevens_likelihood *l, const sevens_release *release,
                                     sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = release->n_bin;

    *l = (sevens_likelihood){.kind = release->likelihood, .n_bin = n};
    l->observed = malloc(n * sizeof *l->observed);
    l->reference = malloc(n * sizeof *l->reference);
    l->background = malloc((release->n_background * n + 1) * sizeof *l->background);
    SEVENS_TRY_ALLOC(l->observed);
    SEVENS_TRY_ALLOC(l->reference);
    SEVENS_TRY_ALLOC(l->background);
    memcpy(l->observed, release->observed, n * sizeof *l->observed);
    for (size_t b = 0; b < n; b++)
        l->reference[b] = fmax(release->observed[b], 1.0);
    l->name[0] = sevens_strdup("signal");
    SEVENS_TRY_ALLOC(l->name[0]);
    l->sigma[0] = release->signal_sigma;
    l->n_norm = 1;
    for (size_t k = 0; k < release->n_background; k++) {
        const sevens_background *back = &release->background[k];

        l->name[l->n_norm] = sevens_strdup(back->name);
        SEVENS_TRY_ALLOC(l->name[l->n_norm]);
        l->sigma[l->n_norm++] = back->sigma;
        memcpy(l->background + k * n, back->counts, n * sizeof *l->background);
    }
cleanup:
    if (status != SEVENS_OK)
        sevens_likelihood_free(l);
    return status;
}

void sevens_likelihood_free(sevens_likelihood *l)
{
    for (size_t k = 0; k < SEVENS_MAX_NORMS; k++)
        free(l->name[k]);
    free(l->observed);
    free(l->reference);
    free(l->background);
    *l = (sevens_likelihood){0};
}

/* Template of component k in bin b: signal, then backgrounds. */
static double component(const sevens_likelihood *l, const double *signal, size_t k, size_t b)
{
    return k == 0 ? signal[b] : l->background[(k - 1) * l->n_bin + b];
}

static double expected(const sevens_likelihood *l, const double *signal, const double *s, size_t b)
{
    double mu = 0.0;

    for (size_t k = 0; k < l->n_norm; k++)
        mu += s[k] * component(l, signal, k, b);
    return mu;
}

/* 1/sigma^2: 0 for a free norm. */
static double pull_weight(const sevens_likelihood *l, size_t k)
{
    return l->fixed[k] ? 0.0 : 1.0 / (l->sigma[k] * l->sigma[k]);
}

double sevens_likelihood_chi2(const sevens_likelihood *l, const double *signal, const double *norm)
{
    double half = 0.0, pulls = 0.0;

    for (size_t b = 0; b < l->n_bin; b++) {
        double n = l->observed[b], mu = expected(l, signal, norm, b);

        half += mu - n + (n > 0.0 ? n * log(n / mu) : 0.0);
    }
    for (size_t k = 0; k < l->n_norm; k++)
        pulls += pull_weight(l, k) * (norm[k] - 1.0) * (norm[k] - 1.0);
    return 2.0 * half + pulls;
}

/* Gradient g [K] and Hessian H [K][K] of chi2/2 with respect to the norms; eq. 24. */
static void derivatives(const sevens_likelihood *l, const double *signal, const double *s,
                        double *g, double (*H)[SEVENS_MAX_NORMS])
{
    size_t K = l->n_norm;

    for (size_t k = 0; k < K; k++) {
        g[k] = pull_weight(l, k) * (s[k] - 1.0);
        for (size_t m = 0; m < K; m++)
            H[k][m] = k == m ? pull_weight(l, k) : 0.0;
    }
    for (size_t b = 0; b < l->n_bin; b++) {
        double n = l->observed[b], mu = expected(l, signal, s, b);
        double ratio = n > 0.0 ? n / mu : 0.0, curvature = n > 0.0 ? n / (mu * mu) : 0.0;

        for (size_t k = 0; k < K; k++) {
            double N_k = component(l, signal, k, b);

            g[k] += N_k * (1.0 - ratio);
            for (size_t m = 0; m < K; m++)
                H[k][m] += curvature * N_k * component(l, signal, m, b);
        }
    }
}

/* Newton direction d = H^-1 g over the norms that are free, by Cholesky; returns lambda^2 = g d. */
static double newton_direction(size_t K, const double *g, const double (*H)[SEVENS_MAX_NORMS],
                               const bool *held, double *d)
{
    double L[SEVENS_MAX_NORMS][SEVENS_MAX_NORMS] = {{0}}, lambda2 = 0.0;

    for (size_t i = 0; i < K; i++) {
        d[i] = held[i] ? 0.0 : g[i];
        for (size_t j = 0; j <= i; j++) {
            double sum = held[i] || held[j] ? (i == j ? 1.0 : 0.0) : H[i][j];

            for (size_t k = 0; k < j; k++)
                sum -= L[i][k] * L[j][k];
            L[i][j] = i == j ? sqrt(sum) : sum / L[j][j];
        }
    }
    for (size_t i = 0; i < K; i++) {
        for (size_t k = 0; k < i; k++)
            d[i] -= L[i][k] * d[k];
        d[i] /= L[i][i];
    }
    for (size_t i = K; i-- > 0;) {
        for (size_t k = i + 1; k < K; k++)
            d[i] -= L[k][i] * d[k];
        d[i] /= L[i][i];
    }
    for (size_t i = 0; i < K; i++)
        lambda2 += held[i] ? 0.0 : g[i] * d[i];
    return lambda2;
}

/* Start: s_k = 1; a signal larger than the data starts where it and its pull alone balance the
 * counts N above the backgrounds, the positive root of w z^2 + (S - w) z - N = 0; eq. 25. */
static void start(const sevens_likelihood *l, const double *signal, double *s)
{
    double S = 0.0, counts = 0.0, N, w = pull_weight(l, 0), b;

    for (size_t k = 0; k < l->n_norm; k++)
        s[k] = 1.0;
    for (size_t i = 0; i < l->n_bin; i++) {
        S += signal[i];
        counts += l->observed[i];
    }
    if (!(S > counts) || l->fixed[0])
        return;
    N = counts;
    for (size_t i = 0; i < (l->n_norm - 1) * l->n_bin; i++)
        N -= l->background[i];
    N = fmax(N, sqrt(fmax(counts, 1.0)));
    b = S - w;
    s[0] = 2.0 * N / (b + sqrt(b * b + 4.0 * w * N));
}

/* Norms of the free kind that may rise from the bound 0: releases the one with the steepest
 * descent; false when there is none, so that the point is a minimum. */
static bool release_one(const sevens_likelihood *l, const double *g, bool *held)
{
    size_t best = l->n_norm;

    for (size_t k = 0; k < l->n_norm; k++) {
        if (held[k] && !l->fixed[k] && g[k] < 0.0 && (best == l->n_norm || g[k] < g[best]))
            best = k;
    }
    if (best == l->n_norm)
        return false;
    held[best] = false;
    return true;
}

/* s - t d, stopped where the first norm reaches 0, which is then held there. */
static void step(const sevens_likelihood *l, double t, const double *d, double *s, bool *held)
{
    size_t stop = l->n_norm;

    for (size_t k = 0; k < l->n_norm; k++) {
        if (!held[k] && d[k] > 0.0 && s[k] <= t * d[k]) {
            t = s[k] / d[k];
            stop = k;
        }
    }
    for (size_t k = 0; k < l->n_norm; k++) {
        if (!held[k])
            s[k] = k == stop ? 0.0 : fmax(0.0, s[k] - t * d[k]);
    }
    if (stop < l->n_norm)
        held[stop] = true;
}

/* A norm without curvature: chi2 is linear in it. It goes to its bound, or stays where it is when
 * nothing depends on it. */
static void hold_flat(double g, double curvature, double *s, bool *held)
{
    if (*held || curvature > 0.0)
        return;
    if (g > 0.0)
        *s = 0.0;
    *held = true;
}

/* Largest relative change of the expected counts of a bin with counts in a full step d; eq. 25. */
static double relative_change(const sevens_likelihood *l, const double *signal, const double *s,
                              const double *d)
{
    double most = 0.0;

    for (size_t b = 0; b < l->n_bin; b++) {
        if (l->observed[b] > 0.0)
            most = fmax(most, fabs(expected(l, signal, d, b)) / expected(l, signal, s, b));
    }
    return most;
}

void sevens_likelihood_profile(const sevens_likelihood *l, const double *signal,
                               sevens_profile *profile)
{
    double g[SEVENS_MAX_NORMS], H[SEVENS_MAX_NORMS][SEVENS_MAX_NORMS], d[SEVENS_MAX_NORMS];
    double *s = profile->norm, lambda2, change;
    bool held[SEVENS_MAX_NORMS];

    memcpy(held, l->fixed, sizeof held);
    memset(s, 0, sizeof profile->norm);
    start(l, signal, s);
    profile->converged = false;
    for (profile->iterations = 1; profile->iterations <= MAX_ITERATIONS; profile->iterations++) {
        derivatives(l, signal, s, g, H);
        for (size_t k = 0; k < l->n_norm; k++)
            hold_flat(g[k], H[k][k], &s[k], &held[k]);
        lambda2 = newton_direction(l->n_norm, g, H, held, d);
        change = relative_change(l, signal, s, d);
        profile->converged = lambda2 < DECREMENT && !release_one(l, g, held);
        if (profile->converged || lambda2 >= DECREMENT) /* the last step costs nothing */
            step(l, change < 0.25 ? 1.0 : 1.0 / (1.0 + change), d, s, held);
        if (profile->converged)
            break;
    }
    profile->chi2 = sevens_likelihood_chi2(l, signal, s);
    profile->converged = profile->converged && isfinite(profile->chi2);
}
