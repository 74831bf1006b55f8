/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The on-off likelihood at one point: n counts with beam and m without, the steady-state background
 * summed, integrated or at its best value, the norm z of all that the beam brings integrated over
 * its gaussian. 1903.10666; docs/physics.md eq. 51.
 *
 * With the background summed or integrated L_b(s) = e^-s P_b(s), P_b a polynomial of degree n with
 * positive coefficients c_i. It is written P_b = c_0 h, h = 1 + s q_0 (1 + s q_1 (1 + ...)) with
 * the ratios q_i = c_(i+1)/c_i, which no count makes too large; ln L of all bins then takes one
 * logarithm per node of the integral. A group of nodes goes through the bins together. */
#ifndef SEVENS_HD_ON_OFF_H
#define SEVENS_HD_ON_OFF_H

#include "sevens/hd/defs.h"
#include <math.h>

#define SEVENS_ON_OFF_MAX_NODES 160
#ifndef SEVENS_ON_OFF_GROUP /* nodes */
#ifdef __CUDACC__
#define SEVENS_ON_OFF_GROUP 8
#else
#define SEVENS_ON_OFF_GROUP 32
#endif
#endif
#define SEVENS_ON_OFF_LARGE 0x1p498 /* numbers above it are scaled down by it */
#define SEVENS_ON_OFF_SMALL 0x1p-498
#define SEVENS_ON_OFF_LN_LARGE (498.0 * 0.69314718055994530942)
#define SEVENS_ON_OFF_POWER 8 /* counts up to which powers are taken by products */

#ifndef SEVENS_ON_OFF_SIMD /* a CPU has functions that vectorise, and pragmas before its loops */
#define SEVENS_ON_OFF_SIMD(clauses)
#define SEVENS_ON_OFF_LOG(x) log(x)
#define SEVENS_ON_OFF_EXP(x) exp(x)
#endif

/* Places are in the data. */
typedef struct sevens_on_off {
    int n_bin, n_node; /* n_node: a multiple of every group; weights of 0 fill up */
    int is_profiled, is_per_bin;
    int beam;     /* [n_bin] counts that the beam brings besides the signal */
    int constant; /* [n_bin] ln L_b(0) */
    int limit;    /* [n_bin] h is below SEVENS_ON_OFF_LARGE for s up to this; profiled: ln L_b(0)
                     without its factorials */
    int observed, off; /* [n_bin] n, m */
    int ratio;         /* q_i of all bins */
    double offset;     /* of chi2 */
    double total;      /* ln L(0) of all bins */
    double z[SEVENS_ON_OFF_MAX_NODES], weight[SEVENS_ON_OFF_MAX_NODES];
    double zero; /* weight of z = 0 */
} sevens_on_off;

/* The packed likelihood and one row [3][n_bin] at one value of its variable. */
typedef struct sevens_on_off_point {
    const double *data;
    const int *first; /* [n_bin + 1] where the q_i of a bin begin */
    const double *row;
    double x;
} sevens_on_off_point;

typedef struct sevens_on_off_result {
    double chi2, mean; /* mean of z; 1 where it is not common to all bins */
} sevens_on_off_result;

/* Counts that the beam brings to bin b at z = 1. */
SEVENS_HD double sevens_on_off_beam(const sevens_on_off *o, const sevens_on_off_point *at, int b)
{
    const double *abc = at->row + b;
    double signal = abc[0] + at->x * (abc[o->n_bin] + at->x * abc[2L * o->n_bin]);

    return (signal > 0.0 ? signal : 0.0) + at->data[o->beam + b];
}

/* h of a bin at s z for the nodes of a group. */
SEVENS_HD void sevens_on_off_horner(int n, const double *q, double s, const double *z, double *h)
{
    double u[SEVENS_ON_OFF_GROUP];

    SEVENS_ON_OFF_SIMD()
    for (int i = 0; i < SEVENS_ON_OFF_GROUP; i++) {
        u[i] = s * z[i];
        h[i] = 1.0;
    }
    for (int k = n - 1; k >= 0; k--) {
        SEVENS_ON_OFF_SIMD()
        for (int i = 0; i < SEVENS_ON_OFF_GROUP; i++)
            h[i] = 1.0 + q[k] * u[i] * h[i];
    }
}

