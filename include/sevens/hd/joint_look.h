/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where else chi2 may have a minimum: with background functions, at other slopes of their tails.
 * With everything but its norms and heights as at a known minimum, chi2 is a quadratic form at each
 * of the slopes; its minimum there takes a few sums over bins and one step. */
#ifndef SEVENS_HD_JOINT_LOOK_H
#define SEVENS_HD_JOINT_LOOK_H

#include "sevens/hd/joint_step.h"

/* Slope number `index` for the tails of background functions, in lanes m. */
SEVENS_HD void sevens_joint_slopes(const sevens_joint *j, int index, JOINT_MASK m, JOINT_REAL *t,
                                   long stride)
{
    for (int p = 0; p < j->n_part; p++) {
        const sevens_joint_part *part = &j->part[p];
        int slope = part->line[SEVENS_LINES_SLOPE];

        if (part->kind == SEVENS_JOINT_GAUSS_LINES && part->sloped >= 0)
            JOINT_AT(t, slope) =
                JOINT_SELECT(m, JOINT_REAL_OF(part->slope[index]), JOINT_AT(t, slope));
    }
}

/* Whether a free norm or height multiplies column c, other than that of the tail. */
SEVENS_HD int sevens_joint_is_straight(const sevens_joint *j, const sevens_joint_part *part, int c)
{
    int line = c - part->n_component;

    if (c < part->n_component)
        return part->norm[c] < j->n_free;
    return part->is_free[c] && line != SEVENS_LINES_TAIL && !j->is_curved[part->line[line]];
}

/* Sums of a part for its tails. */
SEVENS_HD JOINT_REAL *sevens_joint_tails_of(const sevens_joint *j, const sevens_joint_part *part,
                                            const sevens_joint_work *w, long stride)
{
    int size = (j->n_start - 1) * (sevens_joint_max_columns(j) + 2);

    return w->tails + (long)part->sloped * size * stride;
}

/* sums [n_start - 1][n_column + 2]: of f'' times the tail of each slope times all columns in which
 * chi2 is straight, times itself, and of f' times it. */
SEVENS_HD void sevens_joint_tails(const sevens_joint *j, const sevens_joint_part *part,
                                  const sevens_joint_point *at, const JOINT_REAL *t,
                                  JOINT_REAL *sums, long stride)
{
    const int n_sum = part->n_column + 2;
    sevens_joint_block block;

    sevens_joint_clear((j->n_start - 1) * n_sum, sums, stride);
    for (int first = 0; first < part->n_bin; first += JOINT_BINS) {
        int left = part->n_bin - first;

        block.n = left < JOINT_BINS ? left : JOINT_BINS;
        sevens_joint_columns(part, at, t, first, &block, stride);
        for (int c = 0; c < part->n_component; c++)
            sevens_joint_add_column(part, &block, c, sevens_joint_factor(part, c, t, stride),
                                    block.mu);
        sevens_joint_gauss(at->data + part->observed + first,
                           at->data + part->inverse_sigma + first, &block);
        for (int k = 0; k < j->n_start - 1; k++) {
            const double *tail = at->data + part->tail + (long)k * part->n_bin + first;
            JOINT_REAL *sum = sums + (long)k * n_sum * stride;
            JOINT_REAL square = JOINT_REAL_OF(0.0), slope = JOINT_REAL_OF(0.0);

            for (int i = 0; i < block.n; i++) {
                block.weighted[i] = block.second[i] * tail[i];
                square += block.weighted[i] * tail[i];
                slope += block.first[i] * tail[i];
            }
            for (int c = 0; c < part->n_column; c++) {
                if (sevens_joint_is_straight(j, part, c))
                    JOINT_AT(sum, c) += sevens_joint_dot(part, &block, c, block.weighted);
            }
            JOINT_AT(sum, part->n_column) += square;
            JOINT_AT(sum, part->n_column + 1) += slope;
        }
    }
}

/* Adds a tail of height A to a point without one, whose gradient and Hessian are in w->g and w->H;
 * `sum` are those of sevens_joint_tails for its slope. Returns the change of chi2. */
