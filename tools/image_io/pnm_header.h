// What a netpbm picture says of itself, and where it lies among others of its file.
#pragma once

#include <optional>
#include <string>

#include "image_io/pnm_words.h"

namespace image_io {

struct PnmHeader {
    int kind = 0;  // of P1 … P7
    uint32_t width = 0, height = 0, depth = 0, maximum = 0;
    std::string type;        // of PAM
    bool thumbnail = false;  // of the program xv: three bits of red, three of green, two of blue
    uint64_t begin = 0;      // of the samples
    uint64_t end = 0;        // of the picture

    bool text() const { return kind <= 3; }
    bool bitmap() const { return kind == 1 || kind == 4; }
    uint64_t row_samples() const { return uint64_t{width} * depth; }
    uint64_t row_bytes() const {
        return bitmap() ? (uint64_t{width} + 7) / 8 : row_samples() * (maximum > 255 ? 2 : 1);
    }
};

// The picture at that place, whose pixels all lie in the file. What is known before them goes into `picture`. Throws
// ImageError.
PnmHeader read_pnm_header(Source& source, uint64_t position, const ReadOptions& options,
                          Description& picture);

// Where another picture begins behind the end of one, as far as its first bytes tell.
std::optional<uint64_t> next_pnm_picture(Source& source, uint64_t end);

}  // namespace image_io
