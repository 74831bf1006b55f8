/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of models that are compared with the independent reference, and what is compared:
 * counts, cross sections, rows. */
#ifndef SEVENS_TEST_MODELS_H
#define SEVENS_TEST_MODELS_H

#include "test_model_draws.h"

#define CASE_ZPRIME(charges_)                                                                      \
    {                                                                                              \
        .name = "zprime " charges_, .model = "{kind: zprime, charges: " charges_ "}",              \
        .draw = draw_zprime, .parameters = "m_zp: 1", .charges = charges_                          \
    }

static const model_case model_cases[] = {
    {.name = "sm", .model = "sm", .draw = draw_sm},
    {.name = "sm tree",
     .model = "{kind: sm, couplings: tree}",
     .draw = draw_sm,
     .couplings = REF_TREE},
    {.name = "sm fermi",
     .model = "{kind: sm, form_factor: fermi}",
     .draw = draw_sm,
     .form_factor = REF_FERMI},
    {.name = "sm klein-nystrand",
     .model = "{kind: sm, form_factor: klein-nystrand}",
     .draw = draw_sm,
     .form_factor = REF_KLEIN_NYSTRAND},
    {.name = "sm point-like",
     .model = "{kind: sm, form_factor: none}",
     .draw = draw_sm,
     .form_factor = REF_POINT},
    {.name = "sm k1", .model = "{kind: sm, kinematics: k1}", .draw = draw_sm, .kinematics = REF_K1},
    {.name = "sm k2", .model = "{kind: sm, kinematics: k2}", .draw = draw_sm, .kinematics = REF_K2},
    {.name = "sm axial", .model = "{kind: sm, axial: true}", .draw = draw_sm, .option = 1},
    {.name = "sm tree k2 axial fermi",
     .model = "{kind: sm, couplings: tree, kinematics: k2, axial: true, form_factor: fermi}",
     .draw = draw_sm,
     .couplings = REF_TREE,
     .kinematics = REF_K2,
     .form_factor = REF_FERMI,
     .option = 1},
    {.name = "nsi", .model = "nsi", .draw = draw_nsi},
    CASE_ZPRIME("universal"),
    CASE_ZPRIME("b-l"),
    CASE_ZPRIME("b-3l_e"),
    CASE_ZPRIME("b-3l_mu"),
    CASE_ZPRIME("b-3l_tau"),
    CASE_ZPRIME("b-2l_e-l_mu"),
    CASE_ZPRIME("b-l_e-2l_mu"),
    CASE_ZPRIME("b_y+l_mu+l_tau"),
    CASE_ZPRIME("l_e-l_mu"),
    CASE_ZPRIME("l_e-l_tau"),
    CASE_ZPRIME("l_mu-l_tau"),
    {.name = "zprime loop_sign -1",
     .model = "{kind: zprime, charges: l_e-l_mu, loop_sign: -1}",
     .draw = draw_zprime,
     .parameters = "m_zp: 1",
     .charges = "l_e-l_mu",
     .number = {-1.0}},
    {.name = "zprime strigari",
     .model = "{kind: zprime, charges: b-2l_e-l_mu, norm: strigari}",
     .draw = draw_zprime,
     .parameters = "m_zp: 1",
     .charges = "b-2l_e-l_mu",
     .option = 1},
    {.name = "zprime free",
     .model = "{kind: zprime, charges: " DRAW_FREE "}",
     .draw = draw_free,
     .parameters = "m_zp: 1"},
    {.name = "zprime baryonic",
     .model = "{kind: zprime, charges: baryonic}",
     .draw = draw_baryonic,
     .parameters = "m_zp: 1"},
    {.name = "zprime dark-z",
     .model = "{kind: zprime, charges: dark-z}",
     .draw = draw_mixing,
     .parameters = "m_zp: 1",
     .charges = "dark-z"},
    {.name = "zprime dark-hypercharge",
     .model = "{kind: zprime, charges: dark-hypercharge}",
     .draw = draw_mixing,
     .parameters = "m_zp: 1",
     .charges = "dark-hypercharge"},
    {.name = "zprime hidden 0",
     .model = "{kind: zprime, charges: hidden, n: 0}",
     .draw = draw_hidden,
     .parameters = "m_zp: 1"},
    {.name = "zprime hidden 1",
     .model = "{kind: zprime, charges: hidden}",
     .draw = draw_hidden,
     .parameters = "m_zp: 1",
     .option = 1},
    {.name = "zprime-axial", .model = DRAW_AXIAL, .draw = draw_axial, .parameters = "m_zp: 1"},
    {.name = "zprime + zprime-axial",
     .model = "[{kind: zprime, charges: " DRAW_FREE "}, " DRAW_AXIAL ", {kind: sm, axial: true}]",
     .draw = draw_axial,
     .parameters = "m_zp: 1",
     .option = 1},
    {.name = "scalar quark",
     .model = "scalar",
     .draw = draw_boson,
     .parameters = "m_phi: 1",
     .number = {17.3, 17.3, 0.0}},
    {.name = "scalar all-quarks",
     .model = "{kind: scalar, charges: all-quarks}",
     .draw = draw_boson,
     .parameters = "m_phi: 1",
     .number = {15.1, 14.0, 0.0}},
    {.name = "scalar nucleon",
     .model = "{kind: scalar, charges: nucleon}",
     .draw = draw_boson,
     .parameters = "m_phi: 1",
     .number = {1.0, 1.0, 1.0}},
    {.name = "scalar free",
     .model = "{kind: scalar, charges: {p: 3.1, n: -1.2, electron: 0.6}}",
     .draw = draw_boson,
     .parameters = "m_phi: 1",
     .number = {3.1, -1.2, 0.6}},
    {.name = "tensor nucleon",
     .model = "tensor",
     .draw = draw_boson,
     .parameters = "m_phi: 1",
     .number = {1.0, 1.0, 1.0},
     .option = 1},
    {.name = "tensor free",
     .model = "{kind: tensor, charges: {p: 0.4, n: 1.2, electron: -0.6}}",
     .draw = draw_boson,
     .parameters = "m_phi: 1",
     .number = {0.4, 1.2, -0.6},
     .option = 1},
    {.name = "magnetic-moment", .model = "magnetic-moment", .draw = draw_moment},
    {.name = "charge-radius", .model = "charge-radius", .draw = draw_radius},
    {.name = "charge-radius tree",
     .model = "[charge-radius, {kind: sm, couplings: tree}]",
     .draw = draw_radius,
     .couplings = REF_CHARGE_RADIUS_TREE},
    {.name = "millicharge", .model = "millicharge", .draw = draw_millicharge},
    {.name = "sterile",
     .model = "{kind: sterile, baseline_spread: 0.5}",
     .draw = draw_sterile,
     .parameters = "dm2_41: 1",
     .number = {0.5},
     .points = 4},
    {.name = "sterile one baseline",
     .model = "{kind: sterile, baseline_spread: 0}",
     .draw = draw_sterile,
     .parameters = "dm2_41: 1",
     .number = {0.0},
     .points = 4},
    {.name = "lma-dark e",
     .model = "lma-dark",
     .draw = draw_lma,
     .parameters = "m_zp: 1, eta: 0",
     .number = {1.051}},
    {.name = "lma-dark mutau",
     .model = "{kind: lma-dark, flavour: mutau, y_n: 0.31}",
     .draw = draw_lma,
     .parameters = "m_zp: 1, eta: 0",
     .number = {0.31},
     .option = 1},
    {.name = "dipole-portal",
     .model = "dipole-portal",
     .draw = draw_dipole,
     .parameters = "m4: 1",
     .points = 4},
    {.name = "vector kinds interfere",
     .model = "[{kind: zprime, charges: " DRAW_FREE
              "}, nsi, charge-radius, millicharge, magnetic-moment]",
     .draw = draw_interfering,
     .parameters = "m_zp: 1",
     .points = 5},
    {.name = "two bosons",
     .model =
         "[{kind: zprime, charges: " DRAW_FREE "}, {kind: zprime, as: second, charges: {u: 0.5, d: "
         "-0.3, e: 0.7, mu: -1.2, tau: 0.3, electron: 0}}]",
     .draw = draw_two_vectors,
     .parameters = "m_zp: 1, second.m_zp: 1"},
    {.name = "scalar, tensor, magnetic-moment",
     .model =
         "[{kind: scalar, charges: {p: 3.1, n: -1.2, electron: 0.6}}, {kind: tensor, as: other, "
         "charges: {p: 1.7, n: -0.6, electron: 0.8}}, magnetic-moment]",
     .draw = draw_scalar_tensor,
     .parameters = "m_phi: 1, other.m_phi: 1",
     .extra = "interference: none",
     .number = {3.1, -1.2, 0.6}},
    {.name = "sterile + zprime",
     .model = "[{kind: sterile, baseline_spread: 0.5}, {kind: zprime}]",
     .draw = draw_sterile_zprime,
     .parameters = "dm2_41: 1, m_zp: 1",
     .number = {0.5}},
};

