/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `lma-dark`: the NSI that turn the solar mixing angle into the dark octant, mediated by a
 * boson of mass m_zp, along a direction eta of u and d couplings. physics.md eq. 44. */
#include "model_internal.h"
#include "sevens/constants.h"
#include <math.h>

enum { M_ZP, ETA, N_PARAMETERS };
enum { G2_U, G2_D, N_DERIVED };

static const sevens_parameter parameters[N_PARAMETERS] = {
    [M_ZP] = {.name = "m_zp",
              .unit = "MeV",
              .role = SEVENS_ROLE_TEMPLATE,
              .min = 1e-9,
              .max = 1e9,
              .doc = "mass of the mediator"},
    [ETA] = {.name = "eta",
             .unit = "rad",
             .role = SEVENS_ROLE_NONLINEAR,
             .min = -SEVENS_PI,
             .max = SEVENS_PI,
             .doc = "direction of the couplings: tan eta = neutron over proton"},
};

static const sevens_derived derived[N_DERIVED] = {
    [G2_U] = {.name = "g2_u", .unit = "1", .doc = "signed g^2 of neutrino and u quark"},
    [G2_D] = {.name = "g2_d", .unit = "1", .doc = "signed g^2 of neutrino and d quark"},
};

typedef struct lma_options {
    int flavour; /* index in "e|mutau" */
    double y_n;
} lma_options;

static const sevens_key options[] = {
    {.name = "flavour",
     .type = SEVENS_KEY_CHOICE,
     .offset = offsetof(lma_options, flavour),
     .default_text = "e",
     .choices = "e|mutau",
     .doc = "neutrinos that couple: nu_e with epsilon -2, or nu_mu and nu_tau with +2"},
    {.name = "y_n",
     .type = SEVENS_KEY_REAL,
     .offset = offsetof(lma_options, y_n),
     .default_text = "1.051",
     .min = 0.0,
     .max = 10.0,
     .doc = "neutrons per electron of the matter on the way; 1.051 in the Earth"},
};

static const sevens_term terms[] = {{SEVENS_VECTOR, SEVENS_ON_PROTON | SEVENS_ON_NEUTRON}};

/* cos eta + Y_n sin eta: couplings in matter, per unit coupling. */
static double matter(const lma_options *lma, const double *value)
{
    return cos(value[ETA]) + lma->y_n * sin(value[ETA]);
}

/* Epsilon of the flavours that couple, per unit of (cos eta, sin eta) of p, n. */
static double strength(const lma_options *lma, const double *value)
{
    return (lma->flavour == 0 ? -2.0 : 2.0) / matter(lma, value);
}

static const char *contradiction(const void *opaque, const double *value)
{
    return fabs(matter(opaque, value)) <= 1e-12
               ? "the couplings grow without bound at tan(eta) = -1/y_n"
               : NULL;
}

/* eps^q sqrt2 G_F m^2 with p = 2u + d, n = u + 2d. */
static double derive(const void *opaque, const double *value, size_t index)
{
    double u = (2.0 * cos(value[ETA]) - sin(value[ETA])) / 3.0;
    double d = (2.0 * sin(value[ETA]) - cos(value[ETA])) / 3.0;

    if (contradiction(opaque, value))
        return NAN;
    return SEVENS_SQRT2 * SEVENS_G_FERMI * value[M_ZP] * value[M_ZP] * strength(opaque, value) *
           (index == G2_U ? u : d);
}

static void shape(const void *opaque, const sevens_model_values *values, size_t t,
                  const sevens_target *target, size_t n, const double *q2, double *w)
{
    double m2 = values->value[M_ZP] * values->value[M_ZP];

    (void)opaque;
    (void)t;
    (void)target;
    for (size_t i = 0; i < n; i++)
        w[i] = m2 / (m2 + q2[i]);
}

static void amplitude(const void *opaque, const sevens_model_values *values, sevens_family family,
                      sevens_family final, sevens_coupling *contact, sevens_coupling *own)
{
    static const sevens_affine one = {1.0, 0.0};
    const lma_options *lma = opaque;
    double eta = values->value[ETA], in_matter = strength(lma, values->value);
    bool couples = (lma->flavour == 0) == (family == SEVENS_FAMILY_E);

    (void)contact;
    if (final != family || !couples)
        return;
    sevens_couple(own, SEVENS_PROTON, in_matter * cos(eta), one);
    sevens_couple(own, SEVENS_NEUTRON, in_matter * sin(eta), one);
}

const sevens_model_kind sevens_model_kind_lma_dark = {
    .name = "lma-dark",
    .formula = "NSI -+2 (cos eta, sin eta)/(cos eta + Y_n sin eta) of p, n times m^2/(m^2 + 2MT)",
    .equation = "physics.md eq. 44",
    .reference = "1804.03660; 1805.04530",
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .options_size = sizeof(lma_options),
    .terms = terms,
    .n_terms = 1,
    .shape = shape,
    .amplitude = amplitude,
    .contradiction = contradiction,
    .derived = derived,
    .n_derived = N_DERIVED,
    .derive = derive,
    .tells_flavours = sevens_always,
};
