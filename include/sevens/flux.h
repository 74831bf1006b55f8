/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neutrino fluxes as moments: everything a recoil spectrum needs is
 *     K_n(T) = int_{E_min(T)} f(E) E^-n dE,  n = 0, 1, 2      (docs/physics.md eq. 12)
 * per flavour, with f normalised to 1, and the fluence. */
#ifndef SEVENS_FLUX_H
#define SEVENS_FLUX_H

#include "sevens/flavour.h"
#include "sevens/release.h"
#include <stdbool.h>
#include <stddef.h>

#define SEVENS_FLUX_MAX_BREAKS 16

typedef struct sevens_flux {
    sevens_flux_kind kind;
    size_t n; /* flux classes */
    sevens_flavour flavour[SEVENS_N_FLAVOUR];
    double fluence_per_cm2[SEVENS_N_FLAVOUR]; /* time-integrated, per flux class */
    double baseline_m, spread_m; /* distance, and half its range at sources of this kind */
} sevens_flux;

void sevens_flux_init(sevens_flux *flux, const sevens_release *release);

/* K_0, K_1, K_2 [1, MeV^-1, MeV^-2] of a flux class above e_min [MeV]. */
void sevens_flux_moments(const sevens_flux *flux, size_t flux_class, double e_min_MeV, double k[3]);

/* The continuous part f(E) [1/MeV] of a flux class, and its line, if it has one (energy [MeV],
 * share). */
double sevens_flux_density(const sevens_flux *flux, size_t flux_class, double E_MeV);
bool sevens_flux_line(const sevens_flux *flux, size_t flux_class, double *E_MeV, double *share);

/* A weight in flux integrals, g(E) = smooth(E) (1 - sinc(slow/E) cos(phase/E))/2: the chance to
 * have changed after a way that is spread evenly around its mean; without oscillation smooth(E)
 * alone. */
typedef struct sevens_flux_weight {
    bool oscillates;
    double phase_MeV, slow_MeV;     /* slow < phase */
    double (*smooth)(double E_MeV); /* NULL: 1 */
} sevens_flux_weight;

/* k[i] = int_{e_min[i]} f(E) g(E) E^-n dE, n = 0, 1, 2, for e_min [n_min] increasing. */
void sevens_flux_weighted_moments(const sevens_flux *flux, size_t flux_class,
                                  const sevens_flux_weight *weight, size_t n_min,
                                  const double *e_min_MeV, double (*k)[3]);

/* Energies [MeV] where the spectrum of any class has a kink or an end, increasing; the last one is
 * the largest energy. Returns their number, at most max_n. */
size_t sevens_flux_breaks(const sevens_flux *flux, double *e_MeV, size_t max_n);

#endif
