/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responses of every kind against the plain formulas, integrated by GSL. */
#include "sevens/constants.h"
#include "sevens/response.h"
#include "test_support.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>

#define MAX_CHANNEL 64

/* A release with one axis of n bins between lo and hi, and a response. */
typedef struct detector {
    sevens_release release;
    double edge[MAX_CHANNEL + 1];
    sevens_response *response;
    double r[MAX_CHANNEL];
} detector;

static const sevens_response_parameters plain = {.quenching_coefficient = {0.2, 3.0, 0.0, 0.0},
                                                 .quenching_scale = 1.0,
                                                 .light_yield = 1.0,
                                                 .efficiency = SEVENS_EFFICIENCY_ONE};

static sevens_status detector_try(detector *d, const sevens_response_parameters *par, size_t n,
                                  double lo, double hi, sevens_error *err)
{
    *d = (detector){.release = {.n_axis = 1, .n_channel = n, .response = *par}};
    for (size_t i = 0; i <= n; i++)
        d->edge[i] = lo + (hi - lo) * (double)i / (double)n;
    d->release.axis[0] = (sevens_bin_axis){.n = n, .edges = d->edge};
    return sevens_response_create(&d->response, &d->release, &d->release.response, err);
}

static void detector_make(detector *d, const sevens_response_parameters *par, size_t n, double lo,
                          double hi)
{
    sevens_error err = {0};

    ck_assert_msg(detector_try(d, par, n, lo, hi, &err) == SEVENS_OK, "%s", err.message);
}

static const sevens_nucleus *germanium(void)
{
    return sevens_nucleus_find("Ge74");
}

/* ---- plain formulas ---- */

static double straight(const double *x, const double *y, size_t n, double at)
{
    for (size_t i = 0; i + 1 < n; i++) {
        if (at >= x[i] && at < x[i + 1])
            return y[i] + (y[i + 1] - y[i]) * (at - x[i]) / (x[i + 1] - x[i]);
    }
    return at < x[0] ? y[0] : y[n - 1];
}

static double efficiency(const sevens_response_parameters *p, double x)
{
    const double *c = p->efficiency_coefficient;
    const sevens_curve *t = &p->efficiency_curve;

    if (p->efficiency == SEVENS_EFFICIENCY_SIGMOID)
        return fmax(0.0, c[0] / (1.0 + exp(-c[1] * (x - c[2]))) + c[3]);
    if (p->efficiency == SEVENS_EFFICIENCY_LINEAR)
        return x < t->x[0] ? 0.0 : straight(t->x, t->y, t->n, x);
    for (size_t i = 0; p->efficiency == SEVENS_EFFICIENCY_STEPS && i < t->n; i++) {
        if (x >= t->x[i] && x < t->x[i + 1])
            return t->y[i];
    }
    return p->efficiency == SEVENS_EFFICIENCY_STEPS ? 0.0 : 1.0;
}

typedef struct integrand {
    const sevens_response_parameters *par;
    double mean; /* keVee for gamma-pe, else the reconstructed unit */
} integrand;

static double gauss_density(double x, void *context)
{
    const integrand *a = context;
    const double *c = a->par->sigma2;
    double s2 = c[0] + c[1] * a->mean + c[2] * a->mean * a->mean;
    double norm = a->par->truncated ? 2.0 / (1.0 + erf(a->mean / sqrt(2.0 * s2))) : 1.0;

    if (a->par->truncated && x < 0.0)
        return 0.0;
    return norm * efficiency(a->par, x) * exp(-0.5 * (x - a->mean) * (x - a->mean) / s2) /
           sqrt(2.0 * SEVENS_PI * s2);
}

/* of u = x^2, which is smooth where x^B is not. */
static double gamma_density(double u, void *context)
{
    const integrand *a = context;
    double A = a->par->gamma_a_keVee / a->mean, B = a->par->gamma_b_per_keVee * a->mean;
    double x = u * u;

    return x > 0.0 ? 2.0 * u * efficiency(a->par, x) *
                         exp((1.0 + B) * log(A * (1.0 + B)) - lgamma(1.0 + B) + B * log(x) -
                             A * (1.0 + B) * x)
                   : 0.0;
}

