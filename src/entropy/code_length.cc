#include "entropy/code_length.h"

#include <algorithm>
#include <array>
#include <bit>

namespace residua::entropy {

namespace {

constexpr int kCellsLog2 = 10;
constexpr int kCells = 1 << kCellsLog2;

// 2^16 · log2(1 + i / kCells), bit by bit: squaring doubles the logarithm.
constexpr uint32_t log2_units(uint32_t i) {
    if (i == kCells) return uint32_t{1} << kBitUnitsLog2;
    uint64_t x = uint64_t{kCells + i} << (31 - kCellsLog2);  // 1 … 2, in 1/2^31
    uint32_t bits = 0;
    for (int bit = 0; bit <= kBitUnitsLog2; ++bit) {
        x = (x * x) >> 31;
        const bool doubled = x >= uint64_t{1} << 32;
        if (doubled) x >>= 1;
        bits = bits << 1 | static_cast<uint32_t>(doubled);
    }
    return (bits + 1) >> 1;
}

constexpr auto kLog2 = [] {
    std::array<uint32_t, kCells + 1> table{};
    for (uint32_t i = 0; i <= kCells; ++i) table[i] = log2_units(i);
    return table;
}();

}  // namespace

uint32_t code_length_units(uint32_t frequency) {
    constexpr int kRest = kProbabilityBits - kCellsLog2;
    const auto whole = static_cast<uint32_t>(std::bit_width(frequency) - 1);
    const uint32_t fraction = (frequency << (kProbabilityBits - whole)) & (kProbabilityOne - 1);
    const uint32_t cell = fraction >> kRest;
    const uint32_t rise = (kLog2[cell + 1] - kLog2[cell]) * (fraction & ((1u << kRest) - 1));
    const uint32_t log2 = (whole << kBitUnitsLog2) + kLog2[cell] + ((rise + (1u << (kRest - 1))) >> kRest);
    return (uint32_t{kProbabilityBits} << kBitUnitsLog2) - log2;
}

void add_code_lengths(std::span<const Interval> row, int pixels, int channels, uint64_t* units) {
    const Interval* interval = row.data();
    for (int x = 0; x < pixels; x += kGroupPixels) {
        const int count = std::min(kGroupPixels, pixels - x);
        for (int c = 0; c < channels; ++c)
            for (int j = 0; j < count; ++j) units[c] += code_length_units(interval++->frequency);
    }
}

}  // namespace residua::entropy
