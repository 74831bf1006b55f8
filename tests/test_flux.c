/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spectra of tables and lines, fluxes made of them, and their moments with a weight, against sums
 * in long double and brute-force integrals. */
#include "sevens/constants.h"
#include "sevens/flux.h"
#include "sevens/hd/pion_dar.h"
#include "sevens/table.h"
#include "test_support.h"
#include <gsl/gsl_integration.h>

/* ---- moments in long double ---- */

/* int_a^b f E^-n dE for a straight f, by the series of (1 + w t)^-n, w = (b - a)/a. */
static long double straight_moment(int n, long double a, long double b, long double fa,
                                   long double fb)
{
    if (b > 1.25L * a) {
        const long double m = 0.5L * (a + b), fm = 0.5L * (fa + fb);
        return straight_moment(n, a, m, fa, fm) + straight_moment(n, m, b, fm, fb);
    }
    const long double w = (b - a) / a;
    long double sum = 0.0L, factor = 1.0L;
    for (int k = 0; k < 40; k++) { /* int t^k (1 - t) dt, int t^(k+1) dt */
        sum += factor * (fa / ((k + 1.0L) * (k + 2.0L)) + fb / (k + 2.0L));
        factor *= -w * (n + k) / (k + 1.0L);
    }
    return sum * w * (n == 0 ? a : n == 1 ? 1.0L : 1.0L / a);
}

static void table_moments(size_t n, const double *E, const double *f, double e, double k[3])
{
    for (int m = 0; m < 3; m++) {
        long double sum = 0.0L;
        for (size_t i = 0; i + 1 < n; i++) {
            if (E[i + 1] <= e || E[i + 1] == E[i])
                continue;
            const long double a = fmax(E[i], e), width = (long double)E[i + 1] - E[i];
            const long double fa = (f[i] * (E[i + 1] - a) + f[i + 1] * (a - E[i])) / width;
            sum += straight_moment(m, a, E[i + 1], fa, f[i + 1]);
        }
        k[m] = (double)sum;
    }
}

static void expect_moments(const sevens_spectrum *s, size_t n, const double *E, const double *f,
                           double e)
{
    double k[3], expected[3];
    sevens_spectrum_moments(s, e, k);
    table_moments(n, E, f, e, expected);
    for (int m = 0; m < 3; m++)
        ck_assert_msg(fabs(k[m] - expected[m]) <= 1e-14 * expected[m],
                      "K_%d above %.17g: %.17g, expected %.17g", m, e, k[m], expected[m]);
}

/* Wide and narrow pieces, jumps, a gap. */
static const double rough_E[] = {
    1e-5, 0.3, 0.3,  0.30000000000001, 0.300001, 0.7, 0.71, 1.9, 1.9, 2.2, 2.2, 2.5,
    2.5,  4.0, 8.385};
static const double rough_f[] = {0.7, 0.9, 2.1, 2.3, 1.1, 1.3, 0.4, 0.35,
                                 0.0, 0.0, 0.2, 0.6, 0.3, 0.1, 0.0};
enum { N_ROUGH = sizeof rough_E / sizeof rough_E[0] };

static sevens_error error;

static void add(sevens_spectrum *s, size_t n, const double *E, const double *f, double weight)
{
    ck_assert_msg(sevens_spectrum_add(s, n, E, f, weight, &error) == SEVENS_OK, "%s",
                  error.message);
}

START_TEST(moments_are_exact)
{
    sevens_spectrum s = {0};
    add(&s, N_ROUGH, rough_E, rough_f, 1.0);
    for (size_t i = 0; i < N_ROUGH; i++) {
        expect_moments(&s, N_ROUGH, rough_E, rough_f, rough_E[i]);
        for (double d = 2e-16; d < 0.9; d *= 7.0)
            expect_moments(&s, N_ROUGH, rough_E, rough_f, rough_E[i] * (1.0 - d));
    }
    for (double e = 1.1e-5; e < 10.0; e *= 1.0317)
        expect_moments(&s, N_ROUGH, rough_E, rough_f, e);

    double k[3], total[3];
    table_moments(N_ROUGH, rough_E, rough_f, 0.0, total);
    for (double e = -1.0; e < 2e-5; e += 1.0 + 1e-6) { /* below the table, and below 0 */
        sevens_spectrum_moments(&s, e, k);
        for (int m = 0; m < 3; m++)
            ck_close(k[m], total[m], 0.0, 1e-14);
    }
    ck_close(sevens_spectrum_total(&s), total[0], 0.0, 1e-14);
    sevens_spectrum_moments(&s, 8.385, k);
    ck_assert(k[0] == 0.0 && k[1] == 0.0 && k[2] == 0.0);
    sevens_spectrum_free(&s);
}
END_TEST

