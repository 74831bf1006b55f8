/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vector-type models: limits that tie them to each other, degeneracies, and the loop against
 * quadrature and the independent reference. */
#include "reference/reference.h"
#include "sevens/constants.h"
#include "sevens/hd/couplings.h"
#include "sevens/xsec.h"
#include "test_problem.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

#define NSI(eps) "{schema: 1, name: t, model: nsi, parameters: {" eps "}, " TEST_CSI

static void signal_of(test_problem *t, double *signal)
{
    sevens_problem_signal(t->problem, t->work, 0, t->value, signal);
}

static void set(test_problem *t, const char *name, double value)
{
    size_t i = sevens_model_find(t->problem->model, name);

    ck_assert_uint_lt(i, sevens_model_n_parameters(t->problem->model));
    t->value[i] = value;
}

/* A very heavy Z' is NSI with eps_ll^q = g^2 Q'_l Q'_q/(sqrt2 G_F M^2): here with different charges
 * of all particles, so that nothing is symmetric. */
START_TEST(heavy_zprime_is_nsi)
{
    const double m = 1e6, g = 0.83;
    double unit = g * g / (SEVENS_SQRT2 * SEVENS_G_FERMI * m * m);
    test_problem zp = test_problem_make(
        "{schema: 1, name: t, model: {kind: zprime, charges: {u: 0.37, d: -0.21, e: 1.3, mu: "
        "-0.9}}, parameters: {m_zp: 1.0e+6, g_zp: 0.83}, " TEST_CSI);
    test_problem nsi = test_problem_make(NSI(""));
    double light[99], contact[99];

    set(&nsi, "eps_u_ee", unit * 1.3 * 0.37);
    set(&nsi, "eps_d_ee", unit * 1.3 * -0.21);
    set(&nsi, "eps_u_mumu", unit * -0.9 * 0.37);
    set(&nsi, "eps_d_mumu", unit * -0.9 * -0.21);
    signal_of(&zp, light);
    signal_of(&nsi, contact);
    for (int b = 0; b < 99; b++)
        ck_close(light[b], contact[b], 0.0, 1e-8);
    test_problem_free(&zp);
    test_problem_free(&nsi);
}
END_TEST

/* Without form factors and with tree couplings the SM rate of one nucleus returns at eps_d_ll = -2
 * (gVp Z
 * + gVn N)/(Z + 2 N), and vanishes half way. */
START_TEST(nsi_degeneracy)
{
    static const struct {
        const char *nucleus;
        double eps_d;
    } cases[] = {{"Cs133", 0.35775}, {"I127", 0.35610}, {"Ar40", 0.34157}};
    test_problem t = test_problem_make("{schema: 1, name: t, model: [{kind: nsi}, {kind: sm, "
                                       "couplings: tree, form_factor: none}], " TEST_CSI);
    sevens_model_point point = {t.value, SEVENS_NO_ROW};

    for (int i = 0; i < 3; i++) {
        const sevens_nucleus *nucleus = sevens_nucleus_find(cases[i].nucleus);
        double sm, degenerate, zero;

        set(&t, "eps_d_mumu", 0.0);
        sm = sevens_xsec_cm2_per_MeV(t.problem->model, &point, SEVENS_CEVNS, nucleus, SEVENS_NU_MU,
                                     30.0, 2e-3);
        set(&t, "eps_d_mumu", cases[i].eps_d);
        degenerate = sevens_xsec_cm2_per_MeV(t.problem->model, &point, SEVENS_CEVNS, nucleus,
                                             SEVENS_NUBAR_MU, 30.0, 2e-3);
        set(&t, "eps_d_mumu", 0.5 * cases[i].eps_d);
        zero = sevens_xsec_cm2_per_MeV(t.problem->model, &point, SEVENS_CEVNS, nucleus,
                                       SEVENS_NU_MU, 30.0, 2e-3);
        ck_close(degenerate, sm, 0.0, 1e-4); /* five digits of eps_d */
        ck_close(zero, 0.0, 1e-8 * sm, 0.0);
        /* nu_e does not see it */
        ck_close(sevens_xsec_cm2_per_MeV(t.problem->model, &point, SEVENS_CEVNS, nucleus,
                                         SEVENS_NU_E, 30.0, 2e-3),
                 sm, 0.0, 1e-13);
    }
    test_problem_free(&t);
}
END_TEST

