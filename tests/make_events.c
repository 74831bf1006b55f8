/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a list of made-up events, "energy[PE] time[us]", to standard output, fast enough to feed
 * an ingest:
 *     make_events N [SEED] | sevens ingest coherent-csi-2021 --from DIR --events - -o OUT
 * Energies lie between 0 and 250 PE, times between 0 and 6.5 us, in steps of 0.001. */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BUFFER_BYTES (1 << 16)
#define LINE_BYTES 32
#define END_MPE 250000
#define END_NS 6500

/* splitmix64: Steele, Lea, Flood, OOPSLA 2014. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Thousandths as "12.345"; returns the end. */
static char *put_thousandths(char *p, uint32_t value)
{
    char whole[12];
    int n = 0;
    uint32_t rest = value % 1000;
    for (value /= 1000; n == 0 || value > 0; value /= 10)
        whole[n++] = (char)('0' + value % 10);
    while (n > 0)
        *p++ = whole[--n];
    *p++ = '.';
    *p++ = (char)('0' + rest / 100);
    *p++ = (char)('0' + rest / 10 % 10);
    *p++ = (char)('0' + rest % 10);
    return p;
}

/* 0, or an error number. */
static int write_all(const char *text, size_t length)
{
    while (length > 0) {
        const ssize_t n = write(STDOUT_FILENO, text, length);
        if (n < 0 && errno != EINTR)
            return errno;
        if (n > 0) {
            text += n;
            length -= (size_t)n;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    static char buffer[BUFFER_BYTES + LINE_BYTES];
    char *p = buffer, *end = NULL;
    const uint64_t n = argc > 1 ? strtoull(argv[1], &end, 10) : 0;
    uint64_t state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    if (end == NULL || *end != '\0' || end == argv[1]) {
        fputs("usage: make_events N [SEED]\n", stderr);
        return 2;
    }
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t r = next_random(&state);
        p = put_thousandths(p, (uint32_t)(r >> 32) % END_MPE);
        *p++ = ' ';
        p = put_thousandths(p, (uint32_t)r % END_NS);
        *p++ = '\n';
        if (p - buffer >= BUFFER_BYTES || i + 1 == n) {
            if (write_all(buffer, (size_t)(p - buffer)) != 0) {
                perror("make_events");
                return 1;
            }
            p = buffer;
        }
    }
    return 0;
}
