/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quadrature over recoil energy. All nuclei and panels make one list of nodes; what does not depend
 * on parameters (response, flux moments, prefactors, weights) is folded into one matrix
 * fold[flux class][energy bin][node], so that a template is a product of that matrix with a vector
 * b_i b_j over nodes. physics.md eqs. 13, 21 and 26. */
#include "sevens/templates.h"
#include "quadrature.h"
#include "sevens/constants.h"
#include "sevens/flux.h"
#include "sevens/hd/kinematics.h"
#include "sevens/response.h"
#include "sevens/xsec.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BREAKS 16
#define MAX_PANELS 64
#define PANEL_ORDER 24
#define WIDEST_PANEL 0.1  /* of the largest recoil energy: the response is smooth on this scale */
#define LOWEST_PANEL 1e-5 /* of the largest recoil energy: where the geometric panels begin */

struct sevens_mesh {
    size_t n_node, n_energy, n_share, n_flux;
    size_t n_nucleus;
    const sevens_nucleus *nucleus[SEVENS_RELEASE_MAX_NUCLEI];
    size_t first[SEVENS_RELEASE_MAX_NUCLEI + 1]; /* first node of each nucleus */
    double *q2;                                  /* [n_node] MeV^2 */
    double *fold;                           /* [n_flux][n_energy][n_node] counts per unit Q^2 */
    sevens_family family[SEVENS_N_FLAVOUR]; /* [n_flux] */
    double *share;                          /* [n_flux][n_share] */
};

/* ---- mesh ---- */

/* Panels between 0 and the largest recoil: the kinematic break points, no panel wider than
 * WIDEST_PANEL, and below that no panel wider than its distance from 0, so that a propagator
 * 1/(2MT + m^2)^2 of any mass is resolved. */
static size_t recoil_panels(const sevens_flux *flux, double M, double *edge)
{
    double e_nu[MAX_BREAKS];
    size_t n_break = sevens_flux_breaks(flux, e_nu, MAX_BREAKS), n = 0, k = 0;
    double top = sevens_t_max(e_nu[n_break - 1], M);

    edge[n++] = 0.0;
    edge[n++] = LOWEST_PANEL * top;
    while (k < n_break && n < MAX_PANELS) {
        double stop = sevens_t_max(e_nu[k], M);
        double next = edge[n - 1] + fmin(edge[n - 1], WIDEST_PANEL * top);

        if (next > stop - 0.01 * WIDEST_PANEL * top) { /* no sliver before the break */
            next = stop;
            k++;
        }
        if (next > edge[n - 1])
            edge[n++] = next;
    }
    return n;
}

/* Adds the nodes of one nucleus where any count can come from; response R_i(T) at each. */
static sevens_status add_nucleus(sevens_mesh *mesh, const sevens_release *release,
                                 const sevens_flux *flux, const sevens_response *response,
                                 const sevens_target_nucleus *target, int order, double *fold,
                                 size_t stride, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double M = sevens_nucleus_mass_MeV(target->nucleus), edge[MAX_PANELS + 1], K[3];
    double nuclei =
        target->count * 1000.0 * release->mass_kg / release->molar_mass_g * SEVENS_AVOGADRO;
    double unit = nuclei * SEVENS_HBARC2_MEV2_CM2 * SEVENS_G_FERMI * SEVENS_G_FERMI * M /
                  SEVENS_PI; /* d sigma/dT = unit k Q^2; physics.md eq. 5 */
    sevens_quadrature rule = {0};
    double *R = calloc(mesh->n_energy + 1, sizeof *R);

    SEVENS_TRY_ALLOC(R);
    SEVENS_TRY(
        sevens_quadrature_panels(&rule, edge, recoil_panels(flux, M, edge), PANEL_ORDER, err));
    for (size_t j = 0; j < rule.n; j++) {
        double T = rule.node[j], seen = 0.0;

        sevens_response_nuclear(response, T, R);
        for (size_t e = 0; e < mesh->n_energy; e++)
            seen += R[e];
        if (seen < 1e-40) /* far below threshold */
            continue;
        mesh->q2[mesh->n_node] = 2.0 * M * T;
        for (size_t f = 0; f < mesh->n_flux; f++) {
            double k;

            sevens_flux_moments(flux, f, sevens_e_min(T, M), K);
            k = sevens_kinematic_moment(order, T, M, K);
            for (size_t e = 0; e < mesh->n_energy; e++)
                fold[(f * mesh->n_energy + e) * stride + mesh->n_node] =
                    rule.weight[j] * unit * flux->fluence_per_cm2[f] * k * R[e];
        }
        mesh->n_node++;
    }
cleanup:
    sevens_quadrature_free(&rule);
    free(R);
    return status;
}

