/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of every experiment with each of its options, bin by bin, against the independent
 * reference: in the Standard Model and beyond, with and without electrons. Skipped (exit 77)
 * without the original data. */
#include "test_experiments_support.h"

#define EXACT 1e-9
/* What tables of the releases have lost: 8 digits are left of BESTIOLE and 6 of the yields of
 * XENONnT, lines in place of formulas are right to 1e-5, or 1e-6 of the largest value. */
#define BESTIOLE 1e-8
#define POLYNOMIALS 1e-5
#define YIELDS 5e-6
#define FORMULA 3e-5

/* ---- experiments ---- */

#define DRESDEN_CASE(quenching_, flux_, kind, spectrum, tolerance_)                                \
    {                                                                                              \
        .entry = "name: dresden2, quenching: " quenching_ ", flux: " flux_, .layout = DRESDEN,     \
        .n_bin = REF_DRESDEN2_N_BIN, .quenching = kind, .flux = spectrum, .tolerance = tolerance_, \
        .baseline_m = 10.39                                                                        \
    }
#define DRESDEN_CASES(quenching_, kind)                                                            \
    DRESDEN_CASE(quenching_, "hmve", kind, REF_HMVE, 0),                                           \
        DRESDEN_CASE(quenching_, "hmk", kind, REF_HMK, 0),                                         \
        DRESDEN_CASE(quenching_, "bestiole", kind, REF_BESTIOLE, BESTIOLE),                        \
        DRESDEN_CASE(quenching_, "absolute", kind, REF_ABSOLUTE, 0)

/* Compared with all physics. */
static const experiment experiments[] = {
    {.entry = "name: coherent-csi-2017", .layout = CSI_1D, .n_bin = REF_CSI2017_N_PE},
    {.entry = "name: coherent-csi-2017, analysis: 2d, smearing: poisson",
     .layout = CSI_2D,
     .n_bin = REF_CSI2017_N_BIN,
     .poisson = 1},
    {.entry = "name: coherent-lar-2020", .layout = LAR_3D, .n_bin = REF_LAR2020_N_BIN},
    DRESDEN_CASE("fef", "hmve", REF_FEF, REF_HMVE, 0),
    {.entry = "name: xenonnt-8b",
     .layout = XENON,
     .n_bin = REF_XENONNT_N_BIN,
     .tolerance = YIELDS,
     .table = 1},
    {.entry = "name: ge-reactor-10ev", .layout = GERMANIUM_10_EV, .n_bin = 40, .baseline_m = 10.0},
    {.entry = "name: ge-400m",
     .layout = GERMANIUM_400_M,
     .n_bin = 3,
     .tolerance = POLYNOMIALS,
     .baseline_m = 400.0},
};
enum { N_EXPERIMENT = sizeof experiments / sizeof experiments[0] };

/* The other options: the Standard Model and one mediator. */
static const experiment options[] = {
    {.entry = "name: coherent-csi-2017, smearing: poisson",
     .layout = CSI_1D,
     .n_bin = REF_CSI2017_N_PE,
     .poisson = 1},
    {.entry = "name: coherent-csi-2017, analysis: 2d",
     .layout = CSI_2D,
     .n_bin = REF_CSI2017_N_BIN},
    {.entry = "name: coherent-lar-2020, analysis: 1d", .layout = LAR_1D, .n_bin = REF_LAR2020_N_E},
    DRESDEN_CASES("fef", REF_FEF),
    DRESDEN_CASES("ybe", REF_YBE),
    DRESDEN_CASES("lindhard", REF_LINDHARD),
    {.entry = "name: xenonnt-8b, flux: formula",
     .layout = XENON,
     .n_bin = REF_XENONNT_N_BIN,
     .tolerance = FORMULA},
};
enum { N_OPTION = sizeof options / sizeof options[0] };

static void compare(const bench *b, const physics *p, const char *es)
{
    double expected[EXPERIMENT_MAX_BIN], signal[EXPERIMENT_MAX_BIN], worst;
    double tolerance = b->e->tolerance > 0.0 ? b->e->tolerance : EXACT;
    char entry[256], more[256];

    snprintf(entry, sizeof entry, "{%s, es: %s}", b->e->entry, es);
    snprintf(more, sizeof more, "parameters: {%s}", p->parameters);
    test_problem t = experiment_problem(p->model, more, entry);
    ck_assert_uint_eq(t.problem->n_bin, b->e->n_bin);
    sevens_problem_signal(t.problem, t.work, 0, t.value, signal);
    bench_counts(b, &p->reference, expected);
    worst = compare_counts(entry, p->name, b->e->n_bin, signal, expected, tolerance);
    printf("%s, %s: worst relative difference %.1e\n", entry, p->name, worst);
    test_problem_free(&t);
}

