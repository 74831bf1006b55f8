/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of scans/: all are accepted, reference.yaml shows every key, kind, option and parameter
 * with its default, and scan.schema.json has the same keys. */
#include "sevens/config.h"
#include "test_support.h"
#include <glob.h>
#include <jansson.h>

#define REFERENCE SEVENS_SOURCE_DIR "/scans/reference.yaml"

static sevens_error err;

static sevens_config *load(const char *path)
{
    sevens_config *config;
    sevens_status status = sevens_config_load(&config, path, NULL, true, &err);
    ck_assert_msg(status == SEVENS_OK, "%s", err.message);
    return config;
}

/* A scan without axes is fine here. set: an override, or NULL. */
static sevens_config *parse(const char *text, const char *set)
{
    sevens_config_overrides overrides = {.n_set = set != NULL, .set = &set};
    sevens_config *config;
    sevens_status status =
        sevens_config_parse(&config, "part", text, strlen(text), &overrides, false, &err);
    ck_assert_msg(status == SEVENS_OK, "%s\n%s", text, err.message);
    return config;
}

START_TEST(all_are_accepted)
{
    glob_t found;
    ck_assert_int_eq(glob(SEVENS_SOURCE_DIR "/scans/*.yaml", 0, NULL, &found), 0);
    ck_assert_uint_gt(found.gl_pathc, 10);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *file = strrchr(found.gl_pathv[i], '/') + 1;
        sevens_config *config = load(found.gl_pathv[i]);
        ck_assert_uint_eq(strlen(config->name) + strlen(".yaml"), strlen(file));
        ck_assert_int_eq(strncmp(config->name, file, strlen(config->name)), 0);
        sevens_config_free(&config);
    }
    globfree(&found);
}
END_TEST

/* The file itself, and the parts at its end that stand there as comments: text behind "## ", YAML
 * behind "# ". */
enum { MAX_PARTS = 40 };
typedef struct reference {
    size_t n;
    sevens_config *part[MAX_PARTS];
    char text[MAX_PARTS][2000];
} reference;

static void end_part(reference *r)
{
    if (r->text[r->n][0] == '\0')
        return;
    ck_assert_uint_lt(r->n + 1, MAX_PARTS);
    r->part[r->n] = parse(r->text[r->n], NULL);
    r->n++;
}

static void load_reference(reference *r)
{
    static const char head[] = "schema: 1\nname: part\nexperiments: [{name: coherent-csi-2021}]\n";
    char line[400];
    bool parts = false;
    FILE *file = fopen(REFERENCE, "r");
    ck_assert_ptr_nonnull(file);
    memset(r, 0, sizeof *r);
    r->part[r->n++] = load(REFERENCE);
    while (fgets(line, sizeof line, file) != NULL) {
        char *text = r->text[r->n];
        size_t used = strlen(text);
        ck_assert_uint_le(strlen(line), 110);
        parts |= strncmp(line, "## ", 3) == 0;
        if (parts && strncmp(line, "# ", 2) == 0)
            snprintf(text + used, sizeof r->text[0] - used, "%s%s", used > 0 ? "" : head, line + 2);
        else
            end_part(r);
    }
    end_part(r);
    fclose(file);
    ck_assert_uint_gt(r->n, 10);
}

static void free_reference(reference *r)
{
    for (size_t i = 0; i < r->n; i++)
        sevens_config_free(&r->part[i]);
}

static const sevens_node *top(const sevens_config *config, const char *key)
{
    return sevens_node_get(sevens_document_root(config->document), key);
}

/* The entry of a kind in the model list, or NULL. */
static const sevens_node *entry_of(const sevens_config *config, const sevens_model_kind *kind)
{
    const sevens_node *model = top(config, "model");
    bool list = model->kind == SEVENS_NODE_SEQUENCE;
    for (size_t i = 0; i < (list ? model->n : 1); i++) {
        const sevens_node *entry = list ? model->item[i] : model;
        if (strcmp(sevens_node_get(entry, "kind")->text, kind->name) == 0)
            return entry;
    }
    return NULL;
}

