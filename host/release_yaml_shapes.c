/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nuisances that change templates: the section `shapes` of release.yaml, and the older
 * `variations`, which are shapes of the response by another name. docs/physics.md eq. 52. */
#include "document_internal.h"
#include "release_internal.h"

#include "sevens/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A new shape, or NULL when there is a fault with its name or number. */
static sevens_status add_shape(sevens_release_reader *reader, const sevens_node *item,
                               const char *name, sevens_shape **out, sevens_error *err)
{
    sevens_release *r = reader->release;
    sevens_document *doc = reader->doc;
    sevens_status status = SEVENS_OK;
    bool twice = strcmp(name, "signal") == 0;
    *out = NULL;
    for (size_t i = 0; i < r->n_shape; i++)
        twice = twice || strcmp(r->shape[i].name, name) == 0;
    for (size_t i = 0; i < r->n_background; i++)
        twice = twice || strcmp(r->background[i].name, name) == 0;
    if (r->n_shape == SEVENS_RELEASE_MAX_SHAPES)
        sevens_document_fault(doc, item, "more than %d shapes", SEVENS_RELEASE_MAX_SHAPES);
    else if (!sevens_release_word_is_valid(name))
        sevens_document_fault(doc, item, "shape '%.60s': letters, digits and '_' only", name);
    else if (twice)
        sevens_document_fault(doc, item, "'%s' is the name of another nuisance", name);
    else {
        sevens_shape *shape = &r->shape[r->n_shape];
        shape->name = sevens_strdup(name);
        SEVENS_TRY_ALLOC(shape->name);
        r->n_shape++;
        *out = shape;
    }

cleanup:
    return status;
}

/* One side: the response with `patch` over it. */
static sevens_status read_side(sevens_release_reader *reader, const char *name, const char *side,
                               const sevens_node *patch, sevens_response_parameters *p,
                               sevens_error *err)
{
    char where[100];
    const sevens_node *node =
        sevens_document_merge(reader->doc, sevens_node_get(reader->root, "response"), patch);
    if (node == NULL)
        return sevens_document_finish(reader->doc, err);
    snprintf(where, sizeof where, "shapes.%.60s.%s", name, side);
    sevens_release_read_response(reader, node, where, p);
    return SEVENS_OK;
}

static sevens_status read_sides(sevens_release_reader *reader, sevens_shape *shape,
                                const sevens_node *item, const sevens_node *plus,
                                const sevens_node *minus, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    shape->of = SEVENS_SHAPE_RESPONSE;
    shape->one_sided = minus == NULL;
    if (reader->release->n_node > 0) {
        sevens_document_fault(reader->doc, item,
                              "shape '%s': 'response.nodes_keVnr' cannot be changed", shape->name);
        return SEVENS_OK;
    }
    if (!reader->response_is_good)
        return SEVENS_OK;
    SEVENS_TRY(read_side(reader, shape->name, "plus", plus, &shape->plus, err));
    if (minus != NULL)
        SEVENS_TRY(read_side(reader, shape->name, "minus", minus, &shape->minus, err));

cleanup:
    return status;
}

/* What `of` means; false with a fault. */
static bool find_template(const sevens_release_reader *reader, const sevens_node *item,
                          const char *of, sevens_shape *shape)
{
    const sevens_release *r = reader->release;
    const char *names[2 + SEVENS_RELEASE_MAX_BACKGROUNDS] = {"response", "signal"};
    char suggestion[SEVENS_SUGGESTION];
    size_t i = 0;
    for (size_t b = 0; b < r->n_background; b++)
        names[2 + b] = r->background[b].name;
    while (i < 2 + r->n_background && strcmp(names[i], of) != 0)
        i++;
    if (i == 2 + r->n_background) {
        sevens_document_fault(reader->doc, sevens_node_get(item, "of"),
                              "shape '%s': there is no template '%.60s'; %s", shape->name, of,
                              sevens_suggest(suggestion, of, names, i));
        return false;
    }
    shape->of = i == 0   ? SEVENS_SHAPE_RESPONSE
                : i == 1 ? SEVENS_SHAPE_SPREAD
                         : SEVENS_SHAPE_BACKGROUND;
    shape->background = i >= 2 ? i - 2 : 0;
    if (i == 1 && r->n_node > 0)
        sevens_document_fault(reader->doc, item,
                              "shape '%s': the signal has no weights by flavour here, since it is "
                              "given by 'tables.yields'",
                              shape->name);
    return true;
}

