/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chi2 where nuisances are more than norms of one experiment, against the independent reference:
 * shapes of CsI 2021, and the neutrino flux that CsI 2021 and LAr 2020 share. Skipped (exit 77)
 * without the original data. */
#include "test_experiments_chi2.h"

static ref_model universal_light(double g)
{
    return ref_universal(g, 0.1);
}

/* ---- CsI 2021: shapes ---- */

enum { N_CSI = REF_CSI2021_N_BIN, N_SHAPE = 3 };

/* Scintillation, two pairs; efficiency. + then -. */
#define LIGHT                                                                                      \
    {                                                                                              \
        0.0554628, 4.30681, -111.707, 840.384                                                      \
    }
#define EFFICIENCY                                                                                 \
    {                                                                                              \
        1.32045, 0.285979, 10.8646, -0.333322                                                      \
    }
static const ref_csi2021_curves varied[N_SHAPE][2] = {
    {{{0.0613632, 3.51547, -85.5548, 595.562}, EFFICIENCY},
     {{0.0495624, 5.09815, -137.858, 1085.2}, EFFICIENCY}},
    {{{0.055413, 3.93597, -93.1045, 630.092}, EFFICIENCY},
     {{0.0555126, 4.67765, -130.309, 1050.68}, EFFICIENCY}},
    {{LIGHT, {1.3439, 0.285366, 9.84596, -0.356364}},
     {LIGHT, {1.297, 0.286592, 11.8832, -0.31028}}}};

static void csi_2021_counts(const ref_csi2021_curves *curves, const ref_model *model,
                            double counts[N_CSI])
{
    ref_csi2021 *detector =
        ref_csi2021_create_varied(curves, ref_csi2021_pe_edges, REF_CSI2021_N_PE);

    ck_assert_ptr_nonnull(detector);
    ref_csi2021_counts(detector, model, NULL, NULL, counts);
    ref_csi2021_destroy(detector);
}

static void csi_2021_load(ref_csi2021_data *data)
{
    char folder[4096];

    snprintf(folder, sizeof folder, "%s/coherent-csi-2021", original_data());
    ck_assert_int_eq(ref_csi2021_load(data, folder), 0);
}

static double csi_2021_with_shapes(const ref_model *model, double a[N_SHAPE])
{
    static const double sigma[4] = {0.12, 0.25, 0.35, 0.021};
    static double templates[4][N_CSI], changes[N_SHAPE][N_CSI];
    static ref_csi2021_data data;
    double plus[N_CSI], minus[N_CSI], s[4];

    csi_2021_load(&data);
    csi_2021_counts(&ref_csi2021_central, model, templates[0]);
    memcpy(templates[1], data.background, sizeof data.background);
    for (int j = 0; j < N_SHAPE; j++) {
        csi_2021_counts(&varied[j][0], model, plus);
        csi_2021_counts(&varied[j][1], model, minus);
        for (int b = 0; b < N_CSI; b++)
            changes[j][b] = 0.5 * (plus[b] - minus[b]);
    }
    return ref_profile_shapes(N_CSI, 4, templates[0], sigma, N_SHAPE, changes[0], data.observed, s,
                              a);
}

static size_t nuisance(const sevens_likelihood *l, const char *name)
{
    size_t i = 0;

    while (i < l->n_nuisance && strcmp(l->nuisance[i].name, name) != 0)
        i++;
    ck_assert_uint_lt(i, l->n_nuisance);
    return i;
}

START_TEST(csi_2021_shapes)
{
    static const char *const names[] = {"scintillation_0", "scintillation_1", "acceptance"};
    static const double value[] = {0.0, 2e-5};
    double chi2[MAX_ROW], a[N_SHAPE];
    sevens_profile profile[1];
    test_problem t = experiment_problem(
        "zprime",
        "parameters: {m_zp: 0.1}, nuisances: {coherent-csi-2021:scintillation_0: {}, "
        "coherent-csi-2021:scintillation_1: {}, coherent-csi-2021:acceptance: {}}",
        "{name: coherent-csi-2021, es: false}");
    const sevens_likelihood *l = &t.problem->group[0].likelihood;

    chi2_on_row(&t, "g_zp", 2, value, chi2);
    for (int i = 0; i < 2; i++) {
        ref_model model = universal_light(value[i]);
        double expected = csi_2021_with_shapes(&model, a);

        printf("CsI 2021, shapes, g_zp = %g: chi2 %.9f, difference %.1e; a %.6f %.6f %.6f\n",
               value[i], expected, chi2[i] - expected, a[0], a[1], a[2]);
        ck_close(chi2[i], expected, CHI2_TOLERANCE, 0.0);
        t.value[t.g] = value[i];
        sevens_problem_chi2(t.problem, t.work, t.value, profile);
        for (int j = 0; j < N_SHAPE; j++)
            ck_close(profile->value[nuisance(l, names[j])], a[j], 1e-4, 0.0);
    }
    test_problem_free(&t);
}
END_TEST

