/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where releases are: SEVENS_DATA (the folder itself or its releases/), releases/ one to three
 * levels above the program (build tree), share/sevens/releases of the prefix it is installed in.
 * Tables of spectra are in fluxes/ of those, or in the folder of the release that uses them. */
#include "path.h"
#include "release_internal.h"
#include "sevens/release.h"
#include "sevens/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PLACES = 6 };

/* Folders that may hold releases, in the order of looking. */
typedef struct places {
    size_t n;
    char *path[MAX_PLACES];
} places;

static void places_free(places *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->path[i]);
    p->n = 0;
}

static sevens_status add_place(places *p, const char *base, const char *below, sevens_error *err)
{
    p->path[p->n] = below ? sevens_path_join(base, below) : sevens_strdup(base);
    if (p->path[p->n] == NULL)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    p->n++;
    return SEVENS_OK;
}

/* The folder of the running program; false when the system does not say. */
static bool program_folder(char folder[PATH_MAX])
{
    const ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    if (n <= 0)
        return false;
    folder[n] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
    return slash != NULL;
}

static sevens_status find_places(places *p, sevens_error *err)
{
    char folder[PATH_MAX], prefix[PATH_MAX];
    sevens_status status = SEVENS_OK;
    const char *data = getenv("SEVENS_DATA");
    *p = (places){0};
    if (data != NULL && *data != '\0') {
        if (access(data, F_OK) != 0)
            return sevens_fail(err, SEVENS_ERR_INPUT, "SEVENS_DATA names %s: %s", data,
                               strerror(errno));
        SEVENS_TRY(add_place(p, data, NULL, err));
        SEVENS_TRY(add_place(p, data, "releases", err));
    }
    if (!program_folder(folder))
        return SEVENS_OK;
    snprintf(prefix, sizeof prefix, "%s", folder);
    for (int level = 1; level <= 3; level++) {
        char *slash = strrchr(folder, '/');
        if (slash == NULL)
            break;
        *slash = '\0';
        SEVENS_TRY(add_place(p, folder, "releases", err));
        if (level == 1)
            snprintf(prefix, sizeof prefix, "%s", folder);
    }
    SEVENS_TRY(add_place(p, prefix, "share/sevens/releases", err));

cleanup:
    if (status != SEVENS_OK)
        places_free(p);
    return status;
}

/* True if PLACE/NAME/release.yaml can be read; *folder becomes PLACE/NAME. */
static sevens_status look_in(const char *place, const char *name, char **folder, sevens_error *err)
{
    char *file = NULL;
    sevens_status status = SEVENS_OK;
    *folder = sevens_path_join(place, name);
    SEVENS_TRY_ALLOC(*folder);
    file = sevens_path_join(*folder, "release.yaml");
    SEVENS_TRY_ALLOC(file);
    if (access(file, R_OK) != 0) {
        free(*folder);
        *folder = NULL;
    }

cleanup:
    free(file);
    return status;
}

#define LOOKED_BYTES 2048

/* "a, b, c": the places that were looked in, after `first` (or NULL). */
static const char *list_places(const places *p, const char *first, const char *below,
                               char looked[LOOKED_BYTES])
{
    size_t used = 0;
    snprintf(looked, LOOKED_BYTES, "%s", first != NULL ? first : "");
    for (size_t i = 0; i < p->n && used < LOOKED_BYTES - 1; i++) {
        used = strlen(looked);
        snprintf(looked + used, LOOKED_BYTES - used, "%s%s%s", used > 0 ? ", " : "", p->path[i],
                 below);
    }
    return looked;
}

static sevens_status not_found(const places *p, const char *name, sevens_error *err)
{
    char looked[LOOKED_BYTES], suggestion[SEVENS_SUGGESTION];
    char **names = NULL;
    size_t n = 0;
    const sevens_status status = sevens_release_names(&names, &n, err);
    if (status != SEVENS_OK)
        return status;
    sevens_suggest(suggestion, name, (const char *const *)names, n);
    sevens_release_names_free(&names, n);
    return sevens_fail(err, SEVENS_ERR_INPUT, "no release '%s'; %s (looked in %s)", name,
                       suggestion, list_places(p, NULL, "", looked));
}

sevens_status sevens_release_find(char **folder, const char *name, sevens_error *err)
{
    places p = {0};
    sevens_status status;
    *folder = NULL;
    if (!sevens_release_name_is_valid(name))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "release name '%.100s': only letters, digits, '-', '_' and '.', the "
                           "first not '.'",
                           name);
    SEVENS_TRY(find_places(&p, err));
    for (size_t i = 0; *folder == NULL && i < p.n; i++)
        SEVENS_TRY(look_in(p.path[i], name, folder, err));
    if (*folder == NULL)
        status = not_found(&p, name, err);

