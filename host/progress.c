/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Progress of a scan on standard error and in FILE.progress.json. The only library module that
 * writes to a terminal. What goes wrong here never stops a scan: a side file that cannot be written
 * is left out. */
#define _GNU_SOURCE /* asprintf */
#include "sevens/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR_CELLS 10
#define BAR_PERIOD_S 0.2   /* between two drawings of the bar */
#define LINE_PERIOD_S 60.0 /* between two lines in a log */
#define SIDE_PERIOD_S 1.0  /* between two side files */
#define NAME_MAX_SHOWN 40

struct sevens_progress {
    char name[NAME_MAX_SHOWN + 1]; /* of the map, without folder and ending */
    char *side, *side_new;         /* side file, and its name while it is written; or NULL */
    double points, points_before, points_total;
    size_t tiles, tiles_total;
    bool quiet, terminal;
    double start_s, bar_s, line_s, side_s; /* last times */
    int shown;                             /* characters of the bar on the terminal */
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Points per second of this run; 0 while nothing is known. */
static double rate(const sevens_progress *p, double now)
{
    double seconds = now - p->start_s, points = p->points - p->points_before;
    return seconds > 0 && points > 0 ? points / seconds : 0;
}

/* NaN while nothing is known. */
static double seconds_left(const sevens_progress *p, double now)
{
    double per_s = rate(p, now);
    return per_s > 0 ? fmax(p->points_total - p->points, 0) / per_s : (double)NAN;
}

static double percent(const sevens_progress *p)
{
    double done = p->points_total > 0 ? p->points / p->points_total : 0;
    return 100 * fmin(fmax(done, 0), 1);
}

/* "1.23e6" */
static void format_rate(double per_s, char *text, size_t size)
{
    int exponent = per_s > 0 ? (int)floor(log10(per_s)) : 0;
    if (per_s >= 999.5)
        snprintf(text, size, "%.2fe%d", per_s / pow(10, exponent), exponent);
    else
        snprintf(text, size, "%.3g", per_s);
}

/* "0:07", "1:02:03", "-:--" */
static void format_duration(double seconds, char *text, size_t size)
{
    if (!(seconds < 1e9)) {
        snprintf(text, size, "-:--");
        return;
    }
    long s = lround(seconds);
    if (s >= 3600)
        snprintf(text, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, size, "%ld:%02ld", s / 60, s % 60);
}

static void erase_bar(sevens_progress *p)
{
    if (p->shown > 0)
        fprintf(stderr, "\r%*s\r", p->shown, "");
    p->shown = 0;
}

/* Plain characters only: no colour, no cursor movement but the carriage return. */
static void draw_bar(sevens_progress *p, double now)
{
    char cells[BAR_CELLS + 1], per_s[32], left[32], line[160];
    int full = (int)(percent(p) / 100 * BAR_CELLS);
    memset(cells, '.', BAR_CELLS);
    memset(cells, '#', (size_t)full);
    cells[BAR_CELLS] = '\0';
    format_rate(rate(p, now), per_s, sizeof per_s);
    format_duration(seconds_left(p, now), left, sizeof left);
    int length = snprintf(line, sizeof line, "%s  [%s]  %.0f %%  %s points/s  %s left", p->name,
                          cells, floor(percent(p)), per_s, left);
    int padding = p->shown > length ? p->shown - length : 0;
    fprintf(stderr, "\r%s%*s", line, padding, "");
    fflush(stderr);
    p->shown = length;
}

static void write_line(const sevens_progress *p, double now)
{
    char per_s[32], left[32];
    format_rate(rate(p, now), per_s, sizeof per_s);
    format_duration(seconds_left(p, now), left, sizeof left);
    fprintf(stderr, "%s: %.0f %%, %zu of %zu tiles, %s points/s, %s left\n", p->name,
            floor(percent(p)), p->tiles, p->tiles_total, per_s, left);
}

/* Under another name first, so that a reader never sees half of it. */
static void write_side(const sevens_progress *p, const char *state, double now)
{
    char updated[32], left[32] = "null";
    time_t clock = time(NULL);
    struct tm utc;
    FILE *stream = p->side_new != NULL ? fopen(p->side_new, "w") : NULL;
    if (stream == NULL)
        return;
    strftime(updated, sizeof updated, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&clock, &utc));
    if (seconds_left(p, now) < 1e15)
        snprintf(left, sizeof left, "%.1f", seconds_left(p, now));
    fprintf(stream,
            "{\"state\": \"%s\", \"points\": %.0f, \"points_total\": %.0f, \"tiles\": %zu, "
            "\"tiles_total\": %zu, \"points_per_s\": %.6g, \"seconds_left\": %s, \"updated\": "
            "\"%s\"}\n",
            state, p->points, p->points_total, p->tiles, p->tiles_total, rate(p, now), left,
            updated);
    bool ok = ferror(stream) == 0;
    ok = fclose(stream) == 0 && ok;
    if (!ok || rename(p->side_new, p->side) != 0)
        unlink(p->side_new);
}

