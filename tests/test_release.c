/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The committed release of COHERENT CsI 2021, and damaged copies of it: each fault is refused with
 * file and line. Releases of all other kinds: test_release_kinds.c; damage to every release that
 * there is: test_release_damage.c. */
#include "sevens/checksum.h"
#include "sevens/release.h"
#include "test_release_support.h"

#define COMMITTED SEVENS_SOURCE_DIR "/releases/coherent-csi-2021"

static const char *const files[] = {"release.yaml", "counts.csv", "shares.csv"};
enum { YAML, COUNTS, SHARES, N_FILE };

static char folder[256];
static sevens_error error;

static void file_path(char path[320], int file)
{
    snprintf(path, 320, "%s/%s", folder, files[file]);
}

static int replace(int file, const char *from, const char *to)
{
    return test_replace_in(folder, files[file], from, to);
}

/* Makes release.yaml agree with a changed table. */
static void correct_sum(int file)
{
    char path[320], before[SEVENS_SHA256_HEX], after[SEVENS_SHA256_HEX];
    snprintf(path, sizeof path, "%s/%s", COMMITTED, files[file]);
    ck_assert_int_eq(sevens_sha256_file(path, before, &error), SEVENS_OK);
    file_path(path, file);
    ck_assert_int_eq(sevens_sha256_file(path, after, &error), SEVENS_OK);
    replace(YAML, before, after);
}

static void expect_refusal(const char *place, const char *message)
{
    sevens_release *release = NULL;
    ck_assert_msg(sevens_release_load(&release, folder, NULL, 0, NULL, &error) == SEVENS_ERR_INPUT,
                  "accepted, though: %s", message);
    ck_assert_ptr_null(release);
    ck_contains(error.message, place);
    ck_contains(error.message, message);
}

static void setup(void)
{
    test_folder(folder, sizeof folder);
    test_copy_folder(COMMITTED, folder);
}

static void teardown(void)
{
    test_remove_folder(folder);
}

START_TEST(sha256)
{
    char hex[SEVENS_SHA256_HEX];
    sevens_sha256_bytes("abc", 3, hex); /* FIPS 180-4 example */
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_int_eq(sevens_sha256_file("/nowhere/at/all", hex, &error), SEVENS_ERR_IO);
    ck_contains(error.message, "/nowhere/at/all");
}
END_TEST

