/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XENONnT, nuclear recoils from solar 8B neutrinos: arXiv:2604.06002 and its data release. Events
 * and bins are text, templates are HDF5: expected events per tonne and year, and for each of 46
 * recoil energies the detection efficiency, in each of 81 bins of each science run. docs/physics.md
 * section 5.5 gives the formulas; numbers without a file of their own stand in the text below. */
#include "sevens/ingest.h"

#include "ingest_support.h"
#include "map_hdf5.h"
#include "release_write.h"
#include "sevens/document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_RUN = 3, N_OBSERVABLE = 4, N_SIDE = 3, N_RUN_BIN = 81, N_BIN = N_RUN * N_RUN_BIN };
enum { N_NODE = 46, FIRST_NODE = 5 }; /* 0.5 keV, every 0.1 keV */
enum { AC, ER, NEUTRON, N_BACKGROUND };
enum { COUNTS, YIELDS, N_TABLE };
enum { TABLE, FORMULA, N_FLUX };

static const char *const flux_name[N_FLUX] = {"solar-8b", "solar-8b-formula"};
static const char *const axis_name[1 + N_OBSERVABLE] = {"run", "cs2", "s2_shadow", "s1_bdt",
                                                        "s2_bdt"};
static const char *const background_name[N_BACKGROUND] = {"ac", "er", "neutron"};
static const double exposure_t_yr[N_RUN] = {1.174398, 2.342593, 3.249665};
static const double all_t_yr = 6.766656; /* their sum */
static const size_t n_event[N_RUN] = {9, 28, 25};

