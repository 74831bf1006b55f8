/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spectra of straight segments and lines: docs/physics.md eq. 45.
 *   1. moments of one segment, without cancellation however narrow it is
 *   2. look-up: bisection, one partial segment, the moments above the next node
 *   3. sums of tables: the union of their nodes, with the jumps of both */
#include "sevens/spectrum.h"

#include "straight.h"

#include <gsl/gsl_sf_log.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- moments of a segment ---- */

/* f runs straight from fa at a to fb at b. With w = (b - a)/a and t = (E - a)/(b - a) the weights
 * of fa and fb are integrals of (1 - t) and t over (1 + w t)^n, all positive; each is written so
 * that it keeps its digits when w is small. */
static void segment_moments(double a, double b, double fa, double fb, double k[3])
{
    k[0] = k[1] = k[2] = 0.0;
    if (!(b > a))
        return;
    const double w = (b - a) / a, log_ratio = log1p(w);
    const double lag = -gsl_sf_log_1plusx_mx(w); /* w - log(1 + w), about w^2/2 */
    /* log(1 + w) - w/(1 + w), about w^2/2 */
    const double lead = w < 1.0 ? w * w / (1.0 + w) - lag : log_ratio - w / (1.0 + w);

    k[0] = 0.5 * (b - a) * (fa + fb);
    k[1] = fa * (log_ratio - lag / w) + fb * lag / w;
    k[2] = (fa * lag + fb * lead) / (w * a);
}

/* ---- look-up ---- */

/* The last node with an energy of at most E, for E within the table. */
static size_t find(const sevens_spectrum *s, double E)
{
    size_t lo = 0, hi = s->n; /* E_MeV[lo] <= E < E_MeV[hi] */

    while (hi - lo > 1) {
        const size_t middle = lo + (hi - lo) / 2;

        if (s->E_MeV[middle] <= E)
            lo = middle;
        else
            hi = middle;
    }
    return lo;
}

static void continuum_moments(const sevens_spectrum *s, double e, double k[3])
{
    k[0] = k[1] = k[2] = 0.0;
    if (s->n == 0 || e >= s->E_MeV[s->n - 1])
        return;
    if (!(e > s->E_MeV[0])) { /* also below 0: E > 0, so that the totals exist */
        memcpy(k, s->above[0], sizeof s->above[0]);
        return;
    }

    const size_t i = find(s, e);
    const double a = s->E_MeV[i], b = s->E_MeV[i + 1];

    segment_moments(e, b, sevens_straight_between(a, b, s->density[i], s->density[i + 1], e),
                    s->density[i + 1], k);
    for (int n = 0; n < 3; n++)
        k[n] += s->above[i + 1][n];
}

void sevens_spectrum_moments(const sevens_spectrum *spectrum, double e_min_MeV, double k[3])
{
    continuum_moments(spectrum, e_min_MeV, k);
    for (size_t i = 0; i < spectrum->n_line; i++) {
        const double E = spectrum->line[i].E_MeV, content = spectrum->line[i].content;

        if (!(e_min_MeV <= E))
            continue;
        k[0] += content;
        k[1] += content / E;
        k[2] += content / (E * E);
    }
}

double sevens_spectrum_total(const sevens_spectrum *spectrum)
{
    double k[3];

    sevens_spectrum_moments(spectrum, 0.0, k);
    return k[0];
}

double sevens_spectrum_density(const sevens_spectrum *s, double E_MeV)
{
    if (s->n == 0 || !(E_MeV >= s->E_MeV[0]) || E_MeV >= s->E_MeV[s->n - 1])
        return 0.0;

    const size_t i = find(s, E_MeV);

    return sevens_straight_between(s->E_MeV[i], s->E_MeV[i + 1], s->density[i], s->density[i + 1],
                                   E_MeV);
}

/* ---- sums of tables ---- */

static sevens_status check_table(size_t n, const double *E, const double *density, double weight,
                                 sevens_error *err)
{
    if (!(weight >= 0.0 && isfinite(weight)))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "the weight %g of a spectrum must be finite and not negative", weight);
    if (n < 2)
        return sevens_fail(err, SEVENS_ERR_INPUT, "a spectrum needs two rows or more");
    for (size_t i = 0; i < n; i++) {
        if (!(E[i] > 0.0 && isfinite(E[i])))
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "row %zu: the energy %g MeV must be finite and positive", i + 1,
                               E[i]);
        if (!(density[i] >= 0.0 && isfinite(density[i])))
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "row %zu: the density %g must be finite and not negative", i + 1,
                               density[i]);
        if (i > 0 && E[i] < E[i - 1])
            return sevens_fail(err, SEVENS_ERR_INPUT, "row %zu: the energy %g MeV after %g", i + 1,
                               E[i], E[i - 1]);
        if (i > 1 && E[i] == E[i - 2])
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "row %zu: the energy %g MeV stands three times; twice is a jump",
                               i + 1, E[i]);
    }
    if (!(E[n - 1] > E[0]))
        return sevens_fail(err, SEVENS_ERR_INPUT, "all energies of a spectrum are %g MeV", E[0]);
    return SEVENS_OK;
}

