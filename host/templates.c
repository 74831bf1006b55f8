/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Templates T_ij and their contraction with couplings. A section is what shares nodes: nuclei,
 * electrons, and each term that makes a heavy lepton, whose nodes follow its mass. Channels of all
 * variants of the signal are integrated together. physics.md eqs. 21, 26 and 43. */
#include "sevens/templates.h"
#include "sevens/constants.h"
#include "sevens/xsec.h"
#include "templates_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- making them ---- */

static unsigned constituents(sevens_process process)
{
    return process == SEVENS_ES ? SEVENS_ON_ELECTRON : SEVENS_ON_PROTON | SEVENS_ON_NEUTRON;
}

/* Whether a term counts in a section. */
static bool belongs(const sevens_model *model, const sevens_section *s, size_t t)
{
    if (sevens_model_has_final_mass(model, t) ? t != s->heavy_term : s->heavy_term != 0)
        return false;
    return sevens_model_term(model, t)->on & constituents(s->process);
}

static sevens_status make_basis(sevens_templates *t, sevens_section *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_terms = sevens_model_n_terms(t->model);

    s->basis = calloc(n_terms * SEVENS_N_CONSTITUENT, sizeof *s->basis);
    SEVENS_TRY_ALLOC(s->basis);
    for (size_t term = 0; term < n_terms; term++) {
        unsigned on = sevens_model_term(t->model, term)->on & constituents(s->process);

        for (int c = 0; c < SEVENS_N_CONSTITUENT && belongs(t->model, s, term); c++) {
            if (!(on & 1u << c))
                continue;
            s->basis[s->n_basis++] = (sevens_basis_amplitude){term, (sevens_constituent)c, NULL};
        }
    }
cleanup:
    return status;
}

static sevens_status make_pairs(sevens_templates *t, sevens_section *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t cell = t->mesh->n_flux * t->mesh->n_all;
    bool vanish = sevens_model_disappears(t->model);

    s->pair = calloc(s->n_basis * (s->n_basis + 1) / 2 + 1, sizeof *s->pair);
    SEVENS_TRY_ALLOC(s->pair);
    for (size_t i = 0; i < s->n_basis; i++) {
        for (size_t j = i; j < s->n_basis; j++) {
            sevens_product product =
                sevens_model_product(t->model, s->basis[i].term, s->basis[j].term);
            sevens_basis_pair *pair = &s->pair[s->n_pair];

            if (product == SEVENS_PRODUCT_NONE)
                continue;
            *pair = (sevens_basis_pair){i, j, product, NULL, NULL};
            s->n_pair++;
            SEVENS_TRY_ALLOC(pair->T = calloc(cell, sizeof *pair->T));
            if (vanish)
                SEVENS_TRY_ALLOC(pair->lost = calloc(cell, sizeof *pair->lost));
        }
    }
cleanup:
    return status;
}

/* An array of n numbers in the place of another, whose contents are lost; it stays on failure. */
static sevens_status renew(double **array, size_t n, sevens_error *err)
{
    double *fresh = malloc(n * sizeof *fresh);

    if (!fresh)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    free(*array);
    *array = fresh;
    return SEVENS_OK;
}

/* Room for what stands at the nodes of a section; what stood there is lost where it grows. */
static sevens_status reserve_nodes(sevens_templates *t, sevens_section *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = s->block->capacity;
    bool vanish = sevens_model_disappears(t->model);

    if (n > t->capacity) {
        SEVENS_TRY(renew(&t->scratch, SEVENS_GROUP * n, err));
        if (vanish)
            SEVENS_TRY(renew(&t->moment, 3 * n, err));
        t->capacity = n;
    }
    if (n <= s->capacity)
        return SEVENS_OK;
    for (size_t i = 0; i < s->n_basis; i++)
        SEVENS_TRY(renew(&s->basis[i].value, n, err));
    SEVENS_TRY(renew(&s->charge, SEVENS_N_CHARGE * n, err));
    for (int p = 0; p < SEVENS_N_PRODUCT; p++) {
        if (s->weighs[p])
            SEVENS_TRY(renew(&s->weighed[p], t->mesh->n_flux * n, err));
    }
    s->capacity = n;
cleanup:
    return status;
}

