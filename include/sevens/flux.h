/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neutrino fluxes as moments: everything a recoil spectrum needs is
 *     K_n(T) = int_{E_min(T)} f(E) E^-n dE,  n = 0, 1, 2      (docs/physics.md eqs. 12, 45)
 * per flux class, with f normalised to 1, and the fluence. */
#ifndef SEVENS_FLUX_H
#define SEVENS_FLUX_H

#include "sevens/flavour.h"
#include "sevens/release.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct sevens_flux {
    sevens_flux_kind kind;
    size_t n; /* flux classes */
    sevens_flavour flavour[SEVENS_RELEASE_MAX_FLUX];
    double fluence_per_cm2[SEVENS_RELEASE_MAX_FLUX]; /* over the exposure, per flux class */
    const sevens_spectrum *spectrum[SEVENS_RELEASE_MAX_FLUX]; /* borrowed; pion decay: NULL */
    double baseline_m, spread_m;                              /* distance, and half its range */
    size_t n_break;
    double *break_MeV; /* [n_break] where the spectrum of a class has a kink, a jump, a line or an
                          end, increasing; the last one is the largest energy */
} sevens_flux;

/* The release is borrowed. */
sevens_status sevens_flux_init(sevens_flux *flux, const sevens_release *release, sevens_error *err);
void sevens_flux_free(sevens_flux *flux);

/* K_0, K_1, K_2 [1, MeV^-1, MeV^-2] of a flux class above e_min [MeV]. */
void sevens_flux_moments(const sevens_flux *flux, size_t flux_class, double e_min_MeV, double k[3]);

/* The continuous part f(E) [1/MeV] of a flux class. */
double sevens_flux_density(const sevens_flux *flux, size_t flux_class, double E_MeV);
/* Its lines: number, and the i-th (energy [MeV], share of the flux). */
size_t sevens_flux_lines(const sevens_flux *flux, size_t flux_class);
sevens_spectrum_line sevens_flux_line(const sevens_flux *flux, size_t flux_class, size_t i);

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

/* The same again and again for one list of e_min: energies and densities are kept where hardly
 * anything changes between two of them. Flux and e_min are borrowed; one sweep per thread. */
typedef struct sevens_flux_sweep sevens_flux_sweep;
sevens_status sevens_flux_sweep_create(sevens_flux_sweep **sweep, const sevens_flux *flux,
                                       size_t flux_class, size_t n_min, const double *e_min_MeV,
                                       sevens_error *err);
void sevens_flux_sweep_destroy(sevens_flux_sweep **sweep);
/* The weight oscillates and is not smooth. */
void sevens_flux_sweep_moments(sevens_flux_sweep *sweep, const sevens_flux_weight *weight,
                               double (*k)[3]);

#endif
