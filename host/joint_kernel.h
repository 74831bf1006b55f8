/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The joint kernel on a CPU: host/joint_kernel.c is compiled once per instruction set, and the
 * backend takes the best that the machine has. */
#ifndef SEVENS_JOINT_KERNEL_H
#define SEVENS_JOINT_KERNEL_H

#include "joint_pack.h"
#include "sevens/grid.h"

#define SEVENS_JOINT_MAX_LANES 8 /* of any instruction set */

/* One row. */
typedef struct sevens_joint_task {
    const sevens_joint *joint;
    const double *data;
    const double *row; /* [n_row] packed */
    double *work;      /* [sevens_joint_task_work] */
    const double *x;   /* [n_x] */
    size_t n_x;
    double *chi2;      /* [n_x] */
    uint8_t *status;   /* [n_x] */
    double *part_chi2; /* [n_part][stride] or NULL */
    float *nuisance;   /* [n_nuisance][stride] or NULL */
    size_t stride;
    uint64_t passes; /* added to */
} sevens_joint_task;

/* Doubles of `work`: lanes, and what aligns them. */
static inline size_t sevens_joint_task_work(const sevens_joint *joint)
{
    return SEVENS_JOINT_MAX_LANES * ((size_t)joint->n_work + 4 * (size_t)joint->n_nuisance + 1);
}

typedef void (*sevens_joint_kernel)(sevens_joint_task *task);

void sevens_joint_kernel_generic(sevens_joint_task *task);
void sevens_joint_kernel_v3(sevens_joint_task *task);
void sevens_joint_kernel_v4(sevens_joint_task *task);

#endif