/* The same for h that may be too large: h SEVENS_ON_OFF_LARGE^power. */
SEVENS_HD void sevens_on_off_horner_large(int n, const double *q, double s, const double *z,
                                          double *h, double *power)
{
    for (int i = 0; i < SEVENS_ON_OFF_GROUP; i++) {
        double one = 1.0, value = 1.0;

        for (int k = n - 1; k >= 0; k--) {
            value = one + q[k] * s * z[i] * value;
            if (value > SEVENS_ON_OFF_LARGE) {
                value *= SEVENS_ON_OFF_SMALL;
                one *= SEVENS_ON_OFF_SMALL;
                power[i] += 1.0;
            }
        }
        h[i] = value;
    }
}

/* ln L_b(s z) - ln L_b(0) of bin b for the nodes of a group: ln = e^-(s z) h LARGE^power. */
SEVENS_HD void sevens_on_off_polynomial(const sevens_on_off *o, const sevens_on_off_point *at,
                                        int b, double s, const double *z, double *h, double *power)
{
    const double *q = at->data + o->ratio + at->first[b];
    int n = at->first[b + 1] - at->first[b];
    double most = z[0] > z[SEVENS_ON_OFF_GROUP - 1] ? z[0] : z[SEVENS_ON_OFF_GROUP - 1];

    if (s * most <= at->data[o->limit + b])
        sevens_on_off_horner(n, q, s, z, h);
    else
        sevens_on_off_horner_large(n, q, s, z, h, power);
}

/* product factor LARGE^power; factors are far below LARGE. */
SEVENS_HD void sevens_on_off_multiply(const double *factor, double *product, double *power)
{
    SEVENS_ON_OFF_SIMD()
    for (int i = 0; i < SEVENS_ON_OFF_GROUP; i++) {
        double value = product[i] * factor[i];
        int large = value > SEVENS_ON_OFF_LARGE;

        product[i] = value * (large ? SEVENS_ON_OFF_SMALL : 1.0);
        power[i] += large ? 1.0 : 0.0;
    }
}

/* result = x^n. */
SEVENS_HD void sevens_on_off_power(int n, const double *x, double *result)
{
    SEVENS_ON_OFF_SIMD()
    for (int i = 0; i < SEVENS_ON_OFF_GROUP; i++)
        result[i] = n > 0 ? x[i] : 1.0;
    for (int k = 1; k < n; k++) {
        SEVENS_ON_OFF_SIMD()
        for (int i = 0; i < SEVENS_ON_OFF_GROUP; i++)
            result[i] *= x[i];
    }
}

/* Takes L_b(s z)/L_b(0) with the background b at its best value into product LARGE^power e^ln: by
 * powers where counts are few, else by logarithms. What is raised to n > 0 or m > 0 is at least
 * 1/2. */
SEVENS_HD void sevens_on_off_best(const sevens_on_off *o, const sevens_on_off_point *at, int b,
                                  double s, const double *z, double *product, double *power,
                                  double *ln)
{
    const double n = at->data[o->observed + b], m = at->data[o->off + b];
    const double at_zero = at->data[o->limit + b], tiny = 1e-300;
    const double most = z[0] > z[SEVENS_ON_OFF_GROUP - 1] ? z[0] : z[SEVENS_ON_OFF_GROUP - 1];
    double on[SEVENS_ON_OFF_GROUP], off[SEVENS_ON_OFF_GROUP], factor[SEVENS_ON_OFF_GROUP];

    SEVENS_ON_OFF_SIMD()
    for (int i = 0; i < SEVENS_ON_OFF_GROUP; i++) {
        double u = s * z[i], c = n + m - 2.0 * u, root = sqrt(c * c + 8.0 * m * u);
        double below = root - c > tiny ? root - c : tiny;
        double best = c > 0.0 ? 0.25 * (c + root) : 2.0 * m * u / below;

        on[i] = u + best > tiny ? u + best : tiny;
        off[i] = best > tiny ? best : tiny;
        ln[i] -= u + 2.0 * best + at_zero;
    }
    if (n <= SEVENS_ON_OFF_POWER && m <= SEVENS_ON_OFF_POWER && s * most < 1e12 &&
        n == (double)(int)n && m == (double)(int)m) {
        sevens_on_off_power((int)n, on, factor);
        sevens_on_off_multiply(factor, product, power);
        sevens_on_off_power((int)m, off, factor);
        sevens_on_off_multiply(factor, product, power);
        return;
    }
    SEVENS_ON_OFF_SIMD()
    for (int i = 0; i < SEVENS_ON_OFF_GROUP; i++)
        ln[i] += n * SEVENS_ON_OFF_LOG(on[i]) + m * SEVENS_ON_OFF_LOG(off[i]);
}

