/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quadrature over recoil energy: panels, nodes, the response there, and cross sections folded
 * with the flux. physics.md eqs. 13, 21 and 34. */
#include "mesh.h"
#include "sevens/constants.h"
#include "sevens/electron.h"
#include "sevens/hd/kinematics.h"
#include "sevens/hd/xsec.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_KINKS 400 /* of shapes: tables of the photoelectric effect */
#define MAX_BREAKS (2 * SEVENS_FLUX_MAX_BREAKS + SEVENS_MAX_SHELLS + MAX_KINKS)
#define MAX_PANELS (160 + MAX_KINKS) /* 160 at most without kinks */
#define PANEL_ORDER 24
#define WIDEST_PANEL 0.1     /* of the largest recoil: the response is smooth on this scale */
#define LOWEST_PANEL 1e-6    /* of the largest recoil: where panels begin to double */
#define LOWEST_ELECTRON 1e-7 /* [MeV] the same for electrons */
/* Panels of nuclei are so much narrower where neutrinos oscillate: with the phase at E_min(T) the
 * folded cross section oscillates in T. Counts are then right to 1e-9 up to 200 eV^2, and to 1e-7
 * above; electrons count at E_min of no flux. */
#define OSCILLATION_SPLIT 4.0

/* ---- panels ---- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Recoil energies where the integrand of a target has a kink or an end, increasing; the first is
 * the lowest recoil. Returns their number, 0 when there is no recoil at all. */
static size_t recoil_breaks(const sevens_mesh *mesh, const sevens_target *target, bool heavy,
                            double m4, double *stop)
{
    double e_nu[SEVENS_FLUX_MAX_BREAKS], kink[MAX_KINKS], lo, hi;
    size_t n_break = sevens_flux_breaks(&mesh->flux, e_nu, SEVENS_FLUX_MAX_BREAKS), n = 0;
    double top = sevens_t_max(e_nu[n_break - 1], target->M_MeV);
    size_t n_kink = sevens_model_kinks(mesh->model, target, MAX_KINKS, kink);

    if (!heavy)
        stop[n++] = 0.0;
    for (size_t i = 0; i < n_break; i++) {
        if (!heavy)
            stop[n++] = sevens_t_max(e_nu[i], target->M_MeV);
        else if (sevens_t_range_massive(e_nu[i], target->M_MeV, m4, &lo, &hi)) {
            stop[n++] = lo; /* E_min(T) has a minimum: each energy is reached at two recoils */
            stop[n++] = hi;
        }
    }
    if (target->process == SEVENS_ES)
        n += sevens_electron_shells(target->nucleus, stop + n);
    for (size_t i = 0; i < n_kink && !heavy; i++) {
        if (kink[i] < top)
            stop[n++] = kink[i];
    }
    qsort(stop, n, sizeof *stop, compare);
    return n;
}

/* Panels between the breaks: none wider than WIDEST_PANEL of the largest recoil, and none wider
 * than its distance from 0, so that a propagator 1/(2MT + m^2)^2 of any mass is resolved. */
static size_t recoil_panels(const double *stop, size_t n_stop, const sevens_mesh *mesh,
                            sevens_process process, double top, size_t most, double *edge)
{
    double split = mesh->oscillates && process == SEVENS_CEVNS ? OSCILLATION_SPLIT : 1.0;
    double widest = WIDEST_PANEL * top;
    double lowest = process == SEVENS_ES ? fmin(LOWEST_ELECTRON, widest) : LOWEST_PANEL * top;
    size_t n = 0;

    if (n_stop == 0)
        return 0;
    edge[n++] = stop[0];
    for (size_t k = 1; k < n_stop && n <= most;) {
        double last = edge[n - 1], step = fmin(fmax(last, lowest), widest) / split;
        double next = last + step;

        if (n == most) /* never reached: the last panel then takes all that is left */
            k = n_stop - 1;
        if (n == most || next > stop[k] - 0.01 * step) { /* no sliver before the break */
            next = stop[k];
            k++;
        }
        if (next > last)
            edge[n++] = next;
    }
    return n;
}

