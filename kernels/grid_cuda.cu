/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backend `cuda`. The points go to the GPU in slabs, through two slots that each have a stream and
 * their own memory: while the GPU works on one slab, the host fetches the results of the one before
 * it and packs the one after it. A slab is a range of consecutive points: whole rows, or a piece of
 * a row that is longer than a slab. Memory on both sides is bounded by the slab, whatever the grid.
 */
#include "cuda_check.cuh"
#include "device_likelihood.h"
#include <stdio.h>
#include <stdlib.h>

#define N_SLOT 2
/* Points per slab: two of them fill the largest GPUs and copies are long enough to run at full
 * speed. */
#define SLAB_POINTS ((size_t)1 << 18)
/* Bins of a plain likelihood times points per slab: a kernel stays below about a second, so that a
 * scan can be interrupted. */
#define SLAB_WORK ((size_t)1 << 29)
#define SLAB_ROW_BYTES ((size_t)1 << 26) /* packed rows of a slab */
#define SCRATCH_BYTES ((size_t)1 << 27)  /* work arrays of the threads of a slot */

/* Memory on the host, pinned, and of the same size on the device. */
typedef struct twin {
    char *host, *device;
    size_t bytes;
} twin;

/* Points [x, x + n_x) of rows [row, row + n_row). */
typedef struct slab {
    size_t row, n_row, x, n_x;
} slab;

/* Offsets into the input and output twins of a slot. */
typedef struct layout {
    size_t n_point;
    size_t totals, x, rows, in_bytes;
    size_t passes, chi2, part_chi2, nuisance, status, out_bytes;
} layout;

typedef struct slot {
    cudaStream_t stream;
    twin in, out;
    void *scratch; /* on the device */
    bool busy;
    slab at;
    layout place;
} slot;

typedef struct cuda_state {
    sevens_device_likelihood likelihood;
    int device;
    slot slots[N_SLOT];
} cuda_state;

/* Numbers per point that the GPU sends back besides chi2. Plain and on-off likelihoods have one
 * part, whose chi2 is the whole: for them n_part is 0. */
typedef struct wanted {
    size_t n_part, n_nuisance;
} wanted;

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void twin_free(twin *t)
{
    (void)cudaFreeHost(t->host);
    (void)cudaFree(t->device);
    t->host = t->device = NULL;
    t->bytes = 0;
}

/* Room for `bytes`; what it held is lost when it grows. */
static sevens_status twin_reserve(twin *t, size_t bytes, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    if (bytes <= t->bytes)
        return SEVENS_OK;
    twin_free(t);
    SEVENS_CUDA_TRY(cudaMallocHost((void **)&t->host, bytes));
    SEVENS_CUDA_TRY(cudaMalloc((void **)&t->device, bytes));
    t->bytes = bytes;
cleanup:
    if (status != SEVENS_OK) {
        twin_free(t);
        sevens_error_prefix(err, "%.1f MB", (double)bytes / 1e6);
    }
    return status;
}

/* Place for `bytes` at the end of a twin, aligned for every type. */
static size_t append(size_t *end, size_t bytes)
{
    size_t offset = *end;

    *end += (bytes + 15) / 16 * 16;
    return offset;
}

static wanted wanted_of(const cuda_state *cuda, const sevens_row_results *results)
{
    const sevens_device_likelihood *d = &cuda->likelihood;
    wanted w = {};

    if (results->part_chi2 && d->kind == SEVENS_KERNEL_JOINT)
        w.n_part = d->n_part;
    if (results->nuisance)
        w.n_nuisance = d->n_nuisance;
    return w;
}

