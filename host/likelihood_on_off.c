/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The on-off likelihood: counts n with and m without beam, the steady-state background b summed or
 * integrated out or at its best value, the norm z of all that the beam brings integrated over its
 * gaussian. 1903.10666; docs/physics.md eq. 51. */
#include "likelihood_reference.h"
#include <math.h>

#define GOLDEN 0.6180339887498949
#define NEGLIGIBLE 1e-18 /* terms of a sum, relative to its largest */

/* ---- one bin ---- */

/* x ln y where 0 ln 0 = 0. */
static double x_ln_y(double x, double y)
{
    return x > 0.0 ? x * log(y) : 0.0;
}

/* b that is likeliest at s. */
static double best_background(double n, double m, double s)
{
    double c = n + m - 2.0 * s, root = sqrt(c * c + 8.0 * m * s);

    return c > 0.0 ? 0.25 * (c + root) : 2.0 * m * s / fmax(root - c, 1e-300);
}

/* ln of Pois(n; s + b) Pois(m; b) without the factorials. */
static double ln_both(double n, double m, double s, double b)
{
    return x_ln_y(n, s + b) + x_ln_y(m, b) - s - 2.0 * b;
}

/* sum_b Pois(n; s + b) Pois(m; b). The terms rise to near the best b and fall after it. */
static double ln_discrete(double n, double m, double s)
{
    double best = best_background(n, m, s), sum = 0.0, term = 1.0;
    double top = ln_both(n, m, s, best);

    for (double b = 0.0; b <= best + 1.0 || term > NEGLIGIBLE * sum; b += 1.0) {
        term = exp(ln_both(n, m, s, b) - top);
        sum += term;
    }
    return top + log(sum) - lgamma(n + 1.0) - lgamma(m + 1.0);
}

/* A term of e^-s sum_j s^(n-j)/(n-j)! C(m+j, j) 2^-(m+j+1), without e^-s. */
static double ln_term(double n, double m, double s, double j)
{
    return x_ln_y(n - j, s) - lgamma(n - j + 1.0) + lgamma(m + j + 1.0) - lgamma(m + 1.0) -
           lgamma(j + 1.0) - (m + j + 1.0) * log(2.0);
}

static double ln_continuous(double n, double m, double s)
{
    size_t first = s > 0.0 ? 0 : (size_t)n;
    double top = -INFINITY, sum = 0.0;

    for (size_t j = first; j <= (size_t)n; j++)
        top = fmax(top, ln_term(n, m, s, (double)j));
    for (size_t j = first; j <= (size_t)n; j++)
        sum += exp(ln_term(n, m, s, (double)j) - top);
    return top + log(sum) - s;
}

double sevens_on_off_ln_bin(sevens_on_off_background background, double n, double m, double s)
{
    if (background == SEVENS_ON_OFF_DISCRETE)
        return ln_discrete(n, m, s);
    if (background == SEVENS_ON_OFF_CONTINUOUS)
        return ln_continuous(n, m, s);
    return ln_both(n, m, s, best_background(n, m, s)) - lgamma(n + 1.0) - lgamma(m + 1.0);
}

/* ln L_b has one maximum in s, and it is not above n: more than that is unlikely with any b. The
 * golden section finds it to 1e-8 of n. */
static double ln_bin_max(sevens_on_off_background background, double n, double m)
{
    double lo = 0.0, hi = n, s[2] = {n - GOLDEN * n, GOLDEN * n};
    double f[2] = {sevens_on_off_ln_bin(background, n, m, s[0]),
                   sevens_on_off_ln_bin(background, n, m, s[1])};

    for (int i = 0; i < 40 && hi > lo; i++) {
        int worse = f[0] < f[1] ? 0 : 1;

        *(worse == 0 ? &lo : &hi) = s[worse];
        s[worse] = s[1 - worse];
        f[worse] = f[1 - worse];
        s[1 - worse] = worse == 0 ? lo + GOLDEN * (hi - lo) : hi - GOLDEN * (hi - lo);
        f[1 - worse] = sevens_on_off_ln_bin(background, n, m, s[1 - worse]);
    }
    return fmax(fmax(f[0], f[1]), sevens_on_off_ln_bin(background, n, m, 0.0));
}

