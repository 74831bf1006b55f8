/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dresden-II germanium at a power reactor: arXiv:2202.09672, ancillary files. docs/physics.md
 * section 5.4 gives the formulas; numbers without a file of their own stand in the text below. */
#include "sevens/ingest.h"

#include "ingest_support.h"
#include "release_write.h"

#include <math.h>
#include <stdlib.h>

#define DATA_FILE "data_release.txt"
#define QUENCHING_FILE "QF_Fef_YBe.txt"

enum { N_BIN = 130, N_DATA_COLUMN = 5, N_QUENCHING_ROW = 451, N_QUENCHING_COLUMN = 3 };
enum { COUNTS, COUNTS_OFF, QUENCHING_FEF, QUENCHING_YBE, N_TABLE };
enum { HMVE, HMK, BESTIOLE, N_FLUX };

static const char *const flux_name[N_FLUX] = {"reactor-hmve", "reactor-hmk", "reactor-bestiole"};

static const char yaml[] =
    "# Dresden-II germanium as a release folder; made from the original files, do not edit.\n"
    "schema: 1\n"
    "name: dresden2\n"
    "title: \"Dresden-II, germanium counter at a power reactor\"\n"
    "citation: \"J. Colaresi, J. I. Collar, T. W. Hossbach, C. M. Lewis, K. M. Yocum,\n"
    "  Measurement of Coherent Elastic Neutrino-Nucleus Scattering from Reactor Antineutrinos,\n"
    "  Phys. Rev. Lett. 129, 211802 (2022)\"\n"
    "doi: \"10.1103/PhysRevLett.129.211802\"\n"
    "arxiv: \"2202.09672\"\n"
    "url: \"https://arxiv.org/abs/2202.09672\"\n"
    "version: \"2202.09672, ancillary files\"\n"
    "made_by: \"sevens ingest dresden2\"\n"
    "electron_recoils: true\n"
    "\n"
    "# Original files (not part of this folder) and their SHA-256.\n"
    "sources:\n"
    "@sources@\n"
    "\n"
    "# fef: iron-filtered neutrons; ybe: 88Y/Be photo-neutrons; both tables of the release.\n"
    "#\n"
    "# hmve: Mueller et al. from 2 MeV on, Vogel-Engel below; the spectrum of each isotope is\n"
    "# 1 over its table and then takes its share of the flux (arXiv:2202.10829). The others\n"
    "# add spectra per fission and bring the sum to the flux: hmk, Mueller et al. from 2 MeV\n"
    "# on and Kopeikin's total of a power reactor below; bestiole, a summation model;\n"
    "# absolute, those of hmve and 0.6 neutron captures on 238U per fission with two\n"
    "# antineutrinos each.\n"
    "#\n"
    "# off: 25 days without reactor, with their own electronic noise of 65.25 eV, as a\n"
    "# control.\n"
    "options:\n"
    "  quenching:\n"
    "    doc: quenching factor of germanium\n"
    "    choices:\n"
    "      fef: {}\n"
    "      ybe:\n"
    "        response:\n"
    "          quenching: {file: quenching_ybe.csv, sha256: @sha256 quenching_ybe.csv@}\n"
    "      lindhard:\n"
    "        response: {quenching: {kind: lindhard, k: 0.157, file: ~, sha256: ~}}\n"
    "  flux:\n"
    "    doc: antineutrino spectrum of the reactor\n"
    "    choices:\n"
    "      hmve: {}\n"
    "      hmk:\n"
    "        flux:\n"
    "          spectra: reactor-hmk\n"
    "          sha256: @reactor-hmk@\n"
    "          fractions: {below_2_MeV: 1}\n"
    "          normalisation: sum\n"
    "      bestiole:\n"
    "        flux:\n"
    "          spectra: reactor-bestiole\n"
    "          sha256: @reactor-bestiole@\n"
    "          normalisation: sum\n"
    "      absolute:\n"
    "        flux: {fractions: {capture: 1.2}, normalisation: sum}\n"
    "  data:\n"
    "    doc: with the reactor on (96.4 days) or off (25 days)\n"
    "    choices:\n"
    "      \"on\": {}\n"
    "      \"off\":\n"
    "        flux: {flux_per_cm2_s: 0}\n"
    "        response: {smearing: {sigma2: [0.0042575625, 3.256e-4, 0]}}\n"
    "        likelihood:\n"
    "          lines:\n"
    "            m_sigma_keV: 0.06525\n"
    "            start: [3.23, 59.8, 0.17, 189, 1.3007, 0.0676, 0.109]\n"
    "        tables: {counts: {file: counts_off.csv, sha256: @sha256 counts_off.csv@}}\n"
    "        shapes: ~\n"
    "\n"
    "# Distance, flux of all energies, mass: arXiv:2202.09672. Fission fractions:\n"
    "# arXiv:2202.10829. The data are rates per day, so the exposure is one day.\n"
    "flux:\n"
    "  kind: reactor\n"
    "  spectra: reactor-hmve\n"
    "  sha256: @reactor-hmve@\n"
    "  fractions: {U235: 0.58, Pu239: 0.29, U238: 0.08, Pu241: 0.05}\n"
    "  normalisation: each\n"
    "  flux_per_cm2_s: 4.8e13\n"
    "  exposure_d: 1\n"
    "  baseline_m: 10.39\n"
    "\n"
    "# The molar mass is the mean of the isotopes, weighted by their abundances.\n"
    "target:\n"
    "  mass_kg: 2.924\n"
    "  molar_mass_g_per_mol: 72.62984886054369\n"
    "  nuclei:\n"
    "    - {nucleus: Ge70, count: 0.2052}\n"
    "    - {nucleus: Ge72, count: 0.2745}\n"
    "    - {nucleus: Ge73, count: 0.0776}\n"
    "    - {nucleus: Ge74, count: 0.3652}\n"
    "    - {nucleus: Ge76, count: 0.0775}\n"
    "\n"
    "# sigma^2 = (68.5 eV)^2 + 2.96 eV 0.11 E, a gaussian cut at 0; nothing is seen of less\n"
    "# than one pair of charges, 2.96 eV. The data are corrected for the efficiency.\n"
    "# arXiv:2202.10829.\n"
    "response:\n"
    "  quenching:\n"
    "    kind: table\n"
    "    file: quenching_fef.csv\n"
    "    sha256: @sha256 quenching_fef.csv@\n"
    "    minimum_keVee: 0.00296\n"
    "  smearing: {kind: gauss, sigma2: [0.00469225, 3.256e-4, 0], truncated: true}\n"
    "  efficiency: {kind: one}\n"
    "\n"
    "bins:\n"
    "  - {name: energy, unit: keVee, min: 0.2, max: 1.5, n: 130}\n"
    "\n"
    "# Function of the background (docs/physics.md eq. 49) with lines of 71Ge; area of the M\n"
    "# line over that of the L1 line: 0.16 +- 0.03 (arXiv:2202.10829). start, lo, hi:\n"
    "# constant [1/d], tail [1/d], its slope [keV], height [1/d], centre [keV] and width\n"
    "# [keV] of the L1 line, and that ratio; they start at the best fit without signal. The\n"
    "# norm of the signal has no pull: a scan file that frees it gives it one, of 0.02 to\n"
    "# 0.05 for the flux.\n"
    "likelihood:\n"
    "  kind: gauss-background\n"
    "  signal_sigma: 0\n"
    "  lines:\n"
    "    l2_keV: 1.142\n"
    "    l2_ratio: 0.008\n"
    "    m_keV: 0.158\n"
    "    m_sigma_keV: 0.0685\n"
    "    ratio: 0.16\n"
    "    ratio_sigma: 0.03\n"
    "    start: [14.2, 155, 0.243, 84.6, 1.2922, 0.0693, 0.183]\n"
    "    lo: [0, 0, 0.02, 0, 1.25, 0.03, 0]\n"
    "    hi: [1e4, 1e6, 20, 1e4, 1.35, 0.3, 10]\n"
    "\n"
    "backgrounds: []\n"
    "\n"
    "# Counts per day in the whole crystal and 10 eV.\n"
    "tables:\n"
    "  counts: {file: counts.csv, sha256: @sha256 counts.csv@}\n"
    "\n"
    "# Off unless a scan file asks for it: a resolution 5 % better or worse.\n"
    "shapes:\n"
    "  - name: resolution\n"
    "    of: response\n"
    "    plus: {smearing: {sigma2: [0.005173205625, 3.58974e-4, 0]}}\n"
    "    minus: {smearing: {sigma2: [0.004234755625, 2.93854e-4, 0]}}\n";

