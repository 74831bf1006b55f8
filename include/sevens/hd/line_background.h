/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The background of a germanium counter near threshold: a constant, an exponential tail of fast
 * neutrons, and the lines of electron capture in 71Ge from the L1, L2 and M shells,
 *     B(E) = N0 + A exp(-E/L) + G(h, c1, w1) + G(l2_ratio h, l2_keV, w1)
 *            + G(r h w1/m_sigma_keV, m_keV, m_sigma_keV),      G(h, c, w) = h exp(-(E - c)^2/(2
 * w^2)) at the centre of a bin. 2202.10829; docs/physics.md eq. 49. */
#ifndef SEVENS_HD_LINE_BACKGROUND_H
#define SEVENS_HD_LINE_BACKGROUND_H

#include "sevens/hd/defs.h"
#include <math.h>

/* Parameters in this order; energies in keV, rates in the unit of the data. */
enum {
    SEVENS_LINES_CONSTANT, /* N0 >= 0 */
    SEVENS_LINES_TAIL,     /* A >= 0 */
    SEVENS_LINES_SLOPE,    /* L, 0.02 .. 20 keV */
    SEVENS_LINES_HEIGHT,   /* h >= 0 */
    SEVENS_LINES_CENTRE,   /* c1 */
    SEVENS_LINES_WIDTH,    /* w1 */
    SEVENS_LINES_RATIO,    /* r >= 0: area of the M line over that of L1 */
    SEVENS_N_LINES
};

typedef struct sevens_line_background {
    double l2_keV, l2_ratio;   /* 1.142, 0.008 */
    double m_keV, m_sigma_keV; /* 0.158, 0.0685 */
    double ratio, ratio_sigma; /* pull on r: 0.16, 0.03 */
    double start[SEVENS_N_LINES], lo[SEVENS_N_LINES], hi[SEVENS_N_LINES];
} sevens_line_background;

/* B(E) and its derivatives by the parameters p [SEVENS_N_LINES]. */
SEVENS_HD double sevens_line_background_at(const sevens_line_background *b, const double *p,
                                           double E_keV, double *derivative)
{
    double tail = exp(-E_keV / p[SEVENS_LINES_SLOPE]);
    double w = p[SEVENS_LINES_WIDTH], h = p[SEVENS_LINES_HEIGHT], r = p[SEVENS_LINES_RATIO];
    double d1 = (E_keV - p[SEVENS_LINES_CENTRE]) / w, d2 = (E_keV - b->l2_keV) / w;
    double dm = (E_keV - b->m_keV) / b->m_sigma_keV;
    double l1 = exp(-0.5 * d1 * d1), l2 = b->l2_ratio * exp(-0.5 * d2 * d2);
    double m = exp(-0.5 * dm * dm) / b->m_sigma_keV;

    derivative[SEVENS_LINES_CONSTANT] = 1.0;
    derivative[SEVENS_LINES_TAIL] = tail;
    derivative[SEVENS_LINES_SLOPE] =
        p[SEVENS_LINES_TAIL] * tail * E_keV / (p[SEVENS_LINES_SLOPE] * p[SEVENS_LINES_SLOPE]);
    derivative[SEVENS_LINES_HEIGHT] = l1 + l2 + r * w * m;
    derivative[SEVENS_LINES_CENTRE] = h * l1 * d1 / w;
    derivative[SEVENS_LINES_WIDTH] = h * (l1 * d1 * d1 / w + l2 * d2 * d2 / w + r * m);
    derivative[SEVENS_LINES_RATIO] = h * w * m;
    return p[SEVENS_LINES_CONSTANT] + p[SEVENS_LINES_TAIL] * tail + h * (l1 + l2 + r * w * m);
}

#endif
