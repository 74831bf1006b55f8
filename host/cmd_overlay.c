/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens overlay`: a limit file of other work -> overlay CSV (python/README.md).
 *   1. options
 *   2. quantities: what the columns are, as parameters of the models with their units
 *   3. the file and the report */
#include "cli.h"
#include "cli_json.h"
#include "overlay.h"

#include "sevens/model.h"
#include "sevens/table.h"
#include "sevens/text.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OPTION_X_UNIT = 256,
    OPTION_X,
    OPTION_Y,
    OPTION_Y_FACTOR = 260,
    OPTION_Y_POWER,
    OPTION_COLUMNS,
    OPTION_TWO_SIDED,
    OPTION_UPPER,
    OPTION_NO_LIMIT,
    OPTION_LABEL,
    OPTION_CL,
    OPTION_DOF,
    OPTION_DOI,
    OPTION_ARXIV,
    OPTION_KIND,
    OPTION_FORCE
};

typedef struct overlay_arguments {
    sevens_overlay_input input;
    sevens_overlay_head head;
    const char *out, *x, *y;
    bool has_no_limit, force;
} overlay_arguments;

/* ---- 1. options ---- */

static const struct argp_option options[] = {
    {"output", 'o', "CURVE.csv", 0, "file to write (default: standard output)", 0},
    {"x-unit", OPTION_X_UNIT, "UNIT", 0, "of the masses: eV, keV, MeV, GeV or TeV", 0},
    {"y", OPTION_Y, "NAME", 0, "parameter that is limited, as in 'sevens models': g_zp, eps, ...",
     0},
    {"x", OPTION_X, "NAME", 0, "mass parameter (default: the one that goes with --y)", 0},
    {"y-factor", OPTION_Y_FACTOR, "FACTOR", 0, "y = FACTOR * number^POWER (default: 1)", 0},
    {"y-power", OPTION_Y_POWER, "POWER", 0, "0.5 for a file of g^2 (default: 1)", 0},
    {"columns", OPTION_COLUMNS, "I,J[,K]", 0,
     "columns of mass, coupling and, of a two-sided limit, upper edge, from 1", 0},
    {"two-sided", OPTION_TWO_SIDED, NULL, 0,
     "three columns: mass, lower and upper edge (a .lmt file with three columns is)", 0},
    {"upper", OPTION_UPPER, "FILE", 0, "the upper edge of the band whose lower edge FILE is", 0},
    {"no-limit", OPTION_NO_LIMIT, "VALUE", 0,
     "numbers of this size and more in the file mean 'no limit' and are left out; none (default: 1 "
     "for a pure number, else none)",
     0},
    {"label", OPTION_LABEL, "TEXT", 0, "name of the curve (default: that of the file)", 0},
    {"cl", OPTION_CL, "CL", 0, "confidence level, as in 0.90, or 'not stated'", 0},
    {"dof", OPTION_DOF, "N", 0, "degrees of freedom of the threshold", 0},
    {"doi", OPTION_DOI, "DOI", 0, "of the publication, as in 10.1103/..., or 'not stated'", 0},
    {"arxiv", OPTION_ARXIV, "NUMBER", 0, "of the preprint, as in 1803.05466; enough without --doi",
     0},
    {"kind", OPTION_KIND, "KIND", 0, "excluded or preferred (default: excluded)", 0},
    {"force", OPTION_FORCE, NULL, 0, "replace an existing file", 0},
    {0},
};

static sevens_status parse_choice(const char *option, const char *text, const char *choices,
                                  const char **value, sevens_error *err)
{
    char meant[32];
    int index;

    *value = text;
    if (sevens_is_choice(text, choices, &index))
        return SEVENS_OK;
    sevens_meant_choice(text, choices, meant, sizeof meant);
    return sevens_fail(err, SEVENS_ERR_INPUT, "%s: unknown value '%s'%s%s%s (%s)", option, text,
                       *meant ? "; did you mean '" : "", meant, *meant ? "'?" : "", choices);
}

/* "1,2" or "1,2,3" */
static sevens_status parse_columns(const char *text, sevens_overlay_input *input, sevens_error *err)
{
    const char *p = text;
    size_t n = 0;
    bool good = true;

    while (good) {
        char *end;
        unsigned long column = strtoul(p, &end, 10);

        good = *p >= '1' && *p <= '9' && column <= SEVENS_TABLE_MAX_COLUMNS && n < 3;
        if (good)
            input->column[n++] = column;
        if (*end == '\0')
            break;
        good = good && *end == ',';
        p = end + 1;
    }
    input->n_column = n;
    if (!good || n < 2)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "--columns: '%s' is not I,J or I,J,K: numbers of columns from 1 to %d",
                           text, SEVENS_TABLE_MAX_COLUMNS);
    return SEVENS_OK;
}

static sevens_status parse_no_limit(overlay_arguments *a, const char *text, sevens_error *err)
{
    a->has_no_limit = true;
    a->input.no_limit = INFINITY;
    if (strcmp(text, "none") == 0)
        return SEVENS_OK;
    return sevens_cli_real("--no-limit", text, 1e-300, 1e300, &a->input.no_limit, err);
}

static sevens_status take_number(overlay_arguments *a, int key, const char *value,
                                 sevens_error *err)
{
    switch (key) {
    case OPTION_Y_FACTOR:
        return sevens_cli_real("--y-factor", value, 1e-100, 1e100, &a->input.y_factor, err);
    case OPTION_Y_POWER:
        return sevens_cli_real("--y-power", value, 0.01, 100.0, &a->input.y_power, err);
    case OPTION_COLUMNS:
        return parse_columns(value, &a->input, err);
    case OPTION_NO_LIMIT:
        return parse_no_limit(a, value, err);
    case OPTION_DOF:
        return sevens_cli_count("--dof", value, 1, 1000, &a->head.dof, err);
    default:
        return SEVENS_OK;
    }
}

static sevens_status take_option(void *own, int key, const char *value, sevens_error *err)
{
    overlay_arguments *a = own;

    switch (key) {
    case 'o':
        a->out = value;
        break;
    case OPTION_X_UNIT:
        return parse_choice("--x-unit", value, "eV|keV|MeV|GeV|TeV", &a->head.x_unit, err);
    case OPTION_X:
        a->x = value;
        break;
    case OPTION_Y:
        a->y = value;
        break;
    case OPTION_TWO_SIDED:
        a->input.two_sided = true;
        break;
    case OPTION_UPPER:
        a->input.upper_path = value;
        break;
    case OPTION_LABEL:
        a->head.label = value;
        break;
    case OPTION_CL:
        a->head.cl = value;
        break;
    case OPTION_DOI:
        a->head.doi = value;
        break;
    case OPTION_ARXIV:
        a->head.arxiv = value;
        break;
    case OPTION_KIND:
        return parse_choice("--kind", value, "excluded|preferred", &a->head.kind, err);
    case OPTION_FORCE:
        a->force = true;
        break;
    default:
        return take_number(a, key, value, err);
    }
    return SEVENS_OK;
}

static const sevens_cli_usage usage = {
    .arguments = "FILE",
    .doc = "Turns a limit that others published as bare columns into an overlay curve for 'sevens "
           "plot': masses in MeV, the name of the parameter, confidence level, reference. Where "
           "the file says 'no limit' the curve is cut.",
    .min_arguments = 1,
    .max_arguments = 1,
    .shared = SEVENS_CLI_OUTPUT,
    .options = options,
    .option = take_option,
};

static sevens_status check_complete(const sevens_cli *cli, const overlay_arguments *a,
                                    sevens_error *err)
{
    const sevens_overlay_input *input = &a->input;
    const char *missing =
        a->head.x_unit == NULL ? "--x-unit GeV"
        : a->y == NULL         ? "--y g_zp"
        : a->head.cl == NULL   ? "--cl 0.90 (or --cl '" SEVENS_OVERLAY_NOT_STATED "')"
        : a->head.doi == NULL && a->head.arxiv == NULL
            ? "--doi 10.1103/... or --arxiv 1803.05466 (or --doi '" SEVENS_OVERLAY_NOT_STATED "')"
        : cli->json && a->out == NULL ? "-o CURVE.csv, for --json takes standard output"
                                      : NULL;

    if (missing != NULL)
        return sevens_fail(err, SEVENS_ERR_INPUT, "an option is missing: %s", missing);
    if (input->upper_path != NULL && (input->two_sided || input->n_column == 3))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "--upper names a file of the upper edge, %s a column: give one of them",
                           input->two_sided ? "--two-sided" : "--columns I,J,K");
    if (input->two_sided && input->n_column == 2)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "--two-sided needs three columns: --columns I,J,K");
    return SEVENS_OK;
}

/* ---- 2. quantities ---- */

enum { MAX_PARAMETERS = 256 };

/* The parameters of all kinds and of their variants, each name once. */
typedef struct parameter_list {
    size_t n;
    const char *name[MAX_PARAMETERS];
    const sevens_parameter *parameter[MAX_PARAMETERS];
    const char *mass[MAX_PARAMETERS]; /* that stands beside it in its table; or NULL */
} parameter_list;

/* list->n when it is not there. */
static size_t find_parameter(const parameter_list *list, const char *name)
{
    size_t i = 0;

    while (i < list->n && strcmp(list->parameter[i]->name, name) != 0)
        i++;
    return i;
}

static void list_table(parameter_list *list, const sevens_parameter *parameters, size_t n)
{
    const char *mass = NULL;

    for (size_t i = 0; i < n && mass == NULL; i++)
        if (strcmp(parameters[i].unit, "MeV") == 0)
            mass = parameters[i].name;
    for (size_t i = 0; i < n; i++) {
        if (list->n == MAX_PARAMETERS || find_parameter(list, parameters[i].name) < list->n)
            continue;
        list->name[list->n] = parameters[i].name;
        list->parameter[list->n] = &parameters[i];
        list->mass[list->n++] = mass;
    }
}

static void list_parameters(parameter_list *list)
{
    const sevens_model_kind *kind;

    list->n = 0;
    for (size_t i = 0; (kind = sevens_model_kind_at(i)) != NULL; i++) {
        list_table(list, kind->parameters, kind->n_parameters);
        for (size_t k = 0; k < kind->n_variants; k++)
            list_table(list, kind->variants[k].parameters, kind->variants[k].n_parameters);
    }
}

/* A parameter, or a general name that `sevens plot` takes for any axis of that unit. */
static sevens_status find_quantity(const parameter_list *list, const char *option, const char *name,
                                   const char *general, const char *general_unit,
                                   sevens_overlay_quantity *found, size_t *index, sevens_error *err)
{
    char suggestion[SEVENS_SUGGESTION];

    *found = (sevens_overlay_quantity){general, general_unit};
    *index = list->n;
    if (strcmp(name, general) == 0)
        return SEVENS_OK;
    *index = find_parameter(list, name);
    if (*index < list->n) {
        *found = (sevens_overlay_quantity){name, list->parameter[*index]->unit};
        return SEVENS_OK;
    }
    return sevens_fail(err, SEVENS_ERR_INPUT,
                       "%s: unknown parameter '%s'; %s (or the general '%s')", option, name,
                       sevens_suggest(suggestion, name, list->name, list->n), general);
}

static sevens_status find_quantities(overlay_arguments *a, sevens_error *err)
{
    sevens_overlay_quantity *x = &a->head.x, *y = &a->head.y;
    parameter_list list;
    size_t index, mass_index;
    sevens_status status;

    list_parameters(&list);
    status = find_quantity(&list, "--y", a->y, "coupling", "1", y, &index, err);
    if (status != SEVENS_OK)
        return status;
    if (a->x == NULL)
        a->x = index < list.n && list.mass[index] != NULL ? list.mass[index] : "mass";
    status = find_quantity(&list, "--x", a->x, "mass", "MeV", x, &mass_index, err);
    if (status == SEVENS_OK && strcmp(x->unit, "MeV") != 0)
        status = sevens_fail(err, SEVENS_ERR_INPUT, "--x: %s is no mass, it has the unit [%s]",
                             x->name, x->unit);
    return status;
}

/* Factor and divisor rather than one number: 1e-3 has no exact double. */
static void set_conversion(overlay_arguments *a)
{
    sevens_overlay_input *input = &a->input;

    input->x_factor = strcmp(a->head.x_unit, "TeV") == 0   ? 1e6
                      : strcmp(a->head.x_unit, "GeV") == 0 ? 1e3
                                                           : 1.0;
    input->x_divisor = strcmp(a->head.x_unit, "keV") == 0  ? 1e3
                       : strcmp(a->head.x_unit, "eV") == 0 ? 1e6
                                                           : 1.0;
    if (!a->has_no_limit)
        input->no_limit = strcmp(a->head.y.unit, "1") == 0 ? 1.0 : INFINITY;
}

/* ---- 3. the file and the report ---- */

static bool same_file(const struct stat *file, const char *path)
{
    struct stat other;

    return path != NULL && stat(path, &other) == 0 && other.st_dev == file->st_dev &&
           other.st_ino == file->st_ino;
}

static sevens_status check_output(const overlay_arguments *a, sevens_error *err)
{
    struct stat file;

    if (a->out == NULL || stat(a->out, &file) != 0)
        return SEVENS_OK;
    if (same_file(&file, a->input.path) || same_file(&file, a->input.upper_path))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s is the limit file itself; choose another file with -o", a->out);
    if (!S_ISREG(file.st_mode))
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s is not a file", a->out);
    if (!a->force)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s exists; choose another file, or --force replaces it", a->out);
    return SEVENS_OK;
}

/* The file appears whole or not at all. */
static sevens_status write_file(const char *path, const char *text, size_t length,
                                sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const size_t size = strlen(path) + sizeof ".part";
    char *part = malloc(size);
    FILE *file;

    SEVENS_TRY_ALLOC(part);
    snprintf(part, size, "%s.part", path);
    file = fopen(part, "wb");
    if (file == NULL) {
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", part, strerror(errno));
        goto cleanup;
    }

    bool written = fwrite(text, 1, length, file) == length;

    written = fclose(file) == 0 && written;
    if (!written || rename(part, path) != 0) {
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", path, strerror(errno));
        unlink(part);
    }
cleanup:
    free(part);
    return status;
}

/* What to look at before the curve is believed: its range, and what is not in it. */
static void report(const sevens_cli *cli, const overlay_arguments *a,
                   const sevens_overlay_curves *c)
{
    const sevens_overlay_quantity *x = &a->head.x, *y = &a->head.y;
    double x_min = INFINITY, x_max = 0.0, y_min = INFINITY, y_max = -INFINITY;
    char unit[64];

    for (size_t i = 0; i < c->n; i++) {
        x_min = fmin(x_min, c->x[i]);
        x_max = fmax(x_max, c->x[i]);
        y_min = fmin(y_min, c->y[i]);
        y_max = fmax(y_max, c->y[i]);
    }
    sevens_cli_log(
        cli, 0, "%zu points in %zu %s: %s %g to %g MeV, %s %g to %g%s", c->n, c->n_segment,
        c->two_sided        ? (c->n_segment == 1 ? "outline" : "outlines")
        : c->n_segment == 1 ? "curve"
                            : "curves",
        x->name, x_min, x_max, y->name, y_min, y_max, sevens_cli_unit(y->unit, unit, sizeof unit));
    if (c->n_no_limit > 0)
        sevens_cli_log(
            cli, 0,
            "left out as 'no limit': %zu numbers from %g to %g (--no-limit, here %g, says "
            "from where on)",
            c->n_no_limit, c->no_limit_min, c->no_limit_max, a->input.no_limit);
    if (c->n_lone > 0)
        sevens_cli_log(cli, 0, "%zu of the points stand alone between masses without a limit",
                       c->n_lone);
    if (y_min <= 0.0)
        sevens_cli_log(cli, 0, "%s is 0 or negative at places: no logarithmic axis shows that",
                       y->name);
}

static sevens_status print_json(const overlay_arguments *a, const sevens_overlay_curves *c,
                                sevens_error *err)
{
    const sevens_overlay_quantity *x = &a->head.x, *y = &a->head.y;
    json_t *o = json_object();

    sevens_json_put(&o, "curve", sevens_json_text(a->out));
    sevens_json_put(&o, "x", sevens_json_text(x->name));
    sevens_json_put(&o, "x_unit", sevens_json_text(x->unit));
    sevens_json_put(&o, "y", sevens_json_text(y->name));
    sevens_json_put(&o, "y_unit", sevens_json_text(y->unit));
    sevens_json_put(&o, "two_sided", json_boolean(c->two_sided));
    sevens_json_put(&o, "points", sevens_json_count((double)c->n));
    sevens_json_put(&o, "segments", sevens_json_count((double)c->n_segment));
    sevens_json_put(&o, "lone_points", sevens_json_count((double)c->n_lone));
    sevens_json_put(&o, "no_limit", sevens_json_count((double)c->n_no_limit));
    return sevens_json_print(o, err);
}

sevens_status sevens_cmd_overlay(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    overlay_arguments a = {.input = {.y_factor = 1.0, .y_power = 1.0},
                           .head = {.kind = "excluded"}};
    sevens_overlay_curves curves = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *csv = NULL;

    SEVENS_TRY(sevens_cli_parse(cli, &usage, argc, argv, &a, err));
    a.input.path = cli->argument[0];
    SEVENS_TRY(check_complete(cli, &a, err));
    SEVENS_TRY(sevens_overlay_check_head(&a.head, err));
    SEVENS_TRY(find_quantities(&a, err));
    set_conversion(&a);
    SEVENS_TRY(check_output(&a, err));
    SEVENS_TRY(sevens_overlay_read(&curves, &a.input, err));
    SEVENS_TRY_ALLOC(csv = open_memstream(&text, &length));
    SEVENS_TRY(sevens_overlay_print(csv, &a.head, &a.input, &curves, err));

    bool complete = fclose(csv) == 0;

    csv = NULL;
    SEVENS_TRY_ALLOC(complete ? text : NULL);
    if (a.out != NULL)
        SEVENS_TRY(write_file(a.out, text, length, err));
    else
        fwrite(text, 1, length, stdout); /* main looks whether all arrived */
    report(cli, &a, &curves);
    if (cli->json)
        status = print_json(&a, &curves, err);
cleanup:
    if (csv != NULL)
        fclose(csv);
    free(text);
    sevens_overlay_free(&curves);
    return status;
}
