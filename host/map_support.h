/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the map module: what whole and reduced maps do alike. */
#ifndef SEVENS_MAP_SUPPORT_H
#define SEVENS_MAP_SUPPORT_H

#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>

#define SEVENS_MAP_HISTORY_MAX 50000 /* bytes; attributes end at 64 KiB */

/* Now, UTC, to the microsecond. */
void sevens_map_time(char text[32]);
/* Where a path leads through symbolic links; owned by the caller, NULL when memory is out. */
char *sevens_map_real_path(const char *path);
/* Adds a line (or several) to a history; the oldest lines go when it grows too long. */
sevens_status sevens_map_add_history(char **history, const char *text, size_t length,
                                     sevens_error *err);
/* Says in the system's words why a file cannot be made, before HDF5 says it in its own. */
sevens_status sevens_map_try_create(const char *path, const char *shown, sevens_error *err);
/* The journal goes only when the map is on the disk, not merely on its way there. */
bool sevens_map_sync(const char *path);
/* After a failure to write: what there is to do. */
void sevens_map_add_advice(sevens_error *err);

#endif
