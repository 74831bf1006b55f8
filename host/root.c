/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "root.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <math.h>

#define MAX_ITERATIONS 100

double sevens_root(double (*f)(double x, void *context), void *context, double lo, double hi,
                   double absolute, double relative)
{
    gsl_function function = {f, context};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    double root = NAN;

    if (solver && gsl_root_fsolver_set(solver, &function, lo, hi) == GSL_SUCCESS) {
        for (int i = 0; i < MAX_ITERATIONS; i++) {
            if (gsl_root_fsolver_iterate(solver) != GSL_SUCCESS) {
                root = NAN;
                break;
            }
            root = gsl_root_fsolver_root(solver);
            if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver),
                                       gsl_root_fsolver_x_upper(solver), absolute,
                                       relative) == GSL_SUCCESS)
                break;
        }
    }
    gsl_root_fsolver_free(solver);
    return root;
}
