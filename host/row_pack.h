/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A likelihood and its rows in the form that the row kernel reads: bins with counts only, templates
 * over reference counts. Used by the OpenMP and CUDA backends. */
#ifndef SEVENS_ROW_PACK_H
#define SEVENS_ROW_PACK_H

#include "sevens/hd/row_constants.h"
#include "sevens/likelihood.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sevens_row_pack {
    sevens_row_constants constants;
    sevens_row_constants constants_f32; /* the same with the totals of bins_f32 */
    sevens_row_groups groups;
    int *of_bin, *end, *power; /* of the groups */
    size_t n_bin;
    size_t *bin;     /* [n_count] indices of the bins with counts, largest counts first */
    double *inverse; /* [n_count] 1/mu0 */
    double *bins;    /* [n_count][n_norm] n, backgrounds over mu0 */
    float *bins_f32; /* the same in single precision */
} sevens_row_pack;

/* Whether the row kernel can do this likelihood: one poisson part with norms around 1 and nothing
 * else, no more than SEVENS_ROW_MAX_NORMS, none of them in common to signal and background. The
 * joint kernel takes all others. */
bool sevens_row_pack_takes(const sevens_likelihood *likelihood);

sevens_status sevens_row_pack_create(sevens_row_pack *pack, const sevens_likelihood *likelihood,
                                     sevens_error *err);
void sevens_row_pack_free(sevens_row_pack *pack);

/* signal [3][n_bin] -> row [n_count][3] over mu0 and total [3] over all bins. */
void sevens_row_pack_signal(const sevens_row_pack *pack, const double *signal, double *row,
                            double *total);

/* A packed row in single precision. Its totals follow the rounding: expected counts of bins and in
 * total then err alike, and chi2 hardly notices. */
void sevens_row_pack_round(const sevens_row_pack *pack, const double *row, float *row_f32,
                           double *total);

#ifdef __cplusplus
}
#endif

#endif
