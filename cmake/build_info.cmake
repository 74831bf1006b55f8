# SPDX-License-Identifier: GPL-3.0-or-later
# Script of the target sevens_build_info: fills TEMPLATE and writes OUTPUT when it differs.
set(GIT_COMMIT unknown)
set(GIT_DIRTY 0)

# Only a repository of our own counts, not one that a source archive happens to lie in.
if(GIT AND EXISTS "${SOURCE_DIR}/.git")
    set(git "${GIT}" -c "safe.directory=${SOURCE_DIR}" --no-optional-locks -C "${SOURCE_DIR}")
    execute_process(
        COMMAND ${git} rev-parse --verify HEAD
        RESULT_VARIABLE result
        OUTPUT_VARIABLE commit
        OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(result EQUAL 0)
        set(GIT_COMMIT "${commit}")
        execute_process(
            COMMAND ${git} status --porcelain -- CMakeLists.txt cmake host include kernels python
            OUTPUT_VARIABLE changes
            ERROR_QUIET)
        if(NOT changes STREQUAL "")
            set(GIT_DIRTY 1)
        endif()
    endif()
endif()

string(REPLACE "\\" "\\\\" CFLAGS "${CFLAGS}")
string(REPLACE "\"" "\\\"" CFLAGS "${CFLAGS}")
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)
