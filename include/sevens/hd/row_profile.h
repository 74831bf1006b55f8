/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile likelihood along a row, the inner loop of every scan: damped Newton over the norms at
 * one point per lane. physics.md eqs. 23 to 25. It is written once for every machine: a lane type
 * is a scalar in a CUDA thread and a vector of points on a CPU.
 *
 * No include guard: it is included once per lane type, with these macros defined before:
 *   SEVENS_ROW(name)   makes the names of this instance
 *   ROW_SCALAR         type of the packed bins: float or double
 *   ROW_REAL           lane type of the per-bin arithmetic
 *   ROW_WIDE           lane type of totals, always double
 *   ROW_MASK           type of comparisons of ROW_REAL
 *   ROW_WIDEN(x) ROW_NARROW(x)     ROW_REAL <-> ROW_WIDE
 *   ROW_SELECT(m, a, b)            a where m holds, else b (ROW_REAL)
 *   ROW_AND(a, b) ROW_OR(a, b) ROW_NOT(a)         masks
 *   ROW_ANY(m) ROW_NONE(zero)      whether m holds in a lane; a mask that holds in none
 *   ROW_SQRT(x) ROW_WSQRT(x)       square roots of REAL and WIDE
 *   ROW_LOG(x, e)      logarithm of x (REAL); e is x - 1, near x = 1 without the rounding of x
 *   ROW_WMAX(a, b)     larger of two ROW_WIDE
 *   ROW_TOLERANCE      lambda^2 at which a lane takes its last step: 1e-5 for double (the decrement
 *                      after it is below lambda^4 = 1e-10), 1e-3 for float
 * and these where the default below is not right:
 *   ROW_BIN(bins, b, K) ROW_TERMS(row, b, K)       where bin b of `bins` and of `row` begins
 *   ROW_INVERSE(x)     1/x of REAL to rounding
 *
 * Bins without counts enter through the totals alone. Templates are divided by reference counts
 * mu0, so that all arithmetic is on numbers near 1, and a signal larger than the data is scaled
 * down by `size`, with its norm u = s_0 size in place of s_0: nothing overflows in single
 * precision. */

#include "sevens/hd/defs.h"
#include "sevens/hd/row_constants.h"

#ifndef ROW_BIN
#define ROW_BIN(bins, b, K) ((bins) + (long)(b) * (K))
#define ROW_TERMS(row, b, K) ((row) + 3L * (b))
#endif
#ifndef ROW_INVERSE
#define ROW_INVERSE(x) (1.0f / (x))
#endif

typedef struct SEVENS_ROW(result) {
    ROW_WIDE chi2;
    ROW_MASK converged;
    int passes;
} SEVENS_ROW(result);

/* The signal of a point: A + B x + C x^2 divided by size = max(1, signal/data). Bins and totals
 * take the same rounded x and size: chi2 then hardly notices the rounding. */
typedef struct SEVENS_ROW(signal) {
    ROW_REAL x, inverse_size;
    ROW_WIDE size, total; /* total of the scaled signal */
} SEVENS_ROW(signal);

/* A rate below the rounding of its three terms is none, in the bins and in the total alike: a free
 * norm would otherwise fit the difference. */
#define ROW_NOISE (sizeof(ROW_SCALAR) == sizeof(float) ? 1e-6 : 1e-13)

SEVENS_HD SEVENS_ROW(signal)
    SEVENS_ROW(make_signal)(const sevens_row_constants *c, const double *row_total, ROW_WIDE x)
{
    SEVENS_ROW(signal) S;
    ROW_WIDE zero, total, linear, quadratic, noise;
    ROW_REAL present;

    S.x = ROW_NARROW(x);
    x = ROW_WIDEN(S.x);
    zero = x - x;
    linear = x * row_total[1];
    quadratic = x * x * row_total[2];
    total = row_total[0] + linear + quadratic;
    noise = ROW_NOISE * (row_total[0] + ROW_WMAX(linear, -linear) + quadratic);
    present = ROW_SELECT(ROW_NARROW(total - noise) > S.x - S.x, S.x - S.x + 1.0f, S.x - S.x);
    S.inverse_size = ROW_NARROW(1.0 / ROW_WMAX(total * (1.0 / c->counts), zero + 1.0));
    S.size = 1.0 / ROW_WIDEN(S.inverse_size);
    S.total = ROW_WIDEN(present) * ROW_WMAX(total, zero) / S.size;
    S.inverse_size *= present;
    return S;
}

