/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The joint and the on-off kernel on a CPU against the reference likelihood, for every kind of
 * likelihood that the row kernel does not take. SEVENS_TEST_VERBOSE=1 prints the worst differences.
 */
#include "joint_pack.h"
#include "test_joint_support.h"

/* ---- against the reference ---- */

static bool is_lines(joint_kind kind)
{
    return kind >= JOINT_LINES && kind < JOINT_ON_OFF;
}

/* The signal of point p as the reference takes it. */
static void point_signal(const row_case *c, size_t p, double *signal)
{
    const sevens_likelihood *l = &c->likelihood;
    const double *abc = c->signal + p / c->rows.n_x * sevens_likelihood_row_size(l);
    double x = c->x[p];

    for (size_t i = 0; i < l->n_part; i++) {
        size_t n = l->part[i].n_bin;

        for (size_t v = 0; v < l->part[i].n_variant; v++, abc += 3 * n, signal += n) {
            for (size_t b = 0; b < n; b++)
                signal[b] = abc[b] + x * (abc[n + b] + x * abc[2 * n + b]);
        }
    }
}

/* chi2 of point p is that of the nuisances that come with it, which are rounded to float. */
static void check_nuisances(const row_case *c, const row_answer *a, size_t p)
{
    const sevens_likelihood *l = &c->likelihood;
    double *signal = joint_array(sevens_likelihood_signal_size(l)), value[SEVENS_MAX_NUISANCES];
    double chi2;

    for (size_t k = 0; k < l->n_nuisance; k++) {
        value[k] = (double)a->results.nuisance[k * a->n_point + p];
        value[k] = fmin(l->nuisance[k].hi, fmax(l->nuisance[k].lo, value[k]));
    }
    point_signal(c, p, signal);
    chi2 = sevens_likelihood_chi2(l, signal, value);
    ck_close(chi2, a->results.chi2[p], 1e-5, 1e-6);
    free(signal);
}

static void check_point(joint_kind kind, const row_case *c, const row_answer *a,
                        const row_answer *reference, size_t p, double *worst)
{
    const sevens_likelihood *l = &c->likelihood;
    double chi2 = a->results.chi2[p], expected = reference->results.chi2[p];

    ck_assert_msg(a->results.status[p] == reference->results.status[p],
                  "point %zu: status %d, not %d (chi2 %.17g, not %.17g)", p, a->results.status[p],
                  reference->results.status[p], chi2, expected);
    if (reference->results.status[p] != SEVENS_POINT_OK)
        return;
    if (kind < JOINT_ON_OFF)
        check_nuisances(c, a, p);
    ck_close(chi2, expected, 1e-7, 1e-11);
    *worst = fmax(*worst, fabs(chi2 - expected));
    for (size_t i = 0; i < l->n_part; i++)
        ck_close(a->results.part_chi2[i * a->n_point + p],
                 reference->results.part_chi2[i * a->n_point + p], 1e-6, 1e-9);
    for (size_t k = 0; k < l->n_nuisance; k++) {
        if (isfinite(l->nuisance[k].sigma))
            ck_close(a->results.nuisance[k * a->n_point + p],
                     reference->results.nuisance[k * a->n_point + p], 2e-4, 2e-4);
    }
}

static void compare(joint_kind kind, unsigned seed, size_t n_row, size_t n_x, double *worst)
{
    uint64_t random = seed;
    row_case c;
    row_answer reference, answer;

    joint_case_make(&c, kind, seed, n_row, n_x);
    for (size_t r = 0; r < n_row && n_x == 1; r++)
        c.x[r] = 1e-2 * pow(300.0, row_uniform(&random));
    row_case_evaluate(&c, &sevens_backend_serial, SEVENS_PRECISION_F64, &reference);
    row_case_evaluate(&c, &sevens_backend_openmp, SEVENS_PRECISION_F64, &answer);
    ck_assert_uint_ge(answer.results.passes, answer.n_point);
    for (size_t p = 0; p < answer.n_point; p++)
        check_point(kind, &c, &answer, &reference, p, worst);
    row_answer_free(&reference);
    row_answer_free(&answer);
    row_case_free(&c);
}

