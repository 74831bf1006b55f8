/* SPDX-License-Identifier: GPL-3.0-or-later */
/* release.yaml -> sevens_release, section by section. The tables of keys here are the description
 * of the format; docs/adding_an_experiment.md explains it. Bounds are wide: they catch a wrong unit
 * or a lost exponent, not an unusual experiment. */
#include "release_internal.h"

#include "sevens/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGMA_MIN 1e-6
#define SIGMA_MAX 100.0

typedef struct document_root {
    int64_t schema;
    const char *name, *title, *citation, *doi, *arxiv, *url, *version, *made_by;
    const sevens_node *sources, *flux, *target, *response, *bins, *likelihood, *backgrounds,
        *tables, *variations;
} document_root;

static const sevens_key root_keys[] = {
    {"schema", SEVENS_KEY_INTEGER, FIELD(document_root, schema), NULL, 1, 1, NULL, NULL,
     "version of this layout"},
    {"name", SEVENS_KEY_TEXT, FIELD(document_root, name), NULL, 0, 0, NULL, NULL, "release name"},
    {"title", SEVENS_KEY_TEXT, FIELD(document_root, title), NULL, 0, 0, NULL, NULL, "one line"},
    {"citation", SEVENS_KEY_TEXT, FIELD(document_root, citation), NULL, 0, 0, NULL, NULL,
     "authors, title, journal"},
    {"doi", SEVENS_KEY_TEXT, FIELD(document_root, doi), "", 0, 0, NULL, NULL, "DOI"},
    {"arxiv", SEVENS_KEY_TEXT, FIELD(document_root, arxiv), "", 0, 0, NULL, NULL, "arXiv number"},
    {"url", SEVENS_KEY_TEXT, FIELD(document_root, url), "", 0, 0, NULL, NULL,
     "where the originals are"},
    {"version", SEVENS_KEY_TEXT, FIELD(document_root, version), NULL, 0, 0, NULL, NULL,
     "version of the originals"},
    {"made_by", SEVENS_KEY_TEXT, FIELD(document_root, made_by), NULL, 0, 0, NULL, NULL,
     "command that made the folder"},
    {"sources", SEVENS_KEY_SEQUENCE, FIELD(document_root, sources), NULL, 0, 0, NULL, NULL,
     "originals: file, sha256"},
    {"flux", SEVENS_KEY_MAPPING, FIELD(document_root, flux), NULL, 0, 0, NULL, NULL, "neutrinos"},
    {"target", SEVENS_KEY_MAPPING, FIELD(document_root, target), NULL, 0, 0, NULL, NULL,
     "mass and nuclei"},
    {"response", SEVENS_KEY_MAPPING, FIELD(document_root, response), NULL, 0, 0, NULL, NULL,
     "recoil energy to reconstructed energy"},
    {"bins", SEVENS_KEY_SEQUENCE, FIELD(document_root, bins), NULL, 0, 0, NULL, NULL,
     "axes: energy, then time"},
    {"likelihood", SEVENS_KEY_MAPPING, FIELD(document_root, likelihood), NULL, 0, 0, NULL, NULL,
     "kind and signal_sigma"},
    {"backgrounds", SEVENS_KEY_SEQUENCE, FIELD(document_root, backgrounds), NULL, 0, 0, NULL, NULL,
     "name, sigma"},
    {"tables", SEVENS_KEY_MAPPING, FIELD(document_root, tables), NULL, 0, 0, NULL, NULL,
     "counts and shares"},
    {"variations", SEVENS_KEY_MAPPING, FIELD(document_root, variations), "", 0, 0, NULL, NULL,
     "response at +-1 sigma"},
};

bool sevens_release_name_is_valid(const char *name)
{
    if (*name == '\0' || *name == '.' || strlen(name) > 100)
        return false;
    for (; *name != '\0'; name++)
        if (!isalnum((unsigned char)*name) && strchr("-_.", *name) == NULL)
            return false;
    return true;
}

