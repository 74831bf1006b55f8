/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The originals that can be turned into releases: one line here for each ingest_<release>.c. */
#include "sevens/ingest.h"

#include "sevens/text.h"

#include <string.h>

static const sevens_ingest_kind kinds[] = {
    {"coherent-csi-2021", "COHERENT CsI[Na], full data set (arXiv:2110.07730, ancillary files)",
     sevens_ingest_coherent_csi_2021},
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
