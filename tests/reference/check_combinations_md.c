/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recomputes the rows of the validation table that combine CsI 2021 with LAr 2020 and Dresden-II,
 * and CsI 2021 with its three shapes profiled, with the reference alone.
 *     check_combinations_md DATA     DATA holds coherent-csi-2021 and the folders beside it
 * Exit 1 if a row fails. Counts are quadratic in a charge radius and in a magnetic moment, so they
 * are predicted at three values of each; check_quadratic shows it. chi2 of a point comes first,
 * then moments, radii, shapes. Takes some minutes. */
#include "check_support.h"

#include <gsl/gsl_spline.h>
#include <stdlib.h>

enum { N_AR = REF_LAR2020_N_E, N_GE = REF_DRESDEN2_N_BIN, N_ALL = N_BIN + N_AR + N_GE };

/* Counts of CsI, Ar, Ge as a parabola in one parameter. */
typedef struct parabola {
    double c[3][N_ALL];
} parabola;

typedef struct everything {
    setting csi;
    ref_detector *argon, *germanium;
    ref_lar2020_data argon_data;
    ref_dresden2_data germanium_data;
    double argon_error[N_AR];
    double germanium_es[N_GE];
    gsl_spline *germanium_chi2; /* of the radius of nu_e; NULL: not in the fit */
    parabola flavour[2];        /* nu_e; nu_mu and its antineutrino */
} everything;

static void flavour_counts(const everything *e, const ref_model *model, int l, double *counts)
{
    double energy[REF_CSI2021_N_PE], electrons[REF_CSI2021_N_PE] = {0};
    memset(counts, 0, N_ALL * sizeof *counts);
    for (int f = 0; f < REF_N_FLAVOUR; f++) {
        double argon[N_AR], prompt[REF_LAR2020_N_TIME], delayed[REF_LAR2020_N_TIME];
        if ((f == REF_NU_E) != (l == 0))
            continue;
        ref_csi2021_energy_counts(e->csi.detector, model, NULL, NULL, (ref_flavour)f, energy);
        if (e->csi.es)
            ref_csi2021_es_energy_counts(e->csi.es, model, NULL, NULL, (ref_flavour)f, electrons);
        for (int b = 0; b < N_BIN; b++)
            counts[b] += (energy[b / REF_CSI2021_N_TIME] + electrons[b / REF_CSI2021_N_TIME]) *
                         ref_csi2021_time_share[f][b % REF_CSI2021_N_TIME];
        ref_lar2020_time_shares(prompt, delayed);
        ref_detector_beam_counts(e->argon, model, 0, (size_t)f, argon);
        double share = sum_of(f == REF_NU_MU ? prompt : delayed, REF_LAR2020_N_TIME);
        for (int b = 0; b < N_AR; b++)
            counts[N_BIN + b] += argon[b] * share;
    }
    if (l == 0)
        ref_detector_counts(e->germanium, model, 0, counts + N_BIN + N_AR);
}

static void parabola_at(const parabola *p, double x, double *counts)
{
    for (int b = 0; b < N_ALL; b++)
        counts[b] = p->c[0][b] + x * (p->c[1][b] + x * p->c[2][b]);
}

typedef ref_model (*model_of)(int l, double x);

static ref_model moment_of(int l, double x) /* [1e-9 mu_B] */
{
    ref_model model = ref_standard_model();
    model.mu_nu[l] = x * 1e-9;
    return model;
}

static ref_model radius_of(int l, double x) /* [1e-32 cm^2] */
{
    ref_model model = ref_standard_model();
    model.couplings = REF_CHARGE_RADIUS;
    model.r2[l] = x;
    return model;
}

/* Through -x, 0, x. */
static void set_parabola(everything *e, int l, model_of model, double x)
{
    double y[3][N_ALL];
    parabola *p = &e->flavour[l];
    for (int i = 0; i < 3; i++) {
        ref_model at = model(l, x * (i - 1));
        flavour_counts(e, &at, l, y[i]);
    }
    for (int b = 0; b < N_ALL; b++) {
        p->c[0][b] = y[1][b];
        p->c[1][b] = (y[2][b] - y[0][b]) / (2 * x);
        p->c[2][b] = (y[2][b] - 2 * y[1][b] + y[0][b]) / (2 * x * x);
    }
}

static void check_quadratic(everything *e, int l, model_of model, double x)
{
    double counts[N_ALL], fitted[N_ALL], difference = 0;
    ref_model at = model(l, x);
    flavour_counts(e, &at, l, counts);
    parabola_at(&e->flavour[l], x, fitted);
    for (int b = 0; b < N_ALL; b++)
        if (counts[b] > 1e-9)
            difference = GSL_MAX_DBL(difference, fabs(fitted[b] / counts[b] - 1));
    row(&e->csi, "parabola over prediction, less 1", difference, 0, 1e-9, 0);
}

