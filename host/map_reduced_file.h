/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the map module: the HDF5 file of a reduced map. */
#ifndef SEVENS_MAP_REDUCED_FILE_H
#define SEVENS_MAP_REDUCED_FILE_H

#include "sevens/map_reduced.h"

typedef struct sevens_reduced_content {
    const sevens_map_plane *plane; /* [n_plane] */
    size_t n_plane;
    sevens_map_fill fill;
    const void *context; /* of fill */
    const sevens_map_counts *counts;
    const sevens_map_summary *summary;
} sevens_reduced_content;

/* Writes the whole file. shown: its name in messages. */
sevens_status sevens_reduced_write(const char *path, const char *shown,
                                   const sevens_map_header *header,
                                   const sevens_reduced_content *content, const char *start,
                                   const char *history, sevens_error *err);

#endif