/* ---- head ---- */

static bool is_sha256(const char *text)
{
    return strlen(text) == SEVENS_SHA256_HEX - 1 &&
           strspn(text, "0123456789abcdef") == SEVENS_SHA256_HEX - 1;
}

static void check_sources(sevens_document *doc, const sevens_node *list)
{
    static const sevens_key keys[] = {
        {"file", SEVENS_KEY_TEXT, FIELD(sevens_release_table, file), NULL, 0, 0, NULL, NULL,
         "name of the original"},
        {"sha256", SEVENS_KEY_TEXT, FIELD(sevens_release_table, sha256), "", 0, 0, NULL, NULL,
         "its sum; empty for a pipe"},
    };
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        sevens_release_table source = {0};
        sevens_document_read(doc, list->item[i], "sources", keys, N_KEYS(keys), &source);
        if (source.sha256 != NULL && *source.sha256 != '\0' && !is_sha256(source.sha256))
            sevens_document_fault(doc, list->item[i], "sources: 'sha256' must be 64 hex digits");
    }
}

static sevens_status read_texts(sevens_release *r, const document_root *root, sevens_error *err)
{
    const struct {
        char **field;
        const char *text;
    } texts[] = {
        {&r->name, root->name},       {&r->title, root->title}, {&r->citation, root->citation},
        {&r->doi, root->doi},         {&r->arxiv, root->arxiv}, {&r->url, root->url},
        {&r->version, root->version},
    };
    sevens_status status = SEVENS_OK;
    for (size_t i = 0; i < N_KEYS(texts); i++) {
        *texts[i].field = sevens_strdup(texts[i].text ? texts[i].text : "");
        SEVENS_TRY_ALLOC(*texts[i].field);
    }

cleanup:
    return status;
}

/* ---- flux and target ---- */

static void read_flux(sevens_release *r, sevens_document *doc, const sevens_node *node)
{
    struct section {
        int kind;
        double pot, neutrinos_per_proton, baseline_m;
    } s = {0};
    static const sevens_key keys[] = {
        {"kind", SEVENS_KEY_CHOICE, FIELD(struct section, kind), NULL, 0, 0, "pion-dar", NULL,
         "source of the neutrinos"},
        {"pot", SEVENS_KEY_REAL, FIELD(struct section, pot), NULL, 1.0, 1e30, NULL, NULL,
         "protons on target"},
        {"neutrinos_per_proton", SEVENS_KEY_REAL, FIELD(struct section, neutrinos_per_proton), NULL,
         1e-9, 10.0, NULL, NULL, "per flavour"},
        {"baseline_m", SEVENS_KEY_REAL, FIELD(struct section, baseline_m), NULL, 1e-2, 1e6, NULL,
         "m", "source to detector"},
    };
    if (node == NULL)
        return;
    sevens_document_read(doc, node, "flux", keys, N_KEYS(keys), &s);
    r->flux_kind = (sevens_flux_kind)s.kind;
    r->pot = s.pot;
    r->neutrinos_per_proton = s.neutrinos_per_proton;
    r->baseline_m = s.baseline_m;
}

static void read_nucleus(sevens_release *r, sevens_document *doc, const sevens_node *item)
{
    struct section {
        const char *nucleus;
        double count;
    } s = {0};
    static const sevens_key keys[] = {
        {"nucleus", SEVENS_KEY_TEXT, FIELD(struct section, nucleus), NULL, 0, 0, NULL, NULL,
         "as Cs133"},
        {"count", SEVENS_KEY_REAL, FIELD(struct section, count), NULL, 1e-9, 1000.0, NULL, NULL,
         "nuclei per formula unit"},
    };
    sevens_document_read(doc, item, "target.nuclei", keys, N_KEYS(keys), &s);
    if (s.nucleus == NULL)
        return;
    const sevens_nucleus *nucleus = sevens_nucleus_find(s.nucleus);
    if (nucleus == NULL) {
        char suggestion[SEVENS_SUGGESTION];
        sevens_document_fault(doc, sevens_node_get(item, "nucleus"), "unknown nucleus '%.60s'; %s",
                              s.nucleus, sevens_nucleus_suggest(s.nucleus, suggestion));
        return;
    }
    for (size_t i = 0; i < r->n_target; i++)
        if (r->target[i].nucleus == nucleus)
            sevens_document_fault(doc, item, "nucleus '%s' comes twice", nucleus->name);
    r->target[r->n_target++] = (sevens_target_nucleus){nucleus, s.count};
}

