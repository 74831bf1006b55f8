/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cross sections in natural units. Every one of them is a product of two amplitudes times
 *     a_0 + a_1/E + a_2/E^2
 * at fixed recoil T, so that folding it with a flux replaces E^-n by the moment K_n of the flux
 * (docs/physics.md eq. 13). The coefficients a_n stand here, once. */
#ifndef SEVENS_HD_XSEC_H
#define SEVENS_HD_XSEC_H

#include "sevens/constants.h"
#include "sevens/hd/defs.h"
#include <stdbool.h>

/* Lorentz structure of an amplitude. */
typedef enum sevens_current {
    SEVENS_VECTOR,
    SEVENS_AXIAL, /* of the target; neutrinos are left-handed */
    SEVENS_SCALAR,
    SEVENS_TENSOR,
    SEVENS_MAGNETIC, /* magnetic moment: the neutrino turns right-handed */
    SEVENS_PORTAL,   /* the same into a heavy neutral lepton */
    SEVENS_PHOTON,   /* ionisation by the equivalent photons of a charge */
    SEVENS_N_CURRENT
} sevens_current;

/* Products of two amplitudes that do not vanish: the squares, in the order of the currents, and the
 * interference of vector with axial. */
typedef enum sevens_product {
    SEVENS_PRODUCT_VECTOR,
    SEVENS_PRODUCT_AXIAL,
    SEVENS_PRODUCT_SCALAR,
    SEVENS_PRODUCT_TENSOR,
    SEVENS_PRODUCT_MAGNETIC,
    SEVENS_PRODUCT_PORTAL,
    SEVENS_PRODUCT_PHOTON,
    SEVENS_PRODUCT_VECTOR_AXIAL,
    SEVENS_N_PRODUCT,
    SEVENS_PRODUCT_NONE = SEVENS_N_PRODUCT
} sevens_product;

SEVENS_HD sevens_product sevens_product_of(sevens_current a, sevens_current b)
{
    if (a == b)
        return (sevens_product)a;
    return a <= SEVENS_AXIAL && b <= SEVENS_AXIAL ? SEVENS_PRODUCT_VECTOR_AXIAL
                                                  : SEVENS_PRODUCT_NONE;
}

/* What is hit, and how hard. Energies and masses in MeV. */
typedef struct sevens_recoil {
    double T, M;       /* kinetic energy and mass of the target */
    int order;         /* nuclei: kinematics k0, k1 or k2 of the vector current */
    bool electron;     /* exact spin 1/2 formulas in place of those for heavy nuclei */
    double handedness; /* +1 neutrinos, -1 antineutrinos */
    double m4;         /* SEVENS_PORTAL: mass of the lepton that leaves */
} sevens_recoil;

/* a_0 + a_1/E + a_2/E^2 = k G_F^2 M/pi for amplitudes relative to the Fermi contact one, with k of
 * vector and axial currents. physics.md eqs. 5, 7 and 33; hep-ph/0508299. */
SEVENS_HD void sevens_dsigma_contact(sevens_product product, const sevens_recoil *r, double *a)
{
    double u = SEVENS_G_FERMI * SEVENS_G_FERMI * r->M / SEVENS_PI, T = r->T;
    int order = r->electron ? 2 : r->order;

    switch (product) {
    case SEVENS_PRODUCT_AXIAL: /* k2 with the other sign of M T */
        a[0] = u;
        a[1] = -u * T;
        a[2] = 0.5 * u * T * (T + r->M);
        break;
    case SEVENS_PRODUCT_VECTOR_AXIAL:
        a[0] = 0.0;
        a[1] = u * r->handedness * T;
        a[2] = -0.5 * u * r->handedness * T * T;
        break;
    case SEVENS_PRODUCT_SCALAR: /* eq. 35; 1604.01025 */
        a[0] = a[1] = 0.0;
        a[2] = 0.5 * u * T * (r->electron ? r->M + 0.5 * T : r->M);
        break;
    case SEVENS_PRODUCT_TENSOR: /* eq. 36; 1612.04150, 1806.07424 */
        a[0] = 8.0 * u;
        a[1] = -8.0 * u * T;
        a[2] = 2.0 * u * T * (r->electron ? T - r->M : -r->M);
        break;
    default: /* vector: k0 heavy, k1 exact for spin 0, k2 for spin 1/2 */
        a[0] = u;
        a[1] = order >= 1 ? -u * T : 0.0;
        a[2] = 0.5 * u * T * (order >= 2 ? T - r->M : -r->M);
    }
}

/* The same for photon exchange: moments in Bohr magnetons, cross sections of real photons [MeV^-2],
 * charges in e. physics.md eqs. 37, 40 and 42; 1403.6344, 1405.7168, 1803.03262. */
SEVENS_HD void sevens_dsigma_photon(sevens_product product, const sevens_recoil *r, double *a)
{
    double u =
        SEVENS_PI * SEVENS_ALPHA_EM * SEVENS_ALPHA_EM / (SEVENS_M_ELECTRON * SEVENS_M_ELECTRON);
    double T = r->T, M = r->M, m2 = r->m4 * r->m4;

    a[0] = u / T;
    a[1] = -u;
    a[2] = 0.0;
    if (product == SEVENS_PRODUCT_PORTAL) {
        a[1] -= u * m2 / (2.0 * T * M);
        a[2] -= u * m2 / (4.0 * T * M) * (M - T + m2 / (2.0 * T * M) * (M - T));
    }
    if (product == SEVENS_PRODUCT_PHOTON) {
        a[0] = 2.0 * SEVENS_ALPHA_EM / (SEVENS_PI * T);
        a[1] = 0.0;
    }
}

/* Coefficients a [3] of d sigma/dT [MeV^-3, MeV^-2, MeV^-1] per unit of the product of two
 * amplitudes; the energies must allow the recoil. */
SEVENS_HD void sevens_dsigma_terms(sevens_product product, const sevens_recoil *r, double *a)
{
    bool photon = product == SEVENS_PRODUCT_MAGNETIC || product == SEVENS_PRODUCT_PORTAL ||
                  product == SEVENS_PRODUCT_PHOTON;

    if (photon)
        sevens_dsigma_photon(product, r, a);
    else
        sevens_dsigma_contact(product, r, a);
}

/* Sum over a with k_n = E^-n, or with the moments of a flux. Squares are never negative: rounding
 * at the largest recoil is. */
SEVENS_HD double sevens_dsigma_fold(sevens_product product, const double *a, const double *k)
{
    double sum = a[0] * k[0] + a[1] * k[1] + a[2] * k[2];

    return sum < 0.0 && product != SEVENS_PRODUCT_VECTOR_AXIAL ? 0.0 : sum; /* NaN stays */
}

#endif
