/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "row_pack.h"
#include <math.h>
#include <stdlib.h>

#define MOST_COUNTS 1e6 /* of a bin: sums of exponents stay exact in single precision */

bool sevens_row_pack_takes(const sevens_likelihood *l)
{
    const sevens_likelihood_part *part = &l->part[0];

    if (!sevens_likelihood_is_plain(l) || l->n_nuisance > SEVENS_ROW_MAX_NORMS || l->n_shared > 0)
        return false;
    for (size_t k = 0; k < l->n_nuisance; k++) {
        const sevens_nuisance *norm = &l->nuisance[k];

        if (norm->centre != 1.0 || norm->lo != 0.0 || norm->hi < INFINITY ||
            (norm->fixed && norm->start != 1.0))
            return false;
    }
    for (size_t c = 0; c < part->n_component; c++) {
        const sevens_component *component = &part->component[c];

        if (component->shape != SEVENS_NONE ||
            (component->norm == 0) != (component->counts == NULL))
            return false;
    }
    return part->n_variant == 1;
}

/* Adds the backgrounds whose norm is k in bin b. */
static double background(const sevens_likelihood_part *part, size_t k, size_t b)
{
    double sum = 0.0;

    for (size_t c = 0; c < part->n_component; c++) {
        if (part->component[c].norm == k && part->component[c].counts)
            sum += part->component[c].counts[b];
    }
    return sum;
}

static void fill_constants(sevens_row_constants *c, const sevens_likelihood *l)
{
    const sevens_likelihood_part *part = &l->part[0];

    double least = 1.0;

    c->n_norm = (int)l->n_nuisance;
    for (size_t b = 0; b < part->n_bin; b++) {
        double n = part->observed[b], mu0 = part->reference[b];

        if (!(n > 0.0))
            continue;
        c->n_count++;
        c->counts += n;
        c->reference += mu0;
        c->offset += 2.0 * (mu0 - n + n * log(n / mu0));
        c->small_counts |= n < 1.0;
        least = fmin(least, n);
    }
    c->counts = c->excess = fmax(c->counts, 1.0);
    c->per_count = 1.0 / c->counts;
    c->caution = cbrt(least);
    for (size_t k = 0; k < l->n_nuisance; k++) {
        c->fixed[k] = l->nuisance[k].fixed;
        c->weight[k] = l->nuisance[k].fixed ? 0.0 : l->weight[k][k];
        for (size_t b = 0; b < part->n_bin && k > 0; b++)
            c->total[k] += background(part, k, b);
        c->excess -= c->total[k];
    }
    c->excess = fmax(c->excess, sqrt(c->counts));
}

static void round_constants(sevens_row_pack *pack)
{
    size_t K = (size_t)pack->constants.n_norm;

    pack->constants_f32 = pack->constants;
    for (size_t i = 0; i < (size_t)pack->constants.n_count; i++) {
        for (size_t k = 1; k < K; k++) {
            double error = (double)pack->bins_f32[i * K + k] - pack->bins[i * K + k];

            pack->constants_f32.total[k] += error / pack->inverse[i];
        }
    }
}

typedef struct counted_bin {
    size_t index;
    double n;
} counted_bin;

/* Largest counts first, then as in the likelihood. */
static int compare_bins(const void *a, const void *b)
{
    const counted_bin *p = a, *q = b;

    return p->n != q->n ? (p->n < q->n) - (p->n > q->n)
                        : (p->index > q->index) - (p->index < q->index);
}

