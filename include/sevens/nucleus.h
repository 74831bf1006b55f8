/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nuclei: charges, masses, radii, abundances. docs/physics.md section 1. */
#ifndef SEVENS_NUCLEUS_H
#define SEVENS_NUCLEUS_H

#include "sevens/text.h"
#include <stddef.h>

typedef struct sevens_nucleus {
    const char *name; /* "Cs133" */
    int Z, N;
    double atomic_mass_u;
    double abundance;   /* natural, 0..1 */
    double R_p_fm;      /* point-proton rms radius */
    double R_n_fm;      /* neutron rms radius */
    const char *symbol; /* "Cs" */
    int spin_p,
        spin_n; /* protons, neutrons with spin up less those with spin down, single particle */
} sevens_nucleus;

/* NULL when there is none; sevens_nucleus_suggest then ends the message. */
const sevens_nucleus *sevens_nucleus_find(const char *name);
const char *sevens_nucleus_suggest(const char *name, char buffer[SEVENS_SUGGESTION]);
/* NULL past the end. */
const sevens_nucleus *sevens_nucleus_at(size_t index);

/* Nuclear mass [MeV]: atomic mass less the electrons (their binding, < 2e-6, neglected). */
double sevens_nucleus_mass_MeV(const sevens_nucleus *nucleus);

/* Lewin-Smith rms radius [fm] for nuclei without a measured one; docs/physics.md eq. 3. */
double sevens_nucleus_radius_lewin_smith_fm(int A);

#endif
