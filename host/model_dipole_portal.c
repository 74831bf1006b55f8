/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `dipole-portal`: a transition magnetic moment to a heavy neutral lepton N4, nu A -> N4 A.
 * Its rate adds; with m4 -> 0 it is that of a magnetic moment. physics.md eq. 42. */
#include "model_internal.h"

enum { MU_D_E, MU_D_MU, M4, N_PARAMETERS };

#define MOMENT(name_, doc_)                                                                        \
    {                                                                                              \
        .name = name_, .unit = "mu_B", .role = SEVENS_ROLE_COEFFICIENT, .has_default = true,       \
        .min = -1.0, .max = 1.0, .doc = doc_                                                       \
    }

static const sevens_parameter parameters[N_PARAMETERS] = {
    [MU_D_E] = MOMENT("mu_d_e", "transition magnetic moment nu_e - N4"),
    [MU_D_MU] = MOMENT("mu_d_mu", "transition magnetic moment nu_mu - N4"),
    [M4] = {.name = "m4",
            .unit = "MeV",
            .role = SEVENS_ROLE_TEMPLATE,
            .min = 0.0,
            .max = 1e5,
            .doc = "mass of the heavy neutral lepton"},
};

static const sevens_term terms[] = {{SEVENS_PORTAL, SEVENS_ON_PROTON}};

static void amplitude(const void *options, const sevens_model_values *values, sevens_family family,
                      sevens_family final, sevens_coupling *contact, sevens_coupling *own)
{
    (void)options;
    (void)contact;
    if (final == family && family != SEVENS_FAMILY_TAU)
        sevens_couple(own, SEVENS_PROTON, 1.0,
                      values->mapped[family == SEVENS_FAMILY_E ? MU_D_E : MU_D_MU]);
}

static double final_mass(const void *options, const sevens_model_values *values)
{
    (void)options;
    return values->value[M4];
}

const sevens_model_kind sevens_model_kind_dipole_portal = {
    .name = "dipole-portal",
    .formula =
        "nu A -> N4 A: (pi alpha^2/m_e^2) mu^2 Z^2 F_Z^2 [1/T - 1/E - m4^2/(2ETM) (...) - ...]",
    .equation = "physics.md eq. 42",
    .reference = "1803.03262; 2109.09545",
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .terms = terms,
    .n_terms = 1,
    .amplitude = amplitude,
    .final_mass = final_mass,
    .tells_flavours = sevens_always,
};