/* Scaled signal of a bin over mu0; abc points at its A, B, C. Rounding may make it negative where
 * the rate vanishes. */
SEVENS_HD ROW_REAL SEVENS_ROW(bin_signal)(const SEVENS_ROW(signal) * S, const ROW_SCALAR *abc)
{
    ROW_REAL zero = S->x - S->x;
    ROW_REAL value = abc[0] + S->x * (abc[1] + S->x * abc[2]);

    return ROW_SELECT(value > zero, value * S->inverse_size, zero);
}

/* Start: all norms 1; a signal larger than the data asks for starts where it and its pull alone
 * balance the counts N above the backgrounds: positive root of w z^2 + (S - w) z - N = 0, here for
 * u = z size. */
SEVENS_HD ROW_REAL SEVENS_ROW(start)(const sevens_row_constants *c, ROW_WIDE total, ROW_WIDE size)
{
    ROW_WIDE w = c->weight[0] / (size * size);
    ROW_WIDE b = total - w * size;
    ROW_WIDE root = 2.0 * c->excess / (b + ROW_WSQRT(b * b + 4.0 * c->excess * w));
    ROW_REAL one = ROW_NARROW(size - size + 1.0);

    if (c->fixed[0])
        return ROW_NARROW(size);
    return ROW_SELECT(ROW_NARROW(total * size) > (ROW_SCALAR)(2.0 * c->excess), ROW_NARROW(root),
                      one);
}

/* Gradient g [K] and lower triangle of the Hessian H [K (K + 1)/2] of chi2/2 at norms s. */
SEVENS_HD void SEVENS_ROW(derivatives)(const int K, const sevens_row_constants *c,
                                       const SEVENS_ROW(signal) * S, const ROW_SCALAR *bins,
                                       const ROW_SCALAR *row, const ROW_REAL *s, ROW_REAL *g,
                                       ROW_REAL *H)
{
    ROW_REAL zero = S->x - S->x;
    ROW_WIDE pull = ROW_WIDEN(s[0]) / S->size - 1.0;

    for (int k = 0; k < K; k++)
        g[k] = zero;
    for (int i = 0; i < K * (K + 1) / 2; i++)
        H[i] = zero;
    for (int b = 0; b < c->n_count; b++) {
        const ROW_SCALAR *bin = ROW_BIN(bins, b, K); /* n, N_1/mu0, ..., N_(K-1)/mu0 */
        ROW_REAL signal = SEVENS_ROW(bin_signal)(S, ROW_TERMS(row, b, K)), rho = s[0] * signal;
        ROW_REAL inverse, r, v;

        for (int k = 1; k < K; k++)
            rho += s[k] * bin[k];
        inverse = ROW_INVERSE(rho); /* one division for both */
        r = bin[0] * inverse;
        v = r * inverse;
        g[0] += r * signal;
        H[0] += v * signal * signal;
        for (int k = 1; k < K; k++) {
            ROW_REAL vk = v * bin[k];

            g[k] += r * bin[k];
            H[k * (k + 1) / 2] += vk * signal;
            for (int j = 1; j <= k; j++)
                H[k * (k + 1) / 2 + j] += vk * bin[j];
        }
    }
    g[0] = ROW_NARROW(S->total - ROW_WIDEN(g[0]) + c->weight[0] * pull / S->size);
    H[0] += ROW_NARROW(c->weight[0] / (S->size * S->size));
    for (int k = 1; k < K; k++) {
        ROW_WIDE sum = ROW_WIDEN(g[k]);

        g[k] = ROW_NARROW(c->total[k] - sum + c->weight[k] * (ROW_WIDEN(s[k]) - 1.0));
        H[k * (k + 1) / 2 + k] += (ROW_SCALAR)c->weight[k];
    }
}

