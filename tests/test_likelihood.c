/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference likelihood: how it is made from releases, and its derivatives. Its minima are in
 * test_likelihood_minima.c, on-off parts in test_likelihood_on_off.c, the published releases in
 * test_likelihood_data.c. */
#include "test_likelihood_support.h"

/* ---- making one ---- */

START_TEST(a_release_becomes_a_part)
{
    uint64_t seed = 1;
    made poisson, germanium;
    sevens_likelihood l = {0};
    const char *const names[] = {"signal",     "brn",       "ss",   "gain",      "drift",
                                 "signal",     "n0",        "a",    "slope_keV", "height",
                                 "centre_keV", "width_keV", "ratio"};

    make_release(&poisson, SEVENS_LIKELIHOOD_POISSON, 12, &seed);
    make_release(&germanium, SEVENS_LIKELIHOOD_GAUSS_BACKGROUND, 20, &seed);
    germanium.release.signal_sigma = 0.0;
    add(&l, &poisson, true);
    add(&l, &germanium, false);
    set_pulls(&l);
    ck_assert_uint_eq(l.n_part, 2);
    ck_assert_uint_eq(l.n_nuisance, 13);
    for (size_t i = 0; i < l.n_nuisance; i++)
        ck_assert_str_eq(l.nuisance[i].name, names[i]);
    ck_assert_uint_eq(l.part[0].n_component, 5);
    ck_assert_uint_eq(l.part[0].n_variant, 2);
    ck_assert_uint_eq(l.part[0].component[3].variant, 1); /* the change of the signal */
    ck_assert_uint_eq(l.part[0].component[3].norm, 0);
    ck_assert_uint_eq(l.part[0].component[3].shape, 3);
    ck_assert_uint_eq(l.part[0].component[4].norm, 1); /* brn's */
    ck_assert_uint_eq(l.part[0].component[4].shape, 4);
    ck_assert(l.part[0].component[4].counts[3] == poisson.change[3]);
    ck_assert_uint_eq(sevens_likelihood_signal_size(&l), 2 * 12 + 20);
    ck_assert_uint_eq(sevens_likelihood_signal_offset(&l, 1), 24);
    ck_assert_uint_eq(sevens_likelihood_part_offset(&l, 1), 72);
    ck_assert_uint_eq(sevens_likelihood_row_size(&l), 132);
    ck_assert_uint_eq(sevens_likelihood_n_bin(&l), 32);
    ck_assert_uint_eq(l.part[1].first_line, 6);
    ck_close(l.part[1].energy[0], 0.2 + 0.5 * 1.3 / 20.0, 0.0, 1e-14);
    ck_assert(l.nuisance[5].fixed && isinf(l.nuisance[5].sigma)); /* sigma 0: fixed */
    ck_close(l.weight[12][12], 1.0 / (0.03 * 0.03), 0.0, 1e-14);
    ck_assert(l.weight[6][6] == 0.0);
    ck_assert(!sevens_likelihood_is_plain(&l) && !sevens_likelihood_is_on_off(&l));
    ck_close(sevens_nuisance_pull(&l.nuisance[3], 0.7), 0.7, 0.0, 0.0);
    ck_close(sevens_nuisance_pull(&l.nuisance[5], 1.5), 0.5, 0.0, 0.0);
    sevens_likelihood_free(&l);
    add(&l, &poisson, false);
    ck_assert(sevens_likelihood_is_plain(&l));
    sevens_likelihood_free(&l);
    add(&l, &poisson, true);
    ck_assert(!sevens_likelihood_is_plain(&l));
    sevens_likelihood_free(&l);
}
END_TEST

