/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neutral-current vector couplings of the nucleons. physics.md eq. 4. */
#ifndef SEVENS_HD_COUPLINGS_H
#define SEVENS_HD_COUPLINGS_H

#include "sevens/constants.h"
#include "sevens/hd/defs.h"
#include <math.h>

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

/* int_0^1 x(1-x) ln(1 + x(1-x) t) dx for t >= 0: the closed form, and below 1, where it cancels,
 * the series in t. */
SEVENS_HD double sevens_vacuum_polarization(double t)
{
    double y, beta;

    if (t < 1.0) {
        double sum = 0.0, power = 1.0 / 6.0; /* B(k+2, k+2) t^k */

        for (int k = 1; k < 40; k++) {
            power *= t * (k + 1.0) * (k + 1.0) / ((2.0 * k + 2.0) * (2.0 * k + 3.0));
            sum += (k % 2 ? power : -power) / k;
        }
        return sum;
    }
    y = 4.0 / t;
    beta = sqrt(1.0 + y);
    return -5.0 / 18.0 + y / 6.0 + (2.0 - y) * beta / 12.0 * log((beta + 1.0) * (beta + 1.0) / y);
}

/* Kinetic mixing of a boson of charges L_i - L_j through loops of the leptons i and j, at momentum
 * transfer q2; masses in MeV. physics.md eq. 30; 2202.11002. */
SEVENS_HD double sevens_loop_mixing(double q2, double m_i, double m_j)
{
    return log(m_j / m_i) / 3.0 + sevens_vacuum_polarization(q2 / (m_j * m_j)) -
           sevens_vacuum_polarization(q2 / (m_i * m_i));
}

#endif
