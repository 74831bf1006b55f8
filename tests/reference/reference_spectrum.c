/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference spectra that are not those of pion decay: reactors from the published tables or
 * polynomials, solar 8B from its formula or its table. A spectrum is a weighted sum of tables,
 * linear between their points and nothing outside, or a formula; every integral over it is
 * quadrature between the points. Reading of tables comes first, then spectra and their integrals,
 * then the sources. */
#include "reference_internal.h"

#include <ctype.h>
#include <gsl/gsl_interp.h>
#include <gsl/gsl_poly.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TABLE = 6, MAX_ROW = 8192, MAX_COLUMN = 8 };

static const char *parse_row(const char *text, size_t n_column, double *x)
{
    for (size_t c = 0; c < n_column; c++) {
        char *end;
        while (*text == ',' || *text == ' ' || *text == '\t')
            text++;
        x[c] = strtod(text, &end);
        if (end == text)
            return NULL;
        text = end;
    }
    return text;
}

double *ref_read_columns(const char *data, const char *name, size_t n_column, size_t *n_row)
{
    char path[4096], line[1024];
    double *columns = NULL, *rows = NULL, x[MAX_COLUMN];
    size_t n = 0;
    if (n_column > MAX_COLUMN || snprintf(path, sizeof path, "%s/%s", data, name) >= 4096)
        return NULL;
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    rows = calloc(MAX_ROW * n_column, sizeof *rows);
    while (rows && fgets(line, sizeof line, file))
        if (n < MAX_ROW && parse_row(line, n_column, x))
            memcpy(rows + n++ * n_column, x, n_column * sizeof *x);
    fclose(file);
    if (rows && n > 0)
        columns = calloc(n * n_column, sizeof *columns);
    for (size_t i = 0; columns && i < n; i++)
        for (size_t c = 0; c < n_column; c++)
            columns[c * n + i] = rows[i * n_column + c];
    free(rows);
    *n_row = n;
    return columns;
}

typedef struct part {
    double *columns; /* energies, then values */
    size_t n;
    double lo, hi, weight; /* used between lo and hi */
} part;

struct ref_spectrum {
    size_t n_part;
    part parts[MAX_TABLE];
    double (*formula)(double e, const double *p); /* NULL: none */
    double p[5];                                  /* of the formula */
    size_t n_point;
    double *point;      /* [n_point] ends and kinks, increasing */
    double (*above)[3]; /* [n_point] moments above each */
};

double ref_spectrum_at(const ref_spectrum *s, double e)
{
    double sum = 0;
    for (size_t i = 0; i < s->n_part; i++) {
        const part *t = &s->parts[i];
        const double *x = t->columns, *y = t->columns + t->n;
        if (e < t->lo || e > t->hi)
            continue;
        size_t k = gsl_interp_bsearch(x, e, 0, t->n - 1);
        sum += t->weight * (y[k] + (y[k + 1] - y[k]) * (e - x[k]) / (x[k + 1] - x[k]));
    }
    if (s->formula && e >= s->point[0] && e <= s->point[s->n_point - 1])
        sum += s->formula(e, s->p);
    return sum;
}

typedef struct moment_args {
    const ref_spectrum *s;
    int n;
} moment_args;

static double moment_integrand(double e, void *data)
{
    const moment_args *a = data;
    return ref_spectrum_at(a->s, e) * gsl_pow_int(e, -a->n);
}

static double between(const ref_spectrum *s, int n, double lo, double hi)
{
    moment_args args = {s, n};
    gsl_function f = {moment_integrand, &args};
    return ref_integrate(&f, (double[]){lo, hi}, 2, 1e-13);
}

double ref_spectrum_moment(const ref_spectrum *s, int n, double e_min)
{
    if (e_min <= s->point[0])
        return s->above[0][n];
    if (e_min >= s->point[s->n_point - 1])
        return 0;
    size_t k = gsl_interp_bsearch(s->point, e_min, 0, s->n_point - 1);
    return s->above[k + 1][n] + between(s, n, e_min, s->point[k + 1]);
}

typedef struct fold_args {
    const ref_spectrum *s;
    const ref_model *model;
    ref_flavour flavour;
    gsl_function *f;
} fold_args;

static double fold_integrand(double e, void *data)
{
    const fold_args *a = data;
    return ref_spectrum_at(a->s, e) * ref_survival(a->model, a->flavour, e) * GSL_FN_EVAL(a->f, e);
}

/* Points above e_min, and as many between them that an oscillation moves on by at most 20 rad. */
static double *fold_points(const ref_spectrum *s, const ref_model *model, double e_min, size_t *n)
{
    const double rad = 2 * 1.266933 * model->dm2_eV2 * (model->l_m + model->l_half_m);
    const double first = GSL_MAX_DBL(e_min, s->point[0]);
    double *points = malloc((2 * s->n_point + 2 + (size_t)(rad / first / 20)) * sizeof *points);
    double before = first;
    if (!points)
        return NULL;
    *n = 0;
    points[(*n)++] = first;
    for (size_t i = 0; i < s->n_point; i++) {
        double next = s->point[i];
        if (next <= first)
            continue;
        int parts = 1 + (int)(rad * (1 / before - 1 / next) / 20);
        for (int k = 1; k < parts; k++)
            points[(*n)++] = 1 / (1 / before + (1 / next - 1 / before) * k / parts);
        points[(*n)++] = next;
        before = next;
    }
    return points;
}

