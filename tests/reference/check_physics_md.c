/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recomputes the CsI 2021 rows of the validation table from the original data files with the
 * reference alone, and prints ours, the table's, their difference and whether it is in tolerance.
 *     check_physics_md FOLDER        FOLDER holds dataBeamOnC.txt and the other original files
 * Exit 1 if a row fails. The order is that of the table; helpers come first. Takes a few minutes:
 * nothing here uses the polynomial structure of the counts. */
#include "check_support.h"

#include <gsl/gsl_multimin.h>

typedef enum { AXIS_G, AXIS_RN, AXIS_S2W, AXIS_MU_E, AXIS_MU_MU, AXIS_NORM } axis;

typedef struct curve {
    const setting *set;
    axis axis;
    ref_model model;
    double level; /* subtracted: roots are where chi2 = level */
} curve;

static double chi2_norm(const curve *c, double scale)
{
    double counts[N_BIN], s[N_NORM];
    setting set = *c->set;
    ref_csi2021_counts(set.detector, &c->model, NULL, NULL, counts);
    for (int b = 0; b < N_BIN; b++)
        counts[b] *= scale;
    set.sigma[0] = 0;
    return profile(&set, counts, s);
}

static double chi2_on(double x, void *data)
{
    const curve *c = data;
    ref_model model = c->model;
    ref_nucleus cs = ref_cs133(), iodine = ref_i127();
    switch (c->axis) {
    case AXIS_G:
        model.g = x;
        break;
    case AXIS_RN:
        cs.rn_fm = iodine.rn_fm = x;
        break;
    case AXIS_S2W:
        model.s2w = x;
        break;
    case AXIS_MU_E:
        model.mu_nu[0] = x;
        break;
    case AXIS_MU_MU:
        model.mu_nu[1] = x;
        break;
    case AXIS_NORM:
        return chi2_norm(c, x) - c->level;
    }
    return chi2_of(c->set, &model, &cs, &iodine) - c->level;
}

static double root_on(curve *c, double lo, double hi)
{
    gsl_function f = {chi2_on, c};
    return root_between(&f, lo, hi);
}

static double minimum_on(curve *c, double lo, double hi, double *x)
{
    gsl_function f = {chi2_on, c};
    c->level = 0;
    return minimum_between(&f, lo, hi, x);
}

/* Couplings where chi2 passes the level, in increasing order from g_lo; at most n. */
static int crossings(curve *c, double level, double g_lo, double g_hi, double *g, int n)
{
    const double step = 1.01;
    int found = 0;
    c->level = level;
    double before = chi2_on(g_lo, c);
    for (double x = g_lo * step; x < g_hi && found < n; x *= step) {
        double after = chi2_on(x, c);
        if ((before < 0) != (after < 0))
            g[found++] = root_on(c, x / step, x);
        before = after;
    }
    return found;
}

static double first_crossing(const setting *set, ref_model model, double level, double g_lo)
{
    double g = GSL_NAN;
    curve c = {.set = set, .axis = AXIS_G, .model = model};
    crossings(&c, level, g_lo, 1, &g, 1);
    return g;
}

static double events(const setting *set, const ref_model *model, const ref_nucleus *cs,
                     const ref_nucleus *iodine)
{
    double counts[N_BIN];
    ref_csi2021_counts(set->detector, model, cs, iodine, counts);
    return sum_of(counts, N_BIN);
}

static void check_counts(setting *set)
{
    static const double per_flavour[3] = {121.5279995, 197.3197336, 50.8883205};
    static const double per_bin[9] = {2.372431,  50.161915, 74.511449, 62.901668, 44.334281,
                                      50.578107, 22.887809, 10.638633, 2.675798};
    static const char *flavour[3] = {"before time factors, nu_e", "before time factors, nubar_mu",
                                     "before time factors, nu_mu"};
    ref_model sm = ref_standard_model(), kn = ref_standard_model();
    ref_nucleus cs = ref_cs133(), iodine = ref_i127();
    double counts[N_BIN];
    row(set, "SM", events(set, &sm, NULL, NULL), 321.062090, 1e-6, 1);
    kn.form_factor = REF_KLEIN_NYSTRAND;
    row(set, "SM, Klein-Nystrand", events(set, &kn, NULL, NULL), 329.282634, 1e-6, 1);
    cs.rp_fm = cs.rn_fm = iodine.rp_fm = iodine.rn_fm = 4.81;
    row(set, "SM, Helm with R = 4.81", events(set, &sm, &cs, &iodine), 350.681521, 1e-6, 1);
    for (int f = 0; f < 3; f++) {
        ref_csi2021_energy_counts(set->detector, &sm, NULL, NULL, (ref_flavour)f, counts);
        row(set, flavour[f], sum_of(counts, REF_CSI2021_N_PE), per_flavour[f], 1e-6, 1);
    }
    ref_csi2021_counts(set->detector, &sm, NULL, NULL, counts);
    for (int b = 0; b < REF_CSI2021_N_PE; b++) {
        char name[32];
        snprintf(name, sizeof name, "PE bin %d", b);
        row(set, name, sum_of(counts + b * REF_CSI2021_N_TIME, REF_CSI2021_N_TIME), per_bin[b],
            1e-6, 1);
    }
}

