/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which transitions an axis touches is found out by putting NaN in its place: whatever comes out as
 * NaN was made from it. An axis that moves templates touches all. */
#include "row_tables.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PARTS (SEVENS_N_FAMILY * SEVENS_N_FAMILY)
#define MAX_BYTES 268435456.0 /* of all tables */
#define LEAST_GAIN 4.0        /* rows of the grid for one row of a table */

/* A part of the rate: the transitions that the same axes touch. */
typedef struct part {
    unsigned transitions;
    unsigned axes;                        /* bits 1 << axis of the scan, without that of the rows */
    bool along;                           /* whether it changes along a row */
    size_t n_axis, axis[SEVENS_MAX_AXES]; /* the same; axes that move templates are slowest */
    size_t n_node;
    size_t stride[SEVENS_MAX_AXES]; /* of every axis of the scan in the nodes; 0: not in it */
    size_t n_term;                  /* A, B, C along a row, else A alone */
    double *table;                  /* [n_node][n_term][n_value], owned */
    double *total;                  /* [n_node][n_term] sums over all bins, owned */
} part;

/* n numbers of a term that follow each other in a row and in a table. */
typedef struct span {
    size_t group, row, table, n; /* offsets: of A in the row of the group, of the term's values */
    bool signal;                 /* not a change by a shape */
} span;

struct sevens_row_tables {
    const sevens_problem *problem;
    size_t row; /* parameter of the rows */
    size_t n_part;
    part part[MAX_PARTS];
    size_t n_value; /* of one term: bins of all variants of all groups */
    size_t n_span;
    span *span; /* owned */
};

/* ---- parts ---- */

/* The transitions with a coefficient that is not a number. */
static unsigned broken_transitions(const sevens_model *model, const double *value)
{
    sevens_model_point point = {value, SEVENS_NO_ROW};
    sevens_coupling coupling[SEVENS_MODEL_MAX_TERMS];
    unsigned broken = 0;

    for (int family = 0; family < SEVENS_N_FAMILY; family++) {
        for (int final = 0; final < SEVENS_N_FAMILY; final++) {
            if (!sevens_model_amplitude(model, &point, (sevens_family)family, (sevens_family) final,
                                        coupling))
                continue;
            for (size_t t = 0; t < sevens_model_n_terms(model); t++) {
                for (int c = 0; c < SEVENS_N_CONSTITUENT; c++) {
                    if (isnan(coupling[t].to[c].c0))
                        broken |= SEVENS_TRANSITION(family, final);
                }
            }
        }
    }
    return broken;
}

static unsigned touched(const sevens_problem *problem, size_t axis)
{
    size_t parameter = problem->config->axis[axis].parameter;
    double value[SEVENS_MODEL_MAX_PARAMETERS];

    if (sevens_model_moves_templates(problem->model, parameter))
        return SEVENS_ALL_TRANSITIONS;
    memcpy(value, problem->config->value,
           sevens_model_n_parameters(problem->model) * sizeof *value);
    value[parameter] = NAN;
    return broken_transitions(problem->model, value);
}

/* One part for every set of axes that some transition has. */
static void find_parts(sevens_row_tables *t)
{
    const sevens_problem *problem = t->problem;
    unsigned touches[SEVENS_MAX_AXES];

    for (size_t a = 0; a < problem->config->n_axis; a++)
        touches[a] = touched(problem, a);
    for (unsigned bit = 1; bit <= SEVENS_ALL_TRANSITIONS; bit <<= 1) {
        part p = {.transitions = bit};
        size_t i = 0;

        for (size_t a = 0; a < problem->config->n_axis; a++) {
            if (!(touches[a] & bit))
                continue;
            if (a == problem->row_axis)
                p.along = true;
            else
                p.axes |= 1u << a;
        }
        while (i < t->n_part && (t->part[i].axes != p.axes || t->part[i].along != p.along))
            i++;
        if (i == t->n_part)
            t->part[t->n_part++] = p;
        else
            t->part[i].transitions |= bit;
    }
}

/* A part whose axes another one has too goes into that: fewer to add up. */
static void join_parts(sevens_row_tables *t)
{
    for (size_t i = 0; i < t->n_part;) {
        size_t j = 0;

        while (j < t->n_part && (j == i || (t->part[i].axes & ~t->part[j].axes) != 0 ||
                                 (t->part[i].along && !t->part[j].along)))
            j++;
        if (j == t->n_part) {
            i++;
            continue;
        }
        t->part[j].transitions |= t->part[i].transitions;
        t->part[i] = t->part[--t->n_part];
        i = 0;
    }
}

