/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents: the file and its faults. The YAML itself is read in document_yaml.c, tables of keys in
 * document_read.c; changes are in document_set.c and document_merge.c. */
#include "document_internal.h"

#include "sevens/text.h"
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct sevens_block {
    struct sevens_block *next;
    max_align_t data[];
} sevens_block;

void *sevens_document_alloc(sevens_document *doc, size_t size)
{
    sevens_block *block = calloc(1, sizeof *block + size);
    if (block == NULL) {
        doc->out_of_memory = true;
        return NULL;
    }
    block->next = doc->blocks;
    doc->blocks = block;
    return block->data;
}

char *sevens_document_keep(sevens_document *doc, const char *text, size_t length)
{
    char *kept = sevens_document_alloc(doc, length + 1);
    if (kept != NULL)
        memcpy(kept, text, length);
    return kept;
}

void sevens_document_free(sevens_document **doc)
{
    sevens_document *d = *doc;
    if (d == NULL)
        return;
    while (d->blocks != NULL) {
        sevens_block *next = d->blocks->next;
        free(d->blocks);
        d->blocks = next;
    }
    for (size_t i = 0; i < d->n_faults && i < SEVENS_DOCUMENT_MAX_FAULTS; i++)
        free(d->fault[i].text);
    free(d->name);
    free(d->text);
    free(d);
    *doc = NULL;
}

const sevens_node *sevens_document_root(const sevens_document *doc)
{
    return doc->root;
}
const char *sevens_document_text(const sevens_document *doc)
{
    return doc->text;
}
const char *sevens_document_name(const sevens_document *doc)
{
    return doc->name;
}

/* Room is made whenever n reaches a power of two, so that no capacity has to be kept. */
static bool grow(sevens_document *doc, sevens_node ***items, size_t n)
{
    if ((n & (n - 1)) != 0)
        return true;
    sevens_node **larger = sevens_document_alloc(doc, (n == 0 ? 1 : 2 * n) * sizeof(sevens_node *));
    if (larger == NULL)
        return false;
    if (n > 0)
        memcpy(larger, *items, n * sizeof(sevens_node *));
    *items = larger;
    return true;
}

bool sevens_node_append(sevens_document *doc, sevens_node *collection, sevens_node *key,
                        sevens_node *item)
{
    size_t n = collection->n;
    if (!grow(doc, &collection->item, n) ||
        (collection->kind == SEVENS_NODE_MAPPING && !grow(doc, &collection->key, n)))
        return false;
    collection->item[n] = item;
    if (collection->kind == SEVENS_NODE_MAPPING)
        collection->key[n] = key;
    collection->n++;
    return true;
}

/* ---- faults ---- */

size_t sevens_line_break(const char *p)
{
    if (*p == '\r')
        return p[1] == '\n' ? 2 : 1;
    if (*p == '\n')
        return 1;
    if (strncmp(p, "\xC2\x85", 2) == 0)
        return 2;
    return strncmp(p, "\xE2\x80\xA8", 3) == 0 || strncmp(p, "\xE2\x80\xA9", 3) == 0 ? 3 : 0;
}

const char *sevens_find_line(const char *text, int line)
{
    while (line > 1 && *text != '\0') {
        size_t length = sevens_line_break(text);
        line -= length > 0;
        text += length > 0 ? length : 1;
    }
    return text;
}

static const char *next_character(const char *p)
{
    do
        p++;
    while (((unsigned char)*p & 0xC0) == 0x80);
    return p;
}

/* The source line and a caret below the column; of a long line, what is near the column. */
static void write_source(FILE *out, const char *text, int line, int column)
{
    const int widest = 160, before = 60;
    const char *p = sevens_find_line(text, line), *mark = "";
    int skip = column > widest - before ? column - before : 0;
    for (int i = 0; i < skip && *p != '\0' && sevens_line_break(p) == 0; i++)
        p = next_character(p);
    if (skip > 0)
        mark = "...";
    const char *end = p;
    for (int i = 0; i < widest && *end != '\0' && sevens_line_break(end) == 0; i++)
        end = next_character(end);
    fprintf(out, "\n%s%.*s\n%*s", mark, (int)(end - p), p, (int)strlen(mark), "");
    for (int i = 1; i < column - skip && p < end; i++, p = next_character(p))
        fputc(*p == '\t' ? '\t' : ' ', out);
    fputc('^', out);
}