/* ln of L(z)/L(0) of bins first .. end - 1 together, for the nodes of a group. */
SEVENS_HD void sevens_on_off_group(const sevens_on_off *o, const sevens_on_off_point *at, int first,
                                   int end, const double *z, double *ln)
{
    double product[SEVENS_ON_OFF_GROUP], power[SEVENS_ON_OFF_GROUP], h[SEVENS_ON_OFF_GROUP];
    double total = 0.0;

    for (int i = 0; i < SEVENS_ON_OFF_GROUP; i++) {
        product[i] = 1.0;
        power[i] = ln[i] = 0.0;
    }
    for (int b = first; b < end; b++) {
        double s = sevens_on_off_beam(o, at, b);

        if (o->is_profiled) {
            sevens_on_off_best(o, at, b, s, z, product, power, ln);
            continue;
        }
        total += s;
        sevens_on_off_polynomial(o, at, b, s, z, h, power);
        sevens_on_off_multiply(h, product, power);
    }
    SEVENS_ON_OFF_SIMD()
    for (int i = 0; i < SEVENS_ON_OFF_GROUP; i++)
        ln[i] += SEVENS_ON_OFF_LOG(product[i]) + power[i] * SEVENS_ON_OFF_LN_LARGE - total * z[i];
}

/* ln of the integral over z of L(z)/L(0), bins first .. end - 1 together. */
SEVENS_HD double sevens_on_off_integral(const sevens_on_off *o, const sevens_on_off_point *at,
                                        int first, int end, double *mean)
{
    double ln[SEVENS_ON_OFF_MAX_NODES], top = o->zero > 0.0 ? 0.0 : -HUGE_VAL, sum, moment = 0.0;

    for (int i = 0; i < o->n_node; i += SEVENS_ON_OFF_GROUP)
        sevens_on_off_group(o, at, first, end, o->z + i, ln + i);
    for (int i = 0; i < o->n_node; i++)
        top = o->weight[i] > 0.0 && ln[i] > top ? ln[i] : top;
    sum = o->zero > 0.0 ? o->zero * exp(-top) : 0.0;
    SEVENS_ON_OFF_SIMD(reduction(+ : sum, moment))
    for (int i = 0; i < o->n_node; i++) {
        double term = o->weight[i] > 0.0 ? o->weight[i] * SEVENS_ON_OFF_EXP(ln[i] - top) : 0.0;

        sum += term;
        moment += o->z[i] * term;
    }
    *mean = moment / sum;
    return top + log(sum);
}

/* The same of one bin whose polynomial is nowhere large, without a logarithm per node: e^-(s z) is
 * nothing where it is below e^-700. */
SEVENS_HD double sevens_on_off_bin_integral(const sevens_on_off *o, const sevens_on_off_point *at,
                                            int b, double s)
{
    const double *q = at->data + o->ratio + at->first[b];
    double sum = o->zero, h[SEVENS_ON_OFF_GROUP];

    for (int first = 0; first < o->n_node; first += SEVENS_ON_OFF_GROUP) {
        const double *z = o->z + first, *weight = o->weight + first;

        sevens_on_off_horner(at->first[b + 1] - at->first[b], q, s, z, h);
        SEVENS_ON_OFF_SIMD(reduction(+ : sum))
        for (int i = 0; i < SEVENS_ON_OFF_GROUP; i++)
            sum += weight[i] * h[i] * SEVENS_ON_OFF_EXP(-s * z[i]);
    }
    return log(sum);
}

/* ln of the product over bins of their integrals. */
SEVENS_HD double sevens_on_off_bins(const sevens_on_off *o, const sevens_on_off_point *at)
{
    double ln = 0.0, mean, most = 0.0;

    for (int i = 0; i < o->n_node; i++)
        most = o->z[i] > most ? o->z[i] : most;
    for (int b = 0; b < o->n_bin; b++) {
        double s = sevens_on_off_beam(o, at, b);

        if (!o->is_profiled && s * most <= at->data[o->limit + b])
            ln += sevens_on_off_bin_integral(o, at, b, s);
        else
            ln += sevens_on_off_integral(o, at, b, b + 1, &mean);
    }
    return ln;
}

SEVENS_HD sevens_on_off_result sevens_on_off_profile(const sevens_on_off *o,
                                                     const sevens_on_off_point *at)
{
    sevens_on_off_result result = {0.0, 1.0};
    double ln = o->total, mean;

    if (o->is_per_bin) {
        ln += sevens_on_off_bins(o, at);
    } else {
        ln += sevens_on_off_integral(o, at, 0, o->n_bin, &mean);
        result.mean = mean;
    }
    result.chi2 = -2.0 * ln - o->offset;
    return result;
}

#endif
