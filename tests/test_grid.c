/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The likelihood against the independent minimiser, and the backends against each other. */
#include "reference/reference.h"
#include "sevens/evaluator.h"
#include "sevens/grid.h"
#include "sevens/hd/row_constants.h"
#include "test_problem.h"
#include "test_row_support.h"
#include <gsl/gsl_errno.h>
#include <omp.h>

#define N_BIN 40

static const char *const plane = TEST_PLANE("universal", "3", "3");

/* After any change of a width. */
static void set_pulls(sevens_likelihood *l)
{
    sevens_error err = {0};

    ck_assert_msg(sevens_likelihood_set_pulls(l, &err) == SEVENS_OK, "%s", err.message);
}

/* A made-up likelihood: smooth backgrounds, Poisson-like data with empty bins. */
static void make_likelihood(sevens_likelihood *l, size_t n_norm, unsigned long long *seed)
{
    sevens_likelihood_part *part = &l->part[0];

    row_plain_make(l, N_BIN, n_norm);
    for (size_t b = 0; b < N_BIN; b++) {
        double mu = 0.0;

        for (size_t k = 1; k < n_norm; k++)
            mu += part->component[k].counts[b] = 3.0 * test_random(seed) * test_random(seed);
        part->observed[b] = floor(mu * 2.0 * test_random(seed) + 1.3 * test_random(seed));
        part->reference[b] = fmax(1.0, mu);
    }
    for (size_t k = 0; k < n_norm; k++)
        l->nuisance[k] = (sevens_nuisance){.kind = SEVENS_NUISANCE_NORM,
                                           .centre = 1.0,
                                           .sigma = 0.05 + 0.5 * test_random(seed),
                                           .start = 1.0,
                                           .hi = INFINITY};
    set_pulls(l);
}

/* Signals from nothing to 1e8 times the data, some in few bins. */
static void make_signal(double *signal, unsigned long long *seed)
{
    double size = test_random_log(seed, 1e-3, 1e8), slope = 6.0 * test_random(seed) - 3.0;

    for (size_t b = 0; b < N_BIN; b++)
        signal[b] = size * exp(slope * (double)b / N_BIN) * (test_random(seed) < 0.2 ? 0.0 : 1.0);
}

START_TEST(profile_agrees_with_independent_minimiser)
{
    unsigned long long seed = 99171;

    for (int i = 0; i < 60; i++) {
        size_t K = 1 + (size_t)i % 7;
        sevens_likelihood l;
        double templates[8 * N_BIN], sigma[8], s[8], expected, signal[N_BIN];
        sevens_profile profile;

        make_likelihood(&l, K, &seed);
        if (i % 5 == 4)
            l.nuisance[0].sigma = INFINITY;
        if (i % 6 == 5 && K > 1)
            l.nuisance[K - 1].fixed = true;
        set_pulls(&l);
        make_signal(signal, &seed);
        for (size_t b = 0; b < N_BIN; b++) /* something must be expected where something is seen */
            signal[b] += l.part[0].observed[b] > 0.0 ? 1e-3 : 0.0;
        memcpy(templates, signal, sizeof signal);
        for (size_t k = 1; k < K; k++)
            memcpy(templates + k * N_BIN, l.part[0].component[k].counts, N_BIN * sizeof(double));
        for (size_t k = 0; k < K; k++)
            sigma[k] = l.nuisance[k].fixed ? 0.0 : l.nuisance[k].sigma;
        expected = ref_profile(N_BIN, K, templates, sigma, l.part[0].observed, s);
        sevens_likelihood_profile(&l, signal, &profile);
        ck_assert(profile.converged);
        ck_close(profile.chi2, expected, 1e-9, 1e-9);
        ck_assert(profile.chi2 <= expected + 1e-9 * (1.0 + expected)); /* never above */
        for (size_t k = 0; k < K; k++)
            ck_assert(profile.value[k] >= 0.0);
        sevens_likelihood_free(&l);
    }
}
END_TEST

