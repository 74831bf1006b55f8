/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference prediction and data of the XENONnT search for solar 8B: 81 bins in each of three
 * science runs. The HDF5 templates of the release are read as they are. */
#include "reference_internal.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_SIDE = 81, N_RUN = REF_XENONNT_N_RUN, N_MONO = 46, N_ISOTOPE = 9, N_OBSERVABLE = 4 };

static const char *const isotope[N_ISOTOPE] = {"124Xe", "126Xe", "128Xe", "129Xe", "130Xe",
                                               "131Xe", "132Xe", "134Xe", "136Xe"};
static const double abundance[N_ISOTOPE] = {0.000952, 0.000890, 0.019102, 0.264006, 0.040710,
                                            0.212324, 0.269086, 0.104357, 0.088573};
static const double exposure[N_RUN] = {1.174398, 2.342593, 3.249665}; /* [t yr] */
static const double year_s = 365.25 * 86400;

typedef struct response_args {
    double mono[N_MONO][REF_XENONNT_N_BIN]; /* at 0.5, 0.6 ... 5.0 keV, times the exposure */
} response_args;

static int read_template(const char *data, const char *path_in_run, int run, double out[N_SIDE])
{
    char path[4096];
    int ok = 0;
    if (snprintf(path, sizeof path, "%s/xenonnt_8b_2604.06002/templates/sr%d/%s", data, run,
                 path_in_run) >= (int)sizeof path)
        return -1;
    FILE *file = fopen(path, "rb"); /* HDF5 prints when there is none */
    if (!file)
        return -1;
    fclose(file);
    hid_t h5 = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t set = h5 >= 0 ? H5Dopen2(h5, "templates/template", H5P_DEFAULT) : -1;
    hid_t space = set >= 0 ? H5Dget_space(set) : -1;
    ok = space >= 0 && H5Sget_simple_extent_npoints(space) == N_SIDE &&
         H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0;
    if (space >= 0)
        H5Sclose(space);
    if (set >= 0)
        H5Dclose(set);
    if (h5 >= 0)
        H5Fclose(h5);
    return ok ? 0 : -1;
}

static int load_mono(response_args *args, const char *data)
{
    for (int run = 0; run < N_RUN; run++)
        for (int i = 0; i < N_MONO; i++) {
            char name[128];
            double *out = args->mono[i] + (size_t)run * N_SIDE;
            snprintf(name, sizeof name,
                     "mono/template_XENONnT_sr%d_mono_%.3f_cevns_tly_0.0_tqy_0.0.h5", run,
                     0.5 + 0.1 * i);
            if (read_template(data, name, run, out))
                return -1;
            for (int b = 0; b < N_SIDE; b++)
                out[b] *= exposure[run];
        }
    return 0;
}

static void response(double t, const void *data, double *r)
{
    const response_args *a = data;
    double x = (t * 1000 - 0.5) / 0.1;
    int i = (int)GSL_MAX_DBL(0, GSL_MIN_DBL(floor(x), N_MONO - 2));
    for (int b = 0; b < REF_XENONNT_N_BIN; b++)
        r[b] = x < 0 || x > N_MONO - 1
                   ? 0
                   : a->mono[i][b] + (x - i) * (a->mono[i + 1][b] - a->mono[i][b]);
}

/* Exposures are in the responses: numbers are of nuclei in a tonne, fluences those of a year. */
ref_detector *ref_xenonnt_create(ref_spectrum *spectrum, const char *data)
{
    static const double share[3] = {0.33, 0.335, 0.335};
    static const ref_flavour flavour[3] = {REF_NU_E, REF_NU_MU, REF_NU_TAU};
    double points[N_MONO], molar = 0;
    response_args *args = calloc(1, sizeof *args);
    if (!args || !spectrum || load_mono(args, data)) {
        free(args);
        ref_spectrum_destroy(spectrum);
        return NULL;
    }
    ref_detector *d = ref_detector_create(REF_XENONNT_N_BIN, spectrum, args);
    if (!d)
        return NULL;
    for (int i = 0; i < 3; i++)
        ref_detector_add_beam(d, flavour[i], share[i] * year_s);
    for (int i = 0; i < N_MONO; i++)
        points[i] = (0.5 + 0.1 * i) * 1e-3;
    for (int i = 0; i < N_ISOTOPE; i++)
        molar += abundance[i] * ref_nucleus_named(isotope[i]).mass_u;
    for (int i = 0; i < N_ISOTOPE; i++) {
        ref_nucleus nucleus = ref_nucleus_named(isotope[i]);
        double nuclei = abundance[i] * 1e6 / molar * REF_AVOGADRO;
        if (ref_detector_add(d, &nucleus, NULL, nuclei, points, N_MONO, response, args)) {
            ref_detector_destroy(d);
            return NULL;
        }
    }
    return d;
}

static int load_edges(double edges[N_OBSERVABLE][4], const char *data, int run)
{
    char path[4096], line[256];
    int n = 0;
    snprintf(path, sizeof path, "%s/xenonnt_8b_2604.06002/binning/sr%d.yaml", data, run);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (line[0] == '-' && n < N_OBSERVABLE * 4) {
            edges[n / 4][n % 4] = strtod(line + 1, NULL);
            n++;
        }
    if (file)
        fclose(file);
    return n == N_OBSERVABLE * 4 ? 0 : -1;
}

static int load_events(ref_xenonnt_data *set, const char *data, int run)
{
    char name[128];
    size_t n;
    double edges[N_OBSERVABLE][4];
    snprintf(name, sizeof name, "xenonnt_8b_2604.06002/data/sr%d.csv", run);
    double *rows = ref_read_columns(data, name, 1 + N_OBSERVABLE, &n);
    int ok = rows && load_edges(edges, data, run) == 0;
    for (size_t i = 0; ok && i < n; i++) {
        int bin = run;
        for (int k = 0; k < N_OBSERVABLE && ok; k++) {
            double x = rows[(size_t)(k + 1) * n + i];
            int j = x >= edges[k][2] ? 2 : x >= edges[k][1];
            ok = x >= edges[k][0] && x <= edges[k][3];
            bin = bin * 3 + j;
        }
        if (ok)
            set->observed[bin]++;
    }
    free(rows);
    return ok ? 0 : -1;
}

int ref_xenonnt_load(ref_xenonnt_data *set, const char *data)
{
    static const char *const name[3] = {"ac/template_XENONnT_sr%d_ac_cevns.h5",
                                        "er/template_XENONnT_sr%d_er_cevns.h5",
                                        "rg/template_XENONnT_sr%d_rg_cevns_tly_0.0_tqy_0.0.h5"};
    memset(set, 0, sizeof *set);
    for (int run = 0; run < N_RUN; run++) {
        for (int k = 0; k < 3; k++) {
            char file[128];
            double *out = set->background[k] + (size_t)run * N_SIDE;
            snprintf(file, sizeof file, name[k], run);
            if (read_template(data, file, run, out))
                return -1;
            for (int b = 0; b < N_SIDE; b++)
                out[b] *= exposure[run];
        }
        if (load_events(set, data, run))
            return -1;
    }
    return 0;
}
