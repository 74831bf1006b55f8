/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the joint kernel needs to know of a likelihood besides its numbers: sizes, places and
 * nuisances, without a pointer. */
#ifndef SEVENS_HD_JOINT_CONSTANTS_H
#define SEVENS_HD_JOINT_CONSTANTS_H

#include "sevens/hd/line_background.h"

#define SEVENS_JOINT_MAX_PARTS 16
#define SEVENS_JOINT_MAX_NUISANCES 48
#define SEVENS_JOINT_MAX_COMPONENTS 32
#define SEVENS_JOINT_MAX_COLUMNS (SEVENS_JOINT_MAX_COMPONENTS + SEVENS_N_LINES)
#define SEVENS_JOINT_MAX_VARIANTS 9
#define SEVENS_JOINT_MAX_STARTS 17
#define SEVENS_JOINT_MAX_BINS 16 /* of a block that goes through the kernel together */

typedef enum sevens_joint_kind {
    SEVENS_JOINT_POISSON,
    SEVENS_JOINT_GAUSS,
    SEVENS_JOINT_GAUSS_LINES
} sevens_joint_kind;

/* Offsets are in doubles, from the beginning of the data of the likelihood or of the packed row.
 * Nuisances are numbered with the free ones first; -1: none. */
typedef struct sevens_joint_part {
    int kind;
    int n_bin; /* poisson: with counts */
    int n_variant, n_component, n_column;
    int n_own;                                  /* components of the signal: the first ones */
    int is_free[SEVENS_JOINT_MAX_COLUMNS];      /* some free nuisance multiplies the column */
    int component[SEVENS_JOINT_MAX_COMPONENTS]; /* number in the likelihood */
    int norm[SEVENS_JOINT_MAX_COMPONENTS], shape[SEVENS_JOINT_MAX_COMPONENTS];
    int variant[SEVENS_JOINT_MAX_COMPONENTS];
    int counts[SEVENS_JOINT_MAX_COMPONENTS];   /* data: [n_bin] of a background */
    double empty[SEVENS_JOINT_MAX_COMPONENTS]; /* sum of a background over the other bins */
    int observed, inverse_sigma, energy;       /* data: [n_bin] */
    int row;       /* [3] totals of A, B, C of the signal, [3] of their sizes, [variant][3] in the
                      other bins, [variant][3][n_bin] */
    double excess; /* counts above the backgrounds: where norms start; 0 where that is not needed */
    int line[SEVENS_N_LINES]; /* nuisances */
    int m_line;               /* data: [n_bin] exp(-(E - m_keV)^2/(2 m_sigma^2))/m_sigma */
    sevens_line_background lines;
    double step_keV; /* from bin to bin; 0: not the same everywhere, or the lines are too narrow to
                        go from bin to bin by products */
    int sloped;      /* number among the parts whose slope is free; -1: it is not */
    int tail;        /* data: [n_start - 1][n_bin] tails of the slopes to start from */
    double slope[SEVENS_JOINT_MAX_STARTS]; /* those, from number 1 on [keV] */
} sevens_joint_part;

typedef struct sevens_joint {
    int n_part, n_nuisance, n_free, n_data, n_row, n_work;
    int quadratic; /* chi2 is a quadratic form: one step ends it */
    int convex;    /* no shapes, no background function: one minimum */
    int shapes;    /* there are free ones */
    int poisson;   /* some part is: steps are limited by the change of the counts */
    int n_start;   /* of a cold start: more than 1 for the slopes of background functions */
    int n_sloped;  /* parts with a background function whose slope is free */
    int origin[SEVENS_JOINT_MAX_NUISANCES]; /* number in the likelihood */
    int is_function[SEVENS_JOINT_MAX_NUISANCES];
    int is_curved[SEVENS_JOINT_MAX_NUISANCES]; /* expected counts are not linear in it */
    double start[SEVENS_JOINT_MAX_NUISANCES], centre[SEVENS_JOINT_MAX_NUISANCES];
    double lo[SEVENS_JOINT_MAX_NUISANCES], hi[SEVENS_JOINT_MAX_NUISANCES];
    double weight[SEVENS_JOINT_MAX_NUISANCES][SEVENS_JOINT_MAX_NUISANCES];
    /* The own pull of nuisance i, without what it shares: own_weight (sum_k own[i][k] (t_k -
     * centre_k))^2 in the chi2 of its part. */
    int owner[SEVENS_JOINT_MAX_NUISANCES];
    double own_weight[SEVENS_JOINT_MAX_NUISANCES];
    double own[SEVENS_JOINT_MAX_NUISANCES][SEVENS_JOINT_MAX_NUISANCES];
    sevens_joint_part part[SEVENS_JOINT_MAX_PARTS];
} sevens_joint;

#endif
