/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks along the segments of a row with the joint profile likelihood: each lane along its own
 * piece of a segment, every point from the nuisances of the three before it. Compiled once per
 * instruction set with SEVENS_ROW_KERNEL_ISA = generic, v3 or v4 (x86-64 levels).
 *
 * Where chi2 may have several minima a walk can stay in one that has become the higher. So at some
 * points the others are looked for as well; where one of them is lower, the points before are tried
 * again from there, backwards, as long as they improve. */
#include "joint_lanes.h"
#define JOINT_BINS SEVENS_JOINT_MAX_BINS
#define JOINT_CALL static __attribute__((noinline))
#include "joint_kernel.h"

#ifndef SEVENS_ROW_KERNEL_ISA
#define SEVENS_ROW_KERNEL_ISA generic
#endif

#define CHECK_EVERY 8 /* points, where there may be several minima */
#define LOWER 1e-8    /* in chi2: what counts as lower */
#define FAR 5e-3      /* chi2 that falls from a guess to a minimum that may be another one */

_Static_assert(JOINT_LANES <= SEVENS_JOINT_MAX_LANES, "room for all lanes");

typedef struct walk {
    sevens_joint_task *task;
    sevens_joint_work w;
    joint_real *past[3];     /* nuisances one, two and three points ago */
    joint_real age;          /* for how many points before the last they are those of one minimum */
    joint_real *kept;        /* those of another minimum */
    joint_real excess;       /* of other minima: see sevens_joint_choose */
    size_t first, n, stride; /* of the segment: lane i has points i stride .. (i + 1) stride - 1 */
} walk;

/* ---- points ---- */

/* Number of the point of lane i at step s; lanes without one repeat the last. */
static size_t point_of(const walk *k, size_t i, size_t s)
{
    size_t p = i * k->stride + s;

    return k->first + (p < k->n ? p : k->n - 1);
}

static joint_mask has_point(const walk *k, size_t s)
{
    joint_mask has = {0};

    for (size_t i = 0; i < JOINT_LANES; i++)
        has[i] = i * k->stride + s < k->n ? -1 : 0;
    return has;
}

static sevens_joint_point points_at(const walk *k, size_t s)
{
    sevens_joint_point at = {.data = k->task->data, .row = k->task->row};

    for (size_t i = 0; i < JOINT_LANES; i++)
        at.x[i] = k->task->x[point_of(k, i, s)];
    return at;
}

static joint_real chi2_of(const walk *k, size_t s)
{
    joint_real chi2;

    for (size_t i = 0; i < JOINT_LANES; i++)
        chi2[i] = k->task->chi2[point_of(k, i, s)];
    return chi2;
}

static void store_lane(walk *k, size_t p, size_t i, const sevens_joint_result *result)
{
    sevens_joint_task *task = k->task;
    const sevens_joint *j = task->joint;

    task->chi2[p] = result->chi2[i];
    task->status[p] = !isfinite(result->chi2[i]) ? SEVENS_POINT_INVALID
                      : result->converged[i]     ? SEVENS_POINT_OK
                                                 : SEVENS_POINT_UNCONVERGED;
    for (int n = 0; task->nuisance && n < j->n_nuisance; n++)
        task->nuisance[(size_t)j->origin[n] * task->stride + p] = (float)k->w.t[n][i];
}

/* Results of step s in lanes m from k->w.t. */
static void store(walk *k, size_t s, joint_mask m, const sevens_joint_result *result)
{
    sevens_joint_task *task = k->task;
    sevens_joint_point at = points_at(k, s);

    m &= has_point(k, s);
    for (size_t i = 0; i < JOINT_LANES; i++) {
        if (m[i])
            store_lane(k, point_of(k, i, s), i, result);
    }
    for (int part = 0; task->part_chi2 && part < task->joint->n_part; part++) {
        joint_real chi2 = sevens_joint_part_chi2(task->joint, &at, part, &k->w, 1);

        for (size_t i = 0; i < JOINT_LANES; i++) {
            if (m[i])
                task->part_chi2[(size_t)part * task->stride + point_of(k, i, s)] = chi2[i];
        }
    }
}

