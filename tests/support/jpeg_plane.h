// What libjpeg makes of a grey picture, all in memory.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace residua::test {

struct JpegPlane {
    int columns, rows;                  // of blocks
    std::array<uint16_t, 64> steps;     // [8·v + u]
    std::vector<int16_t> coefficients;  // [row][column][8·v + u]
    std::vector<uint8_t> samples;       // by the "islow" inverse DCT, of whole blocks

    int width() const { return 8 * columns; }
    int height() const { return 8 * rows; }
};

// Compresses with libjpeg's standard table of this quality, 1 … 100, and decodes.
JpegPlane through_jpeg(const std::vector<uint8_t>& samples, int width, int height, int quality);

}  // namespace residua::test
