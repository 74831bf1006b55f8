/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `zprime-axial`: axial couplings of quarks to a vector mediator; its charges are the axial
 * ones of quarks and those of the neutrinos. In one list with `zprime` it is the same boson.
 * physics.md eq. 33. */
#include "model_internal.h"
#include "sevens/constants.h"
#include "zprime_charges.h"

enum { G_ZP, M_ZP, N_PARAMETERS };

static const sevens_parameter parameters[N_PARAMETERS] = {
    [G_ZP] = {.name = "g_zp",
              .unit = "1",
              .role = SEVENS_ROLE_COEFFICIENT,
              .transform = SEVENS_TRANSFORM_SQUARE,
              .has_default = true,
              .min = 0.0,
              .max = 100.0,
              .doc = "gauge coupling of the Z'"},
    [M_ZP] = {.name = "m_zp",
              .unit = "MeV",
              .role = SEVENS_ROLE_TEMPLATE,
              .min = 1e-9,
              .max = 1e9,
              .doc = "mass of the Z'"},
};

typedef struct axial_options {
    const sevens_node *charges_node;
    zprime_charges charges; /* completed by configure */
    char label[ZPRIME_CHARGES_LABEL];
} axial_options;

static const sevens_key options[] = {
    {.name = "charges",
     .type = SEVENS_KEY_ANY,
     .offset = offsetof(axial_options, charges_node),
     .default_text = "universal",
     .doc = ZPRIME_CHARGES_DOC ", or {u:, d:, e:, mu:, tau:}; those of quarks are axial"},
};

static void configure(void *opaque, sevens_document *doc, const sevens_node *entry)
{
    axial_options *axial = opaque;

    (void)entry;
    axial->charges = sevens_zprime_charges(doc, axial->charges_node, axial->label);
    if (axial->charges.how != ZPRIME_CHARGES)
        sevens_document_fault(doc, axial->charges_node,
                              "charges '%s' have no axial couplings of quarks", axial->label);
    if (axial->charges_node && axial->charges_node->kind == SEVENS_NODE_MAPPING &&
        sevens_node_get(axial->charges_node, "electron"))
        sevens_document_fault(doc, sevens_node_get(axial->charges_node, "electron"),
                              "zprime-axial couples to quarks and neutrinos only");
}

/* The vector couplings of the same boson go with the same neutrinos. */
static void join(void *opaque, const void *zprime, sevens_document *doc, const sevens_node *entry)
{
    const axial_options *axial = opaque;
    const zprime_charges *vector = sevens_zprime_charges_of(zprime);

    if (sevens_zprime_is_halved(zprime))
        sevens_document_fault(doc, entry,
                              "norm: strigari of zprime halves its vector part alone, but "
                              "zprime-axial is the same boson: write norm: standard");
    if (vector->how != ZPRIME_CHARGES)
        sevens_document_fault(doc, entry,
                              "charges '%s' of zprime have no axial couplings of quarks: with "
                              "'as: NAME' zprime-axial is another boson",
                              vector->name);
    for (int l = 0; l < SEVENS_N_FAMILY; l++) {
        if (vector->lepton[l] != axial->charges.lepton[l]) {
            sevens_document_fault(doc, entry,
                                  "zprime and zprime-axial are one boson, but their charges give "
                                  "its neutrinos %g and %g: write the same, or 'as: NAME'",
                                  vector->lepton[l], axial->charges.lepton[l]);
            return;
        }
    }
}

static const char *label(const void *opaque)
{
    return ((const axial_options *)opaque)->label;
}

static bool tells_flavours(const void *opaque)
{
    const double *lepton = ((const axial_options *)opaque)->charges.lepton;

    return lepton[0] != lepton[1] || lepton[1] != lepton[2];
}

static void shape(const void *opaque, const sevens_model_values *values, size_t t,
                  const sevens_target *target, size_t n, const double *q2, double *w)
{
    (void)opaque;
    (void)t;
    (void)target;
    sevens_mediator_shape(values->value[M_ZP], n, q2, w);
}

/* Per unit spin of protons and neutrons; Delta u and Delta d of the proton. */
static void amplitude(const void *opaque, const sevens_model_values *values, sevens_family family,
                      sevens_family final, sevens_coupling *contact, sevens_coupling *own)
{
    const double up = 0.842, down = -0.427; /* hep-ph/0508299 and references there [U] */
    const zprime_charges *q = &((const axial_options *)opaque)->charges;
    double unit = -q->lepton[family] * sevens_mediator_scale(values->value[M_ZP]);

    (void)contact;
    if (final != family)
        return;
    sevens_couple(own, SEVENS_PROTON, unit * (q->u * up + q->d * down), values->mapped[G_ZP]);
    sevens_couple(own, SEVENS_NEUTRON, unit * (q->u * down + q->d * up), values->mapped[G_ZP]);
}

static const sevens_term terms[] = {{SEVENS_AXIAL, SEVENS_ON_PROTON | SEVENS_ON_NEUTRON}};

const sevens_model_kind sevens_model_kind_zprime_axial = {
    .name = "zprime-axial",
    .formula = "g_a - g^2 Q'_l a_N/(sqrt2 G_F (2MT + m^2)), a_N from quark spins; 0 for spin 0",
    .equation = "physics.md eq. 33",
    .reference = "hep-ph/0508299; 1612.06350",
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .options_size = sizeof(axial_options),
    .terms = terms,
    .n_terms = 1,
    .configure = configure,
    .shape = shape,
    .amplitude = amplitude,
    .label = label,
    .same_boson = "zprime",
    .join = join,
    .tells_flavours = tells_flavours,
};
