/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A published data release as it is, or a projected experiment: bins, counts, backgrounds, response
 * parameters, exposure, citation. No cross sections. A release is a folder with release.yaml and
 * the CSV tables it names, made by `sevens ingest` or by hand; docs/adding_an_experiment.md
 * describes the layout. */
#ifndef SEVENS_RELEASE_H
#define SEVENS_RELEASE_H

#include "sevens/checksum.h"
#include "sevens/document.h"
#include "sevens/flavour.h"
#include "sevens/hd/line_background.h"
#include "sevens/nucleus.h"
#include "sevens/spectrum.h"
#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>

#define SEVENS_RELEASE_MAX_NUCLEI 16
#define SEVENS_RELEASE_MAX_BACKGROUNDS 15
#define SEVENS_RELEASE_MAX_BINS 100000
#define SEVENS_RELEASE_MAX_AXES 6
#define SEVENS_RELEASE_MAX_FLUX 8
#define SEVENS_RELEASE_MAX_SHAPES 8
#define SEVENS_RELEASE_MAX_OPTIONS 8
#define SEVENS_RELEASE_MAX_SHARED 4
#define SEVENS_RELEASE_MAX_EXCLUDED 8

/* ---- bins ---- */

typedef struct sevens_bin_axis {
    char *name;    /* "energy", "time" */
    char *unit;    /* "PE", "us" */
    size_t n;      /* bins */
    double *edges; /* [n + 1] increasing */
} sevens_bin_axis;

/* Which channels of the response feed a bin, and how much; the weights stand with the flux classes.
 * Entries first[b] .. first[b + 1] - 1 belong to bin b. */
typedef struct sevens_spread {
    size_t *first;   /* [n_bin + 1] */
    size_t *channel; /* [n_entry] */
    size_t n_entry;
} sevens_spread;

/* ---- detector ---- */

typedef struct sevens_target_nucleus {
    const sevens_nucleus *nucleus;
    double count; /* nuclei per formula unit (molecules) */
} sevens_target_nucleus;

typedef enum sevens_quenching_kind {
    SEVENS_QUENCHING_POLYNOMIAL,
    SEVENS_QUENCHING_TABLE,   /* E_ee = QF(T) T, QF straight between the rows, constant outside */
    SEVENS_QUENCHING_LINDHARD /* E_ee = QF(T) T, QF = k g/(1 + k g) */
} sevens_quenching_kind;

typedef enum sevens_smearing_kind {
    SEVENS_SMEARING_NONE,
    SEVENS_SMEARING_GAMMA_PE,
    SEVENS_SMEARING_POISSON, /* integer counts n; bin n holds [n, n + 1) */
    SEVENS_SMEARING_GAUSS    /* sigma^2 = c0 + c1 E + c2 E^2 */
} sevens_smearing_kind;

typedef enum sevens_efficiency_kind {
    SEVENS_EFFICIENCY_ONE,
    SEVENS_EFFICIENCY_SIGMOID,
    SEVENS_EFFICIENCY_LINEAR, /* straight between the rows, 0 below, the last value above */
    SEVENS_EFFICIENCY_STEPS   /* constant in each row's [lo, hi), 0 outside */
} sevens_efficiency_kind;

/* Two columns of a table; STEPS: x holds n + 1 edges, y n values. */
typedef struct sevens_curve {
    size_t n;
    double *x, *y;
} sevens_curve;

/* Recoil energy T to reconstructed energy x = light_yield E_ee; docs/physics.md eqs. 17 to 20,
 * 47, 48. */
typedef struct sevens_response_parameters {
    sevens_quenching_kind quenching;
    double quenching_coefficient[4]; /* E_ee[MeVee] = sum_k c[k] T[MeVnr]^(k+1) */
    sevens_curve quenching_factor;   /* TABLE: x in keVnr */
    double lindhard_k;
    double quenching_scale; /* multiplies E_ee of nuclear recoils; 1 */
    double minimum_keVee;   /* nothing is seen below; 0 */
    double light_yield;     /* reconstructed unit per keVee */
    sevens_smearing_kind smearing;
    double gamma_a_keVee;     /* A = gamma_a / E_ee, E_ee in keVee */
    double gamma_b_per_keVee; /* B = gamma_b * E_ee */
    double sigma2[3];         /* GAUSS: c0, c1, c2 in the reconstructed unit */
    bool truncated;           /* GAUSS: renormalised to x > 0 */
    sevens_efficiency_kind efficiency;
    double efficiency_coefficient[4]; /* a/(1 + exp(-b (x - c))) + d, clipped at 0 */
    sevens_curve efficiency_curve;    /* LINEAR, STEPS: in the reconstructed unit */
} sevens_response_parameters;

