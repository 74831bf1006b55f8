/* SPDX-License-Identifier: GPL-3.0-or-later */
/* COHERENT CENNS-10 liquid argon, analysis A: arXiv:2003.10630, data release arXiv:2006.12659. The
 * originals are templates in 12 energies x 8 F90 x 10 times. The signal of a point comes from the
 * response in energy, and is spread over F90 and time by the time profile of its flavour and the
 * F90 distribution that the release's own signal template has in that bin of energy and time.
 * docs/physics.md sections 3.1 and 5.3 give the formulas; numbers without a file of their own stand
 * here, as in LArParametersAnlA.yaml and the companion of the release. */
#include "sevens/ingest.h"

#include "ingest_coherent_lar_2020_yaml.h"
#include "ingest_originals.h"
#include "pulse_profile.h"
#include "release_write.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Beam pulse, a Gaussian in trigger time; uncertainty of its mean. */
#define PULSE_MEAN_US 0.440
#define PULSE_WIDTH_US 0.150
#define PULSE_SHIFT_US 0.200
#define BRN_EVENTS 497.0
/* Systematic error of the beam-related neutrons in `1d`, arXiv:2005.01645: 5.8 % over 12 bins. */
#define BRN_SPREAD 0.058
/* Of what is written: significant digits of templates, decimals of time profiles and of changes by
 * shape nuisances (the originals have 6 digits). */
#define DIGITS 12
#define PROFILE_PLACES 12
#define SHARE_CHANGE_PLACES 8
#define COUNT_CHANGE_PLACES 6

enum {
    N_ENERGY = 12,
    N_F90 = 8,
    N_TIME = 10,
    N_BIN = N_ENERGY * N_F90 * N_TIME,
    N_EFFICIENCY = 80,
    N_AXIS = 3
};
enum { PROMPT, DELAYED, N_PROFILE };
/* Templates of the release. */
enum {
    OBSERVED,
    SIGNAL,
    BRN,
    DELAYED_BRN,
    STEADY_STATE,
    SIGNAL_F90_MINUS,
    SIGNAL_F90_PLUS,
    SIGNAL_TIME,
    BRN_ENERGY_MINUS,
    BRN_ENERGY_PLUS,
    BRN_TIME_MINUS,
    BRN_TIME_PLUS,
    BRN_WIDTH,
    N_TEMPLATE
};
static const char *const template_file[N_TEMPLATE] = {
    "datanobkgsub.txt",
    "cevnspdf.txt",
    "brnpdf.txt",
    "delbrnpdf.txt",
    "bkgpdf.txt",
    "cevnspdf-1sigF90.txt",
    "cevnspdf+1sigF90.txt",
    "cevnspdfCEvNSTimingMeanSyst.txt",
    "brnpdf-1sigEnergy.txt",
    "brnpdf+1sigEnergy.txt",
    "brnpdf-1sigBRNTimingMean.txt",
    "brnpdf+1sigBRNTimingMean.txt",
    "brnpdfBRNTimingWidthSyst.txt",
};

/* What the originals say. */
typedef struct argon {
    sevens_bin_axis axis[N_AXIS];           /* energy, F90, time */
    double *content[N_TEMPLATE];            /* [N_BIN], time fastest */
    double *subtracted;                     /* [N_ENERGY][8] energydata1d.txt */
    double *efficiency;                     /* [N_EFFICIENCY][3] */
    double profile[N_PROFILE][N_TIME];      /* share of the neutrinos per time bin */
    double late_profile[N_PROFILE][N_TIME]; /* with a later pulse, scaled to the same sum */
} argon;

/* ---- time profile ---- */

/* Share of the neutrinos per time bin; returns the sum. */
static double fill_profile(double share[N_TIME], const sevens_bin_axis *axis, int profile,
                           double mean)
{
    const sevens_pulse pulse = {.mean_us = mean, .width_us = PULSE_WIDTH_US};
    double (*after)(const sevens_pulse *, double) =
        profile == PROMPT ? sevens_pulse_prompt : sevens_pulse_delayed;
    double sum = 0.0;
    for (size_t j = 0; j < N_TIME; j++) {
        share[j] = sevens_round_places(
            after(&pulse, axis->edges[j + 1]) - after(&pulse, axis->edges[j]), PROFILE_PLACES);
        sum += share[j];
    }
    return sum;
}

