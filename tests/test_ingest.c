/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registry of the ingests. Ingest of coherent-csi-2021 from small made-up originals, whose results
 * have closed forms, from damaged ones, from two million events through a pipe, and from the real
 * originals where they are (SEVENS_SHARED_DATA, or shared/data beside the sources; else that part
 * is skipped, exit 77). */
#include "sevens/ingest.h"
#include "sevens/release.h"
#include "test_support.h"

#include <dirent.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "coherent-csi-2021"
#define DECAY_PER_US 0.0494

static char folder[256], from[300], out[300];
static sevens_error error;

/* ---- originals ---- */

static FILE *create(const char *file)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", from, file);
    FILE *f = fopen(path, "w");
    ck_assert_msg(f != NULL, "%s", path);
    return f;
}

static double brn_energy(int pe)
{
    return 1.0 + pe % 11;
}

static double brn_time(int slice)
{ /* of 10 ns, from 0 */
    return slice < 0 ? 5.0 : 1.0 + slice % 7;
}

static void write_templates(void)
{
    FILE *brn = create("brnPE.txt"), *nin = create("ninPE.txt");
    for (int pe = 0; pe < 250; pe++) {
        fprintf(brn, "%.1f %g\n", pe + 0.5, brn_energy(pe));
        fprintf(nin, "%.1f 0.25\n", pe + 0.5);
    }
    fclose(brn);
    fclose(nin);
    brn = create("brnTrec.txt");
    nin = create("ninTrec.txt");
    for (int k = -25; k < 625; k++) {
        fprintf(brn, "%.3f %g\n", 0.01 * k + 0.005, brn_time(k));
        fprintf(nin, "%.3f 0.125\n", 0.01 * k + 0.005);
    }
    fclose(brn);
    fclose(nin);
}

/* nu_mu uniform over 0 to 1 us, the others over 0 to 10 us. */
static void write_arrival(void)
{
    FILE *f = create("derived_snsFlux_time_10ns.txt");
    fputs("# t_lo_ns t_hi_ns nuMu nuE nuMuBar nuEBar\n", f);
    for (int k = 0; k < 1000; k++)
        fprintf(f, "%d %d %g 0.001 0.001 0.001\n", 10 * k, 10 * k + 10, k < 100 ? 0.01 : 0.0);
    fclose(f);
}

static void write_text(const char *file, const char *text)
{
    FILE *f = create(file);
    fputs(text, f);
    fclose(f);
}

static void write_originals(void)
{
    write_templates();
    write_arrival();
    write_text("dataBeamOnC.txt", "# PE us\n"
                                  "8 0.125\n7.999 0.125\n10 0.2\n59.99 5.99\n60 1\n1 6\n"
                                  "-1 1\n3 -0.1\n3.5 0.125\n");
    write_text("dataBeamOnAC.txt", "5 1\n5 2\n20 3\n70 1\n20 6.5\n3 1\n");
    write_text("effCoefficients.txt", "# a b c d\n1.3 0.29 11 -0.33\n\n1.4 0.3 12 -0.3\n"
                                      "1.2 0.28 10 -0.35\n");
    write_text("scintRespCoefficients.txt", "0.05 4 -100 800\n1 2 3 4\n5 6 7 8\n2 3 5 7\n"
                                            "11 13 17 19\n");
}

static void empty_folder(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    rmdir(path);
}

static void setup(void)
{
    test_folder(folder, sizeof folder);
    snprintf(from, sizeof from, "%s/from", folder);
    snprintf(out, sizeof out, "%s/out", folder);
    ck_assert_int_eq(mkdir(from, 0777), 0);
    write_originals();
}

static void teardown(void)
{
    empty_folder(from);
    empty_folder(out);
    rmdir(folder);
}

static sevens_status ingest(const sevens_ingest_options *options)
{
    const sevens_ingest_kind *kind = sevens_ingest_find(NAME, &error);
    ck_assert_ptr_nonnull(kind);
    return kind->run(options, &error);
}

static sevens_release *load(const char *path)
{
    sevens_release *release;
    ck_assert_msg(sevens_release_load(&release, path, NULL, 0, NULL, &error) == SEVENS_OK, "%s",
                  error.message);
    return release;
}

/* ---- made-up originals ---- */

START_TEST(registry)
{
    size_t n = 0;
    while (sevens_ingest_at(n) != NULL)
        n++;
    ck_assert_uint_ge(n, 3);
    for (size_t i = 0; i < n; i++)
        ck_assert_ptr_eq(sevens_ingest_find(sevens_ingest_at(i)->name, &error),
                         sevens_ingest_at(i));
    ck_assert_ptr_null(sevens_ingest_find("coherent-csi-2022", &error));
    ck_contains(error.message, "'coherent-csi-2022'; did you mean '" NAME "'?");
}
END_TEST

