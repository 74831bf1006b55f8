/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chi2 of a joint likelihood at given nuisances, with gradient and Hessian. docs/physics.md eqs.
 * 23, 24, 49, 50, 52, 53.
 *
 * Expected counts are linear in columns V_c: mu_b = sum_c z_c V_cb + B_b. The loop over bins sums
 * in the space of columns,
 *     G_c = sum_b f'(mu_b) V_cb,   HH_cd = sum_b f''(mu_b) V_cb V_db,
 * where chi2/2 = sum_b f(mu_b) + pulls/2 and the derivatives of B by its parameters are columns
 * too. The chain rule through z_c = s a makes gradient and Hessian in the nuisances of it; the
 * second derivatives of B are summed apart. Poisson bins without counts enter by their totals. */
#ifndef SEVENS_HD_JOINT_BINS_H
#define SEVENS_HD_JOINT_BINS_H

#include "sevens/hd/joint_lines.h"

#define SEVENS_JOINT_NOISE 1e-13 /* a rate below the rounding of its three terms is none */

/* What is wanted at given nuisances; each includes those before it. */
enum { SEVENS_JOINT_CHI2, SEVENS_JOINT_GRADIENT, SEVENS_JOINT_HESSIAN };

SEVENS_HD JOINT_REAL sevens_joint_term(const double *abc, JOINT_REAL x)
{
    return abc[0] + x * (abc[1] + x * abc[2]);
}

/* Whether there is a signal beyond rounding. */
SEVENS_HD JOINT_MASK sevens_joint_present(const double *row, JOINT_REAL x)
{
    JOINT_REAL terms = row[3] + JOINT_MAX(x, -x) * row[4] + x * x * row[5];

    return sevens_joint_term(row, x) > SEVENS_JOINT_NOISE * terms;
}

/* z of component c at nuisances t. */
SEVENS_HD JOINT_REAL sevens_joint_factor(const sevens_joint_part *part, int c, const JOINT_REAL *t,
                                         long stride)
{
    JOINT_REAL z = JOINT_AT(t, part->norm[c]);

    return part->shape[c] < 0 ? z : z * JOINT_AT(t, part->shape[c]);
}

/* ---- a block of bins ---- */

/* Signals of a block: A + B x + C x^2; rounding may make that of variant 0 negative where the rate
 * vanishes. */
SEVENS_HD void sevens_joint_signals(const sevens_joint_part *part, const sevens_joint_point *at,
                                    int first, sevens_joint_block *block)
{
    const double *row = at->row + part->row;
    const JOINT_REAL x = at->x, zero = JOINT_REAL_OF(0.0);
    const JOINT_REAL scale =
        JOINT_SELECT(sevens_joint_present(row, x), JOINT_REAL_OF(1.0), JOINT_REAL_OF(0.0));

    row += 6 + 3 * part->n_variant + first;
    for (int v = 0; v < part->n_variant; v++, row += 3L * part->n_bin) {
        const double *A = row, *B = row + part->n_bin, *C = row + 2L * part->n_bin;
        JOINT_REAL *own = block->own[v];

        for (int i = 0; i < block->n; i++) {
            JOINT_REAL value = scale * (A[i] + x * (B[i] + x * C[i]));

            own[i] = v == 0 ? JOINT_MAX(value, zero) : value;
        }
    }
}

/* Columns and background function of bins first .. first + n - 1 at nuisances t; mu gets the
 * function alone. */
SEVENS_HD void sevens_joint_columns(const sevens_joint_part *part, const sevens_joint_point *at,
                                    const JOINT_REAL *t, int first, sevens_joint_block *block,
                                    long stride)
{
    sevens_joint_signals(part, at, first, block);
    for (int c = 0; c < part->n_own; c++)
        block->lanes[c] = block->own[part->variant[c]];
    for (int c = part->n_own; c < part->n_component; c++)
        block->data[c] = at->data + part->counts[c] + first;
    if (part->kind == SEVENS_JOINT_GAUSS_LINES) {
        sevens_joint_lines(part, at, t, first, block, stride);
        return;
    }
    for (int i = 0; i < block->n; i++)
        block->mu[i] = JOINT_REAL_OF(0.0);
}

