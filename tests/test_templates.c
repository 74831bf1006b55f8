/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Predictions against the independent reference, and the structure that rows rely on. */
#include "reference/reference.h"
#include "sevens/constants.h"
#include "test_problem.h"
#include <gsl/gsl_errno.h>

#define TOLERANCE 1e-9 /* per bin, relative */
#define POINTS 40

static const char *const universal = TEST_PLANE("universal", "3", "3");

/* Every energy bin of every flux class at random points, far beyond the default plane. */
static void compare_with_reference(const char *charges, ref_model (*model)(double, double),
                                   unsigned long long seed)
{
    char scan[1024];
    test_problem t;
    ref_csi2021 *detector = ref_csi2021_create(ref_csi2021_pe_edges, REF_CSI2021_N_PE);
    double abc[3 * 3 * REF_CSI2021_N_PE], expected[REF_CSI2021_N_PE], worst = 0.0;

    snprintf(scan, sizeof scan, TEST_PLANE("%s", "3", "3"), charges);
    t = test_problem_make(scan);
    ck_assert_ptr_nonnull(detector);
    for (int i = 0; i < POINTS; i++) {
        double m = test_random_log(&seed, 1e-3, 1e5), g = test_random_log(&seed, 1e-7, 1e-1);
        double x = g * g;
        ref_model reference = model(g, m);
        sevens_model_point point = {t.value, t.g};

        t.value[t.m] = m;
        t.value[t.g] = 0.385; /* must not matter: it is the row */
        sevens_templates_update(t.work->templates[0], &point);
        sevens_templates_channel_row(t.work->templates[0], &point, SEVENS_CEVNS, abc);
        for (int f = 0; f < 3; f++) {
            const double *row = abc + 3 * REF_CSI2021_N_PE * f;

            ref_csi2021_energy_counts(detector, &reference, NULL, NULL, (ref_flavour)f, expected);
            for (int e = 0; e < REF_CSI2021_N_PE; e++) {
                double A = row[e], B = row[REF_CSI2021_N_PE + e], C = row[2 * REF_CSI2021_N_PE + e];
                double counts = A + x * (B + x * C);

                /* rounding of the three terms where they cancel */
                ck_close(counts, expected[e], 1e-15 * (A + fabs(x * B) + x * x * C), TOLERANCE);
                worst = fmax(worst, fabs(counts / expected[e] - 1.0));
            }
        }
    }
    printf("%s: worst relative difference %.1e at %d points\n", charges, worst, POINTS);
    ref_csi2021_destroy(detector);
    test_problem_free(&t);
}

START_TEST(universal_agrees)
{
    compare_with_reference("universal", ref_universal, 20260102);
}
END_TEST

START_TEST(b_minus_l_agrees)
{
    compare_with_reference("b-l", ref_b_minus_l, 7351);
}
END_TEST

/* All 99 bins with their time shares, at one point. */
START_TEST(bins_agree)
{
    test_problem t = test_problem_make(universal);
    ref_csi2021 *detector = ref_csi2021_create(ref_csi2021_pe_edges, REF_CSI2021_N_PE);
    ref_model reference = ref_universal(3.7e-5, 17.3);
    double expected[REF_CSI2021_N_BIN];

    t.value[t.m] = 17.3;
    t.value[t.g] = 3.7e-5;
    ck_assert_uint_eq(t.problem->n_bin, REF_CSI2021_N_BIN);
    sevens_problem_signal(t.problem, t.work, 0, t.value, t.work->signal);
    ref_csi2021_counts(detector, &reference, NULL, NULL, expected);
    for (int b = 0; b < REF_CSI2021_N_BIN; b++)
        ck_close(t.work->signal[b], expected[b], 0.0, TOLERANCE);
    ref_csi2021_destroy(detector);
    test_problem_free(&t);
}
END_TEST