static void set_profiles(argon *r)
{
    for (int k = 0; k < N_PROFILE; k++) {
        const double sum = fill_profile(r->profile[k], &r->axis[2], k, PULSE_MEAN_US);
        const double late_sum =
            fill_profile(r->late_profile[k], &r->axis[2], k, PULSE_MEAN_US + PULSE_SHIFT_US);
        for (size_t j = 0; j < N_TIME; j++)
            r->late_profile[k][j] *= sum / late_sum;
    }
}

/* ---- originals ---- */

static double sum_of(const double *content)
{
    double sum = 0.0;
    for (size_t i = 0; i < N_BIN; i++)
        sum += content[i];
    return sum;
}

static sevens_status read_templates(argon *r, sevens_originals *originals, sevens_error *err)
{
    const sevens_original_layout layout = {.n_axis = N_AXIS, .axis = r->axis, .n_column = 1};
    sevens_status status = SEVENS_OK;
    for (size_t k = 0; k < N_TEMPLATE; k++) {
        SEVENS_TRY(
            sevens_original_histogram(originals, template_file[k], &layout, &r->content[k], err));
        for (size_t i = 0; i < N_BIN; i++)
            if (!(r->content[k][i] >= 0.0))
                SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT, "%s/%s: %g events in a bin",
                                       originals->folder, template_file[k], r->content[k][i]));
        if (!(sum_of(r->content[k]) > 0.0))
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT, "%s/%s: no events", originals->folder,
                                   template_file[k]));
    }

cleanup:
    return status;
}

/* Columns: centre [keVee], centre [keVnr], efficiency. */
static sevens_status read_efficiency(argon *r, sevens_originals *originals, sevens_error *err)
{
    static const char file[] = "CENNS10AnlAEfficiency.txt";
    sevens_status status;
    SEVENS_TRY(sevens_original_values(originals, file, 0, N_EFFICIENCY, 3, &r->efficiency, err));
    for (size_t i = 0; i < N_EFFICIENCY; i++) {
        const double *row = r->efficiency + 3 * i;
        if (!(fabs(row[0] - 0.25 - 0.5 * (double)i) < 1e-6 && row[2] >= 0.0 && row[2] <= 1.0))
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                                   "%s/%s: row %zu holds %g keVee and an efficiency of %g",
                                   originals->folder, file, i + 1, row[0], row[2]));
    }

cleanup:
    return status;
}

/* Columns: centre [keVee], data without steady state, their statistical error, and five of the fit
 * of the collaboration. */
static sevens_status read_subtracted(argon *r, sevens_originals *originals, sevens_error *err)
{
    static const char file[] = "energydata1d.txt";
    sevens_status status;
    SEVENS_TRY(sevens_original_values(originals, file, 1, N_ENERGY, 8, &r->subtracted, err));
    for (size_t i = 0; i < N_ENERGY; i++) {
        const double *row = r->subtracted + 8 * i, *edge = r->axis[0].edges + i;
        if (!(fabs(row[0] - 0.5 * (edge[0] + edge[1])) < 1e-6 && row[2] > 0.0))
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                                   "%s/%s: row %zu holds %g keVee and an error of %g",
                                   originals->folder, file, i + 1, row[0], row[2]));
    }

cleanup:
    return status;
}

/* ---- tables ---- */

static size_t bin_at(size_t energy, size_t f90, size_t time)
{
    return (energy * N_F90 + f90) * N_TIME + time;
}

/* Events of a template in a bin of energy and time. */
static double sum_over_f90(const double *content, size_t energy, size_t time)
{
    double sum = 0.0;
    for (size_t f = 0; f < N_F90; f++)
        sum += content[bin_at(energy, f, time)];
    return sum;
}

