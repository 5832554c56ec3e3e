# Flags that every target shares, and the functions that declare tests and benchmarks.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

add_library(residua_flags INTERFACE)
target_compile_options(residua_flags INTERFACE -Wall -Wextra)
if(RESIDUA_WERROR)
  target_compile_options(residua_flags INTERFACE -Werror)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^i[3-6]86$")
  # The x87's registers round to other lengths than binary32 has, and OLM must not differ.
  target_compile_options(residua_flags INTERFACE -msse2 -mfpmath=sse)
endif()
if(EMSCRIPTEN)
  # WebAssembly's own exceptions: those that go by way of JavaScript make every call in reach of a catch slow.
  target_compile_options(residua_flags INTERFACE -fwasm-exceptions
                         "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include ${PROJECT_SOURCE_DIR}/cmake/emscripten_library.h>")
  target_link_options(residua_flags INTERFACE -fwasm-exceptions -sALLOW_MEMORY_GROWTH=1 -sTOTAL_STACK=1048576)
endif()
# The words of RESIDUA_CPU that this build knows.
set(RESIDUA_SETS_X86 avx2 avxvnni avx512vnni)
set(RESIDUA_SETS_ARM neon neondot)
set(RESIDUA_SETS_WASM simd128)
set(RESIDUA_INSTRUCTION_SETS scalar)
foreach(kind X86 ARM WASM)
  if(RESIDUA_${kind}_KERNELS)
    list(APPEND RESIDUA_INSTRUCTION_SETS ${RESIDUA_SETS_${kind}})
    target_compile_definitions(residua_flags INTERFACE RESIDUA_${kind}_KERNELS)
  endif()
endforeach()
if(RESIDUA_ENCODER)
  target_compile_definitions(residua_flags INTERFACE RESIDUA_ENCODER)
