/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chi2 of a joint likelihood at given nuisances, with gradient and Hessian. docs/physics.md eqs.
 * 23, 24, 49, 50, 52, 53.
 *
 * Expected counts are linear in columns V_c: mu_b = sum_c z_c V_cb + B_b. The loop over bins sums
 * in the space of columns,
 *     G_c = sum_b f'(mu_b) V_cb,   HH_cd = sum_b f''(mu_b) V_cb V_db,
 * where chi2/2 = sum_b f(mu_b) + pulls/2 and the derivatives of B by its parameters are columns
 * too. The chain rule through z_c = s a makes gradient and Hessian in the nuisances of it; the
 * second derivatives of B are summed apart. Poisson bins without counts enter by their totals.
 *
 * Arrays of a point are read with a stride, so that the threads of a GPU have theirs interleaved.
 * On a CPU it is 1, and the loops over the bins of a block are vectors. */
#ifndef SEVENS_HD_JOINT_BINS_H
#define SEVENS_HD_JOINT_BINS_H

#include "sevens/hd/defs.h"
#include "sevens/hd/joint_constants.h"
#include <math.h>

#define SEVENS_JOINT_BENDS 9
#define SEVENS_JOINT_NOISE 1e-13 /* a rate below the rounding of its three terms is none */

#ifndef SEVENS_JOINT_BINS /* of a block */
#ifdef __CUDACC__
#define SEVENS_JOINT_BINS 4
#else
#define SEVENS_JOINT_BINS 256
#endif
#endif
#ifndef SEVENS_JOINT_SIMD /* a CPU has functions that vectorise, and pragmas before its loops */
#define SEVENS_JOINT_LOG(x) log(x)
#define SEVENS_JOINT_EXP(x) exp(x) /* of numbers below 0 */
#define SEVENS_JOINT_SIMD(clauses)
#endif
#define SEVENS_JOINT_AT(array, i) ((array)[(long)(i)*stride])
#define SEVENS_JOINT_PAIR(i, j) ((i) * ((i) + 1) / 2 + (j)) /* i >= j */

/* Arrays of one point. H and F are lower triangles by rows, as is HH. */
typedef struct sevens_joint_work {
    double *t, *trial, *best, *first; /* [n_nuisance] */
    double *g, *next_g;               /* [n_free] */
    double *H, *next_H, *F;           /* [n_free (n_free + 1)/2] */
    double *D, *next_D; /* [n_free] diagonal of H without second derivatives: never negative */
    double *d, *held;   /* [n_free] */
    double *G, *HH;     /* of columns */
} sevens_joint_work;

/* One row at one value of its variable. */
typedef struct sevens_joint_point {
    const double *data, *row;
    double x;
} sevens_joint_point;

/* A few bins: columns of the row or of the background function are its own, the others point into
 * the data. */
typedef struct sevens_joint_block {
    int n;
    const double *column[SEVENS_JOINT_MAX_COLUMNS];
    double own[SEVENS_JOINT_MAX_VARIANTS + SEVENS_N_LINES][SEVENS_JOINT_BINS];
    double mu[SEVENS_JOINT_BINS], first[SEVENS_JOINT_BINS], second[SEVENS_JOINT_BINS];
    double weighted[SEVENS_JOINT_BINS];
} sevens_joint_block;

SEVENS_HD int sevens_joint_max_columns(const sevens_joint *j)
{
    int most = 0;

    for (int p = 0; p < j->n_part; p++)
        most = j->part[p].n_column > most ? j->part[p].n_column : most;
    return most;
}

/* Doubles of the work arrays. */
SEVENS_HD int sevens_joint_work_size(const sevens_joint *j)
{
    int K = j->n_free, C = sevens_joint_max_columns(j);

    return 4 * j->n_nuisance + 6 * K + 3 * SEVENS_JOINT_PAIR(K, 0) + C + SEVENS_JOINT_PAIR(C, 0);
}

