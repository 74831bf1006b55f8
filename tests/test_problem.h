/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A problem from a scan file in a line, for tests. */
#ifndef SEVENS_TEST_PROBLEM_H
#define SEVENS_TEST_PROBLEM_H

#include "sevens/problem.h"
#include "test_support.h"

#define TEST_CSI "experiments: [{name: coherent-csi-2021, es: false}]}"
#define TEST_ZPRIME(charges, axes)                                                                 \
    "{schema: 1, name: t, model: {kind: zprime, charges: " charges "}, axes: [" axes "],"          \
    " " TEST_CSI
/* A plane of n_m x n_g points. */
#define TEST_PLANE(charges, n_m, n_g)                                                              \
    TEST_ZPRIME(charges,                                                                           \
                "{param: m_zp, min: 0.1, max: 1.0e+4, n: " n_m ", spacing: log}, {param: "         \
                "g_zp, min: 1.0e-6, max: 1.0e-1, n: " n_g ", spacing: log}")

typedef struct test_problem {
    sevens_config *config;
    sevens_problem *problem;
    sevens_workspace *work;
    double value[SEVENS_MODEL_MAX_PARAMETERS]; /* first point of every axis */
    size_t g, m;                               /* parameters g_zp and m_zp, when there are */
} test_problem;

static inline test_problem test_problem_make(const char *scan)
{
    test_problem t = {0};
    sevens_error err = {0};

    ck_assert_msg(sevens_config_parse(&t.config, "test", scan, strlen(scan), NULL, false, &err) ==
                      SEVENS_OK,
                  "%s", err.message);
    ck_assert_msg(sevens_problem_create(&t.problem, t.config, &err) == SEVENS_OK, "%s",
                  err.message);
    ck_assert_int_eq(sevens_workspace_create(&t.work, t.problem, t.problem->model, &err),
                     SEVENS_OK);
    memcpy(t.value, t.config->value, sevens_model_n_parameters(t.problem->model) * sizeof *t.value);
    t.g = sevens_model_find(t.problem->model, "g_zp");
    t.m = sevens_model_find(t.problem->model, "m_zp");
    return t;
}

static inline void test_problem_free(test_problem *t)
{
    sevens_workspace_destroy(&t->work);
    sevens_problem_destroy(&t->problem);
    sevens_config_free(&t->config);
}

/* Reproducible numbers in [0, 1). */
static inline double test_random(unsigned long long *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (double)(*state >> 11) / 9007199254740992.0;
}

static inline double test_random_log(unsigned long long *state, double lo, double hi)
{
    return lo * pow(hi / lo, test_random(state));
}

#endif
