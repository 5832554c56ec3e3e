// What is known of a block of coefficients and of its surroundings. docs/format-dct.md, 5.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "dct/levels.h"

namespace residua::dct {

enum Group : uint32_t { kInner = 0, kRow = 1, kColumn = 2, kDc = 3 };

// Both positive, v from d down for odd d = u + v, up for even d: the zigzag of JPEG's inner 7×7.
inline constexpr std::array<uint8_t, 49> kInnerOrder = [] {
    std::array<uint8_t, 49> order{};
    size_t n = 0;
    for (int d = 2; d <= 14; ++d)
        for (int i = 0; i <= d; ++i) {
            const int v = d % 2 ? d - i : i, u = d - v;
            if (u >= 1 && v >= 1 && u < 8 && v < 8) order[n++] = static_cast<uint8_t>(8 * v + u);
        }
    return order;
}();
inline constexpr std::array<uint8_t, 7> kRowOrder = {1, 2, 3, 4, 5, 6, 7};
inline constexpr std::array<uint8_t, 7> kColumnOrder = {8, 16, 24, 32, 40, 48, 56};

// 2^13 times the DCT's basis functions at a block's first
// sample, and continued by half a sample to its border.
inline constexpr std::array<int32_t, 8> kFlat = {2896, 4017, 3784, 3406, 2896, 2276, 1567, 799};
inline constexpr std::array<int32_t, 8> kSlope = {2896, 4324, 4893, 5508, 5793, 5422, 4242, 2338};

// A row's or column's transform at one border, in both ways of continuing it.
struct Border {
    std::array<int32_t, 8> flat{}, slope{};

    // Adds coefficient (line, frequency) of dequantised size w, |w| ≤ 2^14. Nothing leaves 31 bits: a border
    // sums 16 terms at the most.
    void add(int line, int frequency, int32_t w) {
        flat[static_cast<size_t>(line)] += w * kFlat[static_cast<size_t>(frequency)];
        slope[static_cast<size_t>(line)] += w * kSlope[static_cast<size_t>(frequency)];
    }
};

// A block's coefficients by 8·v + u with a border of zeros: number 10·(v + 1) + u + 1.
using Padded = std::array<uint32_t, 100>;
constexpr size_t padded_index(size_t position) { return 10 * (position / 8 + 1) + position % 8 + 1; }

struct Block {
    bool known = false;                    // false outside the picture: all zero
    std::array<int16_t, 64> value{};       // [0] is the DC itself
    std::array<uint16_t, 64> magnitude{};  // [0] is that of dc_error
    std::array<uint16_t, 64> around{};     // weighted sum of 3×3 magnitudes
    Border right, below;                   // per row, per column: continued over those borders
    std::array<uint8_t, 3> counts{};       // of coefficients that are not 0, per group
    int dc_error = 0;

    void finish(const Padded& sizes) {
        for (size_t i = 0; i < 64; ++i) {
            const size_t at = padded_index(i);
            magnitude[i] = static_cast<uint16_t>(sizes[at]);
            const uint32_t sum = 4 * sizes[at] +
                                 2 * (sizes[at - 10] + sizes[at + 10] + sizes[at - 1] + sizes[at + 1]) +
                                 sizes[at - 11] + sizes[at - 9] + sizes[at + 9] + sizes[at + 11];
            around[i] = static_cast<uint16_t>(std::min(sum, 65535u));
        }
    }
};

// The other components at the same place. Luma: nothing of this.
struct Side {
    std::array<uint16_t, 64> luma_size{};  // four times the mean magnitude at the frequency
    std::array<int16_t, 64> luma_value{};  // 0 unless luma has as many blocks
    int luma_error = 0;                    // sum of the blocks' DC errors
    std::array<int16_t, 64> cb_value{};    // for Cr
    int cb_error = 0;
    bool has_luma = false, has_cb = false;
};

// Blocks that were coded before, and what else a block depends on.
struct Surroundings {
    const Block *left, *above, *above_left, *above_right, *left2, *above2;
    const Side* side;
    const uint16_t* steps;
};

}  // namespace residua::dct