static bool shows_options(const reference *r, const sevens_model_kind *kind)
{
    for (size_t i = 0; i < r->n; i++) {
        const sevens_node *entry = entry_of(r->part[i], kind);
        size_t shown = 0;
        for (size_t k = 0; entry != NULL && k < kind->n_options; k++)
            shown += sevens_node_get(entry, kind->options[k].name) != NULL;
        if (entry != NULL && shown == kind->n_options)
            return true;
    }
    return false;
}

/* Under `parameters` or `axes` of a part with that kind. */
static bool shows_parameter(const reference *r, const sevens_model_kind *kind, const char *name)
{
    for (size_t i = 0; i < r->n; i++) {
        const sevens_config *config = r->part[i];
        bool shown = sevens_node_get(top(config, "parameters"), name) != NULL;
        for (size_t a = 0; a < config->n_axis; a++)
            shown |= strcmp(config->axis[a].name, name) == 0;
        if (shown && entry_of(config, kind) != NULL)
            return true;
    }
    return false;
}

START_TEST(reference_is_complete)
{
    static const char *const keys[] = {
        "schema",      "name",      "model",  "interference", "axes",   "ties", "parameters",
        "experiments", "nuisances", "reduce", "tile",         "output", "seed"};
    const sevens_model_kind *kind;
    reference r;
    load_reference(&r);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        ck_assert_msg(top(r.part[0], keys[i]) != NULL, "%s", keys[i]);
    for (size_t i = 0; (kind = sevens_model_kind_at(i)) != NULL; i++) {
        ck_assert_msg(shows_options(&r, kind), "no entry of %s with all options", kind->name);
        for (size_t p = 0; p < kind->n_parameters; p++)
            ck_assert_msg(shows_parameter(&r, kind, kind->parameters[p].name), "%s: no %s",
                          kind->name, kind->parameters[p].name);
        for (size_t v = 0; v < kind->n_variants; v++)
            for (size_t p = 0; p < kind->variants[v].n_parameters; p++)
                ck_assert_msg(shows_parameter(&r, kind, kind->variants[v].parameters[p].name),
                              "%s: no %s", kind->name, kind->variants[v].parameters[p].name);
    }
    free_reference(&r);
}
END_TEST

/* A parameter that has a default stands at it. */
static void has_default_values(const sevens_config *config)
{
    for (size_t p = 0; p < sevens_model_n_parameters(config->model); p++) {
        const sevens_parameter *parameter = sevens_model_parameter(config->model, p);
        bool runs = false;
        for (size_t a = 0; a < config->n_axis; a++)
            runs |= config->axis[a].parameter == p;
        if (parameter->has_default && !runs && !isnan(parameter->default_value))
            ck_assert_msg(config->value[p] == parameter->default_value, "%s", parameter->name);
    }
}

START_TEST(reference_holds_the_defaults)
{
    reference r;
    load_reference(&r);
    sevens_config *minimal = parse("schema: 1\nname: reference\nmodel: zprime\naxes:\n"
                                   "  - {param: m_zp, min: 1, max: 1000, n: 4}\n"
                                   "  - {param: g_zp, values: [0, 1e-5, 1e-4]}\n"
                                   "experiments: [{name: coherent-csi-2021}]\n"
                                   "nuisances: {\"coherent-csi-2021:signal\": {}}\n",
                                   NULL);
    ck_assert_str_eq(r.part[0]->canonical_json, minimal->canonical_json);
    sevens_config_free(&minimal);
    for (size_t i = 0; i < r.n; i++) {
        const sevens_node *model = top(r.part[i], "model");
        has_default_values(r.part[i]);
        if (i == 0 || model->kind != SEVENS_NODE_SEQUENCE || model->n > 1)
            continue; /* shows what certain options do */
        char name_alone[64];
        snprintf(name_alone, sizeof name_alone, "model=%s",
                 sevens_node_get(model->item[0], "kind")->text);
        minimal = parse(r.text[i], name_alone);
        ck_assert_str_eq(r.part[i]->canonical_json, minimal->canonical_json);
        sevens_config_free(&minimal);
    }
    free_reference(&r);
}
END_TEST

