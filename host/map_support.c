/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* asprintf */
#include "map_support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void sevens_map_time(char text[32])
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t used = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + used, 32 - used, ".%06uZ", (unsigned)(now.tv_nsec / 1000) % 1000000u);
}

char *sevens_map_real_path(const char *path)
{
    struct stat link;
    char *real = lstat(path, &link) == 0 && S_ISLNK(link.st_mode) ? realpath(path, NULL) : NULL;
    return real != NULL ? real : strdup(path);
}

sevens_status sevens_map_add_history(char **history, const char *text, size_t length,
                                     sevens_error *err)
{
    char *joined = NULL;
    if (asprintf(&joined, "%s%s%.*s", *history, (*history)[0] ? "\n" : "", (int)length, text) < 0)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    size_t size = strlen(joined);
    if (size > SEVENS_MAP_HISTORY_MAX) {
        char *keep = joined + size - SEVENS_MAP_HISTORY_MAX, *line = strchr(keep, '\n');
        keep = line != NULL ? line + 1 : keep;
        memmove(joined, keep, strlen(keep) + 1);
    }
    free(*history);
    *history = joined;
    return SEVENS_OK;
}

sevens_status sevens_map_try_create(const char *path, const char *shown, sevens_error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return sevens_fail(err, SEVENS_ERR_IO, "cannot create %s: %s", shown, strerror(errno));
    close(fd);
    return SEVENS_OK;
}

bool sevens_map_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL || errno == EROFS);
    if (fd >= 0)
        close(fd);
    return ok;
}

void sevens_map_add_advice(sevens_error *err)
{
    size_t used = err != NULL ? strlen(err->message) : 0;
    if (err != NULL)
        snprintf(err->message + used, sizeof err->message - used,
                 "; the finished tiles are kept, --resume continues");
}
