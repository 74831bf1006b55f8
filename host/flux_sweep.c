/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integrals of a flux with many weights in turn. Between two lower limits hardly anything changes,
 * so few energies do, which are the same for all weights; where the phase turns faster an interval
 * is integrated as in host/flux_weighted.c. physics.md eq. 43. */
#include "flux_weighted.h"
#include "vector_math.h"
#include <math.h>
#include <stdlib.h>

/* Between neighbouring limits or breaks. */
typedef struct interval {
    double a, b;
    size_t limit; /* it is the first above this one */
    size_t first; /* its points among all; NONE: its energies differ too much */
} interval;

#define NONE SIZE_MAX

struct sevens_flux_sweep {
    const sevens_flux *flux;
    size_t flux_class, n_min, n_interval, n_point;
    const double *e_min;
    interval *interval; /* [n_interval] from the highest energies down */
    double *u, *value;  /* [n_point] 1/E, and f(E) times the weight of the rule */
    double *chance;     /* [n_point] scratch: of the weight */
};

/* Adds an interval, unless there is no flux. */
static void add_interval(sevens_flux_sweep *s, double a, double b, size_t limit)
{
    interval *new = &s->interval[s->n_interval];

    if (sevens_flux_is_empty(s->flux, s->flux_class, a, b))
        return;
    *new = (interval){a, b, limit, NONE};
    s->n_interval++;
    if (b > SEVENS_FEW_RATIO * a)
        return;
    new->first = s->n_point;
    for (int i = 0; i < SEVENS_FEW; i++) {
        double E;

        s->value[s->n_point] = sevens_few_point(s->flux, s->flux_class, a, b, i, &E);
        s->u[s->n_point++] = 1.0 / E;
    }
}

static void add_intervals(sevens_flux_sweep *s)
{
    const double *breaks = s->flux->break_MeV;
    size_t left = s->flux->n_break - 1;
    double top = breaks[left]; /* the end of all spectra */

    for (size_t i = s->n_min; i-- > 0;) {
        while (left > 0 && breaks[left - 1] >= s->e_min[i]) {
            add_interval(s, breaks[left - 1], top, i);
            top = breaks[--left];
        }
        if (s->e_min[i] < top) {
            add_interval(s, s->e_min[i], top, i);
            top = s->e_min[i];
        }
    }
}

sevens_status sevens_flux_sweep_create(sevens_flux_sweep **sweep, const sevens_flux *flux,
                                       size_t flux_class, size_t n_min, const double *e_min,
                                       sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = n_min + flux->n_break + 1;
    sevens_flux_sweep *s = calloc(1, sizeof *s);

    *sweep = NULL;
    SEVENS_TRY_ALLOC(s);
    *s =
        (sevens_flux_sweep){.flux = flux, .flux_class = flux_class, .n_min = n_min, .e_min = e_min};
    SEVENS_TRY_ALLOC(s->interval = malloc(n * sizeof *s->interval));
    SEVENS_TRY_ALLOC(s->u = malloc(SEVENS_FEW * n * sizeof *s->u));
    SEVENS_TRY_ALLOC(s->value = malloc(SEVENS_FEW * n * sizeof *s->value));
    SEVENS_TRY_ALLOC(s->chance = malloc(SEVENS_FEW * n * sizeof *s->chance));
    add_intervals(s);
    *sweep = s;
    s = NULL;
cleanup:
    sevens_flux_sweep_destroy(&s);
    return status;
}

void sevens_flux_sweep_destroy(sevens_flux_sweep **sweep)
{
    if (!*sweep)
        return;
    free((*sweep)->interval);
    free((*sweep)->u);
    free((*sweep)->value);
    free((*sweep)->chance);
    free(*sweep);
    *sweep = NULL;
}

/* (1 - sinc(slow u) cos(phase u))/2 at n values of u. With lost = 1 - sinc that is lost/2 + (1 -
 * lost) sin^2(phase u/2), which does not cancel where both are small. */
static void fill_chances(size_t n, const double *restrict u, double phase, double slow,
                         double *restrict chance)
{
    SEVENS_VECTOR_SIMD()
    for (size_t i = 0; i < n; i++) {
        double sine = sevens_vector_sin(0.5 * phase * u[i]), y = slow * u[i];
        double lost = 1.0 - sevens_vector_sin(y) / y;

        chance[i] = 0.5 * lost + (1.0 - lost) * sine * sine;
    }
}

/* The same for slow u up to about 0.1. */
static void fill_small_chances(size_t n, const double *restrict u, double phase, double slow,
                               double *restrict chance)
{
    SEVENS_VECTOR_SIMD()
    for (size_t i = 0; i < n; i++) {
        double sine = sevens_vector_sin(0.5 * phase * u[i]), y = slow * u[i], y2 = y * y;
        double lost = y2 / 6.0 * (1.0 - y2 / 20.0 * (1.0 - y2 / 42.0));

        chance[i] = 0.5 * lost + (1.0 - lost) * sine * sine;
    }
}

/* All points; u grows from interval to interval. */
static void fill_all_chances(sevens_flux_sweep *s, const sevens_flux_weight *w)
{
    size_t n = 0;

    while (n < s->n_point && w->slow_MeV * s->u[n] < 0.1)
        n += SEVENS_FEW;
    fill_small_chances(n, s->u, w->phase_MeV, w->slow_MeV, s->chance);
    fill_chances(s->n_point - n, s->u + n, w->phase_MeV, w->slow_MeV, s->chance + n);
}

void sevens_flux_sweep_moments(sevens_flux_sweep *s, const sevens_flux_weight *weight,
                               double (*k)[3])
{
    double sum[3] = {0.0};
    const interval *next = s->interval, *end = next + s->n_interval;

    fill_all_chances(s, weight);
    for (size_t i = s->n_min; i-- > 0;) {
        for (; next < end && next->limit == i; next++) {
            double turn = weight->phase_MeV * (1.0 / next->a - 1.0 / next->b);

            if (next->first == NONE || turn > SEVENS_FEW_PHASE) {
                sevens_flux_add_interval(s->flux, s->flux_class, weight, next->a, next->b, sum);
                continue;
            }
            for (size_t p = next->first; p < next->first + SEVENS_FEW; p++) {
                double value = s->value[p] * s->chance[p];

                sum[0] += value;
                sum[1] += value * s->u[p];
                sum[2] += value * s->u[p] * s->u[p];
            }
        }
        for (int n = 0; n < 3; n++)
            k[i][n] = sum[n];
    }
    sevens_flux_add_lines(s->flux, s->flux_class, weight, s->n_min, s->e_min, k);
}
