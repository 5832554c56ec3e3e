// The tiles of a picture, as the coder of screen content has them.
#pragma once

#include "image/picture_kind.h"
#include "scc/tile_memory.h"
#include "stages/tiling.h"

namespace residua::codec {

// samples: the picture's.
inline scc::TileView scc_tile(const Tiling& tiling, int tile, const MutablePictureView& samples,
                              const container::Header& header) {
    const int row = tile / tiling.columns(), column = tile % tiling.columns();
    return {samples.row(tiling.row_start(row)) +
                ptrdiff_t{tiling.column_start(column)} * samples.channels * samples.sample_bytes,
            samples.stride,
            tiling.column_width(column),
            tiling.row_height(row),
            samples.channels,
            header.picture.bits,
            samples.sample_bytes,
            static_cast<scc::Effort>(header.effort)};
}

}  // namespace residua::codec
