// Chroma of fewer samples than luma, and the filters that made it as large: those of libjpeg-turbo ("fancy"
// upsampling, jdsample.c) and Photo CD's linear interpolation (as found in Kodak's pictures, which equal it
// in every pixel whose chroma is known). Exact integer arithmetic.
//
// All filters are separable but for their rounding. With n the sample that lies nearest, o its neighbour on
// the pixel's side, along an axis
//   triangle: 3·n + o; pixel 2k has n = k, o = k − 1, pixel 2k + 1 has n = k, o = k + 1
//   linear:   2·n at pixel 2k; n + o at pixel 2k + 1, o = k + 1
// of that along the other axis, + UpsamplingFilter::rounding, shifted down. A neighbour
// beyond the border is the sample at the border.
#pragma once

#include <cstdint>

#include "image/picture.h"

namespace residua::codec {

enum class Upsampling : uint8_t {
    kNone = 0,
    kTriangle22 = 1,  // half the columns, half the rows: h2v2_fancy_upsample, of JPEG 4:2:0
    kTriangle21 = 2,  // half the columns: h2v1_fancy_upsample, of JPEG 4:2:2
    kTriangle12 = 3,  // half the rows: h1v2_fancy_upsample, of a 4:2:2 that was turned
    kPhotoCd = 4,     // half the columns, half the rows; samples lie on even pixels
};
constexpr int kUpsamplings = 5;

struct ChromaGrid {
    Upsampling upsampling = Upsampling::kNone;
    // 0, 1 or 2 (0 along an axis that is not halved): pixel (x, y) of the picture is pixel (x + offset_x,
    // y + offset_y) of what the filter makes. 1: the picture was cropped or turned. 2: it was cropped, and a
    // sample that it has none of the nearest pixels of belongs to it.
    int offset_x = 0, offset_y = 0;
    // The same beyond the last sample.
    bool more_x = false, more_y = false;

    // What the grid has without such samples, and how many of them come before.
    ChromaGrid inner() const { return {upsampling, offset_x & 1, offset_y & 1, false, false}; }
    int before_x() const { return offset_x >> 1; }
    int before_y() const { return offset_y >> 1; }
    bool has_border() const { return before_x() || before_y() || more_x || more_y; }

    bool halves_x() const { return upsampling != Upsampling::kNone && upsampling != Upsampling::kTriangle12; }
    bool halves_y() const { return upsampling != Upsampling::kNone && upsampling != Upsampling::kTriangle21; }
    bool is_valid() const;
    // A sample behind the last one has a part in the last pixel.
    bool may_have_more_x(int picture_width) const {
        return halves_x() && (picture_width + offset_x) % 2 == 0;
    }
    bool may_have_more_y(int picture_height) const {
        return halves_y() && (picture_height + offset_y) % 2 == 0;
    }

    // Of the chroma planes of a picture.
    int width(int picture_width) const {
        return halves_x() ? (picture_width + offset_x + 1) / 2 + more_x : picture_width;
    }
    int height(int picture_height) const {
        return halves_y() ? (picture_height + offset_y + 1) / 2 + more_y : picture_height;
    }

    friend bool operator==(const ChromaGrid&, const ChromaGrid&) = default;
};

// Which samples of an axis make a pixel: near · sample(k) + other · sample(k + step), pixel 2k + parity (or
// k, if the axis is not halved).
struct UpsamplingTap {
    int near, other, step;
};
struct UpsamplingFilter {
    UpsamplingTap x[2], y[2];  // by parity
    int rounding[2][2];        // [parity of y][parity of x], added before the shift
    int shift;
};
const UpsamplingFilter& upsampling_filter(Upsampling upsampling);

// Row y of the chroma of a picture of width × height, [x][2], from `chroma`: grid.width(width) ×
// grid.height(height) samples, two channels. `to` is no part of `chroma`. For several threads at once.
void upsample_row(const ChromaGrid& grid, const PictureView& chroma, int width, int height, int y,
                  uint8_t* to);

}  // namespace residua::codec
