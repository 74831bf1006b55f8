/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Synthetic likelihoods of every kind but the plain one, and rows to compare backends and kernels
 * on: norms and shapes that are pulled, free, fixed and at their bounds, empty bins, signals from
 * nothing to ten times the data. */
#ifndef SEVENS_TEST_JOINT_SUPPORT_H
#define SEVENS_TEST_JOINT_SUPPORT_H

#include "test_row_support.h"

typedef enum joint_kind {
    JOINT_GAUSS,        /* 12 bins, signal and two backgrounds */
    JOINT_GAUSS_BOUND,  /* the same, norms free: some end at 0 */
    JOINT_SHAPES,       /* poisson, 4 norms, 2 shapes of the signal and 1 of a background */
    JOINT_MANY_NORMS,   /* poisson, more norms than the row kernel takes */
    JOINT_SHARED,       /* poisson with a shape, gauss and poisson with a pull in common */
    JOINT_LINES,        /* 130 bins, the background of lines, norm of the signal fixed */
    JOINT_LINES_PULLED, /* the same, pulled, and with a shape */
    JOINT_LINES_UNEVEN, /* the first, bins of different widths */
    JOINT_ON_OFF,       /* 144 bins, 3 backgrounds times norm common, per bin, fixed */
    JOINT_N_KIND = JOINT_ON_OFF + 9
} joint_kind;

static const char *const joint_names[JOINT_N_KIND] = {"gauss",
                                                      "gauss at its bounds",
                                                      "shapes",
                                                      "many norms",
                                                      "shared pull",
                                                      "lines",
                                                      "lines, pulled signal",
                                                      "lines, uneven bins",
                                                      "on-off discrete",
                                                      "on-off discrete, per bin",
                                                      "on-off discrete, fixed",
                                                      "on-off continuous",
                                                      "on-off continuous, per bin",
                                                      "on-off continuous, fixed",
                                                      "on-off profiled",
                                                      "on-off profiled, per bin",
                                                      "on-off profiled, fixed"};

/* ---- making likelihoods ---- */

static inline double *joint_array(size_t n)
{
    double *array = calloc(n + 1, sizeof *array);

    ck_assert_ptr_nonnull(array);
    return array;
}

static inline size_t joint_nuisance(sevens_likelihood *l, sevens_nuisance_kind kind, double centre,
                                    double sigma)
{
    bool shape = kind == SEVENS_NUISANCE_SHAPE;

    ck_assert_uint_lt(l->n_nuisance, SEVENS_MAX_NUISANCES);
    l->nuisance[l->n_nuisance] = (sevens_nuisance){.part = l->n_part - 1,
                                                   .kind = kind,
                                                   .centre = centre,
                                                   .sigma = sigma,
                                                   .start = centre,
                                                   .lo = shape ? -INFINITY : 0.0,
                                                   .hi = INFINITY};
    l->part[l->n_part - 1].n_nuisance++;
    return l->n_nuisance++;
}

/* counts NULL: the next variant of the signal. */
static inline void joint_component(sevens_likelihood *l, size_t norm, size_t shape, double *counts)
{
    sevens_likelihood_part *part = &l->part[l->n_part - 1];
    size_t variant = counts ? SEVENS_NONE : part->n_variant++;

    part->component[part->n_component++] = (sevens_component){norm, shape, variant, counts};
}

/* A part with its signal, whose norm has this width. */
static inline sevens_likelihood_part *joint_part(sevens_likelihood *l, sevens_likelihood_kind kind,
                                                 size_t n_bin, double sigma)
{
    sevens_likelihood_part *part = &l->part[l->n_part++];

    *part = (sevens_likelihood_part){.kind = kind, .n_bin = n_bin, .first_nuisance = l->n_nuisance};
    part->observed = joint_array(n_bin);
    part->reference = joint_array(n_bin);
    for (size_t b = 0; b < n_bin; b++)
        part->reference[b] = 1.0;
    joint_nuisance(l,
                   kind == SEVENS_LIKELIHOOD_POISSON_ON_OFF ? SEVENS_NUISANCE_MARGINAL
                                                            : SEVENS_NUISANCE_NORM,
                   1.0, sigma);
    joint_component(l, part->first_nuisance, SEVENS_NONE, NULL);
    return part;
}

