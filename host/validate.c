/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the groups of host/validate_<experiments>.c. */
#include "validate_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static sevens_status run_group(const sevens_validation_group *g, sevens_validation *rows,
                               sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_config *config = NULL;
    sevens_problem *problem = NULL;
    double ours[SEVENS_MAX_EXPECTATIONS];

    for (size_t i = 0; i < SEVENS_MAX_EXPECTATIONS; i++)
        ours[i] = NAN;
    SEVENS_TRY(
        sevens_config_parse(&config, "validation", g->scan, strlen(g->scan), NULL, false, err));
    SEVENS_TRY(sevens_problem_create(&problem, config, err));
    SEVENS_TRY(g->measure(problem, g->argument, ours, err));
    for (size_t i = 0; i < g->n; i++) {
        const sevens_expectation *e = &g->row[i];
        double allowed = e->relative ? e->tolerance * fabs(e->reference) : e->tolerance;

        rows[i] = (sevens_validation){e->quantity,
                                      e->published,
                                      e->reference,
                                      e->tolerance,
                                      e->relative,
                                      ours[i],
                                      fabs(ours[i] - e->reference) <= allowed};
    }
cleanup:
    if (status != SEVENS_OK)
        sevens_error_prefix(err, "%s", g->row[0].quantity);
    sevens_problem_destroy(&problem);
    sevens_config_free(&config);
    return status;
}

typedef struct table {
    const sevens_validation_group *group;
    size_t n;
    bool slow;
} table;

sevens_status sevens_validate(bool all, sevens_validation **rows, size_t *n, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const table tables[] = {
        {sevens_validation_csi2021, sevens_n_validation_csi2021, false},
        {sevens_validation_experiments, sevens_n_validation_experiments, false},
        {sevens_validation_combined, sevens_n_validation_combined, false},
        {sevens_validation_slow, sevens_n_validation_slow, true},
    };
    size_t n_tables = sizeof tables / sizeof tables[0], total = 0;

    *n = 0;
    for (size_t t = 0; t < n_tables; t++)
        for (size_t g = 0; g < tables[t].n; g++)
            total += tables[t].group[g].n;
    *rows = calloc(total, sizeof **rows);
    SEVENS_TRY_ALLOC(*rows);
    for (size_t t = 0; t < n_tables; t++) {
        for (size_t g = 0; g < tables[t].n && (all || !tables[t].slow); g++) {
            SEVENS_TRY(run_group(&tables[t].group[g], *rows + *n, err));
            *n += tables[t].group[g].n;
        }
    }
cleanup:
    if (status != SEVENS_OK) {
        free(*rows);
        *rows = NULL;
    }
    return status;
}
