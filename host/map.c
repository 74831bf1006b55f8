/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a map file: create or resume, tiles, finish. How it looks inside stands in
 * map_file.c, the journal in map_journal.c, reading in map_read.c.
 *
 * A map file is always made new under FILE.partial, filled with the tiles that the journal (and, if
 * some are missing there, the old FILE of the same run) has, and then renamed to FILE. So a kill at
 * any moment finds one of these, and resume continues from each:
 *   no journal, or one without a whole header      nothing has been done yet
 *   journal, FILE absent, old or not ours          between the journal's header and the rename
 *   journal, FILE unfinished, perhaps unreadable   while tiles or the summary were written
 *   journal, FILE complete and of the same run     the journal was to be removed: done
 * The journal's header and /provenance carry the same start time; by it a FILE of the same run is
 * told from an older map of the same scan that --force was about to replace. */
#define _GNU_SOURCE /* asprintf */
#include "sevens/map.h"

#include "map_file.h"
#include "map_journal.h"
#include "map_judge.h"
#include "map_queue.h"
#include "map_support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct sevens_map {
    char *path, *partial;
    sevens_map_layout layout;
    sevens_map_file file;
    sevens_journal *journal;
    uint8_t *done;           /* [n_tiles] written or on the way */
    unsigned char *payload;  /* of one tile that was read */
    sevens_map_queue *queue; /* NULL until the map is open */
    char *history;
};

static void map_free(sevens_map *map)
{
    if (map == NULL)
        return;
    sevens_map_queue_destroy(&map->queue);
    free(map->path);
    free(map->partial);
    free(map->done);
    free(map->payload);
    free(map->history);
    free(map);
}

static sevens_status map_alloc(sevens_map **out, const char *path, const sevens_map_header *header,
                               sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t at[SEVENS_N_FIELD];
    sevens_map *map = calloc(1, sizeof *map);
    SEVENS_TRY_ALLOC(map);
    map->file = sevens_map_file_closed();
    SEVENS_TRY(sevens_map_layout_init(&map->layout, header, err));
    SEVENS_TRY_ALLOC(map->path = sevens_map_real_path(path));
    if (asprintf(&map->partial, "%s.partial", map->path) < 0)
        map->partial = NULL;
    SEVENS_TRY_ALLOC(map->partial);
    SEVENS_TRY_ALLOC(
        map->payload = malloc(sevens_map_payload_bytes(&map->layout, map->layout.tile_points, at)));
    SEVENS_TRY_ALLOC(map->done = calloc(map->layout.n_tiles, 1));
    SEVENS_TRY_ALLOC(map->history = calloc(1, 1));
    *out = map;
    map = NULL;
cleanup:
    map_free(map);
    return status;
}

static sevens_status start_journal(sevens_map *map, const sevens_map_header *header,
                                   const char *start, bool forced, sevens_error *err)
{
    sevens_journal_header journal = {.n_axis = map->layout.n_axis,
                                     .n_experiment = map->layout.n_experiment,
                                     .n_nuisance = map->layout.n_nuisance,
                                     .pulls = map->layout.pulls,
                                     .compress = map->layout.compress,
                                     .precision = (uint32_t)map->layout.precision,
                                     .forced = forced,
                                     .add_offset = map->layout.add_offset};
    snprintf(journal.scan_id, sizeof journal.scan_id, "%s", header->scan_id);
    snprintf(journal.title, sizeof journal.title, "%s", header->title);
    snprintf(journal.start, sizeof journal.start, "%s", start);
    snprintf(journal.backend, sizeof journal.backend, "%s", header->backend);
    snprintf(journal.compute_precision, sizeof journal.compute_precision, "%s",
             header->compute_precision);
    for (size_t a = 0; a < map->layout.n_axis; a++) {
        journal.n[a] = map->layout.n[a];
        journal.tile[a] = map->layout.tile[a];
    }
    return sevens_journal_start(map->journal, &journal, err);
}

/* After HDF5 refused to write. */
static sevens_status write_failed(const sevens_map *map, sevens_error *err)
{
    return sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", map->path, sevens_h5_reason());
}

static sevens_status write_record(sevens_map *map, size_t tile, const unsigned char *record,
                                  sevens_error *err)
{
    if (sevens_map_file_write(&map->file, &map->layout, tile, record))
        return SEVENS_OK;
    return write_failed(map, err);
}

