/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One Newton pass of the profile likelihood from norms that are nearly right: chi2, its slope and
 * its curvature in one walk over the bins. Where the decrement lambda^2 = g H^-1 g is small, chi2 -
 * lambda^2 is the minimum, and the pass was the whole fit. physics.md eqs. 23 to 25.
 *
 * The sum of n ln rho costs no logarithm per bin. Bins come by falling counts n_1 >= n_2 >= ...;
 * with Q_b the product of the first b ratios rho, sum n ln rho = ln product_b Q_b^(n_b - n_(b+1)),
 * where the exponents of two are split off the products. Most of the powers are 0.
 *
 * ROW_VECTORS points per lane go through a bin together: they share its templates.
 *
 * No include guard: included after row_profile.h, once per lane type, with its macros and
 *   ROW_VECTORS                    lanes of a place, in units of ROW_REAL
 *   ROW_PART ROW_PARTS             a ROW_WIDE as ROW_PARTS pieces of the size of a register
 *   ROW_WIDEN_PART(x, h) ROW_NARROW_PARTS(parts)      ROW_REAL <-> its piece h, all its pieces
 *   ROW_MAX(a, b)                  larger of two ROW_REAL
 *   ROW_MANTISSA(x) ROW_EXPONENT(x)    x = mantissa 2^(exponent - ROW_BIAS), mantissa in [1, 2), of
 *                                  x > 0; the exponent is an integer of the type of masks,
 *   ROW_REAL_OF(i)                 which this makes a ROW_REAL
 *   ROW_POWER(x)                   2^exponent of x, and
 *   ROW_INVERSE_POWER(x)           2^-exponent, both for 1 <= x < 2^127
 */

/* The signal of a point for bins and totals alike: A a[0] + B a[1] + C a[2]. It is divided by a
 * power of two, size, where it is larger than the data; u = s_0 size stands for its norm. */
typedef struct SEVENS_ROW(scaled) {
    ROW_REAL a[3], size;
    ROW_PART total[ROW_PARTS];
} SEVENS_ROW(scaled);

/* A place: ROW_VECTORS vectors of points. What a pass finds there at norms s: chi2, slopes g and
 * lower triangle of the curvature H of chi2/2. */
typedef struct SEVENS_ROW(slopes) {
    ROW_PART chi2[ROW_VECTORS][ROW_PARTS], logs[ROW_VECTORS][ROW_PARTS]; /* sum n ln rho */
    ROW_REAL g[SEVENS_ROW_MAX_NORMS][ROW_VECTORS];
    ROW_REAL H[SEVENS_ROW_MAX_NORMS * (SEVENS_ROW_MAX_NORMS + 1) / 2][ROW_VECTORS];
} SEVENS_ROW(slopes);

/* x in the unit of the row. Lanes whose rate nearly vanishes, where rounding decides, are left to
 * row_profile.h: the mask names the others. */
SEVENS_HD ROW_MASK SEVENS_ROW(scale)(const sevens_row_constants *c, const double *row_total,
                                     const ROW_PART *x, SEVENS_ROW(scaled) * S)
{
    ROW_REAL x1 = ROW_NARROW_PARTS(x), zero = x1 - x1, x2 = x1 * x1, inverse, ratio;
    ROW_PART of_counts[ROW_PARTS], rest[ROW_PARTS];

    for (int h = 0; h < ROW_PARTS; h++) {
        ROW_PART quadratic = ROW_WIDEN_PART(x2, h) * row_total[2];

        S->total[h] = row_total[0] + ROW_WIDEN_PART(x1, h) * row_total[1] + quadratic;
        of_counts[h] = S->total[h] * c->per_count;
        rest[h] = S->total[h] - 1e-3 * (row_total[0] + quadratic);
    }
    ratio = ROW_NARROW_PARTS(of_counts);
    inverse = ROW_INVERSE_POWER(ROW_MAX(ratio, zero + 1.0f));
    S->size = ROW_POWER(ROW_MAX(ratio, zero + 1.0f));
    S->a[0] = inverse;
    S->a[1] = x1 * inverse;
    S->a[2] = x2 * inverse;
    for (int h = 0; h < ROW_PARTS; h++)
        S->total[h] *= ROW_WIDEN_PART(inverse, h);
    return ROW_NARROW_PARTS(rest) > zero;
}

/* A product of factors, mantissa 2^exponent; with each factor the exponent has grown by ROW_BIAS
 * too much. */
typedef struct SEVENS_ROW(split) {
    ROW_REAL mantissa;
    ROW_MASK exponent;
} SEVENS_ROW(split);

/* The same with the true exponent. */
typedef struct SEVENS_ROW(product) {
    ROW_REAL mantissa, exponent;
} SEVENS_ROW(product);

