/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cross sections in natural units. */
#ifndef SEVENS_HD_XSEC_H
#define SEVENS_HD_XSEC_H

#include "sevens/constants.h"
#include "sevens/hd/defs.h"
#include "sevens/hd/kinematics.h"

/* d sigma/dT of CEvNS with weak charge Q [MeV^-3]; E, T, M in MeV, order of the kinematic factor.
 * physics.md eq. 5; Freedman 1974, 2205.09484. */
SEVENS_HD double sevens_dsigma_dt_vector(int order, double E, double T, double M, double Q)
{
    return SEVENS_G_FERMI * SEVENS_G_FERMI * M / SEVENS_PI *
           sevens_kinematic_factor(order, E, T, M) * Q * Q;
}

#endif