/* A background of `total` counts with a norm of its own; returns the norm. */
static inline size_t joint_background(sevens_likelihood *l, size_t k, double total, double sigma)
{
    sevens_likelihood_part *part = &l->part[l->n_part - 1];
    double *counts = joint_array(part->n_bin);
    size_t norm = joint_nuisance(l, SEVENS_NUISANCE_NORM, 1.0, sigma);

    row_component(k, 5, part->n_bin, total, counts);
    joint_component(l, norm, SEVENS_NONE, counts);
    return norm;
}

/* A shape nuisance; of the signal, or of the background with that norm by `size` counts. */
static inline void joint_shape(sevens_likelihood *l, size_t norm, double size)
{
    sevens_likelihood_part *part = &l->part[l->n_part - 1];
    size_t shape = joint_nuisance(l, SEVENS_NUISANCE_SHAPE, 0.0, 1.0);
    double *counts = NULL;

    if (norm != part->first_nuisance) {
        counts = joint_array(part->n_bin);
        for (size_t b = 0; b < part->n_bin; b++)
            counts[b] = size * sin(7.0 * (double)b / (double)part->n_bin) / (double)part->n_bin;
    }
    joint_component(l, norm, shape, counts);
}

/* Function parameters as they are near threshold in germanium. */
static inline void joint_lines(sevens_likelihood *l, bool uneven)
{
    static const double start[SEVENS_N_LINES] = {10.0, 100.0, 0.2, 15.0, 1.297, 0.07, 0.16};
    static const double lo[SEVENS_N_LINES] = {0.0, 0.0, 0.02, 0.0, 1.2, 0.03, 0.0};
    static const double hi[SEVENS_N_LINES] = {INFINITY, INFINITY, 20.0, INFINITY, 1.4, 0.2, 1.0};
    sevens_likelihood_part *part = &l->part[l->n_part - 1];

    part->first_line = l->n_nuisance;
    part->lines = (sevens_line_background){1.142, 0.008, 0.158, 0.0685, 0.16, 0.03, {0}, {0}, {0}};
    part->energy = joint_array(part->n_bin);
    for (size_t b = 0; b < part->n_bin; b++)
        part->energy[b] =
            0.205 + 1.3 * (double)b / (double)part->n_bin + (uneven ? 0.003 * sin((double)b) : 0.0);
    for (size_t i = 0; i < SEVENS_N_LINES; i++) {
        bool ratio = i == SEVENS_LINES_RATIO;
        size_t k = joint_nuisance(l, SEVENS_NUISANCE_FUNCTION, ratio ? 0.16 : 0.0,
                                  ratio ? 0.03 : INFINITY);

        l->nuisance[k].start = start[i];
        l->nuisance[k].lo = lo[i];
        l->nuisance[k].hi = hi[i];
    }
}

/* ---- data ---- */

/* A deviate of mean 0 and width 1, near enough a gaussian one. */
static inline double joint_deviate(uint64_t *random)
{
    double sum = -6.0;

    for (int i = 0; i < 12; i++)
        sum += row_uniform(random);
    return sum;
}

/* What part p sees of the signal, and of all backgrounds at their central norms. */
static inline void joint_observe(sevens_likelihood *l, size_t p, const double *signal,
                                 uint64_t *random)
{
    static const double lines[SEVENS_N_LINES] = {12.0, 110.0, 0.16, 17.0, 1.295, 0.075, 0.16};
    sevens_likelihood_part *part = &l->part[p];
    double slopes[SEVENS_N_LINES];

    if (part->kind == SEVENS_LIKELIHOOD_POISSON_ON_OFF)
        part->off = joint_array(part->n_bin);
    if (part->kind == SEVENS_LIKELIHOOD_GAUSS || part->kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND)
        part->sigma = joint_array(part->n_bin);
    for (size_t b = 0; b < part->n_bin; b++) {
        double mean = signal[b];

        for (size_t c = 1; c < part->n_component; c++)
            mean += part->component[c].counts && part->component[c].shape == SEVENS_NONE
                        ? part->component[c].counts[b]
                        : 0.0;
        if (part->kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND)
            mean += sevens_line_background_at(&part->lines, lines, part->energy[b], slopes);
        if (part->sigma) {
            part->sigma[b] = 0.2 + 0.2 * sqrt(mean);
            part->observed[b] = mean + part->sigma[b] * joint_deviate(random);
        } else {
            double steady = part->off ? 1.0 + 3.0 * row_uniform(random) : 0.0;

            part->observed[b] = row_poisson(random, mean + steady);
            if (part->off)
                part->off[b] = row_poisson(random, steady);
        }
    }
}

