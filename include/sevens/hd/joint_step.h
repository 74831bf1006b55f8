/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step of the joint kernel's minimiser: to the minimum of the quadratic model within the
 * bounds. Lanes that are through with a loop go along unchanged: what it does again to them gives
 * the same. */
#ifndef SEVENS_HD_JOINT_STEP_H
#define SEVENS_HD_JOINT_STEP_H

#include "sevens/hd/joint_bins.h"

#define SEVENS_JOINT_TOLERANCE 1e-9

/* Begins the step; `stage` 0: in the nuisances alone in which chi2 is convex. A nuisance at a bound
 * that chi2 pushes it against is held there; one without curvature goes to the bound that chi2
 * falls to, or to its start when nothing depends on it. */
SEVENS_HD void sevens_joint_hold(const sevens_joint *j, int stage, const sevens_joint_work *w,
                                 long stride)
{
    for (int i = 0; i < j->n_free; i++) {
        JOINT_REAL t = JOINT_AT(w->t, i), g = JOINT_AT(w->g, i), to = t;
        JOINT_REAL zero = JOINT_REAL_OF(0.0), one = JOINT_REAL_OF(1.0);
        JOINT_MASK flat = JOINT_NOT(JOINT_AT(w->D, i) > 0.0), held;

        JOINT_AT(w->d, i) = zero;
        JOINT_AT(w->held, i) = one;
        if (stage == 0 && j->is_curved[i])
            continue;
        if (!j->is_function[i])
            to = JOINT_SELECT(flat & (g == 0.0), JOINT_REAL_OF(j->start[i]), to);
        if (j->lo[i] > -HUGE_VAL)
            to = JOINT_SELECT(flat & (g > 0.0), JOINT_REAL_OF(j->lo[i]), to);
        if (j->hi[i] < HUGE_VAL)
            to = JOINT_SELECT(flat & (g < 0.0), JOINT_REAL_OF(j->hi[i]), to);
        held = flat | ((t <= j->lo[i]) & (g > 0.0)) | ((t >= j->hi[i]) & (g < 0.0));
        JOINT_AT(w->d, i) = t - to;
        JOINT_AT(w->held, i) = JOINT_SELECT(held, one, zero);
    }
}

/* F and d: Hessian with damping and gradient over the nuisances that are not held, given the steps
 * of those that are. */
SEVENS_HD void sevens_joint_reduce(int K, JOINT_REAL damping, const sevens_joint_work *w,
                                   long stride)
{
    for (int i = 0; i < K; i++) {
        JOINT_REAL right = JOINT_AT(w->g, i), free_i = 1.0 - JOINT_AT(w->held, i);

        for (int k = 0; k < K; k++) {
            int pair = i >= k ? JOINT_PAIR(i, k) : JOINT_PAIR(k, i);
            JOINT_REAL h = JOINT_AT(w->H, pair), held_k = JOINT_AT(w->held, k);

            if (i != k)
                right -= h * held_k * JOINT_AT(w->d, k);
            if (k < i)
                JOINT_AT(w->F, pair) = h * free_i * (1.0 - held_k);
            else if (k == i)
                JOINT_AT(w->F, pair) = free_i * (h + damping * JOINT_AT(w->D, i)) + held_k;
        }
        JOINT_AT(w->trial, i) = right;
    }
    for (int i = 0; i < K; i++)
        JOINT_AT(w->d, i) =
            JOINT_SELECT(JOINT_AT(w->held, i) > 0.0, JOINT_AT(w->d, i), JOINT_AT(w->trial, i));
}

/* d = F^-1 d by L D L^T in place of F; not where F is not positive definite beyond rounding. */
SEVENS_HD JOINT_MASK sevens_joint_solve(int K, const sevens_joint_work *w, long stride)
{
    JOINT_REAL *F = w->F, *d = w->d;
    JOINT_MASK definite = JOINT_MASK_OF(1);

    for (int j = 0; j < K; j++) { /* columns of L, the inverse pivots on the diagonal */
        JOINT_REAL pivot = JOINT_AT(F, JOINT_PAIR(j, j)), inverse = 1.0 / pivot;

        definite &= (pivot > 1e-13 * JOINT_AT(w->D, j)) | (JOINT_AT(w->held, j) > 0.0);
        for (int i = j + 1; i < K; i++) {
            JOINT_REAL l = JOINT_AT(F, JOINT_PAIR(i, j)) * inverse;

            for (int m = j + 1; m <= i; m++)
                JOINT_AT(F, JOINT_PAIR(i, m)) -= l * JOINT_AT(F, JOINT_PAIR(m, j));
            JOINT_AT(d, i) -= l * JOINT_AT(d, j);
        }
        JOINT_AT(F, JOINT_PAIR(j, j)) = inverse;
    }
    for (int i = K - 1; i >= 0; i--) {
        JOINT_REAL inverse = JOINT_AT(F, JOINT_PAIR(i, i)), sum = JOINT_AT(d, i) * inverse;

        for (int m = i + 1; m < K; m++) /* L_mi = F_mi / D_i */
            sum -= JOINT_AT(F, JOINT_PAIR(m, i)) * inverse * JOINT_AT(d, m);
        JOINT_AT(d, i) = sum;
    }
    return definite;
}

