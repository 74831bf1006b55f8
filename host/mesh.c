/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quadrature over recoil energy: nodes on the panels of host/mesh_panels.c, the response there,
 * and cross sections folded with the flux. physics.md eqs. 13, 21, 34 and 52. */
#include "mesh.h"
#include "sevens/constants.h"
#include "sevens/electron.h"
#include "sevens/hd/kinematics.h"
#include "sevens/hd/xsec.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNSEEN 1e-40 /* of a response: far from the detector's range */

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

static void fold_flux(const sevens_block *block, const sevens_mesh *mesh, double m4)
{
    for (size_t i = 0; i < mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(mesh, block->process, i);

        for (size_t node = block->first[i]; node < block->first[i + 1]; node++) {
            for (size_t f = 0; f < mesh->n_flux; f++) {
                double k[3];

                sevens_flux_moments(&mesh->flux, f, block->e_min[node], k);
                fold_node(mesh, block, &target, f, node, m4, k, block->kinetic);
            }
        }
    }
}

void sevens_block_weigh(const sevens_block *block, const sevens_mesh *mesh,
                        const sevens_flux_weight *weight, sevens_flux_sweep *const *sweep,
                        double (*k)[3], double *const kinetic[SEVENS_N_PRODUCT])
{
    for (size_t i = 0; i < mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(mesh, block->process, i);
        size_t first = block->first[i], n = block->first[i + 1] - first;

        for (size_t f = 0; f < mesh->n_flux; f++) {
            if (sweep)
                sevens_flux_sweep_moments(sweep[i * mesh->n_flux + f], weight, k);
            else
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

/* The photoelectric effect has equivalent photons in the place of neutrinos. */
static sevens_status fold_photons(const sevens_block *block, const sevens_mesh *mesh,
                                  sevens_error *err)
{
    static const sevens_flux_weight photons = {.smooth = photon_flux};
    double *kinetic[SEVENS_N_PRODUCT] = {0};
    double(*k)[3] = malloc((block->n_node + 1) * sizeof *k);

    if (!k)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    kinetic[SEVENS_PRODUCT_PHOTON] = block->kinetic[SEVENS_PRODUCT_PHOTON];
    sevens_block_weigh(block, mesh, &photons, NULL, k, kinetic);
    free(k);
    return SEVENS_OK;
}

/* ---- blocks ---- */

sevens_target sevens_mesh_target(const sevens_mesh *mesh, sevens_process process, size_t i)
{
    const sevens_nucleus *nucleus = mesh->release->target[i].nucleus;
    double M = process == SEVENS_ES ? SEVENS_M_ELECTRON : sevens_nucleus_mass_MeV(nucleus);

    return (sevens_target){process, nucleus, M};
}

void sevens_block_init(sevens_block *block, sevens_process process, bool heavy)
{
    *block = (sevens_block){.process = process, .heavy = heavy};
}

void sevens_block_free(sevens_block *block)
{
    free(block->T);
    free(block->q2);
    free(block->e_min);
    free(block->measure);
    for (int p = 0; p < SEVENS_N_PRODUCT; p++)
        free(block->kinetic[p]);
    sevens_block_init(block, block->process, block->heavy);
}

/* Whether the model multiplies two amplitudes so, in a process; heavy: into a heavy lepton. */
static bool has_product(const sevens_model *model, const sevens_block *block, int product)
{
    unsigned on =
        block->process == SEVENS_ES ? SEVENS_ON_ELECTRON : SEVENS_ON_PROTON | SEVENS_ON_NEUTRON;
    size_t n = sevens_model_n_terms(model);

    for (size_t t = 0; t < n; t++) {
        for (size_t u = 0; u <= t; u++) {
            if ((sevens_model_term(model, t)->on & on) && (sevens_model_term(model, u)->on & on) &&
                sevens_model_has_final_mass(model, t) == block->heavy &&
                (int)sevens_model_product(model, t, u) == product)
                return true;
        }
    }
    return false;
}

/* Room for n nodes; what was in the block is lost. */
static sevens_status reserve(sevens_block *block, const sevens_mesh *mesh, size_t n,
                             sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    if (n <= block->capacity)
        return SEVENS_OK;
    sevens_block_free(block);
    SEVENS_TRY_ALLOC(block->T = malloc(n * sizeof *block->T));
    SEVENS_TRY_ALLOC(block->q2 = malloc(n * sizeof *block->q2));
    SEVENS_TRY_ALLOC(block->e_min = malloc(n * sizeof *block->e_min));
    SEVENS_TRY_ALLOC(block->measure = sevens_tiles_alloc(mesh->stride * n));
    for (int p = 0; p < SEVENS_N_PRODUCT; p++) {
        if (!has_product(mesh->model, block, p))
            continue;
        block->kinetic[p] = malloc(mesh->n_flux * n * sizeof *block->kinetic[p]);
        SEVENS_TRY_ALLOC(block->kinetic[p]);
    }
    block->capacity = n;
cleanup:
    if (status != SEVENS_OK)
        sevens_block_free(block);
    return status;
}

static void respond(const sevens_response *response, const sevens_target *target, double T,
                    double *R)
{
    if (target->process == SEVENS_ES)
        sevens_response_electron(response, T, R);
    else
        sevens_response_nuclear(response, target->nucleus, T, R);
}

/* R of the signal and of all variants with a response of their own: half the difference between the
 * two ends of a shape nuisance, or all of what its only one changes. R is [n_all], and n_channel
 * more for work. Returns whether any channel sees the recoil. */
static bool respond_all(const sevens_mesh *mesh, const sevens_target *target, double T, double *R)
{
    size_t n = mesh->n_channel, r = 1;
    double *other = R + mesh->n_all;
    bool seen = false;

    respond(mesh->response[0], target, T, R);
    for (size_t v = 1; v < mesh->n_variant; v++) {
        double *change = R + mesh->variant[v].offset;
        bool one_sided = mesh->variant[v].shape->one_sided;

        if (change == R) /* it has no response of its own */
            continue;
        respond(mesh->response[r++], target, T, change);
        if (!one_sided)
            respond(mesh->response[r++], target, T, other);
        for (size_t i = 0; i < n; i++)
            change[i] = one_sided ? change[i] - R[i] : 0.5 * (change[i] - other[i]);
    }
    for (size_t e = 0; e < mesh->n_all; e++)
        seen = seen || fabs(R[e]) >= UNSEEN;
    return seen;
}

/* Adds a node if any count can come from it; factor: quadrature weight times number of atoms. */
static void add_node(sevens_block *block, const sevens_mesh *mesh, size_t i, double T,
                     double factor, double m4, double *R)
{
    sevens_target target = sevens_mesh_target(mesh, block->process, i);
    double *measure = block->measure + block->n_node * mesh->stride;
    size_t node = block->n_node;

    if (!respond_all(mesh, &target, T, R))
        return;
    block->T[node] = T;
    block->q2[node] = 2.0 * target.M_MeV * T;
    block->e_min[node] = sevens_e_min_massive(T, target.M_MeV, m4);
    memset(measure, 0, mesh->stride * sizeof *measure);
    for (size_t e = 0; e < mesh->n_all; e++) {
        if (!(fabs(R[e]) < UNSEEN))
            measure[e] = factor * SEVENS_HBARC2_MEV2_CM2 * R[e];
    }
    block->n_node++;
}

/* The first target of an element: its electrons stand for those of all isotopes. */
static size_t first_isotope(const sevens_release *release, size_t i)
{
    size_t first = 0;

    while (release->target[first].nucleus->Z != release->target[i].nucleus->Z)
        first++;
    return first;
}

/* Whether a target has nodes of its own, and the number of atoms that they stand for. */
static bool is_separate(const sevens_mesh *mesh, sevens_process process, size_t i)
{
    return process == SEVENS_CEVNS || first_isotope(mesh->release, i) == i;
}

static double atoms_of(const sevens_mesh *mesh, sevens_process process, size_t i)
{
    const sevens_release *release = mesh->release;
    double count = 0.0;

    for (size_t j = 0; j < release->n_target; j++) {
        if (j == i || (process == SEVENS_ES && first_isotope(release, j) == i))
            count += release->target[j].count;
    }
    return count * 1000.0 * release->mass_kg / release->molar_mass_g * SEVENS_AVOGADRO;
}

/* The nodes of all panels. */
static void fill_panels(sevens_block *block, const sevens_mesh *mesh, const sevens_panels *panels,
                        double m4, double *R)
{
    const sevens_release *release = mesh->release;
    size_t p = 0;

    block->n_node = 0;
    for (size_t i = 0; i < release->n_target; i++) {
        double atoms = atoms_of(mesh, block->process, i);

        block->first[i] = block->n_node;
        for (; p < panels->n && panels->panel[p].target == i; p++) {
            const sevens_panel *panel = &panels->panel[p];
            const sevens_unit_rule *rule = &mesh->rule[panel->order];

            for (size_t j = 0; j < rule->n; j++)
                add_node(block, mesh, i, panel->start + panel->width * rule->node[j],
                         panel->width * rule->weight[j] * atoms, m4, R);
        }
    }
    block->first[release->n_target] = block->n_node;
}

sevens_status sevens_block_fill(sevens_block *block, const sevens_mesh *mesh, double m4,
                                sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_panels panels = {0};
    double *R = malloc((mesh->n_all + mesh->n_channel) * sizeof *R);

    SEVENS_TRY_ALLOC(R);
    for (size_t i = 0; i < mesh->release->n_target; i++) {
        if (is_separate(mesh, block->process, i))
            SEVENS_TRY(sevens_panels_add(&panels, mesh, block, i, m4, err));
    }
    SEVENS_TRY(reserve(block, mesh, panels.n_node + 1, err));
    fill_panels(block, mesh, &panels, m4, R);
    fold_flux(block, mesh, m4);
    if (block->kinetic[SEVENS_PRODUCT_PHOTON] && block->process == SEVENS_ES)
        SEVENS_TRY(fold_photons(block, mesh, err));
cleanup:
    sevens_panels_free(&panels);
    free(R);
    return status;
}

/* ---- meshes ---- */

/* Electrons need a response, a table of their binding energies, and maybe one of the photoelectric
 * effect. */
static sevens_status check_electrons(const sevens_mesh *mesh, sevens_error *err)
{
    const sevens_model *model = mesh->model;

    if (!sevens_response_has_electrons(mesh->response[0]))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s gives no response to recoils of electrons: write es: false",
                           mesh->release->name);
    for (size_t i = 0; i < mesh->release->n_target; i++) {
        sevens_target target = sevens_mesh_target(mesh, SEVENS_ES, i);
        double value[SEVENS_MODEL_MAX_PARAMETERS] = {0}; /* the photoelectric effect has none */
        sevens_model_point point = {value, SEVENS_NO_ROW};
        double binding[SEVENS_MAX_SHELLS], q2 = 2.0 * target.M_MeV * 1e-3, w;

        if (sevens_electron_shells(target.nucleus, binding) == 0)
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "no electron binding energies of %s are known: write es: false",
                               target.nucleus->symbol);
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

/* Adds a response with its own parameters. */
static sevens_status add_response(sevens_mesh *mesh, const sevens_response_parameters *parameters,
                                  sevens_error *err)
{
    return sevens_response_create(&mesh->response[mesh->n_response++], mesh->release, parameters,
                                  err);
}

/* The signal and its changes by the active shape nuisances, in the order of the release. */
static sevens_status make_variants(sevens_mesh *mesh, const bool *active, sevens_error *err)
{
    const sevens_release *release = mesh->release;
    sevens_status status = SEVENS_OK;

    mesh->n_channel = mesh->n_all = release->n_channel;
    mesh->n_variant = 1;
    SEVENS_TRY(add_response(mesh, &release->response, err));
    for (size_t s = 0; active && s < release->n_shape; s++) {
        const sevens_shape *shape = &release->shape[s];
        bool own = shape->of == SEVENS_SHAPE_RESPONSE;

        if (!active[s] || shape->of == SEVENS_SHAPE_BACKGROUND)
            continue;
        mesh->variant[mesh->n_variant++] =
            (sevens_variant){.shape = shape, .offset = own ? mesh->n_all : 0};
        if (!own)
            continue;
        mesh->n_all += mesh->n_channel;
        SEVENS_TRY(add_response(mesh, &shape->plus, err));
        if (!shape->one_sided)
            SEVENS_TRY(add_response(mesh, &shape->minus, err));
    }
    mesh->stride = (mesh->n_all + SEVENS_CHANNEL_TILE - 1) / SEVENS_CHANNEL_TILE;
    mesh->stride *= SEVENS_CHANNEL_TILE;
cleanup:
    return status;
}

static sevens_status init_flux(sevens_mesh *mesh, double signal_scale, sevens_error *err)
{
    sevens_status status = sevens_flux_init(&mesh->flux, mesh->release, err);

    mesh->n_flux = mesh->release->n_flux;
    for (size_t f = 0; f < mesh->n_flux && status == SEVENS_OK; f++) {
        mesh->family[f] = sevens_flavour_family(mesh->release->flux[f].flavour);
        mesh->has_family[mesh->family[f]] = true;
        mesh->flux.fluence_per_cm2[f] *= signal_scale;
    }
    return status;
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
    SEVENS_TRY(init_flux(mesh, options->signal_scale, err));
    for (size_t n = 1; n <= SEVENS_MESH_ORDER; n++)
        SEVENS_TRY(sevens_unit_rule_init(&mesh->rule[n], n, err));
    SEVENS_TRY(make_variants(mesh, options->shape_active, err));
    for (size_t v = 0; v < mesh->n_variant; v++)
        SEVENS_TRY(
            sevens_bin_spread_fill(&mesh->variant[v].spread, release, mesh->variant[v].shape, err));
    mesh->has[SEVENS_CEVNS] = true;
    mesh->has[SEVENS_ES] = options->es;
    if (options->es)
        SEVENS_TRY(check_electrons(mesh, err));
    for (int p = 0; p < SEVENS_N_PROCESS; p++) {
        sevens_block_init(&mesh->block[p], (sevens_process)p, false);
        if (mesh->has[p])
            SEVENS_TRY(sevens_block_fill(&mesh->block[p], mesh, 0.0, err));
        if (mesh->has[p])
            SEVENS_TRY(sevens_condensed_fill(&mesh->condensed[p], &mesh->block[p], mesh, err));
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
    for (int p = 0; p < SEVENS_N_PROCESS; p++) {
        sevens_block_free(&(*mesh)->block[p]);
        sevens_condensed_free(&(*mesh)->condensed[p]);
    }
    for (size_t v = 0; v < (*mesh)->n_variant; v++)
        sevens_bin_spread_free(&(*mesh)->variant[v].spread);
    for (size_t r = 0; r < (*mesh)->n_response; r++)
        sevens_response_destroy(&(*mesh)->response[r]);
    sevens_flux_free(&(*mesh)->flux);
    free(*mesh);
    *mesh = NULL;
}
