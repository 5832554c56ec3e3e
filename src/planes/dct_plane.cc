#include "planes/dct_plane.h"

#include <algorithm>

namespace residua::codec {

namespace {

constexpr int kConstantBits = 13;
constexpr int kPassBits = 2;  // more bits between the passes

// Eight transforms of eight values side by side: in[8·frequency + lane] to out[8·position + lane], shifted
// down by kShift and rounded. For |in| ≤ 2^15 nothing exceeds 32 bits: the largest sum is that of the whole
// row of weights, 7.48 · 2^13 · 2^15 < 2^31 − 2^17.
template <int kShift>
void inverse_pass(const int32_t* in, int32_t* out) {
    constexpr int32_t kRounding = kShift > 0 ? 1 << (kShift - 1) : 0;
    for (int i = 0; i < kBlockSide; ++i) {
        const int32_t c0 = in[i], c1 = in[8 + i], c2 = in[16 + i], c3 = in[24 + i], c4 = in[32 + i],
                      c5 = in[40 + i], c6 = in[48 + i], c7 = in[56 + i];
        // Even frequencies: a rotation by 6π/16.
        const int32_t both = (c2 + c6) * 4433;
        const int32_t low = both - c6 * 15137, high = both + c2 * 6270;
        const int32_t sum = (c0 + c4) * (1 << kConstantBits), difference = (c0 - c4) * (1 << kConstantBits);
        const int32_t e0 = sum + high + kRounding, e3 = sum - high + kRounding;
        const int32_t e1 = difference + low + kRounding, e2 = difference - low + kRounding;
        // Odd frequencies, figure 8 of the paper.
        const int32_t common = (c7 + c3 + c5 + c1) * 9633;
        const int32_t s71 = (c7 + c1) * -7373, s53 = (c5 + c3) * -20995;
        const int32_t s73 = (c7 + c3) * -16069 + common;
        const int32_t s51 = (c5 + c1) * -3196 + common;
        const int32_t o3 = c7 * 2446 + (s71 + s73);
        const int32_t o2 = c5 * 16819 + (s53 + s51);
        const int32_t o1 = c3 * 25172 + (s53 + s73);
        const int32_t o0 = c1 * 12299 + (s71 + s51);
        out[i] = (e0 + o0) >> kShift;
        out[56 + i] = (e0 - o0) >> kShift;
        out[8 + i] = (e1 + o1) >> kShift;
        out[48 + i] = (e1 - o1) >> kShift;
        out[16 + i] = (e2 + o2) >> kShift;
        out[40 + i] = (e2 - o2) >> kShift;
        out[24 + i] = (e3 + o3) >> kShift;
        out[32 + i] = (e3 - o3) >> kShift;
    }
}

int32_t limited(int32_t value) { return std::clamp<int32_t>(value, INT16_MIN, INT16_MAX); }

}  // namespace

void inverse_dct(const int16_t* coefficients, const QuantTable& quant, int32_t* sums) {
    int32_t columns[kBlockSize], rows[kBlockSize];
    for (int i = 0; i < kBlockSize; ++i)
        columns[i] = limited(static_cast<int32_t>(coefficients[i]) * quant[static_cast<size_t>(i)]);
    inverse_pass<kConstantBits - kPassBits>(columns, rows);
    for (int y = 0; y < kBlockSide; ++y)
        for (int u = 0; u < kBlockSide; ++u) columns[kBlockSide * u + y] = limited(rows[kBlockSide * y + u]);
    // The second pass leaves what is still to be shifted away, so that callers see what was rounded.
    inverse_pass<0>(columns, rows);
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
