/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CUDA kernels compiled as C, with threads and blocks as loops, against the reference
 * likelihood. Shared memory and work arrays are of the size that the launchers ask for, so that the
 * sanitizers see every word outside it. */
#define JOINT_BINS 4 /* as nvcc takes them */
#define SEVENS_ON_OFF_GROUP 8
#include "joint_pack.h"
#include "on_off_pack.h"
#include "row_pack.h"
#include "test_joint_compare.h"

typedef struct shim_index {
    unsigned x, y;
} shim_index;

static shim_index threadIdx, blockIdx, blockDim, gridDim;
static unsigned char *row_shared;

#define __global__
#define __launch_bounds__(...)
#define __shared__ static
#define __syncthreads() ((void)0)
#define atomicAdd(address, value) (*(address) += (value))
#include "../kernels/joint_kernel.cuh"
#include "../kernels/on_off_kernel.cuh"
#include "../kernels/row_kernel.cuh"

typedef void (*row_kernel)(sevens_row_slab slab);

/* As in row_kernels.cu. */
static const row_kernel kernels[2][6] = {
    {row_f64_any, row_f64_k1, row_f64_k2, row_f64_k3, row_f64_k4, row_f64_k5},
    {row_f32_any, row_f32_k1, row_f32_k2, row_f32_k3, row_f32_k4, row_f32_k5},
};

static size_t shared_bytes(const sevens_row_constants *c, int instance, bool single,
                           unsigned threads)
{
    size_t n = (size_t)c->n_count;

    if (instance == 0)
        return threads * (size_t)ROW_WORK(c->n_norm) * (single ? sizeof(float) : sizeof(double));
    if (single)
        return n * (size_t)ROW_PITCH(float, c->n_norm) * sizeof(float);
    return n * (size_t)ROW_PITCH(double, c->n_norm) * sizeof(double);
}

/* One block. Threads run one after the other, so all of them first stage their share, with no
 * points to work on, and then run once more. */
static void run_block(row_kernel kernel, const sevens_row_slab *slab, unsigned threads)
{
    sevens_row_slab no_points = *slab;

    no_points.points.n_x = 0;
    blockDim.x = threads;
    for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++)
        kernel(no_points);
    for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++)
        kernel(*slab);
}

/* Packed rows and totals of a case; rows in double or float. */
static void *pack_rows(const row_case *c, const sevens_row_pack *pack, bool single, double *totals)
{
    size_t n = 3 * (size_t)pack->constants.n_count;
    double *rows = malloc((c->rows.n_row * n + 1) * sizeof *rows);
    float *rows_f32 = malloc((c->rows.n_row * n + 1) * sizeof *rows_f32);

    ck_assert(rows != NULL && rows_f32 != NULL);
    for (size_t r = 0; r < c->rows.n_row; r++) {
        sevens_row_pack_signal(pack, c->signal + r * 3 * pack->n_bin, rows + r * n, totals + 3 * r);
        if (single)
            sevens_row_pack_round(pack, rows + r * n, rows_f32 + r * n, totals + 3 * r);
    }
    free(single ? (void *)rows : (void *)rows_f32);
    return single ? (void *)rows_f32 : (void *)rows;
}

/* The points of a case, and their results in an answer. */
static sevens_kernel_points points_of(const row_case *c, const void *rows, const row_answer *answer,
                                      unsigned long long *passes)
{
    return (sevens_kernel_points){
        .n_row = c->rows.n_row,
        .n_x = c->rows.n_x,
        .rows = rows,
        .x = c->rows.x,
        .chi2 = answer->results.chi2,
        .status = answer->results.status,
        .part_chi2 = answer->results.part_chi2,
        .nuisance = answer->results.nuisance,
        .passes = passes,
    };
}

