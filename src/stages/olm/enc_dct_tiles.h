// Encodes the tiles of planes that are made of blocks: their coefficients instead of their samples.
#pragma once

#include <memory>

#include "origin/enc_plane_transform.h"
#include "stages/enc_stage.h"
#include "stages/olm/dct_tiles.h"
#include "stages/olm/tile_crew.h"

namespace residua::codec {

// Its parts are the coding of a tile and, beside it, the proof that the stream decodes to its coefficients. `forward` and
// `to`, which gets the stream, must outlive it.
std::unique_ptr<TileJob> encode_dct_job(const ForwardPlanes& forward, const DctTile& tile,
                                        Allocator& allocator, CountedBytes& to);

}  // namespace residua::codec
