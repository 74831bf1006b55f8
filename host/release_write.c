/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a release folder. Every file is composed in memory, then put in place by a rename. */
#include "release_write.h"

#include "path.h"
#include "sevens/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *sevens_shortest_real(double value, char buffer[32])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, 32, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    return buffer;
}

/* ---- folder and files ---- */

static sevens_status make_folder(const char *folder, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char *path = sevens_strdup(folder);
    SEVENS_TRY_ALLOC(path);
    for (char *slash = path + 1; slash != NULL && *path != '\0';) {
        slash = strchr(slash, '/');
        if (slash != NULL)
            *slash = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST) {
            status =
                sevens_fail(err, SEVENS_ERR_IO, "cannot make folder %s: %s", path, strerror(errno));
            goto cleanup;
        }
        if (slash != NULL)
            *slash++ = '/';
    }

cleanup:
    free(path);
    return status;
}

static sevens_status write_all(const char *path, const char *text, size_t length, sevens_error *err)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", path, strerror(errno));
    const bool written = fwrite(text, 1, length, file) == length;
    if (fclose(file) != 0 || !written) {
        sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", path, strerror(errno));
        unlink(path);
        return SEVENS_ERR_IO;
    }
    return SEVENS_OK;
}

static sevens_status put_file(const char *folder, const char *name, const char *text, size_t length,
                              sevens_error *err)
{
    char *path = NULL, *part = NULL;
    sevens_status status = SEVENS_OK;
    path = sevens_path_join(folder, name);
    SEVENS_TRY_ALLOC(path);
    part = sevens_path_join(folder, ".part");
    SEVENS_TRY_ALLOC(part);
    SEVENS_TRY(write_all(part, text, length, err));
    if (rename(part, path) != 0) {
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", path, strerror(errno));
        unlink(part);
    }

cleanup:
    free(part);
    free(path);
    return status;
}

/* ---- tables ---- */

static void put_edges(FILE *f, const sevens_bin_axis *axis, size_t bin)
{
    char lo[32], hi[32];
    fprintf(f, "%s,%s", sevens_shortest_real(axis->edges[bin], lo),
            sevens_shortest_real(axis->edges[bin + 1], hi));
}

static void write_counts(FILE *f, const sevens_release *r)
{
    char number[32];
    fprintf(f, "# %s: observed counts and expected backgrounds per bin\n", r->name);
    for (size_t a = 0; a < r->n_axis; a++)
        fprintf(f, "%s_lo[%s],%s_hi[%s],", r->axis[a].name, r->axis[a].unit, r->axis[a].name,
                r->axis[a].unit);
    fputs("observed[1]", f);
    for (size_t b = 0; b < r->n_background; b++)
        fprintf(f, ",%s[1]", r->background[b].name);
    fputc('\n', f);
    for (size_t i = 0; i < r->n_bin; i++) {
        put_edges(f, &r->axis[0], i / r->n_share);
        if (r->n_axis == 2) {
            fputc(',', f);
            put_edges(f, &r->axis[1], i % r->n_share);
        }
        fprintf(f, ",%s", sevens_shortest_real(r->observed[i], number));
        for (size_t b = 0; b < r->n_background; b++)
            fprintf(f, ",%s", sevens_shortest_real(r->background[b].counts[i], number));
        fputc('\n', f);
    }
}

static void write_shares(FILE *f, const sevens_release *r)
{
    char number[32];
    const bool time = r->n_axis == 2;
    fprintf(f, "# %s: share of the events of each flavour per bin, selection efficiency included\n",
            r->name);
    if (time)
        fprintf(f, "%s_lo[%s],%s_hi[%s],", r->axis[1].name, r->axis[1].unit, r->axis[1].name,
                r->axis[1].unit);
    for (size_t k = 0; k < r->n_flux; k++)
        fprintf(f, "%s%s[1]", k ? "," : "", sevens_flavour_name(r->flux[k].flavour));
    fputc('\n', f);
    for (size_t i = 0; i < r->n_share; i++) {
        if (time)
            put_edges(f, &r->axis[1], i);
        for (size_t k = 0; k < r->n_flux; k++)
            fprintf(f, "%s%s", k || time ? "," : "",
                    sevens_shortest_real(r->flux[k].share[i], number));
        fputc('\n', f);
    }
}

