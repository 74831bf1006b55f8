/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference elastic scattering on the electrons of one atom, free above their binding energy:
 * docs/physics.md section on electromagnetic properties and what other sections say of electrons.
 * Couplings first, then the currents, then flux integrals. */
#include "reference_internal.h"

#include <math.h>

double ref_table_at(const ref_table *table, double x)
{
    for (size_t i = 1; i < table->n; i++)
        if (x >= table->x[i - 1] && x <= table->x[i])
            return table->y[i - 1] + (table->y[i] - table->y[i - 1]) * (x - table->x[i - 1]) /
                                         (table->x[i] - table->x[i - 1]);
    return 0;
}

double ref_z_eff(const ref_atom *atom, double t_MeV)
{
    double sum = 0;
    for (int i = 0; i < atom->n_shell; i++)
        if (t_MeV * 1000 >= atom->binding_keV[i])
            sum += atom->electrons[i];
    return sum;
}

double ref_es_t_max(double e_MeV)
{
    return 2 * e_MeV * e_MeV / (REF_M_E + 2 * e_MeV);
}

double ref_es_e_min(double t_MeV)
{
    return 0.5 * (t_MeV + sqrt(t_MeV * (t_MeV + 2 * REF_M_E)));
}

/* G_F^2 m_e / 2 pi [...] for left-handed neutrinos [MeV^-3]. */
static double current_current(double gv, double ga, double e, double t)
{
    return REF_G_FERMI * REF_G_FERMI * REF_M_E / (2 * M_PI) *
           (gsl_pow_2(gv + ga) + gsl_pow_2((gv - ga) * (1 - t / e)) -
            (gv * gv - ga * ga) * REF_M_E * t / (e * e));
}

/* nu_l -> nu_k for all k; the charge of the electron is -1. */
static double vector_part(const ref_model *model, ref_flavour flavour, double e, double t)
{
    int l = ref_lepton(flavour);
    double q2 = 2 * REF_M_E * t, sum = 0;
    ref_model free_electron = *model; /* charges without the photon approximation */
    if (model->photon_approximation)
        for (int i = 0; i < 3; i++)
            free_electron.millicharge[i] = free_electron.millicharge_transition[i] = 0;
    for (int k = 0; k < 3; k++) {
        double gv = -ref_photon_coupling(&free_electron, l, k, q2), ga = 0;
        if (k == l) {
            double amplitude = ref_mediator(model, q2);
            gv += 2 * model->s2w + (l == 0 ? 0.5 : -0.5);
            gv += amplitude * (model->q_nu[l] * model->q_e - ref_loop_factor(model, l, q2));
            ga += (l == 0 ? 0.5 : -0.5) + amplitude * model->q_nu[l] * model->a_e;
        }
        sum += current_current(gv, ref_is_antineutrino(flavour) ? -ga : ga, e, t);
    }
    return sum;
}

/* Scalar, tensor, magnetic moment, with the exact factors of spin 1/2 [MeV^-3]. */
static double chirality_flip(const ref_model *model, ref_flavour flavour, double e, double t)
{
    const double m = REF_M_E;
    double exchange = model->g * model->g / (2 * m * t + model->m_MeV * model->m_MeV);
    double scalar = exchange * model->scalar_e, tensor = exchange * model->tensor_e;
    double moment = REF_ALPHA / m * model->mu_nu[ref_lepton(flavour)];
    return m * m * t / (4 * M_PI * e * e) * (1 + t / (2 * m)) * scalar * scalar +
           4 * m / M_PI * (1 - t / e - m * t / (4 * e * e) + t * t / (4 * e * e)) * tensor *
               tensor +
           M_PI * (1 / t - 1 / e) * moment * moment;
}

/* Equivalent photons of a millicharge on the whole atom [cm^2 / MeV]. */
static double photons(const ref_model *model, const ref_atom *atom, ref_flavour flavour, double e,
                      double t)
{
    const double m_nu = 1e-6; /* [MeV] */
    int l = ref_lepton(flavour);
    double charges = 0;
    if (!model->photon_approximation || !atom->photoelectric)
        return 0;
    for (int k = 0; k < 3; k++)
        charges += gsl_pow_2(k == l ? model->millicharge[l]
                                    : ref_transition(model->millicharge_transition, l, k));
    return 2 * REF_ALPHA / M_PI * ref_table_at(atom->photoelectric, t * 1000) / t * log(e / m_nu) *
           charges;
}

double ref_xsec_es(const ref_model *model, const ref_atom *atom, ref_flavour flavour, double e_MeV,
                   double t_MeV)
{
    if (!(t_MeV <= ref_es_t_max(e_MeV)))
        return 0;
    double free_electrons =
        vector_part(model, flavour, e_MeV, t_MeV) + chirality_flip(model, flavour, e_MeV, t_MeV);
    return REF_HBARC2 * ref_z_eff(atom, t_MeV) * free_electrons +
           photons(model, atom, flavour, e_MeV, t_MeV);
}

typedef struct es_args {
    const ref_model *model;
    const ref_atom *atom;
    ref_flavour flavour;
    double t;
} es_args;

static double es_of_e(double e, void *data)
{
    const es_args *a = data;
    return ref_xsec_es(a->model, a->atom, a->flavour, e, a->t);
}

double ref_folded_es(const ref_model *model, const ref_atom *atom, ref_flavour flavour,
                     double t_MeV)
{
    es_args args = {model, atom, flavour, t_MeV};
    gsl_function f = {es_of_e, &args};
    return ref_fold(model, flavour, ref_es_e_min(t_MeV), &f, !model->photon_approximation);
}
