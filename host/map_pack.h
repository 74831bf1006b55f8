/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the map module: the chunks of a tile as they stand in the HDF5 file, behind its
 * filters (shuffle, deflate, fletcher32). HDF5 itself filters inside H5Dwrite, one chunk at a time;
 * done here, any thread can do it, and the journal is as small as the map. Reading goes through
 * HDF5.
 *
 * A record is what the journal keeps of a tile: the length of every chunk (u64), field by field and
 * plane by plane, then the chunks. */
#ifndef SEVENS_MAP_PACK_H
#define SEVENS_MAP_PACK_H

#include "map_layout.h"

typedef struct sevens_map_packer sevens_map_packer;

/* Work space for one thread; the layout is borrowed. */
sevens_status sevens_map_packer_create(sevens_map_packer **packer, const sevens_map_layout *layout,
                                       sevens_error *err);
void sevens_map_packer_destroy(sevens_map_packer **packer);

/* Bytes that a record can have at most. */
size_t sevens_map_record_room(const sevens_map_layout *layout);
/* The record of an encoded tile; returns its length. The bytes follow from the payload alone. */
size_t sevens_map_pack(sevens_map_packer *packer, size_t tile, const unsigned char *payload,
                       unsigned char *record);
/* Whether a record has a length for every chunk, and these add up to its own. */
bool sevens_map_record_whole(const sevens_map_layout *layout, const unsigned char *record,
                             size_t length);
size_t sevens_map_n_chunks(const sevens_map_layout *layout);
/* The c-th chunk of a whole record. */
const unsigned char *sevens_map_record_chunk(const sevens_map_layout *layout,
                                             const unsigned char *record, size_t c, size_t *size);

#endif
