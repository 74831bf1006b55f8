/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registry of model kinds, and models as lists of kinds whose amplitudes add. */
#include "sevens/model.h"
#include "model_internal.h"
#include "sevens/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A new kind is one line here. `sm` stays first: it is part of every model. */
static const sevens_model_kind *const kinds[] = {
    &sevens_model_kind_sm,
    &sevens_model_kind_nsi,
    &sevens_model_kind_zprime,
};

#define N_KINDS (sizeof kinds / sizeof kinds[0])
#define MAX_INSTANCES 8

typedef struct instance {
    const sevens_model_kind *kind;
    void *options;                      /* [kind->options_size] owned */
    const sevens_parameter *parameters; /* of the kind, or of its options */
    size_t n_parameters;
    size_t first_parameter; /* in the model's list */
    size_t first_shape;     /* in the model's list; contact is 0 */
} instance;

struct sevens_model {
    size_t n_instance;
    instance instance[MAX_INSTANCES]; /* [0] is `sm` */
    size_t n_parameters, n_shapes;
    char title[256];
};

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

/* ---- making a model ---- */

static void unknown_kind(sevens_document *doc, const sevens_node *node)
{
    const char *names[N_KINDS];

    for (size_t i = 0; i < N_KINDS; i++)
        names[i] = kinds[i]->name;
    sevens_document_fault(doc, node, "unknown model kind '%s'; did you mean '%s'?", node->text,
                          names[sevens_nearest(node->text, names, N_KINDS)]);
}