/* Counts and a signal with a norm, without backgrounds. */
static void make_signal_alone(sevens_likelihood *l, size_t n_bin, const double *observed,
                              double sigma)
{
    row_plain_make(l, n_bin, 1);
    for (size_t b = 0; b < n_bin; b++) {
        l->part[0].observed[b] = observed[b];
        l->part[0].reference[b] = fmax(1.0, observed[b]);
    }
    l->nuisance[0] = (sevens_nuisance){
        .kind = SEVENS_NUISANCE_NORM, .centre = 1.0, .sigma = sigma, .start = 1.0, .hi = INFINITY};
    set_pulls(l);
}

/* One bin, one norm: the minimum is a root of a quadratic. */
START_TEST(closed_form)
{
    const double n = 7.0, S = 4.3, sigma = 0.31, w = 1.0 / (sigma * sigma);
    /* w s^2 + (S - w) s - n = 0 */
    double b = S - w, s = (-b + sqrt(b * b + 4.0 * w * n)) / (2.0 * w);
    double signal[1] = {S};
    sevens_likelihood l;
    sevens_profile profile;

    make_signal_alone(&l, 1, &n, sigma);
    sevens_likelihood_profile(&l, signal, &profile);
    ck_close(profile.value[0], s, 0.0, 1e-13);
    ck_close(profile.chi2, 2.0 * (s * S - n + n * log(n / (s * S))) + w * (s - 1.0) * (s - 1.0),
             0.0, 1e-13);
    sevens_likelihood_free(&l);
}
END_TEST

/* Empty bins count their expectation; nothing expected and nothing seen costs nothing; something
 * seen where nothing is expected is infinitely unlikely, not a crash. */
START_TEST(empty_bins)
{
    double observed[3] = {0.0, 0.0, 5.0};
    double signal[3] = {1.7, 0.0, 5.0}, no_signal[3] = {1.7, 0.0, 0.0};
    sevens_likelihood l;
    sevens_profile profile;

    make_signal_alone(&l, 3, observed, 0.1);
    l.nuisance[0].fixed = true;
    set_pulls(&l);
    sevens_likelihood_profile(&l, signal, &profile);
    ck_assert(profile.converged);
    ck_close(profile.chi2, 2.0 * 1.7, 0.0, 1e-14);
    sevens_likelihood_profile(&l, no_signal, &profile);
    ck_assert(!profile.converged);
    ck_assert(isinf(profile.chi2));
    sevens_likelihood_free(&l);
}
END_TEST

static void evaluate(const sevens_backend *backend, sevens_precision precision, int threads,
                     const sevens_likelihood *l, const sevens_rows *rows, double *chi2,
                     uint8_t *status, float *norm)
{
    sevens_grid_options options = {.precision = precision, .threads = threads};
    sevens_row_results results = {.chi2 = chi2, .status = status, .nuisance = norm};
    sevens_grid *grid;
    sevens_error err = {0};

    ck_assert_msg(sevens_grid_create(&grid, backend, l, &options, &err) == SEVENS_OK, "%s",
                  err.message);
    ck_assert_msg(sevens_grid_evaluate(grid, rows, &results, &err) == SEVENS_OK, "%s", err.message);
    ck_assert_uint_ge(results.passes, rows->n_row * rows->n_x);
    sevens_grid_destroy(&grid);
}

/* Rows with destructive interference: S = a (1 - x/x0)^2, whose rate vanishes at x0. */
static void make_rows(double *signal, double *x, size_t n_row, size_t n_x, unsigned long long *seed)
{
    for (size_t r = 0; r < n_row; r++) {
        double x0 = test_random_log(seed, 0.1, 10.0), size = test_random_log(seed, 0.1, 100.0);

        for (size_t b = 0; b < N_BIN; b++) {
            double a = size * (0.2 + test_random(seed));

            signal[(3 * r + 0) * N_BIN + b] = a;
            signal[(3 * r + 1) * N_BIN + b] = -2.0 * a / x0;
            signal[(3 * r + 2) * N_BIN + b] = a / (x0 * x0);
        }
        for (size_t i = 0; i < n_x; i++)
            x[r * n_x + i] = i == 0 ? 0.0 : i == 1 ? x0 : test_random_log(seed, 1e-4, 1e4);
    }
}

