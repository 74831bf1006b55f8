/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gauss-Legendre rules on panels (GSL's nodes). */
#ifndef SEVENS_QUADRATURE_H
#define SEVENS_QUADRATURE_H

#include "sevens/status.h"
#include <stddef.h>

typedef struct sevens_quadrature {
    size_t n;
    double *node, *weight; /* [n] owned */
} sevens_quadrature;

/* A composite rule with n_order nodes on each of the n_edge - 1 panels between increasing edges. */
sevens_status sevens_quadrature_panels(sevens_quadrature *rule, const double *edge, size_t n_edge,
                                       size_t n_order, sevens_error *err);
void sevens_quadrature_free(sevens_quadrature *rule);

#endif
