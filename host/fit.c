/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sevens/fit.h"
#include "fit_search.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* chi2 by which another minimum must be lower: less is the rounding of the search, and a resumed
 * scan would find another last digit. */
#define IMPROVEMENT 1e-6

/* Coarse nodes along each axis besides the row, by the number of such axes. */
static size_t coarse_nodes(size_t n_free)
{
    static const size_t nodes[] = {1, 160, 40, 14, 8};

    return n_free < sizeof nodes / sizeof nodes[0] ? nodes[n_free] : 5;
}

double sevens_delta_chi2(double cl, int dof)
{
    return gsl_cdf_chisq_Pinv(cl, (double)dof);
}

void sevens_fit_result_free(sevens_fit_result *result)
{
    free(result->value);
    free(result->profile);
    *result = (sevens_fit_result){0};
}

/* Profiles at result->value, which is final. */
static sevens_status complete(sevens_search *search, sevens_fit_result *result, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    if (!result->profile)
        result->profile = calloc(search->problem->n_group, sizeof *result->profile);
    SEVENS_TRY_ALLOC(result->profile);
    result->chi2_min =
        sevens_problem_chi2(search->problem, search->work, result->value, result->profile);
cleanup:
    return status;
}

sevens_status sevens_fit_minimise(const sevens_problem *problem, sevens_fit_result *result,
                                  sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_search *search = NULL;

    *result = (sevens_fit_result){0};
    SEVENS_TRY(sevens_search_create(&search, problem, SEVENS_NO_AXIS, err));
    result->value = malloc(search->n_parameters * sizeof *result->value);
    SEVENS_TRY_ALLOC(result->value);
    memcpy(result->value, problem->config->value, search->n_parameters * sizeof *result->value);
    SEVENS_TRY(sevens_search_minimise(search, coarse_nodes(search->n_free), result->value,
                                      &result->chi2_min, err));
    if (!isfinite(result->chi2_min))
        SEVENS_TRY(
            sevens_fail(err, SEVENS_ERR_NUMERIC, "no point of the region has a finite chi2"));
    SEVENS_TRY(complete(search, result, err));
cleanup:
    sevens_search_destroy(&search);
    if (status != SEVENS_OK)
        sevens_fit_result_free(result);
    return status;
}

sevens_status sevens_fit_improve(const sevens_problem *problem, const double *value,
                                 sevens_fit_result *result, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_search *search = NULL;
    double *moved = NULL, chi2;
    size_t bytes;

    SEVENS_TRY(sevens_search_create(&search, problem, SEVENS_NO_AXIS, err));
    bytes = search->n_parameters * sizeof *moved;
    moved = malloc(bytes);
    SEVENS_TRY_ALLOC(moved);
    memcpy(moved, value, bytes);
    SEVENS_TRY(sevens_search_local(search, moved, &chi2, err));
    if (chi2 < result->chi2_min - IMPROVEMENT) {
        memcpy(result->value, moved, bytes);
        SEVENS_TRY(complete(search, result, err));
    }
cleanup:
    free(moved);
    sevens_search_destroy(&search);
    return status;
}
