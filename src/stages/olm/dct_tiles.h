// The tiles of a picture that is coded as blocks (PlaneTransform::blocks), as encoder and decoder share them.
// A tile has the blocks whose first sample within the plane lies in it.
#pragma once

#include <array>

#include "base/memory.h"
#include "dct/component.h"
#include "planes/plane_transform.h"
#include "stages/olm/tiles.h"
#include "stages/tiling.h"

namespace residua::codec {

struct BlockRange {
    int first, count;
};

// Of an axis: of a plane of `size` samples whose blocks begin `offset` samples before it, the blocks of a
// tile that begins at sample `start`, and beyond which another one begins at `next`, a multiple of eight as
// `start` is; the last tile's `next` is the size. A first sample that lies before the plane counts as 0.
inline BlockRange block_range(int start, int next, int size, int offset) {
    const auto first_from = [offset](int sample) {
        return sample == 0 ? 0 : (sample + offset + kBlockSide - 1) / kBlockSide;
    };
    const int first = first_from(start);
    const int end = next < size ? first_from(next) : (size + offset + kBlockSide - 1) / kBlockSide;
    return {first, std::max(0, end - first)};
}

// Of each plane. across, down: as dct::Component has them.
struct DctTile {
    size_t planes;  // 1 or 3
    std::array<BlockRange, 3> columns, rows;
    std::array<int, 3> across, down;

    // What dct::encode and dct::decode take while they work, at most, in bytes.
    uint64_t working_memory() const {
        uint64_t blocks = 0, columns_of_all = 0;
        for (size_t p = 0; p < planes; ++p) {
            blocks += coefficients(p) / kBlockSize;
            columns_of_all = std::max(columns_of_all, static_cast<uint64_t>(columns[p].count) + 2);
        }
        return (uint64_t{12} << 20) + columns_of_all * 1600 + blocks * 2;
    }
    uint64_t coefficients(size_t p) const { return product(columns[p].count, rows[p].count, kBlockSize); }
};

inline DctTile dct_tile(const PlaneTransform& transform, const Tiling& tiling, int row, int column) {
    DctTile tile{};
    tile.planes = static_cast<size_t>(transform.planes);
    const int x = tiling.column_start(column), y = tiling.row_start(row);
    for (size_t p = 0; p < tile.planes; ++p) {
        const PlaneBlocks& blocks = (*transform.blocks)[p];
        const ChromaGrid grid = p > 0 ? transform.chroma.inner() : ChromaGrid{};
        const int width = p > 0 && transform.smaller_chroma() ? grid.width(tiling.width) : tiling.width;
        const int height = p > 0 && transform.smaller_chroma() ? grid.height(tiling.height) : tiling.height;
        tile.across[p] = grid.halves_x() + 1;
        tile.down[p] = grid.halves_y() + 1;
        const bool last_column = column + 1 == tiling.columns(), last_row = row + 1 == tiling.rows();
        tile.columns[p] =
            block_range(chroma_start(x, grid.halves_x()),
                        last_column ? width : chroma_start(x + tiling.tile_width, grid.halves_x()), width,
                        blocks.offset_x);
        tile.rows[p] = block_range(chroma_start(y, grid.halves_y()),
                                   last_row ? height : chroma_start(y + tiling.tile_height, grid.halves_y()),
                                   height, blocks.offset_y);
    }
    return tile;
}

}  // namespace residua::codec