/* 12 bins of energy less the steady state. */
static double argon_chi2(const everything *e, const double *counts)
{
    static const double sigma[3] = {0.134, 0.32, 1};
    double templates[3 * N_AR], a[3];
    memcpy(templates, counts, N_AR * sizeof *counts);
    memcpy(templates + N_AR, e->argon_data.neutrons, sizeof e->argon_data.neutrons);
    return ref_profile_gauss(N_AR, 3, templates, sigma, e->argon_data.energy, e->argon_error, a);
}

static double cesium_chi2(const everything *e, const double *counts)
{
    double s[N_NORM];
    return profile(&e->csi, counts, s);
}

/* ---- magnetic moments ---- */

typedef struct moment_args {
    const everything *e;
    int l, with_argon;
    double level;
} moment_args;

static double moment_chi2(double x, void *p)
{
    const moment_args *a = p;
    double counts[N_ALL], other[N_ALL];
    parabola_at(&a->e->flavour[a->l], x, counts);
    parabola_at(&a->e->flavour[1 - a->l], 0, other);
    for (int b = 0; b < N_ALL; b++)
        counts[b] += other[b];
    return cesium_chi2(a->e, counts) + (a->with_argon ? argon_chi2(a->e, counts + N_BIN) : 0) -
           a->level;
}

/* 90 %, chi2 - min over mu^2 >= 0. */
static void check_moment(everything *e, int l, int with_argon, const char *name, double spec)
{
    moment_args args = {e, l, with_argon, 0};
    gsl_function f = {moment_chi2, &args};
    double best = moment_chi2(0, &args), at = 0;
    for (double x = 0.1; x < 5; x += 0.1) {
        double mid = x, value = moment_chi2(x, &args);
        if (value >= best)
            continue;
        value = minimum_between(&f, x - 0.1, x + 0.1, &mid);
        at = isnan(value) ? x : mid;
        best = isnan(value) ? moment_chi2(x, &args) : value;
    }
    args.level = best + 2.7055;
    row(&e->csi, name, root_between(&f, at, 20), spec, 1e-3, 1);
}

static void check_moments(everything *e)
{
    static const char *const name[8] = {"mu_nu_e, CsI",
                                        "mu_nu_mu, CsI",
                                        "mu_nu_e, CsI + Ar",
                                        "mu_nu_mu, CsI + Ar",
                                        "mu_nu_e, CsI with ES",
                                        "mu_nu_mu, CsI with ES",
                                        "mu_nu_e, CsI with ES + Ar",
                                        "mu_nu_mu, CsI with ES + Ar"};
    static const double spec[8] = {4.4111, 1.7514, 4.6836, 1.9533, 4.1023, 1.6209, 4.4273, 1.7972};
    for (int i = 0; i < 8; i++) {
        if (i % 4 == 0) {
            e->csi.es = i == 0 ? NULL : ref_csi2021_es_create(ref_csi2021_pe_edges, 9);
            for (int l = 0; l < 2; l++)
                set_parabola(e, l, moment_of, 3);
            check_quadratic(e, 1, moment_of, 1.7);
        }
        check_moment(e, i % 2, i / 2 % 2, name[i], spec[i]);
    }
    ref_csi2021_es_destroy((ref_csi2021_es *)e->csi.es);
    e->csi.es = NULL;
}

/* ---- charge radii ---- */

static const double radius_lo = -90, radius_hi = 50;

/* The background fit costs as much as everything else: tabulated in the radius of nu_e. */
static gsl_spline *germanium_spline(everything *e)
{
    enum { N = 561 };
    static double x[N], y[N];
    double p[REF_DRESDEN2_N_PARAMETER] = {14, 140, 0.25, 85, 1.292, 0.07, 0.16};
    gsl_spline *spline = gsl_spline_alloc(gsl_interp_cspline, N);
    for (int i = 0; i < N; i++) {
        double counts[N_ALL];
        x[i] = radius_lo + (radius_hi - radius_lo) * i / (N - 1);
        parabola_at(&e->flavour[0], x[i], counts);
        for (int b = 0; b < N_GE; b++)
            counts[N_BIN + N_AR + b] += e->germanium_es[b];
        y[i] = ref_profile_dresden2(&e->germanium_data, 0, counts + N_BIN + N_AR, p);
    }
    if (spline)
        gsl_spline_init(spline, x, y, N);
    return spline;
}

