#include "image_io/bits.h"

#include <bit>
#include <cstring>

namespace image_io {

void unpack(const uint8_t* packed, uint32_t bits, size_t count, uint8_t* samples) {
    if (bits == 8) {
        std::memcpy(samples, packed, count);
        return;
    }
    const uint32_t mask = (1U << bits) - 1;
    uint32_t held = 0, held_bits = 0;
    for (size_t i = 0; i < count; ++i) {
        while (held_bits < bits) {
            held = held << 8 | *packed++;
            held_bits += 8;
        }
        held_bits -= bits;
        const uint32_t value = held >> held_bits & mask;
        if (bits < 8) {
            samples[i] = static_cast<uint8_t>(value);
        } else {
            const auto wide = static_cast<uint16_t>(value);
            std::memcpy(samples + 2 * i, &wide, sizeof wide);
        }
    }
}

void from_big_endian(uint8_t* samples, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        const auto value = static_cast<uint16_t>(samples[2 * i] << 8 | samples[2 * i + 1]);
        std::memcpy(samples + 2 * i, &value, sizeof value);
    }
}

uint32_t bits_of(uint32_t value) { return value == 0 ? 1 : static_cast<uint32_t>(std::bit_width(value)); }

}  // namespace image_io
