/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tiles of a map and their encoded form. Pure arithmetic: no file is touched here. The layout of a
 * payload is, for every field in the order of sevens_map_field, [planes][points] values in the
 * stored type, each field padded to 8 bytes. */
#include "map_layout.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define STATUS_PENDING 0
#define STATUS_OK 1
#define STATUS_UNCONVERGED 2

size_t sevens_map_store_size(sevens_map_store store)
{
    static const size_t size[] = {[SEVENS_STORE_F64] = sizeof(double),
                                  [SEVENS_STORE_F32] = sizeof(float),
                                  [SEVENS_STORE_I16] = sizeof(int16_t),
                                  [SEVENS_STORE_U8] = sizeof(uint8_t)};
    return size[store];
}

const void *sevens_map_fill_value(sevens_map_store store)
{
    static const double f64 = (double)NAN;
    static const float f32 = NAN;
    static const int16_t i16 = SEVENS_MAP_I16_FILL;
    static const uint8_t u8 = STATUS_PENDING;
    return store == SEVENS_STORE_F64   ? (const void *)&f64
           : store == SEVENS_STORE_F32 ? (const void *)&f32
           : store == SEVENS_STORE_I16 ? (const void *)&i16
                                       : (const void *)&u8;
}

bool sevens_map_field_profiled(sevens_map_field field)
{
    return field >= SEVENS_FIELD_PROFILED && field < SEVENS_FIELD_DERIVED;
}

bool sevens_map_field_derived(sevens_map_field field)
{
    return field >= SEVENS_FIELD_DERIVED && field < SEVENS_FIELD_STATUS;
}

const char *sevens_map_field_name(const sevens_map_layout *layout, sevens_map_field field)
{
    static const char *const name[] = {[SEVENS_FIELD_CHI2] = "chi2",
                                       [SEVENS_FIELD_EXPERIMENT] = "chi2_experiment",
                                       [SEVENS_FIELD_PULL] = "pull",
                                       [SEVENS_FIELD_STATUS] = "status"};
    if (sevens_map_field_profiled(field))
        return layout->profiled_name[field - SEVENS_FIELD_PROFILED];
    return sevens_map_field_derived(field) ? layout->derived_name[field - SEVENS_FIELD_DERIVED]
                                           : name[field];
}

bool sevens_map_field_stacked(sevens_map_field field)
{
    return field == SEVENS_FIELD_EXPERIMENT || field == SEVENS_FIELD_PULL;
}

static void set_fields(sevens_map_layout *layout)
{
    bool f64 = layout->precision == SEVENS_MAP_F64;
    layout->planes[SEVENS_FIELD_CHI2] = 1;
    layout->planes[SEVENS_FIELD_EXPERIMENT] = layout->n_experiment > 1 ? layout->n_experiment : 0;
    layout->planes[SEVENS_FIELD_PULL] = layout->pulls ? layout->n_nuisance : 0;
    layout->planes[SEVENS_FIELD_STATUS] = 1;
    layout->store[SEVENS_FIELD_CHI2] = layout->precision == SEVENS_MAP_I16
                                           ? SEVENS_STORE_I16
                                           : (f64 ? SEVENS_STORE_F64 : SEVENS_STORE_F32);
    /* one offset cannot serve every experiment, so that i16 keeps these as f32 */
    layout->store[SEVENS_FIELD_EXPERIMENT] = f64 ? SEVENS_STORE_F64 : SEVENS_STORE_F32;
    layout->store[SEVENS_FIELD_PULL] = SEVENS_STORE_F32;
    for (size_t k = 0; k < layout->n_profiled; k++)
        layout->planes[SEVENS_FIELD_PROFILED + k] = 1;
    for (size_t k = 0; k < SEVENS_MAP_MAX_PROFILED; k++) /* few different values: they compress */
        layout->store[SEVENS_FIELD_PROFILED + k] = SEVENS_STORE_F64;
    for (size_t k = 0; k < layout->n_derived; k++)
        layout->planes[SEVENS_FIELD_DERIVED + k] = 1;
    for (size_t k = 0; k < SEVENS_MAP_MAX_DERIVED; k++)
        layout->store[SEVENS_FIELD_DERIVED + k] = SEVENS_STORE_F64;
    layout->store[SEVENS_FIELD_STATUS] = SEVENS_STORE_U8;
}

