/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Published and reference numbers of the other experiments and of projections, one at a time. */
#include "validate_internal.h"

#define SCAN(model, more, experiment)                                                              \
    "{schema: 1, name: v, model: " model ", " more "experiments: [{" experiment "}]}"
#define CSI2017(options) "name: coherent-csi-2017, es: false" options
#define LAR(options) "name: coherent-lar-2020" options
#define DRESDEN(quenching, es) "name: dresden2, quenching: " quenching ", es: " es
#define MOMENT_SCAN(name, max, experiment)                                                         \
    SCAN("magnetic-moment", "axes: [{param: " name ", min: 0, max: " max ", n: 200}], ", experiment)
#define RADIUS "axes: [{param: rn_csi, min: 3, max: 8, n: 50}], "
#define LIMIT(scan, what, published, reference, tolerance)                                         \
    SEVENS_ONE(scan, 2.7055, sevens_measure_limits, what ", 90 % limit [mu_B]", published,         \
               reference, tolerance, false)
#define PROJECTED(scan, what, published, reference)                                                \
    SEVENS_ONE(scan, 2.7055, sevens_measure_limits, what ", 90 % limit [mu_B]", published,         \
               reference, 1e-3, true)

#define CSI2017_PAPER "173 +- 48 (1708.01294)"
#define RN2017 "5.5 +0.9 -1.1 (1710.02730)"
#define FEF_MU "2.3e-10 (2205.09484)"
#define FEF_MU_ES "2.1e-10 (2205.09484), 2.2e-10 (2202.10829)"
#define YBE_MU "3.7e-10 (2205.09484)"
#define YBE_MU_ES "3.2e-10 (2205.09484), 3.3e-10 (2202.10829)"

/* COHERENT CsI 2017: counts and the neutron radius. */
#define COUNTS_2017(model, options, what, reference)                                               \
    SEVENS_ONE(SCAN(model, "", CSI2017(options)), 0.0, sevens_measure_counts,                      \
               "CsI 2017 SM counts, 6-30 PE, " what, CSI2017_PAPER, reference, 1e-6, true)
#define RADIUS_2017(model, options, what, best, lower, upper)                                      \
    {                                                                                              \
        SCAN(model, RADIUS, CSI2017(options)), 1.0, sevens_measure_interval, 3,                    \
        {                                                                                          \
            {"CsI 2017 R_n [fm], " what, RN2017, best, 0.005, false},                              \
                {"CsI 2017 R_n, lower [fm], " what, "", lower, 0.005, false},                      \
            {                                                                                      \
                "CsI 2017 R_n, upper [fm], " what, "", upper, 0.005, false                         \
            }                                                                                      \
        }                                                                                          \
    }

/* Dresden-II: counts per day, and chi2 of the Standard Model and without neutrinos. */
#define COUNTS_DRESDEN(quenching, total, first)                                                    \
    {                                                                                              \
        SCAN("sm", "", DRESDEN(quenching, "false")), 0.0, sevens_measure_counts, 2,                \
        {                                                                                          \
            {"Dresden-II SM counts per day, " quenching, "", total, 1e-6, true},                   \
            {                                                                                      \
                "Dresden-II SM counts per day, first bin, " quenching, "", first, 1e-6, true       \
            }                                                                                      \
        }                                                                                          \
    }
#define CHI2_DRESDEN(quenching, es, what, reference)                                               \
    SEVENS_ONE(SCAN("sm", "", DRESDEN(quenching, es)), 0.0, sevens_measure_chi2,                   \
               "Dresden-II chi2, " what, "", reference, 0.01, false)

