/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `charge-radius`: charge radii of the neutrinos, shifts of the proton's and the electron's
 * vector coupling. With radiative couplings they replace the flavour-dependent term of gVp, which
 * is the Standard Model's radius. physics.md eqs. 38 and 39. */
#include "model_internal.h"
#include "sevens/constants.h"
#include "sevens/hd/couplings.h"

/* (2/3) m_W^2 s2 (1e-32 cm^2): shift of a coupling per radius in 1e-32 cm^2. */
#define UNIT (2.0 / 3.0 * SEVENS_M_W * SEVENS_M_W * SEVENS_S2W * 1e-32 / SEVENS_HBARC2_MEV2_CM2)

#define RADIUS(name_, default_, doc_)                                                              \
    {                                                                                              \
        .name = name_, .unit = "1e-32 cm^2", .role = SEVENS_ROLE_COEFFICIENT, .has_default = true, \
        .default_value = default_, .min = -1e6, .max = 1e6, .doc = doc_                            \
    }

static const sevens_parameter parameters[MODEL_N_PAIRS] = {
    RADIUS("r2_ee", -0.83, "charge radius <r^2> of nu_e"),
    RADIUS("r2_mumu", -0.48, "charge radius <r^2> of nu_mu"),
    RADIUS("r2_tautau", -0.30, "charge radius <r^2> of nu_tau"),
    RADIUS("r2_emu", 0.0, "transition radius nu_e - nu_mu"),
    RADIUS("r2_etau", 0.0, "transition radius nu_e - nu_tau"),
    RADIUS("r2_mutau", 0.0, "transition radius nu_mu - nu_tau"),
};

static void amplitude(const void *options, const sevens_model_values *values, sevens_family family,
                      sevens_family final, sevens_coupling *contact, sevens_coupling *own)
{
    static const sevens_affine one = {1.0, 0.0};
    sevens_affine r2 = values->mapped[sevens_family_pair(family, final)];
    sevens_coupling *vector = &contact[SEVENS_CONTACT_VECTOR];
    bool radiative = values->sm->couplings == SEVENS_COUPLINGS_RADIATIVE;

    (void)options;
    (void)own;
    sevens_couple(vector, SEVENS_PROTON, -UNIT, r2);
    sevens_couple(vector, SEVENS_ELECTRON, UNIT, r2);
    if (final == family && radiative)
        sevens_couple(vector, SEVENS_PROTON,
                      SEVENS_GVP_0 - sevens_gvp_radiative((int)family, SEVENS_S2W), one);
}

const sevens_model_kind sevens_model_kind_charge_radius = {
    .name = "charge-radius",
    .formula =
        "gVp = gVp0 - (2/3) m_W^2 s2 <r^2_ll>; transitions add their square; electrons gV + ...",
    .equation = "physics.md eqs. 38 and 39",
    .reference = "1403.6344; 2205.09484",
    .parameters = parameters,
    .n_parameters = MODEL_N_PAIRS,
    .amplitude = amplitude,
    .tells_flavours = sevens_always,
};
