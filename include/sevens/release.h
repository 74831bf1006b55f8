/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A published data release as it is: bins, counts, backgrounds, response parameters, exposure,
 * citation. No physics. A release is a folder with release.yaml and the CSV tables it names, made
 * by `sevens ingest`; docs/adding_an_experiment.md describes the layout. */
#ifndef SEVENS_RELEASE_H
#define SEVENS_RELEASE_H

#include "sevens/checksum.h"
#include "sevens/flavour.h"
#include "sevens/nucleus.h"
#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>

#define SEVENS_RELEASE_MAX_NUCLEI 16
#define SEVENS_RELEASE_MAX_BACKGROUNDS 15
#define SEVENS_RELEASE_MAX_BINS 100000

typedef struct sevens_bin_axis {
    char *name;    /* "energy", "time" */
    char *unit;    /* "PE", "us" */
    size_t n;      /* bins */
    double *edges; /* [n + 1] increasing */
} sevens_bin_axis;

typedef struct sevens_background {
    char *name;     /* also the name of its norm nuisance */
    double sigma;   /* relative width of its gaussian norm pull */
    double *counts; /* [n_bin] expectation at the central norm */
} sevens_background;

typedef struct sevens_target_nucleus {
    const sevens_nucleus *nucleus;
    double count; /* nuclei per formula unit (molecules) */
} sevens_target_nucleus;

typedef enum sevens_quenching_kind { SEVENS_QUENCHING_POLYNOMIAL } sevens_quenching_kind;
typedef enum sevens_smearing_kind { SEVENS_SMEARING_GAMMA_PE } sevens_smearing_kind;
typedef enum sevens_efficiency_kind { SEVENS_EFFICIENCY_SIGMOID } sevens_efficiency_kind;

/* Recoil energy to reconstructed energy; docs/physics.md eqs. 17 to 20. */
typedef struct sevens_response_parameters {
    sevens_quenching_kind quenching;
    double quenching_coefficient[4]; /* E_ee[MeVee] = sum_k c[k] T[MeVnr]^(k+1) */
    sevens_smearing_kind smearing;
    double gamma_a_keVee;     /* A = gamma_a / E_ee, E_ee in keVee */
    double gamma_b_per_keVee; /* B = gamma_b * E_ee */
    sevens_efficiency_kind efficiency;
    double efficiency_coefficient[4]; /* a/(1 + exp(-b (x - c))) + d, clipped at 0; x in PE */
} sevens_response_parameters;

typedef enum sevens_flux_kind { SEVENS_FLUX_PION_DAR } sevens_flux_kind;

/* Neutrinos of one flavour and the share of their events in each bin of the axes after the first
 * (time, selection efficiency included). */
typedef struct sevens_release_flux {
    sevens_flavour flavour;
    double *share; /* [n_share] */
} sevens_release_flux;

typedef enum sevens_likelihood_kind { SEVENS_LIKELIHOOD_POISSON } sevens_likelihood_kind;

typedef struct sevens_release {
    char *name, *title, *citation, *doi, *arxiv, *url, *version;
    char *folder;
    char sha256[SEVENS_SHA256_HEX]; /* of release.yaml, which holds the checksums of the tables */

    sevens_flux_kind flux_kind;
    double pot;                  /* protons on target */
    double neutrinos_per_proton; /* per flavour */
    double baseline_m;
    size_t n_flux;
    sevens_release_flux flux[SEVENS_N_FLAVOUR];

    double mass_kg, molar_mass_g;
    size_t n_target;
    sevens_target_nucleus target[SEVENS_RELEASE_MAX_NUCLEI];

    sevens_response_parameters response;

    size_t n_axis; /* 1 or 2; axis 0 is the reconstructed energy */
    sevens_bin_axis axis[2];
    size_t n_energy, n_share, n_bin; /* n_bin = n_energy * n_share, row-major, energy slowest */

    sevens_likelihood_kind likelihood;
    double signal_sigma; /* relative width of the norm pull of all signal, name "signal" */
    double *observed;    /* [n_bin] */
    size_t n_background;
    sevens_background background[SEVENS_RELEASE_MAX_BACKGROUNDS];
} sevens_release;

/* Reads and checks FOLDER/release.yaml and its tables. Every fault is SEVENS_ERR_INPUT with
 * file:line. */
sevens_status sevens_release_load(sevens_release **release, const char *folder, sevens_error *err);
void sevens_release_free(sevens_release **release);

/* The folder that holds the release NAME: SEVENS_DATA, then releases/ beside the program (build
 * tree), then the installed share/sevens/releases. `folder` is owned by the caller. */
sevens_status sevens_release_find(char **folder, const char *name, sevens_error *err);

/* Names of all releases found, in alphabetical order; free with sevens_release_names_free. */
sevens_status sevens_release_names(char ***names, size_t *n, sevens_error *err);
void sevens_release_names_free(char ***names, size_t n);

#endif