/* Tiles and history lines of the journal into the new file. */
static sevens_status replay(sevens_map *map, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_journal_record record;
    const unsigned char *payload;
    bool more;
    size_t most = sevens_map_record_room(&map->layout);
    most = most > SEVENS_MAP_HISTORY_MAX ? most : SEVENS_MAP_HISTORY_MAX;
    for (;;) {
        SEVENS_TRY(sevens_journal_next(map->journal, most, &record, &payload, &more, err));
        if (!more)
            break;
        if (record.kind == SEVENS_JOURNAL_RUN) {
            SEVENS_TRY(sevens_map_add_history(&map->history, (const char *)payload,
                                              (size_t)record.length, err));
        } else if (record.kind == SEVENS_JOURNAL_TILE && record.tile < map->layout.n_tiles &&
                   sevens_map_record_whole(&map->layout, payload, (size_t)record.length)) {
            SEVENS_TRY(write_record(map, (size_t)record.tile, payload, err));
            map->done[record.tile] = 1;
        }
    }
cleanup:
    return status;
}

/* Tiles that only the old file has, into journal and new file. Whatever of it cannot be read is
 * computed again. */
static sevens_status salvage(sevens_map *map, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_map_packer *packer = NULL;
    unsigned char *record = NULL;
    sevens_map_file old;
    if (!sevens_map_file_open(&old, map->path, &map->layout))
        return SEVENS_OK;
    SEVENS_TRY(sevens_map_packer_create(&packer, &map->layout, err));
    SEVENS_TRY_ALLOC(record = malloc(sevens_map_record_room(&map->layout)));
    for (size_t t = 0; t < map->layout.n_tiles; t++) {
        size_t offset[SEVENS_MAP_MAX_AXES], extent[SEVENS_MAP_MAX_AXES];
        if (map->done[t] || !sevens_map_file_read(&old, &map->layout, t, map->payload) ||
            !sevens_map_payload_whole(&map->layout, map->payload,
                                      sevens_map_layout_box(&map->layout, t, offset, extent)))
            continue;
        size_t length = sevens_map_pack(packer, t, map->payload, record);
        SEVENS_TRY(
            sevens_journal_append(map->journal, SEVENS_JOURNAL_TILE, t, record, length, err));
        SEVENS_TRY(write_record(map, t, record, err));
        map->done[t] = 1;
    }
cleanup:
    sevens_map_packer_destroy(&packer);
    free(record);
    sevens_map_file_close(&old);
    return status;
}

/* The line of this run, into journal and file. */
static sevens_status record_run(sevens_map *map, const sevens_map_header *header, const char *older,
                                sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char now[32], *line = NULL;
    sevens_map_time(now);
    if (asprintf(&line, "%s%s%s: %.16000s", older, older[0] ? "\n" : "", now,
                 header->command ? header->command : "") < 0)
        line = NULL;
    SEVENS_TRY_ALLOC(line);
    size_t length = strlen(line),
           skip = length > SEVENS_MAP_HISTORY_MAX ? length - SEVENS_MAP_HISTORY_MAX : 0;
    SEVENS_TRY(sevens_journal_append(map->journal, SEVENS_JOURNAL_RUN, 0, line + skip,
                                     length - skip, err));
    SEVENS_TRY(sevens_map_add_history(&map->history, line + skip, length - skip, err));
cleanup:
    free(line);
    return status;
}

/* Whether the file at FILE is of the run that the journal began. */
static bool same_run(const sevens_map_glance *glance, const sevens_journal_header *journal)
{
    return glance->found == SEVENS_FOUND_MAP && strcmp(glance->scan_id, journal->scan_id) == 0 &&
           strcmp(glance->start, journal->start) == 0 && glance->add_offset == journal->add_offset;
}

static sevens_status build(sevens_map *map, sevens_map_mode mode, const sevens_map_glance *glance,
                           const sevens_map_header *header, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    char start[32];
    const char *older = "";
    sevens_map_time(start);
    SEVENS_TRY(sevens_map_try_create(map->partial, map->path, err));
    if (mode == SEVENS_MAP_FORCE || sevens_journal_get(map->journal) == NULL) {
        if (mode == SEVENS_MAP_RESUME && glance->found == SEVENS_FOUND_MAP) {
            /* the journal was lost, the map goes on: as the run that it is */
            snprintf(start, sizeof start, "%s", glance->start);
            map->layout.add_offset = glance->add_offset;
            older = glance->history;
        }
        SEVENS_TRY(start_journal(map, header, start, mode == SEVENS_MAP_FORCE, err));
    }
    const sevens_journal_header *journal = sevens_journal_get(map->journal);
    map->layout.add_offset = journal->add_offset;
    map->layout.compress = journal->compress != 0;
    SEVENS_TRY(sevens_map_file_create(&map->file, map->partial, header, &map->layout,
                                      journal->start, err));
    SEVENS_TRY(replay(map, err));
    if (same_run(glance, journal))
        SEVENS_TRY(salvage(map, err));
    SEVENS_TRY(record_run(map, header, older, err));
    if (!sevens_map_file_history(&map->file, map->history) || !sevens_map_file_flush(&map->file))
        status = write_failed(map, err);
    else if (rename(map->partial, map->path) != 0)
        status =
            sevens_fail(err, SEVENS_ERR_IO, "cannot create %s: %s", map->path, strerror(errno));
cleanup:
    return status;
}