START_TEST(counts)
{
    static bench b;
    physics list[N_PHYSICS];

    physics_list(list);
    bench_open(&b, &experiments[_i], 0);
    for (int p = 0; p < N_PHYSICS; p += FEW_POINTS ? 3 : 1)
        compare(&b, &list[p], "false");
    bench_close(&b);
}
END_TEST

START_TEST(counts_with_electrons)
{
    static const int of[] = {0, 1, 3};
    static bench b;
    physics list[N_PHYSICS];

    physics_list(list);
    bench_open(&b, &experiments[of[_i]], 1);
    for (int p = 0; p < N_PHYSICS; p += FEW_POINTS ? 3 : 1)
        compare(&b, &list[p], "true");
    bench_close(&b);
}
END_TEST

START_TEST(counts_of_options)
{
    static bench b;
    physics list[N_PHYSICS];

    physics_list(list);
    bench_open(&b, &options[_i], 0);
    for (int p = 0; p < 2; p++)
        compare(&b, &list[p], "false");
    bench_close(&b);
}
END_TEST

/* Reactors: oscillations that are resolved and averaged out. The tabulated recoil energies of the
 * reference are too few for them. */
START_TEST(counts_with_sterile_neutrinos)
{
    static const experiment *const of[] = {&options[11], &experiments[5], &experiments[6]};
    static const size_t bin[] = {31, 13, 2};
    static const double dm2[] = {2.0, 40.0};
    static bench b;

    bench_open(&b, of[_i], 0);
    for (int i = 0; i < (FEW_POINTS ? 1 : 2); i++) {
        double signal[EXPERIMENT_MAX_BIN];
        double tolerance = b.e->tolerance > 0.0 ? b.e->tolerance : EXACT;
        ref_model model = ref_sterile(0.13, 0.0, dm2[i]);
        char more[128], entry[128];

        model.l_m = b.e->baseline_m;
        model.l_half_m = 2.0;
        snprintf(more, sizeof more, "parameters: {u_e4_2: 0.13, dm2_41: %g}", dm2[i]);
        snprintf(entry, sizeof entry, "{%s, es: false}", b.e->entry);
        test_problem t = experiment_problem("sterile", more, entry);
        sevens_problem_signal(t.problem, t.work, 0, t.value, signal);
        ck_close(signal[bin[_i]], ref_detector_adaptive_count(b.nuclei, &model, 0, 0, bin[_i]), 0.0,
                 tolerance);
        test_problem_free(&t);
    }
    bench_close(&b);
}
END_TEST

/* Shape nuisances of argon: changes of the signal and of the neutrons, which the release has to 8
 * digits of a share and 6 of a count. */
START_TEST(changes_of_argon)
{
    static bench b;
    static double expected[5][REF_LAR2020_N_BIN], signal[3 * REF_LAR2020_N_BIN];
    const char *more =
        "nuisances: {\"coherent-lar-2020:cevns_f90\": {}, "
        "\"coherent-lar-2020:cevns_time\": {}, \"coherent-lar-2020:brn_energy\": {}, "
        "\"coherent-lar-2020:brn_time\": {}, \"coherent-lar-2020:brn_width\": {}}";
    ref_model model = ref_standard_model();
    const sevens_likelihood *l;
    size_t n = 0;

    bench_open(&b, &experiments[2], 0);
    ck_assert_int_eq(ref_lar2020_changes(&b.lar, b.nuclei, &model, original_data(), expected), 0);
    test_problem t = experiment_problem("sm", more, "{name: coherent-lar-2020, es: false}");
    l = &t.problem->group[0].likelihood;
    ck_assert_uint_eq(l->part[0].n_variant, 3);
    sevens_problem_signal(t.problem, t.work, 0, t.value, signal);
    for (size_t c = 1; c < l->part[0].n_component; c++) {
        const sevens_component *component = &l->part[0].component[c];
        const double *ours = component->counts;

        if (component->shape == SEVENS_NONE)
            continue;
        if (!ours)
            ours = signal + component->variant * REF_LAR2020_N_BIN;
        for (size_t i = 0; i < REF_LAR2020_N_BIN; i++)
            ck_close(ours[i], expected[n][i], 1.5e-6, 0.0);
        n++;
    }
    ck_assert_uint_eq(n, 5);
    test_problem_free(&t);
    bench_close(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("experiments");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, counts, 0, N_EXPERIMENT);
    tcase_add_loop_test(all, counts_with_electrons, 0, 3);
    tcase_add_loop_test(all, counts_of_options, 0, N_OPTION);
    tcase_add_loop_test(all, counts_with_sterile_neutrinos, 0, 3);
    tcase_add_test(all, changes_of_argon);
    suite_add_tcase(suite, all);
    return experiments_run(suite);
}