/* An off-diagonal epsilon adds its own square to both flavours that it joins and to no other. */
START_TEST(off_diagonal_nsi_adds)
{
    const double eps_u = 0.113, eps_d = -0.071, E = 25.0, T = 1.3e-3;
    test_problem t = test_problem_make(NSI(""));
    const sevens_nucleus *cs = sevens_nucleus_find("Cs133");
    sevens_model_point point = {t.value, SEVENS_NO_ROW};
    double before[SEVENS_N_FLAVOUR], F_Z, F_N, Q, M = sevens_nucleus_mass_MeV(cs), added;

    for (int f = 0; f < SEVENS_N_FLAVOUR; f++)
        before[f] = sevens_xsec_cm2_per_MeV(t.problem->model, &point, SEVENS_CEVNS, cs,
                                            (sevens_flavour)f, E, T);
    set(&t, "eps_u_etau", eps_u);
    set(&t, "eps_d_etau", eps_d);
    sevens_nuclear_form_factors(t.problem->model, &point, cs, 2.0 * M * T, &F_Z, &F_N);
    Q = (2.0 * eps_u + eps_d) * 55.0 * F_Z + (eps_u + 2.0 * eps_d) * 78.0 * F_N;
    added = SEVENS_HBARC2_MEV2_CM2 * SEVENS_G_FERMI * SEVENS_G_FERMI * M / SEVENS_PI *
            (1.0 - M * T / (2.0 * E * E)) * Q * Q;
    for (int f = 0; f < SEVENS_N_FLAVOUR; f++) {
        bool joined = sevens_flavour_family((sevens_flavour)f) != SEVENS_FAMILY_MU;

        ck_close(sevens_xsec_cm2_per_MeV(t.problem->model, &point, SEVENS_CEVNS, cs,
                                         (sevens_flavour)f, E, T) -
                     before[f],
                 joined ? added : 0.0, 1e-14 * before[f], 1e-12);
    }
    test_problem_free(&t);
}
END_TEST

/* Along every epsilon a row is the points on it; third differences vanish. */
START_TEST(nsi_rows)
{
    test_problem t = test_problem_make(NSI("eps_u_ee: 0.13, eps_d_mumu: -0.2, eps_u_emu: 0.07"));
    size_t first = sevens_model_find(t.problem->model, "eps_u_ee");
    double row[3 * 99], at[99];

    for (size_t i = first; i < first + 12; i++) {
        double keep = t.value[i];
        sevens_model_point point = {t.value, i};

        sevens_templates_update(t.work->templates[0], &point);
        sevens_templates_row(t.work->templates[0], &point, row);
        for (double x = -0.7; x < 0.8; x += 0.37) {
            t.value[i] = x;
            signal_of(&t, at);
            for (int b = 0; b < 99; b++)
                ck_close(row[b] + x * (row[99 + b] + x * row[198 + b]), at[b], 1e-12, 1e-12);
        }
        t.value[i] = keep;
    }
    test_problem_free(&t);
}
END_TEST

/* Kinds act together in one amplitude: a heavy Z' and the opposite NSI leave the Standard Model. */
START_TEST(kinds_interfere)
{
    const double m = 1e7, g = 1.0;
    double eps = -g * g / (SEVENS_SQRT2 * SEVENS_G_FERMI * m * m), sm[99], both[99];
    test_problem t = test_problem_make("{schema: 1, name: t, model: [{kind: zprime, charges: "
                                       "universal}, {kind: nsi}], parameters: "
                                       "{m_zp: 1.0e+7}, " TEST_CSI);
    static const char *const names[] = {"eps_u_ee", "eps_d_ee", "eps_u_mumu", "eps_d_mumu"};

    signal_of(&t, sm);
    set(&t, "g_zp", g);
    for (int i = 0; i < 4; i++)
        set(&t, names[i], eps);
    signal_of(&t, both);
    for (int b = 0; b < 99; b++)
        ck_close(both[b], sm[b], 0.0, 1e-9);
    test_problem_free(&t);
}
END_TEST

