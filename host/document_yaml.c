/* SPDX-License-Identifier: GPL-3.0-or-later */
/* YAML text -> tree of nodes, from the events of libyaml. Depth, number of nodes and anchors are
 * limited; an alias becomes a copy of what it names, so that the limits count it. */
#include "document_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define MAX_ANCHORS 1000

typedef struct anchor {
    const char *name;
    const sevens_node *node;
    bool complete; /* false while inside the node: an alias there would be a cycle */
} anchor;

typedef struct builder {
    sevens_document *doc;
    const char *text, *origin;
    bool is_option;
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
    anchor anchors[MAX_ANCHORS];
    size_t n_anchors;
    sevens_yaml_problem *problem;
} builder;

/* Notes what is wrong and where, and returns false. */
__attribute__((format(printf, 4, 5))) static bool refuse(builder *b, size_t line, size_t column,
                                                         const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(b->problem->text, sizeof b->problem->text, format, arguments);
    va_end(arguments);
    b->problem->line = (int)line + 1; /* libyaml counts from 0 */
    b->problem->column = (int)column + 1;
    return false;
}

static bool refuse_here(builder *b, const char *what)
{
    return refuse(b, b->event.start_mark.line, b->event.start_mark.column, "%s", what);
}

static bool no_memory(builder *b)
{
    b->doc->out_of_memory = true;
    return false;
}

/* The reader gives a byte offset and no line. */
static bool reader_problem(builder *b)
{
    size_t line = 0, column = 0;
    const char *p = b->text, *bad = b->text + b->parser.problem_offset;
    while (p < bad) {
        size_t length = sevens_line_break(p);
        line += length > 0;
        column = length > 0 ? 0 : column + (((unsigned char)*p & 0xC0) != 0x80);
        p += length > 0 ? length : 1;
    }
    b->doc->text_is_valid = false;
    return refuse(b, line, column, "bad YAML: %s", b->parser.problem);
}

static bool parser_problem(builder *b)
{
    const yaml_parser_t *parser = &b->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        return no_memory(b);
    if (parser->error == YAML_READER_ERROR)
        return reader_problem(b);
    size_t line = parser->problem_mark.line, column = parser->problem_mark.column;
    const char *at = sevens_find_line(b->text, (int)line + 1);
    if (strnlen(at, column + 1) > column && at[column] == '\t')
        return refuse(b, line, column, "bad YAML: a tab cannot indent here; use spaces");
    const char *what = parser->problem != NULL ? parser->problem : "cannot be parsed";
    if (parser->context == NULL)
        return refuse(b, line, column, "bad YAML: %s", what);
    return refuse(b, line, column, "bad YAML: %s (%s that begins at line %zu)", what,
                  parser->context, parser->context_mark.line + 1);
}

static bool next(builder *b)
{
    if (b->has_event)
        yaml_event_delete(&b->event);
    b->has_event = yaml_parser_parse(&b->parser, &b->event) == 1;
    return b->has_event || parser_problem(b);
}

static sevens_node *new_node(builder *b, sevens_node_kind kind)
{
    if (b->doc->n_nodes >= SEVENS_DOCUMENT_MAX_NODES) {
        refuse(b, b->event.start_mark.line, b->event.start_mark.column,
               "more than %d values (each use of an alias counts)", SEVENS_DOCUMENT_MAX_NODES);
        return NULL;
    }
    sevens_node *node = sevens_document_alloc(b->doc, sizeof *node);
    if (node == NULL)
        return NULL;
    b->doc->n_nodes++;
    node->kind = kind;
    node->origin = b->origin;
    if (!b->is_option) {
        node->line = (int)b->event.start_mark.line + 1;
        node->column = (int)b->event.start_mark.column + 1;
    }
    return node;
}

