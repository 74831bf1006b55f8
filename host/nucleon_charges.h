/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Couplings of a spin-0 or tensor boson to nucleons and electrons, and the parameters that the
 * kinds `scalar` and `tensor` share. */
#ifndef SEVENS_NUCLEON_CHARGES_H
#define SEVENS_NUCLEON_CHARGES_H

#include "model_internal.h"

typedef struct nucleon_charges {
    double p, n, electron;
} nucleon_charges;

typedef struct named_charges {
    const char *name;
    nucleon_charges charges;
} named_charges;

/* Reads `charges:`, one of the names (the first is the default) or {p:, n:, electron:}. */
typedef struct boson_options {
    const sevens_node *charges_node;
    nucleon_charges charges; /* completed by configure */
    char label[96];
} boson_options;

void sevens_nucleon_charges_read(boson_options *boson, const named_charges *names, size_t n_names,
                                 sevens_document *doc);

/* The parts of a kind that do not depend on its Lorentz structure. */
enum { BOSON_G, BOSON_M, BOSON_N_PARAMETERS };
extern const sevens_parameter sevens_boson_parameters[BOSON_N_PARAMETERS];
void sevens_boson_shape(const void *options, const sevens_model_values *values, size_t t,
                        const sevens_target *target, size_t n, const double *q2, double *w);
void sevens_boson_amplitude(const void *options, const sevens_model_values *values,
                            sevens_family family, sevens_family final, sevens_coupling *contact,
                            sevens_coupling *own);
const char *sevens_boson_label(const void *options);

#endif
