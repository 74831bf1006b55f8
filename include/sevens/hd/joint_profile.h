/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile likelihood of any sevens_likelihood but those that are integrated, at one point: the
 * parts poisson, gauss and gauss-background with norms, shapes, parameters of the background
 * function and any matrix of pulls. docs/physics.md eqs. 25 and 49 to 53.
 *
 * The minimiser takes the step that minimises the quadratic model within the bounds, damped
 * (Levenberg-Marquardt) where the model is not convex or does not hold. It ends where the model
 * promises less than SEVENS_JOINT_TOLERANCE; that rest is taken off chi2 unseen, being far more
 * accurate than itself. */
#ifndef SEVENS_HD_JOINT_PROFILE_H
#define SEVENS_HD_JOINT_PROFILE_H

#include "sevens/hd/joint_bins.h"

#define SEVENS_JOINT_MAX_STARTS 9
#define SEVENS_JOINT_MAX_PASSES 300
#define SEVENS_JOINT_TOLERANCE 1e-9

typedef struct sevens_joint_result {
    double chi2;
    int converged, passes;
    double promise; /* what the model promised at the start; large where the guess was bad */
} sevens_joint_result;

/* ---- one step ---- */

/* Begins the step; `stage` 0: in the nuisances alone in which chi2 is convex. A nuisance at a bound
 * that chi2 pushes it against is held there; one without curvature goes to the bound that chi2
 * falls to, or to its start when nothing depends on it. */
SEVENS_HD void sevens_joint_hold(const sevens_joint *j, int stage, const sevens_joint_work *w,
                                 long stride)
{
    for (int i = 0; i < j->n_free; i++) {
        double t = SEVENS_JOINT_AT(w->t, i), g = SEVENS_JOINT_AT(w->g, i), to = t;
        int flat = !(SEVENS_JOINT_AT(w->D, i) > 0.0), waits = stage == 0 && j->is_curved[i];

        if (waits)
            to = t;
        else if (flat && g == 0.0 && !j->is_function[i])
            to = j->start[i];
        else if (flat && g > 0.0 && j->lo[i] > -HUGE_VAL)
            to = j->lo[i];
        else if (flat && g < 0.0 && j->hi[i] < HUGE_VAL)
            to = j->hi[i];
        SEVENS_JOINT_AT(w->d, i) = t - to;
        SEVENS_JOINT_AT(w->held, i) =
            waits || flat || (t <= j->lo[i] && g > 0.0) || (t >= j->hi[i] && g < 0.0) ? 1.0 : 0.0;
    }
}

/* F and d: Hessian with damping and gradient over the nuisances that are not held, given the steps
 * of those that are. */
SEVENS_HD void sevens_joint_reduce(int K, double damping, const sevens_joint_work *w, long stride)
{
    for (int i = 0; i < K; i++) {
        int held = SEVENS_JOINT_AT(w->held, i) > 0.0;
        double right = SEVENS_JOINT_AT(w->g, i);

        for (int k = 0; k < K; k++) {
            int pair = i >= k ? SEVENS_JOINT_PAIR(i, k) : SEVENS_JOINT_PAIR(k, i);
            double h = SEVENS_JOINT_AT(w->H, pair);
            int other = SEVENS_JOINT_AT(w->held, k) > 0.0;

            if (i != k && other)
                right -= h * SEVENS_JOINT_AT(w->d, k);
            if (i == k)
                h = held ? 1.0 : h + damping * SEVENS_JOINT_AT(w->D, i);
            else if (held || other)
                h = 0.0;
            if (k <= i)
                SEVENS_JOINT_AT(w->F, pair) = h;
        }
        if (!held)
            SEVENS_JOINT_AT(w->trial, i) = right;
    }
    for (int i = 0; i < K; i++) {
        if (!(SEVENS_JOINT_AT(w->held, i) > 0.0))
            SEVENS_JOINT_AT(w->d, i) = SEVENS_JOINT_AT(w->trial, i);
    }
}

