/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ingests of coherent-csi-2017 and coherent-lar-2020 from made-up originals whose results have
 * closed forms, and from damaged ones. */
#include "test_ingest_support.h"

/* ---- CsI 2017, made up ---- */

static int csi_count(int which, int energy, int time)
{
    return (energy * 7 + time * 3 + which) % 5 + (which == 0);
}

static double csi_arrival(int which, int time) /* halves, quarters, all alike */
{
    return which == 2 ? 1.0 / 24 : which == 1 ? 3 * pow(0.25, time + 1) : pow(0.5, time + 1);
}

static const char *const csi_arrival_file[] = {"arrivalTimePDF_promptNeutrinos.txt",
                                               "arrivalTimePDF_delayedNeutrinos.txt",
                                               "arrivalTimePDF_promptNeutrons.txt"};

static void write_csi(void)
{
    static const char *const count_file[] = {"data_coincidence_beamOn.txt",
                                             "data_anticoincidence_beamOn.txt"};
    for (int which = 0; which < 2; which++) {
        FILE *f = create(count_file[which]);
        fputs("# bin center, bin center, counts\n", f);
        for (int e = 0; e < 25; e++)
            for (int t = 0; t < 24; t++)
                fprintf(f, "%d.0, %g, %d\n", 2 * e + 1, 0.5 * t + 0.25, csi_count(which, e, t));
        fclose(f);
    }
    for (int which = 0; which < 3; which++) {
        FILE *f = create(csi_arrival_file[which]);
        for (int t = 0; t < 24; t++)
            fprintf(f, "%g, %.17g\n", 0.5 * t + 0.25, csi_arrival(which, t));
        fclose(f);
    }
    FILE *f = create("promptPDF.txt");
    for (int k = 0; k < 50; k++)
        fprintf(f, "%g, %g\n", k + 0.5, 0.125 * (1 + k % 3));
    fclose(f);
}

static double csi_acceptance(double x)
{
    return (x < 6 ? 0.5 : 1) * (x >= 5) * 0.6655 / (1 + exp(-0.4942 * (x - 10.8507)));
}

START_TEST(csi_1d)
{
    write_csi();
    make(CSI);
    sevens_release *r = must_load(out, "");
    ck_assert(r->likelihood == SEVENS_LIKELIHOOD_GAUSS && r->n_bin == 12 && r->n_axis == 1);
    ck_assert(r->axis[0].edges[0] == 6 && r->axis[0].edges[12] == 30);
    for (int i = 0; i < 12; i++) {
        double n[2] = {0}, neutrons = 0;
        for (int which = 0; which < 2; which++)
            for (int t = 0; t < 12; t++)
                n[which] += csi_count(which, i + 3, t);
        for (int k = 2 * i + 6; k < 2 * i + 8; k++)
            neutrons += 0.125 * (1 + k % 3) * 7.47594 * csi_acceptance(k + 0.5);
        ck_close(r->observed[i], n[0] - n[1], 0, 0);
        ck_close(r->sigma[i], sqrt(n[0] + n[1]), 0, 6e-12);
        ck_close(r->background[0].counts[i], neutrons / 2, 0, 6e-12);
    }
    ck_close(r->flux[2].weight[0], 1 - pow(0.5, 12), 0, 6e-12); /* nu_mu */
    ck_close(r->flux[0].weight[0], 1 - pow(0.25, 12), 0, 6e-12);
    ck_assert(r->response.efficiency == SEVENS_EFFICIENCY_STEPS);
    ck_assert(r->response.efficiency_curve.n == 50 && r->response.efficiency_curve.y[4] == 0);
    ck_close(r->response.efficiency_curve.y[5], csi_acceptance(5.5), 0, 6e-12);
    ck_close(r->response.efficiency_curve.y[30], csi_acceptance(30.5), 0, 6e-12);
    sevens_release_free(&r);
}
END_TEST

