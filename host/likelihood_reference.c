/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference likelihood at given nuisances: chi2, its gradient and its Hessian, in double over
 * all bins as the equations stand. It shares no code with the kernels of the fast backends. The
 * minimum is found in likelihood_profile.c, on-off parts are in likelihood_on_off.c.
 * docs/physics.md eqs. 23, 24, 49, 50, 52, 53. */
#include "likelihood_reference.h"
#include <math.h>
#include <string.h>

/* ---- expected counts ---- */

static const double *template_of(const sevens_likelihood_part *part, const double *signal, size_t c)
{
    const sevens_component *component = &part->component[c];

    return component->counts ? component->counts : signal + component->variant * part->n_bin;
}

/* z_c; eq. 52. */
static double factor(const sevens_component *component, const double *value)
{
    double norm = value[component->norm];

    return component->shape == SEVENS_NONE ? norm : norm * value[component->shape];
}

/* mu_b; `signal` is that of the part. */
static double expected(const sevens_likelihood_part *part, const double *signal,
                       const double *value, size_t b)
{
    double mu = 0.0, unused[SEVENS_N_LINES];

    for (size_t c = 0; c < part->n_component; c++)
        mu += factor(&part->component[c], value) * template_of(part, signal, c)[b];
    if (part->kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND)
        mu += sevens_line_background_at(&part->lines, value + part->first_line, part->energy[b],
                                        unused);
    return mu;
}

void sevens_likelihood_expected(const sevens_likelihood *l, size_t part, const double *signal,
                                const double *value, double *mu)
{
    signal += sevens_likelihood_signal_offset(l, part);
    for (size_t b = 0; b < l->part[part].n_bin; b++)
        mu[b] = expected(&l->part[part], signal, value, b);
}

/* d mu_b / d t_k for the nuisances of the part; slope[0] is that of its first. */
static double expected_slope(const sevens_likelihood_part *part, const double *signal,
                             const double *value, size_t b, double *slope)
{
    size_t first = part->first_nuisance;
    double mu = 0.0;

    memset(slope, 0, part->n_nuisance * sizeof *slope);
    for (size_t c = 0; c < part->n_component; c++) {
        const sevens_component *component = &part->component[c];
        double V = template_of(part, signal, c)[b];

        mu += factor(component, value) * V;
        if (component->shape == SEVENS_NONE) {
            slope[component->norm - first] += V;
        } else {
            slope[component->norm - first] += value[component->shape] * V;
            slope[component->shape - first] += value[component->norm] * V;
        }
    }
    if (part->kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND)
        mu += sevens_line_background_at(&part->lines, value + part->first_line, part->energy[b],
                                        slope + part->first_line - first);
    return mu;
}

/* ---- chi2 ---- */

/* Half of a bin's chi2; eqs. 23 and 50. An empty bin gives mu whatever its sign. */
static double half_bin(const sevens_likelihood_part *part, double mu, size_t b)
{
    double n = part->observed[b], residual;

    if (part->kind == SEVENS_LIKELIHOOD_POISSON) {
        if (n > 0.0 && !(mu > 0.0))
            return INFINITY;
        return mu - n + (n > 0.0 ? n * log(n / mu) : 0.0);
    }
    residual = (n - mu) / part->sigma[b];
    return 0.5 * residual * residual;
}

static double half_part(const sevens_likelihood_part *part, const double *signal,
                        const double *value)
{
    double half = 0.0;

    for (size_t b = 0; b < part->n_bin; b++)
        half += half_bin(part, expected(part, signal, value, b), b);
    return half;
}

double sevens_reference_half(const sevens_likelihood *l, const double *signal, const double *value)
{
    double half = 0.0, pulls = 0.0;

    for (size_t p = 0; p < l->n_part; p++) {
        if (l->part[p].kind != SEVENS_LIKELIHOOD_POISSON_ON_OFF)
            half += half_part(&l->part[p], signal + sevens_likelihood_signal_offset(l, p), value);
    }
    for (size_t i = 0; i < l->n_nuisance; i++) {
        for (size_t j = 0; j < l->n_nuisance; j++)
            pulls += (value[i] - l->nuisance[i].centre) * l->weight[i][j] *
                     (value[j] - l->nuisance[j].centre);
    }
    return half + 0.5 * pulls;
}

