#include "stages/stage_bits.h"

#include <algorithm>
#include <cmath>

#include "entropy/code_length.h"

namespace residua::codec {

namespace {

constexpr const char* kNumbers[StageBits::kMostChannels] = {
    "channel 1", "channel 2", "channel 3", "channel 4", "channel 5", "channel 6", "channel 7", "channel 8"};
constexpr const char* kNames[kPlaneColours][3] = {
    {"red", "green", "blue"}, {"Y", "Cb", "Cr"}, {"Y", "C1", "C2"}};

}  // namespace

StageBits::StageBits(Allocator& allocator, int width, int height, int channels)
    : width_(width),
      height_(height),
      channels_(channels),
      bits_(allocator, product(width, height, channels), 0.0F) {
    if (channels > kMostChannels) throw Error(ErrorCode::kInternal, "a stage has too many channels");
    std::copy_n(kNumbers, kMostChannels, names.begin());
    value_counts.fill(256);
}

void StageBits::add(int left, int top, int columns, int rows, int c, uint32_t length) {
    // The range along an axis that lies within 0 … size − 1, or the place next to it.
    const auto within = [](int& first, int& count, int size) {
        const int end = std::clamp(first + count, 1, size);
        first = std::clamp(first, 0, end - 1);
        count = end - first;
    };
    within(left, columns, width_);
    within(top, rows, height_);
    const double each = std::ldexp(static_cast<double>(length), -entropy::kBitUnitsLog2) /
                        (static_cast<double>(columns) * rows);
    for (int y = top; y < top + rows; ++y) {
        float* at = bits_.data() + (static_cast<ptrdiff_t>(y) * width_ + left) * channels_ + c;
        for (int x = 0; x < columns; ++x, at += channels_) *at += static_cast<float>(each);
    }
}

void StageBits::spread(double all) {
    const auto each = static_cast<float>(all / (static_cast<double>(width_) * height_));
    for (float& bits : bits_.span()) bits = each;
}

void StageBits::describe(const PlaneTransform& transform) {
    colours = transform.colours;
    chroma_columns = transform.chroma.halves_x() ? 2 : 1;
    chroma_rows = transform.chroma.halves_y() ? 2 : 1;
    blocks = transform.blocks.has_value();
    exceptions = static_cast<uint32_t>(transform.exceptions.size());
    for (int p = 0; p < transform.planes; ++p) {
        const auto i = static_cast<size_t>(p);
        names[i] =
            transform.planes == 1 ? "grey" : kNames[static_cast<size_t>(colours)][transform.component(p)];
        value_counts[i] = static_cast<uint32_t>(transform.maps[i].occurs().count());
    }
}

}  // namespace residua::codec
