/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal of a map under way: header, then records, each with its length and checksum. A kill
 * can tear the last record only; reading stops there and appending goes on there. The lock is an
 * flock on the open file, so that it ends with the process however that ends. */
#define _GNU_SOURCE /* asprintf */
#include "map_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "SEVENSJ\n"
#define VERSION 2
#define BYTE_ORDER_MARK 0x01020304u
#define CRC_SLICES 8

struct sevens_journal {
    int fd;
    char *path;
    bool valid; /* header holds */
    sevens_journal_header header;
    off_t end; /* of the records read or written so far */
    bool torn; /* there may be something behind the end */
    unsigned char *buffer;
    size_t buffer_size;
    uint32_t crc_table[CRC_SLICES][256];
};

static void crc_init(uint32_t table[CRC_SLICES][256])
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0x82f63b78u & -(crc & 1));
        table[0][i] = crc;
    }
    for (int s = 1; s < CRC_SLICES; s++)
        for (int i = 0; i < 256; i++)
            table[s][i] = table[s - 1][i] >> 8 ^ table[0][table[s - 1][i] & 0xff];
}

/* CRC-32C (RFC 3720), eight bytes at a time. */
static uint32_t crc_add(uint32_t table[CRC_SLICES][256], uint32_t crc, const void *data, size_t n)
{
    const unsigned char *p = data;
    crc = ~crc;
    for (; n >= 8; n -= 8, p += 8)
        crc = table[7][(crc ^ p[0]) & 0xff] ^ table[6][(crc >> 8 ^ p[1]) & 0xff] ^
              table[5][(crc >> 16 ^ p[2]) & 0xff] ^ table[4][crc >> 24 ^ p[3]] ^ table[3][p[4]] ^
              table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
    while (n-- > 0)
        crc = crc >> 8 ^ table[0][(crc ^ *p++) & 0xff];
    return ~crc;
}

static uint32_t record_crc(sevens_journal *journal, const sevens_journal_record *record,
                           const void *payload)
{
    uint32_t crc = crc_add(journal->crc_table, 0, &record->kind, sizeof record->kind);
    crc = crc_add(journal->crc_table, crc, &record->tile, 2 * sizeof record->tile);
    return crc_add(journal->crc_table, crc, payload, (size_t)record->length);
}

static uint32_t header_crc(uint32_t table[CRC_SLICES][256], const sevens_journal_header *header)
{
    return crc_add(table, 0, header, offsetof(sevens_journal_header, crc));
}

static bool header_valid(uint32_t table[CRC_SLICES][256], const sevens_journal_header *header)
{
    return memcmp(header->magic, MAGIC, sizeof header->magic) == 0 && header->version == VERSION &&
           header->byte_order == BYTE_ORDER_MARK && header_crc(table, header) == header->crc;
}