static void name_side_files(sevens_progress *p, const char *map_path)
{
    if (asprintf(&p->side, "%s.progress.json", map_path) < 0)
        p->side = NULL;
    if (p->side == NULL || asprintf(&p->side_new, "%s.new", p->side) < 0)
        p->side_new = NULL;
}

static void name_scan(sevens_progress *p, const char *map_path)
{
    const char *slash = map_path != NULL ? strrchr(map_path, '/') : NULL;
    const char *name = map_path == NULL ? "scan" : (slash != NULL ? slash + 1 : map_path);
    snprintf(p->name, sizeof p->name, "%.*s", NAME_MAX_SHOWN, name);
    char *ending = strrchr(p->name, '.');
    if (ending != NULL && ending != p->name && strcmp(ending, ".h5") == 0)
        *ending = '\0';
}

sevens_progress *sevens_progress_start(const char *map_path, double points_total, double done,
                                       size_t tiles_total, size_t tiles_done, bool quiet)
{
    sevens_progress *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    const char *terminal = getenv("TERM");
    p->points = p->points_before = done;
    p->points_total = points_total;
    p->tiles = tiles_done;
    p->tiles_total = tiles_total;
    p->quiet = quiet;
    p->terminal = isatty(STDERR_FILENO) && !(terminal != NULL && strcmp(terminal, "dumb") == 0);
    p->start_s = p->line_s = p->side_s = now_s();
    p->bar_s = p->start_s - BAR_PERIOD_S;
    name_scan(p, map_path);
    if (map_path != NULL)
        name_side_files(p, map_path);
    write_side(p, "running", p->start_s);
    return p;
}

void sevens_progress_update(sevens_progress *p, double points_done, size_t tiles_done)
{
    if (p == NULL)
        return;
    double now = now_s();
    p->points = points_done;
    p->tiles = tiles_done;
    if (!p->quiet && p->terminal && now - p->bar_s >= BAR_PERIOD_S) {
        draw_bar(p, now);
        p->bar_s = now;
    } else if (!p->quiet && !p->terminal && now - p->line_s >= LINE_PERIOD_S) {
        write_line(p, now);
        p->line_s = now;
    }
    if (now - p->side_s >= SIDE_PERIOD_S) {
        write_side(p, "running", now);
        p->side_s = now;
    }
}

void sevens_progress_finish(sevens_progress **progress, const char *state)
{
    sevens_progress *p = *progress;
    *progress = NULL;
    if (p == NULL)
        return;
    erase_bar(p);
    if (strcmp(state, "complete") == 0 && p->side != NULL)
        unlink(p->side); /* the map itself says the rest */
    else
        write_side(p, state, now_s());
    free(p->side);
    free(p->side_new);
    free(p);
}