const sevens_validation_group sevens_validation_experiments[] = {
    COUNTS_2017("sm", "", "no smearing", 151.314550),
    COUNTS_2017("sm", ", smearing: poisson", "Poisson", 164.974724),
    COUNTS_2017("{kind: sm, form_factor: klein-nystrand}", ", smearing: poisson",
                "Klein-Nystrand, Poisson", 168.225869),
    RADIUS_2017("{kind: sm, couplings: tree}", "", "tree", 5.282, 4.110, 6.216),
    RADIUS_2017("sm", ", smearing: poisson", "radiative, Poisson", 5.731, 4.584, 6.678),
    {SCAN("sm", "", LAR(", analysis: 1d")),
     0.0,
     sevens_measure_counts,
     6,
     {{"LAr 2020 SM counts", "128 +- 17 (2003.10630)", 121.211764, 1e-6, true},
      {"LAr 2020 SM counts, 0-10 keVee", "", 77.24103, 1e-6, true},
      {"LAr 2020 SM counts, 10-20 keVee", "", 33.14989, 1e-6, true},
      {"LAr 2020 SM counts, 20-30 keVee", "", 8.362322, 1e-6, true},
      {"LAr 2020 SM counts, 30-40 keVee", "", 2.079394, 1e-6, true},
      {"LAr 2020 SM counts, 40-50 keVee", "", .3562796, 1e-6, true}}},
    {SCAN("sm", "", LAR(", analysis: 3d-templates")),
     0.0,
     sevens_measure_backgrounds,
     6,
     {{"LAr 2020 3D, release templates: CEvNS", "159 +- 43 (2003.10630)", 160.205, 0.01, false},
      {"LAr 2020 3D, release templates: prompt BRN", "553 +- 34 (2003.10630)", 552.117, 0.01,
       false},
      {"LAr 2020 3D, release templates: delayed BRN", "10 +- 11 (2003.10630)", 10.536, 0.01, false},
      {"LAr 2020 3D, release templates: steady state", "3131 +- 23 (2003.10630)", 3131.397, 0.01,
       false},
      {"LAr 2020 3D, release templates: chi2", "", 1067.1561940, 0.01, false},
      {"LAr 2020 3D, release templates: chi2 without CEvNS - best",
       "3.9 sigma, statistical (2003.10630)", 15.0417, 0.01, false}}},
    COUNTS_DRESDEN("fef", 119.5564076, 22.3359396),
    COUNTS_DRESDEN("ybe", 64.0954298, 15.4468947),
    {SCAN("sm", "", DRESDEN("fef", "false")),
     0.0,
     sevens_measure_chi2,
     2,
     {{"Dresden-II chi2, CEvNS, fef", "", 103.8341, 0.01, false},
      {"Dresden-II chi2, background only", "", 110.6910, 0.01, false}}},
    CHI2_DRESDEN("ybe", "false", "CEvNS, ybe", 105.7470),
    CHI2_DRESDEN("fef", "true", "CEvNS and ES, fef", 103.8357),
    CHI2_DRESDEN("ybe", "true", "CEvNS and ES, ybe", 105.7488),
    SEVENS_ONE(SCAN("sm", "", DRESDEN("fef", "true")), 0.0, sevens_measure_electrons,
               "Dresden-II SM counts on electrons per day", "negligible", 0.0316, 0.01, true),
    {SCAN("sm", "axes: [{param: s2w, min: 0.05, max: 0.45, n: 50}], ", DRESDEN("fef", "false")),
     1.0,
     sevens_measure_interval,
     3,
     {{"Dresden-II fef sin^2 theta_W", "0.219 +0.06 -0.05 (2205.09484)", 0.2264, 0.001, false},
      {"Dresden-II fef sin^2 theta_W, lower", "", 0.1641, 0.001, false},
      {"Dresden-II fef sin^2 theta_W, upper", "", 0.2774, 0.001, false}}},
    LIMIT(MOMENT_SCAN("mu_nu_e", "2.0e-9", DRESDEN("fef", "false")), "Dresden-II mu_nu_e, fef",
          FEF_MU, 2.511e-10, 1e-12),
    LIMIT(MOMENT_SCAN("mu_nu_e", "2.0e-9", DRESDEN("fef", "true")),
          "Dresden-II mu_nu_e with ES, fef", FEF_MU_ES, 2.278e-10, 1e-12),
    LIMIT(MOMENT_SCAN("mu_nu_e", "2.0e-9", DRESDEN("ybe", "false")), "Dresden-II mu_nu_e, ybe",
          YBE_MU, 3.802e-10, 1e-12),
    LIMIT(MOMENT_SCAN("mu_nu_e", "2.0e-9", DRESDEN("ybe", "true")),
          "Dresden-II mu_nu_e with ES, ybe", YBE_MU_ES, 3.367e-10, 1e-12),
    PROJECTED(MOMENT_SCAN("mu_nu_e", "1.0e-9", "name: ge-reactor-10ev"),
              "reactor projection, Ge, 1 kg yr: mu_nu_e", "3e-11 (talk)", 3.002e-11),
    PROJECTED(MOMENT_SCAN("mu_nu_e", "1.0e-10",
                          "name: ge-reactor-10ev, patch: {target: {mass_kg: 10000}}"),
              "reactor projection, Ge, 1e4 kg yr: mu_nu_e", "3e-12 (talk)", 2.987e-12),
    {SCAN("sm", "", "name: ge-400m"),
     1.0,
     sevens_measure_counts_above,
     3,
     {{"Ge, 400 m from 8.54 GW, counts/(kg d) above 50 eV", "0.76 (1612.09035)", 0.74105, 1e-3,
       true},
      {"Ge, 400 m from 8.54 GW, counts/(kg d) above 100 eV", "0.51 (1612.09035)", 0.50026, 1e-3,
       true},
      {"Ge, 400 m from 8.54 GW, counts/(kg d) above 200 eV", "0.26 (1612.09035)", 0.25595, 1e-3,
       true}}},
    {SCAN("sm", "", "name: xenonnt-8b, flux: formula"),
     0.0,
     sevens_measure_budget,
     6,
     {{"XENONnT background, SR0", "", 7.779, 0.005, false},
      {"XENONnT 8B, SR0", "", 3.437979, 1e-4, true},
      {"XENONnT background, SR1", "", 18.721, 0.005, false},
      {"XENONnT 8B, SR1", "", 6.340517, 1e-4, true},
      {"XENONnT background, SR2", "", 15.563630, 1e-4, true},
      {"XENONnT 8B, SR2", "", 7.639473, 1e-4, true}}},
};

const size_t sevens_n_validation_experiments =
    sizeof sevens_validation_experiments / sizeof sevens_validation_experiments[0];
