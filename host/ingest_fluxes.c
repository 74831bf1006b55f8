/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neutrino spectra of reactors and of the sun -> releases/fluxes/<name>.csv, one table each, in the
 * layout that sevens_spectrum_add takes: straight lines between the rows, 0 outside, an energy that
 * stands twice is a jump. docs/physics.md eqs. 45, 46.
 *   1. curves that need more than reading: bins, cuts, formulas
 *   2. the tables: where their columns come from, and what else is done to them
 *   3. their making and writing */
#include "sevens/ingest.h"

#include "ingest_flux_table.h"
#include "path.h"
#include "release_write.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOWEST_MEV 1e-5 /* where spectra begin that have a value at 0; the moments need E > 0 */

enum { REACTOR, SUN, N_FOLDER };
static const char *const folders[N_FOLDER] = {"reactor_flux", "solar_flux"};

typedef struct flux_plan {
    const char *name;
    const char *head; /* lines without their # */
    sevens_flux_source source[SEVENS_FLUX_TABLE_COLUMNS];
    sevens_status (*make)(sevens_flux_table *table, sevens_error *err); /* after reading, or NULL */
    /* Rows are left out that straight lines between the others give to so much of the largest value
     * of the column, or of the value itself; both 0: none. */
    double of_largest, of_value;
    int folder;
    int digits; /* of the values; energies have 12 */
} flux_plan;

/* ---- curves that need more than reading ---- */

/* Drops the nodes outside [lo, hi]. */
static void cut(sevens_curve *curve, double lo, double hi)
{
    size_t n = 0;
    for (size_t i = 0; i < curve->n; i++) {
        if (curve->x[i] < lo || curve->x[i] > hi)
            continue;
        curve->x[n] = curve->x[i];
        curve->y[n++] = curve->y[i];
    }
    curve->n = n;
}

/* The last column: a shape, of integral 1. */
static sevens_status normalise_last(sevens_flux_table *table, sevens_error *err)
{
    sevens_curve *curve = &table->curve[table->n_column - 1];
    double sum = 0.0;
    for (size_t i = 1; i < curve->n; i++)
        sum += 0.5 * (curve->x[i] - curve->x[i - 1]) * (curve->y[i] + curve->y[i - 1]);
    if (!(sum > 0.0))
        return sevens_fail(err, SEVENS_ERR_INPUT, "reactor_flux: column '%s' is empty",
                           table->column[table->n_column - 1]);
    for (size_t i = 0; i < curve->n; i++)
        curve->y[i] /= sum;
    return SEVENS_OK;
}

#define JOIN_MEV 2.0 /* all tables have a row there */

static sevens_status join_at_two(sevens_flux_table *table, sevens_error *err)
{
    for (size_t c = 0; c < table->n_column; c++) {
        const bool total = c == table->n_column - 1;
        cut(&table->curve[c], total ? 0.0 : JOIN_MEV, total ? JOIN_MEV : INFINITY);
        if (table->curve[c].n < 2 ||
            table->curve[c].x[total ? table->curve[c].n - 1 : 0] != JOIN_MEV)
            return sevens_fail(err, SEVENS_ERR_INPUT, "column %s has no row at %g MeV",
                               table->column[c], JOIN_MEV);
    }
    return SEVENS_OK;
}

/* Bins of one width by their centres: the outer halves of the first and the last are added, so that
 * the integral is that of the bins. */
static sevens_status close_bins(sevens_flux_table *table, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    for (size_t c = 0; c < table->n_column; c++) {
        sevens_curve *curve = &table->curve[c];
        const double half = 0.5 * (curve->x[1] - curve->x[0]), first = curve->y[0];
        SEVENS_TRY(
            sevens_curve_add(curve, curve->x[curve->n - 1] + half, curve->y[curve->n - 1], err));
        SEVENS_TRY(sevens_curve_add(curve, LOWEST_MEV, first, err));
        sevens_curve_sort(curve);
    }

cleanup:
    return status;
}

#define STEP_PER_MEV 1000 /* rows of formulas before they are thinned */

/* exp of a polynomial from 2 to 8 MeV, constant below. Huber 1106.0687; 238U: Mueller et al.
 * 1101.2663. */
