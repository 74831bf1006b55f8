/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small HDF5 helpers of the map module: attributes and scalar datasets in text, integers and reals.
 * Sizes found in a file are bounded before anything is allocated. */
#include "map_hdf5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TEXT ((size_t)1 << 26) /* bytes of a stored text; scan files have at most 1 MiB */
#define MAX_ATTRIBUTE_TEXT 60000   /* HDF5 keeps small attributes below 64 KiB */

/* Takes the innermost entry of an error stack, where the trouble began. */
static herr_t take_reason(unsigned n, const H5E_error2_t *error, void *context)
{
    char *reason = context;
    (void)n;
    if (error->desc == NULL)
        return 0;
    const char *quoted = strstr(error->desc, "error message = '");
    snprintf(reason, SEVENS_H5_REASON, "%s", quoted ? strchr(quoted, '\'') + 1 : error->desc);
    if (quoted != NULL)
        reason[strcspn(reason, "'")] = '\0';
    return 1;
}

static herr_t on_failure(hid_t stack, void *context)
{
    return H5Ewalk2(stack, H5E_WALK_UPWARD, take_reason, context);
}

void sevens_h5_listen(char *reason)
{
    /* The exit handler of HDF5 1.10 crashes when a file could not be closed (disk full), and would
     * take exit code and buffered output with it. We close all we open. */
    H5dont_atexit();
    if (reason != NULL)
        snprintf(reason, SEVENS_H5_REASON, "unknown HDF5 error");
    H5Eset_auto2(H5E_DEFAULT, reason != NULL ? on_failure : NULL, reason);
}

const char *sevens_h5_reason(void)
{
    H5E_auto2_t handler = NULL;
    void *reason = NULL;
    H5Eget_auto2(H5E_DEFAULT, &handler, &reason);
    return handler == on_failure ? reason : "unknown HDF5 error";
}

static hid_t access_list(void)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(list, H5F_LIBVER_EARLIEST, H5F_LIBVER_V110);
    H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
#if H5_VERSION_GE(1, 10, 7)
    /* file systems without locks are no obstacle; HDF5_USE_FILE_LOCKING still overrides this */
    H5Pset_file_locking(list, true, true);
#endif
    return list;
}

hid_t sevens_h5_open(const char *path)
{
    hid_t list = access_list();
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, list);
    H5Pclose(list);
    return file;
}

static void keep_order(hid_t list)
{
    H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
}

hid_t sevens_h5_dataset_list(void)
{
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    keep_order(list);
    return list;
}

hid_t sevens_h5_create_group(hid_t parent, const char *name)
{
    hid_t list = H5Pcreate(H5P_GROUP_CREATE);
    keep_order(list);
    H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, list, H5P_DEFAULT);
    H5Pclose(list);
    return group;
}

hid_t sevens_h5_create(const char *path)
{
    hid_t access = access_list(), creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    keep_order(creation);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    H5Pclose(creation);
    H5Pclose(access);
    return file;
}

static hid_t text_type(size_t length)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length > 0 ? length : 1);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

