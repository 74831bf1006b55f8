/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HDF5 side of a reduced map: attributes, axes and provenance as in every map, and a group
 * /planes/NAME for each plane, which has axes and datasets of a map of its own. */
#include "map_reduced_file.h"

#include "map_file.h"
#include "map_pack.h"
#include "map_support.h"

#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_CELLS 65536

static const char *const kind_name[] = {[SEVENS_MAP_PROFILE] = "profile",
                                        [SEVENS_MAP_SLICE] = "slice",
                                        [SEVENS_MAP_HISTOGRAM] = "histogram"};

/* ---- profiles and slices ---- */

/* The header of a plane as a map of its own: whole rows of cells are a tile. */
static sevens_map_header plane_header(const sevens_map_header *header,
                                      const sevens_map_plane *plane)
{
    sevens_map_header own = {.compress = header->compress, .precision = SEVENS_MAP_F64};
    size_t row = 1;
    for (size_t i = plane->n_axis; i-- > 0;) {
        own.axis[i] = header->axis[plane->axis[i]];
        own.tile[i] = row < CHUNK_CELLS ? CHUNK_CELLS / row : 1;
        own.tile[i] = own.tile[i] < own.axis[i].n ? own.tile[i] : own.axis[i].n;
        row *= own.axis[i].n;
    }
    if (plane->n_axis > 1 && own.tile[1] < own.axis[1].n)
        own.tile[0] = 1;
    own.n_axis = plane->n_axis;
    for (size_t a = 0; a < header->n_axis && plane->kind == SEVENS_MAP_PROFILE; a++)
        if (a != plane->axis[0] && (plane->n_axis < 2 || a != plane->axis[1]))
            own.profiled[own.n_profiled++] =
                (sevens_map_profiled){header->axis[a].name, header->axis[a].unit};
    own.n_derived = header->n_derived;
    memcpy(own.derived, header->derived, sizeof own.derived);
    return own;
}

/* Arrays of one tile. */
typedef struct tile_buffers {
    double *chi2, *profiled, *derived;
    uint8_t *status;
    unsigned char *payload, *record;
    sevens_map_packer *packer;
} tile_buffers;

static sevens_status buffers_alloc(tile_buffers *b, const sevens_map_layout *layout,
                                   sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = layout->tile_points, at[SEVENS_N_FIELD];
    *b = (tile_buffers){0};
    SEVENS_TRY_ALLOC(b->chi2 = malloc(n * sizeof *b->chi2));
    SEVENS_TRY_ALLOC(b->profiled = malloc((layout->n_profiled + 1) * n * sizeof *b->profiled));
    SEVENS_TRY_ALLOC(b->derived = malloc((layout->n_derived + 1) * n * sizeof *b->derived));
    SEVENS_TRY_ALLOC(b->status = malloc(n));
    SEVENS_TRY_ALLOC(b->payload = malloc(sevens_map_payload_bytes(layout, n, at)));
    SEVENS_TRY_ALLOC(b->record = malloc(sevens_map_record_room(layout)));
    SEVENS_TRY(sevens_map_packer_create(&b->packer, layout, err));
cleanup:
    return status;
}

static void buffers_free(tile_buffers *b)
{
    free(b->chi2);
    free(b->profiled);
    free(b->derived);
    free(b->status);
    free(b->payload);
    free(b->record);
    sevens_map_packer_destroy(&b->packer);
}

/* Tiles are pieces of rows or whole rows, so that the cells of one follow each other. */
static bool write_cells(sevens_map_file *file, const sevens_map_layout *layout,
                        const sevens_reduced_content *content, size_t plane, tile_buffers *b)
{
    size_t offset[SEVENS_MAP_MAX_AXES], extent[SEVENS_MAP_MAX_AXES];
    for (size_t t = 0; t < layout->n_tiles; t++) {
        size_t n = sevens_map_layout_box(layout, t, offset, extent), first = 0;
        for (size_t a = 0; a < layout->n_axis; a++)
            first = first * layout->n[a] + offset[a];
        content->fill(content->context, plane, first, n, b->chi2, b->status, b->profiled,
                      b->derived);
        sevens_map_tile tile = {.index = t,
                                .chi2 = b->chi2,
                                .status = b->status,
                                .profiled = b->profiled,
                                .derived = b->derived};
        sevens_map_encode(layout, &tile, n, b->payload);
        sevens_map_pack(b->packer, t, b->payload, b->record);
        if (!sevens_map_file_write(file, layout, t, b->record))
            return false;
    }
    return true;
}

