/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `ties` of a scan file: parameters that are linear expressions of others. An expression is a sum
 * of terms, a term a product of numbers and of one parameter at most. Ties to tied parameters are
 * put in, so that the model sees free ones alone. */
#include "config_internal.h"

#include "document_internal.h"
#include "sevens/text.h"
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_DIGITS 17

/* An entry of `ties`, and where putting others into it has come to. */
typedef struct expression {
    const sevens_node *key, *item;
    size_t parameter;
    double offset, factor[SEVENS_MODEL_MAX_PARAMETERS];
    enum { OPEN, VISITED, DONE } state;
} expression;

typedef struct reader {
    sevens_config *config;
    sevens_parameter_use *use;
    size_t n;
    expression *tie;                             /* [n] */
    expression *of[SEVENS_MODEL_MAX_PARAMETERS]; /* by parameter */
} reader;

/* ---- expressions ---- */

typedef struct parser {
    reader *r;
    expression *tie;
    const char *at;
} parser;

/* A node at a place within the text of another. */
static sevens_node node_at(const parser *q, const char *place)
{
    sevens_node node = *q->tie->item;
    if (node.line > 0)
        node.column += (int)(place - node.text) + (node.quoted ? 1 : 0);
    return node;
}

__attribute__((format(printf, 3, 4))) static bool refuse(const parser *q, const char *place,
                                                         const char *format, ...)
{
    char message[256];
    sevens_node node = node_at(q, place);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    sevens_document_fault(q->r->config->document, &node, "ties: %s: %s", q->tie->key->text,
                          message);
    return false;
}

static void skip_blanks(parser *q)
{
    while (isspace((unsigned char)*q->at))
        q->at++;
}

/* Copies what begins here and goes on while `belongs`; what is longer is cut. */
static void take_word(parser *q, bool (*belongs)(const char *p), char *word, size_t size)
{
    const char *begin = q->at;
    while (belongs(q->at))
        q->at++;
    snprintf(word, size, "%.*s", (int)(q->at - begin), begin);
}

/* Digits, a point, and the sign after an exponent's e. */
static bool in_number(const char *p)
{
    bool sign = *p == '+' || *p == '-';
    return isdigit((unsigned char)*p) || *p == '.' ||
           ((*p == 'e' || *p == 'E') &&
            (isdigit((unsigned char)p[1]) || p[1] == '+' || p[1] == '-')) ||
           (sign && (p[-1] == 'e' || p[-1] == 'E'));
}

static bool in_name(const char *p)
{
    return isalnum((unsigned char)*p) || *p == '_' || *p == '.';
}

static bool take_number(parser *q, bool divide, double *number)
{
    const char *begin = q->at;
    char word[64];
    double value;
    take_word(q, in_number, word, sizeof word);
    if (!sevens_parse_real(word, false, &value))
        return refuse(q, begin, "'%s' is not a number", word);
    *number = divide ? *number / value : *number * value;
    return isfinite(*number) ? true : refuse(q, begin, "the number is not finite");
}

static bool take_parameter(parser *q, bool divide, size_t *parameter)
{
    size_t none = sevens_model_n_parameters(q->r->config->model);
    const char *begin = q->at;
    char name[128];
    take_word(q, in_name, name, sizeof name);
    skip_blanks(q);
    if (*q->at == '(')
        return refuse(q, begin, "the expression is not linear: it calls '%s'", name);
    if (divide)
        return refuse(q, begin, "the expression is not linear: it divides by '%s'", name);
    if (*parameter != none)
        return refuse(q, begin, "the expression is not linear: it multiplies '%s' with '%s'",
                      sevens_model_parameter(q->r->config->model, *parameter)->name, name);
    sevens_node node = node_at(q, begin);
    *parameter = sevens_config_find_parameter(q->r->config, &node, name);
    return *parameter != none;
}

