/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recomputes the rows of the validation table for CsI 2017, LAr 2020, Dresden-II, reactor
 * projections and XENONnT from the original data files with the reference alone.
 *     check_experiments_md DATA      DATA holds coherent-csi-2017 and the folders beside it
 * Exit 1 if a row fails. One function for each group of rows; rows without a value in the table are
 * for comparison with other programs. Takes about a minute. */
#include "check_support.h"

#include <stdlib.h>

static const char *data;
static setting rows; /* counts the failures */

/* A number that the table does not have. */
static void info(const char *name, double ours)
{
    rows.failed += isnan(ours);
    printf("%-52s %18.10g\n", name, ours);
}

static void *needed(void *p)
{
    if (!p) {
        fprintf(stderr, "%s: original files are missing\n", data);
        exit(2);
    }
    return p;
}

/* ---- CsI 2017 ---- */

typedef struct csi {
    ref_csi2017_data set;
    ref_detector *detector;
    ref_model model;
    double level;
} csi;

static void sum_times(const double *counts, double energy[REF_CSI2017_N_PE])
{
    for (int i = 0; i < REF_CSI2017_N_PE; i++)
        energy[i] = sum_of(counts + (ptrdiff_t)(i * REF_CSI2017_N_TIME), REF_CSI2017_N_TIME);
}

static double csi_chi2(double rn, void *p)
{
    const csi *c = p;
    double counts[REF_CSI2017_N_BIN], observed[12], error[12], norms[2], work[24];
    static const double sigma[2] = {0.28, 0.25};
    ref_csi2017_counts(c->detector, &c->set, &c->model, rn, counts);
    sum_times(counts, work);
    sum_times(c->set.neutrons, work + 12);
    sum_times(c->set.on, observed);
    sum_times(c->set.off, error);
    for (int i = 0; i < 12; i++) {
        double on = observed[i], off = error[i];
        observed[i] = on - off;
        error[i] = sqrt(on + off);
    }
    return ref_profile_gauss(12, 2, work, sigma, observed, error, norms) - c->level;
}

static void csi_radius(csi *c, const char *name, const double spec[3])
{
    gsl_function f = {csi_chi2, c};
    double x = 5.4;
    c->level = 0;
    double best = minimum_between(&f, 3, 7.5, &x);
    c->level = best + 1;
    row(&rows, name, x, spec[0], 0.005, 0);
    row(&rows, "... lower end", root_between(&f, 3, x), spec[1], 0.005, 0);
    row(&rows, "... upper end", root_between(&f, x, 8), spec[2], 0.005, 0);
    info("... chi2 at the minimum", best);
    c->level = 0;
    info("... chi2 of the SM", csi_chi2(0, c));
}

static double csi_events(const csi *c)
{
    double counts[REF_CSI2017_N_BIN];
    ref_csi2017_counts(c->detector, &c->set, &c->model, 0, counts);
    return sum_of(counts, REF_CSI2017_N_BIN);
}

static void check_on_off(const csi *c, const char *smearing)
{
    static const char *const kind[3] = {"discrete", "continuous", "profiled"};
    double s[REF_CSI2017_N_BIN], chi2[2];
    ref_csi2017_counts(c->detector, &c->set, &c->model, 0, s);
    for (int b = 0; b < REF_CSI2017_N_BIN; b++)
        s[b] += c->set.neutrons[b];
    for (int i = 0; i < 6; i++) {
        ref_steady_state k = (ref_steady_state)(i % 3);
        char name[96];
        for (int with = 0; with < 2; with++)
            chi2[with] = ref_chi2_on_off(REF_CSI2017_N_BIN, with ? s : c->set.neutrons, c->set.on,
                                         c->set.off, k, i / 3, 0.28);
        snprintf(name, sizeof name, "on-off -2 ln L, %s, b %s, a %s", smearing, kind[k],
                 i / 3 ? "per bin" : "common");
        info(name, chi2[1]);
        info("... without CEvNS less that", chi2[0] - chi2[1]);
    }
}