static bool put(hid_t object, const char *name, hid_t stored, hid_t given, hid_t space,
                const void *value)
{
    hid_t attribute = H5Acreate2(object, name, stored, space, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = attribute >= 0 && H5Awrite(attribute, given, value) >= 0;
    if (attribute >= 0)
        H5Aclose(attribute);
    return ok;
}

bool sevens_h5_put_text(hid_t object, const char *name, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    hid_t type = text_type(length < MAX_ATTRIBUTE_TEXT ? length : MAX_ATTRIBUTE_TEXT);
    hid_t space = H5Screate(H5S_SCALAR);
    bool ok = put(object, name, type, type, space, length > 0 ? text : "");
    H5Sclose(space);
    H5Tclose(type);
    return ok;
}

bool sevens_h5_put_texts(hid_t object, const char *name, const char *const *text, size_t n)
{
    size_t width = 1;
    for (size_t i = 0; i < n; i++)
        width = strlen(text[i]) > width ? strlen(text[i]) : width;
    char *cells = calloc(n, width);
    if (cells == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        memcpy(cells + i * width, text[i], strlen(text[i]));
    hsize_t extent = n;
    hid_t type = text_type(width), space = H5Screate_simple(1, &extent, NULL);
    bool ok = put(object, name, type, type, space, cells);
    H5Sclose(space);
    H5Tclose(type);
    free(cells);
    return ok;
}

bool sevens_h5_put_number(hid_t object, const char *name, hid_t stored, hid_t given,
                          const void *value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    bool ok = put(object, name, stored, given, space, value);
    H5Sclose(space);
    return ok;
}

bool sevens_h5_put_real(hid_t object, const char *name, double value)
{
    return sevens_h5_put_number(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

bool sevens_h5_put_integer(hid_t object, const char *name, int64_t value)
{
    return sevens_h5_put_number(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

bool sevens_h5_has(hid_t object, const char *attribute)
{
    return H5Aexists(object, attribute) > 0;
}

typedef herr_t (*read_call)(hid_t object, hid_t type, void *data);

static herr_t read_dataset(hid_t object, hid_t type, void *data)
{
    return H5Dread(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
}

static char **split_fixed(hid_t object, hid_t type, read_call get, size_t n)
{
    size_t width = H5Tget_size(type);
    if (width == 0 || width > MAX_TEXT / n)
        return NULL;
    char *cells = calloc(n, width);
    char **text = calloc(n, sizeof *text);
    bool ok = cells && text && get(object, type, cells) >= 0;
    for (size_t i = 0; ok && i < n; i++)
        ok = (text[i] = strndup(cells + i * width, width)) != NULL;
    free(cells);
    if (!ok)
        sevens_h5_free_texts(&text, n);
    return text;
}

static char **split_variable(hid_t object, hid_t space, read_call get, size_t n)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    char **cells = calloc(n, sizeof *cells), **text = calloc(n, sizeof *text);
    bool read = cells && text && get(object, type, cells) >= 0, ok = read;
    for (size_t i = 0; ok && i < n; i++)
        ok = (text[i] = strdup(cells[i] ? cells[i] : "")) != NULL;
    if (read)
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, cells);
    H5Tclose(type);
    free(cells);
    if (!ok)
        sevens_h5_free_texts(&text, n);
    return text;
}

/* The texts of an open attribute or dataset, of either kind of string. */
static char **texts_of(hid_t object, hid_t type, hid_t space, read_call get, size_t max_n,
                       size_t *n)
{
    char **text = NULL;
    hssize_t found = space >= 0 ? H5Sget_simple_extent_npoints(space) : 0;
    if (type >= 0 && H5Tget_class(type) == H5T_STRING && found > 0 && (uint64_t)found <= max_n) {
        *n = (size_t)found;
        text = H5Tis_variable_str(type) > 0 ? split_variable(object, space, get, *n)
                                            : split_fixed(object, type, get, *n);
    }
    if (text == NULL)
        *n = 0;
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    return text;
}

char **sevens_h5_get_texts(hid_t object, const char *name, size_t max_n, size_t *n)
{
    *n = 0;
    hid_t a = sevens_h5_has(object, name) ? H5Aopen(object, name, H5P_DEFAULT) : -1;
    if (a < 0)
        return NULL;
    char **text = texts_of(a, H5Aget_type(a), H5Aget_space(a), H5Aread, max_n, n);
    H5Aclose(a);
    return text;
}

void sevens_h5_free_texts(char ***text, size_t n)
{
    for (size_t i = 0; *text != NULL && i < n; i++)
        free((*text)[i]);
    free(*text);
    *text = NULL;
}

/* The one text of a list of one. */
static char *only(char **list, size_t n)
{
    char *text = list != NULL ? list[0] : NULL;
    if (list != NULL)
        list[0] = NULL;
    sevens_h5_free_texts(&list, n);
    return text;
}

char *sevens_h5_get_text(hid_t object, const char *name)
{
    size_t n;
    char **list = sevens_h5_get_texts(object, name, 1, &n);
    return only(list, n);
}

char *sevens_h5_read_text(hid_t file, const char *name)
{
    size_t n = 0;
    hid_t d = H5Dopen2(file, name, H5P_DEFAULT);
    if (d < 0)
        return NULL;
    char **list = texts_of(d, H5Dget_type(d), H5Dget_space(d), read_dataset, 1, &n);
    H5Dclose(d);
    return only(list, n);
}

/* Reads a scalar attribute as `wanted`; its class must be a number. */
static bool get_number(hid_t object, const char *name, hid_t wanted, H5T_class_t *class,
                       void *value)
{
    hid_t a = sevens_h5_has(object, name) ? H5Aopen(object, name, H5P_DEFAULT) : -1;
    if (a < 0)
        return false;
    hid_t type = H5Aget_type(a), space = H5Aget_space(a);
    *class = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
    bool ok = (*class == H5T_INTEGER || *class == H5T_FLOAT) && space >= 0 &&
              H5Sget_simple_extent_npoints(space) == 1 && H5Aread(a, wanted, value) >= 0;
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    H5Aclose(a);
    return ok;
}

bool sevens_h5_get_real(hid_t object, const char *name, double *value)
{
    H5T_class_t class;
    return get_number(object, name, H5T_NATIVE_DOUBLE, &class, value);
}

char *sevens_h5_get_any(hid_t object, const char *name)
{
    char number[64];
    double real;
    int64_t integer;
    H5T_class_t class;
    char *text = sevens_h5_get_text(object, name);
    if (text != NULL)
        return text;
    if (!get_number(object, name, H5T_NATIVE_DOUBLE, &class, &real))
        return NULL;
    if (class == H5T_INTEGER && get_number(object, name, H5T_NATIVE_INT64, &class, &integer))
        snprintf(number, sizeof number, "%lld", (long long)integer);
    else
        snprintf(number, sizeof number, "%.15g", real);
    return strdup(number);
}

static bool write_one(hid_t file, const char *name, hid_t stored, hid_t given, const void *value,
                      const char *unit, const char *long_name)
{
    hid_t space = H5Screate(H5S_SCALAR), list = sevens_h5_dataset_list();
    hid_t d = H5Dcreate2(file, name, stored, space, H5P_DEFAULT, list, H5P_DEFAULT);
    H5Pclose(list);
    bool ok = d >= 0 && H5Dwrite(d, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0 &&
              (unit == NULL || sevens_h5_put_text(d, "units", unit)) &&
              (long_name == NULL || sevens_h5_put_text(d, "long_name", long_name));
    if (d >= 0)
        H5Dclose(d);
    H5Sclose(space);
    return ok;
}

bool sevens_h5_write_text(hid_t file, const char *name, const char *text)
{
    hid_t type = text_type(text ? strlen(text) : 0);
    bool ok = write_one(file, name, type, type, text ? text : "", NULL, NULL);
    H5Tclose(type);
    return ok;
}

bool sevens_h5_write_scalar(hid_t file, const char *name, hid_t stored, hid_t given,
                            const void *value, const char *unit, const char *long_name)
{
    return write_one(file, name, stored, given, value, unit, long_name);
}

int sevens_h5_shape(hid_t file, const char *name, int max_rank, hsize_t *extent)
{
    hid_t d = H5Dopen2(file, name, H5P_DEFAULT), space = d >= 0 ? H5Dget_space(d) : -1;
    int rank = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
    if (rank > max_rank || (rank > 0 && H5Sget_simple_extent_dims(space, extent, NULL) < 0))
        rank = -1;
    if (space >= 0)
        H5Sclose(space);
    if (d >= 0)
        H5Dclose(d);
    return rank;
}

bool sevens_h5_read_scalar(hid_t file, const char *name, hid_t wanted, void *value)
{
    hsize_t none[1];
    if (sevens_h5_shape(file, name, 0, none) != 0)
        return false;
    hid_t d = H5Dopen2(file, name, H5P_DEFAULT), type = d >= 0 ? H5Dget_type(d) : -1;
    H5T_class_t class = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
    bool ok = (class == H5T_INTEGER || class == H5T_FLOAT) && read_dataset(d, wanted, value) >= 0;
    if (type >= 0)
        H5Tclose(type);
    if (d >= 0)
        H5Dclose(d);
    return ok;
}
