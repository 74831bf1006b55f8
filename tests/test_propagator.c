/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peak of light mediators and of the photon at small recoils: a detector that sees recoils from
 * about 1 eV on, light and heavy targets, nuclei and electrons, against adaptive quadrature in ln T
 * of the reference's cross sections. */
#include "reference/reference.h"
#include "sevens/constants.h"
#include "sevens/electron.h"
#include "sevens/response.h"
#include "sevens/xsec.h"
#include "test_problem.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sort.h>

#define TOLERANCE 1e-9
#define ONSET_keV 1e-3 /* recoil at which the detector begins to see */

static const double masses[] = {1e-3, 4e-3, 0.03, 0.17, 0.5, 2.0, 9.0, 41.0, 300.0, 7e3, 1e6};
#define N_MASS ((int)(sizeof masses / sizeof masses[0]))

static const struct {
    const char *name, *reference;
    int Z;
} targets[] = {{"Na23", "23Na", 11}, {"Xe132", "132Xe", 54}, {"Cs133", "133Cs", 55}};
#define N_TARGET 3

/* One target and one energy bin; exponential smearing, so that the response rises smoothly from
 * recoils of ONSET_keV over all larger ones. */
typedef struct detector {
    sevens_release release;
    double edges[2];
    sevens_response *response;
    sevens_mesh *mesh;
    sevens_process process;
    ref_nucleus nucleus;
    ref_atom atom;
} detector;

static void detector_make(detector *d, const test_problem *t, sevens_process process, int target)
{
    sevens_mesh_options options = {.signal_scale = 1.0, .es = process == SEVENS_ES};
    sevens_release *r = &d->release;
    sevens_error err = {0};
    double quenching = 1.0;

    *d = (detector){.release = *t->problem->experiment[0].release, .process = process};
    d->edges[0] = 8.0;
    d->edges[1] = 60.0;
    r->n_channel = r->axis[0].n = 1;
    r->axis[0].edges = d->edges;
    r->n_target = 1;
    r->target[0] = (sevens_target_nucleus){sevens_nucleus_find(targets[target].name), 1.0};
    if (process == SEVENS_CEVNS)
        quenching = r->response.quenching_coefficient[0];
    r->response.gamma_a_keVee = ONSET_keV * quenching / d->edges[0];
    r->response.gamma_b_per_keVee = 0.0;
    ck_assert_int_eq(sevens_response_create(&d->response, r, &r->response, &err), SEVENS_OK);
    ck_assert_int_eq(sevens_mesh_create(&d->mesh, r, t->problem->model, &options, &err), SEVENS_OK);
    d->nucleus = ref_nucleus_named(targets[target].reference);
    d->atom = ref_atom_of(targets[target].Z);
}

static void detector_free(detector *d)
{
    sevens_mesh_destroy(&d->mesh);
    sevens_response_destroy(&d->response);
}

/* ---- expected counts ---- */

typedef struct integrand {
    const detector *d;
    const ref_model *model;
    ref_flavour flavour;
} integrand;

static double of_log_recoil(double log_T, void *context)
{
    const integrand *a = context;
    double T = exp(log_T), R;

    if (a->d->process == SEVENS_ES) {
        sevens_response_electron(a->d->response, T, &R);
        return T * R * ref_folded_es(a->model, &a->d->atom, a->flavour, T);
    }
    sevens_response_nuclear(a->d->response, a->d->release.target[0].nucleus, T, &R);
    return T * R * ref_folded_xsec(a->model, &a->d->nucleus, a->flavour, T);
}

/* ln of the recoil energies between which the integrand is smooth; nothing is seen below the first.
 */
static size_t break_points(const detector *d, double m, double *point)
{
    bool es = d->process == SEVENS_ES;
    double M = es ? SEVENS_M_ELECTRON : ref_mass_MeV(&d->nucleus);
    double ends[2] = {ref_pion_line_MeV(), ref_michel_end_MeV()}, top = 0.0;
    size_t n = 0;

    for (int i = 0; i < 2; i++)
        point[n++] = top = log(es ? ref_es_t_max(ends[i]) : ref_t_max(&d->nucleus, ends[i]));
    point[n++] = log(1e-5 * ONSET_keV);
    point[n++] = fmin(top, fmax(log(1e-5 * ONSET_keV), log(0.5 * m * m / M)));
    for (int i = 0; i < d->atom.n_shell && es; i++) {
        if (d->atom.binding_keV[i] > 0.0)
            point[n++] = log(1e-3 * d->atom.binding_keV[i]);
    }
    gsl_sort(point, 1, n);
    return n;
}

static double expected_counts(const detector *d, const ref_model *model, ref_flavour flavour,
                              gsl_integration_workspace *work)
{
    const sevens_release *r = &d->release;
    integrand a = {d, model, flavour};
    gsl_function f = {of_log_recoil, &a};
    double point[4 + REF_MAX_SHELL], sum = 0.0;
    double exposure =
        r->flux[0].fluence_per_cm2 * 1000.0 * r->mass_kg / r->molar_mass_g * SEVENS_AVOGADRO;
    size_t n = break_points(d, model->m_MeV, point);

    for (size_t i = 0; i + 1 < n; i++) {
        double part, error;

        if (point[i + 1] <= point[i])
            continue;
        gsl_integration_qag(&f, point[i], point[i + 1], 1e-13 * sum, 1e-12, 2000, GSL_INTEG_GAUSS31,
                            work, &part, &error);
        ck_assert(error <= 1e-11 * fabs(sum + part));
        sum += part;
    }
    return exposure * sum;
}

/* ---- comparison ---- */

static void set(test_problem *t, const char *name, double value)
{
    size_t i = sevens_model_find(t->problem->model, name);

    ck_assert_uint_lt(i, sevens_model_n_parameters(t->problem->model));
    t->value[i] = value;
}