static void check_csi2017(void)
{
    static const double plain[3] = {5.282, 4.110, 6.216}, smeared[3] = {5.731, 4.584, 6.678};
    csi c = {.model = ref_standard_model()};
    if (ref_csi2017_load(&c.set, data))
        needed(NULL);
    row(&rows, "CsI 2017 neutrons", sum_of(c.set.neutrons, REF_CSI2017_N_BIN), 5.42, 0.005, 0);
    row(&rows, "CsI 2017 C", sum_of(c.set.on, REF_CSI2017_N_BIN), 547, 0, 0);
    row(&rows, "CsI 2017 AC", sum_of(c.set.off, REF_CSI2017_N_BIN), 405, 0, 0);
    c.detector = needed(ref_csi2017_create(0, 0));
    row(&rows, "CsI 2017 SM, no smearing", csi_events(&c), 151.314550, 1e-6, 1);
    check_on_off(&c, "no smearing");
    c.model.couplings = REF_TREE;
    csi_radius(&c, "CsI 2017 R_n, tree, no smearing", plain);
    ref_detector_destroy(c.detector);
    c.model = ref_standard_model();
    c.detector = needed(ref_csi2017_create(1, 0));
    row(&rows, "CsI 2017 SM, Poisson", csi_events(&c), 164.974724, 1e-6, 1);
    check_on_off(&c, "Poisson");
    csi_radius(&c, "CsI 2017 R_n, Poisson", smeared);
    c.model.form_factor = REF_KLEIN_NYSTRAND;
    row(&rows, "CsI 2017 SM, Klein-Nystrand, Poisson", csi_events(&c), 168.225869, 1e-6, 1);
    ref_detector_destroy(c.detector);
    c.model = ref_standard_model();
    c.detector = needed(ref_csi2017_create(1, 1));
    info("CsI 2017 SM ES, Poisson", csi_events(&c));
    ref_detector_destroy(c.detector);
}

/* ---- LAr 2020 ---- */

static void check_release_fit(const ref_lar2020_data *set)
{
    static const double spec[4] = {160.205, 552.117, 10.536, 3131.397};
    static const char *const name[4] = {"LAr 3D, CEvNS", "LAr 3D, prompt neutrons",
                                        "LAr 3D, delayed neutrons", "LAr 3D, steady state"};
    double sigma[4] = {GSL_POSINF, 160.0 / 497, 1, 25.0 / 3152}, s[4], none[4];
    const double *templates = set->templates[0];
    double best = ref_profile(REF_LAR2020_N_BIN, 4, templates, sigma, set->observed, s);
    for (int k = 0; k < 4; k++)
        row(&rows, name[k], s[k] * sum_of(set->templates[k], REF_LAR2020_N_BIN), spec[k], 0.01, 0);
    double null =
        ref_profile(REF_LAR2020_N_BIN, 3, set->templates[1], sigma + 1, set->observed, none);
    row(&rows, "LAr 3D, without CEvNS less best", null - best, 15.0417, 0.01, 0);
    row(&rows, "... its root", sqrt(null - best), 3.878, 0.001, 0);
    info("... best", best);
}

static void check_lar2020(void)
{
    static const double spec[5] = {77.24103, 33.14989, 8.362322, 2.079394, .3562796};
    ref_model sm = ref_standard_model();
    static ref_lar2020_data set;
    static double spread[REF_LAR2020_N_BIN], templates[4][REF_LAR2020_N_BIN];
    double counts[120], s[4];
    ref_detector *detector = needed(ref_lar2020_create(data));
    if (ref_lar2020_load(&set, data))
        needed(NULL);
    ref_lar2020_counts(detector, &sm, 0, counts);
    row(&rows, "LAr SM", sum_of(counts, 120), 121.211764, 1e-6, 1);
    for (int e = 0; e < 5; e++)
        row(&rows, "... bin of energy", sum_of(counts + (ptrdiff_t)(10 * e), 10), spec[e], 1e-6, 1);
    check_release_fit(&set);
    ref_lar2020_spread(&set, counts, spread);
    row(&rows, "LAr 3D, signal where the template is empty",
        sum_of(counts, 120) - sum_of(spread, REF_LAR2020_N_BIN), 1.6e-4, 0.05e-4, 0);
    memcpy(templates, set.templates, sizeof templates);
    memcpy(templates[0], spread, sizeof spread);
    double sigma[4] = {0.134, 160.0 / 497, 1, 25.0 / 3152};
    info("LAr 3D, chi2 of the SM, sigma 0.134",
         ref_profile(REF_LAR2020_N_BIN, 4, templates[0], sigma, set.observed, s));
    sigma[0] = GSL_POSINF;
    info("LAr 3D, chi2 of the SM, free norm",
         ref_profile(REF_LAR2020_N_BIN, 4, templates[0], sigma, set.observed, s));
    info("... its norm", s[0]);
    ref_detector_destroy(detector);
}

