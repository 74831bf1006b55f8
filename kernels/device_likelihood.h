/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A likelihood packed for the kernel that takes it, on the host and on the GPU. What differs
 * between the kernels is here; the CUDA backend (grid_cuda.cu) sees slabs of packed rows. */
#ifndef SEVENS_DEVICE_LIKELIHOOD_H
#define SEVENS_DEVICE_LIKELIHOOD_H

#include "grid_cuda.h"
#include "joint_pack.h"
#include "on_off_pack.h"
#include "row_pack.h"

typedef enum sevens_kernel_kind {
    SEVENS_KERNEL_ROW,
    SEVENS_KERNEL_JOINT,
    SEVENS_KERNEL_ON_OFF
} sevens_kernel_kind;

typedef struct sevens_device_likelihood {
    sevens_kernel_kind kind;
    sevens_precision precision; /* of the row kernel; the others are in double */
    sevens_row_pack row;        /* one of the three */
    sevens_joint_pack joint;
    sevens_on_off_pack on_off;
    sevens_row_plan row_plan;
    sevens_joint_plan joint_plan;
    double *one_row; /* row kernel: [n_count][3] of the row being packed */
    char *memory;    /* on the device: bins, or the pack */
    size_t n_part, n_nuisance;
    size_t row_size;      /* doubles of a row before it is packed */
    size_t packed_bytes;  /* of a row */
    size_t n_total;       /* doubles of a row beside it */
    size_t scratch_bytes; /* of a launch */
    double point_work;    /* what a point costs, in bins of a plain likelihood */
} sevens_device_likelihood;

/* On the current device. scratch_limit: most scratch_bytes. */
sevens_status sevens_device_likelihood_create(sevens_device_likelihood *d,
                                              const sevens_likelihood *likelihood,
                                              sevens_precision precision, size_t scratch_limit,
                                              sevens_error *err);
void sevens_device_likelihood_free(sevens_device_likelihood *d);

/* signal [row_size] -> packed [packed_bytes] and totals [n_total]. */
void sevens_device_likelihood_pack(const sevens_device_likelihood *d, const double *signal,
                                   void *packed, double *totals);
/* Enqueues the kernel on `stream`, a cudaStream_t; totals and scratch are on the device. */
sevens_status sevens_device_likelihood_launch(const sevens_device_likelihood *d,
                                              const sevens_kernel_points *points,
                                              const double *totals, void *scratch, void *stream,
                                              sevens_error *err);

#endif
