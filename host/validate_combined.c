/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Published and reference numbers of combined experiments: COHERENT CsI 2021 with LAr 2020 in one
 * dimension, and those with Dresden-II (Fef). Electrons count in CsI alone. */
#include "validate_internal.h"

#define LAR "{name: coherent-lar-2020, analysis: 1d}"
#define CSI_AR(es) "experiments: [{name: coherent-csi-2021, es: " es "}, " LAR "]}"
#define MOMENT(name, es)                                                                           \
    "{schema: 1, name: v, model: magnetic-moment, axes: [{param: " name ", min: 0, max: 2.0e-8, "  \
    "n: 200}], " CSI_AR(es)
#define LIMIT(name, es, what, published, reference)                                                \
    SEVENS_ONE(MOMENT(name, es), 2.7055, sevens_measure_limits,                                    \
               "CsI + Ar " name what ", 90 % limit [mu_B]", published, reference, 1e-3, true)

/* One radius, the other one profiled over all values; transition radii 0. */
#define RADII_OF(first, second, experiments)                                                       \
    "{schema: 1, name: v, model: charge-radius, axes: [{param: " first                             \
    ", min: -90, max: 40, n: 60}, {param: " second ", min: -90, max: 40, n: 60}], " experiments
#define CSI_AR_DRESDEN                                                                             \
    "experiments: [{name: coherent-csi-2021, es: false}, " LAR ", {name: dresden2, es: false}]}"
#define BOUNDS(scan, what, a, b, c, d)                                                             \
    {                                                                                              \
        scan, 2.7055, sevens_measure_limits, 4,                                                    \
        {                                                                                          \
            {what ", 90 %, first lower [1e-32 cm^2]", "", a, 0.05, false},                         \
                {what ", 90 %, first upper [1e-32 cm^2]", "", b, 0.05, false},                     \
                {what ", 90 %, second lower [1e-32 cm^2]", "", c, 0.05, false},                    \
                {what ", 90 %, second upper [1e-32 cm^2]", "", d, 0.05, false},                    \
        }                                                                                          \
    }

const sevens_validation_group sevens_validation_combined[] = {
    LIMIT("mu_nu_mu", "false", "", "2e-9 (2205.09484)", 1.9533e-9),
    LIMIT("mu_nu_mu", "true", " with ES", "2e-9 (2205.09484)", 1.7972e-9),
    LIMIT("mu_nu_e", "false", "", "", 4.6836e-9),
    LIMIT("mu_nu_e", "true", " with ES", "", 4.4273e-9),
    {RADII_OF("r2_ee", "r2_mumu", CSI_AR("false")),
     0.0,
     sevens_measure_minimum,
     3,
     {{"CsI + Ar charge radii, minimum: chi2", "", 92.273, 0.01, false},
      {"CsI + Ar charge radii, minimum: r2_ee [1e-32 cm^2]", "", -56.4, 0.05, false},
      {"CsI + Ar charge radii, minimum: r2_mumu [1e-32 cm^2]", "", -3.1, 0.05, false}}},
};

const sevens_validation_group sevens_validation_slow[] = {
    {RADII_OF("r2_ee", "r2_mumu", CSI_AR_DRESDEN),
     0.0,
     sevens_measure_minimum,
     3,
     {{"CsI + Ar + Dresden-II charge radii, minimum: chi2", "", 196.982, 0.01, false},
      {"CsI + Ar + Dresden-II charge radii, minimum: r2_ee [1e-32 cm^2]", "", 0.0, 0.05, false},
      {"CsI + Ar + Dresden-II charge radii, minimum: r2_mumu [1e-32 cm^2]", "", -49.9, 0.05,
       false}}},
    BOUNDS(RADII_OF("r2_ee", "r2_mumu", CSI_AR("false")), "CsI + Ar r2_ee", -64.94, -45.30, -6.38,
           14.02),
    BOUNDS(RADII_OF("r2_mumu", "r2_ee", CSI_AR("false")), "CsI + Ar r2_mumu", -53.68, -42.79, -9.03,
           2.77),
    BOUNDS(RADII_OF("r2_ee", "r2_mumu", CSI_AR_DRESDEN), "CsI + Ar + Dresden-II r2_ee", -52.78,
           -43.60, -6.27, 5.02),
    BOUNDS(RADII_OF("r2_mumu", "r2_ee", CSI_AR_DRESDEN), "CsI + Ar + Dresden-II r2_mumu", -54.59,
           -45.32, -5.39, 3.70),
};

const size_t sevens_n_validation_combined =
    sizeof sevens_validation_combined / sizeof sevens_validation_combined[0];
const size_t sevens_n_validation_slow =
    sizeof sevens_validation_slow / sizeof sevens_validation_slow[0];
