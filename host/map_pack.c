/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the filters of HDF5 do to a chunk, byte for byte: shuffle (all first bytes, all second
 * bytes,
 * ...), deflate (a zlib stream), fletcher32 (a checksum behind it). tests/test_map_pack.c holds
 * them against HDF5's own. */
#include "map_pack.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define CHECKSUM_BYTES 4
#define FLETCHER_RUN 360 /* words that 32-bit sums of 16-bit words take before they are folded */

struct sevens_map_packer {
    const sevens_map_layout *layout;
    unsigned char *chunk, *shuffled; /* of the largest field */
    z_stream stream;
    bool deflating; /* the stream is set up */
};

static size_t chunk_bytes(const sevens_map_layout *layout, int field)
{
    return layout->tile_points * sevens_map_store_size(layout->store[field]);
}

static size_t largest_chunk(const sevens_map_layout *layout)
{
    size_t most = 0;
    for (int f = 0; f < SEVENS_N_FIELD; f++)
        if (layout->planes[f] > 0 && chunk_bytes(layout, f) > most)
            most = chunk_bytes(layout, f);
    return most;
}

void sevens_map_packer_destroy(sevens_map_packer **packer)
{
    sevens_map_packer *p = *packer;
    *packer = NULL;
    if (p == NULL)
        return;
    if (p->deflating)
        deflateEnd(&p->stream);
    free(p->chunk);
    free(p->shuffled);
    free(p);
}

sevens_status sevens_map_packer_create(sevens_map_packer **packer, const sevens_map_layout *layout,
                                       sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_map_packer *p = calloc(1, sizeof *p);
    *packer = NULL;
    SEVENS_TRY_ALLOC(p);
    p->layout = layout;
    SEVENS_TRY_ALLOC(p->chunk = malloc(largest_chunk(layout)));
    SEVENS_TRY_ALLOC(p->shuffled = malloc(largest_chunk(layout)));
    p->deflating = deflateInit(&p->stream, SEVENS_MAP_DEFLATE_LEVEL) == Z_OK;
    SEVENS_TRY_ALLOC(p->deflating ? p : NULL);
    *packer = p;
    p = NULL;
cleanup:
    sevens_map_packer_destroy(&p);
    return status;
}

/* ---- One chunk ----------------------------------------------------------------------------- */

static inline void shuffle_fixed(const unsigned char *restrict in, size_t n, size_t size,
                                 unsigned char *restrict out)
{
    for (size_t b = 0; b < size; b++)
        for (size_t i = 0; i < n; i++)
            out[b * n + i] = in[i * size + b];
}

/* Vector code wants to know the size. */
static void shuffle(const unsigned char *in, size_t n, size_t size, unsigned char *out)
{
    if (size == 2)
        shuffle_fixed(in, n, 2, out);
    else if (size == 4)
        shuffle_fixed(in, n, 4, out);
    else
        shuffle_fixed(in, n, size, out);
}

/* Of big-endian 16-bit words, whatever the machine. */
static uint32_t fletcher32(const unsigned char *data, size_t n)
{
    uint32_t sum1 = 0, sum2 = 0;
    for (size_t words = n / 2; words > 0;) {
        size_t run = words < FLETCHER_RUN ? words : FLETCHER_RUN;
        words -= run;
        for (; run > 0; run--, data += 2) {
            sum1 += (uint32_t)data[0] << 8 | data[1];
            sum2 += sum1;
        }
        sum1 = (sum1 & 0xffff) + (sum1 >> 16);
        sum2 = (sum2 & 0xffff) + (sum2 >> 16);
    }
    if (n % 2 != 0) {
        sum1 += (uint32_t)data[0] << 8;
        sum2 += sum1;
        sum1 = (sum1 & 0xffff) + (sum1 >> 16);
        sum2 = (sum2 & 0xffff) + (sum2 >> 16);
    }
    sum1 = (sum1 & 0xffff) + (sum1 >> 16);
    sum2 = (sum2 & 0xffff) + (sum2 >> 16);
    return sum2 << 16 | sum1;
}

/* A zlib stream; `room` is that of compressBound, so that all of it finds place. */
static size_t deflated(z_stream *stream, const unsigned char *in, size_t n, unsigned char *out,
                       size_t room)
{
    deflateReset(stream);
    stream->next_in = (unsigned char *)in; /* only read from */
    stream->avail_in = (uInt)n;
    stream->next_out = out;
    stream->avail_out = (uInt)room;
    deflate(stream, Z_FINISH);
    return room - stream->avail_out;
}

