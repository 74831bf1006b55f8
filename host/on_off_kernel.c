/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The on-off likelihood at the points of a row, a group of nodes of its integral at a time in
 * vectors. Compiled once per instruction set with SEVENS_ROW_KERNEL_ISA = generic, v3 or v4
 * (x86-64 levels). */
#include "vector_math.h"
#define SEVENS_ON_OFF_SIMD(clauses) SEVENS_VECTOR_SIMD(clauses)
#define SEVENS_ON_OFF_LOG(x) sevens_vector_log(x)
#define SEVENS_ON_OFF_EXP(x) sevens_vector_exp(x)
#include "on_off_kernel.h"
#include "sevens/grid.h"
#include <math.h>

#ifndef SEVENS_ROW_KERNEL_ISA
#define SEVENS_ROW_KERNEL_ISA generic
#endif

#define NAME_(isa) sevens_on_off_kernel_##isa
#define NAME(isa) NAME_(isa)

void NAME(SEVENS_ROW_KERNEL_ISA)(const sevens_on_off_task *task)
{
    sevens_on_off_point at = {task->pack->data, task->pack->first, task->row, 0.0};

    for (size_t p = 0; p < task->n_x; p++) {
        sevens_on_off_result result;

        at.x = task->x[p];
        result = sevens_on_off_profile(task->pack->head, &at);
        task->chi2[p] = result.chi2;
        task->status[p] = isfinite(result.chi2) ? SEVENS_POINT_OK : SEVENS_POINT_INVALID;
        if (task->norm)
            task->norm[p] = (float)result.mean;
    }
}
