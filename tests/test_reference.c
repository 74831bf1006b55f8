/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self-tests of the reference in tests/reference: closed forms, limits, published numbers. It is
 * trusted by the other tests, so nothing here comes from the program itself. */
#include "reference/reference.h"
#include "test_support.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

static const double g_fermi = 1.1663788e-11, hbarc2 = 3.89379372e-22, m_muon = 105.6583755;

/* Antiderivative of f(E) E^-n of a Michel spectrum, docs/physics.md section on fluxes. */
static double michel_primitive(ref_flavour flavour, int n, double e)
{
    const double m = m_muon;
    if (flavour == REF_NU_E) {
        double poly[3] = {e * e * e / 6 - e * e * e * e / (4 * m), e * e / 4 - e * e * e / (3 * m),
                          e / 2 - e * e / (2 * m)};
        return 192 / (m * m * m) * poly[n];
    }
    double poly[3] = {e * e * e / 4 - e * e * e * e / (4 * m), 3 * e * e / 8 - e * e * e / (3 * m),
                      3 * e / 4 - e * e / (2 * m)};
    return 64 / (m * m * m) * poly[n];
}

START_TEST(moments_equal_their_closed_form)
{
    double end = ref_michel_end_MeV();
    for (int f = REF_NU_E; f <= REF_NUBAR_MU; f++)
        for (int n = 0; n < 3; n++)
            for (double e = 0; e < end; e += 3.1) {
                ref_flavour flavour = (ref_flavour)f;
                double exact = michel_primitive(flavour, n, end) - michel_primitive(flavour, n, e);
                ck_close(ref_moment(flavour, n, e), exact, 1e-14, 1e-11);
            }
    ck_close(ref_moment(REF_NU_E, 0, 0), 1, 0, 1e-13);
    ck_close(ref_moment(REF_NUBAR_MU, 0, 0), 1, 0, 1e-13);
    ck_assert(ref_moment(REF_NU_E, 1, end) == 0 && ref_moment(REF_NUBAR_MU, 2, 60) == 0);
    ck_close(ref_pion_line_MeV(), 29.792141, 5e-7, 0);
    ck_close(ref_moment(REF_NU_MU, 2, 29.79), pow(29.792141, -2), 0, 1e-7);
    ck_assert(ref_moment(REF_NU_MU, 0, 29.7922) == 0);
    ck_assert(isnan(ref_pion_dar_spectrum(REF_NU_MU, 29.79)));
}
END_TEST

START_TEST(kinematics_conserve_energy_and_momentum)
{
    ref_nucleus nuclei[] = {ref_cs133(), ref_i127(), ref_ar40()};
    for (int i = 0; i < 3; i++)
        for (double e = 0.01; e < 1000; e *= 3) {
            double t = ref_t_max(&nuclei[i], e), m = ref_mass_MeV(&nuclei[i]);
            /* straight backward: recoil momentum = E + (E - T) */
            ck_close(t * (t + 2 * m), (2 * e - t) * (2 * e - t), 0, 1e-12);
            ck_close(ref_e_min(&nuclei[i], t), e, 0, 1e-13);
        }
    ref_nucleus cs = ref_cs133();
    ck_close(ref_mass_MeV(&cs), 132.905451958 * 931.49410242 - 55 * 0.51099895, 1e-9, 0);
}
END_TEST