/* Rows along which points start from their neighbours, and rows of one point, which start cold. */
START_TEST(test_against_reference)
{
    joint_kind kind = (joint_kind)_i;
    size_t n_x = kind >= JOINT_ON_OFF ? 12 : is_lines(kind) ? 40 : 90;
    double worst = 0.0;

    for (unsigned seed = 0; seed < 4; seed++) {
        compare(kind, seed, kind >= JOINT_ON_OFF ? 1 : 2, n_x, &worst);
        compare(kind, 4 + seed, is_lines(kind) ? 12 : 4, 1, &worst);
    }
    if (getenv("SEVENS_TEST_VERBOSE"))
        printf("%s: worst %.2g\n", joint_names[kind], worst);
}
END_TEST

/* Norms and function parameters end at their bounds in these cases, which is what they are for. */
START_TEST(test_bounds_are_active)
{
    size_t at_bound = 0, inside = 0;
    row_case c;
    row_answer a;

    joint_case_make(&c, _i == 0 ? JOINT_GAUSS_BOUND : JOINT_LINES, 1, 2, 60);
    row_case_evaluate(&c, &sevens_backend_openmp, SEVENS_PRECISION_F64, &a);
    for (size_t k = 0; k < c.likelihood.n_nuisance; k++) {
        const sevens_nuisance *nuisance = &c.likelihood.nuisance[k];

        for (size_t p = 0; p < a.n_point; p++) {
            double value = (double)a.results.nuisance[k * a.n_point + p];

            ck_assert(value >= (double)(float)nuisance->lo && value <= (double)(float)nuisance->hi);
            if (value <= (double)(float)nuisance->lo || value >= (double)(float)nuisance->hi)
                at_bound++;
            else
                inside++;
        }
    }
    ck_assert_uint_gt(at_bound, 10);
    ck_assert_uint_gt(inside, 10);
    row_answer_free(&a);
    row_case_free(&c);
}
END_TEST

/* ---- what a result may depend on ---- */

/* Rows [row, row + n_row), points [x, x + n_x) of a case: the same bits as in `whole`. */
static void check_piece(const row_case *c, const row_answer *whole, int threads,
                        sevens_precision precision, size_t row, size_t first, size_t n_x)
{
    sevens_grid_options options = {.precision = precision, .threads = threads};
    sevens_rows rows = {.n_row = 1,
                        .n_x = n_x,
                        .signal = c->signal + row * sevens_likelihood_row_size(&c->likelihood),
                        .x = c->x + row * c->rows.n_x + first};
    size_t from = row * c->rows.n_x + first, n_part = c->likelihood.n_part;
    sevens_grid *grid = NULL;
    row_answer piece;

    row_answer_make(&piece, &rows, &c->likelihood);
    ck_assert_int_eq(
        sevens_grid_create(&grid, &sevens_backend_openmp, &c->likelihood, &options, NULL),
        SEVENS_OK);
    ck_assert_int_eq(sevens_grid_evaluate(grid, &rows, &piece.results, NULL), SEVENS_OK);
    ck_assert_mem_eq(piece.results.chi2, whole->results.chi2 + from, n_x * sizeof(double));
    ck_assert_mem_eq(piece.results.status, whole->results.status + from, n_x);
    for (size_t i = 0; i < n_part; i++)
        ck_assert_mem_eq(piece.results.part_chi2 + i * n_x,
                         whole->results.part_chi2 + i * whole->n_point + from,
                         n_x * sizeof(double));
    for (size_t k = 0; k < c->likelihood.n_nuisance; k++)
        ck_assert_mem_eq(piece.results.nuisance + k * n_x,
                         whole->results.nuisance + k * whole->n_point + from, n_x * sizeof(float));
    sevens_grid_destroy(&grid);
    row_answer_free(&piece);
}

