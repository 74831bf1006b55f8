/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Releases of every kind, made by hand: fluxes, responses, weights, likelihoods, projections,
 * shapes, options and patches; and every fault that they can have. */
#include "sevens/release.h"
#include "sevens/spectrum.h"
#include "test_release_support.h"

static char folder[256];
static sevens_error error;

static void setup(void)
{
    test_folder(folder, sizeof folder);
}

static void teardown(void)
{
    test_remove_folder(folder);
}

static sevens_release *load(const sevens_release_option *choices, size_t n,
                            const sevens_node *patch)
{
    sevens_release *r;
    ck_assert_msg(sevens_release_load(&r, folder, choices, n, patch, &error) == SEVENS_OK, "%s",
                  error.message);
    return r;
}

static sevens_release *load_plain(void)
{
    return load(NULL, 0, NULL);
}

static void refused(const char *message)
{
    sevens_release *r;
    ck_assert_msg(sevens_release_load(&r, folder, NULL, 0, NULL, &error) == SEVENS_ERR_INPUT,
                  "accepted, though: %s", message);
    ck_assert_ptr_null(r);
    ck_contains(error.message, message);
}

/* ---- fluxes ---- */

#define DAY 86400.0

START_TEST(reactor)
{
    test_reactor_release(folder);
    sevens_release *r = load_plain();
    ck_assert(r->n_flux == 1 && r->flux_kind == SEVENS_FLUX_SPECTRUM);
    ck_assert(r->flux[0].flavour == SEVENS_NUBAR_E);
    ck_assert(r->baseline_m == 10 && r->spread_m == 2);
    /* each: U235 is 2 on (1, 3), area 4; U238 two triangles with a jump at 2, area 2.5 */
    const sevens_spectrum *s = &r->flux[0].spectrum;
    ck_close(r->flux[0].fluence_per_cm2, 1e12 * 2 * DAY, 0, 1e-15);
    ck_close(sevens_spectrum_total(s), 1, 0, 1e-14);
    ck_close(sevens_spectrum_density(s, 1.5), 0.75 / 4 * 2 + 0.25 / 2.5 * 2, 0, 1e-14);
    ck_close(sevens_spectrum_density(s, 2.5), 0.75 / 4 * 2 + 0.25 / 2.5 * 0.5, 0, 1e-14);
    sevens_release_free(&r);

    test_replace_in(folder, "release.yaml", "normalisation: each", "normalisation: sum");
    test_replace_in(folder, "release.yaml", "U238: 0.25}", "U238: 0.25, capture: 1.2}");
    r = load_plain(); /* what is added matters now: 3 + 0.625 + 4.8 */
    ck_close(r->flux[0].fluence_per_cm2, 1e12 * 2 * DAY, 0, 1e-15);
    ck_close(sevens_spectrum_density(&r->flux[0].spectrum, 1.5), (1.5 + 0.5 + 4.8) / 8.425, 0,
             1e-14);
    sevens_release_free(&r);

    test_replace_in(folder, "release.yaml", "normalisation: sum", "normalisation: power");
    test_replace_in(folder, "release.yaml", "flux_per_cm2_s: 1e12", "power_GW: 3");
    r = load_plain(); /* captures come without energy */
    const double per_s = 3e9 / 1.602176634e-19 * 1e-6 / (0.75 * 201.92 + 0.25 * 205.52);
    ck_close(r->flux[0].fluence_per_cm2, per_s * 8.425 / (4 * M_PI * 1e6) * 2 * DAY, 0, 1e-13);
    sevens_release_free(&r);
}
END_TEST

START_TEST(no_flux)
{
    test_reactor_release(folder);
    test_replace_in(folder, "release.yaml", "flux_per_cm2_s: 1e12", "flux_per_cm2_s: 0");
    sevens_release *r = load_plain();
    ck_assert(r->flux[0].fluence_per_cm2 == 0.0);
    ck_close(sevens_spectrum_total(&r->flux[0].spectrum), 1, 0, 1e-14);
    sevens_release_free(&r);
}
END_TEST

START_TEST(classes)
{
    test_nodes_release(folder);
    sevens_release *r = load_plain();
    ck_assert_uint_eq(r->n_flux, 3);
    ck_assert(r->flux[1].flavour == SEVENS_NU_MU && r->flux[2].flavour == SEVENS_NU_E);
    ck_close(r->flux[0].fluence_per_cm2, 4 * 10 * DAY, 0, 1e-15);
    ck_close(r->flux[2].fluence_per_cm2, 7, 0, 0);
    /* b8 is a triangle of area 6 and height 6; the line takes a quarter of the first class */
    ck_close(sevens_spectrum_density(&r->flux[0].spectrum, 2), 0.75, 0, 1e-14);
    ck_close(sevens_spectrum_density(&r->flux[1].spectrum, 2), 1, 0, 1e-14);
    ck_assert(r->flux[0].spectrum.n_line == 1 && r->flux[1].spectrum.n_line == 0);
    ck_assert(r->flux[0].spectrum.line[0].E_MeV == 1.5);
    ck_assert(r->flux[0].spectrum.line[0].content == 0.25);
    ck_assert(r->flux[2].spectrum.n == 0 && r->flux[2].spectrum.n_line == 2);
    for (size_t k = 0; k < 3; k++)
        ck_close(sevens_spectrum_total(&r->flux[k].spectrum), 1, 0, 1e-14);
    sevens_release_free(&r);
}
END_TEST

/* ---- responses ---- */

