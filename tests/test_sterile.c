/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The 3+1 model: survival, its limits in dm^2 and in the spread of the baseline, and the region
 * where the mixing makes no sense. */
#include "sevens/constants.h"
#include "sevens/evaluator.h"
#include "sevens/fit.h"
#include "sevens/flux.h"
#include "sevens/hd/pion_dar.h"
#include "test_model_support.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

#define STERILE(options, dm2)                                                                      \
    TEST_MODEL("{kind: sterile" options "}, parameters: {dm2_41: " dm2 "}")
#define L_M 19.3

/* Counts before time factors: the three flux classes nu_e, nubar_mu, nu_mu, all energies. */
static void class_counts(test_problem *t, double counts[3])
{
    const sevens_release *release = t->problem->experiment[0].release;
    sevens_model_point point = {t->value, SEVENS_NO_ROW};
    double energy[3 * 3 * 9];

    ck_assert_uint_eq(release->n_flux * release->n_channel, 27);
    sevens_templates_update(t->work->templates[0], &point);
    sevens_templates_channel_row(t->work->templates[0], &point, SEVENS_N_PROCESS, energy);
    for (size_t f = 0; f < 3; f++) {
        counts[f] = 0.0;
        for (size_t e = 0; e < 9; e++)
            counts[f] += energy[27 * f + e];
    }
}

/* <sin^2(k L)> at an energy. */
static double probability(const test_problem *t, double spread_m, double E)
{
    sevens_model_point point = {t->value, SEVENS_NO_ROW};
    sevens_baseline baseline = {L_M, spread_m};
    sevens_oscillation o = sevens_model_oscillation(t->problem->model, &point, &baseline);
    double y = o.slow_MeV / E;

    return 0.5 * (1.0 - (y > 0.0 ? sin(y) / y : 1.0) * cos(o.phase_MeV / E));
}

/* With one element of the mixing matrix the survival is 1 - 4 |U|^2 (1 - |U|^2) sin^2: the deficit
 * of P_aa. With two, what turns sterile is less. */
START_TEST(depth_of_disappearance)
{
    test_problem t = test_problem_make(STERILE("", "3"));
    sevens_model_point point = {t.value, SEVENS_NO_ROW};

    for (double u = 0.0; u <= 1.0; u += 0.125) {
        test_set(&t, "u_mu4_2", 0.0);
        test_set(&t, "u_e4_2", u);
        ck_close(sevens_model_depth(t.problem->model, &point, SEVENS_FAMILY_E).c0,
                 4.0 * u * (1.0 - u), 1e-15, 1e-14);
        ck_close(sevens_model_depth(t.problem->model, &point, SEVENS_FAMILY_MU).c0, 0.0, 0.0, 0.0);
        ck_close(sevens_model_depth(t.problem->model, &point, SEVENS_FAMILY_TAU).c0, 0.0, 0.0, 0.0);
        test_set(&t, "u_mu4_2", 0.5 * (1.0 - u));
        ck_close(sevens_model_depth(t.problem->model, &point, SEVENS_FAMILY_E).c0,
                 2.0 * u * (1.0 - u), 1e-15, 1e-14);
    }
    test_problem_free(&t);
}
END_TEST

/* Without spread of the baseline sin^2(k L) of the line is seen in the counts of nu_mu. */
START_TEST(no_spread)
{
    test_problem t = test_problem_make(STERILE(", baseline_spread: 0", "1"));
    double sm[3], at[3], depth = 4.0 * 0.3 * 0.7;

    class_counts(&t, sm);
    test_set(&t, "u_mu4_2", 0.3);
    for (double dm2 = 0.3; dm2 < 40.0; dm2 *= 3.0) {
        double k = 1.266933 * dm2 / SEVENS_PION_LINE;

        test_set(&t, "dm2_41", dm2);
        ck_close(probability(&t, 0.5, SEVENS_PION_LINE), pow(sin(k * L_M), 2), 1e-14, 0.0);
        class_counts(&t, at);
        ck_close(at[0], sm[0], 0.0, 1e-14); /* nu_e does not mix */
        ck_close(at[2], sm[2] * (1.0 - depth * pow(sin(k * L_M), 2)), 0.0, 1e-12);
    }
    test_problem_free(&t);
}
END_TEST