/* ---- spectra ---- */

/* Rows: centre of the bin, reactor on, its error, reactor off, its error. */
static sevens_status check_data(const sevens_bin_axis *axis, const double *data, sevens_error *err)
{
    for (size_t i = 0; i < N_BIN; i++) {
        const double *row = data + i * N_DATA_COLUMN;
        const double centre = 0.5 * (axis->edges[i] + axis->edges[i + 1]);
        if (!(fabs(row[0] - centre) <= 1e-6))
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s:%zu: the bin has the centre %g keVee, "
                               "here it should be %g",
                               DATA_FILE, i + 1, row[0], centre);
        if (!(row[2] > 0.0 && row[4] > 0.0))
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%zu: an error that is not positive",
                               DATA_FILE, i + 1);
    }
    return SEVENS_OK;
}

static sevens_status spectrum_table(sevens_release_text *table, const char *name,
                                    const char *comment, const sevens_bin_axis *axis,
                                    const double *data, size_t column, sevens_error *err)
{
    sevens_status status;
    SEVENS_TRY(sevens_table_begin(table, name, comment, err));
    sevens_table_edge_names(table, axis, 1);
    sevens_table_name(table, "observed[1]");
    sevens_table_name(table, "sigma[1]");
    sevens_table_row(table);
    for (size_t i = 0; i < N_BIN; i++) {
        sevens_table_edges(table, axis, 1, i);
        sevens_table_real(table, data[i * N_DATA_COLUMN + column]);
        sevens_table_real(table, data[i * N_DATA_COLUMN + column + 1]);
        sevens_table_row(table);
    }
    SEVENS_TRY(sevens_table_end(table, err));

cleanup:
    return status;
}

