/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens ingest`: an original data release -> a release folder. */
#include "cli.h"
#include "cli_json.h"

#include "sevens/ingest.h"
#include "sevens/text.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_FROM = 256, OPTION_ENERGY_EDGES, OPTION_TIME_EDGES, OPTION_EVENTS, OPTION_FORCE };

typedef struct ingest_arguments {
    const char *from, *out, *events;
    const char *energy_edges, *time_edges;
    bool force;
} ingest_arguments;

static const struct argp_option options[] = {
    {"from", OPTION_FROM, "DIR", 0, "folder with the original files", 0},
    {"output", 'o', "DIR", 0, "release folder to write (default: ./RELEASE)", 0},
    {"energy-edges", OPTION_ENERGY_EDGES, "A,B,C", 0, "other energy bins, in the release's unit",
     0},
    {"time-edges", OPTION_TIME_EDGES, "A,B,C", 0, "other time bins, in the release's unit", 0},
    {"events", OPTION_EVENTS, "FILE", 0, "another list of events; - is standard input", 0},
    {"force", OPTION_FORCE, NULL, 0, "write into a folder that has files already", 0},
    {0},
};

static sevens_status take_option(void *own, int key, const char *value, sevens_error *err)
{
    ingest_arguments *a = own;

    (void)err;
    switch (key) {
    case OPTION_FROM:
        a->from = value;
        break;
    case 'o':
        a->out = value;
        break;
    case OPTION_ENERGY_EDGES:
        a->energy_edges = value;
        break;
    case OPTION_TIME_EDGES:
        a->time_edges = value;
        break;
    case OPTION_EVENTS:
        a->events = value;
        break;
    case OPTION_FORCE:
        a->force = true;
        break;
    default:
        break;
    }
    return SEVENS_OK;
}

static const sevens_cli_usage usage = {
    .arguments = "RELEASE",
    .doc = "Turns the original files of a data release into a release folder (release.yaml and CSV "
           "tables). Events are streamed, so that their number does not matter.\v"
           "RELEASE is coherent-csi-2017, coherent-csi-2021, coherent-lar-2020, dresden2 or "
           "xenonnt-8b; fluxes makes the tables of spectra that releases share.",
    .min_arguments = 1,
    .max_arguments = 1,
    .shared = SEVENS_CLI_OUTPUT,
    .options = options,
    .option = take_option,
};

/* "0,1.5,3" -> [n] increasing edges, owned by the caller. */
static sevens_status parse_edges(const char *option, const char *text, double **edges, size_t *n,
                                 sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char *copy = NULL, *rest, *token;

    *n = 0;
    if (text == NULL)
        return SEVENS_OK;
    SEVENS_TRY_ALLOC(copy = sevens_strdup(text));
    SEVENS_TRY_ALLOC(*edges = calloc(strlen(text) + 1, sizeof **edges));
    rest = copy;
    while ((token = strsep(&rest, ",")) != NULL) {
        if (!sevens_parse_real(token, false, &(*edges)[*n])) {
            status = sevens_fail(err, SEVENS_ERR_INPUT, "%s: '%s' is not a number", option, token);
            goto cleanup;
        }
        if (*n > 0 && (*edges)[*n] <= (*edges)[*n - 1]) {
            status = sevens_fail(err, SEVENS_ERR_INPUT,
                                 "%s: %s does not lie above %g: edges "
                                 "increase",
                                 option, token, (*edges)[*n - 1]);
            goto cleanup;
        }
        ++*n;
    }
    if (*n < 2)
        status = sevens_fail(err, SEVENS_ERR_INPUT, "%s: two edges or more are needed", option);
cleanup:
    free(copy);
    return status;
}

/* A folder with files in it is left alone unless --force. */
static sevens_status check_output(const char *path, sevens_error *err)
{
    DIR *folder = opendir(path);
    size_t n = 0;

    if (folder == NULL && errno == ENOENT)
        return SEVENS_OK;
    if (folder == NULL)
        return sevens_fail(err, SEVENS_ERR_IO, "%s: %s", path, strerror(errno));
    while (readdir(folder) != NULL)
        n++;
    closedir(folder);
    if (n > 2) /* more than . and .. */
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s has files already: choose another folder with -o, or --force", path);
    return SEVENS_OK;
}

static sevens_status report(const sevens_cli *cli, const sevens_ingest_kind *kind,
                            const char *folder, sevens_error *err)
{
    if (!cli->json) {
        printf("release %s written to %s\n", kind->name, folder);
        return SEVENS_OK;
    }

    json_t *o = json_object();

    sevens_json_put(&o, "release", sevens_json_text(kind->name));
    sevens_json_put(&o, "folder", sevens_json_text(folder));
    return sevens_json_print(o, err);
}

sevens_status sevens_cmd_ingest(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    ingest_arguments a = {0};
    double *energy = NULL, *time = NULL;
    size_t n_energy = 0, n_time = 0;
    const sevens_ingest_kind *kind;

    SEVENS_TRY(sevens_cli_parse(cli, &usage, argc, argv, &a, err));
    kind = sevens_ingest_find(cli->argument[0], err);
    if (kind == NULL) {
        status = SEVENS_ERR_INPUT;
        goto cleanup;
    }
    if (a.from == NULL) {
        status = sevens_fail(err, SEVENS_ERR_INPUT, "an option is missing: --from DIR");
        goto cleanup;
    }
    if (a.out == NULL)
        a.out = kind->name;
    SEVENS_TRY(parse_edges("--energy-edges", a.energy_edges, &energy, &n_energy, err));
    SEVENS_TRY(parse_edges("--time-edges", a.time_edges, &time, &n_time, err));
    if (!a.force)
        SEVENS_TRY(check_output(a.out, err));

    sevens_ingest_options ingest = {
        .from = a.from,
        .out = a.out,
        .energy_edges = energy,
        .n_energy_edges = n_energy,
        .time_edges = time,
        .n_time_edges = n_time,
        .events = a.events,
    };

    SEVENS_TRY(kind->run(&ingest, err));
    status = report(cli, kind, a.out, err);
cleanup:
    free(energy);
    free(time);
    return status;
}