/* factor {(*|/) factor}; sign is that before it. */
static bool take_term(parser *q, double sign)
{
    size_t none = sevens_model_n_parameters(q->r->config->model), parameter = none;
    double number = sign;
    bool divide = false, good = true;
    do {
        skip_blanks(q);
        if (isdigit((unsigned char)*q->at) || *q->at == '.')
            good = take_number(q, divide, &number);
        else if (isalpha((unsigned char)*q->at) || *q->at == '_')
            good = take_parameter(q, divide, &parameter);
        else
            good = refuse(q, q->at, "a number or a parameter is missing here");
        if (!good)
            return false;
        skip_blanks(q);
        divide = *q->at == '/';
    } while ((*q->at == '*' || *q->at == '/') && q->at++);
    if (parameter == none)
        q->tie->offset += number;
    else
        q->tie->factor[parameter] += number;
    return true;
}

/* [sign] term {sign term} */
static bool take_expression(parser *q)
{
    bool first = true;
    do {
        skip_blanks(q);
        bool sign = *q->at == '+' || *q->at == '-';
        if (!first && !sign)
            return refuse(q, q->at,
                          "'%c' has no place here: write a sum of terms such as 2*NAME, -NAME, 0.1",
                          *q->at);
        double value = *q->at == '-' ? -1.0 : 1.0;
        q->at += sign;
        if (!take_term(q, value))
            return false;
        first = false;
    } while (*q->at != '\0');
    return true;
}

/* ---- entries ---- */

static bool is_free(const reader *r, const sevens_node *key, size_t p)
{
    const sevens_parameter_use *use = &r->use[p];
    if (!use->at && !use->axis && !use->fixed)
        return true;
    sevens_document_fault(r->config->document, key,
                          "ties: %s %s too; keep one of them, or let %s be what others are tied to",
                          key->text,
                          use->axis ? "has an axis"
                          : use->at ? "is fixed by --at"
                                    : "is fixed under 'parameters'",
                          key->text);
    return false;
}

static void read_entry(reader *r, const sevens_node *key, const sevens_node *item)
{
    size_t n = sevens_model_n_parameters(r->config->model);
    size_t p = sevens_config_find_parameter(r->config, key, key->text);
    expression *tie = &r->tie[r->n];
    parser q = {r, tie, item->text};
    if (p == n || sevens_node_is_null(item)) /* "rn_i: ~" ties nothing, as in `parameters` */
        return;
    *tie = (expression){.key = key, .item = item, .parameter = p};
    r->use[p].tied = true;
    if (item->kind != SEVENS_NODE_SCALAR) {
        sevens_document_fault(r->config->document, item,
                              "ties: '%s' must be an expression such as 2*NAME + 0.1", key->text);
        return;
    }
    if (!is_free(r, key, p) || !take_expression(&q))
        return;
    bool constant = true;
    for (size_t s = 0; s < n; s++)
        constant &= tie->factor[s] == 0.0;
    if (constant) {
        sevens_document_fault(r->config->document, item,
                              "ties: %s follows no parameter; fix it under 'parameters'",
                              key->text);
        return;
    }
    r->of[p] = tie;
    r->n++;
}

/* ---- ties to tied parameters ---- */

static bool resolve(reader *r, expression *tie)
{
    size_t n = sevens_model_n_parameters(r->config->model);
    if (tie->state == DONE)
        return true;
    if (tie->state == VISITED) {
        sevens_document_fault(r->config->document, tie->key,
                              "ties: %s is tied to itself, perhaps by way of others",
                              tie->key->text);
        return false;
    }
    tie->state = VISITED;
    for (size_t s = 0; s < n; s++) {
        const expression *other = r->of[s];
        double factor = tie->factor[s];
        if (factor == 0.0 || other == NULL)
            continue;
        if (!resolve(r, r->of[s]))
            return false;
        tie->factor[s] = 0.0;
        tie->offset += factor * other->offset;
        for (size_t k = 0; k < n; k++)
            tie->factor[k] += factor * other->factor[k];
    }
    tie->state = DONE;
    return true;
}

/* Ends of the region that a free parameter can be in. */
static void region(const sevens_config *config, size_t p, double *lo, double *hi)
{
    *lo = *hi = config->value[p];
    for (size_t a = 0; a < config->n_axis; a++) {
        const sevens_axis *axis = &config->axis[a];
        if (axis->parameter == p)
            *hi = axis->value[axis->n - 1];
    }
}

