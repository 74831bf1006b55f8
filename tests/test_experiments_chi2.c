/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chi2 of every experiment with original data against the independent reference, along rows through
 * the Standard Model: by the program's reference likelihood and by the backends for processors.
 * Skipped (exit 77) without the original data. First the comparison and its rows, then one
 * experiment after the other. */
#include "test_experiments_chi2.h"
#include <gsl/gsl_randist.h>

/* ---- the comparison ---- */

/* A row along a parameter of a model. */
typedef struct chi2_row {
    const char *model, *more, *parameter; /* more: keys of the scan file */
    size_t n;
    double value[MAX_ROW];
    ref_model (*reference)(double value);
} chi2_row;

typedef double (*chi2_of)(const bench *b, const double *signal);

static void compare_row(const bench *b, const chi2_row *row, const char *entry, chi2_of reference,
                        double tolerance)
{
    double chi2[MAX_ROW], signal[EXPERIMENT_MAX_BIN];
    test_problem t = experiment_problem(row->model, row->more, entry);

    chi2_on_row(&t, row->parameter, row->n, row->value, chi2);
    if (t.problem->group[0].likelihood.part[0].kind == SEVENS_LIKELIHOOD_POISSON_ON_OFF) {
        for (size_t i = 0; i < row->n; i++)
            chi2[i] += sevens_on_off_offset(&t.problem->group[0].likelihood.part[0]);
    }
    for (size_t i = 0; i < row->n; i++) {
        ref_model model = row->reference(row->value[i]);

        bench_counts(b, &model, signal);
        double expected = reference(b, signal);
        printf("%s, %s = %g: chi2 %.9g, difference %.1e\n", entry, row->parameter, row->value[i],
               expected, chi2[i] - expected);
        ck_close(chi2[i], expected, tolerance, 1e-9);
    }
    test_problem_free(&t);
}

/* ---- rows ---- */

static ref_model moment_e(double mu)
{
    ref_model m = ref_standard_model();

    m.mu_nu[0] = mu;
    return m;
}

static ref_model radius_e(double r2)
{
    ref_model m = ref_standard_model();

    m.couplings = REF_CHARGE_RADIUS;
    m.r2[0] = r2;
    return m;
}

static const chi2_row sns_row = {"zprime", "parameters: {m_zp: 50}",  "g_zp",
                                 4,        {0.0, 4e-5, 9e-5, 2.5e-4}, universal_50};
static const chi2_row reactor_row = {
    "magnetic-moment", "parameters: {}", "mu_nu_e", 5, {0.0, 1e-10, 2.5e-10, 6e-10, 3e-9},
    moment_e};

/* From a signal far above the data to one of its size and back. */
static const chi2_row radius_row = {
    "charge-radius", "parameters: {}", "r2_ee", 6, {-90.0, -60.0, -50.0, -46.0, -24.0, 5.0},
    radius_e};

/* ---- CsI 2017 ---- */

/* Data less background and its error in 12 bins. */
static double csi_gauss(const bench *b, const double *signal)
{
    static const double sigma[2] = {0.28, 0.25};
    double work[24], on[12], off[12], error[12], a[2];

    memcpy(work, signal, 12 * sizeof *signal);
    sum_groups(12, 12, b->csi.neutrons, work + 12);
    sum_groups(12, 12, b->csi.on, on);
    sum_groups(12, 12, b->csi.off, off);
    for (int i = 0; i < 12; i++) {
        error[i] = sqrt(on[i] + off[i]);
        on[i] -= off[i];
    }
    return ref_profile_gauss(12, 2, work, sigma, on, error, a);
}

START_TEST(csi_2017_gauss)
{
    static const experiment of[] = {{.layout = CSI_1D, .n_bin = 12},
                                    {.layout = CSI_1D, .n_bin = 12, .poisson = 1}};
    static const char *const entry[] = {
        "{name: coherent-csi-2017, es: false}",
        "{name: coherent-csi-2017, smearing: poisson, es: true}",
    };
    static bench b;

    bench_open(&b, &of[_i], _i == 1);
    compare_row(&b, &sns_row, entry[_i], csi_gauss, CHI2_TOLERANCE);
    bench_close(&b);
}
END_TEST

static ref_steady_state on_off_kind;
static int on_off_per_bin;

static double csi_on_off(const bench *b, const double *signal)
{
    double beam[REF_CSI2017_N_BIN];

    for (int i = 0; i < REF_CSI2017_N_BIN; i++)
        beam[i] = signal[i] + b->csi.neutrons[i];
    return ref_chi2_on_off(REF_CSI2017_N_BIN, beam, b->csi.on, b->csi.off, on_off_kind,
                           on_off_per_bin, 0.28);
}

