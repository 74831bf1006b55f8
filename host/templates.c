/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Templates T_ij and their contraction with couplings. A section is what shares nodes: nuclei,
 * electrons, and each term that makes a heavy lepton, whose nodes follow its mass. physics.md eqs.
 * 21, 26 and 43. */
#include "sevens/templates.h"
#include "mesh.h"
#include "sevens/constants.h"
#include "sevens/xsec.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SECTIONS (SEVENS_N_PROCESS + 4)

/* One basis amplitude: a term on one constituent. */
typedef struct basis_amplitude {
    size_t term;
    sevens_constituent constituent;
    double *value; /* [capacity] at every node */
} basis_amplitude;

/* Two of them that interfere. */
typedef struct basis_pair {
    size_t i, j;
    sevens_product product;
    double *T;    /* [n_flux][n_energy] counts */
    double *lost; /* the same weighted with the probability to disappear; NULL: none */
} basis_pair;

typedef struct section {
    sevens_process process;
    const sevens_block *block; /* of the mesh, or `own` */
    sevens_block own;          /* of a term with a final mass */
    size_t heavy_term;         /* that term; 0: none */
    size_t n_basis, n_pair;
    basis_amplitude *basis;            /* [n_basis] */
    basis_pair *pair;                  /* [n_pair] */
    double *charge;                    /* [SEVENS_N_CHARGE][capacity] */
    double *weighed[SEVENS_N_PRODUCT]; /* [n_flux][capacity] kinetic with the probability */
} section;

struct sevens_templates {
    const sevens_mesh *mesh;
    const sevens_model *model;
    size_t n_parameters;
    double *value;  /* [n_parameters] of the last update */
    bool fresh;     /* no update yet */
    double *shape;  /* [largest capacity] scratch */
    double *energy; /* [n_flux][3][n_energy] scratch */
    double *vanish; /* [2][3][n_energy] scratch: all counts of a flux class, and those lost */
    size_t n_section;
    section section[MAX_SECTIONS];
};

/* ---- making them ---- */

static unsigned constituents(sevens_process process)
{
    return process == SEVENS_ES ? SEVENS_ON_ELECTRON : SEVENS_ON_PROTON | SEVENS_ON_NEUTRON;
}

/* Whether a term counts in a section. */
static bool belongs(const sevens_model *model, const section *s, size_t t)
{
    if (sevens_model_has_final_mass(model, t) ? t != s->heavy_term : s->heavy_term != 0)
        return false;
    return sevens_model_term(model, t)->on & constituents(s->process);
}

static sevens_status make_basis(sevens_templates *t, section *s, sevens_error *err)
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
            s->basis[s->n_basis] = (basis_amplitude){term, (sevens_constituent)c, NULL};
            s->basis[s->n_basis].value = calloc(s->block->capacity, sizeof(double));
            SEVENS_TRY_ALLOC(s->basis[s->n_basis].value);
            s->n_basis++;
        }
    }
cleanup:
    return status;
}

static sevens_status make_pairs(sevens_templates *t, section *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t cell = t->mesh->n_flux * t->mesh->n_energy;
    bool vanish = sevens_model_disappears(t->model);

    s->pair = calloc(s->n_basis * (s->n_basis + 1) / 2 + 1, sizeof *s->pair);
    SEVENS_TRY_ALLOC(s->pair);
    for (size_t i = 0; i < s->n_basis; i++) {
        for (size_t j = i; j < s->n_basis; j++) {
            sevens_product product =
                sevens_model_product(t->model, s->basis[i].term, s->basis[j].term);
            basis_pair *pair = &s->pair[s->n_pair];

            if (product == SEVENS_PRODUCT_NONE)
                continue;
            *pair = (basis_pair){i, j, product, NULL, NULL};
            s->n_pair++;
            SEVENS_TRY_ALLOC(pair->T = calloc(cell, sizeof *pair->T));
            if (vanish)
                SEVENS_TRY_ALLOC(pair->lost = calloc(cell, sizeof *pair->lost));
        }
    }
cleanup:
    return status;
}

/* heavy_term: the term with a final mass that the section is for, or 0. */
static sevens_status add_section(sevens_templates *t, sevens_process process, size_t heavy_term,
                                 sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    section *s = &t->section[t->n_section];
    size_t n_flux = t->mesh->n_flux;

    if (t->n_section == MAX_SECTIONS)
        return sevens_fail(err, SEVENS_ERR_INPUT, "too many kinds with a heavy lepton");
    *s = (section){.process = process, .heavy_term = heavy_term};
    t->n_section++;
    s->block = &t->mesh->block[process];
    if (heavy_term) {
        SEVENS_TRY(sevens_block_create(&s->own, t->mesh, process, true, err));
        s->block = &s->own;
    }
    SEVENS_TRY(make_basis(t, s, err));
    SEVENS_TRY(make_pairs(t, s, err));
    s->charge = calloc(SEVENS_N_CHARGE * s->block->capacity, sizeof *s->charge);
    SEVENS_TRY_ALLOC(s->charge);
    for (size_t p = 0; p < s->n_pair && sevens_model_disappears(t->model); p++) {
        double **weighed = &s->weighed[s->pair[p].product];

        if (!*weighed)
            SEVENS_TRY_ALLOC(*weighed = calloc(n_flux * s->block->capacity, sizeof **weighed));
    }
cleanup:
    return status;
}