static void read_target(sevens_release *r, sevens_document *doc, const sevens_node *node)
{
    struct section {
        double mass_kg, molar_mass_g;
        const sevens_node *nuclei;
    } s = {0};
    static const sevens_key keys[] = {
        {"mass_kg", SEVENS_KEY_REAL, FIELD(struct section, mass_kg), NULL, 1e-9, 1e9, NULL, "kg",
         "active mass"},
        {"molar_mass_g_per_mol", SEVENS_KEY_REAL, FIELD(struct section, molar_mass_g), NULL, 1.0,
         1e4, NULL, "g/mol", "of a formula unit"},
        {"nuclei", SEVENS_KEY_SEQUENCE, FIELD(struct section, nuclei), NULL, 0, 0, NULL, NULL,
         "nucleus, count"},
    };
    if (node == NULL)
        return;
    sevens_document_read(doc, node, "target", keys, N_KEYS(keys), &s);
    r->mass_kg = s.mass_kg;
    r->molar_mass_g = s.molar_mass_g;
    if (s.nuclei == NULL)
        return;
    if (s.nuclei->n < 1 || s.nuclei->n > SEVENS_RELEASE_MAX_NUCLEI) {
        sevens_document_fault(doc, s.nuclei, "target.nuclei must hold from 1 to %d nuclei, not %zu",
                              SEVENS_RELEASE_MAX_NUCLEI, s.nuclei->n);
        return;
    }
    double mass = 0.0;
    for (size_t i = 0; i < s.nuclei->n; i++)
        read_nucleus(r, doc, s.nuclei->item[i]);
    for (size_t i = 0; i < r->n_target; i++)
        mass += r->target[i].count * r->target[i].nucleus->atomic_mass_u;
    /* 2 %: natural mixtures are sometimes described by one isotope. */
    if (sevens_document_faults(doc) == 0 && !(fabs(mass / s.molar_mass_g - 1.0) <= 0.02))
        sevens_document_fault(doc, sevens_node_get(node, "molar_mass_g_per_mol"),
                              "target: the molar mass is %g g/mol, but the nuclei have %g g/mol "
                              "together",
                              s.molar_mass_g, mass);
}

/* ---- bins and likelihood ---- */

static sevens_status read_axis(sevens_bin_axis *axis, sevens_document *doc, const sevens_node *item,
                               bool time, sevens_error *err)
{
    struct section {
        int name, unit;
        const sevens_node *edges;
    } s = {0};
    const char *name = time ? "time" : "energy", *unit = time ? "us" : "PE";
    const sevens_key keys[] = {
        {"name", SEVENS_KEY_CHOICE, FIELD(struct section, name), NULL, 0, 0, name, NULL,
         "energy first, then time"},
        {"unit", SEVENS_KEY_CHOICE, FIELD(struct section, unit), NULL, 0, 0, unit, NULL,
         "of the edges"},
        {"edges", SEVENS_KEY_SEQUENCE, FIELD(struct section, edges), NULL, 0, 0, NULL, NULL,
         "increasing"},
    };
    sevens_status status = SEVENS_OK;
    size_t n = 0;
    sevens_document_read(doc, item, time ? "bins[1]" : "bins[0]", keys, N_KEYS(keys), &s);
    axis->name = sevens_strdup(name);
    SEVENS_TRY_ALLOC(axis->name);
    axis->unit = sevens_strdup(unit);
    SEVENS_TRY_ALLOC(axis->unit);
    if (s.edges != NULL)
        axis->edges =
            sevens_document_reals(doc, s.edges, "edges", 2, SEVENS_RELEASE_MAX_BINS + 1, &n);
    if (axis->edges == NULL)
        return SEVENS_OK; /* a fault has been noted */
    axis->n = n - 1;
    for (size_t i = 1; i < n; i++)
        if (!(axis->edges[i] > axis->edges[i - 1]))
            sevens_document_fault(doc, s.edges->item[i],
                                  "the %s edges must increase: %g comes after %g", name,
                                  axis->edges[i], axis->edges[i - 1]);

cleanup:
    return status;
}

