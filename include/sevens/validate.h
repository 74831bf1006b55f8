/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of published numbers: each quantity computed by this program, beside the published
 * value and the reference value of docs/physics.md with its tolerance. */
#ifndef SEVENS_VALIDATE_H
#define SEVENS_VALIDATE_H

#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct sevens_validation {
    const char *quantity;
    const char *published; /* as the paper gives it, with arXiv number; "" when there is none */
    double reference, tolerance;
    bool relative; /* tolerance is relative to the reference */
    double ours;
    bool pass;
} sevens_validation;

/* Computes the table; `all`: the rows too that take more than some seconds. rows [*n] are owned by
 * the caller (free). */
sevens_status sevens_validate(bool all, sevens_validation **rows, size_t *n, sevens_error *err);

#endif