SEVENS_HD sevens_joint_work sevens_joint_work_at(const sevens_joint *j, double *memory, long stride)
{
    int N = j->n_nuisance, K = j->n_free, C = sevens_joint_max_columns(j);
    int pairs = SEVENS_JOINT_PAIR(K, 0);
    sevens_joint_work w;

    w.t = memory;
    w.trial = w.t + N * stride;
    w.best = w.trial + N * stride;
    w.first = w.best + N * stride;
    w.g = w.first + N * stride;
    w.next_g = w.g + K * stride;
    w.d = w.next_g + K * stride;
    w.held = w.d + K * stride;
    w.D = w.held + K * stride;
    w.next_D = w.D + K * stride;
    w.H = w.next_D + K * stride;
    w.next_H = w.H + pairs * stride;
    w.F = w.next_H + pairs * stride;
    w.G = w.F + pairs * stride;
    w.HH = w.G + C * stride;
    return w;
}

SEVENS_HD double sevens_joint_term(const double *abc, double x)
{
    return abc[0] + x * (abc[1] + x * abc[2]);
}

/* Whether there is a signal beyond rounding. */
SEVENS_HD int sevens_joint_present(const double *row, double x)
{
    double terms = row[3] + (x < 0.0 ? -x : x) * row[4] + x * x * row[5];

    return sevens_joint_term(row, x) > SEVENS_JOINT_NOISE * terms;
}

/* z of component c at nuisances t. */
SEVENS_HD double sevens_joint_factor(const sevens_joint_part *part, int c, const double *t,
                                     long stride)
{
    double z = SEVENS_JOINT_AT(t, part->norm[c]);

    return part->shape[c] < 0 ? z : z * SEVENS_JOINT_AT(t, part->shape[c]);
}

/* Signals of a block: A + B x + C x^2; rounding may make that of variant 0 negative where the rate
 * vanishes. */
SEVENS_HD void sevens_joint_signals(const sevens_joint_part *part, const sevens_joint_point *at,
                                    int first, sevens_joint_block *block)
{
    const double *row = at->row + part->row, x = at->x;
    const double scale = sevens_joint_present(row, x) ? 1.0 : 0.0;

    row += 6 + 3 * part->n_variant + first;
    for (int v = 0; v < part->n_variant; v++, row += 3L * part->n_bin) {
        const double *A = row, *B = row + part->n_bin, *C = row + 2L * part->n_bin;
        const double least = v == 0 ? 0.0 : -HUGE_VAL;
        double *own = block->own[v];

        SEVENS_JOINT_SIMD()
        for (int i = 0; i < block->n; i++) {
            double value = scale * (A[i] + x * (B[i] + x * C[i]));

            own[i] = value > least ? value : least;
        }
    }
}

/* The background function to mu and its derivatives to their columns: eq. 49 as in
 * line_background.h, a loop that vectorises. */
SEVENS_HD void sevens_joint_lines(const sevens_joint_part *part, const sevens_joint_point *at,
                                  const double *t, int first, sevens_joint_block *block,
                                  long stride)
{
    const double *energy = at->data + part->energy + first, *m = at->data + part->m_line + first;
    const double N0 = SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_CONSTANT]);
    const double A = SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_TAIL]);
    const double steep = 1.0 / SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_SLOPE]);
    const double h = SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_HEIGHT]);
    const double centre = SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_CENTRE]);
    const double w = SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_WIDTH]), v = 1.0 / w;
    const double r = SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_RATIO]);
    const double l2_keV = part->lines.l2_keV, l2_ratio = part->lines.l2_ratio;
    double(*own)[SEVENS_JOINT_BINS] = block->own + part->n_variant;

    for (int k = 0; k < SEVENS_N_LINES; k++)
        block->column[part->n_component + k] = own[k];
    SEVENS_JOINT_SIMD()
    for (int i = 0; i < block->n; i++) {
        double E = energy[i], tail = SEVENS_JOINT_EXP(-E * steep);
        double d1 = (E - centre) * v, d2 = (E - l2_keV) * v, x1 = d1 * d1, x2 = d2 * d2;
        double l1 = SEVENS_JOINT_EXP(-0.5 * x1), l2 = l2_ratio * SEVENS_JOINT_EXP(-0.5 * x2);
        double lines = l1 + l2 + r * w * m[i];

        block->mu[i] = N0 + A * tail + h * lines;
        own[SEVENS_LINES_CONSTANT][i] = 1.0;
        own[SEVENS_LINES_TAIL][i] = tail;
        own[SEVENS_LINES_SLOPE][i] = A * tail * E * steep * steep;
        own[SEVENS_LINES_HEIGHT][i] = lines;
        own[SEVENS_LINES_CENTRE][i] = h * l1 * d1 * v;
        own[SEVENS_LINES_WIDTH][i] = h * ((l1 * x1 + l2 * x2) * v + r * m[i]);
        own[SEVENS_LINES_RATIO][i] = h * w * m[i];
    }
}