static double radii_chi2(const everything *e, double r_e, double r_mu)
{
    double counts[N_ALL], other[N_ALL];
    parabola_at(&e->flavour[0], r_e, counts);
    parabola_at(&e->flavour[1], r_mu, other);
    for (int b = 0; b < N_BIN + N_AR; b++)
        counts[b] += other[b];
    return cesium_chi2(e, counts) + argon_chi2(e, counts + N_BIN) +
           (e->germanium_chi2 ? gsl_spline_eval(e->germanium_chi2, r_e, NULL) : 0);
}

typedef struct radius_args {
    const everything *e;
    int l; /* the other one is profiled */
    double x, best_other, level;
} radius_args;

static double other_chi2(double y, void *p)
{
    const radius_args *a = p;
    return a->l == 0 ? radii_chi2(a->e, a->x, y) : radii_chi2(a->e, y, a->x);
}

/* Least over the other radius: from the least point of a scan and from every other local one. */
static double radius_chi2(double x, void *p)
{
    enum { N = 140 };
    radius_args *a = p;
    gsl_function f = {other_chi2, p};
    double y[N], best = GSL_POSINF;
    a->x = x;
    for (int i = 0; i < N; i++)
        y[i] = other_chi2(radius_lo + 1 + i, p);
    for (int i = 1; i < N - 1; i++) {
        double at = radius_lo + 1 + i;
        if (y[i] > y[i - 1] || y[i] > y[i + 1])
            continue;
        double value = minimum_between(&f, at - 1, at + 1, &at);
        if (value < best) {
            best = value;
            a->best_other = at;
        }
    }
    return best - a->level;
}

/* Ends of the 90 % intervals in increasing order. */
static void check_radius(everything *e, int l, const char *name, const double spec[4], double best)
{
    radius_args args = {e, l, 0, 0, best + 2.7055};
    gsl_function f = {radius_chi2, &args};
    int found = 0;
    double before = radius_chi2(radius_lo + 2, &args);
    for (double x = radius_lo + 3; x < radius_hi - 2; x++) {
        double after = radius_chi2(x, &args);
        if ((before < 0) != (after < 0) && found++ < 4)
            row(&e->csi, name, root_between(&f, x - 1, x), spec[found - 1], 0.05, 0);
        before = after;
    }
    row(&e->csi, "... ends of intervals", found, 4, 0, 0);
}

static double check_minimum(everything *e, const char *name, const double spec[3])
{
    radius_args args = {e, 0, 0, 0, 0};
    gsl_function f = {radius_chi2, &args};
    double start = radius_lo + 2, least = radius_chi2(start, &args);
    for (double x = radius_lo + 3; x < radius_hi - 2; x++) {
        double value = radius_chi2(x, &args);
        if (value < least) {
            least = value;
            start = x;
        }
    }
    double best = minimum_between(&f, start - 1, start + 1, &start);
    radius_chi2(start, &args);
    row(&e->csi, name, best, spec[0], 0.001, 0);
    row(&e->csi, "... radius of nu_e", start, spec[1], 0.1, 0);
    row(&e->csi, "... radius of nu_mu", args.best_other, spec[2], 0.1, 0);
    return best;
}

static void check_radii(everything *e)
{
    static const double two[3] = {92.273, -56.4, -3.1}, three[3] = {196.982, 0.0, -49.9};
    static const double two_e[4] = {-64.94, -45.30, -6.38, 14.02};
    static const double two_mu[4] = {-53.68, -42.79, -9.03, 2.77};
    static const double three_e[4] = {-52.78, -43.60, -6.27, 5.02};
    static const double three_mu[4] = {-54.59, -45.32, -5.39, 3.70};
    for (int l = 0; l < 2; l++) {
        set_parabola(e, l, radius_of, 40);
        check_quadratic(e, l, radius_of, -7);
    }
    double best = check_minimum(e, "charge radii, CsI + Ar, chi2", two);
    check_radius(e, 0, "<r2_e>, CsI + Ar", two_e, best);
    check_radius(e, 1, "<r2_mu>, CsI + Ar", two_mu, best);
    e->germanium_chi2 = germanium_spline(e);
    best = check_minimum(e, "charge radii, CsI + Ar + Dresden-II, chi2", three);
    check_radius(e, 0, "<r2_e>, CsI + Ar + Dresden-II", three_e, best);
    check_radius(e, 1, "<r2_mu>, CsI + Ar + Dresden-II", three_mu, best);
    gsl_spline_free(e->germanium_chi2);
}

/* ---- shapes of CsI 2021 ---- */

