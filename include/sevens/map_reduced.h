/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reduced maps: the planes of a scan with `reduce`, each a group of the file that is laid out as a
 * whole map is; docs/map_format.md. The file is written when all points are done; until then the
 * state of the scan is kept in FILE.journal.
 *
 * Order of calls: open, state, then save from time to time, finish. */
#ifndef SEVENS_MAP_REDUCED_H
#define SEVENS_MAP_REDUCED_H

#include "sevens/map.h"

#define SEVENS_MAP_MAX_PLANE_AXES 2

typedef enum sevens_map_plane_kind {
    SEVENS_MAP_PROFILE,
    SEVENS_MAP_SLICE,
    SEVENS_MAP_HISTOGRAM
} sevens_map_plane_kind;

typedef struct sevens_map_plane {
    const char *name;
    sevens_map_plane_kind kind;
    size_t n_axis, axis[SEVENS_MAP_MAX_PLANE_AXES]; /* axes of the header */
    double at[SEVENS_MAP_MAX_AXES];                 /* slice: values on its other axes */
    /* histogram of chi2 - chi2_reference */
    size_t n_bin;
    double max, chi2_reference;
    const char *reference; /* "min" or "sm" */
    const uint64_t *count; /* [n_bin] */
    uint64_t below, above;
} sevens_map_plane;

/* Fills cells first .. first + n - 1 (row-major over its axes) of a profile or slice: chi2 [n],
 * status [n], of a profile where the minimum lies on each axis that is not in the plane (in the
 * order of the header), [n_profiled][n], and the derived quantities of the header there, [][n]. */
typedef void (*sevens_map_fill)(const void *context, size_t plane, size_t first, size_t n,
                                double *chi2, uint8_t *status, double *profiled, double *derived);

typedef struct sevens_map_reduced sevens_map_reduced;

/* Begins or goes on (resume), as sevens_map_create and sevens_map_resume do. state_size: of what is
 * saved, a constant of the scan. The header is borrowed until finish or close; of its axes the
 * tiles do not matter. */
sevens_status sevens_map_reduced_open(sevens_map_reduced **map, const char *path,
                                      const sevens_map_header *header, size_t state_size,
                                      bool resume, bool force, bool *complete, sevens_error *err);
/* The last state that was saved, or NULL. Borrowed. */
const void *sevens_map_reduced_state(const sevens_map_reduced *map);
/* Keeps a state in place of the one before; a kill at any moment leaves one of them. */
sevens_status sevens_map_reduced_save(sevens_map_reduced *map, const void *state,
                                      sevens_error *err);
/* Writes the file whole, renames it into place and removes the journal. */
sevens_status sevens_map_reduced_finish(sevens_map_reduced **map, const sevens_map_plane *plane,
                                        size_t n_plane, sevens_map_fill fill, const void *context,
                                        const sevens_map_counts *counts,
                                        const sevens_map_summary *summary, sevens_error *err);
/* Closes without finishing: the scan stays resumable. */
void sevens_map_reduced_close(sevens_map_reduced **map);

#endif
