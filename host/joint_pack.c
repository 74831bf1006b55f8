/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flattens a likelihood into one block of numbers without pointers, so that it can be copied to a
 * GPU as it is: nuisances with the free ones first, bins of poisson parts without counts as
 * totals. */
#include "joint_pack.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(SEVENS_JOINT_MAX_PARTS == SEVENS_MAX_PARTS, "the kernel takes every likelihood");
_Static_assert(SEVENS_JOINT_MAX_NUISANCES == SEVENS_MAX_NUISANCES, "of any nuisances");
_Static_assert(SEVENS_JOINT_MAX_COMPONENTS == SEVENS_MAX_COMPONENTS, "of any components");
_Static_assert(SEVENS_JOINT_MAX_VARIANTS == 1 + SEVENS_RELEASE_MAX_SHAPES, "with any shapes");

/* ---- nuisances ---- */

/* What is left of each own pull when the shared ones stand at their best values; eq. 53. */
static void fill_own(sevens_joint *j, const sevens_likelihood *l, const int *place)
{
    for (size_t i = 0; i < l->n_nuisance; i++) {
        const sevens_nuisance *nuisance = &l->nuisance[i];
        double variance = nuisance->sigma * nuisance->sigma, *own = j->own[place[i]];

        j->owner[place[i]] = (int)nuisance->part;
        own[place[i]] = 1.0;
        for (size_t h = 0; h < l->n_shared; h++) {
            const sevens_shared_nuisance *shared = &l->shared[h];
            double width2 = shared->sigma * shared->sigma;
            bool shares = false;

            for (size_t m = 0; m < shared->n; m++)
                shares = shares || shared->nuisance[m] == i;
            for (size_t m = 0; shares && m < shared->n; m++) {
                for (size_t k = 0; k < l->n_nuisance; k++)
                    own[place[k]] -= width2 * l->weight[shared->nuisance[m]][k];
            }
            variance -= shares ? width2 : 0.0;
        }
        j->own_weight[place[i]] = nuisance->fixed || isinf(variance) ? 0.0 : 1.0 / variance;
    }
}

/* Shapes, and what is in the exponents of the background function. */
static bool is_curved(const sevens_likelihood *l, size_t i)
{
    size_t line;

    if (l->nuisance[i].kind != SEVENS_NUISANCE_FUNCTION)
        return l->nuisance[i].kind == SEVENS_NUISANCE_SHAPE;
    line = i - l->part[l->nuisance[i].part].first_line;
    return line != SEVENS_LINES_CONSTANT && line != SEVENS_LINES_TAIL &&
           line != SEVENS_LINES_HEIGHT;
}

/* place [n_nuisance]: where a nuisance of the likelihood stands. */
static void fill_nuisances(sevens_joint *j, const sevens_likelihood *l, int *place)
{
    j->n_nuisance = (int)l->n_nuisance;
    for (int fixed = 0; fixed < 2; fixed++) {
        for (size_t i = 0; i < l->n_nuisance; i++) {
            if (l->nuisance[i].fixed == (fixed == 1))
                place[i] = j->n_free++;
        }
    }
    j->n_free = 0;
    for (size_t i = 0; i < l->n_nuisance; i++) {
        const sevens_nuisance *nuisance = &l->nuisance[i];
        int at = place[i];

        j->n_free += nuisance->fixed ? 0 : 1;
        j->origin[at] = (int)i;
        j->is_function[at] = nuisance->kind == SEVENS_NUISANCE_FUNCTION;
        j->start[at] = nuisance->start;
        j->is_curved[at] = is_curved(l, i);
        j->centre[at] = nuisance->centre;
        j->lo[at] = nuisance->lo;
        j->hi[at] = nuisance->hi;
        for (size_t k = 0; k < l->n_nuisance; k++)
            j->weight[at][place[k]] = l->weight[i][k];
    }
    fill_own(j, l, place);
}

/* ---- parts ---- */