double ref_spectrum_fold(const ref_spectrum *s, const ref_model *model, ref_flavour flavour,
                         double e_min, gsl_function *f)
{
    fold_args args = {s, model, flavour, f};
    gsl_function g = {fold_integrand, &args};
    size_t n = 0;
    double *points = fold_points(s, model, e_min, &n);
    if (!points)
        return GSL_NAN;
    double sum = n > 1 ? ref_integrate(&g, points, n, 1e-12) : 0;
    free(points);
    return sum;
}

size_t ref_spectrum_points(const ref_spectrum *s, const double **points)
{
    *points = s->point;
    return s->n_point;
}

void ref_spectrum_destroy(ref_spectrum *s)
{
    if (s) {
        for (size_t i = 0; i < s->n_part; i++)
            free(s->parts[i].columns);
        free(s->point);
        free(s->above);
    }
    free(s);
}

static int add_table(ref_spectrum *s, const char *data, const char *name, double lo, double hi)
{
    part *t = &s->parts[s->n_part];
    t->columns = ref_read_columns(data, name, 2, &t->n);
    if (!t->columns || t->n < 2)
        return -1;
    gsl_sort2(t->columns, 1, t->columns + t->n, 1, t->n); /* some are read off a figure */
    t->lo = GSL_MAX_DBL(lo, t->columns[0]);
    t->hi = GSL_MIN_DBL(hi, t->columns[t->n - 1]);
    t->weight = 1;
    s->n_part++;
    return 0;
}

/* Bins of 25 keV by their centres: constant in the outer halves of the first and the last. */
static int add_bins(ref_spectrum *s, const char *data, const char *name)
{
    part *t = &s->parts[s->n_part];
    if (add_table(s, data, name, 0, 100))
        return -1;
    double *more = calloc(2 * (t->n + 2), sizeof *more);
    if (!more)
        return -1;
    for (int c = 0; c < 2; c++) {
        memcpy(more + (size_t)c * (t->n + 2) + 1, t->columns + (size_t)c * t->n,
               t->n * sizeof *more);
        more[(size_t)c * (t->n + 2)] = t->columns[(size_t)c * t->n];
        more[(size_t)(c + 1) * (t->n + 2) - 1] = t->columns[(size_t)(c + 1) * t->n - 1];
    }
    free(t->columns);
    t->columns = more;
    t->n += 2;
    t->lo = t->columns[0] = 1e-5;
    t->hi = t->columns[t->n - 1] += 0.0125;
    return 0;
}

/* Ends and kinks of all parts and [n] of the formula. */
static int set_points(ref_spectrum *s, const double *more, size_t n)
{
    for (size_t i = 0; i < s->n_part; i++)
        n += s->parts[i].n + 2;
    s->point = calloc(n, sizeof *s->point);
    s->above = calloc(n, sizeof *s->above);
    if (!s->point || !s->above)
        return -1;
    size_t k = 0;
    for (size_t i = 0; i < s->n_part; i++) {
        const part *t = &s->parts[i];
        s->point[k++] = t->lo;
        s->point[k++] = t->hi;
        for (size_t j = 0; j < t->n; j++)
            s->point[k++] = GSL_MIN_DBL(GSL_MAX_DBL(t->columns[j], t->lo), t->hi);
    }
    for (size_t j = 0; k < n; j++)
        s->point[k++] = more[j];
    gsl_sort(s->point, 1, n);
    for (k = 1, s->n_point = 1; k < n; k++)
        if (s->point[k] > s->point[s->n_point - 1])
            s->point[s->n_point++] = s->point[k];
    return 0;
}

static void set_moments(ref_spectrum *s)
{
    for (int m = 0; m < 3; m++) {
        s->above[s->n_point - 1][m] = 0;
        for (size_t k = s->n_point - 1; k > 0; k--)
            s->above[k - 1][m] = s->above[k][m] + between(s, m, s->point[k - 1], s->point[k]);
    }
}

/* Integral of one table over what is used of it. */
static double integral_of(const ref_spectrum *s, size_t i)
{
    const part *t = &s->parts[i];
    double sum = 0;
    for (size_t k = 1; k < t->n; k++)
        if (t->columns[k - 1] >= t->lo && t->columns[k] <= t->hi)
            sum += 0.5 * (t->columns[k] - t->columns[k - 1]) *
                   (t->columns[t->n + k - 1] + t->columns[t->n + k]);
    return sum;
}

static void scale_to(ref_spectrum *s, double flux)
{
    double sum = 0;
    for (size_t i = 0; i < s->n_part; i++)
        sum += s->parts[i].weight * integral_of(s, i);
    for (size_t i = 0; i < s->n_part; i++)
        s->parts[i].weight *= flux / sum;
}