/* Integral between two x, with breaks at the rows of the table and at `also`. */
static double integrate(double (*f)(double, void *), integrand *a, bool root, double lo, double hi,
                        double also)
{
    const sevens_curve *t = &a->par->efficiency_curve;
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(4000);
    gsl_function F = {f, a};
    double sum = 0.0, from = lo;

    while (from < hi) {
        double to = from < also && also < hi ? also : hi, part, error;

        for (size_t i = 0; i <= t->n && t->n > 0; i++) {
            if ((i < t->n || a->par->efficiency == SEVENS_EFFICIENCY_STEPS) && t->x[i] > from)
                to = fmin(to, t->x[i]);
        }
        if (root)
            gsl_integration_qag(&F, sqrt(from), sqrt(to), 0.0, 1e-13, 4000, 6, work, &part, &error);
        else
            gsl_integration_qag(&F, from, to, 0.0, 1e-13, 4000, 6, work, &part, &error);
        sum += part;
        from = to;
    }
    gsl_integration_workspace_free(work);
    return sum;
}

/* ---- quenching ---- */

/* A nucleus is seen as an electron of its electron-equivalent energy. */
static void same_as_electron(detector *d, double T_keV, double E_keVee)
{
    double e[MAX_CHANNEL];

    sevens_response_nuclear(d->response, germanium(), 1e-3 * T_keV, d->r);
    sevens_response_electron(d->response, 1e-3 * E_keVee, e);
    for (size_t i = 0; i < d->release.n_channel; i++)
        ck_close(d->r[i], e[i], 1e-15, 1e-12);
}

START_TEST(quenching)
{
    static double x[] = {0.0, 0.5, 1.7, 4.0}, y[] = {0.4, 0.3, 0.1, 0.25};
    sevens_response_parameters par = plain;
    detector d;

    par.smearing = SEVENS_SMEARING_GAUSS;
    par.sigma2[0] = 0.04;
    par.quenching_scale = 1.07;
    detector_make(&d, &par, 20, 0.0, 4.0);
    for (double T = 0.1; T < 12.0; T *= 1.37) /* E[MeV] = 0.2 T + 3 T^2 */
        same_as_electron(&d, T, 1.07e3 * (0.2e-3 * T + 3.0 * 1e-6 * T * T));
    sevens_response_destroy(&d.response);

    par.quenching = SEVENS_QUENCHING_TABLE;
    par.quenching_factor = (sevens_curve){4, x, y};
    detector_make(&d, &par, 20, 0.0, 4.0);
    for (double T = 0.1; T < 12.0; T *= 1.37)
        same_as_electron(&d, T, 1.07 * T * straight(x, y, 4, T));
    sevens_response_destroy(&d.response);

    par.quenching = SEVENS_QUENCHING_LINDHARD;
    par.lindhard_k = 0.157;
    detector_make(&d, &par, 20, 0.0, 4.0);
    for (double T = 0.1; T < 12.0; T *= 1.37) {
        double e = 11.5 * T / pow(32.0, 7.0 / 3.0), g = 3.0 * pow(e, 0.15) + 0.7 * pow(e, 0.6) + e;

        same_as_electron(&d, T, 1.07 * T * 0.157 * g / (1.0 + 0.157 * g));
    }
    sevens_response_destroy(&d.response);
}
END_TEST

START_TEST(threshold_and_light_yield)
{
    sevens_response_parameters par = plain;
    detector d;

    par.light_yield = 13.0;
    par.minimum_keVee = 0.1;
    detector_make(&d, &par, 13, 0.0, 13.0);
    sevens_response_electron(d.response, 0.99e-4, d.r);
    for (int i = 0; i < 13; i++)
        ck_assert_double_eq(d.r[i], 0.0);
    sevens_response_electron(d.response, 1.01e-4, d.r); /* 1.313 */
    for (int i = 0; i < 13; i++)
        ck_assert_double_eq(d.r[i], i == 1);
    sevens_response_destroy(&d.response);
}
END_TEST

/* ---- smearing ---- */

static double efficiency_x[] = {0.25, 0.75, 1.25, 2.0, 4.1};
static double efficiency_y[] = {0.02, 0.3, 0.55, 0.8, 0.9};
static double step_x[] = {0.3, 0.9, 1.0, 2.5, 3.2};
static double step_y[] = {0.1, 0.7, 0.0, 0.9};