/* Room for n numbers of data. */
static int take(sevens_joint *j, int n)
{
    int at = j->n_data;

    j->n_data += n;
    return at;
}

static bool is_packed(const sevens_likelihood_part *from, size_t b)
{
    return from->kind != SEVENS_LIKELIHOOD_POISSON || from->observed[b] > 0.0;
}

/* Columns of the signal first. */
static void fill_components(sevens_joint *j, const sevens_likelihood_part *from, const int *place,
                            sevens_joint_part *part)
{
    int at = 0;

    for (int data = 0; data < 2; data++) {
        for (size_t c = 0; c < from->n_component; c++) {
            const sevens_component *component = &from->component[c];

            if ((component->counts != NULL) != (data == 1))
                continue;
            part->component[at] = (int)c;
            part->norm[at] = place[component->norm];
            part->shape[at] = component->shape == SEVENS_NONE ? -1 : place[component->shape];
            part->variant[at] = data ? -1 : (int)component->variant;
            part->counts[at] = data ? take(j, part->n_bin) : -1;
            part->is_free[at] =
                part->norm[at] < j->n_free || (part->shape[at] >= 0 && part->shape[at] < j->n_free);
            j->convex = j->convex && part->shape[at] < 0;
            j->shapes = j->shapes || (part->shape[at] >= 0 && part->shape[at] < j->n_free);
            part->n_own += data ? 0 : 1;
            at++;
        }
    }
    for (int k = part->n_component; k < part->n_column; k++)
        part->is_free[k] = part->line[k - part->n_component] < j->n_free;
}

/* Slopes to look for other minima at, evenly in their logarithm from bound to bound. */
static void fill_slopes(sevens_joint *j, sevens_joint_part *part)
{
    int n = SEVENS_JOINT_MAX_STARTS - 1, slope = part->line[SEVENS_LINES_SLOPE];
    double lo = fmax(j->lo[slope], 1e-3), hi = fmin(j->hi[slope], 1e3); /* keV */

    j->n_start = SEVENS_JOINT_MAX_STARTS;
    part->sloped = j->n_sloped++;
    part->tail = take(j, n * part->n_bin);
    for (int i = 1; i <= n; i++)
        part->slope[i] = lo * pow(hi / lo, (i - 1.0) / (n - 1.0));
}

/* Width of the bins when it is the same for all, else 0. Products from bin to bin make of
 * exp(-700), which is the least that the kernel knows, something at the end of a block; that must
 * stay nothing. */
static double step_of(const sevens_likelihood_part *from, double least_width)
{
    double step = (from->energy[from->n_bin - 1] - from->energy[0]) / (double)(from->n_bin - 1);
    double range = fabs(step) * (double)from->n_bin + fabs(from->lines.l2_keV - from->energy[0]);

    for (size_t b = 0; b < from->n_bin; b++) {
        if (!(fabs(from->energy[0] + (double)b * step - from->energy[b]) < 1e-12 * range))
            return 0.0;
    }
    return SEVENS_JOINT_MAX_BINS * step * range < 500.0 * least_width * least_width ? step : 0.0;
}

