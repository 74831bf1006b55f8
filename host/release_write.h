/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writer of release folders, shared by all ingests; private to the host code. The layout is known
 * in two places: release.c reads it, release_write.c writes it (docs/adding_an_experiment.md). */
#ifndef SEVENS_HOST_RELEASE_WRITE_H
#define SEVENS_HOST_RELEASE_WRITE_H

#include "sevens/release.h"

typedef struct sevens_release_source {
    const char *file;
    char sha256[SEVENS_SHA256_HEX];
} sevens_release_source;

/* A nuisance direction of the response that the original release gives as +-1 sigma parameters. */
typedef struct sevens_release_variation {
    const char *of;   /* "quenching" or "efficiency" */
    const char *name; /* unique */
    double plus[4], minus[4];
} sevens_release_variation;

/* What release.yaml says beyond a sevens_release. Notes become comments before their section: where
 * its numbers come from; lines are separated by newlines. All pointers are borrowed. */
typedef struct sevens_release_provenance {
    const char *made_by;
    size_t n_source;
    const sevens_release_source *source;
    size_t n_variation;
    const sevens_release_variation *variation;
    struct {
        const char *head, *sources, *flux, *target, *response, *bins, *likelihood, *backgrounds,
            *tables, *variations;
    } note;
} sevens_release_provenance;

/* Writes release.yaml, counts.csv and shares.csv; the folder is made when missing. Each file
 * appears whole or not at all, release.yaml last. */
sevens_status sevens_release_write(const sevens_release *release,
                                   const sevens_release_provenance *provenance, const char *folder,
                                   sevens_error *err);

/* The shortest text that reads back as the same bits. */
const char *sevens_shortest_real(double value, char buffer[32]);

#endif
