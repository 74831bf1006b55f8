/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The minimum of the reference likelihood over its nuisances, from a cold start. Without shapes and
 * background functions chi2 is convex, and damped Newton steps with an active set of bounds find
 * its minimum (eq. 25). With them it is not: then that is where a Levenberg-Marquardt descent with
 * the full Hessian starts, from a = 0 and, for the background of lines, from several slopes L and
 * several shapes of the lines. */
#include "likelihood_reference.h"
#include <math.h>
#include <string.h>

#define MAX_ITERATIONS 200
#define DECREMENT 1e-16 /* lambda^2 at which the reference stops */
#define N_SLOPE 10      /* starts of the slope of the line background */
#define N_SLOPE_FINE 19 /* the same for a strong signal */

typedef struct fit {
    const sevens_likelihood *likelihood;
    const double *signal;
    bool stays[SEVENS_MAX_NUISANCES]; /* at its start, whatever happens */
    double value[SEVENS_MAX_NUISANCES];
    bool held[SEVENS_MAX_NUISANCES]; /* for now */
    sevens_derivatives at;           /* `value` */
    int iterations;
} fit;

/* ---- a Newton direction ---- */

/* Cholesky factor of H + damping D over the nuisances that are not held; false when it has none. */
static bool factorise(const fit *f, double damping, double (*L)[SEVENS_MAX_NUISANCES])
{
    for (size_t i = 0; i < f->likelihood->n_nuisance; i++) {
        double diagonal = f->held[i] ? 1.0 : f->at.hessian[i][i] + damping * f->at.curvature[i];
        double least = f->held[i] ? 0.0 : 1e-15 * (1.0 + damping) * f->at.curvature[i];

        for (size_t j = 0; j <= i; j++) {
            double sum = i == j ? diagonal : f->held[i] || f->held[j] ? 0.0 : f->at.hessian[i][j];

            for (size_t k = 0; k < j; k++)
                sum -= L[i][k] * L[j][k];
            if (i == j && !(sum > least))
                return false;
            L[i][j] = i == j ? sqrt(sum) : sum / L[j][j];
        }
    }
    return true;
}

/* d = (H + damping D)^-1 g; lambda2 = g d. False when the matrix is not positive definite. */
static bool direction(const fit *f, double damping, double *d, double *lambda2)
{
    double L[SEVENS_MAX_NUISANCES][SEVENS_MAX_NUISANCES];
    size_t K = f->likelihood->n_nuisance;

    if (!factorise(f, damping, L))
        return false;
    for (size_t i = 0; i < K; i++) {
        d[i] = f->held[i] ? 0.0 : f->at.gradient[i];
        for (size_t k = 0; k < i; k++)
            d[i] -= L[i][k] * d[k];
        d[i] /= L[i][i];
    }
    for (size_t i = K; i-- > 0;) {
        for (size_t k = i + 1; k < K; k++)
            d[i] -= L[k][i] * d[k];
        d[i] /= L[i][i];
    }
    *lambda2 = 0.0;
    for (size_t i = 0; i < K; i++)
        *lambda2 += f->held[i] ? 0.0 : f->at.gradient[i] * d[i];
    return true;
}

/* ---- the convex case ---- */

/* Start: s_k = 1; a signal larger than the data starts where it and its pull alone balance the
 * counts N above the backgrounds, the positive root of w z^2 + (S - w) z - N = 0; eq. 25. */
