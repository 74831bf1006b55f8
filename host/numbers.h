/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of numbers that grows. */
#ifndef SEVENS_NUMBERS_H
#define SEVENS_NUMBERS_H

#include "sevens/status.h"
#include <stddef.h>
#include <stdlib.h>

typedef struct sevens_numbers {
    double *x; /* owned */
    size_t n, capacity;
} sevens_numbers;

static inline sevens_status sevens_numbers_add(sevens_numbers *list, double x, sevens_error *err)
{
    if (list->n == list->capacity) {
        size_t capacity = 2 * list->capacity + 32;
        double *grown = realloc(list->x, capacity * sizeof *grown);

        if (!grown)
            return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
        list->x = grown;
        list->capacity = capacity;
    }
    list->x[list->n++] = x;
    return SEVENS_OK;
}

static inline int sevens_numbers_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static inline void sevens_numbers_sort(sevens_numbers *list)
{
    if (list->n > 1)
        qsort(list->x, list->n, sizeof *list->x, sevens_numbers_compare);
}

static inline void sevens_numbers_free(sevens_numbers *list)
{
    free(list->x);
    *list = (sevens_numbers){0};
}

#endif