/* The same bits for any number of threads, any cut at segments, and both precisions. */
START_TEST(test_partitions)
{
    static const joint_kind kinds[] = {JOINT_SHAPES, JOINT_SHARED, JOINT_LINES, JOINT_ON_OFF};
    size_t n_x = SEVENS_ROW_SEGMENT + 53;
    row_case c;
    row_answer whole;

    joint_case_make(&c, kinds[_i], 3, 3, n_x);
    row_case_evaluate(&c, &sevens_backend_openmp, SEVENS_PRECISION_F64, &whole);
    for (size_t r = 0; r < 3; r++) {
        check_piece(&c, &whole, 1 + (int)r, SEVENS_PRECISION_F64, r, 0, SEVENS_ROW_SEGMENT);
        check_piece(&c, &whole, 3, SEVENS_PRECISION_F32, r, SEVENS_ROW_SEGMENT, 53);
    }
    row_answer_free(&whole);
    row_case_free(&c);
}
END_TEST

/* ---- edges ---- */

/* Signals up to 1e8 times the data, with shapes and with shared pulls. */
START_TEST(test_large_signals)
{
    joint_kind kind = _i == 0 ? JOINT_SHAPES : _i == 1 ? JOINT_SHARED : JOINT_MANY_NORMS;
    double worst = 0.0;
    row_case c;
    row_answer reference, answer;

    joint_case_make(&c, kind, 1, 2, 30);
    for (size_t i = 0; i < 60; i++)
        c.x[i] = i % 30 == 0 ? 0.0 : pow(10.0, -4.0 + 8.0 * (double)(i % 30) / 29.0);
    row_case_evaluate(&c, &sevens_backend_serial, SEVENS_PRECISION_F64, &reference);
    row_case_evaluate(&c, &sevens_backend_openmp, SEVENS_PRECISION_F64, &answer);
    for (size_t p = 0; p < 60; p++) {
        if (reference.results.status[p] == SEVENS_POINT_OK)
            check_point(kind, &c, &answer, &reference, p, &worst);
    }
    row_answer_free(&reference);
    row_answer_free(&answer);
    row_case_free(&c);
}
END_TEST

/* Nothing to fit: chi2 is that of the start values. */
START_TEST(test_all_fixed)
{
    joint_kind kind = _i == 0 ? JOINT_SHAPES : JOINT_LINES;
    double value[SEVENS_MAX_NUISANCES], signal[1024];
    row_case c;
    row_answer a;

    joint_case_make(&c, kind, 2, 1, 7);
    for (size_t k = 0; k < c.likelihood.n_nuisance; k++) {
        c.likelihood.nuisance[k].fixed = true;
        value[k] = c.likelihood.nuisance[k].start;
    }
    ck_assert_int_eq(sevens_likelihood_set_pulls(&c.likelihood, NULL), SEVENS_OK);
    row_case_evaluate(&c, &sevens_backend_openmp, SEVENS_PRECISION_F64, &a);
    for (size_t p = 0; p < 7; p++) {
        point_signal(&c, p, signal);
        ck_assert_int_eq(a.results.status[p], SEVENS_POINT_OK);
        ck_close(a.results.chi2[p], sevens_likelihood_chi2(&c.likelihood, signal, value), 0.0,
                 1e-12);
    }
    row_answer_free(&a);
    row_case_free(&c);
}
END_TEST

