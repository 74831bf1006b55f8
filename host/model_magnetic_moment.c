/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `magnetic-moment`: effective magnetic moments of the neutrinos, on nuclei and electrons.
 * They turn the neutrino right-handed and do not interfere with the Standard Model. physics.md
 * eq. 37. */
#include "model_internal.h"

#define MOMENT(name_, doc_)                                                                        \
    {                                                                                              \
        .name = name_, .unit = "mu_B", .role = SEVENS_ROLE_COEFFICIENT, .has_default = true,       \
        .min = -1.0, .max = 1.0, .doc = doc_                                                       \
    }

static const sevens_parameter parameters[SEVENS_N_FAMILY] = {
    MOMENT("mu_nu_e", "effective magnetic moment of nu_e"),
    MOMENT("mu_nu_mu", "effective magnetic moment of nu_mu"),
    MOMENT("mu_nu_tau", "effective magnetic moment of nu_tau"),
};

static const sevens_term terms[] = {{SEVENS_MAGNETIC, SEVENS_ON_PROTON | SEVENS_ON_ELECTRON}};

static void amplitude(const void *options, const sevens_model_values *values, sevens_family family,
                      sevens_family final, sevens_coupling *contact, sevens_coupling *own)
{
    (void)options;
    (void)contact;
    if (final != family) /* an effective moment sums over final states */
        return;
    sevens_couple(own, SEVENS_PROTON, 1.0, values->mapped[family]);
    sevens_couple(own, SEVENS_ELECTRON, 1.0, values->mapped[family]);
}

const sevens_model_kind sevens_model_kind_magnetic_moment = {
    .name = "magnetic-moment",
    .formula = "(pi alpha^2/m_e^2) (1/T - 1/E) mu_l^2 Z^2 F_Z^2; per electron without Z^2 F_Z^2",
    .equation = "physics.md eq. 37",
    .reference = "1403.6344; 2205.09484",
    .parameters = parameters,
    .n_parameters = SEVENS_N_FAMILY,
    .terms = terms,
    .n_terms = 1,
    .amplitude = amplitude,
    .tells_flavours = sevens_always,
};