/* Returns the length of the filtered chunk. */
static size_t filter(sevens_map_packer *p, int field, const unsigned char *chunk,
                     unsigned char *out)
{
    size_t n = chunk_bytes(p->layout, field), size = sevens_map_store_size(p->layout->store[field]);
    if (p->layout->compress) {
        if (size > 1) {
            shuffle(chunk, p->layout->tile_points, size, p->shuffled);
            chunk = p->shuffled;
        }
        n = deflated(&p->stream, chunk, n, out, compressBound(n));
    } else {
        memcpy(out, chunk, n);
    }
    uint32_t sum = fletcher32(out, n);
    for (int b = 0; b < CHECKSUM_BYTES; b++)
        out[n + (size_t)b] = (unsigned char)(sum >> 8 * b);
    return n + CHECKSUM_BYTES;
}

/* ---- From box to chunk --------------------------------------------------------------------- */

/* A chunk is as large as a whole tile: at the upper edges of the grid the box fills only a part of
 * it, and the rest has the fill value. Returns the box itself where it is the whole. */
static const unsigned char *whole_chunk(sevens_map_packer *p, int field, const size_t *extent,
                                        const unsigned char *box)
{
    const sevens_map_layout *layout = p->layout;
    size_t size = sevens_map_store_size(layout->store[field]), last = layout->n_axis - 1, rows = 1;
    size_t index[SEVENS_MAP_MAX_AXES] = {0}, run = extent[last] * size;
    bool partial = false;
    for (size_t a = 0; a < layout->n_axis; a++) {
        partial = partial || extent[a] < layout->tile[a];
        rows *= a < last ? extent[a] : 1;
    }
    if (!partial)
        return box;
    for (size_t i = 0; i < layout->tile_points; i++)
        memcpy(p->chunk + i * size, sevens_map_fill_value(layout->store[field]), size);
    for (size_t r = 0; r < rows; r++) {
        size_t to = 0;
        for (size_t a = 0; a <= last; a++)
            to = to * layout->tile[a] + index[a];
        memcpy(p->chunk + to * size, box + r * run, run);
        for (size_t a = last; a-- > 0 && ++index[a] == extent[a];)
            index[a] = 0;
    }
    return p->chunk;
}

/* ---- Records ------------------------------------------------------------------------------- */

size_t sevens_map_n_chunks(const sevens_map_layout *layout)
{
    size_t n = 0;
    for (int f = 0; f < SEVENS_N_FIELD; f++)
        n += layout->planes[f];
    return n;
}

size_t sevens_map_record_room(const sevens_map_layout *layout)
{
    size_t room = sevens_map_n_chunks(layout) * (sizeof(uint64_t) + CHECKSUM_BYTES);
    for (int f = 0; f < SEVENS_N_FIELD; f++)
        room += layout->planes[f] * compressBound(chunk_bytes(layout, f));
    return room;
}

size_t sevens_map_pack(sevens_map_packer *packer, size_t tile, const unsigned char *payload,
                       unsigned char *record)
{
    const sevens_map_layout *layout = packer->layout;
    size_t offset[SEVENS_MAP_MAX_AXES], extent[SEVENS_MAP_MAX_AXES], at[SEVENS_N_FIELD], c = 0;
    size_t points = sevens_map_layout_box(layout, tile, offset, extent);
    size_t length = sevens_map_n_chunks(layout) * sizeof(uint64_t);
    sevens_map_payload_bytes(layout, points, at);
    for (int f = 0; f < SEVENS_N_FIELD; f++) {
        size_t plane = points * sevens_map_store_size(layout->store[f]);
        for (size_t k = 0; k < layout->planes[f]; k++, c++) {
            const unsigned char *box = payload + at[f] + k * plane;
            uint64_t size = filter(packer, f, whole_chunk(packer, f, extent, box), record + length);
            memcpy(record + c * sizeof size, &size, sizeof size);
            length += (size_t)size;
        }
    }
    return length;
}

bool sevens_map_record_whole(const sevens_map_layout *layout, const unsigned char *record,
                             size_t length)
{
    size_t n = sevens_map_n_chunks(layout), used = n * sizeof(uint64_t);
    if (length < used)
        return false;
    for (size_t c = 0; c < n; c++) {
        uint64_t size;
        memcpy(&size, record + c * sizeof size, sizeof size);
        if (size > length - used)
            return false;
        used += (size_t)size;
    }
    return used == length;
}

const unsigned char *sevens_map_record_chunk(const sevens_map_layout *layout,
                                             const unsigned char *record, size_t c, size_t *size)
{
    size_t at = sevens_map_n_chunks(layout) * sizeof(uint64_t);
    uint64_t bytes = 0;
    for (size_t i = 0; i <= c; i++) {
        at += (size_t)bytes;
        memcpy(&bytes, record + i * sizeof bytes, sizeof bytes);
    }
    *size = (size_t)bytes;
    return record + at;
}