/* The bins with counts in the order of the kernel, and their groups. */
static sevens_status sort_bins(sevens_row_pack *pack, const sevens_likelihood_part *part,
                               sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n = (size_t)pack->constants.n_count, i = 0;
    counted_bin *sorted = malloc((n + 1) * sizeof *sorted);
    sevens_row_groups *groups = &pack->groups;
    bool whole = true;

    SEVENS_TRY_ALLOC(sorted);
    for (size_t b = 0; b < part->n_bin; b++) {
        if (part->observed[b] > 0.0)
            sorted[i++] = (counted_bin){b, part->observed[b]};
    }
    qsort(sorted, n, sizeof *sorted, compare_bins);
    for (i = 0; i < n; i++) {
        pack->bin[i] = sorted[i].index;
        whole &= sorted[i].n == floor(sorted[i].n) && sorted[i].n < MOST_COUNTS;
    }
    for (i = 0; i < n && whole; i++) {
        if (i == 0 || sorted[i].n != sorted[i - 1].n)
            groups->n++;
        pack->of_bin[i] = groups->n - 1;
        pack->end[groups->n - 1] = (int)i + 1;
        pack->power[groups->n - 1] = (int)(sorted[i].n - (i + 1 < n ? sorted[i + 1].n : 0.0));
    }
    groups->of_bin = pack->of_bin;
    groups->end = pack->end;
    groups->power = pack->power;
cleanup:
    free(sorted);
    return status;
}

sevens_status sevens_row_pack_create(sevens_row_pack *pack, const sevens_likelihood *l,
                                     sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const sevens_likelihood_part *part = &l->part[0];
    size_t K = l->n_nuisance, n;

    *pack = (sevens_row_pack){.n_bin = part->n_bin};
    fill_constants(&pack->constants, l);
    n = (size_t)pack->constants.n_count;
    SEVENS_TRY_ALLOC(pack->bin = malloc((n + 1) * sizeof *pack->bin));
    SEVENS_TRY_ALLOC(pack->of_bin = calloc(n + 1, sizeof *pack->of_bin));
    SEVENS_TRY_ALLOC(pack->end = calloc(n + 1, sizeof *pack->end));
    SEVENS_TRY_ALLOC(pack->power = calloc(n + 1, sizeof *pack->power));
    SEVENS_TRY_ALLOC(pack->inverse = calloc(n + 1, sizeof *pack->inverse));
    SEVENS_TRY_ALLOC(pack->bins = calloc(n * K + 1, sizeof *pack->bins));
    SEVENS_TRY_ALLOC(pack->bins_f32 = calloc(n * K + 1, sizeof *pack->bins_f32));
    SEVENS_TRY(sort_bins(pack, part, err));
    for (size_t i = 0; i < n; i++) {
        size_t b = pack->bin[i];

        pack->inverse[i] = 1.0 / part->reference[b];
        pack->bins[i * K] = part->observed[b];
        for (size_t k = 1; k < K; k++)
            pack->bins[i * K + k] = background(part, k, b) * pack->inverse[i];
        for (size_t k = 0; k < K; k++)
            pack->bins_f32[i * K + k] = (float)pack->bins[i * K + k];
    }
    round_constants(pack);
cleanup:
    if (status != SEVENS_OK)
        sevens_row_pack_free(pack);
    return status;
}

void sevens_row_pack_free(sevens_row_pack *pack)
{
    free(pack->bin);
    free(pack->of_bin);
    free(pack->end);
    free(pack->power);
    free(pack->inverse);
    free(pack->bins);
    free(pack->bins_f32);
    *pack = (sevens_row_pack){0};
}

void sevens_row_pack_signal(const sevens_row_pack *pack, const double *signal, double *row,
                            double *total)
{
    size_t n = (size_t)pack->constants.n_count;

    for (size_t term = 0; term < 3; term++) {
        const double *counts = signal + term * pack->n_bin;
        double sum = 0.0;

        for (size_t b = 0; b < pack->n_bin; b++)
            sum += counts[b];
        total[term] = sum;
        for (size_t i = 0; i < n; i++)
            row[3 * i + term] = counts[pack->bin[i]] * pack->inverse[i];
    }
}

void sevens_row_pack_round(const sevens_row_pack *pack, const double *row, float *row_f32,
                           double *total)
{
    for (size_t i = 0; i < 3 * (size_t)pack->constants.n_count; i++) {
        row_f32[i] = (float)row[i];
        total[i % 3] += ((double)row_f32[i] - row[i]) / pack->inverse[i / 3];
    }
}
