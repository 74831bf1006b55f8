/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backend `openmp`: rows over threads. Plain likelihoods go to the row kernel, the others to the
 * joint kernel, both with the points of a row over vector lanes; those that are integrated to the
 * on-off kernel, with nodes of the integral over lanes. */
#include "instruction_set.h"
#include "joint_kernel.h"
#include "on_off_kernel.h"
#include "row_kernel.h"
#include "sevens/grid.h"
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kernels of one instruction set. */
typedef struct kernels {
    const char *isa;
    sevens_row_kernel row;
    sevens_joint_kernel joint;
    sevens_on_off_kernel on_off;
} kernels;

/* Where a thread packs a chain of rows, and what the kernel remembers of them. */
typedef struct row_scratch {
    double *row, total[3 * SEVENS_ROW_CHAIN], inverse_unit[SEVENS_ROW_CHAIN];
    float *row_f32;
    void *tracks, *products;
    bool has_factors[SEVENS_ROW_SEGMENT];
} row_scratch;

typedef struct openmp_state openmp_state;

struct openmp_state {
    kernels kernel;
    sevens_precision precision;
    int threads;
    size_t row_size; /* doubles, before it is packed */
    /* One row on one thread; returns its passes. NULL: the row kernel, which takes chains. */
    uint64_t (*evaluate_row)(const openmp_state *openmp, const sevens_rows *rows,
                             const sevens_row_results *results, size_t r);
    sevens_row_pack pack; /* one of the three */
    sevens_joint_pack joint;
    sevens_on_off_pack on_off;
    size_t n_scratch; /* of a thread */
    double *scratch;  /* [threads][n_scratch] packed rows and work arrays */
    row_scratch *row; /* [threads], row kernel */
};

/* The best kernels that this processor runs. */
static kernels best_kernels(void)
{
    switch (sevens_best_instruction_set()) {
#ifdef SEVENS_ROW_KERNEL_X86
    case SEVENS_X86_64_V4:
        return (kernels){"AVX-512", sevens_row_kernel_v4, sevens_joint_kernel_v4,
                         sevens_on_off_kernel_v4};
    case SEVENS_X86_64_V3:
        return (kernels){"AVX2", sevens_row_kernel_v3, sevens_joint_kernel_v3,
                         sevens_on_off_kernel_v3};
#endif
    default:
        return (kernels){"generic vectors", sevens_row_kernel_generic, sevens_joint_kernel_generic,
                         sevens_on_off_kernel_generic};
    }
}

/* Name of the processor as the system tells it, or "CPU". */
static void processor_name(char *name, size_t size)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];

    snprintf(name, size, "CPU");
    while (file && fgets(line, sizeof line, file)) {
        const char *value = strchr(line, ':');

        if (strncmp(line, "model name", 10) != 0 || !value)
            continue;
        value += 1 + strspn(value + 1, " \t");
        snprintf(name, size, "%.*s", (int)strcspn(value, "\n"), value);
        break;
    }
    if (file)
        fclose(file);
}

static bool available(char *why, size_t why_size)
{
    char name[128];

    processor_name(name, sizeof name);
    snprintf(why, why_size, "%s, %s", name, best_kernels().isa);
    return true;
}

static void destroy(void *state)
{
    openmp_state *openmp = state;

    if (!openmp)
        return;
    for (int t = 0; t < openmp->threads && openmp->row; t++) {
        free(openmp->row[t].row);
        free(openmp->row[t].row_f32);
        free(openmp->row[t].tracks);
        free(openmp->row[t].products);
    }
    sevens_row_pack_free(&openmp->pack);
    sevens_joint_pack_free(&openmp->joint);
    sevens_on_off_pack_free(&openmp->on_off);
    free(openmp->scratch);
    free(openmp->row);
    free(openmp);
}

/* ---- one row on one thread ---- */

static double *scratch_of(const openmp_state *openmp)
{
    return openmp->scratch + openmp->n_scratch * (size_t)omp_get_thread_num();
}