START_TEST(form_factors_agree_where_they_must)
{
    for (int kind = REF_HELM; kind <= REF_POINT; kind++)
        ck_close(ref_form_factor((ref_form_factor_kind)kind, 0, 5, 133), 1, 0, 0);
    /* F = 1 - q^2 <r^2> / 6 for every shape of a given rms radius */
    double q = 0.1, expansion = pow(q / 197.3269804 * 4.821, 2) / 6;
    ck_close((1 - ref_form_factor(REF_HELM, q, 4.821, 133)) / expansion, 1, 1e-5, 0);
    ck_close((1 - ref_form_factor(REF_FERMI, q, 4.821, 133)) / expansion, 1, 1e-5, 0);
    double kn = 3.0 / 5.0 * pow(1.2 * cbrt(133), 2) + 6 * 0.49;
    ck_close((1 - ref_form_factor(REF_KLEIN_NYSTRAND, q, 0, 133)) /
                 (q * q / (197.3269804 * 197.3269804) * kn / 6),
             1, 1e-5, 0);
    /* a zero of j1 is a zero of Helm */
    double r0 = sqrt(5.0 / 3.0 * (5.09 * 5.09 - 3 * 0.81));
    ck_close(ref_form_factor(REF_HELM, 4.493409457909064 * 197.3269804 / r0, 5.09, 133), 0, 1e-14,
             0);
}
END_TEST

START_TEST(cross_sections_of_the_specification)
{
    static const double average[3][3] = {
        {181.4, 164.3, 17.17}, {226.3, 205.4, 22.42}, {170.3, 153.9, 15.17}};
    ref_nucleus nuclei[] = {ref_cs133(), ref_i127(), ref_ar40()};
    ref_model sm = ref_standard_model();
    for (int f = 0; f < REF_N_FLAVOUR; f++)
        for (int i = 0; i < 3; i++)
            ck_close(ref_averaged_xsec(&sm, &nuclei[i], (ref_flavour)f) / 1e-40, average[f][i],
                     i < 2 ? 0.0501 : 0.00501, 0);
    ck_close(ref_total_xsec(&sm, &nuclei[0], REF_NU_MU, 30), 1.7208e-38, 0, 3e-5);
    ck_assert(ref_total_xsec(&sm, &nuclei[0], REF_NU_MU, 0) == 0);
    ck_assert(ref_xsec_cevns(&sm, &nuclei[0], REF_NU_E, 30, 0.0146) == 0);
}
END_TEST

START_TEST(point_nucleus_has_a_closed_form)
{
    ref_nucleus cs = ref_cs133();
    ref_model tree = ref_standard_model();
    tree.couplings = REF_TREE;
    tree.form_factor = REF_POINT;
    double charge = 78 - (1 - 4 * 0.23857) * 55, m = ref_mass_MeV(&cs);
    for (double e = 1; e < 60; e += 7) {
        double leading = g_fermi * g_fermi / (4 * M_PI) * charge * charge * e * e * hbarc2;
        double t = ref_t_max(&cs, e), ratio = m * t / (e * e); /* 2 for E << M */
        double total = leading * (ratio - ratio * ratio / 4);
        ck_close(ref_total_xsec(&tree, &cs, REF_NU_E, e), total, 0, 1e-11);
        ck_close(total, leading, 0, 3 * e / m);
        tree.kinematics = REF_K1;
        total -= leading * ratio * t / (2 * e);
        ck_close(ref_total_xsec(&tree, &cs, REF_NU_E, e), total, 0, 1e-11);
        tree.kinematics = REF_K2;
        total += leading * ratio * t * t / (6 * e * e);
        ck_close(ref_total_xsec(&tree, &cs, REF_NU_E, e), total, 0, 1e-11);
        tree.kinematics = REF_K0;
    }
}
END_TEST

START_TEST(folding_equals_moments)
{
    ref_nucleus iodine = ref_i127();
    ref_model model = ref_universal(3e-5, 20);
    double m = ref_mass_MeV(&iodine);
    for (int f = 0; f < REF_N_FLAVOUR; f++)
        for (double t = 1e-4; t < 0.05; t *= 1.7) {
            ref_flavour flavour = (ref_flavour)f;
            double e = ref_e_min(&iodine, t), q = ref_weak_charge(&model, &iodine, flavour, t);
            double k = ref_moment(flavour, 0, e) - m * t / 2 * ref_moment(flavour, 2, e);
            ck_close(ref_folded_xsec(&model, &iodine, flavour, t),
                     g_fermi * g_fermi * m / M_PI * q * q * k * hbarc2, 1e-50, 1e-9);
        }
}
END_TEST

