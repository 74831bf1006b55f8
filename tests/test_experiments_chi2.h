/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chi2 along a row by all likelihoods of the program that run on a processor; and what more than
 * one test of chi2 needs of the reference. */
#ifndef SEVENS_TEST_EXPERIMENTS_CHI2_H
#define SEVENS_TEST_EXPERIMENTS_CHI2_H

#include "sevens/evaluator.h"
#include "test_experiments_support.h"

#define MAX_ROW 6
#define CHI2_TOLERANCE 1e-6

/* chi2 on a row along `parameter`; both backends must agree with the program's reference. */
static inline void chi2_on_row(test_problem *t, const char *parameter, size_t n,
                               const double *value, double chi2[MAX_ROW])
{
    const sevens_backend *backends[] = {&sevens_backend_serial, &sevens_backend_openmp};
    const sevens_grid_options options = {.threads = 1};
    size_t p = sevens_model_find(t->problem->model, parameter);
    double x[MAX_ROW], at[SEVENS_MODEL_MAX_PARAMETERS];
    sevens_error err = {0};

    memcpy(at, t->value, sizeof at);
    for (size_t i = 0; i < n; i++) {
        at[p] = value[i];
        x[i] =
            sevens_transform_apply(sevens_model_parameter(t->problem->model, p)->transform, at[p]);
        chi2[i] = sevens_problem_chi2(t->problem, t->work, at, NULL);
    }
    for (int k = 0; k < 2; k++) {
        double fast[MAX_ROW];
        uint8_t status[MAX_ROW];
        sevens_evaluator *ev;
        sevens_evaluator_results results = {.chi2 = fast, .status = status};

        ck_assert_msg(sevens_evaluator_create(&ev, t->problem, backends[k], &options, &err) ==
                          SEVENS_OK,
                      "%s", err.message);
        ck_assert_int_eq(sevens_evaluator_rows(ev, 1, t->value, p, &err), SEVENS_OK);
        ck_assert_int_eq(sevens_evaluator_profile(ev, n, x, &results, &err), SEVENS_OK);
        for (size_t i = 0; i < n; i++) {
            ck_assert_int_eq(status[i], SEVENS_POINT_OK);
            ck_assert_msg(fabs(fast[i] - chi2[i]) <= CHI2_TOLERANCE,
                          "%s, %s = %g: %.12g is not %.12g (%.1g)", backends[k]->name, parameter,
                          value[i], fast[i], chi2[i], fast[i] - chi2[i]);
        }
        sevens_evaluator_destroy(&ev);
    }
}

static inline ref_model universal_50(double g)
{
    return ref_universal(g, 50.0);
}

/* ---- LAr 2020 ---- */

static const experiment lar_3d = {.layout = LAR_3D, .n_bin = REF_LAR2020_N_BIN},
                        lar_1d = {.layout = LAR_1D, .n_bin = REF_LAR2020_N_E};

/* With the norm of the signal around `centre`: s centre N, pulled by sigma. */
static inline double lar_poisson_around(const bench *b, const double *signal, double centre,
                                        double width)
{
    static double templates[4][REF_LAR2020_N_BIN];
    const double sigma[4] = {width / centre, 160.0 / 497.0, 1.0, 25.0 / 3152.0};
    double s[4];

    memcpy(templates, b->lar.templates, sizeof templates);
    for (int i = 0; i < REF_LAR2020_N_BIN; i++)
        templates[0][i] = centre * signal[i];
    return ref_profile(REF_LAR2020_N_BIN, 4, templates[0], sigma, b->lar.observed, s);
}

static inline double lar_gauss_around(const bench *b, const double *signal, double centre,
                                      double width)
{
    const double sigma[3] = {width / centre, 0.32, 1.0};
    double templates[3][REF_LAR2020_N_E], error[REF_LAR2020_N_E], a[3];

    memcpy(templates[1], b->lar.neutrons, sizeof b->lar.neutrons);
    for (int e = 0; e < REF_LAR2020_N_E; e++) {
        templates[0][e] = centre * signal[e];
        error[e] = hypot(b->lar.energy_error[e],
                         0.058 / sqrt(12.0) * (b->lar.neutrons[0][e] + b->lar.neutrons[1][e]));
    }
    return ref_profile_gauss(REF_LAR2020_N_E, 3, templates[0], sigma, b->lar.energy, error, a);
}

#endif
