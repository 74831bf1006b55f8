/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of detectors made up here, of every kind of response and flux, against a double integral
 * of cross section, spectrum and response on a fine uniform grid; and how large their meshes are.
 */
#include "mesh.h"
#include "sevens/constants.h"
#include "sevens/electron.h"
#include "sevens/xsec.h"
#include "test_support.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sort.h>
#include <time.h>

#define TOLERANCE 1e-10
#define MAX_CHANNEL 160
#define MAX_STOP 4000

/* ---- a detector and a model ---- */

typedef struct detector {
    sevens_release release;
    double edge[MAX_CHANNEL + 1];
    size_t first[MAX_CHANNEL + 1], channel[MAX_CHANNEL];
    double weight[MAX_CHANNEL];
    sevens_document *document;
    sevens_model *model;
    double value[SEVENS_MODEL_MAX_PARAMETERS];
    sevens_mesh *mesh;
    sevens_templates *templates;
} detector;

/* Bins and channels are the same. */
static void set_bins(detector *d, size_t n, double lo, double hi)
{
    sevens_release *r = &d->release;

    for (size_t i = 0; i <= n; i++) {
        d->edge[i] = lo + (hi - lo) * (double)i / (double)n;
        d->first[i] = i;
    }
    for (size_t i = 0; i < n; i++) {
        d->channel[i] = i;
        d->weight[i] = 1.0;
    }
    r->n_axis = 1;
    r->axis[0] = (sevens_bin_axis){.n = n, .edges = d->edge};
    r->n_channel = r->n_bin = n;
    r->spread = (sevens_spread){d->first, d->channel, n};
    for (size_t f = 0; f < r->n_flux; f++)
        r->flux[f].weight = d->weight;
}

static void set_targets(detector *d, size_t n, const char *const *names)
{
    d->release.mass_kg = 2.9;
    d->release.molar_mass_g = 72.6;
    d->release.n_target = n;
    for (size_t i = 0; i < n; i++) {
        d->release.target[i] =
            (sevens_target_nucleus){sevens_nucleus_find(names[i]), 1.0 / (double)(i + 2)};
        ck_assert_ptr_nonnull(d->release.target[i].nucleus);
    }
}

/* Falls steeply to the end, with n nodes, a jump and a line. */
static void set_reactor(detector *d, size_t n, double end, double line)
{
    sevens_release_flux *flux = &d->release.flux[0];
    double *E = malloc((n + 1) * sizeof *E), *f = malloc((n + 1) * sizeof *f);

    for (size_t i = 0; i < n; i++) {
        double x = (double)i / (double)(n - 1);

        E[i] = 0.0078 + (end - 0.0078) * x * sqrt(x);
        f[i] = (0.3 + E[i]) * exp(-1.1 * E[i] + 0.3 * sin(3.0 * E[i]));
    }
    E[n] = end; /* the jump to 0 */
    f[n - 1] = 0.4 * f[n - 2];
    ck_assert_int_eq(sevens_spectrum_add(&flux->spectrum, n, E, f, 1.0, NULL), SEVENS_OK);
    if (line > 0.0)
        ck_assert_int_eq(sevens_spectrum_add_line(&flux->spectrum, line, 0.3, NULL), SEVENS_OK);
    sevens_spectrum_scale(&flux->spectrum, 1.0 / sevens_spectrum_total(&flux->spectrum));
    flux->flavour = SEVENS_NUBAR_E;
    flux->fluence_per_cm2 = 4e20;
    d->release.n_flux = 1;
    d->release.flux_kind = SEVENS_FLUX_SPECTRUM;
    d->release.baseline_m = 10.0;
    d->release.spread_m = 2.0;
    free(E);
    free(f);
}

static void set_pions(detector *d)
{
    static const sevens_flavour flavours[] = {SEVENS_NU_E, SEVENS_NU_MU, SEVENS_NUBAR_MU};

    d->release.flux_kind = SEVENS_FLUX_PION_DAR;
    d->release.n_flux = 3;
    for (int f = 0; f < 3; f++)
        d->release.flux[f] = (sevens_release_flux){.flavour = flavours[f], .fluence_per_cm2 = 1e14};
}