static sevens_status set_axes(sevens_map_layout *layout, const sevens_map_header *header,
                              sevens_error *err)
{
    uint64_t points = 1;
    layout->n_tiles = layout->tile_points = 1;
    for (size_t a = 0; a < header->n_axis; a++) {
        size_t n = header->axis[a].n, tile = header->tile[a];
        if (n == 0 || tile == 0)
            return sevens_fail(err, SEVENS_ERR_INPUT, "map: axis %s has no points or no tile size",
                               header->axis[a].name);
        if (n > SEVENS_MAP_MAX_POINTS / points)
            return sevens_fail(err, SEVENS_ERR_INPUT, "map: more than 2^40 points");
        points *= n;
        layout->n[a] = n;
        layout->tile[a] = tile < n ? tile : n;
        layout->tiles[a] = (n + layout->tile[a] - 1) / layout->tile[a];
        layout->n_tiles *= layout->tiles[a];
        layout->tile_points *= layout->tile[a];
    }
    /* HDF5 chunks are limited to 4 GiB */
    if (layout->tile_points > ((size_t)1 << 28))
        return sevens_fail(err, SEVENS_ERR_INPUT, "map: a tile of %zu points is too large",
                           layout->tile_points);
    return SEVENS_OK;
}

sevens_status sevens_map_layout_init(sevens_map_layout *layout, const sevens_map_header *header,
                                     sevens_error *err)
{
    memset(layout, 0, sizeof *layout);
    if (header->n_axis < 1 || header->n_axis > SEVENS_MAP_MAX_AXES)
        return sevens_fail(err, SEVENS_ERR_INPUT, "map: %zu axes; 1 to %d can be stored",
                           header->n_axis, SEVENS_MAP_MAX_AXES);
    if (header->n_profiled > SEVENS_MAP_MAX_PROFILED)
        return sevens_fail(err, SEVENS_ERR_INPUT, "map: %zu profiled parameters; at most %d",
                           header->n_profiled, SEVENS_MAP_MAX_PROFILED);
    if (header->n_derived > SEVENS_MAP_MAX_DERIVED)
        return sevens_fail(err, SEVENS_ERR_INPUT, "map: %zu derived quantities; at most %d",
                           header->n_derived, SEVENS_MAP_MAX_DERIVED);
    layout->n_axis = header->n_axis;
    layout->n_profiled = header->n_profiled;
    for (size_t k = 0; k < header->n_profiled; k++)
        snprintf(layout->profiled_name[k], sizeof layout->profiled_name[k], "profiled_%s",
                 header->profiled[k].name);
    layout->n_derived = header->n_derived;
    for (size_t k = 0; k < header->n_derived; k++)
        snprintf(layout->derived_name[k], sizeof layout->derived_name[k], "derived_%s",
                 header->derived[k].name);
    layout->n_experiment = header->n_experiment;
    layout->n_nuisance = header->n_nuisance;
    layout->pulls = header->pulls;
    layout->compress = header->compress;
    layout->precision = header->precision;
    if (header->precision == SEVENS_MAP_I16 && isfinite(header->chi2_offset))
        layout->add_offset = rint(header->chi2_offset);
    set_fields(layout);
    return set_axes(layout, header, err);
}

size_t sevens_map_layout_box(const sevens_map_layout *layout, size_t tile, size_t *offset,
                             size_t *extent)
{
    size_t points = 1;
    for (size_t a = layout->n_axis; a-- > 0;) {
        offset[a] = tile % layout->tiles[a] * layout->tile[a];
        tile /= layout->tiles[a];
        size_t left = layout->n[a] - offset[a];
        extent[a] = left < layout->tile[a] ? left : layout->tile[a];
        points *= extent[a];
    }
    return points;
}

size_t sevens_map_payload_bytes(const sevens_map_layout *layout, size_t points, size_t *offset)
{
    size_t bytes = 0;
    for (int f = 0; f < SEVENS_N_FIELD; f++) {
        offset[f] = bytes;
        bytes += (layout->planes[f] * points * sevens_map_store_size(layout->store[f]) + 7) / 8 * 8;
    }
    return bytes;
}

/* Adding and taking away 1.5 * 2^52 rounds to a whole number as rint() does, half to even, and is
 * vector code on every processor. Numbers beyond 2^51 have no fraction to round. */
static double whole(double x)
{
    const double shift = 6755399441055744.0;
    return (x + shift) - shift;
}

static void encode_f32(const double *value, size_t n, float *out)
{
    /* zeros in the low bits are what makes shuffle + deflate small and fast */
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        out[i] = (float)(whole(value[i] / SEVENS_MAP_F32_STEP) * SEVENS_MAP_F32_STEP);
}

static void encode_i16(double add_offset, const double *value, size_t n, int16_t *out)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        double steps = (value[i] - add_offset) / SEVENS_MAP_I16_STEP;
        steps = steps > 32767 ? 32767 : steps;
        steps = steps < -32767 ? -32767 : steps;
        steps = isnan(steps) ? SEVENS_MAP_I16_FILL : steps;
        out[i] = (int16_t)(int)whole(steps);
    }
}