static void start_signal(fit *f, size_t p)
{
    const sevens_likelihood_part *part = &f->likelihood->part[p];
    const double *signal = f->signal + sevens_likelihood_signal_offset(f->likelihood, p);
    size_t norm = part->first_nuisance;
    double S = 0.0, counts = 0.0, N, w = f->likelihood->weight[norm][norm], b;

    for (size_t i = 0; i < part->n_bin; i++) {
        S += signal[i];
        counts += part->observed[i];
    }
    if (!(S > counts) || f->likelihood->nuisance[norm].fixed)
        return;
    N = counts;
    for (size_t c = 0; c < part->n_component; c++) {
        const sevens_component *component = &part->component[c];

        for (size_t i = 0; component->counts && component->shape == SEVENS_NONE && i < part->n_bin;
             i++)
            N -= component->counts[i];
    }
    N = fmax(N, sqrt(fmax(counts, 1.0)));
    b = S - w;
    f->value[norm] = 2.0 * N / (b + sqrt(b * b + 4.0 * w * N));
}

/* Nuisances that may move from their bound: releases the one with the steepest descent; false when
 * there is none, so that the point is a minimum. */
static bool release_one(fit *f, const bool *stays)
{
    size_t best = SEVENS_NONE;

    for (size_t k = 0; k < f->likelihood->n_nuisance; k++) {
        const sevens_nuisance *nuisance = &f->likelihood->nuisance[k];
        double g = f->at.gradient[k];
        bool inwards = (g < 0.0 && f->value[k] < nuisance->hi) ||
                       (g > 0.0 && f->value[k] > nuisance->lo && f->value[k] >= nuisance->hi);

        if (f->held[k] && !stays[k] && inwards &&
            (best == SEVENS_NONE || fabs(g) > fabs(f->at.gradient[best])))
            best = k;
    }
    if (best == SEVENS_NONE)
        return false;
    f->held[best] = false;
    return true;
}

/* value - t d, stopped where the first nuisance reaches a bound, where it is then held. */
static void step(fit *f, double t, const double *d)
{
    const sevens_nuisance *nuisance = f->likelihood->nuisance;
    size_t K = f->likelihood->n_nuisance, stop = SEVENS_NONE;
    double bound = 0.0;

    for (size_t k = 0; k < K; k++) {
        double limit = d[k] > 0.0 ? nuisance[k].lo : nuisance[k].hi;

        if (f->held[k] || d[k] == 0.0 || isinf(limit) || (f->value[k] - limit) / d[k] > t)
            continue;
        t = fmax(0.0, (f->value[k] - limit) / d[k]);
        stop = k;
        bound = limit;
    }
    for (size_t k = 0; k < K; k++) {
        if (!f->held[k])
            f->value[k] = k == stop
                              ? bound
                              : fmin(nuisance[k].hi, fmax(nuisance[k].lo, f->value[k] - t * d[k]));
    }
    if (stop != SEVENS_NONE)
        f->held[stop] = true;
}

/* A norm without curvature: chi2 is linear in it. It goes to its bound, or stays where it is when
 * nothing depends on it. */
static void hold_flat(fit *f)
{
    for (size_t k = 0; k < f->likelihood->n_nuisance; k++) {
        if (f->held[k] || f->at.curvature[k] > 0.0)
            continue;
        if (f->at.gradient[k] > 0.0)
            f->value[k] = f->likelihood->nuisance[k].lo;
        f->held[k] = true;
    }
}

/* The minimum over the nuisances that do not stay where they are; in these chi2 is convex. */
static bool descend_convex(fit *f, const bool *stays)
{
    double d[SEVENS_MAX_NUISANCES] = {0.0}, lambda2, change;
    bool converged = false;

    memcpy(f->held, stays, sizeof f->held);
    for (int i = 0; i < MAX_ITERATIONS && !converged; i++, f->iterations++) {
        double damping = 0.0;

        sevens_reference_derivatives(f->likelihood, f->signal, f->value, &f->at);
        hold_flat(f);
        while (!direction(f, damping, d, &lambda2)) { /* two templates are one to rounding */
            damping = damping > 0.0 ? 10.0 * damping : 1e-14;
            if (!(damping < 1.0))
                return false;
        }
        change = sevens_reference_change(f->likelihood, f->signal, f->value, d);
        converged = lambda2 < DECREMENT && !release_one(f, stays);
        if (converged || lambda2 >= DECREMENT) /* the last step costs nothing */
            step(f, change < 0.25 ? 1.0 : 1.0 / (1.0 + change), d);
    }
    return converged;
}

