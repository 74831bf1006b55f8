/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Basis amplitudes at the nodes. A section is what shares nodes: nuclei, electrons, and each term
 * that makes a heavy lepton, whose nodes follow its mass. physics.md eqs. 26, 43 and 54. */
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

/* The group of a term: those whose amplitudes add up before they are squared. */
static size_t group_of(const sevens_model *model, sevens_section *s, size_t term)
{
    sevens_current current = sevens_model_term(model, term)->current;

    for (size_t g = 0; g < s->n_group; g++) {
        size_t other = s->first_term[g];

        if (sevens_model_term(model, other)->current == current &&
            sevens_model_product(model, term, other) != SEVENS_PRODUCT_NONE)
            return g;
    }
    s->first_term[s->n_group] = term;
    return s->n_group++;
}

static sevens_status make_basis(sevens_templates *t, sevens_section *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_terms = sevens_model_n_terms(t->model);

    s->basis = calloc(n_terms * SEVENS_N_CONSTITUENT, sizeof *s->basis);
    SEVENS_TRY_ALLOC(s->basis);
    for (size_t i = 0; i < n_terms; i++) {
        const sevens_term *term = sevens_model_term(t->model, i);

        for (int c = 0; c < SEVENS_N_CONSTITUENT && belongs(t->model, s, i); c++) {
            if (!(term->on & constituents(s->process) & 1u << c))
                continue;
            s->uses[sevens_charge_index(term->current, (sevens_constituent)c)] = true;
            s->basis[s->n_basis++] = (sevens_basis_amplitude){
                .term = i, .constituent = (sevens_constituent)c, .group = group_of(t->model, s, i)};
        }
    }
cleanup:
    return status;
}

static sevens_status make_products(sevens_templates *t, sevens_section *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    s->product = calloc(s->n_group * (s->n_group + 1) / 2 + 1, sizeof *s->product);
    SEVENS_TRY_ALLOC(s->product);
    for (size_t a = 0; a < s->n_group; a++) {
        for (size_t b = a; b < s->n_group; b++) {
            sevens_product product =
                sevens_model_product(t->model, s->first_term[a], s->first_term[b]);

            if (product == SEVENS_PRODUCT_NONE)
                continue;
            s->product[s->n_product++] = (sevens_group_product){a, b, product, a == b ? 1.0 : 2.0};
        }
    }
cleanup:
    return status;
}

/* An array of n numbers in the place of another, whose contents are lost; it stays on failure. */
static sevens_status renew(double **array, size_t n, sevens_error *err)
{
    double *fresh = sevens_tiles_alloc(n);

    if (!fresh)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    free(*array);
    *array = fresh;
    return SEVENS_OK;
}

/* Room for the work on n nodes. */
static sevens_status reserve_scratch(sevens_templates *t, size_t n, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    if (n <= t->capacity)
        return SEVENS_OK;
    SEVENS_TRY(renew(&t->shape, n, err));
    SEVENS_TRY(renew(&t->amplitude, n * 2 * SEVENS_MODEL_MAX_TERMS, err));
    SEVENS_TRY(renew(&t->rate, n * SEVENS_N_PRODUCT * SEVENS_ROW_TERMS, err));
    t->capacity = n;
cleanup:
    return status;
}

/* Room for what stands at the nodes of a section; what stood there is lost where it grows. */
static sevens_status reserve_nodes(sevens_templates *t, sevens_section *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = s->condensed->n_node;

    SEVENS_TRY(reserve_scratch(t, n, err));
    if (n <= s->capacity)
        return SEVENS_OK;
    for (size_t i = 0; i < s->n_basis; i++)
        SEVENS_TRY(renew(&s->basis[i].value, n, err));
    for (size_t i = 0; i < s->n_basis; i++)
        SEVENS_TRY(renew(&s->basis[i].fixed, n, err));
    SEVENS_TRY(renew(&s->charge, SEVENS_N_CHARGE * n, err));
    SEVENS_TRY(renew(&s->surface, n, err));
    SEVENS_TRY(renew(&s->F_Z, n, err));
    SEVENS_TRY(renew(&s->F_N, n, err));
    s->capacity = n;
cleanup:
    return status;
}