START_TEST(tables_of_the_response)
{
    test_reactor_release(folder);
    sevens_release *r = load_plain();
    const sevens_response_parameters *p = &r->response;
    ck_assert(p->quenching == SEVENS_QUENCHING_TABLE && p->quenching_factor.n == 3);
    ck_assert(p->quenching_factor.x[2] == 5 && p->quenching_factor.y[2] == 0.25);
    ck_assert(p->quenching_scale == 1 && p->minimum_keVee == 0.003 && p->light_yield == 1);
    ck_assert(p->smearing == SEVENS_SMEARING_GAUSS && p->truncated);
    ck_assert(p->sigma2[0] == 0.004 && p->sigma2[1] == 0.0003 && p->sigma2[2] == 0);
    ck_assert(p->efficiency == SEVENS_EFFICIENCY_LINEAR && p->efficiency_curve.n == 3);
    ck_assert(p->efficiency_curve.x[1] == 0.3 && p->efficiency_curve.y[1] == 0.9);
    sevens_release_free(&r);

    test_timed_release(folder);
    r = load_plain();
    p = &r->response;
    ck_assert(p->quenching == SEVENS_QUENCHING_POLYNOMIAL && p->light_yield == 4.5);
    ck_close(p->quenching_coefficient[0], 0.25, 0, 0); /* from keV to MeV */
    ck_close(p->quenching_coefficient[1], 0.7, 0, 1e-15);
    ck_assert(p->quenching_coefficient[2] == 0 && p->smearing == SEVENS_SMEARING_POISSON);
    ck_assert(p->efficiency == SEVENS_EFFICIENCY_STEPS && p->efficiency_curve.n == 3);
    const double edges[] = {0, 1.5, 3, 10}, height[] = {0.2, 0.6, 0.5};
    ck_assert_mem_eq(p->efficiency_curve.x, edges, sizeof edges);
    ck_assert_mem_eq(p->efficiency_curve.y, height, sizeof height);
    sevens_release_free(&r);
}
END_TEST

START_TEST(nodes)
{
    test_nodes_release(folder);
    sevens_release *r = load_plain();
    const size_t first[] = {0, 2, 3, 3, 5}, channel[] = {0, 1, 1, 1, 2};
    const double weight[] = {0.01, 0.02, 0.1, 0.05, 0.3}, events[] = {1, 10, 100};
    double bin[] = {1000, 0, 0, 0};
    ck_assert(r->n_node == 3 && r->n_channel == 3 && r->n_bin == 4 && r->spread.n_entry == 5);
    ck_assert(r->node_keVnr[0] == 0.5 && r->node_keVnr[2] == 2);
    ck_assert_mem_eq(r->spread.first, first, sizeof first);
    ck_assert_mem_eq(r->spread.channel, channel, sizeof channel);
    for (size_t k = 0; k < 3; k++)
        ck_assert_mem_eq(r->flux[k].weight, weight, sizeof weight);
    sevens_release_spread(r, r->flux[0].weight, events, bin);
    const double expected[] = {1000.21, 1, 0, 30.5};
    for (size_t b = 0; b < 4; b++)
        ck_close(bin[b], expected[b], 1e-15, 1e-14);
    ck_assert(isinf(r->signal_sigma));
    sevens_release_free(&r);
}
END_TEST

/* ---- weights and likelihoods ---- */

START_TEST(on_and_off)
{
    test_timed_release(folder);
    sevens_release *r = load_plain();
    const double edges[] = {1, 2, 4}, events[] = {10, 100};
    double bin[4] = {0};
    ck_assert(r->n_axis == 3 && r->n_channel == 2 && r->n_bin == 4);
    for (size_t i = 0; i < 3; i++)
        ck_close(r->axis[0].edges[i], edges[i], 0, 1e-15);
    ck_assert_str_eq(r->axis[1].name, "psd");
    ck_assert(r->likelihood == SEVENS_LIKELIHOOD_POISSON_ON_OFF && r->signal_sigma == 0);
    ck_assert(r->on_off == SEVENS_ON_OFF_CONTINUOUS && r->on_off_per_bin);
    ck_assert(r->observed[3] == 8 && r->off[3] == 6 && r->background[0].counts[3] == 0.3);
    ck_assert_ptr_null(r->sigma);
    const size_t channel[] = {0, 0, 1, 1};
    ck_assert_mem_eq(r->spread.channel, channel, sizeof channel);
    ck_assert(r->flux[0].flavour == SEVENS_NU_E && r->flux[0].weight[3] == 0.4);
    ck_assert(r->flux[1].weight[3] == 0.3 && r->flux[2].weight[3] == 0.2);
    sevens_release_spread(r, r->flux[0].weight, events, bin);
    ck_close(bin[1], 2, 0, 1e-15);
    ck_close(bin[2], 30, 0, 1e-15);
    sevens_release_free(&r);
}
END_TEST

/* The same shares at all energies, over two axes. */
START_TEST(shares)
{
    test_timed_release(folder);
    test_replace_in(folder, "release.yaml", "spread: {file: spread.csv}",
                    "shares: {file: shares.csv}");
    test_write_in(folder, "shares.csv",
                  "psd_lo[1],psd_hi[1],time_lo[us],time_hi[us],nu_e[1],nubar_mu[1],nu_mu[1]\n"
                  "0.5,1,0,1,0.2,0.3,0.9\n0.5,1,1,5,0.8,0.6,0.1\n");
    sevens_release *r = load_plain();
    const double weight[] = {0.2, 0.8, 0.2, 0.8};
    ck_assert_mem_eq(r->flux[0].weight, weight, sizeof weight);
    sevens_release_free(&r);
}
END_TEST

START_TEST(gauss)
{
    test_reactor_release(folder);
    sevens_release *r = load_plain();
    ck_assert(r->likelihood == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND);
    ck_assert(r->observed[1] == -1.5 && r->sigma[2] == 0.5 && r->off == NULL);
    ck_assert(r->n_background == 1 && isinf(r->background[0].sigma));
    ck_assert(r->background[0].counts[3] == 2.5);
    ck_assert(r->n_shared == 1 && r->shared[0].sigma == 0.015);
    ck_assert_str_eq(r->shared[0].name, "reactor-flux");
    ck_assert(r->lines.l2_keV == 1.142 && r->lines.ratio_sigma == 0.03);
    ck_assert(r->lines.start[SEVENS_LINES_CENTRE] == 1.297);
    ck_assert(r->lines.lo[SEVENS_LINES_SLOPE] == 0.02 && r->lines.hi[SEVENS_LINES_RATIO] == 1);
    for (size_t b = 0; b < 4; b++) /* one axis: all that is in the channel */
        ck_assert(r->flux[0].weight[b] == 1 && r->spread.channel[b] == b);
    ck_close(r->axis[0].edges[3], 0.5, 0, 1e-15);
    sevens_release_free(&r);

    test_replace_in(folder, "release.yaml", "gauss-background", "gauss");
    refused("likelihood: 'lines' has no meaning with kind 'gauss'");
}
END_TEST

