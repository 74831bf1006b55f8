/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Release folders for tests: small ones made by hand, and copies that are then changed. */
#ifndef SEVENS_TEST_RELEASE_SUPPORT_H
#define SEVENS_TEST_RELEASE_SUPPORT_H

#include "sevens/release.h"
#include "test_support.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

/* The whole file (owned by the caller), with a zero behind it. */
static inline char *test_read_file(const char *path, size_t *length)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL && fstat(fileno(file), &info) == 0, "%s", path);
    char *text = calloc(1, (size_t)info.st_size + 1);
    ck_assert_ptr_nonnull(text);
    const size_t n = fread(text, 1, (size_t)info.st_size, file);
    ck_assert_uint_eq(n, (size_t)info.st_size);
    fclose(file);
    if (length != NULL)
        *length = n;
    return text;
}

static inline void test_write_in(const char *folder, const char *name, const char *text)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    test_write_file(path, text, strlen(text));
}

/* Removes a folder and the files in it. */
static inline void test_remove_folder(const char *folder)
{
    char path[1000];
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        snprintf(path, sizeof path, "%.700s/%.255s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(path);
    }
    closedir(dir);
    rmdir(folder);
}

/* Copies the files of a folder into another. */
static inline void test_copy_folder(const char *from, const char *to)
{
    char path[1000];
    size_t length;
    struct stat info;
    DIR *dir = opendir(from);
    ck_assert_msg(dir != NULL, "%s", from);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        snprintf(path, sizeof path, "%.700s/%.255s", from, entry->d_name);
        if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
            continue;
        char *text = test_read_file(path, &length);
        snprintf(path, sizeof path, "%.700s/%.255s", to, entry->d_name);
        test_write_file(path, text, length);
        free(text);
    }
    closedir(dir);
}

/* `text` with the first `from` in it replaced; *line: where it stood. Owned by the caller. */
static inline char *test_replaced(const char *text, const char *from, const char *to, int *line)
{
    const char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "'%s' is not in\n%s", from, text);
    const size_t size = strlen(text) + strlen(to) + 1;
    char *changed = malloc(size);
    ck_assert_ptr_nonnull(changed);
    snprintf(changed, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    *line = 1;
    for (const char *p = text; p < at; p++)
        *line += *p == '\n';
    return changed;
}

/* Replaces the first `from` in FOLDER/FILE; returns its line. */
static inline int test_replace_in(const char *folder, const char *file, const char *from,
                                  const char *to)
{
    char path[1000];
    int line;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    char *text = test_read_file(path, NULL), *changed = test_replaced(text, from, to, &line);
    test_write_file(path, changed, strlen(changed));
    free(text);
    free(changed);
    return line;
}

#define TEST_RELEASE_HEAD                                                                          \
    "schema: 1\nname: own\ntitle: t\ncitation: c\nversion: \"1\"\nmade_by: by hand\nsources: []\n"

/* ---- a germanium counter at a reactor: options, tables of all sorts, gaussian likelihood ---- */

static const char test_reactor_yaml[] = TEST_RELEASE_HEAD
    "electron_recoils: true\n"
    "excludes: [other]\n"
    "options:\n"
    "  quenching:\n"
    "    doc: quenching factor\n"
    "    choices:\n"
    "      measured: {}\n"
    "      lindhard: {response: {quenching: {kind: lindhard, k: 0.16, file: ~}}, shapes: ~}\n"
    "      lower: {response: {quenching: {scale: 0.9}}, likelihood: {signal_sigma: 0.2}}\n"
    "  width:\n"
    "    doc: pull of the signal\n"
    "    choices:\n"
    "      narrow:\n"
    "      wide: {likelihood: {signal_sigma: 0.5}}\n"
    "flux:\n"
    "  kind: reactor\n"
    "  spectra: toy\n"
    "  fractions: {U235: 0.75, U238: 0.25}\n"
    "  normalisation: each\n"
    "  flux_per_cm2_s: 1e12\n"
    "  exposure_d: 2\n"
    "  baseline_m: 10\n"
    "target:\n"
    "  mass_kg: 3\n"
    "  molar_mass_g_per_mol: 71.9\n"
    "  nuclei: [{nucleus: Ge72, count: 1}]\n"
    "response:\n"
    "  quenching: {kind: table, file: qf.csv, minimum_keVee: 0.003}\n"
    "  smearing: {kind: gauss, sigma2: [0.004, 0.0003, 0], truncated: true}\n"
    "  efficiency: {kind: linear, file: efficiency.csv}\n"
    "bins:\n"
    "  - {name: energy, unit: keVee, min: 0.2, max: 0.6, n: 4}\n"
    "likelihood:\n"
    "  kind: gauss-background\n"
    "  signal_sigma: 0.02\n"
    "  shared: {reactor-flux: 0.015}\n"
    "  lines:\n"
    "    {l2_keV: 1.142, l2_ratio: 0.008, m_keV: 0.158, m_sigma_keV: 0.0685, ratio: 0.16,\n"
    "     ratio_sigma: 0.03, start: [10, 20, 0.2, 5, 1.297, 0.07, 0.16],\n"
    "     lo: [0, 0, 0.02, 0, 1.2, 0.01, 0], hi: [1e3, 1e4, 20, 1e3, 1.4, 0.2, 1]}\n"
    "backgrounds:\n"
    "  - {name: flat, sigma: .inf}\n"
    "tables:\n"
    "  counts: {file: counts.csv}\n"
    "shapes:\n"
    "  - {name: upper, of: response, plus: {quenching: {file: qf_upper.csv}}}\n"
    "  - {name: tilt, of: flat, file: tilt.csv}\n"
    "  - {name: leak, of: signal, file: leak.csv}\n";

