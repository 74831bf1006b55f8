/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CUDA backend on a GPU: against the reference, against openmp, and the same bits whatever the
 * tiles. Exit code 77 where there is no GPU. SEVENS_TEST_VERBOSE=1 prints the worst differences. */
#include "test_joint_compare.h"

static void report(const char *what, const row_case *c, double worst)
{
    if (getenv("SEVENS_TEST_VERBOSE"))
        printf("%s: %zu bins, %zu norms: worst %.2g of what is allowed\n", what,
               sevens_likelihood_n_bin(&c->likelihood), c->likelihood.n_nuisance, worst);
}

/* Both precisions of the GPU against an answer. */
static void compare(const char *what, const row_case *c, const row_answer *reference)
{
    for (int single = 0; single < 2; single++) {
        sevens_precision precision = single ? SEVENS_PRECISION_F32 : SEVENS_PRECISION_F64;
        row_answer gpu;

        row_case_evaluate(c, &sevens_backend_cuda, precision, &gpu);
        report(what, c, row_worst(c, &gpu, reference, precision));
        ck_assert_uint_ge(gpu.results.passes, gpu.n_point);
        ck_assert_uint_le(gpu.results.passes, 81 * gpu.n_point);
        row_answer_free(&gpu);
    }
}

/* Norms, for the instances with a constant number of them and the one for any number. */
static const size_t numbers_of_norms[] = {1, 2, 3, 4, 5, 6, 9, 16};

START_TEST(test_against_serial)
{
    for (unsigned seed = 0; seed < 6; seed++) {
        row_case c;
        row_answer reference;

        row_case_make(&c, seed, 97 + 40 * seed, numbers_of_norms[_i], 3, 150);
        row_case_evaluate(&c, &sevens_backend_serial, SEVENS_PRECISION_F64, &reference);
        compare("cuda against serial", &c, &reference);
        row_answer_free(&reference);
        row_case_free(&c);
    }
}
END_TEST

/* Bins, norms, rows and points: one bin, more bins than the default and than the largest shared
 * memory, the instance for any number of norms; many slabs, rows longer than a slab, rows of one
 * point. SEVENS_TEST_SMALL in the environment leaves out the last three, for tools that slow a GPU
 * down. */
static const size_t shapes[][4] = {
    {1, 1, 5, 33},    {551, 4, 20, 200},  {1500, 5, 3, 100},  {40000, 4, 2, 40},
    {60, 16, 40, 70}, {97, 4, 600, 1024}, {97, 4, 2, 300001}, {97, 4, 70001, 1},
};
#define N_SHAPE ((int)(sizeof shapes / sizeof shapes[0]))

START_TEST(test_against_openmp)
{
    const size_t *shape = shapes[_i];
    row_case c;
    row_answer reference;

    row_case_make(&c, 12, shape[0], shape[1], shape[2], shape[3]);
    row_case_evaluate(&c, &sevens_backend_openmp, SEVENS_PRECISION_F64, &reference);
    compare("cuda against openmp", &c, &reference);
    row_answer_free(&reference);
    row_case_free(&c);
}
END_TEST

/* Rows [row, row + n_row), points [x, x + n_x) of a case by `grid`: the same bits as in `whole`. */
static void check_tile(sevens_grid *grid, const row_case *c, const row_answer *whole, size_t row,
                       size_t n_row, size_t x, size_t n_x)
{
    size_t n = n_row * n_x, row_size = sevens_likelihood_row_size(&c->likelihood);
    double *values = malloc(n * sizeof *values);
    sevens_rows rows = {
        .n_row = n_row, .n_x = n_x, .signal = c->signal + row * row_size, .x = values};
    row_answer tile;

    ck_assert_ptr_nonnull(values);
    for (size_t i = 0; i < n; i++)
        values[i] = c->x[(row + i / n_x) * c->rows.n_x + x + i % n_x];
    row_answer_make(&tile, &rows, &c->likelihood);
    ck_assert_int_eq(sevens_grid_evaluate(grid, &rows, &tile.results, NULL), SEVENS_OK);
    for (size_t i = 0; i < n; i++) {
        size_t p = (row + i / n_x) * c->rows.n_x + x + i % n_x;

        ck_assert_mem_eq(&tile.results.chi2[i], &whole->results.chi2[p], sizeof(double));
        ck_assert_int_eq(tile.results.status[i], whole->results.status[p]);
        for (size_t k = 0; k < c->likelihood.n_nuisance; k++)
            ck_assert_mem_eq(&tile.results.nuisance[k * n + i],
                             &whole->results.nuisance[k * whole->n_point + p], sizeof(float));
        for (size_t k = 0; k < c->likelihood.n_part; k++)
            ck_assert_mem_eq(&tile.results.part_chi2[k * n + i],
                             &whole->results.part_chi2[k * whole->n_point + p], sizeof(double));
    }
    row_answer_free(&tile);
    free(values);
}

