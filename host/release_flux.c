/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section `flux` of release.yaml: flavours, fluence and normalised spectra. Pion decay at rest
 * is known in closed form; reactors and all else come from a table of spectra and from lines.
 * docs/physics.md eqs. 45, 46. */
#include "release_internal.h"

#include "sevens/constants.h"
#include "sevens/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_PER_DAY 86400.0
#define MEV_PER_GW_S (1e9 / 1.602176634e-13) /* 1 GW s in MeV; 1 MeV in J: SI */
#define SUM_TOLERANCE 1e-6                   /* of shares that were rounded */

enum { PION_DAR, REACTOR, SPECTRUM };     /* flux.kind */
enum { NORM_EACH, NORM_SUM, NORM_POWER }; /* flux.normalisation */

static double sphere_cm2(double radius_m)
{
    const double radius_cm = 100.0 * radius_m;
    return 4.0 * SEVENS_PI * radius_cm * radius_cm;
}

static sevens_release_flux *add_class(sevens_release *r, sevens_flavour flavour, double fluence)
{
    sevens_release_flux *flux = &r->flux[r->n_flux++];
    flux->flavour = flavour;
    flux->fluence_per_cm2 = fluence;
    return flux;
}

/* ---- classes of `spectrum` ---- */

static double read_lines(sevens_release_flux *flux, sevens_document *doc, const sevens_node *list,
                         sevens_release_column *column)
{
    struct section {
        double energy_MeV, share;
    };
    static const sevens_key keys[] = {
        REAL_KEY(struct section, energy_MeV, NULL, 1e-6, 1e6, "MeV", "of the line"),
        REAL_KEY(struct section, share, NULL, 0.0, 1.0, NULL, "of the flux of the class"),
    };
    double sum = 0.0;
    if (list->n > SEVENS_SPECTRUM_MAX_LINES) {
        sevens_document_fault(doc, list, "%zu lines; at most %d can be used", list->n,
                              SEVENS_SPECTRUM_MAX_LINES);
        return 0.0;
    }
    for (size_t i = 0; i < list->n; i++) {
        struct section s = {0};
        sevens_document_read(doc, list->item[i], "flux.classes.lines", keys, N_KEYS(keys), &s);
        flux->spectrum.line[flux->spectrum.n_line++] =
            (sevens_spectrum_line){.E_MeV = s.energy_MeV, .content = s.share};
        sum += s.share;
    }
    if (column->name == NULL ? !(fabs(sum - 1.0) <= SUM_TOLERANCE) : !(sum <= 1.0 + SUM_TOLERANCE))
        sevens_document_fault(doc, list, "the shares of the lines add up to %g, %s 1", sum,
                              column->name == NULL ? "not" : "more than");
    return sum;
}