START_TEST(projection)
{
    test_write_in(folder, "release.yaml", test_projection_yaml);
    sevens_release *r = load_plain();
    ck_assert(r->projection && r->observed == NULL && r->n_bin == 2);
    ck_close(r->axis[0].edges[1], 0.1, 0, 1e-14);
    ck_close(r->background[0].counts[0], 5 * 2 * 365 * 0.09, 0, 1e-13);
    ck_close(r->background[0].counts[1], 5 * 2 * 365 * 0.9, 0, 1e-13);
    ck_assert(r->spread_m == 0.15 && r->baseline_m == 0.3); /* no more than half of it */
    ck_assert(r->response.quenching == SEVENS_QUENCHING_LINDHARD &&
              r->response.lindhard_k == 0.157);
    char alone[SEVENS_SHA256_HEX];
    strcpy(alone, r->sha256);
    sevens_release_free(&r);

    sevens_document *doc; /* the same at a beam: its live time is that of the background */
    const char beam[] = "flux: {kind: pion-dar, pot: 1e23, neutrinos_per_proton: 0.08,\n"
                        "  classes: ~, exposure_d: 73}";
    ck_assert_int_eq(sevens_document_parse(&doc, "beam", beam, strlen(beam), &error), SEVENS_OK);
    r = load(NULL, 0, sevens_document_root(doc));
    sevens_document_free(&doc);
    ck_assert(r->n_flux == 3 && r->flux_kind == SEVENS_FLUX_PION_DAR);
    ck_close(r->background[0].counts[1], 5 * 2 * 73 * 0.9, 0, 1e-13);
    sevens_release_free(&r);

    /* with a table as well; what was observed does not matter, but is read */
    test_replace_in(folder, "release.yaml", "per_kg_d_keV: 5}",
                    "per_kg_d_keV: 5}, {name: dark, sigma: 1}");
    refused("release.yaml:1:1: error: tables: the key 'counts' is missing");
    test_replace_in(folder, "release.yaml",
                    "likelihood:", "tables: {counts: {file: c.csv}}\nlikelihood:");
    test_write_in(folder, "c.csv",
                  "energy_lo[keVnr],energy_hi[keVnr],dark[1],observed[1]\n0.01,0.1,7,3\n"
                  "0.1,1,8,3\n");
    r = load_plain();
    ck_assert(r->observed == NULL && r->background[1].counts[1] == 8);
    ck_assert_str_ne(r->sha256, alone);
    sevens_release_free(&r);
}
END_TEST

/* Tables without a sum in release.yaml are covered by that of the release. */
START_TEST(checksum)
{
    char before[SEVENS_SHA256_HEX], hex[SEVENS_SHA256_HEX], text[400];
    static const char *const tables[] = {"toy.csv",  "qf.csv",   "qf_upper.csv", "efficiency.csv",
                                         "tilt.csv", "leak.csv", "counts.csv"};
    test_reactor_release(folder);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        sevens_release *r = load_plain();
        strcpy(before, r->sha256);
        sevens_release_free(&r);
        char path[300], *old;
        snprintf(path, sizeof path, "%s/%s", folder, tables[i]);
        old = test_read_file(path, NULL);
        char *longer = malloc(strlen(old) + 20);
        ck_assert_ptr_nonnull(longer);
        sprintf(longer, "# more\n%s", old);
        test_write_file(path, longer, strlen(longer));
        free(longer);
        free(old);
        r = load_plain();
        ck_assert_str_ne(r->sha256, before);
        sevens_release_free(&r);
    }
    snprintf(text, sizeof text, "%s/counts.csv", folder);
    ck_assert_int_eq(sevens_sha256_file(text, hex, &error), SEVENS_OK);
    snprintf(text, sizeof text, "counts: {file: counts.csv, sha256: %s}", hex);
    test_replace_in(folder, "release.yaml", "counts: {file: counts.csv}", text);
    sevens_release *r = load_plain();
    sevens_release_free(&r);
    test_replace_in(folder, "counts.csv", "0.2,0.3,5", "0.2,0.3,6");
    refused("counts.csv has the sha256 ");
}
END_TEST

/* ---- shapes ---- */

START_TEST(shapes)
{
    test_reactor_release(folder);
    sevens_release *r = load_plain();
    const sevens_shape *upper = &r->shape[0], *tilt = &r->shape[1], *leak = &r->shape[2];
    ck_assert_uint_eq(r->n_shape, 3);
    ck_assert(upper->of == SEVENS_SHAPE_RESPONSE && upper->one_sided);
    ck_assert(upper->plus.quenching_factor.n == 2 && upper->plus.quenching_factor.y[0] == 0.15);
    ck_assert(upper->plus.minimum_keVee == 0.003 && upper->plus.efficiency_curve.n == 3);
    ck_assert_ptr_ne(upper->plus.efficiency_curve.x, r->response.efficiency_curve.x);
    ck_assert_ptr_null(upper->minus.quenching_factor.x);
    ck_assert_str_eq(tilt->name, "tilt");
    ck_assert(tilt->of == SEVENS_SHAPE_BACKGROUND && tilt->background == 0);
    ck_assert(tilt->counts[0] == -0.5 && tilt->counts[3] == 0.5);
    ck_assert(leak->of == SEVENS_SHAPE_SPREAD && leak->weight[0][0] == -0.01);
    ck_assert(leak->weight[0][3] == 0.01 && leak->counts == NULL);
    sevens_release_free(&r);

    test_replace_in(folder, "release.yaml", "{file: qf_upper.csv}}}",
                    "{file: qf_upper.csv}},\n     minus: {smearing: {sigma2: [1, 2, 3]}}}");
    r = load_plain();
    ck_assert(!r->shape[0].one_sided && r->shape[0].minus.sigma2[2] == 3);
    ck_assert(r->shape[0].minus.quenching_factor.n == 3 && r->shape[0].plus.sigma2[0] == 0.004);
    sevens_release_free(&r);
}
END_TEST

