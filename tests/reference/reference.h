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

#define REF_N_FLAVOUR 3 /* flux classes of pion decay at rest */
#define REF_CSI2021_N_PE 9
#define REF_CSI2021_N_TIME 11
#define REF_CSI2021_N_BIN (REF_CSI2021_N_PE * REF_CSI2021_N_TIME) /* bin = pe * 11 + time */

/* The first three are those of pion decay at rest. */
typedef enum { REF_NU_E, REF_NUBAR_MU, REF_NU_MU, REF_NU_TAU, REF_NUBAR_E } ref_flavour;
/* Nucleon couplings. The last two are what charge radii are added to: the radiative ones without
 * those of the SM, and tree. */
typedef enum { REF_RADIATIVE, REF_TREE, REF_CHARGE_RADIUS, REF_CHARGE_RADIUS_TREE } ref_couplings;
typedef enum { REF_HELM, REF_FERMI, REF_KLEIN_NYSTRAND, REF_POINT } ref_form_factor_kind;
typedef enum { REF_K0, REF_K1, REF_K2 } ref_kinematics;

typedef struct ref_nucleus {
    int Z, N;
    double mass_u;         /* atomic */
    double rp_fm, rn_fm;   /* rms radii of protons and neutrons */
    double spin_p, spin_n; /* spin up minus spin down protons, neutrons */
} ref_nucleus;

/* y(x), linear between the points, 0 outside. */
typedef struct ref_table {
    size_t n;
    const double *x, *y;
} ref_table;

#define REF_MAX_SHELL 17

/* Electrons: binding energy [keV] and number of each shell, from the innermost. */
typedef struct ref_atom {
    int Z, n_shell;
    double binding_keV[REF_MAX_SHELL];
    int electrons[REF_MAX_SHELL];
    const ref_table *photoelectric; /* cm^2 per atom at E [keV], where photon_approximation asks */
} ref_atom;

/* The Standard Model with its options and everything that is added to it, each absent where it is
 * 0. Flavours are in the order e, mu, tau; transitions e mu, e tau, mu tau. g and m_MeV belong to
 * whichever mediator has charges. */
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

    double g2;          /* signed product of two couplings, added to g^2 of a Z' */
    double q_e, a_e;    /* Z' charges of the electron: vector; axial, in the sign of g_A */
    double a_u, a_d;    /* axial Z' charges of the quarks */
    int loop_opposite;  /* loop_sign = -1 */
    int strigari;       /* norm = strigari: half the amplitude of a Z' */
    int hidden_n;       /* Z' amplitude times (Q2 / lambda^2)^n */
    double lambda_MeV;  /* of hidden_n */
    double nsi_u[3][3]; /* symmetric */
    double nsi_d[3][3]; /* symmetric */
    double nsi_m_MeV;   /* NSI times m^2 / (m^2 + Q2); heavy where 0 */
    int axial;          /* axial current of the SM on the spin of the nucleus */
    int scalar_spin;    /* scalar: the exact factor of spin 1/2 for nuclei */
    int moment_spin_0;  /* magnetic moment: the exact form for nuclei without spin */
    double scalar_e;    /* scalar charge of the electron */
    double tensor_p, tensor_n, tensor_e;
    double r2_transition[3];                          /* [1e-32 cm^2], REF_CHARGE_RADIUS only */
    double millicharge[3], millicharge_transition[3]; /* [e] */
    int photon_approximation;                         /* millicharge on bound electrons */
    double dipole[3], m4_MeV; /* transition moments [mu_B] to N4 and its mass */
    double u4_2[3], dm2_eV2;  /* sterile: |U_e4|^2, |U_mu4|^2, |U_tau4|^2 */
    double l_m, l_half_m;     /* distance, and half the length it is averaged over */
} ref_model;

/* reference_models.c. Names: 133Cs 127I 40Ar 70Ge ... 76Ge 23Na 28Si ... 30Si 124Xe ... 136Xe. A
 * radius that the specification does not give is that of Lewin and Smith. Z = 0 if unknown. */
