/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row kernel with one point per vector lane, in double and single precision. Compiled once per
 * instruction set with SEVENS_ROW_KERNEL_ISA = generic, v3 or v4 (x86-64 levels). The vectors are
 * those of the GCC and Clang vector extension, as wide as the registers. */
#include "row_kernel.h"
#include "sevens/hd/defs.h"
#include <math.h>
#include <string.h>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#ifndef SEVENS_ROW_KERNEL_ISA
#define SEVENS_ROW_KERNEL_ISA generic
#endif

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

/* Vectors of points that go through a bin together: two were slower with AVX-512 too, where sums
 * no longer fit into registers. */
#define ROW_VECTORS 1

#define LANES_F64 (VECTOR_BYTES / 8)
#define LANES_F32 (VECTOR_BYTES / 4)

typedef double vec_f64 __attribute__((vector_size(8 * LANES_F64)));
typedef int64_t vec_i64 __attribute__((vector_size(8 * LANES_F64)));
typedef float vec_f32 __attribute__((vector_size(4 * LANES_F32)));
typedef int32_t vec_i32 __attribute__((vector_size(4 * LANES_F32)));
typedef double wide_f32 __attribute__((vector_size(8 * LANES_F32))); /* totals of float lanes */
typedef int64_t wide_i32 __attribute__((vector_size(8 * LANES_F32)));

#define SELECT_F64(m, a, b) ((vec_f64)(((m) & (vec_i64)(a)) | (~(m) & (vec_i64)(b))))
#define SELECT_F32(m, a, b) ((vec_f32)(((m) & (vec_i32)(a)) | (~(m) & (vec_i32)(b))))
#define SELECT_WIDE(m, a, b) ((wide_f32)(((m) & (wide_i32)(a)) | (~(m) & (wide_i32)(b))))

SEVENS_HD int any_i64(vec_i64 m)
{
    int64_t any = 0;

    for (int i = 0; i < LANES_F64; i++)
        any |= m[i];
    return any != 0;
}

SEVENS_HD int any_i32(vec_i32 m)
{
    int32_t any = 0;

    for (int i = 0; i < LANES_F32; i++)
        any |= m[i];
    return any != 0;
}

#define DEFINE_SQRT(name, vector, lanes, root)                                                     \
    SEVENS_HD vector name(vector a)                                                                \
    {                                                                                              \
        for (int i = 0; i < (lanes); i++)                                                          \
            a[i] = root(a[i]);                                                                     \
        return a;                                                                                  \
    }
DEFINE_SQRT(sqrt_f64, vec_f64, LANES_F64, sqrt)
DEFINE_SQRT(sqrt_f32, vec_f32, LANES_F32, sqrtf)
DEFINE_SQRT(sqrt_wide, wide_f32, LANES_F32, sqrt)

#if defined(__AVX512F__)
/* 1/x to rounding without the slow division: 14 bits from the table of the processor, doubled by
 * each Newton step y (2 - x y). Not a number at 0, where a division would give infinity: such
 * points are invalid both ways. */
SEVENS_HD vec_f64 inverse_f64(vec_f64 x)
{
    vec_f64 y = (vec_f64)_mm512_rcp14_pd((__m512d)x);

    y = y + y * (1.0 - x * y);
    return y + y * (1.0 - x * y);
}

SEVENS_HD vec_f32 inverse_f32(vec_f32 x)
{
    vec_f32 y = (vec_f32)_mm512_rcp14_ps((__m512)x);

    return y + y * (1.0f - x * y);
}
#else
#define inverse_f64(x) (1.0 / (x))
#define inverse_f32(x) (1.0f / (x))
#endif

/* ln x = k ln 2 + 2 atanh(f), f = (m - 1)/(m + 1), x = 2^k m with m in [sqrt(1/2), sqrt(2)); the
 * series is cut where f^2 < 0.0295 leaves less than half a unit in the last place. -inf at 0. */
SEVENS_HD vec_f64 log_f64(vec_f64 x)
{
    const vec_i64 bits = (vec_i64)x;
    vec_i64 above = bits - 0x3fe6a09e667f3bcd; /* sqrt(1/2) */
    vec_i64 k = above >> 52;
    vec_f64 m = (vec_f64)(bits - (k << 52));
    /* integer to double through the mantissa of 1.5 * 2^52: no instruction needed for it */
    vec_f64 exponent = (vec_f64)(k + 0x4338000000000000) - 6755399441055744.0;
    vec_f64 f = (m - 1.0) * inverse_f64(m + 1.0), z = f * f, p;

    p = z * (1.0 / 21.0) + 1.0 / 19.0;
    p = z * p + 1.0 / 17.0;
    p = z * p + 1.0 / 15.0;
    p = z * p + 1.0 / 13.0;
    p = z * p + 1.0 / 11.0;
    p = z * p + 1.0 / 9.0;
    p = z * p + 1.0 / 7.0;
    p = z * p + 1.0 / 5.0;
    p = z * p + 1.0 / 3.0;
    p = 2.0 * f + 2.0 * f * z * p + exponent * 0.69314718055994530942;
    return SELECT_F64(x > 0.0, p, p - p - HUGE_VAL);
}