/* d = F^-1 d by L D L^T in place of F; 0 where F is not positive definite beyond rounding. */
SEVENS_HD int sevens_joint_solve(int K, const sevens_joint_work *w, long stride)
{
    double *F = w->F, *d = w->d;

    for (int j = 0; j < K; j++) { /* columns of L, the inverse pivots on the diagonal */
        double pivot = SEVENS_JOINT_AT(F, SEVENS_JOINT_PAIR(j, j)), inverse = 1.0 / pivot;

        if (!(pivot > 1e-13 * SEVENS_JOINT_AT(w->D, j)) && !(SEVENS_JOINT_AT(w->held, j) > 0.0))
            return 0;
        for (int i = j + 1; i < K; i++) {
            double l = SEVENS_JOINT_AT(F, SEVENS_JOINT_PAIR(i, j)) * inverse;

            for (int m = j + 1; m <= i; m++)
                SEVENS_JOINT_AT(F, SEVENS_JOINT_PAIR(i, m)) -=
                    l * SEVENS_JOINT_AT(F, SEVENS_JOINT_PAIR(m, j));
            SEVENS_JOINT_AT(d, i) -= l * SEVENS_JOINT_AT(d, j);
        }
        SEVENS_JOINT_AT(F, SEVENS_JOINT_PAIR(j, j)) = inverse;
    }
    for (int i = K - 1; i >= 0; i--) {
        double inverse = SEVENS_JOINT_AT(F, SEVENS_JOINT_PAIR(i, i));
        double sum = SEVENS_JOINT_AT(d, i) * inverse;

        for (int m = i + 1; m < K; m++) /* L_mi = F_mi / D_i */
            sum -= SEVENS_JOINT_AT(F, SEVENS_JOINT_PAIR(m, i)) * inverse * SEVENS_JOINT_AT(d, m);
        SEVENS_JOINT_AT(d, i) = sum;
    }
    return 1;
}

/* Holds the nuisances that the step takes out of their bounds at the bound; whether there are any.
 */
SEVENS_HD int sevens_joint_clip(const sevens_joint *j, const sevens_joint_work *w, long stride)
{
    int any = 0;

    for (int i = 0; i < j->n_free; i++) {
        double t = SEVENS_JOINT_AT(w->t, i), to = t - SEVENS_JOINT_AT(w->d, i);

        if (SEVENS_JOINT_AT(w->held, i) > 0.0 || (to >= j->lo[i] && to <= j->hi[i]))
            continue;
        SEVENS_JOINT_AT(w->d, i) = t - (to < j->lo[i] ? j->lo[i] : j->hi[i]);
        SEVENS_JOINT_AT(w->held, i) = 1.0;
        any = 1;
    }
    return any;
}

/* Slope of the model in nuisance i where the step ends. */
SEVENS_HD double sevens_joint_slope(int K, int i, double damping, const sevens_joint_work *w,
                                    long stride)
{
    double slope =
        SEVENS_JOINT_AT(w->g, i) - damping * SEVENS_JOINT_AT(w->D, i) * SEVENS_JOINT_AT(w->d, i);

    for (int k = 0; k < K; k++)
        slope -= SEVENS_JOINT_AT(w->H, i >= k ? SEVENS_JOINT_PAIR(i, k) : SEVENS_JOINT_PAIR(k, i)) *
                 SEVENS_JOINT_AT(w->d, k);
    return slope;
}

/* Lets go of the nuisance at a bound that the model would most gain from; whether there is any. */
SEVENS_HD int sevens_joint_release(const sevens_joint *j, int stage, double damping,
                                   const sevens_joint_work *w, long stride)
{
    double most = 1e-3 * SEVENS_JOINT_TOLERANCE;
    int best = -1;

    for (int i = 0; i < j->n_free; i++) {
        double slope, D = SEVENS_JOINT_AT(w->D, i) * (1.0 + damping);
        double to = SEVENS_JOINT_AT(w->t, i) - SEVENS_JOINT_AT(w->d, i);

        if (!(SEVENS_JOINT_AT(w->held, i) > 0.0) || !(D > 0.0) || (stage == 0 && j->is_curved[i]))
            continue;
        slope = sevens_joint_slope(j->n_free, i, damping, w, stride);
        if ((to <= j->lo[i] ? slope < 0.0 : slope > 0.0) && slope * slope > most * D) {
            most = slope * slope / D;
            best = i;
        }
    }
    if (best >= 0)
        SEVENS_JOINT_AT(w->held, best) = 0.0;
    return best >= 0;
}

