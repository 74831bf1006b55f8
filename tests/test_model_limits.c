/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits in which one kind of new physics is another, or none, and lines on which rates vanish or
 * return: docs/physics.md gives the numbers. Those of Z' and NSI in counts are in
 * test_vector_models.c, of the 3+1 model in test_sterile.c. */
#include "sevens/constants.h"
#include "sevens/fit.h"
#include "test_model_support.h"
#include <gsl/gsl_errno.h>

static const char *const nuclei[] = {"Cs133", "I127", "Ar40"};

/* ---- mediators ---- */

/* Far above the momentum transfer only g/m counts. */
START_TEST(heavy_scalar_and_tensor)
{
    static const char *const scans[] = {
        TEST_MODEL_ES("{kind: scalar, charges: {p: 1.2, n: 0.7, electron: 300}}, parameters: "
                      "{m_phi: 3.0e+6}"),
        TEST_MODEL_ES("{kind: tensor, charges: {p: 1.2, n: 0.7, electron: 300}}, parameters: "
                      "{m_phi: 3.0e+6}")};

    for (int i = 0; i < 2; i++) {
        test_problem t = test_problem_make(scans[i]);
        double sm[TEST_N_BIN], low[TEST_N_BIN], high[TEST_N_BIN];

        test_signal(&t, sm);
        test_set(&t, "g_phi", 9.0);
        test_signal(&t, low);
        test_set(&t, "m_phi", 3e7);
        test_set(&t, "g_phi", 90.0);
        test_signal(&t, high);
        for (int b = 0; b < TEST_N_BIN; b++) {
            ck_assert(low[b] > 1.05 * sm[b]);
            ck_close(low[b] - sm[b], high[b] - sm[b], 0.0, 1e-8);
        }
        test_problem_free(&t);
    }
}
END_TEST

/* Universal charges, heavy mediator, tree level, no form factor: the rate vanishes at g^2 = sqrt2
 * G_F Q_0 m^2/(3A) and is that of the Standard Model at twice that. */
START_TEST(universal_lines)
{
    const double m = 1e5, E = 31.0, T = 3e-3;
    test_problem t = test_problem_make(
        TEST_MODEL("[{kind: zprime, charges: universal}, {kind: sm, couplings: tree, form_factor: "
                   "none}], parameters: {m_zp: 1.0e+5}"));
    double sm[TEST_N_BIN], at[TEST_N_BIN];

    for (int i = 0; i < 3; i++) {
        const sevens_nucleus *nucleus = sevens_nucleus_find(nuclei[i]);
        double A = nucleus->Z + nucleus->N, Q_0 = 0.5 * nucleus->N - 0.02286 * nucleus->Z;
        double zero = m * sqrt(SEVENS_SQRT2 * SEVENS_G_FERMI * Q_0 / (3.0 * A)), rate;

        test_set(&t, "g_zp", 0.0);
        rate = test_xsec(&t, SEVENS_CEVNS, nuclei[i], SEVENS_NU_E, E, T);
        test_set(&t, "g_zp", zero);
        ck_close(test_xsec(&t, SEVENS_CEVNS, nuclei[i], SEVENS_NU_E, E, T), 0.0, 1e-12 * rate, 0.0);
        test_set(&t, "g_zp", SEVENS_SQRT2 * zero);
        ck_close(test_xsec(&t, SEVENS_CEVNS, nuclei[i], SEVENS_NU_MU, E, T), rate, 0.0, 1e-6);
        if (i == 2) {
            ck_close(zero / m, 1.206e-6, 5e-10, 0.0);
            ck_close(SEVENS_SQRT2 * zero / m, 1.706e-6, 5e-10, 0.0);
        }
    }
    /* CsI as a whole: not quite zero, since the two nuclei differ */
    test_set(&t, "g_zp", 0.0);
    test_signal(&t, sm);
    test_set(&t, "g_zp", 1.247e-6 * m);
    test_signal(&t, at);
    for (int b = 0; b < TEST_N_BIN; b++)
        ck_assert(at[b] < 3e-5 * sm[b]);
    test_set(&t, "g_zp", 1.763e-6 * m);
    test_signal(&t, at);
    test_same_counts(at, sm, 0.0, 5e-3);
    test_problem_free(&t);
}
END_TEST

