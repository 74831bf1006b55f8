/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Progress of a scan: a bar with points/s and time left on a terminal, one line a minute otherwise,
 * and FILE.progress.json beside the map for those who watch from elsewhere. */
#ifndef SEVENS_PROGRESS_H
#define SEVENS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct sevens_progress sevens_progress;

/* map_path: NULL for no side file. done: points that a resumed scan found finished. Returns NULL
 * when memory is out: the other calls then do nothing. */
sevens_progress *sevens_progress_start(const char *map_path, double points_total, double done,
                                       size_t tiles_total, size_t tiles_done, bool quiet);
void sevens_progress_update(sevens_progress *progress, double points_done, size_t tiles_done);
/* state: "complete", "interrupted" or "failed"; removes the bar, writes the side file. */
void sevens_progress_finish(sevens_progress **progress, const char *state);

#endif
