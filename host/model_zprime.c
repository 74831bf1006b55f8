/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `zprime`: a vector mediator of any mass; interferes with the Standard Model. Charges of
 * quarks and neutrinos, or of leptons alone, where the coupling to protons goes through loops.
 * physics.md eqs. 16 and 30 to 32. */
#include "model_internal.h"
#include "sevens/constants.h"
#include "sevens/hd/couplings.h"
#include "sevens/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The first parameter is the coupling, whatever its name. */
enum { COUPLING, M_ZP, LAMBDA };

#define MASS                                                                                       \
    {                                                                                              \
        .name = "m_zp", .unit = "MeV", .role = SEVENS_ROLE_TEMPLATE, .min = 1e-9, .max = 1e9,      \
        .doc = "mass of the Z'"                                                                    \
    }
#define SQUARED(name_, doc_)                                                                       \
    {                                                                                              \
        .name = name_, .unit = "1", .role = SEVENS_ROLE_COEFFICIENT,                               \
        .transform = SEVENS_TRANSFORM_SQUARE, .has_default = true, .min = 0.0, .max = 100.0,       \
        .doc = doc_                                                                                \
    }

static const sevens_parameter parameters[] = {SQUARED("g_zp", "gauge coupling of the Z'"), MASS};
static const sevens_parameter mixing_parameters[] = {
    SQUARED("eps", "mixing of the Z' with hypercharge or with the Z"), MASS};
static const sevens_parameter baryonic_parameters[] = {
    {.name = "g2_b",
     .unit = "1",
     .role = SEVENS_ROLE_COEFFICIENT,
     .has_default = true,
     .min = -1e4,
     .max = 1e4,
     .doc = "signed product of the couplings to baryons and to neutrinos"},
    MASS};
static const sevens_parameter hidden_parameters[] = {
    SQUARED("g_zp", "gauge coupling of the Z'"),
    MASS,
    {.name = "lambda",
     .unit = "MeV",
     .role = SEVENS_ROLE_TEMPLATE,
     .has_default = true,
     .default_value = 1000.0,
     .min = 1e-3,
     .max = 1e9,
     .doc = "scale of the form factor (Q2/lambda^2)^n of the hidden sector"}};

/* What the coupling to a quark is made of. */
typedef enum mechanism { CHARGES, LOOPS, HYPERCHARGE, DARK_Z, BARYONIC, HIDDEN } mechanism;

/* Charges of u, d, and of the leptons. physics.md, table of eq. 16. Dark hypercharge has the vector
 * charges (Y_L + Y_R)/2; the dark Z those of the Z. */
typedef struct assignment {
    const char *name;
    mechanism how;
    double u, d, lepton[SEVENS_N_FAMILY];
} assignment;

#define THIRD (1.0 / 3.0)

static const assignment assignments[] = {
    {"universal", CHARGES, 1.0, 1.0, {1.0, 1.0, 1.0}},
    {"b-l", CHARGES, THIRD, THIRD, {-1.0, -1.0, -1.0}},
    {"b-3l_e", CHARGES, THIRD, THIRD, {-3.0, 0.0, 0.0}},
    {"b-3l_mu", CHARGES, THIRD, THIRD, {0.0, -3.0, 0.0}},
    {"b-3l_tau", CHARGES, THIRD, THIRD, {0.0, 0.0, -3.0}},
    {"b-2l_e-l_mu", CHARGES, THIRD, THIRD, {-2.0, -1.0, 0.0}},
    {"b-l_e-2l_mu", CHARGES, THIRD, THIRD, {-1.0, -2.0, 0.0}},
    {"b_y+l_mu+l_tau", CHARGES, THIRD, THIRD, {0.0, 1.0, 1.0}},
    {"l_e-l_mu", LOOPS, 0.0, 0.0, {1.0, -1.0, 0.0}},
    {"l_e-l_tau", LOOPS, 0.0, 0.0, {1.0, 0.0, -1.0}},
    {"l_mu-l_tau", LOOPS, 0.0, 0.0, {0.0, 1.0, -1.0}},
    {"dark-hypercharge", HYPERCHARGE, 5.0 / 12.0, -1.0 / 12.0, {-0.5, -0.5, -0.5}},
    {"dark-z", DARK_Z, 0.25 - 2.0 / 3.0 * SEVENS_S2W, -0.25 + SEVENS_S2W / 3.0, {0.5, 0.5, 0.5}},
    {"baryonic", BARYONIC, THIRD, THIRD, {1.0, 1.0, 1.0}},
    {"hidden", HIDDEN, 1.0, 1.0, {1.0, 1.0, 1.0}},
};

