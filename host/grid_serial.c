/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backend `serial`: every point by the reference likelihood, one after the other, from a cold start
 * to full convergence. What the fast backends are compared with. */
#include "sevens/grid.h"
#include <math.h>
#include <stdlib.h>

#define RATE_ROUNDING 1e-13

typedef struct serial_state {
    const sevens_likelihood *likelihood; /* borrowed */
    double *signal;                      /* [part][n_variant][n_bin] */
} serial_state;

static bool available(char *why, size_t why_size)
{
    if (why_size > 0)
        why[0] = '\0';
    return true;
}

static void destroy(void *state)
{
    serial_state *serial = state;

    if (serial)
        free(serial->signal);
    free(serial);
}

static sevens_status create(void **state, const sevens_likelihood *likelihood,
                            const sevens_grid_options *options, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    serial_state *serial = calloc(1, sizeof *serial);

    *state = NULL;
    SEVENS_TRY_ALLOC(serial);
    if (options->precision != SEVENS_PRECISION_F64)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                               "backend serial is the reference: it computes in f64 alone"));
    serial->likelihood = likelihood;
    serial->signal =
        malloc((sevens_likelihood_signal_size(likelihood) + 1) * sizeof *serial->signal);
    SEVENS_TRY_ALLOC(serial->signal);
    *state = serial;
    serial = NULL;
cleanup:
    destroy(serial);
    return status;
}

/* S_b = A_b + B_b x + C_b x^2 of a part and its changes by shapes. A rate below the rounding of its
 * terms is none; rounding may also make single bins negative where the rate vanishes. */
static void part_signal_at(const sevens_likelihood_part *part, const double *abc, double x,
                           double *signal)
{
    size_t n = part->n_bin;
    double total = 0.0, terms = 0.0;

    for (size_t v = 0; v < part->n_variant; v++, abc += 3 * n) {
        for (size_t b = 0; b < n; b++) {
            double A = abc[b], Bx = x * abc[n + b], Cxx = x * x * abc[2 * n + b];

            signal[v * n + b] = v == 0 ? fmax(0.0, A + Bx + Cxx) : A + Bx + Cxx;
            total += v == 0 ? A + Bx + Cxx : 0.0;
            terms += v == 0 ? fabs(A) + fabs(Bx) + fabs(Cxx) : 0.0;
        }
    }
    for (size_t i = 0; i < part->n_variant * n && !(total > RATE_ROUNDING * terms); i++)
        signal[i] = 0.0;
}

static void signal_at(const serial_state *serial, const double *row, double x)
{
    const sevens_likelihood *l = serial->likelihood;

    for (size_t p = 0; p < l->n_part; p++)
        part_signal_at(&l->part[p], row + sevens_likelihood_part_offset(l, p), x,
                       serial->signal + sevens_likelihood_signal_offset(l, p));
}

static sevens_status evaluate(void *state, const sevens_rows *rows, sevens_row_results *results,
                              sevens_error *err)
{
    serial_state *serial = state;
    const sevens_likelihood *l = serial->likelihood;
    size_t n_point = rows->n_row * rows->n_x, row_size = sevens_likelihood_row_size(l);
    sevens_profile profile;

    (void)err;
    for (size_t p = 0; p < n_point; p++) {
        size_t r = p / rows->n_x;

        signal_at(serial, rows->signal + row_size * r, sevens_rows_x(rows, r, p % rows->n_x));
        sevens_likelihood_profile(l, serial->signal, &profile);
        results->chi2[p] = profile.chi2;
        results->status[p] = !isfinite(profile.chi2) ? SEVENS_POINT_INVALID
                             : profile.converged     ? SEVENS_POINT_OK
                                                     : SEVENS_POINT_UNCONVERGED;
        results->passes += (uint64_t)(profile.iterations > 0 ? profile.iterations : 1);
        for (size_t i = 0; i < l->n_part && results->part_chi2; i++)
            results->part_chi2[i * n_point + p] = profile.part_chi2[i];
        for (size_t k = 0; k < l->n_nuisance && results->nuisance; k++)
            results->nuisance[k * n_point + p] = (float)profile.value[k];
    }
    return SEVENS_OK;
}

const sevens_backend sevens_backend_serial = {
    .name = "serial",
    .doc = "reference: one core, plain equations, cold start, fully converged",
    .available = available,
    .create = create,
    .evaluate = evaluate,
    .destroy = destroy,
};
