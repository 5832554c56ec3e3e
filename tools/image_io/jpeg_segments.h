// How a JPEG file is made up: its segments, and where its picture ends.
#pragma once

#include <vector>

#include "image_io/image.h"
#include "image_io/source.h"

namespace image_io {

struct JpegSegments {
    struct Part {
        uint8_t marker;     // the byte behind 0xff; 0 for bytes that belong to nothing
        uint64_t position;  // of its data
        uint64_t size;
    };

    uint64_t begin = 0, end = 0;  // from the start marker to behind the end marker
    bool ended = false;           // there is one
    std::vector<Part> parts;      // APPn, comments, and bytes between two segments, in the file's order

    uint8_t frame = 0;  // 0xc0 … 0xcf, 0xf7
    bool hierarchical = false;
    uint32_t precision = 0;
    uint64_t height_position = 0;    // of the two bytes in the frame's header
    uint32_t width = 0, height = 0;  // as it has them
    uint32_t height_behind = 0;      // of a DNL marker; 0: none
    uint64_t blocks = 0;             // of 8×8 coefficients, as the decoder holds them
    uint32_t components = 0, scans = 0;
    bool scans_lack = false;  // a component that no scan has
};

// Reads the file once, from its beginning to its end. Throws ImageError where it has no picture.
JpegSegments read_jpeg_segments(Source& source, const ReadOptions& options);

}  // namespace image_io