SEVENS_HD JOINT_REAL sevens_joint_add_tail(const sevens_joint *j, const sevens_joint_part *part,
                                           const JOINT_REAL *sum, const sevens_joint_work *w,
                                           long stride)
{
    const int a = part->line[SEVENS_LINES_TAIL];
    const JOINT_REAL A = JOINT_AT(w->t, a);
    JOINT_REAL square = JOINT_AT(sum, part->n_column), slope = JOINT_AT(sum, part->n_column + 1);

    for (int k = 0; k < j->n_nuisance; k++) { /* the pulls, if any */
        if (j->weight[a][k] != 0.0)
            slope += j->weight[a][k] *
                     ((k == a ? JOINT_REAL_OF(0.0) : JOINT_AT(w->t, k)) - j->centre[k]);
    }
    square += j->weight[a][a];
    for (int c = 0; c < part->n_column; c++) {
        int i = c < part->n_component ? part->norm[c] : part->line[c - part->n_component];
        JOINT_REAL h = JOINT_AT(sum, c);

        if (!sevens_joint_is_straight(j, part, c))
            continue;
        if (c < part->n_component && part->shape[c] >= 0)
            h *= JOINT_AT(w->t, part->shape[c]);
        JOINT_AT(w->g, i) += A * h;
        if (a < j->n_free)
            sevens_joint_add_pair(i, a, h, w->H, stride);
    }
    if (a < j->n_free) {
        JOINT_AT(w->g, a) = slope + A * square;
        JOINT_AT(w->H, JOINT_PAIR(a, a)) = JOINT_AT(w->D, a) = square;
    }
    return A * (2.0 * slope + A * square);
}

/* w->next_g, next_H and next_D of the minimum w->first without its tails, and what they have with
 * the tail's height is left out; returns chi2. */
SEVENS_HD JOINT_REAL sevens_joint_without_tails(const sevens_joint *j, const sevens_joint_point *at,
                                                const sevens_joint_work *w, long stride)
{
    JOINT_REAL chi2;

    sevens_joint_copy(j->n_nuisance, w->first, w->t, stride);
    for (int p = 0; p < j->n_part; p++) {
        if (j->part[p].kind == SEVENS_JOINT_GAUSS_LINES && j->part[p].sloped >= 0)
            JOINT_AT(w->t, j->part[p].line[SEVENS_LINES_TAIL]) = JOINT_REAL_OF(0.0);
    }
    chi2 = sevens_joint_evaluate(j, at, w->t, SEVENS_JOINT_HESSIAN, w->next_g, w->next_H, w->next_D,
                                 w, stride);
    for (int p = 0; p < j->n_part; p++) {
        const sevens_joint_part *part = &j->part[p];
        int a = part->line[SEVENS_LINES_TAIL];

        if (part->kind != SEVENS_JOINT_GAUSS_LINES || part->sloped < 0)
            continue;
        sevens_joint_tails(j, part, at, w->t, sevens_joint_tails_of(j, part, w, stride), stride);
        for (int k = 0; a < j->n_free && k < j->n_free; k++) {
            int pair = a >= k ? JOINT_PAIR(a, k) : JOINT_PAIR(k, a);

            JOINT_AT(w->next_H, pair) = JOINT_REAL_OF(j->weight[a][k]);
        }
    }
    return chi2;
}

/* look [n_start + 1]: chi2 near the minimum w->first at slope number 1, 2, ..., by one step where
 * it is convex. */