/* d = H^-1 g over the norms that are free, by L D L^T in place of H; returns lambda^2 = g d. */
SEVENS_HD ROW_REAL SEVENS_ROW(solve)(const int K, const ROW_REAL *g, ROW_REAL *H,
                                     const ROW_REAL *is_free, ROW_REAL *d)
{
    ROW_REAL lambda2 = g[0] - g[0];

    for (int i = 0; i < K; i++) {
        for (int j = 0; j <= i; j++) {
            ROW_REAL both = is_free[i] * is_free[j];

            H[i * (i + 1) / 2 + j] *= both;
        }
        H[i * (i + 1) / 2 + i] += 1.0f - is_free[i];
        d[i] = g[i] * is_free[i];
    }
    for (int j = 0; j < K; j++) { /* columns of L, the inverse pivots on the diagonal */
        ROW_REAL inverse = 1.0f / H[j * (j + 1) / 2 + j];

        H[j * (j + 1) / 2 + j] = inverse;
        for (int i = j + 1; i < K; i++) {
            ROW_REAL l = H[i * (i + 1) / 2 + j] * inverse;

            for (int m = j + 1; m <= i; m++)
                H[i * (i + 1) / 2 + m] -= l * H[m * (m + 1) / 2 + j];
            d[i] -= l * d[j];
        }
    }
    for (int i = 0; i < K; i++)
        lambda2 += d[i] * d[i] * H[i * (i + 1) / 2 + i];
    for (int i = K - 1; i >= 0; i--) {
        d[i] *= H[i * (i + 1) / 2 + i];
        for (int m = i + 1; m < K; m++) /* L_mi = H_mi / D_i */
            d[i] -= H[m * (m + 1) / 2 + i] * H[i * (i + 1) / 2 + i] * d[m];
    }
    return lambda2;
}

/* Step at which norm k reaches 0; the largest float where it does not. */
SEVENS_HD ROW_REAL SEVENS_ROW(reach)(ROW_REAL s, ROW_REAL d, ROW_REAL is_free)
{
    ROW_REAL zero = s - s;
    ROW_MASK falls = ROW_AND(is_free > zero, d > zero);

    return ROW_SELECT(falls, s / ROW_SELECT(falls, d, zero + 1.0f), zero + 3.4e38f);
}

/* s - t d, stopped where the first norm reaches 0 and held there (is_free = 0). Lanes outside
 * `moving` stay as they are. Returns the lanes that were stopped. */
SEVENS_HD ROW_MASK SEVENS_ROW(step)(const int K, ROW_MASK moving, ROW_REAL t, const ROW_REAL *d,
                                    ROW_REAL *s, ROW_REAL *is_free)
{
    ROW_REAL zero = t - t;
    ROW_MASK stopped = ROW_NONE(zero);

    for (int k = 0; k < K; k++) {
        ROW_REAL reach = SEVENS_ROW(reach)(s[k], d[k], is_free[k]);

        t = ROW_SELECT(reach < t, reach, t);
    }
    for (int k = 0; k < K; k++) {
        ROW_MASK stops = ROW_AND(moving, SEVENS_ROW(reach)(s[k], d[k], is_free[k]) <= t);
        ROW_REAL next = s[k] - t * d[k] * is_free[k];

        next = ROW_SELECT(stops, zero, ROW_SELECT(next > zero, next, zero));
        s[k] = ROW_SELECT(moving, next, s[k]);
        is_free[k] = ROW_SELECT(stops, zero, is_free[k]);
        stopped = ROW_OR(stopped, stops);
    }
    return stopped;
}

/* Lanes of `settled` where a norm held at 0 would rise: frees the one with the steepest descent and
 * returns those lanes; the others are at their minimum. */
SEVENS_HD ROW_MASK SEVENS_ROW(release)(const int K, const sevens_row_constants *c, ROW_MASK settled,
                                       const ROW_REAL *g, ROW_REAL *is_free)
{
    ROW_REAL zero = g[0] - g[0], steepest = zero;
    ROW_MASK rises;

    for (int k = 0; k < K; k++) {
        ROW_MASK candidate = ROW_AND(is_free[k] <= zero, g[k] < steepest);

        if (!c->fixed[k])
            steepest = ROW_SELECT(candidate, g[k], steepest);
    }
    rises = ROW_AND(settled, steepest < zero);
    for (int k = 0; k < K; k++) {
        ROW_MASK chosen = ROW_AND(is_free[k] <= zero, g[k] <= steepest);

        if (!c->fixed[k])
            is_free[k] = ROW_SELECT(ROW_AND(rises, chosen), zero + 1.0f, is_free[k]);
    }
    return rises;
}

/* Norms without curvature go to their bound, or to 1 when nothing depends on them. */
SEVENS_HD void SEVENS_ROW(hold_flat)(const int K, const sevens_row_constants *c, const ROW_REAL *g,
                                     const ROW_REAL *H, ROW_REAL *s, ROW_REAL *is_free)
{
    ROW_REAL zero = g[0] - g[0];

    for (int k = 0; k < K; k++) {
        ROW_MASK flat = H[k * (k + 1) / 2 + k] <= zero;

        if (c->fixed[k])
            continue;
        s[k] = ROW_SELECT(flat, ROW_SELECT(g[k] > zero, zero, zero + 1.0f), s[k]);
        is_free[k] = ROW_SELECT(flat, zero, is_free[k]);
    }
}