/* ---- the general case ---- */

/* Holds what is fixed, what presses against its bound, and what nothing depends on. */
static void hold_active(fit *f)
{
    for (size_t k = 0; k < f->likelihood->n_nuisance; k++) {
        const sevens_nuisance *nuisance = &f->likelihood->nuisance[k];
        double g = f->at.gradient[k];

        f->held[k] = f->stays[k] || !(f->at.curvature[k] > 0.0) ||
                     (f->value[k] <= nuisance->lo && g > 0.0) ||
                     (f->value[k] >= nuisance->hi && g < 0.0);
    }
}

/* value - d within the bounds, when chi2/2 does not rise there by more than rounding. */
static bool try_step(fit *f, const double *d, double rounding, double *half)
{
    const sevens_nuisance *nuisance = f->likelihood->nuisance;
    double trial[SEVENS_MAX_NUISANCES], at_trial;

    for (size_t k = 0; k < f->likelihood->n_nuisance; k++)
        trial[k] = f->held[k] ? f->value[k]
                              : fmin(nuisance[k].hi, fmax(nuisance[k].lo, f->value[k] - d[k]));
    at_trial = sevens_reference_half(f->likelihood, f->signal, trial);
    if (!(at_trial <= *half + rounding))
        return false;
    *half = at_trial;
    memcpy(f->value, trial, sizeof trial);
    return true;
}

/* Terms of chi2 are differences of numbers of the size of the counts. */
static double rounding_of(const fit *f, double half)
{
    double size = 1.0 + half;

    for (size_t p = 0; p < f->likelihood->n_part; p++) {
        const sevens_likelihood_part *part = &f->likelihood->part[p];

        for (size_t b = 0; part->kind == SEVENS_LIKELIHOOD_POISSON && b < part->n_bin; b++)
            size += part->observed[b];
    }
    return 1e-15 * size;
}

/* Levenberg-Marquardt with the full Hessian, projected on the bounds. */
static bool descend(fit *f, double *half)
{
    double d[SEVENS_MAX_NUISANCES], damping = 0.0, lambda2;

    *half = sevens_reference_half(f->likelihood, f->signal, f->value);
    for (int i = 0; i < MAX_ITERATIONS; i++, f->iterations++) {
        double rounding = rounding_of(f, *half);
        bool newton, went = false;

        sevens_reference_derivatives(f->likelihood, f->signal, f->value, &f->at);
        hold_active(f);
        newton = direction(f, 0.0, d, &lambda2);
        if (newton && lambda2 < 100.0 * rounding) { /* the last step leaves lambda^2 r^2 */
            try_step(f, d, rounding, half);
            return true;
        }
        while (!went && damping < 1e12) {
            went = direction(f, damping, d, &lambda2) && try_step(f, d, 0.0, half);
            if (!went)
                damping = fmax(1e-3, 4.0 * damping);
        }
        if (!went)
            return newton && lambda2 < 1e4 * rounding; /* no way down but below rounding */
        damping = damping > 1e-6 ? 0.1 * damping : 0.0;
    }
    return false;
}

/* ---- starts ---- */

/* What makes chi2 other than convex: changes of templates, and the shape of the line background. */
static bool is_curved(const sevens_likelihood *l, size_t k)
{
    size_t line;

    if (l->nuisance[k].kind != SEVENS_NUISANCE_FUNCTION)
        return l->nuisance[k].kind == SEVENS_NUISANCE_SHAPE;
    line = k - l->part[l->nuisance[k].part].first_line;
    return line != SEVENS_LINES_CONSTANT && line != SEVENS_LINES_TAIL &&
           line != SEVENS_LINES_HEIGHT;
}