static void read_class(sevens_release_reader *reader, const sevens_node *item)
{
    struct section {
        const char *flavour, *column;
        const sevens_node *lines;
        double flux_per_cm2_s, fluence_per_cm2;
    } s = {0};
    static const sevens_key keys[] = {
        TEXT_KEY(struct section, flavour, NULL, "as nu_e"),
        TEXT_KEY(struct section, column, "", "of the table of spectra"),
        LIST_KEY(struct section, lines, "", "energy_MeV, share"),
        REAL_KEY(struct section, flux_per_cm2_s, "", 0.0, 1e30, "1/(cm2 s)", "at the detector"),
        REAL_KEY(struct section, fluence_per_cm2, "", 0.0, 1e30, "1/cm2", "over the exposure"),
    };
    sevens_document *doc = reader->doc;
    sevens_flavour flavour = SEVENS_NU_E;
    const size_t before = sevens_document_faults(doc);
    sevens_document_read(doc, item, "flux.classes", keys, N_KEYS(keys), &s);
    const bool flux_given = sevens_release_given(item, "flux_per_cm2_s"),
               fluence_given = sevens_release_given(item, "fluence_per_cm2");
    if (s.flavour != NULL && !sevens_flavour_parse(s.flavour, &flavour)) {
        const char *names[SEVENS_N_FLAVOUR];
        char suggestion[SEVENS_SUGGESTION];
        for (int k = 0; k < SEVENS_N_FLAVOUR; k++)
            names[k] = sevens_flavour_name((sevens_flavour)k);
        sevens_document_fault(doc, sevens_node_get(item, "flavour"), "unknown flavour '%.60s'; %s",
                              s.flavour,
                              sevens_suggest(suggestion, s.flavour, names, SEVENS_N_FLAVOUR));
    }
    if (flux_given == fluence_given)
        sevens_document_fault(doc, item,
                              "flux.classes: give one of 'flux_per_cm2_s' and 'fluence_per_cm2'");
    if (flux_given && !sevens_release_given(reader->flux.node, "exposure_d"))
        sevens_document_fault(doc, item,
                              "flux: the key 'exposure_d' is missing, which "
                              "'flux_per_cm2_s' needs");
    if (s.column == NULL && s.lines == NULL)
        sevens_document_fault(doc, item, "flux.classes: 'column' or 'lines' is needed");
    if (s.column != NULL && reader->flux.spectra == NULL)
        sevens_document_fault(doc, item,
                              "flux: the key 'spectra' is missing, which 'column' needs");
    if (sevens_document_faults(doc) > before)
        return;
    const double seconds = reader->flux.exposure_d * SECONDS_PER_DAY;
    sevens_release_flux *flux = add_class(
        reader->release, flavour, fluence_given ? s.fluence_per_cm2 : s.flux_per_cm2_s * seconds);
    sevens_release_column *column = &reader->flux.column[reader->flux.n_column++];
    *column = (sevens_release_column){.name = s.column, .weight = 1.0};
    column->node = sevens_node_get(item, "column");
    if (s.lines != NULL)
        column->weight = fmax(0.0, 1.0 - read_lines(flux, doc, s.lines, column));
}

static void read_classes(sevens_release_reader *reader)
{
    const sevens_node *list = reader->flux.classes;
    if (list->n < 1 || list->n > SEVENS_RELEASE_MAX_FLUX) {
        sevens_document_fault(reader->doc, list, "flux.classes must hold from 1 to %d, not %zu",
                              SEVENS_RELEASE_MAX_FLUX, list->n);
        return;
    }
    for (size_t i = 0; i < list->n; i++)
        read_class(reader, list->item[i]);
}

/* ---- reactors ---- */

static void read_fractions(sevens_release_reader *reader)
{
    sevens_release_flux_section *s = &reader->flux;
    const sevens_node *map = s->fractions;
    double sum = 0.0, fraction;
    if (map->n < 1 || map->n > SEVENS_MAX_SPECTRA) {
        sevens_document_fault(reader->doc, map, "flux.fractions must hold from 1 to %d, not %zu",
                              SEVENS_MAX_SPECTRA, map->n);
        return;
    }
    for (size_t i = 0; i < map->n; i++) {
        const sevens_node *item = map->item[i];
        if (item->kind != SEVENS_NODE_SCALAR || item->quoted ||
            !sevens_parse_real(item->text, false, &fraction) ||
            !(fraction >= 0.0 && fraction <= 100.0)) {
            sevens_document_fault(reader->doc, item,
                                  "flux.fractions: '%.60s' must be a number from 0 to 100",
                                  map->key[i]->text);
            return;
        }
        s->column[s->n_column++] = (sevens_release_column){
            .name = map->key[i]->text, .node = map->key[i], .weight = fraction};
        sum += fraction;
    }
    if (!(sum > 0.0))
        sevens_document_fault(reader->doc, map, "flux.fractions: at least one must be positive");
    if (s->normalisation == NORM_EACH && !(fabs(sum - 1.0) <= SUM_TOLERANCE))
        sevens_document_fault(reader->doc, map,
                              "flux.fractions add up to %.9g, not 1, with normalisation 'each'",
                              sum);
}

static void read_reactor(sevens_release_reader *reader)
{
    const sevens_release_flux_section *s = &reader->flux;
    const bool by_power = s->normalisation == NORM_POWER;
    const char *const needed = by_power ? "power_GW" : "flux_per_cm2_s", *const other =
                                                                             by_power
                                                                                 ? "flux_per_cm2_s"
                                                                                 : "power_GW";
    if (!sevens_release_given(s->node, needed))
        sevens_document_fault(reader->doc, s->node,
                              "flux: the key '%s' is missing, with this normalisation", needed);
    if (sevens_release_given(s->node, other))
        sevens_document_fault(reader->doc, sevens_node_get(s->node, other),
                              "flux: '%s' has no meaning with this normalisation", other);
    add_class(reader->release, SEVENS_NUBAR_E, 0.0);
    read_fractions(reader);
}