START_TEST(many_narrow_pieces)
{
    enum { N = 2000 };
    double *E = malloc(N * sizeof *E), *f = malloc(N * sizeof *f);
    sevens_spectrum s = {0};
    ck_assert(E && f);
    for (int i = 0; i < N; i++) {
        E[i] = 0.0125 + 0.00625 * i;
        f[i] = exp(0.87 - 0.16 * E[i] - 0.091 * E[i] * E[i]) * (1.0 + 0.3 * sin(40.0 * E[i]));
    }
    add(&s, N, E, f, 1.0);
    for (double e = 0.011; e < 12.5; e *= 1.013)
        expect_moments(&s, N, E, f, e);
    sevens_spectrum_free(&s);
    free(f);
    free(E);
}
END_TEST

START_TEST(density_and_lines)
{
    sevens_spectrum s = {0};
    double k[3], without[3];
    ck_assert(sevens_spectrum_density(&s, 1.0) == 0.0 && sevens_spectrum_total(&s) == 0.0);
    add(&s, N_ROUGH, rough_E, rough_f, 2.0);
    ck_assert(sevens_spectrum_density(&s, 0.9e-5) == 0.0);
    ck_assert(sevens_spectrum_density(&s, 8.385) == 0.0);
    ck_close(sevens_spectrum_density(&s, 1e-5), 1.4, 0.0, 1e-15);
    ck_close(sevens_spectrum_density(&s, 0.3), 4.2, 0.0, 1e-15); /* above the jump */
    ck_close(sevens_spectrum_density(&s, 0.3 * (1.0 - 1e-15)), 1.8, 0.0, 1e-13);
    ck_close(sevens_spectrum_density(&s, 3.1), 2.0 * (0.3 - 0.2 * 0.4), 0.0, 1e-15);
    ck_assert(sevens_spectrum_density(&s, 2.0) == 0.0);

    ck_assert_int_eq(sevens_spectrum_add_line(&s, 0.8613, 0.9, &error), SEVENS_OK);
    ck_assert_int_eq(sevens_spectrum_add_line(&s, 0.3843, 0.1, &error), SEVENS_OK);
    sevens_spectrum_scale(&s, 0.5);
    ck_assert_uint_eq(s.n_line, 2);
    table_moments(N_ROUGH, rough_E, rough_f, 0.8613, without);
    sevens_spectrum_moments(&s, 0.8613, k); /* a line at e_min counts */
    for (int m = 0; m < 3; m++)
        ck_close(k[m], without[m] + 0.45 * pow(0.8613, -m), 0.0, 1e-14);
    table_moments(N_ROUGH, rough_E, rough_f, 0.86131, without);
    sevens_spectrum_moments(&s, 0.86131, k);
    for (int m = 0; m < 3; m++)
        ck_close(k[m], without[m], 0.0, 1e-14);
    table_moments(N_ROUGH, rough_E, rough_f, 0.0, without);
    ck_close(sevens_spectrum_total(&s), without[0] + 0.5, 0.0, 1e-14);
    sevens_spectrum_free(&s);
}
END_TEST

/* ---- sums ---- */

static double random_real(uint64_t *state)
{ /* xorshift64 */
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (double)(*state >> 11) * 0x1p-53;
}

/* Energies on a coarse grid, so that tables share some, with jumps. */
static size_t random_table(uint64_t *state, double *E, double *f)
{
    size_t n = 0;
    double at = 0.0;
    for (int i = 0; i < 12; i++) {
        at += 0.125 * ceil(6.0 * random_real(state));
        for (int twice = random_real(state) < 0.4; twice >= 0; twice--) {
            E[n] = at;
            f[n++] = random_real(state) < 0.2 ? 0.0 : random_real(state);
        }
    }
    return n;
}

