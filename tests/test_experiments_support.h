/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every experiment, written once as an entry of a scan file and once for the independent reference,
 * which reads the original data (SEVENS_SHARED_DATA, or shared/data beside the sources). Detectors
 * and counts of the reference come first, then physics to compare at, then the program's side. */
#ifndef SEVENS_TEST_EXPERIMENTS_SUPPORT_H
#define SEVENS_TEST_EXPERIMENTS_SUPPORT_H

#include "reference/reference.h"
#include "test_problem.h"
#include <gsl/gsl_errno.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#define FEW_POINTS 1 /* the reference is ten times as slow */
#else
#define FEW_POINTS 0
#endif

#define EXPERIMENT_MAX_BIN REF_LAR2020_N_BIN

static inline const char *original_data(void)
{
    const char *shared = getenv("SEVENS_SHARED_DATA");

    return shared ? shared : SEVENS_SOURCE_DIR "/../shared/data";
}

/* ---- the reference ---- */

typedef enum {
    CSI_1D,
    CSI_2D,
    LAR_1D,
    LAR_3D,
    DRESDEN,
    GERMANIUM_10_EV,
    GERMANIUM_400_M,
    XENON
} layout;

typedef struct experiment {
    const char *entry; /* in a scan file, without `es` */
    layout layout;
    size_t n_bin;
    int poisson;             /* CsI: smearing */
    ref_quenching quenching; /* Dresden-II */
    ref_reactor flux;        /* Dresden-II */
    int table;               /* XENONnT: spectrum */
    double tolerance;        /* of counts, relative; 0: EXACT */
    double baseline_m;       /* of sterile neutrinos; those of reactors are spread by +- 2 m */
} experiment;

typedef struct bench {
    const experiment *e;
    ref_detector *nuclei, *electrons; /* electrons: may be NULL */
    ref_csi2017_data csi;
    ref_lar2020_data lar;
} bench;

static inline ref_detector *bench_germanium(const experiment *e)
{
    static const double fractions[4] = {0.556, 0.326, 0.071, 0.047}, few[4] = {.05, .1, .2, 2};
    double edges[41];

    if (e->layout == GERMANIUM_400_M)
        return ref_germanium_create(ref_reactor_polynomials(fractions, 8540, 400), 1, 3, few);
    for (int b = 0; b <= 40; b++)
        edges[b] = 0.01 * pow(200.0, b / 40.0); /* 10 eV to 2 keV */
    return ref_germanium_create(
        ref_reactor_spectrum(REF_HMVE, ref_dresden2_fractions, 1.5e12, original_data()), 365, 40,
        edges);
}

static inline ref_detector *bench_detector(const experiment *e, int electrons)
{
    const char *data = original_data();

    switch (e->layout) {
    case CSI_1D:
    case CSI_2D:
        return ref_csi2017_create(e->poisson, electrons);
    case LAR_1D:
    case LAR_3D:
        return ref_lar2020_create(data);
    case DRESDEN:
        return ref_dresden2_create(e->quenching, e->flux, electrons, data);
    case XENON:
        return ref_xenonnt_create(
            e->table ? ref_boron8_table(5.46e6, data) : ref_boron8_spectrum(5.46e6), data);
    default:
        return bench_germanium(e);
    }
}

static inline void bench_open(bench *b, const experiment *e, int electrons)
{
    memset(b, 0, sizeof *b);
    b->e = e;
    b->nuclei = bench_detector(e, 0);
    ck_assert_ptr_nonnull(b->nuclei);
    if (electrons)
        ck_assert_ptr_nonnull(b->electrons = bench_detector(e, 1));
    ck_assert_int_eq(ref_csi2017_load(&b->csi, original_data()), 0);
    ck_assert_int_eq(ref_lar2020_load(&b->lar, original_data()), 0);
}

static inline void bench_close(bench *b)
{
    ref_detector_destroy(b->nuclei);
    ref_detector_destroy(b->electrons);
}

/* Sums of n_bin groups of n numbers. */
static inline void sum_groups(size_t n_bin, size_t n, const double *counts, double *sum)
{
    for (size_t b = 0; b < n_bin; b++) {
        sum[b] = 0.0;
        for (size_t i = 0; i < n; i++)
            sum[b] += counts[b * n + i];
    }
}

/* Counts per bin of nuclei or electrons alone. */
static inline void bench_recoils(const bench *b, const ref_detector *detector,
                                 const ref_model *model, double *counts)
{
    double all[EXPERIMENT_MAX_BIN];

    switch (b->e->layout) {
    case CSI_1D:
        ref_csi2017_counts(detector, &b->csi, model, 0, all);
        sum_groups(REF_CSI2017_N_PE, REF_CSI2017_N_TIME, all, counts);
        return;
    case CSI_2D:
        ref_csi2017_counts(detector, &b->csi, model, 0, counts);
        return;
    case LAR_1D:
        ref_lar2020_counts(detector, model, 0, all);
        sum_groups(REF_LAR2020_N_E, REF_LAR2020_N_TIME, all, counts);
        return;
    case LAR_3D:
        ref_lar2020_counts(detector, model, 0, all);
        ref_lar2020_spread(&b->lar, all, counts);
        return;
    default:
        ref_detector_counts(detector, model, 0, counts);
    }
}