/* A table of n rows up to top [keVnr]. */
static void set_quenching(sevens_response_parameters *par, size_t n, double top)
{
    par->quenching = SEVENS_QUENCHING_TABLE;
    par->quenching_scale = 1.0;
    par->light_yield = 1.0;
    par->quenching_factor.n = n;
    par->quenching_factor.x = malloc(n * sizeof(double));
    par->quenching_factor.y = malloc(n * sizeof(double));
    for (size_t i = 0; i < n; i++) {
        double T = top * (double)i / (double)(n - 1);

        par->quenching_factor.x[i] = T;
        par->quenching_factor.y[i] = 0.2 + 0.24 * exp(-T / 0.9);
    }
}

static void set_model(detector *d, const char *text)
{
    sevens_error err = {0};

    ck_assert_int_eq(sevens_document_parse(&d->document, "test", text, strlen(text), &err),
                     SEVENS_OK);
    ck_assert_msg(sevens_model_create(&d->model, d->document, sevens_document_root(d->document),
                                      true, &err) == SEVENS_OK,
                  "%s", err.message);
    for (size_t i = 0; i < sevens_model_n_parameters(d->model); i++)
        d->value[i] = sevens_model_parameter(d->model, i)->default_value;
}

static void set(detector *d, const char *name, double value)
{
    size_t i = sevens_model_find(d->model, name);

    ck_assert_uint_lt(i, sevens_model_n_parameters(d->model));
    d->value[i] = value;
}

static void detector_make(detector *d, bool es, const bool *shape_active)
{
    sevens_mesh_options options = {.signal_scale = 1.0, .es = es, .shape_active = shape_active};
    sevens_error err = {0};

    ck_assert_msg(sevens_mesh_create(&d->mesh, &d->release, d->model, &options, &err) == SEVENS_OK,
                  "%s", err.message);
    ck_assert_int_eq(sevens_templates_create(&d->templates, d->mesh, d->model, &err), SEVENS_OK);
}

static void detector_free(detector *d)
{
    sevens_templates_destroy(&d->templates);
    sevens_mesh_destroy(&d->mesh);
    sevens_model_destroy(&d->model);
    sevens_document_free(&d->document);
    for (size_t f = 0; f < d->release.n_flux; f++)
        sevens_spectrum_free(&d->release.flux[f].spectrum);
    free(d->release.response.quenching_factor.x);
    free(d->release.response.quenching_factor.y);
}

/* ---- expected counts ---- */

/* A rule of 8 nodes on [0, 1]. */
static double unit_node[8], unit_weight[8];

static void make_unit_rule(void)
{
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(8);

    for (size_t i = 0; i < 8; i++)
        gsl_integration_glfixed_point(0.0, 1.0, i, &unit_node[i], &unit_weight[i], table);
    gsl_integration_glfixed_table_free(table);
}

/* int dE f(E) dsigma/dT of a flux class; parts: panels between the breaks of the flux. */
static double folded(const detector *d, sevens_process process, const sevens_nucleus *nucleus,
                     size_t f, double T, double m4, int parts)
{
    const sevens_flux *flux = &d->mesh->flux;
    sevens_model_point point = {d->value, SEVENS_NO_ROW};
    double M = process == SEVENS_ES ? SEVENS_M_ELECTRON : sevens_nucleus_mass_MeV(nucleus);
    double low = 0.5 * (T + sqrt(T * T + 2.0 * M * T)),
           heavy = low * (1.0 + m4 * m4 / (2.0 * M * T));
    double sum = 0.0, lo = low;

    for (size_t k = 0; k < flux->n_break; k += lo >= flux->break_MeV[k]) {
        double hi = lo < heavy ? fmin(heavy, flux->break_MeV[k]) : flux->break_MeV[k];

        for (int p = 0; p < parts && hi > lo; p++) {
            double a = lo + (hi - lo) * p / parts;

            for (int i = 0; i < 8; i++) {
                double E = a + (hi - lo) / parts * unit_node[i];

                sum += (hi - lo) / parts * unit_weight[i] * sevens_flux_density(flux, f, E) *
                       sevens_xsec_cm2_per_MeV(d->model, &point, process, nucleus, flux->flavour[f],
                                               E, T);
            }
        }
        lo = fmax(lo, hi);
    }
    for (size_t i = 0; i < sevens_flux_lines(flux, f); i++) {
        sevens_spectrum_line line = sevens_flux_line(flux, f, i);

        if (line.E_MeV >= low)
            sum += line.content * sevens_xsec_cm2_per_MeV(d->model, &point, process, nucleus,
                                                          flux->flavour[f], line.E_MeV, T);
    }
    return sum;
}

