/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the quadrature over recoil energy puts its panels, and how many nodes each gets. physics.md
 * section 8. */
#include "mesh.h"
#include "numbers.h"
#include "sevens/constants.h"
#include "sevens/electron.h"
#include "sevens/hd/kinematics.h"
#include <math.h>
#include <stdlib.h>

#define WIDEST_PANEL 0.1     /* of the largest recoil: cross sections are smooth on this scale */
#define LOWEST_PANEL 1e-6    /* of the largest recoil: where panels begin to double */
#define LOWEST_ELECTRON 1e-7 /* [MeV] the same for electrons */
/* Panels of nuclei are so much narrower where neutrinos oscillate: with the phase at E_min(T) the
 * folded cross section oscillates in T. Counts are then right to 1e-9 up to 200 eV^2, and to 1e-7
 * above; electrons count at E_min of no flux. */
#define OSCILLATION_SPLIT 4.0

#define FEWEST_NODES 3
#define LOG_POLE_ERROR 32.2  /* -ln of the error that the pole at T = 0 may make: 1e-14 */
#define LOG_WIDTH_ERROR 29.9 /* ... that the resolution may make: 1e-13 */
#define WIDEST_RESOLVED 8.0  /* panel over the width of the resolution: what 24 nodes resolve */
#define SAME_BREAK 1e-13     /* relative */
#define MAX_PANELS 200000    /* of one target */

/* ---- breaks ---- */

/* Where the flux of some class ends or has a kink. */
static sevens_status flux_breaks(const sevens_mesh *mesh, const sevens_target *target, bool heavy,
                                 double m4, sevens_numbers *stop, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double lo, hi;

    if (!heavy)
        SEVENS_TRY(sevens_numbers_add(stop, 0.0, err));
    for (size_t i = 0; i < mesh->flux.n_break; i++) {
        double E = mesh->flux.break_MeV[i];

        if (!heavy) {
            SEVENS_TRY(sevens_numbers_add(stop, sevens_t_max(E, target->M_MeV), err));
        } else if (sevens_t_range_massive(E, target->M_MeV, m4, &lo, &hi)) {
            /* E_min(T) has a minimum: each energy is reached at two recoils */
            SEVENS_TRY(sevens_numbers_add(stop, lo, err));
            SEVENS_TRY(sevens_numbers_add(stop, hi, err));
        }
    }
cleanup:
    return status;
}

/* Where a response has kinks. */
static sevens_status response_breaks(const sevens_mesh *mesh, const sevens_nucleus *nucleus,
                                     double top, sevens_numbers *stop, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double *T = NULL;
    size_t n;

    for (size_t r = 0; r < mesh->n_response; r++) {
        status = sevens_response_breaks(mesh->response[r], nucleus, top, &T, &n, err);
        if (status != SEVENS_OK) {
            sevens_error_prefix(err, "%s/release.yaml", mesh->release->folder);
            goto cleanup;
        }
        for (size_t i = 0; i < n; i++)
            SEVENS_TRY(sevens_numbers_add(stop, T[i], err));
        free(T);
        T = NULL;
    }
cleanup:
    free(T);
    return status;
}

/* Where the electrons of an atom, or the model's table for it, have kinks. */
static sevens_status electron_breaks(const sevens_mesh *mesh, const sevens_target *target,
                                     sevens_numbers *stop, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double shell[SEVENS_MAX_SHELLS], *kink = NULL;
    size_t n_shell =
        target->process == SEVENS_ES ? sevens_electron_shells(target->nucleus, shell) : 0;
    size_t n_kink = sevens_model_kinks(mesh->model, target, 0, NULL);

    for (size_t i = 0; i < n_shell; i++)
        SEVENS_TRY(sevens_numbers_add(stop, shell[i], err));
    SEVENS_TRY_ALLOC(kink = calloc(n_kink + 1, sizeof *kink));
    sevens_model_kinks(mesh->model, target, n_kink, kink);
    for (size_t i = 0; i < n_kink; i++)
        SEVENS_TRY(sevens_numbers_add(stop, kink[i], err));
cleanup:
    free(kink);
    return status;
}

/* Recoil energies where the integrand of a target has a kink or an end, increasing; the first and
 * the last are the range of recoils. None when there is no recoil at all. */
static sevens_status recoil_breaks(const sevens_mesh *mesh, const sevens_target *target, bool heavy,
                                   double m4, sevens_numbers *stop, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = 0;
    double lo, hi;

    SEVENS_TRY(flux_breaks(mesh, target, heavy, m4, stop, err));
    if (stop->n == 0)
        return SEVENS_OK;
    sevens_numbers_sort(stop);
    lo = stop->x[0];
    hi = stop->x[stop->n - 1];
    SEVENS_TRY(response_breaks(mesh, target->process == SEVENS_ES ? NULL : target->nucleus, hi,
                               stop, err));
    SEVENS_TRY(electron_breaks(mesh, target, stop, err));
    sevens_numbers_sort(stop);
    for (size_t i = 0; i < stop->n; i++) {
        double T = stop->x[i];

        if (T >= lo && T <= hi && (n == 0 || T > stop->x[n - 1] * (1.0 + SAME_BREAK)))
            stop->x[n++] = T;
    }
    stop->n = n;
cleanup:
    return status;
}