/* The rows of a case by one instance, with blocks of `threads` and `blocks` of them per row. */
static void run(const row_case *c, int instance, bool single, unsigned threads, unsigned blocks,
                row_answer *answer)
{
    sevens_row_pack pack;
    unsigned long long passes = 0;
    double *totals = malloc(3 * c->rows.n_row * sizeof *totals);
    void *rows;

    ck_assert_ptr_nonnull(totals);
    ck_assert_int_eq(sevens_row_pack_create(&pack, &c->likelihood, NULL), SEVENS_OK);
    rows = pack_rows(c, &pack, single, totals);
    row_answer_make(answer, &c->rows, &c->likelihood);
    row_shared = malloc(shared_bytes(&pack.constants, instance, single, threads));
    ck_assert_ptr_nonnull(row_shared);
    sevens_row_slab slab = {
        .points = points_of(c, rows, answer, &passes),
        .constants = single ? pack.constants_f32 : pack.constants,
        .bins = single ? (void *)pack.bins_f32 : (void *)pack.bins,
        .totals = totals,
    };
    gridDim = (shim_index){(unsigned)c->rows.n_row, blocks};
    for (blockIdx.x = 0; blockIdx.x < gridDim.x; blockIdx.x++) {
        for (blockIdx.y = 0; blockIdx.y < gridDim.y; blockIdx.y++)
            run_block(kernels[single][instance], &slab, threads);
    }
    answer->results.passes = passes;
    free(row_shared);
    free(totals);
    free(rows);
    sevens_row_pack_free(&pack);
}

static void assert_same_bits(const row_answer *a, const row_answer *b, size_t n_nuisance)
{
    ck_assert_mem_eq(a->results.chi2, b->results.chi2, a->n_point * sizeof(double));
    ck_assert_mem_eq(a->results.status, b->results.status, a->n_point);
    ck_assert_mem_eq(a->results.nuisance, b->results.nuisance,
                     n_nuisance * a->n_point * sizeof(float));
}

/* Norms of ok points, where the minimum is not flat: float norms of the double instance. */
static void assert_norms(const row_case *c, const row_answer *a, const row_answer *reference)
{
    for (size_t p = 0; p < a->n_point; p++) {
        if (reference->results.status[p] != SEVENS_POINT_OK)
            continue;
        for (size_t k = 0; k < c->likelihood.n_nuisance; k++)
            ck_close(a->results.nuisance[k * a->n_point + p],
                     reference->results.nuisance[k * a->n_point + p], 2e-4, 2e-4);
    }
}

static void check_instance(const row_case *c, int instance, const row_answer *reference,
                           double *worst)
{
    size_t K = c->likelihood.n_nuisance;

    for (int single = 0; single < 2; single++) {
        sevens_precision precision = single ? SEVENS_PRECISION_F32 : SEVENS_PRECISION_F64;
        row_answer one, many;

        run(c, instance, single, 1, 2, &one);
        worst[single] = fmax(worst[single], row_worst(c, &one, reference, precision));
        if (!single)
            assert_norms(c, &one, reference);
        ck_assert_uint_ge(one.results.passes, one.n_point);
        ck_assert_uint_le(one.results.passes, 81 * one.n_point);
        run(c, instance, single, 7, 3, &many);
        assert_same_bits(&one, &many, K);
        row_answer_free(&one);
        row_answer_free(&many);
    }
}

static const size_t numbers_of_norms[] = {1, 2, 3, 4, 5, 6, 9, 16};

/* All likelihoods with this number of norms, by the instance that the launcher takes and by the one
 * for any number. */
START_TEST(test_against_reference)
{
    size_t K = numbers_of_norms[_i];
    double worst[2] = {0.0, 0.0}; /* as shares of the allowed difference */

    for (unsigned seed = 0; seed < 12; seed++) {
        row_case c;
        row_answer reference;

        row_case_make(&c, seed, 97 + 13 * seed, K, 2, 40);
        row_case_evaluate(&c, &sevens_backend_serial, SEVENS_PRECISION_F64, &reference);
        check_instance(&c, 0, &reference, worst);
        if (K <= 5)
            check_instance(&c, (int)K, &reference, worst);
        row_answer_free(&reference);
        row_case_free(&c);
    }
    if (getenv("SEVENS_TEST_VERBOSE"))
        printf("%2zu norms: worst f64 %.2g, f32 %.2g of what is allowed\n", K, worst[0], worst[1]);
}
END_TEST

/* No counts at all, and no norms wanted. */
START_TEST(test_no_counts)
{
    row_case c;
    row_answer reference, answer;

    row_case_make(&c, 4, 30, 4, 1, 20);
    for (size_t b = 0; b < c.likelihood.part[0].n_bin; b++)
        c.likelihood.part[0].observed[b] = 0.0;
    row_case_evaluate(&c, &sevens_backend_serial, SEVENS_PRECISION_F64, &reference);
    for (int instance = 0; instance < 5; instance += 4) {
        run(&c, instance, false, 3, 1, &answer);
        row_worst(&c, &answer, &reference, SEVENS_PRECISION_F64);
        row_answer_free(&answer);
    }
    row_answer_free(&reference);
    row_case_free(&c);
}
END_TEST

/* ---- the joint and the on-off kernel ---- */