ref_nucleus ref_nucleus_named(const char *name);
ref_nucleus ref_cs133(void);
ref_nucleus ref_i127(void);
ref_nucleus ref_ar40(void);
ref_atom ref_atom_of(int Z); /* Na Si Ar Ge I Xe Cs; n_shell = 0 if unknown */

ref_model ref_standard_model(void);
/* Charges by name: universal b-l b-3l_e b-3l_mu b-3l_tau b-2l_e-l_mu b-l_e-2l_mu b_y+l_mu+l_tau
 * baryonic l_e-l_mu l_e-l_tau l_mu-l_tau; g is NaN if unknown. */
ref_model ref_zprime(const char *charges, double g, double m_MeV);
ref_model ref_universal(double g, double m_MeV); /* Q' = 1 for u, d and every neutrino */
ref_model ref_b_minus_l(double g, double m_MeV);
ref_model ref_l_mu_minus_l_tau(double g, double m_MeV);
ref_model ref_baryonic(double g2_b, double m_MeV); /* g2_b: signed product of couplings */
ref_model ref_dark_hypercharge(double eps, double m_MeV);
ref_model ref_dark_z(double eps_z, double m_MeV);
ref_model ref_hidden(double g, double m_MeV, int n, double lambda_MeV);
ref_model ref_scalar(double g, double m_MeV); /* equal quark couplings: C_p = C_n = 17.3 */
ref_model ref_tensor(double g, double m_MeV); /* C_p = C_n = 1 */
/* LMA-Dark: eps_eff in nu_e (mutau = 0) or +2 in nu_mu and nu_tau. */
ref_model ref_lma_dark(double eta, double m_MeV, double y_n, int mutau);
ref_model ref_sterile(double u_e4_2, double u_mu4_2, double dm2_eV2); /* 19.3 +- 0.5 m */

/* reference_xsec.c: one nucleus */
double ref_mass_MeV(const ref_nucleus *nucleus); /* nuclear: atomic less Z electrons */
double ref_t_max(const ref_nucleus *nucleus, double e_MeV);
double ref_e_min(const ref_nucleus *nucleus, double t_MeV);
double ref_form_factor(ref_form_factor_kind kind, double q_MeV, double r_fm, int A);
double ref_weak_charge(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                       double t_MeV);
/* Axial charge of the nucleus for neutrinos. */
double ref_axial_charge(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                        double t_MeV);
/* d sigma / d T [cm^2 / MeV], 0 outside the kinematic range; its integral over T [cm^2]. All final
 * states but N4. Without the survival of a sterile model, which the flux integrals have. */
double ref_xsec_cevns(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                      double e_MeV, double t_MeV);
double ref_total_xsec(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                      double e_MeV);

/* reference_dipole.c: nu + nucleus -> N4 + nucleus. Range of T at E, {1, 0} below threshold; least
 * E at T. */
void ref_dipole_range(const ref_model *model, const ref_nucleus *nucleus, double e_MeV,
                      double t_MeV[2]);
double ref_dipole_e_min(const ref_model *model, const ref_nucleus *nucleus, double t_MeV);
double ref_xsec_dipole(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                       double e_MeV, double t_MeV);
double ref_folded_dipole(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                         double t_MeV);

/* reference_es.c: elastic scattering on the electrons of one atom, d sigma / d T_e per atom. */
double ref_table_at(const ref_table *table, double x);
double ref_z_eff(const ref_atom *atom, double t_MeV);
double ref_es_t_max(double e_MeV);
double ref_es_e_min(double t_MeV);
double ref_xsec_es(const ref_model *model, const ref_atom *atom, ref_flavour flavour, double e_MeV,
                   double t_MeV);
double ref_folded_es(const ref_model *model, const ref_atom *atom, ref_flavour flavour,
                     double t_MeV);

/* reference_flux.c: pion decay at rest, spectra normalised to 1. The prompt nu_mu is a line: its
 * spectrum is not a function (NaN), its integrals are. */
