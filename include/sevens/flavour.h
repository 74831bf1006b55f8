/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neutrino flavours. Antineutrinos have names of their own: no sign conventions. */
#ifndef SEVENS_FLAVOUR_H
#define SEVENS_FLAVOUR_H

#include <stdbool.h>

typedef enum sevens_flavour {
    SEVENS_NU_E,
    SEVENS_NUBAR_E,
    SEVENS_NU_MU,
    SEVENS_NUBAR_MU,
    SEVENS_NU_TAU,
    SEVENS_NUBAR_TAU,
    SEVENS_N_FLAVOUR
} sevens_flavour;

/* Lepton family of a flavour: couplings of neutrino and antineutrino are the same in CEvNS. */
typedef enum sevens_family {
    SEVENS_FAMILY_E,
    SEVENS_FAMILY_MU,
    SEVENS_FAMILY_TAU,
    SEVENS_N_FAMILY
} sevens_family;

const char *sevens_flavour_name(sevens_flavour flavour); /* "nu_e", "nubar_mu", ... */
bool sevens_flavour_parse(const char *name, sevens_flavour *flavour);
sevens_family sevens_flavour_family(sevens_flavour flavour);
bool sevens_flavour_is_anti(sevens_flavour flavour);

#endif
