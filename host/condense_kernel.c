/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See condense_kernel.h. Compiled once per instruction set with SEVENS_ROW_KERNEL_ISA = generic, v3
 * or v4 (x86-64 levels). Every channel has its own lane and adds up in the order of the nodes. */
#include "condense_kernel.h"
#include <string.h>

#ifndef SEVENS_ROW_KERNEL_ISA
#define SEVENS_ROW_KERNEL_ISA generic
#endif

#if defined __AVX512F__
#define LANES 8
#define VECTORS 2 /* of channels that are summed together */
#define ROWS 8    /* condensed nodes whose weights are summed together */
#elif defined __AVX__
#define LANES 4
#define VECTORS 4
#define ROWS 2
#else
#define LANES 2
#define VECTORS 4
#define ROWS 2
#endif
#define WIDTH ((size_t)LANES * VECTORS)

_Static_assert(SEVENS_CHANNEL_TILE % WIDTH == 0, "tiles of whole vectors");

typedef double vec __attribute__((vector_size(8 * LANES)));

static inline vec load(const double *x)
{
    vec v;

    memcpy(&v, x, sizeof v);
    return v;
}

static inline void store(double *x, vec v)
{
    memcpy(x, &v, sizeof v);
}

/* Weights of ROWS nodes j of a panel in WIDTH channels from e on: sum over nodes of the block. */
static void weigh_rows(const sevens_condense_task *t, const sevens_condensed_panel *panel,
                       const sevens_node_range *seen, size_t j, size_t rows, size_t e)
{
    const double *share = t->condensed->share + panel->share;
    size_t step = rows > 1 ? 1 : 0; /* the last nodes may be fewer than ROWS: then one by one */
    vec sum[ROWS][VECTORS] = {{{0.0}}};

    for (size_t k = seen->lo; k < seen->hi; k++) {
        const double *measure = t->measure + k * t->stride + e;
        const double *s = share + (k - panel->lo) * panel->n + j;

        for (size_t r = 0; r < ROWS; r++) {
            double factor = s[r * step] * t->kinetic[k];

            for (size_t v = 0; v < VECTORS; v++)
                sum[r][v] += factor * load(measure + v * LANES);
        }
    }
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < VECTORS; v++)
            store(t->weight + (panel->first + j + r) * t->stride + e + v * LANES, sum[r][v]);
    }
}

static void weigh_tile(const sevens_condense_task *t, const sevens_condensed_panel *panel,
                       const sevens_node_range *seen, size_t tile)
{
    for (size_t e = tile; e < tile + SEVENS_CHANNEL_TILE; e += WIDTH) {
        for (size_t j = 0; j < panel->n;) {
            size_t rows = panel->n - j < ROWS ? 1 : ROWS;

            weigh_rows(t, panel, seen, j, rows, e);
            j += rows;
        }
    }
}

static void weigh(const sevens_condense_task *t)
{
    const sevens_condensed *c = t->condensed;
    const sevens_node_range *seen = c->seen;

    for (size_t p = 0; p < c->n_panel; p++) {
        for (size_t tile = 0; tile < t->stride; tile += SEVENS_CHANNEL_TILE)
            weigh_tile(t, &c->panel[p], seen++, tile);
    }
}

/* Rates of one node times the weights of WIDTH channels, added to the sums of n_term terms. */
static inline __attribute__((always_inline)) void add_node(const double *weight, const double *rate,
                                                           size_t n_node, size_t n_term,
                                                           vec sum[SEVENS_ROW_TERMS][VECTORS])
{
    for (size_t v = 0; v < VECTORS; v++) {
        vec w = load(weight + v * LANES);

        for (size_t i = 0; i < n_term; i++)
            sum[i][v] += rate[i * n_node] * w;
    }
}

/* WIDTH channels from e on; n_term is a constant to the compiler. A single term adds up nodes in
 * three sums, as many as there are otherwise, so that additions need not wait for each other. */
static inline __attribute__((always_inline)) void integrate_channels(const sevens_integral_task *t,
                                                                     size_t e, size_t n_term)
{
    const sevens_condensed *c = t->condensed;
    const double *rate = t->rate, *weight = t->weight + e;
    size_t n_tile = t->stride / SEVENS_CHANNEL_TILE, stride = t->stride, n = c->n_node;
    const sevens_node_range *seen = c->seen + e / SEVENS_CHANNEL_TILE;
    vec sum[SEVENS_ROW_TERMS][VECTORS] = {{{0.0}}};

    for (size_t p = 0; p < c->n_panel; p++, seen += n_tile) {
        size_t j = c->panel[p].first, end = j + c->panel[p].n;

        if (seen->lo == seen->hi)
            continue;
        for (; n_term == 1 && j + 3 <= end; j += 3) {
            for (size_t k = 0; k < 3; k++)
                add_node(weight + (j + k) * stride, rate + j + k, n, 1, sum + k);
        }
        for (; j < end; j++)
            add_node(weight + j * stride, rate + j, n, n_term, sum);
    }
    for (size_t v = 0; v < VECTORS && n_term == 1; v++)
        sum[0][v] += sum[1][v] + sum[2][v];
    for (size_t i = 0; i < n_term; i++) {
        for (size_t v = 0; v < VECTORS; v++) {
            double *counts = t->counts + i * stride + e + v * LANES;

            store(counts, load(counts) + sum[i][v]);
        }
    }
}

