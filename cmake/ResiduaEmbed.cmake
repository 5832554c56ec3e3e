# Files that become part of a program, for any compiler: by the assembler where it can (.incbin: no time, no memory),
# otherwise as arrays of numbers.

set(RESIDUA_EMBED auto CACHE STRING "How models become part of the library: assembler, portable (arrays), or auto")
set_property(CACHE RESIDUA_EMBED PROPERTY STRINGS auto assembler portable)

# The sections and the prefix of names that this system's object files have.
function(residua_embed_syntax section prefix hidden)
  if(APPLE)
    set(${section} "__TEXT,__const" PARENT_SCOPE)
    set(${prefix} "_" PARENT_SCOPE)
    set(${hidden} ".private_extern" PARENT_SCOPE)
  else()
    set(${section} ".rodata, \"a\"" PARENT_SCOPE)
    set(${prefix} "" PARENT_SCOPE)
    set(${hidden} ".hidden" PARENT_SCOPE)
  endif()
endfunction()

# residua_embed_code(OUT FILE SYMBOL): C++ that defines SYMBOL_begin and SYMBOL_end by an assembler's directives.
function(residua_embed_code out file symbol)
  residua_embed_syntax(section prefix hidden)
  set(lines ".section ${section}" ".balign 64"
            ".globl ${prefix}${symbol}_begin" ".globl ${prefix}${symbol}_end"
            "${hidden} ${prefix}${symbol}_begin" "${hidden} ${prefix}${symbol}_end"
            "${prefix}${symbol}_begin:" ".incbin \"${file}\"" "${prefix}${symbol}_end:" ".byte 0" ".text")
  set(code "")
  foreach(line IN LISTS lines)
    string(REPLACE "\"" "\\\"" line "${line}")
    string(APPEND code "    \"${line}\\n\"\n")
  endforeach()
  set(${out} "asm(\n${code});\nextern \"C\" const uint8_t ${symbol}_begin[], ${symbol}_end[];\n" PARENT_SCOPE)
endfunction()

# Sets RESIDUA_EMBED_WAY to assembler or portable.
function(residua_choose_embedding)
  if(RESIDUA_EMBED STREQUAL "portable")
    set(RESIDUA_EMBED_WAY portable PARENT_SCOPE)
    return()
  endif()
  if(NOT RESIDUA_EMBED MATCHES "^(auto|assembler)$")
    message(FATAL_ERROR "RESIDUA_EMBED is ${RESIDUA_EMBED}; it can be auto, assembler or portable")
  endif()
  residua_embed_code(code ${PROJECT_SOURCE_DIR}/CMakeLists.txt probe)
  string(PREPEND code "#include <cstdint>\n")
  string(APPEND code "int main() { return probe_begin[0] != probe_end[-1]; }\n")
  try_compile(RESIDUA_ASSEMBLER_EMBEDS SOURCE_FROM_VAR probe.cc code)
  if(RESIDUA_ASSEMBLER_EMBEDS)
    set(RESIDUA_EMBED_WAY assembler PARENT_SCOPE)
  elseif(RESIDUA_EMBED STREQUAL "assembler")
    message(FATAL_ERROR "this compiler's assembler knows no .incbin; configure with -DRESIDUA_EMBED=portable")
  else()
    set(RESIDUA_EMBED_WAY portable PARENT_SCOPE)
  endif()
endfunction()

# residua_embed(TARGET FILES...): writes embedded.inc, which a source of the target includes: for each file, in that
# order, a `Range` (begin, end) in the array kModels. Arrays are added to the target.
function(residua_embed target)
  residua_choose_embedding()
  set(folder ${CMAKE_CURRENT_BINARY_DIR})
  set(declarations "")
  set(ranges "")
  set(arrays "")
  set(index 0)
  foreach(file IN LISTS ARGN)
    set(symbol residua_embedded_${index})
    if(RESIDUA_EMBED_WAY STREQUAL "assembler")
      residua_embed_code(code ${file} ${symbol})
      string(APPEND declarations "${code}")
      string(APPEND ranges "    {${symbol}_begin, ${symbol}_end},\n")
    else()
      file(SIZE ${file} size)
      set(script ${PROJECT_SOURCE_DIR}/cmake/embed_array.cmake)
      add_custom_command(OUTPUT ${folder}/${symbol}.c DEPENDS ${file} ${script} VERBATIM
                         COMMAND ${CMAKE_COMMAND} -D INPUT=${file} -D OUTPUT=${folder}/${symbol}.c -D SYMBOL=${symbol}
                                 -D BYTE_ORDER=${CMAKE_C_BYTE_ORDER} -P ${script})
      list(APPEND arrays ${folder}/${symbol}.c)
      string(APPEND declarations "extern \"C\" const uint64_t ${symbol}[], ${symbol}_bytes;\n")
      string(APPEND ranges "    {reinterpret_cast<const uint8_t*>(${symbol}), "
                           "reinterpret_cast<const uint8_t*>(${symbol}) + ${symbol}_bytes},\n")
    endif()
    math(EXPR index "${index} + 1")
  endforeach()
  if(arrays)
    # By a target: the commands belong to this folder, and ${target} may belong to another.
    add_custom_target(${target}_arrays DEPENDS ${arrays})
    add_dependencies(${target} ${target}_arrays)
    set_source_files_properties(${arrays} TARGET_DIRECTORY ${target} PROPERTIES GENERATED ON)
    target_sources(${target} PRIVATE ${arrays})
  endif()
  file(CONFIGURE OUTPUT ${folder}/embedded.inc @ONLY
       CONTENT "@declarations@\nconst Range kModels[] = {\n@ranges@    {nullptr, nullptr},\n};\n")
endfunction()
