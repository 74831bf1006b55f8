/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows come in groups: a scan file in a line, a function that measures numbers on it, and what each
 * number is compared with. */
#include "sevens/validate.h"
#include "root.h"
#include "sevens/fit.h"
#include "sevens/problem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NUMBERS 16

typedef struct expectation {
    const char *quantity, *published;
    double reference, tolerance;
    bool relative;
} expectation;

typedef struct group {
    const char *scan;
    double argument; /* of measure */
    sevens_status (*measure)(const sevens_problem *problem, double argument, double *ours,
                             sevens_error *err);
    size_t n;
    expectation row[MAX_NUMBERS];
} group;

/* ---- measures ---- */

/* Counts in total, in each energy bin, and per flux class before time factors. */
static sevens_status measure_counts(const sevens_problem *problem, double argument, double *ours,
                                    sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_release *release = problem->experiment[0].release;
    size_t n_energy = release->n_energy, n_share = release->n_share, k = 1;
    double *energy = calloc(3 * release->n_flux * n_energy, sizeof *energy);
    sevens_model_point point = {problem->config->value, SEVENS_NO_ROW};
    sevens_workspace *work = NULL;

    (void)argument;
    SEVENS_TRY_ALLOC(energy);
    SEVENS_TRY(sevens_workspace_create(&work, problem, problem->model, err));
    sevens_problem_signal(problem, work, 0, problem->config->value, work->signal);
    ours[0] = 0.0;
    for (size_t e = 0; e < n_energy; e++) {
        double bin = 0.0;

        for (size_t s = 0; s < n_share; s++)
            bin += work->signal[e * n_share + s];
        ours[0] += bin;
        if (k < MAX_NUMBERS)
            ours[k++] = bin;
    }
    sevens_templates_energy_row(work->templates[0], &point, SEVENS_N_PROCESS, energy);
    for (size_t f = 0; f < release->n_flux && k < MAX_NUMBERS; f++, k++) {
        ours[k] = 0.0;
        for (size_t e = 0; e < n_energy; e++)
            ours[k] += energy[3 * f * n_energy + e];
    }
cleanup:
    sevens_workspace_destroy(&work);
    free(energy);
    return status;
}

/* Counts in total and profiled chi2 at the values of the scan file. */
static sevens_status measure_point(const sevens_problem *problem, double argument, double *ours,
                                   sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const double *value = problem->config->value;
    sevens_workspace *work = NULL;

    (void)argument;
    SEVENS_TRY(sevens_workspace_create(&work, problem, problem->model, err));
    sevens_problem_signal(problem, work, 0, value, work->signal);
    ours[0] = 0.0;
    for (size_t b = 0; b < problem->n_bin; b++)
        ours[0] += work->signal[b];
    ours[1] = sevens_problem_chi2(problem, work, value, NULL);
cleanup:
    sevens_workspace_destroy(&work);
    return status;
}

/* Scattering on electrons: counts in total. */
static sevens_status measure_electrons(const sevens_problem *problem, double argument, double *ours,
                                       sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_release *release = problem->experiment[0].release;
    size_t n_energy = release->n_energy;
    double *energy = calloc(3 * release->n_flux * n_energy, sizeof *energy);
    sevens_model_point point = {problem->config->value, SEVENS_NO_ROW};
    sevens_workspace *work = NULL;

    (void)argument;
    SEVENS_TRY_ALLOC(energy);
    SEVENS_TRY(sevens_workspace_create(&work, problem, problem->model, err));
    sevens_templates_update(work->templates[0], &point);
    sevens_templates_energy_row(work->templates[0], &point, SEVENS_ES, energy);
    ours[0] = 0.0;
    for (size_t f = 0; f < release->n_flux; f++)
        for (size_t e = 0; e < n_energy; e++)
            for (size_t s = 0; s < release->n_share; s++)
                ours[0] += energy[3 * f * n_energy + e] * release->flux[f].share[s];
cleanup:
    sevens_workspace_destroy(&work);
    free(energy);
    return status;
}

