/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `zprime`: a vector mediator of any mass; interferes with the Standard Model. Charges of
 * quarks and leptons, or of leptons alone, where the coupling to protons goes through loops.
 * physics.md eqs. 16, 30 to 32 and 34. */
#include "model_internal.h"
#include "sevens/constants.h"
#include "sevens/hd/couplings.h"
#include "zprime_charges.h"
#include <math.h>
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

typedef struct zprime_options {
    const sevens_node *charges_node;
    int norm, loop_sign, power; /* choices of the option table */
    /* Completed by configure: */
    zprime_charges charges;
    double m_i, m_j; /* loops: masses of the leptons of charge +1 and -1 [MeV] */
    char label[ZPRIME_CHARGES_LABEL];
} zprime_options;

static const sevens_key options[] = {
    {.name = "charges",
     .type = SEVENS_KEY_ANY,
     .offset = offsetof(zprime_options, charges_node),
     .default_text = "universal",
     .doc = ZPRIME_CHARGES_DOC ", l_e-l_mu, l_e-l_tau, l_mu-l_tau, dark-hypercharge, dark-z, "
                               "baryonic, hidden, or {u:, d:, e:, mu:, tau:, electron:}"},
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
    static const double mass[SEVENS_N_FAMILY] = {SEVENS_M_ELECTRON, SEVENS_M_MUON, SEVENS_M_TAU};
    zprime_options *zp = opaque;

    zp->charges = sevens_zprime_charges(doc, zp->charges_node, zp->label);
    for (int l = 0; l < SEVENS_N_FAMILY; l++) {
        zp->m_i = zp->charges.lepton[l] > 0.0 ? mass[l] : zp->m_i;
        zp->m_j = zp->charges.lepton[l] < 0.0 ? mass[l] : zp->m_j;
    }
    /* the defaults may stand anywhere: a scan file written out in full has them */
    refuse_idle_option(doc, entry, "loop_sign",
                       zp->charges.how != ZPRIME_LOOPS && zp->loop_sign != 0,
                       "l_e-l_mu, l_e-l_tau, l_mu-l_tau");
    refuse_idle_option(doc, entry, "n", zp->charges.how != ZPRIME_HIDDEN && zp->power != 1,
                       "hidden");
}

enum { MIXING, BARYONIC, HIDDEN, N_VARIANTS };

static const sevens_model_variant variants[N_VARIANTS] = {
    [MIXING] = {"charges: dark-hypercharge or dark-z", mixing_parameters, 2},
    [BARYONIC] = {"charges: baryonic", baryonic_parameters, 2},
    [HIDDEN] = {"charges: hidden", hidden_parameters, 3},
};

static const sevens_model_variant *select_variant(const void *opaque)
{
    switch (((const zprime_options *)opaque)->charges.how) {
    case ZPRIME_HYPERCHARGE:
    case ZPRIME_DARK_Z:
        return &variants[MIXING];
    case ZPRIME_BARYONIC:
        return &variants[BARYONIC];
    case ZPRIME_HIDDEN:
        return &variants[HIDDEN];
    case ZPRIME_CHARGES:
    case ZPRIME_LOOPS:
        break;
    }
    return NULL;
}

/* The first term couples to quarks, and to electrons unless the second does. */
enum { QUARKS, SECOND };

static const sevens_term *select_terms(const void *opaque, size_t *n)
{
    static const sevens_term nucleons[] = {{SEVENS_VECTOR, SEVENS_ON_PROTON | SEVENS_ON_NEUTRON}};
    static const sevens_term all[] = {
        {SEVENS_VECTOR, SEVENS_ON_PROTON | SEVENS_ON_NEUTRON | SEVENS_ON_ELECTRON}};
    static const sevens_term mixing[] = {
        {SEVENS_VECTOR, SEVENS_ON_PROTON | SEVENS_ON_NEUTRON | SEVENS_ON_ELECTRON},
        {SEVENS_AXIAL, SEVENS_ON_ELECTRON}};
    static const sevens_term loops[] = {{SEVENS_VECTOR, SEVENS_ON_PROTON | SEVENS_ON_ELECTRON},
                                        {SEVENS_VECTOR, SEVENS_ON_ELECTRON}}; /* tree level */
    const zprime_charges *q = &((const zprime_options *)opaque)->charges;
    bool electron = q->electron != 0.0;

    *n = 1;
    if (q->how == ZPRIME_LOOPS) {
        *n = electron ? 2 : 1;
        return loops;
    }
    if (q->electron_axial != 0.0) {
        *n = 2;
        return mixing;
    }
    return electron ? all : nucleons;
}

const zprime_charges *sevens_zprime_charges_of(const void *opaque)
{
    return &((const zprime_options *)opaque)->charges;
}

