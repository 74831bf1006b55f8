/* SPDX-License-Identifier: GPL-3.0-or-later */
/* COHERENT CsI[Na], full data set: arXiv:2110.07730, ancillary files of version 2, and the arrival
 * times of the neutrinos as 10-ns tables of the release's snsFlux2D histograms. docs/physics.md
 * sections 3.1 and 5.2 give the formulas; numbers without a file of their own stand here. */
#include "sevens/ingest.h"

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

static const char *const quenching_variation_name[] = {"scintillation_0", "scintillation_1"};

/* ---- events ---- */

typedef struct event_count {
    const sevens_release *release;
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
    const sevens_release *r = c->release;
    const double energy = values[0], time = values[1];
    c->n_row += 1.0;
    if (!(energy >= 0.0 && energy < ENERGY_END_PE && time >= 0.0 && time < TIME_END_US))
        return SEVENS_OK;
    c->n_region += 1.0;
    const size_t i = sevens_axis_find(&r->axis[0], energy);
    const size_t j = c->energy_only ? 0 : sevens_axis_find(&r->axis[1], time);
    if (i < r->axis[0].n && j < r->axis[1].n)
        c->bin[c->energy_only ? i : i * r->n_share + j] += 1.0;
    return SEVENS_OK;
}

/* Notes where other events came from: standard input and pipes have no sum. */
static sevens_status note_events(sevens_originals *originals, const char *path, sevens_error *err)
{
    sevens_release_source *source = &originals->source[originals->n++];
    struct stat info;
    const bool standard_input = strcmp(path, "-") == 0;
    const char *name = strrchr(path, '/');
    source->file = standard_input ? "standard input" : name ? name + 1 : path;
    if (standard_input || stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return SEVENS_OK;
    return sevens_sha256_file(path, source->sha256, err);
}

static sevens_status read_observed(sevens_release *r, sevens_originals *originals,
                                   const char *events, sevens_error *err)
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
static sevens_status product_background(sevens_release *r, size_t which, double events,
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
        for (size_t j = 0; j < r->n_share; j++) {
            const double *t = r->axis[1].edges + j;
            const double share = sevens_steps_integral(&time, t[0], t[1]);
            r->background[which].counts[i * r->n_share + j] =
                sevens_round_digits(scale * share, 12);
        }
    }

cleanup:
    sevens_steps_free(&time);
    sevens_steps_free(&energy);
    return status;
}

/* Energies of the anti-coincident events times the exponential in time. */
static sevens_status steady_state(sevens_release *r, sevens_originals *originals, sevens_error *err)
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
        for (size_t j = 0; j < r->n_share; j++) {
            const double *t = r->axis[1].edges + j;
            const double share = (exp(-DECAY_PER_US * t[0]) - exp(-DECAY_PER_US * t[1])) / all;
            r->background[STEADY_STATE].counts[i * r->n_share + j] = sevens_round_digits(
                STEADY_STATE_EVENTS * (count.bin[i] / count.n_region) * share, 12);
        }

cleanup:
    free(count.bin);
    return status;
}

/* ---- time shares ---- */

typedef struct arrival {
    sevens_release *release;
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
    sevens_release *r = a->release;
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
        for (size_t j = 0; j < r->n_share; j++) {
            const double from = fmax(lo, r->axis[1].edges[j]);
            const double to = fmin(hi, r->axis[1].edges[j + 1]);
            if (to > from)
                r->flux[k].share[j] +=
                    p * (efficiency_integral(to) - efficiency_integral(from)) / (hi - lo);
        }
    }
    return SEVENS_OK;
}

static bool default_times(const sevens_release *r)
{
    if (r->axis[1].n + 1 != N_TIME_EDGES)
        return false;
    for (size_t j = 0; j < N_TIME_EDGES; j++)
        if (r->axis[1].edges[j] != default_time_edges[j])
            return false;
    return true;
}

