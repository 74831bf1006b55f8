/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of ingests share: a scratch folder with originals in it, the folder that is made
 * of them, and the release in that. */
#ifndef SEVENS_TEST_INGEST_SUPPORT_H
#define SEVENS_TEST_INGEST_SUPPORT_H

#include "sevens/ingest.h"
#include "sevens/release.h"
#include "test_support.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define CSI "coherent-csi-2017"
#define LAR "coherent-lar-2020"

static char folder[256], from[300], out[300];
static sevens_error error;

static inline void empty_folder(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    rmdir(path);
}

static inline void setup(void)
{
    test_folder(folder, sizeof folder);
    snprintf(from, sizeof from, "%s/from", folder);
    snprintf(out, sizeof out, "%s/out", folder);
    ck_assert_int_eq(mkdir(from, 0777), 0);
}

static inline void teardown(void)
{
    empty_folder(from);
    empty_folder(out);
    ck_assert_int_eq(rmdir(folder), 0); /* nothing else was left there */
}

static inline FILE *create(const char *file)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", from, file);
    FILE *f = fopen(path, "w");
    ck_assert_msg(f != NULL, "%s", path);
    return f;
}

static inline sevens_status ingest(const char *name, const sevens_ingest_options *options)
{
    const sevens_ingest_kind *kind = sevens_ingest_find(name, &error);
    ck_assert_ptr_nonnull(kind);
    return kind->run(options, &error);
}

static inline void make(const char *name)
{
    const sevens_ingest_options options = {.from = from, .out = out};
    ck_assert_msg(ingest(name, &options) == SEVENS_OK, "%s", error.message);
}

/* With "option=choice,option=choice". */
static inline sevens_release *load(const char *path, const char *choices)
{
    sevens_release_option option[SEVENS_RELEASE_MAX_OPTIONS];
    sevens_release *release = NULL;
    char text[200], *rest = text;
    size_t n = 0;
    snprintf(text, sizeof text, "%s", choices);
    for (char *part; *text != '\0' && (part = strsep(&rest, ",")) != NULL; n++) {
        option[n].name = strsep(&part, "=");
        option[n].value = part;
    }
    if (sevens_release_load(&release, path, option, n, NULL, &error) != SEVENS_OK)
        ck_assert_ptr_null(release);
    return release;
}

static inline sevens_release *must_load(const char *path, const char *choices)
{
    sevens_release *release = load(path, choices);
    ck_assert_msg(release != NULL, "%s: %s", choices, error.message);
    return release;
}

/* What one event in channel c of flux class k adds to the bins. */
static inline double *spread_of(const sevens_release *r, const double *weight, size_t c)
{
    double *channel = calloc(r->n_channel, sizeof *channel);
    double *bin = calloc(r->n_bin, sizeof *bin);
    ck_assert(channel != NULL && bin != NULL);
    channel[c] = 1.0;
    sevens_release_spread(r, weight, channel, bin);
    free(channel);
    return bin;
}

static inline double sum(const double *value, size_t n)
{
    double s = 0.0;
    for (size_t i = 0; i < n; i++)
        s += value[i];
    return s;
}

#endif