/* Columns and background function of bins first .. first + n - 1 at nuisances t; mu gets the
 * function alone. */
SEVENS_HD void sevens_joint_columns(const sevens_joint_part *part, const sevens_joint_point *at,
                                    const double *t, int first, sevens_joint_block *block,
                                    long stride)
{
    sevens_joint_signals(part, at, first, block);
    for (int c = 0; c < part->n_component; c++)
        block->column[c] = part->variant[c] >= 0 ? block->own[part->variant[c]]
                                                 : at->data + part->counts[c] + first;
    if (part->kind == SEVENS_JOINT_GAUSS_LINES) {
        sevens_joint_lines(part, at, t, first, block, stride);
        return;
    }
    for (int i = 0; i < block->n; i++)
        block->mu[i] = 0.0;
}

/* Adds sum_c factor_c V_c to a number per bin. */
SEVENS_HD void sevens_joint_add_column(const sevens_joint_block *block, int c, double factor,
                                       double *sum)
{
    const double *column = block->column[c];

    SEVENS_JOINT_SIMD()
    for (int i = 0; i < block->n; i++)
        sum[i] += factor * column[i];
}

/* chi2/2 of a block, f' and f''; infinite where a bin with counts expects none. */
SEVENS_HD double sevens_joint_poisson(const double *observed, sevens_joint_block *block)
{
    const double *mu = block->mu;
    double sum = 0.0, least = HUGE_VAL;

    SEVENS_JOINT_SIMD(reduction(+ : sum) reduction(min : least))
    for (int i = 0; i < block->n; i++) {
        double inverse = 1.0 / mu[i], ratio = observed[i] * inverse;

        least = mu[i] < least ? mu[i] : least;
        block->first[i] = 1.0 - ratio;
        block->second[i] = ratio * inverse;
        sum += mu[i] - observed[i] + observed[i] * SEVENS_JOINT_LOG(ratio);
    }
    return least > 0.0 ? sum : HUGE_VAL;
}

SEVENS_HD double sevens_joint_gauss(const double *observed, const double *inverse_sigma,
                                    sevens_joint_block *block)
{
    double sum = 0.0;

    SEVENS_JOINT_SIMD(reduction(+ : sum))
    for (int i = 0; i < block->n; i++) {
        double u = (block->mu[i] - observed[i]) * inverse_sigma[i];

        block->first[i] = u * inverse_sigma[i];
        block->second[i] = inverse_sigma[i] * inverse_sigma[i];
        sum += 0.5 * u * u;
    }
    return sum;
}