static const char yaml[] =
    "# XENONnT solar 8B as a release folder; made from the original files, do not edit.\n"
    "schema: 1\n"
    "name: xenonnt-8b\n"
    "title: \"XENONnT, nuclear recoils from solar 8B neutrinos, SR0 to SR2\"\n"
    "citation: \"E. Aprile et al. (XENON), First Indication of Solar 8B Neutrinos via Coherent\n"
    "  Elastic Neutrino-Nucleus Scattering with XENONnT, Phys. Rev. Lett. 133, 191002 (2024),\n"
    "  and arXiv:2604.06002\"\n"
    "doi: \"10.5281/zenodo.20576156\"\n"
    "arxiv: \"2604.06002\"\n"
    "url: \"https://github.com/XENONnT/cevns_data_release\"\n"
    "version: \"sr0_sr1_sr2\"\n"
    "made_by: \"sevens ingest xenonnt-8b\"\n"
    "electron_recoils: false\n"
    "\n"
    "# Original files (not part of this folder) and their SHA-256; for the templates, that of\n"
    "# what `sha256sum templates/sr?/{ac,er}/*.h5 templates/sr?/{mono,rg}/*_tly_0.0_tqy_0.0.h5 |\n"
    "# LC_ALL=C sort -k2` prints. Licence of the release: CC-BY-4.0.\n"
    "sources:\n"
    "@sources@\n"
    "\n"
    "# Flux: B16-GS98 (arXiv:1611.09867). Electron neutrinos are a third above 5 MeV, nu_mu\n"
    "# and nu_tau have equal shares of the rest. The formula N(E) = 8.52e-6 E^2\n"
    "# (15.1 - E)^2.75 /MeV has an integral of 1.0004475, by which its fluxes are larger.\n"
    "# Baseline and spread are those of the Earth's orbit.\n"
    "options:\n"
    "  flux:\n"
    "    doc: spectrum of the 8B neutrinos, the standard table or a formula\n"
    "    choices:\n"
    "      table: {}\n"
    "      formula:\n"
    "        flux:\n"
    "          spectra: solar-8b-formula\n"
    "          sha256: @solar-8b-formula@\n"
    "          classes:\n"
    "            - {flavour: nu_e, column: B8, flux_per_cm2_s: 1.802606e6}\n"
    "            - {flavour: nu_mu, column: B8, flux_per_cm2_s: 1.829919e6}\n"
    "            - {flavour: nu_tau, column: B8, flux_per_cm2_s: 1.829919e6}\n"
    "\n"
    "flux:\n"
    "  kind: spectrum\n"
    "  spectra: solar-8b\n"
    "  sha256: @solar-8b@\n"
    "  exposure_d: 2471.521104\n"
    "  baseline_m: 1.495978707e11\n"
    "  spread_m: 2.5e9\n"
    "  classes:\n"
    "    - {flavour: nu_e, column: B8, flux_per_cm2_s: 1.8018e6}\n"
    "    - {flavour: nu_mu, column: B8, flux_per_cm2_s: 1.8291e6}\n"
    "    - {flavour: nu_tau, column: B8, flux_per_cm2_s: 1.8291e6}\n"
    "\n"
    "# One tonne for 6.766656 yr, the sum of the exposures of the runs: 1.174398, 2.342593 and\n"
    "# 3.249665 t yr (plot.ipynb of the release). The molar mass is the mean of the isotopes,\n"
    "# weighted by their abundances.\n"
    "target:\n"
    "  mass_kg: 1000\n"
    "  molar_mass_g_per_mol: 131.29276144671607\n"
    "  nuclei:\n"
    "    - {nucleus: Xe124, count: 0.000952}\n"
    "    - {nucleus: Xe126, count: 0.00089}\n"
    "    - {nucleus: Xe128, count: 0.019102}\n"
    "    - {nucleus: Xe129, count: 0.264006}\n"
    "    - {nucleus: Xe130, count: 0.04071}\n"
    "    - {nucleus: Xe131, count: 0.212324}\n"
    "    - {nucleus: Xe132, count: 0.269086}\n"
    "    - {nucleus: Xe134, count: 0.104357}\n"
    "    - {nucleus: Xe136, count: 0.088573}\n"
    "\n"
    "# Recoil energies of the templates; efficiencies are straight between them, 0 outside.\n"
    "response:\n"
    "  nodes_keVnr: @nodes@\n"
    "\n"
    "# The three science runs, and in each 3 x 3 x 3 x 3 bins, numbered from 0, whose edges\n"
    "# differ:\n"
    "@edges@\n"
    "bins:\n"
    "  - {name: run, unit: \"1\", edges: [0, 1, 2, 3]}\n"
    "  - {name: cs2, unit: \"1\", edges: [0, 1, 2, 3]}\n"
    "  - {name: s2_shadow, unit: \"1\", edges: [0, 1, 2, 3]}\n"
    "  - {name: s1_bdt, unit: \"1\", edges: [0, 1, 2, 3]}\n"
    "  - {name: s2_bdt, unit: \"1\", edges: [0, 1, 2, 3]}\n"
    "\n"
    "# Signal: yields of light and charge 35 %, flux 12 %; backgrounds: accidental\n"
    "# coincidences (ac), electrons (er), neutrons. These widths are not part of the release.\n"
    "likelihood:\n"
    "  kind: poisson\n"
    "  signal_sigma: 0.37\n"
    "  shared: {solar-8b-flux: 0.12}\n"
    "\n"
    "backgrounds:\n"
    "  - {name: ac, sigma: 0.05}\n"
    "  - {name: er, sigma: 1.0}\n"
    "  - {name: neutron, sigma: 0.5}\n"
    "\n"
    "# Backgrounds: rates of the templates times the exposure of the run. Yields: efficiencies of\n"
    "# the templates times the run's share of the exposure, to 6 digits.\n"
    "tables:\n"
    "  counts: {file: counts.csv, sha256: @sha256 counts.csv@}\n"
    "  yields: {file: yields.csv, sha256: @sha256 yields.csv@}\n";

/* What goes into the folder. */
typedef struct xenon {
    sevens_bin_axis axis[1 + N_OBSERVABLE];
    double edge[N_RUN][N_OBSERVABLE][N_SIDE + 1];
    double observed[N_BIN];
    double background[N_BACKGROUND][N_BIN];
    double yield[N_NODE][N_BIN]; /* efficiency x share of the exposure */
    FILE *sums;                  /* "SUM  FILE" of the templates, as sha256sum prints them */
    char *sums_text;
    size_t sums_length, n_template;
} xenon;

/* ---- bins and events ---- */

static void read_edges(sevens_document *doc, double edge[N_OBSERVABLE][N_SIDE + 1])
{
    static const char *const key[N_OBSERVABLE] = {"cs2", "s2_shadow_s2_time_shadow_quantile",
                                                  "s1_bdt_score", "s2_bdt_score"};
    const sevens_node *root = sevens_document_root(doc);
    for (size_t k = 0; k < N_OBSERVABLE; k++) {
        size_t n;
        const sevens_node *list = sevens_node_get(root, key[k]);
        if (list == NULL) {
            sevens_document_fault(doc, root, "the edges of '%s' are missing", key[k]);
            continue;
        }
        double *x = sevens_document_reals(doc, list, key[k], N_SIDE + 1, N_SIDE + 1, &n);
        for (size_t i = 0; x != NULL && i <= N_SIDE; i++) {
            edge[k][i] = x[i];
            if (i > 0 && !(x[i] > x[i - 1]))
                sevens_document_fault(doc, list->item[i], "the edges of '%s' do not increase",
                                      key[k]);
        }
        free(x);
    }
}

