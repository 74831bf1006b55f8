/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by host/release*.c alone. A release is read in this order:
 *   release_options.c         head, options and patches: the tree that all else is read from
 *   release_yaml.c            its sections; also
 *     release_flux.c              `flux` and its table of spectra
 *     release_yaml_response.c     `response`
 *     release_yaml_statistics.c   `likelihood`, `backgrounds`
 *     release_yaml_shapes.c       `shapes`, `variations`
 *   release_tables.c          the other tables that the sections name
 * Faults of the sections are collected and reported together before a table is opened. */
#ifndef SEVENS_HOST_RELEASE_INTERNAL_H
#define SEVENS_HOST_RELEASE_INTERNAL_H

#include "sevens/document.h"
#include "sevens/release.h"
#include "sevens/table.h"

#define N_KEYS(keys) (sizeof(keys) / sizeof((keys)[0]))
#define FIELD(type, field) offsetof(type, field)

/* Rows of tables of keys; the key is named like the field. A default NULL: required, "": none. */
#define REAL_KEY(type, field, default_, min_, max_, unit_, doc_)                                   \
    {                                                                                              \
#field, SEVENS_KEY_REAL, offsetof(type, field), default_, min_, max_, NULL, unit_, doc_    \
    }
#define TEXT_KEY(type, field, default_, doc_)                                                      \
    {                                                                                              \
#field, SEVENS_KEY_TEXT, offsetof(type, field), default_, 0, 0, NULL, NULL, doc_           \
    }
#define FLAG_KEY(type, field, default_, doc_)                                                      \
    {                                                                                              \
#field, SEVENS_KEY_BOOLEAN, offsetof(type, field), default_, 0, 0, NULL, NULL, doc_        \
    }
#define CHOICE_KEY(type, field, default_, choices_, doc_)                                          \
    {                                                                                              \
#field, SEVENS_KEY_CHOICE, offsetof(type, field), default_, 0, 0, choices_, NULL, doc_     \
    }
#define LIST_KEY(type, field, default_, doc_)                                                      \
    {                                                                                              \
#field, SEVENS_KEY_SEQUENCE, offsetof(type, field), default_, 0, 0, NULL, NULL, doc_       \
    }
#define MAP_KEY(type, field, default_, doc_)                                                       \
    {                                                                                              \
#field, SEVENS_KEY_MAPPING, offsetof(type, field), default_, 0, 0, NULL, NULL, doc_        \
    }

/* Relative widths of pulls. */
#define SIGMA_MIN 1e-6
#define SIGMA_MAX 100.0

/* A table that release.yaml names, or NULL; texts are borrowed from the document. */
typedef struct sevens_release_file {
    const char *file, *sha256;
    const sevens_node *node, *sum_node; /* where they stand */
} sevens_release_file;

typedef enum sevens_curve_kind {
    SEVENS_CURVE_QUENCHING,
    SEVENS_CURVE_LINEAR,
    SEVENS_CURVE_STEPS
} sevens_curve_kind;

typedef struct sevens_release_curve {
    sevens_curve_kind kind;
    sevens_release_file file;
    sevens_curve *curve; /* where it goes */
} sevens_release_curve;

/* Of the response and of both sides of every shape: a quenching and an efficiency table. */
#define SEVENS_MAX_CURVES (2 * (1 + 2 * SEVENS_RELEASE_MAX_SHAPES))
#define SEVENS_MAX_SPECTRA 16

/* A column of the table of spectra. */
typedef struct sevens_release_column {
    const char *name; /* NULL: a flux class of lines alone */
    const sevens_node *node;
    double weight; /* fraction, or share of the class */
} sevens_release_column;

typedef struct sevens_release_flux_section {
    int kind, normalisation;
    double pot, neutrinos_per_proton, flux_per_cm2_s, power_GW, exposure_d, baseline_m, spread_m;
    const char *spectra, *sha256;
    const sevens_node *fractions, *classes;
    const sevens_node *node;
    size_t n_column;
    sevens_release_column column[SEVENS_MAX_SPECTRA];
} sevens_release_flux_section;

/* What reading needs besides the release itself. */
typedef struct sevens_release_reader {
    sevens_release *release;
    sevens_document *doc;
    const sevens_node *root; /* release.yaml with all patches */
    sevens_release_flux_section flux;
    sevens_release_file counts, shares, spread, yields;
    sevens_release_file shape[SEVENS_RELEASE_MAX_SHAPES];
    sevens_release_file background[SEVENS_RELEASE_MAX_BACKGROUNDS]; /* with a table of its own */
    size_t n_curve;
    sevens_release_curve curve[SEVENS_MAX_CURVES];
    bool response_is_good;                     /* no fault in it, so that shapes repeat none */
    bool flat[SEVENS_RELEASE_MAX_BACKGROUNDS]; /* background of a constant rate, with no column */
    double rate_per_kg_d_keV[SEVENS_RELEASE_MAX_BACKGROUNDS];
} sevens_release_reader;

