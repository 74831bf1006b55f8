/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `tensor`: a tensor mediator of any mass; does not interfere with the Standard Model. Quark
 * tensor charges differ between papers, so charges are those of nucleons. physics.md eq. 36. */
#include "nucleon_charges.h"

static const named_charges names[] = {
    {"nucleon", {1.0, 1.0, 1.0}},
};

static const sevens_key options[] = {
    {.name = "charges",
     .type = SEVENS_KEY_ANY,
     .offset = offsetof(boson_options, charges_node),
     .default_text = "nucleon",
     .doc = "nucleon, or {p:, n:, electron:}"},
};

static const sevens_term terms[] = {
    {SEVENS_TENSOR, SEVENS_ON_PROTON | SEVENS_ON_NEUTRON | SEVENS_ON_ELECTRON}};

static void configure(void *opaque, sevens_document *doc, const sevens_node *entry)
{
    (void)entry;
    sevens_nucleon_charges_read(opaque, names, sizeof names / sizeof names[0], doc);
}

const sevens_model_kind sevens_model_kind_tensor = {
    .name = "tensor",
    .formula =
        "4 M g^4 Q_T^2/(pi (2MT + m^2)^2) (1 - T/E - MT/(4E^2)), Q_T = C_p Z F_Z + C_n N F_N",
    .equation = "physics.md eq. 36",
    .reference = "1612.04150; 1806.07424",
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
