/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All integrals, done once per node of the template axes. With basis amplitudes
 *     b_(t,p) = w_t(Q2) Z F_Z,  b_(t,n) = w_t(Q2) N F_N;   b_(t,e) = w_t(Q2) of electrons
 * the templates are T_ij[f][e] = counts in channel e from flux class f for the product b_i b_j;
 * counts at any coupling are contractions sum_ij c_i c_j T_ij, which the weights of the release
 * spread over bins. docs/physics.md eqs. 21, 26 and 52. */
#ifndef SEVENS_TEMPLATES_H
#define SEVENS_TEMPLATES_H

#include "sevens/model.h"
#include "sevens/release.h"
#include "sevens/status.h"

/* Quadrature mesh, response and flux moments of one experiment: made once, read by all threads. */
typedef struct sevens_mesh sevens_mesh;
typedef struct sevens_mesh_options {
    double signal_scale;      /* multiplies all predicted counts (norm_scale of the scan file) */
    bool es;                  /* count scattering on electrons too */
    const bool *shape_active; /* [n_shape of the release] shape nuisances there are; NULL: none */
} sevens_mesh_options;
/* The release and the model are borrowed. */
sevens_status sevens_mesh_create(sevens_mesh **mesh, const sevens_release *release,
                                 const sevens_model *model, const sevens_mesh_options *options,
                                 sevens_error *err);
bool sevens_mesh_has(const sevens_mesh *mesh, sevens_process process);
void sevens_mesh_destroy(sevens_mesh **mesh);

/* Templates at one node of the template axes; one per thread. The model is borrowed. */
typedef struct sevens_templates sevens_templates;
sevens_status sevens_templates_create(sevens_templates **templates, const sevens_mesh *mesh,
                                      const sevens_model *model, sevens_error *err);
void sevens_templates_destroy(sevens_templates **templates);

/* Neutrinos that come as one family and leave as another: their rates add, unless some disappear.
 * Restricts the counts to some of these transitions, for the parts of a rate. */
#define SEVENS_TRANSITION(family, final)                                                           \
    (1u << ((unsigned)(family)*SEVENS_N_FAMILY + (unsigned)(final)))
#define SEVENS_ALL_TRANSITIONS ((1u << SEVENS_N_FAMILY * SEVENS_N_FAMILY) - 1u)
void sevens_templates_restrict(sevens_templates *templates, unsigned transitions);

/* Integrates what changed since the last call. Where memory is out for the finer mesh of a heavy
 * lepton, its templates are NaN. */
void sevens_templates_update(sevens_templates *templates, const sevens_model_point *point);

/* Counts of one process (SEVENS_N_PROCESS: of all) per flux class and channel along a row,
 * A + B x + C x^2; abc is [n_flux][3][n_channel]. */
void sevens_templates_channel_row(const sevens_templates *templates,
                                  const sevens_model_point *point, sevens_process process,
                                  double *abc);
/* The same summed over processes and flux classes in all bins: abc is [n_variant][3][n_bin]. The
 * first variant is the signal; the others are its changes by the active shape nuisances of the
 * signal, in the order of the release. */
void sevens_templates_row(const sevens_templates *templates, const sevens_model_point *point,
                          double *abc);

#endif
