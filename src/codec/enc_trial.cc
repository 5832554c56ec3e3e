#include "codec/enc_trial.h"

#include <algorithm>
#include <cstring>

namespace residua::codec {

namespace {

constexpr int kBandRows = 16;  // enough that most of a band's rows follow one of its own

}  // namespace

Picture bands_of(const PictureView& picture, TrialPart of, Allocator& allocator) {
    const int height = picture.height;
    const int bands = std::max(of.least_rows, height / of.every) / kBandRows;
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