static sevens_status spectra(sevens_release_text *table, sevens_originals *originals,
                             sevens_error *err)
{
    sevens_bin_axis axis = {0};
    double *data = NULL;
    sevens_status status;
    SEVENS_TRY(sevens_axis_uniform(&axis, "energy", "keVee", 0.2, 1.5, N_BIN, err));
    SEVENS_TRY(sevens_original_unended(originals, DATA_FILE, 0, N_BIN, N_DATA_COLUMN, &data, err));
    SEVENS_TRY(check_data(&axis, data, err));
    SEVENS_TRY(spectrum_table(&table[COUNTS], "counts.csv",
                              "dresden2: counts per day in the crystal, reactor on", &axis, data, 1,
                              err));
    SEVENS_TRY(spectrum_table(&table[COUNTS_OFF], "counts_off.csv",
                              "dresden2: counts per day in the crystal, reactor off", &axis, data,
                              3, err));

cleanup:
    free(data);
    sevens_axis_free(&axis);
    return status;
}

/* ---- quenching ---- */

static sevens_status quenching_table(sevens_release_text *table, const char *name,
                                     const char *comment, const double *row, size_t column,
                                     sevens_error *err)
{
    sevens_status status;
    SEVENS_TRY(sevens_table_begin(table, name, comment, err));
    sevens_table_name(table, "T[keVnr]");
    sevens_table_name(table, "qf[1]");
    sevens_table_row(table);
    for (size_t i = 0; i < N_QUENCHING_ROW; i++, row += N_QUENCHING_COLUMN) {
        if (!(fabs(row[0] - 0.01 * (double)i) <= 1e-6 && row[column] > 0.0 && row[column] <= 1.0))
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                                   "%s:%zu: a quenching factor of %g at %g keVnr; 0 to 1 at %g "
                                   "keVnr is expected",
                                   QUENCHING_FILE, i + 1, row[column], row[0], 0.01 * (double)i));
        sevens_table_real(table, row[0]);
        sevens_table_real(table, row[column]);
        sevens_table_row(table);
    }
    SEVENS_TRY(sevens_table_end(table, err));

cleanup:
    return status;
}

static sevens_status quenching(sevens_release_text *table, sevens_originals *originals,
                               sevens_error *err)
{
    double *row = NULL;
    sevens_status status;
    SEVENS_TRY(sevens_original_values(originals, QUENCHING_FILE, 0, N_QUENCHING_ROW,
                                      N_QUENCHING_COLUMN, &row, err));
    SEVENS_TRY(quenching_table(&table[QUENCHING_FEF], "quenching_fef.csv",
                               "dresden2: quenching factor from iron-filtered neutrons (Fef)", row,
                               1, err));
    SEVENS_TRY(quenching_table(&table[QUENCHING_YBE], "quenching_ybe.csv",
                               "dresden2: quenching factor from 88Y/Be photo-neutrons (YBe)", row,
                               2, err));

cleanup:
    free(row);
    return status;
}

/* ---- the release ---- */

static sevens_status no_binning(const sevens_ingest_options *options, sevens_error *err)
{
    if (options->energy_edges != NULL || options->time_edges != NULL || options->events != NULL)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "dresden2: the release is a spectrum of %d bins, not events; other "
                           "bins or events cannot be taken",
                           N_BIN);
    return SEVENS_OK;
}

sevens_status sevens_ingest_dresden2(const sevens_ingest_options *options, sevens_error *err)
{
    sevens_originals originals = {.folder = options->from};
    sevens_release_text table[N_TABLE] = {0};
    char sha256[N_FLUX][SEVENS_SHA256_HEX];
    sevens_release_value value[N_FLUX];
    sevens_status status;
    SEVENS_TRY(no_binning(options, err));
    SEVENS_TRY(spectra(table, &originals, err));
    SEVENS_TRY(quenching(table, &originals, err));
    for (size_t i = 0; i < N_FLUX; i++) {
        SEVENS_TRY(sevens_ingest_flux_sum(options->out, flux_name[i], sha256[i], err));
        value[i] = (sevens_release_value){flux_name[i], sha256[i]};
    }
    SEVENS_TRY(
        sevens_release_compose(options->out, yaml, value, N_FLUX, table, N_TABLE, &originals, err));

cleanup:
    sevens_release_texts_free(table, N_TABLE);
    return status;
}
