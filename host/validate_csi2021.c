/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Published and reference numbers of COHERENT CsI 2021. */
#include "validate_internal.h"

#define CSI "experiments: [{name: coherent-csi-2021, es: false}]}"
#define CSI_ES "experiments: [{name: coherent-csi-2021, es: true}]}"
#define SM(options, more) "{schema: 1, name: v, model: {kind: sm" options "}, " more CSI
#define MEDIATOR_SCAN(model, g, m, mass, data)                                                     \
    "{schema: 1, name: v, model: " model ", parameters: {" m ": " mass "}, axes: [{param: " g      \
    ", min: 1.0e-6, max: 1.0e-1, n: 200, spacing: log}], " data
#define ZPRIME_OF(charges, mass, data)                                                             \
    MEDIATOR_SCAN("{kind: zprime, charges: " charges "}", "g_zp", "m_zp", mass, data)
#define ZPRIME(charges, mass) ZPRIME_OF(charges, mass, CSI)
#define WITH_ES(charges, mass) ZPRIME_OF(charges, mass, CSI_ES)
#define SCALAR(mass) MEDIATOR_SCAN("scalar", "g_phi", "m_phi", mass, CSI)
#define MOMENT(name, data)                                                                         \
    "{schema: 1, name: v, model: magnetic-moment, axes: [{param: " name ", min: 0, max: 2.0e-8, "  \
    "n: 200}], " data
#define RADII(parameters)                                                                          \
    "{schema: 1, name: v, model: charge-radius, parameters: {" parameters "}, " CSI
#define PLANE(charges)                                                                             \
    "{schema: 1, name: v, model: {kind: zprime, charges: " charges "}, axes: [{param: m_zp, min: " \
    "0.1, max: 1.0e+4, n: 200, spacing: log}, {param: g_zp, min: 1.0e-6, max: 1.0e-1, n: 200, "    \
    "spacing: log}], " CSI
#define CROSSING(scan, what, published, reference)                                                 \
    SEVENS_ONE(scan, 4.0, sevens_measure_crossings, what ": g at chi2 - chi2_SM = 4", published,   \
               reference, 1e-4, true)
#define PLANE_LIMIT(scan, what, reference)                                                         \
    SEVENS_ONE(scan, PLANE_90, sevens_measure_crossings, what ": g at chi2 - chi2_min = 4.6052",   \
               "", reference, 1e-4, true)
#define LIMIT(scan, what, published, reference)                                                    \
    SEVENS_ONE(scan, 2.7055, sevens_measure_limits, what " [mu_B], 90 % limit", published,         \
               reference, 1e-3, true)

#define MEDIATOR "2 sigma figure of 2202.11002"
/* chi2_min + 4.6052 of the plane, counted from chi2_SM: 82.67279 + 4.6052 - 84.33409 */
#define PLANE_90 (82.672791 + 4.6052 - 84.334087003)

