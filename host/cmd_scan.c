/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens scan`: chi2 over the grid of a scan file. The work is in scan.c; here are its options,
 * the signals that stop it between tiles, and the summary. */
#include "cli.h"
#include "cli_json.h"

#include "sevens/map.h"
#include "sevens/scan.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPTION_RESUME = 256, OPTION_FORCE, OPTION_SHARD, OPTION_PRINT_CONFIG, OPTION_NO_COMPRESS };

typedef struct scan_arguments {
    const char *output;
    bool resume, force, print_config, no_compress;
} scan_arguments;

static const struct argp_option options[] = {
    {"output", 'o', "MAP.h5", 0, "where the map goes (default: as the scan file says)", 0},
    {"resume", OPTION_RESUME, NULL, 0, "go on with the unfinished map of the same scan", 0},
    {"force", OPTION_FORCE, NULL, 0, "replace an existing file", 0},
    {"no-compress", OPTION_NO_COMPRESS, NULL, 0, "store the map as it is: faster and larger", 0},
    {"shard", OPTION_SHARD, "I/N", 0, "not available yet: one run does it all", 0},
    {"print-config", OPTION_PRINT_CONFIG, NULL, 0,
     "print the scan file with every default filled in, and stop", 0},
    {0},
};

static sevens_status take_option(void *own, int key, const char *value, sevens_error *err)
{
    scan_arguments *a = own;

    switch (key) {
    case 'o':
        if (*value == '\0')
            return sevens_fail(err, SEVENS_ERR_INPUT, "--output: the name of the map is empty");
        a->output = value;
        break;
    case OPTION_RESUME:
        a->resume = true;
        break;
    case OPTION_FORCE:
        a->force = true;
        break;
    case OPTION_NO_COMPRESS:
        a->no_compress = true;
        break;
    case OPTION_PRINT_CONFIG:
        a->print_config = true;
        break;
    case OPTION_SHARD:
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "--shard %s: shards are not available yet; run the whole grid, or split "
                           "it with --set axes.0.values=[...] into scans of their own",
                           value);
    default:
        break;
    }
    if (a->resume && a->force)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "--resume keeps what an existing map holds, --force replaces it: give "
                           "one of them");
    return SEVENS_OK;
}

static const sevens_cli_usage usage = {
    .arguments = "SCAN.yaml",
    .doc = "Computes the profiled chi2 over the grid of a scan file and writes the map. SIGINT, "
           "SIGTERM "
           "and SIGUSR1 finish the tile at hand and leave a map that --resume completes.",
    .min_arguments = 1,
    .max_arguments = 1,
    .shared = SEVENS_CLI_OUTPUT | SEVENS_CLI_SCAN | SEVENS_CLI_BACKEND,
    .options = options,
    .option = take_option,
};

/* Set by signals, read between tiles. */
static volatile sig_atomic_t stop_requested;

static void request_stop(int number)
{
    (void)number;
    stop_requested = 1;
}

/* A second SIGINT ends the program at once: the map stays resumable all the same. */
static sevens_status install_signals(sevens_error *err)
{
    static const int number[] = {SIGINT, SIGTERM, SIGUSR1};

    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++) {
        struct sigaction action = {.sa_handler = request_stop, .sa_flags = SA_RESTART};

        if (number[i] == SIGINT)
            action.sa_flags |= (int)SA_RESETHAND;
        sigemptyset(&action.sa_mask);
        if (sigaction(number[i], &action, NULL) != 0)
            return sevens_fail(err, SEVENS_ERR_IO, "cannot catch signal %d: %s", number[i],
                               strerror(errno));
    }
    return SEVENS_OK;
}

static void write_quoted(FILE *stream, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_-+=./,:@%";

    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        fputs(word, stream);
        return;
    }
    fputc('\'', stream);
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", stream);
        else
            fputc(*word, stream);
    fputc('\'', stream);
}

/* The command line as a shell reads it, owned by the caller; to_resume: with --resume in place of
 * --force. */
static char *command_line(const sevens_cli *cli, int argc, char **argv, bool to_resume)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    bool has_resume = false;

    if (stream == NULL)
        return NULL;
    write_quoted(stream, cli->program);
    fprintf(stream, " %s", cli->command);
    for (int i = 1; i < argc; i++) {
        if (to_resume && strncmp(argv[i], "--fo", 4) == 0) /* --force or a beginning of it */
            continue;
        has_resume |= strncmp(argv[i], "--res", 5) == 0;
        fputc(' ', stream);
        write_quoted(stream, argv[i]);
    }
    if (to_resume && !has_resume)
        fputs(" --resume", stream);
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* --force replaces any file, but not the one that was just read. */
static sevens_status refuse_scan_file(const sevens_cli *cli, const sevens_config *config,
                                      const scan_arguments *arguments, sevens_error *err)
{
    struct stat scan, map;
    char path[4096];

    sevens_cli_map_path(config, arguments->output, path, sizeof path);
    if (stat(cli->argument[0], &scan) != 0 || stat(path, &map) != 0 || scan.st_dev != map.st_dev ||
        scan.st_ino != map.st_ino)
        return SEVENS_OK;
    return sevens_fail(err, SEVENS_ERR_INPUT,
                       "%s is the scan file itself; choose another file for the map with -o", path);
}

/* Says what `auto` takes; a resumed scan keeps the backend it was started with. */
static sevens_status announce_backend(const sevens_cli *cli, const sevens_config *config,
                                      const scan_arguments *arguments, sevens_error *err)
{
    const sevens_backend *backend;
    char reason[512] = "", started[32] = "", precision[8] = "", path[4096];

    sevens_cli_map_path(config, arguments->output, path, sizeof path);
    if (arguments->resume)
        sevens_map_started_with(path, started, precision);
    if (*started != '\0') {
        sevens_cli_log(cli, 0, "resuming %s, begun with backend %s, precision %s", path, started,
                       precision);
        return SEVENS_OK;
    }
    if (arguments->resume)
        sevens_cli_log(cli, 0, "nothing to resume: %s %s", path,
                       access(path, F_OK) == 0 ? "has no tile that can be read, and no journal"
                                               : "is not there yet");

    sevens_status status = sevens_backend_select(
        &backend, cli->backend, sevens_config_points(config), reason, sizeof reason, err);

    if (status == SEVENS_OK)
        sevens_cli_log(cli, 0, "backend %s", *reason != '\0' ? reason : backend->name);
    return status;
}

static json_t *seconds_json(const sevens_scan_report *report)
{
    json_t *seconds = json_object();

    sevens_json_put(&seconds, "setup", sevens_json_real(report->setup_s));
    sevens_json_put(&seconds, "templates", sevens_json_real(report->templates_s));
    sevens_json_put(&seconds, "grid", sevens_json_real(report->grid_s));
    sevens_json_put(&seconds, "write", sevens_json_real(report->write_s));
    sevens_json_put(&seconds, "fit", sevens_json_real(report->fit_s));
    sevens_json_put(&seconds, "wall", sevens_json_real(report->wall_s));
    return seconds;
}

static sevens_status print_json(const sevens_config *config, const sevens_scan_report *report,
                                sevens_error *err)
{
    json_t *o = json_object();

    sevens_json_put(&o, "map", sevens_json_text(report->map));
    sevens_json_put(&o, "chi2_min", sevens_json_real(report->chi2_min));
    sevens_json_put(&o, "best", sevens_json_axes_point(config, report->best));
    sevens_json_put(&o, "chi2_sm", sevens_json_real(report->chi2_sm));
    sevens_json_put(&o, "unconverged", sevens_json_count(report->unconverged));
    sevens_json_put(&o, "invalid", sevens_json_count(report->invalid));
    sevens_json_put(&o, "already_complete", json_boolean(report->already_complete));
    sevens_json_put(&o, "backend", sevens_json_text(report->backend));
    sevens_json_put(&o, "precision", sevens_json_text(report->precision));
    sevens_json_put(&o, "threads", sevens_json_count(report->threads));
    sevens_json_put(&o, "device", sevens_json_text(report->device));
    sevens_json_put(&o, "points", sevens_json_count(report->points));
    sevens_json_put(&o, "points_total", sevens_json_count(report->points_total));
    sevens_json_put(&o, "points_per_s", sevens_json_real(report->points_per_s));
    sevens_json_put(&o, "cycles_per_point_core", sevens_json_real(report->cycles_per_point_core));
    sevens_json_put(&o, "passes_per_point", sevens_json_real(report->passes_per_point));
    sevens_json_put(&o, "seconds", seconds_json(report));
    return sevens_json_print(o, err);
}

static void print_text(const sevens_config *config, const sevens_scan_report *report)
{
    printf("best fit            ");
    sevens_cli_print_axes_point(stdout, config, report->best);
    printf("chi2_min            %.4f (continuous minimum over the scanned region)\n",
           report->chi2_min);
    printf("chi2_SM             %.4f\n", report->chi2_sm);
    printf("chi2_SM - chi2_min  %.4f\n", report->chi2_sm - report->chi2_min);
    if (report->already_complete) {
        printf("points              %.0f, all there already\n", report->points_total);
    } else {
        printf("points              %.0f of %.0f in this run, %.4g points/s\n", report->points,
               report->points_total, report->points_per_s);
        printf("run on              %s, %s, %d thread%s, %s\n", report->backend, report->precision,
               report->threads, report->threads == 1 ? "" : "s", report->device);
        printf("seconds             setup %.3f, templates %.3f, grid %.3f, write %.3f, fit %.3f, "
               "total %.3f\n",
               report->setup_s, report->templates_s, report->grid_s, report->write_s, report->fit_s,
               report->wall_s);
    }
    printf("unconverged         %.0f\n", report->unconverged);
    if (report->invalid > 0)
        printf("invalid             %.0f\n", report->invalid);
    printf("map                 %s\n", report->map);
}

static sevens_status print_config(const sevens_config *config, bool json, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char *text;

    if (json) {
        puts(config->canonical_json);
        return SEVENS_OK;
    }
    SEVENS_TRY_ALLOC(text = sevens_config_print(config));
    fputs(text, stdout);
    free(text);
cleanup:
    return status;
}

static void say_interrupted(const sevens_cli *cli, int argc, char **argv)
{
    char *command = command_line(cli, argc, argv, true);

    fprintf(stderr,
            "sevens scan: stopped by a signal; finished tiles are kept. Go on with:\n  %s\n",
            command != NULL ? command : "the same command and --resume");
    free(command);
}

/* An unconverged scan is finished and has a summary; it ends with exit code 4. */
static sevens_status finish_scan(const sevens_cli *cli, const sevens_config *config,
                                 const sevens_scan_report *report, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    if (cli->json)
        status = print_json(config, report, err);
    else
        print_text(config, report);
    if (status == SEVENS_OK && report->unconverged > 0)
        status = sevens_fail(err, SEVENS_ERR_UNCONVERGED,
                             "%.0f points did not converge; they are marked in the map's status",
                             report->unconverged);
    return status;
}

static sevens_status run_scan(const sevens_cli *cli, const scan_arguments *arguments, int argc,
                              char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_config *config = NULL;
    sevens_problem *problem = NULL;
    sevens_scan_report report = {0};
    char *command = NULL;

    SEVENS_TRY_ALLOC(command = command_line(cli, argc, argv, false));
    SEVENS_TRY(sevens_cli_config(cli, true, &config, err));
    SEVENS_TRY(refuse_scan_file(cli, config, arguments, err));
    SEVENS_TRY(sevens_cli_problem(cli, config, &problem, err));
    SEVENS_TRY(announce_backend(cli, config, arguments, err));
    SEVENS_TRY(install_signals(err));

    sevens_scan_options scan_options = {
        .output = arguments->output,
        .backend = cli->backend,
        .threads = cli->threads,
        .precision = cli->precision,
        .resume = arguments->resume,
        .force = arguments->force,
        .no_compress = arguments->no_compress,
        .quiet = cli->verbosity < 0,
        .command = command,
        .stop = &stop_requested,
    };

    status = sevens_scan_run(problem, &scan_options, &report, err);
    if (status == SEVENS_ERR_INTERRUPTED)
        say_interrupted(cli, argc, argv);
    else if (status == SEVENS_OK || status == SEVENS_ERR_UNCONVERGED)
        status = finish_scan(cli, config, &report, err);
cleanup:
    sevens_scan_report_free(&report);
    sevens_problem_destroy(&problem);
    sevens_config_free(&config);
    free(command);
    return status;
}

sevens_status sevens_cmd_scan(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    scan_arguments arguments = {0};
    sevens_config *config = NULL;
    sevens_status status = sevens_cli_parse(cli, &usage, argc, argv, &arguments, err);

    if (status != SEVENS_OK)
        return status;
    if (!arguments.print_config)
        return run_scan(cli, &arguments, argc, argv, err);
    status = sevens_cli_config(cli, false, &config, err);
    if (status == SEVENS_OK)
        status = print_config(config, cli->json, err);
    sevens_config_free(&config);
    return status;
}
