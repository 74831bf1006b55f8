/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference cross sections of one nucleus: docs/physics.md sections on targets, kinematics, form
 * factors and the vector mediator. Models and nuclei come first, then the form factors, then the
 * cross section as it stands on paper. */
#include "reference.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_bessel.h>
#include <math.h>

static const double g_fermi = 1.1663788e-11;  /* [MeV^-2] */
static const double hbarc = 197.3269804;      /* [MeV fm] */
static const double hbarc2 = 3.89379372e-22;  /* [MeV^2 cm^2] */
static const double mass_unit = 931.49410242; /* [MeV] */
static const double m_electron = 0.51099895;  /* [MeV] */
static const double alpha = 7.2973525693e-3;
static const double m_w = 80377;              /* [MeV] */
static const double s2w_low_energy = 0.23857; /* where the radiative couplings are given */

ref_nucleus ref_cs133(void)
{
    return (ref_nucleus){.Z = 55, .N = 78, .mass_u = 132.905451958, .rp_fm = 4.821, .rn_fm = 5.09};
}

ref_nucleus ref_i127(void)
{
    return (ref_nucleus){.Z = 53, .N = 74, .mass_u = 126.9044719, .rp_fm = 4.766, .rn_fm = 5.03};
}

ref_nucleus ref_ar40(void)
{
    return (ref_nucleus){.Z = 18, .N = 22, .mass_u = 39.962383122, .rp_fm = 3.448, .rn_fm = 3.55};
}

ref_model ref_standard_model(void)
{
    return (ref_model){.couplings = REF_RADIATIVE,
                       .form_factor = REF_HELM,
                       .kinematics = REF_K0,
                       .s2w = s2w_low_energy,
                       .m_MeV = 1};
}

ref_model ref_universal(double g, double m_MeV)
{
    ref_model model = ref_standard_model();
    model.g = g;
    model.m_MeV = m_MeV;
    model.q_u = model.q_d = 1;
    model.q_nu[0] = model.q_nu[1] = model.q_nu[2] = 1;
    return model;
}

ref_model ref_b_minus_l(double g, double m_MeV)
{
    ref_model model = ref_standard_model();
    model.g = g;
    model.m_MeV = m_MeV;
    model.q_u = model.q_d = 1.0 / 3.0;
    model.q_nu[0] = model.q_nu[1] = model.q_nu[2] = -1;
    return model;
}

ref_model ref_l_mu_minus_l_tau(double g, double m_MeV)
{
    ref_model model = ref_standard_model();
    model.g = g;
    model.m_MeV = m_MeV;
    model.loop_l[0] = 1;
    model.loop_l[1] = 2;
    return model;
}

ref_model ref_scalar(double g, double m_MeV)
{
    ref_model model = ref_standard_model();
    model.g = g;
    model.m_MeV = m_MeV;
    model.scalar_p = model.scalar_n = 17.3;
    return model;
}

double ref_mass_MeV(const ref_nucleus *nucleus)
{
    return nucleus->mass_u * mass_unit - nucleus->Z * m_electron;
}

double ref_t_max(const ref_nucleus *nucleus, double e_MeV)
{
    return 2 * e_MeV * e_MeV / (ref_mass_MeV(nucleus) + 2 * e_MeV);
}

double ref_e_min(const ref_nucleus *nucleus, double t_MeV)
{
    return 0.5 * (t_MeV + sqrt(t_MeV * (t_MeV + 2 * ref_mass_MeV(nucleus))));
}

/* 3 j1(x) / x: Fourier transform of a uniform sphere of radius 1. */
static double sphere(double x)
{
    return x > 0 ? 3 * gsl_sf_bessel_j1(x) / x : 1;
}

static double helm(double q, double r)
{
    const double s = 0.9; /* [fm] surface thickness */
    double r0 = sqrt(5.0 / 3.0 * (r * r - 3 * s * s));
    return sphere(q * r0) * exp(-0.5 * q * q * s * s);
}

/* Symmetrised Fermi, 1710.02730; without its 0/0 at q = 0. */
static double fermi(double q, double r)
{
    const double a = 2.30 / (4 * log(3)); /* [fm] diffuseness, t = 2.30 fm */
    double c = sqrt(5.0 / 3.0 * r * r - 7.0 / 3.0 * M_PI * M_PI * a * a);
    double x = q * c;
    double y = M_PI * q * a;
    if (x < 1e-6)
        return 1;
    return 3 / (x * (x * x + y * y)) * (y / sinh(y)) * (y * sin(x) / tanh(y) - x * cos(x));
}

double ref_form_factor(ref_form_factor_kind kind, double q_MeV, double r_fm, int A)
{
    double q = q_MeV / hbarc; /* [1/fm] */
    switch (kind) {
    case REF_HELM:
        return helm(q, r_fm);
    case REF_FERMI:
        return fermi(q, r_fm);
    case REF_KLEIN_NYSTRAND:
        return sphere(q * 1.2 * cbrt(A)) / (1 + q * q * 0.7 * 0.7);
    case REF_POINT:
        return 1;
    }
    return GSL_NAN;
}

static int lepton_of(ref_flavour flavour)
{
    return flavour == REF_NU_E ? 0 : flavour == REF_NU_TAU ? 2 : 1;
}

/* Coupling of the proton to lepton flavour l without a mediator. */
static double proton_coupling(const ref_model *model, int l)
{
    static const double radiative[3] = {0.0382, 0.0300, 0.0256};
    switch (model->couplings) {
    case REF_TREE:
        return 0.5 - 2 * model->s2w;
    case REF_CHARGE_RADIUS: /* 0.0186: without the charge radius of the SM */
        return 0.0186 - 2.0 / 3.0 * m_w * m_w * model->s2w * model->r2[l] * 1e-32 / hbarc2;
    case REF_RADIATIVE:
        break;
    }
    return radiative[l] - 2 * (model->s2w - s2w_low_energy);
}