/* Decrease of chi2 that the model promises for a share of the step d. */
SEVENS_HD double sevens_joint_promise(int K, double share, const sevens_joint_work *w, long stride)
{
    double slope = 0.0, curvature = 0.0;

    for (int i = 0; i < K; i++) {
        double d = SEVENS_JOINT_AT(w->d, i), sum = 0.0;

        for (int k = 0; k < i; k++)
            sum += SEVENS_JOINT_AT(w->H, SEVENS_JOINT_PAIR(i, k)) * SEVENS_JOINT_AT(w->d, k);
        curvature += d * (2.0 * sum + SEVENS_JOINT_AT(w->H, SEVENS_JOINT_PAIR(i, i)) * d);
        slope += d * SEVENS_JOINT_AT(w->g, i);
    }
    return share * (2.0 * slope - share * curvature);
}

/* The step d to the minimum of the model within the bounds: nuisances that it takes out are held at
 * their bound, and let go where that was wrong. Raises the damping until the model is convex.
 * Returns the promise. */
SEVENS_HD double sevens_joint_step(const sevens_joint *j, int stage, double *damping,
                                   const sevens_joint_work *w, long stride)
{
    const int K = j->n_free;

    for (;;) {
        int definite = 1, rounds = 2 * K + 2;
        double promise;

        sevens_joint_hold(j, stage, w, stride);
        do {
            sevens_joint_reduce(K, *damping, w, stride);
            definite = sevens_joint_solve(K, w, stride);
        } while (definite &&
                 (sevens_joint_clip(j, w, stride) ||
                  (rounds-- > 0 && sevens_joint_release(j, stage, *damping, w, stride))));
        promise = sevens_joint_promise(K, 1.0, w, stride);
        if ((definite && promise > -SEVENS_JOINT_TOLERANCE) || !(*damping < 1e15))
            return promise;
        *damping = *damping < 1e-8 ? 1e-8 : 10.0 * *damping;
    }
}

/* Largest relative change of the counts that a poisson bin with counts expects in a full step: the
 * model holds for less than one. */
SEVENS_HD double sevens_joint_change(const sevens_joint *j, const sevens_joint_point *at,
                                     const sevens_joint_work *w, long stride)
{
    sevens_joint_block block;
    double most = 0.0;

    for (int p = 0; p < j->n_part; p++) {
        const sevens_joint_part *part = &j->part[p];

        for (int first = 0; first < part->n_bin && part->kind == SEVENS_JOINT_POISSON;
             first += SEVENS_JOINT_BINS) {
            int left = part->n_bin - first;

            block.n = left < SEVENS_JOINT_BINS ? left : SEVENS_JOINT_BINS;
            sevens_joint_columns(part, at, w->t, first, &block, stride);
            for (int i = 0; i < block.n; i++)
                block.first[i] = 0.0;
            for (int c = 0; c < part->n_component; c++) {
                double z = sevens_joint_factor(part, c, w->t, stride);
                double next = sevens_joint_factor(part, c, w->trial, stride);

                sevens_joint_add_column(&block, c, z, block.mu);
                sevens_joint_add_column(&block, c, next - z, block.first);
            }
            SEVENS_JOINT_SIMD(reduction(max : most))
            for (int i = 0; i < block.n; i++) {
                double change = fabs(block.first[i]) / block.mu[i];

                most = change > most ? change : most;
            }
        }
    }
    return most;
}

/* trial = t - share d; held nuisances of a whole step end exactly at their bound. */
SEVENS_HD void sevens_joint_move(const sevens_joint *j, double share, const sevens_joint_work *w,
                                 long stride)
{
    for (int i = 0; i < j->n_nuisance; i++) {
        double to = SEVENS_JOINT_AT(w->t, i);

        if (i < j->n_free) {
            to -= share * SEVENS_JOINT_AT(w->d, i);
            to = to < j->lo[i] ? j->lo[i] : to > j->hi[i] ? j->hi[i] : to;
        }
        SEVENS_JOINT_AT(w->trial, i) = to;
    }
}

SEVENS_HD void sevens_joint_swap(double **a, double **b)
{
    double *c = *a;

    *a = *b;
    *b = c;
}

/* How far to go along d, after the change of the counts. */
SEVENS_HD double sevens_joint_share(const sevens_joint *j, const sevens_joint_point *at,
                                    double promise, const sevens_joint_work *w, long stride)
{
    double change;

    sevens_joint_move(j, 1.0, w, stride);
    if (!j->poisson || promise < 0.0625)
        return 1.0;
    change = sevens_joint_change(j, at, w, stride);
    if (change < 0.25)
        return 1.0;
    sevens_joint_move(j, 1.0 / (1.0 + change), w, stride);
    return 1.0 / (1.0 + change);
}

/* ---- the minimum ---- */