/* Sizes, places and nuisances of a part; the data follow when there is room for them. */
static void fill_part(sevens_joint *j, const sevens_likelihood *l, size_t p, const int *place)
{
    const sevens_likelihood_part *from = &l->part[p];
    sevens_joint_part *part = &j->part[p];
    bool poisson = from->kind == SEVENS_LIKELIHOOD_POISSON;
    bool lines = from->kind == SEVENS_LIKELIHOOD_GAUSS_BACKGROUND;

    part->kind = poisson ? SEVENS_JOINT_POISSON
                 : lines ? SEVENS_JOINT_GAUSS_LINES
                         : SEVENS_JOINT_GAUSS;
    for (size_t b = 0; b < from->n_bin; b++)
        part->n_bin += is_packed(from, b) ? 1 : 0;
    part->n_variant = (int)from->n_variant;
    part->n_component = (int)from->n_component;
    part->n_column = part->n_component + (lines ? SEVENS_N_LINES : 0);
    part->observed = take(j, part->n_bin);
    part->inverse_sigma = poisson ? -1 : take(j, part->n_bin);
    part->energy = lines ? take(j, part->n_bin) : -1;
    part->m_line = lines ? take(j, part->n_bin) : -1;
    part->lines = from->lines;
    part->step_keV =
        lines ? step_of(from, l->nuisance[from->first_line + SEVENS_LINES_WIDTH].lo) : 0.0;
    for (int k = 0; k < SEVENS_N_LINES; k++)
        part->line[k] = lines ? place[from->first_line + (size_t)k] : -1;
    fill_components(j, from, place, part);
    part->row = j->n_row;
    j->n_row += 6 + 3 * part->n_variant * (1 + part->n_bin);
    j->poisson = j->poisson || poisson;
    j->convex = j->convex && !lines;
    part->sloped = -1;
    if (lines && part->line[SEVENS_LINES_SLOPE] < j->n_free)
        fill_slopes(j, part);
}

/* Counts above the backgrounds; at least what chance makes of the counts. */
static double excess_of(const sevens_likelihood_part *from)
{
    double counts = 0.0, excess;

    for (size_t b = 0; b < from->n_bin; b++)
        counts += from->observed[b];
    excess = counts;
    for (size_t c = 0; c < from->n_component; c++) {
        const sevens_component *component = &from->component[c];

        for (size_t b = 0; component->counts && component->shape == SEVENS_NONE && b < from->n_bin;
             b++)
            excess -= component->counts[b];
    }
    return fmax(excess, sqrt(fmax(counts, 1.0)));
}

typedef struct counted_bin {
    double n;
    size_t b;
} counted_bin;

static int compare_counts(const void *a, const void *b)
{
    const counted_bin *first = a, *second = b;

    if (first->n != second->n)
        return first->n < second->n ? -1 : 1;
    return first->b < second->b ? -1 : 1;
}

/* Order of the bins in the data: poisson bins with equal counts together, those without any behind
 * the others. */
static sevens_status order_bins(const sevens_likelihood_part *from, size_t *bin, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    counted_bin *list = malloc((from->n_bin + 1) * sizeof *list);

    SEVENS_TRY_ALLOC(list);
    for (size_t b = 0; b < from->n_bin; b++)
        list[b] = (counted_bin){from->kind != SEVENS_LIKELIHOOD_POISSON ? 0.0
                                : is_packed(from, b)                    ? from->observed[b]
                                                                        : HUGE_VAL,
                                b};
    qsort(list, from->n_bin, sizeof *list, compare_counts);
    for (size_t i = 0; i < from->n_bin; i++)
        bin[i] = list[i].b;
cleanup:
    free(list);
    return status;
}

/* bin [n_bin of the part]: their order. */
static void fill_data(const sevens_likelihood_part *from, const size_t *bin,
                      sevens_joint_part *part, double *data)
{
    part->excess = part->kind == SEVENS_JOINT_POISSON ? excess_of(from) : 0.0;
    for (int i = 0; i < (int)from->n_bin; i++) {
        bool packed = i < part->n_bin;
        size_t b = bin[i];

        for (int c = part->n_own; c < part->n_component; c++) {
            double counts = from->component[part->component[c]].counts[b];

            if (packed)
                data[part->counts[c] + i] = counts;
            else
                part->empty[c] += counts;
        }
        if (!packed)
            continue;
        data[part->observed + i] = from->observed[b];
        if (part->inverse_sigma >= 0)
            data[part->inverse_sigma + i] = 1.0 / from->sigma[b];
        if (part->energy >= 0) {
            double d = (from->energy[b] - from->lines.m_keV) / from->lines.m_sigma_keV;

            data[part->energy + i] = from->energy[b];
            for (int k = 1; part->sloped >= 0 && k < SEVENS_JOINT_MAX_STARTS; k++)
                data[part->tail + (k - 1) * part->n_bin + i] =
                    exp(-from->energy[b] / part->slope[k]);
            data[part->m_line + i] = exp(-0.5 * d * d) / from->lines.m_sigma_keV;
        }
    }
}

