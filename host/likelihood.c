/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes a likelihood out of releases: components, nuisances and the matrix of their pulls. What it
 * says at a point stands in likelihood_reference.c, likelihood_profile.c and likelihood_on_off.c.
 * docs/physics.md eqs. 23 and 49 to 53. */
#include "sevens/likelihood.h"
#include "sevens/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- adding an experiment ---- */

static sevens_status add_nuisance(sevens_likelihood *l, const char *name, sevens_nuisance_kind kind,
                                  double centre, double sigma, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_nuisance *nuisance = &l->nuisance[l->n_nuisance];

    if (l->n_nuisance == SEVENS_MAX_NUISANCES)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "nuisance '%s': a likelihood takes at most %d nuisances", name,
                           SEVENS_MAX_NUISANCES);
    *nuisance = (sevens_nuisance){.name = sevens_strdup(name),
                                  .part = l->n_part - 1,
                                  .kind = kind,
                                  .centre = centre,
                                  .sigma = sigma,
                                  .start = centre,
                                  .lo = kind == SEVENS_NUISANCE_SHAPE ? -INFINITY : 0.0,
                                  .hi = INFINITY};
    SEVENS_TRY_ALLOC(nuisance->name);
    l->n_nuisance++;
    l->part[l->n_part - 1].n_nuisance++;
cleanup:
    return status;
}

/* A copy of `from` [n]. */
static sevens_status copy(double **to, const double *from, size_t n, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    *to = malloc(n * sizeof **to);
    SEVENS_TRY_ALLOC(*to);
    memcpy(*to, from, n * sizeof **to);
cleanup:
    return status;
}

/* counts: of a background or its change; NULL: the next variant of the signal. */
static sevens_status add_component(sevens_likelihood_part *part, size_t norm, size_t shape,
                                   const double *counts, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_component *component = &part->component[part->n_component];

    if (part->n_component == SEVENS_MAX_COMPONENTS)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "more than %d templates (signal, backgrounds and shape nuisances) in "
                           "one experiment",
                           SEVENS_MAX_COMPONENTS);
    *component = (sevens_component){.norm = norm, .shape = shape, .variant = SEVENS_NONE};
    part->n_component++;
    if (counts)
        SEVENS_TRY(copy(&component->counts, counts, part->n_bin, err));
    else
        component->variant = part->n_variant++;
cleanup:
    return status;
}

/* Counts of both samples are whole numbers: the sums of eq. 51 run over them. */
static sevens_status check_on_off(const sevens_release *release, const bool *shape_active,
                                  sevens_error *err)
{
    if (!release->observed)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "a likelihood of the kind poisson-on-off cannot be projected");
    for (size_t j = 0; j < release->n_shape; j++) {
        if (shape_active && shape_active[j])
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "shape nuisance '%s': a likelihood of the kind poisson-on-off has "
                               "none",
                               release->shape[j].name);
    }
    for (size_t b = 0; b < release->n_bin; b++) {
        double n = release->observed[b], m = release->off[b];

        if (!(n >= 0.0 && m >= 0.0 && n == floor(n) && m == floor(m)))
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "bin %zu: counts with and without beam must be whole numbers >= 0, "
                               "not %g and %g",
                               b, n, m);
    }
    return SEVENS_OK;
}

static sevens_status add_data(sevens_likelihood_part *part, const sevens_release *release,
                              sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = release->n_bin, inner = n / release->axis[0].n;

    part->kind = release->likelihood;
    part->n_bin = n;
    part->on_off = release->on_off;
    part->on_off_per_bin = release->on_off_per_bin;
    part->lines = release->lines;
    part->observed = calloc(n, sizeof *part->observed);
    part->reference = malloc(n * sizeof *part->reference);
    SEVENS_TRY_ALLOC(part->observed);
    SEVENS_TRY_ALLOC(part->reference);
    if (release->observed)
        memcpy(part->observed, release->observed, n * sizeof *part->observed);
    for (size_t b = 0; b < n; b++)
        part->reference[b] = fmax(part->observed[b], 1.0);
    if (part->kind == SEVENS_LIKELIHOOD_GAUSS || part->kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND)
        SEVENS_TRY(copy(&part->sigma, release->sigma, n, err));
    if (part->kind == SEVENS_LIKELIHOOD_POISSON_ON_OFF)
        SEVENS_TRY(copy(&part->off, release->off, n, err));
    if (part->kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND) {
        part->energy = malloc(n * sizeof *part->energy);
        SEVENS_TRY_ALLOC(part->energy);
        for (size_t b = 0; b < n; b++) {
            const double *edge = release->axis[0].edges + b / inner;

            part->energy[b] = 0.5 * (edge[0] + edge[1]);
        }
    }
cleanup:
    return status;
}

