/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ties: a scan in which parameters follow others gives what the same scan without ties gives at the
 * values written out, for points, rows, fits and intervals; and every fault of `ties`. */
#include "sevens/evaluator.h"
#include "sevens/fit.h"
#include "test_problem.h"
#include <gsl/gsl_errno.h>

#define SCAN(model, parameters, axes, ties)                                                        \
    "{schema: 1, name: t, model: " model ", parameters: {" parameters "}, axes: [" axes            \
    "], ties: {" ties "}, " TEST_CSI

/* A scan with ties, and the same with none; `follow` writes out the tied values. */
typedef struct pair {
    const char *tied, *free;
    void (*follow)(const sevens_model *model, double *value);
    const char *row; /* the parameter along which rows must run; NULL: none */
} pair;

static double *at(const sevens_model *model, double *value, const char *name)
{
    size_t p = sevens_model_find(model, name);

    ck_assert_uint_lt(p, sevens_model_n_parameters(model));
    return &value[p];
}

#define V(name) (*at(model, value, name))

static void follow_nsi(const sevens_model *model, double *value)
{
    V("eps_d_ee") = 2.0 * V("eps_u_ee") - 0.5 * V("eps_u_mumu") + 0.1;
    V("eps_d_mumu") = -V("eps_d_ee") / 4.0;
    V("s2w") = 0.2386 + 0.01 * V("eps_u_ee");
}

static void follow_bosons(const sevens_model *model, double *value)
{
    V("heavy.g_zp") = 2.0 * V("g_zp");
    V("heavy.m_zp") = 10.0 * V("m_zp") + 1.0;
    V("rn_i") = V("rn_cs") - 0.06;
}

static void follow_shifted(const sevens_model *model, double *value)
{
    V("heavy.g_zp") = V("g_zp") + 1e-5;
}

static void follow_sterile(const sevens_model *model, double *value)
{
    V("u_mu4_2") = 0.5 * V("u_e4_2");
}

static void follow_product(const sevens_model *model, double *value)
{
    V("u_mu4_2") = 0.2 + 100.0 * V("g2_b");
}

#define NSI_AXES                                                                                   \
    "{param: eps_u_ee, min: -1, max: 1, n: 9}, {param: eps_u_mumu, min: -0.5, max: 0.5, n: 5}"
#define BOSONS "[{kind: zprime}, {kind: zprime, charges: b-l, as: heavy}]"
#define BOSON_AXES                                                                                 \
    "{param: g_zp, min: 1.0e-5, max: 1.0e-3, n: 9, spacing: log}, {param: m_zp, min: 1, max: 100," \
    " n: 3, spacing: log}, {param: rn_cs, min: 4.5, max: 5.5, n: 2}"
#define G_AXIS "{param: g_zp, min: 1.0e-5, max: 1.0e-3, n: 9, spacing: log}"
#define STERILE "{param: u_e4_2, min: 0, max: 0.5, n: 9}"
#define PRODUCT "{param: g2_b, min: -1.0e-3, max: 1.0e-3, n: 9}"

static const pair pairs[] = {
    /* one of them tied to a tied one, one in another kind */
    {SCAN("nsi", "", NSI_AXES,
          "eps_d_mumu: -eps_d_ee/4, eps_d_ee: 2*eps_u_ee - 0.5*eps_u_mumu + 0.1, s2w: 0.2386 + "
          "0.01*eps_u_ee"),
     SCAN("nsi", "", NSI_AXES, ""), follow_nsi, "eps_u_ee"},
    {SCAN(BOSONS, "", BOSON_AXES,
          "heavy.g_zp: 2*g_zp, heavy.m_zp: 10*m_zp + 1, rn_i: rn_cs - 0.06"),
     SCAN(BOSONS, "heavy.m_zp: 1", BOSON_AXES, ""), follow_bosons, "g_zp"},
    {SCAN(BOSONS, "m_zp: 20, heavy.m_zp: 300", G_AXIS, "heavy.g_zp: g_zp + 1.0e-5"),
     SCAN(BOSONS, "m_zp: 20, heavy.m_zp: 300", G_AXIS, ""), follow_shifted, NULL},
    {SCAN("sterile", "dm2_41: 3", STERILE, "u_mu4_2: 0.5*u_e4_2"),
     SCAN("sterile", "dm2_41: 3", STERILE, ""), follow_sterile, "u_e4_2"},
    {SCAN("[sterile, {kind: zprime, charges: baryonic}]", "dm2_41: 3, m_zp: 50", PRODUCT,
          "u_mu4_2: 0.2 + 100*g2_b"),
     SCAN("[sterile, {kind: zprime, charges: baryonic}]", "dm2_41: 3, m_zp: 50", PRODUCT, ""),
     follow_product, NULL},
};
enum { N_PAIRS = sizeof pairs / sizeof pairs[0], N_POINTS = 20 };