static layout layout_of(const cuda_state *cuda, size_t n_row, size_t n_x, const wanted *want)
{
    const sevens_device_likelihood *d = &cuda->likelihood;
    layout l = {};

    l.n_point = n_row * n_x;
    l.totals = append(&l.in_bytes, d->n_total * n_row * sizeof(double));
    l.x = append(&l.in_bytes, l.n_point * sizeof(double));
    l.rows = append(&l.in_bytes, n_row * d->packed_bytes);
    l.passes = append(&l.out_bytes, sizeof(unsigned long long));
    l.chi2 = append(&l.out_bytes, l.n_point * sizeof(double));
    l.part_chi2 = append(&l.out_bytes, want->n_part * l.n_point * sizeof(double));
    l.nuisance = append(&l.out_bytes, want->n_nuisance * l.n_point * sizeof(float));
    l.status = append(&l.out_bytes, l.n_point);
    return l;
}

/* The shape of the largest slab of these rows. */
static slab largest_slab(const cuda_state *cuda, const sevens_rows *rows)
{
    const sevens_device_likelihood *d = &cuda->likelihood;
    size_t work = (size_t)(d->point_work + 1.0);
    size_t points = smaller(SLAB_POINTS, SLAB_WORK / work + 1);
    slab s = {};

    s.n_x = smaller(rows->n_x, points);
    s.n_row =
        smaller(rows->n_row, smaller(points / s.n_x, SLAB_ROW_BYTES / (d->packed_bytes + 1) + 1));
    if (s.n_x < rows->n_x)
        s.n_row = 1;
    return s;
}

/* The slab after s, which begins as all zeros; false after the last. */
static bool next_slab(const sevens_rows *rows, const slab *largest, slab *s)
{
    s->x += s->n_x;
    if (s->x >= rows->n_x) {
        s->x = 0;
        s->row += s->n_row;
    }
    if (s->row >= rows->n_row)
        return false;
    s->n_row = smaller(largest->n_row, rows->n_row - s->row);
    s->n_x = smaller(largest->n_x, rows->n_x - s->x);
    return true;
}

/* Packed rows, their totals and the row variable, to the pinned input of a slot. */
static void fill(const cuda_state *cuda, slot *to, const sevens_rows *rows)
{
    const sevens_device_likelihood *d = &cuda->likelihood;
    double *x = (double *)(to->in.host + to->place.x);
    double *totals = (double *)(to->in.host + to->place.totals);
    char *packed = to->in.host + to->place.rows;

    for (size_t p = 0; p < to->place.n_point; p++)
        x[p] = sevens_rows_x(rows, to->at.row + p / to->at.n_x, to->at.x + p % to->at.n_x);
    for (size_t r = 0; r < to->at.n_row; r++)
        sevens_device_likelihood_pack(d, rows->signal + d->row_size * (to->at.row + r),
                                      packed + r * d->packed_bytes, totals + d->n_total * r);
}

/* Where the kernel finds the points of a slot, and what it is to write. */
static sevens_kernel_points points_of(const slot *to, const wanted *want)
{
    const layout *l = &to->place;
    char *out = to->out.device;
    sevens_kernel_points points = {};

    points.n_row = to->at.n_row;
    points.n_x = to->at.n_x;
    points.rows = to->in.device + l->rows;
    points.x = (double *)(to->in.device + l->x);
    points.chi2 = (double *)(out + l->chi2);
    points.status = (uint8_t *)(out + l->status);
    points.part_chi2 = want->n_part > 0 ? (double *)(out + l->part_chi2) : NULL;
    points.nuisance = want->n_nuisance > 0 ? (float *)(out + l->nuisance) : NULL;
    points.passes = (unsigned long long *)(out + l->passes);
    return points;
}

/* Sends slab `at` on its way in an idle slot. */
static sevens_status submit(const cuda_state *cuda, slot *to, const slab *at,
                            const sevens_rows *rows, const wanted *want, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    layout l = layout_of(cuda, at->n_row, at->n_x, want);
    sevens_kernel_points points;

    to->at = *at;
    to->place = l;
    fill(cuda, to, rows);
    points = points_of(to, want);
    to->busy = true;
    SEVENS_CUDA_TRY(cudaMemsetAsync(points.passes, 0, sizeof *points.passes, to->stream));
    SEVENS_CUDA_TRY(cudaMemcpyAsync(to->in.device, to->in.host, l.in_bytes, cudaMemcpyHostToDevice,
                                    to->stream));
    SEVENS_TRY(sevens_device_likelihood_launch(&cuda->likelihood, &points,
                                               (double *)(to->in.device + l.totals), to->scratch,
                                               to->stream, err));
    SEVENS_CUDA_TRY(cudaMemcpyAsync(to->out.host, to->out.device, l.out_bytes,
                                    cudaMemcpyDeviceToHost, to->stream));
cleanup:
    return status;
}