/* e is x - 1, near x = 1 more accurate than x. */
SEVENS_HD vec_f32 log_f32(vec_f32 x, vec_f32 e)
{
    const vec_i32 bits = (vec_i32)x;
    vec_i32 above = bits - 0x3f3504f3; /* sqrt(1/2) */
    vec_i32 k = above >> 23;
    vec_f32 m = (vec_f32)(bits - (k << 23));
    vec_f32 f = SELECT_F32(k == 0, e, m - 1.0f) * inverse_f32(m + 1.0f), z = f * f, p;

    p = z * (1.0f / 9.0f) + 1.0f / 7.0f;
    p = z * p + 1.0f / 5.0f;
    p = z * p + 1.0f / 3.0f;
    p = 2.0f * f + 2.0f * f * z * p + __builtin_convertvector(k, vec_f32) * 0.69314718056f;
    return SELECT_F32(x > 0.0f, p, p - p - HUGE_VALF);
}

/* Exponent bits of positive x that are not denormal. */
#define BITS_F64 0x7ff0000000000000
#define BITS_F32 0x7f800000

/* Integer to double through the mantissa of 1.5 * 2^52: no instruction needed for it. */
#define REAL_F64(i) ((vec_f64)((i) + 0x4338000000000000) - 6755399441055744.0)

#if defined(__AVX512F__)
#define MAX_F64(a, b) ((vec_f64)_mm512_max_pd((__m512d)(a), (__m512d)(b)))
#define MAX_F32(a, b) ((vec_f32)_mm512_max_ps((__m512)(a), (__m512)(b)))
#else
#define MAX_F64(a, b) SELECT_F64((a) > (b), a, b)
#define MAX_F32(a, b) SELECT_F32((a) > (b), a, b)
#endif

/* The double piece h of a float vector, and back. */
SEVENS_HD vec_f64 widen_f32(vec_f32 x, int h)
{
#if defined(__AVX512F__)
    return (vec_f64)_mm512_cvtps_pd(h == 0 ? _mm512_castps512_ps256((__m512)x)
                                           : _mm512_extractf32x8_ps((__m512)x, 1));
#else
    vec_f64 y;

    for (int i = 0; i < LANES_F64; i++)
        y[i] = x[h * LANES_F64 + i];
    return y;
#endif
}

SEVENS_HD vec_f32 narrow_f64(const vec_f64 *parts)
{
#if defined(__AVX512F__)
    return (vec_f32)_mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps((__m512d)parts[0])),
                                       _mm512_cvtpd_ps((__m512d)parts[1]), 1);
#else
    vec_f32 y;

    for (int i = 0; i < LANES_F32; i++)
        y[i] = (float)parts[i / LANES_F64][i % LANES_F64];
    return y;
#endif
}

static uint8_t point_status(double chi2, bool converged)
{
    if (!isfinite(chi2))
        return SEVENS_POINT_INVALID;
    return converged ? SEVENS_POINT_OK : SEVENS_POINT_UNCONVERGED;
}

#define ROW_AND(a, b) ((a) & (b))
#define ROW_OR(a, b) ((a) | (b))
#define ROW_NOT(a) (~(a))
#define ROW_NONE(zero) ((zero) != (zero))

