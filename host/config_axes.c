/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parameter space of a scan file: which parameters run (`axes`), and the values of the others
 * (--at before `parameters` before the model's defaults). Those that follow others (`ties`) are
 * read in config_ties.c. */
#include "config_internal.h"

#include "document_internal.h"
#include "sevens/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct axis_entry {
    const char *param, *unit;
    double min, max;
    int64_t n;
    int spacing; /* index in "linear|log" */
    const sevens_node *values;
    bool profile;
} axis_entry;

#define FIELD(name_) .name = #name_, .offset = offsetof(axis_entry, name_)
static const sevens_key axis_keys[] = {
    {FIELD(param), .type = SEVENS_KEY_TEXT, .doc = "the parameter that runs"},
    {FIELD(unit), .type = SEVENS_KEY_TEXT, .default_text = "", .doc = "the parameter's own unit"},
    {FIELD(min), .type = SEVENS_KEY_REAL, .default_text = "", .doc = "first value"},
    {FIELD(max), .type = SEVENS_KEY_REAL, .default_text = "", .doc = "last value"},
    {FIELD(n), .type = SEVENS_KEY_INTEGER, .default_text = "", .min = 1,
     .max = SEVENS_MAX_AXIS_POINTS, .doc = "number of points"},
    {FIELD(spacing), .type = SEVENS_KEY_CHOICE, .default_text = "linear", .choices = "linear|log",
     .doc = "equal steps or equal ratios"},
    {FIELD(values), .type = SEVENS_KEY_SEQUENCE, .default_text = "",
     .doc = "the values one by one"},
    {FIELD(profile), .type = SEVENS_KEY_BOOLEAN, .default_text = "false",
     .doc = "chi2 is minimised over its values; the map does not have this axis"},
};
#undef FIELD

typedef struct reader {
    sevens_config *config;
    sevens_document *doc;
    sevens_parameter_use *use; /* [n_parameters] */
} reader;

size_t sevens_config_find_parameter(sevens_config *config, const sevens_node *node,
                                    const char *name)
{
    const sevens_model *model = config->model;
    char suggestion[SEVENS_SUGGESTION];
    size_t p = sevens_model_find(model, name);
    if (p == sevens_model_n_parameters(model))
        sevens_document_fault(config->document, node, "the model has no parameter '%.60s'; %s",
                              name, sevens_model_suggest(model, name, suggestion));
    return p;
}

static bool is_plain_number(const sevens_parameter *parameter)
{
    return strcmp(parameter->unit, "1") == 0;
}

static bool is_allowed(const reader *r, const sevens_node *node, size_t p, double value)
{
    const sevens_parameter *parameter = sevens_model_parameter(r->config->model, p);
    char lo[32], hi[32], given[32];
    if (value >= parameter->min && value <= parameter->max)
        return true;
    bool has_unit = !is_plain_number(parameter);
    sevens_document_fault(r->doc, node, "%s must be from %s to %s%s%s, not %s", parameter->name,
                          sevens_format_real(parameter->min, 15, lo, sizeof lo),
                          sevens_format_real(parameter->max, 15, hi, sizeof hi),
                          has_unit ? " " : "", has_unit ? parameter->unit : "",
                          sevens_format_real(value, 15, given, sizeof given));
    return false;
}

/* ---- values ---- */

static void read_at(reader *r, const char *assignment)
{
    char origin[160], name[64];
    double value;
    snprintf(origin, sizeof origin, "--at %.140s", assignment);
    sevens_node node = {.kind = SEVENS_NODE_SCALAR, .origin = origin};
    const char *equals = strchr(assignment, '=');
    if (equals == NULL || !sevens_parse_real(equals + 1, false, &value)) {
        sevens_document_fault(r->doc, &node, "write --at NAME=VALUE, the value a finite number");
        return;
    }
    snprintf(name, sizeof name, "%.*s", (int)(equals - assignment), assignment);
    size_t p = sevens_config_find_parameter(r->config, &node, name);
    if (p == sevens_model_n_parameters(r->config->model) || !is_allowed(r, &node, p, value))
        return;
    if (r->use[p].at)
        sevens_document_fault(r->doc, &node, "%s is given twice", name);
    r->use[p].at = true;
    r->config->value[p] = value;
}

static void read_parameters(reader *r, const sevens_node *parameters)
{
    for (size_t i = 0; parameters != NULL && i < parameters->n; i++) {
        const sevens_node *item = parameters->item[i];
        const char *name = parameters->key[i]->text;
        size_t p = sevens_config_find_parameter(r->config, parameters->key[i], name);
        if (p == sevens_model_n_parameters(r->config->model))
            continue;
        if (sevens_node_is_null(item)) /* "rn_csi: ~" stands for the default, as in other tables */
            continue;
        double value;
        r->use[p].fixed = true;
        if (item->kind != SEVENS_NODE_SCALAR || item->quoted ||
            !sevens_parse_real(item->text, false, &value))
            sevens_document_fault(r->doc, item,
                                  "parameters: '%s' must be a finite number, not '%.60s'", name,
                                  item->kind == SEVENS_NODE_SCALAR ? item->text : "..");
        else if (is_allowed(r, item, p, value) && !r->use[p].at)
            r->config->value[p] = value;
    }
}

