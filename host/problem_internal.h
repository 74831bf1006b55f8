/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between host/problem.c (making) and host/problem_nuisances.c (the scan file's nuisances). */
#ifndef SEVENS_PROBLEM_INTERNAL_H
#define SEVENS_PROBLEM_INTERNAL_H

#include "sevens/problem.h"

/* Says where in the scan file a fault that was found later lies. */
sevens_status sevens_problem_locate(const sevens_config *config, const sevens_node *node,
                                    sevens_status status, sevens_error *err);

/* Shape nuisances are those that the scan file names and does not fix. */
void sevens_problem_activate_shapes(const sevens_problem *problem, sevens_experiment *experiment);
/* The first experiment before e that shares a nuisance with it; e when there is none. */
size_t sevens_problem_partner(const sevens_problem *problem, size_t e);
/* Widths, fixed and shared nuisances of the scan file -> likelihoods. */
sevens_status sevens_problem_apply_nuisances(sevens_problem *problem, sevens_error *err);

#endif
