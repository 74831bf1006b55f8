/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Detector responses: a recoil energy becomes a mean reconstructed energy
 * (host/response_quenching.c), which the resolution spreads over channels that accept it with some
 * efficiency (host/response_smearing.c, host/response_efficiency.c); or channels are triangles in
 * the recoil energy itself. physics.md eqs. 17 to 20, 47, 48. */
#include "sevens/response.h"
#include "response_internal.h"
#include <math.h>
#include <string.h>

/* A gauss without any width is none. */
static void simplify(sevens_response_parameters *par)
{
    const double *c = par->sigma2;

    if (par->smearing == SEVENS_SMEARING_GAUSS && c[0] == 0.0 && c[1] == 0.0 && c[2] == 0.0)
        par->smearing = SEVENS_SMEARING_NONE;
}

sevens_status sevens_response_create(sevens_response **out, const sevens_release *release,
                                     const sevens_response_parameters *parameters,
                                     sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_response *response = calloc(1, sizeof *response);

    *out = NULL;
    SEVENS_TRY_ALLOC(response);
    response->par = *parameters;
    response->n_channel = release->n_channel;
    simplify(&response->par);
    if (release->n_node > 0) {
        response->nodes = release->node_keVnr;
    } else {
        response->edges = release->axis[0].edges;
        response->first = calloc(release->n_channel + 1, sizeof *response->first);
        SEVENS_TRY_ALLOC(response->first);
        SEVENS_TRY(sevens_response_make_pieces(response, err));
        SEVENS_TRY(sevens_smearing_make(response, err));
    }
    *out = response;
    response = NULL;
cleanup:
    sevens_response_destroy(&response);
    return status;
}

void sevens_response_destroy(sevens_response **response)
{
    if (!*response)
        return;
    free((*response)->first);
    free((*response)->piece);
    free((*response)->first_node);
    sevens_quadrature_free(&(*response)->gamma);
    free((*response)->log_x);
    free((*response)->passed);
    free((*response)->log_fact);
    free(*response);
    *response = NULL;
}

/* What the resolution is a function of; the gamma density has the light yield in itself. */
static double reconstructed(const sevens_response_parameters *par, double E_ee)
{
    return par->smearing == SEVENS_SMEARING_GAMMA_PE ? E_ee : par->light_yield * E_ee;
}

/* The triangles at a recoil energy. */
static void weigh_nodes(const sevens_response *response, double T_keV, double *r)
{
    const double *node = response->nodes;
    size_t lo = 0, hi = response->n_channel - 1;
    double part;

    if (!(T_keV >= node[0] && T_keV <= node[hi]) || hi == 0)
        return;
    while (hi - lo > 1) {
        size_t middle = lo + (hi - lo) / 2;

        if (T_keV < node[middle])
            hi = middle;
        else
            lo = middle;
    }
    part = (T_keV - node[lo]) / (node[hi] - node[lo]);
    r[lo] = 1.0 - part;
    r[hi] = part;
}

void sevens_response_nuclear(const sevens_response *response, const sevens_nucleus *nucleus,
                             double T_MeV, double *r)
{
    double E_ee;

    memset(r, 0, response->n_channel * sizeof *r);
    if (response->nodes) {
        weigh_nodes(response, 1000.0 * T_MeV, r);
        return;
    }
    E_ee = sevens_quenched_keVee(&response->par, nucleus, T_MeV);
    if (E_ee > 0.0 && E_ee >= response->par.minimum_keVee)
        sevens_smear(response, reconstructed(&response->par, E_ee), r);
}

void sevens_response_electron(const sevens_response *response, double T_MeV, double *r)
{
    if (sevens_response_has_electrons(response))
        sevens_response_nuclear(response, NULL, T_MeV, r);
    else
        memset(r, 0, response->n_channel * sizeof *r);
}

bool sevens_response_has_electrons(const sevens_response *response)
{
    return response->nodes == NULL;
}

/* ---- for quadrature ---- */

sevens_status sevens_response_breaks(const sevens_response *response, const sevens_nucleus *nucleus,
                                     double top_MeV, double **breaks_MeV, size_t *n,
                                     sevens_error *err)
{
    const sevens_response_parameters *par = &response->par;
    sevens_status status = SEVENS_OK;
    sevens_numbers T = {0}, level = {0};

    *breaks_MeV = NULL;
    *n = 0;
    for (size_t i = 0; response->nodes && i < response->n_channel; i++) {
        if (1e-3 * response->nodes[i] < top_MeV)
            SEVENS_TRY(sevens_numbers_add(&T, 1e-3 * response->nodes[i], err));
    }
    if (!response->nodes) {
        SEVENS_TRY(sevens_smearing_breaks(response, &level, err));
        for (size_t i = 0; i < level.n; i++)
            level.x[i] /= reconstructed(par, 1.0); /* keVee */
        SEVENS_TRY(sevens_numbers_add(&level, par->minimum_keVee, err));
        SEVENS_TRY(sevens_quenching_kinks(par, nucleus, top_MeV, &T, err));
        SEVENS_TRY(sevens_quenching_crossings(par, nucleus, top_MeV, level.x, level.n, &T, err));
    }
    *breaks_MeV = T.x;
    *n = T.n;
    T = (sevens_numbers){0};
cleanup:
    sevens_numbers_free(&T);
    sevens_numbers_free(&level);
    return status;
}

double sevens_response_scale(const sevens_response *response, const sevens_nucleus *nucleus,
                             double T_MeV)
{
    const sevens_response_parameters *par = &response->par;
    double E_ee, width, slope;

    if (response->nodes)
        return INFINITY;
    E_ee = sevens_quenched_keVee(par, nucleus, T_MeV);
    width = sevens_smearing_width(response, reconstructed(par, E_ee));
    if (!(width > 0.0)) /* not known */
        return 0.0;
    if (!(E_ee > 0.0 && E_ee >= par->minimum_keVee))
        return INFINITY;
    slope = fabs(reconstructed(par, sevens_quenched_slope(par, nucleus, T_MeV)));
    return slope > 0.0 ? width / slope : INFINITY;
}
