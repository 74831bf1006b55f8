/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `reduce` of a scan file: what is kept of the points when they are too many to store. */
#include "config_internal.h"

#include "document_internal.h"
#include "sevens/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Cells of a plane: with their 16 bytes for every thread they are what memory goes to. */
#define MAX_CELLS 1e8

typedef struct plane_entry {
    const char *name;
    const sevens_node *profile, *slice, *at, *histogram;
} plane_entry;

#define FIELD(name_) .name = #name_, .offset = offsetof(plane_entry, name_)
static const sevens_key plane_keys[] = {
    {FIELD(profile), .type = SEVENS_KEY_ANY, .default_text = "",
     .doc = "one or two axes; chi2 is minimised over all others. all: every axis and every pair"},
    {FIELD(slice), .type = SEVENS_KEY_SEQUENCE, .default_text = "",
     .doc = "one or two axes; the others stay at one value"},
    {FIELD(at), .type = SEVENS_KEY_MAPPING, .default_text = "",
     .doc = "slice: values of other axes, the nearest of the grid; default: that of the parameter"},
    {FIELD(histogram), .type = SEVENS_KEY_MAPPING, .default_text = "",
     .doc = "number of points by Delta chi2"},
    {FIELD(name), .type = SEVENS_KEY_TEXT, .default_text = "",
     .doc = "of the plane in the map; default: kind and axes"},
};
#undef FIELD

typedef struct histogram_entry {
    double max;
    int64_t bins;
    int reference;
} histogram_entry;

#define FIELD(name_) .name = #name_, .offset = offsetof(histogram_entry, name_)
static const sevens_key histogram_keys[] = {
    {FIELD(max), .type = SEVENS_KEY_REAL, .default_text = "30", .min = 1e-6, .max = 1e9,
     .doc = "upper end of the last bin"},
    {FIELD(bins), .type = SEVENS_KEY_INTEGER, .default_text = "300", .min = 1, .max = 1e6,
     .doc = "number of equal bins from 0 to max"},
    {FIELD(reference), .type = SEVENS_KEY_CHOICE, .default_text = "min", .choices = "min|sm",
     .doc = "what chi2 is compared with"},
};
#undef FIELD

typedef struct reader {
    sevens_config *config;
    sevens_document *doc;
    const sevens_node *axes; /* of the scan file */
    bool need_axes;
    bool gone;      /* an axis of this plane was fixed by --at */
    char where[32]; /* "reduce[0]" */
} reader;

bool sevens_plane_has(const sevens_plane *plane, size_t axis)
{
    bool has = false;
    for (size_t i = 0; i < plane->n_axis; i++)
        has |= plane->axis[i] == axis;
    return has;
}

/* Whether the scan file gives an axis to a parameter, taken away by --at or not. */
static bool in_file(const reader *r, const char *name)
{
    for (size_t i = 0; r->axes != NULL && i < r->axes->n; i++) {
        const sevens_node *param = sevens_node_get(r->axes->item[i], "param");
        if (param != NULL && strcmp(param->text, name) == 0)
            return true;
    }
    return false;
}

/* Index of the axis that a node names, or n_axis with a fault. */
static size_t find_axis(reader *r, const sevens_node *node, const char *name)
{
    const sevens_config *config = r->config;
    const char *names[SEVENS_MAX_AXES];
    char suggestion[SEVENS_SUGGESTION];
    for (size_t a = 0; a < config->n_axis; a++) {
        names[a] = config->axis[a].name;
        if (strcmp(names[a], name) == 0)
            return a;
    }
    if (in_file(r, name)) {
        r->gone = true;
        if (r->need_axes)
            sevens_document_fault(r->doc, node,
                                  "%s: %s is fixed by --at and no axis of the scan any more",
                                  r->where, name);
        return config->n_axis;
    }
    sevens_document_fault(r->doc, node, "%s: the scan has no axis '%.60s'; %s", r->where, name,
                          sevens_suggest(suggestion, name, names, config->n_axis));
    return config->n_axis;
}

/* ---- planes ---- */

static void read_plane_axes(reader *r, const sevens_node *list, sevens_plane *plane)
{
    const sevens_config *config = r->config;
    if (list->n < 1 || list->n > SEVENS_MAX_PLANE_AXES) {
        sevens_document_fault(r->doc, list, "%s: a plane has one or two axes, not %zu", r->where,
                              list->n);
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        const sevens_node *node = list->item[i];
        if (node->kind != SEVENS_NODE_SCALAR) {
            sevens_document_fault(r->doc, node, "%s: this must be the name of an axis", r->where);
            return;
        }
        size_t a = find_axis(r, node, node->text);
        if (a == config->n_axis)
            return;
        if (sevens_plane_has(plane, a))
            sevens_document_fault(r->doc, node, "%s: %s stands there twice", r->where, node->text);
        plane->axis[plane->n_axis++] = a;
    }
}

