/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile likelihood of any sevens_likelihood but those that are integrated, at one point per
 * lane: the parts poisson, gauss and gauss-background with norms, shapes, parameters of the
 * background function and any matrix of pulls. docs/physics.md eqs. 25 and 49 to 53.
 *
 * The minimiser takes the step that minimises the quadratic model within the bounds, damped
 * (Levenberg-Marquardt) where the model is not convex or does not hold. It ends where the model
 * promises less than SEVENS_JOINT_DECREMENT; that rest is taken off chi2 unseen, being far more
 * accurate than itself. */
#ifndef SEVENS_HD_JOINT_PROFILE_H
#define SEVENS_HD_JOINT_PROFILE_H

#include "sevens/hd/joint_look.h"

#define SEVENS_JOINT_MAX_PASSES 300
#define SEVENS_JOINT_DECREMENT 1e-7 /* promise at which a lane takes its last step */
#define SEVENS_JOINT_NEAR 1e-3      /* promise below which the Hessian hardly changes any more */

typedef struct sevens_joint_result {
    JOINT_REAL chi2;
    JOINT_MASK converged;
    int passes;
    JOINT_REAL promise; /* what the model promised at the start */
    JOINT_REAL fell;    /* how far chi2 fell from there */
} sevens_joint_result;

/* Whether one step ends it: chi2 is a quadratic form, and what the step leaves of it is not lost in
 * the rounding of what it takes. */
SEVENS_HD JOINT_MASK sevens_joint_ends(const sevens_joint *j, JOINT_REAL chi2, JOINT_REAL promise)
{
    return JOINT_MASK_OF(j->quadratic) & (promise < 1e3 * (1.0 + chi2 - promise));
}

/* Takes the trial, and what was `wanted` there, where it is better. Lanes that are not open have
 * their place as trial. */
SEVENS_HD void sevens_joint_take(const sevens_joint *j, int wanted, JOINT_MASK open,
                                 JOINT_MASK better, sevens_joint_work *w, long stride)
{
    int K = j->n_free, all = !JOINT_ANY(open & JOINT_NOT(better));

    if (all) {
        sevens_joint_swap(&w->t, &w->trial);
        sevens_joint_swap(&w->g, &w->next_g);
    } else if (JOINT_ANY(better)) {
        sevens_joint_copy_where(better, K, w->trial, w->t, stride);
        sevens_joint_copy_where(better, K, w->next_g, w->g, stride);
    }
    if (wanted >= SEVENS_JOINT_HESSIAN && all) {
        sevens_joint_swap(&w->H, &w->next_H);
        sevens_joint_swap(&w->D, &w->next_D);
    } else if (wanted >= SEVENS_JOINT_HESSIAN && JOINT_ANY(better)) {
        sevens_joint_copy_where(better, JOINT_PAIR(K, 0), w->next_H, w->H, stride);
        sevens_joint_copy_where(better, K, w->next_D, w->D, stride);
    }
}

/* How much to trust the model after a step that kept this share of its promise. */
SEVENS_HD JOINT_REAL sevens_joint_trust(JOINT_REAL damping, JOINT_MASK better, JOINT_REAL kept)
{
    JOINT_REAL zero = JOINT_REAL_OF(0.0), least = JOINT_REAL_OF(1e-3);
    JOINT_REAL down =
        JOINT_SELECT(kept > 0.75, 0.1 * damping, JOINT_SELECT(kept < 0.25, 4.0 * damping, damping));
    JOINT_REAL up = JOINT_SELECT(damping < 1e-4, least, 10.0 * damping);

    down = JOINT_SELECT(down < 1e-6, zero, down);
    return JOINT_SELECT(better, down, up);
}

/* The step at w->t; damping that is not for what the model promises is taken off, once at a place.
 */
SEVENS_HD JOINT_REAL sevens_joint_promising(const sevens_joint *j, int stage, JOINT_MASK open,
                                            JOINT_REAL tolerance, JOINT_REAL *damping,
                                            JOINT_MASK *asked, const sevens_joint_work *w,
                                            long stride)
{
    JOINT_REAL promise = sevens_joint_step(j, stage, open, damping, w, stride);
    JOINT_MASK ask = open & (promise <= tolerance) & (*damping > 0.0) & JOINT_NOT(*asked);

    if (!JOINT_ANY(ask))
        return promise;
    *asked |= ask;
    *damping = JOINT_SELECT(ask, JOINT_REAL_OF(0.0), *damping);
    return sevens_joint_step(j, stage, open, damping, w, stride);
}

/* Ends lanes with the last step. */
SEVENS_HD void sevens_joint_end(const sevens_joint *j, JOINT_MASK ends, JOINT_REAL promise,
                                sevens_joint_work *w, sevens_joint_result *out, long stride)
{
    const JOINT_REAL zero = JOINT_REAL_OF(0.0);

    if (!JOINT_ANY(ends))
        return;
    sevens_joint_move(j, ends, JOINT_REAL_OF(1.0), w, stride);
    sevens_joint_swap(&w->t, &w->trial);
    out->chi2 -= JOINT_SELECT(ends & (promise > 0.0), promise, zero);
    out->converged |= ends;
}

