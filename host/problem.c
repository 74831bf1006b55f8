/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes a problem: experiments, the groups of those that share nuisances, their likelihoods and the
 * Standard Model fit. Nuisances of the scan file are applied in problem_nuisances.c, single points
 * computed in problem_points.c. */
#include "sevens/problem.h"
#include "problem_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

sevens_status sevens_problem_locate(const sevens_config *config, const sevens_node *node,
                                    sevens_status status, sevens_error *err)
{
    if (status != SEVENS_ERR_INPUT || err == NULL || node == NULL)
        return status;
    sevens_document_fault(config->document, node, "%s", err->message);
    return sevens_document_finish(config->document, err);
}

/* ---- experiments ---- */

/* Where the name of an experiment stands in the scan file. */
static const sevens_node *name_node(const sevens_config *config, size_t experiment)
{
    const sevens_node *list =
        sevens_node_get(sevens_document_root(config->document), "experiments");

    return list && experiment < list->n ? sevens_node_get(list->item[experiment], "name") : NULL;
}

static sevens_status load_release(sevens_problem *problem, sevens_experiment *ex,
                                  const sevens_node *node, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_experiment_entry *entry = ex->entry;
    char *found = NULL;
    const char *folder = entry->folder;

    if (!folder) {
        SEVENS_TRY(sevens_problem_locate(problem->config, node,
                                         sevens_release_find(&found, entry->name, err), err));
        folder = found;
    }
    SEVENS_TRY(sevens_release_load(&ex->release, folder, entry->option, entry->n_option,
                                   entry->patch, err));
    if (strcmp(ex->release->name, entry->name) != 0)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s/release.yaml: the release is named '%s', but the scan asks for "
                               "'%s'",
                               folder, ex->release->name, entry->name));
cleanup:
    free(found);
    return status;
}

static sevens_status load_experiment(sevens_problem *problem, const sevens_experiment_entry *entry,
                                     sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_node *node = name_node(problem->config, problem->n_experiment);
    sevens_experiment *ex = &problem->experiment[problem->n_experiment++];
    sevens_mesh_options options = {.signal_scale = entry->norm_scale, .es = entry->es};

    ex->entry = entry;
    SEVENS_TRY(load_release(problem, ex, node, err));
    sevens_problem_activate_shapes(problem, ex);
    options.shape_active = ex->shape_active;
    SEVENS_TRY(sevens_problem_locate(
        problem->config, node,
        sevens_mesh_create(&ex->mesh, ex->release, problem->model, &options, err), err));
    problem->n_bin += ex->release->n_bin;
cleanup:
    return status;
}

/* ---- groups ---- */

static sevens_status make_groups(sevens_problem *problem, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    for (size_t e = 0; e < problem->n_experiment; e++) {
        sevens_experiment *ex = &problem->experiment[e];
        size_t partner = sevens_problem_partner(problem, e);
        sevens_group *group;

        ex->group = partner < e ? problem->experiment[partner].group : problem->n_group++;
        group = &problem->group[ex->group];
        ex->part = group->likelihood.n_part;
        SEVENS_TRY(sevens_likelihood_add(&group->likelihood, ex->release, ex->shape_active, err));
        group->experiment[ex->part] = e;
    }
cleanup:
    return status;
}

/* ---- the Standard Model ---- */

void sevens_problem_sm_values(const sevens_problem *problem, double *value)
{
    for (size_t i = 0; i < sevens_model_n_parameters(problem->sm); i++)
        value[i] = sevens_model_parameter(problem->sm, i)->default_value;
}

/* Projections have no data: the Standard Model's expectation is taken (Asimov), with gaussian
 * errors of its square root. */
static void set_asimov(sevens_problem *problem, size_t g, const double *signal)
{
    sevens_likelihood *l = &problem->group[g].likelihood;
    double value[SEVENS_MAX_NUISANCES];

    for (size_t k = 0; k < l->n_nuisance; k++)
        value[k] = l->nuisance[k].start;
    for (size_t p = 0; p < l->n_part; p++) {
        sevens_likelihood_part *part = &l->part[p];
        const sevens_release *release =
            problem->experiment[problem->group[g].experiment[p]].release;

        if (!release->projection)
            continue;
        sevens_likelihood_expected(l, p, signal, value, part->observed);
        for (size_t b = 0; b < part->n_bin && part->sigma; b++)
            part->sigma[b] = part->observed[b] > 0.0 ? sqrt(part->observed[b]) : 1.0;
    }
}

/* Counts at the profiled Standard Model are what the row kernel takes ratios to. */
static void set_reference(sevens_likelihood *l, const double *signal, const double *value)
{
    for (size_t p = 0; p < l->n_part; p++) {
        sevens_likelihood_part *part = &l->part[p];
        double *mu = part->reference;

        sevens_likelihood_expected(l, p, signal, value, mu);
        for (size_t b = 0; b < part->n_bin; b++) {
            if (!(mu[b] > 0.0) || !isfinite(mu[b]))
                mu[b] = fmax(fabs(part->observed[b]), 1.0);
        }
    }
}

static sevens_status profile_standard_model(sevens_problem *problem, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double value[SEVENS_MODEL_MAX_PARAMETERS];
    sevens_workspace *work = NULL;
    sevens_profile profile;

    SEVENS_TRY(sevens_workspace_create(&work, problem, problem->sm, err));
    sevens_problem_sm_values(problem, value);
    for (size_t g = 0; g < problem->n_group; g++) {
        sevens_likelihood *l = &problem->group[g].likelihood;

        sevens_problem_signal(problem, work, g, value, work->signal);
        set_asimov(problem, g, work->signal);
        sevens_likelihood_profile(l, work->signal, &profile);
        if (!profile.converged)
            SEVENS_TRY(sevens_fail(
                err, SEVENS_ERR_NUMERIC, "%s: the Standard Model fit did not converge (chi2 %g)%s",
                problem->experiment[problem->group[g].experiment[0]].entry->name, profile.chi2,
                isfinite(profile.chi2) ? "" : ": some bin with counts expects none"));
        problem->chi2_sm += profile.chi2;
        set_reference(l, work->signal, profile.value);
    }
cleanup:
    sevens_workspace_destroy(&work);
    return status;
}

/* ---- the whole ---- */

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
    SEVENS_TRY(make_groups(problem, err));
    SEVENS_TRY(sevens_problem_apply_nuisances(problem, err));
    for (size_t g = 0; g < problem->n_group; g++) {
        SEVENS_TRY(sevens_likelihood_set_pulls(&problem->group[g].likelihood, err));
        problem->n_nuisance += problem->group[g].likelihood.n_nuisance;
        problem->row_size += sevens_likelihood_row_size(&problem->group[g].likelihood);
    }
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
    for (size_t g = 0; g < (*problem)->n_group; g++)
        sevens_likelihood_free(&(*problem)->group[g].likelihood);
    for (size_t e = 0; e < (*problem)->n_experiment; e++) {
        sevens_mesh_destroy(&(*problem)->experiment[e].mesh);
        sevens_release_free(&(*problem)->experiment[e].release);
    }
    sevens_model_destroy(&(*problem)->sm);
    free(*problem);
    *problem = NULL;
}