/* Adds factor times column c to a number per bin. */
SEVENS_HD void sevens_joint_add_column(const sevens_joint_part *part,
                                       const sevens_joint_block *block, int c, JOINT_REAL factor,
                                       JOINT_REAL *sum)
{
    if (c < part->n_own) {
        const JOINT_REAL *column = block->lanes[c];

        for (int i = 0; i < block->n; i++)
            sum[i] += factor * column[i];
    } else {
        const double *column = block->data[c];

        for (int i = 0; i < block->n; i++)
            sum[i] += factor * column[i];
    }
}

/* Sum of n ln(n/mu) of a block; `ratio`: n/mu. Bins with the same n, which follow each other in the
 * data, share a logarithm where `shared` allows it. */
SEVENS_HD JOINT_REAL sevens_joint_logarithms(int n, int shared, const double *observed,
                                             const JOINT_REAL *ratio)
{
    JOINT_REAL sum = JOINT_REAL_OF(0.0), product = JOINT_REAL_OF(1.0);
    int factors = 0;

    for (int i = 0; i < n; i++) {
        product *= ratio[i];
        factors++;
        if (shared && factors < 8 && i + 1 < n && observed[i + 1] == observed[i])
            continue;
        sum += observed[i] * JOINT_LOG(product);
        product = JOINT_REAL_OF(1.0);
        factors = 0;
    }
    return sum;
}

/* chi2/2 of a block, f' and f''; infinite where a bin with counts expects none. */
SEVENS_HD JOINT_REAL sevens_joint_poisson(const double *observed, sevens_joint_block *block)
{
    const double large = 1e35; /* products of eight are in the range of double */
    JOINT_REAL sum = JOINT_REAL_OF(0.0), most = sum, *ratio = block->weighted;
    JOINT_REAL least = JOINT_REAL_OF(-HUGE_VAL), mu_least = least, infinite = -least; /* negated */
    int shared;

    for (int i = 0; i < block->n; i++) {
        JOINT_REAL inverse = JOINT_INVERSE(block->mu[i]);

        ratio[i] = observed[i] * inverse;
        most = JOINT_MAX(ratio[i], most);
        least = JOINT_MAX(-ratio[i], least);
        mu_least = JOINT_MAX(-block->mu[i], mu_least);
        block->first[i] = 1.0 - ratio[i];
        block->second[i] = ratio[i] * inverse;
        sum += block->mu[i] - observed[i];
    }
    shared = !JOINT_ANY(JOINT_NOT((most < large) & (least < -1.0 / large)));
    sum += sevens_joint_logarithms(block->n, shared, observed, ratio);
    return JOINT_SELECT(mu_least < 0.0, sum, infinite);
}

SEVENS_HD JOINT_REAL sevens_joint_gauss(const double *observed, const double *inverse_sigma,
                                        sevens_joint_block *block)
{
    JOINT_REAL sum = JOINT_REAL_OF(0.0);

    for (int i = 0; i < block->n; i++) {
        JOINT_REAL u = (block->mu[i] - observed[i]) * inverse_sigma[i];

        block->first[i] = u * inverse_sigma[i];
        block->second[i] = JOINT_REAL_OF(inverse_sigma[i] * inverse_sigma[i]);
        sum += 0.5 * u * u;
    }
    return sum;
}

/* Sums over bins of `weighted` times four columns, to read it once for all, or one; in as many
 * partial sums as hide the latency of an addition. */