static size_t nearest(const sevens_axis *axis, double value)
{
    size_t best = 0;
    for (size_t i = 1; i < axis->n; i++) {
        const double *v = axis->value;
        bool nearer = axis->log ? fabs(log(v[i] / value)) < fabs(log(v[best] / value))
                                : fabs(v[i] - value) < fabs(v[best] - value);
        best = nearer ? i : best;
    }
    return best;
}

/* The value of one axis that a slice lies at: `given`, or the default of the parameter. */
static void read_at(reader *r, const sevens_node *entry, const sevens_node *given, size_t a,
                    sevens_plane *plane)
{
    const sevens_axis *axis = &r->config->axis[a];
    const sevens_parameter *parameter = sevens_model_parameter(r->config->model, axis->parameter);
    double lo = axis->value[0], hi = axis->value[axis->n - 1];
    double value = parameter->default_value, slack = 1e-9 * fmax(fabs(lo), fabs(hi));
    if (given != NULL && (given->kind != SEVENS_NODE_SCALAR || given->quoted ||
                          !sevens_parse_real(given->text, false, &value))) {
        sevens_document_fault(r->doc, given, "%s: at: '%s' must be a finite number", r->where,
                              axis->name);
        return;
    }
    if (given == NULL && (!parameter->has_default || !isfinite(value))) {
        sevens_document_fault(
            r->doc, entry, "%s: %s has no default: say where the slice lies with at: {%s: VALUE}",
            r->where, axis->name, axis->name);
        return;
    }
    if (!(value >= lo - slack && value <= hi + slack)) {
        sevens_document_fault(
            r->doc, given != NULL ? given : entry,
            given != NULL ? "%s: at: %s = %g lies outside its axis, which goes from %g to %g"
                          : "%s: %s = %g, its default, lies outside its axis, which goes from "
                            "%g to %g: give it a value under 'at'",
            r->where, axis->name, value, lo, hi);
        return;
    }
    plane->asked[a] = value;
    plane->at[a] = nearest(axis, value);
}

static void read_slice(reader *r, const sevens_node *entry, const plane_entry *e,
                       sevens_plane *plane)
{
    const sevens_config *config = r->config;
    read_plane_axes(r, e->slice, plane);
    for (size_t i = 0; e->at != NULL && i < e->at->n; i++) {
        const sevens_node *key = e->at->key[i];
        size_t a = find_axis(r, key, key->text);
        if (a < config->n_axis && sevens_plane_has(plane, a))
            sevens_document_fault(r->doc, key, "%s: %s is an axis of the slice", r->where,
                                  key->text);
    }
    for (size_t a = 0; a < config->n_axis && !r->gone; a++)
        if (!sevens_plane_has(plane, a))
            read_at(r, entry, sevens_node_get(e->at, config->axis[a].name), a, plane);
}

static void read_histogram(reader *r, const sevens_node *node, sevens_plane *plane)
{
    histogram_entry h;
    char where[64];
    snprintf(where, sizeof where, "%s: histogram", r->where);
    sevens_document_read(r->doc, node, where, histogram_keys, SEVENS_COUNT(histogram_keys), &h);
    plane->max = h.max;
    plane->n_bin = (size_t)h.bins;
    plane->reference = h.reference;
}

/* "profile_eps_u_ee_eps_d_ee" */
static void default_name(const sevens_config *config, sevens_plane *plane)
{
    static const char *const kind[] = {[SEVENS_PLANE_PROFILE] = "profile",
                                       [SEVENS_PLANE_SLICE] = "slice",
                                       [SEVENS_PLANE_HISTOGRAM] = "histogram"};
    size_t used = (size_t)snprintf(plane->name, sizeof plane->name, "%s", kind[plane->kind]);
    for (size_t i = 0; i < plane->n_axis && used < sizeof plane->name; i++)
        used += (size_t)snprintf(plane->name + used, sizeof plane->name - used, "_%s",
                                 config->axis[plane->axis[i]].name);
}

/* Adds a plane that has no fault of its own. */
static void add_plane(reader *r, const sevens_node *node, const sevens_plane *plane)
{
    sevens_config *config = r->config;
    double cells = 1.0;
    for (size_t i = 0; i < plane->n_axis; i++)
        cells *= (double)config->axis[plane->axis[i]].n;
    if (cells > MAX_CELLS)
        sevens_document_fault(r->doc, node, "%s: %g cells; a plane may have %g", r->where, cells,
                              MAX_CELLS);
    for (size_t i = 0; i < config->n_plane; i++)
        if (strcmp(config->plane[i].name, plane->name) == 0) {
            sevens_document_fault(r->doc, node,
                                  "%s: there is a plane '%s' already; give this one another 'name'",
                                  r->where, plane->name);
            return;
        }
    if (config->n_plane == SEVENS_MAX_PLANES) {
        sevens_document_fault(r->doc, node, "%s: more than %d planes", r->where, SEVENS_MAX_PLANES);
        return;
    }
    config->plane[config->n_plane++] = *plane;
}

