/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the map module: what may be done with what stands at the path of a map. */
#ifndef SEVENS_MAP_JUDGE_H
#define SEVENS_MAP_JUDGE_H

#include "map_file.h"
#include "map_journal.h"

typedef enum sevens_map_mode {
    SEVENS_MAP_CREATE,
    SEVENS_MAP_FORCE,
    SEVENS_MAP_RESUME
} sevens_map_mode;

/* Whether it is finished, with no journal left. Such a map needs no lock: it is recognised in a
 * read-only folder too. */
bool sevens_map_finished(const char *path, const sevens_map_glance *glance,
                         const sevens_map_header *header);

/* SEVENS_OK: go on, or with *complete = true nothing is left to do. journal: NULL when there is
 * none. */
sevens_status sevens_map_judge(const char *path, sevens_map_mode mode,
                               const sevens_map_layout *layout,
                               const sevens_journal_header *journal,
                               const sevens_map_glance *glance, const sevens_map_header *header,
                               bool *complete, sevens_error *err);

#endif
