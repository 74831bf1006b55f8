/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models: parameters -> coefficients of amplitudes, nothing more.
 *
 * A neutrino of family l that leaves as family l' scatters with an amplitude (docs/physics.md eqs.
 * 6 and 26) that is a sum over terms t:
 *
 *     nuclei:     w_t(Q2) [ p_t Z F_Z + n_t N F_N ], for axial terms with the spins of the nucleons
 *
 *     electrons:  w_t(Q2) e_t
 *
 * A term has a Lorentz structure (its current), a shape w_t (1 for the two contact terms that every
 * model has; a mediator adds 1/(Q2 + M^2)) and coefficients p, n, e. Vector and axial terms of all
 * kinds in a scan make one amplitude and interfere; terms of any other current interfere within
 * their kind alone. Each coefficient is affine in the row variable x = f(parameter) of one chosen
 * parameter; so the counts of every bin are A + B x + C x^2 along a row, and no backend knows a
 * model.
 *
 * A new kind is one file host/model_<kind>.c and one line in host/model_internal.h.
 * docs/adding_a_model.md
 */
#ifndef SEVENS_MODEL_H
#define SEVENS_MODEL_H

#include "sevens/document.h"
#include "sevens/flavour.h"
#include "sevens/hd/xsec.h"
#include "sevens/nucleus.h"
#include "sevens/status.h"
#include "sevens/text.h"
#include <stdbool.h>
#include <stddef.h>

#define SEVENS_MODEL_MAX_TERMS 32
#define SEVENS_MODEL_MAX_PARAMETERS 64
#define SEVENS_MODEL_MAX_DERIVED 16

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

/* A + B x + C x^2 */
typedef struct sevens_quadratic {
    double c0, c1, c2;
} sevens_quadratic;

typedef enum sevens_process { SEVENS_CEVNS, SEVENS_ES, SEVENS_N_PROCESS } sevens_process;
const char *sevens_process_name(sevens_process process); /* "cevns", "es" */

/* What recoils: a nucleus, or an electron of its atom. */
typedef struct sevens_target {
    sevens_process process;
    const sevens_nucleus *nucleus;
    double M_MeV;
} sevens_target;

/* What a term couples to. */
typedef enum sevens_constituent {
    SEVENS_PROTON,
    SEVENS_NEUTRON,
    SEVENS_ELECTRON,
    SEVENS_N_CONSTITUENT
} sevens_constituent;

/* Coefficients of one term. */
typedef struct sevens_coupling {
    sevens_affine to[SEVENS_N_CONSTITUENT];
} sevens_coupling;

/* to[c] += factor * a */
static inline void sevens_couple(sevens_coupling *coupling, sevens_constituent c, double factor,
                                 sevens_affine a)
{
    coupling->to[c] = sevens_affine_add(coupling->to[c], sevens_affine_scale(a, factor));
}

/* One term: its current and the constituents that it may couple to (bits 1 << SEVENS_PROTON ...).
 */
typedef struct sevens_term {
    sevens_current current;
    unsigned on;
} sevens_term;

#define SEVENS_ON_PROTON (1u << SEVENS_PROTON)
#define SEVENS_ON_NEUTRON (1u << SEVENS_NEUTRON)
#define SEVENS_ON_ELECTRON (1u << SEVENS_ELECTRON)

/* The terms of every model: the contact ones belong to `sm`, and any kind may add to them. */
enum { SEVENS_CONTACT_VECTOR, SEVENS_CONTACT_AXIAL, SEVENS_N_CONTACT };

/* How a parameter enters. A coefficient enters amplitudes linearly through x = f(value) and costs a
 * few multiply-adds per point; a nonlinear one enters coefficients in another way and cannot run
 * along a row; a template parameter enters integrals. */
typedef enum sevens_role {
    SEVENS_ROLE_COEFFICIENT,
    SEVENS_ROLE_NONLINEAR,
    SEVENS_ROLE_TEMPLATE
} sevens_role;
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