/* Two straight lines in the plane of eps_u and eps_d of one nucleus have the rate of the Standard
 * Model. */
START_TEST(nsi_lines)
{
    const double E = 27.0, T = 1.7e-3;
    test_problem t = test_problem_make(
        TEST_MODEL("[{kind: nsi}, {kind: sm, couplings: tree, form_factor: none}]"));

    for (int i = 0; i < 3; i++) {
        const sevens_nucleus *nucleus = sevens_nucleus_find(nuclei[i]);
        double Z = nucleus->Z, N = nucleus->N, Q = (0.5 - 2.0 * SEVENS_S2W) * Z - 0.5 * N, sm;

        test_set(&t, "eps_u_ee", 0.0);
        test_set(&t, "eps_d_ee", 0.0);
        sm = test_xsec(&t, SEVENS_CEVNS, nuclei[i], SEVENS_NU_E, E, T);
        for (double u = -1.1; u < 1.2; u += 0.6) {
            test_set(&t, "eps_u_ee", u);
            test_set(&t, "eps_d_ee", -(2.0 * Z + N) * u / (Z + 2.0 * N));
            ck_close(test_xsec(&t, SEVENS_CEVNS, nuclei[i], SEVENS_NU_E, E, T), sm, 0.0, 1e-12);
            test_set(&t, "eps_d_ee", (-2.0 * Q - (2.0 * Z + N) * u) / (Z + 2.0 * N));
            ck_close(test_xsec(&t, SEVENS_CEVNS, nuclei[i], SEVENS_NU_E, E, T), sm, 0.0, 1e-12);
        }
    }
    test_problem_free(&t);
}
END_TEST

/* Loops of muons and taus are a kinetic mixing of g/69.3 with the photon: a coupling to electric
 * charge. */
START_TEST(loops_are_kinetic_mixing)
{
    const double g = 2.4e-3, m = 40.0, e = sqrt(4.0 * SEVENS_PI * SEVENS_ALPHA_EM);
    test_problem t = test_problem_make(
        TEST_MODEL("{kind: zprime, charges: l_mu-l_tau}, parameters: {m_zp: 40, g_zp: 2.4e-3}"));
    double unit = g * e / (SEVENS_SQRT2 * SEVENS_G_FERMI * m * m), proton;

    proton = test_coefficient(&t, SEVENS_N_CONTACT, SEVENS_PROTON, SEVENS_FAMILY_MU, 0.0) / unit;
    ck_close(g / proton, 69.3, 0.05, 0.0);
    ck_close(proton, e * g * log(SEVENS_M_TAU / SEVENS_M_MUON) / (6.0 * SEVENS_PI * SEVENS_PI), 0.0,
             1e-10);
    ck_close(test_coefficient(&t, SEVENS_N_CONTACT, SEVENS_PROTON, SEVENS_FAMILY_TAU, 0.0) / unit,
             -proton, 0.0, 1e-13);
    ck_close(test_coefficient(&t, SEVENS_N_CONTACT, SEVENS_ELECTRON, SEVENS_FAMILY_MU, 0.0) / unit,
             -proton, 0.0, 1e-13);
    ck_close(test_coefficient(&t, SEVENS_N_CONTACT, SEVENS_NEUTRON, SEVENS_FAMILY_MU, 0.0), 0.0,
             0.0, 0.0);
    ck_close(test_coefficient(&t, SEVENS_N_CONTACT, SEVENS_PROTON, SEVENS_FAMILY_E, 0.0), 0.0, 0.0,
             0.0);
    test_problem_free(&t);
}
END_TEST

static double crossing(const char *scan)
{
    test_problem t = test_problem_make(scan);
    sevens_intervals found;
    sevens_error err = {0};
    double g;

    ck_assert_msg(sevens_fit_intervals(t.problem, 0, 4.0, true, &found, &err) == SEVENS_OK, "%s",
                  err.message);
    ck_assert(found.n >= 1 && found.interval[0].lo_open && !found.interval[0].hi_open);
    g = found.interval[0].hi;
    sevens_intervals_free(&found);
    test_problem_free(&t);
    return g;
}

