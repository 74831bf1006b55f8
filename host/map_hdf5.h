/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the map module: small HDF5 helpers. Text is stored as fixed-length UTF-8. Functions
 * that return bool are false when HDF5 refused; sevens_h5_reason then says why. HDF5 is not safe
 * for several threads: all map functions of a process belong to one thread at a time. */
#ifndef SEVENS_MAP_HDF5_H
#define SEVENS_MAP_HDF5_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEVENS_H5_REASON 256

/* From here to sevens_h5_listen(NULL) the reason of a failing HDF5 call goes to `reason`
 * [SEVENS_H5_REASON]; error stacks are never printed. Every public function of the map module does
 * this for its duration. */
void sevens_h5_listen(char *reason);
/* The innermost reason of the latest failure: "No space left on device" where there is one. */
const char *sevens_h5_reason(void);

/* Opens a file for reading, or creates one; negative when that failed. */
hid_t sevens_h5_open(const char *path);
hid_t sevens_h5_create(const char *path);
/* Creation properties of a dataset, and a group. With the order of attributes kept, object headers
 * have checksums: a damaged one is an error, where HDF5 would crash on some without. */
hid_t sevens_h5_dataset_list(void);
hid_t sevens_h5_create_group(hid_t parent, const char *name);

bool sevens_h5_put_text(hid_t object, const char *name, const char *text); /* NULL is "" */
bool sevens_h5_put_texts(hid_t object, const char *name, const char *const *text, size_t n);
bool sevens_h5_put_number(hid_t object, const char *name, hid_t stored, hid_t given,
                          const void *value);
bool sevens_h5_put_real(hid_t object, const char *name, double value);
bool sevens_h5_put_integer(hid_t object, const char *name, int64_t value);

/* Attributes; get_text returns a new string, NULL when there is none. */
bool sevens_h5_has(hid_t object, const char *attribute);
char *sevens_h5_get_text(hid_t object, const char *name);
bool sevens_h5_get_real(hid_t object, const char *name, double *value);
/* Any scalar attribute as text, for listings. */
char *sevens_h5_get_any(hid_t object, const char *name);

/* Texts of an attribute (at most max_n); NULL when it is none. */
char **sevens_h5_get_texts(hid_t object, const char *name, size_t max_n, size_t *n);
void sevens_h5_free_texts(char ***text, size_t n);

/* Scalar datasets. */
bool sevens_h5_write_text(hid_t file, const char *name, const char *text);
char *sevens_h5_read_text(hid_t file, const char *name);
bool sevens_h5_write_scalar(hid_t file, const char *name, hid_t stored, hid_t given,
                            const void *value, const char *unit, const char *long_name);
bool sevens_h5_read_scalar(hid_t file, const char *name, hid_t wanted, void *value);

/* Rank (at most max_rank) and extents of a dataset; -1 when it is not there or has more. */
int sevens_h5_shape(hid_t file, const char *name, int max_rank, hsize_t *extent);

#endif