/* What a tied parameter reaches must be allowed: a linear expression is extreme at the corners. */
static bool reaches_allowed(const reader *r, const expression *tie, const sevens_tie *made)
{
    sevens_config *config = r->config;
    const sevens_parameter *own = sevens_model_parameter(config->model, tie->parameter);
    double min = tie->offset, max = tie->offset;
    for (size_t i = 0; i < made->n; i++) {
        size_t s = made->source[i];
        double lo, hi, factor = made->factor[i];
        region(config, s, &lo, &hi);
        if (isnan(lo)) { /* one without a default is reported by itself */
            const sevens_parameter *source = sevens_model_parameter(config->model, s);
            if (source->has_default)
                sevens_document_fault(config->document, tie->item,
                                      "ties: %s is left unset, so that %s has no value: give %s an "
                                      "axis or a value under 'parameters'",
                                      source->name, own->name, source->name);
            return false;
        }
        min += factor * (factor > 0.0 ? lo : hi);
        max += factor * (factor > 0.0 ? hi : lo);
    }
    double slack = 1e-12 * fmax(fabs(min), fabs(max)); /* rounding of the sum */
    if (min >= own->min - slack && max <= own->max + slack)
        return true;
    sevens_document_fault(config->document, tie->item,
                          "ties: %s would reach from %.6g to %.6g, and must be from %.6g to %.6g",
                          own->name, min, max, own->min, own->max);
    return false;
}

static sevens_status hand_over(reader *r, const expression *tie, sevens_error *err)
{
    sevens_tie made = {.offset = tie->offset};
    for (size_t s = 0; s < sevens_model_n_parameters(r->config->model); s++) {
        if (tie->factor[s] == 0.0)
            continue;
        made.source[made.n] = s;
        made.factor[made.n++] = tie->factor[s];
    }
    if (!reaches_allowed(r, tie, &made))
        return SEVENS_OK;
    return sevens_model_set_tie(r->config->model, tie->parameter, &made, err);
}

sevens_status sevens_config_read_ties(sevens_config *config, const sevens_node *ties,
                                      sevens_parameter_use *use, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t before = sevens_document_faults(config->document);
    reader r = {.config = config, .use = use};
    if (ties == NULL || ties->n == 0)
        return SEVENS_OK;
    r.tie = calloc(ties->n, sizeof *r.tie);
    SEVENS_TRY_ALLOC(r.tie);
    for (size_t i = 0; i < ties->n; i++)
        read_entry(&r, ties->key[i], ties->item[i]);
    for (size_t i = 0; i < r.n && sevens_document_faults(config->document) == before; i++)
        resolve(&r, &r.tie[i]);
    for (size_t i = 0; i < r.n && sevens_document_faults(config->document) == before; i++)
        SEVENS_TRY(hand_over(&r, &r.tie[i], err));
    sevens_model_apply_ties(config->model, config->value);
cleanup:
    free(r.tie);
    return status;
}

/* ---- in words ---- */

char *sevens_config_print_tie(const sevens_config *config, size_t parameter)
{
    const sevens_tie *tie = sevens_model_tie(config->model, parameter);
    char *text = NULL, number[40];
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    if (tie->offset != 0.0)
        fputs(sevens_format_real(tie->offset, SHOWN_DIGITS, number, sizeof number), out);
    for (size_t i = 0; i < tie->n; i++) {
        double factor = tie->factor[i];
        bool first = i == 0 && tie->offset == 0.0;
        fputs(factor < 0.0 ? (first ? "-" : " - ") : (first ? "" : " + "), out);
        if (fabs(factor) != 1.0)
            fprintf(out, "%s*",
                    sevens_format_real(fabs(factor), SHOWN_DIGITS, number, sizeof number));
        fputs(sevens_model_parameter(config->model, tie->source[i])->name, out);
    }
    bool bad = ferror(out) != 0;
    if (fclose(out) != 0 || bad) {
        free(text);
        text = NULL;
    }
    return text;
}
