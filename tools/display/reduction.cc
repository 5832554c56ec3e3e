#include "display/reduction.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace display {

Size fitted(uint32_t width, uint32_t height, uint32_t longest) {
    const uint32_t longer = std::max(width, height);
    if (longest >= longer) return {width, height};
    const auto scaled = [&](uint32_t side) {
        return static_cast<uint32_t>(std::max<uint64_t>(1, (uint64_t{side} * longest + longer / 2) / longer));
    };
    return {scaled(width), scaled(height)};
}

Reduction::Reduction(const image_io::Description& picture, Size size)
    : width_(picture.width),
      height_(picture.height),
      channels_(picture.channels()),
      alpha_(picture.alpha ? 1 : 0),
      sample_bytes_(picture.sample_bytes()),
      size_(size),
      across_(size_t{size.width} * channels_),
      sums_(size_t{size.width} * channels_) {
    pixels_.reserve(sums_.size() * sample_bytes_ * size.height);
}

void Reduction::add(uint32_t rows, const void* samples) {
    const size_t row_bytes = size_t{width_} * channels_ * sample_bytes_;
    for (uint32_t y = 0; y < rows; ++y) add_row(static_cast<const uint8_t*>(samples) + y * row_bytes);
}

// In both directions a pixel of the large picture is `size` long and one of the small picture the large one's side, so
// that all lengths are integers; one of the large lies under two of the small at most.
void Reduction::add_row(const uint8_t* samples) {
    std::ranges::fill(across_, 0);
    const uint32_t colours = channels_ - alpha_;
    uint64_t left = 0;
    for (uint32_t x = 0; x < width_; ++x, left += size_.width) {
        double value[5], opacity = 1;
        for (uint32_t c = 0; c < channels_; ++c) {
            uint16_t wide = samples[x * size_t{channels_} + c];
            if (sample_bytes_ == 2) std::memcpy(&wide, samples + (x * size_t{channels_} + c) * 2, 2);
            value[c] = wide;
        }
        if (alpha_) opacity = value[colours];
        const uint64_t out = left / width_, end = (out + 1) * width_, right = left + size_.width;
        const auto within = static_cast<double>(std::min(end, right) - left);
        const double beyond = right > end ? static_cast<double>(right - end) : 0;
        double* sum = across_.data() + out * channels_;
        for (uint32_t c = 0; c < channels_; ++c) {
            const double counted = c < colours ? value[c] * opacity : opacity;
            sum[c] += within * counted;
            if (beyond > 0) sum[c + channels_] += beyond * counted;
        }
    }
    const uint64_t top = uint64_t{y_} * size_.height, end = (uint64_t{out_y_} + 1) * height_,
                   bottom = top + size_.height;
    mix(static_cast<double>(std::min(end, bottom) - top));
    if (bottom >= end) {
        finish_row();
        if (bottom > end) mix(static_cast<double>(bottom - end));
    }
    ++y_;
}

void Reduction::mix(double weight) {
    for (size_t i = 0; i < sums_.size(); ++i) sums_[i] += weight * across_[i];
}

void Reduction::finish_row() {
    const double area = static_cast<double>(width_) * height_;
    const uint32_t colours = channels_ - alpha_;
    const auto put = [&](double value) {
        const auto wide = static_cast<uint16_t>(std::lround(value));
        const auto* bytes = reinterpret_cast<const uint8_t*>(&wide);
        const auto narrow = static_cast<uint8_t>(wide);
        if (sample_bytes_ == 1)
            pixels_.push_back(narrow);
        else
            pixels_.insert(pixels_.end(), bytes, bytes + 2);
    };
    for (uint32_t x = 0; x < size_.width; ++x) {
        const double* sum = sums_.data() + size_t{x} * channels_;
        const double weight = alpha_ ? sum[colours] : area;
        for (uint32_t c = 0; c < colours; ++c) put(weight > 0 ? sum[c] / weight : 0);
        if (alpha_) put(sum[colours] / area);
    }
    std::ranges::fill(sums_, 0);
    ++out_y_;
}

}  // namespace display
