/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiled axes: a map is the minimum over them of the map with all axes, and says where that lies;
 * whatever the row axis, the tiles, the number of profiled axes; also when a scan was stopped. */
#include "scan_header.h"
#include "scan_tile.h"
#include "sevens/constants.h"
#include "sevens/map.h"
#include "sevens/scan.h"
#include "test_problem.h"
#include <gsl/gsl_errno.h>
#include <unistd.h>

/* Profiled axes are those with PROFILE, which becomes `profile: true`. */
static const char *const scans[] = {
    /* listed values; rows along the longest epsilon */
    "{schema: 1, name: t, model: nsi, tile: 100, axes: [{param: eps_u_ee, min: -1, max: 1, n: 21}, "
    "{param: eps_d_ee, min: -1, max: 1, n: 11}, {param: eps_u_mumu, values: [-0.4, -0.2, 0, 0.1, "
    "0.3] PROFILE}], " TEST_CSI,
    /* a template axis, first in the list; pulls */
    "{schema: 1, name: t, model: {kind: zprime}, output: {pulls: true}, tile: 200, axes: [{param: "
    "rn_csi, min: 4, max: 6.5, n: 6 PROFILE}, {param: m_zp, min: 1, max: 1000, n: 7, spacing: log},"
    " {param: g_zp, min: 1.0e-5, max: 1.0e-2, n: 40, spacing: log}], " TEST_CSI,
    /* rows run along a profiled axis */
    "{schema: 1, name: t, model: nsi, tile: 9, axes: [{param: eps_u_ee, min: -1, max: 1, n: 61 "
    "PROFILE}, {param: eps_d_ee, min: -1, max: 1, n: 12}, {param: rn_csi, min: 4.5, max: 6, n: 3}],"
    " " TEST_CSI,
    /* two profiled axes on either side of the one that stays; a tie */
    "{schema: 1, name: t, model: nsi, tile: 7, ties: {eps_d_mumu: 0.5*eps_u_mumu - eps_u_ee}, axes:"
    " [{param: eps_u_mumu, min: -0.5, max: 0.5, n: 5 PROFILE}, {param: eps_u_ee, min: -1, max: 1, "
    "n: 21}, {param: eps_d_ee, min: -1, max: 1, n: 9 PROFILE}], output: {precision: "
    "f32}, " TEST_CSI,
    /* no row at all */
    "{schema: 1, name: t, model: {kind: zprime}, parameters: {g_zp: 1.0e-4}, axes: [{param: m_zp, "
    "min: 1, max: 1000, n: 12, spacing: log}, {param: rn_csi, min: 4, max: 6.5, n: 5 "
    "PROFILE}], " TEST_CSI,
    /* invalid points: beyond 0.8 there is no valid one */
    "{schema: 1, name: t, model: sterile, parameters: {dm2_41: 3}, axes: [{param: u_e4_2, min: 0, "
    "max: 1, n: 11}, {param: u_mu4_2, values: [0.2, 0.5, 0.7] PROFILE}], " TEST_CSI,
    /* derived quantities; at the first eta there is no coupling */
    "{schema: 1, name: t, model: {kind: lma-dark, as: dark}, tile: 3, axes: [{param: dark.m_zp, "
    "min: 3, max: 300, n: 8, spacing: log}, {param: dark.eta, values: [-0.7605373674144952, -0.3, "
    "0.4, 1.1] PROFILE}], " TEST_CSI,
};
enum { N_SCANS = sizeof scans / sizeof scans[0], TEXT = 2048 };

static char folder[256];

/* The scan with its profiled axes as such, or as axes of the map. */
static void write_scan(char *text, const char *scan, bool profile)
{
    static const char mark[] = " PROFILE";
    const char *found;
    size_t used = 0;

    for (; (found = strstr(scan, mark)) != NULL; scan = found + strlen(mark))
        used += (size_t)snprintf(text + used, TEXT - used, "%.*s%s", (int)(found - scan), scan,
                                 profile ? ", profile: true" : "");
    snprintf(text + used, TEXT - used, "%s", scan);
}

static sevens_scan_options options_for(const char *path)
{
    return (sevens_scan_options){
        .output = path, .backend = "openmp", .threads = 2, .quiet = true, .command = "test"};
}

static sevens_map_content *run(const char *text, const char *name, double *points)
{
    test_problem t = test_problem_make(text);
    char path[512];
    sevens_scan_report report;
    sevens_map_content *map;
    sevens_error err = {0};

    snprintf(path, sizeof path, "%s/%s.h5", folder, name);
    sevens_scan_options options = options_for(path);
    ck_assert_msg(sevens_scan_run(t.problem, &options, &report, &err) == SEVENS_OK, "%s",
                  err.message);
    *points = report.points;
    ck_assert(report.points == report.points_total);
    sevens_scan_report_free(&report);
    ck_assert_msg(sevens_map_load(&map, path, &err) == SEVENS_OK, "%s", err.message);
    test_problem_free(&t);
    return map;
}

