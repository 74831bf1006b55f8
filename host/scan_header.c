/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scan_header.h"
#include "sevens/build_info.h"
#include "sevens/checksum.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Static_assert(SEVENS_MODEL_MAX_DERIVED <= SEVENS_MAP_MAX_DERIVED, "a map has room for all");

void sevens_scan_output_path(const sevens_config *config, const char *output, char *path,
                             size_t size)
{
    if (output)
        snprintf(path, size, "%s", output);
    else if (config->output.file && config->output.file[0])
        snprintf(path, size, "%s", config->output.file);
    else
        snprintf(path, size, "%s.h5", config->name);
}

static void fill_axes(sevens_map_header *map, const sevens_problem *problem)
{
    const sevens_config *config = problem->config;
    size_t tile[SEVENS_MAX_AXES];

    sevens_scan_tile_shape(config, problem->row_axis, tile);
    for (size_t a = 0; a < config->n_axis; a++) {
        const sevens_axis *axis = &config->axis[a];

        if (axis->profile) {
            map->profiled[map->n_profiled++] = (sevens_map_profiled){axis->name, axis->unit};
            continue;
        }
        map->tile[map->n_axis] = tile[a];
        map->axis[map->n_axis++] =
            (sevens_map_axis){axis->name, axis->unit, axis->doc, axis->log, axis->n, axis->value};
    }
}

static void fill_derived(sevens_map_header *map, const sevens_model *model)
{
    map->n_derived = sevens_model_n_derived(model);
    for (size_t k = 0; k < map->n_derived; k++) {
        const sevens_derived *derived = sevens_model_derived(model, k);

        map->derived[k] = (sevens_map_derived){derived->name, derived->unit, derived->doc};
    }
}

static void fill_experiments(sevens_scan_header *header, const sevens_problem *problem)
{
    sevens_map_header *map = &header->map;

    for (size_t e = 0; e < problem->n_experiment; e++) {
        const sevens_experiment *ex = &problem->experiment[e];
        const sevens_release *r = ex->release;

        header->experiment[e] = r->name;
        header->release[e] = (sevens_map_release){r->name,   r->title,    r->doi, r->version,
                                                  r->sha256, r->citation, r->url};
    }
    for (size_t k = 0; k < problem->n_nuisance; k++) {
        char *text = header->nuisance_text[map->n_nuisance];

        sevens_problem_nuisance(problem, k, text, sizeof header->nuisance_text[0]);
        header->nuisance[map->n_nuisance++] = text;
    }
    map->n_experiment = map->n_release = problem->n_experiment;
    map->experiment = header->experiment;
    map->nuisance = header->nuisance;
    map->release = header->release;
}

static void fill_planes(sevens_scan_header *header, const sevens_config *config)
{
    for (size_t i = 0; i < config->n_plane; i++)
        header->plane[i] = config->plane[i].name;
    header->map.n_plane = config->n_plane;
    header->map.plane = header->plane;
}

/* Same scan, same data: the canonical scan file and the checksums of the releases. */
static void make_scan_id(sevens_scan_header *header, const sevens_problem *problem)
{
    char text[SEVENS_SHA256_HEX * (SEVENS_MAX_EXPERIMENTS + 1)];
    size_t used = 0;

    sevens_sha256_bytes(problem->config->canonical_json, strlen(problem->config->canonical_json),
                        text);
    used = strlen(text);
    for (size_t e = 0; e < problem->n_experiment; e++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s",
                                 problem->experiment[e].release->sha256);
    sevens_sha256_bytes(text, used, header->map.scan_id);
}

static void make_title(sevens_scan_header *header, const sevens_problem *problem)
{
    size_t used = 0;

    for (size_t e = 0; e < problem->n_experiment && used < sizeof header->title; e++)
        used += (size_t)snprintf(header->title + used, sizeof header->title - used, "%s%s",
                                 e > 0 ? " + " : "", problem->experiment[e].release->name);
    if (used < sizeof header->title)
        snprintf(header->title + used, sizeof header->title - used, ": %s",
                 sevens_model_title(problem->model));
}

void sevens_scan_header_make(sevens_scan_header *header, const sevens_problem *problem,
                             const sevens_scan_report *report, const char *command)
{
    const sevens_config *config = problem->config;
    sevens_map_header *map = &header->map;

    memset(header, 0, sizeof *header);
    fill_axes(map, problem);
    fill_derived(map, problem->model);
    fill_experiments(header, problem);
    fill_planes(header, config);
    make_scan_id(header, problem);
    make_title(header, problem);
    if (gethostname(header->hostname, sizeof header->hostname - 1) != 0)
        header->hostname[0] = '\0';
    snprintf(header->command, sizeof header->command, "%s", command ? command : "");
    map->title = header->title;
    map->model = sevens_model_title(problem->model);
    map->pulls = config->output.pulls;
    map->compress = config->output.compress;
    map->precision = (sevens_map_precision)config->output.precision;
    map->chi2_offset = problem->chi2_sm;
    map->scan_yaml = sevens_document_text(config->document);
    map->scan_json = config->canonical_json;
    map->program = "sevens";
    map->version = SEVENS_VERSION;
    map->git_commit = SEVENS_GIT_COMMIT;
    map->git_dirty = SEVENS_GIT_DIRTY;
    map->compiler = SEVENS_COMPILER;
    map->cuda_version = SEVENS_CUDA_VERSION;
    map->device = report->device;
    map->backend = report->backend;
    map->compute_precision = report->precision;
    map->hostname = header->hostname;
    map->command = header->command;
    map->threads = report->threads;
    /* beside a device the processor is free; else the threads that compute compress as well */
    if (strcmp(report->backend, "cuda") == 0)
        map->writers.threads = (size_t)report->threads;
    else
        map->writers = (sevens_map_writers){.team = (size_t)report->threads, .threads = 1};
    map->seed = config->seed;
}
