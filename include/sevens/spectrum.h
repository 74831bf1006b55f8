/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A neutrino spectrum from tables: straight lines between the nodes, plus lines of one energy. The
 * moments K_n = int_{e_min} f(E) E^-n dE, n = 0, 1, 2, are exact (docs/physics.md eq. 45). */
#ifndef SEVENS_SPECTRUM_H
#define SEVENS_SPECTRUM_H

#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>

#define SEVENS_SPECTRUM_MAX_LINES 16

typedef struct sevens_spectrum_line {
    double E_MeV, content;
} sevens_spectrum_line;

typedef struct sevens_spectrum {
    size_t n;           /* nodes */
    double *E_MeV;      /* [n] > 0, not decreasing; an energy that stands twice is a jump */
    double *density;    /* [n] f at the nodes, >= 0; f is 0 outside the table */
    double (*above)[3]; /* [n] moments of the continuum from a node to the end */
    size_t n_line;
    sevens_spectrum_line line[SEVENS_SPECTRUM_MAX_LINES];
} sevens_spectrum;

/* Adds weight times a table [n] to a spectrum (begins as all zeros); the nodes of both are kept, so
 * that the sum is exact. The moments are brought up to date. */
sevens_status sevens_spectrum_add(sevens_spectrum *spectrum, size_t n, const double *E_MeV,
                                  const double *density, double weight, sevens_error *err);
sevens_status sevens_spectrum_add_line(sevens_spectrum *spectrum, double E_MeV, double content,
                                       sevens_error *err);
/* Multiplies everything. */
void sevens_spectrum_scale(sevens_spectrum *spectrum, double factor);
void sevens_spectrum_free(sevens_spectrum *spectrum);

/* Continuum and lines together; total: of the whole spectrum. */
double sevens_spectrum_total(const sevens_spectrum *spectrum);
/* K_0, K_1, K_2 above e_min [MeV]; a line at e_min counts. */
void sevens_spectrum_moments(const sevens_spectrum *spectrum, double e_min_MeV, double k[3]);
/* f(E) of the continuum; at a jump the value above it. */
double sevens_spectrum_density(const sevens_spectrum *spectrum, double E_MeV);

#endif