/* chi2 of the Standard Model, and without any signal. */
static sevens_status measure_chi2(const sevens_problem *problem, double argument, double *ours,
                                  sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_likelihood *l = &problem->experiment[0].likelihood;
    double *nothing = calloc(l->n_bin, sizeof *nothing);
    sevens_profile profile;

    (void)argument;
    SEVENS_TRY_ALLOC(nothing);
    sevens_likelihood_profile(l, nothing, &profile);
    ours[0] = problem->chi2_sm;
    ours[1] = profile.chi2;
cleanup:
    free(nothing);
    return status;
}

/* chi2 with the signal norm fixed at `norm`, less a threshold. */
typedef struct norm_curve {
    sevens_likelihood likelihood; /* signal fixed; arrays borrowed */
    const double *signal;
    double *scaled, threshold;
} norm_curve;

static double norm_chi2(double norm, void *context)
{
    norm_curve *curve = context;
    sevens_profile profile;

    for (size_t b = 0; b < curve->likelihood.n_bin; b++)
        curve->scaled[b] = norm * curve->signal[b];
    sevens_likelihood_profile(&curve->likelihood, curve->scaled, &profile);
    return profile.chi2 - curve->threshold;
}

/* Free signal normalisation: best number of events, its 1 sigma interval, chi2. */
static sevens_status measure_normalisation(const sevens_problem *problem, double argument,
                                           double *ours, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_likelihood *l = &problem->experiment[0].likelihood;
    sevens_workspace *work = NULL;
    norm_curve curve = {.likelihood = *l, .scaled = malloc(l->n_bin * sizeof(double))};
    sevens_profile profile;
    double events = 0.0, best;

    SEVENS_TRY_ALLOC(curve.scaled);
    SEVENS_TRY(sevens_workspace_create(&work, problem, problem->model, err));
    sevens_problem_signal(problem, work, 0, problem->config->value, work->signal);
    for (size_t b = 0; b < l->n_bin; b++)
        events += work->signal[b];
    sevens_likelihood_profile(l, work->signal, &profile);
    best = profile.norm[0];
    curve.signal = work->signal;
    curve.likelihood.fixed[0] = true;
    curve.threshold = profile.chi2 + argument;
    ours[0] = best * events;
    ours[1] = sevens_root(norm_chi2, &curve, 0.5 * best, best, 0.0, 1e-12) * events;
    ours[2] = sevens_root(norm_chi2, &curve, best, 2.0 * best, 0.0, 1e-12) * events;
    ours[3] = profile.chi2;
cleanup:
    sevens_workspace_destroy(&work);
    free(curve.scaled);
    return status;
}

/* Bounds of all allowed intervals of the only axis, in order; ends of the axis are none. */
static sevens_status bounds(const sevens_problem *problem, double delta, bool against_sm,
                            double *ours, sevens_error *err)
{
    sevens_intervals found;
    sevens_status status = sevens_fit_intervals(problem, 0, delta, against_sm, &found, err);
    size_t k = 0;

    for (size_t i = 0; i < MAX_NUMBERS; i++)
        ours[i] = NAN;
    if (status != SEVENS_OK)
        return status;
    for (size_t i = 0; i < found.n && k + 2 <= MAX_NUMBERS; i++) {
        if (!found.interval[i].lo_open)
            ours[k++] = found.interval[i].lo;
        if (!found.interval[i].hi_open)
            ours[k++] = found.interval[i].hi;
    }
    sevens_intervals_free(&found);
    return SEVENS_OK;
}

/* Where chi2 - chi2_SM crosses the argument. */
static sevens_status measure_crossings(const sevens_problem *problem, double argument, double *ours,
                                       sevens_error *err)
{
    return bounds(problem, argument, true, ours, err);
}

/* Where chi2 - chi2_min does. */
static sevens_status measure_limits(const sevens_problem *problem, double argument, double *ours,
                                    sevens_error *err)
{
    return bounds(problem, argument, false, ours, err);
}

