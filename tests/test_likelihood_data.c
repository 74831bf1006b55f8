/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference likelihood on the columns of the original releases (SEVENS_SHARED_DATA, or
 * shared/data beside the sources; else skipped, exit 77): what PHYSICS.md section 7 says that comes
 * from data and templates alone. */
#include "test_likelihood_support.h"
#include <unistd.h>

#define MAX_ROW 960

static const char *data_folder(void)
{
    const char *shared = getenv("SEVENS_SHARED_DATA");

    return shared ? shared : SEVENS_SOURCE_DIR "/../shared/data";
}

/* Numbers of a table with n columns, blanks or commas between them; lines with # are comments.
 * Returns the rows. */
static size_t read_columns(const char *file, size_t n, double (*row)[5])
{
    char path[4096], line[256];
    size_t rows = 0;
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", data_folder(), file);
    f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s", path);
    while (fgets(line, sizeof line, f)) {
        char *at = line;

        if (line[0] == '#' || strspn(line, " \r\n\t") == strlen(line))
            continue;
        ck_assert_uint_lt(rows, MAX_ROW);
        for (size_t i = 0; i < n; i++) {
            char *end;

            row[rows][i] = strtod(at, &end);
            ck_assert_msg(end != at, "%s: row %zu", path, rows + 1);
            at = end + strspn(end, " ,\t");
        }
        rows++;
    }
    fclose(f);
    return rows;
}

/* ---- Dresden-II ---- */

START_TEST(dresden2_background_only)
{
    static double row[MAX_ROW][5];
    double nothing[130] = {0}, observed[130], sigma[130], edges[131];
    sevens_release r = {.likelihood = SEVENS_LIKELIHOOD_GAUSS_BACKGROUND,
                        .n_bin = 130,
                        .n_axis = 1,
                        .axis = {{.n = 130, .edges = edges}},
                        .observed = observed,
                        .sigma = sigma,
                        .lines = lines};
    sevens_likelihood l = {0};
    sevens_profile profile;

    ck_assert_uint_eq(read_columns("dresden2_2202.09672/data_release.txt", 5, row), 130);
    for (size_t b = 0; b < 130; b++) {
        edges[b] = 0.2 + 0.01 * (double)b;
        edges[b + 1] = 0.2 + 0.01 * (double)(b + 1);
        ck_close(row[b][0], edges[b] + 0.005, 1e-9, 0.0);
        observed[b] = row[b][1];
        sigma[b] = row[b][2];
    }
    ck_assert_int_eq(sevens_likelihood_add(&l, &r, NULL, NULL), SEVENS_OK);
    set_pulls(&l);
    sevens_likelihood_profile(&l, nothing, &profile);
    printf("Dresden-II, background only: %.4f\n", profile.chi2);
    ck_assert(profile.converged);
    ck_close(profile.chi2, 110.6910, 1e-4, 0.0);
    ck_close(profile.value[1 + SEVENS_LINES_CENTRE], 1.297, 0.01, 0.0);
    sevens_likelihood_free(&l);
}
END_TEST

/* ---- LAr 2020 ---- */

START_TEST(lar_2020_with_its_own_templates)
{
    static const char *const file[] = {"datanobkgsub", "cevnspdf", "brnpdf", "delbrnpdf", "bkgpdf"};
    static double row[MAX_ROW][5], column[5][MAX_ROW], nothing[MAX_ROW];
    static const double best[] = {160.205, 552.117, 10.536, 3131.397};
    double edges[2] = {0.0, 120.0}, total[5] = {0}, chi2;
    sevens_release r = {.likelihood = SEVENS_LIKELIHOOD_POISSON,
                        .n_bin = 960,
                        .n_axis = 1,
                        .axis = {{.n = 1, .edges = edges}},
                        .signal_sigma = INFINITY,
                        .observed = column[0],
                        .n_background = 3,
                        .background = {{(char *)"brn", 160.0 / 497.0, column[2]},
                                       {(char *)"delayed", 33.0 / 33.0, column[3]},
                                       {(char *)"ss", 25.0 / 3152.0, column[4]}}};
    sevens_likelihood l = {0};
    sevens_profile profile;

    for (size_t c = 0; c < 5; c++) {
        char path[64];

        snprintf(path, sizeof path, "coherent-lar-2020/%s.txt", file[c]);
        ck_assert_uint_eq(read_columns(path, 4, row), 960);
        for (size_t b = 0; b < 960; b++)
            total[c] += column[c][b] = row[b][3];
    }
    ck_assert_int_eq(sevens_likelihood_add(&l, &r, NULL, NULL), SEVENS_OK);
    set_pulls(&l);
    sevens_likelihood_profile(&l, column[1], &profile);
    ck_assert(profile.converged);
    for (size_t k = 0; k < 4; k++) {
        printf("LAr 2020, %s: %.3f events\n", l.nuisance[k].name, profile.value[k] * total[k + 1]);
        ck_close(profile.value[k] * total[k + 1], best[k], 1e-3, 0.0);
    }
    chi2 = profile.chi2;
    sevens_likelihood_profile(&l, nothing, &profile);
    ck_assert(profile.converged);
    printf("LAr 2020, without CEvNS: Delta chi2 = %.4f\n", profile.chi2 - chi2);
    ck_close(profile.chi2 - chi2, 15.0417, 1e-4, 0.0);
    sevens_likelihood_free(&l);
}
END_TEST