#define SEVENS_JOINT_DEFINE_DOTS(four, one, type)                                                  \
    SEVENS_HD void four(int n, const JOINT_REAL *weighted, const type *v0, const type *v1,         \
                        const type *v2, const type *v3, JOINT_REAL *sum)                           \
    {                                                                                              \
        JOINT_REAL a0 = JOINT_REAL_OF(0.0), a1 = a0, a2 = a0, a3 = a0;                             \
        JOINT_REAL b0 = a0, b1 = a0, b2 = a0, b3 = a0;                                             \
                                                                                                   \
        for (int i = 0; i + 1 < n; i += 2) {                                                       \
            a0 += weighted[i] * v0[i];                                                             \
            a1 += weighted[i] * v1[i];                                                             \
            a2 += weighted[i] * v2[i];                                                             \
            a3 += weighted[i] * v3[i];                                                             \
            b0 += weighted[i + 1] * v0[i + 1];                                                     \
            b1 += weighted[i + 1] * v1[i + 1];                                                     \
            b2 += weighted[i + 1] * v2[i + 1];                                                     \
            b3 += weighted[i + 1] * v3[i + 1];                                                     \
        }                                                                                          \
        if (n % 2 == 1) {                                                                          \
            a0 += weighted[n - 1] * v0[n - 1];                                                     \
            a1 += weighted[n - 1] * v1[n - 1];                                                     \
            a2 += weighted[n - 1] * v2[n - 1];                                                     \
            a3 += weighted[n - 1] * v3[n - 1];                                                     \
        }                                                                                          \
        sum[0] = a0 + b0;                                                                          \
        sum[1] = a1 + b1;                                                                          \
        sum[2] = a2 + b2;                                                                          \
        sum[3] = a3 + b3;                                                                          \
    }                                                                                              \
                                                                                                   \
    SEVENS_HD JOINT_REAL one(int n, const JOINT_REAL *weighted, const type *v)                     \
    {                                                                                              \
        JOINT_REAL a = JOINT_REAL_OF(0.0), b = a, c = a, d = a;                                    \
        int i = 0;                                                                                 \
                                                                                                   \
        for (; i + 3 < n; i += 4) {                                                                \
            a += weighted[i] * v[i];                                                               \
            b += weighted[i + 1] * v[i + 1];                                                       \
            c += weighted[i + 2] * v[i + 2];                                                       \
            d += weighted[i + 3] * v[i + 3];                                                       \
        }                                                                                          \
        for (; i < n; i++)                                                                         \
            a += weighted[i] * v[i];                                                               \
        return (a + b) + (c + d);                                                                  \
    }
SEVENS_JOINT_DEFINE_DOTS(sevens_joint_dots_lanes, sevens_joint_dot_lanes, JOINT_REAL)
SEVENS_JOINT_DEFINE_DOTS(sevens_joint_dots_data, sevens_joint_dot_data, double)

/* Sum of `weighted` times column c. */
SEVENS_HD JOINT_REAL sevens_joint_dot(const sevens_joint_part *part,
                                      const sevens_joint_block *block, int c,
                                      const JOINT_REAL *weighted)
{
    if (c >= part->n_own && c < part->n_component)
        return sevens_joint_dot_data(block->n, weighted, block->data[c]);
    return sevens_joint_dot_lanes(block->n, weighted, block->lanes[c]);
}

/* Where the sum for columns c and d >= c stands in HH; c < 0: for column d in G. */
SEVENS_HD int sevens_joint_sum_index(int c, int d)
{
    return c < 0 ? d : JOINT_PAIR(d, c);
}

/* Adds the sums of `weighted` times columns d, begin <= d < end, which are all of the data or all
 * not; `weighted` is that of column c. */
