/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading originals of data releases: see ingest_originals.h. */
#include "ingest_originals.h"

#include "path.h"
#include "sevens/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- checksums ---- */

/* Some tools list files as "./FILE". */
static const char *plain_name(const char *file)
{
    return strncmp(file, "./", 2) == 0 ? file + 2 : file;
}

/* Compares with the line "<64 digits>  FILE" of SHA256SUMS. */
static sevens_status check_sum(const char *sums_path, const char *file, const char *sha256,
                               sevens_error *err)
{
    char line[512], listed[SEVENS_SHA256_HEX], name[256];
    sevens_status status = SEVENS_OK;
    bool found = false;
    FILE *sums = fopen(sums_path, "r");
    if (sums == NULL && errno == ENOENT)
        return SEVENS_OK;
    if (sums == NULL)
        return sevens_fail(err, SEVENS_ERR_IO, "cannot open %s: %s", sums_path, strerror(errno));
    for (int number = 1; !found && fgets(line, sizeof line, sums) != NULL; number++) {
        if (sscanf(line, "%64s %*1[*]%255s", listed, name) != 2 &&
            sscanf(line, "%64s %255s", listed, name) != 2)
            continue;
        found = strcmp(plain_name(name), plain_name(file)) == 0;
        if (found && strcmp(listed, sha256) != 0)
            status = sevens_fail(err, SEVENS_ERR_INPUT,
                                 "%s:%d: %s has the sum %.12s..., listed is %.12s...: the file is "
                                 "damaged or another version",
                                 sums_path, number, file, sha256, listed);
    }
    if (!found)
        status = sevens_fail(err, SEVENS_ERR_INPUT, "%s: %s is not listed", sums_path, file);
    fclose(sums);
    return status;
}

sevens_status sevens_original_use(sevens_originals *originals, const char *file, char **path,
                                  sevens_error *err)
{
    char *sums = NULL, *full = NULL;
    sevens_status status = SEVENS_OK;
    full = sevens_path_join(originals->folder, file);
    SEVENS_TRY_ALLOC(full);
    sums = sevens_path_join(originals->folder, "SHA256SUMS");
    SEVENS_TRY_ALLOC(sums);
    if (originals->n == SEVENS_MAX_ORIGINALS)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT, "%s: more than %d originals", full,
                               SEVENS_MAX_ORIGINALS));
    sevens_original *source = &originals->source[originals->n];
    snprintf(source->file, sizeof source->file, "%s", file);
    SEVENS_TRY(sevens_sha256_file(full, source->sha256, err));
    SEVENS_TRY(check_sum(sums, file, source->sha256, err));
    originals->n++;
    if (path != NULL) {
        *path = full;
        full = NULL;
    }

cleanup:
    free(full);
    free(sums);
    return status;
}

sevens_status sevens_original_rows_after(sevens_originals *originals, const char *file, long n_head,
                                         size_t n_column, sevens_row_callback row, void *context,
                                         sevens_error *err)
{
    char *path = NULL;
    sevens_status status;
    SEVENS_TRY(sevens_original_use(originals, file, &path, err));
    SEVENS_TRY(sevens_stream_rows_after(path, n_head, n_column, row, context, err));

cleanup:
    free(path);
    return status;
}

sevens_status sevens_original_rows(sevens_originals *originals, const char *file, size_t n_column,
                                   sevens_row_callback row, void *context, sevens_error *err)
{
    return sevens_original_rows_after(originals, file, 0, n_column, row, context, err);
}

/* ---- tables of a known number of rows ---- */

typedef struct known_rows {
    size_t n, n_max, n_column;
    double *value; /* [n_max][n_column] */
} known_rows;

static sevens_status add_known(void *context, const double *values, const char *path, long line,
                               sevens_error *err)
{
    known_rows *k = context;
    if (k->n == k->n_max)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: more than %zu rows", path, line,
                           k->n_max);
    memcpy(k->value + k->n++ * k->n_column, values, k->n_column * sizeof *values);
    return SEVENS_OK;
}

