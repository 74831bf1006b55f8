/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clock of a core, for cycles per point. */
#ifndef SEVENS_CYCLES_H
#define SEVENS_CYCLES_H

/* Core cycles per second of processor time, from a chain of dependent 64-bit multiplications (3
 * cycles each on all x86-64 processors of the last fifteen years); 0 on other architectures. Takes
 * 5 ms. */
double sevens_core_hz(void);

#endif