/* The dark Z couples like the Z: at high mass eps_Z = M/m_Z doubles the tree-level amplitude. */
START_TEST(dark_z_is_the_z)
{
    test_problem t = test_problem_make("{schema: 1, name: t, model: [{kind: zprime, charges: "
                                       "dark-z}, {kind: sm, couplings: tree}], "
                                       "parameters: {m_zp: 1.0e+7}, " TEST_CSI);
    double sm[99], doubled[99];

    signal_of(&t, sm);
    set(&t, "eps", 1e7 / SEVENS_M_Z);
    signal_of(&t, doubled);
    for (int b = 0; b < 99; b++)
        ck_close(doubled[b], 4.0 * sm[b], 0.0, 1e-10);
    /* and at low mass by m_Z^2/(Q2 + M^2), checked on one cross section */
    {
        const sevens_nucleus *cs = sevens_nucleus_find("Cs133");
        sevens_model_point point = {t.value, SEVENS_NO_ROW};
        double T = 2e-3, Q2 = 2.0 * sevens_nucleus_mass_MeV(cs) * T, a, b, factor;

        set(&t, "m_zp", 37.0);
        set(&t, "eps", 0.0);
        a = sevens_xsec_cm2_per_MeV(t.problem->model, &point, SEVENS_CEVNS, cs, SEVENS_NU_E, 40.0,
                                    T);
        set(&t, "eps", 4.2e-4);
        b = sevens_xsec_cm2_per_MeV(t.problem->model, &point, SEVENS_CEVNS, cs, SEVENS_NU_E, 40.0,
                                    T);
        factor = 1.0 + 4.2e-4 * 4.2e-4 * SEVENS_M_Z * SEVENS_M_Z / (Q2 + 37.0 * 37.0);
        ck_close(b, factor * factor * a, 0.0, 1e-12);
    }
    test_problem_free(&t);
}
END_TEST

/* Dark hypercharge: proton 3/4, neutron 1/4, neutrino -1/2, g = eps e/cos theta_W. */
START_TEST(dark_hypercharge_by_hand)
{
    const double eps = 3.3e-4, m = 52.0;
    test_problem t = test_problem_make(
        "{schema: 1, name: t, model: {kind: zprime, charges: dark-hypercharge}, parameters: {m_zp: "
        "52}, " TEST_CSI);
    sevens_model_point point = {t.value, SEVENS_NO_ROW};
    sevens_target target = {.process = SEVENS_CEVNS};
    sevens_coupling c[SEVENS_MODEL_MAX_TERMS];
    double w, zero = 0.0, D;

    set(&t, "eps", eps);
    sevens_model_amplitude(t.problem->model, &point, SEVENS_FAMILY_TAU, SEVENS_FAMILY_TAU, c);
    sevens_model_shape(t.problem->model, &point, SEVENS_N_CONTACT, &target, 1, &zero, &w);
    D = -0.5 * eps * eps * 4.0 * SEVENS_PI * SEVENS_ALPHA_EM / (1.0 - SEVENS_S2W) /
        (SEVENS_SQRT2 * SEVENS_G_FERMI * m * m);
    ck_close(w * c[2].to[SEVENS_PROTON].c0, 0.75 * D, 0.0, 1e-13);
    ck_close(w * c[2].to[SEVENS_NEUTRON].c0, 0.25 * D, 0.0, 1e-13);
    test_problem_free(&t);
}
END_TEST

/* A baryonic boson with a product g2_b equals free charges with the same product, of either sign.
 */
