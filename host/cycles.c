/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cycles.h"
#include "clock.h"
#include <stdint.h>

double sevens_core_hz(void)
{
#if defined(__x86_64__)
    const int links = 200000;
    double best = 0.0;

    for (int slice = 0; slice < 15; slice++) {
        uint64_t x = 0x9e3779b97f4a7c15u + (uint64_t)slice;
        double start = sevens_clock_read(CLOCK_THREAD_CPUTIME_ID), seconds;

        for (int i = 0; i < links; i++)
            __asm__ volatile("imulq %0, %0" : "+r"(x));
        seconds = sevens_clock_read(CLOCK_THREAD_CPUTIME_ID) - start;
        if (seconds > 0.0 && 3.0 * links / seconds > best)
            best = 3.0 * links / seconds;
    }
    return best;
#else
    return 0.0;
#endif
}