/* Rows first .. first + n - 1, a chain; returns its passes. */
static uint64_t evaluate_chain(const openmp_state *openmp, const sevens_rows *rows,
                               const sevens_row_results *results, size_t first, size_t n)
{
    row_scratch *scratch = &openmp->row[omp_get_thread_num()];
    size_t size = 3 * (size_t)openmp->pack.constants.n_count, at = first * rows->n_x;
    sevens_row_task task = {
        .pack = &openmp->pack,
        .precision = openmp->precision,
        .n_row = n,
        .n_x = rows->n_x,
        .row = scratch->row,
        .row_f32 = scratch->row_f32,
        .total = scratch->total,
        .x = rows->x + (rows->same_x ? 0 : at),
        .x_stride = rows->same_x ? 0 : rows->n_x,
        .inverse_unit = scratch->inverse_unit,
        .chi2 = results->chi2 + at,
        .status = results->status + at,
        .norm = results->nuisance ? results->nuisance + at : NULL,
        .norm_stride = rows->n_row * rows->n_x,
        .tracks = scratch->tracks,
        .products = scratch->products,
        .has_factors = scratch->has_factors,
    };

    for (size_t r = 0; r < n; r++) {
        double *row = scratch->row + size * r, *total = scratch->total + 3 * r;

        scratch->inverse_unit[r] = rows->unit ? 1.0 / rows->unit[first + r] : 1.0;
        sevens_row_pack_signal(&openmp->pack, rows->signal + openmp->row_size * (first + r), row,
                               total);
        if (openmp->precision == SEVENS_PRECISION_F32)
            sevens_row_pack_round(&openmp->pack, row, scratch->row_f32 + size * r, total);
    }
    openmp->kernel.row(&task);
    return task.passes;
}

static uint64_t evaluate_joint(const openmp_state *openmp, const sevens_rows *rows,
                               const sevens_row_results *results, size_t r)
{
    const sevens_joint *joint = openmp->joint.joint;
    size_t first = r * rows->n_x;
    double *row = scratch_of(openmp);
    sevens_joint_task task = {
        .joint = joint,
        .data = openmp->joint.data,
        .row = row,
        .work = row + joint->n_row,
        .x = rows->x + first,
        .n_x = rows->n_x,
        .chi2 = results->chi2 + first,
        .status = results->status + first,
        .part_chi2 = results->part_chi2 ? results->part_chi2 + first : NULL,
        .nuisance = results->nuisance ? results->nuisance + first : NULL,
        .stride = rows->n_row * rows->n_x,
    };

    sevens_joint_pack_signal(&openmp->joint, rows->signal + openmp->row_size * r, row);
    openmp->kernel.joint(&task);
    return task.passes;
}

static uint64_t evaluate_on_off(const openmp_state *openmp, const sevens_rows *rows,
                                const sevens_row_results *results, size_t r)
{
    size_t first = r * rows->n_x;
    sevens_on_off_task task = {
        .pack = &openmp->on_off,
        .row = rows->signal + openmp->row_size * r,
        .x = rows->x + first,
        .n_x = rows->n_x,
        .chi2 = results->chi2 + first,
        .status = results->status + first,
        .norm = results->nuisance ? results->nuisance + first : NULL,
    };

    openmp->kernel.on_off(&task);
    return rows->n_x;
}

/* ---- all rows ---- */

static sevens_status make_row_scratch(openmp_state *openmp, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = 3 * (size_t)openmp->pack.constants.n_count * SEVENS_ROW_CHAIN + 1;
    size_t bytes = sevens_row_tracks_bytes((size_t)openmp->pack.constants.n_norm);

    openmp->row = calloc((size_t)openmp->threads, sizeof *openmp->row);
    SEVENS_TRY_ALLOC(openmp->row);
    for (int t = 0; t < openmp->threads; t++) {
        row_scratch *scratch = &openmp->row[t];

        SEVENS_TRY_ALLOC(scratch->row = malloc(n * sizeof *scratch->row));
        SEVENS_TRY_ALLOC(scratch->row_f32 = malloc(n * sizeof *scratch->row_f32));
        SEVENS_TRY_ALLOC(scratch->tracks = aligned_alloc(64, (bytes + 63) / 64 * 64));
        SEVENS_TRY_ALLOC(scratch->products =
                             aligned_alloc(64, sevens_row_products_bytes(&openmp->pack.groups)));
    }
cleanup:
    return status;
}

