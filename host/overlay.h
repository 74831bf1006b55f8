/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits of other work, kept as bare columns of text, as curves in the units of a map. Private to
 * host code; `sevens overlay` is its only user. */
#ifndef SEVENS_HOST_OVERLAY_H
#define SEVENS_HOST_OVERLAY_H

#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct sevens_overlay_input {
    const char *path;
    const char *upper_path; /* file of the upper edge, when that has one of its own; else NULL */
    bool two_sided;         /* the columns are mass, lower and upper edge */
    size_t n_column;        /* 0: all columns of the file */
    size_t column[3];       /* [n_column] from 1: mass, coupling or lower edge, upper edge */
    double x_factor, x_divisor; /* mass = x_factor / x_divisor times the number in the file */
    double y_factor, y_power;   /* coupling = y_factor * number^y_power */
    double no_limit;            /* numbers of at least this size stand for "no limit" */
} sevens_overlay_input;

/* Points of a limit. A curve ends where the file says "no limit", and another one begins behind. */
typedef struct sevens_overlay_curves {
    size_t n;                 /* points */
    double *x, *y;            /* [n] */
    size_t *segment;          /* [n] number of the curve, from 0 */
    size_t n_segment, n_lone; /* curves; those of one point, which no line joins */
    bool two_sided;
    size_t column[3];                  /* the columns that were read; [2] is 0 when one-sided */
    size_t n_no_limit;                 /* numbers that were left out */
    double no_limit_min, no_limit_max; /* and the least and largest of them */
} sevens_overlay_curves;

/* Columns stand apart by blanks, tabs or one comma; `#` begins a comment. What is wrong is reported
 * as file:line. A two-sided limit becomes the outline of the band between its edges. */
sevens_status sevens_overlay_read(sevens_overlay_curves *curves, const sevens_overlay_input *input,
                                  sevens_error *err);
void sevens_overlay_free(sevens_overlay_curves *curves);

#define SEVENS_OVERLAY_NOT_STATED "not stated"

typedef struct sevens_overlay_quantity {
    const char *name, *unit;
} sevens_overlay_quantity;

/* What the columns do not say. */
typedef struct sevens_overlay_head {
    sevens_overlay_quantity x, y;
    const char *x_unit;      /* of the masses in the file */
    const char *label;       /* NULL: the name of the file */
    const char *kind;        /* "excluded", "preferred" */
    const char *cl;          /* "0.90" or "not stated" */
    int dof;                 /* 0: not stated */
    const char *doi, *arxiv; /* one may be NULL */
} sevens_overlay_head;

/* Refuses what is no CL, DOI or arXiv number; moves doi and arxiv behind "https://doi.org/" and the
 * like. */
sevens_status sevens_overlay_check_head(sevens_overlay_head *head, sevens_error *err);
/* Prints the CSV; the SHA-256 of the limit's files stands in its head. */
sevens_status sevens_overlay_print(FILE *csv, const sevens_overlay_head *head,
                                   const sevens_overlay_input *input,
                                   const sevens_overlay_curves *curves, sevens_error *err);

#endif
