/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Continuous minima and intervals: nothing on a fine grid lies below the minimum, crossings are
 * where the reference likelihood says, and both branches of a vector mediator are found. */
#include "sevens/evaluator.h"
#include "sevens/fit.h"
#include "test_problem.h"
#include <gsl/gsl_errno.h>

/* g_zp alone at a fixed mass. */
#define AT_MASS(mass)                                                                              \
    "{schema: 1, name: t, model: {kind: zprime, charges: universal}, parameters: {m_zp: " mass     \
    "}, axes: [{param: g_zp, min: 1.0e-6, max: 1.0e-1, n: 20, spacing: log}], " TEST_CSI

static double chi2_at(test_problem *t, double g)
{
    t->value[t->g] = g;
    return sevens_problem_chi2(t->problem, t->work, t->value, NULL);
}

START_TEST(thresholds)
{
    ck_close(sevens_delta_chi2(0.90, 1), 2.7055434540954, 0.0, 1e-12);
    ck_close(sevens_delta_chi2(0.90, 2), 4.6051701859881, 0.0, 1e-12);
    ck_close(sevens_delta_chi2(0.9544997361036416, 2), 6.180074, 1e-6, 0.0);
}
END_TEST

/* No point of a 300 x 400 grid is lower than the continuous minimum, which does not depend on the
 * grid of the scan file. */
START_TEST(global_minimum)
{
    test_problem t = test_problem_make(TEST_PLANE("universal", "3", "3"));
    enum { N_ROW = 300, N_X = 400 };
    size_t P = sevens_model_n_parameters(t.problem->model);
    double *value = malloc(N_ROW * P * sizeof *value), *x = malloc(N_ROW * N_X * sizeof *x);
    double *chi2 = malloc(N_ROW * N_X * sizeof *chi2), lowest = INFINITY;
    uint8_t *status = malloc(N_ROW * N_X);
    sevens_evaluator_results results = {.chi2 = chi2, .status = status};
    sevens_grid_options options = {.threads = 2};
    sevens_evaluator *ev;
    sevens_fit_result fit;
    sevens_error err = {0};

    for (size_t r = 0; r < N_ROW; r++) {
        memcpy(value + r * P, t.value, P * sizeof *value);
        value[r * P + t.m] = 0.1 * pow(1e5, (double)r / (N_ROW - 1));
        for (size_t i = 0; i < N_X; i++)
            x[r * N_X + i] = pow(1e-6 * pow(1e5, (double)i / (N_X - 1)), 2);
    }
    ck_assert_int_eq(
        sevens_evaluator_create(&ev, t.problem, &sevens_backend_openmp, &options, &err), SEVENS_OK);
    ck_assert_int_eq(sevens_evaluator_rows(ev, N_ROW, value, t.g, &err), SEVENS_OK);
    ck_assert_int_eq(sevens_evaluator_profile(ev, N_X, x, &results, &err), SEVENS_OK);
    for (size_t p = 0; p < N_ROW * N_X; p++)
        lowest = fmin(lowest, chi2[p]);
    ck_assert_msg(sevens_fit_minimise(t.problem, &fit, &err) == SEVENS_OK, "%s", err.message);
    ck_assert(fit.chi2_min <= lowest);
    ck_close(fit.chi2_min, lowest, 0.05, 0.0);
    ck_close(fit.chi2_min, sevens_problem_chi2(t.problem, t.work, fit.value, NULL), 0.0, 1e-12);
    sevens_fit_result_free(&fit);
    sevens_evaluator_destroy(&ev);
    free(value);
    free(x);
    free(chi2);
    free(status);
    test_problem_free(&t);
}
END_TEST