static bool write_at(hid_t group, const sevens_map_header *header, const sevens_map_plane *plane)
{
    for (size_t a = 0; a < header->n_axis && plane->kind == SEVENS_MAP_SLICE; a++) {
        char name[256], long_name[256];
        const char *unit = header->axis[a].unit;
        if (a == plane->axis[0] || (plane->n_axis > 1 && a == plane->axis[1]))
            continue;
        snprintf(name, sizeof name, "at_%s", header->axis[a].name);
        snprintf(long_name, sizeof long_name, "%s of the slice", header->axis[a].name);
        if (!sevens_h5_write_scalar(group, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &plane->at[a],
                                    unit && unit[0] ? unit : "1", long_name))
            return false;
    }
    return true;
}

static bool put_names(hid_t group, const sevens_map_header *own)
{
    const char *name[SEVENS_MAP_MAX_DERIVED];
    for (size_t a = 0; a < own->n_axis; a++)
        name[a] = own->axis[a].name;
    bool ok = sevens_h5_put_text(group, "NX_class", "NXdata") &&
              sevens_h5_put_text(group, "signal", "chi2") &&
              sevens_h5_put_texts(group, "axes", name, own->n_axis);
    for (size_t k = 0; k < own->n_profiled; k++)
        name[k] = own->profiled[k].name;
    ok = ok &&
         (own->n_profiled == 0 || sevens_h5_put_texts(group, "profiled", name, own->n_profiled));
    for (size_t k = 0; k < own->n_derived; k++)
        name[k] = own->derived[k].name;
    return ok &&
           (own->n_derived == 0 || sevens_h5_put_texts(group, "derived", name, own->n_derived));
}

static sevens_status write_grid(hid_t group, const char *shown, const sevens_map_header *header,
                                const sevens_reduced_content *content, size_t p, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_map_plane *plane = &content->plane[p];
    sevens_map_header own = plane_header(header, plane);
    sevens_map_file file = sevens_map_file_closed();
    sevens_map_layout layout;
    tile_buffers buffers = {0};
    SEVENS_TRY(sevens_map_layout_init(&layout, &own, err));
    SEVENS_TRY(buffers_alloc(&buffers, &layout, err));
    if (!put_names(group, &own) || !sevens_map_file_grid(&file, group, &own, &layout) ||
        !write_at(group, header, plane) || !write_cells(&file, &layout, content, p, &buffers))
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", shown, sevens_h5_reason());
cleanup:
    sevens_map_file_close(&file);
    buffers_free(&buffers);
    return status;
}

/* ---- histograms ---- */