/* Efficiencies of every kind; the first sigmoid is clipped at 0. */
static const struct {
    sevens_efficiency_kind kind;
    double coefficient[4];
    sevens_curve curve;
} efficiencies[] = {
    {.kind = SEVENS_EFFICIENCY_ONE},
    {.kind = SEVENS_EFFICIENCY_SIGMOID, .coefficient = {1.3, 2.9, 1.0, -0.3}},
    {.kind = SEVENS_EFFICIENCY_SIGMOID, .coefficient = {0.66, 4.9, 1.1, 0.0}},
    {.kind = SEVENS_EFFICIENCY_LINEAR, .curve = {5, efficiency_x, efficiency_y}},
    {.kind = SEVENS_EFFICIENCY_STEPS, .curve = {4, step_x, step_y}},
};
#define N_EFFICIENCY (sizeof efficiencies / sizeof efficiencies[0])

/* Returns where it is clipped. */
static double set_efficiency(sevens_response_parameters *par, size_t k)
{
    const double *c = efficiencies[k].coefficient;

    par->efficiency = efficiencies[k].kind;
    memcpy(par->efficiency_coefficient, c, sizeof par->efficiency_coefficient);
    par->efficiency_curve = efficiencies[k].curve;
    return c[3] < 0.0 ? c[2] - log(-c[0] / c[3] - 1.0) / c[1] : -1.0;
}

static void compare_gauss(double c0, double c1, double c2, bool truncated, double lo)
{
    sevens_response_parameters par = plain;
    detector d;

    par.smearing = SEVENS_SMEARING_GAUSS;
    par.sigma2[0] = c0;
    par.sigma2[1] = c1;
    par.sigma2[2] = c2;
    par.truncated = truncated;
    for (size_t k = 0; k < N_EFFICIENCY; k++) {
        double kink = set_efficiency(&par, k);

        detector_make(&d, &par, 12, lo, 6.0);
        for (double E = 0.013; E < 9.0; E *= 1.61) {
            integrand a = {&par, E};

            sevens_response_electron(d.response, 1e-3 * E, d.r);
            for (int i = 0; i < 12; i++) {
                double expected =
                    integrate(gauss_density, &a, false, d.edge[i], d.edge[i + 1], kink);

                ck_close(d.r[i], expected, 1e-40, 2e-12);
            }
        }
        sevens_response_destroy(&d.response);
    }
}

START_TEST(gauss)
{
    compare_gauss(0.0047, 0.00033, 0.0, false, 0.0);
    compare_gauss(0.0, 0.3364, 0.0, false, 0.0);
    compare_gauss(0.01, 0.002, 0.0025, false, -0.6);
    compare_gauss(9.0, 0.0, 0.0, false, 0.0); /* bins narrower than the resolution */
}
END_TEST

START_TEST(gauss_truncated)
{
    sevens_response_parameters par = plain;
    detector d;

    compare_gauss(0.0047, 0.00033, 0.0, true, 0.0);
    compare_gauss(0.3, 0.0, 0.0, true, -0.6);
    par.smearing = SEVENS_SMEARING_GAUSS;
    par.truncated = true;
    par.sigma2[0] = 0.04;
    detector_make(&d, &par, 40, 0.0, 20.0);
    for (double E = 0.001; E < 12.0; E *= 2.2) { /* nothing is lost */
        double sum = 0.0;

        sevens_response_electron(d.response, 1e-3 * E, d.r);
        for (int i = 0; i < 40; i++)
            sum += d.r[i];
        ck_close(sum, 1.0, 0.0, 1e-14);
    }
    sevens_response_destroy(&d.response);
}
END_TEST

START_TEST(gamma_photoelectrons)
{
    sevens_response_parameters par = plain;
    detector d;

    par.smearing = SEVENS_SMEARING_GAMMA_PE;
    par.gamma_a_keVee = 0.0749;
    par.gamma_b_per_keVee = 9.56;
    for (size_t k = 0; k < N_EFFICIENCY; k++) {
        double kink = set_efficiency(&par, k);

        detector_make(&d, &par, 12, 0.0, 24.0);
        for (double E = 0.004; E < 9.0; E *= 2.1) {
            integrand a = {&par, E};

            sevens_response_electron(d.response, 1e-3 * E, d.r);
            for (int i = 0; i < 12; i++)
                ck_close(d.r[i], integrate(gamma_density, &a, true, d.edge[i], d.edge[i + 1], kink),
                         1e-24, 1e-10);
        }
        sevens_response_destroy(&d.response);
    }
    set_efficiency(&par, 0);
    detector_make(&d, &par, 1, 8.0, 60.0);
    for (double E = 0.1; E < 9.0; E *= 1.3) { /* closed form */
        double shape = 1.0 + 9.56 * E, rate = shape * 0.0749 / E;

        sevens_response_electron(d.response, 1e-3 * E, d.r);
        ck_close(d.r[0],
                 gsl_sf_gamma_inc_Q(shape, 8.0 * rate) - gsl_sf_gamma_inc_Q(shape, 60.0 * rate),
                 1e-15, 1e-11);
    }
    sevens_response_destroy(&d.response);
}
END_TEST

