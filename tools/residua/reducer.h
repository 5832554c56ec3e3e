// Pictures at a half of their size, a quarter, and so on: means of square blocks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "image_io/image.h"

namespace tool {

// Gets a picture's rows from top to bottom. A block at the right or lower edge has the pixels that there are.
// What is transparent has no say in a block's colour, unless all of it is.
class Reducer {
  public:
    // `picture`: the large one; `shift`: blocks of 2^shift pixels a side.
    Reducer(const image_io::Description& picture, int shift);

    // ceil(size / 2^shift)
    static uint32_t reduced(uint32_t size, int shift) { return ((size - 1) >> shift) + 1; }

    // The next row. Returns a row of the small picture where that completes one, otherwise nothing; valid
    // until the next call.
    std::span<const uint8_t> add(const uint8_t* row);

  private:
    void add_pixel(const uint8_t* pixel, uint64_t* sums) const;
    void finish_row();

    const uint32_t width_, height_, channels_, bytes_;
    const bool alpha_;
    const int shift_;
    uint32_t next_ = 0, held_ = 0;  // rows that came; of them in the sums
    std::vector<uint64_t>
        sums_;  // [column][channel]; of colours with alpha: weighted, and after them unweighted
    std::vector<uint8_t> row_;
};

}  // namespace tool
