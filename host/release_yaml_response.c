/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section `response` of release.yaml, also as shape nuisances change it. Its tables are noted
 * here and read later, by release_tables.c. */
#include "release_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIT(kind) (1u << (kind))

/* A list of finite numbers within +-most, copied to `out`; the rest of out [max_n] becomes 0. */
static void read_numbers(double *out, sevens_document *doc, const sevens_node *list,
                         const char *where, size_t min_n, size_t max_n, double most)
{
    size_t n;
    if (list == NULL)
        return;
    double *values = sevens_document_reals(doc, list, where, min_n, max_n, &n);
    if (values == NULL)
        return;
    memset(out, 0, max_n * sizeof *out);
    memcpy(out, values, n * sizeof *out);
    free(values);
    for (size_t i = 0; i < n; i++)
        if (!(fabs(out[i]) <= most))
            sevens_document_fault(doc, list->item[i], "%s: entry %zu must be within +-%g, not %g",
                                  where, i, most, out[i]);
}

static void note_curve(sevens_release_reader *reader, const sevens_node *node, const char *where,
                       const char *file, const char *sha256, sevens_curve_kind kind,
                       sevens_curve *curve)
{
    sevens_release_curve *c = &reader->curve[reader->n_curve++];
    *c = (sevens_release_curve){.kind = kind, .curve = curve};
    sevens_release_note_file(reader->doc, node, where, file, sha256, &c->file);
}

static void read_quenching(sevens_release_reader *reader, const sevens_node *node,
                           const char *where, sevens_response_parameters *p)
{
    struct section {
        int kind, unit;
        const sevens_node *coefficients;
        const char *file, *sha256;
        double k, scale, minimum_keVee, light_yield;
    } s = {0};
    static const sevens_key keys[] = {
        CHOICE_KEY(struct section, kind, NULL, "polynomial|table|lindhard", "form"),
        CHOICE_KEY(struct section, unit, "", "MeV|keV", "of T and E_ee"),
        LIST_KEY(struct section, coefficients, "", "of T, T^2, T^3, T^4"),
        TEXT_KEY(struct section, file, "", "T[keVnr],qf[1]"),
        TEXT_KEY(struct section, sha256, "", "its checksum"),
        REAL_KEY(struct section, k, "", 1e-4, 10.0, NULL, "Lindhard's k"),
        REAL_KEY(struct section, scale, "1", 1e-3, 1e3, NULL, "multiplies E_ee"),
        REAL_KEY(struct section, minimum_keVee, "0", 0.0, 1e6, "keVee", "nothing is seen below"),
        REAL_KEY(struct section, light_yield, "1", 1e-9, 1e9, NULL, "reconstructed unit per keVee"),
    };
    enum {
        POLYNOMIAL = BIT(SEVENS_QUENCHING_POLYNOMIAL),
        TABLE = BIT(SEVENS_QUENCHING_TABLE),
        LINDHARD = BIT(SEVENS_QUENCHING_LINDHARD)
    };
    static const sevens_kind_rule rules[] = {{"unit", POLYNOMIAL, POLYNOMIAL},
                                             {"coefficients", POLYNOMIAL, POLYNOMIAL},
                                             {"file", TABLE, TABLE},
                                             {"sha256", 0, TABLE},
                                             {"k", LINDHARD, LINDHARD}};
    const size_t before = sevens_document_faults(reader->doc);
    sevens_document_read(reader->doc, node, where, keys, N_KEYS(keys), &s);
    if (sevens_document_faults(reader->doc) == before)
        sevens_release_check_kind(reader->doc, node, where, s.kind, rules, N_KEYS(rules));
    p->quenching = (sevens_quenching_kind)s.kind;
    p->lindhard_k = s.k;
    p->quenching_scale = s.scale;
    p->minimum_keVee = s.minimum_keVee;
    p->light_yield = s.light_yield;
    if (p->quenching == SEVENS_QUENCHING_POLYNOMIAL)
        read_numbers(p->quenching_coefficient, reader->doc, s.coefficients, where, 1, 4, 1e15);
    if (s.unit == 1) /* E_ee/keV = sum c (T/keV)^(k+1) -> MeV */
        for (int k = 1; k < 4; k++)
            p->quenching_coefficient[k] *= pow(1e3, k);
    if (p->quenching == SEVENS_QUENCHING_TABLE)
        note_curve(reader, node, where, s.file, s.sha256, SEVENS_CURVE_QUENCHING,
                   &p->quenching_factor);
}