#define N_ASSIGNMENTS (sizeof assignments / sizeof assignments[0])

typedef struct zprime_options {
    const sevens_node *charges_node;
    int norm, loop_sign, power; /* choices of the option table */
    /* Completed by configure: */
    assignment charges;
    double m_i, m_j; /* LOOPS: masses of the leptons of charge +1 and -1 [MeV] */
    char label[96];
} zprime_options;

static const sevens_key options[] = {
    {.name = "charges",
     .type = SEVENS_KEY_ANY,
     .offset = offsetof(zprime_options, charges_node),
     .default_text = "universal",
     .doc = "universal, b-l, b-3l_e, b-3l_mu, b-3l_tau, b-2l_e-l_mu, b-l_e-2l_mu, b_y+l_mu+l_tau, "
            "l_e-l_mu, l_e-l_tau, l_mu-l_tau, dark-hypercharge, dark-z, baryonic, hidden, or {u:, "
            "d:, e:, mu:, tau:}"},
    {.name = "norm",
     .type = SEVENS_KEY_CHOICE,
     .offset = offsetof(zprime_options, norm),
     .default_text = "standard",
     .choices = "standard|strigari",
     .doc = "strigari: half the amplitude, as in 1612.06350"},
    {.name = "loop_sign",
     .type = SEVENS_KEY_CHOICE,
     .offset = offsetof(zprime_options, loop_sign),
     .default_text = "1",
     .choices = "1|-1",
     .doc = "sign of the loop-induced coupling; -1 as in 2008.05022"},
    {.name = "n",
     .type = SEVENS_KEY_CHOICE,
     .offset = offsetof(zprime_options, power),
     .default_text = "1",
     .choices = "0|1",
     .doc = "power of Q2/lambda^2 for charges hidden"},
};

/* ---- options ---- */

