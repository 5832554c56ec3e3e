#include "image/padding.h"

#include <cstddef>
#include <cstring>

namespace residua {

namespace {
constexpr int kRgb = 3;
}  // namespace

void reflect_columns(uint8_t* row, int width, int padded_width, int channels) {
    for (int x = width; x < padded_width; ++x)
        std::memcpy(row + x * channels, row + reflected(x, width) * channels, static_cast<size_t>(channels));
}

void fill_padded_rgb_row(const PictureView& picture, int padded_width, int y, uint8_t* row) {
    const uint8_t* from = picture.row(reflected(y, picture.height));
    if (picture.channels == kRgb)
        std::memcpy(row, from, static_cast<size_t>(picture.width) * kRgb);
    else
        for (int x = 0; x < picture.width; ++x)
            for (int c = 0; c < kRgb; ++c) row[kRgb * x + c] = from[x];
    reflect_columns(row, picture.width, padded_width, kRgb);
}

}  // namespace residua