START_TEST(committed)
{
    static const double energy[9] = {11, 147, 224, 177, 144, 237, 210, 231, 197};
    static const double time[11] = {34, 31, 42, 42, 52, 58, 56, 41, 314, 491, 417};
    static const double total[3] = {18.4, 5.6, 1286};
    static const double shares[3][11] = {
        /* docs/physics.md section 3.1 */
        {.0000123, .0007919, .0060455, .0189073, .0350540, .0455014, .0476883, .0457692, .2792003,
         .2700688, .0984803},
        {.0000192, .0009256, .0065136, .0196344, .0356440, .0456896, .0476360, .0456614, .2785170,
         .2694079, .0982393},
        {.0013709, .0390733, .1648083, .2989746, .2946926, .1532911, .0405250, .0040898, .0003829,
         .0001939, .0000707}};
    sevens_release *r;
    double sum_energy[9] = {0}, sum_time[11] = {0};
    ck_assert_msg(sevens_release_load(&r, COMMITTED, NULL, 0, NULL, &error) == SEVENS_OK, "%s",
                  error.message);
    ck_assert_str_eq(r->name, "coherent-csi-2021");
    ck_assert_str_eq(r->axis[1].unit, "us");
    ck_assert(r->n_axis == 2 && r->n_channel == 9 && r->n_bin == 99);
    for (size_t i = 0; i < r->n_bin; i++) {
        sum_energy[i / 11] += r->observed[i];
        sum_time[i % 11] += r->observed[i];
    }
    ck_assert_mem_eq(sum_energy, energy, sizeof energy);
    ck_assert_mem_eq(sum_time, time, sizeof time);
    ck_assert_uint_eq(r->n_background, 3);
    for (size_t b = 0; b < 3; b++) {
        double sum = 0;
        for (size_t i = 0; i < r->n_bin; i++)
            sum += r->background[b].counts[i];
        ck_close(sum, total[b], 0, 1e-10);
    }
    ck_assert_uint_eq(r->n_flux, 3);
    ck_assert(r->flux[0].flavour == SEVENS_NU_E && r->flux[1].flavour == SEVENS_NUBAR_MU &&
              r->flux[2].flavour == SEVENS_NU_MU);
    ck_assert_uint_eq(r->spread.n_entry, 99);
    for (size_t b = 0; b < 99; b++) {
        ck_assert(r->spread.first[b] == b && r->spread.channel[b] == b / 11);
        for (size_t k = 0; k < 3; k++)
            ck_assert(r->flux[k].weight[b] == shares[k][b % 11]);
    }
    for (size_t k = 0; k < 3; k++) /* 3.198e23 protons, 0.0848 per flavour, 19.3 m */
        ck_close(r->flux[k].fluence_per_cm2, 3.198e23 * 0.0848 / (4 * M_PI * 1930 * 1930), 0,
                 1e-14);
    ck_assert(r->mass_kg == 14.6 && r->baseline_m == 19.3 && r->spread_m == 0.5);
    ck_assert_uint_eq(r->n_target, 2);
    ck_assert_str_eq(r->target[1].nucleus->name, "I127");
    ck_assert(r->response.quenching_coefficient[3] == 840.384);
    ck_assert(r->response.efficiency_coefficient[2] == 10.8646);
    ck_assert(r->response.gamma_a_keVee == 0.0749 && r->response.gamma_b_per_keVee == 9.56);
    ck_assert(r->signal_sigma == 0.12 && r->background[2].sigma == 0.021);
    ck_assert(r->electron_recoils && !r->projection && r->n_option == 0);
    char hex[SEVENS_SHA256_HEX]; /* the sums of both tables stand in it */
    ck_assert_int_eq(sevens_sha256_file(COMMITTED "/release.yaml", hex, &error), SEVENS_OK);
    ck_assert_str_eq(r->sha256, hex);
    sevens_release_free(&r);
    ck_assert_ptr_null(r);
}
END_TEST

/* `variations` are shapes of the response. */
START_TEST(variations)
{
    static const char *const name[] = {"scintillation_0", "scintillation_1", "acceptance"};
    sevens_release *r;
    ck_assert_msg(sevens_release_load(&r, COMMITTED, NULL, 0, NULL, &error) == SEVENS_OK, "%s",
                  error.message);
    ck_assert_uint_eq(r->n_shape, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(r->shape[i].name, name[i]);
        ck_assert(r->shape[i].of == SEVENS_SHAPE_RESPONSE && !r->shape[i].one_sided);
    }
    const sevens_response_parameters *plus = &r->shape[0].plus, *minus = &r->shape[2].minus;
    ck_assert(plus->quenching_coefficient[1] == 3.51547 && plus->gamma_b_per_keVee == 9.56);
    ck_assert(plus->efficiency_coefficient[2] == 10.8646);
    ck_assert(minus->efficiency_coefficient[2] == 11.8832);
    ck_assert(minus->quenching_coefficient[1] == 4.30681);
    sevens_release_free(&r);
}
END_TEST

