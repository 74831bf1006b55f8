/* SPDX-License-Identifier: GPL-3.0-or-later */
/* release.yaml -> sevens_release, section by section: head, target, bins, the names of tables; the
 * other sections have files of their own, see release_internal.h. The tables of keys are the
 * description of the format; docs/adding_an_experiment.md explains it. Bounds are wide: they catch
 * a wrong unit or a lost exponent, not an unusual experiment. */
#include "document_internal.h"
#include "release_internal.h"

#include "sevens/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct document_root {
    int64_t schema;
    const char *name, *title, *citation, *doi, *arxiv, *url, *version, *made_by;
    bool electron_recoils, projection;
    const sevens_node *excludes, *options, *sources, *flux, *target, *response, *bins, *likelihood,
        *backgrounds, *tables, *shapes, *variations;
} document_root;

static const sevens_key root_keys[] = {
    {"schema", SEVENS_KEY_INTEGER, FIELD(document_root, schema), NULL, 1, 1, NULL, NULL,
     "version of this layout"},
    TEXT_KEY(document_root, name, NULL, "release name"),
    TEXT_KEY(document_root, title, NULL, "one line"),
    TEXT_KEY(document_root, citation, NULL, "authors, title, journal"),
    TEXT_KEY(document_root, doi, "", "DOI"),
    TEXT_KEY(document_root, arxiv, "", "arXiv number"),
    TEXT_KEY(document_root, url, "", "where the originals are"),
    TEXT_KEY(document_root, version, NULL, "version of the originals"),
    TEXT_KEY(document_root, made_by, NULL, "command that made the folder"),
    FLAG_KEY(document_root, electron_recoils, "false", "default of `es`"),
    FLAG_KEY(document_root, projection, "false", "there are no data"),
    LIST_KEY(document_root, excludes, "", "releases that hold some of the same data"),
    MAP_KEY(document_root, options, "", "choices that a scan file may make"),
    LIST_KEY(document_root, sources, NULL, "originals: file, sha256"),
    MAP_KEY(document_root, flux, NULL, "neutrinos"),
    MAP_KEY(document_root, target, NULL, "mass and nuclei"),
    MAP_KEY(document_root, response, NULL, "recoil energy to reconstructed energy"),
    LIST_KEY(document_root, bins, NULL, "axes, the energy first"),
    MAP_KEY(document_root, likelihood, NULL, "kind and signal_sigma"),
    LIST_KEY(document_root, backgrounds, NULL, "name, sigma"),
    MAP_KEY(document_root, tables, "", "counts, and shares, spread or yields"),
    LIST_KEY(document_root, shapes, "", "nuisances that change templates"),
    MAP_KEY(document_root, variations, "", "response at +-1 sigma"),
};

/* ---- small checks, shared by all sections ---- */

bool sevens_release_name_is_valid(const char *name)
{
    if (*name == '\0' || *name == '.' || strlen(name) > 100)
        return false;
    for (; *name != '\0'; name++)
        if (!isalnum((unsigned char)*name) && strchr("-_.", *name) == NULL)
            return false;
    return true;
}

bool sevens_release_word_is_valid(const char *name)
{
    bool good = isalpha((unsigned char)*name) && strlen(name) < 64;
    for (const char *p = name; *p != '\0'; p++)
        good = good && (isalnum((unsigned char)*p) || *p == '_');
    return good;
}

bool sevens_release_is_sha256(const char *text)
{
    return strlen(text) == SEVENS_SHA256_HEX - 1 &&
           strspn(text, "0123456789abcdef") == SEVENS_SHA256_HEX - 1;
}

bool sevens_release_given(const sevens_node *mapping, const char *key)
{
    const sevens_node *item = sevens_node_get(mapping, key);
    return item != NULL && !sevens_node_is_null(item);
}

void sevens_release_check_kind(sevens_document *doc, const sevens_node *section, const char *where,
                               int kind, const sevens_kind_rule *rules, size_t n_rules)
{
    const sevens_node *name = sevens_node_get(section, "kind");
    for (size_t i = 0; i < n_rules; i++) {
        const bool given = sevens_release_given(section, rules[i].key);
        if (given && !((rules[i].allowed >> kind) & 1))
            sevens_document_fault(doc, sevens_node_get(section, rules[i].key),
                                  "%s: '%s' has no meaning with kind '%.40s'", where, rules[i].key,
                                  name->text);
        else if (!given && ((rules[i].needed >> kind) & 1))
            sevens_document_fault(doc, section, "%s: the key '%s' is missing, with kind '%.40s'",
                                  where, rules[i].key, name->text);
    }
}