static sevens_status polynomials(sevens_flux_table *table, sevens_error *err)
{
    static const struct {
        const char *column;
        double a[6];
    } isotope[] = {
        {"U235", {4.367, -4.577, 2.100, -0.5294, 0.06186, -0.002777}},
        {"U238", {0.4833, 0.1927, -0.1283, -0.006762, 0.002233, -0.0001536}},
        {"Pu239", {4.757, -5.392, 2.563, -0.6596, 0.07820, -0.003536}},
        {"Pu241", {2.990, -2.882, 1.278, -0.3343, 0.03905, -0.001754}},
    };
    sevens_status status = SEVENS_OK;
    for (size_t c = 0; c < sizeof isotope / sizeof isotope[0]; c++) {
        const double *a = isotope[c].a;
        sevens_curve *curve = &table->curve[c];
        table->column[table->n_column++] = isotope[c].column;
        for (int i = 2 * STEP_PER_MEV; i <= 8 * STEP_PER_MEV; i++) {
            const double E = (double)i / STEP_PER_MEV;
            const double p = a[0] + E * (a[1] + E * (a[2] + E * (a[3] + E * (a[4] + E * a[5]))));
            if (curve->n == 0)
                SEVENS_TRY(sevens_curve_add(curve, LOWEST_MEV, exp(p), err));
            SEVENS_TRY(sevens_curve_add(curve, E, exp(p), err));
        }
    }

cleanup:
    return status;
}

static sevens_status boron_formula(sevens_flux_table *table, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    table->column[table->n_column++] = "B8";
    for (int i = 1; i <= 151 * STEP_PER_MEV / 10; i++) {
        const double E = (double)i / STEP_PER_MEV;
        SEVENS_TRY(sevens_curve_add(&table->curve[0], E,
                                    8.52e-6 * E * E * pow(fmax(0.0, 15.1 - E), 2.75), err));
    }

cleanup:
    return status;
}

/* ---- the tables ---- */

#define HMVE(isotope) "hm_ve_1101.2663_plus_vogel_engel/spectraMeV" isotope ".txt"
#define BESTIOLE(isotope) "bestiole2023/bestiole_" isotope ".txt"
#define SOLAR(source) "spectra_snudd/" source "_neutrino.txt"

