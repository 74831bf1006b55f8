/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Map files: the only writer and reader of HDF5. Layout in docs/map_format.md; a map opens with
 * xarray.open_dataset(FILE, engine="h5netcdf").
 *
 * Writing: create (or resume), write_tile for every pending tile, finish. A tile is one HDF5 chunk;
 * threads compress it while the scan goes on, then it goes to FILE.journal, then to the map, which
 * is flushed. Tiles arrive there in the order in which they were given. After a kill at any moment
 * sevens_map_resume continues, from the journal when the map itself cannot be read. */
#ifndef SEVENS_MAP_H
#define SEVENS_MAP_H

#include "sevens/checksum.h"
#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEVENS_MAP_FORMAT_VERSION 1
#define SEVENS_MAP_MAX_AXES 8
#define SEVENS_MAP_MAX_PROFILED 7 /* parameters over which every point is minimised */
#define SEVENS_MAP_MAX_DERIVED 16 /* quantities that follow from the parameters */

typedef enum sevens_map_precision {
    SEVENS_MAP_F64, /* lossless */
    SEVENS_MAP_F32, /* rounded to 2^-10 */
    SEVENS_MAP_I16  /* scale_factor 1/256 */
} sevens_map_precision;

typedef struct sevens_map_axis {
    const char *name, *unit, *long_name;
    bool log;
    size_t n;
    const double *value; /* [n] */
} sevens_map_axis;

/* A parameter over whose values every point of the map is minimised: a dataset profiled_<name> says
 * where the minimum lies. */
typedef struct sevens_map_profiled {
    const char *name, *unit;
} sevens_map_profiled;

/* A quantity that follows from the parameters: a dataset derived_<name>. */
typedef struct sevens_map_derived {
    const char *name, *unit, *long_name;
} sevens_map_derived;

typedef struct sevens_map_release {
    const char *name, *title, *doi, *version, *sha256, *citation, *url;
} sevens_map_release;

/* Who compresses and writes finished tiles. None: sevens_map_write_tile, before it returns. */
typedef struct sevens_map_writers {
    size_t team;    /* size of the caller's OpenMP team, which then compresses: inside
                       sevens_map_write_tile, some tiles at a time */
    size_t threads; /* of the map: they write, and compress when there is no team */
} sevens_map_writers;

/* Everything that is known before the first tile. All pointers are borrowed for the call. */
typedef struct sevens_map_header {
    const char *title; /* "coherent-csi-2021: zprime (universal)" */
    const char *model; /* "zprime (universal)" */
    size_t n_axis;
    sevens_map_axis axis[SEVENS_MAP_MAX_AXES]; /* in the order of the scan file, slowest first */
    size_t tile[SEVENS_MAP_MAX_AXES];          /* chunk shape */
    size_t n_profiled;
    sevens_map_profiled profiled[SEVENS_MAP_MAX_PROFILED];
    size_t n_derived;
    sevens_map_derived derived[SEVENS_MAP_MAX_DERIVED];
    size_t n_plane;           /* of a reduced map (map_reduced.h); 0: the map has every point */
    const char *const *plane; /* [n_plane] names */
    size_t n_experiment;
    const char *const *experiment; /* [n_experiment] */
    size_t n_nuisance;
    const char *const *nuisance; /* [n_nuisance] "experiment:name" */
    bool pulls, compress;
    sevens_map_precision precision;
    double chi2_offset; /* i16 only: values are stored relative to this (CF add_offset), e.g.
                           chi2_sm; they reach 128 either side of it and saturate beyond */
    char scan_id[SEVENS_SHA256_HEX]; /* canonical scan JSON + checksums of the releases */
    const char *scan_yaml;           /* byte for byte */
    const char *scan_json;           /* canonical */
    size_t n_release;
    const sevens_map_release *release;
    /* provenance of the machine and program */
    const char *program, *version, *git_commit, *compiler, *cuda_version, *device, *backend,
        *compute_precision, *hostname, *command;
    bool git_dirty;
    int threads;
    int64_t seed;
    sevens_map_writers writers;
} sevens_map_header;

/* One tile: an axis-aligned box of the grid, results row-major in the order of the axes. */
typedef struct sevens_map_tile {
    size_t index;                  /* row-major over the grid of chunks */
    const double *chi2;            /* [points of the box] */
    const double *chi2_experiment; /* [n_experiment][points], or NULL when n_experiment < 2 */
    const uint8_t *status;         /* [points] */
    const float *pull;             /* [n_nuisance][points], or NULL without pulls */
    const double *profiled;        /* [n_profiled][points], or NULL when there are none */
    const double *derived;         /* [n_derived][points], or NULL when there are none */
} sevens_map_tile;

/* Known when the last tile is done. */
typedef struct sevens_map_summary {
    double chi2_min, chi2_sm;
    size_t n_best;
    const char *const *best_name; /* [n_best] parameter names */
    const double *best;           /* [n_best] continuous minimum */
    const char *const *best_unit; /* [n_best] */
    int64_t ndof;                 /* number of axes of the map */
    int64_t n_bins;
    double wall_s, points_per_s; /* of this run; provenance */
} sevens_map_summary;

typedef struct sevens_map sevens_map;

/* Makes a new map at path. An existing file that is not an unfinished or finished map of the same
 * scan_id is refused unless force; so is an unfinished one of the same scan (it asks for resume). A
 * finished map of the same scan returns SEVENS_OK with *complete = true and no map. */
