/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters that follow others linearly. A model works their values out wherever it takes values,
 * so that no caller has to keep arrays consistent; along a row a tied coefficient moves with the
 * row variable. */
#include "model_internal.h"

#include <stdlib.h>

sevens_status sevens_model_set_tie(sevens_model *model, size_t parameter, const sevens_tie *tie,
                                   sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    if (!model->tie[parameter])
        model->tie[parameter] = malloc(sizeof *tie);
    SEVENS_TRY_ALLOC(model->tie[parameter]);
    *model->tie[parameter] = *tie;
cleanup:
    return status;
}

const sevens_tie *sevens_model_tie(const sevens_model *model, size_t parameter)
{
    return model->tie[parameter];
}

/* Without the part of the source `except`. */
static double tied_value(const sevens_tie *tie, const double *value, size_t except)
{
    double sum = tie->offset;

    for (size_t i = 0; i < tie->n; i++)
        sum += tie->source[i] == except ? 0.0 : tie->factor[i] * value[tie->source[i]];
    return sum;
}

double sevens_model_value(const sevens_model *model, const double *value, size_t parameter)
{
    const sevens_tie *tie = model->tie[parameter];

    return tie ? tied_value(tie, value, SEVENS_NO_ROW) : value[parameter];
}

void sevens_model_apply_ties(const sevens_model *model, double *value)
{
    for (size_t p = 0; p < model->n_parameters; p++)
        value[p] = sevens_model_value(model, value, p);
}

/* d value of p / d value of `on`. */
static double slope(const sevens_model *model, size_t p, size_t on)
{
    const sevens_tie *tie = model->tie[p];

    if (!tie)
        return p == on ? 1.0 : 0.0;
    for (size_t i = 0; i < tie->n; i++) {
        if (tie->source[i] == on)
            return tie->factor[i];
    }
    return 0.0;
}

sevens_affine sevens_model_mapped(const sevens_model *model, const sevens_model_point *point,
                                  size_t parameter)
{
    const sevens_tie *tie = model->tie[parameter];
    sevens_transform transform = model->parameter[parameter].transform;
    double c = slope(model, parameter, point->row);

    if (c == 0.0)
        return (sevens_affine){
            sevens_transform_apply(transform, sevens_model_value(model, point->value, parameter)),
            0.0};
    /* sevens_model_can_run: a square on a row is that of a multiple of the row parameter alone */
    if (transform == SEVENS_TRANSFORM_SQUARE)
        return (sevens_affine){0.0, c * c};
    return (sevens_affine){tie ? tied_value(tie, point->value, point->row) : 0.0, c};
}

/* Whether a parameter belongs to the kind that lets neutrinos vanish. */
static bool vanishes(const sevens_model *model, size_t parameter)
{
    const model_instance *in = &model->instance[model->vanishing];
    bool found = false;

    for (size_t i = 0; i < in->n_parameters && model->vanishing; i++)
        found |= in->index[i] == parameter;
    return found;
}

bool sevens_model_can_run(const sevens_model *model, size_t parameter)
{
    const sevens_parameter *row = &model->parameter[parameter];

    if (model->tie[parameter] || row->role != SEVENS_ROLE_COEFFICIENT)
        return false;
    for (size_t p = 0; p < model->n_parameters; p++) {
        const sevens_parameter *other = &model->parameter[p];
        const sevens_tie *tie = model->tie[p];

        if (!tie || slope(model, p, parameter) == 0.0)
            continue;
        if (other->role != SEVENS_ROLE_COEFFICIENT || other->transform != row->transform ||
            vanishes(model, p) != vanishes(model, parameter))
            return false;
        if (other->transform == SEVENS_TRANSFORM_SQUARE && (tie->n > 1 || tie->offset != 0.0))
            return false;
    }
    return true;
}

bool sevens_model_moves_templates(const sevens_model *model, size_t parameter)
{
    bool moves = false;

    for (size_t p = 0; p < model->n_parameters; p++)
        moves |=
            model->parameter[p].role == SEVENS_ROLE_TEMPLATE && slope(model, p, parameter) != 0.0;
    return moves;
}
