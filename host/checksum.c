/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 through libmd. Release tables, originals and maps are recognised by these sums. */
#include "sevens/checksum.h"

#include <errno.h>
#include <sha256.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

_Static_assert(SEVENS_SHA256_HEX == SHA256_DIGEST_STRING_LENGTH, "libmd writes 64 digits and a 0");

void sevens_sha256_bytes(const void *data, size_t length, char hex[SEVENS_SHA256_HEX])
{
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, (const uint8_t *)data, length);
    SHA256_End(&context, hex);
}

sevens_status sevens_sha256_file(const char *path, char hex[SEVENS_SHA256_HEX], sevens_error *err)
{
    uint8_t buffer[16384];
    SHA256_CTX context;
    sevens_status status = SEVENS_OK;
    size_t n;

    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return sevens_fail(err, SEVENS_ERR_IO, "cannot open %s: %s", path, strerror(errno));
    SHA256_Init(&context);
    while ((n = fread(buffer, 1, sizeof buffer, file)) > 0)
        SHA256_Update(&context, buffer, n);
    if (ferror(file))
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot read %s: %s", path, strerror(errno));
    SHA256_End(&context, hex);
    fclose(file);
    return status;
}