/* The place expected is the line of the change, unless another is given. */
static const struct {
    int file;
    int line;
    const char *from, *to, *message;
} damages[] = {
    {YAML, 0, "schema: 1", "schema: 2", "'schema' must be 1, not '2'"},
    {YAML, 0, "baseline_m", "baselin_m", "unknown key 'baselin_m'; did you mean 'baseline_m'?"},
    {YAML, 2, "\nflux:", "\nfluxes:", "the key 'flux' is missing"},
    {YAML, 0, "pot: 3.198e+23", "pot: .nan", "'pot' must be a finite number"},
    {YAML, 0, "pot: 3.198e+23", "pot: -3.198e+23", "'pot' must be from 1 to 1e+30"},
    {YAML, 0, "kind: pion-dar", "kind: pion-dif", "did you mean 'pion-dar'?"},
    {YAML, 0, "nucleus: Cs133", "nucleus: Cs132", "unknown nucleus 'Cs132'; did you mean 'Cs133'?"},
    {YAML, 0, "nucleus: I127", "nucleus: Cs133", "nucleus 'Cs133' comes twice"},
    {YAML, 0, "molar_mass_g_per_mol: 259", "molar_mass_g_per_mol: 129",
     "the nuclei have 259.81 g/mol together"},
    {YAML, 0, "unit: MeV", "unit: GeV", "'unit' must be one of MeV, keV, not 'GeV'"},
    {YAML, 0, "unit: keVee", "unit: keVnr", "'unit' must be one of keVee"},
    {YAML, 0, "unit: us", "unit: u s", "'unit' must be a short word, not 'u s'"},
    {YAML, -1, "unit: us", "unit: ns", "column 'time_lo[us]' should be 'time_lo[ns]'"},
    {YAML, 0, "name: energy", "name: e-nergy", "axis name 'e-nergy': letters, digits"},
    {YAML, 0, "unit: PE\n    coefficients", "unit: keV\n    coefficients",
     "'unit' must be that of the first axis, PE, not 'keV'"},
    {YAML, 0, ", 840.384]", ", 840.384, 1]", "must hold from 1 to 4 numbers, not 5"},
    {YAML, 0, ", 840.384]", ", 8e99]", "entry 3 must be within +-1e+15, not 8e+99"},
    {YAML, 0, "[0, 8, 12, 16,", "[0, 8, 16, 12,", "the energy edges must increase: 12 comes after"},
    {YAML, 0, "signal_sigma: 0.12", "signal_sigma: -1", "'signal_sigma' must be at least 0"},
    {YAML, 0, "signal_sigma: 0.12", "signal_sigma: 1e-9", "must be 0, from 1e-06 to 100, or .inf"},
    {YAML, 0, "sigma: 0.25", "sigma: 1e3", "'sigma' must be from 1e-06 to 100, or .inf"},
    {YAML, 0, "{name: nin,", "{name: brn,", "background 'brn' comes twice"},
    {YAML, 0, "{name: nin,", "{name: signal,", "background name 'signal' has another meaning"},
    {YAML, 0, "{name: nin,", "{name: n-n,", "background name 'n-n': letters, digits"},
    {YAML, 0, "file: counts.csv", "file: ../counts.csv",
     "must be the name of a file in the folder"},
    {YAML, 0, "file: counts.csv", "file: count.csv", "count.csv is missing or cannot be read"},
    {YAML, 0, "minus: [1.297, ", "minus: [", "must hold from 4 to 4 numbers, not 3"},
    {YAML, 0, "name: acceptance", "name: brn", "'brn' is the name of another nuisance"},
    {YAML, 0, "name: acceptance", "name: scintillation_0", "is the name of another nuisance"},
    {YAML, 0, "name: \"coherent-csi-2021\"", "name: \"../coherent\"", "'name' may hold letters"},
    {YAML, -1, "[0, 8, 12, 16,", "[0, 7, 12, 16,",
     "energy bin 0 to 8, but release.yaml has 0 to 7"},
    {YAML, -1, "edges: [0, 8, ", "edges: [0, ", "99 rows, but release.yaml has 88 bins"},
    {COUNTS, 0, "observed[1],brn[1]", "observed[1],bnr[1]",
     "column 'brn[1]' is missing; the nearest one there is 'bnr[1]'"},
    {COUNTS, 0, "time_lo[us]", "time_lo[ns]", "column 'time_lo[ns]' should be 'time_lo[us]'"},
    {COUNTS, 0, "8,12,0,0.125,4,", "8,12,0,0.125,-4,", "observed is negative: -4"},
    {COUNTS, 0, "8,12,0,0.125,4,0,", "8,12,0,0.125,4,-1e-9,", "brn is negative: -1e-09"},
    {COUNTS, 0, "8,12,0,0.125,4,", "8,12,0,0.125,nan,", "'nan' is not a finite number"},
    {COUNTS, 0, "8,12,0,0.125,4,", "8,12,0,0.125,", "the row has fewer columns, expected 8"},
    {COUNTS, 0, "8,12,0,0.125,4,", "8,13,0,0.125,4,", "energy bin 8 to 13, but release.yaml has 8"},
    {COUNTS, 0, "8,12,0,0.125,4,", "8,12,0,0.25,4,", "time bin 0 to 0.25, but release.yaml has 0"},
    {COUNTS, 102, "\n0,8,4,6,", "\n0,8,4,6,1,1,1,1\n0,8,4,6,", "100 rows, but release.yaml has 99"},
    {SHARES, 0, "nu_mu[1]", "nu_tau[1]", "column 'nu_mu[1]' is missing"},
    {SHARES, 0, "0.2792003", "0.9792003", "the shares of nu_e add up to"},
    {SHARES, 0, "0.2792003", "-0.2792003", "nu_e is negative: -0.2792"},
    {SHARES, 0, "\n4,6,", "\n4,5,", "time bin 4 to 5, but release.yaml has 4 to 6"},
};
enum { N_DAMAGE = sizeof damages / sizeof damages[0] };

