/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Minima of the reference likelihood against other ways to find them. */
#include "test_likelihood_support.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>

/* ---- a simplex ---- */

typedef struct target {
    const sevens_likelihood *l;
    const double *signal;
    size_t n, free[SEVENS_MAX_NUISANCES];
    double scale[SEVENS_MAX_NUISANCES], value[SEVENS_MAX_NUISANCES];
} target;

/* chi2 with bounds as walls that reflect. */
static double reflected(const gsl_vector *x, void *data)
{
    target *t = data;
    double chi2;

    for (size_t i = 0; i < t->n; i++) {
        const sevens_nuisance *nuisance = &t->l->nuisance[t->free[i]];
        double v = gsl_vector_get(x, i) * t->scale[i];

        if (v < nuisance->lo)
            v = 2.0 * nuisance->lo - v;
        if (v > nuisance->hi)
            v = fmax(nuisance->lo, 2.0 * nuisance->hi - v);
        t->value[t->free[i]] = v;
    }
    chi2 = sevens_likelihood_chi2(t->l, t->signal, t->value);
    return isfinite(chi2) ? chi2 : 1e300;
}

/* Nelder and Mead, begun again where it ends until that gains nothing. */
static double simplex(target *t, const double *from)
{
    gsl_vector *x = gsl_vector_alloc(t->n), *step = gsl_vector_alloc(t->n);
    gsl_multimin_function f = {reflected, t->n, t};
    gsl_multimin_fminimizer *s =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, t->n);
    double best = INFINITY, last;

    for (size_t i = 0; i < t->n; i++) {
        t->scale[i] = fmax(0.1, fabs(from[t->free[i]]));
        gsl_vector_set(x, i, from[t->free[i]] / t->scale[i]);
    }
    do {
        last = best;
        gsl_vector_set_all(step, 0.1);
        gsl_multimin_fminimizer_set(s, &f, x, step);
        for (int i = 0; i < 20000 && gsl_multimin_fminimizer_size(s) > 1e-9; i++)
            gsl_multimin_fminimizer_iterate(s);
        best = s->fval;
        gsl_vector_memcpy(x, s->x);
    } while (last - best > 1e-9 + 1e-12 * best);
    gsl_multimin_fminimizer_free(s);
    gsl_vector_free(x);
    gsl_vector_free(step);
    return best;
}

static target make_target(const sevens_likelihood *l, const double *signal)
{
    target t = {.l = l, .signal = signal};

    for (size_t i = 0; i < l->n_nuisance; i++) {
        t.value[i] = l->nuisance[i].start;
        if (!l->nuisance[i].fixed)
            t.free[t.n++] = i;
    }
    return t;
}

/* The profile is a point within the bounds, has the chi2 it says, and the parts add up to it. */
static void check_profile(const sevens_likelihood *l, const double *signal,
                          const sevens_profile *profile)
{
    double sum = 0.0;

    ck_assert(profile->converged);
    for (size_t i = 0; i < l->n_nuisance; i++)
        ck_assert(profile->value[i] >= l->nuisance[i].lo && profile->value[i] <= l->nuisance[i].hi);
    ck_close(sevens_likelihood_chi2(l, signal, profile->value), profile->chi2, 1e-12, 1e-12);
    for (size_t p = 0; p < l->n_part; p++)
        sum += profile->part_chi2[p];
    for (size_t h = 0; h < l->n_shared; h++)
        sum += pow(sevens_shared_pull_value(l, h, profile->value), 2.0);
    ck_close(sum, profile->chi2, 1e-9, 1e-10);
}

START_TEST(shapes_agree_with_a_simplex)
{
    uint64_t seed = 23;
    int at_bound = 0;

    for (int round = 0; round < 60; round++) {
        sevens_likelihood_kind kind =
            round % 2 == 0 ? SEVENS_LIKELIHOOD_POISSON : SEVENS_LIKELIHOOD_GAUSS;
        double signal[2 * MAX_BIN], expected;
        made m;
        sevens_likelihood l = {0};
        sevens_profile profile;
        target t;

        make_release(&m, kind, 12, &seed);
        if (round % 5 == 0)
            m.release.signal_sigma = INFINITY;
        if (round % 7 == 0)
            m.release.background[0].sigma = INFINITY;
        add(&l, &m, true);
        set_pulls(&l);
        put_signal(&l, 0, &m, exp(3.0 * normal(&seed)), signal);
        sevens_likelihood_profile(&l, signal, &profile);
        check_profile(&l, signal, &profile);
        t = make_target(&l, signal);
        expected = fmin(simplex(&t, t.value), simplex(&t, profile.value));
        ck_close(profile.chi2, expected, 1e-7, 1e-8);
        at_bound += profile.value[0] == 0.0 || profile.value[1] == 0.0;
        sevens_likelihood_free(&l);
    }
    ck_assert_int_gt(at_bound, 0);
}
END_TEST

