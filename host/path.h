/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FOLDER/NAME as a new string, owned by the caller; NULL when memory is out. Private to host code.
 */
#ifndef SEVENS_HOST_PATH_H
#define SEVENS_HOST_PATH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline char *sevens_path_join(const char *folder, const char *name)
{
    const size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    if (path != NULL)
        snprintf(path, size, "%s/%s", folder, name);
    return path;
}

#endif
