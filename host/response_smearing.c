/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The resolution: a mean reconstructed energy x spread over channels. physics.md eqs. 18, 20, 48.
 */
#include "response_internal.h"
#include "sevens/constants.h"
#include <math.h>

#define NEGLIGIBLE -100.0 /* ln of a weight */

/* ---- none ---- */

static void smear_none(const sevens_response *response, double x, double *r)
{
    size_t lo = 0, hi = response->n_channel;

    if (!(x >= response->edges[0] && x < response->edges[hi]))
        return;
    while (hi - lo > 1) {
        size_t middle = lo + (hi - lo) / 2;

        if (x < response->edges[middle])
            hi = middle;
        else
            lo = middle;
    }
    r[lo] = sevens_efficiency(&response->par, x);
}

/* ---- photoelectrons, gamma distributed ---- */

/* Panels no wider than this [PE] with so many nodes integrate the gamma density to rounding
 * wherever it is not negligible: it is never narrower than about 3 PE there, or than its distance
 * from 0. */
#define PANEL_WIDTH_PE 4.0
#define PANEL_ORDER 16
#define SMALLEST_PE 1e-8

/* The edges of the panels of a piece. */
static sevens_status piece_panels(const sevens_piece *piece, sevens_numbers *edge,
                                  sevens_error *err)
{
    double lo = piece->lo;
    size_t n;
    sevens_status status = SEVENS_OK;

    edge->n = 0;
    for (; lo < PANEL_WIDTH_PE && 2.0 * lo + SMALLEST_PE < piece->hi; lo = 2.0 * lo + SMALLEST_PE)
        SEVENS_TRY(sevens_numbers_add(edge, lo, err));
    n = (size_t)ceil((piece->hi - lo) / PANEL_WIDTH_PE);
    for (size_t i = 0; i <= n; i++)
        SEVENS_TRY(sevens_numbers_add(edge, lo + (piece->hi - lo) * (double)i / (double)n, err));
cleanup:
    return status;
}

/* Appends the nodes of a panel rule to those of all channels. */
static sevens_status append(sevens_response *response, const sevens_quadrature *rule,
                            sevens_error *err)
{
    sevens_quadrature *all = &response->gamma;
    size_t n = all->n + rule->n;
    double *node = realloc(all->node, n * sizeof *node), *weight = NULL, *log_x = NULL;

    all->node = node ? node : all->node;
    weight = realloc(all->weight, n * sizeof *weight);
    all->weight = weight ? weight : all->weight;
    log_x = realloc(response->log_x, n * sizeof *log_x);
    response->log_x = log_x ? log_x : response->log_x;
    if (!node || !weight || !log_x)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    for (size_t j = 0; j < rule->n; j++, all->n++) {
        node[all->n] = rule->node[j];
        weight[all->n] = rule->weight[j] * sevens_efficiency(&response->par, rule->node[j]);
        log_x[all->n] = log(rule->node[j]);
    }
    return SEVENS_OK;
}

/* One composite rule over all channels, and where each begins in it. */
static sevens_status make_gamma(sevens_response *response, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_numbers edge = {0};
    sevens_quadrature rule = {0};

    response->first_node = calloc(response->n_channel + 1, sizeof *response->first_node);
    SEVENS_TRY_ALLOC(response->first_node);
    for (size_t i = 0; i < response->n_channel; i++) {
        response->first_node[i] = response->gamma.n;
        for (size_t p = response->first[i]; p < response->first[i + 1]; p++) {
            SEVENS_TRY(piece_panels(&response->piece[p], &edge, err));
            SEVENS_TRY(sevens_quadrature_panels(&rule, edge.x, edge.n, PANEL_ORDER, err));
            SEVENS_TRY(append(response, &rule, err));
            sevens_quadrature_free(&rule);
        }
    }
    response->first_node[response->n_channel] = response->gamma.n;
cleanup:
    sevens_quadrature_free(&rule);
    sevens_numbers_free(&edge);
    return status;
}

static void smear_gamma(const sevens_response *response, double E_ee, double *r)
{
    /* density x^(shape-1) exp(-rate x); physics.md eq. 18 */
    double shape = 1.0 + response->par.gamma_b_per_keVee * E_ee;
    double rate = shape * response->par.gamma_a_keVee / E_ee;
    double log_norm = shape * log(rate) - lgamma(shape);

    for (size_t i = 0; i < response->n_channel; i++) {
        for (size_t j = response->first_node[i]; j < response->first_node[i + 1]; j++) {
            double log_density =
                log_norm + (shape - 1.0) * response->log_x[j] - rate * response->gamma.node[j];

            if (log_density > NEGLIGIBLE)
                r[i] += response->gamma.weight[j] * exp(log_density);
        }
    }
}

/* ---- whole numbers, Poisson distributed ---- */