static inline void bench_counts(const bench *b, const ref_model *model, double *counts)
{
    double electrons[EXPERIMENT_MAX_BIN];

    bench_recoils(b, b->nuclei, model, counts);
    if (!b->electrons)
        return;
    bench_recoils(b, b->electrons, model, electrons);
    for (size_t i = 0; i < b->e->n_bin; i++)
        counts[i] += electrons[i];
}

/* ---- physics ---- */

typedef struct physics {
    const char *name, *model, *parameters; /* of a scan file */
    ref_model reference;
} physics;

enum { N_PHYSICS = 9 };

static inline ref_model physics_moment(void)
{
    ref_model m = ref_standard_model();

    m.mu_nu[0] = 3e-10;
    m.mu_nu[1] = -1e-9;
    m.mu_nu[2] = 2e-9;
    return m;
}

static inline ref_model physics_nsi(void)
{
    ref_model m = ref_standard_model();

    m.nsi_u[0][0] = 0.12;
    m.nsi_d[0][0] = -0.31;
    m.nsi_u[1][1] = -0.2;
    m.nsi_d[2][2] = 0.4;
    m.nsi_u[0][2] = m.nsi_u[2][0] = 0.15;
    m.nsi_d[0][1] = m.nsi_d[1][0] = -0.07;
    return m;
}

static inline ref_model physics_radius(void)
{
    ref_model m = ref_standard_model();

    m.couplings = REF_CHARGE_RADIUS;
    m.r2[0] = -52.0;
    m.r2[1] = 4.0;
    m.r2[2] = -9.0;
    m.r2_transition[0] = 11.0;
    m.r2_transition[1] = -23.0;
    return m;
}

static inline ref_model physics_millicharge(void)
{
    ref_model m = ref_standard_model();

    m.millicharge[0] = 2e-11;
    m.millicharge[1] = -4e-8;
    m.millicharge_transition[1] = 3e-11;
    return m;
}

static inline void physics_list(physics list[N_PHYSICS])
{
    const physics all[N_PHYSICS] = {
        {"SM", "sm", "", ref_standard_model()},
        {"universal 0.1 MeV", "zprime", "m_zp: 0.1, g_zp: 2.0e-5", ref_universal(2e-5, 0.1)},
        {"universal 50 MeV", "zprime", "m_zp: 50, g_zp: 1.0e-4", ref_universal(1e-4, 50)},
        {"universal 1 GeV", "zprime", "m_zp: 1000, g_zp: 2.0e-3", ref_universal(2e-3, 1000)},
        {"scalar 5 MeV", "scalar", "m_phi: 5, g_phi: 8.0e-6", ref_scalar(8e-6, 5)},
        {"magnetic moments", "magnetic-moment",
         "mu_nu_e: 3.0e-10, mu_nu_mu: -1.0e-9, mu_nu_tau: 2.0e-9", physics_moment()},
        {"NSI", "nsi",
         "eps_u_ee: 0.12, eps_d_ee: -0.31, eps_u_mumu: -0.2, eps_d_tautau: 0.4, eps_u_etau: 0.15, "
         "eps_d_emu: -0.07",
         physics_nsi()},
        {"charge radii", "charge-radius",
         "r2_ee: -52, r2_mumu: 4, r2_tautau: -9, r2_emu: 11, r2_etau: -23", physics_radius()},
        {"millicharges", "millicharge", "q_ee: 2.0e-11, q_mumu: -4.0e-8, q_etau: 3.0e-11",
         physics_millicharge()},
    };

    memcpy(list, all, sizeof all);
}

/* ---- the program ---- */

static inline test_problem experiment_problem(const char *model, const char *more,
                                              const char *entries)
{
    char scan[2048];

    snprintf(scan, sizeof scan, "{schema: 1, name: t, model: %s, %s%sexperiments: [%s]}", model,
             more, *more ? ", " : "", entries);
    return test_problem_make(scan);
}

/* Returns the largest difference relative to the sum of the tolerances, which must be below 1. */
static inline double compare_counts(const char *entry, const char *name, size_t n,
                                    const double *ours, const double *expected, double relative)
{
    double total = 0.0, worst = 0.0;

    for (size_t b = 0; b < n; b++)
        total += fabs(expected[b]);
    for (size_t b = 0; b < n; b++) {
        double off =
            fabs(ours[b] - expected[b]) / (relative * fabs(expected[b]) + 1e-6 * relative * total);

        ck_assert_msg(off <= 1.0, "%s, %s, bin %zu: %.17g is not %.17g (%.2g of %.3g)", entry, name,
                      b, ours[b], expected[b], ours[b] / expected[b] - 1.0, total);
        worst = fmax(worst, off);
    }
    return worst * relative;
}

/* Runs a suite, or says 77 without the original data; for `return` in main. */
static inline int experiments_run(Suite *suite)
{
    gsl_set_error_handler_off();
    if (access(original_data(), R_OK) == 0)
        return test_run(suite);
    printf("no original data in %s\n", original_data());
    return 77;
}

#endif