/* Weights from channels of energy to bins, of both profiles. */
typedef double weights[N_PROFILE][N_BIN];

/* Share of the signal's events of one energy and time that fall in the F90 bin of bin i; 0 where
 * the template is empty. */
static double f90_share(const double *content, size_t i)
{
    const double sum = sum_over_f90(content, i / N_TIME / N_F90, i % N_TIME);
    return sum > 0.0 ? content[i] / sum : 0.0;
}

static void set_nominal(const argon *r, weights w)
{
    for (size_t k = 0; k < N_PROFILE; k++)
        for (size_t i = 0; i < N_BIN; i++)
            w[k][i] = sevens_round_digits(
                r->profile[k][i % N_TIME] * f90_share(r->content[SIGNAL], i), DIGITS);
}

/* Half the difference of the templates at +1 and -1 sigma, as a part of the nominal one. */
static void set_f90_change(const argon *r, weights w)
{
    for (size_t i = 0; i < N_BIN; i++) {
        const double sum = sum_over_f90(r->content[SIGNAL], i / N_TIME / N_F90, i % N_TIME);
        const double change = r->content[SIGNAL_F90_PLUS][i] - r->content[SIGNAL_F90_MINUS][i];
        for (size_t k = 0; k < N_PROFILE; k++)
            w[k][i] = sum > 0.0
                          ? sevens_round_places(r->profile[k][i % N_TIME] * 0.5 * change / sum,
                                                SHARE_CHANGE_PLACES)
                          : 0.0;
    }
}

/* A later pulse, with the F90 distribution of the template that the release has for it. */
static void set_time_change(const argon *r, weights w)
{
    for (size_t i = 0; i < N_BIN; i++) {
        const size_t energy = i / N_TIME / N_F90, time = i % N_TIME;
        const bool empty = sum_over_f90(r->content[SIGNAL_TIME], energy, time) == 0.0;
        const double nominal = f90_share(r->content[SIGNAL], i);
        const double late = empty ? nominal : f90_share(r->content[SIGNAL_TIME], i);
        for (size_t k = 0; k < N_PROFILE; k++)
            w[k][i] =
                sevens_round_places(r->late_profile[k][time] * late - r->profile[k][time] * nominal,
                                    SHARE_CHANGE_PLACES);
    }
}

static sevens_status write_weights(sevens_release_text *table, const char *name,
                                   const char *comment, const argon *r, weights w,
                                   sevens_error *err)
{
    const sevens_text_column column[] = {
        {"nu_e[1]", w[DELAYED]}, {"nubar_mu[1]", w[DELAYED]}, {"nu_mu[1]", w[PROMPT]}};
    return sevens_table_of_bins(table, name, comment, r->axis, N_AXIS, column, 3, err);
}

/* (plus - minus)/2, or plus - nominal without minus, after all have been scaled to BRN_EVENTS. */
static sevens_status write_brn_change(sevens_release_text *table, const char *name,
                                      const char *comment, const argon *r, int plus, int minus,
                                      sevens_error *err)
{
    const double *up = r->content[plus], *down = r->content[minus < 0 ? BRN : minus];
    const double up_scale = BRN_EVENTS / sum_of(up), down_scale = BRN_EVENTS / sum_of(down);
    double change[N_BIN];
    for (size_t i = 0; i < N_BIN; i++)
        change[i] =
            sevens_round_places((minus < 0 ? 1.0 : 0.5) * (up[i] * up_scale - down[i] * down_scale),
                                COUNT_CHANGE_PLACES);
    const sevens_text_column column = {"change[1]", change};
    return sevens_table_of_bins(table, name, comment, r->axis, N_AXIS, &column, 1, err);
}

/* The signal as the release predicts it. */
static sevens_status write_signal(sevens_release_text *table, const argon *r, sevens_error *err)
{
    const sevens_text_column column = {"counts[1]", r->content[SIGNAL]};
    return sevens_table_of_bins(table, "cevns.csv",
                                "coherent-lar-2020: signal as the release predicts it", r->axis,
                                N_AXIS, &column, 1, err);
}