static sevens_status time_shares(sevens_release *r, sevens_originals *originals, sevens_error *err)
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
                                   file, sevens_flavour_name(r->flux[k].flavour), a.total[k]));
        for (size_t j = 0; j < r->n_share; j++) {
            double *share = &r->flux[k].share[j];
            /* The published digits are the definition of the default table. */
            *share = default_times(r) ? round(*share * 1e7) / 1e7 : sevens_round_digits(*share, 12);
        }
    }

cleanup:
    return status;
}

/* ---- coefficients ---- */

typedef struct coefficient_rows {
    size_t n, max;
    double (*row)[4];
} coefficient_rows;

static sevens_status add_coefficients(void *context, const double *values, const char *path,
                                      long line, sevens_error *err)
{
    coefficient_rows *c = context;
    if (c->n == c->max)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: more than %zu rows of coefficients",
                           path, line, c->max);
    memcpy(c->row[c->n++], values, sizeof c->row[0]);
    return SEVENS_OK;
}

static sevens_status read_coefficients(sevens_originals *originals, const char *file, size_t n,
                                       double (*row)[4], sevens_error *err)
{
    coefficient_rows c = {.max = n, .row = row};
    sevens_status status;
    SEVENS_TRY(sevens_original_rows(originals, file, 4, add_coefficients, &c, err));
    if (c.n != n)
        status = sevens_fail(err, SEVENS_ERR_INPUT, "%s/%s: %zu rows of coefficients, expected %zu",
                             originals->folder, file, c.n, n);

cleanup:
    return status;
}

static void set_variation(sevens_release_variation *v, const char *of, const char *name,
                          double (*pair)[4])
{
    v->of = of;
    v->name = name;
    memcpy(v->plus, pair[0], sizeof v->plus);
    memcpy(v->minus, pair[1], sizeof v->minus);
}

static sevens_status read_response(sevens_release *r, sevens_release_variation variation[3],
                                   sevens_originals *originals, sevens_error *err)
{
    double light[5][4], efficiency[3][4];
    sevens_status status;
    SEVENS_TRY(read_coefficients(originals, "scintRespCoefficients.txt", 5, light, err));
    SEVENS_TRY(read_coefficients(originals, "effCoefficients.txt", 3, efficiency, err));
    memcpy(r->response.quenching_coefficient, light[0], sizeof light[0]);
    memcpy(r->response.efficiency_coefficient, efficiency[0], sizeof efficiency[0]);
    for (size_t k = 0; k < 2; k++)
        set_variation(&variation[k], "quenching", quenching_variation_name[k], light + 1 + 2 * k);
    /* The last row of the original is labelled "+1 sigma" as the one before; it is -1 sigma. */
    set_variation(&variation[2], "efficiency", "acceptance", efficiency + 1);
    r->response.quenching = SEVENS_QUENCHING_POLYNOMIAL;
    r->response.smearing = SEVENS_SMEARING_GAMMA_PE;
    r->response.gamma_a_keVee = 0.0749;
    r->response.gamma_b_per_keVee = 9.56;
    r->response.efficiency = SEVENS_EFFICIENCY_SIGMOID;

cleanup:
    return status;
}

/* ---- the release ---- */

static sevens_status set_texts(sevens_release *r, sevens_error *err)
{
    const struct {
        char **field;
        const char *text;
    } texts[] = {
        {&r->name, "coherent-csi-2021"},
        {&r->title, "COHERENT CsI[Na], full data set"},
        {&r->citation, "D. Akimov et al. (COHERENT), Measurement of the Coherent Elastic "
                       "Neutrino-Nucleus Scattering Cross Section on CsI by COHERENT, "
                       "Phys. Rev. Lett. 129, 081801 (2022)"},
        {&r->doi, "10.1103/PhysRevLett.129.081801"},
        {&r->arxiv, "2110.07730"},
        {&r->url, "https://arxiv.org/src/2110.07730v2/anc"},
        {&r->version, "2110.07730v2"},
    };
    sevens_status status = SEVENS_OK;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i].field = sevens_strdup(texts[i].text);
        SEVENS_TRY_ALLOC(*texts[i].field);
    }

