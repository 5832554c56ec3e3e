#include "image_io/samples.h"

#include <algorithm>
#include <cstring>

namespace image_io {

SampleMap::SampleMap(const Description& image, uint32_t from, uint32_t to, bool inverted)
    : samples_(size_t{image.width} * image.channels()),
      channels_(image.channels()),
      alpha_(image.alpha),
      wide_(image.bits > 8),
      row_(samples_) {
    const auto table = [&](bool turned) {
        // A sample of the library lies below 2^bits; whatever else a byte can hold must not lead out of the table.
        std::vector<uint16_t> values(wide_ ? 65536 : 256);
        for (uint32_t value = 0; value < values.size(); ++value) {
            const uint64_t known = std::min(value, from);
            const auto stretched = static_cast<uint32_t>((known * to + from / 2) / from);
            values[value] = static_cast<uint16_t>(turned ? to - stretched : stretched);
        }
        return values;
    };
    colour_table_ = table(inverted);
    if (alpha_) alpha_table_ = table(false);
}

std::span<const uint16_t> SampleMap::row(const uint8_t* pixels) {
    for (size_t i = 0; i < samples_; ++i) {
        uint16_t value = pixels[i];
        if (wide_) std::memcpy(&value, pixels + 2 * i, 2);
        row_[i] = colour_table_[value];
    }
    if (!alpha_) return row_;
    for (size_t i = channels_ - 1; i < samples_; i += channels_) {
        uint16_t value = pixels[i];
        if (wide_) std::memcpy(&value, pixels + 2 * i, 2);
        row_[i] = alpha_table_[value];
    }
    return row_;
}

void pack(std::span<const uint16_t> samples, uint32_t bits, uint8_t* out) {
    if (bits == 8) {
        std::transform(samples.begin(), samples.end(), out,
                       [](uint16_t sample) { return static_cast<uint8_t>(sample); });
        return;
    }
    uint32_t held = 0, held_bits = 0;
    for (const uint16_t sample : samples) {
        held = held << bits | sample;
        held_bits += bits;
        for (; held_bits >= 8; held_bits -= 8) *out++ = static_cast<uint8_t>(held >> (held_bits - 8));
    }
    if (held_bits > 0) *out = static_cast<uint8_t>(held << (8 - held_bits));
}

}  // namespace image_io