/* A quantity that follows from parameters; maps keep it as derived_<name>. */
typedef struct sevens_derived {
    const char *name, *unit; /* unit "1" when there is none */
    const char *doc;
} sevens_derived;

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
    bool axial;      /* axial current of the nucleus */
} sevens_sm_options;

/* What a kind sees when it is evaluated: its own parameters, in the order of its table. */
typedef struct sevens_model_values {
    const double *value;         /* [n_parameters] raw value in the parameter's unit */
    const sevens_affine *mapped; /* [n_parameters] f(value), or x itself for the row parameter */
    const sevens_sm_options *sm;
} sevens_model_values;

/* Neutrinos on their way, for kinds that let them vanish. */
typedef struct sevens_baseline {
    double length_m, spread_m; /* mean, and half the spread of places of production and detection */
} sevens_baseline;

/* Parameters that some options put in the place of a kind's usual ones. */
typedef struct sevens_model_variant {
    const char *options; /* "charges: baryonic", for listings */
    const sevens_parameter *parameters;
    size_t n_parameters;
} sevens_model_variant;

typedef struct sevens_oscillation {
    double phase_MeV, slow_MeV; /* over the mean baseline, and over its spread; times 1/E */
} sevens_oscillation;

typedef struct sevens_model_kind {
    const char *name;
    const char *formula;   /* one line for `sevens models` */
    const char *equation;  /* "physics.md eq. 16" */
    const char *reference; /* arXiv numbers */
    const sevens_parameter *parameters;
    size_t n_parameters;
    const sevens_key *options; /* keys of its entry in the scan file besides `kind` and `as` */
    size_t n_options;
    size_t options_size;
    const sevens_term *terms; /* its own, besides the contact ones */
    size_t n_terms;
    /* Adds this kind's part for family -> final to coupling: own[t] of its terms, contact[] of the
     * common ones. NULL: it adds none. */
    void (*amplitude)(const void *options, const sevens_model_values *values, sevens_family family,
                      sevens_family final, sevens_coupling *contact, sevens_coupling *own);
    /* w[i] = w_t(q2[i]) of its term t; q2 = 2 M T in MeV^2. NULL: 1. */
    void (*shape)(const void *options, const sevens_model_values *values, size_t t,
                  const sevens_target *target, size_t n, const double *q2, double *w);
    /* factor[i] of w_t(q2[i]) that no parameter changes; shape is without it. NULL: 1. */
    void (*fixed_shape)(const void *options, size_t t, const sevens_target *target, size_t n,
                        const double *q2, double *factor);

    /* All of these may be NULL. */

    /* Checks and completes the options after the table was read; frees what that made. */
    void (*configure)(void *options, sevens_document *doc, const sevens_node *entry);
    void (*release)(void *options);
    /* Parameters that differ from the table: the variants there are, and the one that goes with the
     * options (NULL: the table). */
    const sevens_model_variant *variants;
    size_t n_variants;
    const sevens_model_variant *(*select_variant)(const void *options);
    /* Terms that go with the options, where they differ from the table. */
    const sevens_term *(*select_terms)(const void *options, size_t *n);
    /* What tells two entries of this kind apart, "universal". */
    const char *(*label)(const void *options);
    /* Whether the two kinds are one boson in a model: parameters of the same name are then the same
     * parameter. A fault when they contradict each other. */
    const char *same_boson; /* name of the other kind */
    void (*join)(void *options, const void *other, sevens_document *doc, const sevens_node *entry);
    /* Whether neutrinos of different flavour couple differently. */
    bool (*tells_flavours)(const void *options);
    /* Why the parameter values make no sense together, or NULL; such points of a grid are
     * `invalid`. */
    const char *(*contradiction)(const void *options, const double *value);
    /* Quantities that follow from its parameters, for maps and listings; derive gives the one of
     * an index in its unit, NaN where there is none. */
    const sevens_derived *derived;
    size_t n_derived;
    double (*derive)(const void *options, const double *value, size_t index);
    /* Mass [MeV] of the neutral lepton that leaves in its terms. */
    double (*final_mass)(const void *options, const sevens_model_values *values);
    /* Recoil energies [MeV] where a shape on a target has a kink or a jump: writes the first max
     * and returns how many there are. */
    size_t (*kinks)(const void *options, const sevens_target *target, size_t max, double *T_MeV);
    /* Disappearance: the flux of a family is multiplied by 1 - depth probability(E) with
     * probability = (1 - sinc(slow/E) cos(phase/E))/2. At most one kind of a model has these. */
    sevens_quadratic (*depth)(const void *options, const sevens_model_values *values,
                              sevens_family family);
    sevens_oscillation (*oscillation)(const void *options, const sevens_model_values *values,
                                      const sevens_baseline *baseline);
} sevens_model_kind;