#define N_MODEL_CASES ((int)(sizeof model_cases / sizeof model_cases[0]))

#define MODEL_TOLERANCE 1e-9 /* counts, relative */
#define MODEL_XSEC_TOLERANCE 1e-11
#define MODEL_ROW_TOLERANCE 1e-12 /* of the sum of the sizes of its three terms */

/* Counts per PE bin of one flux class by the reference. */
typedef void (*model_counts)(const model_draw *d, const ref_model *model, ref_flavour flavour,
                             double counts[REF_CSI2021_N_PE]);
/* d sigma/dT by the reference of a target whose place in its list is `target`. */
typedef double (*model_xsec)(const model_draw *d, const ref_model *model, int target,
                             ref_flavour flavour, double E, double T);

static inline void model_expected(const model_draw *d, model_counts reference, ref_flavour flavour,
                                  double expected[REF_CSI2021_N_PE])
{
    ref_model sm = ref_standard_model();
    double part[REF_CSI2021_N_PE], none[REF_CSI2021_N_PE];

    reference(d, &d->ref[0], flavour, expected);
    if (d->n_ref == 1)
        return;
    reference(d, &d->ref[1], flavour, part);
    reference(d, &sm, flavour, none);
    for (int e = 0; e < REF_CSI2021_N_PE; e++)
        expected[e] += part[e] - none[e];
}

