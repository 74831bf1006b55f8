/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scan files: see config.h. Axes and parameters are read in config_axes.c, ties in config_ties.c,
 * experiments in config_experiments.c; canonical JSON and the filled-in YAML are written in
 * config_print.c. */
#include "config_internal.h"

#include "document_internal.h"
#include "sevens/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More points than this cannot be meant, and sizes stay far from the end of 64 bits. */
#define MAX_POINTS 1e15
#define MAX_MAP_POINTS 0x1p40 /* those that are not profiled away; docs/map_format.md */

typedef struct scan_entry {
    int64_t schema, tile, seed;
    int interference; /* index in "defined|none" */
    const char *name;
    const sevens_node *model, *axes, *parameters, *ties, *experiments, *nuisances, *reduce, *output;
    const sevens_node *later; /* of all keys that are not available */
} scan_entry;

#define FIELD(name_) .name = #name_, .offset = offsetof(scan_entry, name_)
#define LATER(name_)                                                                               \
    {                                                                                              \
        .name = name_, .type = SEVENS_KEY_ANY, .offset = offsetof(scan_entry, later),              \
        .default_text = ""                                                                         \
    }
static const sevens_key scan_keys[] = {
    {FIELD(schema), .type = SEVENS_KEY_INTEGER, .min = 1, .max = 1,
     .doc = "version of this format"},
    {FIELD(name), .type = SEVENS_KEY_TEXT, .doc = "name of the scan, and of its map"},
    {FIELD(model), .type = SEVENS_KEY_ANY, .doc = "a kind with its options, or a list of kinds"},
    {FIELD(axes), .type = SEVENS_KEY_SEQUENCE, .default_text = "", .doc = "parameters that run"},
    {FIELD(parameters), .type = SEVENS_KEY_MAPPING, .default_text = "", .doc = "fixed parameters"},
    {FIELD(ties), .type = SEVENS_KEY_MAPPING, .default_text = "",
     .doc = "parameters that follow others linearly"},
    {FIELD(experiments), .type = SEVENS_KEY_SEQUENCE, .doc = "the releases that are compared with"},
    {FIELD(nuisances), .type = SEVENS_KEY_MAPPING, .default_text = "", .doc = "changed pulls"},
    {FIELD(reduce), .type = SEVENS_KEY_SEQUENCE, .default_text = "",
     .doc = "profiles, slices and histograms in place of the grid"},
    {FIELD(tile), .type = SEVENS_KEY_INTEGER, .default_text = "65536", .min = 1, .max = 1e9,
     .unit = "points", .doc = "most points in a tile of the map"},
    {FIELD(output), .type = SEVENS_KEY_MAPPING, .default_text = "", .doc = "the map file"},
    {FIELD(seed), .type = SEVENS_KEY_INTEGER, .default_text = "1", .min = 0,
     .max = 9007199254740991.0, .doc = "of random numbers"},
    {FIELD(interference), .type = SEVENS_KEY_CHOICE, .default_text = "defined",
     .choices = "defined|none",
     .doc = "none: kinds whose interference is not fixed add their rates"},
    /* Known by name only, and refused in words of their own: see refuse_unavailable. */
    LATER("statistic"),
    LATER("refine"),
    LATER("toys"),
};
#undef LATER
#undef FIELD
enum { N_AVAILABLE = 13 }; /* the keys before `statistic` */

#define FIELD(name_) .name = #name_, .offset = offsetof(sevens_nuisance_entry, name_)
static const sevens_key nuisance_keys[] = {
    {FIELD(sigma), .type = SEVENS_KEY_REAL, .default_text = "", .min = -INFINITY, .max = INFINITY,
     .doc = "relative width of the pull; .inf: free"},
    {FIELD(fixed), .type = SEVENS_KEY_BOOLEAN, .default_text = "", .doc = "no pull at all"},
    {FIELD(shared), .type = SEVENS_KEY_TEXT, .default_text = "",
     .doc = "pull that the signals of several experiments have in common"},
};
#undef FIELD

#define FIELD(name_) .name = #name_, .offset = offsetof(sevens_output_options, name_)
static const sevens_key output_keys[] = {
    {FIELD(file), .type = SEVENS_KEY_TEXT, .default_text = "", .doc = "default: NAME.h5"},
    {FIELD(precision), .type = SEVENS_KEY_CHOICE, .default_text = "f64", .choices = "f64|f32|i16",
     .doc = "of the numbers in the map"},
    {FIELD(pulls), .type = SEVENS_KEY_BOOLEAN, .default_text = "false", .doc = "store norms too"},
    {FIELD(compress), .type = SEVENS_KEY_BOOLEAN, .default_text = "true", .doc = "deflate"},
};
#undef FIELD

