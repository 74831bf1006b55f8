/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backends: rows and a likelihood in, profiled chi2 per point out. They know no model, no
 * experiment and no file.
 *
 * Along a row the signal of bin b at the row variable x is  A_b + B_b x + C_b x^2, and its changes
 * by shape nuisances likewise. Memory layout, the same for every backend:
 * signal[row][part][variant][term A,B,C][bin], bin fastest; results[row][x], x fastest.
 *
 * A result depends on its row, its x and the precision, and on `openmp` also on its neighbours: a
 * row is cut into segments of SEVENS_ROW_SEGMENT points from its first one on, rows that follow
 * each other may make a chain (`follows`), and within the segments of a chain a point starts from
 * the nuisances of others. So rows may be handed over whole or from one segment boundary to
 * another, and chains whole: threads, tiles and resumed scans then cannot change a bit of a
 * result. */
#ifndef SEVENS_GRID_H
#define SEVENS_GRID_H

#include "sevens/likelihood.h"
#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Part of what a result is, not only of its speed. */
#define SEVENS_ROW_SEGMENT 512 /* points */
#define SEVENS_ROW_CHAIN 32    /* rows at most */

/* F32 is for likelihoods that are plain (sevens_likelihood_is_plain) with few norms; all others are
 * computed in double all the same. */
typedef enum sevens_precision { SEVENS_PRECISION_F64, SEVENS_PRECISION_F32 } sevens_precision;

/* Status of a grid point, as stored in the map. */
enum {
    SEVENS_POINT_PENDING = 0,
    SEVENS_POINT_OK = 1,
    SEVENS_POINT_UNCONVERGED = 2,
    SEVENS_POINT_INVALID = 3
};

typedef struct sevens_rows {
    size_t n_row, n_x;
    const double *signal; /* [n_row][part][n_variant][3][n_bin], see sevens_likelihood_row_size */
    const double *x;      /* [n_row][n_x] row variable */
    bool same_x;          /* x is [n_x], of every row */
    const double *unit;   /* [n_row] powers of two in which B and C count x; NULL: all 1 */
    const bool *follows;  /* [n_row] whether a row is a small step from the one before it, at the
                             same x: part of its chain. NULL: none is */
} sevens_rows;

/* Point i of row r in the unit of the row's B and C. */
static inline double sevens_rows_x(const sevens_rows *rows, size_t r, size_t i)
{
    double x = rows->x[rows->same_x ? i : r * rows->n_x + i];

    return rows->unit ? x / rows->unit[r] : x; /* a power of two: exact */
}

typedef struct sevens_row_results {
    double *chi2;      /* [n_row][n_x] */
    double *part_chi2; /* [n_part][n_row][n_x], or NULL when not wanted or when there is one part */
    uint8_t *status;   /* [n_row][n_x] */
    float *nuisance;   /* [n_nuisance][n_row][n_x], or NULL when not wanted */
    uint64_t passes;   /* added to: likelihood passes over all points */
} sevens_row_results;

typedef struct sevens_grid_options {
    sevens_precision precision;
    int threads; /* 0: all cores; `serial` has one */
    int device;  /* GPU number */
} sevens_grid_options;

typedef struct sevens_grid sevens_grid;

typedef struct sevens_backend {
    const char *name; /* serial, openmp, cuda */
    const char *doc;
    /* Whether it can run here; `why` says why not, or names the device. */
    bool (*available)(char *why, size_t why_size);
    sevens_status (*create)(void **state, const sevens_likelihood *likelihood,
                            const sevens_grid_options *options, sevens_error *err);
    sevens_status (*evaluate)(void *state, const sevens_rows *rows, sevens_row_results *results,
                              sevens_error *err);
    void (*destroy)(void *state);
} sevens_backend;

extern const sevens_backend sevens_backend_serial, sevens_backend_openmp, sevens_backend_cuda;

/* All backends, built or not; NULL past the end. */
const sevens_backend *sevens_backend_at(size_t index);

/* Threads that a backend runs when `asked` of it (0: all cores). */
int sevens_backend_threads(const sevens_backend *backend, int asked);

/* `name` or "auto". auto takes cuda when a device is there and n_points is large enough to pay for
 * it (0: unknown), else openmp; `reason` says in words what was taken and why. An unknown name is
 * SEVENS_ERR_INPUT, an absent backend SEVENS_ERR_BACKEND. */
sevens_status sevens_backend_select(const sevens_backend **backend, const char *name,
                                    double n_points, char *reason, size_t reason_size,
                                    sevens_error *err);

/* A backend bound to a likelihood (borrowed). */
sevens_status sevens_grid_create(sevens_grid **grid, const sevens_backend *backend,
                                 const sevens_likelihood *likelihood,
                                 const sevens_grid_options *options, sevens_error *err);
void sevens_grid_destroy(sevens_grid **grid);
sevens_status sevens_grid_evaluate(sevens_grid *grid, const sevens_rows *rows,
                                   sevens_row_results *results, sevens_error *err);

#ifdef __cplusplus
}
#endif

#endif