static void check_normalisation(setting *set)
{
    ref_model sm = ref_standard_model();
    double counts[N_BIN] = {0}, s[N_NORM], x = 1, n_sm = events(set, &sm, NULL, NULL);
    double none = profile(set, counts, s);
    set->chi2_sm = chi2_of(set, &sm, NULL, NULL);
    row(set, "chi2 SM", set->chi2_sm, 84.33409, 1e-5, 0);
    row(set, "chi2 without CEvNS", none, 215.91901, 1e-5, 0);
    curve c = {.set = set, .axis = AXIS_NORM, .model = sm};
    double best = minimum_on(&c, 0.5, 1.5, &x);
    row(set, "chi2, free normalisation", best, 84.2757, 0.01, 0);
    row(set, "events, free normalisation", x * n_sm, 309.01, 0.01, 0);
    c.level = best + 1;
    row(set, "... lower end", root_on(&c, 0.5, x) * n_sm, 277.77, 0.01, 0);
    row(set, "... upper end", root_on(&c, x, 1.5) * n_sm, 341.06, 0.01, 0);
    row(set, "sqrt(chi2 without CEvNS - best)", sqrt(none - best), 11.474, 0.0005, 0);
}

static void check_intervals(setting *set)
{
    curve c = {.set = set, .axis = AXIS_RN, .model = ref_standard_model()};
    double x = 5.4, best = minimum_on(&c, 4, 7, &x);
    c.level = best + 1;
    row(set, "R_n [fm]", x, 5.4122, 0.001, 0);
    row(set, "... lower end", root_on(&c, 4, x), 4.9868, 0.001, 0);
    row(set, "... upper end", root_on(&c, x, 7), 5.8091, 0.001, 0);
    c.axis = AXIS_S2W;
    x = 0.23;
    best = minimum_on(&c, 0.15, 0.35, &x);
    c.level = best + 1;
    row(set, "sin^2 theta_W", x, 0.23161, 1e-4, 0);
    row(set, "... lower end", root_on(&c, 0.15, x), 0.20738, 1e-4, 0);
    row(set, "... upper end", root_on(&c, x, 0.35), 0.25867, 1e-4, 0);
}

/* 90 % limit on one magnetic moment, chi2 - min over mu^2 >= 0. */
static double moment_limit(const setting *set, axis which)
{
    curve c = {.set = set, .axis = which, .model = ref_standard_model()};
    double x = 5e-10, best = set->chi2_sm;
    double inner = minimum_on(&c, 0, 3e-9, &x);
    c.level = (inner < best ? inner : best) + 2.7055;
    return root_on(&c, inner < best ? x : 0, 2e-8);
}

static void check_moments(setting *set)
{
    ref_model none = ref_standard_model();
    none.couplings = REF_CHARGE_RADIUS;
    ref_model radius = none;
    radius.r2[0] = -0.83;
    radius.r2[1] = -0.48;
    radius.r2[2] = -0.30;
    row(set, "mu_nu_mu 90 %", moment_limit(set, AXIS_MU_MU), 1.7514e-9, 1e-3, 1);
    row(set, "mu_nu_e 90 %", moment_limit(set, AXIS_MU_E), 4.4111e-9, 1e-3, 1);
    row(set, "events, charge radii 0", events(set, &none, NULL, NULL), 334.9730, 1e-6, 1);
    row(set, "chi2, charge radii 0", chi2_of(set, &none, NULL, NULL), 84.4816, 1e-4, 0);
    row(set, "events, charge radii of the SM", events(set, &radius, NULL, NULL), 319.4968, 1e-6, 1);
    row(set, "chi2, charge radii of the SM", chi2_of(set, &radius, NULL, NULL), 84.3265, 1e-4, 0);
}

typedef ref_model (*model_of)(double g, double m_MeV);

static void check_crossings(setting *set, const char *what, model_of model, int n,
                            const double *mass, const double *spec, double g_lo)
{
    for (int i = 0; i < n; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s, g at chi2_SM + 4, m = %g MeV", what, mass[i]);
        row(set, name, first_crossing(set, model(0, mass[i]), set->chi2_sm + 4, g_lo), spec[i],
            1e-4, 1);
    }
}

