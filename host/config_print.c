/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scan with every default filled in: as one tree, written as canonical JSON (what the identity of
 * a scan is taken from) and as YAML for people. */
#include "config_internal.h"

#include "document_internal.h"
#include "sevens/text.h"
#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the functions below NULL is "out of memory"; jansson refuses NULL as a value, so that it
 * travels up by itself: add() is the only place that looks. */
static json_t *add(json_t *object, const char *key, json_t *value)
{
    if (object != NULL && json_object_set_new(object, key, value) == 0)
        return object;
    if (object == NULL)
        json_decref(value);
    json_decref(object);
    return NULL;
}

static json_t *append(json_t *array, json_t *value)
{
    if (array != NULL && json_array_append_new(array, value) == 0)
        return array;
    if (array == NULL)
        json_decref(value);
    json_decref(array);
    return NULL;
}

/* JSON knows no infinity; adding 0 makes one zero of -0 and 0. */
static json_t *real(double value)
{
    return isinf(value) ? json_string(value > 0 ? ".inf" : "-.inf") : json_real(value + 0.0);
}

/* ---- the tree ---- */

/* A node whose meaning only the model kind knows. */
static json_t *from_node(const sevens_node *node)
{
    double number;
    bool boolean;
    if (node->kind == SEVENS_NODE_MAPPING) {
        json_t *object = json_object();
        for (size_t i = 0; i < node->n; i++)
            object = add(object, node->key[i]->text, from_node(node->item[i]));
        return object;
    }
    if (node->kind == SEVENS_NODE_SEQUENCE) {
        json_t *array = json_array();
        for (size_t i = 0; i < node->n; i++)
            array = append(array, from_node(node->item[i]));
        return array;
    }
    if (sevens_node_is_null(node))
        return json_null();
    if (!node->quoted && sevens_parse_real(node->text, true, &number))
        return real(number);
    if (!node->quoted && sevens_parse_boolean(node->text, &boolean))
        return json_boolean(boolean);
    return json_string(node->text);
}

/* The value of one option of a kind, given or by default; json null when it has none. */
static json_t *option(sevens_document *doc, const sevens_node *entry, const sevens_key *option)
{
    union {
        double real;
        int64_t integer;
        bool boolean;
        int choice;
        const char *text;
        const sevens_node *node;
    } value;
    sevens_key key = *option;
    key.offset = 0;
    sevens_node name = {.kind = SEVENS_NODE_SCALAR, .text = (char *)key.name};
    sevens_node *given = (sevens_node *)sevens_node_get(entry, key.name), *names = &name;
    sevens_node only = {
        .kind = SEVENS_NODE_MAPPING, .n = given != NULL, .key = &names, .item = &given};
    sevens_document_read(doc, &only, "", &key, 1, &value);
    switch (key.type) {
    case SEVENS_KEY_REAL:
        return real(value.real);
    case SEVENS_KEY_INTEGER:
        return json_integer(value.integer);
    case SEVENS_KEY_BOOLEAN:
        return json_boolean(value.boolean);
    case SEVENS_KEY_CHOICE:
        return json_string(given != NULL && !sevens_node_is_null(given) ? given->text
                                                                        : key.default_text);
    case SEVENS_KEY_TEXT:
        return value.text != NULL ? json_string(value.text) : json_null();
    default:
        return value.node != NULL ? from_node(value.node) : json_null();
    }
}

/* entry: NULL for a kind that the file does not list. */
static json_t *kind(sevens_document *doc, const sevens_node *entry, const sevens_model_kind *kind)
{
    json_t *object = add(json_object(), "kind", json_string(kind->name));
    const sevens_node *as =
        entry != NULL && entry->kind == SEVENS_NODE_MAPPING ? sevens_node_get(entry, "as") : NULL;
    if (as != NULL && !sevens_node_is_null(as))
        object = add(object, "as", json_string(as->text));
    for (size_t i = 0; i < kind->n_options; i++) {
        json_t *value = option(doc, entry, &kind->options[i]);
        if (value != NULL && json_is_null(value))
            continue;
        object = add(object, kind->options[i].name, value);
    }
    return object;
}

static const sevens_model_kind *entry_kind(const sevens_node *entry)
{
    const sevens_node *name =
        entry->kind == SEVENS_NODE_MAPPING ? sevens_node_get(entry, "kind") : entry;
    return sevens_model_kind_find(name->text);
}

/* All kinds that act, `sm` first whether it is listed or not, as the model orders them. */
static json_t *model(sevens_document *doc)
{
    const sevens_node *node = sevens_node_get(sevens_document_root(doc), "model"), *sm = NULL;
    const sevens_model_kind *sm_kind = sevens_model_kind_find("sm");
    bool is_list = node->kind == SEVENS_NODE_SEQUENCE;
    size_t n = is_list ? node->n : 1;
    for (size_t i = 0; i < n; i++) {
        const sevens_node *entry = is_list ? node->item[i] : node;
        if (entry_kind(entry) == sm_kind)
            sm = entry;
    }
    json_t *array = append(json_array(), kind(doc, sm, sm_kind));
    for (size_t i = 0; i < n; i++) {
        const sevens_node *entry = is_list ? node->item[i] : node;
        if (entry != sm)
            array = append(array, kind(doc, entry, entry_kind(entry)));
    }
    return array;
}