/* openmp against serial for every number of norms, with and without free and fixed ones. */
START_TEST(openmp_agrees_with_serial)
{
    enum { N_ROW = 3, N_X = 61, N = N_ROW * N_X };
    unsigned long long seed = 4711;
    double *signal = malloc(N_ROW * 3 * N_BIN * sizeof *signal), x[N], slow[N], fast[N];
    float slow_norm[SEVENS_ROW_MAX_NORMS * N], fast_norm[SEVENS_ROW_MAX_NORMS * N];
    uint8_t slow_status[N], fast_status[N];
    double worst_f64 = 0.0, worst_f32 = 0.0;

    for (size_t K = 1; K <= SEVENS_ROW_MAX_NORMS; K++) {
        sevens_likelihood l;
        sevens_rows rows = {.n_row = N_ROW, .n_x = N_X, .signal = signal, .x = x};

        make_likelihood(&l, K, &seed);
        for (size_t b = 0; b < N_BIN && K == 1; b++) /* no background: zero rate is impossible */
            l.part[0].observed[b] = 0.0;
        if (K % 3 == 2)
            l.nuisance[0].sigma = INFINITY;
        if (K % 4 == 3)
            l.nuisance[1].fixed = true;
        set_pulls(&l);
        make_rows(signal, x, N_ROW, N_X, &seed);
        evaluate(&sevens_backend_serial, SEVENS_PRECISION_F64, 1, &l, &rows, slow, slow_status,
                 slow_norm);
        evaluate(&sevens_backend_openmp, SEVENS_PRECISION_F64, 2, &l, &rows, fast, fast_status,
                 fast_norm);
        for (size_t p = 0; p < N; p++) {
            ck_assert_int_eq(slow_status[p], SEVENS_POINT_OK);
            ck_assert_int_eq(fast_status[p], SEVENS_POINT_OK);
            ck_close(fast[p], slow[p], 1e-10, 1e-10);
            worst_f64 = fmax(worst_f64, fabs(fast[p] - slow[p]));
            /* chi2 is flat at its minimum: 1e-10 of it is up to 1e-5 sigma, more of a free norm */
            for (size_t k = 0; k < K; k++)
                ck_close(fast_norm[k * N + p], slow_norm[k * N + p], 2e-4, 2e-4);
        }
        evaluate(&sevens_backend_openmp, SEVENS_PRECISION_F32, 2, &l, &rows, fast, fast_status,
                 NULL);
        for (size_t p = 0; p < N; p++) {
            ck_assert_int_eq(fast_status[p], SEVENS_POINT_OK);
            ck_close(fast[p], slow[p], 1e-3, 1e-4);
            worst_f32 = fmax(worst_f32, fabs(fast[p] - slow[p]));
        }
        sevens_likelihood_free(&l);
    }
    printf("openmp - serial: f64 %.1e, f32 %.1e\n", worst_f64, worst_f32);
    free(signal);
}
END_TEST

/* Likelihood i of many whose norms come near their bound 0 or leave it again, with whole counts or
 * with the expectations of Asimov data down to 1e-5 of a count, and its signal. */
static void make_bounded(sevens_likelihood *l, double *signal, size_t i, bool asimov,
                         unsigned long long *seed)
{
    size_t K = 1 + i % 6;
    double scale = test_random_log(seed, 30.0, 300.0), fall = 0.35 * test_random(seed);

    make_likelihood(l, K, seed);
    if (i % 3 == 0)
        l->nuisance[0].sigma = INFINITY;
    set_pulls(l);
    for (size_t b = 0; b < N_BIN; b++) {
        double size = scale * exp(-fall * (double)b), mu = size * (0.2 + test_random(seed));

        signal[b] = mu;
        signal[N_BIN + b] = 0.5 * mu;
        signal[2 * N_BIN + b] = mu;
        for (size_t k = 1; k < K; k++)
            mu += l->part[0].component[k].counts[b] *= size;
        l->part[0].reference[b] = mu;
        mu *= pow(1.5, 2.0 * test_random(seed) - 1.0);
        l->part[0].observed[b] = asimov ? mu : floor(mu);
    }
}