/* The entry's options without `kind`, through the kind's table. */
static void read_options(void *options, const sevens_model_kind *kind, sevens_document *doc,
                         const sevens_node *entry)
{
    static const sevens_node empty = {.kind = SEVENS_NODE_MAPPING};
    sevens_node view = entry && entry->kind == SEVENS_NODE_MAPPING ? *entry : empty;
    sevens_node *key[64], *item[64];
    size_t n = 0;

    for (size_t i = 0; i < view.n && n < 64; i++) {
        if (strcmp(view.key[i]->text, "kind") == 0)
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

static sevens_status add_kind(sevens_model *model, const sevens_model_kind *kind,
                              sevens_document *doc, const sevens_node *entry, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    instance *new = &model->instance[model->n_instance];

    new->kind = kind;
    new->options = calloc(1, kind->options_size ? kind->options_size : 1);
    SEVENS_TRY_ALLOC(new->options);
    new->first_parameter = model->n_parameters;
    new->first_shape = model->n_shapes;
    read_options(new->options, kind, doc, entry);
    new->parameters = kind->parameters;
    new->n_parameters = kind->n_parameters;
    if (kind->select_parameters)
        new->parameters = kind->select_parameters(new->options, &new->n_parameters);
    model->n_instance++;
    model->n_parameters += new->n_parameters;
    model->n_shapes += kind->n_shapes;
cleanup:
    return status;
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

static void make_title(sevens_model *model)
{
    size_t used = 0;
    size_t first = model->n_instance > 1 ? 1 : 0; /* `sm` goes without saying */

    for (size_t i = first; i < model->n_instance && used < sizeof model->title; i++) {
        const instance *in = &model->instance[i];
        const char *label = in->kind->label ? in->kind->label(in->options) : NULL;

        used += (size_t)snprintf(model->title + used, sizeof model->title - used,
                                 label ? "%s%s (%s)" : "%s%s", i > first ? " + " : "",
                                 in->kind->name, label);
    }
}

sevens_status sevens_model_create(sevens_model **out, sevens_document *doc,
                                  const sevens_node *entry, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    bool list = entry->kind == SEVENS_NODE_SEQUENCE;
    size_t n = list ? entry->n : 1;
    const sevens_model_kind *seen[MAX_INSTANCES] = {0};
    const sevens_node *items[MAX_INSTANCES] = {0}, *sm_entry = NULL;
    sevens_model *model = calloc(1, sizeof *model);
    bool faulty = false;

    *out = NULL;
    SEVENS_TRY_ALLOC(model);
    model->n_shapes = 1;
    if (n == 0 || n > MAX_INSTANCES - 1) {
        sevens_document_fault(doc, entry, "a model is a list of 1 to %d kinds", MAX_INSTANCES - 1);
        goto cleanup;
    }
    for (size_t i = 0; i < n; i++) {
        items[i] = list ? entry->item[i] : entry;
        seen[i] = entry_kind(doc, items[i]);
        faulty |= !seen[i];
        for (size_t j = 0; j < i; j++) {
            if (seen[i] && seen[j] == seen[i]) {
                sevens_document_fault(doc, items[i], "kind '%s' stands twice", seen[i]->name);
                faulty = true;
            }
        }
        if (seen[i] == &sevens_model_kind_sm)
            sm_entry = items[i];
    }
    if (faulty)
        goto cleanup;
    SEVENS_TRY(add_kind(model, &sevens_model_kind_sm, doc, sm_entry, err));
    for (size_t i = 0; i < n; i++) {
        if (seen[i] != &sevens_model_kind_sm)
            SEVENS_TRY(add_kind(model, seen[i], doc, items[i], err));
    }
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
    sevens_model *sm = calloc(1, sizeof *sm);
    instance *in;

    *out = NULL;
    SEVENS_TRY_ALLOC(sm);
    in = &sm->instance[0];
    in->kind = &sevens_model_kind_sm;
    in->options = malloc(in->kind->options_size);
    SEVENS_TRY_ALLOC(in->options);
    memcpy(in->options, model->instance[0].options, in->kind->options_size);
    sm->n_instance = 1;
    in->parameters = in->kind->parameters;
    sm->n_parameters = in->n_parameters = in->kind->n_parameters;
    in->first_shape = sm->n_shapes = 1;
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
    for (size_t i = 0; i < MAX_INSTANCES; i++)
        free((*model)->instance[i].options);
    free(*model);
    *model = NULL;
}

/* ---- parameters ---- */

size_t sevens_model_n_parameters(const sevens_model *model)
{
    return model->n_parameters;
}

const sevens_parameter *sevens_model_parameter(const sevens_model *model, size_t index)
{
    for (size_t i = 0; i < model->n_instance; i++) {
        const instance *in = &model->instance[i];

        if (index < in->first_parameter + in->n_parameters)
            return &in->parameters[index - in->first_parameter];
    }
    return NULL;
}

size_t sevens_model_find(const sevens_model *model, const char *name)
{
    for (size_t i = 0; i < model->n_parameters; i++) {
        if (strcmp(sevens_model_parameter(model, i)->name, name) == 0)
            return i;
    }
    return model->n_parameters;
}

const char *sevens_model_nearest(const sevens_model *model, const char *name)
{
    const char *names[SEVENS_MODEL_MAX_PARAMETERS];
    size_t n = model->n_parameters;

    if (n > SEVENS_MODEL_MAX_PARAMETERS)
        n = SEVENS_MODEL_MAX_PARAMETERS;
    for (size_t i = 0; i < n; i++)
        names[i] = sevens_model_parameter(model, i)->name;
    return names[sevens_nearest(name, names, n)];
}

const sevens_sm_options *sevens_model_sm_options(const sevens_model *model)
{
    return model->instance[0].options;
}

const char *sevens_model_title(const sevens_model *model)
{
    return model->title;
}

double sevens_transform_apply(sevens_transform transform, double value)
{
    return transform == SEVENS_TRANSFORM_SQUARE ? value * value : value;
}

double sevens_transform_invert(sevens_transform transform, double x)
{
    return transform == SEVENS_TRANSFORM_SQUARE ? sqrt(x) : x;
}

/* ---- evaluation ---- */

/* What instance `in` sees of a point: mapped [in->n_parameters] is filled. */
static sevens_model_values instance_values(const instance *in, const sevens_model_point *point,
                                           sevens_affine *mapped)
{
    sevens_model_values values = {point->value + in->first_parameter, mapped};

    for (size_t i = 0; i < in->n_parameters; i++) {
        sevens_transform f = in->parameters[i].transform;

        if (in->first_parameter + i == point->row)
            mapped[i] = (sevens_affine){0.0, 1.0};
        else
            mapped[i] = (sevens_affine){sevens_transform_apply(f, values.value[i]), 0.0};
    }
    return values;
}

size_t sevens_model_n_shapes(const sevens_model *model)
{
    return model->n_shapes;
}

/* The instance that owns shape s >= 1. */
static const instance *shape_owner(const sevens_model *model, size_t s)
{
    size_t i = model->n_instance;

    while (--i > 0) {
        if (s >= model->instance[i].first_shape && model->instance[i].kind->n_shapes > 0)
            break;
    }
    return &model->instance[i];
}

void sevens_model_shape(const sevens_model *model, const sevens_model_point *point, size_t s,
                        size_t n, const double *q2, double *w)
{
    sevens_affine mapped[SEVENS_MODEL_MAX_PARAMETERS];
    const instance *in;
    sevens_model_values values;

    if (s == 0) {
        for (size_t i = 0; i < n; i++)
            w[i] = 1.0;
        return;
    }
    in = shape_owner(model, s);
    values = instance_values(in, point, mapped);
    in->kind->shape(in->options, &values, s - in->first_shape, n, q2, w);
}

static bool is_zero(const sevens_coupling *c)
{
    return c->p.c0 == 0.0 && c->p.c1 == 0.0 && c->n.c0 == 0.0 && c->n.c1 == 0.0;
}

bool sevens_model_amplitude(const sevens_model *model, const sevens_model_point *point,
                            sevens_family family, sevens_family final, sevens_coupling *coupling)
{
    sevens_affine mapped[SEVENS_MODEL_MAX_PARAMETERS];
    sevens_coupling part[1 + SEVENS_MODEL_MAX_SHAPES];
    bool any = false;

    memset(coupling, 0, model->n_shapes * sizeof *coupling);
    for (size_t i = 0; i < model->n_instance; i++) {
        const instance *in = &model->instance[i];
        sevens_model_values values = instance_values(in, point, mapped);

        memset(part, 0, (1 + in->kind->n_shapes) * sizeof *part);
        in->kind->amplitude(in->options, &values, family, final, part);
        for (size_t s = 0; s <= in->kind->n_shapes; s++) {
            sevens_coupling *sum = &coupling[s == 0 ? 0 : in->first_shape + s - 1];

            sum->p = sevens_affine_add(sum->p, part[s].p);
            sum->n = sevens_affine_add(sum->n, part[s].n);
        }
    }
    for (size_t s = 0; s < model->n_shapes; s++)
        any |= !is_zero(&coupling[s]);
    return any;
}

bool sevens_model_same_shape(const sevens_model *model, size_t s, const double *a, const double *b)
{
    const instance *in = s == 0 ? &model->instance[0] : shape_owner(model, s);

    for (size_t i = 0; i < in->n_parameters; i++) {
        size_t p = in->first_parameter + i;

        /* bit patterns: an unset (NaN) parameter equals itself */
        if (in->parameters[i].role == SEVENS_ROLE_TEMPLATE &&
            memcmp(&a[p], &b[p], sizeof a[p]) != 0)
            return false;
    }
    return true;
}

void sevens_model_radii(const sevens_model *model, const sevens_model_point *point,
                        const sevens_nucleus *nucleus, double *R_p_fm, double *R_n_fm)
{
    (void)model; /* `sm` comes first in every model */
    sevens_sm_radii(point->value, nucleus, R_p_fm, R_n_fm);
}
