// A small picture from a large one that comes by rows.
#pragma once

#include <cstdint>
#include <vector>

#include "image_io/image.h"

namespace display {

// The size of a picture whose longer side is to be `longest` pixels; its own where that is not smaller.
struct Size {
    uint32_t width = 0, height = 0;
};
Size fitted(uint32_t width, uint32_t height, uint32_t longest);

// Each pixel is the mean of what lies under it, by area; colours count as much as they are opaque. The samples keep
// their kind and depth.
class Reduction {
  public:
    // `size` is at least 1 and at most the picture's own, in both directions.
    Reduction(const image_io::Description& picture, Size size);
    // The next rows, without gaps.
    void add(uint32_t rows, const void* samples);
    // Of `size`, without gaps, once all rows have come.
    std::vector<uint8_t> take() { return std::move(pixels_); }

  private:
    void add_row(const uint8_t* samples);
    void mix(double weight);
    void finish_row();

    const uint32_t width_, height_, channels_, alpha_, sample_bytes_;
    const Size size_;
    uint32_t y_ = 0, out_y_ = 0;
    std::vector<double> across_, sums_;  // of a row across, of a row of the small picture
    std::vector<uint8_t> pixels_;
};

}  // namespace display
