/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens rate`: prediction, backgrounds, data, chi2 and pulls of a scan file's experiments at one
 * parameter point. Signal and backgrounds are at central norms, chi2 and norms profiled. */
#include "cli.h"
#include "cli_json.h"

#include "sevens/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_EXPERIMENT = 256 };

static const struct argp_option options[] = {
    {"experiment", OPTION_EXPERIMENT, "NAME", 0, "one of the scan file's experiments", 0},
    {0},
};

static sevens_status take_option(void *own, int key, const char *value, sevens_error *err)
{
    (void)err;
    if (key == OPTION_EXPERIMENT)
        *(const char **)own = value;
    return SEVENS_OK;
}

static const sevens_cli_usage usage = {
    .arguments = "SCAN.yaml",
    .doc =
        "Binned prediction, backgrounds, data, chi2 and pulls at one parameter point. Axes of the "
        "scan "
        "file are fixed with --at. Signal and backgrounds are at central norms; chi2 and norms are "
        "profiled. A free nuisance has no pull (JSON: null).",
    .min_arguments = 1,
    .max_arguments = 1,
    .shared = SEVENS_CLI_OUTPUT | SEVENS_CLI_SCAN,
    .options = options,
    .option = take_option,
};

/* What is shown of one experiment. */
typedef struct prediction {
    const sevens_experiment *experiment; /* borrowed */
    const sevens_likelihood_part *part;  /* borrowed */
    double *signal;                      /* [n_bin] owned */
    double *component;                   /* [SEVENS_N_PROCESS][n_flux][n_bin] owned: signal by
                                            process and flux class */
    double *lines;                       /* [n_bin] owned: the background function at its best
                                            parameters, or NULL */
    sevens_profile profile;              /* of its group */
} prediction;

static double sum(const double *value, size_t n)
{
    double total = 0.0;

    for (size_t i = 0; i < n; i++)
        total += value[i];
    return total;
}

/* Counts of every process and flux class in all bins. */
static void fill_components(prediction *p, sevens_templates *templates, const double *value,
                            double *channel_row)
{
    const sevens_release *release = p->experiment->release;
    sevens_model_point point = {value, SEVENS_NO_ROW};

    sevens_templates_update(templates, &point);
    for (size_t i = 0; i < SEVENS_N_PROCESS; i++) {
        sevens_templates_channel_row(templates, &point, (sevens_process)i, channel_row);
        for (size_t f = 0; f < release->n_flux; f++)
            sevens_release_spread(release, release->flux[f].weight,
                                  channel_row + f * 3 * release->n_channel,
                                  p->component + (i * release->n_flux + f) * release->n_bin);
    }
}

/* Signal of a process and flux class [n_bin]. */
static const double *component(const prediction *p, int process, size_t f)
{
    const sevens_release *release = p->experiment->release;

    return p->component + ((size_t)process * release->n_flux + f) * release->n_bin;
}

static bool has_process(const prediction *p, int process)
{
    return sevens_mesh_has(p->experiment->mesh, (sevens_process)process);
}

/* The background function at the best parameters. */
static sevens_status fill_lines(prediction *p, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_likelihood_part *part = p->part;
    double unused[SEVENS_N_LINES];

    if (part->kind != SEVENS_LIKELIHOOD_GAUSS_BACKGROUND)
        return SEVENS_OK;
    SEVENS_TRY_ALLOC(p->lines = calloc(part->n_bin, sizeof *p->lines));
    for (size_t b = 0; b < part->n_bin; b++)
        p->lines[b] = sevens_line_background_at(&part->lines, p->profile.value + part->first_line,
                                                part->energy[b], unused);
cleanup:
    return status;
}

static sevens_status predict(prediction *p, const sevens_problem *problem, sevens_workspace *work,
                             size_t index, const double *value, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_experiment *ex = &problem->experiment[index];
    const sevens_likelihood *l = &problem->group[ex->group].likelihood;
    const sevens_release *release = ex->release;
    double *channel_row = NULL;

    p->experiment = ex;
    p->part = &l->part[ex->part];
    SEVENS_TRY_ALLOC(p->signal = calloc(release->n_bin, sizeof *p->signal));
    SEVENS_TRY_ALLOC(p->component = calloc(SEVENS_N_PROCESS * release->n_flux * release->n_bin,
                                           sizeof *p->component));
    SEVENS_TRY_ALLOC(channel_row =
                         calloc(release->n_flux * 3 * release->n_channel, sizeof *channel_row));
    fill_components(p, work->templates[index], value, channel_row);
    sevens_problem_signal(problem, work, ex->group, value, work->signal);
    memcpy(p->signal, work->signal + sevens_likelihood_signal_offset(l, ex->part),
           release->n_bin * sizeof *p->signal);
    sevens_likelihood_profile(l, work->signal, &p->profile);
    SEVENS_TRY(fill_lines(p, err));
cleanup:
    free(channel_row);
    return status;
}

/* The k-th background: its counts at the central norm and its name; false past the last. */
static bool background_at(const prediction *p, size_t k, const char **name, const double **bins)
{
    const sevens_release *release = p->experiment->release;
    size_t index = k;

    for (size_t c = 0; c < p->part->n_component; c++) {
        const sevens_component *component = &p->part->component[c];

        if (!component->counts || component->shape != SEVENS_NONE || k-- > 0)
            continue;
        *name = release->background[index].name; /* in the order of the components */
        *bins = component->counts;
        return true;
    }
    *name = "lines";
    *bins = p->lines;
    return p->lines && k == 0;
}

static json_t *bin_axes_json(const sevens_release *release)
{
    json_t *axes = json_array();

    for (size_t i = 0; i < release->n_axis; i++) {
        json_t *o = json_object();

        sevens_json_put(&o, "name", sevens_json_text(release->axis[i].name));
        sevens_json_put(&o, "unit", sevens_json_text(release->axis[i].unit));
        sevens_json_put(&o, "edges",
                        sevens_json_reals(release->axis[i].edges, release->axis[i].n + 1));
        sevens_json_add(&axes, o);
    }
    return axes;
}

static json_t *component_json(const prediction *p, int process, size_t f)
{
    const sevens_release *release = p->experiment->release;
    const double *bins = component(p, process, f);
    json_t *o = json_object();

    sevens_json_put(&o, "process", sevens_json_text(sevens_process_name((sevens_process)process)));
    sevens_json_put(&o, "flavour", sevens_json_text(sevens_flavour_name(release->flux[f].flavour)));
    sevens_json_put(&o, "total", sevens_json_real(sum(bins, release->n_bin)));
    sevens_json_put(&o, "bins", sevens_json_reals(bins, release->n_bin));
    return o;
}

static json_t *signal_json(const prediction *p)
{
    const sevens_release *release = p->experiment->release;
    json_t *signal = json_object(), *components = json_array();

    for (int process = 0; process < SEVENS_N_PROCESS; process++) {
        for (size_t f = 0; f < release->n_flux && has_process(p, process); f++)
            sevens_json_add(&components, component_json(p, process, f));
    }
    sevens_json_put(&signal, "total", sevens_json_real(sum(p->signal, release->n_bin)));
    sevens_json_put(&signal, "components", components);
    return signal;
}

static json_t *background_json(const prediction *p)
{
    json_t *backgrounds = json_array();
    const char *name;
    const double *bins;

    for (size_t k = 0; background_at(p, k, &name, &bins); k++) {
        json_t *o = json_object();

        sevens_json_put(&o, "name", sevens_json_text(name));
        sevens_json_put(&o, "total", sevens_json_real(sum(bins, p->part->n_bin)));
        sevens_json_put(&o, "bins", sevens_json_reals(bins, p->part->n_bin));
        sevens_json_add(&backgrounds, o);
    }
    return backgrounds;
}

static json_t *parameters_json(const sevens_model *model, const double *value)
{
    json_t *o = json_object();

    for (size_t i = 0; i < sevens_model_n_parameters(model); i++)
        sevens_json_put(&o, sevens_model_parameter(model, i)->name, sevens_json_real(value[i]));
    return o;
}

/* Of an experiment alone: pulls that it shares count in the total. */
static double chi2_of(const sevens_problem *problem, const prediction *p)
{
    const sevens_likelihood *l = &problem->group[p->experiment->group].likelihood;

    return l->n_part > 1 ? p->profile.part_chi2[p->experiment->part] : p->profile.chi2;
}

static json_t *prediction_json(const sevens_problem *problem, const prediction *p)
{
    const sevens_likelihood_part *part = p->part;
    json_t *o = json_object(), *nuisances = json_array();

    sevens_json_add_nuisances(&nuisances, problem, p->experiment->group, &p->profile,
                              p->experiment->part);
    sevens_json_put(&o, "experiment", sevens_json_text(p->experiment->entry->name));
    sevens_json_put(&o, "parameters", parameters_json(problem->model, problem->config->value));
    sevens_json_put(&o, "bin_axes", bin_axes_json(p->experiment->release));
    sevens_json_put(&o, "signal", signal_json(p));
    sevens_json_put(&o, "background", background_json(p));
    sevens_json_put(&o, "observed", sevens_json_reals(part->observed, part->n_bin));
    if (part->sigma)
        sevens_json_put(&o, "sigma", sevens_json_reals(part->sigma, part->n_bin));
    if (part->off)
        sevens_json_put(&o, "off", sevens_json_reals(part->off, part->n_bin));
    sevens_json_put(&o, "chi2", sevens_json_real(chi2_of(problem, p)));
    sevens_json_put(&o, "nuisances", nuisances);
    return o;
}

static sevens_status print_json(const sevens_problem *problem, const prediction *p, size_t n,
                                sevens_error *err)
{
    if (n == 1)
        return sevens_json_print(prediction_json(problem, p), err);

    json_t *o = json_object(), *experiments = json_array();
    double chi2 = 0.0;

    for (size_t i = 0; i < n; i++) {
        sevens_json_add(&experiments, prediction_json(problem, &p[i]));
        chi2 += p[i].experiment->part == 0 ? p[i].profile.chi2 : 0.0; /* once for each group */
    }
    sevens_json_put(&o, "experiments", experiments);
    sevens_json_put(&o, "chi2", sevens_json_real(chi2));
    return sevens_json_print(o, err);
}

/* One line of the table: the sums over bins first .. first + n - 1 of every column. */
static void print_line(const prediction *p, const char *label, size_t first, size_t n)
{
    size_t n_flux = p->experiment->release->n_flux;
    double total = sum(&p->signal[first], n), es = 0.0;
    const char *name;
    const double *bins;

    printf("%-20s", label);
    for (size_t f = 0; f < n_flux; f++) {
        printf(" %10.3f", sum(component(p, SEVENS_CEVNS, f) + first, n));
        es += sum(component(p, SEVENS_ES, f) + first, n);
    }
    if (has_process(p, SEVENS_ES))
        printf(" %10.3g", es);
    printf(" %10.3f", total);
    for (size_t k = 0; background_at(p, k, &name, &bins); k++) {
        double counts = sum(&bins[first], n);

        printf(" %10.3f", counts);
        total += counts;
    }
    printf(" %10.3f %10.3f\n", total, sum(&p->part->observed[first], n));
}

static void print_table(const prediction *p)
{
    const sevens_release *release = p->experiment->release;
    const sevens_bin_axis *axis = &release->axis[0];
    size_t n = release->n_bin / axis->n;
    char label[64];
    const char *name;
    const double *bins;

    snprintf(label, sizeof label, "%s [%s]", axis->name, axis->unit);
    printf("%-20s", label);
    for (size_t f = 0; f < release->n_flux; f++)
        printf(" %10.10s", sevens_flavour_name(release->flux[f].flavour));
    if (has_process(p, SEVENS_ES))
        printf(" %10s", "es");
    printf(" %10s", "signal");
    for (size_t k = 0; background_at(p, k, &name, &bins); k++)
        printf(" %10.10s", name);
    printf(" %10s %10s\n", "expected", "observed");
    for (size_t e = 0; e < axis->n; e++) {
        snprintf(label, sizeof label, "%g .. %g", axis->edges[e], axis->edges[e + 1]);
        print_line(p, label, e * n, n);
    }
    print_line(p, "all", 0, release->n_bin);
}

static void print_nuisances(const prediction *p, const sevens_likelihood *l)
{
    for (size_t k = 0; k < l->n_nuisance; k++) {
        const sevens_nuisance *nuisance = &l->nuisance[k];
        double value = p->profile.value[k];

        if (nuisance->part != p->experiment->part)
            continue;

        double pull = sevens_cli_pull(nuisance, value);

        if (isnan(pull))
            printf("  %-20s %10.6f  free\n", nuisance->name, value);
        else
            printf("  %-20s %10.6f  pull %+.4f%s\n", nuisance->name, value, pull,
                   nuisance->fixed ? " (fixed)" : "");
    }
    for (size_t i = 0; i < l->n_shared; i++) {
        double pull = sevens_shared_pull_value(l, i, p->profile.value);

        printf("  %-20s %10.6f  pull %+.4f (shared)\n", l->shared[i].name,
               1.0 + pull * l->shared[i].sigma, pull);
    }
}

static void print_text(const sevens_problem *problem, const prediction *p)
{
    const sevens_likelihood *l = &problem->group[p->experiment->group].likelihood;

    printf("%s: %s\n", p->experiment->entry->name, sevens_model_title(problem->model));
    for (size_t i = 0; i < sevens_model_n_parameters(problem->model); i++) {
        const sevens_parameter *parameter = sevens_model_parameter(problem->model, i);
        char unit[64];

        if (problem->config->value[i] == problem->config->value[i]) /* NaN: left unset */
            printf("  %s = %g%s\n", parameter->name, problem->config->value[i],
                   sevens_cli_unit(parameter->unit, unit, sizeof unit));
    }
    for (size_t i = 0; i < sevens_model_n_derived(problem->model); i++) {
        const sevens_derived *derived = sevens_model_derived(problem->model, i);
        char unit[64];

        printf("  %s = %g%s (derived)\n", derived->name,
               sevens_model_derive(problem->model, problem->config->value, i),
               sevens_cli_unit(derived->unit, unit, sizeof unit));
    }
    printf("\nCounts at central norms%s\n",
           p->experiment->release->n_axis > 1 ? ", summed over the other bins" : "");
    print_table(p);
    printf("\nchi2 %.6f (%zu bins), nuisances profiled:\n", chi2_of(problem, p), p->part->n_bin);
    print_nuisances(p, l);
}

/* The experiments to show: all, or the one named. */
static sevens_status choose(const sevens_config *config, const char *name, size_t *first, size_t *n,
                            sevens_error *err)
{
    const char *names[SEVENS_MAX_EXPERIMENTS];
    char suggestion[SEVENS_SUGGESTION];

    *first = 0;
    *n = config->n_experiment;
    if (name == NULL)
        return SEVENS_OK;
    *n = 1;
    for (; *first < config->n_experiment; ++*first) {
        names[*first] = config->experiment[*first].name;
        if (strcmp(names[*first], name) == 0)
            return SEVENS_OK;
    }
    return sevens_fail(err, SEVENS_ERR_INPUT, "--experiment: the scan file has no '%s'; %s", name,
                       sevens_suggest(suggestion, name, names, config->n_experiment));
}

sevens_status sevens_cmd_rate(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const char *experiment = NULL;
    sevens_config *config = NULL;
    sevens_problem *problem = NULL;
    sevens_workspace *work = NULL;
    prediction shown[SEVENS_MAX_EXPERIMENTS] = {0};
    size_t first = 0, n = 0;

    SEVENS_TRY(sevens_cli_parse(cli, &usage, argc, argv, (void *)&experiment, err));
    SEVENS_TRY(sevens_cli_config(cli, false, &config, err));
    SEVENS_TRY(sevens_cli_need_point(config, err));
    SEVENS_TRY(choose(config, experiment, &first, &n, err));
    SEVENS_TRY(sevens_cli_problem(cli, config, &problem, err));
    SEVENS_TRY(sevens_workspace_create(&work, problem, problem->model, err));
    for (size_t i = 0; i < n; i++)
        SEVENS_TRY(predict(&shown[i], problem, work, first + i, config->value, err));
    if (cli->json)
        status = print_json(problem, shown, n, err);
    else
        for (size_t i = 0; i < n; i++)
            print_text(problem, &shown[i]);
cleanup:
    for (size_t i = 0; i < n; i++) {
        free(shown[i].signal);
        free(shown[i].component);
        free(shown[i].lines);
    }
    sevens_workspace_destroy(&work);
    sevens_problem_destroy(&problem);
    sevens_config_free(&config);
    return status;
}
