/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the map module: how the points of a map are cut into tiles, and how a tile is encoded
 * for storage. The encoded form of a tile (its payload) has every value in the type in which the
 * map stores it; map_pack.h makes HDF5 chunks of it. */
#ifndef SEVENS_MAP_LAYOUT_H
#define SEVENS_MAP_LAYOUT_H

#include "sevens/map.h"

#define SEVENS_MAP_MAX_POINTS ((uint64_t)1 << 40)
#define SEVENS_MAP_I16_FILL (-32768)
#define SEVENS_MAP_I16_STEP (1.0 / 256.0)
#define SEVENS_MAP_F32_STEP (1.0 / 1024.0) /* f32 is rounded to multiples of it */
#define SEVENS_MAP_DEFLATE_LEVEL 1         /* higher ones cost time and gain nothing */

/* The gridded datasets. The status comes last: it says that the others are written. */
typedef enum sevens_map_field {
    SEVENS_FIELD_CHI2,
    SEVENS_FIELD_EXPERIMENT,
    SEVENS_FIELD_PULL,
    SEVENS_FIELD_PROFILED, /* one for every profiled parameter */
    /* one for every derived quantity */
    SEVENS_FIELD_DERIVED = SEVENS_FIELD_PROFILED + SEVENS_MAP_MAX_PROFILED,
    SEVENS_FIELD_STATUS = SEVENS_FIELD_DERIVED + SEVENS_MAP_MAX_DERIVED,
    SEVENS_N_FIELD
} sevens_map_field;

typedef enum sevens_map_store {
    SEVENS_STORE_F64,
    SEVENS_STORE_F32,
    SEVENS_STORE_I16,
    SEVENS_STORE_U8
} sevens_map_store;

typedef struct sevens_map_layout {
    size_t n_axis, n[SEVENS_MAP_MAX_AXES], tile[SEVENS_MAP_MAX_AXES];
    size_t tiles[SEVENS_MAP_MAX_AXES]; /* tiles along each axis */
    size_t n_tiles;
    size_t tile_points; /* of a whole tile */
    size_t n_experiment, n_nuisance, n_profiled, n_derived;
    bool pulls, compress;
    sevens_map_precision precision;
    double add_offset;                                /* i16 counts from here */
    size_t planes[SEVENS_N_FIELD];                    /* values per point; 0: not in this map */
    sevens_map_store store[SEVENS_N_FIELD];           /* stored type */
    char profiled_name[SEVENS_MAP_MAX_PROFILED][128]; /* of the datasets */
    char derived_name[SEVENS_MAP_MAX_DERIVED][128];
} sevens_map_layout;

/* Checks shape and sizes; a tile larger than the grid is cut to it. */
sevens_status sevens_map_layout_init(sevens_map_layout *layout, const sevens_map_header *header,
                                     sevens_error *err);

/* Bytes of a value; the value of a point that is not written yet. */
size_t sevens_map_store_size(sevens_map_store store);
const void *sevens_map_fill_value(sevens_map_store store);

const char *sevens_map_field_name(const sevens_map_layout *layout, sevens_map_field field);
/* Whether it says where a profiled parameter is; whether it is a derived quantity. */
bool sevens_map_field_profiled(sevens_map_field field);
bool sevens_map_field_derived(sevens_map_field field);
/* Whether the dataset has a leading axis of its own (experiments, nuisances). */
bool sevens_map_field_stacked(sevens_map_field field);

/* Box of a tile; returns its number of points. */
size_t sevens_map_layout_box(const sevens_map_layout *layout, size_t tile, size_t *offset,
                             size_t *extent);

/* Bytes of the payload of a box of `points`; offset [SEVENS_N_FIELD] says where each field starts
 * (multiples of 8). */
size_t sevens_map_payload_bytes(const sevens_map_layout *layout, size_t points, size_t *offset);
void sevens_map_encode(const sevens_map_layout *layout, const sevens_map_tile *tile, size_t points,
                       unsigned char *payload);
void sevens_map_decode(const sevens_map_layout *layout, const unsigned char *payload, size_t points,
                       double *chi2, uint8_t *status, double *profiled);
/* chi2 as it is read back, and how far that is from it at most (but for what saturates). */
double sevens_map_layout_stored(const sevens_map_layout *layout, double chi2);
double sevens_map_layout_rounding(const sevens_map_layout *layout);
/* Whether a payload read from a map holds a finished tile: no pending point, and a chi2 wherever
 * the status says so. */
bool sevens_map_payload_whole(const sevens_map_layout *layout, const unsigned char *payload,
                              size_t points);

#endif