/* ---- Dresden-II ---- */

typedef struct dresden {
    ref_dresden2_data set;
    ref_detector *nuclei, *electrons;
    double sm[REF_DRESDEN2_N_BIN], es[REF_DRESDEN2_N_BIN];
    double moment[REF_DRESDEN2_N_BIN]; /* what mu^2 = (1e-10 mu_B)^2 adds */
    double p[REF_DRESDEN2_N_PARAMETER];
    double level;
} dresden;

static const double first_guess[REF_DRESDEN2_N_PARAMETER] = {14, 140, 0.25, 85, 1.292, 0.07, 0.16};

static double dresden_chi2(dresden *d, double a, const double *x, double b, const double *y)
{
    double signal[REF_DRESDEN2_N_BIN];
    for (int i = 0; i < REF_DRESDEN2_N_BIN; i++)
        signal[i] = a * x[i] + b * y[i];
    return ref_profile_dresden2(&d->set, 0, signal, d->p);
}

static double dresden_moment(double mu2, void *p)
{
    dresden *d = p;
    double signal[REF_DRESDEN2_N_BIN];
    for (int i = 0; i < REF_DRESDEN2_N_BIN; i++)
        signal[i] = d->sm[i] + d->es[i] + mu2 * d->moment[i];
    return ref_profile_dresden2(&d->set, 0, signal, d->p) - d->level;
}

static double dresden_angle(double s2w, void *p)
{
    dresden *d = p;
    ref_model model = ref_standard_model();
    double signal[REF_DRESDEN2_N_BIN];
    model.s2w = s2w;
    ref_detector_counts(d->nuclei, &model, 0, signal);
    return ref_profile_dresden2(&d->set, 0, signal, d->p) - d->level;
}

/* chi2 - min over mu^2 >= 0, in units of 1e-10 mu_B. */
static double dresden_limit(dresden *d, int with_es)
{
    ref_model model = ref_standard_model();
    double electrons[REF_DRESDEN2_N_BIN];
    gsl_function f = {dresden_moment, d};
    model.mu_nu[0] = 1e-10;
    ref_detector_counts(d->nuclei, &model, 0, d->moment);
    ref_detector_counts(d->electrons, &model, 0, electrons);
    for (int i = 0; i < REF_DRESDEN2_N_BIN; i++)
        d->moment[i] += (with_es ? electrons[i] - d->es[i] : 0) - d->sm[i];
    d->level = 0;
    double best = dresden_moment(0, d), at = 0;
    for (double x = 0.05; x < 10; x *= 1.5) { /* where a search can start */
        double lo = 0, mid = x, hi = 20;
        double value = dresden_moment(x, d) < best ? minimum_between(&f, lo, hi, &mid) : best;
        if (value < best) {
            best = value;
            at = mid;
        }
    }
    d->level = best + 2.7055;
    return sqrt(root_between(&f, at, 50));
}

