/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status codes and error messages: see status.h. Messages are cut at the end of their buffer. */
#include "sevens/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef sevens_fail /* what the analyser sees in its place */

/* Files and names that users give may hold anything; what commands a terminal becomes '?'. */
static void disarm(char *message)
{
    for (; *message != '\0'; message++) {
        unsigned char byte = (unsigned char)*message;
        if ((byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7f)
            *message = '?';
    }
}

sevens_status sevens_fail(sevens_error *err, sevens_status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    char message[sizeof err->message]; /* the arguments may point into err->message */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    disarm(message);
    err->status = status;
    memcpy(err->message, message, strlen(message) + 1);
    return status;
}

void sevens_error_prefix(sevens_error *err, const char *format, ...)
{
    if (err == NULL)
        return;
    char prefix[sizeof err->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    sevens_fail(err, err->status, "%s: %s", prefix, err->message);
}

int sevens_exit_code(sevens_status status)
{
    switch (status) {
    case SEVENS_OK:
        return 0;
    case SEVENS_ERR_INPUT:
        return 2;
    case SEVENS_ERR_BACKEND:
        return 3;
    case SEVENS_ERR_UNCONVERGED:
        return 4;
    case SEVENS_ERR_INTERRUPTED:
        return 130;
    case SEVENS_ERR_IO:
    case SEVENS_ERR_MEMORY:
    case SEVENS_ERR_NUMERIC:
    case SEVENS_ERR_FAILED:
        return 1;
    }
    return 1;
}
