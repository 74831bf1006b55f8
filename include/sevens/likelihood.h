/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A binned likelihood as plain data: what every backend sees besides rows. It has one part for each
 * experiment; experiments that share a nuisance form one likelihood, all others one each. Expected
 * counts of a part are
 *     mu_b = sum_c z_c V_cb + B_b,     z_c = s_norm(c), or s_norm(c) a_shape(c)
 * over components c: V the signal of the point, its changes by shape nuisances, backgrounds and
 * their changes; s >= 0 norms around 1, a shapes around 0, B a function of free parameters. The
 * pulls are the quadratic form sum_ij (t_i - centre_i) W_ij (t_j - centre_j) over nuisances t.
 * docs/physics.md eqs. 23 to 25 and 49 to 53. */
#ifndef SEVENS_LIKELIHOOD_H
#define SEVENS_LIKELIHOOD_H

#include "sevens/release.h"
#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SEVENS_MAX_PARTS 16
#define SEVENS_MAX_NUISANCES 48
#define SEVENS_MAX_COMPONENTS 32 /* of a part */
#define SEVENS_NONE ((size_t)-1)

typedef enum sevens_nuisance_kind {
    SEVENS_NUISANCE_NORM,
    SEVENS_NUISANCE_SHAPE,
    SEVENS_NUISANCE_FUNCTION, /* parameter of the background function */
    SEVENS_NUISANCE_MARGINAL  /* integrated over, not profiled: reported as its mean */
} sevens_nuisance_kind;

typedef struct sevens_nuisance {
    char *name; /* "signal", "brn"; unique in its part */
    size_t part;
    sevens_nuisance_kind kind;
    double centre; /* of the pull: 1 for norms, 0 for shapes */
    double sigma;  /* width of its own pull; infinite: none */
    bool fixed;    /* stays at `start` */
    double start, lo, hi;
} sevens_nuisance;

typedef struct sevens_component {
    size_t norm;  /* nuisance that multiplies it */
    size_t shape; /* nuisance that multiplies it too, or SEVENS_NONE */
    size_t
        variant; /* signal: which of the row's (0: the signal, 1 ..: changes); else SEVENS_NONE */
    double *counts; /* backgrounds: [n_bin]; signal: NULL */
} sevens_component;

typedef struct sevens_likelihood_part {
    sevens_likelihood_kind kind;
    size_t n_bin;
    double *observed;  /* [n_bin] */
    double *sigma;     /* [n_bin] gaussian kinds, else NULL */
    double *off;       /* [n_bin] on-off, else NULL */
    double *reference; /* [n_bin] > 0: expected counts near the best fit, which the row kernel takes
                          ratios to; any value is right */
    size_t n_variant;  /* of the signal: 1 and its active shapes */
    size_t n_component;
    sevens_component component[SEVENS_MAX_COMPONENTS]; /* the signal first */
    size_t first_nuisance, n_nuisance;                 /* its own; the first is "signal" */
    sevens_line_background lines; /* GAUSS_BACKGROUND: bins at `energy`, parameters from */
    size_t first_line;            /* nuisance first_line on */
    double *energy;               /* [n_bin] centres of the bins [keV], else NULL */
    sevens_on_off_background on_off;
    bool on_off_per_bin;
} sevens_likelihood_part;

/* A pull that several parts share: the norm of each is 1 + eta_shared + its rest. */
typedef struct sevens_shared_nuisance {
    char *name;
    double sigma;
    size_t n;
    size_t nuisance[SEVENS_MAX_PARTS]; /* norms [n] */
} sevens_shared_nuisance;

typedef struct sevens_likelihood {
    size_t n_part;
    sevens_likelihood_part part[SEVENS_MAX_PARTS];
    size_t n_nuisance;
    sevens_nuisance nuisance[SEVENS_MAX_NUISANCES];
    size_t n_shared;
    sevens_shared_nuisance shared[SEVENS_RELEASE_MAX_SHARED];
    double weight[SEVENS_MAX_NUISANCES][SEVENS_MAX_NUISANCES]; /* W; sevens_likelihood_set_pulls */
} sevens_likelihood;

