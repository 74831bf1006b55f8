/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prepares an on-off likelihood for its kernel: the polynomials of all bins as ratios of their
 * coefficients, and the nodes of the integral over the norm; docs/physics.md eq. 51. */
#include "on_off_pack.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#define NEGLIGIBLE 1e-18 /* terms of a sum, relative to its largest */
#define FILL 32          /* nodes come in multiples of the largest group of a kernel */

_Static_assert((SEVENS_ON_OFF_NODES - 1 + FILL - 1) / FILL * FILL <= SEVENS_ON_OFF_MAX_NODES,
               "room for all nodes but z = 0");
_Static_assert(FILL % SEVENS_ON_OFF_GROUP == 0, "whole groups");

/* ln sum_b b^k e^-2b over whole numbers b >= 0, 0^0 = 1. The terms rise to b = k/2 and fall after
 * it. */
static double ln_moment(double k)
{
    double best = floor(0.5 * k), top, sum = 0.0, term = 1.0;

    if (k == 0.0)
        return -log1p(-exp(-2.0));
    best = fmax(best, 1.0);
    top = k * log(best) - 2.0 * best;
    for (double b = best; b > 0.0 && term > NEGLIGIBLE; b -= 1.0)
        sum += term = exp(k * log(b) - 2.0 * b - top);
    term = 1.0;
    for (double b = best + 1.0; b <= best + 2.0 || term > NEGLIGIBLE; b += 1.0)
        sum += term = exp(k * log(b) - 2.0 * b - top);
    return top + log(sum);
}

/* ratio [n]: c_(i+1)/c_i, and ln c_0, of the background summed over whole numbers:
 * c_i = M_(m+n-i)/(i! (n-i)! m!), M_k the moments. */
static double discrete_bin(double n, double m, double *ratio)
{
    double moment = ln_moment(m + n), first = moment;

    for (int i = 0; i < (int)n; i++) {
        double next = ln_moment(m + n - i - 1.0);

        ratio[i] = (n - i) / (i + 1.0) * exp(next - moment);
        moment = next;
    }
    return first - lgamma(n + 1.0) - lgamma(m + 1.0);
}

/* The same of the background integrated: c_i = C(m+n-i, m) 2^-(m+n-i+1)/i!. */
static double continuous_bin(double n, double m, double *ratio)
{
    for (int i = 0; i < (int)n; i++)
        ratio[i] = (n - i) / (m + n - i) * 2.0 / (i + 1.0);
    return lgamma(m + n + 1.0) - lgamma(n + 1.0) - lgamma(m + 1.0) - (m + n + 1.0) * log(2.0);
}

/* ln L(0) of the background at its best value (n + m)/2, without the factorials. */
static double profiled_bin(double n, double m)
{
    return n + m > 0.0 ? (n + m) * (log(0.5 * (n + m)) - 1.0) : 0.0;
}

/* The largest power of two for which h stays below the limit of large numbers. */
static double limit_of(int n, const double *ratio)
{
    double s = 1.0;

    for (; n > 0 && s < 1e300; s *= 2.0) {
        double h = 1.0;

        for (int k = n - 1; k >= 0 && h < SEVENS_ON_OFF_LARGE; k--)
            h = 1.0 + ratio[k] * s * h;
        if (!(h < SEVENS_ON_OFF_LARGE))
            return 0.5 * s;
    }
    return HUGE_VAL;
}

/* Nodes and weights; those that fill up weigh nothing. */
static void fill_nodes(sevens_on_off *o, const sevens_nuisance *norm)
{
    double z[SEVENS_ON_OFF_NODES], weight[SEVENS_ON_OFF_NODES];
    int n = norm->fixed ? 1 : SEVENS_ON_OFF_NODES - 1;

    z[0] = norm->start;
    weight[0] = 1.0;
    o->zero = 0.0;
    if (!norm->fixed) {
        sevens_on_off_rule(norm->sigma, z, weight);
        o->zero = weight[n];
    }
    o->n_node = (n + FILL - 1) / FILL * FILL;
    for (int i = 0; i < o->n_node; i++) {
        o->z[i] = z[i < n ? i : n - 1];
        o->weight[i] = i < n ? weight[i] : 0.0;
    }
}

static void fill_head(sevens_on_off *o, const sevens_likelihood_part *part,
                      const sevens_nuisance *norm)
{
    int n = (int)part->n_bin;

    o->n_bin = n;
    o->is_profiled = part->on_off == SEVENS_ON_OFF_PROFILED;
    o->is_per_bin = part->on_off_per_bin && !norm->fixed;
    o->constant = n;
    o->limit = 2 * n;
    o->observed = 3 * n;
    o->off = 4 * n;
    o->ratio = 5 * n;
    o->offset = sevens_on_off_offset(part);
    fill_nodes(o, norm);
}

static void fill_bin(sevens_on_off_pack *pack, const sevens_likelihood_part *part, size_t b)
{
    sevens_on_off *o = pack->head;
    double n = part->observed[b], m = part->off[b], constant, limit;
    int *first = pack->first + b, degree = o->is_profiled ? 0 : (int)n;
    double *ratio = pack->data + o->ratio + first[0];

    first[1] = first[0] + degree;
    for (size_t c = 0; c < part->n_component; c++)
        pack->data[(size_t)o->beam + b] +=
            part->component[c].counts ? part->component[c].counts[b] : 0.0;
    if (o->is_profiled) {
        limit = profiled_bin(n, m);
        constant = limit - lgamma(n + 1.0) - lgamma(m + 1.0);
    } else {
        constant = part->on_off == SEVENS_ON_OFF_DISCRETE ? discrete_bin(n, m, ratio)
                                                          : continuous_bin(n, m, ratio);
        limit = limit_of(degree, ratio);
    }
    pack->data[(size_t)o->constant + b] = constant;
    pack->data[(size_t)o->limit + b] = limit;
    pack->data[(size_t)o->observed + b] = n;
    pack->data[(size_t)o->off + b] = m;
    o->total += constant;
}

sevens_status sevens_on_off_pack_create(sevens_on_off_pack *pack, const sevens_likelihood *l,
                                        sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_likelihood_part *part = &l->part[0];
    size_t n_data = 5 * part->n_bin;

    *pack = (sevens_on_off_pack){0};
    for (size_t b = 0; b < part->n_bin; b++)
        n_data += part->on_off == SEVENS_ON_OFF_PROFILED ? 0 : (size_t)part->observed[b];
    if (n_data > INT_MAX / 2)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%.3g counts are too many for a likelihood of the kind poisson-on-off "
                           "whose background is not at its best value",
                           (double)n_data);
    pack->bytes =
        sizeof *pack->head + n_data * sizeof *pack->data + (part->n_bin + 1) * sizeof *pack->first;
    pack->head = calloc(1, pack->bytes);
    SEVENS_TRY_ALLOC(pack->head);
    pack->data = (double *)(pack->head + 1);
    pack->first = (int *)(pack->data + n_data);
    fill_head(pack->head, part, &l->nuisance[part->first_nuisance]);
    for (size_t b = 0; b < part->n_bin; b++)
        fill_bin(pack, part, b);
cleanup:
    if (status != SEVENS_OK)
        sevens_on_off_pack_free(pack);
    return status;
}

void sevens_on_off_pack_free(sevens_on_off_pack *pack)
{
    free(pack->head);
    *pack = (sevens_on_off_pack){0};
}