sevens_status sevens_map_create(sevens_map **map, const char *path, const sevens_map_header *header,
                                bool force, bool *complete, sevens_error *err);
/* Opens the unfinished map of the same scan (by scan_id), or makes a new one when there is none.
 * *complete as above. */
sevens_status sevens_map_resume(sevens_map **map, const char *path, const sevens_map_header *header,
                                bool *complete, sevens_error *err);

size_t sevens_map_n_tiles(const sevens_map *map);
/* In the map, or on its way there. */
bool sevens_map_tile_done(const sevens_map *map, size_t tile);
/* Offsets and extents of a tile along each axis (edge tiles are smaller than the chunk). */
void sevens_map_tile_box(const sevens_map *map, size_t tile, size_t *offset, size_t *extent);
/* What is already there, for the minimum over the grid: same shape as sevens_map_tile. chi2 as
 * stored, status, and where profiled parameters are (may be NULL). */
sevens_status sevens_map_read_tile(sevens_map *map, size_t tile, double *chi2, uint8_t *status,
                                   double *profiled, sevens_error *err);
/* chi2 as this map keeps it, and how far that is from it at most where it does not saturate. */
double sevens_map_stored(const sevens_map *map, double chi2);
double sevens_map_rounding(const sevens_map *map);
/* The tile is copied. With writers, what goes wrong with it is told by a later call. */
sevens_status sevens_map_write_tile(sevens_map *map, const sevens_map_tile *tile,
                                    sevens_error *err);
/* Writes the summary, then the attribute `complete`, closes the file and removes the journal. */
sevens_status sevens_map_finish(sevens_map **map, const sevens_map_summary *summary,
                                sevens_error *err);
/* Closes without finishing: the map stays resumable. */
void sevens_map_close(sevens_map **map);

/* The backend and compute precision a started map was made with (empty when there is no readable
 * map or journal): resume keeps them so that all tiles come from one arithmetic. */
void sevens_map_started_with(const char *path, char backend[32], char precision[8]);

/* A dataset over the map that stands beside chi2. */
typedef struct sevens_map_column {
    char *name, *unit;
    double *value; /* [n_point] */
} sevens_map_column;

/* Points of a scan by their status. */
typedef struct sevens_map_counts {
    uint64_t ok, unconverged, invalid;
} sevens_map_counts;

/* A value at which a slice lies. */
typedef struct sevens_map_fixed {
    char *name, *unit;
    double value;
} sevens_map_fixed;

/* A histogram of a reduced map. */
typedef struct sevens_map_bins {
    size_t n;
    double *edge;    /* [n + 1] of chi2 - chi2_reference */
    uint64_t *count; /* [n] points */
    uint64_t below, above;
    double chi2_reference;
} sevens_map_bins;

/* Reading: a whole map in memory, or one plane of a reduced map. */
typedef struct sevens_map_content {
    char *title, *model, *scan_yaml, *scan_json, *scan_id, *history, *date_created;
    size_t n_axis;
    struct {
        char *name, *unit, *long_name;
        bool log;
        size_t n;
        double *value;
    } axis[SEVENS_MAP_MAX_AXES];
    size_t n_point;
    double *chi2;               /* [n_point] row-major */
    double chi2_step;           /* it is stored in multiples of this; 0: as it was computed */
    double chi2_low, chi2_high; /* what lies beyond is stored as these; infinite: nothing does */
    uint8_t *status;            /* [n_point] */
    size_t n_experiment;
    char **experiment;
    double *chi2_experiment; /* [n_experiment][n_point] or NULL */
    size_t n_nuisance;
    char **nuisance;
    float *pull; /* [n_nuisance][n_point] or NULL */
    size_t n_profiled;
    sevens_map_column profiled[SEVENS_MAP_MAX_PROFILED]; /* where the minimum lies; NaN: none */
    size_t n_derived;
    sevens_map_column derived[SEVENS_MAP_MAX_DERIVED]; /* NaN: none */
    size_t n_plane;                                    /* of a reduced map, else 0 */
    char **plane;                                      /* [n_plane] names */
    char *kind; /* of the plane that was read: profile, slice, histogram; or NULL */
    size_t n_fixed;
    sevens_map_fixed fixed[SEVENS_MAP_MAX_AXES]; /* of a slice */
    sevens_map_bins bins;                        /* of a histogram */
    sevens_map_counts counts;                    /* of a reduced map: all points of its scan */
    bool complete;
    double chi2_min, chi2_sm; /* NaN while not complete */
    size_t n_best;
    char **best_name, **best_unit;
    double *best;
    int64_t ndof, n_bins;
    size_t n_provenance; /* attributes of /provenance, as text */
    char **provenance_key, **provenance_value;
    size_t n_release;
    char **release_name, **release_doi, **release_sha256, **release_citation;
} sevens_map_content;

/* Of a reduced map (map_reduced.h) everything but its planes: the axes are those of the scan, and
 * there are no points. */
sevens_status sevens_map_load(sevens_map_content **content, const char *path, sevens_error *err);
/* A plane of a reduced map: axes and points are its own, the rest that of the map. NULL: as
 * sevens_map_load. */
sevens_status sevens_map_load_plane(sevens_map_content **content, const char *path,
                                    const char *plane, sevens_error *err);
void sevens_map_unload(sevens_map_content **content);

#endif
