/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference prediction and data of COHERENT CsI 2017: 12 bins of 2 PE from 6 to 30 PE, times 12
 * bins of 0.5 us from 0 to 6 us. */
#include "reference_internal.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_PE = 6, N_PE = REF_CSI2017_N_PE, N_TIME = REF_CSI2017_N_TIME };

typedef struct response_args {
    double pe_per_keV;
    int poisson;
} response_args;

double ref_csi2017_acceptance(double pe)
{
    double step = pe < 5 ? 0 : pe < 6 ? 0.5 : 1;
    return step * 0.6655 / (1 + exp(-0.4942 * (pe - 10.8507)));
}

/* The efficiency is that of the centre of the 1-PE bin an event falls in. */
static void response(double t, const void *data, double *r)
{
    const response_args *a = data;
    double x = a->pe_per_keV * t * 1000;
    for (int b = 0; b < N_PE; b++) {
        r[b] = 0;
        for (int n = FIRST_PE + 2 * b; n < FIRST_PE + 2 * b + 2; n++) {
            double chance = a->poisson ? gsl_ran_poisson_pdf((unsigned)n, x) : floor(x) == n;
            r[b] += chance * ref_csi2017_acceptance(n + 0.5);
        }
    }
}

ref_detector *ref_csi2017_create(int poisson, int electrons)
{
    const double light_yield = 13.348, quenching = 0.0878; /* PE per keVee */
    const double nuclei = 14600 / 259.8099238 * REF_AVOGADRO;
    const double fluence = 0.08 * 1.76e23 / (4 * M_PI * 1930 * 1930);
    double points[40];
    size_t n = 0;
    response_args *args = calloc(1, sizeof *args);
    if (!args)
        return NULL;
    *args = (response_args){light_yield * (electrons ? 1 : quenching), poisson};
    if (poisson) /* 150 PE: nothing is left below 30 */
        for (double pe = 0; pe <= 150; pe += 5)
            points[n++] = pe / args->pe_per_keV * 1e-3;
    else
        for (int pe = FIRST_PE; pe <= FIRST_PE + 2 * N_PE; pe++)
            points[n++] = pe / args->pe_per_keV * 1e-3;
    ref_detector *d = ref_detector_create(N_PE, NULL, args);
    if (!d)
        return NULL;
    for (int f = 0; f < REF_N_FLAVOUR; f++)
        ref_detector_add_beam(d, (ref_flavour)f, fluence);
    for (int i = 0; i < 2; i++) {
        ref_nucleus nucleus = i == 0 ? ref_cs133() : ref_i127();
        ref_atom atom = ref_atom_of(nucleus.Z);
        if (ref_detector_add(d, electrons ? NULL : &nucleus, electrons ? &atom : NULL, nuclei,
                             points, n, response, args)) {
            ref_detector_destroy(d);
            return NULL;
        }
    }
    return d;
}

/* Counts of [2 PE][0.5 us] from columns PE centre, time centre, counts. */
static int load_counts(double *counts, const char *data, const char *name)
{
    size_t n;
    double *rows = ref_read_columns(data, name, 3, &n);
    memset(counts, 0, REF_CSI2017_N_BIN * sizeof *counts);
    for (size_t i = 0; rows && i < n; i++) {
        int pe = (int)floor((rows[i] - FIRST_PE) / 2), t = (int)floor(rows[n + i] / 0.5);
        if (pe >= 0 && pe < N_PE && t >= 0 && t < N_TIME)
            counts[pe * N_TIME + t] += rows[2 * n + i];
    }
    free(rows);
    return rows ? 0 : -1;
}

static int load_times(double share[N_TIME], const char *data, const char *name)
{
    size_t n;
    double *rows = ref_read_columns(data, name, 2, &n);
    for (size_t i = 0; rows && i < N_TIME; i++)
        share[i] = rows[n + i];
    free(rows);
    return rows && n >= N_TIME ? 0 : -1;
}

static int load_neutrons(double *counts, const char *data)
{
    double time[N_TIME];
    size_t n;
    double *rows = ref_read_columns(data, "coherent-csi-2017/promptPDF.txt", 2, &n);
    memset(counts, 0, REF_CSI2017_N_BIN * sizeof *counts);
    int failed =
        !rows || load_times(time, data, "coherent-csi-2017/arrivalTimePDF_promptNeutrons.txt");
    for (size_t i = 0; !failed && i < n; i++) {
        int pe = (int)floor((rows[i] - FIRST_PE) / 2);
        for (int t = 0; pe >= 0 && pe < N_PE && t < N_TIME; t++)
            counts[pe * N_TIME + t] +=
                7.47594 * rows[n + i] * ref_csi2017_acceptance(rows[i]) * time[t]; /* GWh */
    }
    free(rows);
    return failed ? -1 : 0;
}

int ref_csi2017_load(ref_csi2017_data *set, const char *data)
{
    return load_counts(set->on, data, "coherent-csi-2017/data_coincidence_beamOn.txt") ||
                   load_counts(set->off, data,
                               "coherent-csi-2017/data_anticoincidence_beamOn.txt") ||
                   load_neutrons(set->neutrons, data) ||
                   load_times(set->prompt, data,
                              "coherent-csi-2017/arrivalTimePDF_promptNeutrinos.txt") ||
                   load_times(set->delayed, data,
                              "coherent-csi-2017/arrivalTimePDF_delayedNeutrinos.txt")
               ? -1
               : 0;
}

void ref_csi2017_counts(const ref_detector *d, const ref_csi2017_data *set, const ref_model *model,
                        double rn_fm, double counts[REF_CSI2017_N_BIN])
{
    memset(counts, 0, REF_CSI2017_N_BIN * sizeof *counts);
    for (int f = 0; f < REF_N_FLAVOUR; f++) {
        double energy[N_PE];
        const double *time = f == REF_NU_MU ? set->prompt : set->delayed;
        ref_detector_beam_counts(d, model, rn_fm, (size_t)f, energy);
        for (int b = 0; b < REF_CSI2017_N_BIN; b++)
            counts[b] += energy[b / N_TIME] * time[b % N_TIME];
    }
}
