/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a reduced map. While the scan runs there is FILE.journal alone: its header says whose
 * it is and holds the lock, behind it stand the last two states. A kill finds one of these, and
 * resume continues from each:
 *   no journal, or one without a whole header       nothing has been done yet
 *   journal without a whole state                   nothing has been counted yet
 *   journal with a state                            all tiles up to that state are counted
 *   journal, FILE complete and of the same run      the journal was to be removed: done
 * FILE is made as FILE.partial and renamed, so that it is never seen unfinished. */
#define _GNU_SOURCE /* asprintf */
#include "sevens/map_reduced.h"

#include "map_file.h"
#include "map_journal.h"
#include "map_judge.h"
#include "map_reduced_file.h"
#include "map_support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the journal keeps: the history, then the caller's state. */
typedef struct kept_state {
    char history[SEVENS_MAP_HISTORY_MAX + 8];
    unsigned char state[];
} kept_state;

struct sevens_map_reduced {
    char *path, *partial, *history;
    const sevens_map_header *header; /* borrowed */
    sevens_journal *journal;
    kept_state *kept;
    size_t kept_size, state_size;
    uint64_t n_saved; /* number of the next state */
    bool has_state;
};

static void reduced_free(sevens_map_reduced *map)
{
    if (map == NULL)
        return;
    free(map->path);
    free(map->partial);
    free(map->history);
    free(map->kept);
    free(map);
}

static sevens_status reduced_alloc(sevens_map_reduced **out, const char *path,
                                   const sevens_map_header *header, size_t state_size,
                                   sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_map_reduced *map = calloc(1, sizeof *map);
    SEVENS_TRY_ALLOC(map);
    map->header = header;
    map->state_size = state_size;
    map->kept_size = sizeof *map->kept + state_size;
    SEVENS_TRY_ALLOC(map->path = sevens_map_real_path(path));
    if (asprintf(&map->partial, "%s.partial", map->path) < 0)
        map->partial = NULL;
    SEVENS_TRY_ALLOC(map->partial);
    SEVENS_TRY_ALLOC(map->history = calloc(1, 1));
    SEVENS_TRY_ALLOC(map->kept = calloc(1, map->kept_size));
    *out = map;
    map = NULL;
cleanup:
    reduced_free(map);
    return status;
}

/* What the journal compares besides the scan itself. */
static sevens_map_layout layout_of(const sevens_map_header *header)
{
    sevens_map_layout layout = {.n_axis = header->n_axis,
                                .n_experiment = header->n_experiment,
                                .n_nuisance = header->n_nuisance,
                                .compress = header->compress,
                                .precision = header->precision};
    for (size_t a = 0; a < header->n_axis; a++) {
        layout.n[a] = header->axis[a].n;
        layout.tile[a] = header->tile[a];
    }
    return layout;
}

static sevens_status start_journal(sevens_map_reduced *map, bool forced, sevens_error *err)
{
    const sevens_map_header *header = map->header;
    sevens_journal_header journal = {.n_axis = header->n_axis,
                                     .n_experiment = header->n_experiment,
                                     .n_nuisance = header->n_nuisance,
                                     .compress = header->compress,
                                     .precision = (uint32_t)header->precision,
                                     .forced = forced};
    snprintf(journal.scan_id, sizeof journal.scan_id, "%s", header->scan_id);
    snprintf(journal.title, sizeof journal.title, "%s", header->title);
    sevens_map_time(journal.start);
    snprintf(journal.backend, sizeof journal.backend, "%s", header->backend);
    snprintf(journal.compute_precision, sizeof journal.compute_precision, "%s",
             header->compute_precision);
    for (size_t a = 0; a < header->n_axis; a++) {
        journal.n[a] = header->axis[a].n;
        journal.tile[a] = header->tile[a];
    }
    return sevens_journal_start(map->journal, &journal, err);
}

/* The last state of the journal, and the line of this run. */
static sevens_status take_up(sevens_map_reduced *map, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    const unsigned char *payload;
    char now[32], *line = NULL;
    uint64_t number;
    SEVENS_TRY(sevens_journal_load(map->journal, map->kept_size, &payload, &number, err));
    if (payload != NULL) {
        memcpy(map->kept, payload, map->kept_size);
        map->kept->history[SEVENS_MAP_HISTORY_MAX] = '\0';
        map->has_state = true;
        map->n_saved = number + 1;
        SEVENS_TRY(sevens_map_add_history(&map->history, map->kept->history,
                                          strlen(map->kept->history), err));
    }
    sevens_map_time(now);
    if (asprintf(&line, "%s: %.16000s", now, map->header->command ? map->header->command : "") < 0)
        line = NULL;
    SEVENS_TRY_ALLOC(line);
    SEVENS_TRY(sevens_map_add_history(&map->history, line, strlen(line), err));
cleanup:
    free(line);
    return status;
}