static sevens_node *copy(builder *b, const sevens_node *source, int depth)
{
    if (depth > SEVENS_DOCUMENT_MAX_DEPTH) {
        refuse_here(b, "nested too deeply");
        return NULL;
    }
    sevens_node *node = new_node(b, source->kind);
    if (node == NULL)
        return NULL;
    node->quoted = source->quoted;
    node->text = source->text;
    node->line = source->line;
    node->column = source->column;
    for (size_t i = 0; i < source->n; i++) {
        sevens_node *key = NULL, *item = copy(b, source->item[i], depth + 1);
        if (source->kind == SEVENS_NODE_MAPPING)
            key = copy(b, source->key[i], depth + 1);
        if (item == NULL || (source->kind == SEVENS_NODE_MAPPING && key == NULL) ||
            !sevens_node_append(b->doc, node, key, item))
            return NULL;
    }
    return node;
}

static bool build_alias(builder *b, int depth, sevens_node **out)
{
    const char *name = (const char *)b->event.data.alias.anchor;
    size_t i = b->n_anchors;
    while (i > 0 && strcmp(b->anchors[i - 1].name, name) != 0)
        i--; /* an anchor may be given anew: the last one counts */
    if (i == 0)
        return refuse_here(b, "this alias names no anchor before it");
    if (!b->anchors[i - 1].complete)
        return refuse_here(b, "this alias stands inside what it names");
    *out = copy(b, b->anchors[i - 1].node, depth);
    return *out != NULL;
}

/* Notes an anchor (if not NULL); *index is its place, for complete(). */
static bool add_anchor(builder *b, const yaml_char_t *name, const sevens_node *node, size_t *index)
{
    *index = MAX_ANCHORS;
    if (name == NULL)
        return true;
    if (b->n_anchors == MAX_ANCHORS)
        return refuse(b, b->event.start_mark.line, b->event.start_mark.column,
                      "more than %d anchors", MAX_ANCHORS);
    const char *kept = sevens_document_keep(b->doc, (const char *)name, strlen((const char *)name));
    if (kept == NULL)
        return false;
    *index = b->n_anchors++;
    b->anchors[*index] = (anchor){.name = kept, .node = node};
    return true;
}

static void complete(builder *b, size_t index)
{
    if (index < MAX_ANCHORS)
        b->anchors[index].complete = true;
}

static bool build_scalar(builder *b, sevens_node **out)
{
    const yaml_char_t *value = b->event.data.scalar.value;
    size_t length = b->event.data.scalar.length, index;
    if (b->event.data.scalar.tag != NULL)
        return refuse_here(b, "tags (!...) are not allowed");
    if (memchr(value, '\0', length) != NULL)
        return refuse_here(b, "a text cannot hold a NUL character");
    sevens_node *node = new_node(b, SEVENS_NODE_SCALAR);
    if (node == NULL)
        return false;
    node->text = sevens_document_keep(b->doc, (const char *)value, length);
    node->quoted = b->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (node->text == NULL || !add_anchor(b, b->event.data.scalar.anchor, node, &index))
        return false;
    complete(b, index);
    *out = node;
    return true;
}

typedef struct indexed_key {
    const sevens_node *key;
    size_t index;
} indexed_key;