START_TEST(sums_of_tables)
{
    uint64_t state = 2385;
    for (int trial = 0; trial < 300; trial++) {
        double E[3][24], f[3][24], weight[3];
        sevens_spectrum sum = {0}, part[3] = {{0}};
        for (int t = 0; t < 3; t++) {
            const size_t n = random_table(&state, E[t], f[t]);
            weight[t] = random_real(&state);
            add(&sum, n, E[t], f[t], weight[t]);
            add(&part[t], n, E[t], f[t], 1.0);
        }
        for (size_t i = 1; i < sum.n; i++)
            ck_assert(sum.E_MeV[i] >= sum.E_MeV[i - 1]);
        for (double e = 0.0; e < 12.0; e += 0.0625 * (0.5 + (trial % 2))) {
            double density = 0.0, expected[3] = {0.0}, k[3];
            for (int t = 0; t < 3; t++) {
                density += weight[t] * sevens_spectrum_density(&part[t], e);
                sevens_spectrum_moments(&part[t], e, k);
                for (int m = 0; m < 3; m++)
                    expected[m] += weight[t] * k[m];
            }
            ck_close(sevens_spectrum_density(&sum, e), density, 0.0, 2e-15);
            sevens_spectrum_moments(&sum, e, k);
            for (int m = 0; m < 3; m++)
                ck_close(k[m], expected[m], 0.0, 1e-14);
        }
        sevens_spectrum_free(&sum);
        for (int t = 0; t < 3; t++)
            sevens_spectrum_free(&part[t]);
    }
}
END_TEST

START_TEST(empty_ends_are_left_out)
{
    static const double E[] = {1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 6.0};
    static const double f[] = {0.0, 0.0, 0.7, 0.3, 0.2, 0.0, 0.0, 0.0};
    static const double nothing[] = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    sevens_spectrum s = {0};
    add(&s, 8, E, nothing, 1.0);
    add(&s, 8, E, f, 0.0);
    ck_assert_uint_eq(s.n, 0);
    add(&s, 8, E, f, 1.0);
    add(&s, 8, E, nothing, 1.0);
    ck_assert_uint_eq(s.n, 3);
    ck_assert(s.E_MeV[0] == 2.0 && s.E_MeV[2] == 4.0 && s.density[0] == 0.7 && s.density[2] == 0.2);
    sevens_spectrum_free(&s);
}
END_TEST

START_TEST(bad_tables)
{
    static const struct {
        size_t n;
        double E[4], f[4], weight;
        const char *message;
    } bad[] = {
        {1, {1}, {1}, 1, "two rows or more"},
        {2, {0, 1}, {1, 1}, 1, "row 1: the energy 0 MeV must be finite and positive"},
        {3, {1, 2, 1.5}, {1, 1, 1}, 1, "row 3: the energy 1.5 MeV after 2"},
        {4, {1, 2, 2, 2}, {1, 1, 1, 1}, 1, "row 4: the energy 2 MeV stands three times"},
        {2, {1, 2}, {1, -0.5}, 1, "row 2: the density -0.5 must be finite and not negative"},
        {2, {1, 2}, {NAN, 0}, 1, "row 1: the density nan"},
        {2, {1, INFINITY}, {1, 1}, 1, "row 2: the energy inf MeV"},
        {2, {2, 2}, {1, 1}, 1, "all energies of a spectrum are 2 MeV"},
        {2, {1, 2}, {1, 1}, -1, "the weight -1 of a spectrum"},
        {2, {1, 2}, {1, 1}, NAN, "the weight nan of a spectrum"},
    };
    sevens_spectrum s = {0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(
            sevens_spectrum_add(&s, bad[i].n, bad[i].E, bad[i].f, bad[i].weight, &error),
            SEVENS_ERR_INPUT);
        ck_contains(error.message, bad[i].message);
    }
    ck_assert_int_eq(sevens_spectrum_add_line(&s, 0.0, 1.0, &error), SEVENS_ERR_INPUT);
    ck_assert_int_eq(sevens_spectrum_add_line(&s, 1.0, -1.0, &error), SEVENS_ERR_INPUT);
    for (int i = 0; i < SEVENS_SPECTRUM_MAX_LINES; i++)
        ck_assert_int_eq(sevens_spectrum_add_line(&s, 1.0 + i, 0.0, &error), SEVENS_OK);
    ck_assert_int_eq(sevens_spectrum_add_line(&s, 1.0, 1.0, &error), SEVENS_ERR_INPUT);
    ck_contains(error.message, "more than 16 lines");
    ck_assert_uint_eq(s.n, 0);
}
END_TEST

/* ---- fluxes ---- */

static sevens_flux made(const sevens_release *release)
{
    sevens_flux flux;
    ck_assert_msg(sevens_flux_init(&flux, release, &error) == SEVENS_OK, "%s", error.message);
    return flux;
}

