/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference prediction for COHERENT CsI 2021: scintillation response, smearing, efficiency, and the
 * counts per PE and time bin. First the response at one recoil energy, by adaptive quadrature over
 * reconstructed PE; then counts on tabulated recoil energies; then the same counts by adaptive
 * quadrature, which shows that the tabulated energies are enough. */
#include "reference_internal.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_NUCLEUS 2
#define N_NODE 64 /* Gauss-Legendre nodes per panel in T */
#define N_PANEL 8 /* 4 below the end of the pion line, 4 above */

const double ref_csi2021_pe_edges[REF_CSI2021_N_PE + 1] = {0, 8, 12, 16, 20, 24, 32, 40, 50, 60};
const double ref_csi2021_time_edges_us[REF_CSI2021_N_TIME + 1] = {
    0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 2, 4, 6};
const double ref_csi2021_time_share[REF_N_FLAVOUR][REF_CSI2021_N_TIME] = {
    {.0000123, .0007919, .0060455, .0189073, .0350540, .0455014, .0476883, .0457692, .2792003,
     .2700688, .0984803},
    {.0000192, .0009256, .0065136, .0196344, .0356440, .0456896, .0476360, .0456614, .2785170,
     .2694079, .0982393},
    {.0013709, .0390733, .1648083, .2989746, .2946926, .1532911, .0405250, .0040898, .0003829,
     .0001939, .0000707}};

static const double mass_kg = 14.6;
static const double molar_mass = 259.8099238; /* CsI [g/mol] */
static const double protons = 3.198e23;
static const double nu_per_proton = 0.0848; /* per flavour */
static const double distance_cm = 1930;

/* The central curves of the release: E_ee [MeV] = sum c_k T^(k+1); a / (1 + exp(-b (x - c))) + d.
 */
const ref_csi2021_curves ref_csi2021_central = {{0.0554628, 4.30681, -111.707, 840.384},
                                                {1.32045, 0.285979, 10.8646, -0.333322}};

static double light_keV(const ref_csi2021_curves *curves, double t)
{
    const double *c = curves->light;
    return 1000 * t * (c[0] + t * (c[1] + t * (c[2] + t * c[3])));
}

double ref_csi2021_ee_keV(double t)
{
    return light_keV(&ref_csi2021_central, t);
}

static double smearing_ee(double pe, double ee_keV)
{
    double a = 0.0749 / ee_keV;
    double b = 9.56 * ee_keV;
    return gsl_ran_gamma_pdf(pe, 1 + b, 1 / (a * (1 + b)));
}

double ref_csi2021_smearing(double pe, double t_MeV)
{
    return smearing_ee(pe, ref_csi2021_ee_keV(t_MeV));
}

static double efficiency(const ref_csi2021_curves *curves, double pe)
{
    const double *c = curves->efficiency;
    return GSL_MAX_DBL(c[0] / (1 + exp(-c[1] * (pe - c[2]))) + c[3], 0);
}

double ref_csi2021_efficiency(double pe)
{
    return efficiency(&ref_csi2021_central, pe);
}

typedef struct response_args {
    const ref_csi2021_curves *curves;
    double ee;
} response_args;

static double response_integrand(double pe, void *data)
{
    const response_args *a = data;
    return efficiency(a->curves, pe) * smearing_ee(pe, a->ee);
}

static double response_of(const ref_csi2021_curves *curves, double pe_lo, double pe_hi, double ee)
{
    /* where the efficiency starts: the zero of the curve */
    const double *c = curves->efficiency;
    double threshold = c[2] - log(-c[0] / c[3] - 1) / c[1];
    double lo = GSL_MAX_DBL(pe_lo, threshold);
    if (pe_hi <= lo || ee <= 0)
        return 0;
    response_args args = {curves, ee};
    gsl_function f = {response_integrand, &args};
    double response = GSL_NAN, error;
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(1000);
    if (!work)
        return GSL_NAN;
    gsl_integration_qag(&f, lo, pe_hi, 1e-20, 1e-13, 1000, GSL_INTEG_GAUSS61, work, &response,
                        &error);
    gsl_integration_workspace_free(work);
    return error <= 1e-18 + 1e-11 * response ? response : GSL_NAN;
}

double ref_csi2021_response_ee(double pe_lo, double pe_hi, double ee_keV)
{
    return response_of(&ref_csi2021_central, pe_lo, pe_hi, ee_keV);
}

