// Pictures that own their samples.
#pragma once

#include "base/memory.h"
#include "image/picture.h"

namespace residua::codec {

struct Picture {
    Picture(Allocator& allocator, int picture_width, int picture_height, int picture_channels)
        : width(picture_width),
          height(picture_height),
          channels(picture_channels),
          samples(allocator,
                  static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels)) {}

    int width, height, channels;
    Buffer<uint8_t> samples;  // interleaved, rows without gaps

    ptrdiff_t stride() const { return static_cast<ptrdiff_t>(width) * channels; }
    PictureView view() const { return {samples.data(), width, height, channels, stride()}; }
    MutablePictureView mutable_view() { return {samples.data(), width, height, channels, stride()}; }
};

// A picture with six bits after the point.
struct FinePicture {
    FinePicture(Allocator& allocator, int picture_width, int picture_height, int picture_channels)
        : width(picture_width),
          height(picture_height),
          channels(picture_channels),
          samples(allocator,
                  static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels)) {}

    int width, height, channels;
    Buffer<uint16_t> samples;

    FineView view() { return {samples.data(), width, height, channels}; }
};

}  // namespace residua::codec
