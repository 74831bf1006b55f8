/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small text tools: strict number parsing and the nearest known name for an unknown one. */
#ifndef SEVENS_TEXT_H
#define SEVENS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Strict: the entire token is the number (1e3 is a whole number, 2oo is not), finite unless
 * allow_infinite. False if not. */
bool sevens_parse_real(const char *text, bool allow_infinite, double *value);
bool sevens_parse_integer(const char *text, int64_t *value);
bool sevens_parse_boolean(const char *text, bool *value); /* true | false */

/* Letters to insert, delete, replace or exchange with their neighbour; case does not count. */
size_t sevens_edit_distance(const char *a, const char *b);

/* Index of the name nearest to `text` by edit distance (n if n == 0). */
size_t sevens_nearest(const char *text, const char *const *names, size_t n);

/* The same, or n when that name is not near: when more than half of the letters would have to
 * change, and the text is not its beginning either. */
size_t sevens_meant(const char *text, const char *const *names, size_t n);
/* The same over a "a|b|c" list; the answer, or "", is copied to `out`. */
void sevens_meant_choice(const char *text, const char *choices, char *out, size_t out_size);

/* The end of a message about an unknown name: "did you mean 'x'?", or, when no name is near,
 * "known: a, b, c". Written to `buffer`, and returned. */
#define SEVENS_SUGGESTION 512
const char *sevens_suggest(char buffer[SEVENS_SUGGESTION], const char *text,
                           const char *const *names, size_t n);
/* "a, b, c"; "none" of none. Names that do not fit become "...". Returns `buffer`. */
const char *sevens_list_names(char *buffer, size_t size, const char *const *names, size_t n);

bool sevens_is_choice(const char *text, const char *choices, int *index);

char *sevens_strdup(const char *text); /* NULL when text is NULL or memory is out */

/* "1.2e+06" style number with at most `digits` significant digits, shortest form; for messages. */
const char *sevens_format_real(double value, int digits, char *buffer, size_t size);

#endif
