/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between host/templates.c (integrals) and host/templates_row.c (their contraction with couplings).
 */
#ifndef SEVENS_TEMPLATES_INTERNAL_H
#define SEVENS_TEMPLATES_INTERNAL_H

#include "mesh.h"

#define SEVENS_MAX_SECTIONS (SEVENS_N_PROCESS + 4)
#define SEVENS_GROUP 4 /* integrals that are done together */

/* One basis amplitude: a term on one constituent. */
typedef struct sevens_basis_amplitude {
    size_t term;
    sevens_constituent constituent;
    double *value; /* [capacity] at every node, or NULL as long as that is 0 */
} sevens_basis_amplitude;

/* Two of them that interfere. */
typedef struct sevens_basis_pair {
    size_t i, j;
    sevens_product product;
    double *T;    /* [n_flux][n_all] counts */
    double *lost; /* the same weighted with the probability to disappear; NULL: none */
} sevens_basis_pair;

typedef struct sevens_section {
    sevens_process process;
    const sevens_block *block; /* of the mesh, or `own` */
    sevens_block own;          /* of a term with a final mass */
    size_t heavy_term;         /* that term; 0: none */
    bool broken;               /* memory was out for its nodes */
    size_t capacity;           /* nodes that the arrays have room for */
    size_t n_basis, n_pair;
    sevens_basis_amplitude *basis;     /* [n_basis] */
    sevens_basis_pair *pair;           /* [n_pair] */
    double *charge;                    /* [SEVENS_N_CHARGE][capacity] */
    bool weighs[SEVENS_N_PRODUCT];     /* neutrinos vanish in such a product */
    double *weighed[SEVENS_N_PRODUCT]; /* [n_flux][capacity] kinetic with the probability */
} sevens_section;

struct sevens_templates {
    const sevens_mesh *mesh;
    const sevens_model *model;
    size_t n_parameters;
    double *value;   /* [n_parameters] of the last update */
    bool fresh;      /* no update yet */
    size_t capacity; /* the largest of all sections */
    double *scratch; /* [SEVENS_GROUP][capacity] shapes, rates */
    double *moment;  /* [capacity][3] scratch, where neutrinos vanish */
    double *channel; /* [n_flux][3][n_all] scratch */
    double *vanish;  /* [2][3][n_all] scratch: all counts of a flux class, and those lost */
    size_t n_section;
    sevens_section section[SEVENS_MAX_SECTIONS];
    unsigned transitions; /* those that count, see sevens_templates_restrict */
};

#endif
