/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Synthetic likelihoods and rows on which backends and kernels are compared: Poisson data with
 * empty bins, a signal that cancels along a line, signals up to 1e8 times the data, norms that are
 * pulled, free, fixed and at their bound 0. */
#ifndef SEVENS_TEST_ROW_SUPPORT_H
#define SEVENS_TEST_ROW_SUPPORT_H

#include "sevens/grid.h"
#include "test_support.h"

typedef struct row_case {
    sevens_likelihood likelihood;
    sevens_rows rows;
    double *signal, *x; /* what rows points at */
} row_case;

/* splitmix64, in [0, 1) */
static inline double row_uniform(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static inline double row_poisson(uint64_t *state, double mean)
{
    double product = 1.0, limit = exp(-mean);
    int n = -1;

    if (mean > 100.0) /* near enough: only a whole number of about this size is wanted */
        return floor(mean + sqrt(12.0 * mean) * (row_uniform(state) - 0.5));
    do {
        product *= row_uniform(state);
        n++;
    } while (product > limit);
    return n;
}

/* Share of component k in bin b, not normalised: two falling spectra, then bumps. */
static inline double row_shape(size_t k, size_t K, size_t b, size_t n_bin)
{
    double t = ((double)b + 0.5) / (double)n_bin, centre = (double)k / (double)K;

    if (k < 2)
        return exp(-(k == 0 ? 9.0 : 4.0) * t) * (1.0 + 0.3 * sin(11.0 * t + (double)k));
    return 0.05 + exp(-50.0 * (t - centre) * (t - centre));
}

/* counts [n_bin] of component k, `total` in all. */
static inline void row_component(size_t k, size_t K, size_t n_bin, double total, double *counts)
{
    double sum = 0.0;

    for (size_t b = 0; b < n_bin; b++)
        sum += row_shape(k, K, b, n_bin);
    for (size_t b = 0; b < n_bin; b++)
        counts[b] = total * row_shape(k, K, b, n_bin) / sum;
}

/* Pulls of all sizes, one free norm, one fixed; the last background is free and absent in the data,
 * so that its norm often ends at the bound. */
static inline void row_norms(sevens_likelihood *l, unsigned seed)
{
    static const double sigma[] = {0.115, 0.021, 0.25, 0.35, 0.15};
    sevens_nuisance *nuisance = l->nuisance;
    size_t K = l->n_nuisance;

    for (size_t k = 0; k < K; k++)
        nuisance[k] = (sevens_nuisance){.kind = SEVENS_NUISANCE_NORM,
                                        .centre = 1.0,
                                        .sigma = sigma[k % 5],
                                        .start = 1.0,
                                        .hi = INFINITY};
    if (seed % 2 == 1 && K > 1)
        nuisance[0].sigma = INFINITY;
    if (seed % 3 == 2)
        nuisance[0].fixed = true;
    if (K > 3)
        nuisance[3].fixed = seed % 4 == 3;
    if (K > 2)
        nuisance[K - 1].sigma = INFINITY;
    ck_assert_int_eq(sevens_likelihood_set_pulls(l, NULL), SEVENS_OK);
}

/* A plain likelihood of K norms without data; backgrounds are not filled in. */
static inline void row_plain_make(sevens_likelihood *l, size_t n_bin, size_t K)
{
    sevens_likelihood_part *part = &l->part[0];

    *l = (sevens_likelihood){.n_part = 1, .n_nuisance = K};
    *part = (sevens_likelihood_part){.kind = SEVENS_LIKELIHOOD_POISSON,
                                     .n_bin = n_bin,
                                     .n_variant = 1,
                                     .n_component = K,
                                     .n_nuisance = K};
    part->observed = calloc(n_bin, sizeof *part->observed);
    part->reference = calloc(n_bin, sizeof *part->reference);
    ck_assert(part->observed != NULL && part->reference != NULL);
    for (size_t k = 0; k < K; k++) {
        part->component[k] = (sevens_component){k, SEVENS_NONE, k == 0 ? 0 : SEVENS_NONE, NULL};
        if (k == 0)
            continue;
        part->component[k].counts = calloc(n_bin, sizeof(double));
        ck_assert_ptr_nonnull(part->component[k].counts);
    }
}

static inline void row_case_likelihood(sevens_likelihood *l, unsigned seed, size_t n_bin, size_t K,
                                       const double *signal)
{
    uint64_t random = seed;
    sevens_likelihood_part *part = &l->part[0];

    row_plain_make(l, n_bin, K);
    row_norms(l, seed);
    for (size_t k = 1; k < K; k++)
        row_component(k, K, n_bin, k == 1 ? 900.0 : 200.0 / (double)(K - 2),
                      part->component[k].counts);
    for (size_t b = 0; b < n_bin; b++) {
        double mean = signal[b];

        for (size_t k = 1; k < K; k++)
            mean += k > 1 && k == K - 1 ? 0.0 : part->component[k].counts[b];
        part->observed[b] = row_poisson(&random, mean);
        part->reference[b] = mean * (1.0 + 0.1 * (row_uniform(&random) - 0.5));
    }
}

/* Row variable: the Standard Model at 0, the line where the rate vanishes at 1, signals up to 1e8
 * times the data. */
static inline double row_case_x(size_t i, size_t n_x)
{
    static const double special[] = {0.0, 1.0, 1.0 - 1e-6, 1.0 + 1e-3, 1e4, 1e-8, -1e-3, 1e3};
    size_t n_special = sizeof special / sizeof special[0];

    return i < n_special ? special[i] : 1e-3 * pow(3e4, (double)i / (double)n_x);
}

/* Terms A (1 - x)^2 in row 0, in the others the rate vanishes bin after bin. Without a background,
 * or with a free norm, that would leave chi2 to the rounding of the rate: there the signs are
 * equal. */
static inline void row_case_signal(const sevens_likelihood *l, const double *sm, size_t r,
                                   double *abc)
{
    double sign = l->n_nuisance > 1 && isfinite(l->nuisance[0].sigma) ? -2.0 : 2.0;
    size_t n_bin = l->part[0].n_bin;

    for (size_t b = 0; b < n_bin; b++) {
        double slope = 1.0 + 0.1 * sin((double)r) * sin(0.1 * (double)b);

        abc[b] = sm[b];
        abc[n_bin + b] = sign * sm[b] * slope;
        abc[2 * n_bin + b] = sm[b] * slope * slope;
    }
}

static inline void row_case_make(row_case *c, unsigned seed, size_t n_bin, size_t K, size_t n_row,
                                 size_t n_x)
{
    double *sm = malloc(n_bin * sizeof *sm);

    c->signal = malloc(n_row * 3 * n_bin * sizeof *c->signal);
    c->x = malloc(n_row * n_x * sizeof *c->x);
    ck_assert(sm != NULL && c->signal != NULL && c->x != NULL);
    row_component(0, K, n_bin, 400.0, sm);
    row_case_likelihood(&c->likelihood, seed, n_bin, K, sm);
    for (size_t r = 0; r < n_row; r++) {
        row_case_signal(&c->likelihood, sm, r, c->signal + r * 3 * n_bin);
        for (size_t i = 0; i < n_x; i++)
            c->x[r * n_x + i] = row_case_x(i, n_x);
    }
    c->rows = (sevens_rows){.n_row = n_row, .n_x = n_x, .signal = c->signal, .x = c->x};
    free(sm);
}

static inline void row_case_free(row_case *c)
{
    sevens_likelihood_free(&c->likelihood);
    free(c->signal);
    free(c->x);
}

typedef struct row_answer {
    size_t n_point;
    sevens_row_results results;
} row_answer;

static inline void row_answer_make(row_answer *a, const sevens_rows *rows,
                                   const sevens_likelihood *l)
{
    a->n_point = rows->n_row * rows->n_x;
    a->results = (sevens_row_results){
        .chi2 = malloc(a->n_point * sizeof *a->results.chi2),
        .status = malloc(a->n_point * sizeof *a->results.status),
        .part_chi2 = malloc(l->n_part * a->n_point * sizeof *a->results.part_chi2),
        .nuisance = malloc(l->n_nuisance * a->n_point * sizeof *a->results.nuisance),
    };
    ck_assert(a->results.chi2 != NULL && a->results.status != NULL);
    ck_assert(a->results.part_chi2 != NULL && a->results.nuisance != NULL);
}

static inline void row_answer_free(row_answer *a)
{
    free(a->results.chi2);
    free(a->results.status);
    free(a->results.part_chi2);
    free(a->results.nuisance);
}

/* The rows of a case by a backend. */
static inline void row_case_evaluate(const row_case *c, const sevens_backend *backend,
                                     sevens_precision precision, row_answer *answer)
{
    sevens_grid_options options = {.precision = precision, .threads = 2};
    sevens_grid *grid = NULL;
    sevens_error err = {.status = SEVENS_OK};

    row_answer_make(answer, &c->rows, &c->likelihood);
    sevens_grid_create(&grid, backend, &c->likelihood, &options, &err);
    ck_assert_msg(err.status == SEVENS_OK, "%s", err.message);
    sevens_grid_evaluate(grid, &c->rows, &answer->results, &err);
    ck_assert_msg(err.status == SEVENS_OK, "%s", err.message);
    sevens_grid_destroy(&grid);
}

static inline double row_smallest_chi2(const row_answer *a)
{
    double least = INFINITY;

    for (size_t p = 0; p < a->n_point; p++) {
        if (a->results.status[p] == SEVENS_POINT_OK)
            least = fmin(least, a->results.chi2[p]);
    }
    return least;
}

/* Largest difference of chi2 between an answer and the reference, in units of what is allowed: in
 * double 1e-10 chi2; in float, up to 30 above the smallest, 1e-4, or 2e-4 where the counts of a bin
 * have more than 5 terms that round, and 1e-5 chi2 beyond. The same points are ok and the same
 * invalid. */
static inline double row_worst(const row_case *c, const row_answer *a, const row_answer *reference,
                               sevens_precision precision)
{
    double least = row_smallest_chi2(reference), worst = 0.0;
    double f32 = c->likelihood.n_nuisance > 5 ? 2e-4 : 1e-4;

    for (size_t p = 0; p < a->n_point; p++) {
        double chi2 = reference->results.chi2[p], allowed = 1e-10 * chi2;

        ck_assert_msg(a->results.status[p] == reference->results.status[p],
                      "point %zu: status %d, not %d (chi2 %.17g, not %.17g)", p,
                      a->results.status[p], reference->results.status[p], a->results.chi2[p], chi2);
        if (reference->results.status[p] != SEVENS_POINT_OK)
            continue;
        if (precision == SEVENS_PRECISION_F32)
            allowed = chi2 - least < 30.0 ? f32 : 1e-5 * chi2;
        ck_assert_msg(fabs(a->results.chi2[p] - chi2) <= allowed,
                      "point %zu: chi2 %.17g, not %.17g; %.3g above the smallest", p,
                      a->results.chi2[p], chi2, chi2 - least);
        worst = fmax(worst, fabs(a->results.chi2[p] - chi2) / allowed);
    }
    return worst;
}

#endif
