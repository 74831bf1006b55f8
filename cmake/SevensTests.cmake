# SPDX-License-Identifier: GPL-3.0-or-later
# tests/test_*.c, tests/*.py and tests/*.sh are one CTest each; exit code 77 means skipped. Also here:
# headers compiled alone, formatting, shell scripts.
set(test_environment
    "SEVENS=$<TARGET_FILE:sevens_program>"
    "SEVENS_PYTHON=${SEVENS_PYTHON}"
    "SEVENS_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
    # Several tests share the cores: threads that wait must not spin.
    "OMP_WAIT_POLICY=passive"
    "CK_DEFAULT_TIMEOUT=120")
cmake_path(IS_PREFIX PROJECT_SOURCE_DIR "${PROJECT_BINARY_DIR}" inside)
if(NOT inside) # else the programs find the releases themselves
    list(APPEND test_environment "SEVENS_DATA=${PROJECT_SOURCE_DIR}/releases"
         "SEVENS_PYTHON_DIR=${PROJECT_SOURCE_DIR}/python")
endif()
set(test_timeout 300)
if(SEVENS_SANITIZE)
    list(APPEND test_environment "CK_TIMEOUT_MULTIPLIER=5")
    set(test_timeout 900)
    # Sanitizers make the compilation of the row kernels several times as long, most of all with -O3
    # and with the debug information of local variables.
    foreach(isa IN ITEMS generic v3 v4)
        if(TARGET sevens_row_kernel_${isa})
            target_compile_options(sevens_row_kernel_${isa} PRIVATE -O1 -g1)
        endif()
    endforeach()
endif()

function(sevens_test name label) # further arguments: the command
    add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY "${PROJECT_BINARY_DIR}")
    set_tests_properties(
        ${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT ${test_timeout} LABELS "${label}"
                           ENVIRONMENT "${test_environment}")
    if(label STREQUAL "gpu")
        set_tests_properties(${name} PROPERTIES RESOURCE_LOCK gpu)
    endif()
endfunction()

# Slow, independent implementations of the same equations; check_*.c are programs of their own.
file(GLOB reference_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/reference/*.c")
list(FILTER reference_sources EXCLUDE REGEX "/check_[^/]*\\.c$")
set(test_libraries sevens hdf5::hdf5 hdf5::hdf5_hl GSL::gsl ZLIB::ZLIB OpenMP::OpenMP_C PkgConfig::CHECK
                   PkgConfig::JANSSON PkgConfig::NLOPT m)
set(test_includes "${PROJECT_SOURCE_DIR}/tests" "${PROJECT_SOURCE_DIR}/tests/reference"
                  "${PROJECT_SOURCE_DIR}/host" "${SEVENS_GENERATED_DIR}")
if(reference_sources)
    add_library(sevens_reference STATIC ${reference_sources})
    target_include_directories(sevens_reference PUBLIC ${test_includes})
    target_compile_definitions(sevens_reference PRIVATE "SEVENS_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
    target_link_libraries(sevens_reference PUBLIC sevens hdf5::hdf5 hdf5::hdf5_hl GSL::gsl m)
    list(PREPEND test_libraries sevens_reference)
endif()

file(GLOB test_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/test_*.c")
foreach(source IN LISTS test_sources)
    cmake_path(GET source STEM name)
    add_executable(${name} "${source}")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    add_dependencies(${name} sevens_build_info)
    target_include_directories(${name} PRIVATE ${test_includes})
    target_compile_definitions(${name} PRIVATE "SEVENS_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
    target_link_libraries(${name} PRIVATE ${test_libraries})
    if(name MATCHES "^test_gpu")
        sevens_test(${name} gpu ${name})
    else()
        sevens_test(${name} unit ${name})
    endif()
endforeach()

# Writes event lists of any length for speed measurements of the ingest.
add_executable(make_events "${PROJECT_SOURCE_DIR}/tests/make_events.c")
set_target_properties(make_events PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")

# Files whose name begins with `_` are helpers of the others.
file(GLOB python_tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/[!_]*.py")
if(SEVENS_SANITIZE) # one has no C code in it, the other is about time
    list(FILTER python_tests EXCLUDE REGEX "/test_(python|kill)\\.py$")
endif()
foreach(script IN LISTS python_tests)
    cmake_path(GET script STEM name)
    sevens_test(${name} program "${SEVENS_PYTHON}" "${script}")
endforeach()
file(GLOB shell_tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/[!_]*.sh")
if(SEVENS_SANITIZE) # compiles kernels, runs no C code
    list(FILTER shell_tests EXCLUDE REGEX "/test_kernel_report\\.sh$")
endif()
foreach(script IN LISTS shell_tests)
    cmake_path(GET script STEM name)
    sevens_test(${name} program bash "${script}")
endforeach()

sevens_test(format lint bash "${PROJECT_SOURCE_DIR}/cmake/check_format.sh")
sevens_test(shell_scripts lint bash "${PROJECT_SOURCE_DIR}/cmake/check_scripts.sh")
set(check_tidy bash "${PROJECT_SOURCE_DIR}/cmake/check_tidy.sh" "${PROJECT_BINARY_DIR}")
sevens_test(tidy lint ${check_tidy} --quick)

# `cmake --build build --target tidy`: with the static analyser, minutes on few cores, so no test.
add_custom_target(tidy COMMAND ${check_tidy} VERBATIM USES_TERMINAL)
add_dependencies(tidy sevens_build_info)

# Every public header compiles alone; those in hd/ as C17, C++17 and CUDA. One without a guard is a
# template that its users complete.
function(sevens_header_check extension) # further arguments: headers
    set(sources "")
    foreach(header IN LISTS ARGN)
        file(STRINGS "${header}" guard REGEX "^#ifndef SEVENS_.*_H$" LIMIT_COUNT 1)
        if(NOT guard)
            continue()
        endif()
        cmake_path(RELATIVE_PATH header BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/include")
        string(MAKE_C_IDENTIFIER "${header}" name)
        set(source "${PROJECT_BINARY_DIR}/header_checks/${name}.${extension}")
        file(CONFIGURE OUTPUT "${source}" CONTENT
             "#include \"${header}\"\n\ntypedef int header_is_complete; /* not an empty file */\n")
        list(APPEND sources "${source}")
    endforeach()
    add_library(header_checks_${extension} OBJECT ${sources})
    target_include_directories(header_checks_${extension} PRIVATE "${PROJECT_SOURCE_DIR}/include")
    target_compile_options(header_checks_${extension}
                           PRIVATE "$<$<COMPILE_LANGUAGE:C,CXX>:-pedantic;-Werror>")
    set_target_properties(
        header_checks_${extension}
        PROPERTIES C_EXTENSIONS OFF CXX_STANDARD 17 CXX_EXTENSIONS OFF CUDA_STANDARD 17
                   CUDA_ARCHITECTURES OFF)
    add_dependencies(header_checks header_checks_${extension})
endfunction()

file(GLOB public_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/sevens/*.h")
file(GLOB hd_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/sevens/hd/*.h")
add_custom_target(header_checks ALL)
sevens_header_check(c ${public_headers} ${hd_headers})
if(CMAKE_CXX_COMPILER)
    sevens_header_check(cpp ${hd_headers})
endif()
if(SEVENS_HAVE_CUDA)
    sevens_header_check(cu ${hd_headers})
endif()