/* Where lines start. With a signal far above the data the M line, which lies under it, holds all
 * lines at height 0, where nothing depends on their shape: so some start without it. */
typedef enum lines_start {
    LINES_OWN,    /* their own start */
    LINES_NARROW, /* the width of L1 at its lower bound */
    LINES_NO_M,   /* the ratio of M to L1 at its bound, */
    LINES_THIN,   /* and the width at its lower */
    LINES_WIDE,   /* or at its upper bound */
    N_LINES_START
} lines_start;

typedef struct start {
    lines_start lines;
    double slope; /* 0 .. 1: L between its bounds, in ln L; below 0: its own start */
} start;

static void put(fit *f, size_t k, double value)
{
    if (!f->stays[k])
        f->value[k] = value;
}

/* A background of lines, whose parameters begin at nuisance `line`. */
static void start_lines(fit *f, size_t line, start from)
{
    const sevens_nuisance *nuisance = f->likelihood->nuisance;
    size_t slope = line + SEVENS_LINES_SLOPE, width = line + SEVENS_LINES_WIDTH;
    size_t ratio = line + SEVENS_LINES_RATIO;
    double lo = nuisance[slope].lo, hi = nuisance[slope].hi;

    if (from.slope >= 0.0)
        put(f, slope, lo * pow(hi / lo, from.slope));
    if (from.lines == LINES_NARROW || from.lines == LINES_THIN)
        put(f, width, nuisance[width].lo);
    if (from.lines >= LINES_NO_M)
        put(f, ratio, nuisance[ratio].lo);
    if (from.lines == LINES_WIDE)
        put(f, width, nuisance[width].hi);
}

/* Everything at its start. */
static void set_start(fit *f, start from)
{
    const sevens_likelihood *l = f->likelihood;

    for (size_t k = 0; k < l->n_nuisance; k++)
        f->value[k] = l->nuisance[k].start;
    for (size_t p = 0; p < l->n_part; p++) {
        if (l->part[p].kind == SEVENS_LIKELIHOOD_POISSON)
            start_signal(f, p);
        if (l->part[p].kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND)
            start_lines(f, l->part[p].first_line, from);
    }
}

/* From a start to the minimum over everything but what is curved. half: chi2/2 there. */
static bool fit_norms(fit *f, start from, double *half)
{
    const sevens_likelihood *l = f->likelihood;
    bool stays[SEVENS_MAX_NUISANCES] = {false}, converged;

    for (size_t k = 0; k < l->n_nuisance; k++)
        stays[k] = f->stays[k] || is_curved(l, k);
    set_start(f, from);
    *half = sevens_reference_half(l, f->signal, f->value);
    if (!isfinite(*half)) /* a bin with counts expects none */
        return false;
    converged = descend_convex(f, stays);
    *half = sevens_reference_half(l, f->signal, f->value);
    return converged;
}

/* The same and then over everything; keeps the lowest of all calls in `profile` and `best`, which
 * is infinite before the first. */
static void fit_all(fit *f, start from, double *best, sevens_profile *profile)
{
    const sevens_likelihood *l = f->likelihood;
    bool curved = false, converged, first = isinf(*best);
    double half;

    for (size_t k = 0; k < l->n_nuisance; k++)
        curved = curved || (!f->stays[k] && is_curved(l, k));
    converged = fit_norms(f, from, &half);
    if (curved && isfinite(half))
        converged = descend(f, &half);
    if (!first && !(half < *best))
        return;
    *best = half;
    profile->converged = converged;
    memcpy(profile->value, f->value, sizeof f->value);
}

/* Backgrounds of lines: chi2 along n values of L, and the fit from each of its minima. */
static void fit_slopes(fit *f, lines_start lines, size_t n, double *best, sevens_profile *profile)
{
    double half[N_SLOPE_FINE + 2];

    half[0] = half[n + 1] = INFINITY;
    for (size_t i = 1; i <= n; i++)
        fit_norms(f, (start){lines, (double)(i - 1) / (double)(n - 1)}, &half[i]);
    for (size_t i = 1; i <= n; i++) {
        if (half[i] <= half[i - 1] && half[i] < half[i + 1])
            fit_all(f, (start){lines, (double)(i - 1) / (double)(n - 1)}, best, profile);
    }
}