double ref_pion_line_MeV(void);
double ref_michel_end_MeV(void);
double ref_pion_dar_spectrum(ref_flavour flavour, double e_MeV);
double ref_moment(ref_flavour flavour, int n, double e_min_MeV);
/* 1 - P(a -> sterile) */
double ref_survival(const ref_model *model, ref_flavour flavour, double e_MeV);
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

/* Scintillation and efficiency, central and, as variations, others. */
typedef struct ref_csi2021_curves {
    double light[4], efficiency[4];
} ref_csi2021_curves;
extern const ref_csi2021_curves ref_csi2021_central;

double ref_csi2021_ee_keV(double t_MeV);
double ref_csi2021_smearing(double pe, double t_MeV); /* density [1/PE] */
double ref_csi2021_efficiency(double pe);
double ref_csi2021_response(double pe_lo, double pe_hi, double t_MeV);
double ref_csi2021_response_ee(double pe_lo, double pe_hi, double ee_keV);

ref_csi2021 *ref_csi2021_create(const double *pe_edges, size_t n_bin);
/* With other curves; N4 production keeps the central ones. */
ref_csi2021 *ref_csi2021_create_varied(const ref_csi2021_curves *curves, const double *pe_edges,
                                       size_t n_bin);
void ref_csi2021_destroy(ref_csi2021 *detector);

/* Nuclei default to ref_cs133 and ref_i127 where cs or iodine is NULL. N4 production is part of the
 * counts; its range of T depends on the model, so it goes by adaptive quadrature. */
void ref_csi2021_energy_counts(const ref_csi2021 *detector, const ref_model *model,
                               const ref_nucleus *cs, const ref_nucleus *iodine,
                               ref_flavour flavour, double *counts);
/* The same for one bin by nested adaptive quadrature, without the tabulated recoil energies and
 * without N4. */
double ref_csi2021_adaptive_count(const ref_model *model, const ref_nucleus *cs,
                                  const ref_nucleus *iodine, ref_flavour flavour, double pe_lo,
                                  double pe_hi);
/* Needs the nine bins of ref_csi2021_pe_edges. */
void ref_csi2021_counts(const ref_csi2021 *detector, const ref_model *model, const ref_nucleus *cs,
                        const ref_nucleus *iodine, double counts[REF_CSI2021_N_BIN]);

/* reference_csi2021_es.c: the same for electrons, E_ee = T_e. Atoms default to ref_atom_of(55) and
 * (53) where NULL. */
typedef struct ref_csi2021_es ref_csi2021_es;

ref_csi2021_es *ref_csi2021_es_create(const double *pe_edges, size_t n_bin);
void ref_csi2021_es_destroy(ref_csi2021_es *detector);
void ref_csi2021_es_energy_counts(const ref_csi2021_es *detector, const ref_model *model,
                                  const ref_atom *cs, const ref_atom *iodine, ref_flavour flavour,
                                  double *counts);
double ref_csi2021_es_adaptive_count(const ref_model *model, const ref_atom *cs,
                                     const ref_atom *iodine, ref_flavour flavour, double pe_lo,
                                     double pe_hi);
void ref_csi2021_es_counts(const ref_csi2021_es *detector, const ref_model *model,
                           const ref_atom *cs, const ref_atom *iodine,
                           double counts[REF_CSI2021_N_BIN]);

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

/* ---- other experiments: `data` is the folder of the folders of original files ---- */

/* reference_spectrum.c: spectra [1 / (MeV cm^2 s)]. Fractions: of 235U 239Pu 238U 241Pu. */
typedef struct ref_spectrum ref_spectrum;
typedef enum { REF_HMVE, REF_HMK, REF_BESTIOLE, REF_ABSOLUTE } ref_reactor;

extern const double ref_dresden2_fractions[4];

/* NULL: no memory, or a table is not readable. */
ref_spectrum *ref_reactor_spectrum(ref_reactor kind, const double fractions[4], double flux,
                                   const char *data);
/* Huber's polynomials, Mueller's for 238U, from 2 to 8 MeV and flat below. */
ref_spectrum *ref_reactor_polynomials(const double fractions[4], double power_MW,
                                      double distance_m);