double ref_csi2021_response(double pe_lo, double pe_hi, double t_MeV)
{
    return ref_csi2021_response_ee(pe_lo, pe_hi, ref_csi2021_ee_keV(t_MeV));
}

struct ref_csi2021 {
    size_t n_bin;
    double *pe_edges; /* [n_bin + 1] */
    double t[N_NUCLEUS][N_PANEL * N_NODE];
    double weight[N_NUCLEUS][N_PANEL * N_NODE];
    double *response; /* [N_NUCLEUS][N_PANEL * N_NODE][n_bin] */
};

static ref_nucleus default_nucleus(int i)
{
    return i == 0 ? ref_cs133() : ref_i127();
}

/* Panels end where a flux ends, because the folded cross section has kinks there. */
static void set_nodes(ref_csi2021 *d, int i, const gsl_integration_glfixed_table *rule)
{
    ref_nucleus nucleus = default_nucleus(i);
    double kink = ref_t_max(&nucleus, ref_pion_line_MeV());
    double end = ref_t_max(&nucleus, ref_michel_end_MeV());
    const int half = N_PANEL / 2;
    for (int p = 0; p < N_PANEL; p++) {
        double lo = p < half ? kink * p / half : kink + (end - kink) * (p - half) / half;
        double hi = p < half ? kink * (p + 1) / half : kink + (end - kink) * (p + 1 - half) / half;
        for (size_t k = 0; k < N_NODE; k++)
            gsl_integration_glfixed_point(lo, hi, k, &d->t[i][p * N_NODE + (int)k],
                                          &d->weight[i][p * N_NODE + (int)k], rule);
    }
}

static double *response_at(const ref_csi2021 *d, int i, int node)
{
    return d->response + (size_t)(i * N_PANEL * N_NODE + node) * d->n_bin;
}

ref_csi2021 *ref_csi2021_create(const double *pe_edges, size_t n_bin)
{
    return ref_csi2021_create_varied(&ref_csi2021_central, pe_edges, n_bin);
}

ref_csi2021 *ref_csi2021_create_varied(const ref_csi2021_curves *curves, const double *pe_edges,
                                       size_t n_bin)
{
    ref_csi2021 *d = calloc(1, sizeof *d);
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(N_NODE);
    if (d) {
        d->response = calloc(N_NUCLEUS * N_PANEL * N_NODE * n_bin, sizeof *d->response);
        d->pe_edges = calloc(n_bin + 1, sizeof *d->pe_edges);
    }
    if (!d || !rule || !d->response || !d->pe_edges) {
        ref_csi2021_destroy(d);
        d = NULL;
        goto cleanup;
    }
    d->n_bin = n_bin;
    memcpy(d->pe_edges, pe_edges, (n_bin + 1) * sizeof *pe_edges);
    for (int i = 0; i < N_NUCLEUS; i++) {
        set_nodes(d, i, rule);
        for (int node = 0; node < N_PANEL * N_NODE; node++)
            for (size_t b = 0; b < n_bin; b++)
                response_at(d, i, node)[b] = response_of(curves, pe_edges[b], pe_edges[b + 1],
                                                         light_keV(curves, d->t[i][node]));
    }
cleanup:
    if (rule)
        gsl_integration_glfixed_table_free(rule);
    return d;
}

void ref_csi2021_destroy(ref_csi2021 *detector)
{
    if (detector) {
        free(detector->response);
        free(detector->pe_edges);
    }
    free(detector);
}

double ref_csi2021_exposure(void)
{
    double fluence = nu_per_proton * protons / (4 * M_PI * distance_cm * distance_cm);
    return fluence * mass_kg * 1000 / molar_mass * REF_AVOGADRO;
}

typedef struct count_args {
    const ref_model *model;
    const ref_nucleus *nucleus;
    ref_flavour flavour;
    double pe_lo, pe_hi;
} count_args;

static double dipole_integrand(double t, void *data)
{
    const count_args *a = data;
    return ref_csi2021_response(a->pe_lo, a->pe_hi, t) *
           ref_folded_dipole(a->model, a->nucleus, a->flavour, t);
}

/* E_min(T) falls to a minimum near T = m4^2 / 2 M and rises again: a flux that ends at E has two
 * ends in T. */