/* ---- kinematics ---- */

/* The bound-electron factor of a node: Z_eff, which the photoelectric cross section has inside. */
static double electrons(const sevens_target *target, sevens_product product, double T)
{
    return target->process == SEVENS_ES && product != SEVENS_PRODUCT_PHOTON
               ? sevens_electrons_freed(target->nucleus, T)
               : 1.0;
}

/* kinetic[product][f][node] from the moments k of flux class f at the node. */
static void fold_node(const sevens_mesh *mesh, const sevens_block *block,
                      const sevens_target *target, size_t f, size_t node, double m4,
                      const double *k, double *const kinetic[SEVENS_N_PRODUCT])
{
    sevens_flavour flavour = mesh->flux.flavour[f];
    sevens_recoil recoil = {.T = block->T[node],
                            .M = target->M_MeV,
                            .order = mesh->order,
                            .electron = target->process == SEVENS_ES,
                            .handedness = sevens_flavour_is_anti(flavour) ? -1.0 : 1.0,
                            .m4 = m4};
    double a[3];

    for (int p = 0; p < SEVENS_N_PRODUCT; p++) {
        sevens_product product = (sevens_product)p;

        if (!kinetic[p])
            continue;
        sevens_dsigma_terms(product, &recoil, a);
        kinetic[p][f * block->capacity + node] = mesh->flux.fluence_per_cm2[f] *
                                                 electrons(target, product, recoil.T) *
                                                 sevens_dsigma_fold(product, a, k);
    }
}

static void fold_flux(const sevens_block *block, const sevens_mesh *mesh, double m4,
                      double *const kinetic[SEVENS_N_PRODUCT])
{
    for (size_t i = 0; i < mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(mesh, block->process, i);

        for (size_t node = block->first[i]; node < block->first[i + 1]; node++) {
            for (size_t f = 0; f < mesh->n_flux; f++) {
                double k[3];

                sevens_flux_moments(&mesh->flux, f, block->e_min[node], k);
                fold_node(mesh, block, &target, f, node, m4, k, kinetic);
            }
        }
    }
}

void sevens_block_weigh(const sevens_block *block, const sevens_mesh *mesh,
                        const sevens_flux_weight *weight, double *const kinetic[SEVENS_N_PRODUCT])
{
    for (size_t i = 0; i < mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(mesh, block->process, i);
        size_t first = block->first[i], n = block->first[i + 1] - first;

        for (size_t f = 0; f < mesh->n_flux; f++) {
            double k[MAX_PANELS * PANEL_ORDER][3];

            sevens_flux_weighted_moments(&mesh->flux, f, weight, n, block->e_min + first, k);
            for (size_t j = 0; j < n; j++)
                fold_node(mesh, block, &target, f, first + j, 0.0, k[j], kinetic);
        }
    }
}

/* ln(E/m_nu) of equivalent photons, m_nu = 1 eV; physics.md eq. 41. */
static double photon_flux(double E_MeV)
{
    return log(E_MeV / 1e-6);
}

/* ---- blocks ---- */

sevens_target sevens_mesh_target(const sevens_mesh *mesh, sevens_process process, size_t i)
{
    const sevens_nucleus *nucleus = mesh->release->target[i].nucleus;
    double M = process == SEVENS_ES ? SEVENS_M_ELECTRON : sevens_nucleus_mass_MeV(nucleus);

    return (sevens_target){process, nucleus, M};
}

/* Panels of a target at most. */
static size_t most_panels(const sevens_mesh *mesh, sevens_process process)
{
    size_t kinks = 0;

    for (size_t i = 0; i < mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(mesh, process, i);
        size_t n = sevens_model_kinks(mesh->model, &target, 0, NULL);

        kinks = n > kinks ? n : kinks;
    }
    return MAX_PANELS - MAX_KINKS + kinks;
}

