/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ring of slots: filled by the scan, packed, committed. Counters only grow; the t-th tile is in
 * slot t % n_slot. */
#include "map_queue.h"

#include "clock.h"
#include "map_pack.h"

#include <omp.h>
#include <pthread.h>
#include <stdlib.h>

#define MAX_THREADS 256
#define SLOT_MEMORY ((size_t)64 << 20) /* of all slots, when two for each thread are more */
#define GATHER_S 0.1                   /* longest time between two packings by the team */

typedef struct slot {
    size_t tile, length; /* of the record */
    unsigned char *payload, *record;
    bool packed;
} slot;

struct sevens_map_queue {
    sevens_map_commit commit;
    void *context;
    slot *slot;
    size_t n_slot, n_packer;
    sevens_map_packer **packer; /* [n_packer] */
    size_t n_team, gather;      /* the team packs when as many tiles have gathered */
    double packed_s;            /* when it did so last */
    size_t n_thread;
    pthread_t thread[MAX_THREADS];
    pthread_mutex_t lock; /* of all below, and of what happens to the slots */
    pthread_cond_t changed;
    size_t n_started;               /* threads that have taken a packer */
    size_t given, taken, committed; /* tiles; taken: by who packs them */
    bool committing, stop;
    sevens_status status; /* of the first failure */
    sevens_error err;     /* its message, not touched after it */
};

static slot *slot_of(sevens_map_queue *q, size_t ticket)
{
    return &q->slot[ticket % q->n_slot];
}

/* ---- Steps; entered and left with the lock held -------------------------------------------- */

static bool can_commit(sevens_map_queue *q)
{
    return !q->committing && q->committed < q->taken && slot_of(q, q->committed)->packed;
}

static void commit_one(sevens_map_queue *q)
{
    slot *s = slot_of(q, q->committed);
    if (q->status == SEVENS_OK) {
        q->committing = true;
        pthread_mutex_unlock(&q->lock);
        sevens_status status = q->commit(q->context, s->tile, s->record, s->length, &q->err);
        pthread_mutex_lock(&q->lock);
        q->committing = false;
        q->status = status;
    }
    s->packed = false;
    q->committed++;
    pthread_cond_broadcast(&q->changed);
}

static void pack_one(sevens_map_queue *q, sevens_map_packer *packer)
{
    slot *s = slot_of(q, q->taken++);
    pthread_mutex_unlock(&q->lock);
    s->length = sevens_map_pack(packer, s->tile, s->payload, s->record);
    pthread_mutex_lock(&q->lock);
    s->packed = true;
    pthread_cond_broadcast(&q->changed);
}

/* ---- Who takes them ------------------------------------------------------------------------ */

static void *work(void *argument)
{
    sevens_map_queue *q = argument;
    pthread_mutex_lock(&q->lock);
    sevens_map_packer *packer = q->n_team > 0 ? NULL : q->packer[q->n_started++];
    for (;;) {
        if (can_commit(q))
            commit_one(q);
        else if (packer != NULL && q->taken < q->given)
            pack_one(q, packer);
        else if (q->stop)
            break;
        else
            pthread_cond_wait(&q->changed, &q->lock);
    }
    pthread_mutex_unlock(&q->lock);
    return NULL;
}

/* Everything given so far, by the team or the caller alone. Called without the lock. */
static void pack_all(sevens_map_queue *q)
{
#pragma omp parallel num_threads((int)q->n_packer)
    {
        pthread_mutex_lock(&q->lock);
        while (q->taken < q->given)
            pack_one(q, q->packer[omp_get_thread_num()]);
        while (q->n_thread == 0 && can_commit(q))
            commit_one(q);
        pthread_mutex_unlock(&q->lock);
    }
    q->packed_s = sevens_wall_s();
}

/* ---- Life ---------------------------------------------------------------------------------- */

static sevens_status allocate(sevens_map_queue *q, const sevens_map_layout *layout,
                              sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    size_t at[SEVENS_N_FIELD], room = sevens_map_record_room(layout);
    size_t payload = sevens_map_payload_bytes(layout, layout->tile_points, at);
    size_t most = SLOT_MEMORY / (payload + room);
    q->gather = 2 * q->n_packer;
    if (q->gather > most)
        q->gather = most > q->n_packer ? most : q->n_packer;
    q->n_slot = q->gather + 1; /* one is filled meanwhile */
    SEVENS_TRY_ALLOC(q->slot = calloc(q->n_slot, sizeof *q->slot));
    SEVENS_TRY_ALLOC(q->packer = calloc(q->n_packer, sizeof *q->packer));
    for (size_t i = 0; i < q->n_slot; i++) {
        SEVENS_TRY_ALLOC(q->slot[i].payload = malloc(payload));
        SEVENS_TRY_ALLOC(q->slot[i].record = malloc(room));
    }
    for (size_t t = 0; t < q->n_packer; t++)
        SEVENS_TRY(sevens_map_packer_create(&q->packer[t], layout, err));
cleanup:
    return status;
}