sevens_status sevens_templates_create(sevens_templates **out, const sevens_mesh *mesh,
                                      const sevens_model *model, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_templates *t = calloc(1, sizeof *t);
    size_t cell = mesh->n_flux * mesh->n_energy;

    *out = NULL;
    SEVENS_TRY_ALLOC(t);
    t->mesh = mesh;
    t->model = model;
    t->fresh = true;
    t->n_parameters = sevens_model_n_parameters(model);
    SEVENS_TRY_ALLOC(t->value = calloc(t->n_parameters, sizeof *t->value));
    SEVENS_TRY_ALLOC(t->shape = calloc(mesh->block[SEVENS_CEVNS].capacity, sizeof *t->shape));
    SEVENS_TRY_ALLOC(t->energy = calloc(3 * cell, sizeof *t->energy));
    SEVENS_TRY_ALLOC(t->vanish = calloc(6 * mesh->n_energy, sizeof *t->vanish));
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

static void free_section(section *s)
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

void sevens_templates_destroy(sevens_templates **templates)
{
    sevens_templates *t = *templates;

    if (!t)
        return;
    for (size_t i = 0; i < t->n_section; i++)
        free_section(&t->section[i]);
    free(t->value);
    free(t->shape);
    free(t->energy);
    free(t->vanish);
    free(t);
    *templates = NULL;
}

/* ---- integrals ---- */

/* Z F_Z, N F_N and so on at every node. */
static void update_charges(sevens_templates *t, section *s, const sevens_model_point *point)
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

/* b_i at every node; t->shape holds w of its term. */
static void update_amplitude(sevens_templates *t, section *s, basis_amplitude *b)
{
    sevens_current current = sevens_model_term(t->model, b->term)->current;
    const double *charge =
        s->charge + (size_t)sevens_charge_index(current, b->constituent) * s->block->capacity;

    for (size_t k = 0; k < s->block->n_node; k++)
        b->value[k] = t->shape[k] * charge[k];
}

static void update_shape(sevens_templates *t, const section *s, size_t term,
                         const sevens_model_point *point)
{
    const sevens_block *block = s->block;

    for (size_t i = 0; i < t->mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(t->mesh, s->process, i);
        size_t first = block->first[i];

        sevens_model_shape(t->model, point, term, &target, block->first[i + 1] - first,
                           block->q2 + first, t->shape + first);
    }
}

/* out[f][e] = sum over nodes of measure[e] kinetic[f] b_i b_j. */
static void integrate_pair(sevens_templates *t, const section *s, const basis_pair *pair,
                           const double *kinetic, double *out)
{
    const sevens_block *block = s->block;
    size_t n = block->n_node, n_energy = t->mesh->n_energy;
    const double *b_i = s->basis[pair->i].value, *b_j = s->basis[pair->j].value;
    double *rate = t->shape;

    for (size_t f = 0; f < t->mesh->n_flux; f++) {
        const double *k = kinetic + f * block->capacity;

        for (size_t m = 0; m < n; m++)
            rate[m] = k[m] * b_i[m] * b_j[m];
        for (size_t e = 0; e < n_energy; e++) {
            const double *measure = block->measure + e * block->capacity;
            double sum = 0.0;

#pragma omp simd reduction(+ : sum)
            for (size_t m = 0; m < n; m++)
                sum += measure[m] * rate[m];
            out[f * n_energy + e] = sum;
        }
    }
}

static void update_disappearance(sevens_templates *t, section *s, const sevens_model_point *point)
{
    sevens_baseline baseline = {t->mesh->flux.baseline_m, t->mesh->flux.spread_m};
    sevens_oscillation way = sevens_model_oscillation(t->model, point, &baseline);
    sevens_flux_weight weight = {true, way.phase_MeV, way.slow_MeV, NULL};

    sevens_block_weigh(s->block, t->mesh, &weight, s->weighed);
}

/* Integrates what changed: the nodes of a heavy lepton, structure, shapes, disappearance. */
static void update_section(sevens_templates *t, section *s, const sevens_model_point *point)
{
    bool changed[SEVENS_MODEL_MAX_TERMS] = {false}, vanish = sevens_model_disappears(t->model);
    bool nodes = s->heavy_term && (t->fresh || !sevens_model_same_shape(t->model, s->heavy_term,
                                                                        t->value, point->value));
    bool structure =
        t->fresh || nodes || !sevens_model_same_shape(t->model, 0, t->value, point->value);
    bool way =
        vanish && (t->fresh || !sevens_model_same_disappearance(t->model, t->value, point->value));

    if (nodes)
        sevens_block_fill(&s->own, t->mesh, true,
                          sevens_model_final_mass_MeV(t->model, point, s->heavy_term));
    if (structure)
        update_charges(t, s, point);
    if (way)
        update_disappearance(t, s, point);
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
    for (size_t p = 0; p < s->n_pair; p++) {
        const basis_pair *pair = &s->pair[p];
        bool new = changed[s->basis[pair->i].term] || changed[s->basis[pair->j].term];

        if (new)
            integrate_pair(t, s, pair, s->block->kinetic[pair->product], pair->T);
        if (vanish && (new || way))
            integrate_pair(t, s, pair, s->weighed[pair->product], pair->lost);
    }
}

void sevens_templates_update(sevens_templates *t, const sevens_model_point *point)
{
    for (size_t i = 0; i < t->n_section; i++)
        update_section(t, &t->section[i], point);
    memcpy(t->value, point->value, t->n_parameters * sizeof *t->value);
    t->fresh = false;
}

/* ---- contraction ---- */

/* Adds c_i c_j T_ij (twice for i != j), with c = c0 + c1 x, to A, B, C of one flux class. */
static void contract_pair(sevens_affine a, sevens_affine b, double factor, const double *T,
                          size_t n_energy, double *abc)
{
    double A = factor * a.c0 * b.c0;
    double B = factor * (a.c0 * b.c1 + a.c1 * b.c0);
    double C = factor * a.c1 * b.c1;

    if (A == 0.0 && B == 0.0 && C == 0.0)
        return;
    for (size_t e = 0; e < n_energy; e++) {
        abc[e] += A * T[e];
        abc[n_energy + e] += B * T[e];
        abc[2 * n_energy + e] += C * T[e];
    }
}

/* Adds one final state to A, B, C [3][n_energy] of a flux class: all counts, or those lost. */
static void contract(const sevens_templates *t, const section *s, size_t flux_class,
                     const sevens_coupling *coupling, bool lost, double *abc)
{
    size_t n_energy = t->mesh->n_energy;

    for (size_t p = 0; p < s->n_pair; p++) {
        const basis_pair *pair = &s->pair[p];
        const basis_amplitude *i = &s->basis[pair->i], *j = &s->basis[pair->j];

        contract_pair(coupling[i->term].to[i->constituent], coupling[j->term].to[j->constituent],
                      pair->i == pair->j ? 1.0 : 2.0,
                      (lost ? pair->lost : pair->T) + flux_class * n_energy, n_energy, abc);
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
static void add_flux(const sevens_templates *t, const section *s, size_t f,
                     const sevens_model_point *point, double *abc)
{
    size_t n_energy = t->mesh->n_energy;
    sevens_coupling coupling[SEVENS_MODEL_MAX_TERMS];
    bool vanish = sevens_model_disappears(t->model);
    double *all = vanish ? t->vanish : abc, *lost = t->vanish + 3 * n_energy;

    memset(t->vanish, 0, 6 * n_energy * sizeof *t->vanish);
    for (int final = 0; final < SEVENS_N_FAMILY; final++) {
        if (!sevens_model_amplitude(t->model, point, t->mesh->family[f], (sevens_family) final,
                                    coupling))
            continue;
        contract(t, s, f, coupling, false, all);
        if (vanish)
            contract(t, s, f, coupling, true, lost);
    }
    if (vanish) {
        sevens_quadratic depth = sevens_model_depth(t->model, point, t->mesh->family[f]);

        add_survivors(&depth, all, lost, n_energy, abc);
    }
}

void sevens_templates_energy_row(const sevens_templates *t, const sevens_model_point *point,
                                 sevens_process process, double *abc)
{
    const sevens_mesh *mesh = t->mesh;

    memset(abc, 0, 3 * mesh->n_flux * mesh->n_energy * sizeof *abc);
    for (size_t i = 0; i < t->n_section; i++) {
        const section *s = &t->section[i];

        for (size_t f = 0;
             f < mesh->n_flux && (process == s->process || process == SEVENS_N_PROCESS); f++)
            add_flux(t, s, f, point, abc + 3 * f * mesh->n_energy);
    }
}

void sevens_templates_row(const sevens_templates *t, const sevens_model_point *point, double *abc)
{
    const sevens_mesh *mesh = t->mesh;
    size_t n_energy = mesh->n_energy, n_share = mesh->n_share, n_bin = n_energy * n_share;

    sevens_templates_energy_row(t, point, SEVENS_N_PROCESS, t->energy);
    memset(abc, 0, 3 * n_bin * sizeof *abc);
    for (size_t f = 0; f < mesh->n_flux; f++) {
        const double *share = mesh->release->flux[f].share;

        for (size_t term = 0; term < 3; term++) {
            for (size_t e = 0; e < n_energy; e++) {
                double counts = t->energy[(3 * f + term) * n_energy + e];

                for (size_t s = 0; s < n_share; s++)
                    abc[term * n_bin + e * n_share + s] += counts * share[s];
            }
        }
    }
}
