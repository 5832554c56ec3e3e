// A tile of screen content, decoded. docs/format-scc.md.
#pragma once

#include <functional>
#include <span>

#include "scc/tile_memory.h"

namespace residua::scc {

// What a tile's stream begins with.
enum class Form : uint8_t { kPacked = 0, kCoded = 1 };

// Of the samples as they are, row after row, each with its bits from the highest one on, without gaps.
uint64_t packed_bytes(const TileView& tile);

// Rows between two calls of `done`.
inline constexpr int kRowsAtOnce = 16;

// Fills the tile. done(rows): so many are; it may throw. lengths: gets the length of each pixel's bits, row by row
// without gaps, in the units of entropy/code_length.h; null: nobody wants to know. Throws kCorrupt, kTruncated, kMemoryLimit, kOutOfMemory.
void decode_tile(std::span<const uint8_t> stream, const TileView& tile, Allocator& allocator,
                 const std::function<void(int)>& done, uint32_t* lengths = nullptr);

}  // namespace residua::scc
