/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference predictions of germanium at reactors: Dresden-II, whose data and background are here
 * too, and bare recoil counts for projections. */
#include "reference_internal.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_erf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_BIN = REF_DRESDEN2_N_BIN, N_QUENCHING = 451, N_ISOTOPE = 5, MAX_EDGE = 256 };

static const char *const isotope[N_ISOTOPE] = {"70Ge", "72Ge", "73Ge", "74Ge", "76Ge"};
static const double abundance[N_ISOTOPE] = {0.2052, 0.2745, 0.0776, 0.3652, 0.0775};
static const double least_keV = 0.00296; /* ionisation */

typedef struct response_args {
    double fano, sigma_keV;
    int electrons, n_quenching; /* 0: Lindhard */
    double quenching[N_QUENCHING];
    size_t n_edge;
    double edges_keV[MAX_EDGE];
} response_args;

static double quenching_at(const response_args *a, double keV)
{
    if (a->n_quenching == 0) {
        const double k = 0.157;
        double eps = 11.5 * pow(32, -7.0 / 3) * keV;
        double g = 3 * pow(eps, 0.15) + 0.7 * pow(eps, 0.6) + eps;
        return k * g / (1 + k * g);
    }
    double x = keV / 0.01;
    int i = (int)x;
    if (i >= N_QUENCHING - 1)
        return a->quenching[N_QUENCHING - 1];
    return a->quenching[i] + (x - i) * (a->quenching[i + 1] - a->quenching[i]);
}

static double ionisation(const response_args *a, double t)
{
    return a->electrons ? t * 1000 : quenching_at(a, t * 1000) * t * 1000;
}

static void response(double t, const void *data, double *r)
{
    const response_args *a = data;
    double e = ionisation(a, t);
    double sigma = sqrt(gsl_pow_2(a->sigma_keV) + e * 0.00296 * a->fano);
    double truncated = 2 / (1 + gsl_sf_erf(e / (M_SQRT2 * sigma)));
    for (int b = 0; b < N_BIN; b++) {
        double lo = 0.2 + 0.01 * b - e, hi = 0.2 + 0.01 * (b + 1) - e;
        double share = lo > 0 ? gsl_cdf_gaussian_Q(lo, sigma) - gsl_cdf_gaussian_Q(hi, sigma)
                              : gsl_cdf_gaussian_P(hi, sigma) - gsl_cdf_gaussian_P(lo, sigma);
        r[b] = e < least_keV ? 0 : truncated * share;
    }
}

/* Recoil energy of the least ionisation, by halving. [MeV] */
static double threshold(const response_args *a)
{
    double lo = 0, hi = 1e-3;
    for (int i = 0; i < 200; i++) {
        double mid = 0.5 * (lo + hi);
        if (ionisation(a, mid) < least_keV)
            lo = mid;
        else
            hi = mid;
    }
    return hi;
}

/* Steps of a third in energy, then of half the resolution, and the points of the quenching; nothing
 * above 3 keVee is seen below 1.5, and 12.5 MeV give nuclei 4.8 keV. */
static size_t break_points(const response_args *a, double *points)
{
    double start = threshold(a), end = a->electrons ? 3e-3 : 5e-3;
    double step = a->electrons ? 3e-5 : 1e-4;
    size_t n = 0;
    points[n++] = start;
    for (double t = start * 1.3; t < 2 * step; t *= 1.3)
        points[n++] = t;
    for (double t = 2 * step; t < end; t += step)
        points[n++] = t;
    for (int i = 1; a->n_quenching && !a->electrons && i < N_QUENCHING; i++)
        if (i * 1e-5 > start)
            points[n++] = i * 1e-5;
    points[n++] = end;
    return n;
}

static double molar_mass(void)
{
    double sum = 0;
    for (int i = 0; i < N_ISOTOPE; i++)
        sum += abundance[i] * ref_nucleus_named(isotope[i]).mass_u;
    return sum;
}

static int add_crystal(ref_detector *d, double mass_kg, int electrons, const double *points,
                       size_t n, ref_response at, const void *args)
{
    double atoms = mass_kg * 1000 / molar_mass() * REF_AVOGADRO;
    ref_atom germanium = ref_atom_of(32);
    if (electrons)
        return ref_detector_add(d, NULL, &germanium, atoms, points, n, at, args);
    for (int i = 0; i < N_ISOTOPE; i++) {
        ref_nucleus nucleus = ref_nucleus_named(isotope[i]);
        if (ref_detector_add(d, &nucleus, NULL, atoms * abundance[i], points, n, at, args))
            return -1;
    }
    return 0;
}

