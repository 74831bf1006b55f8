/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The head of release.yaml, and its options: each choice is a patch laid over the file, in the
 * order of the options, and the scan file's own patch comes last. */
#include "path.h"
#include "release_internal.h"
#include "sevens/text.h"

#include "document_internal.h"
#include <stdlib.h>
#include <string.h>

#define CHOICES_BYTES 500 /* the reader of scan files joins their names */

typedef struct head_section {
    const char *name;
    bool electron_recoils, projection;
    const sevens_node *options, *excludes;
} head_section;

static const sevens_key head_keys[] = {
    TEXT_KEY(head_section, name, NULL, "release name"),
    FLAG_KEY(head_section, electron_recoils, "false", "default of `es`"),
    FLAG_KEY(head_section, projection, "false", "there are no data"),
    MAP_KEY(head_section, options, "", "choices that a scan file may make"),
    LIST_KEY(head_section, excludes, "", "releases that hold some of the same data"),
};

/* What a scan file may decide before it knows the choices: no patch can change it. */
static const char *const settled[] = {"schema", "name", "options", "excludes", "electron_recoils"};

static bool is_one_of(const char *text, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(text, names[i]) == 0)
            return true;
    return false;
}

/* Reads the keys of the head; the others are for later. */
static void read_head_keys(sevens_document *doc, head_section *head)
{
    const sevens_node *root = sevens_document_root(doc);
    sevens_node *key[N_KEYS(head_keys)], *item[N_KEYS(head_keys)];
    if (root->kind != SEVENS_NODE_MAPPING) {
        sevens_document_read(doc, root, "", head_keys, N_KEYS(head_keys), head);
        return;
    }
    sevens_node only = *root;
    only.n = 0;
    only.key = key;
    only.item = item;
    for (size_t k = 0; k < N_KEYS(head_keys); k++) {
        size_t i = 0;
        while (i < root->n && strcmp(root->key[i]->text, head_keys[k].name) != 0)
            i++;
        if (i == root->n)
            continue;
        key[only.n] = root->key[i];
        item[only.n++] = root->item[i];
    }
    sevens_document_read(doc, &only, "", head_keys, N_KEYS(head_keys), head);
}

static void check_patch(sevens_document *doc, const sevens_node *patch, const char *where)
{
    if (patch->kind != SEVENS_NODE_MAPPING) {
        if (!sevens_node_is_null(patch))
            sevens_document_fault(doc, patch, "%s: this must be a mapping laid over release.yaml",
                                  where);
        return;
    }
    for (size_t i = 0; i < patch->n; i++)
        if (is_one_of(patch->key[i]->text, settled, N_KEYS(settled)))
            sevens_document_fault(doc, patch->key[i], "%s: '%s' cannot be changed by a patch",
                                  where, patch->key[i]->text);
}

/* ---- options ---- */

static sevens_status read_choices(sevens_release_option_doc *option, sevens_document *doc,
                                  const sevens_node *choices, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char where[160];
    size_t length = 0;
    if (choices == NULL)
        return SEVENS_OK;
    if (choices->n == 0)
        sevens_document_fault(doc, choices, "options.%.60s: at least one choice is needed",
                              option->name);
    option->choice = calloc(choices->n + 1, sizeof *option->choice);
    SEVENS_TRY_ALLOC(option->choice);
    for (size_t i = 0; i < choices->n; i++) {
        const char *name = choices->key[i]->text;
        snprintf(where, sizeof where, "options.%.60s.%.60s", option->name, name);
        if (!sevens_release_name_is_valid(name) || strlen(name) > 60)
            sevens_document_fault(doc, choices->key[i],
                                  "%s: a choice may hold letters, digits, '-', '_' and '.' only",
                                  where);
        length += strlen(name) + 1;
        check_patch(doc, choices->item[i], where);
        option->choice[i] = sevens_strdup(name);
        SEVENS_TRY_ALLOC(option->choice[i]);
        option->n_choice++;
    }
    if (length > CHOICES_BYTES)
        sevens_document_fault(doc, choices, "options.%.60s: the names of the choices are too long",
                              option->name);

cleanup:
    return status;
}

