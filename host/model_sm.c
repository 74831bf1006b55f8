/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `sm`: the weak interaction of the Standard Model, part of every model. Its parameters are
 * the weak mixing angle and the neutron radii; physics.md eqs. 4, 6, 33 and 34. */
#include "model_internal.h"
#include "sevens/constants.h"
#include "sevens/hd/couplings.h"
#include <math.h>
#include <string.h>

enum { S2W, RN_CS, RN_I, RN_CSI, RN_AR, RN_GE, N_PARAMETERS };

#define RADIUS(name_, default_, doc_)                                                              \
    {                                                                                              \
        .name = name_, .unit = "fm", .role = SEVENS_ROLE_TEMPLATE, .has_default = true,            \
        .default_value = default_, .min = 2.0, .max = 12.0, .doc = doc_                            \
    }

static const sevens_parameter parameters[N_PARAMETERS] = {
    [S2W] = {.name = "s2w",
             .unit = "1",
             .role = SEVENS_ROLE_COEFFICIENT,
             .has_default = true,
             .default_value = SEVENS_S2W,
             .min = 0.0,
             .max = 1.0,
             .doc = "sin^2 of the weak mixing angle at low energy"},
    [RN_CS] = RADIUS("rn_cs", 5.09, "neutron rms radius of Cs133"),
    [RN_I] = RADIUS("rn_i", 5.03, "neutron rms radius of I127"),
    [RN_CSI] = RADIUS("rn_csi", NAN, "one neutron rms radius for Cs133 and I127, when given"),
    [RN_AR] = RADIUS("rn_ar", 3.55, "neutron rms radius of Ar40"),
    [RN_GE] = RADIUS("rn_ge", NAN, "one neutron rms radius for all Ge isotopes, when given"),
};

static const sevens_key options[] = {
    {.name = "couplings",
     .type = SEVENS_KEY_CHOICE,
     .offset = offsetof(sevens_sm_options, couplings),
     .default_text = "radiative",
     .choices = "radiative|tree",
     .doc = "nucleon couplings with radiative corrections, or at tree level"},
    {.name = "form_factor",
     .type = SEVENS_KEY_CHOICE,
     .offset = offsetof(sevens_sm_options, form_factor),
     .default_text = "helm",
     .choices = "helm|fermi|klein-nystrand|none",
     .doc = "nuclear form factor"},
    {.name = "kinematics",
     .type = SEVENS_KEY_CHOICE,
     .offset = offsetof(sevens_sm_options, kinematics),
     .default_text = "k0",
     .choices = "k0|k1|k2",
     .doc = "k0 heavy nucleus, k1 exact for spin 0, k2 exact for spin 1/2"},
    {.name = "axial",
     .type = SEVENS_KEY_BOOLEAN,
     .offset = offsetof(sevens_sm_options, axial),
     .default_text = "false",
     .doc = "axial current of nuclei with spin (single particle), O(1/N^2)"},
};

/* The nucleus, eq. 4, and its spin with the option `axial`, eq. 33. */
static void couple_nucleons(const sevens_sm_options *sm, sevens_affine s2, sevens_family family,
                            sevens_coupling *contact)
{
    static const sevens_affine one = {1.0, 0.0};
    bool tree = sm->couplings == SEVENS_COUPLINGS_TREE;
    double gvp = tree ? sevens_gvp_tree(s2.c0) : sevens_gvp_radiative((int)family, s2.c0);
    sevens_affine proton = {gvp, -2.0 * s2.c1}; /* both forms have the tree-level slope */

    sevens_couple(&contact[SEVENS_CONTACT_VECTOR], SEVENS_PROTON, 1.0, proton);
    sevens_couple(&contact[SEVENS_CONTACT_VECTOR], SEVENS_NEUTRON, tree ? -0.5 : SEVENS_GVN, one);
    if (sm->axial) {
        sevens_couple(&contact[SEVENS_CONTACT_AXIAL], SEVENS_PROTON, 0.5, one);
        sevens_couple(&contact[SEVENS_CONTACT_AXIAL], SEVENS_NEUTRON, -0.5, one);
    }
}

/* The electron, eq. 34: the charged current adds 1 to both couplings of nu_e. */
static void couple_electron(sevens_affine s2, sevens_family family, sevens_coupling *contact)
{
    double charged = family == SEVENS_FAMILY_E ? 1.0 : 0.0;
    sevens_affine gV = {2.0 * s2.c0 - 0.5 + charged, 2.0 * s2.c1}, gA = {-0.5 + charged, 0.0};

    sevens_couple(&contact[SEVENS_CONTACT_VECTOR], SEVENS_ELECTRON, 1.0, gV);
    sevens_couple(&contact[SEVENS_CONTACT_AXIAL], SEVENS_ELECTRON, 1.0, gA);
}

static void amplitude(const void *opaque, const sevens_model_values *values, sevens_family family,
                      sevens_family final, sevens_coupling *contact, sevens_coupling *own)
{
    (void)own;
    if (final != family)
        return;
    couple_nucleons(opaque, values->mapped[S2W], family, contact);
    couple_electron(values->mapped[S2W], family, contact);
}

void sevens_sm_contact_terms(const sevens_sm_options *sm, sevens_term term[SEVENS_N_CONTACT])
{
    const unsigned nucleons = SEVENS_ON_PROTON | SEVENS_ON_NEUTRON;

    term[SEVENS_CONTACT_VECTOR] = (sevens_term){SEVENS_VECTOR, nucleons | SEVENS_ON_ELECTRON};
    term[SEVENS_CONTACT_AXIAL] =
        (sevens_term){SEVENS_AXIAL, sm->axial ? nucleons | SEVENS_ON_ELECTRON : SEVENS_ON_ELECTRON};
}

const sevens_model_kind sevens_model_kind_sm = {
    .name = "sm",
    .formula = "Q_W = gVp(l) Z F_Z(q) + gVn N F_N(q); electrons gV = 2 s2 -+ 1/2, gA = -+1/2",
    .equation = "physics.md eqs. 4 to 10, 33 and 34",
    .reference = "Freedman 1974; 1303.5522; 2205.09484",
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .options_size = sizeof(sevens_sm_options),
    .amplitude = amplitude,
};

void sevens_sm_radii(const double *value, const sevens_nucleus *nucleus, double *R_p_fm,
                     double *R_n_fm)
{
    bool known = nucleus->R_p_fm > 0.0 && nucleus->R_n_fm > 0.0;
    double fallback = known ? 0.0 : sevens_nucleus_radius_lewin_smith_fm(nucleus->Z + nucleus->N);
    double own = NAN, common = NAN;

    if (strcmp(nucleus->symbol, "Cs") == 0)
        own = value[RN_CS], common = value[RN_CSI];
    else if (strcmp(nucleus->symbol, "I") == 0)
        own = value[RN_I], common = value[RN_CSI];
    else if (strcmp(nucleus->symbol, "Ar") == 0)
        own = value[RN_AR];
    else if (strcmp(nucleus->symbol, "Ge") == 0)
        common = value[RN_GE];
    *R_p_fm = nucleus->R_p_fm > 0.0 ? nucleus->R_p_fm : fallback;
    *R_n_fm = !isnan(common)          ? common
              : !isnan(own)           ? own
              : nucleus->R_n_fm > 0.0 ? nucleus->R_n_fm
                                      : fallback;
}