/* Scintillation, two pairs; efficiency. + then -. */
static const ref_csi2021_curves varied[3][2] = {
    {{{0.0613632, 3.51547, -85.5548, 595.562}, {1.32045, 0.285979, 10.8646, -0.333322}},
     {{0.0495624, 5.09815, -137.858, 1085.2}, {1.32045, 0.285979, 10.8646, -0.333322}}},
    {{{0.055413, 3.93597, -93.1045, 630.092}, {1.32045, 0.285979, 10.8646, -0.333322}},
     {{0.0555126, 4.67765, -130.309, 1050.68}, {1.32045, 0.285979, 10.8646, -0.333322}}},
    {{{0.0554628, 4.30681, -111.707, 840.384}, {1.3439, 0.285366, 9.84596, -0.356364}},
     {{0.0554628, 4.30681, -111.707, 840.384}, {1.297, 0.286592, 11.8832, -0.31028}}}};

static void shape_changes(const ref_model *model, double changes[3 * N_BIN])
{
    for (int j = 0; j < 3; j++) {
        double counts[2][N_BIN];
        for (int sign = 0; sign < 2; sign++) {
            ref_csi2021 *detector =
                ref_csi2021_create_varied(&varied[j][sign], ref_csi2021_pe_edges, REF_CSI2021_N_PE);
            ref_csi2021_counts(detector, model, NULL, NULL, counts[sign]);
            ref_csi2021_destroy(detector);
        }
        for (int b = 0; b < N_BIN; b++)
            changes[j * N_BIN + b] = (counts[0][b] - counts[1][b]) / 2;
        printf("shape %d: events %.9g (+), %.9g (-)\n", j, sum_of(counts[0], N_BIN),
               sum_of(counts[1], N_BIN));
    }
}

static void check_shapes(everything *e)
{
    ref_model models[2] = {ref_standard_model(), ref_universal(2e-5, 0.1)};
    static double templates[N_NORM * N_BIN], changes[3 * N_BIN];
    for (int i = 0; i < 2; i++) {
        double s[N_NORM], a[3], counts[N_BIN];
        printf("%s\n", i == 0 ? "CsI 2021 with shapes, SM" : "... universal, 0.1 MeV, g = 2e-5");
        ref_csi2021_counts(e->csi.detector, &models[i], NULL, NULL, counts);
        shape_changes(&models[i], changes);
        memcpy(templates, counts, sizeof counts);
        memcpy(templates + N_BIN, e->csi.data.background, sizeof e->csi.data.background);
        double chi2 = ref_profile_shapes(N_BIN, N_NORM, templates, e->csi.sigma, 3, changes,
                                         e->csi.data.observed, s, a);
        printf("chi2 %.9f without shapes %.9f\nnorms %.7f %.7f %.7f %.7f shapes %.6f %.6f %.6f\n",
               chi2, cesium_chi2(e, counts), s[0], s[1], s[2], s[3], a[0], a[1], a[2]);
        e->csi.failed += !(chi2 <= cesium_chi2(e, counts));
    }
}

static int open_everything(everything *e, const char *data)
{
    char folder[4096];
    ref_model sm = ref_standard_model();
    ref_detector *electrons;
    snprintf(folder, sizeof folder, "%s/coherent-csi-2021", data);
    if (open_setting(&e->csi, 2, (char *[]){"", folder}, 0))
        return -1;
    e->argon = ref_lar2020_create(data);
    e->germanium = ref_dresden2_create(REF_FEF, REF_HMVE, 0, data);
    electrons = ref_dresden2_create(REF_FEF, REF_HMVE, 1, data);
    if (!e->argon || !e->germanium || !electrons || ref_lar2020_load(&e->argon_data, data) ||
        ref_dresden2_load(&e->germanium_data, data))
        return -1;
    ref_detector_counts(electrons, &sm, 0, e->germanium_es);
    ref_detector_destroy(electrons);
    for (int b = 0; b < N_AR; b++) {
        double neutrons = e->argon_data.neutrons[0][b] + e->argon_data.neutrons[1][b];
        e->argon_error[b] =
            sqrt(gsl_pow_2(e->argon_data.energy_error[b]) + gsl_pow_2(0.058 * neutrons) / 12);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static everything e;
    if (argc != 2) {
        fprintf(stderr, "usage: %s DATA   (folder of the folders of original files)\n", argv[0]);
        return 2;
    }
    if (open_everything(&e, argv[1])) {
        fprintf(stderr, "%s: original files are missing\n", argv[1]);
        return 2;
    }
    head();
    check_shapes(&e);
    check_moments(&e);
    check_radii(&e);
    ref_detector_destroy(e.argon);
    ref_detector_destroy(e.germanium);
    return close_setting(&e.csi);
}
