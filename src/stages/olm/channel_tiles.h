// The tiles of a picture of any kind whose channels are coded plane by plane, as encoder and decoder share them.
#pragma once

#include "olm/tile_coder.h"
#include "planes/channel_layout.h"
#include "stages/tiling.h"

namespace residua::codec {

inline olm::TileShape channel_tile(const ChannelLayout& layout, const Tiling& tiling, int row, int column) {
    olm::TileShape shape{};
    shape.width = tiling.column_width(column);
    shape.height = tiling.row_height(row);
    shape.planes = static_cast<int>(layout.planes.size());
    for (size_t p = 0; p < layout.planes.size(); ++p) {
        const ChannelPlane& plane = layout.planes[p];
        shape.plane[p] = {plane.values.count(),           plane.exponent, plane.seen,
                          {plane.sees[0], plane.sees[1]}, layout.guesses, plane.apart};
        shape.low[p] = container::kSampleSymbols.lowest;
        shape.high[p] = container::kSampleSymbols.lowest + plane.values.count() - 1;
    }
    return shape;
}

// Where a tile's samples lie in the planes. Bytes: const uint8_t or uint8_t; Pictures: of Picture.
template <typename Byte, typename Pictures>
std::array<olm::PlaneSamples<Byte>, olm::kMostPlanes> channel_samples(Pictures& planes, const Tiling& tiling,
                                                                      int row, int column) {
    std::array<olm::PlaneSamples<Byte>, olm::kMostPlanes> samples;
    for (size_t p = 0; p < planes.size(); ++p) {
        const ptrdiff_t bytes = planes[p].sample_bytes;
        samples[p] = {planes[p].row(tiling.row_start(row)) + tiling.column_start(column) * bytes,
                      planes[p].stride(), bytes, planes[p].sample_bytes};
    }
    return samples;
}

}  // namespace residua::codec