double sevens_on_off_offset(const sevens_likelihood_part *part)
{
    double sum = 0.0;

    for (size_t b = 0; b < part->n_bin; b++)
        sum += ln_bin_max(part->on_off, part->observed[b], part->off[b]);
    return -2.0 * sum;
}

/* ---- the norm ---- */

void sevens_on_off_rule(double sigma, double *z, double *weight)
{
    const int last = SEVENS_ON_OFF_NODES - 2;
    const double hi = 1.0 + 9.0 * sigma, least = 1e-4;
    double step = fmin(log(hi / least) / last, 0.6 * sigma); /* resolves the gaussian too */

    for (int i = 0; i <= last; i++) {
        double d;

        z[i] = hi * exp(-step * i);
        d = (z[i] - 1.0) / sigma;
        weight[i] = step * z[i] * exp(-0.5 * d * d) / (sigma * sqrt(2.0 * M_PI));
    }
    weight[last] *= 0.5 + step / 12.0; /* the end of Euler and Maclaurin's sum, where it is ~ z */
    z[last + 1] = 0.0;                 /* norms that are negative, or next to nothing */
    weight[last + 1] = 0.5 * erfc((1.0 - z[last]) / (sigma * M_SQRT2));
}

/* Counts of bin b that the beam brings at z = 1. */
static double beam(const sevens_likelihood_part *part, const double *signal, size_t b)
{
    double s = 0.0;

    for (size_t c = 0; c < part->n_component; c++)
        s += (part->component[c].counts ? part->component[c].counts : signal)[b];
    return s;
}

/* ln of prod_b L_b(z s_b) over bins first .. end - 1. */
static double ln_bins(const sevens_likelihood_part *part, const double *signal, double z,
                      size_t first, size_t end)
{
    double sum = 0.0;

    for (size_t b = first; b < end; b++)
        sum += sevens_on_off_ln_bin(part->on_off, part->observed[b], part->off[b],
                                    z * beam(part, signal, b));
    return sum;
}

/* ln of the integral over z of these bins together; `mean` of z. */
static double ln_integral(const sevens_likelihood_part *part, double sigma, const double *signal,
                          size_t first, size_t end, double *mean)
{
    double z[SEVENS_ON_OFF_NODES], weight[SEVENS_ON_OFF_NODES], ln[SEVENS_ON_OFF_NODES];
    double top = -INFINITY, sum = 0.0;

    *mean = 0.0;
    sevens_on_off_rule(sigma, z, weight);
    for (int i = 0; i < SEVENS_ON_OFF_NODES; i++) {
        ln[i] = ln_bins(part, signal, z[i], first, end);
        top = fmax(top, ln[i]);
    }
    for (int i = 0; i < SEVENS_ON_OFF_NODES; i++) {
        double term = weight[i] * exp(ln[i] - top);

        sum += term;
        *mean += z[i] * term;
    }
    *mean /= sum;
    return top + log(sum);
}

double sevens_on_off_chi2(const sevens_likelihood_part *part, const sevens_nuisance *norm,
                          const double *signal, double *mean)
{
    double ln = 0.0, unused;

    *mean = norm->fixed ? norm->start : 1.0;
    if (norm->fixed)
        ln = ln_bins(part, signal, norm->start, 0, part->n_bin);
    else if (!part->on_off_per_bin)
        ln = ln_integral(part, norm->sigma, signal, 0, part->n_bin, mean);
    for (size_t b = 0; !norm->fixed && part->on_off_per_bin && b < part->n_bin; b++)
        ln += ln_integral(part, norm->sigma, signal, b, b + 1, &unused);
    return -2.0 * ln - sevens_on_off_offset(part);
}
