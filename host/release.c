/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads a release folder: release.yaml with its options and patches, then the tables it names (see
 * release_internal.h), and frees releases. */
#include "sevens/release.h"

#include "path.h"
#include "release_internal.h"
#include "sevens/text.h"

#include <stdlib.h>
#include <string.h>

/* Fills a new release from the document of its release.yaml. */
static sevens_status read_release(sevens_release *r, sevens_document *doc,
                                  const sevens_release_option *choices, size_t n_choice,
                                  const sevens_node *patch, sevens_error *err)
{
    const char *text = sevens_document_text(doc);
    sevens_status status = SEVENS_OK;
    sevens_release_reader *reader = calloc(1, sizeof *reader);
    SEVENS_TRY_ALLOC(reader);
    reader->release = r;
    reader->doc = doc;
    sevens_sha256_bytes(text, strlen(text), r->sha256);
    SEVENS_TRY(sevens_release_choose(reader, choices, n_choice, patch, err));
    SEVENS_TRY(sevens_release_read_yaml(reader, err));
    SEVENS_TRY(sevens_document_finish(doc, err));
    SEVENS_TRY(sevens_release_load_flux(reader, err));
    SEVENS_TRY(sevens_release_load_tables(reader, err));

cleanup:
    free(reader);
    return status;
}

sevens_status sevens_release_load(sevens_release **release, const char *folder,
                                  const sevens_release_option *choices, size_t n_choice,
                                  const sevens_node *patch, sevens_error *err)
{
    sevens_document *doc = NULL;
    char *path = NULL;
    sevens_status status = SEVENS_OK;

    sevens_release *r = *release = calloc(1, sizeof *r);
    SEVENS_TRY_ALLOC(r);
    r->folder = sevens_strdup(folder);
    SEVENS_TRY_ALLOC(r->folder);
    path = sevens_path_join(folder, "release.yaml");
    SEVENS_TRY_ALLOC(path);
    SEVENS_TRY(sevens_document_load(&doc, path, err));
    SEVENS_TRY(read_release(r, doc, choices, n_choice, patch, err));

cleanup:
    sevens_document_free(&doc);
    free(path);
    if (status != SEVENS_OK)
        sevens_release_free(release);
    return status;
}

static void free_response(sevens_response_parameters *p)
{
    free(p->quenching_factor.x);
    free(p->quenching_factor.y);
    free(p->efficiency_curve.x);
    free(p->efficiency_curve.y);
}

static void free_statistics(sevens_release *r)
{
    for (size_t i = 0; i < r->n_shared; i++)
        free(r->shared[i].name);
    for (size_t b = 0; b < SEVENS_RELEASE_MAX_BACKGROUNDS; b++) {
        free(r->background[b].name);
        free(r->background[b].counts);
    }
    for (size_t i = 0; i < SEVENS_RELEASE_MAX_SHAPES; i++) {
        sevens_shape *shape = &r->shape[i];
        free(shape->name);
        free(shape->counts);
        free_response(&shape->plus);
        free_response(&shape->minus);
        for (size_t k = 0; k < SEVENS_RELEASE_MAX_FLUX; k++)
            free(shape->weight[k]);
    }
    free(r->observed);
    free(r->sigma);
    free(r->off);
}

static void free_texts(sevens_release *r)
{
    char *texts[] = {r->name,  r->title, r->citation, r->doi,
                     r->arxiv, r->url,   r->version,  r->folder};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    for (size_t i = 0; i < r->n_option; i++) {
        free(r->option[i].name);
        free(r->option[i].value);
    }
    for (size_t i = 0; i < r->n_excluded; i++)
        free(r->excluded[i]);
}

void sevens_release_free(sevens_release **release)
{
    sevens_release *r = *release;
    if (r == NULL)
        return;
    free_texts(r);
    free_statistics(r);
    for (size_t a = 0; a < SEVENS_RELEASE_MAX_AXES; a++) {
        free(r->axis[a].name);
        free(r->axis[a].unit);
        free(r->axis[a].edges);
    }
    free_response(&r->response);
    free(r->node_keVnr);
    free(r->spread.first);
    free(r->spread.channel);
    for (size_t k = 0; k < SEVENS_RELEASE_MAX_FLUX; k++) {
        sevens_spectrum_free(&r->flux[k].spectrum);
        free(r->flux[k].weight);
    }
    free(r);
    *release = NULL;
}

void sevens_release_spread(const sevens_release *release, const double *weight,
                           const double *channel, double *bin)
{
    const sevens_spread *s = &release->spread;
    for (size_t b = 0; b < release->n_bin; b++)
        for (size_t e = s->first[b]; e < s->first[b + 1]; e++)
            bin[b] += weight[e] * channel[s->channel[e]];
}