static sevens_status begin(sevens_map_reduced *map, sevens_map_mode mode, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    SEVENS_TRY(sevens_map_try_create(map->partial, map->path, err));
    unlink(map->partial);
    if (mode == SEVENS_MAP_FORCE || sevens_journal_get(map->journal) == NULL)
        SEVENS_TRY(start_journal(map, mode == SEVENS_MAP_FORCE, err));
    SEVENS_TRY(take_up(map, err));
cleanup:
    return status;
}

sevens_status sevens_map_reduced_open(sevens_map_reduced **out, const char *path,
                                      const sevens_map_header *header, size_t state_size,
                                      bool resume, bool force, bool *complete, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_map_mode mode = force    ? SEVENS_MAP_FORCE
                           : resume ? SEVENS_MAP_RESUME
                                    : SEVENS_MAP_CREATE;
    sevens_map_reduced *map = NULL;
    sevens_map_glance glance = {0};
    sevens_map_layout layout = layout_of(header);
    bool discard = false;
    char reason[SEVENS_H5_REASON];
    *out = NULL;
    *complete = false;
    sevens_h5_listen(reason);
    SEVENS_TRY(reduced_alloc(&map, path, header, state_size, err));
    SEVENS_TRY(sevens_map_glance_at(&glance, map->path, err));
    if (!force && sevens_map_finished(map->path, &glance, header)) {
        *complete = true;
        goto cleanup;
    }
    SEVENS_TRY(sevens_journal_open(&map->journal, map->path, err));
    discard = sevens_journal_get(map->journal) == NULL || force;
    sevens_map_glance_free(&glance);
    SEVENS_TRY(sevens_map_glance_at(&glance, map->path, err));
    SEVENS_TRY(sevens_map_judge(map->path, mode, &layout, sevens_journal_get(map->journal), &glance,
                                header, complete, err));
    if (*complete) {
        discard = true;
        goto cleanup;
    }
    SEVENS_TRY(begin(map, mode, err));
    *out = map;
    map = NULL;
cleanup:
    sevens_map_glance_free(&glance);
    if (map != NULL && map->journal != NULL)
        sevens_journal_close(&map->journal, discard);
    reduced_free(map);
    sevens_h5_listen(NULL);
    return status;
}

const void *sevens_map_reduced_state(const sevens_map_reduced *map)
{
    return map->has_state ? map->kept->state : NULL;
}

sevens_status sevens_map_reduced_save(sevens_map_reduced *map, const void *state, sevens_error *err)
{
    memset(map->kept->history, 0, sizeof map->kept->history);
    memcpy(map->kept->history, map->history, strlen(map->history));
    memcpy(map->kept->state, state, map->state_size);
    sevens_status status =
        sevens_journal_save(map->journal, map->n_saved, map->kept, map->kept_size, err);
    map->has_state = true;
    map->n_saved += status == SEVENS_OK;
    if (status == SEVENS_ERR_IO)
        sevens_map_add_advice(err);
    return status;
}

sevens_status sevens_map_reduced_finish(sevens_map_reduced **map_pointer,
                                        const sevens_map_plane *plane, size_t n_plane,
                                        sevens_map_fill fill, const void *context,
                                        const sevens_map_counts *counts,
                                        const sevens_map_summary *summary, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_map_reduced *map = *map_pointer;
    sevens_reduced_content content = {plane, n_plane, fill, context, counts, summary};
    char reason[SEVENS_H5_REASON];
    sevens_h5_listen(reason);
    SEVENS_TRY(sevens_map_try_create(map->partial, map->path, err));
    SEVENS_TRY(sevens_reduced_write(map->partial, map->path, map->header, &content,
                                    sevens_journal_get(map->journal)->start, map->history, err));
    if (!sevens_map_sync(map->partial) || rename(map->partial, map->path) != 0)
        SEVENS_TRY(
            sevens_fail(err, SEVENS_ERR_IO, "cannot create %s: %s", map->path, strerror(errno)));
    sevens_journal_close(&map->journal, true);
cleanup:
    if (status != SEVENS_OK)
        unlink(map->partial);
    if (status == SEVENS_ERR_IO)
        sevens_map_add_advice(err);
    sevens_h5_listen(NULL);
    sevens_map_reduced_close(map_pointer);
    return status;
}

void sevens_map_reduced_close(sevens_map_reduced **map)
{
    if (*map == NULL)
        return;
    if ((*map)->journal != NULL)
        sevens_journal_close(&(*map)->journal, false);
    reduced_free(*map);
    *map = NULL;
}
