/* SPDX-License-Identifier: GPL-3.0-or-later */
/* COHERENT CsI[Na], full data set: arXiv:2110.07730, ancillary files of version 2, and the arrival
 * times of the neutrinos as 10-ns tables of the release's snsFlux2D histograms. docs/physics.md
 * sections 3.1 and 5.2 give the formulas; numbers without a file of their own stand here. */
#include "sevens/ingest.h"

#include "ingest_coherent_csi_2021_yaml.h"
#include "ingest_originals.h"
#include "release_write.h"
#include "sevens/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The region that the collaboration fits, and in which the backgrounds are normalised. */
#define ENERGY_END_PE 60.0
#define TIME_END_US 6.0
/* Trigger-time efficiency: 1 up to the plateau's end, then exponential; also the time shape of the
 * steady-state background. */
#define PLATEAU_END_US 0.52
#define DECAY_PER_US 0.0494
#define BRN_EVENTS 18.4
#define NIN_EVENTS 5.6
#define STEADY_STATE_EVENTS 1286.0

enum { BRN, NIN, STEADY_STATE, N_BACKGROUND };
enum { NU_E, NUBAR_MU, NU_MU, N_FLUX };

static const double default_energy_edges[] = {0, 8, 12, 16, 20, 24, 32, 40, 50, 60};
static const double default_time_edges[] = {0,    0.125, 0.25, 0.375, 0.5, 0.625,
                                            0.75, 0.875, 1,    2,     4,   6};
enum {
    N_ENERGY_EDGES = sizeof default_energy_edges / sizeof default_energy_edges[0],
    N_TIME_EDGES = sizeof default_time_edges / sizeof default_time_edges[0]
};

static const char *const flavour_name[N_FLUX] = {"nu_e", "nubar_mu", "nu_mu"};

/* What goes into the folder. */
typedef struct csi {
    sevens_bin_axis axis[2]; /* energy, time */
    size_t n_energy, n_time, n_bin;
    double *observed;                 /* [n_bin], time fastest */
    double *background[N_BACKGROUND]; /* [n_bin] */
    double *share[N_FLUX];            /* [n_time] */
    double (*light)[4];               /* [5] scintillation: nominal, +-1 sigma of two nuisances */
    double (*efficiency)[4];          /* [3] nominal, +1, -1 sigma */
} csi;

/* ---- events ---- */

typedef struct event_count {
    const csi *release;
    double *bin; /* [n_bin], or [n_energy] when only the energy is kept */
    bool energy_only;
    double n_region; /* events in the region of the fit */
    double n_row;
} event_count;

static sevens_status count_event(void *context, const double *values, const char *path, long line,
                                 sevens_error *err)
{
    (void)path, (void)line, (void)err;
    event_count *c = context;
    const csi *r = c->release;
    const double energy = values[0], time = values[1];
    c->n_row += 1.0;
    if (!(energy >= 0.0 && energy < ENERGY_END_PE && time >= 0.0 && time < TIME_END_US))
        return SEVENS_OK;
    c->n_region += 1.0;
    const size_t i = sevens_axis_find(&r->axis[0], energy);
    const size_t j = c->energy_only ? 0 : sevens_axis_find(&r->axis[1], time);
    if (i < r->axis[0].n && j < r->axis[1].n)
        c->bin[c->energy_only ? i : i * r->n_time + j] += 1.0;
    return SEVENS_OK;
}

