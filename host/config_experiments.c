/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The entries of `experiments`. What else an entry may hold besides the keys below is up to its
 * release: the head of it is loaded for the options, their choices, the default of `es` and the
 * releases that it cannot be combined with. */
#include "config_internal.h"

#include "document_internal.h"
#include "sevens/text.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An entry as it is read; `other` takes what is not looked at. */
typedef struct raw_entry {
    const char *name, *folder;
    bool es;
    double norm_scale;
    const sevens_node *patch, *other;
    int choice[SEVENS_RELEASE_MAX_OPTIONS];
} raw_entry;

#define FIELD(name_) .name = #name_, .offset = offsetof(raw_entry, name_)
static const sevens_key entry_keys[] = {
    {FIELD(name), .type = SEVENS_KEY_TEXT, .doc = "name of a release"},
    {FIELD(es), .type = SEVENS_KEY_BOOLEAN, .default_text = "", .doc = "electron scattering"},
    {FIELD(norm_scale), .type = SEVENS_KEY_REAL, .default_text = "1",
     .doc = "multiplies the predicted signal"},
    {FIELD(folder), .type = SEVENS_KEY_TEXT, .default_text = "", .doc = "where the release is"},
    {FIELD(patch), .type = SEVENS_KEY_MAPPING, .default_text = "",
     .doc = "laid over its release.yaml"},
};
#undef FIELD
enum { N_ENTRY_KEYS = SEVENS_COUNT(entry_keys), MAX_KEYS = 64 };

/* The keys that an entry may have, and the texts of the choices. */
typedef struct key_table {
    size_t n;
    sevens_key key[MAX_KEYS];
    char choices[SEVENS_RELEASE_MAX_OPTIONS][512];
} key_table;

void sevens_config_check_name(sevens_document *doc, const sevens_node *node, const char *name,
                              const char *where)
{
    bool good = isalnum((unsigned char)name[0]) && strlen(name) <= 100;
    for (const char *p = name; good && *p != '\0'; p++)
        good = isalnum((unsigned char)*p) || strchr("-_.", *p) != NULL;
    if (!good)
        sevens_document_fault(
            doc, node,
            "%s'name' may hold letters, digits, '-', '_' and '.', at most 100, and "
            "begins with a letter or digit",
            where);
}

/* ---- the release ---- */

static const char *scalar_text(const sevens_node *node, const char *key)
{
    const sevens_node *item = sevens_node_get(node, key);
    return item != NULL && item->kind == SEVENS_NODE_SCALAR && !sevens_node_is_null(item)
               ? item->text
               : NULL;
}

static sevens_status has_release(const char *folder, bool *found, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const size_t size = strlen(folder) + sizeof "/release.yaml";
    char *path = malloc(size);
    SEVENS_TRY_ALLOC(path);
    snprintf(path, size, "%s/release.yaml", folder);
    *found = access(path, R_OK) == 0;

cleanup:
    free(path);
    return status;
}

/* The head of the entry's release; NULL with a fault when there is none. */
static sevens_status load_head(sevens_config *config, const sevens_node *node,
                               sevens_release_head **head, sevens_error *err)
{
    sevens_document *doc = config->document;
    const char *name = scalar_text(node, "name"), *folder = scalar_text(node, "folder");
    sevens_error why = {0};
    char *found = NULL;
    sevens_status status = SEVENS_OK;
    bool exists = true;
    *head = NULL;
    if (folder != NULL) {
        SEVENS_TRY(has_release(folder, &exists, err));
        if (!exists)
            sevens_document_fault(doc, sevens_node_get(node, "folder"),
                                  "there is no release.yaml to read in '%.200s'", folder);
    } else if (name != NULL) {
        status = sevens_release_find(&found, name, &why);
        exists = status == SEVENS_OK;
        if (status == SEVENS_ERR_INPUT) {
            sevens_document_fault(doc, sevens_node_get(node, "name"), "%s", why.message);
            status = SEVENS_OK;
        } else if (status != SEVENS_OK) {
            status = sevens_fail(err, status, "%s", why.message);
        }
        folder = found;
    }
    if (status == SEVENS_OK && exists && folder != NULL)
        status = sevens_release_head_load(head, folder, err);

cleanup:
    free(found);
    return status;
}

/* ---- reading ---- */

static void add_option_key(key_table *table, size_t index, const sevens_release_option_doc *option)
{
    char *choices = table->choices[index];
    size_t used = 0;
    for (size_t i = 0; i < option->n_choice && used < sizeof table->choices[0]; i++)
        used += (size_t)snprintf(choices + used, sizeof table->choices[0] - used, "%s%s",
                                 i > 0 ? "|" : "", option->choice[i]);
    table->key[table->n++] = (sevens_key){
        .name = option->name,
        .type = SEVENS_KEY_CHOICE,
        .offset = offsetof(raw_entry, choice) + index * sizeof(int),
        .default_text = option->choice[0],
        .choices = choices,
        .doc = option->doc,
    };
}

