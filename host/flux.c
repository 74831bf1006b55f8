/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One face for all fluxes: pion decay in closed form, everything else as spectra of tables and
 * lines that the release holds. */
#include "sevens/flux.h"
#include "sevens/hd/pion_dar.h"
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Nodes and lines of all classes, each energy once. */
static sevens_status table_breaks(sevens_flux *flux, sevens_error *err)
{
    size_t capacity = 0, n = 0;
    sevens_status status = SEVENS_OK;

    for (size_t f = 0; f < flux->n; f++)
        capacity += flux->spectrum[f]->n + flux->spectrum[f]->n_line;
    if (capacity == 0)
        return sevens_fail(err, SEVENS_ERR_INPUT, "the flux has no neutrinos of any energy");
    SEVENS_TRY_ALLOC(flux->break_MeV = malloc(capacity * sizeof *flux->break_MeV));
    for (size_t f = 0; f < flux->n; f++) {
        const sevens_spectrum *s = flux->spectrum[f];

        for (size_t i = 0; i < s->n; i++)
            flux->break_MeV[n++] = s->E_MeV[i];
        for (size_t i = 0; i < s->n_line; i++)
            flux->break_MeV[n++] = s->line[i].E_MeV;
    }
    qsort(flux->break_MeV, n, sizeof *flux->break_MeV, compare);
    for (size_t i = 0; i < n; i++) {
        if (flux->n_break == 0 || flux->break_MeV[i] > flux->break_MeV[flux->n_break - 1])
            flux->break_MeV[flux->n_break++] = flux->break_MeV[i];
    }

cleanup:
    return status;
}

static sevens_status pion_breaks(sevens_flux *flux, sevens_error *err)
{
    const double breaks[] = {SEVENS_PION_LINE, SEVENS_MICHEL_END};
    sevens_status status = SEVENS_OK;

    SEVENS_TRY_ALLOC(flux->break_MeV = malloc(sizeof breaks));
    memcpy(flux->break_MeV, breaks, sizeof breaks);
    flux->n_break = sizeof breaks / sizeof breaks[0];

cleanup:
    return status;
}

sevens_status sevens_flux_init(sevens_flux *flux, const sevens_release *release, sevens_error *err)
{
    *flux = (sevens_flux){.kind = release->flux_kind,
                          .n = release->n_flux,
                          .baseline_m = release->baseline_m,
                          .spread_m = release->spread_m};
    for (size_t f = 0; f < flux->n; f++) {
        flux->flavour[f] = release->flux[f].flavour;
        flux->fluence_per_cm2[f] = release->flux[f].fluence_per_cm2;
        if (flux->kind == SEVENS_FLUX_SPECTRUM)
            flux->spectrum[f] = &release->flux[f].spectrum;
    }
    return flux->kind == SEVENS_FLUX_SPECTRUM ? table_breaks(flux, err) : pion_breaks(flux, err);
}

void sevens_flux_free(sevens_flux *flux)
{
    free(flux->break_MeV);
    *flux = (sevens_flux){0};
}

void sevens_flux_moments(const sevens_flux *flux, size_t flux_class, double e_min_MeV, double k[3])
{
    if (flux->kind == SEVENS_FLUX_SPECTRUM) {
        sevens_spectrum_moments(flux->spectrum[flux_class], e_min_MeV, k);
        return;
    }
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
    if (flux->kind == SEVENS_FLUX_SPECTRUM)
        return sevens_spectrum_density(flux->spectrum[flux_class], E_MeV);
    if (flux->flavour[flux_class] == SEVENS_NU_E)
        return sevens_dar_spectrum_nu_e(E_MeV);
    if (flux->flavour[flux_class] == SEVENS_NUBAR_MU)
        return sevens_dar_spectrum_nubar_mu(E_MeV);
    return 0.0;
}

size_t sevens_flux_lines(const sevens_flux *flux, size_t flux_class)
{
    if (flux->kind == SEVENS_FLUX_SPECTRUM)
        return flux->spectrum[flux_class]->n_line;
    return flux->flavour[flux_class] == SEVENS_NU_MU ? 1 : 0;
}

sevens_spectrum_line sevens_flux_line(const sevens_flux *flux, size_t flux_class, size_t i)
{
    if (flux->kind == SEVENS_FLUX_SPECTRUM)
        return flux->spectrum[flux_class]->line[i];
    return (sevens_spectrum_line){SEVENS_PION_LINE, 1.0};
}
