/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference flux of pion decay at rest: spectra, and every integral over them by quadrature. No
 * closed-form moment appears here: the cross section is folded with the spectrum node by node. */
#include "reference_internal.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

static const double m_pion = 139.57039; /* [MeV] charged */

double ref_pion_line_MeV(void)
{
    return (m_pion * m_pion - REF_M_MU * REF_M_MU) / (2 * m_pion);
}

double ref_michel_end_MeV(void)
{
    return 0.5 * REF_M_MU;
}

double ref_pion_dar_spectrum(ref_flavour flavour, double e_MeV)
{
    double x = e_MeV / REF_M_MU;
    if (flavour != REF_NU_E && flavour != REF_NUBAR_MU)
        return GSL_NAN;
    if (x < 0 || x > 0.5)
        return 0;
    return (flavour == REF_NU_E ? 192 * x * x * (0.5 - x) : 64 * x * x * (0.75 - x)) / REF_M_MU;
}

typedef struct fold_args {
    const ref_model *model;
    const ref_nucleus *nucleus;
    ref_flavour flavour;
    int n;
    double t;
} fold_args;

static double moment_integrand(double e, void *data)
{
    const fold_args *a = data;
    return ref_pion_dar_spectrum(a->flavour, e) * gsl_pow_int(e, -a->n);
}

double ref_moment(ref_flavour flavour, int n, double e_min_MeV)
{
    double end = ref_michel_end_MeV();
    if (flavour == REF_NU_MU)
        return e_min_MeV <= ref_pion_line_MeV() ? gsl_pow_int(ref_pion_line_MeV(), -n) : 0;
    if (e_min_MeV >= end)
        return 0;
    fold_args args = {.flavour = flavour, .n = n};
    gsl_function f = {moment_integrand, &args};
    double moment = GSL_NAN, error;
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(1000);
    if (!work)
        return GSL_NAN;
    gsl_integration_qag(&f, e_min_MeV, end, 0, 2e-14, 1000, GSL_INTEG_GAUSS41, work, &moment,
                        &error);
    gsl_integration_workspace_free(work);
    return error <= 1e-10 * moment ? moment : GSL_NAN;
}

/* Sterile neutrinos scatter from nothing: 1 - P(a -> s), sin^2(k L) averaged over the distance. */
double ref_survival(const ref_model *model, ref_flavour flavour, double e_MeV)
{
    double active = model->u4_2[0] + model->u4_2[1] + model->u4_2[2];
    double k = 1.266933 * model->dm2_eV2 / e_MeV; /* [1/m] */
    double x = 2 * k * model->l_half_m;
    double sin2 = 0.5 * (1 - cos(2 * k * model->l_m) * (x == 0 ? 1 : sin(x) / x));
    return 1 - 4 * model->u4_2[ref_lepton(flavour)] * (1 - active) * sin2;
}

typedef struct spectrum_args {
    const ref_model *model;
    ref_flavour flavour;
    gsl_function *f;
} spectrum_args;

static double spectrum_integrand(double e, void *data)
{
    const spectrum_args *a = data;
    return ref_pion_dar_spectrum(a->flavour, e) * ref_survival(a->model, a->flavour, e) *
           GSL_FN_EVAL(a->f, e);
}

/* In panels of 20 rad of the oscillation, down to 1 MeV; below that there is next to no flux. */
static double fold_oscillation(const ref_model *model, gsl_function *f, double e_min)
{
    double end = ref_michel_end_MeV(), lo = GSL_MAX_DBL(e_min, 1);
    double phase = 2 * 1.266933 * model->dm2_eV2 * model->l_m; /* times 1 / E [rad] */
    size_t n = (size_t)(fmin(phase * (1 / lo - 1 / end) / 20, 1e5)) + 2;
    double *points = malloc((n + 2) * sizeof *points);
    if (!points)
        return GSL_NAN;
    for (size_t i = 0; i <= n; i++)
        points[i] = 1 / (1 / end + (1 / lo - 1 / end) * (double)i / (double)n);
    points[n + 1] = e_min;
    double folded = ref_integrate(f, points, n + 2, 1e-12);
    free(points);
    return folded;
}

/* Spectrum times a polynomial of degree 2 in 1/E is one of degree 3 in E, which 8 Gauss-Legendre
 * nodes integrate exactly. */
double ref_fold(const ref_model *model, ref_flavour flavour, double e_min, gsl_function *f,
                int is_polynomial)
{
    double line = ref_pion_line_MeV(), end = ref_michel_end_MeV();
    spectrum_args args = {model, flavour, f};
    gsl_function g = {spectrum_integrand, &args};
    if (flavour == REF_NU_MU)
        return e_min > line ? 0 : ref_survival(model, flavour, line) * GSL_FN_EVAL(f, line);
    if (e_min >= end)
        return 0;
    if (model->dm2_eV2 != 0)
        return fold_oscillation(model, &g, e_min);
    if (!is_polynomial)
        return ref_integrate(&g, (double[]){e_min, end}, 2, 1e-12);
    gsl_integration_glfixed_table *nodes = gsl_integration_glfixed_table_alloc(8);
    if (!nodes)
        return GSL_NAN;
    double folded = gsl_integration_glfixed(&g, e_min, end, nodes);
    gsl_integration_glfixed_table_free(nodes);
    return folded;
}

double ref_integrate(gsl_function *f, double *points, size_t n, double tolerance)
{
    const size_t limit = 2000;
    double sum = 0, errors = 0;
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(limit);
    if (!work)
        return GSL_NAN;
    gsl_sort(points, 1, n);
    for (size_t i = n - 1; i > 0; i--) {
        double part, error;
        if (points[i] <= points[i - 1])
            continue;
        gsl_integration_qag(f, points[i - 1], points[i], tolerance * fabs(sum), tolerance, limit,
                            GSL_INTEG_GAUSS31, work, &part, &error);
        sum += part;
        errors += error;
    }
    gsl_integration_workspace_free(work);
    return errors <= 1000 * tolerance * fabs(sum) ? sum : GSL_NAN;
}

static double fold_integrand(double e, void *data)
{
    const fold_args *a = data;
    return ref_xsec_cevns(a->model, a->nucleus, a->flavour, e, a->t);
}

double ref_folded_xsec(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                       double t_MeV)
{
    fold_args args = {model, nucleus, flavour, 0, t_MeV};
    gsl_function f = {fold_integrand, &args};
    return ref_fold(model, flavour, ref_e_min(nucleus, t_MeV), &f, 1);
}

static double total_integrand(double e, void *data)
{
    const fold_args *a = data;
    return ref_pion_dar_spectrum(a->flavour, e) * ref_survival(a->model, a->flavour, e) *
           ref_total_xsec(a->model, a->nucleus, a->flavour, e);
}

double ref_averaged_xsec(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour)
{
    if (flavour == REF_NU_MU)
        return ref_survival(model, flavour, ref_pion_line_MeV()) *
               ref_total_xsec(model, nucleus, flavour, ref_pion_line_MeV());
    fold_args args = {.model = model, .nucleus = nucleus, .flavour = flavour};
    gsl_function f = {total_integrand, &args};
    double average = GSL_NAN, error;
    size_t evaluations;
    gsl_integration_cquad_workspace *work = gsl_integration_cquad_workspace_alloc(100);
    if (!work)
        return GSL_NAN;
    gsl_integration_cquad(&f, 0, ref_michel_end_MeV(), 0, 1e-11, work, &average, &error,
                          &evaluations);
    gsl_integration_cquad_workspace_free(work);
    return error <= 1e-9 * average ? average : GSL_NAN;
}
