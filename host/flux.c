/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sevens/flux.h"
#include "sevens/constants.h"
#include "sevens/hd/pion_dar.h"

void sevens_flux_init(sevens_flux *flux, const sevens_release *release)
{
    double L_cm = 100.0 * release->baseline_m;
    double fluence = release->neutrinos_per_proton * release->pot / (4.0 * SEVENS_PI * L_cm * L_cm);

    flux->kind = release->flux_kind;
    flux->baseline_m = release->baseline_m;
    flux->spread_m = 0.5; /* of the target of a pion source and the detector */
    flux->n = release->n_flux;
    for (size_t f = 0; f < flux->n; f++) {
        flux->flavour[f] = release->flux[f].flavour;
        flux->fluence_per_cm2[f] = fluence;
    }
}

void sevens_flux_moments(const sevens_flux *flux, size_t flux_class, double e_min_MeV, double k[3])
{
    switch (flux->flavour[flux_class]) {
    case SEVENS_NU_E:
        sevens_dar_moments_nu_e(e_min_MeV, k);
        break;
    case SEVENS_NUBAR_MU:
        sevens_dar_moments_nubar_mu(e_min_MeV, k);
        break;
    case SEVENS_NU_MU:
        sevens_dar_moments_nu_mu(e_min_MeV, k);
        break;
    default: /* pions at rest make no others; the release loader refuses them */
        k[0] = k[1] = k[2] = 0.0;
    }
}

double sevens_flux_density(const sevens_flux *flux, size_t flux_class, double E_MeV)
{
    if (flux->flavour[flux_class] == SEVENS_NU_E)
        return sevens_dar_spectrum_nu_e(E_MeV);
    if (flux->flavour[flux_class] == SEVENS_NUBAR_MU)
        return sevens_dar_spectrum_nubar_mu(E_MeV);
    return 0.0;
}

bool sevens_flux_line(const sevens_flux *flux, size_t flux_class, double *E_MeV, double *share)
{
    *E_MeV = SEVENS_PION_LINE;
    *share = 1.0;
    return flux->flavour[flux_class] == SEVENS_NU_MU;
}

size_t sevens_flux_breaks(const sevens_flux *flux, double *e_MeV, size_t max_n)
{
    const double breaks[] = {SEVENS_PION_LINE, SEVENS_MICHEL_END};
    size_t n = 0;

    (void)flux;
    while (n < max_n && n < sizeof breaks / sizeof breaks[0]) {
        e_MeV[n] = breaks[n];
        n++;
    }
    return n;
}
