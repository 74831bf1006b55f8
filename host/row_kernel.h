/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row kernel on a CPU: host/row_kernel.c is compiled once per instruction set, and the backend
 * takes the best that the machine has. Lanes do not depend on the width of the vectors. */
#ifndef SEVENS_ROW_KERNEL_H
#define SEVENS_ROW_KERNEL_H

#include "row_pack.h"
#include "sevens/grid.h"

typedef struct sevens_row_task {
    const sevens_row_pack *pack;
    sevens_precision precision;
    const double *row;    /* [n_count][3] for f64 */
    const float *row_f32; /* [n_count][3] for f32, with totals that follow its rounding */
    const double *total;  /* [3] */
    const double *x;      /* [n_x] */
    size_t n_x;
    double *chi2;    /* [n_x] */
    uint8_t *status; /* [n_x] */
    float *norm;     /* [n_norm][norm_stride] or NULL */
    size_t norm_stride;
    uint64_t passes; /* added to */
} sevens_row_task;

typedef void (*sevens_row_kernel)(sevens_row_task *task);

void sevens_row_kernel_generic(sevens_row_task *task);
void sevens_row_kernel_v3(sevens_row_task *task);
void sevens_row_kernel_v4(sevens_row_task *task);

#endif
