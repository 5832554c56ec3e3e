// Pictures that own their samples.
#pragma once

#include "base/memory.h"
#include "image/picture.h"

namespace residua::codec {

template <typename Sample>
struct PictureMemory {
    PictureMemory(Allocator& allocator, int picture_width, int picture_height, int picture_channels)
        : width(picture_width),
          height(picture_height),
          channels(picture_channels),
          samples(allocator,
                  static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels)) {}

    int width, height, channels;
    Buffer<Sample> samples;  // interleaved, rows without gaps
};

struct Picture : PictureMemory<uint8_t> {
    using PictureMemory::PictureMemory;

    ptrdiff_t stride() const { return static_cast<ptrdiff_t>(width) * channels; }
    PictureView view() const { return {samples.data(), width, height, channels, stride()}; }
    MutablePictureView mutable_view() { return {samples.data(), width, height, channels, stride()}; }
};

// The lossy layer before its rounding to 8 bits.
struct FinePicture : PictureMemory<uint16_t> {
    using PictureMemory::PictureMemory;

    FineView view() { return {samples.data(), width, height, channels}; }
};

}  // namespace residua::codec