/* Whether a background of lines is at odds with its signal: that is more than all data, or the fit
 * ended without lines, with the M line pulled down, or with the signal itself pulled down. */
static bool is_strong(const fit *f, const sevens_profile *profile)
{
    const sevens_likelihood *l = f->likelihood;

    for (size_t p = 0; p < l->n_part; p++) {
        const sevens_likelihood_part *part = &l->part[p];
        const double *signal = f->signal + sevens_likelihood_signal_offset(l, p);
        size_t norm = part->first_nuisance, height = part->first_line + SEVENS_LINES_HEIGHT;
        size_t ratio = part->first_line + SEVENS_LINES_RATIO;
        double excess = 0.0;

        if (part->kind != SEVENS_LIKELIHOOD_GAUSS_BACKGROUND)
            continue;
        for (size_t b = 0; b < part->n_bin; b++)
            excess += signal[b] - part->observed[b];
        if (excess > 0.0 || profile->value[height] <= l->nuisance[height].lo ||
            sevens_nuisance_pull(&l->nuisance[ratio], profile->value[ratio]) < -1.0 ||
            (!l->nuisance[norm].fixed &&
             sevens_nuisance_pull(&l->nuisance[norm], profile->value[norm]) < -1.0))
            return true;
    }
    return false;
}

/* From every start of the background of lines, more of them where the signal is strong. */
static void fit_lines(fit *f, double *best, sevens_profile *profile)
{
    fit_slopes(f, LINES_OWN, N_SLOPE, best, profile);
    fit_slopes(f, LINES_NARROW, N_SLOPE, best, profile);
    if (!is_strong(f, profile))
        return;
    for (int lines = LINES_OWN; lines < N_LINES_START; lines++)
        fit_slopes(f, (lines_start)lines, N_SLOPE_FINE, best, profile);
}

/* ---- the profile ---- */

/* chi2 in all and of each part at the minimum. */
static void finish(const sevens_likelihood *l, const double *signal, double half,
                   sevens_profile *profile)
{
    profile->chi2 = 2.0 * half;
    for (size_t p = 0; p < l->n_part; p++) {
        const sevens_likelihood_part *part = &l->part[p];

        if (part->kind == SEVENS_LIKELIHOOD_POISSON_ON_OFF) {
            profile->part_chi2[p] =
                sevens_on_off_chi2(part, &l->nuisance[part->first_nuisance],
                                   signal + sevens_likelihood_signal_offset(l, p),
                                   &profile->value[part->first_nuisance]);
            profile->chi2 += profile->part_chi2[p];
        } else {
            profile->part_chi2[p] = sevens_reference_part_chi2(l, p, signal, profile->value);
        }
    }
    profile->converged = profile->converged && isfinite(profile->chi2);
}

void sevens_likelihood_profile(const sevens_likelihood *l, const double *signal,
                               sevens_profile *profile)
{
    fit f = {.likelihood = l, .signal = signal};
    double best = INFINITY;
    bool lines = false;

    for (size_t p = 0; p < l->n_part; p++)
        lines = lines || l->part[p].kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND;
    for (size_t k = 0; k < l->n_nuisance; k++)
        f.stays[k] = l->nuisance[k].fixed || l->nuisance[k].kind == SEVENS_NUISANCE_MARGINAL;
    *profile = (sevens_profile){0};
    fit_all(&f, (start){LINES_OWN, -1.0}, &best, profile);
    if (lines)
        fit_lines(&f, &best, profile);
    profile->iterations = f.iterations;
    finish(l, signal, best, profile);
}