static void add_advice(sevens_error *err)
{
    size_t used = err != NULL ? strlen(err->message) : 0;
    if (err != NULL)
        snprintf(err->message + used, sizeof err->message - used,
                 "; the finished tiles are kept, --resume continues");
}

/* A packed tile into journal and file. Called by the threads of the queue, by one at a time. */
static sevens_status commit_tile(void *context, size_t tile, const unsigned char *record,
                                 size_t length, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_map *map = context;
    char reason[SEVENS_H5_REASON];
    sevens_h5_listen(reason);
    SEVENS_TRY(sevens_journal_append(map->journal, SEVENS_JOURNAL_TILE, tile, record, length, err));
    SEVENS_TRY(write_record(map, tile, record, err));
    if (!sevens_map_file_flush(&map->file))
        status = write_failed(map, err);
cleanup:
    if (status == SEVENS_ERR_IO)
        add_advice(err);
    sevens_h5_listen(NULL);
    return status;
}

static sevens_status open_map(sevens_map **out, const char *path, const sevens_map_header *header,
                              sevens_map_mode mode, bool *complete, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_map *map = NULL;
    sevens_map_glance glance = {0};
    bool discard = false, building = false;
    char reason[SEVENS_H5_REASON];
    *out = NULL;
    *complete = false;
    sevens_h5_listen(reason);
    SEVENS_TRY(map_alloc(&map, path, header, err));
    SEVENS_TRY(sevens_map_glance_at(&glance, map->path, err));
    if (mode != SEVENS_MAP_FORCE && sevens_map_finished(map->path, &glance, header)) {
        *complete = true;
        goto cleanup;
    }
    SEVENS_TRY(sevens_journal_open(&map->journal, map->path, err));
    /* what we began goes if this fails; what was there before stays for the next attempt */
    discard = sevens_journal_get(map->journal) == NULL || mode == SEVENS_MAP_FORCE;
    sevens_map_glance_free(&glance);
    SEVENS_TRY(sevens_map_glance_at(&glance, map->path, err));
    SEVENS_TRY(sevens_map_judge(map->path, mode, &map->layout, sevens_journal_get(map->journal),
                                &glance, header, complete, err));
    if (*complete) {
        discard = true;
        goto cleanup;
    }
    building = true;
    SEVENS_TRY(build(map, mode, &glance, header, err));
    SEVENS_TRY(sevens_map_queue_create(&map->queue, &map->layout, &header->writers, commit_tile,
                                       map, err));
    *out = map;
    map = NULL;
cleanup:
    sevens_map_glance_free(&glance);
    if (map != NULL) {
        sevens_map_file_close(&map->file);
        if (building)
            unlink(map->partial);
        sevens_journal_close(&map->journal, discard);
    }
    map_free(map);
    sevens_h5_listen(NULL);
    return status;
}

sevens_status sevens_map_create(sevens_map **map, const char *path, const sevens_map_header *header,
                                bool force, bool *complete, sevens_error *err)
{
    return open_map(map, path, header, force ? SEVENS_MAP_FORCE : SEVENS_MAP_CREATE, complete, err);
}

sevens_status sevens_map_resume(sevens_map **map, const char *path, const sevens_map_header *header,
                                bool *complete, sevens_error *err)
{
    return open_map(map, path, header, SEVENS_MAP_RESUME, complete, err);
}

/* ---- Tiles --------------------------------------------------------------------------------- */

size_t sevens_map_n_tiles(const sevens_map *map)
{
    return map->layout.n_tiles;
}

bool sevens_map_tile_done(const sevens_map *map, size_t tile)
{
    return tile < map->layout.n_tiles && map->done[tile];
}

void sevens_map_tile_box(const sevens_map *map, size_t tile, size_t *offset, size_t *extent)
{
    sevens_map_layout_box(&map->layout, tile, offset, extent);
}

double sevens_map_stored(const sevens_map *map, double chi2)
{
    return sevens_map_layout_stored(&map->layout, chi2);
}

double sevens_map_rounding(const sevens_map *map)
{
    return sevens_map_layout_rounding(&map->layout);
}