/* heavy_term: the term with a final mass that the section is for, or 0. */
static sevens_status add_section(sevens_templates *t, sevens_process process, size_t heavy_term,
                                 sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_section *s = &t->section[t->n_section];

    if (t->n_section == SEVENS_MAX_SECTIONS)
        return sevens_fail(err, SEVENS_ERR_INPUT, "too many kinds with a heavy lepton");
    *s = (sevens_section){.process = process, .heavy_term = heavy_term};
    t->n_section++;
    s->block = &t->mesh->block[process];
    if (heavy_term) {
        sevens_block_init(&s->own, process, true);
        s->block = &s->own;
    }
    SEVENS_TRY(make_basis(t, s, err));
    SEVENS_TRY(make_pairs(t, s, err));
    for (size_t p = 0; p < s->n_pair && sevens_model_disappears(t->model); p++)
        s->weighs[s->pair[p].product] = true;
    SEVENS_TRY(reserve_nodes(t, s, err));
cleanup:
    return status;
}

sevens_status sevens_templates_create(sevens_templates **out, const sevens_mesh *mesh,
                                      const sevens_model *model, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_templates *t = calloc(1, sizeof *t);

    *out = NULL;
    SEVENS_TRY_ALLOC(t);
    t->mesh = mesh;
    t->model = model;
    t->fresh = true;
    t->transitions = SEVENS_ALL_TRANSITIONS;
    t->n_parameters = sevens_model_n_parameters(model);
    SEVENS_TRY_ALLOC(t->value = calloc(t->n_parameters, sizeof *t->value));
    t->channel = calloc(3 * mesh->n_flux * mesh->n_all, sizeof *t->channel);
    SEVENS_TRY_ALLOC(t->channel);
    SEVENS_TRY_ALLOC(t->vanish = calloc(6 * mesh->n_all, sizeof *t->vanish));
    SEVENS_TRY(add_section(t, SEVENS_CEVNS, 0, err));
    if (mesh->has[SEVENS_ES])
        SEVENS_TRY(add_section(t, SEVENS_ES, 0, err));
    for (size_t term = 0; term < sevens_model_n_terms(model); term++) {
        if (sevens_model_has_final_mass(model, term))
            SEVENS_TRY(add_section(t, SEVENS_CEVNS, term, err));
    }
    *out = t;
    t = NULL;
cleanup:
    sevens_templates_destroy(&t);
    return status;
}

static void free_section(sevens_section *s)
{
    for (size_t i = 0; i < s->n_basis; i++)
        free(s->basis[i].value);
    for (size_t p = 0; p < s->n_pair; p++) {
        free(s->pair[p].T);
        free(s->pair[p].lost);
    }
    for (int p = 0; p < SEVENS_N_PRODUCT; p++)
        free(s->weighed[p]);
    free(s->basis);
    free(s->pair);
    free(s->charge);
    sevens_block_free(&s->own);
}

void sevens_templates_restrict(sevens_templates *templates, unsigned transitions)
{
    templates->transitions = transitions;
}

void sevens_templates_destroy(sevens_templates **templates)
{
    sevens_templates *t = *templates;

    if (!t)
        return;
    for (size_t i = 0; i < t->n_section; i++)
        free_section(&t->section[i]);
    free(t->value);
    free(t->scratch);
    free(t->moment);
    free(t->channel);
    free(t->vanish);
    free(t);
    *templates = NULL;
}

/* ---- integrals ---- */

/* Z F_Z, N F_N and so on at every node. */
static void update_charges(sevens_templates *t, sevens_section *s, const sevens_model_point *point)
{
    const sevens_block *block = s->block;

    for (size_t i = 0; i < t->mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(t->mesh, s->process, i);

        for (size_t k = block->first[i]; k < block->first[i + 1]; k++) {
            double charge[SEVENS_N_CHARGE];

            sevens_target_charges(t->model, point, &target, block->q2[k], charge);
            for (size_t c = 0; c < SEVENS_N_CHARGE; c++)
                s->charge[c * block->capacity + k] = charge[c];
        }
    }
}

