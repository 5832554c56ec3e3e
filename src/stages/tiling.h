// How the planes of a stage are cut into tiles. The encoder
// chooses, by the picture's size alone; the file says.
#pragma once

#include <algorithm>

#include "container/container.h"
#include "image/padding.h"

namespace residua::codec {

struct Tiling {
    int width;  // of the planes
    int height;
    int tile_width;
    int tile_height;

    // The picture's own.
    static Tiling of(const container::Header& header) {
        return {header.width, header.height, header.tile_width, header.tile_height};
    }
    // Of L3C's z^(scale), 1 … header.scales: the picture's tiles, padded and scaled down.
    static Tiling of_scale(const container::Header& header, int scale) {
        const int multiple = 1 << header.scales;
        return {padded(header.width, multiple) >> scale, padded(header.height, multiple) >> scale,
                header.tile_width >> scale, header.tile_height >> scale};
    }

    int columns() const { return (width - 1) / tile_width + 1; }
    int rows() const { return (height - 1) / tile_height + 1; }
    int column_start(int column) const { return column * tile_width; }
    int column_width(int column) const { return std::min(tile_width, width - column_start(column)); }
    int row_start(int row) const { return row * tile_height; }
    int row_height(int row) const { return std::min(tile_height, height - row_start(row)); }
    // Whether row y is its tiles' last one.
    bool ends_tile(int y) const { return y % tile_height == tile_height - 1 || y == height - 1; }
    int tile(int row, int column) const { return row * columns() + column; }
};

}  // namespace residua::codec
