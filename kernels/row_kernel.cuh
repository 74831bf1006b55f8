/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row kernels: how a GPU runs the profile likelihood of row_profile.h, one point per thread. A
 * block belongs to one row (blockIdx.x) and to a piece of its points (blockIdx.y).
 *
 * Instances with a constant number of norms (row_f64_k1 ... row_f32_k5) stage bins and row in
 * shared memory, where all threads read the same words at the same time, and keep all sums in
 * registers. Those for any number of norms (row_f64_any, row_f32_any) read bins and row from global
 * memory through the cache, so that neither has a limit, and keep the work arrays in shared memory.
 *
 * Written in the common subset of C17 and CUDA C++: tests/test_kernel_shim.c compiles it as C.
 * There `row_shared`, the dynamic shared memory, is defined before this file is included. */
#ifndef SEVENS_ROW_KERNEL_CUH
#define SEVENS_ROW_KERNEL_CUH

#include "kernel_support.cuh"

#ifdef __CUDACC__
extern __shared__ __align__(16) unsigned char row_shared[];
#endif

#define ROW_MAX_THREADS 256 /* of the instances with a constant number of norms */
#define ROW_ANY_THREADS 32  /* of those for any number */

/* Scalars from one bin to the next in shared memory: n, backgrounds, A, B, C, padded to 16 bytes so
 * that they are read four floats or two doubles at a time. */
#define ROW_PITCH(scalar, K)                                                                       \
    ((((K) + 3) * (int)sizeof(scalar) + 15) / 16 * (16 / (int)sizeof(scalar)))

/* Work arrays of a thread: s, g, d, is_free [K] and H [K (K + 1)/2], padded to an odd length so
 * that the threads of a warp meet in no bank of the shared memory. */
#define ROW_WORK(K) ((4 * (K) + (K) * ((K) + 1) / 2) | 1)

/* 1/x to rounding, without the branch for denormal numbers that a division has; x is near 1. */
SEVENS_HD float row_inverse_f32(float x)
{
#ifdef __CUDA_ARCH__
    float y;

    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
#else
    return 1.0f / x;
#endif
}

SEVENS_HD double row_inverse_f64(double x)
{
#ifdef __CUDA_ARCH__
    double y;

    asm("rcp.approx.ftz.f64 %0, %1;" : "=d"(y) : "d"(x)); /* 20 bits, then 40, then all */
    y = fma(fma(-x, y, 1.0), y, y);
    return fma(fma(-x, y, 1.0), y, y);
#else
    return 1.0 / x;
#endif
}

SEVENS_HD float row_log_f32(float x, float e)
{
    return x > 0.5f && x < 2.0f ? log1pf(e) : logf(x);
}

#define ROW_MASK int
#define ROW_WIDE double
#define ROW_SELECT(m, a, b) ((m) ? (a) : (b))
#define ROW_AND(a, b) ((a) & (b))
#define ROW_OR(a, b) ((a) | (b))
#define ROW_NOT(a) (!(a))
#define ROW_ANY(m) (m)
#define ROW_NONE(zero) ((zero) != (zero))
#define ROW_WSQRT(x) sqrt(x)
#define ROW_WMAX(a, b) ((a) > (b) ? (a) : (b))

/* double: bins in shared memory, then bins as they are in global memory */
#define ROW_SCALAR double
#define ROW_REAL double
#define ROW_WIDEN(x) (x)
#define ROW_NARROW(x) (x)
#define ROW_SQRT(x) sqrt(x)
#define ROW_LOG(x, e) log(x)
#define ROW_TOLERANCE 1e-5
#define ROW_INVERSE(x) row_inverse_f64(x)
#define SEVENS_ROW(name) row_f64_##name
#define ROW_BIN(bins, b, K) ((bins) + (b)*ROW_PITCH(double, K))
#define ROW_TERMS(row, b, K) ((row) + (b)*ROW_PITCH(double, K))
#include "sevens/hd/row_profile.h"
#undef SEVENS_ROW
#undef ROW_BIN
#undef ROW_TERMS
#define SEVENS_ROW(name) row_f64_any_##name
#include "sevens/hd/row_profile.h"
#undef SEVENS_ROW
#undef ROW_BIN
#undef ROW_TERMS
#undef ROW_SCALAR
#undef ROW_REAL
#undef ROW_WIDEN
#undef ROW_NARROW
#undef ROW_SQRT
#undef ROW_LOG
#undef ROW_TOLERANCE
#undef ROW_INVERSE

/* float, totals in double */
#define ROW_SCALAR float
#define ROW_REAL float
#define ROW_WIDEN(x) ((double)(x))
#define ROW_NARROW(x) ((float)(x))
#define ROW_SQRT(x) sqrtf(x)
#define ROW_LOG(x, e) row_log_f32(x, e)
#define ROW_TOLERANCE 1e-3f
#define ROW_INVERSE(x) row_inverse_f32(x)
#define SEVENS_ROW(name) row_f32_##name
#define ROW_BIN(bins, b, K) ((bins) + (b)*ROW_PITCH(float, K))
#define ROW_TERMS(row, b, K) ((row) + (b)*ROW_PITCH(float, K))
#include "sevens/hd/row_profile.h"
#undef SEVENS_ROW
#undef ROW_BIN
#undef ROW_TERMS
#define SEVENS_ROW(name) row_f32_any_##name
#include "sevens/hd/row_profile.h"

