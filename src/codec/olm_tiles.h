// The tiles of an OLM picture, as encoder and decoder share them.
#pragma once

#include <atomic>
#include <functional>

#include "codec/session.h"
#include "codec/tiling.h"
#include "container/container.h"
#include "olm/tile_coder.h"

namespace residua::codec {

// Of the tile in that row and column. lattice: the planes are Y, Cb and Cr.
inline olm::TileShape olm_tile(const container::Header& header, const Tiling& tiling, int row, int column,
                               bool lattice) {
    olm::TileShape shape{};
    shape.width = tiling.column_width(column);
    shape.height = tiling.row_height(row);
    shape.planes = container::coded_channels(header.kind);
    shape.lattice = lattice;
    for (size_t p = 0; p < static_cast<size_t>(shape.planes); ++p) {
        shape.low[p] = header.alphabets[p].lowest;
        shape.high[p] = header.alphabets[p].highest;
    }
    return shape;
}

// Progress of all tiles from one that the calling thread works on; for others there is none.
inline std::function<void(double)> olm_progress(const std::atomic<int>& done, int tiles, int thread,
                                                Session& session) {
    if (thread != 0) return {};
    return [&done, tiles, &session](double share) { session.progress.update((done + share) / tiles); };
}

inline uint64_t olm_tile_symbols(const olm::TileShape& shape) {
    return uint64_t(shape.width) * uint64_t(shape.height) * uint64_t(shape.planes);
}

}  // namespace residua::codec