SEVENS_HD void SEVENS_ROW(extend)(SEVENS_ROW(product) * a, ROW_REAL mantissa, ROW_REAL exponent)
{
    ROW_REAL product = a->mantissa * mantissa;

    a->exponent += exponent + ROW_REAL_OF(ROW_EXPONENT(product) - ROW_BIAS);
    a->mantissa = ROW_MANTISSA(product);
}

/* b^n for n > 0: many factors by squaring, few one by one; the mantissa is below 2^8 then. */
SEVENS_HD SEVENS_ROW(product) SEVENS_ROW(power)(SEVENS_ROW(product) b, int n)
{
    SEVENS_ROW(product) odd = b, all;
    bool any = false;

    for (; n > 8; n >>= 1) {
        if (n & 1 && any)
            SEVENS_ROW(extend)(&odd, b.mantissa, b.exponent);
        else if (n & 1)
            odd = b;
        any |= n & 1;
        SEVENS_ROW(extend)(&b, b.mantissa, b.exponent);
    }
    all.exponent = (ROW_SCALAR)n * b.exponent;
    for (all.mantissa = b.mantissa; n > 1; n--)
        all.mantissa *= b.mantissa;
    if (any)
        SEVENS_ROW(extend)(&all, odd.mantissa, odd.exponent);
    return all;
}

/* logs: ln of the product of Q[t]^power[t]. */
SEVENS_HD void SEVENS_ROW(log_powers)(const sevens_row_groups *groups, const SEVENS_ROW(split) * Q,
                                      ROW_REAL zero, ROW_PART (*logs)[ROW_PARTS])
{
    SEVENS_ROW(product) all[ROW_VECTORS];

    for (int w = 0; w < ROW_VECTORS; w++)
        all[w] = (SEVENS_ROW(product)){zero + 1.0f, zero};
    for (int t = 0; t < groups->n; t++, Q += ROW_VECTORS) {
        for (int w = 0; w < ROW_VECTORS; w++) {
            SEVENS_ROW(product)
            b = {Q[w].mantissa, ROW_REAL_OF(Q[w].exponent - ROW_BIAS * groups->end[t])};

            b = SEVENS_ROW(power)(b, groups->power[t]);
            SEVENS_ROW(extend)(&all[w], b.mantissa, b.exponent);
        }
    }
    for (int w = 0; w < ROW_VECTORS; w++) {
        ROW_REAL log = ROW_LOG(all[w].mantissa, all[w].mantissa - 1.0f);

        for (int h = 0; h < ROW_PARTS; h++)
            logs[w][h] = ROW_WIDEN_PART(log, h) +
                         0.69314718055994530942 * ROW_WIDEN_PART(all[w].exponent, h);
    }
}

/* Adds a bin to the slopes g and, when asked for, to the curvature H; returns its expected counts
 * over mu0 at norms s. */
SEVENS_HD ROW_REAL SEVENS_ROW(add_bin)(const int K, const int curvature, const int w,
                                       const ROW_REAL (*a)[ROW_VECTORS], const ROW_SCALAR *bin,
                                       const ROW_SCALAR *abc, const ROW_REAL (*s)[ROW_VECTORS],
                                       ROW_REAL (*g)[ROW_VECTORS], ROW_REAL (*H)[ROW_VECTORS])
{
    ROW_REAL signal = abc[0] * a[0][w] + abc[1] * a[1][w] + abc[2] * a[2][w];
    ROW_REAL rho, inverse, r, v, vs;

    signal = ROW_MAX(signal, s[0][w] - s[0][w]); /* rounding may make it negative */
    rho = s[0][w] * signal;
    for (int k = 1; k < K; k++)
        rho += s[k][w] * bin[k];
    inverse = ROW_INVERSE(rho);
    r = bin[0] * inverse;
    g[0][w] += r * signal;
    for (int k = 1; k < K; k++)
        g[k][w] += r * bin[k];
    if (!curvature)
        return rho;
    v = r * inverse;
    vs = v * signal;
    H[0][w] += vs * signal;
    for (int k = 1; k < K; k++) {
        ROW_REAL vk = v * bin[k];

        H[k * (k + 1) / 2][w] += vs * bin[k];
        for (int j = 1; j <= k; j++)
            H[k * (k + 1) / 2 + j][w] += vk * bin[j];
    }
    return rho;
}

/* Sums at 0. */
SEVENS_HD void SEVENS_ROW(clear_sums)(const int K, const int w, ROW_REAL zero,
                                      ROW_REAL (*g)[ROW_VECTORS], ROW_REAL (*H)[ROW_VECTORS],
                                      ROW_PART *logs)
{
    for (int k = 0; k < K; k++)
        g[k][w] = zero;
    for (int i = 0; i < K * (K + 1) / 2; i++)
        H[i][w] = zero;
    for (int h = 0; h < ROW_PARTS; h++)
        logs[h] = ROW_WIDEN_PART(zero, h);
}