/* double */
#define SEVENS_ROW(name) row_f64_##name
#define ROW_SCALAR double
#define ROW_REAL vec_f64
#define ROW_WIDE vec_f64
#define ROW_MASK vec_i64
#define ROW_WIDEN(x) (x)
#define ROW_NARROW(x) (x)
#define ROW_SELECT(m, a, b) SELECT_F64(m, a, b)
#define ROW_ANY(m) any_i64(m)
#define ROW_SQRT(x) sqrt_f64(x)
#define ROW_WSQRT(x) sqrt_f64(x)
#define ROW_LOG(x, e) log_f64(x)
#define ROW_WMAX(a, b) SELECT_F64((a) > (b), a, b)
#define ROW_TOLERANCE 1e-5
#define ROW_INVERSE(x) inverse_f64(x)
#define ROW_PART vec_f64
#define ROW_PARTS 1
#define ROW_WIDEN_PART(x, h) (x)
#define ROW_NARROW_PARTS(parts) ((parts)[0])
#define ROW_MAX(a, b) MAX_F64(a, b)
#define ROW_MANTISSA(x) ((vec_f64)(((vec_i64)(x) & ~BITS_F64) | 0x3ff0000000000000))
#define ROW_EXPONENT(x) ((vec_i64)(x) >> 52)
#define ROW_BIAS INT64_C(1023)
#define ROW_REAL_OF(i) REAL_F64(i)
#define ROW_POWER(x) ((vec_f64)((vec_i64)(x)&BITS_F64))
#define ROW_INVERSE_POWER(x) ((vec_f64)(0x7fe0000000000000 - ((vec_i64)(x)&BITS_F64)))
#define ROW_FRESH_DECREMENT 1e-6
#define ROW_STALE_DECREMENT 5e-8
#define ROW_LANES LANES_F64
#include "sevens/hd/row_profile.h"
/* clang-format off */
#include "sevens/hd/row_pass.h" /* each needs what the one before defines */
#include "row_walk.h"
/* clang-format on */
#undef SEVENS_ROW
#undef ROW_LANES
#undef ROW_SCALAR
#undef ROW_REAL
#undef ROW_WIDE
#undef ROW_MASK
#undef ROW_WIDEN
#undef ROW_NARROW
#undef ROW_SELECT
#undef ROW_ANY
#undef ROW_SQRT
#undef ROW_WSQRT
#undef ROW_LOG
#undef ROW_WMAX
#undef ROW_TOLERANCE
#undef ROW_INVERSE
#undef ROW_PART
#undef ROW_PARTS
#undef ROW_WIDEN_PART
#undef ROW_NARROW_PARTS
#undef ROW_MAX
#undef ROW_MANTISSA
#undef ROW_EXPONENT
#undef ROW_BIAS
#undef ROW_REAL_OF
#undef ROW_POWER
#undef ROW_INVERSE_POWER
#undef ROW_FRESH_DECREMENT
#undef ROW_STALE_DECREMENT

/* float, totals in double */
#define SEVENS_ROW(name) row_f32_##name
#define ROW_SCALAR float
#define ROW_REAL vec_f32
#define ROW_WIDE wide_f32
#define ROW_MASK vec_i32
#define ROW_WIDEN(x) __builtin_convertvector(x, wide_f32)
#define ROW_NARROW(x) __builtin_convertvector(x, vec_f32)
#define ROW_SELECT(m, a, b) SELECT_F32(m, a, b)
#define ROW_ANY(m) any_i32(m)
#define ROW_SQRT(x) sqrt_f32(x)
#define ROW_WSQRT(x) sqrt_wide(x)
#define ROW_LOG(x, e) log_f32(x, e)
#define ROW_WMAX(a, b) SELECT_WIDE((a) > (b), a, b)
#define ROW_TOLERANCE 1e-3f
#define ROW_INVERSE(x) inverse_f32(x)
#define ROW_PART vec_f64
#define ROW_PARTS 2
#define ROW_WIDEN_PART(x, h) widen_f32(x, h)
#define ROW_NARROW_PARTS(parts) narrow_f64(parts)
#define ROW_MAX(a, b) MAX_F32(a, b)
#define ROW_MANTISSA(x) ((vec_f32)(((vec_i32)(x) & ~BITS_F32) | 0x3f800000))
#define ROW_EXPONENT(x) ((vec_i32)(x) >> 23)
#define ROW_BIAS 127
#define ROW_REAL_OF(i) __builtin_convertvector(i, vec_f32)
#define ROW_POWER(x) ((vec_f32)((vec_i32)(x)&BITS_F32))
#define ROW_INVERSE_POWER(x) ((vec_f32)(0x7f000000 - ((vec_i32)(x)&BITS_F32)))
#define ROW_FRESH_DECREMENT 1e-3f
#define ROW_STALE_DECREMENT 1e-4f
#define ROW_LANES LANES_F32
#include "sevens/hd/row_profile.h"
/* clang-format off */
#include "sevens/hd/row_pass.h"
#include "row_walk.h"
/* clang-format on */

#define NAME_(isa) sevens_row_kernel_##isa
#define NAME(isa) NAME_(isa)

void NAME(SEVENS_ROW_KERNEL_ISA)(sevens_row_task *task)
{
    if (task->precision == SEVENS_PRECISION_F64)
        row_f64_run(task, &task->pack->constants, task->pack->bins, task->row);
    else
        row_f32_run(task, &task->pack->constants_f32, task->pack->bins_f32, task->row_f32);
}