START_TEST(events_fall_into_bins)
{
    const sevens_ingest_options options = {.from = from, .out = out};
    ck_assert_msg(ingest(&options) == SEVENS_OK, "%s", error.message);
    sevens_release *r = load(out);
    double expected[99] = {0};
    expected[0 * 11 + 1] = 2;  /* 7.999 and 3.5 PE at 0.125 us: a lower edge belongs to the bin */
    expected[1 * 11 + 1] = 2;  /* 8 and 10 PE */
    expected[8 * 11 + 10] = 1; /* 59.99 PE, 5.99 us; 60 PE, 6 us and negative ones are outside */
    ck_assert_mem_eq(r->observed, expected, sizeof expected);
    sevens_release_free(&r);
}
END_TEST

/* int_a^b of the time efficiency, by Simpson's rule on both sides of the kink. */
static double efficiency_integral(double a, double b)
{
    const double kink = 0.52, n = 200;
    double sum = 0;
    if (a < kink)
        sum += fmin(b, kink) - a;
    const double lo = fmax(a, kink), h = (b - lo) / n;
    for (int i = 0; i < n && h > 0; i++) {
        const double t = lo + i * h - kink;
        sum += h / 6 *
               (exp(-DECAY_PER_US * t) + 4 * exp(-DECAY_PER_US * (t + h / 2)) +
                exp(-DECAY_PER_US * (t + h)));
    }
    return sum;
}

START_TEST(another_binning)
{
    const double energy[] = {3.5, 10.25, 60}, time[] = {0.125, 0.503, 2.5};
    const sevens_ingest_options options = {.from = from,
                                           .out = out,
                                           .energy_edges = energy,
                                           .n_energy_edges = 3,
                                           .time_edges = time,
                                           .n_time_edges = 3};
    ck_assert_msg(ingest(&options) == SEVENS_OK, "%s", error.message);
    sevens_release *r = load(out);
    ck_assert(r->n_bin == 4 && r->axis[0].n == 2 && r->axis[1].edges[1] == 0.503);
    ck_assert(r->observed[0] == 4 && r->observed[1] == 0 && r->observed[2] == 0);

    double brn_e[3] = {0}, brn_t[3] = {0}; /* bins, then the whole region */
    for (int i = 0; i < 240; i++) {        /* quarters of a PE */
        const double x = i / 4.0;
        brn_e[2] += brn_energy(i / 4) / 4;
        if (x >= 3.5)
            brn_e[x >= 10.25] += brn_energy(i / 4) / 4;
    }
    for (int i = 0; i < 6000; i++) { /* ns */
        brn_t[2] += brn_time(i / 10) / 10;
        if (i >= 125 && i < 2500)
            brn_t[i >= 503] += brn_time(i / 10) / 10;
    }
    const double ac[2] = {2.0 / 4, 1.0 / 4}; /* of four in the region; 3 PE is below the edge */
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            const int bin = 2 * i + j;
            const double slope = (exp(-DECAY_PER_US * time[j]) - exp(-DECAY_PER_US * time[j + 1])) /
                                 (1 - exp(-DECAY_PER_US * 6));
            ck_close(r->background[0].counts[bin], 18.4 * brn_e[i] * brn_t[j] / brn_e[2] / brn_t[2],
                     0, 6e-12);
            ck_close(r->background[1].counts[bin],
                     5.6 * (energy[i + 1] - energy[i]) / 60 * (time[j + 1] - time[j]) / 6, 0,
                     6e-12);
            ck_close(r->background[2].counts[bin], 1286 * ac[i] * slope, 0, 6e-12);
        }
    for (int j = 0; j < 2; j++) {
        const double delayed = efficiency_integral(time[j], time[j + 1]) / 10;
        ck_close(r->flux[0].weight[j], delayed, 0, 6e-12);
        ck_close(r->flux[1].weight[j], delayed, 0, 6e-12);
        ck_close(r->flux[2].weight[j], efficiency_integral(time[j], fmin(time[j + 1], 1)), 0,
                 6e-12);
    }
    ck_assert(r->response.quenching_coefficient[2] == -100);
    ck_assert(r->response.efficiency_coefficient[0] == 1.3);
    sevens_release_free(&r);
}
END_TEST

