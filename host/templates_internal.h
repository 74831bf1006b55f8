/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between host/templates.c (amplitudes at nodes) and host/templates_row.c (rates and their
 * integrals). */
#ifndef SEVENS_TEMPLATES_INTERNAL_H
#define SEVENS_TEMPLATES_INTERNAL_H

#include "condense_kernel.h"
#include "mesh.h"
#include "sevens/xsec.h"

#define SEVENS_MAX_SECTIONS (SEVENS_N_PROCESS + 4)

/* One basis amplitude: a term on one constituent. */
typedef struct sevens_basis_amplitude {
    size_t term;
    sevens_constituent constituent;
    size_t group;
    double *value; /* [capacity] at every node */
    double *fixed; /* [capacity] factor of its shape that no parameter changes */
    bool has_fixed;
} sevens_basis_amplitude;

/* Two groups of amplitudes whose product gives counts. */
typedef struct sevens_group_product {
    size_t a, b;
    sevens_product product;
    double factor; /* 1, or 2 for different groups */
} sevens_group_product;

typedef struct sevens_section {
    sevens_process process;
    const sevens_block *block;         /* of the mesh, or `own` */
    const sevens_condensed *condensed; /* of the mesh, or `own_condensed` */
    sevens_block own;                  /* of a term with a final mass */
    sevens_condensed own_condensed;
    size_t heavy_term; /* that term; 0: none */
    bool broken;       /* memory was out for its nodes */
    size_t capacity;   /* nodes that the arrays have room for */
    size_t n_basis, n_group, n_product;
    sevens_basis_amplitude *basis;             /* [n_basis] in the order of terms */
    size_t first_term[SEVENS_MODEL_MAX_TERMS]; /* [n_group] of the terms of each */
    sevens_group_product *product;             /* [n_product] in the order of kinds */
    bool uses[SEVENS_N_CHARGE];                /* charges that a basis amplitude has */
    double *charge;                            /* [SEVENS_N_CHARGE][capacity] */
    double *surface, *F_Z, *F_N; /* [capacity] form factors, and their part without a radius */
    double radius_p[SEVENS_RELEASE_MAX_NUCLEI]; /* [fm] that those of a target were made for */
    double radius_n[SEVENS_RELEASE_MAX_NUCLEI];
    double *weighed[SEVENS_N_PRODUCT]; /* [n_flux][block->capacity] kinetic with the probability */
    double *lost[SEVENS_N_PRODUCT];    /* the weights of that: counts that vanish */
    sevens_flux_sweep **sweep;         /* [n_target][n_flux] of the block, where neutrinos vanish */
} sevens_section;

struct sevens_templates {
    const sevens_mesh *mesh;
    const sevens_model *model;
    const sevens_condense_kernels *kernels;
    size_t n_parameters;
    double *value;     /* [n_parameters] of the last update */
    bool fresh;        /* no update yet */
    size_t capacity;   /* nodes: the largest of all sections */
    double *shape;     /* [capacity] scratch */
    double *amplitude; /* [most groups][2][capacity] scratch: parts 1 and x of each group */
    double *rate;      /* [SEVENS_N_PRODUCT][SEVENS_ROW_TERMS][capacity] scratch */
    size_t moment_capacity;
    double *moment;  /* [moment_capacity] = [nodes of a block][3] scratch, where neutrinos vanish */
    double *channel; /* [n_flux][SEVENS_ROW_TERMS][stride] scratch */
    double *vanish;  /* [2][SEVENS_ROW_TERMS][stride] scratch: all of a flux class, those lost */
    double *group;   /* [n_flux][SEVENS_ROW_TERMS][n_channel] scratch: groups of flux classes */
    sevens_coupling *coupling; /* [SEVENS_N_FAMILY][n_terms] scratch */
    size_t n_section;
    sevens_section section[SEVENS_MAX_SECTIONS];
    unsigned transitions; /* those that count, see sevens_templates_restrict */
};

#endif
