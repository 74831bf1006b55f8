/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The background function of line_background.h in the joint kernel: its columns, and the sums of
 * its second derivatives. docs/physics.md eq. 49. */
#ifndef SEVENS_HD_JOINT_LINES_H
#define SEVENS_HD_JOINT_LINES_H

#include "sevens/hd/joint_work.h"

#define SEVENS_JOINT_BENDS 9
#define SEVENS_JOINT_BEND_SUMS 4

/* The parameters of a point. */
typedef struct sevens_joint_lines_at {
    JOINT_REAL p[SEVENS_N_LINES], steep, v; /* 1/slope, 1/width */
} sevens_joint_lines_at;

SEVENS_HD sevens_joint_lines_at sevens_joint_lines_point(const sevens_joint_part *part,
                                                         const JOINT_REAL *t, long stride)
{
    sevens_joint_lines_at at;

    for (int k = 0; k < SEVENS_N_LINES; k++)
        at.p[k] = JOINT_AT(t, part->line[k]);
    at.steep = 1.0 / at.p[SEVENS_LINES_SLOPE];
    at.v = 1.0 / at.p[SEVENS_LINES_WIDTH];
    return at;
}

/* The numbers n_j = n_0 exp(-(j^2 curve/2 + j slope)) at evenly spaced bins, by two products each.
 */
SEVENS_HD void sevens_joint_gaussian(int n, JOINT_REAL start, JOINT_REAL slope, JOINT_REAL curve,
                                     JOINT_REAL *value)
{
    JOINT_REAL ratio = JOINT_EXP(-0.5 * curve - slope), bend = JOINT_EXP(-curve);

    for (int i = 0; i < n; i++) {
        value[i] = start;
        start *= ratio;
        ratio *= bend;
    }
}

/* Tail and lines of L1 and L2 of a block, of height 1. Where bins are evenly spaced only the first
 * takes exponentials. */
SEVENS_HD void sevens_joint_line_shapes(const sevens_joint_part *part, const double *energy,
                                        const sevens_joint_lines_at *line, int n, JOINT_REAL *tail,
                                        JOINT_REAL *l1, JOINT_REAL *l2)
{
    const double step = part->step_keV;
    const int n_exp = step > 0.0 ? 1 : n;

    for (int i = 0; i < n_exp; i++) {
        JOINT_REAL d1 = (energy[i] - line->p[SEVENS_LINES_CENTRE]) * line->v;
        JOINT_REAL d2 = (energy[i] - part->lines.l2_keV) * line->v;

        tail[i] = JOINT_EXP(-energy[i] * line->steep);
        l1[i] = JOINT_EXP(-0.5 * d1 * d1);
        l2[i] = part->lines.l2_ratio * JOINT_EXP(-0.5 * d2 * d2);
        if (n_exp < n) {
            JOINT_REAL s = step * line->v, ratio = JOINT_EXP(-step * line->steep);

            for (int k = 1; k < n; k++)
                tail[k] = tail[k - 1] * ratio;
            sevens_joint_gaussian(n, l1[0], d1 * s, s * s, l1);
            sevens_joint_gaussian(n, l2[0], d2 * s, s * s, l2);
        }
    }
}

/* The background function to mu, and its columns, to which its derivatives are proportional (see
 * sevens_joint_line_factors); the lines of L1 and L2 to two more, for the second derivatives. */
SEVENS_HD void sevens_joint_lines(const sevens_joint_part *part, const sevens_joint_point *at,
                                  const JOINT_REAL *t, int first, sevens_joint_block *block,
                                  long stride)
{
    const double *energy = at->data + part->energy + first, *m = at->data + part->m_line + first;
    const sevens_joint_lines_at line = sevens_joint_lines_point(part, t, stride);
    const JOINT_REAL A = line.p[SEVENS_LINES_TAIL], h = line.p[SEVENS_LINES_HEIGHT];
    const JOINT_REAL r = line.p[SEVENS_LINES_RATIO], rw = r * line.p[SEVENS_LINES_WIDTH];
    JOINT_REAL(*own)[JOINT_BINS] = block->own + part->n_variant;

    for (int k = 0; k < SEVENS_N_LINES; k++)
        block->lanes[part->n_component + k] = own[k];
    sevens_joint_line_shapes(part, energy, &line, block->n, own[SEVENS_LINES_TAIL],
                             own[SEVENS_N_LINES], own[SEVENS_N_LINES + 1]);
    for (int i = 0; i < block->n; i++) {
        JOINT_REAL tail = own[SEVENS_LINES_TAIL][i];
        JOINT_REAL l1 = own[SEVENS_N_LINES][i], l2 = own[SEVENS_N_LINES + 1][i];
        JOINT_REAL d1 = (energy[i] - line.p[SEVENS_LINES_CENTRE]) * line.v;
        JOINT_REAL d2 = (energy[i] - part->lines.l2_keV) * line.v;
        JOINT_REAL l1d1 = l1 * d1, lines = l1 + l2 + rw * m[i];

        block->mu[i] = line.p[SEVENS_LINES_CONSTANT] + A * tail + h * lines;
        own[SEVENS_LINES_CONSTANT][i] = JOINT_REAL_OF(1.0);
        own[SEVENS_LINES_SLOPE][i] = tail * energy[i];
        own[SEVENS_LINES_HEIGHT][i] = lines;
        own[SEVENS_LINES_CENTRE][i] = l1d1;
        own[SEVENS_LINES_WIDTH][i] = (l1d1 * d1 + l2 * d2 * d2) * line.v + r * m[i];
        own[SEVENS_LINES_RATIO][i] = JOINT_REAL_OF(m[i]);
    }
}