endif()
# What makes an end of a defect of memory, instead of a way in. _FORTIFY_SOURCE needs an optimiser.
if(RESIDUA_HARDENED AND NOT RESIDUA_SANITIZE AND NOT EMSCRIPTEN AND CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(residua_flags INTERFACE -fstack-protector-strong)
  if(CMAKE_BUILD_TYPE MATCHES "Rel")
    target_compile_options(residua_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
  if(UNIX AND NOT APPLE)
    target_link_options(residua_flags INTERFACE LINKER:-z,relro LINKER:-z,now)
  endif()
  include(CheckPIESupported)
  check_pie_supported()  # or CMake says nothing of it to the linker
endif()
if(RESIDUA_SANITIZE)
  target_compile_options(residua_flags INTERFACE -fsanitize=${RESIDUA_SANITIZE} -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=all)
  target_link_options(residua_flags INTERFACE -fsanitize=${RESIDUA_SANITIZE})
endif()

# What the decoder must reproduce is rounded after every operation: no product is contracted with a sum, on any
# processor. Tests and their own second implementations inherit this from the library's objects; the trainer,
# which decides nothing that a decoder computes, does not.
add_library(residua_exact INTERFACE)
if(CMAKE_CXX_COMPILER_FRONTEND_VARIANT STREQUAL "MSVC" AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(residua_exact INTERFACE /clang:-ffp-contract=off)
elseif(MSVC)
  target_compile_options(residua_exact INTERFACE /fp:strict)
else()
  target_compile_options(residua_exact INTERFACE -ffp-contract=off)
endif()

# residua_kernel_sources(TARGET SET FILE...): sources of a target that are compiled for an instruction set (a
# header src/simd/SET.h); none where the build lacks it. One set of options for all that is compiled for it, so
# that the linker may take an inline function of src/simd from any of them.
set(RESIDUA_KIND_avx2 X86)
set(RESIDUA_KIND_avx_vnni X86)
set(RESIDUA_KIND_avx512 X86)
set(RESIDUA_KIND_neon ARM)
set(RESIDUA_KIND_neon_dot ARM)
set(RESIDUA_KIND_simd128 WASM)
set(RESIDUA_OPTIONS_neon "")  # what every 64-bit Arm processor has
set(RESIDUA_OPTIONS_neon_dot -march=armv8.2-a+dotprod)
set(RESIDUA_OPTIONS_simd128 -msimd128)
set(RESIDUA_OPTIONS_avx2 -mavx2)
set(RESIDUA_OPTIONS_avx_vnni -mavx2 -mavxvnni)
set(RESIDUA_OPTIONS_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512cd -mavx512vnni)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12's own AVX-512 headers start from registers that they declare undefined (GCC bug 105593).
  list(APPEND RESIDUA_OPTIONS_avx512 -Wno-uninitialized -Wno-maybe-uninitialized)
endif()
function(residua_kernel_sources target set)
  if(RESIDUA_${RESIDUA_KIND_${set}}_KERNELS)
    target_sources(${target} PRIVATE ${ARGN})
    set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target}
                                PROPERTIES COMPILE_OPTIONS "${RESIDUA_OPTIONS_${set}}")
  endif()
endfunction()

set(RESIDUA_TEST_ENVIRONMENT "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/leaks.supp:print_suppressions=0")

# residua_test_program(TARGET): what a program of tests needs where it does not run on the machine itself: under
# Node.js the system's files, and its environment (RESIDUA_CPU).
function(residua_test_program target)
  if(EMSCRIPTEN)
    target_link_options(${target} PRIVATE -sNODERAWFS=1 -sEXIT_RUNTIME=1
                        "SHELL:--pre-js ${PROJECT_SOURCE_DIR}/tests/support/node_environment.js")
  endif()
endfunction()

# residua_add_test(NAME x SOURCES a_test.cc [LIBRARIES ...]): a GoogleTest program over the library's inside.
function(residua_add_test)
  cmake_parse_arguments(arg "" "NAME" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT RESIDUA_TESTS)
    return()
  endif()
  find_package(GTest REQUIRED)
  add_executable(${arg_NAME}_test ${arg_SOURCES})
  target_include_directories(${arg_NAME}_test PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${arg_NAME}_test PRIVATE residua_objects ${arg_LIBRARIES} GTest::gtest_main)
  residua_test_program(${arg_NAME}_test)
  if(RESIDUA_ENCODER AND NOT RESIDUA_X265)
    target_sources(${arg_NAME}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/without_rc.cc)
  endif()
  include(GoogleTest)
  # PyTorch's libraries alone can take longer to load than the five seconds that it is otherwise.
  gtest_discover_tests(${arg_NAME}_test TEST_PREFIX ${arg_NAME}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120
                       PROPERTIES TIMEOUT 600 ENVIRONMENT "${RESIDUA_TEST_ENVIRONMENT}")
endfunction()

# libjpeg, which some tests compare with. Builds for WebAssembly do without these tests where it is missing.
macro(residua_find_test_libjpeg)
  if(EMSCRIPTEN)
    pkg_check_modules(JPEG IMPORTED_TARGET libjpeg)
  else()
    pkg_check_modules(JPEG REQUIRED IMPORTED_TARGET libjpeg)
  endif()
  # Debian's jconfig.h lies in the architecture's own folder, where a cross compiler does not look for it.
  if(JPEG_FOUND AND CMAKE_CROSSCOMPILING AND CMAKE_LIBRARY_ARCHITECTURE)
    pkg_get_variable(JPEG_HEADERS libjpeg includedir)
    target_include_directories(PkgConfig::JPEG INTERFACE ${JPEG_HEADERS}/${CMAKE_LIBRARY_ARCHITECTURE})
  endif()
endmacro()

# residua_add_jpeg_test(PATH): PATH_test.cc, which compares with libjpeg.
function(residua_add_jpeg_test path)
  if(NOT RESIDUA_TESTS)
    return()
  endif()
  residua_find_test_libjpeg()
  if(NOT JPEG_FOUND)
    return()
  endif()
  get_filename_component(name ${path} NAME)
  residua_add_test(NAME ${name}
                   SOURCES ${path}_test.cc ${PROJECT_SOURCE_DIR}/tests/support/jpeg_file.cc
                           ${PROJECT_SOURCE_DIR}/tests/support/jpeg_plane.cc
                   LIBRARIES PkgConfig::JPEG)
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR})
endfunction()

# residua_add_bench(NAME x SOURCES x_gbench.cc [LIBRARIES ...]): a google-benchmark program.
function(residua_add_bench)
  cmake_parse_arguments(arg "" "NAME" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT RESIDUA_BENCH)
    return()
  endif()
  find_package(benchmark REQUIRED)
  add_executable(${arg_NAME}_gbench ${arg_SOURCES})
  target_include_directories(${arg_NAME}_gbench PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${arg_NAME}_gbench PRIVATE residua_objects ${arg_LIBRARIES}
                                                   benchmark::benchmark_main)
endfunction()