static void integrate(const sevens_integral_task *t)
{
    for (size_t e = 0; e < t->stride; e += WIDTH) {
        if (t->n_term == 1)
            integrate_channels(t, e, 1);
        else
            integrate_channels(t, e, SEVENS_ROW_TERMS);
    }
}

/* WIDTH bins of a tile, from its bin `at` on. */
static inline __attribute__((always_inline)) void
spread_bins(const sevens_spread_task *t, size_t tile, size_t at, size_t n_term,
            double out[SEVENS_ROW_TERMS][SEVENS_CHANNEL_TILE])
{
    const sevens_node_range *range = &t->spread->channel[tile];
    const double *weight = t->spread->weight + t->spread->first[tile] + at;
    vec sum[SEVENS_ROW_TERMS][VECTORS] = {{{0.0}}};

    for (size_t g = 0; g < t->spread->n_group; g++) {
        const double *counts = t->counts + g * SEVENS_ROW_TERMS * t->n_channel;

        for (size_t e = range->lo; e < range->hi; e++, weight += SEVENS_CHANNEL_TILE)
            add_node(weight, counts + e, t->n_channel, n_term, sum);
    }
    for (size_t i = 0; i < n_term; i++) {
        for (size_t v = 0; v < VECTORS; v++)
            store(out[i] + at + v * LANES, sum[i][v]);
    }
}

static inline __attribute__((always_inline)) void spread_terms(const sevens_spread_task *t,
                                                               size_t n_term)
{
    for (size_t b = 0, tile = 0; b < t->n_bin; b += SEVENS_CHANNEL_TILE, tile++) {
        size_t n = t->n_bin - b < SEVENS_CHANNEL_TILE ? t->n_bin - b : SEVENS_CHANNEL_TILE;
        double out[SEVENS_ROW_TERMS][SEVENS_CHANNEL_TILE];

        for (size_t at = 0; at < SEVENS_CHANNEL_TILE; at += WIDTH)
            spread_bins(t, tile, at, n_term, out);
        for (size_t i = 0; i < n_term; i++)
            memcpy(t->abc + i * t->n_bin + b, out[i], n * sizeof *out[i]);
    }
}

static void spread(const sevens_spread_task *t)
{
    if (t->n_term == SEVENS_ROW_TERMS) {
        spread_terms(t, SEVENS_ROW_TERMS);
        return;
    }
    spread_terms(t, 1);
    memset(t->abc + t->n_bin, 0, (SEVENS_ROW_TERMS - 1) * t->n_bin * sizeof *t->abc);
}

static void add_amplitude(size_t n, bool first, double c, const double *value, double *amplitude)
{
    if (first) {
#pragma omp simd
        for (size_t k = 0; k < n; k++)
            amplitude[k] = c * value[k];
        return;
    }
#pragma omp simd
    for (size_t k = 0; k < n; k++)
        amplitude[k] += c * value[k];
}

static void add_rate(size_t n, bool first, double factor, const double *const a[2],
                     const double *const b[2], double *rate)
{
    const double *a0 = a[0], *a1 = a[1], *b0 = b[0], *b1 = b[1];
    double *A = rate, *B = rate + n, *C = rate + 2 * n;

    if (first)
        memset(rate, 0, SEVENS_ROW_TERMS * n * sizeof *rate);
    if (!a1) {
#pragma omp simd
        for (size_t k = 0; k < n; k++)
            A[k] += factor * a0[k] * b0[k];
        return;
    }
#pragma omp simd
    for (size_t k = 0; k < n; k++) {
        A[k] += factor * a0[k] * b0[k];
        B[k] += factor * (a0[k] * b1[k] + a1[k] * b0[k]);
        C[k] += factor * a1[k] * b1[k];
    }
}

#define PASTE(isa) sevens_condense_kernels_##isa
#define NAME(isa) PASTE(isa)

const sevens_condense_kernels NAME(SEVENS_ROW_KERNEL_ISA) = {weigh, integrate, spread,
                                                             add_amplitude, add_rate};
