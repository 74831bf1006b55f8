/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neutral-current vector couplings of the nucleons. physics.md eq. 4. */
#ifndef SEVENS_HD_COUPLINGS_H
#define SEVENS_HD_COUPLINGS_H

#include "sevens/constants.h"
#include "sevens/hd/defs.h"

/* Tree level proton coupling at a weak mixing angle s2 = sin^2 theta_W; the neutron's is -1/2. */
SEVENS_HD double sevens_gvp_tree(double s2)
{
    return 0.5 - 2.0 * s2;
}

/* With radiative corrections, for lepton family 0 (e), 1 (mu), 2 (tau); the values hold at
 * s2 = SEVENS_S2W and shift with the tree-level slope. 1303.5522, 2205.09484. */
SEVENS_HD double sevens_gvp_radiative(int family, double s2)
{
    double g = family == 0 ? SEVENS_GVP_E : family == 1 ? SEVENS_GVP_MU : SEVENS_GVP_TAU;

    return g - 2.0 * (s2 - SEVENS_S2W);
}

/* Amplitude of a vector mediator relative to the Fermi contact one, for unit charges and g^2 = 1:
 * 1/(sqrt2 G_F (Q2 + M^2)) with Q2 = 2 M_N T, all in MeV. physics.md eq. 16; 2202.11002. */
SEVENS_HD double sevens_mediator_amplitude(double q2, double m)
{
    return 1.0 / (SEVENS_SQRT2 * SEVENS_G_FERMI * (q2 + m * m));
}

#endif
