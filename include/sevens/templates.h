/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All integrals, done once per node of the template axes. With basis amplitudes
 *     b_(s,p) = w_s(Q2) Z F_Z,  b_(s,n) = w_s(Q2) N F_N
 * the templates are T_ij[f][e] = counts in energy bin e from flux class f for Q^2 = b_i b_j; counts
 * at any coupling are contractions sum_ij c_i c_j T_ij. docs/physics.md eqs. 21 and 26. */
#ifndef SEVENS_TEMPLATES_H
#define SEVENS_TEMPLATES_H

#include "sevens/model.h"
#include "sevens/release.h"
#include "sevens/status.h"

/* Quadrature mesh, response and flux moments of one experiment: made once, read by all threads. */
typedef struct sevens_mesh sevens_mesh;
/* signal_scale multiplies all predicted counts (norm_scale of the scan file). */
sevens_status sevens_mesh_create(sevens_mesh **mesh, const sevens_release *release,
                                 const sevens_model *model, double signal_scale, sevens_error *err);
void sevens_mesh_destroy(sevens_mesh **mesh);

/* Templates at one node of the template axes; one per thread. The model is borrowed. */
typedef struct sevens_templates sevens_templates;
sevens_status sevens_templates_create(sevens_templates **templates, const sevens_mesh *mesh,
                                      const sevens_model *model, sevens_error *err);
void sevens_templates_destroy(sevens_templates **templates);

/* Integrates what changed since the last call. */
void sevens_templates_update(sevens_templates *templates, const sevens_model_point *point);

/* Counts per flux class and energy bin along a row, A + B x + C x^2; abc is [n_flux][3][n_energy].
 */
void sevens_templates_energy_row(const sevens_templates *templates, const sevens_model_point *point,
                                 double *abc);
/* The same summed over flux classes in all bins: abc is [3][n_bin], energy slowest. */
void sevens_templates_row(const sevens_templates *templates, const sevens_model_point *point,
                          double *abc);

#endif
