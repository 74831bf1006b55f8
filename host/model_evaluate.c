/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models at points and along rows: see model.h. Making them: host/model.c. */
#include "model_internal.h"
#include "sevens/hd/couplings.h"
#include "sevens/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- parameters ---- */

size_t sevens_model_n_parameters(const sevens_model *model)
{
    return model->n_parameters;
}

const sevens_parameter *sevens_model_parameter(const sevens_model *model, size_t index)
{
    return index < model->n_parameters ? &model->parameter[index] : NULL;
}

size_t sevens_model_find(const sevens_model *model, const char *name)
{
    for (size_t i = 0; i < model->n_parameters; i++) {
        if (strcmp(model->parameter[i].name, name) == 0)
            return i;
    }
    return model->n_parameters;
}

/* Whether some kind has the parameter, with its plain options at least. */
static bool is_of_a_kind(const char *name)
{
    const sevens_model_kind *kind;

    for (size_t i = 0; (kind = sevens_model_kind_at(i)) != NULL; i++) {
        for (size_t p = 0; p < kind->n_parameters; p++) {
            if (strcmp(kind->parameters[p].name, name) == 0)
                return true;
        }
    }
    return false;
}

const char *sevens_model_suggest(const sevens_model *model, const char *name,
                                 char buffer[SEVENS_SUGGESTION])
{
    const char *names[SEVENS_MODEL_MAX_PARAMETERS];
    size_t n_sm = model->instance[0].n_parameters;

    for (size_t i = 0; i < model->n_parameters; i++)
        names[i] = model->parameter[i].name;
    if (is_of_a_kind(name) &&
        model->n_parameters > n_sm) { /* no slip of the pen: it belongs elsewhere */
        int used = snprintf(buffer, SEVENS_SUGGESTION, "besides those of sm it has: ");

        sevens_list_names(buffer + used, SEVENS_SUGGESTION - (size_t)used, names + n_sm,
                          model->n_parameters - n_sm);
        return buffer;
    }
    return sevens_suggest(buffer, name, names, model->n_parameters);
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

const char *sevens_process_name(sevens_process process)
{
    return process == SEVENS_ES ? "es" : "cevns";
}

size_t sevens_family_pair(sevens_family a, sevens_family b)
{
    static const size_t pair[SEVENS_N_FAMILY][SEVENS_N_FAMILY] = {{0, 3, 4}, {3, 1, 5}, {4, 5, 2}};

    return pair[a][b];
}

bool sevens_always(const void *options)
{
    (void)options;
    return true;
}

double sevens_mediator_scale(double m_MeV)
{
    return sevens_mediator_amplitude(0.0, fmax(m_MeV, 1.0));
}

void sevens_mediator_shape(double m_MeV, size_t n, const double *q2, double *w)
{
    double unit = 1.0 / sevens_mediator_scale(m_MeV);

    for (size_t i = 0; i < n; i++)
        w[i] = unit * sevens_mediator_amplitude(q2[i], m_MeV);
}

/* ---- what a kind sees ---- */

typedef struct view {
    double value[MODEL_MAX_KIND_PARAMETERS];
    sevens_affine mapped[MODEL_MAX_KIND_PARAMETERS];
    sevens_model_values values;
} view;

static const sevens_model_values *look(const sevens_model *model, const model_instance *in,
                                       const sevens_model_point *point, view *v)
{
    v->values = (sevens_model_values){v->value, v->mapped, sevens_model_sm_options(model)};
    for (size_t i = 0; i < in->n_parameters; i++) {
        v->value[i] = sevens_model_value(model, point->value, in->index[i]);
        v->mapped[i] = sevens_model_mapped(model, point, in->index[i]);
    }
    return &v->values;
}

bool sevens_model_has_rules(const sevens_model *model)
{
    bool rules = false;

    for (size_t i = 0; i < model->n_instance; i++)
        rules |= model->instance[i].kind->contradiction != NULL;
    return rules;
}

const char *sevens_model_contradiction(const sevens_model *model, const double *value)
{
    sevens_model_point point = {value, SEVENS_NO_ROW};
    const char *reason = NULL;

    for (size_t i = 0; i < model->n_instance && !reason; i++) {
        const model_instance *in = &model->instance[i];
        view v;

        if (in->kind->contradiction)
            reason = in->kind->contradiction(in->options, look(model, in, &point, &v)->value);
    }
    return reason;
}

/* ---- derived quantities ---- */

size_t sevens_model_n_derived(const sevens_model *model)
{
    return model->n_derived;
}

const sevens_derived *sevens_model_derived(const sevens_model *model, size_t index)
{
    return index < model->n_derived ? &model->derived[index] : NULL;
}

double sevens_model_derive(const sevens_model *model, const double *value, size_t index)
{
    sevens_model_point point = {value, SEVENS_NO_ROW};

    for (size_t i = 0; i < model->n_instance; i++) {
        const model_instance *in = &model->instance[i];
        size_t own = index - in->first_derived;
        view v;

        if (index >= in->first_derived && own < in->kind->n_derived)
            return in->kind->derive(in->options, look(model, in, &point, &v)->value, own);
    }
    return NAN;
}

/* ---- terms ---- */

size_t sevens_model_n_terms(const sevens_model *model)
{
    return model->n_terms;
}

const sevens_term *sevens_model_term(const sevens_model *model, size_t t)
{
    return &model->term[t];
}

sevens_product sevens_model_product(const sevens_model *model, size_t t, size_t u)
{
    sevens_product product = sevens_product_of(model->term[t].current, model->term[u].current);
    bool vector = model->term[t].current <= SEVENS_AXIAL;

    return vector || model->owner[t] == model->owner[u] ? product : SEVENS_PRODUCT_NONE;
}

bool sevens_model_fixed_shape(const sevens_model *model, size_t t, const sevens_target *target,
                              size_t n, const double *q2, double *factor)
{
    const model_instance *in = &model->instance[model->owner[t]];

    if (t < SEVENS_N_CONTACT || !in->kind->fixed_shape)
        return false;
    in->kind->fixed_shape(in->options, t - in->first_term, target, n, q2, factor);
    return true;
}

void sevens_model_shape_from(const sevens_model *model, const sevens_model_point *point, size_t t,
                             const sevens_target *target, size_t n, const double *q2,
                             const double *factor, double *w)
{
    const model_instance *in = &model->instance[model->owner[t]];
    view v;

    if (t >= SEVENS_N_CONTACT && in->kind->shape) {
        in->kind->shape(in->options, look(model, in, point, &v), t - in->first_term, target, n, q2,
                        w);
    } else {
        for (size_t i = 0; i < n; i++)
            w[i] = 1.0;
    }
    for (size_t i = 0; factor && i < n; i++)
        w[i] *= factor[i];
}

void sevens_model_shape(const sevens_model *model, const sevens_model_point *point, size_t t,
                        const sevens_target *target, size_t n, const double *q2, double *w)
{
    sevens_model_shape_from(model, point, t, target, n, q2, NULL, w);
    for (size_t i = 0; i < n; i++) {
        double factor;

        if (sevens_model_fixed_shape(model, t, target, 1, &q2[i], &factor))
            w[i] *= factor;
    }
}

static bool is_zero(const sevens_coupling *c)
{
    bool zero = true;

    for (int i = 0; i < SEVENS_N_CONSTITUENT; i++)
        zero &= c->to[i].c0 == 0.0 && c->to[i].c1 == 0.0;
    return zero;
}

/* Adds the amplitudes of one instance for the final states [from, to). */
static void add_instance(const sevens_model *model, const model_instance *in,
                         const sevens_model_point *point, sevens_family family, int from, int to,
                         sevens_coupling *coupling)
{
    view v;

    if (!in->kind->amplitude)
        return;
    look(model, in, point, &v);
    for (int final = from; final < to; final++, coupling += model->n_terms)
        in->kind->amplitude(in->options, &v.values, family, (sevens_family) final, coupling,
                            coupling + in->first_term);
}

static bool has_any(const sevens_model *model, const sevens_coupling *coupling)
{
    bool any = false;

    for (size_t t = 0; t < model->n_terms; t++)
        any |= !is_zero(&coupling[t]);
    return any;
}

bool sevens_model_amplitude(const sevens_model *model, const sevens_model_point *point,
                            sevens_family family, sevens_family final, sevens_coupling *coupling)
{
    memset(coupling, 0, model->n_terms * sizeof *coupling);
    for (size_t i = 0; i < model->n_instance; i++)
        add_instance(model, &model->instance[i], point, family, (int) final, (int) final + 1,
                     coupling);
    return has_any(model, coupling);
}

void sevens_model_amplitudes(const sevens_model *model, const sevens_model_point *point,
                             sevens_family family, sevens_coupling *coupling,
                             bool any[SEVENS_N_FAMILY])
{
    memset(coupling, 0, SEVENS_N_FAMILY * model->n_terms * sizeof *coupling);
    for (size_t i = 0; i < model->n_instance; i++)
        add_instance(model, &model->instance[i], point, family, 0, SEVENS_N_FAMILY, coupling);
    for (int final = 0; final < SEVENS_N_FAMILY; final++)
        any[final] = has_any(model, coupling + (size_t) final * model->n_terms);
}

/* Whether the template parameters of an instance are the same. */
static bool same_template(const sevens_model *model, size_t instance, const double *a,
                          const double *b)
{
    const model_instance *in = &model->instance[instance];

    for (size_t i = 0; i < in->n_parameters; i++) {
        double x, y;

        if (in->parameters[i].role != SEVENS_ROLE_TEMPLATE)
            continue;
        x = sevens_model_value(model, a, in->index[i]);
        y = sevens_model_value(model, b, in->index[i]);
        if (memcmp(&x, &y, sizeof x) != 0) /* bit patterns: an unset (NaN) one equals itself */
            return false;
    }
    return true;
}

bool sevens_model_same_shape(const sevens_model *model, size_t t, const double *a, const double *b)
{
    return same_template(model, model->owner[t], a, b);
}

bool sevens_model_has_final_mass(const sevens_model *model, size_t t)
{
    return model->instance[model->owner[t]].kind->final_mass != NULL;
}

double sevens_model_final_mass_MeV(const sevens_model *model, const sevens_model_point *point,
                                   size_t t)
{
    const model_instance *in = &model->instance[model->owner[t]];
    view v;

    return in->kind->final_mass ? in->kind->final_mass(in->options, look(model, in, point, &v))
                                : 0.0;
}

size_t sevens_model_kinks(const sevens_model *model, const sevens_target *target, size_t max,
                          double *T_MeV)
{
    size_t n = 0;

    for (size_t i = 0; i < model->n_instance; i++) {
        const model_instance *in = &model->instance[i];

        if (in->kind->kinks)
            n += in->kind->kinks(in->options, target, n < max ? max - n : 0,
                                 T_MeV ? T_MeV + n : NULL);
    }
    return n;
}

void sevens_model_radii(const sevens_model *model, const sevens_model_point *point,
                        const sevens_nucleus *nucleus, double *R_p_fm, double *R_n_fm)
{
    view v;

    look(model, &model->instance[0], point, &v); /* `sm` comes first in every model */
    sevens_sm_radii(v.value, nucleus, R_p_fm, R_n_fm);
}

/* ---- disappearance ---- */

bool sevens_model_disappears(const sevens_model *model)
{
    return model->vanishing != 0;
}

bool sevens_model_same_disappearance(const sevens_model *model, const double *a, const double *b)
{
    return same_template(model, model->vanishing, a, b);
}

sevens_quadratic sevens_model_depth(const sevens_model *model, const sevens_model_point *point,
                                    sevens_family family)
{
    const model_instance *in = &model->instance[model->vanishing];
    view v;

    return in->kind->depth(in->options, look(model, in, point, &v), family);
}

sevens_oscillation sevens_model_oscillation(const sevens_model *model,
                                            const sevens_model_point *point,
                                            const sevens_baseline *baseline)
{
    const model_instance *in = &model->instance[model->vanishing];
    view v;

    return in->kind->oscillation(in->options, look(model, in, point, &v), baseline);
}