SEVENS_HD void sevens_joint_dots(const sevens_joint_part *part, const sevens_joint_block *block,
                                 int c, int begin, int end, const JOINT_REAL *weighted,
                                 JOINT_REAL *out, long stride)
{
    const int data = begin >= part->n_own && begin < part->n_component;
    JOINT_REAL sum[4];
    int d = begin;

    for (; end - d >= 3; d += 4) {
        int last = d + 3 < end ? d + 3 : d + 2;

        if (data)
            sevens_joint_dots_data(block->n, weighted, block->data[d], block->data[d + 1],
                                   block->data[d + 2], block->data[last], sum);
        else
            sevens_joint_dots_lanes(block->n, weighted, block->lanes[d], block->lanes[d + 1],
                                    block->lanes[d + 2], block->lanes[last], sum);
        for (int k = 0; k < 3; k++)
            JOINT_AT(out, sevens_joint_sum_index(c, d + k)) += sum[k];
        if (last == d + 3)
            JOINT_AT(out, sevens_joint_sum_index(c, last)) += sum[3];
    }
    for (; d < end; d++)
        JOINT_AT(out, sevens_joint_sum_index(c, d)) += sevens_joint_dot(part, block, d, weighted);
}

/* The same for all columns d >= c. */
SEVENS_HD void sevens_joint_dot_columns(const sevens_joint_part *part,
                                        const sevens_joint_block *block, int c,
                                        const JOINT_REAL *weighted, JOINT_REAL *out, long stride)
{
    int first = c < 0 ? 0 : c, own = part->n_own, component = part->n_component;

    sevens_joint_dots(part, block, c, first, own, weighted, out, stride);
    first = first > own ? first : own;
    sevens_joint_dots(part, block, c, first, component, weighted, out, stride);
    first = first > component ? first : component;
    sevens_joint_dots(part, block, c, first, part->n_column, weighted, out, stride);
}

/* f'' times column c. */
SEVENS_HD void sevens_joint_weigh(const sevens_joint_part *part, sevens_joint_block *block, int c)
{
    const JOINT_REAL *second = block->second;

    if (c >= part->n_own && c < part->n_component) {
        for (int i = 0; i < block->n; i++)
            block->weighted[i] = second[i] * block->data[c][i];
    } else {
        for (int i = 0; i < block->n; i++)
            block->weighted[i] = second[i] * block->lanes[c][i];
    }
}

/* Adds a block to G and, when wanted, to HH: the columns that some free nuisance multiplies. */
SEVENS_HD void sevens_joint_accumulate(const sevens_joint_part *part, int wanted,
                                       sevens_joint_block *block, JOINT_REAL *G, JOINT_REAL *HH,
                                       long stride)
{
    sevens_joint_dot_columns(part, block, -1, block->first, G, stride);
    for (int c = 0; wanted >= SEVENS_JOINT_HESSIAN && c < part->n_column; c++) {
        if (!part->is_free[c])
            continue;
        sevens_joint_weigh(part, block, c);
        sevens_joint_dot_columns(part, block, c, block->weighted, HH, stride);
    }
}

/* ---- a part ---- */

/* Total of component c over the poisson bins without counts. */
SEVENS_HD JOINT_REAL sevens_joint_empty(const sevens_joint_part *part, const sevens_joint_point *at,
                                        int c)
{
    const double *row = at->row + part->row;
    JOINT_REAL total, zero = JOINT_REAL_OF(0.0);

    if (part->variant[c] < 0)
        return JOINT_REAL_OF(part->empty[c]);
    total = sevens_joint_term(row + 6 + 3L * part->variant[c], at->x);
    if (part->variant[c] == 0)
        total = JOINT_MAX(total, zero);
    return JOINT_SELECT(sevens_joint_present(row, at->x), total, zero);
}

SEVENS_HD void sevens_joint_clear(int n, JOINT_REAL *array, long stride)
{
    for (int i = 0; i < n; i++)
        JOINT_AT(array, i) = JOINT_REAL_OF(0.0);
}

/* chi2/2 of the bins of a part at nuisances t, with G, HH and the sums of
 * sevens_joint_bend. */
