/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ln, exp and sin in a form that compilers turn into vectors, for the loops over nodes of the
 * on-off kernel and of templates. Included before their headers. */
#ifndef SEVENS_VECTOR_MATH_H
#define SEVENS_VECTOR_MATH_H

#include <stdint.h>

#define SEVENS_VECTOR_MATH static inline __attribute__((always_inline, unused))
#define SEVENS_VECTOR_PRAGMA(text) _Pragma(#text)
#define SEVENS_VECTOR_SIMD(clauses) SEVENS_VECTOR_PRAGMA(omp simd clauses)
#ifdef __clang__ /* at low optimisation nothing is vectorised */
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

typedef union sevens_bits {
    double number;
    int64_t bits;
} sevens_bits;

/* To and from integers through the mantissa of 1.5 * 2^52: no instruction needed for it. */
#define SEVENS_VECTOR_MAGIC 6755399441055744.0
#define SEVENS_VECTOR_MAGIC_BITS 0x4338000000000000

/* ln x of a normal number x > 0: x = 2^k m with m in [sqrt(1/2), sqrt(2)), ln m = 2 atanh(f), f =
 * (m - 1)/(m + 1); the series is cut where f^2 < 0.0295 leaves less than half a unit in the last
 * place. */
SEVENS_VECTOR_MATH double sevens_vector_log(double x)
{
    sevens_bits u = {.number = x}, e;
    int64_t k = (u.bits - 0x3fe6a09e667f3bcd) >> 52; /* sqrt(1/2) */
    double f, z, p;

    u.bits -= k * ((int64_t)1 << 52);
    e.bits = k + SEVENS_VECTOR_MAGIC_BITS;
    f = (u.number - 1.0) / (u.number + 1.0);
    z = f * f;
    p = z * (1.0 / 21.0) + 1.0 / 19.0;
    p = z * p + 1.0 / 17.0;
    p = z * p + 1.0 / 15.0;
    p = z * p + 1.0 / 13.0;
    p = z * p + 1.0 / 11.0;
    p = z * p + 1.0 / 9.0;
    p = z * p + 1.0 / 7.0;
    p = z * p + 1.0 / 5.0;
    p = z * p + 1.0 / 3.0;
    return 2.0 * f + 2.0 * f * z * p + (e.number - SEVENS_VECTOR_MAGIC) * 0.69314718055994530942;
}

/* exp x for x <= 0; below -700 that of -700. x = k ln 2 + r, |r| < 0.35, and the Taylor series of
 * exp r, cut where it leaves less than half a unit in the last place. */
SEVENS_VECTOR_MATH double sevens_vector_exp(double x)
{
    sevens_bits k, scale;
    double n, r, p;

    x = x < -700.0 ? -700.0 : x;
    k.number = x * 1.44269504088896340736 + SEVENS_VECTOR_MAGIC;
    n = k.number - SEVENS_VECTOR_MAGIC;
    r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
    p = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;
    p = r * p + 1.0 / 39916800.0;
    p = r * p + 1.0 / 3628800.0;
    p = r * p + 1.0 / 362880.0;
    p = r * p + 1.0 / 40320.0;
    p = r * p + 1.0 / 5040.0;
    p = r * p + 1.0 / 720.0;
    p = r * p + 1.0 / 120.0;
    p = r * p + 1.0 / 24.0;
    p = r * p + 1.0 / 6.0;
    p = r * p + 0.5;
    p = r * p + 1.0;
    p = r * p + 1.0;
    scale.bits = (k.bits - SEVENS_VECTOR_MAGIC_BITS + 1023) * ((int64_t)1 << 52);
    return p * scale.number;
}

/* sin x for 0 <= x < 1e8. x = k pi + r, |r| <= pi/2, pi in three parts of which the first two are
 * so short that k times them is exact, and the Taylor series of sin r, cut as those above. */
SEVENS_VECTOR_MATH double sevens_vector_sin(double x)
{
    sevens_bits k, sine;
    double n, r, z, p;

    k.number = x * 0.31830988618379067154 + SEVENS_VECTOR_MAGIC;
    n = k.number - SEVENS_VECTOR_MAGIC;
    r = ((x - n * 3.14159250259399414062) - n * 1.50995788317231927067e-7) -
        n * 1.07806057163162381058e-14;
    z = r * r;
    p = z * (1.0 / 51090942171709440000.0) - 1.0 / 121645100408832000.0;
    p = z * p + 1.0 / 355687428096000.0;
    p = z * p - 1.0 / 1307674368000.0;
    p = z * p + 1.0 / 6227020800.0;
    p = z * p - 1.0 / 39916800.0;
    p = z * p + 1.0 / 362880.0;
    p = z * p - 1.0 / 5040.0;
    p = z * p + 1.0 / 120.0;
    p = z * p - 1.0 / 6.0;
    sine.number = r + r * z * p;
    sine.bits ^= (int64_t)((uint64_t)k.bits << 63); /* odd k: the other sign */
    return sine.number;
}

#endif