/* Shape nuisances after all norms, and the changes of templates that they multiply. */
static sevens_status add_shapes(sevens_likelihood *l, const sevens_release *release,
                                const bool *active, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_likelihood_part *part = &l->part[l->n_part - 1];

    for (size_t j = 0; active && j < release->n_shape; j++) {
        const sevens_shape *shape = &release->shape[j];
        bool signal = shape->of != SEVENS_SHAPE_BACKGROUND;
        size_t norm = part->first_nuisance + (signal ? 0 : 1 + shape->background);

        if (!active[j])
            continue;
        SEVENS_TRY(add_nuisance(l, shape->name, SEVENS_NUISANCE_SHAPE, 0.0, 1.0, err));
        SEVENS_TRY(
            add_component(part, norm, l->n_nuisance - 1, signal ? NULL : shape->counts, err));
    }
cleanup:
    return status;
}

static sevens_status add_lines(sevens_likelihood *l, const sevens_release *release,
                               sevens_error *err)
{
    static const char *const name[SEVENS_N_LINES] = {
        "n0", "a", "slope_keV", "height", "centre_keV", "width_keV", "ratio"};
    const sevens_line_background *lines = &release->lines;
    sevens_status status = SEVENS_OK;

    l->part[l->n_part - 1].first_line = l->n_nuisance;
    for (size_t i = 0; i < SEVENS_N_LINES; i++) {
        bool ratio = i == SEVENS_LINES_RATIO;

        SEVENS_TRY(add_nuisance(l, name[i], SEVENS_NUISANCE_FUNCTION, ratio ? lines->ratio : 0.0,
                                ratio ? lines->ratio_sigma : INFINITY, err));
        l->nuisance[l->n_nuisance - 1].start = lines->start[i];
        l->nuisance[l->n_nuisance - 1].lo = lines->lo[i];
        l->nuisance[l->n_nuisance - 1].hi = lines->hi[i];
    }
cleanup:
    return status;
}

/* A sigma of 0 in a release says that the norm is fixed unless the scan file frees it. */
static sevens_status add_norm(sevens_likelihood *l, const char *name, sevens_nuisance_kind kind,
                              double sigma, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    bool fixed = sigma == 0.0;

    SEVENS_TRY(add_nuisance(l, name, kind, 1.0, fixed ? INFINITY : sigma, err));
    l->nuisance[l->n_nuisance - 1].fixed = fixed;
cleanup:
    return status;
}

/* The signal and the backgrounds. On-off: all that the beam brings shares the norm of the signal.
 */
static sevens_status add_norms(sevens_likelihood *l, const sevens_release *release,
                               sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_likelihood_part *part = &l->part[l->n_part - 1];
    bool on_off = part->kind == SEVENS_LIKELIHOOD_POISSON_ON_OFF;

    SEVENS_TRY(add_norm(l, "signal", on_off ? SEVENS_NUISANCE_MARGINAL : SEVENS_NUISANCE_NORM,
                        release->signal_sigma, err));
    SEVENS_TRY(add_component(part, part->first_nuisance, SEVENS_NONE, NULL, err));
    for (size_t k = 0; k < release->n_background; k++) {
        const sevens_background *back = &release->background[k];

        if (!on_off)
            SEVENS_TRY(add_norm(l, back->name, SEVENS_NUISANCE_NORM, back->sigma, err));
        SEVENS_TRY(add_component(part, l->n_nuisance - 1, SEVENS_NONE, back->counts, err));
    }
cleanup:
    return status;
}

sevens_status sevens_likelihood_add(sevens_likelihood *l, const sevens_release *release,
                                    const bool *shape_active, sevens_error *err)
{
    sevens_status status = SEVENS_OK;

    if (l->n_part == SEVENS_MAX_PARTS)
        return sevens_fail(err, SEVENS_ERR_INPUT, "at most %d experiments can share nuisances",
                           SEVENS_MAX_PARTS);
    if (release->likelihood == SEVENS_LIKELIHOOD_POISSON_ON_OFF)
        SEVENS_TRY(check_on_off(release, shape_active, err));
    l->part[l->n_part++] = (sevens_likelihood_part){.first_nuisance = l->n_nuisance};
    SEVENS_TRY(add_data(&l->part[l->n_part - 1], release, err));
    SEVENS_TRY(add_norms(l, release, err));
    SEVENS_TRY(add_shapes(l, release, shape_active, err));
    if (release->likelihood == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND)
        SEVENS_TRY(add_lines(l, release, err));
cleanup:
    return status;
}