/* Notes where other events came from: standard input and pipes have no sum. */
static sevens_status note_events(sevens_originals *originals, const char *path, sevens_error *err)
{
    sevens_original *source = &originals->source[originals->n++];
    struct stat info;
    const bool standard_input = strcmp(path, "-") == 0;
    const char *name = strrchr(path, '/');
    name = standard_input ? "standard input" : name ? name + 1 : path;
    snprintf(source->file, sizeof source->file, "%s", name);
    if (standard_input || stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return SEVENS_OK;
    return sevens_sha256_file(path, source->sha256, err);
}

static sevens_status read_observed(csi *r, sevens_originals *originals, const char *events,
                                   sevens_error *err)
{
    event_count count = {.release = r, .bin = r->observed};
    sevens_status status;
    if (events == NULL) {
        SEVENS_TRY(sevens_original_rows(originals, "dataBeamOnC.txt", 2, count_event, &count, err));
    } else {
        SEVENS_TRY(note_events(originals, events, err));
        SEVENS_TRY(sevens_stream_rows(events, 2, count_event, &count, err));
    }
    if (count.n_row == 0.0)
        status = sevens_fail(err, SEVENS_ERR_INPUT, "%s: no events",
                             events ? events : "dataBeamOnC.txt");

cleanup:
    return status;
}

/* ---- backgrounds ---- */

/* Outer product of an energy and a time template, each 1 over the region of the fit. */
static sevens_status product_background(csi *r, size_t which, double events,
                                        sevens_originals *originals, const char *energy_file,
                                        const char *time_file, sevens_error *err)
{
    sevens_steps energy = {0}, time = {0};
    sevens_status status;
    SEVENS_TRY(sevens_steps_from_centres(&energy, originals, energy_file, err));
    SEVENS_TRY(sevens_steps_from_centres(&time, originals, time_file, err));
    const double total = sevens_steps_integral(&energy, 0.0, ENERGY_END_PE) *
                         sevens_steps_integral(&time, 0.0, TIME_END_US);
    if (!(total > 0.0))
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT, "%s and %s: nothing below %g PE and %g us",
                               energy_file, time_file, ENERGY_END_PE, TIME_END_US));
    for (size_t i = 0; i < r->n_energy; i++) {
        const double *x = r->axis[0].edges + i;
        const double scale = events / total * sevens_steps_integral(&energy, x[0], x[1]);
        for (size_t j = 0; j < r->n_time; j++) {
            const double *t = r->axis[1].edges + j;
            const double share = sevens_steps_integral(&time, t[0], t[1]);
            r->background[which][i * r->n_time + j] = sevens_round_digits(scale * share, 12);
        }
    }

cleanup:
    sevens_steps_free(&time);
    sevens_steps_free(&energy);
    return status;
}

/* Energies of the anti-coincident events times the exponential in time. */
static sevens_status steady_state(csi *r, sevens_originals *originals, sevens_error *err)
{
    event_count count = {.release = r, .energy_only = true};
    sevens_status status;
    count.bin = calloc(r->n_energy, sizeof *count.bin);
    SEVENS_TRY_ALLOC(count.bin);
    SEVENS_TRY(sevens_original_rows(originals, "dataBeamOnAC.txt", 2, count_event, &count, err));
    if (count.n_region == 0.0)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                               "dataBeamOnAC.txt: no events below %g PE "
                               "and %g us",
                               ENERGY_END_PE, TIME_END_US));
    const double all = -expm1(-DECAY_PER_US * TIME_END_US);
    for (size_t i = 0; i < r->n_energy; i++)
        for (size_t j = 0; j < r->n_time; j++) {
            const double *t = r->axis[1].edges + j;
            const double share = (exp(-DECAY_PER_US * t[0]) - exp(-DECAY_PER_US * t[1])) / all;
            r->background[STEADY_STATE][i * r->n_time + j] = sevens_round_digits(
                STEADY_STATE_EVENTS * (count.bin[i] / count.n_region) * share, 12);
        }

cleanup:
    free(count.bin);
    return status;
}

/* ---- time shares ---- */

typedef struct arrival {
    csi *release;
    double end_ns;        /* of the slice before */
    double total[N_FLUX]; /* over all slices, without efficiency */
} arrival;

/* int_0^t of the time efficiency [us]. */
static double efficiency_integral(double t_us)
{
    const double late = t_us - PLATEAU_END_US;
    return late <= 0.0 ? t_us : PLATEAU_END_US - expm1(-DECAY_PER_US * late) / DECAY_PER_US;
}

/* A 10-ns slice: arrival is uniform within it, and the efficiency is integrated exactly over the
 * part that lies in a bin. */
