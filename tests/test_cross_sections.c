/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cross sections by hand: electrons with their shells, the axial current and its sign for
 * antineutrinos, new bosons on electrons, and totals against closed forms. */
#include "sevens/constants.h"
#include "sevens/electron.h"
#include "test_model_support.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

#define HBARC2 SEVENS_HBARC2_MEV2_CM2
#define GF2 (SEVENS_G_FERMI * SEVENS_G_FERMI)
static const double s2 = 0.23857, m_e = 0.51099895;

/* d sigma/dT [cm^2/MeV] of a spin 1/2 target: convention B of PHYSICS, 1612.06350. */
static double spin_half(double g_v, double g_a, double M, double E, double T)
{
    double y = 1.0 - T / E, plus = g_v + g_a, minus = g_v - g_a;

    return HBARC2 * GF2 * M / (2.0 * SEVENS_PI) *
           (plus * plus + minus * minus * y * y + (g_a * g_a - g_v * g_v) * M * T / (E * E));
}

/* ---- electrons ---- */

/* Z_eff is the number of electrons bound by no more than T. */
START_TEST(shells)
{
    static const struct {
        const char *nucleus;
        int electrons;
    } atoms[] = {{"Cs133", 55}, {"I127", 53}, {"Ge72", 32}, {"Ar40", 18},
                 {"Xe132", 54}, {"Na23", 11}, {"Si28", 14}};
    static const double ge_keV[] = {11.1031, 1.4146, 1.2481, 1.2170, 0.1801,
                                    0.1249,  0.1208, 0.0298, 0.0};
    static const int ge[] = {32, 30, 28, 26, 22, 20, 18, 14, 4};
    double binding[SEVENS_MAX_SHELLS];

    for (size_t i = 0; i < sizeof atoms / sizeof atoms[0]; i++) {
        const sevens_nucleus *nucleus = sevens_nucleus_find(atoms[i].nucleus);
        size_t n = sevens_electron_shells(nucleus, binding);
        int last = atoms[i].electrons;

        ck_assert_int_eq(nucleus->Z, atoms[i].electrons);
        ck_assert_int_eq(sevens_electrons_freed(nucleus, 50.0), atoms[i].electrons);
        for (size_t k = 0; k < n; k++) {
            ck_assert(k == 0 || binding[k] < binding[k - 1]);
            /* the shell itself counts at its binding energy, not below */
            ck_assert_int_eq(sevens_electrons_freed(nucleus, binding[k]), last);
            if (binding[k] == 0.0)
                continue;
            ck_assert_int_lt(sevens_electrons_freed(nucleus, binding[k] * (1.0 - 1e-12)), last);
            last = sevens_electrons_freed(nucleus, binding[k] * (1.0 - 1e-12));
        }
    }
    ck_assert_uint_eq(sevens_electron_shells(sevens_nucleus_find("Ge72"), binding), 9);
    for (size_t k = 0; k < 9; k++) {
        ck_close(binding[k], 1e-3 * ge_keV[k], 0.0, 1e-14);
        ck_assert_int_eq(sevens_electrons_freed(sevens_nucleus_find("Ge72"), 1e-3 * ge_keV[k]),
                         ge[k]);
    }
    /* outermost of Cs, free; the 4d shells of iodine */
    ck_assert_int_eq(sevens_electrons_freed(sevens_nucleus_find("Cs133"), 1e-9), 7);
    ck_assert_int_eq(sevens_electrons_freed(sevens_nucleus_find("I127"), 4.9e-5), 13);
    ck_assert_int_eq(sevens_electrons_freed(sevens_nucleus_find("Ar40"), 1e-6), 0);
}
END_TEST

/* Neutrino-electron scattering of every flavour: nu_e has the charged current too, antineutrinos
 * the other sign of g_A. */
