/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Templates contracted with the couplings of a point or a row, and channels spread over bins.
 * physics.md eqs. 21, 26, 43 and 52. */
#include "sevens/templates.h"
#include "templates_internal.h"
#include <string.h>

/* Adds c_i c_j T_ij (twice for i != j), with c = c0 + c1 x, to A, B, C of one flux class. */
static void contract_pair(sevens_affine a, sevens_affine b, double factor, const double *T,
                          size_t n_all, double *abc)
{
    double A = factor * a.c0 * b.c0;
    double B = factor * (a.c0 * b.c1 + a.c1 * b.c0);
    double C = factor * a.c1 * b.c1;

    if (A == 0.0 && B == 0.0 && C == 0.0)
        return;
    for (size_t e = 0; e < n_all; e++) {
        abc[e] += A * T[e];
        abc[n_all + e] += B * T[e];
        abc[2 * n_all + e] += C * T[e];
    }
}

/* Adds one final state to A, B, C [3][n_all] of a flux class: all counts, or those lost. */
static void contract(const sevens_templates *t, const sevens_section *s, size_t flux_class,
                     const sevens_coupling *coupling, bool lost, double *abc)
{
    size_t n_all = t->mesh->n_all;

    for (size_t p = 0; p < s->n_pair; p++) {
        const sevens_basis_pair *pair = &s->pair[p];
        const sevens_basis_amplitude *i = &s->basis[pair->i], *j = &s->basis[pair->j];

        contract_pair(coupling[i->term].to[i->constituent], coupling[j->term].to[j->constituent],
                      pair->i == pair->j ? 1.0 : 2.0,
                      (lost ? pair->lost : pair->T) + flux_class * n_all, n_all, abc);
    }
}

/* abc += all - (d0 + d1 x + d2 x^2) lost. Only one of depth and counts depends on x, so that no
 * higher powers come. */
static void add_survivors(const sevens_quadratic *d, const double *all, const double *lost,
                          size_t n, double *abc)
{
    for (size_t e = 0; e < n; e++) {
        const double *a = lost + e, *b = a + n, *c = b + n;

        abc[e] += all[e] - d->c0 * *a;
        abc[n + e] += all[n + e] - d->c0 * *b - d->c1 * *a;
        abc[2 * n + e] += all[2 * n + e] - d->c0 * *c - d->c2 * *a;
    }
}

/* Adds the counts of one flux class in a section. */
static void add_flux(const sevens_templates *t, const sevens_section *s, size_t f,
                     const sevens_model_point *point, double *abc)
{
    size_t n_all = t->mesh->n_all;
    sevens_coupling coupling[SEVENS_MODEL_MAX_TERMS];
    bool vanish = sevens_model_disappears(t->model);
    double *all = vanish ? t->vanish : abc, *lost = t->vanish + 3 * n_all;

    memset(t->vanish, 0, 6 * n_all * sizeof *t->vanish);
    for (int final = 0; final < SEVENS_N_FAMILY; final++) {
        if (!(t->transitions & SEVENS_TRANSITION(t->mesh->family[f], final)) ||
            !sevens_model_amplitude(t->model, point, t->mesh->family[f], (sevens_family) final,
                                    coupling))
            continue;
        contract(t, s, f, coupling, false, all);
        if (vanish)
            contract(t, s, f, coupling, true, lost);
    }
    if (vanish) {
        sevens_quadratic depth = sevens_model_depth(t->model, point, t->mesh->family[f]);

        add_survivors(&depth, all, lost, n_all, abc);
    }
}

/* Counts per flux class in all channels, [n_flux][3][n_all]. */
static void contract_all(const sevens_templates *t, const sevens_model_point *point,
                         sevens_process process, double *abc)
{
    const sevens_mesh *mesh = t->mesh;

    memset(abc, 0, 3 * mesh->n_flux * mesh->n_all * sizeof *abc);
    for (size_t i = 0; i < t->n_section; i++) {
        const sevens_section *s = &t->section[i];

        for (size_t f = 0;
             f < mesh->n_flux && (process == s->process || process == SEVENS_N_PROCESS); f++)
            add_flux(t, s, f, point, abc + 3 * f * mesh->n_all);
    }
}

void sevens_templates_channel_row(const sevens_templates *t, const sevens_model_point *point,
                                  sevens_process process, double *abc)
{
    size_t n = t->mesh->n_channel, n_all = t->mesh->n_all;

    contract_all(t, point, process, t->channel);
    for (size_t i = 0; i < 3 * t->mesh->n_flux; i++)
        memcpy(abc + i * n, t->channel + i * n_all, n * sizeof *abc);
}

void sevens_templates_row(const sevens_templates *t, const sevens_model_point *point, double *abc)
{
    const sevens_mesh *mesh = t->mesh;
    const sevens_release *release = mesh->release;
    size_t n_bin = release->n_bin;

    contract_all(t, point, SEVENS_N_PROCESS, t->channel);
    memset(abc, 0, 3 * mesh->n_variant * n_bin * sizeof *abc);
    for (size_t v = 0; v < mesh->n_variant; v++) {
        const sevens_variant *variant = &mesh->variant[v];
        bool spread = variant->shape && variant->shape->of == SEVENS_SHAPE_SPREAD;

        for (size_t f = 0; f < mesh->n_flux; f++) {
            const double *weight = spread ? variant->shape->weight[f] : release->flux[f].weight;
            const double *channel = t->channel + 3 * f * mesh->n_all + variant->offset;

            for (size_t term = 0; term < 3; term++)
                sevens_release_spread(release, weight, channel + term * mesh->n_all,
                                      abc + (3 * v + term) * n_bin);
        }
    }
}
