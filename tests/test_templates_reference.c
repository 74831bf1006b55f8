/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows against sevens_templates_reference_row, for every model and experiment of scans/. */
#include "sevens/config.h"
#include "templates_internal.h"
#include "test_problem.h"
#include <glob.h>
#include <gsl/gsl_errno.h>

#define TOLERANCE 1e-12 /* of a term's size */
#define POINTS 2        /* of each file */

typedef struct worst {
    double error; /* of all that were compared */
    size_t n;
} worst;

/* A, B, C of one channel. B may cancel: its size is at most 2 sqrt(A C). */
static void compare(const double *row, const double *expected, size_t stride, const char *what,
                    size_t channel, worst *w)
{
    double A = expected[0], B = expected[stride], C = expected[2 * stride];
    double size[3] = {fabs(A), fmax(fabs(B), 2.0 * sqrt(fabs(A * C))), fabs(C)};

    for (size_t i = 0; i < 3; i++) {
        double error = fabs(row[i * stride] - expected[i * stride]);

        ck_assert_msg(error <= TOLERANCE * size[i], "%s, channel %zu, term %zu: %.17g is not %.17g",
                      what, channel, i, row[i * stride], expected[i * stride]);
        w->error = size[i] > 0.0 ? fmax(w->error, error / size[i]) : w->error;
        w->n++;
    }
}

static void compare_experiment(const sevens_problem *problem, const sevens_workspace *work,
                               size_t e, const sevens_model_point *point, worst *w)
{
    const sevens_release *release = problem->experiment[e].release;
    size_t n = release->n_channel, size = 3 * n * release->n_flux;
    double *row = malloc(size * sizeof *row), *expected = malloc(size * sizeof *expected);
    sevens_error err = {0};

    sevens_templates_update(work->templates[e], point);
    for (int p = 0; p < SEVENS_N_PROCESS; p++) {
        if (!sevens_mesh_has(problem->experiment[e].mesh, (sevens_process)p))
            continue;
        sevens_templates_channel_row(work->templates[e], point, (sevens_process)p, row);
        ck_assert_int_eq(sevens_templates_reference_row(problem->experiment[e].mesh, problem->model,
                                                        point, (sevens_process)p, expected, &err),
                         SEVENS_OK);
        for (size_t f = 0; f < release->n_flux; f++) {
            for (size_t c = 0; c < n; c++)
                compare(row + 3 * n * f + c, expected + 3 * n * f + c, n, release->name, c, w);
        }
    }
    free(row);
    free(expected);
}

/* Rows through points spread over the grid; they change what the one before left. */
static void compare_file(const char *path, unsigned long long *seed, worst *w)
{
    sevens_config *config;
    sevens_problem *problem;
    sevens_workspace *work;
    sevens_error err = {0};
    double value[SEVENS_MODEL_MAX_PARAMETERS];

    ck_assert_msg(sevens_config_load(&config, path, NULL, true, &err) == SEVENS_OK, "%s",
                  err.message);
    ck_assert_msg(sevens_problem_create(&problem, config, &err) == SEVENS_OK, "%s", err.message);
    ck_assert_int_eq(sevens_workspace_create(&work, problem, problem->model, &err), SEVENS_OK);
    memcpy(value, config->value, sevens_model_n_parameters(problem->model) * sizeof *value);
    for (int i = 0; i < POINTS; i++) {
        sevens_model_point point = {value, SEVENS_NO_ROW};

        for (size_t a = 0; a < config->n_axis; a++) {
            const sevens_axis *axis = &config->axis[a];

            value[axis->parameter] = axis->value[(size_t)((double)axis->n * test_random(seed))];
        }
        if (problem->row_axis != SEVENS_NO_ROW && i % 2 == 0)
            point.row = config->axis[problem->row_axis].parameter;
        for (size_t e = 0; e < problem->n_experiment; e++)
            compare_experiment(problem, work, e, &point, w);
    }
    sevens_workspace_destroy(&work);
    sevens_problem_destroy(&problem);
    sevens_config_free(&config);
}

/* The files of scans/ that begin so. */
static void compare_files(const char *prefix)
{
    unsigned long long seed = 20261122;
    worst w = {0.0, 0};
    char pattern[1024];
    glob_t found;

    snprintf(pattern, sizeof pattern, "%s/scans/%s*.yaml", SEVENS_SOURCE_DIR, prefix);
    ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        compare_file(found.gl_pathv[i], &seed, &w);
    ck_assert_uint_gt(w.n, 100);
    printf("%s: %zu files, %zu terms, worst difference %.1e\n", prefix, found.gl_pathc, w.n,
           w.error);
    globfree(&found);
}

START_TEST(csi2021)
{
    compare_files("csi2021");
}
END_TEST

START_TEST(csi2017)
{
    compare_files("csi2017");
}
END_TEST

START_TEST(lar2020)
{
    compare_files("lar2020");
}
END_TEST

START_TEST(dresden2)
{
    compare_files("dresden2");
}
END_TEST

START_TEST(xenonnt)
{
    compare_files("xenonnt");
}
END_TEST

START_TEST(future)
{
    compare_files("future");
}
END_TEST

/* The kernels of every processor against those of this one. */
START_TEST(kernels_agree)
{
    test_problem t = test_problem_make(TEST_PLANE("b-l", "3", "3"));
    sevens_templates *templates = t.work->templates[0];
    sevens_model_point points[2] = {{t.value, t.g}, {t.value, SEVENS_NO_ROW}};
    size_t n = 3 * t.problem->n_bin;
    double *best = malloc(n * sizeof *best), *generic = malloc(n * sizeof *generic);

    t.value[t.m] = 27.3;
    t.value[t.g] = 3.1e-5;
    for (size_t i = 0; i < 2; i++) {
        sevens_templates_update(templates, &points[i]);
        templates->kernels = sevens_condense_kernels_best();
        sevens_templates_row(templates, &points[i], best);
        templates->kernels = &sevens_condense_kernels_generic;
        sevens_templates_row(templates, &points[i], generic);
        for (size_t b = 0; b < n; b++)
            ck_close(generic[b], best[b], 0.0, 1e-14);
    }
    free(best);
    free(generic);
    test_problem_free(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("templates_reference");
    TCase *tc = tcase_create("templates_reference");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 300);
    tcase_add_test(tc, csi2021);
    tcase_add_test(tc, csi2017);
    tcase_add_test(tc, lar2020);
    tcase_add_test(tc, dresden2);
    tcase_add_test(tc, xenonnt);
    tcase_add_test(tc, future);
    tcase_add_test(tc, kernels_agree);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