static sevens_status read_binning(xenon *x, size_t run, sevens_originals *originals,
                                  sevens_error *err)
{
    char file[32], *path = NULL;
    sevens_document *doc = NULL;
    sevens_status status;
    snprintf(file, sizeof file, "binning/sr%zu.yaml", run);
    SEVENS_TRY(sevens_original_use(originals, file, &path, err));
    SEVENS_TRY(sevens_document_load(&doc, path, err));
    read_edges(doc, x->edge[run]);
    SEVENS_TRY(sevens_document_finish(doc, err));

cleanup:
    sevens_document_free(&doc);
    free(path);
    return status;
}

/* Rows: number, and the four observables. */
static sevens_status read_events(xenon *x, size_t run, sevens_originals *originals,
                                 sevens_error *err)
{
    char file[32];
    double *event = NULL;
    sevens_status status;
    snprintf(file, sizeof file, "data/sr%zu.csv", run);
    SEVENS_TRY(
        sevens_original_unended(originals, file, 1, n_event[run], 1 + N_OBSERVABLE, &event, err));
    for (size_t i = 0; i < n_event[run]; i++) {
        const double *value = event + i * (1 + N_OBSERVABLE) + 1;
        size_t bin = run;
        for (size_t k = 0; k < N_OBSERVABLE; k++) {
            const sevens_bin_axis axis = {.n = N_SIDE, .edges = x->edge[run][k]};
            const size_t side = sevens_axis_find(&axis, value[k]);
            if (side == N_SIDE)
                SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                                       "%s/%s:%zu: %s is %g, outside the bins, %g to %g",
                                       originals->folder, file, i + 2, axis_name[1 + k], value[k],
                                       axis.edges[0], axis.edges[N_SIDE]));
            bin = bin * N_SIDE + side;
        }
        x->observed[bin] += 1.0;
    }

cleanup:
    free(event);
    return status;
}

/* ---- templates ---- */

/* A dataset of these extents, all numbers finite and not negative. */
static bool read_array(hid_t file, const char *name, int rank, hsize_t side, double *value,
                       size_t n)
{
    hsize_t extent[N_OBSERVABLE];
    bool good = sevens_h5_shape(file, name, N_OBSERVABLE, extent) == rank;
    for (int k = 0; good && k < rank; k++)
        good = extent[k] == side;
    if (!good)
        return false;
    const hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    good = set >= 0 && H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0;
    if (set >= 0)
        H5Dclose(set);
    for (size_t i = 0; good && i < n; i++)
        good = isfinite(value[i]) && value[i] >= 0.0;
    return good;
}

static sevens_status read_arrays(hid_t file, const char *path,
                                 double edge[N_OBSERVABLE][N_SIDE + 1], double bin[N_RUN_BIN],
                                 sevens_error *err)
{
    double x[N_SIDE + 1];
    char name[16];
    for (size_t k = 0; k < N_OBSERVABLE; k++) {
        snprintf(name, sizeof name, "bins/%zu", k);
        bool same = read_array(file, name, 1, N_SIDE + 1, x, N_SIDE + 1);
        for (size_t i = 0; same && i <= N_SIDE; i++) /* the binning files have 12 decimals */
            same = fabs(x[i] - edge[k][i]) <= 1e-11 + 1e-9 * edge[k][i];
        if (!same)
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s: %s: not the edges of the binning file",
                               path, name);
    }
    if (!read_array(file, "templates/template", N_OBSERVABLE, N_SIDE, bin, N_RUN_BIN))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s: templates/template: not 3 x 3 x 3 x 3 numbers, none negative",
                           path);
    return SEVENS_OK;
}

/* The template of a run times `scale`, to `bin`. */
static sevens_status read_template(xenon *x, size_t run, const char *folder, const char *file,
                                   double scale, int digits, double bin[N_RUN_BIN],
                                   sevens_error *err)
{
    sevens_originals one = {.folder = folder};
    char *path = NULL;
    hid_t h5 = -1;
    sevens_status status;
    SEVENS_TRY(sevens_original_use(&one, file, &path, err));
    fprintf(x->sums, "%s  %s\n", one.source[0].sha256, file);
    x->n_template++;
    h5 = sevens_h5_open(path);
    if (h5 < 0)
        SEVENS_TRY(
            sevens_fail(err, SEVENS_ERR_INPUT, "cannot read %s: %s", path, sevens_h5_reason()));
    SEVENS_TRY(read_arrays(h5, path, x->edge[run], bin, err));
    for (size_t i = 0; i < N_RUN_BIN; i++)
        bin[i] = sevens_round_digits(bin[i] * scale, digits);

cleanup:
    if (h5 >= 0)
        H5Fclose(h5);
    free(path);
    return status;
}