START_TEST(csi_2d)
{
    write_csi();
    make(CSI);
    sevens_release *r = must_load(out, "analysis=2d");
    ck_assert(r->likelihood == SEVENS_LIKELIHOOD_POISSON_ON_OFF && r->n_bin == 144);
    for (int i = 0; i < 144; i++) {
        const int e = i / 12, k = 2 * e + 6;
        const double neutrons = 7.47594 * (0.125 * (1 + k % 3) * csi_acceptance(k + 0.5) +
                                           0.125 * (1 + (k + 1) % 3) * csi_acceptance(k + 1.5));
        ck_close(r->observed[i], csi_count(0, e + 3, i % 12), 0, 0);
        ck_close(r->off[i], csi_count(1, e + 3, i % 12), 0, 0);
        ck_close(r->background[0].counts[i], neutrons / 24, 0, 6e-12);
    }
    double *bin = spread_of(r, r->flux[0].weight, 7);
    for (int i = 0; i < 144; i++)
        ck_close(bin[i], i / 12 == 7 ? csi_arrival(1, i % 12) : 0.0, 1e-15, 6e-12);
    free(bin);
    sevens_release_free(&r);
}
END_TEST

/* ---- argon, made up ---- */

enum { N_TEMPLATE = 13, N_LAR = 960 };
static const char *const lar_file[N_TEMPLATE] = {"datanobkgsub.txt",
                                                 "cevnspdf.txt",
                                                 "cevnspdf-1sigF90.txt",
                                                 "cevnspdf+1sigF90.txt",
                                                 "cevnspdfCEvNSTimingMeanSyst.txt",
                                                 "brnpdf.txt",
                                                 "delbrnpdf.txt",
                                                 "bkgpdf.txt",
                                                 "brnpdf-1sigEnergy.txt",
                                                 "brnpdf+1sigEnergy.txt",
                                                 "brnpdf-1sigBRNTimingMean.txt",
                                                 "brnpdf+1sigBRNTimingMean.txt",
                                                 "brnpdfBRNTimingWidthSyst.txt"};
enum { DATA, SIGNAL, F90_MINUS, F90_PLUS, LATE, BRN, DELBRN, SS, E_MINUS, E_PLUS, T_MINUS, T_PLUS };

/* Whole numbers over 8, so that they are exact; the signal is empty above 30 keVee, and the later
 * one already above 20. */
static double lar_content(int which, int i)
{
    const int energy = i / 80, f90 = i / 10 % 8, time = i % 10;
    if (which == DATA)
        return (7 * energy + 3 * f90 + time) % 6;
    if (which >= SIGNAL && which <= LATE && energy >= (which == LATE ? 2 : 3))
        return 0;
    return (1 + (which * 5 + energy * 3 + f90 * f90 + time * (which % 3)) % 11) / 8.0;
}

static void write_lar(void)
{
    for (int which = 0; which < N_TEMPLATE; which++) {
        FILE *f = create(lar_file[which]);
        for (int i = 0; i < N_LAR; i++)
            fprintf(f, "%d %.3f %.2f %g\n", 10 * (i / 80) + 5, 0.525 + 0.05 * (i / 10 % 8),
                    0.15 + 0.5 * (i % 10), lar_content(which, i));
        fclose(f);
    }
    FILE *f = create("CENNS10AnlAEfficiency.txt");
    for (int i = 0; i < 80; i++)
        fprintf(f, "%g %g %g\n", 0.25 + 0.5 * i, 1.0 + 2 * i, i / 100.0);
    fclose(f);
    f = create("energydata1d.txt");
    fputs("Bin Center (keVee)  SS-Sub Data ...\n", f);
    for (int i = 0; i < 12; i++)
        fprintf(f, "%d %d %g 1 2 3 4 5\n", 10 * i + 5, 20 - 3 * i, 2.0 + i);
    fclose(f);
}

static double lar_sum(int which, int energy, int time)
{
    double s = 0.0;
    for (int f = 0; f < 8; f++)
        s += lar_content(which, energy * 80 + f * 10 + time);
    return s;
}

