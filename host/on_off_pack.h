/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An on-off likelihood in the form that its kernel reads (sevens/hd/on_off.h). Rows are read as
 * they are. Used by the OpenMP and CUDA backends. */
#ifndef SEVENS_ON_OFF_PACK_H
#define SEVENS_ON_OFF_PACK_H

#include "sevens/hd/on_off.h"
#include "sevens/likelihood.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sevens_on_off_pack {
    sevens_on_off *head; /* one block of `bytes`, with the numbers behind it */
    double *data;
    int *first; /* [n_bin + 1] */
    size_t bytes;
} sevens_on_off_pack;

sevens_status sevens_on_off_pack_create(sevens_on_off_pack *pack,
                                        const sevens_likelihood *likelihood, sevens_error *err);
void sevens_on_off_pack_free(sevens_on_off_pack *pack);

#ifdef __cplusplus
}
#endif

#endif