static sevens_status write_1d(const argon *r, sevens_release_text table[2], sevens_error *err)
{
    double observed[N_ENERGY], sigma[N_ENERGY], brn[N_ENERGY] = {0}, delayed[N_ENERGY] = {0};
    double share[N_PROFILE] = {0};
    sevens_status status;
    for (size_t i = 0; i < N_ENERGY; i++) {
        for (size_t j = 0; j < N_TIME; j++) {
            brn[i] += sum_over_f90(r->content[BRN], i, j);
            delayed[i] += sum_over_f90(r->content[DELAYED_BRN], i, j);
        }
        const double neutrons = brn[i] + delayed[i], statistical = r->subtracted[8 * i + 2];
        observed[i] = r->subtracted[8 * i + 1];
        sigma[i] =
            sevens_round_digits(sqrt(statistical * statistical +
                                     BRN_SPREAD * BRN_SPREAD / N_ENERGY * neutrons * neutrons),
                                DIGITS);
        brn[i] = sevens_round_digits(brn[i], DIGITS);
        delayed[i] = sevens_round_digits(delayed[i], DIGITS);
    }
    for (size_t k = 0; k < N_PROFILE; k++) {
        for (size_t j = 0; j < N_TIME; j++)
            share[k] += r->profile[k][j];
        share[k] = sevens_round_digits(share[k], DIGITS);
    }
    const sevens_text_column counts[] = {
        {"observed[1]", observed}, {"sigma[1]", sigma}, {"brn[1]", brn}, {"delbrn[1]", delayed}};
    const sevens_text_column shares[] = {{"nu_e[1]", &share[DELAYED]},
                                         {"nubar_mu[1]", &share[DELAYED]},
                                         {"nu_mu[1]", &share[PROMPT]}};
    SEVENS_TRY(sevens_table_of_bins(&table[0], "counts_1d.csv",
                                    "coherent-lar-2020: counts after subtraction of the steady "
                                    "state, and expected beam-related neutrons",
                                    r->axis, 1, counts, 4, err));
    SEVENS_TRY(sevens_table_of_rows(&table[1], "shares_1d.csv",
                                    "coherent-lar-2020: share of the events of each flavour from "
                                    "-0.1 to 4.9 us",
                                    1, shares, 3, err));

cleanup:
    return status;
}

static sevens_status write_3d(const argon *r, sevens_release_text *table, sevens_error *err)
{
    const sevens_text_column column[] = {{"observed[1]", r->content[OBSERVED]},
                                         {"brn[1]", r->content[BRN]},
                                         {"delbrn[1]", r->content[DELAYED_BRN]},
                                         {"ss[1]", r->content[STEADY_STATE]}};
    return sevens_table_of_bins(table, "counts.csv",
                                "coherent-lar-2020: observed counts and expected backgrounds",
                                r->axis, N_AXIS, column, 4, err);
}

static sevens_status write_efficiency(const argon *r, sevens_release_text *table, sevens_error *err)
{
    double keVee[N_EFFICIENCY], efficiency[N_EFFICIENCY];
    for (size_t i = 0; i < N_EFFICIENCY; i++) {
        keVee[i] = r->efficiency[3 * i];
        efficiency[i] = r->efficiency[3 * i + 2];
    }
    const sevens_text_column column[] = {{"x[keVee]", keVee}, {"efficiency[1]", efficiency}};
    return sevens_table_of_rows(table, "efficiency.csv",
                                "coherent-lar-2020: efficiency, cut in F90 included", N_EFFICIENCY,
                                column, 2, err);
}

enum { N_TABLE = 11 };

