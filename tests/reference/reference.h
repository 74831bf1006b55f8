/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Independent reference: the equations of docs/physics.md written a second time, slowly, with GSL
 * quadrature and special functions. It includes nothing of the program (own constants, own nuclei)
 * and takes other routes where it can: spectra folded numerically in place of closed-form moments,
 * smearing by adaptive quadrature of GSL's gamma density, pulls by coordinate descent in place of
 * Newton. It is what catches a mistake that two backends share.
 *
 * Units: MeV, fm, cm^2, us. Every function is thread-safe and keeps no state. Quadrature that
 * stops at rounding error is expected and fine, so a program that uses this file calls
 * gsl_set_error_handler_off() first; a quadrature that really fails returns NaN. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REF_N_FLAVOUR 3 /* flux classes of pion decay at rest, in the order of the enum */
#define REF_CSI2021_N_PE 9
#define REF_CSI2021_N_TIME 11
#define REF_CSI2021_N_BIN (REF_CSI2021_N_PE * REF_CSI2021_N_TIME) /* bin = pe * 11 + time */

typedef enum { REF_NU_E, REF_NUBAR_MU, REF_NU_MU, REF_NU_TAU } ref_flavour;
typedef enum { REF_RADIATIVE, REF_TREE, REF_CHARGE_RADIUS } ref_couplings;
typedef enum { REF_HELM, REF_FERMI, REF_KLEIN_NYSTRAND, REF_POINT } ref_form_factor_kind;
typedef enum { REF_K0, REF_K1, REF_K2 } ref_kinematics;

typedef struct ref_nucleus {
    int Z, N;
    double mass_u;       /* atomic */
    double rp_fm, rn_fm; /* rms radii of protons and neutrons */
} ref_nucleus;

/* The Standard Model with its options and what is added to it: a vector mediator (g, m, charges), a
 * vector mediator coupled through lepton loops (g, m), a scalar mediator (g, m, nucleon charges),
 * magnetic moments. All are absent where their coupling is 0. */
typedef struct ref_model {
    ref_couplings couplings;
    ref_form_factor_kind form_factor;
    ref_kinematics kinematics;
    double s2w;                /* sin^2 of the weak mixing angle at low energy */
    double g, m_MeV;           /* coupling and mass of the mediator */
    double q_u, q_d, q_nu[3];  /* Z' charges: quarks; nu_e, nu_mu, nu_tau */
    int loop_l[2];             /* L_i - L_j: the leptons i, j (0 e, 1 mu, 2 tau); none if equal */
    double scalar_p, scalar_n; /* scalar charges of the nucleons */
    double mu_nu[3];           /* magnetic moments [mu_B] of nu_e, nu_mu, nu_tau */
    double r2[3];              /* charge radii [1e-32 cm^2], REF_CHARGE_RADIUS only */
} ref_model;

ref_nucleus ref_cs133(void);
ref_nucleus ref_i127(void);
ref_nucleus ref_ar40(void);

ref_model ref_standard_model(void);
ref_model ref_universal(double g, double m_MeV); /* Q' = 1 for u, d and every neutrino */
ref_model ref_b_minus_l(double g, double m_MeV);
ref_model ref_l_mu_minus_l_tau(double g, double m_MeV);
ref_model ref_scalar(double g, double m_MeV); /* equal quark couplings: C_p = C_n = 17.3 */

/* reference_xsec.c: one nucleus */
double ref_mass_MeV(const ref_nucleus *nucleus); /* nuclear: atomic less Z electrons */
double ref_t_max(const ref_nucleus *nucleus, double e_MeV);
double ref_e_min(const ref_nucleus *nucleus, double t_MeV);
double ref_form_factor(ref_form_factor_kind kind, double q_MeV, double r_fm, int A);
double ref_weak_charge(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                       double t_MeV);
/* d sigma / d T [cm^2 / MeV], 0 outside the kinematic range; its integral over T [cm^2]. */
double ref_xsec_cevns(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                      double e_MeV, double t_MeV);
double ref_total_xsec(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                      double e_MeV);

/* reference_flux.c: pion decay at rest, spectra normalised to 1. The prompt nu_mu is a line: its
 * spectrum is not a function (NaN), its integrals are. */
double ref_pion_line_MeV(void);
double ref_michel_end_MeV(void);
double ref_pion_dar_spectrum(ref_flavour flavour, double e_MeV);
double ref_moment(ref_flavour flavour, int n, double e_min_MeV);
double ref_folded_xsec(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                       double t_MeV);
double ref_averaged_xsec(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour);

/* reference_csi2021.c: COHERENT CsI 2021. A detector holds recoil energies, weights and responses
 * for given PE edges, so that one prediction costs milliseconds; NULL without memory. */
typedef struct ref_csi2021 ref_csi2021;

extern const double ref_csi2021_pe_edges[REF_CSI2021_N_PE + 1];
extern const double ref_csi2021_time_edges_us[REF_CSI2021_N_TIME + 1];
/* Share of a flavour's neutrinos per time bin times the time efficiency. */
extern const double ref_csi2021_time_share[REF_N_FLAVOUR][REF_CSI2021_N_TIME];

double ref_csi2021_ee_keV(double t_MeV);
double ref_csi2021_smearing(double pe, double t_MeV); /* density [1/PE] */
double ref_csi2021_efficiency(double pe);
double ref_csi2021_response(double pe_lo, double pe_hi, double t_MeV);

ref_csi2021 *ref_csi2021_create(const double *pe_edges, size_t n_bin);
void ref_csi2021_destroy(ref_csi2021 *detector);

/* Nuclei default to ref_cs133 and ref_i127 where cs or iodine is NULL. */
void ref_csi2021_energy_counts(const ref_csi2021 *detector, const ref_model *model,
                               const ref_nucleus *cs, const ref_nucleus *iodine,
                               ref_flavour flavour, double *counts);
/* The same for one bin by nested adaptive quadrature, without the tabulated recoil energies. */
double ref_csi2021_adaptive_count(const ref_model *model, const ref_nucleus *cs,
                                  const ref_nucleus *iodine, ref_flavour flavour, double pe_lo,
                                  double pe_hi);
/* Needs the nine bins of ref_csi2021_pe_edges. */
void ref_csi2021_counts(const ref_csi2021 *detector, const ref_model *model, const ref_nucleus *cs,
                        const ref_nucleus *iodine, double counts[REF_CSI2021_N_BIN]);

/* reference_csi2021_data.c: the original files of the release, binned 9 x 11. */
typedef struct ref_csi2021_data {
    double observed[REF_CSI2021_N_BIN];
    double background[3][REF_CSI2021_N_BIN]; /* BRN, NIN, steady state, at their central norms */
} ref_csi2021_data;

int ref_csi2021_load(ref_csi2021_data *data, const char *folder); /* 0, or -1: not readable */

/* reference_chi2.c. Expected counts are mu_b = sum_k s_k N_kb with templates[k * n_bin + b]. */
double ref_chi2_poisson(size_t n_bin, const double *observed, const double *mu);
double ref_chi2(size_t n_bin, size_t n_k, const double *templates, const double *sigma,
                const double *observed, const double *s);
/* Minimum over s_k >= 0 of Baker-Cousins plus pulls ((s_k - 1) / sigma_k)^2; sigma_k infinite:
 * free, 0: fixed at 1. Writes s [n_k]. NaN if it does not converge. */
double ref_profile(size_t n_bin, size_t n_k, const double *templates, const double *sigma,
                   const double *observed, double *s);

#ifdef __cplusplus
}
#endif
#endif