static const flux_plan plans[] = {
    {
        .name = "reactor-hmve.csv",
        .head = "Antineutrinos per MeV and fission, from 2 to 8 MeV: T. Mueller et al.,\n"
                "arXiv:1101.2663; below: P. Vogel and J. Engel, PRD 39 (1989) 3378. `capture`:\n"
                "239U and 239Np after 238U has captured a neutron, per antineutrino (read off a\n"
                "figure, its integral of 1.014 brought to 1); two antineutrinos and about 0.6\n"
                "captures per fission make its fraction 1.2. Straight lines between the rows of\n"
                "each original.",
        .folder = REACTOR,
        .source = {{"U235", HMVE("U235"), 2, false},
                   {"U238", HMVE("U238"), 2, false},
                   {"Pu239", HMVE("Pu239"), 2, false},
                   {"Pu241", HMVE("Pu241"), 2, false},
                   {"capture", HMVE("U238Ncapture"), 2, true}},
        .make = normalise_last,
        .digits = 12,
    },
    {
        .name = "reactor-hmk.csv",
        .head =
            "Antineutrinos per MeV and fission, from 2 to 8 MeV per isotope: T. Mueller et al.,\n"
            "arXiv:1101.2663; `below_2_MeV`: all of a power reactor, for fraction 1: V. Kopeikin,\n"
            "arXiv:1207.6956.",
        .folder = REACTOR,
        .source = {{"U235", HMVE("U235"), 2, false},
                   {"U238", HMVE("U238"), 2, false},
                   {"Pu239", HMVE("Pu239"), 2, false},
                   {"Pu241", HMVE("Pu241"), 2, false},
                   {"below_2_MeV", "kopeikin2012/kopeikin_spectrum.txt", 3, false}},
        .make = join_at_two,
        .digits = 12,
    },
    {
        .name = "reactor-kopeikin.csv",
        .head = "Antineutrinos per MeV and fission, all of a power reactor, for fraction 1:\n"
                "V. Kopeikin, arXiv:1207.6956.",
        .folder = REACTOR,
        .source = {{"total", "kopeikin2012/kopeikin_spectrum.txt", 3, false}},
        .digits = 12,
    },
    {
        .name = "reactor-bestiole.csv",
        .head =
            "Antineutrinos per MeV and fission, U239 and Np239 per decay: summation model\n"
            "BESTIOLE 2023, arXiv:2304.14992. Straight lines between the centres of its 25-keV\n"
            "bins, constant in the outer halves of the first and the last bin.",
        .folder = REACTOR,
        .source = {{"U235", BESTIOLE("u235"), 2, false},
                   {"U238", BESTIOLE("u238"), 2, false},
                   {"Pu239", BESTIOLE("pu239"), 2, false},
                   {"Pu241", BESTIOLE("pu241"), 2, false},
                   {"U239", BESTIOLE("u239"), 2, false},
                   {"Np239", BESTIOLE("np239"), 2, false}},
        .make = close_bins,
        .digits = 8, /* single precision */
    },
    {
        .name = "reactor-huber-mueller.csv",
        .head =
            "Antineutrinos per MeV and fission, exp(a0 + a1 E + ... + a5 E^5) from 2 to 8 MeV:\n"
            "P. Huber, arXiv:1106.0687 (235U, 239Pu, 241Pu); T. Mueller et al., arXiv:1101.2663\n"
            "(238U). Constant below 2 MeV. Straight lines between the rows are right to 1e-5.",
        .make = polynomials,
        .of_value = 1e-5,
        .digits = 9,
    },
    {
        .name = "solar-8b.csv",
        .head = "Neutrinos of 8B per MeV, normalised to 1, best estimate: J. N. Bahcall et al.,\n"
                "PRC 54 (1996) 411.",
        .folder = SUN,
        .source = {{"B8", "spectra_snudd/B8_neutrino_flux.txt", 4, false}},
        .digits = 12,
    },
    {
        .name = "solar-8b-formula.csv",
        .head = "Neutrinos of 8B per MeV, 8.52e-6 E^2 (15.1 - E)^2.75, integral 1.0004. Straight\n"
                "lines between the rows are right to 1e-6 of the largest value.",
        .make = boron_formula,
        .of_largest = 1e-6,
        .digits = 9,
    },
    {
        .name = "solar-continua.csv",
        .head = "Neutrinos of the sun per MeV, each column normalised to 1: standard spectra of\n"
                "J. N. Bahcall. Straight lines between the rows give the originals to 1e-5 of the\n"
                "largest value of the column.",
        .folder = SUN,
        .source = {{"pp", SOLAR("pp"), 2, false},
                   {"hep", SOLAR("hep"), 2, false},
                   {"N13", SOLAR("N13"), 2, false},
                   {"O15", SOLAR("15O"), 2, false},
                   {"F17", SOLAR("17F"), 2, false}},
        .of_largest = 1e-5,
        .digits = 7,
    },
};

/* ---- making and writing ---- */

static sevens_status read_table(sevens_flux_table *table, const flux_plan *plan,
                                sevens_originals *originals, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    for (size_t c = 0; c < SEVENS_FLUX_TABLE_COLUMNS && plan->source[c].file != NULL; c++) {
        table->column[table->n_column++] = plan->source[c].column;
        SEVENS_TRY(sevens_curve_read(&table->curve[c], originals, &plan->source[c], err));
    }
    if (plan->make != NULL)
        SEVENS_TRY(plan->make(table, err));

cleanup:
    return status;
}