sevens_status sevens_map_read_tile(sevens_map *map, size_t tile, double *chi2, uint8_t *status,
                                   double *profiled, sevens_error *err)
{
    size_t offset[SEVENS_MAP_MAX_AXES], extent[SEVENS_MAP_MAX_AXES];
    char reason[SEVENS_H5_REASON];
    sevens_status result = SEVENS_OK;
    if (tile >= map->layout.n_tiles)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s has no tile %zu", map->path, tile);
    result = sevens_map_queue_drain(map->queue, err);
    if (result != SEVENS_OK)
        return result;
    size_t points = sevens_map_layout_box(&map->layout, tile, offset, extent);
    sevens_h5_listen(reason);
    if (sevens_map_file_read(&map->file, &map->layout, tile, map->payload))
        sevens_map_decode(&map->layout, map->payload, points, chi2, status, profiled);
    else
        result =
            sevens_fail(err, SEVENS_ERR_IO, "cannot read %s: %s", map->path, sevens_h5_reason());
    sevens_h5_listen(NULL);
    return result;
}

static sevens_status check_tile(const sevens_map *map, const sevens_map_tile *tile,
                                sevens_error *err)
{
    if (tile->index >= map->layout.n_tiles)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s has no tile %zu", map->path, tile->index);
    if (tile->chi2 == NULL || tile->status == NULL ||
        (map->layout.planes[SEVENS_FIELD_EXPERIMENT] > 0 && tile->chi2_experiment == NULL) ||
        (map->layout.planes[SEVENS_FIELD_PULL] > 0 && tile->pull == NULL) ||
        (map->layout.n_profiled > 0 && tile->profiled == NULL) ||
        (map->layout.n_derived > 0 && tile->derived == NULL))
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s: tile %zu lacks a field of this map",
                           map->path, tile->index);
    return SEVENS_OK;
}

sevens_status sevens_map_write_tile(sevens_map *map, const sevens_map_tile *tile, sevens_error *err)
{
    size_t offset[SEVENS_MAP_MAX_AXES], extent[SEVENS_MAP_MAX_AXES];
    sevens_status status = check_tile(map, tile, err);
    if (status != SEVENS_OK)
        return status;
    unsigned char *payload = sevens_map_queue_next(map->queue);
    if (payload == NULL)
        return sevens_map_queue_drain(map->queue, err);
    sevens_map_encode(&map->layout, tile,
                      sevens_map_layout_box(&map->layout, tile->index, offset, extent), payload);
    status = sevens_map_queue_give(map->queue, tile->index, err);
    map->done[tile->index] = status == SEVENS_OK;
    return status;
}

/* ---- The end ------------------------------------------------------------------------------- */

sevens_status sevens_map_finish(sevens_map **map_pointer, const sevens_map_summary *summary,
                                sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_map *map = *map_pointer;
    char end[32], reason[SEVENS_H5_REASON];
    /* too early is the caller's mistake: the map stays open */
    for (size_t t = 0; t < map->layout.n_tiles; t++)
        if (!map->done[t])
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s: tile %zu of %zu is still pending",
                               map->path, t, map->layout.n_tiles);
    status = sevens_map_queue_drain(map->queue, err);
    if (status != SEVENS_OK) {
        sevens_map_close(map_pointer);
        return status;
    }
    sevens_map_time(end);
    sevens_h5_listen(reason);
    if (!sevens_map_file_complete(&map->file, summary, end) || !sevens_map_file_close(&map->file))
        status = write_failed(map, err);
    else if (!sevens_map_sync(map->path))
        status = sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", map->path, strerror(errno));
    if (status == SEVENS_OK)
        sevens_journal_close(&map->journal, true);
    else
        sevens_map_add_advice(err);
    sevens_map_close(map_pointer);
    return status;
}

void sevens_map_close(sevens_map **map)
{
    char reason[SEVENS_H5_REASON];
    if (*map == NULL)
        return;
    sevens_map_queue_destroy(&(*map)->queue);
    sevens_h5_listen(reason); /* what could not be written now is in the journal */
    sevens_map_file_close(&(*map)->file);
    sevens_journal_close(&(*map)->journal, false);
    map_free(*map);
    *map = NULL;
    sevens_h5_listen(NULL);
}

void sevens_map_started_with(const char *path, char backend[32], char precision[8])
{
    sevens_journal_header journal;
    sevens_map_glance glance = {0};
    char reason[SEVENS_H5_REASON], *real = sevens_map_real_path(path);
    backend[0] = precision[0] = '\0';
    sevens_h5_listen(reason);
    if (real == NULL) {
        /* out of memory: as if nothing were there */
    } else if (sevens_journal_peek(real, &journal)) {
        snprintf(backend, 32, "%.31s", journal.backend);
        snprintf(precision, 8, "%.7s", journal.compute_precision);
    } else if (sevens_map_glance_at(&glance, real, NULL) == SEVENS_OK &&
               glance.found == SEVENS_FOUND_MAP) {
        snprintf(backend, 32, "%s", glance.backend);
        snprintf(precision, 8, "%s", glance.compute_precision);
    }
    sevens_map_glance_free(&glance);
    free(real);
    sevens_h5_listen(NULL);
}
