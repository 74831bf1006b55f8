# SPDX-License-Identifier: GPL-3.0-or-later
# The kernels, which decide the speed of the CPU backend, are compiled once per instruction set;
# host/grid_openmp.c takes the best one that the processor has. Each build suffixes its functions with
# SEVENS_ROW_KERNEL_ISA. Relaxed floating-point flags live here and nowhere else; none
# of them lets NaN or infinity be assumed away.
include(CheckCCompilerFlag)

set(SEVENS_KERNEL_SOURCES "${PROJECT_SOURCE_DIR}/host/row_kernel.c"
                          "${PROJECT_SOURCE_DIR}/host/joint_kernel.c"
                          "${PROJECT_SOURCE_DIR}/host/on_off_kernel.c"
                          "${PROJECT_SOURCE_DIR}/host/condense_kernel.c")

function(sevens_add_row_kernel isa) # further arguments: compile options
    set(target "sevens_row_kernel_${isa}")
    add_library(${target} OBJECT ${SEVENS_KERNEL_SOURCES})
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/include"
                                                 "${PROJECT_SOURCE_DIR}/host")
    target_compile_definitions(${target} PRIVATE "SEVENS_ROW_KERNEL_ISA=${isa}")
    target_compile_options(
        ${target} PRIVATE -O3 -fno-math-errno -fno-trapping-math
                          -Wno-psabi # vectors are passed between static functions only
                          ${ARGN})
    target_link_libraries(${target} PRIVATE OpenMP::OpenMP_C)
    target_sources(sevens PRIVATE $<TARGET_OBJECTS:${target}>)
endfunction()

sevens_add_row_kernel(generic)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    check_c_compiler_flag(-march=x86-64-v3 SEVENS_HAVE_X86_64_V3)
    check_c_compiler_flag("-march=x86-64-v4 -mprefer-vector-width=512" SEVENS_HAVE_X86_64_V4)
endif()
if(SEVENS_HAVE_X86_64_V3 AND SEVENS_HAVE_X86_64_V4)
    sevens_add_row_kernel(v3 -march=x86-64-v3)
    sevens_add_row_kernel(v4 -march=x86-64-v4 -mprefer-vector-width=512)
    set_property(SOURCE "${PROJECT_SOURCE_DIR}/host/grid_openmp.c"
                        "${PROJECT_SOURCE_DIR}/host/mesh_condense.c" APPEND
                 PROPERTY COMPILE_DEFINITIONS SEVENS_ROW_KERNEL_X86)
endif()