/* Every thread of every block, one after the other. */
#define RUN_ALL(kernel, slab, threads, blocks)                                                     \
    do {                                                                                           \
        gridDim = (shim_index){(blocks), 1};                                                       \
        blockDim.x = (threads);                                                                    \
        for (blockIdx.x = 0; blockIdx.x < gridDim.x; blockIdx.x++) {                               \
            for (threadIdx.x = 0; threadIdx.x < blockDim.x; threadIdx.x++)                         \
                kernel(slab);                                                                      \
        }                                                                                          \
    } while (0)

static void run_joint(const row_case *c, unsigned threads, unsigned blocks, row_answer *answer)
{
    size_t n_signal = sevens_likelihood_row_size(&c->likelihood), n, n_work;
    sevens_joint_pack pack;
    unsigned long long passes = 0;
    double *rows, *work;

    ck_assert_int_eq(sevens_joint_pack_create(&pack, &c->likelihood, NULL), SEVENS_OK);
    n = (size_t)pack.joint->n_row;
    n_work = (size_t)pack.joint->n_work * JOINT_THREADS * blocks;
    rows = malloc(c->rows.n_row * n * sizeof *rows);
    work = malloc(n_work * sizeof *work);
    ck_assert(rows != NULL && work != NULL);
    for (size_t i = 0; i < n_work; i++)
        work[i] = NAN; /* as what was there before */
    for (size_t r = 0; r < c->rows.n_row; r++)
        sevens_joint_pack_signal(&pack, c->signal + r * n_signal, rows + r * n);
    sevens_joint_slab slab = {
        .points = points_of(c, rows, answer, &passes),
        .joint = pack.joint,
        .data = pack.data,
        .work = work,
    };
    RUN_ALL(joint_f64, slab, threads, blocks);
    answer->results.passes = passes;
    free(rows);
    free(work);
    sevens_joint_pack_free(&pack);
}

static void run_on_off(const row_case *c, unsigned threads, unsigned blocks, row_answer *answer)
{
    sevens_on_off_pack pack;
    unsigned long long passes = 0;

    ck_assert_int_eq(sevens_on_off_pack_create(&pack, &c->likelihood, NULL), SEVENS_OK);
    sevens_on_off_slab slab = {
        .points = points_of(c, c->signal, answer, &passes),
        .head = pack.head,
        .data = pack.data,
        .first = pack.first,
    };
    RUN_ALL(on_off_f64, slab, threads, blocks);
    memcpy(answer->results.part_chi2, answer->results.chi2, answer->n_point * sizeof(double));
    answer->results.passes = passes;
    sevens_on_off_pack_free(&pack);
}

static void run_other(const row_case *c, unsigned threads, unsigned blocks, row_answer *answer)
{
    row_answer_make(answer, &c->rows, &c->likelihood);
    if (sevens_likelihood_is_on_off(&c->likelihood))
        run_on_off(c, threads, blocks, answer);
    else
        run_joint(c, threads, blocks, answer);
}

START_TEST(test_other_kinds)
{
    joint_kind kind = (joint_kind)_i; /* the reference takes long for on-off */
    double worst = 0.0;

    for (unsigned seed = 0; seed < (kind < JOINT_ON_OFF ? 5 : 1); seed++) {
        row_case c;
        row_answer reference, one, many;

        joint_case_make(&c, kind, seed, 2, 24);
        row_case_evaluate(&c, &sevens_backend_serial, SEVENS_PRECISION_F64, &reference);
        run_other(&c, 1, 2, &one);
        worst = fmax(worst, joint_compare(&c, &one, &reference));
        ck_assert_uint_ge(one.results.passes, one.n_point);
        run_other(&c, 7, 3, &many);
        assert_same_bits(&one, &many, c.likelihood.n_nuisance);
        row_answer_free(&reference);
        row_answer_free(&one);
        row_answer_free(&many);
        row_case_free(&c);
    }
    if (getenv("SEVENS_TEST_VERBOSE"))
        printf("%s: worst chi2 off by %.2g\n", joint_names[kind], worst);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernel_shim");
    TCase *tcase = tcase_create("kernels as C");

    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, test_against_reference, 0,
                        sizeof numbers_of_norms / sizeof numbers_of_norms[0]);
    tcase_add_test(tcase, test_no_counts);
    tcase_add_loop_test(tcase, test_other_kinds, 0, JOINT_N_KIND);
    suite_add_tcase(suite, tcase);
    return test_run(suite);
}
