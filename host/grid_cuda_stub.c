/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backend `cuda` in a build without CUDA: it exists by name and says why it is not there. */
#include "sevens/grid.h"
#include <stdio.h>

static bool available(char *why, size_t why_size)
{
    snprintf(why, why_size, "this program was built without CUDA");
    return false;
}

static sevens_status create(void **state, const sevens_likelihood *likelihood,
                            const sevens_grid_options *options, sevens_error *err)
{
    (void)likelihood, (void)options;
    *state = NULL;
    return sevens_fail(err, SEVENS_ERR_BACKEND, "this program was built without CUDA");
}

static sevens_status evaluate(void *state, const sevens_rows *rows, sevens_row_results *results,
                              sevens_error *err)
{
    (void)state, (void)rows, (void)results;
    return sevens_fail(err, SEVENS_ERR_BACKEND, "this program was built without CUDA");
}

static void destroy(void *state)
{
    (void)state;
}

const sevens_backend sevens_backend_cuda = {
    .name = "cuda",
    .doc = "NVIDIA GPU, one point per thread",
    .available = available,
    .create = create,
    .evaluate = evaluate,
    .destroy = destroy,
};
