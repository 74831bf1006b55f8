/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens info`: what a map holds and how it was made; the values at one grid point. */
#include "cli.h"
#include "cli_json.h"

#include "sevens/grid.h"
#include "sevens/map.h"
#include "sevens/text.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { OPTION_POINT = 256, OPTION_PLANE };

typedef struct info_arguments {
    size_t n_at;
    const char *at[SEVENS_MAP_MAX_AXES];
    const char *plane;
} info_arguments;

/* Named as the shared option, but it looks up a grid point and fixes nothing. */
static const struct argp_option options[] = {
    {"at", OPTION_POINT, "NAME=VALUE", 0,
     "the grid point nearest to these coordinates, one for each axis (repeatable)", 0},
    {"plane", OPTION_PLANE, "NAME", 0, "a plane of a reduced map in place of all of it", 0},
    {0},
};

static sevens_status take_option(void *own, int key, const char *value, sevens_error *err)
{
    info_arguments *a = own;

    if (key == OPTION_PLANE) {
        a->plane = value;
        return SEVENS_OK;
    }
    if (a->n_at == SEVENS_MAP_MAX_AXES)
        return sevens_fail(err, SEVENS_ERR_INPUT, "more --at than a map has axes");
    a->at[a->n_at++] = value;
    return SEVENS_OK;
}

static const sevens_cli_usage usage = {
    .arguments = "MAP.h5",
    .doc = "Axes, minimum, completeness and provenance of a map; of a reduced one its planes. With "
           "--at the values at the nearest grid point and its coordinates.",
    .min_arguments = 1,
    .max_arguments = 1,
    .shared = SEVENS_CLI_OUTPUT,
    .options = options,
    .option = take_option,
};

static const char *const status_name[] = {"pending", "ok", "unconverged", "invalid"};
enum { N_STATUS = 4 };

/* A grid point: index along every axis, and in the row-major arrays. */
typedef struct grid_point {
    bool chosen;
    size_t index[SEVENS_MAP_MAX_AXES];
    size_t flat;
} grid_point;

static sevens_status nearest_index(const sevens_map_content *map, size_t axis, double value,
                                   size_t *index, sevens_error *err)
{
    const double *v = map->axis[axis].value;
    size_t n = map->axis[axis].n;
    double slack = 1e-9 * fmax(fabs(v[0]), fabs(v[n - 1])); /* for values that were printed short */

    if (value < v[0] - slack || value > v[n - 1] + slack)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "--at %s=%g is outside the map, which goes from %g to %g",
                           map->axis[axis].name, value, v[0], v[n - 1]);
    *index = 0;
    for (size_t i = 1; i < n; i++) {
        bool nearer = map->axis[axis].log ? fabs(log(v[i] / value)) < fabs(log(v[*index] / value))
                                          : fabs(v[i] - value) < fabs(v[*index] - value);

        if (nearer)
            *index = i;
    }
    return SEVENS_OK;
}

/* Whether a scan has the journal beside the map locked; docs/map_format.md. */
static bool is_running(const char *path)
{
    char real[PATH_MAX], journal[PATH_MAX + sizeof ".journal"];

    snprintf(journal, sizeof journal, "%s.journal", realpath(path, real) != NULL ? real : path);

    int fd = open(journal, O_RDONLY | O_CLOEXEC);
    bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

    if (fd >= 0)
        close(fd);
    return locked;
}

static size_t find_axis(const sevens_map_content *map, const char *name)
{
    size_t i = 0;

    while (i < map->n_axis && strcmp(map->axis[i].name, name) != 0)
        i++;
    return i;
}

static sevens_status take_coordinate(const sevens_map_content *map, const char *text,
                                     grid_point *point, bool *given, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const char *names[SEVENS_MAP_MAX_AXES];
    char *name = NULL, suggestion[SEVENS_SUGGESTION];
    double value;

    SEVENS_TRY(sevens_cli_assignment("--at", text, &name, &value, err));

    size_t axis = find_axis(map, name);

    if (axis == map->n_axis) {
        for (size_t i = 0; i < map->n_axis; i++)
            names[i] = map->axis[i].name;
        status = sevens_fail(err, SEVENS_ERR_INPUT, "--at: the map has no axis '%s'; %s", name,
                             sevens_suggest(suggestion, name, names, map->n_axis));
        goto cleanup;
    }
    given[axis] = true;
    SEVENS_TRY(nearest_index(map, axis, value, &point->index[axis], err));
cleanup:
    free(name);
    return status;
}

static sevens_status find_point(const sevens_map_content *map, const info_arguments *a,
                                grid_point *point, sevens_error *err)
{
    bool given[SEVENS_MAP_MAX_AXES] = {false};

    for (size_t i = 0; i < a->n_at; i++) {
        sevens_status status = take_coordinate(map, a->at[i], point, given, err);

        if (status != SEVENS_OK)
            return status;
    }
    if (a->n_at > 0 && map->n_point == 0)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "--at: a reduced map has points in its planes alone: add --plane NAME");
    for (size_t i = 0; i < map->n_axis && a->n_at > 0; i++) {
        if (!given[i])
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "--at is needed for every axis: add --at %s=VALUE",
                               map->axis[i].name);
        point->flat = point->flat * map->axis[i].n + point->index[i];
    }
    point->chosen = a->n_at > 0;
    return SEVENS_OK;
}

static void count_status(const sevens_map_content *map, size_t count[N_STATUS])
{
    for (size_t i = 0; i < map->n_point; i++)
        if (map->status[i] < N_STATUS)
            count[map->status[i]]++;
    if (map->n_point > 0 || map->n_plane == 0)
        return;
    count[SEVENS_POINT_OK] = (size_t)map->counts.ok;
    count[SEVENS_POINT_UNCONVERGED] = (size_t)map->counts.unconverged;
    count[SEVENS_POINT_INVALID] = (size_t)map->counts.invalid;
}

/* Points of the map or plane; of a reduced map as a whole, those of its scan. */
static size_t count_points(const sevens_map_content *map)
{
    size_t count[N_STATUS] = {0}, n = 0;

    count_status(map, count);
    for (size_t i = 0; i < N_STATUS; i++)
        n += count[i];
    return n;
}

static json_t *axes_json(const sevens_map_content *map)
{
    json_t *axes = json_array();

    for (size_t i = 0; i < map->n_axis; i++) {
        json_t *o = json_object();

        sevens_json_put(&o, "name", sevens_json_text(map->axis[i].name));
        sevens_json_put(&o, "unit", sevens_json_text(map->axis[i].unit));
        sevens_json_put(&o, "spacing", sevens_json_text(map->axis[i].log ? "log" : "linear"));
        sevens_json_put(&o, "n", sevens_json_count((double)map->axis[i].n));
        sevens_json_put(&o, "min", sevens_json_real(map->axis[i].value[0]));
        sevens_json_put(&o, "max", sevens_json_real(map->axis[i].value[map->axis[i].n - 1]));
        sevens_json_add(&axes, o);
    }
    return axes;
}

static json_t *point_json(const sevens_map_content *map, const grid_point *point)
{
    json_t *o = json_object(), *where = json_object(), *parts = json_object();
    json_t *pulls = json_object(), *profiled = json_object(), *derived = json_object();
    double chi2 = map->chi2[point->flat];
    uint8_t status = map->status[point->flat];

    for (size_t i = 0; i < map->n_axis; i++)
        sevens_json_put(&where, map->axis[i].name,
                        sevens_json_real(map->axis[i].value[point->index[i]]));
    for (size_t e = 0; e < map->n_experiment && map->chi2_experiment != NULL; e++)
        sevens_json_put(&parts, map->experiment[e],
                        sevens_json_real(map->chi2_experiment[e * map->n_point + point->flat]));
    for (size_t k = 0; k < map->n_nuisance && map->pull != NULL; k++)
        sevens_json_put(&pulls, map->nuisance[k],
                        sevens_json_real((double)map->pull[k * map->n_point + point->flat]));
    for (size_t k = 0; k < map->n_profiled; k++)
        sevens_json_put(&profiled, map->profiled[k].name,
                        sevens_json_real(map->profiled[k].value[point->flat]));
    sevens_json_put(&o, "coordinates", where);
    for (size_t k = 0; k < map->n_derived; k++)
        sevens_json_put(&derived, map->derived[k].name,
                        sevens_json_real(map->derived[k].value[point->flat]));
    sevens_json_put(&o, "profiled", profiled);
    sevens_json_put(&o, "derived", derived);
    sevens_json_put(&o, "chi2", sevens_json_real(chi2));
    sevens_json_put(&o, "delta_chi2", sevens_json_real(chi2 - map->chi2_min));
    sevens_json_put(&o, "status",
                    sevens_json_text(status < N_STATUS ? status_name[status] : "unknown"));
    sevens_json_put(&o, "chi2_experiment", parts);
    sevens_json_put(&o, "pull", pulls);
    return o;
}

static json_t *texts_json(char *const *text, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        sevens_json_add(&array, sevens_json_text(text[i]));
    return array;
}

static json_t *names_json(const sevens_map_column *column, size_t n)
{
    json_t *array = json_array();

    for (size_t k = 0; k < n; k++)
        sevens_json_add(&array, sevens_json_text(column[k].name));
    return array;
}

/* What the scan inside the map ties: {name: expression}. */
static json_t *ties_json(const sevens_map_content *map)
{
    json_t *scan = json_loads(map->scan_json, 0, NULL);
    json_t *ties = json_is_object(json_object_get(scan, "ties"))
                       ? json_incref(json_object_get(scan, "ties"))
                       : json_object();

    json_decref(scan);
    return ties;
}

/* {"step": of the values, 0 as computed, "min" and "max": where they saturate, or null}. */
static json_t *storage_json(const sevens_map_content *map)
{
    json_t *o = json_object();

    sevens_json_put(&o, "step", sevens_json_real(map->chi2_step));
    sevens_json_put(&o, "min", sevens_json_real(map->chi2_low));
    sevens_json_put(&o, "max", sevens_json_real(map->chi2_high));
    return o;
}

static void put_result(json_t **o, const sevens_map_content *map, bool running)
{
    json_t *best = json_object(), *counts = json_object();
    size_t count[N_STATUS] = {0};

    count_status(map, count);
    for (size_t i = 0; i < N_STATUS; i++)
        sevens_json_put(&counts, status_name[i], sevens_json_count((double)count[i]));
    for (size_t i = 0; i < map->n_best; i++)
        sevens_json_put(&best, map->best_name[i], sevens_json_real(map->best[i]));
    sevens_json_put(o, "points", sevens_json_count((double)count_points(map)));
    sevens_json_put(o, "complete", json_boolean(map->complete));
    sevens_json_put(o, "running", json_boolean(running));
    sevens_json_put(o, "status", counts);
    sevens_json_put(o, "chi2_stored", storage_json(map));
    sevens_json_put(o, "chi2_min", sevens_json_real(map->chi2_min));
    sevens_json_put(o, "best", best);
    sevens_json_put(o, "chi2_sm", sevens_json_real(map->chi2_sm));
    sevens_json_put(o, "ndof", sevens_json_count((double)map->ndof));
    sevens_json_put(o, "n_bins", sevens_json_count((double)map->n_bins));
}

/* What a reduced map has besides: its planes, and of one of them what it is. */
static void put_planes(json_t **o, const sevens_map_content *map, const char *plane)
{
    json_t *fixed = json_object(), *counts = json_array(), *edges = json_array();

    sevens_json_put(o, "planes", texts_json(map->plane, map->n_plane));
    sevens_json_put(o, "plane", sevens_json_text(plane));
    sevens_json_put(o, "kind", sevens_json_text(map->kind));
    for (size_t i = 0; i < map->n_fixed; i++)
        sevens_json_put(&fixed, map->fixed[i].name, sevens_json_real(map->fixed[i].value));
    sevens_json_put(o, "fixed", fixed);
    for (size_t i = 0; i < map->bins.n; i++)
        sevens_json_add(&counts, sevens_json_count((double)map->bins.count[i]));
    for (size_t i = 0; i <= map->bins.n && map->bins.n > 0; i++)
        sevens_json_add(&edges, sevens_json_real(map->bins.edge[i]));
    if (map->bins.n > 0) {
        sevens_json_put(o, "below", sevens_json_count((double)map->bins.below));
        sevens_json_put(o, "above", sevens_json_count((double)map->bins.above));
        sevens_json_put(o, "chi2_reference", sevens_json_real(map->bins.chi2_reference));
    }
    sevens_json_put(o, "count", counts);
    sevens_json_put(o, "edge", edges);
}

static void put_provenance(json_t **o, const sevens_map_content *map)
{
    json_t *provenance = json_object(), *releases = json_array();

    for (size_t i = 0; i < map->n_provenance; i++)
        sevens_json_put(&provenance, map->provenance_key[i],
                        sevens_json_text(map->provenance_value[i]));
    for (size_t i = 0; i < map->n_release; i++) {
        json_t *release = json_object();

        sevens_json_put(&release, "name", sevens_json_text(map->release_name[i]));
        sevens_json_put(&release, "doi", sevens_json_text(map->release_doi[i]));
        sevens_json_put(&release, "sha256", sevens_json_text(map->release_sha256[i]));
        sevens_json_put(&release, "citation", sevens_json_text(map->release_citation[i]));
        sevens_json_add(&releases, release);
    }
    sevens_json_put(o, "scan_id", sevens_json_text(map->scan_id));
    sevens_json_put(o, "date_created", sevens_json_text(map->date_created));
    sevens_json_put(o, "history", sevens_json_text(map->history));
    sevens_json_put(o, "provenance", provenance);
    sevens_json_put(o, "releases", releases);
}

static sevens_status print_json(const char *path, const char *plane, const sevens_map_content *map,
                                const grid_point *point, sevens_error *err)
{
    json_t *o = json_object();

    sevens_json_put(&o, "map", sevens_json_text(path));
    sevens_json_put(&o, "title", sevens_json_text(map->title));
    sevens_json_put(&o, "model", sevens_json_text(map->model));
    sevens_json_put(&o, "axes", axes_json(map));
    sevens_json_put(&o, "profiled", names_json(map->profiled, map->n_profiled));
    sevens_json_put(&o, "derived", names_json(map->derived, map->n_derived));
    sevens_json_put(&o, "ties", ties_json(map));
    sevens_json_put(&o, "experiments", texts_json(map->experiment, map->n_experiment));
    sevens_json_put(&o, "nuisances", texts_json(map->nuisance, map->n_nuisance));
    if (map->n_plane > 0)
        put_planes(&o, map, plane);
    put_result(&o, map, !map->complete && is_running(path));
    put_provenance(&o, map);
    if (point->chosen)
        sevens_json_put(&o, "at", point_json(map, point));
    return sevens_json_print(o, err);
}

static void print_axes(const sevens_map_content *map)
{
    for (size_t i = 0; i < map->n_axis; i++) {
        const double *v = map->axis[i].value;
        char unit[64];

        printf("axis        %s: %zu values, %g to %g%s, %s\n", map->axis[i].name, map->axis[i].n,
               v[0], v[map->axis[i].n - 1], sevens_cli_unit(map->axis[i].unit, unit, sizeof unit),
               map->axis[i].log ? "log" : "linear");
    }
}

static void print_planes(const sevens_map_content *map, const char *plane)
{
    for (size_t i = 0; i < map->n_plane && plane == NULL; i++)
        printf("plane       %s\n", map->plane[i]);
    if (map->kind != NULL)
        printf("plane       %s, a %s\n", plane, map->kind);
    for (size_t i = 0; i < map->n_fixed; i++) {
        char unit[64];

        printf("at          %s = %.10g%s\n", map->fixed[i].name, map->fixed[i].value,
               sevens_cli_unit(map->fixed[i].unit, unit, sizeof unit));
    }
    for (size_t i = 0; i < map->bins.n; i++)
        printf("  %12.6g <= chi2 - %.6f < %-12.6g %llu\n", map->bins.edge[i],
               map->bins.chi2_reference, map->bins.edge[i + 1],
               (unsigned long long)map->bins.count[i]);
    if (map->bins.n > 0)
        printf("  below %llu, above %llu\n", (unsigned long long)map->bins.below,
               (unsigned long long)map->bins.above);
}

static void print_columns(const sevens_map_content *map)
{
    json_t *ties = ties_json(map), *expression;
    const char *name;

    for (size_t k = 0; k < map->n_profiled; k++)
        printf("profiled    %s\n", map->profiled[k].name);
    for (size_t k = 0; k < map->n_derived; k++)
        printf("derived     %s\n", map->derived[k].name);
    json_object_foreach(ties, name, expression)
    {
        if (json_is_string(expression))
            printf("tie         %s = %s\n", name, json_string_value(expression));
    }
    json_decref(ties);
}

static void print_storage(const sevens_map_content *map)
{
    if (isfinite(map->chi2_high))
        printf(
            "chi2        in steps of 1/%g from %.2f to %.2f; what lies beyond is kept at the end\n",
            1.0 / map->chi2_step, map->chi2_low, map->chi2_high);
    else if (map->chi2_step > 0.0)
        printf("chi2        rounded to 1/%g\n", 1.0 / map->chi2_step);
    else
        printf("chi2        as computed\n");
}

static void print_result(const char *path, const sevens_map_content *map)
{
    size_t count[N_STATUS] = {0};

    count_status(map, count);
    printf("points      %zu:", count_points(map));
    for (size_t i = 0; i < N_STATUS; i++)
        printf(" %zu %s%s", count[i], status_name[i], i + 1 < N_STATUS ? "," : "\n");
    print_storage(map);
    printf("complete    %s\n",
           map->complete      ? "yes"
           : is_running(path) ? "no: the scan is running"
                              : "no: the scan was stopped; go on with 'sevens scan ... --resume'");
    if (!map->complete)
        return;
    printf("chi2_min    %.6f at", map->chi2_min);
    for (size_t i = 0; i < map->n_best; i++) {
        char unit[64];

        printf("%s %s = %.6g%s", i > 0 ? "," : "", map->best_name[i], map->best[i],
               sevens_cli_unit(map->best_unit[i], unit, sizeof unit));
    }
    printf(" (continuous minimum)\nchi2_SM     %.6f (%lld bins)\n", map->chi2_sm,
           (long long)map->n_bins);
}

static void print_provenance(const sevens_map_content *map)
{
    for (size_t i = 0; i < map->n_release; i++)
        printf("release     %s: %s (doi %s)\n", map->release_name[i], map->release_citation[i],
               map->release_doi[i]);
    printf("scan_id     %s\ncreated     %s\n", map->scan_id, map->date_created);
    for (size_t i = 0; i < map->n_provenance; i++)
        printf("  %-18s %s\n", map->provenance_key[i], map->provenance_value[i]);
}

static void print_point(const sevens_map_content *map, const grid_point *point)
{
    size_t at = point->flat;
    uint8_t status = map->status[at];

    printf("\nnearest grid point\n");
    for (size_t i = 0; i < map->n_axis; i++) {
        char unit[64];

        printf("  %s = %.10g%s\n", map->axis[i].name, map->axis[i].value[point->index[i]],
               sevens_cli_unit(map->axis[i].unit, unit, sizeof unit));
    }
    for (size_t k = 0; k < map->n_profiled; k++) {
        char unit[64];

        printf("  %s = %.10g%s (profiled)\n", map->profiled[k].name, map->profiled[k].value[at],
               sevens_cli_unit(map->profiled[k].unit, unit, sizeof unit));
    }
    for (size_t k = 0; k < map->n_derived; k++) {
        char unit[64];

        printf("  %s = %.10g%s (derived)\n", map->derived[k].name, map->derived[k].value[at],
               sevens_cli_unit(map->derived[k].unit, unit, sizeof unit));
    }
    printf("  status %s\n  chi2 %.10g\n", status < N_STATUS ? status_name[status] : "unknown",
           map->chi2[at]);
    if (map->complete)
        printf("  chi2 - chi2_min %.10g\n", map->chi2[at] - map->chi2_min);
    for (size_t e = 0; e < map->n_experiment && map->chi2_experiment != NULL; e++)
        printf("  chi2 of %s %.10g\n", map->experiment[e],
               map->chi2_experiment[e * map->n_point + at]);
    for (size_t k = 0; k < map->n_nuisance && map->pull != NULL; k++)
        printf("  pull of %s %+.4f\n", map->nuisance[k], (double)map->pull[k * map->n_point + at]);
}

sevens_status sevens_cmd_info(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    info_arguments a = {0};
    sevens_map_content *map = NULL;
    grid_point point = {0};

    SEVENS_TRY(sevens_cli_parse(cli, &usage, argc, argv, &a, err));
    SEVENS_TRY(sevens_map_load_plane(&map, cli->argument[0], a.plane, err));
    SEVENS_TRY(find_point(map, &a, &point, err));
    if (cli->json) {
        status = print_json(cli->argument[0], a.plane, map, &point, err);
    } else {
        printf("%s\n", map->title);
        print_axes(map);
        print_planes(map, a.plane);
        print_columns(map);
        print_result(cli->argument[0], map);
        print_provenance(map);
        if (point.chosen)
            print_point(map, &point);
    }
cleanup:
    sevens_map_unload(&map);
    return status;
}
