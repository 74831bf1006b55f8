/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Analytic limits of the shared physics, and agreement with the independent reference. */
#include "reference/reference.h"
#include "sevens/hd/couplings.h"
#include "sevens/hd/form_factor.h"
#include "sevens/hd/kinematics.h"
#include "sevens/hd/pion_dar.h"
#include "sevens/hd/xsec.h"
#include "sevens/nucleus.h"
#include "test_support.h"
#include <gsl/gsl_errno.h>

START_TEST(kinematics)
{
    const double E = 23.85, M = 1.187e5;
    double T = sevens_t_max(E, M);

    ck_close(sevens_e_min(T, M), E, 0.0, 1e-13); /* E_min is the inverse of T_max */
    ck_close(sevens_e_min_massive(T, M, 0.0), E, 0.0, 1e-13);
}
END_TEST

/* k of the vector current at fixed E: 1 without recoil, 0 at T_max for spin 0, positive there for
 * spin 1/2; the prefactor is G_F^2 M/pi. */
START_TEST(vector_factor)
{
    const double E = 23.85, M = 1.187e5, power[3] = {1.0, 1.0 / E, 1.0 / (E * E)};
    const double unit = SEVENS_G_FERMI * SEVENS_G_FERMI * M / SEVENS_PI;
    double a[3];
    sevens_recoil none = {.T = 0.0, .M = M, .order = 0};
    sevens_recoil most = {.T = sevens_t_max(E, M), .M = M, .order = 1};

    sevens_dsigma_terms(SEVENS_PRODUCT_VECTOR, &none, a);
    ck_close(sevens_dsigma_fold(SEVENS_PRODUCT_VECTOR, a, power), unit, 0.0, 1e-15);
    sevens_dsigma_terms(SEVENS_PRODUCT_VECTOR, &most, a);
    ck_close(sevens_dsigma_fold(SEVENS_PRODUCT_VECTOR, a, power) / unit, 0.0, 1e-12, 0.0);
    most.order = 2;
    sevens_dsigma_terms(SEVENS_PRODUCT_VECTOR, &most, a);
    ck_assert(sevens_dsigma_fold(SEVENS_PRODUCT_VECTOR, a, power) > 0.0);
}
END_TEST

/* Both recoils at which an energy just makes a heavy lepton, also where the lower one is tiny. */
START_TEST(heavy_lepton_recoils)
{
    static const double mass[] = {1e-3, 0.1, 3.0, 29.0, 51.9};
    const double E = 52.0, M = 1.187e5;
    double lo, hi;

    for (size_t i = 0; i < sizeof mass / sizeof mass[0]; i++) {
        ck_assert(sevens_t_range_massive(E, M, mass[i], &lo, &hi));
        ck_assert(lo < hi);
        ck_close(sevens_e_min_massive(lo, M, mass[i]), E, 0.0, 1e-12);
        ck_close(sevens_e_min_massive(hi, M, mass[i]), E, 0.0, 1e-12);
    }
    ck_assert(!sevens_t_range_massive(E, M, 52.1, &lo, &hi));
    ck_assert(sevens_t_range_massive(E, M, 0.0, &lo, &hi));
    ck_close(lo, 0.0, 0.0, 0.0);
    ck_close(hi, sevens_t_max(E, M), 0.0, 1e-14);
}
END_TEST

START_TEST(form_factors)
{
    const double R = 4.821, q = 37.9;

    ck_close(sevens_form_factor_helm(0.0, R), 1.0, 0.0, 1e-15);
    ck_close(sevens_form_factor_fermi(0.0, R), 1.0, 0.0, 1e-15);
    ck_close(sevens_form_factor_klein_nystrand(0.0, 133), 1.0, 0.0, 1e-15);
    ck_close(sevens_form_factor_helm(q, R), ref_form_factor(REF_HELM, q, R, 133), 0.0, 1e-12);
    ck_close(sevens_form_factor_fermi(q, R), ref_form_factor(REF_FERMI, q, R, 133), 0.0, 1e-12);
    ck_close(sevens_form_factor_klein_nystrand(q, 133),
             ref_form_factor(REF_KLEIN_NYSTRAND, q, R, 133), 0.0, 1e-12);
}
END_TEST

