/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SEVENS_ROOT_H
#define SEVENS_ROOT_H

/* Zero of f between lo and hi, where its signs differ, by Brent's method, until the bracket is
 * narrower than absolute + relative |x|; NaN where the signs agree or f is not finite. GSL's error
 * handler must be off. */
double sevens_root(double (*f)(double x, void *context), void *context, double lo, double hi,
                   double absolute, double relative);

#endif
