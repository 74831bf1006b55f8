/* SPDX-License-Identifier: GPL-3.0-or-later */
/* COHERENT CsI[Na], first observation: arXiv:1708.01294, data release arXiv:1804.09459. The
 * originals are histograms of 25 energies x 24 times; the folder holds the region that the
 * collaboration fits, 6 to 30 PE and 0 to 6 us, as 12 energy bins (coincident minus anti-coincident
 * counts, with gaussian errors) and as 12 x 12 bins (both counts). docs/physics.md sections 3.1
 * and 5.1 give the formulas; numbers without a file of their own stand here, as in
 * coherent_parameters.yaml. */
#include "sevens/ingest.h"

#include "ingest_originals.h"
#include "release_write.h"

#include <math.h>
#include <stdlib.h>

#define EXPOSURE_GWH 7.47594
#define DIGITS 12 /* of what is written */

/* Histograms: all of the release, and what is used of them. */
enum {
    N_ALL_ENERGY = 25, /* of 2 PE */
    N_ALL_TIME = 24,   /* of 0.5 us */
    FIRST_ENERGY = 3,
    N_ENERGY = 12,
    N_TIME = 12,
    N_BIN = N_ENERGY * N_TIME,
    N_PE = 50 /* the acceptance is constant in steps of 1 PE */
};
enum { PROMPT, DELAYED, NEUTRON, N_ARRIVAL };
static const char *const arrival_file[N_ARRIVAL] = {"arrivalTimePDF_promptNeutrinos.txt",
                                                    "arrivalTimePDF_delayedNeutrinos.txt",
                                                    "arrivalTimePDF_promptNeutrons.txt"};

/* What goes into the folder. */
typedef struct csi {
    sevens_bin_axis axis[2]; /* energy, time */
    double coincident[N_BIN], anti_coincident[N_BIN];
    double arrival[N_ARRIVAL][N_TIME]; /* share of all in a bin of 0.5 us */
    double arrival_sum[N_ARRIVAL];     /* of those bins */
    double neutrons[N_ENERGY];         /* beam-related neutrons, at all times */
    double efficiency[N_PE];
} csi;

/* ---- originals ---- */

/* f(x) H(x - 5) at the centre of a step of 1 PE. */
static double acceptance(double x)
{
    const double half = x < 5.0 ? 0.0 : x < 6.0 ? 0.5 : 1.0;
    return half * 0.6655 / (1.0 + exp(-0.4942 * (x - 10.8507)));
}

/* The counts of the region of the fit. */
static sevens_status read_counts(double counts[N_BIN], sevens_originals *originals,
                                 const char *file, sevens_error *err)
{
    sevens_bin_axis axis[2] = {0};
    double *all = NULL;
    sevens_status status;
    SEVENS_TRY(sevens_axis_uniform(&axis[0], "energy", "PE", 0.0, 50.0, N_ALL_ENERGY, err));
    SEVENS_TRY(sevens_axis_uniform(&axis[1], "time", "us", 0.0, 12.0, N_ALL_TIME, err));
    const sevens_original_layout layout = {.n_axis = 2, .axis = axis, .n_column = 1};
    SEVENS_TRY(sevens_original_histogram(originals, file, &layout, &all, err));
    for (size_t i = 0; i < N_BIN; i++) {
        const double n = all[(FIRST_ENERGY + i / N_TIME) * N_ALL_TIME + i % N_TIME];
        if (!(n >= 0.0 && n == floor(n)))
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT, "%s/%s: %g is not a number of events",
                                   originals->folder, file, n));
        counts[i] = n;
    }

cleanup:
    free(all);
    sevens_axis_free(&axis[0]);
    sevens_axis_free(&axis[1]);
    return status;
}

static sevens_status read_arrival(csi *r, sevens_originals *originals, sevens_error *err)
{
    sevens_bin_axis axis = {0};
    double *share = NULL;
    sevens_status status;
    SEVENS_TRY(sevens_axis_uniform(&axis, "time", "us", 0.0, 12.0, N_ALL_TIME, err));
    const sevens_original_layout layout = {.n_axis = 1, .axis = &axis, .n_column = 1};
    for (size_t k = 0; k < N_ARRIVAL; k++) {
        double total = 0.0;
        SEVENS_TRY(sevens_original_histogram(originals, arrival_file[k], &layout, &share, err));
        for (size_t j = 0; j < N_ALL_TIME; j++) {
            if (!(share[j] >= 0.0))
                SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT, "%s/%s: the probability %g",
                                       originals->folder, arrival_file[k], share[j]));
            total += share[j];
            if (j < N_TIME) {
                r->arrival[k][j] = share[j];
                r->arrival_sum[k] += share[j];
            }
        }
        if (!(fabs(total - 1.0) <= 1e-6))
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                                   "%s/%s: the probabilities add up to %.9g, not 1",
                                   originals->folder, arrival_file[k], total));
        free(share);
        share = NULL;
    }

