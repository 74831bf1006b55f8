/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sevens/xsec.h"
#include "sevens/constants.h"
#include "sevens/electron.h"
#include "sevens/hd/form_factor.h"
#include "sevens/hd/kinematics.h"
#include "sevens/hd/xsec.h"
#include <math.h>

void sevens_nuclear_form_factors(const sevens_model *model, const sevens_model_point *point,
                                 const sevens_nucleus *nucleus, double q2, double *F_Z, double *F_N)
{
    double q = sqrt(q2), R_p, R_n;

    sevens_model_radii(model, point, nucleus, &R_p, &R_n);
    switch ((sevens_form_factor)sevens_model_sm_options(model)->form_factor) {
    case SEVENS_FORM_FACTOR_HELM:
        *F_Z = sevens_form_factor_helm(q, R_p);
        *F_N = sevens_form_factor_helm(q, R_n);
        return;
    case SEVENS_FORM_FACTOR_FERMI:
        *F_Z = sevens_form_factor_fermi(q, R_p);
        *F_N = sevens_form_factor_fermi(q, R_n);
        return;
    case SEVENS_FORM_FACTOR_KLEIN_NYSTRAND:
        *F_Z = *F_N = sevens_form_factor_klein_nystrand(q, nucleus->Z + nucleus->N);
        return;
    case SEVENS_FORM_FACTOR_NONE:
        break;
    }
    *F_Z = *F_N = 1.0;
}

void sevens_target_charges(const sevens_model *model, const sevens_model_point *point,
                           const sevens_target *target, double q2, double charge[SEVENS_N_CHARGE])
{
    const sevens_nucleus *nucleus = target->nucleus;
    double F_Z = 0.0, F_N = 0.0;

    if (target->process == SEVENS_CEVNS)
        sevens_nuclear_form_factors(model, point, nucleus, q2, &F_Z, &F_N);
    charge[SEVENS_CHARGE_Z] = nucleus->Z * F_Z;
    charge[SEVENS_CHARGE_N] = nucleus->N * F_N;
    charge[SEVENS_SPIN_P] = nucleus->spin_p * F_Z;
    charge[SEVENS_SPIN_N] = nucleus->spin_n * F_Z;
    charge[SEVENS_UNIT] = target->process == SEVENS_ES ? 1.0 : 0.0;
}

int sevens_charge_index(sevens_current current, sevens_constituent constituent)
{
    if (constituent == SEVENS_ELECTRON)
        return SEVENS_UNIT;
    return (int)constituent + (current == SEVENS_AXIAL ? SEVENS_SPIN_P : SEVENS_CHARGE_Z);
}

double sevens_xsec_t_max_MeV(sevens_process process, const sevens_nucleus *nucleus, double E_MeV)
{
    return sevens_t_max(E_MeV, process == SEVENS_ES ? SEVENS_M_ELECTRON
                                                    : sevens_nucleus_mass_MeV(nucleus));
}

/* Amplitude of a term: shape times the sum over constituents. */
static double term_amplitude(const sevens_model *model, const sevens_model_point *point, size_t t,
                             const sevens_target *target, double q2,
                             const sevens_coupling *coupling)
{
    const sevens_term *term = sevens_model_term(model, t);
    double w, charge[SEVENS_N_CHARGE], sum = 0.0;

    sevens_target_charges(model, point, target, q2, charge);
    sevens_model_shape(model, point, t, target, 1, &q2, &w);
    for (int c = 0; c < SEVENS_N_CONSTITUENT; c++) {
        if (term->on & 1u << c)
            sum += coupling[t].to[c].c0 *
                   charge[sevens_charge_index(term->current, (sevens_constituent)c)];
    }
    return sum != 0.0 ? w * sum : 0.0; /* a shape may not exist where nothing couples */
}

/* d sigma/dT [MeV^-3] per unit of the product of two amplitudes at energy E. */
static double product_xsec(sevens_product product, const sevens_target *target,
                           const sevens_recoil *recoil, double E)
{
    double a[3], power[3] = {1.0, 1.0 / E, 1.0 / (E * E)};
    double electrons = 1.0;

    if (sevens_e_min_massive(recoil->T, recoil->M, recoil->m4) > E * (1.0 + 1e-15))
        return 0.0;
    sevens_dsigma_terms(product, recoil, a);
    if (product == SEVENS_PRODUCT_PHOTON) /* m_nu = 1 eV; eq. 41 */
        power[0] = log(E / 1e-6);
    else if (target->process == SEVENS_ES)
        electrons = sevens_electrons_freed(target->nucleus, recoil->T);
    return electrons * sevens_dsigma_fold(product, a, power);
}

double sevens_xsec_cm2_per_MeV(const sevens_model *model, const sevens_model_point *point,
                               sevens_process process, const sevens_nucleus *nucleus,
                               sevens_flavour flavour, double E_MeV, double T_MeV)
{
    sevens_coupling coupling[SEVENS_MODEL_MAX_TERMS];
    sevens_family family = sevens_flavour_family(flavour);
    size_t n_terms = sevens_model_n_terms(model);
    double M = process == SEVENS_ES ? SEVENS_M_ELECTRON : sevens_nucleus_mass_MeV(nucleus);
    sevens_target target = {process, nucleus, M};
    sevens_recoil recoil = {.T = T_MeV,
                            .M = M,
                            .order = sevens_model_sm_options(model)->kinematics,
                            .electron = process == SEVENS_ES,
                            .handedness = sevens_flavour_is_anti(flavour) ? -1.0 : 1.0};
    double q2 = 2.0 * M * T_MeV, sum = 0.0, A[SEVENS_MODEL_MAX_TERMS];

    if (!(T_MeV > 0.0)) /* the limit may not exist */
        return T_MeV == 0.0 ? NAN : 0.0;
    for (int final = 0; final < SEVENS_N_FAMILY; final++) {
        if (!sevens_model_amplitude(model, point, family, (sevens_family) final, coupling))
            continue;
        for (size_t t = 0; t < n_terms; t++) {
            A[t] = term_amplitude(model, point, t, &target, q2, coupling);
            recoil.m4 = sevens_model_final_mass_MeV(model, point, t);
            for (size_t u = 0; u <= t && A[t] != 0.0; u++) {
                sevens_product product = sevens_model_product(model, t, u);

                if (product != SEVENS_PRODUCT_NONE && A[u] != 0.0)
                    sum += (u < t ? 2.0 : 1.0) * A[t] * A[u] *
                           product_xsec(product, &target, &recoil, E_MeV);
            }
        }
    }
    return SEVENS_HBARC2_MEV2_CM2 * (sum < 0.0 ? 0.0 : sum); /* NaN stays */
}