/* The recoil energy [MeV] at which E_ee(T) of a table gets to a level [keVee]; it rises. */
static double recoil_of(const sevens_response_parameters *par, double E_ee)
{
    const sevens_curve *t = &par->quenching_factor;
    double lo = 0.0, hi = 1e4;

    for (int k = 0; k < 200; k++) {
        double T = 0.5 * (lo + hi), QF = t->y[T < t->x[0] ? 0 : t->n - 1];

        for (size_t i = 0; i + 1 < t->n; i++) {
            if (T >= t->x[i] && T < t->x[i + 1])
                QF = t->y[i] + (t->y[i + 1] - t->y[i]) * (T - t->x[i]) / (t->x[i + 1] - t->x[i]);
        }
        *(QF * T < E_ee ? &lo : &hi) = T;
    }
    return 1e-3 * hi;
}

/* All recoil energies where something begins, ends or bends, increasing. */
static size_t all_stops(const detector *d, const sevens_target *target, double m4, double *stop)
{
    const sevens_release *r = &d->release;
    const sevens_response_parameters *par = &r->response;
    bool es = target->process == SEVENS_ES;
    size_t n = 0;

    stop[n++] = 0.0;
    for (size_t k = 0; k < d->mesh->flux.n_break; k++) {
        double E = d->mesh->flux.break_MeV[k], M = target->M_MeV;
        double b = 2.0 * M * E * E - m4 * m4 * (M + E);
        double s = 2.0 * M * E - m4 * m4, root2 = s * s - 4.0 * M * M * m4 * m4;

        stop[n++] = 2.0 * E * E / (M + 2.0 * E);
        if (m4 == 0.0 || root2 < 0.0 || b < 0.0)
            continue;
        stop[n++] = (b + E * sqrt(root2)) / (2.0 * M * (M + 2.0 * E));
        stop[n++] = (b - E * sqrt(root2)) / (2.0 * M * (M + 2.0 * E));
    }
    for (size_t i = 0; i < par->quenching_factor.n && !es; i++)
        stop[n++] = 1e-3 * par->quenching_factor.x[i];
    for (size_t i = 0; i < r->n_node; i++)
        stop[n++] = 1e-3 * r->node_keVnr[i];
    if (par->minimum_keVee > 0.0)
        stop[n++] = es ? 1e-3 * par->minimum_keVee : recoil_of(par, par->minimum_keVee);
    for (size_t i = 0; i <= r->n_channel && r->n_node == 0 && par->smearing == SEVENS_SMEARING_NONE;
         i++)
        stop[n++] = es ? 1e-3 * d->edge[i] : recoil_of(par, d->edge[i] / par->light_yield);
    if (es)
        n += sevens_electron_shells(target->nucleus, stop + n);
    ck_assert_uint_lt(n, MAX_STOP);
    gsl_sort(stop, 1, n);
    return n;
}

/* Adds int dT R(T) folded(T) of one target to sum [n_channel], up to top [MeV], in panels no wider
 * than `step` [MeV] and than a part of their distance from 0. */
static void add_target(const detector *d, const sevens_target *target, size_t f, double m4,
                       double bottom, double top, double step, int parts, double *sum)
{
    double stop[MAX_STOP], R[MAX_CHANNEL];
    size_t n = all_stops(d, target, m4, stop);

    for (size_t k = 0; k + 1 < n; k++) {
        double lo = fmax(stop[k], bottom), hi = fmin(stop[k + 1], top), next;

        for (; lo < hi; lo = next) {
            next = fmin(hi, lo + fmin(step, 0.5 * lo));
            for (int i = 0; i < 8; i++) {
                double T = lo + (next - lo) * unit_node[i], rate;

                rate = (next - lo) * unit_weight[i] *
                       folded(d, target->process, target->nucleus, f, T, m4, parts);
                if (target->process == SEVENS_ES)
                    sevens_response_electron(d->mesh->response[0], T, R);
                else
                    sevens_response_nuclear(d->mesh->response[0], target->nucleus, T, R);
                for (size_t e = 0; e < d->release.n_channel; e++)
                    sum[e] += rate * R[e];
            }
        }
    }
}

typedef struct grid {
    double bottom, top, step; /* [MeV] */
    int parts;
} grid;