/* ---- parts of the file ---- */

static void refuse_unavailable(sevens_document *doc, const sevens_node *root)
{
    if (root->kind != SEVENS_NODE_MAPPING)
        return;
    for (size_t i = 0; i < root->n; i++)
        for (size_t k = N_AVAILABLE; k < SEVENS_COUNT(scan_keys); k++)
            if (strcmp(root->key[i]->text, scan_keys[k].name) == 0)
                sevens_document_fault(doc, root->key[i], "'%s' is not available in this version",
                                      scan_keys[k].name);
}

/* Splits "experiment:name"; both parts are borrowed from the config and the document. */
static bool split_nuisance(sevens_config *config, const sevens_node *key,
                           sevens_nuisance_entry *entry)
{
    const char *colon = strchr(key->text, ':'), *names[SEVENS_MAX_EXPERIMENTS];
    char experiment[104], suggestion[SEVENS_SUGGESTION];
    if (colon == NULL || colon == key->text || colon[1] == '\0') {
        sevens_document_fault(config->document, key,
                              "nuisances: write '%.60s' as EXPERIMENT:NAME, such as "
                              "coherent-csi-2021:signal",
                              key->text);
        return false;
    }
    snprintf(experiment, sizeof experiment, "%.*s", (int)(colon - key->text), key->text);
    for (size_t i = 0; i < config->n_experiment; i++) {
        names[i] = config->experiment[i].name;
        if (strcmp(names[i], experiment) != 0)
            continue;
        entry->experiment = names[i];
        entry->name = colon + 1;
        return true;
    }
    if (config->n_experiment > 0)
        sevens_document_fault(
            config->document, key, "nuisances: '%.60s' is not an experiment of this scan; %s",
            experiment, sevens_suggest(suggestion, experiment, names, config->n_experiment));
    return false;
}

static void read_nuisances(sevens_config *config, const sevens_node *nuisances)
{
    sevens_document *doc = config->document;
    for (size_t i = 0; nuisances != NULL && i < nuisances->n; i++) {
        const sevens_node *key = nuisances->key[i], *item = nuisances->item[i];
        const sevens_node *sigma = sevens_node_get(item, "sigma"),
                          *fixed = sevens_node_get(item, "fixed");
        sevens_nuisance_entry entry = {0};
        size_t before = sevens_document_faults(doc);
        bool known = split_nuisance(config, key, &entry);
        sevens_document_read(doc, item, key->text, nuisance_keys, SEVENS_COUNT(nuisance_keys),
                             &entry);
        entry.has_sigma = sigma != NULL && !sevens_node_is_null(sigma);
        entry.has_fixed = fixed != NULL && !sevens_node_is_null(fixed);
        if (sevens_document_faults(doc) > before || !known)
            continue;
        if (entry.has_sigma && !(entry.sigma > 0))
            sevens_document_fault(doc, sigma, "%.60s: 'sigma' must be positive", key->text);
        if (entry.shared != NULL && entry.fixed)
            sevens_document_fault(doc, fixed, "%.60s: a pull is either fixed or shared", key->text);
        if (entry.shared != NULL && *entry.shared == '\0')
            sevens_document_fault(doc, sevens_node_get(item, "shared"),
                                  "%.60s: 'shared' must be a name", key->text);
        if (config->n_nuisance == SEVENS_MAX_NUISANCE_ENTRIES) {
            sevens_document_fault(doc, key, "more than %d nuisances", SEVENS_MAX_NUISANCE_ENTRIES);
            return;
        }
        config->nuisance[config->n_nuisance++] = entry; /* to be named switches a shape on */
    }
}

static size_t count_profiled(const sevens_config *config)
{
    size_t n = 0;
    for (size_t i = 0; i < config->n_axis; i++)
        n += config->axis[i].profile;
    return n;
}

static void check_grid(sevens_config *config, const sevens_node *root, const sevens_node *axes,
                       bool need_axes)
{
    if (need_axes && config->n_axis == 0)
        sevens_document_fault(config->document, axes != NULL ? axes : root,
                              axes != NULL && axes->n > 0
                                  ? "--at fixes every axis, but at least one must run"
                                  : "a scan needs at least one entry under 'axes'");
    if (need_axes && config->n_axis > 0 && config->n_axis == count_profiled(config))
        sevens_document_fault(config->document, axes,
                              "every axis has 'profile: true', but the map needs one without");
    double points = sevens_config_points(config);
    double map_points = points / sevens_config_profiled_points(config);
    if (points > MAX_POINTS)
        sevens_document_fault(config->document, axes, "%g grid points; at most %g are possible",
                              points, MAX_POINTS);
    else if (map_points > MAX_MAP_POINTS)
        sevens_document_fault(config->document, axes, "%g points in the map; at most 2^40 can be",
                              map_points);
}