static sevens_status write_tables(const argon *r, sevens_release_text table[N_TABLE],
                                  sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double(*w)[N_BIN] = calloc(N_PROFILE, sizeof *w);
    SEVENS_TRY_ALLOC(w);
    SEVENS_TRY(write_3d(r, &table[0], err));
    SEVENS_TRY(write_1d(r, &table[1], err));
    SEVENS_TRY(write_efficiency(r, &table[3], err));
    set_nominal(r, w);
    SEVENS_TRY(write_weights(&table[4], "spread.csv",
                             "coherent-lar-2020: share of the events of each flavour and energy "
                             "that fall in the bin",
                             r, w, err));
    set_f90_change(r, w);
    SEVENS_TRY(write_weights(&table[5], "cevns_f90.csv",
                             "coherent-lar-2020: change of spread.csv, F90 of the signal", r, w,
                             err));
    set_time_change(r, w);
    SEVENS_TRY(write_weights(&table[6], "cevns_time.csv",
                             "coherent-lar-2020: change of spread.csv, later beam pulse", r, w,
                             err));
    SEVENS_TRY(write_brn_change(&table[7], "brn_energy.csv",
                                "coherent-lar-2020: change of brn, energies", r, BRN_ENERGY_PLUS,
                                BRN_ENERGY_MINUS, err));
    SEVENS_TRY(write_brn_change(&table[8], "brn_time.csv",
                                "coherent-lar-2020: change of brn, mean time", r, BRN_TIME_PLUS,
                                BRN_TIME_MINUS, err));
    SEVENS_TRY(write_brn_change(&table[9], "brn_width.csv",
                                "coherent-lar-2020: change of brn, spread in time", r, BRN_WIDTH,
                                -1, err));
    SEVENS_TRY(write_signal(&table[10], r, err));

cleanup:
    free(w);
    return status;
}

static sevens_status write_folder(const argon *r, const sevens_originals *originals,
                                  const char *folder, sevens_error *err)
{
    static const char *const key[N_AXIS] = {"energy_edges", "f90_edges", "time_edges"};
    sevens_release_value value[N_AXIS];
    sevens_release_text table[N_TABLE] = {0};
    char *edges[N_AXIS] = {NULL};
    sevens_status status = SEVENS_OK;
    for (size_t a = 0; a < N_AXIS; a++) {
        edges[a] = sevens_reals_text(r->axis[a].edges, r->axis[a].n + 1);
        SEVENS_TRY_ALLOC(edges[a]);
        value[a] = (sevens_release_value){key[a], edges[a]};
    }
    SEVENS_TRY(write_tables(r, table, err));
    SEVENS_TRY(sevens_release_compose(folder, yaml, value, N_AXIS, table, N_TABLE, originals, err));

cleanup:
    sevens_release_texts_free(table, N_TABLE);
    for (size_t a = 0; a < N_AXIS; a++)
        free(edges[a]);
    return status;
}

sevens_status sevens_ingest_coherent_lar_2020(const sevens_ingest_options *options,
                                              sevens_error *err)
{
    sevens_originals originals = {.folder = options->from};
    argon r = {0};
    sevens_status status;
    SEVENS_TRY(sevens_ingest_as_published(options, err));
    SEVENS_TRY(sevens_axis_uniform(&r.axis[0], "energy", "keVee", 0.0, 120.0, N_ENERGY, err));
    SEVENS_TRY(sevens_axis_uniform(&r.axis[1], "f90", "1", 0.5, 0.9, N_F90, err));
    SEVENS_TRY(sevens_axis_uniform(&r.axis[2], "time", "us", -0.1, 4.9, N_TIME, err));
    set_profiles(&r);
    SEVENS_TRY(read_templates(&r, &originals, err));
    SEVENS_TRY(read_efficiency(&r, &originals, err));
    SEVENS_TRY(read_subtracted(&r, &originals, err));
    SEVENS_TRY(write_folder(&r, &originals, options->out, err));

cleanup:
    for (size_t a = 0; a < N_AXIS; a++)
        sevens_axis_free(&r.axis[a]);
    for (size_t k = 0; k < N_TEMPLATE; k++)
        free(r.content[k]);
    free(r.subtracted);
    free(r.efficiency);
    return status;
}