/* Waits for the slab in a slot and hands its results over; nothing when the slot is idle. */
static sevens_status collect(slot *from, const sevens_rows *rows, const wanted *want,
                             sevens_row_results *results, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const layout *l = &from->place;
    const char *out = from->out.host;
    size_t first = from->at.row * rows->n_x + from->at.x, n_all = rows->n_row * rows->n_x;

    if (!from->busy)
        return SEVENS_OK;
    SEVENS_CUDA_TRY(cudaStreamSynchronize(from->stream));
    from->busy = false;
    memcpy(results->chi2 + first, out + l->chi2, l->n_point * sizeof(double));
    memcpy(results->status + first, out + l->status, l->n_point);
    if (results->part_chi2 && want->n_part == 0)
        memcpy(results->part_chi2 + first, out + l->chi2, l->n_point * sizeof(double));
    for (size_t i = 0; i < want->n_part; i++)
        memcpy(results->part_chi2 + i * n_all + first,
               (const double *)(out + l->part_chi2) + i * l->n_point, l->n_point * sizeof(double));
    for (size_t k = 0; k < want->n_nuisance; k++)
        memcpy(results->nuisance + k * n_all + first,
               (const float *)(out + l->nuisance) + k * l->n_point, l->n_point * sizeof(float));
    results->passes += *(const unsigned long long *)(out + l->passes);
cleanup:
    return status;
}

/* After an error: no copy may still be under way when the caller goes on. */
static void abandon(cuda_state *cuda)
{
    for (int i = 0; i < N_SLOT; i++) {
        if (cuda->slots[i].busy)
            (void)cudaStreamSynchronize(cuda->slots[i].stream);
        cuda->slots[i].busy = false;
    }
}

static sevens_status evaluate(void *state, const sevens_rows *rows, sevens_row_results *results,
                              sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    cuda_state *cuda = (cuda_state *)state;
    wanted want = wanted_of(cuda, results);
    slab largest, at = {};
    layout room;
    int turn = 0;

    if (rows->n_row == 0 || rows->n_x == 0)
        return SEVENS_OK;
    largest = largest_slab(cuda, rows);
    room = layout_of(cuda, largest.n_row, largest.n_x, &want);
    SEVENS_CUDA_TRY(cudaSetDevice(cuda->device));
    for (int i = 0; i < N_SLOT; i++) {
        SEVENS_TRY(twin_reserve(&cuda->slots[i].in, room.in_bytes, err));
        SEVENS_TRY(twin_reserve(&cuda->slots[i].out, room.out_bytes, err));
    }
    for (; next_slab(rows, &largest, &at); turn = (turn + 1) % N_SLOT) {
        SEVENS_TRY(collect(&cuda->slots[turn], rows, &want, results, err));
        SEVENS_TRY(submit(cuda, &cuda->slots[turn], &at, rows, &want, err));
    }
    for (int i = 0; i < N_SLOT; i++, turn = (turn + 1) % N_SLOT)
        SEVENS_TRY(collect(&cuda->slots[turn], rows, &want, results, err));
cleanup:
    if (status != SEVENS_OK) {
        abandon(cuda);
        sevens_error_prefix(err, "GPU %d", cuda->device);
    }
    return status;
}