cleanup:
    free(share);
    sevens_axis_free(&axis);
    return status;
}

/* promptPDF x exposure x acceptance, from steps of 1 PE to bins of 2 PE. */
static sevens_status read_neutrons(csi *r, sevens_originals *originals, sevens_error *err)
{
    static const char file[] = "promptPDF.txt";
    sevens_bin_axis axis = {0};
    double *per_GWh = NULL;
    sevens_status status;
    SEVENS_TRY(sevens_axis_uniform(&axis, "energy", "PE", 0.0, 50.0, N_PE, err));
    const sevens_original_layout layout = {.n_axis = 1, .axis = &axis, .n_column = 1};
    SEVENS_TRY(sevens_original_histogram(originals, file, &layout, &per_GWh, err));
    for (size_t k = 0; k < N_PE; k++) {
        r->efficiency[k] = acceptance((double)k + 0.5);
        if (!(per_GWh[k] >= 0.0))
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT, "%s/%s: %g neutrons per GWh",
                                   originals->folder, file, per_GWh[k]));
        const size_t i = k / 2;
        if (i >= FIRST_ENERGY && i < FIRST_ENERGY + N_ENERGY)
            r->neutrons[i - FIRST_ENERGY] += per_GWh[k] * EXPOSURE_GWH * r->efficiency[k];
    }

cleanup:
    free(per_GWh);
    sevens_axis_free(&axis);
    return status;
}

/* ---- tables ---- */

static sevens_status write_1d(const csi *r, sevens_release_text table[2], sevens_error *err)
{
    double observed[N_ENERGY], sigma[N_ENERGY], brn[N_ENERGY], share[2];
    sevens_status status = SEVENS_OK;
    for (size_t i = 0; i < N_ENERGY; i++) {
        double c = 0.0, ac = 0.0;
        for (size_t j = 0; j < N_TIME; j++) {
            c += r->coincident[i * N_TIME + j];
            ac += r->anti_coincident[i * N_TIME + j];
        }
        if (c + ac == 0.0)
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                                   "no events from %g to %g PE: the difference of the counts has "
                                   "no gaussian error there",
                                   r->axis[0].edges[i], r->axis[0].edges[i + 1]));
        observed[i] = c - ac;
        sigma[i] = sevens_round_digits(sqrt(c + ac), DIGITS);
        brn[i] = sevens_round_digits(r->neutrons[i] * r->arrival_sum[NEUTRON], DIGITS);
    }
    for (size_t k = 0; k < 2; k++)
        share[k] = sevens_round_digits(r->arrival_sum[k], DIGITS);
    const sevens_text_column counts[] = {
        {"observed[1]", observed}, {"sigma[1]", sigma}, {"brn[1]", brn}};
    const sevens_text_column shares[] = {{"nu_e[1]", &share[DELAYED]},
                                         {"nubar_mu[1]", &share[DELAYED]},
                                         {"nu_mu[1]", &share[PROMPT]}};
    SEVENS_TRY(sevens_table_of_bins(&table[0], "counts.csv",
                                    "coherent-csi-2017: coincident minus anti-coincident counts "
                                    "below 6 us, and expected backgrounds",
                                    r->axis, 1, counts, 3, err));
    SEVENS_TRY(sevens_table_of_rows(&table[1], "shares.csv",
                                    "coherent-csi-2017: share of the events of each flavour below "
                                    "6 us",
                                    1, shares, 3, err));

cleanup:
    return status;
}

static sevens_status write_2d(const csi *r, sevens_release_text table[2], sevens_error *err)
{
    double brn[N_BIN], share[2][N_TIME];
    sevens_status status;
    for (size_t i = 0; i < N_BIN; i++)
        brn[i] =
            sevens_round_digits(r->neutrons[i / N_TIME] * r->arrival[NEUTRON][i % N_TIME], DIGITS);
    for (size_t k = 0; k < 2; k++)
        for (size_t j = 0; j < N_TIME; j++)
            share[k][j] = sevens_round_digits(r->arrival[k][j], DIGITS);
    const sevens_text_column counts[] = {
        {"observed[1]", r->coincident}, {"off[1]", r->anti_coincident}, {"brn[1]", brn}};
    const sevens_text_column shares[] = {
        {"nu_e[1]", share[DELAYED]}, {"nubar_mu[1]", share[DELAYED]}, {"nu_mu[1]", share[PROMPT]}};
    SEVENS_TRY(sevens_table_of_bins(&table[0], "counts_2d.csv",
                                    "coherent-csi-2017: coincident counts, anti-coincident counts "
                                    "(off) and expected backgrounds",
                                    r->axis, 2, counts, 3, err));
    SEVENS_TRY(sevens_table_of_bins(&table[1], "shares_2d.csv",
                                    "coherent-csi-2017: share of the events of each flavour per "
                                    "time bin",
                                    &r->axis[1], 1, shares, 3, err));

cleanup:
    return status;
}

