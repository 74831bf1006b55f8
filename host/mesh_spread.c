/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weights from channels to bins of a release as a matrix for vector lanes; see mesh.h. */
#include "mesh.h"
#include <stdlib.h>
#include <string.h>

static const double *weights_of(const sevens_release *release, const sevens_shape *shape, size_t f)
{
    bool own = shape && shape->of == SEVENS_SHAPE_SPREAD;

    return own ? shape->weight[f] : release->flux[f].weight;
}

/* Flux classes that have the same weights belong together; from [n_group]: one class of each. */
static void group_fluxes(sevens_bin_spread *s, const sevens_release *release,
                         const sevens_shape *shape, size_t from[SEVENS_RELEASE_MAX_FLUX])
{
    size_t n = release->spread.first[release->n_bin];

    for (size_t f = 0; f < release->n_flux; f++) {
        size_t g = 0;

        while (g < s->n_group && memcmp(weights_of(release, shape, from[g]),
                                        weights_of(release, shape, f), n * sizeof(double)) != 0)
            g++;
        if (g == s->n_group)
            from[s->n_group++] = f;
        s->group[f] = g;
    }
}

/* The channels of every tile, and where its weights begin; returns how many weights there are. */
static size_t lay_out(sevens_bin_spread *s, const sevens_release *release)
{
    const sevens_spread *from = &release->spread;
    size_t size = 0, end;

    for (size_t b = 0, tile = 0; b < release->n_bin; b = end, tile++) {
        sevens_node_range *range = &s->channel[tile];

        end = b + SEVENS_CHANNEL_TILE;
        end = end < release->n_bin ? end : release->n_bin;
        for (size_t e = from->first[b]; e < from->first[end]; e++) {
            size_t channel = from->channel[e];

            range->lo = range->hi == 0 || channel < range->lo ? channel : range->lo;
            range->hi = channel >= range->hi ? channel + 1 : range->hi;
        }
        s->first[tile] = size;
        size += s->n_group * (range->hi - range->lo) * SEVENS_CHANNEL_TILE;
    }
    return size;
}

static void fill_group(sevens_bin_spread *s, const sevens_release *release, const double *weight,
                       size_t g)
{
    const sevens_spread *from = &release->spread;

    for (size_t b = 0; b < release->n_bin; b++) {
        size_t tile = b / SEVENS_CHANNEL_TILE;
        const sevens_node_range *range = &s->channel[tile];
        size_t first = s->first[tile] + b % SEVENS_CHANNEL_TILE;

        for (size_t e = from->first[b]; e < from->first[b + 1]; e++) {
            size_t row = g * (range->hi - range->lo) + from->channel[e] - range->lo;

            s->weight[first + row * SEVENS_CHANNEL_TILE] += weight[e];
        }
    }
}

sevens_status sevens_bin_spread_fill(sevens_bin_spread *s, const sevens_release *release,
                                     const sevens_shape *shape, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t n_tile = release->n_bin / SEVENS_CHANNEL_TILE + 1, from[SEVENS_RELEASE_MAX_FLUX], size;

    *s = (sevens_bin_spread){0};
    group_fluxes(s, release, shape, from);
    SEVENS_TRY_ALLOC(s->channel = calloc(n_tile, sizeof *s->channel));
    SEVENS_TRY_ALLOC(s->first = calloc(n_tile, sizeof *s->first));
    size = lay_out(s, release);
    SEVENS_TRY_ALLOC(s->weight = sevens_tiles_alloc(size));
    memset(s->weight, 0, size * sizeof *s->weight);
    for (size_t g = 0; g < s->n_group; g++)
        fill_group(s, release, weights_of(release, shape, from[g]), g);
cleanup:
    return status;
}

void sevens_bin_spread_free(sevens_bin_spread *s)
{
    free(s->channel);
    free(s->first);
    free(s->weight);
    *s = (sevens_bin_spread){0};
}
