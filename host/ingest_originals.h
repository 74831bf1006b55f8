/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tools shared by the ingests: originals checked against SHA256SUMS, steps (histograms with equal
 * or given slices) and the part of them in a window. Private to the host code. */
#ifndef SEVENS_HOST_INGEST_ORIGINALS_H
#define SEVENS_HOST_INGEST_ORIGINALS_H

#include "release_write.h"
#include "sevens/release.h"
#include "sevens/table.h"

#include <stdbool.h>

#define SEVENS_MAX_ORIGINALS 32

/* The originals used, in the order of their reading, with their sums. */
typedef struct sevens_originals {
    const char *folder; /* borrowed */
    size_t n;
    sevens_release_source source[SEVENS_MAX_ORIGINALS];
} sevens_originals;

/* Streams FOLDER/FILE after its sum has been noted and compared with SHA256SUMS of the folder, if
 * that is there; a file that differs or is not listed is refused by name. */
sevens_status sevens_original_rows(sevens_originals *originals, const char *file, size_t n_column,
                                   sevens_row_callback row, void *context, sevens_error *err);

/* A density that is constant in each of n adjoining slices. */
typedef struct sevens_steps {
    size_t n;
    double *edge;    /* [n + 1] */
    double *content; /* [n] */
} sevens_steps;

/* Reads two columns, the centres of slices of one width and their contents, none negative. */
sevens_status sevens_steps_from_centres(sevens_steps *steps, sevens_originals *originals,
                                        const char *file, sevens_error *err);
void sevens_steps_free(sevens_steps *steps);

/* Content between lo and hi; a slice cut by either is divided in proportion. */
double sevens_steps_integral(const sevens_steps *steps, double lo, double hi);

/* The bin of an axis with edges[i] <= x < edges[i + 1], or n. */
size_t sevens_axis_find(const sevens_bin_axis *axis, double x);

/* A new axis; refused unless the edges increase and lie within [lo, hi]. */
sevens_status sevens_axis_set(sevens_bin_axis *axis, const char *name, const char *unit,
                              const double *edges, size_t n_edges, double lo, double hi,
                              sevens_error *err);

/* `digits` significant digits: what is written then does not hang on the last bits, which differ
 * between compilers and processors. */
double sevens_round_digits(double value, int digits);

#endif