static int compare_keys(const void *a, const void *b)
{
    const indexed_key *x = a, *y = b;
    int order = strcmp(x->key->text, y->key->text);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* A key that comes twice is a fault; reading goes on with the first one. */
static bool find_duplicates(builder *b, const sevens_node *mapping)
{
    if (mapping->n < 2)
        return true;
    indexed_key *sorted = malloc(mapping->n * sizeof *sorted);
    if (sorted == NULL)
        return no_memory(b);
    for (size_t i = 0; i < mapping->n; i++)
        sorted[i] = (indexed_key){.key = mapping->key[i], .index = i};
    qsort(sorted, mapping->n, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < mapping->n; i++) {
        const sevens_node *before = sorted[i - 1].key, *key = sorted[i].key;
        if (strcmp(before->text, key->text) != 0)
            continue;
        if (before->line > 0)
            sevens_document_fault(b->doc, key, "key '%.60s' was given before, at line %d",
                                  key->text, before->line);
        else
            sevens_document_fault(b->doc, key, "key '%.60s' is given twice", key->text);
    }
    free(sorted);
    return true;
}

static bool build_node(builder *b, int depth, sevens_node **out);

static bool build_sequence(builder *b, int depth, sevens_node **out)
{
    size_t index;
    if (b->event.data.sequence_start.tag != NULL)
        return refuse_here(b, "tags (!...) are not allowed");
    sevens_node *node = new_node(b, SEVENS_NODE_SEQUENCE), *item = NULL;
    if (node == NULL || !add_anchor(b, b->event.data.sequence_start.anchor, node, &index))
        return false;
    while (next(b) && b->event.type != YAML_SEQUENCE_END_EVENT) {
        if (!build_node(b, depth + 1, &item) || !sevens_node_append(b->doc, node, NULL, item))
            return false;
    }
    complete(b, index);
    *out = node;
    return b->has_event;
}

static bool build_mapping(builder *b, int depth, sevens_node **out)
{
    size_t index;
    if (b->event.data.mapping_start.tag != NULL)
        return refuse_here(b, "tags (!...) are not allowed");
    sevens_node *node = new_node(b, SEVENS_NODE_MAPPING), *key = NULL, *item = NULL;
    if (node == NULL || !add_anchor(b, b->event.data.mapping_start.anchor, node, &index))
        return false;
    while (next(b) && b->event.type != YAML_MAPPING_END_EVENT) {
        if (b->event.type != YAML_SCALAR_EVENT)
            return refuse_here(b, "a key must be a word, not a list, a mapping or an alias");
        if (!build_node(b, depth + 1, &key) || !next(b) || !build_node(b, depth + 1, &item) ||
            !sevens_node_append(b->doc, node, key, item))
            return false;
    }
    complete(b, index);
    *out = node;
    return b->has_event && find_duplicates(b, node);
}

/* From the first event of a node to its last one. */
static bool build_node(builder *b, int depth, sevens_node **out)
{
    if (depth > SEVENS_DOCUMENT_MAX_DEPTH)
        return refuse(b, b->event.start_mark.line, b->event.start_mark.column,
                      "nested more than %d levels deep", SEVENS_DOCUMENT_MAX_DEPTH);
    switch (b->event.type) {
    case YAML_ALIAS_EVENT:
        return build_alias(b, depth, out);
    case YAML_SCALAR_EVENT:
        return build_scalar(b, out);
    case YAML_SEQUENCE_START_EVENT:
        return build_sequence(b, depth, out);
    case YAML_MAPPING_START_EVENT:
        return build_mapping(b, depth, out);
    default:
        return refuse_here(b, "bad YAML: a value is missing");
    }
}

/* The stream: exactly one document with one root. */
static bool build_stream(builder *b, int depth, sevens_node **root)
{
    if (!next(b) || !next(b)) /* stream start, then document start or stream end */
        return false;
    if (b->event.type == YAML_STREAM_END_EVENT)
        return refuse(b, 0, 0, "there is nothing in it");
    if (!next(b) || !build_node(b, depth, root) || !next(b) || !next(b))
        return false;
    if (b->event.type != YAML_STREAM_END_EVENT)
        return refuse_here(b, "a second document begins here; only one is allowed");
    return true;
}

sevens_node *sevens_document_build(sevens_document *doc, const char *text, size_t length,
                                   const char *origin, bool is_option, int depth,
                                   sevens_yaml_problem *problem)
{
    sevens_node *root = NULL;
    bool good = false;
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* libyaml indents by it */
        text += 3;
        length -= 3;
    }
    builder *b = calloc(1, sizeof *b); /* too large for the stack of a thread */
    if (b == NULL || !yaml_parser_initialize(&b->parser)) {
        free(b);
        doc->out_of_memory = true;
        return NULL;
    }
    b->doc = doc;
    b->text = text;
    b->origin = origin;
    b->is_option = is_option;
    b->problem = problem;
    yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b->parser, (const unsigned char *)text, length);
    good = build_stream(b, depth, &root);
    if (b->has_event)
        yaml_event_delete(&b->event);
    yaml_parser_delete(&b->parser);
    free(b);
    return good ? root : NULL;
}
