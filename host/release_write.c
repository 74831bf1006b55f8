/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a release folder.
 *   1. numbers and tables as text
 *   2. the text of release.yaml, its markers replaced
 *   3. files: all into a new folder beside the one asked for
 *   4. trial: the new folder is loaded with the choices of its options
 *   5. the files are moved into place, release.yaml last */
#include "release_write.h"

#include "path.h"
#include "sevens/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- numbers ---- */

const char *sevens_shortest_real(double value, char buffer[32])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, 32, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    return buffer;
}

/* Closes a memory stream; false if it could not hold its text. */
static bool close_text(FILE *f)
{
    const bool failed = ferror(f) != 0;
    return fclose(f) == 0 && !failed;
}

char *sevens_reals_text(const double *value, size_t n)
{
    char number[32], *text = NULL;
    size_t length = 0;
    FILE *f = open_memstream(&text, &length);
    if (f == NULL)
        return NULL;
    fputc('[', f);
    for (size_t i = 0; i < n; i++)
        fprintf(f, "%s%s", i ? ", " : "", sevens_shortest_real(value[i], number));
    fputc(']', f);
    if (close_text(f))
        return text;
    free(text);
    return NULL;
}

/* ---- tables ---- */

sevens_status sevens_table_begin(sevens_release_text *table, const char *name, const char *comment,
                                 sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    *table = (sevens_release_text){.name = name};
    table->stream = open_memstream(&table->text, &table->length);
    SEVENS_TRY_ALLOC(table->stream);
    fprintf(table->stream, "# %s\n", comment);

cleanup:
    return status;
}

__attribute__((format(printf, 2, 3))) static void put_field(sevens_release_text *table,
                                                            const char *format, ...)
{
    va_list arguments;
    if (table->in_row)
        fputc(',', table->stream);
    table->in_row = true;
    va_start(arguments, format);
    vfprintf(table->stream, format, arguments);
    va_end(arguments);
}

void sevens_table_edge_names(sevens_release_text *table, const sevens_bin_axis *axis, size_t n_axis)
{
    for (size_t a = 0; a < n_axis; a++) {
        put_field(table, "%s_lo[%s]", axis[a].name, axis[a].unit);
        put_field(table, "%s_hi[%s]", axis[a].name, axis[a].unit);
    }
}

void sevens_table_name(sevens_release_text *table, const char *name_with_unit)
{
    put_field(table, "%s", name_with_unit);
}

void sevens_table_edges(sevens_release_text *table, const sevens_bin_axis *axis, size_t n_axis,
                        size_t bin)
{
    size_t stride = 1;
    for (size_t a = 0; a < n_axis; a++)
        stride *= axis[a].n;
    for (size_t a = 0; a < n_axis; a++) {
        stride /= axis[a].n;
        const double *edge = axis[a].edges + bin / stride % axis[a].n;
        sevens_table_real(table, edge[0]);
        sevens_table_real(table, edge[1]);
    }
}

void sevens_table_real(sevens_release_text *table, double value)
{
    char number[32];
    put_field(table, "%s", sevens_shortest_real(value, number));
}

void sevens_table_row(sevens_release_text *table)
{
    fputc('\n', table->stream);
    table->in_row = false;
}

sevens_status sevens_table_end(sevens_release_text *table, sevens_error *err)
{
    FILE *stream = table->stream;
    table->stream = NULL;
    if (!close_text(stream))
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    return SEVENS_OK;
}

static sevens_status write_table(sevens_release_text *table, const char *name, const char *comment,
                                 const sevens_bin_axis *axis, size_t n_axis, size_t n_row,
                                 const sevens_text_column *column, size_t n_column,
                                 sevens_error *err)
{
    sevens_status status;
    SEVENS_TRY(sevens_table_begin(table, name, comment, err));
    sevens_table_edge_names(table, axis, n_axis);
    for (size_t c = 0; c < n_column; c++)
        sevens_table_name(table, column[c].name_with_unit);
    sevens_table_row(table);
    for (size_t i = 0; i < n_row; i++) {
        sevens_table_edges(table, axis, n_axis, i);
        for (size_t c = 0; c < n_column; c++)
            sevens_table_real(table, column[c].value[i]);
        sevens_table_row(table);
    }
    SEVENS_TRY(sevens_table_end(table, err));

cleanup:
    return status;
}

sevens_status sevens_table_of_rows(sevens_release_text *table, const char *name,
                                   const char *comment, size_t n_row,
                                   const sevens_text_column *column, size_t n_column,
                                   sevens_error *err)
{
    return write_table(table, name, comment, NULL, 0, n_row, column, n_column, err);
}

sevens_status sevens_table_of_bins(sevens_release_text *table, const char *name,
                                   const char *comment, const sevens_bin_axis *axis, size_t n_axis,
                                   const sevens_text_column *column, size_t n_column,
                                   sevens_error *err)
{
    size_t n_bin = 1;
    for (size_t a = 0; a < n_axis; a++)
        n_bin *= axis[a].n;
    return write_table(table, name, comment, axis, n_axis, n_bin, column, n_column, err);
}