START_TEST(baryonic_sign)
{
    test_problem b = test_problem_make("{schema: 1, name: t, model: {kind: zprime, charges: "
                                       "baryonic}, parameters: {m_zp: 12}, " TEST_CSI);
    test_problem plus = test_problem_make(
        "{schema: 1, name: t, model: {kind: zprime, charges: {u: 0.25, d: 0.25, e: 1, mu: 1}}, "
        "parameters: {m_zp: 12, g_zp: 2.0e-5}, " TEST_CSI);
    test_problem minus = test_problem_make(
        "{schema: 1, name: t, model: {kind: zprime, charges: {u: 0.25, d: 0.25, e: -1, mu: -1}}, "
        "parameters: {m_zp: 12, g_zp: 2.0e-5}, " TEST_CSI);
    double x[99], y[99];

    for (int sign = -1; sign <= 1; sign += 2) {
        set(&b, "g2_b", sign * 0.75 * 4.0e-10);
        signal_of(&b, x);
        signal_of(sign > 0 ? &plus : &minus, y);
        for (int i = 0; i < 99; i++)
            ck_close(x[i], y[i], 0.0, 1e-12);
    }
    test_problem_free(&b);
    test_problem_free(&plus);
    test_problem_free(&minus);
}
END_TEST

/* The hidden sector without its form factor (n = 0) is the universal model; with it the amplitude
 * grows with Q2/lambda^2. */
START_TEST(hidden_sector)
{
    test_problem n0 = test_problem_make(
        "{schema: 1, name: t, model: {kind: zprime, charges: hidden, n: 0}, parameters: {m_zp: 30, "
        "g_zp: 4.0e-5}, " TEST_CSI);
    test_problem universal = test_problem_make(
        "{schema: 1, name: t, model: {kind: zprime, charges: universal}, parameters: {m_zp: 30, "
        "g_zp: 4.0e-5}, " TEST_CSI);
    test_problem n1 = test_problem_make(
        "{schema: 1, name: t, model: {kind: zprime, charges: hidden}, parameters: {m_zp: 30, g_zp: "
        "4.0e-5}, " TEST_CSI);
    sevens_model_point point = {n1.value, SEVENS_NO_ROW};
    sevens_target target = {.process = SEVENS_CEVNS};
    double x[99], y[99], w[2], q2[2] = {900.0, 2700.0};

    signal_of(&n0, x);
    signal_of(&universal, y);
    for (int i = 0; i < 99; i++)
        ck_close(x[i], y[i], 0.0, 1e-14);
    sevens_model_shape(n1.problem->model, &point, SEVENS_N_CONTACT, &target, 2, q2, w);
    ck_close(w[1] / w[0], 3.0 * (900.0 + 900.0) / (2700.0 + 900.0), 0.0, 1e-13);
    set(&n1, "lambda", 500.0);
    sevens_model_shape(n1.problem->model, &point, SEVENS_N_CONTACT, &target, 1, q2, w + 1);
    ck_close(w[1] / w[0], 4.0, 0.0, 1e-13);
    test_problem_free(&n0);
    test_problem_free(&universal);
    test_problem_free(&n1);
}
END_TEST

static double loop_integrand(double x, void *t)
{
    return x * (1.0 - x) * log1p(x * (1.0 - x) * *(double *)t);
}

/* The loop integral against GSL, across the switch from series to closed form. */
START_TEST(loop_integral)
{
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(1000);
    static const double ts[] = {1e-9, 1e-3, 0.07, 0.5, 0.999999, 1.000001, 1.7, 30.0, 4e3, 1e7};

    for (size_t i = 0; i < sizeof ts / sizeof ts[0]; i++) {
        double t = ts[i], expected, error;
        gsl_function f = {loop_integrand, &t};

        gsl_integration_qag(&f, 0.0, 1.0, 0.0, 1e-12, 1000, GSL_INTEG_GAUSS61, work, &expected,
                            &error);
        ck_close(sevens_vacuum_polarization(t), expected, 0.0, 1e-11);
    }
    ck_close(sevens_loop_mixing(0.0, SEVENS_M_MUON, SEVENS_M_TAU), 0.9407973, 1e-7, 0.0);
    /* far above both masses only the logarithm is left, and it cancels */
    ck_close(sevens_loop_mixing(1e14, SEVENS_M_MUON, SEVENS_M_TAU), 0.0, 1e-6, 0.0);
    gsl_integration_workspace_free(work);
}
END_TEST

