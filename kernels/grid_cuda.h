/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the CUDA backend asks of the kernels (row_kernels.cu, joint_kernels.cu). Plain C; all
 * pointers are to device memory unless it says otherwise. */
#ifndef SEVENS_GRID_CUDA_H
#define SEVENS_GRID_CUDA_H

#include "sevens/grid.h"
#include "sevens/hd/joint_profile.h"
#include "sevens/hd/on_off.h"
#include "sevens/hd/row_constants.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The points of whole rows, or of one piece of one row, and where their results go. */
typedef struct sevens_kernel_points {
    size_t n_row, n_x;
    const void *rows;           /* packed, one after the other */
    const double *x;            /* [n_row][n_x] */
    double *chi2;               /* [n_row][n_x] */
    uint8_t *status;            /* [n_row][n_x] */
    double *part_chi2;          /* [n_part][n_row][n_x] or NULL; joint kernel only */
    float *nuisance;            /* [n_nuisance][n_row][n_x] or NULL */
    unsigned long long *passes; /* added to */
} sevens_kernel_points;

/* ---- row kernels: plain likelihoods ---- */

/* What a kernel takes by value. scalar is float or double, after the precision of the plan; a
 * packed row is scalar [n_count][3] over mu0. */
typedef struct sevens_row_slab {
    sevens_kernel_points points;
    sevens_row_constants constants;
    const void *bins;     /* scalar [n_count][n_norm] */
    const double *totals; /* [n_row][3] over all bins */
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

/* ---- joint kernel: shapes, gaussian parts, background functions, shared pulls ---- */

typedef struct sevens_joint_slab {
    sevens_kernel_points points; /* rows: double [joint->n_row] */
    const sevens_joint *joint;
    const double *data;
    double *work; /* [scratch_bytes of the plan] */
} sevens_joint_slab;

typedef struct sevens_joint_plan {
    size_t blocks;        /* at most; threads take several points */
    size_t scratch_bytes; /* work arrays of that many */
} sevens_joint_plan;

/* joint is on the host. No more blocks than run at the same time, nor than have their work arrays
 * in `limit` bytes. */
sevens_status sevens_joint_plan_init(sevens_joint_plan *plan, const sevens_joint *joint,
                                     size_t limit, sevens_error *err);
sevens_status sevens_joint_launch(const sevens_joint_plan *plan, const sevens_joint_slab *slab,
                                  void *stream, sevens_error *err);

/* ---- on-off kernel ---- */

typedef struct sevens_on_off_slab {
    sevens_kernel_points points; /* rows: double [3][n_bin] */
    const sevens_on_off *head;
    const double *data;
    const int *first; /* [n_bin + 1] */
} sevens_on_off_slab;

sevens_status sevens_on_off_launch(const sevens_on_off_slab *slab, void *stream, sevens_error *err);

#ifdef __cplusplus
}
#endif

#endif
