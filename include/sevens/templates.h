/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of a model. With basis amplitudes
 *     b_(t,p) = w_t(Q2) Z F_Z,  b_(t,n) = w_t(Q2) N F_N;   b_(t,e) = w_t(Q2) of electrons
 * an amplitude is sum_i c_i b_i, with c_i = c0 + c1 x along a row; counts are integrals of products
 * of two amplitudes over recoil energy, which the weights of the release spread over bins. The
 * integrals are sums over few nodes with weights that are made once; docs/physics.md eqs. 21, 26,
 * 52 and 54. */
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

/* Basis amplitudes at one node of the template axes; one per thread. The mesh and the model are
 * borrowed; the model is that of the mesh, or a part of it. */
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

/* Renews what changed since the last call. Where memory is out for the finer mesh of a heavy
 * lepton, its templates are NaN. */
void sevens_templates_update(sevens_templates *templates, const sevens_model_point *point);

/* Counts of one process (SEVENS_N_PROCESS: of all) per flux class and channel along a row,
 * A + B x + C x^2; abc is [n_flux][3][n_channel]. */
void sevens_templates_channel_row(const sevens_templates *templates,
                                  const sevens_model_point *point, sevens_process process,
                                  double *abc);
/* The same from the equations, without condensed nodes and without anything kept: slow, for tests.
 */
sevens_status sevens_templates_reference_row(const sevens_mesh *mesh, const sevens_model *model,
                                             const sevens_model_point *point,
                                             sevens_process process, double *abc,
                                             sevens_error *err);
/* What sevens_templates_channel_row counts, summed over processes and flux classes in all bins: abc
 * is [n_variant][3][n_bin]. The first variant is the signal; the others are its changes by the
 * active shape nuisances of the signal, in the order of the release. */
void sevens_templates_row(const sevens_templates *templates, const sevens_model_point *point,
                          double *abc);

#endif
