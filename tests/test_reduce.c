/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scans with `reduce`. The accumulation against a loop over all points, in any order of rows and
 * threads, with many equal chi2; the planes of a scan against the stored grid of the same scan, bit
 * for bit; stopped scans; damaged journals. */
#include "scan_tile.h"
#include "sevens/map_reduced.h"
#include "sevens/reduce.h"
#include "sevens/scan.h"
#include "test_problem.h"
#include <gsl/gsl_errno.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__)
#define SIDE "12" /* the grid of the requirements: 12^5 */
#else
#define SIDE "6"
#endif

static char folder[256];

/* ---- what a plane must hold ---- */

typedef struct points {
    const sevens_config *config; /* with planes */
    size_t n;
    const double *chi2; /* [n] row-major over the axes */
    const uint8_t *status;
} points;

static void index_of(const sevens_config *config, size_t point, size_t *index)
{
    for (size_t a = config->n_axis; a-- > 0; point /= config->axis[a].n)
        index[a] = point % config->axis[a].n;
}

static bool in_cell(const sevens_config *config, const sevens_plane *plane, const size_t *index,
                    size_t *cell)
{
    *cell = 0;
    for (size_t i = 0; i < plane->n_axis; i++)
        *cell = *cell * config->axis[plane->axis[i]].n + index[plane->axis[i]];
    for (size_t a = 0; a < config->n_axis && plane->kind == SEVENS_PLANE_SLICE; a++) {
        if (!sevens_plane_has(plane, a) && index[a] != plane->at[a])
            return false;
    }
    return true;
}

static size_t n_cells(const sevens_config *config, const sevens_plane *plane)
{
    size_t n = 1;

    for (size_t i = 0; i < plane->n_axis; i++)
        n *= config->axis[plane->axis[i]].n;
    return n;
}

/* The lowest point of each cell, p->n where there is none: the first one of those that are equal.
 */
static size_t *lowest_points(const points *p, const sevens_plane *plane)
{
    size_t n = n_cells(p->config, plane), *lowest = malloc(n * sizeof *lowest);

    ck_assert_ptr_nonnull(lowest);
    for (size_t k = 0; k < n; k++)
        lowest[k] = p->n;
    for (size_t i = 0; i < p->n; i++) {
        size_t index[SEVENS_MAX_AXES], cell;

        index_of(p->config, i, index);
        if (p->status[i] == SEVENS_POINT_INVALID || !in_cell(p->config, plane, index, &cell))
            continue;
        if (lowest[cell] == p->n || p->chi2[i] < p->chi2[lowest[cell]])
            lowest[cell] = i;
    }
    return lowest;
}

static uint64_t *count_points(const points *p, const sevens_plane *plane, double reference)
{
    uint64_t *count = calloc(plane->n_bin + 2, sizeof *count); /* then below, above */

    ck_assert_ptr_nonnull(count);
    for (size_t i = 0; i < p->n; i++) {
        double bin = floor((p->chi2[i] - reference) * ((double)plane->n_bin / plane->max));

        if (p->status[i] == SEVENS_POINT_INVALID)
            continue;
        count[bin < 0.0                     ? plane->n_bin
              : bin >= (double)plane->n_bin ? plane->n_bin + 1
                                            : (size_t)bin]++;
    }
    return count;
}

/* ---- accumulation ---- */

#define MADE_AXES                                                                                  \
    "axes: [{param: eps_u_ee, min: 0, max: 1, n: 3}, {param: eps_d_ee, min: 0, max: 1, n: 4}, "    \
    "{param: eps_u_mumu, min: -1, max: 1, n: 2}, {param: eps_d_mumu, min: 0, max: 1, n: 5}], "
static const char made[] =
    "{schema: 1, name: t, model: nsi, " MADE_AXES
    "reduce: [{profile: all}, {profile: [eps_d_mumu, eps_d_ee], name: turned}, {slice: [eps_d_ee], "
    "at: {eps_u_mumu: 1, eps_d_mumu: 0.6}}, {slice: [eps_d_mumu, eps_u_ee]}, {histogram: {max: 5, "
    "bins: 7}}, {histogram: {max: 2, bins: 2, reference: sm}, name: coarse}], " TEST_CSI;

typedef struct made_points {
    points p;
    double chi2[120];
    uint8_t status[120];
} made_points;