static sevens_status read_shape(sevens_release_reader *reader, const sevens_node *item,
                                sevens_error *err)
{
    struct section {
        const char *name, *of, *file, *sha256;
        const sevens_node *plus, *minus;
    } s = {0};
    static const sevens_key keys[] = {
        TEXT_KEY(struct section, name, NULL, "of the nuisance"),
        TEXT_KEY(struct section, of, NULL, "response, signal or a background"),
        MAP_KEY(struct section, plus, "", "keys of the response at +1 sigma"),
        MAP_KEY(struct section, minus, "", "keys of the response at -1 sigma"),
        TEXT_KEY(struct section, file, "", "change of the template at +1 sigma"),
        TEXT_KEY(struct section, sha256, "", "its checksum"),
    };
    sevens_document *doc = reader->doc;
    sevens_shape *shape;
    sevens_status status = SEVENS_OK;
    const size_t before = sevens_document_faults(doc);
    sevens_document_read(doc, item, "shapes", keys, N_KEYS(keys), &s);
    if (sevens_document_faults(doc) > before)
        return SEVENS_OK;
    SEVENS_TRY(add_shape(reader, item, s.name, &shape, err));
    if (shape == NULL || !find_template(reader, item, s.of, shape))
        return SEVENS_OK;
    if (shape->of == SEVENS_SHAPE_RESPONSE) {
        if (s.plus == NULL || s.file != NULL || s.sha256 != NULL)
            sevens_document_fault(doc, item, "shape '%s': of the response needs 'plus', no 'file'",
                                  shape->name);
        else
            SEVENS_TRY(read_sides(reader, shape, item, s.plus, s.minus, err));
    } else if (s.file == NULL || s.plus != NULL || s.minus != NULL) {
        sevens_document_fault(doc, item, "shape '%s': of a template needs 'file', no 'plus'",
                              shape->name);
    } else {
        sevens_release_note_file(doc, item, "shapes", s.file, s.sha256,
                                 &reader->shape[shape - reader->release->shape]);
    }

cleanup:
    return status;
}

/* ---- variations ---- */

/* {part: {coefficients: list}}, a patch for the response; NULL when memory is out. */
static sevens_node *coefficients_patch(sevens_document *doc, const char *part,
                                       const sevens_node *list)
{
    const char *const names[] = {"coefficients", part};
    sevens_node *node = (sevens_node *)list; /* not changed: patches are copied */
    for (size_t level = 0; level < N_KEYS(names); level++) {
        sevens_node *key = sevens_document_alloc(doc, sizeof *key);
        sevens_node *mapping = sevens_document_alloc(doc, sizeof *mapping);
        char *text = sevens_document_keep(doc, names[level], strlen(names[level]));
        if (key == NULL || mapping == NULL || text == NULL)
            return NULL;
        *mapping = (sevens_node){.kind = SEVENS_NODE_MAPPING,
                                 .line = list->line,
                                 .column = list->column,
                                 .origin = list->origin};
        *key = *mapping;
        key->kind = SEVENS_NODE_SCALAR;
        key->text = text;
        if (!sevens_node_append(doc, mapping, key, node))
            return NULL;
        node = mapping;
    }
    return node;
}

static sevens_status read_variation(sevens_release_reader *reader, const sevens_node *item,
                                    const char *part, sevens_error *err)
{
    struct section {
        const char *name;
        const sevens_node *plus, *minus;
    } s = {0};
    static const sevens_key keys[] = {
        TEXT_KEY(struct section, name, NULL, "of the nuisance"),
        LIST_KEY(struct section, plus, NULL, "coefficients at +1 sigma"),
        LIST_KEY(struct section, minus, NULL, "coefficients at -1 sigma"),
    };
    sevens_document *doc = reader->doc;
    sevens_shape *shape;
    sevens_status status = SEVENS_OK;
    const size_t before = sevens_document_faults(doc);
    sevens_document_read(doc, item, "variations", keys, N_KEYS(keys), &s);
    if (sevens_document_faults(doc) > before)
        return SEVENS_OK;
    SEVENS_TRY(add_shape(reader, item, s.name, &shape, err));
    if (shape == NULL)
        return SEVENS_OK;
    const sevens_node *plus = coefficients_patch(doc, part, s.plus);
    const sevens_node *minus = coefficients_patch(doc, part, s.minus);
    SEVENS_TRY_ALLOC(plus);
    SEVENS_TRY_ALLOC(minus);
    SEVENS_TRY(read_sides(reader, shape, item, plus, minus, err));

cleanup:
    return status;
}

static sevens_status read_variations(sevens_release_reader *reader, const sevens_node *node,
                                     sevens_error *err)
{
    struct section {
        const sevens_node *quenching, *efficiency;
    } s = {0};
    static const sevens_key keys[] = {
        LIST_KEY(struct section, quenching, "", "of response.quenching.coefficients"),
        LIST_KEY(struct section, efficiency, "", "of response.efficiency.coefficients"),
    };
    sevens_status status = SEVENS_OK;
    sevens_document_read(reader->doc, node, "variations", keys, N_KEYS(keys), &s);
    for (size_t i = 0; s.quenching != NULL && i < s.quenching->n; i++)
        SEVENS_TRY(read_variation(reader, s.quenching->item[i], "quenching", err));
    for (size_t i = 0; s.efficiency != NULL && i < s.efficiency->n; i++)
        SEVENS_TRY(read_variation(reader, s.efficiency->item[i], "efficiency", err));

cleanup:
    return status;
}

sevens_status sevens_release_read_shapes(sevens_release_reader *reader, const sevens_node *shapes,
                                         const sevens_node *variations, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    for (size_t i = 0; shapes != NULL && i < shapes->n; i++)
        SEVENS_TRY(read_shape(reader, shapes->item[i], err));
    if (variations != NULL)
        SEVENS_TRY(read_variations(reader, variations, err));

cleanup:
    return status;
}
