// A picture that is held whole, since its format or its library gives it so.
#pragma once

#include <cstring>
#include <vector>

#include "image_io/image.h"

namespace image_io {

class HeldReader : public Reader {
  protected:
    void read_rows(uint32_t rows, uint8_t* pixels) override {
        const size_t bytes = description_.row_bytes() * rows;
        std::memcpy(pixels, pixels_.data() + next_byte_, bytes);
        next_byte_ += bytes;
    }

    // Takes alpha away where all of it is opaque.
    void drop_opaque_alpha();

    std::vector<uint8_t> pixels_;

  private:
    size_t next_byte_ = 0;
};

}  // namespace image_io
