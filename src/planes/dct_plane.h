// A plane that a JPEG decoder made: quantised DCT coefficients of 8x8 blocks, and the inverse transform that
// libjpeg calls "islow": Loeffler, Ligtenberg, Moschytz, "Practical fast 1-D DCT algorithms with 11
// multiplications" (1989), constants of 13 bits after the point, two more bits between the two passes.
// Integer arithmetic, the same on every machine, for any coefficients:
//   - a coefficient times its step is limited to -32768 … 32767;
//   - so is what the pass over columns hands to the pass over rows
//     (libjpeg-turbo's vector code does the same);
//   - a sample, 128 added, is limited to 0 … 255.
// What 8-bit JPEGs hold stays far inside the first two limits, where this equals libjpeg bit for bit.
#pragma once

#include <array>
#include <cstdint>

#include "base/memory.h"
#include "dct/component.h"
#include "image/picture.h"

namespace residua::codec {

constexpr int kBlockSide = 8;
constexpr int kBlockSize = kBlockSide * kBlockSide;
constexpr int kMostCoefficient = dct::kMaxCoefficient;  // absolute; of DC and AC alike

// Steps, [8·v + u], v the vertical frequency: 1 … 65535 (of baseline JPEG 1 … 255).
using QuantTable = std::array<uint16_t, kBlockSize>;

struct DctPlane {
    int width = 0, height = 0;  // samples of the plane
    // 0 … 7: sample (x, y) of the plane is sample (x + offset_x, y + offset_y) of its whole blocks.
    int offset_x = 0, offset_y = 0;
    QuantTable quant = {};
    Buffer<int16_t> coefficients;  // [block row][block column][8·v + u], quantised, |c| ≤ kMostCoefficient

    // Of blocks.
    int columns() const { return (width + offset_x + kBlockSide - 1) / kBlockSide; }
    int rows() const { return (height + offset_y + kBlockSide - 1) / kBlockSide; }

    int16_t* block(int row, int column) { return coefficients.data() + start(row, column); }
    const int16_t* block(int row, int column) const { return coefficients.data() + start(row, column); }

  private:
    size_t start(int row, int column) const {
        return (static_cast<size_t>(row) * static_cast<size_t>(columns()) + static_cast<size_t>(column)) *
               kBlockSize;
    }
};

// The samples of a block, [8·y + x], before 128 is added and they are rounded and limited: in units of
// 2^-kDctSumBits. Any coefficients and steps.
constexpr int kDctSumBits = 18;
void inverse_dct(const int16_t* coefficients, const QuantTable& quant, int32_t* sums);

// The sample of such a sum.
inline uint8_t dct_sample(int32_t sum) {
    const int32_t value = ((sum + (1 << (kDctSumBits - 1))) >> kDctSumBits) + 128;
    return static_cast<uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

// A block's samples to channel `channel` of `to`, from
// column `left` and row `top` on, as far as they lie within.
void place_block(const int16_t* coefficients, const QuantTable& quant, int left, int top,
                 const MutablePictureView& to, int channel);

// Writes the samples of one row of blocks into channel `channel` of `to`, a picture of the plane's size: its
// rows max(0, 8·row − offset_y) … min(height, 8·row + 8 − offset_y) − 1. For several threads at once.
void dct_row_to_samples(const DctPlane& plane, int row, const MutablePictureView& to, int channel);

}  // namespace residua::codec