/* The proton coupling, read off the weak charge at T = 0. */
static double proton_coupling(ref_model model, ref_flavour flavour)
{
    ref_nucleus cs = ref_cs133();
    double neutron = model.couplings == REF_TREE ? -0.5 : -0.5117;
    return (ref_weak_charge(&model, &cs, flavour, 0) - 78 * neutron) / 55;
}

START_TEST(proton_couplings_of_the_specification)
{
    ref_model model = ref_standard_model();
    ck_close(proton_coupling(model, REF_NU_E), 0.0382, 1e-13, 0);
    ck_close(proton_coupling(model, REF_NUBAR_MU), 0.0300, 1e-13, 0);
    ck_close(proton_coupling(model, REF_NU_TAU), 0.0256, 1e-13, 0);
    model.s2w += 0.01;
    ck_close(proton_coupling(model, REF_NU_MU), 0.0100, 1e-13, 0);
    model = ref_standard_model();
    model.couplings = REF_TREE;
    ck_close(proton_coupling(model, REF_NU_E), 0.02286, 1e-13, 0);
    model.couplings = REF_CHARGE_RADIUS;
    ck_close(proton_coupling(model, REF_NU_E), 0.0186, 1e-13, 0);
    model.r2[0] = -0.83;
    model.r2[1] = -0.48;
    ck_close(proton_coupling(model, REF_NU_E), 0.0186 + 0.83 * 0.0263885, 1e-7, 0);
    ck_close(proton_coupling(model, REF_NU_MU), 0.0186 + 0.48 * 0.0263885, 1e-7, 0);
}
END_TEST

START_TEST(mediators_have_their_limits)
{
    ref_nucleus cs = ref_cs133();
    ref_model sm = ref_standard_model();
    /* heavy Z': NSI with eps = g^2 Q' Q' / (sqrt2 G_F M^2) */
    ref_model heavy = ref_universal(1e-3, 1e6);
    double eps = 1e-6 / (M_SQRT2 * g_fermi * 1e12);
    double shift =
        ref_weak_charge(&heavy, &cs, REF_NU_E, 0.01) - ref_weak_charge(&sm, &cs, REF_NU_E, 0.01);
    double proton = ref_form_factor(REF_HELM, sqrt(0.02 * ref_mass_MeV(&cs)), 4.821, 133);
    double neutron = ref_form_factor(REF_HELM, sqrt(0.02 * ref_mass_MeV(&cs)), 5.09, 133);
    ck_close(shift, 3 * eps * (55 * proton + 78 * neutron), 0, 1e-8);
    /* at Q2 = M^2 the propagator is half of that */
    heavy.m_MeV = sqrt(0.02 * ref_mass_MeV(&cs));
    eps = 1e-6 / (M_SQRT2 * g_fermi * heavy.m_MeV * heavy.m_MeV);
    shift =
        ref_weak_charge(&heavy, &cs, REF_NU_E, 0.01) - ref_weak_charge(&sm, &cs, REF_NU_E, 0.01);
    ck_close(shift, 1.5 * eps * (55 * proton + 78 * neutron), 0, 1e-10);
    /* B-L adds with the sign of the SM, with a third of the quark charge */
    ref_model b_l = ref_b_minus_l(1e-3, heavy.m_MeV);
    ck_close(ref_weak_charge(&b_l, &cs, REF_NU_E, 0.01) - ref_weak_charge(&sm, &cs, REF_NU_E, 0.01),
             -shift / 3, 0, 1e-10);
    /* loops at Q2 -> 0: eps = ln(m_tau^2 / m_mu^2) / 6 = 0.9407973, opposite for tau, none for e */
    ref_model loop = ref_l_mu_minus_l_tau(1e-3, 10);
    double charge = M_SQRT2 * 7.2973525693e-3 * 1e-8 * 0.9407973 / (M_PI * g_fermi) * 55;
    ck_close(ref_weak_charge(&loop, &cs, REF_NUBAR_MU, 0) - ref_weak_charge(&sm, &cs, REF_NU_MU, 0),
             charge, 0, 1e-7);
    ck_close(ref_weak_charge(&loop, &cs, REF_NU_TAU, 0) - ref_weak_charge(&sm, &cs, REF_NU_TAU, 0),
             -charge, 0, 1e-7);
    ck_assert(ref_weak_charge(&loop, &cs, REF_NU_E, 0) == ref_weak_charge(&sm, &cs, REF_NU_E, 0));
    loop.loop_l[0] = 0; /* an electron in the loop at large Q2 */
    loop.loop_l[1] = 1;
    ck_assert(isfinite(ref_weak_charge(&loop, &cs, REF_NU_E, 0.04)));
}
END_TEST

