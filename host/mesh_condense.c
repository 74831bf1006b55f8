/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Few nodes that stand for the many of a block. The many resolve responses and spectra; products of
 * amplitudes know neither. In ln T they are smooth: the propagator 1/(2MT + m^2) of any mass has
 * its poles at Im ln T = pi or further, and form factors are entire functions. physics.md eq. 54.
 */
#include "condense_kernel.h"
#include "instruction_set.h"
#include "mesh.h"
#include "numbers.h"
#include "sevens/constants.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_ORDER 40
#define FEWEST 4
#define LARGEST_RATIO 10.0  /* of recoils in a panel: rounding, where amplitudes fall as 1/T */
#define LARGEST_SPHERE 15.5 /* [fm] of uniform density: an rms radius of 12 fm */
/* -ln of the error that the poles and that the form factors may make: 6e-16, and 5e-15 at 12 fm */
#define LOG_POLE_ERROR 35.0
#define LOG_SPHERE_ERROR 33.0

const sevens_condense_kernels *sevens_condense_kernels_best(void)
{
    switch (sevens_best_instruction_set()) {
#ifdef SEVENS_ROW_KERNEL_X86
    case SEVENS_X86_64_V4:
        return &sevens_condense_kernels_v4;
    case SEVENS_X86_64_V3:
        return &sevens_condense_kernels_v3;
#endif
    default:
        return &sevens_condense_kernels_generic;
    }
}

/* ---- panels ---- */

/* Nodes of a Chebyshev interpolation in ln T between two recoils; more than LARGEST_ORDER when that
 * are too few. Its error is rho^-n with poles at Im ln T = pi on an ellipse whose half axes add up
 * to rho half widths, and (e phase/2n)^n for an oscillation of that phase over half the width. */
static size_t order_of(double lo, double hi, double M_MeV)
{
    double half = 0.5 * log(hi / lo);
    double phase = half * sqrt(2.0 * M_MeV * hi) / SEVENS_HBARC_MEV_FM * LARGEST_SPHERE;
    double log_rho = asinh(SEVENS_PI / half);
    size_t n = FEWEST;

    while (n <= LARGEST_ORDER &&
           ((double)n * log_rho < LOG_POLE_ERROR ||
            (double)n * (log(2.0 * (double)n / phase) - 1.0) < LOG_SPHERE_ERROR))
        n++;
    return n;
}

/* Nodes of n panels of equal ratios between two recoils; 0: some panel would need too many. */
static size_t count_nodes(size_t n, double lo, double hi, double M_MeV)
{
    double ratio = exp(log(hi / lo) / (double)n);
    size_t sum = 0;

    for (size_t p = 0; p < n; p++, lo *= ratio) {
        size_t order = order_of(lo, lo * ratio, M_MeV);

        if (order > LARGEST_ORDER)
            return 0;
        sum += order;
    }
    return sum;
}

/* The number of panels that asks for the fewest nodes. */
static size_t count_panels(double lo, double hi, double M_MeV)
{
    size_t n = (size_t)fmax(1.0, ceil(log(hi / lo) / log(LARGEST_RATIO)));

    while (count_nodes(n, lo, hi, M_MeV) == 0)
        n++;
    while (count_nodes(n + 1, lo, hi, M_MeV) < count_nodes(n, lo, hi, M_MeV))
        n++;
    return n;
}

/* A panel of its own nodes, or of n that stand for them; numbers go to share and node [n] ln T. */
static void fill_panel(sevens_condensed_panel *p, const double *T, double lo, double hi,
                       double *node, double *share)
{
    double middle = 0.5 * log(lo * hi), half = 0.5 * log(hi / lo), factor[LARGEST_ORDER];

    for (size_t j = 0; j < p->n; j++) {
        double angle = SEVENS_PI * ((double)j + 0.5) / (double)p->n;

        node[j] = middle - half * cos(angle);
        factor[j] = (j % 2 ? -1.0 : 1.0) * sin(angle);
    }
    for (size_t k = p->lo; k < p->hi; k++, share += p->n) {
        double sum = 0.0, s = log(T[k]);
        size_t hit = p->n;

        for (size_t j = 0; j < p->n; j++) { /* barycentric formula */
            hit = s == node[j] ? j : hit;
            sum += share[j] = factor[j] / (s - node[j]);
        }
        for (size_t j = 0; j < p->n; j++)
            share[j] = hit == p->n ? share[j] / sum : (j == hit ? 1.0 : 0.0);
    }
}