static sevens_status add_slice(void *context, const double *values, const char *path, long line,
                               sevens_error *err)
{
    static const int column[N_FLUX] = {3, 4, 2}; /* t_lo t_hi nuMu nuE nuMuBar nuEBar */
    arrival *a = context;
    csi *r = a->release;
    if (values[0] != a->end_ns || !(values[1] > values[0]))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s:%ld: the slice %g to %g ns does not follow the one before", path,
                           line, values[0], values[1]);
    const double lo = values[0] * 1e-3, hi = values[1] * 1e-3;
    a->end_ns = values[1];
    for (size_t k = 0; k < N_FLUX; k++) {
        const double p = values[column[k]];
        if (!(p >= 0.0))
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: the probability %g is negative",
                               path, line, p);
        a->total[k] += p;
        for (size_t j = 0; j < r->n_time; j++) {
            const double from = fmax(lo, r->axis[1].edges[j]);
            const double to = fmin(hi, r->axis[1].edges[j + 1]);
            if (to > from)
                r->share[k][j] +=
                    p * (efficiency_integral(to) - efficiency_integral(from)) / (hi - lo);
        }
    }
    return SEVENS_OK;
}

static bool default_times(const csi *r)
{
    if (r->axis[1].n + 1 != N_TIME_EDGES)
        return false;
    for (size_t j = 0; j < N_TIME_EDGES; j++)
        if (r->axis[1].edges[j] != default_time_edges[j])
            return false;
    return true;
}

static sevens_status time_shares(csi *r, sevens_originals *originals, sevens_error *err)
{
    static const char file[] = "derived_snsFlux_time_10ns.txt";
    arrival a = {.release = r};
    sevens_status status;
    SEVENS_TRY(sevens_original_rows(originals, file, 6, add_slice, &a, err));
    for (size_t k = 0; k < N_FLUX; k++) {
        if (!(fabs(a.total[k] - 1.0) <= 1e-6))
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                                   "%s: the probabilities of %s add up to "
                                   "%.9g, not 1",
                                   file, flavour_name[k], a.total[k]));
        for (size_t j = 0; j < r->n_time; j++) {
            double *share = &r->share[k][j];
            /* The published digits are the definition of the default table. */
            *share = default_times(r) ? round(*share * 1e7) / 1e7 : sevens_round_digits(*share, 12);
        }
    }

cleanup:
    return status;
}

/* ---- the folder ---- */

static sevens_status set_bins(csi *r, const sevens_ingest_options *o, sevens_error *err)
{
    sevens_status status;
    SEVENS_TRY(sevens_axis_set(
        &r->axis[0], "energy", "PE", o->energy_edges ? o->energy_edges : default_energy_edges,
        o->energy_edges ? o->n_energy_edges : N_ENERGY_EDGES, 0.0, ENERGY_END_PE, err));
    SEVENS_TRY(sevens_axis_set(
        &r->axis[1], "time", "us", o->time_edges ? o->time_edges : default_time_edges,
        o->time_edges ? o->n_time_edges : N_TIME_EDGES, 0.0, TIME_END_US, err));
    r->n_energy = r->axis[0].n;
    r->n_time = r->axis[1].n;
    r->n_bin = r->n_energy * r->n_time;
    if (r->n_bin > SEVENS_RELEASE_MAX_BINS)
        status = sevens_fail(err, SEVENS_ERR_INPUT, "%zu bins, at most %d can be used", r->n_bin,
                             SEVENS_RELEASE_MAX_BINS);

cleanup:
    return status;
}

static sevens_status allocate(csi *r, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    r->observed = calloc(r->n_bin, sizeof *r->observed);
    SEVENS_TRY_ALLOC(r->observed);
    for (size_t b = 0; b < N_BACKGROUND; b++) {
        r->background[b] = calloc(r->n_bin, sizeof *r->background[b]);
        SEVENS_TRY_ALLOC(r->background[b]);
    }
    for (size_t k = 0; k < N_FLUX; k++) {
        r->share[k] = calloc(r->n_time, sizeof *r->share[k]);
        SEVENS_TRY_ALLOC(r->share[k]);
    }

cleanup:
    return status;
}

static void free_csi(csi *r)
{
    for (size_t a = 0; a < 2; a++)
        sevens_axis_free(&r->axis[a]);
    free(r->observed);
    for (size_t b = 0; b < N_BACKGROUND; b++)
        free(r->background[b]);
    for (size_t k = 0; k < N_FLUX; k++)
        free(r->share[k]);
    free(r->light);
    free(r->efficiency);
}