/* A dataset of n numbers with a scale of its own, or along one. */
static bool write_list(hid_t group, const char *name, const char *long_name, hid_t stored,
                       hid_t given, size_t n, const void *value, const char *along)
{
    hsize_t extent = n;
    hid_t space = H5Screate_simple(1, &extent, NULL), list = sevens_h5_dataset_list();
    hid_t d = H5Dcreate2(group, name, stored, space, H5P_DEFAULT, list, H5P_DEFAULT);
    bool ok = d >= 0 && H5Dwrite(d, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0 &&
              sevens_h5_put_text(d, "units", "1") && sevens_h5_put_text(d, "long_name", long_name);
    hid_t scale = ok && along != NULL ? H5Dopen2(group, along, H5P_DEFAULT) : -1;
    if (ok)
        ok = along != NULL ? scale >= 0 && H5DSattach_scale(d, scale, 0) >= 0
                           : H5DSset_scale(d, name) >= 0;
    if (scale >= 0)
        H5Dclose(scale);
    if (d >= 0)
        H5Dclose(d);
    H5Pclose(list);
    H5Sclose(space);
    return ok;
}

static bool write_numbers(hid_t group, const sevens_map_plane *plane)
{
    hid_t whole = H5T_STD_U64LE, given = H5T_NATIVE_UINT64;
    return sevens_h5_write_scalar(group, "below", whole, given, &plane->below, "1",
                                  "points with a lower Delta chi2") &&
           sevens_h5_write_scalar(group, "above", whole, given, &plane->above, "1",
                                  "points with a higher Delta chi2") &&
           sevens_h5_write_scalar(group, "chi2_reference", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                                  &plane->chi2_reference, "1",
                                  "chi-square that Delta chi2 counts from") &&
           sevens_h5_put_text(group, "reference", plane->reference);
}

static sevens_status write_histogram(hid_t group, const char *shown, const sevens_map_plane *plane,
                                     sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = plane->n_bin;
    double width = plane->max / (double)n, *value = malloc((n + 1) * sizeof *value);
    bool ok;
    SEVENS_TRY_ALLOC(value);
    for (size_t i = 0; i <= n; i++)
        value[i] = (double)i * width;
    ok = write_list(group, "edge", "edges of the bins", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, n + 1,
                    value, NULL);
    for (size_t i = 0; i < n; i++)
        value[i] = ((double)i + 0.5) * width;
    ok = ok &&
         write_list(group, "delta_chi2", "Delta chi2, middle of the bin", H5T_IEEE_F64LE,
                    H5T_NATIVE_DOUBLE, n, value, NULL) &&
         write_list(group, "count", "grid points with edge[i] <= Delta chi2 < edge[i + 1]",
                    H5T_STD_U64LE, H5T_NATIVE_UINT64, n, plane->count, "delta_chi2") &&
         write_numbers(group, plane);
    if (!ok)
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", shown, sevens_h5_reason());
cleanup:
    free(value);
    return status;
}

/* ---- the file ---- */

static sevens_status write_planes(hid_t file, const char *shown, const sevens_map_header *header,
                                  const sevens_reduced_content *content, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    hid_t planes = sevens_h5_create_group(file, "planes");
    for (size_t p = 0; p < content->n_plane && status == SEVENS_OK; p++) {
        const sevens_map_plane *plane = &content->plane[p];
        hid_t group = planes >= 0 ? sevens_h5_create_group(planes, plane->name) : -1;
        if (group < 0 || !sevens_h5_put_text(group, "kind", kind_name[plane->kind]))
            status =
                sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", shown, sevens_h5_reason());
        else
            status = plane->kind == SEVENS_MAP_HISTOGRAM
                         ? write_histogram(group, shown, plane, err)
                         : write_grid(group, shown, header, content, p, err);
        if (group >= 0)
            H5Gclose(group);
    }
    if (planes >= 0)
        H5Gclose(planes);
    return status;
}

static bool write_counts(hid_t file, const sevens_map_counts *counts)
{
    hid_t whole = H5T_STD_U64LE, given = H5T_NATIVE_UINT64;
    return sevens_h5_write_scalar(file, "points_ok", whole, given, &counts->ok, "1",
                                  "grid points that are ok") &&
           sevens_h5_write_scalar(file, "points_unconverged", whole, given, &counts->unconverged,
                                  "1", "grid points that did not converge") &&
           sevens_h5_write_scalar(file, "points_invalid", whole, given, &counts->invalid, "1",
                                  "grid points that are invalid");
}

sevens_status sevens_reduced_write(const char *path, const char *shown,
                                   const sevens_map_header *header,
                                   const sevens_reduced_content *content, const char *start,
                                   const char *history, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_map_file map = sevens_map_file_closed();
    char end[32];
    map.file = sevens_h5_create(path);
    if (map.file < 0 || !sevens_map_file_root(map.file, header, start) ||
        !sevens_map_file_grid(&map, map.file, header, NULL) ||
        !sevens_map_file_provenance(map.file, header, start) ||
        !sevens_map_file_history(&map, history) || !write_counts(map.file, content->counts))
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot create %s: %s", shown, sevens_h5_reason());
    if (status == SEVENS_OK)
        status = write_planes(map.file, shown, header, content, err);
    sevens_map_time(end);
    if (status == SEVENS_OK &&
        (!sevens_map_file_complete(&map, content->summary, end) || !sevens_map_file_close(&map)))
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", shown, sevens_h5_reason());
    sevens_map_file_close(&map);
    return status;
}
