/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The on-off kernel: the likelihood of on_off.h, one point per thread, always in double. Nodes,
 * polynomials and row are in global memory, where the threads of a warp read the same words at the
 * same time; ln L at all nodes of a point is in local memory.
 *
 * Written in the common subset of C17 and CUDA C++: tests/test_kernel_shim.c compiles it as C. */
#ifndef SEVENS_ON_OFF_KERNEL_CUH
#define SEVENS_ON_OFF_KERNEL_CUH

#include "kernel_support.cuh"

#define ON_OFF_THREADS 64

static __global__ void __launch_bounds__(ON_OFF_THREADS, 1) on_off_f64(sevens_on_off_slab slab)
{
    const sevens_kernel_points *points = &slab.points;
    const double *rows = (const double *)points->rows;
    const size_t step = gridDim.x * (size_t)blockDim.x, row_size = 3 * (size_t)slab.head->n_bin;
    unsigned passes = 0;
    __shared__ unsigned block_passes;

    if (threadIdx.x == 0)
        block_passes = 0;
    __syncthreads();
    for (size_t p = blockIdx.x * (size_t)blockDim.x + threadIdx.x; p < points->n_row * points->n_x;
         p += step) {
        sevens_on_off_point at;
        sevens_on_off_result result;

        at.data = slab.data;
        at.first = slab.first;
        at.row = rows + p / points->n_x * row_size;
        at.x = points->x[p];
        result = sevens_on_off_profile(slab.head, &at);
        points->chi2[p] = result.chi2;
        points->status[p] = kernel_status(result.chi2, 1);
        if (points->nuisance)
            points->nuisance[p] = (float)result.mean;
        passes++;
    }
    KERNEL_ADD_PASSES(block_passes, passes, points->passes);
}

#endif