/* Index in the full map of a point of the profiled map, with the profiled axes at 0; and how far a
 * step along each profiled axis goes. */
static size_t full_index(const sevens_map_content *full, const sevens_map_content *map,
                         size_t point, size_t *stride, size_t *n)
{
    size_t index[SEVENS_MAP_MAX_AXES], place = 0, k = map->n_profiled, step = 1;

    for (size_t a = map->n_axis; a-- > 0; point /= map->axis[a].n)
        index[a] = point % map->axis[a].n;
    for (size_t f = full->n_axis, a = map->n_axis; f-- > 0; step *= full->axis[f].n) {
        if (k > 0 && strcmp(full->axis[f].name, map->profiled[k - 1].name) == 0) {
            stride[--k] = step;
            n[k] = full->axis[f].n;
            continue;
        }
        ck_assert_str_eq(full->axis[f].name, map->axis[--a].name);
        place += index[a] * step;
    }
    ck_assert_uint_eq(k, 0);
    return place;
}

static const double *axis_value(const sevens_map_content *map, const char *name)
{
    for (size_t a = 0; a < map->n_axis; a++) {
        if (strcmp(map->axis[a].name, name) == 0)
            return map->axis[a].value;
    }
    ck_abort_msg("no axis %s", name);
}

/* One point: the lowest of the full map, its place, and what is stored with it. */
static void compare_point(const sevens_map_content *full, const sevens_map_content *map, size_t p)
{
    size_t stride[SEVENS_MAP_MAX_PROFILED], n[SEVENS_MAP_MAX_PROFILED], all = 1, best = 0;
    size_t first = full_index(full, map, p, stride, n), best_index[SEVENS_MAP_MAX_PROFILED] = {0};
    double lowest = INFINITY;

    for (size_t k = 0; k < map->n_profiled; k++)
        all *= n[k];
    for (size_t i = 0; i < all; i++) {
        size_t at = first, rest = i, index[SEVENS_MAP_MAX_PROFILED];

        for (size_t k = map->n_profiled; k-- > 0; rest /= n[k]) {
            index[k] = rest % n[k];
            at += index[k] * stride[k];
        }
        if (full->status[at] == SEVENS_POINT_OK && full->chi2[at] < lowest) {
            lowest = full->chi2[at];
            best = at;
            memcpy(best_index, index, sizeof index);
        }
    }
    if (isinf(lowest)) {
        ck_assert_int_eq(map->status[p], SEVENS_POINT_INVALID);
        ck_assert(isnan(map->chi2[p]) && isnan(map->profiled[0].value[p]));
        return;
    }
    ck_assert_int_eq(map->status[p], SEVENS_POINT_OK);
    ck_close(map->chi2[p], lowest, 0.0, 1e-12);
    for (size_t k = 0; k < map->n_profiled; k++)
        ck_close(map->profiled[k].value[p], axis_value(full, map->profiled[k].name)[best_index[k]],
                 0.0, 0.0);
    for (size_t k = 0; k < map->n_nuisance && map->pull; k++)
        ck_close(map->pull[k * map->n_point + p], full->pull[k * full->n_point + best], 1e-7, 1e-6);
    for (size_t k = 0; k < map->n_derived; k++)
        ck_close(map->derived[k].value[p], full->derived[k].value[best], 0.0, 0.0);
}

START_TEST(minimum_of_full_map)
{
    char text[TEXT];
    double points, full_points;
    size_t invalid = 0;

    write_scan(text, scans[_i], false);
    sevens_map_content *full = run(text, "full", &full_points);
    write_scan(text, scans[_i], true);
    sevens_map_content *map = run(text, "profiled", &points);

    ck_assert_uint_eq(full->n_profiled, 0);
    ck_assert_uint_eq(map->n_axis + map->n_profiled, full->n_axis);
    ck_assert_uint_ge(map->n_profiled, 1);
    ck_assert(points == full_points && points == (double)full->n_point);
    ck_assert_uint_lt(map->n_point, full->n_point);
    for (size_t p = 0; p < map->n_point; p++) {
        compare_point(full, map, p);
        invalid += map->status[p] == SEVENS_POINT_INVALID;
    }
    ck_assert_uint_eq(invalid, strstr(text, "sterile") ? 2 : 0);
    ck_assert_int_eq(map->ndof, (int64_t)map->n_axis);
    ck_assert_uint_eq(map->n_best, full->n_axis); /* the profiled ones too */
    ck_close(map->chi2_min, full->chi2_min, 1e-6, 0.0);
    ck_assert_str_ne(map->scan_id, full->scan_id);
    sevens_map_unload(&full);
    sevens_map_unload(&map);
}
END_TEST