START_TEST(chirality_flips_have_a_closed_form)
{
    ref_nucleus cs = ref_cs133();
    ref_model model = ref_scalar(1e-2, 1e4), sm = ref_standard_model();
    model.form_factor = sm.form_factor = REF_POINT;
    double m = ref_mass_MeV(&cs), e = 30, t = 0.005;
    double amplitude = 1e-4 * 17.3 * 133 / (2 * m * t + 1e8);
    ck_close(ref_xsec_cevns(&model, &cs, REF_NU_E, e, t) - ref_xsec_cevns(&sm, &cs, REF_NU_E, e, t),
             m * m * t / (4 * M_PI * e * e) * amplitude * amplitude * hbarc2, 0, 1e-9);
    ref_model moment = sm;
    moment.mu_nu[1] = 1e-8;
    ck_close(ref_xsec_cevns(&moment, &cs, REF_NU_MU, e, t) -
                 ref_xsec_cevns(&sm, &cs, REF_NU_MU, e, t),
             2.49469e-25 * 1e-16 * 55 * 55 * (1 / t - 1 / e), 0, 1e-5);
    ck_assert(ref_xsec_cevns(&moment, &cs, REF_NU_E, e, t) ==
              ref_xsec_cevns(&sm, &cs, REF_NU_E, e, t));
}
END_TEST

static double smearing_moment(double pe, void *t)
{
    double p = ref_csi2021_smearing(pe, fabs(*(double *)t));
    return *(double *)t < 0 ? pe * p : p;
}

START_TEST(smearing_is_normalised)
{
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(1000);
    for (double t = 0.002; t < 0.05; t += 0.006) {
        double signed_t = t, norm, mean, error;
        gsl_function f = {smearing_moment, &signed_t};
        gsl_integration_qagiu(&f, 0, 0, 1e-11, 1000, work, &norm, &error);
        signed_t = -t;
        gsl_integration_qagiu(&f, 0, 0, 1e-11, 1000, work, &mean, &error);
        ck_close(norm, 1, 0, 1e-10);
        ck_close(mean, ref_csi2021_ee_keV(t) / 0.0749, 0, 1e-10);
    }
    gsl_integration_workspace_free(work);
}
END_TEST

START_TEST(response_is_efficiency_times_smearing)
{
    ck_assert(ref_csi2021_efficiency(7.0681) == 0 && ref_csi2021_efficiency(7.0683) > 0);
    ck_close(ref_csi2021_efficiency(1000), 1.32045 - 0.333322, 0, 1e-14);
    ck_close(ref_csi2021_efficiency(10.8646), 1.32045 / 2 - 0.333322, 0, 1e-12);
    ck_close(ref_csi2021_ee_keV(0.01), 0.5546280 + 0.430681 - 0.111707 + 0.00840384, 0, 1e-12);
    /* far above threshold and all of it in the bin: the plateau */
    ck_close(ref_csi2021_response(0, 1000, 0.12), 0.987128, 0, 1e-5);
    ck_assert(ref_csi2021_response(0, 7, 0.01) == 0 && ref_csi2021_response(0, 60, 0) == 0);
    for (double t = 0.0005; t < 0.05; t *= 1.5)
        ck_close(ref_csi2021_response(0, 23.3, t) + ref_csi2021_response(23.3, 60, t),
                 ref_csi2021_response(0, 60, t), 1e-18, 1e-12);
}
END_TEST

