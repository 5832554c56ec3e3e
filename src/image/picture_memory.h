// Pictures and planes that own their samples.
#pragma once

#include "base/memory.h"
#include "image/picture.h"

namespace residua {

// Also planes of other things than colours, with any number of channels. A sample has one byte or two.
struct Picture {
    Picture(Allocator& allocator, int picture_width, int picture_height, int picture_channels,
            int bytes_of_sample = 1)
        : width(picture_width),
          height(picture_height),
          channels(picture_channels),
          sample_bytes(bytes_of_sample),
          samples(allocator, product(product(width, height, channels), bytes_of_sample)) {}

    uint8_t* row(int y) { return samples.data() + y * stride(); }
    const uint8_t* row(int y) const { return samples.data() + y * stride(); }
    ptrdiff_t stride() const { return static_cast<ptrdiff_t>(width) * channels * sample_bytes; }
    PictureView view() const { return {samples.data(), width, height, channels, stride(), sample_bytes}; }
    MutablePictureView mutable_view() {
        return {samples.data(), width, height, channels, stride(), sample_bytes};
    }

    int width, height, channels, sample_bytes;
    Buffer<uint8_t> samples;  // interleaved, rows without gaps
};

// The lossy layer before its rounding to 8 bits.
struct FinePicture {
    FinePicture(Allocator& allocator, int picture_width, int picture_height, int picture_channels)
        : width(picture_width),
          height(picture_height),
          channels(picture_channels),
          samples(allocator, product(width, height, channels)) {}

    uint16_t* row(int y) { return view().row(y); }
    FineView view() { return {samples.data(), width, height, channels}; }

    int width, height, channels;
    Buffer<uint16_t> samples;
};

}  // namespace residua