cleanup:
    return status;
}

static sevens_status set_facts(sevens_release *r, sevens_error *err)
{
    sevens_status status;
    SEVENS_TRY(set_texts(r, err));
    r->flux_kind = SEVENS_FLUX_PION_DAR;
    r->pot = 3.198e23;
    r->neutrinos_per_proton = 0.0848;
    r->baseline_m = 19.3;
    r->mass_kg = 14.6;
    r->molar_mass_g = 259.8099238;
    r->n_target = 2;
    r->target[0] = (sevens_target_nucleus){sevens_nucleus_find("Cs133"), 1.0};
    r->target[1] = (sevens_target_nucleus){sevens_nucleus_find("I127"), 1.0};
    r->likelihood = SEVENS_LIKELIHOOD_POISSON;
    r->signal_sigma = 0.12;

cleanup:
    return status;
}

static sevens_status set_bins(sevens_release *r, const sevens_ingest_options *o, sevens_error *err)
{
    sevens_status status;
    r->n_axis = 2;
    SEVENS_TRY(sevens_axis_set(
        &r->axis[0], "energy", "PE", o->energy_edges ? o->energy_edges : default_energy_edges,
        o->energy_edges ? o->n_energy_edges : N_ENERGY_EDGES, 0.0, ENERGY_END_PE, err));
    SEVENS_TRY(sevens_axis_set(
        &r->axis[1], "time", "us", o->time_edges ? o->time_edges : default_time_edges,
        o->time_edges ? o->n_time_edges : N_TIME_EDGES, 0.0, TIME_END_US, err));
    r->n_energy = r->axis[0].n;
    r->n_share = r->axis[1].n;
    r->n_bin = r->n_energy * r->n_share;
    if (r->n_bin > SEVENS_RELEASE_MAX_BINS)
        status = sevens_fail(err, SEVENS_ERR_INPUT, "%zu bins, at most %d can be used", r->n_bin,
                             SEVENS_RELEASE_MAX_BINS);

cleanup:
    return status;
}

static sevens_status allocate(sevens_release *r, sevens_error *err)
{
    static const struct {
        const char *name;
        double sigma;
    } background[N_BACKGROUND] = {{"brn", 0.25}, {"nin", 0.35}, {"ss", 0.021}};
    static const sevens_flavour flavour[N_FLUX] = {SEVENS_NU_E, SEVENS_NUBAR_MU, SEVENS_NU_MU};
    sevens_status status = SEVENS_OK;
    r->observed = calloc(r->n_bin, sizeof *r->observed);
    SEVENS_TRY_ALLOC(r->observed);
    r->n_background = N_BACKGROUND;
    for (size_t b = 0; b < N_BACKGROUND; b++) {
        r->background[b].sigma = background[b].sigma;
        r->background[b].name = sevens_strdup(background[b].name);
        SEVENS_TRY_ALLOC(r->background[b].name);
        r->background[b].counts = calloc(r->n_bin, sizeof *r->background[b].counts);
        SEVENS_TRY_ALLOC(r->background[b].counts);
    }
    r->n_flux = N_FLUX;
    for (size_t k = 0; k < N_FLUX; k++) {
        r->flux[k].flavour = flavour[k];
        r->flux[k].share = calloc(r->n_share, sizeof *r->flux[k].share);
        SEVENS_TRY_ALLOC(r->flux[k].share);
    }

cleanup:
    return status;
}