typedef struct loop_args {
    double q2, mi2, mj2;
} loop_args;

static double loop_integrand(double x, void *data)
{
    const loop_args *a = data;
    double p = x * (1 - x);
    return p * log((a->mj2 + p * a->q2) / (a->mi2 + p * a->q2));
}

/* Proton coupling of L_i - L_j through the two lepton loops, without g^2 / (Q2 + M^2). */
static double loop_coupling(const ref_model *model, int l, double q2)
{
    static const double mass[3] = {0.51099895, 105.6583755, 1776.86}; /* [MeV] */
    double mi = mass[model->loop_l[0]], mj = mass[model->loop_l[1]];
    int c = (l == model->loop_l[0]) - (l == model->loop_l[1]);
    if (c == 0)
        return 0;
    loop_args args = {q2, mi * mi, mj * mj};
    gsl_function f = {loop_integrand, &args};
    double eps, error;
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(100);
    if (!work)
        return GSL_NAN;
    gsl_integration_qag(&f, 0, 1, 0, 1e-13, 100, GSL_INTEG_GAUSS21, work, &eps, &error);
    gsl_integration_workspace_free(work);
    if (!(error <= 1e-10 * fabs(eps)))
        return GSL_NAN;
    return c * M_SQRT2 * alpha * eps / (M_PI * g_fermi);
}

double ref_weak_charge(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                       double t_MeV)
{
    int l = lepton_of(flavour);
    int A = nucleus->Z + nucleus->N;
    double q2 = 2 * ref_mass_MeV(nucleus) * t_MeV;
    double proton = proton_coupling(model, l);
    double neutron = model->couplings == REF_TREE ? -0.5 : -0.5117;
    double propagator = model->g * model->g / (q2 + model->m_MeV * model->m_MeV);
    /* amplitude of Z' exchange per quark, in units of the Fermi interaction */
    double d = propagator * model->q_nu[l] / (M_SQRT2 * g_fermi);
    proton += d * (2 * model->q_u + model->q_d) + propagator * loop_coupling(model, l, q2);
    neutron += d * (model->q_u + 2 * model->q_d);
    return proton * nucleus->Z * ref_form_factor(model->form_factor, sqrt(q2), nucleus->rp_fm, A) +
           neutron * nucleus->N * ref_form_factor(model->form_factor, sqrt(q2), nucleus->rn_fm, A);
}

/* Scalar mediator and magnetic moment flip chirality: they add to the cross section [MeV^-3]. */
static double chirality_flip(const ref_model *model, const ref_nucleus *nucleus,
                             ref_flavour flavour, double e, double t)
{
    double m = ref_mass_MeV(nucleus);
    double q = sqrt(2 * m * t);
    int A = nucleus->Z + nucleus->N;
    double z = nucleus->Z * ref_form_factor(model->form_factor, q, nucleus->rp_fm, A);
    double n = nucleus->N * ref_form_factor(model->form_factor, q, nucleus->rn_fm, A);
    double scalar = model->g * model->g * (model->scalar_p * z + model->scalar_n * n) /
                    (q * q + model->m_MeV * model->m_MeV);
    double moment = alpha / m_electron * z * model->mu_nu[lepton_of(flavour)];
    return m * m * t / (4 * M_PI * e * e) * scalar * scalar +
           M_PI * moment * moment * (1 / t - 1 / e);
}

double ref_xsec_cevns(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                      double e_MeV, double t_MeV)
{
    double m = ref_mass_MeV(nucleus);
    if (!(t_MeV <= ref_t_max(nucleus, e_MeV)))
        return 0;
    double k = 1 - m * t_MeV / (2 * e_MeV * e_MeV);
    if (model->kinematics != REF_K0)
        k -= t_MeV / e_MeV;
    if (model->kinematics == REF_K2)
        k += t_MeV * t_MeV / (2 * e_MeV * e_MeV);
    double q_w = ref_weak_charge(model, nucleus, flavour, t_MeV);
    double coherent = g_fermi * g_fermi * m / M_PI * GSL_MAX_DBL(k, 0) * q_w * q_w;
    return hbarc2 * (coherent + chirality_flip(model, nucleus, flavour, e_MeV, t_MeV));
}

typedef struct xsec_args {
    const ref_model *model;
    const ref_nucleus *nucleus;
    ref_flavour flavour;
    double e;
} xsec_args;

static double xsec_of_log_t(double log_t, void *data)
{
    const xsec_args *a = data;
    double t = exp(log_t);
    return t * ref_xsec_cevns(a->model, a->nucleus, a->flavour, a->e, t);
}

/* In ln T, so that the peak of a light mediator at T -> 0 needs no care; below 1e-20 T_max the
 * cross section is flat for every mediator heavier than 1e-7 MeV and adds 1e-20. */
double ref_total_xsec(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                      double e_MeV)
{
    if (e_MeV <= 0)
        return 0;
    xsec_args args = {model, nucleus, flavour, e_MeV};
    gsl_function f = {xsec_of_log_t, &args};
    double top = log(ref_t_max(nucleus, e_MeV) * (1 - GSL_DBL_EPSILON));
    double total = GSL_NAN, error;
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(2000);
    if (!work)
        return GSL_NAN;
    gsl_integration_qag(&f, top - 46, top, 0, 1e-13, 2000, GSL_INTEG_GAUSS61, work, &total, &error);
    gsl_integration_workspace_free(work);
    return error <= 1e-9 * total ? total : GSL_NAN;
}