static sevens_status read_bins(sevens_release *r, sevens_document *doc, const sevens_node *list,
                               sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    if (list == NULL)
        return SEVENS_OK;
    if (list->n < 1 || list->n > 2) {
        sevens_document_fault(doc, list, "'bins' must hold one or two axes, not %zu", list->n);
        return SEVENS_OK;
    }
    r->n_axis = list->n;
    for (size_t a = 0; a < list->n; a++)
        SEVENS_TRY(read_axis(&r->axis[a], doc, list->item[a], a == 1, err));
    r->n_energy = r->axis[0].n;
    r->n_share = r->n_axis == 2 ? r->axis[1].n : 1;
    r->n_bin = r->n_energy * r->n_share;
    if (r->n_bin > SEVENS_RELEASE_MAX_BINS)
        sevens_document_fault(doc, list, "%zu bins; at most %d can be used", r->n_bin,
                              SEVENS_RELEASE_MAX_BINS);

cleanup:
    return status;
}

static void read_likelihood(sevens_release *r, sevens_document *doc, const sevens_node *node)
{
    struct section {
        int kind;
        double signal_sigma;
    } s = {0};
    static const sevens_key keys[] = {
        {"kind", SEVENS_KEY_CHOICE, FIELD(struct section, kind), NULL, 0, 0, "poisson", NULL,
         "form of chi-square"},
        {"signal_sigma", SEVENS_KEY_REAL, FIELD(struct section, signal_sigma), NULL, SIGMA_MIN,
         SIGMA_MAX, NULL, NULL, "relative width of the signal's norm pull"},
    };
    if (node == NULL)
        return;
    sevens_document_read(doc, node, "likelihood", keys, N_KEYS(keys), &s);
    r->likelihood = (sevens_likelihood_kind)s.kind;
    r->signal_sigma = s.signal_sigma;
}

/* Names become columns of the table and names of nuisances. */
static void check_background_name(const sevens_release *r, sevens_document *doc,
                                  const sevens_node *item, const char *name)
{
    static const char *const taken[] = {"signal", "observed"};
    bool good = isalpha((unsigned char)*name) && strlen(name) < 64;
    for (const char *p = name; *p != '\0'; p++)
        good = good && (isalnum((unsigned char)*p) || *p == '_');
    if (!good)
        sevens_document_fault(doc, item, "background name '%.60s': letters, digits and '_' only",
                              name);
    for (size_t i = 0; i < N_KEYS(taken); i++)
        if (strcmp(taken[i], name) == 0)
            sevens_document_fault(doc, item, "background name '%s' has another meaning", name);
    for (size_t i = 0; i < r->n_background; i++)
        if (strcmp(r->background[i].name, name) == 0)
            sevens_document_fault(doc, item, "background '%s' comes twice", name);
}