/* chi2 at norms s; eq. 23 relative to the reference counts. */
SEVENS_HD ROW_WIDE SEVENS_ROW(chi2)(const int K, const sevens_row_constants *c,
                                    const SEVENS_ROW(signal) * S, const ROW_SCALAR *bins,
                                    const ROW_SCALAR *row, const ROW_REAL *s)
{
    ROW_REAL log_sum = S->x - S->x, excess = log_sum; /* compensated: half the error in float */
    ROW_WIDE pull = ROW_WIDEN(s[0]) / S->size - 1.0;
    ROW_WIDE half = ROW_WIDEN(s[0]) * S->total - c->reference;
    ROW_WIDE pulls = c->weight[0] * pull * pull;

    for (int b = 0; b < c->n_count; b++) {
        const ROW_SCALAR *bin = ROW_BIN(bins, b, K);
        ROW_REAL rho = s[0] * SEVENS_ROW(bin_signal)(S, ROW_TERMS(row, b, K)), e = rho - 1.0f;
        ROW_REAL term, sum;

        for (int k = 1; k < K; k++) {
            rho += s[k] * bin[k];
            e += s[k] * bin[k];
        }
        (void)e; /* the logarithm of double does without */
        term = bin[0] * ROW_LOG(rho, e) - excess;
        sum = log_sum + term;
        excess = (sum - log_sum) - term;
        log_sum = sum;
    }
    for (int k = 1; k < K; k++) {
        ROW_WIDE shift = ROW_WIDEN(s[k]) - 1.0;

        half += ROW_WIDEN(s[k]) * c->total[k];
        pulls += c->weight[k] * shift * shift;
    }
    return c->offset + 2.0 * (half - (ROW_WIDEN(log_sum) - ROW_WIDEN(excess))) + pulls;
}

/* Largest relative change of the expected counts of a bin with counts in a full step d. */
SEVENS_HD ROW_REAL SEVENS_ROW(change)(const int K, const sevens_row_constants *c,
                                      const SEVENS_ROW(signal) * S, const ROW_SCALAR *bins,
                                      const ROW_SCALAR *row, const ROW_REAL *s, const ROW_REAL *d)
{
    ROW_REAL zero = S->x - S->x, most = zero;

    for (int b = 0; b < c->n_count; b++) {
        const ROW_SCALAR *bin = ROW_BIN(bins, b, K);
        ROW_REAL signal = SEVENS_ROW(bin_signal)(S, ROW_TERMS(row, b, K));
        ROW_REAL rho = s[0] * signal, moved = d[0] * signal;

        for (int k = 1; k < K; k++) {
            rho += s[k] * bin[k];
            moved += d[k] * bin[k];
        }
        moved = ROW_SELECT(moved > zero, moved, -moved) * ROW_INVERSE(rho);
        most = ROW_SELECT(moved > most, moved, most);
    }
    return most;
}

/* lambda^2 below which no norm held at 0 can turn: the others move its slope by lambda sqrt(H_kk)
 * at most. Reads H before solve(). */
SEVENS_HD ROW_REAL SEVENS_ROW(slack)(const int K, const sevens_row_constants *c, const ROW_REAL *g,
                                     const ROW_REAL *H, const ROW_REAL *is_free)
{
    ROW_REAL zero = g[0] - g[0], least = zero + 1.0f;

    for (int k = 0; k < K; k++) {
        ROW_REAL slack = g[k] * g[k] / H[k * (k + 1) / 2 + k];

        if (!c->fixed[k])
            least = ROW_SELECT(ROW_AND(is_free[k] <= zero, slack < least), slack, least);
    }
    return least;
}

/* From the norms s, u in place of s_0, down to the minimum and its chi2. Each lane stops by itself:
 * its result does not depend on its neighbours. */