/* Every channel of every flux class at the present values. */
static void compare(detector *d, const char *what, sevens_process process, double m4, grid g)
{
    const sevens_release *r = &d->release;
    sevens_model_point point = {d->value, SEVENS_NO_ROW};
    double abc[3 * 3 * MAX_CHANNEL], worst = 0.0;

    sevens_templates_update(d->templates, &point);
    sevens_templates_channel_row(d->templates, &point, process, abc);
    for (size_t f = 0; f < r->n_flux; f++) {
        double expected[MAX_CHANNEL] = {0.0}, total = 0.0;

        for (size_t i = 0; i < r->n_target; i++) {
            sevens_target target = sevens_mesh_target(d->mesh, process, i);
            double sum[MAX_CHANNEL] = {0.0};
            double factor = r->target[i].count * 1000.0 * r->mass_kg / r->molar_mass_g *
                            SEVENS_AVOGADRO * d->mesh->flux.fluence_per_cm2[f];

            add_target(d, &target, f, m4, g.bottom, g.top, g.step, g.parts, sum);
            for (size_t e = 0; e < r->n_channel; e++)
                expected[e] += factor * sum[e];
        }
        for (size_t e = 0; e < r->n_channel; e++)
            total += expected[e];
        ck_assert(total > 0.0);
        for (size_t e = 0; e < r->n_channel; e++) {
            double counts = abc[3 * f * r->n_channel + e];

            ck_assert_msg(fabs(counts - expected[e]) <= 1e-16 * total + TOLERANCE * expected[e],
                          "%s, flux class %zu, channel %zu: %.17g is not %.17g of %g", what, f, e,
                          counts, expected[e], total);
            if (expected[e] > 1e-6 * total)
                worst = fmax(worst, fabs(counts / expected[e] - 1.0));
        }
    }
    printf("%s: worst relative difference %.1e\n", what, worst);
}

/* ---- how large ---- */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double megabytes(const detector *d)
{
    const sevens_block *b = &d->mesh->block[SEVENS_CEVNS];
    size_t per_node = 3 + d->mesh->n_all;

    for (int p = 0; p < SEVENS_N_PRODUCT; p++)
        per_node += b->kinetic[p] ? d->mesh->n_flux : 0;
    return 8e-6 * (double)(b->capacity * per_node);
}

/* Says how large a mesh is, and how long an update of all of its templates takes. */
static void measure(detector *d, const char *what, double most_MB)
{
    sevens_model_point point = {d->value, SEVENS_NO_ROW};
    double start, fastest = INFINITY;

    for (int i = 0; i < 5; i++) {
        set(d, "m_zp", 1.0 + 0.1 * i);
        start = now();
        sevens_templates_update(d->templates, &point);
        fastest = fmin(fastest, now() - start);
    }
    printf("%s: %zu nodes (room for %zu), %.1f MB, update in %.2f ms\n", what,
           d->mesh->block[0].n_node, d->mesh->block[0].capacity, megabytes(d), 1e3 * fastest);
    ck_assert_double_lt(megabytes(d), most_MB);
}

/* ---- germanium at a reactor ---- */

static const char *const germanium[] = {"Ge70", "Ge72", "Ge73", "Ge74", "Ge76"};

/* A point-contact detector: quenching of n rows, 130 bins of 10 eV, noise of 68.5 eV. */
static void make_germanium(detector *d, size_t n_target, size_t n_flux, size_t n_quenching,
                           double end)
{
    sevens_response_parameters *par = &d->release.response;

    *d = (detector){0};
    set_reactor(d, n_flux, end, 0.0);
    set_targets(d, n_target, germanium);
    set_quenching(par, n_quenching, 4.5);
    set_bins(d, 130, 0.2, 1.5);
    par->minimum_keVee = 0.00296;
    par->smearing = SEVENS_SMEARING_GAUSS;
    par->sigma2[0] = 0.0685 * 0.0685;
    par->sigma2[1] = 0.00296 * 0.11;
    par->truncated = true;
}

START_TEST(germanium_counts)
{
    grid g = {1e-6, 2e-3, 1e-5, 1};
    detector d;

    make_germanium(&d, 2, 35, 451, 8.0);
    set_model(&d, "{kind: zprime, charges: b-l}");
    detector_make(&d, false, NULL);
    set(&d, "m_zp", 0.03); /* light: the rate falls as 1/T^2 */
    set(&d, "g_zp", 3e-6);
    compare(&d, "germanium, light mediator", SEVENS_CEVNS, 0.0, g);
    set(&d, "g_zp", 0.0);
    compare(&d, "germanium", SEVENS_CEVNS, 0.0, g);
    detector_free(&d);
}
END_TEST

