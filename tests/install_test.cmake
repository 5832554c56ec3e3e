# cmake -D BUILD=… -D SOURCE=… -D WORK=… -P install_test.cmake: installs the library and builds and runs a C program
# against it, by the CMake package and by pkg-config.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE}/consumer -B ${WORK}/build -G Ninja -D CMAKE_PREFIX_PATH=${WORK}/prefix
    -D CMAKE_C_COMPILER=${C_COMPILER} -D CMAKE_CXX_COMPILER=${CXX_COMPILER})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer)

file(GLOB_RECURSE pc ${WORK}/prefix/residua.pc)
cmake_path(GET pc PARENT_PATH pc_folder)
set(ENV{PKG_CONFIG_PATH} ${pc_folder})
run(sh -c "cd ${WORK} && ${C_COMPILER} $(pkg-config --cflags residua) ${SOURCE}/api_c_test.c $(pkg-config --libs residua) -o by_pkg_config")
set(ENV{LD_LIBRARY_PATH} ${pc_folder}/..)
run(${WORK}/by_pkg_config)