/* Part of the neutrinos in [lo, hi] by brute force: times of birth t' = pulse + decays. */
static double in_window(double lo, double hi, double mean, bool delayed)
{
    const double tau_pi = 0.026033, tau_mu = 2.1969811, width = 0.15;
    const int n = 40000;
    double s = 0.0;
    for (int i = 0; i <= n; i++) { /* trapezium over the pulse, +-10 widths */
        const double u = -10.0 + 20.0 * i / n, born = mean + width * u;
        double part[2];
        for (int side = 0; side < 2; side++) {
            const double t = fmax(0.0, (side ? hi : lo) - born);
            part[side] = -expm1(-t / tau_pi);
            if (delayed)
                part[side] =
                    1 - (tau_mu * exp(-t / tau_mu) - tau_pi * exp(-t / tau_pi)) / (tau_mu - tau_pi);
        }
        s += exp(-0.5 * u * u) / sqrt(2 * acos(-1.0)) * (part[1] - part[0]) * 20.0 / n;
    }
    return s;
}

START_TEST(lar_signal)
{
    write_lar();
    make(LAR);
    sevens_release *r = must_load(out, "");
    const size_t energy = 1; /* 10 to 20 keVee */
    double whole = in_window(-0.1, 4.9, 0.44, true), late = in_window(-0.1, 4.9, 0.64, true);
    ck_assert(r->likelihood == SEVENS_LIKELIHOOD_POISSON && r->n_bin == N_LAR && r->n_shape == 5);
    double *prompt = spread_of(r, r->flux[2].weight, energy);
    double *delayed = spread_of(r, r->flux[0].weight, energy);
    double *f90 = spread_of(r, r->shape[0].weight[0], energy);
    double *time = spread_of(r, r->shape[1].weight[0], energy);
    for (int i = 0; i < N_LAR; i++) {
        const int t = i % 10;
        if (i / 80 != (int)energy) {
            ck_assert(prompt[i] == 0 && delayed[i] == 0 && f90[i] == 0 && time[i] == 0);
            continue;
        }
        const double lo = -0.1 + 0.5 * t, events = lar_sum(SIGNAL, 1, t);
        const double share = lar_content(SIGNAL, i) / events;
        const double now = in_window(lo, lo + 0.5, 0.44, true);
        const double then = in_window(lo, lo + 0.5, 0.64, true) * whole / late;
        ck_close(prompt[i], in_window(lo, lo + 0.5, 0.44, false) * share, 1e-7, 0);
        ck_close(delayed[i], now * share, 1e-7, 0);
        ck_close(f90[i], now * (lar_content(F90_PLUS, i) - lar_content(F90_MINUS, i)) / 2 / events,
                 1e-7, 0);
        ck_close(time[i], then * lar_content(LATE, i) / lar_sum(LATE, 1, t) - now * share, 1e-7, 0);
    }
    free(time);
    free(f90);
    free(delayed);
    free(prompt);
    sevens_release_free(&r);
}
END_TEST

/* Where one of the signal's templates is empty. */
START_TEST(lar_empty_bins)
{
    write_lar();
    make(LAR);
    sevens_release *r = must_load(out, "");
    double *nominal = spread_of(r, r->flux[0].weight, 2),
           *late = spread_of(r, r->shape[1].weight[0], 2);
    double *none = spread_of(r, r->flux[0].weight, 3);
    ck_close(sum(nominal, N_LAR), in_window(-0.1, 4.9, 0.44, true), 1e-7, 0);
    ck_close(sum(late, N_LAR), 0, 1e-6, 0); /* the F90 distribution of the nominal one is taken */
    ck_assert(sum(none, N_LAR) == 0);
    free(none);
    free(late);
    free(nominal);
    sevens_release_free(&r);
}
END_TEST

START_TEST(lar_backgrounds)
{
    static const int plus[] = {E_PLUS, T_PLUS, 12}, minus[] = {E_MINUS, T_MINUS, BRN};
    double total[N_TEMPLATE] = {0};
    write_lar();
    make(LAR);
    sevens_release *r = must_load(out, "");
    for (int which = 0; which < N_TEMPLATE; which++)
        for (int i = 0; i < N_LAR; i++)
            total[which] += lar_content(which, i);
    for (int i = 0; i < N_LAR; i++) {
        ck_assert(r->observed[i] == lar_content(DATA, i));
        for (int b = 0; b < 3; b++)
            ck_assert(r->background[b].counts[i] == lar_content(BRN + b, i));
        for (int k = 0; k < 3; k++)
            ck_close(r->shape[2 + k].counts[i],
                     (k == 2 ? 1 : 0.5) * 497 *
                         (lar_content(plus[k], i) / total[plus[k]] -
                          lar_content(minus[k], i) / total[minus[k]]),
                     6e-7, 0);
    }
    sevens_release_free(&r);
}
END_TEST