START_TEST(test_tilings)
{
    sevens_grid_options options = {.precision =
                                       _i % 2 ? SEVENS_PRECISION_F32 : SEVENS_PRECISION_F64};
    uint64_t random = (uint64_t)_i;
    sevens_grid *grid = NULL;
    row_case c;
    row_answer whole;

    row_case_make(&c, (unsigned)_i, 97, _i < 4 ? 4 : 7, 40, 500);
    row_case_evaluate(&c, &sevens_backend_cuda, options.precision, &whole);
    ck_assert_int_eq(sevens_grid_create(&grid, &sevens_backend_cuda, &c.likelihood, &options, NULL),
                     SEVENS_OK);
    for (int n = 0; n < 40; n++) {
        size_t row = (size_t)(row_uniform(&random) * 40.0),
               x = (size_t)(row_uniform(&random) * 500.0);
        size_t n_row = 1 + (size_t)(row_uniform(&random) * (double)(40 - row));
        size_t n_x = 1 + (size_t)(row_uniform(&random) * (double)(500 - x));

        check_tile(grid, &c, &whole, row, n_row < 40 - row ? n_row : 40 - row, x,
                   n_x < 500 - x ? n_x : 500 - x);
    }
    sevens_grid_destroy(&grid);
    row_answer_free(&whole);
    row_case_free(&c);
}
END_TEST

/* Without nuisances and chi2 of parts, no rows at all, and a GPU that is not there. */
START_TEST(test_edges)
{
    sevens_grid_options options = {.precision = SEVENS_PRECISION_F64, .device = 99};
    sevens_error err = {.status = SEVENS_OK};
    sevens_grid *grid = NULL;
    row_case c;
    row_answer with, without;
    sevens_rows nothing = {0};

    row_case_make(&c, 3, 97, 4, 3, 100);
    ck_assert_int_eq(sevens_grid_create(&grid, &sevens_backend_cuda, &c.likelihood, &options, &err),
                     SEVENS_ERR_INPUT);
    ck_contains(err.message, "there is no GPU 99");
    options.device = 0;
    row_case_evaluate(&c, &sevens_backend_cuda, SEVENS_PRECISION_F64, &with);
    row_answer_make(&without, &c.rows, &c.likelihood);
    free(without.results.nuisance);
    free(without.results.part_chi2);
    without.results.nuisance = NULL;
    without.results.part_chi2 = NULL;
    ck_assert_int_eq(sevens_grid_create(&grid, &sevens_backend_cuda, &c.likelihood, &options, &err),
                     SEVENS_OK);
    ck_assert_int_eq(sevens_grid_evaluate(grid, &nothing, &without.results, &err), SEVENS_OK);
    ck_assert_uint_eq(without.results.passes, 0);
    ck_assert_int_eq(sevens_grid_evaluate(grid, &c.rows, &without.results, &err), SEVENS_OK);
    ck_assert_mem_eq(with.results.chi2, without.results.chi2, with.n_point * sizeof(double));
    ck_assert_uint_eq(with.results.passes, without.results.passes);
    sevens_grid_destroy(&grid);
    row_answer_free(&with);
    row_answer_free(&without);
    row_case_free(&c);
}
END_TEST

/* Two likelihoods of different size at the same time share kernels. */
START_TEST(test_two_grids)
{
    row_case c[2];
    row_answer alone[2], together;
    sevens_grid_options options = {.precision = SEVENS_PRECISION_F64};
    sevens_grid *grid[2];

    for (int i = 0; i < 2; i++) {
        row_case_make(&c[i], 6, i == 0 ? 1500 : 97, 4, 2, 200);
        row_case_evaluate(&c[i], &sevens_backend_cuda, SEVENS_PRECISION_F64, &alone[i]);
    }
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(
            sevens_grid_create(&grid[i], &sevens_backend_cuda, &c[i].likelihood, &options, NULL),
            SEVENS_OK);
    for (int i = 0; i < 4; i++) {
        row_answer_make(&together, &c[i % 2].rows, &c[i % 2].likelihood);
        ck_assert_int_eq(sevens_grid_evaluate(grid[i % 2], &c[i % 2].rows, &together.results, NULL),
                         SEVENS_OK);
        ck_assert_mem_eq(together.results.chi2, alone[i % 2].results.chi2,
                         together.n_point * sizeof(double));
        row_answer_free(&together);
    }
    for (int i = 0; i < 2; i++) {
        sevens_grid_destroy(&grid[i]);
        row_answer_free(&alone[i]);
        row_case_free(&c[i]);
    }
}
END_TEST

