/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between host/model.c and the files of the kinds. */
#ifndef SEVENS_MODEL_INTERNAL_H
#define SEVENS_MODEL_INTERNAL_H

#include "sevens/model.h"

/* One per file host/model_<kind>.c */
extern const sevens_model_kind sevens_model_kind_sm, sevens_model_kind_nsi,
    sevens_model_kind_zprime;

/* Radii of a nucleus from the values of the parameters of `sm`, in the order of its table. */
void sevens_sm_radii(const double *value, const sevens_nucleus *nucleus, double *R_p_fm,
                     double *R_n_fm);

#endif
