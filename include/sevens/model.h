/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models: parameters -> coefficients of amplitudes, nothing more.
 *
 * The vector amplitude of a neutrino of family l that leaves as family l' is (docs/physics.md eqs.
 * 6 and 26) Q_ll'(Q2) = sum_s w_s(Q2) [ p_s Z F_Z + n_s N F_N ] and counts go with sum_l' Q_ll'^2.
 * It is made of shapes w_s (0 is the contact term 1; a mediator adds 1/(Q2 + M^2)) and nucleon
 * coefficients p_s, n_s. All kinds of a scan add to one amplitude, so they interfere. Each
 * coefficient is affine in the row variable x = f(parameter) of one chosen parameter; so the counts
 * of every bin are A + B x + C x^2 along a row, and no backend knows a model.
 *
 * A new kind is one file host/model_<kind>.c and one line in host/model.c. docs/adding_a_model.md
 */
#ifndef SEVENS_MODEL_H
#define SEVENS_MODEL_H

#include "sevens/document.h"
#include "sevens/flavour.h"
#include "sevens/nucleus.h"
#include "sevens/status.h"
#include <stdbool.h>
#include <stddef.h>

#define SEVENS_MODEL_MAX_SHAPES 8
#define SEVENS_MODEL_MAX_PARAMETERS 64

typedef struct sevens_affine {
    double c0, c1; /* c0 + c1 x */
} sevens_affine;

static inline sevens_affine sevens_affine_scale(sevens_affine a, double factor)
{
    sevens_affine r = {factor * a.c0, factor * a.c1};
    return r;
}

static inline sevens_affine sevens_affine_add(sevens_affine a, sevens_affine b)
{
    sevens_affine r = {a.c0 + b.c0, a.c1 + b.c1};
    return r;
}

/* Nucleon-level coefficients of one shape. */
typedef struct sevens_coupling {
    sevens_affine p, n;
} sevens_coupling;

/* How a parameter enters. A coefficient enters amplitudes linearly through x = f(value) and costs a
 * few multiply-adds per point; a template parameter enters integrals. */
typedef enum sevens_role { SEVENS_ROLE_COEFFICIENT, SEVENS_ROLE_TEMPLATE } sevens_role;
typedef enum sevens_transform {
    SEVENS_TRANSFORM_IDENTITY,
    SEVENS_TRANSFORM_SQUARE
} sevens_transform;

typedef struct sevens_parameter {
    const char *name, *unit; /* unit "1" when there is none */
    sevens_role role;
    sevens_transform transform;
    bool has_default;     /* the Standard Model value */
    double default_value; /* NaN: unset, the value of docs/physics.md section 1 holds */
    double min, max;      /* allowed range */
    const char *doc;
} sevens_parameter;

struct sevens_model_kind;

/* What a kind sees when it is evaluated: its own parameters, in the order of its table. */
typedef struct sevens_model_values {
    const double *value;         /* [n_parameters] raw value in the parameter's unit */
    const sevens_affine *mapped; /* [n_parameters] f(value), or x itself for the row parameter */
} sevens_model_values;

typedef struct sevens_model_kind {
    const char *name;
    const char *formula;   /* one line for `sevens models` */
    const char *equation;  /* "physics.md eq. 16" */
    const char *reference; /* arXiv numbers */
    const sevens_parameter *parameters;
    size_t n_parameters;
    const sevens_key *options; /* keys of its entry in the scan file besides `kind` */
    size_t n_options;
    size_t options_size;
    /* Checks and completes the options after the table was read (may be NULL). */
    void (*configure)(void *options, sevens_document *doc, const sevens_node *entry);
    size_t n_shapes; /* besides the contact term */
    /* w[i] = w_s(q2[i]) for s = 0 .. n_shapes-1; q2 = 2 M T in MeV^2. */
    void (*shape)(const void *options, const sevens_model_values *values, size_t s, size_t n,
                  const double *q2, double *w);
    /* Adds this kind's part for family -> final to coupling[0] (contact) and coupling[1 ..
     * n_shapes] (its shapes). */
    void (*amplitude)(const void *options, const sevens_model_values *values, sevens_family family,
                      sevens_family final, sevens_coupling *coupling);
    /* Parameters that go with the options, where they differ from `parameters`; NULL: they do not.
     */
    const sevens_parameter *(*select_parameters)(const void *options, size_t *n);
    /* What tells two entries of this kind apart, "universal"; NULL: nothing. */
    const char *(*label)(const void *options);
} sevens_model_kind;

