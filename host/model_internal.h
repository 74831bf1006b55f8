/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between host/model.c (making models), host/model_evaluate.c (points and rows) and the files of
 * the kinds. */
#ifndef SEVENS_MODEL_INTERNAL_H
#define SEVENS_MODEL_INTERNAL_H

#include "sevens/model.h"

#define MODEL_MAX_INSTANCES 8
#define MODEL_MAX_KIND_PARAMETERS 16

/* An entry of the scan file's list of kinds. */
typedef struct model_instance {
    const sevens_model_kind *kind;
    char as[32];                        /* "" or the name that tells it from another */
    void *options;                      /* [kind->options_size] owned */
    const sevens_parameter *parameters; /* of the kind, or of its options */
    size_t n_parameters;
    size_t index[MODEL_MAX_KIND_PARAMETERS]; /* of each in the model's list */
    const sevens_term *terms;
    size_t n_terms, first_term; /* its own, in the model's list */
    size_t first_derived;       /* of its quantities in the model's list */
} model_instance;

struct sevens_model {
    size_t n_instance;
    model_instance instance[MODEL_MAX_INSTANCES]; /* [0] is `sm` */
    size_t n_parameters;
    sevens_parameter parameter[SEVENS_MODEL_MAX_PARAMETERS];
    char *renamed[SEVENS_MODEL_MAX_PARAMETERS];   /* "heavy.g_zp", or NULL; owned */
    sevens_tie *tie[SEVENS_MODEL_MAX_PARAMETERS]; /* owned; NULL: not tied */
    size_t n_derived;
    sevens_derived derived[SEVENS_MODEL_MAX_DERIVED];
    char *renamed_derived[SEVENS_MODEL_MAX_DERIVED]; /* as renamed */
    size_t n_terms;
    sevens_term term[SEVENS_MODEL_MAX_TERMS];
    size_t owner[SEVENS_MODEL_MAX_TERMS]; /* instance of each term; contact terms: 0 */
    size_t vanishing;                     /* instance that lets neutrinos disappear; 0: none */
    char title[256];
};

/* The registry: a new kind is one line here. `sm` stays first: it is part of every model. Each is
 * sevens_model_kind_<name> of host/model_<name>.c. */
#define MODEL_KINDS(KIND)                                                                          \
    KIND(sm)                                                                                       \
    KIND(nsi)                                                                                      \
    KIND(zprime)                                                                                   \
    KIND(zprime_axial)                                                                             \
    KIND(scalar)                                                                                   \
    KIND(tensor)                                                                                   \
    KIND(magnetic_moment)                                                                          \
    KIND(charge_radius)                                                                            \
    KIND(millicharge)                                                                              \
    KIND(sterile)                                                                                  \
    KIND(dipole_portal)                                                                            \
    KIND(lma_dark)

#define MODEL_DECLARE(name) extern const sevens_model_kind sevens_model_kind_##name;
MODEL_KINDS(MODEL_DECLARE)
#undef MODEL_DECLARE

/* The contact terms with the options of `sm`. */
void sevens_sm_contact_terms(const sevens_sm_options *sm, sevens_term term[SEVENS_N_CONTACT]);
/* Radii of a nucleus from the values of the parameters of `sm`, in the order of its table. */
void sevens_sm_radii(const double *value, const sevens_nucleus *nucleus, double *R_p_fm,
                     double *R_n_fm);

/* host/model_ties.c: the value of a parameter, tied or not, and f(value) along the row. */
double sevens_model_value(const sevens_model *model, const double *value, size_t parameter);
sevens_affine sevens_model_mapped(const sevens_model *model, const sevens_model_point *point,
                                  size_t parameter);

/* Pairs of families in the order ee, mumu, tautau, emu, etau, mutau, as parameters list them. */
enum { MODEL_N_PAIRS = 6 };
size_t sevens_family_pair(sevens_family a, sevens_family b);

/* True: for the hook tells_flavours of kinds with parameters per flavour. */
bool sevens_always(const void *options);

/* The unit of a mediator's shape: its amplitude at rest (of a mass of 1 MeV below that), so that
 * the shape is a plain number at any mass; amplitudes multiply it back. */
double sevens_mediator_scale(double m_MeV);
/* w[i] = 1/(Q2 + m^2) in that unit. */
void sevens_mediator_shape(double m_MeV, size_t n, const double *q2, double *w);

#endif