void sevens_likelihood_free(sevens_likelihood *l)
{
    for (size_t p = 0; p < l->n_part; p++) {
        sevens_likelihood_part *part = &l->part[p];

        free(part->observed);
        free(part->sigma);
        free(part->off);
        free(part->reference);
        free(part->energy);
        for (size_t c = 0; c < part->n_component; c++)
            free(part->component[c].counts);
    }
    for (size_t i = 0; i < l->n_nuisance; i++)
        free(l->nuisance[i].name);
    for (size_t i = 0; i < l->n_shared; i++)
        free(l->shared[i].name);
    *l = (sevens_likelihood){0};
}

/* ---- pulls ---- */

/* A width that its nuisance can have: shapes have no meaning without a pull, and an integral
 * (eq. 51) needs a finite one. */
static sevens_status check_width(const sevens_nuisance *nuisance, sevens_error *err)
{
    bool finite_only =
        nuisance->kind == SEVENS_NUISANCE_SHAPE || nuisance->kind == SEVENS_NUISANCE_MARGINAL;

    if (nuisance->fixed)
        return SEVENS_OK;
    if (!(nuisance->sigma > 0.0))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "nuisance '%s': sigma must be above 0, not %g; 'fixed: true' takes it "
                           "out of the fit",
                           nuisance->name, nuisance->sigma);
    if (finite_only && isinf(nuisance->sigma))
        return sevens_fail(
            err, SEVENS_ERR_INPUT, "nuisance '%s': a %s cannot be free; its sigma must be finite",
            nuisance->name,
            nuisance->kind == SEVENS_NUISANCE_SHAPE ? "change of a template"
                                                    : "norm that is integrated over");
    return SEVENS_OK;
}

static sevens_status check_shared(const sevens_likelihood *l, const sevens_shared_nuisance *shared,
                                  sevens_error *err)
{
    if (!(shared->sigma > 0.0) || isinf(shared->sigma))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "shared nuisance '%s': sigma must be above 0 and finite, not %g",
                           shared->name, shared->sigma);
    for (size_t i = 0; i < shared->n; i++) {
        const sevens_nuisance *norm = &l->nuisance[shared->nuisance[i]];
        const char *fault = norm->kind == SEVENS_NUISANCE_MARGINAL
                                ? "is integrated over (poisson-on-off)"
                            : norm->kind != SEVENS_NUISANCE_NORM ? "is not a norm"
                            : norm->fixed                        ? "is fixed"
                            : isinf(norm->sigma)                 ? "is free (sigma infinite)"
                                                                 : NULL;

        if (fault)
            return sevens_fail(
                err, SEVENS_ERR_INPUT,
                "shared nuisance '%s': '%s' of experiment %zu %s, so it cannot share", shared->name,
                norm->name, norm->part + 1, fault);
    }
    return SEVENS_OK;
}

/* Covariance of the norms that share: sigma_k^2 on the diagonal, of which the shared parts stand
 * off the diagonal too; eq. 53. */
static sevens_status shared_covariance(const sevens_likelihood *l,
                                       double (*V)[SEVENS_MAX_NUISANCES], bool *shares,
                                       sevens_error *err)
{
    double rest[SEVENS_MAX_NUISANCES];

    for (size_t i = 0; i < l->n_nuisance; i++)
        rest[i] = V[i][i] = l->nuisance[i].sigma * l->nuisance[i].sigma;
    for (size_t h = 0; h < l->n_shared; h++) {
        const sevens_shared_nuisance *shared = &l->shared[h];
        double variance = shared->sigma * shared->sigma;

        for (size_t i = 0; i < shared->n; i++) {
            size_t k = shared->nuisance[i];

            shares[k] = true;
            rest[k] -= variance;
            for (size_t j = 0; j < shared->n; j++)
                V[k][shared->nuisance[j]] += j == i ? 0.0 : variance;
        }
    }
    for (size_t k = 0; k < l->n_nuisance; k++) {
        if (shares[k] && !(rest[k] > 1e-12 * V[k][k]))
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "nuisance '%s' of experiment %zu: its sigma %g must exceed what it "
                               "shares with others (in quadrature)",
                               l->nuisance[k].name, l->nuisance[k].part + 1, l->nuisance[k].sigma);
    }
    return SEVENS_OK;
}