static void find_missing(const reader *r, const sevens_node *model_node)
{
    for (size_t p = 0; p < sevens_model_n_parameters(r->config->model); p++) {
        const sevens_parameter *parameter = sevens_model_parameter(r->config->model, p);
        const sevens_parameter_use *use = &r->use[p];
        if (parameter->has_default || use->at || use->fixed || use->axis || use->tied)
            continue;
        bool has_unit = !is_plain_number(parameter);
        sevens_document_fault(r->doc, model_node,
                              "parameter '%s'%s%s%s has no default: give it an axis, a value under "
                              "'parameters', or --at %s=VALUE",
                              parameter->name, has_unit ? " [" : "",
                              has_unit ? parameter->unit : "", has_unit ? "]" : "",
                              parameter->name);
    }
}

/* ---- axes ---- */

/* A value depends on its index alone, and both ends are exact. */
static double axis_point(const axis_entry *entry, size_t i)
{
    size_t last = (size_t)entry->n - 1;
    if (i == 0)
        return entry->min;
    if (i == last)
        return entry->max;
    if (entry->spacing == 0)
        return entry->min + (double)i * (entry->max - entry->min) / (double)last;
    double lo = log(entry->min), hi = log(entry->max);
    return exp(lo + (double)i * (hi - lo) / (double)last);
}

/* The node of a key, or of the entry when the key is not there. */
static const sevens_node *node_of(const sevens_node *entry, const char *key)
{
    const sevens_node *node = sevens_node_get(entry, key);
    return node != NULL ? node : entry;
}

static bool is_given(const sevens_node *entry, const char *key)
{
    const sevens_node *node = sevens_node_get(entry, key);
    return node != NULL && !sevens_node_is_null(node);
}

static bool range_is_good(const reader *r, const sevens_node *node, const axis_entry *entry,
                          const char *where)
{
    static const char *const required[] = {"min", "max", "n"};
    size_t before = sevens_document_faults(r->doc);
    for (size_t i = 0; i < SEVENS_COUNT(required); i++)
        if (!is_given(node, required[i]))
            sevens_document_fault(r->doc, node, "%s: the key '%s' is missing (or give 'values')",
                                  where, required[i]);
    if (sevens_document_faults(r->doc) > before)
        return false;
    if (entry->max < entry->min || (entry->max == entry->min && entry->n > 1))
        sevens_document_fault(r->doc, node_of(node, "max"), "%s: 'max' must be larger than 'min'",
                              where);
    else if (entry->max > entry->min && entry->n == 1)
        sevens_document_fault(
            r->doc, node_of(node, "max"),
            "%s: one value ('n: 1') cannot be both 'min' and 'max'; make them the "
            "same, or 'n' larger",
            where);
    else if (entry->spacing == 1 && entry->min <= 0)
        sevens_document_fault(r->doc, node_of(node, "min"),
                              "%s: 'min' must be positive for log spacing", where);
    return sevens_document_faults(r->doc) == before;
}

/* Values between min and max, or NULL with a fault. */
static double *range_values(const reader *r, const sevens_node *node, const axis_entry *entry,
                            const char *where, size_t *n)
{
    if (!range_is_good(r, node, entry, where))
        return NULL;
    double *value = calloc((size_t)entry->n, sizeof *value);
    if (value == NULL) {
        sevens_document_fault(r->doc, node, "%s: out of memory for %lld values", where,
                              (long long)entry->n);
        return NULL;
    }
    *n = (size_t)entry->n;
    for (size_t i = 0; i < *n; i++)
        value[i] = axis_point(entry, i);
    return value;
}

static double *listed_values(const reader *r, const sevens_node *node, const axis_entry *entry,
                             const char *where, size_t *n)
{
    static const char *const others[] = {"min", "max", "n"};
    char list[64];
    for (size_t i = 0; i < SEVENS_COUNT(others); i++)
        if (is_given(node, others[i]))
            sevens_document_fault(r->doc, sevens_node_get(node, others[i]),
                                  "%s: either 'values' or 'min', 'max' and 'n', not both", where);
    snprintf(list, sizeof list, "%s: 'values'", where);
    double *value =
        sevens_document_reals(r->doc, entry->values, list, 1, SEVENS_MAX_AXIS_POINTS, n);
    if (value != NULL && entry->spacing == 1 && value[0] <= 0)
        sevens_document_fault(r->doc, entry->values->item[0],
                              "%s: 'values' must be positive for log spacing", where);
    return value;
}