/* b_i at every node; t->scratch holds w of its term. */
static void update_amplitude(sevens_templates *t, sevens_section *s, sevens_basis_amplitude *b)
{
    sevens_current current = sevens_model_term(t->model, b->term)->current;
    const double *charge =
        s->charge + (size_t)sevens_charge_index(current, b->constituent) * s->block->capacity;

    for (size_t k = 0; k < s->block->n_node; k++)
        b->value[k] = t->scratch[k] * charge[k];
}

static void update_shape(sevens_templates *t, const sevens_section *s, size_t term,
                         const sevens_model_point *point)
{
    const sevens_block *block = s->block;

    for (size_t i = 0; i < t->mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(t->mesh, s->process, i);
        size_t first = block->first[i];

        sevens_model_shape(t->model, point, term, &target, block->first[i + 1] - first,
                           block->q2 + first, t->scratch + first);
    }
}

/* sum[g] += sum over nodes of measure rate[g]: all at once, because measures come from far. */
static void integrate_range(const double *measure, sevens_node_range range, const double *rate,
                            size_t capacity, double sum[SEVENS_GROUP])
{
    const double *r0 = rate, *r1 = r0 + capacity, *r2 = r1 + capacity, *r3 = r2 + capacity;
    double s0 = 0.0, s1 = 0.0, s2 = 0.0, s3 = 0.0;

#pragma omp simd reduction(+ : s0, s1, s2, s3)
    for (size_t m = range.lo; m < range.hi; m++) {
        s0 += measure[m] * r0[m];
        s1 += measure[m] * r1[m];
        s2 += measure[m] * r2[m];
        s3 += measure[m] * r3[m];
    }
    sum[0] += s0;
    sum[1] += s1;
    sum[2] += s2;
    sum[3] += s3;
}

/* One integral: out[f][e] = sum over nodes of measure[e] kinetic[f] b_i b_j. */
typedef struct integral {
    const sevens_basis_pair *pair;
    const double *kinetic;
    double *out;
} integral;

/* The rates of a group of integrals in a flux class; those that are missing are 0. */
static void fill_rates(sevens_templates *t, const sevens_section *s, const integral *group,
                       size_t n, size_t f)
{
    size_t n_node = s->block->n_node;

    for (size_t g = 0; g < SEVENS_GROUP; g++) {
        double *rate = t->scratch + g * t->capacity;

        if (g >= n) {
            memset(rate, 0, n_node * sizeof *rate);
            continue;
        }
        const double *k = group[g].kinetic + f * s->block->capacity;
        const double *b_i = s->basis[group[g].pair->i].value;
        const double *b_j = s->basis[group[g].pair->j].value;

        for (size_t m = 0; m < n_node; m++)
            rate[m] = k[m] * b_i[m] * b_j[m];
    }
}

static void integrate(sevens_templates *t, const sevens_section *s, const integral *group, size_t n)
{
    const sevens_block *block = s->block;
    size_t n_all = t->mesh->n_all;

    for (size_t f = 0; f < t->mesh->n_flux && n > 0; f++) {
        fill_rates(t, s, group, n, f);
        for (size_t e = 0; e < n_all; e++) {
            double sum[SEVENS_GROUP] = {0.0};

            for (size_t i = 0; i < t->mesh->release->n_target; i++)
                integrate_range(block->measure + e * block->capacity, block->range[i * n_all + e],
                                t->scratch, t->capacity, sum);
            for (size_t g = 0; g < n; g++)
                group[g].out[f * n_all + e] = sum[g];
        }
    }
}

static void update_disappearance(sevens_templates *t, sevens_section *s,
                                 const sevens_model_point *point)
{
    sevens_baseline baseline = {t->mesh->flux.baseline_m, t->mesh->flux.spread_m};
    sevens_oscillation way = sevens_model_oscillation(t->model, point, &baseline);
    sevens_flux_weight weight = {true, way.phase_MeV, way.slow_MeV, NULL};

    sevens_block_weigh(s->block, t->mesh, &weight, (double(*)[3])t->moment, s->weighed);
}

