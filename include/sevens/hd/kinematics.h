/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elastic scattering of a massless neutrino of energy E on a target of mass M at rest that recoils
 * with kinetic energy T. All energies in MeV. */
#ifndef SEVENS_HD_KINEMATICS_H
#define SEVENS_HD_KINEMATICS_H

#include "sevens/hd/defs.h"
#include <math.h>

/* Largest recoil energy. physics.md eq. 1. */
SEVENS_HD double sevens_t_max(double E, double M)
{
    return 2.0 * E * E / (M + 2.0 * E);
}

/* Smallest neutrino energy that gives a recoil T. physics.md eq. 2. */
SEVENS_HD double sevens_e_min(double T, double M)
{
    return 0.5 * (T + sqrt(T * T + 2.0 * M * T));
}

/* Kinematic factor k of a vector interaction at fixed E, option k0, k1 or k2 (order = 0, 1, 2);
 * 0 beyond T_max, never negative. physics.md eq. 7. */
SEVENS_HD double sevens_kinematic_factor(int order, double E, double T, double M)
{
    double k = 1.0 - 0.5 * M * T / (E * E);

    if (order >= 1)
        k -= T / E;
    if (order >= 2)
        k += 0.5 * T * T / (E * E);
    return T <= sevens_t_max(E, M) && k > 0.0 ? k : 0.0;
}

/* The same folded with a flux of moments K_n above E_min(T). physics.md eq. 13. */
SEVENS_HD double sevens_kinematic_moment(int order, double T, double M, const double *K)
{
    double k = K[0] - 0.5 * M * T * K[2];

    if (order >= 1)
        k -= T * K[1];
    if (order >= 2)
        k += 0.5 * T * T * K[2];
    return k > 0.0 ? k : 0.0;
}

#endif