SEVENS_HD void SEVENS_ROW(keep_sums)(const int K, const int curvature, const int w,
                                     const ROW_REAL (*g)[ROW_VECTORS],
                                     const ROW_REAL (*H)[ROW_VECTORS], SEVENS_ROW(slopes) * out)
{
    for (int k = 0; k < K; k++)
        out->g[k][w] = g[k][w];
    for (int i = 0; i < K * (K + 1) / 2 && curvature; i++)
        out->H[i][w] = H[i][w];
}

SEVENS_HD void SEVENS_ROW(add_log)(ROW_SCALAR n, ROW_REAL rho, ROW_PART *logs)
{
    ROW_REAL log = n * ROW_LOG(rho, rho - 1.0f);

    for (int h = 0; h < ROW_PARTS; h++)
        logs[h] += ROW_WIDEN_PART(log, h);
}

/* Slopes of the bins alone in out, for vectors first .. last - 1, and the products of rho in Q
 * [groups->n][ROW_VECTORS] or, without groups, the logs. Without `curvature` H stays as it is. */
SEVENS_HD void SEVENS_ROW(walk_bins)(const int K, const int curvature, const int first,
                                     const int last, const int n_count,
                                     const sevens_row_groups *groups, const SEVENS_ROW(scaled) * S,
                                     const ROW_SCALAR *bins, const ROW_SCALAR *row,
                                     const ROW_REAL (*s)[ROW_VECTORS], SEVENS_ROW(split) * Q,
                                     SEVENS_ROW(slopes) * out)
{
    const ROW_REAL zero = S->size - S->size;
    ROW_REAL g[SEVENS_ROW_MAX_NORMS][ROW_VECTORS], norm[SEVENS_ROW_MAX_NORMS][ROW_VECTORS];
    ROW_REAL H[SEVENS_ROW_MAX_NORMS * (SEVENS_ROW_MAX_NORMS + 1) / 2][ROW_VECTORS];
    ROW_REAL mantissa[ROW_VECTORS], scale[3][ROW_VECTORS];
    ROW_MASK exponent[ROW_VECTORS];
    const int *of_bin = groups->of_bin, products = groups->n > 0;

    for (int w = first; w < last; w++) {
        SEVENS_ROW(clear_sums)(K, w, zero, g, H, out->logs[w]);
        mantissa[w] = zero + 1.0f;
        exponent[w] = ROW_NONE(zero);
        for (int t = 0; t < 3; t++)
            scale[t][w] = S[w].a[t];
        for (int k = 0; k < K; k++)
            norm[k][w] = s[k][w];
    }
    for (int b = 0; b < n_count; b++) {
        const ROW_SCALAR *bin = ROW_BIN(bins, b, K), *abc = ROW_TERMS(row, b, K);
        SEVENS_ROW(split) *to = &Q[(long)ROW_VECTORS * of_bin[b]]; /* the last of a group stays */

        for (int w = first; w < last; w++) {
            ROW_REAL rho = SEVENS_ROW(add_bin)(K, curvature, w, scale, bin, abc, norm, g, H);

            if (!products) {
                SEVENS_ROW(add_log)(bin[0], rho, out->logs[w]);
                continue;
            }
            rho *= mantissa[w];
            to[w].mantissa = mantissa[w] = ROW_MANTISSA(rho);
            to[w].exponent = exponent[w] += ROW_EXPONENT(rho);
        }
    }
    for (int w = first; w < last; w++)
        SEVENS_ROW(keep_sums)(K, curvature, w, g, H, out);
}

/* chi2 of vector w at norms s, piece by piece in double. */
SEVENS_HD void SEVENS_ROW(sum_chi2)(const int K, const int w, const sevens_row_constants *c,
                                    const SEVENS_ROW(scaled) * S, const ROW_REAL (*s)[ROW_VECTORS],
                                    const ROW_PART *logs, ROW_PART *chi2)
{
    for (int h = 0; h < ROW_PARTS; h++) {
        ROW_PART u = ROW_WIDEN_PART(s[0][w], h);
        ROW_PART half = u * S->total[h] - c->reference - logs[h];
        ROW_PART shift = u * ROW_WIDEN_PART(S->a[0], h) - 1.0, pulls = c->weight[0] * shift * shift;

        for (int k = 1; k < K; k++) {
            ROW_PART norm = ROW_WIDEN_PART(s[k][w], h);

            shift = norm - 1.0;
            half += norm * c->total[k];
            pulls += c->weight[k] * shift * shift;
        }
        chi2[h] = c->offset + 2.0 * half + pulls;
    }
}