/* Signal of part p in the Standard Model. */
static inline void joint_signal(const sevens_likelihood *l, size_t p, double *signal)
{
    const sevens_likelihood_part *part = &l->part[p];
    double total = part->kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND ? 150.0
                   : part->kind == SEVENS_LIKELIHOOD_POISSON_ON_OFF ? 140.0
                                                                    : 160.0;

    row_component(0, 5, part->n_bin, total, signal);
}

/* ---- the kinds ---- */

static inline void joint_make_gauss(sevens_likelihood *l, bool bound, unsigned seed)
{
    joint_part(l, SEVENS_LIKELIHOOD_GAUSS, 12, bound ? INFINITY : 0.28);
    joint_background(l, 1, 60.0, bound ? INFINITY : 0.25);
    if (seed % 3 != 0)
        joint_background(l, 2, 30.0, bound && seed % 2 ? INFINITY : 1.0);
    if (seed % 4 == 3)
        l->nuisance[1].fixed = true;
}

static inline void joint_make_shapes(sevens_likelihood *l, size_t n_bin, unsigned seed)
{
    size_t background;

    joint_part(l, SEVENS_LIKELIHOOD_POISSON, n_bin, seed % 5 == 4 ? INFINITY : 0.134);
    joint_background(l, 1, 3000.0 * (double)n_bin / 960.0, 0.008);
    background = joint_background(l, 2, 500.0, 0.32);
    joint_background(l, 3, 33.0, 1.0);
    joint_shape(l, 0, 0.0);
    joint_shape(l, 0, 0.0);
    joint_shape(l, background, 150.0);
    if (seed % 3 == 1)
        l->nuisance[1].fixed = true;
}

static inline void joint_make_many_norms(sevens_likelihood *l, unsigned seed)
{
    joint_part(l, SEVENS_LIKELIHOOD_POISSON, 150, seed % 2 ? INFINITY : 0.12);
    for (size_t k = 1; k < 20; k++)
        joint_background(l, k % 5, 20.0 + 10.0 * (double)k, 0.05 * (double)k);
}

static inline void joint_make_shared(sevens_likelihood *l)
{
    joint_part(l, SEVENS_LIKELIHOOD_POISSON, 99, 0.12);
    joint_background(l, 1, 300.0, 0.25);
    joint_shape(l, 0, 0.0);
    l->shared[0].nuisance[0] = 0;
    l->shared[0].nuisance[1] = l->n_nuisance;
    joint_part(l, SEVENS_LIKELIHOOD_GAUSS, 12, 0.28);
    joint_background(l, 2, 50.0, 0.25);
    l->shared[0].nuisance[2] = l->n_nuisance;
    joint_part(l, SEVENS_LIKELIHOOD_POISSON, 40, 0.134);
    joint_background(l, 3, 90.0, 0.32);
    l->shared[0].n = 3;
    l->shared[0].sigma = 0.1;
    l->n_shared = 1;
}

static inline void joint_make_lines(sevens_likelihood *l, bool pulled, bool uneven)
{
    joint_part(l, SEVENS_LIKELIHOOD_GAUSS_BACKGROUND, 130, pulled ? 0.05 : INFINITY);
    l->nuisance[0].fixed = !pulled;
    if (pulled)
        joint_shape(l, 0, 0.0);
    joint_lines(l, uneven);
}

static inline void joint_make_on_off(sevens_likelihood *l, unsigned variant)
{
    sevens_likelihood_part *part = joint_part(l, SEVENS_LIKELIHOOD_POISSON_ON_OFF, 144, 0.28);
    double *counts = joint_array(part->n_bin);

    row_component(1, 5, part->n_bin, 6.0, counts);
    joint_component(l, 0, SEVENS_NONE, counts);
    part->on_off = (sevens_on_off_background)(variant / 3);
    part->on_off_per_bin = variant % 3 == 1;
    l->nuisance[0].fixed = variant % 3 == 2;
}

