/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference prediction and data of COHERENT LAr 2020, analysis A: 12 bins of 10 keVee, times 8 bins
 * of F90, times 10 bins of 0.5 us from -0.1 us. */
#include "reference_internal.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_erf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_E = REF_LAR2020_N_E, N_F90 = REF_LAR2020_N_F90, N_TIME = REF_LAR2020_N_TIME, N_EFF = 80 };
static const double bin_keV = 10;

typedef struct response_args {
    double efficiency[N_EFF]; /* at 0.25, 0.75 ... 39.75 keVee */
} response_args;

static double efficiency(const response_args *a, double x)
{
    double k = (x - 0.25) / 0.5;
    if (k < 0)
        return 0;
    if (k >= N_EFF - 1)
        return a->efficiency[N_EFF - 1];
    int i = (int)k;
    return a->efficiency[i] + (k - i) * (a->efficiency[i + 1] - a->efficiency[i]);
}

typedef struct smear_args {
    const response_args *detector;
    double ee, sigma;
} smear_args;

static double smear(double x, void *data)
{
    const smear_args *a = data;
    return efficiency(a->detector, x) * gsl_ran_gaussian_pdf(x - a->ee, a->sigma);
}

/* Between the points of the efficiency, within 12 widths. */
static void response(double t, const void *data, double *r)
{
    double keV = t * 1000, ee = keV * (0.246 + 0.00078 * keV), sigma = 0.58 * sqrt(ee);
    smear_args args = {data, ee, sigma};
    gsl_function f = {smear, &args};
    for (int b = 0; b < N_E; b++) {
        double lo = GSL_MAX_DBL(bin_keV * b, ee - 12 * sigma);
        double hi = GSL_MIN_DBL(bin_keV * (b + 1), ee + 12 * sigma);
        double points[N_EFF + 8];
        size_t n = 0;
        r[b] = 0;
        lo = GSL_MAX_DBL(lo, 0.25);
        if (hi <= lo)
            continue;
        for (int i = 0; i < N_EFF; i++)
            points[n++] = GSL_MAX_DBL(lo, GSL_MIN_DBL(hi, 0.25 + 0.5 * i));
        for (int i = -2; i <= 2; i++)
            points[n++] = GSL_MAX_DBL(lo, GSL_MIN_DBL(hi, ee + 3 * i * sigma));
        points[n++] = lo;
        points[n++] = hi;
        r[b] = ref_integrate(&f, points, n, 1e-13);
    }
}

ref_detector *ref_lar2020_create(const char *data)
{
    const double nuclei = 24400 / 39.948 * REF_AVOGADRO;
    const double fluence = 0.09 * 1.38e23 / (4 * M_PI * 2750 * 2750);
    size_t n;
    double points[64], *rows;
    response_args *args = calloc(1, sizeof *args);
    rows = ref_read_columns(data, "coherent-lar-2020/CENNS10AnlAEfficiency.txt", 3, &n);
    if (!args || !rows || n != N_EFF) {
        free(args);
        free(rows);
        return NULL;
    }
    memcpy(args->efficiency, rows + 2 * n, sizeof args->efficiency);
    free(rows);
    ref_detector *d = ref_detector_create(N_E, NULL, args);
    if (!d)
        return NULL;
    for (int f = 0; f < REF_N_FLAVOUR; f++)
        ref_detector_add_beam(d, (ref_flavour)f, fluence);
    for (n = 0; n < 64; n++) { /* even in the root of E_ee, as the width is */
        double ee = gsl_pow_2(0.04 + 0.12 * (double)n);
        points[n] = (sqrt(0.246 * 0.246 + 4 * 0.00078 * ee) - 0.246) / (2 * 0.00078) * 1e-3;
    }
    ref_nucleus argon = ref_ar40();
    if (ref_detector_add(d, &argon, NULL, nuclei, points, n, response, args)) {
        ref_detector_destroy(d);
        return NULL;
    }
    return d;
}

/* Integral up to t of a decay of life tau that starts at a Gaussian time around `mean`. */
static double decayed(double t, double tau, double mean)
{
    const double sigma = 0.150; /* [us] */
    double u = (t - mean) / sigma, z = (sigma / tau - u) / M_SQRT2;
    double growth = exp(0.5 * gsl_pow_2(sigma / tau) - u * sigma / tau + gsl_sf_log_erfc(z));
    return 0.5 * gsl_sf_erfc(-u / M_SQRT2) - 0.5 * growth;
}