/* The average over 18.8 to 19.8 m, and where its closed form would cancel. */
START_TEST(average_over_the_baseline)
{
    test_problem t = test_problem_make(STERILE("", "1"));

    for (double dm2 = 1e-2; dm2 < 2e3; dm2 *= 4.7) {
        double k = 1.266933 * dm2 / 25.0, closed, by_steps = 0.0;

        test_set(&t, "dm2_41", dm2);
        closed = 0.5 - (sin(2.0 * k * 19.8) - sin(2.0 * k * 18.8)) / (4.0 * k);
        for (int i = 0; i < 20000; i++) /* midpoints */
            by_steps += pow(sin(k * (18.8 + (i + 0.5) / 20000.0)), 2) / 20000.0;
        ck_close(probability(&t, 0.5, 25.0), closed, 1e-12, 0.0);
        ck_close(probability(&t, 0.5, 25.0), by_steps, 1e-6, 0.0);
    }
    test_problem_free(&t);
}
END_TEST

/* dm^2 -> 0 is the Standard Model; dm^2 -> infinity averages to 1/2. */
START_TEST(limits_in_dm2)
{
    test_problem t = test_problem_make(STERILE("", "0"));
    double sm[3], at[3], depth = 4.0 * 0.2 * 0.5;

    class_counts(&t, sm);
    test_set(&t, "u_e4_2", 0.2);
    test_set(&t, "u_mu4_2", 0.3);
    class_counts(&t, at);
    for (int f = 0; f < 3; f++)
        ck_close(at[f], sm[f], 0.0, 1e-14);
    test_set(&t, "dm2_41", 1e-4);
    class_counts(&t, at);
    for (int f = 0; f < 3; f++) {
        ck_close(at[f], sm[f], 0.0, 1e-7);
        ck_assert(at[f] < sm[f]);
    }
    test_set(&t, "dm2_41", 1e4);
    class_counts(&t, at);
    ck_close(at[0], sm[0] * (1.0 - 0.5 * depth), 0.0, 1e-4);
    depth = 4.0 * 0.3 * 0.5;
    ck_close(at[1], sm[1] * (1.0 - 0.5 * depth), 0.0, 1e-4);
    /* the line: the average over 1 m leaves 1/(4k) at most */
    ck_close(at[2], sm[2] * (1.0 - 0.5 * depth), 0.0, 1e-3);
    test_problem_free(&t);
}
END_TEST

typedef struct spectrum {
    double k; /* of 1 MeV */
    int power;
    bool muon; /* nubar_mu, or nu_e */
} spectrum;

static double lost_density(double E, void *context)
{
    const spectrum *s = context;
    double k = s->k / E, m = SEVENS_M_MUON;
    double f = s->muon ? 64.0 * E * E / (m * m * m) * (0.75 - E / m)
                       : 192.0 * E * E / (m * m * m) * (0.5 - E / m);

    return f * pow(E, -s->power) * (0.5 - (sin(2.0 * k * 19.8) - sin(2.0 * k * 18.8)) / (4.0 * k));
}

/* Moments of what is lost from the continuous fluxes, against adaptive quadrature. */
START_TEST(continua)
{
    static const double e_min[] = {4.0, 11.0, 29.0, 45.0, 52.0};
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(4000);
    test_problem t = test_problem_make(STERILE("", "1"));
    sevens_model_point point = {t.value, SEVENS_NO_ROW};
    sevens_baseline baseline = {L_M, 0.5};
    sevens_flux flux;

    ck_assert_int_eq(sevens_flux_init(&flux, t.problem->experiment[0].release, NULL), SEVENS_OK);
    ck_close(flux.baseline_m, L_M, 0.0, 0.0);
    ck_close(flux.spread_m, 0.5, 0.0, 0.0);
    for (double dm2 = 0.2; dm2 < 2000.0; dm2 *= 6.0) {
        test_set(&t, "dm2_41", dm2);
        for (int f = 0; f < 2; f++) {
            sevens_oscillation o = sevens_model_oscillation(t.problem->model, &point, &baseline);
            sevens_flux_weight weight = {true, o.phase_MeV, o.slow_MeV, NULL};
            double k[5][3], expected, error;

            sevens_flux_weighted_moments(&flux, (size_t)f, &weight, 5, e_min, k);
            for (int i = 0; i < 15; i++) {
                spectrum s = {1.266933 * dm2, i % 3, flux.flavour[f] == SEVENS_NUBAR_MU};
                gsl_function function = {lost_density, &s};

                gsl_integration_qag(&function, e_min[i / 3], 0.5 * SEVENS_M_MUON, 0.0, 1e-11, 4000,
                                    GSL_INTEG_GAUSS61, work, &expected, &error);
                ck_close(k[i / 3][i % 3], expected, 1e-15, 1e-9);
            }
        }
    }
    gsl_integration_workspace_free(work);
    sevens_flux_free(&flux);
    test_problem_free(&t);
}
END_TEST