/* Whether one step ends it: chi2 is a quadratic form, and what the step leaves of it is not lost in
 * the rounding of what it takes. */
SEVENS_HD int sevens_joint_ends(const sevens_joint *j, double chi2, double promise)
{
    return j->quadratic && promise < 1e3 * (1.0 + chi2 - promise);
}

/* From the nuisances w->t down to the minimum, which stays there. Stage 0 is over when it is near.
 */
SEVENS_HD void sevens_joint_descend(const sevens_joint *j, const sevens_joint_point *at, int stage,
                                    sevens_joint_work *w, sevens_joint_result *out, long stride)
{
    const double enough = stage == 0 ? 1e-2 : SEVENS_JOINT_TOLERANCE;
    double damping = 0.0;

    out->chi2 = sevens_joint_evaluate(j, at, w->t, w->g, w->H, w->D, w, stride);
    out->converged = 0;
    out->promise = HUGE_VAL;
    for (out->passes = 1; out->chi2 < HUGE_VAL; out->passes++) {
        double tolerance = enough * (1.0 + 1e-3 * out->chi2);
        double promise = sevens_joint_step(j, stage, &damping, w, stride), share, next;

        if (out->passes == 1)
            out->promise = promise;
        if (promise <= tolerance && damping > 0.0) { /* is it for the damping? */
            damping = 0.0;
            promise = sevens_joint_step(j, stage, &damping, w, stride);
        }
        if (promise <= tolerance || sevens_joint_ends(j, out->chi2, promise)) {
            sevens_joint_move(j, 1.0, w, stride);
            sevens_joint_swap(&w->t, &w->trial);
            out->chi2 -= promise > 0.0 ? promise : 0.0;
            out->converged = 1;
            return;
        }
        if (out->passes >= SEVENS_JOINT_MAX_PASSES || damping > 1e12)
            return;
        share = sevens_joint_share(j, at, promise, w, stride);
        next = sevens_joint_evaluate(j, at, w->trial, w->next_g, w->next_H, w->next_D, w, stride);
        if (next <= out->chi2 + 1e-14 * out->chi2) {
            double kept = (out->chi2 - next) / sevens_joint_promise(j->n_free, share, w, stride);

            damping *= kept > 0.75 ? 0.1 : kept < 0.25 ? 4.0 : 1.0;
            damping = damping < 1e-6 ? 0.0 : damping;
            out->chi2 = next;
            sevens_joint_swap(&w->t, &w->trial);
            sevens_joint_swap(&w->g, &w->next_g);
            sevens_joint_swap(&w->H, &w->next_H);
            sevens_joint_swap(&w->D, &w->next_D);
        } else {
            damping = damping < 1e-4 ? 1e-3 : 10.0 * damping;
        }
    }
}

/* Where a cold start begins: at the start values. A poisson signal larger than its data starts
 * where it and its pull alone balance the counts above the backgrounds: positive root of w s^2 S +
 * (S - w) s - N = 0. */
SEVENS_HD void sevens_joint_begin(const sevens_joint *j, const sevens_joint_point *at, double *t,
                                  long stride)
{
    for (int i = 0; i < j->n_nuisance; i++)
        SEVENS_JOINT_AT(t, i) = j->start[i];
    for (int p = 0; p < j->n_part; p++) {
        const sevens_joint_part *part = &j->part[p];
        const double *row = at->row + part->row;
        int signal = part->norm[0];
        double S = sevens_joint_present(row, at->x) ? sevens_joint_term(row, at->x) : 0.0;
        double w = j->weight[signal][signal], b = S - w;

        if (part->kind == SEVENS_JOINT_POISSON && signal < j->n_free && S > 2.0 * part->excess)
            SEVENS_JOINT_AT(t, signal) =
                2.0 * part->excess / (b + sqrt(b * b + 4.0 * w * part->excess));
    }
}

/* Other slopes of the tails of background functions, number `index` of those to start from; they
 * stand evenly in their logarithm, from bound to bound. */
SEVENS_HD void sevens_joint_slopes(const sevens_joint *j, int index, double *t, long stride)
{
    for (int p = 0; p < j->n_part; p++) {
        int slope = j->part[p].line[SEVENS_LINES_SLOPE];
        double lo, hi;

        if (j->part[p].kind != SEVENS_JOINT_GAUSS_LINES || slope >= j->n_free)
            continue;
        lo = log(j->lo[slope] > 1e-3 ? j->lo[slope] : 1e-3); /* keV */
        hi = log(j->hi[slope] < 1e3 ? j->hi[slope] : 1e3);
        SEVENS_JOINT_AT(t, slope) = exp(lo + (hi - lo) * (index - 1) / (j->n_start - 2));
    }
}