/* ---- one flux for several experiments ---- */

typedef struct joint {
    double csi[N_CSI], lar[REF_LAR2020_N_BIN];
    ref_csi2021_data data;
    bench b;
    int three_dimensions;
} joint;

/* chi2 of CsI 2021 and LAr 2020 with the flux, of 10 %, moved by eta. */
static double joint_at(const joint *j, double eta)
{
    const double sigma[4] = {sqrt(0.12 * 0.12 - 0.01) / (1.0 + eta), 0.25, 0.35, 0.021};
    double templates[4][N_CSI], s[4], rest = sqrt(0.134 * 0.134 - 0.01);

    memcpy(templates[1], j->data.background, sizeof j->data.background);
    for (int b = 0; b < N_CSI; b++)
        templates[0][b] = (1.0 + eta) * j->csi[b];
    return pow(eta / 0.1, 2.0) + ref_profile(N_CSI, 4, templates[0], sigma, j->data.observed, s) +
           (j->three_dimensions ? lar_poisson_around : lar_gauss_around)(&j->b, j->lar, 1.0 + eta,
                                                                         rest);
}

/* By the golden section. */
static double joint_minimum(const joint *j, double *eta)
{
    const double golden = 0.6180339887498949;
    double lo = -0.99, hi = 9.0, x[2] = {hi - golden * (hi - lo), lo + golden * (hi - lo)};
    double f[2] = {joint_at(j, x[0]), joint_at(j, x[1])};

    while (hi - lo > 1e-5) {
        int worse = f[0] < f[1];

        *(worse ? &hi : &lo) = x[worse];
        x[worse] = x[1 - worse];
        f[worse] = f[1 - worse];
        x[1 - worse] = worse ? hi - golden * (hi - lo) : lo + golden * (hi - lo);
        f[1 - worse] = joint_at(j, x[1 - worse]);
    }
    *eta = 0.5 * (lo + hi);
    return fmin(f[0], f[1]);
}

START_TEST(shared_flux)
{
    static const double value[] = {0.0, 9e-5, 2.5e-4};
    static joint j;
    char entries[160];
    double chi2[MAX_ROW], eta;
    sevens_profile profile[1];
    size_t n = FEW_POINTS ? 1 : 3;

    j.three_dimensions = _i;
    snprintf(entries, sizeof entries,
             "{name: coherent-csi-2021, es: false}, {name: coherent-lar-2020, analysis: %s}",
             _i ? "3d" : "1d");
    test_problem t = experiment_problem(
        "zprime",
        "parameters: {m_zp: 50}, nuisances: {coherent-csi-2021:signal: {shared: sns-flux}, "
        "coherent-lar-2020:signal: {shared: sns-flux}}",
        entries);
    ck_assert_uint_eq(t.problem->n_group, 1);
    chi2_on_row(&t, "g_zp", n, value, chi2);
    csi_2021_load(&j.data);
    bench_open(&j.b, _i ? &lar_3d : &lar_1d, 0);
    for (size_t i = 0; i < n; i++) {
        ref_model model = universal_50(value[i]);

        csi_2021_counts(&ref_csi2021_central, &model, j.csi);
        bench_counts(&j.b, &model, j.lar);
        double expected = joint_minimum(&j, &eta);
        printf("%s, g_zp = %g: chi2 %.9g, difference %.1e, eta %.4f\n", entries, value[i], expected,
               chi2[i] - expected, eta);
        ck_close(chi2[i], expected, CHI2_TOLERANCE, 0.0);
        t.value[t.g] = value[i];
        sevens_problem_chi2(t.problem, t.work, t.value, profile);
        ck_close(sevens_shared_pull_value(&t.problem->group[0].likelihood, 0, profile->value),
                 eta / 0.1, 1e-3, 0.0);
    }
    bench_close(&j.b);
    test_problem_free(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("experiments_joint");
    TCase *all = tcase_create("all");

    tcase_add_test(all, csi_2021_shapes);
    tcase_add_loop_test(all, shared_flux, 0, 2);
    suite_add_tcase(suite, all);
    return experiments_run(suite);
}
