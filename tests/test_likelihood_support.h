/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Releases and likelihoods made up in memory, for the tests of the reference likelihood. */
#ifndef SEVENS_TEST_LIKELIHOOD_SUPPORT_H
#define SEVENS_TEST_LIKELIHOOD_SUPPORT_H

#include "likelihood_reference.h"
#include "sevens/likelihood.h"
#include "test_support.h"
#include <stdint.h>

/* ---- random numbers ---- */

static inline double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (double)(*state >> 11) / 9007199254740992.0;
}

static inline double normal(uint64_t *state)
{
    return sqrt(-2.0 * log(1.0 - uniform(state))) * cos(2.0 * M_PI * uniform(state));
}

/* ---- releases made up in memory ---- */

#define MAX_BIN 40

typedef struct made {
    sevens_release release;
    sevens_bin_axis axis;
    double edges[MAX_BIN + 1], observed[MAX_BIN], sigma[MAX_BIN], off[MAX_BIN];
    double background[3][MAX_BIN], change[MAX_BIN];
    double signal[2][MAX_BIN]; /* the signal and its change */
} made;

static const sevens_line_background lines = {.l2_keV = 1.142,
                                             .l2_ratio = 0.008,
                                             .m_keV = 0.158,
                                             .m_sigma_keV = 0.0685,
                                             .ratio = 0.16,
                                             .ratio_sigma = 0.03,
                                             .start = {10.0, 50.0, 0.3, 50.0, 1.297, 0.08, 0.16},
                                             .lo = {0.0, 0.0, 0.02, 0.0, 1.2, 0.03, 0.0},
                                             .hi = {1e5, 1e7, 20.0, 1e5, 1.4, 0.2, 10.0}};

/* Falling backgrounds and a signal, with data of the kind: background 1 and the signal have a
 * change each. */
static inline void make_release(made *m, sevens_likelihood_kind kind, size_t n, uint64_t *seed)
{
    sevens_release *r = &m->release;
    double size = 3.0 + 60.0 * uniform(seed);

    memset(m, 0, sizeof *m);
    r->likelihood = kind;
    r->n_bin = n;
    r->n_axis = 1;
    r->axis[0] = (sevens_bin_axis){.n = n, .edges = m->edges};
    r->observed = m->observed;
    r->sigma = m->sigma;
    r->off = m->off;
    r->lines = lines;
    r->signal_sigma = 0.05 + 0.3 * uniform(seed);
    r->n_background = kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND ? 0 : 2;
    for (size_t k = 0; k < r->n_background; k++)
        r->background[k] = (sevens_background){.name = (char *)(k == 0 ? "brn" : "ss"),
                                               .sigma = 0.02 + 0.4 * uniform(seed),
                                               .counts = m->background[k]};
    r->n_shape = 1 + (r->n_background > 0);
    r->shape[0] = (sevens_shape){.name = (char *)"gain", .of = SEVENS_SHAPE_RESPONSE};
    r->shape[1] =
        (sevens_shape){.name = (char *)"drift", .of = SEVENS_SHAPE_BACKGROUND, .counts = m->change};
    for (size_t b = 0; b <= n; b++)
        m->edges[b] = 0.2 + 1.3 * (double)b / (double)n;
    for (size_t b = 0; b < n; b++) {
        double x = (double)b / (double)n, mu;

        m->signal[0][b] = size * exp(-4.0 * x) * (0.5 + uniform(seed));
        m->signal[1][b] = 0.3 * m->signal[0][b] * (uniform(seed) - 0.4);
        m->background[0][b] = size * exp(-2.0 * x) * uniform(seed);
        m->background[1][b] = 0.4 * size * (0.2 + uniform(seed));
        m->change[b] = 0.3 * m->background[0][b] * (uniform(seed) - 0.5);
        mu = m->signal[0][b] + 0.8 * m->background[0][b] + m->background[1][b];
        m->sigma[b] = sqrt(mu) * (0.7 + 0.6 * uniform(seed));
        m->off[b] = floor(m->background[1][b]);
        m->observed[b] = mu + sqrt(mu) * normal(seed);
        if (kind == SEVENS_LIKELIHOOD_POISSON || kind == SEVENS_LIKELIHOOD_POISSON_ON_OFF)
            m->observed[b] = floor(fmax(0.0, m->observed[b]));
        if (kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND) {
            double p[SEVENS_N_LINES] = {15.0, 120.0, 0.15, 60.0, 1.29, 0.07, 0.17},
                   none[SEVENS_N_LINES];

            m->sigma[b] = 5.0;
            m->observed[b] = sevens_line_background_at(&lines, p, m->edges[b], none) +
                             m->signal[0][b] + 5.0 * normal(seed);
        }
    }
}

static inline void add(sevens_likelihood *l, const made *m, bool shapes)
{
    bool active[SEVENS_RELEASE_MAX_SHAPES] = {shapes, shapes};
    sevens_error err = {0};

    ck_assert_msg(sevens_likelihood_add(l, &m->release, active, &err) == SEVENS_OK, "%s",
                  err.message);
}

static inline void set_pulls(sevens_likelihood *l)
{
    sevens_error err = {0};

    ck_assert_msg(sevens_likelihood_set_pulls(l, &err) == SEVENS_OK, "%s", err.message);
}

/* The signals of parts side by side, times `scale`. */
static inline void put_signal(const sevens_likelihood *l, size_t part, const made *m, double scale,
                              double *signal)
{
    const sevens_likelihood_part *p = &l->part[part];

    signal += sevens_likelihood_signal_offset(l, part);
    for (size_t v = 0; v < p->n_variant; v++) {
        for (size_t b = 0; b < p->n_bin; b++)
            signal[v * p->n_bin + b] = scale * m->signal[v][b];
    }
}

/* A poisson part, a gaussian one and one with lines, all with shapes; the first two share. */
static inline void make_joint(sevens_likelihood *l, made m[3], double *signal, uint64_t *seed)
{
    const sevens_likelihood_kind kind[3] = {SEVENS_LIKELIHOOD_POISSON, SEVENS_LIKELIHOOD_GAUSS,
                                            SEVENS_LIKELIHOOD_GAUSS_BACKGROUND};

    *l = (sevens_likelihood){0};
    for (size_t p = 0; p < 3; p++) {
        make_release(&m[p], kind[p], 20, seed);
        add(l, &m[p], true);
    }
    l->n_shared = 1;
    l->shared[0] = (sevens_shared_nuisance){.name = strdup("sns-flux"),
                                            .sigma = 0.045,
                                            .n = 2,
                                            .nuisance = {0, l->part[1].first_nuisance}};
    set_pulls(l);
    for (size_t p = 0; p < 3; p++)
        put_signal(l, p, &m[p], 0.5 + uniform(seed), signal);
}

#endif
