/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The originals that can be turned into releases: one line here for each ingest_<release>.c. */
#include "sevens/ingest.h"

#include "sevens/text.h"

#include <string.h>

static const sevens_ingest_kind kinds[] = {
    {"coherent-csi-2017", "COHERENT CsI[Na], first observation (arXiv:1804.09459, Zenodo 1228631)",
     sevens_ingest_coherent_csi_2017},
    {"coherent-csi-2021", "COHERENT CsI[Na], full data set (arXiv:2110.07730, ancillary files)",
     sevens_ingest_coherent_csi_2021},
    {"coherent-lar-2020", "COHERENT CENNS-10 liquid argon (arXiv:2006.12659, Zenodo 3903810)",
     sevens_ingest_coherent_lar_2020},
    {"dresden2", "Dresden-II germanium at a reactor (arXiv:2202.09672, ancillary files)",
     sevens_ingest_dresden2},
    {"fluxes", "neutrino spectra of reactors and of the sun, for releases/fluxes (many papers)",
     sevens_ingest_fluxes},
    {"xenonnt-8b", "XENONnT solar 8B, SR0 to SR2 (arXiv:2604.06002, Zenodo 20576156)",
     sevens_ingest_xenonnt_8b},
};

enum { N_KIND = sizeof kinds / sizeof kinds[0] };

const sevens_ingest_kind *sevens_ingest_at(size_t index)
{
    return index < N_KIND ? &kinds[index] : NULL;
}

const sevens_ingest_kind *sevens_ingest_find(const char *name, sevens_error *err)
{
    const char *names[N_KIND];
    char suggestion[SEVENS_SUGGESTION];
    for (size_t i = 0; i < N_KIND; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
        names[i] = kinds[i].name;
    }
    sevens_fail(err, SEVENS_ERR_INPUT, "no ingest for '%s'; %s", name,
                sevens_suggest(suggestion, name, names, N_KIND));
    return NULL;
}
