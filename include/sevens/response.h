/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Detector response: probability that a recoil of energy T, of a nucleus or an electron, is
 * accepted and reconstructed in each energy bin, R_i(T) = int_bin eps(x) P(x | E_ee(T)) dx.
 * docs/physics.md eqs. 17 to 20. */
#ifndef SEVENS_RESPONSE_H
#define SEVENS_RESPONSE_H

#include "sevens/release.h"
#include <stddef.h>

typedef struct sevens_response sevens_response;

sevens_status sevens_response_create(sevens_response **response, const sevens_release *release,
                                     sevens_error *err);
void sevens_response_destroy(sevens_response **response);

/* Writes R_i(T) to r [n_energy]; T_MeV is the true nuclear recoil energy (MeVnr). */
void sevens_response_nuclear(const sevens_response *response, double T_MeV, double *r);
/* The same of an electron of true energy T_MeV (MeVee). */
void sevens_response_electron(const sevens_response *response, double T_MeV, double *r);

#endif