/* Without the segments at either end in which nothing is. */
static sevens_straight trimmed(sevens_straight t)
{
    while (t.n > 1 && t.y[0] == 0.0 && t.y[1] == 0.0) {
        t.x++;
        t.y++;
        t.n--;
    }
    while (t.n > 1 && t.y[t.n - 1] == 0.0 && t.y[t.n - 2] == 0.0)
        t.n--;
    if (t.n > 1 && t.x[0] == t.x[1]) { /* what jumps at the ends jumps from 0 anyway */
        t.x++;
        t.y++;
        t.n--;
    }
    if (t.n > 1 && t.x[t.n - 1] == t.x[t.n - 2])
        t.n--;
    return t;
}

/* The union of the nodes of a and weight times b; room for twice as many. Returns their number. */
static size_t merge(sevens_straight a, sevens_straight b, double weight, double *E, double *density)
{
    size_t i = 0, j = 0, n = 0;

    while (i < a.n || j < b.n) {
        const double at = i == a.n ? b.x[j] : j == b.n || a.x[i] <= b.x[j] ? a.x[i] : b.x[j];
        double below[2], above[2];

        sevens_straight_limits(&a, &i, at, &below[0], &above[0]);
        sevens_straight_limits(&b, &j, at, &below[1], &above[1]);
        below[0] += weight * below[1];
        above[0] += weight * above[1];
        if (n > 0) {
            E[n] = at;
            density[n++] = below[0];
        }
        if ((i < a.n || j < b.n) && (n == 0 || above[0] != below[0])) {
            E[n] = at;
            density[n++] = above[0];
        }
    }
    return n;
}

/* From the top down; the low parts of the sums are kept, so that long tables lose no digits. */
static void sum_above(sevens_spectrum *s)
{
    double sum[3] = {0.0}, low[3] = {0.0}, k[3];

    for (size_t i = s->n; i-- > 0;) {
        if (i + 1 < s->n) {
            segment_moments(s->E_MeV[i], s->E_MeV[i + 1], s->density[i], s->density[i + 1], k);
            for (int n = 0; n < 3; n++) {
                const double term = k[n] + low[n], next = sum[n] + term;

                low[n] = fabs(term) > sum[n] ? (term - next) + sum[n] : (sum[n] - next) + term;
                sum[n] = next;
            }
        }
        memcpy(s->above[i], sum, sizeof sum);
    }
}

sevens_status sevens_spectrum_add(sevens_spectrum *spectrum, size_t n, const double *E_MeV,
                                  const double *density, double weight, sevens_error *err)
{
    sevens_spectrum *s = spectrum;
    sevens_spectrum sum = {0};
    sevens_status status;

    SEVENS_TRY(check_table(n, E_MeV, density, weight, err));

    const sevens_straight old = {s->n, s->E_MeV, s->density};
    const sevens_straight more = trimmed((sevens_straight){n, E_MeV, density});

    if (weight == 0.0 || more.n < 2)
        return SEVENS_OK;
    SEVENS_TRY_ALLOC(sum.E_MeV = malloc(2 * (old.n + more.n) * sizeof *sum.E_MeV));
    SEVENS_TRY_ALLOC(sum.density = malloc(2 * (old.n + more.n) * sizeof *sum.density));
    sum.n = merge(old, more, weight, sum.E_MeV, sum.density);
    SEVENS_TRY_ALLOC(sum.above = malloc(sum.n * sizeof *sum.above));
    sum_above(&sum);
    sum.n_line = s->n_line;
    memcpy(sum.line, s->line, sizeof sum.line);
    sevens_spectrum_free(s);
    *s = sum;
    return SEVENS_OK;

cleanup:
    sevens_spectrum_free(&sum);
    return status;
}

sevens_status sevens_spectrum_add_line(sevens_spectrum *spectrum, double E_MeV, double content,
                                       sevens_error *err)
{
    if (!(E_MeV > 0.0 && isfinite(E_MeV)))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "the energy %g MeV of a line must be finite and positive", E_MeV);
    if (!(content >= 0.0 && isfinite(content)))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "the content %g of a line must be finite and not negative", content);
    if (spectrum->n_line == SEVENS_SPECTRUM_MAX_LINES)
        return sevens_fail(err, SEVENS_ERR_INPUT, "more than %d lines in a spectrum",
                           SEVENS_SPECTRUM_MAX_LINES);
    spectrum->line[spectrum->n_line++] = (sevens_spectrum_line){E_MeV, content};
    return SEVENS_OK;
}

void sevens_spectrum_scale(sevens_spectrum *spectrum, double factor)
{
    for (size_t i = 0; i < spectrum->n; i++) {
        spectrum->density[i] *= factor;
        for (int n = 0; n < 3; n++)
            spectrum->above[i][n] *= factor;
    }
    for (size_t i = 0; i < spectrum->n_line; i++)
        spectrum->line[i].content *= factor;
}

void sevens_spectrum_free(sevens_spectrum *spectrum)
{
    free(spectrum->E_MeV);
    free(spectrum->density);
    free(spectrum->above);
    *spectrum = (sevens_spectrum){0};
}
