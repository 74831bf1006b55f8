/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lets one header compile as C17, as C++17 and as CUDA device code. Functions in hd/ are pure:
 * scalars and const pointers in, no globals, no allocation, no input or output. */
#ifndef SEVENS_HD_DEFS_H
#define SEVENS_HD_DEFS_H

#ifdef __CUDACC__
#define SEVENS_HD static __host__ __device__ __forceinline__ __attribute__((unused))
#else
#define SEVENS_HD static inline __attribute__((always_inline, unused))
#endif

#if defined(__cplusplus)
#define SEVENS_RESTRICT __restrict__
#else
#define SEVENS_RESTRICT restrict
#endif

#endif
