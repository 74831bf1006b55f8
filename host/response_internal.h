/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between host/response.c and its parts: quenching, efficiency, smearing. */
#ifndef SEVENS_RESPONSE_INTERNAL_H
#define SEVENS_RESPONSE_INTERNAL_H

#include "numbers.h"
#include "quadrature.h"
#include "sevens/nucleus.h"
#include "sevens/release.h"
#include "sevens/response.h"

/* Nothing counts so many widths away from the mean: 2e-44. */
#define SEVENS_RESPONSE_REACH 14.0
#define SEVENS_RESPONSE_LARGEST 1e5 /* reconstructed energy where it is counted in steps */

/* A stretch of one channel in which the efficiency is smooth: y + slope (x - lo), or the sigmoid.
 */
typedef struct sevens_piece {
    double lo, hi, y, slope;
} sevens_piece;

struct sevens_response {
    sevens_response_parameters par; /* its tables are borrowed */
    size_t n_channel;
    const double *edges; /* [n_channel + 1] borrowed; NULL: triangles */
    const double *nodes; /* [n_channel] keVnr, borrowed; NULL: bins */

    size_t *first;       /* [n_channel + 1] first piece of each channel */
    sevens_piece *piece; /* where the efficiency is not 0 */

    sevens_unit_rule rule; /* gauss */

    size_t *first_node;        /* gamma: [n_channel + 1] first node of each channel */
    sevens_quadrature gamma;   /* reconstructed energy x; weight includes the efficiency */
    double *log_x;             /* [gamma.n] */
    size_t n_count;            /* poisson: counts 0 .. n_count - 1 */
    double *passed, *log_fact; /* [n_count] efficiency of a count, ln n! */
};

/* ---- response_quenching.c: recoil energy to electron-equivalent energy; nucleus NULL: electron
 * ---- */

/* E_ee [keVee] and its slope [keVee/MeV]. physics.md eqs. 17, 47. */
double sevens_quenched_keVee(const sevens_response_parameters *par, const sevens_nucleus *nucleus,
                             double T_MeV);
double sevens_quenched_slope(const sevens_response_parameters *par, const sevens_nucleus *nucleus,
                             double T_MeV);
/* Adds the recoil energies below top where E_ee(T) has a kink. */
sevens_status sevens_quenching_kinks(const sevens_response_parameters *par,
                                     const sevens_nucleus *nucleus, double top_MeV,
                                     sevens_numbers *T_MeV, sevens_error *err);
/* Adds all recoil energies below top where E_ee(T) reaches one of n levels [keVee]. */
sevens_status sevens_quenching_crossings(const sevens_response_parameters *par,
                                         const sevens_nucleus *nucleus, double top_MeV,
                                         const double *level_keVee, size_t n, sevens_numbers *T_MeV,
                                         sevens_error *err);

/* ---- response_efficiency.c ---- */

/* eps(x); physics.md eqs. 19, 48. */
double sevens_efficiency(const sevens_response_parameters *par, double x);
/* first, piece. */
sevens_status sevens_response_make_pieces(sevens_response *response, sevens_error *err);

/* ---- response_smearing.c: mean reconstructed energy to channels ---- */

/* What the kind of smearing needs besides pieces. */
sevens_status sevens_smearing_make(sevens_response *response, sevens_error *err);
/* R_i, into r [n_channel] that is 0, at a mean x > 0; physics.md eqs. 18, 20, 48. */
void sevens_smear(const sevens_response *response, double x, double *r);
/* Width in x of the resolution at a mean x: infinite without one or where no channel is in reach, 0
 * where it is not known. */
double sevens_smearing_width(const sevens_response *response, double x);
/* Adds the x where R_i(x) has kinks or jumps, and where the reach of the channels begins and ends.
 */
sevens_status sevens_smearing_breaks(const sevens_response *response, sevens_numbers *x,
                                     sevens_error *err);

#endif