ref_spectrum *ref_boron8_spectrum(double flux);
/* The standard table in place of the formula. */
ref_spectrum *ref_boron8_table(double flux, const char *data);
void ref_spectrum_destroy(ref_spectrum *spectrum);
double ref_spectrum_at(const ref_spectrum *spectrum, double e_MeV);
double ref_spectrum_moment(const ref_spectrum *spectrum, int n, double e_min_MeV);

/* reference_detector.c: recoil energies, weights and responses of a detector, so that a prediction
 * costs milliseconds to a second. A beam is a flux class; rn_fm > 0 takes the place of the neutron
 * radius of every nucleus. Without factors of time windows and without N4 production. */
typedef struct ref_detector ref_detector;
void ref_detector_destroy(ref_detector *detector);
size_t ref_detector_n_bin(const ref_detector *detector);
void ref_detector_beam_counts(const ref_detector *detector, const ref_model *model, double rn_fm,
                              size_t beam, double *counts);
void ref_detector_counts(const ref_detector *detector, const ref_model *model, double rn_fm,
                         double *counts); /* all beams */
/* One bin of one beam by nested adaptive quadrature over T and E. */
double ref_detector_adaptive_count(const ref_detector *detector, const ref_model *model,
                                   double rn_fm, size_t beam, size_t bin);

/* reference_csi2017.c: 12 bins of 2 PE from 6 to 30 PE; beams nu_e, nubar_mu, nu_mu. */
#define REF_CSI2017_N_PE 12
#define REF_CSI2017_N_TIME 12
#define REF_CSI2017_N_BIN (REF_CSI2017_N_PE * REF_CSI2017_N_TIME) /* bin = pe * 12 + time */

typedef struct ref_csi2017_data {
    double on[REF_CSI2017_N_BIN], off[REF_CSI2017_N_BIN]; /* coincidence, anti-coincidence */
    double neutrons[REF_CSI2017_N_BIN];
    double prompt[REF_CSI2017_N_TIME], delayed[REF_CSI2017_N_TIME]; /* share of neutrinos */
} ref_csi2017_data;

double ref_csi2017_acceptance(double pe);
int ref_csi2017_load(ref_csi2017_data *set, const char *data); /* 0, or -1: not readable */
ref_detector *ref_csi2017_create(int poisson, int electrons);
/* With the shares of time; the 12 PE bins of the one-dimensional analysis are its sums. */
void ref_csi2017_counts(const ref_detector *detector, const ref_csi2017_data *set,
                        const ref_model *model, double rn_fm, double counts[REF_CSI2017_N_BIN]);

/* reference_lar2020.c: beams nu_e, nubar_mu, nu_mu; 12 bins of energy, 8 of F90, 10 of time. */
#define REF_LAR2020_N_E 12
#define REF_LAR2020_N_F90 8
#define REF_LAR2020_N_TIME 10
#define REF_LAR2020_N_BIN (REF_LAR2020_N_E * REF_LAR2020_N_F90 * REF_LAR2020_N_TIME)

typedef struct ref_lar2020_data {
    double observed[REF_LAR2020_N_BIN];     /* bin = (energy * 8 + f90) * 10 + time */
    double templates[4][REF_LAR2020_N_BIN]; /* CEvNS, prompt and delayed neutrons, steady state */
    double energy[REF_LAR2020_N_E], energy_error[REF_LAR2020_N_E]; /* data less steady state */
    double neutrons[2][REF_LAR2020_N_E];                           /* prompt, delayed */
} ref_lar2020_data;

int ref_lar2020_load(ref_lar2020_data *set, const char *data);
ref_detector *ref_lar2020_create(const char *data); /* NULL also: efficiency not readable */
void ref_lar2020_time_shares(double prompt[REF_LAR2020_N_TIME], double delayed[REF_LAR2020_N_TIME]);
/* Per energy and time, bin = energy * 10 + time. */
void ref_lar2020_counts(const ref_detector *detector, const ref_model *model, double rn_fm,
                        double counts[REF_LAR2020_N_E * REF_LAR2020_N_TIME]);
