/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The joint and the on-off kernel on a CPU against the reference likelihood, for the data of every
 * experiment that the row kernel does not take: rows of models from nothing to signals far beyond
 * the data. SEVENS_TEST_VERBOSE=1 prints the worst differences. */
#include "sevens/grid.h"
#include "test_problem.h"

enum { N_X = 48, MAX_ROW = 4 };

/* chi2 of signals a thousand times the data, at which lines of any width, or none, describe the
 * data as badly: there the reference, too, can be in another minimum than the lowest. */
#define ABSURD 1e6

typedef struct plane {
    const char *model, *axes;
    const char *along; /* the parameter of the rows */
    double lo, hi;
    bool is_log;
} plane;

/* Rows across the range of masses and couplings; charge radii with the two minima of an amplitude
 * that interferes; NSI up to signals of a thousand times the data, where the background of lines
 * has several minima. */
static const plane planes[] = {
    {"{kind: zprime, charges: universal}",
     "{param: m_zp, min: 0.1, max: 1.0e+4, n: 3, spacing: log}, {param: g_zp, min: 1.0e-6, max: "
     "1.0e-1, n: 2, spacing: log}",
     "g_zp", 1e-6, 2e-3, true},
    {"charge-radius",
     "{param: r2_mumu, min: -60, max: 20, n: 2}, {param: r2_ee, min: -65, max: 20, n: 2}", "r2_ee",
     -65.0, 20.0, false},
    {"nsi",
     "{param: eps_d_ee, min: -1.5, max: 1.5, n: 4}, {param: eps_u_ee, min: -1.5, max: 1.5, n: 2}",
     "eps_u_ee", -1.5, 1.5, false},
};

#define N_PLANE (sizeof planes / sizeof planes[0])

typedef struct data {
    const char *name;
    const char *experiments; /* of a scan file */
    const char *nuisances;
    size_t n_x;
} data;

#define FLUX                                                                                       \
    "nuisances: {coherent-csi-2021:signal: {shared: sns-flux}, coherent-lar-2020:signal: "         \
    "{shared: "                                                                                    \
    "sns-flux}},"

static const data sets[] = {
    {"Dresden-II", "{name: dresden2, es: false}", "", N_X},
    {"Dresden-II, YBe", "{name: dresden2, es: false, quenching: ybe}", "", N_X},
    {"Dresden-II, pulls", "{name: dresden2, es: false}",
     "nuisances: {dresden2:signal: {sigma: 0.05}, dresden2:resolution: {}},", 16},
    {"CsI 2017, 1d", "{name: coherent-csi-2017, es: false}", "", N_X},
    {"CsI 2021, shapes", "{name: coherent-csi-2021, es: false}",
     "nuisances: {coherent-csi-2021:scintillation_0: {}, coherent-csi-2021:scintillation_1: {}, "
     "coherent-csi-2021:acceptance: {}},",
     N_X},
    {"LAr 2020, 1d", "{name: coherent-lar-2020, analysis: 1d}", "", N_X},
    {"CsI 2021 + LAr 2020, one flux",
     "{name: coherent-csi-2021, es: false}, {name: coherent-lar-2020}", FLUX, 24},
    {"CsI 2017, 2d", "{name: coherent-csi-2017, es: false, analysis: 2d}", "", 8},
    {"CsI 2017, 2d, profiled",
     "{name: coherent-csi-2017, es: false, analysis: 2d, background: profiled}", "", 8},
    {"CsI 2017, 2d, per bin",
     "{name: coherent-csi-2017, es: false, analysis: 2d, signal_norm: per-bin}", "", 8},
};

#define N_SET (sizeof sets / sizeof sets[0])

/* ---- rows ---- */

typedef struct rows {
    test_problem t;
    const sevens_likelihood *likelihood;
    sevens_rows rows;
    double *signal, *x;
} rows;

static void *array(size_t n)
{
    void *memory = calloc(n + 1, sizeof(double));

    ck_assert_ptr_nonnull(memory);
    return memory;
}

static rows rows_make(const data *d, const plane *p)
{
    char scan[2048];
    rows r = {0};
    size_t size, along;

    snprintf(scan, sizeof scan, "{schema: 1, name: t, model: %s, axes: [%s], %s experiments: [%s]}",
             p->model, p->axes, d->nuisances, d->experiments);
    r.t = test_problem_make(scan);
    r.likelihood = &r.t.problem->group[0].likelihood;
    ck_assert_uint_eq(r.t.problem->n_group, 1);
    size = sevens_likelihood_row_size(r.likelihood);
    along = sevens_model_find(r.t.problem->model, p->along);
    r.rows = (sevens_rows){.n_row = r.t.config->axis[0].n, .n_x = d->n_x};
    ck_assert_uint_le(r.rows.n_row, MAX_ROW);
    r.signal = array(r.rows.n_row * size);
    r.x = array(r.rows.n_row * d->n_x);
    for (size_t row = 0; row < r.rows.n_row; row++) {
        const sevens_axis *across = &r.t.config->axis[0];
        sevens_model_point point = {r.t.value, along};

        r.t.value[across->parameter] = across->value[row];
        sevens_problem_row(r.t.problem, r.t.work, 0, &point, r.signal + row * size);
        for (size_t i = 0; i < d->n_x; i++) {
            double share = (double)i / (double)(d->n_x - 1);
            double value =
                p->is_log ? p->lo * pow(p->hi / p->lo, share) : p->lo + (p->hi - p->lo) * share;

            r.x[row * d->n_x + i] = sevens_transform_apply(
                sevens_model_parameter(r.t.problem->model, along)->transform, value);
        }
    }
    r.rows.signal = r.signal;
    r.rows.x = r.x;
    return r;
}