/* ---- neutrinos ---- */

typedef enum sevens_flux_kind {
    SEVENS_FLUX_PION_DAR, /* pions and muons at rest, in closed form */
    SEVENS_FLUX_SPECTRUM  /* tables and lines: reactors, the sun, radioactive sources, bursts */
} sevens_flux_kind;

/* Neutrinos of one flavour, and where their events go. */
typedef struct sevens_release_flux {
    sevens_flavour flavour;
    double fluence_per_cm2;   /* over the exposure */
    sevens_spectrum spectrum; /* FLUX_SPECTRUM: normalised to 1 */
    double *weight;           /* [spread.n_entry] */
} sevens_release_flux;

/* ---- statistics ---- */

typedef enum sevens_likelihood_kind {
    SEVENS_LIKELIHOOD_POISSON,
    SEVENS_LIKELIHOOD_GAUSS,
    SEVENS_LIKELIHOOD_GAUSS_BACKGROUND, /* gauss with a background function that is fitted along */
    SEVENS_LIKELIHOOD_POISSON_ON_OFF    /* steady-state background integrated out */
} sevens_likelihood_kind;

typedef enum sevens_on_off_background {
    SEVENS_ON_OFF_DISCRETE,   /* summed over whole numbers: 1903.10666 */
    SEVENS_ON_OFF_CONTINUOUS, /* integrated with a flat prior */
    SEVENS_ON_OFF_PROFILED    /* at its best value */
} sevens_on_off_background;

typedef struct sevens_background {
    char *name;     /* also the name of its norm nuisance */
    double sigma;   /* relative width of its gaussian norm pull; infinite: free */
    double *counts; /* [n_bin] expectation at the central norm */
} sevens_background;

/* A nuisance that changes a template: T(a) = T + a change, a pulled to 0 with width 1. Off unless
 * the scan file names it. */
typedef enum sevens_shape_of {
    SEVENS_SHAPE_RESPONSE, /* the signal through (R+ - R-)/2 */
    SEVENS_SHAPE_SPREAD,   /* the signal, by other weights from channels to bins */
    SEVENS_SHAPE_BACKGROUND
} sevens_shape_of;

typedef struct sevens_shape {
    char *name;
    sevens_shape_of of;
    size_t background;                       /* BACKGROUND: which */
    double *counts;                          /* BACKGROUND: [n_bin] change */
    sevens_response_parameters plus, minus;  /* RESPONSE; their tables are the shape's own */
    bool one_sided;                          /* RESPONSE: the change is R+ - R, no minus */
    double *weight[SEVENS_RELEASE_MAX_FLUX]; /* SPREAD: [n_entry] change */
} sevens_shape;

/* A part of the signal pull that other experiments may share: "sns-flux". */
typedef struct sevens_shared_pull {
    char *name;
    double sigma; /* at most that of the signal, which it is a part of */
} sevens_shared_pull;

/* ---- the whole ---- */

/* A choice that an entry of a scan file may make: `quenching: ybe`. */
typedef struct sevens_release_option {
    char *name, *value;
} sevens_release_option;