/* Over F90 as the CEvNS template of the release. */
void ref_lar2020_spread(const ref_lar2020_data *set,
                        const double counts[REF_LAR2020_N_E * REF_LAR2020_N_TIME],
                        double spread[REF_LAR2020_N_BIN]);
/* Changes by one sigma: of the signal F90 and time; of the prompt neutrons energy, mean and width
 * of the time. 0, or -1: not readable. */
int ref_lar2020_changes(const ref_lar2020_data *set, const ref_detector *detector,
                        const ref_model *model, const char *data,
                        double change[5][REF_LAR2020_N_BIN]);

/* reference_germanium.c: Dresden-II, counts per day and 10 eV in the whole crystal; one beam. */
#define REF_DRESDEN2_N_BIN 130
#define REF_DRESDEN2_N_PARAMETER 7 /* of the background: N0 A L h c1 w1 r */

typedef enum { REF_FEF, REF_YBE, REF_LINDHARD } ref_quenching;

typedef struct ref_dresden2_data {
    double energy_keV[REF_DRESDEN2_N_BIN];
    double on[REF_DRESDEN2_N_BIN], on_error[REF_DRESDEN2_N_BIN];
    double off[REF_DRESDEN2_N_BIN], off_error[REF_DRESDEN2_N_BIN];
} ref_dresden2_data;

int ref_dresden2_load(ref_dresden2_data *set, const char *data);
ref_detector *ref_dresden2_create(ref_quenching quenching, ref_reactor flux, int electrons,
                                  const char *data);
double ref_dresden2_background(const double p[REF_DRESDEN2_N_PARAMETER], double e_keV);
/* Recoils of germanium between edges [keVnr], as they are; takes the spectrum. */
ref_detector *ref_germanium_create(ref_spectrum *spectrum, double kg_days, size_t n_bin,
                                   const double *edges_keV);

/* reference_xenonnt.c: solar 8B, beams nu_e, nu_mu, nu_tau; bin = run * 81 + bin of the release. */
#define REF_XENONNT_N_RUN 3
#define REF_XENONNT_N_BIN (REF_XENONNT_N_RUN * 81)

typedef struct ref_xenonnt_data {
    double observed[REF_XENONNT_N_BIN];
    double background[3][REF_XENONNT_N_BIN]; /* accidental, electron recoils, neutrons */
} ref_xenonnt_data;

int ref_xenonnt_load(ref_xenonnt_data *set, const char *data);
ref_detector *ref_xenonnt_create(ref_spectrum *spectrum, const char *data); /* takes it */

/* reference_likelihood.c */
/* Minimum over norms 1 + a_k of sum ((n - sum_k (1 + a_k) N_k) / error)^2 + sum (a_k / sigma_k)^2;
 * sigma_k infinite: free, 0: fixed. Writes a [n_k]. */
double ref_profile_gauss(size_t n_bin, size_t n_k, const double *templates, const double *sigma,
                         const double *observed, const double *error, double *a);
/* Dresden-II with reactor on (or off): minimum over the background, started at p, with the pull on
 * its line ratio; bounds as in the specification. */
double ref_profile_dresden2(const ref_dresden2_data *set, int reactor_off, const double *signal,
                            double p[REF_DRESDEN2_N_PARAMETER]);

typedef enum { REF_DISCRETE, REF_CONTINUOUS, REF_PROFILED } ref_steady_state;
/* -2 ln L with the steady state integrated out and a normal norm of s, integrated as well: common
 * to all bins, or in each by itself. Nothing is subtracted. */
double ref_chi2_on_off(size_t n_bin, const double *s, const double *on, const double *off,
                       ref_steady_state kind, int per_bin, double sigma);
/* Minimum over shapes and norms of CsI-2021-like data: signal + sum_j a_j changes[j], then as
 * ref_profile, pulls a_j^2 added. Writes s [n_k], a [n_shape]. */
double ref_profile_shapes(size_t n_bin, size_t n_k, const double *templates, const double *sigma,
                          size_t n_shape, const double *changes, const double *observed, double *s,
                          double *a);

#ifdef __cplusplus
}
#endif
#endif