/* The first tiles of a scan, as a stopped one leaves them. */
static void begin(const test_problem *t, const char *path, size_t n_tile)
{
    sevens_scan_report report = {.backend = "openmp", .precision = "f64", .device = "test"};
    sevens_scan_header *header = malloc(sizeof *header);
    size_t shape[SEVENS_MAX_AXES], offset[SEVENS_MAX_AXES], extent[SEVENS_MAX_AXES];
    sevens_grid_options options = {.threads = 1};
    sevens_evaluator *ev;
    sevens_scan_tile tile;
    sevens_map *map;
    sevens_error err = {0};
    bool complete;

    sevens_scan_header_make(header, t->problem, &report, "test");
    sevens_scan_tile_shape(t->config, t->problem->row_axis, shape);
    ck_assert_int_eq(
        sevens_evaluator_create(&ev, t->problem, &sevens_backend_openmp, &options, &err),
        SEVENS_OK);
    ck_assert_int_eq(sevens_scan_tile_create(&tile, t->problem, ev, shape, &err), SEVENS_OK);
    ck_assert_msg(sevens_map_create(&map, path, &header->map, true, &complete, &err) == SEVENS_OK,
                  "%s", err.message);
    ck_assert_uint_gt(sevens_map_n_tiles(map), n_tile);
    for (size_t i = 0; i < n_tile; i++) {
        sevens_map_tile result = {.index = i,
                                  .chi2 = tile.chi2,
                                  .status = tile.status,
                                  .profiled = tile.profiled,
                                  .derived = tile.derived};

        sevens_map_tile_box(map, i, offset, extent);
        sevens_scan_tile_place(&tile, offset, extent);
        ck_assert_int_eq(sevens_scan_tile_compute(&tile, &err), SEVENS_OK);
        ck_assert_msg(sevens_map_write_tile(map, &result, &err) == SEVENS_OK, "%s", err.message);
    }
    sevens_map_close(&map);
    sevens_scan_tile_free(&tile);
    sevens_evaluator_destroy(&ev);
    free(header);
}

static void same_columns(const sevens_map_column *a, const sevens_map_column *b, size_t n,
                         size_t n_point)
{
    for (size_t k = 0; k < n; k++) {
        ck_assert_str_eq(a[k].name, b[k].name);
        ck_assert_str_eq(a[k].unit, b[k].unit);
        ck_assert_mem_eq(a[k].value, b[k].value, n_point * sizeof *a[k].value);
    }
}

static void same_maps(const sevens_map_content *a, const sevens_map_content *b)
{
    ck_assert_uint_eq(a->n_point, b->n_point);
    ck_assert_mem_eq(a->chi2, b->chi2, a->n_point * sizeof *a->chi2);
    ck_assert_mem_eq(a->status, b->status, a->n_point);
    ck_assert_uint_eq(a->n_profiled, b->n_profiled);
    ck_assert_uint_eq(a->n_derived, b->n_derived);
    same_columns(a->profiled, b->profiled, a->n_profiled, a->n_point);
    same_columns(a->derived, b->derived, a->n_derived, a->n_point);
    ck_assert(a->chi2_min == b->chi2_min);
    for (size_t i = 0; i < a->n_best; i++)
        ck_assert(a->best[i] == b->best[i]);
}

/* lost: the map itself is gone, and its journal is all there is. */
static void resume(const char *text, const sevens_map_content *whole, bool lost)
{
    test_problem t = test_problem_make(text);
    char path[512];
    sevens_scan_report report;
    sevens_map_content *resumed;
    sevens_error err = {0};

    snprintf(path, sizeof path, "%s/resumed.h5", folder);
    begin(&t, path, 2);
    if (lost)
        ck_assert_int_eq(unlink(path), 0);
    sevens_scan_options options = options_for(path);
    options.resume = true;
    ck_assert_msg(sevens_scan_run(t.problem, &options, &report, &err) == SEVENS_OK, "%s",
                  err.message);
    ck_assert(report.points > 0 && report.points < report.points_total);
    ck_assert_msg(sevens_map_load(&resumed, path, &err) == SEVENS_OK, "%s", err.message);
    same_maps(whole, resumed);
    sevens_scan_report_free(&report);
    sevens_map_unload(&resumed);
    test_problem_free(&t);
}

START_TEST(stopped)
{
    char text[TEXT];
    double points;

    write_scan(text, _i == 0 ? scans[2] : scans[N_SCANS - 1], true); /* whose tiles are small */
    sevens_map_content *whole = run(text, "whole", &points);
    resume(text, whole, false);
    resume(text, whole, true);
    sevens_map_unload(&whole);
}
END_TEST