void sevens_release_texts_free(sevens_release_text *table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (table[i].stream != NULL)
            fclose(table[i].stream);
        free(table[i].text);
        table[i] = (sevens_release_text){0};
    }
}

/* ---- release.yaml ---- */

#define MAX_VALUES 64

typedef struct markers {
    const sevens_release_value *value;
    size_t n_value;
    const sevens_release_text *table;
    size_t n_table;
    const sevens_originals *originals;
    bool used[MAX_VALUES]; /* values that were asked for */
} markers;

/* A double-quoted YAML scalar. */
static void put_quoted(FILE *f, const char *text)
{
    fputc('"', f);
    for (const char *p = text; *p != '\0'; p++)
        fprintf(f, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
    fputc('"', f);
}

static void put_sources(FILE *f, const sevens_originals *originals)
{
    for (size_t i = 0; i < originals->n; i++) {
        fputs(i ? "\n  - file: " : "  - file: ", f);
        put_quoted(f, originals->source[i].file);
        fprintf(f, "\n    sha256: \"%s\"", originals->source[i].sha256);
    }
}

static sevens_status put_marker(FILE *f, markers *m, const char *key, sevens_error *err)
{
    static const char sum[] = "sha256 ";
    char sha256[SEVENS_SHA256_HEX];
    if (strcmp(key, "sources") == 0) {
        put_sources(f, m->originals);
        return SEVENS_OK;
    }
    for (size_t i = 0; i < m->n_table && strncmp(key, sum, sizeof sum - 1) == 0; i++)
        if (strcmp(m->table[i].name, key + sizeof sum - 1) == 0) {
            sevens_sha256_bytes(m->table[i].text, m->table[i].length, sha256);
            fputs(sha256, f);
            return SEVENS_OK;
        }
    for (size_t i = 0; i < m->n_value; i++)
        if (strcmp(m->value[i].key, key) == 0) {
            fputs(m->value[i].text, f);
            m->used[i] = true;
            return SEVENS_OK;
        }
    return sevens_fail(err, SEVENS_ERR_FAILED,
                       "the text of release.yaml asks for @%s@, which the ingest does not give",
                       key);
}

static sevens_status put_yaml(FILE *f, const char *yaml, markers *m, sevens_error *err)
{
    char key[128];
    sevens_status status = SEVENS_OK;
    for (const char *at; (at = strchr(yaml, '@')) != NULL;) {
        fwrite(yaml, 1, (size_t)(at - yaml), f);
        const size_t n = strcspn(++at, "@\n");
        if (at[n] != '@' || n >= sizeof key)
            return sevens_fail(err, SEVENS_ERR_FAILED,
                               "the text of release.yaml has a marker without end: @%.30s", at);
        snprintf(key, sizeof key, "%.*s", (int)n, at);
        SEVENS_TRY(put_marker(f, m, key, err));
        yaml = at + n + 1;
    }
    fputs(yaml, f);
    for (size_t i = 0; i < m->n_value; i++)
        if (!m->used[i])
            return sevens_fail(err, SEVENS_ERR_FAILED,
                               "the text of release.yaml does not ask for @%s@", m->value[i].key);

cleanup:
    return status;
}

static sevens_status make_yaml(sevens_release_text *text, const char *yaml, markers *m,
                               sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    if (m->n_value > MAX_VALUES)
        return sevens_fail(err, SEVENS_ERR_FAILED, "too many values for release.yaml");
    *text = (sevens_release_text){.name = "release.yaml"};
    text->stream = open_memstream(&text->text, &text->length);
    SEVENS_TRY_ALLOC(text->stream);
    SEVENS_TRY(put_yaml(text->stream, yaml, m, err));
    SEVENS_TRY(sevens_table_end(text, err));

cleanup:
    return status;
}

/* ---- folders and files ---- */

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

/* A new folder FOLDER.part-XXXXXX; the folders above FOLDER are made. */
static sevens_status make_part_folder(char **part, const char *folder, sevens_error *err)
{
    static const char suffix[] = ".part-XXXXXX";
    sevens_status status = SEVENS_OK;
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/')
        n--;
    *part = malloc(n + sizeof suffix);
    SEVENS_TRY_ALLOC(*part);
    snprintf(*part, n + sizeof suffix, "%.*s", (int)n, folder);
    char *slash = strrchr(*part, '/');
    if (slash != NULL && slash != *part) {
        *slash = '\0';
        SEVENS_TRY(make_folder(*part, err));
        *slash = '/';
    }
    memcpy(*part + n, suffix, sizeof suffix);
    if (mkdtemp(*part) == NULL) {
        status =
            sevens_fail(err, SEVENS_ERR_IO, "cannot make folder %s: %s", *part, strerror(errno));
        free(*part);
        *part = NULL;
    }

cleanup:
    return status;
}

static sevens_status write_text(const char *folder, const sevens_release_text *text,
                                sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    FILE *file = NULL;
    char *path = sevens_path_join(folder, text->name);
    SEVENS_TRY_ALLOC(path);
    file = fopen(path, "wb");
    if (file == NULL)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", path, strerror(errno)));
    const bool written = fwrite(text->text, 1, text->length, file) == text->length;
    if (fclose(file) != 0 || !written)
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", path, strerror(errno));

cleanup:
    free(path);
    return status;
}

static sevens_status move_text(const char *from, const char *to, const char *name,
                               sevens_error *err)
{
    char *old = sevens_path_join(from, name), *new = sevens_path_join(to, name);
    sevens_status status = SEVENS_OK;
    SEVENS_TRY_ALLOC(old);
    SEVENS_TRY_ALLOC(new);
    if (rename(old, new) != 0)
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", new, strerror(errno));

cleanup:
    free(new);
    free(old);
    return status;
}

/* What is left of the folder after a failure, or nothing. */
static void remove_part_folder(const char *part, const sevens_release_text *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *path = sevens_path_join(part, text[i].name);
        if (path != NULL)
            unlink(path);
        free(path);
    }
    rmdir(part);
}

