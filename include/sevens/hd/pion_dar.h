/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neutrinos from pions and muons decaying at rest: normalised spectra f(E) [1/MeV] and their
 * moments K_n = int_{e_min} f(E) E^-n dE in closed form. physics.md eqs. 11 and 12. Energies in
 * MeV. */
#ifndef SEVENS_HD_PION_DAR_H
#define SEVENS_HD_PION_DAR_H

#include "sevens/constants.h"
#include "sevens/hd/defs.h"

/* End point of the muon-decay spectra. */
#define SEVENS_MICHEL_END (0.5 * SEVENS_M_MUON)

/* Energy of the prompt nu_mu line. */
#define SEVENS_PION_LINE                                                                           \
    ((SEVENS_M_PION * SEVENS_M_PION - SEVENS_M_MUON * SEVENS_M_MUON) / (2.0 * SEVENS_M_PION))

/* Moments of f = c E^2 (a - E/m) between e_min and the end point. The
 * differences h^n - e^n are factored so that they do not cancel near the end point. */
SEVENS_HD void sevens_michel_moments(double c, double a, double e_min, double *K)
{
    const double m = SEVENS_M_MUON, h = SEVENS_MICHEL_END;
    double e = e_min < h ? (e_min > 0.0 ? e_min : 0.0) : h;
    double d = h - e, d2 = d * (h + e), d3 = d * (h * h + h * e + e * e), d4 = d2 * (h * h + e * e);

    K[0] = c * (a * d3 / 3.0 - d4 / (4.0 * m));
    K[1] = c * (a * d2 / 2.0 - d3 / (3.0 * m));
    K[2] = c * (a * d - d2 / (2.0 * m));
}

/* f = c E^2 (a - E/m) up to the end point. */
SEVENS_HD double sevens_michel_spectrum(double c, double a, double E)
{
    return E > 0.0 && E < SEVENS_MICHEL_END ? c * E * E * (a - E / SEVENS_M_MUON) : 0.0;
}

SEVENS_HD double sevens_dar_spectrum_nu_e(double E)
{
    const double m = SEVENS_M_MUON;

    return sevens_michel_spectrum(192.0 / (m * m * m), 0.5, E);
}

SEVENS_HD double sevens_dar_spectrum_nubar_mu(double E)
{
    const double m = SEVENS_M_MUON;

    return sevens_michel_spectrum(64.0 / (m * m * m), 0.75, E);
}

/* nu_e of muon decay, f = 192 E^2/m^3 (1/2 - E/m). */
SEVENS_HD void sevens_dar_moments_nu_e(double e_min, double *K)
{
    const double m = SEVENS_M_MUON;

    sevens_michel_moments(192.0 / (m * m * m), 0.5, e_min, K);
}

/* nubar_mu of muon decay, f = 64 E^2/m^3 (3/4 - E/m). */
SEVENS_HD void sevens_dar_moments_nubar_mu(double e_min, double *K)
{
    const double m = SEVENS_M_MUON;

    sevens_michel_moments(64.0 / (m * m * m), 0.75, e_min, K);
}

/* nu_mu of pion decay, a line. */
SEVENS_HD void sevens_dar_moments_nu_mu(double e_min, double *K)
{
    double inside = e_min <= SEVENS_PION_LINE ? 1.0 : 0.0;

    K[0] = inside;
    K[1] = inside / SEVENS_PION_LINE;
    K[2] = inside / (SEVENS_PION_LINE * SEVENS_PION_LINE);
}

#endif