/* A plane that holds points with |U_e4|^2 + |U_mu4|^2 > 1, where more neutrinos would come than
 * left: predictions halved, the data would like that. Such points are invalid and no best fit. */
START_TEST(unphysical_mixing)
{
#define PLANE                                                                                      \
    "{schema: 1, name: t, model: sterile, parameters: {dm2_41: 8}, axes: [{param: u_e4_2, min: 0," \
    " max: 1, n: 11}, {param: u_mu4_2, min: 0, max: 1, n: 11}], experiments: [{name: "             \
    "coherent-csi-2021, es: false, norm_scale: 0.5}]}"
    test_problem t = test_problem_make(PLANE);
    size_t P = sevens_model_n_parameters(t.problem->model);
    size_t e4 = sevens_model_find(t.problem->model, "u_e4_2"), mu4 = e4 + 1;
    double value[11 * SEVENS_MODEL_MAX_PARAMETERS], x[11 * 11], chi2[11 * 11];
    uint8_t status[11 * 11];
    sevens_evaluator_results results = {.chi2 = chi2, .status = status};
    sevens_grid_options options = {.threads = 1};
    double signal[TEST_N_BIN];
    sevens_profile profile;
    sevens_evaluator *ev;
    sevens_fit_result fit;
    sevens_error err = {0};

    for (size_t r = 0; r < 11; r++) {
        memcpy(value + r * P, t.value, P * sizeof *value);
        value[r * P + mu4] = (double)r / 10.0;
        for (size_t i = 0; i < 11; i++)
            x[r * 11 + i] = (double)i / 10.0;
    }
    ck_assert_int_eq(
        sevens_evaluator_create(&ev, t.problem, &sevens_backend_serial, &options, &err), SEVENS_OK);
    ck_assert_int_eq(sevens_evaluator_rows(ev, 11, value, e4, &err), SEVENS_OK);
    ck_assert_int_eq(sevens_evaluator_profile(ev, 11, x, &results, &err), SEVENS_OK);
    for (size_t p = 0; p < 121; p++) {
        if (p / 11 + p % 11 > 10) {
            ck_assert_int_eq(status[p], SEVENS_POINT_INVALID);
            ck_assert(isinf(chi2[p]));
        } else if (p / 11 + p % 11 < 10) /* on the line rounding decides */
            ck_assert_int_eq(status[p], SEVENS_POINT_OK);
    }
    ck_assert_msg(sevens_fit_minimise(t.problem, &fit, &err) == SEVENS_OK, "%s", err.message);
    ck_assert(fit.value[e4] + fit.value[mu4] <= 1.0);
    for (size_t p = 0; p < 121; p++)
        ck_assert(fit.chi2_min <= chi2[p] + 1e-9);
    ck_close(fit.chi2_min, sevens_problem_chi2(t.problem, t.work, fit.value, NULL), 0.0, 1e-12);
    t.value[e4] = t.value[mu4] = 0.6; /* what the fit must resist */
    test_signal(&t, signal);
    sevens_likelihood_profile(&t.problem->group[0].likelihood, signal, &profile);
    ck_assert(profile.chi2 < fit.chi2_min - 1.0);
    sevens_fit_result_free(&fit);
    sevens_evaluator_destroy(&ev);
    test_problem_free(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sterile");
    TCase *tc = tcase_create("sterile");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, depth_of_disappearance);
    tcase_add_test(tc, no_spread);
    tcase_add_test(tc, average_over_the_baseline);
    tcase_add_test(tc, limits_in_dm2);
    tcase_add_test(tc, continua);
    tcase_add_test(tc, unphysical_mixing);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
