/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the reference share: constants and the two kinds of integral. */
#ifndef REFERENCE_INTERNAL_H
#define REFERENCE_INTERNAL_H

#include "reference.h"

#include <gsl/gsl_math.h>

#define REF_G_FERMI 1.1663788e-11  /* [MeV^-2] */
#define REF_HBARC 197.3269804      /* [MeV fm] */
#define REF_HBARC2 3.89379372e-22  /* [MeV^2 cm^2] */
#define REF_MASS_UNIT 931.49410242 /* [MeV] */
#define REF_M_E 0.51099895         /* [MeV] */
#define REF_M_MU 105.6583755       /* [MeV] */
#define REF_M_TAU 1776.86          /* [MeV] */
#define REF_ALPHA 7.2973525693e-3
#define REF_M_W 80377.0 /* [MeV] */
#define REF_M_Z 91187.6 /* [MeV] */
#define REF_S2W 0.23857 /* sin^2 of the weak mixing angle at low energy */
#define REF_AVOGADRO 6.02214076e23

int ref_lepton(ref_flavour flavour); /* 0 e, 1 mu, 2 tau */
int ref_is_antineutrino(ref_flavour flavour);

/* Entry l, k of a symmetric matrix with off-diagonal entries e mu, e tau, mu tau; l != k. */
double ref_transition(const double entries[3], int l, int k);

/* g^2 / (sqrt2 G_F (Q2 + M^2)) of the vector mediator with its options. */
double ref_mediator(const ref_model *model, double q2);
/* What multiplies it for charge +1 if the mediator couples through lepton loops. */
double ref_loop_factor(const ref_model *model, int l, double q2);
/* Millicharge of l -> k, and charge radius: shift of the vector coupling of charge +1. */
double ref_photon_coupling(const ref_model *model, int l, int k, double q2);

/* Sum of adaptive integrals between successive points, which are sorted first, from the last to the
 * first: what matters should be near the end. NaN if the errors are not small against the sum. */
double ref_integrate(gsl_function *f, double *points, size_t n, double tolerance);

/* Integral of the flux times f(E) over E >= e_min, times the survival of a sterile model. f is a
 * polynomial in 1/E of degree 2 unless said otherwise. */
double ref_fold(const ref_model *model, ref_flavour flavour, double e_min, gsl_function *f,
                int is_polynomial);

/* Columns of numbers, [n_column][n_row], from data/name: separated by blanks or commas, of every
 * line that starts with enough of them. NULL: not readable. */
double *ref_read_columns(const char *data, const char *name, size_t n_column, size_t *n_row);

/* Its ends and kinks, increasing. */
size_t ref_spectrum_points(const ref_spectrum *spectrum, const double **points);
/* Integral over E >= e_min of spectrum times survival times f. */
double ref_spectrum_fold(const ref_spectrum *spectrum, const ref_model *model, ref_flavour flavour,
                         double e_min, gsl_function *f);

/* reference_detector.c. The spectrum (NULL: pion decay at rest) and data (from malloc) become the
 * detector's, also where it fails. */
typedef void (*ref_response)(double t_MeV, const void *data, double *response);
ref_detector *ref_detector_create(size_t n_bin, ref_spectrum *spectrum, void *data);
void ref_detector_add_beam(ref_detector *detector, ref_flavour flavour, double fluence);
/* A kind of nucleus or atom (the other NULL). points [MeV]: the range of recoil energies and the
 * kinks of the response, in any order; flux and shells add their own. */
int ref_detector_add(ref_detector *detector, const ref_nucleus *nucleus, const ref_atom *atom,
                     double number, const double *points, size_t n_point, ref_response response,
                     const void *data);

/* COHERENT CsI 2021: neutrinos of one flavour per cm^2 times nuclei of one kind. */
double ref_csi2021_exposure(void);
/* Counts per flavour to counts per bin. */
typedef void (*ref_energy_counts)(const void *args, ref_flavour flavour, double *counts);
void ref_csi2021_spread(ref_energy_counts energy_counts, const void *args,
                        double counts[REF_CSI2021_N_BIN]);

#endif
