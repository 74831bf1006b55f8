/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made-up maps for the tests of the map module: a scan's header, tiles with values that have no
 * symmetry, and the comparison of two files object by object. */
#ifndef SEVENS_TEST_MAP_SUPPORT_H
#define SEVENS_TEST_MAP_SUPPORT_H

#include "sevens/map.h"

#include "test_support.h"
#include <hdf5.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct scenario {
    size_t n_axis, n[3], tile[3];
    size_t n_experiment, n_nuisance, n_derived;
    bool pulls, compress;
    sevens_map_precision precision;
    double chi2_offset;
    const char *scan_id, *title; /* NULL: of the usual scan */
    sevens_map_writers writers;
} scenario;

static const scenario plane = {.n_axis = 2,
                               .n = {23, 17},
                               .tile = {8, 5},
                               .n_experiment = 2,
                               .n_nuisance = 3,
                               .n_derived = 2,
                               .pulls = true,
                               .compress = true};

#define SCAN_ID "1b4f0e9851971998e732078544c96b36c3d01cedf7caa332359d6f1d83567014"
#define OTHER_SCAN_ID "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
#define MAX_TEST_POINTS 4096

/* Index of a point of the grid from its place in a box. */
static inline size_t grid_index(const scenario *s, const size_t *offset, const size_t *extent,
                                size_t in_box)
{
    size_t index = 0, step = 1;
    for (size_t a = s->n_axis; a-- > 0;) {
        index += (offset[a] + in_box % extent[a]) * step;
        in_box /= extent[a];
        step *= s->n[a];
    }
    return index;
}

static inline size_t grid_points(const scenario *s)
{
    size_t points = 1;
    for (size_t a = 0; a < s->n_axis; a++)
        points *= s->n[a];
    return points;
}

static inline uint8_t point_status(size_t i)
{
    return i % 41 == 7 ? 3 : (i % 29 == 3 ? 2 : 1);
}

static inline double point_chi2(size_t i)
{
    return point_status(i) == 3 ? (double)NAN
                                : 87.31 + 30 * sin(0.7 * (double)i) / (double)(1 + i % 7);
}

static inline double point_experiment(size_t e, size_t i)
{
    return point_chi2(i) * (e == 0 ? 0.385 : 0.615);
}

static inline float point_pull(size_t k, size_t i)
{
    return (float)(0.123 * (double)(k + 1) - 0.0017 * (double)i);
}

/* None where i % 37 is 5. */
static inline double point_derived(size_t k, size_t i)
{
    return i % 37 == 5 ? (double)NAN : (k == 0 ? -1.0e-9 : 2.3e-9) * (double)(i + 1);
}

/* Header of a scenario; `value` [3][MAX_TEST_POINTS] keeps the axes. */
static inline sevens_map_header make_header(const scenario *s, double (*value)[MAX_TEST_POINTS])
{
    static const char *const experiment[] = {"coherent-csi-2021", "coherent-lar-2020"};
    static const char *const nuisance[] = {"coherent-csi-2021:signal", "coherent-csi-2021:brn",
                                           "coherent-lar-2020:flux"};
    static const sevens_map_release release[] = {
        {"coherent-csi-2021", "COHERENT CsI 2021", "10.1103/PhysRevLett.129.081801", "1.0", "aa11",
         "COHERENT, PRL 129 (2022) 081801", "https://example.org/csi"},
        {"coherent-lar-2020", "COHERENT LAr 2020", "10.5281/zenodo.3903810", "1.1", "bb22",
         "COHERENT, PRL 126 (2021) 012002", NULL}};
    static const char *const name[] = {"m_zp", "g_zp", "s2w"};
    static const char *const unit[] = {"MeV", NULL, "1"};
    static const char *const long_name[] = {"mediator mass", "coupling g\xe2\x82\x81", NULL};
    sevens_map_header header = {.title = s->title ? s->title : "csi+lar: zprime (universal)",
                                .model = "zprime (universal)",
                                .n_axis = s->n_axis,
                                .n_derived = s->n_derived,
                                .derived = {{"g2_u", "1", "g^2 of u"}, {"m2", "MeV2", "m^2"}},
                                .n_experiment = s->n_experiment,
                                .experiment = experiment,
                                .n_nuisance = s->n_nuisance,
                                .nuisance = nuisance,
                                .pulls = s->pulls,
                                .compress = s->compress,
                                .precision = s->precision,
                                .chi2_offset = s->chi2_offset,
                                .scan_yaml = "schema: 1\nname: test # \xc2\xb5\n",
                                .scan_json = "{\"name\":\"test\"}",
                                .n_release = s->n_experiment,
                                .release = release,
                                .program = "sevens",
                                .version = "0.1.0",
                                .git_commit = "0123abc",
                                .git_dirty = true,
                                .compiler = "gcc 12.2",
                                .device = "a CPU",
                                .backend = "openmp",
                                .compute_precision = "f64",
                                .hostname = "host",
                                .command = "sevens scan test.yaml",
                                .threads = 2,
                                .seed = 2385,
                                .writers = s->writers};
    snprintf(header.scan_id, sizeof header.scan_id, "%s", s->scan_id ? s->scan_id : SCAN_ID);
    for (size_t a = 0; a < s->n_axis; a++) {
        for (size_t i = 0; i < s->n[a]; i++)
            value[a][i] = a == 0 ? 0.1 * pow(1.37, (double)i) : 0.2 + 0.013 * (double)i;
        header.axis[a] =
            (sevens_map_axis){name[a], unit[a], long_name[a], a == 0, s->n[a], value[a]};
        header.tile[a] = s->tile[a];
    }
    return header;
}

