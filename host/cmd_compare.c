/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens compare`: two maps value by value. NaN equals NaN and an infinity its like; a value
 * beyond the range that the other map stores equals the end of it. */
#include "cli.h"
#include "cli_json.h"

#include "sevens/map.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_TOLERANCE = 256,
    MAX_DATASETS = SEVENS_MAP_MAX_AXES + SEVENS_MAP_MAX_PROFILED + SEVENS_MAP_MAX_DERIVED + 4
};

static const struct argp_option options[] = {
    {"tol", OPTION_TOLERANCE, "X", 0, "largest absolute difference allowed (default: 0)", 0},
    {0},
};

static sevens_status take_option(void *own, int key, const char *value, sevens_error *err)
{
    (void)key;
    return sevens_cli_real("--tol", value, 0.0, HUGE_VAL, own, err);
}

static const sevens_cli_usage usage = {
    .arguments = "A.h5 B.h5",
    .doc = "Largest and rms difference of every dataset of two maps. Exit code 1 when one is "
           "beyond the "
           "tolerance, or when the maps have not the same datasets and shapes.",
    .min_arguments = 2,
    .max_arguments = 2,
    .shared = SEVENS_CLI_OUTPUT,
    .options = options,
    .option = take_option,
};

/* Values of any of the types that maps hold. */
typedef struct values {
    const uint64_t *u64;
    size_t n;
    const double *f64;
    const float *f32;
    const uint8_t *u8;
    bool saturates;
    double low, high; /* then nothing is stored beyond these */
} values;

typedef struct comparison {
    char name[256];
    size_t n;         /* values compared */
    size_t differing; /* values that are not equal */
    size_t beyond;    /* values of one map beyond the range of the other */
    double largest, rms;
    const char *note; /* why nothing could be compared, or NULL */
} comparison;

static double value_at(const values *v, size_t i)
{
    if (v->u64 != NULL)
        return (double)v->u64[i];
    return v->f64 != NULL ? v->f64[i] : v->f32 != NULL ? (double)v->f32[i] : (double)v->u8[i];
}

static bool is_missing(const values *v)
{
    return v->f64 == NULL && v->f32 == NULL && v->u8 == NULL && v->u64 == NULL;
}

static double difference(double a, double b)
{
    if (a == b || (isnan(a) && isnan(b)))
        return 0.0;
    return isnan(a) || isnan(b) ? HUGE_VAL : fabs(a - b);
}

/* A value as the other map would have it; false when it can have it itself. */
static bool bound(double *x, const values *other)
{
    bool beyond = other->saturates && (*x < other->low || *x > other->high);

    if (beyond)
        *x = *x < other->low ? other->low : other->high;
    return beyond;
}

static void compare_values(comparison *c, const values *a, const values *b)
{
    double sum = 0.0;

    c->n = a->n;
    for (size_t i = 0; i < a->n; i++) {
        double x = value_at(a, i), y = value_at(b, i), d;
        bool x_beyond = bound(&x, b), y_beyond = bound(&y, a);

        c->beyond += x_beyond || y_beyond;
        d = difference(x, y);
        c->differing += d != 0.0;
        c->largest = fmax(c->largest, d);
        sum += d * d;
    }
    c->rms = a->n > 0 ? sqrt(sum / (double)a->n) : 0.0;
}

/* Appends the comparison of one dataset; nothing when neither map has it. */
static void compare_dataset(comparison *list, size_t *n, const char *name, values a, values b)
{
    comparison *c = &list[*n];

    if (is_missing(&a) && is_missing(&b))
        return;
    snprintf(c->name, sizeof c->name, "%s", name);
    if (is_missing(&a) || is_missing(&b))
        c->note = is_missing(&a) ? "only in the second map" : "only in the first map";
    else if (a.n != b.n)
        c->note = "of different sizes";
    else
        compare_values(c, &a, &b);
    if (c->note != NULL)
        c->largest = c->rms = HUGE_VAL;
    ++*n;
}

static values axis_values(const sevens_map_content *map, size_t axis, const char *name)
{
    values v = {0};

    if (axis < map->n_axis && strcmp(map->axis[axis].name, name) == 0)
        v = (values){.n = map->axis[axis].n, .f64 = map->axis[axis].value};
    return v;
}

/* Axes are compared in their order: a map with swapped axes is another map. */
static void compare_axes(comparison *list, size_t *n, const sevens_map_content *a,
                         const sevens_map_content *b)
{
    for (size_t i = 0; i < a->n_axis; i++)
        compare_dataset(list, n, a->axis[i].name, axis_values(a, i, a->axis[i].name),
                        axis_values(b, i, a->axis[i].name));
    for (size_t i = a->n_axis; i < b->n_axis; i++)
        compare_dataset(list, n, b->axis[i].name, (values){0}, axis_values(b, i, b->axis[i].name));
}

/* The profiled parameters, or the derived quantities, of a map. */
typedef struct columns {
    const sevens_map_column *column;
    size_t n, n_point;
} columns;

static values column_values(const columns *c, size_t k, const char *name)
{
    values v = {0};

    if (k < c->n && strcmp(c->column[k].name, name) == 0)
        v = (values){.n = c->n_point, .f64 = c->column[k].value};
    return v;
}

static void compare_columns(comparison *list, size_t *n, const char *which, columns a, columns b)
{
    for (size_t k = 0; k < a.n || k < b.n; k++) {
        const char *own = k < a.n ? a.column[k].name : b.column[k].name;
        char name[128];

        snprintf(name, sizeof name, "%s_%s", which, own);
        compare_dataset(list, n, name, column_values(&a, k, own), column_values(&b, k, own));
    }
}

static values chi2_values(const sevens_map_content *map)
{
    return (values){.n = map->n_point,
                    .f64 = map->chi2,
                    .saturates = isfinite(map->chi2_high),
                    .low = map->chi2_low,
                    .high = map->chi2_high};
}

static size_t compare_maps(comparison *list, const sevens_map_content *a,
                           const sevens_map_content *b)
{
    size_t n = 0;

    compare_axes(list, &n, a, b);
    compare_dataset(list, &n, "chi2", chi2_values(a), chi2_values(b));
    compare_dataset(list, &n, "status", (values){.n = a->n_point, .u8 = a->status},
                    (values){.n = b->n_point, .u8 = b->status});
    compare_dataset(list, &n, "chi2_experiment",
                    (values){.n = a->n_experiment * a->n_point, .f64 = a->chi2_experiment},
                    (values){.n = b->n_experiment * b->n_point, .f64 = b->chi2_experiment});
    compare_dataset(list, &n, "pull", (values){.n = a->n_nuisance * a->n_point, .f32 = a->pull},
                    (values){.n = b->n_nuisance * b->n_point, .f32 = b->pull});
    compare_columns(list, &n, "profiled", (columns){a->profiled, a->n_profiled, a->n_point},
                    (columns){b->profiled, b->n_profiled, b->n_point});
    compare_columns(list, &n, "derived", (columns){a->derived, a->n_derived, a->n_point},
                    (columns){b->derived, b->n_derived, b->n_point});
    return n;
}

static void compare_histograms(comparison *list, size_t *n, const sevens_map_bins *a,
                               const sevens_map_bins *b)
{
    compare_dataset(list, n, "edge", (values){.n = a->n + 1, .f64 = a->edge},
                    (values){.n = b->n + 1, .f64 = b->edge});
    compare_dataset(list, n, "count", (values){.n = a->n, .u64 = a->count},
                    (values){.n = b->n, .u64 = b->count});
}

/* A plane of two reduced maps; its name goes before those of its datasets. */
static sevens_status compare_plane(const sevens_cli *cli, const char *plane, comparison *list,
                                   size_t *n, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_map_content *a = NULL, *b = NULL;
    size_t first = *n;

    SEVENS_TRY(sevens_map_load_plane(&a, cli->argument[0], plane, err));
    SEVENS_TRY(sevens_map_load_plane(&b, cli->argument[1], plane, err));
    *n += compare_maps(list + first, a, b);
    compare_histograms(list, n, &a->bins, &b->bins);
    for (size_t i = first; i < *n; i++) {
        char own[sizeof list[i].name];

        memcpy(own, list[i].name, sizeof own);
        snprintf(list[i].name, sizeof list[i].name, "%.140s/%.100s", plane, own);
    }
cleanup:
    sevens_map_unload(&a);
    sevens_map_unload(&b);
    return status;
}

static bool has_plane(const sevens_map_content *map, const char *plane)
{
    bool has = false;

    for (size_t i = 0; i < map->n_plane; i++)
        has |= strcmp(map->plane[i], plane) == 0;
    return has;
}

/* Planes that both maps have, and those that one has alone. */
static sevens_status compare_planes(const sevens_cli *cli, const sevens_map_content *a,
                                    const sevens_map_content *b, comparison *list, size_t *n,
                                    sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const double none = 0.0;
    values one = {.n = 1, .f64 = &none};

    for (size_t i = 0; i < a->n_plane; i++) {
        if (has_plane(b, a->plane[i]))
            SEVENS_TRY(compare_plane(cli, a->plane[i], list, n, err));
        else
            compare_dataset(list, n, a->plane[i], one, (values){0});
    }
    for (size_t i = 0; i < b->n_plane; i++) {
        if (!has_plane(a, b->plane[i]))
            compare_dataset(list, n, b->plane[i], (values){0}, one);
    }
cleanup:
    return status;
}

static sevens_status print_json(const sevens_cli *cli, const comparison *list, size_t n, double tol,
                                bool within, sevens_error *err)
{
    json_t *o = json_object(), *datasets = json_array();

    for (size_t i = 0; i < n; i++) {
        json_t *d = json_object();

        sevens_json_put(&d, "name", sevens_json_text(list[i].name));
        sevens_json_put(&d, "n", sevens_json_count((double)list[i].n));
        sevens_json_put(&d, "max", sevens_json_real(list[i].largest));
        sevens_json_put(&d, "rms", sevens_json_real(list[i].rms));
        sevens_json_put(&d, "differing", sevens_json_count((double)list[i].differing));
        sevens_json_put(&d, "beyond", sevens_json_count((double)list[i].beyond));
        sevens_json_put(&d, "note", sevens_json_text(list[i].note));
        sevens_json_add(&datasets, d);
    }
    sevens_json_put(&o, "a", sevens_json_text(cli->argument[0]));
    sevens_json_put(&o, "b", sevens_json_text(cli->argument[1]));
    sevens_json_put(&o, "tol", sevens_json_real(tol));
    sevens_json_put(&o, "within_tol", json_boolean(within));
    sevens_json_put(&o, "datasets", datasets);
    return sevens_json_print(o, err);
}

static void print_text(const comparison *list, size_t n)
{
    printf("%-20s %12s %12s %12s %12s\n", "dataset", "largest", "rms", "differing", "values");
    for (size_t i = 0; i < n; i++) {
        if (list[i].note != NULL)
            printf("%-20s %s\n", list[i].name, list[i].note);
        else
            printf("%-20s %12.4g %12.4g %12zu %12zu\n", list[i].name, list[i].largest, list[i].rms,
                   list[i].differing, list[i].n);
    }
    for (size_t i = 0; i < n; i++)
        if (list[i].beyond > 0)
            printf(
                "%zu values of %s lie beyond what the other map can store; they were compared at "
                "the end of its range\n",
                list[i].beyond, list[i].name);
}

sevens_status sevens_cmd_compare(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double tol = 0.0;
    sevens_map_content *a = NULL, *b = NULL;
    comparison *list = NULL;
    const comparison *worst = NULL;

    SEVENS_TRY(sevens_cli_parse(cli, &usage, argc, argv, &tol, err));
    SEVENS_TRY(sevens_map_load(&a, cli->argument[0], err));
    SEVENS_TRY(sevens_map_load(&b, cli->argument[1], err));

    SEVENS_TRY_ALLOC(
        list = calloc((size_t)2 * MAX_DATASETS * (1 + a->n_plane + b->n_plane), sizeof *list));

    size_t n = compare_maps(list, a, b);

    SEVENS_TRY(compare_planes(cli, a, b, list, &n, err));
    for (size_t i = 0; i < n; i++)
        if (list[i].largest > tol && (worst == NULL || list[i].largest > worst->largest))
            worst = &list[i];
    if (cli->json)
        SEVENS_TRY(print_json(cli, list, n, tol, worst == NULL, err));
    else
        print_text(list, n);
    if (worst != NULL && worst->note != NULL)
        status = sevens_fail(err, SEVENS_ERR_FAILED, "the maps differ: %s is %s", worst->name,
                             worst->note);
    else if (worst != NULL)
        status = sevens_fail(err, SEVENS_ERR_FAILED,
                             "the maps differ: %s by up to %g, beyond the tolerance %g",
                             worst->name, worst->largest, tol);
cleanup:
    free(list);
    sevens_map_unload(&a);
    sevens_map_unload(&b);
    return status;
}
