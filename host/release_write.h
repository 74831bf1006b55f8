/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writer of release folders, shared by all ingests; private to the host code. An ingest composes
 * its tables in memory and has the text of release.yaml with markers in it; the layout of both is
 * that of docs/adding_an_experiment.md, and the loader judges the result before it is put in place.
 *
 *     SEVENS_TRY(sevens_table_of_bins(&t[0], "counts.csv", comment, axis, 2, column, 4, err));
 *
 *     SEVENS_TRY(sevens_table_begin(&t[1], "qf.csv", comment, err)); (or row by row)
 *     sevens_table_name(&t[1], "T[keVnr]");
 *     sevens_table_name(&t[1], "qf[1]");
 *     sevens_table_row(&t[1]);
 *     (for each row:) sevens_table_real twice, sevens_table_row
 *     SEVENS_TRY(sevens_table_end(&t[1], err));
 *
 *     SEVENS_TRY(sevens_release_compose(folder, yaml, value, n_value, t, 2, &originals, err));
 * cleanup:
 *     sevens_release_texts_free(t, 2); (t begins as zeros)
 */
#ifndef SEVENS_HOST_RELEASE_WRITE_H
#define SEVENS_HOST_RELEASE_WRITE_H

#include "ingest_originals.h"
#include "sevens/release.h"

#include <stdbool.h>
#include <stdio.h>

/* @key@ in the text of release.yaml becomes `text`. Both are borrowed. */
typedef struct sevens_release_value {
    const char *key, *text;
} sevens_release_value;

/* One table, whole in memory. */
typedef struct sevens_release_text {
    const char *name; /* "counts.csv", borrowed */
    char *text;
    size_t length;
    FILE *stream; /* while it is written */
    bool in_row;
} sevens_release_text;

/* Writes the tables and release.yaml to FOLDER, made when missing. In `yaml`
 *     @key@            becomes the value of that key,
 *     @sha256 NAME@    the checksum of the table NAME,
 *     @sources@        the list of the originals, two spaces in,
 * and any other marker is a fault of the ingest (SEVENS_ERR_FAILED), as is a value that no marker
 * asks for. All is first written to a new folder beside FOLDER and loaded from there: once with the
 * defaults, and so that each choice of each option is loaded at least once. Then every file is put
 * in place by a rename, release.yaml last. */
sevens_status sevens_release_compose(const char *folder, const char *yaml,
                                     const sevens_release_value *value, size_t n_value,
                                     const sevens_release_text *table, size_t n_table,
                                     const sevens_originals *originals, sevens_error *err);

/* ---- tables ---- */

/* Starts a table with "# comment" (no newline in it). What cannot be written for want of memory is
 * reported by sevens_table_end. */
sevens_status sevens_table_begin(sevens_release_text *table, const char *name, const char *comment,
                                 sevens_error *err);
/* Header: "energy_lo[PE],energy_hi[PE],..." of all axes; one more column, "brn[1]". */
void sevens_table_edge_names(sevens_release_text *table, const sevens_bin_axis *axis,
                             size_t n_axis);
void sevens_table_name(sevens_release_text *table, const char *name_with_unit);
/* Rows: the edges of a bin, row-major over the axes; one more number, as its shortest text. */
void sevens_table_edges(sevens_release_text *table, const sevens_bin_axis *axis, size_t n_axis,
                        size_t bin);
void sevens_table_real(sevens_release_text *table, double value);
/* Ends the header or a row. */
void sevens_table_row(sevens_release_text *table);
sevens_status sevens_table_end(sevens_release_text *table, sevens_error *err);
void sevens_release_texts_free(sevens_release_text *table, size_t n);

typedef struct sevens_text_column {
    const char *name_with_unit;
    const double *value; /* [n_row], borrowed */
} sevens_text_column;
/* A whole table of columns. */
sevens_status sevens_table_of_rows(sevens_release_text *table, const char *name,
                                   const char *comment, size_t n_row,
                                   const sevens_text_column *column, size_t n_column,
                                   sevens_error *err);
/* The same behind the edges of all bins, row-major over the axes: one row for each. */
sevens_status sevens_table_of_bins(sevens_release_text *table, const char *name,
                                   const char *comment, const sevens_bin_axis *axis, size_t n_axis,
                                   const sevens_text_column *column, size_t n_column,
                                   sevens_error *err);

/* ---- numbers ---- */

/* The shortest text that reads back as the same bits. */
const char *sevens_shortest_real(double value, char buffer[32]);
/* "[0, 8, 12]", owned by the caller; NULL when memory is out. */
char *sevens_reals_text(const double *value, size_t n);

#endif