/* Adds a block to G and HH. */
SEVENS_HD void sevens_joint_accumulate(int n_column, sevens_joint_block *block, double *G,
                                       double *HH, long stride)
{
    double *weighted = block->weighted;

    for (int c = 0; c < n_column; c++) {
        const double *column = block->column[c];
        double sum = 0.0;

        SEVENS_JOINT_SIMD(reduction(+ : sum))
        for (int i = 0; i < block->n; i++) {
            weighted[i] = block->second[i] * column[i];
            sum += block->first[i] * column[i];
        }
        SEVENS_JOINT_AT(G, c) += sum;
        for (int d = 0; d <= c; d += 4) { /* four at a time, to read `weighted` once for all */
            const double *v0 = block->column[d], *v1 = block->column[d + 1 < c ? d + 1 : c];
            const double *v2 = block->column[d + 2 < c ? d + 2 : c];
            const double *v3 = block->column[d + 3 < c ? d + 3 : c];
            double h0 = 0.0, h1 = 0.0, h2 = 0.0, h3 = 0.0;

            SEVENS_JOINT_SIMD(reduction(+ : h0, h1, h2, h3))
            for (int i = 0; i < block->n; i++) {
                h0 += weighted[i] * v0[i];
                h1 += weighted[i] * v1[i];
                h2 += weighted[i] * v2[i];
                h3 += weighted[i] * v3[i];
            }
            SEVENS_JOINT_AT(HH, SEVENS_JOINT_PAIR(c, d)) += h0;
            if (d + 1 <= c)
                SEVENS_JOINT_AT(HH, SEVENS_JOINT_PAIR(c, d + 1)) += h1;
            if (d + 2 <= c)
                SEVENS_JOINT_AT(HH, SEVENS_JOINT_PAIR(c, d + 2)) += h2;
            if (d + 3 <= c)
                SEVENS_JOINT_AT(HH, SEVENS_JOINT_PAIR(c, d + 3)) += h3;
        }
    }
}

/* Total of component c over the poisson bins without counts. */
SEVENS_HD double sevens_joint_empty(const sevens_joint_part *part, const sevens_joint_point *at,
                                    int c)
{
    const double *row = at->row + part->row;
    double total;

    if (part->variant[c] < 0)
        return part->empty[c];
    if (!sevens_joint_present(row, at->x))
        return 0.0;
    total = sevens_joint_term(row + 6 + 3L * part->variant[c], at->x);
    return total < 0.0 && part->variant[c] == 0 ? 0.0 : total;
}

/* Second derivatives of the background function by two of its parameters: those that are not 0. */
SEVENS_HD int sevens_joint_bend_first(int index)
{
    return index == 0   ? SEVENS_LINES_TAIL
           : index == 1 ? SEVENS_LINES_SLOPE
           : index <= 4 ? SEVENS_LINES_HEIGHT
           : index <= 6 ? SEVENS_LINES_CENTRE
                        : SEVENS_LINES_WIDTH;
}

SEVENS_HD int sevens_joint_bend_second(int index)
{
    return index <= 1                               ? SEVENS_LINES_SLOPE
           : index == 2 || index == 5               ? SEVENS_LINES_CENTRE
           : index == 3 || index == 6 || index == 7 ? SEVENS_LINES_WIDTH
                                                    : SEVENS_LINES_RATIO;
}

/* Adds sum_b f'(mu_b) d2B_b of a block in that order. */
SEVENS_HD void sevens_joint_bend(const sevens_joint_part *part, const sevens_joint_point *at,
                                 const double *t, int first, const sevens_joint_block *block,
                                 double *bend, long stride)
{
    const double *tail = block->column[part->n_component + SEVENS_LINES_TAIL];
    const double *lines = block->column[part->n_component + SEVENS_LINES_HEIGHT];
    const double *energy = at->data + part->energy + first, *m = at->data + part->m_line + first;
    const double A = SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_TAIL]);
    const double L = SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_SLOPE]);
    const double h = SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_HEIGHT]);
    const double centre = SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_CENTRE]);
    const double r = SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_RATIO]);
    const double w = SEVENS_JOINT_AT(t, part->line[SEVENS_LINES_WIDTH]), v = 1.0 / w;
    const double l2_keV = part->lines.l2_keV, l2_ratio = part->lines.l2_ratio;
    double s0 = 0.0, s1 = 0.0, s2 = 0.0, s3 = 0.0, s4 = 0.0, s5 = 0.0, s6 = 0.0, s7 = 0.0, s8 = 0.0;

    SEVENS_JOINT_SIMD(reduction(+ : s0, s1, s2, s3, s4, s5, s6, s7, s8))
    for (int i = 0; i < block->n; i++) {
        double f = block->first[i], E = energy[i], e = f * tail[i] * E / (L * L);
        double d1 = (E - centre) * v, d2 = (E - l2_keV) * v, x1 = d1 * d1, x2 = d2 * d2;
        double l2 = l2_ratio * SEVENS_JOINT_EXP(-0.5 * x2), l1 = lines[i] - l2 - r * w * m[i];

        l1 *= f;
        l2 *= f;
        s0 += e;
        s1 += e * A * (E - 2.0 * L) / (L * L);
        s2 += l1 * d1 * v;
        s3 += (l1 * x1 + l2 * x2) * v + f * r * m[i];
        s4 += f * w * m[i];
        s5 += h * l1 * (x1 - 1.0) * v * v;
        s6 += h * l1 * d1 * (x1 - 2.0) * v * v;
        s7 += h * (l1 * x1 * (x1 - 3.0) + l2 * x2 * (x2 - 3.0)) * v * v;
        s8 += f * h * m[i];
    }
    bend[0] += s0;
    bend[1] += s1;
    bend[2] += s2;
    bend[3] += s3;
    bend[4] += s4;
    bend[5] += s5;
    bend[6] += s6;
    bend[7] += s7;
    bend[8] += s8;
}

