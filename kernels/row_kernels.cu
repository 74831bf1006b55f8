/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row kernels compiled for the GPU, and their launcher. */
#include "cuda_check.cuh"
#include "row_kernel.cuh"

typedef void (*row_kernel)(sevens_row_slab slab);

#define MAX_INSTANCE 5

/* [precision][number of norms]; [0] any number */
static const row_kernel kernels[2][MAX_INSTANCE + 1] = {
    {row_f64_any, row_f64_k1, row_f64_k2, row_f64_k3, row_f64_k4, row_f64_k5},
    {row_f32_any, row_f32_k1, row_f32_k2, row_f32_k3, row_f32_k4, row_f32_k5},
};

static row_kernel kernel_of(const sevens_row_plan *plan)
{
    return kernels[plan->precision == SEVENS_PRECISION_F32][plan->instance];
}

/* Bins and row of one block, for a constant number of norms. */
static size_t staged_bytes(const sevens_row_constants *c, sevens_precision precision)
{
    size_t n = (size_t)c->n_count;

    if (precision == SEVENS_PRECISION_F32)
        return n * (size_t)ROW_PITCH(float, c->n_norm) * sizeof(float);
    return n * (size_t)ROW_PITCH(double, c->n_norm) * sizeof(double);
}

/* Dynamic shared memory that a block of the plan's kernel may ask for. The kernel is told so once
 * and for all: likelihoods of several sizes share it. */
static sevens_status shared_limit(const sevens_row_plan *plan, size_t *limit, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    cudaFuncAttributes attributes;
    int device, most;

    SEVENS_CUDA_TRY(cudaGetDevice(&device));
    SEVENS_CUDA_TRY(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
    SEVENS_CUDA_TRY(cudaFuncGetAttributes(&attributes, kernel_of(plan)));
    most -= (int)attributes.sharedSizeBytes;
    SEVENS_CUDA_TRY(
        cudaFuncSetAttribute(kernel_of(plan), cudaFuncAttributeMaxDynamicSharedMemorySize, most));
    *limit = (size_t)most;
cleanup:
    return status;
}

sevens_status sevens_row_plan_init(sevens_row_plan *plan, const sevens_row_constants *c,
                                   sevens_precision precision, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t scalar = precision == SEVENS_PRECISION_F32 ? sizeof(float) : sizeof(double), limit;

    plan->precision = precision;
    if (c->n_norm <= MAX_INSTANCE) {
        plan->instance = c->n_norm;
        plan->shared_bytes = staged_bytes(c, precision);
        /* the more a block holds, the fewer fit on a multiprocessor */
        plan->threads = plan->shared_bytes > 16384 ? ROW_MAX_THREADS : ROW_MAX_THREADS / 2;
        SEVENS_TRY(shared_limit(plan, &limit, err));
        if (plan->shared_bytes <= limit)
            return SEVENS_OK;
    }
    plan->instance = 0;
    plan->shared_bytes = ROW_ANY_THREADS * (size_t)ROW_WORK(c->n_norm) * scalar;
    plan->threads = ROW_ANY_THREADS;
    SEVENS_TRY(shared_limit(plan, &limit, err));
    if (plan->shared_bytes > limit)
        status = sevens_fail(err, SEVENS_ERR_BACKEND,
                             "%d norms need %zu bytes of shared memory per block, but this GPU has "
                             "%zu; use --backend openmp",
                             c->n_norm, plan->shared_bytes, limit);
cleanup:
    return status;
}

sevens_status sevens_row_launch(const sevens_row_plan *plan, const sevens_row_slab *slab,
                                void *stream, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t warps = (slab->points.n_x + 31) / 32, blocks;
    unsigned threads = warps * 32 < plan->threads ? (unsigned)warps * 32 : plan->threads;
    dim3 grid;

    blocks = (slab->points.n_x + threads - 1) / threads;
    grid.x = (unsigned)slab->points.n_row;
    grid.y = blocks < 65535 ? (unsigned)blocks : 65535; /* a thread then takes several points */
    kernel_of(plan)<<<grid, threads, plan->shared_bytes, (cudaStream_t)stream>>>(*slab);
    SEVENS_CUDA_TRY(cudaGetLastError());
cleanup:
    return status;
}

sevens_status sevens_row_kernels_present(sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    cudaFuncAttributes attributes;

    SEVENS_CUDA_TRY(cudaFuncGetAttributes(&attributes, kernels[0][0]));
cleanup:
    return status;
}
