/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference prediction of electron recoils in COHERENT CsI 2021: E_ee = T_e, everything else as for
 * nuclei. Tabulated energies first, then adaptive quadrature, which the photon approximation always
 * takes because its table has kinks of its own. */
#include "reference_internal.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_ATOM = 2, N_NODE = 32, MAX_POINT = 128 };

struct ref_csi2021_es {
    size_t n_bin, n_node[N_ATOM];
    double *pe_edges; /* [n_bin + 1] */
    double t[N_ATOM][MAX_POINT * N_NODE];
    double weight[N_ATOM][MAX_POINT * N_NODE];
    double *response; /* [N_ATOM][MAX_POINT * N_NODE][n_bin] */
};

static ref_atom default_atom(int i)
{
    return ref_atom_of(i == 0 ? 55 : 53);
}

/* 0, binding energies, steps of at most 1.5 keV up to four times the mean energy of the last edge:
 * above that the smearing leaves nothing below the edge. [MeV], ascending. */
static size_t break_points(const ref_atom *atom, double pe_max, double points[MAX_POINT])
{
    double end = 4e-3 * 0.0749 * pe_max;
    size_t n = 0;
    for (int i = 0; i < atom->n_shell; i++)
        if (atom->binding_keV[i] > 0 && atom->binding_keV[i] * 1e-3 < end)
            points[n++] = atom->binding_keV[i] * 1e-3;
    for (double t = 0; t < end && n < MAX_POINT - 1; t += 1.5e-3)
        points[n++] = t;
    points[n++] = end;
    gsl_sort(points, 1, n);
    return n;
}

static double *response_at(const ref_csi2021_es *d, int i, size_t node)
{
    return d->response + ((size_t)i * MAX_POINT * N_NODE + node) * d->n_bin;
}

static void set_nodes(ref_csi2021_es *d, int i, const gsl_integration_glfixed_table *rule)
{
    ref_atom atom = default_atom(i);
    double points[MAX_POINT];
    size_t n = break_points(&atom, d->pe_edges[d->n_bin], points), node = 0;
    for (size_t p = 1; p < n; p++)
        for (size_t k = 0; k < N_NODE; k++, node++) {
            gsl_integration_glfixed_point(points[p - 1], points[p], k, &d->t[i][node],
                                          &d->weight[i][node], rule);
            for (size_t b = 0; b < d->n_bin; b++)
                response_at(d, i, node)[b] = ref_csi2021_response_ee(
                    d->pe_edges[b], d->pe_edges[b + 1], d->t[i][node] * 1000);
        }
    d->n_node[i] = node;
}

ref_csi2021_es *ref_csi2021_es_create(const double *pe_edges, size_t n_bin)
{
    ref_csi2021_es *d = calloc(1, sizeof *d);
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(N_NODE);
    if (d) {
        d->response = calloc(N_ATOM * MAX_POINT * N_NODE * n_bin, sizeof *d->response);
        d->pe_edges = calloc(n_bin + 1, sizeof *d->pe_edges);
    }
    if (!d || !rule || !d->response || !d->pe_edges) {
        ref_csi2021_es_destroy(d);
        d = NULL;
        goto cleanup;
    }
    d->n_bin = n_bin;
    memcpy(d->pe_edges, pe_edges, (n_bin + 1) * sizeof *pe_edges);
    for (int i = 0; i < N_ATOM; i++)
        set_nodes(d, i, rule);
cleanup:
    if (rule)
        gsl_integration_glfixed_table_free(rule);
    return d;
}

void ref_csi2021_es_destroy(ref_csi2021_es *detector)
{
    if (detector) {
        free(detector->response);
        free(detector->pe_edges);
    }
    free(detector);
}

typedef struct count_args {
    const ref_model *model;
    const ref_atom *atom;
    ref_flavour flavour;
    double pe_lo, pe_hi;
} count_args;

static double count_integrand(double t, void *data)
{
    const count_args *a = data;
    return ref_csi2021_response_ee(a->pe_lo, a->pe_hi, t * 1000) *
           ref_folded_es(a->model, a->atom, a->flavour, t);
}

static double adaptive_count(const count_args *args)
{
    count_args a = *args;
    gsl_function f = {count_integrand, &a};
    size_t n_table =
        a.model->photon_approximation && a.atom->photoelectric ? a.atom->photoelectric->n : 0;
    double *points = calloc(MAX_POINT + n_table, sizeof *points);
    if (!points)
        return GSL_NAN;
    size_t n = break_points(a.atom, a.pe_hi, points);
    double end = points[n - 1];
    for (size_t i = 0; i < n_table; i++)
        if (a.atom->photoelectric->x[i] * 1e-3 < end)
            points[n++] = a.atom->photoelectric->x[i] * 1e-3;
    double count = ref_csi2021_exposure() * ref_integrate(&f, points, n, 1e-11);
    free(points);
    return count;
}

double ref_csi2021_es_adaptive_count(const ref_model *model, const ref_atom *cs,
                                     const ref_atom *iodine, ref_flavour flavour, double pe_lo,
                                     double pe_hi)
{
    double sum = 0;
    for (int i = 0; i < N_ATOM; i++) {
        const ref_atom *given = i == 0 ? cs : iodine;
        ref_atom atom = given ? *given : default_atom(i);
        count_args args = {model, &atom, flavour, pe_lo, pe_hi};
        sum += adaptive_count(&args);
    }
    return sum;
}

void ref_csi2021_es_energy_counts(const ref_csi2021_es *d, const ref_model *model,
                                  const ref_atom *cs, const ref_atom *iodine, ref_flavour flavour,
                                  double *counts)
{
    for (size_t b = 0; b < d->n_bin; b++)
        counts[b] = model->photon_approximation
                        ? ref_csi2021_es_adaptive_count(model, cs, iodine, flavour, d->pe_edges[b],
                                                        d->pe_edges[b + 1])
                        : 0;
    for (int i = 0; i < N_ATOM && !model->photon_approximation; i++) {
        const ref_atom *given = i == 0 ? cs : iodine;
        ref_atom atom = given ? *given : default_atom(i);
        for (size_t node = 0; node < d->n_node[i]; node++) {
            double rate = ref_csi2021_exposure() * d->weight[i][node] *
                          ref_folded_es(model, &atom, flavour, d->t[i][node]);
            for (size_t b = 0; b < d->n_bin; b++)
                counts[b] += rate * response_at(d, i, node)[b];
        }
    }
}

typedef struct atoms_args {
    const ref_csi2021_es *detector;
    const ref_model *model;
    const ref_atom *cs, *iodine;
} atoms_args;

static void atoms_counts(const void *args, ref_flavour flavour, double *counts)
{
    const atoms_args *a = args;
    ref_csi2021_es_energy_counts(a->detector, a->model, a->cs, a->iodine, flavour, counts);
}

void ref_csi2021_es_counts(const ref_csi2021_es *detector, const ref_model *model,
                           const ref_atom *cs, const ref_atom *iodine,
                           double counts[REF_CSI2021_N_BIN])
{
    atoms_args args = {detector, model, cs, iodine};
    ref_csi2021_spread(atoms_counts, &args, counts);
}