static sevens_status write_efficiency(const csi *r, sevens_release_text *table, sevens_error *err)
{
    double lo[N_PE], hi[N_PE], efficiency[N_PE];
    for (size_t k = 0; k < N_PE; k++) {
        lo[k] = (double)k;
        hi[k] = (double)k + 1.0;
        efficiency[k] = sevens_round_digits(r->efficiency[k], DIGITS);
    }
    const sevens_text_column column[] = {
        {"x_lo[PE]", lo}, {"x_hi[PE]", hi}, {"efficiency[1]", efficiency}};
    return sevens_table_of_rows(table, "efficiency.csv",
                                "coherent-csi-2017: acceptance in steps of 1 PE", N_PE, column, 3,
                                err);
}

/* ---- release.yaml ---- */

static const char yaml[] =
    "# COHERENT CsI[Na] 2017 as a release folder; made from the original files, do not edit.\n"
    "schema: 1\n"
    "name: \"coherent-csi-2017\"\n"
    "title: \"COHERENT CsI[Na], first observation of CEvNS\"\n"
    "citation: \"D. Akimov et al. (COHERENT), Observation of Coherent Elastic Neutrino-Nucleus "
    "Scattering, Science 357, 1123 (2017); data release arXiv:1804.09459\"\n"
    "doi: \"10.5281/zenodo.1228631\"\n"
    "arxiv: \"1708.01294\"\n"
    "url: \"https://zenodo.org/record/1228631\"\n"
    "version: \"1804.09459\"\n"
    "made_by: \"sevens ingest coherent-csi-2017\"\n"
    "\n"
    "# Recoils of electrons are not told from those of nuclei; the data are part of the exposure "
    "of\n"
    "# 2021.\n"
    "electron_recoils: true\n"
    "excludes: [coherent-csi-2021]\n"
    "\n"
    "# Original files (not part of this folder) and their SHA-256.\n"
    "sources:\n"
    "@sources@\n"
    "\n"
    "options:\n"
    "  analysis:\n"
    "    doc: 12 bins of energy, coincident minus anti-coincident counts with gaussian errors "
    "(1d), "
    "or\n"
    "      12 x 12 bins of energy and time, steady-state background integrated out (2d)\n"
    "    choices:\n"
    "      1d: {}\n"
    "      2d:\n"
    "        bins:\n"
    "          - {name: energy, unit: PE, edges: @energy_edges@}\n"
    "          - {name: time, unit: us, edges: @time_edges@}\n"
    "        # The norm of the signal is integrated over, and with it that of the neutrons, so "
    "that\n"
    "        # no pull can be shared with other experiments.\n"
    "        likelihood:\n"
    "          kind: poisson-on-off\n"
    "          on_off: {background: discrete, norm: common}\n"
    "          shared: ~\n"
    "        tables:\n"
    "          counts: {file: counts_2d.csv, sha256: @sha256 counts_2d.csv@}\n"
    "          shares: {file: shares_2d.csv, sha256: @sha256 shares_2d.csv@}\n"
    "  smearing:\n"
    "    doc: fluctuation of the number of photo-electrons\n"
    "    choices:\n"
    "      none: {}\n"
    "      poisson: {response: {smearing: {kind: poisson}}}\n"
    "  background:\n"
    "    doc: steady-state background of `2d`, summed over whole numbers (arXiv:1903.10666), "
    "integrated\n"
    "      with a flat prior, or at its best value\n"
    "    choices:\n"
    "      discrete: {}\n"
    "      continuous: {likelihood: {on_off: {background: continuous}}}\n"
    "      profiled: {likelihood: {on_off: {background: profiled}}}\n"
    "  signal_norm:\n"
    "    doc: norm of the signal in `2d`, integrated over in common or in each bin\n"
    "    choices:\n"
    "      common: {}\n"
    "      per-bin: {likelihood: {on_off: {norm: per-bin}}}\n"
    "\n"
    "# 7.47594 GWh (coherent_parameters.yaml) are 1.76e23 protons: arXiv:1708.01294. Neutrinos "
    "per\n"
    "# flavour and proton, distance: coherent_parameters.yaml.\n"
    "flux:\n"
    "  kind: pion-dar\n"
    "  pot: 1.76e+23\n"
    "  neutrinos_per_proton: 0.08\n"
    "  baseline_m: 19.3\n"
    "\n"
    "# 14.6 kg of CsI[Na]: arXiv:1708.01294. Molar mass: 132.90545 + 126.90447.\n"
    "target:\n"
    "  mass_kg: 14.6\n"
    "  molar_mass_g_per_mol: 259.8099238\n"
    "  nuclei:\n"
    "    - {nucleus: Cs133, count: 1}\n"
    "    - {nucleus: I127, count: 1}\n"
    "\n"
    "# Constant quenching factor and PE per keVee: coherent_parameters.yaml. No smearing, as in\n"
    "# arXiv:1710.02730. efficiency.csv: 0.6655/(1 + exp(-0.4942 (x - 10.8507))) H(x), H = 0 below "
    "5,\n"
    "# 1/2 from 5 to 6, 1 above, at the centres of steps of 1 PE: coherent_parameters.yaml.\n"
    "response:\n"
    "  quenching: {kind: polynomial, unit: keV, coefficients: [0.0878], light_yield: 13.348}\n"
    "  smearing: {kind: none}\n"
    "  efficiency: {kind: steps, file: efficiency.csv, sha256: @sha256 efficiency.csv@}\n"
    "\n"
    "# Photo-electrons. The region that the collaboration fits: 6 to 30 PE, 0 to 6 us.\n"
    "bins:\n"
    "  - {name: energy, unit: PE, edges: @energy_edges@}\n"
    "\n"
    "# chi2 of arXiv:1710.02730, with sigma^2 = coincident + anti-coincident counts. Norm pull of "
    "the\n"
    "# signal: quenching 25 %, flux 10 %, acceptance 5 %, form factor 5 %, together 28 %\n"
    "# (arXiv:1708.01294). The flux is that of all experiments at the SNS.\n"
    "likelihood:\n"
    "  kind: gauss\n"
    "  signal_sigma: 0.28\n"
    "  shared: {sns-flux: 0.1}\n"
    "\n"
    "# Prompt beam-related neutrons: promptPDF.txt x 7.47594 GWh x efficiency.csv in steps of 1 "
    "PE, "
    "x\n"
    "# arrivalTimePDF_promptNeutrons.txt; width of the norm pull: coherent_parameters.yaml.\n"
    "backgrounds:\n"
    "  - {name: brn, sigma: 0.25}\n"
    "\n"
    "# shares: arrivalTimePDF_promptNeutrinos.txt (nu_mu), arrivalTimePDF_delayedNeutrinos.txt.\n"
    "tables:\n"
    "  counts: {file: counts.csv, sha256: @sha256 counts.csv@}\n"
    "  shares: {file: shares.csv, sha256: @sha256 shares.csv@}\n";

