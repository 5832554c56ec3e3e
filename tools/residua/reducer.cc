#include "reducer.h"

#include <algorithm>
#include <cstring>

namespace tool {

namespace {

uint64_t rounded_mean(uint64_t sum, uint64_t count) { return (sum + count / 2) / count; }

}  // namespace

Reducer::Reducer(const image_io::Description& picture, int shift)
    : width_(picture.width),
      height_(picture.height),
      channels_(picture.channels()),
      bytes_(picture.sample_bytes()),
      alpha_(picture.alpha),
      shift_(shift),
      sums_(size_t{reduced(width_, shift)} * 2 * channels_),
      row_(size_t{reduced(width_, shift)} * channels_ * bytes_) {}

void Reducer::add_pixel(const uint8_t* pixel, uint64_t* sums) const {
    uint64_t samples[5];
    for (uint32_t c = 0; c < channels_; ++c) {
        uint16_t two = pixel[c];
        if (bytes_ == 2) std::memcpy(&two, pixel + size_t{2} * c, sizeof two);
        samples[c] = two;
    }
    const uint64_t weight = alpha_ ? samples[channels_ - 1] : 1;
    for (uint32_t c = 0; c < channels_; ++c) {
        sums[c] += samples[c] * weight;
        sums[channels_ + c] += samples[c];
    }
}

void Reducer::finish_row() {
    for (size_t column = 0, first = 0; first < width_; ++column, first += size_t{1} << shift_) {
        const uint64_t across = std::min<uint64_t>(uint64_t{1} << shift_, width_ - first);
        const uint64_t count = across * held_;
        const uint64_t* sums = sums_.data() + column * 2 * channels_;
        const uint64_t weight = alpha_ ? sums[2 * channels_ - 1] : count;
        for (uint32_t c = 0; c < channels_; ++c) {
            const bool weighted = weight > 0 && !(alpha_ && c == channels_ - 1);
            const auto mean = static_cast<uint16_t>(weighted ? rounded_mean(sums[c], weight)
                                                             : rounded_mean(sums[channels_ + c], count));
            uint8_t* to = row_.data() + (column * channels_ + c) * bytes_;
            if (bytes_ == 2)
                std::memcpy(to, &mean, sizeof mean);
            else
                *to = static_cast<uint8_t>(mean);
        }
    }
    std::fill(sums_.begin(), sums_.end(), 0);
    held_ = 0;
}

std::span<const uint8_t> Reducer::add(const uint8_t* row) {
    const size_t pixel = size_t{channels_} * bytes_;
    for (size_t x = 0; x < width_; ++x)
        add_pixel(row + x * pixel, sums_.data() + (x >> shift_) * 2 * channels_);
    ++held_;
    if (++next_ != height_ && held_ < uint64_t{1} << shift_) return {};
    finish_row();
    return row_;
}

}  // namespace tool
