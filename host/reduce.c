/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every thread has planes of its own, so that none waits for another; merge puts them together.
 *
 * A cell is the lowest chi2 in it and a key, index and status of that point: index 4 + status, with
 * the index row-major over all axes of the scan. The axis of the rows is the fastest in a plane
 * that has it, so that a row meets neighbouring cells. A slice is a profile that takes few rows. */
#include "sevens/reduce.h"
#include "sevens/grid.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NO_KEY UINT64_MAX
#define KEY(index, status) ((uint64_t)(index) << 2 | (status))
#define KEY_INDEX(key) ((key) >> 2)
#define KEY_STATUS(key) ((uint8_t)((key)&3))
#define BLOCK 16 /* points of a row that are compared together */
enum { N_STATUS = 4, BELOW = 0, ABOVE = 1, FIRST_BIN = 2 };

_Static_assert((int)SEVENS_POINT_INVALID < (int)N_STATUS, "a key has two bits for the status");

typedef union word {
    double chi2;
    uint64_t whole; /* keys and counts */
} word;

/* A profile or slice (`lowest` of all: one without axes). */
typedef struct cells {
    bool slice, has_row;
    size_t n_axis, axis[SEVENS_MAX_PLANE_AXES];
    size_t n_cell;
    size_t
        stride[SEVENS_MAX_AXES]; /* of every axis of the scan in the cells; 0: not in the plane */
    size_t at[SEVENS_MAX_AXES];  /* slice: index on the axes that are not in it */
    size_t start;                /* words of a block before its chi2 [n_cell], key [n_cell] */
} cells;

typedef struct histogram {
    size_t n_bin, start; /* words of a block before its counts [FIRST_BIN + n_bin] */
    double reference, scale;
} histogram;

struct sevens_reduce {
    const sevens_config *config;
    size_t row_axis;
    uint64_t stride[SEVENS_MAX_AXES]; /* of every axis in the index of a point */
    size_t n_cells, n_histogram;
    cells cells[SEVENS_MAX_PLANES + 1]; /* [0]: the lowest of all */
    histogram histogram[SEVENS_MAX_PLANES];
    size_t of_plane[SEVENS_MAX_PLANES]; /* index in cells or in histogram */
    size_t n_word;                      /* of a block: point counts [N_STATUS], cells, histograms */
    int threads;
    word **block; /* [threads][n_word] */
};

/* ---- making it ---- */

static void lay_out_cells(sevens_reduce *r, cells *c, const sevens_plane *plane)
{
    const sevens_config *config = r->config;

    c->n_cell = 1;
    if (r->row_axis < config->n_axis && sevens_plane_has(plane, r->row_axis)) {
        c->has_row = true;
        c->stride[r->row_axis] = 1;
        c->n_cell = config->axis[r->row_axis].n;
    }
    for (size_t i = plane->n_axis; i-- > 0;) {
        size_t a = plane->axis[i];

        if (a == r->row_axis)
            continue;
        c->stride[a] = c->n_cell;
        c->n_cell *= config->axis[a].n;
    }
    c->n_axis = plane->n_axis;
    memcpy(c->axis, plane->axis, sizeof c->axis);
    c->slice = plane->kind == SEVENS_PLANE_SLICE;
    memcpy(c->at, plane->at, sizeof c->at);
    c->start = r->n_word;
    r->n_word += 2 * c->n_cell;
}