START_TEST(electrons)
{
    test_problem t = test_problem_make(TEST_MODEL("sm"));
    static const double energy[] = {3.0, 29.8, 52.0}, recoil[] = {2e-3, 0.04, 1.7};

    for (int f = 0; f < SEVENS_N_FLAVOUR; f++) {
        sevens_flavour flavour = (sevens_flavour)f;
        double g_v = 2.0 * s2 - 0.5, g_a = -0.5;

        if (sevens_flavour_family(flavour) == SEVENS_FAMILY_E)
            g_v += 1.0, g_a += 1.0;
        if (sevens_flavour_is_anti(flavour))
            g_a = -g_a;
        for (int i = 0; i < 9; i++) {
            double E = energy[i / 3], T = recoil[i % 3];
            int Z = T < 0.0359846 ? 53 - (T < 0.0057143 ? 2 + 2 + 4 : 0) : 55;

            ck_close(test_xsec(&t, SEVENS_ES, "Cs133", flavour, E, T),
                     Z * spin_half(g_v, g_a, m_e, E, T), 0.0, 1e-12);
        }
        ck_close(test_xsec(&t, SEVENS_ES, "Cs133", flavour, 3.0, 2.8), 0.0, 0.0, 0.0);
    }
    /* at small recoil nu_e and antinu_e agree; nubar_e gets little of the charged current beyond */
    ck_close(test_xsec(&t, SEVENS_ES, "Ar40", SEVENS_NUBAR_E, 40.0, 1e-4),
             test_xsec(&t, SEVENS_ES, "Ar40", SEVENS_NU_E, 40.0, 1e-4), 0.0, 1e-5);
    ck_assert(test_xsec(&t, SEVENS_ES, "Ar40", SEVENS_NU_E, 40.0, 39.0) >
              9.0 * test_xsec(&t, SEVENS_ES, "Ar40", SEVENS_NUBAR_E, 40.0, 39.0));
    test_problem_free(&t);
}
END_TEST

/* A boson couples to electrons with both of its currents: the dark Z of the mass of the Z and full
 * mixing doubles the neutral current, dark hypercharge has -3/4 and 1/4. */
START_TEST(mixing_bosons_on_electrons)
{
    const double E = 33.0, T = 0.3, eps = 1e-4, m = 3.0;
    test_problem z = test_problem_make(
        TEST_MODEL("{kind: zprime, charges: dark-z}, parameters: {m_zp: 91187.6, eps: 1}"));
    test_problem y = test_problem_make(TEST_MODEL(
        "{kind: zprime, charges: dark-hypercharge}, parameters: {m_zp: 3, eps: 1.0e-4}"));
    double D = -0.5 * eps * eps * 4.0 * SEVENS_PI * SEVENS_ALPHA_EM / (1.0 - s2) /
               (SEVENS_SQRT2 * SEVENS_G_FERMI * (2.0 * m_e * T + m * m));
    double v = 2.0 * s2 - 0.5;

    ck_close(test_xsec(&z, SEVENS_ES, "I127", SEVENS_NU_MU, E, T),
             53 * spin_half(2.0 * v, -1.0, m_e, E, T), 0.0, 1e-8);
    ck_close(test_xsec(&z, SEVENS_ES, "I127", SEVENS_NUBAR_TAU, E, T),
             53 * spin_half(2.0 * v, 1.0, m_e, E, T), 0.0, 1e-8);
    ck_close(test_xsec(&z, SEVENS_ES, "I127", SEVENS_NU_E, E, T),
             53 * spin_half(1.0 + 2.0 * v, 0.0, m_e, E, T), 0.0, 1e-8);
    ck_assert(fabs(D) > 0.1); /* of the size of the weak couplings */
    ck_close(test_xsec(&y, SEVENS_ES, "I127", SEVENS_NU_MU, E, T),
             53 * spin_half(v - 0.75 * D, -0.5 + 0.25 * D, m_e, E, T), 0.0, 1e-12);
    ck_close(test_xsec(&y, SEVENS_ES, "I127", SEVENS_NUBAR_E, E, T),
             53 * spin_half(1.0 + v - 0.75 * D, -(0.5 + 0.25 * D), m_e, E, T), 0.0, 1e-12);
    test_problem_free(&z);
    test_problem_free(&y);
}
END_TEST

