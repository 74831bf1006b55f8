/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Original data release -> release folder of this project (release.yaml and CSV tables). Events are
 * streamed: memory does not grow with their number. */
#ifndef SEVENS_INGEST_H
#define SEVENS_INGEST_H

#include "sevens/status.h"
#include <stddef.h>

typedef struct sevens_ingest_options {
    const char *from; /* folder with the original files */
    const char *out;  /* release folder to write; made when missing, its files are replaced */
    /* Another binning: NULL for the default one, else [n] increasing edges. */
    const double *energy_edges;
    size_t n_energy_edges;
    const double *time_edges;
    size_t n_time_edges;
    const char *events; /* another list of beam-coincident events ("-": standard input), or NULL */
} sevens_ingest_options;

typedef struct sevens_ingest_kind {
    const char *name; /* release name */
    const char *doc;
    sevens_status (*run)(const sevens_ingest_options *options, sevens_error *err);
} sevens_ingest_kind;

/* The kind of that name, or NULL with a message that names the nearest one. */
const sevens_ingest_kind *sevens_ingest_find(const char *name, sevens_error *err);
const sevens_ingest_kind *sevens_ingest_at(size_t index); /* NULL past the end */

/* One per original release: host/ingest_<release>.c */
sevens_status sevens_ingest_coherent_csi_2017(const sevens_ingest_options *options,
                                              sevens_error *err);
sevens_status sevens_ingest_coherent_csi_2021(const sevens_ingest_options *options,
                                              sevens_error *err);
sevens_status sevens_ingest_coherent_lar_2020(const sevens_ingest_options *options,
                                              sevens_error *err);
sevens_status sevens_ingest_dresden2(const sevens_ingest_options *options, sevens_error *err);
sevens_status sevens_ingest_xenonnt_8b(const sevens_ingest_options *options, sevens_error *err);
/* Tables of spectra that releases share: FLUX.csv each, no release.yaml. */
sevens_status sevens_ingest_fluxes(const sevens_ingest_options *options, sevens_error *err);

#endif
