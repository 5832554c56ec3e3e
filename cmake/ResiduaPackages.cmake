# Debian packages, by `cpack` in the build of preset desktop (docs/release.md): one for each component. The version is
# the project's; the times in them are SOURCE_DATE_EPOCH, so that two builds give the same bytes.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME residua)
set(CPACK_PACKAGE_VENDOR "Residua")
set(CPACK_PACKAGE_CONTACT "Residua <residua@example.org>" CACHE STRING "Who answers for the packages: Name <address>")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/src)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# As Debian's policy has it, whatever the umask.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)

string(TIMESTAMP RESIDUA_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)  # of SOURCE_DATE_EPOCH, where it is set
file(READ LICENSE RESIDUA_LICENCE)
string(REGEX REPLACE "\n\n" "\n.\n" RESIDUA_LICENCE "${RESIDUA_LICENCE}")
string(REGEX REPLACE "(^|\n)([^\n])" "\\1 \\2" RESIDUA_LICENCE "${RESIDUA_LICENCE}")
configure_file(cmake/debian/copyright.in ${PROJECT_BINARY_DIR}/debian/copyright @ONLY)
configure_file(cmake/debian/changelog.in ${PROJECT_BINARY_DIR}/debian/changelog @ONLY)
find_program(GZIP gzip REQUIRED)
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/debian/changelog.gz DEPENDS ${PROJECT_BINARY_DIR}/debian/changelog
                   COMMAND ${GZIP} -9nkf ${PROJECT_BINARY_DIR}/debian/changelog VERBATIM)
add_custom_target(residua_debian_changelog ALL DEPENDS ${PROJECT_BINARY_DIR}/debian/changelog.gz)

# The library's own, for programs that are packaged against it, and for the loader's cache.
set(library libresidua${PROJECT_VERSION_MAJOR})
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/debian/shlibs @ONLY
     CONTENT "libresidua @PROJECT_VERSION_MAJOR@ @library@ (>= @PROJECT_VERSION@)\n")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/debian/triggers CONTENT "activate-noawait ldconfig\n" @ONLY)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/debian/shlibs ${PROJECT_BINARY_DIR}/debian/triggers)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# residua_package(COMPONENT PACKAGE SECTION DESCRIPTION [DEPENDS...]). Of these packages all are of one version.
function(residua_package component package section description)
  string(TOUPPER ${component} key)
  set(prefix CPACK_DEBIAN_${key}_PACKAGE)
  set(depends ${ARGN})
  list(TRANSFORM depends APPEND " (= ${PROJECT_VERSION})")
  list(JOIN depends ", " depends)
  set(${prefix}_NAME ${package} PARENT_SCOPE)
  set(${prefix}_SECTION ${section} PARENT_SCOPE)
  set(${prefix}_DEPENDS "${depends}" PARENT_SCOPE)
  set(CPACK_COMPONENT_${key}_DESCRIPTION "Files become smaller, and no pixel changes.\n${description}" PARENT_SCOPE)
  set(CPACK_COMPONENTS_ALL ${CPACK_COMPONENTS_ALL} ${component} PARENT_SCOPE)
  install(FILES ${PROJECT_BINARY_DIR}/debian/copyright ${PROJECT_BINARY_DIR}/debian/changelog.gz
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
endfunction()

set(CPACK_COMPONENTS_ALL "")
residua_package(library ${library} libs "This is the library that programs use, with the released models.")
residua_package(dev libresidua-dev libdevel "These are headers, and what CMake and pkg-config need." ${library})
residua_package(tool residua graphics "This is the program, which also makes thumbnails for file managers."
                ${library} residua-mime)
residua_package(mime residua-mime graphics "By this file managers and viewers know .rsd files.")
set(CPACK_DEBIAN_MIME_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_MIME_PACKAGE_SHLIBDEPS OFF)
if(TARGET residua_pixbuf_loader)
  residua_package(gdk-pixbuf residua-gdk-pixbuf graphics "Viewers of GNOME, Xfce and MATE show .rsd files with this."
                  ${library} residua-mime)
endif()
foreach(qt 5 6)
  if(TARGET residua_qt${qt})
    residua_package(qt${qt} residua-qt${qt} graphics "Programs made with Qt ${qt} show .rsd files with this."
                    ${library} residua-mime)
  endif()
endforeach()
include(CPack)
