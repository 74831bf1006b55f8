/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lanes of the joint kernel on a CPU: vectors of points as wide as the registers, of the GCC
 * and Clang vector extension. Included before sevens/hd/joint_profile.h. */
#ifndef SEVENS_JOINT_LANES_H
#define SEVENS_JOINT_LANES_H

#include <math.h>
#include <stdint.h>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define JOINT_LANES 8
#elif defined(__AVX2__)
#define JOINT_LANES 4
#else
#define JOINT_LANES 2
#endif

typedef double joint_real __attribute__((vector_size(8 * JOINT_LANES)));
typedef int64_t joint_mask __attribute__((vector_size(8 * JOINT_LANES)));

#define JOINT_REAL joint_real
#define JOINT_MASK joint_mask
#define JOINT_REAL_OF(x) ((joint_real){0} + (x))
#define JOINT_MASK_OF(yes) ((joint_mask){0} - ((yes) ? 1 : 0))
#define JOINT_NOT(m) (~(m))
#define JOINT_SELECT(m, a, b) joint_select(m, a, b)
#define JOINT_ANY(m) joint_any(m)
#define JOINT_MAX(a, b) joint_max(a, b)
#define JOINT_INVERSE(x) joint_inverse(x)
#define JOINT_SQRT(x) joint_sqrt(x)
#define JOINT_LOG(x) joint_log(x)
#define JOINT_EXP(x) joint_exp(x)

#define JOINT_LANE static inline __attribute__((always_inline, unused))

JOINT_LANE joint_real joint_select(joint_mask m, joint_real a, joint_real b)
{
    return (joint_real)((m & (joint_mask)a) | (~m & (joint_mask)b));
}

JOINT_LANE int joint_any(joint_mask m)
{
#if defined(__AVX512F__)
    return _mm512_test_epi64_mask((__m512i)m, (__m512i)m) != 0;
#else
    int64_t any = 0;

    for (int i = 0; i < JOINT_LANES; i++)
        any |= m[i];
    return any != 0;
#endif
}

JOINT_LANE joint_real joint_max(joint_real a, joint_real b)
{
#if defined(__AVX512F__)
    return (joint_real)_mm512_max_pd((__m512d)a, (__m512d)b);
#else
    return joint_select(a > b, a, b);
#endif
}

/* To rounding, without the slow division where there is a table of 14 bits: each Newton step y (2 -
 * x y) doubles them. Not a number at 0. */
JOINT_LANE joint_real joint_inverse(joint_real x)
{
#if defined(__AVX512F__)
    joint_real y = (joint_real)_mm512_rcp14_pd((__m512d)x);

    y = y + y * (1.0 - x * y);
    return y + y * (1.0 - x * y);
#else
    return 1.0 / x;
#endif
}

JOINT_LANE joint_real joint_sqrt(joint_real x)
{
    for (int i = 0; i < JOINT_LANES; i++)
        x[i] = sqrt(x[i]);
    return x;
}

/* To and from integers through the mantissa of 1.5 * 2^52: no instruction needed for it. */
#define JOINT_MAGIC 6755399441055744.0
#define JOINT_MAGIC_BITS 0x4338000000000000

/* ln x of normal numbers x > 0: x = 2^k m with m in [sqrt(1/2), sqrt(2)), ln m = 2 atanh(f), f = (m
 * - 1)/(m + 1); the series is cut where f^2 < 0.0295 leaves less than half a unit in the last
 * place. */
JOINT_LANE joint_real joint_log(joint_real x)
{
    joint_mask bits = (joint_mask)x & 0x7fffffffffffffff; /* lanes astray may be negative */
    joint_mask k = (bits - 0x3fe6a09e667f3bcd) >> 52;     /* sqrt(1/2) */
    joint_real m = (joint_real)(bits - (k << 52));
    joint_real exponent = (joint_real)(k + JOINT_MAGIC_BITS) - JOINT_MAGIC;
    joint_real f = (m - 1.0) * joint_inverse(m + 1.0), z = f * f, p;

    p = z * (1.0 / 21.0) + 1.0 / 19.0;
    p = z * p + 1.0 / 17.0;
    p = z * p + 1.0 / 15.0;
    p = z * p + 1.0 / 13.0;
    p = z * p + 1.0 / 11.0;
    p = z * p + 1.0 / 9.0;
    p = z * p + 1.0 / 7.0;
    p = z * p + 1.0 / 5.0;
    p = z * p + 1.0 / 3.0;
    return 2.0 * f + 2.0 * f * z * p + exponent * 0.69314718055994530942;
}

/* exp x for x <= 0; below -700 that of -700. x = k ln 2 + r, |r| < 0.35, and the Taylor series of
 * exp r, cut where it leaves less than half a unit in the last place. */
JOINT_LANE joint_real joint_exp(joint_real x)
{
    joint_real k, n, r, p;

    x = joint_max(x, JOINT_REAL_OF(-700.0));
    k = x * 1.44269504088896340736 + JOINT_MAGIC;
    n = k - JOINT_MAGIC;
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
    return (joint_real)((joint_mask)p + (((joint_mask)k - JOINT_MAGIC_BITS) << 52));
}

#endif
