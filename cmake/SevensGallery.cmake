# SPDX-License-Identifier: GPL-3.0-or-later
# `cmake --build build --target gallery`: all scans of scans/*.yaml, a page for each and a contact
# sheet, in out/gallery/ of the sources. Another run makes only what is out of date.
file(GLOB gallery_scans CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/scans/*-*.yaml")
add_custom_target(
    gallery
    COMMAND
        "${CMAKE_COMMAND}" -E env "SEVENS_DATA=${PROJECT_SOURCE_DIR}/releases"
        "${SEVENS_PYTHON_DEFAULT}" "${PROJECT_SOURCE_DIR}/python/sevens_gallery.py" --sevens
        "$<TARGET_FILE:sevens_program>" --depends "$<TARGET_FILE:sevens_program>" --depends
        "${PROJECT_SOURCE_DIR}/releases" -o "${PROJECT_SOURCE_DIR}/out/gallery" ${gallery_scans}
    DEPENDS sevens_program
    COMMENT "Scanning and drawing all planes"
    VERBATIM USES_TERMINAL)
