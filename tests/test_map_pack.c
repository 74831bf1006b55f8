/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks that were filtered here against those that HDF5's own filters make of the same values, and
 * the queue on which tiles go from the scan to the file. */
#include "test_map_support.h"

#include "map_pack.h"
#include "map_queue.h"
#include <time.h>
#include <zlib.h>

static char folder[256], path[300];
static sevens_error err;

static void setup(void)
{
    test_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/map.h5", folder);
}

static void teardown(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

/* ---- Filters ------------------------------------------------------------------------------- */

#define MAX_CHUNK 65536

/* The chunk at an offset, without its checksum, and inflated. */
static size_t read_chunk(hid_t dataset, const hsize_t *offset, bool compressed, unsigned char *out)
{
    static unsigned char raw[MAX_CHUNK];
    hsize_t size = 0;
    uint32_t mask = 0;
    ck_assert_int_ge(H5Dget_chunk_storage_size(dataset, offset, &size), 0);
    ck_assert_uint_gt(size, 4);
    ck_assert_uint_le(size, MAX_CHUNK);
    ck_assert_int_ge(H5Dread_chunk(dataset, H5P_DEFAULT, offset, &mask, raw), 0);
    ck_assert_uint_eq(mask, 0);
    uLong n = MAX_CHUNK;
    if (!compressed) {
        memcpy(out, raw, size);
        return size; /* the checksum with it */
    }
    ck_assert_int_eq(uncompress(out, &n, raw, size - 4), Z_OK);
    return n;
}

/* Writes all values of a dataset of the map into one with the same properties. */
static hid_t copy_by_hdf5(hid_t from, hid_t file, const char *name)
{
    hid_t space = H5Dget_space(from), type = H5Dget_type(from), list = H5Dget_create_plist(from);
    hid_t to = H5Dcreate2(file, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    size_t n = (size_t)H5Sget_simple_extent_npoints(space);
    void *value = malloc(n * H5Tget_size(type));
    ck_assert_int_ge(to, 0);
    ck_assert_int_ge(H5Dread(from, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value), 0);
    ck_assert_int_ge(H5Dwrite(to, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value), 0);
    free(value);
    H5Pclose(list);
    H5Tclose(type);
    H5Sclose(space);
    return to;
}

/* Every chunk of a dataset of rank 2 (or 3, when it is stacked). */
static size_t compare_chunks(hid_t ours, hid_t theirs, const scenario *s, bool compressed)
{
    static unsigned char a[MAX_CHUNK], b[MAX_CHUNK];
    hid_t space = H5Dget_space(ours);
    hsize_t extent[3], offset[3];
    size_t n = 0;
    int rank = H5Sget_simple_extent_dims(space, extent, NULL), first = rank - 2;
    H5Sclose(space);
    for (hsize_t k = 0; k < (first > 0 ? extent[0] : 1); k++)
        for (hsize_t i = 0; i < extent[first]; i += s->tile[0])
            for (hsize_t j = 0; j < extent[first + 1]; j += s->tile[1], n++) {
                offset[0] = k;
                offset[first] = i;
                offset[first + 1] = j;
                size_t size = read_chunk(ours, offset, compressed, a);
                ck_assert_uint_eq(size, read_chunk(theirs, offset, compressed, b));
                ck_assert(memcmp(a, b, size) == 0);
            }
    return n;
}

/* All precisions, with and without compression; tiles at the upper edges are smaller. */
START_TEST(chunks_as_hdf5_makes_them)
{
    const char *const name[] = {"chi2", "chi2_experiment", "pull", "derived_m2", "status"};
    scenario s = plane;
    size_t n = 0;
    s.precision = (sevens_map_precision)(_i % 3);
    s.compress = _i >= 3;
    ck_ok(write_map(path, &s, "create", ALL_TILES, &err));
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t other = H5Fcreate(beside(path, ".copy"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    for (size_t d = 0; d < sizeof name / sizeof name[0]; d++) {
        hid_t ours = H5Dopen2(file, name[d], H5P_DEFAULT);
        hid_t theirs = copy_by_hdf5(ours, other, name[d]);
        ck_assert_int_ge(H5Fflush(other, H5F_SCOPE_LOCAL), 0);
        n += compare_chunks(ours, theirs, &s, s.compress);
        H5Dclose(ours);
        H5Dclose(theirs);
    }
    ck_assert_uint_eq(n, 3 * 4 * (1 + 2 + 3 + 1 + 1));
    H5Fclose(file);
    H5Fclose(other);
}
END_TEST

/* A record is taken apart again; one with other lengths is no record. */
START_TEST(records)
{
    static double value[3][MAX_TEST_POINTS], chi2[MAX_TEST_POINTS], derived[2 * MAX_TEST_POINTS];
    static float pull[3 * MAX_TEST_POINTS];
    static double part[2 * MAX_TEST_POINTS];
    static uint8_t point[MAX_TEST_POINTS];
    sevens_map_header header = make_header(&plane, value);
    sevens_map_layout layout;
    sevens_map_packer *packer;
    size_t at[SEVENS_N_FIELD], size, sum = 0;
    ck_ok(sevens_map_layout_init(&layout, &header, &err));
    ck_ok(sevens_map_packer_create(&packer, &layout, &err));
    sevens_map_tile tile = {0, chi2, part, point, pull, NULL, derived};
    unsigned char *payload = malloc(sevens_map_payload_bytes(&layout, layout.tile_points, at));
    unsigned char *record = malloc(sevens_map_record_room(&layout));
    sevens_map_encode(&layout, &tile, layout.tile_points, payload);
    size_t length = sevens_map_pack(packer, 0, payload, record);
    ck_assert_uint_eq(sevens_map_n_chunks(&layout), 1 + 2 + 3 + 2 + 1);
    ck_assert(sevens_map_record_whole(&layout, record, length));
    ck_assert(!sevens_map_record_whole(&layout, record, length - 1));
    ck_assert(!sevens_map_record_whole(&layout, record, length + 1));
    ck_assert(!sevens_map_record_whole(&layout, record, 8 * 9 - 1));
    for (size_t c = 0; c < 9; c++) {
        const unsigned char *chunk = sevens_map_record_chunk(&layout, record, c, &size);
        ck_assert_ptr_eq(chunk, record + 8 * 9 + sum);
        sum += size;
    }
    ck_assert_uint_eq(8 * 9 + sum, length);
    memset(record, 0xff, 8);
    ck_assert(!sevens_map_record_whole(&layout, record, length));
    free(payload);
    free(record);
    sevens_map_packer_destroy(&packer);
}
END_TEST

/* ---- Threads ------------------------------------------------------------------------------- */

static const sevens_map_writers crews[] = {{0, 0}, {1, 1}, {2, 1}, {3, 1}, {3, 0},
                                           {0, 1}, {0, 2}, {0, 3}, {0, 50}};
#define N_CREWS ((int)(sizeof crews / sizeof crews[0]))

/* Data, attributes and file are the same whoever writes. */
START_TEST(crews_write_the_same)
{
    scenario s = plane;
    char whole[300];
    s.precision = (sevens_map_precision)(_i % 3);
    snprintf(whole, sizeof whole, "%s/whole.h5", folder);
    ck_ok(write_map(whole, &s, "create", ALL_TILES, &err));
    s.writers = crews[_i / 3];
    ck_ok(write_map(path, &s, "create", ALL_TILES, &err));
    ck_same_maps(path, whole);
    ck_assert_int_eq(file_size(path), file_size(whole));
    ck_assert(!exists(beside(path, ".journal")));
    /* stopped between tiles: all that were given are there */
    ck_ok(write_map(path, &s, "force", 7, &err));
    ck_ok(write_map(path, &s, "resume", ALL_TILES, &err));
    ck_same_maps(path, whole);
}
END_TEST

typedef struct commits {
    size_t n, tile[64], fail_at;
    int inside; /* threads in the callback */
} commits;

static sevens_status note_commit(void *context, size_t tile, const unsigned char *record,
                                 size_t length, sevens_error *e)
{
    static const struct timespec pause = {0, 200000};
    commits *c = context;
    if (__atomic_fetch_add(&c->inside, 1, __ATOMIC_SEQ_CST) != 0)
        return sevens_fail(e, SEVENS_ERR_FAILED, "two threads commit at once");
    if (c->n % 3 == 0)
        nanosleep(&pause, NULL);
    sevens_status status = SEVENS_OK;
    if (c->n == c->fail_at)
        status = sevens_fail(e, SEVENS_ERR_IO, "no room for tile %zu", tile);
    else
        c->tile[c->n++] = tile;
    if (record == NULL || length == 0)
        status = sevens_fail(e, SEVENS_ERR_FAILED, "no record");
    __atomic_fetch_sub(&c->inside, 1, __ATOMIC_SEQ_CST);
    return status;
}

/* Gives n tiles, numbered backwards; stops when one is refused. */
static void give_tiles(sevens_map_queue *queue, const sevens_map_layout *layout, size_t n)
{
    size_t at[SEVENS_N_FIELD];
    for (size_t t = 0; t < n; t++) {
        unsigned char *payload = sevens_map_queue_next(queue);
        if (payload == NULL)
            return;
        memset(payload, (int)t, sevens_map_payload_bytes(layout, layout->tile_points, at));
        if (sevens_map_queue_give(queue, (n - t) % layout->n_tiles, &err) != SEVENS_OK)
            return;
    }
}

START_TEST(tiles_are_committed_in_order)
{
    static double value[3][MAX_TEST_POINTS];
    sevens_map_header header = make_header(&plane, value);
    sevens_map_layout layout;
    sevens_map_queue *queue;
    commits c = {.fail_at = 1000};
    ck_ok(sevens_map_layout_init(&layout, &header, &err));
    ck_ok(sevens_map_queue_create(&queue, &layout, &crews[_i], note_commit, &c, &err));
    give_tiles(queue, &layout, 50);
    ck_ok(sevens_map_queue_drain(queue, &err));
    ck_assert_uint_eq(c.n, 50);
    give_tiles(queue, &layout, 3);
    sevens_map_queue_destroy(&queue);
    ck_assert_ptr_null(queue);
    ck_assert_uint_eq(c.n, 53);
    for (size_t t = 0; t < 50; t++)
        ck_assert_uint_eq(c.tile[t], (50 - t) % layout.n_tiles);
}
END_TEST

/* After a failure nothing more is committed, and everyone who asks is told. */
START_TEST(failure_to_commit)
{
    static double value[3][MAX_TEST_POINTS];
    sevens_map_header header = make_header(&plane, value);
    sevens_map_layout layout;
    sevens_map_queue *queue;
    commits c = {.fail_at = 10};
    ck_ok(sevens_map_layout_init(&layout, &header, &err));
    ck_ok(sevens_map_queue_create(&queue, &layout, &crews[_i], note_commit, &c, &err));
    give_tiles(queue, &layout, 50);
    for (int turn = 0; turn < 2; turn++) {
        err.message[0] = '\0';
        ck_assert_int_eq(sevens_map_queue_drain(queue, &err), SEVENS_ERR_IO);
        ck_contains(err.message, "no room for tile 4"); /* 50 - 10 modulo 12 tiles */
        ck_assert_ptr_null(sevens_map_queue_next(queue));
    }
    sevens_map_queue_destroy(&queue);
    ck_assert_uint_eq(c.n, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map_pack");
    TCase *tcase = tcase_create("map_pack");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, chunks_as_hdf5_makes_them, 0, 6);
    tcase_add_test(tcase, records);
    tcase_add_loop_test(tcase, crews_write_the_same, 0, 3 * N_CREWS);
    tcase_add_loop_test(tcase, tiles_are_committed_in_order, 0, N_CREWS);
    tcase_add_loop_test(tcase, failure_to_commit, 0, N_CREWS);
    suite_add_tcase(suite, tcase);
    return test_run(suite);
}