/* Shapes, gaussian parts, background functions, shared pulls, on-off: in double whatever the
 * precision. */
START_TEST(test_other_kinds)
{
    joint_kind kind = (joint_kind)_i; /* the reference takes long for on-off */
    double worst = 0.0;

    for (unsigned seed = 0; seed < (kind < JOINT_ON_OFF ? 5 : 1); seed++) {
        row_case c;
        row_answer reference, gpu[2];

        joint_case_make(&c, kind, seed, 3, kind < JOINT_ON_OFF ? 50 : 25);
        row_case_evaluate(&c, &sevens_backend_serial, SEVENS_PRECISION_F64, &reference);
        for (int single = 0; single < 2; single++) {
            row_case_evaluate(&c, &sevens_backend_cuda,
                              single ? SEVENS_PRECISION_F32 : SEVENS_PRECISION_F64, &gpu[single]);
            worst = fmax(worst, joint_compare(&c, &gpu[single], &reference));
            ck_assert_uint_ge(gpu[single].results.passes, gpu[single].n_point);
        }
        ck_assert_mem_eq(gpu[0].results.chi2, gpu[1].results.chi2, gpu[0].n_point * sizeof(double));
        row_answer_free(&reference);
        row_answer_free(&gpu[0]);
        row_answer_free(&gpu[1]);
        row_case_free(&c);
    }
    if (getenv("SEVENS_TEST_VERBOSE"))
        printf("%s: worst chi2 off by %.2g\n", joint_names[kind], worst);
}
END_TEST

/* Many slabs, more points than threads, rows longer than a slab: the same bits for whole rows and
 * for a tile, which has its points in other threads. */
static const struct {
    joint_kind kind;
    size_t n_row, n_x;
} large[] = {{JOINT_SHARED, 40, 2000},
             {JOINT_GAUSS, 2, 300001},
             {JOINT_LINES, 3, 1500},
             {JOINT_ON_OFF, 2, 300001},
             {JOINT_ON_OFF, 50, 3000}};

START_TEST(test_other_tilings)
{
    sevens_grid_options options = {.precision = SEVENS_PRECISION_F64};
    size_t n_row = large[_i].n_row, n_x = large[_i].n_x;
    sevens_grid *grid = NULL;
    row_case c;
    row_answer whole;

    joint_case_make(&c, large[_i].kind, 1, n_row, n_x);
    row_case_evaluate(&c, &sevens_backend_cuda, options.precision, &whole);
    ck_assert_int_eq(sevens_grid_create(&grid, &sevens_backend_cuda, &c.likelihood, &options, NULL),
                     SEVENS_OK);
    check_tile(grid, &c, &whole, 1, n_row - 1, n_x / 3, n_x / 2);
    check_tile(grid, &c, &whole, 0, n_row, n_x - 1, 1);
    sevens_grid_destroy(&grid);
    row_answer_free(&whole);
    row_case_free(&c);
}
END_TEST

int main(void)
{
    char why[512] = "";
    Suite *suite = suite_create("gpu");
    TCase *tcase = tcase_create("cuda");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, test_against_serial, 0,
                        sizeof numbers_of_norms / sizeof numbers_of_norms[0]);
    tcase_add_loop_test(tcase, test_against_openmp, 0,
                        getenv("SEVENS_TEST_SMALL") ? N_SHAPE - 3 : N_SHAPE);
    tcase_add_loop_test(tcase, test_tilings, 0, 6);
    tcase_add_test(tcase, test_edges);
    tcase_add_test(tcase, test_two_grids);
    tcase_add_loop_test(tcase, test_other_kinds, 0, JOINT_N_KIND);
    if (!getenv("SEVENS_TEST_SMALL"))
        tcase_add_loop_test(tcase, test_other_tilings, 0, sizeof large / sizeof large[0]);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    /* A CUDA context does not survive fork(); the whole program is one process. */
    srunner_set_fork_status(runner, CK_NOFORK);
    if (!sevens_backend_cuda.available(why, sizeof why)) {
        printf("skipped: no CUDA device: %s\n", why);
        srunner_free(runner);
        return 77;
    }
    printf("%s\n", why);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
