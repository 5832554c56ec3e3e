// What a BMP file says of its pixels: Windows' headers of all sizes, and those of OS/2.
#pragma once

#include <array>
#include <vector>

#include "image_io/image.h"
#include "image_io/source.h"

namespace image_io {

struct BmpHeader {
    static constexpr uint64_t kFileHeader = 14;

    std::vector<uint8_t> bytes;  // of both headers, and masks behind them
    uint32_t width = 0, height = 0;
    bool bottom_up = true;
    uint32_t bits = 0;  // per pixel
    bool run_lengths = false;
    std::array<uint32_t, 4> masks = {};  // red, green, blue, alpha: which bits of a pixel; of 16 and 32
    std::vector<uint8_t> palette;        // entries as the file has them
    uint32_t palette_entry = 4;          // bytes
    uint64_t palette_end = 0;
    uint64_t pixels = 0;  // where they begin
    std::vector<uint8_t> icc;
    uint64_t icc_end = 0;

    // Of a row in the file, when it is not in run lengths.
    uint64_t row_bytes() const { return (uint64_t{width} * bits + 31) / 32 * 4; }
};

// Throws ImageError.
BmpHeader read_bmp_header(Source& source, const ReadOptions& options);

}  // namespace image_io