/* Charges of the electron: its own, that of nu_e when none is given, none for baryonic bosons; L_e
 * - L_mu adds tree and loop. */
START_TEST(charges_of_the_electron)
{
    static const struct {
        const char *model;
        double charge; /* Q'_l Q'_e for nu_mu */
    } cases[] = {
        {TEST_MODEL("{kind: zprime, charges: universal}, parameters: {m_zp: 3, g_zp: 1.0e-5}"),
         1.0},
        {TEST_MODEL("{kind: zprime, charges: b-l}, parameters: {m_zp: 3, g_zp: 1.0e-5}"), 1.0},
        {TEST_MODEL("{kind: zprime, charges: b-3l_mu}, parameters: {m_zp: 3, g_zp: 1.0e-5}"), 0.0},
        {TEST_MODEL("{kind: zprime, charges: b-2l_e-l_mu}, parameters: {m_zp: 3, g_zp: 1.0e-5}"),
         2.0},
        {TEST_MODEL("{kind: zprime, charges: {u: 1, d: 1, e: 2, mu: -3}}, parameters: {m_zp: 3, "
                    "g_zp: 1.0e-5}"),
         -6.0},
        {TEST_MODEL("{kind: zprime, charges: {u: 1, d: 1, e: 2, mu: -3, electron: 0.5}}, "
                    "parameters: {m_zp: 3, g_zp: 1.0e-5}"),
         -1.5},
        {TEST_MODEL("{kind: zprime, charges: hidden}, parameters: {m_zp: 3, g_zp: 1.0e-5}"), 0.0},
        {TEST_MODEL("{kind: zprime, charges: baryonic}, parameters: {m_zp: 3, g2_b: 1.0e-10}"),
         0.0},
        {TEST_MODEL("{kind: zprime, charges: l_e-l_tau}, parameters: {m_zp: 3, g_zp: 1.0e-5}"),
         0.0},
    };
    const double E = 33.0, T = 0.3;
    double D = 1e-10 / (SEVENS_SQRT2 * SEVENS_G_FERMI * (2.0 * m_e * T + 9.0));

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        test_problem t = test_problem_make(cases[i].model);

        ck_close(test_xsec(&t, SEVENS_ES, "I127", SEVENS_NU_MU, E, T),
                 53 * spin_half(2.0 * s2 - 0.5 + cases[i].charge * D, -0.5, m_e, E, T), 0.0, 1e-12);
        test_problem_free(&t);
    }
    {
        /* nu_mu in L_e - L_mu: -1 at tree level, and -(+1) of the loop with charge -1 */
        test_problem t = test_problem_make(
            TEST_MODEL("{kind: zprime, charges: l_e-l_mu}, parameters: {m_zp: 3, g_zp: 1.0e-5}"));
        double loop = 2.0 * SEVENS_ALPHA_EM / SEVENS_PI * log(SEVENS_M_MUON / SEVENS_M_ELECTRON) /
                      3.0; /* at Q2 = 0 */
        double Q2 = 1e-9, charge = test_coefficient(&t, SEVENS_N_CONTACT, SEVENS_ELECTRON,
                                                    SEVENS_FAMILY_MU, Q2) +
                                   test_coefficient(&t, SEVENS_N_CONTACT + 1, SEVENS_ELECTRON,
                                                    SEVENS_FAMILY_MU, Q2);

        ck_close(charge * SEVENS_SQRT2 * SEVENS_G_FERMI * 9.0 / 1e-10, -1.0 + loop, 0.0, 1e-7);
        test_problem_free(&t);
    }
}
END_TEST

/* ---- nuclei ---- */

/* The axial current of caesium: convention B with g_a = F_Z/2, whose sign flips for antineutrinos;
 * none for argon; without it the kinematics k2. */