SEVENS_HD void sevens_joint_look(const sevens_joint *j, const sevens_joint_point *at,
                                 JOINT_MASK open, const sevens_joint_work *w, JOINT_REAL *look,
                                 long stride)
{
    JOINT_REAL without = sevens_joint_without_tails(j, at, w, stride);

    look[0] = look[j->n_start] = JOINT_REAL_OF(HUGE_VAL);
    sevens_joint_copy(j->n_nuisance, w->first, w->t, stride);
    for (int index = 1; index < j->n_start; index++) {
        JOINT_REAL damping = JOINT_REAL_OF(0.0), chi2 = without;

        sevens_joint_slopes(j, index, JOINT_MASK_OF(1), w->t, stride);
        sevens_joint_copy(j->n_free, w->next_g, w->g, stride);
        sevens_joint_copy(JOINT_PAIR(j->n_free, 0), w->next_H, w->H, stride);
        sevens_joint_copy(j->n_free, w->next_D, w->D, stride);
        for (int p = 0; p < j->n_part; p++) {
            const sevens_joint_part *part = &j->part[p];

            if (part->kind == SEVENS_JOINT_GAUSS_LINES && part->sloped >= 0)
                chi2 += sevens_joint_add_tail(j, part,
                                              sevens_joint_tails_of(j, part, w, stride) +
                                                  (long)(index - 1) * (part->n_column + 2) * stride,
                                              w, stride);
        }
        look[index] = chi2 - sevens_joint_step(j, 0, open, &damping, w, stride);
    }
}

/* Whether slope number `index` is where the minimum w->first is itself. */
SEVENS_HD JOINT_MASK sevens_joint_is_own(const sevens_joint *j, int index,
                                         const sevens_joint_work *w, long stride)
{
    JOINT_MASK own = JOINT_MASK_OF(1);

    for (int p = 0; p < j->n_part; p++) {
        const sevens_joint_part *part = &j->part[p];
        JOINT_REAL slope;

        if (part->kind != SEVENS_JOINT_GAUSS_LINES || part->sloped < 0)
            continue;
        slope = JOINT_AT(w->first, part->line[SEVENS_LINES_SLOPE]);
        own &= JOINT_AT(w->first, part->line[SEVENS_LINES_TAIL]) > 0.0;
        if (index > 1)
            own &= slope > part->slope[index - 1];
        if (index < j->n_start - 1)
            own &= slope < part->slope[index + 1];
    }
    return own;
}

/* Whether another minimum may be at slope number `index`: chi2 is lower than at the slopes beside
 * it, and it is not that of the minimum itself, where there is no tail. */
SEVENS_HD JOINT_MASK sevens_joint_is_other(const sevens_joint *j, const JOINT_REAL *look,
                                           JOINT_REAL chi2, int index, const sevens_joint_work *w,
                                           long stride)
{
    JOINT_REAL gain = look[index] - chi2;
    JOINT_MASK other = (look[index] < look[index - 1]) & (look[index] <= look[index + 1]);

    other &= (gain >= SEVENS_JOINT_TOLERANCE) | (gain <= -SEVENS_JOINT_TOLERANCE);
    return other & JOINT_NOT(sevens_joint_is_own(j, index, w, stride));
}

/* The next of them after `index`; n_start where there is none. */
SEVENS_HD JOINT_REAL sevens_joint_next(const sevens_joint *j, const JOINT_REAL *look,
                                       JOINT_REAL chi2, JOINT_REAL index,
                                       const sevens_joint_work *w, long stride)
{
    JOINT_REAL next = JOINT_REAL_OF((double)j->n_start);

    for (int i = j->n_start - 1; i > 0; i--)
        next =
            JOINT_SELECT((index < (double)i) & sevens_joint_is_other(j, look, chi2, i, w, stride),
                         JOINT_REAL_OF((double)i), next);
    return next;
}

/* Lanes in which the other minima are worth a descent: the lowest of them has come down, in what
 * it is above the known one, to half of the most that it was since the last descent. `excess` is
 * that most; infinite for a descent wherever there is another. */
SEVENS_HD JOINT_MASK sevens_joint_choose(const sevens_joint *j, const JOINT_REAL *look,
                                         JOINT_REAL chi2, JOINT_MASK open, JOINT_REAL *excess,
                                         const sevens_joint_work *w, long stride)
{
    JOINT_REAL least = JOINT_REAL_OF(HUGE_VAL);

    for (int i = 1; i < j->n_start; i++) {
        JOINT_MASK lower =
            sevens_joint_is_other(j, look, chi2, i, w, stride) & (look[i] - chi2 < least);

        least = JOINT_SELECT(lower, look[i] - chi2, least);
    }
    open &= least < 0.5 * *excess;
    *excess = JOINT_SELECT(open, least, JOINT_MAX(least, *excess));
    return open;
}

#endif