static void lay_out(sevens_reduce *r, const double *reference)
{
    const sevens_config *config = r->config;
    static const sevens_plane everything = {.kind = SEVENS_PLANE_PROFILE};
    uint64_t stride = 1;

    for (size_t a = config->n_axis; a-- > 0; stride *= config->axis[a].n)
        r->stride[a] = stride;
    r->n_word = N_STATUS;
    lay_out_cells(r, &r->cells[r->n_cells++], &everything);
    for (size_t p = 0; p < config->n_plane; p++) {
        const sevens_plane *plane = &config->plane[p];

        if (plane->kind == SEVENS_PLANE_HISTOGRAM) {
            histogram *h = &r->histogram[r->n_histogram];

            *h = (histogram){plane->n_bin, r->n_word, reference[plane->reference],
                             (double)plane->n_bin / plane->max};
            r->n_word += FIRST_BIN + plane->n_bin;
            r->of_plane[p] = r->n_histogram++;
        } else {
            r->of_plane[p] = r->n_cells;
            lay_out_cells(r, &r->cells[r->n_cells++], plane);
        }
    }
}

static void clear(const sevens_reduce *r, word *block)
{
    memset(block, 0, r->n_word * sizeof *block);
    for (size_t i = 0; i < r->n_cells; i++) {
        const cells *c = &r->cells[i];

        for (size_t k = 0; k < c->n_cell; k++) {
            block[c->start + k].chi2 = INFINITY;
            block[c->start + c->n_cell + k].whole = NO_KEY;
        }
    }
}

sevens_status sevens_reduce_create(sevens_reduce **out, const sevens_config *config,
                                   size_t row_axis, const double *reference, int threads,
                                   sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_reduce *r = calloc(1, sizeof *r);

    *out = NULL;
    SEVENS_TRY_ALLOC(r);
    r->config = config;
    r->row_axis = row_axis;
    lay_out(r, reference);
    SEVENS_TRY_ALLOC(r->block = calloc((size_t)threads, sizeof *r->block));
    for (r->threads = 0; r->threads < threads; r->threads++) {
        word *block = malloc(r->n_word * sizeof *block);

        SEVENS_TRY_ALLOC(block);
        clear(r, block);
        r->block[r->threads] = block;
    }
    *out = r;
    r = NULL;
cleanup:
    sevens_reduce_destroy(&r);
    return status;
}

void sevens_reduce_destroy(sevens_reduce **reduce)
{
    sevens_reduce *r = *reduce;

    if (!r)
        return;
    for (int t = 0; t < r->threads; t++)
        free(r->block[t]);
    free(r->block);
    free(r);
    *reduce = NULL;
}

double sevens_reduce_bytes(const sevens_config *config, int threads)
{
    sevens_reduce r = {.config = config, .row_axis = SEVENS_NO_ROW};
    static const double reference[2] = {0.0, 0.0};

    lay_out(&r, reference);
    return (double)threads * (double)(r.n_word * sizeof(word));
}

int sevens_reduce_threads(const sevens_reduce *r)
{
    return r->threads;
}

/* ---- points ---- */

/* Whether the first of two points is the lower one. */
static inline bool is_lower(double chi2, uint64_t key, double other, uint64_t other_key)
{
    return chi2 < other || (chi2 == other && key < other_key);
}

/* Takes one point into its cell; invalid ones are infinite or NaN and never lower. */
static inline void take(word *cell, word *cell_key, double chi2, uint64_t key)
{
    if (isinf(chi2) || !is_lower(chi2, key, cell->chi2, cell_key->whole))
        return;
    cell->chi2 = chi2;
    cell_key->whole = key;
}

static bool takes_row(const sevens_reduce *r, const cells *c, const size_t *index)
{
    for (size_t a = 0; a < r->config->n_axis; a++)
        if (c->stride[a] == 0 && a != r->row_axis && c->at[a] != index[a])
            return false;
    return true;
}

/* A piece of a row on its way. */
typedef struct piece {
    const size_t *index; /* of its first point */
    size_t n;
    uint64_t first, step; /* index of the first point, and from one to the next */
    const double *chi2;
    const uint8_t *status;
    double lowest; /* infinite: none is valid */
} piece;

static uint64_t key_at(const piece *p, size_t i)
{
    return KEY(p->first + i * p->step, p->status[i]);
}