/* Derivatives of the background function by its parameters over their columns. */
SEVENS_HD void sevens_joint_line_factors(const sevens_joint_part *part, const JOINT_REAL *t,
                                         JOINT_REAL *factor, long stride)
{
    const sevens_joint_lines_at line = sevens_joint_lines_point(part, t, stride);
    const JOINT_REAL h = line.p[SEVENS_LINES_HEIGHT];

    for (int k = 0; k < SEVENS_N_LINES; k++)
        factor[k] = JOINT_REAL_OF(1.0);
    factor[SEVENS_LINES_SLOPE] = line.p[SEVENS_LINES_TAIL] * line.steep * line.steep;
    factor[SEVENS_LINES_CENTRE] = h * line.v;
    factor[SEVENS_LINES_WIDTH] = h;
    factor[SEVENS_LINES_RATIO] = h * line.p[SEVENS_LINES_WIDTH];
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

/* Adds the sums over a block that the second derivatives need besides G. */
SEVENS_HD void sevens_joint_bend(const sevens_joint_part *part, const sevens_joint_point *at,
                                 const JOINT_REAL *t, int first, const sevens_joint_block *block,
                                 JOINT_REAL *sum, long stride)
{
    const double *energy = at->data + part->energy + first;
    const sevens_joint_lines_at line = sevens_joint_lines_point(part, t, stride);
    const JOINT_REAL(*own)[JOINT_BINS] = block->own + part->n_variant;
    JOINT_REAL s0 = sum[0], s1 = sum[1], s2 = sum[2], s3 = sum[3];

    for (int i = 0; i < block->n; i++) {
        JOINT_REAL f = block->first[i], l1 = f * own[SEVENS_N_LINES][i];
        JOINT_REAL l2 = f * own[SEVENS_N_LINES + 1][i];
        JOINT_REAL d1 = (energy[i] - line.p[SEVENS_LINES_CENTRE]) * line.v, x1 = d1 * d1;
        JOINT_REAL d2 = (energy[i] - part->lines.l2_keV) * line.v, x2 = d2 * d2;

        s0 += f * own[SEVENS_LINES_SLOPE][i] * energy[i];
        s1 += l1 * (x1 - 1.0);
        s2 += l1 * d1 * (x1 - 2.0);
        s3 += l1 * x1 * (x1 - 3.0) + l2 * x2 * (x2 - 3.0);
    }
    sum[0] = s0;
    sum[1] = s1;
    sum[2] = s2;
    sum[3] = s3;
}

/* bend: sum_b f'(mu_b) d2B_b in that order; G: that of the columns of the background function. */
SEVENS_HD void sevens_joint_bends(const sevens_joint_part *part, const JOINT_REAL *t,
                                  const JOINT_REAL *sum, const JOINT_REAL *G, JOINT_REAL *bend,
                                  long stride)
{
    const sevens_joint_lines_at line = sevens_joint_lines_point(part, t, stride);
    const JOINT_REAL h = line.p[SEVENS_LINES_HEIGHT], w = line.p[SEVENS_LINES_WIDTH], v = line.v;
    const JOINT_REAL steep2 = line.steep * line.steep, slope = JOINT_AT(G, SEVENS_LINES_SLOPE);

    bend[0] = slope * steep2;
    bend[1] = line.p[SEVENS_LINES_TAIL] * steep2 * steep2 *
              (sum[0] - 2.0 * line.p[SEVENS_LINES_SLOPE] * slope);
    bend[2] = v * JOINT_AT(G, SEVENS_LINES_CENTRE);
    bend[3] = JOINT_AT(G, SEVENS_LINES_WIDTH);
    bend[4] = w * JOINT_AT(G, SEVENS_LINES_RATIO);
    bend[5] = h * v * v * sum[1];
    bend[6] = h * v * v * sum[2];
    bend[7] = h * v * v * sum[3];
    bend[8] = h * JOINT_AT(G, SEVENS_LINES_RATIO);
}

SEVENS_HD void sevens_joint_add_pair(int i, int k, JOINT_REAL value, JOINT_REAL *H, long stride)
{
    JOINT_AT(H, i >= k ? JOINT_PAIR(i, k) : JOINT_PAIR(k, i)) += value;
}

/* Adds the second derivatives of the background function to the Hessian; D is that without. */
SEVENS_HD void sevens_joint_assemble_bends(const sevens_joint_part *part, int n_free,
                                           const JOINT_REAL *t, const JOINT_REAL *sum,
                                           const JOINT_REAL *G, JOINT_REAL *H, JOINT_REAL *D,
                                           long stride)
{
    JOINT_REAL bend[SEVENS_JOINT_BENDS];

    sevens_joint_bends(part, t, sum, G + part->n_component * stride, bend, stride);
    for (int k = 0; k < SEVENS_JOINT_BENDS; k++) {
        int a = part->line[sevens_joint_bend_first(k)], b = part->line[sevens_joint_bend_second(k)];

        if (a >= n_free || b >= n_free)
            continue;
        if (a == b)
            JOINT_AT(D, a) = JOINT_AT(H, JOINT_PAIR(a, a));
        sevens_joint_add_pair(a, b, bend[k], H, stride);
    }
}

#endif
