/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens rate`: prediction, backgrounds, data, chi2 and pulls of a scan file's experiments at one
 * parameter point. Signal and backgrounds are at central norms, chi2 and norms profiled. */
#include "cli.h"
#include "cli_json.h"

#include "sevens/text.h"
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
        "profiled.",
    .min_arguments = 1,
    .max_arguments = 1,
    .shared = SEVENS_CLI_OUTPUT | SEVENS_CLI_SCAN,
    .options = options,
    .option = take_option,
};

/* What is shown of one experiment. */
typedef struct prediction {
    const sevens_experiment *experiment; /* borrowed */
    double *signal;                      /* [n_bin] owned */
    double *component;                   /* [SEVENS_N_PROCESS][n_flux][n_bin] owned: signal by
                                            process and flux class */
    sevens_profile profile;
} prediction;

static double sum(const double *value, size_t n)
{
    double total = 0.0;

    for (size_t i = 0; i < n; i++)
        total += value[i];
    return total;
}

/* Counts of every process and flux class in all bins: energy spectrum times the share of each
 * further bin. */
static void fill_components(prediction *p, sevens_templates *templates, const double *value,
                            double *energy_row)
{
    const sevens_release *release = p->experiment->release;
    sevens_model_point point = {value, SEVENS_NO_ROW};
    size_t n_energy = release->n_energy, n_share = release->n_share;

    sevens_templates_update(templates, &point);
    for (size_t i = 0; i < SEVENS_N_PROCESS; i++) {
        sevens_templates_energy_row(templates, &point, (sevens_process)i, energy_row);
        for (size_t f = 0; f < release->n_flux; f++)
            for (size_t e = 0; e < n_energy; e++)
                for (size_t s = 0; s < n_share; s++)
                    p->component[((i * release->n_flux + f) * n_energy + e) * n_share + s] =
                        energy_row[f * 3 * n_energy + e] * release->flux[f].share[s];
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

static sevens_status predict(prediction *p, const sevens_problem *problem, sevens_workspace *work,
                             size_t index, const double *value, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double *energy_row = NULL;

    p->experiment = &problem->experiment[index];

    const sevens_release *release = p->experiment->release;

    SEVENS_TRY_ALLOC(p->signal = calloc(release->n_bin, sizeof *p->signal));
    SEVENS_TRY_ALLOC(p->component = calloc(SEVENS_N_PROCESS * release->n_flux * release->n_bin,
                                           sizeof *p->component));
    SEVENS_TRY_ALLOC(energy_row =
                         calloc(release->n_flux * 3 * release->n_energy, sizeof *energy_row));
    sevens_problem_signal(problem, work, index, value, p->signal);
    fill_components(p, work->templates[index], value, energy_row);
    sevens_likelihood_profile(&p->experiment->likelihood, p->signal, &p->profile);
cleanup:
    free(energy_row);
    return status;
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

static json_t *background_json(const sevens_likelihood *likelihood)
{
    json_t *backgrounds = json_array();

    for (size_t k = 0; k + 1 < likelihood->n_norm; k++) {
        const double *bins = &likelihood->background[k * likelihood->n_bin];
        json_t *o = json_object();

        sevens_json_put(&o, "name", sevens_json_text(likelihood->name[k + 1]));
        sevens_json_put(&o, "total", sevens_json_real(sum(bins, likelihood->n_bin)));
        sevens_json_put(&o, "bins", sevens_json_reals(bins, likelihood->n_bin));
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

static json_t *prediction_json(const sevens_problem *problem, const prediction *p)
{
    const sevens_likelihood *likelihood = &p->experiment->likelihood;
    json_t *o = json_object(), *nuisances = json_array();

    sevens_json_add_nuisances(&nuisances, p->experiment, &p->profile, false);
    sevens_json_put(&o, "experiment", sevens_json_text(p->experiment->entry->name));
    sevens_json_put(&o, "parameters", parameters_json(problem->model, problem->config->value));
    sevens_json_put(&o, "bin_axes", bin_axes_json(p->experiment->release));
    sevens_json_put(&o, "signal", signal_json(p));
    sevens_json_put(&o, "background", background_json(likelihood));
    sevens_json_put(&o, "observed", sevens_json_reals(likelihood->observed, likelihood->n_bin));
    sevens_json_put(&o, "chi2", sevens_json_real(p->profile.chi2));
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
        chi2 += p[i].profile.chi2;
    }
    sevens_json_put(&o, "experiments", experiments);
    sevens_json_put(&o, "chi2", sevens_json_real(chi2));
    return sevens_json_print(o, err);
}

/* One line of the table: the sums over bins first .. first + n - 1 of every column. */
static void print_line(const prediction *p, const char *label, size_t first, size_t n)
{
    const sevens_likelihood *likelihood = &p->experiment->likelihood;
    size_t n_bin = likelihood->n_bin, n_flux = p->experiment->release->n_flux;
    double total = sum(&p->signal[first], n), es = 0.0;

    printf("%-20s", label);
    for (size_t f = 0; f < n_flux; f++) {
        printf(" %10.3f", sum(component(p, SEVENS_CEVNS, f) + first, n));
        es += sum(component(p, SEVENS_ES, f) + first, n);
    }
    if (has_process(p, SEVENS_ES))
        printf(" %10.3g", es);
    printf(" %10.3f", total);
    for (size_t k = 0; k + 1 < likelihood->n_norm; k++) {
        double counts = sum(&likelihood->background[k * n_bin + first], n);

        printf(" %10.3f", counts);
        total += counts;
    }
    printf(" %10.3f %10.3f\n", total, sum(&likelihood->observed[first], n));
}

static void print_table(const prediction *p)
{
    const sevens_release *release = p->experiment->release;
    const sevens_likelihood *likelihood = &p->experiment->likelihood;
    const sevens_bin_axis *energy = &release->axis[0];
    char label[64];

    snprintf(label, sizeof label, "%s [%s]", energy->name, energy->unit);
    printf("%-20s", label);
    for (size_t f = 0; f < release->n_flux; f++)
        printf(" %10.10s", sevens_flavour_name(release->flux[f].flavour));
    if (has_process(p, SEVENS_ES))
        printf(" %10s", "es");
    printf(" %10s", "signal");
    for (size_t k = 1; k < likelihood->n_norm; k++)
        printf(" %10.10s", likelihood->name[k]);
    printf(" %10s %10s\n", "expected", "observed");
    for (size_t e = 0; e < release->n_energy; e++) {
        snprintf(label, sizeof label, "%g .. %g", energy->edges[e], energy->edges[e + 1]);
        print_line(p, label, e * release->n_share, release->n_share);
    }
    print_line(p, "all", 0, release->n_bin);
}

static void print_text(const sevens_problem *problem, const prediction *p)
{
    const sevens_likelihood *likelihood = &p->experiment->likelihood;

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
    printf("\nchi2 %.6f (%zu bins), norms profiled:\n", p->profile.chi2, likelihood->n_bin);
    for (size_t k = 0; k < likelihood->n_norm; k++)
        printf("  %-20s %10.6f  pull %+.4f%s\n", likelihood->name[k], p->profile.norm[k],
               sevens_pull(likelihood, &p->profile, k), likelihood->fixed[k] ? " (fixed)" : "");
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
    }
    sevens_workspace_destroy(&work);
    sevens_problem_destroy(&problem);
    sevens_config_free(&config);
    return status;
}
