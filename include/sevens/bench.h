/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference workloads: speed by phase, and the error of Delta chi2 beside it. bench/README.md */
#ifndef SEVENS_BENCH_H
#define SEVENS_BENCH_H

#include "sevens/grid.h"
#include "sevens/status.h"
#include <stddef.h>

typedef struct sevens_workload {
    const char *name, *doc;
    const char *scan; /* scan file; its axes all have `size` points */
    size_t size;      /* points along each axis */
} sevens_workload;

sevens_status sevens_workload_find(const sevens_workload **workload, const char *name,
                                   sevens_error *err);

typedef struct sevens_bench_options {
    const sevens_backend *backend;
    sevens_grid_options grid;
    size_t size;   /* points along each axis, 0: the workload's */
    size_t repeat; /* runs, of which the fastest counts */
} sevens_bench_options;

typedef struct sevens_bench_result {
    double points, points_per_s;  /* templates and grid together */
    double cycles_per_point_core; /* of the grid phase; 0 where cycles cannot be told */
    double passes_per_point;
    double setup_s, templates_s, grid_s;
    double max_error, rms_error; /* of chi2 against the reference, where Delta chi2 < 30 */
    size_t checked;              /* points compared with the reference */
    int threads;
} sevens_bench_result;

sevens_status sevens_bench_run(const sevens_workload *workload, const sevens_bench_options *options,
                               sevens_bench_result *result, sevens_error *err);

#endif
