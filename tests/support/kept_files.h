// Files to keep byte for byte: JPEGs of the kinds that there are, and what is none.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/jpeg_file.h"

namespace residua::testing {

using Bytes = std::vector<uint8_t>;

struct KeptFile {
    std::string name;
    Bytes bytes;
    uint32_t width = 0, height = 0;  // 0: there are no pixels
};
inline void PrintTo(const KeptFile& file, std::ostream* out) { *out << file.name; }

// The JPEG with a segment right behind its start.
Bytes with_segment(const Bytes& jpeg, uint8_t marker, const Bytes& data);
// An Exif block with a JPEG as its thumbnail.
Bytes exif_with_thumbnail(const Bytes& thumbnail);

// 4:2:0, with a thumbnail, and a second JPEG and other bytes behind it: as a telephone writes it.
Bytes phone_photo(int width, int height);

// With restart markers in the wrong order, a comment, and without its last rows: what coefficients do not
// say.
Bytes odd_jpeg(int width, int height);

// Arithmetic-coded, progressive, with other bytes before restart markers than libjpeg leaves, and without its
// last ones.
Bytes odd_arithmetic_jpeg(int width, int height);

std::vector<KeptFile> kept_files();
std::vector<KeptFile> tiny_kept_files();  // of some hundred bytes

}  // namespace residua::testing