/* chi2 of a part at w->t: its bins and own pulls, without pulls that are shared. */
SEVENS_HD double sevens_joint_part_chi2(const sevens_joint *j, const sevens_joint_point *at, int p,
                                        const sevens_joint_work *w, long stride)
{
    double bend[SEVENS_JOINT_BENDS];
    double chi2 = 2.0 * sevens_joint_sum_bins(&j->part[p], at, w->t, w->G, w->HH, bend, stride);

    for (int i = 0; i < j->n_nuisance; i++) {
        double pull = 0.0;

        if (j->owner[i] != p || !(j->own_weight[i] > 0.0))
            continue;
        for (int k = 0; k < j->n_nuisance; k++)
            pull += j->own[i][k] * (SEVENS_JOINT_AT(w->t, k) - j->centre[k]);
        chi2 += j->own_weight[i] * pull * pull;
    }
    return chi2;
}

/* Copies n numbers. */
SEVENS_HD void sevens_joint_copy(int n, const double *from, double *to, long stride)
{
    for (int i = 0; i < n; i++)
        SEVENS_JOINT_AT(to, i) = SEVENS_JOINT_AT(from, i);
}

/* From w->t down to the minimum, first where chi2 is convex. */
SEVENS_HD void sevens_joint_fall(const sevens_joint *j, const sevens_joint_point *at,
                                 sevens_joint_work *w, sevens_joint_result *out, long stride)
{
    int passes = 0;

    for (int stage = j->convex; stage < 2; stage++) {
        sevens_joint_descend(j, at, stage, w, out, stride);
        passes += out->passes;
    }
    out->passes = passes;
}

/* look [n_start + 1]: chi2 near the first minimum at slope number 1, 2, ..., by one step where it
 * is convex. */
SEVENS_HD void sevens_joint_look(const sevens_joint *j, const sevens_joint_point *at,
                                 sevens_joint_work *w, double *look, long stride)
{
    look[0] = look[j->n_start] = HUGE_VAL;
    for (int index = 1; index < j->n_start; index++) {
        double damping = 0.0;

        sevens_joint_copy(j->n_nuisance, w->first, w->t, stride);
        sevens_joint_slopes(j, index, w->t, stride);
        look[index] = sevens_joint_evaluate(j, at, w->t, w->g, w->H, w->D, w, stride);
        look[index] -= sevens_joint_step(j, 0, &damping, w, stride);
    }
}

/* The minimum from nothing. With background functions also from other slopes, everything else as at
 * the first minimum: those where chi2 is lower than at the slopes beside them. The lowest is kept.
 */
SEVENS_HD void sevens_joint_cold(const sevens_joint *j, const sevens_joint_point *at,
                                 sevens_joint_work *w, sevens_joint_result *out, long stride)
{
    sevens_joint_result lowest = {HUGE_VAL, 0, 0, HUGE_VAL};
    double look[SEVENS_JOINT_MAX_STARTS + 1], first = 0.0;
    int passes = 0;

    sevens_joint_begin(j, at, w->t, stride);
    for (int index = 0; index < j->n_start; index++) {
        if (index == 1) {
            if (!(lowest.chi2 < HUGE_VAL))
                break;
            sevens_joint_copy(j->n_nuisance, w->best, w->first, stride);
            sevens_joint_look(j, at, w, look, stride);
            first = lowest.chi2;
            passes += j->n_start - 1;
        }
        if (index > 0) {
            double gain = look[index] - first; /* 0 where there is no tail */

            if (!(look[index] < look[index - 1] && look[index] <= look[index + 1]) ||
                (gain < SEVENS_JOINT_TOLERANCE && gain > -SEVENS_JOINT_TOLERANCE))
                continue;
            sevens_joint_copy(j->n_nuisance, w->first, w->t, stride);
            sevens_joint_slopes(j, index, w->t, stride);
        }
        sevens_joint_fall(j, at, w, out, stride);
        passes += out->passes;
        if (index > 0 && !(out->chi2 < lowest.chi2))
            continue;
        lowest = *out;
        sevens_joint_copy(j->n_nuisance, w->t, w->best, stride);
    }
    sevens_joint_swap(&w->t, &w->best);
    *out = lowest;
    out->passes = passes;
}

#endif