static void rows_free(rows *r)
{
    free(r->signal);
    free(r->x);
    test_problem_free(&r->t);
}

static sevens_row_results evaluate(const rows *r, const sevens_backend *backend)
{
    size_t n = r->rows.n_row * r->rows.n_x;
    sevens_grid_options options = {.threads = 1};
    sevens_row_results results = {.chi2 = array(n),
                                  .part_chi2 = array(n * r->likelihood->n_part),
                                  .status = array(n),
                                  .nuisance = array(n * r->likelihood->n_nuisance)};
    sevens_grid *grid = NULL;

    ck_assert_int_eq(sevens_grid_create(&grid, backend, r->likelihood, &options, NULL), SEVENS_OK);
    ck_assert_int_eq(sevens_grid_evaluate(grid, &r->rows, &results, NULL), SEVENS_OK);
    sevens_grid_destroy(&grid);
    return results;
}

static void results_free(sevens_row_results *results)
{
    free(results->chi2);
    free(results->part_chi2);
    free(results->status);
    free(results->nuisance);
}

/* ---- comparison ---- */

static bool has_lines(const sevens_likelihood *l)
{
    return l->part[0].kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND;
}

/* Where chi2 has several minima the kernel may have found a lower one. */
static double compare(const rows *r, const sevens_row_results *a, const sevens_row_results *b)
{
    size_t n = r->rows.n_row * r->rows.n_x;
    double worst = 0.0;

    for (size_t p = 0; p < n; p++) {
        ck_assert_msg(a->status[p] == b->status[p], "point %zu: status %d, not %d", p, a->status[p],
                      b->status[p]);
        if (b->status[p] != SEVENS_POINT_OK ||
            (has_lines(r->likelihood) && a->chi2[p] < b->chi2[p] - 1e-7))
            continue;
        if (has_lines(r->likelihood) && b->chi2[p] > ABSURD) {
            ck_close(a->chi2[p], b->chi2[p], 0.0, 1e-3);
            continue;
        }
        ck_assert_msg(fabs(a->chi2[p] - b->chi2[p]) <= 1e-8 + 1e-12 * b->chi2[p],
                      "point %zu: chi2 %.15g, not %.15g", p, a->chi2[p], b->chi2[p]);
        worst = fmax(worst, fabs(a->chi2[p] / b->chi2[p] - 1.0));
        for (size_t i = 0; i < r->likelihood->n_part; i++)
            ck_close(a->part_chi2[i * n + p], b->part_chi2[i * n + p], 1e-5, 1e-8);
    }
    return worst;
}

/* Points of the reference whose tail has another slope than that of the point before, by far more
 * than it changes along one minimum. */
static size_t count_jumps(const rows *r, const sevens_row_results *reference)
{
    size_t n = r->rows.n_row * r->rows.n_x, first = r->likelihood->part[0].first_line, jumps = 0;
    const float *slope = reference->nuisance + (first + SEVENS_LINES_SLOPE) * n;
    const float *tail = reference->nuisance + (first + SEVENS_LINES_TAIL) * n;

    for (size_t p = 1; p < n; p++)
        jumps += p % r->rows.n_x != 0 && reference->chi2[p] < ABSURD && tail[p] > 0.0F &&
                 tail[p - 1] > 0.0F && fabsf(logf(slope[p] / slope[p - 1])) > 1.0F;
    return jumps;
}

/* Along this row another minimum of the background becomes the lowest. */
START_TEST(test_minima_cross)
{
    rows r = rows_make(&sets[1], &planes[0]);
    sevens_row_results reference = evaluate(&r, &sevens_backend_serial);

    ck_assert_uint_gt(count_jumps(&r, &reference), 0);
    results_free(&reference);
    rows_free(&r);
}
END_TEST

START_TEST(test_against_reference)
{
    const data *d = &sets[(size_t)_i / N_PLANE];
    const plane *p = &planes[(size_t)_i % N_PLANE];
    rows r = rows_make(d, p);
    sevens_row_results reference = evaluate(&r, &sevens_backend_serial);
    sevens_row_results answer = evaluate(&r, &sevens_backend_openmp);
    double worst = compare(&r, &answer, &reference);

    if (getenv("SEVENS_TEST_VERBOSE"))
        printf("%s, %s: worst %.2g of chi2, %zu jumps\n", d->name, p->along, worst,
               has_lines(r.likelihood) ? count_jumps(&r, &reference) : 0);
    results_free(&reference);
    results_free(&answer);
    rows_free(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("joint_experiments");
    TCase *all = tcase_create("all");

    tcase_set_timeout(all, 120);
    tcase_add_loop_test(all, test_against_reference, 0, (int)(N_SET * N_PLANE));
    tcase_add_test(all, test_minima_cross);
    suite_add_tcase(suite, all);
    return test_run(suite);
}