typedef struct sevens_release {
    char *name, *title, *citation, *doi, *arxiv, *url, *version;
    char *folder;
    char sha256[SEVENS_SHA256_HEX]; /* of release.yaml, which holds the checksums of the tables; of
                                       both where it does not */
    bool electron_recoils;          /* default of `es`: recoils are not told from electrons */
    bool projection; /* no data: observed is the Standard Model's expectation (Asimov) */
    size_t n_option; /* all options with the choices made */
    sevens_release_option option[SEVENS_RELEASE_MAX_OPTIONS];
    size_t n_excluded; /* releases that hold some of the same data */
    char *excluded[SEVENS_RELEASE_MAX_EXCLUDED];

    sevens_flux_kind flux_kind;
    double baseline_m, spread_m; /* distance, and half its range */
    size_t n_flux;
    sevens_release_flux flux[SEVENS_RELEASE_MAX_FLUX];

    double mass_kg, molar_mass_g;
    size_t n_target;
    sevens_target_nucleus target[SEVENS_RELEASE_MAX_NUCLEI];

    sevens_response_parameters response;
    size_t n_node;
    double *node_keVnr; /* [n_node] channels are triangles at these recoil energies; n_node 0:
                           channels are the bins of axis 0 */

    size_t n_axis; /* axis 0 is the reconstructed energy unless n_node > 0 */
    sevens_bin_axis axis[SEVENS_RELEASE_MAX_AXES];
    size_t n_channel, n_bin; /* bins row-major over the axes */
    sevens_spread spread;

    sevens_likelihood_kind likelihood;
    double signal_sigma; /* relative width of the norm pull of all signal, name "signal";
                            infinite: free; 0: the norm is fixed unless the scan file frees it */
    size_t n_shared;
    sevens_shared_pull shared[SEVENS_RELEASE_MAX_SHARED];
    double *observed; /* [n_bin]; NULL for projections */
    double *sigma;    /* [n_bin] gaussian kinds: error of observed; else NULL */
    double *off;      /* [n_bin] on-off: counts without beam; else NULL */
    sevens_on_off_background on_off;
    bool on_off_per_bin; /* the signal's norm is integrated in each bin, not in common */
    size_t n_background;
    sevens_background background[SEVENS_RELEASE_MAX_BACKGROUNDS];
    sevens_line_background lines; /* GAUSS_BACKGROUND */
    size_t n_shape;
    sevens_shape shape[SEVENS_RELEASE_MAX_SHAPES];
} sevens_release;

/* Reads and checks FOLDER/release.yaml and its tables. choices [n]: options of the release as the
 * scan file has them (unknown ones are faults that name the known); patch: a mapping that is laid
 * over release.yaml, or NULL. Every fault is SEVENS_ERR_INPUT with file:line. */
sevens_status sevens_release_load(sevens_release **release, const char *folder,
                                  const sevens_release_option *choices, size_t n_choice,
                                  const sevens_node *patch, sevens_error *err);
void sevens_release_free(sevens_release **release);

/* What a scan file must know of a release before it is loaded. */
typedef struct sevens_release_option_doc {
    char *name, *doc;
    size_t n_choice;
    char **choice; /* [n_choice], the first is the default */
} sevens_release_option_doc;
typedef struct sevens_release_head {
    char *name;
    bool electron_recoils, projection;
    size_t n_option, n_excluded;
    sevens_release_option_doc option[SEVENS_RELEASE_MAX_OPTIONS];
    char *excluded[SEVENS_RELEASE_MAX_EXCLUDED];
} sevens_release_head;
sevens_status sevens_release_head_load(sevens_release_head **head, const char *folder,
                                       sevens_error *err);
void sevens_release_head_free(sevens_release_head **head);

/* Adds the events of one flux class in channels [n_channel] to bins [n_bin]. */
void sevens_release_spread(const sevens_release *release, const double *weight,
                           const double *channel, double *bin);

/* The folder that holds the release NAME: SEVENS_DATA, then releases/ beside the program (build
 * tree), then the installed share/sevens/releases. `folder` is owned by the caller. */
sevens_status sevens_release_find(char **folder, const char *name, sevens_error *err);
/* The table NAME.csv: in FOLDER, or in fluxes/ of those places. */
sevens_status sevens_release_find_flux(char **path, const char *folder, const char *name,
                                       sevens_error *err);

/* Names of all releases found, in alphabetical order; free with sevens_release_names_free. */
sevens_status sevens_release_names(char ***names, size_t *n, sevens_error *err);
void sevens_release_names_free(char ***names, size_t n);

#endif
