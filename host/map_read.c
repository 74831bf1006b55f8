/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading whole maps. A file may be truncated, damaged or hostile: nothing is allocated before its
 * size has been checked against the other datasets and against the memory of the machine. */
#include "sevens/grid.h"
#include "sevens/map.h"

#include "map_file.h"
#include "map_journal.h"
#include "map_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

sevens_status sevens_map_damaged(const sevens_map_reader *r, const char *what)
{
    return sevens_fail(r->err, SEVENS_ERR_INPUT, "%s is truncated or damaged: %s", r->path, what);
}

sevens_status sevens_map_no_memory(const sevens_map_reader *r)
{
    return sevens_fail(r->err, SEVENS_ERR_MEMORY, "%s: out of memory", r->path);
}

static void free_texts(char **text, size_t n)
{
    sevens_h5_free_texts(&text, n);
}

static void free_columns(sevens_map_column *column, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        free(column[k].name);
        free(column[k].unit);
        free(column[k].value);
    }
}

void sevens_map_unload(sevens_map_content **content)
{
    sevens_map_content *map = *content;
    *content = NULL;
    if (map == NULL)
        return;
    char *text[] = {map->title,   map->model,   map->scan_yaml,   map->scan_json,
                    map->scan_id, map->history, map->date_created};
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        free(text[i]);
    for (size_t a = 0; a < SEVENS_MAP_MAX_AXES; a++) {
        free(map->axis[a].name);
        free(map->axis[a].unit);
        free(map->axis[a].long_name);
        free(map->axis[a].value);
    }
    sevens_map_planes_free(map);
    free_columns(map->profiled, SEVENS_MAP_MAX_PROFILED);
    free_columns(map->derived, SEVENS_MAP_MAX_DERIVED);
    free(map->chi2);
    free(map->status);
    free(map->chi2_experiment);
    free(map->pull);
    free(map->best);
    free_texts(map->experiment, map->n_experiment);
    free_texts(map->nuisance, map->n_nuisance);
    free_texts(map->best_name, map->n_best);
    free_texts(map->best_unit, map->n_best);
    free_texts(map->provenance_key, map->n_provenance);
    free_texts(map->provenance_value, map->n_provenance);
    free_texts(map->release_name, map->n_release);
    free_texts(map->release_doi, map->n_release);
    free_texts(map->release_sha256, map->n_release);
    free_texts(map->release_citation, map->n_release);
    free(map);
}

char *sevens_map_text_or_empty(hid_t object, const char *name)
{
    char *text = sevens_h5_get_text(object, name);
    return text != NULL ? text : strdup("");
}

static sevens_status open_file(sevens_map_reader *r)
{
    sevens_map_glance glance;
    sevens_status status = sevens_map_glance_at(&glance, r->path, r->err);
    sevens_map_found found = glance.found;
    double version = glance.version;
    bool foreign_version = found == SEVENS_FOUND_MAP && version != SEVENS_MAP_FORMAT_VERSION;
    sevens_map_glance_free(&glance);
    if (status != SEVENS_OK)
        return status;
    sevens_journal_header journal;
    if (found == SEVENS_FOUND_NOTHING && sevens_journal_peek(r->path, &journal))
        return sevens_fail(r->err, SEVENS_ERR_IO,
                           "%s is not there yet: its scan is unfinished (%s.journal is there); "
                           "'sevens scan SCAN.yaml --resume' goes on",
                           r->path, r->path);
    if (found == SEVENS_FOUND_NOTHING)
        return sevens_fail(r->err, SEVENS_ERR_IO, "cannot open %s: %s", r->path, strerror(ENOENT));
    if (found == SEVENS_FOUND_BUSY)
        return sevens_fail(r->err, SEVENS_ERR_IO,
                           "%s is being written by a running scan; %s.progress.json says how far "
                           "it is",
                           r->path, r->path);
    if (found == SEVENS_FOUND_DAMAGED)
        return sevens_map_damaged(
            r, "HDF5 cannot open it (an unfinished scan is continued by --resume)");
    if (found == SEVENS_FOUND_FOREIGN)
        return sevens_fail(r->err, SEVENS_ERR_INPUT, "%s is not a Sevens map", r->path);
    if (foreign_version)
        return sevens_fail(r->err, SEVENS_ERR_INPUT,
                           "%s has map format version %g; this program reads version %d", r->path,
                           version, SEVENS_MAP_FORMAT_VERSION);
    r->file = sevens_h5_open(r->path);
    return r->file >= 0 ? SEVENS_OK : sevens_map_damaged(r, sevens_h5_reason());
}