/* Few different values, so that most have equals; some points are not valid. */
static void make_points(made_points *m, const sevens_config *config, unsigned long long *random)
{
    m->p = (points){config, 120, m->chi2, m->status};
    for (size_t i = 0; i < m->p.n; i++) {
        double dice = test_random(random);

        m->chi2[i] = floor(6.0 * test_random(random)) / 2.0;
        m->status[i] = dice < 0.1 ? SEVENS_POINT_UNCONVERGED : SEVENS_POINT_OK;
        if (dice > 0.6) {
            m->chi2[i] = dice > 0.8 ? (double)INFINITY : (double)NAN;
            m->status[i] = SEVENS_POINT_INVALID;
        }
    }
}

/* Gives all points, as pieces of rows in a random order, to random threads. */
static void give(sevens_reduce *reduce, const made_points *m, size_t row_axis, int threads,
                 unsigned long long *random)
{
    const sevens_config *config = m->p.config;
    bool given[120] = {false};
    size_t left = m->p.n;

    while (left > 0) {
        size_t point = (size_t)((double)m->p.n * test_random(random)), index[SEVENS_MAX_AXES];
        size_t step = 1, n = 0;
        double chi2[8];
        uint8_t status[8];

        index_of(config, point, index);
        for (size_t a = config->n_axis; a-- > 0 && a > row_axis;)
            step *= config->axis[a].n;
        for (size_t i = point; n < (row_axis == SEVENS_NO_ROW ? 1 : 3) && i < m->p.n && !given[i];
             i += step) {
            size_t other[SEVENS_MAX_AXES];

            index_of(config, i, other);
            if (row_axis != SEVENS_NO_ROW && other[row_axis] != index[row_axis] + n)
                break; /* the end of the row */
            given[i] = true;
            chi2[n] = m->chi2[i];
            status[n++] = m->status[i];
        }
        if (n > 0)
            sevens_reduce_row(reduce, (int)(threads * test_random(random)), index, n, chi2, status);
        left -= n;
    }
}

static void check_cells(const sevens_reduce *reduce, const points *p, size_t plane)
{
    size_t *lowest = lowest_points(p, &p->config->plane[plane]);

    for (size_t k = 0; k < n_cells(p->config, &p->config->plane[plane]); k++) {
        sevens_reduce_cell cell = sevens_reduce_at(reduce, plane, k);
        size_t index[SEVENS_MAX_AXES];

        if (lowest[k] == p->n) {
            ck_assert(isnan(cell.chi2) && cell.status == SEVENS_POINT_INVALID);
            continue;
        }
        ck_assert(cell.chi2 == p->chi2[lowest[k]]);
        ck_assert_uint_eq(cell.status, p->status[lowest[k]]);
        index_of(p->config, lowest[k], index);
        for (size_t a = 0; a < p->config->n_axis; a++)
            ck_assert_msg(cell.index[a] == index[a], "plane %zu, cell %zu, axis %zu: %zu, not %zu",
                          plane, k, a, cell.index[a], index[a]);
    }
    free(lowest);
}

static void check_counts(const sevens_reduce *reduce, const points *p, size_t plane,
                         double reference)
{
    const sevens_plane *own = &p->config->plane[plane];
    sevens_reduce_histogram h = sevens_reduce_counts(reduce, plane);
    uint64_t *count = count_points(p, own, reference);

    ck_assert(h.reference == reference);
    ck_assert_mem_eq(h.count, count, own->n_bin * sizeof *count);
    ck_assert_uint_eq(h.below, count[own->n_bin]);
    ck_assert_uint_eq(h.above, count[own->n_bin + 1]);
    free(count);
}

static void check_all(const sevens_reduce *reduce, const points *p, const double *reference)
{
    size_t n[4] = {0};

    for (size_t i = 0; i < p->config->n_plane; i++) {
        const sevens_plane *plane = &p->config->plane[i];

        if (plane->kind == SEVENS_PLANE_HISTOGRAM)
            check_counts(reduce, p, i, reference[plane->reference]);
        else
            check_cells(reduce, p, i);
    }
    for (size_t i = 0; i < p->n; i++)
        n[p->status[i]]++;
    for (uint8_t s = 0; s < 4; s++)
        ck_assert_uint_eq(sevens_reduce_points(reduce, s), n[s]);
}