START_TEST(germanium_electrons)
{
    grid g = {2.9e-6, 2.6e-3, 8e-6, 6};
    detector d;

    make_germanium(&d, 1, 35, 451, 8.0);
    set_model(&d, "[{kind: zprime, charges: b-l}, magnetic-moment]");
    detector_make(&d, true, NULL);
    set(&d, "m_zp", 0.01);
    set(&d, "g_zp", 1e-6);
    set(&d, "mu_nu_e", 1e-10);
    compare(&d, "germanium, electrons", SEVENS_ES, 0.0, g);
    detector_free(&d);
}
END_TEST

/* Sharp resolution, a line in the flux: panels must follow both. */
START_TEST(cryogenic_counts)
{
    grid g = {5e-6, 1.1e-3, 1e-6, 1};
    detector d;

    make_germanium(&d, 1, 20, 5, 5.0);
    set_bins(&d, 40, 0.02, 0.42);
    d.release.response.sigma2[0] = 1e-6; /* 1 eV */
    d.release.response.sigma2[1] = 0.0;
    ck_assert_int_eq(sevens_spectrum_add_line(&d.release.flux[0].spectrum, 3.3, 0.4, NULL),
                     SEVENS_OK);
    set_model(&d, "{kind: sm}");
    detector_make(&d, false, NULL);
    compare(&d, "cryogenic", SEVENS_CEVNS, 0.0, g);
    detector_free(&d);
}
END_TEST

START_TEST(germanium_meshes)
{
    detector d;

    make_germanium(&d, 5, 35, 451, 8.0);
    set_model(&d, "{kind: zprime, charges: b-l}");
    detector_make(&d, false, NULL);
    measure(&d, "5 isotopes of germanium, 35 flux nodes", 16.0);
    detector_free(&d);
    make_germanium(&d, 5, 500, 451, 12.5);
    set_model(&d, "{kind: zprime, charges: b-l}");
    detector_make(&d, true, NULL);
    measure(&d, "5 isotopes of germanium, 500 flux nodes", 40.0);
    detector_free(&d);
}
END_TEST

/* The mesh of a heavy lepton follows its mass, also where that needs more nodes than before. */
START_TEST(heavy_lepton)
{
    static const double masses[] = {4.5, 0.01, 2.0};
    grid g = {1e-7, 2e-3, 1e-5, 1};
    detector d;

    make_germanium(&d, 1, 12, 31, 6.0);
    set_model(&d, "{kind: dipole-portal}");
    detector_make(&d, false, NULL);
    set(&d, "mu_d_e", 1e-9);
    for (int i = 0; i < 3; i++) {
        set(&d, "m4", masses[i]);
        compare(&d, "heavy lepton", SEVENS_CEVNS, masses[i], g);
    }
    detector_free(&d);
}
END_TEST

/* ---- liquid argon, photoelectrons, triangles ---- */

START_TEST(argon_counts)
{
    static double x[] = {0.25, 3.0, 8.0, 20.0, 39.75}, y[] = {0.0, 0.2, 0.8, 0.93, 0.96};
    static const char *const argon[] = {"Ar40"};
    grid g = {1e-6, 0.16, 1e-3, 4};
    detector d = {0};
    sevens_response_parameters *par = &d.release.response;

    set_pions(&d);
    set_targets(&d, 1, argon);
    set_bins(&d, 12, 0.0, 120.0);
    *par = (sevens_response_parameters){.quenching_coefficient = {0.246, 0.78},
                                        .quenching_scale = 1.0,
                                        .light_yield = 1.0,
                                        .smearing = SEVENS_SMEARING_GAUSS,
                                        .sigma2 = {0.0, 0.3364},
                                        .efficiency = SEVENS_EFFICIENCY_LINEAR,
                                        .efficiency_curve = {5, x, y}};
    set_model(&d, "{kind: sm}");
    detector_make(&d, false, NULL);
    compare(&d, "argon", SEVENS_CEVNS, 0.0, g);
    detector_free(&d);
}
END_TEST

