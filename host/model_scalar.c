/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `scalar`: a scalar mediator of any mass. It turns the neutrino right-handed, so it does not
 * interfere with the Standard Model. physics.md eq. 35. */
#include "nucleon_charges.h"

static const named_charges names[] = {
    {"quark", {17.3, 17.3, 0.0}},      /* u and d alike: sigma_piN/m_ud, 2202.11002 [U] */
    {"all-quarks", {15.1, 14.0, 0.0}}, /* 1604.01025 */
    {"nucleon", {1.0, 1.0, 1.0}},
};

static const sevens_key options[] = {
    {.name = "charges",
     .type = SEVENS_KEY_ANY,
     .offset = offsetof(boson_options, charges_node),
     .default_text = "quark",
     .doc = "quark, all-quarks, nucleon, or {p:, n:, electron:}"},
};

static const sevens_term terms[] = {
    {SEVENS_SCALAR, SEVENS_ON_PROTON | SEVENS_ON_NEUTRON | SEVENS_ON_ELECTRON}};

static void configure(void *opaque, sevens_document *doc, const sevens_node *entry)
{
    (void)entry;
    sevens_nucleon_charges_read(opaque, names, sizeof names / sizeof names[0], doc);
}

const sevens_model_kind sevens_model_kind_scalar = {
    .name = "scalar",
    .formula = "M^2 T g^4 Q_S^2/(4 pi E^2 (2MT + m^2)^2), Q_S = C_p Z F_Z + C_n N F_N",
    .equation = "physics.md eq. 35",
    .reference = "1604.01025; 2202.11002",
    .parameters = sevens_boson_parameters,
    .n_parameters = BOSON_N_PARAMETERS,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .options_size = sizeof(boson_options),
    .terms = terms,
    .n_terms = 1,
    .configure = configure,
    .shape = sevens_boson_shape,
    .amplitude = sevens_boson_amplitude,
    .label = sevens_boson_label,
};