static sevens_status read_option(sevens_release_head *head, sevens_document *doc,
                                 const sevens_node *key, const sevens_node *item, sevens_error *err)
{
    /* Keys that a scan file's entry has without any option. */
    static const char *const taken[] = {"name", "es", "norm_scale", "folder", "patch"};
    struct section {
        const char *doc;
        const sevens_node *choices;
    } s = {0};
    static const sevens_key keys[] = {
        TEXT_KEY(struct section, doc, NULL, "what it chooses"),
        MAP_KEY(struct section, choices, NULL, "the first is the default"),
    };
    sevens_status status = SEVENS_OK;
    char where[80];
    snprintf(where, sizeof where, "options.%.60s", key->text);
    if (!sevens_release_word_is_valid(key->text))
        sevens_document_fault(doc, key, "option '%.60s': letters, digits and '_' only", key->text);
    else if (is_one_of(key->text, taken, N_KEYS(taken)))
        sevens_document_fault(doc, key, "option '%s' has another meaning in scan files", key->text);
    sevens_document_read(doc, item, where, keys, N_KEYS(keys), &s);
    sevens_release_option_doc *option = &head->option[head->n_option++];
    option->name = sevens_strdup(key->text);
    SEVENS_TRY_ALLOC(option->name);
    option->doc = sevens_strdup(s.doc != NULL ? s.doc : "");
    SEVENS_TRY_ALLOC(option->doc);
    SEVENS_TRY(read_choices(option, doc, s.choices, err));

cleanup:
    return status;
}

static sevens_status read_excludes(sevens_release_head *head, sevens_document *doc,
                                   const sevens_node *list, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    if (list != NULL && list->n > SEVENS_RELEASE_MAX_EXCLUDED) {
        sevens_document_fault(doc, list, "'excludes' can hold %d releases, not %zu",
                              SEVENS_RELEASE_MAX_EXCLUDED, list->n);
        return SEVENS_OK;
    }
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        const sevens_node *item = list->item[i];
        if (item->kind != SEVENS_NODE_SCALAR || !sevens_release_name_is_valid(item->text)) {
            sevens_document_fault(doc, item, "excludes: this must be the name of a release");
            continue;
        }
        if (strcmp(item->text, head->name) == 0)
            sevens_document_fault(doc, item, "excludes: this is the release itself");
        head->excluded[head->n_excluded] = sevens_strdup(item->text);
        SEVENS_TRY_ALLOC(head->excluded[head->n_excluded]);
        head->n_excluded++;
    }

cleanup:
    return status;
}

/* ---- head ---- */

static sevens_status read_head(sevens_release_head **out, sevens_document *doc, sevens_error *err)
{
    head_section s = {0};
    sevens_status status = SEVENS_OK;
    sevens_release_head *head = *out = calloc(1, sizeof *head);
    SEVENS_TRY_ALLOC(head);
    read_head_keys(doc, &s);
    if (s.name != NULL && !sevens_release_name_is_valid(s.name))
        sevens_document_fault(doc, sevens_node_get(sevens_document_root(doc), "name"),
                              "'name' may hold letters, digits, '-', '_' and '.' only");
    head->name = sevens_strdup(s.name != NULL ? s.name : "");
    SEVENS_TRY_ALLOC(head->name);
    head->electron_recoils = s.electron_recoils;
    head->projection = s.projection;
    if (s.options != NULL && s.options->n > SEVENS_RELEASE_MAX_OPTIONS)
        sevens_document_fault(doc, s.options, "%zu options; at most %d can be used", s.options->n,
                              SEVENS_RELEASE_MAX_OPTIONS);
    else
        for (size_t i = 0; s.options != NULL && i < s.options->n; i++)
            SEVENS_TRY(read_option(head, doc, s.options->key[i], s.options->item[i], err));
    SEVENS_TRY(read_excludes(head, doc, s.excludes, err));
    SEVENS_TRY(sevens_document_finish(doc, err));

cleanup:
    if (status != SEVENS_OK)
        sevens_release_head_free(out);
    return status;
}

sevens_status sevens_release_head_load(sevens_release_head **head, const char *folder,
                                       sevens_error *err)
{
    sevens_document *doc = NULL;
    sevens_status status = SEVENS_OK;
    *head = NULL;
    char *path = sevens_path_join(folder, "release.yaml");
    SEVENS_TRY_ALLOC(path);
    SEVENS_TRY(sevens_document_load(&doc, path, err));
    SEVENS_TRY(read_head(head, doc, err));

cleanup:
    sevens_document_free(&doc);
    free(path);
    return status;
}

void sevens_release_head_free(sevens_release_head **head)
{
    sevens_release_head *h = *head;
    if (h == NULL)
        return;
    for (size_t i = 0; i < h->n_option; i++) {
        free(h->option[i].name);
        free(h->option[i].doc);
        for (size_t k = 0; k < h->option[i].n_choice; k++)
            free(h->option[i].choice[k]);
        free(h->option[i].choice);
    }
    for (size_t i = 0; i < h->n_excluded; i++)
        free(h->excluded[i]);
    free(h->name);
    free(h);
    *head = NULL;
}

