#include "codec/enc_trial.h"

#include <algorithm>
#include <cstring>

namespace residua::codec {

namespace {

constexpr int kShare = 16;      // one row in so many
constexpr int kBandRows = 16;   // enough that most of a band's rows follow one of its own
constexpr int kLeastRows = 32;  // in all

}  // namespace

Picture bands_of(const PictureView& picture, Allocator& allocator) {
    const int height = picture.height;
    const int bands = std::max(kLeastRows, height / kShare) / kBandRows;
    const bool whole = bands * kBandRows >= height;
    Picture part(allocator, picture.width, whole ? height : bands * kBandRows, picture.channels,
                 picture.sample_bytes);
    for (int y = 0; y < part.height; ++y) {
        // Each band lies in the middle of its share of the picture.
        const int64_t first = (int64_t{height - kBandRows} * (2 * (y / kBandRows) + 1)) / (2 * bands);
        const int from = whole ? y : static_cast<int>(first) + y % kBandRows;
        std::memcpy(part.row(y), picture.row(from), picture.row_bytes());
    }
    return part;
}

}  // namespace residua::codec