/* Holds the nuisances that the step takes out of their bounds at the bound, in lanes m; where there
 * are any. */
SEVENS_HD JOINT_MASK sevens_joint_clip(const sevens_joint *j, JOINT_MASK m,
                                       const sevens_joint_work *w, long stride)
{
    JOINT_MASK any = JOINT_MASK_OF(0);

    for (int i = 0; i < j->n_free; i++) {
        JOINT_REAL t = JOINT_AT(w->t, i), to = t - JOINT_AT(w->d, i);
        JOINT_REAL held = JOINT_AT(w->held, i);
        JOINT_MASK below = to < j->lo[i];
        JOINT_MASK out = m & JOINT_NOT(held > 0.0) & (below | JOINT_NOT(to <= j->hi[i]));
        JOINT_REAL bound = JOINT_SELECT(below, JOINT_REAL_OF(j->lo[i]), JOINT_REAL_OF(j->hi[i]));

        JOINT_AT(w->d, i) = JOINT_SELECT(out, t - bound, JOINT_AT(w->d, i));
        JOINT_AT(w->held, i) = JOINT_SELECT(out, JOINT_REAL_OF(1.0), held);
        any |= out;
    }
    return any;
}

/* Slope of the model in nuisance i where the step ends. */
SEVENS_HD JOINT_REAL sevens_joint_slope(int K, int i, JOINT_REAL damping,
                                        const sevens_joint_work *w, long stride)
{
    JOINT_REAL slope = JOINT_AT(w->g, i) - damping * JOINT_AT(w->D, i) * JOINT_AT(w->d, i);

    for (int k = 0; k < K; k++)
        slope -= JOINT_AT(w->H, i >= k ? JOINT_PAIR(i, k) : JOINT_PAIR(k, i)) * JOINT_AT(w->d, k);
    return slope;
}

/* In lanes m, lets go of the nuisance at a bound that the model would most gain from; where there
 * is any. */
SEVENS_HD JOINT_MASK sevens_joint_release(const sevens_joint *j, int stage, JOINT_REAL damping,
                                          JOINT_MASK m, const sevens_joint_work *w, long stride)
{
    JOINT_REAL most = JOINT_REAL_OF(1e-3 * SEVENS_JOINT_TOLERANCE), best = JOINT_REAL_OF(-1.0);

    for (int i = 0; i < j->n_free; i++) {
        JOINT_MASK candidate = m & (JOINT_AT(w->held, i) > 0.0) & (JOINT_AT(w->D, i) > 0.0);
        JOINT_REAL slope, to, gain;

        if ((stage == 0 && j->is_curved[i]) || !JOINT_ANY(candidate))
            continue;
        to = JOINT_AT(w->t, i) - JOINT_AT(w->d, i);
        slope = sevens_joint_slope(j->n_free, i, damping, w, stride);
        gain = slope * slope / (JOINT_AT(w->D, i) * (1.0 + damping));
        candidate &= gain > most;
        candidate &= ((to <= j->lo[i]) & (slope < 0.0)) | ((to > j->lo[i]) & (slope > 0.0));
        most = JOINT_SELECT(candidate, gain, most);
        best = JOINT_SELECT(candidate, JOINT_REAL_OF((double)i), best);
    }
    for (int i = 0; i < j->n_free; i++)
        JOINT_AT(w->held, i) =
            JOINT_SELECT(best == (double)i, JOINT_REAL_OF(0.0), JOINT_AT(w->held, i));
    return best >= 0.0;
}

/* Decrease of chi2 that the model promises for a share of the step d. */
SEVENS_HD JOINT_REAL sevens_joint_promise(int K, JOINT_REAL share, const sevens_joint_work *w,
                                          long stride)
{
    JOINT_REAL slope = JOINT_REAL_OF(0.0), curvature = slope;

    for (int i = 0; i < K; i++) {
        JOINT_REAL d = JOINT_AT(w->d, i), sum = JOINT_REAL_OF(0.0);

        for (int k = 0; k < i; k++)
            sum += JOINT_AT(w->H, JOINT_PAIR(i, k)) * JOINT_AT(w->d, k);
        curvature += d * (2.0 * sum + JOINT_AT(w->H, JOINT_PAIR(i, i)) * d);
        slope += d * JOINT_AT(w->g, i);
    }
    return share * (2.0 * slope - share * curvature);
}