static sevens_status fill_mesh(sevens_mesh *mesh, const sevens_release *release,
                               const sevens_model *model, double signal_scale, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t stride = release->n_target * MAX_PANELS * PANEL_ORDER;
    size_t n_row = release->n_flux * release->n_energy;
    int order = sevens_model_sm_options(model)->kinematics;
    sevens_response *response = NULL;
    sevens_flux flux;
    double *fold = calloc(n_row * stride + 1, sizeof *fold);

    mesh->q2 = calloc(stride + 1, sizeof *mesh->q2);
    SEVENS_TRY_ALLOC(fold);
    SEVENS_TRY_ALLOC(mesh->q2);
    sevens_flux_init(&flux, release);
    for (size_t f = 0; f < flux.n; f++)
        flux.fluence_per_cm2[f] *= signal_scale;
    SEVENS_TRY(sevens_response_create(&response, release, err));
    for (size_t i = 0; i < release->n_target; i++) {
        mesh->nucleus[i] = release->target[i].nucleus;
        mesh->first[i] = mesh->n_node;
        SEVENS_TRY(add_nucleus(mesh, release, &flux, response, &release->target[i], order, fold,
                               stride, err));
    }
    mesh->n_nucleus = release->n_target;
    mesh->first[mesh->n_nucleus] = mesh->n_node;
    mesh->fold = malloc((n_row * mesh->n_node + 1) * sizeof *mesh->fold);
    SEVENS_TRY_ALLOC(mesh->fold);
    for (size_t r = 0; r < n_row; r++)
        memcpy(mesh->fold + r * mesh->n_node, fold + r * stride, mesh->n_node * sizeof *mesh->fold);
cleanup:
    sevens_response_destroy(&response);
    free(fold);
    return status;
}

sevens_status sevens_mesh_create(sevens_mesh **out, const sevens_release *release,
                                 const sevens_model *model, double signal_scale, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_mesh *mesh = calloc(1, sizeof *mesh);

    *out = NULL;
    SEVENS_TRY_ALLOC(mesh);
    mesh->n_energy = release->n_energy;
    mesh->n_share = release->n_share;
    mesh->n_flux = release->n_flux;
    mesh->share = malloc(release->n_flux * release->n_share * sizeof *mesh->share);
    SEVENS_TRY_ALLOC(mesh->share);
    for (size_t f = 0; f < release->n_flux; f++) {
        mesh->family[f] = sevens_flavour_family(release->flux[f].flavour);
        memcpy(mesh->share + f * release->n_share, release->flux[f].share,
               release->n_share * sizeof *mesh->share);
    }
    SEVENS_TRY(fill_mesh(mesh, release, model, signal_scale, err));
    *out = mesh;
    mesh = NULL;
cleanup:
    sevens_mesh_destroy(&mesh);
    return status;
}

void sevens_mesh_destroy(sevens_mesh **mesh)
{
    if (!*mesh)
        return;
    free((*mesh)->q2);
    free((*mesh)->fold);
    free((*mesh)->share);
    free(*mesh);
    *mesh = NULL;
}

/* ---- templates ---- */