START_TEST(counts_of_the_specification)
{
    static const double per_bin[9] = {2.372431,  50.161915, 74.511449, 62.901668, 44.334281,
                                      50.578107, 22.887809, 10.638633, 2.675798};
    ref_csi2021 *detector = ref_csi2021_create(ref_csi2021_pe_edges, REF_CSI2021_N_PE);
    ref_model sm = ref_standard_model(), fermi = sm;
    double counts[REF_CSI2021_N_BIN], total = 0, total_fermi = 0;
    fermi.form_factor = REF_FERMI;
    ref_csi2021_counts(detector, &fermi, NULL, NULL, counts);
    for (int b = 0; b < REF_CSI2021_N_BIN; b++)
        total_fermi += counts[b];
    ref_csi2021_counts(detector, &sm, NULL, NULL, counts);
    for (int pe = 0; pe < REF_CSI2021_N_PE; pe++) {
        double sum = 0;
        for (int t = 0; t < REF_CSI2021_N_TIME; t++)
            sum += counts[pe * REF_CSI2021_N_TIME + t];
        ck_close(sum, per_bin[pe], 5.1e-7, 0);
        total += sum;
    }
    ck_close(total, 321.062090, 0, 1e-8);
    ck_close(total_fermi, total, 0, 3e-3);
    ref_csi2021_destroy(detector);
}
END_TEST

START_TEST(counts_do_not_depend_on_the_quadrature)
{
    static const double edges[4] = {0, 12, 24, 60};
    static const double mass[5] = {1e-3, 1, 30, 300, 1e4};
    ref_csi2021 *detector = ref_csi2021_create(edges, 3);
    for (int i = 0; i < 5; i++) {
        ref_model model = ref_universal(i < 3 ? 3e-5 : 1e-3, mass[i]);
        for (int f = 0; f < REF_N_FLAVOUR; f++) {
            double counts[3];
            ref_csi2021_energy_counts(detector, &model, NULL, NULL, (ref_flavour)f, counts);
            for (int b = 0; b < 3; b++)
                ck_close(ref_csi2021_adaptive_count(&model, NULL, NULL, (ref_flavour)f, edges[b],
                                                    edges[b + 1]),
                         counts[b], 0, 1e-12);
        }
    }
    ref_csi2021_destroy(detector);
}
END_TEST

START_TEST(counts_are_quadratic_in_g_squared)
{
    static const double edges[2] = {8, 60};
    ref_csi2021 *detector = ref_csi2021_create(edges, 1);
    double n[4], x = 1e-8;
    for (int i = 0; i < 4; i++) {
        ref_model model = ref_universal(sqrt(i * x), 100);
        ref_csi2021_energy_counts(detector, &model, NULL, NULL, REF_NU_E, &n[i]);
    }
    ck_close(n[3] - 3 * n[2] + 3 * n[1] - n[0], 0, 1e-13 * n[3], 0);
    ck_assert(fabs(n[2] - 2 * n[1] + n[0]) > 1e-3 * n[0]);
    ref_csi2021_destroy(detector);
}
END_TEST