/* The step d to the minimum of the model within the bounds, in lanes `open`: nuisances that it
 * takes out are held at their bound, and let go where that was wrong. Raises the damping until the
 * model is convex. Returns the promise. */
JOINT_CALL JOINT_REAL sevens_joint_step(const sevens_joint *j, int stage, JOINT_MASK open,
                                        JOINT_REAL *damping, const sevens_joint_work *w,
                                        long stride)
{
    const int K = j->n_free;
    const JOINT_REAL least = JOINT_REAL_OF(1e-8);

    for (;;) {
        int rounds = 4 * K + 4;
        JOINT_MASK definite, again;
        JOINT_REAL promise;

        sevens_joint_hold(j, stage, w, stride);
        do {
            sevens_joint_reduce(K, *damping, w, stride);
            definite = open & sevens_joint_solve(K, w, stride);
            again = sevens_joint_clip(j, definite, w, stride);
            if (rounds-- > 0)
                again |= sevens_joint_release(j, stage, *damping, definite & JOINT_NOT(again), w,
                                              stride);
        } while (JOINT_ANY(again));
        promise = sevens_joint_promise(K, JOINT_REAL_OF(1.0), w, stride);
        again =
            open & JOINT_NOT(definite & (promise > -SEVENS_JOINT_TOLERANCE)) & (*damping < 1e15);
        if (!JOINT_ANY(again))
            return promise;
        *damping =
            JOINT_SELECT(again, JOINT_SELECT(*damping < 1e-8, least, 10.0 * *damping), *damping);
    }
}

/* Largest relative change of the counts that a poisson bin with counts expects in a full step: the
 * model holds for less than one. */
JOINT_CALL JOINT_REAL sevens_joint_change(const sevens_joint *j, const sevens_joint_point *at,
                                          const sevens_joint_work *w, long stride)
{
    sevens_joint_block block;
    JOINT_REAL most = JOINT_REAL_OF(0.0);

    for (int p = 0; p < j->n_part; p++) {
        const sevens_joint_part *part = &j->part[p];

        for (int first = 0; first < part->n_bin && part->kind == SEVENS_JOINT_POISSON;
             first += JOINT_BINS) {
            int left = part->n_bin - first;

            block.n = left < JOINT_BINS ? left : JOINT_BINS;
            sevens_joint_columns(part, at, w->t, first, &block, stride);
            sevens_joint_clear(block.n, block.first, 1);
            for (int c = 0; c < part->n_component; c++) {
                JOINT_REAL z = sevens_joint_factor(part, c, w->t, stride);
                JOINT_REAL next = sevens_joint_factor(part, c, w->trial, stride);

                sevens_joint_add_column(part, &block, c, z, block.mu);
                sevens_joint_add_column(part, &block, c, next - z, block.first);
            }
            for (int i = 0; i < block.n; i++) {
                JOINT_REAL change = JOINT_MAX(block.first[i], -block.first[i]) / block.mu[i];

                most = JOINT_MAX(change, most);
            }
        }
    }
    return most;
}

/* trial = t - share d in lanes m, in the others t; held nuisances of a whole step end exactly at
 * their bound. */
SEVENS_HD void sevens_joint_move(const sevens_joint *j, JOINT_MASK m, JOINT_REAL share,
                                 const sevens_joint_work *w, long stride)
{
    for (int i = 0; i < j->n_nuisance; i++) {
        JOINT_REAL t = JOINT_AT(w->t, i), to = t;

        if (i < j->n_free) {
            to -= share * JOINT_AT(w->d, i);
            to = JOINT_SELECT(to < j->lo[i], JOINT_REAL_OF(j->lo[i]), to);
            to = JOINT_SELECT(to > j->hi[i], JOINT_REAL_OF(j->hi[i]), to);
            to = JOINT_SELECT(m, to, t);
        }
        JOINT_AT(w->trial, i) = to;
    }
}

/* How far to go along d, after the change of the counts; trial is there, in lanes m. */
SEVENS_HD JOINT_REAL sevens_joint_share(const sevens_joint *j, const sevens_joint_point *at,
                                        JOINT_MASK m, JOINT_REAL promise,
                                        const sevens_joint_work *w, long stride)
{
    const JOINT_REAL one = JOINT_REAL_OF(1.0);
    JOINT_REAL change, share;

    sevens_joint_move(j, m, one, w, stride);
    if (!j->poisson || !JOINT_ANY(m & JOINT_NOT(promise < 0.0625)))
        return one;
    change = sevens_joint_change(j, at, w, stride);
    share = JOINT_SELECT((promise < 0.0625) | (change < 0.25), one, 1.0 / (1.0 + change));
    sevens_joint_move(j, m, share, w, stride);
    return share;
}

#endif
