# SPDX-License-Identifier: GPL-3.0-or-later
# Installation: program, library with its CMake package and .pc file, data. The program finds its data
# from where it stands, so the tree may be moved.
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/sevens")

install(TARGETS sevens_program RUNTIME)
install(TARGETS sevens EXPORT sevensTargets ARCHIVE)
install(DIRECTORY include/sevens DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY releases scans DESTINATION "${CMAKE_INSTALL_DATADIR}/sevens")
install(DIRECTORY python DESTINATION "${CMAKE_INSTALL_DATADIR}/sevens" FILES_MATCHING PATTERN "*.py")
install(FILES packaging/sevens.bash-completion RENAME sevens
        DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
install(FILES README.md CHANGELOG.md CITATION.cff LICENSE COPYING.CUDA.md TYPE DOC)
install(DIRECTORY docs/ TYPE DOC FILES_MATCHING PATTERN "*.md")

install(EXPORT sevensTargets NAMESPACE sevens:: DESTINATION "${package_dir}")
configure_package_config_file(cmake/sevensConfig.cmake.in "${PROJECT_BINARY_DIR}/sevensConfig.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/sevensConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/sevensConfig.cmake"
              "${PROJECT_BINARY_DIR}/sevensConfigVersion.cmake" DESTINATION "${package_dir}")

# For those who link without CMake: HDF5 by path (its .pc file may name another flavour), and what a
# plain C link of the CUDA objects needs.
set(pc_libraries "${HDF5_C_HL_LIBRARIES};${HDF5_C_LIBRARIES}")
if(SEVENS_HAVE_CUDA)
    list(APPEND pc_libraries "-L${CUDAToolkit_LIBRARY_DIR}" -lcudart_static -lstdc++ -lpthread -ldl
         -lrt)
endif()
list(JOIN pc_libraries " " pc_libraries)
file(RELATIVE_PATH pc_prefix "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" /prefix)
configure_file(cmake/sevens.pc.in "${PROJECT_BINARY_DIR}/sevens.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/sevens.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