/* Photoelectrons: without smearing the efficiency has steps, with it they are counted. */
START_TEST(photoelectron_counts)
{
    static double x[] = {4.0, 6.0, 11.0, 30.0}, y[] = {0.1, 0.45, 0.7};
    static const char *const caesium[] = {"Cs133"};
    grid g = {1e-5, 0.06, 4e-4, 3};

    for (int smeared = 0; smeared < 2; smeared++) {
        detector d = {0};
        sevens_response_parameters *par = &d.release.response;

        set_pions(&d);
        set_targets(&d, 1, caesium);
        set_bins(&d, 12, 6.0, 30.0);
        set_quenching(par, 2, 50.0);
        par->quenching_factor.y[1] = par->quenching_factor.y[0] = 0.0878;
        par->light_yield = 13.348;
        par->smearing = smeared ? SEVENS_SMEARING_POISSON : SEVENS_SMEARING_NONE;
        par->efficiency = SEVENS_EFFICIENCY_STEPS;
        par->efficiency_curve = (sevens_curve){3, x, y};
        if (!smeared) /* bins whose edges are those of the steps too */
            d.edge[3] = 11.0;
        set_model(&d, "{kind: sm}");
        detector_make(&d, false, NULL);
        compare(&d, smeared ? "photoelectrons, smeared" : "photoelectrons", SEVENS_CEVNS, 0.0, g);
        detector_free(&d);
    }
}
END_TEST

static const char *const xenon[] = {"Xe124", "Xe126", "Xe128", "Xe129", "Xe130",
                                    "Xe131", "Xe132", "Xe134", "Xe136"};

/* Channels are 46 triangles. */
static void make_xenon(detector *d, size_t n_target, size_t n_flux, double *node)
{
    static char name[] = "xenon-test";

    *d = (detector){0};
    set_reactor(d, n_flux, 16.0, 6.2);
    set_targets(d, n_target, xenon);
    for (int i = 0; i < 46; i++)
        node[i] = 0.5 + 0.1 * i;
    set_bins(d, 46, 0.0, 1.0);
    d->release.n_node = 46;
    d->release.node_keVnr = node;
    d->release.name = name;
}

START_TEST(xenon_counts)
{
    grid g = {4e-4, 5.1e-3, 2e-5, 1};
    double node[46];
    detector d;
    sevens_mesh_options options = {.signal_scale = 1.0, .es = true};
    sevens_mesh *mesh;
    sevens_error err = {0};

    make_xenon(&d, 1, 40, node);
    set_model(&d, "{kind: zprime, charges: b-l}");
    ck_assert_int_eq(sevens_mesh_create(&mesh, &d.release, d.model, &options, &err),
                     SEVENS_ERR_INPUT);
    ck_assert_str_eq(err.message,
                     "xenon-test gives no response to recoils of electrons: write es: false");
    ck_assert_ptr_null(mesh);
    detector_make(&d, false, NULL);
    set(&d, "g_zp", 0.0);
    compare(&d, "xenon", SEVENS_CEVNS, 0.0, g);
    detector_free(&d);
    make_xenon(&d, 9, 800, node);
    set_model(&d, "{kind: zprime, charges: b-l}");
    detector_make(&d, false, NULL);
    measure(&d, "9 isotopes of xenon, 800 flux nodes", 30.0);
    detector_free(&d);
}
END_TEST

/* ---- shape nuisances, and from channels to bins ---- */

/* The signal alone of a germanium detector with these parameters, [3][n_bin]. */
static void signal_with(const sevens_response_parameters *par, double *abc)
{
    detector d;
    sevens_model_point point = {d.value, 0};
    sevens_response_parameters own;

    make_germanium(&d, 1, 12, 31, 6.0);
    own = d.release.response;
    if (par)
        d.release.response = *par;
    set_model(&d, "{kind: zprime, charges: b-l}");
    point.row = sevens_model_find(d.model, "g_zp");
    set(&d, "m_zp", 0.03);
    detector_make(&d, false, NULL);
    sevens_templates_update(d.templates, &point);
    sevens_templates_row(d.templates, &point, abc);
    d.release.response = own;
    detector_free(&d);
}

