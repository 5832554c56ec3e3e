# cmake -D INPUT=FILE -D OUTPUT=FILE.c -D SYMBOL=NAME -D BYTE_ORDER=LITTLE_ENDIAN|BIG_ENDIAN -P embed_array.cmake
# Writes a file's bytes as an array NAME of 64-bit numbers, which compilers read several times as fast as bytes, and
# NAME_bytes, their count before they are filled up with zeros. In pieces: a large one would take CMake much longer.
set(piece_bytes 65536)
if(BYTE_ORDER STREQUAL "BIG_ENDIAN")
  set(number "0x\\1\\2\\3\\4\\5\\6\\7\\8,")
else()
  set(number "0x\\8\\7\\6\\5\\4\\3\\2\\1,")
endif()
string(REPEAT "(..)" 8 eight_bytes)

file(SIZE "${INPUT}" size)
file(WRITE "${OUTPUT}.part" "#include <stdint.h>\n"
     "extern const uint64_t ${SYMBOL}[], ${SYMBOL}_bytes;\n"
     "const uint64_t ${SYMBOL}_bytes = ${size};\nconst uint64_t ${SYMBOL}[] = {\n")
set(position 0)
while(position LESS size)
  file(READ "${INPUT}" hex OFFSET ${position} LIMIT ${piece_bytes} HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR missing "(16 - ${digits} % 16) % 16")
  string(REPEAT "0" ${missing} zeros)
  string(REGEX REPLACE "${eight_bytes}" "${number}" numbers "${hex}${zeros}")
  file(APPEND "${OUTPUT}.part" "${numbers}\n")
  math(EXPR position "${position} + ${piece_bytes}")
endwhile()
# A file of no bytes has a number, too: C knows no empty arrays.
file(APPEND "${OUTPUT}.part" "0};\n")
file(RENAME "${OUTPUT}.part" "${OUTPUT}")