/* ---- release.yaml ---- */

static void put_note(FILE *f, const char *note)
{
    if (ftell(f) > 0)
        fputc('\n', f);
    for (const char *line = note; line != NULL && *line != '\0';) {
        const size_t n = strcspn(line, "\n");
        fprintf(f, "# %.*s\n", (int)n, line);
        line += n + (line[n] == '\n');
    }
}

/* A double-quoted YAML scalar. */
static void put_text(FILE *f, const char *key, const char *text)
{
    fprintf(f, "%s: \"", key);
    for (const char *p = text ? text : ""; *p != '\0'; p++)
        fprintf(f, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
    fputs("\"\n", f);
}

static void put_real(FILE *f, const char *key, double value)
{
    char number[32];
    fprintf(f, "%s: %s\n", key, sevens_shortest_real(value, number));
}

static void put_reals(FILE *f, const char *key, const double *value, size_t n)
{
    char number[32];
    fprintf(f, "%s: [", key);
    for (size_t i = 0; i < n; i++)
        fprintf(f, "%s%s", i ? ", " : "", sevens_shortest_real(value[i], number));
    fputs("]\n", f);
}

static void write_head(FILE *f, const sevens_release *r, const sevens_release_provenance *p)
{
    put_note(f, p->note.head);
    fputs("schema: 1\n", f);
    put_text(f, "name", r->name);
    put_text(f, "title", r->title);
    put_text(f, "citation", r->citation);
    put_text(f, "doi", r->doi);
    put_text(f, "arxiv", r->arxiv);
    put_text(f, "url", r->url);
    put_text(f, "version", r->version);
    put_text(f, "made_by", p->made_by);
    put_note(f, p->note.sources);
    fputs("sources:\n", f);
    for (size_t i = 0; i < p->n_source; i++) {
        put_text(f, "  - file", p->source[i].file);
        put_text(f, "    sha256", p->source[i].sha256);
    }
}

static void write_physics(FILE *f, const sevens_release *r, const sevens_release_provenance *p)
{
    const sevens_response_parameters *s = &r->response;
    char number[32];
    put_note(f, p->note.flux);
    fputs("flux:\n  kind: pion-dar\n", f);
    put_real(f, "  pot", r->pot);
    put_real(f, "  neutrinos_per_proton", r->neutrinos_per_proton);
    put_real(f, "  baseline_m", r->baseline_m);
    put_note(f, p->note.target);
    fputs("target:\n", f);
    put_real(f, "  mass_kg", r->mass_kg);
    put_real(f, "  molar_mass_g_per_mol", r->molar_mass_g);
    fputs("  nuclei:\n", f);
    for (size_t i = 0; i < r->n_target; i++) {
        fprintf(f, "    - {nucleus: %s, count: %s}\n", r->target[i].nucleus->name,
                sevens_shortest_real(r->target[i].count, number));
    }
    put_note(f, p->note.response);
    fputs("response:\n  quenching:\n    kind: polynomial\n    unit: MeV\n", f);
    put_reals(f, "    coefficients", s->quenching_coefficient, 4);
    fputs("  smearing:\n    kind: gamma-pe\n    unit: keVee\n", f);
    put_real(f, "    a", s->gamma_a_keVee);
    put_real(f, "    b", s->gamma_b_per_keVee);
    fputs("  efficiency:\n    kind: sigmoid\n    unit: PE\n", f);
    put_reals(f, "    coefficients", s->efficiency_coefficient, 4);
}

static void write_likelihood(FILE *f, const sevens_release *r, const sevens_release_provenance *p)
{
    char number[32];
    put_note(f, p->note.bins);
    fputs("bins:\n", f);
    for (size_t a = 0; a < r->n_axis; a++) {
        fprintf(f, "  - name: %s\n    unit: %s\n", r->axis[a].name, r->axis[a].unit);
        put_reals(f, "    edges", r->axis[a].edges, r->axis[a].n + 1);
    }
    put_note(f, p->note.likelihood);
    fputs("likelihood:\n  kind: poisson\n", f);
    put_real(f, "  signal_sigma", r->signal_sigma);
    put_note(f, p->note.backgrounds);
    fputs("backgrounds:\n", f);
    for (size_t b = 0; b < r->n_background; b++)
        fprintf(f, "  - {name: %s, sigma: %s}\n", r->background[b].name,
                sevens_shortest_real(r->background[b].sigma, number));
}

static void write_variations(FILE *f, const sevens_release_provenance *p)
{
    static const char *const of[] = {"quenching", "efficiency"};
    if (p->n_variation == 0)
        return;
    put_note(f, p->note.variations);
    fputs("variations:\n", f);
    for (size_t k = 0; k < 2; k++) {
        bool first = true;
        for (size_t i = 0; i < p->n_variation; i++) {
            const sevens_release_variation *v = &p->variation[i];
            if (strcmp(v->of, of[k]) != 0)
                continue;
            if (first)
                fprintf(f, "  %s:\n", of[k]);
            first = false;
            fprintf(f, "    - name: %s\n", v->name);
            put_reals(f, "      plus", v->plus, 4);
            put_reals(f, "      minus", v->minus, 4);
        }
    }
}

static void write_tables(FILE *f, const sevens_release_provenance *p, const char *counts,
                         const char *shares)
{
    put_note(f, p->note.tables);
    fprintf(f, "tables:\n  counts: {file: counts.csv, sha256: %s}\n", counts);
    fprintf(f, "  shares: {file: shares.csv, sha256: %s}\n", shares);
}

/* ---- the whole ---- */

/* Closes a memory stream; false if it could not hold its text. */
static bool close_text(FILE *f)
{
    const bool failed = ferror(f) != 0;
    return fclose(f) == 0 && !failed;
}

static sevens_status put_table(const sevens_release *r, const char *folder, const char *name,
                               void (*write)(FILE *, const sevens_release *),
                               char sha256[SEVENS_SHA256_HEX], sevens_error *err)
{
    char *text = NULL;
    size_t length = 0;
    sevens_status status = SEVENS_OK;
    FILE *f = open_memstream(&text, &length);
    SEVENS_TRY_ALLOC(f);
    write(f, r);
    if (!close_text(f))
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory"));
    sevens_sha256_bytes(text, length, sha256);
    SEVENS_TRY(put_file(folder, name, text, length, err));

cleanup:
    free(text);
    return status;
}

sevens_status sevens_release_write(const sevens_release *release,
                                   const sevens_release_provenance *provenance, const char *folder,
                                   sevens_error *err)
{
    char counts[SEVENS_SHA256_HEX], shares[SEVENS_SHA256_HEX];
    char *text = NULL;
    size_t length = 0;
    sevens_status status;

    SEVENS_TRY(make_folder(folder, err));
    SEVENS_TRY(put_table(release, folder, "counts.csv", write_counts, counts, err));
    SEVENS_TRY(put_table(release, folder, "shares.csv", write_shares, shares, err));
    FILE *f = open_memstream(&text, &length);
    SEVENS_TRY_ALLOC(f);
    write_head(f, release, provenance);
    write_physics(f, release, provenance);
    write_likelihood(f, release, provenance);
    write_tables(f, provenance, counts, shares);
    write_variations(f, provenance);
    if (!close_text(f))
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory"));
    SEVENS_TRY(put_file(folder, "release.yaml", text, length, err));

cleanup:
    free(text);
    return status;
}