/* Packs the likelihood for its kernel. */
static sevens_status choose(openmp_state *openmp, const sevens_likelihood *likelihood,
                            sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    if (sevens_likelihood_is_on_off(likelihood)) {
        openmp->evaluate_row = evaluate_on_off;
        SEVENS_TRY(sevens_on_off_pack_create(&openmp->on_off, likelihood, err));
    } else if (sevens_row_pack_takes(likelihood)) {
        SEVENS_TRY(sevens_row_pack_create(&openmp->pack, likelihood, err));
        SEVENS_TRY(make_row_scratch(openmp, err));
    } else {
        openmp->evaluate_row = evaluate_joint;
        SEVENS_TRY(sevens_joint_pack_create(&openmp->joint, likelihood, err));
        openmp->n_scratch =
            (size_t)openmp->joint.joint->n_row + sevens_joint_task_work(openmp->joint.joint);
    }
cleanup:
    return status;
}

static sevens_status create(void **state, const sevens_likelihood *likelihood,
                            const sevens_grid_options *options, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    openmp_state *openmp = calloc(1, sizeof *openmp);
    size_t n;

    *state = NULL;
    SEVENS_TRY_ALLOC(openmp);
    openmp->kernel = best_kernels();
    openmp->precision = options->precision;
    openmp->threads = sevens_backend_threads(&sevens_backend_openmp, options->threads);
    openmp->row_size = sevens_likelihood_row_size(likelihood);
    SEVENS_TRY(choose(openmp, likelihood, err));
    n = openmp->n_scratch * (size_t)openmp->threads + 1;
    openmp->scratch = malloc(n * sizeof *openmp->scratch);
    SEVENS_TRY_ALLOC(openmp->scratch);
    *state = openmp;
    openmp = NULL;
cleanup:
    destroy(openmp);
    return status;
}

/* Plain and on-off likelihoods have one part: its chi2 is the whole. */
static void copy_part(const sevens_rows *rows, const sevens_row_results *results)
{
    memcpy(results->part_chi2, results->chi2, rows->n_row * rows->n_x * sizeof *results->chi2);
}

/* Where the chains of rows begin, and how many there are. */
static size_t find_chains(const sevens_rows *rows, size_t *first)
{
    size_t n = 0;

    for (size_t r = 0; r < rows->n_row; r++) {
        bool follows = n > 0 && rows->follows && rows->follows[r];

        if (!follows || r - first[n - 1] == SEVENS_ROW_CHAIN)
            first[n++] = r;
    }
    first[n] = rows->n_row;
    return n;
}

static sevens_status evaluate_chains(const openmp_state *openmp, const sevens_rows *rows,
                                     sevens_row_results *results, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n, *first = malloc((rows->n_row + 1) * sizeof *first);
    uint64_t passes = 0;

    SEVENS_TRY_ALLOC(first);
    n = find_chains(rows, first);
#pragma omp parallel for schedule(dynamic) num_threads(openmp->threads) reduction(+ : passes)
    for (size_t c = 0; c < n; c++)
        passes += evaluate_chain(openmp, rows, results, first[c], first[c + 1] - first[c]);
    results->passes += passes;
cleanup:
    free(first);
    return status;
}

static sevens_status evaluate_rows(const openmp_state *openmp, const sevens_rows *rows,
                                   sevens_row_results *results, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_point = rows->n_row * rows->n_x;
    double *x = malloc((n_point + 1) * sizeof *x);
    sevens_rows plain = {.n_row = rows->n_row, .n_x = rows->n_x, .signal = rows->signal, .x = x};
    uint64_t passes = 0;

    SEVENS_TRY_ALLOC(x);
    for (size_t p = 0; p < n_point; p++)
        x[p] = sevens_rows_x(rows, p / rows->n_x, p % rows->n_x);
#pragma omp parallel for schedule(dynamic) num_threads(openmp->threads) reduction(+ : passes)
    for (size_t r = 0; r < rows->n_row; r++)
        passes += openmp->evaluate_row(openmp, &plain, results, r);
    results->passes += passes;
cleanup:
    free(x);
    return status;
}

static sevens_status evaluate(void *state, const sevens_rows *rows, sevens_row_results *results,
                              sevens_error *err)
{
    const openmp_state *openmp = state;
    sevens_status status = openmp->evaluate_row ? evaluate_rows(openmp, rows, results, err)
                                                : evaluate_chains(openmp, rows, results, err);

    if (status == SEVENS_OK && results->part_chi2 && !openmp->joint.joint)
        copy_part(rows, results);
    return status;
}

const sevens_backend sevens_backend_openmp = {
    .name = "openmp",
    .doc = "all cores, one point per vector lane",
    .available = available,
    .create = create,
    .evaluate = evaluate,
    .destroy = destroy,
};
