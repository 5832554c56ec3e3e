# What `cmake --install` installs: library, headers, tool, CMake package and pkg-config file.
include(CMakePackageConfigHelpers)

# What a program must link beside a static libresidua; a shared one has it inside.
set(RESIDUA_PC_MODULES libxxhash)
if(RESIDUA_LIBDE265)
  list(APPEND RESIDUA_PC_MODULES libde265)
endif()
if(RESIDUA_X265)
  list(APPEND RESIDUA_PC_MODULES x265)
endif()
list(JOIN RESIDUA_PC_MODULES " " RESIDUA_PC_MODULES)
if(BUILD_SHARED_LIBS)
  set(RESIDUA_PC_REQUIRES "")
  set(RESIDUA_PC_LIBS "")
else()
  set(RESIDUA_PC_REQUIRES "\nRequires: ${RESIDUA_PC_MODULES}")
  set(RESIDUA_PC_LIBS " -lstdc++ -lm -pthread")
endif()

install(TARGETS residua EXPORT ResiduaTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT dev)
install(DIRECTORY include/residua DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
if(RESIDUA_TOOLS)
  install(TARGETS residua_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tool)
endif()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Residua)
install(EXPORT ResiduaTargets NAMESPACE residua:: DESTINATION ${package_folder} COMPONENT dev)
configure_package_config_file(cmake/ResiduaConfig.cmake.in ${PROJECT_BINARY_DIR}/ResiduaConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ResiduaConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ResiduaConfig.cmake ${PROJECT_BINARY_DIR}/ResiduaConfigVersion.cmake
        DESTINATION ${package_folder} COMPONENT dev)
# Relative, so that the installed tree can be moved.
file(RELATIVE_PATH RESIDUA_PC_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/residua.pc.in ${PROJECT_BINARY_DIR}/residua.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/residua.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)

if(RESIDUA_DESKTOP)
  include(cmake/ResiduaPackages.cmake)
endif()
