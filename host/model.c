/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making models: lists of kinds that act together, and the rules of what may. Points and rows:
 * host/model_evaluate.c. */
#include "document_internal.h"
#include "model_internal.h"
#include "sevens/text.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODEL_ENTRY(name) &sevens_model_kind_##name,
static const sevens_model_kind *const kinds[] = {MODEL_KINDS(MODEL_ENTRY)};
#undef MODEL_ENTRY

#define N_KINDS (sizeof kinds / sizeof kinds[0])

const sevens_model_kind *sevens_model_kind_at(size_t index)
{
    return index < N_KINDS ? kinds[index] : NULL;
}

const sevens_model_kind *sevens_model_kind_find(const char *name)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    }
    return NULL;
}

/* ---- entries of the list ---- */

static void unknown_kind(sevens_document *doc, const sevens_node *node)
{
    const char *names[N_KINDS];
    char suggestion[SEVENS_SUGGESTION];

    for (size_t i = 0; i < N_KINDS; i++)
        names[i] = kinds[i]->name;
    sevens_document_fault(doc, node, "unknown model kind '%.60s'; %s", node->text,
                          sevens_suggest(suggestion, node->text, names, N_KINDS));
}

/* A key that every kind has. */
static const sevens_node *common_key(const sevens_node *entry, const char *key)
{
    return entry && entry->kind == SEVENS_NODE_MAPPING ? sevens_node_get(entry, key) : NULL;
}

/* The entry's options without the keys that every kind has, through the kind's table. */
static void read_options(void *options, const sevens_model_kind *kind, sevens_document *doc,
                         const sevens_node *entry)
{
    static const sevens_node empty = {.kind = SEVENS_NODE_MAPPING};
    sevens_node view = entry && entry->kind == SEVENS_NODE_MAPPING ? *entry : empty;
    sevens_node *key[64], *item[64];
    size_t n = 0;

    for (size_t i = 0; i < view.n && n < 64; i++) {
        if (strcmp(view.key[i]->text, "kind") == 0 || strcmp(view.key[i]->text, "as") == 0)
            continue;
        key[n] = view.key[i];
        item[n] = view.item[i];
        n++;
    }
    view.n = n;
    view.key = key;
    view.item = item;
    sevens_document_read(doc, &view, kind->name, kind->options, kind->n_options, options);
    if (kind->configure)
        kind->configure(options, doc, entry);
}

/* The kind that an entry names: a plain name, or a mapping with `kind`. */
static const sevens_model_kind *entry_kind(sevens_document *doc, const sevens_node *entry)
{
    const sevens_node *name = entry;
    const sevens_model_kind *kind;

    if (entry->kind == SEVENS_NODE_MAPPING)
        name = sevens_node_get(entry, "kind");
    if (!name || name->kind != SEVENS_NODE_SCALAR) {
        sevens_document_fault(doc, entry, "a model entry needs a 'kind'");
        return NULL;
    }
    kind = sevens_model_kind_find(name->text);
    if (!kind)
        unknown_kind(doc, name);
    return kind;
}

/* `as: NAME`, a short lower-case name of its own. */
static void read_as(const sevens_model *model, model_instance *in, sevens_document *doc,
                    const sevens_node *entry)
{
    const sevens_node *as = common_key(entry, "as");
    bool good;

    if (!as || sevens_node_is_null(as))
        return;
    good = as->kind == SEVENS_NODE_SCALAR && islower((unsigned char)as->text[0]) &&
           strlen(as->text) < sizeof in->as;
    for (const char *p = good ? as->text : ""; *p; p++)
        good &= islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '_';
    if (!good || in->kind == &sevens_model_kind_sm) {
        sevens_document_fault(doc, as,
                              good ? "'as' goes with every kind but sm"
                                   : "'as' is a name of lower-case letters, digits and _");
        return;
    }
    for (size_t i = 0; i < model->n_instance; i++) {
        if (strcmp(model->instance[i].as, as->text) == 0)
            sevens_document_fault(doc, as, "the name '%s' is given twice", as->text);
    }
    snprintf(in->as, sizeof in->as, "%s", as->text);
}

/* ---- parameters ---- */

