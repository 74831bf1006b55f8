/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models: what a scan file may ask for, and the structure that makes rows: one amplitude per
 * family, affine in the row variable, contributions of all kinds added. */
#include "sevens/constants.h"
#include "sevens/model.h"
#include "sevens/xsec.h"
#include "test_support.h"

static sevens_model *make(const char *entry, sevens_error *err)
{
    sevens_document *doc = NULL;
    sevens_model *model = NULL;
    sevens_status status;

    ck_assert_int_eq(sevens_document_parse(&doc, "test", entry, strlen(entry), err), SEVENS_OK);
    status = sevens_model_create(&model, doc, sevens_document_root(doc), err);
    if (status == SEVENS_OK)
        status = sevens_document_finish(doc, err);
    if (status != SEVENS_OK)
        sevens_model_destroy(&model);
    sevens_document_free(&doc);
    return model;
}

static void defaults(const sevens_model *model, double *value)
{
    for (size_t i = 0; i < sevens_model_n_parameters(model); i++)
        value[i] = sevens_model_parameter(model, i)->default_value;
}

START_TEST(registry)
{
    const sevens_model_kind *kind;

    for (size_t i = 0; (kind = sevens_model_kind_at(i)) != NULL; i++) {
        ck_assert_ptr_eq(sevens_model_kind_find(kind->name), kind);
        ck_assert(kind->formula && kind->equation && kind->reference);
        for (size_t p = 0; p < kind->n_parameters; p++)
            ck_assert(kind->parameters[p].unit && kind->parameters[p].doc &&
                      kind->parameters[p].min < kind->parameters[p].max);
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
        {"[{kind: zprime}, {kind: zprime}]", "twice"},
        {"{charges: universal}", "kind"},
        {"[]", "list of 1 to"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sevens_error err = {0};

        ck_assert_ptr_null(make(cases[i].entry, &err));
        ck_contains(err.message, cases[i].message);
    }
}
END_TEST

/* A list with `sm` in any place takes its options; parameters of `sm` come first. */
START_TEST(sm_is_part_of_every_model)
{
    sevens_error err = {0};
    sevens_model *model =
        make("[{kind: zprime, charges: b-l}, {kind: sm, form_factor: none}]", &err);
    sevens_model *sm;

    ck_assert_msg(model != NULL, "%s", err.message);
    ck_assert_int_eq(sevens_model_sm_options(model)->form_factor, SEVENS_FORM_FACTOR_NONE);
    ck_assert_uint_eq(sevens_model_find(model, "s2w"), 0);
    ck_assert_str_eq(sevens_model_title(model), "zprime (b-l)");
    ck_assert_str_eq(sevens_model_nearest(model, "g_zpp"), "g_zp");
    ck_assert_int_eq(sevens_model_create_sm(&sm, model, &err), SEVENS_OK);
    ck_assert_int_eq(sevens_model_sm_options(sm)->form_factor, SEVENS_FORM_FACTOR_NONE);
    ck_assert_uint_eq(sevens_model_n_shapes(sm), 1);
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
        sevens_coupling a[2], b[2];

        for (int family = 0; family < SEVENS_N_FAMILY; family++) {
            sevens_model_amplitude(model, &along, (sevens_family)family, (sevens_family)family, a);
            sevens_model_amplitude(model, &at, (sevens_family)family, (sevens_family)family, b);
            for (size_t s = 0; s < 2; s++) {
                ck_close(a[s].p.c0 + x * a[s].p.c1, b[s].p.c0, 1e-15, 1e-14);
                ck_close(a[s].n.c0 + x * a[s].n.c1, b[s].n.c0, 1e-15, 1e-14);
                ck_close(b[s].p.c1, 0.0, 0.0, 0.0);
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
        sevens_coupling c[2];

        defaults(model, value);
        value[sevens_model_find(model, "m_zp")] = m;
        value[sevens_model_find(model, "g_zp")] = g;
        sevens_model_amplitude(model, &point, SEVENS_FAMILY_E, SEVENS_FAMILY_E, c);
        sevens_model_shape(model, &point, 1, 1, &zero, &w);
        D = g * g / (SEVENS_SQRT2 * SEVENS_G_FERMI * m * m);
        ck_close(w * c[1].p.c0, cases[i].factor * D, 1e-15, 1e-13);
        ck_close(w * c[1].n.c0, cases[i].factor * D, 1e-15, 1e-13);
        ck_close(c[0].p.c0, 0.0382, 0.0, 1e-13);
        /* and the cross section of a tiny recoil, where k = F = 1 */
        M = sevens_nucleus_mass_MeV(cs);
        Q = 55.0 * (0.0382 + cases[i].factor * D) + 78.0 * (-0.5117 + cases[i].factor * D);
        expected = SEVENS_G_FERMI * SEVENS_G_FERMI * M / SEVENS_PI * Q * Q * 3.89379372e-22;
        ck_close(sevens_xsec_cevns_cm2_per_MeV(model, &point, cs, SEVENS_NU_E, 30.0, T), expected,
                 0.0, 1e-6);
        ck_close(sevens_xsec_cevns_cm2_per_MeV(model, &point, cs, SEVENS_NU_E, 30.0, 1.0), 0.0, 0.0,
                 0.0); /* beyond T_max */
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

/* Every kind at once fits the fixed arrays of the library: a kind stands in a model once. */
START_TEST(registry_fits)
{
    size_t n_parameters = 0, n_shapes = 0;

    for (size_t i = 0; sevens_model_kind_at(i); i++) {
        n_parameters += sevens_model_kind_at(i)->n_parameters;
        n_shapes += sevens_model_kind_at(i)->n_shapes;
    }
    ck_assert_uint_le(n_parameters, SEVENS_MODEL_MAX_PARAMETERS);
    ck_assert_uint_le(n_shapes, SEVENS_MODEL_MAX_SHAPES);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model");
    TCase *tc = tcase_create("model");

    tcase_add_test(tc, registry);
    tcase_add_test(tc, faults);
    tcase_add_test(tc, sm_is_part_of_every_model);
    tcase_add_test(tc, rows_are_affine);
    tcase_add_test(tc, amplitudes_by_hand);
    tcase_add_test(tc, radii);
    tcase_add_test(tc, registry_fits);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
