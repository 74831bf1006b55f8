/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections `likelihood` and `backgrounds` of release.yaml. */
#include "release_internal.h"

#include "sevens/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- likelihood ---- */

/* Parts of the signal's pull, {name: sigma}; independent, so that their squares add. */
static sevens_status read_shared(sevens_release *r, sevens_document *doc, const sevens_node *node,
                                 sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double sum = 0.0, sigma;
    if (node != NULL && node->n > SEVENS_RELEASE_MAX_SHARED) {
        sevens_document_fault(doc, node, "likelihood.shared can hold %d pulls, not %zu",
                              SEVENS_RELEASE_MAX_SHARED, node->n);
        return SEVENS_OK;
    }
    for (size_t i = 0; node != NULL && i < node->n; i++) {
        const sevens_node *key = node->key[i], *item = node->item[i];
        if (!sevens_release_name_is_valid(key->text))
            sevens_document_fault(doc, key,
                                  "a shared pull has a name of letters, digits, '-', '_' "
                                  "and '.'");
        if (item->kind != SEVENS_NODE_SCALAR || item->quoted ||
            !sevens_parse_real(item->text, false, &sigma) ||
            !(sigma >= SIGMA_MIN && sigma <= SIGMA_MAX)) {
            sevens_document_fault(doc, item, "likelihood.shared: '%.60s' must be from %g to %g",
                                  key->text, SIGMA_MIN, SIGMA_MAX);
            continue;
        }
        sum += sigma * sigma;
        if (!(sqrt(sum) <= r->signal_sigma * (1.0 + 1e-9)))
            sevens_document_fault(doc, item,
                                  "likelihood.shared: parts of 'signal_sigma' cannot be larger "
                                  "than it, %g, together",
                                  r->signal_sigma);
        sevens_shared_pull *pull = &r->shared[r->n_shared++];
        pull->sigma = sigma;
        pull->name = sevens_strdup(key->text);
        SEVENS_TRY_ALLOC(pull->name);
    }

cleanup:
    return status;
}

static void read_on_off(sevens_release *r, sevens_document *doc, const sevens_node *node)
{
    struct section {
        int background, norm;
    } s = {0};
    static const sevens_key keys[] = {
        CHOICE_KEY(struct section, background, NULL, "discrete|continuous|profiled",
                   "how the steady-state background is taken out"),
        CHOICE_KEY(struct section, norm, NULL, "common|per-bin", "of the signal"),
    };
    if (node == NULL)
        return;
    sevens_document_read(doc, node, "likelihood.on_off", keys, N_KEYS(keys), &s);
    r->on_off = (sevens_on_off_background)s.background;
    r->on_off_per_bin = s.norm == 1;
}

static void read_seven(double out[SEVENS_N_LINES], sevens_document *doc, const sevens_node *list,
                       const char *where)
{
    size_t n;
    if (list == NULL)
        return;
    double *values = sevens_document_reals(doc, list, where, SEVENS_N_LINES, SEVENS_N_LINES, &n);
    if (values != NULL)
        memcpy(out, values, n * sizeof *out);
    free(values);
}