START_TEST(flux_of_pions)
{
    sevens_release *release = calloc(1, sizeof *release);
    ck_assert_ptr_nonnull(release);
    release->flux_kind = SEVENS_FLUX_PION_DAR;
    release->n_flux = 3;
    release->baseline_m = 19.3;
    release->spread_m = 0.5;
    for (int f = 0; f < 3; f++) {
        const sevens_flavour flavour[] = {SEVENS_NU_E, SEVENS_NUBAR_MU, SEVENS_NU_MU};
        release->flux[f].flavour = flavour[f];
        release->flux[f].fluence_per_cm2 = 2.385 + f;
    }
    sevens_flux flux = made(release);
    double k[3], expected[3];
    ck_assert_uint_eq(flux.n_break, 2);
    ck_assert(flux.break_MeV[0] == SEVENS_PION_LINE && flux.break_MeV[1] == SEVENS_MICHEL_END);
    ck_assert(flux.baseline_m == 19.3 && flux.spread_m == 0.5);
    ck_assert(flux.fluence_per_cm2[2] == 4.385 && flux.spectrum[0] == NULL);
    ck_assert(sevens_flux_lines(&flux, 0) == 0 && sevens_flux_lines(&flux, 2) == 1);
    ck_assert(sevens_flux_line(&flux, 2, 0).E_MeV == SEVENS_PION_LINE);
    ck_assert(sevens_flux_line(&flux, 2, 0).content == 1.0);
    sevens_flux_moments(&flux, 1, 13.7, k);
    sevens_dar_moments_nubar_mu(13.7, expected);
    ck_assert_mem_eq(k, expected, sizeof k);
    sevens_flux_free(&flux);
    free(release);
}
END_TEST

/* Two classes of tables, of which one has lines. */
static sevens_release *two_classes(void)
{
    static const double E[] = {0.2, 0.3, 1.9, 6.0}, f[] = {0.0, 0.4, 0.2, 0.1};
    sevens_release *release = calloc(1, sizeof *release);
    ck_assert_ptr_nonnull(release);
    release->flux_kind = SEVENS_FLUX_SPECTRUM;
    release->n_flux = 2;
    release->flux[0].flavour = SEVENS_NUBAR_E;
    release->flux[1].flavour = SEVENS_NU_E;
    add(&release->flux[0].spectrum, N_ROUGH, rough_E, rough_f, 1.0);
    add(&release->flux[1].spectrum, 4, E, f, 1.0);
    ck_assert(!sevens_spectrum_add_line(&release->flux[1].spectrum, 9.5, 0.25, &error));
    ck_assert(!sevens_spectrum_add_line(&release->flux[1].spectrum, 0.7, 0.5, &error));
    return release;
}

static void free_classes(sevens_release *release)
{
    sevens_spectrum_free(&release->flux[0].spectrum);
    sevens_spectrum_free(&release->flux[1].spectrum);
    free(release);
}

START_TEST(flux_of_tables)
{
    static const double expected[] = {
        1e-5, 0.2, 0.3, 0.30000000000001, 0.300001, 0.7, 0.71, 1.9, 2.2, 2.5, 4.0, 6.0, 8.385, 9.5};
    sevens_release *release = two_classes();
    sevens_flux flux = made(release);
    double k[3], own[3];
    ck_assert_uint_eq(flux.n_break, sizeof expected / sizeof expected[0]);
    ck_assert_mem_eq(flux.break_MeV, expected, sizeof expected);
    ck_assert(sevens_flux_lines(&flux, 0) == 0 && sevens_flux_lines(&flux, 1) == 2);
    ck_assert(sevens_flux_line(&flux, 1, 1).content == 0.5);
    ck_assert(flux.spectrum[1] == &release->flux[1].spectrum);
    sevens_flux_moments(&flux, 1, 0.5, k);
    sevens_spectrum_moments(&release->flux[1].spectrum, 0.5, own);
    ck_assert_mem_eq(k, own, sizeof k);
    ck_close(sevens_flux_density(&flux, 1, 0.25), 0.2, 0.0, 1e-15);
    sevens_flux_free(&flux);

    sevens_release none = {.flux_kind = SEVENS_FLUX_SPECTRUM, .n_flux = 1};
    ck_assert_int_eq(sevens_flux_init(&flux, &none, &error), SEVENS_ERR_INPUT);
    ck_contains(error.message, "no neutrinos");
    sevens_flux_free(&flux);
    free_classes(release);
}
END_TEST

/* ---- weights ---- */

