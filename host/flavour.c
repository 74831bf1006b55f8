/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sevens/flavour.h"
#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    sevens_family family;
} flavours[SEVENS_N_FLAVOUR] = {
    [SEVENS_NU_E] = {"nu_e", SEVENS_FAMILY_E},
    [SEVENS_NUBAR_E] = {"nubar_e", SEVENS_FAMILY_E},
    [SEVENS_NU_MU] = {"nu_mu", SEVENS_FAMILY_MU},
    [SEVENS_NUBAR_MU] = {"nubar_mu", SEVENS_FAMILY_MU},
    [SEVENS_NU_TAU] = {"nu_tau", SEVENS_FAMILY_TAU},
    [SEVENS_NUBAR_TAU] = {"nubar_tau", SEVENS_FAMILY_TAU},
};

const char *sevens_flavour_name(sevens_flavour flavour)
{
    return flavours[flavour].name;
}

bool sevens_flavour_parse(const char *name, sevens_flavour *flavour)
{
    for (size_t i = 0; i < SEVENS_N_FLAVOUR; i++) {
        if (strcmp(flavours[i].name, name) == 0) {
            *flavour = (sevens_flavour)i;
            return true;
        }
    }
    return false;
}

sevens_family sevens_flavour_family(sevens_flavour flavour)
{
    return flavours[flavour].family;
}

bool sevens_flavour_is_anti(sevens_flavour flavour)
{
    return flavour % 2 == 1; /* in the order of the enum */
}