START_TEST(axial_current)
{
    const double E = 48.0, T = 9e-3, F = 1.0;
    test_problem with =
        test_problem_make(TEST_MODEL("{kind: sm, axial: true, kinematics: k2, form_factor: none}"));
    test_problem without =
        test_problem_make(TEST_MODEL("{kind: sm, kinematics: k2, form_factor: none}"));
    double M = sevens_nucleus_mass_MeV(sevens_nucleus_find("Cs133"));
    double Q = 55.0 * 0.0300 - 78.0 * 0.5117, neutrino, antineutrino, none;

    neutrino = test_xsec(&with, SEVENS_CEVNS, "Cs133", SEVENS_NU_MU, E, T);
    antineutrino = test_xsec(&with, SEVENS_CEVNS, "Cs133", SEVENS_NUBAR_MU, E, T);
    none = test_xsec(&without, SEVENS_CEVNS, "Cs133", SEVENS_NU_MU, E, T);
    ck_close(none, spin_half(Q, 0.0, M, E, T), 0.0, 1e-12);
    ck_close(neutrino, spin_half(Q, 0.5 * F, M, E, T), 0.0, 1e-12);
    ck_close(antineutrino, spin_half(Q, -0.5 * F, M, E, T), 0.0, 1e-12);
    ck_assert(antineutrino > neutrino); /* Q_W < 0 */
    ck_close(test_xsec(&with, SEVENS_CEVNS, "Ar40", SEVENS_NU_MU, E, T),
             test_xsec(&without, SEVENS_CEVNS, "Ar40", SEVENS_NUBAR_MU, E, T), 0.0, 1e-14);
    /* 73Ge: an unpaired neutron, the other sign */
    M = sevens_nucleus_mass_MeV(sevens_nucleus_find("Ge73"));
    Q = 32.0 * 0.0300 - 41.0 * 0.5117;
    ck_close(test_xsec(&with, SEVENS_CEVNS, "Ge73", SEVENS_NU_MU, E, T),
             spin_half(Q, -0.5, M, E, T), 0.0, 1e-12);
    test_problem_free(&with);
    test_problem_free(&without);
}
END_TEST

/* Axial charges of quarks: g_a - g^2 Q'_l a_N/(sqrt2 G_F (Q2 + m^2)), on spin only. */
START_TEST(axial_boson)
{
    const double E = 48.0, T = 9e-3, g = 4e-4, m = 60.0, a_u = 0.7, a_d = -0.4;
    test_problem t = test_problem_make(
        TEST_MODEL("[{kind: zprime-axial, charges: {u: 0.7, d: -0.4, e: 1, mu: -2}}, {kind: sm, "
                   "axial: true, kinematics: k2, form_factor: none}], parameters: {m_zp: 60, g_zp: "
                   "4.0e-4}"));
    static const char *const names[] = {"I127", "Ge73"};

    for (int i = 0; i < 2; i++) {
        const sevens_nucleus *nucleus = sevens_nucleus_find(names[i]);
        double M = sevens_nucleus_mass_MeV(nucleus);
        double D = g * g / (SEVENS_SQRT2 * SEVENS_G_FERMI * (2.0 * M * T + m * m));
        double own = i == 0 ? a_u * 0.842 - a_d * 0.427 : -a_u * 0.427 + a_d * 0.842;
        double g_a = i == 0 ? 0.5 : -0.5;
        double Q_e = 0.0382 * nucleus->Z - 0.5117 * nucleus->N;
        double Q_mu = 0.0300 * nucleus->Z - 0.5117 * nucleus->N;

        ck_assert(fabs(D * own) > 0.05);
        ck_close(test_xsec(&t, SEVENS_CEVNS, names[i], SEVENS_NU_E, E, T),
                 spin_half(Q_e, g_a - D * own, M, E, T), 0.0, 1e-12);
        ck_close(test_xsec(&t, SEVENS_CEVNS, names[i], SEVENS_NUBAR_MU, E, T),
                 spin_half(Q_mu, -(g_a + 2.0 * D * own), M, E, T), 0.0, 1e-12);
    }
    test_problem_free(&t);
}
END_TEST