SEVENS_HD JOINT_REAL sevens_joint_sum_bins(const sevens_joint_part *part,
                                           const sevens_joint_point *at, const JOINT_REAL *t,
                                           int wanted, JOINT_REAL *G, JOINT_REAL *HH,
                                           JOINT_REAL *bend, long stride)
{
    const double *observed = at->data + part->observed;
    sevens_joint_block block;
    JOINT_REAL half = JOINT_REAL_OF(0.0);

    sevens_joint_clear(SEVENS_JOINT_BEND_SUMS, bend, 1);
    sevens_joint_clear(part->n_column, G, stride);
    if (wanted >= SEVENS_JOINT_HESSIAN)
        sevens_joint_clear(JOINT_PAIR(part->n_column, 0), HH, stride);
    for (int first = 0; first < part->n_bin; first += JOINT_BINS) {
        int left = part->n_bin - first;

        block.n = left < JOINT_BINS ? left : JOINT_BINS;
        sevens_joint_columns(part, at, t, first, &block, stride);
        for (int c = 0; c < part->n_component; c++)
            sevens_joint_add_column(part, &block, c, sevens_joint_factor(part, c, t, stride),
                                    block.mu);
        half += part->kind == SEVENS_JOINT_POISSON
                    ? sevens_joint_poisson(observed + first, &block)
                    : sevens_joint_gauss(observed + first, at->data + part->inverse_sigma + first,
                                         &block);
        if (!JOINT_ANY(half < HUGE_VAL))
            return half;
        if (wanted >= SEVENS_JOINT_GRADIENT)
            sevens_joint_accumulate(part, wanted, &block, G, HH, stride);
        if (wanted >= SEVENS_JOINT_HESSIAN && part->kind == SEVENS_JOINT_GAUSS_LINES)
            sevens_joint_bend(part, at, t, first, &block, bend, stride);
    }
    for (int c = 0; c < part->n_component && part->kind == SEVENS_JOINT_POISSON; c++) {
        JOINT_REAL total = sevens_joint_empty(part, at, c);

        half += sevens_joint_factor(part, c, t, stride) * total;
        JOINT_AT(G, c) += total;
    }
    return half;
}

/* What multiplies column c: up to two nuisances and the derivatives by them over the column; the
 * number of them. */
SEVENS_HD int sevens_joint_chain(const sevens_joint_part *part, int c, const JOINT_REAL *t,
                                 const JOINT_REAL *line_factor, int *nuisance, JOINT_REAL *slope,
                                 long stride)
{
    if (c >= part->n_component) {
        nuisance[0] = part->line[c - part->n_component];
        slope[0] = line_factor[c - part->n_component];
        return 1;
    }
    nuisance[0] = part->norm[c];
    slope[0] = JOINT_REAL_OF(1.0);
    if (part->shape[c] < 0)
        return 1;
    slope[0] = JOINT_AT(t, part->shape[c]);
    nuisance[1] = part->shape[c];
    slope[1] = JOINT_AT(t, part->norm[c]);
    return 2;
}

/* Adds G and HH of a part to gradient and Hessian in the free nuisances. */
SEVENS_HD void sevens_joint_assemble(const sevens_joint_part *part, int n_free, int wanted,
                                     const JOINT_REAL *t, const JOINT_REAL *G, const JOINT_REAL *HH,
                                     JOINT_REAL *g, JOINT_REAL *H, long stride)
{
    JOINT_REAL line[SEVENS_N_LINES];

    if (part->kind == SEVENS_JOINT_GAUSS_LINES)
        sevens_joint_line_factors(part, t, line, stride);
    for (int c = 0; c < part->n_column; c++) {
        int i[2], k[2];
        JOINT_REAL u[2], v[2];
        int n = sevens_joint_chain(part, c, t, line, i, u, stride);

        for (int a = 0; a < n; a++) {
            if (i[a] < n_free)
                JOINT_AT(g, i[a]) += u[a] * JOINT_AT(G, c);
        }
        if (wanted < SEVENS_JOINT_HESSIAN || !part->is_free[c])
            continue;
        if (n == 2 && i[0] < n_free && i[1] < n_free) /* d2z/ds da = 1 */
            sevens_joint_add_pair(i[0], i[1], JOINT_AT(G, c), H, stride);
        for (int d = 0; d <= c; d++) {
            int m = sevens_joint_chain(part, d, t, line, k, v, stride);
            JOINT_REAL h = JOINT_AT(HH, JOINT_PAIR(c, d));

            if (!part->is_free[d])
                continue;
            for (int a = 0; a < n; a++) {
                for (int b = 0; b < (c == d ? a + 1 : m); b++) {
                    if (i[a] < n_free && k[b] < n_free)
                        sevens_joint_add_pair(
                            i[a], k[b], (c != d && i[a] == k[b] ? 2.0 : 1.0) * h * u[a] * v[b], H,
                            stride);
                }
            }
        }
    }
}