sevens_status sevens_block_create(sevens_block *block, const sevens_mesh *mesh,
                                  sevens_process process, bool heavy, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = mesh->release->n_target * most_panels(mesh, process) * PANEL_ORDER;

    *block = (sevens_block){.process = process, .capacity = n};
    SEVENS_TRY_ALLOC(block->T = malloc(n * sizeof *block->T));
    SEVENS_TRY_ALLOC(block->q2 = malloc(n * sizeof *block->q2));
    SEVENS_TRY_ALLOC(block->e_min = malloc(n * sizeof *block->e_min));
    SEVENS_TRY_ALLOC(block->response = malloc(mesh->n_energy * sizeof *block->response));
    SEVENS_TRY_ALLOC(block->measure = malloc(mesh->n_energy * n * sizeof *block->measure));
    for (int p = 0; p < SEVENS_N_PRODUCT; p++) {
        if (heavy != (p == SEVENS_PRODUCT_PORTAL))
            continue;
        block->kinetic[p] = malloc(mesh->n_flux * n * sizeof *block->kinetic[p]);
        SEVENS_TRY_ALLOC(block->kinetic[p]);
    }
cleanup:
    return status;
}

void sevens_block_free(sevens_block *block)
{
    free(block->T);
    free(block->q2);
    free(block->e_min);
    free(block->response);
    free(block->measure);
    for (int p = 0; p < SEVENS_N_PRODUCT; p++)
        free(block->kinetic[p]);
    *block = (sevens_block){0};
}

/* Adds a node if any count can come from it. */
static void add_node(sevens_block *block, const sevens_mesh *mesh, const sevens_target *target,
                     double atoms, double T, double weight, double m4)
{
    double *R = block->response, seen = 0.0;
    size_t node = block->n_node;

    if (target->process == SEVENS_ES)
        sevens_response_electron(mesh->response, T, R);
    else
        sevens_response_nuclear(mesh->response, T, R);
    for (size_t e = 0; e < mesh->n_energy; e++)
        seen += R[e];
    if (seen < 1e-40) /* far from the detector's range */
        return;
    block->T[node] = T;
    block->q2[node] = 2.0 * target->M_MeV * T;
    block->e_min[node] = sevens_e_min_massive(T, target->M_MeV, m4);
    for (size_t e = 0; e < mesh->n_energy; e++)
        block->measure[e * block->capacity + node] = weight * atoms * SEVENS_HBARC2_MEV2_CM2 * R[e];
    block->n_node++;
}

static void fill_target(sevens_block *block, const sevens_mesh *mesh, size_t i, bool heavy,
                        double m4)
{
    const sevens_release *release = mesh->release;
    sevens_target target = sevens_mesh_target(mesh, block->process, i);
    double atoms = release->target[i].count * 1000.0 * release->mass_kg / release->molar_mass_g *
                   SEVENS_AVOGADRO;
    double stop[MAX_BREAKS], edge[MAX_PANELS + 1], e_nu[SEVENS_FLUX_MAX_BREAKS];
    size_t n_e = sevens_flux_breaks(&mesh->flux, e_nu, SEVENS_FLUX_MAX_BREAKS);
    size_t n_stop = recoil_breaks(mesh, &target, heavy, m4, stop);
    size_t n_edge =
        recoil_panels(stop, n_stop, mesh, block->process, sevens_t_max(e_nu[n_e - 1], target.M_MeV),
                      block->capacity / (release->n_target * PANEL_ORDER), edge);

    block->first[i] = block->n_node;
    for (size_t p = 0; p + 1 < n_edge; p++) {
        double width = edge[p + 1] - edge[p];

        for (size_t j = 0; j < mesh->rule.n; j++)
            add_node(block, mesh, &target, atoms, edge[p] + width * mesh->rule.node[j],
                     width * mesh->rule.weight[j], m4);
    }
}

void sevens_block_fill(sevens_block *block, const sevens_mesh *mesh, bool heavy, double m4)
{
    static const sevens_flux_weight photons = {.smooth = photon_flux};
    double *photon[SEVENS_N_PRODUCT] = {0};

    block->n_node = 0;
    for (size_t i = 0; i < mesh->release->n_target; i++)
        fill_target(block, mesh, i, heavy, m4);
    block->first[mesh->release->n_target] = block->n_node;
    fold_flux(block, mesh, m4, block->kinetic);
    photon[SEVENS_PRODUCT_PHOTON] = block->kinetic[SEVENS_PRODUCT_PHOTON];
    if (photon[SEVENS_PRODUCT_PHOTON] && block->process == SEVENS_ES)
        sevens_block_weigh(block, mesh, &photons, photon);
}

