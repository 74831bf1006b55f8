/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ingests of dresden2 and xenonnt-8b from made-up originals, from damaged ones, and, where they are
 * (SEVENS_SHARED_DATA, or shared/data beside the sources; else that part is skipped, exit 77), from
 * the real ones. */
#define _GNU_SOURCE
#include "ingest_support.h"
#include "test_ingest_support.h"

#include <ftw.h>
#include <hdf5.h>

#define DRESDEN "dresden2"
#define XENON "xenonnt-8b"

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info, (void)kind, (void)walk;
    return remove(path);
}

static void tear_down(void)
{
    ck_assert_int_eq(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void write_original(const char *file, const char *text)
{
    FILE *f = create(file);
    fputs(text, f);
    fclose(f);
}

/* The ingest says no, and says where. */
static void refused(const char *name, const char *message)
{
    const sevens_ingest_options options = {.from = from, .out = out};
    ck_assert_int_ne(ingest(name, &options), SEVENS_OK);
    ck_contains(error.message, message);
    ck_assert_int_ne(access(out, F_OK), 0);
}

/* ---- dresden2, made up ---- */

enum { N_DRESDEN = 130, N_QUENCHING = 451 };

/* `bad` is written in place of row `at`; rows from `end` on are missing. */
static void write_spectra(int at, const char *bad, int end)
{
    FILE *f = create("data_release.txt");
    for (int i = 0; i < end; i++) {
        if (i == at)
            fputs(bad, f);
        else
            fprintf(f, "%.5f %d.5 1.25 %d 2.5", 0.205 + 0.01 * i, 200 - i, 20 + i % 7);
        if (i + 1 < end) /* the last line has no end, as in the original */
            fputc('\n', f);
    }
    fclose(f);
}

static void write_quenching(int at, const char *bad)
{
    FILE *f = create("QF_Fef_YBe.txt");
    for (int i = 0; i < N_QUENCHING; i++) {
        if (i == at)
            fprintf(f, "%s\n", bad);
        else
            fprintf(f, "%.6f %.5f %.5f\n", 0.01 * i, 0.2 + 0.0001 * i, 0.1 + 0.0001 * i);
    }
    fclose(f);
}

START_TEST(dresden_made_up)
{
    write_spectra(-1, "", N_DRESDEN);
    write_quenching(-1, "");
    make(DRESDEN);
    sevens_release *on = must_load(out, ""), *off = must_load(out, "data=off,quenching=ybe");
    ck_assert(on->n_bin == N_DRESDEN && on->likelihood == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND);
    for (int i = 0; i < N_DRESDEN; i++) {
        ck_close(on->axis[0].edges[i], 0.2 + 0.01 * i, 1e-12, 0);
        ck_assert(on->observed[i] == 200.5 - i && on->sigma[i] == 1.25);
        ck_assert(off->observed[i] == 20 + i % 7 && off->sigma[i] == 2.5);
    }
    ck_assert(on->response.quenching_factor.n == N_QUENCHING);
    for (int i = 0; i < N_QUENCHING; i += 50) {
        ck_close(on->response.quenching_factor.x[i], 0.01 * i, 1e-12, 0);
        ck_close(on->response.quenching_factor.y[i], 0.2 + 0.0001 * i, 1e-12, 0);
        ck_close(off->response.quenching_factor.y[i], 0.1 + 0.0001 * i, 1e-12, 0);
    }
    ck_close(on->flux[0].fluence_per_cm2, 4.8e13 * 86400, 0, 1e-12);
    ck_assert(off->flux[0].fluence_per_cm2 == 0);
    ck_close(on->response.sigma2[0], 0.0685 * 0.0685, 0, 1e-12);
    ck_close(on->response.sigma2[1], 0.00296 * 0.11, 0, 1e-12);
    ck_close(off->response.sigma2[0], 0.06525 * 0.06525, 0, 1e-12);
    ck_assert(on->lines.m_sigma_keV == 0.0685 && off->lines.m_sigma_keV == 0.06525);
    ck_assert(on->n_shape == 1 && off->n_shape == 0);
    for (int k = 0; k < 3; k++) { /* the whole resolution, 5 % */
        ck_close(on->shape[0].plus.sigma2[k], on->response.sigma2[k] * 1.05 * 1.05, 0, 1e-12);
        ck_close(on->shape[0].minus.sigma2[k], on->response.sigma2[k] * 0.95 * 0.95, 0, 1e-12);
    }
    sevens_release_free(&on);
    sevens_release_free(&off);
}
END_TEST

static const struct {
    const char *bad, *message;
    int at, end;
} broken_spectra[] = {
    {"0.275 1 2 3", "data_release.txt:8: 4 columns, expected 5", 7, N_DRESDEN},
    {"0.275 1 2 3 4 5", "data_release.txt:8: more than 5 columns", 7, N_DRESDEN},
    {"0.275 1 2 x 4", "data_release.txt:8: 'x' is not a number", 7, N_DRESDEN},
    {"0.275 nan 2 3 4", "data_release.txt:8: 'nan' is not a number", 7, N_DRESDEN},
    {"0.276 1 2 3 4", "data_release.txt:8: the bin has the centre 0.276 keVee", 7, N_DRESDEN},
    {"0.275 1 0 3 4", "data_release.txt:8: an error that is not positive", 7, N_DRESDEN},
    {"0.275 1 2 3 -4", "data_release.txt:8: an error that is not positive", 7, N_DRESDEN},
    {"", "data_release.txt:8: 0 columns, expected 5", 7, N_DRESDEN},
    {"", "data_release.txt: 129 rows, expected 130", -1, 129},
    {"", "data_release.txt:131: more than 130 rows", -1, 131},
    {"", "data_release.txt: 0 rows, expected 130", -1, 0},
};

START_TEST(dresden_broken_spectra)
{
    write_spectra(broken_spectra[_i].at, broken_spectra[_i].bad, broken_spectra[_i].end);
    write_quenching(-1, "");
    refused(DRESDEN, broken_spectra[_i].message);
}
END_TEST

START_TEST(dresden_broken_quenching)
{
    static const struct {
        const char *bad, *message;
    } cases[] = {
        {"1.99 0.3 0.3", "QF_Fef_YBe.txt:201: a quenching factor of 0.3 at 1.99 keVnr"},
        {"2 1.3 0.3", "QF_Fef_YBe.txt:201: a quenching factor of 1.3"},
        {"2 0.3 0", "QF_Fef_YBe.txt:201: a quenching factor of 0 at 2 keVnr"},
        {"2 0.3", "QF_Fef_YBe.txt:201"},
    };
    write_spectra(-1, "", N_DRESDEN);
    write_quenching(200, cases[_i].bad);
    refused(DRESDEN, cases[_i].message);
}
END_TEST

START_TEST(dresden_refusals)
{
    const double edges[] = {0.2, 1};
    const sevens_ingest_options rebinned = {
        .from = from, .out = out, .energy_edges = edges, .n_energy_edges = 2};
    write_quenching(-1, "");
    refused(DRESDEN, "data_release.txt");
    write_spectra(-1, "", N_DRESDEN);
    ck_assert_int_eq(ingest(DRESDEN, &rebinned), SEVENS_ERR_INPUT);
    ck_contains(error.message, "other bins");
    write_original("SHA256SUMS", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                                 "  ./data_release.txt\n");
    refused(DRESDEN, "SHA256SUMS:1: data_release.txt has the sum");
}
END_TEST

START_TEST(flux_tables_are_asked_for)
{
    char sha256[SEVENS_SHA256_HEX];
    ck_assert_int_eq(sevens_ingest_flux_sum(out, "reactor-of-tomorrow", sha256, &error),
                     SEVENS_ERR_INPUT);
    ck_contains(error.message, "sevens ingest fluxes");
    ck_contains(error.message, "reactor-of-tomorrow");
}
END_TEST

/* ---- xenonnt-8b, made up ---- */

enum { N_RUN = 3, N_RUN_BIN = 81, N_XENON = 243, N_NODE = 46 };
static const double exposure[N_RUN] = {1.174398, 2.342593, 3.249665};
static const int n_event[N_RUN] = {9, 28, 25};

/* Edges of run r: cS2 of its own. */
static double edge(int run, int observable, int i)
{
    return observable == 0 ? 90 + 10 * run + 50 * i : 0.25 * (i + 1);
}

static double content(int run, int bin, int what)
{
    return 1e-6 * (bin + 1) * (what + 1) * (run + 1);
}

static void write_array(hid_t file, const char *name, int rank, const hsize_t *extent,
                        const double *value)
{
    hid_t space = H5Screate_simple(rank, extent, NULL);
    hid_t set =
        H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert(set >= 0 &&
              H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    H5Dclose(set);
    H5Sclose(space);
}

enum { GOOD, NEGATIVE, NOT_FINITE, OTHER_EDGES, FLAT, WITHOUT };

static void write_template(int run, const char *kind, const char *name, int what, int damage)
{
    char path[600];
    double bin[N_RUN_BIN], x[4];
    const hsize_t four = 4, sides[] = {3, 3, 3, 3};
    snprintf(path, sizeof path, "%s/templates/sr%d/%s/template_XENONnT_sr%d_%s.h5", from, run, kind,
             run, name);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t bins = H5Gcreate2(file, "bins", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t group = H5Gcreate2(file, "templates", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    for (int k = 0; k < 4; k++) {
        for (int i = 0; i < 4; i++)
            x[i] = edge(run, k, i) + (damage == OTHER_EDGES && k == 2) * 1e-6;
        snprintf(path, sizeof path, "bins/%d", k);
        write_array(file, path, 1, &four, x);
    }
    for (int b = 0; b < N_RUN_BIN; b++)
        bin[b] = content(run, b, what);
    bin[5] = damage == NEGATIVE ? -1e-9 : damage == NOT_FINITE ? NAN : bin[5];
    if (damage == FLAT)
        write_array(file, "templates/template", 1, (hsize_t[]){N_RUN_BIN}, bin);
    else if (damage != WITHOUT)
        write_array(file, "templates/template", 4, sides, bin);
    H5Gclose(group);
    H5Gclose(bins);
    H5Fclose(file);
}

static void make_folder(const char *format, int run)
{
    char below[64], path[600];
    snprintf(below, sizeof below, format, run);
    snprintf(path, sizeof path, "%s/%s", from, below);
    ck_assert_int_eq(mkdir(path, 0777), 0);
}

/* Event i of a run: bins i % 3, i / 3 % 3, ... */
static void write_run(int run)
{
    static const char *const key[] = {"cs2", "s2_shadow_s2_time_shadow_quantile", "s1_bdt_score",
                                      "s2_bdt_score"};
    char name[64];
    snprintf(name, sizeof name, "binning/sr%d.yaml", run);
    FILE *f = create(name);
    for (int k = 0; k < 4; k++) {
        fprintf(f, "%s:\n", key[k]);
        for (int i = 0; i < 4; i++)
            fprintf(f, "- %.12f\n", edge(run, k, i));
    }
    fclose(f);
    snprintf(name, sizeof name, "data/sr%d.csv", run);
    f = create(name);
    fputs(",cs2,s2_shadow_s2_time_shadow_quantile,s1_bdt_score,s2_bdt_score", f);
    for (int i = 0; i < n_event[run]; i++)
        fprintf(f, "\n%d,%.17g,%.17g,%.17g,%.17g", i, edge(run, 0, i % 3) + 1,
                edge(run, 1, i / 3 % 3), edge(run, 2, i / 9 % 3), edge(run, 3, 1));
    fclose(f);
    write_template(run, "ac", "ac_cevns", 100, GOOD);
    write_template(run, "er", "er_cevns", 200, GOOD);
    write_template(run, "rg", "rg_cevns_tly_0.0_tqy_0.0", 300, GOOD);
    for (int i = 0; i < N_NODE; i++) {
        snprintf(name, sizeof name, "mono_%.3f_cevns_tly_0.0_tqy_0.0", 0.1 * (i + 5));
        write_template(run, "mono", name, i, GOOD);
    }
}

static void write_xenon(void)
{
    make_folder("binning", 0);
    make_folder("data", 0);
    make_folder("templates", 0);
    for (int run = 0; run < N_RUN; run++) {
        make_folder("templates/sr%d", run);
        make_folder("templates/sr%d/ac", run);
        make_folder("templates/sr%d/er", run);
        make_folder("templates/sr%d/mono", run);
        make_folder("templates/sr%d/rg", run);
        write_run(run);
    }
}

static void expect_backgrounds(const sevens_release *r)
{
    for (int b = 0; b < N_XENON; b++)
        for (int k = 0; k < 3; k++) {
            const int run = b / N_RUN_BIN;
            ck_close(r->background[k].counts[b],
                     exposure[run] * content(run, b % N_RUN_BIN, 100 * (k + 1)), 0, 1e-11);
        }
}

START_TEST(xenon_made_up)
{
    write_xenon();
    make(XENON);
    sevens_release *r = must_load(out, "");
    ck_assert(r->n_bin == N_XENON && r->n_axis == 5 && r->n_node == N_NODE);
    ck_assert(r->node_keVnr[0] == 0.5 && r->node_keVnr[N_NODE - 1] == 5.0);
    for (int run = 0; run < N_RUN; run++)
        for (int c = 0, rest; c < N_RUN_BIN; c++) {
            const int i = c / 27 + 3 * (c / 9 % 3) + 9 * (c / 3 % 3); /* first of its bin */
            rest = c % 3 == 1 && i < n_event[run] ? 1 + (n_event[run] - 1 - i) / 27 : 0;
            ck_close(r->observed[run * N_RUN_BIN + c], rest, 0, 0);
        }
    expect_backgrounds(r);
    const double all = exposure[0] + exposure[1] + exposure[2];
    for (int node = 0; node < N_NODE; node += 15) {
        double *bin = spread_of(r, r->flux[1].weight, (size_t)node);
        for (int b = 0; b < N_XENON; b++) {
            const int run = b / N_RUN_BIN;
            ck_close(bin[b], content(run, b % N_RUN_BIN, node) * exposure[run] / all, 0, 1e-5);
        }
        free(bin);
    }
    ck_close(r->flux[0].fluence_per_cm2, 0.33 * 5.46e6 * all * 365.25 * 86400, 0, 1e-12);
    ck_close(r->flux[2].fluence_per_cm2, 0.335 * 5.46e6 * all * 365.25 * 86400, 0, 1e-12);
    ck_assert(r->n_shared == 1 && r->signal_sigma == 0.37);
    sevens_release_free(&r);
}
END_TEST

START_TEST(xenon_broken_templates)
{
    static const struct {
        int damage;
        const char *message;
    } cases[] = {
        {NEGATIVE, "templates/template: not 3 x 3 x 3 x 3 numbers, none negative"},
        {NOT_FINITE, "templates/template: not 3 x 3 x 3 x 3 numbers"},
        {OTHER_EDGES, "bins/2: not the edges of the binning file"},
        {FLAT, "templates/template: not 3 x 3 x 3 x 3 numbers"},
        {WITHOUT, "templates/template: not 3 x 3 x 3 x 3 numbers"},
    };
    char message[600];
    write_xenon();
    write_template(1, "mono", "mono_2.000_cevns_tly_0.0_tqy_0.0", 15, cases[_i].damage);
    snprintf(message, sizeof message, "mono_2.000_cevns_tly_0.0_tqy_0.0.h5: %s", cases[_i].message);
    refused(XENON, message);
}
END_TEST

START_TEST(xenon_broken_texts)
{
    static const struct {
        const char *file, *text, *message;
    } cases[] = {
        {"templates/sr0/ac/template_XENONnT_sr0_ac_cevns.h5", "no HDF5", "cannot read"},
        {"binning/sr1.yaml", "cs2: [1, 2, 3, 4]\n", "binning/sr1.yaml:1:1: error: the edges of "},
        {"binning/sr2.yaml",
         "cs2: [1, 3, 2, 4]\ns2_shadow_s2_time_shadow_quantile: [0, 1, 2, 3]\n"
         "s1_bdt_score: [0, 1, 2, 3]\ns2_bdt_score: [0, 1, 2, 3]\n",
         "the edges of 'cs2' do not increase"},
        {"binning/sr2.yaml",
         "cs2: [1, 2, 3]\ns2_shadow_s2_time_shadow_quantile: [0, 1, 2, 3]\n"
         "s1_bdt_score: [0, 1, 2, 3]\ns2_bdt_score: [0, 1, 2, 3]\n",
         "cs2"},
        {"data/sr0.csv", "head\n0,91,0.3,0.3,0.3\n", "data/sr0.csv: 1 rows, expected 9"},
        {"data/sr0.csv", "head\n0,91,0.3,0.3\n", "data/sr0.csv:2: 4 columns, expected 5"},
        {"data/sr0.csv",
         "head\n0,91,.3,.3,.3\n1,91,.3,.3,.3\n2,91,.3,.3,.3\n3,91,.3,.3,.3\n4,91,.3,.3,.3\n"
         "5,91,.3,.3,.3\n6,91,.3,.3,.3\n7,91,.3,.3,.3\n8,91,.3,1.3,.3",
         "data/sr0.csv:10: s1_bdt is 1.3, outside the bins, 0.25 to 1"},
    };
    write_xenon();
    write_original(cases[_i].file, cases[_i].text);
    refused(XENON, cases[_i].message);
}
END_TEST

START_TEST(xenon_missing_template)
{
    char path[600];
    write_xenon();
    snprintf(path, sizeof path,
             "%s/templates/sr2/rg/template_XENONnT_sr2_rg_cevns_tly_0.0_tqy_0.0.h5", from);
    ck_assert_int_eq(remove(path), 0);
    refused(XENON, "template_XENONnT_sr2_rg_cevns_tly_0.0_tqy_0.0.h5");
}
END_TEST

/* ---- the real originals ---- */

static const struct {
    const char *name, *folder, *file[6];
} real[] = {
    {DRESDEN,
     "dresden2_2202.09672",
     {"release.yaml", "counts.csv", "counts_off.csv", "quenching_fef.csv", "quenching_ybe.csv"}},
    {XENON, "xenonnt_8b_2604.06002", {"release.yaml", "counts.csv", "yields.csv"}},
};

static const char *real_originals(int i)
{
    static char path[4096];
    const char *shared = getenv("SEVENS_SHARED_DATA");
    snprintf(path, sizeof path, "%s/%s", shared ? shared : SEVENS_SOURCE_DIR "/../shared/data",
             real[i].folder);
    return access(path, R_OK) == 0 ? path : NULL;
}

static char *whole_file(const char *path, const char *file, size_t *length)
{
    char name[600];
    snprintf(name, sizeof name, "%s/%s", path, file);
    FILE *f = fopen(name, "rb");
    ck_assert_msg(f != NULL, "%s", name);
    char *text = calloc(1, 1 << 20);
    ck_assert_ptr_nonnull(text);
    *length = fread(text, 1, 1 << 20, f);
    fclose(f);
    return text;
}

START_TEST(committed_folder_is_remade)
{
    char committed[400];
    const sevens_ingest_options options = {.from = real_originals(_i), .out = out};
    snprintf(committed, sizeof committed, SEVENS_SOURCE_DIR "/releases/%s", real[_i].name);
    ck_assert_msg(ingest(real[_i].name, &options) == SEVENS_OK, "%s", error.message);
    for (int k = 0; real[_i].file[k] != NULL; k++) {
        size_t n[2];
        char *made = whole_file(out, real[_i].file[k], &n[0]);
        char *kept = whole_file(committed, real[_i].file[k], &n[1]);
        ck_assert_msg(n[0] == n[1] && n[0] > 100 && memcmp(made, kept, n[0]) == 0, "%s differs",
                      real[_i].file[k]);
        free(made);
        free(kept);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("other ingests");
    TCase *group = tcase_create("made-up originals");
    tcase_add_checked_fixture(group, setup, tear_down);
    tcase_add_test(group, dresden_made_up);
    tcase_add_loop_test(group, dresden_broken_spectra, 0,
                        sizeof broken_spectra / sizeof broken_spectra[0]);
    tcase_add_loop_test(group, dresden_broken_quenching, 0, 4);
    tcase_add_test(group, dresden_refusals);
    tcase_add_test(group, flux_tables_are_asked_for);
    tcase_add_test(group, xenon_made_up);
    tcase_add_loop_test(group, xenon_broken_templates, 0, 5);
    tcase_add_loop_test(group, xenon_broken_texts, 0, 7);
    tcase_add_test(group, xenon_missing_template);
    suite_add_tcase(suite, group);
    const bool have_originals = real_originals(0) != NULL && real_originals(1) != NULL;
    if (have_originals) {
        group = tcase_create("real originals");
        tcase_add_checked_fixture(group, setup, tear_down);
        tcase_add_loop_test(group, committed_folder_is_remade, 0, 2);
        suite_add_tcase(suite, group);
    }
    const int failed = test_run(suite);
    if (!failed && !have_originals) {
        puts("skipped in part: the original files of " DRESDEN " and " XENON " are not here");
        return 77;
    }
    return failed;
}
