/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON answers. A document that could not be built for want of memory becomes NULL at the first
 * failing call, the later ones then do nothing, and printing it reports the fault. */
#ifndef SEVENS_CLI_JSON_H
#define SEVENS_CLI_JSON_H

#include "sevens/config.h"
#include "sevens/problem.h"
#include "sevens/status.h"
#include <jansson.h>
#include <stddef.h>

/* Adds a member or an item; `value` is taken over. */
void sevens_json_put(json_t **object, const char *key, json_t *value);
void sevens_json_add(json_t **array, json_t *value);

json_t *sevens_json_real(double value);     /* null when it is not finite */
json_t *sevens_json_count(double number);   /* a whole number */
json_t *sevens_json_text(const char *text); /* null for NULL; what is not UTF-8 becomes '?' */
json_t *sevens_json_reals(const double *value, size_t n);

/* {"m_zp": x, ...} over the axes. */
json_t *sevens_json_axes_point(const sevens_config *config, const double *value);
/* Adds {"name", "value", "pull"} for every nuisance of a part of a group, and the pulls that it
 * shares; SEVENS_NONE: of all parts, with names "experiment:name". */
void sevens_json_add_nuisances(json_t **array, const sevens_problem *problem, size_t group,
                               const sevens_profile *profile, size_t part);

/* Prints the document to stdout and releases it. */
sevens_status sevens_json_print(json_t *document, sevens_error *err);

#endif