/* W = V^-1 over the n norms k[]; V is positive definite. Gauss and Jordan, no pivots needed. */
static void invert(double (*V)[SEVENS_MAX_NUISANCES], const size_t *k, size_t n,
                   double (*W)[SEVENS_MAX_NUISANCES])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            W[k[i]][k[j]] = i == j ? 1.0 : 0.0;
    }
    for (size_t i = 0; i < n; i++) {
        double pivot = V[k[i]][k[i]];

        for (size_t j = 0; j < n; j++) {
            V[k[i]][k[j]] /= pivot;
            W[k[i]][k[j]] /= pivot;
        }
        for (size_t m = 0; m < n; m++) {
            double factor = V[k[m]][k[i]];

            for (size_t j = 0; m != i && j < n; j++) {
                V[k[m]][k[j]] -= factor * V[k[i]][k[j]];
                W[k[m]][k[j]] -= factor * W[k[i]][k[j]];
            }
        }
    }
}

sevens_status sevens_likelihood_set_pulls(sevens_likelihood *l, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double V[SEVENS_MAX_NUISANCES][SEVENS_MAX_NUISANCES] = {{0}};
    bool shares[SEVENS_MAX_NUISANCES] = {false};
    size_t sharing[SEVENS_MAX_NUISANCES], n = 0;

    memset(l->weight, 0, sizeof l->weight);
    for (size_t i = 0; i < l->n_nuisance; i++) {
        const sevens_nuisance *nuisance = &l->nuisance[i];

        SEVENS_TRY(check_width(nuisance, err));
        if (!nuisance->fixed && nuisance->kind != SEVENS_NUISANCE_MARGINAL)
            l->weight[i][i] = 1.0 / (nuisance->sigma * nuisance->sigma); /* 0 when it is free */
    }
    for (size_t h = 0; h < l->n_shared; h++)
        SEVENS_TRY(check_shared(l, &l->shared[h], err));
    SEVENS_TRY(shared_covariance(l, V, shares, err));
    for (size_t i = 0; i < l->n_nuisance; i++) {
        if (shares[i])
            sharing[n++] = i;
    }
    invert(V, sharing, n, l->weight);
    for (size_t i = 0; i < n; i++) { /* symmetric to the last bit */
        for (size_t j = 0; j < i; j++)
            l->weight[sharing[i]][sharing[j]] = l->weight[sharing[j]][sharing[i]];
    }
cleanup:
    return status;
}

double sevens_nuisance_pull(const sevens_nuisance *nuisance, double value)
{
    double width = nuisance->fixed || isinf(nuisance->sigma) ? 1.0 : nuisance->sigma;

    return (value - nuisance->centre) / width;
}

/* E[eta] = cov(eta, t) V^-1 (t - centre); eq. 53. */
double sevens_shared_pull_value(const sevens_likelihood *l, size_t shared, const double *value)
{
    const sevens_shared_nuisance *s = &l->shared[shared];
    double sum = 0.0;

    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = 0; j < l->n_nuisance; j++)
            sum += l->weight[s->nuisance[i]][j] * (value[j] - l->nuisance[j].centre);
    }
    return s->sigma * sum;
}

/* ---- sizes ---- */

size_t sevens_likelihood_signal_offset(const sevens_likelihood *l, size_t part)
{
    size_t offset = 0;

    for (size_t p = 0; p < part; p++)
        offset += l->part[p].n_variant * l->part[p].n_bin;
    return offset;
}

size_t sevens_likelihood_signal_size(const sevens_likelihood *l)
{
    return sevens_likelihood_signal_offset(l, l->n_part);
}

size_t sevens_likelihood_part_offset(const sevens_likelihood *l, size_t part)
{
    return 3 * sevens_likelihood_signal_offset(l, part);
}

size_t sevens_likelihood_row_size(const sevens_likelihood *l)
{
    return sevens_likelihood_part_offset(l, l->n_part);
}

size_t sevens_likelihood_n_bin(const sevens_likelihood *l)
{
    size_t n = 0;

    for (size_t p = 0; p < l->n_part; p++)
        n += l->part[p].n_bin;
    return n;
}

bool sevens_likelihood_is_plain(const sevens_likelihood *l)
{
    for (size_t i = 0; i < l->n_nuisance; i++) {
        if (l->nuisance[i].kind != SEVENS_NUISANCE_NORM)
            return false;
    }
    return l->n_part == 1 && l->part[0].kind == SEVENS_LIKELIHOOD_POISSON;
}

bool sevens_likelihood_is_on_off(const sevens_likelihood *l)
{
    return l->n_part == 1 && l->part[0].kind == SEVENS_LIKELIHOOD_POISSON_ON_OFF;
}