static double weight_at(const sevens_flux_weight *w, double E)
{
    double y = w->slow_MeV / E, g = w->smooth ? w->smooth(E) : 1.0;

    return w->oscillates ? 0.5 * g * (1.0 - sin(y) / y * cos(w->phase_MeV / E)) : g;
}

/* Adds int_a^b f g E^-n dE in panels of u = 1/E over which the phase turns by a radian. */
static void brute_interval(const sevens_flux *flux, size_t f, const sevens_flux_weight *w, double a,
                           double b, const gsl_integration_glfixed_table *rule, long double sum[3])
{
    const double width = 1.0 / a - 1.0 / b;
    const int n = (int)ceil(w->phase_MeV * width + 1.0);
    for (int i = 0; i < 10 * n; i++) {
        double x, weight;
        gsl_integration_glfixed_point(0.0, 1.0, (size_t)(i % 10), &x, &weight, rule);
        const double u = 1.0 / b + width * (i / 10 + x) / n, E = 1.0 / u;
        weight *= width / n * E * E * sevens_flux_density(flux, f, E) * weight_at(w, E);
        for (int m = 0; m < 3; m++, weight *= u)
            sum[m] += weight;
    }
}

static void brute(const sevens_flux *flux, size_t f, const sevens_flux_weight *w, double e_min,
                  const gsl_integration_glfixed_table *rule, double k[3])
{
    long double sum[3] = {0.0L};
    for (size_t b = 1; b < flux->n_break; b++) {
        double lo = fmax(e_min, flux->break_MeV[b - 1]), hi = flux->break_MeV[b];
        for (; lo < hi; lo *= 1.2)
            brute_interval(flux, f, w, lo, fmin(hi, 1.2 * lo), rule, sum);
    }
    for (size_t i = 0; i < sevens_flux_lines(flux, f); i++) {
        const sevens_spectrum_line line = sevens_flux_line(flux, f, i);
        for (int m = 0; m < 3 && line.E_MeV >= e_min; m++)
            sum[m] += line.content * weight_at(w, line.E_MeV) * pow(line.E_MeV, -m);
    }
    for (int m = 0; m < 3; m++)
        k[m] = (double)sum[m];
}

/* A sweep gives what single integrals give, again and again. */
static void expect_sweep(const sevens_flux *flux, size_t f, const sevens_flux_weight *weight,
                         size_t n, const double *e_min)
{
    double(*once)[3] = malloc(n * sizeof *once), (*swept)[3] = malloc(n * sizeof *swept);
    sevens_flux_sweep *sweep;
    ck_assert(once && swept);
    ck_assert_int_eq(sevens_flux_sweep_create(&sweep, flux, f, n, e_min, &error), SEVENS_OK);
    for (double factor = 1.0; factor > 1e-5; factor *= 0.13) {
        sevens_flux_weight scaled = *weight;
        scaled.phase_MeV *= factor;
        scaled.slow_MeV *= factor;
        sevens_flux_weighted_moments(flux, f, &scaled, n, e_min, once);
        sevens_flux_sweep_moments(sweep, &scaled, swept);
        for (size_t i = 0; i < n; i++) {
            for (int m = 0; m < 3; m++)
                ck_close(swept[i][m], once[i][m], 0.0, 1e-13);
        }
    }
    sevens_flux_sweep_destroy(&sweep);
    free(once);
    free(swept);
}

static void expect_weighted(const sevens_flux *flux, const sevens_flux_weight *weight, size_t n,
                            const double *e_min)
{
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(10);
    double(*k)[3] = malloc(n * sizeof *k), total[3], expected[3];
    ck_assert(rule && k);
    for (size_t f = 0; f < flux->n; f++) {
        sevens_flux_weighted_moments(flux, f, weight, n, e_min, k);
        if (weight->oscillates && !weight->smooth)
            expect_sweep(flux, f, weight, n, e_min);
        brute(flux, f, weight, e_min[0], rule, total);
        for (size_t i = 0; i < n; i++) {
            brute(flux, f, weight, e_min[i], rule, expected);
            for (int m = 0; m < 3; m++)
                ck_assert_msg(fabs(k[i][m] - expected[m]) <= 1e-12 * total[m],
                              "class %zu, K_%d above %g: %.15g, expected %.15g", f, m, e_min[i],
                              k[i][m], expected[m]);
        }
    }
    free(k);
    gsl_integration_glfixed_table_free(rule);
}

