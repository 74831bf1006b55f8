/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every model kind on nuclei against the independent reference: counts, cross sections, rows. */
#include "test_models.h"
#include <gsl/gsl_errno.h>

static ref_csi2021 *detector; /* made before the tests run */

static void make_detector(void)
{
    detector = ref_csi2021_create(ref_csi2021_pe_edges, REF_CSI2021_N_PE);
    ck_assert_ptr_nonnull(detector);
}

static void free_detector(void)
{
    ref_csi2021_destroy(detector);
}

static void reference_counts(const model_draw *d, const ref_model *model, ref_flavour flavour,
                             double counts[REF_CSI2021_N_PE])
{
    ref_csi2021_energy_counts(detector, model, &d->cs, &d->iodine, flavour, counts);
}

START_TEST(counts)
{
    model_compare_counts(&model_cases[_i], SEVENS_CEVNS, NULL, reference_counts);
}
END_TEST

static const char *const targets[] = {"Cs133", "I127", "Ar40",  "Ge73",  "Ge76", "Na23",
                                      "Si28",  "Si29", "Xe124", "Xe131", "Xe136"};
static const char *const reference_targets[] = {"133Cs", "127I", "40Ar",  "73Ge",  "76Ge", "23Na",
                                                "28Si",  "29Si", "124Xe", "131Xe", "136Xe"};

static double reference_xsec(const model_draw *d, const ref_model *model, int target,
                             ref_flavour flavour, double E, double T)
{
    ref_nucleus nucleus = target == 0   ? d->cs
                          : target == 1 ? d->iodine
                                        : ref_nucleus_named(reference_targets[target]);

    return ref_xsec_cevns(model, &nucleus, flavour, E, T) +
           ref_xsec_dipole(model, &nucleus, flavour, E, T);
}

START_TEST(cross_sections)
{
    model_compare_xsec(&model_cases[_i], SEVENS_CEVNS, NULL, targets,
                       (int)(sizeof targets / sizeof targets[0]), reference_xsec);
}
END_TEST

START_TEST(rows)
{
    model_check_rows(&model_cases[_i], SEVENS_CEVNS, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("models on nuclei");
    TCase *tc = tcase_create("models on nuclei");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 120);
    tcase_add_unchecked_fixture(tc, make_detector, free_detector);
    tcase_add_loop_test(tc, counts, 0, N_MODEL_CASES);
    tcase_add_loop_test(tc, cross_sections, 0, N_MODEL_CASES);
    tcase_add_loop_test(tc, rows, 0, N_MODEL_CASES);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