/* Largest relative difference of the counts; all bins must agree. */
static inline void model_compare_counts(const model_case *c, sevens_process process,
                                        const ref_table *photoelectric, model_counts reference)
{
    model_draw d = model_draw_begin(c, process, photoelectric);
    double abc[3 * 3 * REF_CSI2021_N_PE], expected[REF_CSI2021_N_PE], worst = 0.0;
    sevens_model_point point = {d.t.value, SEVENS_NO_ROW};

    for (int i = 0; i < model_points(c, process); i++) {
        model_draw_point(&d, i);
        sevens_templates_update(d.t.work->templates[0], &point);
        sevens_templates_channel_row(d.t.work->templates[0], &point, process, abc);
        for (int f = 0; f < REF_N_FLAVOUR; f++) {
            const double *counts = abc + 3 * REF_CSI2021_N_PE * f;

            model_expected(&d, reference, (ref_flavour)f, expected);
            for (int e = 0; e < REF_CSI2021_N_PE; e++) {
                worst = fmax(worst, fabs(counts[e] / expected[e] - 1.0));
                ck_assert_msg(fabs(counts[e] - expected[e]) <= MODEL_TOLERANCE * fabs(expected[e]),
                              "%s, point %d, flavour %d, bin %d: %.17g is not %.17g (%.2g)",
                              c->name, i, f, e, counts[e], expected[e],
                              counts[e] / expected[e] - 1.0);
            }
        }
    }
    printf("%s %s: worst relative difference of counts %.1e\n", sevens_process_name(process),
           c->name, worst);
    test_problem_free(&d.t);
}

