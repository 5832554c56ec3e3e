// What comes with a picture beside its pixels, byte for byte, under names that the library keeps as they are.
//
//   icc            an ICC profile
//   exif           an Exif block, from its TIFF header on
//   xmp            an XMP packet
//   ORIGIN:KEY     what only one format has. The origin is the format, in small letters: "png:gAMA" and
//                  "png:tEXt" hold a chunk's data, "png-end:tEXt" those of one behind the pixels;
//                  "jpeg:APP13" and "jpeg:COM" a segment's data without its length; "tiff:305" a tag's type
//                  (u16), count (u32) and values, little-endian; "webp:XXXX" a chunk's data
//   ORIGIN:trailing  bytes behind the picture's end
//
// A name may come several times; the order is the file's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace image_io {

struct Metadata {
    std::string name;
    std::vector<uint8_t> bytes;  // may be none, as of a chunk without data

    friend bool operator==(const Metadata&, const Metadata&) = default;
};

}  // namespace image_io