/* Gaussian norms: the best of the minima by linear algebra with every set of norms held at 0. */
static double best_of_subsets(const sevens_likelihood *l, const double *signal)
{
    double best = INFINITY, zero[SEVENS_MAX_NUISANCES] = {0};
    size_t K = l->n_nuisance;

    for (unsigned set = 0; set < 1u << K; set++) {
        sevens_derivatives at; /* chi2 is a quadratic: that of 0 says it all */
        double A[8][9], s[SEVENS_MAX_NUISANCES] = {0};
        bool feasible = true;

        sevens_reference_derivatives(l, signal, zero, &at);
        for (size_t i = 0; i < K; i++) {
            for (size_t j = 0; j < K; j++)
                A[i][j] = (set >> i & 1) || (set >> j & 1) ? (i == j) : at.hessian[i][j];
            A[i][K] = set >> i & 1 ? 0.0 : -at.gradient[i];
        }
        for (size_t i = 0; i < K; i++) {
            for (size_t m = 0; m < K; m++) {
                double factor = A[m][i] / A[i][i];

                for (size_t j = i; m != i && j <= K; j++)
                    A[m][j] -= factor * A[i][j];
            }
        }
        for (size_t i = 0; i < K; i++) {
            s[i] = A[i][K] / A[i][i];
            feasible = feasible && s[i] >= 0.0;
        }
        if (feasible)
            best = fmin(best, sevens_likelihood_chi2(l, signal, s));
    }
    return best;
}

START_TEST(gauss_agrees_with_linear_algebra)
{
    uint64_t seed = 29;

    for (int round = 0; round < 200; round++) {
        double signal[MAX_BIN];
        made m;
        sevens_likelihood l = {0};
        sevens_profile profile;

        make_release(&m, SEVENS_LIKELIHOOD_GAUSS, 12, &seed);
        for (size_t b = 0; b < 12; b++) /* also data below 0 */
            m.observed[b] -= round % 3 == 0 ? 3.0 * m.background[0][b] : 0.0;
        if (round % 4 == 1)
            m.release.signal_sigma = INFINITY;
        if (round % 5 == 1)
            m.release.background[0].sigma = INFINITY;
        add(&l, &m, false);
        set_pulls(&l);
        put_signal(&l, 0, &m, exp(3.0 * normal(&seed)), signal);
        sevens_likelihood_profile(&l, signal, &profile);
        check_profile(&l, signal, &profile);
        ck_close(profile.chi2, best_of_subsets(&l, signal), 1e-10, 1e-11);
        sevens_likelihood_free(&l);
    }
}
END_TEST

/* Lines: a simplex from the profile and from random places finds nothing lower. */
START_TEST(lines_have_no_lower_minimum)
{
    uint64_t seed = 31;

    for (int round = 0; round < 12; round++) {
        double signal[2 * MAX_BIN], from[SEVENS_MAX_NUISANCES];
        made m;
        sevens_likelihood l = {0};
        sevens_profile profile;
        target t;

        make_release(&m, SEVENS_LIKELIHOOD_GAUSS_BACKGROUND, 40, &seed);
        m.release.signal_sigma = round % 3 == 0 ? INFINITY : round % 3 == 1 ? 0.0 : 0.1;
        add(&l, &m, round % 2 == 0);
        set_pulls(&l);
        put_signal(&l, 0, &m, round % 4 == 3 ? 20.0 : exp(normal(&seed)), signal);
        sevens_likelihood_profile(&l, signal, &profile);
        check_profile(&l, signal, &profile);
        t = make_target(&l, signal);
        ck_close(simplex(&t, profile.value), profile.chi2, 1e-7, 0.0);
        for (int i = 0; i < 6; i++) {
            memcpy(from, profile.value, sizeof from);
            for (size_t k = 0; k < SEVENS_N_LINES; k++)
                from[l.part[0].first_line + k] *=
                    exp(k == SEVENS_LINES_CENTRE  ? 0.0
                        : k == SEVENS_LINES_SLOPE ? 1.5 * normal(&seed)
                                                  : 0.5 * normal(&seed));
            ck_assert(simplex(&t, from) > profile.chi2 - 1e-7);
        }
        sevens_likelihood_free(&l);
    }
}
END_TEST

