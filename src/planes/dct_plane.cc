#include "planes/dct_plane.h"

#include <algorithm>

#include "planes/inverse_dct_pass.h"

namespace residua::codec {

namespace {

using dct_pass::kConstantBits;
using dct_pass::kPassBits;

int32_t limited(int32_t value) { return std::clamp<int32_t>(value, INT16_MIN, INT16_MAX); }

}  // namespace

void inverse_dct(const int16_t* coefficients, const QuantTable& quant, int32_t* sums) {
    int32_t columns[kBlockSize], rows[kBlockSize];
    for (int i = 0; i < kBlockSize; ++i)
        columns[i] = limited(static_cast<int32_t>(coefficients[i]) * quant[static_cast<size_t>(i)]);
    dct_pass::inverse<kConstantBits - kPassBits, false>(columns, rows);
    for (int y = 0; y < kBlockSide; ++y)
        for (int u = 0; u < kBlockSide; ++u) columns[kBlockSide * u + y] = limited(rows[kBlockSide * y + u]);
    // The second pass leaves what is still to be shifted away, so that callers see what was rounded.
    dct_pass::inverse<0, false>(columns, rows);
    for (int y = 0; y < kBlockSide; ++y)
        for (int x = 0; x < kBlockSide; ++x) sums[kBlockSide * y + x] = rows[kBlockSide * x + y];
}

void place_block(const int16_t* coefficients, const QuantTable& quant, int left, int top,
                 const MutablePictureView& to, int channel) {
    int32_t sums[kBlockSize];
    inverse_dct(coefficients, quant, sums);
    const int first_x = std::max(0, left), end_x = std::min(to.width, left + kBlockSide);
    const int first_y = std::max(0, top), end_y = std::min(to.height, top + kBlockSide);
    for (int y = first_y; y < end_y; ++y) {
        uint8_t* target = to.row(y) + channel;
        const int32_t* sum = sums + kBlockSide * (y - top);
        for (int x = first_x; x < end_x; ++x) target[ptrdiff_t{x} * to.channels] = dct_sample(sum[x - left]);
    }
}

void dct_row_to_samples(const DctPlane& plane, int row, const MutablePictureView& to, int channel) {
    for (int column = 0; column < plane.columns(); ++column)
        place_block(plane.block(row, column), plane.quant, kBlockSide * column - plane.offset_x,
                    kBlockSide * row - plane.offset_y, to, channel);
}

}  // namespace residua::codec
