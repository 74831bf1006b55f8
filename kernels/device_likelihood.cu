/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the kernel of a likelihood as the OpenMP backend does, and brings the likelihood to the
 * GPU. */
#include "cuda_check.cuh"
#include "device_likelihood.h"
#include <stdlib.h>

/* Floating-point operations that the row kernel spends on a bin, over all its passes. */
#define BIN_OPERATIONS 100.0

/* ---- sizes ---- */

/* Operations for a point of the joint kernel, roughly: what a kernel may take is bounded by it. */
static double joint_operations(const sevens_joint *j)
{
    double K = j->n_free, pass = K * K * K;
    double passes = j->quadratic ? 2.0 : j->convex ? 8.0 : 20.0;

    for (int p = 0; p < j->n_part; p++) {
        const sevens_joint_part *part = &j->part[p];
        double C = part->n_column, per_bin = C * C + 6.0 * C;

        per_bin += part->kind == SEVENS_JOINT_POISSON       ? 50.0
                   : part->kind == SEVENS_JOINT_GAUSS_LINES ? 200.0
                                                            : 0.0;
        pass += part->n_bin * per_bin;
    }
    return passes * pass * (j->n_start > 1 ? 3.0 : 1.0);
}

static double on_off_operations(const sevens_on_off_pack *pack)
{
    const sevens_on_off *o = pack->head;
    double per_bin = o->is_profiled || o->is_per_bin ? 120.0 : 6.0;

    return o->n_node * (per_bin * o->n_bin + 2.0 * pack->first[o->n_bin]);
}

/* ---- to the device ---- */

static sevens_status send(sevens_device_likelihood *d, const void *from, size_t bytes,
                          sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    SEVENS_CUDA_TRY(cudaMalloc((void **)&d->memory, bytes + 16));
    SEVENS_CUDA_TRY(cudaMemcpy(d->memory, from, bytes, cudaMemcpyHostToDevice));
    /* the copy may still be under way, and the streams of the slots do not wait for it */
    SEVENS_CUDA_TRY(cudaDeviceSynchronize());
cleanup:
    return status;
}

static sevens_status create_row(sevens_device_likelihood *d, const sevens_likelihood *l,
                                sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    bool single = d->precision == SEVENS_PRECISION_F32;
    size_t scalar = single ? sizeof(float) : sizeof(double), n;

    d->kind = SEVENS_KERNEL_ROW;
    SEVENS_TRY(sevens_row_pack_create(&d->row, l, err));
    n = (size_t)d->row.constants.n_count;
    d->one_row = (double *)malloc((3 * n + 1) * sizeof(double));
    SEVENS_TRY_ALLOC(d->one_row);
    SEVENS_TRY(sevens_row_plan_init(&d->row_plan, &d->row.constants, d->precision, err));
    d->packed_bytes = 3 * n * scalar;
    d->n_total = 3;
    d->point_work = (double)n;
    SEVENS_TRY(send(d, single ? (const void *)d->row.bins_f32 : (const void *)d->row.bins,
                    n * (size_t)d->row.constants.n_norm * scalar, err));
cleanup:
    return status;
}

static sevens_status create_joint(sevens_device_likelihood *d, const sevens_likelihood *l,
                                  size_t scratch_limit, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    d->kind = SEVENS_KERNEL_JOINT;
    SEVENS_TRY(sevens_joint_pack_create(&d->joint, l, err));
    SEVENS_TRY(sevens_joint_plan_init(&d->joint_plan, d->joint.joint, scratch_limit, err));
    d->packed_bytes = (size_t)d->joint.joint->n_row * sizeof(double);
    d->scratch_bytes = d->joint_plan.scratch_bytes;
    d->point_work = joint_operations(d->joint.joint) / BIN_OPERATIONS;
    SEVENS_TRY(send(d, d->joint.joint, d->joint.bytes, err));
cleanup:
    return status;
}

static sevens_status create_on_off(sevens_device_likelihood *d, const sevens_likelihood *l,
                                   sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    d->kind = SEVENS_KERNEL_ON_OFF;
    SEVENS_TRY(sevens_on_off_pack_create(&d->on_off, l, err));
    d->packed_bytes = d->row_size * sizeof(double);
    d->point_work = on_off_operations(&d->on_off) / BIN_OPERATIONS;
    SEVENS_TRY(send(d, d->on_off.head, d->on_off.bytes, err));
cleanup:
    return status;
}