/* Bins and row to shared memory, by all threads of a block together. */
#define DEFINE_STAGE(name, scalar)                                                                 \
    SEVENS_HD void name(const int K, int n_count, const scalar *bins, const scalar *row,           \
                        unsigned thread, unsigned threads, scalar *staged)                         \
    {                                                                                              \
        for (int i = (int)thread; i < n_count * K; i += (int)threads)                              \
            staged[i / K * ROW_PITCH(scalar, K) + i % K] = bins[i];                                \
        for (int i = (int)thread; i < n_count * 3; i += (int)threads)                              \
            staged[i / 3 * ROW_PITCH(scalar, K) + K + i % 3] = row[i];                             \
    }
DEFINE_STAGE(row_f64_stage, double)
DEFINE_STAGE(row_f32_stage, float)

/* Points first, first + stride, ... of row r by one thread; returns their passes. */
#define DEFINE_POINTS(prefix, real)                                                                \
    SEVENS_HD unsigned prefix##points(const int K, const sevens_row_slab *slab, const real *bins,  \
                                      const real *row, size_t r, size_t first, size_t stride,      \
                                      real *s, real *g, real *H, real *d, real *is_free)           \
    {                                                                                              \
        const sevens_row_constants *c = &slab->constants;                                          \
        const sevens_kernel_points *points = &slab->points;                                        \
        unsigned passes = 0;                                                                       \
                                                                                                   \
        for (size_t i = first; i < points->n_x; i += stride) {                                     \
            size_t p = r * points->n_x + i;                                                        \
            prefix##result result;                                                                 \
                                                                                                   \
            prefix##profile(K, c, bins, row, slab->totals + 3 * r, points->x[p], s, g, H, d,       \
                            is_free, &result);                                                     \
            points->chi2[p] = result.chi2;                                                         \
            points->status[p] = kernel_status(result.chi2, result.converged);                      \
            for (int k = 0; k < K && points->nuisance; k++)                                        \
                points->nuisance[(size_t)k * points->n_row * points->n_x + p] = (float)s[k];       \
            passes += (unsigned)result.passes;                                                     \
        }                                                                                          \
        return passes;                                                                             \
    }
DEFINE_POINTS(row_f64_, double)
DEFINE_POINTS(row_f64_any_, double)
DEFINE_POINTS(row_f32_, float)
DEFINE_POINTS(row_f32_any_, float)

#define ROW_FIRST_POINT (blockIdx.y * (size_t)blockDim.x + threadIdx.x)
#define ROW_POINT_STRIDE (gridDim.y * (size_t)blockDim.x)

/* The second launch bound, blocks per multiprocessor, is low on purpose: the compiler would rather
 * spill registers than miss the number it thinks best. bench/kernel_report.sh checks that none are.
 */
#define DEFINE_KERNEL(prefix, real, K)                                                             \
    static __global__ void __launch_bounds__(ROW_MAX_THREADS, 1)                                   \
        prefix##k##K(sevens_row_slab slab)                                                         \
    {                                                                                              \
        real s[K], g[K], H[K * (K + 1) / 2], d[K], is_free[K];                                     \
        real *staged = (real *)row_shared;                                                         \
        const int n = slab.constants.n_count;                                                      \
        const size_t r = blockIdx.x;                                                               \
        unsigned passes;                                                                           \
        __shared__ unsigned block_passes;                                                          \
                                                                                                   \
        if (threadIdx.x == 0)                                                                      \
            block_passes = 0;                                                                      \
        prefix##stage(K, n, (const real *)slab.bins,                                               \
                      (const real *)slab.points.rows + r * 3 * (size_t)n, threadIdx.x, blockDim.x, \
                      staged);                                                                     \
        __syncthreads();                                                                           \
        passes = prefix##points(K, &slab, staged, staged + K, r, ROW_FIRST_POINT,                  \
                                ROW_POINT_STRIDE, s, g, H, d, is_free);                            \
        KERNEL_ADD_PASSES(block_passes, passes, slab.points.passes);                               \
    }

#define DEFINE_KERNEL_ANY(prefix, real)                                                            \
    static __global__ void __launch_bounds__(ROW_ANY_THREADS, 8) prefix(sevens_row_slab slab)      \
    {                                                                                              \
        const int K = slab.constants.n_norm;                                                       \
        real *s = (real *)row_shared + threadIdx.x * (unsigned)ROW_WORK(K);                        \
        real *g = s + K, *d = g + K, *is_free = d + K, *H = is_free + K;                           \
        const size_t r = blockIdx.x;                                                               \
        const real *row = (const real *)slab.points.rows + r * 3 * (size_t)slab.constants.n_count; \
        unsigned passes;                                                                           \
        __shared__ unsigned block_passes;                                                          \
                                                                                                   \
        if (threadIdx.x == 0)                                                                      \
            block_passes = 0;                                                                      \
        __syncthreads();                                                                           \
        passes = prefix##_points(K, &slab, (const real *)slab.bins, row, r, ROW_FIRST_POINT,       \
                                 ROW_POINT_STRIDE, s, g, H, d, is_free);                           \
        KERNEL_ADD_PASSES(block_passes, passes, slab.points.passes);                               \
    }

DEFINE_KERNEL(row_f64_, double, 1)
DEFINE_KERNEL(row_f64_, double, 2)
DEFINE_KERNEL(row_f64_, double, 3)
DEFINE_KERNEL(row_f64_, double, 4)
DEFINE_KERNEL(row_f64_, double, 5)
DEFINE_KERNEL_ANY(row_f64_any, double)
DEFINE_KERNEL(row_f32_, float, 1)
DEFINE_KERNEL(row_f32_, float, 2)
DEFINE_KERNEL(row_f32_, float, 3)
DEFINE_KERNEL(row_f32_, float, 4)
DEFINE_KERNEL(row_f32_, float, 5)
DEFINE_KERNEL_ANY(row_f32_any, float)

#endif
