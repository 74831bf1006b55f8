/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single points of a problem: rows and signals of its groups, chi2 by the reference likelihood. */
#include "sevens/problem.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const sevens_nuisance *sevens_problem_nuisance(const sevens_problem *problem, size_t i, char *text,
                                               size_t size)
{
    for (size_t g = 0; g < problem->n_group; g++) {
        const sevens_group *group = &problem->group[g];
        const sevens_nuisance *nuisance;

        if (i >= group->likelihood.n_nuisance) {
            i -= group->likelihood.n_nuisance;
            continue;
        }
        nuisance = &group->likelihood.nuisance[i];
        if (text)
            snprintf(text, size, "%s:%s",
                     problem->experiment[group->experiment[nuisance->part]].entry->name,
                     nuisance->name);
        return nuisance;
    }
    return NULL;
}

sevens_status sevens_workspace_create(sevens_workspace **out, const sevens_problem *problem,
                                      const sevens_model *model, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_workspace *work = calloc(1, sizeof *work);
    size_t row = 1, signal = 1;

    *out = NULL;
    SEVENS_TRY_ALLOC(work);
    for (size_t e = 0; e < problem->n_experiment; e++) {
        work->n_experiment++;
        SEVENS_TRY(
            sevens_templates_create(&work->templates[e], problem->experiment[e].mesh, model, err));
    }
    for (size_t g = 0; g < problem->n_group; g++) {
        const sevens_likelihood *l = &problem->group[g].likelihood;
        size_t n_row = sevens_likelihood_row_size(l), n_signal = sevens_likelihood_signal_size(l);

        row = n_row > row ? n_row : row;
        signal = n_signal > signal ? n_signal : signal;
    }
    work->signal = malloc(signal * sizeof *work->signal);
    work->abc = malloc(row * sizeof *work->abc);
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

void sevens_problem_row(const sevens_problem *problem, sevens_workspace *work, size_t g,
                        const sevens_model_point *point, double *abc)
{
    const sevens_group *group = &problem->group[g];

    for (size_t p = 0; p < group->likelihood.n_part; p++) {
        sevens_templates *templates = work->templates[group->experiment[p]];

        sevens_templates_update(templates, point);
        sevens_templates_row(templates, point,
                             abc + sevens_likelihood_part_offset(&group->likelihood, p));
    }
}

/* Rounding may make a rate negative where it vanishes; changes by shapes have any sign. */
void sevens_problem_row_signal(const sevens_likelihood *l, const double *abc, double x,
                               double *signal)
{
    for (size_t p = 0; p < l->n_part; p++) {
        size_t n = l->part[p].n_bin;

        for (size_t v = 0; v < l->part[p].n_variant; v++, abc += 3 * n, signal += n) {
            for (size_t b = 0; b < n; b++) {
                double counts = abc[b] + x * (abc[n + b] + x * abc[2 * n + b]);

                signal[b] = v == 0 && counts < 0.0 ? 0.0 : counts;
            }
        }
    }
}

void sevens_problem_signal(const sevens_problem *problem, sevens_workspace *work, size_t g,
                           const double *value, double *signal)
{
    sevens_model_point point = {value, SEVENS_NO_ROW};

    sevens_problem_row(problem, work, g, &point, work->abc);
    sevens_problem_row_signal(&problem->group[g].likelihood, work->abc, 0.0, signal);
}

double sevens_problem_chi2(const sevens_problem *problem, sevens_workspace *work,
                           const double *value, sevens_profile *profile)
{
    double chi2 = sevens_model_contradiction(problem->model, value) ? INFINITY : 0.0;
    sevens_profile own;

    for (size_t g = 0; g < problem->n_group; g++) {
        sevens_profile *p = profile ? &profile[g] : &own;

        sevens_problem_signal(problem, work, g, value, work->signal);
        sevens_likelihood_profile(&problem->group[g].likelihood, work->signal, p);
        chi2 += p->chi2;
    }
    return chi2;
}