ref_detector *ref_dresden2_create(ref_quenching quenching, ref_reactor flux, int electrons,
                                  const char *data)
{
    size_t n;
    double points[2 * N_QUENCHING], *rows = NULL;
    response_args *args = calloc(1, sizeof *args);
    if (!args)
        return NULL;
    *args = (response_args){.fano = 0.11, .sigma_keV = 0.0685, .electrons = electrons};
    if (quenching != REF_LINDHARD) {
        rows = ref_read_columns(data, "dresden2_2202.09672/QF_Fef_YBe.txt", 3, &n);
        if (!rows || n != N_QUENCHING) {
            free(rows);
            free(args);
            return NULL;
        }
        memcpy(args->quenching, rows + (quenching == REF_FEF ? n : 2 * n), sizeof args->quenching);
        args->n_quenching = N_QUENCHING;
        free(rows);
    }
    ref_spectrum *spectrum = ref_reactor_spectrum(flux, ref_dresden2_fractions, 4.8e13, data);
    if (!spectrum) {
        free(args);
        return NULL;
    }
    ref_detector *d = ref_detector_create(N_BIN, spectrum, args);
    if (!d)
        return NULL;
    ref_detector_add_beam(d, REF_NUBAR_E, 86400); /* a day */
    n = break_points(args, points);
    if (add_crystal(d, 2.924, electrons, points, n, response, args)) {
        ref_detector_destroy(d);
        return NULL;
    }
    return d;
}

/* Recoils between edges, as they are. */
static void bare(double t, const void *data, double *r)
{
    const response_args *a = data;
    for (size_t b = 0; b + 1 < a->n_edge; b++)
        r[b] = t * 1000 >= a->edges_keV[b] && t * 1000 < a->edges_keV[b + 1];
}

ref_detector *ref_germanium_create(ref_spectrum *spectrum, double kg_days, size_t n_bin,
                                   const double *edges_keV)
{
    double points[MAX_EDGE];
    response_args *args = calloc(1, sizeof *args);
    if (!args || !spectrum || n_bin >= MAX_EDGE) {
        free(args);
        ref_spectrum_destroy(spectrum);
        return NULL;
    }
    args->n_edge = n_bin + 1;
    memcpy(args->edges_keV, edges_keV, (n_bin + 1) * sizeof *edges_keV);
    ref_detector *d = ref_detector_create(n_bin, spectrum, args);
    if (!d)
        return NULL;
    ref_detector_add_beam(d, REF_NUBAR_E, 86400);
    for (size_t b = 0; b <= n_bin; b++)
        points[b] = edges_keV[b] * 1e-3;
    if (add_crystal(d, kg_days, 0, points, n_bin + 1, bare, args)) {
        ref_detector_destroy(d);
        return NULL;
    }
    return d;
}

int ref_dresden2_load(ref_dresden2_data *set, const char *data)
{
    size_t n;
    double *rows = ref_read_columns(data, "dresden2_2202.09672/data_release.txt", 5, &n);
    int ok = rows && n == N_BIN;
    for (size_t b = 0; ok && b < N_BIN; b++) {
        set->energy_keV[b] = rows[b];
        set->on[b] = rows[n + b];
        set->on_error[b] = rows[2 * n + b];
        set->off[b] = rows[3 * n + b];
        set->off_error[b] = rows[4 * n + b];
    }
    free(rows);
    return ok ? 0 : -1;
}

static double line(double e, double h, double centre, double width)
{
    return h * exp(-0.5 * gsl_pow_2((e - centre) / width));
}

double ref_dresden2_background(const double p[REF_DRESDEN2_N_PARAMETER], double e)
{
    const double m_width = 0.0685; /* [keV] of the M line */
    double h = p[3], c1 = p[4], w1 = p[5], ratio = p[6];
    return p[0] + p[1] * exp(-e / p[2]) + line(e, h, c1, w1) + line(e, 0.008 * h, 1.142, w1) +
           line(e, ratio * h * w1 / m_width, 0.158, m_width);
}