/* From the nuisances w->t down to the minimum, which stays there, in lanes `open`; the others stay
 * where they are, and their result is of no meaning. Stage 0 is over when it is near. Near the
 * minimum every other place does with the Hessian of the one before. */
JOINT_CALL void sevens_joint_descend(const sevens_joint *j, const sevens_joint_point *at, int stage,
                                     JOINT_MASK open, sevens_joint_work *w,
                                     sevens_joint_result *out, long stride)
{
    const double enough = stage == 0 ? 1e-2 : SEVENS_JOINT_DECREMENT;
    JOINT_REAL damping = JOINT_REAL_OF(0.0), promise = damping, share = damping;
    JOINT_MASK asked = JOINT_MASK_OF(0);
    int wanted = SEVENS_JOINT_HESSIAN, moved = 0;

    out->chi2 = JOINT_REAL_OF(HUGE_VAL);
    out->converged = JOINT_MASK_OF(0);
    out->fell = out->promise = JOINT_REAL_OF(0.0);
    sevens_joint_copy(j->n_nuisance, w->t, w->trial, stride);
    for (out->passes = 1; out->passes <= SEVENS_JOINT_MAX_PASSES; out->passes++) {
        JOINT_REAL next = sevens_joint_evaluate(j, at, w->trial, wanted, w->next_g, w->next_H,
                                                w->next_D, w, stride);
        JOINT_REAL size, tolerance;
        JOINT_MASK better, ends;

        if (out->passes == 1) {
            open &= next < HUGE_VAL;
            out->fell = next;
        }
        better = open & (next <= out->chi2 + 1e-14 * out->chi2);
        if (moved) {
            promise = (out->chi2 - next) / sevens_joint_promise(j->n_free, share, w, stride);
            damping = sevens_joint_trust(damping, better, promise);
            asked &= JOINT_NOT(better);
        }
        out->chi2 = JOINT_SELECT(better, next, out->chi2);
        sevens_joint_take(j, wanted, open, better, w, stride);
        size = 1.0 + 1e-3 * out->chi2;
        tolerance = (wanted < SEVENS_JOINT_HESSIAN ? 0.1 * enough : enough) * size;
        promise = sevens_joint_promising(j, stage, open, tolerance, &damping, &asked, w, stride);
        if (out->passes == 1)
            out->promise = promise;
        moved = !(wanted < SEVENS_JOINT_HESSIAN &&
                  JOINT_ANY(open & JOINT_NOT(better & (promise < SEVENS_JOINT_NEAR * size))));
        if (!moved) { /* the Hessian is needed here */
            wanted = SEVENS_JOINT_HESSIAN;
            sevens_joint_copy(j->n_nuisance, w->t, w->trial, stride);
            continue;
        }
        /* a small promise that only damping makes is no minimum */
        tolerance = JOINT_SELECT(asked, 1e-4 * tolerance, tolerance);
        ends = open & ((promise <= tolerance) | sevens_joint_ends(j, out->chi2, promise));
        sevens_joint_end(j, ends, promise, w, out, stride);
        open &= JOINT_NOT(ends) & (damping <= 1e12);
        if (!JOINT_ANY(open))
            break;
        share = sevens_joint_share(j, at, open, promise, w, stride);
        ends = open & (promise < SEVENS_JOINT_NEAR * size) & (damping <= 0.0);
        wanted = wanted < SEVENS_JOINT_HESSIAN || JOINT_ANY(open & JOINT_NOT(ends))
                     ? SEVENS_JOINT_HESSIAN
                     : SEVENS_JOINT_GRADIENT;
    }
    out->fell -= out->chi2;
}

/* Where a cold start begins: at the start values. A poisson signal larger than its data starts
 * where it and its pull alone balance the counts above the backgrounds: positive root of w s^2 S +
 * (S - w) s - N = 0. */
SEVENS_HD void sevens_joint_begin(const sevens_joint *j, const sevens_joint_point *at,
                                  JOINT_REAL *t, long stride)
{
    for (int i = 0; i < j->n_nuisance; i++)
        JOINT_AT(t, i) = JOINT_REAL_OF(j->start[i]);
    for (int p = 0; p < j->n_part; p++) {
        const sevens_joint_part *part = &j->part[p];
        const double *row = at->row + part->row;
        int signal = part->norm[0];
        double w = j->weight[signal][signal];
        JOINT_REAL S, b, root;

        if (part->kind != SEVENS_JOINT_POISSON || signal >= j->n_free)
            continue;
        S = JOINT_SELECT(sevens_joint_present(row, at->x), sevens_joint_term(row, at->x),
                         JOINT_REAL_OF(0.0));
        b = S - w;
        root = 2.0 * part->excess / (b + JOINT_SQRT(b * b + 4.0 * w * part->excess));
        JOINT_AT(t, signal) = JOINT_SELECT(S > 2.0 * part->excess, root, JOINT_AT(t, signal));
    }
}