/* chi2/2 of the bins of a part at nuisances t, with G, HH and bend. */
SEVENS_HD double sevens_joint_sum_bins(const sevens_joint_part *part, const sevens_joint_point *at,
                                       const double *t, double *G, double *HH, double *bend,
                                       long stride)
{
    const double *observed = at->data + part->observed;
    sevens_joint_block block;
    double half = 0.0;

    for (int k = 0; k < SEVENS_JOINT_BENDS; k++)
        bend[k] = 0.0;
    for (int c = 0; c < part->n_column; c++)
        SEVENS_JOINT_AT(G, c) = 0.0;
    for (int i = 0; i < SEVENS_JOINT_PAIR(part->n_column, 0); i++)
        SEVENS_JOINT_AT(HH, i) = 0.0;
    for (int first = 0; first < part->n_bin; first += SEVENS_JOINT_BINS) {
        int left = part->n_bin - first;

        block.n = left < SEVENS_JOINT_BINS ? left : SEVENS_JOINT_BINS;
        sevens_joint_columns(part, at, t, first, &block, stride);
        for (int c = 0; c < part->n_component; c++)
            sevens_joint_add_column(&block, c, sevens_joint_factor(part, c, t, stride), block.mu);
        half += part->kind == SEVENS_JOINT_POISSON
                    ? sevens_joint_poisson(observed + first, &block)
                    : sevens_joint_gauss(observed + first, at->data + part->inverse_sigma + first,
                                         &block);
        if (!(half < HUGE_VAL))
            return HUGE_VAL;
        sevens_joint_accumulate(part->n_column, &block, G, HH, stride);
        if (part->kind == SEVENS_JOINT_GAUSS_LINES)
            sevens_joint_bend(part, at, t, first, &block, bend, stride);
    }
    for (int c = 0; c < part->n_component && part->kind == SEVENS_JOINT_POISSON; c++) {
        double total = sevens_joint_empty(part, at, c);

        half += sevens_joint_factor(part, c, t, stride) * total;
        SEVENS_JOINT_AT(G, c) += total;
    }
    return half;
}

/* What column c depends on: up to two nuisances and its derivatives by them; the number of them. */
SEVENS_HD int sevens_joint_chain(const sevens_joint_part *part, int c, const double *t,
                                 int *nuisance, double *slope, long stride)
{
    if (c >= part->n_component) {
        nuisance[0] = part->line[c - part->n_component];
        slope[0] = 1.0;
        return 1;
    }
    nuisance[0] = part->norm[c];
    slope[0] = part->shape[c] < 0 ? 1.0 : SEVENS_JOINT_AT(t, part->shape[c]);
    if (part->shape[c] < 0)
        return 1;
    nuisance[1] = part->shape[c];
    slope[1] = SEVENS_JOINT_AT(t, part->norm[c]);
    return 2;
}

SEVENS_HD void sevens_joint_add_pair(int i, int k, double value, double *H, long stride)
{
    SEVENS_JOINT_AT(H, i >= k ? SEVENS_JOINT_PAIR(i, k) : SEVENS_JOINT_PAIR(k, i)) += value;
}