static inline void test_reactor_release(const char *folder)
{
    test_write_in(folder, "release.yaml", test_reactor_yaml);
    test_write_in(folder, "toy.csv",
                  "energy[MeV],U235[1/MeV],U238[1/MeV],capture[1/MeV]\n"
                  "1,2,0,8\n2,2,4,0\n2,2,1,0\n3,2,0,0\n");
    test_write_in(folder, "qf.csv", "T[keVnr],qf[1]\n0,0.1\n1,0.2\n5,0.25\n");
    test_write_in(folder, "qf_upper.csv", "T[keVnr],qf[1]\n0,0.15\n1,0.25\n");
    test_write_in(folder, "efficiency.csv", "x[keVee],efficiency[1]\n0.1,0\n0.3,0.9\n1,1\n");
    test_write_in(folder, "counts.csv",
                  "# by hand\nenergy_lo[keVee],energy_hi[keVee],observed[1],sigma[1],flat[1]\n"
                  "0.2,0.3,5,1,2\n0.3,0.4,-1.5,1,2\n0.4,0.5,2,0.5,2\n0.5,0.6,2,0.5,2.5\n");
    test_write_in(folder, "tilt.csv",
                  "energy_lo[keVee],energy_hi[keVee],change[1]\n"
                  "0.2,0.3,-0.5\n0.3,0.4,-0.1\n0.4,0.5,0.1\n0.5,0.6,0.5\n");
    test_write_in(folder, "leak.csv",
                  "energy_lo[keVee],energy_hi[keVee],nubar_e[1]\n"
                  "0.2,0.3,-0.01\n0.3,0.4,0\n0.4,0.5,0\n0.5,0.6,0.01\n");
}

/* ---- two classes of a solar flux, recoil energies by nodes ---- */

static const char test_nodes_yaml[] =
    TEST_RELEASE_HEAD "flux:\n"
                      "  kind: spectrum\n"
                      "  spectra: sun\n"
                      "  exposure_d: 10\n"
                      "  baseline_m: 1.496e11\n"
                      "  classes:\n"
                      "    - {flavour: nu_e, column: b8, lines: [{energy_MeV: 1.5, share: 0.25}], "
                      "flux_per_cm2_s: 4}\n"
                      "    - {flavour: nu_mu, column: b8, flux_per_cm2_s: 2}\n"
                      "    - {flavour: nu_e, lines: [{energy_MeV: 0.38, share: 0.1}, {energy_MeV: "
                      "0.86, share: 0.9}],\n"
                      "       fluence_per_cm2: 7}\n"
                      "target:\n"
                      "  mass_kg: 1000\n"
                      "  molar_mass_g_per_mol: 131.3\n"
                      "  nuclei: [{nucleus: Xe132, count: 1}]\n"
                      "response: {nodes_keVnr: [0.5, 1, 2]}\n"
                      "bins:\n"
                      "  - {name: s2, unit: PE, edges: [100, 200, 400]}\n"
                      "  - {name: run, unit: \"1\", edges: [0, 1, 2]}\n"
                      "likelihood: {kind: poisson, signal_sigma: .inf}\n"
                      "backgrounds: [{name: ac, sigma: 0.05}]\n"
                      "tables:\n"
                      "  counts: {file: counts.csv}\n"
                      "  yields: {file: yields.csv}\n";