/* A signal far above the data: no simplex that begins without the M line, with L1 narrow or wide,
 * ends lower. In rounds without an M line in the minimum the height of L1 must not be stuck at 0.
 */
START_TEST(lines_under_a_strong_signal)
{
    uint64_t seed = 47;
    int lines_without_m = 0;

    for (int round = 0; round < 6; round++) {
        double signal[2 * MAX_BIN], from[SEVENS_MAX_NUISANCES], chi2;
        made m;
        sevens_likelihood l = {0};
        sevens_profile profile;
        target t;
        size_t first;

        make_release(&m, SEVENS_LIKELIHOOD_GAUSS_BACKGROUND, 40, &seed);
        m.release.signal_sigma = 0.0;
        add(&l, &m, false);
        set_pulls(&l);
        put_signal(&l, 0, &m, 10.0 * pow(3.0, round), signal);
        sevens_likelihood_profile(&l, signal, &profile);
        check_profile(&l, signal, &profile);
        first = l.part[0].first_line;
        lines_without_m += profile.value[first + SEVENS_LINES_HEIGHT] > 0.0 &&
                           profile.value[first + SEVENS_LINES_RATIO] == 0.0;
        t = make_target(&l, signal);
        for (int i = 0; i < 6; i++) {
            for (size_t k = 0; k < l.n_nuisance; k++)
                from[k] = l.nuisance[k].start;
            from[first + SEVENS_LINES_RATIO] = 0.0;
            from[first + SEVENS_LINES_WIDTH] *= exp(0.5 * (i - 2.5));
            chi2 = simplex(&t, from);
            ck_assert_msg(chi2 > profile.chi2 * (1.0 - 1e-10) - 1e-6, "round %d: %.12g, not %.12g",
                          round, profile.chi2, chi2);
        }
        sevens_likelihood_free(&l);
    }
    ck_assert_int_gt(lines_without_m, 0);
}
END_TEST

/* ---- shared pulls ---- */

/* chi2 of the parts alone with the pulls moved to 1 + eta and the widths that are left, plus
 * eta^2/sigma^2. */
static double with_eta(sevens_likelihood parts[2], double *signal[2], double shared, double eta)
{
    double chi2 = eta * eta / (shared * shared);
    sevens_profile profile;

    for (int p = 0; p < 2; p++) {
        parts[p].nuisance[0].centre = 1.0 + eta;
        sevens_likelihood_profile(&parts[p], signal[p], &profile);
        chi2 += profile.chi2;
    }
    return chi2;
}