static sevens_status read_root(sevens_map_reader *r)
{
    sevens_map_content *map = r->map;
    double complete = 0;
    map->title = sevens_map_text_or_empty(r->file, "title");
    map->model = sevens_map_text_or_empty(r->file, "model");
    map->history = sevens_map_text_or_empty(r->file, "history");
    map->date_created = sevens_map_text_or_empty(r->file, "date_created");
    map->scan_id = sevens_map_text_or_empty(r->file, "scan_id");
    map->scan_yaml = sevens_h5_read_text(r->file, "provenance/scan_yaml");
    map->scan_json = sevens_h5_read_text(r->file, "provenance/scan_json");
    map->complete = sevens_h5_get_real(r->file, "complete", &complete) && complete == 1;
    map->chi2_min = map->chi2_sm = (double)NAN;
    if (!map->title || !map->model || !map->history || !map->date_created || !map->scan_id)
        return sevens_map_no_memory(r);
    if (map->scan_yaml == NULL || map->scan_json == NULL)
        return sevens_map_damaged(r, "the scan file inside it cannot be read");
    return SEVENS_OK;
}

/* Names of experiments or nuisances; none is no fault. They come from the attribute: the
 * variable-length texts of the dataset have no checksum, and HDF5 does not survive damaged ones. */
static sevens_status read_labels(sevens_map_reader *r, const char *name, char ***label, size_t *n)
{
    hsize_t extent = 0;
    *n = 0;
    if (H5Lexists(r->file, name, H5P_DEFAULT) <= 0)
        return SEVENS_OK;
    hid_t d = H5Dopen2(r->file, name, H5P_DEFAULT);
    if (d >= 0) {
        *label = sevens_h5_get_texts(d, "names", SEVENS_MAP_MAX_LABELS, n);
        H5Dclose(d);
    }
    if (*label == NULL || sevens_h5_shape(r->file, name, 1, &extent) != 1 || extent != *n)
        return sevens_map_damaged(r, "the names of its experiments or nuisances cannot be read");
    return SEVENS_OK;
}

static sevens_status read_axis(sevens_map_reader *r, size_t a)
{
    sevens_map_content *map = r->map;
    const char *name = map->axis[a].name;
    hid_t d = H5Dopen2(r->grid, name, H5P_DEFAULT);
    if (d < 0)
        return sevens_map_damaged(r, "an axis is missing");
    map->axis[a].unit = sevens_map_text_or_empty(d, "units");
    map->axis[a].long_name = sevens_map_text_or_empty(d, "long_name");
    char *spacing = sevens_map_text_or_empty(d, "spacing");
    map->axis[a].log = spacing != NULL && strcmp(spacing, "log") == 0;
    free(spacing);
    map->axis[a].value = malloc(map->axis[a].n * sizeof(double));
    bool memory = map->axis[a].unit && map->axis[a].long_name && map->axis[a].value;
    bool ok = memory &&
              H5Dread(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, map->axis[a].value) >= 0;
    H5Dclose(d);
    if (!memory)
        return sevens_map_no_memory(r);
    for (size_t i = 0; ok && i < map->axis[a].n; i++)
        ok = isfinite(map->axis[a].value[i]) &&
             (i == 0 || map->axis[a].value[i] > map->axis[a].value[i - 1]);
    return ok ? SEVENS_OK : sevens_map_damaged(r, "an axis does not increase, or cannot be read");
}

/* Names of the profiled parameters, or of the derived quantities; most maps have none. */
static sevens_status read_column_names(sevens_map_reader *r, const char *which, size_t most,
                                       sevens_map_column *column, size_t *n)
{
    if (!sevens_h5_has(r->grid, which))
        return SEVENS_OK;
    char **name = sevens_h5_get_texts(r->grid, which, most, n);
    if (name == NULL)
        return sevens_map_damaged(r,
                                  "the names of its profiled or derived quantities cannot be read");
    for (size_t k = 0; k < *n; k++) {
        column[k].name = name[k];
        name[k] = NULL;
    }
    sevens_h5_free_texts(&name, *n);
    return SEVENS_OK;
}