static sevens_status make_poisson(sevens_response *response, sevens_error *err)
{
    double top = response->edges[response->n_channel];
    sevens_status status = SEVENS_OK;

    for (size_t i = 0; i <= response->n_channel; i++) {
        if (response->edges[i] != floor(response->edges[i]))
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                                   "poisson smearing counts whole numbers, but a bin of the "
                                   "reconstructed energy has the edge %.10g",
                                   response->edges[i]));
    }
    response->n_count = (size_t)fmax(top, 0.0);
    response->passed = calloc(response->n_count + 1, sizeof *response->passed);
    response->log_fact = calloc(response->n_count + 1, sizeof *response->log_fact);
    SEVENS_TRY_ALLOC(response->passed);
    SEVENS_TRY_ALLOC(response->log_fact);
    for (size_t n = 0; n < response->n_count; n++) {
        response->passed[n] = sevens_efficiency(&response->par, (double)n + 0.5);
        response->log_fact[n] = lgamma((double)n + 1.0);
    }
cleanup:
    return status;
}

static void smear_poisson(const sevens_response *response, double x, double *r)
{
    double log_x = log(x), width = SEVENS_RESPONSE_REACH * sqrt(x);
    size_t n = (size_t)fmin(fmax(x - width, fmax(response->edges[0], 0.0)), 2e9), i = 0;

    for (; n < response->n_count && (double)n < x + width + 0.5 * width + 100.0; n++) {
        double log_weight = (double)n * log_x - x - response->log_fact[n];

        while ((double)n >= response->edges[i + 1])
            i++;
        if (log_weight > NEGLIGIBLE)
            r[i] += response->passed[n] * exp(log_weight);
    }
}

/* ---- Gaussian ---- */

static double gauss_sigma(const sevens_response_parameters *par, double x)
{
    double variance = par->sigma2[0] + x * (par->sigma2[1] + x * par->sigma2[2]);

    return variance > 0.0 ? sqrt(variance) : 0.0;
}

/* Standard normal density. */
static double normal(double u)
{
    return exp(-0.5 * u * u) / sqrt(2.0 * SEVENS_PI);
}

/* Phi(v) - Phi(u), v > u, without cancellation in the tails. */
static double normal_mass(double u, double v)
{
    const double s = 1.0 / SEVENS_SQRT2;

    if (u > 0.0)
        return 0.5 * (erfc(s * u) - erfc(s * v));
    if (v < 0.0)
        return 0.5 * (erfc(-s * v) - erfc(-s * u));
    return 0.5 * (erf(s * v) - erf(s * u));
}

/* int_lo^hi eps(x') n(x') dx' by the rule: of a narrow stretch. */
static double gauss_panel(const sevens_response *response, const sevens_piece *piece, double lo,
                          double hi, double x, double sigma)
{
    bool sigmoid = response->par.efficiency == SEVENS_EFFICIENCY_SIGMOID;
    double sum = 0.0;

    for (size_t j = 0; j < response->rule.n; j++) {
        double at = lo + (hi - lo) * response->rule.node[j];
        double passed = sigmoid ? sevens_efficiency(&response->par, at)
                                : piece->y + piece->slope * (at - piece->lo);

        sum += response->rule.weight[j] * passed * normal((at - x) / sigma);
    }
    return sum * (hi - lo) / sigma;
}

/* The rule of so many nodes is good for panels no wider than this many widths, and than so many
 * times the length in which a sigmoid changes; below the first, the closed form would cancel. */
#define RULE_ORDER 16
#define NARROW 0.05
#define PANEL_WIDTHS 1.0
#define PANEL_SIGMOID 1.5
#define MAX_PANELS 1e5 /* a sigmoid that needs more is a step */

static double gauss_sigmoid(const sevens_response *response, const sevens_piece *piece, double x,
                            double sigma)
{
    double lo = fmax(piece->lo, x - SEVENS_RESPONSE_REACH * sigma);
    double hi = fmin(piece->hi, x + SEVENS_RESPONSE_REACH * sigma);
    double widest =
        fmin(PANEL_WIDTHS * sigma, PANEL_SIGMOID / fabs(response->par.efficiency_coefficient[1]));
    size_t n = (size_t)fmin(ceil((hi - lo) / widest), MAX_PANELS);
    double step = (hi - lo) / (double)n, sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += gauss_panel(response, piece, lo + step * (double)i, lo + step * (double)(i + 1), x,
                           sigma);
    return sum;
}

static double gauss_piece(const sevens_response *response, const sevens_piece *piece, double x,
                          double sigma)
{
    double u = (piece->lo - x) / sigma, v = (piece->hi - x) / sigma;

    if (u > SEVENS_RESPONSE_REACH || v < -SEVENS_RESPONSE_REACH)
        return 0.0;
    if (response->par.efficiency == SEVENS_EFFICIENCY_SIGMOID)
        return gauss_sigmoid(response, piece, x, sigma);
    if (v - u < NARROW)
        return gauss_panel(response, piece, piece->lo, piece->hi, x, sigma);
    return (piece->y - piece->slope * sigma * u) * normal_mass(u, v) -
           piece->slope * sigma * (normal(v) - normal(u));
}