/* ---- options and patches ---- */

START_TEST(head)
{
    sevens_release_head *h;
    test_reactor_release(folder);
    ck_assert_msg(sevens_release_head_load(&h, folder, &error) == SEVENS_OK, "%s", error.message);
    ck_assert_str_eq(h->name, "own");
    ck_assert(h->electron_recoils && !h->projection && h->n_option == 2 && h->n_excluded == 1);
    ck_assert_str_eq(h->excluded[0], "other");
    ck_assert_str_eq(h->option[0].name, "quenching");
    ck_assert_str_eq(h->option[0].doc, "quenching factor");
    ck_assert_uint_eq(h->option[0].n_choice, 3);
    ck_assert_str_eq(h->option[0].choice[0], "measured");
    ck_assert_str_eq(h->option[1].choice[1], "wide");
    sevens_release_head_free(&h);
    ck_assert_ptr_null(h);
    ck_assert_int_eq(sevens_release_head_load(&h, "/nowhere", &error), SEVENS_ERR_INPUT);
    ck_contains(error.message, "/nowhere/release.yaml: cannot read");
}
END_TEST

START_TEST(options)
{
    test_reactor_release(folder);
    sevens_release *r = load_plain();
    ck_assert(r->n_option == 2 && r->n_excluded == 1);
    ck_assert_str_eq(r->option[0].value, "measured");
    ck_assert_str_eq(r->option[1].value, "narrow");
    sevens_release_free(&r);

    sevens_release_option one[] = {{(char[]){"quenching"}, (char[]){"lindhard"}}};
    r = load(one, 1, NULL); /* takes keys away, too */
    ck_assert(r->response.quenching == SEVENS_QUENCHING_LINDHARD && r->response.lindhard_k == 0.16);
    ck_assert(r->response.minimum_keVee == 0.003 && r->response.quenching_factor.n == 0);
    ck_assert(r->n_shape == 0 && r->signal_sigma == 0.02);
    sevens_release_free(&r);

    /* in the order of the file, not of the caller: the later option wins */
    sevens_release_option two[] = {{(char[]){"width"}, (char[]){"wide"}},
                                   {(char[]){"quenching"}, (char[]){"lower"}}};
    r = load(two, 2, NULL);
    ck_assert(r->signal_sigma == 0.5 && r->response.quenching_scale == 0.9);
    ck_assert(r->shape[0].plus.quenching_scale == 0.9);
    ck_assert_str_eq(r->option[0].name, "quenching");
    ck_assert_str_eq(r->option[0].value, "lower");
    sevens_release_free(&r);
}
END_TEST

START_TEST(bad_choices)
{
    sevens_release *r;
    char place[400];
    static const struct {
        const char *name, *value, *where, *message;
    } bad[] = {
        {"quenchin", "lower", ":11:3:", "own has no option 'quenchin'; did you mean 'quenching'?"},
        {"quenching", "lowr",
         ":14:7:", "option 'quenching' has no choice 'lowr'; did you mean 'lower'?"},
    };
    test_reactor_release(folder);
    for (size_t i = 0; i < 2; i++) {
        sevens_release_option o = {(char *)bad[i].name, (char *)bad[i].value};
        ck_assert_int_eq(sevens_release_load(&r, folder, &o, 1, NULL, &error), SEVENS_ERR_INPUT);
        ck_assert_ptr_null(r);
        snprintf(place, sizeof place, "%s/release.yaml%s", folder, bad[i].where);
        ck_contains(error.message, place);
        ck_contains(error.message, bad[i].message);
    }
    sevens_release_option twice[] = {{(char[]){"width"}, (char[]){"wide"}},
                                     {(char[]){"width"}, (char[]){"narrow"}}};
    ck_assert_int_eq(sevens_release_load(&r, folder, twice, 2, NULL, &error), SEVENS_ERR_INPUT);
    ck_contains(error.message, "option 'width' is chosen twice");
    test_write_in(folder, "release.yaml", test_projection_yaml);
    ck_assert_int_eq(sevens_release_load(&r, folder, twice, 1, NULL, &error), SEVENS_ERR_INPUT);
    ck_contains(error.message, "release.yaml:1:1: error: own has no option 'width'; known: none");
}
END_TEST

static sevens_document *parse_patch(const char *text)
{
    sevens_document *doc;
    ck_assert_msg(sevens_document_parse(&doc, "scan.yaml", text, strlen(text), &error) == SEVENS_OK,
                  "%s", error.message);
    return doc;
}

START_TEST(patch)
{
    sevens_release_option wide = {(char[]){"width"}, (char[]){"wide"}};
    test_reactor_release(folder);
    sevens_document *doc = parse_patch("likelihood: {signal_sigma: 0.3}\n"
                                       "target: {mass_kg: 4}\nprojection: true\n");
    sevens_release *r = load(&wide, 1, sevens_document_root(doc));
    sevens_document_free(&doc);
    ck_assert(r->signal_sigma == 0.3 && r->mass_kg == 4 && r->molar_mass_g == 71.9);
    ck_assert(r->projection && r->observed == NULL && r->sigma[0] == 1);
    sevens_release_free(&r);
}
END_TEST