static void encode_reals(sevens_map_store store, double add_offset, const double *value, size_t n,
                         void *out)
{
    if (store == SEVENS_STORE_F64)
        memcpy(out, value, n * sizeof *value);
    else if (store == SEVENS_STORE_F32)
        encode_f32(value, n, out);
    else
        encode_i16(add_offset, value, n, out);
}

void sevens_map_encode(const sevens_map_layout *layout, const sevens_map_tile *tile, size_t points,
                       unsigned char *payload)
{
    size_t at[SEVENS_N_FIELD];
    sevens_map_payload_bytes(layout, points, at);
    encode_reals(layout->store[SEVENS_FIELD_CHI2], layout->add_offset, tile->chi2, points,
                 payload + at[SEVENS_FIELD_CHI2]);
    size_t n = layout->planes[SEVENS_FIELD_EXPERIMENT] * points;
    if (n > 0)
        encode_reals(layout->store[SEVENS_FIELD_EXPERIMENT], 0, tile->chi2_experiment, n,
                     payload + at[SEVENS_FIELD_EXPERIMENT]);
    n = layout->planes[SEVENS_FIELD_PULL] * points;
    if (n > 0)
        memcpy(payload + at[SEVENS_FIELD_PULL], tile->pull, n * sizeof(float));
    for (size_t k = 0; k < layout->n_profiled; k++)
        memcpy(payload + at[SEVENS_FIELD_PROFILED + k], tile->profiled + k * points,
               points * sizeof(double));
    for (size_t k = 0; k < layout->n_derived; k++)
        memcpy(payload + at[SEVENS_FIELD_DERIVED + k], tile->derived + k * points,
               points * sizeof(double));
    memcpy(payload + at[SEVENS_FIELD_STATUS], tile->status, points);
}

static void decode_chi2(const sevens_map_layout *layout, const void *stored, size_t n, double *chi2)
{
    sevens_map_store store = layout->store[SEVENS_FIELD_CHI2];
    for (size_t i = 0; i < n; i++) {
        if (store == SEVENS_STORE_F64) {
            chi2[i] = ((const double *)stored)[i];
        } else if (store == SEVENS_STORE_F32) {
            chi2[i] = (double)((const float *)stored)[i];
        } else {
            int16_t steps = ((const int16_t *)stored)[i];
            chi2[i] = steps == SEVENS_MAP_I16_FILL
                          ? (double)NAN
                          : steps * SEVENS_MAP_I16_STEP + layout->add_offset;
        }
    }
}

void sevens_map_decode(const sevens_map_layout *layout, const unsigned char *payload, size_t points,
                       double *chi2, uint8_t *status, double *profiled)
{
    size_t at[SEVENS_N_FIELD];
    sevens_map_payload_bytes(layout, points, at);
    decode_chi2(layout, payload + at[SEVENS_FIELD_CHI2], points, chi2);
    for (size_t k = 0; k < layout->n_profiled && profiled != NULL; k++)
        memcpy(profiled + k * points, payload + at[SEVENS_FIELD_PROFILED + k],
               points * sizeof(double));
    memcpy(status, payload + at[SEVENS_FIELD_STATUS], points);
}

double sevens_map_layout_stored(const sevens_map_layout *layout, double chi2)
{
    double stored, value;
    encode_reals(layout->store[SEVENS_FIELD_CHI2], layout->add_offset, &chi2, 1, &stored);
    decode_chi2(layout, &stored, 1, &value);
    return value;
}

double sevens_map_layout_rounding(const sevens_map_layout *layout)
{
    sevens_map_store store = layout->store[SEVENS_FIELD_CHI2];
    return store == SEVENS_STORE_F64   ? 0.0
           : store == SEVENS_STORE_F32 ? 0.5 * SEVENS_MAP_F32_STEP
                                       : 0.5 * SEVENS_MAP_I16_STEP;
}

bool sevens_map_payload_whole(const sevens_map_layout *layout, const unsigned char *payload,
                              size_t points)
{
    size_t at[SEVENS_N_FIELD];
    sevens_map_payload_bytes(layout, points, at);
    const unsigned char *status = payload + at[SEVENS_FIELD_STATUS];
    const void *chi2 = payload + at[SEVENS_FIELD_CHI2];
    for (size_t i = 0; i < points; i++) {
        bool none = layout->store[SEVENS_FIELD_CHI2] == SEVENS_STORE_F64
                        ? isnan(((const double *)chi2)[i])
                    : layout->store[SEVENS_FIELD_CHI2] == SEVENS_STORE_F32
                        ? isnan(((const float *)chi2)[i])
                        : ((const int16_t *)chi2)[i] == SEVENS_MAP_I16_FILL;
        if (status[i] == STATUS_PENDING ||
            (none && (status[i] == STATUS_OK || status[i] == STATUS_UNCONVERGED)))
            return false;
    }
    return true;
}
