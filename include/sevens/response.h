/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Detector response: what a recoil of energy T, of a nucleus or an electron, adds to each channel.
 * A channel is a bin of reconstructed energy, R_i(T) = int_bin eps(x) P(x | E_ee(T)) dx, or, for
 * releases that give their detection efficiency at some recoil energies T_i, the triangle R_i(T)
 * that is 1 at T_i and 0 at its neighbours. docs/physics.md eqs. 17 to 20, 47, 48. */
#ifndef SEVENS_RESPONSE_H
#define SEVENS_RESPONSE_H

#include "sevens/nucleus.h"
#include "sevens/release.h"
#include <stddef.h>

typedef struct sevens_response sevens_response;

/* The response of a release (borrowed) with these parameters: its own, or those of a shape. */
sevens_status sevens_response_create(sevens_response **response, const sevens_release *release,
                                     const sevens_response_parameters *parameters,
                                     sevens_error *err);
void sevens_response_destroy(sevens_response **response);

/* Writes R_i(T) to r [n_channel]; T_MeV is the true energy of a recoil of the nucleus (MeVnr). */
void sevens_response_nuclear(const sevens_response *response, const sevens_nucleus *nucleus,
                             double T_MeV, double *r);
/* The same of an electron of true energy T_MeV (MeVee). */
void sevens_response_electron(const sevens_response *response, double T_MeV, double *r);
/* Whether recoils of electrons have a response at all. */
bool sevens_response_has_electrons(const sevens_response *response);

/* Recoil energies [MeV], below top, where R(T) has a kink or a jump, or where the reach of the
 * resolution begins or ends, in any order; nucleus NULL: electrons. The array is owned by the
 * caller. */
sevens_status sevens_response_breaks(const sevens_response *response, const sevens_nucleus *nucleus,
                                     double top_MeV, double **breaks_MeV, size_t *n,
                                     sevens_error *err);
/* The recoil energy [MeV] over which R(T) changes smoothly near T: the width of the resolution
 * there; infinite where R is a polynomial of low degree between the breaks, 0 where nothing is
 * known. Quadrature panels take their width and order from it. */
double sevens_response_scale(const sevens_response *response, const sevens_nucleus *nucleus,
                             double T_MeV);

#endif
