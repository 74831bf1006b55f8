/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens models` and `sevens experiments`: what there is. */
#include "cli.h"
#include "cli_json.h"

#include "sevens/model.h"
#include "sevens/release.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const sevens_cli_usage models_usage = {
    .arguments = "",
    .doc = "Model kinds with their parameters, units, ranges, defaults, options and references.",
    .min_arguments = 0,
    .max_arguments = 0,
    .shared = SEVENS_CLI_OUTPUT,
};

static const char *role_name(const sevens_parameter *parameter)
{
    return parameter->role == SEVENS_ROLE_TEMPLATE    ? "template"
           : parameter->role == SEVENS_ROLE_NONLINEAR ? "nonlinear"
                                                      : "coefficient";
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

static json_t *parameters_json(const sevens_parameter *parameters, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        sevens_json_add(&array, parameter_json(&parameters[i]));
    return array;
}

static bool has_default(const sevens_key *key)
{
    return key->default_text != NULL && *key->default_text != '\0';
}

static const char *option_choices(const sevens_key *key)
{
    return key->type == SEVENS_KEY_BOOLEAN ? "true|false" : key->choices;
}

static json_t *option_json(const sevens_key *key)
{
    json_t *o = json_object();

    sevens_json_put(&o, "name", sevens_json_text(key->name));
    sevens_json_put(&o, "unit", sevens_json_text(key->unit));
    sevens_json_put(&o, "choices", sevens_json_text(option_choices(key)));
    sevens_json_put(&o, "default", sevens_json_text(has_default(key) ? key->default_text : NULL));
    sevens_json_put(&o, "doc", sevens_json_text(key->doc));
    return o;
}

static json_t *kind_json(const sevens_model_kind *kind)
{
    json_t *o = json_object(), *variants = json_array(), *options = json_array(),
           *derived = json_array();

    for (size_t i = 0; i < kind->n_derived; i++) {
        json_t *quantity = json_object();

        sevens_json_put(&quantity, "name", sevens_json_text(kind->derived[i].name));
        sevens_json_put(&quantity, "unit", sevens_json_text(kind->derived[i].unit));
        sevens_json_put(&quantity, "doc", sevens_json_text(kind->derived[i].doc));
        sevens_json_add(&derived, quantity);
    }
    for (size_t i = 0; i < kind->n_variants; i++) {
        const sevens_model_variant *v = &kind->variants[i];
        json_t *variant = json_object();

        sevens_json_put(&variant, "options", sevens_json_text(v->options));
        sevens_json_put(&variant, "parameters", parameters_json(v->parameters, v->n_parameters));
        sevens_json_add(&variants, variant);
    }
    for (size_t i = 0; i < kind->n_options; i++)
        sevens_json_add(&options, option_json(&kind->options[i]));
    sevens_json_put(&o, "kind", sevens_json_text(kind->name));
    sevens_json_put(&o, "formula", sevens_json_text(kind->formula));
    sevens_json_put(&o, "equation", sevens_json_text(kind->equation));
    sevens_json_put(&o, "reference", sevens_json_text(kind->reference));
    sevens_json_put(&o, "parameters", parameters_json(kind->parameters, kind->n_parameters));
    sevens_json_put(&o, "variants", variants);
    sevens_json_put(&o, "options", options);
    sevens_json_put(&o, "derived", derived);
    return o;
}

/* A name and what there is to say about it, in lines of at most 100 columns. */
static void print_entry(const char *name, const char *text)
{
    const int indent = 28, width = 100;
    int column = printf("    %-*s", indent - 5, name);

    while (*text) {
        int length = (int)strcspn(text, " ");

        if (column + 1 + length > width)
            column = printf("\n%*s", indent - 1, "") - 1;
        column += printf(" %.*s", length, text);
        text += length + (text[length] == ' ');
    }
    putchar('\n');
}

static void print_parameter(const sevens_parameter *parameter)
{
    bool has_unit = strcmp(parameter->unit, "1") != 0,
         marked = parameter->role != SEVENS_ROLE_COEFFICIENT;
    char name[64], standard[64] = "must be given", text[1024];

    if (parameter->has_default && isnan(parameter->default_value))
        snprintf(standard, sizeof standard, "optional");
    else if (parameter->has_default)
        snprintf(standard, sizeof standard, "default %g", parameter->default_value);
    snprintf(name, sizeof name, "%s%s%s%s", parameter->name, has_unit ? " [" : "",
             has_unit ? parameter->unit : "", has_unit ? "]" : "");
    snprintf(text, sizeof text, "%s; %g to %g, %s%s%s", parameter->doc, parameter->min,
             parameter->max, standard, marked ? "; " : "", marked ? role_name(parameter) : "");
    print_entry(name, text);
}

static void print_parameters(const char *title, const sevens_parameter *parameters, size_t n)
{
    printf("  %s\n", title);
    for (size_t i = 0; i < n; i++)
        print_parameter(&parameters[i]);
}

static void print_option(const sevens_key *key)
{
    const char *choices = option_choices(key);
    char name[64], text[1024];

    snprintf(name, sizeof name, "%s%s%s%s", key->name, key->unit != NULL ? " [" : "",
             key->unit != NULL ? key->unit : "", key->unit != NULL ? "]" : "");
    snprintf(text, sizeof text, "%s%s%s%s%s", key->doc, choices != NULL ? "; " : "",
             choices != NULL ? choices : "",
             !has_default(key) ? ""
             : choices != NULL ? ", default "
                               : "; default ",
             has_default(key) ? key->default_text : "");
    print_entry(name, text);
}

static void print_kind(const sevens_model_kind *kind)
{
    char title[256];

    printf("%s: %s\n  %s; %s\n", kind->name, kind->formula, kind->equation, kind->reference);
    print_parameters("parameters", kind->parameters, kind->n_parameters);
    for (size_t i = 0; i < kind->n_variants; i++) {
        const sevens_model_variant *v = &kind->variants[i];

        snprintf(title, sizeof title, "parameters with %s", v->options);
        print_parameters(title, v->parameters, v->n_parameters);
    }
    if (kind->n_options > 0)
        puts("  options");
    for (size_t i = 0; i < kind->n_options; i++)
        print_option(&kind->options[i]);
    if (kind->n_derived > 0)
        puts("  derived, in maps as derived_NAME");
    for (size_t i = 0; i < kind->n_derived; i++)
        print_entry(kind->derived[i].name, kind->derived[i].doc);
    putchar('\n');
}

static void print_kinds(void)
{
    for (size_t i = 0; sevens_model_kind_at(i) != NULL; i++)
        print_kind(sevens_model_kind_at(i));
    puts(
        "Every kind but sm takes the option `as: NAME` too: its parameters are then NAME.g_zp and "
        "so on,\nand a kind can stand twice in a model.\n"
        "Each value of a template parameter needs its own integrals; other parameters cost little, "
        "and\nleast where the rows of the map run, which is never along a nonlinear one.");
}

sevens_status sevens_cmd_models(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = sevens_cli_parse(cli, &models_usage, argc, argv, NULL, err);

    if (status != SEVENS_OK)
        return status;
    if (!cli->json) {
        print_kinds();
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

    for (size_t b = 0; b < release->n_bin && release->observed; b++)
        total += release->observed[b];
    return total;
}

static json_t *options_json(const sevens_release_head *head)
{
    json_t *options = json_array();

    for (size_t i = 0; i < head->n_option; i++) {
        const sevens_release_option_doc *option = &head->option[i];
        json_t *o = json_object(), *choices = json_array();

        for (size_t k = 0; k < option->n_choice; k++)
            sevens_json_add(&choices, sevens_json_text(option->choice[k]));
        sevens_json_put(&o, "name", sevens_json_text(option->name));
        sevens_json_put(&o, "doc", sevens_json_text(option->doc));
        sevens_json_put(&o, "choices", choices);
        sevens_json_add(&options, o);
    }
    return options;
}

static json_t *nuisances_json(const sevens_release *release)
{
    json_t *nuisances = json_array();

    sevens_json_add(&nuisances, sevens_json_text("signal"));
    for (size_t k = 0; k < release->n_background; k++)
        sevens_json_add(&nuisances, sevens_json_text(release->background[k].name));
    return nuisances;
}

static json_t *shapes_json(const sevens_release *release)
{
    json_t *shapes = json_array();

    for (size_t k = 0; k < release->n_shape; k++)
        sevens_json_add(&shapes, sevens_json_text(release->shape[k].name));
    return shapes;
}

static json_t *release_json(const sevens_release *release, const sevens_release_head *head)
{
    json_t *o = json_object();

    sevens_json_put(&o, "name", sevens_json_text(release->name));
    sevens_json_put(&o, "title", sevens_json_text(release->title));
    sevens_json_put(&o, "citation", sevens_json_text(release->citation));
    sevens_json_put(&o, "doi", sevens_json_text(release->doi));
    sevens_json_put(&o, "arxiv", sevens_json_text(release->arxiv));
    sevens_json_put(&o, "url", sevens_json_text(release->url));
    sevens_json_put(&o, "version", sevens_json_text(release->version));
    sevens_json_put(&o, "sha256", sevens_json_text(release->sha256));
    sevens_json_put(&o, "folder", sevens_json_text(release->folder));
    sevens_json_put(&o, "projection", json_boolean(release->projection));
    sevens_json_put(&o, "es", json_boolean(release->electron_recoils));
    sevens_json_put(&o, "options", options_json(head));
    sevens_json_put(&o, "bin_axes", bins_json(release));
    sevens_json_put(&o, "n_bins", sevens_json_count((double)release->n_bin));
    sevens_json_put(&o, "observed", sevens_json_real(observed_total(release)));
    sevens_json_put(&o, "nuisances", nuisances_json(release));
    sevens_json_put(&o, "shapes", shapes_json(release));
    return o;
}

static void print_options(const sevens_release_head *head)
{
    for (size_t i = 0; i < head->n_option; i++) {
        const sevens_release_option_doc *option = &head->option[i];

        printf("  %s: ", option->name);
        for (size_t k = 0; k < option->n_choice; k++)
            printf("%s%s", k > 0 ? "|" : "", option->choice[k]);
        printf("    %s (default: %s)\n", option->doc, option->choice[0]);
    }
}

static void print_release(const sevens_release *release, const sevens_release_head *head)
{
    printf("%s: %s\n  %s", release->name, release->title, release->citation);
    if (release->doi[0] != '\0')
        printf(", doi %s", release->doi);
    if (release->arxiv[0] != '\0')
        printf(", arXiv %s", release->arxiv);
    printf("\n  %zu bin%s:", release->n_bin, release->n_bin == 1 ? "" : "s");
    for (size_t i = 0; i < release->n_axis; i++) {
        char unit[64];

        printf("%s %zu in %s, %g to %g%s", i > 0 ? " x" : "", release->axis[i].n,
               release->axis[i].name, release->axis[i].edges[0],
               release->axis[i].edges[release->axis[i].n],
               sevens_cli_unit(release->axis[i].unit, unit, sizeof unit));
    }
    if (release->projection)
        printf("; a projection: the Standard Model's expectation stands for data\n");
    else
        printf(release->sigma ? "; %g observed, with gaussian errors\n" : "; %g events observed\n",
               observed_total(release));
    print_options(head);
    printf("  nuisances: signal");
    for (size_t k = 0; k < release->n_background; k++)
        printf(", %s", release->background[k].name);
    for (size_t k = 0; k < release->n_shape; k++)
        printf("%s%s", k > 0 ? ", " : "; shapes (off unless named in the scan file): ",
               release->shape[k].name);
    printf("\n  electron recoils %s unless the scan file says otherwise\n",
           release->electron_recoils ? "count" : "do not count");
    printf("  version %s, in %s\n\n", release->version, release->folder);
}

static sevens_status list_release(const sevens_cli *cli, const char *name, json_t **array,
                                  sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char *folder = NULL;
    sevens_release *release = NULL;
    sevens_release_head *head = NULL;

    SEVENS_TRY(sevens_release_find(&folder, name, err));
    SEVENS_TRY(sevens_release_head_load(&head, folder, err));
    SEVENS_TRY(sevens_release_load(&release, folder, NULL, 0, NULL, err));
    if (cli->json)
        sevens_json_add(array, release_json(release, head));
    else
        print_release(release, head);
cleanup:
    sevens_release_head_free(&head);
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
