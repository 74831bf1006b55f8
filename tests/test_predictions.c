/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What dresden2, xenonnt-8b and the releases that are written by hand predict, against published
 * numbers and against numbers that were computed apart from this project's code. */
#include "test_problem.h"

#define N_DRESDEN 130

static double sum(const double *value, size_t n)
{
    double s = 0.0;
    for (size_t i = 0; i < n; i++)
        s += value[i];
    return s;
}

/* ---- data releases ---- */

static double *signal_of(const test_problem *t)
{
    double *signal =
        calloc(sevens_likelihood_signal_size(&t->problem->group[0].likelihood), sizeof *signal);
    ck_assert_ptr_nonnull(signal);
    sevens_problem_signal(t->problem, t->work, 0, t->value, signal);
    return signal;
}

static test_problem standard_model(const char *entry)
{
    char scan[300];
    snprintf(scan, sizeof scan, "{schema: 1, name: t, model: sm, experiments: [{name: %s}]}",
             entry);
    return test_problem_make(scan);
}

/* docs/physics.md, validation: counts per day, and chi2 without signal and with it. */
START_TEST(dresden_counts)
{
    static const struct {
        const char *entry;
        double total, first, chi2;
    } cases[] = {
        {"dresden2, es: false", 119.5564076, 22.3359396, 103.8341},
        {"dresden2, es: false, quenching: ybe", 64.0954298, 15.4468947, 105.7470},
        {"dresden2", 119.5564076 + 0.0316, 22.3359396 + 0.0316 / 130, 103.8357},
        {"dresden2, quenching: ybe", 64.0954298 + 0.0316, 15.4468947 + 0.0316 / 130, 105.7488},
    };
    test_problem t = standard_model(cases[_i].entry);
    sevens_likelihood *l = &t.problem->group[0].likelihood;
    sevens_profile profile;
    double *signal = signal_of(&t);
    const double tolerance = _i < 2 ? 1e-8 : 1e-5;
    ck_close(sum(signal, N_DRESDEN), cases[_i].total, 0, tolerance);
    ck_close(signal[0], cases[_i].first, 0, tolerance);
    sevens_likelihood_profile(l, signal, &profile);
    ck_assert(profile.converged);
    ck_close(profile.chi2, cases[_i].chi2, 1e-3, 0);
    memset(signal, 0, N_DRESDEN * sizeof *signal);
    sevens_likelihood_profile(l, signal, &profile);
    ck_close(profile.chi2, 110.6910, 1e-3, 0);
    free(signal);
    test_problem_free(&t);
}
END_TEST

/* Without the reactor the same function describes the data; nothing sits at a bound. */
START_TEST(dresden_reactor_off)
{
    test_problem t = standard_model("dresden2, data: off");
    const sevens_likelihood *l = &t.problem->group[0].likelihood;
    sevens_profile profile;
    double *signal = signal_of(&t);
    ck_assert(sum(signal, N_DRESDEN) == 0);
    sevens_likelihood_profile(l, signal, &profile);
    ck_assert(profile.converged);
    ck_close(profile.chi2, 108.45081, 1e-3, 0);
    for (size_t i = l->part[0].first_line; i < l->part[0].first_line + SEVENS_N_LINES; i++)
        ck_assert(profile.value[i] > l->nuisance[i].lo && profile.value[i] < l->nuisance[i].hi);
    free(signal);
    test_problem_free(&t);
}
END_TEST

START_TEST(xenon_counts)
{
    static const double signal_sum[2] = {9.78, 7.64}, background_sum[2] = {26.50, 15.56},
                        observed_sum[2] = {37, 25};
    test_problem t = standard_model("xenonnt-8b, flux: formula");
    const sevens_release *r = t.problem->experiment[0].release;
    double *signal = signal_of(&t);
    for (int k = 0; k < 2; k++) {
        const size_t first = k ? 2 * 81 : 0, n = k ? 81 : 2 * 81;
        double background = 0;
        for (size_t b = 0; b < r->n_background; b++)
            background += sum(r->background[b].counts + first, n);
        ck_close(sum(signal + first, n), signal_sum[k], 0.005, 0);
        ck_close(background, background_sum[k], 0.005, 0);
        ck_assert(sum(r->observed + first, n) == observed_sum[k]);
    }
    free(signal);
    test_problem_free(&t);
}
END_TEST

/* ---- releases written by hand ---- */

static const char *const by_hand[] = {
    "coherent-ge-2024", "connie",     "conus-plus", "ess-csi",     "ge-400m",
    "ge-reactor-10ev",  "miner",      "nucleus",    "nugen",       "ricochet",
    "sns-ge",           "sns-lar-1t", "sns-nai",    "source-51cr", "supernova-xe",
    "texono",
};
enum { N_BY_HAND = sizeof by_hand / sizeof by_hand[0] };

START_TEST(hand_written)
{
    test_problem t = standard_model(by_hand[_i]);
    const sevens_release *r = t.problem->experiment[0].release;
    double *signal = signal_of(&t);
    ck_assert_str_eq(r->name, by_hand[_i]);
    ck_assert(r->projection == (_i > 0) && r->electron_recoils == (_i == 1));
    for (size_t b = 0; b < r->n_bin; b++)
        ck_assert_msg(signal[b] >= 0 && isfinite(signal[b]), "bin %zu", b);
    ck_assert(signal[0] > 0 && r->n_bin <= 40);
    free(signal);
    test_problem_free(&t);
}
END_TEST

/* Counts that publications give, or that were computed apart from this project's code. */
START_TEST(hand_written_counts)
{
    static const struct {
        const char *name;
        double total, tolerance;
    } cases[] = {
        {"coherent-ge-2024", 32.664573, 1e-7},
        {"ge-400m", 0.74105, 1e-3},
        {"ge-reactor-10ev", 8392.2087284, 1e-9},
        {"ess-csi", 8405, 0.04},  /* arXiv:1911.00762 */
        {"conus-plus", 347, 0.1}, /* arXiv:2501.05206 */
    };
    test_problem t = standard_model(cases[_i].name);
    double *signal = signal_of(&t);
    ck_close(sum(signal, t.problem->experiment[0].release->n_bin), cases[_i].total, 0,
             cases[_i].tolerance);
    free(signal);
    test_problem_free(&t);
}
END_TEST

START_TEST(rates_above_thresholds)
{
    static const double above[3] = {0.74105, 0.50026, 0.25595};
    test_problem t = standard_model("ge-400m");
    double *signal = signal_of(&t);
    for (int i = 0; i < 3; i++)
        ck_close(sum(signal + i, (size_t)(3 - i)), above[i], 0, 1e-3);
    free(signal);
    test_problem_free(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("predictions");
    TCase *group = tcase_create("predictions");
    tcase_add_loop_test(group, dresden_counts, 0, 4);
    tcase_add_test(group, dresden_reactor_off);
    tcase_add_test(group, xenon_counts);
    tcase_add_loop_test(group, hand_written, 0, N_BY_HAND);
    tcase_add_loop_test(group, hand_written_counts, 0, 5);
    tcase_add_test(group, rates_above_thresholds);
    suite_add_tcase(suite, group);
    return test_run(suite);
}