static bool same_boson(const model_instance *a, const model_instance *b)
{
    return a->as[0] == '\0' && b->as[0] == '\0' &&
           ((a->kind->same_boson && strcmp(a->kind->same_boson, b->kind->name) == 0) ||
            (b->kind->same_boson && strcmp(b->kind->same_boson, a->kind->name) == 0));
}

static void name_clash(sevens_document *doc, const sevens_node *entry, const model_instance *in,
                       const model_instance *other, const char *name)
{
    if (in->kind == other->kind)
        sevens_document_fault(doc, entry,
                              "kind '%s' stands twice: give one a name with 'as: NAME', and its "
                              "parameters are NAME.%s and so on",
                              in->kind->name, name);
    else
        sevens_document_fault(doc, entry,
                              "kinds '%s' and '%s' both have a parameter '%s': give one a name "
                              "with 'as: NAME', and its parameter is NAME.%s",
                              other->kind->name, in->kind->name, name, name);
}

/* The instance that has the parameter `index` of the model. */
static const model_instance *parameter_owner(const sevens_model *model, size_t index)
{
    for (size_t i = 0; i < model->n_instance; i++) {
        for (size_t p = 0; p < model->instance[i].n_parameters; p++) {
            if (model->instance[i].index[p] == index)
                return &model->instance[i];
        }
    }
    return NULL;
}

/* Enters the parameters of a new instance in the model's list; the same boson's are entered once.
 */
static sevens_status add_parameters(sevens_model *model, model_instance *in, sevens_document *doc,
                                    const sevens_node *entry, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    for (size_t i = 0; i < in->n_parameters; i++) {
        char name[128];
        size_t at;

        snprintf(name, sizeof name, "%s%s%s", in->as, in->as[0] ? "." : "", in->parameters[i].name);
        at = in->index[i] = sevens_model_find(model, name);
        if (at < model->n_parameters) {
            const model_instance *owner = parameter_owner(model, at);

            if (owner && !same_boson(in, owner)) {
                name_clash(doc, entry, in, owner, in->parameters[i].name);
                return SEVENS_OK;
            }
            continue;
        }
        if (at == SEVENS_MODEL_MAX_PARAMETERS)
            return sevens_fail(err, SEVENS_ERR_INPUT, "a model has at most %d parameters",
                               SEVENS_MODEL_MAX_PARAMETERS);
        model->parameter[at] = in->parameters[i];
        model->n_parameters++;
        if (in->as[0]) {
            model->parameter[at].name = model->renamed[at] = strdup(name);
            SEVENS_TRY_ALLOC(model->renamed[at]);
        }
    }
cleanup:
    return status;
}

static bool has_derived(const sevens_model *model, const char *name)
{
    size_t i = 0;

    while (i < model->n_derived && strcmp(model->derived[i].name, name) != 0)
        i++;
    return i < model->n_derived;
}

/* Enters the derived quantities of a new instance in the model's list. */
static sevens_status add_derived(sevens_model *model, model_instance *in, sevens_document *doc,
                                 const sevens_node *entry, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    in->first_derived = model->n_derived;
    for (size_t i = 0; i < in->kind->n_derived; i++) {
        size_t at = model->n_derived;
        char name[128];

        if (at == SEVENS_MODEL_MAX_DERIVED)
            return sevens_fail(err, SEVENS_ERR_INPUT, "a model has at most %d derived quantities",
                               SEVENS_MODEL_MAX_DERIVED);
        snprintf(name, sizeof name, "%s%s%s", in->as, in->as[0] ? "." : "",
                 in->kind->derived[i].name);
        if (has_derived(model, name))
            sevens_document_fault(doc, entry,
                                  "kind '%s' and one before it both derive '%s': give one a name "
                                  "with 'as: NAME'",
                                  in->kind->name, name);
        model->derived[at] = in->kind->derived[i];
        if (in->as[0]) {
            model->derived[at].name = model->renamed_derived[at] = strdup(name);
            SEVENS_TRY_ALLOC(model->renamed_derived[at]);
        }
        model->n_derived++;
    }
cleanup:
    return status;
}

static sevens_status add_terms(sevens_model *model, model_instance *in, sevens_error *err)
{
    in->first_term = model->n_terms;
    if (model->n_terms + in->n_terms > SEVENS_MODEL_MAX_TERMS)
        return sevens_fail(err, SEVENS_ERR_INPUT, "a model has at most %d amplitudes",
                           SEVENS_MODEL_MAX_TERMS);
    for (size_t t = 0; t < in->n_terms; t++) {
        model->term[model->n_terms] = in->terms[t];
        model->owner[model->n_terms++] = model->n_instance;
    }
    return SEVENS_OK;
}

