/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernels share: the status of a point and the count of passes. In the common subset of
 * C17 and CUDA C++. */
#ifndef SEVENS_KERNEL_SUPPORT_CUH
#define SEVENS_KERNEL_SUPPORT_CUH

#include "grid_cuda.h"
#include "sevens/hd/defs.h"
#include <math.h>

SEVENS_HD uint8_t kernel_status(double chi2, int converged)
{
    if (!(chi2 - chi2 == 0.0)) /* not finite */
        return SEVENS_POINT_INVALID;
    return converged ? SEVENS_POINT_OK : SEVENS_POINT_UNCONVERGED;
}

/* The passes of a block reach the total as one integer, so their order does not matter.
 * block_passes is shared and 0 before a barrier that all threads have passed. */
#define KERNEL_ADD_PASSES(block_passes, thread_passes, total)                                      \
    do {                                                                                           \
        atomicAdd(&(block_passes), (thread_passes));                                               \
        __syncthreads();                                                                           \
        if (threadIdx.x == 0)                                                                      \
            atomicAdd((total), (unsigned long long)(block_passes));                                \
    } while (0)

#endif
