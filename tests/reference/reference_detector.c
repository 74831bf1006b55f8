/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference counts of any detector: recoil energies, weights and responses tabulated once for each
 * kind of nucleus or atom, then folded with a cross section. Panels end at every kink of response,
 * flux and shells. With a tabulated spectrum the cross section, a polynomial in 1/E of degree 2, is
 * evaluated at three energies and folded with moments; ref_detector_adaptive_count takes neither
 * short cut. Tables first, then counts. */
#include "reference_internal.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

enum { MAX_BEAM = 3, MAX_PART = 10, N_NODE = 12 };

typedef struct beam {
    ref_flavour flavour;
    double fluence;
} beam;

typedef struct part {
    ref_nucleus nucleus; /* or */
    ref_atom atom;       /* n_shell > 0 */
    double number;
    size_t n_point, n_node;
    double *points; /* [n_point] ends of panels */
    double *t, *weight;
    double (*moments)[3]; /* [n_node] of the tabulated spectrum above the least energy */
    double *response;     /* [n_node][n_bin] */
    ref_response at;
    const void *data;
} part;

struct ref_detector {
    size_t n_bin, n_beam, n_part;
    beam beams[MAX_BEAM];
    part parts[MAX_PART];
    ref_spectrum *spectrum; /* owned; NULL: pion decay at rest */
    void *data;             /* owned: what the responses need */
};

ref_detector *ref_detector_create(size_t n_bin, ref_spectrum *spectrum, void *data)
{
    ref_detector *d = calloc(1, sizeof *d);
    if (!d) {
        ref_spectrum_destroy(spectrum);
        free(data);
        return NULL;
    }
    d->n_bin = n_bin;
    d->spectrum = spectrum;
    d->data = data;
    return d;
}

void ref_detector_destroy(ref_detector *d)
{
    if (d) {
        for (size_t i = 0; i < d->n_part; i++) {
            free(d->parts[i].points);
            free(d->parts[i].t);
            free(d->parts[i].weight);
            free(d->parts[i].moments);
            free(d->parts[i].response);
        }
        ref_spectrum_destroy(d->spectrum);
        free(d->data);
    }
    free(d);
}

size_t ref_detector_n_bin(const ref_detector *d)
{
    return d->n_bin;
}

void ref_detector_add_beam(ref_detector *d, ref_flavour flavour, double fluence)
{
    d->beams[d->n_beam++] = (beam){flavour, fluence};
}

static int is_atom(const part *p)
{
    return p->atom.n_shell > 0;
}

static double largest_t(const part *p, double e)
{
    return is_atom(p) ? ref_es_t_max(e) : ref_t_max(&p->nucleus, e);
}

static double least_e(const part *p, double t)
{
    return is_atom(p) ? ref_es_e_min(t) : ref_e_min(&p->nucleus, t);
}

/* The given points, where a flux starts or ends, and shells; all in the range of the given ones
 * and of the flux. */
static int set_points(const ref_detector *d, part *p, const double *given, size_t n_given)
{
    double pion[2] = {ref_pion_line_MeV(), ref_michel_end_MeV()};
    const double *energy = pion;
    size_t n_energy = d->spectrum ? ref_spectrum_points(d->spectrum, &energy) : 2;
    double lo = gsl_stats_min(given, 1, n_given);
    double hi = GSL_MIN_DBL(gsl_stats_max(given, 1, n_given), largest_t(p, energy[n_energy - 1]));
    size_t n = 0, n_all = n_given + n_energy + (size_t)p->atom.n_shell;
    p->points = calloc(n_all, sizeof *p->points);
    if (!p->points)
        return -1;
    for (size_t i = 0; i < n_given; i++)
        p->points[n++] = given[i];
    for (size_t i = 0; i < n_energy; i++)
        p->points[n++] = largest_t(p, energy[i]);
    for (int i = 0; i < p->atom.n_shell; i++)
        p->points[n++] = p->atom.binding_keV[i] * 1e-3;
    for (size_t i = 0; i < n; i++)
        p->points[i] = GSL_MAX_DBL(lo, GSL_MIN_DBL(hi, p->points[i]));
    gsl_sort(p->points, 1, n);
    p->n_point = 1;
    for (size_t i = 1; i < n; i++)
        if (p->points[i] > p->points[p->n_point - 1])
            p->points[p->n_point++] = p->points[i];
    return 0;
}

static int set_nodes(const ref_detector *d, part *p)
{
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(N_NODE);
    p->n_node = (p->n_point - 1) * N_NODE;
    p->t = calloc(p->n_node, sizeof *p->t);
    p->weight = calloc(p->n_node, sizeof *p->weight);
    p->moments = calloc(p->n_node, sizeof *p->moments);
    p->response = calloc(p->n_node * d->n_bin, sizeof *p->response);
    int ok = rule && p->t && p->weight && p->moments && p->response;
    for (size_t i = 0; ok && i < p->n_node; i++) {
        size_t k = i / N_NODE;
        gsl_integration_glfixed_point(p->points[k], p->points[k + 1], i % N_NODE, &p->t[i],
                                      &p->weight[i], rule);
        p->at(p->t[i], p->data, p->response + i * d->n_bin);
        for (int n = 0; d->spectrum && n < 3; n++)
            p->moments[i][n] = ref_spectrum_moment(d->spectrum, n, least_e(p, p->t[i]));
    }
    if (rule)
        gsl_integration_glfixed_table_free(rule);
    return ok ? 0 : -1;
}

