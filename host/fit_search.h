/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search behind fits and intervals: chi2 over the axes of a scan, of which one may be held. */
#ifndef SEVENS_FIT_SEARCH_H
#define SEVENS_FIT_SEARCH_H

#include "sevens/evaluator.h"
#include "sevens/fit.h"

#define SEVENS_NO_AXIS ((size_t)-1)
/* Sampled minima higher than the lowest one by more than this are not refined. */
#define SEVENS_START_WINDOW 3.0
/* Relative precision of positions; chi2 is quadratic in what is left. */
#define SEVENS_COORDINATE_TOLERANCE 1e-8

typedef struct sevens_search {
    const sevens_problem *problem;
    sevens_evaluator *evaluator; /* OpenMP, double, all threads: coarse grids */
    sevens_evaluator *single;    /* the same on one thread: single rows */
    sevens_workspace *work;
    double *abc[SEVENS_MAX_EXPERIMENTS]; /* row of each group being minimised */
    bool by_kernel; /* chi2 of single points by `single`: the reference of some likelihood takes
                       milliseconds; the two agree to 1e-9 */
    size_t n_parameters;
    const sevens_axis *row_axis; /* or NULL */
    size_t row;                  /* its parameter, or SEVENS_NO_ROW */
    /* Without a row axis, a held coefficient: the rows of the coarse grid run through its values,
     * so they are built once and kept while it is moved (all other held values must stay). */
    size_t held, kept_rows; /* parameter or SEVENS_NO_ROW; rows in `evaluator` */
    size_t n_free;          /* the other axes */
    const sevens_axis *free_axis[SEVENS_MAX_AXES];
    sevens_error *err;
    sevens_status status; /* the first failure inside an objective */
} sevens_search;

/* held: index of an axis that stays where it is, or SEVENS_NO_AXIS. */
sevens_status sevens_search_create(sevens_search **search, const sevens_problem *problem,
                                   size_t held, sevens_error *err);
void sevens_search_destroy(sevens_search **search);

/* Global minimum over the free axes and the row; value [n_parameters] holds the held values and
 * receives the position. n_node: coarse nodes along each free axis at most. */
sevens_status sevens_search_minimise(sevens_search *search, size_t n_node, double *value,
                                     double *chi2, sevens_error *err);
/* Minimum near `value`, which is moved there. */
sevens_status sevens_search_local(sevens_search *search, double *value, double *chi2,
                                  sevens_error *err);

/* Values of the row variable at which a row with totals A, B, C is sampled: increasing. */
#define SEVENS_ROW_COLUMNS 78
void sevens_search_columns(const sevens_axis *axis, sevens_transform transform, const double *total,
                           double *x);
/* Sorts x [n], increasing. */
void sevens_search_sort(double *x, size_t n);

/* Position along an axis in the coordinate it is spaced in (logarithm or value). */
double sevens_axis_coordinate(const sevens_axis *axis, double value);
double sevens_axis_value(const sevens_axis *axis, double coordinate);
/* Coordinate of node i of n spread evenly over the axis. */
double sevens_axis_node(const sevens_axis *axis, size_t i, size_t n);

/* Exact minimum along the row through `value`, whose row parameter is set; without a row the chi2
 * of the point. Failures go to search->status. */
double sevens_search_row_minimum(sevens_search *search, double *value);

#endif
