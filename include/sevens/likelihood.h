/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A binned likelihood as plain data: what every backend sees besides rows. Expected counts are
 *     mu_b = s_0 S_b + sum_{k >= 1} s_k N_kb,      s_k >= 0
 * S the signal of the point, N_k the backgrounds, s_k norms with gaussian pulls of width sigma_k
 * around 1 (infinite: free; fixed[k]: s_k = 1). docs/physics.md eqs. 23 to 25. */
#ifndef SEVENS_LIKELIHOOD_H
#define SEVENS_LIKELIHOOD_H

#include "sevens/release.h"
#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SEVENS_MAX_NORMS 16

typedef struct sevens_likelihood {
    sevens_likelihood_kind kind;
    size_t n_bin;
    double *observed;  /* [n_bin] */
    double *reference; /* [n_bin] > 0: counts that backends take ratios to; any value is right, one
                          near the best fit keeps single precision accurate */
    size_t n_norm;     /* signal and backgrounds, 1 .. SEVENS_MAX_NORMS */
    char *name[SEVENS_MAX_NORMS]; /* name[0] = "signal" */
    double sigma[SEVENS_MAX_NORMS];
    bool fixed[SEVENS_MAX_NORMS];
    double *background; /* [n_norm - 1][n_bin] */
} sevens_likelihood;

/* From a release: Poisson with its pulls. The data are copied. */
sevens_status sevens_likelihood_init(sevens_likelihood *likelihood, const sevens_release *release,
                                     sevens_error *err);
void sevens_likelihood_free(sevens_likelihood *likelihood);

/* Result of profiling at one point. */
typedef struct sevens_profile {
    double chi2;
    double norm[SEVENS_MAX_NORMS]; /* s_k at the minimum */
    int iterations;
    bool converged;
} sevens_profile;

/* The reference: cold start, damped Newton in double to a decrement of 1e-16 over all bins as the
 * equations stand. signal is [n_bin]. */
void sevens_likelihood_profile(const sevens_likelihood *likelihood, const double *signal,
                               sevens_profile *profile);
/* chi2 at given norms [n_norm]; +infinity where a bin with counts expects none. */
double sevens_likelihood_chi2(const sevens_likelihood *likelihood, const double *signal,
                              const double *norm);

#ifdef __cplusplus
}
#endif

#endif