/* The runtime calls a missing driver an old one. */
static void explain_driver(char *why, size_t why_size)
{
    int driver = 0, runtime = 0;

    (void)cudaDriverGetVersion(&driver);
    (void)cudaRuntimeGetVersion(&runtime);
    if (driver == 0)
        snprintf(why, why_size, "no NVIDIA driver is loaded");
    else
        snprintf(why, why_size, "the NVIDIA driver is for CUDA %d.%d, this program for CUDA %d.%d",
                 driver / 1000, driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
}

/* How many GPUs there are; `why` says why there are none. */
static int count_devices(char *why, size_t why_size)
{
    int n = 0;
    cudaError_t code = cudaGetDeviceCount(&n);

    if (code == cudaSuccess && n > 0)
        return n;
    (void)cudaGetLastError();
    if (code == cudaErrorInsufficientDriver)
        explain_driver(why, why_size);
    else
        snprintf(why, why_size, "%s",
                 code == cudaSuccess ? "no GPU found" : cudaGetErrorString(code));
    return 0;
}

static sevens_status describe(int device, char *text, size_t size, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    cudaDeviceProp properties;

    SEVENS_CUDA_TRY(cudaSetDevice(device));
    SEVENS_CUDA_TRY(cudaGetDeviceProperties(&properties, device));
    SEVENS_TRY(sevens_row_kernels_present(err));
    snprintf(text, size, "%s", properties.name);
cleanup:
    return status;
}

static bool available(char *why, size_t why_size)
{
    sevens_error err = {SEVENS_OK, ""};
    int n = count_devices(why, why_size);

    if (n == 0)
        return false;
    if (describe(0, why, why_size, &err) != SEVENS_OK) {
        snprintf(why, why_size, "GPU 0 cannot be used: %s", err.message);
        return false;
    }
    return true;
}

static void destroy(void *state)
{
    cuda_state *cuda = (cuda_state *)state;

    if (!cuda)
        return;
    (void)cudaSetDevice(cuda->device);
    abandon(cuda);
    for (int i = 0; i < N_SLOT; i++) {
        twin_free(&cuda->slots[i].in);
        twin_free(&cuda->slots[i].out);
        (void)cudaFree(cuda->slots[i].scratch);
        if (cuda->slots[i].stream)
            (void)cudaStreamDestroy(cuda->slots[i].stream);
    }
    sevens_device_likelihood_free(&cuda->likelihood);
    (void)cudaGetLastError();
    free(cuda);
}

/* Streams and the scratch of their kernels. */
static sevens_status set_up(cuda_state *cuda, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t bytes = cuda->likelihood.scratch_bytes;

    for (int i = 0; i < N_SLOT; i++) {
        SEVENS_CUDA_TRY(cudaStreamCreateWithFlags(&cuda->slots[i].stream, cudaStreamNonBlocking));
        if (bytes > 0)
            SEVENS_CUDA_TRY(cudaMalloc(&cuda->slots[i].scratch, bytes));
    }
cleanup:
    return status;
}

static sevens_status create(void **state, const sevens_likelihood *likelihood,
                            const sevens_grid_options *options, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char why[256] = "";
    int n = count_devices(why, sizeof why);
    cuda_state *cuda = NULL;

    *state = NULL;
    if (n == 0)
        return sevens_fail(err, SEVENS_ERR_BACKEND, "backend cuda is not available: %s", why);
    if (options->device < 0 || options->device >= n)
        return sevens_fail(err, SEVENS_ERR_INPUT, "there is no GPU %d: there %s %d, counted from 0",
                           options->device, n == 1 ? "is" : "are", n);
    SEVENS_CUDA_TRY(cudaSetDevice(options->device));
    cuda = (cuda_state *)calloc(1, sizeof *cuda);
    SEVENS_TRY_ALLOC(cuda);
    cuda->device = options->device;
    SEVENS_TRY(sevens_device_likelihood_create(&cuda->likelihood, likelihood, options->precision,
                                               SCRATCH_BYTES, err));
    SEVENS_TRY(set_up(cuda, err));
    *state = cuda;
    cuda = NULL;
cleanup:
    if (status != SEVENS_OK)
        sevens_error_prefix(err, "GPU %d", options->device);
    destroy(cuda);
    return status;
}

extern "C" const sevens_backend sevens_backend_cuda = {
    "cuda", "NVIDIA GPU, one point per thread", available, create, evaluate, destroy,
};