double sevens_likelihood_chi2(const sevens_likelihood *l, const double *signal, const double *value)
{
    double chi2 = 2.0 * sevens_reference_half(l, signal, value), mean;

    for (size_t p = 0; p < l->n_part; p++) {
        const sevens_likelihood_part *part = &l->part[p];

        if (part->kind == SEVENS_LIKELIHOOD_POISSON_ON_OFF)
            chi2 += sevens_on_off_chi2(part, &l->nuisance[part->first_nuisance],
                                       signal + sevens_likelihood_signal_offset(l, p), &mean);
    }
    return chi2;
}

/* ---- derivatives ---- */

/* Adds weight times the second derivatives of the line background to H; eq. 49. */
static void add_line_curvature(const sevens_likelihood_part *part, const double *value, size_t b,
                               double weight, double (*H)[SEVENS_MAX_NUISANCES])
{
    enum { A = SEVENS_LINES_TAIL, L = SEVENS_LINES_SLOPE, HEIGHT = SEVENS_LINES_HEIGHT };
    enum { C = SEVENS_LINES_CENTRE, W = SEVENS_LINES_WIDTH, R = SEVENS_LINES_RATIO };
    const sevens_line_background *lines = &part->lines;
    const double *p = value + part->first_line;
    double E = part->energy[b], h = p[HEIGHT], w = p[W], slope = p[L];
    double d1 = (E - p[C]) / w, d2 = (E - lines->l2_keV) / w, x1 = d1 * d1, x2 = d2 * d2;
    double l1 = exp(-0.5 * x1), l2 = lines->l2_ratio * exp(-0.5 * x2), tail = exp(-E / slope);
    double dm = (E - lines->m_keV) / lines->m_sigma_keV;
    double m = exp(-0.5 * dm * dm) / lines->m_sigma_keV;
    double D[SEVENS_N_LINES][SEVENS_N_LINES] = {{0}};

    D[A][L] = tail * E / (slope * slope);
    D[L][L] = p[A] * tail * E * (E - 2.0 * slope) / (slope * slope * slope * slope);
    D[HEIGHT][C] = l1 * d1 / w;
    D[HEIGHT][W] = (l1 * x1 + l2 * x2) / w + p[R] * m;
    D[HEIGHT][R] = w * m;
    D[C][C] = h * l1 * (x1 - 1.0) / (w * w);
    D[C][W] = h * l1 * d1 * (x1 - 2.0) / (w * w);
    D[W][W] = h * (l1 * x1 * (x1 - 3.0) + l2 * x2 * (x2 - 3.0)) / (w * w);
    D[W][R] = h * m;
    for (size_t i = 0; i < SEVENS_N_LINES; i++) {
        for (size_t j = i; j < SEVENS_N_LINES; j++) {
            H[part->first_line + i][part->first_line + j] += weight * D[i][j];
            if (j > i)
                H[part->first_line + j][part->first_line + i] += weight * D[i][j];
        }
    }
}

/* Adds weight times the second derivatives of mu_b to H; eq. 52. */
static void add_curvature(const sevens_likelihood_part *part, const double *signal,
                          const double *value, size_t b, double weight,
                          double (*H)[SEVENS_MAX_NUISANCES])
{
    for (size_t c = 0; c < part->n_component; c++) {
        size_t norm = part->component[c].norm, shape = part->component[c].shape;

        if (shape == SEVENS_NONE)
            continue;
        H[norm][shape] += weight * template_of(part, signal, c)[b];
        H[shape][norm] += weight * template_of(part, signal, c)[b];
    }
    if (part->kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND)
        add_line_curvature(part, value, b, weight, H);
}

