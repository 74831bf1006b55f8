/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between host/mesh.c (nodes, response, kinematics) and host/templates.c (amplitudes). */
#ifndef SEVENS_MESH_H
#define SEVENS_MESH_H

#include "quadrature.h"
#include "sevens/flux.h"
#include "sevens/model.h"
#include "sevens/release.h"
#include "sevens/response.h"
#include "sevens/templates.h"

/* Quadrature nodes of one process on all targets of an experiment, with everything that does not
 * depend on couplings. Node k of flux class f adds to the counts of energy bin e
 *     measure[e][k] kinetic[product][f][k] b_i b_j
 * for a product of two amplitudes b_i b_j; docs/physics.md eq. 21. */
typedef struct sevens_block {
    sevens_process process;
    size_t capacity, n_node;
    size_t first[SEVENS_RELEASE_MAX_NUCLEI + 1]; /* first node of each target */
    double *T, *q2, *e_min;                      /* [capacity] MeV, MeV^2, MeV */
    double *response;                            /* [n_energy] scratch */
    double *measure;                             /* [n_energy][capacity] */
    double *kinetic[SEVENS_N_PRODUCT];           /* [n_flux][capacity], or NULL */
} sevens_block;

struct sevens_mesh {
    const sevens_release *release; /* borrowed */
    const sevens_model *model;     /* borrowed */
    int order;                     /* kinematics of the model */
    bool oscillates;               /* neutrinos may vanish on the way */
    sevens_flux flux;
    sevens_response *response;
    sevens_unit_rule rule;
    size_t n_energy, n_share, n_flux;
    sevens_family family[SEVENS_N_FLAVOUR]; /* [n_flux] */
    bool has[SEVENS_N_PROCESS];
    sevens_block block[SEVENS_N_PROCESS];
};

/* What a target is in a process. */
sevens_target sevens_mesh_target(const sevens_mesh *mesh, sevens_process process, size_t i);

/* A block whose nodes fit any final mass; filled for one with sevens_block_fill. */
sevens_status sevens_block_create(sevens_block *block, const sevens_mesh *mesh,
                                  sevens_process process, bool heavy, sevens_error *err);
void sevens_block_free(sevens_block *block);
/* Nodes, response and kinematics where the neutrino leaves as a lepton of mass m4 [MeV]: with
 * `heavy` of SEVENS_PRODUCT_PORTAL, otherwise of all others (m4 0). */
void sevens_block_fill(sevens_block *block, const sevens_mesh *mesh, bool heavy, double m4_MeV);

/* kinetic[product] [n_flux][capacity] with a weight in the flux integral. */
void sevens_block_weigh(const sevens_block *block, const sevens_mesh *mesh,
                        const sevens_flux_weight *weight, double *const kinetic[SEVENS_N_PRODUCT]);

#endif
