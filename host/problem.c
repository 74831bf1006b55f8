/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sevens/problem.h"
#include "sevens/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Says where in the scan file a fault that was found later lies. */
static sevens_status locate(const sevens_config *config, const sevens_node *node,
                            sevens_status status, sevens_error *err)
{
    if (status != SEVENS_ERR_INPUT || err == NULL || node == NULL)
        return status;
    sevens_document_fault(config->document, node, "%s", err->message);
    return sevens_document_finish(config->document, err);
}

/* ---- nuisances of the scan file ---- */

/* Where an entry stands in the scan file. */
static const sevens_node *nuisance_node(const sevens_config *config,
                                        const sevens_nuisance_entry *entry)
{
    const sevens_node *map = sevens_node_get(sevens_document_root(config->document), "nuisances");

    for (size_t i = 0; map && i < map->n; i++) {
        const char *colon = strchr(map->key[i]->text, ':');

        if (colon && strcmp(colon + 1, entry->name) == 0 &&
            strncmp(map->key[i]->text, entry->experiment, strlen(entry->experiment)) == 0)
            return map->key[i];
    }
    return NULL;
}

static sevens_status apply_nuisance(sevens_problem *problem, const sevens_nuisance_entry *entry,
                                    sevens_error *err)
{
    for (size_t e = 0; e < problem->n_experiment; e++) {
        sevens_experiment *ex = &problem->experiment[e];

        if (strcmp(ex->entry->name, entry->experiment) != 0)
            continue;
        for (size_t k = 0; k < ex->likelihood.n_norm; k++) {
            if (strcmp(ex->likelihood.name[k], entry->name) != 0)
                continue;
            if (entry->has_sigma)
                ex->likelihood.sigma[k] = entry->sigma;
            ex->likelihood.fixed[k] = entry->fixed;
            return SEVENS_OK;
        }
        const char *names[SEVENS_MAX_NORMS];
        char suggestion[SEVENS_SUGGESTION];

        for (size_t k = 0; k < ex->likelihood.n_norm; k++)
            names[k] = ex->likelihood.name[k];
        return locate(
            problem->config, nuisance_node(problem->config, entry),
            sevens_fail(err, SEVENS_ERR_INPUT, "nuisances: %s has no nuisance '%s'; %s",
                        entry->experiment, entry->name,
                        sevens_suggest(suggestion, entry->name, names, ex->likelihood.n_norm)),
            err);
    }
    return sevens_fail(err, SEVENS_ERR_INPUT, "nuisances: no experiment '%s' in this scan",
                       entry->experiment);
}

/* ---- making a problem ---- */

/* Where the name of an experiment stands in the scan file. */
static const sevens_node *name_node(const sevens_config *config, size_t experiment)
{
    const sevens_node *list =
        sevens_node_get(sevens_document_root(config->document), "experiments");

    return list && experiment < list->n ? sevens_node_get(list->item[experiment], "name") : NULL;
}

static sevens_status load_experiment(sevens_problem *problem, const sevens_experiment_entry *entry,
                                     sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_node *node = name_node(problem->config, problem->n_experiment);
    sevens_experiment *ex = &problem->experiment[problem->n_experiment++];
    sevens_mesh_options options = {.signal_scale = entry->norm_scale, .es = entry->es};
    char *folder = NULL;

    ex->entry = entry;
    SEVENS_TRY(locate(problem->config, node, sevens_release_find(&folder, entry->name, err), err));
    SEVENS_TRY(sevens_release_load(&ex->release, folder, err));
    if (strcmp(ex->release->name, entry->name) != 0)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s/release.yaml: the release is named '%s'; its folder must be "
                               "named so too",
                               folder, ex->release->name));
    SEVENS_TRY(locate(problem->config, node,
                      sevens_mesh_create(&ex->mesh, ex->release, problem->model, &options, err),
                      err));
    SEVENS_TRY(sevens_likelihood_init(&ex->likelihood, ex->release, err));
    problem->n_bin += ex->likelihood.n_bin;
cleanup:
    free(folder);
    return status;
}

/* The axis along which rows run: the longest one that can, profiled or not. */
static size_t choose_row_axis(const sevens_config *config)
{
    size_t best = SEVENS_NO_ROW;

    for (size_t a = 0; a < config->n_axis; a++) {
        const sevens_axis *axis = &config->axis[a];

        if (!sevens_model_can_run(config->model, axis->parameter))
            continue;
        if (best == SEVENS_NO_ROW || axis->n > config->axis[best].n)
            best = a;
    }
    return best;
}

/* Counts at the profiled Standard Model are what backends take ratios to. */
static void set_reference(sevens_likelihood *l, const double *signal, const double *norm)
{
    for (size_t b = 0; b < l->n_bin; b++) {
        double mu = norm[0] * signal[b];

        for (size_t k = 1; k < l->n_norm; k++)
            mu += norm[k] * l->background[(k - 1) * l->n_bin + b];
        if (mu > 0.0 && isfinite(mu))
            l->reference[b] = mu;
    }
}

