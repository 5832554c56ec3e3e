// How many bits the entropy coder spent on each pixel of a stage:
// what a decoder notes where someone wants a file explained.
#pragma once

#include <array>
#include <cstdint>

#include "base/memory.h"
#include "planes/plane_transform.h"

namespace residua::codec {

class StageBits {
  public:
    // Of a picture of that size; `channels` coded ones, at most kMostChannels.
    StageBits(Allocator& allocator, int width, int height, int channels);

    int width() const { return width_; }
    int height() const { return height_; }
    int channels() const { return channels_; }
    // [y][x][c]
    const float* data() const { return bits_.data(); }

    // The length of a symbol of channel c, in the units of entropy/code_length.h. It stands for columns ×
    // rows pixels, the first of them at (left, top), which share it alike. Pixels outside of the picture have
    // no part in it; where all are outside, the one that lies nearest gets it all. Different threads may add
    // to different pixels or channels at once.
    void add(int left, int top, int columns, int rows, int c, uint32_t length);
    // The same number of bits for all pixels, one channel.
    void spread(double all);

    // What the channels are.
    static constexpr int kMostChannels = 8;
    std::array<const char*, kMostChannels> names;
    // How planes came from the picture's samples, where they did: see PlaneTransform.
    PlaneColours colours = PlaneColours::kSamples;
    int chroma_columns = 1, chroma_rows = 1;  // pixels for which a sample of chroma stands
    bool blocks = false;
    uint32_t exceptions = 0;                           // pixels
    std::array<uint32_t, kMostChannels> value_counts;  // how many values occur in a plane, 256: all may

    void describe(const PlaneTransform& transform);

  private:
    const int width_, height_, channels_;
    Buffer<float> bits_;
};

}  // namespace residua::codec