/* A release with a shape of each kind, of which some are active. */
START_TEST(variants)
{
    enum { N = 130 };
    static double spread_change[N];
    static double row[4][3][N], nominal[3][N], plus[3][N], minus[3][N], lone[3][N];
    const bool active[5] = {true, false, true, true, true}; /* of the fourth: of backgrounds */
    detector d;
    sevens_model_point point = {d.value, 0};
    sevens_shape *shape;

    make_germanium(&d, 1, 12, 31, 6.0);
    shape = d.release.shape;
    d.release.n_shape = 5;
    for (int i = 0; i < 5; i++)
        shape[i].plus = shape[i].minus = d.release.response;
    shape[0].of = shape[1].of = shape[4].of = SEVENS_SHAPE_RESPONSE;
    shape[0].plus.quenching_scale = 1.05;
    shape[0].minus.quenching_scale = 0.96;
    shape[2].of = SEVENS_SHAPE_SPREAD;
    shape[2].weight[0] = spread_change;
    shape[3].of = SEVENS_SHAPE_BACKGROUND;
    shape[4].one_sided = true;
    shape[4].plus.sigma2[0] *= 1.1;
    shape[4].plus.efficiency = SEVENS_EFFICIENCY_SIGMOID;
    shape[4].plus.efficiency_coefficient[0] = 1.0;
    shape[4].plus.efficiency_coefficient[1] = 9.0;
    for (int i = 0; i < N; i++)
        spread_change[i] = 0.01 * i - 0.3;
    set_model(&d, "{kind: zprime, charges: b-l}");
    point.row = sevens_model_find(d.model, "g_zp");
    set(&d, "m_zp", 0.03);
    detector_make(&d, false, active);
    sevens_templates_update(d.templates, &point);
    sevens_templates_row(d.templates, &point, row[0][0]);

    signal_with(NULL, nominal[0]);
    signal_with(&shape[0].plus, plus[0]);
    signal_with(&shape[0].minus, minus[0]);
    signal_with(&shape[4].plus, lone[0]);
    for (int t = 0; t < 3; t++) {
        for (int b = 0; b < N; b++) {
            double size = TOLERANCE * fabs(nominal[t][b]) + 1e-15 * fabs(nominal[t][0]);

            ck_close(row[0][t][b], nominal[t][b], size, 0.0);
            ck_close(row[1][t][b], 0.5 * (plus[t][b] - minus[t][b]), 2.0 * size, 0.0);
            ck_close(row[2][t][b], spread_change[b] * nominal[t][b], size, 0.0);
            ck_close(row[3][t][b], lone[t][b] - nominal[t][b], 2.0 * size, 0.0);
        }
    }
    ck_assert(fabs(row[1][0][5]) > 1e-3 * row[0][0][5]);
    detector_free(&d);
}
END_TEST

/* Bins that share channels, and one that has none. */
START_TEST(spread)
{
    static size_t first[] = {0, 2, 2, 5}, channel[] = {0, 1, 1, 4, 2};
    static double weight[] = {0.5, 0.25, 2.0, 1.0, 0.125};
    double row[3][3], channels[3][130];
    detector d;
    sevens_model_point point = {d.value, 0};

    make_germanium(&d, 1, 12, 31, 6.0);
    d.release.n_bin = 3;
    d.release.spread = (sevens_spread){first, channel, 5};
    d.release.flux[0].weight = weight;
    set_model(&d, "{kind: zprime, charges: b-l}");
    point.row = sevens_model_find(d.model, "g_zp");
    set(&d, "m_zp", 0.03);
    detector_make(&d, false, NULL);
    sevens_templates_update(d.templates, &point);
    sevens_templates_row(d.templates, &point, row[0]);
    sevens_templates_channel_row(d.templates, &point, SEVENS_CEVNS, channels[0]);
    for (int t = 0; t < 3; t++) {
        const double *c = channels[t];

        ck_close(row[t][0], 0.5 * c[0] + 0.25 * c[1], 0.0, 1e-14);
        ck_assert_double_eq(row[t][1], 0.0);
        ck_close(row[t][2], 2.0 * c[1] + c[4] + 0.125 * c[2], 0.0, 1e-14);
    }
    detector_free(&d);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mesh");
    TCase *tc = tcase_create("mesh");

    gsl_set_error_handler_off();
    make_unit_rule();
    tcase_set_timeout(tc, 240);
    tcase_add_test(tc, germanium_counts);
    tcase_add_test(tc, germanium_electrons);
    tcase_add_test(tc, cryogenic_counts);
    tcase_add_test(tc, germanium_meshes);
    tcase_add_test(tc, heavy_lepton);
    tcase_add_test(tc, argon_counts);
    tcase_add_test(tc, photoelectron_counts);
    tcase_add_test(tc, xenon_counts);
    tcase_add_test(tc, variants);
    tcase_add_test(tc, spread);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
