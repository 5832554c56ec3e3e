// How the residual is cut into tiles. The encoder chooses, by the picture's size alone; the file says.
#pragma once

#include <algorithm>

#include "container/container.h"

namespace residua::codec {

struct Tiling {
    int picture_width;
    int picture_height;
    int tile_width;
    int tile_height;

    static Tiling of(const container::Header& header) {
        return {header.width, header.height, header.tile_width, header.tile_height};
    }
    int columns() const { return (picture_width + tile_width - 1) / tile_width; }
    int rows() const { return (picture_height + tile_height - 1) / tile_height; }
    int column_start(int column) const { return column * tile_width; }
    int column_width(int column) const { return std::min(tile_width, picture_width - column_start(column)); }
    int row_start(int row) const { return row * tile_height; }
    int row_height(int row) const { return std::min(tile_height, picture_height - row_start(row)); }
};

}  // namespace residua::codec