/* Best value of the only axis and its interval chi2 - chi2_min < argument. */
static sevens_status measure_interval(const sevens_problem *problem, double argument, double *ours,
                                      sevens_error *err)
{
    sevens_intervals found;
    sevens_status status = sevens_fit_intervals(problem, 0, argument, false, &found, err);

    if (status != SEVENS_OK)
        return status;
    ours[0] = found.best;
    ours[1] = found.n == 1 ? found.interval[0].lo : NAN;
    ours[2] = found.n == 1 ? found.interval[0].hi : NAN;
    sevens_intervals_free(&found);
    return SEVENS_OK;
}

/* Continuous minimum over the axes: chi2, then the position. */
static sevens_status measure_minimum(const sevens_problem *problem, double argument, double *ours,
                                     sevens_error *err)
{
    sevens_fit_result fit;
    sevens_status status = sevens_fit_minimise(problem, &fit, err);

    (void)argument;
    if (status != SEVENS_OK)
        return status;
    ours[0] = fit.chi2_min;
    for (size_t a = 0; a < problem->config->n_axis; a++)
        ours[1 + a] = fit.value[problem->config->axis[a].parameter];
    sevens_fit_result_free(&fit);
    return SEVENS_OK;
}

/* ---- the table ---- */

#define CSI "experiments: [{name: coherent-csi-2021, es: false}]}"
#define CSI_ES "experiments: [{name: coherent-csi-2021, es: true}]}"
#define SM(options, more) "{schema: 1, name: v, model: {kind: sm" options "}, " more CSI
#define MEDIATOR_SCAN(model, g, m, mass, data)                                                     \
    "{schema: 1, name: v, model: " model ", parameters: {" m ": " mass "}, axes: [{param: " g      \
    ", min: 1.0e-6, max: 1.0e-1, n: 200, spacing: log}], " data
#define ZPRIME_OF(charges, mass, data)                                                             \
    MEDIATOR_SCAN("{kind: zprime, charges: " charges "}", "g_zp", "m_zp", mass, data)
#define ZPRIME(charges, mass) ZPRIME_OF(charges, mass, CSI)
#define WITH_ES(charges, mass) ZPRIME_OF(charges, mass, CSI_ES)
#define SCALAR(mass) MEDIATOR_SCAN("scalar", "g_phi", "m_phi", mass, CSI)
#define MOMENT(name, data)                                                                         \
    "{schema: 1, name: v, model: magnetic-moment, axes: [{param: " name ", min: 0, max: 2.0e-8, "  \
    "n: 200}], " data
#define RADII(parameters)                                                                          \
    "{schema: 1, name: v, model: charge-radius, parameters: {" parameters "}, " CSI
#define PLANE(charges)                                                                             \
    "{schema: 1, name: v, model: {kind: zprime, charges: " charges "}, axes: [{param: m_zp, min: " \
    "0.1, max: 1.0e+4, n: 200, spacing: log}, {param: g_zp, min: 1.0e-6, max: 1.0e-1, n: 200, "    \
    "spacing: log}], " CSI
/* Groups of one number. */
#define ONE(scan, argument, measure, ...)                                                          \
    {                                                                                              \
        scan, argument, measure, 1,                                                                \
        {                                                                                          \
            {                                                                                      \
                __VA_ARGS__                                                                        \
            }                                                                                      \
        }                                                                                          \
    }
#define CROSSING(scan, what, published, reference)                                                 \
    ONE(scan, 4.0, measure_crossings, what ": g at chi2 - chi2_SM = 4", published, reference,      \
        1e-4, true)
#define PLANE_LIMIT(scan, what, reference)                                                         \
    ONE(scan, PLANE_90, measure_crossings, what ": g at chi2 - chi2_min = 4.6052", "", reference,  \
        1e-4, true)
#define LIMIT(scan, what, published, reference)                                                    \
    ONE(scan, 2.7055, measure_limits, what " [mu_B], 90 % limit", published, reference, 1e-3, true)

