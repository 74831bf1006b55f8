/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CUDA errors as sevens errors, with the file, the line and the call. */
#ifndef SEVENS_CUDA_CHECK_CUH
#define SEVENS_CUDA_CHECK_CUH

#include "sevens/status.h"
#include <cuda_runtime.h>
#include <string.h>

/* cudaGetLastError also clears an error that is not for good, such as memory that ran out: the
 * check of a later launch must not find it. */
static inline sevens_status sevens_cuda_fail(sevens_error *err, const char *file, int line,
                                             const char *call, cudaError_t code)
{
    const char *name = strrchr(file, '/');

    (void)cudaGetLastError();
    return sevens_fail(err, SEVENS_ERR_BACKEND, "%s:%d: %s: %s (%s)", name ? name + 1 : file, line,
                       call, cudaGetErrorString(code), cudaGetErrorName(code));
}

/* Leaves the function through its `cleanup:` label when a CUDA call fails; needs `status` and
 * `err`.
 */
#define SEVENS_CUDA_TRY(call)                                                                      \
    do {                                                                                           \
        cudaError_t cuda_code = (call);                                                            \
        if (cuda_code != cudaSuccess) {                                                            \
            status = sevens_cuda_fail(err, __FILE__, __LINE__, #call, cuda_code);                  \
            goto cleanup;                                                                          \
        }                                                                                          \
    } while (0)

#endif