/* A panel whose nodes stand for themselves. */
static void keep_panel(const sevens_condensed_panel *p, const double *T, double *node,
                       double *share)
{
    for (size_t j = 0; j < p->n; j++) {
        node[j] = log(T[p->lo + j]);
        for (size_t k = 0; k < p->n; k++)
            share[k * p->n + j] = k == j ? 1.0 : 0.0;
    }
}

/* ---- what grows ---- */

typedef struct growing {
    sevens_condensed *c;
    size_t panel_capacity, node_capacity, share_capacity;
} growing;

static sevens_status grow(void **array, size_t *capacity, size_t n, size_t size, sevens_error *err)
{
    void *grown;

    if (n <= *capacity)
        return SEVENS_OK;
    grown = realloc(*array, (2 * n + 64) * size);
    if (!grown)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    *array = grown;
    *capacity = 2 * n + 64;
    return SEVENS_OK;
}

/* Adds a panel from the recoil lo to hi with the nodes [first, end) of a block. */
static sevens_status add_panel(growing *g, const sevens_block *block, size_t first, size_t end,
                               double lo, double hi, double M_MeV, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_condensed *c = g->c;
    size_t n = end - first > 1 ? order_of(lo, hi, M_MeV) : 1;
    bool keep = end - first <= n;
    sevens_condensed_panel panel = {first, end, c->n_node, keep ? end - first : n, c->n_share};

    SEVENS_TRY(grow((void **)&c->panel, &g->panel_capacity, c->n_panel + 1, sizeof panel, err));
    SEVENS_TRY(grow((void **)&c->q2, &g->node_capacity, c->n_node + panel.n, sizeof *c->q2, err));
    SEVENS_TRY(grow((void **)&c->share, &g->share_capacity, c->n_share + (end - first) * panel.n,
                    sizeof *c->share, err));
    if (keep)
        keep_panel(&panel, block->T, c->q2 + c->n_node, c->share + c->n_share);
    else
        fill_panel(&panel, block->T, lo, hi, c->q2 + c->n_node, c->share + c->n_share);
    for (size_t j = 0; j < panel.n; j++)
        c->q2[c->n_node + j] = 2.0 * M_MeV * exp(c->q2[c->n_node + j]);
    c->panel[c->n_panel++] = panel;
    c->n_node += panel.n;
    c->n_share += (end - first) * panel.n;
cleanup:
    return status;
}

/* Panels of the nodes [first, end) of a block, between which amplitudes have no kink. */
static sevens_status add_smooth(growing *g, const sevens_block *block, size_t first, size_t end,
                                double M_MeV, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double lo = block->T[first], hi = block->T[end - 1];
    size_t n = count_panels(lo, hi, M_MeV), k = first;
    double ratio = exp(log(hi / lo) / (double)n), from = lo;

    for (size_t p = 0; p < n; p++) {
        double to = p + 1 == n ? hi : from * ratio;
        size_t start = k;

        while (k < end && (p + 1 == n || block->T[k] <= to))
            k++;
        if (k > start)
            SEVENS_TRY(add_panel(g, block, start, k, from, to, M_MeV, err));
        from = to;
    }
cleanup:
    return status;
}

