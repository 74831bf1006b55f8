/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every model kind on electrons against the independent reference: counts, cross sections, rows. */
#include "test_models.h"
#include <gsl/gsl_errno.h>

static ref_csi2021_es *detector; /* made before the tests run */

static void make_detector(void)
{
    detector = ref_csi2021_es_create(ref_csi2021_pe_edges, REF_CSI2021_N_PE);
    ck_assert_ptr_nonnull(detector);
}

static void free_detector(void)
{
    ref_csi2021_es_destroy(detector);
}

static ref_atom atom_of(const model_draw *d, int Z)
{
    ref_atom atom = ref_atom_of(Z);

    atom.photoelectric = d->photoelectric.n > 0 ? &d->photoelectric : NULL;
    return atom;
}

static void reference_counts(const model_draw *d, const ref_model *model, ref_flavour flavour,
                             double counts[REF_CSI2021_N_PE])
{
    ref_atom cs = atom_of(d, 55), iodine = atom_of(d, 53);

    ref_csi2021_es_energy_counts(detector, model, &cs, &iodine, flavour, counts);
}

START_TEST(counts)
{
    model_compare_counts(&model_cases[_i], SEVENS_ES, NULL, reference_counts);
}
END_TEST

static const char *const targets[] = {"Cs133", "I127", "Ar40", "Ge74", "Na23", "Si28", "Xe132"};
static const int target_Z[] = {55, 53, 18, 32, 11, 14, 54};

static double reference_xsec(const model_draw *d, const ref_model *model, int target,
                             ref_flavour flavour, double E, double T)
{
    ref_atom atom = atom_of(d, target_Z[target]);

    return ref_xsec_es(model, &atom, flavour, E, T);
}

START_TEST(cross_sections)
{
    model_compare_xsec(&model_cases[_i], SEVENS_ES, NULL, targets,
                       (int)(sizeof targets / sizeof targets[0]), reference_xsec);
}
END_TEST

START_TEST(rows)
{
    model_check_rows(&model_cases[_i], SEVENS_ES, NULL);
}
END_TEST

/* Photoelectric cross section: two edges, energies beyond which there is none. */
static const double photon_keV[] = {0.31, 0.9, 1.1, 1.1003, 2.3, 5.2, 5.2002, 9.7, 31.0};
static const double photon_cm2[] = {3.7e-18, 6.1e-19, 3.9e-19, 7.7e-19, 1.3e-19,
                                    1.9e-20, 5.1e-20, 9.3e-21, 2.2e-22};
enum { N_PHOTON = sizeof photon_keV / sizeof photon_keV[0] };

/* Equivalent photons, from a table of the scan file. */
static void photon_case(void (*check)(const model_case *c, const ref_table *table))
{
    static const ref_table table = {N_PHOTON, photon_keV, photon_cm2};
    char folder[256], path[300], text[1024] = "E[keV],sigma[cm^2]\n", model[4096];
    model_case c = {.name = "millicharge epa", .draw = draw_millicharge, .points = 1};

    test_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/photons.csv", folder);
    for (int i = 0; i < N_PHOTON; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%.17g,%.17g\n", photon_keV[i],
                 photon_cm2[i]);
    test_write_file(path, text, strlen(text));
    snprintf(model, sizeof model,
             "{kind: millicharge, es_millicharge: epa, photoelectric: {Cs: %s, I: %s, Ar: %s, Ge: "
             "%s, Na: %s, Si: %s, Xe: %s}}",
             path, path, path, path, path, path, path);
    c.model = model;
    check(&c, &table);
    ck_assert_int_eq(remove(path), 0);
    ck_assert_int_eq(remove(folder), 0);
}

static void photon_counts(const model_case *c, const ref_table *table)
{
    model_compare_counts(c, SEVENS_ES, table, reference_counts);
}

static void photon_xsec(const model_case *c, const ref_table *table)
{
    model_compare_xsec(c, SEVENS_ES, table, targets, (int)(sizeof targets / sizeof targets[0]),
                       reference_xsec);
}

static void photon_rows(const model_case *c, const ref_table *table)
{
    model_check_rows(c, SEVENS_ES, table);
}

START_TEST(equivalent_photons)
{
    photon_case(photon_xsec);
    photon_case(photon_rows);
    photon_case(photon_counts);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("models on electrons");
    TCase *tc = tcase_create("models on electrons");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 120);
    tcase_add_unchecked_fixture(tc, make_detector, free_detector);
    tcase_add_loop_test(tc, counts, 0, N_MODEL_CASES);
    tcase_add_loop_test(tc, cross_sections, 0, N_MODEL_CASES);
    tcase_add_loop_test(tc, rows, 0, N_MODEL_CASES);
    tcase_add_test(tc, equivalent_photons);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