START_TEST(lar_1d)
{
    write_lar();
    make(LAR);
    sevens_release *r = must_load(out, "analysis=1d");
    ck_assert(r->likelihood == SEVENS_LIKELIHOOD_GAUSS && r->n_bin == 12 && r->n_shape == 0);
    ck_assert(r->n_background == 2 && r->background[0].sigma == 0.32);
    for (int i = 0; i < 12; i++) {
        double n[2] = {0};
        for (int b = 0; b < 2; b++)
            for (int t = 0; t < 10; t++)
                n[b] += lar_sum(BRN + b, i, t);
        ck_assert(r->observed[i] == 20 - 3 * i);
        ck_close(r->sigma[i], hypot(2 + i, 0.058 / sqrt(12) * (n[0] + n[1])), 0, 6e-12);
        ck_close(r->background[0].counts[i], n[0], 0, 6e-12);
        ck_close(r->background[1].counts[i], n[1], 0, 6e-12);
    }
    ck_close(r->flux[2].weight[0], in_window(-0.1, 4.9, 0.44, false), 1e-7, 0);
    ck_close(r->flux[1].weight[0], in_window(-0.1, 4.9, 0.44, true), 1e-7, 0);
    sevens_release_free(&r);
}
END_TEST

/* ---- damage ---- */

/* Copies an original with line `line` replaced (NULL: left out); line 0: only the first lines, as
 * many as `text` says, are kept. */
static void damage(const char *file, int line, const char *text)
{
    char path[600], *whole = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", from, file);
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s", path);
    ck_assert_int_gt(getdelim(&whole, &size, '\0', f), 0);
    fclose(f);
    f = create(file);
    char *rest = whole;
    const int end = line == 0 ? atoi(text) : 1000000;
    for (int n = 1; *rest != '\0' && n <= end; n++) {
        char *row = strsep(&rest, "\n");
        if (n != line)
            fprintf(f, "%s\n", row);
        else if (text != NULL)
            fputs(text, f);
    }
    fclose(f);
    free(whole);
}

typedef struct damage_case {
    const char *file;
    int line;
    const char *text, *message;
} damage_case;

static void refuse_all(const char *name, void (*write)(void), const damage_case *bad, size_t n)
{
    const sevens_ingest_options options = {.from = from, .out = out};
    for (size_t i = 0; i < n; i++) {
        write();
        damage(bad[i].file, bad[i].line, bad[i].text);
        ck_assert_msg(ingest(name, &options) != SEVENS_OK, "accepted, though: %s", bad[i].message);
        ck_contains(error.message, bad[i].message);
        ck_assert_int_ne(access(out, F_OK), 0); /* nothing was written */
    }
}

START_TEST(csi_damage)
{
    static const damage_case bad[] = {
        {"data_coincidence_beamOn.txt", 3, NULL, "beamOn.txt:3: the time bin has the centre 1.25"},
        {"data_coincidence_beamOn.txt", 3, "1.0, 0.75\n", ":3: the row has fewer columns"},
        {"data_coincidence_beamOn.txt", 3, "1.0, 0.75, x\n", ":3: 'x' is not a finite number"},
        {"data_coincidence_beamOn.txt", 3, "1.0, 0.75, 2, 3\n", ":3: the row has more columns"},
        {"data_coincidence_beamOn.txt", 100, "9.0, 1.25, 2\n11.0, 1.75, 1\n",
         ":101: the energy bin"},
        {"data_coincidence_beamOn.txt", 601, "49.0, 11.75, 2\n51.0, 0.25, 0\n",
         ":602: more than 600 bins"},
        {"data_coincidence_beamOn.txt", 100, "9.0, 1.25, 2.5\n", "2.5 is not a number of events"},
        {"data_anticoincidence_beamOn.txt", 100, "9.0, 1.25, -1\n", "-1 is not a number of events"},
        {"data_anticoincidence_beamOn.txt", 0, "500", "beamOn.txt: 499 bins, expected 600"},
        {"arrivalTimePDF_delayedNeutrinos.txt", 1, "0.25, 0.5\n",
         "arrivalTimePDF_delayedNeutrinos.txt: the probabilities add up to 0.75, not 1"},
        {"arrivalTimePDF_promptNeutrinos.txt", 2, "0.75, -0.25\n", "the probability -0.25"},
        {"arrivalTimePDF_promptNeutrons.txt", 2, NULL, ":2: the time bin has the centre 1.25"},
        {"promptPDF.txt", 9, "8.5, -1\n", "promptPDF.txt: -1 neutrons per GWh"},
        {"promptPDF.txt", 0, "49", "promptPDF.txt: 49 bins, expected 50"},
    };
    refuse_all(CSI, write_csi, bad, sizeof bad / sizeof bad[0]);
}
END_TEST

