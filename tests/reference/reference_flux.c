/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference flux of pion decay at rest: spectra, and every integral over them by quadrature. No
 * closed-form moment appears here: the cross section is folded with the spectrum node by node. */
#include "reference.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <math.h>

static const double m_muon = 105.6583755; /* [MeV] */
static const double m_pion = 139.57039;   /* [MeV] charged */

double ref_pion_line_MeV(void)
{
    return (m_pion * m_pion - m_muon * m_muon) / (2 * m_pion);
}

double ref_michel_end_MeV(void)
{
    return 0.5 * m_muon;
}

double ref_pion_dar_spectrum(ref_flavour flavour, double e_MeV)
{
    double x = e_MeV / m_muon;
    if (flavour != REF_NU_E && flavour != REF_NUBAR_MU)
        return GSL_NAN;
    if (x < 0 || x > 0.5)
        return 0;
    return (flavour == REF_NU_E ? 192 * x * x * (0.5 - x) : 64 * x * x * (0.75 - x)) / m_muon;
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

static double fold_integrand(double e, void *data)
{
    const fold_args *a = data;
    return ref_pion_dar_spectrum(a->flavour, e) *
           ref_xsec_cevns(a->model, a->nucleus, a->flavour, e, a->t);
}

/* Spectrum times cross section is a polynomial of degree 3 in E between E_min and the end point,
 * which 8 Gauss-Legendre nodes integrate exactly. */
double ref_folded_xsec(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                       double t_MeV)
{
    double e_min = ref_e_min(nucleus, t_MeV);
    if (flavour == REF_NU_MU)
        return ref_xsec_cevns(model, nucleus, flavour, ref_pion_line_MeV(), t_MeV);
    if (e_min >= ref_michel_end_MeV())
        return 0;
    fold_args args = {model, nucleus, flavour, 0, t_MeV};
    gsl_function f = {fold_integrand, &args};
    gsl_integration_glfixed_table *nodes = gsl_integration_glfixed_table_alloc(8);
    if (!nodes)
        return GSL_NAN;
    double folded = gsl_integration_glfixed(&f, e_min, ref_michel_end_MeV(), nodes);
    gsl_integration_glfixed_table_free(nodes);
    return folded;
}

static double total_integrand(double e, void *data)
{
    const fold_args *a = data;
    return ref_pion_dar_spectrum(a->flavour, e) *
           ref_total_xsec(a->model, a->nucleus, a->flavour, e);
}

double ref_averaged_xsec(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour)
{
    if (flavour == REF_NU_MU)
        return ref_total_xsec(model, nucleus, flavour, ref_pion_line_MeV());
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
