// Integers of 24, 32 or 64 bits that may be ones of 16 in truth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace image_io {

// First sees all samples, then makes them narrow: as they are; from 65537 times as much (as programs stretch 16
// bits to 32); or signed, as the lower 16 bits.
class Narrowing {
  public:
    // `count` integers in the machine's order. Before choose() they are only looked at.
    void take(const uint8_t* from, uint32_t bits, bool is_signed, size_t count, uint8_t* samples);
    // Whether 16 bits hold all that was seen.
    bool choose(uint32_t bits);

    bool has_negative() const { return least_ < 0; }
    uint32_t factor() const { return factor_; }
    std::string least_text() const { return std::to_string(least_); }
    std::string most_text() const { return std::to_string(most_); }

  private:
    bool chosen_ = false, stretched_ = true;
    int64_t least_ = 0;
    uint64_t most_ = 0;
    uint32_t factor_ = 1;
};

}  // namespace image_io
