/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row kernel with one point per vector lane, in double and single precision. Compiled once per
 * instruction set with SEVENS_ROW_KERNEL_ISA = generic, v3 or v4 (x86-64 levels). The vectors are
 * those of the GCC and Clang vector extension, as wide as the registers. */
#include "row_kernel.h"
#include "sevens/hd/defs.h"
#include <math.h>
#include <string.h>

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
    vec_f64 f = (m - 1.0) / (m + 1.0), z = f * f, p;

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

SEVENS_HD vec_f32 log_f32(vec_f32 x)
{
    const vec_i32 bits = (vec_i32)x;
    vec_i32 above = bits - 0x3f3504f3; /* sqrt(1/2) */
    vec_i32 k = above >> 23;
    vec_f32 m = (vec_f32)(bits - (k << 23));
    vec_f32 f = (m - 1.0f) / (m + 1.0f), z = f * f, p;

    p = z * (1.0f / 9.0f) + 1.0f / 7.0f;
    p = z * p + 1.0f / 5.0f;
    p = z * p + 1.0f / 3.0f;
    p = 2.0f * f + 2.0f * f * z * p + __builtin_convertvector(k, vec_f32) * 0.69314718056f;
    return SELECT_F32(x > 0.0f, p, p - p - HUGE_VALF);
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
#define ROW_LOG(x) log_f64(x)
#define ROW_WMAX(a, b) SELECT_F64((a) > (b), a, b)
#define ROW_TOLERANCE 1e-7
#include "sevens/hd/row_profile.h"
#undef SEVENS_ROW
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
#define ROW_LOG(x) log_f32(x)
#define ROW_WMAX(a, b) SELECT_WIDE((a) > (b), a, b)
#define ROW_TOLERANCE 1e-3f
#include "sevens/hd/row_profile.h"

/* One function per precision: vectors of points along the row, the last one padded with its last
 * point. */
#define DEFINE_ROW(name, prefix, real, wide, lanes, bins, row)                                     \
    static void name(sevens_row_task *task)                                                        \
    {                                                                                              \
        const sevens_row_constants *c = &task->pack->constants;                                    \
        const int n_norm = c->n_norm;                                                              \
        prefix##result result;                                                                     \
        real s[SEVENS_ROW_MAX_NORMS], g[SEVENS_ROW_MAX_NORMS], d[SEVENS_ROW_MAX_NORMS];            \
        real is_free[SEVENS_ROW_MAX_NORMS];                                                        \
        real H[SEVENS_ROW_MAX_NORMS * (SEVENS_ROW_MAX_NORMS + 1) / 2];                             \
                                                                                                   \
        for (size_t first = 0; first < task->n_x; first += (lanes)) {                              \
            size_t n = task->n_x - first < (lanes) ? task->n_x - first : (lanes);                  \
            wide x;                                                                                \
                                                                                                   \
            for (size_t i = 0; i < (lanes); i++)                                                   \
                x[i] = task->x[first + (i < n ? i : n - 1)];                                       \
            PROFILE(prefix, n_norm, bins, row);                                                    \
            for (size_t i = 0; i < n; i++) {                                                       \
                size_t p = first + i;                                                              \
                                                                                                   \
                task->chi2[p] = result.chi2[i];                                                    \
                task->status[p] = point_status(result.chi2[i], result.converged[i] != 0);          \
                for (int k = 0; k < n_norm && task->norm; k++)                                     \
                    task->norm[(size_t)k * task->norm_stride + p] = (float)s[k][i];                \
            }                                                                                      \
            task->passes += (uint64_t)result.passes * n;                                           \
        }                                                                                          \
    }

/* With a constant number of norms the sums stay in registers. */
#define PROFILE(prefix, K, bins, row)                                                              \
    switch (K) {                                                                                   \
    case 1:                                                                                        \
        prefix##profile(1, c, bins, row, task->total, x, s, g, H, d, is_free, &result);            \
        break;                                                                                     \
    case 4:                                                                                        \
        prefix##profile(4, c, bins, row, task->total, x, s, g, H, d, is_free, &result);            \
        break;                                                                                     \
    default:                                                                                       \
        prefix##profile(K, c, bins, row, task->total, x, s, g, H, d, is_free, &result);            \
    }

static uint8_t point_status(double chi2, bool converged)
{
    if (!isfinite(chi2))
        return SEVENS_POINT_INVALID;
    return converged ? SEVENS_POINT_OK : SEVENS_POINT_UNCONVERGED;
}

DEFINE_ROW(run_f64, row_f64_, vec_f64, vec_f64, LANES_F64, task->pack->bins, task->row)
DEFINE_ROW(run_f32, row_f32_, vec_f32, wide_f32, LANES_F32, task->pack->bins_f32, task->row_f32)

#define NAME_(isa) sevens_row_kernel_##isa
#define NAME(isa) NAME_(isa)

void NAME(SEVENS_ROW_KERNEL_ISA)(sevens_row_task *task)
{
    if (task->precision == SEVENS_PRECISION_F64) {
        run_f64(task);
        return;
    }
    for (int i = 0; i < 3 * task->pack->constants.n_count; i++)
        task->row_f32[i] = (float)task->row[i];
    run_f32(task);
}