/* The slope at q = 0 is -R^2/6, and the switch to the series leaves no step. */
START_TEST(form_factor_series)
{
    const double R = 5.09;

    for (double q = 0.01; q < 4.0; q *= 1.37) {
        double k = q / SEVENS_HBARC_MEV_FM, expected = 1.0 - k * k * R * R / 6.0;

        ck_close(sevens_form_factor_helm(q, R), expected, 0.1 * pow(k * R, 4), 0.0);
        ck_close(sevens_form_factor_fermi(q, R), expected, 0.1 * pow(k * R, 4), 0.0);
        /* 3 (sin x/x - cos x)/x^2 cancels to 3 eps/x^2 = 3e-13 just above x = 0.05 */
        ck_close(sevens_form_factor_helm(q, R), ref_form_factor(REF_HELM, q, R, 133), 0.0, 4e-13);
    }
}
END_TEST

START_TEST(pion_dar_moments)
{
    double K[3];

    sevens_dar_moments_nu_e(0.0, K);
    ck_close(K[0], 1.0, 0.0, 1e-14);
    sevens_dar_moments_nubar_mu(0.0, K);
    ck_close(K[0], 1.0, 0.0, 1e-14);
    sevens_dar_moments_nu_mu(0.0, K);
    ck_close(1.0 / K[1], 29.792141, 0.0, 1e-7);
    for (double e = 1.3; e < 53.0; e += 4.87) {
        sevens_dar_moments_nu_e(e, K);
        for (int n = 0; n < 3; n++)
            ck_close(K[n], ref_moment(REF_NU_E, n, e), 1e-15, 1e-9);
        sevens_dar_moments_nubar_mu(e, K);
        for (int n = 0; n < 3; n++)
            ck_close(K[n], ref_moment(REF_NUBAR_MU, n, e), 1e-15, 1e-9);
    }
}
END_TEST

START_TEST(couplings)
{
    const double s2 = 0.23857;

    ck_close(sevens_gvp_tree(s2), 0.02286, 0.0, 1e-12);
    ck_close(sevens_gvp_radiative(0, s2), 0.0382, 0.0, 1e-14);
    ck_close(sevens_gvp_radiative(1, s2), 0.0300, 0.0, 1e-14);
    ck_close(sevens_gvp_radiative(2, s2), 0.0256, 0.0, 1e-14);
    /* a heavy mediator is a contact interaction 1/(sqrt2 G_F M^2) */
    ck_close(sevens_mediator_amplitude(2500.0, 1e6), 1.0 / (SEVENS_SQRT2 * SEVENS_G_FERMI * 1e12),
             0.0, 3e-9);
}
END_TEST

START_TEST(nuclei)
{
    const sevens_nucleus *cs = sevens_nucleus_find("Cs133");
    char suggestion[SEVENS_SUGGESTION];

    ck_assert_ptr_nonnull(cs);
    ck_close(sevens_nucleus_mass_MeV(cs), 132.905451958 * 931.49410242 - 55 * 0.51099895, 0.0,
             1e-15);
    ck_assert_ptr_null(sevens_nucleus_find("Cs134"));
    ck_assert_str_eq(sevens_nucleus_suggest("Cs13", suggestion), "did you mean 'Cs133'?");
    /* R_p from the charge radius, as in docs/physics.md eq. 3 */
    ck_close(cs->R_p_fm, sqrt(4.8041 * 4.8041 + 78.0 / 55.0 * 0.1161), 1e-3, 0.0);
    ck_close(sevens_nucleus_radius_lewin_smith_fm(133), 4.83, 0.05, 0.0);
    for (size_t i = 0; sevens_nucleus_at(i); i++) {
        const sevens_nucleus *n = sevens_nucleus_at(i);

        ck_close(n->atomic_mass_u, n->Z + n->N, 0.0, 2e-3); /* mass number, to the binding */
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("physics");
    TCase *tc = tcase_create("physics");

    gsl_set_error_handler_off();
    tcase_add_test(tc, kinematics);
    tcase_add_test(tc, vector_factor);
    tcase_add_test(tc, heavy_lepton_recoils);
    tcase_add_test(tc, form_factors);
    tcase_add_test(tc, form_factor_series);
    tcase_add_test(tc, pion_dar_moments);
    tcase_add_test(tc, couplings);
    tcase_add_test(tc, nuclei);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