/* openmp promises 1e-10 in double. */
static void compare_many(bool asimov, unsigned long long seed)
{
    enum { N_X = 257, N_CASE = 600 };
    static const double tolerance[2][2] = {{1e-10, 1e-10}, {2e-3, 1e-4}}; /* absolute, relative */
    double signal[3 * N_BIN], x[N_X], slow[N_X], fast[N_X], worst[2] = {0.0, 0.0};
    uint8_t slow_status[N_X], fast_status[N_X];

    for (int i = 0; i < N_X; i++)
        x[i] = 1e-4 * pow(1e8, i / (N_X - 1.0));
    for (size_t i = 0; i < N_CASE; i++) {
        sevens_likelihood l;
        sevens_rows rows = {.n_row = 1, .n_x = N_X, .signal = signal, .x = x};

        make_bounded(&l, signal, i, asimov, &seed);
        evaluate(&sevens_backend_serial, SEVENS_PRECISION_F64, 1, &l, &rows, slow, slow_status,
                 NULL);
        for (int f32 = 0; f32 < 2; f32++) {
            evaluate(&sevens_backend_openmp, f32 ? SEVENS_PRECISION_F32 : SEVENS_PRECISION_F64, 2,
                     &l, &rows, fast, fast_status, NULL);
            for (size_t p = 0; p < N_X; p++) {
                ck_assert_int_eq(slow_status[p], SEVENS_POINT_OK);
                ck_assert_int_eq(fast_status[p], SEVENS_POINT_OK);
                ck_close(fast[p], slow[p], tolerance[f32][0], tolerance[f32][1]);
                worst[f32] = fmax(worst[f32], fabs(fast[p] - slow[p]));
            }
        }
        sevens_likelihood_free(&l);
    }
    printf("%s: openmp - serial f64 %.1e, f32 %.1e\n", asimov ? "Asimov data" : "whole counts",
           worst[0], worst[1]);
}

/* Seeds with points where the slope of a norm at its bound turns with the last step of the others:
 * in the first in double and in float, in the others in float. */
START_TEST(bounds_and_small_counts)
{
    static const struct {
        bool asimov;
        unsigned long long seed;
    } cases[] = {{false, 4}, {true, 9}, {true, 23}};

    compare_many(cases[_i].asimov, cases[_i].seed);
}
END_TEST

/* Ten thousand counts a bin: a step bounded by lambda in place of the change of the counts would
 * take a pass per unit of lambda. Rows of one point start cold. */
START_TEST(large_counts)
{
    unsigned long long seed = 31;
    double signal[3 * N_BIN], x[64], slow[64], fast[64];
    uint8_t slow_status[64], fast_status[64];

    for (size_t i = 0; i < 64; i++) {
        sevens_likelihood l;
        sevens_rows rows = {.n_row = 1, .n_x = 1, .signal = signal, .x = x};

        make_bounded(&l, signal, i, false, &seed);
        for (size_t b = 0; b < N_BIN; b++) {
            for (size_t term = 0; term < 3; term++)
                signal[term * N_BIN + b] *= 300.0;
            for (size_t k = 1; k < l.n_nuisance; k++)
                l.part[0].component[k].counts[b] *= 300.0;
            l.part[0].reference[b] *= 300.0;
            l.part[0].observed[b] = floor(300.0 * l.part[0].observed[b]);
        }
        x[0] = test_random_log(&seed, 1e-2, 10.0);
        evaluate(&sevens_backend_serial, SEVENS_PRECISION_F64, 1, &l, &rows, slow, slow_status,
                 NULL);
        evaluate(&sevens_backend_openmp, SEVENS_PRECISION_F64, 1, &l, &rows, fast, fast_status,
                 NULL);
        ck_assert_int_eq(slow_status[0], SEVENS_POINT_OK);
        ck_assert_int_eq(fast_status[0], SEVENS_POINT_OK);
        ck_close(fast[0], slow[0], 1e-10, 1e-10);
        sevens_likelihood_free(&l);
    }
}
END_TEST

