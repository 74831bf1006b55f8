/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the reference likelihood share: chi2/2 with its derivatives, and the part that
 * is integrated. */
#ifndef SEVENS_LIKELIHOOD_REFERENCE_H
#define SEVENS_LIKELIHOOD_REFERENCE_H

#include "sevens/likelihood.h"

/* Of chi2/2 by all nuisances; eq. 24. */
typedef struct sevens_derivatives {
    double gradient[SEVENS_MAX_NUISANCES];
    double hessian[SEVENS_MAX_NUISANCES][SEVENS_MAX_NUISANCES];
    /* The diagonal without second derivatives of mu: never negative, and 0 where nothing depends
     * on the nuisance. */
    double curvature[SEVENS_MAX_NUISANCES];
} sevens_derivatives;

/* chi2/2 of everything but on-off parts, pulls included; +infinity outside of its domain. */
double sevens_reference_half(const sevens_likelihood *likelihood, const double *signal,
                             const double *value);
void sevens_reference_derivatives(const sevens_likelihood *likelihood, const double *signal,
                                  const double *value, sevens_derivatives *out);
/* Largest relative change of the expectation of a bin with counts (poisson) in a step; eq. 25. */
double sevens_reference_change(const sevens_likelihood *likelihood, const double *signal,
                               const double *value, const double *step);
/* chi2 of one part's bins and own pulls; no on-off part. */
double sevens_reference_part_chi2(const sevens_likelihood *likelihood, size_t part,
                                  const double *signal, const double *value);

/* -2 ln L of an on-off part, eq. 51, less its offset; mean: of the norm, with the likelihood as
 * weight. `signal` is that of the part. */
double sevens_on_off_chi2(const sevens_likelihood_part *part, const sevens_nuisance *norm,
                          const double *signal, double *mean);
/* ln L_b(s) for n counts with beam and m without. */
double sevens_on_off_ln_bin(sevens_on_off_background background, double n, double m, double s);

#endif