/* Electrons give the strongest limit below 1 MeV; from 10 MeV up they do not matter. */
START_TEST(electrons_matter_below_an_mev)
{
#define G_SCAN(charges, mass, data)                                                                \
    "{schema: 1, name: t, model: {kind: zprime, charges: " charges "}, parameters: {m_zp: " mass   \
    "}, axes: [{param: g_zp, min: 1.0e-6, max: 1.0e-1, n: 20, spacing: log}], " data
#define PAIR(charges, mass)                                                                        \
    {                                                                                              \
        G_SCAN(charges, mass, TEST_CSI), G_SCAN(charges, mass, TEST_CSI_ES)                        \
    }
    static const char *const heavy[][2] = {PAIR("universal", "10"),   PAIR("universal", "100"),
                                           PAIR("universal", "1000"), PAIR("b-l", "10"),
                                           PAIR("b-l", "100"),        PAIR("b-l", "1000")};
    static const char *const light[][2] = {PAIR("universal", "0.1"), PAIR("b-l", "0.1")};

    for (int i = 0; i < 6; i++)
        ck_close(crossing(heavy[i][1]), crossing(heavy[i][0]), 0.0, 3e-6);
    for (int i = 0; i < 2; i++)
        ck_assert(crossing(light[i][1]) < 0.5 * crossing(light[i][0]));
}
END_TEST

/* ---- photon exchange ---- */

/* A dipole portal to a massless N4 is a magnetic moment, for each flavour alone. */
START_TEST(massless_portal_is_a_moment)
{
    static const char *const names[][2] = {{"mu_d_e", "mu_nu_e"}, {"mu_d_mu", "mu_nu_mu"}};
    test_problem portal = test_problem_make(TEST_MODEL("dipole-portal, parameters: {m4: 0}"));
    test_problem moment = test_problem_make(TEST_MODEL("magnetic-moment"));
    double sm[TEST_N_BIN], a[TEST_N_BIN], b[TEST_N_BIN];

    test_signal(&moment, sm);
    for (int i = 0; i < 2; i++) {
        test_set(&portal, names[i][0], 4e-9);
        test_set(&moment, names[i][1], 4e-9);
        test_signal(&moment, b);
        for (double m4 = 0.0; m4 < 0.01; m4 += 0.005) {
            test_set(&portal, "m4", m4);
            test_signal(&portal, a);
            for (int k = 0; k < TEST_N_BIN; k++)
                ck_close(a[k] - sm[k], b[k] - sm[k], 1e-14 * sm[k], m4 == 0.0 ? 1e-9 : 1e-5);
        }
        ck_assert(a[30] > 1.01 * sm[30]);
        test_set(&portal, names[i][0], 0.0);
        test_set(&moment, names[i][1], 0.0);
    }
    test_problem_free(&portal);
    test_problem_free(&moment);
}
END_TEST

/* What a moment adds grows with its square, on nuclei and electrons, whatever its sign. */
START_TEST(moments_square)
{
    test_problem t = test_problem_make(TEST_MODEL_ES("magnetic-moment"));
    double sm[TEST_N_BIN], one[TEST_N_BIN], three[TEST_N_BIN];

    test_signal(&t, sm);
    test_set(&t, "mu_nu_mu", 1e-8);
    test_signal(&t, one);
    test_set(&t, "mu_nu_mu", -3e-8);
    test_signal(&t, three);
    for (int b = 0; b < TEST_N_BIN; b++) {
        ck_assert(one[b] > 1.001 * sm[b]);
        ck_close(three[b] - sm[b], 9.0 * (one[b] - sm[b]), 0.0, 1e-10);
    }
    test_problem_free(&t);
}
END_TEST

/* The amplitude of a charge is 1/T: what a transition charge adds without form factors is k/T^2. */
START_TEST(millicharge_amplitude)
{
    const double E = 44.0, T = 6e-4, q = 3e-6;
    test_problem t =
        test_problem_make(TEST_MODEL("[{kind: millicharge}, {kind: sm, form_factor: none}]"));
    double M = sevens_nucleus_mass_MeV(sevens_nucleus_find("Cs133")), sm[2], added[2], unit;

    for (int i = 0; i < 2; i++)
        sm[i] = test_xsec(&t, SEVENS_CEVNS, "Cs133", SEVENS_NU_E, E, T / (1 + i));
    test_set(&t, "q_etau", q);
    for (int i = 0; i < 2; i++) {
        double k = 1.0 - M * T / (1 + i) / (2.0 * E * E);

        added[i] = (test_xsec(&t, SEVENS_CEVNS, "Cs133", SEVENS_NU_E, E, T / (1 + i)) - sm[i]) / k;
    }
    ck_close(added[1], 4.0 * added[0], 0.0, 1e-12);
    unit = 55.0 * SEVENS_SQRT2 * SEVENS_PI * SEVENS_ALPHA_EM * q / (SEVENS_G_FERMI * M * T);
    ck_close(added[0],
             SEVENS_HBARC2_MEV2_CM2 * SEVENS_G_FERMI * SEVENS_G_FERMI * M / SEVENS_PI * unit * unit,
             0.0, 1e-12);
    test_problem_free(&t);
}
END_TEST

