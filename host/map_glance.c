/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands at the path of a map: nothing, somebody else's file, a damaged one, or a map, and of
 * which scan. Decides nothing; map.c does. */
#include "map_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void sevens_map_glance_free(sevens_map_glance *glance)
{
    free(glance->scan_id);
    free(glance->title);
    free(glance->start);
    free(glance->history);
    free(glance->backend);
    free(glance->compute_precision);
    memset(glance, 0, sizeof *glance);
}

/* Why HDF5 would not open a file that is there. */
static sevens_map_found unreadable(const char *path, off_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool busy = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    if (busy)
        return SEVENS_FOUND_BUSY;
    return size == 0 || H5Fis_hdf5(path) > 0 ? SEVENS_FOUND_DAMAGED : SEVENS_FOUND_FOREIGN;
}

static char *text_or_empty(hid_t object, const char *name)
{
    char *text = object >= 0 ? sevens_h5_get_text(object, name) : NULL;
    return text != NULL ? text : strdup("");
}

/* Identity of an open map; false when it is not one. */
static bool identify(hid_t file, sevens_map_glance *glance)
{
    double complete = 0;
    char *format = sevens_h5_get_text(file, "format");
    bool ours = format != NULL && strcmp(format, "sevens-map") == 0;
    free(format);
    if (!ours || !sevens_h5_get_real(file, "format_version", &glance->version))
        return false;
    hid_t provenance = H5Gopen2(file, "provenance", H5P_DEFAULT);
    hid_t chi2 = H5Dopen2(file, "chi2", H5P_DEFAULT);
    glance->complete = sevens_h5_get_real(file, "complete", &complete) && complete == 1;
    glance->scan_id = text_or_empty(file, "scan_id");
    glance->title = text_or_empty(file, "title");
    glance->history = text_or_empty(file, "history");
    glance->start = text_or_empty(provenance, "start");
    glance->backend = text_or_empty(provenance, "backend");
    glance->compute_precision = text_or_empty(provenance, "precision");
    if (chi2 < 0 || !sevens_h5_get_real(chi2, "add_offset", &glance->add_offset))
        glance->add_offset = 0;
    if (chi2 >= 0)
        H5Dclose(chi2);
    if (provenance >= 0)
        H5Gclose(provenance);
    return true;
}

sevens_status sevens_map_glance_at(sevens_map_glance *glance, const char *path, sevens_error *err)
{
    struct stat file_stat;
    memset(glance, 0, sizeof *glance);
    if (stat(path, &file_stat) != 0) {
        if (errno == ENOENT)
            return SEVENS_OK;
        return sevens_fail(err, SEVENS_ERR_IO, "cannot open %s: %s", path, strerror(errno));
    }
    if (!S_ISREG(file_stat.st_mode))
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s is not a regular file", path);
    if (access(path, R_OK) != 0)
        return sevens_fail(err, SEVENS_ERR_IO, "cannot read %s: %s", path, strerror(errno));
    hid_t file = sevens_h5_open(path);
    if (file < 0) {
        glance->found = unreadable(path, file_stat.st_size);
        return SEVENS_OK;
    }
    glance->found = identify(file, glance) ? SEVENS_FOUND_MAP : SEVENS_FOUND_FOREIGN;
    H5Fclose(file);
    if (glance->found == SEVENS_FOUND_MAP &&
        !(glance->scan_id && glance->title && glance->history && glance->start && glance->backend &&
          glance->compute_precision)) {
        sevens_map_glance_free(glance);
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    }
    return SEVENS_OK;
}
