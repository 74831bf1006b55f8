/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row kernel on a CPU: host/row_kernel.c is compiled once per instruction set, and the backend
 * takes the best that the machine has. Lanes do not depend on the width of the vectors. */
#ifndef SEVENS_ROW_KERNEL_H
#define SEVENS_ROW_KERNEL_H

#include "row_pack.h"
#include "sevens/grid.h"

/* A chain of rows, whose nuisances follow each other. */
typedef struct sevens_row_task {
    const sevens_row_pack *pack;
    sevens_precision precision;
    size_t n_row, n_x;
    const double *row;    /* [n_row][n_count][3] for f64 */
    const float *row_f32; /* [n_row][n_count][3] for f32, with totals that follow its rounding */
    const double *total;  /* [n_row][3] */
    const double *x;      /* of row r: x[r x_stride ...] [n_x] */
    size_t x_stride;      /* 0: all rows have the same */
    const double *inverse_unit; /* [n_row] multiplies x */
    double *chi2;               /* [n_row][n_x] */
    uint8_t *status;            /* [n_row][n_x] */
    float *norm;                /* [n_norm][norm_stride] or NULL */
    size_t norm_stride;
    void *tracks;      /* work space of sevens_row_tracks_bytes, aligned to 64 */
    void *products;    /* work space of sevens_row_products_bytes, aligned to 64 */
    bool *has_factors; /* work space [SEVENS_ROW_SEGMENT] */
    uint64_t passes;   /* added to */
} sevens_row_task;

/* What the places of a segment remember from row to row. */
static inline size_t sevens_row_tracks_bytes(size_t n_norm)
{
    return sizeof(double) * (SEVENS_ROW_SEGMENT + 32) * (3 * n_norm + n_norm * (n_norm + 1) / 2);
}

/* Products of bins, mantissas and exponents, for a vector of points. */
static inline size_t sevens_row_products_bytes(const sevens_row_groups *groups)
{
    return ((size_t)groups->n + 1) * 4 * 64; /* at most two vectors of 64 bytes of each */
}

typedef void (*sevens_row_kernel)(sevens_row_task *task);

void sevens_row_kernel_generic(sevens_row_task *task);
void sevens_row_kernel_v3(sevens_row_task *task);
void sevens_row_kernel_v4(sevens_row_task *task);

#endif