/* Random values of the parameters that run. */
static void move(const test_problem *t, double *value, unsigned long long *state)
{
    memcpy(value, t->config->value, sevens_model_n_parameters(t->problem->model) * sizeof *value);
    for (size_t a = 0; a < t->config->n_axis; a++) {
        const sevens_axis *axis = &t->config->axis[a];
        double lo = axis->value[0], hi = axis->value[axis->n - 1];

        value[axis->parameter] =
            axis->log ? test_random_log(state, lo, hi) : lo + (hi - lo) * test_random(state);
    }
}

START_TEST(points)
{
    const pair *p = &pairs[_i];
    test_problem tied = test_problem_make(p->tied), plain = test_problem_make(p->free);
    double value[SEVENS_MODEL_MAX_PARAMETERS], explicit[SEVENS_MODEL_MAX_PARAMETERS];
    unsigned long long state = 5;

    for (int i = 0; i < N_POINTS; i++) {
        move(&tied, value, &state);
        move(&plain, explicit, &state);
        for (size_t a = 0; a < tied.config->n_axis; a++) {
            size_t own = tied.config->axis[a].parameter;

            explicit[own] = value[own];
        }
        p->follow(plain.problem->model, explicit);
        ck_close(sevens_problem_chi2(tied.problem, tied.work, value, NULL),
                 sevens_problem_chi2(plain.problem, plain.work, explicit, NULL), 0.0, 1e-12);
        sevens_model_apply_ties(tied.problem->model, value);
        for (size_t k = 0; k < sevens_model_n_parameters(tied.problem->model); k++) {
            if (!isnan(explicit[k]))
                ck_close(value[k], explicit[k], 1e-15, 1e-13);
        }
    }
    test_problem_free(&tied);
    test_problem_free(&plain);
}
END_TEST

/* Counts along a row of the tied scan, bin by bin. */
static void compare_row(test_problem *tied, test_problem *plain, const pair *p, double *value,
                        size_t row)
{
    size_t n = tied->problem->n_bin;
    double *abc = malloc(3 * n * sizeof *abc), *signal = malloc(n * sizeof *signal);
    double explicit[SEVENS_MODEL_MAX_PARAMETERS];
    const sevens_axis *axis = &tied->config->axis[tied->problem->row_axis];
    sevens_model_point point = {value, row};

    sevens_templates_update(tied->work->templates[0], &point);
    sevens_templates_row(tied->work->templates[0], &point, abc);
    for (size_t i = 0; i < axis->n; i++) {
        double x = sevens_transform_apply(
            sevens_model_parameter(tied->problem->model, row)->transform, axis->value[i]);

        memcpy(explicit, value, sevens_model_n_parameters(tied->problem->model) * sizeof *value);
        explicit[row] = axis->value[i];
        p->follow(plain->problem->model, explicit);
        sevens_problem_signal(plain->problem, plain->work, 0, explicit, signal);
        for (size_t b = 0; b < n; b++) {
            double B = abc[n + b] * x, C = abc[2 * n + b] * x * x;

            ck_close(fmax(0.0, abc[b] + B + C), signal[b],
                     1e-12 * (fabs(abc[b]) + fabs(B) + fabs(C)), 1e-12);
        }
    }
    free(abc);
    free(signal);
}

