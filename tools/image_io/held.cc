#include "image_io/held.h"

namespace image_io {

void HeldReader::drop_opaque_alpha() {
    if (!description_.alpha) return;
    const size_t sample = description_.sample_bytes(), pixel = description_.channels() * sample;
    const uint16_t opaque = static_cast<uint16_t>((1U << description_.bits) - 1);
    for (size_t at = pixel - sample; at < pixels_.size(); at += pixel) {
        uint16_t alpha = pixels_[at];
        if (sample == 2) std::memcpy(&alpha, &pixels_[at], 2);
        if (alpha != opaque) return;
    }
    size_t to = 0;
    for (size_t at = 0; at < pixels_.size(); at += pixel, to += pixel - sample)
        std::memmove(&pixels_[to], &pixels_[at], pixel - sample);
    pixels_.resize(to);
    description_.set_kind(description_.colour, false, description_.bits);
}

}  // namespace image_io