/* A charge radius is a charge -Q2 <r^2>/6, up to the ratio of m_W^2 s2 to pi alpha/(sqrt2 G_F): on
 * nuclei and on electrons. */
START_TEST(charge_radius_is_a_charge)
{
    const double E = 39.0, ratio = SEVENS_M_W * SEVENS_M_W * SEVENS_S2W * SEVENS_SQRT2 *
                                   SEVENS_G_FERMI / (SEVENS_PI * SEVENS_ALPHA_EM);
    static const struct {
        sevens_process process;
        double T;
    } cases[] = {{SEVENS_CEVNS, 2e-4}, {SEVENS_CEVNS, 1.1e-2}, {SEVENS_ES, 5e-2}, {SEVENS_ES, 7.0}};
    test_problem radius =
        test_problem_make(TEST_MODEL("[{kind: charge-radius}, {kind: sm, couplings: tree}]"));
    test_problem charge =
        test_problem_make(TEST_MODEL("[{kind: millicharge}, {kind: sm, couplings: tree}]"));

    ck_close(ratio, 1.10897, 5e-6, 0.0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sevens_process process = cases[i].process;
        double T = cases[i].T, M = process == SEVENS_ES
                                       ? SEVENS_M_ELECTRON
                                       : sevens_nucleus_mass_MeV(sevens_nucleus_find("I127"));
        double unit = -2.0 * M * T / 6.0 * 1e-32 / SEVENS_HBARC2_MEV2_CM2 * ratio;

        test_set(&radius, "r2_mumu", 23.0);
        test_set(&charge, "q_mumu", 23.0 * unit);
        test_set(&radius, "r2_emu", 0.0);
        test_set(&charge, "q_emu", 0.0);
        ck_close(test_xsec(&radius, process, "I127", SEVENS_NUBAR_MU, E, T),
                 test_xsec(&charge, process, "I127", SEVENS_NUBAR_MU, E, T), 0.0, 1e-11);
        test_set(&radius, "r2_emu", -6.5);
        test_set(&charge, "q_emu", -6.5 * unit);
        ck_close(test_xsec(&radius, process, "I127", SEVENS_NU_MU, E, T),
                 test_xsec(&charge, process, "I127", SEVENS_NU_MU, E, T), 0.0, 1e-11);
    }
    test_problem_free(&radius);
    test_problem_free(&charge);
}
END_TEST

/* The radii of the Standard Model, and the couplings of the proton that they give. */
START_TEST(standard_charge_radii)
{
    static const struct {
        const char *name;
        double m, radius, coupling;
    } lepton[] = {{"r2_ee", SEVENS_M_ELECTRON, -0.83, 0.0405},
                  {"r2_mumu", SEVENS_M_MUON, -0.48, 0.0313},
                  {"r2_tautau", SEVENS_M_TAU, -0.30, 0.0265}};
    const double pi2 = SEVENS_PI * SEVENS_PI;
    test_problem t = test_problem_make(TEST_MODEL("charge-radius"));

    for (int l = 0; l < 3; l++) {
        size_t row = sevens_model_find(t.problem->model, lepton[l].name);
        sevens_model_point point = {t.value, row};
        sevens_coupling c[SEVENS_MODEL_MAX_TERMS];
        double mass_log = log(SEVENS_M_W * SEVENS_M_W / (lepton[l].m * lepton[l].m));
        double r = -SEVENS_G_FERMI / (2.0 * SEVENS_SQRT2 * pi2) * (3.0 + 2.0 * mass_log) *
                   SEVENS_HBARC2_MEV2_CM2 / 1e-32;
        double radiative = SEVENS_ALPHA_EM / (3.0 * SEVENS_PI) * (mass_log + 1.5), slope;

        ck_close(r, lepton[l].radius, 5e-3, 0.0);
        ck_close(t.value[row], lepton[l].radius, 0.0, 0.0);
        ck_close(test_coefficient(&t, SEVENS_CONTACT_VECTOR, SEVENS_PROTON, (sevens_family)l, 0.0),
                 lepton[l].coupling, 5e-5, 0.0);
        sevens_model_amplitude(t.problem->model, &point, (sevens_family)l, (sevens_family)l, c);
        slope = c[SEVENS_CONTACT_VECTOR].to[SEVENS_PROTON].c1;
        ck_close(slope, -0.0263885, 5e-8, 0.0);
        ck_close(slope * r / radiative, 1.10897, 1e-5, 0.0);
        ck_close(c[SEVENS_CONTACT_VECTOR].to[SEVENS_ELECTRON].c1, -slope, 0.0, 1e-14);
    }
    test_problem_free(&t);
}
END_TEST