static sevens_status add_target(growing *g, const sevens_block *block, const sevens_mesh *mesh,
                                size_t i, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_target target = sevens_mesh_target(mesh, block->process, i);
    size_t n_kink = sevens_model_kinks(mesh->model, &target, 0, NULL), k = block->first[i];
    sevens_numbers kink = {0};
    double *T = calloc(n_kink + 1, sizeof *T);

    SEVENS_TRY_ALLOC(T);
    sevens_model_kinks(mesh->model, &target, n_kink, T);
    T[n_kink] = INFINITY;
    for (size_t j = 0; j <= n_kink; j++)
        SEVENS_TRY(sevens_numbers_add(&kink, T[j], err));
    sevens_numbers_sort(&kink);
    g->c->first[i] = g->c->n_node;
    for (size_t j = 0; j <= n_kink; j++) {
        size_t start = k;

        while (k < block->first[i + 1] && block->T[k] < kink.x[j])
            k++;
        if (k > start)
            SEVENS_TRY(add_smooth(g, block, start, k, target.M_MeV, err));
    }
cleanup:
    sevens_numbers_free(&kink);
    free(T);
    return status;
}

/* ---- weights ---- */

/* Nodes of each panel that each tile of channels sees. */
static sevens_status find_seen(sevens_condensed *c, const sevens_block *block,
                               const sevens_mesh *mesh, sevens_error *err)
{
    size_t n_tile = mesh->stride / SEVENS_CHANNEL_TILE;
    sevens_node_range *seen = c->seen = calloc(c->n_panel * n_tile + 1, sizeof *seen);

    if (!seen)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    for (size_t p = 0; p < c->n_panel; p++, seen += n_tile) {
        for (size_t k = c->panel[p].lo; k < c->panel[p].hi; k++) {
            for (size_t e = 0; e < mesh->n_all; e++) {
                sevens_node_range *range = &seen[e / SEVENS_CHANNEL_TILE];

                if (block->measure[k * mesh->stride + e] == 0.0)
                    continue;
                range->lo = range->hi == 0 ? k : range->lo;
                range->hi = k + 1;
            }
        }
    }
    return SEVENS_OK;
}

void sevens_condensed_weigh(const sevens_condensed *c, const sevens_block *block,
                            const sevens_mesh *mesh, double *const kinetic[SEVENS_N_PRODUCT],
                            double *const weight[SEVENS_N_PRODUCT])
{
    const sevens_condense_kernels *kernels = sevens_condense_kernels_best();

    for (size_t p = 0; p < SEVENS_N_PRODUCT; p++) {
        for (size_t f = 0; weight[p] && f < mesh->n_flux; f++) {
            sevens_condense_task task = {c, block->measure, kinetic[p] + f * block->capacity,
                                         weight[p] + f * c->n_node * mesh->stride, mesh->stride};

            kernels->weigh(&task);
        }
    }
}

sevens_status sevens_condensed_fill(sevens_condensed *c, const sevens_block *block,
                                    const sevens_mesh *mesh, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    growing g = {.c = c};

    sevens_condensed_free(c);
    for (size_t i = 0; i < mesh->release->n_target; i++)
        SEVENS_TRY(add_target(&g, block, mesh, i, err));
    c->first[mesh->release->n_target] = c->n_node;
    SEVENS_TRY(find_seen(c, block, mesh, err));
    for (int p = 0; p < SEVENS_N_PRODUCT; p++) {
        if (!block->kinetic[p])
            continue;
        c->weight[p] = sevens_tiles_alloc(mesh->n_flux * c->n_node * mesh->stride);
        SEVENS_TRY_ALLOC(c->weight[p]);
    }
    sevens_condensed_weigh(c, block, mesh, block->kinetic, c->weight);
cleanup:
    if (status != SEVENS_OK)
        sevens_condensed_free(c);
    return status;
}

void sevens_condensed_free(sevens_condensed *c)
{
    free(c->q2);
    free(c->panel);
    free(c->seen);
    free(c->share);
    for (int p = 0; p < SEVENS_N_PRODUCT; p++)
        free(c->weight[p]);
    *c = (sevens_condensed){0};
}
