/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times in seconds. */
#ifndef SEVENS_CLOCK_H
#define SEVENS_CLOCK_H

#include <time.h>

static inline double sevens_clock_read(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline double sevens_wall_s(void)
{
    return sevens_clock_read(CLOCK_MONOTONIC);
}

/* Processor time of all threads of the process. */
static inline double sevens_cpu_s(void)
{
    return sevens_clock_read(CLOCK_PROCESS_CPUTIME_ID);
}

#endif
