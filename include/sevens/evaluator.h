/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a problem through a backend: builds the templates of many rows in parallel, hands them to
 * the backend group by group, and adds up. Used by scans and fits.
 *
 * Order of calls: create, then rows + profile as often as wanted, destroy. */
#ifndef SEVENS_EVALUATOR_H
#define SEVENS_EVALUATOR_H

#include "sevens/grid.h"
#include "sevens/problem.h"

typedef struct sevens_evaluator sevens_evaluator;

sevens_status sevens_evaluator_create(sevens_evaluator **evaluator, const sevens_problem *problem,
                                      const sevens_backend *backend,
                                      const sevens_grid_options *options, sevens_error *err);
void sevens_evaluator_destroy(sevens_evaluator **evaluator);

/* Makes tables for the rows of the scan's grid, where they pay (host/row_tables.h). Rows that are
 * asked for later and lie on that grid come from them; their last bits are those of another order
 * of summation. */
sevens_status sevens_evaluator_tabulate(sevens_evaluator *evaluator, sevens_error *err);

/* Builds n_row rows: value is [n_row][n_parameters]; `row` is the parameter that varies along them,
 * or SEVENS_NO_ROW. */
sevens_status sevens_evaluator_rows(sevens_evaluator *evaluator, size_t n_row, const double *value,
                                    size_t row, sevens_error *err);
/* Sum over all bins of A, B, C of each row built, [n_row][3], in units of the row variable. */
const double *sevens_evaluator_totals(const sevens_evaluator *evaluator);

typedef struct sevens_evaluator_results {
    double *chi2;            /* [n_row][n_x] all experiments */
    uint8_t *status;         /* [n_row][n_x] the worst of the experiments */
    double *chi2_experiment; /* [n_experiment][n_row][n_x] or NULL */
    float *nuisance;         /* [n_nuisance of the problem][n_row][n_x] or NULL */
} sevens_evaluator_results;

/* Profiles the rows built at x [n_row][n_x], values of the row variable. */
sevens_status sevens_evaluator_profile(sevens_evaluator *evaluator, size_t n_x, const double *x,
                                       const sevens_evaluator_results *results, sevens_error *err);

/* The same at x [n_x] of every row. follows [n_row]: which rows continue the chain of the one
 * before (sevens_rows), or NULL; a row that begins a chain must begin one in every call. */
sevens_status sevens_evaluator_profile_chains(sevens_evaluator *evaluator, size_t n_x,
                                              const double *x, const bool *follows,
                                              const sevens_evaluator_results *results,
                                              sevens_error *err);

/* Since creation. */
typedef struct sevens_evaluator_times {
    double templates_s, grid_s; /* wall */
    double grid_cpu_s;          /* processor time of all threads in the backend */
    uint64_t passes;
} sevens_evaluator_times;
sevens_evaluator_times sevens_evaluator_spent(const sevens_evaluator *evaluator);

#endif
