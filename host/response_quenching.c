/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quenching: electron-equivalent energy of a recoil, and the recoils that reach a given one.
 * physics.md eqs. 17 and 47. */
#include "response_internal.h"
#include <gsl/gsl_poly.h>
#include <math.h>

/* The straight line of a table at x, constant outside; the slope too. */
static double look_up(const sevens_curve *curve, double x, double *slope)
{
    size_t lo = 0, hi = curve->n - 1;

    *slope = 0.0;
    if (x < curve->x[0])
        return curve->y[0];
    if (x >= curve->x[hi])
        return curve->y[hi];
    while (hi - lo > 1) {
        size_t middle = lo + (hi - lo) / 2;

        if (x < curve->x[middle])
            hi = middle;
        else
            lo = middle;
    }
    *slope = (curve->y[hi] - curve->y[lo]) / (curve->x[hi] - curve->x[lo]);
    return curve->y[lo] + *slope * (x - curve->x[lo]);
}

/* The quenching factor of a table or Lindhard's at T > 0, and T dQF/dT. */
static double factor(const sevens_response_parameters *par, const sevens_nucleus *nucleus,
                     double T_keV, double *log_slope)
{
    double QF, slope, e, g, g1, k = par->lindhard_k;

    if (par->quenching == SEVENS_QUENCHING_TABLE) {
        QF = look_up(&par->quenching_factor, T_keV, &slope);
        *log_slope = T_keV * slope;
        return QF;
    }
    e = 11.5 * pow(nucleus->Z, -7.0 / 3.0) * T_keV;
    g = 3.0 * pow(e, 0.15) + 0.7 * pow(e, 0.6) + e;
    g1 = 0.45 * pow(e, 0.15) + 0.42 * pow(e, 0.6) + e; /* e dg/de */
    *log_slope = k * g1 / ((1.0 + k * g) * (1.0 + k * g));
    return k * g / (1.0 + k * g);
}

double sevens_quenched_keVee(const sevens_response_parameters *par, const sevens_nucleus *nucleus,
                             double T)
{
    const double *c = par->quenching_coefficient;
    double E, log_slope;

    if (!nucleus)
        return 1000.0 * T;
    if (par->quenching == SEVENS_QUENCHING_POLYNOMIAL)
        E = 1000.0 * T * (c[0] + T * (c[1] + T * (c[2] + T * c[3])));
    else
        E = 1000.0 * T * factor(par, nucleus, 1000.0 * T, &log_slope);
    return par->quenching_scale * E;
}

double sevens_quenched_slope(const sevens_response_parameters *par, const sevens_nucleus *nucleus,
                             double T)
{
    const double *c = par->quenching_coefficient;
    double slope, QF;

    if (!nucleus)
        return 1000.0;
    if (par->quenching == SEVENS_QUENCHING_POLYNOMIAL) {
        slope = c[0] + T * (2.0 * c[1] + T * (3.0 * c[2] + T * 4.0 * c[3]));
    } else {
        QF = factor(par, nucleus, 1000.0 * T, &slope);
        slope += QF;
    }
    return 1000.0 * par->quenching_scale * slope;
}

sevens_status sevens_quenching_kinks(const sevens_response_parameters *par,
                                     const sevens_nucleus *nucleus, double top, sevens_numbers *T,
                                     sevens_error *err)
{
    const sevens_curve *table = &par->quenching_factor;
    sevens_status status = SEVENS_OK;

    if (!nucleus || par->quenching != SEVENS_QUENCHING_TABLE)
        return SEVENS_OK;
    for (size_t i = 0; i < table->n && 1e-3 * table->x[i] < top; i++) {
        if (table->x[i] > 0.0)
            SEVENS_TRY(sevens_numbers_add(T, 1e-3 * table->x[i], err));
    }
cleanup:
    return status;
}

/* ---- which recoils reach an energy ---- */

/* Adds where a polynomial of degree 4 without constant term has its turns, between 0 and top. */
static sevens_status polynomial_turns(const double *c, double top, sevens_numbers *T,
                                      sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double root[3];
    int n = c[3] != 0.0 ? gsl_poly_solve_cubic(0.75 * c[2] / c[3], 0.5 * c[1] / c[3],
                                               0.25 * c[0] / c[3], &root[0], &root[1], &root[2])
                        : gsl_poly_solve_quadratic(3.0 * c[2], 2.0 * c[1], c[0], &root[0],
                                                   &root[1]); /* or linear */

    for (int i = 0; i < n; i++) {
        if (root[i] > 0.0 && root[i] < top)
            SEVENS_TRY(sevens_numbers_add(T, root[i], err));
    }
cleanup:
    return status;
}