START_TEST(one_norm_has_a_closed_form)
{
    static const double observed[4] = {3, 0, 7, 12};
    static const double shape[4] = {1.5, 0.25, 3, 4};
    static const double scale[5] = {1e-3, 1, 10, 1e8, 1e15};
    double sum_n = 22, s;
    for (int i = 0; i < 5; i++) {
        double template[4], sum = 8.75 * scale[i], infinite = INFINITY, sigma = 0.2, fixed = 0;
        for (int b = 0; b < 4; b++)
            template[b] = shape[b] * scale[i];
        ref_profile(4, 1, template, &infinite, observed, &s);
        ck_close(s, sum_n / sum, 0, 1e-13);
        ref_profile(4, 1, template, &sigma, observed, &s);
        double p = sigma * sigma * sum - 1, q = sigma * sigma * sum_n;
        double expected = p > 0 ? 2 * q / (p + sqrt(p * p + 4 * q)) : (sqrt(p * p + 4 * q) - p) / 2;
        ck_close(s, expected, 0, 1e-12);
        ck_assert(ref_profile(4, 1, template, &fixed, observed, &s) ==
                  ref_chi2_poisson(4, observed, template));
        ck_assert(s == 1);
    }
}
END_TEST

START_TEST(norms_stay_at_their_bound)
{
    static const double observed[2] = {0, 9};
    static const double templates[4] = {40, 0, 0, 10}; /* the first has nothing to describe */
    static const double sigma[2] = {0.5, 0.1};
    double s[2];
    double chi2 = ref_profile(2, 2, templates, sigma, observed, s);
    ck_assert(s[0] == 0);
    double p = 0.01 * 10 - 1, q = 0.01 * 9;
    ck_close(s[1], (sqrt(p * p + 4 * q) - p) / 2, 0, 1e-13);
    ck_close(chi2, 4 + 2 * (10 * s[1] - 9 + 9 * log(0.9 / s[1])) + pow((s[1] - 1) / 0.1, 2), 0,
             1e-13);
    ck_close(ref_chi2_poisson(2, observed, (double[]){2.5, 9}), 5, 0, 1e-15);
}
END_TEST

/* No neighbour within the bounds is lower, and the slopes vanish to rounding. */
START_TEST(profile_is_a_minimum)
{
    enum { N = 12, K = 4 };
    static const double sigma[K] = {0.12, 0.25, INFINITY, 0.021};
    double templates[K * N], observed[N], s[K], near[K];
    for (int b = 0; b < N; b++) {
        templates[b] = 40 * exp(-0.2 * b) * (_i + 0.1);
        templates[N + b] = b < 4 ? 6 : 0.5;
        templates[2 * N + b] = 3 + b;
        templates[3 * N + b] = 20;
        observed[b] = floor(templates[b] / (_i + 0.1) + 22 + (b * 37 % 11) - 5);
    }
    double chi2 = ref_profile(N, K, templates, sigma, observed, s);
    ck_assert(isfinite(chi2) && chi2 == ref_chi2(N, K, templates, sigma, observed, s));
    for (int direction = 0; direction < 81; direction++)
        for (double size = 1e-2; size > 1e-6; size *= 0.1) {
            for (int k = 0, digits = direction; k < K; k++, digits /= 3)
                near[k] = fmax(s[k] * (1 + (digits % 3 - 1) * size), 0);
            ck_assert(ref_chi2(N, K, templates, sigma, observed, near) >= chi2 - 1e-12);
        }
    for (int k = 0; k < K; k++) {
        double step = 1e-4 * s[k];
        if (step == 0) /* at the bound: the neighbours above cover it */
            continue;
        memcpy(near, s, sizeof near);
        near[k] = s[k] + step;
        double up = ref_chi2(N, K, templates, sigma, observed, near);
        near[k] = s[k] - step;
        double down = ref_chi2(N, K, templates, sigma, observed, near);
        /* chi2 above the minimum for a slope is slope^2 / (2 curvature) */
        ck_close((up - down) * (up - down) / (8 * (up + down - 2 * chi2)), 0, 1e-9, 0);
    }
}
END_TEST

static void write_text(const char *folder, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    test_write_file(path, text, strlen(text));
}