START_TEST(damage)
{
    char place[400];
    int line = replace(damages[_i].file, damages[_i].from, damages[_i].to);
    line += *damages[_i].from == '\n';
    if (damages[_i].file != YAML)
        correct_sum(damages[_i].file);
    if (damages[_i].line != 0)
        line = damages[_i].line;
    if (line < 0) /* release.yaml was changed, and its table does not fit any more */
        snprintf(place, sizeof place, "%s/counts.csv:", folder);
    else
        snprintf(place, sizeof place, "%s/%s:%d:", folder, files[damages[_i].file], line);
    expect_refusal(place, damages[_i].message);
}
END_TEST

START_TEST(undamaged_copy)
{
    sevens_release *r;
    replace(COUNTS, "8,12,0,0.125,4,", "8,12,0,0.125,4.25,"); /* an Asimov data set */
    correct_sum(COUNTS);
    ck_assert_msg(sevens_release_load(&r, folder, NULL, 0, NULL, &error) == SEVENS_OK, "%s",
                  error.message);
    ck_assert(r->observed[11] == 4.25);
    sevens_release_free(&r);
}
END_TEST

START_TEST(checksum_mismatch)
{
    char place[400];
    replace(COUNTS, "8,12,0,0.125,4,", "8,12,0,0.125,5,");
    const int line = replace(YAML, "counts: {", "counts: {");
    snprintf(place, sizeof place, "%s/release.yaml:%d:38: ", folder, line);
    expect_refusal(place, "counts.csv has the sha256 ");
    ck_contains(error.message, "remake the folder: sevens ingest coherent-csi-2021 --from");
}
END_TEST

START_TEST(truncated)
{
    char path[320], place[400];
    file_path(path, COUNTS);
    char *text = test_read_file(path, NULL);
    char *last = strstr(text, "\n50,60,4,6,");
    ck_assert_ptr_nonnull(last);
    test_write_file(path, text, (size_t)(last - text) + 20); /* within the last row */
    correct_sum(COUNTS);
    snprintf(place, sizeof place, "%s:101: ", path);
    expect_refusal(place, "the file is truncated: its last line has no newline");
    test_write_file(path, text, (size_t)(last - text) + 1); /* without the last row */
    test_copy_folder(COMMITTED, folder);
    test_write_file(path, text, (size_t)(last - text) + 1);
    correct_sum(COUNTS);
    snprintf(place, sizeof place, "%s:100: ", path);
    expect_refusal(place, "98 rows, but release.yaml has 99 bins");
    free(text);
}
END_TEST

