/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens fit` and `sevens interval`: continuous minimum and 1-D intervals over the axes. */
#include "cli.h"
#include "cli_json.h"

#include "sevens/fit.h"
#include "sevens/text.h"
#include <math.h>
#include <string.h>

static const sevens_cli_usage fit_usage = {
    .arguments = "SCAN.yaml",
    .doc = "Minimises chi2 over the axes of a scan file: continuous, not on the grid, within the "
           "box of "
           "the axes.",
    .min_arguments = 1,
    .max_arguments = 1,
    .shared = SEVENS_CLI_OUTPUT | SEVENS_CLI_SCAN,
};

static sevens_status print_fit_json(const sevens_problem *problem, const sevens_fit_result *result,
                                    sevens_error *err)
{
    json_t *o = json_object(), *nuisances = json_array();

    for (size_t g = 0; g < problem->n_group; g++)
        sevens_json_add_nuisances(&nuisances, problem, g, &result->profile[g], SEVENS_NONE);
    sevens_json_put(&o, "chi2_min", sevens_json_real(result->chi2_min));
    sevens_json_put(&o, "best", sevens_json_axes_point(problem->config, result->value));
    sevens_json_put(&o, "chi2_sm", sevens_json_real(problem->chi2_sm));
    sevens_json_put(&o, "n_bins", sevens_json_count((double)problem->n_bin));
    sevens_json_put(&o, "nuisances", nuisances);
    return sevens_json_print(o, err);
}

static void print_nuisance(const char *name, double value, double pull)
{
    if (isnan(pull))
        printf("%-40s %12.6f %10s\n", name, value, "free");
    else
        printf("%-40s %12.6f %+10.4f\n", name, value, pull);
}

static void print_fit_text(const sevens_problem *problem, const sevens_fit_result *result)
{
    printf("best fit            ");
    sevens_cli_print_axes_point(stdout, problem->config, result->value);
    printf("chi2_min            %.6f (%zu bins)\n", result->chi2_min, problem->n_bin);
    printf("chi2_SM             %.6f\n", problem->chi2_sm);
    printf("chi2_SM - chi2_min  %.6f\n\n", problem->chi2_sm - result->chi2_min);
    printf("%-40s %12s %10s\n", "nuisance", "value", "pull");
    for (size_t g = 0, i = 0; g < problem->n_group; g++) {
        const sevens_likelihood *l = &problem->group[g].likelihood;
        const double *value = result->profile[g].value;

        for (size_t k = 0; k < l->n_nuisance; k++) {
            char name[160];
            const sevens_nuisance *nuisance =
                sevens_problem_nuisance(problem, i++, name, sizeof name);

            print_nuisance(name, value[k], sevens_cli_pull(nuisance, value[k]));
        }
        for (size_t k = 0; k < l->n_shared; k++) {
            double pull = sevens_shared_pull_value(l, k, value);

            print_nuisance(l->shared[k].name, 1.0 + pull * l->shared[k].sigma, pull);
        }
    }
}

sevens_status sevens_cmd_fit(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_config *config = NULL;
    sevens_problem *problem = NULL;
    sevens_fit_result result = {0};

    SEVENS_TRY(sevens_cli_parse(cli, &fit_usage, argc, argv, NULL, err));
    SEVENS_TRY(sevens_cli_config(cli, true, &config, err));
    SEVENS_TRY(sevens_cli_problem(cli, config, &problem, err));
    SEVENS_TRY(sevens_fit_minimise(problem, &result, err));
    if (cli->json)
        status = print_fit_json(problem, &result, err);
    else
        print_fit_text(problem, &result);
cleanup:
    sevens_fit_result_free(&result);
    sevens_problem_destroy(&problem);
    sevens_config_free(&config);
    return status;
}

enum { OPTION_PARAM = 256, OPTION_CL, OPTION_DOF, OPTION_REFERENCE };

typedef struct interval_arguments {
    const char *param;
    double cl;
    int dof;
    bool against_sm;
} interval_arguments;

static const struct argp_option interval_options[] = {
    {"param", OPTION_PARAM, "NAME", 0, "the parameter, an axis of the scan file", 0},
    {"cl", OPTION_CL, "CL", 0, "confidence level between 0 and 1 (default: 0.90)", 0},
    {"dof", OPTION_DOF, "N", 0, "degrees of freedom (default: 1)", 0},
    {"reference", OPTION_REFERENCE, "NAME", 0,
     "min: against the continuous minimum (default); sm: against the Standard Model", 0},
    {0},
};

static sevens_status take_confidence(const char *text, double *cl, sevens_error *err)
{
    char hint[64] = "";

    if (sevens_parse_real(text, false, cl) && *cl >= 1e-9 && *cl <= 1.0 - 1e-12)
        return SEVENS_OK;
    if (sevens_parse_real(text, false, cl) && *cl > 1.0 && *cl < 100.0)
        snprintf(hint, sizeof hint, "; write %g for %g %%", *cl / 100.0, *cl);
    return sevens_fail(err, SEVENS_ERR_INPUT, "--cl: '%s' is no number between 0 and 1%s", text,
                       hint);
}

static sevens_status take_interval_option(void *own, int key, const char *value, sevens_error *err)
{
    interval_arguments *a = own;

    switch (key) {
    case OPTION_PARAM:
        a->param = value;
        return SEVENS_OK;
    case OPTION_CL:
        return take_confidence(value, &a->cl, err);
    case OPTION_DOF:
        return sevens_cli_count("--dof", value, 1, 100, &a->dof, err);
    case OPTION_REFERENCE:
        a->against_sm = strcmp(value, "sm") == 0;
        if (!a->against_sm && strcmp(value, "min") != 0)
            return sevens_fail(err, SEVENS_ERR_INPUT, "--reference: '%s' is neither min nor sm",
                               value);
        return SEVENS_OK;
    default:
        return SEVENS_OK;
    }
}

static const sevens_cli_usage interval_usage = {
    .arguments = "SCAN.yaml",
    .doc = "Intervals of one parameter, the other axes profiled: where chi2 less its reference is "
           "at most "
           "the Delta chi2 of the confidence level.",
    .min_arguments = 1,
    .max_arguments = 1,
    .shared = SEVENS_CLI_OUTPUT | SEVENS_CLI_SCAN,
    .options = interval_options,
    .option = take_interval_option,
};

static sevens_status find_axis(const sevens_config *config, const char *name, size_t *axis,
                               sevens_error *err)
{
    const char *names[SEVENS_MAX_AXES];
    char suggestion[SEVENS_SUGGESTION];

    for (*axis = 0; *axis < config->n_axis; ++*axis) {
        names[*axis] = config->axis[*axis].name;
        if (strcmp(names[*axis], name) == 0)
            return SEVENS_OK;
    }
    return sevens_fail(err, SEVENS_ERR_INPUT, "--param: the scan file has no axis '%s'; %s", name,
                       sevens_suggest(suggestion, name, names, config->n_axis));
}

static sevens_status print_interval_json(const interval_arguments *a, const sevens_intervals *found,
                                         sevens_error *err)
{
    json_t *o = json_object(), *intervals = json_array();

    for (size_t i = 0; i < found->n; i++) {
        const sevens_interval *interval = &found->interval[i];
        json_t *pair = json_array();

        sevens_json_add(&pair, interval->lo_open ? json_null() : sevens_json_real(interval->lo));
        sevens_json_add(&pair, interval->hi_open ? json_null() : sevens_json_real(interval->hi));
        sevens_json_add(&intervals, pair);
    }
    sevens_json_put(&o, "param", sevens_json_text(a->param));
    sevens_json_put(&o, "cl", sevens_json_real(a->cl));
    sevens_json_put(&o, "dof", sevens_json_count(a->dof));
    sevens_json_put(&o, "delta_chi2", sevens_json_real(found->delta_chi2));
    sevens_json_put(&o, "reference", sevens_json_text(a->against_sm ? "sm" : "min"));
    sevens_json_put(&o, "chi2_min", sevens_json_real(found->chi2_min));
    sevens_json_put(&o, "best", sevens_json_real(found->best));
    sevens_json_put(&o, "intervals", intervals);
    return sevens_json_print(o, err);
}

static void print_interval_text(const sevens_axis *axis, const interval_arguments *a,
                                const sevens_intervals *found)
{
    char unit[64];

    sevens_cli_unit(axis->unit, unit, sizeof unit);
    printf("%s at %g %% CL, %d dof: chi2 - chi2_%s <= %.4f\n", axis->name, 100.0 * a->cl, a->dof,
           a->against_sm ? "SM" : "min", found->delta_chi2);
    printf("best      %.8g%s (chi2_min %.6f)\n", found->best, unit, found->chi2_min);
    for (size_t i = 0; i < found->n; i++) {
        const sevens_interval *interval = &found->interval[i];

        printf("interval  %.8g%s .. %.8g%s%s\n", interval->lo, interval->lo_open ? " (open)" : "",
               interval->hi, interval->hi_open ? " (open)" : "", unit);
    }
    if (found->n == 0)
        printf("interval  none: every value is excluded\n");
}

sevens_status sevens_cmd_interval(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    interval_arguments a = {.cl = 0.90, .dof = 1};
    sevens_config *config = NULL;
    sevens_problem *problem = NULL;
    sevens_intervals found = {0};
    size_t axis;

    SEVENS_TRY(sevens_cli_parse(cli, &interval_usage, argc, argv, &a, err));
    if (a.param == NULL) {
        status = sevens_fail(err, SEVENS_ERR_INPUT, "an option is missing: --param NAME");
        goto cleanup;
    }
    SEVENS_TRY(sevens_cli_config(cli, true, &config, err));
    SEVENS_TRY(find_axis(config, a.param, &axis, err));
    SEVENS_TRY(sevens_cli_problem(cli, config, &problem, err));
    SEVENS_TRY(sevens_fit_intervals(problem, axis, sevens_delta_chi2(a.cl, a.dof), a.against_sm,
                                    &found, err));
    if (cli->json)
        status = print_interval_json(&a, &found, err);
    else
        print_interval_text(&config->axis[axis], &a, &found);
cleanup:
    sevens_intervals_free(&found);
    sevens_problem_destroy(&problem);
    sevens_config_free(&config);
    return status;
}