/* Whether all points, with everything stored for each, can be held by this machine at all. */
static sevens_status check_memory(const sevens_map_reader *r)
{
    const sevens_map_content *map = r->map;
    bool experiments = H5Lexists(r->grid, "chi2_experiment", H5P_DEFAULT) > 0;
    bool pulls = H5Lexists(r->grid, "pull", H5P_DEFAULT) > 0;
    double each = 9 + 8.0 * (double)(map->n_profiled + map->n_derived) +
                  (experiments ? 8.0 * (double)map->n_experiment : 0) +
                  (pulls ? 4.0 * (double)map->n_nuisance : 0);
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (each * (double)map->n_point <= memory)
        return SEVENS_OK;
    return sevens_fail(r->err, SEVENS_ERR_MEMORY,
                       "%s: its %zu points need %.3g GB of memory, this machine has %.3g", r->path,
                       map->n_point, each * (double)map->n_point * 1e-9, memory * 1e-9);
}

/* Names and extents of the axes, checked against chi2, before anything of their size is read. */
static sevens_status read_axes(sevens_map_reader *r)
{
    sevens_status status = SEVENS_OK;
    sevens_map_content *map = r->map;
    uint64_t points = 1;
    char **name = sevens_h5_get_texts(r->grid, "axes", SEVENS_MAP_MAX_AXES, &map->n_axis);
    if (name == NULL)
        return sevens_map_damaged(r, "it does not name its axes");
    for (size_t a = 0; a < map->n_axis; a++) {
        map->axis[a].name = name[a];
        name[a] = NULL;
    }
    sevens_h5_free_texts(&name, map->n_axis);
    bool has_points = map->n_plane == 0 || map->kind != NULL; /* else of the scan alone */
    int rank = sevens_h5_shape(r->grid, "chi2", SEVENS_MAP_MAX_AXES, r->extent);
    if (has_points && rank != (int)map->n_axis)
        return sevens_map_damaged(r, "chi2 does not have the axes of the map");
    for (size_t a = 0; a < map->n_axis; a++) {
        hsize_t n;
        if (sevens_h5_shape(r->grid, map->axis[a].name, 1, &n) != 1 || n == 0 ||
            (has_points && n != r->extent[a]))
            return sevens_map_damaged(r, "the shapes of chi2 and its axes do not agree");
        if (n > SEVENS_MAP_MAX_POINTS / points)
            return sevens_map_damaged(r, "it claims more than 2^40 points");
        points *= has_points ? n : 1;
        map->axis[a].n = (size_t)n;
    }
    map->n_point = has_points ? (size_t)points : 0;
    if (has_points) {
        SEVENS_TRY(read_column_names(r, "profiled", SEVENS_MAP_MAX_PROFILED, map->profiled,
                                     &map->n_profiled));
        SEVENS_TRY(
            read_column_names(r, "derived", SEVENS_MAP_MAX_DERIVED, map->derived, &map->n_derived));
    }
    SEVENS_TRY(check_memory(r));
    for (size_t a = 0; a < map->n_axis; a++)
        SEVENS_TRY(read_axis(r, a));
cleanup:
    return status;
}

/* Reads a gridded dataset, [planes] when it is stacked, as `wanted`. */
static sevens_status read_grid(sevens_map_reader *r, const char *name, size_t planes, bool stacked,
                               hid_t wanted, size_t size, void **data)
{
    hsize_t extent[SEVENS_MAP_MAX_AXES + 1];
    int first = stacked ? 1 : 0;
    int rank = sevens_h5_shape(r->grid, name, SEVENS_MAP_MAX_AXES + 1, extent);
    bool agree =
        rank == first + (int)r->map->n_axis && (!stacked || extent[0] == planes) && planes > 0;
    for (size_t a = 0; agree && a < r->map->n_axis; a++)
        agree = extent[first + (int)a] == r->extent[a];
    if (!agree)
        return sevens_map_damaged(r, "the shapes of its datasets do not agree");
    *data = malloc(planes * r->map->n_point * size);
    if (*data == NULL)
        return sevens_map_no_memory(r);
    hid_t d = H5Dopen2(r->grid, name, H5P_DEFAULT);
    bool ok = d >= 0 && H5Dread(d, wanted, H5S_ALL, H5S_ALL, H5P_DEFAULT, *data) >= 0;
    char reason[SEVENS_H5_REASON + 64];
    snprintf(reason, sizeof reason, "%s cannot be read (%s)", name, sevens_h5_reason());
    if (d >= 0)
        H5Dclose(d);
    return ok ? SEVENS_OK : sevens_map_damaged(r, reason);
}