/* ---- head, options, patches ---- */

/* Reads the options and lays the patches of the choices, then `patch`, over the file: fills
 * reader->root and what the release keeps of its options. Faults are reported at once. */
sevens_status sevens_release_choose(sevens_release_reader *reader,
                                    const sevens_release_option *choices, size_t n_choice,
                                    const sevens_node *patch, sevens_error *err);

/* ---- sections ---- */

/* Fills all of the release but what stands in tables; what is wrong becomes faults. */
sevens_status sevens_release_read_yaml(sevens_release_reader *reader, sevens_error *err);
void sevens_release_read_response(sevens_release_reader *reader, const sevens_node *node,
                                  const char *where, sevens_response_parameters *response);
void sevens_release_read_flux(sevens_release_reader *reader, const sevens_node *node);
sevens_status sevens_release_read_likelihood(sevens_release_reader *reader, const sevens_node *node,
                                             sevens_error *err);
sevens_status sevens_release_read_backgrounds(sevens_release_reader *reader,
                                              const sevens_node *list, sevens_error *err);
sevens_status sevens_release_read_shapes(sevens_release_reader *reader, const sevens_node *shapes,
                                         const sevens_node *variations, sevens_error *err);

/* A key that belongs to some kinds of its section only: bit k for the k-th kind. */
typedef struct sevens_kind_rule {
    const char *key;
    unsigned needed, allowed;
} sevens_kind_rule;
void sevens_release_check_kind(sevens_document *doc, const sevens_node *section, const char *where,
                               int kind, const sevens_kind_rule *rules, size_t n_rules);
/* Whether a mapping has the key with a value. */
bool sevens_release_given(const sevens_node *mapping, const char *key);
/* Checks and keeps the table {file, sha256} that a mapping names. */
void sevens_release_note_file(sevens_document *doc, const sevens_node *node, const char *where,
                              const char *file, const char *sha256, sevens_release_file *out);

/* A release name is also a folder name: letters, digits, '-', '_' and '.', the first not '.'. */
bool sevens_release_name_is_valid(const char *name);
/* Column, nuisance: a letter, then letters, digits and '_'; shorter than 64. */
bool sevens_release_word_is_valid(const char *name);
bool sevens_release_is_sha256(const char *text);

/* ---- tables ---- */

/* Opens a table, hands it to `use`, then compares its sum with what the file says. path: where it
 * is, or NULL: in the release folder. */
typedef sevens_status (*sevens_release_use)(sevens_release_reader *reader,
                                            const sevens_table *table, void *context,
                                            sevens_error *err);
sevens_status sevens_release_use_table(sevens_release_reader *reader,
                                       const sevens_release_file *file, const char *path,
                                       sevens_release_use use, void *context, sevens_error *err);

/* Columns that a table must have, and no others. */
typedef struct sevens_expected_columns {
    size_t n;
    char name[SEVENS_TABLE_MAX_COLUMNS + 8][128];
} sevens_expected_columns;

typedef enum sevens_number_range {
    SEVENS_ANY_NUMBER,
    SEVENS_NOT_NEGATIVE,
    SEVENS_POSITIVE,
    SEVENS_WHOLE /* and not negative */
} sevens_number_range;

/* The values of the column NAME SUFFIX [UNIT], borrowed from the table. */
sevens_status sevens_release_get_column(const sevens_table *table,
                                        sevens_expected_columns *expected, const double **values,
                                        sevens_error *err, const char *name, const char *suffix,
                                        const char *unit);
/* The same of NAME[1], with its numbers in a range; copy: owned by the caller. */
sevens_status sevens_release_use_column(const double **values, const sevens_table *table,
                                        const char *name, sevens_number_range range,
                                        sevens_expected_columns *expected, sevens_error *err);
sevens_status sevens_release_copy_column(double **copy, const sevens_table *table, const char *name,
                                         sevens_number_range range,
                                         sevens_expected_columns *expected, sevens_error *err);
/* The table has a row for each bin of the axes from `first` on, with their edges. */
sevens_status sevens_release_check_bins(const sevens_release *r, const sevens_table *table,
                                        size_t first, sevens_expected_columns *expected,
                                        sevens_error *err);
/* Any column besides those expected is a fault. */
sevens_status sevens_release_refuse_others(const sevens_table *table,
                                           const sevens_expected_columns *expected,
                                           sevens_error *err);

sevens_status sevens_release_load_flux(sevens_release_reader *reader, sevens_error *err);
/* Counts, weights from channels to bins, curves of the response, changes by shapes. */
sevens_status sevens_release_load_tables(sevens_release_reader *reader, sevens_error *err);

#endif
