# SPDX-License-Identifier: GPL-3.0-or-later
# sevens/build_info.h: what was built, from what and how. Made anew at each build, written only when it
# changes.
set(SEVENS_GENERATED_DIR "${PROJECT_BINARY_DIR}/generated")

string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
set(build_flags "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${build_type}} -std=gnu${CMAKE_C_STANDARD}")
if(SEVENS_STRICT_FP)
    string(APPEND build_flags " -ffp-contract=off")
endif()
if(SEVENS_SANITIZE)
    string(APPEND build_flags " -fsanitize=${SEVENS_SANITIZE}")
endif()
string(STRIP "${build_flags}" build_flags)
if(SEVENS_HAVE_CUDA)
    set(build_cuda_version "${CMAKE_CUDA_COMPILER_VERSION}")
endif()

find_package(Git QUIET)
add_custom_target(
    sevens_build_info
    BYPRODUCTS "${SEVENS_GENERATED_DIR}/sevens/build_info.h"
    COMMAND
        "${CMAKE_COMMAND}" "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}"
        "-DTEMPLATE=${PROJECT_SOURCE_DIR}/cmake/build_info.h.in"
        "-DOUTPUT=${SEVENS_GENERATED_DIR}/sevens/build_info.h" "-DGIT=${GIT_EXECUTABLE}"
        "-DVERSION=${PROJECT_VERSION}" "-DCOMPILER=${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}"
        "-DCFLAGS=${build_flags}" "-DCUDA_VERSION=${build_cuda_version}" -P
        "${PROJECT_SOURCE_DIR}/cmake/build_info.cmake"
    COMMENT "Looking at the git commit"
    VERBATIM)
