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
    double per_count; /* 1/counts */
    double caution;   /* how much smaller a decrement must be where a bin has n < 1: n^(1/3) */
    double excess;    /* counts above the backgrounds, at least sqrt(counts): where norms start */
    double offset;    /* 2 sum [mu0 - n + n ln(n/mu0)] */
    double reference; /* sum of mu0 over the bins with counts */
    double total[SEVENS_ROW_MAX_NORMS];  /* sum of a background over all bins; [0] unused */
    double weight[SEVENS_ROW_MAX_NORMS]; /* 1/sigma^2 */
    int fixed[SEVENS_ROW_MAX_NORMS];
} sevens_row_constants;

/* Groups of bins of equal counts, which stand together, from the largest counts down. */
typedef struct sevens_row_groups {
    int n;             /* 0: some counts are no whole number, or too large for products */
    const int *of_bin; /* [n_count] group of a bin */
    const int *end;    /* [n] index after its last bin */
    const int *power; /* [n] counts of the group less those of the next one, of the last: its own */
} sevens_row_groups;

#endif