START_TEST(lar_damage)
{
    static const damage_case bad[] = {
        {"cevnspdf.txt", 17, NULL, "cevnspdf.txt:17: the time bin has the centre 3.65, here"},
        {"cevnspdf.txt", 17, "5 0.575 3.15 -1\n", "cevnspdf.txt: -1 events in a bin"},
        {"cevnspdf.txt", 17, "5 0.625 3.15 1\n", ":17: the f90 bin has the centre 0.625"},
        {"cevnspdf.txt", 17, "15 0.575 3.15 1\n", ":17: the energy bin has the centre 15"},
        {"brnpdf+1sigEnergy.txt", 960, NULL, "brnpdf+1sigEnergy.txt: 959 bins, expected 960"},
        {"bkgpdf.txt", 1, "5 0.525 0.15 1 2\n", "bkgpdf.txt:1: the row has more columns"},
        {"datanobkgsub.txt", 30, "5 0.625 4.65 nan\n", ":30: 'nan' is not a finite number"},
        {"CENNS10AnlAEfficiency.txt", 7, "3.3 13 0.06\n", "row 7 holds 3.3 keVee"},
        {"CENNS10AnlAEfficiency.txt", 7, "3.25 13 1.5\n",
         "row 7 holds 3.25 keVee and an "
         "efficiency of 1.5"},
        {"CENNS10AnlAEfficiency.txt", 80, NULL, "Efficiency.txt: 79 rows, expected 80"},
        {"energydata1d.txt", 1, NULL, "energydata1d.txt: 11 rows, expected 12"},
        {"energydata1d.txt", 3, "15 17 0 1 2 3 4 5\n", "row 2 holds 15 keVee and an error of 0"},
        {"energydata1d.txt", 13, "115 1 1 1 2 3 4 5\n125 17 1 1 2 3 4 5\n",
         ":14: more than 12 rows"},
    };
    refuse_all(LAR, write_lar, bad, sizeof bad / sizeof bad[0]);
}
END_TEST

/* ---- what cannot be asked for ---- */

START_TEST(no_other_bins)
{
    static const char *const name[] = {CSI, LAR};
    const double edges[] = {6, 10};
    const sevens_ingest_options options[] = {
        {.from = from, .out = out, .events = "-"},
        {.from = from, .out = out, .energy_edges = edges, .n_energy_edges = 2},
        {.from = from, .out = out, .time_edges = edges, .n_time_edges = 2}};
    write_csi();
    write_lar();
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(ingest(name[i / 3], &options[i % 3]), SEVENS_ERR_INPUT);
        ck_contains(error.message, i % 3 ? "-edges cannot be used" : "--events cannot be used");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ingest_releases");
    TCase *group = tcase_create("made-up originals");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, csi_1d);
    tcase_add_test(group, csi_2d);
    tcase_add_test(group, lar_signal);
    tcase_add_test(group, lar_empty_bins);
    tcase_add_test(group, lar_backgrounds);
    tcase_add_test(group, lar_1d);
    tcase_add_test(group, csi_damage);
    tcase_add_test(group, lar_damage);
    tcase_add_test(group, no_other_bins);
    suite_add_tcase(suite, group);
    return test_run(suite);
}