START_TEST(unknown_column)
{
    char path[320], place[400];
    file_path(path, SHARES);
    FILE *file = fopen(path, "w");
    fputs("time_lo[us],time_hi[us],nu_e[1],nubar_mu[1],nu_mu[1],nubar_e[1]\n", file);
    static const char *const edge[] = {"0",    "0.125", "0.25", "0.375", "0.5", "0.625",
                                       "0.75", "0.875", "1",    "2",     "4",   "6"};
    for (int i = 0; i < 11; i++)
        fprintf(file, "%s,%s,0,0,0,0\n", edge[i], edge[i + 1]);
    fclose(file);
    correct_sum(SHARES);
    snprintf(place, sizeof place, "%s:1: ", path);
    expect_refusal(place, "unknown column 'nubar_e[1]'; the nearest known one is 'nubar_mu[1]'");
}
END_TEST

START_TEST(too_many)
{
    char backgrounds[600] = "\nbackgrounds:\n", nuclei[600] = "  nuclei:\n", place[400];
    for (int i = 0; i <= SEVENS_RELEASE_MAX_BACKGROUNDS; i++)
        sprintf(backgrounds + strlen(backgrounds), "  - {name: b%d, sigma: 0.1}\n", i);
    int line = replace(YAML, "\nbackgrounds:\n", backgrounds) + 2;
    snprintf(place, sizeof place, "%s/release.yaml:%d:", folder, line);
    expect_refusal(place, "19 backgrounds; at most 15 can be used");
    test_copy_folder(COMMITTED, folder);
    for (int i = 0; i <= SEVENS_RELEASE_MAX_NUCLEI; i++)
        sprintf(nuclei + strlen(nuclei), "    - {nucleus: I127, count: 1}\n");
    line = replace(YAML, "  nuclei:\n", nuclei) + 1;
    snprintf(place, sizeof place, "%s/release.yaml:%d:", folder, line);
    expect_refusal(place, "must hold from 1 to 16 nuclei, not 19");
}
END_TEST

START_TEST(too_many_bins)
{
    char place[400];
    char *edges = malloc(40000);
    ck_assert_ptr_nonnull(edges);
    sprintf(edges, "%s", "edges: [0, 8, 12, 16, 20, 24, 32, 40, 50, 60");
    for (int i = 61; i < 1100; i++)
        sprintf(edges + strlen(edges), ", %d", i);
    replace(YAML, "edges: [0, 8, 12, 16, 20, 24, 32, 40, 50, 60", edges);
    sprintf(edges, "%s", "1, 2, 4, 6");
    for (int i = 7; i < 110; i++)
        sprintf(edges + strlen(edges), ", %d", i);
    replace(YAML, "1, 2, 4, 6", edges);
    const int line = replace(YAML, "bins:\n", "bins:\n") + 1;
    snprintf(place, sizeof place, "%s/release.yaml:%d:", folder, line);
    expect_refusal(place, "bins; at most 100000 can be used");
    free(edges);
}
END_TEST

START_TEST(several_faults_at_once)
{
    replace(YAML, "unit: MeV", "unit: GeV");
    replace(YAML, "mass_kg: 14.6", "mass_kg: heavy");
    expect_refusal("release.yaml:", "'mass_kg' must be a finite number, not 'heavy'");
    ck_contains(error.message, "'unit' must be one of MeV, keV, not 'GeV'");
}
END_TEST

