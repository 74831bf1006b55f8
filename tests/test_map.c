/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Map files: what is written is read back, in every shape and precision; xarray reads it too; and
 * damaged files give a message. Refusals and resuming: test_map_resume.c. */
#include "test_map_support.h"

#include <sys/wait.h>

static char folder[256], path[300];
static sevens_error err;

static void setup(void)
{
    test_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/map.h5", folder);
}

static void teardown(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static const scenario shapes[] = {
    {.n_axis = 1, .n = {37}, .tile = {10}, .n_experiment = 1, .compress = true},
    {.n_axis = 1, .n = {5}, .tile = {64}, .n_experiment = 1, .n_nuisance = 2},
    {.n_axis = 2,
     .n = {23, 17},
     .tile = {8, 17},
     .n_experiment = 1,
     .n_nuisance = 1,
     .pulls = true,
     .compress = true},
    {.n_axis = 2,
     .n = {23, 17},
     .tile = {8, 5},
     .n_experiment = 2,
     .n_nuisance = 3,
     .pulls = true,
     .compress = true},
    {.n_axis = 3,
     .n = {7, 9, 11},
     .tile = {3, 4, 5},
     .n_experiment = 2,
     .n_nuisance = 3,
     .pulls = true,
     .compress = false},
    {.n_axis = 3, .n = {7, 9, 11}, .tile = {1, 9, 11}, .n_experiment = 2, .compress = true}};
#define N_SHAPES (sizeof shapes / sizeof shapes[0])

/* As the precision keeps it: f32 to 2^-10 (half of it, and float rounding), i16 to 1/256. */
static void check_value(double stored, double given, sevens_map_precision precision)
{
    if (isnan(given))
        ck_assert(isnan(stored));
    else if (precision == SEVENS_MAP_F64)
        ck_assert_msg(stored == given, "%.17g is not %.17g", stored, given);
    else
        ck_close(stored, given, precision == SEVENS_MAP_F32 ? 0.501 / 1024 : 0.501 / 256, 0.0);
}

static void check_axes(const sevens_map_content *map, const scenario *s)
{
    static double value[3][MAX_TEST_POINTS];
    sevens_map_header header = make_header(s, value);
    ck_assert_uint_eq(map->n_axis, s->n_axis);
    for (size_t a = 0; a < s->n_axis; a++) {
        ck_assert_str_eq(map->axis[a].name, header.axis[a].name);
        ck_assert_str_eq(map->axis[a].unit, header.axis[a].unit ? header.axis[a].unit : "1");
        ck_assert_str_eq(map->axis[a].long_name,
                         header.axis[a].long_name ? header.axis[a].long_name : header.axis[a].name);
        ck_assert_uint_eq(map->axis[a].n, s->n[a]);
        ck_assert_int_eq(map->axis[a].log, a == 0);
        for (size_t i = 0; i < s->n[a]; i++)
            ck_assert_double_eq(map->axis[a].value[i], header.axis[a].value[i]);
    }
}

static void check_points(const sevens_map_content *map, const scenario *s)
{
    size_t n = grid_points(s);
    sevens_map_precision each = s->precision == SEVENS_MAP_F64 ? SEVENS_MAP_F64 : SEVENS_MAP_F32;
    ck_assert_uint_eq(map->n_point, n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(map->status[i], point_status(i));
        check_value(map->chi2[i], point_chi2(i), s->precision);
    }
    ck_assert((map->chi2_experiment != NULL) == (s->n_experiment > 1));
    for (size_t i = 0; map->chi2_experiment && i < n * s->n_experiment; i++)
        check_value(map->chi2_experiment[i], point_experiment(i / n, i % n), each);
    ck_assert((map->pull != NULL) == s->pulls);
    for (size_t i = 0; map->pull && i < n * s->n_nuisance; i++)
        ck_assert(map->pull[i] == point_pull(i / n, i % n));
}

static void check_derived(const sevens_map_content *map, const scenario *s)
{
    ck_assert_uint_eq(map->n_derived, s->n_derived);
    for (size_t k = 0; k < map->n_derived; k++) {
        ck_assert_str_eq(map->derived[k].name, k == 0 ? "g2_u" : "m2");
        ck_assert_str_eq(map->derived[k].unit, k == 0 ? "1" : "MeV2");
        for (size_t i = 0; i < map->n_point; i++)
            check_value(map->derived[k].value[i], point_derived(k, i), SEVENS_MAP_F64);
    }
}

static const char *provenance(const sevens_map_content *map, const char *key)
{
    for (size_t i = 0; i < map->n_provenance; i++)
        if (strcmp(map->provenance_key[i], key) == 0)
            return map->provenance_value[i];
    return "(none)";
}

static void check_description(const sevens_map_content *map, const scenario *s)
{
    ck_assert_str_eq(map->title, "csi+lar: zprime (universal)");
    ck_assert_str_eq(map->model, "zprime (universal)");
    ck_assert_str_eq(map->scan_yaml, "schema: 1\nname: test # \xc2\xb5\n");
    ck_assert_str_eq(map->scan_json, "{\"name\":\"test\"}");
    ck_assert_str_eq(map->scan_id, SCAN_ID);
    ck_contains(map->history, "Z: sevens scan test.yaml");
    ck_assert_uint_eq(map->n_experiment, s->n_experiment);
    ck_assert_str_eq(map->experiment[0], "coherent-csi-2021");
    ck_assert_uint_eq(map->n_nuisance, s->n_nuisance);
    ck_assert_uint_eq(map->n_release, s->n_experiment);
    ck_assert_str_eq(map->release_name[0], "coherent-csi-2021");
    ck_assert_str_eq(map->release_doi[0], "10.1103/PhysRevLett.129.081801");
    ck_assert_str_eq(map->release_sha256[0], "aa11");
    ck_assert_str_eq(map->release_citation[0], "COHERENT, PRL 129 (2022) 081801");
    ck_assert_str_eq(provenance(map, "backend"), "openmp");
    ck_assert_str_eq(provenance(map, "precision"), "f64");
    ck_assert_str_eq(provenance(map, "git_dirty"), "1");
    ck_assert_str_eq(provenance(map, "seed"), "2385");
    ck_assert_str_eq(provenance(map, "cuda_version"), "");
    ck_assert_str_eq(provenance(map, "wall_s"), "1.5");
    ck_assert_str_eq(provenance(map, "start"), map->date_created);
}

static void check_summary(const sevens_map_content *map, const scenario *s)
{
    ck_assert(map->complete);
    ck_assert_double_eq(map->chi2_min, 71.0625);
    ck_assert_double_eq(map->chi2_sm, 92.385);
    ck_assert_uint_eq(map->n_best, s->n_axis);
    ck_assert_str_eq(map->best_name[0], "m_zp");
    ck_assert_str_eq(map->best_unit[0], "MeV");
    ck_assert_double_eq(map->best[0], 13.7);
    ck_assert_int_eq(map->ndof, (int64_t)s->n_axis);
    ck_assert_int_eq(map->n_bins, 624);
}

START_TEST(round_trip)
{
    scenario s = shapes[(size_t)_i / 3];
    s.precision = (sevens_map_precision)(_i % 3);
    sevens_map_content *map;
    ck_ok(write_map(path, &s, "create", ALL_TILES, &err));
    ck_assert(!exists(beside(path, ".journal")));
    ck_assert(!exists(beside(path, ".partial")));
    ck_ok(sevens_map_load(&map, path, &err));
    check_axes(map, &s);
    check_points(map, &s);
    ck_assert_double_eq(map->chi2_step, s.precision == SEVENS_MAP_F64   ? 0.0
                                        : s.precision == SEVENS_MAP_F32 ? 1.0 / 1024
                                                                        : 1.0 / 256);
    ck_assert_int_eq(isfinite(map->chi2_high), s.precision == SEVENS_MAP_I16);
    check_derived(map, &s);
    check_description(map, &s);
    check_summary(map, &s);
    sevens_map_unload(&map);
    ck_assert_ptr_null(map);
}
END_TEST

/* Every second tile; what is read back of each is what was stored, and the rest is pending. */
START_TEST(tiles_and_pending_points)
{
    scenario s = plane;
    s.precision = (sevens_map_precision)_i;
    sevens_map *map;
    bool complete;
    static double chi2[MAX_TEST_POINTS];
    static uint8_t status[MAX_TEST_POINTS];
    size_t offset[SEVENS_MAP_MAX_AXES], extent[SEVENS_MAP_MAX_AXES], points = 0;
    ck_ok(start_map(&map, path, &s, "create", &complete, &err));
    ck_assert(!complete);
    ck_assert_uint_eq(sevens_map_n_tiles(map), 3 * 4);
    for (size_t t = 0; t < sevens_map_n_tiles(map); t += 2)
        ck_ok(write_one_tile(map, &s, t, &err));
    for (size_t t = 0; t < sevens_map_n_tiles(map); t++) {
        sevens_map_tile_box(map, t, offset, extent);
        points += extent[0] * extent[1];
        ck_assert_int_eq(sevens_map_tile_done(map, t), t % 2 == 0);
        ck_ok(sevens_map_read_tile(map, t, chi2, status, NULL, &err));
        for (size_t p = 0; p < extent[0] * extent[1]; p++) {
            size_t i = grid_index(&s, offset, extent, p);
            ck_assert_uint_eq(status[p], t % 2 == 0 ? point_status(i) : 0);
            check_value(chi2[p], t % 2 == 0 ? point_chi2(i) : (double)NAN, s.precision);
        }
    }
    ck_assert_uint_eq(points, grid_points(&s));
    ck_assert_int_eq(finish_map(&map, &s, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, "pending");
    sevens_map_close(&map);

    sevens_map_content *content;
    ck_ok(sevens_map_load(&content, path, &err));
    ck_assert(!content->complete);
    ck_assert(isnan(content->chi2_min));
    ck_assert_uint_eq(content->n_best, 0);
    sevens_map_unload(&content);
}
END_TEST

/* Beyond what 16 bits hold, chi2 stays at the end of the range. */
START_TEST(i16_saturates_round_its_offset)
{
    scenario s = {.n_axis = 1,
                  .n = {6},
                  .tile = {6},
                  .n_experiment = 1,
                  .precision = SEVENS_MAP_I16,
                  .chi2_offset = 1000.3};
    const double chi2[] = {1001.25, 2000, 0, (double)INFINITY, (double)NAN, -1e300};
    const uint8_t status[] = {1, 1, 1, 1, 3, 1};
    sevens_map_tile tile = {.index = 0, .chi2 = chi2, .status = status};
    sevens_map *map;
    sevens_map_content *content;
    bool complete;
    ck_ok(start_map(&map, path, &s, "create", &complete, &err));
    ck_ok(sevens_map_write_tile(map, &tile, &err));
    ck_ok(finish_map(&map, &s, &err));
    ck_ok(sevens_map_load(&content, path, &err));
    ck_assert_double_eq(content->chi2[0], 1001.25);
    ck_assert_double_eq(content->chi2[1], 1000 + 32767.0 / 256);
    ck_assert_double_eq(content->chi2[2], 1000 - 32767.0 / 256);
    ck_assert_double_eq(content->chi2[3], 1000 + 32767.0 / 256);
    ck_assert(isnan(content->chi2[4]));
    ck_assert_double_eq(content->chi2[5], 1000 - 32767.0 / 256);
    ck_assert_double_eq(content->chi2_low, content->chi2[2]);
    ck_assert_double_eq(content->chi2_high, content->chi2[1]);
    sevens_map_unload(&content);
}
END_TEST

/* Rounding is to the nearest, half to even, whatever the size; what a map would read back of a
 * value can be known before. */
START_TEST(rounding)
{
    static const double given[] = {0.0,           -0.0,    100.5 / 1024, 101.5 / 1024,
                                   -3.5 / 1024,   84.3341, 511.99951,    32767.77,
                                   123456789.123, 1e15,    1e300,        -1e15};
    enum { N = sizeof given / sizeof given[0] };
    static const uint8_t status[N] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    scenario s = {.n_axis = 1, .n = {N}, .tile = {N}, .n_experiment = 1};
    sevens_map_tile tile = {.index = 0, .chi2 = given, .status = status};
    sevens_map *map;
    sevens_map_content *content;
    bool complete;
    double expected[N];
    s.precision = (sevens_map_precision)_i;
    ck_ok(start_map(&map, path, &s, "create", &complete, &err));
    for (size_t i = 0; i < N; i++) {
        double steps = rint(given[i] * 256);
        expected[i] = _i == SEVENS_MAP_F64   ? given[i]
                      : _i == SEVENS_MAP_F32 ? (double)(float)(rint(given[i] * 1024) / 1024)
                                             : fmin(fmax(steps, -32767), 32767) / 256;
        ck_assert_double_eq(sevens_map_stored(map, given[i]), expected[i]);
        if (fabs(given[i]) < 100)
            ck_assert_double_le(fabs(expected[i] - given[i]), sevens_map_rounding(map));
    }
    ck_assert(isnan(sevens_map_stored(map, (double)NAN)));
    ck_ok(sevens_map_write_tile(map, &tile, &err));
    ck_ok(finish_map(&map, &s, &err));
    ck_ok(sevens_map_load(&content, path, &err));
    for (size_t i = 0; i < N; i++)
        ck_assert_double_eq(content->chi2[i], expected[i]);
    sevens_map_unload(&content);
}
END_TEST

static size_t filters_of(hid_t file, const char *name, H5Z_filter_t *filter)
{
    hid_t d = H5Dopen2(file, name, H5P_DEFAULT), list = H5Dget_create_plist(d);
    size_t n = (size_t)H5Pget_nfilters(list);
    for (size_t i = 0; i < n && i < 4; i++) {
        unsigned flags, value[8], config;
        size_t n_value = 8;
        filter[i] = H5Pget_filter2(list, (unsigned)i, &flags, &n_value, value, 0, NULL, &config);
    }
    H5Pclose(list);
    H5Dclose(d);
    return n;
}

START_TEST(layout_of_the_file)
{
    scenario s = plane;
    s.compress = _i == 1;
    H5Z_filter_t filter[4];
    hsize_t chunk[3];
    char first[32];
    ck_ok(write_map(path, &s, "create", ALL_TILES, &err));
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    const char *const grids[] = {"chi2", "chi2_experiment", "pull", "status"};
    for (size_t g = 0; g < 4; g++) {
        size_t n = filters_of(file, grids[g], filter);
        ck_assert_uint_eq(n, s.compress ? 3 : 1);
        ck_assert_int_eq(filter[n - 1], H5Z_FILTER_FLETCHER32);
        if (s.compress) {
            ck_assert_int_eq(filter[0], H5Z_FILTER_SHUFFLE);
            ck_assert_int_eq(filter[1], H5Z_FILTER_DEFLATE);
        }
    }
    hid_t d = H5Dopen2(file, "chi2_experiment", H5P_DEFAULT), list = H5Dget_create_plist(d);
    ck_assert_int_eq(H5Pget_chunk(list, 3, chunk), 3);
    ck_assert_uint_eq(chunk[0], 1);
    ck_assert_uint_eq(chunk[1], s.tile[0]);
    ck_assert_uint_eq(chunk[2], s.tile[1]);
    H5Pclose(list);
    H5Dclose(d);
    /* links come back in the order they were made: the first is the first axis */
    ck_assert_int_gt(H5Lget_name_by_idx(file, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, 0, first,
                                        sizeof first, H5P_DEFAULT),
                     0);
    ck_assert_str_eq(first, "m_zp");
    H5Fclose(file);
}
END_TEST

START_TEST(absurd_shapes_are_refused)
{
    scenario s = plane;
    sevens_map *map;
    bool complete;
    static double value[3][MAX_TEST_POINTS];
    sevens_map_header header = make_header(&s, value);
    header.axis[0].n = header.axis[1].n = (size_t)1 << 21;
    ck_assert_int_eq(sevens_map_create(&map, path, &header, false, &complete, &err),
                     SEVENS_ERR_INPUT);
    ck_contains(err.message, "2^40");
    header = make_header(&s, value);
    header.tile[1] = 0;
    ck_assert_int_eq(sevens_map_create(&map, path, &header, false, &complete, &err),
                     SEVENS_ERR_INPUT);
    header.n_axis = 0;
    ck_assert_int_eq(sevens_map_create(&map, path, &header, false, &complete, &err),
                     SEVENS_ERR_INPUT);
    ck_assert_ptr_null(map);
    ck_assert(!exists(path) && !exists(beside(path, ".journal")));
}
END_TEST

/* ---- Damaged files ------------------------------------------------------------------------- */

static void check_refused(sevens_status wanted, const char *words)
{
    sevens_map_content *map;
    err.message[0] = '\0';
    ck_assert_int_eq(sevens_map_load(&map, path, &err), wanted);
    ck_assert_ptr_null(map);
    ck_contains(err.message, "map.h5");
    ck_contains(err.message, words);
}

START_TEST(files_that_are_no_maps)
{
    check_refused(SEVENS_ERR_IO, "No such file or directory");
    test_write_file(path, "m_zp g_zp\n", 10);
    check_refused(SEVENS_ERR_INPUT, "is not a Sevens map");
    test_write_file(path, "", 0);
    check_refused(SEVENS_ERR_INPUT, "truncated");
    ck_assert_int_eq(unlink(path), 0);
    H5Fclose(H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    check_refused(SEVENS_ERR_INPUT, "is not a Sevens map");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    check_refused(SEVENS_ERR_INPUT, "not a regular file");
}
END_TEST

START_TEST(truncated_maps)
{
    ck_ok(write_map(path, &plane, "create", ALL_TILES, &err));
    for (off_t size = file_size(path) - 1; size > 0; size -= 211) {
        ck_assert_int_eq(truncate(path, size), 0);
        sevens_map_content *map;
        ck_assert_int_eq(sevens_map_load(&map, path, &err), SEVENS_ERR_INPUT);
        ck_contains(err.message, "map.h5");
    }
}
END_TEST

static void change_root(const char *object, const char *attribute, hid_t type, const void *value)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t o = H5Oopen(file, object, H5P_DEFAULT), a = H5Aopen(o, attribute, H5P_DEFAULT);
    ck_assert_int_ge(H5Awrite(a, type, value), 0);
    H5Aclose(a);
    H5Oclose(o);
    H5Fclose(file);
}

static void replace_dataset(const char *name, int rank, const hsize_t *extent)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(rank, extent, NULL);
    hsize_t chunk[] = {1, 1, 1};
    H5Pset_chunk(list, rank, chunk);
    ck_assert_int_ge(H5Ldelete(file, name, H5P_DEFAULT), 0);
    hid_t d = H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    ck_assert_int_ge(d, 0);
    H5Dclose(d);
    H5Sclose(space);
    H5Pclose(list);
    H5Fclose(file);
}

START_TEST(shapes_that_do_not_agree)
{
    const hsize_t small[] = {22, 17}, flat[] = {23}, huge[] = {(hsize_t)1 << 30, (hsize_t)1 << 30};
    const hsize_t large[] = {(hsize_t)1 << 20, (hsize_t)1 << 19};
    int64_t version = 2;
    ck_ok(write_map(path, &plane, "create", ALL_TILES, &err));
    replace_dataset("status", 2, small);
    check_refused(SEVENS_ERR_INPUT, "do not agree");
    replace_dataset("chi2", 1, flat);
    check_refused(SEVENS_ERR_INPUT, "axes");
    replace_dataset("chi2", 2, huge);
    check_refused(SEVENS_ERR_INPUT, "do not agree");
    replace_dataset("m_zp", 1, &huge[0]);
    replace_dataset("g_zp", 1, &huge[1]);
    check_refused(SEVENS_ERR_INPUT, "2^40");
    replace_dataset("chi2", 2, large);
    replace_dataset("m_zp", 1, &large[0]);
    replace_dataset("g_zp", 1, &large[1]);
    check_refused(SEVENS_ERR_MEMORY, "memory");
    change_root("/", "format_version", H5T_NATIVE_INT64, &version);
    check_refused(SEVENS_ERR_INPUT, "format version 2");
}
END_TEST

/* Points that claim to be done and have no number. */
START_TEST(lost_numbers)
{
    scenario s = plane;
    hsize_t extent[2];
    double *chi2;
    ck_ok(write_map(path, &s, "create", ALL_TILES, &err));
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t d = H5Dopen2(file, "chi2", H5P_DEFAULT), space = H5Dget_space(d);
    ck_assert_int_eq(H5Sget_simple_extent_dims(space, extent, NULL), 2);
    chi2 = malloc(extent[0] * extent[1] * sizeof *chi2);
    ck_assert_ptr_nonnull(chi2);
    for (size_t i = 0; i < extent[0] * extent[1]; i++)
        chi2[i] = NAN;
    ck_assert_int_ge(H5Dwrite(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, chi2), 0);
    free(chi2);
    H5Sclose(space);
    H5Dclose(d);
    H5Fclose(file);
    check_refused(SEVENS_ERR_INPUT, "chi2 is missing (NaN)");
}
END_TEST

/* Bytes turned over in the data: the checksum of the chunk notices. */
START_TEST(damaged_chunk)
{
    scenario s = plane;
    hsize_t origin[2] = {0, 0}, size;
    haddr_t at;
    unsigned mask;
    unsigned char byte;
    ck_ok(write_map(path, &s, "create", ALL_TILES, &err));
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t d = H5Dopen2(file, "chi2", H5P_DEFAULT);
    ck_assert_int_ge(H5Dget_chunk_info_by_coord(d, origin, &mask, &at, &size), 0);
    H5Dclose(d);
    H5Fclose(file);
    FILE *stream = fopen(path, "r+b");
    ck_assert_int_eq(fseek(stream, (long)(at + size / 2), SEEK_SET), 0);
    ck_assert_uint_eq(fread(&byte, 1, 1, stream), 1);
    byte ^= 0x10;
    ck_assert_int_eq(fseek(stream, (long)(at + size / 2), SEEK_SET), 0);
    ck_assert_uint_eq(fwrite(&byte, 1, 1, stream), 1);
    ck_assert_int_eq(fclose(stream), 0);
    check_refused(SEVENS_ERR_INPUT, "chi2 cannot be read");
}
END_TEST

/* ---- xarray -------------------------------------------------------------------------------- */

START_TEST(opens_with_xarray)
{
    const char *python = getenv("SEVENS_PYTHON");
    char command[2048];
    size_t used = (size_t)snprintf(command, sizeof command, "'%s' '%s/tests/test_map_xarray.py'",
                                   python ? python : "/usr/bin/python3", SEVENS_SOURCE_DIR);
    for (size_t i = 0; i < N_SHAPES; i++) {
        scenario s = shapes[i];
        s.precision = (sevens_map_precision)(i % 3);
        s.chi2_offset = s.precision == SEVENS_MAP_I16 ? 90 : 0;
        snprintf(path, sizeof path, "%s/map%zu.h5", folder, i);
        ck_ok(write_map(path, &s, "create", ALL_TILES, &err));
        used += (size_t)snprintf(command + used, sizeof command - used, " '%s'", path);
    }
    int code = system(command);
    ck_assert_msg(WIFEXITED(code) && (WEXITSTATUS(code) == 0 || WEXITSTATUS(code) == 77),
                  "%s: exit code %d", command, WEXITSTATUS(code));
    if (WEXITSTATUS(code) == 77)
        fprintf(stderr, "opens_with_xarray: skipped, no xarray with h5netcdf\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map");
    TCase *tcase = tcase_create("map");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, round_trip, 0, 3 * (int)N_SHAPES);
    tcase_add_loop_test(tcase, tiles_and_pending_points, 0, 3);
    tcase_add_test(tcase, i16_saturates_round_its_offset);
    tcase_add_loop_test(tcase, rounding, 0, 3);
    tcase_add_loop_test(tcase, layout_of_the_file, 0, 2);
    tcase_add_test(tcase, absurd_shapes_are_refused);
    tcase_add_test(tcase, files_that_are_no_maps);
    tcase_add_test(tcase, truncated_maps);
    tcase_add_test(tcase, shapes_that_do_not_agree);
    tcase_add_test(tcase, lost_numbers);
    tcase_add_test(tcase, damaged_chunk);
    tcase_add_test(tcase, opens_with_xarray);
    suite_add_tcase(suite, tcase);
    return test_run(suite);
}