START_TEST(poisson_counts)
{
    sevens_response_parameters par = plain;
    detector d;

    par.smearing = SEVENS_SMEARING_POISSON;
    par.light_yield = 13.348;
    for (size_t k = 0; k < N_EFFICIENCY; k++) {
        set_efficiency(&par, k);
        detector_make(&d, &par, 12, 4.0, 28.0);
        for (double E = 1e-4; E < 400.0; E *= 1.9) {
            sevens_response_electron(d.response, 1e-3 * E, d.r);
            for (unsigned i = 0; i < 12; i++) {
                unsigned n = 4 + 2 * i;

                ck_close(d.r[i],
                         efficiency(&par, n + 0.5) * gsl_ran_poisson_pdf(n, 13.348 * E) +
                             efficiency(&par, n + 1.5) * gsl_ran_poisson_pdf(n + 1, 13.348 * E),
                         1e-40, 2e-13 + 1e-15 * 13.348 * E);
            }
        }
        sevens_response_destroy(&d.response);
    }
}
END_TEST

START_TEST(no_smearing)
{
    sevens_response_parameters par = plain;
    detector d;

    for (size_t k = 0; k < N_EFFICIENCY; k++) {
        set_efficiency(&par, k);
        detector_make(&d, &par, 12, 0.2, 6.2);
        for (double E = 0.1; E < 8.0; E += 0.0137) {
            sevens_response_electron(d.response, 1e-3 * E, d.r);
            for (int i = 0; i < 12; i++)
                ck_close(d.r[i], E >= d.edge[i] && E < d.edge[i + 1] ? efficiency(&par, E) : 0.0,
                         1e-15, 1e-13);
        }
        sevens_response_destroy(&d.response);
    }
    set_efficiency(&par, 0);
    par.smearing = SEVENS_SMEARING_GAUSS; /* of no width */
    detector_make(&d, &par, 2, 0.0, 2.0);
    sevens_response_electron(d.response, 1.5e-3, d.r);
    ck_assert_double_eq(d.r[0], 0.0);
    ck_assert_double_eq(d.r[1], 1.0);
    sevens_response_destroy(&d.response);
}
END_TEST

/* ---- triangles ---- */

START_TEST(triangles)
{
    static double node[] = {0.5, 0.6, 0.8, 1.1};
    sevens_release release = {.n_node = 4, .n_channel = 4, .node_keVnr = node, .response = plain};
    sevens_response *response;
    double r[4], *breaks, given[4] = {3.0, -1.0, 5.0, 2.0};
    size_t n;

    ck_assert_int_eq(sevens_response_create(&response, &release, &release.response, NULL),
                     SEVENS_OK);
    ck_assert(!sevens_response_has_electrons(response));
    sevens_response_electron(response, 0.7e-3, r);
    for (int i = 0; i < 4; i++)
        ck_assert_double_eq(r[i], 0.0);
    for (double T = 0.3; T < 1.4; T += 0.013) { /* they add up to straight lines */
        double sum = 0.0;

        sevens_response_nuclear(response, germanium(), 1e-3 * T, r);
        for (int i = 0; i < 4; i++) {
            ck_assert_double_ge(r[i], 0.0);
            sum += r[i] * given[i];
        }
        ck_close(sum, T < 0.5 || T > 1.1 ? 0.0 : straight(node, given, 4, T), 1e-13, 0.0);
    }
    ck_assert(isinf(sevens_response_scale(response, germanium(), 0.7e-3)));
    ck_assert_int_eq(sevens_response_breaks(response, germanium(), 0.9e-3, &breaks, &n, NULL),
                     SEVENS_OK);
    ck_assert_uint_eq(n, 3);
    for (size_t i = 0; i < n; i++)
        ck_close(breaks[i], 1e-3 * node[i], 0.0, 1e-15);
    free(breaks);
    sevens_response_destroy(&response);
}
END_TEST

/* ---- breaks and scales ---- */

/* Whether T [keV] is among the breaks below top [keV]. */
static bool has_break(const detector *d, const sevens_nucleus *nucleus, double top, double T)
{
    double *x;
    size_t n;
    bool found = false;

    ck_assert_int_eq(sevens_response_breaks(d->response, nucleus, 1e-3 * top, &x, &n, NULL),
                     SEVENS_OK);
    for (size_t i = 0; i < n; i++) {
        ck_assert(x[i] >= 0.0 && x[i] <= 1e-3 * top);
        found = found || fabs(1e3 * x[i] - T) <= 1e-13 * T;
    }
    free(x);
    return found;
}