SEVENS_HD void SEVENS_ROW(descend)(const int K, const sevens_row_constants *c,
                                   const SEVENS_ROW(signal) * S, const ROW_SCALAR *bins,
                                   const ROW_SCALAR *row, ROW_REAL *s, ROW_REAL *g, ROW_REAL *H,
                                   ROW_REAL *d, ROW_REAL *is_free, SEVENS_ROW(result) * out)
{
    ROW_REAL zero = S->x - S->x;
    ROW_MASK done = ROW_NONE(zero);

    for (out->passes = 1; out->passes <= SEVENS_ROW_MAX_PASSES; out->passes++) {
        ROW_REAL lambda2, slack, change, t;
        ROW_MASK settled, sure, rises, stopped;

        SEVENS_ROW(derivatives)(K, c, S, bins, row, s, g, H);
        SEVENS_ROW(hold_flat)(K, c, g, H, s, is_free);
        slack = SEVENS_ROW(slack)(K, c, g, H, is_free);
        lambda2 = SEVENS_ROW(solve)(K, g, H, is_free, d);
        settled = ROW_AND(ROW_NOT(done), lambda2 < ROW_TOLERANCE);
        change = ROW_SQRT(lambda2);
        /* lambda bounds the change where all counts are at least 1, for many by far */
        if (c->small_counts || ROW_ANY(ROW_AND(ROW_NOT(done), change >= 0.25f)))
            change = SEVENS_ROW(change)(K, c, S, bins, row, s, d);
        if (c->small_counts) {
            settled = ROW_AND(settled, ROW_SQRT(lambda2) * change < ROW_TOLERANCE);
            settled = ROW_AND(settled, change < 0.25f);
        }
        rises = SEVENS_ROW(release)(K, c, settled, g, is_free);
        t = ROW_SELECT(change < 0.25f, zero + 1.0f, 1.0f / (1.0f + change));
        /* A lane that settles takes its last step too: chi2 is then off by lambda^2 change^2,
         * unless the bound cuts the step short or a norm may leave it: then lambda itself must be
         * small. A lane that frees a norm steps as well: where the step of the others turns the
         * slope that freed it, it goes back to its bound, and without the step for ever so. */
        stopped = SEVENS_ROW(step)(K, ROW_NOT(done), t, d, s, is_free);
        sure = ROW_OR(ROW_AND(lambda2 < slack, ROW_NOT(stopped)),
                      lambda2 < ROW_TOLERANCE * ROW_TOLERANCE);
        done = ROW_OR(done, ROW_AND(settled, ROW_AND(sure, ROW_NOT(rises))));
        if (!ROW_ANY(ROW_NOT(done)))
            break;
    }
    out->converged = done;
    out->chi2 = SEVENS_ROW(chi2)(K, c, S, bins, row, s);
    s[0] = ROW_NARROW(ROW_WIDEN(s[0]) / S->size);
}

/* Profiles chi2 at the row variable x from a cold start. `bins` [n_count][K] holds n and the
 * backgrounds over mu0, `row` [n_count][3] the terms A, B, C over mu0, row_total [3] their sums
 * over all bins in counts. g, H, d and is_free are work space of K, K (K + 1)/2, K and K; s [K]
 * gets the norms at the minimum. */
SEVENS_HD void SEVENS_ROW(profile)(const int K, const sevens_row_constants *c,
                                   const ROW_SCALAR *bins, const ROW_SCALAR *row,
                                   const double *row_total, ROW_WIDE x, ROW_REAL *s, ROW_REAL *g,
                                   ROW_REAL *H, ROW_REAL *d, ROW_REAL *is_free,
                                   SEVENS_ROW(result) * out)
{
    SEVENS_ROW(signal) S = SEVENS_ROW(make_signal)(c, row_total, x);
    ROW_REAL zero = S.x - S.x;

    for (int k = 0; k < K; k++) {
        s[k] = zero + 1.0f;
        is_free[k] = c->fixed[k] ? zero : zero + 1.0f;
    }
    s[0] = SEVENS_ROW(start)(c, S.total, S.size);
    SEVENS_ROW(descend)(K, c, &S, bins, row, s, g, H, d, is_free, out);
}

/* The same from a guess of the norms in s; those at 0 begin held there. */
SEVENS_HD void SEVENS_ROW(profile_from)(const int K, const sevens_row_constants *c,
                                        const ROW_SCALAR *bins, const ROW_SCALAR *row,
                                        const double *row_total, ROW_WIDE x, ROW_REAL *s,
                                        ROW_REAL *g, ROW_REAL *H, ROW_REAL *d, ROW_REAL *is_free,
                                        SEVENS_ROW(result) * out)
{
    SEVENS_ROW(signal) S = SEVENS_ROW(make_signal)(c, row_total, x);
    ROW_REAL zero = S.x - S.x;

    for (int k = 0; k < K; k++)
        is_free[k] = c->fixed[k] ? zero : ROW_SELECT(s[k] > zero, zero + 1.0f, zero);
    s[0] = ROW_NARROW(ROW_WIDEN(s[0]) * S.size);
    SEVENS_ROW(descend)(K, c, &S, bins, row, s, g, H, d, is_free, out);
}
#undef ROW_NOISE