static size_t at_most(size_t n, size_t most)
{
    return n < most ? n : most;
}

sevens_status sevens_map_queue_create(sevens_map_queue **queue, const sevens_map_layout *layout,
                                      const sevens_map_writers *writers, sevens_map_commit commit,
                                      void *context, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_map_queue *q = calloc(1, sizeof *q);
    size_t threads = at_most(at_most(writers->threads, layout->n_tiles), MAX_THREADS);
    *queue = NULL;
    SEVENS_TRY_ALLOC(q);
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->changed, NULL);
    q->commit = commit;
    q->context = context;
    q->n_team = at_most(at_most(writers->team, layout->n_tiles), MAX_THREADS);
    q->n_packer = q->n_team > 0 ? q->n_team : (threads > 0 ? threads : 1);
    q->packed_s = sevens_wall_s();
    SEVENS_TRY(allocate(q, layout, err));
    threads = q->n_team > 0 ? at_most(threads, 1) : threads;
    /* with fewer threads than asked for the work is done all the same */
    while (q->n_thread < threads && pthread_create(&q->thread[q->n_thread], NULL, work, q) == 0)
        q->n_thread++;
    *queue = q;
    q = NULL;
cleanup:
    sevens_map_queue_destroy(&q);
    return status;
}

unsigned char *sevens_map_queue_next(sevens_map_queue *q)
{
    pthread_mutex_lock(&q->lock);
    while (q->given - q->committed == q->n_slot)
        pthread_cond_wait(&q->changed, &q->lock);
    bool failed = q->status != SEVENS_OK;
    unsigned char *payload = slot_of(q, q->given)->payload;
    pthread_mutex_unlock(&q->lock);
    return failed ? NULL : payload;
}

/* With the lock held. */
static sevens_status failure(const sevens_map_queue *q, sevens_error *err)
{
    if (q->status != SEVENS_OK && err != NULL)
        *err = q->err;
    return q->status;
}

/* Whether it is the caller's turn to pack: tiles that come slowly are not kept waiting. */
static bool is_time_to_pack(const sevens_map_queue *q)
{
    if (q->n_team == 0)
        return q->n_thread == 0;
    return q->given - q->taken >= q->gather || sevens_wall_s() - q->packed_s > GATHER_S;
}

sevens_status sevens_map_queue_give(sevens_map_queue *q, size_t tile, sevens_error *err)
{
    pthread_mutex_lock(&q->lock);
    slot_of(q, q->given++)->tile = tile;
    bool pack = is_time_to_pack(q);
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
    if (pack)
        pack_all(q);
    pthread_mutex_lock(&q->lock);
    sevens_status status = failure(q, err);
    pthread_mutex_unlock(&q->lock);
    return status;
}

sevens_status sevens_map_queue_drain(sevens_map_queue *q, sevens_error *err)
{
    if (q->n_team > 0 || q->n_thread == 0)
        pack_all(q);
    pthread_mutex_lock(&q->lock);
    while (q->committed < q->given)
        pthread_cond_wait(&q->changed, &q->lock);
    sevens_status status = failure(q, err);
    pthread_mutex_unlock(&q->lock);
    return status;
}

void sevens_map_queue_destroy(sevens_map_queue **queue)
{
    sevens_map_queue *q = *queue;
    *queue = NULL;
    if (q == NULL)
        return;
    if (q->given > 0)
        sevens_map_queue_drain(q, NULL);
    pthread_mutex_lock(&q->lock);
    q->stop = true;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
    for (size_t t = 0; t < q->n_thread; t++)
        pthread_join(q->thread[t], NULL);
    for (size_t t = 0; t < q->n_packer && q->packer != NULL; t++)
        sevens_map_packer_destroy(&q->packer[t]);
    for (size_t i = 0; i < q->n_slot && q->slot != NULL; i++) {
        free(q->slot[i].payload);
        free(q->slot[i].record);
    }
    free(q->slot);
    free(q->packer);
    pthread_cond_destroy(&q->changed);
    pthread_mutex_destroy(&q->lock);
    free(q);
}
