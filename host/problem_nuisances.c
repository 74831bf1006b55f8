/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The `nuisances:` of a scan file: other widths, fixed ones, shape nuisances that are switched on,
 * and pulls that experiments share. physics.md eqs. 52 and 53. */
#include "problem_internal.h"
#include "sevens/text.h"
#include <math.h>
#include <string.h>

/* Where an entry stands in the scan file. */
static const sevens_node *entry_node(const sevens_config *config,
                                     const sevens_nuisance_entry *entry)
{
    const sevens_node *map = sevens_node_get(sevens_document_root(config->document), "nuisances");

    for (size_t i = 0; map && i < map->n; i++) {
        const char *key = map->key[i]->text, *colon = strchr(key, ':');
        size_t length = strlen(entry->experiment);

        if (colon && (size_t)(colon - key) == length && strcmp(colon + 1, entry->name) == 0 &&
            strncmp(key, entry->experiment, length) == 0)
            return map->key[i];
    }
    return NULL;
}

static sevens_status fault(const sevens_problem *problem, const sevens_nuisance_entry *entry,
                           sevens_status status, sevens_error *err)
{
    return sevens_problem_locate(problem->config, entry_node(problem->config, entry), status, err);
}

/* The shape of a release with that name, or n_shape. */
static size_t find_shape(const sevens_release *release, const char *name)
{
    size_t i = 0;

    while (i < release->n_shape && strcmp(release->shape[i].name, name) != 0)
        i++;
    return i;
}

void sevens_problem_activate_shapes(const sevens_problem *problem, sevens_experiment *ex)
{
    const sevens_config *config = problem->config;

    for (size_t i = 0; i < config->n_nuisance; i++) {
        const sevens_nuisance_entry *entry = &config->nuisance[i];
        size_t shape = find_shape(ex->release, entry->name);

        if (strcmp(entry->experiment, ex->entry->name) == 0 && shape < ex->release->n_shape)
            ex->shape_active[shape] = !entry->fixed;
    }
}

/* ---- sharing ---- */

/* What the signal of an experiment shares, or NULL. */
static const char *shared_name(const sevens_problem *problem, size_t e)
{
    const sevens_config *config = problem->config;

    for (size_t i = 0; i < config->n_nuisance; i++) {
        if (config->nuisance[i].shared &&
            strcmp(config->nuisance[i].experiment, config->experiment[e].name) == 0)
            return config->nuisance[i].shared;
    }
    return NULL;
}

size_t sevens_problem_partner(const sevens_problem *problem, size_t e)
{
    const char *name = shared_name(problem, e);

    for (size_t other = 0; name && other < e; other++) {
        const char *its = shared_name(problem, other);

        if (its && strcmp(its, name) == 0)
            return other;
    }
    return e;
}

/* The width of a shared pull as a release gives it. */
static sevens_status shared_sigma(const sevens_problem *problem, const sevens_experiment *ex,
                                  const sevens_nuisance_entry *entry, double *sigma,
                                  sevens_error *err)
{
    const sevens_release *r = ex->release;
    const char *names[SEVENS_RELEASE_MAX_SHARED];
    char suggestion[SEVENS_SUGGESTION];

    for (size_t i = 0; i < r->n_shared; i++) {
        names[i] = r->shared[i].name;
        if (strcmp(names[i], entry->shared) != 0)
            continue;
        *sigma = r->shared[i].sigma;
        return SEVENS_OK;
    }
    if (r->n_shared == 0)
        return fault(problem, entry,
                     sevens_fail(err, SEVENS_ERR_INPUT,
                                 "nuisances: %s has no part of its signal norm to share",
                                 entry->experiment),
                     err);
    return fault(problem, entry,
                 sevens_fail(err, SEVENS_ERR_INPUT, "nuisances: %s shares no '%s'; %s",
                             entry->experiment, entry->shared,
                             sevens_suggest(suggestion, entry->shared, names, r->n_shared)),
                 err);
}

