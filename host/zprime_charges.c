/* SPDX-License-Identifier: GPL-3.0-or-later */
/* physics.md, table of eq. 16, and eqs. 30 to 32. Dark hypercharge has the vector charges
 * (Y_L + Y_R)/2 and, for electrons, the axial ones too; the dark Z those of the Z. */
#include "zprime_charges.h"
#include "sevens/constants.h"
#include "sevens/text.h"
#include <stdio.h>
#include <string.h>

#define THIRD (1.0 / 3.0)

static const zprime_charges assignments[] = {
    {"universal", ZPRIME_CHARGES, 1.0, 1.0, {1.0, 1.0, 1.0}, 1.0, 0.0},
    {"b-l", ZPRIME_CHARGES, THIRD, THIRD, {-1.0, -1.0, -1.0}, -1.0, 0.0},
    {"b-3l_e", ZPRIME_CHARGES, THIRD, THIRD, {-3.0, 0.0, 0.0}, -3.0, 0.0},
    {"b-3l_mu", ZPRIME_CHARGES, THIRD, THIRD, {0.0, -3.0, 0.0}, 0.0, 0.0},
    {"b-3l_tau", ZPRIME_CHARGES, THIRD, THIRD, {0.0, 0.0, -3.0}, 0.0, 0.0},
    {"b-2l_e-l_mu", ZPRIME_CHARGES, THIRD, THIRD, {-2.0, -1.0, 0.0}, -2.0, 0.0},
    {"b-l_e-2l_mu", ZPRIME_CHARGES, THIRD, THIRD, {-1.0, -2.0, 0.0}, -1.0, 0.0},
    {"b_y+l_mu+l_tau", ZPRIME_CHARGES, THIRD, THIRD, {0.0, 1.0, 1.0}, 0.0, 0.0},
    {"l_e-l_mu", ZPRIME_LOOPS, 0.0, 0.0, {1.0, -1.0, 0.0}, 1.0, 0.0},
    {"l_e-l_tau", ZPRIME_LOOPS, 0.0, 0.0, {1.0, 0.0, -1.0}, 1.0, 0.0},
    {"l_mu-l_tau", ZPRIME_LOOPS, 0.0, 0.0, {0.0, 1.0, -1.0}, 0.0, 0.0},
    {"dark-hypercharge",
     ZPRIME_HYPERCHARGE,
     5.0 / 12.0,
     -1.0 / 12.0,
     {-0.5, -0.5, -0.5},
     -0.75,
     0.25},
    {"dark-z",
     ZPRIME_DARK_Z,
     0.25 - 2.0 / 3.0 * SEVENS_S2W,
     -0.25 + SEVENS_S2W / 3.0,
     {0.5, 0.5, 0.5},
     -0.25 + SEVENS_S2W,
     -0.25},
    {"baryonic", ZPRIME_BARYONIC, THIRD, THIRD, {1.0, 1.0, 1.0}, 0.0, 0.0},
    {"hidden", ZPRIME_HIDDEN, 1.0, 1.0, {1.0, 1.0, 1.0}, 0.0, 0.0},
};

#define N_ASSIGNMENTS (sizeof assignments / sizeof assignments[0])

static zprime_charges named(sevens_document *doc, const sevens_node *node, const char *name)
{
    const char *names[N_ASSIGNMENTS];
    char suggestion[SEVENS_SUGGESTION];

    for (size_t i = 0; i < N_ASSIGNMENTS; i++) {
        names[i] = assignments[i].name;
        if (strcmp(names[i], name) == 0)
            return assignments[i];
    }
    sevens_document_fault(doc, node, "unknown charges '%.60s'; %s", name,
                          sevens_suggest(suggestion, name, names, N_ASSIGNMENTS));
    return assignments[0];
}

/* Charges written out; the electron has that of its neutrino unless it is given. */
static zprime_charges written_out(sevens_document *doc, const sevens_node *node)
{
    typedef struct entry {
        double u, d, e, mu, tau, electron;
    } entry;
#define CHARGE(field_, default_)                                                                   \
    {                                                                                              \
        .name = #field_, .type = SEVENS_KEY_REAL, .offset = offsetof(entry, field_),               \
        .default_text = default_, .min = -1000.0, .max = 1000.0, .doc = "charge of " #field_       \
    }
    static const sevens_key keys[] = {CHARGE(u, "0"),  CHARGE(d, "0"),   CHARGE(e, "0"),
                                      CHARGE(mu, "0"), CHARGE(tau, "0"), CHARGE(electron, "")};
#undef CHARGE
    const sevens_node *electron = sevens_node_get(node, "electron");
    entry c = {0};

    sevens_document_read(doc, node, "charges", keys, sizeof keys / sizeof keys[0], &c);
    return (zprime_charges){.name = "free",
                            .how = ZPRIME_CHARGES,
                            .u = c.u,
                            .d = c.d,
                            .lepton = {c.e, c.mu, c.tau},
                            .electron = electron ? c.electron : c.e};
}

zprime_charges sevens_zprime_charges(sevens_document *doc, const sevens_node *node,
                                     char label[ZPRIME_CHARGES_LABEL])
{
    zprime_charges c = assignments[0];

    if (node && node->kind == SEVENS_NODE_SEQUENCE)
        sevens_document_fault(doc, node, "'charges' must be a name or a mapping of charges");
    else if (node && node->kind == SEVENS_NODE_SCALAR)
        c = named(doc, node, node->text);
    if (!node || node->kind != SEVENS_NODE_MAPPING) {
        snprintf(label, ZPRIME_CHARGES_LABEL, "%s", c.name);
        return c;
    }
    c = written_out(doc, node);
    snprintf(label, ZPRIME_CHARGES_LABEL, "u %.4g, d %.4g, e %.4g, mu %.4g, tau %.4g", c.u, c.d,
             c.lepton[0], c.lepton[1], c.lepton[2]);
    if (c.electron != c.lepton[0])
        snprintf(label + strlen(label), ZPRIME_CHARGES_LABEL - strlen(label), ", electron %.4g",
                 c.electron);
    return c;
}