bool sevens_zprime_is_halved(const void *opaque)
{
    return ((const zprime_options *)opaque)->norm != 0;
}

static const char *label(const void *opaque)
{
    return ((const zprime_options *)opaque)->label;
}

static bool tells_flavours(const void *opaque)
{
    const double *lepton = ((const zprime_options *)opaque)->charges.lepton;

    return lepton[0] != lepton[1] || lepton[1] != lepton[2];
}

/* ---- amplitude ---- */

static void shape(const void *opaque, const sevens_model_values *values, size_t t,
                  const sevens_target *target, size_t n, const double *q2, double *w)
{
    const zprime_options *zp = opaque;

    (void)target;
    sevens_mediator_shape(values->value[M_ZP], n, q2, w);
    for (size_t i = 0; i < n && t == QUARKS; i++) {
        if (zp->charges.how == ZPRIME_HIDDEN && zp->power == 1)
            w[i] *= q2[i] / (values->value[LAMBDA] * values->value[LAMBDA]);
    }
}

/* Loops of leptons. */
static void fixed_shape(const void *opaque, size_t t, const sevens_target *target, size_t n,
                        const double *q2, double *factor)
{
    const zprime_options *zp = opaque;
    bool loops = t == QUARKS && zp->charges.how == ZPRIME_LOOPS;

    (void)target;
    for (size_t i = 0; i < n; i++)
        factor[i] = loops ? sevens_loop_mixing(q2[i], zp->m_i, zp->m_j) : 1.0;
}

/* g^2 per unit of the coupling parameter squared (of the product g2_b). physics.md eqs. 31, 32. */
static double strength(const zprime_options *zp)
{
    switch (zp->charges.how) {
    case ZPRIME_HYPERCHARGE: /* (e/cos theta_W)^2 */
        return 4.0 * SEVENS_PI * SEVENS_ALPHA_EM / (1.0 - SEVENS_S2W);
    case ZPRIME_DARK_Z:
        return 4.0 * SEVENS_SQRT2 * SEVENS_G_FERMI * SEVENS_M_Z * SEVENS_M_Z;
    case ZPRIME_CHARGES:
    case ZPRIME_LOOPS:
    case ZPRIME_BARYONIC:
    case ZPRIME_HIDDEN:
        break;
    }
    return 1.0;
}

static void amplitude(const void *opaque, const sevens_model_values *values, sevens_family family,
                      sevens_family final, sevens_coupling *contact, sevens_coupling *own)
{
    const zprime_options *zp = opaque;
    const zprime_charges *q = &zp->charges;
    double half = zp->norm == 0 ? 1.0 : 0.5; /* 1612.06350 */
    /* eq. 30: loops couple to electric charge */
    double loop = 2.0 * SEVENS_ALPHA_EM / SEVENS_PI * (zp->loop_sign == 0 ? 1.0 : -1.0);
    sevens_affine D;

    (void)contact;
    if (final != family)
        return;
    D = sevens_affine_scale(values->mapped[COUPLING],
                            half * strength(zp) * q->lepton[family] *
                                sevens_mediator_scale(values->value[M_ZP]));
    if (q->how == ZPRIME_LOOPS) {
        sevens_couple(&own[QUARKS], SEVENS_PROTON, loop, D);
        sevens_couple(&own[QUARKS], SEVENS_ELECTRON, -loop, D);
        if (q->electron != 0.0)
            sevens_couple(&own[SECOND], SEVENS_ELECTRON, q->electron, D);
        return;
    }
    sevens_couple(&own[QUARKS], SEVENS_PROTON, 2.0 * q->u + q->d, D);
    sevens_couple(&own[QUARKS], SEVENS_NEUTRON, q->u + 2.0 * q->d, D);
    sevens_couple(&own[QUARKS], SEVENS_ELECTRON, q->electron, D);
    if (q->electron_axial != 0.0)
        sevens_couple(&own[SECOND], SEVENS_ELECTRON, q->electron_axial, D);
}

const sevens_model_kind sevens_model_kind_zprime = {
    .name = "zprime",
    .formula =
        "Q_W + g^2 Q'_l [(2Q'_u + Q'_d) Z F_Z + (Q'_u + 2Q'_d) N F_N]/(sqrt2 G_F (2MT + m^2))",
    .equation = "physics.md eqs. 16, 30 to 32 and 34",
    .reference = "2202.11002; 1604.01025",
    .parameters = parameters,
    .n_parameters = 2,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .options_size = sizeof(zprime_options),
    .configure = configure,
    .shape = shape,
    .fixed_shape = fixed_shape,
    .amplitude = amplitude,
    .label = label,
    .variants = variants,
    .n_variants = N_VARIANTS,
    .select_variant = select_variant,
    .select_terms = select_terms,
    .tells_flavours = tells_flavours,
};
