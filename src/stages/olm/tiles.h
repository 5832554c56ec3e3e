// The tiles of an OLM picture, as encoder and decoder share them.
#pragma once

#include "container/container.h"
#include "olm/tile_coder.h"
#include "planes/plane_transform.h"
#include "stages/stage_bits.h"
#include "stages/tiling.h"

namespace residua::codec {

// How the head's inputs tell of a picture with these planes.
inline olm::Traces olm_traces(const PlaneTransform& transform) {
    return {transform.colours == PlaneColours::kSamples ? 0.0F : 64.0F,
            transform.colours == PlaneColours::kJpeg};
}

// The chroma planes' first row (column) in the tile that begins
// at that row (column) of luma. Tiles begin at even ones.
inline int chroma_start(int luma_start, bool halved) { return halved ? luma_start / 2 : luma_start; }

// Of the tile in that row and column.
inline olm::TileShape olm_tile(const std::array<container::Alphabet, 3>& alphabets,
                               const PlaneTransform& transform, const Tiling& tiling, int row, int column) {
    olm::TileShape shape{};
    shape.width = tiling.column_width(column);
    shape.height = tiling.row_height(row);
    shape.set_plain_planes(transform.planes);
    shape.traces = olm_traces(transform);
    for (size_t p = 0; p < static_cast<size_t>(shape.planes); ++p) {
        shape.low[p] = alphabets[p].lowest;
        shape.high[p] = alphabets[p].highest;
    }
    if (!transform.smaller_chroma()) return shape;
    const ChromaGrid grid = transform.chroma.inner();
    // Tiles begin at multiples of container::kTileUnit, the last ones end where the picture ends.
    const auto samples = [](int tile, int tiles, int start, int next, bool halved, int all) {
        return (tile + 1 < tiles ? chroma_start(next, halved) : all) - chroma_start(start, halved);
    };
    const int x = tiling.column_start(column), y = tiling.row_start(row);
    shape.chroma = {
        samples(column, tiling.columns(), x, x + tiling.tile_width, grid.halves_x(),
                grid.width(tiling.width)),
        samples(row, tiling.rows(), y, y + tiling.tile_height, grid.halves_y(), grid.height(tiling.height)),
        grid.halves_x() + 1,
        grid.halves_y() + 1,
        grid.offset_x,
        grid.offset_y};
    return shape;
}

// Where a tile's samples lie in the planes. Plane: PictureView or MutablePictureView.
template <typename Samples, typename Plane>
std::array<olm::PlaneSamples<Samples>, olm::kMostPlanes> olm_samples(const Plane& planes, const Plane& chroma,
                                                                     const PlaneTransform& transform,
                                                                     const Tiling& tiling, int row,
                                                                     int column) {
    std::array<olm::PlaneSamples<Samples>, olm::kMostPlanes> samples;
    const auto at = [](const Plane& of, int y, int x, int channel) {
        return olm::PlaneSamples<Samples>{of.row(y) + ptrdiff_t{x} * of.channels + channel, of.stride,
                                          of.channels, 1};
    };
    const int x = tiling.column_start(column), y = tiling.row_start(row);
    const ChromaGrid& grid = transform.chroma;
    for (int p = 0; p < planes.channels; ++p) samples[static_cast<size_t>(p)] = at(planes, y, x, p);
    if (transform.smaller_chroma())
        for (int p = 0; p < 2; ++p)
            samples[static_cast<size_t>(p + 1)] =
                at(chroma, chroma_start(y, grid.halves_y()) + grid.before_y(),
                   chroma_start(x, grid.halves_x()) + grid.before_x(), p);
    return samples;
}

// Adds to `bits` what side × side samples of a plane took,
// the first of them in that column and row of the plane.
inline void note_plane(const PlaneTransform& transform, int plane, int column, int row, int side,
                       uint32_t length, StageBits& bits) {
    const ChromaGrid grid = plane > 0 ? transform.chroma.inner() : ChromaGrid{};
    const int across = grid.halves_x() + 1, down = grid.halves_y() + 1;
    bits.add(across * column - grid.offset_x, down * row - grid.offset_y, across * side, down * side, plane,
             length);
}

}  // namespace residua::codec