START_TEST(breaks)
{
    static double x[] = {0.0, 1.0, 2.0, 4.0}, y[] = {0.4, 0.4, 0.1, 0.1};
    sevens_response_parameters par = plain;
    detector d;

    set_efficiency(&par, 4); /* 0 from 1.0 to 2.5 */
    par.minimum_keVee = 0.17;
    detector_make(&d, &par, 4, 0.1, 3.7); /* E[keV] = 0.2 T + 0.003 T^2 */
    for (int i = 1; i < 4; i += 2)        /* nothing passes at the others */
        ck_assert(
            has_break(&d, germanium(), 30.0, (-0.2 + sqrt(0.04 + 0.012 * d.edge[i])) / 0.006));
    for (int i = 0; i < 5; i++)
        ck_assert(has_break(&d, NULL, 30.0, step_x[i]));
    ck_assert(has_break(&d, NULL, 30.0, 0.17));
    ck_assert(!has_break(&d, NULL, 3.0, 3.2));
    sevens_response_destroy(&d.response);

    set_efficiency(&par, 0);
    par.quenching = SEVENS_QUENCHING_TABLE; /* 0.4 T; T (0.7 - 0.3 T), with its top; 0.1 T */
    par.quenching_factor = (sevens_curve){4, x, y};
    detector_make(&d, &par, 1, 0.3, 0.405);
    for (int i = 1; i < 4; i++)
        ck_assert(has_break(&d, germanium(), 10.0, x[i]));
    ck_assert(has_break(&d, germanium(), 10.0, 0.75)); /* 0.3 */
    ck_assert(has_break(&d, germanium(), 10.0, 3.0));
    ck_assert(has_break(&d, germanium(), 10.0, (0.7 + sqrt(0.49 - 1.2 * 0.3)) / 0.6));
    ck_assert(has_break(&d, germanium(), 10.0, (0.7 - sqrt(0.49 - 1.2 * 0.405)) / 0.6));
    ck_assert(has_break(&d, germanium(), 10.0, (0.7 + sqrt(0.49 - 1.2 * 0.405)) / 0.6));
    ck_assert(has_break(&d, germanium(), 10.0, 4.05));
    sevens_response_destroy(&d.response);
}
END_TEST

/* A polynomial that falls below 0 where the flux has recoils is refused, elsewhere it is not. */
START_TEST(negative_quenching)
{
    static const double last[] = {-7.0, 7.0}; /* 0.2 T + 3 T^2 -+ 7 T^3, in MeV: 0 at 0.49 */
    sevens_response_parameters par = plain;
    sevens_error err = {0};
    detector d;
    double *x;
    size_t n;

    for (int i = 0; i < 2; i++) {
        par.quenching_coefficient[2] = last[i];
        detector_make(&d, &par, 1, 0.3, 0.405);
        ck_assert_int_eq(sevens_response_breaks(d.response, germanium(), 0.48, &x, &n, &err),
                         SEVENS_OK);
        free(x);
        sevens_status status = sevens_response_breaks(d.response, germanium(), 0.6, &x, &n, &err);
        ck_assert_int_eq(status, i == 0 ? SEVENS_ERR_INPUT : SEVENS_OK);
        free(x);
        ck_assert_int_eq(sevens_response_breaks(d.response, NULL, 0.6, &x, &n, NULL), SEVENS_OK);
        free(x);
        sevens_response_destroy(&d.response);
    }
    ck_assert_ptr_nonnull(strstr(err.message, "T = 600 keV has E_ee = -312 keVee, below 0"));
    par.quenching_coefficient[0] = -0.2; /* at the turn of a polynomial that rises again */
    par.quenching_coefficient[2] = 0.0;
    detector_make(&d, &par, 1, 0.3, 0.405);
    ck_assert_int_eq(sevens_response_breaks(d.response, germanium(), 0.6, &x, &n, &err),
                     SEVENS_ERR_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "T = 33.33 keV has E_ee = -3.333 keVee, below 0"));
    sevens_response_destroy(&d.response);
}
END_TEST

/* Smeared responses have no breaks but those of quenching, threshold and reach; nothing is seen
 * beyond the reach. */
