/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binding energies of the X-ray Data Booklet; the outermost electrons count as free. physics.md
 * eq. 34. */
#include "sevens/electron.h"
#include <string.h>

typedef struct shell {
    double binding_keV;
    int electrons;
} shell;

static const struct {
    const char *symbol;
    shell shell[SEVENS_MAX_SHELLS];
} elements[] = {
    {"Ge",
     {{11.1031, 2},
      {1.4146, 2},
      {1.2481, 2},
      {1.2170, 4},
      {0.1801, 2},
      {0.1249, 2},
      {0.1208, 4},
      {0.0298, 10},
      {0.0, 4}}},
    {"Cs",
     {{35.9846, 2},
      {5.7143, 2},
      {5.3594, 2},
      {5.0119, 4},
      {1.2110, 2},
      {1.0710, 2},
      {1.0030, 4},
      {0.7405, 4},
      {0.7266, 6},
      {0.2323, 2},
      {0.1724, 2},
      {0.1613, 4},
      {0.0798, 4},
      {0.0775, 6},
      {0.0227, 2},
      {0.0, 7}}},
    {"I",
     {{33.1694, 2},
      {5.1881, 2},
      {4.8521, 2},
      {4.5571, 4},
      {1.0721, 2},
      {0.9310, 2},
      {0.8750, 4},
      {0.6308, 4},
      {0.6193, 6},
      {0.1860, 2},
      {0.1230, 6},
      {0.0506, 4},
      {0.0489, 6},
      {0.0, 7}}},
    {"Ar", {{3.2059, 2}, {0.3263, 2}, {0.2506, 2}, {0.2484, 4}, {0.0293, 2}, {0.0158, 6}}},
    {"Xe",
     {{34.561, 2},
      {5.453, 2},
      {5.107, 2},
      {4.786, 4},
      {1.1487, 2},
      {1.0021, 2},
      {0.9406, 4},
      {0.6890, 4},
      {0.6764, 6},
      {0.2132, 2},
      {0.1467, 2},
      {0.1455, 4},
      {0.0695, 4},
      {0.0675, 6},
      {0.0233, 2},
      {0.0134, 2},
      {0.0121, 4}}},
    {"Na", {{1.0708, 2}, {0.0635, 2}, {0.0305, 6}, {0.0, 1}}},
    {"Si", {{1.8390, 2}, {0.1497, 2}, {0.0996, 6}, {0.0, 4}}},
};

/* Shells of an element, ended by one without electrons; NULL: no table. */
static const shell *find_shells(const sevens_nucleus *nucleus)
{
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        if (strcmp(elements[i].symbol, nucleus->symbol) == 0)
            return elements[i].shell;
    }
    return NULL;
}

int sevens_electrons_freed(const sevens_nucleus *nucleus, double T_MeV)
{
    const shell *s = find_shells(nucleus);
    int freed = 0;

    for (; s && s->electrons > 0; s++)
        freed += 1e-3 * s->binding_keV <= T_MeV ? s->electrons : 0;
    return freed;
}

size_t sevens_electron_shells(const sevens_nucleus *nucleus, double *binding_MeV)
{
    const shell *s = find_shells(nucleus);
    size_t n = 0;

    for (; s && s->electrons > 0; s++)
        binding_MeV[n++] = 1e-3 * s->binding_keV;
    return n;
}