/* chi2 of a part at w->t: its bins and own pulls, without pulls that are shared. */
JOINT_CALL JOINT_REAL sevens_joint_part_chi2(const sevens_joint *j, const sevens_joint_point *at,
                                             int p, const sevens_joint_work *w, long stride)
{
    JOINT_REAL bend[SEVENS_JOINT_BEND_SUMS];
    JOINT_REAL chi2 = 2.0 * sevens_joint_sum_bins(&j->part[p], at, w->t, SEVENS_JOINT_CHI2, w->G,
                                                  w->HH, bend, stride);

    for (int i = 0; i < j->n_nuisance; i++) {
        JOINT_REAL pull = JOINT_REAL_OF(0.0);

        if (j->owner[i] != p || !(j->own_weight[i] > 0.0))
            continue;
        for (int k = 0; k < j->n_nuisance; k++) {
            if (j->own[i][k] != 0.0)
                pull += j->own[i][k] * (JOINT_AT(w->t, k) - j->centre[k]);
        }
        chi2 += j->own_weight[i] * pull * pull;
    }
    return chi2;
}

/* Lines without that of M, which lies under the signal, and as wide as they may be: a strong signal
 * holds those of the start at height 0, where nothing depends on their shape. */
SEVENS_HD void sevens_joint_widen(const sevens_joint *j, JOINT_REAL *t, long stride)
{
    for (int p = 0; p < j->n_part; p++) {
        int width = j->part[p].line[SEVENS_LINES_WIDTH],
            ratio = j->part[p].line[SEVENS_LINES_RATIO];

        if (j->part[p].kind != SEVENS_JOINT_GAUSS_LINES)
            continue;
        if (width < j->n_free)
            JOINT_AT(t, width) = JOINT_REAL_OF(j->hi[width]);
        if (ratio < j->n_free)
            JOINT_AT(t, ratio) = JOINT_REAL_OF(j->lo[ratio]);
    }
}

/* The lowest minimum that is found in lanes `open`, in w->t: of a cold start, or `out` with its
 * nuisances w->t; and, with background functions, of starts from other slopes, everything else as
 * there. excess: see sevens_joint_choose. */
JOINT_CALL void sevens_joint_search(const sevens_joint *j, const sevens_joint_point *at, int cold,
                                    JOINT_MASK open, JOINT_REAL *excess, sevens_joint_work *w,
                                    sevens_joint_result *out, long stride)
{
    JOINT_REAL look[SEVENS_JOINT_MAX_STARTS + 1], first = JOINT_REAL_OF(0.0), index = first;
    int passes = 0;

    if (cold) {
        out->chi2 = out->promise = out->fell = JOINT_REAL_OF(HUGE_VAL);
        out->converged = JOINT_MASK_OF(0);
        out->passes = 0;
    } else {
        sevens_joint_copy(j->n_nuisance, w->t, w->best, stride);
    }
    for (int round = !cold ? 1 : j->n_start > 1 ? -1 : 0; round < j->n_start; round++) {
        sevens_joint_result here = *out;
        JOINT_MASK lower;

        if (round == 0) {
            sevens_joint_begin(j, at, w->t, stride);
        } else if (round < 0) {
            sevens_joint_begin(j, at, w->t, stride);
            sevens_joint_widen(j, w->t, stride);
        } else if (round == 1) {
            first = out->chi2;
            open &= first < HUGE_VAL;
            sevens_joint_copy(j->n_nuisance, w->best, w->first, stride);
            sevens_joint_look(j, at, open, w, look, stride);
            open = sevens_joint_choose(j, look, first, open, excess, w, stride);
            passes++;
        }
        if (round > 0) {
            index = sevens_joint_next(j, look, first, index, w, stride);
            open &= index < (double)j->n_start;
            if (!JOINT_ANY(open))
                break;
            sevens_joint_copy(j->n_nuisance, w->first, w->t, stride);
            for (int i = 1; i < j->n_start; i++)
                sevens_joint_slopes(j, i, index == (double)i, w->t, stride);
        }
        for (int stage = j->convex; stage < 2; stage++) { /* first where chi2 is convex */
            sevens_joint_descend(j, at, stage, open, w, &here, stride);
            passes += here.passes;
        }
        if (round < 0 || (round == 0 && j->n_start == 1)) {
            *out = here;
            sevens_joint_copy(j->n_nuisance, w->t, w->best, stride);
            continue;
        }
        lower = open & (here.chi2 < out->chi2);
        out->chi2 = JOINT_SELECT(lower, here.chi2, out->chi2);
        out->converged = (lower & here.converged) | (JOINT_NOT(lower) & out->converged);
        sevens_joint_copy_where(lower, j->n_nuisance, w->t, w->best, stride);
    }
    sevens_joint_swap(&w->t, &w->best);
    out->passes = passes;
}

#endif