static sevens_status share(sevens_problem *problem, const sevens_experiment *ex,
                           const sevens_nuisance_entry *entry, size_t nuisance, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_likelihood *l = &problem->group[ex->group].likelihood;
    sevens_shared_nuisance *shared = &l->shared[0];
    double sigma;

    if (strcmp(entry->name, "signal") != 0)
        return fault(problem, entry,
                     sevens_fail(err, SEVENS_ERR_INPUT,
                                 "nuisances: only the norm 'signal' can be shared, not '%s'",
                                 entry->name),
                     err);
    SEVENS_TRY(shared_sigma(problem, ex, entry, &sigma, err));
    if (l->n_shared > 0 && shared->sigma != sigma)
        return fault(
            problem, entry,
            sevens_fail(err, SEVENS_ERR_INPUT, "nuisances: %s gives %s the width %g, but %s %g",
                        entry->experiment, entry->shared, sigma,
                        problem->experiment[problem->group[ex->group].experiment[0]].entry->name,
                        shared->sigma),
            err);
    if (l->n_shared == 0) {
        shared->name = sevens_strdup(entry->shared);
        SEVENS_TRY_ALLOC(shared->name);
        shared->sigma = sigma;
        l->n_shared = 1;
    }
    shared->nuisance[shared->n++] = nuisance;
cleanup:
    return status;
}

/* ---- entries ---- */

static sevens_status unknown(const sevens_problem *problem, const sevens_experiment *ex,
                             const sevens_nuisance_entry *entry, sevens_error *err)
{
    const sevens_likelihood *l = &problem->group[ex->group].likelihood;
    const char *names[SEVENS_MAX_NUISANCES + SEVENS_RELEASE_MAX_SHAPES];
    char suggestion[SEVENS_SUGGESTION];
    size_t n = 0;

    for (size_t k = 0; k < l->n_nuisance; k++) {
        if (l->nuisance[k].part == ex->part)
            names[n++] = l->nuisance[k].name;
    }
    for (size_t i = 0; i < ex->release->n_shape; i++)
        names[n++] = ex->release->shape[i].name;
    return fault(problem, entry,
                 sevens_fail(err, SEVENS_ERR_INPUT, "nuisances: %s has no nuisance '%s'; %s",
                             entry->experiment, entry->name,
                             sevens_suggest(suggestion, entry->name, names, n)),
                 err);
}

/* A width frees a norm that is fixed by default. */
static void change(sevens_nuisance *nuisance, const sevens_nuisance_entry *entry)
{
    if (entry->has_sigma) {
        nuisance->sigma = entry->sigma;
        nuisance->fixed = false;
    }
    if (entry->has_fixed)
        nuisance->fixed = entry->fixed;
}

static sevens_status apply(sevens_problem *problem, const sevens_nuisance_entry *entry,
                           sevens_error *err)
{
    const sevens_experiment *ex = problem->experiment;
    sevens_likelihood *l;

    while (strcmp(ex->entry->name, entry->experiment) != 0) /* checked by the config */
        ex++;
    l = &problem->group[ex->group].likelihood;
    for (size_t k = 0; k < l->n_nuisance; k++) {
        sevens_nuisance *nuisance = &l->nuisance[k];

        if (nuisance->part != ex->part || strcmp(nuisance->name, entry->name) != 0)
            continue;
        change(nuisance, entry);
        return entry->shared ? share(problem, ex, entry, k, err) : SEVENS_OK;
    }
    if (find_shape(ex->release, entry->name) < ex->release->n_shape) /* known, and fixed */
        return SEVENS_OK;
    return unknown(problem, ex, entry, err);
}

sevens_status sevens_problem_apply_nuisances(sevens_problem *problem, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    for (size_t i = 0; i < problem->config->n_nuisance; i++)
        SEVENS_TRY(apply(problem, &problem->config->nuisance[i], err));
cleanup:
    return status;
}