sevens_status sevens_original_values(sevens_originals *originals, const char *file, long n_head,
                                     size_t n_row, size_t n_column, double **values,
                                     sevens_error *err)
{
    known_rows k = {.n_max = n_row, .n_column = n_column};
    sevens_status status = SEVENS_OK;
    k.value = calloc(n_row * n_column, sizeof *k.value);
    SEVENS_TRY_ALLOC(k.value);
    SEVENS_TRY(sevens_original_rows_after(originals, file, n_head, n_column, add_known, &k, err));
    if (k.n != n_row)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT, "%s/%s: %zu rows, expected %zu",
                               originals->folder, file, k.n, n_row));
    *values = k.value;
    k.value = NULL;

cleanup:
    free(k.value);
    return status;
}

/* ---- histograms ---- */

typedef struct histogram_rows {
    const sevens_original_layout *layout;
    size_t n, n_bin;
    double *content; /* [n_bin] */
} histogram_rows;

static sevens_status add_bin(void *context, const double *values, const char *path, long line,
                             sevens_error *err)
{
    histogram_rows *h = context;
    const sevens_original_layout *l = h->layout;
    if (h->n == h->n_bin)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: more than %zu bins", path, line,
                           h->n_bin);
    size_t stride = h->n_bin;
    for (size_t a = 0; a < l->n_axis; a++) {
        stride /= l->axis[a].n;
        const double *edge = l->axis[a].edges + h->n / stride % l->axis[a].n;
        const double centre = 0.5 * (edge[0] + edge[1]);
        if (!(fabs(values[a] - centre) <= 1e-6 * (edge[1] - edge[0])))
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s:%ld: the %s bin has the centre %g, here it should be %g", path,
                               line, l->axis[a].name, values[a], centre);
    }
    h->content[h->n++] = values[l->n_axis + l->column];
    return SEVENS_OK;
}

sevens_status sevens_original_histogram(sevens_originals *originals, const char *file,
                                        const sevens_original_layout *layout, double **content,
                                        sevens_error *err)
{
    histogram_rows h = {.layout = layout, .n_bin = 1};
    sevens_status status = SEVENS_OK;
    for (size_t a = 0; a < layout->n_axis; a++)
        h.n_bin *= layout->axis[a].n;
    h.content = calloc(h.n_bin, sizeof *h.content);
    SEVENS_TRY_ALLOC(h.content);
    SEVENS_TRY(sevens_original_rows_after(originals, file, layout->n_head,
                                          layout->n_axis + layout->n_column, add_bin, &h, err));
    if (h.n != h.n_bin)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT, "%s/%s: %zu bins, expected %zu",
                               originals->folder, file, h.n, h.n_bin));
    *content = h.content;
    h.content = NULL;

cleanup:
    free(h.content);
    return status;
}

sevens_status sevens_ingest_as_published(const sevens_ingest_options *options, sevens_error *err)
{
    if (options->events != NULL)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "the originals are histograms: --events cannot be used");
    if (options->energy_edges != NULL || options->time_edges != NULL)
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "the originals are histograms: the bins are theirs, --energy-edges and "
                           "--time-edges cannot be used");
    return SEVENS_OK;
}

/* ---- steps ---- */

#define MAX_STEPS 100000

typedef struct centres {
    sevens_steps *steps;
    size_t capacity;
    double centre[2]; /* of the first two slices */
} centres;

/* Centres come at first + k width; edges are kept as multiples, so that errors do not add up. */
static sevens_status add_centre(void *context, const double *values, const char *path, long line,
                                sevens_error *err)
{
    centres *c = context;
    sevens_steps *s = c->steps;
    sevens_status status = SEVENS_OK;
    if (s->n < 2)
        c->centre[s->n] = values[0];
    const double width = s->n ? c->centre[1] - c->centre[0] : 1.0;
    const double expected = c->centre[0] + (double)s->n * width;
    if (!(width > 0.0) || !(fabs(values[0] - expected) <= 1e-6 * width))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "%s:%ld: the bin centre %g is not %g as the rows "
                           "before it say",
                           path, line, values[0], expected);
    if (!(values[1] >= 0.0))
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: %g is negative", path, line, values[1]);
    if (s->n == MAX_STEPS)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s:%ld: more than %d rows", path, line,
                           MAX_STEPS);
    if (s->n == c->capacity) {
        c->capacity = c->capacity ? 2 * c->capacity : 256;
        double *content = realloc(s->content, c->capacity * sizeof *content);
        SEVENS_TRY_ALLOC(content);
        s->content = content;
    }
    s->content[s->n++] = values[1];

cleanup:
    return status;
}