START_TEST(bad_edges)
{
    static const double down[] = {0, 8, 8}, outside[] = {0, 8, 61}, many[1100] = {0},
                        nan[] = {0, NAN};
    static const struct {
        const double *edges;
        size_t n;
        const char *message;
    } bad[] = {
        {down, 3, "energy edges: 8 after 8 is not increasing"},
        {outside, 3, "energy edges: 61 is outside the 0 to 60 PE of the release"},
        {down, 1, "energy edges: 1 given, 2 to 100000 can be used"},
        {many, 1100, "not increasing"},
        {nan, 2, "outside"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const sevens_ingest_options options = {
            .from = from, .out = out, .energy_edges = bad[i].edges, .n_energy_edges = bad[i].n};
        ck_assert_int_eq(ingest(&options), SEVENS_ERR_INPUT);
        ck_contains(error.message, bad[i].message);
    }
    double energy[400], time[400];
    for (int i = 0; i < 400; i++) {
        energy[i] = 0.1 * i;
        time[i] = 0.01 * i;
    }
    const sevens_ingest_options options = {.from = from,
                                           .out = out,
                                           .energy_edges = energy,
                                           .n_energy_edges = 400,
                                           .time_edges = time,
                                           .n_time_edges = 400};
    ck_assert_int_eq(ingest(&options), SEVENS_ERR_INPUT);
    ck_contains(error.message, "159201 bins, at most 100000 can be used");
    ck_assert_int_ne(access(out, F_OK), 0); /* nothing was written */
}
END_TEST

START_TEST(broken_originals)
{
    static const struct {
        const char *file, *text, *message; /* text NULL: the file is missing */
    } bad[] = {
        {"dataBeamOnC.txt", "8 0.125\n9 oops\n", "dataBeamOnC.txt:2: 'oops' is not a finite"},
        {"dataBeamOnC.txt", "8 0.125\n9\n", "dataBeamOnC.txt:2: the row has fewer columns"},
        {"dataBeamOnC.txt", "8 0.125\n9 1", "dataBeamOnC.txt:2: the file is truncated"},
        {"dataBeamOnC.txt", "# nothing\n", "dataBeamOnC.txt: no events"},
        {"dataBeamOnC.txt", NULL, "dataBeamOnC.txt: No such file"},
        {"dataBeamOnAC.txt", "70 1\n", "dataBeamOnAC.txt: no events below 60 PE and 6 us"},
        {"brnPE.txt", "0.5 1\n1.5 2\n3.5 2\n", "brnPE.txt:3: the bin centre 3.5 is not 2.5"},
        {"brnPE.txt", "0.5 1\n0.5 2\n", "brnPE.txt:2: the bin centre 0.5"},
        {"brnPE.txt", "0.5 1\n1.5 -2\n", "brnPE.txt:2: -2 is negative"},
        {"brnPE.txt", "0.5 1\n", "brnPE.txt: fewer than two rows"},
        {"ninTrec.txt", "0.005 0\n0.015 0\n", "ninPE.txt and ninTrec.txt: nothing below 60 PE"},
        {"derived_snsFlux_time_10ns.txt", "0 10 .5 .5 .5 .5\n20 30 .5 .5 .5 .5\n",
         "_10ns.txt:2: the slice 20 to 30 ns does not follow the one before"},
        {"derived_snsFlux_time_10ns.txt", "0 10 .5 .5 .5 .5\n10 20 .5 .4 .5 .5\n",
         "_10ns.txt: the probabilities of nu_e add up to 0.9, not 1"},
        {"derived_snsFlux_time_10ns.txt", "0 10 .5 .5 -.5 .5\n",
         "_10ns.txt:1: the probability -0.5"},
        {"effCoefficients.txt", "1 2 3 4\n", "effCoefficients.txt: 1 rows, expected 3"},
        {"effCoefficients.txt", "1 2 3 4\n1 2 3 4\n1 2 3 4\n1 2 3 4\n",
         "effCoefficients.txt:4: more than 3 rows"},
        {"scintRespCoefficients.txt", "1 2 3\n", ":1: the row has fewer columns, expected 4"},
    };
    const sevens_ingest_options options = {.from = from, .out = out};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char path[400];
        write_originals();
        snprintf(path, sizeof path, "%s/%s", from, bad[i].file);
        if (bad[i].text != NULL)
            write_text(bad[i].file, bad[i].text);
        else
            unlink(path);
        ck_assert_msg(ingest(&options) != SEVENS_OK, "accepted, though: %s", bad[i].message);
        ck_contains(error.message, bad[i].message);
        ck_assert_int_ne(access(out, F_OK), 0);
    }
}
END_TEST

