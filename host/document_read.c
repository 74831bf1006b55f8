/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mappings -> structs by tables of keys. A field always gets a value, its default (or zero) when
 * the file's own is wrong, so that the reader can go on and find the other faults too. */
#include "document_internal.h"

#include "sevens/text.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a value stands, for messages. */
typedef struct place {
    sevens_document *doc;
    const sevens_node *node;
    const char *where; /* "axes[0]: " or "" */
    const sevens_key *key;
} place;

bool sevens_node_is_null(const sevens_node *node)
{
    return node->kind == SEVENS_NODE_SCALAR && !node->quoted &&
           (strcmp(node->text, "") == 0 || strcmp(node->text, "~") == 0 ||
            strcmp(node->text, "null") == 0);
}

const sevens_node *sevens_node_get(const sevens_node *mapping, const char *key)
{
    if (mapping == NULL || mapping->kind != SEVENS_NODE_MAPPING)
        return NULL;
    for (size_t i = 0; i < mapping->n; i++)
        if (strcmp(mapping->key[i]->text, key) == 0)
            return mapping->item[i];
    return NULL;
}

/* "'2oo'", "a list" ...: what was found in place of something else. */
static const char *describe(const sevens_node *node, char *buffer, size_t size)
{
    if (node->kind == SEVENS_NODE_SEQUENCE)
        return "a list";
    if (node->kind == SEVENS_NODE_MAPPING)
        return "a mapping";
    snprintf(buffer, size, "'%.60s'%s", node->text, node->quoted ? " in quotes" : "");
    return buffer;
}

static bool wrong_type(const place *at, const char *wanted)
{
    char found[96];
    sevens_document_fault(at->doc, at->node, "%s'%s' must be %s, not %s", at->where, at->key->name,
                          wanted, describe(at->node, found, sizeof found));
    return false;
}

static bool in_range(const place *at, double value)
{
    const sevens_key *key = at->key;
    char lo[32], hi[32], range[96];
    if ((key->min == 0 && key->max == 0) || (value >= key->min && value <= key->max))
        return true;
    if (key->type == SEVENS_KEY_INTEGER) {
        snprintf(lo, sizeof lo, "%lld", (long long)key->min);
        snprintf(hi, sizeof hi, "%lld", (long long)key->max);
    } else {
        sevens_format_real(key->min, 15, lo, sizeof lo);
        sevens_format_real(key->max, 15, hi, sizeof hi);
    }
    if (key->min == key->max)
        snprintf(range, sizeof range, "%s", lo);
    else if (isinf(key->max))
        snprintf(range, sizeof range, "at least %s", lo);
    else if (isinf(key->min))
        snprintf(range, sizeof range, "at most %s", hi);
    else
        snprintf(range, sizeof range, "from %s to %s", lo, hi);
    sevens_document_fault(at->doc, at->node, "%s'%s' must be %s%s%s, not '%.60s'", at->where,
                          key->name, range, key->unit != NULL ? " " : "",
                          key->unit != NULL ? key->unit : "", at->node->text);
    return false;
}

static bool read_real(const place *at, double *value)
{
    bool infinite = isinf(at->key->max);
    if (at->node->quoted || !sevens_parse_real(at->node->text, infinite, value))
        return wrong_type(at, infinite ? "a number or .inf" : "a finite number");
    return in_range(at, *value);
}

static bool read_integer(const place *at, int64_t *value)
{
    if (at->node->quoted || !sevens_parse_integer(at->node->text, value))
        return wrong_type(at, "a whole number");
    return in_range(at, (double)*value);
}

static bool read_choice(const place *at, int *value)
{
    char meant[96], list[512], found[96];
    if (sevens_is_choice(at->node->text, at->key->choices, value))
        return true;
    size_t n = 0;
    for (const char *p = at->key->choices; *p != '\0' && n + 3 < sizeof list; p++) {
        if (*p == '|')
            list[n++] = ',';
        list[n++] = *p == '|' ? ' ' : *p;
    }
    list[n] = '\0';
    sevens_meant_choice(at->node->text, at->key->choices, meant, sizeof meant);
    sevens_document_fault(at->doc, at->node, "%s'%s' must be one of %s, not %s%s%s%s", at->where,
                          at->key->name, list, describe(at->node, found, sizeof found),
                          *meant ? "; did you mean '" : "", meant, *meant ? "'?" : "");
    return false;
}