static sevens_status read_backgrounds(sevens_release *r, sevens_document *doc,
                                      const sevens_node *list, sevens_error *err)
{
    struct section {
        const char *name;
        double sigma;
    };
    static const sevens_key keys[] = {
        {"name", SEVENS_KEY_TEXT, FIELD(struct section, name), NULL, 0, 0, NULL, NULL,
         "column of the counts table"},
        {"sigma", SEVENS_KEY_REAL, FIELD(struct section, sigma), NULL, SIGMA_MIN, SIGMA_MAX, NULL,
         NULL, "relative width of the norm pull"},
    };
    sevens_status status = SEVENS_OK;
    if (list != NULL && list->n > SEVENS_RELEASE_MAX_BACKGROUNDS) {
        sevens_document_fault(doc, list, "%zu backgrounds; at most %d can be used", list->n,
                              SEVENS_RELEASE_MAX_BACKGROUNDS);
        return SEVENS_OK;
    }
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        struct section s = {0};
        sevens_document_read(doc, list->item[i], "backgrounds", keys, N_KEYS(keys), &s);
        if (s.name == NULL)
            continue;
        check_background_name(r, doc, list->item[i], s.name);
        sevens_background *b = &r->background[r->n_background];
        b->sigma = s.sigma;
        b->name = sevens_strdup(s.name);
        SEVENS_TRY_ALLOC(b->name);
        r->n_background++;
    }

cleanup:
    return status;
}

/* ---- tables ---- */

static void read_table(sevens_release_table *table, sevens_document *doc, const sevens_node *node,
                       const char *where)
{
    static const sevens_key keys[] = {
        {"file", SEVENS_KEY_TEXT, FIELD(sevens_release_table, file), NULL, 0, 0, NULL, NULL,
         "in the same folder"},
        {"sha256", SEVENS_KEY_TEXT, FIELD(sevens_release_table, sha256), NULL, 0, 0, NULL, NULL,
         "its checksum"},
    };
    if (node == NULL)
        return;
    table->node = node;
    sevens_document_read(doc, node, where, keys, N_KEYS(keys), table);
    if (table->file != NULL && !sevens_release_name_is_valid(table->file))
        sevens_document_fault(doc, node, "%s: 'file' must be the name of a file in the folder",
                              where);
    if (table->sha256 != NULL && !is_sha256(table->sha256))
        sevens_document_fault(doc, node, "%s: 'sha256' must be 64 hex digits", where);
}

static void read_tables(sevens_release_tables *tables, sevens_document *doc,
                        const sevens_node *node)
{
    struct section {
        const sevens_node *counts, *shares;
    } s = {0};
    static const sevens_key keys[] = {
        {"counts", SEVENS_KEY_MAPPING, FIELD(struct section, counts), NULL, 0, 0, NULL, NULL,
         "observed and backgrounds per bin"},
        {"shares", SEVENS_KEY_MAPPING, FIELD(struct section, shares), NULL, 0, 0, NULL, NULL,
         "per time bin and flavour"},
    };
    if (node == NULL)
        return;
    sevens_document_read(doc, node, "tables", keys, N_KEYS(keys), &s);
    read_table(&tables->counts, doc, s.counts, "tables.counts");
    read_table(&tables->shares, doc, s.shares, "tables.shares");
}

sevens_status sevens_release_read_yaml(sevens_release *release, sevens_release_tables *tables,
                                       sevens_document *doc, sevens_error *err)
{
    document_root root = {0};
    sevens_status status;
    sevens_document_read(doc, sevens_document_root(doc), "", root_keys, N_KEYS(root_keys), &root);
    if (root.name != NULL && !sevens_release_name_is_valid(root.name))
        sevens_document_fault(doc, sevens_node_get(sevens_document_root(doc), "name"),
                              "'name' may hold letters, digits, '-', '_' and '.' only");
    SEVENS_TRY(read_texts(release, &root, err));
    check_sources(doc, root.sources);
    read_flux(release, doc, root.flux);
    read_target(release, doc, root.target);
    sevens_release_read_response(&release->response, doc, root.response);
    SEVENS_TRY(read_bins(release, doc, root.bins, err));
    read_likelihood(release, doc, root.likelihood);
    SEVENS_TRY(read_backgrounds(release, doc, root.backgrounds, err));
    read_tables(tables, doc, root.tables);
    sevens_release_check_variations(doc, root.variations);

cleanup:
    return status;
}
