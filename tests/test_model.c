/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models: what a scan file may ask for, and the structure that makes rows: one amplitude per
 * family, affine in the row variable, contributions of all kinds added. */
#include "sevens/constants.h"
#include "sevens/model.h"
#include "sevens/xsec.h"
#include "test_support.h"

enum { N_SM = 6 }; /* parameters of `sm`, the first of every model */

static sevens_model *make_as(const char *entry, bool incoherent, sevens_error *err)
{
    sevens_document *doc = NULL;
    sevens_model *model = NULL;
    sevens_status status;

    ck_assert_int_eq(sevens_document_parse(&doc, "test", entry, strlen(entry), err), SEVENS_OK);
    status = sevens_model_create(&model, doc, sevens_document_root(doc), incoherent, err);
    if (status == SEVENS_OK)
        status = sevens_document_finish(doc, err);
    if (status != SEVENS_OK)
        sevens_model_destroy(&model);
    sevens_document_free(&doc);
    return model;
}

static sevens_model *make(const char *entry, sevens_error *err)
{
    return make_as(entry, false, err);
}

static void defaults(const sevens_model *model, double *value)
{
    for (size_t i = 0; i < sevens_model_n_parameters(model); i++)
        value[i] = sevens_model_parameter(model, i)->default_value;
}

static void is_complete(const sevens_parameter *parameters, size_t n)
{
    ck_assert_uint_le(n, 16); /* arrays of the library */
    for (size_t p = 0; p < n; p++)
        ck_assert_msg(parameters[p].unit && parameters[p].doc &&
                          parameters[p].min < parameters[p].max,
                      "%s", parameters[p].name);
}

START_TEST(registry)
{
    const sevens_model_kind *kind;

    for (size_t i = 0; (kind = sevens_model_kind_at(i)) != NULL; i++) {
        ck_assert_ptr_eq(sevens_model_kind_find(kind->name), kind);
        ck_assert(kind->formula && kind->equation && kind->reference);
        is_complete(kind->parameters, kind->n_parameters);
        for (size_t v = 0; v < kind->n_variants; v++)
            is_complete(kind->variants[v].parameters, kind->variants[v].n_parameters);
        for (size_t o = 0; o < kind->n_options; o++)
            ck_assert_msg(kind->options[o].doc && kind->options[o].default_text, "%s",
                          kind->options[o].name);
    }
}
END_TEST

/* What is listed for certain options is what a model with them has. */
START_TEST(variants)
{
    static const struct {
        const char *charges;
        size_t variant;
    } cases[] = {{"dark-hypercharge", 0}, {"dark-z", 0}, {"baryonic", 1}, {"hidden", 2}};
    const sevens_model_kind *kind = sevens_model_kind_find("zprime");

    ck_assert_uint_eq(kind->n_variants, 3);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const sevens_model_variant *v = &kind->variants[cases[i].variant];
        char entry[64];
        sevens_error err = {0};
        sevens_model *model;

        snprintf(entry, sizeof entry, "{kind: zprime, charges: %s}", cases[i].charges);
        ck_contains(v->options, cases[i].charges);
        model = make(entry, &err);
        ck_assert_msg(model != NULL, "%s", err.message);
        ck_assert_uint_eq(sevens_model_n_parameters(model), N_SM + v->n_parameters);
        for (size_t p = 0; p < v->n_parameters; p++)
            ck_assert_str_eq(sevens_model_parameter(model, N_SM + p)->name, v->parameters[p].name);
        sevens_model_destroy(&model);
    }
}
END_TEST