START_TEST(original_files_are_binned)
{
    static const char *const names[6] = {"dataBeamOnC.txt", "dataBeamOnAC.txt", "brnPE.txt",
                                         "brnTrec.txt",     "ninPE.txt",        "ninTrec.txt"};
    char folder[256], path[512];
    ref_csi2021_data *data = malloc(sizeof *data);
    test_folder(folder, sizeof folder);
    ck_assert_int_eq(ref_csi2021_load(data, folder), -1);
    write_text(folder, "dataBeamOnC.txt", "# PE us\n8 .125\n7.99 .1249\n59.9 5.9\n60 1\n9 6\n");
    write_text(folder, "dataBeamOnAC.txt", "1 1\n9 1\n10 2\n11 3\n70 1\n");
    write_text(folder, "brnPE.txt", "8.5 3\n20.5 1\n100.5 7\n");
    write_text(folder, "brnTrec.txt", "-0.005 5\n0.125 1\n0.405 3\n");
    write_text(folder, "ninPE.txt", "8.5 2\n");
    write_text(folder, "ninTrec.txt", "5.005 2\n");
    ck_assert_int_eq(ref_csi2021_load(data, folder), 0);
    double events = 0, steady = 0;
    for (int b = 0; b < REF_CSI2021_N_BIN; b++) {
        events += data->observed[b];
        steady += data->background[2][b];
    }
    ck_assert(events == 3 && data->observed[0] == 1 && data->observed[11 + 1] == 1);
    ck_assert(data->observed[8 * 11 + 10] == 1);
    ck_close(data->background[0][11], 18.4 * 0.75 * 0.125, 0, 1e-9); /* slice cut in half */
    ck_close(data->background[0][11 + 1], 18.4 * 0.75 * 0.125, 0, 1e-9);
    ck_close(data->background[0][4 * 11 + 3], 18.4 * 0.25 * 0.75, 0, 1e-12);
    ck_assert(data->background[0][5 * 11 + 3] == 0 && data->background[0][11 + 2] == 0);
    ck_close(data->background[1][11 + 10], 5.6, 0, 1e-14);
    ck_close(steady, 1286, 0, 1e-13);
    ck_close(data->background[2][8] / data->background[2][11 + 8], 1.0 / 3, 0, 1e-13);
    ck_close(data->background[2][9] / data->background[2][8],
             exp(-0.0494) * (1 - exp(-0.0988)) / (1 - exp(-0.0494)), 0, 1e-12);
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        ck_assert_int_eq(remove(path), 0);
    }
    ck_assert_int_eq(remove(folder), 0);
    free(data);
}
END_TEST

int main(void)
{
    gsl_set_error_handler_off();
    Suite *suite = suite_create("reference");
    TCase *tests = tcase_create("reference");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, moments_equal_their_closed_form);
    tcase_add_test(tests, kinematics_conserve_energy_and_momentum);
    tcase_add_test(tests, form_factors_agree_where_they_must);
    tcase_add_test(tests, cross_sections_of_the_specification);
    tcase_add_test(tests, point_nucleus_has_a_closed_form);
    tcase_add_test(tests, folding_equals_moments);
    tcase_add_test(tests, proton_couplings_of_the_specification);
    tcase_add_test(tests, mediators_have_their_limits);
    tcase_add_test(tests, chirality_flips_have_a_closed_form);
    tcase_add_test(tests, smearing_is_normalised);
    tcase_add_test(tests, response_is_efficiency_times_smearing);
    tcase_add_test(tests, counts_of_the_specification);
    tcase_add_test(tests, counts_do_not_depend_on_the_quadrature);
    tcase_add_test(tests, counts_are_quadratic_in_g_squared);
    tcase_add_test(tests, one_norm_has_a_closed_form);
    tcase_add_test(tests, norms_stay_at_their_bound);
    tcase_add_loop_test(tests, profile_is_a_minimum, 0, 3);
    tcase_add_test(tests, original_files_are_binned);
    suite_add_tcase(suite, tests);
    return test_run(suite);
}
