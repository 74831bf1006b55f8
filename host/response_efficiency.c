/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The efficiency, and the stretches of the channels in which it is smooth. physics.md eqs. 19, 48.
 */
#include "response_internal.h"
#include <math.h>

/* Whether x is inside of a table, and the last of its rows that begins at or below x. */
static bool find_row(const sevens_curve *curve, size_t n_x, double x, size_t *row)
{
    size_t lo = 0, hi = n_x;

    if (!(x >= curve->x[0]))
        return false;
    while (hi - lo > 1) {
        size_t middle = lo + (hi - lo) / 2;

        if (x < curve->x[middle])
            hi = middle;
        else
            lo = middle;
    }
    *row = lo;
    return true;
}

/* eps and its slope at x; of a sigmoid the slope is not told. */
static double look(const sevens_response_parameters *par, double x, double *slope)
{
    const double *c = par->efficiency_coefficient;
    const sevens_curve *curve = &par->efficiency_curve;
    size_t i;

    *slope = 0.0;
    switch (par->efficiency) {
    case SEVENS_EFFICIENCY_SIGMOID:
        return fmax(c[0] / (1.0 + exp(-c[1] * (x - c[2]))) + c[3], 0.0);
    case SEVENS_EFFICIENCY_LINEAR:
        if (!find_row(curve, curve->n, x, &i))
            return 0.0;
        if (i + 1 == curve->n)
            return curve->y[i];
        *slope = (curve->y[i + 1] - curve->y[i]) / (curve->x[i + 1] - curve->x[i]);
        return curve->y[i] + *slope * (x - curve->x[i]);
    case SEVENS_EFFICIENCY_STEPS:
        return find_row(curve, curve->n + 1, x, &i) && i < curve->n ? curve->y[i] : 0.0;
    default:
        return 1.0;
    }
}

double sevens_efficiency(const sevens_response_parameters *par, double x)
{
    double slope;

    return look(par, x, &slope);
}

/* Where a sigmoid is clipped at 0: a kink. */
static double clipped_at(const double *c)
{
    double e = -c[0] / c[3] - 1.0; /* exp(-b (x - c)) there */

    return c[1] != 0.0 && e > 0.0 && isfinite(e) ? c[2] - log(e) / c[1] : -INFINITY;
}

/* The x where the efficiency has kinks or jumps, increasing. */
static sevens_status efficiency_breaks(const sevens_response_parameters *par, sevens_numbers *x,
                                       sevens_error *err)
{
    const sevens_curve *curve = &par->efficiency_curve;
    sevens_status status = SEVENS_OK;
    size_t n = par->efficiency == SEVENS_EFFICIENCY_LINEAR  ? curve->n
               : par->efficiency == SEVENS_EFFICIENCY_STEPS ? curve->n + 1
                                                            : 0;

    for (size_t i = 0; i < n; i++)
        SEVENS_TRY(sevens_numbers_add(x, curve->x[i], err));
    if (par->efficiency == SEVENS_EFFICIENCY_SIGMOID)
        SEVENS_TRY(sevens_numbers_add(x, clipped_at(par->efficiency_coefficient), err));
cleanup:
    return status;
}

/* Adds the stretch [lo, hi] of a channel unless nothing passes there; returns how many. */
static size_t add_piece(const sevens_response *response, double lo, double hi, sevens_piece *piece)
{
    double middle = 0.5 * (lo + hi), y, slope;

    if (!(hi > lo))
        return 0;
    y = look(&response->par, middle, &slope);
    *piece = (sevens_piece){lo, hi, y - slope * (middle - lo), slope};
    return y > 0.0;
}

sevens_status sevens_response_make_pieces(sevens_response *response, sevens_error *err)
{
    const double *edges = response->edges;
    bool positive = response->par.smearing == SEVENS_SMEARING_GAMMA_PE ||
                    (response->par.smearing == SEVENS_SMEARING_GAUSS && response->par.truncated);
    double lowest = positive ? 0.0 : -INFINITY; /* of x */
    sevens_status status = SEVENS_OK;
    sevens_numbers stop = {0};
    size_t n = 0, k = 0;

    SEVENS_TRY(efficiency_breaks(&response->par, &stop, err));
    response->piece = calloc(response->n_channel + stop.n, sizeof *response->piece);
    SEVENS_TRY_ALLOC(response->piece);
    for (size_t i = 0; i < response->n_channel; i++) {
        double lo = fmax(edges[i], lowest), hi = edges[i + 1];

        response->first[i] = n;
        while (k < stop.n && stop.x[k] <= lo)
            k++;
        for (; k < stop.n && stop.x[k] < hi; lo = stop.x[k++])
            n += add_piece(response, lo, stop.x[k], &response->piece[n]);
        n += add_piece(response, lo, hi, &response->piece[n]);
    }
    response->first[response->n_channel] = n;
cleanup:
    sevens_numbers_free(&stop);
    return status;
}
