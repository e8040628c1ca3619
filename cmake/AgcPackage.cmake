# find_package(agcc) for users of the installed libraries: agcc::isa, agcc::runtime.
# A library joins by install(TARGETS ... EXPORT agccTargets) with its EXPORT_NAME.
include(CMakePackageConfigHelpers)

get_property(AGC_PACKAGE_DEPENDENCIES GLOBAL PROPERTY AGC_PACKAGE_DEPENDENCIES)
set(agc_package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/agcc")
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/agcc-config.cmake.in" "${PROJECT_BINARY_DIR}/agcc-config.cmake"
  INSTALL_DESTINATION "${agc_package_folder}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/agcc-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/agcc-config.cmake" "${PROJECT_BINARY_DIR}/agcc-config-version.cmake"
  DESTINATION "${agc_package_folder}")
install(EXPORT agccTargets NAMESPACE agcc:: DESTINATION "${agc_package_folder}")
