/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of several spectra over one energy: columns of originals read, joined and thinned. Private
 * to the host code. */
#ifndef SEVENS_HOST_INGEST_FLUX_TABLE_H
#define SEVENS_HOST_INGEST_FLUX_TABLE_H

#include "ingest_originals.h"

#include <stdbool.h>

#define SEVENS_FLUX_TABLE_COLUMNS 6

/* Energies [MeV] and densities [1/MeV] of each column: straight between its own nodes, 0 outside.
 */
typedef struct sevens_flux_table {
    size_t n_column;
    const char *column[SEVENS_FLUX_TABLE_COLUMNS];
    sevens_curve curve[SEVENS_FLUX_TABLE_COLUMNS];
} sevens_flux_table;

typedef struct sevens_flux_source {
    const char *column, *file;
    size_t n_field; /* of a row, up to 4; energy and density are the first two */
    bool unsorted;  /* points read off a figure go back and forth a little */
} sevens_flux_source;

/* Adds a node to a curve that was made by this function alone. */
sevens_status sevens_curve_add(sevens_curve *curve, double x, double y, sevens_error *err);
void sevens_curve_sort(sevens_curve *curve);
/* Reads an original. It may end without a newline, as several do, which sevens_stream_rows takes
 * for a truncated file: so SHA256SUMS has to be there. */
sevens_status sevens_curve_read(sevens_curve *curve, sevens_originals *originals,
                                const sevens_flux_source *source, sevens_error *err);

typedef struct sevens_flux_rows {
    size_t n, n_column;
    double *E;     /* [n] */
    double *value; /* [n][n_column] */
    double largest[SEVENS_FLUX_TABLE_COLUMNS];
} sevens_flux_rows;

/* Every energy of any column once, twice where a column jumps, begins or ends; columns whose own
 * nodes are elsewhere are interpolated, so that no function changes. */
sevens_status sevens_flux_rows_join(sevens_flux_rows *rows, const sevens_flux_table *table,
                                    sevens_error *err);
/* Leaves out rows that straight lines between the others give to within so much of the largest
 * value of the column plus so much of the value itself. */
void sevens_flux_rows_thin(sevens_flux_rows *rows, double of_largest, double of_value);

void sevens_flux_table_free(sevens_flux_table *table);
void sevens_flux_rows_free(sevens_flux_rows *rows);

#endif
