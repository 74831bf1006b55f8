/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nuclear form factors F(q), F(0) = 1. q in MeV, radii in fm. */
#ifndef SEVENS_HD_FORM_FACTOR_H
#define SEVENS_HD_FORM_FACTOR_H

#include "sevens/constants.h"
#include "sevens/hd/defs.h"
#include <math.h>

/* 3 j1(x)/x of a uniform sphere; the series below 0.05 avoids the cancellation. */
SEVENS_HD double sevens_sphere_form_factor(double x)
{
    double x2 = x * x;

    if (x < 0.05)
        return 1.0 - x2 / 10.0 + x2 * x2 / 280.0 - x2 * x2 * x2 / 15120.0;
    return 3.0 * (sin(x) / x - cos(x)) / x2;
}

/* Helm: R rms radius, surface thickness 0.9 fm. physics.md eq. 8; Helm 1956, Lewin-Smith 1996. */
SEVENS_HD double sevens_form_factor_helm(double q, double R)
{
    const double s = 0.9;
    double k = q / SEVENS_HBARC_MEV_FM;
    double R0 = sqrt(5.0 / 3.0 * (R * R - 3.0 * s * s));

    return sevens_sphere_form_factor(k * R0) * exp(-0.5 * k * k * s * s);
}

/* Symmetrised Fermi: R rms radius, surface thickness t = 2.30 fm. physics.md eq. 9; 1710.02730. */
SEVENS_HD double sevens_form_factor_fermi(double q, double R)
{
    const double a = 2.30 / (4.0 * 1.09861228866810969140); /* t / (4 ln 3) */
    double k = q / SEVENS_HBARC_MEV_FM;
    double pi_a = SEVENS_PI * a;
    double c = sqrt(5.0 / 3.0 * R * R - 7.0 / 3.0 * pi_a * pi_a);
    double x = k * c, y = pi_a * k;

    if (x < 0.02) { /* moments <r^2> and <r^4>: below 0.02 the formula cancels */
        double r4 = 3.0 / 7.0 * c * c * c * c + 18.0 / 7.0 * pi_a * pi_a * c * c +
                    31.0 / 7.0 * pi_a * pi_a * pi_a * pi_a;

        return 1.0 - k * k * R * R / 6.0 + k * k * k * k * r4 / 120.0;
    }
    return 3.0 / (x * (x * x + y * y)) * (y / sinh(y)) * (y * sin(x) / tanh(y) - x * cos(x));
}

/* Klein-Nystrand with R_A = 1.2 A^(1/3) fm, a_k = 0.7 fm. physics.md eq. 10; hep-ph/9902259. */
SEVENS_HD double sevens_form_factor_klein_nystrand(double q, int A)
{
    const double a_k = 0.7;
    double k = q / SEVENS_HBARC_MEV_FM;

    return sevens_sphere_form_factor(k * 1.2 * cbrt((double)A)) / (1.0 + k * k * a_k * a_k);
}

#endif