static void free_sweeps(const sevens_mesh *mesh, sevens_section *s)
{
    for (size_t i = 0; s->sweep && i < mesh->release->n_target * mesh->n_flux; i++)
        sevens_flux_sweep_destroy(&s->sweep[i]);
    free(s->sweep);
    s->sweep = NULL;
}

static sevens_status make_sweeps(const sevens_mesh *mesh, sevens_section *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const size_t *first = s->block->first;

    free_sweeps(mesh, s);
    s->sweep = calloc(mesh->release->n_target * mesh->n_flux, sizeof *s->sweep);
    SEVENS_TRY_ALLOC(s->sweep);
    for (size_t i = 0; i < mesh->release->n_target; i++) {
        for (size_t f = 0; f < mesh->n_flux; f++)
            SEVENS_TRY(sevens_flux_sweep_create(&s->sweep[i * mesh->n_flux + f], &mesh->flux, f,
                                                first[i + 1] - first[i], s->block->e_min + first[i],
                                                err));
    }
cleanup:
    return status;
}

/* Room for the weights of what vanishes of a section. */
static sevens_status reserve_lost(sevens_templates *t, sevens_section *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_flux = t->mesh->n_flux, n = 3 * s->block->n_node;

    if (!sevens_model_disappears(t->model))
        return SEVENS_OK;
    SEVENS_TRY(make_sweeps(t->mesh, s, err));
    if (n > t->moment_capacity) {
        SEVENS_TRY(renew(&t->moment, n, err));
        t->moment_capacity = n;
    }
    for (size_t p = 0; p < s->n_product; p++) {
        sevens_product product = s->product[p].product;

        SEVENS_TRY(renew(&s->weighed[product], n_flux * s->block->capacity, err));
        SEVENS_TRY(renew(&s->lost[product], n_flux * s->condensed->n_node * t->mesh->stride, err));
    }
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
    s->condensed = &t->mesh->condensed[process];
    if (heavy_term) {
        sevens_block_init(&s->own, process, true);
        s->block = &s->own;
        s->condensed = &s->own_condensed;
    }
    SEVENS_TRY(make_basis(t, s, err));
    SEVENS_TRY(make_products(t, s, err));
    SEVENS_TRY(reserve_nodes(t, s, err));
    SEVENS_TRY(reserve_lost(t, s, err));
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
    t->kernels = sevens_condense_kernels_best();
    t->channel = calloc(SEVENS_ROW_TERMS * mesh->n_flux * mesh->stride, sizeof *t->channel);
    SEVENS_TRY_ALLOC(t->channel);
    SEVENS_TRY_ALLOC(t->vanish = calloc(mesh->stride * 2 * SEVENS_ROW_TERMS, sizeof *t->vanish));
    t->group = calloc(SEVENS_ROW_TERMS * mesh->n_flux * mesh->n_channel, sizeof *t->group);
    SEVENS_TRY_ALLOC(t->group);
    t->coupling = calloc(SEVENS_N_FAMILY * sevens_model_n_terms(model), sizeof *t->coupling);
    SEVENS_TRY_ALLOC(t->coupling);
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

static void free_section(const sevens_mesh *mesh, sevens_section *s)
{
    free_sweeps(mesh, s);
    for (size_t i = 0; i < s->n_basis; i++) {
        free(s->basis[i].value);
        free(s->basis[i].fixed);
    }
    for (int p = 0; p < SEVENS_N_PRODUCT; p++) {
        free(s->weighed[p]);
        free(s->lost[p]);
    }
    free(s->basis);
    free(s->product);
    free(s->charge);
    free(s->surface);
    free(s->F_Z);
    free(s->F_N);
    sevens_block_free(&s->own);
    sevens_condensed_free(&s->own_condensed);
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
        free_section(t->mesh, &t->section[i]);
    free(t->value);
    free(t->shape);
    free(t->amplitude);
    free(t->rate);
    free(t->moment);
    free(t->channel);
    free(t->vanish);
    free(t->group);
    free(t->coupling);
    free(t);
    *templates = NULL;
}

/* ---- amplitudes ---- */

/* A form factor at the nodes of target i, when its radius is not the one that it was made for. */
static bool update_form_factor(const sevens_templates *t, const sevens_section *s, size_t i,
                               double R_fm, double *made_for, double *F)
{
    size_t first = s->condensed->first[i], n = s->condensed->first[i + 1] - first;
    const sevens_nucleus *nucleus = t->mesh->release->target[i].nucleus;

    if (R_fm == *made_for)
        return false;
    sevens_form_factors(t->model, nucleus, R_fm, n, s->condensed->q2 + first, s->surface + first,
                        F + first);
    *made_for = R_fm;
    return true;
}

/* Z F_Z, N F_N and so on at every node; for electrons 1. */
static void update_charges(sevens_templates *t, sevens_section *s, const sevens_model_point *point)
{
    for (size_t i = 0; i < t->mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(t->mesh, s->process, i);
        double R_p, R_n;
        bool changed;

        if (s->process == SEVENS_CEVNS) {
            sevens_model_radii(t->model, point, target.nucleus, &R_p, &R_n);
            changed = update_form_factor(t, s, i, R_p, &s->radius_p[i], s->F_Z);
            changed |= update_form_factor(t, s, i, R_n, &s->radius_n[i], s->F_N);
            if (!changed)
                continue;
        }
        for (int c = 0; c < SEVENS_N_CHARGE; c++) {
            double charge = sevens_target_charge(&target, c);
            const double *F = c == SEVENS_CHARGE_N ? s->F_N : s->F_Z;

            if (!s->uses[c])
                continue;
            for (size_t k = s->condensed->first[i]; k < s->condensed->first[i + 1]; k++)
                s->charge[(size_t)c * s->capacity + k] = charge * F[k];
        }
    }
}

/* Form factors have to be made anew, at new nodes; those of electrons are 1. */
static void forget_charges(const sevens_templates *t, sevens_section *s)
{
    for (size_t i = 0; i < t->mesh->release->n_target; i++)
        s->radius_p[i] = s->radius_n[i] = NAN;
    sevens_form_factor_surface(t->model, s->condensed->n_node, s->condensed->q2, s->surface);
    for (size_t k = 0; k < s->condensed->n_node; k++)
        s->F_Z[k] = s->F_N[k] = 1.0;
}

/* b_i at every node; t->shape holds w of its term. */
static void update_amplitude(sevens_templates *t, sevens_section *s, sevens_basis_amplitude *b)
{
    sevens_current current = sevens_model_term(t->model, b->term)->current;
    const double *charge =
        s->charge + (size_t)sevens_charge_index(current, b->constituent) * s->capacity;

    for (size_t k = 0; k < s->condensed->n_node; k++)
        b->value[k] = t->shape[k] * charge[k];
}

/* t->shape = w of a term; `fixed` is its factor that no parameter changes, or NULL. */
static void update_shape(sevens_templates *t, const sevens_section *s, size_t term,
                         const double *fixed, const sevens_model_point *point)
{
    const sevens_condensed *nodes = s->condensed;

    for (size_t i = 0; i < t->mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(t->mesh, s->process, i);
        size_t first = nodes->first[i], n = nodes->first[i + 1] - first;

        if (n > 0)
            sevens_model_shape_from(t->model, point, term, &target, n, nodes->q2 + first,
                                    fixed ? fixed + first : NULL, t->shape + first);
    }
}

/* What no parameter changes of the shapes, at new nodes. */
static void fix_shapes(const sevens_templates *t, sevens_section *s)
{
    const sevens_condensed *nodes = s->condensed;

    for (size_t b = 0; b < s->n_basis; b++) {
        s->basis[b].has_fixed = false;
        for (size_t i = 0; i < t->mesh->release->n_target; i++) {
            sevens_target target = sevens_mesh_target(t->mesh, s->process, i);
            size_t first = nodes->first[i];

            s->basis[b].has_fixed |= sevens_model_fixed_shape(
                t->model, s->basis[b].term, &target, nodes->first[i + 1] - first, nodes->q2 + first,
                s->basis[b].fixed + first);
        }
    }
}

/* Shapes and amplitudes of the terms that changed. */
static void update_amplitudes(sevens_templates *t, sevens_section *s,
                              const sevens_model_point *point, bool structure)
{
    bool changed = false;

    for (size_t i = 0; i < s->n_basis; i++) {
        size_t term = s->basis[i].term;
        bool first = i == 0 || s->basis[i - 1].term != term;

        if (first)
            changed = structure || !sevens_model_same_shape(t->model, term, t->value, point->value);
        if (first && changed)
            update_shape(t, s, term, s->basis[i].has_fixed ? s->basis[i].fixed : NULL, point);
        if (changed)
            update_amplitude(t, s, &s->basis[i]);
    }
}

/* Weights of what vanishes. */
static void update_disappearance(sevens_templates *t, sevens_section *s,
                                 const sevens_model_point *point)
{
    sevens_baseline baseline = {t->mesh->flux.baseline_m, t->mesh->flux.spread_m};
    sevens_oscillation way = sevens_model_oscillation(t->model, point, &baseline);
    sevens_flux_weight weight = {true, way.phase_MeV, way.slow_MeV, NULL};

    sevens_block_weigh(s->block, t->mesh, &weight, s->sweep, (double(*)[3])t->moment, s->weighed);
    sevens_condensed_weigh(s->condensed, s->block, t->mesh, s->weighed, s->lost);
}

/* The nodes of a heavy lepton's mass. Without memory for them its counts are NaN, which no fit
 * takes for counts. */
static void update_nodes(sevens_templates *t, sevens_section *s, const sevens_model_point *point)
{
    double m4 = sevens_model_final_mass_MeV(t->model, point, s->heavy_term);

    s->broken = sevens_block_fill(&s->own, t->mesh, m4, NULL) != SEVENS_OK ||
                sevens_condensed_fill(&s->own_condensed, &s->own, t->mesh, NULL) != SEVENS_OK ||
                reserve_nodes(t, s, NULL) != SEVENS_OK || reserve_lost(t, s, NULL) != SEVENS_OK;
}

/* Renews what changed: the nodes of a heavy lepton, structure, shapes, disappearance. */
static void update_section(sevens_templates *t, sevens_section *s, const sevens_model_point *point)
{
    bool vanish = sevens_model_disappears(t->model);
    bool nodes = s->heavy_term && (t->fresh || !sevens_model_same_shape(t->model, s->heavy_term,
                                                                        t->value, point->value));
    bool structure =
        t->fresh || nodes || !sevens_model_same_shape(t->model, 0, t->value, point->value);

    if (nodes)
        update_nodes(t, s, point);
    if (s->broken)
        return;
    if (t->fresh || nodes) {
        forget_charges(t, s);
        fix_shapes(t, s);
    }
    if (structure)
        update_charges(t, s, point);
    if (vanish &&
        (t->fresh || nodes || !sevens_model_same_disappearance(t->model, t->value, point->value)))
        update_disappearance(t, s, point);
    update_amplitudes(t, s, point, structure);
}

void sevens_templates_update(sevens_templates *t, const sevens_model_point *point)
{
    for (size_t i = 0; i < t->n_section; i++)
        update_section(t, &t->section[i], point);
    memcpy(t->value, point->value, t->n_parameters * sizeof *t->value);
    t->fresh = false;
}