START_TEST(serial_is_double_precision)
{
    unsigned long long seed = 5;
    sevens_grid_options options = {.precision = SEVENS_PRECISION_F32};
    sevens_likelihood l;
    sevens_grid *grid;
    sevens_error err = {0};

    make_likelihood(&l, 2, &seed);
    ck_assert_int_eq(sevens_grid_create(&grid, &sevens_backend_serial, &l, &options, &err),
                     SEVENS_ERR_INPUT);
    ck_contains(err.message, "backend serial is the reference: it computes in f64 alone");
    sevens_likelihood_free(&l);
}
END_TEST

/* Something seen where nothing can be expected: invalid on every backend, the others unharmed. */
START_TEST(impossible_points)
{
    unsigned long long seed = 31;
    double signal[3 * N_BIN] = {0}, x[5] = {0.0, 0.5, 1.0, 1.5, 2.0}, chi2[5];
    uint8_t status[5];
    sevens_likelihood l;
    sevens_rows rows = {.n_row = 1, .n_x = 5, .signal = signal, .x = x};

    make_likelihood(&l, 1, &seed);
    l.part[0].observed[7] = 3.0;
    for (size_t b = 0; b < N_BIN; b++) /* (1 - x)^2, exactly 0 at x = 1 */
        signal[b] = signal[2 * N_BIN + b] = 1.0, signal[N_BIN + b] = -2.0;
    for (size_t i = 0; i < 2; i++) {
        evaluate(i ? &sevens_backend_openmp : &sevens_backend_serial, SEVENS_PRECISION_F64, 1, &l,
                 &rows, chi2, status, NULL);
        for (size_t p = 0; p < 5; p++)
            ck_assert_int_eq(status[p], p == 2 ? SEVENS_POINT_INVALID : SEVENS_POINT_OK);
    }
    sevens_likelihood_free(&l);
}
END_TEST

/* The same bits for any number of threads and any cut of the grid at rows and segments of rows. */
START_TEST(same_bits_for_any_partition)
{
    enum { N_ROW = 5, N_X = 2 * SEVENS_ROW_SEGMENT + 53, N = N_ROW * N_X };
    unsigned long long seed = 1234567;
    double *signal = malloc(N_ROW * 3 * N_BIN * sizeof *signal), *x = malloc(N * sizeof *x);
    double *whole = malloc(N * sizeof *whole), *part = malloc(N * sizeof *part);
    uint8_t *status = malloc(N);
    sevens_likelihood l;
    sevens_rows rows = {.n_row = N_ROW, .n_x = N_X, .signal = signal, .x = x};

    make_likelihood(&l, 4, &seed);
    make_rows(signal, x, N_ROW, N_X, &seed);
    for (int precision = 0; precision < 2; precision++) {
        evaluate(&sevens_backend_openmp, (sevens_precision)precision, 1, &l, &rows, whole, status,
                 NULL);
        for (int threads = 2; threads <= 7; threads += 5) {
            evaluate(&sevens_backend_openmp, (sevens_precision)precision, threads, &l, &rows, part,
                     status, NULL);
            ck_assert_mem_eq(whole, part, N * sizeof *whole);
        }
        for (size_t r = 0; r < N_ROW; r++) {
            for (size_t first = 0; first < N_X; first += SEVENS_ROW_SEGMENT) {
                size_t left = N_X - first;
                size_t n = left < SEVENS_ROW_SEGMENT ? left : SEVENS_ROW_SEGMENT;
                sevens_rows piece = {.n_row = 1,
                                     .n_x = n,
                                     .signal = signal + 3 * N_BIN * r,
                                     .x = x + r * N_X + first};

                evaluate(&sevens_backend_openmp, (sevens_precision)precision, 2, &l, &piece, part,
                         status, NULL);
                ck_assert_mem_eq(whole + r * N_X + first, part, n * sizeof *part);
            }
        }
    }
    sevens_likelihood_free(&l);
    free(signal);
    free(x);
    free(whole);
    free(part);
    free(status);
}
END_TEST

/* A plane of the real release through the evaluator: serial and openmp, and no point above the chi2
 * at central norms. */