/* ---- the file ---- */

/* Reads config->document. */
static sevens_status read_scan(sevens_config *config, const sevens_config_overrides *overrides,
                               bool need_axes, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_document *doc = config->document;
    const sevens_node *root = sevens_document_root(doc);
    scan_entry entry;
    sevens_document_read(doc, root, "", scan_keys, SEVENS_COUNT(scan_keys), &entry);
    refuse_unavailable(doc, root);
    config->name = entry.name;
    config->tile = entry.tile;
    config->seed = entry.seed;
    config->incoherent = entry.interference == 1;
    if (entry.name != NULL)
        sevens_config_check_name(doc, sevens_node_get(root, "name"), entry.name, "");
    if (entry.model != NULL)
        SEVENS_TRY(sevens_model_create(&config->model, doc, entry.model, config->incoherent, err));
    if (config->model != NULL) {
        sevens_config_space space = {entry.model, entry.parameters, entry.axes, entry.ties};
        SEVENS_TRY(sevens_config_read_parameters(config, overrides, &space, err));
    }
    if (sevens_document_faults(doc) == 0)
        check_grid(config, root, entry.axes, need_axes);
    SEVENS_TRY(sevens_config_read_experiments(config, entry.experiments, err));
    read_nuisances(config, entry.nuisances);
    sevens_document_read(doc, entry.output, "output", output_keys, SEVENS_COUNT(output_keys),
                         &config->output);
    if (config->output.file != NULL && *config->output.file == '\0')
        sevens_document_fault(doc, sevens_node_get(entry.output, "file"),
                              "output: 'file' must not be empty");
    if (config->model != NULL && sevens_document_faults(doc) == 0)
        sevens_config_read_reduce(config, entry.reduce, entry.axes, need_axes);
    SEVENS_TRY(sevens_document_finish(doc, err));
    SEVENS_TRY(sevens_config_make_canonical(config, err));
cleanup:
    return status;
}

/* Takes over the document. */
static sevens_status create(sevens_config **config, sevens_document *doc,
                            const sevens_config_overrides *overrides, bool need_axes,
                            sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    *config = calloc(1, sizeof **config);
    if (*config == NULL)
        sevens_document_free(&doc);
    SEVENS_TRY_ALLOC(*config);
    (*config)->document = doc;
    for (size_t i = 0; overrides != NULL && i < overrides->n_set; i++)
        SEVENS_TRY(sevens_document_set(doc, overrides->set[i], err));
    SEVENS_TRY(read_scan(*config, overrides, need_axes, err));
cleanup:
    if (status != SEVENS_OK)
        sevens_config_free(config);
    return status;
}

sevens_status sevens_config_load(sevens_config **config, const char *path,
                                 const sevens_config_overrides *overrides, bool need_axes,
                                 sevens_error *err)
{
    sevens_document *doc;
    *config = NULL;
    sevens_status status = sevens_document_load(&doc, path, err);
    return status == SEVENS_OK ? create(config, doc, overrides, need_axes, err) : status;
}

sevens_status sevens_config_parse(sevens_config **config, const char *name, const char *text,
                                  size_t length, const sevens_config_overrides *overrides,
                                  bool need_axes, sevens_error *err)
{
    sevens_document *doc;
    *config = NULL;
    sevens_status status = sevens_document_parse(&doc, name, text, length, err);
    return status == SEVENS_OK ? create(config, doc, overrides, need_axes, err) : status;
}

void sevens_config_free(sevens_config **config)
{
    sevens_config *c = *config;
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->n_axis; i++)
        free(c->axis[i].value);
    for (size_t i = 0; i < c->n_experiment; i++)
        sevens_release_head_free(&c->experiment[i].head);
    free(c->value);
    free(c->canonical_json);
    sevens_model_destroy(&c->model);
    sevens_document_free(&c->document);
    free(c);
    *config = NULL;
}

double sevens_config_points(const sevens_config *config)
{
    double points = 1;
    for (size_t i = 0; i < config->n_axis; i++)
        points *= (double)config->axis[i].n;
    return points;
}

double sevens_config_profiled_points(const sevens_config *config)
{
    double points = 1;
    for (size_t i = 0; i < config->n_axis; i++)
        points *= config->axis[i].profile ? (double)config->axis[i].n : 1.0;
    return points;
}
