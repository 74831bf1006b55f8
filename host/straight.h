/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of straight pieces between nodes, 0 outside; an energy that stands twice is a jump.
 * Private to the host code. */
#ifndef SEVENS_HOST_STRAIGHT_H
#define SEVENS_HOST_STRAIGHT_H

#include <stddef.h>

typedef struct sevens_straight {
    size_t n;
    const double *x, *y; /* [n] borrowed, x not decreasing */
} sevens_straight;

/* At x of the line from (a, fa) to (b, fb); nothing cancels between a and b if neither is < 0. */
static inline double sevens_straight_between(double a, double b, double fa, double fb, double x)
{
    return (fa * (b - x) + fb * (x - a)) / (b - a);
}

/* The values just below and just above x. *i is the first node at x or above it, and moves behind
 * x: a sweep over increasing x begins with 0. */
static inline void sevens_straight_limits(const sevens_straight *s, size_t *i, double x,
                                          double *below, double *above)
{
    *below = *above = 0.0;
    if (*i == s->n)
        return;
    if (s->x[*i] > x) {
        if (*i > 0)
            *below = *above =
                sevens_straight_between(s->x[*i - 1], s->x[*i], s->y[*i - 1], s->y[*i], x);
        return;
    }
    if (*i > 0)
        *below = s->y[*i];
    while (*i < s->n && s->x[*i] == x)
        ++*i;
    if (*i < s->n)
        *above = s->y[*i - 1];
}

#endif