/* All kinds there are, for listings; NULL past the end. */
const sevens_model_kind *sevens_model_kind_at(size_t index);
const sevens_model_kind *sevens_model_kind_find(const char *name);

typedef struct sevens_model sevens_model;

/* Reads the `model:` entry (one kind or a list of kinds); faults go to doc, and NULL may come back
 * then. incoherent: kinds whose interference is not fixed add without any (`interference: none`).
 */
sevens_status sevens_model_create(sevens_model **model, sevens_document *doc,
                                  const sevens_node *entry, bool incoherent, sevens_error *err);
/* The Standard Model with the same `sm` options as `model`. */
sevens_status sevens_model_create_sm(sevens_model **sm, const sevens_model *model,
                                     sevens_error *err);
void sevens_model_destroy(sevens_model **model);

/* Parameters of all kinds, `sm` first. */
size_t sevens_model_n_parameters(const sevens_model *model);
const sevens_parameter *sevens_model_parameter(const sevens_model *model, size_t index);
/* Index of a name, or n_parameters. */
size_t sevens_model_find(const sevens_model *model, const char *name);
/* The end of a message about an unknown name; see sevens_suggest (text.h). */
const char *sevens_model_suggest(const sevens_model *model, const char *name,
                                 char buffer[SEVENS_SUGGESTION]);
const sevens_sm_options *sevens_model_sm_options(const sevens_model *model);
/* One line, "zprime (universal)"; for titles. Borrowed. */
const char *sevens_model_title(const sevens_model *model);

/* x = f(value) of a parameter, and back (the non-negative branch). */
double sevens_transform_apply(sevens_transform transform, double value);
double sevens_transform_invert(sevens_transform transform, double x);

/* A parameter that follows others: offset + sum of factor[i] times the value of source[i]; the
 * sources are not tied themselves, and no factor is 0. */
typedef struct sevens_tie {
    double offset;
    size_t n;
    size_t source[SEVENS_MODEL_MAX_PARAMETERS];
    double factor[SEVENS_MODEL_MAX_PARAMETERS];
} sevens_tie;

/* Ties a parameter; the tie is copied. */
sevens_status sevens_model_set_tie(sevens_model *model, size_t parameter, const sevens_tie *tie,
                                   sevens_error *err);
/* Borrowed; NULL: the parameter is not tied. */
const sevens_tie *sevens_model_tie(const sevens_model *model, size_t parameter);
/* Writes the tied values into an array of all. Only for showing them: wherever a model takes
 * values, it works tied ones out by itself and does not look at what stands in their places. */
void sevens_model_apply_ties(const sevens_model *model, double *value);
/* Whether rows can run along a parameter: every coefficient, also those tied to it, is affine in
 * its x, and depth and counts do not both depend on it. */
bool sevens_model_can_run(const sevens_model *model, size_t parameter);
/* Whether integrals change with a parameter, or with one that is tied to it. */
bool sevens_model_moves_templates(const sevens_model *model, size_t parameter);

/* A point of parameter space, or a whole row of it: values of all parameters, and which one varies
 * along the row (SEVENS_NO_ROW: none; then all c1 are 0). */
