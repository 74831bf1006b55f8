/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the map module: the HDF5 file itself. Knows the layout of docs/map_format.md, and
 * nothing of journals, locks and resuming. */
#ifndef SEVENS_MAP_FILE_H
#define SEVENS_MAP_FILE_H

#include "map_hdf5.h"
#include "map_layout.h"
#include "map_pack.h"

typedef struct sevens_map_file {
    hid_t file;                    /* negative: closed */
    hid_t dataset[SEVENS_N_FIELD]; /* negative: not in this map */
} sevens_map_file;

static inline sevens_map_file sevens_map_file_closed(void)
{
    sevens_map_file map = {.file = -1};
    for (int f = 0; f < SEVENS_N_FIELD; f++)
        map.dataset[f] = -1;
    return map;
}

/* Parts of a new map. Attributes of the root group; axes and labels in a file or group, and with a
 * layout its empty gridded datasets; provenance. */
bool sevens_map_file_root(hid_t file, const sevens_map_header *header, const char *start);
bool sevens_map_file_grid(sevens_map_file *map, hid_t where, const sevens_map_header *header,
                          const sevens_map_layout *layout);
bool sevens_map_file_provenance(hid_t file, const sevens_map_header *header, const char *start);
/* A new map file: axes, empty gridded datasets, provenance. start: UTC time of the scan's start. */
sevens_status sevens_map_file_create(sevens_map_file *map, const char *path,
                                     const sevens_map_header *header,
                                     const sevens_map_layout *layout, const char *start,
                                     sevens_error *err);
/* Opens an existing map for reading tiles; false when it does not have this layout. */
bool sevens_map_file_open(sevens_map_file *map, const char *path, const sevens_map_layout *layout);
/* The record of a tile, and what has been written so far to the disk. */
bool sevens_map_file_write(sevens_map_file *map, const sevens_map_layout *layout, size_t tile,
                           const unsigned char *record);
/* The payload of a tile. */
bool sevens_map_file_read(sevens_map_file *map, const sevens_map_layout *layout, size_t tile,
                          unsigned char *payload);
bool sevens_map_file_flush(sevens_map_file *map);
bool sevens_map_file_history(sevens_map_file *map, const char *history);
/* The summary, flushed, then the attribute `complete`. */
bool sevens_map_file_complete(sevens_map_file *map, const sevens_map_summary *summary,
                              const char *end);
/* False when what was left could not be written. */
bool sevens_map_file_close(sevens_map_file *map);

/* What stands at a path. */
typedef enum sevens_map_found {
    SEVENS_FOUND_NOTHING,
    SEVENS_FOUND_BUSY,    /* locked by another program */
    SEVENS_FOUND_FOREIGN, /* not a Sevens map */
    SEVENS_FOUND_DAMAGED, /* HDF5 by its first bytes, or empty, but cannot be opened */
    SEVENS_FOUND_MAP
} sevens_map_found;

typedef struct sevens_map_glance {
    sevens_map_found found;
    bool complete;
    double version;                                                        /* format_version */
    double add_offset;                                                     /* of chi2 */
    char *scan_id, *title, *start, *history, *backend, *compute_precision; /* owned; never NULL
                                                                              for a map */
} sevens_map_glance;

sevens_status sevens_map_glance_at(sevens_map_glance *glance, const char *path, sevens_error *err);
void sevens_map_glance_free(sevens_map_glance *glance);

#endif