/* Reads or writes n bytes, through interruptions; returns how many were moved. */
static size_t read_at(int fd, void *data, size_t n, off_t offset)
{
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(fd, (char *)data + done, n - done, offset + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

static size_t write_at(int fd, const void *data, size_t n, off_t offset)
{
    size_t done = 0;
    while (done < n) {
        ssize_t put = pwrite(fd, (const char *)data + done, n - done, offset + (off_t)done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            break;
        done += (size_t)put;
    }
    return done;
}

static char *journal_path(const char *map_path)
{
    char *path = NULL;
    return asprintf(&path, "%s.journal", map_path) < 0 ? NULL : path;
}

/* Opens and locks the file. Its owner may finish and remove it in between: then it is made anew. */
static sevens_status open_locked(sevens_journal *journal, const char *map_path, sevens_error *err)
{
    for (;;) {
        struct stat opened, named;
        journal->fd = open(journal->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (journal->fd < 0)
            return sevens_fail(err, SEVENS_ERR_IO, "cannot create %s: %s", map_path,
                               strerror(errno));
        if (flock(journal->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
            return sevens_fail(err, SEVENS_ERR_IO,
                               "%s is being written by another process (it holds %s)", map_path,
                               journal->path);
        /* where locks are not supported at all (some network file systems) the scan goes on */
        if (fstat(journal->fd, &opened) == 0 && stat(journal->path, &named) == 0 &&
            opened.st_ino == named.st_ino && opened.st_dev == named.st_dev)
            return SEVENS_OK;
        close(journal->fd);
    }
}

/* A file that does not even begin as a journal is somebody else's. */
static sevens_status read_header(sevens_journal *journal, sevens_error *err)
{
    size_t n = read_at(journal->fd, &journal->header, sizeof journal->header, 0);
    size_t magic = n < strlen(MAGIC) ? n : strlen(MAGIC);
    if (memcmp(journal->header.magic, MAGIC, magic) != 0)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s exists and is not a Sevens journal; move it away", journal->path);
    journal->valid =
        n == sizeof journal->header && header_valid(journal->crc_table, &journal->header);
    if (!journal->valid && n >= offsetof(sevens_journal_header, scan_id) &&
        journal->header.version != VERSION)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s was written by another version of the program; finish it there or "
                           "remove it",
                           journal->path);
    journal->end = journal->valid ? (off_t)sizeof journal->header : 0;
    return SEVENS_OK;
}

sevens_status sevens_journal_open(sevens_journal **journal, const char *map_path, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    sevens_journal *j = calloc(1, sizeof *j);
    *journal = NULL;
    SEVENS_TRY_ALLOC(j);
    j->fd = -1;
    j->torn = true;
    SEVENS_TRY_ALLOC(j->path = journal_path(map_path));
    crc_init(j->crc_table);
    SEVENS_TRY(open_locked(j, map_path, err));
    SEVENS_TRY(read_header(j, err));
    *journal = j;
    j = NULL;
cleanup:
    sevens_journal_close(&j, false);
    return status;
}

const sevens_journal_header *sevens_journal_get(const sevens_journal *journal)
{
    return journal->valid ? &journal->header : NULL;
}

/* After a failed write: back to the last whole record, and the reason in words. */
static sevens_status write_failed(sevens_journal *journal, int reason, sevens_error *err)
{
    (void)!ftruncate(journal->fd, journal->end); /* a torn record would be skipped anyway */
    journal->torn = true;
    return sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", journal->path,
                       strerror(reason ? reason : ENOSPC));
}

sevens_status sevens_journal_start(sevens_journal *journal, const sevens_journal_header *header,
                                   sevens_error *err)
{
    journal->valid = false;
    journal->end = 0;
    if (ftruncate(journal->fd, 0) != 0)
        return write_failed(journal, errno, err);
    journal->header = *header;
    memcpy(journal->header.magic, MAGIC, sizeof journal->header.magic);
    journal->header.version = VERSION;
    journal->header.byte_order = BYTE_ORDER_MARK;
    journal->header.crc = header_crc(journal->crc_table, &journal->header);
    errno = 0;
    if (write_at(journal->fd, &journal->header, sizeof journal->header, 0) < sizeof journal->header)
        return write_failed(journal, errno, err);
    journal->end = (off_t)sizeof journal->header;
    journal->valid = true;
    return SEVENS_OK;
}

static sevens_status reserve(sevens_journal *journal, size_t size, sevens_error *err)
{
    if (size <= journal->buffer_size)
        return SEVENS_OK;
    unsigned char *buffer = realloc(journal->buffer, size);
    if (buffer == NULL)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    journal->buffer = buffer;
    journal->buffer_size = size;
    return SEVENS_OK;
}

sevens_status sevens_journal_next(sevens_journal *journal, size_t max_payload,
                                  sevens_journal_record *record, const unsigned char **payload,
                                  bool *more, sevens_error *err)
{
    *more = false;
    size_t n = read_at(journal->fd, record, sizeof *record, journal->end);
    if (n < sizeof *record || record->length > max_payload)
        return SEVENS_OK;
    size_t length = (size_t)record->length;
    sevens_status status = reserve(journal, length, err);
    if (status != SEVENS_OK)
        return status;
    off_t at = journal->end + (off_t)sizeof *record;
    if (read_at(journal->fd, journal->buffer, length, at) < length ||
        record_crc(journal, record, journal->buffer) != record->crc)
        return SEVENS_OK;
    journal->end = at + (off_t)length;
    *payload = journal->buffer;
    *more = true;
    return SEVENS_OK;
}

sevens_status sevens_journal_append(sevens_journal *journal, sevens_journal_kind kind, size_t tile,
                                    const void *payload, size_t length, sevens_error *err)
{
    sevens_journal_record record = {.kind = kind, .tile = tile, .length = length};
    size_t size = sizeof record + length;
    sevens_status status = reserve(journal, size, err);
    if (status != SEVENS_OK)
        return status;
    record.crc = record_crc(journal, &record, payload);
    memcpy(journal->buffer, &record, sizeof record);
    memcpy(journal->buffer + sizeof record, payload, length);
    /* what lies behind the end is torn; it must not survive behind a shorter record */
    errno = 0;
    if ((journal->torn && ftruncate(journal->fd, journal->end) != 0) ||
        write_at(journal->fd, journal->buffer, size, journal->end) < size)
        return write_failed(journal, errno, err);
    journal->torn = false;
    journal->end += (off_t)size;
    return SEVENS_OK;
}

static off_t state_offset(uint64_t number, size_t length)
{
    return (off_t)(sizeof(sevens_journal_header) +
                   number % 2 * (sizeof(sevens_journal_record) + length));
}

sevens_status sevens_journal_save(sevens_journal *journal, uint64_t number, const void *payload,
                                  size_t length, sevens_error *err)
{
    sevens_journal_record record = {.kind = SEVENS_JOURNAL_STATE, .tile = number, .length = length};
    size_t size = sizeof record + length;
    sevens_status status = reserve(journal, size, err);
    if (status != SEVENS_OK)
        return status;
    record.crc = record_crc(journal, &record, payload);
    memcpy(journal->buffer, &record, sizeof record);
    memcpy(journal->buffer + sizeof record, payload, length);
    errno = 0;
    if (write_at(journal->fd, journal->buffer, size, state_offset(number, length)) == size)
        return SEVENS_OK;
    return sevens_fail(err, SEVENS_ERR_IO, "cannot write %s: %s", journal->path,
                       strerror(errno ? errno : ENOSPC));
}

/* Whether a whole state stands at one of the two places; it is in the buffer then. */
static bool read_state(sevens_journal *journal, uint64_t place, size_t length, uint64_t *number)
{
    sevens_journal_record record;
    off_t at = state_offset(place, length);
    if (read_at(journal->fd, &record, sizeof record, at) < sizeof record ||
        record.kind != SEVENS_JOURNAL_STATE || record.length != length ||
        record.tile % 2 != place ||
        read_at(journal->fd, journal->buffer, length, at + (off_t)sizeof record) < length ||
        record_crc(journal, &record, journal->buffer) != record.crc)
        return false;
    *number = record.tile;
    return true;
}

sevens_status sevens_journal_load(sevens_journal *journal, size_t length,
                                  const unsigned char **payload, uint64_t *number,
                                  sevens_error *err)
{
    uint64_t first = 0, second = 0;
    *payload = NULL;
    sevens_status status = reserve(journal, length, err);
    if (status != SEVENS_OK)
        return status;
    bool has_first = read_state(journal, 0, length, &first);
    bool has_second = read_state(journal, 1, length, &second);
    if (has_second && !(has_first && first > second)) {
        *payload = journal->buffer;
        *number = second;
    } else if (has_first && read_state(journal, 0, length, number)) {
        *payload = journal->buffer;
    }
    return SEVENS_OK;
}

void sevens_journal_close(sevens_journal **journal, bool discard)
{
    sevens_journal *j = *journal;
    *journal = NULL;
    if (j == NULL)
        return;
    if (discard && j->fd >= 0)
        unlink(j->path); /* still locked: nobody else can have begun with it */
    if (j->fd >= 0)
        close(j->fd);
    free(j->buffer);
    free(j->path);
    free(j);
}

bool sevens_journal_peek(const char *map_path, sevens_journal_header *header)
{
    uint32_t table[CRC_SLICES][256];
    char *path = journal_path(map_path);
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    free(path);
    if (fd < 0)
        return false;
    size_t n = read_at(fd, header, sizeof *header, 0);
    close(fd);
    crc_init(table);
    return n == sizeof *header && header_valid(table, header);
}
