/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by host/document*.c alone: the document and the memory its nodes live in. Nodes and texts
 * are never freed one by one; they go with the document. */
#ifndef SEVENS_DOCUMENT_INTERNAL_H
#define SEVENS_DOCUMENT_INTERNAL_H

#include "sevens/document.h"

/* Faults kept with their text; the error buffer holds fewer. Those beyond are only counted. */
#define SEVENS_DOCUMENT_MAX_FAULTS 100

typedef struct sevens_fault {
    int line;   /* 0: not in the file; reported after the others */
    char *text; /* the whole report, with source line and caret; owned */
} sevens_fault;

struct sevens_document {
    char *name, *text;
    bool text_is_valid; /* UTF-8 without control characters: may be shown */
    sevens_node *root;
    size_t n_nodes;
    struct sevens_block *blocks;
    sevens_fault fault[SEVENS_DOCUMENT_MAX_FAULTS];
    size_t n_faults; /* may be larger than the number kept */
    bool out_of_memory;
};

/* Zeroed memory that lives as long as the document, or NULL. */
void *sevens_document_alloc(sevens_document *doc, size_t size);
char *sevens_document_keep(sevens_document *doc, const char *text, size_t length);

/* Adds an item (and its key, for mappings) to a collection; false when memory is out. */
bool sevens_node_append(sevens_document *doc, sevens_node *collection, sevens_node *key,
                        sevens_node *item);

/* True for ~, null and an empty value. */
bool sevens_node_is_null(const sevens_node *node);

/* What stopped the reading of a YAML text. */
typedef struct sevens_yaml_problem {
    int line, column; /* from 1 */
    char text[512];
} sevens_yaml_problem;

/* YAML text -> tree. The nodes carry `origin`, and positions unless is_option. depth: where the
 * tree will hang. Returns NULL with a problem, or with doc->out_of_memory. */
sevens_node *sevens_document_build(sevens_document *doc, const char *text, size_t length,
                                   const char *origin, bool is_option, int depth,
                                   sevens_yaml_problem *problem);

/* Start of a line (from 1) of a text; line breaks as YAML counts them. */
const char *sevens_find_line(const char *text, int line);
/* Length of the line break at p, or 0. */
size_t sevens_line_break(const char *p);

#endif