START_TEST(release_plane)
{
    enum { N_ROW = 9, N_X = 31, N = N_ROW * N_X };
    test_problem t = test_problem_make(plane);
    size_t P = sevens_model_n_parameters(t.problem->model);
    double *value = malloc(N_ROW * P * sizeof *value), x[N], chi2[2][N];
    double one[SEVENS_MAX_NUISANCES];
    uint8_t status[N];
    sevens_error err = {0};

    for (size_t k = 0; k < t.problem->n_nuisance; k++)
        one[k] = t.problem->group[0].likelihood.nuisance[k].centre;
    for (size_t r = 0; r < N_ROW; r++) {
        memcpy(value + r * P, t.value, P * sizeof *value);
        value[r * P + t.m] = 0.1 * pow(10.0, 0.625 * (double)r);
        for (size_t i = 0; i < N_X; i++)
            x[r * N_X + i] = pow(1e-6 * pow(10.0, (double)i / 6.0), 2);
    }
    for (int i = 0; i < 2; i++) {
        sevens_grid_options options = {.threads = 2};
        sevens_evaluator *ev;
        sevens_evaluator_results results = {.chi2 = chi2[i], .status = status};

        ck_assert_int_eq(sevens_evaluator_create(
                             &ev, t.problem, i ? &sevens_backend_openmp : &sevens_backend_serial,
                             &options, &err),
                         SEVENS_OK);
        ck_assert_int_eq(sevens_evaluator_rows(ev, N_ROW, value, t.g, &err), SEVENS_OK);
        ck_assert_int_eq(sevens_evaluator_profile(ev, N_X, x, &results, &err), SEVENS_OK);
        sevens_evaluator_destroy(&ev);
    }
    for (size_t p = 0; p < N; p++) {
        ck_close(chi2[1][p], chi2[0][p], 0.0, 1e-10);
        memcpy(t.value, value + p / N_X * P, P * sizeof *value);
        t.value[t.g] = sqrt(x[p]);
        ck_close(sevens_problem_chi2(t.problem, t.work, t.value, NULL), chi2[0][p], 0.0, 1e-10);
        ck_assert(chi2[0][p] <=
                  sevens_likelihood_chi2(&t.problem->group[0].likelihood, t.work->signal, one));
    }
    free(value);
    test_problem_free(&t);
}
END_TEST

START_TEST(backend_choice)
{
    const sevens_backend *backend;
    char reason[256];
    sevens_error err = {0};

    ck_assert_int_eq(sevens_backend_select(&backend, "serial", 0.0, reason, sizeof reason, &err),
                     SEVENS_OK);
    ck_assert_ptr_eq(backend, &sevens_backend_serial);
    ck_assert_int_eq(sevens_backend_select(&backend, "opnemp", 0.0, reason, sizeof reason, &err),
                     SEVENS_ERR_INPUT);
    ck_contains(err.message, "did you mean 'openmp'");
    ck_assert_int_eq(sevens_backend_select(&backend, "auto", 1e3, reason, sizeof reason, &err),
                     SEVENS_OK);
    ck_assert_ptr_eq(backend, &sevens_backend_openmp); /* too few points for a GPU */
    ck_contains(reason, "openmp");
    if (!sevens_backend_cuda.available(reason, sizeof reason)) {
        ck_assert_int_eq(sevens_backend_select(&backend, "cuda", 0.0, reason, sizeof reason, &err),
                         SEVENS_ERR_BACKEND);
        ck_assert_int_eq(sevens_exit_code(SEVENS_ERR_BACKEND), 3);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("grid");
    TCase *tc = tcase_create("grid");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, profile_agrees_with_independent_minimiser);
    tcase_add_test(tc, closed_form);
    tcase_add_test(tc, empty_bins);
    tcase_add_test(tc, openmp_agrees_with_serial);
    tcase_add_loop_test(tc, bounds_and_small_counts, 0, 3);
    tcase_add_test(tc, large_counts);
    tcase_add_test(tc, serial_is_double_precision);
    tcase_add_test(tc, impossible_points);
    tcase_add_test(tc, same_bits_for_any_partition);
    tcase_add_test(tc, release_plane);
    tcase_add_test(tc, backend_choice);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