/* What set_pulls says after a change of likelihood of two parts that share. */
static void refused(void (*change)(sevens_likelihood *), const char *message)
{
    uint64_t seed = 5;
    made first, second;
    sevens_likelihood l = {0};
    sevens_error err = {0};

    make_release(&first, SEVENS_LIKELIHOOD_POISSON, 5, &seed);
    make_release(&second, SEVENS_LIKELIHOOD_GAUSS, 5, &seed);
    add(&l, &first, true);
    add(&l, &second, true);
    l.n_shared = 1;
    l.shared[0] = (sevens_shared_nuisance){.name = strdup("sns-flux"),
                                           .sigma = 0.04,
                                           .n = 2,
                                           .nuisance = {0, l.part[1].first_nuisance}};
    ck_assert_int_eq(sevens_likelihood_set_pulls(&l, &err), SEVENS_OK);
    change(&l);
    ck_assert_int_eq(sevens_likelihood_set_pulls(&l, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, message);
    sevens_likelihood_free(&l);
}

static void free_shape(sevens_likelihood *l)
{
    l->nuisance[3].sigma = INFINITY;
}

static void no_width(sevens_likelihood *l)
{
    l->nuisance[1].sigma = 0.0;
}

static void fix_shared(sevens_likelihood *l)
{
    l->nuisance[0].fixed = true;
}

static void free_shared(sevens_likelihood *l)
{
    l->nuisance[0].sigma = INFINITY;
}

static void narrow_shared(sevens_likelihood *l)
{
    l->nuisance[0].sigma = 0.04;
}

static void shape_shared(sevens_likelihood *l)
{
    l->shared[0].nuisance[0] = 3;
}

static void marginal_shared(sevens_likelihood *l)
{
    l->nuisance[0].kind = SEVENS_NUISANCE_MARGINAL;
}

static void no_shared_width(sevens_likelihood *l)
{
    l->shared[0].sigma = INFINITY;
}

START_TEST(bad_widths_are_refused)
{
    refused(free_shape, "nuisance 'gain': a change of a template cannot be free");
    refused(no_width, "nuisance 'brn': sigma must be above 0");
    refused(fix_shared, "'signal' of experiment 1 is fixed");
    refused(free_shared, "is free");
    refused(narrow_shared, "its sigma 0.04 must exceed what it shares");
    refused(shape_shared, "is not a norm");
    refused(marginal_shared, "is integrated over");
    refused(no_shared_width, "shared nuisance 'sns-flux': sigma must be");
}
END_TEST

START_TEST(bad_releases_are_refused)
{
    uint64_t seed = 6;
    bool active[SEVENS_RELEASE_MAX_SHAPES] = {true};
    made m;
    sevens_likelihood l = {0};
    sevens_error err = {0};

    make_release(&m, SEVENS_LIKELIHOOD_POISSON_ON_OFF, 5, &seed);
    ck_assert_int_eq(sevens_likelihood_add(&l, &m.release, active, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, "shape nuisance 'gain'");
    m.off[2] = 1.5;
    ck_assert_int_eq(sevens_likelihood_add(&l, &m.release, NULL, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, "bin 2: counts with and without beam must be whole numbers");
    m.release.observed = NULL;
    ck_assert_int_eq(sevens_likelihood_add(&l, &m.release, NULL, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, "cannot be projected");
    sevens_likelihood_free(&l);
    make_release(&m, SEVENS_LIKELIHOOD_GAUSS_BACKGROUND, 5, &seed);
    for (int i = 0; i < 6; i++)
        add(&l, &m, false);
    ck_assert_int_eq(sevens_likelihood_add(&l, &m.release, NULL, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, "at most 48 nuisances");
    sevens_likelihood_free(&l);
}
END_TEST

/* ---- derivatives ---- */

START_TEST(derivatives_are_those_of_chi2)
{
    uint64_t seed = 17;

    for (int round = 0; round < 10; round++) {
        made m[3];
        sevens_likelihood l;
        double signal[3 * 2 * MAX_BIN], value[SEVENS_MAX_NUISANCES];
        sevens_derivatives at, up, down;

        make_joint(&l, m, signal, &seed);
        for (size_t i = 0; i < l.n_nuisance; i++) {
            value[i] = l.nuisance[i].start * (0.9 + 0.2 * uniform(&seed));
            if (l.nuisance[i].kind == SEVENS_NUISANCE_SHAPE)
                value[i] = 0.6 * normal(&seed);
        }
        sevens_reference_derivatives(&l, signal, value, &at);
        for (size_t i = 0; i < l.n_nuisance; i++) {
            double h = 1e-5 * fmax(fabs(value[i]), 0.1), keep = value[i], f[2];

            value[i] = keep + h;
            f[0] = 0.5 * sevens_likelihood_chi2(&l, signal, value);
            sevens_reference_derivatives(&l, signal, value, &up);
            value[i] = keep - h;
            f[1] = 0.5 * sevens_likelihood_chi2(&l, signal, value);
            sevens_reference_derivatives(&l, signal, value, &down);
            value[i] = keep;
            ck_close(at.gradient[i], (f[0] - f[1]) / (2.0 * h), 1e-9 * f[0] / h, 1e-7);
            for (size_t j = 0; j < l.n_nuisance; j++) {
                double H = (up.gradient[j] - down.gradient[j]) / (2.0 * h);
                double size = sqrt(at.curvature[i] * at.curvature[j]);

                ck_close(at.hessian[i][j], H, 1e-7 * size, 1e-7);
                ck_assert(at.hessian[i][j] == at.hessian[j][i]);
            }
        }
        sevens_likelihood_free(&l);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("likelihood");
    TCase *making = tcase_create("making");

    tcase_add_test(making, a_release_becomes_a_part);
    tcase_add_test(making, bad_widths_are_refused);
    tcase_add_test(making, bad_releases_are_refused);
    tcase_add_test(making, derivatives_are_those_of_chi2);
    suite_add_tcase(suite, making);
    return test_run(suite);
}