/* Reads a scalar of the type of the key and stores it; a fault and nothing stored if it is bad. */
static void read_scalar(const place *at, char *field)
{
    double real;
    int64_t integer;
    bool boolean;
    int choice;
    const char *text = at->node->text;
    switch (at->key->type) {
    case SEVENS_KEY_REAL:
        if (read_real(at, &real))
            memcpy(field, &real, sizeof real);
        break;
    case SEVENS_KEY_INTEGER:
        if (read_integer(at, &integer))
            memcpy(field, &integer, sizeof integer);
        break;
    case SEVENS_KEY_BOOLEAN:
        if (!at->node->quoted && sevens_parse_boolean(text, &boolean))
            memcpy(field, &boolean, sizeof boolean);
        else
            wrong_type(at, "true or false");
        break;
    case SEVENS_KEY_CHOICE:
        if (read_choice(at, &choice))
            memcpy(field, &choice, sizeof choice);
        break;
    default:
        memcpy(field, &text, sizeof text);
        break;
    }
}

static void read_value(const place *at, char *field)
{
    static const char *const wanted[] = {
        [SEVENS_KEY_REAL] = "a number",         [SEVENS_KEY_INTEGER] = "a whole number",
        [SEVENS_KEY_BOOLEAN] = "true or false", [SEVENS_KEY_TEXT] = "a text",
        [SEVENS_KEY_CHOICE] = "a word",         [SEVENS_KEY_SEQUENCE] = "a list",
        [SEVENS_KEY_MAPPING] = "a mapping",     [SEVENS_KEY_ANY] = "a value",
    };
    sevens_key_type type = at->key->type;
    sevens_node_kind kind = at->node->kind;
    bool is_tree = type == SEVENS_KEY_ANY ||
                   (type == SEVENS_KEY_SEQUENCE && kind == SEVENS_NODE_SEQUENCE) ||
                   (type == SEVENS_KEY_MAPPING && kind == SEVENS_NODE_MAPPING);
    if (is_tree)
        memcpy(field, &at->node, sizeof at->node);
    else if (type == SEVENS_KEY_SEQUENCE || type == SEVENS_KEY_MAPPING ||
             kind != SEVENS_NODE_SCALAR)
        wrong_type(at, wanted[type]);
    else
        read_scalar(at, field);
}

static size_t field_size(sevens_key_type type)
{
    switch (type) {
    case SEVENS_KEY_REAL:
        return sizeof(double);
    case SEVENS_KEY_INTEGER:
        return sizeof(int64_t);
    case SEVENS_KEY_BOOLEAN:
        return sizeof(bool);
    case SEVENS_KEY_CHOICE:
        return sizeof(int);
    default:
        return sizeof(void *);
    }
}

/* Zero (NULL), or what default_text says; a default of trees is YAML. */
static void fill_default(sevens_document *doc, const sevens_key *key, char *field)
{
    memset(field, 0, field_size(key->type));
    if (key->default_text == NULL || *key->default_text == '\0')
        return;
    sevens_node scalar = {.kind = SEVENS_NODE_SCALAR, .origin = "default"};
    place at = {.doc = doc, .node = &scalar, .where = "", .key = key};
    sevens_yaml_problem problem;
    if (key->type == SEVENS_KEY_TEXT) {
        memcpy(field, &key->default_text, sizeof key->default_text);
        return;
    }
    if (field_size(key->type) == sizeof(void *) && key->type >= SEVENS_KEY_SEQUENCE) {
        at.node = sevens_document_build(doc, key->default_text, strlen(key->default_text),
                                        "default", true, 1, &problem);
        assert(at.node != NULL || doc->out_of_memory);
        if (at.node != NULL)
            read_value(&at, field);
        return;
    }
    scalar.text = sevens_document_keep(doc, key->default_text, strlen(key->default_text));
    if (scalar.text != NULL)
        read_value(&at, field);
}

