/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Response of a scintillator read in photoelectrons: quenching polynomial, gamma-distributed number
 * of photoelectrons, efficiency in reconstructed photoelectrons. physics.md eqs. 17 to 20. */
#include "sevens/response.h"
#include "quadrature.h"
#include <math.h>
#include <stdlib.h>

/* Panels no wider than this [PE] with so many nodes integrate the gamma density to rounding
 * wherever it is not negligible: it is never narrower than about 3 PE there. */
#define PANEL_WIDTH_PE 4.0
#define PANEL_ORDER 16
#define LARGEST_PE 1e5 /* reconstructed energy: keeps the rule below 10 MB */

struct sevens_response {
    sevens_response_parameters par; /* copy */
    size_t n_energy;
    size_t *first;          /* [n_energy + 1] first node of each bin */
    sevens_quadrature rule; /* reconstructed energy x; weight includes the efficiency */
    double *log_x;          /* [rule.n] */
};

/* physics.md eq. 19; x in PE. */
static double efficiency(const sevens_response_parameters *par, double x)
{
    const double *c = par->efficiency_coefficient;
    double value = c[0] / (1.0 + exp(-c[1] * (x - c[2]))) + c[3];

    return value > 0.0 ? value : 0.0;
}

/* Where the efficiency rises above 0: a kink that no panel may contain. */
static double efficiency_threshold(const sevens_response_parameters *par)
{
    const double *c = par->efficiency_coefficient;
    double e = -c[0] / c[3] - 1.0; /* exp(-b (x - c)) at the zero */

    return c[3] < 0.0 && e > 0.0 ? c[2] - log(e) / c[1] : -INFINITY;
}

/* Edges of the panels of the bin [lo, hi]; returns their number (0: efficiency 0 all over). */
static size_t bin_panels(double lo, double hi, double threshold, double *edge)
{
    double start = threshold > lo ? threshold : lo;
    size_t n;

    if (start < 0.0)
        start = 0.0;
    if (start >= hi)
        return 0;
    n = (size_t)ceil((hi - start) / PANEL_WIDTH_PE);
    for (size_t i = 0; i <= n; i++)
        edge[i] = start + (hi - start) * (double)i / (double)n;
    return n + 1;
}

/* One composite rule over all bins, and where each bin begins in it. */
static sevens_status make_rule(sevens_response *response, const sevens_bin_axis *axis,
                               sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double threshold = efficiency_threshold(&response->par), top = axis->edges[axis->n];
    size_t capacity = 2 * axis->n + (size_t)(fmin(fmax(top, 0.0), LARGEST_PE) / PANEL_WIDTH_PE) + 2;
    double *edge = malloc((capacity + axis->n) * sizeof *edge);
    sevens_quadrature *rule = &response->rule, bin = {0};

    rule->n = 0;
    if (!(top <= LARGEST_PE))
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                               "the energy bins reach %g PE: a response is computed up to %g PE",
                               top, LARGEST_PE));
    rule->node = malloc(capacity * PANEL_ORDER * sizeof *rule->node);
    rule->weight = malloc(capacity * PANEL_ORDER * sizeof *rule->weight);
    SEVENS_TRY_ALLOC(edge);
    SEVENS_TRY_ALLOC(rule->node);
    SEVENS_TRY_ALLOC(rule->weight);
    for (size_t i = 0; i < axis->n; i++) {
        size_t n_edge = bin_panels(axis->edges[i], axis->edges[i + 1], threshold, edge);

        response->first[i] = rule->n;
        SEVENS_TRY(sevens_quadrature_panels(&bin, edge, n_edge, PANEL_ORDER, err));
        for (size_t j = 0; j < bin.n; j++, rule->n++) {
            rule->node[rule->n] = bin.node[j];
            rule->weight[rule->n] = bin.weight[j] * efficiency(&response->par, bin.node[j]);
        }
        sevens_quadrature_free(&bin);
    }
    response->first[axis->n] = rule->n;
cleanup:
    free(edge);
    return status;
}

sevens_status sevens_response_create(sevens_response **out, const sevens_release *release,
                                     sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_response *response = calloc(1, sizeof *response);

    *out = NULL;
    SEVENS_TRY_ALLOC(response);
    response->par = release->response;
    response->n_energy = release->n_energy;
    response->first = calloc(release->n_energy + 1, sizeof *response->first);
    SEVENS_TRY_ALLOC(response->first);
    SEVENS_TRY(make_rule(response, &release->axis[0], err));
    response->log_x = malloc((response->rule.n + 1) * sizeof *response->log_x);
    SEVENS_TRY_ALLOC(response->log_x);
    for (size_t j = 0; j < response->rule.n; j++)
        response->log_x[j] = log(response->rule.node[j]);
    *out = response;
    response = NULL;
cleanup:
    sevens_response_destroy(&response);
    return status;
}

void sevens_response_destroy(sevens_response **response)
{
    if (!*response)
        return;
    sevens_quadrature_free(&(*response)->rule);
    free((*response)->first);
    free((*response)->log_x);
    free(*response);
    *response = NULL;
}

/* Electron-equivalent energy [keVee] of a nuclear recoil [MeVnr]; physics.md eq. 17. */
static double quenched_keVee(const sevens_response_parameters *par, double T_MeV)
{
    const double *c = par->quenching_coefficient;

    return 1000.0 * T_MeV * (c[0] + T_MeV * (c[1] + T_MeV * (c[2] + T_MeV * c[3])));
}

/* R_i at an electron-equivalent energy. */
static void respond(const sevens_response *response, double E_ee, double *r)
{
    double shape, rate, log_norm; /* gamma density x^(shape-1) exp(-rate x); physics.md eq. 18 */

    for (size_t i = 0; i < response->n_energy; i++)
        r[i] = 0.0;
    if (!(E_ee > 0.0))
        return;
    shape = 1.0 + response->par.gamma_b_per_keVee * E_ee;
    rate = shape * response->par.gamma_a_keVee / E_ee;
    log_norm = shape * log(rate) - lgamma(shape);
    for (size_t i = 0; i < response->n_energy; i++) {
        for (size_t j = response->first[i]; j < response->first[i + 1]; j++)
            r[i] += response->rule.weight[j] * exp(log_norm + (shape - 1.0) * response->log_x[j] -
                                                   rate * response->rule.node[j]);
    }
}

void sevens_response_nuclear(const sevens_response *response, double T_MeV, double *r)
{
    respond(response, quenched_keVee(&response->par, T_MeV), r);
}

void sevens_response_electron(const sevens_response *response, double T_MeV, double *r)
{
    respond(response, 1000.0 * T_MeV, r);
}