/* Options of kind `sm`, each against the reference with the same option. */
START_TEST(sm_options_agree)
{
    static const struct {
        const char *option;
        ref_couplings couplings;
        ref_form_factor_kind form_factor;
        ref_kinematics kinematics;
    } cases[] = {
        {"couplings: tree", REF_TREE, REF_HELM, REF_K0},
        {"form_factor: fermi", REF_RADIATIVE, REF_FERMI, REF_K0},
        {"form_factor: klein-nystrand", REF_RADIATIVE, REF_KLEIN_NYSTRAND, REF_K0},
        {"form_factor: none", REF_RADIATIVE, REF_POINT, REF_K0},
        {"kinematics: k1", REF_RADIATIVE, REF_HELM, REF_K1},
        {"kinematics: k2", REF_RADIATIVE, REF_HELM, REF_K2},
    };
    ref_csi2021 *detector = ref_csi2021_create(ref_csi2021_pe_edges, REF_CSI2021_N_PE);
    double expected[REF_CSI2021_N_BIN];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char scan[512];
        ref_model reference = ref_standard_model();
        test_problem t;

        reference.couplings = cases[i].couplings;
        reference.form_factor = cases[i].form_factor;
        reference.kinematics = cases[i].kinematics;
        snprintf(scan, sizeof scan, "{schema: 1, name: t, model: {kind: sm, %s}, " TEST_CSI,
                 cases[i].option);
        t = test_problem_make(scan);
        sevens_problem_signal(t.problem, t.work, 0, t.value, t.work->signal);
        ref_csi2021_counts(detector, &reference, NULL, NULL, expected);
        for (int b = 0; b < REF_CSI2021_N_BIN; b++)
            ck_close(t.work->signal[b], expected[b], 0.0, TOLERANCE);
        test_problem_free(&t);
    }
    ref_csi2021_destroy(detector);
}
END_TEST

/* A heavy mediator is a contact interaction: only g/M matters, to (q/M)^2. */
START_TEST(heavy_mediator_is_contact)
{
    test_problem t = test_problem_make(universal);
    double *light = malloc(t.problem->n_bin * sizeof *light);

    t.value[t.m] = 1e6;
    t.value[t.g] = 0.4;
    sevens_problem_signal(t.problem, t.work, 0, t.value, light);
    t.value[t.m] = 7e6;
    t.value[t.g] = 2.8;
    sevens_problem_signal(t.problem, t.work, 0, t.value, t.work->signal);
    for (size_t b = 0; b < t.problem->n_bin; b++)
        ck_close(light[b], t.work->signal[b], 0.0, 2e-8);
    free(light);
    test_problem_free(&t);
}
END_TEST

/* Any point on a row equals the prediction made at that point alone. */
START_TEST(row_equals_points)
{
    test_problem t = test_problem_make(universal);
    size_t n = t.problem->n_bin;
    double *row = malloc(3 * n * sizeof *row);
    sevens_model_point point = {t.value, t.g};

    t.value[t.m] = 41.7;
    sevens_templates_update(t.work->templates[0], &point);
    sevens_templates_row(t.work->templates[0], &point, row);
    for (double g = 1e-6; g < 0.1; g *= 3.83) {
        double x = g * g;

        t.value[t.g] = g;
        sevens_problem_signal(t.problem, t.work, 0, t.value, t.work->signal);
        for (size_t b = 0; b < n; b++)
            ck_close(row[b] + x * (row[n + b] + x * row[2 * n + b]), t.work->signal[b], 1e-12,
                     1e-12);
    }
    free(row);
    test_problem_free(&t);
}
END_TEST

/* Updates integrate only what changed: a walk through parameters ends where a fresh start does. */
START_TEST(updates_are_complete)
{
    static const double walk[][3] = {{10.0, 1e-4, 5.0},
                                     {10.0, 2e-4, 5.0},
                                     {0.3, 2e-4, 5.0},
                                     {0.3, 2e-4, 5.7},
                                     {77.0, 1e-5, 4.4}};
    test_problem t = test_problem_make(universal);
    size_t rn = sevens_model_find(t.problem->model, "rn_csi"), n = t.problem->n_bin;

    for (size_t i = 0; i < sizeof walk / sizeof walk[0]; i++) {
        test_problem fresh = test_problem_make(universal);

        fresh.value[fresh.m] = t.value[t.m] = walk[i][0];
        fresh.value[fresh.g] = t.value[t.g] = walk[i][1];
        fresh.value[rn] = t.value[rn] = walk[i][2];
        sevens_problem_signal(t.problem, t.work, 0, t.value, t.work->signal);
        sevens_problem_signal(fresh.problem, fresh.work, 0, fresh.value, fresh.work->signal);
        ck_assert_mem_eq(t.work->signal, fresh.work->signal, n * sizeof(double));
        test_problem_free(&fresh);
    }
    test_problem_free(&t);
}
END_TEST