/* Sum of the isotopes of a table in releases/fluxes, normalised to 1. */
static sevens_spectrum reactor(const char *name)
{
    static const char *const column[] = {"U235[1/MeV]", "U238[1/MeV]", "Pu239[1/MeV]",
                                         "Pu241[1/MeV]"};
    static const double fraction[] = {0.58, 0.08, 0.29, 0.05};
    char path[512];
    const double *E, *f;
    sevens_table table;
    sevens_spectrum s = {0};
    snprintf(path, sizeof path, SEVENS_SOURCE_DIR "/releases/fluxes/%s.csv", name);
    ck_assert_msg(sevens_table_load(&table, path, &error) == SEVENS_OK, "%s", error.message);
    ck_assert_int_eq(sevens_table_column(&table, "energy[MeV]", &E, &error), SEVENS_OK);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(sevens_table_column(&table, column[i], &f, &error), SEVENS_OK);
        add(&s, table.n_row, E, f, fraction[i]);
    }
    sevens_spectrum_scale(&s, 1.0 / sevens_spectrum_total(&s));
    ck_close(sevens_spectrum_total(&s), 1.0, 0.0, 1e-14);
    sevens_table_free(&table);
    return s;
}

/* dm2 = 1 and 30 eV^2 at 10 +- 2 m from a reactor; few and many nodes. */
START_TEST(oscillations_at_a_reactor)
{
    static const char *const name[] = {"reactor-hmve", "reactor-bestiole"};
    static const double e_min[] = {0.02, 0.0625, 0.5, 0.51, 1.0, 1.8, 2.0, 4.9, 7.75, 7.99, 8.0};
    for (int t = 0; t < 2; t++) {
        sevens_release *release = calloc(1, sizeof *release);
        ck_assert_ptr_nonnull(release);
        release->flux_kind = SEVENS_FLUX_SPECTRUM;
        release->n_flux = 1;
        release->flux[0].spectrum = reactor(name[t]);
        sevens_flux flux = made(release);
        for (double dm2 = 1.0; dm2 < 50.0; dm2 *= 30.0) {
            const double k = 2.0 * 1.266933 * dm2;
            const sevens_flux_weight weight = {true, 10.0 * k, 2.0 * k, NULL};
            const size_t n = sizeof e_min / sizeof e_min[0];
            expect_weighted(&flux, &weight, n, e_min);
        }
        sevens_flux_free(&flux);
        sevens_spectrum_free(&release->flux[0].spectrum);
        free(release);
    }
}
END_TEST

static double photons(double E_MeV)
{
    return log(E_MeV / 1e-6);
}

START_TEST(weights_with_jumps_and_lines)
{
    static const double e_min[] = {5e-6, 1e-5, 0.01, 0.2, 0.3,  0.3 + 1e-14, 0.699, 0.7, 0.701,
                                   1.9,  2.0,  2.2,  2.5, 3.99, 8.3849,      8.385, 9.5, 9.6};
    enum { N = sizeof e_min / sizeof e_min[0] };
    const sevens_flux_weight one = {0}, photon = {.smooth = photons};
    const sevens_flux_weight slow = {true, 0.1, 0.02, photons};
    sevens_release *release = two_classes();
    sevens_flux flux = made(release);
    double k[N][3], plain[3];
    for (size_t f = 0; f < 2; f++) {
        sevens_flux_weighted_moments(&flux, f, &one, N, e_min, k);
        for (size_t i = 0; i < N; i++) {
            sevens_flux_moments(&flux, f, e_min[i], plain);
            for (int m = 0; m < 3; m++)
                ck_close(k[i][m], plain[m], 1e-25, 1e-12);
        }
    }
    expect_weighted(&flux, &photon, N, e_min);
    expect_weighted(&flux, &slow, N - 2, e_min + 2); /* brute force from 0.01 MeV */
    sevens_flux_free(&flux);
    free_classes(release);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flux");
    TCase *tc = tcase_create("spectrum");

    tcase_add_test(tc, moments_are_exact);
    tcase_add_test(tc, many_narrow_pieces);
    tcase_add_test(tc, density_and_lines);
    tcase_add_test(tc, sums_of_tables);
    tcase_add_test(tc, empty_ends_are_left_out);
    tcase_add_test(tc, bad_tables);
    suite_add_tcase(suite, tc);
    tc = tcase_create("flux");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, flux_of_pions);
    tcase_add_test(tc, flux_of_tables);
    tcase_add_test(tc, oscillations_at_a_reactor);
    tcase_add_test(tc, weights_with_jumps_and_lines);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