static double dipole_count(const count_args *args)
{
    count_args a = *args;
    gsl_function f = {dipole_integrand, &a};
    int is_line = a.flavour == REF_NU_MU;
    double range[2], points[3];
    ref_dipole_range(a.model, a.nucleus, is_line ? ref_pion_line_MeV() : ref_michel_end_MeV(),
                     range);
    if (range[0] > range[1])
        return 0;
    points[0] = range[0];
    points[1] = GSL_MAX_DBL(range[0], GSL_MIN_DBL(range[1], gsl_pow_2(a.model->m4_MeV) /
                                                                (2 * ref_mass_MeV(a.nucleus))));
    points[2] = range[1];
    return ref_csi2021_exposure() * ref_integrate(&f, points, 3, 1e-12);
}

void ref_csi2021_energy_counts(const ref_csi2021 *d, const ref_model *model, const ref_nucleus *cs,
                               const ref_nucleus *iodine, ref_flavour flavour, double *counts)
{
    for (size_t b = 0; b < d->n_bin; b++)
        counts[b] = 0;
    for (int i = 0; i < N_NUCLEUS; i++) {
        const ref_nucleus *given = i == 0 ? cs : iodine;
        ref_nucleus nucleus = given ? *given : default_nucleus(i);
        for (int node = 0; node < N_PANEL * N_NODE; node++) {
            double rate = ref_csi2021_exposure() * d->weight[i][node] *
                          ref_folded_xsec(model, &nucleus, flavour, d->t[i][node]);
            for (size_t b = 0; b < d->n_bin; b++)
                counts[b] += rate * response_at(d, i, node)[b];
        }
        if (model->dipole[ref_lepton(flavour)] != 0)
            for (size_t b = 0; b < d->n_bin; b++) {
                count_args args = {model, &nucleus, flavour, d->pe_edges[b], d->pe_edges[b + 1]};
                counts[b] += dipole_count(&args);
            }
    }
}

static double count_integrand(double t, void *data)
{
    const count_args *a = data;
    return ref_csi2021_response(a->pe_lo, a->pe_hi, t) *
           ref_folded_xsec(a->model, a->nucleus, a->flavour, t);
}

double ref_csi2021_adaptive_count(const ref_model *model, const ref_nucleus *cs,
                                  const ref_nucleus *iodine, ref_flavour flavour, double pe_lo,
                                  double pe_hi)
{
    double sum = 0;
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(1000);
    if (!work)
        return GSL_NAN;
    for (int i = 0; i < N_NUCLEUS; i++) {
        const ref_nucleus *given = i == 0 ? cs : iodine;
        ref_nucleus nucleus = given ? *given : default_nucleus(i);
        count_args args = {model, &nucleus, flavour, pe_lo, pe_hi};
        gsl_function f = {count_integrand, &args};
        double kink = ref_t_max(&nucleus, ref_pion_line_MeV());
        double end = flavour == REF_NU_MU ? kink : ref_t_max(&nucleus, ref_michel_end_MeV());
        double part, error;
        gsl_integration_qag(&f, 0, end, 0, 1e-12, 1000, GSL_INTEG_GAUSS31, work, &part, &error);
        sum += error <= 1e-9 * part ? part : GSL_NAN;
    }
    gsl_integration_workspace_free(work);
    return sum * ref_csi2021_exposure();
}

void ref_csi2021_spread(ref_energy_counts energy_counts, const void *args,
                        double counts[REF_CSI2021_N_BIN])
{
    for (int b = 0; b < REF_CSI2021_N_BIN; b++)
        counts[b] = 0;
    for (int flavour = 0; flavour < REF_N_FLAVOUR; flavour++) {
        double energy[REF_CSI2021_N_PE];
        energy_counts(args, (ref_flavour)flavour, energy);
        for (int b = 0; b < REF_CSI2021_N_BIN; b++)
            counts[b] += energy[b / REF_CSI2021_N_TIME] *
                         ref_csi2021_time_share[flavour][b % REF_CSI2021_N_TIME];
    }
}

typedef struct nuclei_args {
    const ref_csi2021 *detector;
    const ref_model *model;
    const ref_nucleus *cs, *iodine;
} nuclei_args;

static void nuclei_counts(const void *args, ref_flavour flavour, double *counts)
{
    const nuclei_args *a = args;
    ref_csi2021_energy_counts(a->detector, a->model, a->cs, a->iodine, flavour, counts);
}

void ref_csi2021_counts(const ref_csi2021 *detector, const ref_model *model, const ref_nucleus *cs,
                        const ref_nucleus *iodine, double counts[REF_CSI2021_N_BIN])
{
    nuclei_args args = {detector, model, cs, iodine};
    ref_csi2021_spread(nuclei_counts, &args, counts);
}
