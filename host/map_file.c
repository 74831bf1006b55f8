/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HDF5 side of a map: creating the layout of docs/map_format.md, moving encoded tiles in and
 * out, and the summary. How to read whole maps stands in map_read.c. */
#include "map_file.h"

#include <hdf5_hl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define I16_COMMENT                                                                                \
    "32767 steps above add_offset, or below it, also stand for everything beyond: chi2 saturates"

/* Scales of one file while it is made: the grid axes, then experiment and nuisance. */
typedef struct scales {
    hid_t axis[SEVENS_MAP_MAX_AXES], experiment, nuisance;
} scales;

/* In the file as in memory: chunks are written as they are. */
static hid_t native_type(sevens_map_store store)
{
    return store == SEVENS_STORE_F64   ? H5T_NATIVE_DOUBLE
           : store == SEVENS_STORE_F32 ? H5T_NATIVE_FLOAT
           : store == SEVENS_STORE_I16 ? H5T_NATIVE_INT16
                                       : H5T_NATIVE_UINT8;
}

static const char *or_one(const char *unit)
{
    return unit != NULL && unit[0] != '\0' ? unit : "1";
}

static bool create_axis(hid_t file, const sevens_map_axis *axis, hid_t *scale)
{
    hsize_t n = axis->n;
    hid_t space = H5Screate_simple(1, &n, NULL);
    *scale =
        H5Dcreate2(file, axis->name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Sclose(space);
    return *scale >= 0 &&
           H5Dwrite(*scale, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, axis->value) >= 0 &&
           H5DSset_scale(*scale, axis->name) >= 0 &&
           sevens_h5_put_text(*scale, "units", or_one(axis->unit)) &&
           sevens_h5_put_text(*scale, "long_name",
                              axis->long_name ? axis->long_name : axis->name) &&
           sevens_h5_put_text(*scale, "spacing", axis->log ? "log" : "linear");
}

static bool create_labels(hid_t file, const char *name, const char *long_name,
                          const char *const *label, size_t n, hid_t *scale)
{
    hsize_t extent = n;
    hid_t space = H5Screate_simple(1, &extent, NULL), type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    hid_t list = sevens_h5_dataset_list();
    *scale = H5Dcreate2(file, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    H5Pclose(list);
    bool ok = *scale >= 0 && H5Dwrite(*scale, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, label) >= 0 &&
              H5DSset_scale(*scale, name) >= 0 &&
              sevens_h5_put_text(*scale, "long_name", long_name) &&
              sevens_h5_put_texts(*scale, "names", label, n);
    H5Tclose(type);
    H5Sclose(space);
    return ok;
}

static bool create_scales(hid_t file, const sevens_map_header *header, scales *scale)
{
    for (size_t a = 0; a < header->n_axis; a++)
        if (!create_axis(file, &header->axis[a], &scale->axis[a]))
            return false;
    if (header->n_experiment > 0 &&
        !create_labels(file, "experiment", "experiment (data release)", header->experiment,
                       header->n_experiment, &scale->experiment))
        return false;
    return header->n_nuisance == 0 ||
           create_labels(file, "nuisance", "nuisance parameter", header->nuisance,
                         header->n_nuisance, &scale->nuisance);
}

static void close_scales(scales *scale)
{
    for (size_t a = 0; a < SEVENS_MAP_MAX_AXES; a++)
        if (scale->axis[a] >= 0)
            H5Dclose(scale->axis[a]);
    if (scale->experiment >= 0)
        H5Dclose(scale->experiment);
    if (scale->nuisance >= 0)
        H5Dclose(scale->nuisance);
}

/* Attributes by which CF readers decode and explain a gridded dataset. */
static bool describe_field(hid_t dataset, const sevens_map_layout *layout, sevens_map_field field,
                           const sevens_map_header *header)
{
    static const char *const long_name[] = {
        [SEVENS_FIELD_CHI2] = "profiled chi-square, all experiments",
        [SEVENS_FIELD_EXPERIMENT] = "chi-square of each experiment at the profiled nuisances",
        [SEVENS_FIELD_PULL] = "pull of each nuisance, (value - centre) / sigma",
        [SEVENS_FIELD_STATUS] = "state of the point"};
    static const uint8_t flags[] = {0, 1, 2, 3};
    sevens_map_store store = layout->store[field];
    char where[256];
    const char *text = long_name[field], *unit = "1";
    if (sevens_map_field_profiled(field)) {
        const sevens_map_profiled *profiled = &header->profiled[field - SEVENS_FIELD_PROFILED];
        snprintf(where, sizeof where, "%s at the minimum over it", profiled->name);
        text = where;
        unit = or_one(profiled->unit);
    }
    if (sevens_map_field_derived(field)) {
        const sevens_map_derived *derived = &header->derived[field - SEVENS_FIELD_DERIVED];
        text = derived->long_name;
        unit = or_one(derived->unit);
    }
    if (!sevens_h5_put_text(dataset, "long_name", text))
        return false;
    if (field == SEVENS_FIELD_STATUS) {
        hsize_t n = sizeof flags;
        hid_t space = H5Screate_simple(1, &n, NULL);
        hid_t a = H5Acreate2(dataset, "flag_values", H5T_STD_U8LE, space, H5P_DEFAULT, H5P_DEFAULT);
        bool ok = a >= 0 && H5Awrite(a, H5T_NATIVE_UINT8, flags) >= 0;
        if (a >= 0)
            H5Aclose(a);
        H5Sclose(space);
        return ok && sevens_h5_put_text(dataset, "flag_meanings", "pending ok unconverged invalid");
    }
    bool i16 = store == SEVENS_STORE_I16;
    bool rounded = store == SEVENS_STORE_F32 && field != SEVENS_FIELD_PULL;
    return sevens_h5_put_text(dataset, "units", unit) &&
           sevens_h5_put_number(dataset, "_FillValue", native_type(store), native_type(store),
                                sevens_map_fill_value(store)) &&
           (!i16 || sevens_h5_put_real(dataset, "scale_factor", SEVENS_MAP_I16_STEP)) &&
           (!i16 || layout->add_offset == 0 ||
            sevens_h5_put_real(dataset, "add_offset", layout->add_offset)) &&
           (!rounded || sevens_h5_put_real(dataset, "rounding", SEVENS_MAP_F32_STEP)) &&
           (!i16 || sevens_h5_put_text(dataset, "comment", I16_COMMENT)) &&
           sevens_h5_put_text(dataset, "ancillary_variables", "status");
}

static hid_t field_properties(const sevens_map_layout *layout, sevens_map_store store, int rank,
                              const hsize_t *chunk)
{
    hid_t list = sevens_h5_dataset_list();
    bool ok = H5Pset_chunk(list, rank, chunk) >= 0 &&
              H5Pset_fill_value(list, native_type(store), sevens_map_fill_value(store)) >= 0;
    if (ok && layout->compress)
        ok = H5Pset_shuffle(list) >= 0 && H5Pset_deflate(list, SEVENS_MAP_DEFLATE_LEVEL) >= 0;
    if (ok && H5Pset_fletcher32(list) >= 0)
        return list;
    H5Pclose(list);
    return -1;
}

static bool create_field(hid_t file, const sevens_map_layout *layout, sevens_map_field field,
                         const sevens_map_header *header, const scales *scale, hid_t *dataset)
{
    hsize_t extent[SEVENS_MAP_MAX_AXES + 1], chunk[SEVENS_MAP_MAX_AXES + 1];
    int first = sevens_map_field_stacked(field) ? 1 : 0, rank = first + (int)layout->n_axis;
    extent[0] = layout->planes[field];
    chunk[0] = 1;
    for (size_t a = 0; a < layout->n_axis; a++) {
        extent[first + (int)a] = layout->n[a];
        chunk[first + (int)a] = layout->tile[a];
    }
    sevens_map_store store = layout->store[field];
    hid_t list = field_properties(layout, store, rank, chunk);
    hid_t space = H5Screate_simple(rank, extent, NULL);
    *dataset = H5Dcreate2(file, sevens_map_field_name(layout, field), native_type(store), space,
                          H5P_DEFAULT, list, H5P_DEFAULT);
    H5Sclose(space);
    H5Pclose(list);
    bool ok = *dataset >= 0;
    if (ok && first > 0)
        ok = H5DSattach_scale(*dataset,
                              field == SEVENS_FIELD_PULL ? scale->nuisance : scale->experiment,
                              0) >= 0;
    for (size_t a = 0; ok && a < layout->n_axis; a++)
        ok = H5DSattach_scale(*dataset, scale->axis[a], (unsigned)first + (unsigned)a) >= 0;
    return ok && describe_field(*dataset, layout, field, header);
}

static char *joined_references(const sevens_map_header *header)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    for (size_t r = 0; r < header->n_release; r++) {
        const sevens_map_release *release = &header->release[r];
        fprintf(stream, "%s%s", r > 0 ? "; " : "",
                release->citation ? release->citation : release->name);
        if (release->doi != NULL && release->doi[0] != '\0')
            fprintf(stream, " https://doi.org/%s", release->doi);
    }
    fclose(stream);
    return text;
}

bool sevens_map_file_root(hid_t file, const sevens_map_header *header, const char *start)
{
    const char *axis[SEVENS_MAP_MAX_AXES], *profiled[SEVENS_MAP_MAX_PROFILED];
    const char *derived[SEVENS_MAP_MAX_DERIVED];
    char source[1024], creator[256];
    for (size_t a = 0; a < header->n_axis; a++)
        axis[a] = header->axis[a].name;
    for (size_t k = 0; k < header->n_profiled; k++)
        profiled[k] = header->profiled[k].name;
    for (size_t k = 0; k < header->n_derived; k++)
        derived[k] = header->derived[k].name;
    snprintf(creator, sizeof creator, "%s %s", header->program, header->version);
    snprintf(source, sizeof source, "%s (%s%s), model: %s", creator,
             header->git_commit ? header->git_commit : "no commit",
             header->git_dirty ? ", with local changes" : "", header->model);
    char *references = joined_references(header);
    bool ok = references != NULL && sevens_h5_put_text(file, "Conventions", "CF-1.8") &&
              sevens_h5_put_text(file, "title", header->title) &&
              sevens_h5_put_text(file, "model", header->model) &&
              sevens_h5_put_text(file, "source", source) &&
              sevens_h5_put_text(file, "references", references) &&
              sevens_h5_put_text(file, "creator", creator) &&
              sevens_h5_put_text(file, "date_created", start) &&
              sevens_h5_put_text(file, "format", "sevens-map") &&
              sevens_h5_put_integer(file, "format_version", SEVENS_MAP_FORMAT_VERSION) &&
              sevens_h5_put_text(file, "scan_id", header->scan_id) &&
              (header->n_plane == 0
                   ? sevens_h5_put_text(file, "NX_class", "NXdata") &&
                         sevens_h5_put_text(file, "signal", "chi2")
                   : sevens_h5_put_texts(file, "planes", header->plane, header->n_plane)) &&
              sevens_h5_put_texts(file, "axes", axis, header->n_axis) &&
              (header->n_profiled == 0 ||
               sevens_h5_put_texts(file, "profiled", profiled, header->n_profiled)) &&
              (header->n_derived == 0 ||
               sevens_h5_put_texts(file, "derived", derived, header->n_derived));
    free(references);
    return ok;
}

static bool write_release(hid_t parent, const sevens_map_release *release)
{
    if (H5Lexists(parent, release->name, H5P_DEFAULT) > 0)
        return true; /* the same release under two settings */
    hid_t group = sevens_h5_create_group(parent, release->name);
    bool ok = group >= 0 && sevens_h5_put_text(group, "title", release->title) &&
              sevens_h5_put_text(group, "doi", release->doi) &&
              sevens_h5_put_text(group, "version", release->version) &&
              sevens_h5_put_text(group, "sha256", release->sha256) &&
              sevens_h5_put_text(group, "citation", release->citation) &&
              sevens_h5_put_text(group, "url", release->url);
    if (group >= 0)
        H5Gclose(group);
    return ok;
}

static bool write_machine(hid_t group, const sevens_map_header *header, const char *start)
{
    return sevens_h5_put_text(group, "program", header->program) &&
           sevens_h5_put_text(group, "version", header->version) &&
           sevens_h5_put_text(group, "git_commit", header->git_commit) &&
           sevens_h5_put_integer(group, "git_dirty", header->git_dirty ? 1 : 0) &&
           sevens_h5_put_text(group, "compiler", header->compiler) &&
           sevens_h5_put_text(group, "cuda_version", header->cuda_version) &&
           sevens_h5_put_text(group, "device", header->device) &&
           sevens_h5_put_text(group, "backend", header->backend) &&
           sevens_h5_put_text(group, "precision", header->compute_precision) &&
           sevens_h5_put_integer(group, "seed", header->seed) &&
           sevens_h5_put_integer(group, "threads", header->threads) &&
           sevens_h5_put_text(group, "hostname", header->hostname) &&
           sevens_h5_put_text(group, "start", start);
}

bool sevens_map_file_provenance(hid_t file, const sevens_map_header *header, const char *start)
{
    hid_t group = sevens_h5_create_group(file, "provenance");
    hid_t releases = group >= 0 ? sevens_h5_create_group(group, "data_release") : -1;
    bool ok = releases >= 0 && write_machine(group, header, start) &&
              sevens_h5_write_text(group, "scan_yaml", header->scan_yaml) &&
              sevens_h5_write_text(group, "scan_json", header->scan_json);
    for (size_t r = 0; ok && r < header->n_release; r++)
        ok = write_release(releases, &header->release[r]);
    if (releases >= 0)
        H5Gclose(releases);
    if (group >= 0)
        H5Gclose(group);
    return ok;
}

bool sevens_map_file_grid(sevens_map_file *map, hid_t where, const sevens_map_header *header,
                          const sevens_map_layout *layout)
{
    scales scale = {{-1, -1, -1, -1, -1, -1, -1, -1}, -1, -1};
    bool ok = create_scales(where, header, &scale);
    for (unsigned f = 0; ok && layout != NULL && f < SEVENS_N_FIELD; f++)
        if (layout->planes[f] > 0)
            ok = create_field(where, layout, f, header, &scale, &map->dataset[f]);
    close_scales(&scale);
    return ok;
}

sevens_status sevens_map_file_create(sevens_map_file *map, const char *path,
                                     const sevens_map_header *header,
                                     const sevens_map_layout *layout, const char *start,
                                     sevens_error *err)
{
    char reason[SEVENS_H5_REASON];
    *map = sevens_map_file_closed();
    map->file = sevens_h5_create(path);
    bool ok = map->file >= 0 && sevens_map_file_root(map->file, header, start) &&
              sevens_map_file_grid(map, map->file, header, layout) &&
              sevens_map_file_provenance(map->file, header, start);
    if (!ok)
        snprintf(reason, sizeof reason, "%s", sevens_h5_reason()); /* closing may fail too */
    if (ok)
        return SEVENS_OK;
    sevens_map_file_close(map);
    return sevens_fail(err, SEVENS_ERR_IO, "cannot create %s: %s", path, reason);
}

/* Whether a dataset has the extents and the stored type that the layout wants. */
static bool has_layout(hid_t file, hid_t dataset, const sevens_map_layout *layout,
                       sevens_map_field field)
{
    hsize_t extent[SEVENS_MAP_MAX_AXES + 1];
    int first = sevens_map_field_stacked(field) ? 1 : 0;
    int rank = sevens_h5_shape(file, sevens_map_field_name(layout, field), SEVENS_MAP_MAX_AXES + 1,
                               extent);
    bool same =
        rank == first + (int)layout->n_axis && (first == 0 || extent[0] == layout->planes[field]);
    for (size_t a = 0; same && a < layout->n_axis; a++)
        same = extent[first + (int)a] == layout->n[a];
    hid_t type = H5Dget_type(dataset);
    same = same && type >= 0 && H5Tequal(type, native_type(layout->store[field])) > 0;
    if (type >= 0)
        H5Tclose(type);
    return same;
}

bool sevens_map_file_open(sevens_map_file *map, const char *path, const sevens_map_layout *layout)
{
    *map = sevens_map_file_closed();
    map->file = sevens_h5_open(path);
    bool ok = map->file >= 0;
    for (unsigned f = 0; ok && f < SEVENS_N_FIELD; f++) {
        if (layout->planes[f] == 0)
            continue;
        map->dataset[f] = H5Dopen2(map->file, sevens_map_field_name(layout, f), H5P_DEFAULT);
        ok = map->dataset[f] >= 0 && has_layout(map->file, map->dataset[f], layout, f);
    }
    if (!ok)
        sevens_map_file_close(map);
    return ok;
}

/* Reads one field of one tile. */
static bool read_field(hid_t dataset, const sevens_map_layout *layout, sevens_map_field field,
                       size_t tile, void *data)
{
    size_t at[SEVENS_MAP_MAX_AXES], box[SEVENS_MAP_MAX_AXES];
    hsize_t offset[SEVENS_MAP_MAX_AXES + 1] = {0}, extent[SEVENS_MAP_MAX_AXES + 1];
    int first = sevens_map_field_stacked(field) ? 1 : 0, rank = first + (int)layout->n_axis;
    sevens_map_layout_box(layout, tile, at, box);
    extent[0] = layout->planes[field];
    for (size_t a = 0; a < layout->n_axis; a++) {
        offset[first + (int)a] = at[a];
        extent[first + (int)a] = box[a];
    }
    hid_t type = native_type(layout->store[field]);
    hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(rank, extent, NULL);
    bool ok = space >= 0 &&
              H5Sselect_hyperslab(space, H5S_SELECT_SET, offset, NULL, extent, NULL) >= 0 &&
              H5Dread(dataset, type, memory, space, H5P_DEFAULT, data) >= 0;
    H5Sclose(memory);
    if (space >= 0)
        H5Sclose(space);
    return ok;
}

bool sevens_map_file_read(sevens_map_file *map, const sevens_map_layout *layout, size_t tile,
                          unsigned char *payload)
{
    size_t offset[SEVENS_MAP_MAX_AXES], extent[SEVENS_MAP_MAX_AXES], at[SEVENS_N_FIELD];
    sevens_map_payload_bytes(layout, sevens_map_layout_box(layout, tile, offset, extent), at);
    for (unsigned f = 0; f < SEVENS_N_FIELD; f++)
        if (layout->planes[f] > 0 && !read_field(map->dataset[f], layout, f, tile, payload + at[f]))
            return false;
    return true;
}

/* The chunks go into the file as they are: HDF5 takes them for filtered. */
bool sevens_map_file_write(sevens_map_file *map, const sevens_map_layout *layout, size_t tile,
                           const unsigned char *record)
{
    size_t box[SEVENS_MAP_MAX_AXES], extent[SEVENS_MAP_MAX_AXES], size, c = 0;
    sevens_map_layout_box(layout, tile, box, extent);
    for (unsigned f = 0; f < SEVENS_N_FIELD; f++) {
        hsize_t offset[SEVENS_MAP_MAX_AXES + 1] = {0};
        size_t first = sevens_map_field_stacked(f) ? 1 : 0;
        for (size_t a = 0; a < layout->n_axis; a++)
            offset[first + a] = box[a];
        for (size_t k = 0; k < layout->planes[f]; k++, c++) {
            const unsigned char *chunk = sevens_map_record_chunk(layout, record, c, &size);
            offset[0] = first > 0 ? k : offset[0];
            if (H5Dwrite_chunk(map->dataset[f], H5P_DEFAULT, 0, offset, size, chunk) < 0)
                return false;
        }
    }
    return true;
}

bool sevens_map_file_flush(sevens_map_file *map)
{
    return H5Fflush(map->file, H5F_SCOPE_LOCAL) >= 0;
}

bool sevens_map_file_history(sevens_map_file *map, const char *history)
{
    return sevens_h5_put_text(map->file, "history", history);
}

static bool write_best(hid_t file, const sevens_map_summary *summary)
{
    for (size_t b = 0; b < summary->n_best; b++) {
        char name[256], long_name[256];
        snprintf(name, sizeof name, "best_%s", summary->best_name[b]);
        snprintf(long_name, sizeof long_name, "%s at the continuous minimum",
                 summary->best_name[b]);
        if (!sevens_h5_write_scalar(file, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                                    &summary->best[b], or_one(summary->best_unit[b]), long_name))
            return false;
    }
    return true;
}

static bool write_summary(hid_t file, const sevens_map_summary *summary, const char *end)
{
    hid_t real = H5T_IEEE_F64LE, integer = H5T_STD_I64LE;
    bool ok = sevens_h5_write_scalar(file, "chi2_min", real, H5T_NATIVE_DOUBLE, &summary->chi2_min,
                                     "1", "continuous minimum over the scanned region") &&
              sevens_h5_write_scalar(file, "chi2_sm", real, H5T_NATIVE_DOUBLE, &summary->chi2_sm,
                                     "1", "chi-square of the Standard Model") &&
              write_best(file, summary) &&
              sevens_h5_write_scalar(file, "ndof", integer, H5T_NATIVE_INT64, &summary->ndof, "1",
                                     "number of scanned parameters") &&
              sevens_h5_write_scalar(file, "n_bins", integer, H5T_NATIVE_INT64, &summary->n_bins,
                                     "1", "number of data bins, all experiments");
    hid_t group = ok ? H5Gopen2(file, "provenance", H5P_DEFAULT) : -1;
    ok = group >= 0 && sevens_h5_put_text(group, "end", end) &&
         sevens_h5_put_real(group, "wall_s", summary->wall_s) &&
         sevens_h5_put_real(group, "points_per_s", summary->points_per_s);
    if (group >= 0)
        H5Gclose(group);
    return ok;
}

bool sevens_map_file_complete(sevens_map_file *map, const sevens_map_summary *summary,
                              const char *end)
{
    /* all else is on its way to the disk before `complete` is, so that it never stands alone */
    return write_summary(map->file, summary, end) && sevens_map_file_flush(map) &&
           sevens_h5_put_integer(map->file, "complete", 1) && sevens_map_file_flush(map);
}

bool sevens_map_file_close(sevens_map_file *map)
{
    bool ok = true;
    for (unsigned f = 0; f < SEVENS_N_FIELD; f++)
        if (map->dataset[f] >= 0)
            ok = H5Dclose(map->dataset[f]) >= 0 && ok;
    if (map->file >= 0)
        ok = H5Fclose(map->file) >= 0 && ok;
    *map = sevens_map_file_closed();
    return ok;
}
