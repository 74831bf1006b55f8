/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference tables of docs/physics.md: nuclei, electron shells, charges of the models. Nuclei come
 * first, then atoms, then models. */
#include "reference_internal.h"

#include <math.h>
#include <string.h>

typedef struct named_nucleus {
    const char *name;
    ref_nucleus nucleus;
} named_nucleus;

/* Z, N, mass [u], R_p, R_n [fm] (0: not given), spin up minus down of protons, neutrons */
static const named_nucleus nuclei[] = {
    {"133Cs", {55, 78, 132.905451958, 4.821, 5.09, 1, 0}},
    {"127I", {53, 74, 126.9044719, 4.766, 5.03, 1, 0}},
    {"40Ar", {18, 22, 39.9623831220, 3.448, 3.55, 0, 0}},
    {"70Ge", {32, 38, 69.92424854, 4.0584, 4.0584, 0, 0}},
    {"72Ge", {32, 40, 71.92207583, 4.0755, 4.0755, 0, 0}},
    {"73Ge", {32, 41, 72.92345896, 4.0815, 4.0815, 0, 1}},
    {"74Ge", {32, 42, 73.921177761, 4.0929, 4.0929, 0, 0}},
    {"76Ge", {32, 44, 75.921402725, 4.1006, 4.1006, 0, 0}},
    {"23Na", {11, 12, 22.9897692820, 0, 0, 1, 0}},
    {"28Si", {14, 14, 27.9769265346, 0, 0, 0, 0}},
    {"29Si", {14, 15, 28.9764946649, 0, 0, 0, 1}},
    {"30Si", {14, 16, 29.973770136, 0, 0, 0, 0}},
    {"124Xe", {54, 70, 123.9058920, 0, 0, 0, 0}},
    {"126Xe", {54, 72, 125.904298, 0, 0, 0, 0}},
    {"128Xe", {54, 74, 127.903531, 0, 0, 0, 0}},
    {"129Xe", {54, 75, 128.904780861, 0, 0, 0, 1}},
    {"130Xe", {54, 76, 129.903509347, 0, 0, 0, 0}},
    {"131Xe", {54, 77, 130.90508406, 0, 0, 0, 1}},
    {"132Xe", {54, 78, 131.904155083, 0, 0, 0, 0}},
    {"134Xe", {54, 80, 133.90539466, 0, 0, 0, 0}},
    {"136Xe", {54, 82, 135.907214484, 0, 0, 0, 0}},
};

/* Rms radius of Lewin and Smith [fm]. */
static double lewin_smith(int A)
{
    const double s = 0.9, a = 0.52; /* [fm] */
    double c = 1.23 * cbrt(A) - 0.60;
    double r0_squared = c * c + 7.0 / 3.0 * M_PI * M_PI * a * a - 5 * s * s;
    return sqrt(3.0 / 5.0 * r0_squared + 3 * s * s);
}

ref_nucleus ref_nucleus_named(const char *name)
{
    for (size_t i = 0; i < sizeof nuclei / sizeof nuclei[0]; i++)
        if (strcmp(name, nuclei[i].name) == 0) {
            ref_nucleus nucleus = nuclei[i].nucleus;
            if (nucleus.rp_fm == 0)
                nucleus.rp_fm = nucleus.rn_fm = lewin_smith(nucleus.Z + nucleus.N);
            return nucleus;
        }
    return (ref_nucleus){0};
}

ref_nucleus ref_cs133(void)
{
    return ref_nucleus_named("133Cs");
}

ref_nucleus ref_i127(void)
{
    return ref_nucleus_named("127I");
}

ref_nucleus ref_ar40(void)
{
    return ref_nucleus_named("40Ar");
}