START_TEST(bad_patches)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"target: {mass_kg: -4}\n",
         "scan.yaml:1:19: error: target: 'mass_kg' must be from 1e-09 to 1e+09 kg, not '-4'"},
        {"\ntarget: {mas_kg: 4}\n",
         "scan.yaml:2:10: error: target: unknown key 'mas_kg'; did you mean 'mass_kg'?"},
        {"target: {mas_kg: ~}\n", "scan.yaml:1:10: error: target: unknown key 'mas_kg'"},
        {"target: {mass_kg: ~}\n", "error: target: the key 'mass_kg' is missing"},
        {"bins: []\n", "scan.yaml:1:7: error: 'bins' must hold from 1 to 6 axes, not 0"},
        {"name: a\n", "scan.yaml:1:1: error: patch: 'name' cannot be changed by a patch"},
        {"options: {}\n", "patch: 'options' cannot be changed by a patch"},
        {"[1]\n", "scan.yaml:1:1: error: patch: this must be a mapping laid over release.yaml"},
        {"tables: {counts: {file: none.csv}}\n", "scan.yaml:1:25: error: the table "},
        {"flux: {fractions: {U235: 0.75, U238: ~, U239: 0.25}}\n", "scan.yaml:1:41: error: flux: "},
    };
    test_reactor_release(folder);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sevens_release *r;
        sevens_document *doc = parse_patch(bad[i].text);
        ck_assert_msg(sevens_release_load(&r, folder, NULL, 0, sevens_document_root(doc), &error) ==
                          SEVENS_ERR_INPUT,
                      "%s", bad[i].text);
        ck_contains(error.message, bad[i].message);
        sevens_document_free(&doc);
    }
}
END_TEST

/* ---- faults ---- */

enum { REACTOR, NODES, TIMED, PROJECTION };

static void write_release(int kind)
{
    switch (kind) {
    case REACTOR:
        test_reactor_release(folder);
        break;
    case NODES:
        test_nodes_release(folder);
        break;
    case TIMED:
        test_timed_release(folder);
        break;
    default:
        test_write_in(folder, "release.yaml", test_projection_yaml);
        break;
    }
}

#define YAML "release.yaml"

