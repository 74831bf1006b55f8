/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Continuous minima and intervals over the axes of a scan file: exact along the row variable, then
 * over the other axes from every local minimum. The scanned region is the box of the axes. */
#ifndef SEVENS_FIT_H
#define SEVENS_FIT_H

#include "sevens/problem.h"

typedef struct sevens_fit_result {
    double chi2_min;
    double *value;           /* [n_parameters] owned */
    sevens_profile *profile; /* [n_group] owned */
} sevens_fit_result;

void sevens_fit_result_free(sevens_fit_result *result);

/* The global minimum over all axes. */
sevens_status sevens_fit_minimise(const sevens_problem *problem, sevens_fit_result *result,
                                  sevens_error *err);

/* Improves a result from another start (a grid point of a scan that lies lower): local search from
 * `value` [n_parameters]; result changes only when the new minimum is lower by more than 1e-6. */
sevens_status sevens_fit_improve(const sevens_problem *problem, const double *value,
                                 sevens_fit_result *result, sevens_error *err);

typedef struct sevens_interval {
    double lo, hi;         /* in the unit of the parameter */
    bool lo_open, hi_open; /* the bound is the end of the scanned region */
} sevens_interval;

typedef struct sevens_intervals {
    double delta_chi2, chi2_min, best;
    size_t n;
    sevens_interval *interval; /* [n] owned, increasing */
} sevens_intervals;

/* Where chi2(parameter; others profiled) - chi2_reference <= delta_chi2; chi2_reference is the
 * continuous minimum, or chi2_sm with against_sm. */
sevens_status sevens_fit_intervals(const sevens_problem *problem, size_t axis, double delta_chi2,
                                   bool against_sm, sevens_intervals *intervals, sevens_error *err);
void sevens_intervals_free(sevens_intervals *intervals);

/* Delta chi2 of a confidence level (0..1) for dof degrees of freedom. */
double sevens_delta_chi2(double cl, int dof);

#endif