static json_t *axis(const sevens_axis *axis)
{
    json_t *object = add(json_object(), "param", json_string(axis->name));
    object = add(object, "unit", json_string(axis->unit));
    if (axis->listed) {
        json_t *values = json_array();
        for (size_t i = 0; i < axis->n; i++)
            values = append(values, real(axis->value[i]));
        object = add(object, "values", values);
    } else {
        object = add(object, "min", real(axis->value[0]));
        object = add(object, "max", real(axis->value[axis->n - 1]));
        object = add(object, "n", json_integer((json_int_t)axis->n));
    }
    if (axis->profile)
        object = add(object, "profile", json_true());
    return add(object, "spacing", json_string(axis->log ? "log" : "linear"));
}

/* Parameters that neither run nor follow others. One without a finite value stands for "not given".
 */
static json_t *parameters(const sevens_config *config)
{
    json_t *object = json_object();
    for (size_t p = 0; p < sevens_model_n_parameters(config->model); p++) {
        bool runs = !isfinite(config->value[p]) || sevens_model_tie(config->model, p) != NULL;
        for (size_t i = 0; i < config->n_axis; i++)
            runs |= config->axis[i].parameter == p;
        if (!runs)
            object =
                add(object, sevens_model_parameter(config->model, p)->name, real(config->value[p]));
    }
    return object;
}

static json_t *ties(const sevens_config *config)
{
    json_t *object = json_object();
    for (size_t p = 0; p < sevens_model_n_parameters(config->model); p++) {
        if (sevens_model_tie(config->model, p) == NULL)
            continue;
        char *text = sevens_config_print_tie(config, p);
        object = add(object, sevens_model_parameter(config->model, p)->name,
                     text != NULL ? json_string(text) : NULL);
        free(text);
    }
    return object;
}

/* with_folder: the same release elsewhere is the same scan. */
static json_t *experiments(const sevens_config *config, bool with_folder)
{
    json_t *array = json_array();
    for (size_t i = 0; i < config->n_experiment; i++) {
        const sevens_experiment_entry *entry = &config->experiment[i];
        json_t *object = add(json_object(), "name", json_string(entry->name));
        object = add(object, "es", json_boolean(entry->es));
        object = add(object, "norm_scale", real(entry->norm_scale));
        for (size_t k = 0; k < entry->n_option; k++)
            object = add(object, entry->option[k].name, json_string(entry->option[k].value));
        if (entry->patch != NULL)
            object = add(object, "patch", from_node(entry->patch));
        if (with_folder && entry->folder != NULL)
            object = add(object, "folder", json_string(entry->folder));
        array = append(array, object);
    }
    return array;
}

static json_t *nuisances(const sevens_config *config)
{
    json_t *object = json_object();
    for (size_t i = 0; i < config->n_nuisance; i++) {
        const sevens_nuisance_entry *entry = &config->nuisance[i];
        json_t *value = json_object();
        if (entry->has_fixed)
            value = add(value, "fixed", json_boolean(entry->fixed));
        if (entry->has_sigma)
            value = add(value, "sigma", real(entry->sigma));
        if (entry->shared != NULL)
            value = add(value, "shared", json_string(entry->shared));
        json_t *key = json_sprintf("%s:%s", entry->experiment, entry->name);
        if (key == NULL) {
            json_decref(value);
            json_decref(object);
            return NULL;
        }
        object = add(object, json_string_value(key), value);
        json_decref(key);
    }
    return object;
}

static json_t *plane(const sevens_config *config, const sevens_plane *plane)
{
    json_t *object = add(json_object(), "name", json_string(plane->name)), *part;
    if (plane->kind == SEVENS_PLANE_HISTOGRAM) {
        part = add(json_object(), "max", real(plane->max));
        part = add(part, "bins", json_integer((json_int_t)plane->n_bin));
        part = add(part, "reference",
                   json_string(plane->reference == SEVENS_PLANE_REFERENCE_SM ? "sm" : "min"));
        return add(object, "histogram", part);
    }
    part = json_array();
    for (size_t i = 0; i < plane->n_axis; i++)
        part = append(part, json_string(config->axis[plane->axis[i]].name));
    object = add(object, plane->kind == SEVENS_PLANE_SLICE ? "slice" : "profile", part);
    if (plane->kind == SEVENS_PLANE_PROFILE)
        return object;
    part = json_object();
    for (size_t a = 0; a < config->n_axis; a++)
        if (!sevens_plane_has(plane, a))
            part = add(part, config->axis[a].name, real(config->axis[a].value[plane->at[a]]));
    return add(object, "at", part);
}

static json_t *reduce(const sevens_config *config)
{
    json_t *array = json_array();
    for (size_t i = 0; i < config->n_plane; i++)
        array = append(array, plane(config, &config->plane[i]));
    return array;
}

