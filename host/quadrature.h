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

/* A rule on [0, 1], to be scaled to many intervals without further memory. */
#define SEVENS_MAX_ORDER 32
typedef struct sevens_unit_rule {
    size_t n;
    double node[SEVENS_MAX_ORDER], weight[SEVENS_MAX_ORDER];
} sevens_unit_rule;
sevens_status sevens_unit_rule_init(sevens_unit_rule *rule, size_t n_order, sevens_error *err);

#endif
