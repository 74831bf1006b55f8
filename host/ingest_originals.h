/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tools shared by the ingests: originals checked against SHA256SUMS, steps (histograms with equal
 * or given slices) and the part of them in a window. Private to the host code. */
#ifndef SEVENS_HOST_INGEST_ORIGINALS_H
#define SEVENS_HOST_INGEST_ORIGINALS_H

#include "sevens/checksum.h"
#include "sevens/ingest.h"
#include "sevens/release.h"
#include "sevens/status.h"
#include "sevens/table.h"

#include <stddef.h>

#define SEVENS_MAX_ORIGINALS 64

typedef struct sevens_original {
    char file[128];
    char sha256[SEVENS_SHA256_HEX]; /* empty: a pipe */
} sevens_original;

/* The originals used, in the order of their reading, with their sums. */
typedef struct sevens_originals {
    const char *folder; /* borrowed */
    size_t n;
    sevens_original source[SEVENS_MAX_ORIGINALS];
} sevens_originals;

/* Notes FOLDER/FILE as used, after its sum has been compared with SHA256SUMS of the folder, if that
 * is there: a file that differs or is not listed is refused by name. `path` [owned by the caller]
 * is for a reader of its own; NULL when not wanted. */
sevens_status sevens_original_use(sevens_originals *originals, const char *file, char **path,
                                  sevens_error *err);

/* The same, then its rows as sevens_stream_rows and sevens_stream_rows_after give them. */
sevens_status sevens_original_rows(sevens_originals *originals, const char *file, size_t n_column,
                                   sevens_row_callback row, void *context, sevens_error *err);
sevens_status sevens_original_rows_after(sevens_originals *originals, const char *file, long n_head,
                                         size_t n_column, sevens_row_callback row, void *context,
                                         sevens_error *err);

/* All values of exactly n_row rows, row-major, owned by the caller. */
sevens_status sevens_original_values(sevens_originals *originals, const char *file, long n_head,
                                     size_t n_row, size_t n_column, double **values,
                                     sevens_error *err);

/* One column of a histogram over n_axis axes: rows come in the order of the bins, last axis
 * fastest, and hold the centres of the bin on all axes and then n_column values, of which
 * `column` is kept. A row whose centres are not those of its bin is refused. [n_bin], owned. */
typedef struct sevens_original_layout {
    size_t n_axis;
    const sevens_bin_axis *axis; /* borrowed */
    size_t n_column, column;
    long n_head;
} sevens_original_layout;
sevens_status sevens_original_histogram(sevens_originals *originals, const char *file,
                                        const sevens_original_layout *layout, double **content,
                                        sevens_error *err);

/* Refuses --events, --energy-edges and --time-edges: for originals that are histograms. */
sevens_status sevens_ingest_as_published(const sevens_ingest_options *options, sevens_error *err);

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
/* n bins of one width from lo to hi; an edge is lo + (hi - lo) i/n to 12 digits. */
sevens_status sevens_axis_uniform(sevens_bin_axis *axis, const char *name, const char *unit,
                                  double lo, double hi, size_t n, sevens_error *err);
void sevens_axis_free(sevens_bin_axis *axis);

/* `digits` significant digits: what is written then does not hang on the last bits, which differ
 * between compilers and processors. */
double sevens_round_digits(double value, int digits);
/* The same with `places` decimals: for differences, whose last digits are noise. */
double sevens_round_places(double value, int places);

#endif
