/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `sterile`: one more neutrino that mixes, 3+1. Coherent scattering sees all active flavours
 * alike, so a flux is reduced by what turned sterile; electrons too. physics.md eq. 43. */
#include "model_internal.h"
#include "sevens/text.h"
#include <math.h>
#include <string.h>

enum { DM2_41, U_E4_2, U_MU4_2, N_PARAMETERS };

/* dm^2 L/(4 E) of eV^2 m/MeV. */
#define PHASE 1.266933

static const sevens_parameter parameters[N_PARAMETERS] = {
    [DM2_41] = {.name = "dm2_41",
                .unit = "eV^2",
                .role = SEVENS_ROLE_TEMPLATE,
                .min = 0.0,
                .max = 1e4,
                .doc = "squared mass difference"},
    [U_E4_2] = {.name = "u_e4_2",
                .unit = "1",
                .role = SEVENS_ROLE_COEFFICIENT,
                .has_default = true,
                .min = 0.0,
                .max = 1.0,
                .doc = "|U_e4|^2"},
    [U_MU4_2] = {.name = "u_mu4_2",
                 .unit = "1",
                 .role = SEVENS_ROLE_COEFFICIENT,
                 .has_default = true,
                 .min = 0.0,
                 .max = 1.0,
                 .doc = "|U_mu4|^2"},
};

typedef struct sterile_options {
    const char *spread_text;
    double spread_m; /* completed by configure; < 0: that of the source */
} sterile_options;

static const sevens_key options[] = {
    {.name = "baseline_spread",
     .type = SEVENS_KEY_TEXT,
     .offset = offsetof(sterile_options, spread_text),
     .default_text = "auto",
     .unit = "m",
     .doc = "half the range of baselines that is averaged over; auto: 0.5 at pion sources, 2 at "
            "reactors"},
};

static void configure(void *opaque, sevens_document *doc, const sevens_node *entry)
{
    sterile_options *sterile = opaque;

    sterile->spread_m = -1.0;
    if (sterile->spread_text && strcmp(sterile->spread_text, "auto") != 0 &&
        (!sevens_parse_real(sterile->spread_text, false, &sterile->spread_m) ||
         !(sterile->spread_m >= 0.0 && sterile->spread_m <= 1e6)))
        sevens_document_fault(doc, sevens_node_get(entry, "baseline_spread"),
                              "'baseline_spread' is 'auto' or a length in m, 0 to 1e6");
}

static const char *contradiction(const void *opaque, const double *value)
{
    (void)opaque;
    return value[U_E4_2] + value[U_MU4_2] > 1.0 ? "u_e4_2 + u_mu4_2 is larger than 1" : NULL;
}

/* 4 |U_a4|^2 |U_s4|^2 with |U_s4|^2 = 1 - |U_e4|^2 - |U_mu4|^2. */
static sevens_quadratic depth(const void *opaque, const sevens_model_values *values,
                              sevens_family family)
{
    sevens_affine e = values->mapped[U_E4_2], mu = values->mapped[U_MU4_2], a, s;
    sevens_quadratic d = {0};

    (void)opaque;
    if (family == SEVENS_FAMILY_TAU)
        return d;
    a = family == SEVENS_FAMILY_E ? e : mu;
    s = (sevens_affine){1.0 - e.c0 - mu.c0, -e.c1 - mu.c1};
    d.c0 = 4.0 * a.c0 * s.c0;
    d.c1 = 4.0 * (a.c0 * s.c1 + a.c1 * s.c0);
    d.c2 = 4.0 * a.c1 * s.c1;
    return d;
}

static double spread(const sterile_options *sterile, const sevens_baseline *baseline)
{
    double own = sterile->spread_m >= 0.0 ? sterile->spread_m : baseline->spread_m;

    return fmin(own, baseline->length_m);
}

/* sin^2(k L) averaged over L +- spread is (1 - sinc(2 k spread) cos(2 k L))/2. */
static sevens_oscillation oscillation(const void *opaque, const sevens_model_values *values,
                                      const sevens_baseline *baseline)
{
    double per_m = 2.0 * PHASE * values->value[DM2_41];

    return (sevens_oscillation){per_m * baseline->length_m, per_m * spread(opaque, baseline)};
}

const sevens_model_kind sevens_model_kind_sterile = {
    .name = "sterile",
    .formula = "rate of flavour a times 1 - 4 |U_a4|^2 |U_s4|^2 <sin^2(1.266933 dm2 L/E)>",
    .equation = "physics.md eq. 43",
    .reference = "1703.00054",
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .options_size = sizeof(sterile_options),
    .configure = configure,
    .contradiction = contradiction,
    .depth = depth,
    .oscillation = oscillation,
};