/* Where the numbers come from; becomes the comments of release.yaml. */
static void set_notes(sevens_release_provenance *p, bool published_times)
{
    p->note.head =
        "COHERENT CsI[Na] 2021 as a release folder; made from the original files, do not "
        "edit.";
    p->note.sources = "Original files (not part of this folder) and their SHA-256.";
    p->note.flux =
        "13.99 GWh at 0.983 GeV per proton; 0.0848 neutrinos per flavour and proton; 19.3 m from\n"
        "the target: arXiv:2110.07730.";
    p->note.target = "14.6 kg of CsI[Na]: arXiv:2110.07730. Molar mass: 132.90545 + 126.90447.";
    p->note.response =
        "E_ee = sum_k c[k] T^(k+1), T and E_ee in MeV: scintRespCoefficients.txt, nominal.\n"
        "PE ~ gamma distribution with A = a/E_ee and B = b E_ee, E_ee in keVee, mean 1/A = 13.35 "
        "PE/keVee:\narXiv:2110.07730, supplement. Efficiency a/(1 + exp(-b (x - c))) + d, not "
        "below 0:\neffCoefficients.txt, nominal.";
    p->note.bins =
        "Energy in photo-electrons, time after the trigger. The fitted region is 0 to 60 "
        "PE and 0 to 6 us.";
    p->note.likelihood = "Norm pull of the signal: flux 10 %, quenching 3.8 %, efficiency 4.1 %, "
                         "form factor 3.4 %,\n"
                         "together 12 % (arXiv:2205.09484).";
    p->note.backgrounds =
        "Relative widths of the norm pulls (arXiv:2205.09484). In the fitted region: beam-related\n"
        "neutrons (brn) 18.4 and neutrino-induced neutrons (nin) 5.6 events, outer products of "
        "the\n"
        "energy and time templates of the release; steady state (ss) 1286 events, energies of the\n"
        "anti-coincident events times exp(-0.0494 t), t in us.";
    p->note.tables =
        published_times
            ? "shares.csv: probability that an event of a flavour falls in a time bin, efficiency\n"
              "included: 1 before 0.52 us, exp(-0.0494 (t - 0.52)) after. From the 10-ns arrival "
              "table,\nuniform within a slice, the efficiency integrated exactly over the part of "
              "a "
              "slice that lies\nin a bin. Rounded to 7 decimals: these digits are the definition."
            : "shares.csv: probability that an event of a flavour falls in a time bin, efficiency\n"
              "included: 1 before 0.52 us, exp(-0.0494 (t - 0.52)) after. From the 10-ns arrival "
              "table,\nuniform within a slice, the efficiency integrated exactly over the part of "
              "a "
              "slice that lies\nin a bin.";
    p->note.variations = "Response at +1 and -1 sigma of independent nuisances: "
                         "scintRespCoefficients.txt, effCoefficients.txt.";
}

sevens_status sevens_ingest_coherent_csi_2021(const sevens_ingest_options *options,
                                              sevens_error *err)
{
    sevens_originals originals = {.folder = options->from};
    sevens_release_variation variation[3];
    sevens_release_provenance provenance = {.made_by = "sevens ingest coherent-csi-2021"};
    sevens_status status = SEVENS_OK;

    sevens_release *r = calloc(1, sizeof *r);
    SEVENS_TRY_ALLOC(r);
    SEVENS_TRY(set_facts(r, err));
    SEVENS_TRY(set_bins(r, options, err));
    SEVENS_TRY(allocate(r, err));
    SEVENS_TRY(read_observed(r, &originals, options->events, err));
    SEVENS_TRY(steady_state(r, &originals, err));
    SEVENS_TRY(product_background(r, BRN, BRN_EVENTS, &originals, "brnPE.txt", "brnTrec.txt", err));
    SEVENS_TRY(product_background(r, NIN, NIN_EVENTS, &originals, "ninPE.txt", "ninTrec.txt", err));
    SEVENS_TRY(time_shares(r, &originals, err));
    SEVENS_TRY(read_response(r, variation, &originals, err));

    if (options->events != NULL)
        provenance.made_by = "sevens ingest coherent-csi-2021 --events";
    provenance.n_source = originals.n;
    provenance.source = originals.source;
    provenance.n_variation = 3;
    provenance.variation = variation;
    set_notes(&provenance, default_times(r));
    SEVENS_TRY(sevens_release_write(r, &provenance, options->out, err));

cleanup:
    sevens_release_free(&r);
    return status;
}