START_TEST(checksums)
{
    static const char *const files[] = {"dataBeamOnC.txt",
                                        "dataBeamOnAC.txt",
                                        "brnPE.txt",
                                        "brnTrec.txt",
                                        "ninPE.txt",
                                        "ninTrec.txt",
                                        "derived_snsFlux_time_10ns.txt",
                                        "scintRespCoefficients.txt",
                                        "effCoefficients.txt"};
    const sevens_ingest_options options = {.from = from, .out = out};
    char hex[SEVENS_SHA256_HEX], path[400];
    FILE *sums = create("SHA256SUMS");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", from, files[i]);
        ck_assert_int_eq(sevens_sha256_file(path, hex, &error), SEVENS_OK);
        fprintf(sums, "%s %c%s\n", hex, i % 2 ? '*' : ' ', files[i]); /* binary and text marks */
    }
    fclose(sums);
    ck_assert_msg(ingest(&options) == SEVENS_OK, "%s", error.message);

    write_text("ninPE.txt", "0.5 1\n1.5 1\n");
    ck_assert_int_eq(ingest(&options), SEVENS_ERR_INPUT);
    ck_contains(error.message, "SHA256SUMS:5: ninPE.txt has the sum ");
    write_text("SHA256SUMS", "# none\n");
    ck_assert_int_eq(ingest(&options), SEVENS_ERR_INPUT);
    ck_contains(error.message, "SHA256SUMS: dataBeamOnC.txt is not listed");
}
END_TEST

START_TEST(output_refused)
{
    char file[400];
    snprintf(file, sizeof file, "%s/brnPE.txt/out", from);
    const sevens_ingest_options options = {.from = from, .out = file};
    ck_assert_int_eq(ingest(&options), SEVENS_ERR_IO);
    ck_contains(error.message, "brnPE.txt");
}
END_TEST

/* ---- many events ---- */

/* Whether this build can be held to a rate: optimised, and without sanitizers. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define IS_FAST false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define IS_FAST false
#endif
#endif
#ifndef IS_FAST
#define IS_FAST true
#endif

enum { N_EVENT = 2000000 };

static double seconds(const struct timeval *before, const struct timeval *after)
{
    return (double)(after->tv_sec - before->tv_sec) +
           1e-6 * (double)(after->tv_usec - before->tv_usec);
}

/* Event i in thousandths of a PE and of a us, spread over a little more than the region. */
static void event(uint64_t i, int *energy_mPE, int *time_ns)
{
    *energy_mPE = (int)(i * 7919 % 70001);
    *time_ns = (int)(i * 104729 % 6503);
}

static void write_events(int fd)
{
    FILE *f = fdopen(fd, "w");
    for (uint64_t i = 0; i < N_EVENT; i++) {
        int energy, time;
        event(i, &energy, &time);
        fprintf(f, "%d.%03d %.3f\n", energy / 1000, energy % 1000, time / 1000.0);
    }
    _exit(fclose(f) == 0 ? 0 : 1);
}

static void expected_counts(double expected[99])
{
    static const int energy_edge[] = {0, 8, 12, 16, 20, 24, 32, 40, 50, 60};
    static const int time_edge[] = {0, 125, 250, 375, 500, 625, 750, 875, 1000, 2000, 4000, 6000};
    for (uint64_t i = 0; i < N_EVENT; i++) {
        int energy, time, e = 0, t = 0;
        event(i, &energy, &time);
        while (e < 9 && energy >= 1000 * energy_edge[e + 1])
            e++;
        while (t < 11 && time >= time_edge[t + 1])
            t++;
        if (e < 9 && t < 11)
            expected[e * 11 + t] += 1;
    }
}

START_TEST(two_million_events_through_a_pipe)
{
    const sevens_ingest_options options = {.from = from, .out = out, .events = "-"};
    struct rusage before, after;
    double expected[99] = {0};
    int ends[2], state;
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t writer = fork();
    ck_assert_int_ge(writer, 0);
    if (writer == 0) {
        close(ends[0]);
        write_events(ends[1]);
    }
    close(ends[1]);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    getrusage(RUSAGE_SELF, &before);
    ck_assert_msg(ingest(&options) == SEVENS_OK, "%s", error.message);
    getrusage(RUSAGE_SELF, &after);
    ck_assert(waitpid(writer, &state, 0) == writer && state == 0);
    /* KiB; the events alone would be 32 MB as numbers. */
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 16384);
    if (IS_FAST) { /* time of this process alone: the rest of the machine does not matter */
        const double time =
            seconds(&before.ru_utime, &after.ru_utime) + seconds(&before.ru_stime, &after.ru_stime);
        ck_assert_msg(N_EVENT / time > 2e6, "%.3g events per second", N_EVENT / time);
        ck_assert_int_lt(after.ru_maxrss, 200000);
    }

    sevens_release *r = load(out);
    expected_counts(expected);
    ck_assert_mem_eq(r->observed, expected, sizeof expected);
    sevens_release_free(&r);
}
END_TEST

