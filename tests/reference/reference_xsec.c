/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference cross sections of one nucleus: docs/physics.md sections on targets, kinematics, form
 * factors and models. The form factors come first, then the amplitudes of the vector current, its
 * axial part, the currents that flip chirality, and the cross section as it stands on paper. */
#include "reference_internal.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_bessel.h>
#include <math.h>

double ref_mass_MeV(const ref_nucleus *nucleus)
{
    return nucleus->mass_u * REF_MASS_UNIT - nucleus->Z * REF_M_E;
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
    double q = q_MeV / REF_HBARC; /* [1/fm] */
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

int ref_lepton(ref_flavour flavour)
{
    return flavour == REF_NU_E || flavour == REF_NUBAR_E ? 0 : flavour == REF_NU_TAU ? 2 : 1;
}

int ref_is_antineutrino(ref_flavour flavour)
{
    return flavour == REF_NUBAR_MU || flavour == REF_NUBAR_E;
}

double ref_transition(const double entries[3], int l, int k)
{
    return entries[l + k - 1]; /* 0 + 1, 0 + 2, 1 + 2 */
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

double ref_mediator(const ref_model *model, double q2)
{
    double x = (model->g * model->g + model->g2) / (model->strigari ? 2 : 1);
    for (int i = 0; i < model->hidden_n; i++)
        x *= q2 / (model->lambda_MeV * model->lambda_MeV);
    return x / (M_SQRT2 * REF_G_FERMI * (q2 + model->m_MeV * model->m_MeV));
}

double ref_loop_factor(const ref_model *model, int l, double q2)
{
    static const double mass[3] = {REF_M_E, REF_M_MU, REF_M_TAU};
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
    return (model->loop_opposite ? -c : c) * 2 * REF_ALPHA / M_PI * eps;
}

static int has_radius(const ref_model *model)
{
    return model->couplings == REF_CHARGE_RADIUS || model->couplings == REF_CHARGE_RADIUS_TREE;
}

/* The neutrino's charge is q + q^2 <r^2> / 6 with q^2 = -Q2; e^2 / Q2 takes the place of the
 * g^2 / (Q2 + M^2) of a mediator. For <r^2>, pi alpha = sqrt2 G_F m_W^2 s2 as is usual. */
double ref_photon_coupling(const ref_model *model, int l, int k, double q2)
{
    double charge =
        l == k ? model->millicharge[l] : ref_transition(model->millicharge_transition, l, k);
    double radius = l == k ? model->r2[l] : ref_transition(model->r2_transition, l, k);
    double shift = 0;
    if (charge != 0)
        shift += 4 * M_PI * REF_ALPHA * charge / (M_SQRT2 * REF_G_FERMI * q2);
    if (has_radius(model))
        shift -= 2.0 / 3.0 * REF_M_W * REF_M_W * model->s2w * radius * 1e-32 / REF_HBARC2;
    return shift;
}

/* Coupling of the proton to lepton flavour l in the SM. */
static double proton_coupling(const ref_model *model, int l)
{
    static const double radiative[3] = {0.0382, 0.0300, 0.0256};
    double shift = -2 * (model->s2w - REF_S2W);
    switch (model->couplings) {
    case REF_TREE:
    case REF_CHARGE_RADIUS_TREE:
        return 0.5 - 2 * model->s2w;
    case REF_CHARGE_RADIUS: /* 0.0186: without the charge radius of the SM */
        return 0.0186 + shift;
    case REF_RADIATIVE:
        break;
    }
    return radiative[l] + shift;
}

static double neutron_coupling(const ref_model *model)
{
    int tree = model->couplings == REF_TREE || model->couplings == REF_CHARGE_RADIUS_TREE;
    return tree ? -0.5 : -0.5117;
}

/* Charge of the nucleus with its form factors for charges of proton and neutron. */
static double nuclear_charge(const ref_model *model, const ref_nucleus *nucleus, double t,
                             double proton, double neutron)
{
    double q = sqrt(2 * ref_mass_MeV(nucleus) * t);
    int A = nucleus->Z + nucleus->N;
    if (proton == 0 && neutron == 0)
        return 0;
    return proton * nucleus->Z * ref_form_factor(model->form_factor, q, nucleus->rp_fm, A) +
           neutron * nucleus->N * ref_form_factor(model->form_factor, q, nucleus->rn_fm, A);
}

/* Vector amplitude of nu_l -> nu_k in units of the Fermi interaction. */
static double vector_charge(const ref_model *model, const ref_nucleus *nucleus, int l, int k,
                            double t)
{
    double q2 = 2 * ref_mass_MeV(nucleus) * t;
    double heavy = model->nsi_m_MeV * model->nsi_m_MeV;
    double fall = model->nsi_m_MeV > 0 ? heavy / (heavy + q2) : 1;
    double u = fall * model->nsi_u[l][k], d = fall * model->nsi_d[l][k];
    double electric = ref_photon_coupling(model, l, k, q2);
    if (l == k) {
        double amplitude = ref_mediator(model, q2);
        u += amplitude * model->q_nu[l] * model->q_u;
        d += amplitude * model->q_nu[l] * model->q_d;
        electric += amplitude * ref_loop_factor(model, l, q2);
    }
    double proton = 2 * u + d + electric, neutron = u + 2 * d;
    if (l == k) {
        proton += proton_coupling(model, l);
        neutron += neutron_coupling(model);
    }
    return nuclear_charge(model, nucleus, t, proton, neutron);
}

double ref_weak_charge(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                       double t_MeV)
{
    int l = ref_lepton(flavour);
    return vector_charge(model, nucleus, l, l, t_MeV);
}

/* Protons and neutrons without a partner carry the spin; the form factor is that of the protons. */
double ref_axial_charge(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                        double t_MeV)
{
    static const double delta_u = 0.842, delta_d = -0.427; /* share of the proton's spin */
    double q2 = 2 * ref_mass_MeV(nucleus) * t_MeV;
    double f =
        ref_form_factor(model->form_factor, sqrt(q2), nucleus->rp_fm, nucleus->Z + nucleus->N);
    double sm = model->axial ? 0.5 * (nucleus->spin_p - nucleus->spin_n) : 0;
    double proton = model->a_u * delta_u + model->a_d * delta_d;
    double neutron = model->a_u * delta_d + model->a_d * delta_u;
    double mediated = model->q_nu[ref_lepton(flavour)] * ref_mediator(model, q2) *
                      (proton * nucleus->spin_p + neutron * nucleus->spin_n);
    return f * (sm - mediated);
}

/* What the axial current of a spin-1/2 nucleus adds to that of the vector current [MeV^-3]. */
static double axial_part(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                         double e, double t)
{
    if (!model->axial && model->a_u == 0 && model->a_d == 0)
        return 0;
    double m = ref_mass_MeV(nucleus);
    double g_v = ref_weak_charge(model, nucleus, flavour, t);
    double g_a = ref_axial_charge(model, nucleus, flavour, t);
    double y = t / e;
    if (ref_is_antineutrino(flavour))
        g_a = -g_a;
    return REF_G_FERMI * REF_G_FERMI * m / (2 * M_PI) *
           (g_a * g_a * (1 + (1 - y) * (1 - y) + m * t / (e * e)) +
            2 * g_v * g_a * (1 - (1 - y) * (1 - y)));
}

/* Scalar and tensor mediators and magnetic moments flip chirality; each adds its own cross
 * section [MeV^-3]. */
static double chirality_flip(const ref_model *model, const ref_nucleus *nucleus,
                             ref_flavour flavour, double e, double t)
{
    double m = ref_mass_MeV(nucleus);
    double exchange = model->g * model->g / (2 * m * t + model->m_MeV * model->m_MeV);
    double scalar = exchange * nuclear_charge(model, nucleus, t, model->scalar_p, model->scalar_n);
    double tensor = exchange * nuclear_charge(model, nucleus, t, model->tensor_p, model->tensor_n);
    double moment = REF_ALPHA / REF_M_E * model->mu_nu[ref_lepton(flavour)] *
                    nuclear_charge(model, nucleus, t, 1, 0);
    double spin = model->scalar_spin ? 1 + t / (2 * m) : 1;
    double no_spin = model->moment_spin_0 ? t / (4 * e * e) : 0;
    return m * m * t / (4 * M_PI * e * e) * spin * scalar * scalar +
           4 * m / M_PI * (1 - t / e - m * t / (4 * e * e)) * tensor * tensor +
           M_PI * (1 / t - 1 / e + no_spin) * moment * moment;
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
    double squares = 0;
    for (int final = 0; final < 3; final++)
        squares += gsl_pow_2(vector_charge(model, nucleus, ref_lepton(flavour), final, t_MeV));
    double vector = REF_G_FERMI * REF_G_FERMI * m / M_PI * GSL_MAX_DBL(k, 0) * squares;
    return REF_HBARC2 * (vector + axial_part(model, nucleus, flavour, e_MeV, t_MeV) +
                         chirality_flip(model, nucleus, flavour, e_MeV, t_MeV));
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
