/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes from the command line: "axes.0.n=1500" on a tree that was read from a file. */
#include "document_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the walk along the path stands. */
typedef struct walk {
    sevens_document *doc;
    const char *origin; /* "--set axes.0.n=1500" */
    const char *path;   /* whole path, for messages */
    sevens_error *err;
} walk;

static sevens_status no_memory(const walk *w)
{
    return sevens_fail(w->err, SEVENS_ERR_MEMORY, "out of memory");
}

static sevens_node *new_node(const walk *w, sevens_node_kind kind, const char *text)
{
    sevens_node *node = sevens_document_alloc(w->doc, sizeof *node);
    if (node == NULL)
        return NULL;
    node->kind = kind;
    node->origin = w->origin;
    node->text = text == NULL ? NULL : sevens_document_keep(w->doc, text, strlen(text));
    return text != NULL && node->text == NULL ? NULL : node;
}

/* The place of key `name` in a mapping; made, with an empty mapping in it, when it is missing. */
static sevens_status enter_mapping(const walk *w, sevens_node *mapping, const char *name,
                                   sevens_node ***slot)
{
    size_t i = 0;
    while (i < mapping->n && strcmp(mapping->key[i]->text, name) != 0)
        i++;
    if (i == mapping->n) {
        sevens_node *key = new_node(w, SEVENS_NODE_SCALAR, name);
        sevens_node *item = new_node(w, SEVENS_NODE_MAPPING, NULL);
        if (key == NULL || item == NULL || !sevens_node_append(w->doc, mapping, key, item))
            return no_memory(w);
    }
    *slot = &mapping->item[i];
    return SEVENS_OK;
}

static sevens_status enter_sequence(const walk *w, sevens_node *sequence, const char *name,
                                    sevens_node ***slot)
{
    char *end;
    unsigned long index = strtoul(name, &end, 10);
    if (name[0] < '0' || name[0] > '9' || *end != '\0')
        return sevens_fail(w->err, SEVENS_ERR_INPUT,
                           "%s: error: '%s' must be the number of a list entry, from 0", w->origin,
                           name);
    if (index >= sequence->n)
        return sevens_fail(w->err, SEVENS_ERR_INPUT,
                           "%s: error: no entry %s: the list has %zu, counted from 0", w->origin,
                           name, sequence->n);
    *slot = &sequence->item[index];
    return SEVENS_OK;
}

/* One step down: *slot becomes the place of `name` in what it holds. */
static sevens_status enter(const walk *w, const char *name, sevens_node ***slot)
{
    if (*name == '\0')
        return sevens_fail(w->err, SEVENS_ERR_INPUT, "%s: error: an empty name in the path '%s'",
                           w->origin, w->path);
    if (sevens_node_is_null(**slot)) { /* "output:" with nothing in it */
        **slot = new_node(w, SEVENS_NODE_MAPPING, NULL);
        if (**slot == NULL)
            return no_memory(w);
    }
    if ((**slot)->kind == SEVENS_NODE_MAPPING)
        return enter_mapping(w, **slot, name, slot);
    if ((**slot)->kind == SEVENS_NODE_SEQUENCE)
        return enter_sequence(w, **slot, name, slot);
    return sevens_fail(w->err, SEVENS_ERR_INPUT,
                       "%s: error: there is no '%s' to set: what stands above it is a single value",
                       w->origin, name);
}

/* Walks along `path` (which is cut at its dots) and puts the value of `text` there. */
static sevens_status put(const walk *w, char *path, const char *text)
{
    sevens_status status = SEVENS_OK;
    sevens_yaml_problem problem = {0};
    int depth = 1;
    char *rest = path, *name;
    /* The value first: a bad one leaves the tree as it was. */
    for (const char *p = path; *p != '\0'; p++)
        depth += *p == '.';
    sevens_node *value =
        sevens_document_build(w->doc, *text != '\0' ? text : "~", *text != '\0' ? strlen(text) : 1,
                              w->origin, true, depth + 1, &problem);
    if (value == NULL && w->doc->out_of_memory)
        return no_memory(w);
    if (value == NULL)
        return sevens_fail(w->err, SEVENS_ERR_INPUT, "%s: error: %s", w->origin, problem.text);
    sevens_node **slot = &w->doc->root;
    while ((name = strsep(&rest, ".")) != NULL)
        SEVENS_TRY(enter(w, name, &slot));
    *slot = value;
cleanup:
    return status;
}

sevens_status sevens_document_set(sevens_document *doc, const char *assignment, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char *path = NULL;
    const char *equals = strchr(assignment, '=');
    size_t origin_size = strlen(assignment) + sizeof "--set ";
    char *origin = sevens_document_alloc(doc, origin_size);
    SEVENS_TRY_ALLOC(origin);
    snprintf(origin, origin_size, "--set %s", assignment);
    if (equals == NULL || equals == assignment) {
        status =
            sevens_fail(err, SEVENS_ERR_INPUT, "%s: error: write --set KEY.PATH=VALUE", origin);
        goto cleanup;
    }
    size_t length = (size_t)(equals - assignment);
    path = strndup(assignment, length);
    SEVENS_TRY_ALLOC(path);
    walk w = {
        .doc = doc, .origin = origin, .path = sevens_document_keep(doc, path, length), .err = err};
    SEVENS_TRY_ALLOC(w.path);
    SEVENS_TRY(put(&w, path, equals + 1));
cleanup:
    free(path);
    return status;
}