/* With b at its best the likelihood of a bin without counts when the beam is off is bent where b
 * becomes 0; that costs the program's integral up to 2e-5 for each (docs/physics.md eq. 51). */
static double on_off_tolerance(const bench *b)
{
    int bent = 0;

    for (int i = 0; i < REF_CSI2017_N_BIN; i++)
        bent += b->csi.on[i] > 0.0 && b->csi.off[i] == 0.0;
    return on_off_kind == REF_PROFILED ? 2e-5 * bent : CHI2_TOLERANCE;
}

START_TEST(csi_2017_on_off)
{
    static const char *const kind[] = {"discrete", "continuous", "profiled"};
    static const experiment of[] = {{.layout = CSI_2D, .n_bin = REF_CSI2017_N_BIN},
                                    {.layout = CSI_2D, .n_bin = REF_CSI2017_N_BIN, .poisson = 1}};
    static bench b;
    chi2_row row = sns_row;
    char entry[256];
    int poisson = _i / 6;

    on_off_kind = (ref_steady_state)(_i % 3);
    on_off_per_bin = _i / 3 % 2;
    row.n = FEW_POINTS || poisson ? 1 : 3;
    bench_open(&b, &of[poisson], 0);
    snprintf(entry, sizeof entry,
             "{name: coherent-csi-2017, es: false, analysis: 2d, smearing: %s, background: %s, "
             "signal_norm: %s}",
             poisson ? "poisson" : "none", kind[_i % 3], on_off_per_bin ? "per-bin" : "common");
    compare_row(&b, &row, entry, csi_on_off, on_off_tolerance(&b));
    bench_close(&b);
}
END_TEST

static double poisson(double n, double mean)
{
    return mean > 0.0 ? gsl_ran_poisson_pdf((unsigned)n, mean) : n == 0.0;
}

/* sum over b of two Poisson probabilities. */
static double discrete_bin(double n, double m, double s)
{
    double sum = 0.0;

    for (int b = 0; b < 200; b++)
        sum += poisson(n, s + b) * poisson(m, b);
    return sum;
}

/* -2 sum ln max L, by small steps, and where b is at its best in closed form. */
START_TEST(csi_2017_on_off_offset)
{
    static ref_csi2017_data set;
    double discrete = 0.0, profiled = 0.0;
    test_problem t[2];

    ck_assert_int_eq(ref_csi2017_load(&set, original_data()), 0);
    for (int i = 0; i < REF_CSI2017_N_BIN; i++) {
        double n = set.on[i], m = set.off[i], best = 0.0, b = n > m ? m : 0.5 * (n + m);

        for (double s = 0.0; s <= n; s += 0.002)
            best = fmax(best, discrete_bin(n, m, s));
        discrete -= 2.0 * log(best);
        profiled -= 2.0 * log(poisson(n, fmax(n, b)) * poisson(m, b));
    }
    t[0] = experiment_problem("sm", "", "{name: coherent-csi-2017, analysis: 2d}");
    t[1] = experiment_problem("sm", "",
                              "{name: coherent-csi-2017, analysis: 2d, background: profiled}");
    ck_close(sevens_on_off_offset(&t[0].problem->group[0].likelihood.part[0]), discrete, 1e-4, 0.0);
    ck_close(sevens_on_off_offset(&t[1].problem->group[0].likelihood.part[0]), profiled, 1e-6, 0.0);
    test_problem_free(&t[0]);
    test_problem_free(&t[1]);
}
END_TEST

/* ---- LAr 2020 ---- */

static double lar_poisson(const bench *b, const double *signal)
{
    return lar_poisson_around(b, signal, 1.0, 0.134);
}

static double lar_gauss(const bench *b, const double *signal)
{
    return lar_gauss_around(b, signal, 1.0, 0.134);
}

START_TEST(lar_2020)
{
    static bench b;
    chi2_row row = sns_row;

    row.n = FEW_POINTS ? 2 : row.n;
    bench_open(&b, _i == 0 ? &lar_3d : &lar_1d, 0);
    compare_row(&b, &row,
                _i == 0 ? "{name: coherent-lar-2020}" : "{name: coherent-lar-2020, analysis: 1d}",
                _i == 0 ? lar_poisson : lar_gauss, CHI2_TOLERANCE);
    bench_close(&b);
}
END_TEST

/* ---- Dresden-II ---- */

static double dresden_with(const bench *b, int off, const double *signal)
{
    static ref_dresden2_data set;
    double p[REF_DRESDEN2_N_PARAMETER] = {14, 140, 0.25, 85, 1.292, 0.07, 0.16};

    (void)b;
    ck_assert_int_eq(ref_dresden2_load(&set, original_data()), 0);
    return ref_profile_dresden2(&set, off, signal, p);
}