/* ---- the likelihood ---- */

/* Starts gradient and Hessian with the pulls and returns their half. */
SEVENS_HD JOINT_REAL sevens_joint_pulls(const sevens_joint *j, int wanted, const JOINT_REAL *t,
                                        JOINT_REAL *g, JOINT_REAL *H, long stride)
{
    JOINT_REAL half = JOINT_REAL_OF(0.0);

    for (int i = 0; i < j->n_nuisance; i++) {
        JOINT_REAL slope = JOINT_REAL_OF(0.0);

        for (int k = 0; k < j->n_nuisance; k++) {
            if (j->weight[i][k] != 0.0)
                slope += j->weight[i][k] * (JOINT_AT(t, k) - j->centre[k]);
        }
        half += 0.5 * slope * (JOINT_AT(t, i) - j->centre[i]);
        if (i >= j->n_free)
            continue;
        JOINT_AT(g, i) = slope;
        for (int k = 0; wanted >= SEVENS_JOINT_HESSIAN && k <= i; k++)
            JOINT_AT(H, JOINT_PAIR(i, k)) = JOINT_REAL_OF(j->weight[i][k]);
    }
    return half;
}

/* chi2, gradient and Hessian of chi2/2 at nuisances t; infinite where a bin with counts expects
 * none. D is the diagonal of H without the second derivatives of the background function. */
JOINT_CALL JOINT_REAL sevens_joint_evaluate(const sevens_joint *j, const sevens_joint_point *at,
                                            const JOINT_REAL *t, int wanted, JOINT_REAL *g,
                                            JOINT_REAL *H, JOINT_REAL *D,
                                            const sevens_joint_work *w, long stride)
{
    JOINT_REAL half = sevens_joint_pulls(j, wanted, t, g, H, stride), bend[SEVENS_JOINT_BEND_SUMS];

    for (int i = 0; wanted >= SEVENS_JOINT_HESSIAN && i < j->n_free; i++)
        JOINT_AT(D, i) = JOINT_REAL_OF(-1.0);
    for (int p = 0; p < j->n_part; p++) {
        const sevens_joint_part *part = &j->part[p];

        half += sevens_joint_sum_bins(part, at, t, wanted, w->G, w->HH, bend, stride);
        if (!JOINT_ANY(half < HUGE_VAL))
            return JOINT_REAL_OF(HUGE_VAL);
        sevens_joint_assemble(part, j->n_free, wanted, t, w->G, w->HH, g, H, stride);
        if (wanted >= SEVENS_JOINT_HESSIAN && part->kind == SEVENS_JOINT_GAUSS_LINES)
            sevens_joint_assemble_bends(part, j->n_free, t, bend, w->G, H, D, stride);
    }
    for (int i = 0; wanted >= SEVENS_JOINT_HESSIAN && i < j->n_free; i++)
        JOINT_AT(D, i) =
            JOINT_SELECT(JOINT_AT(D, i) < 0.0, JOINT_AT(H, JOINT_PAIR(i, i)), JOINT_AT(D, i));
    return 2.0 * half;
}

#endif
