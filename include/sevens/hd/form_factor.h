/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nuclear form factors F(q), F(0) = 1. q in MeV, radii in fm. */
#ifndef SEVENS_HD_FORM_FACTOR_H
#define SEVENS_HD_FORM_FACTOR_H

#include "sevens/constants.h"
#include "sevens/hd/defs.h"
#include <math.h>

/* x^2 below which the form factor of a sphere is its power series. */
#define SEVENS_SPHERE_SERIES 25.0

/* 3 j1(x)/x of a uniform sphere for x2 = x^2 up to SEVENS_SPHERE_SERIES, to 1e-15: the series with
 * coefficients (-1)^k 6 (k + 1)/(2k + 3)!. */
SEVENS_HD double sevens_sphere_series(double x2)
{
    double sum = -7.846696993485317e-42;

    sum = sum * x2 + 9.871144817804529e-39;
    sum = sum * x2 - 1.1055682195941073e-35;
    sum = sum * x2 + 1.0945125373981662e-32;
    sum = sum * x2 - 9.500368824616083e-30;
    sum = sum * x2 + 7.163278093760525e-27;
    sum = sum * x2 - 4.641804204756821e-24;
    sum = sum * x2 + 2.5529923126162516e-21;
    sum = sum * x2 - 1.1743764638034756e-18;
    sum = sum * x2 + 4.439143033177138e-16;
    sum = sum * x2 - 1.34949948208585e-13;
    sum = sum * x2 + 3.2118087673643227e-11;
    sum = sum * x2 - 5.7812557812557815e-09;
    sum = sum * x2 + 7.515632515632515e-07;
    sum = sum * x2 - 6.613756613756614e-05;
    sum = sum * x2 + 0.0035714285714285713;
    sum = sum * x2 - 0.1;
    sum = sum * x2 + 1.0;
    return sum;
}

/* The same of any x. */
SEVENS_HD double sevens_sphere_form_factor(double x2)
{
    double x = sqrt(x2);

    return x2 < SEVENS_SPHERE_SERIES ? sevens_sphere_series(x2) : 3.0 * (sin(x) / x - cos(x)) / x2;
}

#define SEVENS_HELM_SURFACE 0.9 /* [fm] thickness; Lewin-Smith 1996 */

/* Square [fm^2] of the sphere's radius in Helm's form factor of rms radius R. */
SEVENS_HD double sevens_helm_sphere2(double R)
{
    return 5.0 / 3.0 * (R * R - 3.0 * SEVENS_HELM_SURFACE * SEVENS_HELM_SURFACE);
}

/* The other factor, of the surface. */
SEVENS_HD double sevens_helm_surface(double q)
{
    double ks = q / SEVENS_HBARC_MEV_FM * SEVENS_HELM_SURFACE;

    return exp(-0.5 * ks * ks);
}

/* Helm: R rms radius. physics.md eq. 8; Helm 1956, Lewin-Smith 1996. */
SEVENS_HD double sevens_form_factor_helm(double q, double R)
{
    double k = q / SEVENS_HBARC_MEV_FM;

    return sevens_sphere_form_factor(k * k * sevens_helm_sphere2(R)) * sevens_helm_surface(q);
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
    double k = q / SEVENS_HBARC_MEV_FM, x = k * 1.2 * cbrt((double)A);

    return sevens_sphere_form_factor(x * x) / (1.0 + k * k * a_k * a_k);
}

#endif
