/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the map module: between map_read.c (maps), map_read_planes.c (reduced maps) and
 * map_read_origin.c (provenance). */
#ifndef SEVENS_MAP_READ_H
#define SEVENS_MAP_READ_H

#include "map_hdf5.h"
#include "sevens/map.h"

#define SEVENS_MAP_MAX_LABELS 4096 /* experiments, nuisances, releases, attributes: each */
#define SEVENS_MAP_MAX_NAME 256

typedef struct sevens_map_reader {
    const char *path;
    hid_t file, grid; /* grid: the file, or the group of a plane */
    sevens_map_content *map;
    hsize_t extent[SEVENS_MAP_MAX_AXES]; /* of the grid */
    sevens_error *err;
} sevens_map_reader;

sevens_status sevens_map_damaged(const sevens_map_reader *r, const char *what);
sevens_status sevens_map_no_memory(const sevens_map_reader *r);

/* Text attribute, "" when there is none; NULL when memory is out. */
char *sevens_map_text_or_empty(hid_t object, const char *name);
/* Provenance and data releases. */
sevens_status sevens_map_read_origin(sevens_map_reader *r);

/* What a reduced map has besides; nothing of a whole one. plane: the one to read, which r->grid
 * becomes, or NULL. */
sevens_status sevens_map_read_planes(sevens_map_reader *r, const char *plane);
void sevens_map_planes_free(sevens_map_content *map);

#endif
