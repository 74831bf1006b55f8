/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by host/config*.c alone. */
#ifndef SEVENS_CONFIG_INTERNAL_H
#define SEVENS_CONFIG_INTERNAL_H

#include "sevens/config.h"

#define SEVENS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Values of all parameters and the axes, from --at, `parameters` and `axes` (NULL: not there);
 * model_node is where parameters without a value are reported. config->model must be there. */
sevens_status sevens_config_read_parameters(sevens_config *config,
                                            const sevens_config_overrides *overrides,
                                            const sevens_node *parameters, const sevens_node *axes,
                                            const sevens_node *model_node, sevens_error *err);

/* Fills config->canonical_json; the document has no faults. */
sevens_status sevens_config_make_canonical(sevens_config *config, sevens_error *err);

#endif