static void check_dresden(dresden *d, ref_quenching quenching, const double spec[6])
{
    ref_model sm = ref_standard_model();
    d->nuclei = needed(ref_dresden2_create(quenching, REF_HMVE, 0, data));
    ref_detector_counts(d->nuclei, &sm, 0, d->sm);
    row(&rows, quenching == REF_FEF ? "Dresden-II SM per day, Fef" : "Dresden-II SM per day, YBe",
        sum_of(d->sm, REF_DRESDEN2_N_BIN), spec[0], 1e-6, 1);
    row(&rows, "... first bin", d->sm[0], spec[1], 1e-6, 1);
    row(&rows, "... chi2", dresden_chi2(d, 1, d->sm, 0, d->es), spec[2], 0.01, 0);
    row(&rows, "... chi2 with SM ES", dresden_chi2(d, 1, d->sm, 1, d->es), spec[3], 0.01, 0);
    row(&rows, "... mu_nu_e 90 % [1e-10 mu_B]", dresden_limit(d, 0), spec[4], 0.01, 0);
    row(&rows, "... mu_nu_e 90 % with ES", dresden_limit(d, 1), spec[5], 0.01, 0);
    if (quenching == REF_FEF) {
        gsl_function f = {dresden_angle, d};
        double x = 0.225;
        d->level = 0;
        d->level = minimum_between(&f, 0.1, 0.35, &x) + 1;
        row(&rows, "... sin^2 theta_W", x, 0.2264, 0.001, 0);
        row(&rows, "... lower end", root_between(&f, 0.05, x), 0.1641, 0.001, 0);
        row(&rows, "... upper end", root_between(&f, x, 0.45), 0.2774, 0.001, 0);
    }
    ref_model zprime = ref_universal(1e-5, 1);
    double bin = ref_detector_adaptive_count(d->nuclei, &zprime, 0, 0, 20);
    double counts[REF_DRESDEN2_N_BIN];
    ref_detector_counts(d->nuclei, &zprime, 0, counts);
    row(&rows, "... Z' in bin 20, tabulated over adaptive", counts[20], bin, 1e-9, 1);
    ref_detector_destroy(d->nuclei);
}

static void check_dresden_others(dresden *d)
{
    static const char *const name[4] = {"HMVE", "HMK", "BESTIOLE", "absolute"};
    ref_model sm = ref_standard_model();
    for (int i = 0; i < 4; i++) {
        ref_detector *detector =
            needed(ref_dresden2_create(i == 0 ? REF_LINDHARD : REF_FEF, (ref_reactor)i, 0, data));
        char text[64];
        ref_detector_counts(detector, &sm, 0, d->sm);
        snprintf(text, sizeof text, "Dresden-II SM per day, %s, %s", i == 0 ? "Lindhard" : "Fef",
                 name[i]);
        info(text, sum_of(d->sm, REF_DRESDEN2_N_BIN));
        info("... chi2", dresden_chi2(d, 1, d->sm, 0, d->sm));
        ref_detector_destroy(detector);
    }
    memset(d->sm, 0, sizeof d->sm);
    info("Dresden-II reactor off, chi2 of background",
         ref_profile_dresden2(&d->set, 1, d->sm, d->p));
}

static void check_dresden2(void)
{
    static const double fef[6] = {119.5564076, 22.3359396, 103.8341, 103.8357, 2.511, 2.278};
    static const double ybe[6] = {64.0954298, 15.4468947, 105.7470, 105.7488, 3.802, 3.367};
    static dresden d;
    ref_model sm = ref_standard_model();
    if (ref_dresden2_load(&d.set, data))
        needed(NULL);
    memcpy(d.p, first_guess, sizeof d.p);
    row(&rows, "Dresden-II chi2, background only", dresden_chi2(&d, 0, d.sm, 0, d.es), 110.6910,
        0.01, 0);
    d.electrons = needed(ref_dresden2_create(REF_FEF, REF_HMVE, 1, data));
    ref_detector_counts(d.electrons, &sm, 0, d.es);
    row(&rows, "Dresden-II SM ES per day", sum_of(d.es, REF_DRESDEN2_N_BIN), 0.0316, 0.01, 1);
    check_dresden(&d, REF_FEF, fef);
    check_dresden(&d, REF_YBE, ybe);
    check_dresden_others(&d);
    ref_detector_destroy(d.electrons);
}

/* ---- projections, rates, XENONnT ---- */

typedef struct asimov {
    double observed[40], moment[40], sm[40];
} asimov;

static double asimov_chi2(double mu2, void *p)
{
    const asimov *a = p;
    double mu[40];
    for (int b = 0; b < 40; b++)
        mu[b] = a->observed[b] + mu2 * a->moment[b];
    return ref_chi2_poisson(40, a->observed, mu) - 2.7055;
}

