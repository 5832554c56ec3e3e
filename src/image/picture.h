// Views of pictures: interleaved samples, rows from top to bottom. A view owns nothing. Where nothing else is
// said, a sample is a byte.
#pragma once

#include <cstddef>
#include <cstdint>

namespace residua {

struct PictureView {
    const uint8_t* data = nullptr;
    int width = 0;
    int height = 0;
    int channels = 0;      // 1 = grey, 3 = R, G, B
    ptrdiff_t stride = 0;  // bytes from one row to the next
    int sample_bytes = 1;  // 2: a sample is a uint16_t in the machine's order

    size_t row_bytes() const {
        return static_cast<size_t>(width) * static_cast<size_t>(channels) * static_cast<size_t>(sample_bytes);
    }
    const uint8_t* row(int y) const { return data + y * stride; }
};

struct MutablePictureView {
    uint8_t* data = nullptr;
    int width = 0;
    int height = 0;
    int channels = 0;
    ptrdiff_t stride = 0;
    int sample_bytes = 1;

    uint8_t* row(int y) const { return data + y * stride; }
    operator PictureView() const { return {data, width, height, channels, stride, sample_bytes}; }
};

constexpr int kFineBits = 6;
constexpr int kFineMaximum = 255 << kFineBits;

// The 8-bit value of a fine one.
inline uint8_t round_fine(int fine) { return static_cast<uint8_t>((fine + 32) >> kFineBits); }

// 64·value of each sample, 0 … 64·255: a picture with six bits after the point. Rows have no gaps.
struct FineView {
    uint16_t* data = nullptr;
    int width = 0;
    int height = 0;
    int channels = 0;

    uint16_t* row(int y) const { return data + static_cast<ptrdiff_t>(y) * width * channels; }
};

}  // namespace residua