/* A local search from a poor start must not make a result worse. */
START_TEST(improvement)
{
    test_problem t = test_problem_make(TEST_PLANE("universal", "200", "200"));
    sevens_fit_result fit;
    sevens_error err = {0};
    double before;

    ck_assert_int_eq(sevens_fit_minimise(t.problem, &fit, &err), SEVENS_OK);
    before = fit.chi2_min;
    t.value[t.m] = 3.0;
    t.value[t.g] = 1e-2;
    ck_assert_int_eq(sevens_fit_improve(t.problem, t.value, &fit, &err), SEVENS_OK);
    ck_assert(fit.chi2_min <= before);
    fit.chi2_min = 1e9; /* forget it: the local search must come back from nearby */
    t.value[t.m] = 140.0;
    t.value[t.g] = 2.6e-4;
    ck_assert_int_eq(sevens_fit_improve(t.problem, t.value, &fit, &err), SEVENS_OK);
    ck_close(fit.chi2_min, before, 1e-6, 0.0);
    sevens_fit_result_free(&fit);
    test_problem_free(&t);
}
END_TEST

/* A minimum at 0 on symmetric axes, halfway between two samples that are equally low. */
START_TEST(symmetric_minimum)
{
    test_problem t =
        test_problem_make("{schema: 1, name: t, model: millicharge, axes: [{param: q_emu, min: "
                          "-8e-10, max: 8e-10, n: "
                          "160}, {param: q_mutau, min: -8e-10, max: 8e-10, n: 160}], " TEST_CSI);
    sevens_fit_result fit;
    sevens_error err = {0};

    ck_assert_int_eq(sevens_fit_minimise(t.problem, &fit, &err), SEVENS_OK);
    ck_assert(fit.chi2_min <= t.problem->chi2_sm); /* which is a point of the plane */
    sevens_fit_result_free(&fit);
    test_problem_free(&t);
}
END_TEST

/* With the other mixing profiled an interval ends where no point is valid any more, and a region
 * without any valid point has no fit. */
START_TEST(edge_of_the_model)
{
#define STERILE(range)                                                                             \
    "{schema: 1, name: t, model: sterile, parameters: {dm2_41: 8}, axes: [{param: u_e4_2, min: "   \
    "0.3, "                                                                                        \
    "max: 1, n: 15}, {param: u_mu4_2, " range "}], experiments: [{name: coherent-csi-2021, es: "   \
    "false, norm_scale: 0.5}]}"
    test_problem t = test_problem_make(STERILE("min: 0.5, max: 0.6, n: 3"));
    test_problem none = test_problem_make(STERILE("min: 0.8, max: 0.9, n: 3"));
#undef STERILE
    sevens_fit_result fit;
    sevens_intervals found;
    sevens_error err = {0};

    ck_assert_msg(sevens_fit_intervals(t.problem, 0, 2.7055, false, &found, &err) == SEVENS_OK,
                  "%s", err.message);
    ck_assert_uint_ge(found.n, 1);
    for (size_t i = 0; i < found.n; i++)
        ck_assert(found.interval[i].hi <= 0.5 + 1e-9); /* u_e4_2 + u_mu4_2 <= 1 */
    sevens_intervals_free(&found);
    ck_assert_int_ne(sevens_fit_minimise(none.problem, &fit, &err), SEVENS_OK);
    ck_contains(err.message, "finite chi2");
    test_problem_free(&t);
    test_problem_free(&none);
}
END_TEST

/* Every end of every interval is a crossing of the reference likelihood, and the two allowed
 * regions at 1 GeV are both found although the axis is coarse. */
START_TEST(crossings)
{
    test_problem t = test_problem_make(AT_MASS("1000"));
    sevens_intervals found;
    sevens_error err = {0};

    ck_assert_msg(sevens_fit_intervals(t.problem, 0, 4.0, true, &found, &err) == SEVENS_OK, "%s",
                  err.message);
    ck_assert_uint_eq(found.n, 2);
    ck_assert(found.interval[0].lo_open && !found.interval[0].hi_open);
    ck_close(chi2_at(&t, found.interval[0].hi), t.problem->chi2_sm + 4.0, 1e-6, 0.0);
    ck_close(chi2_at(&t, found.interval[1].lo), t.problem->chi2_sm + 4.0, 1e-6, 0.0);
    ck_close(chi2_at(&t, found.interval[1].hi), t.problem->chi2_sm + 4.0, 1e-6, 0.0);
    ck_assert(chi2_at(&t, 1.75e-3) < t.problem->chi2_sm + 4.0);  /* inside the strip */
    ck_assert(chi2_at(&t, 1.25e-3) > t.problem->chi2_sm + 30.0); /* zero rate: excluded */
    sevens_intervals_free(&found);
    test_problem_free(&t);
}
END_TEST

