/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Differential cross sections of a model at one point. */
#ifndef SEVENS_XSEC_H
#define SEVENS_XSEC_H

#include "sevens/model.h"

/* d sigma/dT [cm^2/MeV] of CEvNS on a nucleus for a neutrino of energy E_MeV and a nuclear recoil
 * T_MeV; 0 above T_max. The point must have no row. physics.md eqs. 5 to 10. */
double sevens_xsec_cevns_cm2_per_MeV(const sevens_model *model, const sevens_model_point *point,
                                     const sevens_nucleus *nucleus, sevens_flavour flavour,
                                     double E_MeV, double T_MeV);

/* Proton and neutron form factors F_Z, F_N of a nucleus at momentum transfer q2 = 2 M T [MeV^2],
 * with the form factor option of the model and its radii at the point. */
void sevens_nuclear_form_factors(const sevens_model *model, const sevens_model_point *point,
                                 const sevens_nucleus *nucleus, double q2, double *F_Z,
                                 double *F_N);

#endif
