/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The joint kernel: the profile likelihood of joint_profile.h, one point per thread, every point
 * from a cold start, always in double. The work arrays of a block are in global memory, those of
 * its threads interleaved; a few bins at a time are in local memory. Threads of a warp mostly have
 * the same row, so that they read the same words at the same time.
 *
 * Written in the common subset of C17 and CUDA C++: tests/test_kernel_shim.c compiles it as C. */
#ifndef SEVENS_JOINT_KERNEL_CUH
#define SEVENS_JOINT_KERNEL_CUH

#include "kernel_support.cuh"

#define JOINT_THREADS 64 /* of a block: the stride of the work arrays */

/* Results of point p from w->t. */
SEVENS_HD void joint_store(const sevens_joint_slab *slab, const sevens_joint_point *at, size_t p,
                           const sevens_joint_work *w, const sevens_joint_result *result)
{
    const sevens_joint *j = slab->joint;
    const sevens_kernel_points *points = &slab->points;
    const long stride = JOINT_THREADS;
    size_t n_point = points->n_row * points->n_x;

    points->chi2[p] = result->chi2;
    points->status[p] = kernel_status(result->chi2, result->converged);
    for (int i = 0; points->nuisance && i < j->n_nuisance; i++)
        points->nuisance[(size_t)j->origin[i] * n_point + p] = (float)JOINT_AT(w->t, i);
    for (int i = 0; points->part_chi2 && i < j->n_part; i++)
        points->part_chi2[(size_t)i * n_point + p] = sevens_joint_part_chi2(j, at, i, w, stride);
}

/* Points first, first + step, ... by one thread with its work arrays; returns their passes. */
SEVENS_HD unsigned joint_points(const sevens_joint_slab *slab, size_t first, size_t step,
                                double *memory)
{
    const sevens_joint *j = slab->joint;
    const sevens_kernel_points *points = &slab->points;
    const double *rows = (const double *)points->rows;
    unsigned passes = 0;

    for (size_t p = first; p < points->n_row * points->n_x; p += step) {
        sevens_joint_work w = sevens_joint_work_at(j, memory, JOINT_THREADS);
        sevens_joint_point at;
        sevens_joint_result result;
        double excess = HUGE_VAL; /* every other minimum */

        at.data = slab->data;
        at.row = rows + p / points->n_x * (size_t)j->n_row;
        at.x = points->x[p];
        sevens_joint_search(j, &at, 1, 1, &excess, &w, &result, JOINT_THREADS);
        joint_store(slab, &at, p, &w, &result);
        passes += (unsigned)result.passes;
    }
    return passes;
}

static __global__ void __launch_bounds__(JOINT_THREADS, 1) joint_f64(sevens_joint_slab slab)
{
    size_t first = blockIdx.x * (size_t)blockDim.x + threadIdx.x;
    size_t block = (size_t)slab.joint->n_work * JOINT_THREADS;
    unsigned passes;
    __shared__ unsigned block_passes;

    if (threadIdx.x == 0)
        block_passes = 0;
    __syncthreads();
    passes = joint_points(&slab, first, gridDim.x * (size_t)blockDim.x,
                          slab.work + blockIdx.x * block + threadIdx.x);
    KERNEL_ADD_PASSES(block_passes, passes, slab.points.passes);
}

#endif