/* profile: all */
static void add_all_profiles(reader *r, const sevens_node *node)
{
    for (size_t a = 0; a < r->config->n_axis; a++)
        for (size_t b = a; b < r->config->n_axis; b++) {
            sevens_plane plane = {
                .kind = SEVENS_PLANE_PROFILE, .n_axis = b > a ? 2 : 1, .axis = {a, b}};
            default_name(r->config, &plane);
            add_plane(r, node, &plane);
        }
}

static bool is_all(const sevens_node *profile)
{
    return profile != NULL && profile->kind == SEVENS_NODE_SCALAR &&
           strcmp(profile->text, "all") == 0;
}

/* What an entry keeps: one of profile, slice, histogram. */
static const sevens_node *chosen_kind(reader *r, const sevens_node *node, const plane_entry *e,
                                      sevens_plane_kind *kind)
{
    const sevens_node *const part[] = {[SEVENS_PLANE_PROFILE] = e->profile,
                                       [SEVENS_PLANE_SLICE] = e->slice,
                                       [SEVENS_PLANE_HISTOGRAM] = e->histogram};
    const sevens_node *chosen = NULL;
    size_t n = 0;
    for (size_t k = 0; k < SEVENS_COUNT(part); k++) {
        if (part[k] == NULL)
            continue;
        *kind = (sevens_plane_kind)k;
        chosen = part[k];
        n++;
    }
    if (n != 1)
        sevens_document_fault(r->doc, node, "%s: give it one of profile, slice, histogram",
                              r->where);
    else if (e->at != NULL && chosen != e->slice)
        sevens_document_fault(r->doc, e->at, "%s: 'at' belongs to a slice", r->where);
    else if (chosen == e->profile && chosen->kind != SEVENS_NODE_SEQUENCE && !is_all(chosen))
        sevens_document_fault(r->doc, chosen,
                              "%s: 'profile' must be a list of one or two axes, or all", r->where);
    else if (is_all(chosen) && e->name != NULL)
        sevens_document_fault(r->doc, node, "%s: 'profile: all' has no 'name'", r->where);
    return chosen;
}

static void read_entry(reader *r, const sevens_node *node)
{
    plane_entry e;
    sevens_plane plane = {0};
    size_t before = sevens_document_faults(r->doc);
    sevens_document_read(r->doc, node, r->where, plane_keys, SEVENS_COUNT(plane_keys), &e);
    if (sevens_document_faults(r->doc) > before)
        return;
    const sevens_node *chosen = chosen_kind(r, node, &e, &plane.kind);
    if (sevens_document_faults(r->doc) > before)
        return;
    if (is_all(chosen)) {
        add_all_profiles(r, node);
        return;
    }
    if (plane.kind == SEVENS_PLANE_PROFILE)
        read_plane_axes(r, chosen, &plane);
    else if (plane.kind == SEVENS_PLANE_SLICE)
        read_slice(r, node, &e, &plane);
    else
        read_histogram(r, chosen, &plane);
    if (e.name != NULL && strlen(e.name) >= sizeof plane.name)
        sevens_document_fault(r->doc, sevens_node_get(node, "name"),
                              "%s: 'name' may have at most %zu characters", r->where,
                              sizeof plane.name - 1);
    else if (e.name != NULL) {
        char where[40];
        snprintf(where, sizeof where, "%s: ", r->where);
        sevens_config_check_name(r->doc, sevens_node_get(node, "name"), e.name, where);
    }
    if (sevens_document_faults(r->doc) > before || r->gone)
        return;
    default_name(r->config, &plane);
    if (e.name != NULL)
        snprintf(plane.name, sizeof plane.name, "%s", e.name);
    add_plane(r, node, &plane);
}

/* What else the scan file says and a reduced map cannot have. */
static void check_rest(reader *r, const sevens_node *reduce)
{
    const sevens_config *config = r->config;
    for (size_t a = 0; a < config->n_axis; a++)
        if (config->axis[a].profile)
            sevens_document_fault(r->doc, reduce,
                                  "reduce: 'profile: true' of the axis %s does not go with it: a "
                                  "profile is over all axes that it does not name",
                                  config->axis[a].name);
    if (config->output.pulls)
        sevens_document_fault(r->doc, reduce,
                              "reduce: planes have no pulls: take 'pulls: true' out");
    if (config->output.precision != SEVENS_OUTPUT_F64)
        sevens_document_fault(r->doc, reduce,
                              "reduce: planes are stored as f64: take 'precision' out of 'output'");
}

void sevens_config_read_reduce(sevens_config *config, const sevens_node *reduce,
                               const sevens_node *axes, bool need_axes)
{
    reader r = {config, config->document, axes, need_axes, false, ""};
    if (reduce == NULL || reduce->n == 0)
        return;
    check_rest(&r, reduce);
    for (size_t i = 0; i < reduce->n; i++) {
        snprintf(r.where, sizeof r.where, "reduce[%zu]", i);
        r.gone = false;
        read_entry(&r, reduce->item[i]);
    }
}