/* Adds where E_ee = QF(T) T turns within the straight lines of a table. */
static sevens_status table_turns(const sevens_curve *table, double top, sevens_numbers *T,
                                 sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    for (size_t i = 0; i + 1 < table->n; i++) {
        double slope = (table->y[i + 1] - table->y[i]) / (table->x[i + 1] - table->x[i]);
        double turn = 0.5 * (table->x[i] - table->y[i] / slope);

        if (turn > table->x[i] && turn < table->x[i + 1] && 1e-3 * turn < top)
            SEVENS_TRY(sevens_numbers_add(T, 1e-3 * turn, err));
    }
cleanup:
    return status;
}

/* Recoil energies from 0 to top, increasing, between which E_ee(T) only rises or only falls. */
static sevens_status make_stations(const sevens_response_parameters *par,
                                   const sevens_nucleus *nucleus, double top,
                                   sevens_numbers *station, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    SEVENS_TRY(sevens_numbers_add(station, 0.0, err));
    SEVENS_TRY(sevens_numbers_add(station, top, err));
    SEVENS_TRY(sevens_quenching_kinks(par, nucleus, top, station, err));
    if (nucleus && par->quenching == SEVENS_QUENCHING_POLYNOMIAL)
        SEVENS_TRY(polynomial_turns(par->quenching_coefficient, top, station, err));
    if (nucleus && par->quenching == SEVENS_QUENCHING_TABLE)
        SEVENS_TRY(table_turns(&par->quenching_factor, top, station, err));
    sevens_numbers_sort(station);
cleanup:
    return status;
}

/* The first recoil energy on the far side of a level that is crossed between lo and hi. */
static double cross(const sevens_response_parameters *par, const sevens_nucleus *nucleus, double lo,
                    double hi, double level)
{
    bool before = sevens_quenched_keVee(par, nucleus, lo) < level;

    for (;;) {
        double middle = 0.5 * (lo + hi);

        if (!(middle > lo && middle < hi))
            return hi;
        if ((sevens_quenched_keVee(par, nucleus, middle) < level) == before)
            lo = middle;
        else
            hi = middle;
    }
}

/* A polynomial that leaves the data it was fitted to may fall below 0. E_ee only rises or falls
 * between stations, and so it is negative at one of them if it is anywhere. */
static sevens_status refuse_negative(const sevens_response_parameters *par,
                                     const sevens_nucleus *nucleus, const sevens_numbers *station,
                                     sevens_error *err)
{
    for (size_t i = 0; i < station->n; i++) {
        double T_keV = 1000.0 * station->x[i];
        double E_ee = sevens_quenched_keVee(par, nucleus, station->x[i]);

        if (nucleus && E_ee < -1e-12 * T_keV) /* a touch of 0 is none */
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "response.quenching: a recoil of %s with T = %.4g keV has E_ee = "
                               "%.4g keVee, below 0; neutrinos of this flux make such recoils",
                               nucleus->name, T_keV, E_ee);
    }
    return SEVENS_OK;
}

sevens_status sevens_quenching_crossings(const sevens_response_parameters *par,
                                         const sevens_nucleus *nucleus, double top,
                                         const double *level, size_t n, sevens_numbers *T,
                                         sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_numbers station = {0};

    SEVENS_TRY(make_stations(par, nucleus, top, &station, err));
    SEVENS_TRY(refuse_negative(par, nucleus, &station, err));
    for (size_t i = 0; i + 1 < station.n; i++) {
        double a = station.x[i], b = station.x[i + 1];
        double E_a = sevens_quenched_keVee(par, nucleus, a);
        double E_b = sevens_quenched_keVee(par, nucleus, b);

        for (size_t k = 0; k < n; k++) {
            if ((E_a < level[k]) != (E_b < level[k]))
                SEVENS_TRY(sevens_numbers_add(T, cross(par, nucleus, a, b, level[k]), err));
        }
    }
cleanup:
    sevens_numbers_free(&station);
    return status;
}