static void read_lines(sevens_release *r, sevens_document *doc, const sevens_node *node)
{
    struct section {
        double l2_keV, l2_ratio, m_keV, m_sigma_keV, ratio, ratio_sigma;
        const sevens_node *start, *lo, *hi;
    } s = {0};
    static const sevens_key keys[] = {
        REAL_KEY(struct section, l2_keV, NULL, 1e-3, 1e3, "keV", "energy of the L2 line"),
        REAL_KEY(struct section, l2_ratio, NULL, 0.0, 10.0, NULL, "its height over that of L1"),
        REAL_KEY(struct section, m_keV, NULL, 1e-3, 1e3, "keV", "energy of the M line"),
        REAL_KEY(struct section, m_sigma_keV, NULL, 1e-6, 1e3, "keV", "its width"),
        REAL_KEY(struct section, ratio, NULL, 0.0, 10.0, NULL, "area of the M line over L1"),
        REAL_KEY(struct section, ratio_sigma, NULL, 1e-6, 10.0, NULL, "width of the pull on it"),
        LIST_KEY(struct section, start, NULL, "N0, A, L, h, c1, w1, r to begin with"),
        LIST_KEY(struct section, lo, NULL, "their least values"),
        LIST_KEY(struct section, hi, NULL, "their largest values"),
    };
    /* L and w1 stand in denominators. */
    static const bool positive[SEVENS_N_LINES] = {
        [SEVENS_LINES_SLOPE] = true, [SEVENS_LINES_WIDTH] = true, [SEVENS_LINES_CENTRE] = true};
    const size_t before = sevens_document_faults(doc);
    if (node == NULL)
        return;
    sevens_document_read(doc, node, "likelihood.lines", keys, N_KEYS(keys), &s);
    sevens_line_background *b = &r->lines;
    *b = (sevens_line_background){.l2_keV = s.l2_keV,
                                  .l2_ratio = s.l2_ratio,
                                  .m_keV = s.m_keV,
                                  .m_sigma_keV = s.m_sigma_keV,
                                  .ratio = s.ratio,
                                  .ratio_sigma = s.ratio_sigma};
    read_seven(b->start, doc, s.start, "likelihood.lines.start");
    read_seven(b->lo, doc, s.lo, "likelihood.lines.lo");
    read_seven(b->hi, doc, s.hi, "likelihood.lines.hi");
    if (sevens_document_faults(doc) > before)
        return;
    for (size_t i = 0; i < SEVENS_N_LINES; i++) {
        if (!(b->lo[i] <= b->start[i] && b->start[i] <= b->hi[i] && b->lo[i] < b->hi[i]))
            sevens_document_fault(doc, s.start->item[i],
                                  "likelihood.lines: entry %zu must have lo <= start <= hi and lo "
                                  "< hi, not %g, %g, %g",
                                  i, b->lo[i], b->start[i], b->hi[i]);
        if (!(positive[i] ? b->lo[i] > 0.0 : b->lo[i] >= 0.0))
            sevens_document_fault(doc, s.lo->item[i], "likelihood.lines.lo: entry %zu must be %s",
                                  i, positive[i] ? "positive" : "0 or more");
    }
}

/* The function of the energy is taken at the centres of the bins. */
static void check_energy_axis(const sevens_release *r, sevens_document *doc, const sevens_node *at)
{
    if (r->n_axis == 0)
        return; /* a fault has been noted */
    if (r->n_axis != 1 || strcmp(r->axis[0].unit, "keVee") != 0)
        sevens_document_fault(doc, at, "likelihood: gauss-background needs one axis, in keVee");
}

sevens_status sevens_release_read_likelihood(sevens_release_reader *reader, const sevens_node *node,
                                             sevens_error *err)
{
    struct section {
        int kind;
        double signal_sigma;
        const sevens_node *shared, *on_off, *lines;
    } s = {0};
    static const sevens_key keys[] = {
        CHOICE_KEY(struct section, kind, NULL, "poisson|gauss|gauss-background|poisson-on-off",
                   "form of chi-square"),
        REAL_KEY(struct section, signal_sigma, NULL, 0.0, INFINITY, NULL,
                 "relative width of the signal's norm pull; 0: fixed, .inf: free"),
        MAP_KEY(struct section, shared, "", "parts of it that others may share: name, sigma"),
        MAP_KEY(struct section, on_off, "", "background and norm of poisson-on-off"),
        MAP_KEY(struct section, lines, "", "function of gauss-background"),
    };
    static const sevens_kind_rule rules[] = {
        {"on_off", 1u << SEVENS_LIKELIHOOD_POISSON_ON_OFF, 1u << SEVENS_LIKELIHOOD_POISSON_ON_OFF},
        {"lines", 1u << SEVENS_LIKELIHOOD_GAUSS_BACKGROUND,
         1u << SEVENS_LIKELIHOOD_GAUSS_BACKGROUND},
    };
    sevens_release *r = reader->release;
    sevens_document *doc = reader->doc;
    if (node == NULL)
        return SEVENS_OK;
    const size_t before = sevens_document_faults(doc);
    sevens_document_read(doc, node, "likelihood", keys, N_KEYS(keys), &s);
    r->likelihood = (sevens_likelihood_kind)s.kind;
    r->signal_sigma = s.signal_sigma;
    if (sevens_document_faults(doc) > before)
        return SEVENS_OK;
    sevens_release_check_kind(doc, node, "likelihood", s.kind, rules, N_KEYS(rules));
    if (s.signal_sigma != 0.0 && !isinf(s.signal_sigma) &&
        !(s.signal_sigma >= SIGMA_MIN && s.signal_sigma <= SIGMA_MAX))
        sevens_document_fault(
            doc, sevens_node_get(node, "signal_sigma"),
            "likelihood: 'signal_sigma' must be 0, from %g to %g, or .inf, not %g", SIGMA_MIN,
            SIGMA_MAX, s.signal_sigma);
    if (r->likelihood == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND)
        check_energy_axis(r, doc, node);
    read_on_off(r, doc, s.on_off);
    read_lines(r, doc, s.lines);
    return read_shared(r, doc, s.shared, err);
}

