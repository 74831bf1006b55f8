/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts straight from physics.md eqs. 21, 26 and 43: every amplitude at every node of the mesh,
 * anew for every point. Tests hold host/templates_row.c to it. */
#include "mesh.h"
#include "sevens/templates.h"
#include "sevens/xsec.h"
#include <stdlib.h>
#include <string.h>

/* Counts of one process, or of one term with a heavy lepton. */
typedef struct sum {
    const sevens_mesh *mesh;
    const sevens_model *model;
    const sevens_model_point *point;
    const sevens_block *block;
    size_t heavy_term;                 /* 0: none */
    double *weighed[SEVENS_N_PRODUCT]; /* kinetic with the probability to vanish */
    double *abc;                       /* [n_flux][3][n_channel] */
} sum;

/* A, B, C */
static void add_product(sevens_affine a, sevens_affine b, double factor, double *rate)
{
    rate[0] += factor * a.c0 * b.c0;
    rate[1] += factor * (a.c0 * b.c1 + a.c1 * b.c0);
    rate[2] += factor * a.c1 * b.c1;
}

/* Amplitude of a term at a node; 0 where it does not belong to the sum. */
static sevens_affine amplitude(const sum *s, const sevens_target *target, size_t node, size_t t,
                               const sevens_coupling *coupling)
{
    const sevens_term *term = sevens_model_term(s->model, t);
    double w, charge[SEVENS_N_CHARGE];
    sevens_affine total = {0.0, 0.0};

    if (sevens_model_has_final_mass(s->model, t) ? t != s->heavy_term : s->heavy_term != 0)
        return total;
    sevens_target_charges(s->model, s->point, target, s->block->q2[node], charge);
    for (int c = 0; c < SEVENS_N_CONSTITUENT; c++) {
        if (term->on & 1u << c)
            total = sevens_affine_add(
                total, sevens_affine_scale(
                           coupling[t].to[c],
                           charge[sevens_charge_index(term->current, (sevens_constituent)c)]));
    }
    if (total.c0 == 0.0 && total.c1 == 0.0)
        return total; /* a shape may not exist where nothing couples */
    sevens_model_shape(s->model, s->point, t, target, 1, &s->block->q2[node], &w);
    return sevens_affine_scale(total, w);
}

/* Rates A, B, C of a flux class at a node with some flux moments, all final states together. */
static void node_rate(const sum *s, const sevens_target *target, size_t node, size_t f,
                      double *const kinetic[SEVENS_N_PRODUCT], double *rate)
{
    sevens_coupling coupling[SEVENS_MODEL_MAX_TERMS];
    sevens_affine a[SEVENS_MODEL_MAX_TERMS];
    size_t n = sevens_model_n_terms(s->model);

    for (int final = 0; final < SEVENS_N_FAMILY; final++) {
        if (!sevens_model_amplitude(s->model, s->point, s->mesh->family[f], (sevens_family) final,
                                    coupling))
            continue;
        for (size_t t = 0; t < n; t++) {
            a[t] = amplitude(s, target, node, t, coupling);
            for (size_t u = 0; u <= t; u++) {
                sevens_product product = sevens_model_product(s->model, t, u);

                if (product != SEVENS_PRODUCT_NONE && kinetic[product])
                    add_product(a[t], a[u],
                                (u < t ? 2.0 : 1.0) *
                                    kinetic[product][f * s->block->capacity + node],
                                rate);
            }
        }
    }
}

/* Adds a node of a target to the counts of a flux class; eq. 43: without what vanished. */
static void add_node(const sum *s, const sevens_target *target, size_t node, size_t f)
{
    const double *measure = s->block->measure + node * s->mesh->stride;
    size_t n = s->mesh->n_channel;
    double rate[3] = {0.0}, lost[3] = {0.0};

    node_rate(s, target, node, f, s->block->kinetic, rate);
    if (sevens_model_disappears(s->model)) {
        sevens_quadratic d = sevens_model_depth(s->model, s->point, s->mesh->family[f]);

        node_rate(s, target, node, f, s->weighed, lost);
        rate[2] -= d.c0 * lost[2] + d.c2 * lost[0];
        rate[1] -= d.c0 * lost[1] + d.c1 * lost[0];
        rate[0] -= d.c0 * lost[0];
    }
    for (size_t i = 0; i < 3; i++) {
        for (size_t e = 0; e < n; e++)
            s->abc[(3 * f + i) * n + e] += measure[e] * rate[i];
    }
}

static void add_block(const sum *s)
{
    for (size_t i = 0; i < s->mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(s->mesh, s->block->process, i);

        for (size_t node = s->block->first[i]; node < s->block->first[i + 1]; node++) {
            for (size_t f = 0; f < s->mesh->n_flux; f++)
                add_node(s, &target, node, f);
        }
    }
}

/* Flux moments with the probability to vanish on the way. */
static sevens_status weigh(sum *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_mesh *mesh = s->mesh;
    sevens_baseline baseline = {mesh->flux.baseline_m, mesh->flux.spread_m};
    sevens_oscillation way = sevens_model_oscillation(s->model, s->point, &baseline);
    sevens_flux_weight weight = {true, way.phase_MeV, way.slow_MeV, NULL};
    double *moment = malloc((3 * s->block->n_node + 1) * sizeof *moment);

    SEVENS_TRY_ALLOC(moment);
    for (int p = 0; p < SEVENS_N_PRODUCT; p++) {
        if (!s->block->kinetic[p])
            continue;
        s->weighed[p] = malloc((mesh->n_flux * s->block->capacity + 1) * sizeof *s->weighed[p]);
        SEVENS_TRY_ALLOC(s->weighed[p]);
    }
    sevens_block_weigh(s->block, mesh, &weight, NULL, (double(*)[3])moment, s->weighed);
cleanup:
    free(moment);
    return status;
}

static sevens_status add_section(sum *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    if (sevens_model_disappears(s->model))
        SEVENS_TRY(weigh(s, err));
    add_block(s);
cleanup:
    for (int p = 0; p < SEVENS_N_PRODUCT; p++)
        free(s->weighed[p]);
    return status;
}

sevens_status sevens_templates_reference_row(const sevens_mesh *mesh, const sevens_model *model,
                                             const sevens_model_point *point,
                                             sevens_process process, double *abc, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_block heavy = {0};

    sevens_block_init(&heavy, SEVENS_CEVNS, true);
    memset(abc, 0, 3 * mesh->n_flux * mesh->n_channel * sizeof *abc);
    for (int p = 0; p < SEVENS_N_PROCESS; p++) {
        sum s = {
            .mesh = mesh, .model = model, .point = point, .block = &mesh->block[p], .abc = abc};

        if (mesh->has[p] && (process == (sevens_process)p || process == SEVENS_N_PROCESS))
            SEVENS_TRY(add_section(&s, err));
    }
    for (size_t t = 0; t < sevens_model_n_terms(model) && process != SEVENS_ES; t++) {
        sum s = {.mesh = mesh,
                 .model = model,
                 .point = point,
                 .block = &heavy,
                 .heavy_term = t,
                 .abc = abc};

        if (!sevens_model_has_final_mass(model, t))
            continue;
        SEVENS_TRY(
            sevens_block_fill(&heavy, mesh, sevens_model_final_mass_MeV(model, point, t), err));
        SEVENS_TRY(add_section(&s, err));
    }
cleanup:
    sevens_block_free(&heavy);
    return status;
}
