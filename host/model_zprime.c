/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `zprime`: a vector mediator of any mass with charges of quarks and neutrinos; interferes
 * with the Standard Model. physics.md eq. 16. */
#include "model_internal.h"
#include "sevens/constants.h"
#include "sevens/hd/couplings.h"
#include "sevens/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { G_ZP, M_ZP, N_PARAMETERS };

static const sevens_parameter parameters[N_PARAMETERS] = {
    [G_ZP] = {.name = "g_zp",
              .unit = "1",
              .role = SEVENS_ROLE_COEFFICIENT,
              .transform = SEVENS_TRANSFORM_SQUARE,
              .has_default = true,
              .default_value = 0.0,
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

typedef struct zprime_options {
    const sevens_node *charges;
    int norm;
    /* Completed by configure: */
    double quark_u, quark_d, lepton[SEVENS_N_FAMILY];
    char label[96];
} zprime_options;

/* Charges of the quarks (u and d alike) and of the leptons. physics.md, table of eq. 16. */
static const struct {
    const char *name;
    double quark, lepton[SEVENS_N_FAMILY];
} assignments[] = {
    {"universal", 1.0, {1.0, 1.0, 1.0}},           {"b-l", 1.0 / 3.0, {-1.0, -1.0, -1.0}},
    {"b-3l_e", 1.0 / 3.0, {-3.0, 0.0, 0.0}},       {"b-3l_mu", 1.0 / 3.0, {0.0, -3.0, 0.0}},
    {"b-3l_tau", 1.0 / 3.0, {0.0, 0.0, -3.0}},     {"b-2l_e-l_mu", 1.0 / 3.0, {-2.0, -1.0, 0.0}},
    {"b-l_e-2l_mu", 1.0 / 3.0, {-1.0, -2.0, 0.0}}, {"b_y+l_mu+l_tau", 1.0 / 3.0, {0.0, 1.0, 1.0}},
};

#define N_ASSIGNMENTS (sizeof assignments / sizeof assignments[0])

static const sevens_key options[] = {
    {.name = "charges",
     .type = SEVENS_KEY_ANY,
     .offset = offsetof(zprime_options, charges),
     .default_text = "universal",
     .doc = "universal, b-l, b-3l_e, b-3l_mu, b-3l_tau, b-2l_e-l_mu, b-l_e-2l_mu, b_y+l_mu+l_tau, "
            "or {u:, d:, e:, mu:, tau:}"},
    {.name = "norm",
     .type = SEVENS_KEY_CHOICE,
     .offset = offsetof(zprime_options, norm),
     .default_text = "standard",
     .choices = "standard|strigari",
     .doc = "strigari: half the amplitude, as in 1612.06350"},
};

static void named_charges(zprime_options *zp, sevens_document *doc, const char *name)
{
    const char *names[N_ASSIGNMENTS];

    for (size_t i = 0; i < N_ASSIGNMENTS; i++) {
        names[i] = assignments[i].name;
        if (strcmp(names[i], name) != 0)
            continue;
        zp->quark_u = zp->quark_d = assignments[i].quark;
        memcpy(zp->lepton, assignments[i].lepton, sizeof zp->lepton);
        snprintf(zp->label, sizeof zp->label, "%s", names[i]);
        return;
    }
    sevens_document_fault(doc, zp->charges, "unknown charges '%s'; did you mean '%s'?", name,
                          names[sevens_nearest(name, names, N_ASSIGNMENTS)]);
}

static void free_charges(zprime_options *zp, sevens_document *doc)
{
    typedef struct charges {
        double u, d, e, mu, tau;
    } charges;
#define CHARGE(field_)                                                                             \
    {                                                                                              \
        .name = #field_, .type = SEVENS_KEY_REAL, .offset = offsetof(charges, field_),             \
        .default_text = "0", .min = -1000.0, .max = 1000.0, .doc = "charge of " #field_            \
    }
    static const sevens_key keys[] = {CHARGE(u), CHARGE(d), CHARGE(e), CHARGE(mu), CHARGE(tau)};
#undef CHARGE
    charges c = {0};

    sevens_document_read(doc, zp->charges, "charges", keys, sizeof keys / sizeof keys[0], &c);
    zp->quark_u = c.u;
    zp->quark_d = c.d;
    zp->lepton[SEVENS_FAMILY_E] = c.e;
    zp->lepton[SEVENS_FAMILY_MU] = c.mu;
    zp->lepton[SEVENS_FAMILY_TAU] = c.tau;
    snprintf(zp->label, sizeof zp->label, "u %.4g, d %.4g, e %.4g, mu %.4g, tau %.4g", c.u, c.d,
             c.e, c.mu, c.tau);
}

static void configure(void *opaque, sevens_document *doc, const sevens_node *entry)
{
    zprime_options *zp = opaque;

    (void)entry;
    if (!zp->charges)
        named_charges(zp, doc, options[0].default_text);
    else if (zp->charges->kind == SEVENS_NODE_SCALAR)
        named_charges(zp, doc, zp->charges->text);
    else if (zp->charges->kind == SEVENS_NODE_MAPPING)
        free_charges(zp, doc);
    else
        sevens_document_fault(doc, zp->charges, "'charges' must be a name or a mapping of charges");
}

static const char *label(const void *opaque)
{
    return ((const zprime_options *)opaque)->label;
}

/* The unit of the shape: the amplitude of a contact interaction of this mass (of 1 MeV below that),
 * so that the shape is a plain number at any mass; amplitude() multiplies it back. */
static double scale(double m)
{
    return sevens_mediator_amplitude(0.0, fmax(m, 1.0));
}

static void shape(const void *opaque, const sevens_model_values *values, size_t s, size_t n,
                  const double *q2, double *w)
{
    double m = values->value[M_ZP];
    double unit = 1.0 / scale(m);

    (void)opaque, (void)s; /* there is one */
    for (size_t i = 0; i < n; i++)
        w[i] = unit * sevens_mediator_amplitude(q2[i], m);
}

static void amplitude(const void *opaque, const sevens_model_values *values, sevens_family family,
                      sevens_coupling *coupling)
{
    const zprime_options *zp = opaque;
    double half = zp->norm == 0 ? 1.0 : 0.5;
    sevens_affine D = sevens_affine_scale(values->mapped[G_ZP],
                                          half * zp->lepton[family] * scale(values->value[M_ZP]));

    coupling[1].p =
        sevens_affine_add(coupling[1].p, sevens_affine_scale(D, 2.0 * zp->quark_u + zp->quark_d));
    coupling[1].n =
        sevens_affine_add(coupling[1].n, sevens_affine_scale(D, zp->quark_u + 2.0 * zp->quark_d));
}

const sevens_model_kind sevens_model_kind_zprime = {
    .name = "zprime",
    .formula =
        "Q_W + g^2 Q'_l [(2Q'_u + Q'_d) Z F_Z + (Q'_u + 2Q'_d) N F_N]/(sqrt2 G_F (2MT + m^2))",
    .equation = "physics.md eq. 16",
    .reference = "2202.11002; 1604.01025",
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .options_size = sizeof(zprime_options),
    .configure = configure,
    .n_shapes = 1,
    .shape = shape,
    .amplitude = amplitude,
    .label = label,
};