static json_t *output(const sevens_config *config, bool with_file)
{
    static const char *const precision[] = {
        [SEVENS_OUTPUT_F64] = "f64", [SEVENS_OUTPUT_F32] = "f32", [SEVENS_OUTPUT_I16] = "i16"};
    json_t *object = json_object();
    if (with_file)
        object = add(object, "file",
                     config->output.file != NULL ? json_string(config->output.file)
                                                 : json_sprintf("%s.h5", config->name));
    object = add(object, "precision", json_string(precision[config->output.precision]));
    object = add(object, "pulls", json_boolean(config->output.pulls));
    return add(object, "compress", json_boolean(config->output.compress));
}

static json_t *tree(const sevens_config *config, bool with_file)
{
    json_t *object = add(json_object(), "schema", json_integer(1)), *axes = json_array();
    object = add(object, "name", json_string(config->name));
    object = add(object, "model", model(config->document));
    for (size_t i = 0; i < config->n_axis; i++)
        axes = append(axes, axis(&config->axis[i]));
    object = add(object, "axes", axes);
    object = add(object, "parameters", parameters(config));
    object = add(object, "ties", ties(config));
    object = add(object, "experiments", experiments(config, with_file));
    object = add(object, "nuisances", nuisances(config));
    object = add(object, "interference", json_string(config->incoherent ? "none" : "defined"));
    if (config->n_plane > 0) /* without it the identity of a scan stays what it was */
        object = add(object, "reduce", reduce(config));
    object = add(object, "tile", json_integer(config->tile));
    object = add(object, "output", output(config, with_file));
    return add(object, "seed", json_integer(config->seed));
}

sevens_status sevens_config_make_canonical(sevens_config *config, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    json_t *filled = tree(config, false);
    SEVENS_TRY_ALLOC(filled);
    config->canonical_json =
        json_dumps(filled, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(17));
    SEVENS_TRY_ALLOC(config->canonical_json);
cleanup:
    json_decref(filled);
    return status;
}

/* ---- YAML ---- */

/* Text that YAML could take for something else goes in quotes (JSON's are YAML's too). */
static void write_text(FILE *out, const char *text)
{
    double number;
    bool boolean;
    bool plain = isalnum((unsigned char)text[0]) && strcmp(text, "null") != 0 &&
                 !sevens_parse_real(text, true, &number) && !sevens_parse_boolean(text, &boolean);
    size_t length = strlen(text);
    for (const char *p = text; plain && *p != '\0'; p++)
        plain = isalnum((unsigned char)*p) || strchr("-_./+:", *p) != NULL;
    if (strcmp(text, ".inf") == 0 || strcmp(text, "-.inf") == 0 ||
        (plain && text[length - 1] != ':')) {
        fputs(text, out);
        return;
    }
    json_t *string = json_string(text);
    json_dumpf(string, out, JSON_ENCODE_ANY);
    json_decref(string);
}

static void write_flow(FILE *out, json_t *value)
{
    char number[40];
    const char *key;
    json_t *item;
    size_t i, n = 0;
    if (json_is_object(value)) {
        fputc('{', out);
        json_object_foreach(value, key, item)
        {
            fputs(n++ > 0 ? ", " : "", out);
            write_text(out, key);
            fputs(": ", out);
            write_flow(out, item);
        }
        fputc('}', out);
    } else if (json_is_array(value)) {
        fputc('[', out);
        json_array_foreach(value, i, item)
        {
            fputs(i > 0 ? ", " : "", out);
            write_flow(out, item);
        }
        fputc(']', out);
    } else if (json_is_string(value)) {
        write_text(out, json_string_value(value));
    } else if (json_is_real(value)) {
        fputs(sevens_format_real(json_real_value(value), 17, number, sizeof number), out);
    } else {
        json_dumpf(value, out, JSON_ENCODE_ANY);
    }
}

/* The top level and the entries below it one to a line, the rest in a row. */
static void write_yaml(FILE *out, json_t *filled)
{
    const char *key, *name;
    json_t *value, *item;
    size_t i;
    json_object_foreach(filled, key, value)
    {
        fprintf(out, "%s:", key);
        if (json_object_size(value) == 0 && json_array_size(value) == 0) {
            fputc(' ', out);
            write_flow(out, value);
        }
        fputc('\n', out);
        json_array_foreach(value, i, item)
        {
            fputs("  - ", out);
            write_flow(out, item);
            fputc('\n', out);
        }
        json_object_foreach(value, name, item)
        {
            fputs("  ", out);
            write_text(out, name);
            fputs(": ", out);
            write_flow(out, item);
            fputc('\n', out);
        }
    }
}

char *sevens_config_print(const sevens_config *config)
{
    char *text = NULL;
    size_t size;
    json_t *filled = tree(config, true);
    FILE *out = filled != NULL ? open_memstream(&text, &size) : NULL;
    if (out != NULL) {
        write_yaml(out, filled);
        bool bad = ferror(out) != 0;
        if (fclose(out) != 0 || bad) {
            free(text);
            text = NULL;
        }
    }
    json_decref(filled);
    return text;
}