/* Written so that the comparison, which is all that happens to most points, takes several at a
 * time. NaN is never the lower one. */
static double lowest_of(const double *chi2, size_t n)
{
    double lowest = INFINITY;

#pragma omp simd reduction(min : lowest)
    for (size_t i = 0; i < n; i++)
        lowest = chi2[i] < lowest ? chi2[i] : lowest;
    return lowest;
}

/* Whether some point is as low as its cell. */
static bool any_reaches(const double *chi2, const word *cell, size_t n)
{
    double most = -1.0;

#pragma omp simd reduction(max : most)
    for (size_t i = 0; i < n; i++) {
        double below = cell[i].chi2 - chi2[i]; /* NaN: both are infinite */

        most = below > most ? below : most;
    }
    return most >= 0.0;
}

/* Points along the row meet cells along it. */
static void take_along(word *chi2, word *key, const piece *p)
{
    for (size_t first = 0; first < p->n; first += BLOCK) {
        size_t n = p->n - first < BLOCK ? p->n - first : BLOCK;

        if (!any_reaches(p->chi2 + first, chi2 + first, n))
            continue;
        for (size_t i = first; i < first + n; i++) {
            if (p->chi2[i] <= chi2[i].chi2)
                take(&chi2[i], &key[i], p->chi2[i], key_at(p, i));
        }
    }
}

static void take_piece(const sevens_reduce *r, const cells *c, word *block, const piece *p)
{
    word *chi2 = block + c->start, *key = chi2 + c->n_cell;
    size_t cell = 0;

    if (c->slice && !takes_row(r, c, p->index))
        return;
    for (size_t i = 0; i < c->n_axis; i++)
        cell += c->stride[c->axis[i]] * p->index[c->axis[i]];
    if (c->has_row) {
        take_along(chi2 + cell, key + cell, p);
        return;
    }
    if (c->slice && r->row_axis < r->config->n_axis) {
        size_t i = c->at[r->row_axis] - p->index[r->row_axis]; /* huge: before the piece */

        if (i < p->n)
            take(&chi2[cell], &key[cell], p->chi2[i], key_at(p, i));
        return;
    }
    for (size_t i = 0; i < p->n && p->lowest <= chi2[cell].chi2; i++) {
        if (p->chi2[i] == p->lowest) { /* the first such point has the lowest index */
            take(&chi2[cell], &key[cell], p->lowest, key_at(p, i));
            return;
        }
    }
}

static void count(const histogram *h, word *block, const piece *p)
{
    word *counts = block + h->start;
    double n_bin = (double)h->n_bin;
    uint64_t above = 0; /* most points: not one after the other in memory */

    for (size_t i = 0; i < p->n; i++) {
        double bin = (p->chi2[i] - h->reference) * h->scale;

        if (bin >= 0.0 && bin < n_bin)
            counts[FIRST_BIN + (size_t)bin].whole++;
        else if (bin < 0.0)
            counts[BELOW].whole += p->status[i] != SEVENS_POINT_INVALID;
        else
            above += p->status[i] != SEVENS_POINT_INVALID;
    }
    counts[ABOVE].whole += above;
}

static void count_status(word *block, const piece *p)
{
    size_t n_ok = 0;

    for (size_t i = 0; i < p->n; i++)
        n_ok += p->status[i] == SEVENS_POINT_OK;
    block[SEVENS_POINT_OK].whole += n_ok;
    for (size_t i = 0; i < p->n && n_ok < p->n; i++) {
        if (p->status[i] != SEVENS_POINT_OK)
            block[p->status[i] % N_STATUS].whole++;
    }
}