int ref_detector_add(ref_detector *d, const ref_nucleus *nucleus, const ref_atom *atom,
                     double number, const double *points, size_t n_point, ref_response at,
                     const void *data)
{
    part *p = &d->parts[d->n_part++];
    *p = (part){.number = number, .at = at, .data = data};
    if (nucleus)
        p->nucleus = *nucleus;
    if (atom)
        p->atom = *atom;
    return set_points(d, p, points, n_point) || set_nodes(d, p) ? -1 : 0;
}

typedef struct xsec_args {
    const ref_model *model;
    const part *p;
    const ref_nucleus *nucleus; /* of p, with another radius perhaps */
    ref_flavour flavour;
    double t;
} xsec_args;

static double xsec(double e, void *data)
{
    const xsec_args *a = data;
    return is_atom(a->p) ? ref_xsec_es(a->model, &a->p->atom, a->flavour, e, a->t)
                         : ref_xsec_cevns(a->model, a->nucleus, a->flavour, e, a->t);
}

/* Newton's polynomial through the cross section at three values of 1/E, times the moments. */
static double fold_moments(xsec_args *a, const double moments[3])
{
    double x[3], y[3], e = least_e(a->p, a->t);
    static const double ratio[3] = {1.05, 1.6, 4};
    for (int i = 0; i < 3; i++) {
        x[i] = 1 / (ratio[i] * e);
        y[i] = xsec(ratio[i] * e, a);
    }
    double d1 = (y[1] - y[0]) / (x[1] - x[0]), d2 = (y[2] - y[1]) / (x[2] - x[1]);
    double c = (d2 - d1) / (x[2] - x[0]);
    return (y[0] - d1 * x[0] + c * x[0] * x[1]) * moments[0] +
           (d1 - c * (x[0] + x[1])) * moments[1] + c * moments[2];
}

static double folded(const ref_detector *d, xsec_args *a, const double *moments)
{
    gsl_function f = {xsec, a};
    int is_polynomial =
        a->model->dm2_eV2 == 0 && !(is_atom(a->p) && a->model->photon_approximation);
    if (!d->spectrum)
        return is_atom(a->p) ? ref_folded_es(a->model, &a->p->atom, a->flavour, a->t)
                             : ref_folded_xsec(a->model, a->nucleus, a->flavour, a->t);
    if (moments && is_polynomial)
        return fold_moments(a, moments);
    return ref_spectrum_fold(d->spectrum, a->model, a->flavour, least_e(a->p, a->t), &f);
}

static ref_nucleus nucleus_of(const part *p, double rn_fm)
{
    ref_nucleus nucleus = p->nucleus;
    if (rn_fm > 0)
        nucleus.rn_fm = rn_fm;
    return nucleus;
}

void ref_detector_beam_counts(const ref_detector *d, const ref_model *model, double rn_fm,
                              size_t i_beam, double *counts)
{
    const beam *flux = &d->beams[i_beam];
    for (size_t b = 0; b < d->n_bin; b++)
        counts[b] = 0;
    for (size_t i = 0; i < d->n_part; i++) {
        const part *p = &d->parts[i];
        ref_nucleus nucleus = nucleus_of(p, rn_fm);
        xsec_args args = {model, p, &nucleus, flux->flavour, 0};
        for (size_t k = 0; k < p->n_node; k++) {
            args.t = p->t[k];
            double rate =
                p->number * flux->fluence * p->weight[k] * folded(d, &args, p->moments[k]);
            for (size_t b = 0; b < d->n_bin; b++)
                counts[b] += rate * p->response[k * d->n_bin + b];
        }
    }
}

void ref_detector_counts(const ref_detector *d, const ref_model *model, double rn_fm,
                         double *counts)
{
    double *part_counts = calloc(d->n_bin, sizeof *part_counts);
    for (size_t b = 0; b < d->n_bin; b++)
        counts[b] = part_counts ? 0 : GSL_NAN;
    for (size_t i = 0; part_counts && i < d->n_beam; i++) {
        ref_detector_beam_counts(d, model, rn_fm, i, part_counts);
        for (size_t b = 0; b < d->n_bin; b++)
            counts[b] += part_counts[b];
    }
    free(part_counts);
}

typedef struct adaptive_args {
    const ref_detector *d;
    xsec_args xsec;
    size_t bin;
    double *response; /* [n_bin] */
} adaptive_args;

static double adaptive_integrand(double t, void *data)
{
    adaptive_args *a = data;
    a->xsec.t = t;
    a->xsec.p->at(t, a->xsec.p->data, a->response);
    return a->response[a->bin] == 0 ? 0 : a->response[a->bin] * folded(a->d, &a->xsec, NULL);
}

double ref_detector_adaptive_count(const ref_detector *d, const ref_model *model, double rn_fm,
                                   size_t i_beam, size_t bin)
{
    double sum = 0, *response = calloc(d->n_bin, sizeof *response);
    if (!response)
        return GSL_NAN;
    for (size_t i = 0; i < d->n_part; i++) {
        const part *p = &d->parts[i];
        ref_nucleus nucleus = nucleus_of(p, rn_fm);
        adaptive_args args = {d, {model, p, &nucleus, d->beams[i_beam].flavour, 0}, bin, response};
        gsl_function f = {adaptive_integrand, &args};
        double *points = calloc(p->n_point, sizeof *points);
        for (size_t k = 0; points && k < p->n_point; k++)
            points[k] = p->points[k];
        sum += points ? p->number * ref_integrate(&f, points, p->n_point, 1e-11) : GSL_NAN;
        free(points);
    }
    free(response);
    return sum * d->beams[i_beam].fluence;
}