/* ---- CsI 2017 ---- */

/* Counts of the beam-on sample: 12 bins of 2 PE from 6 to 30, and 12 of 0.5 us from 0 to 6. */
static void read_csi_2017(const char *file, double counts[144], double *energy)
{
    static double row[MAX_ROW][5];
    char path[80];

    snprintf(path, sizeof path, "coherent-csi-2017/%s", file);
    ck_assert_uint_eq(read_columns(path, 3, row), 600);
    memset(energy, 0, 12 * sizeof *energy);
    for (size_t i = 0; i < 600; i++) {
        if (row[i][0] > 6.0 && row[i][0] < 30.0 && row[i][1] < 6.0) {
            size_t e = (size_t)((row[i][0] - 7.0) / 2.0 + 0.5), t = (size_t)(row[i][1] / 0.5);

            counts[12 * e + t] = row[i][2];
            energy[e] += row[i][2];
        }
    }
}

/* Prompt neutrons behind the acceptance in a 2-PE bin. */
static void read_neutrons(double neutrons[12])
{
    static double row[MAX_ROW][5];

    ck_assert_uint_eq(read_columns("coherent-csi-2017/promptPDF.txt", 2, row), 50);
    memset(neutrons, 0, 12 * sizeof *neutrons);
    for (size_t i = 6; i < 30; i++)
        neutrons[(i - 6) / 2] +=
            7.47594 * row[i][1] * 0.6655 / (1.0 + exp(-0.4942 * (row[i][0] - 10.8507)));
}

/* 173 events as the collaboration expects them, falling with the energy. */
static void csi_2017_signal(double signal[12])
{
    double total = 0.0;

    for (size_t e = 0; e < 12; e++) {
        double pe = 7.0 + 2.0 * (double)e;

        total += signal[e] = exp(-pe / 7.0) / (1.0 + exp(-0.4942 * (pe - 10.8507)));
    }
    for (size_t e = 0; e < 12; e++)
        signal[e] *= 173.0 / total;
}

/* The best a and b of sum [(n - (1 + a) N - (1 + b) B)/sigma]^2 + (a/0.28)^2 + (b/0.25)^2 from its
 * two linear equations. */
START_TEST(csi_2017_gauss)
{
    double on[144], energy[2][12], signal[12], neutrons[12], observed[12], sigma[12];
    double A[2][2] = {{1.0 / (0.28 * 0.28), 0.0}, {0.0, 1.0 / (0.25 * 0.25)}}, y[2] = {0.0, 0.0};
    double edges[2] = {6.0, 30.0}, chi2, a, b, sum[2] = {0.0, 0.0};
    sevens_release r = {.likelihood = SEVENS_LIKELIHOOD_GAUSS,
                        .n_bin = 12,
                        .n_axis = 1,
                        .axis = {{.n = 1, .edges = edges}},
                        .signal_sigma = 0.28,
                        .observed = observed,
                        .sigma = sigma,
                        .n_background = 1,
                        .background = {{(char *)"brn", 0.25, neutrons}}};
    sevens_likelihood l = {0};
    sevens_profile profile;

    read_csi_2017("data_coincidence_beamOn.txt", on, energy[0]);
    read_csi_2017("data_anticoincidence_beamOn.txt", on, energy[1]);
    read_neutrons(neutrons);
    csi_2017_signal(signal);
    for (size_t e = 0; e < 12; e++) {
        double d;

        sum[0] += energy[0][e];
        sum[1] += energy[1][e];
        observed[e] = energy[0][e] - energy[1][e];
        sigma[e] = sqrt(energy[0][e] + energy[1][e]);
        d = (observed[e] - signal[e] - neutrons[e]) / (sigma[e] * sigma[e]);
        y[0] += d * signal[e];
        y[1] += d * neutrons[e];
        A[0][0] += pow(signal[e] / sigma[e], 2.0);
        A[0][1] += signal[e] * neutrons[e] / (sigma[e] * sigma[e]);
        A[1][1] += pow(neutrons[e] / sigma[e], 2.0);
    }
    ck_assert(sum[0] == 547.0 && sum[1] == 405.0); /* README of the release */
    a = (y[0] * A[1][1] - y[1] * A[0][1]) / (A[0][0] * A[1][1] - A[0][1] * A[0][1]);
    b = (y[1] * A[0][0] - y[0] * A[0][1]) / (A[0][0] * A[1][1] - A[0][1] * A[0][1]);
    chi2 = a * a / (0.28 * 0.28) + b * b / (0.25 * 0.25);
    for (size_t e = 0; e < 12; e++)
        chi2 +=
            pow((observed[e] - (1.0 + a) * signal[e] - (1.0 + b) * neutrons[e]) / sigma[e], 2.0);
    ck_assert_int_eq(sevens_likelihood_add(&l, &r, NULL, NULL), SEVENS_OK);
    set_pulls(&l);
    sevens_likelihood_profile(&l, signal, &profile);
    ck_close(profile.chi2, chi2, 0.0, 1e-12);
    ck_close(profile.value[0], 1.0 + a, 0.0, 1e-12);
    ck_close(profile.value[1], 1.0 + b, 0.0, 1e-12);
    sevens_likelihood_free(&l);
}
END_TEST