void sevens_reduce_row(sevens_reduce *r, int thread, const size_t *index, size_t n,
                       const double *chi2, const uint8_t *status)
{
    word *block = r->block[thread];
    piece p = {.index = index, .n = n, .chi2 = chi2, .status = status};

    for (size_t a = 0; a < r->config->n_axis; a++)
        p.first += r->stride[a] * index[a];
    p.step = r->row_axis < r->config->n_axis ? r->stride[r->row_axis] : 0;
    p.lowest = lowest_of(chi2, n);
    count_status(block, &p);
    for (size_t i = 0; i < r->n_cells; i++)
        take_piece(r, &r->cells[i], block, &p);
    for (size_t i = 0; i < r->n_histogram; i++)
        count(&r->histogram[i], block, &p);
}

/* ---- putting together ---- */

static void merge_block(const sevens_reduce *r, word *to, const word *from)
{
    for (size_t s = 0; s < N_STATUS; s++)
        to[s].whole += from[s].whole;
    for (size_t i = 0; i < r->n_cells; i++) {
        size_t chi2 = r->cells[i].start, key = chi2 + r->cells[i].n_cell;

        for (size_t k = 0; k < r->cells[i].n_cell; k++)
            take(&to[chi2 + k], &to[key + k], from[chi2 + k].chi2, from[key + k].whole);
    }
    for (size_t i = 0; i < r->n_histogram; i++) {
        const histogram *h = &r->histogram[i];

        for (size_t k = 0; k < FIRST_BIN + h->n_bin; k++)
            to[h->start + k].whole += from[h->start + k].whole;
    }
}

void sevens_reduce_merge(sevens_reduce *r)
{
    for (int t = 1; t < r->threads; t++) {
        merge_block(r, r->block[0], r->block[t]);
        clear(r, r->block[t]);
    }
}

size_t sevens_reduce_state_size(const sevens_reduce *r)
{
    return r->n_word * sizeof(word);
}

const void *sevens_reduce_state(const sevens_reduce *r)
{
    return r->block[0];
}

void sevens_reduce_set_state(sevens_reduce *r, const void *state)
{
    for (int t = 1; t < r->threads; t++)
        clear(r, r->block[t]);
    memcpy(r->block[0], state, sevens_reduce_state_size(r));
}

/* ---- results ---- */

static sevens_reduce_cell read_cell(const sevens_reduce *r, const cells *c, size_t k)
{
    const word *block = r->block[0] + c->start;
    uint64_t key = block[c->n_cell + k].whole, point = KEY_INDEX(key);
    sevens_reduce_cell cell = {NAN, SEVENS_POINT_INVALID, {0}};

    if (key == NO_KEY)
        return cell;
    cell.chi2 = block[k].chi2;
    cell.status = KEY_STATUS(key);
    for (size_t a = 0; a < r->config->n_axis; a++) {
        cell.index[a] = (size_t)(point / r->stride[a]);
        point %= r->stride[a];
    }
    return cell;
}

sevens_reduce_cell sevens_reduce_at(const sevens_reduce *r, size_t plane, size_t cell)
{
    const sevens_plane *p = &r->config->plane[plane];
    const cells *c = &r->cells[r->of_plane[plane]];
    size_t k = 0;

    for (size_t i = p->n_axis; i-- > 0;) { /* the order of cells here is another */
        size_t n = r->config->axis[p->axis[i]].n;

        k += c->stride[p->axis[i]] * (cell % n);
        cell /= n;
    }
    return read_cell(r, c, k);
}

sevens_reduce_cell sevens_reduce_lowest(const sevens_reduce *r)
{
    return read_cell(r, &r->cells[0], 0);
}

uint64_t sevens_reduce_points(const sevens_reduce *r, uint8_t status)
{
    return r->block[0][status].whole;
}

sevens_reduce_histogram sevens_reduce_counts(const sevens_reduce *r, size_t plane)
{
    const histogram *h = &r->histogram[r->of_plane[plane]];
    const word *counts = r->block[0] + h->start;

    return (sevens_reduce_histogram){&counts[FIRST_BIN].whole, counts[BELOW].whole,
                                     counts[ABOVE].whole, h->reference};
}
