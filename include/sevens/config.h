/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scan files: what is scanned, against which experiments, and where the map goes. Every key stands
 * in one table in host/config.c; scans/reference.yaml shows them all. */
#ifndef SEVENS_CONFIG_H
#define SEVENS_CONFIG_H

#include "sevens/document.h"
#include "sevens/model.h"
#include "sevens/release.h"
#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEVENS_MAX_AXES 8
#define SEVENS_MAX_EXPERIMENTS 16
#define SEVENS_MAX_NUISANCE_ENTRIES 64
#define SEVENS_MAX_AXIS_POINTS 10000000
#define SEVENS_MAX_PLANES 64
#define SEVENS_MAX_PLANE_AXES 2

typedef struct sevens_axis {
    const char *name; /* borrowed from the model */
    const char *unit; /* borrowed from the model */
    const char *doc;  /* borrowed from the model */
    size_t parameter; /* index in the model */
    bool log;     /* spacing of a min/max axis; for listed values: all positive and written so */
    bool listed;  /* `values:` instead of min, max, n */
    bool profile; /* chi2 is minimised over its values; the map does not have this axis */
    size_t n;
    double *value; /* [n] increasing */
} sevens_axis;

typedef struct sevens_experiment_entry {
    const char *name;         /* release name */
    bool es;                  /* neutrino-electron scattering counted too */
    double norm_scale;        /* multiplies the predicted signal */
    const char *folder;       /* where the release is; NULL: it is found by its name */
    const sevens_node *patch; /* laid over its release.yaml; or NULL */
    size_t n_option;          /* all that the release has, in its order, with the choices made */
    sevens_release_option option[SEVENS_RELEASE_MAX_OPTIONS]; /* borrowed from the head */
    sevens_release_head *head;                                /* owned */
} sevens_experiment_entry;

typedef struct sevens_nuisance_entry {
    const char *experiment, *name; /* "experiment:name" */
    bool has_sigma, has_fixed, fixed;
    double sigma;       /* may be infinite: free */
    const char *shared; /* name of a pull that experiments have in common, or NULL */
} sevens_nuisance_entry;

typedef enum sevens_output_precision {
    SEVENS_OUTPUT_F64,
    SEVENS_OUTPUT_F32,
    SEVENS_OUTPUT_I16
} sevens_output_precision;

typedef struct sevens_output_options {
    const char *file; /* NULL: <name>.h5 in the working folder */
    int precision;    /* sevens_output_precision */
    bool pulls, compress;
} sevens_output_options;

/* What a scan with `reduce` keeps of its points in place of all of them. */
typedef enum sevens_plane_kind {
    SEVENS_PLANE_PROFILE,  /* the lowest chi2 over all other axes, and where it is */
    SEVENS_PLANE_SLICE,    /* chi2 at one value of every other axis */
    SEVENS_PLANE_HISTOGRAM /* number of points by chi2 minus a reference */
} sevens_plane_kind;
typedef enum sevens_plane_reference {
    SEVENS_PLANE_REFERENCE_MIN, /* the continuous minimum, as it is found before the first tile */
    SEVENS_PLANE_REFERENCE_SM
} sevens_plane_reference;

typedef struct sevens_plane {
    sevens_plane_kind kind;
    char name[136];                     /* given, or made of kind and axes */
    size_t n_axis;                      /* none for a histogram */
    size_t axis[SEVENS_MAX_PLANE_AXES]; /* indices in config->axis, in the order written */
    size_t at[SEVENS_MAX_AXES];         /* slice: index of the value on every other axis */
    double asked[SEVENS_MAX_AXES];      /* slice: the value that at is nearest to */
    double max;                         /* histogram: [0, max) in n_bin equal bins */
    size_t n_bin;
    int reference; /* histogram: sevens_plane_reference */
} sevens_plane;

typedef struct sevens_config {
    sevens_document *document; /* owned */
    const char *name;
    sevens_model *model; /* owned */
    size_t n_axis;
    sevens_axis axis[SEVENS_MAX_AXES];
    double *value; /* [n_parameters] fixed and tied values; where an axis runs, its first value */
    size_t n_experiment;
    sevens_experiment_entry experiment[SEVENS_MAX_EXPERIMENTS];
    size_t n_nuisance;
    sevens_nuisance_entry nuisance[SEVENS_MAX_NUISANCE_ENTRIES];
    size_t n_plane; /* 0: the map has every point */
    sevens_plane plane[SEVENS_MAX_PLANES];
    int64_t tile;    /* most points in a tile */
    int64_t seed;    /* of random numbers */
    bool incoherent; /* interference: none */
    sevens_output_options output;
    char *canonical_json; /* every default filled in, keys sorted; output.file and the folders of
                             releases left out */
} sevens_config;

/* Options of the command line that change a scan file. */
typedef struct sevens_config_overrides {
    size_t n_set;
    const char *const *set; /* "axes.0.n=1500" */
    size_t n_at;
    const char *const *at; /* "m_zp=10": fixes a parameter, an axis of that name goes */
} sevens_config_overrides;

/* Reads and checks a scan file; all faults are in err at once. overrides may be NULL.
 * need_axes: a scan file without axes is a fault. Its releases must be there, since they say which
 * options an entry may have; a map needs neither, it holds the scan with everything filled in. */
sevens_status sevens_config_load(sevens_config **config, const char *path,
                                 const sevens_config_overrides *overrides, bool need_axes,
                                 sevens_error *err);
/* The same from text. */
sevens_status sevens_config_parse(sevens_config **config, const char *name, const char *text,
                                  size_t length, const sevens_config_overrides *overrides,
                                  bool need_axes, sevens_error *err);
void sevens_config_free(sevens_config **config);

/* The scan file with every default filled in, as YAML (owned by the caller). */
char *sevens_config_print(const sevens_config *config);

/* Number of grid points (1 without axes), those of profiled axes counted. */
double sevens_config_points(const sevens_config *config);
/* How many points are profiled for one of the map: the product of the profiled axes. */
double sevens_config_profiled_points(const sevens_config *config);
/* Whether a plane has an axis of the scan. */
bool sevens_plane_has(const sevens_plane *plane, size_t axis);
/* An expression in the parameters that one is tied to, "0.1 + 2*eps_u_ee" (owned by the caller);
 * NULL when memory is out. */
char *sevens_config_print_tie(const sevens_config *config, size_t parameter);

#endif
