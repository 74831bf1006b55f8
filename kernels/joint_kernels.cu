/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The joint and the on-off kernel compiled for the GPU, and their launchers. */
#include "cuda_check.cuh"
#include "joint_kernel.cuh"
#include "on_off_kernel.cuh"

#define MAX_BLOCKS 65535 /* a thread then takes several points */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Blocks that give every point a thread. */
static size_t blocks_for(const sevens_kernel_points *points, size_t threads)
{
    return (points->n_row * points->n_x + threads - 1) / threads;
}

sevens_status sevens_joint_plan_init(sevens_joint_plan *plan, const sevens_joint *j, size_t limit,
                                     sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t bytes = (size_t)j->n_work * JOINT_THREADS * sizeof(double);
    int device, processors, resident;

    SEVENS_CUDA_TRY(cudaGetDevice(&device));
    SEVENS_CUDA_TRY(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device));
    SEVENS_CUDA_TRY(
        cudaOccupancyMaxActiveBlocksPerMultiprocessor(&resident, joint_f64, JOINT_THREADS, 0));
    plan->blocks = smaller((size_t)processors * (size_t)resident, limit / bytes);
    if (plan->blocks == 0)
        plan->blocks = 1;
    plan->scratch_bytes = plan->blocks * bytes;
cleanup:
    return status;
}

sevens_status sevens_joint_launch(const sevens_joint_plan *plan, const sevens_joint_slab *slab,
                                  void *stream, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t blocks = smaller(blocks_for(&slab->points, JOINT_THREADS), plan->blocks);

    joint_f64<<<(unsigned)blocks, JOINT_THREADS, 0, (cudaStream_t)stream>>>(*slab);
    SEVENS_CUDA_TRY(cudaGetLastError());
cleanup:
    return status;
}

sevens_status sevens_on_off_launch(const sevens_on_off_slab *slab, void *stream, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t blocks = smaller(blocks_for(&slab->points, ON_OFF_THREADS), MAX_BLOCKS);

    on_off_f64<<<(unsigned)blocks, ON_OFF_THREADS, 0, (cudaStream_t)stream>>>(*slab);
    SEVENS_CUDA_TRY(cudaGetLastError());
cleanup:
    return status;
}