/* Texts of the file stand in messages: no control characters, no half of a character at the end. */
static void clean(char *message, bool was_cut)
{
    size_t length = strlen(message);
    while (was_cut && length > 0 && ((unsigned char)message[length - 1] & 0x80) != 0)
        message[--length] = '\0';
    for (char *p = message; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            *p = '?';
}

static void add_fault(sevens_document *doc, const char *origin, int line, int column,
                      const char *message)
{
    size_t index = doc->n_faults++;
    if (index >= SEVENS_DOCUMENT_MAX_FAULTS)
        return;
    sevens_fault *fault = &doc->fault[index];
    size_t size;
    *fault = (sevens_fault){.line = line};
    FILE *out = open_memstream(&fault->text, &size);
    if (out == NULL) {
        doc->out_of_memory = true;
        return;
    }
    if (line > 0)
        fprintf(out, "%s:%d:%d: error: %s", origin, line, column, message);
    else
        fprintf(out, "%s: error: %s", origin, message);
    if (line > 0 && doc->text_is_valid && origin == doc->name) /* the text is that of no other */
        write_source(out, doc->text, line, column);
    if (fclose(out) != 0)
        doc->out_of_memory = true;
}

void sevens_document_fault(sevens_document *doc, const sevens_node *node, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    clean(message, length >= (int)sizeof message);
    if (node == NULL)
        add_fault(doc, doc->name, 0, 0, message);
    else
        add_fault(doc, node->origin, node->line, node->column, message);
}

size_t sevens_document_faults(const sevens_document *doc)
{
    return doc->n_faults;
}

/* In the order of the file's lines, then those without a line; equal ones as they were found. */
static void sort_faults(sevens_fault *fault, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        sevens_fault moved = fault[i];
        int line = moved.line > 0 ? moved.line : INT_MAX;
        size_t j = i;
        for (; j > 0 && (fault[j - 1].line > 0 ? fault[j - 1].line : INT_MAX) > line; j--)
            fault[j] = fault[j - 1];
        fault[j] = moved;
    }
}

sevens_status sevens_document_finish(sevens_document *doc, sevens_error *err)
{
    if (doc->out_of_memory)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "%s: out of memory", doc->name);
    if (doc->n_faults == 0)
        return SEVENS_OK;
    if (err == NULL)
        return SEVENS_ERR_INPUT;
    size_t kept = doc->n_faults;
    if (kept > SEVENS_DOCUMENT_MAX_FAULTS)
        kept = SEVENS_DOCUMENT_MAX_FAULTS;
    sort_faults(doc->fault, kept);
    char message[sizeof err->message - 512]; /* the rest is for prefixes and "... and N more" */
    size_t used = 0, shown = 0;
    for (; shown < kept; shown++) {
        size_t length = strlen(doc->fault[shown].text) + 1;
        if (used + length >= sizeof message && shown > 0)
            break;
        snprintf(message + used, sizeof message - used, "%s\n", doc->fault[shown].text);
        used = strlen(message);
    }
    if (used > 0 && message[used - 1] == '\n')
        message[used - 1] = '\0';
    if (shown == doc->n_faults)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s", message);
    return sevens_fail(err, SEVENS_ERR_INPUT, "%s\n... and %zu more", message,
                       doc->n_faults - shown);
}

/* ---- reading files ---- */

sevens_status sevens_document_parse(sevens_document **doc, const char *name, const char *text,
                                    size_t length, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_yaml_problem problem = {.line = 1, .column = 1};
    sevens_document *d = *doc = calloc(1, sizeof *d);
    SEVENS_TRY_ALLOC(d);
    d->name = sevens_strdup(name);
    SEVENS_TRY_ALLOC(d->name);
    if (length > SEVENS_DOCUMENT_MAX_BYTES) {
        status = sevens_fail(err, SEVENS_ERR_INPUT, "%s: larger than %d bytes", name,
                             SEVENS_DOCUMENT_MAX_BYTES);
        goto cleanup;
    }
    d->text = calloc(1, length + 1);
    SEVENS_TRY_ALLOC(d->text);
    if (length > 0)
        memcpy(d->text, text, length);
    d->text_is_valid = true;
    if (strlen(d->text) < length) {
        for (const char *p = d->text; *p != '\0';
             p += sevens_line_break(p) ? sevens_line_break(p) : 1)
            problem.line += sevens_line_break(p) > 0;
        d->text_is_valid = false;
        add_fault(d, d->name, problem.line, 1, "a NUL byte: this is not a text file");
    } else {
        d->root = sevens_document_build(d, d->text, length, d->name, false, 1, &problem);
        if (d->root == NULL)
            add_fault(d, d->name, problem.line, problem.column, problem.text);
    }
    if (d->root == NULL)
        status = sevens_document_finish(d, err);
cleanup:
    if (status != SEVENS_OK)
        sevens_document_free(doc);
    return status;
}

static sevens_status cannot_read(sevens_error *err, const char *path, const char *reason)
{
    return sevens_fail(err, SEVENS_ERR_INPUT, "%s: cannot read: %s", path, reason);
}

sevens_status sevens_document_load(sevens_document **doc, const char *path, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    struct stat info;
    char *text = NULL;
    *doc = NULL;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &info) != 0) {
        status = cannot_read(err, path, strerror(errno));
        goto cleanup;
    }
    if (S_ISDIR(info.st_mode)) {
        status = cannot_read(err, path, "it is a folder");
        goto cleanup;
    }
    text = malloc(SEVENS_DOCUMENT_MAX_BYTES + 1); /* one more shows that the file is too large */
    SEVENS_TRY_ALLOC(text);
    size_t length = fread(text, 1, SEVENS_DOCUMENT_MAX_BYTES + 1, file);
    if (ferror(file)) {
        status = cannot_read(err, path, strerror(errno));
        goto cleanup;
    }
    SEVENS_TRY(sevens_document_parse(doc, path, text, length, err));
cleanup:
    free(text);
    if (file != NULL)
        fclose(file);
    return status;
}
