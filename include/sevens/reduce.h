/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points in, planes out: what a scan with `reduce` keeps of chi2. Profiles keep the lowest chi2 of
 * each cell and where it lies, slices the points that lie in them, histograms how many points have
 * a Delta chi2. Of points with equal chi2 the one with the lowest index is the lowest, so that
 * nothing depends on the order in which they come: threads, tiles and resumed scans give the same
 * bits.
 *
 * Order of calls: create (load), row from any thread, merge, then the results or save. */
#ifndef SEVENS_REDUCE_H
#define SEVENS_REDUCE_H

#include "sevens/config.h"
#include "sevens/status.h"

typedef struct sevens_reduce sevens_reduce;

/* row_axis: the axis along which points come, or SEVENS_NO_ROW (one by one). reference [2]: by
 * sevens_plane_reference, what histograms compare chi2 with. The config is borrowed. */
sevens_status sevens_reduce_create(sevens_reduce **reduce, const sevens_config *config,
                                   size_t row_axis, const double *reference, int threads,
                                   sevens_error *err);
void sevens_reduce_destroy(sevens_reduce **reduce);
/* Memory of one with so many threads. */
double sevens_reduce_bytes(const sevens_config *config, int threads);

int sevens_reduce_threads(const sevens_reduce *reduce);
/* Takes n points along the row axis; index [n_axis]: of the first of them. A thread has a number of
 * its own. */
void sevens_reduce_row(sevens_reduce *reduce, int thread, const size_t *index, size_t n,
                       const double *chi2, const uint8_t *status);
/* What all threads have goes together. */
void sevens_reduce_merge(sevens_reduce *reduce);

/* All that was merged, as so many bytes. */
size_t sevens_reduce_state_size(const sevens_reduce *reduce);
const void *sevens_reduce_state(const sevens_reduce *reduce);
void sevens_reduce_set_state(sevens_reduce *reduce, const void *state);

/* ---- results, after merge ---- */

/* The lowest of the points of a cell. */
typedef struct sevens_reduce_cell {
    double chi2;                   /* NaN: no point is valid */
    uint8_t status;                /* of the point */
    size_t index[SEVENS_MAX_AXES]; /* on all axes of the scan; unset where no point is valid */
} sevens_reduce_cell;

/* A cell of a profile or a slice; cells are row-major over its axes. */
sevens_reduce_cell sevens_reduce_at(const sevens_reduce *reduce, size_t plane, size_t cell);
/* The lowest of all points. */
sevens_reduce_cell sevens_reduce_lowest(const sevens_reduce *reduce);
/* How many points have a status. */
uint64_t sevens_reduce_points(const sevens_reduce *reduce, uint8_t status);

typedef struct sevens_reduce_histogram {
    const uint64_t *count; /* [n_bin] */
    uint64_t below, above; /* the range */
    double reference;
} sevens_reduce_histogram;
sevens_reduce_histogram sevens_reduce_counts(const sevens_reduce *reduce, size_t plane);

#endif