sevens_status sevens_steps_from_centres(sevens_steps *steps, sevens_originals *originals,
                                        const char *file, sevens_error *err)
{
    centres c = {.steps = steps};
    sevens_status status;
    *steps = (sevens_steps){0};
    SEVENS_TRY(sevens_original_rows(originals, file, 2, add_centre, &c, err));
    if (steps->n < 2)
        SEVENS_TRY(sevens_fail(err, SEVENS_ERR_INPUT, "%s/%s: fewer than two rows",
                               originals->folder, file));
    steps->edge = malloc((steps->n + 1) * sizeof *steps->edge);
    SEVENS_TRY_ALLOC(steps->edge);
    const double width = c.centre[1] - c.centre[0];
    for (size_t i = 0; i <= steps->n; i++)
        steps->edge[i] = c.centre[0] + ((double)i - 0.5) * width;

cleanup:
    return status;
}

void sevens_steps_free(sevens_steps *steps)
{
    free(steps->edge);
    free(steps->content);
    *steps = (sevens_steps){0};
}

double sevens_steps_integral(const sevens_steps *steps, double lo, double hi)
{
    double sum = 0.0;
    for (size_t i = 0; i < steps->n; i++) {
        const double a = fmax(lo, steps->edge[i]), b = fmin(hi, steps->edge[i + 1]);
        if (b > a)
            sum += steps->content[i] * (b - a) / (steps->edge[i + 1] - steps->edge[i]);
    }
    return sum;
}

/* ---- axes and numbers ---- */

size_t sevens_axis_find(const sevens_bin_axis *axis, double x)
{
    if (!(x >= axis->edges[0] && x < axis->edges[axis->n]))
        return axis->n;
    size_t lo = 0, hi = axis->n; /* edges[lo] <= x < edges[hi] */
    while (hi - lo > 1) {
        const size_t middle = (lo + hi) / 2;
        if (x >= axis->edges[middle])
            lo = middle;
        else
            hi = middle;
    }
    return lo;
}

sevens_status sevens_axis_set(sevens_bin_axis *axis, const char *name, const char *unit,
                              const double *edges, size_t n_edges, double lo, double hi,
                              sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    if (n_edges < 2 || n_edges > SEVENS_RELEASE_MAX_BINS)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s edges: %zu given, 2 to %d can be used", name,
                           n_edges, SEVENS_RELEASE_MAX_BINS);
    for (size_t i = 0; i < n_edges; i++) {
        if (!(edges[i] >= lo && edges[i] <= hi))
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "%s edges: %g is outside the %g to %g %s of the release", name,
                               edges[i], lo, hi, unit);
        if (i > 0 && !(edges[i] > edges[i - 1]))
            return sevens_fail(err, SEVENS_ERR_INPUT, "%s edges: %g after %g is not increasing",
                               name, edges[i], edges[i - 1]);
    }
    axis->name = sevens_strdup(name);
    SEVENS_TRY_ALLOC(axis->name);
    axis->unit = sevens_strdup(unit);
    SEVENS_TRY_ALLOC(axis->unit);
    axis->edges = malloc(n_edges * sizeof *edges);
    SEVENS_TRY_ALLOC(axis->edges);
    memcpy(axis->edges, edges, n_edges * sizeof *edges);
    axis->n = n_edges - 1;

cleanup:
    return status;
}

sevens_status sevens_axis_uniform(sevens_bin_axis *axis, const char *name, const char *unit,
                                  double lo, double hi, size_t n, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    double *edges = malloc((n + 1) * sizeof *edges);
    SEVENS_TRY_ALLOC(edges);
    for (size_t i = 0; i <= n; i++)
        edges[i] = sevens_round_digits(lo + (hi - lo) * (double)i / (double)n, 12);
    SEVENS_TRY(sevens_axis_set(axis, name, unit, edges, n + 1, lo, hi, err));

cleanup:
    free(edges);
    return status;
}

void sevens_axis_free(sevens_bin_axis *axis)
{
    free(axis->name);
    free(axis->unit);
    free(axis->edges);
    *axis = (sevens_bin_axis){0};
}

double sevens_round_digits(double value, int digits)
{
    char text[40];
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    return strtod(text, NULL);
}

double sevens_round_places(double value, int places)
{
    char text[400];
    snprintf(text, sizeof text, "%.*f", places, value);
    return strtod(text, NULL) + 0.0; /* no -0 */
}
