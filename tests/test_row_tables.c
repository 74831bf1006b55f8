/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows from tables of separable parts against rows contracted at their own point. */
#include "row_tables.h"
#include "sevens/evaluator.h"
#include "test_problem.h"
#include <gsl/gsl_errno.h>

/* Scans with tables. */
static const char *const separable[] = {
    "{schema: 1, name: t, model: nsi, axes: [{param: eps_u_ee, min: -0.5, max: 1, n: 9}, "
    "{param: eps_d_ee, min: -0.4, max: 0.9, n: 6}, {param: eps_u_mumu, min: -0.5, max: 1, n: "
    "6}, {param: eps_d_mumu, min: -0.4, max: 0.9, n: 6}, {param: eps_u_emu, min: -0.3, max: "
    "0.3, n: 6}], experiments: [{name: coherent-csi-2021, es: false}]}",
    /* rows run along a transition, which two incoming families have */
    "{schema: 1, name: t, model: nsi, axes: [{param: eps_u_ee, min: -0.5, max: 1, n: 6}, "
    "{param: eps_u_mumu, min: -0.4, max: 0.9, n: 6}, {param: eps_u_emu, min: -0.3, max: 0.3, n:"
    " 9}, {param: eps_d_etau, min: -0.3, max: 0.4, n: 6}], experiments: [{name: coherent-"
    "csi-2021, es: false}]}",
    /* an axis that nobody feels, and a template axis, which all parts feel */
    "{schema: 1, name: t, model: nsi, axes: [{param: eps_u_ee, min: -0.5, max: 1, n: 6}, "
    "{param: eps_u_mumu, min: -0.4, max: 0.9, n: 6}, {param: eps_d_ee, min: -0.3, max: 0.3, n: "
    "9}, {param: eps_u_tautau, min: -1, max: 1, n: 6}, {param: rn_csi, values: [4.4, 5.1]}], "
    "experiments: [{name: coherent-csi-2021, es: false}]}",
    /* electrons; both families in one term */
    "{schema: 1, name: t, model: charge-radius, axes: [{param: r2_ee, min: -80, max: 40, n: 9},"
    " {param: r2_mumu, min: -60, max: 30, n: 6}, {param: r2_emu, min: 0, max: 40, n: 6}, "
    "{param: r2_mutau, min: 0, max: 50, n: 6}], experiments: [{name: coherent-csi-2021}]}",
    /* squares */
    "{schema: 1, name: t, model: magnetic-moment, axes: [{param: mu_nu_e, min: 0, max: 1.0e-8, "
    "n: 9}, {param: mu_nu_mu, min: 0, max: 2.0e-8, n: 9}, {param: mu_nu_tau, min: 0, max: "
    "1.0e-8, n: 9}], experiments: [{name: coherent-csi-2021}]}",
    /* several experiments, with changes by shapes */
    "{schema: 1, name: t, model: nsi, axes: [{param: eps_u_ee, min: -0.5, max: 1, n: 9}, "
    "{param: eps_d_ee, min: -0.4, max: 0.9, n: 6}, {param: eps_u_mumu, min: -0.5, max: 1, n: "
    "6}, {param: eps_d_mumu, min: -0.4, max: 0.9, n: 6}], nuisances: {\"coherent-"
    "csi-2021:acceptance\": {}, \"coherent-lar-2020:cevns_f90\": {}}, experiments: [{name: "
    "coherent-csi-2021, es: false}, {name: coherent-lar-2020}, {name: xenonnt-8b}]}",
    /* axes on which other parameters hang, also across families */
    "{schema: 1, name: t, model: nsi, ties: {eps_d_ee: 0.5*eps_u_ee - 0.1, eps_d_mumu: "
    "eps_u_emu + 0.2}, axes: [{param: eps_u_ee, min: -0.5, max: 1, n: 9}, {param: eps_u_mumu, "
    "min: -0.5, max: 1, n: 6}, {param: eps_u_emu, min: -0.2, max: 0.2, n: 6}, {param: "
    "eps_u_etau, min: -0.2, max: 0.2, n: 6}], experiments: [{name: coherent-csi-2021, es: "
    "false}]}",
};
enum { N_SEPARABLE = sizeof separable / sizeof separable[0] };

