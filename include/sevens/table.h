/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numeric tables: CSV with a `#` comment head and one header line of column names with units,
 *     # comment
 *     t_lo[us],t_hi[us],nu_e[1]
 *     0,0.125,1.23e-05
 * Faults are reported as file:line: what is wrong. Streams of any length are read row by row. */
#ifndef SEVENS_TABLE_H
#define SEVENS_TABLE_H

#include "sevens/status.h"
#include <stddef.h>

#define SEVENS_TABLE_MAX_COLUMNS 64
#define SEVENS_TABLE_MAX_ROWS 10000000

typedef struct sevens_table {
    char *path;
    size_t n_column, n_row;
    char **column; /* [n_column] name with unit, "t_lo[us]" */
    double *value; /* [n_column][n_row] */
    int *line;     /* [n_row] line of the file, for messages */
} sevens_table;

/* Reads a whole CSV file. Refused with file:line: empty or truncated file (no newline at its end),
 * a row with the wrong number of columns, a field that is not a finite number. */
sevens_status sevens_table_load(sevens_table *table, const char *path, sevens_error *err);
void sevens_table_free(sevens_table *table);

/* The values of a column [n_row], borrowed; refused when it is missing (names the nearest one),
 * also when the name is there with another unit. */
sevens_status sevens_table_column(const sevens_table *table, const char *name_with_unit,
                                  const double **values, sevens_error *err);

/* Streams the columns of an original text file ("-" is standard input), which stand between blanks
 * or single commas: `#` lines and blank lines are skipped, each other line must hold exactly
 * n_column finite numbers. `row` is called for each; a non-OK status from it stops the stream.
 * Memory is bounded. */
typedef sevens_status (*sevens_row_callback)(void *context, const double *values, const char *path,
                                             long line, sevens_error *err);
sevens_status sevens_stream_rows(const char *path, size_t n_column, sevens_row_callback row,
                                 void *context, sevens_error *err);
/* The same behind a head of n_head lines of any text. */
sevens_status sevens_stream_rows_after(const char *path, long n_head, size_t n_column,
                                       sevens_row_callback row, void *context, sevens_error *err);

#endif