enum { N_TABLE = 5 };

static sevens_status write_folder(const csi *r, const sevens_originals *originals,
                                  const char *folder, sevens_error *err)
{
    sevens_release_text table[N_TABLE] = {0};
    char *edges[2] = {NULL};
    sevens_status status = SEVENS_OK;
    for (size_t a = 0; a < 2; a++) {
        edges[a] = sevens_reals_text(r->axis[a].edges, r->axis[a].n + 1);
        SEVENS_TRY_ALLOC(edges[a]);
    }
    const sevens_release_value value[] = {{"energy_edges", edges[0]}, {"time_edges", edges[1]}};
    SEVENS_TRY(write_1d(r, &table[0], err));
    SEVENS_TRY(write_2d(r, &table[2], err));
    SEVENS_TRY(write_efficiency(r, &table[4], err));
    SEVENS_TRY(sevens_release_compose(folder, yaml, value, 2, table, N_TABLE, originals, err));

cleanup:
    sevens_release_texts_free(table, N_TABLE);
    free(edges[0]);
    free(edges[1]);
    return status;
}

sevens_status sevens_ingest_coherent_csi_2017(const sevens_ingest_options *options,
                                              sevens_error *err)
{
    sevens_originals originals = {.folder = options->from};
    csi r = {0};
    sevens_status status;
    SEVENS_TRY(sevens_ingest_as_published(options, err));
    SEVENS_TRY(sevens_axis_uniform(&r.axis[0], "energy", "PE", 6.0, 30.0, N_ENERGY, err));
    SEVENS_TRY(sevens_axis_uniform(&r.axis[1], "time", "us", 0.0, 6.0, N_TIME, err));
    SEVENS_TRY(read_counts(r.coincident, &originals, "data_coincidence_beamOn.txt", err));
    SEVENS_TRY(read_counts(r.anti_coincident, &originals, "data_anticoincidence_beamOn.txt", err));
    SEVENS_TRY(read_arrival(&r, &originals, err));
    SEVENS_TRY(read_neutrons(&r, &originals, err));
    SEVENS_TRY(write_folder(&r, &originals, options->out, err));

cleanup:
    sevens_axis_free(&r.axis[0]);
    sevens_axis_free(&r.axis[1]);
    return status;
}