/* ---- the section ---- */

static void read_section(sevens_release_reader *reader, const sevens_node *node)
{
    typedef sevens_release_flux_section section;
    static const sevens_key keys[] = {
        CHOICE_KEY(section, kind, NULL, "pion-dar|reactor|spectrum", "source of the neutrinos"),
        REAL_KEY(section, pot, "", 1.0, 1e30, NULL, "protons on target"),
        REAL_KEY(section, neutrinos_per_proton, "", 1e-9, 10.0, NULL, "per flavour"),
        TEXT_KEY(section, spectra, "", "name of the table of spectra"),
        TEXT_KEY(section, sha256, "", "its checksum"),
        MAP_KEY(section, fractions, "", "of the columns of the table"),
        CHOICE_KEY(section, normalisation, "", "each|sum|power", "what the flux or power is of"),
        REAL_KEY(section, flux_per_cm2_s, "", 0.0, 1e30, "1/(cm2 s)", "at the detector"),
        REAL_KEY(section, power_GW, "", 1e-9, 1e4, "GW", "thermal power"),
        REAL_KEY(section, exposure_d, "", 1e-9, 1e7, "d", "live time"),
        REAL_KEY(section, baseline_m, NULL, 1e-2, 1e25, "m", "source to detector"),
        REAL_KEY(section, spread_m, "", 0.0, 1e25, "m", "half the range of baselines"),
        LIST_KEY(section, classes, "", "flavour, column or lines, flux"),
    };
    enum { P = 1u << PION_DAR, R = 1u << REACTOR, S = 1u << SPECTRUM };
    static const sevens_kind_rule rules[] = {
        {"pot", P, P},
        {"neutrinos_per_proton", P, P},
        {"spectra", R, R | S},
        {"sha256", 0, R | S},
        {"fractions", R, R},
        {"normalisation", R, R},
        {"power_GW", 0, R},
        {"flux_per_cm2_s", 0, R},
        {"exposure_d", R, P | R | S},
        {"classes", S, S},
    };
    sevens_release_flux_section *s = &reader->flux;
    const size_t before = sevens_document_faults(reader->doc);
    sevens_document_read(reader->doc, node, "flux", keys, N_KEYS(keys), s);
    s->node = node;
    if (!sevens_release_given(node, "spread_m")) /* a core is larger than a target */
        s->spread_m = fmin(s->kind == REACTOR ? 2.0 : 0.5, 0.5 * s->baseline_m);
    if (sevens_document_faults(reader->doc) == before)
        sevens_release_check_kind(reader->doc, node, "flux", s->kind, rules, N_KEYS(rules));
    if (s->spectra != NULL && !sevens_release_name_is_valid(s->spectra))
        sevens_document_fault(reader->doc, sevens_node_get(node, "spectra"),
                              "flux: 'spectra' must be the name of a table, without .csv");
    if (s->sha256 != NULL && !sevens_release_is_sha256(s->sha256))
        sevens_document_fault(reader->doc, sevens_node_get(node, "sha256"),
                              "flux: 'sha256' must be 64 hex digits");
    if (!(s->spread_m <= s->baseline_m))
        sevens_document_fault(reader->doc, sevens_node_get(node, "spread_m"),
                              "flux: 'spread_m' cannot be larger than 'baseline_m'");
}

void sevens_release_read_flux(sevens_release_reader *reader, const sevens_node *node)
{
    sevens_release *r = reader->release;
    const sevens_release_flux_section *s = &reader->flux;
    const size_t before = sevens_document_faults(reader->doc);
    if (node == NULL)
        return;
    read_section(reader, node);
    if (sevens_document_faults(reader->doc) > before)
        return;
    r->flux_kind = s->kind == PION_DAR ? SEVENS_FLUX_PION_DAR : SEVENS_FLUX_SPECTRUM;
    r->baseline_m = s->baseline_m;
    r->spread_m = s->spread_m;
    if (s->kind == PION_DAR) { /* nubar_e: below 1e-3 of the others */
        static const sevens_flavour flavour[] = {SEVENS_NU_E, SEVENS_NUBAR_MU, SEVENS_NU_MU};
        const double fluence = s->neutrinos_per_proton * s->pot / sphere_cm2(s->baseline_m);
        for (size_t k = 0; k < sizeof flavour / sizeof flavour[0]; k++)
            add_class(r, flavour[k], fluence);
    } else if (s->kind == REACTOR) {
        read_reactor(reader);
    } else {
        read_classes(reader);
    }
}

