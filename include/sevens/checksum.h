/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 of texts and files (libmd), as lower-case hexadecimal. */
#ifndef SEVENS_CHECKSUM_H
#define SEVENS_CHECKSUM_H

#include "sevens/status.h"
#include <stddef.h>

#define SEVENS_SHA256_HEX 65 /* 64 digits and the terminating zero */

void sevens_sha256_bytes(const void *data, size_t length, char hex[SEVENS_SHA256_HEX]);
sevens_status sevens_sha256_file(const char *path, char hex[SEVENS_SHA256_HEX], sevens_error *err);

#endif