/* ---- panels ---- */

/* The finest of all responses at a recoil energy; 0: one is not known. */
static double scale_at(const sevens_mesh *mesh, const sevens_nucleus *nucleus, double T)
{
    double scale = INFINITY;

    for (size_t r = 0; r < mesh->n_response; r++)
        scale = fmin(scale, sevens_response_scale(mesh->response[r], nucleus, T));
    return scale;
}

/* The same of the recoils between two. */
static double finest_scale(const sevens_mesh *mesh, const sevens_target *target, double lo,
                           double hi)
{
    const sevens_nucleus *nucleus = target->process == SEVENS_ES ? NULL : target->nucleus;

    return fmin(scale_at(mesh, nucleus, 0.5 * (lo + hi)),
                fmin(scale_at(mesh, nucleus, lo), scale_at(mesh, nucleus, hi)));
}

/* Nodes that integrate [start, start + width] to about 1e-13. The error of n nodes is rho^-2n times
 * the integrand on the ellipse around the panel whose half axes add up to rho/2 widths. The pole of
 * cross sections at T = 0 bounds rho; a Gaussian of width `scale` grows as exp((w rho/4 scale)^2/2)
 * there, and the best ellipse has rho^2 = 32 n (scale/w)^2. */
static size_t panel_order(double start, double width, double scale)
{
    double z = 1.0 + 2.0 * start / width, log_pole = log(z + sqrt(z * z - 1.0));
    size_t n = FEWEST_NODES;

    if (!(scale > 0.0))
        return SEVENS_MESH_ORDER;
    for (; n < SEVENS_MESH_ORDER; n++) {
        double log_rho2 = log(32.0 * (double)n) + 2.0 * log(scale / width);

        if (2.0 * (double)n * log_pole >= LOG_POLE_ERROR &&
            (double)n * (log_rho2 - 1.0) >= LOG_WIDTH_ERROR)
            break;
    }
    return n;
}

static sevens_status add_panel(sevens_panels *list, const sevens_panel *panel, sevens_error *err)
{
    if (list->n == list->capacity) {
        size_t capacity = 2 * list->capacity + 64;
        sevens_panel *grown = realloc(list->panel, capacity * sizeof *grown);

        if (!grown)
            return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
        list->panel = grown;
        list->capacity = capacity;
    }
    list->panel[list->n++] = *panel;
    list->n_node += panel->order;
    return SEVENS_OK;
}

/* Panels between the breaks: none wider than WIDEST_PANEL of the largest recoil, none wider than
 * its distance from 0, so that a propagator 1/(2MT + m^2)^2 of any mass is resolved, and none wider
 * than what the nodes resolve of the response. */
static sevens_status recoil_panels(sevens_panels *list, const sevens_mesh *mesh,
                                   const sevens_target *target, size_t i,
                                   const sevens_numbers *stop, double top, sevens_error *err)
{
    bool electrons = target->process == SEVENS_ES;
    double split = mesh->oscillates && !electrons ? OSCILLATION_SPLIT : 1.0;
    double widest = WIDEST_PANEL * top;
    double lowest = electrons ? fmin(LOWEST_ELECTRON, widest) : LOWEST_PANEL * top;
    double last = stop->n > 0 ? stop->x[0] : 0.0;
    size_t n_before = list->n;
    sevens_status status = SEVENS_OK;

    for (size_t k = 1; k < stop->n;) {
        double step = fmin(fmax(last, lowest), widest) / split;
        double scale = finest_scale(mesh, target, last, fmin(last + step, stop->x[k]));
        double next = last + (scale > 0.0 ? fmin(step, WIDEST_RESOLVED * scale) : step);

        if (next > stop->x[k] - 0.01 * (next - last)) /* no sliver before the break */
            next = stop->x[k++];
        if (next <= last || list->n - n_before == MAX_PANELS)
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                                   "the resolution (%g keV at recoils of %s of %g keV) is too fine "
                                   "for its range of recoils; without any, write smearing: {kind: "
                                   "none}",
                                   1e3 * scale, target->nucleus->name, 1e3 * last));
        SEVENS_TRY(add_panel(
            list,
            &(sevens_panel){
                last, next - last,
                mesh->oscillates ? SEVENS_MESH_ORDER : panel_order(last, next - last, scale), i},
            err));
        last = next;
    }
cleanup:
    return status;
}

sevens_status sevens_panels_add(sevens_panels *panels, const sevens_mesh *mesh,
                                const sevens_block *block, size_t i, double m4_MeV,
                                sevens_error *err)
{
    sevens_target target = sevens_mesh_target(mesh, block->process, i);
    double top = sevens_t_max(mesh->flux.break_MeV[mesh->flux.n_break - 1], target.M_MeV);
    sevens_status status = SEVENS_OK;
    sevens_numbers stop = {0};

    SEVENS_TRY(recoil_breaks(mesh, &target, block->heavy, m4_MeV, &stop, err));
    SEVENS_TRY(recoil_panels(panels, mesh, &target, i, &stop, top, err));
cleanup:
    sevens_numbers_free(&stop);
    return status;
}

void sevens_panels_free(sevens_panels *panels)
{
    free(panels->panel);
    *panels = (sevens_panels){0};
}