/* The schema for editors knows the keys of all nodes, and they show all of its keys. */
static void same_keys(const json_t *properties, const sevens_node *const *nodes, size_t n)
{
    const char *name;
    json_t *property;
    ck_assert_msg(json_is_object(properties), "no such part of the schema");
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < nodes[i]->n; k++)
            ck_assert_msg(json_object_get(properties, nodes[i]->key[k]->text) != NULL,
                          "%s is not in the schema", nodes[i]->key[k]->text);
    json_object_foreach((json_t *)properties, name, property)
    {
        bool shown = false;
        for (size_t i = 0; i < n; i++)
            shown |= sevens_node_get(nodes[i], name) != NULL;
        ck_assert_msg(shown, "%s is in the schema and not in reference.yaml", name);
    }
}

static const json_t *schema_part(const json_t *schema, const char *name)
{
    return json_object_get(json_object_get(json_object_get(schema, "definitions"), name),
                           "properties");
}

START_TEST(schema_has_the_keys_of_the_reference)
{
    json_error_t reason;
    json_t *schema = json_load_file(SEVENS_SOURCE_DIR "/scans/scan.schema.json", 0, &reason);
    ck_assert_msg(schema != NULL, "%d: %s", reason.line, reason.text);
    sevens_config *config = load(REFERENCE);
    const sevens_node *root = sevens_document_root(config->document);
    const sevens_node *axes = sevens_node_get(root, "axes");
    const sevens_node *experiment = sevens_node_get(root, "experiments")->item[0];
    const sevens_node *nuisance = sevens_node_get(root, "nuisances")->item[0];
    const sevens_node *output = sevens_node_get(root, "output");
    same_keys(json_object_get(schema, "properties"), &root, 1);
    same_keys(schema_part(schema, "axis"), (const sevens_node *const *)axes->item, axes->n);
    same_keys(schema_part(schema, "experiment"), &experiment, 1);
    same_keys(schema_part(schema, "nuisance"), &nuisance, 1);
    same_keys(schema_part(schema, "output"), &output, 1);
    reference parts;
    load_reference(&parts);
    size_t with_planes = 0;
    for (size_t i = 0; i < parts.n; i++) {
        const sevens_node *planes = top(parts.part[i], "reduce");
        if (planes == NULL || planes->n == 0)
            continue;
        with_planes++;
        same_keys(schema_part(schema, "plane"), (const sevens_node *const *)planes->item,
                  planes->n);
        ck_assert_uint_eq(parts.part[i]->n_plane, planes->n);
        ck_assert_uint_eq(parts.part[i]->plane[planes->n - 1].n_bin, 300); /* the default */
    }
    ck_assert_uint_eq(with_planes, 1);
    free_reference(&parts);
    /* of a kind it knows the common keys alone, and takes any others */
    const json_t *kind = json_array_get(
        json_object_get(json_object_get(json_object_get(schema, "definitions"), "kind"), "oneOf"),
        1);
    ck_assert_uint_eq(json_object_size(json_object_get(kind, "properties")), 2);
    ck_assert_ptr_nonnull(json_object_get(json_object_get(kind, "properties"), "kind"));
    ck_assert_ptr_nonnull(json_object_get(json_object_get(kind, "properties"), "as"));
    ck_assert_ptr_null(json_object_get(kind, "additionalProperties"));
    json_decref(schema);
    sevens_config_free(&config);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scan_files");
    TCase *tests = tcase_create("scan_files");
    tcase_add_test(tests, all_are_accepted);
    tcase_add_test(tests, reference_is_complete);
    tcase_add_test(tests, reference_holds_the_defaults);
    tcase_add_test(tests, schema_has_the_keys_of_the_reference);
    suite_add_tcase(suite, tests);
    return test_run(suite);
}