static inline sevens_status start_map(sevens_map **map, const char *path, const scenario *s,
                                      const char *mode, bool *complete, sevens_error *err)
{
    static double value[3][MAX_TEST_POINTS];
    sevens_map_header header = make_header(s, value);
    if (strcmp(mode, "resume") == 0)
        return sevens_map_resume(map, path, &header, complete, err);
    return sevens_map_create(map, path, &header, strcmp(mode, "force") == 0, complete, err);
}

static inline sevens_status write_one_tile(sevens_map *map, const scenario *s, size_t t,
                                           sevens_error *err)
{
    static double chi2[MAX_TEST_POINTS], experiment[2 * MAX_TEST_POINTS];
    static double derived[2 * MAX_TEST_POINTS];
    static float pull[3 * MAX_TEST_POINTS];
    static uint8_t status[MAX_TEST_POINTS];
    size_t offset[SEVENS_MAP_MAX_AXES], extent[SEVENS_MAP_MAX_AXES], points = 1;
    sevens_map_tile_box(map, t, offset, extent);
    for (size_t a = 0; a < s->n_axis; a++)
        points *= extent[a];
    for (size_t p = 0; p < points; p++) {
        size_t i = grid_index(s, offset, extent, p);
        chi2[p] = point_chi2(i);
        status[p] = point_status(i);
        for (size_t e = 0; e < s->n_experiment; e++)
            experiment[e * points + p] = point_experiment(e, i);
        for (size_t k = 0; k < s->n_nuisance; k++)
            pull[k * points + p] = point_pull(k, i);
        for (size_t k = 0; k < s->n_derived; k++)
            derived[k * points + p] = point_derived(k, i);
    }
    sevens_map_tile tile = {.index = t,
                            .chi2 = chi2,
                            .chi2_experiment = s->n_experiment > 1 ? experiment : NULL,
                            .status = status,
                            .pull = s->pulls ? pull : NULL,
                            .derived = s->n_derived > 0 ? derived : NULL};
    return sevens_map_write_tile(map, &tile, err);
}

static inline size_t tiles_done(const sevens_map *map)
{
    size_t done = 0;
    for (size_t t = 0; t < sevens_map_n_tiles(map); t++)
        done += sevens_map_tile_done(map, t);
    return done;
}

static inline sevens_status finish_map(sevens_map **map, const scenario *s, sevens_error *err)
{
    static const char *const name[] = {"m_zp", "g_zp", "s2w"};
    static const char *const unit[] = {"MeV", "1", "1"};
    static const double best[] = {13.7, 2.9e-5, 0.2385};
    sevens_map_summary summary = {.chi2_min = 71.0625,
                                  .chi2_sm = 92.385,
                                  .n_best = s->n_axis,
                                  .best_name = name,
                                  .best = best,
                                  .best_unit = unit,
                                  .ndof = (int64_t)s->n_axis,
                                  .n_bins = 624,
                                  .wall_s = 1.5,
                                  .points_per_s = 1e6};
    return sevens_map_finish(map, &summary, err);
}

/* Starts or continues a map and writes at most `most` tiles; finishes it when none is pending. */
static inline sevens_status write_map(const char *path, const scenario *s, const char *mode,
                                      size_t most, sevens_error *err)
{
    sevens_map *map;
    bool complete;
    sevens_status status = start_map(&map, path, s, mode, &complete, err);
    if (status != SEVENS_OK || complete)
        return status;
    for (size_t t = 0; status == SEVENS_OK && t < sevens_map_n_tiles(map); t++) {
        if (sevens_map_tile_done(map, t))
            continue;
        if (most-- == 0) {
            sevens_map_close(&map);
            return SEVENS_OK;
        }
        status = write_one_tile(map, s, t, err);
    }
    if (status == SEVENS_OK)
        status = finish_map(&map, s, err);
    sevens_map_close(&map);
    return status;
}

