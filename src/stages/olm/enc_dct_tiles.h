// Coding the planes of a picture as blocks.
#pragma once

#include <vector>

#include "origin/enc_plane_transform.h"
#include "stages/olm/dct_tiles.h"

namespace residua::codec {

// The stream of one tile of forward.blocks, decoded again and compared. Throws kMemoryLimit, kInternal.
std::vector<uint8_t> encode_dct_tile(const ForwardPlanes& forward, const DctTile& tile, Allocator& allocator);

}  // namespace residua::codec