/* L_mu - L_tau in all bins against the independent reference, and the sign option. */
START_TEST(lepton_loops_agree)
{
    test_problem t = test_problem_make(TEST_PLANE("l_mu-l_tau", "3", "3"));
    ref_csi2021 *detector = ref_csi2021_create(ref_csi2021_pe_edges, REF_CSI2021_N_PE);
    double expected[REF_CSI2021_N_BIN], sm[REF_CSI2021_N_BIN], shifted[REF_CSI2021_N_BIN];
    unsigned long long seed = 515;

    for (int i = 0; i < 6; i++) {
        double m = test_random_log(&seed, 1e-2, 1e4), g = test_random_log(&seed, 1e-4, 1e-1);
        ref_model reference = ref_l_mu_minus_l_tau(g, m);

        t.value[t.m] = m;
        t.value[t.g] = g;
        signal_of(&t, shifted);
        ref_csi2021_counts(detector, &reference, NULL, NULL, expected);
        for (int b = 0; b < REF_CSI2021_N_BIN; b++)
            ck_close(shifted[b], expected[b], 1e-13, 1e-9);
    }
    t.value[t.g] = 0.0;
    signal_of(&t, sm);
    t.value[t.m] = 10.0;
    t.value[t.g] = 1e-4;
    signal_of(&t, shifted);
    ck_assert(shifted[30] < sm[30]); /* destructive for nu_mu */
    test_problem_free(&t);
    t = test_problem_make("{schema: 1, name: t, model: {kind: zprime, charges: l_mu-l_tau, "
                          "loop_sign: -1}, parameters: {m_zp: 10, g_zp: 1.0e-4}, " TEST_CSI);
    signal_of(&t, shifted);
    ck_assert(shifted[30] > sm[30]);
    test_problem_free(&t);
    ref_csi2021_destroy(detector);
}
END_TEST

/* Each model names its own parameters; options of another mechanism are refused. */
START_TEST(parameters_and_refusals)
{
    static const struct {
        const char *scan, *message;
    } cases[] = {
        {"{schema: 1, name: t, model: {kind: zprime, charges: dark-z}, parameters: {m_zp: 1, g_zp: "
         "1}, " TEST_CSI,
         "g_zp"},
        {"{schema: 1, name: t, model: {kind: zprime, charges: b-l, n: 0}, parameters: {m_zp: "
         "1}, " TEST_CSI,
         "'n' goes with charges hidden"},
        {"{schema: 1, name: t, model: {kind: zprime, charges: b-l, loop_sign: -1}, parameters: "
         "{m_zp: 1}, " TEST_CSI,
         "'loop_sign' goes with charges"},
        {"{schema: 1, name: t, model: {kind: nsi, charges: b-l}, " TEST_CSI, "charges"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sevens_config *config;
        sevens_error err = {0};

        ck_assert_int_eq(sevens_config_parse(&config, "t", cases[i].scan, strlen(cases[i].scan),
                                             NULL, false, &err),
                         SEVENS_ERR_INPUT);
        ck_contains(err.message, cases[i].message);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vector models");
    TCase *tc = tcase_create("vector models");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, heavy_zprime_is_nsi);
    tcase_add_test(tc, nsi_degeneracy);
    tcase_add_test(tc, off_diagonal_nsi_adds);
    tcase_add_test(tc, nsi_rows);
    tcase_add_test(tc, kinds_interfere);
    tcase_add_test(tc, dark_z_is_the_z);
    tcase_add_test(tc, dark_hypercharge_by_hand);
    tcase_add_test(tc, baryonic_sign);
    tcase_add_test(tc, hidden_sector);
    tcase_add_test(tc, loop_integral);
    tcase_add_test(tc, lepton_loops_agree);
    tcase_add_test(tc, parameters_and_refusals);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