START_TEST(any_order)
{
    test_problem t = test_problem_make(made);
    size_t row_axis = _i < 4 ? (size_t)_i : SEVENS_NO_ROW;
    const double reference[2] = {0.5, 1.0};
    unsigned long long random = 1 + (unsigned long long)_i;
    sevens_error err = {0};
    made_points m;

    ck_assert_uint_eq(t.config->n_plane, 10 + 5);
    for (int turn = 0; turn < 20; turn++) {
        sevens_reduce *reduce, *again;
        int threads = 1 + turn % 3;

        make_points(&m, t.config, &random);
        ck_assert_int_eq(
            sevens_reduce_create(&reduce, t.config, row_axis, reference, threads, &err), SEVENS_OK);
        give(reduce, &m, row_axis, threads, &random);
        sevens_reduce_merge(reduce);
        check_all(reduce, &m.p, reference);
        /* what is saved is all there is */
        ck_assert_int_eq(sevens_reduce_create(&again, t.config, row_axis, reference, 2, &err),
                         SEVENS_OK);
        ck_assert_uint_eq(sevens_reduce_state_size(reduce), sevens_reduce_state_size(again));
        sevens_reduce_set_state(again, sevens_reduce_state(reduce));
        sevens_reduce_merge(again);
        check_all(again, &m.p, reference);
        sevens_reduce_destroy(&reduce);
        sevens_reduce_destroy(&again);
    }
    test_problem_free(&t);
}
END_TEST

/* ---- scans ---- */

#define PLANES                                                                                     \
    "reduce: [{profile: all}, {slice: [eps_d_ee, eps_u_ee]}, {slice: [eps_d_mumu, eps_u_mumu], "   \
    "at: "                                                                                         \
    "{eps_u_ee: 1}}, {histogram: {max: 40, bins: 80}}, "                                           \
    "{histogram: {max: 9, bins: 9, reference: sm}, name: near}], "
#define FIVE(tile, n)                                                                              \
    "{schema: 1, name: t, model: nsi, tile: " tile ", axes: [{param: eps_u_ee, min: -0.5, max: 1," \
    " n: " n "}, {param: eps_d_ee, min: -0.4, max: 0.9, n: " n "}, {param: eps_u_mumu, min: -0.5," \
    " max: 1, n: " n "}, {param: eps_d_mumu, min: -0.4, max: 0.9, n: " n "}, {param: eps_u_emu, "  \
    "min: -0.3, max: 0.3, n: " n "}], "

/* Each without and with planes. */
static const struct {
    const char *axes, *planes;
} scans[] = {
    {FIVE("65536", SIDE), PLANES},
    /* rows run along the second axis; a template axis; tiles that end within the grid */
    {"{schema: 1, name: t, model: {kind: zprime}, tile: 70, axes: [{param: m_zp, min: 1, max: 1000,"
     " n: 5, spacing: log}, {param: g_zp, min: 1.0e-5, max: 1.0e-2, n: 20, spacing: log}, {param: "
     "s2w, min: 0.2, max: 0.28, n: 3}], ",
     "reduce: [{profile: all}, {slice: [s2w, m_zp], at: {g_zp: 1.0e-4}}, {slice: [g_zp], at: "
     "{m_zp: 40, s2w: 0.25}}], "},
    /* no row at all; a tie */
    {"{schema: 1, name: t, model: {kind: zprime}, ties: {g_zp: 1.0e-5 + 1.0e-7*m_zp}, axes: "
     "[{param: m_zp, min: 1, max: 1000, n: 8, spacing: log}, {param: rn_csi, min: 4, max: 6.5, n: "
     "5}], ",
     "reduce: [{profile: all}, {histogram: {}}], "},
    /* invalid points */
    {"{schema: 1, name: t, model: sterile, axes: [{param: dm2_41, values: [1, 3]}, {param: u_e4_2, "
     "min: 0, max: 1, n: 11}, {param: u_mu4_2, values: [0.2, 0.5, 0.7]}], ",
     "reduce: [{profile: all}, {slice: [u_e4_2], at: {dm2_41: 3, u_mu4_2: 0.7}}, {histogram: "
     "{}}], "},
    /* derived quantities; two experiments */
    {"{schema: 1, name: t, model: lma-dark, tile: 9, axes: [{param: m_zp, min: 3, max: 300, n: 4, "
     "spacing: log}, {param: eta, values: [-0.7605373674144952, -0.3, 0.4]}, {param: s2w, "
     "values: [0.23, 0.24]}], ",
     "reduce: [{profile: [m_zp, eta]}, {profile: [s2w]}], "},
};
enum { N_SCANS = sizeof scans / sizeof scans[0], TEXT = 4096 };

