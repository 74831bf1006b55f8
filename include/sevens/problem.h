/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scan file brought to life: model, releases, meshes and likelihoods of its experiments. Predicts
 * and profiles single points with the reference code, and makes rows for the backends. */
#ifndef SEVENS_PROBLEM_H
#define SEVENS_PROBLEM_H

#include "sevens/config.h"
#include "sevens/likelihood.h"
#include "sevens/model.h"
#include "sevens/release.h"
#include "sevens/templates.h"

typedef struct sevens_experiment {
    const sevens_experiment_entry *entry; /* borrowed from the config */
    sevens_release *release;
    sevens_mesh *mesh;
    bool shape_active[SEVENS_RELEASE_MAX_SHAPES]; /* shape nuisances that the scan switches on */
    size_t group, part;                           /* where its likelihood is */
} sevens_experiment;

/* Experiments that share a nuisance, or one alone: the parts of a likelihood. */
typedef struct sevens_group {
    sevens_likelihood likelihood;
    size_t experiment[SEVENS_MAX_PARTS]; /* of each part */
} sevens_group;

typedef struct sevens_problem {
    const sevens_config *config; /* borrowed */
    sevens_model *model;         /* borrowed from the config */
    sevens_model *sm;            /* owned: kind `sm` with the scan's options */
    size_t n_experiment;
    sevens_experiment experiment[SEVENS_MAX_EXPERIMENTS];
    size_t n_group;
    sevens_group group[SEVENS_MAX_EXPERIMENTS];
    size_t n_bin;      /* all experiments */
    size_t n_nuisance; /* all groups */
    size_t row_size;   /* doubles of a row, all groups */
    size_t row_axis;   /* index in config->axis, or SEVENS_NO_ROW */
    double chi2_sm;    /* profiled, all experiments */
} sevens_problem;

sevens_status sevens_problem_create(sevens_problem **problem, const sevens_config *config,
                                    sevens_error *err);
void sevens_problem_destroy(sevens_problem **problem);

/* Nuisance i of all groups, and its name "experiment:name" in `text`. */
const sevens_nuisance *sevens_problem_nuisance(const sevens_problem *problem, size_t i, char *text,
                                               size_t size);

/* Templates of every experiment for one thread. */
typedef struct sevens_workspace {
    size_t n_experiment;
    sevens_templates *templates[SEVENS_MAX_EXPERIMENTS];
    double *signal; /* of the largest group, see sevens_likelihood_signal_size */
    double *abc;    /* of the largest group, see sevens_likelihood_row_size */
} sevens_workspace;
sevens_status sevens_workspace_create(sevens_workspace **work, const sevens_problem *problem,
                                      const sevens_model *model, sevens_error *err);
void sevens_workspace_destroy(sevens_workspace **work);

/* The values of all parameters at the first point of every axis [n_parameters] are in
 * config->value; the Standard Model's come from here. */
void sevens_problem_sm_values(const sevens_problem *problem, double *value);

/* The row of one group through a point: abc [part][n_variant][3][n_bin]. */
void sevens_problem_row(const sevens_problem *problem, sevens_workspace *work, size_t group,
                        const sevens_model_point *point, double *abc);
/* Signals on a row at x: signal [part][n_variant][n_bin]. */
void sevens_problem_row_signal(const sevens_likelihood *likelihood, const double *abc, double x,
                               double *signal);
/* Signal of one group at a point. */
void sevens_problem_signal(const sevens_problem *problem, sevens_workspace *work, size_t group,
                           const double *value, double *signal);
/* Profiled chi2 of all experiments at a point, by the reference likelihood; profile may be NULL or
 * [n_group]. */
double sevens_problem_chi2(const sevens_problem *problem, sevens_workspace *work,
                           const double *value, sevens_profile *profile);

#endif
