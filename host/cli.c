/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of commands and what answers before one of them runs: `sevens --help`, `--version`, and
 * an unknown name. */
#include "cli.h"

#include "sevens/build_info.h"
#include "sevens/text.h"
#include <H5public.h>
#include <gsl/gsl_version.h>
#include <stdlib.h>
#include <string.h>

typedef struct command_entry {
    const char *name, *arguments, *doc;
    sevens_cli_command run;
} command_entry;

static const command_entry commands[] = {
    {"scan", "SCAN.yaml", "chi2 over the grid of a scan file, into a map", sevens_cmd_scan},
    {"check", "SCAN.yaml", "validate a scan file; size and expected time", sevens_cmd_check},
    {"info", "MAP.h5", "axes, minimum and provenance of a map; one point", sevens_cmd_info},
    {"compare", "A.h5 B.h5", "largest and rms difference of two maps", sevens_cmd_compare},
    {"xsec", "SCAN.yaml", "differential cross section at one energy", sevens_cmd_xsec},
    {"rate", "SCAN.yaml", "prediction, data, chi2 and pulls at one point", sevens_cmd_rate},
    {"fit", "SCAN.yaml", "continuous minimum over the axes", sevens_cmd_fit},
    {"interval", "SCAN.yaml", "confidence intervals of one parameter", sevens_cmd_interval},
    {"contour", "MAP.h5", "confidence contours of a map", sevens_cmd_script},
    {"limit", "MAP.h5", "limit curve of a map", sevens_cmd_script},
    {"plot", "MAP.h5...", "exclusion plot; --spectrum: data and prediction", sevens_cmd_script},
    {"overlay", "FILE", "limit of other work, for plot --overlay", sevens_cmd_overlay},
    {"models", "", "model kinds, parameters, units, references", sevens_cmd_models},
    {"experiments", "", "data releases, bins, references", sevens_cmd_experiments},
    {"ingest", "RELEASE", "original data release to release folder", sevens_cmd_ingest},
    {"validate", "", "published numbers beside ours", sevens_cmd_validate},
    {"bench", "[WORKLOAD]", "speed, accuracy and agreement of backends", sevens_cmd_bench},
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *stream)
{
    fprintf(stream, "Usage: sevens COMMAND [OPTION...] ARGUMENT...\n"
                    "Parameter scans of coherent elastic neutrino-nucleus scattering data.\n\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        char call[64];

        snprintf(call, sizeof call, "%s %s", commands[i].name, commands[i].arguments);
        fprintf(stream, "  %-22s %s\n", call, commands[i].doc);
    }
    fprintf(stream, "\n'sevens COMMAND --help' explains a command and its options.\n"
                    "'sevens --version' shows the version, the libraries and the backends.\n\n"
                    "Results go to standard output, log and progress to standard error.\n"
                    "Exit codes: 0 done, 1 failed, 2 wrong use or input, 3 backend missing,\n"
                    "4 finished with unconverged points, 130 interrupted (scan: resumable).\n");
}

void sevens_cli_version(FILE *stream)
{
    unsigned major = 0, minor = 0, release = 0;

    H5get_libversion(&major, &minor, &release);
    fprintf(stream, "sevens %s\n", SEVENS_VERSION);
    fprintf(stream, "commit    %s%s\n", SEVENS_GIT_COMMIT, SEVENS_GIT_DIRTY ? ", changed" : "");
    fprintf(stream, "compiler  %s\n", SEVENS_COMPILER);
    fprintf(stream, "HDF5      %u.%u.%u\n", major, minor, release);
    fprintf(stream, "GSL       %s\n", gsl_version);
    fprintf(stream, "CUDA      %s\n", *SEVENS_CUDA_VERSION ? SEVENS_CUDA_VERSION : "not built in");
    for (size_t i = 0; sevens_backend_at(i) != NULL; i++) {
        const sevens_backend *backend = sevens_backend_at(i);
        char why[256] = "";
        bool available = backend->available(why, sizeof why);

        fprintf(stream, "backend   %-7s %s%s%s\n", backend->name,
                available ? "available" : "not available", *why ? ": " : "", why);
    }
}

static const command_entry *find_command(const char *name, sevens_error *err)
{
    const char *names[N_COMMANDS];
    char suggestion[SEVENS_SUGGESTION];

    if (strcmp(name, "merge") == 0) {
        sevens_fail(err, SEVENS_ERR_INPUT,
                    "'%s' is not available in this version ('sevens --help' lists what is)", name);
        return NULL;
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
        names[i] = commands[i].name;
    }
    sevens_fail(err, SEVENS_ERR_INPUT, "unknown command '%s'; %s ('sevens --help' tells more)",
                name, sevens_suggest(suggestion, name, names, N_COMMANDS));
    return NULL;
}

static sevens_status run_command(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    const command_entry *entry = find_command(argv[0], err);
    char name[64];

    if (entry == NULL)
        return SEVENS_ERR_INPUT;
    cli->command = entry->name;
    snprintf(name, sizeof name, "sevens %s", entry->name);

    char *typed = argv[0];

    argv[0] = name; /* the name in usage messages */

    sevens_status status = entry->run(cli, argc, argv, err);

    argv[0] = typed;
    return status;
}

sevens_status sevens_cli_run(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    const char *first = argc > 1 ? argv[1] : "";

    cli->program = argv[0];
    cli->backend = "auto";
    if (argc < 2)
        return sevens_fail(err, SEVENS_ERR_INPUT, "no command given ('sevens --help' lists them)");
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
        sevens_cli_version(stdout);
        return SEVENS_OK;
    }
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 ||
        (strcmp(first, "help") == 0 && argc == 2)) {
        print_help(stdout);
        return SEVENS_OK;
    }
    if (strcmp(first, "help") == 0) {
        char help[] = "--help";
        char *help_argv[] = {argv[2], help, NULL};

        return run_command(cli, 2, help_argv, err);
    }
    if (first[0] == '-')
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "option '%s' before a command; write 'sevens COMMAND %s ...'", first,
                           first);
    return run_command(cli, argc - 1, argv + 1, err);
}

void sevens_cli_free(sevens_cli *cli)
{
    free(cli->argument);
    free(cli->at);
    free(cli->set);
    cli->argument = cli->at = cli->set = NULL;
}
