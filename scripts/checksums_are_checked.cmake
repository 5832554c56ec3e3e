# The library's comparison of checksums is the real one, and nothing of fuzz/unchecked_checksums.cc is in it.
execute_process(COMMAND ${NM} ${LIBRARY} OUTPUT_VARIABLE symbols ERROR_QUIET RESULT_VARIABLE status)
if(NOT status EQUAL 0 OR NOT symbols MATCHES "same_checksum")
  message(FATAL_ERROR "${LIBRARY}: no comparison of checksums found in it")
endif()
if(symbols MATCHES "residua_checksums_are_not_checked")
  message(FATAL_ERROR "${LIBRARY} checks no checksums: it has what fuzz builds alone may have")
endif()
