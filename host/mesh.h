/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between host/mesh.c (nodes, response, kinematics; host/mesh_panels.c puts the panels,
 * host/mesh_condense.c the nodes at which amplitudes are needed) and host/templates.c (amplitudes).
 */
#ifndef SEVENS_MESH_H
#define SEVENS_MESH_H

#include "quadrature.h"
#include "sevens/flux.h"
#include "sevens/model.h"
#include "sevens/release.h"
#include "sevens/response.h"
#include "sevens/templates.h"
#include <stdlib.h>

#define SEVENS_MESH_ORDER 24 /* nodes of a panel at most */
#define SEVENS_MESH_MAX_RESPONSES (1 + 2 * SEVENS_RELEASE_MAX_SHAPES)
#define SEVENS_CHANNEL_TILE 16 /* channels that are integrated together */

/* lo .. hi - 1, none when they are equal. */
typedef struct sevens_node_range {
    size_t lo, hi;
} sevens_node_range;

/* Quadrature nodes of one process on all targets of an experiment, with everything that does not
 * depend on couplings. Node k of flux class f adds to the counts of channel e
 *     measure[e][k] kinetic[product][f][k] b_i b_j
 * for a product of two amplitudes b_i b_j; docs/physics.md eq. 21. */
typedef struct sevens_block {
    sevens_process process;
    bool heavy; /* a neutral lepton of some mass leaves */
    size_t capacity, n_node;
    size_t first[SEVENS_RELEASE_MAX_NUCLEI + 1]; /* first node of each target */
    double *T, *q2, *e_min;                      /* [capacity] MeV, MeV^2, MeV */
    double *measure;                             /* [capacity][stride] */
    double *kinetic[SEVENS_N_PRODUCT]; /* [n_flux][capacity], or NULL: the model has none */
} sevens_block;

/* Neighbouring nodes of a block, and those that stand for them. */
typedef struct sevens_condensed_panel {
    size_t lo, hi;   /* nodes of the block: lo .. hi - 1 */
    size_t first, n; /* condensed nodes */
    size_t share;    /* where its numbers [hi - lo][n] begin among all */
} sevens_condensed_panel;

/* Few nodes in the place of a block's many. Products of amplitudes are smooth in ln T, whatever the
 * flux and the response do, so a polynomial through their values at these nodes gives them at all:
 *     counts[f][e] = sum over products and nodes j of weight[product][f][j][e] (b b')_j
 * docs/physics.md eq. 53. */
typedef struct sevens_condensed {
    size_t n_node, n_panel, n_share;
    size_t first[SEVENS_RELEASE_MAX_NUCLEI + 1]; /* first node of each target */
    double *q2;                                  /* [n_node] MeV^2 */
    sevens_condensed_panel *panel;               /* [n_panel] */
    sevens_node_range *seen; /* [n_panel][tiles of channels] nodes of the block that count there */
    double *share;           /* [n_share] value of the polynomial of a node at one of the block */
    double *weight[SEVENS_N_PRODUCT]; /* [n_flux][n_node][stride], or NULL */
} sevens_condensed;

/* How channels feed bins, as a matrix without most of its zeros: bins in tiles of
 * SEVENS_CHANNEL_TILE, with the channels that feed any of them. Flux classes with the same weights
 * are one group. */
typedef struct sevens_bin_spread {
    size_t n_group, group[SEVENS_RELEASE_MAX_FLUX]; /* of each flux class */
    sevens_node_range *channel;                     /* [tiles] */
    size_t *first;                                  /* [tiles] where the weights of one begin */
    double *weight; /* [tiles][n_group][channels of the tile][SEVENS_CHANNEL_TILE] */
} sevens_bin_spread;

/* How the signal follows from channels: the first variant is the signal, the others its change by
 * one shape nuisance each. */
typedef struct sevens_variant {
    const sevens_shape *shape; /* NULL: the signal */
    size_t offset;             /* its channels among all */
    sevens_bin_spread spread;
} sevens_variant;