const sevens_validation_group sevens_validation_csi2021[] = {
    {SM("", ""),
     0.0,
     sevens_measure_counts,
     13,
     {{"CsI 2021 SM counts", "341 +- 11 +- 42 (2110.07730)", 321.062090, 1e-6, true},
      {"CsI 2021 SM counts, 0-8 PE", "", 2.372431, 1e-6, true},
      {"CsI 2021 SM counts, 8-12 PE", "", 50.161915, 1e-6, true},
      {"CsI 2021 SM counts, 12-16 PE", "", 74.511449, 1e-6, true},
      {"CsI 2021 SM counts, 16-20 PE", "", 62.901668, 1e-6, true},
      {"CsI 2021 SM counts, 20-24 PE", "", 44.334281, 1e-6, true},
      {"CsI 2021 SM counts, 24-32 PE", "", 50.578107, 1e-6, true},
      {"CsI 2021 SM counts, 32-40 PE", "", 22.887809, 1e-6, true},
      {"CsI 2021 SM counts, 40-50 PE", "", 10.638633, 1e-6, true},
      {"CsI 2021 SM counts, 50-60 PE", "", 2.675798, 1e-6, true},
      {"CsI 2021 SM counts, nu_e before time factors", "", 121.5279995, 1e-6, true},
      {"CsI 2021 SM counts, nubar_mu before time factors", "", 197.3197336, 1e-6, true},
      {"CsI 2021 SM counts, nu_mu before time factors", "", 50.8883205, 1e-6, true}}},
    SEVENS_ONE(SM(", form_factor: klein-nystrand", ""), 0.0, sevens_measure_counts,
               "CsI 2021 SM counts, Klein-Nystrand", "", 329.282634, 1e-6, true),
    {SM("", ""),
     0.0,
     sevens_measure_chi2,
     2,
     {{"CsI 2021 chi2, SM", "", 84.33409, 1e-5, false},
      {"CsI 2021 chi2, no CEvNS", "11.6 sigma (2110.07730)", 215.91901, 1e-5, false}}},
    {SM("", "nuisances: {\"coherent-csi-2021:signal\": {sigma: .inf}}, "),
     1.0,
     sevens_measure_normalisation,
     4,
     {{"CsI 2021 free normalisation, events", "306 +- 20 (2110.07730)", 309.01, 0.01, false},
      {"CsI 2021 free normalisation, lower", "", 277.77, 0.01, false},
      {"CsI 2021 free normalisation, upper", "", 341.06, 0.01, false},
      {"CsI 2021 free normalisation, chi2", "", 84.2757, 0.01, false}}},
    {SM("", "axes: [{param: rn_csi, min: 3, max: 8, n: 50}], "),
     1.0,
     sevens_measure_interval,
     3,
     {{"CsI 2021 R_n [fm]", "5.47 +- 0.38 (2303.09360)", 5.4122, 0.001, false},
      {"CsI 2021 R_n, lower [fm]", "", 4.9868, 0.001, false},
      {"CsI 2021 R_n, upper [fm]", "", 5.8091, 0.001, false}}},
    {SM("", "axes: [{param: s2w, min: 0.05, max: 0.45, n: 50}], "),
     1.0,
     sevens_measure_interval,
     3,
     {{"CsI 2021 sin^2 theta_W", "0.220 +0.028 -0.026 (2110.07730)", 0.23161, 1e-4, false},
      {"CsI 2021 sin^2 theta_W, lower", "", 0.20738, 1e-4, false},
      {"CsI 2021 sin^2 theta_W, upper", "", 0.25867, 1e-4, false}}},
    CROSSING(ZPRIME("universal", "0.1"), "universal Z', 0.1 MeV", MEDIATOR, 2.28378e-5),
    CROSSING(ZPRIME("universal", "1"), "universal Z', 1 MeV", MEDIATOR, 2.2844e-5),
    CROSSING(ZPRIME("universal", "10"), "universal Z', 10 MeV", MEDIATOR, 2.34172e-5),
    CROSSING(ZPRIME("universal", "100"), "universal Z', 100 MeV", MEDIATOR, 5.51811e-5),
    {ZPRIME("universal", "1000"),
     4.0,
     sevens_measure_crossings,
     3,
     {{"universal Z', 1 GeV: g at chi2 - chi2_SM = 4", MEDIATOR, 5.00259e-4, 1e-4, true},
      {"universal Z', 1 GeV: allowed strip, lower g", "2e-6 M/MeV (talk)", 1.69120e-3, 1e-4, true},
      {"universal Z', 1 GeV: allowed strip, upper g", "2e-6 M/MeV (talk)", 1.82236e-3, 1e-4,
       true}}},
    SEVENS_ONE(ZPRIME("universal", "0.1"), 6.18, sevens_measure_crossings,
               "universal Z', 0.1 MeV: g at chi2 - chi2_SM = 6.18", "", 2.54583e-5, 1e-4, true),
    {PLANE("universal"),
     0.0,
     sevens_measure_minimum,
     3,
     {{"universal Z', minimum of the plane: chi2", "", 82.673, 0.001, false},
      {"universal Z', minimum of the plane: m [MeV]", "", 145.5, 0.005, true},
      {"universal Z', minimum of the plane: g", "", 2.715e-4, 0.005, true}}},
    PLANE_LIMIT(ZPRIME("universal", "0.1"), "universal Z', 0.1 MeV", 2.1124e-5),
    PLANE_LIMIT(ZPRIME("universal", "10"), "universal Z', 10 MeV", 2.1671e-5),
    PLANE_LIMIT(ZPRIME("universal", "100"), "universal Z', 100 MeV", 5.1674e-5),
    PLANE_LIMIT(ZPRIME("universal", "1000"), "universal Z', 1 GeV", 4.7076e-4),
    CROSSING(ZPRIME("b-l", "0.1"), "B-L, 0.1 MeV", "2202.11002", 4.69435e-5),
    CROSSING(ZPRIME("b-l", "1"), "B-L, 1 MeV", "2202.11002", 4.6954e-5),
    CROSSING(ZPRIME("b-l", "10"), "B-L, 10 MeV", "2202.11002", 4.80281e-5),
    CROSSING(ZPRIME("b-l", "100"), "B-L, 100 MeV", "2202.11002", 1.00922e-4),
    CROSSING(ZPRIME("b-l", "1000"), "B-L, 1 GeV", "2202.11002", 8.58640e-4),
    CROSSING(WITH_ES("universal", "0.1"), "universal Z' with ES, 0.1 MeV", MEDIATOR, 9.3553e-6),
    CROSSING(WITH_ES("universal", "1"), "universal Z' with ES, 1 MeV", MEDIATOR, 2.2813e-5),
    CROSSING(WITH_ES("universal", "10"), "universal Z' with ES, 10 MeV", MEDIATOR, 2.34172e-5),
    CROSSING(WITH_ES("b-l", "0.1"), "B-L with ES, 0.1 MeV", "2202.11002", 9.5000e-6),
    CROSSING(WITH_ES("b-l", "1"), "B-L with ES, 1 MeV", "2202.11002", 4.6062e-5),
    CROSSING(WITH_ES("b-l", "10"), "B-L with ES, 10 MeV", "2202.11002", 4.80281e-5),
    CROSSING(SCALAR("0.1"), "scalar, C = 17.3, 0.1 MeV", "2202.11002", 1.67363e-5),
    CROSSING(SCALAR("10"), "scalar, C = 17.3, 10 MeV", "2202.11002", 1.70466e-5),
    CROSSING(SCALAR("100"), "scalar, C = 17.3, 100 MeV", "2202.11002", 3.39619e-5),
    CROSSING(ZPRIME("l_mu-l_tau", "0.1"), "L_mu-L_tau, 0.1 MeV", "2008.05022", 1.15406e-3),
    CROSSING(ZPRIME("l_mu-l_tau", "10"), "L_mu-L_tau, 10 MeV", "2008.05022", 1.18303e-3),
    CROSSING(ZPRIME("l_mu-l_tau", "100"), "L_mu-L_tau, 100 MeV", "2008.05022", 2.80261e-3),
    {PLANE("l_mu-l_tau"),
     0.0,
     sevens_measure_minimum,
     3,
     {{"L_mu-L_tau, minimum of the plane: chi2", "", 83.005, 0.001, false},
      {"L_mu-L_tau, minimum of the plane: m [MeV]", "", 123.6, 0.005, true},
      {"L_mu-L_tau, minimum of the plane: g", "", 9.423e-3, 0.005, true}}},
    LIMIT(MOMENT("mu_nu_mu", CSI), "CsI 2021 mu_nu_mu", "2e-9 (2205.09484)", 1.7514e-9),
    LIMIT(MOMENT("mu_nu_mu", CSI_ES), "CsI 2021 mu_nu_mu with ES", "2e-9 (2205.09484)", 1.6209e-9),
    LIMIT(MOMENT("mu_nu_e", CSI), "CsI 2021 mu_nu_e", "", 4.4111e-9),
    LIMIT(MOMENT("mu_nu_e", CSI_ES), "CsI 2021 mu_nu_e with ES", "", 4.1023e-9),
    {RADII("r2_ee: 0, r2_mumu: 0"),
     0.0,
     sevens_measure_point,
     2,
     {{"CsI 2021 counts without charge radii", "", 334.9730, 1e-6, true},
      {"CsI 2021 chi2 without charge radii", "", 84.4816, 1e-4, false}}},
    {RADII(""),
     0.0,
     sevens_measure_point,
     2,
     {{"CsI 2021 counts, charge radii of the SM", "", 319.4968, 1e-6, true},
      {"CsI 2021 chi2, charge radii of the SM", "", 84.3265, 1e-4, false}}},
    SEVENS_ONE("{schema: 1, name: v, model: sm, " CSI_ES, 0.0, sevens_measure_electrons,
               "CsI 2021 SM counts on electrons", "negligible", 7.554e-5, 0.01, true),
};

const size_t sevens_n_validation_csi2021 =
    sizeof sevens_validation_csi2021 / sizeof sevens_validation_csi2021[0];