static sevens_status add_kind(sevens_model *model, const sevens_model_kind *kind,
                              sevens_document *doc, const sevens_node *entry, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    model_instance *new = &model->instance[model->n_instance];
    const sevens_model_variant *variant;

    new->kind = kind;
    new->options = calloc(1, kind->options_size ? kind->options_size : 1);
    SEVENS_TRY_ALLOC(new->options);
    read_options(new->options, kind, doc, entry);
    read_as(model, new, doc, entry);
    new->parameters = kind->parameters;
    new->n_parameters = kind->n_parameters;
    variant = kind->select_variant ? kind->select_variant(new->options) : NULL;
    if (variant) {
        new->parameters = variant->parameters;
        new->n_parameters = variant->n_parameters;
    }
    new->terms = kind->terms;
    new->n_terms = kind->n_terms;
    if (kind->select_terms)
        new->terms = kind->select_terms(new->options, &new->n_terms);
    SEVENS_TRY(add_parameters(model, new, doc, entry, err));
    SEVENS_TRY(add_derived(model, new, doc, entry, err));
    SEVENS_TRY(add_terms(model, new, err));
    if (kind->depth)
        model->vanishing = model->n_instance;
    model->n_instance++;
cleanup:
    return status;
}

/* ---- what may act together ---- */

/* Kinds whose amplitude turns the neutrino's chirality. */
static bool turns_chirality(const model_instance *in)
{
    for (size_t t = 0; t < in->n_terms; t++) {
        sevens_current c = in->terms[t].current;

        if (c == SEVENS_SCALAR || c == SEVENS_TENSOR || c == SEVENS_MAGNETIC)
            return true;
    }
    return false;
}

static void check_pair(const model_instance *a, const model_instance *b, bool incoherent,
                       sevens_document *doc, const sevens_node *entry)
{
    const model_instance *lost = a->kind->depth ? a : b, *other = lost == a ? b : a;

    if (!incoherent && turns_chirality(a) && turns_chirality(b))
        sevens_document_fault(
            doc, entry,
            "kinds '%s' and '%s' both turn the neutrino's chirality, and how they "
            "interfere is not fixed (phases, flavour structure): write "
            "'interference: none' in the scan file to add their rates",
            a->kind->name, b->kind->name);
    if (!lost->kind->depth)
        return;
    if (other->kind->depth)
        sevens_document_fault(doc, entry, "two kinds that let neutrinos vanish do not go together");
    else if (other->kind->tells_flavours && other->kind->tells_flavours(other->options))
        sevens_document_fault(doc, entry,
                              "kind '%s' takes all active flavours for alike, but kind '%s' tells "
                              "them apart: appearance of other flavours would matter",
                              lost->kind->name, other->kind->name);
}

static void check_together(sevens_model *model, bool incoherent, sevens_document *doc,
                           const sevens_node *entry)
{
    for (size_t i = 1; i < model->n_instance; i++) {
        model_instance *a = &model->instance[i];

        for (size_t j = 1; j < model->n_instance; j++) {
            const model_instance *b = &model->instance[j];

            if (j < i)
                check_pair(b, a, incoherent, doc, entry);
            if (a->kind->join && i != j && same_boson(a, b) && a->kind->same_boson &&
                strcmp(a->kind->same_boson, b->kind->name) == 0)
                a->kind->join(a->options, b->options, doc, entry);
        }
    }
}

static void make_title(sevens_model *model)
{
    size_t used = 0;
    size_t first = model->n_instance > 1 ? 1 : 0; /* `sm` goes without saying */

    for (size_t i = first; i < model->n_instance && used < sizeof model->title; i++) {
        const model_instance *in = &model->instance[i];
        const char *label = in->kind->label ? in->kind->label(in->options) : NULL;

        used +=
            (size_t)snprintf(model->title + used, sizeof model->title - used, "%s%s%s%s",
                             i > first ? " + " : "", in->as, in->as[0] ? ": " : "", in->kind->name);
        if (label && used < sizeof model->title)
            used +=
                (size_t)snprintf(model->title + used, sizeof model->title - used, " (%s)", label);
    }
}

