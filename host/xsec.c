/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sevens/xsec.h"
#include "sevens/constants.h"
#include "sevens/electron.h"
#include "sevens/hd/form_factor.h"
#include "sevens/hd/kinematics.h"
#include "sevens/hd/xsec.h"
#include <math.h>

/* Helm's form factor; `surface` is its part without a radius. */
static void helm(double R_fm, size_t n, const double *q2, const double *surface, double *F)
{
    double sphere2 = sevens_helm_sphere2(R_fm) / (SEVENS_HBARC_MEV_FM * SEVENS_HBARC_MEV_FM);
    double largest = 0.0;

    for (size_t i = 0; i < n; i++)
        largest = q2[i] > largest ? q2[i] : largest;
    if (sphere2 * largest < SEVENS_SPHERE_SERIES) {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            F[i] = surface[i] * sevens_sphere_series(sphere2 * q2[i]);
        return;
    }
    for (size_t i = 0; i < n; i++)
        F[i] = surface[i] * sevens_sphere_form_factor(sphere2 * q2[i]);
}

void sevens_form_factor_surface(const sevens_model *model, size_t n, const double *q2,
                                double *surface)
{
    bool has = sevens_model_sm_options(model)->form_factor == SEVENS_FORM_FACTOR_HELM;

    for (size_t i = 0; i < n; i++)
        surface[i] = has ? sevens_helm_surface(sqrt(q2[i])) : 1.0;
}

void sevens_form_factors(const sevens_model *model, const sevens_nucleus *nucleus, double R_fm,
                         size_t n, const double *q2, const double *surface, double *F)
{
    sevens_form_factor kind = (sevens_form_factor)sevens_model_sm_options(model)->form_factor;

    if (kind == SEVENS_FORM_FACTOR_HELM) {
        helm(R_fm, n, q2, surface, F);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        double q = sqrt(q2[i]);

        F[i] = kind == SEVENS_FORM_FACTOR_FERMI ? sevens_form_factor_fermi(q, R_fm)
               : kind == SEVENS_FORM_FACTOR_KLEIN_NYSTRAND
                   ? sevens_form_factor_klein_nystrand(q, nucleus->Z + nucleus->N)
                   : 1.0;
    }
}

void sevens_nuclear_form_factors(const sevens_model *model, const sevens_model_point *point,
                                 const sevens_nucleus *nucleus, double q2, double *F_Z, double *F_N)
{
    double R_p, R_n, surface;

    sevens_model_radii(model, point, nucleus, &R_p, &R_n);
    sevens_form_factor_surface(model, 1, &q2, &surface);
    sevens_form_factors(model, nucleus, R_p, 1, &q2, &surface, F_Z);
    sevens_form_factors(model, nucleus, R_n, 1, &q2, &surface, F_N);
}

double sevens_target_charge(const sevens_target *target, int charge)
{
    const sevens_nucleus *nucleus = target->nucleus;

    if (target->process == SEVENS_ES)
        return charge == SEVENS_UNIT ? 1.0 : 0.0;
    switch (charge) {
    case SEVENS_CHARGE_Z:
        return nucleus->Z;
    case SEVENS_CHARGE_N:
        return nucleus->N;
    case SEVENS_SPIN_P:
        return nucleus->spin_p;
    case SEVENS_SPIN_N:
        return nucleus->spin_n;
    default:
        return 0.0;
    }
}

void sevens_target_charges(const sevens_model *model, const sevens_model_point *point,
                           const sevens_target *target, double q2, double charge[SEVENS_N_CHARGE])
{
    double F_Z = 1.0, F_N = 1.0;

    if (target->process == SEVENS_CEVNS)
        sevens_nuclear_form_factors(model, point, target->nucleus, q2, &F_Z, &F_N);
    for (int c = 0; c < SEVENS_N_CHARGE; c++)
        charge[c] = sevens_target_charge(target, c) * (c == SEVENS_CHARGE_N ? F_N : F_Z);
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