START_TEST(rows)
{
    const pair *p = &pairs[_i];
    test_problem tied = test_problem_make(p->tied), plain = test_problem_make(p->free);
    double value[SEVENS_MODEL_MAX_PARAMETERS];
    unsigned long long state = 7;

    if (!p->row) {
        ck_assert_uint_eq(tied.problem->row_axis, SEVENS_NO_ROW);
        ck_assert_uint_ne(plain.problem->row_axis, SEVENS_NO_ROW);
    } else {
        size_t row = sevens_model_find(tied.problem->model, p->row);

        ck_assert_str_eq(tied.config->axis[tied.problem->row_axis].name, p->row);
        for (int i = 0; i < 3; i++) {
            move(&tied, value, &state);
            compare_row(&tied, &plain, p, value, row);
        }
    }
    test_problem_free(&tied);
    test_problem_free(&plain);
}
END_TEST

/* Backends and checks of points see ties too. */
START_TEST(evaluators)
{
    const pair *p = &pairs[_i];
    test_problem tied = test_problem_make(p->tied);
    size_t row_axis = tied.problem->row_axis, n_x = 1, row = SEVENS_NO_ROW;
    double value[SEVENS_MODEL_MAX_PARAMETERS], x[16] = {0}, chi2[16];
    uint8_t status[16];
    sevens_evaluator_results results = {.chi2 = chi2, .status = status};
    sevens_grid_options options = {.threads = 1};
    sevens_evaluator *ev;
    sevens_error err = {0};
    unsigned long long state = 11;

    move(&tied, value, &state);
    if (row_axis != SEVENS_NO_ROW) {
        const sevens_axis *axis = &tied.config->axis[row_axis];

        row = axis->parameter;
        n_x = axis->n;
        for (size_t i = 0; i < n_x; i++)
            x[i] = sevens_transform_apply(
                sevens_model_parameter(tied.problem->model, row)->transform, axis->value[i]);
    }
    ck_assert_int_eq(
        sevens_evaluator_create(&ev, tied.problem, &sevens_backend_serial, &options, &err),
        SEVENS_OK);
    ck_assert_int_eq(sevens_evaluator_rows(ev, 1, value, row, &err), SEVENS_OK);
    ck_assert_int_eq(sevens_evaluator_profile(ev, n_x, x, &results, &err), SEVENS_OK);
    for (size_t i = 0; i < n_x; i++) {
        if (row != SEVENS_NO_ROW)
            value[row] = tied.config->axis[row_axis].value[i];
        ck_close(chi2[i], sevens_problem_chi2(tied.problem, tied.work, value, NULL), 0.0, 1e-9);
    }
    sevens_evaluator_destroy(&ev);
    test_problem_free(&tied);
}
END_TEST

/* The minimum and the ends of the interval in g when both bosons couple alike, and when one is
 * shifted, so that no row can run. */
START_TEST(fits)
{
    static const char *const ties[] = {"heavy.g_zp: g_zp", "heavy.g_zp: g_zp + 1.0e-5"};
    char text[1024];

    snprintf(text, sizeof text, SCAN(BOSONS, "m_zp: 20, heavy.m_zp: 300", G_AXIS, "%s"), ties[_i]);
    test_problem tied = test_problem_make(text), plain = test_problem_make(pairs[2].free);
    size_t heavy = sevens_model_find(plain.problem->model, "heavy.g_zp");
    double shift = _i == 0 ? 0.0 : 1e-5, lowest = INFINITY;
    sevens_fit_result fit;
    sevens_intervals found;
    sevens_error err = {0};

    ck_assert_msg(sevens_fit_minimise(tied.problem, &fit, &err) == SEVENS_OK, "%s", err.message);
    for (int i = 0; i < 4000; i++) {
        plain.value[plain.g] = 1e-5 * pow(100.0, i / 3999.0);
        plain.value[heavy] = plain.value[plain.g] + shift;
        lowest = fmin(lowest, sevens_problem_chi2(plain.problem, plain.work, plain.value, NULL));
    }
    ck_assert(fit.chi2_min <= lowest + 1e-9);
    ck_close(fit.chi2_min, lowest, 1e-3, 0.0);
    ck_assert_msg(sevens_fit_intervals(tied.problem, 0, 2.7055, false, &found, &err) == SEVENS_OK,
                  "%s", err.message);
    ck_assert_uint_ge(found.n, 1);
    for (size_t i = 0; i < found.n; i++) {
        plain.value[plain.g] = found.interval[i].hi;
        plain.value[heavy] = found.interval[i].hi + shift;
        ck_close(sevens_problem_chi2(plain.problem, plain.work, plain.value, NULL),
                 fit.chi2_min + 2.7055, 1e-5, 0.0);
    }
    sevens_intervals_free(&found);
    sevens_fit_result_free(&fit);
    test_problem_free(&tied);
    test_problem_free(&plain);
}
END_TEST