/* ---- trial ---- */

/* One set of choices, [n_option] indices. */
typedef struct choice_set {
    const sevens_release_head *head;
    size_t at[SEVENS_RELEASE_MAX_OPTIONS];
} choice_set;

static sevens_status load_set(const char *folder, const choice_set *set, sevens_error *err)
{
    sevens_release_option option[SEVENS_RELEASE_MAX_OPTIONS];
    sevens_release *release = NULL;
    const sevens_release_head *h = set->head;
    for (size_t i = 0; i < h->n_option; i++)
        option[i] = (sevens_release_option){h->option[i].name, h->option[i].choice[set->at[i]]};
    const sevens_status status =
        sevens_release_load(&release, folder, option, h->n_option, NULL, err);
    sevens_release_free(&release);
    return status;
}

/* The next set, last option fastest; false after the last one. */
static bool next_set(choice_set *set)
{
    for (size_t i = set->head->n_option; i-- > 0;) {
        if (++set->at[i] < set->head->option[i].n_choice)
            return true;
        set->at[i] = 0;
    }
    return false;
}

/* Whether some set with this choice can be loaded: a choice may only make sense beside others. The
 * fault is that of the first such set. */
static sevens_status try_choice(const char *folder, const sevens_release_head *head, size_t option,
                                size_t choice, sevens_error *err)
{
    choice_set set = {.head = head};
    sevens_status first = SEVENS_OK;
    do {
        if (set.at[option] != choice)
            continue;
        const sevens_status status = load_set(folder, &set, first == SEVENS_OK ? err : NULL);
        if (status == SEVENS_OK)
            return SEVENS_OK;
        if (first == SEVENS_OK)
            first = status;
    } while (next_set(&set));
    sevens_error_prefix(err, "with %s: %s", head->option[option].name,
                        head->option[option].choice[choice]);
    return first;
}

static sevens_status try_folder(const char *folder, sevens_error *err)
{
    sevens_release_head *head = NULL;
    choice_set defaults = {0};
    sevens_status status;
    SEVENS_TRY(sevens_release_head_load(&head, folder, err));
    defaults.head = head;
    SEVENS_TRY(load_set(folder, &defaults, err));
    for (size_t i = 0; i < head->n_option; i++)
        for (size_t k = 1; k < head->option[i].n_choice; k++)
            SEVENS_TRY(try_choice(folder, head, i, k, err));

cleanup:
    sevens_release_head_free(&head);
    return status;
}

/* ---- the whole ---- */

sevens_status sevens_release_compose(const char *folder, const char *yaml,
                                     const sevens_release_value *value, size_t n_value,
                                     const sevens_release_text *table, size_t n_table,
                                     const sevens_originals *originals, sevens_error *err)
{
    markers m = {.value = value,
                 .n_value = n_value,
                 .table = table,
                 .n_table = n_table,
                 .originals = originals};
    char *part = NULL;
    sevens_status status = SEVENS_OK;
    sevens_release_text *text = calloc(n_table + 1, sizeof *text); /* the last one is ours */
    SEVENS_TRY_ALLOC(text);
    if (n_table > 0)
        memcpy(text, table, n_table * sizeof *text);
    SEVENS_TRY(make_yaml(&text[n_table], yaml, &m, err));
    SEVENS_TRY(make_part_folder(&part, folder, err));
    for (size_t i = 0; i <= n_table; i++)
        SEVENS_TRY(write_text(part, &text[i], err));
    status = try_folder(part, err);
    if (status != SEVENS_OK) {
        sevens_error_prefix(err, "what was made of the originals is refused");
        goto cleanup;
    }
    SEVENS_TRY(make_folder(folder, err));
    for (size_t i = 0; i <= n_table; i++)
        SEVENS_TRY(move_text(part, folder, text[i].name, err));

cleanup:
    if (part != NULL)
        remove_part_folder(part, text, n_table + 1);
    free(part);
    if (text != NULL)
        sevens_release_texts_free(&text[n_table], 1);
    free(text);
    return status;
}