static const ref_atom atoms[] = {
    {11, 4, {1.0708, .0635, .0305, 0}, {2, 2, 6, 1}, NULL},
    {14, 4, {1.8390, .1497, .0996, 0}, {2, 2, 6, 4}, NULL},
    {18, 6, {3.2059, .3263, .2506, .2484, .0293, .0158}, {2, 2, 2, 4, 2, 6}, NULL},
    {32,
     9,
     {11.1031, 1.4146, 1.2481, 1.2170, .1801, .1249, .1208, .0298, 0},
     {2, 2, 2, 4, 2, 2, 4, 10, 4},
     NULL},
    {53,
     14,
     {33.1694, 5.1881, 4.8521, 4.5571, 1.0721, .9310, .8750, .6308, .6193, .1860, .1230, .0506,
      .0489, 0},
     {2, 2, 2, 4, 2, 2, 4, 4, 6, 2, 6, 4, 6, 7},
     NULL},
    {54,
     17,
     {34.561, 5.453, 5.107, 4.786, 1.1487, 1.0021, .9406, .6890, .6764, .2132, .1467, .1455, .0695,
      .0675, .0233, .0134, .0121},
     {2, 2, 2, 4, 2, 2, 4, 4, 6, 2, 2, 4, 4, 6, 2, 2, 4},
     NULL},
    {55,
     16,
     {35.9846, 5.7143, 5.3594, 5.0119, 1.2110, 1.0710, 1.0030, .7405, .7266, .2323, .1724, .1613,
      .0798, .0775, .0227, 0},
     {2, 2, 2, 4, 2, 2, 4, 4, 6, 2, 2, 4, 4, 6, 2, 7},
     NULL},
};

ref_atom ref_atom_of(int Z)
{
    for (size_t i = 0; i < sizeof atoms / sizeof atoms[0]; i++)
        if (atoms[i].Z == Z)
            return atoms[i];
    return (ref_atom){0};
}

ref_model ref_standard_model(void)
{
    return (ref_model){.couplings = REF_RADIATIVE,
                       .form_factor = REF_HELM,
                       .kinematics = REF_K0,
                       .s2w = REF_S2W,
                       .m_MeV = 1};
}

typedef struct named_charges {
    const char *name;
    double quark, lepton[3], electron;
    int loop[2];
} named_charges;

static const named_charges charges_of[] = {
    {"universal", 1, {1, 1, 1}, 1, {0, 0}},
    {"b-l", 1.0 / 3, {-1, -1, -1}, -1, {0, 0}},
    {"b-3l_e", 1.0 / 3, {-3, 0, 0}, -3, {0, 0}},
    {"b-3l_mu", 1.0 / 3, {0, -3, 0}, 0, {0, 0}},
    {"b-3l_tau", 1.0 / 3, {0, 0, -3}, 0, {0, 0}},
    {"b-2l_e-l_mu", 1.0 / 3, {-2, -1, 0}, -2, {0, 0}},
    {"b-l_e-2l_mu", 1.0 / 3, {-1, -2, 0}, -1, {0, 0}},
    {"b_y+l_mu+l_tau", 1.0 / 3, {0, 1, 1}, 0, {0, 0}},
    {"baryonic", 1.0 / 3, {1, 1, 1}, 0, {0, 0}},
    {"l_e-l_mu", 0, {1, -1, 0}, 1, {0, 1}},
    {"l_e-l_tau", 0, {1, 0, -1}, 1, {0, 2}},
    {"l_mu-l_tau", 0, {0, 1, -1}, 0, {1, 2}},
};

ref_model ref_zprime(const char *charges, double g, double m_MeV)
{
    ref_model model = ref_standard_model();
    model.g = GSL_NAN;
    model.m_MeV = m_MeV;
    for (size_t i = 0; i < sizeof charges_of / sizeof charges_of[0]; i++) {
        const named_charges *c = &charges_of[i];
        if (strcmp(charges, c->name) != 0)
            continue;
        model.g = g;
        model.q_u = model.q_d = c->quark;
        model.q_e = c->electron;
        memcpy(model.q_nu, c->lepton, sizeof model.q_nu);
        memcpy(model.loop_l, c->loop, sizeof model.loop_l);
    }
    return model;
}

