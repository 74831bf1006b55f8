/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands of the program share: the option parser, logging, JSON, scan files. Private to
 * the program; the library knows nothing of it.
 *
 * A command is a function sevens_cmd_<name> in host/cmd_<name>.c and one line of the table in
 * host/cli.c. It parses with sevens_cli_parse, prints its result to stdout and returns a status;
 * only main.c prints errors and exits. */
#ifndef SEVENS_CLI_H
#define SEVENS_CLI_H

#include "sevens/config.h"
#include "sevens/grid.h"
#include "sevens/problem.h"
#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Groups of shared options; a command takes those that it heeds. */
enum {
    SEVENS_CLI_OUTPUT = 1, /* --json -q -v */
    SEVENS_CLI_SCAN = 2,   /* --at --set */
    SEVENS_CLI_BACKEND = 4 /* --backend --threads --precision */
};

typedef struct sevens_cli {
    const char *program; /* argv[0] of the program */
    const char *command; /* name of the command, NULL before it is known */
    bool json;
    int verbosity; /* -1: quiet, 0, 1: verbose */
    size_t n_argument;
    const char **argument; /* [n_argument] owned array of borrowed texts */
    size_t n_at, n_set;
    const char **at, **set; /* likewise */
    const char *backend;    /* "auto" unless given */
    int threads;            /* 0: all */
    sevens_precision precision;
    int exit_code; /* of a command that succeeded; other than 0 for scripts that were run */
} sevens_cli;

/* Takes an option of the command itself. */
typedef sevens_status (*sevens_cli_option)(void *own, int key, const char *value,
                                           sevens_error *err);

/* How a command is called. */
typedef struct sevens_cli_usage {
    const char *arguments; /* "SCAN.yaml" */
    const char *doc;       /* help text */
    size_t min_arguments, max_arguments;
    unsigned shared;                   /* groups of shared options */
    const struct argp_option *options; /* own options, ends with {0}; or NULL */
    sevens_cli_option option;
} sevens_cli_usage;

typedef sevens_status (*sevens_cli_command)(sevens_cli *cli, int argc, char **argv,
                                            sevens_error *err);

/* The commands; argv[0] is "sevens <command>". */
sevens_status sevens_cmd_scan(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_check(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_info(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_compare(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_xsec(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_rate(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_fit(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_interval(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_models(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_experiments(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_ingest(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_script(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_overlay(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_validate(sevens_cli *cli, int argc, char **argv, sevens_error *err);
sevens_status sevens_cmd_bench(sevens_cli *cli, int argc, char **argv, sevens_error *err);

/* cli.c: runs the command that argv names. */
sevens_status sevens_cli_run(sevens_cli *cli, int argc, char **argv, sevens_error *err);
void sevens_cli_free(sevens_cli *cli);
/* Program, commit, libraries and backends. */
void sevens_cli_version(FILE *stream);

/* cli_parse.c: fills cli and, through usage->option, own. --help and --version exit. */
sevens_status sevens_cli_parse(sevens_cli *cli, const sevens_cli_usage *usage, int argc,
                               char **argv, void *own, sevens_error *err);
/* Numbers of options, with a message that names the option. */
sevens_status sevens_cli_real(const char *option, const char *text, double min, double max,
                              double *value, sevens_error *err);
sevens_status sevens_cli_count(const char *option, const char *text, int min, int max, int *value,
                               sevens_error *err);
/* Splits NAME=VALUE; *name is owned by the caller. */
sevens_status sevens_cli_assignment(const char *option, const char *text, char **name,
                                    double *value, sevens_error *err);

/* cli_support.c: log lines to stderr, shown at this verbosity or a higher one. */
__attribute__((format(printf, 3, 4))) void sevens_cli_log(const sevens_cli *cli, int level,
                                                          const char *format, ...);
/* The scan file with --at and --set. */
sevens_status sevens_cli_config(const sevens_cli *cli, bool need_axes, sevens_config **config,
                                sevens_error *err);
/* Its releases and likelihoods; with -v says what was read. */
sevens_status sevens_cli_problem(const sevens_cli *cli, const sevens_config *config,
                                 sevens_problem **problem, sevens_error *err);
/* Refuses a scan file with axes that --at has not fixed, and names them. */
sevens_status sevens_cli_need_point(const sevens_config *config, sevens_error *err);
/* Where the map of a scan goes: `output` of the command line unless NULL, the scan file's, NAME.h5.
 */
void sevens_cli_map_path(const sevens_config *config, const char *output, char *path, size_t size);
/* Pull of a nuisance: 0 when it is fixed, NaN when it is free and has none. */
double sevens_cli_pull(const sevens_nuisance *nuisance, double value);
/* " MeV", or "" for a pure number. */
const char *sevens_cli_unit(const char *unit, char *buffer, size_t size);
/* "m_zp = 10 MeV, g_zp = 1e-4" over the axes. */
void sevens_cli_print_axes_point(FILE *stream, const sevens_config *config, const double *value);
/* Folder of the program, without the slash; false when the system does not say. */
bool sevens_cli_program_folder(char *folder, size_t size);

#endif