/* In the order of their names. */
static sevens_status read_templates(xenon *x, size_t run, const char *folder, sevens_error *err)
{
    static const char head[] = "templates/sr%zu/%s/template_XENONnT_sr%zu_%s_cevns%s.h5";
    static const char nominal[] = "_tly_0.0_tqy_0.0";
    const size_t first = run * N_RUN_BIN;
    char file[128], name[16];
    sevens_status status;
    snprintf(file, sizeof file, head, run, "ac", run, "ac", "");
    SEVENS_TRY(read_template(x, run, folder, file, exposure_t_yr[run], 12,
                             x->background[AC] + first, err));
    snprintf(file, sizeof file, head, run, "er", run, "er", "");
    SEVENS_TRY(read_template(x, run, folder, file, exposure_t_yr[run], 12,
                             x->background[ER] + first, err));
    for (size_t i = 0; i < N_NODE; i++) {
        snprintf(name, sizeof name, "mono_%.3f", 0.1 * (double)(FIRST_NODE + i));
        snprintf(file, sizeof file, head, run, "mono", run, name, nominal);
        SEVENS_TRY(read_template(x, run, folder, file, exposure_t_yr[run] / all_t_yr, 6,
                                 x->yield[i] + first, err));
    }
    snprintf(file, sizeof file, head, run, "rg", run, "rg", nominal);
    SEVENS_TRY(read_template(x, run, folder, file, exposure_t_yr[run], 12,
                             x->background[NEUTRON] + first, err));

cleanup:
    return status;
}

/* ---- originals ---- */

static sevens_status note_templates(xenon *x, sevens_originals *originals, sevens_error *err)
{
    sevens_original *source = &originals->source[originals->n++];
    const bool failed = ferror(x->sums) != 0;
    if (fclose(x->sums) != 0 || failed) {
        x->sums = NULL;
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    }
    x->sums = NULL;
    snprintf(source->file, sizeof source->file, "templates (%zu files)", x->n_template);
    sevens_sha256_bytes(x->sums_text, x->sums_length, source->sha256);
    return SEVENS_OK;
}

static sevens_status read_originals(xenon *x, sevens_originals *originals, sevens_error *err)
{
    static const double number[] = {0, 1, 2, 3};
    char reason[SEVENS_H5_REASON];
    sevens_status status;
    sevens_h5_listen(reason);
    x->sums = open_memstream(&x->sums_text, &x->sums_length);
    SEVENS_TRY_ALLOC(x->sums);
    for (size_t a = 0; a <= N_OBSERVABLE; a++)
        SEVENS_TRY(
            sevens_axis_set(&x->axis[a], axis_name[a], "1", number, N_SIDE + 1, 0.0, N_SIDE, err));
    for (size_t run = 0; run < N_RUN; run++) {
        SEVENS_TRY(read_binning(x, run, originals, err));
        SEVENS_TRY(read_events(x, run, originals, err));
        SEVENS_TRY(read_templates(x, run, originals->folder, err));
    }
    SEVENS_TRY(note_templates(x, originals, err));

cleanup:
    sevens_h5_listen(NULL);
    return status;
}

/* ---- tables ---- */

static sevens_status counts_table(const xenon *x, sevens_release_text *table, sevens_error *err)
{
    char name[32];
    sevens_status status;
    SEVENS_TRY(sevens_table_begin(
        table, "counts.csv", "xenonnt-8b: observed counts and expected backgrounds per bin", err));
    sevens_table_edge_names(table, x->axis, 1 + N_OBSERVABLE);
    sevens_table_name(table, "observed[1]");
    for (size_t k = 0; k < N_BACKGROUND; k++) {
        snprintf(name, sizeof name, "%s[1]", background_name[k]);
        sevens_table_name(table, name);
    }
    sevens_table_row(table);
    for (size_t b = 0; b < N_BIN; b++) {
        sevens_table_edges(table, x->axis, 1 + N_OBSERVABLE, b);
        sevens_table_real(table, x->observed[b]);
        for (size_t k = 0; k < N_BACKGROUND; k++)
            sevens_table_real(table, x->background[k][b]);
        sevens_table_row(table);
    }
    SEVENS_TRY(sevens_table_end(table, err));

cleanup:
    return status;
}