/* ---- making one ---- */

/* Adds an experiment. shape_active [n_shape of the release]: which shape nuisances there are; NULL:
 * none. The data are copied; `observed` of a projection stays 0 until it is set. */
sevens_status sevens_likelihood_add(sevens_likelihood *likelihood, const sevens_release *release,
                                    const bool *shape_active, sevens_error *err);
/* W from the widths and the shared pulls: after all changes of either. The width that a shared pull
 * has is taken out of the norm's own in quadrature. */
sevens_status sevens_likelihood_set_pulls(sevens_likelihood *likelihood, sevens_error *err);
void sevens_likelihood_free(sevens_likelihood *likelihood);

/* Doubles of one row: [part][n_variant][3][n_bin]; those of parts before `part`. */
size_t sevens_likelihood_row_size(const sevens_likelihood *likelihood);
size_t sevens_likelihood_part_offset(const sevens_likelihood *likelihood, size_t part);
/* The same for the signal of one point: [part][n_variant][n_bin]. */
size_t sevens_likelihood_signal_size(const sevens_likelihood *likelihood);
size_t sevens_likelihood_signal_offset(const sevens_likelihood *likelihood, size_t part);
size_t sevens_likelihood_n_bin(const sevens_likelihood *likelihood);
/* One poisson part with norms and nothing else: what the row kernel takes. */
bool sevens_likelihood_is_plain(const sevens_likelihood *likelihood);
/* One on-off part, which is integrated and not profiled. */
bool sevens_likelihood_is_on_off(const sevens_likelihood *likelihood);

/* ---- the reference ---- */

/* Result of profiling at one point. */
typedef struct sevens_profile {
    double chi2;
    double part_chi2[SEVENS_MAX_PARTS]; /* bins and own pulls; a shared pull is in chi2 alone */
    double value[SEVENS_MAX_NUISANCES]; /* of the nuisances at the minimum */
    int iterations;
    bool converged;
} sevens_profile;

/* Cold start, damped Newton in double over all bins as the equations stand; signal is
 * [part][n_variant][n_bin]. Shares no code with the kernels of the fast backends. */
void sevens_likelihood_profile(const sevens_likelihood *likelihood, const double *signal,
                               sevens_profile *profile);
/* chi2 at given nuisances [n_nuisance]; +infinity where a bin with counts expects none. On-off
 * parts are integrated over their norm, unless it is fixed. */
double sevens_likelihood_chi2(const sevens_likelihood *likelihood, const double *signal,
                              const double *value);
/* Expected counts of a part [n_bin] there; on-off: of all that the beam brings. */
void sevens_likelihood_expected(const sevens_likelihood *likelihood, size_t part,
                                const double *signal, const double *value, double *mu);
/* The integral over the norm z of an on-off part is sum_i weight_i L(z_i) with these nodes
 * [SEVENS_ON_OFF_NODES], the same for every backend: spaced evenly in ln z, so that the peak of L
 * is resolved however strong the signal is; the last one is z = 0 (eq. 51). */
#define SEVENS_ON_OFF_NODES 129
void sevens_on_off_rule(double sigma, double *z, double *weight);
/* What is subtracted from -2 ln L to make a chi2: -2 sum_b ln max_s L_b(s). Of the data alone. */
double sevens_on_off_offset(const sevens_likelihood_part *part);
/* (value - centre)/sigma; value - centre where there is no pull. */
double sevens_nuisance_pull(const sevens_nuisance *nuisance, double value);
/* The best shared pull eta, in widths, at given norms. */
double sevens_shared_pull_value(const sevens_likelihood *likelihood, size_t shared,
                                const double *value);

#ifdef __cplusplus
}
#endif

#endif
