/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference production of a heavy neutrino N4 through a transition moment: docs/physics.md section
 * on the dipole portal. The range of T comes from the centre of mass, the least E at T from the
 * formula, so that one checks the other. */
#include "reference_internal.h"

#include <math.h>

/* In the centre of mass Q2 = -m4^2 + 2 p (E4 -+ p4); the product of the two values is
 * m4^4 (1 - 2 p / sqrt s), which has no cancellation. */
void ref_dipole_range(const ref_model *model, const ref_nucleus *nucleus, double e_MeV,
                      double t_MeV[2])
{
    double m = ref_mass_MeV(nucleus), m4 = model->m4_MeV;
    double root_s = sqrt(m * (m + 2 * e_MeV));
    double p = e_MeV * m / root_s;
    double e4 = (m * (m + 2 * e_MeV) + m4 * m4 - m * m) / (2 * root_s);
    t_MeV[0] = 1;
    t_MeV[1] = 0;
    if (root_s < m + m4)
        return;
    double p4 = sqrt(GSL_MAX_DBL(e4 * e4 - m4 * m4, 0));
    double q2_high = -m4 * m4 + 2 * p * (e4 + p4);
    t_MeV[1] = q2_high / (2 * m);
    t_MeV[0] = gsl_pow_4(m4) * (1 - 2 * p / root_s) / q2_high / (2 * m);
}

double ref_dipole_e_min(const ref_model *model, const ref_nucleus *nucleus, double t_MeV)
{
    double m4 = model->m4_MeV;
    return ref_e_min(nucleus, t_MeV) * (1 + m4 * m4 / (2 * ref_mass_MeV(nucleus) * t_MeV));
}

/* The formula, without the kinematic range. */
static double dipole_formula(const ref_model *model, const ref_nucleus *nucleus,
                             ref_flavour flavour, double e, double t)
{
    double m = ref_mass_MeV(nucleus), m2 = model->m4_MeV * model->m4_MeV;
    double charge = nucleus->Z * ref_form_factor(model->form_factor, sqrt(2 * m * t),
                                                 nucleus->rp_fm, nucleus->Z + nucleus->N);
    double moment = REF_ALPHA / REF_M_E * charge * model->dipole[ref_lepton(flavour)];
    double shape = 1 / t - 1 / e - m2 / (2 * e * t * m) * (1 - t / (2 * e) + m / (2 * e)) -
                   m2 * m2 / (8 * e * e * t * t * m) * (1 - t / m);
    return REF_HBARC2 * M_PI * moment * moment * shape;
}

double ref_xsec_dipole(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                       double e_MeV, double t_MeV)
{
    double range[2];
    ref_dipole_range(model, nucleus, e_MeV, range);
    if (!(t_MeV >= range[0] && t_MeV <= range[1]))
        return 0;
    return dipole_formula(model, nucleus, flavour, e_MeV, t_MeV);
}

typedef struct dipole_args {
    const ref_model *model;
    const ref_nucleus *nucleus;
    ref_flavour flavour;
    double t;
} dipole_args;

static double dipole_of_e(double e, void *data)
{
    const dipole_args *a = data;
    return dipole_formula(a->model, a->nucleus, a->flavour, e, a->t);
}

double ref_folded_dipole(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                         double t_MeV)
{
    dipole_args args = {model, nucleus, flavour, t_MeV};
    gsl_function f = {dipole_of_e, &args};
    if (model->dipole[ref_lepton(flavour)] == 0)
        return 0;
    return ref_fold(model, flavour, ref_dipole_e_min(model, nucleus, t_MeV), &f, 1);
}