/* Adds the totals and pulls of vector w to the slopes of the bins. */
SEVENS_HD void SEVENS_ROW(add_totals)(const int K, const int curvature, const int w,
                                      const sevens_row_constants *c, const SEVENS_ROW(scaled) * S,
                                      const ROW_REAL (*s)[ROW_VECTORS], SEVENS_ROW(slopes) * out)
{
    ROW_REAL inverse = S->a[0], pull = s[0][w] * inverse - 1.0f;

    out->g[0][w] =
        ROW_NARROW_PARTS(S->total) - out->g[0][w] + (ROW_SCALAR)c->weight[0] * pull * inverse;
    if (curvature)
        out->H[0][w] += (ROW_SCALAR)c->weight[0] * inverse * inverse;
    for (int k = 1; k < K; k++) {
        out->g[k][w] =
            (ROW_SCALAR)c->total[k] - out->g[k][w] + (ROW_SCALAR)c->weight[k] * (s[k][w] - 1.0f);
        if (curvature)
            out->H[k * (k + 1) / 2 + k][w] += (ROW_SCALAR)c->weight[k];
    }
}

/* chi2, slopes and, when asked for, curvature at norms s, u in place of s_0. */
SEVENS_HD void SEVENS_ROW(pass)(const int K, const int curvature, const sevens_row_constants *c,
                                const sevens_row_groups *groups, const SEVENS_ROW(scaled) * S,
                                const ROW_SCALAR *bins, const ROW_SCALAR *row,
                                const ROW_REAL (*s)[ROW_VECTORS], SEVENS_ROW(split) * Q,
                                SEVENS_ROW(slopes) * out)
{
    if (curvature) { /* its sums take all registers */
        for (int w = 0; w < ROW_VECTORS; w++)
            SEVENS_ROW(walk_bins)
        (K, 1, w, w + 1, c->n_count, groups, S, bins, row, s, Q, out);
    } else {
        SEVENS_ROW(walk_bins)
        (K, 0, 0, ROW_VECTORS, c->n_count, groups, S, bins, row, s, Q, out);
    }
    if (groups->n > 0)
        SEVENS_ROW(log_powers)(groups, Q, S->size - S->size, out->logs);
    for (int w = 0; w < ROW_VECTORS; w++) {
        SEVENS_ROW(sum_chi2)(K, w, c, &S[w], s, out->logs[w], out->chi2[w]);
        SEVENS_ROW(add_totals)(K, curvature, w, c, &S[w], s, out);
    }
}

/* L D L^T of the curvature over the norms that are not fixed, in its place: the inverse pivots on
 * the diagonal, L_ij D_j below. */
SEVENS_HD void SEVENS_ROW(factorise)(const int K, const int w, const sevens_row_constants *c,
                                     ROW_REAL (*H)[ROW_VECTORS])
{
    ROW_REAL zero = H[0][w] - H[0][w];

    for (int i = 0; i < K; i++) {
        for (int j = 0; j <= i; j++) {
            if (c->fixed[i] || c->fixed[j])
                H[i * (i + 1) / 2 + j][w] = zero + (i == j ? 1.0f : 0.0f);
        }
    }
    for (int j = 0; j < K; j++) {
        ROW_REAL inverse = ROW_INVERSE(H[j * (j + 1) / 2 + j][w]);

        H[j * (j + 1) / 2 + j][w] = inverse;
        for (int i = j + 1; i < K; i++) {
            ROW_REAL l = H[i * (i + 1) / 2 + j][w] * inverse;

            for (int m = j + 1; m <= i; m++)
                H[i * (i + 1) / 2 + m][w] -= l * H[m * (m + 1) / 2 + j][w];
        }
    }
}

/* The Newton step d = H^-1 g by the factors of H; returns lambda^2 = g d. */
SEVENS_HD ROW_REAL SEVENS_ROW(newton)(const int K, const int w, const sevens_row_constants *c,
                                      const ROW_REAL (*factors)[ROW_VECTORS],
                                      const ROW_REAL (*g)[ROW_VECTORS], ROW_REAL *d)
{
    ROW_REAL lambda2 = g[0][w] - g[0][w];

    for (int i = 0; i < K; i++) {
        ROW_REAL inverse = factors[i * (i + 1) / 2 + i][w];

        d[i] = c->fixed[i] ? g[i][w] - g[i][w] : g[i][w];
        for (int j = 0; j < i; j++) /* d[j] is over its pivot already */
            d[i] -= factors[i * (i + 1) / 2 + j][w] * d[j];
        lambda2 += d[i] * d[i] * inverse;
        d[i] *= inverse;
    }
    for (int i = K - 1; i >= 0; i--) {
        for (int m = i + 1; m < K; m++)
            d[i] -= factors[m * (m + 1) / 2 + i][w] * factors[i * (i + 1) / 2 + i][w] * d[m];
    }
    return lambda2;
}
