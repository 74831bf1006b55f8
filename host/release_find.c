/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where releases are: SEVENS_DATA (the folder itself or its releases/), releases/ one to three
 * levels above the program (build tree), share/sevens/releases of the prefix it is installed in. */
#include "path.h"
#include "release_internal.h"
#include "sevens/release.h"
#include "sevens/text.h"

#include <dirent.h>
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

static sevens_status not_found(const places *p, const char *name, sevens_error *err)
{
    char looked[2048] = "", suggestion[SEVENS_SUGGESTION];
    char **names = NULL;
    size_t n = 0, used = 0;
    const sevens_status status = sevens_release_names(&names, &n, err);
    if (status != SEVENS_OK)
        return status;
    for (size_t i = 0; i < p->n && used < sizeof looked - 1; i++) {
        snprintf(looked + used, sizeof looked - used, "%s%s", i ? ", " : "", p->path[i]);
        used = strlen(looked);
    }
    sevens_suggest(suggestion, name, (const char *const *)names, n);
    sevens_release_names_free(&names, n);
    return sevens_fail(err, SEVENS_ERR_INPUT, "no release '%s'; %s (looked in %s)", name,
                       suggestion, looked);
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