/* ---- models ---- */

static sevens_status new_model(sevens_model **model, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    *model = calloc(1, sizeof **model);
    SEVENS_TRY_ALLOC(*model);
    (*model)->n_terms = SEVENS_N_CONTACT;
cleanup:
    return status;
}

/* The kinds of a list of entries; false when one is unknown. */
static bool find_kinds(sevens_document *doc, const sevens_node *const *items, size_t n,
                       const sevens_model_kind **kind)
{
    bool good = true, sm = false;

    for (size_t i = 0; i < n; i++) {
        kind[i] = entry_kind(doc, items[i]);
        good &= kind[i] != NULL;
        if (kind[i] == &sevens_model_kind_sm && sm) {
            sevens_document_fault(doc, items[i], "kind 'sm' stands twice");
            good = false;
        }
        sm |= kind[i] == &sevens_model_kind_sm;
    }
    return good;
}

sevens_status sevens_model_create(sevens_model **out, sevens_document *doc,
                                  const sevens_node *entry, bool incoherent, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    bool list = entry->kind == SEVENS_NODE_SEQUENCE;
    size_t n = list ? entry->n : 1, before = sevens_document_faults(doc);
    const sevens_model_kind *kind[MODEL_MAX_INSTANCES] = {0};
    const sevens_node *items[MODEL_MAX_INSTANCES] = {0}, *sm_entry = NULL;
    sevens_model *model = NULL;

    *out = NULL;
    if (n == 0 || n > MODEL_MAX_INSTANCES - 1) {
        sevens_document_fault(doc, entry, "a model is a list of 1 to %d kinds",
                              MODEL_MAX_INSTANCES - 1);
        goto cleanup;
    }
    SEVENS_TRY(new_model(&model, err));
    for (size_t i = 0; i < n; i++)
        items[i] = list ? entry->item[i] : entry;
    if (!find_kinds(doc, items, n, kind))
        goto cleanup;
    for (size_t i = 0; i < n; i++)
        sm_entry = kind[i] == &sevens_model_kind_sm ? items[i] : sm_entry;
    SEVENS_TRY(add_kind(model, &sevens_model_kind_sm, doc, sm_entry, err));
    sevens_sm_contact_terms(model->instance[0].options, model->term);
    for (size_t i = 0; i < n; i++) {
        if (kind[i] != &sevens_model_kind_sm)
            SEVENS_TRY(add_kind(model, kind[i], doc, items[i], err));
    }
    if (sevens_document_faults(doc) > before)
        goto cleanup;
    check_together(model, incoherent, doc, entry);
    make_title(model);
    *out = model;
    model = NULL;
cleanup:
    sevens_model_destroy(&model);
    return status;
}

sevens_status sevens_model_create_sm(sevens_model **out, const sevens_model *model,
                                     sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_model *sm = NULL;
    model_instance *in;

    *out = NULL;
    SEVENS_TRY(new_model(&sm, err));
    in = &sm->instance[0];
    *in = model->instance[0];
    in->options = malloc(in->kind->options_size);
    SEVENS_TRY_ALLOC(in->options);
    memcpy(in->options, model->instance[0].options, in->kind->options_size);
    sm->n_instance = 1;
    sm->n_parameters = in->n_parameters; /* they come first in every model */
    memcpy(sm->parameter, model->parameter, in->n_parameters * sizeof *sm->parameter);
    memcpy(sm->term, model->term, SEVENS_N_CONTACT * sizeof *sm->term);
    make_title(sm);
    *out = sm;
    sm = NULL;
cleanup:
    sevens_model_destroy(&sm);
    return status;
}

void sevens_model_destroy(sevens_model **model)
{
    if (!*model)
        return;
    for (size_t i = 0; i < MODEL_MAX_INSTANCES; i++) {
        model_instance *in = &(*model)->instance[i];

        if (in->options && in->kind->release)
            in->kind->release(in->options);
        free(in->options);
    }
    for (size_t i = 0; i < SEVENS_MODEL_MAX_PARAMETERS; i++) {
        free((*model)->renamed[i]);
        free((*model)->tie[i]);
    }
    for (size_t i = 0; i < SEVENS_MODEL_MAX_DERIVED; i++)
        free((*model)->renamed_derived[i]);
    free(*model);
    *model = NULL;
}