static bool values_are_good(const reader *r, const sevens_node *node, const axis_entry *entry,
                            const char *where, const sevens_axis *axis)
{
    const sevens_node *values = entry->values;
    for (size_t i = 1; i < axis->n; i++) {
        if (axis->value[i] > axis->value[i - 1])
            continue;
        sevens_document_fault(r->doc, values != NULL ? values->item[i] : node_of(node, "n"),
                              values != NULL ? "%s: 'values' must increase from each to the next"
                                             : "%s: neighbouring values would be the same number",
                              where);
        return false;
    }
    const sevens_node *lo = values != NULL ? values->item[0] : node_of(node, "min");
    const sevens_node *hi = values != NULL ? values->item[axis->n - 1] : node_of(node, "max");
    return is_allowed(r, lo, axis->parameter, axis->value[0]) &&
           (axis->n == 1 || is_allowed(r, hi, axis->parameter, axis->value[axis->n - 1]));
}

/* What `param` and `unit` name; n_parameters if there is a fault. */
static size_t axis_parameter(reader *r, const sevens_node *node, const axis_entry *entry,
                             const char *where)
{
    size_t none = sevens_model_n_parameters(r->config->model);
    if (entry->param == NULL)
        return none;
    size_t p = sevens_config_find_parameter(r->config, node_of(node, "param"), entry->param);
    if (p == none)
        return none;
    const sevens_parameter *parameter = sevens_model_parameter(r->config->model, p);
    if (entry->unit != NULL && strcmp(entry->unit, parameter->unit) != 0)
        sevens_document_fault(r->doc, node_of(node, "unit"), "%s: %s is in %s, not %.60s", where,
                              parameter->name,
                              is_plain_number(parameter) ? "unit 1" : parameter->unit, entry->unit);
    if (r->use[p].axis)
        sevens_document_fault(r->doc, node_of(node, "param"), "%s: %s has an axis already", where,
                              parameter->name);
    if (r->use[p].fixed)
        sevens_document_fault(r->doc, node_of(node, "param"),
                              "%s: %s is fixed under 'parameters' too; keep one of them", where,
                              parameter->name);
    r->use[p].axis = true;
    return p;
}

static void read_axis(reader *r, const sevens_node *node, size_t index)
{
    sevens_config *config = r->config;
    axis_entry entry;
    char where[32];
    snprintf(where, sizeof where, "axes[%zu]", index);
    size_t before = sevens_document_faults(r->doc);
    sevens_document_read(r->doc, node, where, axis_keys, SEVENS_COUNT(axis_keys), &entry);
    size_t p = axis_parameter(r, node, &entry, where);
    if (sevens_document_faults(r->doc) > before)
        return;
    const sevens_parameter *parameter = sevens_model_parameter(config->model, p);
    sevens_axis axis = {.name = parameter->name,
                        .unit = parameter->unit,
                        .doc = parameter->doc,
                        .parameter = p,
                        .log = entry.spacing == 1,
                        .profile = entry.profile,
                        .listed = entry.values != NULL};
    axis.value = axis.listed ? listed_values(r, node, &entry, where, &axis.n)
                             : range_values(r, node, &entry, where, &axis.n);
    if (axis.value == NULL || !values_are_good(r, node, &entry, where, &axis) || r->use[p].at) {
        free(axis.value); /* --at keeps nothing of the axis */
        return;
    }
    if (config->n_axis == SEVENS_MAX_AXES) {
        sevens_document_fault(r->doc, node, "more than %d axes", SEVENS_MAX_AXES);
        free(axis.value);
        return;
    }
    config->value[p] = axis.value[0];
    config->axis[config->n_axis++] = axis;
}

sevens_status sevens_config_read_parameters(sevens_config *config,
                                            const sevens_config_overrides *overrides,
                                            const sevens_config_space *space, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = sevens_model_n_parameters(config->model);
    reader r = {.config = config, .doc = config->document};
    r.use = calloc(n, sizeof *r.use);
    SEVENS_TRY_ALLOC(r.use);
    config->value = calloc(n, sizeof *config->value);
    SEVENS_TRY_ALLOC(config->value);
    for (size_t p = 0; p < n; p++) {
        const sevens_parameter *parameter = sevens_model_parameter(config->model, p);
        config->value[p] = parameter->has_default ? parameter->default_value : NAN;
    }
    for (size_t i = 0; overrides != NULL && i < overrides->n_at; i++)
        read_at(&r, overrides->at[i]);
    read_parameters(&r, space->parameters);
    for (size_t i = 0; space->axes != NULL && i < space->axes->n; i++)
        read_axis(&r, space->axes->item[i], i);
    SEVENS_TRY(sevens_config_read_ties(config, space->ties, r.use, err));
    find_missing(&r, space->model);
cleanup:
    free(r.use);
    return status;
}
