// What a JPEG's segments hold beside the picture: ICC profile, Exif, XMP.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace residua::jpeg {

struct JpegMetadata {
    std::vector<std::span<const uint8_t>>
        icc;                        // its parts in their order; none where they do not fit together
    std::span<const uint8_t> exif;  // beginning with its TIFF header
    std::span<const uint8_t> xmp;   // the packet
};

// Of the segments from the SOI, with which the bytes begin, up to the first scan. Of several blocks of Exif
// or XMP the first one. Points into the bytes, which may be any.
JpegMetadata find_metadata(std::span<const uint8_t> bytes);

}  // namespace residua::jpeg
