/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a scan's map says about itself: axes, identity, provenance. */
#ifndef SEVENS_SCAN_HEADER_H
#define SEVENS_SCAN_HEADER_H

#include "sevens/map.h"
#include "sevens/scan.h"

typedef struct sevens_scan_header {
    sevens_map_header map; /* its pointers point into this struct, the problem and the report */
    char title[1024], hostname[256], command[4096];
    const char *experiment[SEVENS_MAX_EXPERIMENTS];
    char nuisance_text[SEVENS_MAX_EXPERIMENTS * SEVENS_MAX_NUISANCES][128];
    const char *nuisance[SEVENS_MAX_EXPERIMENTS * SEVENS_MAX_NUISANCES];
    sevens_map_release release[SEVENS_MAX_EXPERIMENTS];
    const char *plane[SEVENS_MAX_PLANES];
} sevens_scan_header;

/* Borrows from problem and report, which must outlive the header. */
void sevens_scan_header_make(sevens_scan_header *header, const sevens_problem *problem,
                             const sevens_scan_report *report, const char *command);

/* -o, else output.file, else <name>.h5. */
void sevens_scan_output_path(const sevens_config *config, const char *output, char *path,
                             size_t size);

#endif
