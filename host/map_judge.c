/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules by which a map is made, continued or refused. Nothing is opened or changed here; every
 * refusal says what is there, what was wanted, and what would help. */
#include "map_judge.h"

#include <string.h>

static sevens_status refuse_other(const char *path, const char *title, const char *scan_id,
                                  const sevens_map_header *header, sevens_error *err)
{
    return sevens_fail(err, SEVENS_ERR_INPUT,
                       "%s belongs to another scan: it holds \"%s\" (scan_id %.12s), this scan is "
                       "\"%s\" (scan_id %.12s); choose another file, or --force replaces it",
                       path, title, scan_id, header->title, header->scan_id);
}

static sevens_status refuse_unfinished(const char *path, const sevens_map_header *header,
                                       sevens_error *err)
{
    return sevens_fail(err, SEVENS_ERR_INPUT,
                       "%s is an unfinished map of this scan (\"%s\"): --resume continues it, "
                       "--force starts anew",
                       path, header->title);
}

static sevens_status same_arithmetic(const char *path, const char *backend, const char *precision,
                                     const sevens_map_header *header, sevens_error *err)
{
    if (strcmp(backend, header->backend) == 0 && strcmp(precision, header->compute_precision) == 0)
        return SEVENS_OK;
    return sevens_fail(err, SEVENS_ERR_INPUT,
                       "%s was started with backend %s in %s and cannot be continued with %s in "
                       "%s: all tiles come from one arithmetic; --force starts anew",
                       path, backend, precision, header->backend, header->compute_precision);
}

static bool same_layout(const sevens_journal_header *journal, const sevens_map_layout *layout)
{
    bool same = journal->n_axis == layout->n_axis &&
                journal->n_experiment == layout->n_experiment &&
                journal->n_nuisance == layout->n_nuisance && journal->pulls == layout->pulls &&
                journal->precision == (uint32_t)layout->precision;
    for (size_t a = 0; same && a < layout->n_axis; a++)
        same = journal->n[a] == layout->n[a] && journal->tile[a] == layout->tile[a];
    return same;
}

/* The journal is there and valid. */
static sevens_status judge_journal(const char *path, sevens_map_mode mode,
                                   const sevens_map_layout *layout,
                                   const sevens_journal_header *journal,
                                   const sevens_map_glance *glance, const sevens_map_header *header,
                                   bool *complete, sevens_error *err)
{
    if (strcmp(journal->scan_id, header->scan_id) != 0)
        return refuse_other(path, journal->title, journal->scan_id, header, err);
    if (glance->found == SEVENS_FOUND_MAP && glance->complete &&
        strcmp(glance->scan_id, header->scan_id) == 0 &&
        strcmp(glance->start, journal->start) == 0) {
        *complete = true;
        return SEVENS_OK;
    }
    if (mode == SEVENS_MAP_CREATE)
        return refuse_unfinished(path, header, err);
    /* Whatever else stands at FILE is what a kill left of our map. */
    if (glance->found == SEVENS_FOUND_MAP && !journal->forced &&
        strcmp(glance->scan_id, header->scan_id) != 0)
        return refuse_other(path, glance->title, glance->scan_id, header, err);
    if (!same_layout(journal, layout))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s was started with other tiles or output options and cannot be "
                           "continued; --force starts anew",
                           path);
    return same_arithmetic(path, journal->backend, journal->compute_precision, header, err);
}

/* There is no journal to go by. */
static sevens_status judge_file(const char *path, sevens_map_mode mode,
                                const sevens_map_glance *glance, const sevens_map_header *header,
                                bool *complete, sevens_error *err)
{
    switch (glance->found) {
    case SEVENS_FOUND_NOTHING:
        return SEVENS_OK;
    case SEVENS_FOUND_BUSY:
        return sevens_fail(err, SEVENS_ERR_IO, "%s is in use by another program", path);
    case SEVENS_FOUND_FOREIGN:
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s exists and is not a Sevens map; choose another file, or --force "
                           "replaces it",
                           path);
    case SEVENS_FOUND_DAMAGED:
        if (mode == SEVENS_MAP_RESUME)
            return SEVENS_OK;
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s is damaged or truncated and has no journal; --force replaces it",
                           path);
    case SEVENS_FOUND_MAP:
        break;
    }
    if (strcmp(glance->scan_id, header->scan_id) != 0)
        return refuse_other(path, glance->title, glance->scan_id, header, err);
    *complete = glance->complete;
    if (*complete)
        return SEVENS_OK;
    if (mode == SEVENS_MAP_CREATE)
        return refuse_unfinished(path, header, err);
    return same_arithmetic(path, glance->backend, glance->compute_precision, header, err);
}

sevens_status sevens_map_judge(const char *path, sevens_map_mode mode,
                               const sevens_map_layout *layout,
                               const sevens_journal_header *journal,
                               const sevens_map_glance *glance, const sevens_map_header *header,
                               bool *complete, sevens_error *err)
{
    if (mode == SEVENS_MAP_FORCE)
        return SEVENS_OK;
    if (journal != NULL)
        return judge_journal(path, mode, layout, journal, glance, header, complete, err);
    return judge_file(path, mode, glance, header, complete, err);
}

bool sevens_map_finished(const char *path, const sevens_map_glance *glance,
                         const sevens_map_header *header)
{
    sevens_journal_header journal;
    return glance->found == SEVENS_FOUND_MAP && glance->complete &&
           strcmp(glance->scan_id, header->scan_id) == 0 && !sevens_journal_peek(path, &journal);
}