struct sevens_templates {
    const sevens_mesh *mesh;
    const sevens_model *model;
    size_t n_parameters,
        n_basis;     /* basis 2 s is the proton part of shape s, 2 s + 1 the neutron's */
    double *value;   /* [n_parameters] of the last update; NaN-filled before the first */
    bool fresh;      /* no update yet */
    double *charge;  /* [2][n_node] Z F_Z and N F_N */
    double *basis;   /* [n_basis][n_node] */
    double *product; /* [n_node] scratch */
    double *T;       /* [n_basis][n_basis][n_flux][n_energy], filled for i <= j */
    double *energy;  /* [n_flux][3][n_energy] scratch */
};

sevens_status sevens_templates_create(sevens_templates **out, const sevens_mesh *mesh,
                                      const sevens_model *model, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_templates *t = calloc(1, sizeof *t);
    size_t cell = mesh->n_flux * mesh->n_energy;

    *out = NULL;
    SEVENS_TRY_ALLOC(t);
    t->mesh = mesh;
    t->model = model;
    t->fresh = true;
    t->n_parameters = sevens_model_n_parameters(model);
    t->n_basis = 2 * sevens_model_n_shapes(model);
    t->value = calloc(t->n_parameters, sizeof *t->value);
    t->charge = calloc(2 * mesh->n_node + 1, sizeof *t->charge);
    t->basis = calloc(t->n_basis * mesh->n_node + 1, sizeof *t->basis);
    t->product = calloc(mesh->n_node + 1, sizeof *t->product);
    t->T = calloc(t->n_basis * t->n_basis * cell, sizeof *t->T);
    t->energy = calloc(3 * cell, sizeof *t->energy);
    SEVENS_TRY_ALLOC(t->value);
    SEVENS_TRY_ALLOC(t->charge);
    SEVENS_TRY_ALLOC(t->basis);
    SEVENS_TRY_ALLOC(t->product);
    SEVENS_TRY_ALLOC(t->T);
    SEVENS_TRY_ALLOC(t->energy);
    *out = t;
    t = NULL;
cleanup:
    sevens_templates_destroy(&t);
    return status;
}

void sevens_templates_destroy(sevens_templates **templates)
{
    sevens_templates *t = *templates;

    if (!t)
        return;
    free(t->value);
    free(t->charge);
    free(t->basis);
    free(t->product);
    free(t->T);
    free(t->energy);
    free(t);
    *templates = NULL;
}

/* Z F_Z and N F_N at every node. */
static void update_charges(sevens_templates *t, const sevens_model_point *point)
{
    const sevens_mesh *mesh = t->mesh;

    for (size_t i = 0; i < mesh->n_nucleus; i++) {
        const sevens_nucleus *nucleus = mesh->nucleus[i];

        for (size_t j = mesh->first[i]; j < mesh->first[i + 1]; j++) {
            double F_Z, F_N;

            sevens_nuclear_form_factors(t->model, point, nucleus, mesh->q2[j], &F_Z, &F_N);
            t->charge[j] = nucleus->Z * F_Z;
            t->charge[mesh->n_node + j] = nucleus->N * F_N;
        }
    }
}

static void update_basis(sevens_templates *t, const sevens_model_point *point, size_t s)
{
    size_t n = t->mesh->n_node;
    double *proton = t->basis + 2 * s * n, *neutron = proton + n;

    sevens_model_shape(t->model, point, s, n, t->mesh->q2, t->product);
    for (size_t j = 0; j < n; j++) {
        proton[j] = t->product[j] * t->charge[j];
        neutron[j] = t->product[j] * t->charge[n + j];
    }
}

/* T_ij[f][e] = sum over nodes of fold[f][e] b_i b_j. */
static void integrate_pair(sevens_templates *t, size_t i, size_t j)
{
    const sevens_mesh *mesh = t->mesh;
    size_t n = mesh->n_node, n_row = mesh->n_flux * mesh->n_energy;
    const double *b_i = t->basis + i * n, *b_j = t->basis + j * n;
    double *T = t->T + (i * t->n_basis + j) * n_row, *product = t->product;

    for (size_t k = 0; k < n; k++)
        product[k] = b_i[k] * b_j[k];
    for (size_t r = 0; r < n_row; r++) {
        const double *fold = mesh->fold + r * n;
        double sum = 0.0;

#pragma omp simd reduction(+ : sum)
        for (size_t k = 0; k < n; k++)
            sum += fold[k] * product[k];
        T[r] = sum;
    }
}

