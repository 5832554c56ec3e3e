// The code of a GIF's pixels: Lempel-Ziv-Welch, in blocks of up to 255 bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "image_io/source.h"

namespace image_io {

class GifCodes {
  public:
    // `size`: bits of the smallest codes, as the file says, 1 to 11. The source must outlive this.
    GifCodes(Source& source, uint64_t position, uint32_t size);

    // The next numbers of colours. Throws ImageError where the code ends or is none.
    void read(uint8_t* numbers, size_t count);

  private:
    static constexpr uint32_t kMostCodes = 4096;

    uint32_t next_code();
    uint32_t next_byte();
    void clear();
    void take_string();  // of the next code, into pending_

    Source& source_;
    uint64_t position_;
    uint32_t block_left_ = 0;
    std::array<uint8_t, 255> block_;
    uint32_t block_size_ = 0;
    const uint32_t size_, clear_, end_;
    uint32_t width_ = 0, known_ = 0;  // bits of a code, and how many there are
    uint32_t bits_ = 0, bit_count_ = 0;
    int before_ = -1;  // the code before; −1 behind a clear code
    uint32_t first_of_before_ = 0;
    // Each code's string is that of another and one number behind it.
    std::array<uint16_t, kMostCodes> prefix_, last_;
    std::vector<uint8_t> pending_;  // numbers that have been decoded and not read, the next one at the end
};

}  // namespace image_io
