/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One tree laid over another. What is new is copied; what stays of the base is shared with it,
 * since nodes do not change any more once a tree is read. */
#include "document_internal.h"

#include <string.h>

typedef struct merger {
    sevens_document *doc;
    const char *origin, *kept; /* the last foreign origin, and the document's own copy of it */
} merger;

/* The name of a file of another document outlives that document only as a copy. */
static const char *keep_origin(merger *m, const char *origin)
{
    if (origin == NULL || origin == m->doc->name)
        return origin;
    if (m->kept == NULL || m->origin != origin) {
        m->origin = origin;
        m->kept = sevens_document_keep(m->doc, origin, strlen(origin));
    }
    return m->kept;
}

static sevens_node *copy_head(merger *m, const sevens_node *source)
{
    sevens_node *node = sevens_document_alloc(m->doc, sizeof *node);
    if (node == NULL)
        return NULL;
    *node = (sevens_node){.kind = source->kind,
                          .quoted = source->quoted,
                          .line = source->line,
                          .column = source->column,
                          .origin = keep_origin(m, source->origin)};
    if (source->text != NULL) {
        node->text = sevens_document_keep(m->doc, source->text, strlen(source->text));
        if (node->text == NULL)
            return NULL;
    }
    return node;
}

static sevens_node *copy(merger *m, const sevens_node *source)
{
    sevens_node *node = copy_head(m, source);
    for (size_t i = 0; node != NULL && i < source->n; i++) {
        const bool has_key = source->kind == SEVENS_NODE_MAPPING;
        sevens_node *key = has_key ? copy(m, source->key[i]) : NULL;
        sevens_node *item = copy(m, source->item[i]);
        if (item == NULL || (has_key && key == NULL) ||
            !sevens_node_append(m->doc, node, key, item))
            return NULL;
    }
    return node;
}

static sevens_node *merge(merger *m, const sevens_node *base, const sevens_node *patch)
{
    if (base == NULL || base->kind != SEVENS_NODE_MAPPING || patch->kind != SEVENS_NODE_MAPPING)
        return copy(m, patch);
    sevens_node *node = copy_head(m, base);
    for (size_t i = 0; node != NULL && i < base->n; i++) {
        const sevens_node *over = sevens_node_get(patch, base->key[i]->text);
        if (over != NULL && sevens_node_is_null(over))
            continue;
        sevens_node *item = over != NULL ? merge(m, base->item[i], over) : base->item[i];
        if (item == NULL || !sevens_node_append(m->doc, node, base->key[i], item))
            return NULL;
    }
    /* A ~ where base has nothing stays: reading takes it for "not given" if the key is known, and
     * finds a slip of the pen if it is not. */
    for (size_t i = 0; node != NULL && i < patch->n; i++) {
        if (sevens_node_get(base, patch->key[i]->text) != NULL)
            continue;
        sevens_node *key = copy(m, patch->key[i]), *item = copy(m, patch->item[i]);
        if (key == NULL || item == NULL || !sevens_node_append(m->doc, node, key, item))
            return NULL;
    }
    return node;
}

const sevens_node *sevens_document_merge(sevens_document *doc, const sevens_node *base,
                                         const sevens_node *patch)
{
    merger m = {.doc = doc};
    return merge(&m, base, patch);
}