/* chi2 as a plain sum over z from -1 to 3.8 in steps of 0.004, L at 0 where z < 0. */
static double integrated(const sevens_likelihood_part *part, const double *signal)
{
    static double ln[1201];
    double sum = 0.0, top = -INFINITY;

    for (int i = 0; i <= 1200; i++) {
        double z = fmax(0.0, -1.0 + 0.004 * i);

        ln[i] = i > 0 && z == 0.0 ? ln[i - 1] : 0.0;
        for (size_t b = 0; (i == 0 || z > 0.0) && b < part->n_bin; b++)
            ln[i] += sevens_on_off_ln_bin(part->on_off, part->observed[b], part->off[b],
                                          z * (signal[b] + part->component[1].counts[b]));
        top = fmax(top, ln[i]);
    }
    for (int i = 0; i <= 1200; i++) {
        double a = -2.0 + 0.004 * i;

        sum += 0.004 * exp(ln[i] - top - 0.5 * a * a / (0.28 * 0.28));
    }
    return -2.0 * (top + log(sum / (0.28 * sqrt(2.0 * M_PI)))) - sevens_on_off_offset(part);
}

/* Energy x time with the steady state integrated out, also where a strong signal makes the peak of
 * L narrow and puts it far out in the gaussian. */
START_TEST(csi_2017_on_off)
{
    static double prompt[MAX_ROW][5], delayed[MAX_ROW][5], neutron_time[MAX_ROW][5];
    double on[144], off[144], energy[12], shape[12], neutrons[12], brn[144], signal[144];
    double edges[2] = {6.0, 30.0};
    sevens_release r = {.likelihood = SEVENS_LIKELIHOOD_POISSON_ON_OFF,
                        .n_bin = 144,
                        .n_axis = 1,
                        .axis = {{.n = 1, .edges = edges}},
                        .signal_sigma = 0.28,
                        .observed = on,
                        .off = off,
                        .n_background = 1,
                        .background = {{(char *)"brn", 0.25, brn}}};

    read_csi_2017("data_coincidence_beamOn.txt", on, energy);
    read_csi_2017("data_anticoincidence_beamOn.txt", off, energy);
    read_neutrons(neutrons);
    csi_2017_signal(shape);
    read_columns("coherent-csi-2017/arrivalTimePDF_promptNeutrinos.txt", 2, prompt);
    read_columns("coherent-csi-2017/arrivalTimePDF_delayedNeutrinos.txt", 2, delayed);
    read_columns("coherent-csi-2017/arrivalTimePDF_promptNeutrons.txt", 2, neutron_time);
    for (size_t b = 0; b < 144; b++) {
        brn[b] = neutrons[b / 12] * neutron_time[b % 12][1];
    }
    for (int k = 0; k < 3; k++) {
        sevens_likelihood l = {0};
        double chi2[3];

        r.on_off = (sevens_on_off_background)k;
        ck_assert_int_eq(sevens_likelihood_add(&l, &r, NULL, NULL), SEVENS_OK);
        set_pulls(&l);
        for (int i = 0; i < 3; i++) { /* no signal, as expected, 8 times that */
            double scale = i == 0 ? 0.0 : i == 1 ? 1.0 : 8.0;
            sevens_profile profile;

            for (size_t b = 0; b < 144; b++)
                signal[b] =
                    scale * shape[b / 12] * (0.2 * prompt[b % 12][1] + 0.8 * delayed[b % 12][1]);
            sevens_likelihood_profile(&l, signal, &profile);
            ck_assert(profile.converged);
            ck_close(profile.chi2, integrated(&l.part[0], signal), 1e-3, 0.0); /* kink at z = 0 */
            chi2[i] = profile.chi2;
        }
        printf("CsI 2017 on-off: chi2 %.3f, without signal %.3f\n", chi2[1], chi2[0]);
        ck_assert(chi2[0] > chi2[1] + 9.0 && chi2[2] > chi2[1] + 9.0);
        sevens_likelihood_free(&l);
    }
}
END_TEST

int main(void)
{
    Suite *suite;
    TCase *all;

    if (access(data_folder(), R_OK) != 0) {
        printf("no original data in %s\n", data_folder());
        return 77;
    }
    suite = suite_create("likelihood_data");
    all = tcase_create("all");
    tcase_add_test(all, dresden2_background_only);
    tcase_add_test(all, lar_2020_with_its_own_templates);
    tcase_add_test(all, csi_2017_gauss);
    tcase_add_test(all, csi_2017_on_off);
    suite_add_tcase(suite, all);
    return test_run(suite);
}
