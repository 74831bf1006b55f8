/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens models` and `sevens experiments`: what there is. */
#include "cli.h"
#include "cli_json.h"

#include "sevens/model.h"
#include "sevens/release.h"
#include <math.h>
#include <stdlib.h>

static const sevens_cli_usage models_usage = {
    .arguments = "",
    .doc = "Model kinds with their parameters, units, ranges, defaults, options and references.",
    .min_arguments = 0,
    .max_arguments = 0,
    .shared = SEVENS_CLI_OUTPUT,
};

static const char *role_name(const sevens_parameter *parameter)
{
    return parameter->role == SEVENS_ROLE_TEMPLATE ? "template" : "coefficient";
}

static json_t *parameter_json(const sevens_parameter *parameter)
{
    json_t *o = json_object();

    sevens_json_put(&o, "name", sevens_json_text(parameter->name));
    sevens_json_put(&o, "unit", sevens_json_text(parameter->unit));
    sevens_json_put(&o, "role", sevens_json_text(role_name(parameter)));
    sevens_json_put(&o, "required", json_boolean(!parameter->has_default));
    sevens_json_put(&o, "default",
                    parameter->has_default ? sevens_json_real(parameter->default_value)
                                           : json_null());
    sevens_json_put(&o, "min", sevens_json_real(parameter->min));
    sevens_json_put(&o, "max", sevens_json_real(parameter->max));
    sevens_json_put(&o, "doc", sevens_json_text(parameter->doc));
    return o;
}

static json_t *option_json(const sevens_key *key)
{
    json_t *o = json_object();

    sevens_json_put(&o, "name", sevens_json_text(key->name));
    sevens_json_put(&o, "choices", sevens_json_text(key->choices));
    sevens_json_put(&o, "default", sevens_json_text(key->default_text));
    sevens_json_put(&o, "doc", sevens_json_text(key->doc));
    return o;
}

static json_t *kind_json(const sevens_model_kind *kind)
{
    json_t *o = json_object(), *parameters = json_array(), *options = json_array();

    for (size_t i = 0; i < kind->n_parameters; i++)
        sevens_json_add(&parameters, parameter_json(&kind->parameters[i]));
    for (size_t i = 0; i < kind->n_options; i++)
        sevens_json_add(&options, option_json(&kind->options[i]));
    sevens_json_put(&o, "kind", sevens_json_text(kind->name));
    sevens_json_put(&o, "formula", sevens_json_text(kind->formula));
    sevens_json_put(&o, "equation", sevens_json_text(kind->equation));
    sevens_json_put(&o, "reference", sevens_json_text(kind->reference));
    sevens_json_put(&o, "parameters", parameters);
    sevens_json_put(&o, "options", options);
    return o;
}

static void print_parameter(const sevens_parameter *parameter)
{
    char unit[64], standard[64] = "must be given";

    if (parameter->has_default && isnan(parameter->default_value))
        snprintf(standard, sizeof standard, "optional");
    else if (parameter->has_default)
        snprintf(standard, sizeof standard, "default %g", parameter->default_value);
    printf("  %-16s %g to %g%s, %s: %s\n", parameter->name, parameter->min, parameter->max,
           sevens_cli_unit(parameter->unit, unit, sizeof unit), standard, parameter->doc);
}

static void print_kind(const sevens_model_kind *kind)
{
    printf("%s: %s\n  %s; %s\n", kind->name, kind->formula, kind->equation, kind->reference);
    for (size_t i = 0; i < kind->n_parameters; i++)
        print_parameter(&kind->parameters[i]);
    for (size_t i = 0; i < kind->n_options; i++) {
        const sevens_key *key = &kind->options[i];

        printf("  option %s%s%s%s%s: %s\n", key->name, key->choices != NULL ? " = " : "",
               key->choices != NULL ? key->choices : "",
               key->default_text != NULL && *key->default_text ? ", default " : "",
               key->default_text != NULL ? key->default_text : "", key->doc);
    }
    putchar('\n');
}

sevens_status sevens_cmd_models(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = sevens_cli_parse(cli, &models_usage, argc, argv, NULL, err);

    if (status != SEVENS_OK)
        return status;
    if (!cli->json) {
        for (size_t i = 0; sevens_model_kind_at(i) != NULL; i++)
            print_kind(sevens_model_kind_at(i));
        return SEVENS_OK;
    }

    json_t *o = json_object(), *models = json_array();

    for (size_t i = 0; sevens_model_kind_at(i) != NULL; i++)
        sevens_json_add(&models, kind_json(sevens_model_kind_at(i)));
    sevens_json_put(&o, "models", models);
    return sevens_json_print(o, err);
}

static const sevens_cli_usage experiments_usage = {
    .arguments = "",
    .doc = "Data releases found (in SEVENS_DATA, beside the program, or installed) with their bins "
           "and "
           "references.",
    .min_arguments = 0,
    .max_arguments = 0,
    .shared = SEVENS_CLI_OUTPUT,
};

static json_t *bins_json(const sevens_release *release)
{
    json_t *axes = json_array();

    for (size_t i = 0; i < release->n_axis; i++) {
        json_t *o = json_object();

        sevens_json_put(&o, "name", sevens_json_text(release->axis[i].name));
        sevens_json_put(&o, "unit", sevens_json_text(release->axis[i].unit));
        sevens_json_put(&o, "bins", sevens_json_count((double)release->axis[i].n));
        sevens_json_put(&o, "min", sevens_json_real(release->axis[i].edges[0]));
        sevens_json_put(&o, "max", sevens_json_real(release->axis[i].edges[release->axis[i].n]));
        sevens_json_add(&axes, o);
    }
    return axes;
}

static double observed_total(const sevens_release *release)
{
    double total = 0.0;

    for (size_t b = 0; b < release->n_bin; b++)
        total += release->observed[b];
    return total;
}

static json_t *release_json(const sevens_release *release)
{
    json_t *o = json_object(), *nuisances = json_array();

    sevens_json_add(&nuisances, sevens_json_text("signal"));
    for (size_t k = 0; k < release->n_background; k++)
        sevens_json_add(&nuisances, sevens_json_text(release->background[k].name));
    sevens_json_put(&o, "name", sevens_json_text(release->name));
    sevens_json_put(&o, "title", sevens_json_text(release->title));
    sevens_json_put(&o, "citation", sevens_json_text(release->citation));
    sevens_json_put(&o, "doi", sevens_json_text(release->doi));
    sevens_json_put(&o, "arxiv", sevens_json_text(release->arxiv));
    sevens_json_put(&o, "url", sevens_json_text(release->url));
    sevens_json_put(&o, "version", sevens_json_text(release->version));
    sevens_json_put(&o, "sha256", sevens_json_text(release->sha256));
    sevens_json_put(&o, "folder", sevens_json_text(release->folder));
    sevens_json_put(&o, "bin_axes", bins_json(release));
    sevens_json_put(&o, "n_bins", sevens_json_count((double)release->n_bin));
    sevens_json_put(&o, "observed", sevens_json_real(observed_total(release)));
    sevens_json_put(&o, "nuisances", nuisances);
    return o;
}

static void print_release(const sevens_release *release)
{
    printf("%s: %s\n  %s, doi %s, arXiv %s\n  %zu bins:", release->name, release->title,
           release->citation, release->doi, release->arxiv, release->n_bin);
    for (size_t i = 0; i < release->n_axis; i++)
        printf("%s %zu in %s, %g to %g %s", i > 0 ? " x" : "", release->axis[i].n,
               release->axis[i].name, release->axis[i].edges[0],
               release->axis[i].edges[release->axis[i].n], release->axis[i].unit);
    printf("; %g events observed\n  nuisances: signal", observed_total(release));
    for (size_t k = 0; k < release->n_background; k++)
        printf(", %s", release->background[k].name);
    printf("\n  version %s, in %s\n\n", release->version, release->folder);
}

static sevens_status list_release(const sevens_cli *cli, const char *name, json_t **array,
                                  sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char *folder = NULL;
    sevens_release *release = NULL;

    SEVENS_TRY(sevens_release_find(&folder, name, err));
    SEVENS_TRY(sevens_release_load(&release, folder, err));
    if (cli->json)
        sevens_json_add(array, release_json(release));
    else
        print_release(release);
cleanup:
    sevens_release_free(&release);
    free(folder);
    return status;
}

sevens_status sevens_cmd_experiments(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    json_t *o = json_object(), *experiments = json_array();
    char **names = NULL;
    size_t n = 0;

    SEVENS_TRY(sevens_cli_parse(cli, &experiments_usage, argc, argv, NULL, err));
    SEVENS_TRY(sevens_release_names(&names, &n, err));
    for (size_t i = 0; i < n; i++)
        SEVENS_TRY(list_release(cli, names[i], &experiments, err));
    if (cli->json) {
        sevens_json_put(&o, "experiments", experiments);
        experiments = NULL;
        status = sevens_json_print(o, err);
        o = NULL;
    }
cleanup:
    json_decref(o);
    json_decref(experiments);
    sevens_release_names_free(&names, n);
    return status;
}