/* Adds G and HH of a part to gradient and Hessian in the free nuisances. */
SEVENS_HD void sevens_joint_assemble(const sevens_joint_part *part, int n_free, const double *t,
                                     const double *G, const double *HH, double *g, double *H,
                                     long stride)
{
    for (int c = 0; c < part->n_column; c++) {
        int i[2], k[2];
        double u[2], v[2];
        int n = sevens_joint_chain(part, c, t, i, u, stride);

        for (int a = 0; a < n; a++) {
            if (i[a] < n_free)
                SEVENS_JOINT_AT(g, i[a]) += u[a] * SEVENS_JOINT_AT(G, c);
        }
        if (n == 2 && i[0] < n_free && i[1] < n_free) /* d2z/ds da = 1 */
            sevens_joint_add_pair(i[0], i[1], SEVENS_JOINT_AT(G, c), H, stride);
        for (int d = 0; d <= c; d++) {
            int m = sevens_joint_chain(part, d, t, k, v, stride);
            double h = SEVENS_JOINT_AT(HH, SEVENS_JOINT_PAIR(c, d));

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

/* Adds the second derivatives of the background function to the Hessian; D is that without. */
SEVENS_HD void sevens_joint_assemble_bend(const sevens_joint_part *part, int n_free,
                                          const double *bend, double *H, double *D, long stride)
{
    for (int k = 0; k < SEVENS_JOINT_BENDS; k++) {
        int a = part->line[sevens_joint_bend_first(k)], b = part->line[sevens_joint_bend_second(k)];

        if (a >= n_free || b >= n_free)
            continue;
        if (a == b)
            SEVENS_JOINT_AT(D, a) = SEVENS_JOINT_AT(H, SEVENS_JOINT_PAIR(a, a));
        sevens_joint_add_pair(a, b, bend[k], H, stride);
    }
}

/* Starts gradient and Hessian with the pulls and returns their half. */
SEVENS_HD double sevens_joint_pulls(const sevens_joint *j, const double *t, double *g, double *H,
                                    long stride)
{
    double half = 0.0;

    for (int i = 0; i < j->n_nuisance; i++) {
        double slope = 0.0;

        for (int k = 0; k < j->n_nuisance; k++)
            slope += j->weight[i][k] * (SEVENS_JOINT_AT(t, k) - j->centre[k]);
        half += 0.5 * slope * (SEVENS_JOINT_AT(t, i) - j->centre[i]);
        if (i >= j->n_free)
            continue;
        SEVENS_JOINT_AT(g, i) = slope;
        for (int k = 0; k <= i; k++)
            SEVENS_JOINT_AT(H, SEVENS_JOINT_PAIR(i, k)) = j->weight[i][k];
    }
    return half;
}

/* chi2, gradient and Hessian of chi2/2 at nuisances t; infinite where a bin with counts expects
 * none. */
SEVENS_HD double sevens_joint_evaluate(const sevens_joint *j, const sevens_joint_point *at,
                                       const double *t, double *g, double *H, double *D,
                                       const sevens_joint_work *w, long stride)
{
    double half = sevens_joint_pulls(j, t, g, H, stride), bend[SEVENS_JOINT_BENDS];

    for (int i = 0; i < j->n_free; i++)
        SEVENS_JOINT_AT(D, i) = -1.0;
    for (int p = 0; p < j->n_part; p++) {
        const sevens_joint_part *part = &j->part[p];

        half += sevens_joint_sum_bins(part, at, t, w->G, w->HH, bend, stride);
        if (!(half < HUGE_VAL))
            return HUGE_VAL;
        sevens_joint_assemble(part, j->n_free, t, w->G, w->HH, g, H, stride);
        if (part->kind == SEVENS_JOINT_GAUSS_LINES)
            sevens_joint_assemble_bend(part, j->n_free, bend, H, D, stride);
    }
    for (int i = 0; i < j->n_free; i++) {
        if (SEVENS_JOINT_AT(D, i) < 0.0)
            SEVENS_JOINT_AT(D, i) = SEVENS_JOINT_AT(H, SEVENS_JOINT_PAIR(i, i));
    }
    return 2.0 * half;
}

#endif
