/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the original COHERENT CsI 2021 files and bins them 9 x 11: events, the outer products of
 * the BRN and NIN templates, and the steady-state background. */
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROW = 8192 };

typedef struct columns {
    double x[MAX_ROW], y[MAX_ROW];
    int n;
} columns;

/* Rows of two numbers; lines starting with # are comments. */
static int read_columns(columns *c, const char *folder, const char *name)
{
    char path[4096], line[256];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return -1;
    FILE *file = fopen(path, "r");
    if (!file)
        return -1;
    for (c->n = 0; fgets(line, sizeof line, file);)
        if (line[0] != '#' && c->n < MAX_ROW &&
            sscanf(line, "%lf %lf", &c->x[c->n], &c->y[c->n]) == 2)
            c->n++;
    fclose(file);
    return c->n > 0 ? 0 : -1;
}

static int bin_of(double x, const double *edges, int n)
{
    for (int i = 0; i < n; i++)
        if (x >= edges[i] && x < edges[i + 1])
            return i;
    return -1;
}

static void fill_events(const columns *events, double counts[REF_CSI2021_N_BIN])
{
    memset(counts, 0, REF_CSI2021_N_BIN * sizeof *counts);
    for (int i = 0; i < events->n; i++) {
        int pe = bin_of(events->x[i], ref_csi2021_pe_edges, REF_CSI2021_N_PE);
        int t = bin_of(events->y[i], ref_csi2021_time_edges_us, REF_CSI2021_N_TIME);
        if (pe >= 0 && t >= 0)
            counts[pe * REF_CSI2021_N_TIME + t]++;
    }
}

/* Slices of the given width around x, divided in proportion where an edge cuts one; sum 1. */
static void rebin(const columns *fine, double width, const double *edges, int n, double *share)
{
    double sum = 0;
    for (int b = 0; b < n; b++) {
        share[b] = 0;
        for (int i = 0; i < fine->n; i++) {
            double lo = fmax(fine->x[i] - 0.5 * width, edges[b]);
            double hi = fmin(fine->x[i] + 0.5 * width, edges[b + 1]);
            share[b] += fine->y[i] * fmax(hi - lo, 0) / width;
        }
        sum += share[b];
    }
    for (int b = 0; b < n; b++)
        share[b] /= sum;
}

static void outer(double total, const double *pe, const double *t, double *counts)
{
    for (int b = 0; b < REF_CSI2021_N_BIN; b++)
        counts[b] = total * pe[b / REF_CSI2021_N_TIME] * t[b % REF_CSI2021_N_TIME];
}

static int load_template(double *counts, const char *folder, const char *pe_file,
                         const char *time_file, double total, columns *work)
{
    double pe[REF_CSI2021_N_PE], t[REF_CSI2021_N_TIME];
    if (read_columns(work, folder, pe_file))
        return -1;
    rebin(work, 1, ref_csi2021_pe_edges, REF_CSI2021_N_PE, pe);
    if (read_columns(work, folder, time_file))
        return -1;
    rebin(work, 0.01, ref_csi2021_time_edges_us, REF_CSI2021_N_TIME, t);
    outer(total, pe, t, counts);
    return 0;
}

/* PE as in the anti-coincident data, time falling with the detection efficiency. */
static void steady_state(const columns *events, double *counts)
{
    double ac[REF_CSI2021_N_BIN], sum = 0;
    double pe[REF_CSI2021_N_PE] = {0}, t[REF_CSI2021_N_TIME];
    const double *edges = ref_csi2021_time_edges_us;
    fill_events(events, ac);
    for (int b = 0; b < REF_CSI2021_N_BIN; b++) {
        pe[b / REF_CSI2021_N_TIME] += ac[b];
        sum += ac[b];
    }
    for (int i = 0; i < REF_CSI2021_N_PE; i++)
        pe[i] /= sum;
    for (int i = 0; i < REF_CSI2021_N_TIME; i++)
        t[i] = (exp(-0.0494 * edges[i]) - exp(-0.0494 * edges[i + 1])) / (1 - exp(-0.0494 * 6));
    outer(1286, pe, t, counts);
}

int ref_csi2021_load(ref_csi2021_data *data, const char *folder)
{
    int rc = -1;
    columns *work = malloc(sizeof *work);
    if (!work || read_columns(work, folder, "dataBeamOnC.txt"))
        goto cleanup;
    fill_events(work, data->observed);
    if (read_columns(work, folder, "dataBeamOnAC.txt"))
        goto cleanup;
    steady_state(work, data->background[2]);
    if (load_template(data->background[0], folder, "brnPE.txt", "brnTrec.txt", 18.4, work) ||
        load_template(data->background[1], folder, "ninPE.txt", "ninTrec.txt", 5.6, work))
        goto cleanup;
    rc = 0;
cleanup:
    free(work);
    return rc;
}