/* Counts where nothing is expected: invalid on every backend, the points beside unharmed. */
START_TEST(test_impossible_points)
{
    row_case c;
    row_answer a[2];

    joint_case_make(&c, JOINT_SHAPES, 2, 1, 9);
    for (size_t k = 1; k < c.likelihood.part[0].n_component; k++) {
        double *counts = c.likelihood.part[0].component[k].counts;

        for (size_t b = 0; counts && b < c.likelihood.part[0].n_bin; b++)
            counts[b] = 0.0;
    }
    for (size_t i = 0; i < 3 * c.likelihood.part[0].n_bin; i++) { /* (1 - x)^2 */
        size_t term = i / c.likelihood.part[0].n_bin;

        c.signal[i] = term == 1 ? -2.0 : 1.0;
    }
    for (size_t i = 0; i < 9; i++)
        c.x[i] = 0.25 * (double)i;
    row_case_evaluate(&c, &sevens_backend_serial, SEVENS_PRECISION_F64, &a[0]);
    row_case_evaluate(&c, &sevens_backend_openmp, SEVENS_PRECISION_F64, &a[1]);
    for (size_t p = 0; p < 9; p++) {
        for (int i = 0; i < 2; i++)
            ck_assert_int_eq(a[i].results.status[p],
                             p == 4 ? SEVENS_POINT_INVALID : SEVENS_POINT_OK);
        if (p != 4)
            ck_close(a[1].results.chi2[p], a[0].results.chi2[p], 1e-7, 1e-11);
    }
    row_answer_free(&a[0]);
    row_answer_free(&a[1]);
    row_case_free(&c);
}
END_TEST

/* Hundreds of counts in a bin and signals that are far larger: beyond the range of double the
 * polynomials are scaled down. */
START_TEST(test_on_off_many_counts)
{
    row_case c;
    row_answer reference, answer;

    joint_case_make(&c, (joint_kind)(JOINT_ON_OFF + 3), 1, 1, 8);
    for (size_t b = 0; b < 144; b++) {
        c.likelihood.part[0].observed[b] += b % 9 == 0 ? 700.0 : 0.0;
        c.likelihood.part[0].off[b] += b % 27 == 0 ? 500.0 : 0.0;
    }
    for (size_t i = 0; i < 8; i++)
        c.x[i] = pow(10.0, (double)i - 2.0);
    row_case_evaluate(&c, &sevens_backend_serial, SEVENS_PRECISION_F64, &reference);
    row_case_evaluate(&c, &sevens_backend_openmp, SEVENS_PRECISION_F64, &answer);
    for (size_t p = 0; p < 8; p++) {
        ck_assert_int_eq(answer.results.status[p], SEVENS_POINT_OK);
        ck_close(answer.results.chi2[p], reference.results.chi2[p], 1e-9, 1e-11);
    }
    row_answer_free(&reference);
    row_answer_free(&answer);
    row_case_free(&c);
}
END_TEST

START_TEST(test_on_off_shares_nothing)
{
    sevens_error err = {.status = SEVENS_OK};
    sevens_joint_pack pack;
    sevens_likelihood l = {0};

    joint_make_gauss(&l, false, 0);
    l.part[0].sigma = joint_array(12);
    joint_part(&l, SEVENS_LIKELIHOOD_POISSON_ON_OFF, 4, 0.2);
    ck_assert_int_eq(sevens_joint_pack_create(&pack, &l, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, "poisson-on-off shares no nuisances");
    sevens_likelihood_free(&l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("joint");
    TCase *tcase = tcase_create("joint");

    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, test_against_reference, 0, JOINT_N_KIND);
    tcase_add_loop_test(tcase, test_bounds_are_active, 0, 2);
    tcase_add_loop_test(tcase, test_partitions, 0, 4);
    tcase_add_loop_test(tcase, test_large_signals, 0, 3);
    tcase_add_loop_test(tcase, test_all_fixed, 0, 2);
    tcase_add_test(tcase, test_impossible_points);
    tcase_add_test(tcase, test_on_off_many_counts);
    tcase_add_test(tcase, test_on_off_shares_nothing);
    suite_add_tcase(suite, tcase);
    return test_run(suite);
}
