/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Electrons of an atom as targets: a recoil T frees those that are bound by no more than T.
 * docs/physics.md eq. 34. */
#ifndef SEVENS_ELECTRON_H
#define SEVENS_ELECTRON_H

#include "sevens/nucleus.h"
#include <stddef.h>

#define SEVENS_MAX_SHELLS 24

/* Z_eff(T), the number of electrons with a binding energy up to T [MeV]; 0 for an element without a
 * table. */
int sevens_electrons_freed(const sevens_nucleus *nucleus, double T_MeV);

/* Binding energies [MeV] of an atom's shells, decreasing: where Z_eff has steps. Returns their
 * number, at most SEVENS_MAX_SHELLS. */
size_t sevens_electron_shells(const sevens_nucleus *nucleus, double *binding_MeV);

#endif
