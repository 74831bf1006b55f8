/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts along a row: amplitudes of its couplings at the nodes, their products, the integrals of
 * these, and channels spread over bins. physics.md eqs. 21, 26, 43, 52 and 54. */
#include "sevens/templates.h"
#include "templates_internal.h"
#include <math.h>
#include <string.h>

/* ---- rates at the nodes ---- */

/* What the couplings of a final state make of a section. */
typedef struct sums {
    bool any, moves; /* some coupling is not 0; some depends on x */
    bool part[SEVENS_MODEL_MAX_TERMS]
             [2]; /* of each group: which parts of its amplitude there are */
} sums;

/* Parts 1 and x of the amplitude of a group. */
static double *amplitude_of(const sevens_templates *t, size_t group, int part)
{
    return t->amplitude + (2 * group + (size_t)part) * t->capacity;
}

static void add_amplitude(const sevens_templates *t, const sevens_section *s,
                          const sevens_basis_amplitude *b, int part, double c, sums *sum)
{
    bool *there = &sum->part[b->group][part];

    if (c == 0.0)
        return;
    t->kernels->add_amplitude(s->condensed->n_node, !*there, c, b->value,
                              amplitude_of(t, b->group, part));
    *there = true;
}

/* Adds up the amplitudes of all groups of a section for one final state. */
static void add_amplitudes(const sevens_templates *t, const sevens_section *s,
                           const sevens_coupling *coupling, sums *sum)
{
    sum->any = sum->moves = false;
    memset(sum->part, 0, s->n_group * sizeof *sum->part);
    for (size_t i = 0; i < s->n_basis; i++) {
        const sevens_basis_amplitude *b = &s->basis[i];
        sevens_affine c = coupling[b->term].to[b->constituent];

        sum->any |= c.c0 != 0.0 || c.c1 != 0.0;
        sum->moves |= c.c1 != 0.0;
        if (s->broken)
            continue;
        add_amplitude(t, s, b, 0, c.c0, sum);
        add_amplitude(t, s, b, 1, c.c1, sum);
    }
    for (size_t g = 0; g < s->n_group; g++) {
        for (int part = 0; part < 2; part++) {
            if (!sum->part[g][part] && sum->part[g][1 - part])
                memset(amplitude_of(t, g, part), 0, s->condensed->n_node * sizeof(double));
        }
    }
}

/* Adds the products of the groups to t->rate; used [SEVENS_N_PRODUCT]: which were. */
static void add_rates(const sevens_templates *t, const sevens_section *s, const sums *sum,
                      bool *used)
{
    for (size_t p = 0; p < s->n_product; p++) {
        const sevens_group_product *product = &s->product[p];
        double *rate = t->rate + t->capacity * product->product * SEVENS_ROW_TERMS;
        const double *a[2] = {amplitude_of(t, product->a, 0), amplitude_of(t, product->a, 1)};
        const double *b[2] = {amplitude_of(t, product->b, 0), amplitude_of(t, product->b, 1)};
        const bool *has_a = sum->part[product->a], *has_b = sum->part[product->b];

        if (!(has_a[0] || has_a[1]) || !(has_b[0] || has_b[1]))
            continue;
        if (!sum->moves)
            a[1] = b[1] = NULL;
        t->kernels->add_rate(s->condensed->n_node, !used[product->product], product->factor, a, b,
                             rate);
        used[product->product] = true;
    }
}

/* ---- integrals ---- */

/* counts [SEVENS_ROW_TERMS][stride] += the integrals of all rates with the weights of a flux class.
 */
static void integrate(const sevens_templates *t, const sevens_section *s, size_t f,
                      double *const weight[SEVENS_N_PRODUCT], const bool *used, bool moves,
                      double *counts)
{
    size_t n = s->condensed->n_node, stride = t->mesh->stride;

    for (size_t p = 0; p < SEVENS_N_PRODUCT; p++) {
        sevens_integral_task task = {.condensed = s->condensed,
                                     .rate = t->rate + p * SEVENS_ROW_TERMS * t->capacity,
                                     .n_term = moves ? SEVENS_ROW_TERMS : 1,
                                     .counts = counts,
                                     .stride = stride};

        if (!used[p])
            continue;
        task.weight = weight[p] + f * n * stride;
        t->kernels->integrate(&task);
    }
}

/* abc += all - (d0 + d1 x + d2 x^2) lost. Only one of depth and counts depends on x, so that no
 * higher powers come. */
static void add_survivors(const sevens_quadratic *d, const double *all, const double *lost,
                          size_t n, double *abc)
{
    for (size_t e = 0; e < n; e++) {
        const double *a = lost + e, *b = a + n, *c = b + n;

        abc[e] += all[e] - d->c0 * *a;
        abc[n + e] += all[n + e] - d->c0 * *b - d->c1 * *a;
        abc[2 * n + e] += all[2 * n + e] - d->c0 * *c - d->c2 * *a;
    }
}

/* Adds the counts of one flux class of what remains on the way. */
static void add_surviving(const sevens_templates *t, const sevens_section *s, size_t f,
                          const sevens_model_point *point, const bool *used, bool moves,
                          double *abc)
{
    size_t n = SEVENS_ROW_TERMS * t->mesh->stride;
    sevens_quadratic depth = sevens_model_depth(t->model, point, t->mesh->family[f]);

    memset(t->vanish, 0, 2 * n * sizeof *t->vanish);
    integrate(t, s, f, s->condensed->weight, used, moves, t->vanish);
    integrate(t, s, f, s->lost, used, moves, t->vanish + n);
    add_survivors(&depth, t->vanish, t->vanish + n, t->mesh->stride, abc);
}