static double dresden(const bench *b, const double *signal)
{
    return dresden_with(b, 0, signal);
}

START_TEST(dresden_2)
{
    static const experiment of[] = {
        {.layout = DRESDEN, .n_bin = REF_DRESDEN2_N_BIN, .quenching = REF_FEF},
        {.layout = DRESDEN, .n_bin = REF_DRESDEN2_N_BIN, .quenching = REF_YBE},
        {.layout = DRESDEN,
         .n_bin = REF_DRESDEN2_N_BIN,
         .quenching = REF_LINDHARD,
         .flux = REF_ABSOLUTE}};
    static const char *const entry[] = {"{name: dresden2}",
                                        "{name: dresden2, quenching: ybe, es: false}",
                                        "{name: dresden2, quenching: lindhard, flux: absolute}"};
    static bench b;

    bench_open(&b, &of[_i], _i != 1);
    compare_row(&b, &reactor_row, entry[_i], dresden, CHI2_TOLERANCE);
    if (_i == 1)
        compare_row(&b, &radius_row, entry[_i], dresden, CHI2_TOLERANCE);
    bench_close(&b);
}
END_TEST

/* The reference has the M line as wide as with the reactor on. */
START_TEST(dresden_2_without_reactor)
{
    static const double nothing[REF_DRESDEN2_N_BIN], value[1] = {0.0};
    double chi2[MAX_ROW];
    test_problem t = experiment_problem(
        "magnetic-moment", "parameters: {}",
        "{name: dresden2, data: off, patch: {likelihood: {lines: {m_sigma_keV: 0.0685}}}}");

    chi2_on_row(&t, "mu_nu_e", 1, value, chi2);
    ck_close(chi2[0], dresden_with(NULL, 1, nothing), CHI2_TOLERANCE, 0.0);
    test_problem_free(&t);
}
END_TEST

/* ---- XENONnT, projections ---- */

static double xenon(const bench *b, const double *signal)
{
    static const double sigma[4] = {0.37, 0.05, 1.0, 0.5};
    static ref_xenonnt_data set;
    static double templates[4][REF_XENONNT_N_BIN];
    double s[4];

    (void)b;
    ck_assert_int_eq(ref_xenonnt_load(&set, original_data()), 0);
    memcpy(templates[0], signal, sizeof templates[0]);
    memcpy(templates[1], set.background, sizeof set.background);
    return ref_profile(REF_XENONNT_N_BIN, 4, templates[0], sigma, set.observed, s);
}

/* Yields have 6 digits. */
START_TEST(xenonnt_8b)
{
    static const experiment of = {.layout = XENON, .n_bin = REF_XENONNT_N_BIN, .table = 1};
    static const chi2_row row = {"zprime", "parameters: {m_zp: 50}",  "g_zp",
                                 4,        {0.0, 4e-5, 9e-5, 1.5e-4}, universal_50};
    static bench b;

    bench_open(&b, &of, 0);
    compare_row(&b, &row, "{name: xenonnt-8b}", xenon, 1e-5);
    bench_close(&b);
}
END_TEST

/* Data are the Standard Model's expectation, flat background included; nothing is profiled. */
static double germanium(const bench *b, const double *signal)
{
    double sm[EXPERIMENT_MAX_BIN], mu[40];
    ref_model model = ref_standard_model();

    bench_counts(b, &model, sm);
    for (int i = 0; i < 40; i++) {
        double flat = 100.0 * 365.0 * 0.01 * (pow(200.0, (i + 1) / 40.0) - pow(200.0, i / 40.0));

        sm[i] += flat;
        mu[i] = signal[i] + flat;
    }
    return ref_chi2_poisson(40, sm, mu);
}

START_TEST(germanium_projection)
{
    static const experiment of = {.layout = GERMANIUM_10_EV, .n_bin = 40};
    static const chi2_row row = {"magnetic-moment",          "parameters: {}", "mu_nu_e", 4,
                                 {0.0, 1e-11, 3e-11, 1e-10}, moment_e};
    static bench b;

    bench_open(&b, &of, 0);
    compare_row(&b, &row, "{name: ge-reactor-10ev}", germanium, CHI2_TOLERANCE);
    bench_close(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("experiments_chi2");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, csi_2017_gauss, 0, 2);
    tcase_add_loop_test(all, csi_2017_on_off, 0, 12);
    tcase_add_test(all, csi_2017_on_off_offset);
    tcase_add_loop_test(all, lar_2020, 0, 2);
    tcase_add_loop_test(all, dresden_2, 0, 3);
    tcase_add_test(all, dresden_2_without_reactor);
    tcase_add_test(all, xenonnt_8b);
    tcase_add_test(all, germanium_projection);
    suite_add_tcase(suite, all);
    return experiments_run(suite);
}