#define MEDIATOR "2 sigma figure of 2202.11002"
/* chi2_min + 4.6052 of the plane, counted from chi2_SM: 82.67279 + 4.6052 - 84.33409 */
#define PLANE_90 (82.672791 + 4.6052 - 84.334087003)

static const group groups[] = {
    {SM("", ""),
     0.0,
     measure_counts,
     13,
     {{"CsI 2021 SM counts", "341 +- 11 +- 42 (2110.07730)", 321.062090, 1e-6, true},
      {"CsI 2021 SM counts, 0-8 PE", "", 2.372431, 1e-6, true},
      {"CsI 2021 SM counts, 8-12 PE", "", 50.161915, 1e-6, true},
      {"CsI 2021 SM counts, 12-16 PE", "", 74.511449, 1e-6, true},
      {"CsI 2021 SM counts, 16-20 PE", "", 62.901668, 1e-6, true},
      {"CsI 2021 SM counts, 20-24 PE", "", 44.334281, 1e-6, true},
      {"CsI 2021 SM counts, 24-32 PE", "", 50.578107, 1e-6, true},
      {"CsI 2021 SM counts, 32-40 PE", "", 22.887809, 1e-6, true},
      {"CsI 2021 SM counts, 40-50 PE", "", 10.638633, 1e-6, true},
      {"CsI 2021 SM counts, 50-60 PE", "", 2.675798, 1e-6, true},
      {"CsI 2021 SM counts, nu_e before time factors", "", 121.5279995, 1e-6, true},
      {"CsI 2021 SM counts, nubar_mu before time factors", "", 197.3197336, 1e-6, true},
      {"CsI 2021 SM counts, nu_mu before time factors", "", 50.8883205, 1e-6, true}}},
    ONE(SM(", form_factor: klein-nystrand", ""), 0.0, measure_counts,
        "CsI 2021 SM counts, Klein-Nystrand", "", 329.282634, 1e-6, true),
    {SM("", ""),
     0.0,
     measure_chi2,
     2,
     {{"CsI 2021 chi2, SM", "", 84.33409, 1e-5, false},
      {"CsI 2021 chi2, no CEvNS", "11.6 sigma (2110.07730)", 215.91901, 1e-5, false}}},
    {SM("", "nuisances: {\"coherent-csi-2021:signal\": {sigma: .inf}}, "),
     1.0,
     measure_normalisation,
     4,
     {{"CsI 2021 free normalisation, events", "306 +- 20 (2110.07730)", 309.01, 0.01, false},
      {"CsI 2021 free normalisation, lower", "", 277.77, 0.01, false},
      {"CsI 2021 free normalisation, upper", "", 341.06, 0.01, false},
      {"CsI 2021 free normalisation, chi2", "", 84.2757, 0.01, false}}},
    {SM("", "axes: [{param: rn_csi, min: 3, max: 8, n: 50}], "),
     1.0,
     measure_interval,
     3,
     {{"CsI 2021 R_n [fm]", "5.47 +- 0.38 (2303.09360)", 5.4122, 0.001, false},
      {"CsI 2021 R_n, lower [fm]", "", 4.9868, 0.001, false},
      {"CsI 2021 R_n, upper [fm]", "", 5.8091, 0.001, false}}},
    {SM("", "axes: [{param: s2w, min: 0.05, max: 0.45, n: 50}], "),
     1.0,
     measure_interval,
     3,
     {{"CsI 2021 sin^2 theta_W", "0.220 +0.028 -0.026 (2110.07730)", 0.23161, 1e-4, false},
      {"CsI 2021 sin^2 theta_W, lower", "", 0.20738, 1e-4, false},
      {"CsI 2021 sin^2 theta_W, upper", "", 0.25867, 1e-4, false}}},
    CROSSING(ZPRIME("universal", "0.1"), "universal Z', 0.1 MeV", MEDIATOR, 2.28378e-5),
    CROSSING(ZPRIME("universal", "1"), "universal Z', 1 MeV", MEDIATOR, 2.2844e-5),
    CROSSING(ZPRIME("universal", "10"), "universal Z', 10 MeV", MEDIATOR, 2.34172e-5),
    CROSSING(ZPRIME("universal", "100"), "universal Z', 100 MeV", MEDIATOR, 5.51811e-5),
    {ZPRIME("universal", "1000"),
     4.0,
     measure_crossings,
     3,
     {{"universal Z', 1 GeV: g at chi2 - chi2_SM = 4", MEDIATOR, 5.00259e-4, 1e-4, true},
      {"universal Z', 1 GeV: allowed strip, lower g", "2e-6 M/MeV (talk)", 1.69120e-3, 1e-4, true},
      {"universal Z', 1 GeV: allowed strip, upper g", "2e-6 M/MeV (talk)", 1.82236e-3, 1e-4,
       true}}},
    ONE(ZPRIME("universal", "0.1"), 6.18, measure_crossings,
        "universal Z', 0.1 MeV: g at chi2 - chi2_SM = 6.18", "", 2.54583e-5, 1e-4, true),
    {PLANE("universal"),
     0.0,
     measure_minimum,
     3,
     {{"universal Z', minimum of the plane: chi2", "", 82.673, 0.001, false},
      {"universal Z', minimum of the plane: m [MeV]", "", 145.5, 0.005, true},
      {"universal Z', minimum of the plane: g", "", 2.715e-4, 0.005, true}}},
    PLANE_LIMIT(ZPRIME("universal", "0.1"), "universal Z', 0.1 MeV", 2.1124e-5),
    PLANE_LIMIT(ZPRIME("universal", "10"), "universal Z', 10 MeV", 2.1671e-5),
    PLANE_LIMIT(ZPRIME("universal", "100"), "universal Z', 100 MeV", 5.1674e-5),
    PLANE_LIMIT(ZPRIME("universal", "1000"), "universal Z', 1 GeV", 4.7076e-4),
    CROSSING(ZPRIME("b-l", "0.1"), "B-L, 0.1 MeV", "2202.11002", 4.69435e-5),
    CROSSING(ZPRIME("b-l", "1"), "B-L, 1 MeV", "2202.11002", 4.6954e-5),
    CROSSING(ZPRIME("b-l", "10"), "B-L, 10 MeV", "2202.11002", 4.80281e-5),
    CROSSING(ZPRIME("b-l", "100"), "B-L, 100 MeV", "2202.11002", 1.00922e-4),
    CROSSING(ZPRIME("b-l", "1000"), "B-L, 1 GeV", "2202.11002", 8.58640e-4),
    CROSSING(WITH_ES("universal", "0.1"), "universal Z' with ES, 0.1 MeV", MEDIATOR, 9.3553e-6),
    CROSSING(WITH_ES("universal", "1"), "universal Z' with ES, 1 MeV", MEDIATOR, 2.2813e-5),
    CROSSING(WITH_ES("universal", "10"), "universal Z' with ES, 10 MeV", MEDIATOR, 2.34172e-5),
    CROSSING(WITH_ES("b-l", "0.1"), "B-L with ES, 0.1 MeV", "2202.11002", 9.5000e-6),
    CROSSING(WITH_ES("b-l", "1"), "B-L with ES, 1 MeV", "2202.11002", 4.6062e-5),
    CROSSING(WITH_ES("b-l", "10"), "B-L with ES, 10 MeV", "2202.11002", 4.80281e-5),
    CROSSING(SCALAR("0.1"), "scalar, C = 17.3, 0.1 MeV", "2202.11002", 1.67363e-5),
    CROSSING(SCALAR("10"), "scalar, C = 17.3, 10 MeV", "2202.11002", 1.70466e-5),
    CROSSING(SCALAR("100"), "scalar, C = 17.3, 100 MeV", "2202.11002", 3.39619e-5),
    CROSSING(ZPRIME("l_mu-l_tau", "0.1"), "L_mu-L_tau, 0.1 MeV", "2008.05022", 1.15406e-3),
    CROSSING(ZPRIME("l_mu-l_tau", "10"), "L_mu-L_tau, 10 MeV", "2008.05022", 1.18303e-3),
    CROSSING(ZPRIME("l_mu-l_tau", "100"), "L_mu-L_tau, 100 MeV", "2008.05022", 2.80261e-3),
    {PLANE("l_mu-l_tau"),
     0.0,
     measure_minimum,
     3,
     {{"L_mu-L_tau, minimum of the plane: chi2", "", 83.005, 0.001, false},
      {"L_mu-L_tau, minimum of the plane: m [MeV]", "", 123.6, 0.005, true},
      {"L_mu-L_tau, minimum of the plane: g", "", 9.423e-3, 0.005, true}}},
    LIMIT(MOMENT("mu_nu_mu", CSI), "CsI 2021 mu_nu_mu", "2e-9 (2205.09484)", 1.7514e-9),
    LIMIT(MOMENT("mu_nu_mu", CSI_ES), "CsI 2021 mu_nu_mu with ES", "2e-9 (2205.09484)", 1.6209e-9),
    LIMIT(MOMENT("mu_nu_e", CSI), "CsI 2021 mu_nu_e", "", 4.4111e-9),
    LIMIT(MOMENT("mu_nu_e", CSI_ES), "CsI 2021 mu_nu_e with ES", "", 4.1023e-9),
    {RADII("r2_ee: 0, r2_mumu: 0"),
     0.0,
     measure_point,
     2,
     {{"CsI 2021 counts without charge radii", "", 334.9730, 1e-6, true},
      {"CsI 2021 chi2 without charge radii", "", 84.4816, 1e-4, false}}},
    {RADII(""),
     0.0,
     measure_point,
     2,
     {{"CsI 2021 counts, charge radii of the SM", "", 319.4968, 1e-6, true},
      {"CsI 2021 chi2, charge radii of the SM", "", 84.3265, 1e-4, false}}},
    ONE("{schema: 1, name: v, model: sm, " CSI_ES, 0.0, measure_electrons,
        "CsI 2021 SM counts on electrons", "negligible", 7.554e-5, 0.01, true),
};

