// One component of a JPEG as rows of pixels: inverse DCT and upsampling, row by row.
#pragma once

#include <array>

#include "base/memory.h"
#include "planes/jpeg_component.h"

namespace residua::codec {

class JpegSamples {
  public:
    // Of the pixels from column `left` to right − 1.
    JpegSamples(const JpegComponent& component, const ComponentBlocks& blocks, int left, int right,
                Allocator& allocator);

    // Row y of the picture, from column `left` on. Stays as it is until the next call. Rows are cheap where they
    // are asked for in order.
    const uint8_t* pixels(int y);

  private:
    const uint8_t* samples(int row);
    void make_samples(int block_row, uint8_t* to);
    const uint8_t* repeated(int y);
    const uint8_t* filtered(int y);

    const JpegComponent& component_;
    const ComponentBlocks blocks_;
    const int left_;
    const IndexRange columns_;        // of samples
    const IndexRange block_columns_;  // that hold them
    // Rows of blocks by their parity: a pixel is made of two rows of samples at most.
    static constexpr int kHeld = 2;
    std::array<int, kHeld> held_ = {-1, -1};
    Buffer<uint8_t> samples_;
    Buffer<int16_t> estimated_;  // coefficients of a row of blocks
    Buffer<int16_t> sums_;       // of two rows of samples
    Buffer<uint8_t> row_;
    int row_of_ = -1;  // the row of samples that row_ repeats
};

}  // namespace residua::codec