static void unknown_key(sevens_document *doc, const sevens_node *node, const char *where,
                        const sevens_key *keys, size_t n_keys)
{
    enum { MOST_KEYS = 64 };
    const char *names[MOST_KEYS];
    char suggestion[SEVENS_SUGGESTION];
    size_t n = n_keys < MOST_KEYS ? n_keys : MOST_KEYS;
    for (size_t k = 0; k < n; k++)
        names[k] = keys[k].name;
    sevens_document_fault(doc, node, "%sunknown key '%.60s'; %s", where, node->text,
                          n == 0 ? "no keys are known here"
                                 : sevens_suggest(suggestion, node->text, names, n));
}

static bool is_known(const char *name, const sevens_key *keys, size_t n_keys)
{
    for (size_t k = 0; k < n_keys; k++)
        if (strcmp(name, keys[k].name) == 0)
            return true;
    return false;
}

static void read_key(const place *mapping, const sevens_key *key, char *field)
{
    sevens_document *doc = mapping->doc;
    place at = {.doc = doc, .where = mapping->where, .key = key};
    at.node = sevens_node_get(mapping->node, key->name);
    fill_default(doc, key, field);
    if (at.node != NULL && !sevens_node_is_null(at.node))
        read_value(&at, field);
    else if (at.node != NULL && key->default_text == NULL)
        sevens_document_fault(doc, at.node, "%s'%s' has no value", at.where, key->name);
    else if (key->default_text == NULL)
        sevens_document_fault(doc, mapping->node, "%sthe key '%s' is missing%s%s", at.where,
                              key->name, key->doc != NULL ? ": " : "",
                              key->doc != NULL ? key->doc : "");
}

void sevens_document_read(sevens_document *doc, const sevens_node *mapping, const char *where,
                          const sevens_key *keys, size_t n_keys, void *out)
{
    char prefix[128] = "", found[96];
    if (where != NULL && *where != '\0')
        snprintf(prefix, sizeof prefix, "%.120s: ", where);
    bool is_mapping = mapping == NULL || mapping->kind == SEVENS_NODE_MAPPING;
    if (!is_mapping && !sevens_node_is_null(mapping)) {
        sevens_document_fault(doc, mapping, "%sthis must be a mapping (key: value), not %s", prefix,
                              describe(mapping, found, sizeof found));
        for (size_t k = 0; k < n_keys; k++)
            fill_default(doc, &keys[k], (char *)out + keys[k].offset);
        return;
    }
    for (size_t i = 0; mapping != NULL && i < mapping->n; i++)
        if (!is_known(mapping->key[i]->text, keys, n_keys))
            unknown_key(doc, mapping->key[i], prefix, keys, n_keys);
    place at = {.doc = doc, .node = mapping, .where = prefix};
    for (size_t k = 0; k < n_keys; k++)
        read_key(&at, &keys[k], (char *)out + keys[k].offset);
}

double *sevens_document_reals(sevens_document *doc, const sevens_node *sequence, const char *where,
                              size_t min_n, size_t max_n, size_t *n)
{
    char found[96];
    *n = 0;
    if (sequence == NULL || sequence->kind != SEVENS_NODE_SEQUENCE) {
        sevens_document_fault(doc, sequence, "%s must be a list of numbers%s%s", where,
                              sequence != NULL ? ", not " : "",
                              sequence != NULL ? describe(sequence, found, sizeof found) : "");
        return NULL;
    }
    if (sequence->n < min_n || sequence->n > max_n) {
        sevens_document_fault(doc, sequence, "%s must hold from %zu to %zu numbers, not %zu", where,
                              min_n, max_n, sequence->n);
        return NULL;
    }
    double *values = calloc(sequence->n > 0 ? sequence->n : 1, sizeof *values);
    if (values == NULL) {
        doc->out_of_memory = true;
        return NULL;
    }
    bool good = true;
    for (size_t i = 0; i < sequence->n; i++) {
        const sevens_node *item = sequence->item[i];
        if (item->kind == SEVENS_NODE_SCALAR && !item->quoted &&
            sevens_parse_real(item->text, false, &values[i]))
            continue;
        sevens_document_fault(doc, item, "%s: entry %zu must be a finite number, not %s", where, i,
                              describe(item, found, sizeof found));
        good = false;
    }
    if (!good) {
        free(values);
        return NULL;
    }
    *n = sequence->n;
    return values;
}
