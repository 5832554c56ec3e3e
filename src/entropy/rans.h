// What the rANS encoder and decoder share. docs/format-entropy.md describes the stream.
#pragma once

#include <cstdint>

namespace residua::entropy {

inline constexpr int kProbabilityBits = 20;
inline constexpr uint32_t kProbabilityOne = 1u << kProbabilityBits;
inline constexpr uint64_t kRansLow = uint64_t{1} << 31;  // states stay in [2^31, 2^63)
inline constexpr int kMaxLanes = 16;
inline constexpr int kGroupPixels = 16;
// Of a tile whose symbols are those of mixtures, with one lane.
inline constexpr uint64_t kMostSymbolsOfOneLane = uint64_t{1} << 18;

// The share [start, start + frequency) of 2^20 that a symbol owns; frequency ≥ 1.
struct Interval {
    uint32_t start;
    uint32_t frequency;
};

// With one lane the state begins at 0, since no other lane's
// words can be mistaken for its own (see the format).
constexpr uint64_t rans_start(int lanes) { return lanes == 1 ? 0 : kRansLow; }

}  // namespace residua::entropy
