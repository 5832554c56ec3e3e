// A picture's samples as a file wants them: of other values, or packed to fewer bits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "image_io/image.h"

namespace image_io {

// One value instead of another: stretched from 0 … from to 0 … to, and turned around where `inverted`. Alpha
// is never turned around. What lies above `from` counts as `from`.
class SampleMap {
  public:
    SampleMap(const Description& image, uint32_t from, uint32_t to, bool inverted);

    // A row; the result is valid until the next call.
    std::span<const uint16_t> row(const uint8_t* pixels);

  private:
    size_t samples_;  // of a row
    uint32_t channels_;
    bool alpha_, wide_;
    std::vector<uint16_t> colour_table_, alpha_table_;
    std::vector<uint16_t> row_;
};

// Samples of 1 … 16 bits one after the other, the highest bit of each byte first; the last byte is filled with
// zeros. `out` has the bytes for it.
void pack(std::span<const uint16_t> samples, uint32_t bits, uint8_t* out);

inline size_t packed_bytes(uint64_t samples, uint32_t bits) {
    return static_cast<size_t>((samples * bits + 7) / 8);
}

}  // namespace image_io