static bool can_run(const char *ties, const char *parameter)
{
    char text[1024];
    sevens_config *config;
    sevens_error err = {0};

    snprintf(text, sizeof text,
             "{schema: 1, name: t, model: [nsi, {kind: zprime}, {kind: zprime, as: heavy}], "
             "parameters: {m_zp: 1}, ties: {heavy.m_zp: m_zp, %s}, " TEST_CSI,
             ties);
    ck_assert_msg(sevens_config_parse(&config, "t", text, strlen(text), NULL, false, &err) ==
                      SEVENS_OK,
                  "%s", err.message);
    bool can = sevens_model_can_run(config->model, sevens_model_find(config->model, parameter));
    sevens_config_free(&config);
    return can;
}

START_TEST(row_rules)
{
    ck_assert(can_run("heavy.g_zp: 3*g_zp", "g_zp"));
    ck_assert(!can_run("heavy.g_zp: 3*g_zp", "heavy.g_zp")); /* it is tied */
    ck_assert(!can_run("heavy.g_zp: g_zp + 0.1", "g_zp"));
    ck_assert(!can_run("heavy.g_zp: g_zp + 0.1*eps_u_ee", "g_zp"));
    ck_assert(!can_run("heavy.g_zp: 0.01*eps_u_ee", "eps_u_ee")); /* x^2 of a linear one */
    ck_assert(!can_run("eps_u_ee: g_zp", "g_zp"));                /* sqrt(x) */
    ck_assert(can_run("eps_u_ee: g_zp", "eps_d_ee"));
    ck_assert(can_run("eps_u_ee: 1 - eps_d_ee", "eps_d_ee"));
    ck_assert(!can_run("rn_i: 5 + 0.1*eps_d_ee", "eps_d_ee")); /* integrals */
    ck_assert(!can_run("eps_u_ee: eps_d_ee", "m_zp"));
}
END_TEST

/* Whatever is left to say is said once. */
START_TEST(canonical)
{
    static const char *const tie[] = {"0.1 + 2*eps_u_ee", "2*eps_u_ee+.1", "eps_u_ee * 4/2 + 1e-1",
                                      "eps_u_ee + 0.1 + eps_u_ee"};
    sevens_config *config[4], *again;
    sevens_error err = {0};
    char text[1024], *printed;

    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof text, SCAN("nsi", "", "", "eps_d_ee: %s"), tie[i]);
        ck_assert_msg(sevens_config_parse(&config[i], "t", text, strlen(text), NULL, false, &err) ==
                          SEVENS_OK,
                      "%s", err.message);
        ck_assert_str_eq(config[i]->canonical_json, config[0]->canonical_json);
    }
    ck_contains(config[0]->canonical_json, "\"ties\":{\"eps_d_ee\":\"0.1 + 2*eps_u_ee\"}");
    ck_assert_ptr_null(strstr(config[0]->canonical_json, "\"eps_d_ee\":0"));
    printed = sevens_config_print(config[0]);
    ck_assert_msg(sevens_config_parse(&again, "t", printed, strlen(printed), NULL, false, &err) ==
                      SEVENS_OK,
                  "%s\n%s", err.message, printed);
    ck_assert_str_eq(again->canonical_json, config[0]->canonical_json);
    sevens_config_free(&again);
    for (int i = 0; i < 4; i++)
        sevens_config_free(&config[i]);
    free(printed);
}
END_TEST

