/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One tile of a map: its points go through the evaluator in rows, and of the points of the scan
 * that differ in profiled axes alone the lowest is kept. */
#ifndef SEVENS_SCAN_TILE_H
#define SEVENS_SCAN_TILE_H

#include "sevens/evaluator.h"
#include "sevens/reduce.h"

typedef struct sevens_scan_tile {
    const sevens_problem *problem;
    sevens_evaluator *evaluator; /* borrowed */
    sevens_reduce *reduce;       /* takes all points in place of the results below; or NULL */
    size_t n_profiled;           /* profiled axes */
    /* The box in the grid of the scan, along all axes of the scan file; profiled ones lie in it
     * whole. */
    size_t offset[SEVENS_MAX_AXES], extent[SEVENS_MAX_AXES];
    size_t points;    /* of the map */
    double evaluated; /* points of the scan */
    /* Results in the order of the map. */
    double *chi2;            /* [points], NaN where no point is valid */
    uint8_t *status;         /* [points] that of the lowest point */
    double *chi2_experiment; /* [n_experiment][points] */
    float *pull;             /* [n_nuisance][points], filled when the map has pulls */
    double *profiled;        /* [n_profiled][points] where the lowest point is */
    double *derived;         /* [n_derived of the model][points] there */
    /* Rows of one call of the evaluator, and their results. */
    size_t batch_rows;
    double *x, *value; /* [points of a row], [batch_rows][n_parameters] */
    bool *follows;     /* [batch_rows], see sevens_rows */
    double *row_chi2, *row_chi2_experiment;
    uint8_t *row_status;
    float *row_nuisance;
} sevens_scan_tile;

/* shape: of the largest tile, see sevens_scan_tile_shape. */
sevens_status sevens_scan_tile_create(sevens_scan_tile *tile, const sevens_problem *problem,
                                      sevens_evaluator *evaluator, const size_t *shape,
                                      sevens_error *err);
void sevens_scan_tile_free(sevens_scan_tile *tile);

/* Goes to a box of the map, along the axes of the map. */
void sevens_scan_tile_place(sevens_scan_tile *tile, const size_t *offset, const size_t *extent);
sevens_status sevens_scan_tile_compute(sevens_scan_tile *tile, sevens_error *err);
/* Values of all parameters at a point of the map, profiled ones where the results say. */
void sevens_scan_tile_values(const sevens_scan_tile *tile, size_t point, double *value);

#endif
