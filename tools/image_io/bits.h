// Samples that files keep packed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace image_io {

// `count` samples of 1…16 bits, the first in the highest bits: as bytes for at most 8 bits, otherwise as
// uint16_t in the machine's order.
void unpack(const uint8_t* packed, uint32_t bits, size_t count, uint8_t* samples);

// Two bytes each, the higher first: to uint16_t in the machine's order, in place.
void from_big_endian(uint8_t* samples, size_t count);

// How many bits the value has; 1 for 0.
uint32_t bits_of(uint32_t value);

}  // namespace image_io