struct sevens_mesh {
    const sevens_release *release; /* borrowed */
    const sevens_model *model;     /* borrowed */
    int order;                     /* kinematics of the model */
    bool oscillates;               /* neutrinos may vanish on the way */
    sevens_flux flux;
    size_t n_response; /* the signal's, then those of active shapes, plus before minus */
    sevens_response *response[SEVENS_MESH_MAX_RESPONSES];
    sevens_unit_rule rule[SEVENS_MESH_ORDER + 1]; /* by their order */
    size_t n_channel;
    size_t n_all;  /* n_channel of each variant that has a response of its own */
    size_t stride; /* n_all and what fills the last tile */
    size_t n_flux, n_variant;
    sevens_variant variant[1 + SEVENS_RELEASE_MAX_SHAPES];
    sevens_family family[SEVENS_RELEASE_MAX_FLUX]; /* [n_flux] */
    bool has_family[SEVENS_N_FAMILY];              /* some flux class is of it */
    bool has[SEVENS_N_PROCESS];
    sevens_block block[SEVENS_N_PROCESS];
    sevens_condensed condensed[SEVENS_N_PROCESS];
};

/* Room for n numbers, so that tiles of channels are whole cache lines; NULL without memory. */
static inline double *sevens_tiles_alloc(size_t n)
{
    size_t line = SEVENS_CHANNEL_TILE * sizeof(double);

    return aligned_alloc(line, (n * sizeof(double) / line + 1) * line);
}

/* What a target is in a process. */
sevens_target sevens_mesh_target(const sevens_mesh *mesh, sevens_process process, size_t i);

/* An empty block. heavy: nodes follow the mass of a lepton that leaves. */
void sevens_block_init(sevens_block *block, sevens_process process, bool heavy);
void sevens_block_free(sevens_block *block);
/* Nodes, response and kinematics where the neutrino leaves as a lepton of mass m4 [MeV]: of a heavy
 * block with SEVENS_PRODUCT_PORTAL, otherwise of all other products (m4 0). The block grows where
 * it must. */
sevens_status sevens_block_fill(sevens_block *block, const sevens_mesh *mesh, double m4_MeV,
                                sevens_error *err);

/* kinetic[product] [n_flux][capacity] with a weight in the flux integral; scratch is [n_node].
 * sweep [n_target][n_flux] of the block's e_min, or NULL: each integral anew. */
void sevens_block_weigh(const sevens_block *block, const sevens_mesh *mesh,
                        const sevens_flux_weight *weight, sevens_flux_sweep *const *sweep,
                        double (*scratch)[3], double *const kinetic[SEVENS_N_PRODUCT]);

/* ---- mesh_condense.c ---- */

/* Nodes and weights that stand for a block; what was there is freed. */
sevens_status sevens_condensed_fill(sevens_condensed *condensed, const sevens_block *block,
                                    const sevens_mesh *mesh, sevens_error *err);
void sevens_condensed_free(sevens_condensed *condensed);
/* weight[product] [n_flux][n_node][stride] of the same nodes from other kinetic[product]
 * [n_flux][block->capacity]; NULL: none. */
void sevens_condensed_weigh(const sevens_condensed *condensed, const sevens_block *block,
                            const sevens_mesh *mesh, double *const kinetic[SEVENS_N_PRODUCT],
                            double *const weight[SEVENS_N_PRODUCT]);

/* ---- mesh_spread.c ---- */

/* shape: a change of the weights, or NULL. */
sevens_status sevens_bin_spread_fill(sevens_bin_spread *spread, const sevens_release *release,
                                     const sevens_shape *shape, sevens_error *err);
void sevens_bin_spread_free(sevens_bin_spread *spread);

/* ---- mesh_panels.c ---- */

typedef struct sevens_panel {
    double start, width;
    size_t order, target;
} sevens_panel;

typedef struct sevens_panels {
    sevens_panel *panel; /* owned */
    size_t n, capacity;
    size_t n_node; /* of all together */
} sevens_panels;

/* Adds the panels of target i of a process, in the order of recoil energies. */
sevens_status sevens_panels_add(sevens_panels *panels, const sevens_mesh *mesh,
                                const sevens_block *block, size_t i, double m4_MeV,
                                sevens_error *err);
void sevens_panels_free(sevens_panels *panels);

#endif
