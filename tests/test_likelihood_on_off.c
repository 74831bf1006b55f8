/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The on-off likelihood against sums and integrals done the long way. */
#include "test_likelihood_support.h"

static const sevens_on_off_background treatments[] = {
    SEVENS_ON_OFF_DISCRETE, SEVENS_ON_OFF_CONTINUOUS, SEVENS_ON_OFF_PROFILED};

static double poisson(double n, double mu)
{
    return mu > 0.0 ? exp(n * log(mu) - mu - lgamma(n + 1.0)) : n == 0.0;
}

/* L_b(s): the sum over whole b, Simpson's rule, or the best b by thirds. */
static double long_way(sevens_on_off_background treatment, double n, double m, double s)
{
    const int last = 40000;
    double step = (n + m + 40.0) / last, lo = 0.0, hi = n + m, sum = 0.0;

    if (treatment == SEVENS_ON_OFF_DISCRETE) {
        for (int b = 0; b < 400; b++)
            sum += poisson(n, s + b) * poisson(m, b);
        return sum;
    }
    if (treatment == SEVENS_ON_OFF_CONTINUOUS) {
        for (int i = 0; i <= last; i++)
            sum += poisson(n, s + step * i) * poisson(m, step * i) * step / 3.0 *
                   (i == 0 || i == last ? 1.0
                    : i % 2 == 1        ? 4.0
                                        : 2.0);
        return sum;
    }
    for (int i = 0; i < 200; i++) {
        double a = lo + (hi - lo) / 3.0, b = hi - (hi - lo) / 3.0;

        if (poisson(n, s + a) * poisson(m, a) > poisson(n, s + b) * poisson(m, b))
            hi = b;
        else
            lo = a;
    }
    return poisson(n, s + 0.5 * (lo + hi)) * poisson(m, 0.5 * (lo + hi));
}

START_TEST(background_is_summed_integrated_or_best)
{
    static const double s[] = {0.0, 1e-6, 0.3, 2.0, 11.0, 60.0};

    for (size_t k = 0; k < 3; k++) {
        for (int n = 0; n < 20; n += 1 + n / 3) {
            for (int m = 0; m < 20; m += 1 + m / 3) {
                for (size_t i = 0; i < sizeof s / sizeof s[0]; i++)
                    ck_close(sevens_on_off_ln_bin(treatments[k], n, m, s[i]),
                             log(long_way(treatments[k], n, m, s[i])), 1e-9, 1e-12);
            }
        }
    }
    /* n = 1, m = 0 in closed form: e^-s (s/2 + 1/4); sum_b e^-2b (s + b) by hand */
    ck_close(sevens_on_off_ln_bin(SEVENS_ON_OFF_CONTINUOUS, 1.0, 0.0, 0.7),
             -0.7 + log(0.5 * 0.7 + 0.25), 0.0, 1e-14);
    const double q = exp(-2.0), sum = 0.7 / (1.0 - q) + q / ((1.0 - q) * (1.0 - q));
    ck_close(sevens_on_off_ln_bin(SEVENS_ON_OFF_DISCRETE, 1.0, 0.0, 0.7), -0.7 + log(sum), 0.0,
             1e-14);
    /* strong signals are unlikely, not a fault of the arithmetic */
    for (size_t k = 0; k < 3; k++)
        ck_close(sevens_on_off_ln_bin(treatments[k], 7.0, 3.0, 1e8), -1e8, 0.0, 1e-5);
}
END_TEST

START_TEST(rule_integrates)
{
    static const double sigmas[] = {0.02, 0.1, 0.28, 0.6};
    double z[SEVENS_ON_OFF_NODES], w[SEVENS_ON_OFF_NODES];

    for (size_t k = 0; k < 4; k++) {
        double sigma = sigmas[k], sum = 0.0;

        sevens_on_off_rule(sigma, z, w);
        for (int i = 0; i < SEVENS_ON_OFF_NODES; i++)
            sum += w[i];
        ck_close(sum, 1.0, 1e-9, 0.0);
        for (int j = 0; j < 9; j++) { /* int N(z) exp(-s z + 20 ln z) over z > 0 */
            const int last = 200000;
            double rule = 0.0, exact = 0.0, hi = 1.0 + 9.5 * sigma, s = 0.1 * pow(3.0, j);

            for (int i = 0; i < SEVENS_ON_OFF_NODES - 1; i++)
                rule += w[i] * exp(20.0 * log(z[i]) - s * (z[i] - 1.0));
            for (int i = 1; i <= last; i++) {
                double x = hi * i / last, d = (x - 1.0) / sigma;

                exact += hi / last * exp(20.0 * log(x) - s * (x - 1.0) - 0.5 * d * d);
            }
            ck_close(rule, exact / (sigma * sqrt(2.0 * M_PI)), 0.0, 1e-7);
        }
    }
}
END_TEST

/* Counts that a signal of 20 to 100 could make. */
static void make_case(sevens_likelihood *l, made *m, double *signal, int round, uint64_t *seed)
{
    *l = (sevens_likelihood){0};
    make_release(m, SEVENS_LIKELIHOOD_POISSON_ON_OFF, 6, seed);
    for (size_t b = 0; b < 6; b++) {
        m->background[0][b] = 0.5;
        m->signal[0][b] = 2.0 + 12.0 * uniform(seed);
        m->off[b] = floor(6.0 * uniform(seed));
        m->observed[b] = floor(m->signal[0][b] + m->off[b] + 3.0 * uniform(seed));
    }
    m->release.signal_sigma = 0.28;
    m->release.n_background = 1;
    m->release.on_off = treatments[round % 3];
    m->release.on_off_per_bin = round % 2 == 1;
    add(l, m, false);
    set_pulls(l);
    put_signal(l, 0, m, exp(0.7 * normal(seed)), signal);
}