static void read_smearing(sevens_document *doc, const sevens_node *node, const char *where,
                          sevens_response_parameters *p)
{
    struct section {
        int kind, unit;
        double a, b;
        const sevens_node *sigma2;
        bool truncated;
    } s = {0};
    static const sevens_key keys[] = {
        CHOICE_KEY(struct section, kind, NULL, "none|gamma-pe|poisson|gauss", "form"),
        CHOICE_KEY(struct section, unit, "", "keVee", "of the electron-equivalent energy"),
        REAL_KEY(struct section, a, "", 1e-9, 1e9, "keVee", "inverse light yield"),
        REAL_KEY(struct section, b, "", 1e-9, 1e9, "1/keVee", "shape per energy"),
        LIST_KEY(struct section, sigma2, "", "c0, c1, c2 of sigma^2 = c0 + c1 E + c2 E^2"),
        FLAG_KEY(struct section, truncated, "false", "renormalised to positive energies"),
    };
    enum { GAMMA = BIT(SEVENS_SMEARING_GAMMA_PE), GAUSS = BIT(SEVENS_SMEARING_GAUSS) };
    static const sevens_kind_rule rules[] = {{"unit", GAMMA, GAMMA},
                                             {"a", GAMMA, GAMMA},
                                             {"b", GAMMA, GAMMA},
                                             {"sigma2", GAUSS, GAUSS},
                                             {"truncated", 0, GAUSS}};
    const size_t before = sevens_document_faults(doc);
    sevens_document_read(doc, node, where, keys, N_KEYS(keys), &s);
    if (sevens_document_faults(doc) == before)
        sevens_release_check_kind(doc, node, where, s.kind, rules, N_KEYS(rules));
    p->smearing = (sevens_smearing_kind)s.kind;
    p->gamma_a_keVee = s.a;
    p->gamma_b_per_keVee = s.b;
    p->truncated = s.truncated;
    if (p->smearing != SEVENS_SMEARING_GAUSS || s.sigma2 == NULL)
        return;
    read_numbers(p->sigma2, doc, s.sigma2, where, 3, 3, 1e12);
    if (sevens_document_faults(doc) == before &&
        !(fmin(fmin(p->sigma2[0], p->sigma2[1]), p->sigma2[2]) >= 0.0 &&
          p->sigma2[0] + p->sigma2[1] + p->sigma2[2] > 0.0))
        sevens_document_fault(doc, s.sigma2,
                              "%s: 'sigma2' must be positive: no number below 0, not all 0", where);
}

static void read_efficiency(sevens_release_reader *reader, const sevens_node *node,
                            const char *where, sevens_response_parameters *p)
{
    struct section {
        int kind;
        const char *unit, *file, *sha256;
        const sevens_node *coefficients;
    } s = {0};
    static const sevens_key keys[] = {
        CHOICE_KEY(struct section, kind, NULL, "one|sigmoid|linear|steps", "form"),
        TEXT_KEY(struct section, unit, "", "of the reconstructed energy"),
        LIST_KEY(struct section, coefficients, "", "a, b, c, d of a/(1 + exp(-b (x - c))) + d"),
        TEXT_KEY(struct section, file, "", "efficiency against reconstructed energy"),
        TEXT_KEY(struct section, sha256, "", "its checksum"),
    };
    enum {
        SIGMOID = BIT(SEVENS_EFFICIENCY_SIGMOID),
        TABLE = BIT(SEVENS_EFFICIENCY_LINEAR) | BIT(SEVENS_EFFICIENCY_STEPS)
    };
    static const sevens_kind_rule rules[] = {{"unit", SIGMOID, SIGMOID},
                                             {"coefficients", SIGMOID, SIGMOID},
                                             {"file", TABLE, TABLE},
                                             {"sha256", 0, TABLE}};
    sevens_document *doc = reader->doc;
    const sevens_bin_axis *axis = &reader->release->axis[0];
    const size_t before = sevens_document_faults(doc);
    sevens_document_read(doc, node, where, keys, N_KEYS(keys), &s);
    if (sevens_document_faults(doc) == before)
        sevens_release_check_kind(doc, node, where, s.kind, rules, N_KEYS(rules));
    if (s.unit != NULL && axis->unit != NULL && strcmp(s.unit, axis->unit) != 0)
        sevens_document_fault(doc, sevens_node_get(node, "unit"),
                              "%s: 'unit' must be that of the first axis, %s, not '%.40s'", where,
                              axis->unit, s.unit);
    p->efficiency = (sevens_efficiency_kind)s.kind;
    if (p->efficiency == SEVENS_EFFICIENCY_SIGMOID)
        read_numbers(p->efficiency_coefficient, doc, s.coefficients, where, 4, 4, 1e9);
    else if (p->efficiency != SEVENS_EFFICIENCY_ONE)
        note_curve(reader, node, where, s.file, s.sha256,
                   p->efficiency == SEVENS_EFFICIENCY_LINEAR ? SEVENS_CURVE_LINEAR
                                                             : SEVENS_CURVE_STEPS,
                   &p->efficiency_curve);
}