#define SEVENS_NO_ROW ((size_t)-1)
typedef struct sevens_model_point {
    const double *value; /* [n_parameters] */
    size_t row;
} sevens_model_point;

/* Why the values of all parameters make no sense together, or NULL; and whether that can be. */
const char *sevens_model_contradiction(const sevens_model *model, const double *value);
bool sevens_model_has_rules(const sevens_model *model);

/* Quantities that follow from the parameters, of all kinds: NAME.g2_u where a kind has a name. */
size_t sevens_model_n_derived(const sevens_model *model);
const sevens_derived *sevens_model_derived(const sevens_model *model, size_t index);
/* Its value at the values of all parameters, in its unit; NaN: it has none there. */
double sevens_model_derive(const sevens_model *model, const double *value, size_t index);

/* Terms, the two contact ones first. */
size_t sevens_model_n_terms(const sevens_model *model);
const sevens_term *sevens_model_term(const sevens_model *model, size_t t);
/* What the product of two terms gives; SEVENS_PRODUCT_NONE: they do not interfere. */
sevens_product sevens_model_product(const sevens_model *model, size_t t, size_t u);
/* w [n] at momentum transfers q2 [n] in MeV^2. */
void sevens_model_shape(const sevens_model *model, const sevens_model_point *point, size_t t,
                        const sevens_target *target, size_t n, const double *q2, double *w);
/* The factor of it that no parameter changes, for callers that keep it; false: it is 1. And the
 * shape made with that factor; NULL: 1. */
bool sevens_model_fixed_shape(const sevens_model *model, size_t t, const sevens_target *target,
                              size_t n, const double *q2, double *factor);
void sevens_model_shape_from(const sevens_model *model, const sevens_model_point *point, size_t t,
                             const sevens_target *target, size_t n, const double *q2,
                             const double *factor, double *w);
/* coupling [n_terms], overwritten, for neutrinos that come as `family` and leave as `final`. False
 * when it is all 0. */
bool sevens_model_amplitude(const sevens_model *model, const sevens_model_point *point,
                            sevens_family family, sevens_family final, sevens_coupling *coupling);
/* The same for all final states: coupling [SEVENS_N_FAMILY][n_terms]; any: which are not all 0. */
void sevens_model_amplitudes(const sevens_model *model, const sevens_model_point *point,
                             sevens_family family, sevens_coupling *coupling,
                             bool any[SEVENS_N_FAMILY]);
/* True when no template parameter that term t (or, for a contact term, the nuclear structure)
 * depends on differs between the two value arrays. */
bool sevens_model_same_shape(const sevens_model *model, size_t t, const double *a, const double *b);

/* Whether a term makes a heavy neutral lepton, and that lepton's mass [MeV]. */
bool sevens_model_has_final_mass(const sevens_model *model, size_t t);
double sevens_model_final_mass_MeV(const sevens_model *model, const sevens_model_point *point,
                                   size_t t);
/* Recoil energies [MeV] where shapes on a target have kinks: writes the first max and returns how
 * many there are. */
size_t sevens_model_kinks(const sevens_model *model, const sevens_target *target, size_t max,
                          double *T_MeV);

/* Disappearance on the way; see sevens_model_kind. */
bool sevens_model_disappears(const sevens_model *model);
bool sevens_model_same_disappearance(const sevens_model *model, const double *a, const double *b);
sevens_quadratic sevens_model_depth(const sevens_model *model, const sevens_model_point *point,
                                    sevens_family family);
sevens_oscillation sevens_model_oscillation(const sevens_model *model,
                                            const sevens_model_point *point,
                                            const sevens_baseline *baseline);

/* Proton and neutron rms radii [fm] of a nucleus at a point (the parameters rn_*). */
void sevens_model_radii(const sevens_model *model, const sevens_model_point *point,
                        const sevens_nucleus *nucleus, double *R_p_fm, double *R_n_fm);

#endif
