#include "planes/jpeg_samples.h"

#include <algorithm>

#include "planes/jpeg_idct.h"

namespace residua::codec {

JpegSamples::JpegSamples(const JpegComponent& component, const ComponentBlocks& blocks, int left, int right,
                         Allocator& allocator)
    : component_(component),
      blocks_(blocks),
      left_(left),
      columns_(component.columns_of(left, right)),
      block_columns_{columns_.first / kBlockSide, (columns_.end - 1) / kBlockSide + 1} {
    const auto columns = static_cast<uint64_t>(block_columns_.end - block_columns_.first);
    samples_ = Buffer<uint8_t>(allocator, product(kHeld * kBlockSize, columns));
    if (component.smoothing) estimated_ = Buffer<int16_t>(allocator, product(kBlockSize, columns));
    // Filters make all pixels of their samples; beside these lie neighbours.
    const auto samples = static_cast<uint64_t>(columns_.end - columns_.first);
    if (component.filter != Upsampling::kNone) sums_ = Buffer<int16_t>(allocator, samples + 2);
    if (component.times_across > 1 || component.filter != Upsampling::kNone)
        row_ = Buffer<uint8_t>(allocator, product(component.times_across, samples));
}

const uint8_t* JpegSamples::pixels(int y) {
    return component_.filter == Upsampling::kNone ? repeated(y) : filtered(y);
}

// From column columns_.first on.
const uint8_t* JpegSamples::samples(int row) {
    const int block_row = row / kBlockSide;
    const auto place = static_cast<size_t>(block_row % kHeld);
    const ptrdiff_t stride = ptrdiff_t{kBlockSide} * (block_columns_.end - block_columns_.first);
    uint8_t* held = samples_.data() + static_cast<ptrdiff_t>(place) * kBlockSide * stride;
    if (held_[place] != block_row) make_samples(block_row, held);
    held_[place] = block_row;
    return held + row % kBlockSide * stride + (columns_.first - kBlockSide * block_columns_.first);
}

void JpegSamples::make_samples(int block_row, uint8_t* to) {
    const jpeg::Component& layout = component_.layout;
    const ptrdiff_t stride = ptrdiff_t{kBlockSide} * (block_columns_.end - block_columns_.first);
    const int16_t* block = blocks_.row(layout, block_row) + ptrdiff_t{kBlockSize} * block_columns_.first;
    if (component_.smoothing) {
        std::array<const int16_t*, 2 * JpegSmoothing::kAround + 1> rows;
        const auto numbers = component_.smoothing->rows_around(block_row);
        for (size_t i = 0; i < rows.size(); ++i) rows[i] = blocks_.row(layout, numbers[i]);
        component_.smoothing->estimate(rows, block_row, block_columns_.first, block_columns_.end,
                                       estimated_.data());
        block = estimated_.data();
    }
    for (uint8_t* end = to + stride; to < end; to += kBlockSide, block += kBlockSize)
        jpeg_block_samples(block, layout.steps, to, stride);
}

const uint8_t* JpegSamples::repeated(int y) {
    const int row = y / component_.times_down, times = component_.times_across;
    const uint8_t* from = samples(row);
    if (times == 1) return from;
    if (row != row_of_) {
        uint8_t* to = row_.data();
        for (int column = columns_.first; column < columns_.end; ++column, ++from)
            for (int i = 0; i < times; ++i) *to++ = *from;
        row_of_ = row;
    }
    return row_.data() + (left_ - times * columns_.first);
}

const uint8_t* JpegSamples::filtered(int y) {
    const UpsamplingFilter& filter = upsampling_filter(component_.filter);
    const ChromaGrid grid{component_.filter};
    const size_t parity = grid.halves_y() ? static_cast<size_t>(y & 1) : 0;
    const int row = grid.halves_y() ? y >> 1 : y;
    const UpsamplingTap vertical = filter.y[parity];
    const uint8_t* near = samples(row);
    const uint8_t* other = samples(std::clamp(row + vertical.step, 0, component_.height - 1));
    const int count = columns_.end - columns_.first, shift = filter.shift;
    uint8_t* to = row_.data();
    if (!grid.halves_x()) {
        const int rounding = filter.rounding[parity][0];
        for (int i = 0; i < count; ++i)
            to[i] = static_cast<uint8_t>((vertical.near * near[i] + vertical.other * other[i] + rounding) >>
                                         shift);
        return to;
    }
    int16_t* sums = sums_.data() + 1;
    for (int i = 0; i < count; ++i)
        sums[i] = static_cast<int16_t>(vertical.near * near[i] + vertical.other * other[i]);
    // Beyond the picture's borders; what lies beyond others is not asked for.
    sums[-1] = sums[0];
    sums[count] = sums[count - 1];
    const int left = filter.rounding[parity][0], right = filter.rounding[parity][1];
    for (int i = 0; i < count; ++i) {
        to[2 * i] = static_cast<uint8_t>((3 * sums[i] + sums[i - 1] + left) >> shift);
        to[2 * i + 1] = static_cast<uint8_t>((3 * sums[i] + sums[i + 1] + right) >> shift);
    }
    return to + (left_ - 2 * columns_.first);
}

}  // namespace residua::codec
