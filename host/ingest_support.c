/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tools of the ingests of dresden2 and xenonnt-8b: see ingest_support.h. */
#include "ingest_support.h"

#include "sevens/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- originals whose last line has no end ---- */

static sevens_status read_row(char *text, size_t n_column, double *value, const char *path,
                              long line, sevens_error *err)
{
    static const char blanks[] = " ,\t\r\n";
    size_t n = 0;
    char *rest = NULL;
    for (char *field = strtok_r(text, blanks, &rest); field != NULL;
         field = strtok_r(NULL, blanks, &rest), n++) {
        if (n == n_column)
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: more than %zu columns", path, line,
                               n_column);
        if (!sevens_parse_real(field, false, &value[n]))
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: '%s' is not a number", path, line,
                               field);
    }
    if (n < n_column)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: %zu columns, expected %zu", path, line,
                           n, n_column);
    return SEVENS_OK;
}

static sevens_status read_rows(FILE *file, const char *path, long n_head, size_t n_row,
                               size_t n_column, double *value, sevens_error *err)
{
    char *text = NULL;
    size_t size = 0, n = 0;
    sevens_status status = SEVENS_OK;
    for (long line = 1; getline(&text, &size, file) > 0; line++) {
        if (line <= n_head)
            continue;
        if (n == n_row)
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: more than %zu rows", path, line,
                                   n_row));
        SEVENS_TRY(read_row(text, n_column, value + n++ * n_column, path, line, err));
    }
    if (ferror(file))
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_IO, "cannot read %s: %s", path, strerror(errno)));
    if (n < n_row)
        SEVENS_TRY(
            sevens_fail(err, SEVENS_ERR_INPUT, "%s: %zu rows, expected %zu", path, n, n_row));

cleanup:
    free(text);
    return status;
}

sevens_status sevens_original_unended(sevens_originals *originals, const char *file, long n_head,
                                      size_t n_row, size_t n_column, double **values,
                                      sevens_error *err)
{
    char *path = NULL;
    FILE *stream = NULL;
    double *value = NULL;
    sevens_status status;
    SEVENS_TRY(sevens_original_use(originals, file, &path, err));
    stream = fopen(path, "r");
    if (stream == NULL)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_IO, "cannot open %s: %s", path, strerror(errno)));
    value = malloc(n_row * n_column * sizeof *value);
    SEVENS_TRY_ALLOC(value);
    SEVENS_TRY(read_rows(stream, path, n_head, n_row, n_column, value, err));
    *values = value;
    value = NULL;

cleanup:
    free(value);
    if (stream != NULL)
        fclose(stream);
    free(path);
    return status;
}

/* ---- flux tables ---- */

sevens_status sevens_ingest_flux_sum(const char *folder, const char *name,
                                     char sha256[SEVENS_SHA256_HEX], sevens_error *err)
{
    char *path = NULL;
    sevens_status status = sevens_release_find_flux(&path, folder, name, err);
    if (status != SEVENS_OK) {
        sevens_error_prefix(err,
                            "the release needs the flux table %s; make the tables first with "
                            "'sevens ingest fluxes'",
                            name);
        goto cleanup;
    }
    SEVENS_TRY(sevens_sha256_file(path, sha256, err));

cleanup:
    free(path);
    return status;
}