static inline void test_nodes_release(const char *folder)
{
    test_write_in(folder, "release.yaml", test_nodes_yaml);
    test_write_in(folder, "sun.csv", "energy[MeV],b8[1/MeV],hep[1/MeV]\n1,0,1\n2,6,1\n3,0,1\n");
    test_write_in(folder, "counts.csv",
                  "s2_lo[PE],s2_hi[PE],run_lo[1],run_hi[1],observed[1],ac[1]\n"
                  "100,200,0,1,3,2.5\n100,200,1,2,0,2.5\n200,400,0,1,1,0.5\n200,400,1,2,2,0.5\n");
    test_write_in(folder, "yields.csv",
                  "s2_lo[PE],s2_hi[PE],run_lo[1],run_hi[1],node_0[1],node_1[1],node_2[1]\n"
                  "100,200,0,1,0.01,0.02,0\n100,200,1,2,0,0.1,0\n"
                  "200,400,0,1,0,0,0\n200,400,1,2,0,0.05,0.3\n");
}

/* ---- a counter with timing at a spallation source, beam on and off ---- */

static const char test_timed_yaml[] = TEST_RELEASE_HEAD
    "flux: {kind: pion-dar, pot: 1e23, neutrinos_per_proton: 0.08, baseline_m: 20}\n"
    "target:\n"
    "  mass_kg: 10\n"
    "  molar_mass_g_per_mol: 39.96\n"
    "  nuclei: [{nucleus: Ar40, count: 1}]\n"
    "response:\n"
    "  quenching: {kind: polynomial, unit: keV, coefficients: [0.25, 0.0007], light_yield: 4.5}\n"
    "  smearing: {kind: poisson}\n"
    "  efficiency: {kind: steps, file: steps.csv}\n"
    "bins:\n"
    "  - {name: energy, unit: PE, min: 1, max: 4, n: 2, spacing: log}\n"
    "  - {name: psd, unit: \"1\", edges: [0.5, 1]}\n"
    "  - {name: time, unit: us, edges: [0, 1, 5]}\n"
    "likelihood:\n"
    "  kind: poisson-on-off\n"
    "  signal_sigma: 0\n"
    "  on_off: {background: continuous, norm: per-bin}\n"
    "backgrounds: [{name: brn, sigma: 0.3}]\n"
    "tables:\n"
    "  counts: {file: counts.csv}\n"
    "  spread: {file: spread.csv}\n";

static inline void test_timed_release(const char *folder)
{
    static const char *const bins[] = {"1,2,0.5,1,0,1", "1,2,0.5,1,1,5", "2,4,0.5,1,0,1",
                                       "2,4,0.5,1,1,5"};
    static const char edges[] =
        "energy_lo[PE],energy_hi[PE],psd_lo[1],psd_hi[1],time_lo[us],time_hi[us]";
    char counts[600], spread[600];
    snprintf(counts, sizeof counts, "%s,observed[1],off[1],brn[1]\n", edges);
    snprintf(spread, sizeof spread, "%s,nu_e[1],nubar_mu[1],nu_mu[1]\n", edges);
    for (int b = 0; b < 4; b++) {
        sprintf(counts + strlen(counts), "%s,%d,%d,0.%d\n", bins[b], 5 + b, 3 + b, b);
        sprintf(spread + strlen(spread), "%s,0.%d,0.3,0.%d\n", bins[b], 1 + b, 5 - b);
    }
    test_write_in(folder, "release.yaml", test_timed_yaml);
    test_write_in(folder, "counts.csv", counts);
    test_write_in(folder, "spread.csv", spread);
    test_write_in(folder, "steps.csv",
                  "x_lo[PE],x_hi[PE],efficiency[1]\n0,1.5,0.2\n1.5,3,0.6\n3,10,0.5\n");
}

/* ---- a projection, in one file ---- */

static const char test_projection_yaml[] = TEST_RELEASE_HEAD
    "projection: true\n"
    "flux:\n"
    "  kind: spectrum\n"
    "  exposure_d: 365\n"
    "  baseline_m: 0.3\n"
    "  classes:\n"
    "    - {flavour: nu_e, lines: [{energy_MeV: 0.7513, share: 1}], flux_per_cm2_s: 1e12}\n"
    "target:\n"
    "  mass_kg: 2\n"
    "  molar_mass_g_per_mol: 71.9\n"
    "  nuclei: [{nucleus: Ge72, count: 1}]\n"
    "response:\n"
    "  quenching: {kind: lindhard, k: 0.157}\n"
    "  smearing: {kind: none}\n"
    "  efficiency: {kind: one}\n"
    "bins:\n"
    "  - {name: energy, unit: keVnr, min: 0.01, max: 1, n: 2, spacing: log}\n"
    "likelihood: {kind: poisson, signal_sigma: 0.05}\n"
    "backgrounds: [{name: flat, sigma: 0.1, per_kg_d_keV: 5}]\n";

#endif
