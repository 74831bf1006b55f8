/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Differential cross sections of a model at one point. */
#ifndef SEVENS_XSEC_H
#define SEVENS_XSEC_H

#include "sevens/model.h"

/* d sigma/dT [cm^2/MeV] of a process for a neutrino of energy E_MeV and a recoil T_MeV of the
 * nucleus, or of an electron of its atom (per atom, with Z_eff); 0 above the largest recoil, NaN at
 * T = 0, where it may have no limit, and without a table that it needs. The point must have no row.
 * Disappearance on the way is not part of it. physics.md eqs. 5 to 10, 33 to 42. */
double sevens_xsec_cm2_per_MeV(const sevens_model *model, const sevens_model_point *point,
                               sevens_process process, const sevens_nucleus *nucleus,
                               sevens_flavour flavour, double E_MeV, double T_MeV);

/* Largest recoil [MeV] of a massless neutrino's scattering. */
double sevens_xsec_t_max_MeV(sevens_process process, const sevens_nucleus *nucleus, double E_MeV);

/* Proton and neutron form factors F_Z, F_N of a nucleus at momentum transfer q2 = 2 M T [MeV^2],
 * with the form factor option of the model and its radii at the point. */
void sevens_nuclear_form_factors(const sevens_model *model, const sevens_model_point *point,
                                 const sevens_nucleus *nucleus, double q2, double *F_Z,
                                 double *F_N);

/* F(q) of a nucleus of rms radius R_fm at momentum transfers q2 [n], by the option of the model;
 * surface [n] is the factor that no radius changes, the same for all nuclei. */
void sevens_form_factor_surface(const sevens_model *model, size_t n, const double *q2,
                                double *surface);
void sevens_form_factors(const sevens_model *model, const sevens_nucleus *nucleus, double R_fm,
                         size_t n, const double *q2, const double *surface, double *F);

/* What multiplies the coefficient of a constituent: Z F_Z, N F_N; for axial currents the spins of
 * protons and neutrons with F_Z (eq. 33); 1 for an electron. */
enum {
    SEVENS_CHARGE_Z,
    SEVENS_CHARGE_N,
    SEVENS_SPIN_P,
    SEVENS_SPIN_N,
    SEVENS_UNIT,
    SEVENS_N_CHARGE
};
void sevens_target_charges(const sevens_model *model, const sevens_model_point *point,
                           const sevens_target *target, double q2, double charge[SEVENS_N_CHARGE]);
/* One of them without its form factor, which is F_N of SEVENS_CHARGE_N and F_Z of all others. */
double sevens_target_charge(const sevens_target *target, int charge);
/* Which of them goes with a term. */
int sevens_charge_index(sevens_current current, sevens_constituent constituent);

#endif