/* ---- meshes ---- */

/* Electrons need a table of their binding energies, and maybe one of the photoelectric effect. */
static sevens_status check_electrons(const sevens_mesh *mesh, const sevens_model *model,
                                     sevens_error *err)
{
    for (size_t i = 0; i < mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(mesh, SEVENS_ES, i);
        double value[SEVENS_MODEL_MAX_PARAMETERS] = {0}; /* the photoelectric effect has none */
        sevens_model_point point = {value, SEVENS_NO_ROW};
        double binding[SEVENS_MAX_SHELLS], q2 = 2.0 * target.M_MeV * 1e-3, w;

        if (sevens_electron_shells(target.nucleus, binding) == 0)
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "no electron binding energies of %s are known: write es: false",
                               target.nucleus->symbol);
        if (sevens_model_kinks(model, &target, 0, NULL) > MAX_KINKS)
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "the photoelectric table for %s has more than %d energies: the "
                               "integration breaks at each, so thin it out",
                               target.nucleus->symbol, MAX_KINKS);
        for (size_t t = SEVENS_N_CONTACT; t < sevens_model_n_terms(model); t++) {
            if (sevens_model_term(model, t)->current != SEVENS_PHOTON)
                continue;
            sevens_model_shape(model, &point, t, &target, 1, &q2, &w);
            if (isnan(w))
                return sevens_fail(err, SEVENS_ERR_INPUT,
                                   "es_millicharge: epa has no photoelectric table for %s",
                                   target.nucleus->symbol);
        }
    }
    return SEVENS_OK;
}

sevens_status sevens_mesh_create(sevens_mesh **out, const sevens_release *release,
                                 const sevens_model *model, const sevens_mesh_options *options,
                                 sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_mesh *mesh = calloc(1, sizeof *mesh);

    *out = NULL;
    SEVENS_TRY_ALLOC(mesh);
    mesh->release = release;
    mesh->model = model;
    mesh->order = sevens_model_sm_options(model)->kinematics;
    mesh->oscillates = sevens_model_disappears(model);
    mesh->n_energy = release->n_energy;
    mesh->n_share = release->n_share;
    mesh->n_flux = release->n_flux;
    sevens_flux_init(&mesh->flux, release);
    for (size_t f = 0; f < release->n_flux; f++) {
        mesh->family[f] = sevens_flavour_family(release->flux[f].flavour);
        mesh->flux.fluence_per_cm2[f] *= options->signal_scale;
    }
    SEVENS_TRY(sevens_unit_rule_init(&mesh->rule, PANEL_ORDER, err));
    SEVENS_TRY(sevens_response_create(&mesh->response, release, err));
    mesh->has[SEVENS_CEVNS] = true;
    mesh->has[SEVENS_ES] = options->es;
    if (options->es)
        SEVENS_TRY(check_electrons(mesh, model, err));
    for (int p = 0; p < SEVENS_N_PROCESS; p++) {
        if (!mesh->has[p])
            continue;
        SEVENS_TRY(sevens_block_create(&mesh->block[p], mesh, (sevens_process)p, false, err));
        sevens_block_fill(&mesh->block[p], mesh, false, 0.0);
    }
    *out = mesh;
    mesh = NULL;
cleanup:
    sevens_mesh_destroy(&mesh);
    return status;
}

bool sevens_mesh_has(const sevens_mesh *mesh, sevens_process process)
{
    return mesh->has[process];
}

void sevens_mesh_destroy(sevens_mesh **mesh)
{
    if (!*mesh)
        return;
    for (int p = 0; p < SEVENS_N_PROCESS; p++)
        sevens_block_free(&(*mesh)->block[p]);
    sevens_response_destroy(&(*mesh)->response);
    free(*mesh);
    *mesh = NULL;
}