/* Strigari's norm halves the amplitude: the same rate at g sqrt2. */
START_TEST(strigari_norm)
{
    test_problem t = test_problem_make(universal);
    test_problem half = test_problem_make(
        "{schema: 1, name: t, model: {kind: zprime, charges: universal, norm: strigari}, "
        "parameters: {m_zp: 10}, " TEST_CSI);

    t.value[t.m] = half.value[half.m] = 8.3;
    t.value[t.g] = 4.1e-5;
    half.value[half.g] = 4.1e-5 * SEVENS_SQRT2;
    sevens_problem_signal(t.problem, t.work, 0, t.value, t.work->signal);
    sevens_problem_signal(half.problem, half.work, 0, half.value, half.work->signal);
    for (size_t b = 0; b < t.problem->n_bin; b++)
        ck_close(half.work->signal[b], t.work->signal[b], 0.0, 1e-13);
    test_problem_free(&t);
    test_problem_free(&half);
}
END_TEST

/* Free charges equal the named assignment. */
START_TEST(free_charges)
{
    test_problem named = test_problem_make(TEST_PLANE("b-3l_mu", "3", "3"));
    test_problem own = test_problem_make(
        TEST_PLANE("{u: 0.33333333333333333, d: 0.33333333333333333, mu: -3}", "3", "3"));

    named.value[named.m] = own.value[own.m] = 23.0;
    named.value[named.g] = own.value[own.g] = 2.2e-4;
    sevens_problem_signal(named.problem, named.work, 0, named.value, named.work->signal);
    sevens_problem_signal(own.problem, own.work, 0, own.value, own.work->signal);
    for (size_t b = 0; b < named.problem->n_bin; b++)
        ck_close(own.work->signal[b], named.work->signal[b], 0.0, 1e-14);
    test_problem_free(&named);
    test_problem_free(&own);
}
END_TEST

/* A release whose bins would ask for a quadrature without end. */
START_TEST(endless_bins)
{
    test_problem t = test_problem_make(universal);
    sevens_release *release = t.problem->experiment[0].release;
    double *top = &release->axis[0].edges[release->n_channel], before = *top;
    sevens_mesh_options options = {.signal_scale = 1.0};
    sevens_mesh *mesh;
    sevens_error err = {0};

    *top = 1e300;
    ck_assert_int_eq(sevens_mesh_create(&mesh, release, t.problem->model, &options, &err),
                     SEVENS_ERR_INPUT);
    ck_contains(err.message, "the energy bins reach 1e+300 PE");
    ck_assert_ptr_null(mesh);
    *top = before;
    test_problem_free(&t);
}
END_TEST

/* norm_scale multiplies the signal and nothing else. */
START_TEST(norm_scale)
{
    test_problem t = test_problem_make("{schema: 1, name: t, model: sm, " TEST_CSI);
    test_problem scaled = test_problem_make(
        "{schema: 1, name: t, model: sm, experiments: [{name: coherent-csi-2021, es: false, "
        "norm_scale: 1.37}]}");

    sevens_problem_signal(t.problem, t.work, 0, t.value, t.work->signal);
    sevens_problem_signal(scaled.problem, scaled.work, 0, scaled.value, scaled.work->signal);
    for (size_t b = 0; b < t.problem->n_bin; b++)
        ck_close(scaled.work->signal[b], 1.37 * t.work->signal[b], 0.0, 1e-13);
    test_problem_free(&t);
    test_problem_free(&scaled);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("templates");
    TCase *tc = tcase_create("templates");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, universal_agrees);
    tcase_add_test(tc, b_minus_l_agrees);
    tcase_add_test(tc, bins_agree);
    tcase_add_test(tc, sm_options_agree);
    tcase_add_test(tc, heavy_mediator_is_contact);
    tcase_add_test(tc, row_equals_points);
    tcase_add_test(tc, updates_are_complete);
    tcase_add_test(tc, strigari_norm);
    tcase_add_test(tc, free_charges);
    tcase_add_test(tc, endless_bins);
    tcase_add_test(tc, norm_scale);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
