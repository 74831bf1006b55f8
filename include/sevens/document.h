/* SPDX-License-Identifier: GPL-3.0-or-later */
/* YAML files (scan files, release files) as a tree that remembers where each value stood, read by
 * tables of keys. All faults of a file are collected and reported together, each as
 *     file:line:col: error: what is wrong
 * followed by the source line and a caret. Limits on size, depth and number of nodes keep a hostile
 * file from using memory without bound.
 *
 * Order of calls: load (or parse), set..., read..., finish, free. */
#ifndef SEVENS_DOCUMENT_H
#define SEVENS_DOCUMENT_H

#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEVENS_DOCUMENT_MAX_BYTES (1 << 20)
#define SEVENS_DOCUMENT_MAX_DEPTH 32
#define SEVENS_DOCUMENT_MAX_NODES 100000

typedef enum sevens_node_kind {
    SEVENS_NODE_SCALAR,
    SEVENS_NODE_SEQUENCE,
    SEVENS_NODE_MAPPING
} sevens_node_kind;

typedef struct sevens_node {
    sevens_node_kind kind;
    bool quoted;               /* scalar written in quotes: always text */
    char *text;                /* scalar: its text */
    size_t n;                  /* sequence, mapping: number of items */
    struct sevens_node **key;  /* [n] mapping: scalar keys */
    struct sevens_node **item; /* [n] */
    int line, column;          /* from 1; 0 when the value came from an option (origin) */
    const char *origin;        /* borrowed: file name, or "--set a.b=c" */
} sevens_node;

typedef struct sevens_document sevens_document;

sevens_status sevens_document_load(sevens_document **doc, const char *path, sevens_error *err);
sevens_status sevens_document_parse(sevens_document **doc, const char *name, const char *text,
                                    size_t length, sevens_error *err);
void sevens_document_free(sevens_document **doc);

const sevens_node *sevens_document_root(const sevens_document *doc);
const char *sevens_document_text(const sevens_document *doc); /* the file byte for byte */
const char *sevens_document_name(const sevens_document *doc);

/* Applies "axes.0.n=1500": dots and list indices; the value is YAML; missing keys of mappings are
 * created, missing list indices are an error. */
sevens_status sevens_document_set(sevens_document *doc, const char *assignment, sevens_error *err);

/* A tree with `patch` laid over `base`, of which neither changes: mappings merge key by key, all
 * else replaces, and ~ takes a key away that base has. The patch may be of another document: it is
 * copied, and its nodes still say where they stand. base may be NULL. The tree lives as long as
 * `doc`; NULL: memory is out, which sevens_document_finish reports. */
const sevens_node *sevens_document_merge(sevens_document *doc, const sevens_node *base,
                                         const sevens_node *patch);

/* Notes a fault at a node, of this document or merged into it; reading goes on. */
__attribute__((format(printf, 3, 4))) void
sevens_document_fault(sevens_document *doc, const sevens_node *node, const char *format, ...);
size_t sevens_document_faults(const sevens_document *doc);
/* SEVENS_OK, or SEVENS_ERR_INPUT with all faults in the message. */
sevens_status sevens_document_finish(sevens_document *doc, sevens_error *err);

typedef enum sevens_key_type {
    SEVENS_KEY_REAL,     /* double; finite and within [min, max] */
    SEVENS_KEY_INTEGER,  /* int64_t within [min, max] */
    SEVENS_KEY_BOOLEAN,  /* bool */
    SEVENS_KEY_TEXT,     /* const char *, borrowed from the document (or the default) */
    SEVENS_KEY_CHOICE,   /* int: index in choices "a|b|c" */
    SEVENS_KEY_SEQUENCE, /* const sevens_node * */
    SEVENS_KEY_MAPPING,  /* const sevens_node * */
    SEVENS_KEY_ANY       /* const sevens_node * */
} sevens_key_type;

/* One key of a mapping: the only place where its type, range, default and meaning stand. */
typedef struct sevens_key {
    const char *name;
    sevens_key_type type;
    size_t offset;            /* of the field in the struct that is filled */
    const char *default_text; /* NULL: none; then the key is required, or "" optional (NULL/0) */
    double min, max;          /* numbers; min == max == 0: no bounds */
    const char *choices;      /* SEVENS_KEY_CHOICE */
    const char *unit;         /* or NULL */
    const char *doc;
} sevens_key;

/* Fills `out` from a mapping: unknown keys (with the nearest known name), missing required keys,
 * wrong types, values out of range and duplicates become faults. `where` names the mapping in
 * messages ("axes[0]"). */
void sevens_document_read(sevens_document *doc, const sevens_node *mapping, const char *where,
                          const sevens_key *keys, size_t n_keys, void *out);

/* Value of a key in a mapping, or NULL. */
const sevens_node *sevens_node_get(const sevens_node *mapping, const char *key);

/* A list of finite numbers: returns a new array (owned by the caller) and its length; a fault and
 * NULL if it is not one or has fewer than min_n or more than max_n entries. */
double *sevens_document_reals(sevens_document *doc, const sevens_node *sequence, const char *where,
                              size_t min_n, size_t max_n, size_t *n);

#endif