/* CF decoding: fill value, then scale and offset. */
static void decode(hid_t file, const char *name, double *value, size_t n)
{
    double fill = (double)NAN, scale = 1, offset = 0;
    hid_t d = H5Dopen2(file, name, H5P_DEFAULT);
    sevens_h5_get_real(d, "_FillValue", &fill);
    sevens_h5_get_real(d, "scale_factor", &scale);
    sevens_h5_get_real(d, "add_offset", &offset);
    H5Dclose(d);
    if (scale == 1 && offset == 0 && isnan(fill))
        return;
    for (size_t i = 0; i < n; i++)
        value[i] = value[i] == fill ? (double)NAN : value[i] * scale + offset;
}

/* How exactly, and up to where, chi2 is stored. */
static void read_storage(hid_t grid, sevens_map_content *map)
{
    double scale = 1, offset = 0;
    hid_t d = H5Dopen2(grid, "chi2", H5P_DEFAULT), type = H5Dget_type(d);
    map->chi2_low = -INFINITY;
    map->chi2_high = INFINITY;
    sevens_h5_get_real(d, "rounding", &map->chi2_step);
    if (H5Tget_class(type) == H5T_INTEGER) {
        sevens_h5_get_real(d, "scale_factor", &scale);
        sevens_h5_get_real(d, "add_offset", &offset);
        double steps = exp2(8.0 * (double)H5Tget_size(type) - 1.0) - 1.0;
        map->chi2_step = scale;
        map->chi2_low = offset - steps * scale;
        map->chi2_high = offset + steps * scale;
    }
    H5Tclose(type);
    H5Dclose(d);
}

static sevens_status read_column(sevens_map_reader *r, const char *which, sevens_map_column *column)
{
    char name[SEVENS_MAP_MAX_NAME];
    void *data = NULL;
    snprintf(name, sizeof name, "%s_%s", which, column->name);
    sevens_status status = read_grid(r, name, 1, false, H5T_NATIVE_DOUBLE, sizeof(double), &data);
    column->value = data;
    hid_t d = status == SEVENS_OK ? H5Dopen2(r->grid, name, H5P_DEFAULT) : -1;
    if (d < 0)
        return status;
    column->unit = sevens_map_text_or_empty(d, "units");
    H5Dclose(d);
    return column->unit != NULL ? SEVENS_OK : sevens_map_no_memory(r);
}

static sevens_status read_fields(sevens_map_reader *r)
{
    sevens_status status = SEVENS_OK;
    sevens_map_content *map = r->map;
    void *data = NULL;
    status = read_grid(r, "chi2", 1, false, H5T_NATIVE_DOUBLE, sizeof(double), &data);
    map->chi2 = data;
    SEVENS_TRY(status);
    decode(r->grid, "chi2", map->chi2, map->n_point);
    read_storage(r->grid, map);
    data = NULL;
    status = read_grid(r, "status", 1, false, H5T_NATIVE_UINT8, 1, &data);
    map->status = data;
    SEVENS_TRY(status);
    for (size_t p = 0; p < map->n_point; p++) {
        if (map->status[p] == SEVENS_POINT_OK && isnan(map->chi2[p]))
            SEVENS_TRY(sevens_map_damaged(
                r, "chi2 is missing (NaN) at points whose status is ok; scan again "
                   "with --force"));
    }
    if (H5Lexists(r->grid, "chi2_experiment", H5P_DEFAULT) > 0) {
        data = NULL;
        status = read_grid(r, "chi2_experiment", map->n_experiment, true, H5T_NATIVE_DOUBLE,
                           sizeof(double), &data);
        map->chi2_experiment = data;
        SEVENS_TRY(status);
        decode(r->grid, "chi2_experiment", map->chi2_experiment, map->n_experiment * map->n_point);
    }
    if (H5Lexists(r->grid, "pull", H5P_DEFAULT) > 0) {
        data = NULL;
        status =
            read_grid(r, "pull", map->n_nuisance, true, H5T_NATIVE_FLOAT, sizeof(float), &data);
        map->pull = data;
        SEVENS_TRY(status);
    }
    for (size_t k = 0; k < map->n_profiled; k++)
        SEVENS_TRY(read_column(r, "profiled", &map->profiled[k]));
    for (size_t k = 0; k < map->n_derived; k++)
        SEVENS_TRY(read_column(r, "derived", &map->derived[k]));
cleanup:
    return status;
}