static const char *const isotope[4] = {"U235", "Pu239", "U238", "Pu241"};
static const char *const isotope_lower[4] = {"u235", "pu239", "u238", "pu241"};
const double ref_dresden2_fractions[4] = {0.58, 0.29, 0.08, 0.05};

static int add_isotopes(ref_spectrum *s, ref_reactor kind, const double fractions[4],
                        const char *data)
{
    static const char *const hmve =
        "reactor_flux/hm_ve_1101.2663_plus_vogel_engel/spectraMeV%s.txt";
    static const char *const mueller = "reactor_flux/tables/mueller_%s.txt";
    static const char *const bestiole = "reactor_flux/bestiole2023/bestiole_%s.txt";
    for (int i = 0; i < 4; i++) {
        char name[128];
        if (kind == REF_HMK)
            snprintf(name, sizeof name, mueller, isotope_lower[i]);
        else if (kind == REF_BESTIOLE)
            snprintf(name, sizeof name, bestiole, isotope_lower[i]);
        else
            snprintf(name, sizeof name, hmve, isotope[i]);
        if (kind == REF_BESTIOLE ? add_bins(s, data, name)
                                 : add_table(s, data, name, kind == REF_HMK ? 2 : 0, 8))
            return -1;
        s->parts[i].weight = fractions[i] / (kind == REF_HMVE ? integral_of(s, (size_t)i) : 1);
    }
    return 0;
}

ref_spectrum *ref_reactor_spectrum(ref_reactor kind, const double fractions[4], double flux,
                                   const char *data)
{
    static const char *const kopeikin = "reactor_flux/kopeikin2012/kopeikin_spectrum.txt";
    static const char *const capture =
        "reactor_flux/hm_ve_1101.2663_plus_vogel_engel/spectraMeVU238Ncapture.txt";
    ref_spectrum *s = calloc(1, sizeof *s);
    if (!s || add_isotopes(s, kind, fractions, data))
        goto fail;
    if (kind == REF_HMK && add_table(s, data, kopeikin, 0, 2))
        goto fail;
    if (kind == REF_ABSOLUTE) {
        if (add_table(s, data, capture, 0, 8))
            goto fail;
        s->parts[4].weight = 0.6 * 2 / integral_of(s, 4); /* captures per fission, each two */
    }
    scale_to(s, flux);
    if (set_points(s, NULL, 0))
        goto fail;
    set_moments(s);
    return s;
fail:
    ref_spectrum_destroy(s);
    return NULL;
}

/* Huber's polynomials, Mueller's for 238U, in the order of `isotope`; flat below 2 MeV. */
static double polynomials(double e, const double *p)
{
    static const double a[4][6] = {{4.367, -4.577, 2.100, -0.5294, 0.06186, -0.002777},
                                   {4.757, -5.392, 2.563, -0.6596, 0.07820, -0.003536},
                                   {0.4833, 0.1927, -0.1283, -0.006762, 0.002233, -0.0001536},
                                   {2.990, -2.882, 1.278, -0.3343, 0.03905, -0.001754}};
    double sum = 0, x = GSL_MAX_DBL(e, 2);
    for (int i = 0; i < 4; i++)
        sum += p[i] * exp(gsl_poly_eval(a[i], 6, x));
    return sum;
}

ref_spectrum *ref_reactor_polynomials(const double fractions[4], double power_MW, double distance_m)
{
    static const double energy[4] = {201.92, 209.99, 205.52, 213.60}; /* per fission [MeV] */
    static const double points[6] = {1e-3, 0.5, 1, 2, 5, 8};
    ref_spectrum *s = calloc(1, sizeof *s);
    double mean = 0;
    for (int i = 0; i < 4; i++)
        mean += fractions[i] * energy[i];
    if (!s || set_points(s, points, 6)) {
        ref_spectrum_destroy(s);
        return NULL;
    }
    double fissions = power_MW * 1e6 / (mean * 1.602176634e-13); /* per s */
    for (int i = 0; i < 4; i++)
        s->p[i] = fractions[i] * fissions / (4e4 * M_PI * distance_m * distance_m);
    s->formula = polynomials;
    set_moments(s);
    return s;
}

static double boron8(double e, const double *p)
{
    return p[0] * 8.52e-6 * e * e * pow(15.1 - e, 2.75);
}

ref_spectrum *ref_boron8_spectrum(double flux)
{
    static const double points[8] = {1e-3, 1, 3, 6, 10, 13, 14.5, 15.1};
    ref_spectrum *s = calloc(1, sizeof *s);
    if (!s || set_points(s, points, 8)) {
        ref_spectrum_destroy(s);
        return NULL;
    }
    s->p[0] = flux;
    s->formula = boron8;
    set_moments(s);
    return s;
}

ref_spectrum *ref_boron8_table(double flux, const char *data)
{
    ref_spectrum *s = calloc(1, sizeof *s);
    if (!s || add_table(s, data, "solar_flux/spectra_snudd/B8_neutrino_flux.txt", 0, 100)) {
        ref_spectrum_destroy(s);
        return NULL;
    }
    scale_to(s, flux);
    if (set_points(s, NULL, 0)) {
        ref_spectrum_destroy(s);
        return NULL;
    }
    set_moments(s);
    return s;
}
