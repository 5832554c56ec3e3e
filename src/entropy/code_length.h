// How many bits symbols take, in integers: what an encoder decides by it is the same on every machine. A
// decoder that is asked to explain a file counts by it.
#pragma once

#include <cstdint>
#include <span>

#include "entropy/rans.h"

namespace residua::entropy {

inline constexpr int kBitUnitsLog2 = 16;

// 2^16 · −log2(frequency / 2^20), rounded; 1 ≤ frequency ≤ 2^20. Off by a unit at most.
uint32_t code_length_units(uint32_t frequency);

// Adds the lengths of a row's symbols, given in coding order (MixtureCoder::intervals), to units[channel].
void add_code_lengths(std::span<const Interval> row, int pixels, int channels, uint64_t* units);

}  // namespace residua::entropy
