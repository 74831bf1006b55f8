/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sums that templates are made of, over condensed nodes (host/mesh.h) with channels over vector
 * lanes. host/condense_kernel.c is compiled once per instruction set. */
#ifndef SEVENS_CONDENSE_KERNEL_H
#define SEVENS_CONDENSE_KERNEL_H

#include "mesh.h"

#define SEVENS_ROW_TERMS 3 /* A, B, C */

/* Weights of one flux class and product. */
typedef struct sevens_condense_task {
    const sevens_condensed *condensed;
    const double *measure; /* [nodes of the block][stride] */
    const double *kinetic; /* [nodes of the block] */
    double *weight;        /* [n_node][stride], overwritten */
    size_t stride;
} sevens_condense_task;

/* Counts of one flux class and product. */
typedef struct sevens_integral_task {
    const sevens_condensed *condensed;
    const double *weight; /* [n_node][stride] */
    const double *rate;   /* [n_term][n_node] */
    size_t n_term;        /* 1, or SEVENS_ROW_TERMS */
    double *counts;       /* [n_term][stride], added to */
    size_t stride;
} sevens_integral_task;

/* Channels spread over bins: abc [SEVENS_ROW_TERMS][n_bin]. */
typedef struct sevens_spread_task {
    const sevens_bin_spread *spread;
    size_t n_bin, n_channel;
    size_t n_term;        /* 1: B and C are 0; or SEVENS_ROW_TERMS */
    const double *counts; /* [n_group][SEVENS_ROW_TERMS][n_channel] */
    double *abc;
} sevens_spread_task;

typedef struct sevens_condense_kernels {
    void (*weigh)(const sevens_condense_task *task);
    void (*integrate)(const sevens_integral_task *task);
    void (*spread)(const sevens_spread_task *task);
    /* amplitude [n] += c value [n]; first: in the place of what was there. */
    void (*add_amplitude)(size_t n, bool first, double c, const double *value, double *amplitude);
    /* rate [SEVENS_ROW_TERMS][n] += factor (a0 + a1 x)(b0 + b1 x), the same; without a1 and b1
     * (NULL) only A. */
    void (*add_rate)(size_t n, bool first, double factor, const double *const a[2],
                     const double *const b[2], double *rate);
} sevens_condense_kernels;

extern const sevens_condense_kernels sevens_condense_kernels_generic, sevens_condense_kernels_v3,
    sevens_condense_kernels_v4;

/* Those of this processor. */
const sevens_condense_kernels *sevens_condense_kernels_best(void);

#endif