static void named_charges(zprime_options *zp, sevens_document *doc, const char *name)
{
    static const double mass[SEVENS_N_FAMILY] = {SEVENS_M_ELECTRON, SEVENS_M_MUON, SEVENS_M_TAU};
    const char *names[N_ASSIGNMENTS];

    for (size_t i = 0; i < N_ASSIGNMENTS; i++) {
        names[i] = assignments[i].name;
        if (strcmp(names[i], name) != 0)
            continue;
        zp->charges = assignments[i];
        snprintf(zp->label, sizeof zp->label, "%s", name);
        for (int l = 0; l < SEVENS_N_FAMILY; l++) {
            zp->m_i = zp->charges.lepton[l] > 0.0 ? mass[l] : zp->m_i;
            zp->m_j = zp->charges.lepton[l] < 0.0 ? mass[l] : zp->m_j;
        }
        return;
    }
    sevens_document_fault(doc, zp->charges_node, "unknown charges '%s'; did you mean '%s'?", name,
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

    sevens_document_read(doc, zp->charges_node, "charges", keys, sizeof keys / sizeof keys[0], &c);
    zp->charges = (assignment){"free", CHARGES, c.u, c.d, {c.e, c.mu, c.tau}};
    snprintf(zp->label, sizeof zp->label, "u %.4g, d %.4g, e %.4g, mu %.4g, tau %.4g", c.u, c.d,
             c.e, c.mu, c.tau);
}

/* An option that would change nothing with these charges is refused. */
static void refuse_idle_option(sevens_document *doc, const sevens_node *entry, const char *key,
                               bool idle, const char *charges)
{
    const sevens_node *node =
        entry && entry->kind == SEVENS_NODE_MAPPING ? sevens_node_get(entry, key) : NULL;

    if (node && idle)
        sevens_document_fault(doc, node, "'%s' goes with charges %s only", key, charges);
}

static void configure(void *opaque, sevens_document *doc, const sevens_node *entry)
{
    zprime_options *zp = opaque;

    if (!zp->charges_node)
        named_charges(zp, doc, options[0].default_text);
    else if (zp->charges_node->kind == SEVENS_NODE_SCALAR)
        named_charges(zp, doc, zp->charges_node->text);
    else if (zp->charges_node->kind == SEVENS_NODE_MAPPING)
        free_charges(zp, doc);
    else
        sevens_document_fault(doc, zp->charges_node,
                              "'charges' must be a name or a mapping of charges");
    /* the defaults may stand anywhere: a scan file written out in full has them */
    refuse_idle_option(doc, entry, "loop_sign", zp->charges.how != LOOPS && zp->loop_sign != 0,
                       "l_e-l_mu, l_e-l_tau, l_mu-l_tau");
    refuse_idle_option(doc, entry, "n", zp->charges.how != HIDDEN && zp->power != 1, "hidden");
}

static const sevens_parameter *select_parameters(const void *opaque, size_t *n)
{
    const zprime_options *zp = opaque;

    *n = 2;
    switch (zp->charges.how) {
    case HYPERCHARGE:
    case DARK_Z:
        return mixing_parameters;
    case BARYONIC:
        return baryonic_parameters;
    case HIDDEN:
        *n = 3;
        return hidden_parameters;
    case CHARGES:
    case LOOPS:
        break;
    }
    return parameters;
}

static const char *label(const void *opaque)
{
    return ((const zprime_options *)opaque)->label;
}

/* ---- amplitude ---- */

/* The unit of the shape: the amplitude of a contact interaction of this mass (of 1 MeV below that),
 * so that the shape is a plain number at any mass; amplitude() multiplies it back. */
static double scale(double m)
{
    return sevens_mediator_amplitude(0.0, fmax(m, 1.0));
}

static void shape(const void *opaque, const sevens_model_values *values, size_t s, size_t n,
                  const double *q2, double *w)
{
    const zprime_options *zp = opaque;
    double m = values->value[M_ZP], unit = 1.0 / scale(m);

    (void)s; /* there is one */
    for (size_t i = 0; i < n; i++) {
        w[i] = unit * sevens_mediator_amplitude(q2[i], m);
        if (zp->charges.how == LOOPS)
            w[i] *= sevens_loop_mixing(q2[i], zp->m_i, zp->m_j);
        else if (zp->charges.how == HIDDEN && zp->power == 1)
            w[i] *= q2[i] / (values->value[LAMBDA] * values->value[LAMBDA]);
    }
}

/* g^2 per unit of the coupling parameter squared (of the product g2_b). physics.md eqs. 30 to 32.
 */
static double strength(const zprime_options *zp)
{
    switch (zp->charges.how) {
    case LOOPS:
        return 2.0 * SEVENS_ALPHA_EM / SEVENS_PI * (zp->loop_sign == 0 ? 1.0 : -1.0);
    case HYPERCHARGE: /* (e/cos theta_W)^2 */
        return 4.0 * SEVENS_PI * SEVENS_ALPHA_EM / (1.0 - SEVENS_S2W);
    case DARK_Z:
        return 4.0 * SEVENS_SQRT2 * SEVENS_G_FERMI * SEVENS_M_Z * SEVENS_M_Z;
    case CHARGES:
    case BARYONIC:
    case HIDDEN:
        break;
    }
    return 1.0;
}

static void amplitude(const void *opaque, const sevens_model_values *values, sevens_family family,
                      sevens_family final, sevens_coupling *coupling)
{
    const zprime_options *zp = opaque;
    const assignment *q = &zp->charges;
    double half = zp->norm == 0 ? 1.0 : 0.5;
    double p = q->how == LOOPS ? 1.0 : 2.0 * q->u + q->d; /* loops couple to electric charge */
    double n = q->u + 2.0 * q->d;
    sevens_affine D;

    if (final != family)
        return;
    D = sevens_affine_scale(values->mapped[COUPLING],
                            half * strength(zp) * q->lepton[family] * scale(values->value[M_ZP]));
    coupling[1].p = sevens_affine_add(coupling[1].p, sevens_affine_scale(D, p));
    coupling[1].n = sevens_affine_add(coupling[1].n, sevens_affine_scale(D, n));
}

const sevens_model_kind sevens_model_kind_zprime = {
    .name = "zprime",
    .formula =
        "Q_W + g^2 Q'_l [(2Q'_u + Q'_d) Z F_Z + (Q'_u + 2Q'_d) N F_N]/(sqrt2 G_F (2MT + m^2))",
    .equation = "physics.md eqs. 16 and 30 to 32",
    .reference = "2202.11002; 1604.01025",
    .parameters = parameters,
    .n_parameters = 2,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .options_size = sizeof(zprime_options),
    .configure = configure,
    .n_shapes = 1,
    .shape = shape,
    .amplitude = amplitude,
    .label = label,
    .select_parameters = select_parameters,
};