#define ALL_TILES ((size_t)-1)
#define ck_ok(call)                                                                                \
    do {                                                                                           \
        sevens_status ok_status = (call);                                                          \
        ck_assert_msg(ok_status == SEVENS_OK, "%s: %s", #call, err.message);                       \
    } while (0)

/* ---- Comparison of two files --------------------------------------------------------------- */

typedef struct comparison {
    hid_t other;
    size_t objects, attributes;
} comparison;

/* What two runs of the same scan may differ in. */
static inline bool differs_by_run(const char *attribute)
{
    static const char *const name[] = {"history",      "date_created",   "start",
                                       "end",          "wall_s",         "hostname",
                                       "points_per_s", "DIMENSION_LIST", "REFERENCE_LIST"};
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
        if (strcmp(attribute, name[i]) == 0)
            return true;
    return false;
}

static inline void compare_bytes(hid_t a, hid_t b, bool attribute, const char *name)
{
    hid_t type[2] = {attribute ? H5Aget_type(a) : H5Dget_type(a),
                     attribute ? H5Aget_type(b) : H5Dget_type(b)};
    hid_t space[2] = {attribute ? H5Aget_space(a) : H5Dget_space(a),
                      attribute ? H5Aget_space(b) : H5Dget_space(b)};
    ck_assert_msg(H5Tequal(type[0], type[1]) > 0, "types of %s differ", name);
    ck_assert_msg(H5Sextent_equal(space[0], space[1]) > 0, "extents of %s differ", name);
    size_t n = (size_t)H5Sget_simple_extent_npoints(space[0]);
    size_t size = n * H5Tget_size(type[0]);
    bool text = H5Tis_variable_str(type[0]) > 0;
    char *data[2] = {calloc(size, 1), calloc(size, 1)};
    for (int i = 0; i < 2; i++) {
        hid_t object = i == 0 ? a : b;
        ck_assert_msg((attribute
                           ? H5Aread(object, type[i], data[i])
                           : H5Dread(object, type[i], H5S_ALL, H5S_ALL, H5P_DEFAULT, data[i])) >= 0,
                      "%s cannot be read", name);
    }
    if (text) {
        for (size_t i = 0; i < n; i++)
            ck_assert_str_eq(((char **)data[0])[i], ((char **)data[1])[i]);
        for (int i = 0; i < 2; i++)
            H5Dvlen_reclaim(type[i], space[i], H5P_DEFAULT, data[i]);
    } else {
        ck_assert_msg(memcmp(data[0], data[1], size) == 0, "%s differs", name);
    }
    for (int i = 0; i < 2; i++) {
        free(data[i]);
        H5Tclose(type[i]);
        H5Sclose(space[i]);
    }
}

static inline herr_t compare_attribute(hid_t object, const char *name, const H5A_info_t *info,
                                       void *context)
{
    comparison *c = context;
    (void)info;
    c->attributes++;
    ck_assert_msg(H5Aexists(c->other, name) > 0, "attribute %s is missing", name);
    if (differs_by_run(name))
        return 0;
    hid_t a = H5Aopen(object, name, H5P_DEFAULT), b = H5Aopen(c->other, name, H5P_DEFAULT);
    compare_bytes(a, b, true, name);
    H5Aclose(a);
    H5Aclose(b);
    return 0;
}

static inline herr_t compare_object(hid_t root, const char *name, const H5O_info_t *info,
                                    void *context)
{
    comparison *c = context;
    c->objects++;
    hid_t a = H5Oopen(root, name, H5P_DEFAULT), b = H5Oopen(c->other, name, H5P_DEFAULT);
    ck_assert_msg(a >= 0 && b >= 0, "%s is missing", name);
    comparison attributes = {.other = b};
    ck_assert_int_eq(
        H5Aiterate2(a, H5_INDEX_NAME, H5_ITER_INC, NULL, compare_attribute, &attributes), 0);
    c->attributes += attributes.attributes;
    if (info->type == H5O_TYPE_DATASET)
        compare_bytes(a, b, false, name);
    H5Oclose(a);
    H5Oclose(b);
    return 0;
}

/* Every object of one file and every attribute is in the other and equal, in both directions. */
static inline void ck_same_maps(const char *path_a, const char *path_b)
{
    hid_t file[2] = {H5Fopen(path_a, H5F_ACC_RDONLY, H5P_DEFAULT),
                     H5Fopen(path_b, H5F_ACC_RDONLY, H5P_DEFAULT)};
    comparison c[2] = {{.other = file[1]}, {.other = file[0]}};
    for (int i = 0; i < 2; i++) {
        ck_assert_msg(file[i] >= 0, "%s cannot be opened", i == 0 ? path_a : path_b);
        ck_assert_int_eq(
            H5Ovisit2(file[i], H5_INDEX_NAME, H5_ITER_INC, compare_object, &c[i], H5O_INFO_BASIC),
            0);
    }
    ck_assert_uint_eq(c[0].objects, c[1].objects);
    ck_assert_uint_eq(c[0].attributes, c[1].attributes);
    ck_assert_uint_ge(c[0].attributes, 30);
    H5Fclose(file[0]);
    H5Fclose(file[1]);
}

/* `path` + ending, in a buffer that four calls share in turn. */
static inline const char *beside(const char *path, const char *ending)
{
    static char text[4][512];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(text[turn], sizeof text[turn], "%s%s", path, ending);
    return text[turn];
}

static inline bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static inline off_t file_size(const char *path)
{
    struct stat s;
    ck_assert_int_eq(stat(path, &s), 0);
    return s.st_size;
}

#endif