/* Cross sections at random E, T, flavours (one of them an antineutrino) and targets. */
static inline void model_compare_xsec(const model_case *c, sevens_process process,
                                      const ref_table *photoelectric, const char *const *targets,
                                      int n_target, model_xsec reference)
{
    static const sevens_flavour flavours[] = {SEVENS_NU_E, SEVENS_NUBAR_MU, SEVENS_NU_MU,
                                              SEVENS_NU_TAU}; /* in the order of ref_flavour */
    model_draw d = model_draw_begin(c, process, photoelectric);
    sevens_model_point point = {d.t.value, SEVENS_NO_ROW};
    ref_model sm = ref_standard_model();
    double worst = 0.0;

    for (int i = 0; i < 40 * model_points(c, process); i++) {
        int target = i % n_target, f = (i / 3) % 4;
        const sevens_nucleus *nucleus = sevens_nucleus_find(targets[target]);
        double E = 3.0 + 50.0 * test_random(&d.seed), ours, expected;
        double T = sevens_xsec_t_max_MeV(process, nucleus, E) *
                   test_random_log(&d.seed, process == SEVENS_ES ? 1e-6 : 1e-3, 0.95);

        model_draw_point(&d, i % model_points(c, process));
        ours = sevens_xsec_cm2_per_MeV(d.t.problem->model, &point, process, nucleus, flavours[f], E,
                                       T);
        expected = reference(&d, &d.ref[0], target, (ref_flavour)f, E, T);
        if (d.n_ref == 2)
            expected += reference(&d, &d.ref[1], target, (ref_flavour)f, E, T) -
                        reference(&d, &sm, target, (ref_flavour)f, E, T);
        worst = fmax(worst, fabs(ours / expected - 1.0));
        ck_assert_msg(fabs(ours - expected) <= MODEL_XSEC_TOLERANCE * fabs(expected),
                      "%s, point %d, %s, flavour %d, E %.17g, T %.17g: %.17g is not %.17g (%.2g)",
                      c->name, i, targets[target], f, E, T, ours, expected, ours / expected - 1.0);
    }
    printf("%s %s: worst relative difference of cross sections %.1e\n",
           sevens_process_name(process), c->name, worst);
    test_problem_free(&d.t);
}

/* Along every coefficient a row A + B x + C x^2 is the points on it, at four x: third differences
 * vanish. Returns the largest difference in units of the terms. */
static inline double model_check_row(model_draw *d, size_t parameter)
{
    static const double at[] = {-1.7, 0.0, 0.6, 2.3};
    const sevens_parameter *p = sevens_model_parameter(d->t.problem->model, parameter);
    sevens_templates *templates = d->t.work->templates[0];
    double row[9 * REF_CSI2021_N_PE], alone[9 * REF_CSI2021_N_PE], worst = 0.0;
    double before = d->t.value[parameter], unit = before != 0.0 ? before : 1.0;
    sevens_model_point along = {d->t.value, parameter}, single = {d->t.value, SEVENS_NO_ROW};

    d->t.value[parameter] = 0.385 * unit; /* must not matter: it is the row */
    sevens_templates_update(templates, &along);
    sevens_templates_channel_row(templates, &along, d->process, row);
    for (size_t k = 0; k < sizeof at / sizeof at[0]; k++) {
        double x = sevens_transform_apply(p->transform, at[k] * unit);

        d->t.value[parameter] = at[k] * unit;
        sevens_templates_update(templates, &single);
        sevens_templates_channel_row(templates, &single, d->process, alone);
        for (int i = 0; i < 3 * REF_CSI2021_N_PE; i++) {
            int first = i / REF_CSI2021_N_PE * 3 * REF_CSI2021_N_PE + i % REF_CSI2021_N_PE;
            double A = row[first], B = x * row[first + REF_CSI2021_N_PE];
            double C = x * x * row[first + 2 * REF_CSI2021_N_PE];
            double size = fabs(A) + fabs(B) + fabs(C), difference = A + B + C - alone[first];

            worst = size > 0.0 ? fmax(worst, fabs(difference) / size) : worst;
            ck_assert_msg(fabs(difference) <= MODEL_ROW_TOLERANCE * size,
                          "%s, %s = %g, cell %d: %.17g is not %.17g", d->c->name, p->name,
                          d->t.value[parameter], i, A + B + C, alone[first]);
        }
    }
    d->t.value[parameter] = before;
    return worst;
}

static inline void model_check_rows(const model_case *c, sevens_process process,
                                    const ref_table *photoelectric)
{
    model_draw d = model_draw_begin(c, process, photoelectric);
    double worst = 0.0;

    model_draw_point(&d, 0);
    for (size_t i = 0; i < sevens_model_n_parameters(d.t.problem->model); i++) {
        if (sevens_model_parameter(d.t.problem->model, i)->role == SEVENS_ROLE_COEFFICIENT)
            worst = fmax(worst, model_check_row(&d, i));
    }
    printf("%s %s: worst difference of rows %.1e\n", sevens_process_name(process), c->name, worst);
    test_problem_free(&d.t);
}

#endif