static const char experiments_two[] =
    "experiments: [{name: coherent-csi-2021, es: false}, {name: coherent-lar-2020}]}";

static void write_scan(char *text, int i, bool planes)
{
    snprintf(text, TEXT, "%s%s%s", scans[i].axes, planes ? scans[i].planes : "",
             i == 4 ? experiments_two : TEST_CSI);
}

static sevens_scan_options options_for(const char *path)
{
    return (sevens_scan_options){.output = path,
                                 .backend = "openmp",
                                 .threads = 2,
                                 .quiet = true,
                                 .force = true,
                                 .command = "test"};
}

static void run(const test_problem *t, const sevens_scan_options *options)
{
    sevens_scan_report report;
    sevens_error err = {0};

    ck_assert_msg(sevens_scan_run(t->problem, options, &report, &err) == SEVENS_OK, "%s",
                  err.message);
    ck_assert(report.points == report.points_total);
    sevens_scan_report_free(&report);
}

static sevens_map_content *load(const char *path, const char *plane)
{
    sevens_map_content *map;
    sevens_error err = {0};

    ck_assert_msg(sevens_map_load_plane(&map, path, plane, &err) == SEVENS_OK, "%s", err.message);
    return map;
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* A profile or slice in the file against the grid. */
static void compare_cells(const points *p, const sevens_map_content *dense, const char *path,
                          const sevens_plane *plane)
{
    const sevens_config *config = p->config;
    sevens_map_content *map = load(path, plane->name);
    size_t *lowest = lowest_points(p, plane);

    ck_assert_uint_eq(map->n_axis, plane->n_axis);
    ck_assert_uint_eq(map->n_point, n_cells(config, plane));
    ck_assert_uint_eq(map->n_derived, dense->n_derived);
    for (size_t i = 0; i < plane->n_axis; i++)
        ck_assert_str_eq(map->axis[i].name, config->axis[plane->axis[i]].name);
    for (size_t k = 0; k < map->n_point; k++) {
        bool valid = lowest[k] < p->n;
        size_t index[SEVENS_MAX_AXES], n = 0;

        ck_assert(same(map->chi2[k], valid ? p->chi2[lowest[k]] : (double)NAN));
        ck_assert_uint_eq(map->status[k], valid ? p->status[lowest[k]] : SEVENS_POINT_INVALID);
        index_of(config, valid ? lowest[k] : 0, index);
        for (size_t a = 0; a < config->n_axis; a++) {
            double value = config->axis[a].value[index[a]];

            if (plane->kind == SEVENS_PLANE_SLICE || sevens_plane_has(plane, a))
                continue;
            ck_assert_str_eq(map->profiled[n].name, config->axis[a].name);
            ck_assert(same(map->profiled[n++].value[k], valid ? value : (double)NAN));
        }
        ck_assert_uint_eq(n, map->n_profiled);
        for (size_t d = 0; d < map->n_derived; d++)
            ck_assert(same(map->derived[d].value[k],
                           valid ? dense->derived[d].value[lowest[k]] : (double)NAN));
    }
    for (size_t a = 0, n = 0; a < config->n_axis && plane->kind == SEVENS_PLANE_SLICE; a++) {
        if (sevens_plane_has(plane, a))
            continue;
        ck_assert_str_eq(map->fixed[n].name, config->axis[a].name);
        ck_assert(map->fixed[n++].value == config->axis[a].value[plane->at[a]]);
        ck_assert_uint_le(n, map->n_fixed);
    }
    sevens_map_unload(&map);
    free(lowest);
}

static void compare_counts(const points *p, const sevens_map_content *dense, const char *path,
                           const sevens_plane *plane)
{
    sevens_map_content *map = load(path, plane->name);
    bool sm = plane->reference == SEVENS_PLANE_REFERENCE_SM;
    uint64_t *count = count_points(p, plane, map->bins.chi2_reference);

    /* the fit before the tiles may be improved on by the one after them */
    if (sm)
        ck_assert(map->bins.chi2_reference == dense->chi2_sm);
    else
        ck_assert(map->bins.chi2_reference >= dense->chi2_min);
    ck_assert_uint_eq(map->bins.n, plane->n_bin);
    ck_assert_mem_eq(map->bins.count, count, plane->n_bin * sizeof *count);
    ck_assert_uint_eq(map->bins.below, count[plane->n_bin]);
    ck_assert_uint_eq(map->bins.above, count[plane->n_bin + 1]);
    ck_assert(map->bins.edge[0] == 0.0 && map->bins.edge[plane->n_bin] == plane->max);
    sevens_map_unload(&map);
    free(count);
}

static void compare_planes(const sevens_config *config, const sevens_map_content *dense,
                           const char *path)
{
    points p = {config, dense->n_point, dense->chi2, dense->status};
    sevens_map_content *map = load(path, NULL);
    size_t invalid = 0;

    ck_assert_uint_eq(map->n_plane, config->n_plane);
    ck_assert(map->chi2_min == dense->chi2_min && map->chi2_sm == dense->chi2_sm);
    ck_assert_uint_eq(map->n_best, dense->n_best);
    for (size_t i = 0; i < map->n_best; i++)
        ck_assert(map->best[i] == dense->best[i]);
    for (size_t i = 0; i < dense->n_point; i++)
        invalid += dense->status[i] == SEVENS_POINT_INVALID;
    ck_assert_uint_eq(map->counts.invalid, invalid);
    ck_assert_uint_eq(map->counts.ok + map->counts.unconverged + invalid, dense->n_point);
    for (size_t i = 0; i < config->n_plane; i++) {
        if (config->plane[i].kind == SEVENS_PLANE_HISTOGRAM)
            compare_counts(&p, dense, path, &config->plane[i]);
        else
            compare_cells(&p, dense, path, &config->plane[i]);
    }
    sevens_map_unload(&map);
}

/* The stored grid of a scan. */
static sevens_map_content *dense_map(const char *text)
{
    char path[512];
    sevens_scan_options options = options_for(path);

    snprintf(path, sizeof path, "%s/dense.h5", folder);
    test_problem t = test_problem_make(text);
    run(&t, &options);
    test_problem_free(&t);
    return load(path, NULL);
}

START_TEST(equals_stored_grid)
{
    char text[TEXT], path[512];
    sevens_scan_options options = options_for(path);

    write_scan(text, _i, false);
    sevens_map_content *dense = dense_map(text);
    snprintf(path, sizeof path, "%s/reduced.h5", folder);
    write_scan(text, _i, true);
    test_problem t = test_problem_make(text);
    for (int threads = _i == 0 ? 1 : 3; threads < 4; threads += 2) { /* 1 and 3 */
        options.threads = threads;
        run(&t, &options);
        compare_planes(t.config, dense, path);
    }
    test_problem_free(&t);
    sevens_map_unload(&dense);
}
END_TEST

/* The planes of the reference, which builds every row at its own point and fits every point from a
 * cold start. */
START_TEST(equals_reference)
{
    char path[512], reference_path[512];
    sevens_scan_options options = options_for(path);
    test_problem t = test_problem_make(FIVE("65536", "6") PLANES TEST_CSI);

    snprintf(path, sizeof path, "%s/reduced.h5", folder);
    snprintf(reference_path, sizeof reference_path, "%s/planes.h5", folder);
    run(&t, &options);
    options.output = reference_path;
    options.backend = "serial";
    run(&t, &options);
    for (size_t i = 0; i < t.config->n_plane; i++) {
        const sevens_plane *plane = &t.config->plane[i];

        if (plane->kind == SEVENS_PLANE_HISTOGRAM)
            continue;
        sevens_map_content *own = load(path, plane->name);
        sevens_map_content *reference = load(reference_path, plane->name);

        for (size_t k = 0; k < own->n_point; k++)
            ck_close(own->chi2[k], reference->chi2[k], 0.0, 1e-10);
        ck_assert_mem_eq(own->status, reference->status, own->n_point);
        sevens_map_unload(&own);
        sevens_map_unload(&reference);
    }
    test_problem_free(&t);
}
END_TEST

/* ---- stopped scans ---- */

static volatile sig_atomic_t stop;

static void on_alarm(int number)
{
    (void)number;
    stop = 1;
}

static void set_alarm(long microseconds)
{
    struct itimerval timer = {.it_value = {microseconds / 1000000, microseconds % 1000000}};

    stop = 0;
    ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* Turns bytes of the last state of the journal over; the one before must serve. */
static void damage(const char *path, int turn)
{
    char journal[600];
    FILE *file;
    long size;

    snprintf(journal, sizeof journal, "%s.journal", path);
    file = fopen(journal, "r+b");
    ck_assert_ptr_nonnull(file);
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    /* either place, also when it is the later one */
    fseek(file, turn % 2 == 0 ? size - 8 : size / 2 - 100, SEEK_SET);
    fputs("damaged", file);
    fclose(file);
}

/* Runs in slices of time until it is done; returns in how many runs points were computed. A slice
 * in which there was none is too short for this machine. */
static int run_in_slices(const test_problem *t, sevens_scan_options *options, bool damaged)
{
    sevens_status status = SEVENS_ERR_INTERRUPTED;
    long slice_us = 2000;
    int with_points = 0;

    options->stop = &stop;
    for (int turn = 0; status == SEVENS_ERR_INTERRUPTED; turn++) {
        sevens_scan_report report;
        sevens_error err = {0};

        set_alarm(slice_us);
        status = sevens_scan_run(t->problem, options, &report, &err);
        set_alarm(0);
        ck_assert_msg(status == SEVENS_OK || status == SEVENS_ERR_INTERRUPTED, "%s", err.message);
        with_points += report.points > 0;
        slice_us += report.points > 0 ? 0 : slice_us;
        options->resume = true;
        options->force = false;
        if (damaged && status == SEVENS_ERR_INTERRUPTED && turn < 6)
            damage(options->output, turn);
        sevens_scan_report_free(&report);
    }
    return with_points;
}

/* Small tiles against the grid in one: what they hold must be the same. */
START_TEST(stopped)
{
    char path[512], name[600];
    sevens_scan_options options = options_for(path);
    sevens_map_content *dense = dense_map(FIVE("65536", "6") TEST_CSI);
    struct sigaction action = {.sa_handler = on_alarm};

    sigaction(SIGALRM, &action, NULL);
    snprintf(path, sizeof path, "%s/stopped.h5", folder);
    test_problem t = test_problem_make(FIVE("150", "6") PLANES TEST_CSI);
    ck_assert_int_gt(run_in_slices(&t, &options, _i == 1), 1);
    compare_planes(t.config, dense, path);
    snprintf(name, sizeof name, "%s.journal", path);
    ck_assert_int_ne(access(name, F_OK), 0);
    test_problem_free(&t);
    sevens_map_unload(&dense);
}
END_TEST

/* A finished map is recognised; one of other planes is another scan. */
START_TEST(other_planes)
{
    char path[512];
    sevens_scan_options options = options_for(path);
    sevens_scan_report report;
    sevens_error err = {0};
    static const char axes[] = "{schema: 1, name: t, model: nsi, axes: [{param: eps_u_ee, min: 0, "
                               "max: 1, n: 4}, {param: eps_d_ee, min: 0, max: 1, n: 3}], ";
    char text[TEXT], other[TEXT];

    snprintf(path, sizeof path, "%s/planes.h5", folder);
    snprintf(text, sizeof text, "%sreduce: [{profile: [eps_u_ee]}], %s", axes, TEST_CSI);
    snprintf(other, sizeof other, "%sreduce: [{profile: [eps_d_ee]}], %s", axes, TEST_CSI);
    test_problem a = test_problem_make(text), b = test_problem_make(other);
    run(&a, &options);
    options.force = false;
    ck_assert_int_eq(sevens_scan_run(a.problem, &options, &report, &err), SEVENS_OK);
    ck_assert(report.already_complete && report.points == 0.0);
    sevens_scan_report_free(&report);
    for (int resume = 0; resume < 2; resume++) {
        options.resume = resume;
        ck_assert_int_eq(sevens_scan_run(b.problem, &options, &report, &err), SEVENS_ERR_INPUT);
        ck_assert_ptr_nonnull(strstr(err.message, "belongs to another scan"));
        err = (sevens_error){0};
        sevens_scan_report_free(&report);
    }
    test_problem_free(&a);
    test_problem_free(&b);
}
END_TEST

static void make_folder(void)
{
    test_folder(folder, sizeof folder);
}

static void remove_folder(void)
{
    static const char *const names[] = {"dense", "reduced", "stopped", "planes"};
    char path[512];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s.h5", folder, names[i]);
        unlink(path);
        snprintf(path, sizeof path, "%s/%s.h5.progress.json", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

int main(void)
{
    Suite *suite = suite_create("reduce");
    TCase *tests = tcase_create("reduce");

    gsl_set_error_handler_off();
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_add_loop_test(tests, any_order, 0, 5);
    tcase_add_loop_test(tests, equals_stored_grid, 0, N_SCANS);
    tcase_add_test(tests, equals_reference);
    tcase_add_loop_test(tests, stopped, 0, 2);
    tcase_add_test(tests, other_planes);
    suite_add_tcase(suite, tests);
    return test_run(suite);
}
