/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sevens/xsec.h"
#include "sevens/constants.h"
#include "sevens/hd/form_factor.h"
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

double sevens_xsec_cevns_cm2_per_MeV(const sevens_model *model, const sevens_model_point *point,
                                     const sevens_nucleus *nucleus, sevens_flavour flavour,
                                     double E_MeV, double T_MeV)
{
    sevens_coupling coupling[1 + SEVENS_MODEL_MAX_SHAPES];
    double M = sevens_nucleus_mass_MeV(nucleus);
    double q2 = 2.0 * M * T_MeV, F_Z, F_N, sum = 0.0;
    sevens_family family = sevens_flavour_family(flavour);

    sevens_nuclear_form_factors(model, point, nucleus, q2, &F_Z, &F_N);
    for (int final = 0; final < SEVENS_N_FAMILY; final++) {
        double Q = 0.0, w;

        sevens_model_amplitude(model, point, family, (sevens_family) final, coupling);
        for (size_t s = 0; s < sevens_model_n_shapes(model); s++) {
            sevens_model_shape(model, point, s, 1, &q2, &w);
            Q += w * (coupling[s].p.c0 * nucleus->Z * F_Z + coupling[s].n.c0 * nucleus->N * F_N);
        }
        sum +=
            sevens_dsigma_dt_vector(sevens_model_sm_options(model)->kinematics, E_MeV, T_MeV, M, Q);
    }
    return SEVENS_HBARC2_MEV2_CM2 * sum;
}
