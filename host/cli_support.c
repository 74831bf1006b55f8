/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What several commands need besides options: log lines, scan files, points in words. */
#include "cli.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

void sevens_cli_log(const sevens_cli *cli, int level, const char *format, ...)
{
    va_list arguments;

    if (cli->verbosity < level)
        return;
    fprintf(stderr, "sevens %s: ", cli->command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

sevens_status sevens_cli_config(const sevens_cli *cli, bool need_axes, sevens_config **config,
                                sevens_error *err)
{
    sevens_config_overrides overrides = {cli->n_set, cli->set, cli->n_at, cli->at};

    return sevens_config_load(config, cli->argument[0], &overrides, need_axes, err);
}

static void log_problem(const sevens_cli *cli, const sevens_problem *problem)
{
    const sevens_config *config = problem->config;

    sevens_cli_log(cli, 1, "model %s", sevens_model_title(problem->model));
    for (size_t i = 0; i < config->n_axis; i++) {
        const sevens_axis *axis = &config->axis[i];
        char unit[64];

        sevens_cli_log(cli, 1, "axis %s: %zu values from %g to %g%s%s", axis->name, axis->n,
                       axis->value[0], axis->value[axis->n - 1],
                       sevens_cli_unit(axis->unit, unit, sizeof unit),
                       i == problem->row_axis ? ", along the rows" : "");
    }
    for (size_t i = 0; i < problem->n_experiment; i++) {
        const sevens_release *release = problem->experiment[i].release;

        sevens_cli_log(cli, 1, "experiment %s: %zu bins, version %s, from %s", release->name,
                       release->n_bin, release->version, release->folder);
    }
}

sevens_status sevens_cli_problem(const sevens_cli *cli, const sevens_config *config,
                                 sevens_problem **problem, sevens_error *err)
{
    sevens_status status = sevens_problem_create(problem, config, err);

    if (status == SEVENS_OK)
        log_problem(cli, *problem);
    return status;
}

sevens_status sevens_cli_need_point(const sevens_config *config, sevens_error *err)
{
    char names[512] = "", options[1024] = "";

    const char *reason =
        config->n_axis == 0 ? sevens_model_contradiction(config->model, config->value) : NULL;

    if (reason)
        return sevens_fail(err, SEVENS_ERR_INPUT, "no prediction at this point: %s", reason);
    if (config->n_axis == 0)
        return SEVENS_OK;
    for (size_t i = 0; i < config->n_axis; i++) {
        size_t n = strlen(names), o = strlen(options);

        snprintf(names + n, sizeof names - n, "%s%s", i > 0 ? ", " : "", config->axis[i].name);
        snprintf(options + o, sizeof options - o, " --at %s=VALUE", config->axis[i].name);
    }
    return sevens_fail(err, SEVENS_ERR_INPUT,
                       "one parameter point is needed, but the scan file has %s %s; fix with%s",
                       config->n_axis > 1 ? "the axes" : "the axis", names, options);
}

void sevens_cli_map_path(const sevens_config *config, const char *output, char *path, size_t size)
{
    const char *file = output != NULL ? output : config->output.file;

    if (file != NULL)
        snprintf(path, size, "%s", file);
    else
        snprintf(path, size, "%s.h5", config->name);
}

double sevens_cli_pull(const sevens_nuisance *nuisance, double value)
{
    if (nuisance->fixed)
        return 0.0;
    return isinf(nuisance->sigma) ? (double)NAN : sevens_nuisance_pull(nuisance, value);
}

const char *sevens_cli_unit(const char *unit, char *buffer, size_t size)
{
    if (unit == NULL || strcmp(unit, "1") == 0)
        buffer[0] = '\0';
    else
        snprintf(buffer, size, " %s", unit);
    return buffer;
}

void sevens_cli_print_axes_point(FILE *stream, const sevens_config *config, const double *value)
{
    for (size_t i = 0; i < config->n_axis; i++) {
        char unit[64];

        fprintf(stream, "%s%s = %.6g%s", i > 0 ? ", " : "", config->axis[i].name,
                value[config->axis[i].parameter],
                sevens_cli_unit(config->axis[i].unit, unit, sizeof unit));
    }
    fputc('\n', stream);
}

bool sevens_cli_program_folder(char *folder, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", folder, size - 1);

    if (length <= 0 || (size_t)length >= size - 1)
        return false;
    folder[length] = '\0';

    char *slash = strrchr(folder, '/');

    if (slash == NULL)
        return false;
    *slash = '\0';
    return true;
}
