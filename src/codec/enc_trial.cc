#include "codec/enc_trial.h"

#include <algorithm>
#include <cstring>

namespace residua::codec {

namespace {

constexpr int kBandRows = 16;  // enough that most of a band's rows follow one of its own

int bands(const PictureView& picture, TrialPart of) {
    return std::max(of.least_rows, picture.height / of.every) / kBandRows;
}

}  // namespace

bool is_whole(const PictureView& picture, TrialPart of) {
    return bands(picture, of) * kBandRows >= picture.height;
}

Picture bands_of(const PictureView& picture, TrialPart of, Allocator& allocator) {
    const int height = picture.height, count = bands(picture, of);
    const bool whole = is_whole(picture, of);
    Picture part(allocator, picture.width, whole ? height : count * kBandRows, picture.channels,
                 picture.sample_bytes);
    for (int y = 0; y < part.height; ++y) {
        // Each band lies in the middle of its share of the picture.
        const int64_t first = (int64_t{height - kBandRows} * (2 * (y / kBandRows) + 1)) / (2 * count);
        const int from = whole ? y : static_cast<int>(first) + y % kBandRows;
        std::memcpy(part.row(y), picture.row(from), picture.row_bytes());
    }
    return part;
}

}  // namespace residua::codec
