/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A likelihood and its rows in the form that the joint kernel reads (sevens/hd/joint_profile.h).
 * Used by the OpenMP and CUDA backends. */
#ifndef SEVENS_JOINT_PACK_H
#define SEVENS_JOINT_PACK_H

#include "sevens/hd/joint_profile.h"
#include "sevens/likelihood.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sevens_joint_pack {
    sevens_joint *joint; /* one block of `bytes`, with the data behind it */
    double *data;
    size_t bytes;
    size_t row_size; /* doubles of a row before it is packed */
    struct {
        size_t n_all, *bin; /* bins of the part; [n_all] their order, the packed ones first */
        size_t first;       /* where the part begins in a row before it is packed */
    } part[SEVENS_JOINT_MAX_PARTS];
} sevens_joint_pack;

sevens_status sevens_joint_pack_create(sevens_joint_pack *pack, const sevens_likelihood *likelihood,
                                       sevens_error *err);
void sevens_joint_pack_free(sevens_joint_pack *pack);

/* signal [part][n_variant][3][n_bin] -> row [joint->n_row]. */
void sevens_joint_pack_signal(const sevens_joint_pack *pack, const double *signal, double *row);

#ifdef __cplusplus
}
#endif

#endif
