/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the check programs share: the data, rows of the printed table, roots and minima. */
#ifndef CHECK_SUPPORT_H
#define CHECK_SUPPORT_H

#include "reference.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_min.h>
#include <gsl/gsl_roots.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N_BIN = REF_CSI2021_N_BIN, N_NORM = 4 };

typedef struct setting {
    const ref_csi2021 *detector;
    const ref_csi2021_es *es; /* NULL: recoils of nuclei only */
    ref_csi2021_data data;
    double sigma[N_NORM];
    double chi2_sm;
    int failed;
} setting;

static inline void head(void)
{
    printf("%-52s %18s %16s %10s %12s\n", "quantity", "ours", "table", "difference", "tolerance");
}

static inline void row(setting *set, const char *name, double ours, double spec, double tolerance,
                       int relative)
{
    double difference = relative ? ours / spec - 1 : ours - spec;
    int ok = fabs(difference) <= tolerance;
    set->failed += !ok;
    printf("%-52s %18.10g %16.9g %10.1e %8.0e%s %s\n", name, ours, spec, difference, tolerance,
           relative ? " rel" : "    ", ok ? "pass" : "FAIL");
}

static inline double sum_of(const double *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

/* chi2 of a prediction, profiled over the norms (written to s). */
static inline double profile(const setting *set, const double *signal, double s[N_NORM])
{
    double templates[N_NORM * N_BIN];
    memcpy(templates, signal, N_BIN * sizeof *signal);
    memcpy(templates + N_BIN, set->data.background, sizeof set->data.background);
    return ref_profile(N_BIN, N_NORM, templates, set->sigma, set->data.observed, s);
}

static inline double chi2_of(const setting *set, const ref_model *model, const ref_nucleus *cs,
                             const ref_nucleus *iodine)
{
    double counts[N_BIN], electrons[N_BIN], s[N_NORM];
    ref_csi2021_counts(set->detector, model, cs, iodine, counts);
    if (set->es) {
        ref_csi2021_es_counts(set->es, model, NULL, NULL, electrons);
        for (int b = 0; b < N_BIN; b++)
            counts[b] += electrons[b];
    }
    return profile(set, counts, s);
}

static inline double root_between(gsl_function *f, double lo, double hi)
{
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    double x = GSL_NAN;
    if (solver && gsl_root_fsolver_set(solver, f, lo, hi) == GSL_SUCCESS)
        for (int i = 0; i < 100; i++) {
            gsl_root_fsolver_iterate(solver);
            x = gsl_root_fsolver_root(solver);
            if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver),
                                       gsl_root_fsolver_x_upper(solver), 0, 1e-10) == GSL_SUCCESS)
                break;
        }
    if (solver)
        gsl_root_fsolver_free(solver);
    return x;
}

/* *x is where the search starts, then where the minimum is; NaN if there is none in between. */
static inline double minimum_between(gsl_function *f, double lo, double hi, double *x)
{
    double start = *x, value = GSL_NAN;
    gsl_min_fminimizer *solver = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    *x = GSL_NAN;
    if (solver && gsl_min_fminimizer_set(solver, f, start, lo, hi) == GSL_SUCCESS)
        for (int i = 0; i < 100; i++) {
            gsl_min_fminimizer_iterate(solver);
            *x = gsl_min_fminimizer_x_minimum(solver);
            value = gsl_min_fminimizer_f_minimum(solver);
            if (gsl_min_test_interval(gsl_min_fminimizer_x_lower(solver),
                                      gsl_min_fminimizer_x_upper(solver), 0, 1e-7) == GSL_SUCCESS)
                break;
        }
    if (solver)
        gsl_min_fminimizer_free(solver);
    return value;
}

/* Reads the data and makes the detectors; 0, or -1 with a message. */
static inline int open_setting(setting *set, int argc, char **argv, int with_es)
{
    gsl_set_error_handler_off();
    *set = (setting){.sigma = {0.12, 0.25, 0.35, 0.021}};
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER   (of the original COHERENT CsI 2021 files)\n", argv[0]);
        return -1;
    }
    if (ref_csi2021_load(&set->data, argv[1])) {
        fprintf(stderr, "%s: cannot read the COHERENT CsI 2021 files in it\n", argv[1]);
        return -1;
    }
    set->detector = ref_csi2021_create(ref_csi2021_pe_edges, REF_CSI2021_N_PE);
    if (with_es)
        set->es = ref_csi2021_es_create(ref_csi2021_pe_edges, REF_CSI2021_N_PE);
    return set->detector && (set->es || !with_es) ? 0 : -1;
}

/* Exit status. */
static inline int close_setting(setting *set)
{
    ref_csi2021_destroy((ref_csi2021 *)set->detector);
    ref_csi2021_es_destroy((ref_csi2021_es *)set->es);
    printf("%d rows fail\n", set->failed);
    return set->failed != 0;
}

#endif