/* ---- the table of spectra ---- */

static sevens_status check_spectra(const sevens_table *t, const double **energy, sevens_error *err)
{
    sevens_status status;
    SEVENS_TRY(sevens_table_column(t, "energy[MeV]", energy, err));
    const double *E = *energy;
    if (t->n_row < 2)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%d: a spectrum needs two energies or more",
                           t->path, t->line[0]);
    for (size_t i = 0; i < t->n_row; i++) {
        if (!(E[i] > 0.0 && E[i] <= 1e6))
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s:%d: energies must be positive and at most 1e6 MeV: %g", t->path,
                               t->line[i], E[i]);
        if (i > 0 && !(E[i] >= E[i - 1]))
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s:%d: energies must not decrease: %g comes after %g", t->path,
                               t->line[i], E[i], E[i - 1]);
        if (i > 1 && E[i] == E[i - 2])
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%d: the energy %g stands more than twice",
                               t->path, t->line[i], E[i]);
    }
    if (!(E[t->n_row - 1] > E[0]))
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%d: all energies are %g", t->path,
                           t->line[t->n_row - 1], E[0]);
    for (size_t c = 0; c < t->n_column; c++) {
        const double *f = t->value + c * t->n_row;
        const char *unit = strchr(t->column[c], '[');
        if (f != E && strcmp(unit, "[1/MeV]") != 0)
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s:%d: column '%s' should have the unit [1/MeV]", t->path,
                               t->line[0] - 1, t->column[c]);
        for (size_t i = 0; i < t->n_row; i++)
            if (!(f[i] >= 0.0))
                return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%d: %s is negative: %g", t->path,
                                   t->line[i], t->column[c], f[i]);
    }

cleanup:
    return status;
}

/* The column of that name; a fault at the place that asks for it when there is none. */
static sevens_status find_column(const sevens_release_reader *reader, const sevens_table *t,
                                 const sevens_release_column *column, const double **values,
                                 sevens_error *err)
{
    char base[SEVENS_TABLE_MAX_COLUMNS][64], suggestion[SEVENS_SUGGESTION];
    const char *names[SEVENS_TABLE_MAX_COLUMNS];
    size_t n = 0;
    for (size_t c = 0; c < t->n_column; c++) {
        const size_t length = strcspn(t->column[c], "[");
        if (strncmp(t->column[c], "energy[", length + 1) == 0)
            continue;
        if (strlen(column->name) == length && strncmp(t->column[c], column->name, length) == 0) {
            *values = t->value + c * t->n_row;
            return SEVENS_OK;
        }
        snprintf(base[n], sizeof base[n], "%.*s", (int)length, t->column[c]);
        names[n] = base[n];
        n++;
    }
    sevens_document_fault(reader->doc, column->node, "flux: %s has no column '%.60s'; %s", t->path,
                          column->name, sevens_suggest(suggestion, column->name, names, n));
    return sevens_document_finish(reader->doc, err);
}

/* Adds weight times a column; with `to_one` the column is normalised to 1 before. */
static sevens_status add_column(const sevens_release_reader *reader, sevens_spectrum *spectrum,
                                const sevens_table *t, const double *E,
                                const sevens_release_column *column, bool to_one, sevens_error *err)
{
    sevens_spectrum alone = {0};
    const double *values = NULL;
    double weight = column->weight;
    sevens_status status;
    SEVENS_TRY(find_column(reader, t, column, &values, err));
    if (to_one) {
        SEVENS_TRY(sevens_spectrum_add(&alone, t->n_row, E, values, 1.0, err));
        const double total = sevens_spectrum_total(&alone);
        if (!(total > 0.0)) {
            sevens_document_fault(reader->doc, column->node,
                                  "flux: column '%s' of %s has no neutrinos in it", column->name,
                                  t->path);
            SEVENS_TRY(sevens_document_finish(reader->doc, err));
        }
        weight /= total;
    }
    SEVENS_TRY(sevens_spectrum_add(spectrum, t->n_row, E, values, weight, err));

cleanup:
    sevens_spectrum_free(&alone);
    return status;
}