static void add_axes(const sevens_row_tables *t, part *p, bool moving)
{
    const sevens_config *config = t->problem->config;

    for (size_t a = 0; a < config->n_axis; a++) {
        if ((p->axes & 1u << a) &&
            sevens_model_moves_templates(t->problem->model, config->axis[a].parameter) == moving)
            p->axis[p->n_axis++] = a;
    }
}

static void number_nodes(const sevens_row_tables *t, part *p)
{
    add_axes(t, p, true);
    add_axes(t, p, false);
    p->n_node = 1;
    p->n_term = p->along ? 3 : 1;
    for (size_t i = p->n_axis; i-- > 0;) {
        p->stride[p->axis[i]] = p->n_node;
        p->n_node *= t->problem->config->axis[p->axis[i]].n;
    }
}

static sevens_status make_spans(sevens_row_tables *t, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_problem *problem = t->problem;

    t->span = calloc(problem->row_size, sizeof *t->span); /* more than enough */
    SEVENS_TRY_ALLOC(t->span);
    for (size_t g = 0; g < problem->n_group; g++) {
        const sevens_likelihood *l = &problem->group[g].likelihood;

        for (size_t p = 0; p < l->n_part; p++) {
            for (size_t v = 0; v < l->part[p].n_variant; v++) {
                size_t n = l->part[p].n_bin;

                t->span[t->n_span++] = (span){g, sevens_likelihood_part_offset(l, p) + 3 * n * v,
                                              t->n_value, n, v == 0};
                t->n_value += n;
            }
        }
    }
cleanup:
    return status;
}

/* Whether tables save work and fit. */
static bool pay(const sevens_row_tables *t)
{
    const sevens_config *config = t->problem->config;
    double rows = sevens_config_points(config), nodes = 0.0, numbers = 0.0;

    if (t->problem->row_axis != SEVENS_NO_ROW)
        rows /= (double)config->axis[t->problem->row_axis].n;
    for (size_t i = 0; i < t->n_part; i++) {
        double n_node = 1.0;

        for (size_t a = 0; a < config->n_axis; a++)
            n_node *= t->part[i].axes & 1u << a ? (double)config->axis[a].n : 1.0;
        nodes += n_node;
        numbers += n_node * (t->part[i].along ? 3.0 : 1.0) * (double)t->n_value;
    }
    return rows >= LEAST_GAIN * nodes && numbers * sizeof(double) <= MAX_BYTES;
}

/* ---- filling them ---- */

/* Values of all parameters at a node; axes that are not in the part stay where they are. */
static void node_values(const sevens_row_tables *t, const part *p, size_t node, double *value)
{
    const sevens_config *config = t->problem->config;

    memcpy(value, config->value, sevens_model_n_parameters(t->problem->model) * sizeof *value);
    for (size_t i = 0; i < p->n_axis; i++) {
        const sevens_axis *axis = &config->axis[p->axis[i]];

        value[axis->parameter] = axis->value[node / p->stride[p->axis[i]] % axis->n];
    }
}

static void restrict_templates(sevens_workspace *work, unsigned transitions)
{
    for (size_t e = 0; e < work->n_experiment; e++)
        sevens_templates_restrict(work->templates[e], transitions);
}

/* The row of a part in all groups, from the workspace to the table. */
static void fill_node(sevens_row_tables *t, part *p, size_t node, sevens_workspace *work)
{
    double value[SEVENS_MODEL_MAX_PARAMETERS];
    double *table = p->table + node * p->n_term * t->n_value, *total = p->total + node * p->n_term;
    sevens_model_point point = {value, t->row};

    node_values(t, p, node, value);
    restrict_templates(work, p->transitions);
    for (size_t g = 0, s = 0; g < t->problem->n_group; g++) {
        sevens_problem_row(t->problem, work, g, &point, work->abc);
        for (; s < t->n_span && t->span[s].group == g; s++) {
            const span *sp = &t->span[s];

            for (size_t term = 0; term < p->n_term; term++) {
                const double *from = work->abc + sp->row + term * sp->n;

                memcpy(table + term * t->n_value + sp->table, from, sp->n * sizeof *table);
                for (size_t b = 0; b < sp->n && sp->signal; b++)
                    total[term] += from[b];
            }
        }
    }
    restrict_templates(work, SEVENS_ALL_TRANSITIONS);
}

static sevens_status fill(sevens_row_tables *t, part *p, sevens_workspace *const *work, int threads,
                          sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    p->table = malloc(p->n_node * p->n_term * t->n_value * sizeof *p->table);
    p->total = calloc(p->n_node * p->n_term, sizeof *p->total);
    SEVENS_TRY_ALLOC(p->table);
    SEVENS_TRY_ALLOC(p->total);
#pragma omp parallel for schedule(static) num_threads(threads)
    for (size_t node = 0; node < p->n_node; node++)
        fill_node(t, p, node, work[omp_get_thread_num()]);
cleanup:
    return status;
}

