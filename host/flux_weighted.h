/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between host/flux_weighted.c (integrals of a flux with a weight) and host/flux_sweep.c (the same
 * for many weights). */
#ifndef SEVENS_FLUX_WEIGHTED_H
#define SEVENS_FLUX_WEIGHTED_H

#include "sevens/flux.h"

/* 4-point rule on [-1, 1], positive half, for intervals in which hardly anything changes. */
#define SEVENS_FEW 4
#define SEVENS_FEW_PHASE 0.2  /* change of the phase there: 1e-13 of the interval */
#define SEVENS_FEW_RATIO 1.05 /* of energies */

/* Energy of a point i of that rule between a and b; returns f(E) times its weight. */
static inline double sevens_few_point(const sevens_flux *flux, size_t flux_class, double a,
                                      double b, int i, double *E)
{
    static const double node[SEVENS_FEW / 2] = {0.339981043584856265, 0.861136311594052575};
    static const double weight[SEVENS_FEW / 2] = {0.652145154862546143, 0.347854845137453857};

    *E = 0.5 * (a + b) + 0.5 * (b - a) * (i % 2 ? 1.0 : -1.0) * node[i / 2];
    return 0.5 * (b - a) * weight[i / 2] * sevens_flux_density(flux, flux_class, *E);
}

/* Nothing between a and b, which lie on one side of every break: seen in the middle. */
static inline bool sevens_flux_is_empty(const sevens_flux *flux, size_t flux_class, double a,
                                        double b)
{
    return sevens_flux_density(flux, flux_class, 0.5 * (a + b)) == 0.0;
}

/* k [3] += int_a^b f g E^-n dE over an interval without breaks. */
void sevens_flux_add_interval(const sevens_flux *flux, size_t flux_class,
                              const sevens_flux_weight *weight, double a, double b, double *k);
/* k[i] += the lines above e_min[i]. */
void sevens_flux_add_lines(const sevens_flux *flux, size_t flux_class,
                           const sevens_flux_weight *weight, size_t n_min, const double *e_min,
                           double (*k)[3]);

#endif
