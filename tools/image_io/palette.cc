#include "image_io/palette.h"

#include <cstring>

namespace image_io {

void Palette::add(uint16_t red, uint16_t green, uint16_t blue, uint16_t alpha) {
    colours_.insert(colours_.end(), {red, green, blue});
    if (alpha_) colours_.push_back(alpha);
}

template <typename Number>
void Palette::expand_any(const Number* numbers, size_t count, uint8_t* samples) const {
    const uint16_t black[4] = {0, 0, 0, static_cast<uint16_t>(wide_ ? 0xffff : 0xff)};
    const size_t size = this->size();
    for (size_t i = 0; i < count; ++i) {
        const bool known = numbers[i] < size;
        const uint16_t* colour = known ? colours_.data() + size_t{numbers[i]} * channels_ : black;
        if (wide_) {
            std::memcpy(samples, colour, channels_ * sizeof *colour);
            samples += channels_ * sizeof *colour;
        } else {
            for (uint32_t c = 0; c < channels_; ++c) *samples++ = static_cast<uint8_t>(colour[c]);
        }
    }
}

void Palette::expand(const uint8_t* numbers, size_t count, uint8_t* samples) const {
    expand_any(numbers, count, samples);
}
void Palette::expand(const uint16_t* numbers, size_t count, uint8_t* samples) const {
    expand_any(numbers, count, samples);
}

}  // namespace image_io
