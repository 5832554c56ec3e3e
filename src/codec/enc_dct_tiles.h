// Coding the planes of a picture as blocks.
#pragma once

#include <vector>

#include "codec/dct_tiles.h"
#include "codec/enc_plane_transform.h"

namespace residua::codec {

// The stream of one tile of forward.blocks, decoded again and compared. Throws kMemoryLimit, kInternal.
std::vector<uint8_t> encode_dct_tile(const ForwardPlanes& forward, const DctTile& tile, Allocator& allocator);

}  // namespace residua::codec