/* ---- cases ---- */

/* Change of the signal by its shape number v. */
static inline double joint_change(size_t v, size_t b, size_t n_bin)
{
    double t = (double)b / (double)n_bin;

    return v % 2 ? 0.08 * (0.5 - t) : 0.06 * cos(5.0 * t);
}

/* Terms of part p in row r: A + B x + C x^2 like a mediator that interferes. In odd rows the rate
 * vanishes on a line. */
static inline void joint_row(const sevens_likelihood *l, size_t p, size_t r, double *abc)
{
    const sevens_likelihood_part *part = &l->part[p];
    size_t n = part->n_bin;
    double sm[1024];

    ck_assert_uint_le(n, 1024);
    joint_signal(l, p, sm);
    for (size_t b = 0; b < n; b++) {
        double slope = 1.0 + 0.3 * sin((double)(r / 2)) * sin(3.0 * (double)b / (double)n);

        abc[b] = sm[b];
        abc[n + b] = (r % 2 ? -2.0 : 0.5) * sm[b] * slope;
        abc[2 * n + b] = sm[b] * slope * slope;
    }
    for (size_t v = 1; v < part->n_variant; v++) {
        for (size_t i = 0; i < 3 * n; i++)
            abc[3 * n * v + i] = abc[i] * joint_change(v, i % n, n);
    }
}

/* Row variable: special values, then smoothly up to rates ten times the Standard Model's. */
static inline double joint_x(size_t i, size_t n_x)
{
    static const double special[] = {0.0, 1.0, 1.0 + 1e-3, 5.0, 1e-8};
    size_t n_special = sizeof special / sizeof special[0];
    double t = n_x > 1 ? (double)i / (double)(n_x - 1) : 0.5;

    return i < n_special && n_x > 20 ? special[i] : 1e-2 * pow(300.0, t);
}

static inline void joint_case_make(row_case *c, joint_kind kind, unsigned seed, size_t n_row,
                                   size_t n_x)
{
    sevens_likelihood *l = &c->likelihood;
    uint64_t random = 1000 * (uint64_t)seed + (uint64_t)kind;
    double sm[1024];
    size_t size;

    *l = (sevens_likelihood){0};
    if (kind == JOINT_GAUSS || kind == JOINT_GAUSS_BOUND)
        joint_make_gauss(l, kind == JOINT_GAUSS_BOUND, seed);
    else if (kind == JOINT_SHAPES)
        joint_make_shapes(l, seed == 0 ? 960 : 120 + seed, seed);
    else if (kind == JOINT_MANY_NORMS)
        joint_make_many_norms(l, seed);
    else if (kind == JOINT_SHARED)
        joint_make_shared(l);
    else if (kind < JOINT_ON_OFF)
        joint_make_lines(l, kind == JOINT_LINES_PULLED, kind == JOINT_LINES_UNEVEN);
    else
        joint_make_on_off(l, (unsigned)(kind - JOINT_ON_OFF));
    for (size_t p = 0; p < l->n_part; p++) {
        joint_signal(l, p, sm);
        joint_observe(l, p, sm, &random);
    }
    for (size_t b = 0; kind == JOINT_GAUSS_BOUND && b < 12; b++) /* less than none of the last */
        l->part[0].observed[b] -= 1.2 * l->part[0].component[l->n_nuisance - 1].counts[b];
    ck_assert_int_eq(sevens_likelihood_set_pulls(l, NULL), SEVENS_OK);
    size = sevens_likelihood_row_size(l);
    c->signal = joint_array(n_row * size);
    c->x = joint_array(n_row * n_x);
    for (size_t r = 0; r < n_row; r++) {
        for (size_t p = 0; p < l->n_part; p++)
            joint_row(l, p, r, c->signal + r * size + sevens_likelihood_part_offset(l, p));
        for (size_t i = 0; i < n_x; i++)
            c->x[r * n_x + i] = joint_x(i, n_x);
    }
    c->rows = (sevens_rows){.n_row = n_row, .n_x = n_x, .signal = c->signal, .x = c->x};
}

#endif
