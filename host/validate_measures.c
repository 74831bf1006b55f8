/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `sevens validate` measures. */
#include "root.h"
#include "sevens/fit.h"
#include "validate_internal.h"
#include <math.h>
#include <stdlib.h>

static double sum(const double *value, size_t n)
{
    double total = 0.0;

    for (size_t i = 0; i < n; i++)
        total += value[i];
    return total;
}

/* Signal of the only experiment at the values of the scan file, in work->signal. */
static sevens_status predict(const sevens_problem *problem, sevens_workspace **work,
                             sevens_error *err)
{
    sevens_status status = sevens_workspace_create(work, problem, problem->model, err);

    if (status == SEVENS_OK)
        sevens_problem_signal(problem, *work, 0, problem->config->value, (*work)->signal);
    return status;
}

sevens_status sevens_measure_counts(const sevens_problem *problem, double argument, double *ours,
                                    sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_release *release = problem->experiment[0].release;
    size_t n = release->axis[0].n, rest = release->n_bin / n, k = 1;
    double *channel = calloc(3 * release->n_flux * release->n_channel, sizeof *channel);
    sevens_model_point point = {problem->config->value, SEVENS_NO_ROW};
    sevens_workspace *work = NULL;

    (void)argument;
    SEVENS_TRY_ALLOC(channel);
    SEVENS_TRY(predict(problem, &work, err));
    ours[0] = sum(work->signal, release->n_bin);
    for (size_t e = 0; e < n && k < SEVENS_MAX_EXPECTATIONS; e++)
        ours[k++] = sum(work->signal + e * rest, rest);
    sevens_templates_channel_row(work->templates[0], &point, SEVENS_N_PROCESS, channel);
    for (size_t f = 0; f < release->n_flux && k < SEVENS_MAX_EXPECTATIONS; f++, k++)
        ours[k] = sum(channel + 3 * f * release->n_channel, release->n_channel);
cleanup:
    sevens_workspace_destroy(&work);
    free(channel);
    return status;
}

sevens_status sevens_measure_counts_above(const sevens_problem *problem, double argument,
                                          double *ours, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_release *release = problem->experiment[0].release;
    size_t n = release->axis[0].n, rest = release->n_bin / n;
    sevens_workspace *work = NULL;

    SEVENS_TRY(predict(problem, &work, err));
    for (size_t e = 0; e < n && e < SEVENS_MAX_EXPECTATIONS; e++)
        ours[e] = argument * sum(work->signal + e * rest, release->n_bin - e * rest);
cleanup:
    sevens_workspace_destroy(&work);
    return status;
}

sevens_status sevens_measure_budget(const sevens_problem *problem, double argument, double *ours,
                                    sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_release *release = problem->experiment[0].release;
    size_t n = release->axis[0].n, rest = release->n_bin / n;
    sevens_workspace *work = NULL;

    (void)argument;
    SEVENS_TRY(predict(problem, &work, err));
    for (size_t e = 0; e < n && 2 * e + 1 < SEVENS_MAX_EXPECTATIONS; e++) {
        ours[2 * e] = 0.0;
        for (size_t k = 0; k < release->n_background; k++)
            ours[2 * e] += sum(release->background[k].counts + e * rest, rest);
        ours[2 * e + 1] = sum(work->signal + e * rest, rest);
    }
cleanup:
    sevens_workspace_destroy(&work);
    return status;
}

sevens_status sevens_measure_point(const sevens_problem *problem, double argument, double *ours,
                                   sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const double *value = problem->config->value;
    sevens_workspace *work = NULL;

    (void)argument;
    SEVENS_TRY(sevens_workspace_create(&work, problem, problem->model, err));
    sevens_problem_signal(problem, work, 0, value, work->signal);
    ours[0] = sum(work->signal, problem->n_bin);
    ours[1] = sevens_problem_chi2(problem, work, value, NULL);
cleanup:
    sevens_workspace_destroy(&work);
    return status;
}

sevens_status sevens_measure_electrons(const sevens_problem *problem, double argument, double *ours,
                                       sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_release *release = problem->experiment[0].release;
    size_t n = release->n_channel;
    double *channel = calloc(3 * release->n_flux * n, sizeof *channel);
    double *bin = calloc(release->n_bin, sizeof *bin);
    sevens_model_point point = {problem->config->value, SEVENS_NO_ROW};
    sevens_workspace *work = NULL;

    (void)argument;
    SEVENS_TRY_ALLOC(channel);
    SEVENS_TRY_ALLOC(bin);
    SEVENS_TRY(predict(problem, &work, err));
    sevens_templates_channel_row(work->templates[0], &point, SEVENS_ES, channel);
    for (size_t f = 0; f < release->n_flux; f++)
        sevens_release_spread(release, release->flux[f].weight, channel + 3 * f * n, bin);
    ours[0] = sum(bin, release->n_bin);
cleanup:
    sevens_workspace_destroy(&work);
    free(channel);
    free(bin);
    return status;
}

sevens_status sevens_measure_chi2(const sevens_problem *problem, double argument, double *ours,
                                  sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_likelihood *l = &problem->group[0].likelihood;
    double *nothing = calloc(sevens_likelihood_signal_size(l), sizeof *nothing);
    sevens_profile profile;

    (void)argument;
    SEVENS_TRY_ALLOC(nothing);
    sevens_likelihood_profile(l, nothing, &profile);
    ours[0] = problem->chi2_sm;
    ours[1] = profile.chi2;
cleanup:
    free(nothing);
    return status;
}

