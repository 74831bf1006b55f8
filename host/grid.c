/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The backends and the choice between them. */
#include "sevens/grid.h"
#include "sevens/text.h"
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below this number of points a GPU's start-up and copies cost more than the points. */
#define POINTS_WORTH_A_GPU 1e6

static const sevens_backend *const backends[] = {
    &sevens_backend_serial,
    &sevens_backend_openmp,
    &sevens_backend_cuda,
};

#define N_BACKENDS (sizeof backends / sizeof backends[0])

struct sevens_grid {
    const sevens_backend *backend;
    void *state;
};

const sevens_backend *sevens_backend_at(size_t index)
{
    return index < N_BACKENDS ? backends[index] : NULL;
}

int sevens_backend_threads(const sevens_backend *backend, int asked)
{
    if (backend == &sevens_backend_serial)
        return 1;
    return asked > 0 ? asked : omp_get_max_threads();
}

/* cuda where it is there and pays, else openmp. */
static const sevens_backend *select_auto(double n_points, char *reason, size_t size)
{
    char why[256] = "";

    if (!sevens_backend_cuda.available(why, sizeof why)) {
        snprintf(reason, size, "openmp (no cuda: %s)", why);
        return &sevens_backend_openmp;
    }
    if (n_points > 0.0 && n_points < POINTS_WORTH_A_GPU) {
        snprintf(reason, size, "openmp (%.3g points are too few for %s)", n_points, why);
        return &sevens_backend_openmp;
    }
    snprintf(reason, size, "cuda (%s)", why);
    return &sevens_backend_cuda;
}

sevens_status sevens_backend_select(const sevens_backend **backend, const char *name,
                                    double n_points, char *reason, size_t reason_size,
                                    sevens_error *err)
{
    const char *names[N_BACKENDS + 1];
    char why[256] = "", suggestion[SEVENS_SUGGESTION];

    *backend = NULL;
    if (strcmp(name, "auto") == 0) {
        *backend = select_auto(n_points, reason, reason_size);
        return SEVENS_OK;
    }
    for (size_t i = 0; i < N_BACKENDS; i++) {
        names[i] = backends[i]->name;
        if (strcmp(names[i], name) != 0)
            continue;
        if (!backends[i]->available(why, sizeof why))
            return sevens_fail(err, SEVENS_ERR_BACKEND, "backend %s is not available: %s", name,
                               why);
        snprintf(reason, reason_size, why[0] ? "%s (%s)" : "%s", name, why);
        *backend = backends[i];
        return SEVENS_OK;
    }
    names[N_BACKENDS] = "auto";
    return sevens_fail(err, SEVENS_ERR_INPUT, "unknown backend '%s'; %s", name,
                       sevens_suggest(suggestion, name, names, N_BACKENDS + 1));
}

sevens_status sevens_grid_create(sevens_grid **out, const sevens_backend *backend,
                                 const sevens_likelihood *likelihood,
                                 const sevens_grid_options *options, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_grid *grid = calloc(1, sizeof *grid);

    *out = NULL;
    SEVENS_TRY_ALLOC(grid);
    grid->backend = backend;
    SEVENS_TRY(backend->create(&grid->state, likelihood, options, err));
    *out = grid;
    grid = NULL;
cleanup:
    free(grid);
    return status;
}

void sevens_grid_destroy(sevens_grid **grid)
{
    if (!*grid)
        return;
    (*grid)->backend->destroy((*grid)->state);
    free(*grid);
    *grid = NULL;
}

sevens_status sevens_grid_evaluate(sevens_grid *grid, const sevens_rows *rows,
                                   sevens_row_results *results, sevens_error *err)
{
    return grid->backend->evaluate(grid->state, rows, results, err);
}
