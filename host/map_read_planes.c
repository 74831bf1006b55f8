/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading of reduced maps: which planes there are, what kind the wanted one is, where a slice lies,
 * and histograms. Its axes and points are read as those of a whole map. */
#include "map_read.h"

#include "sevens/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BINS 100000000

void sevens_map_planes_free(sevens_map_content *map)
{
    sevens_h5_free_texts(&map->plane, map->n_plane);
    for (size_t i = 0; i < SEVENS_MAP_MAX_AXES; i++) {
        free(map->fixed[i].name);
        free(map->fixed[i].unit);
    }
    free(map->kind);
    free(map->bins.edge);
    free(map->bins.count);
}

static bool read_whole(hid_t where, const char *name, uint64_t *value)
{
    return sevens_h5_read_scalar(where, name, H5T_NATIVE_UINT64, value);
}

static sevens_status open_plane(sevens_map_reader *r, const char *plane)
{
    sevens_map_content *map = r->map;
    char suggestion[SEVENS_SUGGESTION], path[512];
    size_t i = 0;
    while (i < map->n_plane && strcmp(map->plane[i], plane) != 0)
        i++;
    if (map->n_plane == 0)
        return sevens_fail(r->err, SEVENS_ERR_INPUT,
                           "%s has no planes: every point of the scan is in it", r->path);
    if (i == map->n_plane)
        return sevens_fail(
            r->err, SEVENS_ERR_INPUT, "%s has no plane '%s'; %s", r->path, plane,
            sevens_suggest(suggestion, plane, (const char *const *)map->plane, map->n_plane));
    snprintf(path, sizeof path, "planes/%s", plane);
    hid_t group = H5Gopen2(r->file, path, H5P_DEFAULT);
    if (group < 0)
        return sevens_map_damaged(r, "one of its planes is missing");
    r->grid = group;
    map->kind = sevens_h5_get_text(group, "kind");
    return map->kind != NULL ? SEVENS_OK : sevens_map_damaged(r, "a plane does not say its kind");
}

/* The values at which a slice lies: scalars at_NAME. */
static sevens_status read_fixed(sevens_map_reader *r, const char *link)
{
    sevens_map_content *map = r->map;
    sevens_map_fixed *fixed = &map->fixed[map->n_fixed];
    if (map->n_fixed == SEVENS_MAP_MAX_AXES ||
        !sevens_h5_read_scalar(r->grid, link, H5T_NATIVE_DOUBLE, &fixed->value))
        return sevens_map_damaged(r, "where a slice lies cannot be read");
    hid_t d = H5Dopen2(r->grid, link, H5P_DEFAULT);
    char *unit = d >= 0 ? sevens_h5_get_text(d, "units") : NULL;
    if (d >= 0)
        H5Dclose(d);
    map->n_fixed++;
    fixed->name = strdup(link + strlen("at_"));
    fixed->unit = unit != NULL ? unit : strdup("");
    return fixed->name != NULL && fixed->unit != NULL ? SEVENS_OK : sevens_map_no_memory(r);
}

static sevens_status read_slice(sevens_map_reader *r)
{
    H5G_info_t info;
    if (H5Gget_info(r->grid, &info) < 0 || info.nlinks > SEVENS_MAP_MAX_LABELS)
        return sevens_map_damaged(r, "a plane cannot be read");
    for (hsize_t i = 0; i < info.nlinks; i++) {
        char link[256] = "";
        H5Lget_name_by_idx(r->grid, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, link, sizeof link,
                           H5P_DEFAULT);
        sevens_status status = strncmp(link, "at_", 3) == 0 ? read_fixed(r, link) : SEVENS_OK;
        if (status != SEVENS_OK)
            return status;
    }
    return SEVENS_OK;
}

static bool read_list(hid_t group, const char *name, hid_t wanted, void *value)
{
    hid_t d = H5Dopen2(group, name, H5P_DEFAULT);
    bool ok = d >= 0 && H5Dread(d, wanted, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0;
    if (d >= 0)
        H5Dclose(d);
    return ok;
}

static sevens_status read_histogram(sevens_map_reader *r)
{
    sevens_map_bins *bins = &r->map->bins;
    hsize_t n = 0, edges = 0;
    if (sevens_h5_shape(r->grid, "count", 1, &n) != 1 ||
        sevens_h5_shape(r->grid, "edge", 1, &edges) != 1 || n == 0 || edges != n + 1 ||
        n > MAX_BINS)
        return sevens_map_damaged(r, "the bins of a histogram do not agree");
    bins->n = (size_t)n;
    bins->edge = malloc((bins->n + 1) * sizeof *bins->edge);
    bins->count = malloc(bins->n * sizeof *bins->count);
    if (bins->edge == NULL || bins->count == NULL)
        return sevens_map_no_memory(r);
    if (!read_list(r->grid, "edge", H5T_NATIVE_DOUBLE, bins->edge) ||
        !read_list(r->grid, "count", H5T_NATIVE_UINT64, bins->count) ||
        !read_whole(r->grid, "below", &bins->below) ||
        !read_whole(r->grid, "above", &bins->above) ||
        !sevens_h5_read_scalar(r->grid, "chi2_reference", H5T_NATIVE_DOUBLE, &bins->chi2_reference))
        return sevens_map_damaged(r, "a histogram cannot be read");
    return SEVENS_OK;
}

sevens_status sevens_map_read_planes(sevens_map_reader *r, const char *plane)
{
    sevens_map_content *map = r->map;
    if (sevens_h5_has(r->file, "planes")) {
        map->plane = sevens_h5_get_texts(r->file, "planes", SEVENS_MAP_MAX_LABELS, &map->n_plane);
        if (map->plane == NULL)
            return sevens_map_damaged(r, "it does not name its planes");
        if (!read_whole(r->file, "points_ok", &map->counts.ok) ||
            !read_whole(r->file, "points_unconverged", &map->counts.unconverged) ||
            !read_whole(r->file, "points_invalid", &map->counts.invalid))
            return sevens_map_damaged(r, "its numbers of points cannot be read");
    }
    if (plane == NULL)
        return SEVENS_OK;
    sevens_status status = open_plane(r, plane);
    if (status != SEVENS_OK)
        return status;
    if (strcmp(map->kind, "slice") == 0)
        return read_slice(r);
    return strcmp(map->kind, "histogram") == 0 ? read_histogram(r) : SEVENS_OK;
}
