/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the CUDA backend (grid_cuda.cu) asks of the row kernels (row_kernels.cu). Plain C. */
#ifndef SEVENS_GRID_CUDA_H
#define SEVENS_GRID_CUDA_H

#include "sevens/grid.h"
#include "sevens/hd/row_constants.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whole rows, or one piece of one row, as a kernel takes it by value; all pointers are to device
 * memory. scalar is float or double, after the precision of the plan. */
typedef struct sevens_row_slab {
    sevens_row_constants constants;
    const void *bins;     /* scalar [n_count][n_norm] */
    const void *rows;     /* scalar [n_row][n_count][3] over mu0 */
    const double *totals; /* [n_row][3] over all bins */
    const double *x;      /* [n_row][n_x] */
    size_t n_row, n_x;
    double *chi2;               /* [n_row][n_x] */
    uint8_t *status;            /* [n_row][n_x] */
    float *norm;                /* [n_norm][n_row][n_x] or NULL */
    unsigned long long *passes; /* added to */
} sevens_row_slab;

/* Which kernel runs a likelihood on the current device. It follows from the likelihood, the
 * precision and the device alone, so that the results of a point cannot depend on its slab. */
typedef struct sevens_row_plan {
    sevens_precision precision;
    int instance;        /* number of norms of the instance; 0: the one for any number */
    unsigned threads;    /* largest block */
    size_t shared_bytes; /* dynamic shared memory of a block */
} sevens_row_plan;

sevens_status sevens_row_plan_init(sevens_row_plan *plan, const sevens_row_constants *constants,
                                   sevens_precision precision, sevens_error *err);
/* Enqueues a slab on `stream`, a cudaStream_t. */
sevens_status sevens_row_launch(const sevens_row_plan *plan, const sevens_row_slab *slab,
                                void *stream, sevens_error *err);
/* Whether this program holds code for the current device. */
sevens_status sevens_row_kernels_present(sevens_error *err);

#ifdef __cplusplus
}
#endif

#endif
