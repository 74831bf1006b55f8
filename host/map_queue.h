/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the map module: finished tiles on their way to the file. They are packed by several
 * threads at once, then committed one at a time and in the order in which they were given, so that
 * neither file nor journal shows how many threads there were. The number of tiles under way is
 * bounded: who gives one waits for room.
 *
 * Who packs: the OpenMP team of a scan that computes on the processor, between two of its batches,
 * since threads beside it would take its cores and make it wait at its barriers; threads of the
 * queue where the processor has nothing else to do. A thread of the queue commits in either case.
 */
#ifndef SEVENS_MAP_QUEUE_H
#define SEVENS_MAP_QUEUE_H

#include "map_layout.h"

typedef struct sevens_map_queue sevens_map_queue;

/* Takes the record of a tile to journal and file; called by one thread at a time. */
typedef sevens_status (*sevens_map_commit)(void *context, size_t tile, const unsigned char *record,
                                           size_t length, sevens_error *err);

/* The layout is borrowed. */
sevens_status sevens_map_queue_create(sevens_map_queue **queue, const sevens_map_layout *layout,
                                      const sevens_map_writers *writers, sevens_map_commit commit,
                                      void *context, sevens_error *err);
/* Where the payload of the next tile goes; waits for room. NULL when an earlier tile could not be
 * committed: sevens_map_queue_drain says why. */
unsigned char *sevens_map_queue_next(sevens_map_queue *queue);
/* The tile whose payload is there. Fails when a tile could not be committed, as far as that is
 * known by now; no tile behind it is committed, then or later. */
sevens_status sevens_map_queue_give(sevens_map_queue *queue, size_t tile, sevens_error *err);
/* Waits until all tiles given are committed; fails as above. */
sevens_status sevens_map_queue_drain(sevens_map_queue *queue, sevens_error *err);
/* Drains, and ends the threads. */
void sevens_map_queue_destroy(sevens_map_queue **queue);

#endif