START_TEST(shared_pull_is_a_nuisance_of_its_own)
{
    const double shared = 0.1, sigma[2] = {0.12, 0.28};
    uint64_t seed = 37;

    for (int round = 0; round < 10; round++) {
        double own[2][MAX_BIN], both[2 * MAX_BIN], *signal[2] = {own[0], own[1]};
        double lo = -0.9, hi = 2.0, eta;
        made m[2];
        sevens_likelihood l = {0}, parts[2] = {{0}};
        sevens_profile profile;

        for (size_t p = 0; p < 2; p++) {
            make_release(&m[p], p == 0 ? SEVENS_LIKELIHOOD_POISSON : SEVENS_LIKELIHOOD_GAUSS, 15,
                         &seed);
            m[p].release.signal_sigma = sqrt(sigma[p] * sigma[p] - shared * shared);
            add(&parts[p], &m[p], false);
            set_pulls(&parts[p]);
            put_signal(&parts[p], 0, &m[p], 1.0 + uniform(&seed), signal[p]);
            m[p].release.signal_sigma = sigma[p];
            add(&l, &m[p], false);
            memcpy(both + sevens_likelihood_signal_offset(&l, p), own[p], 15 * sizeof(double));
        }
        l.n_shared = 1;
        l.shared[0] = (sevens_shared_nuisance){.name = strdup("sns-flux"),
                                               .sigma = shared,
                                               .n = 2,
                                               .nuisance = {0, l.part[1].first_nuisance}};
        set_pulls(&l);
        sevens_likelihood_profile(&l, both, &profile);
        check_profile(&l, both, &profile);
        for (int i = 0; i < 80; i++) { /* chi2 is convex in eta */
            double a = lo + (hi - lo) / 3.0, b = hi - (hi - lo) / 3.0;

            if (with_eta(parts, signal, shared, a) < with_eta(parts, signal, shared, b))
                hi = b;
            else
                lo = a;
        }
        eta = 0.5 * (lo + hi);
        ck_close(profile.chi2, with_eta(parts, signal, shared, eta), 1e-10, 1e-11);
        ck_close(shared * sevens_shared_pull_value(&l, 0, profile.value), eta, 1e-6, 0.0);
        for (size_t p = 0; p < 2; p++) { /* part_chi2 has the rest of the pull in it */
            sevens_profile alone;

            parts[p].nuisance[0].centre = 1.0 + eta;
            sevens_likelihood_profile(&parts[p], signal[p], &alone);
            ck_close(profile.part_chi2[p], alone.chi2, 1e-5, 1e-7);
            sevens_likelihood_free(&parts[p]);
        }
        sevens_likelihood_free(&l);
    }
}
END_TEST

START_TEST(joint_fit_agrees_with_a_simplex)
{
    uint64_t seed = 41;

    for (int round = 0; round < 4; round++) {
        made m[3];
        sevens_likelihood l;
        double signal[3 * 2 * MAX_BIN];
        sevens_profile profile;
        target t;

        make_joint(&l, m, signal, &seed);
        sevens_likelihood_profile(&l, signal, &profile);
        check_profile(&l, signal, &profile);
        t = make_target(&l, signal);
        ck_assert(simplex(&t, profile.value) > profile.chi2 - 1e-7);
        sevens_likelihood_free(&l);
    }
}
END_TEST

/* ---- edges ---- */

/* Counts where nothing is expected are infinitely unlikely, not a fault; nor does a shape lead
 * there. */
START_TEST(counts_need_an_expectation)
{
    uint64_t seed = 43;
    double signal[2 * MAX_BIN], value[SEVENS_MAX_NUISANCES], mu[MAX_BIN];
    made m;
    sevens_likelihood l = {0};
    sevens_profile profile;

    make_release(&m, SEVENS_LIKELIHOOD_POISSON, 4, &seed);
    m.release.n_background = 0;
    m.release.n_shape = 1;
    add(&l, &m, true);
    set_pulls(&l);
    for (size_t b = 0; b < 4; b++) {
        l.part[0].observed[b] = b == 0 ? 1.0 : 40.0;
        signal[b] = 20.0;
        signal[4 + b] = b == 0 ? -19.0 : 8.0; /* a > 1.05: bin 0 would expect less than none */
    }
    sevens_likelihood_profile(&l, signal, &profile);
    check_profile(&l, signal, &profile);
    sevens_likelihood_expected(&l, 0, signal, profile.value, mu);
    ck_assert(profile.value[1] > 0.5 && mu[0] > 0.0);
    value[0] = 1.0;
    value[1] = 1.1;
    ck_assert(isinf(sevens_likelihood_chi2(&l, signal, value)));
    signal[0] = signal[4] = 0.0;
    sevens_likelihood_profile(&l, signal, &profile);
    ck_assert(!profile.converged && isinf(profile.chi2) && profile.chi2 > 0.0);
    sevens_likelihood_free(&l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("likelihood_minima");
    TCase *all = tcase_create("all");

    gsl_set_error_handler_off();
    tcase_add_test(all, shapes_agree_with_a_simplex);
    tcase_add_test(all, gauss_agrees_with_linear_algebra);
    tcase_add_test(all, lines_have_no_lower_minimum);
    tcase_add_test(all, lines_under_a_strong_signal);
    tcase_add_test(all, shared_pull_is_a_nuisance_of_its_own);
    tcase_add_test(all, joint_fit_agrees_with_a_simplex);
    tcase_add_test(all, counts_need_an_expectation);
    suite_add_tcase(suite, all);
    return test_run(suite);
}
