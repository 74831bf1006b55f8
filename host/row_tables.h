/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a grid from tables. The rate is a sum over the families in which neutrinos come and
 * leave, and an axis touches few of them (eps_u_ee only nu_e -> nu_e). So a scan over many axes has
 * parts that depend on some of them alone: each is worked out once at the nodes of its own axes,
 * and a row is a sum of parts. */
#ifndef SEVENS_ROW_TABLES_H
#define SEVENS_ROW_TABLES_H

#include "sevens/problem.h"

typedef struct sevens_row_tables sevens_row_tables;

/* *tables becomes NULL where they would not pay, or not fit. That follows from the scan alone, and
 * with it the last bit of a row. The problem is borrowed; work [threads] is used meanwhile. */
sevens_status sevens_row_tables_create(sevens_row_tables **tables, const sevens_problem *problem,
                                       sevens_workspace *const *work, int threads,
                                       sevens_error *err);
void sevens_row_tables_destroy(sevens_row_tables **tables);

/* The parameter that runs along their rows, or SEVENS_NO_ROW. */
size_t sevens_row_tables_along(const sevens_row_tables *tables);
/* Index of a point on every axis of the scan but that of the rows; false: it is not on the grid.
 * index holds those of another point, by which one nearby is found fast. */
bool sevens_row_tables_find(const sevens_row_tables *tables, const double *value, size_t *index);
/* Sums of A, B, C over all bins of the row there, [3]. */
void sevens_row_tables_total(const sevens_row_tables *tables, const size_t *index, double *total);
/* The row of one group, as sevens_problem_row gives it, B times unit and C times its square. */
void sevens_row_tables_row(const sevens_row_tables *tables, const size_t *index, size_t group,
                           double unit, double *abc);

#endif