#define N_GROUPS (sizeof groups / sizeof groups[0])

static sevens_status run_group(const group *g, sevens_validation *rows, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_config *config = NULL;
    sevens_problem *problem = NULL;
    double ours[MAX_NUMBERS];

    SEVENS_TRY(
        sevens_config_parse(&config, "validation", g->scan, strlen(g->scan), NULL, false, err));
    SEVENS_TRY(sevens_problem_create(&problem, config, err));
    SEVENS_TRY(g->measure(problem, g->argument, ours, err));
    for (size_t i = 0; i < g->n; i++) {
        const expectation *e = &g->row[i];
        double allowed = e->relative ? e->tolerance * fabs(e->reference) : e->tolerance;

        rows[i] = (sevens_validation){e->quantity,
                                      e->published,
                                      e->reference,
                                      e->tolerance,
                                      e->relative,
                                      ours[i],
                                      fabs(ours[i] - e->reference) <= allowed};
    }
cleanup:
    if (status != SEVENS_OK)
        sevens_error_prefix(err, "%s", g->row[0].quantity);
    sevens_problem_destroy(&problem);
    sevens_config_free(&config);
    return status;
}

sevens_status sevens_validate(sevens_validation **rows, size_t *n, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t total = 0;

    *n = 0;
    for (size_t g = 0; g < N_GROUPS; g++)
        total += groups[g].n;
    *rows = calloc(total, sizeof **rows);
    SEVENS_TRY_ALLOC(*rows);
    for (size_t g = 0; g < N_GROUPS; *n += groups[g].n, g++)
        SEVENS_TRY(run_group(&groups[g], *rows + *n, err));
cleanup:
    if (status != SEVENS_OK) {
        free(*rows);
        *rows = NULL;
    }
    return status;
}