sevens_status sevens_row_tables_create(sevens_row_tables **out, const sevens_problem *problem,
                                       sevens_workspace *const *work, int threads,
                                       sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_row_tables *t = NULL;

    *out = NULL;
    if (sevens_model_disappears(problem->model) || /* lost neutrinos are of no transition */
        broken_transitions(problem->model, problem->config->value) != 0)
        return SEVENS_OK;
    SEVENS_TRY_ALLOC(t = calloc(1, sizeof *t));
    t->problem = problem;
    t->row = problem->row_axis == SEVENS_NO_ROW
                 ? SEVENS_NO_ROW
                 : problem->config->axis[problem->row_axis].parameter;
    SEVENS_TRY(make_spans(t, err));
    find_parts(t);
    join_parts(t);
    if (!pay(t))
        goto cleanup;
    for (size_t i = 0; i < t->n_part; i++) {
        number_nodes(t, &t->part[i]);
        SEVENS_TRY(fill(t, &t->part[i], work, threads, err));
    }
    *out = t;
    t = NULL;
cleanup:
    sevens_row_tables_destroy(&t);
    return status;
}

void sevens_row_tables_destroy(sevens_row_tables **tables)
{
    sevens_row_tables *t = *tables;

    if (!t)
        return;
    for (size_t i = 0; i < t->n_part; i++) {
        free(t->part[i].table);
        free(t->part[i].total);
    }
    free(t->span);
    free(t);
    *tables = NULL;
}

/* ---- rows ---- */

size_t sevens_row_tables_along(const sevens_row_tables *t)
{
    return t->row;
}

static bool find_value(const sevens_axis *axis, double value, size_t *index)
{
    size_t lo = 0, hi = axis->n;

    if (axis->value[*index] == value)
        return true;
    while (hi - lo > 1) {
        size_t middle = lo + (hi - lo) / 2;

        if (axis->value[middle] > value)
            hi = middle;
        else
            lo = middle;
    }
    *index = lo;
    return axis->value[lo] == value;
}

bool sevens_row_tables_find(const sevens_row_tables *t, const double *value, size_t *index)
{
    const sevens_config *config = t->problem->config;

    for (size_t a = 0; a < config->n_axis; a++) {
        if (a != t->problem->row_axis &&
            !find_value(&config->axis[a], value[config->axis[a].parameter], &index[a]))
            return false;
    }
    return true;
}

static size_t node_of(const sevens_row_tables *t, const part *p, const size_t *index)
{
    size_t node = 0;

    for (size_t a = 0; a < t->problem->config->n_axis; a++)
        node += p->stride[a] * index[a];
    return node;
}

void sevens_row_tables_total(const sevens_row_tables *t, const size_t *index, double *total)
{
    memset(total, 0, 3 * sizeof *total);
    for (size_t i = 0; i < t->n_part; i++) {
        const part *p = &t->part[i];
        const double *own = p->total + node_of(t, p, index) * p->n_term;

        for (size_t term = 0; term < p->n_term; term++)
            total[term] += own[term];
    }
}

/* out = or += factor * in */
static void put(double *out, const double *in, size_t n, double factor, bool first)
{
    if (first) {
        for (size_t b = 0; b < n; b++)
            out[b] = factor * in[b];
    } else {
        for (size_t b = 0; b < n; b++)
            out[b] += factor * in[b];
    }
}

void sevens_row_tables_row(const sevens_row_tables *t, const size_t *index, size_t group,
                           double unit, double *abc)
{
    const double factor[3] = {1.0, unit, unit * unit};
    const double *table[MAX_PARTS];

    for (size_t i = 0; i < t->n_part; i++)
        table[i] =
            t->part[i].table + node_of(t, &t->part[i], index) * t->part[i].n_term * t->n_value;
    for (size_t s = 0; s < t->n_span; s++) {
        const span *sp = &t->span[s];

        for (size_t term = 0; term < 3 && sp->group == group; term++) {
            double *out = abc + sp->row + term * sp->n;
            bool first = true;

            for (size_t i = 0; i < t->n_part; i++) {
                if (term >= t->part[i].n_term)
                    continue;
                put(out, table[i] + term * t->n_value + sp->table, sp->n, factor[term], first);
                first = false;
            }
            if (first)
                memset(out, 0, sp->n * sizeof *out);
        }
    }
}