void sevens_templates_update(sevens_templates *t, const sevens_model_point *point)
{
    size_t n_shapes = t->n_basis / 2;
    bool changed[1 + SEVENS_MODEL_MAX_SHAPES] = {false};
    bool structure = t->fresh || !sevens_model_same_shape(t->model, 0, t->value, point->value);

    if (structure)
        update_charges(t, point);
    for (size_t s = 0; s < n_shapes; s++) {
        changed[s] = structure || !sevens_model_same_shape(t->model, s, t->value, point->value);
        if (changed[s])
            update_basis(t, point, s);
    }
    for (size_t i = 0; i < t->n_basis; i++) {
        for (size_t j = i; j < t->n_basis; j++) {
            if (changed[i / 2] || changed[j / 2])
                integrate_pair(t, i, j);
        }
    }
    memcpy(t->value, point->value, t->n_parameters * sizeof *t->value);
    t->fresh = false;
}

/* Adds c_i c_j T_ij (twice for i != j), with c = c0 + c1 x, to A, B, C of one flux class. */
static void contract_pair(sevens_affine a, sevens_affine b, double factor, const double *T,
                          size_t n_energy, double *abc)
{
    double A = factor * a.c0 * b.c0;
    double B = factor * (a.c0 * b.c1 + a.c1 * b.c0);
    double C = factor * a.c1 * b.c1;

    for (size_t e = 0; e < n_energy; e++) {
        abc[e] += A * T[e];
        abc[n_energy + e] += B * T[e];
        abc[2 * n_energy + e] += C * T[e];
    }
}

/* Adds Q^2 of one amplitude to A, B, C [3][n_energy] of a flux class. */
static void contract(const sevens_templates *t, size_t flux_class, const sevens_coupling *coupling,
                     double *abc)
{
    size_t n_energy = t->mesh->n_energy, cell = t->mesh->n_flux * n_energy;

    for (size_t i = 0; i < t->n_basis; i++) {
        sevens_affine a = i % 2 ? coupling[i / 2].n : coupling[i / 2].p;

        for (size_t j = i; j < t->n_basis; j++) {
            sevens_affine b = j % 2 ? coupling[j / 2].n : coupling[j / 2].p;

            contract_pair(a, b, i == j ? 1.0 : 2.0,
                          t->T + (i * t->n_basis + j) * cell + flux_class * n_energy, n_energy,
                          abc);
        }
    }
}

void sevens_templates_energy_row(const sevens_templates *t, const sevens_model_point *point,
                                 double *abc)
{
    const sevens_mesh *mesh = t->mesh;
    sevens_coupling coupling[1 + SEVENS_MODEL_MAX_SHAPES];

    memset(abc, 0, 3 * mesh->n_flux * mesh->n_energy * sizeof *abc);
    for (size_t f = 0; f < mesh->n_flux; f++) {
        for (int final = 0; final < SEVENS_N_FAMILY; final++) {
            if (sevens_model_amplitude(t->model, point, mesh->family[f], (sevens_family) final,
                                       coupling))
                contract(t, f, coupling, abc + 3 * f * mesh->n_energy);
        }
    }
}

void sevens_templates_row(const sevens_templates *t, const sevens_model_point *point, double *abc)
{
    const sevens_mesh *mesh = t->mesh;
    size_t n_energy = mesh->n_energy, n_share = mesh->n_share, n_bin = n_energy * n_share;

    sevens_templates_energy_row(t, point, t->energy);
    memset(abc, 0, 3 * n_bin * sizeof *abc);
    for (size_t f = 0; f < mesh->n_flux; f++) {
        const double *share = mesh->share + f * n_share;

        for (size_t term = 0; term < 3; term++) {
            for (size_t e = 0; e < n_energy; e++) {
                double counts = t->energy[(3 * f + term) * n_energy + e];

                for (size_t s = 0; s < n_share; s++)
                    abc[term * n_bin + e * n_share + s] += counts * share[s];
            }
        }
    }
}