/* The nodes of a heavy lepton's mass. Without memory for them its templates are NaN, which no fit
 * takes for counts. */
static void update_nodes(sevens_templates *t, sevens_section *s, const sevens_model_point *point)
{
    double m4 = sevens_model_final_mass_MeV(t->model, point, s->heavy_term);
    size_t cell = t->mesh->n_flux * t->mesh->n_all;

    s->broken = sevens_block_fill(&s->own, t->mesh, m4, NULL) != SEVENS_OK ||
                reserve_nodes(t, s, NULL) != SEVENS_OK;
    for (size_t p = 0; p < s->n_pair && s->broken; p++) {
        for (size_t i = 0; i < cell; i++) {
            s->pair[p].T[i] = NAN;
            if (s->pair[p].lost)
                s->pair[p].lost[i] = NAN;
        }
    }
}

/* Shapes and amplitudes of the terms that changed; says which did. */
static void update_amplitudes(sevens_templates *t, sevens_section *s,
                              const sevens_model_point *point, bool structure, bool *changed)
{
    for (size_t i = 0; i < s->n_basis; i++) {
        size_t term = s->basis[i].term;
        bool first = i == 0 || s->basis[i - 1].term != term;

        if (first)
            changed[term] =
                structure || !sevens_model_same_shape(t->model, term, t->value, point->value);
        if (first && changed[term])
            update_shape(t, s, term, point);
        if (changed[term])
            update_amplitude(t, s, &s->basis[i]);
    }
}

/* Integrates the pairs with a term that changed, and what vanishes of them. */
static void integrate_changed(sevens_templates *t, const sevens_section *s, const bool *changed,
                              bool way)
{
    bool vanish = sevens_model_disappears(t->model);
    integral group[SEVENS_GROUP + 1];
    size_t n = 0;

    for (size_t p = 0; p < s->n_pair; p++) {
        const sevens_basis_pair *pair = &s->pair[p];
        bool new = changed[s->basis[pair->i].term] || changed[s->basis[pair->j].term];

        if (new)
            group[n++] = (integral){pair, s->block->kinetic[pair->product], pair->T};
        if (vanish && (new || way))
            group[n++] = (integral){pair, s->weighed[pair->product], pair->lost};
        if (n >= SEVENS_GROUP) {
            integrate(t, s, group, SEVENS_GROUP);
            n -= SEVENS_GROUP;
            if (n > 0)
                group[0] = group[SEVENS_GROUP];
        }
    }
    integrate(t, s, group, n);
}

/* Integrates what changed: the nodes of a heavy lepton, structure, shapes, disappearance. */
static void update_section(sevens_templates *t, sevens_section *s, const sevens_model_point *point)
{
    bool changed[SEVENS_MODEL_MAX_TERMS] = {false}, vanish = sevens_model_disappears(t->model);
    bool nodes = s->heavy_term && (t->fresh || !sevens_model_same_shape(t->model, s->heavy_term,
                                                                        t->value, point->value));
    bool structure =
        t->fresh || nodes || !sevens_model_same_shape(t->model, 0, t->value, point->value);
    bool way = vanish && (t->fresh || nodes ||
                          !sevens_model_same_disappearance(t->model, t->value, point->value));

    if (nodes)
        update_nodes(t, s, point);
    if (s->broken)
        return;
    if (structure)
        update_charges(t, s, point);
    if (way)
        update_disappearance(t, s, point);
    update_amplitudes(t, s, point, structure, changed);
    integrate_changed(t, s, changed, way);
}

void sevens_templates_update(sevens_templates *t, const sevens_model_point *point)
{
    for (size_t i = 0; i < t->n_section; i++)
        update_section(t, &t->section[i], point);
    memcpy(t->value, point->value, t->n_parameters * sizeof *t->value);
    t->fresh = false;
}
