/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The on-off kernel on a CPU: host/on_off_kernel.c is compiled once per instruction set, and the
 * backend takes the best that the machine has. */
#ifndef SEVENS_ON_OFF_KERNEL_H
#define SEVENS_ON_OFF_KERNEL_H

#include "on_off_pack.h"
#include <stdint.h>

/* One row. */
typedef struct sevens_on_off_task {
    const sevens_on_off_pack *pack;
    const double *row; /* [3][n_bin] */
    const double *x;   /* [n_x] */
    size_t n_x;
    double *chi2;    /* [n_x] */
    uint8_t *status; /* [n_x] */
    float *norm;     /* [n_x] or NULL */
} sevens_on_off_task;

typedef void (*sevens_on_off_kernel)(const sevens_on_off_task *task);

void sevens_on_off_kernel_generic(const sevens_on_off_task *task);
void sevens_on_off_kernel_v3(const sevens_on_off_task *task);
void sevens_on_off_kernel_v4(const sevens_on_off_task *task);

#endif