/* chi2 with the norm of the signal fixed, less a threshold. */
typedef struct norm_curve {
    sevens_likelihood *likelihood; /* a copy; its arrays are borrowed */
    const double *signal;
    double threshold;
} norm_curve;

static double norm_chi2(double norm, void *context)
{
    norm_curve *curve = context;
    sevens_profile profile;

    curve->likelihood->nuisance[0].start = norm;
    sevens_likelihood_profile(curve->likelihood, curve->signal, &profile);
    return profile.chi2 - curve->threshold;
}

sevens_status sevens_measure_normalisation(const sevens_problem *problem, double argument,
                                           double *ours, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_workspace *work = NULL;
    norm_curve curve = {.likelihood = malloc(sizeof *curve.likelihood)};
    sevens_profile profile;
    double events, best;

    SEVENS_TRY_ALLOC(curve.likelihood);
    *curve.likelihood = problem->group[0].likelihood;
    SEVENS_TRY(predict(problem, &work, err));
    events = sum(work->signal, problem->n_bin);
    sevens_likelihood_profile(curve.likelihood, work->signal, &profile);
    best = profile.value[0];
    curve.signal = work->signal;
    curve.likelihood->nuisance[0].fixed = true;
    curve.threshold = profile.chi2 + argument;
    ours[0] = best * events;
    ours[1] = sevens_root(norm_chi2, &curve, 0.5 * best, best, 0.0, 1e-12) * events;
    ours[2] = sevens_root(norm_chi2, &curve, best, 2.0 * best, 0.0, 1e-12) * events;
    ours[3] = profile.chi2;
cleanup:
    sevens_workspace_destroy(&work);
    free(curve.likelihood);
    return status;
}

sevens_status sevens_measure_backgrounds(const sevens_problem *problem, double argument,
                                         double *ours, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_release *release = problem->experiment[0].release;
    sevens_likelihood *l = malloc(sizeof *l);
    sevens_workspace *work = NULL;
    sevens_profile profile, without;
    size_t n = release->n_background;

    (void)argument;
    SEVENS_TRY_ALLOC(l);
    *l = problem->group[0].likelihood; /* its arrays are borrowed */
    SEVENS_TRY(predict(problem, &work, err));
    sevens_likelihood_profile(l, work->signal, &profile);
    for (size_t k = 0; k < n; k++)
        ours[k] = profile.value[1 + k] * sum(release->background[k].counts, release->n_bin);
    l->nuisance[1].fixed = true;
    l->nuisance[1].start = 0.0;
    sevens_likelihood_profile(l, work->signal, &without);
    ours[n] = profile.chi2;
    ours[n + 1] = without.chi2 - profile.chi2;
cleanup:
    sevens_workspace_destroy(&work);
    free(l);
    return status;
}

/* Bounds of all allowed intervals of the first axis, in order; ends of the axis are none. */
static sevens_status bounds(const sevens_problem *problem, double delta, bool against_sm,
                            double *ours, sevens_error *err)
{
    sevens_intervals found;
    sevens_status status = sevens_fit_intervals(problem, 0, delta, against_sm, &found, err);
    size_t k = 0;

    if (status != SEVENS_OK)
        return status;
    for (size_t i = 0; i < found.n && k + 2 <= SEVENS_MAX_EXPECTATIONS; i++) {
        if (!found.interval[i].lo_open)
            ours[k++] = found.interval[i].lo;
        if (!found.interval[i].hi_open)
            ours[k++] = found.interval[i].hi;
    }
    sevens_intervals_free(&found);
    return SEVENS_OK;
}

sevens_status sevens_measure_crossings(const sevens_problem *problem, double argument, double *ours,
                                       sevens_error *err)
{
    return bounds(problem, argument, true, ours, err);
}

sevens_status sevens_measure_limits(const sevens_problem *problem, double argument, double *ours,
                                    sevens_error *err)
{
    return bounds(problem, argument, false, ours, err);
}

sevens_status sevens_measure_interval(const sevens_problem *problem, double argument, double *ours,
                                      sevens_error *err)
{
    sevens_intervals found;
    sevens_status status = sevens_fit_intervals(problem, 0, argument, false, &found, err);

    if (status != SEVENS_OK)
        return status;
    ours[0] = found.best;
    ours[1] = found.n == 1 ? found.interval[0].lo : NAN;
    ours[2] = found.n == 1 ? found.interval[0].hi : NAN;
    sevens_intervals_free(&found);
    return SEVENS_OK;
}

sevens_status sevens_measure_minimum(const sevens_problem *problem, double argument, double *ours,
                                     sevens_error *err)
{
    sevens_fit_result fit;
    sevens_status status = sevens_fit_minimise(problem, &fit, err);

    (void)argument;
    if (status != SEVENS_OK)
        return status;
    ours[0] = fit.chi2_min;
    for (size_t a = 0; a < problem->config->n_axis; a++)
        ours[1 + a] = fit.value[problem->config->axis[a].parameter];
    sevens_fit_result_free(&fit);
    return SEVENS_OK;
}
