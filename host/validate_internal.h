/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between host/validate.c (runs the table), host/validate_measures.c (what is measured) and the
 * tables, host/validate_<experiments>.c. A group is a scan file in a line, a function that measures
 * numbers on it, and what each number is compared with. */
#ifndef SEVENS_VALIDATE_INTERNAL_H
#define SEVENS_VALIDATE_INTERNAL_H

#include "sevens/problem.h"
#include "sevens/validate.h"

#define SEVENS_MAX_EXPECTATIONS 16

typedef struct sevens_expectation {
    const char *quantity, *published;
    double reference, tolerance;
    bool relative;
} sevens_expectation;

/* Numbers ours [SEVENS_MAX_EXPECTATIONS] of a problem. */
typedef sevens_status (*sevens_measure)(const sevens_problem *problem, double argument,
                                        double *ours, sevens_error *err);

typedef struct sevens_validation_group {
    const char *scan;
    double argument; /* of measure */
    sevens_measure measure;
    size_t n;
    sevens_expectation row[SEVENS_MAX_EXPECTATIONS];
} sevens_validation_group;

extern const sevens_validation_group sevens_validation_csi2021[];
extern const size_t sevens_n_validation_csi2021;
extern const sevens_validation_group sevens_validation_experiments[];
extern const size_t sevens_n_validation_experiments;
extern const sevens_validation_group sevens_validation_combined[];
extern const size_t sevens_n_validation_combined;
/* Those that take more than some seconds: with `--all` alone. */
extern const sevens_validation_group sevens_validation_slow[];
extern const size_t sevens_n_validation_slow;

/* Counts in total, in each bin of the first axis, and per flux class before time factors. */
sevens_status sevens_measure_counts(const sevens_problem *problem, double argument, double *ours,
                                    sevens_error *err);
/* Counts above each edge of the first axis. */
sevens_status sevens_measure_counts_above(const sevens_problem *problem, double argument,
                                          double *ours, sevens_error *err);
/* Expected backgrounds at central norms and signal, in each bin of the first axis. */
sevens_status sevens_measure_budget(const sevens_problem *problem, double argument, double *ours,
                                    sevens_error *err);
/* Counts in total and profiled chi2 at the values of the scan file. */
sevens_status sevens_measure_point(const sevens_problem *problem, double argument, double *ours,
                                   sevens_error *err);
/* Scattering on electrons: counts in total. */
sevens_status sevens_measure_electrons(const sevens_problem *problem, double argument, double *ours,
                                       sevens_error *err);
/* chi2 of the Standard Model, and without any signal. */
sevens_status sevens_measure_chi2(const sevens_problem *problem, double argument, double *ours,
                                  sevens_error *err);
/* Free signal normalisation: best number of events, its interval chi2 < chi2_min + argument, chi2.
 */
sevens_status sevens_measure_normalisation(const sevens_problem *problem, double argument,
                                           double *ours, sevens_error *err);
/* Counts of all backgrounds at the best norms, chi2 there, and how much more it is when the first
 * background is left out. */
sevens_status sevens_measure_backgrounds(const sevens_problem *problem, double argument,
                                         double *ours, sevens_error *err);
/* Where chi2 - chi2_SM crosses the argument along the only axis. */
sevens_status sevens_measure_crossings(const sevens_problem *problem, double argument, double *ours,
                                       sevens_error *err);
/* Where chi2 - chi2_min does along the first axis, others profiled. */
sevens_status sevens_measure_limits(const sevens_problem *problem, double argument, double *ours,
                                    sevens_error *err);
/* Best value of the first axis and its interval chi2 - chi2_min < argument. */
sevens_status sevens_measure_interval(const sevens_problem *problem, double argument, double *ours,
                                      sevens_error *err);
/* Continuous minimum over the axes: chi2, then the position. */
sevens_status sevens_measure_minimum(const sevens_problem *problem, double argument, double *ours,
                                     sevens_error *err);

/* Groups of one number. */
#define SEVENS_ONE(scan, argument, measure, ...)                                                   \
    {                                                                                              \
        scan, argument, measure, 1,                                                                \
        {                                                                                          \
            {                                                                                      \
                __VA_ARGS__                                                                        \
            }                                                                                      \
        }                                                                                          \
    }

#endif
