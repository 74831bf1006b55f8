/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elastic scattering of a massless neutrino of energy E on a target of mass M at rest that recoils
 * with kinetic energy T. All energies in MeV. */
#ifndef SEVENS_HD_KINEMATICS_H
#define SEVENS_HD_KINEMATICS_H

#include "sevens/hd/defs.h"
#include <math.h>
#include <stdbool.h>

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

/* Smallest neutrino energy that gives a recoil T when a neutral lepton of mass m4 leaves.
 * physics.md eq. 42; 2109.09545. */
SEVENS_HD double sevens_e_min_massive(double T, double M, double m4)
{
    return sevens_e_min(T, M) * (1.0 + m4 * m4 / (2.0 * M * T));
}

/* Recoil energies between which a neutrino of energy E can make a neutral lepton of mass m4: the
 * roots of E = sevens_e_min_massive(T). False below threshold. The lower root comes from the
 * product of both, m4^4/(4 M (M + 2 E)), without cancellation. */
SEVENS_HD bool sevens_t_range_massive(double E, double M, double m4, double *lo, double *hi)
{
    double b = 2.0 * M * E * E - m4 * m4 * (M + E), s = 2.0 * M * E - m4 * m4;
    double root2 = s * s - 4.0 * M * M * m4 * m4;

    if (!(root2 >= 0.0) || !(b > 0.0))
        return false;
    *hi = (b + E * sqrt(root2)) / (2.0 * M * (M + 2.0 * E));
    *lo = m4 * m4 * m4 * m4 / (4.0 * M * (M + 2.0 * E)) / *hi;
    return true;
}

#endif
