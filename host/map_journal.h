/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the map module: FILE.journal, the append-only log of a scan under way. It exists from
 * before the map file is made until after the finished map is closed, holds the lock that keeps a
 * second process out, and has everything that a lost map is rebuilt from. docs/map_format.md. */
#ifndef SEVENS_MAP_JOURNAL_H
#define SEVENS_MAP_JOURNAL_H

#include "map_layout.h"

typedef enum sevens_journal_kind {
    /* payload: all that a reduced scan has so far */
    SEVENS_JOURNAL_STATE = 3,
    SEVENS_JOURNAL_RUN = 1, /* payload: a line of history; one for every run */
    SEVENS_JOURNAL_TILE = 2 /* payload: the record of the tile, see map_pack.h */
} sevens_journal_kind;

/* First bytes of the file, in the byte order of the machine, without padding. */
typedef struct sevens_journal_header {
    char magic[8];       /* "SEVENSJ\n" */
    uint32_t version;    /* 2 */
    uint32_t byte_order; /* 0x01020304 */
    char scan_id[72];
    char title[256];
    char start[32]; /* UTC; /provenance start of the map that belongs to this journal */
    char backend[32], compute_precision[8];
    uint64_t n_axis, n[SEVENS_MAP_MAX_AXES], tile[SEVENS_MAP_MAX_AXES];
    uint64_t n_experiment, n_nuisance;
    uint32_t pulls, compress, precision, forced; /* forced: may replace whatever stands at FILE */
    double add_offset;
    uint32_t reserved, crc; /* crc: CRC-32C of all bytes before it */
} sevens_journal_header;

typedef struct sevens_journal_record {
    uint32_t kind;
    uint32_t crc;    /* CRC-32C of kind, tile, length and the payload */
    uint64_t tile;   /* index; 0 for a run; of a state its number */
    uint64_t length; /* of the payload in bytes */
} sevens_journal_record;

typedef struct sevens_journal sevens_journal;

/* Opens FILE.journal, made when missing, and locks it. Refused while another process has it, and
 * when a file of that name is something else. */
sevens_status sevens_journal_open(sevens_journal **journal, const char *map_path,
                                  sevens_error *err);
/* Its header; NULL when there is none yet (new, or a kill came before it was whole). */
const sevens_journal_header *sevens_journal_get(const sevens_journal *journal);
/* Empties the journal and writes a header, of which magic, version and crc are filled in. */
sevens_status sevens_journal_start(sevens_journal *journal, const sevens_journal_header *header,
                                   sevens_error *err);
/* The next record; its payload is borrowed until the next call. *more = false at the end, which is
 * where the first torn or damaged record begins: appending starts there. Records with a payload
 * above max_payload count as damaged. */
sevens_status sevens_journal_next(sevens_journal *journal, size_t max_payload,
                                  sevens_journal_record *record, const unsigned char **payload,
                                  bool *more, sevens_error *err);
/* Appends a record, whole or not at all. */
sevens_status sevens_journal_append(sevens_journal *journal, sevens_journal_kind kind, size_t tile,
                                    const void *payload, size_t length, sevens_error *err);
/* The journal of a reduced scan has no other records than two states, of one length, that are
 * written in turn: a kill leaves one of them whole. */
sevens_status sevens_journal_save(sevens_journal *journal, uint64_t number, const void *payload,
                                  size_t length, sevens_error *err);
/* The later of them, borrowed until the next call, and its number; NULL when there is none. */
sevens_status sevens_journal_load(sevens_journal *journal, size_t length,
                                  const unsigned char **payload, uint64_t *number,
                                  sevens_error *err);
/* Closes and unlocks; with `discard` the file is removed first. */
void sevens_journal_close(sevens_journal **journal, bool discard);

/* Reads the header of FILE.journal without lock; false when there is none. */
bool sevens_journal_peek(const char *map_path, sevens_journal_header *header);

#endif
