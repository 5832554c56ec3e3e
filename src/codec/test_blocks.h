// Pictures as a JPEG decoder makes them, from coefficients that no JPEG ever had. No function of a
// mathematical library: the same everywhere.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "image/picture_memory.h"
#include "planes/chroma_upsampling.h"
#include "planes/colour_lattice.h"
#include "planes/dct_plane.h"

namespace residua::codec {

// A plane of that size whose blocks begin so many samples before it: slopes, texture of low frequencies, and
// steps that grow with the frequency.
inline DctPlane made_plane(int width, int height, int offset_x, int offset_y, int step, uint32_t seed,
                           Allocator& allocator) {
    DctPlane plane;
    plane.width = width;
    plane.height = height;
    plane.offset_x = offset_x;
    plane.offset_y = offset_y;
    for (int v = 0; v < kBlockSide; ++v)
        for (int u = 0; u < kBlockSide; ++u)
            plane.quant[static_cast<size_t>(kBlockSide * v + u)] =
                static_cast<uint16_t>(step + (u + v) * step / 3);
    plane.coefficients = {
        allocator, static_cast<size_t>(plane.columns()) * static_cast<size_t>(plane.rows()) * kBlockSize};
    const auto random = [&seed](int values) {
        seed = seed * 1664525 + 1013904223;
        return static_cast<int>(seed >> 8) % values;
    };
    for (int row = 0; row < plane.rows(); ++row) {
        for (int column = 0; column < plane.columns(); ++column) {
            int16_t* block = plane.block(row, column);
            for (int v = 0; v < kBlockSide; ++v)
                for (int u = 0; u < kBlockSide; ++u) {
                    const int most = std::max(0, 5 - u - v);
                    block[kBlockSide * v + u] =
                        static_cast<int16_t>(random(3) == 0 ? random(2 * most + 1) - most : 0);
                }
            block[0] = static_cast<int16_t>(((3 * column + 2 * row) % 60 - 30) * 8 / step + random(3));
        }
    }
    return plane;
}

// The middle of a picture that a JPEG decoder made, from column and row `crop` on, as bytes R, G, B.
inline std::vector<uint8_t> blocks_picture(int width, int height, int crop_x, int crop_y,
                                           Upsampling upsampling, Allocator& allocator) {
    ChromaGrid grid = {upsampling, 0, 0};
    const int step_x = grid.halves_x() + 1, step_y = grid.halves_y() + 1;
    grid.offset_x = crop_x % step_x;
    grid.offset_y = crop_y % step_y;
    const bool small = upsampling != Upsampling::kNone;
    const int chroma_width = small ? grid.width(width) : width,
              chroma_height = small ? grid.height(height) : height;
    Picture luma(allocator, width, height, 1), chroma(allocator, chroma_width, chroma_height, 2);
    const auto fill = [](const DctPlane& plane, Picture& to, int channel) {
        for (int row = 0; row < plane.rows(); ++row)
            dct_row_to_samples(plane, row, to.mutable_view(), channel);
    };
    fill(made_plane(width, height, crop_x % 8, crop_y % 8, 4, 1, allocator), luma, 0);
    for (int c = 0; c < 2; ++c)
        fill(made_plane(chroma_width, chroma_height, crop_x / step_x % 8, crop_y / step_y % 8, 7,
                        static_cast<uint32_t>(c) + 2, allocator),
             chroma, c);
    std::vector<uint8_t> pixels, pairs(static_cast<size_t>(2 * width));
    for (int y = 0; y < height; ++y) {
        if (small)
            upsample_row(grid, chroma.view(), width, height, y, pairs.data());
        else
            std::copy_n(chroma.row(y), pairs.size(), pairs.begin());
        for (int x = 0; x < width; ++x) {
            const auto i = static_cast<size_t>(2 * x);
            uint8_t triple[] = {luma.row(y)[x], pairs[i], pairs[i + 1]};
            lattice_tables(PlaneColours::kJpeg).to_rgb(triple, triple);
            pixels.insert(pixels.end(), triple, triple + 3);
        }
    }
    return pixels;
}

// A part of a larger one.
inline std::vector<uint8_t> cropped_blocks_picture(int width, int height, int left, int top,
                                                   Upsampling upsampling, Allocator& allocator) {
    const int whole_width = left + width + 37, whole_height = top + height + 21;
    const std::vector<uint8_t> whole = blocks_picture(whole_width, whole_height, 0, 0, upsampling, allocator);
    std::vector<uint8_t> pixels;
    for (int y = 0; y < height; ++y) {
        const auto from = whole.begin() + 3 * (ptrdiff_t{top + y} * whole_width + left);
        pixels.insert(pixels.end(), from, from + 3 * width);
    }
    return pixels;
}

// Of one channel.
inline std::vector<uint8_t> grey_blocks_picture(int width, int height, int crop_x, int crop_y, int step,
                                                Allocator& allocator) {
    const DctPlane plane = made_plane(width, height, crop_x % 8, crop_y % 8, step, 1, allocator);
    std::vector<uint8_t> pixels(static_cast<size_t>(width) * static_cast<size_t>(height));
    for (int row = 0; row < plane.rows(); ++row)
        dct_row_to_samples(plane, row, {pixels.data(), width, height, 1, width}, 0);
    return pixels;
}

}  // namespace residua::codec