static sevens_status write_tables(const csi *r, sevens_release_text table[2], sevens_error *err)
{
    const sevens_text_column counts[] = {{"observed[1]", r->observed},
                                         {"brn[1]", r->background[BRN]},
                                         {"nin[1]", r->background[NIN]},
                                         {"ss[1]", r->background[STEADY_STATE]}};
    const sevens_text_column shares[] = {{"nu_e[1]", r->share[NU_E]},
                                         {"nubar_mu[1]", r->share[NUBAR_MU]},
                                         {"nu_mu[1]", r->share[NU_MU]}};
    sevens_status status;
    SEVENS_TRY(
        sevens_table_of_bins(&table[0], "counts.csv",
                             "coherent-csi-2021: observed counts and expected backgrounds per bin",
                             r->axis, 2, counts, 4, err));
    SEVENS_TRY(sevens_table_of_bins(&table[1], "shares.csv",
                                    "coherent-csi-2021: share of the events of each flavour per "
                                    "bin, selection efficiency included",
                                    &r->axis[1], 1, shares, 3, err));

cleanup:
    return status;
}

enum { N_LIST = 10, N_VALUE = N_LIST + 2 };

/* The last row of effCoefficients.txt is labelled "+1 sigma" as the one before; it is -1 sigma. */
static sevens_status write_folder(const csi *r, const sevens_originals *originals,
                                  const sevens_ingest_options *options, sevens_error *err)
{
    const struct {
        const char *key;
        const double *value;
        size_t n;
    } list[N_LIST] = {
        {"light_0", r->light[0], 4},
        {"light_1", r->light[1], 4},
        {"light_2", r->light[2], 4},
        {"light_3", r->light[3], 4},
        {"light_4", r->light[4], 4},
        {"efficiency_0", r->efficiency[0], 4},
        {"efficiency_1", r->efficiency[1], 4},
        {"efficiency_2", r->efficiency[2], 4},
        {"energy_edges", r->axis[0].edges, r->n_energy + 1},
        {"time_edges", r->axis[1].edges, r->n_time + 1},
    };
    sevens_release_value value[N_VALUE];
    sevens_release_text table[2] = {0};
    char *text[N_LIST] = {0};
    sevens_status status = SEVENS_OK;
    for (size_t i = 0; i < N_LIST; i++) {
        text[i] = sevens_reals_text(list[i].value, list[i].n);
        SEVENS_TRY_ALLOC(text[i]);
        value[i] = (sevens_release_value){list[i].key, text[i]};
    }
    value[N_LIST] = (sevens_release_value){"events", options->events != NULL ? " --events" : ""};
    value[N_LIST + 1] = (sevens_release_value){
        "rounding",
        default_times(r) ? " Rounded to 7 decimals: these digits are the definition." : ""};
    SEVENS_TRY(write_tables(r, table, err));
    SEVENS_TRY(
        sevens_release_compose(options->out, yaml, value, N_VALUE, table, 2, originals, err));

cleanup:
    sevens_release_texts_free(table, 2);
    for (size_t i = 0; i < N_LIST; i++)
        free(text[i]);
    return status;
}

static sevens_status read_coefficients(sevens_originals *originals, const char *file, size_t n,
                                       double (**row)[4], sevens_error *err)
{
    double *value = NULL;
    const sevens_status status = sevens_original_values(originals, file, 0, n, 4, &value, err);
    *row = (double(*)[4])value;
    return status;
}

sevens_status sevens_ingest_coherent_csi_2021(const sevens_ingest_options *options,
                                              sevens_error *err)
{
    sevens_originals originals = {.folder = options->from};
    csi r = {0};
    sevens_status status;
    SEVENS_TRY(set_bins(&r, options, err));
    SEVENS_TRY(allocate(&r, err));
    SEVENS_TRY(read_observed(&r, &originals, options->events, err));
    SEVENS_TRY(steady_state(&r, &originals, err));
    SEVENS_TRY(
        product_background(&r, BRN, BRN_EVENTS, &originals, "brnPE.txt", "brnTrec.txt", err));
    SEVENS_TRY(
        product_background(&r, NIN, NIN_EVENTS, &originals, "ninPE.txt", "ninTrec.txt", err));
    SEVENS_TRY(time_shares(&r, &originals, err));
    SEVENS_TRY(read_coefficients(&originals, "scintRespCoefficients.txt", 5, &r.light, err));
    SEVENS_TRY(read_coefficients(&originals, "effCoefficients.txt", 3, &r.efficiency, err));
    SEVENS_TRY(write_folder(&r, &originals, options, err));

cleanup:
    free_csi(&r);
    return status;
}