/* ---- the real originals ---- */

static const char *real_originals(void)
{
    static char path[4096];
    const char *shared = getenv("SEVENS_SHARED_DATA");
    snprintf(path, sizeof path, "%s/" NAME, shared ? shared : SEVENS_SOURCE_DIR "/../shared/data");
    return access(path, R_OK) == 0 ? path : NULL;
}

static void expect_same_file(const char *a_folder, const char *b_folder, const char *file)
{
    char path[2][400];
    char *text[2];
    for (int i = 0; i < 2; i++) {
        snprintf(path[i], sizeof path[i], "%s/%s", i ? b_folder : a_folder, file);
        FILE *f = fopen(path[i], "rb");
        ck_assert_msg(f != NULL, "%s", path[i]);
        text[i] = calloc(1, 1 << 17);
        ck_assert_ptr_nonnull(text[i]);
        ck_assert_uint_lt(fread(text[i], 1, 1 << 17, f), 100000);
        fclose(f);
    }
    ck_assert_msg(strcmp(text[0], text[1]) == 0, "%s and %s differ", path[0], path[1]);
    free(text[0]);
    free(text[1]);
}

START_TEST(committed_release_is_remade)
{
    const sevens_ingest_options options = {.from = real_originals(), .out = out};
    ck_assert_msg(ingest(&options) == SEVENS_OK, "%s", error.message);
    expect_same_file(out, SEVENS_SOURCE_DIR "/releases/" NAME, "release.yaml");
    expect_same_file(out, SEVENS_SOURCE_DIR "/releases/" NAME, "counts.csv");
    expect_same_file(out, SEVENS_SOURCE_DIR "/releases/" NAME, "shares.csv");
}
END_TEST

/* Bins joined or split: the sums stay. */
START_TEST(real_originals_in_other_bins)
{
    const double energy[] = {0, 7.3, 60}, time[] = {0, 0.333, 6};
    const sevens_ingest_options options = {.from = real_originals(),
                                           .out = out,
                                           .energy_edges = energy,
                                           .n_energy_edges = 3,
                                           .time_edges = time,
                                           .n_time_edges = 3};
    static const double total[3] = {18.4, 5.6, 1286};
    ck_assert_msg(ingest(&options) == SEVENS_OK, "%s", error.message);
    sevens_release *ours = load(out), *committed = load(SEVENS_SOURCE_DIR "/releases/" NAME);
    ck_assert(ours->observed[0] + ours->observed[1] + ours->observed[2] + ours->observed[3] ==
              1578);
    for (int b = 0; b < 3; b++) {
        const double *n = ours->background[b].counts;
        ck_close(n[0] + n[1] + n[2] + n[3], total[b], 0, 1e-11);
    }
    for (int k = 0; k < 3; k++) {
        double sum = 0;
        for (size_t j = 0; j < committed->axis[1].n; j++)
            sum += committed->flux[k].weight[j];
        ck_close(ours->flux[k].weight[0] + ours->flux[k].weight[1], sum, 11 * 0.5e-7, 0);
    }
    sevens_release_free(&committed);
    sevens_release_free(&ours);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ingest");
    TCase *group = tcase_create("made-up originals");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_set_timeout(group, 120);
    tcase_add_test(group, registry);
    tcase_add_test(group, events_fall_into_bins);
    tcase_add_test(group, another_binning);
    tcase_add_test(group, bad_edges);
    tcase_add_test(group, broken_originals);
    tcase_add_test(group, checksums);
    tcase_add_test(group, output_refused);
    tcase_add_test(group, two_million_events_through_a_pipe);
    suite_add_tcase(suite, group);
    const bool have_originals = real_originals() != NULL;
    if (have_originals) {
        TCase *real = tcase_create("real originals");
        tcase_add_checked_fixture(real, setup, teardown);
        tcase_set_timeout(real, 60);
        tcase_add_test(real, committed_release_is_remade);
        tcase_add_test(real, real_originals_in_other_bins);
        suite_add_tcase(suite, real);
    }
    const int failed = test_run(suite);
    if (!failed && !have_originals) {
        puts("skipped in part: the original files of " NAME " are not here");
        return 77;
    }
    return failed;
}
