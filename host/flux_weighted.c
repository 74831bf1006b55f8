/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of a flux with a weight in the integral: neutrinos that vanish on the way, equivalent
 * photons. One sweep from the end of the spectrum down serves all lower limits. Where the weight
 * oscillates fast, its slow factors are expanded in Legendre polynomials of u = 1/E, whose
 * integrals with sin and cos of (phase u) are spherical Bessel functions (Filon's rule;
 * DLMF 18.17.19), so that the cost does not grow with the phase. physics.md eq. 43. */
#include "flux_weighted.h"
#include <gsl/gsl_sf_bessel.h>
#include <math.h>

/* 12-point Gauss-Legendre rule on [-1, 1], positive half (Abramowitz and Stegun, table 25.4). */
#define HALF 6
#define ORDER 12
static const double node[HALF] = {0.125233408511468915, 0.367831498998180194, 0.587317954286617447,
                                  0.769902674194304687, 0.904117256370474857, 0.981560634246719251};
static const double weight_of[HALF] = {0.249147045813402785, 0.233492536538354809,
                                       0.203167426723065922, 0.160078328543346226,
                                       0.106939325995318431, 0.047175336386511827};

#define LARGEST_PHASE 3.0 /* change of a phase in a panel that 12 nodes resolve to 1e-13 */
#define LARGEST_RATIO 1.5 /* of energies in a panel, for powers of E */

typedef struct integrand {
    const sevens_flux *flux;
    size_t flux_class;
    const sevens_flux_weight *weight;
} integrand;

/* One panel in u = 1/E: nodes, and there quadrature weight times f(E) smooth(E) E^2. */
typedef struct panel {
    double middle, half; /* of u */
    double x[ORDER], u[ORDER], part[ORDER];
} panel;

static void fill_panel(const integrand *f, double a, double b, panel *p)
{
    p->middle = 0.5 * (1.0 / a + 1.0 / b);
    p->half = 0.5 * (1.0 / a - 1.0 / b);
    for (int i = 0; i < ORDER; i++) {
        double E;

        p->x[i] = (i % 2 ? 1.0 : -1.0) * node[i / 2];
        p->u[i] = p->middle + p->half * p->x[i];
        E = 1.0 / p->u[i];
        p->part[i] = weight_of[i / 2] * E * E * sevens_flux_density(f->flux, f->flux_class, E);
        if (f->weight->smooth)
            p->part[i] *= f->weight->smooth(E);
    }
}

/* 1 - sin(y)/y; the series where that cancels. */
static double sinc_deficit(double y)
{
    double y2 = y * y;

    return y < 0.1 ? y2 / 6.0 * (1.0 - y2 / 20.0 * (1.0 - y2 / 42.0)) : 1.0 - sin(y) / y;
}

/* (1 - sinc(slow u) cos(phase u))/2, without cancellation where both are small. */
static double oscillation(const sevens_flux_weight *w, double u)
{
    double lost = sinc_deficit(w->slow_MeV * u), sine = sin(0.5 * w->phase_MeV * u);

    return w->oscillates ? 0.5 * lost + (1.0 - lost) * sine * sine : 1.0;
}

/* Adds sum_i factor[i] u_i^n. */
static void add_nodes(const panel *p, const double *factor, double *k)
{
    for (int i = 0; i < ORDER; i++) {
        double value = p->half * p->part[i] * factor[i];

        k[0] += value;
        k[1] += value * p->u[i];
        k[2] += value * p->u[i] * p->u[i];
    }
}

/* Adds scale times the integral of part amplitude sin(phase u + turn pi/2) by Filon's rule:
 * int_-1^1 P_l(x) sin(c + w x) dx = 2 j_l(w) sin(c + l pi/2). */
static void add_filon(const panel *p, const double *amplitude, double phase, int turn, double scale,
                      double *k)
{
    double j[ORDER], at = phase * p->middle, sum[3] = {0.0};
    const double turns[4] = {sin(at), cos(at), -sin(at), -cos(at)};

    gsl_sf_bessel_jl_steed_array(ORDER - 1, phase * p->half, j);
    for (int i = 0; i < ORDER; i++) {
        double before = 0.0, P = 1.0, series = 0.0;

        for (int l = 0; l < ORDER; l++) {
            double next = ((2 * l + 1) * p->x[i] * P - l * before) / (l + 1);

            series += (2 * l + 1) * P * j[l] * turns[(l + turn) % 4];
            before = P;
            P = next;
        }
        series *= p->part[i] * amplitude[i];
        sum[0] += series;
        sum[1] += series * p->u[i];
        sum[2] += series * p->u[i] * p->u[i];
    }
    for (int n = 0; n < 3; n++)
        k[n] += scale * p->half * sum[n];
}

/* A panel in which cos(phase u) turns fast: the mean 1/2 at the nodes, the rest by Filon's rule,
 * with sinc(slow u) in the amplitude or, where that turns too, as two sines. */
