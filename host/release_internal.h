/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by host/release*.c alone: release.yaml -> struct (release_yaml*.c), tables (release.c). */
#ifndef SEVENS_HOST_RELEASE_INTERNAL_H
#define SEVENS_HOST_RELEASE_INTERNAL_H

#include "sevens/document.h"
#include "sevens/release.h"

#define N_KEYS(keys) (sizeof(keys) / sizeof((keys)[0]))
#define FIELD(type, field) offsetof(type, field)

/* A table that release.yaml names; texts borrowed from the document. */
typedef struct sevens_release_table {
    const char *file, *sha256;
    const sevens_node *node; /* the entry {file, sha256} */
} sevens_release_table;

typedef struct sevens_release_tables {
    sevens_release_table counts, shares;
} sevens_release_tables;

/* Fills all of the release but its tables; what is wrong becomes faults of the document. */
sevens_status sevens_release_read_yaml(sevens_release *release, sevens_release_tables *tables,
                                       sevens_document *doc, sevens_error *err);

void sevens_release_read_response(sevens_response_parameters *response, sevens_document *doc,
                                  const sevens_node *node);
/* Read for its form; no nuisance uses it yet. */
void sevens_release_check_variations(sevens_document *doc, const sevens_node *node);

/* A release name is also a folder name: letters, digits, '-', '_' and '.', the first not '.'. */
bool sevens_release_name_is_valid(const char *name);

#endif