ref_model ref_universal(double g, double m_MeV)
{
    return ref_zprime("universal", g, m_MeV);
}

ref_model ref_b_minus_l(double g, double m_MeV)
{
    return ref_zprime("b-l", g, m_MeV);
}

ref_model ref_l_mu_minus_l_tau(double g, double m_MeV)
{
    return ref_zprime("l_mu-l_tau", g, m_MeV);
}

ref_model ref_baryonic(double g2_b, double m_MeV)
{
    ref_model model = ref_zprime("baryonic", 0, m_MeV);
    model.g2 = g2_b;
    return model;
}

/* Charges (Y_L + Y_R) / 2; the electron's axial one is (Y_L - Y_R) / 2. */
ref_model ref_dark_hypercharge(double eps, double m_MeV)
{
    static const double y_q = 1.0 / 6, y_u = 2.0 / 3, y_d = -1.0 / 3, y_l = -1.0 / 2, y_e = -1;
    ref_model model = ref_standard_model();
    model.g = eps * sqrt(4 * M_PI * REF_ALPHA / (1 - model.s2w));
    model.m_MeV = m_MeV;
    model.q_u = (y_q + y_u) / 2;
    model.q_d = (y_q + y_d) / 2;
    model.q_e = (y_l + y_e) / 2;
    model.a_e = (y_l - y_e) / 2;
    model.q_nu[0] = model.q_nu[1] = model.q_nu[2] = y_l;
    return model;
}

/* Charges T3 / 2 - s2 Q of the vector current, T3 / 2 of the axial one. */
ref_model ref_dark_z(double eps_z, double m_MeV)
{
    ref_model model = ref_standard_model();
    model.g = 2 * eps_z * REF_M_Z * sqrt(M_SQRT2 * REF_G_FERMI);
    model.m_MeV = m_MeV;
    model.q_u = 0.25 - 2.0 / 3 * model.s2w;
    model.q_d = -0.25 + 1.0 / 3 * model.s2w;
    model.q_e = -0.25 + model.s2w;
    model.a_e = -0.25;
    model.q_nu[0] = model.q_nu[1] = model.q_nu[2] = 0.5;
    return model;
}

ref_model ref_hidden(double g, double m_MeV, int n, double lambda_MeV)
{
    ref_model model = ref_universal(g, m_MeV);
    model.q_e = 0;
    model.hidden_n = n;
    model.lambda_MeV = lambda_MeV;
    return model;
}

ref_model ref_scalar(double g, double m_MeV)
{
    ref_model model = ref_standard_model();
    model.g = g;
    model.m_MeV = m_MeV;
    model.scalar_p = model.scalar_n = 17.3;
    return model;
}

ref_model ref_tensor(double g, double m_MeV)
{
    ref_model model = ref_standard_model();
    model.g = g;
    model.m_MeV = m_MeV;
    model.tensor_p = model.tensor_n = 1;
    return model;
}

ref_model ref_lma_dark(double eta, double m_MeV, double y_n, int mutau)
{
    ref_model model = ref_standard_model();
    double size = (mutau ? 2 : -2) / (3 * (cos(eta) + y_n * sin(eta)));
    for (int l = mutau ? 1 : 0; l < (mutau ? 3 : 1); l++) {
        model.nsi_u[l][l] = size * (2 * cos(eta) - sin(eta));
        model.nsi_d[l][l] = size * (2 * sin(eta) - cos(eta));
    }
    model.nsi_m_MeV = m_MeV;
    return model;
}

ref_model ref_sterile(double u_e4_2, double u_mu4_2, double dm2_eV2)
{
    ref_model model = ref_standard_model();
    model.u4_2[0] = u_e4_2;
    model.u4_2[1] = u_mu4_2;
    model.dm2_eV2 = dm2_eV2;
    model.l_m = 19.3;
    model.l_half_m = 0.5;
    return model;
}