sevens_status sevens_device_likelihood_create(sevens_device_likelihood *d,
                                              const sevens_likelihood *l,
                                              sevens_precision precision, size_t scratch_limit,
                                              sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    memset(d, 0, sizeof *d);
    d->precision = precision;
    d->n_part = l->n_part;
    d->n_nuisance = l->n_nuisance;
    d->row_size = sevens_likelihood_row_size(l);
    if (sevens_likelihood_is_on_off(l))
        SEVENS_TRY(create_on_off(d, l, err));
    else if (sevens_row_pack_takes(l))
        SEVENS_TRY(create_row(d, l, err));
    else
        SEVENS_TRY(create_joint(d, l, scratch_limit, err));
cleanup:
    if (status != SEVENS_OK)
        sevens_device_likelihood_free(d);
    return status;
}

void sevens_device_likelihood_free(sevens_device_likelihood *d)
{
    sevens_row_pack_free(&d->row);
    sevens_joint_pack_free(&d->joint);
    sevens_on_off_pack_free(&d->on_off);
    free(d->one_row);
    (void)cudaFree(d->memory);
    memset(d, 0, sizeof *d);
}

/* ---- rows and launches ---- */

void sevens_device_likelihood_pack(const sevens_device_likelihood *d, const double *signal,
                                   void *packed, double *totals)
{
    if (d->kind == SEVENS_KERNEL_JOINT) {
        sevens_joint_pack_signal(&d->joint, signal, (double *)packed);
    } else if (d->kind == SEVENS_KERNEL_ON_OFF) {
        memcpy(packed, signal, d->packed_bytes);
    } else if (d->precision == SEVENS_PRECISION_F64) {
        sevens_row_pack_signal(&d->row, signal, (double *)packed, totals);
    } else {
        sevens_row_pack_signal(&d->row, signal, d->one_row, totals);
        sevens_row_pack_round(&d->row, d->one_row, (float *)packed, totals);
    }
}

static sevens_status launch_row(const sevens_device_likelihood *d,
                                const sevens_kernel_points *points, const double *totals,
                                void *stream, sevens_error *err)
{
    sevens_row_slab slab;

    slab.points = *points;
    slab.constants = d->precision == SEVENS_PRECISION_F32 ? d->row.constants_f32 : d->row.constants;
    slab.bins = d->memory;
    slab.totals = totals;
    return sevens_row_launch(&d->row_plan, &slab, stream, err);
}

static sevens_status launch_joint(const sevens_device_likelihood *d,
                                  const sevens_kernel_points *points, void *scratch, void *stream,
                                  sevens_error *err)
{
    sevens_joint_slab slab;

    slab.points = *points;
    slab.joint = (const sevens_joint *)d->memory;
    slab.data = (const double *)(slab.joint + 1);
    slab.work = (double *)scratch;
    return sevens_joint_launch(&d->joint_plan, &slab, stream, err);
}

static sevens_status launch_on_off(const sevens_device_likelihood *d,
                                   const sevens_kernel_points *points, void *stream,
                                   sevens_error *err)
{
    const char *head = (const char *)d->on_off.head;
    sevens_on_off_slab slab;

    slab.points = *points;
    slab.head = (const sevens_on_off *)d->memory;
    slab.data = (const double *)(d->memory + ((const char *)d->on_off.data - head));
    slab.first = (const int *)(d->memory + ((const char *)d->on_off.first - head));
    return sevens_on_off_launch(&slab, stream, err);
}

sevens_status sevens_device_likelihood_launch(const sevens_device_likelihood *d,
                                              const sevens_kernel_points *points,
                                              const double *totals, void *scratch, void *stream,
                                              sevens_error *err)
{
    switch (d->kind) {
    case SEVENS_KERNEL_JOINT:
        return launch_joint(d, points, scratch, stream, err);
    case SEVENS_KERNEL_ON_OFF:
        return launch_on_off(d, points, stream, err);
    default:
        return launch_row(d, points, totals, stream, err);
    }
}