/* The fault is reported at the line of the change, or `lines` after it, or in another file. */
enum { ELSEWHERE = 99 };
static const struct {
    int kind, lines;
    const char *file, *from, *to, *message;
} faults[] = {
    /* head and options */
    {REACTOR, 0, YAML, "excludes: [other]", "excludes: [own]", "this is the release itself"},
    {REACTOR, 0, YAML, "excludes: [other]", "excludes: [a/b]", "must be the name of a release"},
    {REACTOR, 0, YAML, "excludes: [other]", "excludes: [a,b,c,d,e,f,g,h,i]", "can hold 8 releases"},
    {REACTOR, 0, YAML, "electron_recoils: true", "electron_recoils: 1", "must be true or false"},
    {REACTOR, 0, YAML, "  width:\n", "  es:\n", "option 'es' has another meaning in scan files"},
    {REACTOR, 0, YAML, "  width:\n", "  wi-th:\n", "option 'wi-th': letters, digits"},
    {REACTOR, 0, YAML, "    doc: pull", "    dok: pull", "unknown key 'dok'; did you mean 'doc'?"},
    {REACTOR, 0, YAML, "narrow:\n", "narrow: 1\n", "options.width.narrow: this must be a mapping"},
    {REACTOR, 0, YAML, "wide: {", "wi/de: {", "options.width.wi/de: a choice may hold"},
    {REACTOR, 0, YAML, "wide: {likelihood", "wide: {schema: 1, likelihood",
     "'schema' cannot be changed by a patch"},
    {REACTOR, 0, YAML, "  width:\n",
     "  x: {doc: d, choices: {}}\n  y: {doc: d, choices: [a]}\n  width:\n",
     "options.x: at least one choice is needed"},
    {REACTOR, 0, YAML, "      measured: {}", "      measured: {flux: {kind: beam}}",
     "'kind' must be one of pion-dar, reactor, spectrum"},
    {REACTOR, -6, YAML, "  width:\n",
     "  a: &o {doc: d, choices: {a: ~}}\n  b: *o\n  c: *o\n  d: *o\n  e: *o\n  f: *o\n  g: *o\n"
     "  width:\n",
     "9 options; at most 8 can be used"},
    /* flux */
    {REACTOR, 1, YAML, "flux:\n", "flux:\n  pot: 1e23\n",
     "'pot' has no meaning with kind 'reactor'"},
    {REACTOR, -2, YAML, "  fractions: {U235: 0.75, U238: 0.25}\n", "",
     "the key 'fractions' is missing, with kind 'reactor'"},
    {REACTOR, 0, YAML, "U235: 0.75", "U235: 0.7", "flux.fractions add up to 0.95, not 1"},
    {REACTOR, 0, YAML, "U235: 0.75", "U235: -1", "'U235' must be a number from 0 to 100"},
    {REACTOR, 0, YAML, "U235: 0.75", "U335: 0.75", "has no column 'U335'; did you mean 'U235'?"},
    {REACTOR, 0, YAML, "spectra: toy", "spectra: tog", "no table of spectra 'tog'; "},
    {REACTOR, 0, YAML, "spectra: toy", "spectra: ../toy", "must be the name of a table"},
    {REACTOR, 1, YAML, "spectra: toy", "spectra: toy\n  sha256: 12", "must be 64 hex digits"},
    {REACTOR, 1, YAML, "spectra: toy",
     "spectra: toy\n  sha256: 0000000000000000000000000000000000000000000000000000000000000000",
     "toy.csv has the sha256 "},
    {REACTOR, 0, YAML, "normalisation: each", "normalisation: all", "must be one of each, sum"},
    {REACTOR, 0, YAML, "flux_per_cm2_s: 1e12", "flux_per_cm2_s: -1", "must be from 0 to 1e+30"},
    {REACTOR, 0, YAML, "flux_per_cm2_s: 1e12", "power_GW: 3",
     "flux: 'power_GW' has no meaning with this normalisation"},
    {REACTOR, 0, YAML, "exposure_d: 2", "exposure_d: 0", "must be from 1e-09 to 1e+07 d"},
    {REACTOR, 0, YAML, "baseline_m: 10", "baseline_m: 0", "'baseline_m' must be from 0.01"},
    {REACTOR, 0, YAML, "baseline_m: 10", "spread_m: 11\n  baseline_m: 10", "cannot be larger than"},
    {REACTOR, 0, "toy.csv", "energy[MeV]", "energy[keV]", "should be 'energy[MeV]'"},
    {REACTOR, 0, "toy.csv", "U238[1/MeV]", "U238[1]", "should have the unit [1/MeV]"},
    {REACTOR, 1, "toy.csv", "\n2,2,4,0", "\n0.5,2,4,0", "energies must not decrease: 0.5 comes"},
    {REACTOR, 1, "toy.csv", "\n3,2,0,0", "\n2,2,0,0", "the energy 2 stands more than twice"},
    {REACTOR, 1, "toy.csv", "\n1,2,0,8", "\n0,2,0,8", "energies must be positive"},
    {REACTOR, 1, "toy.csv", "\n1,2,0,8", "\n1,2,0,-8", "capture[1/MeV] is negative: -8"},
    {REACTOR, 0, "toy.csv", "\n2,2,4,0\n2,2,1,0\n3,2,0,0", "", "two energies or more"},
    {REACTOR, 1, "toy.csv", "\n2,2,4,0\n2,2,1,0\n3,2,0,0", "\n1,2,4,0", "all energies are 1"},
    {NODES, 0, YAML, "flavour: nu_mu", "flavour: nu_mo", "unknown flavour 'nu_mo'; did you mean"},
    {NODES, 0, YAML, "column: b8, flux", "column: b9, flux",
     "has no column 'b9'; did you mean 'b8'"},
    {NODES, 0, YAML, "column: b8, flux", "flux", "'column' or 'lines' is needed"},
    {NODES, 0, YAML, "flux_per_cm2_s: 2", "norm: 2", "unknown key 'norm'"},
    {NODES, 0, YAML, ", flux_per_cm2_s: 2", "", "give one of 'flux_per_cm2_s' and"},
    {NODES, 0, YAML, "share: 0.25", "share: 1.25", "'share' must be from 0 to 1"},
    {NODES, 0, YAML, "share: 0.9}", "share: 0.8}", "the shares of the lines add up to 0.9, not 1"},
    {NODES, 0, YAML, "energy_MeV: 1.5", "energy_MeV: 0", "must be from 1e-06 to 1e+06 MeV"},
    {NODES, 3, YAML, "  exposure_d: 10\n", "", "the key 'exposure_d' is missing"},
    {NODES, 4, YAML, "  spectra: sun\n", "", "the key 'spectra' is missing"},
    {NODES, ELSEWHERE, "sun.csv", "b8[1/MeV]", "b7[1/MeV]", "release.yaml:14:31: error: flux: "},
    {NODES, 1, "sun.csv", "\n2,6,1", "\n2,nan,1", "'nan' is not a finite number"},
    /* target */
    {REACTOR, 0, YAML, "mass_kg: 3", "mass_kg: ton", "must be a finite number, not 'ton'"},
    {REACTOR, 0, YAML, "nucleus: Ge72", "nucleus: Ge71", "unknown nucleus 'Ge71'"},
    {REACTOR, -1, YAML, "count: 1}", "count: 2}", "the nuclei have 143.844 g/mol together"},
    /* response */
    {REACTOR, 0, YAML, "{kind: table, file: qf.csv", "{kind: table, k: 1, file: qf.csv",
     "'k' has no meaning with kind 'table'"},
    {REACTOR, 0, YAML, "{kind: table, file: qf.csv", "{kind: table",
     "response.quenching: the key 'file' is missing, with kind 'table'"},
    {REACTOR, 0, YAML, "minimum_keVee: 0.003", "minimum_keV: 0.003",
     "did you mean 'minimum_keVee'"},
    {REACTOR, 0, YAML, "minimum_keVee: 0.003", "scale: 1e9", "'scale' must be from 0.001 to 1000"},
    {REACTOR, 0, YAML, "file: qf.csv", "file: qg.csv", "qg.csv is missing or cannot be read"},
    {REACTOR, 0, YAML, "kind: gauss, sigma2", "kind: poisson, sigma2",
     "'sigma2' has no meaning with kind 'poisson'"},
    {REACTOR, 0, YAML, "[0.004, 0.0003, 0]", "[0, 0, 0]", "'sigma2' must be positive"},
    {REACTOR, 0, YAML, "[0.004, 0.0003, 0]", "[0.004, -0.0003, 0]", "'sigma2' must be positive"},
    {REACTOR, 0, YAML, "[0.004, 0.0003, 0]", "[0.004]", "must hold from 3 to 3 numbers, not 1"},
    {REACTOR, 0, YAML, "[0.004, 0.0003, 0]", "0.004", "'sigma2' must be a list"},
    {REACTOR, 0, YAML, "smearing: {kind: gauss, ", "smearing: {kind: gamma-pe, unit: keVee, a: 1, ",
     "the key 'b' is missing, with kind 'gamma-pe'"},
    {REACTOR, -2, YAML, "  efficiency: {kind: linear, file: efficiency.csv}\n", "",
     "response: the key 'efficiency' is missing"},
    {REACTOR, 1, "qf.csv", "\n1,0.2", "\n1,12", "qf[1] must be from 0 to 10, not 12"},
    {REACTOR, 1, "qf.csv", "\n1,0.2", "\n0,0.2", "must increase: 0 comes after 0"},
    {REACTOR, 1, "qf.csv", "\n0,0.1", "\n-1,0.1", "a recoil energy below 0: -1"},
    {REACTOR, 0, "qf.csv", "T[keVnr]", "T[MeVnr]", "should be 'T[keVnr]'"},
    {REACTOR, 0, "efficiency.csv", "x[keVee]", "x[PE]", "should be 'x[keVee]'"},
    {REACTOR, 1, "efficiency.csv", "\n1,1", "\n1,90", "must be from 0 to 1, not 90"},
    {TIMED, 0, YAML, "coefficients: [0.25, 0.0007]", "coefficients: []", "from 1 to 4 numbers"},
    {TIMED, 0, YAML, "light_yield: 4.5}\n  smearing: {kind: poisson}\n",
     "light_yield: 4.5}\n  smearing: {kind: gamma-pe, unit: keVee, a: 1, b: 1}\n",
     "'light_yield' must be 1 with gamma-pe"},
    {TIMED, 1, "steps.csv", "\n1.5,3,0.6", "\n1.6,3,0.6", "the step begins at 1.6, but the one"},
    {TIMED, 1, "steps.csv", "\n0,1.5,0.2", "\n1.5,0,0.2", "a step from 1.5 to 0"},
    {NODES, 0, YAML, "[0.5, 1, 2]}", "[0.5, 2, 1]}", "must increase from above 0"},
    {NODES, 0, YAML, "[0.5, 1, 2]}", "[0.5]}", "must hold from 2 to 52 numbers, not 1"},
    {NODES, 0, YAML, "[0.5, 1, 2]}", "[0.5, 1, 2], smearing: {kind: none}}",
     "'smearing' has no meaning with 'nodes_keVnr'"},
    {NODES, ELSEWHERE, YAML, "[0.5, 1, 2]}", "[0.5, 1, 2, 3]}", "yields.csv:1: column 'node_3[1]'"},
    /* bins */
    {REACTOR, 0, YAML, "min: 0.2, ", "", "the key 'min' is missing (or give 'edges')"},
    {REACTOR, 0, YAML, "min: 0.2, ", "edges: [1, 2], ", "either 'edges' or 'min'"},
    {REACTOR, 0, YAML, "min: 0.2, ", "min: 0.7, ", "'max' must be larger than 'min'"},
    {REACTOR, 0, YAML, "n: 4}", "n: 0}", "'n' must be from 1 to 100000"},
    {TIMED, 0, YAML, "{name: energy, unit: PE, min: 1,", "{name: energy, unit: PE, min: -1,",
     "'min' must be positive for log spacing"},
    {TIMED, 1, YAML, "bins:\n",
     "bins:\n  - {name: a, unit: x, min: 0, max: 1, n: 100000}\n"
     "  - {name: b, unit: x, min: 0, max: 1, n: 100000}\n"
     "  - {name: c, unit: x, min: 0, max: 1, n: 100000}\n",
     "bins; at most 100000 can be used"},
    {TIMED, 0, YAML, "{name: psd,", "{name: energy,", "axis 'energy' comes twice"},
    {REACTOR, 1, "counts.csv", "\n0.3,0.4,", "\n0.4,0.3,", "but release.yaml has 0.3"},
    /* likelihood */
    {REACTOR, 0, YAML, "reactor-flux: 0.015", "reactor-flux: 0.03", "cannot be larger than it"},
    {REACTOR, 0, YAML, "reactor-flux: 0.015", "a: 0.015, b: 0.015", "cannot be larger than it"},
    {REACTOR, 0, YAML, "reactor-flux: 0.015", "reactor-flux: x", "must be from 1e-06 to 100"},
    {REACTOR, 0, YAML, "reactor-flux: 0.015", "\"a b\": 0.015", "a shared pull has a name"},
    {REACTOR, 0, YAML, "l2_ratio: 0.008", "l2_ration: 0.008", "did you mean 'l2_ratio'?"},
    {REACTOR, 0, YAML, "start: [10, 20, 0.2, 5, 1.297, 0.07, 0.16]", "start: [10, 20]",
     "must hold from 7 to 7 numbers, not 2"},
    {REACTOR, 0, YAML, "start: [10,", "start: [-10,", "entry 0 must have lo <= start <= hi"},
    {REACTOR, 0, YAML, "lo: [0, 0, 0.02", "lo: [0, 0, 0", "entry 2 must be positive"},
    {REACTOR, 0, YAML, "lo: [0, 0, 0.02", "lo: [0, -1, 0.02", "entry 1 must be 0 or more"},
    {REACTOR, 2, YAML, "unit: keVee, min", "unit: keVnr, min", "needs one axis, in keVee"},
    {REACTOR, 0, "counts.csv", "sigma[1]", "error[1]", "column 'sigma[1]' is missing"},
    {REACTOR, 1, "counts.csv", "\n0.3,0.4,-1.5,1,2", "\n0.3,0.4,-1.5,0,2", "sigma is not positive"},
    {TIMED, 2, YAML, "kind: poisson-on-off", "kind: poisson", "'on_off' has no meaning"},
    {TIMED, 0, YAML, "background: continuous", "background: smooth",
     "'background' must be one of discrete, continuous, profiled"},
    {TIMED, 1, "counts.csv", "\n1,2,0.5,1,1,5,6,4,", "\n1,2,0.5,1,1,5,6.5,4,",
     "observed is not a whole number: 6.5"},
    {TIMED, 1, "counts.csv", "\n1,2,0.5,1,1,5,6,4,", "\n1,2,0.5,1,1,5,6,-4,",
     "off is negative: -4"},
    {TIMED, 0, "counts.csv", ",off[1]", ",of[1]", "column 'off[1]' is missing"},
    /* backgrounds */
    {REACTOR, 0, YAML, "{name: flat, sigma: .inf}", "{name: sigma, sigma: .inf}",
     "background name 'sigma' has another meaning"},
    {REACTOR, 0, YAML, "{name: flat, sigma: .inf}", "{name: flat, sigma: 0}", "must be at least"},
    {PROJECTION, 0, YAML, "per_kg_d_keV: 5", "per_kg_d_keV: -5", "must be from 0 to 1e+12"},
    {PROJECTION, 0, YAML, "per_kg_d_keV: 5", "per_kg_d_keV: x", "must be a finite number"},
    {PROJECTION, 2, YAML, "unit: keVnr, min: 0.01, max: 1, n: 2, spacing: log}",
     "unit: PE, edges: [1, 2]}", "'per_kg_d_keV' needs one axis, in keVee or keVnr"},
    {TIMED, 0, YAML, "sigma: 0.3}", "sigma: 0.3, per_kg_d_keV: 1}", "needs 'flux.exposure_d'"},
    /* tables */
    {PROJECTION, -7, YAML, "projection: true", "projection: false", "the key 'counts' is missing"},
    {REACTOR, 0, YAML, "counts: {file: counts.csv}", "count: {file: counts.csv}",
     "unknown key 'count'; did you mean 'counts'?"},
    {REACTOR, 1, YAML, "counts: {file: counts.csv}",
     "counts: {file: counts.csv}\n  yields: {file: y.csv}",
     "'yields' needs 'response.nodes_keVnr'"},
    {NODES, 0, YAML, "  counts: {file: counts.csv}\n  yields: {file: yields.csv}\n",
     "  counts: {file: counts.csv}\n", "the key 'yields' is missing"},
    {NODES, 0, YAML, "  counts: {file: counts.csv}\n",
     "  counts: {file: counts.csv}\n  shares: {file: yields.csv}\n", "only one of 'shares'"},
    {TIMED, 0, YAML, "  counts: {file: counts.csv}\n  spread: {file: spread.csv}\n",
     "  counts: {file: counts.csv}\n", "the key 'shares' (or 'spread') is missing"},
    {NODES, 0, "yields.csv", "node_2[1]", "node_3[1]", "column 'node_2[1]' is missing"},
    {NODES, 1, "yields.csv", "\n100,200,1,2,0,0.1,0", "\n100,200,1,2,0,0.99,0",
     "the shares of node_1 add up to 1.01 here, more than 1"},
    {NODES, 1, "yields.csv", "\n100,200,1,2,0,0.1,0", "\n100,200,1,2,0,-0.1,0",
     "node_1 is negative: -0.1"},
    {TIMED, 1, "spread.csv", "\n2,4,0.5,1,1,5,0.4", "\n2,4,0.5,1,1,5,0.8",
     "the shares of nu_e add up to 1.1 here, more than 1"},
    {TIMED, 0, "spread.csv", "nubar_mu[1]", "nubar_e[1]", "column 'nubar_mu[1]' is missing"},
    /* shapes */
    {REACTOR, 0, YAML, "of: flat", "of: flt", "there is no template 'flt'; did you mean 'flat'?"},
    {REACTOR, 0, YAML, "name: tilt", "name: signal", "'signal' is the name of another nuisance"},
    {REACTOR, 0, YAML, "name: tilt", "name: upper", "'upper' is the name of another nuisance"},
    {REACTOR, 0, YAML, "name: tilt", "name: ti-lt", "shape 'ti-lt': letters, digits"},
    {REACTOR, 0, YAML, ", of: flat, file: tilt.csv", ", of: flat", "needs 'file', no 'plus'"},
    {REACTOR, 0, YAML, ", of: flat,", ", of: response,", "needs 'plus', no 'file'"},
    {REACTOR, 0, YAML, "{quenching: {file: qf_upper.csv}}", "{quenching: {fil: qf_upper.csv}}",
     "shapes.upper.plus.quenching: unknown key 'fil'"},
    {REACTOR, 0, "tilt.csv", "change[1]", "chance[1]", "column 'change[1]' is missing"},
    {REACTOR, 1, "tilt.csv", "\n0.3,0.4,-0.1", "\n0.3,0.5,-0.1", "energy bin 0.3 to 0.5, but"},
    {REACTOR, 0, "leak.csv", "nubar_e[1]", "nu_e[1]", "column 'nubar_e[1]' is missing"},
    {NODES, 1, YAML, "  yields: {file: yields.csv}\n",
     "  yields: {file: yields.csv}\nshapes: [{name: a, of: signal, file: c.csv}]\n",
     "the signal has no weights by flavour here"},
    {NODES, 1, YAML, "  yields: {file: yields.csv}\n",
     "  yields: {file: yields.csv}\nshapes: [{name: a, of: response, plus: {}}]\n",
     "'response.nodes_keVnr' cannot be changed"},
};

