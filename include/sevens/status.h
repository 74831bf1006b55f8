/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status codes and error messages. Every function that can fail returns a sevens_status and, as its
 * last argument, takes a sevens_error that may be NULL. Only main.c prints and exits. */
#ifndef SEVENS_STATUS_H
#define SEVENS_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum sevens_status {
    SEVENS_OK = 0,
    SEVENS_ERR_INPUT,       /* a scan file, release, map or option is wrong: exit code 2 */
    SEVENS_ERR_IO,          /* the system refused: open, read, write: exit code 1 */
    SEVENS_ERR_MEMORY,      /* exit code 1 */
    SEVENS_ERR_NUMERIC,     /* an integral or a minimum did not converge: exit code 1 */
    SEVENS_ERR_BACKEND,     /* the backend asked for is not there: exit code 3 */
    SEVENS_ERR_UNCONVERGED, /* finished, but some points did not converge: exit code 4 */
    SEVENS_ERR_INTERRUPTED, /* stopped by a signal after flushing: exit code 130 */
    SEVENS_ERR_FAILED       /* a check (compare, validate) said no: exit code 1 */
} sevens_status;

/* The message grows on the way up: "scan X: release Y: file:line: what is wrong". */
typedef struct sevens_error {
    sevens_status status;
    char message[8192];
} sevens_error;

/* Stores status and message in err (if not NULL) and returns status. */
__attribute__((format(printf, 3, 4))) sevens_status
sevens_fail(sevens_error *err, sevens_status status, const char *format, ...);
#ifdef __clang_analyzer__ /* which looks at one file at a time: so it sees what is returned */
#define sevens_fail(err, status, ...) (sevens_fail(err, status, __VA_ARGS__), (status))
#endif

/* Puts "context: " before the message already in err; err may be NULL. */
__attribute__((format(printf, 2, 3))) void sevens_error_prefix(sevens_error *err,
                                                               const char *format, ...);

/* The exit code of the program for a status (see the list above). */
int sevens_exit_code(sevens_status status);

/* Leaves the function through its `cleanup:` label when call fails; needs a local `status`. */
#define SEVENS_TRY(call)                                                                           \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != SEVENS_OK)                                                                   \
            goto cleanup;                                                                          \
    } while (0)

/* The same for an allocation; needs a local `status` and the argument `err`. */
#define SEVENS_TRY_ALLOC(pointer)                                                                  \
    do {                                                                                           \
        if ((pointer) == NULL) {                                                                   \
            status = sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");                         \
            goto cleanup;                                                                          \
        }                                                                                          \
    } while (0)

#ifdef __cplusplus
}
#endif

#endif
