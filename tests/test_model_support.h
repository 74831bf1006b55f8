/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points of a model for tests: parameters by name, counts and cross sections there. */
#ifndef SEVENS_TEST_MODEL_SUPPORT_H
#define SEVENS_TEST_MODEL_SUPPORT_H

#include "sevens/xsec.h"
#include "test_problem.h"

#define TEST_CSI_ES "experiments: [{name: coherent-csi-2021, es: true}]}"
/* A scan file of CsI 2021 without and with electrons; `kinds` may end in ", parameters: {...}". */
#define TEST_MODEL(kinds) "{schema: 1, name: t, model: " kinds ", " TEST_CSI
#define TEST_MODEL_ES(kinds) "{schema: 1, name: t, model: " kinds ", " TEST_CSI_ES
#define TEST_N_BIN 99

static inline void test_set(test_problem *t, const char *name, double value)
{
    size_t i = sevens_model_find(t->problem->model, name);

    ck_assert_msg(i < sevens_model_n_parameters(t->problem->model), "no parameter %s", name);
    t->value[i] = value;
}

static inline void test_signal(test_problem *t, double signal[TEST_N_BIN])
{
    sevens_problem_signal(t->problem, t->work, 0, t->value, signal);
}

/* Every bin of two predictions agrees. */
static inline void test_same_counts(const double *a, const double *b, double atol, double rtol)
{
    for (int i = 0; i < TEST_N_BIN; i++)
        ck_close(a[i], b[i], atol, rtol);
}

static inline double test_xsec(const test_problem *t, sevens_process process, const char *nucleus,
                               sevens_flavour flavour, double E_MeV, double T_MeV)
{
    sevens_model_point point = {t->value, SEVENS_NO_ROW};

    return sevens_xsec_cm2_per_MeV(t->problem->model, &point, process, sevens_nucleus_find(nucleus),
                                   flavour, E_MeV, T_MeV);
}

/* Coefficient of a term on a constituent for family -> family, times the term's shape at q2 on an
 * electron. */
static inline double test_coefficient(const test_problem *t, size_t term, sevens_constituent c,
                                      sevens_family family, double q2)
{
    sevens_model_point point = {t->value, SEVENS_NO_ROW};
    sevens_target target = {.process = SEVENS_ES, .M_MeV = 0.51099895};
    sevens_coupling coupling[SEVENS_MODEL_MAX_TERMS];
    double w;

    sevens_model_amplitude(t->problem->model, &point, family, family, coupling);
    sevens_model_shape(t->problem->model, &point, term, &target, 1, &q2, &w);
    return w * coupling[term].to[c].c0;
}

#endif
