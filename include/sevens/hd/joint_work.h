/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes and arrays of the joint kernel. The code is written once for every machine: a lane type is
 * a scalar in a CUDA thread and a vector of points of one row on a CPU, which defines these macros
 * before (host/joint_lanes.h):
 *   JOINT_REAL JOINT_MASK          lane type; type of its comparisons
 *   JOINT_REAL_OF(x) JOINT_MASK_OF(yes)       the same number, the same answer in all lanes
 *   JOINT_SELECT(m, a, b)          a where m holds, else b
 *   JOINT_NOT(m) JOINT_ANY(m)      whether m does not hold; whether it holds in a lane
 *   JOINT_MAX(a, b) JOINT_INVERSE(x) JOINT_SQRT(x) JOINT_LOG(x) of x > 0, JOINT_EXP(x) of x <= 0
 *   JOINT_CALL                     what makes a function that is not inlined where that saves code
 *   JOINT_BINS                     bins of a block
 *
 * Arrays of a point are read with a stride, so that the threads of a GPU have theirs interleaved;
 * on a CPU it is 1. */
#ifndef SEVENS_HD_JOINT_WORK_H
#define SEVENS_HD_JOINT_WORK_H

#include "sevens/hd/defs.h"
#include "sevens/hd/joint_constants.h"
#include <math.h>

#ifndef JOINT_REAL
#define JOINT_REAL double
#define JOINT_MASK int
#define JOINT_REAL_OF(x) (x)
#define JOINT_MASK_OF(yes) (yes)
#define JOINT_SELECT(m, a, b) ((m) ? (a) : (b))
#define JOINT_NOT(m) (!(m))
#define JOINT_ANY(m) (m)
#define JOINT_MAX(a, b) ((a) > (b) ? (a) : (b))
#define JOINT_INVERSE(x) (1.0 / (x))
#define JOINT_SQRT(x) sqrt(x)
#define JOINT_LOG(x) log(x)
#define JOINT_EXP(x) exp(x)
#endif
#ifndef JOINT_CALL
#define JOINT_CALL SEVENS_HD
#endif
#ifndef JOINT_BINS
#define JOINT_BINS 4
#endif
#define JOINT_AT(array, i) ((array)[(long)(i)*stride])
#define JOINT_PAIR(i, j) ((i) * ((i) + 1) / 2 + (j)) /* i >= j */

/* Arrays of one point. H and F are lower triangles by rows, as is HH. */
typedef struct sevens_joint_work {
    JOINT_REAL *t, *trial, *best, *first; /* [n_nuisance] */
    JOINT_REAL *g, *next_g;               /* [n_free] */
    JOINT_REAL *H, *next_H, *F;           /* [n_free (n_free + 1)/2] */
    JOINT_REAL *D, *next_D; /* [n_free] diagonal of H without second derivatives: never negative */
    JOINT_REAL *d, *held;   /* [n_free] */
    JOINT_REAL *G, *HH;     /* of columns */
    JOINT_REAL *tails;      /* [part with slopes][n_start - 1][columns + 2] */
} sevens_joint_work;

/* One row at one value of its variable. */
typedef struct sevens_joint_point {
    const double *data, *row;
    JOINT_REAL x;
} sevens_joint_point;

/* A few bins. Columns of the row or of the background function differ from lane to lane and are in
 * `own`; those of the data are the same in all. */
typedef struct sevens_joint_block {
    int n;
    const JOINT_REAL *lanes[SEVENS_JOINT_MAX_COLUMNS];
    const double *data[SEVENS_JOINT_MAX_COMPONENTS];
    JOINT_REAL own[SEVENS_JOINT_MAX_VARIANTS + SEVENS_N_LINES + 2][JOINT_BINS];
    JOINT_REAL mu[JOINT_BINS], first[JOINT_BINS], second[JOINT_BINS];
    JOINT_REAL weighted[JOINT_BINS];
} sevens_joint_block;

SEVENS_HD int sevens_joint_max_columns(const sevens_joint *j)
{
    int most = 0;

    for (int p = 0; p < j->n_part; p++)
        most = j->part[p].n_column > most ? j->part[p].n_column : most;
    return most;
}

/* Lanes of the work arrays. */
SEVENS_HD int sevens_joint_work_size(const sevens_joint *j)
{
    int K = j->n_free, C = sevens_joint_max_columns(j);

    return 4 * j->n_nuisance + 6 * K + 3 * JOINT_PAIR(K, 0) + C + JOINT_PAIR(C, 0) +
           j->n_sloped * (j->n_start - 1) * (C + 2);
}

SEVENS_HD sevens_joint_work sevens_joint_work_at(const sevens_joint *j, JOINT_REAL *memory,
                                                 long stride)
{
    int N = j->n_nuisance, K = j->n_free, C = sevens_joint_max_columns(j);
    int pairs = JOINT_PAIR(K, 0);
    sevens_joint_work w;

    w.t = memory;
    w.trial = w.t + N * stride;
    w.best = w.trial + N * stride;
    w.first = w.best + N * stride;
    w.g = w.first + N * stride;
    w.next_g = w.g + K * stride;
    w.d = w.next_g + K * stride;
    w.held = w.d + K * stride;
    w.D = w.held + K * stride;
    w.next_D = w.D + K * stride;
    w.H = w.next_D + K * stride;
    w.next_H = w.H + pairs * stride;
    w.F = w.next_H + pairs * stride;
    w.G = w.F + pairs * stride;
    w.HH = w.G + C * stride;
    w.tails = w.HH + JOINT_PAIR(C, 0) * stride;
    return w;
}

SEVENS_HD void sevens_joint_swap(JOINT_REAL **a, JOINT_REAL **b)
{
    JOINT_REAL *c = *a;

    *a = *b;
    *b = c;
}

/* Copies n numbers. */
SEVENS_HD void sevens_joint_copy(int n, const JOINT_REAL *from, JOINT_REAL *to, long stride)
{
    for (int i = 0; i < n; i++)
        JOINT_AT(to, i) = JOINT_AT(from, i);
}

/* The same where m holds. */
SEVENS_HD void sevens_joint_copy_where(JOINT_MASK m, int n, const JOINT_REAL *from, JOINT_REAL *to,
                                       long stride)
{
    for (int i = 0; i < n; i++)
        JOINT_AT(to, i) = JOINT_SELECT(m, JOINT_AT(from, i), JOINT_AT(to, i));
}

#endif
