/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "quadrature.h"
#include <gsl/gsl_integration.h>
#include <stdlib.h>

sevens_status sevens_quadrature_panels(sevens_quadrature *rule, const double *edge, size_t n_edge,
                                       size_t n_order, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(n_order);
    size_t n_panel = n_edge > 0 ? n_edge - 1 : 0;

    rule->n = 0;
    rule->node = calloc(n_panel * n_order + 1, sizeof *rule->node);
    rule->weight = calloc(n_panel * n_order + 1, sizeof *rule->weight);
    SEVENS_TRY_ALLOC(table);
    SEVENS_TRY_ALLOC(rule->node);
    SEVENS_TRY_ALLOC(rule->weight);
    for (size_t p = 0; p < n_panel; p++) {
        for (size_t i = 0; i < n_order; i++, rule->n++)
            gsl_integration_glfixed_point(edge[p], edge[p + 1], i, &rule->node[rule->n],
                                          &rule->weight[rule->n], table);
    }
cleanup:
    if (table)
        gsl_integration_glfixed_table_free(table);
    if (status != SEVENS_OK)
        sevens_quadrature_free(rule);
    return status;
}

void sevens_quadrature_free(sevens_quadrature *rule)
{
    free(rule->node);
    free(rule->weight);
    *rule = (sevens_quadrature){0};
}

sevens_status sevens_unit_rule_init(sevens_unit_rule *rule, size_t n_order, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const double unit[2] = {0.0, 1.0};
    sevens_quadrature panel = {0};

    SEVENS_TRY(sevens_quadrature_panels(&panel, unit, 2, n_order, err));
    rule->n = n_order;
    for (size_t i = 0; i < n_order; i++) {
        rule->node[i] = panel.node[i];
        rule->weight[i] = panel.weight[i];
    }
cleanup:
    sevens_quadrature_free(&panel);
    return status;
}
