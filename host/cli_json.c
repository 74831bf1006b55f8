/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON answers: see cli_json.h. Members keep the order in which they were put. */
#include "cli_json.h"
#include "cli.h"

#include "sevens/text.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void sevens_json_put(json_t **object, const char *key, json_t *value)
{
    if (*object == NULL) {
        json_decref(value);
    } else if (json_object_set_new_nocheck(*object, key, value) != 0) {
        json_decref(*object);
        *object = NULL;
    }
}

void sevens_json_add(json_t **array, json_t *value)
{
    if (*array == NULL) {
        json_decref(value);
    } else if (json_array_append_new(*array, value) != 0) {
        json_decref(*array);
        *array = NULL;
    }
}

json_t *sevens_json_real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *sevens_json_count(double number)
{
    const double largest = 9007199254740992.0; /* 2^53: beyond it a double is no exact count */

    return fabs(number) <= largest ? json_integer((json_int_t)llround(number))
                                   : sevens_json_real(number);
}

json_t *sevens_json_text(const char *text)
{
    if (text == NULL)
        return json_null();

    json_t *value = json_string(text);

    if (value != NULL)
        return value;

    char *copy = sevens_strdup(text);

    for (char *c = copy; c != NULL && *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    value = copy != NULL ? json_string(copy) : NULL;
    free(copy);
    return value;
}

json_t *sevens_json_reals(const double *value, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        sevens_json_add(&array, sevens_json_real(value[i]));
    return array;
}

json_t *sevens_json_axes_point(const sevens_config *config, const double *value)
{
    json_t *object = json_object();

    for (size_t i = 0; i < config->n_axis; i++)
        sevens_json_put(&object, config->axis[i].name,
                        sevens_json_real(value[config->axis[i].parameter]));
    return object;
}

static void add_nuisance(json_t **array, const char *name, double value, double pull)
{
    json_t *object = json_object();

    sevens_json_put(&object, "name", sevens_json_text(name));
    sevens_json_put(&object, "value", sevens_json_real(value));
    sevens_json_put(&object, "pull", sevens_json_real(pull));
    sevens_json_add(array, object);
}

void sevens_json_add_nuisances(json_t **array, const sevens_problem *problem, size_t g,
                               const sevens_profile *profile, size_t part)
{
    const sevens_group *group = &problem->group[g];
    const sevens_likelihood *l = &group->likelihood;

    for (size_t k = 0; k < l->n_nuisance; k++) {
        const sevens_nuisance *nuisance = &l->nuisance[k];
        const sevens_experiment *ex = &problem->experiment[group->experiment[nuisance->part]];
        char name[256];

        if (part != SEVENS_NONE && nuisance->part != part)
            continue;
        snprintf(name, sizeof name, "%s%s%s", part == SEVENS_NONE ? ex->entry->name : "",
                 part == SEVENS_NONE ? ":" : "", nuisance->name);
        add_nuisance(array, name, profile->value[k], sevens_cli_pull(nuisance, profile->value[k]));
    }
    for (size_t i = 0; i < l->n_shared; i++) {
        double pull = sevens_shared_pull_value(l, i, profile->value);

        add_nuisance(array, l->shared[i].name, 1.0 + pull * l->shared[i].sigma, pull);
    }
}

sevens_status sevens_json_print(json_t *document, sevens_error *err)
{
    if (document == NULL)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");

    int failed = json_dumpf(document, stdout, JSON_REAL_PRECISION(17) | JSON_COMPACT);

    json_decref(document);
    if (failed || fputc('\n', stdout) == EOF)
        return sevens_fail(err, SEVENS_ERR_IO, "cannot write to standard output: %s",
                           strerror(errno));
    return SEVENS_OK;
}
