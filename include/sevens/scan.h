/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scan driver: the only module that knows all the others. It streams the grid in tiles, so that
 * memory is bounded by a tile and a stopped scan resumes at one. */
#ifndef SEVENS_SCAN_H
#define SEVENS_SCAN_H

#include "sevens/grid.h"
#include "sevens/problem.h"
#include <signal.h>

typedef struct sevens_scan_options {
    const char *output;  /* NULL: as the scan file says */
    const char *backend; /* "auto", "serial", ... */
    int threads;         /* 0: all */
    sevens_precision precision;
    bool resume, force, quiet;
    bool no_compress;                  /* whatever output.compress says */
    const char *command;               /* the command line, for the map's history */
    const volatile sig_atomic_t *stop; /* non-zero: finish the tile, flush, return INTERRUPTED */
} sevens_scan_options;

typedef struct sevens_scan_report {
    char map[4096];
    char backend[32], device[128], precision[8]; /* device: GPU, or threads and vectors */
    int threads;
    double points; /* of this run */
    double points_total;
    double points_per_s; /* template and grid phases together */
    double cycles_per_point_core;
    double passes_per_point;
    double setup_s, templates_s, grid_s, write_s, fit_s, wall_s;
    double unconverged, invalid;
    double chi2_min, chi2_sm;
    double *best; /* [n_parameters] owned */
    bool already_complete;
} sevens_scan_report;

sevens_status sevens_scan_run(const sevens_problem *problem, const sevens_scan_options *options,
                              sevens_scan_report *report, sevens_error *err);
void sevens_scan_report_free(sevens_scan_report *report);

/* Shape of a tile along all axes of the scan: a whole row, or a number of its segments, and as many
 * chains of rows (sevens/grid.h) as fit: at most config->tile points of the map, unless one segment
 * of one chain has more. Profiled axes lie in it whole; with many of their points tiles have fewer
 * points of the map. */
void sevens_scan_tile_shape(const sevens_config *config, size_t row_axis, size_t *tile);

/* What a scan holds at a time: the points of the map in a tile, and a batch of rows. */
typedef struct sevens_scan_sizes {
    size_t tile_points, batch_rows, batch_points;
} sevens_scan_sizes;
sevens_scan_sizes sevens_scan_size(const sevens_problem *problem);

#endif