void sevens_release_note_file(sevens_document *doc, const sevens_node *node, const char *where,
                              const char *file, const char *sha256, sevens_release_file *out)
{
    if (file == NULL)
        return;
    *out = (sevens_release_file){.file = file,
                                 .sha256 = sha256,
                                 .node = sevens_node_get(node, "file"),
                                 .sum_node = sevens_node_get(node, "sha256")};
    if (!sevens_release_name_is_valid(file))
        sevens_document_fault(doc, out->node, "%s: 'file' must be the name of a file in the folder",
                              where);
    if (sha256 != NULL && !sevens_release_is_sha256(sha256))
        sevens_document_fault(doc, out->sum_node, "%s: 'sha256' must be 64 hex digits", where);
}

/* ---- head ---- */

static void check_sources(sevens_document *doc, const sevens_node *list)
{
    struct section {
        const char *file, *sha256;
    };
    static const sevens_key keys[] = {
        TEXT_KEY(struct section, file, NULL, "name of the original"),
        TEXT_KEY(struct section, sha256, "", "its sum; empty for a pipe"),
    };
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        struct section s = {0};
        sevens_document_read(doc, list->item[i], "sources", keys, N_KEYS(keys), &s);
        if (s.sha256 != NULL && *s.sha256 != '\0' && !sevens_release_is_sha256(s.sha256))
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

/* ---- target ---- */

static void read_nucleus(sevens_release *r, sevens_document *doc, const sevens_node *item)
{
    struct section {
        const char *nucleus;
        double count;
    } s = {0};
    static const sevens_key keys[] = {
        TEXT_KEY(struct section, nucleus, NULL, "as Cs133"),
        REAL_KEY(struct section, count, NULL, 1e-9, 1000.0, NULL, "nuclei per formula unit"),
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
        double mass_kg, molar_mass_g_per_mol;
        const sevens_node *nuclei;
    } s = {0};
    static const sevens_key keys[] = {
        REAL_KEY(struct section, mass_kg, NULL, 1e-9, 1e9, "kg", "active mass"),
        REAL_KEY(struct section, molar_mass_g_per_mol, NULL, 1.0, 1e4, "g/mol",
                 "of a formula unit"),
        LIST_KEY(struct section, nuclei, NULL, "nucleus, count"),
    };
    if (node == NULL)
        return;
    const size_t before = sevens_document_faults(doc);
    sevens_document_read(doc, node, "target", keys, N_KEYS(keys), &s);
    r->mass_kg = s.mass_kg;
    r->molar_mass_g = s.molar_mass_g_per_mol;
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
    if (sevens_document_faults(doc) == before && !(fabs(mass / r->molar_mass_g - 1.0) <= 0.02))
        sevens_document_fault(doc, sevens_node_get(node, "molar_mass_g_per_mol"),
                              "target: the molar mass is %g g/mol, but the nuclei have %g g/mol "
                              "together",
                              r->molar_mass_g, mass);
}

/* ---- bins ---- */

typedef struct axis_section {
    const char *name, *unit;
    const sevens_node *edges;
    double min, max;
    int64_t n;
    int spacing;
} axis_section;

/* Units stand in column names between brackets: "PE", "us", "keVee". */
static bool unit_is_valid(const char *unit)
{
    const size_t length = strlen(unit);
    for (const char *p = unit; *p != '\0'; p++)
        if (!isalnum((unsigned char)*p) && strchr("_-+*/^.%", *p) == NULL)
            return false;
    return length > 0 && length < 24;
}

static void listed_edges(sevens_bin_axis *axis, sevens_document *doc, const sevens_node *edges)
{
    size_t n = 0;
    axis->edges = sevens_document_reals(doc, edges, "edges", 2, SEVENS_RELEASE_MAX_BINS + 1, &n);
    if (axis->edges == NULL)
        return; /* a fault has been noted */
    axis->n = n - 1;
    for (size_t i = 1; i < n; i++)
        if (!(axis->edges[i] > axis->edges[i - 1]))
            sevens_document_fault(doc, edges->item[i],
                                  "the %s edges must increase: %g comes after %g", axis->name,
                                  axis->edges[i], axis->edges[i - 1]);
}

static sevens_status spaced_edges(sevens_bin_axis *axis, sevens_document *doc,
                                  const sevens_node *item, const axis_section *s, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const bool log_spacing = s->spacing == 1;
    if (!(s->max > s->min)) {
        sevens_document_fault(doc, sevens_node_get(item, "max"),
                              "bins: 'max' must be larger than 'min'");
        return SEVENS_OK;
    }
    if (log_spacing && !(s->min > 0.0)) {
        sevens_document_fault(doc, sevens_node_get(item, "min"),
                              "bins: 'min' must be positive for log spacing");
        return SEVENS_OK;
    }
    axis->n = (size_t)s->n;
    axis->edges = malloc((axis->n + 1) * sizeof *axis->edges);
    SEVENS_TRY_ALLOC(axis->edges);
    for (size_t i = 0; i <= axis->n; i++) {
        const double part = (double)i / (double)axis->n;
        axis->edges[i] =
            log_spacing ? s->min * pow(s->max / s->min, part) : s->min + (s->max - s->min) * part;
    }
    axis->edges[axis->n] = s->max;
    for (size_t i = 1; i <= axis->n; i++)
        if (!(axis->edges[i] > axis->edges[i - 1])) {
            sevens_document_fault(doc, item, "bins: neighbouring edges would be the same number");
            break;
        }

cleanup:
    return status;
}

static sevens_status read_axis(sevens_release *r, sevens_document *doc, const sevens_node *item,
                               sevens_error *err)
{
    static const sevens_key keys[] = {
        TEXT_KEY(axis_section, name, NULL, "of the axis and its columns"),
        TEXT_KEY(axis_section, unit, NULL, "of the edges"),
        LIST_KEY(axis_section, edges, "", "increasing"),
        REAL_KEY(axis_section, min, "", -1e12, 1e12, NULL, "first edge"),
        REAL_KEY(axis_section, max, "", -1e12, 1e12, NULL, "last edge"),
        {"n", SEVENS_KEY_INTEGER, FIELD(axis_section, n), "", 1, SEVENS_RELEASE_MAX_BINS, NULL,
         NULL, "number of bins"},
        CHOICE_KEY(axis_section, spacing, "linear", "linear|log", "of the edges"),
    };
    static const char *const spaced[] = {"min", "max", "n", "spacing"};
    axis_section s = {0};
    sevens_status status = SEVENS_OK;
    char where[24];
    snprintf(where, sizeof where, "bins[%zu]", r->n_axis);
    const size_t before = sevens_document_faults(doc);
    sevens_document_read(doc, item, where, keys, N_KEYS(keys), &s);
    if (s.name != NULL && !sevens_release_word_is_valid(s.name))
        sevens_document_fault(doc, sevens_node_get(item, "name"),
                              "axis name '%.60s': letters, digits and '_' only", s.name);
    for (size_t a = 0; s.name != NULL && a < r->n_axis; a++)
        if (strcmp(r->axis[a].name, s.name) == 0)
            sevens_document_fault(doc, item, "axis '%s' comes twice", s.name);
    if (s.unit != NULL && !unit_is_valid(s.unit))
        sevens_document_fault(doc, sevens_node_get(item, "unit"),
                              "%s: 'unit' must be a short word, not '%.60s'", where, s.unit);
    for (size_t k = 0; k < N_KEYS(spaced); k++) {
        if (s.edges != NULL && sevens_release_given(item, spaced[k]))
            sevens_document_fault(doc, item, "%s: either 'edges' or 'min', 'max' and 'n', not both",
                                  where);
        else if (s.edges == NULL && k < 3 && !sevens_release_given(item, spaced[k]))
            sevens_document_fault(doc, item, "%s: the key '%s' is missing (or give 'edges')", where,
                                  spaced[k]);
    }
    sevens_bin_axis *axis = &r->axis[r->n_axis++];
    axis->name = sevens_strdup(s.name != NULL ? s.name : "");
    SEVENS_TRY_ALLOC(axis->name);
    axis->unit = sevens_strdup(s.unit != NULL ? s.unit : "");
    SEVENS_TRY_ALLOC(axis->unit);
    if (s.edges != NULL)
        listed_edges(axis, doc, s.edges);
    else if (sevens_document_faults(doc) == before)
        SEVENS_TRY(spaced_edges(axis, doc, item, &s, err));

cleanup:
    return status;
}

static sevens_status read_bins(sevens_release *r, sevens_document *doc, const sevens_node *list,
                               sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double n_bin = 1.0; /* the product of sizes may be beyond size_t */
    if (list == NULL)
        return SEVENS_OK;
    if (list->n < 1 || list->n > SEVENS_RELEASE_MAX_AXES) {
        sevens_document_fault(doc, list, "'bins' must hold from 1 to %d axes, not %zu",
                              SEVENS_RELEASE_MAX_AXES, list->n);
        return SEVENS_OK;
    }
    for (size_t a = 0; a < list->n; a++) {
        SEVENS_TRY(read_axis(r, doc, list->item[a], err));
        n_bin *= (double)r->axis[a].n;
    }
    r->n_channel = r->axis[0].n;
    if (n_bin > SEVENS_RELEASE_MAX_BINS)
        sevens_document_fault(doc, list, "%.0f bins; at most %d can be used", n_bin,
                              SEVENS_RELEASE_MAX_BINS);
    else
        r->n_bin = (size_t)n_bin;

cleanup:
    return status;
}

/* ---- tables ---- */

static void read_file(sevens_release_file *file, sevens_document *doc, const sevens_node *node,
                      const char *where)
{
    struct section {
        const char *file, *sha256;
    } s = {0};
    static const sevens_key keys[] = {
        TEXT_KEY(struct section, file, NULL, "in the same folder"),
        TEXT_KEY(struct section, sha256, "", "its checksum"),
    };
    if (node == NULL)
        return;
    sevens_document_read(doc, node, where, keys, N_KEYS(keys), &s);
    sevens_release_note_file(doc, node, where, s.file, s.sha256, file);
}

/* Which tables there are follows from the axes, the response and the likelihood. */
static void check_tables(const sevens_release_reader *reader, const sevens_node *at)
{
    const sevens_release *r = reader->release;
    sevens_document *doc = reader->doc;
    const bool shares = reader->shares.file != NULL, spread = reader->spread.file != NULL,
               yields = reader->yields.file != NULL;
    bool columns = !r->projection || r->likelihood != SEVENS_LIKELIHOOD_POISSON;
    for (size_t b = 0; b < r->n_background; b++)
        columns = columns || !reader->flat[b];
    if (columns && reader->counts.file == NULL)
        sevens_document_fault(doc, at, "tables: the key 'counts' is missing: counts per bin");
    if (r->n_node > 0 && !yields)
        sevens_document_fault(doc, at,
                              "tables: the key 'yields' is missing: efficiency per bin "
                              "and node of 'response.nodes_keVnr'");
    if (r->n_node == 0 && yields)
        sevens_document_fault(doc, reader->yields.node,
                              "tables: 'yields' needs 'response.nodes_keVnr'");
    if (shares + spread + yields > 1)
        sevens_document_fault(doc, at, "tables: only one of 'shares', 'spread' and 'yields'");
    if (r->n_node == 0 && r->n_axis > 1 && !shares && !spread)
        sevens_document_fault(doc, at,
                              "tables: the key 'shares' (or 'spread') is missing: share "
                              "of the events per bin and flavour");
}

static void read_tables(sevens_release_reader *reader, const sevens_node *node)
{
    struct section {
        const sevens_node *counts, *shares, *spread, *yields;
    } s = {0};
    static const sevens_key keys[] = {
        MAP_KEY(struct section, counts, "", "observed and backgrounds per bin"),
        MAP_KEY(struct section, shares, "", "per flavour and bin of the later axes"),
        MAP_KEY(struct section, spread, "", "per flavour and bin"),
        MAP_KEY(struct section, yields, "", "efficiency per node and bin"),
    };
    sevens_document *doc = reader->doc;
    const size_t before = sevens_document_faults(doc);
    if (node != NULL)
        sevens_document_read(doc, node, "tables", keys, N_KEYS(keys), &s);
    read_file(&reader->counts, doc, s.counts, "tables.counts");
    read_file(&reader->shares, doc, s.shares, "tables.shares");
    read_file(&reader->spread, doc, s.spread, "tables.spread");
    read_file(&reader->yields, doc, s.yields, "tables.yields");
    if (sevens_document_faults(doc) == before)
        check_tables(reader, node != NULL ? node : reader->root);
}

sevens_status sevens_release_read_yaml(sevens_release_reader *reader, sevens_error *err)
{
    sevens_release *r = reader->release;
    sevens_document *doc = reader->doc;
    document_root root = {0};
    sevens_status status;
    sevens_document_read(doc, reader->root, "", root_keys, N_KEYS(root_keys), &root);
    SEVENS_TRY(read_texts(r, &root, err));
    r->projection = root.projection;
    check_sources(doc, root.sources);
    read_target(r, doc, root.target);
    SEVENS_TRY(read_bins(r, doc, root.bins, err));
    sevens_release_read_flux(reader, root.flux);
    const size_t before = sevens_document_faults(doc);
    sevens_release_read_response(reader, root.response, "response", &r->response);
    reader->response_is_good = root.response != NULL && sevens_document_faults(doc) == before;
    SEVENS_TRY(sevens_release_read_likelihood(reader, root.likelihood, err));
    SEVENS_TRY(sevens_release_read_backgrounds(reader, root.backgrounds, err));
    if (root.bins != NULL && root.likelihood != NULL)
        read_tables(reader, root.tables);
    SEVENS_TRY(sevens_release_read_shapes(reader, root.shapes, root.variations, err));

cleanup:
    return status;
}