sevens_status sevens_joint_pack_create(sevens_joint_pack *pack, const sevens_likelihood *l,
                                       sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_joint *head = calloc(1, sizeof *head);
    int place[SEVENS_MAX_NUISANCES];

    *pack = (sevens_joint_pack){.row_size = sevens_likelihood_row_size(l)};
    SEVENS_TRY_ALLOC(head);
    for (size_t p = 0; p < l->n_part; p++) {
        if (l->part[p].kind == SEVENS_LIKELIHOOD_POISSON_ON_OFF)
            SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT,
                                   "a likelihood of the kind poisson-on-off shares no nuisances"));
    }
    head->n_part = (int)l->n_part;
    head->convex = 1;
    head->n_start = 1;
    fill_nuisances(head, l, place);
    for (size_t p = 0; p < l->n_part; p++)
        fill_part(head, l, p, place);
    head->quadratic = head->convex && !head->poisson;
    head->n_work = sevens_joint_work_size(head);
    pack->bytes = sizeof *head + ((size_t)head->n_data + 1) * sizeof *pack->data;
    pack->joint = malloc(pack->bytes);
    SEVENS_TRY_ALLOC(pack->joint);
    pack->data = (double *)(pack->joint + 1);
    *pack->joint = *head;
    for (size_t p = 0; p < l->n_part; p++) {
        sevens_joint_part *part = &pack->joint->part[p];

        pack->part[p].n_all = l->part[p].n_bin;
        pack->part[p].first = sevens_likelihood_part_offset(l, p);
        pack->part[p].bin = malloc((l->part[p].n_bin + 1) * sizeof *pack->part[p].bin);
        SEVENS_TRY_ALLOC(pack->part[p].bin);
        SEVENS_TRY(order_bins(&l->part[p], pack->part[p].bin, err));
        fill_data(&l->part[p], pack->part[p].bin, part, pack->data);
    }
cleanup:
    if (status != SEVENS_OK)
        sevens_joint_pack_free(pack);
    free(head);
    return status;
}

void sevens_joint_pack_free(sevens_joint_pack *pack)
{
    for (size_t p = 0; p < SEVENS_JOINT_MAX_PARTS; p++)
        free(pack->part[p].bin);
    free(pack->joint);
    *pack = (sevens_joint_pack){0};
}

/* ---- rows ---- */

/* One term of one variant: the packed bins to `packed` and the sum of the others to `rest`. */
static void pack_term(const size_t *bin, size_t n_bin, size_t n_all, const double *counts,
                      double *packed, double *rest)
{
    *rest = 0.0;
    for (size_t i = 0; i < n_bin; i++)
        packed[i] = counts[bin[i]];
    for (size_t i = n_bin; i < n_all; i++)
        *rest += counts[bin[i]];
}

void sevens_joint_pack_signal(const sevens_joint_pack *pack, const double *signal, double *row)
{
    for (int p = 0; p < pack->joint->n_part; p++) {
        const sevens_joint_part *part = &pack->joint->part[p];
        size_t n = (size_t)part->n_bin, n_all = pack->part[p].n_all;
        size_t n_term = 3 * (size_t)part->n_variant;
        const double *from = signal + pack->part[p].first;
        double *to = row + part->row;

        for (size_t term = 0; term < 3; term++) {
            to[term] = to[3 + term] = 0.0;
            for (size_t b = 0; b < n_all; b++) {
                to[term] += from[term * n_all + b];
                to[3 + term] += fabs(from[term * n_all + b]);
            }
        }
        for (size_t term = 0; term < n_term; term++)
            pack_term(pack->part[p].bin, n, n_all, from + term * n_all, to + 6 + n_term + term * n,
                      to + 6 + term);
    }
}