/* Energy per fission [MeV]: V. Kopeikin, L. Mikaelyan and V. Sinev, Phys. Atom. Nucl. 67, 1892
 * (2004). Other columns, such as captures, come without fissions of their own. */
static double fission_energy_MeV(const char *column)
{
    static const struct {
        const char *name;
        double MeV;
    } fuel[] = {{"U235", 201.92}, {"U238", 205.52}, {"Pu239", 209.99}, {"Pu241", 213.60}};
    for (size_t i = 0; i < sizeof fuel / sizeof fuel[0]; i++)
        if (strcmp(fuel[i].name, column) == 0)
            return fuel[i].MeV;
    return 0.0;
}

/* physics.md eq. 46. */
static sevens_status use_reactor(sevens_release_reader *reader, const sevens_table *t,
                                 const double *E, sevens_error *err)
{
    const sevens_release_flux_section *s = &reader->flux;
    sevens_release_flux *flux = &reader->release->flux[0];
    double sum = 0.0, energy_MeV = 0.0;
    sevens_status status = SEVENS_OK;
    for (size_t i = 0; i < s->n_column; i++) {
        SEVENS_TRY(add_column(reader, &flux->spectrum, t, E, &s->column[i],
                              s->normalisation == NORM_EACH, err));
        sum += s->column[i].weight;
        energy_MeV += s->column[i].weight * fission_energy_MeV(s->column[i].name);
    }
    const double total = sevens_spectrum_total(&flux->spectrum);
    if (!(total > 0.0))
        sevens_document_fault(reader->doc, s->fractions,
                              "flux: the spectra of %s sum up to nothing", t->path);
    if (s->normalisation == NORM_POWER && !(energy_MeV > 0.0))
        sevens_document_fault(reader->doc, s->fractions,
                              "flux: the power needs fissions: a fraction of U235, U238, Pu239 or "
                              "Pu241");
    SEVENS_TRY(sevens_document_finish(reader->doc, err));
    double per_cm2_s = s->flux_per_cm2_s;
    if (s->normalisation == NORM_EACH)
        per_cm2_s *= sum;
    else if (s->normalisation == NORM_POWER)
        per_cm2_s = s->power_GW * MEV_PER_GW_S / energy_MeV * total / sphere_cm2(s->baseline_m);
    flux->fluence_per_cm2 = per_cm2_s * s->exposure_d * SECONDS_PER_DAY;
    sevens_spectrum_scale(&flux->spectrum, 1.0 / total);

cleanup:
    return status;
}

static sevens_status use_spectra(sevens_release_reader *reader, const sevens_table *t,
                                 void *context, sevens_error *err)
{
    const sevens_release_flux_section *s = &reader->flux;
    const double *E;
    sevens_status status;
    (void)context;
    SEVENS_TRY(check_spectra(t, &E, err));
    if (s->kind == REACTOR)
        return use_reactor(reader, t, E, err);
    for (size_t k = 0; k < s->n_column; k++)
        if (s->column[k].name != NULL)
            SEVENS_TRY(add_column(reader, &reader->release->flux[k].spectrum, t, E, &s->column[k],
                                  true, err));

cleanup:
    return status;
}

sevens_status sevens_release_load_flux(sevens_release_reader *reader, sevens_error *err)
{
    const sevens_release_flux_section *s = &reader->flux;
    sevens_status status;
    sevens_error why = {0};
    char *path = NULL;
    if (s->spectra == NULL)
        return SEVENS_OK;
    const sevens_release_file file = {s->spectra, s->sha256, sevens_node_get(s->node, "spectra"),
                                      sevens_node_get(s->node, "sha256")};
    status = sevens_release_find_flux(&path, reader->release->folder, s->spectra, &why);
    if (status == SEVENS_ERR_INPUT) {
        sevens_document_fault(reader->doc, file.node, "%s", why.message);
        SEVENS_TRY(sevens_document_finish(reader->doc, err));
    }
    if (status != SEVENS_OK)
        return sevens_fail(err, status, "%s", why.message);
    SEVENS_TRY(sevens_release_use_table(reader, &file, path, use_spectra, NULL, err));

cleanup:
    free(path);
    return status;
}