static const char *const faults[][2] = {
    {"eps_d_ee: 2*eps_x_ee", "t:1:53: error: the model has no parameter 'eps_x_ee'"},
    {"eps_foo: eps_u_ee", "t:1:41: error: the model has no parameter 'eps_foo'"},
    {"eps_d_ee: eps_u_ee*eps_u_mumu", "not linear: it multiplies 'eps_u_ee' with 'eps_u_mumu'"},
    {"eps_d_ee: 1/eps_u_ee", "not linear: it divides by 'eps_u_ee'"},
    {"eps_d_ee: eps_u_ee**2", "t:1:60: error: ties: eps_d_ee: a number or a parameter is missing"},
    {"eps_d_ee: eps_u_ee^2", "'^' has no place here"},
    {"eps_d_ee: sqrt(eps_u_ee)", "not linear: it calls 'sqrt'"},
    {"eps_d_ee: 2 eps_u_ee", "'e' has no place here"},
    {"eps_d_ee: (eps_u_ee)", "a number or a parameter is missing"},
    {"eps_d_ee: eps_u_ee +", "a number or a parameter is missing"},
    {"eps_d_ee: eps_u_ee/0", "not finite"},
    {"eps_d_ee: 1.2.3*eps_u_ee", "'1.2.3' is not a number"},
    {"eps_d_ee: 0.5", "follows no parameter; fix it under 'parameters'"},
    {"eps_d_ee: eps_u_ee - eps_u_ee", "follows no parameter"},
    {"eps_d_ee: [eps_u_ee]", "must be an expression"},
    {"eps_d_ee: eps_d_ee", "eps_d_ee is tied to itself"},
    {"eps_d_ee: eps_u_mumu, eps_u_mumu: 2*eps_d_mumu, eps_d_mumu: eps_d_ee", "tied to itself"},
    {"eps_u_ee: eps_d_ee", "t:1:41: error: ties: eps_u_ee has an axis too"},
    {"eps_u_tautau: eps_d_ee", "eps_u_tautau is fixed under 'parameters' too"},
    {"eps_u_emu: eps_d_ee", "eps_u_emu is fixed by --at too"},
    {"eps_d_ee: 300*eps_u_ee", "eps_d_ee would reach from -300 to 300, and must be from -100 to"},
    {"rn_i: rn_csi - 0.1", "rn_csi is left unset, so that rn_i has no value"},
};
enum { N_FAULTS = sizeof faults / sizeof faults[0] };

START_TEST(faulty)
{
    static const char *const at_point[] = {"eps_u_emu=0.1"};
    sevens_config_overrides overrides = {.n_at = 1, .at = at_point};
    sevens_config *config;
    sevens_error err = {0};
    char text[1024];

    snprintf(text, sizeof text,
             "{schema: 1, name: t, model: nsi, ties: {%s},\n"
             "parameters: {eps_u_tautau: 0.1}, axes: [{param: eps_u_ee, min: -1, max: 1, n: "
             "3}], " TEST_CSI,
             faults[_i][0]);
    ck_assert_int_eq(sevens_config_parse(&config, "t", text, strlen(text), &overrides, false, &err),
                     SEVENS_ERR_INPUT);
    ck_contains(err.message, faults[_i][1]);
    ck_assert_ptr_null(config);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ties");
    TCase *tests = tcase_create("ties");

    gsl_set_error_handler_off(); /* as the program does */
    tcase_add_loop_test(tests, points, 0, N_PAIRS);
    tcase_add_loop_test(tests, rows, 0, N_PAIRS);
    tcase_add_loop_test(tests, evaluators, 0, N_PAIRS);
    tcase_add_loop_test(tests, fits, 0, 2);
    tcase_add_test(tests, row_rules);
    tcase_add_test(tests, canonical);
    tcase_add_loop_test(tests, faulty, 0, N_FAULTS);
    suite_add_tcase(suite, tests);
    return test_run(suite);
}