START_TEST(find)
{
    char *found = NULL, **names = NULL, data[300], inner[330];
    size_t n = 0;
    ck_assert_int_eq(setenv("SEVENS_DATA", SEVENS_SOURCE_DIR, 1), 0);
    ck_assert_int_eq(sevens_release_find(&found, "coherent-csi-2021", &error), SEVENS_OK);
    ck_assert_str_eq(found, COMMITTED);
    free(found);
    ck_assert_int_eq(sevens_release_names(&names, &n, &error), SEVENS_OK);
    ck_assert_uint_ge(n, 1);
    for (size_t i = 1; i < n; i++)
        ck_assert_int_lt(strcmp(names[i - 1], names[i]), 0);
    sevens_release_names_free(&names, n);

    ck_assert_int_eq(sevens_release_find(&found, "coherent-csi-2020", &error), SEVENS_ERR_INPUT);
    ck_contains(error.message, "no release 'coherent-csi-2020'; did you mean "
                               "'coherent-csi-2021'? (looked in " SEVENS_SOURCE_DIR);
    static const char *const bad[] = {"", "..", "../coherent-csi-2021", "a/b", ".hidden", "a b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(sevens_release_find(&found, bad[i], &error), SEVENS_ERR_INPUT);
        ck_contains(error.message, "release name '");
        ck_assert_ptr_null(found);
    }

    /* a folder of releases of one's own comes first, and directly below SEVENS_DATA */
    snprintf(data, sizeof data, "%s/data", folder);
    snprintf(inner, sizeof inner, "%s/coherent-csi-2021", data);
    ck_assert(mkdir(data, 0777) == 0 && symlink(folder, inner) == 0);
    ck_assert_int_eq(setenv("SEVENS_DATA", data, 1), 0);
    ck_assert_int_eq(sevens_release_find(&found, "coherent-csi-2021", &error), SEVENS_OK);
    ck_assert_str_eq(found, inner);
    free(found);
    unlink(inner);
    rmdir(data);
}
END_TEST

START_TEST(find_flux)
{
    char *path = NULL, data[300], fluxes[330], place[400];
    snprintf(data, sizeof data, "%s/data", folder);
    snprintf(fluxes, sizeof fluxes, "%s/fluxes", data);
    ck_assert(mkdir(data, 0777) == 0 && mkdir(fluxes, 0777) == 0);
    ck_assert_int_eq(setenv("SEVENS_DATA", data, 1), 0);
    test_write_in(fluxes, "toy-reactor.csv", "x\n");
    ck_assert_int_eq(sevens_release_find_flux(&path, folder, "toy-reactor", &error), SEVENS_OK);
    snprintf(place, sizeof place, "%s/toy-reactor.csv", fluxes);
    ck_assert_str_eq(path, place);
    free(path);
    test_write_in(folder, "toy-reactor.csv", "x\n"); /* one's own comes first */
    ck_assert_int_eq(sevens_release_find_flux(&path, folder, "toy-reactor", &error), SEVENS_OK);
    snprintf(place, sizeof place, "%s/toy-reactor.csv", folder);
    ck_assert_str_eq(path, place);
    free(path);
    ck_assert_int_eq(sevens_release_find_flux(&path, folder, "toy-reactr", &error),
                     SEVENS_ERR_INPUT);
    ck_assert_ptr_null(path);
    ck_contains(error.message,
                "no table of spectra 'toy-reactr'; did you mean 'toy-reactor'? (looked in ");
    ck_contains(error.message, fluxes);
    ck_assert_int_eq(sevens_release_find_flux(&path, folder, "../toy", &error), SEVENS_ERR_INPUT);
    test_remove_folder(fluxes);
    test_remove_folder(data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("release");
    TCase *group = tcase_create("all");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, sha256);
    tcase_add_test(group, committed);
    tcase_add_test(group, variations);
    tcase_add_loop_test(group, damage, 0, N_DAMAGE);
    tcase_add_test(group, undamaged_copy);
    tcase_add_test(group, checksum_mismatch);
    tcase_add_test(group, truncated);
    tcase_add_test(group, unknown_column);
    tcase_add_test(group, too_many);
    tcase_add_test(group, too_many_bins);
    tcase_add_test(group, several_faults_at_once);
    tcase_add_test(group, find);
    tcase_add_test(group, find_flux);
    suite_add_tcase(suite, group);
    return test_run(suite);
}
