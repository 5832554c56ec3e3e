#include "entropy/uniform.h"

#include <algorithm>

#include "base/error.h"
#include "entropy/code_length.h"
#include "entropy/mixture_kernels.h"

namespace residua::entropy {

namespace {
// Those of the mixture's alphabets.
constexpr int kLowest = -512;
constexpr int kHighest = 511;
}  // namespace

UniformCoder::UniformCoder(int low, int levels, int channels)
    : low_(low), levels_(static_cast<uint32_t>(levels)), channels_(channels) {
    if (levels < 1 || levels > kHighest - kLowest + 1 || low < kLowest || low + levels - 1 > kHighest ||
        channels < 1 || channels > kMaxChannels)
        throw Error(ErrorCode::kInvalidArgument,
                    "the range of symbols or the number of channels is impossible");
}

// i · 2^20 stays below 2^31.
Interval UniformCoder::interval(uint32_t index) const {
    const uint32_t start = (index << kProbabilityBits) / levels_;
    return {start, ((index + 1) << kProbabilityBits) / levels_ - start};
}

void UniformCoder::intervals(int pixels, const int16_t* values, Interval* out) const {
    for (int x = 0; x < pixels; x += kGroupPixels) {
        const int count = std::min(kGroupPixels, pixels - x);
        for (int c = 0; c < channels_; ++c) {
            for (int p = 0; p < count; ++p) {
                // A value below low_ becomes a huge index.
                const auto index = static_cast<uint32_t>(values[(x + p) * channels_ + c] - low_);
                if (index >= levels_)
                    throw Error(ErrorCode::kInvalidArgument, "a symbol lies outside the alphabet");
                *out++ = interval(index);
            }
        }
    }
}

void UniformCoder::decode_row(RansDecoder& decoder, int pixels, int16_t* values, uint32_t* lengths) const {
    const int lanes = decoder.lanes();
    for (int x = 0; x < pixels; x += kGroupPixels) {
        const int count = std::min(kGroupPixels, pixels - x);
        for (int c = 0; c < channels_; ++c) {
            for (int p = 0; p < count; ++p) {
                // The largest i with floor(i · 2^20 / levels) ≤ slot.
                const uint32_t index = ((decoder.slot(p % lanes) + 1) * levels_ - 1) >> kProbabilityBits;
                const Interval found = interval(index);
                decoder.advance(p % lanes, found);
                values[(x + p) * channels_ + c] = static_cast<int16_t>(low_ + static_cast<int>(index));
                if (lengths) lengths[(x + p) * channels_ + c] = code_length_units(found.frequency);
            }
        }
    }
}

}  // namespace residua::entropy