void sevens_problem_sm_values(const sevens_problem *problem, double *value)
{
    for (size_t i = 0; i < sevens_model_n_parameters(problem->sm); i++)
        value[i] = sevens_model_parameter(problem->sm, i)->default_value;
}

static sevens_status profile_standard_model(sevens_problem *problem, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double value[SEVENS_MODEL_MAX_PARAMETERS];
    sevens_workspace *work = NULL;
    sevens_profile profile;

    SEVENS_TRY(sevens_workspace_create(&work, problem, problem->sm, err));
    sevens_problem_sm_values(problem, value);
    for (size_t e = 0; e < problem->n_experiment; e++) {
        sevens_experiment *ex = &problem->experiment[e];

        sevens_problem_signal(problem, work, e, value, work->signal);
        sevens_likelihood_profile(&ex->likelihood, work->signal, &profile);
        if (!profile.converged)
            SEVENS_TRY(
                sevens_fail(err, SEVENS_ERR_NUMERIC,
                            "%s: the Standard Model fit did not converge (chi2 %g): some bin "
                            "with counts expects none",
                            ex->entry->name, profile.chi2));
        problem->chi2_sm += profile.chi2;
        set_reference(&ex->likelihood, work->signal, profile.norm);
    }
cleanup:
    sevens_workspace_destroy(&work);
    return status;
}

sevens_status sevens_problem_create(sevens_problem **out, const sevens_config *config,
                                    sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_problem *problem = calloc(1, sizeof *problem);

    *out = NULL;
    SEVENS_TRY_ALLOC(problem);
    problem->config = config;
    problem->model = config->model;
    problem->row_axis = choose_row_axis(config);
    SEVENS_TRY(sevens_model_create_sm(&problem->sm, config->model, err));
    for (size_t e = 0; e < config->n_experiment; e++)
        SEVENS_TRY(load_experiment(problem, &config->experiment[e], err));
    for (size_t i = 0; i < config->n_nuisance; i++)
        SEVENS_TRY(apply_nuisance(problem, &config->nuisance[i], err));
    SEVENS_TRY(profile_standard_model(problem, err));
    *out = problem;
    problem = NULL;
cleanup:
    sevens_problem_destroy(&problem);
    return status;
}

void sevens_problem_destroy(sevens_problem **problem)
{
    if (!*problem)
        return;
    for (size_t e = 0; e < (*problem)->n_experiment; e++) {
        sevens_experiment *ex = &(*problem)->experiment[e];

        sevens_likelihood_free(&ex->likelihood);
        sevens_mesh_destroy(&ex->mesh);
        sevens_release_free(&ex->release);
    }
    sevens_model_destroy(&(*problem)->sm);
    free(*problem);
    *problem = NULL;
}

/* ---- single points ---- */

sevens_status sevens_workspace_create(sevens_workspace **out, const sevens_problem *problem,
                                      const sevens_model *model, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_workspace *work = calloc(1, sizeof *work);
    size_t most = 1;

    *out = NULL;
    SEVENS_TRY_ALLOC(work);
    for (size_t e = 0; e < problem->n_experiment; e++) {
        const sevens_experiment *ex = &problem->experiment[e];

        work->n_experiment++;
        SEVENS_TRY(sevens_templates_create(&work->templates[e], ex->mesh, model, err));
        most = ex->likelihood.n_bin > most ? ex->likelihood.n_bin : most;
    }
    work->signal = malloc(most * sizeof *work->signal);
    work->abc = malloc(3 * most * sizeof *work->abc);
    SEVENS_TRY_ALLOC(work->signal);
    SEVENS_TRY_ALLOC(work->abc);
    *out = work;
    work = NULL;
cleanup:
    sevens_workspace_destroy(&work);
    return status;
}

void sevens_workspace_destroy(sevens_workspace **work)
{
    if (!*work)
        return;
    for (size_t e = 0; e < (*work)->n_experiment; e++)
        sevens_templates_destroy(&(*work)->templates[e]);
    free((*work)->signal);
    free((*work)->abc);
    free(*work);
    *work = NULL;
}

void sevens_problem_signal(const sevens_problem *problem, sevens_workspace *work, size_t experiment,
                           const double *value, double *signal)
{
    sevens_model_point point = {value, SEVENS_NO_ROW};
    size_t n = problem->experiment[experiment].likelihood.n_bin;

    sevens_templates_update(work->templates[experiment], &point);
    sevens_templates_row(work->templates[experiment], &point, work->abc);
    for (size_t b = 0; b < n; b++)
        signal[b] = work->abc[b] < 0.0 ? 0.0 : work->abc[b]; /* rounding where the rate vanishes */
}

double sevens_problem_chi2(const sevens_problem *problem, sevens_workspace *work,
                           const double *value, sevens_profile *profile)
{
    double chi2 = sevens_model_contradiction(problem->model, value) ? INFINITY : 0.0;
    sevens_profile own;

    for (size_t e = 0; e < problem->n_experiment; e++) {
        sevens_profile *p = profile ? &profile[e] : &own;

        sevens_problem_signal(problem, work, e, value, work->signal);
        sevens_likelihood_profile(&problem->experiment[e].likelihood, work->signal, p);
        chi2 += p->chi2;
    }
    return chi2;
}