/* The derived couplings follow from the axes of the map, and from a profiled one where its minimum
 * is. There is none at the pole of eta. */
START_TEST(derived)
{
    const double Y_n = 1.051, unit = -2.0 / 3.0 * SEVENS_SQRT2 * SEVENS_G_FERMI;
    char text[TEXT];
    double points;
    size_t poles = 0;

    write_scan(text, scans[N_SCANS - 1], _i == 1);
    sevens_map_content *map = run(text, "full", &points);
    ck_assert_uint_eq(map->n_derived, 2);
    ck_assert_str_eq(map->derived[0].name, "dark.g2_u");
    ck_assert_str_eq(map->derived[1].name, "dark.g2_d");
    ck_assert_str_eq(map->derived[0].unit, "1");
    for (size_t p = 0; p < map->n_point; p++) {
        size_t n_eta = _i == 1 ? 1 : map->axis[1].n;
        double m = map->axis[0].value[p / n_eta];
        double eta = _i == 1 ? map->profiled[0].value[p] : map->axis[1].value[p % n_eta];
        double c = cos(eta), s = sin(eta), matter = c + Y_n * s;

        if (fabs(matter) < 1e-12) {
            ck_assert_int_eq(map->status[p], SEVENS_POINT_INVALID);
            ck_assert(isnan(map->derived[0].value[p]) && isnan(map->derived[1].value[p]));
            poles++;
            continue;
        }
        ck_close(map->derived[0].value[p], unit * m * m * (2.0 * c - s) / matter, 0.0, 1e-12);
        ck_close(map->derived[1].value[p], unit * m * m * (2.0 * s - c) / matter, 0.0, 1e-12);
    }
    ck_assert_uint_eq(poles, _i == 1 ? 0 : map->axis[0].n);
    sevens_map_unload(&map);
}
END_TEST

/* A tile holds no more points of the scan than a stop can wait for. */
START_TEST(tiles)
{
    static const char many[] =
        "{schema: 1, name: t, model: nsi, axes: [{param: eps_u_ee, min: -1, max: 1, n: 100}, "
        "{param: eps_d_ee, min: -1, max: 1, n: 1000}, {param: eps_u_mumu, min: 0, max: 1, n: 100, "
        "profile: true}, {param: eps_d_mumu, min: 0, max: 1, n: 90, profile: true}], " TEST_CSI;
    test_problem t = test_problem_make(many);
    sevens_scan_sizes sizes = sevens_scan_size(t.problem);

    ck_assert_str_eq(t.config->axis[t.problem->row_axis].name, "eps_d_ee");
    ck_close(sevens_config_points(t.config), 9e8, 0.0, 0.0);
    ck_close(sevens_config_profiled_points(t.config), 9000.0, 0.0, 0.0);
    ck_assert_uint_ge(sizes.tile_points, 1000);
    ck_assert_uint_le(sizes.tile_points, (1 << 24) / 9000);
    ck_assert_uint_le(sizes.batch_points, 1 << 16);
    ck_assert_uint_ge(sizes.batch_rows, 1);
    test_problem_free(&t);
}
END_TEST

START_TEST(needs_an_axis)
{
    static const char all[] = "{schema: 1, name: t, model: nsi, axes: [{param: eps_u_ee, min: -1, "
                              "max: 1, n: 3, profile: true}], " TEST_CSI;
    sevens_config *config;
    sevens_error err = {0};

    ck_assert_int_eq(sevens_config_parse(&config, "t", all, strlen(all), NULL, true, &err),
                     SEVENS_ERR_INPUT);
    ck_contains(err.message,
                "t:1:40: error: every axis has 'profile: true', but the map needs one");
    ck_assert_int_eq(sevens_config_parse(&config, "t", all, strlen(all), NULL, false, &err),
                     SEVENS_OK);
    ck_assert(config->axis[0].profile);
    ck_contains(config->canonical_json, "\"profile\":true");
    sevens_config_free(&config);
}
END_TEST

static void make_folder(void)
{
    test_folder(folder, sizeof folder);
}

static void remove_folder(void)
{
    static const char *const names[] = {"full", "profiled", "whole", "resumed"};
    char path[512];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s.h5", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

int main(void)
{
    Suite *suite = suite_create("profile");
    TCase *tests = tcase_create("profile");

    gsl_set_error_handler_off(); /* as the program does */
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_add_loop_test(tests, minimum_of_full_map, 0, N_SCANS);
    tcase_add_loop_test(tests, stopped, 0, 2);
    tcase_add_loop_test(tests, derived, 0, 2);
    tcase_add_test(tests, tiles);
    tcase_add_test(tests, needs_an_axis);
    suite_add_tcase(suite, tests);
    return test_run(suite);
}