/* ---- ways to a minimum ---- */

static void count(walk *k, int passes)
{
    k->task->passes += (uint64_t)passes * JOINT_LANES;
}

static void descend(walk *k, size_t s, joint_mask m, sevens_joint_result *result)
{
    sevens_joint_point at = points_at(k, s);

    sevens_joint_descend(k->task->joint, &at, 1, m, &k->w, result, 1);
    count(k, result->passes);
}

/* cold: from nothing; otherwise only in the lanes in which another minimum may be the lower. */
static void search(walk *k, size_t s, bool cold, joint_mask m, sevens_joint_result *result)
{
    sevens_joint_point at = points_at(k, s);
    joint_real any = JOINT_REAL_OF(HUGE_VAL), *excess = cold ? &any : &k->excess;

    sevens_joint_search(k->task->joint, &at, cold, m, excess, &k->w, result, 1);
    count(k, result->passes);
}

/* The nuisances that the last three points lead to: norms geometrically, since they fall with a
 * power of x and by no more than a factor of two, the others by a parabola. */
static void guess(walk *k)
{
    const sevens_joint *j = k->task->joint;
    const joint_real zero = JOINT_REAL_OF(0.0), one = JOINT_REAL_OF(1.0);
    const joint_real line = JOINT_SELECT(k->age > 0.0, one, zero);
    const joint_real parabola = JOINT_SELECT(k->age > 1.0, one, zero);

    for (int i = 0; i < j->n_nuisance; i++) {
        joint_real last = k->past[0][i], before = k->past[1][i], third = k->past[2][i];
        joint_real lo = JOINT_REAL_OF(j->lo[i]), hi = JOINT_REAL_OF(j->hi[i]), to;

        if (i >= j->n_free) {
            k->w.t[i] = last;
            continue;
        }
        to = last + line * (last - before) + parabola * (last - 2.0 * before + third);
        if (j->centre[i] == 1.0) {
            joint_real ratio = last / before, bend = ratio * third / before;

            bend = JOINT_SELECT((parabola > 0.0) & (third > 0.0), bend, one);
            ratio = JOINT_MAX(ratio * bend, JOINT_REAL_OF(0.5));
            ratio = JOINT_SELECT(ratio < 2.0, ratio, JOINT_REAL_OF(2.0));
            to = JOINT_SELECT((before > 0.0) & (last > 0.0), last * ratio, to);
        }
        to = JOINT_SELECT(to > lo, JOINT_SELECT(to < hi, to, hi), lo);
        k->w.t[i] = JOINT_SELECT((last == lo) | (last == hi), last, to);
    }
}

/* Keeps the nuisances of a point; in lanes `new` they are not those of the same minimum. */
static void remember(walk *k, joint_mask new)
{
    int n = k->task->joint->n_nuisance;
    joint_real *oldest = k->past[2];

    k->past[2] = k->past[1];
    k->past[1] = k->past[0];
    k->past[0] = oldest;
    sevens_joint_copy(n, k->w.t, k->past[0], 1);
    for (int i = 1; i < 3; i++)
        sevens_joint_copy_where(new, n, k->w.t, k->past[i], 1);
    k->age = JOINT_SELECT(new, JOINT_REAL_OF(0.0), k->age + 1.0);
}

/* Goes back from step s as long as the minimum is the lower one, in lanes m. */
static void go_back(walk *k, size_t s, joint_mask m)
{
    int n = k->task->joint->n_nuisance;

    sevens_joint_copy(n, k->w.t, k->kept, 1);
    while (s-- > 0 && JOINT_ANY(m)) {
        joint_real chi2 = chi2_of(k, s);
        sevens_joint_result result;

        descend(k, s, m, &result);
        m &= result.converged & (result.chi2 < chi2 - LOWER * (1.0 + chi2));
        if (JOINT_ANY(m))
            store(k, s, m, &result);
    }
    sevens_joint_copy(n, k->kept, k->w.t, 1);
}