static void check_mediators(setting *set)
{
    static const double mass[4] = {0.1, 10, 100, 1000};
    static const double universal[4] = {2.28378e-5, 2.34172e-5, 5.51811e-5, 5.00259e-4};
    static const double b_l[4] = {4.69435e-5, 4.80281e-5, 1.00922e-4, 8.58640e-4};
    static const double scalar[3] = {1.67363e-5, 1.70466e-5, 3.39619e-5};
    static const double mu_tau[3] = {1.15406e-3, 1.18303e-3, 2.80261e-3};
    check_crossings(set, "universal", ref_universal, 4, mass, universal, 1e-6);
    row(set, "universal, g at chi2_SM + 6.18, m = 0.1 MeV",
        first_crossing(set, ref_universal(0, 0.1), set->chi2_sm + 6.18, 1e-6), 2.54583e-5, 1e-4, 1);
    curve c = {.set = set, .axis = AXIS_G, .model = ref_universal(0, 1000)};
    double g[3] = {GSL_NAN, GSL_NAN, GSL_NAN};
    crossings(&c, set->chi2_sm + 4, 1e-4, 1e-2, g, 3);
    row(set, "universal, strip at 1 GeV, lower end / M", g[1] / 1000, 1.69120e-6, 1e-4, 1);
    row(set, "universal, strip at 1 GeV, upper end / M", g[2] / 1000, 1.82236e-6, 1e-4, 1);
    check_crossings(set, "B-L", ref_b_minus_l, 4, mass, b_l, 1e-6);
    check_crossings(set, "scalar", ref_scalar, 3, mass, scalar, 1e-6);
    check_crossings(set, "L_mu-L_tau", ref_l_mu_minus_l_tau, 3, mass, mu_tau, 1e-4);
    row(set, "universal, 1 MeV, without ES",
        first_crossing(set, ref_universal(0, 1), set->chi2_sm + 4, 1e-6), 2.2844e-5, 1e-4, 1);
    row(set, "B-L, 1 MeV, without ES",
        first_crossing(set, ref_b_minus_l(0, 1), set->chi2_sm + 4, 1e-6), 4.6954e-5, 1e-4, 1);
}

typedef struct plane {
    const setting *set;
    model_of model;
} plane;

static double chi2_in_plane(const gsl_vector *x, void *data)
{
    const plane *p = data;
    ref_model model = p->model(exp(gsl_vector_get(x, 1)), exp(gsl_vector_get(x, 0)));
    return chi2_of(p->set, &model, NULL, NULL);
}

/* Best point of a grid in ln m, ln g; steps of 2.9 % in g do not miss the narrow strip. */
static void coarse_minimum(const plane *p, gsl_vector *start)
{
    double best = GSL_POSINF;
    gsl_vector *x = gsl_vector_alloc(2);
    for (int i = 0; i <= 20; i++)
        for (int j = 0; j <= 400; j++) {
            gsl_vector_set(x, 0, log(0.1) + i * log(1e5) / 20);
            gsl_vector_set(x, 1, log(1e-6) + j * log(1e5) / 400);
            double chi2 = chi2_in_plane(x, (void *)p);
            if (chi2 < best) {
                best = chi2;
                gsl_vector_memcpy(start, x);
            }
        }
    gsl_vector_free(x);
}

static double plane_minimum(const plane *p, double *m, double *g)
{
    gsl_multimin_function f = {chi2_in_plane, 2, (void *)p};
    gsl_multimin_fminimizer *solver =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, 2);
    gsl_vector *start = gsl_vector_alloc(2), *step = gsl_vector_alloc(2);
    gsl_vector_set_all(step, 0.05);
    coarse_minimum(p, start);
    gsl_multimin_fminimizer_set(solver, &f, start, step);
    for (int i = 0; i < 1000 && gsl_multimin_fminimizer_size(solver) > 1e-8; i++)
        gsl_multimin_fminimizer_iterate(solver);
    *m = exp(gsl_vector_get(solver->x, 0));
    *g = exp(gsl_vector_get(solver->x, 1));
    double chi2 = solver->fval;
    gsl_vector_free(start);
    gsl_vector_free(step);
    gsl_multimin_fminimizer_free(solver);
    return chi2;
}

static void check_planes(setting *set)
{
    static const double mass[4] = {0.1, 10, 100, 1000};
    static const double spec[4] = {2.1124e-5, 2.1671e-5, 5.1674e-5, 4.7076e-4};
    plane p = {set, ref_universal};
    double m, g;
    double best = plane_minimum(&p, &m, &g);
    row(set, "universal, minimum of the plane", best, 82.673, 0.001, 0);
    row(set, "... m [MeV]", m, 145.5, 0.005, 1);
    row(set, "... g", g, 2.715e-4, 0.005, 1);
    for (int i = 0; i < 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "... first chi2_min + 4.6052, m = %g MeV", mass[i]);
        row(set, name, first_crossing(set, ref_universal(0, mass[i]), best + 4.6052, 1e-6), spec[i],
            1e-4, 1);
    }
    p.model = ref_l_mu_minus_l_tau;
    best = plane_minimum(&p, &m, &g);
    row(set, "L_mu-L_tau, minimum of the plane", best, 83.005, 0.001, 0);
    row(set, "... m [MeV]", m, 123.6, 0.005, 1);
    row(set, "... g", g, 9.423e-3, 0.005, 1);
}

int main(int argc, char **argv)
{
    setting set;
    if (open_setting(&set, argc, argv, 0))
        return 2;
    head();
    check_counts(&set);
    check_normalisation(&set);
    check_intervals(&set);
    check_moments(&set);
    check_mediators(&set);
    check_planes(&set);
    return close_setting(&set);
}