/* ---- backgrounds ---- */

/* Names become columns of the table and names of nuisances. */
static void check_name(const sevens_release *r, sevens_document *doc, const sevens_node *item,
                       const char *name)
{
    static const char *const taken[] = {"signal", "response", "observed", "sigma", "off"};
    if (!sevens_release_word_is_valid(name))
        sevens_document_fault(doc, item, "background name '%.60s': letters, digits and '_' only",
                              name);
    for (size_t i = 0; i < N_KEYS(taken); i++)
        if (strcmp(taken[i], name) == 0)
            sevens_document_fault(doc, item, "background name '%s' has another meaning", name);
    for (size_t i = 0; i < r->n_background; i++)
        if (strcmp(r->background[i].name, name) == 0)
            sevens_document_fault(doc, item, "background '%s' comes twice", name);
}

/* A constant rate needs bins of energy and a live time. */
static void check_flat(const sevens_release_reader *reader, const sevens_node *item)
{
    const sevens_release *r = reader->release;
    sevens_document *doc = reader->doc;
    const sevens_node *at = sevens_node_get(item, "per_kg_d_keV");
    if (r->n_axis > 0 && (r->n_axis != 1 || (strcmp(r->axis[0].unit, "keVee") != 0 &&
                                             strcmp(r->axis[0].unit, "keVnr") != 0)))
        sevens_document_fault(doc, at,
                              "backgrounds: 'per_kg_d_keV' needs one axis, in keVee or keVnr");
    if (!(reader->flux.exposure_d > 0.0))
        sevens_document_fault(doc, at, "backgrounds: 'per_kg_d_keV' needs 'flux.exposure_d'");
}

sevens_status sevens_release_read_backgrounds(sevens_release_reader *reader,
                                              const sevens_node *list, sevens_error *err)
{
    struct section {
        const char *name, *file, *sha256;
        double sigma, per_kg_d_keV;
    };
    static const sevens_key keys[] = {
        TEXT_KEY(struct section, name, NULL, "column of the counts table"),
        TEXT_KEY(struct section, file, "", "table of its own, with the column counts"),
        TEXT_KEY(struct section, sha256, "", "its checksum"),
        REAL_KEY(struct section, sigma, NULL, SIGMA_MIN, INFINITY, NULL,
                 "relative width of the norm pull; .inf: free"),
        REAL_KEY(struct section, per_kg_d_keV, "", 0.0, 1e12, "1/(kg d keV)", "constant rate"),
    };
    sevens_release *r = reader->release;
    sevens_document *doc = reader->doc;
    sevens_status status = SEVENS_OK;
    if (list != NULL && list->n > SEVENS_RELEASE_MAX_BACKGROUNDS) {
        sevens_document_fault(doc, list, "%zu backgrounds; at most %d can be used", list->n,
                              SEVENS_RELEASE_MAX_BACKGROUNDS);
        return SEVENS_OK;
    }
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        struct section s = {0};
        const sevens_node *item = list->item[i];
        sevens_document_read(doc, item, "backgrounds", keys, N_KEYS(keys), &s);
        if (s.name == NULL)
            continue;
        check_name(r, doc, item, s.name);
        if (!isinf(s.sigma) && s.sigma > SIGMA_MAX)
            sevens_document_fault(doc, sevens_node_get(item, "sigma"),
                                  "backgrounds: 'sigma' must be from %g to %g, or .inf, not %g",
                                  SIGMA_MIN, SIGMA_MAX, s.sigma);
        sevens_background *b = &r->background[r->n_background];
        b->sigma = s.sigma;
        b->name = sevens_strdup(s.name);
        SEVENS_TRY_ALLOC(b->name);
        if (s.file != NULL)
            sevens_release_note_file(doc, item, "backgrounds", s.file, s.sha256,
                                     &reader->background[r->n_background]);
        if (sevens_release_given(item, "per_kg_d_keV")) {
            check_flat(reader, item);
            if (s.file != NULL)
                sevens_document_fault(doc, item,
                                      "backgrounds: give 'file' or 'per_kg_d_keV', not both");
            reader->flat[r->n_background] = true;
            reader->rate_per_kg_d_keV[r->n_background] = s.per_kg_d_keV;
        }
        r->n_background++;
    }

cleanup:
    return status;
}
