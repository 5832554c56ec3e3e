// Bits per pixel as a picture.
#pragma once

#include <cstdint>
#include <vector>

#include "app.h"

namespace tool {

class HeatMap {
  public:
    // Throws ImageError where that needs more memory.
    HeatMap(uint32_t width, uint32_t height, uint64_t memory_limit);

    // What the channels of rows × width pixels took, from that row on: [y][x][channels].
    void add(uint32_t first_row, uint32_t rows, uint32_t channels, const float* bits);

    // A good end for the scale: few pixels take more, so that those do not make all others dark.
    double high_end() const;

    // Writes the picture: 0 is dark blue, `end` and all above it bright yellow.
    void write(App& app, const std::string& output, double end) const;

  private:
    const uint32_t width_, height_;
    std::vector<float> bits_;
};

}  // namespace tool