/* Against the minimum, thresholds nest. */
START_TEST(nesting)
{
    test_problem t = test_problem_make(AT_MASS("30"));
    sevens_intervals narrow, wide;
    sevens_error err = {0};

    ck_assert_int_eq(sevens_fit_intervals(t.problem, 0, 1.0, false, &narrow, &err), SEVENS_OK);
    ck_assert_int_eq(sevens_fit_intervals(t.problem, 0, 4.0, false, &wide, &err), SEVENS_OK);
    ck_assert_uint_ge(narrow.n, 1);
    ck_assert(wide.interval[0].hi > narrow.interval[0].hi);
    ck_close(chi2_at(&t, narrow.interval[0].hi), narrow.chi2_min + 1.0, 1e-6, 0.0);
    ck_close(chi2_at(&t, wide.interval[0].hi), wide.chi2_min + 4.0, 1e-6, 0.0);
    sevens_intervals_free(&narrow);
    sevens_intervals_free(&wide);
    test_problem_free(&t);
}
END_TEST

/* With the mass profiled the interval in g contains that at any fixed mass. */
START_TEST(profiled_axis)
{
    test_problem t = test_problem_make(
        "{schema: 1, name: t, model: {kind: zprime, charges: universal}, axes: [{param: m_zp, min: "
        "20, max: 60, n: 20, spacing: log}, {param: g_zp, min: 1.0e-6, max: 1.0e-3, n: 20, "
        "spacing: log}], " TEST_CSI);
    sevens_intervals found;
    sevens_error err = {0};
    double g;

    ck_assert_msg(sevens_fit_intervals(t.problem, 1, 2.7055, false, &found, &err) == SEVENS_OK,
                  "%s", err.message);
    ck_assert_uint_eq(found.n, 1);
    g = found.interval[0].hi;
    /* chi2 falls with the mass here, so the heaviest one decides */
    t.value[t.m] = 60.0;
    ck_close(chi2_at(&t, g), found.chi2_min + 2.7055, 1e-5, 0.0);
    t.value[t.m] = 30.0;
    ck_assert(chi2_at(&t, g) > found.chi2_min + 2.7055);
    sevens_intervals_free(&found);
    test_problem_free(&t);
}
END_TEST

/* In the default plane every g up to the end of the strip at 10 GeV is allowed for some mass: the
 * narrow strip leaves no gap in the profiled interval. */
START_TEST(no_gaps_along_the_strip)
{
    test_problem t = test_problem_make(TEST_PLANE("universal", "20", "20"));
    sevens_intervals found;
    sevens_error err = {0};

    ck_assert_msg(sevens_fit_intervals(t.problem, 1, 2.7055, false, &found, &err) == SEVENS_OK,
                  "%s", err.message);
    ck_assert_uint_eq(found.n, 1);
    ck_assert(found.interval[0].lo_open);
    t.value[t.m] = 1e4;
    ck_close(chi2_at(&t, found.interval[0].hi), found.chi2_min + 2.7055, 1e-5, 0.0);
    sevens_intervals_free(&found);
    test_problem_free(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit");
    TCase *tc = tcase_create("fit");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, thresholds);
    tcase_add_test(tc, global_minimum);
    tcase_add_test(tc, improvement);
    tcase_add_test(tc, symmetric_minimum);
    tcase_add_test(tc, edge_of_the_model);
    tcase_add_test(tc, crossings);
    tcase_add_test(tc, nesting);
    tcase_add_test(tc, profiled_axis);
    tcase_add_test(tc, no_gaps_along_the_strip);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
