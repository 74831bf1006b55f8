/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens bench`: speed of a reference workload, with its error beside it. */
#include "cli.h"
#include "cli_json.h"
#include "sevens/bench.h"
#include <string.h>

enum { OPTION_COMPARE = 256, OPTION_SIZE, OPTION_REPEAT };

typedef struct bench_arguments {
    bool compare;
    int size, repeat;
} bench_arguments;

static const struct argp_option options[] = {
    {"compare", OPTION_COMPARE, NULL, 0,
     "run every backend and precision that is there; speeds as ratios to the fastest on the CPU",
     0},
    {"size", OPTION_SIZE, "N", 0, "points along each axis (default: the workload's)", 0},
    {"repeat", OPTION_REPEAT, "N", 0, "runs, of which the fastest counts (default: 3)", 0},
    {0},
};

static sevens_status take_option(void *own, int key, const char *value, sevens_error *err)
{
    bench_arguments *a = own;

    switch (key) {
    case OPTION_COMPARE:
        a->compare = true;
        return SEVENS_OK;
    case OPTION_SIZE:
        return sevens_cli_count("--size", value, 2, 65536, &a->size, err);
    case OPTION_REPEAT:
        return sevens_cli_count("--repeat", value, 1, 1000, &a->repeat, err);
    default:
        return SEVENS_OK;
    }
}

static const sevens_cli_usage usage = {
    .arguments = "[WORKLOAD]",
    .doc =
        "Times a reference workload (default: W1, the universal Z' on COHERENT CsI 2021 over 1024 "
        "x 1024 points) and compares points spread over it with the reference.",
    .max_arguments = 1,
    .shared = SEVENS_CLI_OUTPUT | SEVENS_CLI_BACKEND,
    .options = options,
    .option = take_option,
};

typedef struct bench_run {
    const sevens_backend *backend;
    sevens_precision precision;
    char device[128];
    sevens_bench_result result;
} bench_run;

static const char *precision_name(const bench_run *run)
{
    return run->precision == SEVENS_PRECISION_F32 ? "f32" : "f64";
}

static json_t *run_json(const sevens_workload *workload, const bench_run *run)
{
    const sevens_bench_result *r = &run->result;
    json_t *o = json_object(), *seconds = json_object();

    sevens_json_put(&seconds, "setup", sevens_json_real(r->setup_s));
    sevens_json_put(&seconds, "templates", sevens_json_real(r->templates_s));
    sevens_json_put(&seconds, "grid", sevens_json_real(r->grid_s));
    sevens_json_put(&o, "workload", sevens_json_text(workload->name));
    sevens_json_put(&o, "backend", sevens_json_text(run->backend->name));
    sevens_json_put(&o, "precision", sevens_json_text(precision_name(run)));
    sevens_json_put(&o, "threads", sevens_json_count(r->threads));
    sevens_json_put(&o, "device", sevens_json_text(run->device));
    sevens_json_put(&o, "points", sevens_json_count(r->points));
    sevens_json_put(&o, "points_per_s", sevens_json_real(r->points_per_s));
    sevens_json_put(&o, "cycles_per_point_core", sevens_json_real(r->cycles_per_point_core));
    sevens_json_put(&o, "passes_per_point", sevens_json_real(r->passes_per_point));
    sevens_json_put(&o, "seconds", seconds);
    sevens_json_put(&o, "delta_chi2_max_error", sevens_json_real(r->max_error));
    sevens_json_put(&o, "delta_chi2_rms_error", sevens_json_real(r->rms_error));
    sevens_json_put(&o, "checked", sevens_json_count((double)r->checked));
    return o;
}

static void print_run(const bench_run *run, double best_cpu)
{
    const sevens_bench_result *r = &run->result;

    printf("%-8s %-4s %2d threads  %9.3g points/s", run->backend->name, precision_name(run),
           r->threads, r->points_per_s);
    if (best_cpu > 0.0)
        printf("  %7.3f x best CPU", r->points_per_s / best_cpu);
    printf(
        "  %7.0f cycles/point/core  %5.2f passes/point  templates %.3f s, grid %.3f s  error max "
        "%.1e, rms %.1e over %zu points\n",
        r->cycles_per_point_core, r->passes_per_point, r->templates_s, r->grid_s, r->max_error,
        r->rms_error, r->checked);
}

static sevens_status execute(const sevens_cli *cli, const bench_arguments *a,
                             const sevens_workload *workload, bench_run *run, sevens_error *err)
{
    bool reference = run->backend == &sevens_backend_serial;
    sevens_bench_options bench = {
        .backend = run->backend,
        .grid = {.precision = run->precision, .threads = cli->threads},
        .size = (size_t)a->size,
        .repeat = reference ? 1 : (size_t)a->repeat,
    };

    if (a->compare && reference) /* minutes for nothing: its cost per point is the same anywhere */
        bench.size = bench.size && bench.size < 96 ? bench.size : 96;
    return sevens_bench_run(workload, &bench, &run->result, err);
}

/* Every backend and precision that runs here. */
static size_t list_runs(bench_run *run, size_t most)
{
    size_t n = 0;
    const sevens_backend *backend;

    for (size_t i = 0; (backend = sevens_backend_at(i)) != NULL; i++) {
        char why[128];

        if (!backend->available(why, sizeof why))
            continue;
        for (int p = SEVENS_PRECISION_F64; p <= SEVENS_PRECISION_F32 && n < most; p++) {
            if (p == SEVENS_PRECISION_F32 && backend == &sevens_backend_serial)
                continue;
            run[n] = (bench_run){.backend = backend, .precision = (sevens_precision)p};
            memcpy(run[n++].device, why, sizeof why);
        }
    }
    return n;
}

static sevens_status compare(const sevens_cli *cli, const bench_arguments *a,
                             const sevens_workload *workload, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    bench_run run[8];
    size_t n = list_runs(run, 8);
    double best_cpu = 0.0;
    json_t *list = json_array(), *o = json_object();

    for (size_t i = 0; i < n; i++) {
        double allowed = run[i].precision == SEVENS_PRECISION_F32 ? 1e-3 : 1e-7;

        SEVENS_TRY(execute(cli, a, workload, &run[i], err));
        if (!(run[i].result.max_error <= allowed))
            SEVENS_TRY(sevens_fail(
                err, SEVENS_ERR_FAILED, "%s %s differs from the reference by %g in chi2",
                run[i].backend->name, precision_name(&run[i]), run[i].result.max_error));
        if (run[i].backend != &sevens_backend_cuda && run[i].result.points_per_s > best_cpu)
            best_cpu = run[i].result.points_per_s;
    }
    for (size_t i = 0; i < n; i++) {
        json_t *item = run_json(workload, &run[i]);

        sevens_json_put(&item, "ratio_to_best_cpu",
                        sevens_json_real(run[i].result.points_per_s / best_cpu));
        sevens_json_add(&list, item);
        if (!cli->json)
            print_run(&run[i], best_cpu);
    }
    if (cli->json) {
        sevens_json_put(&o, "workload", sevens_json_text(workload->name));
        sevens_json_put(&o, "results", list);
        list = NULL;
        status = sevens_json_print(o, err);
        o = NULL;
    }
cleanup:
    json_decref(list);
    json_decref(o);
    return status;
}

sevens_status sevens_cmd_bench(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    bench_arguments a = {.repeat = 3};
    const sevens_workload *workload;
    bench_run run = {0};

    SEVENS_TRY(sevens_cli_parse(cli, &usage, argc, argv, &a, err));
    SEVENS_TRY(sevens_workload_find(&workload, cli->n_argument > 0 ? cli->argument[0] : "W1", err));
    if (a.compare) {
        status = compare(cli, &a, workload, err);
        goto cleanup;
    }
    SEVENS_TRY(
        sevens_backend_select(&run.backend, cli->backend, 0.0, run.device, sizeof run.device, err));
    run.precision = cli->precision;
    SEVENS_TRY(execute(cli, &a, workload, &run, err));
    if (cli->json)
        status = sevens_json_print(run_json(workload, &run), err);
    else
        print_run(&run, 0.0);
cleanup:
    return status;
}