/* Scans without. */
static const char *const whole[] = {
    /* every part has all axes */
    "{schema: 1, name: t, model: zprime, axes: [{param: g_zp, min: 1.0e-5, max: 1.0e-3, n: 9}, "
    "{param: m_zp, min: 1, max: 100, n: 6}, {param: s2w, min: 0.2, max: 0.3, n: 6}], "
    "experiments: [{name: coherent-csi-2021, es: false}]}",
    /* nothing is gained */
    "{schema: 1, name: t, model: nsi, axes: [{param: eps_u_ee, min: -0.5, max: 1, n: 9}, "
    "{param: eps_u_mumu, min: -0.4, max: 0.9, n: 6}], experiments: [{name: coherent-csi-2021, "
    "es: false}]}",
    /* neutrinos disappear */
    "{schema: 1, name: t, model: sterile, axes: [{param: dm2_41, min: 1, max: 9, n: 9}, {param:"
    " u_e4_2, min: 0, max: 0.4, n: 6}, {param: u_mu4_2, min: 0, max: 0.5, n: 6}], experiments: "
    "[{name: coherent-csi-2021, es: false}]}",
};
enum { N_WHOLE = sizeof whole / sizeof whole[0] };

/* A point of the grid. */
static void draw(const sevens_config *config, unsigned long long *random, double *value)
{
    memcpy(value, config->value, sevens_model_n_parameters(config->model) * sizeof *value);
    for (size_t a = 0; a < config->n_axis; a++) {
        const sevens_axis *axis = &config->axis[a];

        value[axis->parameter] = axis->value[(size_t)((double)axis->n * test_random(random))];
    }
}