static void read_nodes(sevens_release_reader *reader, const sevens_node *list)
{
    sevens_release *r = reader->release;
    /* A table of yields has a column for each, besides two for each axis. */
    const size_t most = SEVENS_TABLE_MAX_COLUMNS - 2 * SEVENS_RELEASE_MAX_AXES;
    r->node_keVnr =
        sevens_document_reals(reader->doc, list, "response.nodes_keVnr", 2, most, &r->n_node);
    for (size_t i = 0; i < r->n_node; i++) {
        const double least = i > 0 ? r->node_keVnr[i - 1] : 0.0;
        if (!(r->node_keVnr[i] > least && r->node_keVnr[i] <= 1e6))
            sevens_document_fault(reader->doc, list->item[i],
                                  "response.nodes_keVnr must increase from above 0 to at most "
                                  "1e6: %g",
                                  r->node_keVnr[i]);
    }
    r->n_channel = r->n_node;
}

/* A response by nodes has no other parts, and the others are needed without. */
static bool check_parts(sevens_document *doc, const sevens_node *node, const char *where,
                        bool by_nodes)
{
    static const char *const parts[] = {"quenching", "smearing", "efficiency"};
    bool good = true;
    for (size_t i = 0; i < N_KEYS(parts); i++) {
        const bool given = sevens_release_given(node, parts[i]);
        if (given && by_nodes)
            sevens_document_fault(doc, sevens_node_get(node, parts[i]),
                                  "%s: '%s' has no meaning with 'nodes_keVnr'", where, parts[i]);
        else if (!given && !by_nodes)
            sevens_document_fault(doc, node, "%s: the key '%s' is missing", where, parts[i]);
        good = good && given != by_nodes;
    }
    return good;
}

void sevens_release_read_response(sevens_release_reader *reader, const sevens_node *node,
                                  const char *where, sevens_response_parameters *p)
{
    struct section {
        const sevens_node *quenching, *smearing, *efficiency, *nodes_keVnr;
    } s = {0};
    static const sevens_key keys[] = {
        MAP_KEY(struct section, quenching, "", "recoil to electron-equivalent energy"),
        MAP_KEY(struct section, smearing, "", "energy resolution"),
        MAP_KEY(struct section, efficiency, "", "of the selection, per reconstructed energy"),
        LIST_KEY(struct section, nodes_keVnr, "", "recoil energies of 'tables.yields'"),
    };
    sevens_document *doc = reader->doc;
    char part[128];
    if (node == NULL)
        return;
    const size_t before = sevens_document_faults(doc);
    sevens_document_read(doc, node, where, keys, N_KEYS(keys), &s);
    if (sevens_document_faults(doc) > before || !check_parts(doc, node, where, s.nodes_keVnr))
        return;
    if (s.nodes_keVnr != NULL) {
        read_nodes(reader, s.nodes_keVnr);
        return;
    }
    snprintf(part, sizeof part, "%.80s.quenching", where);
    read_quenching(reader, s.quenching, part, p);
    snprintf(part, sizeof part, "%.80s.smearing", where);
    read_smearing(doc, s.smearing, part, p);
    snprintf(part, sizeof part, "%.80s.efficiency", where);
    read_efficiency(reader, s.efficiency, part, p);
    if (p->smearing == SEVENS_SMEARING_GAMMA_PE && p->light_yield != 1.0)
        sevens_document_fault(doc, sevens_node_get(s.quenching, "light_yield"),
                              "%s: 'light_yield' must be 1 with gamma-pe, which has its own in 'a'",
                              where);
}
