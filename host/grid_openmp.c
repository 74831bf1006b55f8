/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backend `openmp`: rows over threads, points of a row over vector lanes. */
#include "row_kernel.h"
#include "sevens/grid.h"
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct openmp_state {
    sevens_row_pack pack;
    sevens_precision precision;
    int threads;
    double *row;    /* [threads][n_count][3] */
    float *row_f32; /* [threads][n_count][3] */
    sevens_row_kernel kernel;
} openmp_state;

/* The best row kernel that this processor runs. */
static sevens_row_kernel best_kernel(const char **isa)
{
#ifdef SEVENS_ROW_KERNEL_X86
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl")) {
        *isa = "AVX-512";
        return sevens_row_kernel_v4;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("bmi2")) {
        *isa = "AVX2";
        return sevens_row_kernel_v3;
    }
#endif
    *isa = "generic vectors";
    return sevens_row_kernel_generic;
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
    const char *isa;
    char name[128];

    best_kernel(&isa);
    processor_name(name, sizeof name);
    snprintf(why, why_size, "%s, %s", name, isa);
    return true;
}

static void destroy(void *state)
{
    openmp_state *openmp = state;

    if (!openmp)
        return;
    sevens_row_pack_free(&openmp->pack);
    free(openmp->row);
    free(openmp->row_f32);
    free(openmp);
}

static sevens_status create(void **state, const sevens_likelihood *likelihood,
                            const sevens_grid_options *options, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    openmp_state *openmp = calloc(1, sizeof *openmp);
    const char *isa;
    size_t n;

    *state = NULL;
    SEVENS_TRY_ALLOC(openmp);
    openmp->kernel = best_kernel(&isa);
    openmp->precision = options->precision;
    openmp->threads = sevens_backend_threads(&sevens_backend_openmp, options->threads);
    SEVENS_TRY(sevens_row_pack_create(&openmp->pack, likelihood, err));
    n = 3 * (size_t)openmp->pack.constants.n_count * (size_t)openmp->threads;
    openmp->row = malloc((n + 1) * sizeof *openmp->row);
    openmp->row_f32 = malloc((n + 1) * sizeof *openmp->row_f32);
    SEVENS_TRY_ALLOC(openmp->row);
    SEVENS_TRY_ALLOC(openmp->row_f32);
    *state = openmp;
    openmp = NULL;
cleanup:
    destroy(openmp);
    return status;
}

/* One row on one thread; returns its passes. */
static uint64_t evaluate_row(const openmp_state *openmp, const sevens_rows *rows,
                             const sevens_row_results *results, size_t r)
{
    size_t scratch = 3 * (size_t)openmp->pack.constants.n_count * (size_t)omp_get_thread_num();
    size_t first = r * rows->n_x;
    double total[3];
    sevens_row_task task = {
        .pack = &openmp->pack,
        .precision = openmp->precision,
        .row = openmp->row + scratch,
        .row_f32 = openmp->row_f32 + scratch,
        .total = total,
        .x = rows->x + first,
        .n_x = rows->n_x,
        .chi2 = results->chi2 + first,
        .status = results->status + first,
        .norm = results->norm ? results->norm + first : NULL,
        .norm_stride = rows->n_row * rows->n_x,
    };

    sevens_row_pack_signal(&openmp->pack, rows->signal + 3 * openmp->pack.n_bin * r,
                           openmp->row + scratch, total);
    if (openmp->precision == SEVENS_PRECISION_F32)
        sevens_row_pack_round(&openmp->pack, openmp->row + scratch, openmp->row_f32 + scratch,
                              total);
    openmp->kernel(&task);
    return task.passes;
}

static sevens_status evaluate(void *state, const sevens_rows *rows, sevens_row_results *results,
                              sevens_error *err)
{
    const openmp_state *openmp = state;
    uint64_t passes = 0;

    (void)err;
#pragma omp parallel for schedule(dynamic) num_threads(openmp->threads) reduction(+ : passes)
    for (size_t r = 0; r < rows->n_row; r++)
        passes += evaluate_row(openmp, rows, results, r);
    results->passes += passes;
    return SEVENS_OK;
}

const sevens_backend sevens_backend_openmp = {
    .name = "openmp",
    .doc = "all cores, one point per vector lane",
    .available = available,
    .create = create,
    .evaluate = evaluate,
    .destroy = destroy,
};
