/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks along the segments of a row with the joint profile likelihood: every point from the
 * nuisances of the two before it. Compiled once per instruction set with SEVENS_ROW_KERNEL_ISA =
 * generic, v3 or v4 (x86-64 levels).
 *
 * Where chi2 may have several minima a walk can stay in one that has become the higher. So some
 * points start cold as well; where that ends lower, the points before are tried again from there,
 * backwards, as long as they improve. */
#include "vector_math.h"
#define SEVENS_JOINT_EXP(x) sevens_vector_exp(x)
#define SEVENS_JOINT_LOG(x) sevens_vector_log(x)
#define SEVENS_JOINT_SIMD(clauses) SEVENS_VECTOR_SIMD(clauses)
#include "joint_kernel.h"
#include <math.h>

#ifndef SEVENS_ROW_KERNEL_ISA
#define SEVENS_ROW_KERNEL_ISA generic
#endif

#define COLD_EVERY 8    /* points, where there may be several minima */
#define LOWER 1e-8      /* in chi2: what counts as lower */
#define SUSPICIOUS 5e-3 /* promise at a guess of which another minimum may be nearer */

typedef struct walk {
    sevens_joint_task *task;
    sevens_joint_work w;
    double *last, *before; /* nuisances one and two points ago */
    double *kept;          /* those of another minimum */
} walk;

static sevens_joint_point point_at(const walk *k, size_t p)
{
    sevens_joint_point at = {k->task->data, k->task->row, k->task->x[p]};

    return at;
}

static __attribute__((noinline)) sevens_joint_result descend(walk *k, size_t p)
{
    sevens_joint_point at = point_at(k, p);
    sevens_joint_result result;

    sevens_joint_descend(k->task->joint, &at, 1, &k->w, &result, 1);
    k->task->passes += (uint64_t)result.passes;
    return result;
}

static __attribute__((noinline)) sevens_joint_result cold(walk *k, size_t p)
{
    sevens_joint_point at = point_at(k, p);
    sevens_joint_result result;

    sevens_joint_cold(k->task->joint, &at, &k->w, &result, 1);
    k->task->passes += (uint64_t)result.passes;
    return result;
}

/* Results of point p from k->w.t. */
static void store(walk *k, size_t p, const sevens_joint_result *result)
{
    sevens_joint_task *task = k->task;
    const sevens_joint *j = task->joint;
    sevens_joint_point at = point_at(k, p);

    task->chi2[p] = result->chi2;
    task->status[p] = !isfinite(result->chi2) ? SEVENS_POINT_INVALID
                      : result->converged     ? SEVENS_POINT_OK
                                              : SEVENS_POINT_UNCONVERGED;
    for (int i = 0; task->nuisance && i < j->n_nuisance; i++)
        task->nuisance[(size_t)j->origin[i] * task->stride + p] = (float)k->w.t[i];
    for (int i = 0; task->part_chi2 && i < j->n_part; i++)
        task->part_chi2[(size_t)i * task->stride + p] = sevens_joint_part_chi2(j, &at, i, &k->w, 1);
}

/* The nuisances that the last two points lead to: norms geometrically, since they fall with a power
 * of x and by no more than a factor of two, the others linearly. */
static void guess(walk *k)
{
    const sevens_joint *j = k->task->joint;

    for (int i = 0; i < j->n_nuisance; i++) {
        double last = k->last[i], before = k->before[i], to;

        if (j->centre[i] == 1.0 && before > 0.0 && last > 0.0)
            to = last * fmin(2.0, fmax(0.5, last / before));
        else
            to = 2.0 * last - before;
        if (last == j->lo[i] || last == j->hi[i])
            to = last;
        k->w.t[i] = i < j->n_free ? fmin(j->hi[i], fmax(j->lo[i], to)) : last;
    }
}

/* Goes back from point p as long as its minimum is the lower one. */
static void go_back(walk *k, size_t first, size_t p)
{
    int n = k->task->joint->n_nuisance;

    sevens_joint_copy(n, k->w.t, k->kept, 1);
    while (p-- > first) {
        sevens_joint_result result = descend(k, p);
        double limit = k->task->chi2[p] - LOWER * (1.0 + k->task->chi2[p]);

        if (!result.converged || !(result.chi2 < limit))
            break;
        store(k, p, &result);
    }
    sevens_joint_copy(n, k->kept, k->w.t, 1);
}

/* Tries the point that a walk came to from nothing, and keeps what is lower; whether that is it. */
static bool try_cold(walk *k, size_t p, sevens_joint_result *result)
{
    int n = k->task->joint->n_nuisance;
    sevens_joint_result other;
    bool lower;

    sevens_joint_copy(n, k->w.t, k->kept, 1);
    other = cold(k, p);
    lower = other.converged == result->converged
                ? other.chi2 < result->chi2 - LOWER * (1.0 + result->chi2)
                : other.converged != 0;
    if (lower)
        *result = other;
    else
        sevens_joint_copy(n, k->kept, k->w.t, 1);
    return lower;
}

static void walk_segment(walk *k, size_t first, size_t n)
{
    const sevens_joint *j = k->task->joint;

    for (size_t p = first; p < first + n; p++) {
        bool check = !j->convex && ((p - first) % COLD_EVERY == 0 || p == first + n - 1);
        bool lower = p == first, jump = false;
        double promise;
        sevens_joint_result result;

        if (lower) {
            result = cold(k, p);
        } else {
            guess(k);
            result = descend(k, p);
            promise = j->convex ? 0.0 : result.promise / (1.0 + 0.005 * result.chi2);
            jump = promise > SUSPICIOUS;
            if (!result.converged || check || jump)
                lower = try_cold(k, p, &result);
        }
        store(k, p, &result);
        if ((jump || lower) && !j->convex)
            go_back(k, first, p);
        sevens_joint_copy(j->n_nuisance, lower ? k->w.t : k->last, k->before, 1);
        sevens_joint_copy(j->n_nuisance, k->w.t, k->last, 1);
    }
}

#define NAME_(isa) sevens_joint_kernel_##isa
#define NAME(isa) NAME_(isa)

void NAME(SEVENS_ROW_KERNEL_ISA)(sevens_joint_task *task)
{
    int n = task->joint->n_nuisance;
    walk k = {.task = task, .w = sevens_joint_work_at(task->joint, task->work, 1)};

    k.last = task->work + task->joint->n_work;
    k.before = k.last + n;
    k.kept = k.before + n;
    for (size_t first = 0; first < task->n_x; first += SEVENS_ROW_SEGMENT) {
        size_t left = task->n_x - first;

        walk_segment(&k, first, left < SEVENS_ROW_SEGMENT ? left : SEVENS_ROW_SEGMENT);
    }
}
