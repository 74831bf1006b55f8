# SPDX-License-Identifier: GPL-3.0-or-later
# Finds nvcc and sets SEVENS_HAVE_CUDA. Comes before the first target: targets made earlier would lack
# CUDA_ARCHITECTURES.
include(CheckLanguage)
set(SEVENS_HAVE_CUDA OFF)

if(NOT SEVENS_CUDA MATCHES "^(AUTO|ON|OFF)$")
    message(FATAL_ERROR "SEVENS_CUDA is '${SEVENS_CUDA}': it must be AUTO, ON or OFF")
endif()

if(NOT SEVENS_CUDA STREQUAL "OFF")
    if(NOT CMAKE_CUDA_COMPILER) # also looks again after an earlier run without nvcc
        unset(CMAKE_CUDA_COMPILER CACHE)
        find_program(nvcc nvcc PATHS /usr/local/cuda/bin NO_CACHE)
        if(nvcc AND NOT DEFINED ENV{CUDACXX})
            set(ENV{CUDACXX} "${nvcc}")
        endif()
    endif()
    check_language(CUDA)
    if(CMAKE_CUDA_COMPILER)
        # `native` fails where there is no GPU and a fixed list fails with other toolkits. CMake itself
        # heeds CUDAARCHS only when it first meets the compiler.
        if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
            set(CMAKE_CUDA_ARCHITECTURES all-major)
            if(NOT "$ENV{CUDAARCHS}" STREQUAL "")
                set(CMAKE_CUDA_ARCHITECTURES "$ENV{CUDAARCHS}")
            endif()
        endif()
        set(CMAKE_CUDA_STANDARD 17)
        set(CMAKE_CUDA_STANDARD_REQUIRED ON)
        enable_language(CUDA)
        find_package(CUDAToolkit REQUIRED)
        set(SEVENS_HAVE_CUDA ON)
    elseif(SEVENS_CUDA STREQUAL "ON")
        message(FATAL_ERROR "SEVENS_CUDA is ON but no working nvcc was found (set CUDACXX or PATH)")
    elseif(nvcc)
        message(WARNING "${nvcc} does not work, so the CUDA backend is left out; an older host "
                        "compiler may help: -DCMAKE_CUDA_HOST_COMPILER=g++-11")
    endif()
endif()
message(STATUS "CUDA backend: ${SEVENS_HAVE_CUDA}")

# The kernels see neither GSL nor any other host library: see COPYING.CUDA.md.
function(sevens_add_kernels library)
    file(GLOB kernel_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/kernels/*.cu")
    add_library(sevens_kernels OBJECT ${kernel_sources})
    target_include_directories(sevens_kernels PRIVATE "${PROJECT_SOURCE_DIR}/include"
                                                      "${PROJECT_SOURCE_DIR}/kernels"
                                                      "${PROJECT_SOURCE_DIR}/host")
    target_compile_options(sevens_kernels PRIVATE -Wno-deprecated-gpu-targets)
    target_sources(${library} PRIVATE $<TARGET_OBJECTS:sevens_kernels>)
    target_link_libraries(${library} PRIVATE CUDA::cudart_static stdc++)
endfunction()