/* Without a release all other keys are let through: they may be options of it. */
static void add_unknown_keys(key_table *table, const sevens_node *node)
{
    for (size_t i = 0; node->kind == SEVENS_NODE_MAPPING && i < node->n; i++) {
        bool known = table->n == MAX_KEYS;
        for (size_t k = 0; k < table->n; k++)
            known = known || strcmp(table->key[k].name, node->key[i]->text) == 0;
        if (!known)
            table->key[table->n++] = (sevens_key){.name = node->key[i]->text,
                                                  .type = SEVENS_KEY_ANY,
                                                  .offset = offsetof(raw_entry, other),
                                                  .default_text = ""};
    }
}

static void check_entry(sevens_config *config, const sevens_node *node, const char *where,
                        const raw_entry *raw, const sevens_release_head *head)
{
    sevens_document *doc = config->document;
    char prefix[48];
    snprintf(prefix, sizeof prefix, "%s: ", where);
    sevens_config_check_name(doc, sevens_node_get(node, "name"), raw->name, prefix);
    for (size_t i = 0; i < config->n_experiment; i++)
        if (strcmp(config->experiment[i].name, raw->name) == 0)
            sevens_document_fault(doc, node, "%s: %s stands twice", where, raw->name);
    if (raw->norm_scale <= 0)
        sevens_document_fault(doc, sevens_node_get(node, "norm_scale"),
                              "%s: 'norm_scale' must be positive", where);
    if (head != NULL && strcmp(head->name, raw->name) != 0)
        sevens_document_fault(doc, sevens_node_get(node, "name"),
                              "%s: the release.yaml found for '%.100s' has the name '%.100s'",
                              where, raw->name, head->name);
}

static bool excludes(const sevens_experiment_entry *entry, const char *name)
{
    for (size_t k = 0; entry->head != NULL && k < entry->head->n_excluded; k++)
        if (strcmp(entry->head->excluded[k], name) == 0)
            return true;
    return false;
}

static void check_exclusions(sevens_config *config, const sevens_node *list)
{
    const sevens_experiment_entry *e = config->experiment;
    for (size_t j = 0; j < config->n_experiment; j++)
        for (size_t i = 0; i < j; i++)
            if (excludes(&e[i], e[j].name) || excludes(&e[j], e[i].name))
                sevens_document_fault(
                    config->document, list->item[j],
                    "experiments[%zu]: %s and %s hold some of the same data: they "
                    "cannot be combined",
                    j, e[i].name, e[j].name);
}

static void fill_entry(sevens_experiment_entry *entry, const raw_entry *raw,
                       const sevens_node *node, sevens_release_head *head)
{
    const sevens_node *es = sevens_node_get(node, "es");
    *entry = (sevens_experiment_entry){.name = raw->name,
                                       .es = raw->es,
                                       .norm_scale = raw->norm_scale,
                                       .folder = raw->folder,
                                       .head = head};
    if (raw->patch != NULL && raw->patch->n > 0)
        entry->patch = raw->patch;
    if (head == NULL)
        return;
    if (es == NULL || sevens_node_is_null(es))
        entry->es = head->electron_recoils;
    for (size_t o = 0; o < head->n_option; o++)
        entry->option[entry->n_option++] =
            (sevens_release_option){head->option[o].name, head->option[o].choice[raw->choice[o]]};
}

static sevens_status read_entry(sevens_config *config, const sevens_node *node, size_t index,
                                sevens_error *err)
{
    sevens_document *doc = config->document;
    char where[40];
    raw_entry raw = {0};
    sevens_release_head *head = NULL;
    sevens_status status = SEVENS_OK;
    const size_t before = sevens_document_faults(doc);
    key_table *table = calloc(1, sizeof *table);
    SEVENS_TRY_ALLOC(table);
    snprintf(where, sizeof where, "experiments[%zu]", index);
    memcpy(table->key, entry_keys, sizeof entry_keys);
    table->n = N_ENTRY_KEYS;
    SEVENS_TRY(load_head(config, node, &head, err));
    for (size_t o = 0; head != NULL && o < head->n_option; o++)
        add_option_key(table, o, &head->option[o]);
    if (head == NULL)
        add_unknown_keys(table, node);
    sevens_document_read(doc, node, where, table->key, table->n, &raw);
    if (sevens_document_faults(doc) == before)
        check_entry(config, node, where, &raw, head);
    if (raw.name == NULL)
        goto cleanup;
    fill_entry(&config->experiment[config->n_experiment++], &raw, node, head);
    head = NULL;

cleanup:
    sevens_release_head_free(&head);
    free(table);
    return status;
}

sevens_status sevens_config_read_experiments(sevens_config *config, const sevens_node *list,
                                             sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_document *doc = config->document;
    if (list == NULL)
        return SEVENS_OK;
    if (list->n == 0)
        sevens_document_fault(doc, list, "at least one experiment is needed");
    for (size_t i = 0; i < list->n; i++) {
        if (config->n_experiment == SEVENS_MAX_EXPERIMENTS) {
            sevens_document_fault(doc, list->item[i], "more than %d experiments",
                                  SEVENS_MAX_EXPERIMENTS);
            return SEVENS_OK;
        }
        SEVENS_TRY(read_entry(config, list->item[i], i, err));
    }
    if (config->n_experiment == list->n) /* else an entry has a fault, and is not among them */
        check_exclusions(config, list);

cleanup:
    return status;
}
