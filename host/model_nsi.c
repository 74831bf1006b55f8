/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `nsi`: non-standard neutral-current interactions of neutrinos with u and d quarks, vector
 * part, as contact terms. Diagonal ones interfere with the Standard Model; the others change the
 * flavour and add their own square. Real epsilons only. physics.md eq. 29. */
#include "model_internal.h"

/* Pairs of families in the order of the parameters: ee, mumu, tautau, emu, etau, mutau; of each the
 * u and the d quark. */
enum { N_PARAMETERS = 2 * MODEL_N_PAIRS };

#define EPSILON(name_, doc_)                                                                       \
    {                                                                                              \
        .name = name_, .unit = "1", .role = SEVENS_ROLE_COEFFICIENT, .has_default = true,          \
        .min = -100.0, .max = 100.0, .doc = doc_                                                   \
    }

static const sevens_parameter parameters[N_PARAMETERS] = {
    EPSILON("eps_u_ee", "epsilon of nu_e with u quarks"),
    EPSILON("eps_d_ee", "epsilon of nu_e with d quarks"),
    EPSILON("eps_u_mumu", "epsilon of nu_mu with u quarks"),
    EPSILON("eps_d_mumu", "epsilon of nu_mu with d quarks"),
    EPSILON("eps_u_tautau", "epsilon of nu_tau with u quarks"),
    EPSILON("eps_d_tautau", "epsilon of nu_tau with d quarks"),
    EPSILON("eps_u_emu", "epsilon nu_e - nu_mu with u quarks"),
    EPSILON("eps_d_emu", "epsilon nu_e - nu_mu with d quarks"),
    EPSILON("eps_u_etau", "epsilon nu_e - nu_tau with u quarks"),
    EPSILON("eps_d_etau", "epsilon nu_e - nu_tau with d quarks"),
    EPSILON("eps_u_mutau", "epsilon nu_mu - nu_tau with u quarks"),
    EPSILON("eps_d_mutau", "epsilon nu_mu - nu_tau with d quarks"),
};

static void amplitude(const void *options, const sevens_model_values *values, sevens_family family,
                      sevens_family final, sevens_coupling *contact, sevens_coupling *own)
{
    size_t pair = sevens_family_pair(family, final);
    sevens_affine u = values->mapped[2 * pair], d = values->mapped[2 * pair + 1];
    sevens_coupling *c = &contact[SEVENS_CONTACT_VECTOR];

    (void)options; /* it has none */
    (void)own;
    sevens_couple(c, SEVENS_PROTON, 2.0, u);
    sevens_couple(c, SEVENS_PROTON, 1.0, d);
    sevens_couple(c, SEVENS_NEUTRON, 1.0, u);
    sevens_couple(c, SEVENS_NEUTRON, 2.0, d);
}

const sevens_model_kind sevens_model_kind_nsi = {
    .name = "nsi",
    .formula =
        "sum_l' [Q_W delta_ll' + (2 eps_u + eps_d)_ll' Z F_Z + (eps_u + 2 eps_d)_ll' N F_N]^2",
    .equation = "physics.md eq. 29",
    .reference = "hep-ph/0508299",
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .amplitude = amplitude,
    .tells_flavours = sevens_always,
};
