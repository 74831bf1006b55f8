/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections `response` and `variations` of release.yaml; the others are in release_yaml.c. */
#include "release_internal.h"

#include <stdlib.h>
#include <string.h>

/* Exactly four numbers. */
static void read_four(double four[4], sevens_document *doc, const sevens_node *node,
                      const char *where)
{
    size_t n;
    if (node == NULL)
        return;
    double *values = sevens_document_reals(doc, node, where, 4, 4, &n);
    if (values != NULL)
        memcpy(four, values, 4 * sizeof *four);
    free(values);
}

typedef struct shape_section {
    int kind, unit;
    const sevens_node *coefficients;
    double a, b;
} shape_section;

static void read_shape(shape_section *s, sevens_document *doc, const sevens_node *node,
                       const char *where, const char *kind, const char *unit)
{
    const sevens_key keys[] = {
        {"kind", SEVENS_KEY_CHOICE, FIELD(shape_section, kind), NULL, 0, 0, kind, NULL, "form"},
        {"unit", SEVENS_KEY_CHOICE, FIELD(shape_section, unit), NULL, 0, 0, unit, NULL,
         "of the energy that the coefficients are for"},
        {"coefficients", SEVENS_KEY_SEQUENCE, FIELD(shape_section, coefficients), NULL, 0, 0, NULL,
         NULL, "four numbers"},
    };
    if (node != NULL)
        sevens_document_read(doc, node, where, keys, N_KEYS(keys), s);
}

static void read_smearing(shape_section *s, sevens_document *doc, const sevens_node *node)
{
    static const sevens_key keys[] = {
        {"kind", SEVENS_KEY_CHOICE, FIELD(shape_section, kind), NULL, 0, 0, "gamma-pe", NULL,
         "form"},
        {"unit", SEVENS_KEY_CHOICE, FIELD(shape_section, unit), NULL, 0, 0, "keVee", NULL,
         "of the electron-equivalent energy"},
        {"a", SEVENS_KEY_REAL, FIELD(shape_section, a), NULL, 1e-9, 1e9, NULL, "keVee",
         "inverse light yield"},
        {"b", SEVENS_KEY_REAL, FIELD(shape_section, b), NULL, 1e-9, 1e9, NULL, "1/keVee",
         "shape per energy"},
    };
    if (node != NULL)
        sevens_document_read(doc, node, "response.smearing", keys, N_KEYS(keys), s);
}

void sevens_release_read_response(sevens_response_parameters *p, sevens_document *doc,
                                  const sevens_node *node)
{
    struct section {
        const sevens_node *quenching, *smearing, *efficiency;
    } s = {0};
    static const sevens_key keys[] = {
        {"quenching", SEVENS_KEY_MAPPING, FIELD(struct section, quenching), NULL, 0, 0, NULL, NULL,
         "recoil to electron-equivalent energy"},
        {"smearing", SEVENS_KEY_MAPPING, FIELD(struct section, smearing), NULL, 0, 0, NULL, NULL,
         "energy resolution"},
        {"efficiency", SEVENS_KEY_MAPPING, FIELD(struct section, efficiency), NULL, 0, 0, NULL,
         NULL, "of the selection, per reconstructed energy"},
    };
    shape_section quenching = {0}, smearing = {0}, efficiency = {0};
    if (node == NULL)
        return;
    sevens_document_read(doc, node, "response", keys, N_KEYS(keys), &s);
    read_shape(&quenching, doc, s.quenching, "response.quenching", "polynomial", "MeV");
    read_smearing(&smearing, doc, s.smearing);
    read_shape(&efficiency, doc, s.efficiency, "response.efficiency", "sigmoid", "PE");
    p->quenching = (sevens_quenching_kind)quenching.kind;
    read_four(p->quenching_coefficient, doc, quenching.coefficients,
              "response.quenching.coefficients");
    p->smearing = (sevens_smearing_kind)smearing.kind;
    p->gamma_a_keVee = smearing.a;
    p->gamma_b_per_keVee = smearing.b;
    p->efficiency = (sevens_efficiency_kind)efficiency.kind;
    read_four(p->efficiency_coefficient, doc, efficiency.coefficients,
              "response.efficiency.coefficients");
}

static void check_variation_list(sevens_document *doc, const sevens_node *list, const char *where)
{
    struct section {
        const char *name;
        const sevens_node *plus, *minus;
    };
    static const sevens_key keys[] = {
        {"name", SEVENS_KEY_TEXT, FIELD(struct section, name), NULL, 0, 0, NULL, NULL,
         "of the nuisance"},
        {"plus", SEVENS_KEY_SEQUENCE, FIELD(struct section, plus), NULL, 0, 0, NULL, NULL,
         "coefficients at +1 sigma"},
        {"minus", SEVENS_KEY_SEQUENCE, FIELD(struct section, minus), NULL, 0, 0, NULL, NULL,
         "coefficients at -1 sigma"},
    };
    double four[4];
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        struct section s = {0};
        sevens_document_read(doc, list->item[i], where, keys, N_KEYS(keys), &s);
        read_four(four, doc, s.plus, where);
        read_four(four, doc, s.minus, where);
    }
}

void sevens_release_check_variations(sevens_document *doc, const sevens_node *node)
{
    struct section {
        const sevens_node *quenching, *efficiency;
    } s = {0};
    static const sevens_key keys[] = {
        {"quenching", SEVENS_KEY_SEQUENCE, FIELD(struct section, quenching), "", 0, 0, NULL, NULL,
         "of response.quenching.coefficients"},
        {"efficiency", SEVENS_KEY_SEQUENCE, FIELD(struct section, efficiency), "", 0, 0, NULL, NULL,
         "of response.efficiency.coefficients"},
    };
    if (node == NULL)
        return;
    sevens_document_read(doc, node, "variations", keys, N_KEYS(keys), &s);
    check_variation_list(doc, s.quenching, "variations.quenching");
    check_variation_list(doc, s.efficiency, "variations.efficiency");
}
