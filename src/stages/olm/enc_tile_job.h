// Encodes the planes of one tile.
#pragma once

#include "stages/enc_stage.h"
#include "stages/olm/model.h"
#include "stages/olm/tile_crew.h"

namespace residua::codec {

// prove: as TileCoder::prove_intervals. The tile's bytes go to `to`. All arguments must outlive the job, and of
// `samples` what it points to. Throws kMemoryLimit.
std::unique_ptr<TileJob> encode_tile_job(const models::OlmModel& model, const olm::TileShape& shape,
                                         const olm::TileSource& samples, bool prove, Allocator& allocator,
                                         CountedBytes& to);

}  // namespace residua::codec