cleanup:
    places_free(&p);
    return status;
}

/* ---- all names ---- */

typedef struct name_list {
    char **name;
    size_t n;
} name_list;

static sevens_status add_name(name_list *list, const char *name, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->name[i], name) == 0)
            return SEVENS_OK;
    char **larger = realloc(list->name, (list->n + 1) * sizeof *larger);
    SEVENS_TRY_ALLOC(larger);
    list->name = larger;
    larger[list->n] = sevens_strdup(name);
    SEVENS_TRY_ALLOC(larger[list->n]);
    list->n++;

cleanup:
    return status;
}

static sevens_status list_place(name_list *list, const char *place, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    DIR *dir = opendir(place);
    if (dir == NULL) /* a place need not exist */
        return SEVENS_OK;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char *folder = NULL;
        if (!sevens_release_name_is_valid(entry->d_name))
            continue;
        SEVENS_TRY(look_in(place, entry->d_name, &folder, err));
        if (folder != NULL)
            status = add_name(list, entry->d_name, err);
        free(folder);
        SEVENS_TRY(status);
    }

cleanup:
    closedir(dir);
    return status;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

sevens_status sevens_release_names(char ***names, size_t *n, sevens_error *err)
{
    name_list list = {0};
    places p = {0};
    sevens_status status;
    *names = NULL;
    *n = 0;
    SEVENS_TRY(find_places(&p, err));
    for (size_t i = 0; i < p.n; i++)
        SEVENS_TRY(list_place(&list, p.path[i], err));
    if (list.n > 0)
        qsort(list.name, list.n, sizeof *list.name, compare_names);

cleanup:
    places_free(&p);
    if (status != SEVENS_OK)
        sevens_release_names_free(&list.name, list.n);
    *names = list.name;
    *n = status == SEVENS_OK ? list.n : 0;
    return status;
}

void sevens_release_names_free(char ***names, size_t n)
{
    if (*names == NULL)
        return;
    for (size_t i = 0; i < n; i++)
        free((*names)[i]);
    free(*names);
    *names = NULL;
}

/* ---- tables of spectra ---- */

static sevens_status add_flux_names(name_list *list, const char *folder, sevens_error *err)
{
    char name[128];
    sevens_status status = SEVENS_OK;
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return SEVENS_OK;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const size_t length = strlen(entry->d_name);
        if (length <= 4 || length >= sizeof name || strcmp(entry->d_name + length - 4, ".csv") != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(length - 4), entry->d_name);
        SEVENS_TRY(add_name(list, name, err));
    }

cleanup:
    closedir(dir);
    return status;
}

static sevens_status no_flux(const places *p, const char *folder, const char *name,
                             sevens_error *err)
{
    char looked[LOOKED_BYTES], suggestion[SEVENS_SUGGESTION];
    name_list list = {0};
    sevens_status status = SEVENS_OK;
    char *fluxes = NULL;
    for (size_t i = 0; i < p->n; i++) {
        free(fluxes);
        fluxes = sevens_path_join(p->path[i], "fluxes");
        SEVENS_TRY_ALLOC(fluxes);
        SEVENS_TRY(add_flux_names(&list, fluxes, err));
    }
    if (list.n > 0)
        qsort(list.name, list.n, sizeof *list.name, compare_names);
    sevens_suggest(suggestion, name, (const char *const *)list.name, list.n);
    status = sevens_fail(err, SEVENS_ERR_INPUT, "no table of spectra '%s'; %s (looked in %s)", name,
                         suggestion, list_places(p, folder, "/fluxes", looked));

cleanup:
    free(fluxes);
    sevens_release_names_free(&list.name, list.n);
    return status;
}

sevens_status sevens_release_find_flux(char **path, const char *folder, const char *name,
                                       sevens_error *err)
{
    char file[128];
    places p = {0};
    char *below = NULL;
    sevens_status status;
    *path = NULL;
    if (!sevens_release_name_is_valid(name))
        return sevens_fail(err, SEVENS_ERR_INPUT, "'%.100s' is not the name of a table of spectra",
                           name);
    snprintf(file, sizeof file, "%s.csv", name);
    SEVENS_TRY(find_places(&p, err));
    for (size_t i = 0; i <= p.n; i++) {
        free(below);
        free(*path);
        *path = NULL;
        below = i == 0 ? sevens_strdup(folder) : sevens_path_join(p.path[i - 1], "fluxes");
        SEVENS_TRY_ALLOC(below);
        *path = sevens_path_join(below, file);
        SEVENS_TRY_ALLOC(*path);
        if (access(*path, R_OK) == 0)
            break;
        free(*path);
        *path = NULL;
    }
    if (*path == NULL)
        status = no_flux(&p, folder, name, err);

cleanup:
    places_free(&p);
    free(below);
    return status;
}