static sevens_status compose(sevens_release_text *text, const flux_plan *plan,
                             const sevens_flux_table *table, const sevens_flux_rows *rows,
                             const sevens_originals *originals, sevens_error *err)
{
    char name[40];
    sevens_status status;
    SEVENS_TRY(sevens_table_begin(text, plan->name, "Made by sevens ingest fluxes.", err));
    for (const char *line = plan->head; *line != '\0';) {
        const size_t n = strcspn(line, "\n");
        fprintf(text->stream, "# %.*s\n", (int)n, line);
        line += n + (line[n] == '\n');
    }
    for (size_t i = 0; i < originals->n; i++)
        fprintf(text->stream, "# %s %s\n", originals->source[i].sha256, originals->source[i].file);
    sevens_table_name(text, "energy[MeV]");
    for (size_t c = 0; c < table->n_column; c++) {
        snprintf(name, sizeof name, "%s[1/MeV]", table->column[c]);
        sevens_table_name(text, name);
    }
    sevens_table_row(text);
    for (size_t i = 0; i < rows->n; i++) {
        sevens_table_real(text, sevens_round_digits(rows->E[i], 12));
        for (size_t c = 0; c < rows->n_column; c++)
            sevens_table_real(
                text, sevens_round_digits(rows->value[i * rows->n_column + c], plan->digits));
        sevens_table_row(text);
    }
    SEVENS_TRY(sevens_table_end(text, err));

cleanup:
    return status;
}

static sevens_status put_table(const char *folder, const sevens_release_text *text,
                               sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    FILE *file = NULL;
    char *path = NULL, *part = NULL;
    SEVENS_TRY_ALLOC(path = sevens_path_join(folder, text->name));
    SEVENS_TRY_ALLOC(part = sevens_path_join(folder, ".part"));
    file = fopen(part, "wb");
    if (file == NULL)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", part, strerror(errno)));
    const bool written = fwrite(text->text, 1, text->length, file) == text->length;
    if (fclose(file) != 0 || !written || rename(part, path) != 0) {
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", path, strerror(errno));
        unlink(part);
    }

cleanup:
    free(part);
    free(path);
    return status;
}

static sevens_status make_table(const flux_plan *plan, const sevens_ingest_options *options,
                                sevens_error *err)
{
    sevens_flux_table table = {0};
    sevens_flux_rows rows = {0};
    sevens_release_text text = {0};
    char *folder = sevens_path_join(options->from, folders[plan->folder]);
    sevens_originals originals = {.folder = folder};
    sevens_status status;
    SEVENS_TRY_ALLOC(folder);
    SEVENS_TRY(read_table(&table, plan, &originals, err));
    SEVENS_TRY(sevens_flux_rows_join(&rows, &table, err));
    if (plan->of_largest > 0.0 || plan->of_value > 0.0)
        sevens_flux_rows_thin(&rows, plan->of_largest, plan->of_value);
    SEVENS_TRY(compose(&text, plan, &table, &rows, &originals, err));
    SEVENS_TRY(put_table(options->out, &text, err));

cleanup:
    sevens_release_texts_free(&text, 1);
    sevens_flux_rows_free(&rows);
    sevens_flux_table_free(&table);
    free(folder);
    return status;
}

static sevens_status check_sums_file(const char *from, int which, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char *sums = NULL, *folder = sevens_path_join(from, folders[which]);
    SEVENS_TRY_ALLOC(folder);
    SEVENS_TRY_ALLOC(sums = sevens_path_join(folder, "SHA256SUMS"));
    if (access(sums, R_OK) != 0)
        status = sevens_fail(err, SEVENS_ERR_INPUT,
                             "cannot read %s (%s): without it nobody sees whether a file of %s is "
                             "whole",
                             sums, strerror(errno), folders[which]);

cleanup:
    free(sums);
    free(folder);
    return status;
}

sevens_status sevens_ingest_fluxes(const sevens_ingest_options *options, sevens_error *err)
{
    sevens_status status;
    if (options->energy_edges != NULL || options->time_edges != NULL || options->events != NULL)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "fluxes have neither bins nor events: --energy-edges, --time-edges and "
                           "--events are not for them");
    for (int i = 0; i < N_FOLDER; i++)
        SEVENS_TRY(check_sums_file(options->from, i, err));
    if (mkdir(options->out, 0777) != 0 && errno != EEXIST)
        return sevens_fail(err, SEVENS_ERR_IO, "cannot make folder %s: %s", options->out,
                           strerror(errno));
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
        SEVENS_TRY(make_table(&plans[i], options, err));

cleanup:
    return status;
}