/* ---- LMA-Dark ---- */

/* A heavy mediator is the NSI of the specification in the flavours that couple; a light one does
 * nothing; where no coupling gives an effect in matter the point is invalid. */
START_TEST(lma_dark)
{
    static const char *const scans[] = {
        TEST_MODEL("{kind: lma-dark, flavour: e}, parameters: {m_zp: 1.0e+7, eta: 0}"),
        TEST_MODEL("{kind: lma-dark, flavour: mutau}, parameters: {m_zp: 1.0e+7, eta: 0}")};
    static const char *const names[][2] = {{"eps_u_ee", "eps_d_ee"}, {"eps_u_mumu", "eps_d_mumu"}};
    static const double etas[] = {-1.3, 0.21, 2.9};
    const double Y_n = 1.051;

    for (int flavour = 0; flavour < 2; flavour++) {
        test_problem lma = test_problem_make(scans[flavour]);
        test_problem nsi = test_problem_make(TEST_MODEL("nsi"));
        double sm[TEST_N_BIN], a[TEST_N_BIN], b[TEST_N_BIN];

        test_signal(&nsi, sm);
        for (int i = 0; i < 3; i++) {
            double c = cos(etas[i]), s = sin(etas[i]);
            double unit = (flavour == 0 ? -2.0 : 2.0) / (3.0 * (c + Y_n * s));

            test_set(&lma, "eta", etas[i]);
            test_set(&lma, "m_zp", 1e7);
            test_set(&nsi, names[flavour][0], unit * (2.0 * c - s));
            test_set(&nsi, names[flavour][1], unit * (2.0 * s - c));
            test_signal(&lma, a);
            test_signal(&nsi, b);
            test_same_counts(a, b, 0.0, 1e-9);
            ck_assert(fabs(a[30] - sm[30]) > 0.01 * sm[30]);
            test_set(&lma, "m_zp", 1e-3);
            test_signal(&lma, a);
            test_same_counts(a, sm, 0.0, 1e-6);
        }
        ck_assert_ptr_null(sevens_model_contradiction(lma.problem->model, lma.value));
        test_set(&lma, "eta", -atan(1.0 / Y_n));
        ck_assert_ptr_nonnull(sevens_model_contradiction(lma.problem->model, lma.value));
        ck_assert(sevens_problem_chi2(lma.problem, lma.work, lma.value, NULL) == INFINITY);
        test_problem_free(&lma);
        test_problem_free(&nsi);
    }
}
END_TEST

/* ---- rows ---- */

