/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nucleon_charges.h"
#include "sevens/text.h"
#include <stdio.h>
#include <string.h>

const sevens_parameter sevens_boson_parameters[BOSON_N_PARAMETERS] = {
    [BOSON_G] = {.name = "g_phi",
                 .unit = "1",
                 .role = SEVENS_ROLE_COEFFICIENT,
                 .transform = SEVENS_TRANSFORM_SQUARE,
                 .has_default = true,
                 .min = 0.0,
                 .max = 100.0,
                 .doc = "coupling, sqrt of those to neutrinos and to charge 1"},
    [BOSON_M] = {.name = "m_phi",
                 .unit = "MeV",
                 .role = SEVENS_ROLE_TEMPLATE,
                 .min = 1e-9,
                 .max = 1e9,
                 .doc = "mass of the mediator"},
};

static void read_mapping(boson_options *boson, sevens_document *doc)
{
#define CHARGE(field_, doc_)                                                                       \
    {                                                                                              \
        .name = #field_, .type = SEVENS_KEY_REAL, .offset = offsetof(nucleon_charges, field_),     \
        .default_text = "0", .min = -1e6, .max = 1e6, .doc = doc_                                  \
    }
    static const sevens_key keys[] = {CHARGE(p, "of the proton"), CHARGE(n, "of the neutron"),
                                      CHARGE(electron, "of the electron")};
#undef CHARGE
    nucleon_charges c = {0};

    sevens_document_read(doc, boson->charges_node, "charges", keys, sizeof keys / sizeof keys[0],
                         &c);
    boson->charges = c;
    snprintf(boson->label, sizeof boson->label, "p %.4g, n %.4g, electron %.4g", c.p, c.n,
             c.electron);
}

void sevens_nucleon_charges_read(boson_options *boson, const named_charges *names, size_t n_names,
                                 sevens_document *doc)
{
    const sevens_node *node = boson->charges_node;
    const char *name = node && node->kind == SEVENS_NODE_SCALAR ? node->text : names[0].name;
    const char *known[8];
    char suggestion[SEVENS_SUGGESTION];

    if (node && node->kind == SEVENS_NODE_MAPPING) {
        read_mapping(boson, doc);
        return;
    }
    if (node && node->kind == SEVENS_NODE_SEQUENCE)
        sevens_document_fault(doc, node, "'charges' must be a name or {p:, n:, electron:}");
    for (size_t i = 0; i < n_names; i++) {
        known[i] = names[i].name;
        if (strcmp(known[i], name) == 0) {
            boson->charges = names[i].charges;
            snprintf(boson->label, sizeof boson->label, "%s", name);
            return;
        }
    }
    sevens_document_fault(doc, node, "unknown charges '%.60s'; %s", name,
                          sevens_suggest(suggestion, name, known, n_names));
}

void sevens_boson_shape(const void *options, const sevens_model_values *values, size_t t,
                        const sevens_target *target, size_t n, const double *q2, double *w)
{
    (void)options;
    (void)t;
    (void)target;
    sevens_mediator_shape(values->value[BOSON_M], n, q2, w);
}

void sevens_boson_amplitude(const void *options, const sevens_model_values *values,
                            sevens_family family, sevens_family final, sevens_coupling *contact,
                            sevens_coupling *own)
{
    const nucleon_charges *c = &((const boson_options *)options)->charges;
    sevens_affine D =
        sevens_affine_scale(values->mapped[BOSON_G], sevens_mediator_scale(values->value[BOSON_M]));

    (void)contact;
    if (final != family)
        return;
    sevens_couple(own, SEVENS_PROTON, c->p, D);
    sevens_couple(own, SEVENS_NEUTRON, c->n, D);
    sevens_couple(own, SEVENS_ELECTRON, c->electron, D);
}

const char *sevens_boson_label(const void *options)
{
    return ((const boson_options *)options)->label;
}