START_TEST(faults)
{
    static const struct {
        const char *entry, *message;
    } cases[] = {
        {"{kind: zprim}", "did you mean 'zprime'"},
        {"{kind: zprime, charges: universl}", "did you mean 'universal'"},
        {"{kind: zprime, charge: universal}", "did you mean 'charges'"},
        {"{kind: zprime, charges: {u: 1, x: 2}}", "unknown key 'x'"},
        {"{kind: zprime, charges: {u: 2000}}", "u"},
        {"{kind: sm, couplings: radiativ}", "radiative"},
        {"{kind: zprime, charges: b-l, loop_sign: -1}", "'loop_sign' goes with charges l_e-l_mu"},
        {"{kind: zprime, charges: b-l, n: 0}", "'n' goes with charges hidden only"},
        {"{kind: axion}", "known: sm, nsi, zprime, zprime-axial, scalar, tensor,"},
        {"{charges: universal}", "kind"},
        {"[]", "list of 1 to 7"},
        {"[sm, nsi, zprime, zprime-axial, scalar, charge-radius, millicharge, dipole-portal]",
         "list of 1 to 7"},
        /* options of one kind */
        {"{kind: zprime-axial, charges: dark-z}", "charges 'dark-z' have no axial couplings"},
        {"{kind: zprime-axial, charges: l_mu-l_tau}", "charges 'l_mu-l_tau' have no axial"},
        {"{kind: scalar, charges: quarks}", "unknown charges 'quarks'; did you mean 'quark'?"},
        {"{kind: scalar, charges: b-l}",
         "unknown charges 'b-l'; known: quark, all-quarks, nucleon"},
        {"{kind: tensor, charges: quark}", "unknown charges 'quark'; known: nucleon"},
        {"{kind: tensor, charges: [1, 1]}", "must be a name or {p:, n:, electron:}"},
        {"{kind: tensor, charges: {p: 1, q: 1}}", "unknown key 'q'; known: p, n, electron"},
        {"{kind: millicharge, es_millicharge: epa}", "epa needs 'photoelectric: {ELEMENT: FILE"},
        {"{kind: millicharge, photoelectric: {Cs: a.csv}}", "goes with es_millicharge: epa only"},
        {"{kind: millicharge, es_millicharge: epa, photoelectric: {Cs: none.csv}}", "none.csv"},
        {"{kind: sterile, baseline_spread: wide}", "'baseline_spread' is 'auto' or a length in m"},
        {"{kind: sterile, baseline_spread: -1}", "'baseline_spread' is 'auto' or a length in m"},
        {"{kind: lma-dark, flavour: mu}", "'flavour' must be one of e, mutau, not 'mu'"},
        /* names */
        {"{kind: sm, as: other}", "'as' goes with every kind but sm"},
        {"{kind: zprime, as: 2nd}", "'as' is a name of lower-case letters, digits and _"},
        {"{kind: zprime, as: Heavy}", "'as' is a name of"},
        {"{kind: zprime, as: a.b}", "'as' is a name of"},
        {"{kind: zprime, as: [heavy]}", "'as' is a name of"},
        {"{kind: zprime, as: a123456789b123456789c123456789d1}", "'as' is a name of"},
        {"[{kind: zprime, as: a}, {kind: scalar, as: a}]", "the name 'a' is given twice"},
        /* kinds together */
        {"[{kind: sm}, {kind: sm}]", "kind 'sm' stands twice"},
        {"[{kind: zprime}, {kind: zprime}]",
         "kind 'zprime' stands twice: give one a name with 'as: NAME', and its parameters are "
         "NAME.g_zp"},
        {"[scalar, tensor]", "'scalar' and 'tensor' both have a parameter 'g_phi'"},
        {"[zprime, lma-dark]", "'zprime' and 'lma-dark' both have a parameter 'm_zp'"},
        {"[scalar, {kind: tensor, as: t}]",
         "kinds 'scalar' and 'tensor' both turn the neutrino's chirality"},
        {"[magnetic-moment, nsi, scalar]", "write 'interference: none' in the scan file"},
        {"[sterile, {kind: zprime, charges: b-3l_e}]",
         "'sterile' takes all active flavours for alike, but kind 'zprime' tells them apart"},
        {"[charge-radius, sterile]", "but kind 'charge-radius' tells them apart"},
        {"[sterile, {kind: sterile, as: two}]", "two kinds that let neutrinos vanish"},
        {"[zprime, {kind: zprime-axial, charges: b-l}]",
         "are one boson, but their charges give its neutrinos 1 and -1"},
        {"[{kind: zprime-axial, charges: b-l}, zprime]", "neutrinos 1 and -1"},
        {"[{kind: zprime, charges: hidden}, zprime-axial]",
         "charges 'hidden' of zprime have no axial couplings of quarks"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sevens_error err = {0};

        ck_assert_ptr_null(make(cases[i].entry, &err));
        ck_contains(err.message, cases[i].message);
    }
}
END_TEST

/* Kinds that go together, and how many parameters they have besides those of `sm`. */
START_TEST(together)
{
    static const struct {
        const char *entry;
        bool incoherent;
        size_t n_parameters;
    } cases[] = {
        {"[zprime, zprime-axial]", false, 2}, /* one boson */
        {"[zprime-axial, sm, zprime]", false, 2},
        {"[zprime, {kind: zprime-axial, charges: b-l, as: other}]", false, 4},
        {"[{kind: zprime, charges: hidden}, {kind: zprime-axial, as: other}]", false, 5},
        {"[zprime, {kind: lma-dark, as: dark}]", false, 4},
        {"[sterile, {kind: zprime, charges: universal}, scalar]", false, 7},
        {"{kind: sterile, baseline_spread: 0.3}", false, 3},
        {"[scalar, {kind: scalar, as: b}]", true, 4},
        {"[scalar, {kind: tensor, as: t, charges: {p: 1}}, magnetic-moment]", true, 7},
        {"[nsi, zprime, zprime-axial, scalar, charge-radius, millicharge, dipole-portal]", false,
         31},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sevens_error err = {0};
        sevens_model *model = make_as(cases[i].entry, cases[i].incoherent, &err);

        ck_assert_msg(model != NULL, "%s: %s", cases[i].entry, err.message);
        ck_assert_msg(sevens_model_n_parameters(model) == N_SM + cases[i].n_parameters,
                      "%s: %zu parameters", cases[i].entry, sevens_model_n_parameters(model));
        sevens_model_destroy(&model);
    }
}
END_TEST

/* Two bosons of equal mass act as one whose g^2 is the sum of theirs. */
START_TEST(one_kind_twice)
{
    static const double g = 2.7e-4, m = 41.0, share = 0.3;
    const sevens_nucleus *cs = sevens_nucleus_find("Cs133");
    double one[SEVENS_MODEL_MAX_PARAMETERS], two[SEVENS_MODEL_MAX_PARAMETERS];
    sevens_model_point at_one = {one, SEVENS_NO_ROW}, at_two = {two, SEVENS_NO_ROW};
    sevens_error err = {0};
    sevens_model *single = make("zprime", &err);
    sevens_model *pair = make("[{kind: zprime, as: heavy}, zprime]", &err);
    double both, alone;

    ck_assert_msg(single && pair, "%s", err.message);
    ck_assert_uint_eq(sevens_model_find(pair, "heavy.g_zp"), N_SM);
    ck_assert_uint_eq(sevens_model_find(pair, "heavy.m_zp"), N_SM + 1);
    ck_assert_uint_eq(sevens_model_find(pair, "g_zp"), N_SM + 2);
    ck_assert_str_eq(sevens_model_parameter(pair, N_SM + 1)->unit, "MeV");
    defaults(single, one);
    defaults(pair, two);
    one[sevens_model_find(single, "g_zp")] = g;
    two[sevens_model_find(pair, "g_zp")] = g * sqrt(1.0 - share);
    two[sevens_model_find(pair, "heavy.g_zp")] = g * sqrt(share);
    one[sevens_model_find(single, "m_zp")] = m;
    two[sevens_model_find(pair, "m_zp")] = two[sevens_model_find(pair, "heavy.m_zp")] = m;
    alone = sevens_xsec_cm2_per_MeV(single, &at_one, SEVENS_CEVNS, cs, SEVENS_NU_MU, 30.0, 0.004);
    both = sevens_xsec_cm2_per_MeV(pair, &at_two, SEVENS_CEVNS, cs, SEVENS_NU_MU, 30.0, 0.004);
    ck_close(both, alone, 0.0, 1e-13);
    two[sevens_model_find(pair, "heavy.g_zp")] = 0.0;
    ck_assert(
        fabs(sevens_xsec_cm2_per_MeV(pair, &at_two, SEVENS_CEVNS, cs, SEVENS_NU_MU, 30.0, 0.004) /
                 alone -
             1.0) > 0.01);
    sevens_model_destroy(&single);
    sevens_model_destroy(&pair);
}
END_TEST

/* Signed couplings to quarks that LMA-Dark stands for: a Z' with them scatters alike. */
START_TEST(derived)
{
    const double m = 23.0, eta = atan(0.8), y_n = 1.3; /* couplings to d are half of those to u */
    const sevens_nucleus *cs = sevens_nucleus_find("Cs133");
    double dark[SEVENS_MODEL_MAX_PARAMETERS], zprime[SEVENS_MODEL_MAX_PARAMETERS], g2;
    sevens_model_point at_dark = {dark, SEVENS_NO_ROW}, at_zprime = {zprime, SEVENS_NO_ROW};
    sevens_error err = {0};
    sevens_model *a = make("[{kind: lma-dark, y_n: 1.3}, {kind: lma-dark, flavour: mutau, as: "
                           "other}]",
                           &err);
    sevens_model *b = make("{kind: zprime, charges: {u: 1, d: 0.5, e: -1, electron: 0}}", &err);

    ck_assert_msg(a && b, "%s", err.message);
    ck_assert_uint_eq(sevens_model_n_derived(a), 4);
    ck_assert_uint_eq(sevens_model_n_derived(b), 0);
    ck_assert_str_eq(sevens_model_derived(a, 0)->name, "g2_u");
    ck_assert_str_eq(sevens_model_derived(a, 3)->name, "other.g2_d");
    ck_assert_str_eq(sevens_model_derived(a, 3)->unit, "1");
    ck_assert_ptr_null(sevens_model_derived(a, 4));
    defaults(a, dark);
    defaults(b, zprime);
    dark[sevens_model_find(a, "m_zp")] = zprime[sevens_model_find(b, "m_zp")] = m;
    dark[sevens_model_find(a, "eta")] = eta;
    dark[sevens_model_find(a, "other.m_zp")] = 2.0 * m;
    dark[sevens_model_find(a, "other.eta")] = 0.5 * SEVENS_PI;
    g2 = sevens_model_derive(a, dark, 0);
    ck_assert(g2 < 0.0);
    ck_close(sevens_model_derive(a, dark, 1), 0.5 * g2, 0.0, 1e-13);
    ck_close(sevens_model_derive(a, dark, 3), /* eps = 2, cos eta = 0 */
             SEVENS_SQRT2 * SEVENS_G_FERMI * 4.0 * m * m * 4.0 / (3.0 * 1.051), 0.0, 1e-13);
    ck_close(sevens_model_derive(a, dark, 2), -0.5 * sevens_model_derive(a, dark, 3), 0.0, 1e-13);
    zprime[sevens_model_find(b, "g_zp")] = sqrt(-g2);
    ck_close(sevens_xsec_cm2_per_MeV(a, &at_dark, SEVENS_CEVNS, cs, SEVENS_NU_E, 30.0, 0.004),
             sevens_xsec_cm2_per_MeV(b, &at_zprime, SEVENS_CEVNS, cs, SEVENS_NU_E, 30.0, 0.004),
             0.0, 1e-12);
    dark[sevens_model_find(a, "eta")] = -atan(1.0 / y_n);
    ck_assert(isnan(sevens_model_derive(a, dark, 0)) && isnan(sevens_model_derive(a, dark, 1)));
    ck_assert(isfinite(sevens_model_derive(a, dark, 2)));
    sevens_model_destroy(&a);
    sevens_model_destroy(&b);
}
END_TEST

/* A list with `sm` in any place takes its options; parameters of `sm` come first. */
START_TEST(sm_is_part_of_every_model)
{
    sevens_error err = {0};
    sevens_model *model =
        make("[{kind: zprime, charges: b-l}, {kind: sm, form_factor: none}]", &err);
    sevens_model *sm;
    char text[SEVENS_SUGGESTION];

    ck_assert_msg(model != NULL, "%s", err.message);
    ck_assert_int_eq(sevens_model_sm_options(model)->form_factor, SEVENS_FORM_FACTOR_NONE);
    ck_assert_uint_eq(sevens_model_find(model, "s2w"), 0);
    ck_assert_str_eq(sevens_model_title(model), "zprime (b-l)");
    ck_assert_str_eq(sevens_model_suggest(model, "g_zpp", text), "did you mean 'g_zp'?");
    ck_assert_str_eq(sevens_model_suggest(model, "mass", text),
                     "known: s2w, rn_cs, rn_i, rn_csi, rn_ar, rn_ge, g_zp, m_zp");
    ck_assert_int_eq(sevens_model_create_sm(&sm, model, &err), SEVENS_OK);
    ck_assert_int_eq(sevens_model_sm_options(sm)->form_factor, SEVENS_FORM_FACTOR_NONE);
    ck_assert_uint_eq(sevens_model_n_terms(sm), SEVENS_N_CONTACT);
    sevens_model_destroy(&sm);
    sevens_model_destroy(&model);
}
END_TEST

/* Along a row c0 + c1 x is the amplitude at that x, for every family and shape. */
START_TEST(rows_are_affine)
{
    static const char *const rows[] = {"g_zp", "s2w"};
    sevens_error err = {0};
    sevens_model *model = make("{kind: zprime, charges: b-2l_e-l_mu}", &err);
    double value[SEVENS_MODEL_MAX_PARAMETERS];

    ck_assert_msg(model != NULL, "%s", err.message);
    defaults(model, value);
    value[sevens_model_find(model, "m_zp")] = 17.3;
    value[sevens_model_find(model, "g_zp")] = 2.9e-4;
    for (size_t i = 0; i < 2; i++) {
        size_t row = sevens_model_find(model, rows[i]);
        double x =
            sevens_transform_apply(sevens_model_parameter(model, row)->transform, value[row]);
        sevens_model_point along = {value, row}, at = {value, SEVENS_NO_ROW};
        sevens_coupling a[SEVENS_MODEL_MAX_TERMS], b[SEVENS_MODEL_MAX_TERMS];

        for (int family = 0; family < SEVENS_N_FAMILY; family++) {
            sevens_model_amplitude(model, &along, (sevens_family)family, (sevens_family)family, a);
            sevens_model_amplitude(model, &at, (sevens_family)family, (sevens_family)family, b);
            for (size_t s = 0; s < sevens_model_n_terms(model); s++) {
                for (int c = 0; c < SEVENS_N_CONSTITUENT; c++) {
                    ck_close(a[s].to[c].c0 + x * a[s].to[c].c1, b[s].to[c].c0, 1e-15, 1e-14);
                    ck_close(b[s].to[c].c1, 0.0, 0.0, 0.0);
                }
            }
        }
        ck_close(sevens_transform_invert(sevens_model_parameter(model, row)->transform, x),
                 value[row], 0.0, 1e-15);
    }
    sevens_model_destroy(&model);
}
END_TEST

/* Signs and sizes by hand: at Q2 = 0 the universal amplitude on a proton is gVp + 3 g^2/(sqrt2 G_F
 * m^2), B-L has the other sign and a third of it. */
START_TEST(amplitudes_by_hand)
{
    static const struct {
        const char *entry;
        double factor;
    } cases[] = {{"{kind: zprime, charges: universal}", 3.0},
                 {"{kind: zprime, charges: b-l}", -1.0},
                 {"{kind: zprime, charges: b-3l_mu}", 0.0}};
    const double m = 23.0, g = 3.1e-5;
    const sevens_nucleus *cs = sevens_nucleus_find("Cs133");

    for (size_t i = 0; i < 3; i++) {
        sevens_error err = {0};
        sevens_model *model = make(cases[i].entry, &err);
        double value[SEVENS_MODEL_MAX_PARAMETERS], w, zero = 0.0, D, T = 1e-12, Q, expected, M;
        sevens_model_point point = {value, SEVENS_NO_ROW};
        sevens_target target = {SEVENS_CEVNS, cs, sevens_nucleus_mass_MeV(cs)};
        sevens_coupling c[SEVENS_MODEL_MAX_TERMS];

        defaults(model, value);
        value[sevens_model_find(model, "m_zp")] = m;
        value[sevens_model_find(model, "g_zp")] = g;
        sevens_model_amplitude(model, &point, SEVENS_FAMILY_E, SEVENS_FAMILY_E, c);
        sevens_model_shape(model, &point, SEVENS_N_CONTACT, &target, 1, &zero, &w);
        D = g * g / (SEVENS_SQRT2 * SEVENS_G_FERMI * m * m);
        ck_close(w * c[2].to[SEVENS_PROTON].c0, cases[i].factor * D, 1e-15, 1e-13);
        ck_close(w * c[2].to[SEVENS_NEUTRON].c0, cases[i].factor * D, 1e-15, 1e-13);
        ck_close(c[0].to[SEVENS_PROTON].c0, 0.0382, 0.0, 1e-13);
        /* and the cross section of a tiny recoil, where k = F = 1 */
        M = sevens_nucleus_mass_MeV(cs);
        Q = 55.0 * (0.0382 + cases[i].factor * D) + 78.0 * (-0.5117 + cases[i].factor * D);
        expected = SEVENS_G_FERMI * SEVENS_G_FERMI * M / SEVENS_PI * Q * Q * 3.89379372e-22;
        ck_close(sevens_xsec_cm2_per_MeV(model, &point, SEVENS_CEVNS, cs, SEVENS_NU_E, 30.0, T),
                 expected, 0.0, 1e-6);
        ck_close(sevens_xsec_cm2_per_MeV(model, &point, SEVENS_CEVNS, cs, SEVENS_NU_E, 30.0, 1.0),
                 0.0, 0.0, 0.0); /* beyond T_max */
        sevens_model_destroy(&model);
    }
}
END_TEST

/* One common radius for Cs and I overrides both; others keep their own. */
START_TEST(radii)
{
    sevens_error err = {0};
    sevens_model *model = make("sm", &err);
    double value[SEVENS_MODEL_MAX_PARAMETERS], R_p, R_n;
    sevens_model_point point = {value, SEVENS_NO_ROW};

    defaults(model, value);
    sevens_model_radii(model, &point, sevens_nucleus_find("Cs133"), &R_p, &R_n);
    ck_close(R_p, 4.821, 0.0, 0.0);
    ck_close(R_n, 5.09, 0.0, 0.0);
    value[sevens_model_find(model, "rn_csi")] = 5.5;
    sevens_model_radii(model, &point, sevens_nucleus_find("I127"), &R_p, &R_n);
    ck_close(R_n, 5.5, 0.0, 0.0);
    sevens_model_radii(model, &point, sevens_nucleus_find("Ar40"), &R_p, &R_n);
    ck_close(R_n, 3.55, 0.0, 0.0);
    sevens_model_radii(model, &point, sevens_nucleus_find("Xe132"), &R_p, &R_n);
    ck_close(R_n, sevens_nucleus_radius_lewin_smith_fm(132), 0.0, 0.0);
    sevens_model_destroy(&model);
}
END_TEST

/* Every kind fits the fixed arrays of the library. */
START_TEST(registry_fits)
{
    const sevens_model_kind *kind;
    size_t n_terms = SEVENS_N_CONTACT;

    for (size_t i = 0; (kind = sevens_model_kind_at(i)) != NULL; i++)
        n_terms += kind->n_terms;
    ck_assert_uint_le(n_terms, SEVENS_MODEL_MAX_TERMS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model");
    TCase *tc = tcase_create("model");

    tcase_add_test(tc, registry);
    tcase_add_test(tc, variants);
    tcase_add_test(tc, faults);
    tcase_add_test(tc, together);
    tcase_add_test(tc, one_kind_twice);
    tcase_add_test(tc, derived);
    tcase_add_test(tc, sm_is_part_of_every_model);
    tcase_add_test(tc, rows_are_affine);
    tcase_add_test(tc, amplitudes_by_hand);
    tcase_add_test(tc, radii);
    tcase_add_test(tc, registry_fits);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