static sevens_status yields_table(const xenon *x, sevens_release_text *table, sevens_error *err)
{
    char name[32];
    sevens_status status;
    SEVENS_TRY(sevens_table_begin(table, "yields.csv",
                                  "xenonnt-8b: detection efficiency x share of the exposure, per "
                                  "bin and recoil energy of response.nodes_keVnr",
                                  err));
    sevens_table_edge_names(table, x->axis, 1 + N_OBSERVABLE);
    for (size_t i = 0; i < N_NODE; i++) {
        snprintf(name, sizeof name, "node_%zu[1]", i);
        sevens_table_name(table, name);
    }
    sevens_table_row(table);
    for (size_t b = 0; b < N_BIN; b++) {
        sevens_table_edges(table, x->axis, 1 + N_OBSERVABLE, b);
        for (size_t i = 0; i < N_NODE; i++)
            sevens_table_real(table, x->yield[i][b]);
        sevens_table_row(table);
    }
    SEVENS_TRY(sevens_table_end(table, err));

cleanup:
    return status;
}

/* Comment lines with the edges of all runs. */
static char *edges_text(const xenon *x)
{
    static const char *const label[N_OBSERVABLE] = {"cs2 [PE]", "s2_shadow (quantile)",
                                                    "s1_bdt (score)", "s2_bdt (score)"};
    char *text = NULL;
    size_t length = 0;
    FILE *f = open_memstream(&text, &length);
    if (f == NULL)
        return NULL;
    for (size_t run = 0; run < N_RUN; run++)
        for (size_t k = 0; k < N_OBSERVABLE; k++) {
            char *edges = sevens_reals_text(x->edge[run][k], N_SIDE + 1);
            fprintf(f, "%s#   sr%zu %s: %s", run + k ? "\n" : "", run, label[k],
                    edges ? edges : "");
            free(edges);
        }
    if (fclose(f) == 0)
        return text;
    free(text);
    return NULL;
}

/* ---- the release ---- */

static sevens_status compose(const xenon *x, const sevens_ingest_options *options,
                             const sevens_originals *originals, sevens_error *err)
{
    enum { NODES = N_FLUX, EDGES, N_VALUE };
    sevens_release_text table[N_TABLE] = {0};
    sevens_release_value value[N_VALUE] = {{0}};
    char sha256[N_FLUX][SEVENS_SHA256_HEX], *nodes = NULL, *edges = NULL;
    double node[N_NODE];
    sevens_status status;
    SEVENS_TRY(counts_table(x, &table[COUNTS], err));
    SEVENS_TRY(yields_table(x, &table[YIELDS], err));
    for (size_t i = 0; i < N_FLUX; i++) {
        SEVENS_TRY(sevens_ingest_flux_sum(options->out, flux_name[i], sha256[i], err));
        value[i] = (sevens_release_value){flux_name[i], sha256[i]};
    }
    for (size_t i = 0; i < N_NODE; i++)
        node[i] = (double)(FIRST_NODE + i) / 10.0;
    nodes = sevens_reals_text(node, N_NODE);
    SEVENS_TRY_ALLOC(nodes);
    edges = edges_text(x);
    SEVENS_TRY_ALLOC(edges);
    value[NODES] = (sevens_release_value){"nodes", nodes};
    value[EDGES] = (sevens_release_value){"edges", edges};
    SEVENS_TRY(
        sevens_release_compose(options->out, yaml, value, N_VALUE, table, N_TABLE, originals, err));

cleanup:
    free(edges);
    free(nodes);
    sevens_release_texts_free(table, N_TABLE);
    return status;
}

static void xenon_free(xenon *x)
{
    for (size_t a = 0; x != NULL && a <= N_OBSERVABLE; a++)
        sevens_axis_free(&x->axis[a]);
    if (x != NULL && x->sums != NULL)
        fclose(x->sums);
    if (x != NULL)
        free(x->sums_text);
    free(x);
}

sevens_status sevens_ingest_xenonnt_8b(const sevens_ingest_options *options, sevens_error *err)
{
    sevens_originals originals = {.folder = options->from};
    xenon *x = calloc(1, sizeof *x);
    sevens_status status = SEVENS_OK;
    SEVENS_TRY_ALLOC(x);
    if (options->energy_edges != NULL || options->time_edges != NULL || options->events != NULL)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                               "xenonnt-8b: the bins are those of the templates; other bins or "
                               "events cannot be taken"));
    SEVENS_TRY(read_originals(x, &originals, err));
    SEVENS_TRY(compose(x, options, &originals, err));

cleanup:
    xenon_free(x);
    return status;
}