static void add_fast(const sevens_flux_weight *w, const panel *p, double *k)
{
    double factor[ORDER];

    for (int i = 0; i < ORDER; i++)
        factor[i] = 0.5;
    add_nodes(p, factor, k);
    if (2.0 * w->slow_MeV * p->half <= LARGEST_PHASE) {
        for (int i = 0; i < ORDER; i++)
            factor[i] = 1.0 - sinc_deficit(w->slow_MeV * p->u[i]);
        add_filon(p, factor, w->phase_MeV, 1, -0.5, k);
        return;
    }
    for (int i = 0; i < ORDER; i++)
        factor[i] = 1.0 / (2.0 * w->slow_MeV * p->u[i]);
    add_filon(p, factor, w->phase_MeV + w->slow_MeV, 0, -0.5, k);
    add_filon(p, factor, w->phase_MeV - w->slow_MeV, 0, 0.5, k);
}

/* Adds int_a^b f g E^-n dE over an interval in which hardly anything changes. */
static void add_small(const integrand *f, double a, double b, double *k)
{
    const sevens_flux_weight *w = f->weight;

    for (int i = 0; i < SEVENS_FEW; i++) {
        double E, value = sevens_few_point(f->flux, f->flux_class, a, b, i, &E);

        value *= oscillation(w, 1.0 / E);
        if (w->smooth)
            value *= w->smooth(E);
        k[0] += value;
        k[1] += value / E;
        k[2] += value / (E * E);
    }
}

/* Adds int_a^b f g E^-n dE over an interval without breaks, in panels of equal ratios. */
static void add_interval(const integrand *f, double a, double b, double *k)
{
    const sevens_flux_weight *w = f->weight;
    int n = (int)ceil(fmax(1.0, log(b / a) / log(LARGEST_RATIO)));
    double ratio = pow(b / a, 1.0 / n), factor[ORDER];
    panel p;

    if (sevens_flux_is_empty(f->flux, f->flux_class, a, b))
        return;
    if (b <= SEVENS_FEW_RATIO * a && w->phase_MeV * (1.0 / a - 1.0 / b) <= SEVENS_FEW_PHASE) {
        add_small(f, a, b, k);
        return;
    }
    for (; n > 0; n--, a *= ratio) {
        fill_panel(f, a, n > 1 ? a * ratio : b, &p);
        if (2.0 * w->phase_MeV * p.half > LARGEST_PHASE) {
            add_fast(w, &p, k);
            continue;
        }
        for (int i = 0; i < ORDER; i++)
            factor[i] = oscillation(w, p.u[i]);
        add_nodes(&p, factor, k);
    }
}

static void add_line(const integrand *f, sevens_spectrum_line line, size_t n_min,
                     const double *e_min, double (*k)[3])
{
    double E = line.E_MeV, g = line.content * oscillation(f->weight, 1.0 / E);

    if (f->weight->smooth)
        g *= f->weight->smooth(E);
    for (size_t i = 0; i < n_min && e_min[i] <= E; i++) {
        k[i][0] += g;
        k[i][1] += g / E;
        k[i][2] += g / (E * E);
    }
}

void sevens_flux_add_interval(const sevens_flux *flux, size_t flux_class,
                              const sevens_flux_weight *weight, double a, double b, double *k)
{
    integrand f = {flux, flux_class, weight};

    add_interval(&f, a, b, k);
}

void sevens_flux_add_lines(const sevens_flux *flux, size_t flux_class,
                           const sevens_flux_weight *weight, size_t n_min, const double *e_min,
                           double (*k)[3])
{
    integrand f = {flux, flux_class, weight};

    for (size_t i = 0; i < sevens_flux_lines(flux, flux_class); i++)
        add_line(&f, sevens_flux_line(flux, flux_class, i), n_min, e_min, k);
}

void sevens_flux_weighted_moments(const sevens_flux *flux, size_t flux_class,
                                  const sevens_flux_weight *weight, size_t n_min,
                                  const double *e_min, double (*k)[3])
{
    integrand f = {flux, flux_class, weight};
    const double *breaks = flux->break_MeV;
    size_t left = flux->n_break - 1;
    double sum[3] = {0.0}, top = breaks[left]; /* the end of all spectra */

    for (size_t i = n_min; i-- > 0;) {
        while (left > 0 && breaks[left - 1] >= e_min[i]) {
            add_interval(&f, breaks[left - 1], top, sum);
            top = breaks[--left];
        }
        if (e_min[i] < top) {
            add_interval(&f, e_min[i], top, sum);
            top = e_min[i];
        }
        for (int n = 0; n < 3; n++)
            k[i][n] = sum[n];
    }
    sevens_flux_add_lines(flux, flux_class, weight, n_min, e_min, k);
}