static void smear_gauss(const sevens_response *response, double x, double *r)
{
    double sigma = gauss_sigma(&response->par, x);
    double norm = response->par.truncated ? 2.0 / erfc(-x / (SEVENS_SQRT2 * sigma)) : 1.0;

    if (!(sigma > 0.0)) {
        smear_none(response, x, r);
        return;
    }
    for (size_t i = 0; i < response->n_channel; i++) {
        for (size_t p = response->first[i]; p < response->first[i + 1]; p++)
            r[i] += norm * gauss_piece(response, &response->piece[p], x, sigma);
    }
}

/* Whether x has come to an edge: from below (side 1) with the upper end of its reach, from above
 * (side -1) with the lower end. */
static bool reaches(const sevens_response *response, double x, double side, double edge)
{
    return x + side * SEVENS_RESPONSE_REACH * gauss_sigma(&response->par, x) >= edge;
}

/* The x from which on it has. False: it has everywhere, or nowhere. */
static bool gauss_end(const sevens_response *response, double edge, double side, double *end)
{
    const double far = 1e30;
    double lo = side > 0.0 ? 0.0 : fmax(edge, 0.0), hi = 2.0 * lo + fmax(edge, 1.0);

    if (reaches(response, lo, side, edge))
        return false;
    for (; !reaches(response, hi, side, edge); hi *= 2.0) {
        if (hi > far)
            return false;
    }
    for (int i = 0; i < 200; i++) {
        double middle = 0.5 * (lo + hi);

        if (reaches(response, middle, side, edge))
            hi = middle;
        else
            lo = middle;
    }
    *end = hi;
    return true;
}

/* ---- all kinds ---- */

sevens_status sevens_smearing_make(sevens_response *response, sevens_error *err)
{
    double top = response->edges[response->n_channel];
    sevens_smearing_kind kind = response->par.smearing;

    if ((kind == SEVENS_SMEARING_GAMMA_PE || kind == SEVENS_SMEARING_POISSON) &&
        !(top <= SEVENS_RESPONSE_LARGEST))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "the energy bins reach %g PE: a response is computed up to %g PE", top,
                           SEVENS_RESPONSE_LARGEST);
    switch (kind) {
    case SEVENS_SMEARING_GAMMA_PE:
        return make_gamma(response, err);
    case SEVENS_SMEARING_POISSON:
        return make_poisson(response, err);
    case SEVENS_SMEARING_GAUSS:
        return sevens_unit_rule_init(&response->rule, RULE_ORDER, err);
    default:
        return SEVENS_OK;
    }
}

void sevens_smear(const sevens_response *response, double x, double *r)
{
    switch (response->par.smearing) {
    case SEVENS_SMEARING_GAMMA_PE:
        smear_gamma(response, x, r);
        break;
    case SEVENS_SMEARING_POISSON:
        smear_poisson(response, x, r);
        break;
    case SEVENS_SMEARING_GAUSS:
        smear_gauss(response, x, r);
        break;
    default:
        smear_none(response, x, r);
    }
}

double sevens_smearing_width(const sevens_response *response, double x)
{
    const sevens_response_parameters *par = &response->par;
    double bottom = response->edges[0], top = response->edges[response->n_channel], width;

    switch (par->smearing) {
    case SEVENS_SMEARING_GAMMA_PE:
        return 0.0;
    case SEVENS_SMEARING_POISSON:
        width = sqrt(x + 1.0);
        return x - SEVENS_RESPONSE_REACH * width > top ? INFINITY : width;
    case SEVENS_SMEARING_GAUSS:
        width = gauss_sigma(par, x);
        return x - SEVENS_RESPONSE_REACH * width > top || x + SEVENS_RESPONSE_REACH * width < bottom
                   ? INFINITY
                   : width;
    default:
        return par->efficiency == SEVENS_EFFICIENCY_SIGMOID && x >= bottom && x < top
                   ? 1.0 / fabs(par->efficiency_coefficient[1])
                   : INFINITY;
    }
}

sevens_status sevens_smearing_breaks(const sevens_response *response, sevens_numbers *x,
                                     sevens_error *err)
{
    double top = response->edges[response->n_channel], end;
    sevens_status status = SEVENS_OK;

    switch (response->par.smearing) {
    case SEVENS_SMEARING_NONE:
        for (size_t p = 0; p < response->first[response->n_channel]; p++) {
            SEVENS_TRY(sevens_numbers_add(x, response->piece[p].lo, err));
            SEVENS_TRY(sevens_numbers_add(x, response->piece[p].hi, err));
        }
        break;
    case SEVENS_SMEARING_GAUSS:
        if (gauss_end(response, response->edges[0], 1.0, &end))
            SEVENS_TRY(sevens_numbers_add(x, end, err));
        if (gauss_end(response, top, -1.0, &end))
            SEVENS_TRY(sevens_numbers_add(x, end, err));
        break;
    case SEVENS_SMEARING_POISSON: /* s = sqrt(x + 1): s^2 - REACH s - 1 = top */
        end = 0.5 * (SEVENS_RESPONSE_REACH + sqrt(SEVENS_RESPONSE_REACH * SEVENS_RESPONSE_REACH +
                                                  4.0 * (1.0 + fmax(top, 0.0))));
        SEVENS_TRY(sevens_numbers_add(x, end * end - 1.0, err));
        break;
    default:
        break;
    }
cleanup:
    return status;
}