static double largest(const double *x, size_t n)
{
    double most = 0.0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

/* One row of every group: each number within rounding of the largest of its term. */
static void compare(const test_problem *t, const sevens_row_tables *tables, const double *value,
                    size_t *index)
{
    size_t row = t->config->axis[t->problem->row_axis].parameter;
    sevens_model_point point = {value, row};
    double total[3], sum[3] = {0.0};

    ck_assert_uint_eq(sevens_row_tables_along(tables), row);
    ck_assert(sevens_row_tables_find(tables, value, index));
    sevens_row_tables_total(tables, index, total);
    for (size_t g = 0; g < t->problem->n_group; g++) {
        const sevens_likelihood *l = &t->problem->group[g].likelihood;
        size_t n = sevens_likelihood_row_size(l);
        double *own = malloc(n * sizeof *own), *direct = malloc(n * sizeof *direct);

        ck_assert(own != NULL && direct != NULL);
        sevens_row_tables_row(tables, index, g, 0.25, own);
        sevens_problem_row(t->problem, t->work, g, &point, direct);
        for (size_t p = 0, i = 0; p < l->n_part; p++) {
            for (size_t v = 0; v < 3 * l->part[p].n_variant; v++, i += l->part[p].n_bin) {
                double scale = largest(direct + i, l->part[p].n_bin);
                double unit = v % 3 == 0 ? 1.0 : v % 3 == 1 ? 4.0 : 16.0;

                for (size_t b = 0; b < l->part[p].n_bin; b++) {
                    ck_close(unit * own[i + b], direct[i + b], 1e-13 * scale, 0.0);
                    sum[v % 3] += v < 3 ? direct[i + b] : 0.0;
                }
            }
        }
        free(own);
        free(direct);
    }
    for (size_t term = 0; term < 3; term++)
        ck_close(total[term], sum[term], 1e-12 * largest(sum, 3), 1e-12);
}

START_TEST(equal_direct_rows)
{
    test_problem t = test_problem_make(separable[_i]);
    sevens_row_tables *tables;
    sevens_error err = {0};
    unsigned long long random = 7;
    double value[SEVENS_MODEL_MAX_PARAMETERS];
    size_t index[SEVENS_MAX_AXES] = {0};

    ck_assert_msg(sevens_row_tables_create(&tables, t.problem, &t.work, 1, &err) == SEVENS_OK, "%s",
                  err.message);
    ck_assert_msg(tables != NULL, "no tables for %s", separable[_i]);
    for (int turn = 0; turn < 60; turn++) {
        draw(t.config, &random, value);
        compare(&t, tables, value, index);
    }
    value[t.config->axis[1].parameter] += 1e-6;
    value[t.config->axis[0].parameter] += 1e-6; /* one of them is not that of the rows */
    ck_assert(!sevens_row_tables_find(tables, value, index));
    sevens_row_tables_destroy(&tables);
    test_problem_free(&t);
}
END_TEST

START_TEST(no_tables)
{
    test_problem t = test_problem_make(whole[_i]);
    sevens_row_tables *tables;
    sevens_error err = {0};

    ck_assert_int_eq(sevens_row_tables_create(&tables, t.problem, &t.work, 1, &err), SEVENS_OK);
    ck_assert_ptr_null(tables);
    test_problem_free(&t);
}
END_TEST

/* chi2 of rows by an evaluator, with tables or without; the last row is off the grid. */
enum { ROWS = 12, POINTS = 9 };
static void evaluate(const test_problem *t, bool tables, double *chi2)
{
    const sevens_axis *axis = &t->config->axis[t->problem->row_axis];
    size_t P = sevens_model_n_parameters(t->problem->model);
    sevens_grid_options options = {.precision = SEVENS_PRECISION_F64, .threads = 2};
    sevens_evaluator *evaluator;
    sevens_error err = {0};
    unsigned long long random = 11;
    double value[ROWS * SEVENS_MODEL_MAX_PARAMETERS], x[ROWS * POINTS];
    uint8_t status[ROWS * POINTS];
    sevens_evaluator_results results = {.chi2 = chi2, .status = status};

    ck_assert_uint_eq(axis->n, POINTS);
    for (size_t r = 0; r < ROWS; r++) {
        draw(t->config, &random, value + r * P);
        for (size_t i = 0; i < POINTS; i++)
            x[r * POINTS + i] = sevens_transform_apply(
                sevens_model_parameter(t->problem->model, axis->parameter)->transform,
                axis->value[i]);
    }
    value[(ROWS - 1) * P + t->config->axis[1].parameter] *= 1.01;
    ck_assert_int_eq(
        sevens_evaluator_create(&evaluator, t->problem, &sevens_backend_serial, &options, &err),
        SEVENS_OK);
    if (tables)
        ck_assert_int_eq(sevens_evaluator_tabulate(evaluator, &err), SEVENS_OK);
    ck_assert_int_eq(sevens_evaluator_rows(evaluator, ROWS, value, axis->parameter, &err),
                     SEVENS_OK);
    ck_assert_int_eq(sevens_evaluator_profile(evaluator, POINTS, x, &results, &err), SEVENS_OK);
    sevens_evaluator_destroy(&evaluator);
}

START_TEST(same_chi2)
{
    static const int scan[] = {0, 4};
    test_problem t = test_problem_make(separable[scan[_i]]);
    double direct[ROWS * POINTS], own[ROWS * POINTS];

    evaluate(&t, false, direct);
    evaluate(&t, true, own);
    for (size_t i = 0; i < ROWS * POINTS; i++)
        ck_close(own[i], direct[i], 0.0, 1e-11);
    test_problem_free(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("row_tables");
    TCase *tests = tcase_create("row_tables");

    gsl_set_error_handler_off();
    tcase_add_loop_test(tests, equal_direct_rows, 0, N_SEPARABLE);
    tcase_add_loop_test(tests, no_tables, 0, N_WHOLE);
    tcase_add_loop_test(tests, same_chi2, 0, 2);
    suite_add_tcase(suite, tests);
    return test_run(suite);
}