/* ---- totals ---- */

typedef struct total {
    const test_problem *t;
    sevens_process process;
    sevens_flavour flavour;
    double E;
} total;

static double differential(double T, void *context)
{
    const total *s = context;

    return test_xsec(s->t, s->process, "I127", s->flavour, s->E, T);
}

/* Integral over T from `lo` to the largest recoil. */
static double integrate(const test_problem *t, sevens_process process, sevens_flavour flavour,
                        double E, double lo)
{
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(2000);
    total s = {t, process, flavour, E};
    gsl_function f = {differential, &s};
    double hi = sevens_xsec_t_max_MeV(process, sevens_nucleus_find("I127"), E), sum, error;

    gsl_integration_qag(&f, lo, hi, 0.0, 1e-11, 2000, GSL_INTEG_GAUSS61, work, &sum, &error);
    gsl_integration_workspace_free(work);
    return sum;
}

/* Scalar and tensor bosons, light and heavy, and magnetic moments, less the Standard Model: closed
 * forms without form factor. C_p = 1, C_n = 2 and (electron) 3. */
START_TEST(totals_on_nuclei)
{
    const double E = 41.0, g = 1e-3, mu = 3e-8;
    static const char *const boson[] = {
        TEST_MODEL("[{kind: scalar, charges: {p: 1, n: 2, electron: 3}}, {kind: sm, form_factor: "
                   "none}], parameters: {m_phi: 20}"),
        TEST_MODEL("[{kind: tensor, charges: {p: 1, n: 2, electron: 3}}, {kind: sm, form_factor: "
                   "none}], parameters: {m_phi: 20}")};
    double M = sevens_nucleus_mass_MeV(sevens_nucleus_find("I127")), Q = 53.0 + 2.0 * 74.0;
    double hi = 2.0 * E * E / (M + 2.0 * E), lo = 1e-4 * hi, g4 = g * g * g * g * Q * Q * HBARC2;
    test_problem t;

    for (int i = 0; i < 2; i++) {
        t = test_problem_make(boson[i]);
        for (double m = 0.3; m < 1e4; m *= 30.0) {
            /* I_n = integral of T^n/(2MT + m^2)^2 */
            double a = m * m / (2.0 * M), L = log((hi + a) / (lo + a));
            double J = 1.0 / (lo + a) - 1.0 / (hi + a), I_0 = J / (4.0 * M * M);
            double I_1 = (L - a * J) / (4.0 * M * M), sm, expected;

            test_set(&t, "m_phi", m);
            test_set(&t, "g_phi", 0.0);
            sm = integrate(&t, SEVENS_CEVNS, SEVENS_NU_E, E, lo);
            test_set(&t, "g_phi", g);
            expected = i == 0
                           ? M * M * g4 / (4.0 * SEVENS_PI * E * E) * I_1
                           : 4.0 * M * g4 / SEVENS_PI * (I_0 - (1.0 / E + M / (4.0 * E * E)) * I_1);
            /* in contact with nothing else the closed form loses digits to a - b */
            ck_close(integrate(&t, SEVENS_CEVNS, SEVENS_NU_E, E, lo) - sm, expected, 1e-11 * sm,
                     m < 1e3 ? 1e-9 : 1e-4);
        }
        test_problem_free(&t);
    }
    t = test_problem_make(TEST_MODEL("[{kind: magnetic-moment}, {kind: sm, form_factor: none}]"));
    {
        double sm = integrate(&t, SEVENS_CEVNS, SEVENS_NUBAR_MU, E, lo);

        test_set(&t, "mu_nu_mu", mu);
        ck_close(integrate(&t, SEVENS_CEVNS, SEVENS_NUBAR_MU, E, lo) - sm,
                 2.49469e-25 * 53.0 * 53.0 * mu * mu * (log(hi / lo) - (hi - lo) / E), 0.0, 1e-5);
        /* k0: Q_W^2 (T - M T^2/(4 E^2)), and (G_F^2/4pi) (2 Q_W)^2 E^2 up to 2E/M */
        ck_close(sm,
                 HBARC2 * GF2 * M / SEVENS_PI * pow(53.0 * 0.03 - 74.0 * 0.5117, 2) *
                     (hi - lo - M * (hi * hi - lo * lo) / (4.0 * E * E)),
                 0.0, 1e-10);
    }
    test_problem_free(&t);
}
END_TEST