/* All kinds there are, for listings; NULL past the end. */
const sevens_model_kind *sevens_model_kind_at(size_t index);
const sevens_model_kind *sevens_model_kind_find(const char *name);

typedef enum sevens_couplings {
    SEVENS_COUPLINGS_RADIATIVE,
    SEVENS_COUPLINGS_TREE
} sevens_couplings;
typedef enum sevens_form_factor {
    SEVENS_FORM_FACTOR_HELM,
    SEVENS_FORM_FACTOR_FERMI,
    SEVENS_FORM_FACTOR_KLEIN_NYSTRAND,
    SEVENS_FORM_FACTOR_NONE
} sevens_form_factor;
typedef enum sevens_kinematics {
    SEVENS_KINEMATICS_K0,
    SEVENS_KINEMATICS_K1,
    SEVENS_KINEMATICS_K2
} sevens_kinematics;

/* Options of kind `sm`, which is always part of a model (with defaults when it is not listed). */
typedef struct sevens_sm_options {
    int couplings;   /* sevens_couplings */
    int form_factor; /* sevens_form_factor */
    int kinematics;  /* sevens_kinematics */
} sevens_sm_options;

typedef struct sevens_model sevens_model;

/* Reads the `model:` entry (one kind or a list of kinds); faults go to doc, and NULL may come back
 * then. */
sevens_status sevens_model_create(sevens_model **model, sevens_document *doc,
                                  const sevens_node *entry, sevens_error *err);
/* The Standard Model with the same `sm` options as `model`. */
sevens_status sevens_model_create_sm(sevens_model **sm, const sevens_model *model,
                                     sevens_error *err);
void sevens_model_destroy(sevens_model **model);

/* Parameters of all kinds, `sm` first. */
size_t sevens_model_n_parameters(const sevens_model *model);
const sevens_parameter *sevens_model_parameter(const sevens_model *model, size_t index);
/* Index of a name, or n_parameters. */
size_t sevens_model_find(const sevens_model *model, const char *name);
const char *sevens_model_nearest(const sevens_model *model, const char *name);
const sevens_sm_options *sevens_model_sm_options(const sevens_model *model);
/* One line, "zprime (universal)"; for titles. Borrowed. */
const char *sevens_model_title(const sevens_model *model);

/* x = f(value) of a parameter, and back (the non-negative branch). */
double sevens_transform_apply(sevens_transform transform, double value);
double sevens_transform_invert(sevens_transform transform, double x);

/* A point of parameter space, or a whole row of it: values of all parameters, and which one varies
 * along the row (SEVENS_NO_ROW: none; then all c1 are 0). */
#define SEVENS_NO_ROW ((size_t)-1)
typedef struct sevens_model_point {
    const double *value; /* [n_parameters] */
    size_t row;
} sevens_model_point;

/* Number of shapes, contact included. */
size_t sevens_model_n_shapes(const sevens_model *model);
/* w [n] at momentum transfers q2 [n] in MeV^2. */
void sevens_model_shape(const sevens_model *model, const sevens_model_point *point, size_t s,
                        size_t n, const double *q2, double *w);
/* coupling [n_shapes], overwritten, for neutrinos that come as `family` and leave as `final`. False
 * when it is all 0. */
bool sevens_model_amplitude(const sevens_model *model, const sevens_model_point *point,
                            sevens_family family, sevens_family final, sevens_coupling *coupling);
/* True when no template parameter that shape s (or, for s == 0, the nuclear structure) depends on
 * differs between the two value arrays. */
bool sevens_model_same_shape(const sevens_model *model, size_t s, const double *a, const double *b);

/* Proton and neutron rms radii [fm] of a nucleus at a point (the parameters rn_*). */
void sevens_model_radii(const sevens_model *model, const sevens_model_point *point,
                        const sevens_nucleus *nucleus, double *R_p_fm, double *R_n_fm);

#endif
