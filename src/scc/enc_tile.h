// A tile of screen content, encoded. docs/format-scc.md.
#pragma once

#include <functional>
#include <vector>

#include "scc/tile_memory.h"

namespace residua::scc {

// done(rows): so many are; it may throw. Throws kMemoryLimit, kOutOfMemory.
std::vector<uint8_t> encode_tile(const TileView& tile, Allocator& allocator,
                                 const std::function<void(int)>& done);

}  // namespace residua::scc