/* Sets mass number i of a kind in the program and in the reference. */
typedef void (*set_model)(test_problem *t, int i, ref_model *reference);

static void compare(const char *scan, set_model model, int n, sevens_process process)
{
    test_problem t = test_problem_make(scan);
    sevens_model_point point = {t.value, SEVENS_NO_ROW};
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(2000);
    double worst = 0.0;

    for (int target = 0; target < N_TARGET; target++) {
        sevens_templates *templates;
        sevens_error err = {0};
        detector d;

        detector_make(&d, &t, process, target);
        ck_assert_int_eq(sevens_templates_create(&templates, d.mesh, t.problem->model, &err),
                         SEVENS_OK);
        for (int i = 0; i < n; i++) {
            ref_model reference = ref_standard_model();
            double abc[3][3];

            model(&t, i, &reference);
            sevens_templates_update(templates, &point);
            sevens_templates_channel_row(templates, &point, process, abc[0]);
            for (int f = 0; f < REF_N_FLAVOUR; f++) {
                double expected = expected_counts(&d, &reference, (ref_flavour)f, work);

                worst = fmax(worst, fabs(abc[f][0] / expected - 1.0));
                ck_assert_msg(fabs(abc[f][0] - expected) <= TOLERANCE * expected,
                              "%s, %s, mass %g, flavour %d: %.17g is not %.17g (%.1e)", scan,
                              targets[target].name, masses[i], f, abc[f][0], expected,
                              abc[f][0] / expected - 1.0);
            }
        }
        sevens_templates_destroy(&templates);
        detector_free(&d);
    }
    printf("%s: worst relative difference %.1e\n", sevens_process_name(process), worst);
    gsl_integration_workspace_free(work);
    test_problem_free(&t);
}

/* Couplings of the size of the weak interaction at recoils of 100 eV: below that, mediators rule
 * where they are light. */
static double strength(double m, double M)
{
    return 3.0 * SEVENS_SQRT2 * SEVENS_G_FERMI * (2e-4 * M + m * m);
}

static void vector_boson(test_problem *t, int i, ref_model *reference)
{
    *reference = ref_b_minus_l(sqrt(strength(masses[i], 1e5)), masses[i]);
    set(t, "m_zp", masses[i]);
    set(t, "g_zp", reference->g);
}

static void vector_boson_electron(test_problem *t, int i, ref_model *reference)
{
    *reference = ref_b_minus_l(sqrt(strength(masses[i], SEVENS_M_ELECTRON)), masses[i]);
    set(t, "m_zp", masses[i]);
    set(t, "g_zp", reference->g);
}

static void scalar_boson(test_problem *t, int i, ref_model *reference)
{
    *reference = ref_scalar(sqrt(strength(masses[i], 1e5)), masses[i]);
    reference->scalar_p = reference->scalar_n = reference->scalar_e = 1.0;
    set(t, "m_phi", masses[i]);
    set(t, "g_phi", reference->g);
}

static void scalar_boson_electron(test_problem *t, int i, ref_model *reference)
{
    *reference = ref_scalar(sqrt(strength(masses[i], SEVENS_M_ELECTRON)), masses[i]);
    reference->scalar_p = reference->scalar_n = reference->scalar_e = 1.0;
    set(t, "m_phi", masses[i]);
    set(t, "g_phi", reference->g);
}

static void photon(test_problem *t, int i, ref_model *reference)
{
    reference->millicharge[0] = i == 0 ? 1e-9 : 1e-13;
    reference->millicharge[1] = i == 0 ? -2e-9 : 3e-13;
    reference->mu_nu[0] = reference->mu_nu[1] = 1e-10;
    set(t, "q_ee", reference->millicharge[0]);
    set(t, "q_mumu", reference->millicharge[1]);
    set(t, "mu_nu_e", 1e-10);
    set(t, "mu_nu_mu", 1e-10);
}

#define SCAN(model) "{schema: 1, name: t, model: " model ", " TEST_CSI

START_TEST(vector_on_nuclei)
{
    compare(SCAN("{kind: zprime, charges: b-l}, parameters: {m_zp: 1}"), vector_boson, N_MASS,
            SEVENS_CEVNS);
}
END_TEST

START_TEST(vector_on_electrons)
{
    compare(SCAN("{kind: zprime, charges: b-l}, parameters: {m_zp: 1}"), vector_boson_electron,
            N_MASS, SEVENS_ES);
}
END_TEST

START_TEST(scalar_on_nuclei)
{
    compare(SCAN("{kind: scalar, charges: nucleon}, parameters: {m_phi: 1}"), scalar_boson, N_MASS,
            SEVENS_CEVNS);
}
END_TEST

START_TEST(scalar_on_electrons)
{
    compare(SCAN("{kind: scalar, charges: nucleon}, parameters: {m_phi: 1}"), scalar_boson_electron,
            N_MASS, SEVENS_ES);
}
END_TEST

START_TEST(photon_on_nuclei)
{
    compare(SCAN("[millicharge, magnetic-moment]"), photon, 2, SEVENS_CEVNS);
}
END_TEST

START_TEST(photon_on_electrons)
{
    compare(SCAN("[millicharge, magnetic-moment]"), photon, 2, SEVENS_ES);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("propagator");
    TCase *tc = tcase_create("propagator");

    gsl_set_error_handler_off();
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, vector_on_nuclei);
    tcase_add_test(tc, vector_on_electrons);
    tcase_add_test(tc, scalar_on_nuclei);
    tcase_add_test(tc, scalar_on_electrons);
    tcase_add_test(tc, photon_on_nuclei);
    tcase_add_test(tc, photon_on_electrons);
    suite_add_tcase(suite, tc);
    return test_run(suite);
}
