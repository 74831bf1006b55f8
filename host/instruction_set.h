/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the builds of cmake/SevensRowKernel.cmake this processor runs. SEVENS_ROW_KERNEL_X86 is
 * defined where there is more than one. */
#ifndef SEVENS_INSTRUCTION_SET_H
#define SEVENS_INSTRUCTION_SET_H

typedef enum sevens_instruction_set {
    SEVENS_GENERIC_VECTORS,
    SEVENS_X86_64_V3,
    SEVENS_X86_64_V4
} sevens_instruction_set;

/* The best one. */
static inline sevens_instruction_set sevens_best_instruction_set(void)
{
#ifdef SEVENS_ROW_KERNEL_X86
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return SEVENS_X86_64_V4;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("bmi2"))
        return SEVENS_X86_64_V3;
#endif
    return SEVENS_GENERIC_VECTORS;
}

#endif
