/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between host/scan.c (whole maps) and host/scan_reduce.c (reduced maps). */
#ifndef SEVENS_SCAN_INTERNAL_H
#define SEVENS_SCAN_INTERNAL_H

#include "scan_header.h"
#include "scan_tile.h"
#include "sevens/evaluator.h"
#include "sevens/fit.h"
#include "sevens/scan.h"

typedef struct scan_state {
    const sevens_problem *problem;
    const sevens_config *config;
    const sevens_scan_options *options;
    sevens_scan_report *report;
    sevens_evaluator *evaluator;
    sevens_map *map; /* a whole one */
    sevens_scan_tile tile;
    double grid_min; /* lowest chi2 of the grid, as stored, and where */
    double *grid_best;
} scan_state;

/* The reference, `serial`, builds every row at its own point; the others have tables. */
sevens_status sevens_scan_make_evaluator(scan_state *s, const sevens_backend *backend,
                                         const sevens_grid_options *options, sevens_error *err);
/* Looks for a lower minimum from the lowest point of the grid, when that is lower than the fit. */
sevens_status sevens_scan_improve(scan_state *s, sevens_fit_result *fit, sevens_error *err);

typedef struct sevens_scan_summary {
    sevens_map_summary map; /* points into this struct */
    const char *name[SEVENS_MAX_AXES], *unit[SEVENS_MAX_AXES];
    double best[SEVENS_MAX_AXES];
} sevens_scan_summary;
/* The end of map and report; takes the values of the fit. start: of the run. */
void sevens_scan_summarise(scan_state *s, sevens_fit_result *fit, double start,
                           sevens_scan_summary *summary);
/* Speeds of this run. */
void sevens_scan_report_speed(scan_state *s);
/* What a finished map says, when there is nothing to do. */
sevens_status sevens_scan_report_complete(scan_state *s, sevens_error *err);

/* A scan with `reduce`, from its journal to its map. start: of the run. */
sevens_status sevens_scan_reduced(scan_state *s, const sevens_backend *backend,
                                  const sevens_grid_options *grid_options, double start,
                                  sevens_error *err);

#endif