/* Where `other` is the better result, by more than rounding. */
static joint_mask is_better(const sevens_joint_result *other, const sevens_joint_result *result)
{
    joint_mask lower = other->chi2 < result->chi2 - LOWER * (1.0 + result->chi2);

    return (other->converged & ~result->converged) |
           (~(other->converged ^ result->converged) & lower);
}

/* Looks for other minima of the points that a walk came to, in lanes m, and keeps what is lower;
 * where that is it. From nothing where there are shapes: slopes do not tell of those. */
static joint_mask try_others(walk *k, size_t s, joint_mask m, sevens_joint_result *result)
{
    const sevens_joint *j = k->task->joint;
    joint_mask cold = j->n_start > 1 && !j->shapes ? m & ~result->converged : m, better = {0};
    sevens_joint_result other = *result;

    sevens_joint_copy(j->n_nuisance, k->w.t, k->kept, 1);
    if (JOINT_ANY(cold)) {
        search(k, s, true, cold, &other);
        better = cold & is_better(&other, result);
        sevens_joint_copy_where(~better, j->n_nuisance, k->kept, k->w.t, 1);
    } else {
        search(k, s, false, m, &other);
        better = m & is_better(&other, result);
        sevens_joint_copy_where(~better, j->n_nuisance, k->kept, k->w.t, 1);
        k->excess = JOINT_SELECT(better, JOINT_REAL_OF(HUGE_VAL), k->excess);
    }
    result->chi2 = JOINT_SELECT(better, other.chi2, result->chi2);
    result->converged = (better & other.converged) | (~better & result->converged);
    return better;
}

/* Where the way to the minimum was not what the model promised at the guess. */
static joint_mask has_jumped(const sevens_joint_result *result)
{
    joint_real off = result->fell - result->promise;

    return (result->fell > FAR * (1.0 + 0.005 * result->chi2)) &
           (JOINT_MAX(off, -off) > 0.5 * JOINT_MAX(result->promise, -result->promise));
}

/* ---- a segment ---- */

static void walk_segment(walk *k)
{
    const sevens_joint *j = k->task->joint;
    const joint_mask all = JOINT_MASK_OF(1);

    k->excess = JOINT_REAL_OF(HUGE_VAL);
    for (size_t s = 0; s < k->stride; s++) {
        joint_mask lower = all, jump = {0};
        sevens_joint_result result;

        if (s == 0) {
            search(k, s, true, all, &result);
        } else {
            bool check = s % CHECK_EVERY == 0 || s == k->stride - 1;
            joint_mask tries;

            guess(k);
            descend(k, s, all, &result);
            jump = has_jumped(&result) & JOINT_MASK_OF(!j->convex);
            tries = ~result.converged | jump | JOINT_MASK_OF(check && !j->convex);
            lower = JOINT_ANY(tries) ? try_others(k, s, tries, &result) : ~all;
        }
        store(k, s, all, &result);
        if (!j->convex && JOINT_ANY(jump | lower))
            go_back(k, s, jump | lower);
        remember(k, jump | lower);
    }
}

#define NAME_(isa) sevens_joint_kernel_##isa
#define NAME(isa) NAME_(isa)

void NAME(SEVENS_ROW_KERNEL_ISA)(sevens_joint_task *task)
{
    size_t n = (size_t)task->joint->n_nuisance;
    uintptr_t beyond = (uintptr_t)task->work % sizeof(joint_real);
    joint_real *work =
        (joint_real *)(void *)((char *)task->work + (beyond ? sizeof(joint_real) - beyond : 0));
    walk k = {.task = task, .w = sevens_joint_work_at(task->joint, work, 1)};

    k.kept = work + task->joint->n_work;
    for (int i = 0; i < 3; i++)
        k.past[i] = k.kept + (size_t)(i + 1) * n;
    for (k.first = 0; k.first < task->n_x; k.first += SEVENS_ROW_SEGMENT) {
        size_t left = task->n_x - k.first;

        k.n = left < SEVENS_ROW_SEGMENT ? left : SEVENS_ROW_SEGMENT;
        k.stride = (k.n + JOINT_LANES - 1) / JOINT_LANES;
        walk_segment(&k);
    }
}