/* Third differences vanish and the row is the points on it, in x = f(value) of one parameter. */
static double check_row(test_problem *t, size_t parameter)
{
    sevens_transform transform = sevens_model_parameter(t->problem->model, parameter)->transform;
    sevens_model_point point = {t->value, parameter};
    double row[3 * TEST_N_BIN], at[4][TEST_N_BIN], keep = t->value[parameter], A = 0.0, C = 0.0, h;

    sevens_templates_update(t->work->templates[0], &point);
    sevens_templates_row(t->work->templates[0], &point, row);
    for (int b = 0; b < TEST_N_BIN; b++) {
        A += row[b];
        C += row[2 * TEST_N_BIN + b];
    }
    h = C != 0.0 ? fmin(0.33, 0.5 * sqrt(A / fabs(C))) : 0.1;
    for (int i = 0; i < 4; i++) {
        double x = i * h;

        t->value[parameter] = sevens_transform_invert(transform, x);
        test_signal(t, at[i]);
        for (int b = 0; b < TEST_N_BIN; b++)
            ck_close(row[b] + x * (row[TEST_N_BIN + b] + x * row[2 * TEST_N_BIN + b]), at[i][b],
                     1e-12 * A, 1e-11);
    }
    t->value[parameter] = keep;
    for (int b = 0; b < TEST_N_BIN; b++)
        ck_close(at[3][b] - 3.0 * at[2][b] + 3.0 * at[1][b] - at[0][b], 0.0,
                 1e-13 * (at[3][b] + at[2][b] + at[1][b] + at[0][b]), 0.0);
    return C;
}

/* Every coefficient of every kind, with others at work beside it. */
START_TEST(rows_are_parabolas)
{
    static const char *const scans[] = {
        TEST_MODEL_ES("{kind: sm, axial: true, kinematics: k2}"),
        TEST_MODEL_ES("[{kind: nsi}, {kind: zprime, charges: dark-z}], parameters: {m_zp: 12, eps: "
                      "1.0e-4, eps_u_ee: 0.2, eps_d_emu: -0.1}"),
        TEST_MODEL_ES("[{kind: zprime, charges: b-l}, {kind: zprime-axial, charges: {u: 0.3, d: "
                      "-0.2, e: -1, mu: -1, tau: -1}}], parameters: {m_zp: 2, g_zp: 3.0e-5}"),
        TEST_MODEL_ES("[{kind: zprime, charges: l_e-l_mu}, {kind: charge-radius}], parameters: "
                      "{m_zp: 5, g_zp: 2.0e-4, r2_emu: 3}"),
        TEST_MODEL_ES("{kind: zprime, charges: baryonic}, parameters: {m_zp: 30}"),
        TEST_MODEL_ES("[{kind: scalar, charges: nucleon}, {kind: nsi}], parameters: {m_phi: 1}"),
        TEST_MODEL_ES("[{kind: tensor}, {kind: millicharge}], parameters: {m_phi: 1, q_ee: "
                      "1.0e-8}"),
        TEST_MODEL_ES("[{kind: magnetic-moment}, {kind: charge-radius}]"),
        TEST_MODEL_ES("[{kind: dipole-portal}, {kind: nsi}], parameters: {m4: 3}"),
        TEST_MODEL_ES("[{kind: sterile}, {kind: zprime, charges: universal}], parameters: {dm2_41: "
                      "2, u_e4_2: 0.1, u_mu4_2: 0.2, m_zp: 50, g_zp: 3.0e-5}"),
        TEST_MODEL_ES("{kind: lma-dark}, parameters: {m_zp: 30, eta: 0.4}"),
    };

    for (size_t i = 0; i < sizeof scans / sizeof scans[0]; i++) {
        test_problem t = test_problem_make(scans[i]);
        size_t curved = 0;

        for (size_t p = 0; p < sevens_model_n_parameters(t.problem->model); p++) {
            if (sevens_model_parameter(t.problem->model, p)->role == SEVENS_ROLE_COEFFICIENT)
                curved += check_row(&t, p) != 0.0;
        }
        ck_assert_uint_ge(curved, i == 0 || i == 10 ? 1 : 2);
        test_problem_free(&t);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model limits");
    TCase *tc = tcase_create("model limits");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, heavy_scalar_and_tensor);
    tcase_add_test(tc, universal_lines);
    tcase_add_test(tc, nsi_lines);
    tcase_add_test(tc, loops_are_kinetic_mixing);
    tcase_add_test(tc, electrons_matter_below_an_mev);
    tcase_add_test(tc, massless_portal_is_a_moment);
    tcase_add_test(tc, moments_square);
    tcase_add_test(tc, millicharge_amplitude);
    tcase_add_test(tc, charge_radius_is_a_charge);
    tcase_add_test(tc, standard_charge_radii);
    tcase_add_test(tc, lma_dark);
    tcase_add_test(tc, rows_are_parabolas);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