/* ---- choices ---- */

static const sevens_node *choices_node(const sevens_node *options, const char *option)
{
    return sevens_node_get(sevens_node_get(options, option), "choices");
}

/* One choice of the caller, put in its place; a fault when there is no such option or choice. */
static void take_choice(const sevens_release_head *head, sevens_document *doc,
                        const sevens_release_option *choice, size_t chosen[], bool given[])
{
    const char *names[SEVENS_RELEASE_MAX_OPTIONS];
    char suggestion[SEVENS_SUGGESTION];
    const sevens_node *root = sevens_document_root(doc),
                      *options = sevens_node_get(root, "options");
    size_t o = 0, c = 0;
    for (size_t i = 0; i < head->n_option; i++)
        names[i] = head->option[i].name;
    while (o < head->n_option && strcmp(names[o], choice->name) != 0)
        o++;
    if (o == head->n_option) {
        sevens_document_fault(doc, options != NULL ? options : root, "%s has no option '%.60s'; %s",
                              head->name, choice->name,
                              sevens_suggest(suggestion, choice->name, names, head->n_option));
        return;
    }
    const sevens_release_option_doc *option = &head->option[o];
    while (c < option->n_choice && strcmp(option->choice[c], choice->value) != 0)
        c++;
    if (c == option->n_choice)
        sevens_document_fault(doc, choices_node(options, option->name),
                              "option '%s' has no choice '%.60s'; %s", option->name, choice->value,
                              sevens_suggest(suggestion, choice->value,
                                             (const char *const *)option->choice,
                                             option->n_choice));
    else if (given[o])
        sevens_document_fault(doc, choices_node(options, option->name),
                              "option '%s' is chosen twice", option->name);
    else
        chosen[o] = c;
    given[o] = true;
}

/* Notes the choices made in the release, and takes over the releases that it excludes. */
static sevens_status keep_head(sevens_release *r, sevens_release_head *head, const size_t chosen[],
                               sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    r->electron_recoils = head->electron_recoils;
    for (size_t o = 0; o < head->n_option; o++) {
        sevens_release_option *option = &r->option[r->n_option++];
        option->name = sevens_strdup(head->option[o].name);
        SEVENS_TRY_ALLOC(option->name);
        option->value = sevens_strdup(head->option[o].choice[chosen[o]]);
        SEVENS_TRY_ALLOC(option->value);
    }
    memcpy(r->excluded, head->excluded, sizeof r->excluded);
    r->n_excluded = head->n_excluded;
    head->n_excluded = 0;

cleanup:
    return status;
}

static sevens_status lay_over(sevens_release_reader *reader, const sevens_node *patch,
                              sevens_error *err)
{
    if (sevens_node_is_null(patch))
        return SEVENS_OK;
    reader->root = sevens_document_merge(reader->doc, reader->root, patch);
    return reader->root != NULL ? SEVENS_OK : sevens_document_finish(reader->doc, err);
}

sevens_status sevens_release_choose(sevens_release_reader *reader,
                                    const sevens_release_option *choices, size_t n_choice,
                                    const sevens_node *patch, sevens_error *err)
{
    sevens_document *doc = reader->doc;
    size_t chosen[SEVENS_RELEASE_MAX_OPTIONS] = {0};
    bool given[SEVENS_RELEASE_MAX_OPTIONS] = {false};
    sevens_release_head *head = NULL;
    sevens_status status;

    reader->root = sevens_document_root(doc);
    SEVENS_TRY(read_head(&head, doc, err));
    for (size_t i = 0; i < n_choice; i++)
        take_choice(head, doc, &choices[i], chosen, given);
    if (patch != NULL)
        check_patch(doc, patch, "patch");
    SEVENS_TRY(sevens_document_finish(doc, err));
    const sevens_node *options = sevens_node_get(reader->root, "options");
    for (size_t o = 0; o < head->n_option; o++)
        SEVENS_TRY(
            lay_over(reader, choices_node(options, head->option[o].name)->item[chosen[o]], err));
    if (patch != NULL)
        SEVENS_TRY(lay_over(reader, patch, err));
    SEVENS_TRY(keep_head(reader->release, head, chosen, err));

cleanup:
    sevens_release_head_free(&head);
    return status;
}
