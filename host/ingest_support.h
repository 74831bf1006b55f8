/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tools of the ingests of dresden2 and xenonnt-8b. Private to the host code. */
#ifndef SEVENS_HOST_INGEST_SUPPORT_H
#define SEVENS_HOST_INGEST_SUPPORT_H

#include "ingest_originals.h"

/* All values of exactly n_row rows behind n_head lines of any text, row-major, owned by the caller:
 * sevens_original_values for originals whose last line has no end, as their authors published them.
 */
sevens_status sevens_original_unended(sevens_originals *originals, const char *file, long n_head,
                                      size_t n_row, size_t n_column, double **values,
                                      sevens_error *err);

/* The checksum of the flux table NAME that a release in FOLDER would be loaded with. */
sevens_status sevens_ingest_flux_sum(const char *folder, const char *name,
                                     char sha256[SEVENS_SHA256_HEX], sevens_error *err);

#endif
