/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by host/config*.c alone. */
#ifndef SEVENS_CONFIG_INTERNAL_H
#define SEVENS_CONFIG_INTERNAL_H

#include "sevens/config.h"

#define SEVENS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The entries of a scan file that make the parameter space; NULL: not there. */
typedef struct sevens_config_space {
    const sevens_node *model, *parameters, *axes, *ties;
} sevens_config_space;

/* What gives a parameter its value. */
typedef struct sevens_parameter_use {
    bool at, fixed, axis, tied;
} sevens_parameter_use;

/* Values of all parameters, axes and ties, from --at and `space`; parameters without a value are
 * reported at the model. config->model must be there. */
sevens_status sevens_config_read_parameters(sevens_config *config,
                                            const sevens_config_overrides *overrides,
                                            const sevens_config_space *space, sevens_error *err);

/* The last part of it: `ties`. use [n_parameters] says what the others gave. */
sevens_status sevens_config_read_ties(sevens_config *config, const sevens_node *ties,
                                      sevens_parameter_use *use, sevens_error *err);

/* Index of the parameter, or n_parameters with a fault. */
size_t sevens_config_find_parameter(sevens_config *config, const sevens_node *node,
                                    const char *name);

/* Names become names of files and folders: letters, digits, and - _ . after the first. */
void sevens_config_check_name(sevens_document *doc, const sevens_node *node, const char *name,
                              const char *where);

/* The entries of `experiments`, with the heads of their releases. A release that cannot be read is
 * reported at once; one that is not there is a fault like others. */
sevens_status sevens_config_read_experiments(sevens_config *config, const sevens_node *list,
                                             sevens_error *err);

/* `reduce`, after all else. An axis of `axes` that --at took away is a fault when need_axes, else
 * the plane goes with it. */
void sevens_config_read_reduce(sevens_config *config, const sevens_node *reduce,
                               const sevens_node *axes, bool need_axes);

/* Fills config->canonical_json; the document has no faults. */
sevens_status sevens_config_make_canonical(sevens_config *config, sevens_error *err);

#endif