/* Without memory for the nodes of a section its counts are no numbers. */
static void add_broken(const sevens_templates *t, double *abc)
{
    for (size_t i = 0; i < SEVENS_ROW_TERMS * t->mesh->stride; i++)
        abc[i] = NAN;
}

/* Adds the counts of a section from all flux classes of one family; whether they depend on x.
 * coupling [SEVENS_N_FAMILY][n_terms] by final state, NULL: none. */
static bool add_family(const sevens_templates *t, const sevens_section *s, sevens_family family,
                       const sevens_coupling *const coupling[SEVENS_N_FAMILY],
                       const sevens_model_point *point)
{
    bool used[SEVENS_N_PRODUCT] = {false}, any = false, moves = false;

    for (int final = 0; final < SEVENS_N_FAMILY; final++) {
        sums sum;

        if (!coupling[final])
            continue;
        add_amplitudes(t, s, coupling[final], &sum);
        any |= sum.any;
        moves |= sum.moves;
        if (!s->broken)
            add_rates(t, s, &sum, used);
    }
    for (size_t f = 0; f < t->mesh->n_flux && any; f++) {
        double *abc = t->channel + f * SEVENS_ROW_TERMS * t->mesh->stride;

        if (t->mesh->family[f] != family)
            continue;
        if (s->broken)
            add_broken(t, abc);
        else if (sevens_model_disappears(t->model))
            add_surviving(t, s, f, point, used, moves, abc);
        else
            integrate(t, s, f, s->condensed->weight, used, moves, abc);
    }
    return moves || s->broken || sevens_model_disappears(t->model);
}

/* Counts per flux class in all channels to t->channel; whether any depend on x. */
static bool count(const sevens_templates *t, const sevens_model_point *point,
                  sevens_process process)
{
    const sevens_mesh *mesh = t->mesh;
    size_t n_terms = sevens_model_n_terms(t->model);
    bool moves = false;

    memset(t->channel, 0, SEVENS_ROW_TERMS * mesh->n_flux * mesh->stride * sizeof *t->channel);
    for (int family = 0; family < SEVENS_N_FAMILY; family++) {
        const sevens_coupling *coupling[SEVENS_N_FAMILY];
        bool any[SEVENS_N_FAMILY];

        if (!mesh->has_family[family])
            continue;
        sevens_model_amplitudes(t->model, point, (sevens_family)family, t->coupling, any);
        for (int final = 0; final < SEVENS_N_FAMILY; final++)
            coupling[final] = any[final] && (t->transitions & SEVENS_TRANSITION(family, final))
                                  ? t->coupling + (size_t) final * n_terms
                                  : NULL;
        for (size_t i = 0; i < t->n_section; i++) {
            if (process == t->section[i].process || process == SEVENS_N_PROCESS)
                moves |= add_family(t, &t->section[i], (sevens_family)family, coupling, point);
        }
    }
    return moves;
}

/* ---- rows ---- */

void sevens_templates_channel_row(const sevens_templates *t, const sevens_model_point *point,
                                  sevens_process process, double *abc)
{
    size_t n = t->mesh->n_channel;

    count(t, point, process);
    for (size_t i = 0; i < SEVENS_ROW_TERMS * t->mesh->n_flux; i++)
        memcpy(abc + i * n, t->channel + i * t->mesh->stride, n * sizeof *abc);
}

/* Counts of a group of flux classes, [SEVENS_ROW_TERMS][n_channel]. */
static void gather_group(const sevens_templates *t, const sevens_variant *variant, size_t group,
                         double *counts)
{
    const sevens_mesh *mesh = t->mesh;
    size_t n = mesh->n_channel;

    memset(counts, 0, SEVENS_ROW_TERMS * n * sizeof *counts);
    for (size_t f = 0; f < mesh->n_flux; f++) {
        const double *abc = t->channel + SEVENS_ROW_TERMS * f * mesh->stride + variant->offset;

        if (variant->spread.group[f] != group)
            continue;
        for (size_t i = 0; i < SEVENS_ROW_TERMS; i++) {
            for (size_t e = 0; e < n; e++)
                counts[i * n + e] += abc[i * mesh->stride + e];
        }
    }
}

void sevens_templates_row(const sevens_templates *t, const sevens_model_point *point, double *abc)
{
    const sevens_mesh *mesh = t->mesh;
    size_t n_bin = mesh->release->n_bin, n_term;

    n_term = count(t, point, SEVENS_N_PROCESS) ? SEVENS_ROW_TERMS : 1;
    for (size_t v = 0; v < mesh->n_variant; v++) {
        const sevens_variant *variant = &mesh->variant[v];
        sevens_spread_task task = {.spread = &variant->spread,
                                   .n_bin = n_bin,
                                   .n_channel = mesh->n_channel,
                                   .n_term = n_term,
                                   .counts = t->group,
                                   .abc = abc + SEVENS_ROW_TERMS * n_bin * v};

        for (size_t g = 0; g < variant->spread.n_group; g++)
            gather_group(t, variant, g, t->group + g * SEVENS_ROW_TERMS * mesh->n_channel);
        t->kernels->spread(&task);
    }
}
