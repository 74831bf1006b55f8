/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charge assignments of a Z', shared by the kinds `zprime` and `zprime-axial`. */
#ifndef SEVENS_ZPRIME_CHARGES_H
#define SEVENS_ZPRIME_CHARGES_H

#include "sevens/document.h"
#include "sevens/flavour.h"
#include <stdbool.h>

/* What the coupling to a quark is made of. */
typedef enum zprime_mechanism {
    ZPRIME_CHARGES,
    ZPRIME_LOOPS,
    ZPRIME_HYPERCHARGE,
    ZPRIME_DARK_Z,
    ZPRIME_BARYONIC,
    ZPRIME_HIDDEN
} zprime_mechanism;

/* Charges of u, d, the neutrinos (of the left-handed leptons) and the electron, vector and axial in
 * the sign convention of gA. */
typedef struct zprime_charges {
    const char *name;
    zprime_mechanism how;
    double u, d, lepton[SEVENS_N_FAMILY], electron, electron_axial;
} zprime_charges;

#define ZPRIME_CHARGES_LABEL 128

/* Reads `charges:`, a name or {u:, d:, e:, mu:, tau:, electron:}; NULL: universal. Faults go to
 * doc. label: a name for titles. */
zprime_charges sevens_zprime_charges(sevens_document *doc, const sevens_node *node,
                                     char label[ZPRIME_CHARGES_LABEL]);

/* Those of the options of a `zprime` entry. */
const zprime_charges *sevens_zprime_charges_of(const void *zprime_options);
/* Whether they ask for half the amplitude, `norm: strigari`. */
bool sevens_zprime_is_halved(const void *zprime_options);

#define ZPRIME_CHARGES_DOC                                                                         \
    "universal, b-l, b-3l_e, b-3l_mu, b-3l_tau, b-2l_e-l_mu, b-l_e-2l_mu, b_y+l_mu+l_tau"

#endif
