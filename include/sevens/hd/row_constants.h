/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the row kernel needs to know of a likelihood besides its bins. */
#ifndef SEVENS_HD_ROW_CONSTANTS_H
#define SEVENS_HD_ROW_CONSTANTS_H

#define SEVENS_ROW_MAX_PASSES 80
#define SEVENS_ROW_MAX_NORMS 16

/* Totals run over all bins, [k] over norms (0: signal). */
typedef struct sevens_row_constants {
    int n_norm;       /* K */
    int n_count;      /* bins with counts */
    int small_counts; /* some bin has less than one count, but not none (Asimov data) */
    double counts;    /* all counts, at least 1 */
    double excess;    /* counts above the backgrounds, at least sqrt(counts): where norms start */
    double offset;    /* 2 sum [mu0 - n + n ln(n/mu0)] */
    double reference; /* sum of mu0 over the bins with counts */
    double total[SEVENS_ROW_MAX_NORMS];  /* sum of a background over all bins; [0] unused */
    double weight[SEVENS_ROW_MAX_NORMS]; /* 1/sigma^2 */
    int fixed[SEVENS_ROW_MAX_NORMS];
} sevens_row_constants;

#endif
