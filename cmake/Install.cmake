# What `cmake --install` puts under a prefix, and the targets as an application sees them. The tree
# can be moved, and needs neither the source nor the build: what the tools load at run time lies in
# lib/ccm, where they look for it relative to themselves.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(CCM_INSTALL_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/ccm)

# The C interface: headers alone, for those who use models through their table.
add_library(ccm-abi INTERFACE)
add_library(ccm::abi ALIAS ccm-abi)
target_include_directories(ccm-abi INTERFACE
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/runtime/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# One library with all that the runtime is made of, so that users need none of its parts.
add_library(ccm STATIC $<TARGET_OBJECTS:ccmRuntime> $<TARGET_OBJECTS:ccmIo>)
add_library(ccm::runtime ALIAS ccm)
set_target_properties(ccm PROPERTIES LINKER_LANGUAGE CXX EXPORT_NAME runtime)
target_compile_features(ccm INTERFACE cxx_std_20)
target_link_libraries(ccm INTERFACE ccm-abi Threads::Threads ${CMAKE_DL_LIBS})
set_target_properties(ccm-abi PROPERTIES EXPORT_NAME abi)

# Tables and arrays as sources of samples. Its codecs are nothing to compile against: a program is
# linked with them, and finds them by name.
add_library(ccm-data STATIC $<TARGET_OBJECTS:ccmData>)
add_library(ccm::data ALIAS ccm-data)
set_target_properties(ccm-data PROPERTIES LINKER_LANGUAGE CXX EXPORT_NAME data)
target_link_libraries(ccm-data INTERFACE ccm
  $<LINK_ONLY:sndfile> $<LINK_ONLY:png> $<LINK_ONLY:turbojpeg> $<LINK_ONLY:z>)
target_include_directories(ccm-data INTERFACE
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/data/include>)
install(TARGETS ccm ccm-abi ccm-data EXPORT ccmTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY runtime/include/ccm data/include/ccm DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")

# The tools. LLVM and MLIR stay where the distribution has them.
add_executable(ccm::ccm-compile ALIAS ccm-compile)
foreach(tool ccm-compile ccm-opt ccm-run)
  file(RELATIVE_PATH up /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR}/ccm)
  set_target_properties(${tool} PROPERTIES INSTALL_RPATH "$ORIGIN/${up}")
endforeach()
foreach(tool ccm-compile ccm-opt)
  set_property(TARGET ${tool} APPEND PROPERTY INSTALL_RPATH ${LLVM_LIBRARY_DIR})
endforeach()
install(TARGETS ccm-compile EXPORT ccmTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS ccm-opt ccm-run RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(PROGRAMS $<TARGET_FILE:Halide> DESTINATION ${CMAKE_INSTALL_LIBDIR}/ccm)

# For find_package.
install(EXPORT ccmTargets NAMESPACE ccm:: DESTINATION ${CCM_INSTALL_CMAKEDIR})
configure_package_config_file(cmake/ccmConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/ccmConfig.cmake
  INSTALL_DESTINATION ${CCM_INSTALL_CMAKEDIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/ccmConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ccmConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/ccmConfigVersion.cmake cmake/CcmAddModel.cmake
  DESTINATION ${CCM_INSTALL_CMAKEDIR})

# For pkg-config.
file(RELATIVE_PATH CCM_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
foreach(name ccm ccm-data)
  configure_file(cmake/${name}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