/* 1e-11 mu_B */
static double projected_limit(double kg)
{
    asimov a;
    double edges[41];
    ref_model sm = ref_standard_model(), moment = sm;
    moment.mu_nu[0] = 1e-11;
    for (int b = 0; b <= 40; b++)
        edges[b] = 0.01 * pow(200, b / 40.0); /* 10 eV to 2 keV */
    ref_detector *detector = needed(ref_germanium_create(
        ref_reactor_spectrum(REF_HMVE, ref_dresden2_fractions, 1.5e12, data), kg * 365, 40, edges));
    ref_detector_counts(detector, &sm, 0, a.sm);
    ref_detector_counts(detector, &moment, 0, a.moment);
    for (int b = 0; b < 40; b++) {
        a.moment[b] -= a.sm[b];
        a.observed[b] = a.sm[b] + 100 * kg * 365 * (edges[b + 1] - edges[b]);
    }
    ref_detector_destroy(detector);
    gsl_function f = {asimov_chi2, &a};
    return sqrt(root_between(&f, 0, 1000));
}

static void check_reactors(void)
{
    static const double fractions[4] = {0.556, 0.326, 0.071, 0.047};
    static const double edges[4] = {0.05, 0.1, 0.2, 10}, spec[3] = {0.74105, 0.50026, 0.25595};
    ref_model sm = ref_standard_model();
    double counts[3];
    row(&rows, "mu_nu projection, 1 kg yr [1e-11 mu_B]", projected_limit(1), 3.002, 1e-3, 1);
    row(&rows, "mu_nu projection, 1e4 kg yr [1e-11 mu_B]", projected_limit(1e4), 0.2987, 1e-3, 1);
    ref_detector *detector =
        needed(ref_germanium_create(ref_reactor_polynomials(fractions, 8540, 400), 1, 3, edges));
    ref_detector_counts(detector, &sm, 0, counts);
    row(&rows, "Ge at 400 m, above 50 eV", sum_of(counts, 3), spec[0], 1e-3, 1);
    row(&rows, "Ge at 400 m, above 100 eV", sum_of(counts + 1, 2), spec[1], 1e-3, 1);
    row(&rows, "Ge at 400 m, above 200 eV", counts[2], spec[2], 1e-3, 1);
    ref_detector_destroy(detector);
}

static void check_xenonnt(void)
{
    static ref_xenonnt_data set;
    static double counts[REF_XENONNT_N_BIN];
    ref_model sm = ref_standard_model(), zprime = ref_universal(3e-5, 10);
    double background[2] = {0, 0};
    ref_detector *detector = needed(ref_xenonnt_create(ref_boron8_spectrum(5.46e6), data));
    if (ref_xenonnt_load(&set, data))
        needed(NULL);
    for (int k = 0; k < 3; k++) {
        background[0] += sum_of(set.background[k], 162);
        background[1] += sum_of(set.background[k] + 162, 81);
    }
    row(&rows, "XENONnT background SR0 + SR1", background[0], 26.50, 0.005, 0);
    row(&rows, "XENONnT background SR2", background[1], 15.56, 0.005, 0);
    row(&rows, "XENONnT events SR0 + SR1", sum_of(set.observed, 162), 37, 0, 0);
    row(&rows, "XENONnT events SR2", sum_of(set.observed + 162, 81), 25, 0, 0);
    ref_detector_counts(detector, &sm, 0, counts);
    row(&rows, "XENONnT 8B SR0 + SR1", sum_of(counts, 162), 9.78, 0.005, 0);
    row(&rows, "XENONnT 8B SR2", sum_of(counts + 162, 81), 7.64, 0.005, 0);
    ref_detector_beam_counts(detector, &zprime, 0, 1, counts);
    row(&rows, "... Z' in bin 100, nu_mu, tabulated over adaptive", counts[100],
        ref_detector_adaptive_count(detector, &zprime, 0, 1, 100), 1e-9, 1);
    ref_detector_destroy(detector);
}

int main(int argc, char **argv)
{
    gsl_set_error_handler_off();
    if (argc != 2) {
        fprintf(stderr, "usage: %s DATA   (folder of the folders of original files)\n", argv[0]);
        return 2;
    }
    data = argv[1];
    head();
    check_csi2017();
    check_lar2020();
    check_dresden2();
    check_reactors();
    check_xenonnt();
    printf("%d rows fail\n", rows.failed);
    return rows.failed != 0;
}
