// Writes one tile's rANS stream and proves it.
#pragma once

#include <span>
#include <vector>

#include "entropy/rans.h"

namespace residua::entropy {

struct TileShape {
    int width;
    int height;
    int channels;  // coded channels

    uint64_t symbols() const { return uint64_t(width) * uint64_t(height) * uint64_t(channels); }
};

// Few lanes cost few bytes, many let a decoder work on many symbols at once. 1, 2, 4, 8 or 16.
int choose_lanes(uint64_t symbols);

// The stream of a tile whose intervals are given in coding order (shape.symbols() of them, as
// MixtureCoder::intervals returns them row after row). lanes: a power of two up to 16, or 0 for choose_lanes.
std::vector<uint8_t> encode_tile(std::span<const Interval> intervals, TileShape shape, int lanes = 0);

// The proof after encoding: decodes `stream` along the same intervals. Throws kInternal (or the decoder's own
// error) unless every slot lies in its interval and the stream ends where it must.
void verify_tile(std::span<const uint8_t> stream, std::span<const Interval> intervals, TileShape shape);

// The same for symbols in an order of their own: positions[i] is the place of symbol i in a group of up to 16
// that is coded at once, 0 … 15, and says its lane.
std::vector<uint8_t> encode_symbols(std::span<const Interval> intervals, std::span<const uint8_t> positions,
                                    int lanes = 0);
void verify_symbols(std::span<const uint8_t> stream, std::span<const Interval> intervals,
                    std::span<const uint8_t> positions);

// Σ −log2(frequency / 2^20): the bits that an ideal coder needs. For statistics only.
double code_length(std::span<const Interval> intervals);

}  // namespace residua::entropy