START_TEST(reach)
{
    sevens_response_parameters par = plain;
    detector d;
    double *x;
    size_t n;

    for (int kind = 0; kind < 2; kind++) {
        par.smearing = kind == 0 ? SEVENS_SMEARING_GAUSS : SEVENS_SMEARING_POISSON;
        par.sigma2[0] = 0.01;
        detector_make(&d, &par, 8, 4.0, 12.0);
        ck_assert_int_eq(sevens_response_breaks(d.response, NULL, 1.0, &x, &n, NULL), SEVENS_OK);
        ck_assert_uint_eq(n, kind == 0 ? 2 : 1);
        for (size_t i = 0; i < n; i++) {
            bool upper = x[i] > 8e-3;

            sevens_response_electron(d.response, x[i] * (upper ? 1.0001 : 0.9999), d.r);
            ck_assert_double_eq(d.r[upper ? 7 : 0], 0.0);
            sevens_response_electron(d.response, x[i] * (upper ? 0.99 : 1.01), d.r);
            ck_assert_double_lt(d.r[upper ? 7 : 0], 1e-35);
            ck_assert(
                isinf(sevens_response_scale(d.response, NULL, x[i] * (upper ? 1.0001 : 0.9999))));
            ck_assert(
                !isinf(sevens_response_scale(d.response, NULL, x[i] * (upper ? 0.9999 : 1.0001))));
        }
        free(x);
        sevens_response_destroy(&d.response);
    }
}
END_TEST

START_TEST(scales)
{
    sevens_response_parameters par = plain;
    detector d;

    par.smearing = SEVENS_SMEARING_GAUSS;
    par.sigma2[0] = 0.01;
    par.sigma2[1] = 0.02;
    par.light_yield = 1.7;
    par.quenching = SEVENS_QUENCHING_LINDHARD;
    par.lindhard_k = 0.157;
    detector_make(&d, &par, 8, 0.0, 12.0);
    for (double T = 0.5; T < 20.0; T *= 1.5) {
        double x[3];

        for (int i = 0; i < 3; i++) { /* centre, and a difference of 1e-5 */
            double t = T * (1.0 + 1e-5 * (i - 1)), e = 11.5 * t / pow(32.0, 7.0 / 3.0);
            double g = 3.0 * pow(e, 0.15) + 0.7 * pow(e, 0.6) + e;

            x[i] = 1.7 * t * 0.157 * g / (1.0 + 0.157 * g);
        }
        ck_close(1e3 * sevens_response_scale(d.response, germanium(), 1e-3 * T),
                 sqrt(0.01 + 0.02 * x[1]) * 2e-5 * T / (x[2] - x[0]), 0.0, 1e-7);
    }
    sevens_response_destroy(&d.response);
    par.smearing = SEVENS_SMEARING_GAMMA_PE;
    par.gamma_a_keVee = 0.0749;
    par.gamma_b_per_keVee = 9.56;
    detector_make(&d, &par, 8, 0.0, 12.0);
    ck_assert_double_eq(sevens_response_scale(d.response, NULL, 1e-3), 0.0); /* not told */
    sevens_response_destroy(&d.response);
}
END_TEST

/* ---- what is refused ---- */

START_TEST(refused)
{
    sevens_response_parameters par = plain;
    sevens_error err = {0};
    detector d;

    par.smearing = SEVENS_SMEARING_POISSON;
    ck_assert_int_eq(detector_try(&d, &par, 8, 0.0, 12.0, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, "has the edge 1.5");
    ck_assert_ptr_null(d.response);
    ck_assert_int_eq(detector_try(&d, &par, 8, 0.0, 8e6, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, "the energy bins reach 8e+06 PE");
    par.smearing = SEVENS_SMEARING_GAMMA_PE;
    ck_assert_int_eq(detector_try(&d, &par, 8, 0.0, 8e6, &err), SEVENS_ERR_INPUT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("response");
    TCase *tc = tcase_create("response");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, quenching);
    tcase_add_test(tc, threshold_and_light_yield);
    tcase_add_test(tc, gauss);
    tcase_add_test(tc, gauss_truncated);
    tcase_add_test(tc, gamma_photoelectrons);
    tcase_add_test(tc, poisson_counts);
    tcase_add_test(tc, no_smearing);
    tcase_add_test(tc, triangles);
    tcase_add_test(tc, breaks);
    tcase_add_test(tc, negative_quenching);
    tcase_add_test(tc, reach);
    tcase_add_test(tc, scales);
    tcase_add_test(tc, refused);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