/* The same on electrons above the K shell, where all 53 take part, with the exact factors. */
START_TEST(totals_on_electrons)
{
    const double E = 41.0, lo = 0.04, mu = 3e-9, g = 1e-3, m = 2.0;
    const double hi = 2.0 * E * E / (m_e + 2.0 * E), d1 = hi - lo, d2 = (hi * hi - lo * lo) / 2.0;
    const double d3 = (hi * hi * hi - lo * lo * lo) / 3.0, a = m * m / (2.0 * m_e);
    const double J = 1.0 / (lo + a) - 1.0 / (hi + a), L = log((hi + a) / (lo + a));
    /* I_n = integral of T^n/(2 m_e T + m^2)^2 */
    const double unit = 1.0 / (4.0 * m_e * m_e), I_0 = unit * J, I_1 = unit * (L - a * J);
    const double I_2 = unit * (d1 - 2.0 * a * L + a * a * J);
    const double g4 = g * g * g * g * HBARC2 * 53.0;
    double g_v = 2.0 * s2 + 0.5, g_a = 0.5, sm, plus, minus;
    test_problem t = test_problem_make(TEST_MODEL("magnetic-moment"));

    plus = (g_v + g_a) * (g_v + g_a), minus = (g_v - g_a) * (g_v - g_a);
    sm = integrate(&t, SEVENS_ES, SEVENS_NU_E, E, lo);
    ck_close(sm,
             53.0 * HBARC2 * GF2 * m_e / (2.0 * SEVENS_PI) *
                 (plus * d1 + minus * (d1 - 2.0 * d2 / E + d3 / (E * E)) -
                  (g_v * g_v - g_a * g_a) * m_e * d2 / (E * E)),
             0.0, 1e-10);
    test_set(&t, "mu_nu_e", mu);
    ck_close(integrate(&t, SEVENS_ES, SEVENS_NU_E, E, lo) - sm,
             2.49469e-25 * 53.0 * mu * mu * (log(hi / lo) - d1 / E), 0.0, 1e-5);
    test_problem_free(&t);
    t = test_problem_make(TEST_MODEL("{kind: scalar, charges: nucleon}, parameters: {m_phi: 2, "
                                     "g_phi: 1.0e-3}"));
    ck_close(integrate(&t, SEVENS_ES, SEVENS_NU_E, E, lo) - sm,
             m_e * m_e * g4 / (4.0 * SEVENS_PI * E * E) * (I_1 + I_2 / (2.0 * m_e)), 0.0, 1e-9);
    test_problem_free(&t);
    t = test_problem_make(TEST_MODEL("tensor, parameters: {m_phi: 2, g_phi: 1.0e-3}"));
    ck_close(integrate(&t, SEVENS_ES, SEVENS_NU_E, E, lo) - sm,
             4.0 * m_e * g4 / SEVENS_PI *
                 (I_0 - (1.0 / E + m_e / (4.0 * E * E)) * I_1 + I_2 / (4.0 * E * E)),
             0.0, 1e-9);
    test_problem_free(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cross sections");
    TCase *tc = tcase_create("cross sections");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, shells);
    tcase_add_test(tc, electrons);
    tcase_add_test(tc, mixing_bosons_on_electrons);
    tcase_add_test(tc, charges_of_the_electron);
    tcase_add_test(tc, axial_current);
    tcase_add_test(tc, axial_boson);
    tcase_add_test(tc, totals_on_nuclei);
    tcase_add_test(tc, totals_on_electrons);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
