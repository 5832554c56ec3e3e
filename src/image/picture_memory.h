// Pictures and planes that own their samples.
#pragma once

#include "base/memory.h"
#include "image/picture.h"

namespace residua {

template <typename Sample>
struct PictureMemory {
    PictureMemory(Allocator& allocator, int picture_width, int picture_height, int picture_channels)
        : width(picture_width),
          height(picture_height),
          channels(picture_channels),
          samples(allocator, product(width, height, channels)) {}

    Sample* row(int y) { return samples.data() + row_start(y); }
    const Sample* row(int y) const { return samples.data() + row_start(y); }

    int width, height, channels;
    Buffer<Sample> samples;  // interleaved, rows without gaps

  private:
    ptrdiff_t row_start(int y) const { return static_cast<ptrdiff_t>(y) * width * channels; }
};

// Also planes of other things than colours, with any number of channels.
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

}  // namespace residua