START_TEST(each_fault)
{
    char place[400];
    write_release(faults[_i].kind);
    sevens_release *r = load_plain();
    sevens_release_free(&r);
    const int line = test_replace_in(folder, faults[_i].file, faults[_i].from, faults[_i].to);
    refused(faults[_i].message);
    snprintf(place, sizeof place, "%s/%s:%d:", folder, faults[_i].file, line + faults[_i].lines);
    if (faults[_i].lines != ELSEWHERE)
        ck_contains(error.message, place);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("release_kinds");
    TCase *group = tcase_create("all");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, reactor);
    tcase_add_test(group, no_flux);
    tcase_add_test(group, classes);
    tcase_add_test(group, tables_of_the_response);
    tcase_add_test(group, nodes);
    tcase_add_test(group, on_and_off);
    tcase_add_test(group, shares);
    tcase_add_test(group, gauss);
    tcase_add_test(group, projection);
    tcase_add_test(group, checksum);
    tcase_add_test(group, shapes);
    tcase_add_test(group, head);
    tcase_add_test(group, options);
    tcase_add_test(group, bad_choices);
    tcase_add_test(group, patch);
    tcase_add_test(group, bad_patches);
    tcase_add_loop_test(group, each_fault, 0, (int)(sizeof faults / sizeof faults[0]));
    suite_add_tcase(suite, group);
    return test_run(suite);
}