/* First and second derivative of half a bin's chi2 by mu. */
static void bin_derivatives(const sevens_likelihood_part *part, double mu, size_t b, double *first,
                            double *second)
{
    double n = part->observed[b];

    if (part->kind == SEVENS_LIKELIHOOD_POISSON) {
        *first = n > 0.0 ? 1.0 - n / mu : 1.0;
        *second = n > 0.0 ? n / (mu * mu) : 0.0;
    } else {
        *first = (mu - n) / (part->sigma[b] * part->sigma[b]);
        *second = 1.0 / (part->sigma[b] * part->sigma[b]);
    }
}

static void add_part(const sevens_likelihood_part *part, const double *signal, const double *value,
                     sevens_derivatives *out)
{
    size_t first = part->first_nuisance, K = part->n_nuisance;
    double slope[SEVENS_MAX_NUISANCES], g, h;

    for (size_t b = 0; b < part->n_bin; b++) {
        bin_derivatives(part, expected_slope(part, signal, value, b, slope), b, &g, &h);
        for (size_t k = 0; k < K; k++) {
            out->gradient[first + k] += g * slope[k];
            out->curvature[first + k] += h * slope[k] * slope[k];
            for (size_t m = 0; h > 0.0 && m < K; m++)
                out->hessian[first + k][first + m] += h * (slope[k] * slope[m]);
        }
        add_curvature(part, signal, value, b, g, out->hessian);
    }
}

void sevens_reference_derivatives(const sevens_likelihood *l, const double *signal,
                                  const double *value, sevens_derivatives *out)
{
    *out = (sevens_derivatives){0};
    for (size_t i = 0; i < l->n_nuisance; i++) {
        for (size_t j = 0; j < l->n_nuisance; j++) {
            out->gradient[i] += l->weight[i][j] * (value[j] - l->nuisance[j].centre);
            out->hessian[i][j] = l->weight[i][j];
        }
        out->curvature[i] = l->weight[i][i];
    }
    for (size_t p = 0; p < l->n_part; p++) {
        if (l->part[p].kind != SEVENS_LIKELIHOOD_POISSON_ON_OFF)
            add_part(&l->part[p], signal + sevens_likelihood_signal_offset(l, p), value, out);
    }
}

double sevens_reference_change(const sevens_likelihood *l, const double *signal,
                               const double *value, const double *step)
{
    double most = 0.0, slope[SEVENS_MAX_NUISANCES];

    for (size_t p = 0; p < l->n_part; p++) {
        const sevens_likelihood_part *part = &l->part[p];
        const double *own = signal + sevens_likelihood_signal_offset(l, p);

        for (size_t b = 0; part->kind == SEVENS_LIKELIHOOD_POISSON && b < part->n_bin; b++) {
            double change = 0.0, mu;

            if (!(part->observed[b] > 0.0))
                continue;
            mu = expected_slope(part, own, value, b, slope);
            for (size_t k = 0; k < part->n_nuisance; k++)
                change += slope[k] * step[part->first_nuisance + k];
            most = fmax(most, fabs(change) / mu);
        }
    }
    return most;
}

/* ---- parts of chi2 ---- */

/* chi2 of one part's bins and own pulls: of a norm that shares, what is left of its pull when the
 * shared pulls stand at their best values; eq. 53. */
double sevens_reference_part_chi2(const sevens_likelihood *l, size_t p, const double *signal,
                                  const double *value)
{
    const sevens_likelihood_part *part = &l->part[p];
    double chi2 = 2.0 * half_part(part, signal + sevens_likelihood_signal_offset(l, p), value);

    for (size_t k = part->first_nuisance; k < part->first_nuisance + part->n_nuisance; k++) {
        const sevens_nuisance *nuisance = &l->nuisance[k];
        double rest = value[k] - nuisance->centre, variance = nuisance->sigma * nuisance->sigma;

        if (nuisance->fixed || isinf(variance))
            continue;
        for (size_t h = 0; h < l->n_shared; h++) {
            const sevens_shared_nuisance *shared = &l->shared[h];

            for (size_t i = 0; i < shared->n; i++) {
                if (shared->nuisance[i] != k)
                    continue;
                rest -= shared->sigma * sevens_shared_pull_value(l, h, value);
                variance -= shared->sigma * shared->sigma;
            }
        }
        chi2 += rest * rest / variance;
    }
    return chi2;
}