/* int N(a; 0, sigma) prod_b L_b(max(0, 1 + a) s_b) over bins first .. end - 1, and that of 1 + a.
 */
static double integral(const sevens_likelihood_part *p, const double *signal, size_t first,
                       size_t end, double *mean)
{
    const int last = 3000;
    double sum = 0.0, lo = -10.0 * 0.28, hi = 10.0 * 0.28, moment = 0.0;

    for (int part = 0; part < 2; part++) { /* 1 + a < 0 and > 0 */
        double from = part == 0 ? lo : -1.0, to = part == 0 ? -1.0 : hi;

        for (int i = 0; i <= last; i++) {
            double a = from + (to - from) * i / last, z = fmax(0.0, 1.0 + a), L = 1.0;

            for (size_t b = first; b < end; b++)
                L *= exp(sevens_on_off_ln_bin(p->on_off, p->observed[b], p->off[b],
                                              z * (signal[b] + p->component[1].counts[b])));
            L *= exp(-0.5 * a * a / (0.28 * 0.28)) / (0.28 * sqrt(2.0 * M_PI)) * (to - from) /
                 last / 3.0 *
                 (i == 0 || i == last ? 1.0
                  : i % 2 == 1        ? 4.0
                                      : 2.0);
            sum += L;
            moment += z * L;
        }
    }
    *mean = moment / sum;
    return sum;
}

START_TEST(norm_is_integrated)
{
    uint64_t seed = 3;

    for (int round = 0; round < 12; round++) {
        made m;
        sevens_likelihood l;
        sevens_profile profile;
        double signal[MAX_BIN], ln = 0.0, mean, offset;

        make_case(&l, &m, signal, round, &seed);
        ck_assert(sevens_likelihood_is_on_off(&l));
        ck_assert_uint_eq(l.n_nuisance, 1);
        sevens_likelihood_profile(&l, signal, &profile);
        offset = sevens_on_off_offset(&l.part[0]);
        if (l.part[0].on_off_per_bin) {
            for (size_t b = 0; b < 6; b++)
                ln += log(integral(&l.part[0], signal, b, b + 1, &mean));
            mean = 1.0;
        } else {
            ln = log(integral(&l.part[0], signal, 0, 6, &mean));
        }
        /* the best b of a bin without off counts leaves 0 at s = n/2: a kink of the slope */
        ck_close(profile.chi2, -2.0 * ln - offset,
                 l.part[0].on_off == SEVENS_ON_OFF_PROFILED ? 1e-5 : 1e-8, 0.0);
        ck_close(profile.value[0], mean, 1e-7, 0.0);
        ck_assert(profile.part_chi2[0] == profile.chi2);
        ck_assert(sevens_likelihood_chi2(&l, signal, profile.value) == profile.chi2);
        ck_assert(profile.chi2 > 0.0);
        sevens_likelihood_free(&l);
    }
}
END_TEST

START_TEST(fixed_norm_is_not_integrated)
{
    uint64_t seed = 8;

    for (int round = 0; round < 6; round++) {
        made m;
        sevens_likelihood l;
        sevens_profile profile;
        double signal[MAX_BIN], ln = 0.0, mu[MAX_BIN];

        make_case(&l, &m, signal, round, &seed);
        l.nuisance[0].fixed = true;
        set_pulls(&l);
        sevens_likelihood_profile(&l, signal, &profile);
        sevens_likelihood_expected(&l, 0, signal, profile.value, mu);
        for (size_t b = 0; b < 6; b++) {
            ck_close(mu[b], signal[b] + 0.5, 0.0, 1e-15);
            ln += log(long_way(l.part[0].on_off, m.observed[b], m.off[b], mu[b]));
        }
        ck_close(profile.chi2, -2.0 * ln - sevens_on_off_offset(&l.part[0]), 1e-8, 0.0);
        ck_assert(profile.value[0] == 1.0);
        sevens_likelihood_free(&l);
    }
}
END_TEST

/* No signal does better than the offset, and one does as well. */
START_TEST(offset_is_the_best_there_is)
{
    for (size_t k = 0; k < 3; k++) {
        for (int n = 0; n < 12; n++) {
            double observed[1] = {n}, off[1] = {3.0}, best = -INFINITY;
            sevens_likelihood_part part = {
                .n_bin = 1, .observed = observed, .off = off, .on_off = treatments[k]};

            for (int i = 0; i < 30000; i++)
                best = fmax(best, sevens_on_off_ln_bin(treatments[k], n, 3.0, 1e-3 * i));
            ck_close(-2.0 * best, sevens_on_off_offset(&part), 1e-6, 0.0);
            ck_assert(-2.0 * best >= sevens_on_off_offset(&part) - 1e-12);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("likelihood_on_off");
    TCase *all = tcase_create("all");

    tcase_add_test(all, background_is_summed_integrated_or_best);
    tcase_add_test(all, rule_integrates);
    tcase_add_test(all, norm_is_integrated);
    tcase_add_test(all, fixed_norm_is_not_integrated);
    tcase_add_test(all, offset_is_the_best_there_is);
    suite_add_tcase(suite, all);
    return test_run(suite);
}