static sevens_status read_best(sevens_map_reader *r, const char *link)
{
    sevens_map_content *map = r->map;
    size_t n = map->n_best;
    char **name = realloc(map->best_name, (n + 1) * sizeof *name);
    map->best_name = name != NULL ? name : map->best_name;
    char **unit = realloc(map->best_unit, (n + 1) * sizeof *unit);
    map->best_unit = unit != NULL ? unit : map->best_unit;
    double *value = realloc(map->best, (n + 1) * sizeof *value);
    map->best = value != NULL ? value : map->best;
    if (name == NULL || unit == NULL || value == NULL)
        return sevens_map_no_memory(r);
    if (!sevens_h5_read_scalar(r->file, link, H5T_NATIVE_DOUBLE, &value[n]))
        return sevens_map_damaged(r, "its best point cannot be read");
    hid_t d = H5Dopen2(r->file, link, H5P_DEFAULT);
    name[n] = strdup(link + strlen("best_"));
    unit[n] = sevens_map_text_or_empty(d, "units");
    if (d >= 0)
        H5Dclose(d);
    map->n_best = n + 1;
    return name[n] != NULL && unit[n] != NULL ? SEVENS_OK : sevens_map_no_memory(r);
}

static sevens_status read_summary(sevens_map_reader *r)
{
    sevens_status status = SEVENS_OK;
    sevens_map_content *map = r->map;
    H5G_info_t info;
    if (!map->complete)
        return SEVENS_OK;
    if (!sevens_h5_read_scalar(r->file, "chi2_min", H5T_NATIVE_DOUBLE, &map->chi2_min) ||
        !sevens_h5_read_scalar(r->file, "chi2_sm", H5T_NATIVE_DOUBLE, &map->chi2_sm) ||
        !sevens_h5_read_scalar(r->file, "ndof", H5T_NATIVE_INT64, &map->ndof) ||
        !sevens_h5_read_scalar(r->file, "n_bins", H5T_NATIVE_INT64, &map->n_bins) ||
        H5Gget_info(r->file, &info) < 0 || info.nlinks > SEVENS_MAP_MAX_LABELS)
        return sevens_map_damaged(r, "its summary cannot be read");
    for (hsize_t i = 0; i < info.nlinks; i++) {
        char link[SEVENS_MAP_MAX_NAME] = "";
        ssize_t length = H5Lget_name_by_idx(r->file, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, link,
                                            sizeof link, H5P_DEFAULT);
        if (length < 0)
            length = H5Lget_name_by_idx(r->file, ".", H5_INDEX_NAME, H5_ITER_INC, i, link,
                                        sizeof link, H5P_DEFAULT);
        if (length > 0 && strncmp(link, "best_", 5) == 0)
            SEVENS_TRY(read_best(r, link));
    }
cleanup:
    return status;
}

sevens_status sevens_map_load(sevens_map_content **content, const char *path, sevens_error *err)
{
    return sevens_map_load_plane(content, path, NULL, err);
}

/* Axes and points: of a whole map, or of a plane that has them. */
static sevens_status read_points(sevens_map_reader *r)
{
    sevens_status status = SEVENS_OK;
    if (r->map->kind != NULL && strcmp(r->map->kind, "histogram") == 0)
        return SEVENS_OK;
    SEVENS_TRY(read_axes(r));
    if (r->map->n_point > 0)
        SEVENS_TRY(read_fields(r));
cleanup:
    return status;
}

sevens_status sevens_map_load_plane(sevens_map_content **content, const char *path,
                                    const char *plane, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char reason[SEVENS_H5_REASON];
    sevens_map_reader r = {.path = path, .file = -1, .grid = -1, .err = err};
    *content = NULL;
    sevens_h5_listen(reason);
    SEVENS_TRY_ALLOC(r.map = calloc(1, sizeof *r.map));
    SEVENS_TRY(open_file(&r));
    SEVENS_TRY(read_root(&r));
    SEVENS_TRY(read_labels(&r, "experiment", &r.map->experiment, &r.map->n_experiment));
    SEVENS_TRY(read_labels(&r, "nuisance", &r.map->nuisance, &r.map->n_nuisance));
    r.grid = r.file;
    SEVENS_TRY(sevens_map_read_planes(&r, plane));
    SEVENS_TRY(read_points(&r));
    SEVENS_TRY(read_summary(&r));
    SEVENS_TRY(sevens_map_read_origin(&r));
    *content = r.map;
    r.map = NULL;
cleanup:
    if (r.grid >= 0 && r.grid != r.file)
        H5Gclose(r.grid);
    if (r.file >= 0)
        H5Fclose(r.file);
    sevens_map_unload(&r.map);
    sevens_h5_listen(NULL);
    return status;
}