static void time_shares(double mean, double prompt[N_TIME], double delayed[N_TIME])
{
    const double tau_pi = 0.026033, tau_mu = 2.1969811; /* [us] */
    for (int i = 0; i < N_TIME; i++) {
        double lo = -0.1 + 0.5 * i, hi = lo + 0.5;
        prompt[i] = decayed(hi, tau_pi, mean) - decayed(lo, tau_pi, mean);
        delayed[i] = (tau_mu * (decayed(hi, tau_mu, mean) - decayed(lo, tau_mu, mean)) -
                      tau_pi * prompt[i]) /
                     (tau_mu - tau_pi);
    }
}

void ref_lar2020_time_shares(double prompt[N_TIME], double delayed[N_TIME])
{
    time_shares(0.440, prompt, delayed);
}

static double sum_of(const double *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

/* Shares of a pulse that is 200 ns late, as many neutrinos in all as of the one on time. */
static void late_time_shares(double prompt[N_TIME], double delayed[N_TIME])
{
    double on_time[2][N_TIME], scale[2];
    ref_lar2020_time_shares(on_time[0], on_time[1]);
    time_shares(0.640, prompt, delayed);
    scale[0] = sum_of(on_time[0], N_TIME) / sum_of(prompt, N_TIME);
    scale[1] = sum_of(on_time[1], N_TIME) / sum_of(delayed, N_TIME);
    for (int i = 0; i < N_TIME; i++) {
        prompt[i] *= scale[0];
        delayed[i] *= scale[1];
    }
}

static void counts_in_time(const ref_detector *d, const ref_model *model, double rn_fm,
                           const double prompt[N_TIME], const double delayed[N_TIME],
                           double counts[N_E * N_TIME])
{
    double energy[N_E];
    memset(counts, 0, N_E * N_TIME * sizeof *counts);
    for (int f = 0; f < REF_N_FLAVOUR; f++) {
        ref_detector_beam_counts(d, model, rn_fm, (size_t)f, energy);
        for (int b = 0; b < N_E * N_TIME; b++)
            counts[b] += energy[b / N_TIME] * (f == REF_NU_MU ? prompt : delayed)[b % N_TIME];
    }
}

void ref_lar2020_counts(const ref_detector *d, const ref_model *model, double rn_fm,
                        double counts[N_E * N_TIME])
{
    double prompt[N_TIME], delayed[N_TIME];
    ref_lar2020_time_shares(prompt, delayed);
    counts_in_time(d, model, rn_fm, prompt, delayed, counts);
}

void ref_lar2020_spread(const ref_lar2020_data *set, const double counts[N_E * N_TIME],
                        double spread[REF_LAR2020_N_BIN])
{
    for (int e = 0; e < N_E; e++)
        for (int t = 0; t < N_TIME; t++) {
            const double *shape = set->templates[0] + e * N_F90 * N_TIME + t;
            double sum = 0;
            for (int f = 0; f < N_F90; f++)
                sum += shape[f * N_TIME];
            for (int f = 0; f < N_F90; f++)
                spread[(e * N_F90 + f) * N_TIME + t] =
                    sum > 0 ? counts[e * N_TIME + t] * shape[f * N_TIME] / sum : 0;
        }
}

static int load_template(double *counts, const char *data, const char *name)
{
    size_t n;
    double *rows = ref_read_columns(data, name, 4, &n);
    int ok = rows && n == REF_LAR2020_N_BIN;
    memset(counts, 0, REF_LAR2020_N_BIN * sizeof *counts);
    for (size_t i = 0; ok && i < n; i++) {
        int e = (int)floor(rows[i] / bin_keV), f = (int)floor((rows[n + i] - 0.5) / 0.05);
        int t = (int)floor((rows[2 * n + i] + 0.1) / 0.5);
        ok = e >= 0 && e < N_E && f >= 0 && f < N_F90 && t >= 0 && t < N_TIME;
        if (ok)
            counts[(e * N_F90 + f) * N_TIME + t] = rows[3 * n + i];
    }
    free(rows);
    return ok ? 0 : -1;
}

int ref_lar2020_load(ref_lar2020_data *set, const char *data)
{
    static const char *const name[4] = {
        "coherent-lar-2020/cevnspdf.txt", "coherent-lar-2020/brnpdf.txt",
        "coherent-lar-2020/delbrnpdf.txt", "coherent-lar-2020/bkgpdf.txt"};
    size_t n;
    for (int i = 0; i < 4; i++)
        if (load_template(set->templates[i], data, name[i]))
            return -1;
    double *rows = ref_read_columns(data, "coherent-lar-2020/energydata1d.txt", 3, &n);
    int ok = rows && n == N_E;
    for (int e = 0; ok && e < N_E; e++) {
        set->energy[e] = rows[n + (size_t)e];
        set->energy_error[e] = rows[2 * n + (size_t)e];
        for (int k = 0; k < 2; k++) {
            set->neutrons[k][e] = 0;
            for (int i = 0; i < N_F90 * N_TIME; i++)
                set->neutrons[k][e] += set->templates[1 + k][e * N_F90 * N_TIME + i];
        }
    }
    free(rows);
    return ok && !load_template(set->observed, data, "coherent-lar-2020/datanobkgsub.txt") ? 0 : -1;
}

/* (plus - minus)/2 of two templates of the neutrons, each brought to 497 events; minus NULL: plus
 * less the nominal one. */
static int neutron_change(double *change, const ref_lar2020_data *set, const char *data,
                          const char *plus, const char *minus)
{
    double up[REF_LAR2020_N_BIN], down[REF_LAR2020_N_BIN];
    if (load_template(up, data, plus))
        return -1;
    memcpy(down, set->templates[1], sizeof down);
    if (minus && load_template(down, data, minus))
        return -1;
    double up_sum = sum_of(up, REF_LAR2020_N_BIN), down_sum = sum_of(down, REF_LAR2020_N_BIN);
    for (int i = 0; i < REF_LAR2020_N_BIN; i++)
        change[i] = (minus ? 0.5 : 1) * 497 * (up[i] / up_sum - down[i] / down_sum);
    return 0;
}

/* Of the signal, F90: counts per energy and time move as the templates of the release do. */
static int f90_change(double *change, const ref_lar2020_data *set, const char *data,
                      const double counts[N_E * N_TIME])
{
    double up[REF_LAR2020_N_BIN], down[REF_LAR2020_N_BIN];
    if (load_template(up, data, "coherent-lar-2020/cevnspdf+1sigF90.txt") ||
        load_template(down, data, "coherent-lar-2020/cevnspdf-1sigF90.txt"))
        return -1;
    for (int e = 0; e < N_E; e++)
        for (int t = 0; t < N_TIME; t++) {
            double sum = 0;
            for (int f = 0; f < N_F90; f++)
                sum += set->templates[0][(e * N_F90 + f) * N_TIME + t];
            for (int f = 0; f < N_F90; f++) {
                int i = (e * N_F90 + f) * N_TIME + t;
                change[i] = sum > 0 ? counts[e * N_TIME + t] * (up[i] - down[i]) / 2 / sum : 0;
            }
        }
    return 0;
}

/* Of the signal, time: the late pulse has the F90 shape of its own template, where that is not
 * empty. */
static int time_change(double *change, const ref_lar2020_data *set, const char *data,
                       const double on_time[N_E * N_TIME], const double late[N_E * N_TIME])
{
    ref_lar2020_data shifted = *set;
    double nominal[REF_LAR2020_N_BIN];
    if (load_template(shifted.templates[0], data,
                      "coherent-lar-2020/cevnspdfCEvNSTimingMeanSyst.txt"))
        return -1;
    for (int e = 0; e < N_E; e++)
        for (int t = 0; t < N_TIME; t++) {
            double *shape = shifted.templates[0] + e * N_F90 * N_TIME + t, sum = 0;
            for (int f = 0; f < N_F90; f++)
                sum += shape[f * N_TIME];
            for (int f = 0; f < N_F90 && !(sum > 0); f++)
                shape[f * N_TIME] = set->templates[0][(e * N_F90 + f) * N_TIME + t];
        }
    ref_lar2020_spread(&shifted, late, change);
    ref_lar2020_spread(set, on_time, nominal);
    for (int i = 0; i < REF_LAR2020_N_BIN; i++)
        change[i] -= nominal[i];
    return 0;
}

int ref_lar2020_changes(const ref_lar2020_data *set, const ref_detector *d, const ref_model *model,
                        const char *data, double change[5][REF_LAR2020_N_BIN])
{
    double counts[N_E * N_TIME], late[N_E * N_TIME], prompt[N_TIME], delayed[N_TIME];
    ref_lar2020_counts(d, model, 0, counts);
    late_time_shares(prompt, delayed);
    counts_in_time(d, model, 0, prompt, delayed, late);
    return f90_change(change[0], set, data, counts) ||
                   time_change(change[1], set, data, counts, late) ||
                   neutron_change(change[2], set, data, "coherent-lar-2020/brnpdf+1sigEnergy.txt",
                                  "coherent-lar-2020/brnpdf-1sigEnergy.txt") ||
                   neutron_change(change[3], set, data,
                                  "coherent-lar-2020/brnpdf+1sigBRNTimingMean.txt",
                                  "coherent-lar-2020/brnpdf-1sigBRNTimingMean.txt") ||
                   neutron_change(change[4], set, data,
                                  "coherent-lar-2020/brnpdfBRNTimingWidthSyst.txt", NULL)
               ? -1
               : 0;
}
